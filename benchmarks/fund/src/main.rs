// SPDX-License-Identifier: Apache-2.0

//! Histories of a pool and its insurance, by the insurance fund's own arithmetic: what is lost, what is
//! paid, and what that costs. Writes one JSON document; `report.py` makes the report of it.
//!
//! Usage: `holdfast-fund-report [histories] [years]`

mod chain;

use chain::{Chain, Dice, Rates, Slash, DELAY, RATES, YEAR};
use holdfast_primitives::{Assets, Balance, Paid};
use pallet_insurance_fund::{FundState, Outcome, Parameters, Part, Provision};
use serde::Serialize;
use sp_runtime::Perbill;

/// What the pool has: 100 million HOLD of ten decimals.
const POOL: Balance = 1_000_000_000_000_000_000;
/// Blocks in an era.
const BLOCKS: u32 = 14_400;
/// What a stake earns in a year.
const REWARD: f64 = 0.12;
/// The part of the rewards that is set aside for the fund: half of a fee of 10 %.
const FEE: f64 = 0.05;
/// What underwriters ask for, a year, before they bring more; and below which they leave.
const ASKED: f64 = 0.15;
const LEAST: f64 = 0.05;
/// Eras between two decisions of the underwriters.
const ROUND: u32 = 30;

fn units(part: f64) -> Balance {
	(part * POOL as f64) as Balance
}

fn parameters(floor: f64) -> Parameters {
	Parameters {
		min_underwriting: 1,
		premium_min: Perbill::from_percent(1),
		premium_max: Perbill::from_percent(10),
		yield_max: Perbill::from_perthousand(1),
		reserve_limit: Perbill::from_percent(50),
		target_floor: units(floor),
		target_cap: units(0.05),
	}
}

#[derive(Clone, Copy, PartialEq)]
enum Scheme {
	Nothing,
	Bonds,
	Reserve,
	/// With this floor of the target, as a part of the pool.
	Fund(f64),
}

impl Scheme {
	fn is_fund(self) -> bool {
		matches!(self, Self::Fund(_))
	}

	fn name(self) -> String {
		match self {
			Self::Nothing => "no fund".into(),
			Self::Bonds => "operator bonds alone".into(),
			Self::Reserve => "fixed 5 % fee reserve".into(),
			Self::Fund(floor) => format!("Holdfast, target at least {} %", floor * 100.0),
		}
	}
}

/// What came of one history. Amounts are parts of the pool.
#[derive(Default)]
struct History {
	lost: f64,
	paid: f64,
	/// Whether a loss was not paid in full.
	short: bool,
	worst: f64,
	premium: f64,
	fee: f64,
	/// What underwriters have gained, and what they had at stake, over the years.
	gain: f64,
	at_stake: f64,
	/// At the end.
	ratio: f64,
}

/// All underwriters, as if they were one.
#[derive(Default)]
struct Underwriters {
	brought: f64,
	got: f64,
	/// Assets at stake, added up over eras.
	at_stake: f64,
	premium: f64,
	lost: f64,
	leaving: Vec<(u32, Balance)>,
	parts: Vec<Part>,
}

struct Run<'a> {
	chain: &'a Chain,
	rates: Rates,
	scheme: Scheme,
	fund: FundState,
	provisions: Vec<Provision>,
	outcomes: Vec<(u32, Outcome)>,
	parameters: Parameters,
	target: Balance,
	/// What each operator's bond lacks.
	lacking: Vec<(usize, f64)>,
	underwriters: Underwriters,
	history: History,
}

impl<'a> Run<'a> {
	fn new(chain: &'a Chain, rates: Rates, scheme: Scheme) -> Self {
		let floor = if let Scheme::Fund(floor) = scheme { floor } else { 0.003 };
		let parameters = parameters(floor);
		let expected = chain.expected(&rates, 1.0) * f64::from(DELAY) / f64::from(YEAR);
		let target = parameters.target(units(chain.largest()), units(expected));
		Self {
			chain,
			rates,
			scheme,
			fund: FundState { slashable: true, ..Default::default() },
			provisions: vec![],
			outcomes: vec![],
			parameters,
			target,
			lacking: vec![],
			underwriters: Underwriters::default(),
			history: History::default(),
		}
	}

	fn enter(&mut self, assets: Balance) {
		let shares = self.fund.entry_price().to_shares(Assets(assets)).unwrap_or_default();
		if shares.0 > 0 && self.fund.enter(Assets(assets), shares).is_ok() {
			self.underwriters.brought += assets as f64;
		}
	}

	/// Some shares leave; what is withheld comes back when the reports are gone.
	fn leave(&mut self, shares: Balance, now: u32) {
		let shares = shares.min(self.fund.shares);
		let Some(exit) = self.fund.exit(shares, now) else { return };
		let all = self.fund.shares.max(1);
		let share =
			|liable: Balance| (liable as f64 * shares as f64 / all as f64).ceil() as Balance;
		let withheld: Balance =
			self.provisions.iter().map(|p| share(p.liable()).min(p.liable())).sum();
		if withheld >= exit.assets || self.fund.leave(shares, exit, withheld, now).is_err() {
			return;
		}
		for provision in &mut self.provisions {
			let part = share(provision.liable()).min(provision.liable());
			if part > 0 {
				self.underwriters.parts.push(provision.withhold(part));
			}
		}
		self.underwriters.got += (exit.assets - withheld) as f64;
	}

	fn provision(&mut self, slash: &Slash) {
		let amount = units(slash.part);
		match self.provisions.iter_mut().find(|p| p.applied_in == slash.due) {
			Some(provision) => provision.amount += amount,
			None => {
				let id = self.fund.next_provision;
				self.fund.next_provision += 1;
				let provision = Provision { amount, ..Provision::new(id, slash.due) };
				self.provisions.push(provision);
			},
		}
		self.fund.reported += amount;
	}

	fn settle(&mut self, slash: &Slash, leavers: Balance) {
		let amount = units(slash.part);
		let Some(i) = self.provisions.iter().position(|p| p.applied_in == slash.due) else {
			return;
		};
		let released = self.provisions[i].settle(amount, leavers);
		self.fund.settle(amount, released);
		if self.provisions[i].amount == 0 {
			let gone = self.provisions.remove(i);
			if let Some(outcome) = gone.outcome() {
				self.outcomes.push((gone.id, outcome));
			}
		}
		// What leavers get is theirs at once.
		for (id, outcome) in &mut self.outcomes {
			let (mine, rest): (Vec<Part>, Vec<Part>) =
				self.underwriters.parts.iter().partition(|part| part.provision == *id);
			self.underwriters.parts = rest;
			for part in mine {
				let back = outcome.collect(&part);
				let dust = if outcome.parts == 0 { outcome.assets } else { 0 };
				if self.fund.collect(back, dust).is_ok() {
					self.underwriters.got += back as f64;
				}
			}
		}
		self.outcomes.retain(|(_, outcome)| outcome.parts > 0);
	}

	fn apply(&mut self, slash: &Slash, now: u32) {
		let loss = units(slash.part);
		let mut paid = Paid::default();
		if let (Some(i), Scheme::Bonds | Scheme::Fund(_)) = (slash.operator, self.scheme) {
			let lacks = |(other, lacking): &(usize, f64)| if *other == i { *lacking } else { 0.0 };
			let missing: f64 = self.lacking.iter().map(lacks).sum();
			let part = (self.chain.bond(i) - missing).max(0.0).min(slash.part);
			self.lacking.push((i, part));
			paid.operator = units(part).min(loss);
		}
		let rest = loss - paid.operator;
		if self.scheme == Scheme::Reserve {
			paid.reserve = rest.min(self.fund.reserve);
			self.fund.reserve -= paid.reserve;
		}
		if self.scheme.is_fund() {
			let provision = self.provisions.iter().find(|p| p.applied_in == slash.due);
			let leavers = provision.map_or(0, |p| p.leavers_part(rest.min(loss)));
			let due = self.fund.split(rest, leavers, slash.due);
			self.fund.pay(&due, slash.due, now);
			self.settle(slash, due.leavers);
			self.underwriters.lost += (due.underwriters + due.leavers) as f64;
			paid = Paid { operator: paid.operator, ..due };
		}
		let history = &mut self.history;
		history.lost += slash.part;
		history.paid += paid.total() as f64 / POOL as f64;
		let uncovered = (loss - paid.total()) as f64 / POOL as f64;
		history.short |= uncovered > 1e-12;
		history.worst = history.worst.max(uncovered);
	}

	fn era(&mut self, era: u32, now: u32) {
		let parameters = self.parameters;
		self.fund.begin(era, now);
		self.fund.limit = parameters.reserve_limit;
		self.fund.target = self.target;
		let reward = units(REWARD / f64::from(YEAR));
		let fee = units(REWARD / f64::from(YEAR) * FEE);
		match self.scheme {
			Scheme::Nothing | Scheme::Bonds => (),
			Scheme::Reserve => {
				self.fund.put_aside(fee);
				self.history.fee += fee as f64 / POOL as f64;
			},
			Scheme::Fund(_) => {
				let dues = self.fund.dues(reward, fee, &parameters);
				self.fund.collected(dues, now);
				self.history.fee += dues.fee as f64 / POOL as f64;
				self.history.premium += dues.premium as f64 / POOL as f64;
				self.underwriters.premium += dues.premium as f64;
				self.underwriters.at_stake += self.fund.underwriting as f64;
				self.decide(era, reward, now);
			},
		}
		// Operators fill up their bonds within a year, or are not nominated.
		let chain = self.chain;
		self.lacking.retain_mut(|(i, lacking)| {
			*lacking -= chain.bond(*i) / f64::from(YEAR);
			*lacking > 0.0
		});
	}

	/// Underwriters come while the premium promises what they ask for, and leave when it does not.
	fn decide(&mut self, era: u32, reward: Balance, now: u32) {
		let due = self.underwriters.leaving.clone();
		for (mature, shares) in due.into_iter().filter(|(mature, _)| *mature == era) {
			self.leave(shares, now);
			self.underwriters.leaving.retain(|(other, _)| *other != mature);
		}
		if !era.is_multiple_of(ROUND) {
			return;
		}
		let step = self.parameters.target_floor / 10;
		let at_stake = self.fund.underwriting.max(step);
		let premium = self
			.fund
			.premium_rate(&self.parameters)
			.mul_floor(reward)
			.min(self.parameters.yield_max.mul_floor(at_stake));
		let expected = self.chain.expected(&self.rates, at_stake as f64 / POOL as f64);
		let earned = (premium * Balance::from(YEAR)) as f64 / at_stake as f64;
		let promised = earned - expected * POOL as f64 / at_stake as f64;
		if promised > ASKED {
			self.enter((at_stake / 10).max(step));
		} else if promised < LEAST && self.underwriters.leaving.is_empty() {
			self.underwriters.leaving.push((era + DELAY + 2, self.fund.shares / 10));
		}
	}

	fn finish(mut self, years: u32) -> History {
		let rest = self.fund.underwriting as f64 + self.fund.withheld as f64;
		let history = &mut self.history;
		history.gain = (self.underwriters.got + rest - self.underwriters.brought) / POOL as f64;
		history.at_stake = self.underwriters.at_stake / f64::from(YEAR) / POOL as f64;
		history.ratio = self.fund.capacity() as f64 / self.fund.target.max(1) as f64;
		for amount in [&mut history.premium, &mut history.fee, &mut history.lost, &mut history.paid]
		{
			*amount /= f64::from(years);
		}
		self.history
	}
}

fn history(chain: &Chain, rates: Rates, scheme: Scheme, years: u32, seed: u64) -> History {
	// The same slashes for every scheme.
	let mut dice = Dice(seed);
	let mut run = Run::new(chain, rates, scheme);
	let mut open: Vec<Slash> = vec![];
	let mut found = vec![];
	for era in 1..=years * YEAR {
		let now = era * BLOCKS;
		let (due, later) = open.into_iter().partition(|slash: &Slash| slash.due <= era);
		open = later;
		for slash in due {
			if !slash.cancelled {
				run.apply(&slash, now);
			} else if scheme.is_fund() {
				run.settle(&slash, 0);
			}
		}
		run.era(era, now);
		chain.reports(era, &rates, &mut dice, &mut found);
		for slash in found.drain(..) {
			if scheme.is_fund() {
				run.provision(&slash);
			}
			open.push(slash);
		}
	}
	run.finish(years)
}

/// What came of all of them.
#[derive(Serialize)]
struct Summary {
	stress: f64,
	scheme: String,
	histories: u64,
	/// The part of the histories in which the fund did not last: some loss was not paid in full.
	short: f64,
	/// What was paid of all that was lost.
	covered: f64,
	/// The mean over the histories with losses of what was paid.
	mean_cover: f64,
	/// A year, of the pool.
	lost: f64,
	borne: f64,
	/// Of the rewards.
	premium: f64,
	fee: f64,
	/// To underwriters, a year: over all histories, and what 5 % of the histories are below and above.
	returned: [f64; 3],
	/// What they have at stake on average, of the pool.
	at_stake: f64,
	/// Assets over target at the end.
	ratio: f64,
	/// The largest loss that was not paid, in each history, in ascending order, every hundredth part.
	worst: Vec<f64>,
	/// The returns in the same way.
	returns: Vec<f64>,
}

fn sorted(mut values: Vec<f64>) -> Vec<f64> {
	values.sort_by(f64::total_cmp);
	values
}

fn quantiles(values: &[f64]) -> Vec<f64> {
	(0..=1_000).map(|i| values[(values.len() - 1) * i / 1_000]).collect()
}

fn main() {
	let mut arguments = std::env::args().skip(1).map(|argument| argument.parse::<u32>());
	let histories = arguments.next().and_then(Result::ok).unwrap_or(10_000);
	let years = arguments.next().and_then(Result::ok).unwrap_or(5);
	let chain = Chain::new();
	let mut summaries = vec![];
	for stress in [1.0, 3.0, 10.0] {
		for scheme in [
			Scheme::Nothing,
			Scheme::Bonds,
			Scheme::Reserve,
			Scheme::Fund(0.003),
			Scheme::Fund(0.01),
			Scheme::Fund(0.02),
		] {
			let rates = RATES.times(stress);
			let all: Vec<History> = (0..histories)
				.map(|seed| history(&chain, rates, scheme, years, seed.into()))
				.collect();
			let count = all.len() as f64;
			let mean = |of: fn(&History) -> f64| all.iter().map(of).sum::<f64>() / count;
			let lossy: Vec<&History> = all.iter().filter(|h| h.lost > 0.0).collect();
			let returned = |h: &History| if h.at_stake > 0.0 { h.gain / h.at_stake } else { 0.0 };
			let returns = sorted(all.iter().map(returned).collect());
			let staked = mean(|h| h.at_stake);
			let overall = if staked > 0.0 { mean(|h| h.gain) / staked } else { 0.0 };
			let at = |part: f64| returns[((returns.len() - 1) as f64 * part) as usize];
			let (lost, paid) = (mean(|h| h.lost), mean(|h| h.paid));
			summaries.push(Summary {
				stress,
				scheme: scheme.name(),
				histories: histories.into(),
				short: mean(|h| f64::from(u8::from(h.short))),
				covered: paid / lost,
				mean_cover: lossy.iter().map(|h| h.paid / h.lost).sum::<f64>()
					/ lossy.len().max(1) as f64,
				lost,
				borne: lost - paid,
				premium: mean(|h| h.premium) / REWARD,
				fee: mean(|h| h.fee) / REWARD,
				returned: [overall, at(0.05), at(0.95)],
				at_stake: staked / f64::from(years),
				ratio: mean(|h| h.ratio),
				worst: quantiles(&sorted(all.iter().map(|h| h.worst).collect())),
				returns: quantiles(&returns),
			});
		}
	}
	match serde_json::to_string(&summaries) {
		Ok(json) => println!("{json}"),
		Err(error) => eprintln!("{error}"),
	}
}
