// SPDX-License-Identifier: Apache-2.0

//! What can happen to a fund.

use super::model::{demand, ratio, whole, Broken, Fraction, Model};
use crate::{mock::*, Error, Event, Leavers, Outcomes, Parameters, Provisions, RequestId};
use codec::Encode;
use frame_support::traits::fungible::Mutate;
use holdfast_primitives::{
	Balance, ClaimState, DebtSink, EraIndex, Loss, LossCover, OpenReport, Paid,
};
use sp_runtime::{DispatchError, Perbill};
use std::collections::{BTreeMap, BTreeSet};

/// Random numbers: a linear congruence, scrambled.
pub struct Dice(u64);

impl Dice {
	pub fn new(seed: u64) -> Self {
		Self(seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1)
	}

	pub fn below(&mut self, n: u64) -> u64 {
		self.0 =
			self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
		let x = (self.0 >> 33) ^ (self.0 >> 13);
		x % n.max(1)
	}

	/// Of every magnitude up to `most`.
	pub fn amount(&mut self, most: Balance) -> Balance {
		let part = most >> self.below(20);
		part / 1_000 * Balance::from(self.below(1_000)) + Balance::from(self.below(1_000))
	}
}

/// A slash that the chain has computed.
#[derive(Clone, Debug)]
struct Computed {
	validator: u8,
	due: EraIndex,
	amount: Balance,
}

pub struct World {
	model: Model,
	/// What the chain will apply.
	chain: Vec<Computed>,
	/// Requests: whose, how many shares, from when on.
	requests: BTreeMap<RequestId, (AccountId, Balance, EraIndex)>,
	cash: BTreeMap<AccountId, Balance>,
	most: Balance,
	/// By claim: lost, paid.
	claims: BTreeMap<u32, (Balance, Paid)>,
	/// The eras in which all that underwriters had was reported.
	blocked: BTreeSet<EraIndex>,
	/// Whether what bonds will pay was counted after all that has happened.
	counted: bool,
	pub log: Vec<String>,
	pub seen: BTreeMap<u8, u64>,
}

fn account(n: u64) -> AccountId {
	AccountId::new([20 + n as u8; 32])
}

impl World {
	pub fn new(dice: &mut Dice) -> Self {
		let most =
			[100_000, 10u128.pow(10), 10u128.pow(20), 10u128.pow(30)][dice.below(4) as usize];
		let limit = [0, 10, 50, 100][dice.below(4) as usize];
		Defaults::set(Parameters {
			min_underwriting: 1 + dice.amount(1_000),
			premium_min: Perbill::from_percent(dice.below(10) as u32),
			premium_max: Perbill::from_percent(10 + dice.below(40) as u32),
			yield_max: Perbill::from_percent(dice.below(10) as u32),
			reserve_limit: Perbill::from_percent(limit),
			target_floor: dice.amount(most).min(1_000_000),
			target_cap: Balance::MAX,
		});
		let mut cash = BTreeMap::new();
		for n in 0..5 {
			Balances::mint_into(&account(n), most * 10).unwrap();
			cash.insert(account(n), most * 10);
		}
		// Some operators have a bond.
		Operators::share(&validator(2), &validator(3));
		let mut bonds = BTreeMap::new();
		for n in 0..3 {
			let bond = dice.amount(most / 10);
			Operators::set(&validator(n), bond);
			bonds.insert(n, bond);
		}
		// Begins an era with these parameters.
		next_era();
		events();
		let model = Model { bonds, limit_percent: limit, ..Default::default() };
		Self {
			model,
			chain: vec![],
			requests: BTreeMap::new(),
			cash,
			most,
			claims: BTreeMap::new(),
			blocked: BTreeSet::new(),
			counted: true,
			log: vec![],
			seen: BTreeMap::new(),
		}
	}

	pub fn step(&mut self, dice: &mut Dice) -> Result<(), Broken> {
		let who = account(dice.below(5));
		match dice.below(20) {
			0..=2 => self.underwrite(who, dice.amount(self.most))?,
			3 | 4 => self.request(who, dice),
			5..=8 => self.withdraw(dice)?,
			9 | 10 => self.report(dice)?,
			11 => self.cancel(dice)?,
			12 => self.unreported(dice)?,
			13 => self.reward(dice),
			14 => self.gifts(who, dice),
			15 | 16 => self.era(dice)?,
			17 => self.bond(dice),
			_ => {
				self.log.push("a block".into());
				next_block();
			},
		}
		self.check()
	}

	fn now() -> u32 {
		System::block_number()
	}

	fn underwrite(&mut self, who: AccountId, assets: Balance) -> Result<(), Broken> {
		self.log.push(format!("{who:?} underwrites {assets}"));
		let preview = InsuranceFund::preview_underwrite(assets);
		let before = shares_of(&who);
		match InsuranceFund::underwrite(signed(&who), assets, 0) {
			Ok(()) => {
				demand!(Some(shares_of(&who) - before) == preview, "not what was previewed");
				*self.cash.get_mut(&who).unwrap() -= assets;
				self.model.enter(&who, assets);
			},
			Err(error) => {
				let expected: [DispatchError; 2] =
					[Error::<Test>::TooLittle.into(), Error::<Test>::SharesBelowMinimum.into()];
				let poor = assets + ED > self.cash[&who];
				demand!(expected.contains(&error) || poor, "{error:?}");
			},
		}
		Ok(())
	}

	fn request(&mut self, who: AccountId, dice: &mut Dice) {
		let shares = shares_of(&who) / 4 * Balance::from(1 + dice.below(4));
		self.log.push(format!("{who:?} asks for {shares}"));
		let id = fund().next_request();
		if InsuranceFund::request_withdraw(signed(&who), shares).is_ok() {
			self.requests.insert(id, (who, shares, era() + BONDING + 2));
		}
	}

	fn withdraw(&mut self, dice: &mut Dice) -> Result<(), Broken> {
		// Often one that is mature.
		let mature = |from: &EraIndex| (*from..self.lapses(*from)).contains(&era());
		let ids: Vec<_> = self
			.requests
			.iter()
			.filter(|(_, (_, _, from))| mature(from))
			.map(|(id, _)| *id)
			.chain(self.model.leavers.keys().copied())
			.collect();
		let id = match ids.len() {
			0 => dice.below(u64::from(fund().next_request()) + 1) as u32,
			n => ids[dice.below(n as u64) as usize],
		};
		self.withdraw_one(id)
	}

	fn withdraw_one(&mut self, id: RequestId) -> Result<(), Broken> {
		let leaver = self.model.leavers.get(&id).map(|leaver| leaver.who.clone());
		let who = leaver
			.clone()
			.or_else(|| self.requests.get(&id).map(|(who, ..)| who.clone()))
			.unwrap_or(ALICE);
		self.log.push(format!("request {id} of {who:?} is withdrawn"));
		let (before, books) = (hold(&who), fund());
		let result = withdraw(&who, id);
		let got = hold(&who).saturating_sub(before);
		if let Ok(()) = result {
			*self.cash.get_mut(&who).unwrap() += got;
		}
		if leaver.is_some() {
			let exact = self.model.collect(id);
			if result.is_err() {
				demand!(exact.is_none(), "{result:?}, but {exact:?}");
				return Ok(());
			}
			// What rounding had withheld too much comes back as well.
			let slack = self.slack() + whole(4);
			let fits = |exact: &Fraction| {
				let off = exact - whole(got);
				off > whole(0) - slack.clone() && off < slack
			};
			let parts = Leavers::<Test>::get(id).map(|withheld| withheld.parts);
			let waits: Vec<_> = parts
				.iter()
				.flatten()
				.filter_map(|part| {
					Provisions::<Test>::get().into_iter().find(|p| p.id() == part.provision())
				})
				.map(|provision| provision.applied_in())
				.collect();
			// Also where the sum fits without it.
			let mut sum = exact.clone().unwrap_or_else(|| whole(0));
			sum += self.model.collect_rounded(id, &slack, &waits);
			demand!(fits(&sum), "{got} for {}", sum.to_integer());
			return Ok(());
		}
		let Some((_, shares, from)) = self.requests.get(&id).cloned() else {
			demand!(result.is_err(), "a request that is none");
			return Ok(());
		};
		let due = (from..self.lapses(from)).contains(&era());
		if let Err(error) = result {
			let withheld = error == Error::<Test>::AllWithheld.into();
			let void = error == Error::<Test>::UnknownRequest.into();
			demand!(!due || withheld || void, "{error:?}");
			return Ok(());
		}
		demand!(due, "not in its time");
		self.counted &= fund().reported().0 == 0;
		self.requests.remove(&id);
		let held = shares_of(&who) + shares;
		let now = Self::now();
		let [worth, withheld, _] = self.model.leave(id, &who, ratio(shares, held), now);
		let after = fund();
		let kept = after.withheld().0 - books.withheld().0;
		let off = whole(kept) - &withheld;
		demand!(
			off > whole(0) - self.slack() && off < self.slack() + whole(10),
			"{kept} withheld, not {}",
			withheld.to_integer()
		);
		let off = worth.clone() - whole(got + kept);
		demand!(
			off.clone() > whole(0) - self.slack() && off < self.slack(),
			"{} for {}",
			got + kept,
			worth.to_integer()
		);
		// Whole units from here on.
		self.model.underwriting = after.underwriting().0;
		self.model.reserve = after.reserve().0;
		self.model.roundings += 2 + books.underwriting().0 / books.shares().0.max(1);
		if after.shares().0 == 0 {
			self.model.weights.clear();
			self.model.stream = (whole(0), 0, 0);
		}
		if kept > 0 && !self.model.leavers.contains_key(&id) {
			return Err("withheld for nothing".into());
		}
		Ok(())
	}

	/// The era in which a request lapses that is mature from `from` on: two eras later, or as long after
	/// the last era of those in which nobody could leave before it lapsed.
	fn lapses(&self, from: EraIndex) -> EraIndex {
		let mut end = from + 2;
		for blocked in self.blocked.range(from..) {
			if *blocked < end {
				end = end.max(blocked + 3);
			}
		}
		end
	}

	/// Notes whether all that underwriters have is reported.
	fn note(&mut self) {
		let fund = fund();
		let has = fund.underwriting().0 - fund.unreleased(Self::now()).0;
		let liable = fund.reported().0 - fund.locked().0;
		if fund.shares().0 > 0 && liable > 0 && has <= liable + has / 1_000_000 {
			self.blocked.insert(era());
		}
	}

	/// What roundings may come to by now.
	fn slack(&self) -> Fraction {
		whole(self.model.roundings + 4)
	}

	fn tell(&mut self) -> Result<(), Broken> {
		let room = |open: &[Computed]| {
			let mut keys: Vec<_> = open.iter().map(|c| (c.due, c.validator)).collect();
			keys.sort_unstable();
			keys.dedup();
			let mut eras: Vec<_> = keys.iter().map(|(due, _)| *due).collect();
			eras.dedup();
			(keys.len(), eras.len())
		};
		let fits = room(&self.chain);
		demand!(fits.0 <= 12 && fits.1 <= 4, "the chain has more than there is room for");
		InsuranceFund::reported(self.chain.iter().map(|computed| OpenReport {
			validator: validator(computed.validator),
			offence_era: computed.due.saturating_sub(DELAY),
			applied_in: computed.due,
			amount: computed.amount,
		}));
		self.note();
		self.counted = true;
		Ok(())
	}

	fn report(&mut self, dice: &mut Dice) -> Result<(), Broken> {
		let most = if dice.below(4) == 0 { self.most } else { self.most / 20 };
		let computed = Computed {
			validator: dice.below(4) as u8,
			due: era() + 1 + dice.below(2) as EraIndex,
			amount: 1 + dice.amount(most),
		};
		self.log.push(format!("{computed:?}"));
		self.model.open(computed.validator, computed.due, computed.amount);
		self.chain.push(computed);
		self.tell()
	}

	fn cancel(&mut self, dice: &mut Dice) -> Result<(), Broken> {
		if self.chain.is_empty() {
			return Ok(());
		}
		let gone = self.chain.remove(dice.below(self.chain.len() as u64) as usize);
		self.log.push(format!("cancelled: {gone:?}"));
		self.model.close(gone.validator, gone.due, gone.amount, 0);
		self.tell()
	}

	/// `amount` is lost; `reported` of that was reported.
	fn slash(
		&mut self,
		n: Option<u8>,
		due: EraIndex,
		amount: Balance,
		reported: Balance,
	) -> Result<(), Broken> {
		self.log.push(format!("slashed for {n:?}, due in {due}: {amount}, {reported} reported"));
		let loss = Loss {
			stash: STASH,
			validator: n.map(validator),
			offence_era: due.saturating_sub(DELAY),
			applied_in: due,
			amount,
			reported,
		};
		let (before, shares) = (hold(&POT), fund().shares().0);
		self.observe();
		let paid = InsuranceFund::cover(&loss, &POT);
		demand!(hold(&POT) == before + paid, "not what is said arrives");
		demand!(paid <= amount, "more is paid than lost");
		let events = System::read_events_for_pallet::<Event<Test>>();
		let covered = events.iter().find_map(|event| match event {
			Event::LossCovered { claim, paid, .. } => Some((*claim, *paid)),
			_ => None,
		});
		if let Some((claim, tranches)) = covered {
			let (lost, sum) = self.claims.entry(claim).or_default();
			*lost += amount;
			*sum = sum.plus(&tranches);
			self.model.pay(n, due, amount, reported, &tranches, Self::now())?;
		} else {
			demand!(amount == 0, "a loss that nobody heard of");
		}
		let closed = events.iter().any(|event| matches!(event, Event::ClassClosed { .. }));
		let left = self.model.underwriting;
		let wiped = shares > 0 && (left == 0 || left < shares / 1_000_000);
		demand!(closed == wiped, "{shares} shares of {left}, and a class is closed: {closed}");
		if closed {
			self.model.wipe();
			self.requests.clear();
		}
		self.note();
		self.counted &= fund().reported().0 == 0;
		Ok(())
	}

	fn unreported(&mut self, dice: &mut Dice) -> Result<(), Broken> {
		let n = Some(dice.below(4) as u8).filter(|_| dice.below(2) == 0);
		let most = if dice.below(6) == 0 { self.most } else { self.most / 50 };
		// Of an era that nothing else is due in, or is no validator's.
		let due = if n.is_some() { era() + 9 } else { era() };
		self.slash(n, due, dice.amount(most), 0)
	}

	fn reward(&mut self, dice: &mut Dice) {
		let (reward, fee) = (dice.amount(self.most), dice.amount(self.most / 50));
		let dues = book_reward(reward, fee);
		self.log.push(format!("rewards: {reward}, {fee}: {dues:?}"));
		self.model.reserve += dues.fee;
		if fund().shares().0 > 0 {
			self.model.premium(dues.premium, Self::now(), fund().era_length());
		}
	}

	fn gifts(&mut self, who: AccountId, dice: &mut Dice) {
		let amount = dice.amount(self.most / 10);
		self.log.push(format!("gifts of {amount}"));
		match dice.below(3) {
			0 => {
				Balances::mint_into(&InsuranceFund::account(), amount).unwrap();
				self.model.stray += amount;
			},
			1 => {
				Balances::mint_into(&InsuranceFund::account(), amount).unwrap();
				InsuranceFund::repaid(amount);
				self.model.reserve += amount;
			},
			_ => {
				if InsuranceFund::top_up_reserve(signed(&who), amount).is_ok() {
					*self.cash.get_mut(&who).unwrap() -= amount;
					self.model.reserve += amount;
				}
			},
		}
	}

	fn bond(&mut self, dice: &mut Dice) {
		let (n, more) = (dice.below(3) as u8, dice.amount(self.most / 50));
		let bond = self.model.bonds.entry(n).or_default();
		if dice.below(3) == 0 {
			let less = more.min(*bond);
			self.log.push(format!("operator {n} gets back {less}"));
			Operators::release(&validator(n), less);
			*bond -= less;
		} else {
			self.log.push(format!("operator {n} bonds {more}"));
			Operators::set(&validator(n), more);
			*bond += more;
		}
		self.counted &= fund().reported().0 == 0;
	}

	/// The next era: what is due is applied, in full or in part, at once or over blocks, or expires.
	fn era(&mut self, dice: &mut Dice) -> Result<(), Broken> {
		self.log.push("an era".into());
		LargestLoss::set(dice.amount(self.most));
		Slashable::set(dice.below(10) > 0);
		next_era();
		self.model.sweep();
		self.note();
		self.counted = true;
		self.uncovered()?;
		let active = era();
		let (due, later): (Vec<_>, Vec<_>) =
			self.chain.drain(..).partition(|computed| computed.due <= active);
		self.chain = later;
		for computed in due {
			let Computed { validator, due, amount } = computed.clone();
			match dice.below(6) {
				0 => {
					// It expires.
					self.log.push(format!("expires: {computed:?}"));
				},
				1 => {
					// The stash has less.
					let part = amount / 2;
					self.slash(Some(validator), due, part, part)?;
				},
				2 => {
					// In pages, with a withdrawal between.
					let first = amount / 3;
					self.slash(Some(validator), due, first, first)?;
					next_block();
					self.withdraw(dice)?;
					self.check()?;
					self.slash(Some(validator), due, amount - first, amount - first)?;
				},
				3 => {
					// A unit of dust more than was reported.
					self.slash(Some(validator), due, amount + 1, amount)?;
				},
				_ => self.slash(Some(validator), due, amount, amount)?,
			}
		}
		// What is left of it has expired.
		let gone: Vec<_> = self
			.model
			.dues
			.iter()
			.filter(|(key, _)| key.0 <= active)
			.flat_map(|(key, due)| due.open.iter().map(|(n, left)| (*n, key.0, *left)))
			.collect();
		for (n, due, left) in gone {
			self.model.close(n, due, left, 0);
		}
		self.tell()
	}

	/// Counts the events.
	fn observe(&mut self) {
		for event in events() {
			*self.seen.entry(event.encode()[0]).or_default() += 1;
		}
	}

	fn check(&mut self) -> Result<(), Broken> {
		InsuranceFund::do_try_state().map_err(|error| format!("{error:?}"))?;
		self.observe();
		let (fund, model) = (fund(), &self.model);
		let pair = |pallet: Balance, model: Balance, what: &str| {
			(pallet == model).then_some(()).ok_or(format!("{what}: {pallet}, not {model}"))
		};
		pair(fund.underwriting().0, model.underwriting, "underwriting")?;
		// What leavers leave by rounding is the reserve's when the last of them has collected.
		let dust = fund.reserve().0.abs_diff(model.reserve);
		demand!(
			dust <= model.roundings + 8,
			"the reserve has {}, not {}",
			fund.reserve().0,
			model.reserve
		);
		let reported: Balance = model.dues.values().map(|due| due.amount()).sum();
		pair(fund.reported().0, reported, "reported")?;
		self.uncovered()?;
		let model = &self.model;
		let off = whole(fund.withheld().0) - model.withheld();
		demand!(
			off > whole(0) - self.slack() && off < self.slack(),
			"withheld: {}, not {}",
			fund.withheld().0,
			model.withheld()
		);
		let unreleased = model.unreleased(Self::now()) - whole(fund.unreleased(Self::now()).0);
		demand!(
			unreleased.clone() < self.slack() && unreleased.clone() > whole(0) - self.slack(),
			"unreleased: off by {unreleased}"
		);
		// To the unit: what the account holds.
		let account = hold(&InsuranceFund::account());
		pair(account, ED + fund.total().0 + model.stray, "the account")?;
		for (who, cash) in &self.cash {
			pair(hold(who), *cash, "cash")?;
			let shares = shares_of(who);
			let worth = if fund.shares().0 == 0 {
				whole(0)
			} else {
				ratio(shares, fund.shares().0) * whole(fund.underwriting().0)
			};
			let off = worth - model.worth(who);
			demand!(
				off.clone() < self.slack() && off.clone() > whole(0) - self.slack(),
				"{who:?} is off by {off}"
			);
		}
		for (n, bond) in &model.bonds {
			pair(Operators::of(&validator(*n)).assets, *bond, "a bond")?;
		}
		for claim in InsuranceFund::claims(0) {
			let (lost, paid) = self.claims.get(&claim.id).copied().unwrap_or_default();
			demand!(
				claim.lost == lost && claim.paid == paid,
				"{claim:?}: lost {lost}, paid {paid:?}"
			);
			demand!(claim.state != ClaimState::Open || claim.open > 0, "{claim:?}");
		}
		// Adopted, so that what is off does not add up.
		self.model.reserve = fund.reserve().0;
		Ok(())
	}

	/// What is said to be uncovered is, and no less; and no more if all was counted anew.
	fn uncovered(&self) -> Result<(), Broken> {
		let fund = fund();
		let said = InsuranceFund::uncovered(fund.reported().0);
		// What the reserve has by rounding differs as well.
		let slack = self.slack() + whole(fund.reserve().0.abs_diff(self.model.reserve) + 8);
		let off = whole(said) - self.model.uncovered();
		demand!(off > whole(0) - slack.clone(), "{said} uncovered, which is less than is: {off}");
		demand!(!self.counted || off < slack, "{said} uncovered, which is more than is: {off}");
		Ok(())
	}

	/// In the end everybody can leave, and nothing is left but the reserve.
	pub fn drain(&mut self) -> Result<(), Broken> {
		for gone in core::mem::take(&mut self.chain) {
			self.model.close(gone.validator, gone.due, gone.amount, 0);
		}
		self.tell()?;
		self.check()?;
		// Requests that are in the way lapse.
		eras(BONDING + 5);
		self.model.sweep();
		self.requests.clear();
		for n in 0..5 {
			let who = account(n);
			let shares = shares_of(&who);
			if shares > 0 {
				self.requests.insert(request(&who, shares), (who, shares, era() + BONDING + 2));
			}
		}
		eras(BONDING + 2);
		let leavers: Vec<_> = self.model.leavers.keys().copied().collect();
		let ids: Vec<_> = self.requests.keys().copied().collect();
		for id in ids.into_iter().chain(leavers) {
			self.withdraw_one(id)?;
			self.check()?;
		}
		let fund = fund();
		demand!(
			(fund.underwriting().0, fund.shares().0, fund.withheld().0) == (0, 0, 0),
			"something is left: {fund:?}"
		);
		demand!(Leavers::<Test>::iter().count() == 0, "somebody was not paid");
		demand!(Outcomes::<Test>::iter().count() == 0, "nobody comes for this");
		Ok(())
	}
}
