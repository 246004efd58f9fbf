// SPDX-License-Identifier: Apache-2.0

//! Histories of a pool and its insurance: what is lost, what is paid, and what that costs. The fund's
//! books and its ledger of claims are those of the pallet, with its own verbs. Writes one JSON document;
//! `report.py` makes the report of it.
//!
//! Usage: `holdfast-fund-report [histories] [years]`

mod chain;

use chain::{Chain, Dice, Rates, Slash, DELAY, RATES, YEAR};
use holdfast_primitives::{Assets, Balance, Loss, OpenReport, Paid, Shares};
use pallet_insurance_fund::{
	ClaimLedger, FundState, Outcome, Parameters, ProvisionId, WithheldPart,
};
use serde::Serialize;
use sp_runtime::{traits::ConstU32, Perbill};

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
	/// Requests to withdraw: the era in which they are mature, and the shares.
	leaving: Vec<(u32, Shares)>,
	/// What is withheld for open reports.
	parts: Vec<WithheldPart>,
}

/// The fund's ledger, with room for all slashes that are open at once. Each slash has a claim of its own.
type Ledger = ClaimLedger<usize, ConstU32<1_000>, ConstU32<64>>;

struct Run<'a> {
	chain: &'a Chain,
	rates: Rates,
	scheme: Scheme,
	books: FundState,
	ledger: Ledger,
	/// The assets of the plain reserve, with which the fund is compared.
	reserve: Balance,
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
			books: FundState::new(&parameters),
			ledger: Ledger::default(),
			reserve: 0,
			parameters,
			target,
			lacking: vec![],
			underwriters: Underwriters::default(),
			history: History::default(),
		}
	}

	fn enter(&mut self, assets: Balance) {
		if self.books.enter(Assets(assets)).is_ok() {
			self.underwriters.brought += assets as f64;
		}
	}

	/// Some shares leave. What is withheld comes back when the reports are resolved.
	fn leave(&mut self, shares: Shares, now: u32) {
		let shares = shares.min(self.books.shares());
		// It changes books and ledger only if it succeeds, but for defects, which are told.
		let left = self.ledger.provisions_mut().leave(&mut self.books, shares, now);
		if let Ok(departure) = left {
			self.underwriters.parts.extend(departure.parts);
			self.underwriters.got += departure.assets.0 as f64;
		}
	}

	/// A slash is reported.
	fn report(&mut self, slash: &Slash) {
		let report = OpenReport {
			validator: slash.id,
			offence_era: slash.due - DELAY,
			applied_in: slash.due,
			amount: units(slash.part),
		};
		let opened = self.ledger.open(&mut self.books, &report);
		assert!(opened.is_ok(), "there is room for all slashes that are open");
	}

	/// A slash is cancelled: it is not among the reports any more.
	fn cancel(&mut self, slash: &Slash, era: u32) {
		let updated = self.ledger.update(
			&mut self.books,
			|claim| Assets(if claim.validator == Some(slash.id) { 0 } else { claim.open }),
			era,
		);
		self.pay_withheld(updated.outcomes);
	}

	/// Leavers come for what was withheld as soon as they can.
	fn pay_withheld(&mut self, outcomes: impl IntoIterator<Item = (ProvisionId, Outcome)>) {
		for (id, mut outcome) in outcomes {
			let (resolved, open): (Vec<WithheldPart>, Vec<WithheldPart>) =
				self.underwriters.parts.iter().partition(|part| part.provision() == id);
			self.underwriters.parts = open;
			for part in resolved {
				let back = outcome.pay_out(&part);
				let dust = outcome.dust().unwrap_or_default();
				if self.books.pay_withheld(back, dust).is_ok() {
					self.underwriters.got += back.0 as f64;
				}
			}
		}
	}

	/// What the bond of the operator pays of a slash.
	fn pay_from_bond(&mut self, slash: &Slash) -> Balance {
		let (Some(i), Scheme::Bonds | Scheme::Fund(_)) = (slash.operator, self.scheme) else {
			return 0;
		};
		let lacks = |(other, lacking): &(usize, f64)| if *other == i { *lacking } else { 0.0 };
		let missing: f64 = self.lacking.iter().map(lacks).sum();
		let part = (self.chain.bond(i) - missing).max(0.0).min(slash.part);
		self.lacking.push((i, part));
		units(part).min(units(slash.part))
	}

	/// What the fund pays of a slash, together with `operator`, which the bond has paid.
	fn pay_from_fund(&mut self, slash: &Slash, operator: Balance, now: u32) -> Paid {
		let amount = units(slash.part);
		let loss = Loss {
			stash: slash.id,
			validator: Some(slash.id),
			offence_era: slash.due - DELAY,
			applied_in: slash.due,
			amount,
			reported: amount,
		};
		let paid = self.ledger.split(&self.books, &loss, operator);
		let applied = self.ledger.apply(&mut self.books, &loss, &paid, now);
		self.pay_withheld(applied.outcome);
		self.underwriters.lost += (paid.underwriters + paid.leavers) as f64;
		paid
	}

	fn apply(&mut self, slash: &Slash, now: u32) {
		let loss = units(slash.part);
		let mut paid = Paid { operator: self.pay_from_bond(slash), ..Default::default() };
		if self.scheme == Scheme::Reserve {
			paid.reserve = loss.min(self.reserve);
			self.reserve -= paid.reserve;
		}
		if self.scheme.is_fund() {
			paid = self.pay_from_fund(slash, paid.operator, now);
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
		self.books.begin_era(era, now);
		self.books.set_limit(parameters.reserve_limit);
		self.books.set_target(Assets(self.target), true);
		let reward = units(REWARD / f64::from(YEAR));
		let fee = units(REWARD / f64::from(YEAR) * FEE);
		match self.scheme {
			Scheme::Nothing | Scheme::Bonds => (),
			Scheme::Reserve => {
				self.reserve += fee;
				self.history.fee += fee as f64 / POOL as f64;
			},
			Scheme::Fund(_) => {
				let dues = self.books.dues(reward, fee, &parameters);
				self.books.take_in(dues, now);
				self.history.fee += dues.fee as f64 / POOL as f64;
				self.history.premium += dues.premium as f64 / POOL as f64;
				self.underwriters.premium += dues.premium as f64;
				self.underwriters.at_stake += self.books.underwriting().0 as f64;
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
		let requests = self.underwriters.leaving.clone();
		for (mature, shares) in requests.into_iter().filter(|(mature, _)| *mature == era) {
			self.leave(shares, now);
			self.underwriters.leaving.retain(|(other, _)| *other != mature);
		}
		if !era.is_multiple_of(ROUND) {
			return;
		}
		let step = self.parameters.target_floor / 10;
		let at_stake = self.books.underwriting().0.max(step);
		let premium = self
			.books
			.premium_rate(&self.parameters)
			.mul_floor(reward)
			.min(self.parameters.yield_max.mul_floor(at_stake));
		let expected = self.chain.expected(&self.rates, at_stake as f64 / POOL as f64);
		let earned = (premium * Balance::from(YEAR)) as f64 / at_stake as f64;
		let promised = earned - expected * POOL as f64 / at_stake as f64;
		if promised > ASKED {
			self.enter((at_stake / 10).max(step));
		} else if promised < LEAST && self.underwriters.leaving.is_empty() {
			let shares = Shares(self.books.shares().0 / 10);
			self.underwriters.leaving.push((era + DELAY + 2, shares));
		}
	}

	fn finish(mut self, years: u32) -> History {
		let rest = self.books.underwriting().0 as f64 + self.books.withheld().0 as f64;
		let history = &mut self.history;
		history.gain = (self.underwriters.got + rest - self.underwriters.brought) / POOL as f64;
		history.at_stake = self.underwriters.at_stake / f64::from(YEAR) / POOL as f64;
		let reserve = self.parameters.reserve_limit.mul_floor(self.reserve);
		let capacity = self.books.capacity().0 + reserve;
		history.ratio = capacity as f64 / self.books.target().0.max(1) as f64;
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
	let mut next_id = 0;
	for era in 1..=years * YEAR {
		let now = era * BLOCKS;
		let (due, later) = open.into_iter().partition(|slash: &Slash| slash.due <= era);
		open = later;
		for slash in due {
			if !slash.cancelled {
				run.apply(&slash, now);
			} else if scheme.is_fund() {
				run.cancel(&slash, era);
			}
		}
		run.era(era, now);
		chain.reports(era, &rates, &mut dice, &mut next_id, &mut found);
		for slash in found.drain(..) {
			if scheme.is_fund() {
				run.report(&slash);
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
