// SPDX-License-Identifier: Apache-2.0

//! What can happen to a pool, and random sequences of it.
//!
//! A step names amounts as parts of what is there, so that a sequence still means something when
//! others are left out of it.

use super::{
	fraction::Fraction,
	model::{demand, Broken, Model, Moment},
};
use crate::{
	era::advance_weight, mock::*, settings, slashes::uncovered, Event, Parameters, Phase,
	PoolState, Queue, Reports, Scan, WeightInfo,
};
use codec::Encode;
use frame_support::{
	storage::with_storage_layer,
	traits::{
		fungible::Mutate,
		fungibles::Mutate as _,
		tokens::{Fortitude, Precision, Preservation},
		Hooks,
	},
	weights::{Weight, WeightMeter},
};
use holdfast_primitives::{
	Balance, BatchId, EraIndex, LossCover, RedemptionState, Shares, StakingBackend,
};
use proptest::test_runner::{RngAlgorithm, TestRng};
use sp_runtime::{DispatchError, Perbill};
use std::collections::BTreeMap;

/// A stream of random numbers that is told by its seed.
pub struct Dice(TestRng);

impl Dice {
	pub fn new(seed: u64) -> Self {
		let mut bytes = [0; 32];
		bytes[..8].copy_from_slice(&seed.to_le_bytes());
		Self(TestRng::from_seed(RngAlgorithm::ChaCha, &bytes))
	}

	fn bits(&mut self) -> u64 {
		use proptest::prelude::Rng;
		self.0.next_u64()
	}

	/// Below `n`, which is not zero.
	pub fn below(&mut self, n: u64) -> u64 {
		self.bits() % n
	}

	/// Whether something happens that does so once in `n` times.
	pub fn one_in(&mut self, n: u64) -> bool {
		self.below(n) == 0
	}

	/// Up to `most`, of any magnitude.
	pub fn amount(&mut self, most: Balance) -> Balance {
		let any = (u128::from(self.bits()) << 64) | u128::from(self.bits());
		let magnitudes = u64::from(128 - most.leading_zeros());
		let most = most >> self.below(magnitudes.max(1));
		any % most.saturating_add(1).max(1)
	}

	/// A part: often all, or hardly anything.
	pub fn part(&mut self) -> Part {
		match self.below(6) {
			0 => Part::All,
			1 => Part::Units(self.below(3).into()),
			2 => Part::Units(self.below(1_000).into()),
			_ => Part::Millionths(self.below(1_000_001) as u32),
		}
	}

	fn perbill(&mut self, most: Perbill) -> Perbill {
		match self.below(4) {
			0 => Perbill::zero(),
			1 => most,
			_ => Perbill::from_parts(self.below(u64::from(most.deconstruct()) + 1) as u32),
		}
	}

	/// One of `list`, which is not empty.
	fn pick<T: Clone>(&mut self, list: &[T]) -> T {
		list[self.below(list.len() as u64) as usize].clone()
	}
}

/// A part of an amount.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Part {
	All,
	Millionths(u32),
	Units(Balance),
}

impl Part {
	pub fn of(self, amount: Balance) -> Balance {
		match self {
			Self::All => amount,
			Self::Millionths(n) => {
				let n = Balance::from(n);
				amount / 1_000_000 * n + amount % 1_000_000 * n / 1_000_000
			},
			Self::Units(n) => n,
		}
	}
}

/// How much era work a block has room for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Room {
	/// It is filled before the hook could run.
	Filled,
	None,
	/// For so many of the dearest steps.
	Steps(u32),
	Plenty,
}

/// Where a donation goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum To {
	Pot,
	Stash(u32),
	Rewards,
}

/// Something that happens. Accounts and stashes are told by index.
#[derive(Clone, Debug, PartialEq)]
pub enum Step {
	Deposit {
		who: usize,
		part: Part,
	},
	Request {
		who: usize,
		part: Part,
	},
	RedeemInstantly {
		who: usize,
		part: Part,
	},
	Claim {
		owner: usize,
		batch: BatchId,
	},
	ClaimClass {
		owner: usize,
		class: u32,
	},
	Advance {
		steps: u32,
	},
	Set(Parameters),
	Transfer {
		from: usize,
		to: usize,
		part: Part,
	},
	Burn {
		who: usize,
		part: Part,
	},
	Donate {
		to: To,
		assets: Balance,
	},
	/// A validator earns in the active era.
	Earn {
		validator: u8,
		assets: Balance,
	},
	/// An offence of so many eras ago will cost a stash a part of what it has.
	Report {
		stash: u32,
		age: EraIndex,
		part: Part,
	},
	/// What is to be applied in so many eras is cancelled.
	Cancel {
		ahead: EraIndex,
	},
	/// A stash is slashed without a report.
	Slash {
		stash: u32,
		part: Part,
	},
	/// Every stash is slashed.
	Ruin {
		part: Part,
	},
	Block(Room),
	/// In so many blocks, there will be no room.
	Full {
		blocks: u32,
	},
	/// The next era begins, slashes take so many percent of what was reported, or they expire; and
	/// a block follows.
	Era {
		bite: u8,
		lapse: bool,
		room: Room,
	},
	Fail(Vec<&'static str>),
	Kick {
		stash: u32,
	},
	Reap {
		stash: u32,
	},
	BondingDuration(EraIndex),
	/// These validators are fit, but for some of the stashes.
	Fit {
		validators: u8,
		unplaced: u8,
	},
	/// The selection takes so many steps to prepare itself.
	Prepare(u32),
	Cover(Perbill),
}

/// How a pool begins.
#[derive(Clone, Debug)]
pub struct Setup {
	/// What the accounts have.
	pub funds: Vec<Balance>,
	/// The most that anything is about.
	pub most: Balance,
	pub delay: EraIndex,
	pub bonding: EraIndex,
	pub cover: Perbill,
	pub pages: u32,
	pub parameters: Parameters,
	/// An era has about so many steps, in the mean.
	pub pace: u64,
}

/// The cover pays `part` of each loss, asks a twentieth of that of the rewards, and takes its fee as
/// long as it would not pay all.
fn insure(part: Perbill) {
	Covers::set(part);
	Premium::set(part * Perbill::from_percent(5));
	TakesFee::set(part < Perbill::one());
}

impl Setup {
	pub fn random(dice: &mut Dice) -> Self {
		// From a pool in which every unit counts to one near the limit of a balance.
		let most = dice.pick(&[10_000, 1_000_000, 10u128.pow(12), 10u128.pow(18), 10u128.pow(30)]);
		let delay = dice.below(5) as EraIndex;
		// One of them is the outsider.
		let accounts = 4 + dice.below(4);
		let funds = (0..accounts).map(|_| dice.amount(most).max(1_000)).collect();
		Self {
			funds,
			most,
			delay,
			bonding: delay + 1 + dice.below(2) as EraIndex,
			cover: dice.perbill(Perbill::one()),
			pages: 1 + dice.below(2) as u32,
			parameters: parameters(dice),
			pace: dice.pick(&[3, 8, 20, 40]),
		}
	}

	/// Builds it on the chain of [`run`].
	pub fn build(&self) -> World {
		Defaults::set(self.parameters);
		SlashDelay::set(self.delay);
		BondingDuration::set(self.bonding);
		insure(self.cover);
		PagesPerValidator::set(self.pages);
		Balances::mint_into(&COVER, self.most).unwrap();
		for (i, funds) in self.funds.iter().enumerate() {
			Balances::mint_into(&account(i), *funds).unwrap();
		}
		System::reset_events();
		World {
			setup: self.clone(),
			model: Model::default(),
			cash: self.funds.iter().enumerate().map(|(i, funds)| (account(i), *funds)).collect(),
			tokens: BTreeMap::new(),
			active: Staking::active_era().unwrap(),
			settled: vec![],
			full: 0,
			seen: BTreeMap::new(),
			verbose: false,
		}
	}
}

/// Parameters within the bounds.
fn parameters(dice: &mut Dice) -> Parameters {
	let most = Most::get();
	let (a, b) = (dice.perbill(most.instant_fee_min), dice.perbill(most.instant_fee_max));
	Parameters {
		min_deposit: dice.pick(&[1, 1, 100, 10_000]),
		min_redemption: dice.pick(&[0, 0, 10, 10_000]),
		buffer: dice.perbill(most.buffer),
		instant_fee_min: a.min(b),
		instant_fee_max: a.max(b),
		reward_fee: dice.perbill(most.reward_fee),
		fund_share: dice.perbill(most.fund_share),
	}
}

/// The nth account.
pub fn account(n: usize) -> AccountId {
	validator(20 + n as u8)
}

/// A pool, its model, and what everybody has.
pub struct World {
	pub setup: Setup,
	pub model: Model,
	/// What the accounts should have in HOLD,
	cash: BTreeMap<AccountId, Balance>,
	/// and in tokens of each class.
	tokens: BTreeMap<(u32, AccountId), Balance>,
	pub active: EraIndex,
	/// The eras that were settled.
	pub settled: Vec<EraIndex>,
	/// In how many blocks there will be no room for era work.
	full: u32,
	/// How often each event was seen, by its index.
	pub seen: BTreeMap<u8, u64>,
	/// Whether to print what happens.
	pub verbose: bool,
}

impl World {
	/// The account that [`random_step`] leaves alone.
	pub fn outsider(&self) -> usize {
		self.setup.funds.len() - 1
	}

	/// Does a step, follows it with the model and checks everything.
	pub fn step(&mut self, step: &Step) -> Result<(), Broken> {
		if self.verbose {
			println!("{step:?}");
		}
		match step {
			Step::Deposit { who, part } => self.deposit(&account(*who), *part),
			Step::Request { who, part } => {
				let who = account(*who);
				let shares = part.of(st_hold(&who));
				self.call(|| LiquidStaking::request_redeem(signed(&who), shares)).map(|_| ())
			},
			Step::RedeemInstantly { who, part } => self.redeem_instantly(&account(*who), *part),
			Step::Claim { owner, batch } => self.claim(&account(*owner), *batch),
			Step::ClaimClass { owner, class } => {
				let act = || LiquidStaking::claim_class(signed(&ALICE), *class, account(*owner));
				self.observe(true, || with_storage_layer(act)).map(|_| ())
			},
			Step::Advance { steps } => self.advance(*steps),
			Step::Set(parameters) => {
				let root = RuntimeOrigin::root();
				self.call(|| LiquidStaking::set_parameters(root, *parameters)).map(|_| ())
			},
			Step::Transfer { from, to, part } => {
				self.transfer(&account(*from), Some(&account(*to)), *part)
			},
			Step::Burn { who, part } => self.transfer(&account(*who), None, *part),
			Step::Donate { to, assets } => {
				let to = match to {
					To::Pot => LiquidStaking::pot_account(),
					To::Stash(index) => LiquidStaking::stash_account(*index),
					To::Rewards => LiquidStaking::reward_account(),
				};
				self.outside(|| {
					Balances::mint_into(&to, *assets).unwrap();
				})
			},
			Step::Earn { validator: n, assets } => {
				earn(self.active, validator(*n), *assets);
				Ok(())
			},
			Step::Report { stash, age, part } => self.outside(|| {
				let Some(ledger) = Staking::ledger(&LiquidStaking::stash_account(*stash)) else {
					return;
				};
				let amount = part.of(ledger.total());
				let era = Staking::active_era().unwrap_or_default().saturating_sub(*age);
				if amount > 0 {
					Staking::report(&LiquidStaking::stash_account(*stash), era, amount);
				}
			}),
			Step::Cancel { ahead } => {
				let era = self.active + ahead;
				self.outside(|| Staking::cancel(era))
			},
			Step::Slash { stash, part } => self.outside(|| {
				let stash = LiquidStaking::stash_account(*stash);
				let total = Staking::ledger(&stash).map_or(0, |ledger| ledger.total());
				Staking::slash_amount(&stash, part.of(total));
			}),
			Step::Ruin { part } => {
				(0..8).try_for_each(|stash| self.step(&Step::Slash { stash, part: *part }))
			},
			Step::Block(room) => self.block(*room),
			Step::Full { blocks } => {
				self.full = *blocks;
				Ok(())
			},
			Step::Era { bite, lapse, room } => {
				self.active += 1;
				let era = self.active;
				Bite::set((*bite).into());
				if *lapse {
					Staking::lapse(era);
				}
				self.outside(|| Staking::begin_era(era))?;
				self.block(*room)
			},
			Step::Fail(calls) => {
				Failing::set(calls.clone());
				Ok(())
			},
			Step::Kick { stash } => self.outside(|| {
				let stash = LiquidStaking::stash_account(*stash);
				if Staking::ledger(&stash).is_some() {
					Staking::kick(&stash);
				}
			}),
			Step::Reap { stash } => self.outside(|| {
				// As the staking pallet allows: only one that holds nothing.
				let stash = LiquidStaking::stash_account(*stash);
				if Staking::ledger(&stash).is_some_and(|ledger| ledger.total() == 0) {
					Staking::reap(&stash);
				}
			}),
			Step::BondingDuration(eras) => {
				BondingDuration::set(*eras);
				Ok(())
			},
			Step::Fit { validators, unplaced } => {
				let fit = (0..4).filter(|n| validators & (1 << n) != 0);
				Fit::set(fit.map(|n| validator(100 + n)).collect());
				Unplaced::set(*unplaced);
				Ok(())
			},
			Step::Prepare(steps) => {
				PrepareSteps::set(*steps);
				Ok(())
			},
			Step::Cover(part) => {
				insure(*part);
				Ok(())
			},
		}
	}

	/// Calls the pool, as a transaction does: all or nothing.
	fn call<T>(
		&mut self,
		call: impl FnOnce() -> Result<T, DispatchError>,
	) -> Result<(Result<T, DispatchError>, Vec<Event<Test>>), Broken> {
		self.observe(false, || with_storage_layer(call))
	}

	/// Something that others do.
	fn outside(&mut self, act: impl FnOnce()) -> Result<(), Broken> {
		self.observe(false, act).map(|_| ())
	}

	/// Lets something happen, follows its events, and checks everything.
	fn observe<T>(
		&mut self,
		tokens: bool,
		act: impl FnOnce() -> T,
	) -> Result<(T, Vec<Event<Test>>), Broken> {
		let before = pool();
		let then = System::block_number();
		// Whose part that is, is attributed when the reports are read. See `reports.rs`.
		let uncovered = uncovered::<Test>(&before).0;
		demand!(uncovered <= Covering::uncovered(before.reported()), "more than would be lost");
		let parameters = settings::parameters::<Test>(&before);
		let lies = hold(&LiquidStaking::reward_account()) - ED;
		let outcome = act();
		let (events, after) = (events(), pool());
		let moment = Moment {
			now: System::block_number(),
			active: self.active,
			before: &before,
			after: &after,
			uncovered,
			uncovered_part: Fraction::ratio(
				(Perbill::one() - Covers::get()).deconstruct().into(),
				1_000_000_000,
			),
			unswept: lies - parameters.reward_fee.mul_floor(lies),
			delay: SlashDelay::get(),
			tokens,
		};
		// Slashes take them out of the model's records; what is read anew is compared in `check`.
		let reports = Reports::<Test>::get().into_inner();
		if !events.iter().any(|event| matches!(event, Event::Slashed { .. })) {
			self.model.reports = reports.clone();
		}
		self.model.follow(&events, &moment)?;
		demand!(self.model.reports == reports, "left of the reports: {:?}", self.model.reports);
		if before.settled_era() != after.settled_era() {
			self.settled.extend(after.settled_era());
		}
		for event in &events {
			self.book(event, &before, tokens);
			if let Event::InstantlyRedeemed { shares, fee, .. } = event {
				check_fee(&before, &parameters, *shares, *fee)?;
			}
		}
		check_rate(&before, then, &after, &events)?;
		for event in &events {
			// The first byte of its encoding tells which it is.
			*self.seen.entry(event.encode()[0]).or_default() += 1;
		}
		if self.verbose {
			println!("  block {}: {events:?}\n  {after:?}\n  {:?}", moment.now, self.model);
		}
		self.model.compare(&after, &Queue::<Test>::get())?;
		self.check(&after)?;
		Ok((outcome, events))
	}

	/// Follows what everybody has.
	fn book(&mut self, event: &Event<Test>, before: &PoolState, tokens: bool) {
		let class = before.class();
		let mut pay = |who: &AccountId, assets: Balance| {
			*self.cash.entry(who.clone()).or_default() += assets;
		};
		let closed = |batch: &BatchId| {
			self.model.batches.iter().find(|b| b.id == *batch).and_then(|b| b.class)
		};
		let (who, class, minted, burned) = match event {
			Event::Deposited { who, assets, shares } => {
				*self.cash.entry(who.clone()).or_default() -= assets;
				(who.clone(), class, *shares, 0)
			},
			Event::RedemptionRequested { who, shares, .. } => (who.clone(), class, 0, *shares),
			Event::InstantlyRedeemed { who, shares, assets, .. } => {
				pay(who, *assets);
				(who.clone(), class, 0, *shares)
			},
			Event::Claimed { owner, batch, shares, assets } => {
				pay(owner, *assets);
				let class = closed(batch).filter(|_| tokens);
				(owner.clone(), class.unwrap_or(0), 0, class.map_or(0, |_| *shares))
			},
			Event::FeeTaken { shares, .. } => (TREASURY, class, *shares, 0),
			_ => return,
		};
		let held = self.tokens.entry((class, who)).or_default();
		*held = *held + minted - burned;
	}

	/// The invariants.
	fn check(&self, pool: &PoolState) -> Result<(), Broken> {
		LiquidStaking::do_try_state().map_err(|error| format!("{error:?}"))?;
		for (who, assets) in &self.cash {
			demand!(hold(who) == *assets, "{who:?} has {} HOLD, not {assets}", hold(who));
		}
		for ((class, who), shares) in &self.tokens {
			let held = Assets::balance(*class, who);
			demand!(held == *shares, "{who:?} has {held} of class {class}, not {shares}");
		}
		if pool.scan() == Scan::Fresh {
			self.check_reports()?;
		}
		Ok(())
	}

	/// What the pool has read of the reports is what the staking pallet has.
	fn check_reports(&self) -> Result<(), Broken> {
		let mut known: BTreeMap<(u32, EraIndex), Balance> = BTreeMap::new();
		for report in Reports::<Test>::get() {
			*known.entry((report.stash, report.applied_in)).or_default() += report.amount;
		}
		let mut open: BTreeMap<(u32, EraIndex), Balance> = BTreeMap::new();
		for era in Staking::report_eras() {
			for slash in Staking::open_reports(era, |_| true) {
				let index = LiquidStaking::stash_index(&slash.stash).ok_or("not a stash")?;
				*open.entry((index, era)).or_default() += slash.amount;
			}
		}
		// Until the era work begins, what was due may not be forgotten yet.
		let active = self.active;
		if pool().era() == Some(active) {
			demand!(known == open, "the pool knows of {known:?}, open are {open:?}");
		}
		Ok(())
	}

	fn deposit(&mut self, who: &AccountId, part: Part) -> Result<(), Broken> {
		let free = hold(who).saturating_sub(ED);
		let assets = part.of(free).min(free);
		let preview = LiquidStaking::preview_deposit(assets).unwrap_or(0);
		let small = assets < settings::parameters::<Test>(&pool()).min_deposit;
		let wiped = pool().is_worthless(System::block_number());
		let call = |min| LiquidStaking::deposit(signed(who), assets, min);
		demand!(
			with_storage_layer(|| call(preview + 1)).is_err(),
			"it bought more than the preview of {preview} shares"
		);
		let (outcome, events) = self.call(|| call(preview))?;
		match outcome {
			Ok(()) => {
				let deposited = Event::Deposited { who: who.clone(), assets, shares: preview };
				demand!(events == [deposited], "the preview was {preview}, but {events:?}");
			},
			Err(error) => {
				demand!(small || wiped || preview == 0, "a deposit of {assets}: {error:?}");
			},
		}
		Ok(())
	}

	fn redeem_instantly(&mut self, who: &AccountId, part: Part) -> Result<(), Broken> {
		let shares = part.of(st_hold(who));
		let preview = LiquidStaking::preview_redeem_instantly(shares);
		let enough = shares <= st_hold(who);
		let call = |min| LiquidStaking::redeem_instantly(signed(who), shares, min);
		let (outcome, events) = self.call(|| call(preview.unwrap_or(0)))?;
		match outcome {
			Ok(()) => {
				let paid = events.iter().find_map(|event| match event {
					Event::InstantlyRedeemed { assets, .. } => Some(*assets),
					_ => None,
				});
				demand!(paid == preview, "the preview was {preview:?}, but {events:?}");
			},
			Err(error) => demand!(
				preview.is_none() || !enough,
				"the preview of {shares} was {preview:?}, but {error:?}"
			),
		}
		Ok(())
	}

	fn claim(&mut self, owner: &AccountId, batch: BatchId) -> Result<(), Broken> {
		let view = LiquidStaking::redemptions_of(owner.clone());
		let view = view.into_iter().find(|redemption| redemption.batch == batch);
		let call = || LiquidStaking::claim(signed(&ALICE), batch, owner.clone());
		let (outcome, events) = self.call(call)?;
		let expected = view.filter(|view| view.state == RedemptionState::Claimable);
		let paid = events.iter().find_map(|event| match event {
			Event::Claimed { assets, .. } => Some(*assets),
			_ => None,
		});
		demand!(
			paid == expected.as_ref().map(|view| view.assets) && outcome.is_ok() == paid.is_some(),
			"the view was {expected:?}, but {outcome:?} {events:?}"
		);
		Ok(())
	}

	/// A transfer of shares, or their burning by their holder.
	fn transfer(
		&mut self,
		from: &AccountId,
		to: Option<&AccountId>,
		part: Part,
	) -> Result<(), Broken> {
		let class = pool().class();
		let shares = part.of(st_hold(from)).min(st_hold(from));
		let moved = with_storage_layer(|| match to {
			Some(to) => Assets::transfer(signed(from), class, to.clone(), shares),
			None => Assets::burn_from(
				class,
				from,
				shares,
				Preservation::Expendable,
				Precision::Exact,
				Fortitude::Polite,
			)
			.map(|_| ()),
		});
		if moved.is_ok() {
			*self.tokens.entry((class, from.clone())).or_default() -= shares;
			if let Some(to) = to {
				*self.tokens.entry((class, to.clone())).or_default() += shares;
			}
		}
		// Nothing of the pool has changed.
		self.outside(|| ())
	}

	/// Whether the work of an era before the active one is unfinished. Its rest is done step by step
	/// then, so that the model sees each settlement by itself.
	fn is_late(&self) -> bool {
		pool().phase() != Phase::Idle && pool().era() != Some(self.active)
	}

	fn advance(&mut self, steps: u32) -> Result<(), Broken> {
		let mut left = steps;
		while left > 0 && self.is_late() {
			self.advance_at_once(1)?;
			left -= 1;
		}
		if left == steps {
			self.advance_at_once(steps)?;
		}
		Ok(())
	}

	fn advance_at_once(&mut self, steps: u32) -> Result<(), Broken> {
		let (outcome, _) = self.call(|| {
			LiquidStaking::advance(signed(&ALICE), steps).map_err(|failure| failure.error)
		})?;
		let limit = advance_weight::<Test>(steps);
		let cost = outcome.ok().and_then(|post| post.actual_weight).unwrap_or_default();
		demand!(cost.all_lte(limit), "10: {steps} steps cost {cost:?}, more than {limit:?}");
		Ok(())
	}

	/// The next block, with what it does before transactions.
	fn block(&mut self, room: Room) -> Result<(), Broken> {
		System::set_block_number(System::block_number() + 1);
		let room = if self.full > 0 && room != Room::Filled { Room::None } else { room };
		self.full = self.full.saturating_sub(1);
		if room == Room::Filled {
			return self.outside(|| ());
		}
		let late = self.is_late();
		let limit = match room {
			Room::None | Room::Filled => Weight::zero(),
			_ if late => Weight::zero(),
			Room::Steps(n) => LiquidStaking::max_step_weight().saturating_mul(n.into()),
			Room::Plenty => ENOUGH,
		};
		WorkLimit::set(limit);
		let mut meter = WeightMeter::new();
		self.outside(|| LiquidStaking::on_poll(System::block_number(), &mut meter))?;
		let most = limit.saturating_add(<() as WeightInfo>::on_poll_idle());
		let used = meter.consumed();
		demand!(used.all_lte(most), "10: a block's work cost {used:?}, more than {most:?}");
		match room {
			Room::Steps(n) if late => self.advance(n),
			Room::Plenty if late => {
				while self.is_late() {
					self.advance_at_once(1)?;
				}
				Ok(())
			},
			_ => Ok(()),
		}
	}
}

fn signed(who: &AccountId) -> RuntimeOrigin {
	RuntimeOrigin::signed(who.clone())
}

/// The price before reports falls only by what a slash took and nobody covered.
fn check_rate(
	before: &PoolState,
	then: u32,
	after: &PoolState,
	events: &[Event<Test>],
) -> Result<(), Broken> {
	if before.shares() == 0 || after.shares() == 0 || before.class() != after.class() {
		return Ok(());
	}
	let lost = events.iter().fold(0, |sum, event| match event {
		Event::Slashed { assets, covered, .. } => sum + assets - covered,
		_ => sum,
	});
	let price = |pool: &PoolState, now: u32, lost: Balance| {
		Fraction::from(pool.total_assets(now).0 + lost + 1) / Fraction::from(pool.shares() + 1)
	};
	let (was, is) = (price(before, then, 0), price(after, System::block_number(), lost));
	demand!(is >= was, "4: the rate fell from {was:?} to {is:?} (with the loss), {events:?}");
	Ok(())
}

/// The fee of an instant redemption is the integral of its rate, rounded up by three units at most
/// and in rates of 18 decimals, and at least what the stream brings the shares.
fn check_fee(
	before: &PoolState,
	parameters: &Parameters,
	shares: Balance,
	fee: Balance,
) -> Result<(), Broken> {
	let now = System::block_number();
	let net = before
		.exit_price(now, uncovered::<Test>(before))
		.to_assets(Shares(shares))
		.ok_or("worth too much")?
		.0;
	let due = before.owed() + before.leftover();
	let target = parameters.buffer.mul_floor(before.total_assets(now).0);
	// While there is era work, what is above the target is about to be bonded.
	let most = if before.phase() == Phase::Idle { u128::MAX } else { target };
	// What batches wait for: what does not unbond, and what unbonds too late.
	let kept = (due - before.unbonding().min(due)).max(before.waited_for());
	let buffer = before.idle().saturating_sub(kept).saturating_sub(before.deposited()).min(most);
	demand!(net <= buffer, "took {net} out of a buffer of {buffer}");
	let billionths = |part: Perbill| Fraction::ratio(part.deconstruct().into(), 1_000_000_000);
	let (min, max) =
		(billionths(parameters.instant_fee_min), billionths(parameters.instant_fee_max));
	// Above the target the least rate, below it the mean of those at both ends of the fall.
	let (high, low) = (buffer.min(target), (buffer - net).min(target));
	let above = net - (high - low);
	let mut integral = min.clone() * Fraction::from(above);
	if high > low {
		let fall = Fraction::from(2 * target - high - low) / Fraction::from(2 * target);
		integral += Fraction::from(high - low) * (min.clone() + (max - min) * fall);
	}
	let floor = match before.streamed_over() {
		0 => Fraction::zero(),
		all => Fraction::ratio(shares, all) * Fraction::from(before.streamed()),
	};
	let least = integral.max(floor).min(Fraction::from(net));
	let fee = Fraction::from(fee);
	let rounded = Fraction::from(3 + net / 10u128.pow(18));
	demand!(
		fee >= least && fee <= least.clone() + rounded,
		"the fee is {fee:?}, and should be {least:?}"
	);
	Ok(())
}

/// Something that can happen in `world`, and that the outsider does not do.
pub fn random_step(dice: &mut Dice, world: &World) -> Step {
	let most = world.setup.most;
	let pool = pool();
	let who = |dice: &mut Dice| dice.below(world.outsider() as u64) as usize;
	// One more than there are: the next may be opened, and its account is known.
	let stash = |dice: &mut Dice| dice.below(u64::from(pool.stashes()).min(7) + 1) as u32;
	if dice.one_in(world.setup.pace) {
		return Step::Era {
			bite: dice.pick(&[100, 100, 100, 0, 50, 150]),
			lapse: dice.one_in(6),
			room: room(dice),
		};
	}
	if dice.one_in(150) {
		return Step::Ruin { part: dice.pick(&[Part::All, Part::Millionths(999_999)]) };
	}
	match dice.below(100) {
		0..=11 => Step::Deposit { who: who(dice), part: dice.part() },
		12..=20 => Step::Request { who: who(dice), part: dice.part() },
		21..=30 => Step::RedeemInstantly { who: who(dice), part: dice.part() },
		31..=41 => {
			let owner = who(dice);
			let waiting = LiquidStaking::redemptions_of(account(owner));
			let batches: Vec<BatchId> = waiting.iter().map(|r| r.batch).collect();
			let any = dice.below(u64::from(pool.open_batch()) + 1) as BatchId;
			let batch = if batches.is_empty() { any } else { dice.pick(&batches) };
			Step::Claim { owner, batch }
		},
		42..=43 => Step::ClaimClass {
			owner: who(dice),
			class: dice.below(u64::from(pool.class()) + 1) as u32,
		},
		44..=49 => Step::Advance { steps: dice.below(12) as u32 },
		50 => Step::Set(parameters(dice)),
		51..=53 => Step::Transfer { from: who(dice), to: who(dice), part: dice.part() },
		54 => Step::Burn { who: who(dice), part: dice.part() },
		55..=56 => Step::Donate {
			to: dice.pick(&[To::Pot, To::Stash(0), To::Stash(7), To::Rewards, To::Rewards]),
			assets: dice.amount(most),
		},
		57..=63 => Step::Earn {
			validator: 100 + dice.below(4) as u8,
			assets: match dice.below(8) {
				0 => 0,
				1 => dice.amount(most),
				_ => dice.amount(pool.gross_assets() / 50),
			},
		},
		64..=69 => Step::Report {
			stash: stash(dice),
			age: dice.below(u64::from(world.setup.delay) + 1) as EraIndex,
			part: severity(dice),
		},
		70..=71 => Step::Cancel { ahead: dice.below(5) as EraIndex },
		72..=73 => Step::Slash { stash: stash(dice), part: severity(dice) },
		74..=90 => Step::Block(room(dice)),
		91 => Step::Full { blocks: dice.below(12) as u32 },
		92..=93 => Step::Fail(match dice.below(3) {
			0 => {
				let calls =
					["bond", "nominate", "chill", "unbond", "rebond", "withdraw", "pay_out"];
				calls.into_iter().filter(|_| dice.one_in(3)).collect()
			},
			_ => vec![],
		}),
		94 => Step::Kick { stash: stash(dice) },
		95 => Step::Reap { stash: stash(dice) },
		96 => {
			let least = u64::from(world.setup.delay);
			Step::BondingDuration((least + 1 + dice.below(2)) as EraIndex)
		},
		97 | 98 if dice.one_in(3) => Step::Prepare(dice.pick(&[0, 0, 1, 5, u32::MAX])),
		97 | 98 => Step::Fit {
			validators: dice.below(16) as u8,
			unplaced: if dice.one_in(3) { dice.below(256) as u8 } else { 0 },
		},
		_ => Step::Cover(dice.perbill(Perbill::one())),
	}
}

fn room(dice: &mut Dice) -> Room {
	match dice.below(9) {
		0 => Room::None,
		1 => Room::Filled,
		2 | 3 => Room::Steps(1 + dice.below(4) as u32),
		_ => Room::Plenty,
	}
}

/// What a slash takes of a stash: mostly little, sometimes all.
fn severity(dice: &mut Dice) -> Part {
	match dice.below(10) {
		0 => Part::All,
		1 => Part::Millionths(999_999),
		2 | 3 => Part::Millionths(dice.below(1_200_000) as u32),
		4 => Part::Units(dice.below(100).into()),
		_ => Part::Millionths(dice.below(50_000) as u32),
	}
}
