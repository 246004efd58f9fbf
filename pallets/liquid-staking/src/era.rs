// SPDX-License-Identifier: Apache-2.0

//! The work of an era: one step after the other, each of bounded cost.

use crate::{
	rebalance::{self, Flow, Held, Leaving, Limits},
	*,
};
use alloc::vec::Vec;
use frame_support::{
	defensive_assert, ensure,
	pallet_prelude::*,
	storage::with_storage_layer,
	traits::{
		fungible::{Inspect, Mutate},
		fungibles::{Create as _, Mutate as _},
		tokens::{Fortitude, Provenance},
	},
	weights::WeightMeter,
};
use holdfast_primitives::{
	shares::pro_rata_up, Assets, Balance, Chunk, Dues, EraIndex, LossCover, Shares, StakingBackend,
	StakingError, StashToPlace, ValidatorSelection,
};
use sp_runtime::{
	traits::{AccountIdConversion, UniqueSaturatedInto},
	ArithmeticError,
};

/// Tags that keep the pool's accounts apart. Without one, stash 0 would be the pot.
const STASH: [u8; 5] = *b"stash";
const REWARD: [u8; 6] = *b"reward";

/// A stash in use holds at least this many times the staking pallet's minimum, so that a slash or
/// a small redemption does not push it below.
const MIN_STASH_BONDS: Balance = 4;

/// Accounts and time.
impl<T: Config> Pallet<T> {
	/// The account that holds what is not staked.
	pub fn pot_account() -> T::AccountId {
		T::PalletId::get().into_account_truncating()
	}

	/// The account to which the staking pallet pays rewards.
	pub fn reward_account() -> T::AccountId {
		T::PalletId::get().into_sub_account_truncating(REWARD)
	}

	/// The account of a stash.
	pub fn stash_account(index: u32) -> T::AccountId {
		T::PalletId::get().into_sub_account_truncating((STASH, index))
	}

	/// The index of a stash, told from its account alone; `None` for any other account.
	///
	/// Whatever [`Config::MaxStashes`] is now: it may have been larger, and those that stake go on.
	pub fn stash_index(account: &T::AccountId) -> Option<u32> {
		let (id, (tag, index)) =
			frame_support::PalletId::try_from_sub_account::<([u8; 5], u32)>(account)?;
		(id == T::PalletId::get() && tag == STASH && index < MAX_STASHES).then_some(index)
	}

	/// The block that is executed. Pools are told time by blocks, not by clocks.
	pub(crate) fn now() -> u32 {
		frame_system::Pallet::<T>::block_number().unique_saturated_into()
	}
}

/// The machine.
impl<T: Config> Pallet<T> {
	pub(crate) fn poll(meter: &mut WeightMeter) {
		if meter.try_consume(T::WeightInfo::on_poll_idle()).is_err() {
			return;
		}
		let Ok(mut pool) = Self::books() else {
			log::error!(target: LOG_TARGET, "the books cannot be decoded: no work is done");
			return;
		};
		let active = T::Staking::active_era();
		if !Self::has_work(&pool, active) {
			return;
		}
		let mut work = WeightMeter::with_limit(T::WorkLimit::get().min(meter.remaining()));
		Self::work(&mut pool, active, &mut work, u32::MAX);
		Pool::<T>::put(pool);
		meter.consume(work.consumed());
	}

	/// Whether there is era work to do.
	pub(crate) fn has_work(pool: &PoolState, active: Option<EraIndex>) -> bool {
		pool.scan != Scan::Fresh
			|| pool.phase != Phase::Idle
			|| pool.funds_wait
			|| (active.is_some() && pool.era != active)
	}

	/// Does up to `max_steps` steps, as long as there are any and `meter` has room for the worst case of
	/// the next. Returns how many it did, and how many of them have pushed the work on: reports may be read
	/// again and again while the staking pallet has some in progress.
	pub(crate) fn work(
		pool: &mut PoolState,
		active: Option<EraIndex>,
		meter: &mut WeightMeter,
		max_steps: u32,
	) -> (u32, u32) {
		let (mut done, mut pushed): (u32, u32) = (0, 0);
		// Reports first: instant redemptions wait for them. Once a block, since the staking pallet may
		// have some in progress until the next.
		let mut scanned = false;
		while done < max_steps {
			let scans = pool.scan != Scan::Fresh && !scanned;
			if !scans && pool.phase == Phase::Idle {
				match active {
					Some(era) if pool.era != active => {
						Self::begin(pool, era);
						scanned = false;
					},
					_ if pool.funds_wait && pool.scan == Scan::Fresh => {
						pool.phase = Phase::FundAgain;
					},
					_ => break,
				}
				continue;
			}
			let missed = !scans && Self::misses_plan(pool, active);
			let most = match pool.phase {
				_ if scans => Self::next_scan_weight(pool),
				_ if missed => Self::step_weight(&Phase::Plan),
				phase => Self::step_weight(&phase),
			};
			if !meter.can_consume(most) {
				break;
			}
			let cost = if scans {
				let (goes_on, cost) = Self::step_scan(pool);
				scanned = !goes_on;
				cost
			} else if missed {
				Self::skip_plan(pool);
				most
			} else {
				Self::step(pool)
			};
			meter.consume(cost);
			done = done.saturating_add(1);
			pushed = pushed.saturating_add(u32::from(!scans));
		}
		(done, pushed)
	}

	/// The most that reading the reports of one era costs, with what it costs to tell the cover.
	pub(crate) fn scan_weight() -> Weight {
		T::WeightInfo::step_scan().saturating_add(T::Cover::reported_weight())
	}

	/// The most that a step in this phase costs.
	pub(crate) fn step_weight(phase: &Phase) -> Weight {
		match phase {
			Phase::Idle => T::WeightInfo::on_poll_idle(),
			Phase::PayOut { .. } => T::WeightInfo::step_pay_out(),
			Phase::Withdraw { .. } => {
				T::WeightInfo::step_withdraw().max(T::WeightInfo::step_withdraw_all())
			},
			Phase::Settle => T::WeightInfo::step_settle()
				.max(T::WeightInfo::step_settle_class())
				.saturating_add(T::Cover::collect_weight()),
			Phase::Fund | Phase::FundAgain => {
				T::WeightInfo::step_fund_batch().saturating_add(T::WeightInfo::step_fund_leftover())
			},
			Phase::Score => Self::score_overhead().saturating_add(T::Selection::prepare_weight()),
			Phase::Plan => T::WeightInfo::step_plan()
				.max(T::WeightInfo::step_plan_empty())
				.saturating_add(T::Selection::select_weight())
				// It may be asked again, and has read all then.
				.saturating_add(T::Selection::select_weight().set_proof_size(0)),
			// What cannot be nominated is chilled.
			Phase::Rotate { .. } => T::WeightInfo::step_rotate()
				.saturating_add(T::WeightInfo::step_rotate_chill())
				.max(T::WeightInfo::step_rotate_chilled()),
			Phase::Rebalance { .. } => T::WeightInfo::step_rebalance_open()
				.max(T::WeightInfo::step_rebalance_empty())
				.max(T::WeightInfo::step_rebalance_rebond()),
		}
	}

	/// The most that any step costs.
	pub fn max_step_weight() -> Weight {
		[
			Phase::Idle,
			Phase::PayOut { era: 0, stash: 0, nomination: 0, page: 0 },
			Phase::Withdraw { stash: 0 },
			Phase::Settle,
			Phase::Fund,
			Phase::Score,
			Phase::Plan,
			Phase::Rotate { stash: 0 },
			Phase::Rebalance { stash: 0 },
			Phase::FundAgain,
		]
		.iter()
		.fold(Self::scan_weight(), |max, phase| max.max(Self::step_weight(phase)))
	}

	/// What a step of [`Phase::Score`] costs beside what the selection does in it: the books are read
	/// and written.
	fn score_overhead() -> Weight {
		T::WeightInfo::on_poll_idle().saturating_add(T::DbWeight::get().writes(1))
	}

	/// Whether the era is over whose plan is not decided, or not nominated. The next one makes its own
	/// of what it finds. Once stakes change, the work goes on to its end, because somebody waits for
	/// what is unbonded.
	fn misses_plan(pool: &PoolState, active: Option<EraIndex>) -> bool {
		active.is_some()
			&& pool.era != active
			&& matches!(pool.phase, Phase::Score | Phase::Plan | Phase::Rotate { .. })
	}

	/// Gives up the plan of an era that is over, but for what has to be unbonded: somebody waits for it,
	/// whoever is nominated. Costs no more than to plan.
	fn skip_plan(pool: &mut PoolState) {
		Self::deposit_event(Event::PlanSkipped { era: Self::era_of(pool) });
		Self::remove_plan();
		pool.phase = Phase::Idle;
		if let Err(error) = Self::plan_unbonding(pool) {
			Self::failed(Step::Plan, None, error);
		}
	}

	/// Plans to unbond what is lacking, with the nominations there are.
	fn plan_unbonding(pool: &mut PoolState) -> DispatchResult {
		let stashes = Self::all_stashes(pool)?;
		let flow = Self::flow(pool, &stashes)?;
		if !matches!(flow, Flow::Deficit(_)) {
			return Ok(());
		}
		let changes = rebalance::plan(&Self::held(&stashes), &[], flow, Self::limits());
		let unbonding = changes.into_iter().map(|change| StashPlan { validator: None, change });
		Self::put_plan(&unbonding.collect::<Vec<_>>());
		pool.phase = Self::for_stash(pool, 0, |stash| Phase::Rebalance { stash }, Phase::Idle);
		Ok(())
	}

	/// Does one step and returns what it cost.
	pub(crate) fn step(pool: &mut PoolState) -> Weight {
		let cost = Self::step_weight(&pool.phase);
		match pool.phase {
			Phase::Idle => (),
			Phase::PayOut { era, stash, nomination, page } => {
				return Self::step_pay_out(pool, era, stash, nomination, page)
			},
			Phase::Withdraw { stash } => return Self::step_withdraw(pool, stash),
			Phase::Settle => Self::step_settle(pool),
			Phase::Fund | Phase::FundAgain => Self::step_fund(pool),
			Phase::Score => return Self::step_score(pool),
			Phase::Plan => Self::step_plan(pool),
			Phase::Rotate { stash } => return Self::step_rotate(pool, stash),
			Phase::Rebalance { stash } => Self::step_rebalance(pool, stash),
		}
		cost
	}

	fn begin(pool: &mut PoolState, era: EraIndex) {
		let now = Self::now();
		match pool.era {
			Some(last) => {
				let blocks = now.saturating_sub(pool.era_start);
				pool.era_length = blocks.checked_div(era.saturating_sub(last)).unwrap_or(blocks);
				// Older rewards cannot be paid any more.
				let oldest = era.saturating_sub(T::HistoryDepth::get());
				pool.unpaid_era = pool.unpaid_era.max(oldest);
			},
			// Nothing that was earned before can be the pool's.
			None => pool.unpaid_era = era,
		}
		pool.era = Some(era);
		pool.era_start = now;
		// What was due has been applied, or has expired.
		pool.scan = Scan::Stale;
		pool.phase = Self::pay_out_from(pool, pool.unpaid_era);
		Self::deposit_event(Event::EraWorkStarted { era });
	}

	fn era_of(pool: &PoolState) -> EraIndex {
		// Set by `begin`, before any step.
		pool.era.unwrap_or_default()
	}

	/// The phase that pays `era`, if it is over and there is anybody to pay.
	fn pay_out_from(pool: &mut PoolState, era: EraIndex) -> Phase {
		if era < Self::era_of(pool) && pool.stashes > 0 {
			pool.unpaid_era = era;
			Phase::PayOut { era, stash: 0, nomination: 0, page: 0 }
		} else {
			pool.unpaid_era = Self::era_of(pool);
			Self::for_stash(pool, 0, |stash| Phase::Withdraw { stash }, Phase::Settle)
		}
	}

	/// The phase of stash `index`, or the one after if that was the last.
	fn for_stash(
		pool: &PoolState,
		index: u32,
		phase: impl FnOnce(u32) -> Phase,
		after: Phase,
	) -> Phase {
		if index < pool.stashes {
			phase(index)
		} else {
			after
		}
	}

	pub(crate) fn failed(step: Step, stash: Option<u32>, error: DispatchError) {
		log::warn!(target: LOG_TARGET, "{step:?} of stash {stash:?} failed: {error:?}");
		Self::deposit_event(Event::StepFailed { step, stash, error });
	}
}

/// The steps.
impl<T: Config> Pallet<T> {
	/// Pays one page of one validator and moves the cursor.
	fn step_pay_out(
		pool: &mut PoolState,
		era: EraIndex,
		index: u32,
		nomination: u32,
		page: u32,
	) -> Weight {
		let mut cost = T::WeightInfo::step_pay_out_skip();
		let stash = Self::stash(index).unwrap_or_else(|error| {
			Self::failed(Step::PayOut, Some(index), error.into());
			Stash::default()
		});
		let position = usize::try_from(nomination).unwrap_or(usize::MAX);
		let mut pages = 0;
		if let Some(Nomination { validator, .. }) = stash.nominations.get(position) {
			pages = T::Staking::payout_pages(era, validator);
			if page < pages {
				let paid = with_storage_layer(|| {
					T::Staking::pay_out(era, validator, page).map_err(Self::reason)
				});
				match paid {
					Ok(true) => cost = T::WeightInfo::step_pay_out(),
					// Somebody else did it: the reward is in the reward account.
					Ok(false) => (),
					Err(error) => {
						cost = T::WeightInfo::step_pay_out();
						Self::failed(Step::PayOut, Some(index), error)
					},
				}
			}
		}
		let (next_page, next_nomination) = (page.saturating_add(1), position.saturating_add(1));
		pool.phase = if next_page < pages {
			Phase::PayOut { era, stash: index, nomination, page: next_page }
		} else if next_nomination < stash.nominations.len() {
			Phase::PayOut { era, stash: index, nomination: nomination.saturating_add(1), page: 0 }
		} else if index.saturating_add(1) < pool.stashes {
			Phase::PayOut { era, stash: index.saturating_add(1), nomination: 0, page: 0 }
		} else {
			Self::pay_out_from(pool, era.saturating_add(1))
		};
		cost
	}

	/// Brings the record of a stash up to date and withdraws what is mature.
	fn step_withdraw(pool: &mut PoolState, index: u32) -> Weight {
		let mut cost = Self::step_weight(&pool.phase);
		match Self::withdraw(pool, index) {
			Ok(true) => (),
			Ok(false) => cost = T::WeightInfo::step_withdraw(),
			Err(error) => Self::failed(Step::Withdraw, Some(index), error),
		}
		pool.phase = Self::for_stash(
			pool,
			index.saturating_add(1),
			|stash| Phase::Withdraw { stash },
			Phase::Settle,
		);
		cost
	}

	/// Returns whether the stash was found changed, or is emptied: that reads more than the stash.
	fn withdraw(pool: &mut PoolState, index: u32) -> Result<bool, DispatchError> {
		let era = Self::era_of(pool);
		let account = Self::stash_account(index);
		let (next, stash, corrected) =
			with_storage_layer(|| Self::reconcile(pool.clone(), index, &account, era))?;
		*pool = next;
		let matures = |chunk: &Chunk| chunk.era <= era;
		if !stash.unlocking.iter().any(matures) {
			return Ok(corrected);
		}
		// The staking pallet forgets a stash that is emptied, and could not slash it any more.
		let empties = stash.active == 0 && stash.unlocking.iter().all(matures);
		if empties && Self::reports()?.iter().any(|report| report.stash == index) {
			return Ok(true);
		}
		Self::change_stake(pool, index, 0, || {
			T::Staking::withdraw(&account).map_err(Self::reason)
		})?;
		Ok(corrected || empties)
	}

	/// Brings the record of a stash up to date. Returns the books with it, the record, and whether
	/// the stash held something else than they said.
	fn reconcile(
		mut pool: PoolState,
		index: u32,
		account: &T::AccountId,
		era: EraIndex,
	) -> Result<(PoolState, StashOf<T>, bool), DispatchError> {
		let mut stash = Self::stash(index)?;
		let ledger = T::Staking::ledger(account).map_err(Self::reason)?.unwrap_or_default();
		let (recorded, found) = (stash.total(), ledger.total());
		pool.adopt(&mut stash, ledger)?;
		if found != recorded {
			Self::deposit_event(Event::StashCorrected { stash: index, recorded, found });
			pool.find(found.saturating_sub(recorded))?;
			Self::recover(&mut pool, account, recorded.saturating_sub(found))?;
			let mut queue = Self::queue()?;
			pool.cover_deficit(queue.as_mut(), Self::now());
			Queue::<T>::put(queue);
		}
		stash.forget_settled(era);
		Stashes::<T>::insert(index, &stash);
		Ok((pool, stash, found != recorded))
	}

	/// What an event says of a failure.
	fn reason(error: StakingError) -> DispatchError {
		match error {
			StakingError::BondsLess => Error::<T>::BondsLess.into(),
			StakingError::ReleasesEarly => Error::<T>::ReleasesEarly.into(),
			StakingError::Refused(error) => error,
		}
	}

	/// Brings back what left the ledger of a stash without the pool, and is still in its account:
	/// root can unstake it, or a stranger reap it. Up to `missing`: donations stay where they are.
	fn recover(pool: &mut PoolState, account: &T::AccountId, missing: Balance) -> DispatchResult {
		let free = T::Currency::reducible_balance(account, Self::KEEP, Fortitude::Polite);
		let found = free.min(missing);
		if found > 0 {
			let idle = pool.idle.checked_add(found).ok_or(ArithmeticError::Overflow)?;
			T::Currency::transfer(account, &Self::pot_account(), found, Self::KEEP)?;
			pool.idle = idle;
		}
		Ok(())
	}

	/// Sweeps the rewards, renews the stream, closes the batch, and if need be the class.
	fn step_settle(pool: &mut PoolState) {
		match with_storage_layer(|| Self::settle(pool.clone())) {
			Ok(next) => *pool = next,
			Err(error) => Self::failed(Step::Settle, None, error),
		}
		pool.phase = Phase::Fund;
	}

	fn settle(mut pool: PoolState) -> Result<PoolState, DispatchError> {
		let (now, era) = (Self::now(), Self::era_of(&pool));
		let eras = pool.settled_era.map_or(1, |last| era.saturating_sub(last));
		let collected = Self::collect(era)?;
		let fee = Self::take_fee(collected, Self::parameters(&pool))?;
		let reward = collected.checked_sub(fee.total()).ok_or(ArithmeticError::Underflow)?;
		pool.reward(Assets(reward), eras, now)?;
		pool.phase = Phase::Fund;
		Self::enter_fee(&mut pool, fee, now)?;

		let mut queue = Self::queue()?;
		// The work may be late: what leaves now has been at stake up to the active era.
		let exposed = T::Staking::active_era().unwrap_or(era);
		// A full queue leaves the batch open.
		let closed = if queue.is_full() { None } else { pool.close_batch(exposed, now)? };
		if let Some(closed) = closed {
			let (batch, shares, assets) = (closed.id, closed.shares, closed.claim);
			Self::deposit_event(Event::BatchClosed { batch, shares, assets });
			queue.try_push(closed).map_err(|_| Error::<T>::QueueFull)?;
		}
		if pool.is_wiped(now) && pool.open_shares == 0 && !queue.is_full() {
			match with_storage_layer(|| Self::close_class(pool.clone(), exposed, now)) {
				Ok((next, last)) => {
					pool = next;
					queue.try_push(last).map_err(|_| Error::<T>::QueueFull)?;
				},
				Err(error) => Self::failed(Step::Settle, None, error),
			}
		}
		if pool.reported > 0 {
			let reports = Self::reports()?;
			pool.attribute(&queue, open_reports(&reports), now);
		}
		Queue::<T>::put(queue);
		pool.retire();
		pool.settled(era);

		// Without reports: what is not lost yet is no loss, and may be covered or cancelled.
		let rate = pool.exit_price(now, 0).rate();
		let point = RatePoint { era, class: pool.class, block: now, rate };
		Rates::<T>::insert(Self::rate_slot(era), point);
		Self::deposit_event(Event::RateUpdated {
			era,
			rate,
			total_assets: pool.total_assets(now).0,
			shares: pool.shares,
		});
		Ok(pool)
	}

	/// Where the rate of an era is kept, until that of another one takes its place.
	pub(crate) fn rate_slot(era: EraIndex) -> u32 {
		era.checked_rem(T::HistoryDepth::get()).unwrap_or(0)
	}

	/// Sweeps the reward account into the pot.
	fn collect(era: EraIndex) -> Result<Balance, DispatchError> {
		let account = Self::reward_account();
		let assets = T::Currency::reducible_balance(&account, Self::KEEP, Fortitude::Polite);
		if assets > 0 {
			T::Currency::transfer(&account, &Self::pot_account(), assets, Self::KEEP)?;
			Self::deposit_event(Event::RewardsCollected { era, assets });
		}
		Ok(assets)
	}

	/// Takes the fee out of what was collected, and pays the insurance fund what it is due. What the
	/// fund does not take of its part of the fee stays with the holders.
	fn take_fee(collected: Balance, parameters: Parameters) -> Result<Fee, DispatchError> {
		let total = parameters.reward_fee.mul_ceil(collected);
		let reserve = T::Reserve::get();
		let part = parameters.fund_share.mul_floor(total);
		let mut treasury = total.saturating_sub(part);
		let dues = T::Cover::dues(collected, part);
		let mut dues = Dues {
			premium: dues.premium.min(collected.saturating_sub(total)),
			fee: dues.fee.min(part),
		};
		let accepted = T::Currency::can_deposit(&reserve, dues.total(), Provenance::Extant);
		// Without an account that takes it, the treasury gets it all.
		if accepted.into_result().is_err() {
			(dues, treasury) = (Dues::default(), total);
		}
		if dues.total() > 0 {
			T::Currency::transfer(&Self::pot_account(), &reserve, dues.total(), Self::KEEP)?;
			T::Cover::collected(dues);
		}
		if dues.premium > 0 {
			Self::deposit_event(Event::PremiumPaid { assets: dues.premium });
		}
		Ok(Fee { premium: dues.premium, fund: dues.fee, treasury })
	}

	/// Lets the treasury enter the pool with its part of the fee.
	fn enter_fee(pool: &mut PoolState, fee: Fee, now: u32) -> DispatchResult {
		let assets = Assets(fee.treasury);
		let ahead = Settlements::NEXT;
		// The reward account was just swept.
		let unswept = 0;
		let shares = pool.entry_price(now, ahead, unswept).to_shares(assets).unwrap_or_default();
		let enters = pool.shares > 0 && !pool.is_worthless(now);
		let shares = if enters { shares } else { Shares(0) };
		let minted = with_storage_layer(|| {
			T::Shares::mint_into(Self::share_asset(pool.class), &T::Treasury::get(), shares.0)
		});
		let shares = if minted.is_ok() { shares } else { Shares(0) };
		if shares.0 > 0 {
			pool.issue(assets, shares, now, ahead, unswept)?;
		} else {
			// Too little for a share, or none to be had: the holders', like every reward.
			pool.gift(assets)?;
		}
		if fee.fund > 0 || fee.treasury > 0 {
			Self::deposit_event(Event::FeeTaken {
				fund: fee.fund,
				treasury: fee.treasury,
				shares: shares.0,
			});
		}
		Ok(())
	}

	/// Closes the class of shares and makes the token of the next one.
	fn close_class(
		mut pool: PoolState,
		era: EraIndex,
		now: u32,
	) -> Result<(PoolState, Queued), DispatchError> {
		let class = pool.class;
		let last = pool.close_class(era, now)?;
		ClosedClasses::<T>::insert(class, last.id);
		T::Shares::create(Self::share_asset(pool.class), Self::pot_account(), true, 1)?;
		Self::deposit_event(Event::ClassClosed {
			class,
			batch: last.id,
			shares: last.shares,
			assets: last.claim,
		});
		Ok((pool, last))
	}

	/// Funds the next batch, or goes on if there is none or not enough.
	fn step_fund(pool: &mut PoolState) {
		match with_storage_layer(|| Self::fund(pool.clone())) {
			Ok(Some(next)) => {
				*pool = next;
				return;
			},
			Ok(None) => (),
			Err(error) => Self::failed(Step::Fund, None, error),
		}
		if let Err(error) = Self::pay_leftover(pool) {
			Self::failed(Step::Fund, None, error);
		}
		// Tried again as soon as the reports are read.
		pool.funds_wait = pool.scan != Scan::Fresh && pool.owed > 0;
		pool.phase = if pool.phase == Phase::FundAgain { Phase::Idle } else { Phase::Score };
	}

	/// Funds the first batch of the queue that can be: one that got nothing yet, in its turn, less
	/// what is withheld for open reports; or what was withheld from one, once there are none.
	///
	/// `None` if there is no such batch, or not enough for it.
	fn fund(mut pool: PoolState) -> Result<Option<PoolState>, DispatchError> {
		// What is withheld is not known while reports are not.
		if pool.scan != Scan::Fresh {
			return Ok(None);
		}
		let now = Self::now();
		let mut queue = Self::queue()?;
		let reports = Self::reports()?;
		let open = || open_reports(&reports);
		let waits = |queued: &Queued| {
			queued.funded.is_some() && open().any(|(offence, _)| queued.is_liable(offence))
		};
		let next = queue.iter().enumerate().find(|(_, queued)| !waits(queued));
		let Some((i, queued)) = next.map(|(i, queued)| (i, queued.clone())) else {
			return Ok(None);
		};
		let withheld = pool.withheld_from(&queued, &queue, open(), now);
		let assets = queued.claim.saturating_sub(withheld);
		if !pool.fund(assets)? {
			return Ok(None);
		}
		let payment = Payment { shares: queued.shares, assets };
		let batch = match Self::batch(queued.id)? {
			Some(batch) => Batch { rest: Rest::Released(payment), ..batch },
			None => Batch {
				closed_in: queued.closed_in,
				first: payment,
				rest: if withheld > 0 { Rest::Withheld } else { Rest::None },
			},
		};
		Batches::<T>::insert(queued.id, batch);
		if withheld > 0 {
			if let Some(queued) = queue.get_mut(i) {
				(queued.claim, queued.funded) = (withheld, Some(assets));
			}
		} else {
			queue.remove(i);
		}
		Queue::<T>::put(queue);
		Self::deposit_event(Event::BatchFunded { batch: queued.id, assets, withheld });
		Ok(Some(pool))
	}

	/// Pays the treasury what was left when the last holder had gone, as far as it is there.
	fn pay_leftover(pool: &mut PoolState) -> DispatchResult {
		let mut next = pool.clone();
		let assets = next.take_leftover().0;
		let treasury = T::Treasury::get();
		let accepted = || T::Currency::can_deposit(&treasury, assets, Provenance::Extant);
		// What would not keep the treasury's account alive waits for more.
		if assets > 0 && accepted().into_result().is_ok() {
			with_storage_layer(|| {
				T::Currency::transfer(&Self::pot_account(), &treasury, assets, Self::KEEP)
			})?;
			*pool = next;
			Self::deposit_event(Event::LeftoverPaid { assets });
		}
		Ok(())
	}

	/// Lets the selection do one step of what it needs to know.
	fn step_score(pool: &mut PoolState) -> Weight {
		let Some(weight) = T::Selection::prepare(Self::era_of(pool)) else {
			let cost = Self::step_weight(&Phase::Score);
			pool.phase = Phase::Plan;
			return cost;
		};
		defensive_assert!(
			weight.all_lte(T::Selection::prepare_weight()),
			"a step of the selection weighs more than it says"
		);
		Self::score_overhead().saturating_add(weight)
	}

	/// Decides what the rest of the work carries out.
	fn step_plan(pool: &mut PoolState) {
		match Self::plan(pool.clone()) {
			Ok(next) => *pool = next,
			Err(error) => {
				Self::failed(Step::Plan, None, error);
				Self::finish(pool);
			},
		}
	}

	fn plan(mut pool: PoolState) -> Result<PoolState, DispatchError> {
		// Stashes at the end that hold nothing are done with.
		while let Some(last) = pool.stashes.checked_sub(1) {
			let stash = Self::stash(last)?;
			// It may have something to collect yet, if it was slashed.
			if stash.total() > 0 || !stash.is_settled(pool.unpaid_era) {
				break;
			}
			Stashes::<T>::remove(last);
			pool.stashes = last;
		}
		let stashes = Self::all_stashes(&pool)?;
		let (held, limits) = (Self::held(&stashes), Self::limits());
		let leaving = Self::leaving(&stashes);
		let queue = Self::queue()?;
		let leftover = pool.leftover;
		let claims = || queue.iter().map(|queued| queued.claim).chain([leftover]);
		pool.waited_for = rebalance::waited_for(pool.idle, claims(), &leaving);
		// What has come in since the settlement is reckoned with now.
		pool.deposited = 0;
		let mut changes = rebalance::plan(&held, &leaving, Self::flow(&pool, &stashes)?, limits);
		let mut places = Self::places(&pool, &held, &changes, limits);
		let grows = |change: &Change| matches!(change, Change::Bond(_) | Change::Rebond { .. });
		let nominates = |i: usize| held.get(i).is_some_and(|held| held.nominates);
		// What a stash that earns would get may be what finds no place: then it gets nothing.
		let mut refused = false;
		for (i, (change, place)) in changes.iter_mut().zip(&places).enumerate() {
			if grows(change) && nominates(i) && matches!(place, Some(None)) {
				(*change, refused) = (Change::Keep, true);
			}
		}
		if refused {
			places = Self::places(&pool, &held, &changes, limits);
		}

		// What they stake now: what only would be too large gets nothing, and keeps what it has.
		let present = |i: usize| held.get(i).map_or(0, |held| held.active);
		let looks = |i: usize| places.get(i).is_some_and(Option::is_some);
		let looking: Vec<Balance> =
			(0..changes.len()).filter(|i| looks(*i)).map(present).filter(|p| *p > 0).collect();
		let some_placed = places.iter().flatten().any(Option::is_some);
		let mut plan: Vec<StashPlan<T::AccountId>> = changes
			.iter()
			.enumerate()
			.map(|(i, change)| {
				let validator = places.get(i).cloned().flatten().flatten();
				let excess = match some_placed && looks(i) {
					true => rebalance::excess(present(i), &looking),
					false => 0,
				};
				let change = match (*change, &validator) {
					(Change::Unbond(part), _) => Change::Unbond(part),
					(change, Some(_)) => change,
					(_, None) if excess > 0 => Change::Unbond(excess),
					// What nobody is nominated with would earn nothing, and could not be paid at once.
					(_, None) => Change::Keep,
				};
				StashPlan { validator, change }
			})
			.collect();
		// Nor is a stash opened for it.
		let opened = |plan: &StashPlan<T::AccountId>| matches!(plan.change, Change::Bond(_));
		while plan.len() > stashes.len() && !plan.last().is_some_and(opened) {
			plan.pop();
		}

		// What unbonds from now on comes last of all.
		let unbonds = |(stash, plan): (usize, &StashPlan<T::AccountId>)| match plan.change {
			Change::Unbond(value) => Some(Leaving { stash, era: EraIndex::MAX, value }),
			_ => None,
		};
		let leaving: Vec<Leaving> =
			leaving.into_iter().chain(plan.iter().enumerate().filter_map(unbonds)).collect();
		pool.waited_for = rebalance::waited_for(pool.idle, claims(), &leaving);

		let planned = u32::try_from(plan.len()).unwrap_or(u32::MAX);
		ensure!(planned <= MAX_STASHES, Error::<T>::TooManyStashes);
		pool.stashes = pool.stashes.max(planned);
		pool.phase = Self::for_stash(&pool, 0, |stash| Phase::Rotate { stash }, Phase::Idle);
		if pool.phase == Phase::Idle {
			Self::finish(&mut pool);
		} else {
			Self::put_plan(&plan);
		}
		Ok(pool)
	}

	/// The place that the selection has for each stash if `changes` are made: `Some(None)` if there is none,
	/// `None` if it looks for none, having nothing, or too little to nominate and no nomination.
	fn places(
		pool: &PoolState,
		held: &[Held],
		changes: &[Change],
		limits: Limits,
	) -> Vec<Option<Option<T::AccountId>>> {
		let stake_of = |i: usize, change: &Change| {
			let held = held.get(i).copied().unwrap_or_default();
			let stake = change.applied_to(held.active);
			(stake > 0 && (stake >= limits.minimum || held.nominates)).then_some(stake)
		};
		let stakes: Vec<Option<Balance>> =
			changes.iter().enumerate().map(|(i, change)| stake_of(i, change)).collect();
		let looking: Vec<StashToPlace<T::AccountId>> = (0u32..)
			.zip(stakes.iter().zip(0usize..))
			.filter_map(|(index, (stake, i))| {
				let nominates = held.get(i).and_then(|_| Self::nomination_of(index));
				Some(StashToPlace { index, nominates, stake: (*stake)? })
			})
			.collect();
		let mut chosen = T::Selection::select(Self::era_of(pool), &looking).into_iter();
		stakes.iter().map(|stake| stake.map(|_| chosen.next().flatten())).collect()
	}

	/// The stashes as the arithmetic of the plan sees them.
	fn held(stashes: &[StashOf<T>]) -> Vec<Held> {
		(0u32..)
			.zip(stashes)
			.map(|(index, stash)| Held {
				active: stash.active,
				nominates: stash.active > 0 && Self::nomination_of(index).is_some(),
			})
			.collect()
	}

	/// All that unbonds. As many parts as the stashes have chunks.
	fn leaving(stashes: &[StashOf<T>]) -> Vec<Leaving> {
		let chunks = stashes.iter().enumerate();
		let chunks = chunks.flat_map(|(i, stash)| stash.unlocking.iter().map(move |c| (i, c)));
		chunks.map(|(stash, chunk)| Leaving { stash, era: chunk.era, value: chunk.value }).collect()
	}

	fn limits() -> Limits {
		let minimum = T::Staking::minimum_bond();
		Limits {
			minimum,
			min_stash: minimum.saturating_mul(MIN_STASH_BONDS),
			max_stashes: usize::try_from(T::MaxStashes::get()).unwrap_or(usize::MAX),
		}
	}

	/// What is idle or on its way there, against what is due and what is kept idle.
	fn flow(pool: &PoolState, stashes: &[StashOf<T>]) -> Result<Flow, Error<T>> {
		// Open reports may take some of it from what batches wait for.
		let doubtful = if pool.owed > 0 { Self::doubtful(pool, stashes)? } else { 0 };
		let coming = pool.idle.saturating_add(pool.unbonding).saturating_sub(doubtful);
		let now = Self::now();
		let buffer = Self::parameters(pool).buffer_target(pool.total_assets(now).0);
		let needed = pool.dues().saturating_add(buffer);
		// Half a buffer is enough not to unbond for it: deposits fill it too.
		if coming < needed.saturating_sub(buffer / 2) {
			return Ok(Flow::Deficit(needed.saturating_sub(coming)));
		}
		let spare = coming.saturating_sub(needed);
		let now = spare.min(pool.idle.saturating_sub(buffer.max(pool.waited_for)));
		Ok(Flow::Surplus { now, later: spare.saturating_sub(now) })
	}

	/// What the open reports may take of what unbonds: of each, the part that is unbonding of what its
	/// stash has, less what cover pays. A slash takes no larger part of it, whichever chunks it spares.
	fn doubtful(pool: &PoolState, stashes: &[StashOf<T>]) -> Result<Balance, Error<T>> {
		if pool.reported == 0 || pool.unbonding == 0 {
			return Ok(0);
		}
		let mut sum: Balance = 0;
		for report in Self::reports()? {
			let index = usize::try_from(report.stash).unwrap_or(usize::MAX);
			// One that is not in use has nothing that unbonds.
			let Some(stash) = stashes.get(index) else { continue };
			let part = pro_rata_up(report.amount, stash.unlocking_total(), stash.total());
			sum = sum.saturating_add(part.unwrap_or(0));
		}
		let uncovered = T::Cover::uncovered(pool.reported).min(pool.reported);
		let part = pro_rata_up(sum, uncovered, pool.reported).unwrap_or(sum);
		Ok(part.min(pool.unbonding))
	}

	/// Nominates what was planned for a stash that is staked already.
	fn step_rotate(pool: &mut PoolState, index: u32) -> Weight {
		let mut cost = T::WeightInfo::step_rotate()
			.max(T::WeightInfo::step_rotate_chill())
			.max(T::WeightInfo::step_rotate_chilled());
		match Self::rotate(index) {
			Ok(true) => (),
			Ok(false) => cost = Self::step_weight(&pool.phase),
			Err(error) => Self::failed(Step::Rotate, Some(index), error.into()),
		}
		pool.phase = Self::for_stash(
			pool,
			index.saturating_add(1),
			|stash| Phase::Rotate { stash },
			Phase::Rebalance { stash: 0 },
		);
		cost
	}

	/// Returns whether the stash nominates as planned.
	fn rotate(index: u32) -> Result<bool, Error<T>> {
		let plan = Self::planned(index)?;
		let active = Self::stash(index)?.active;
		// What is emptied is chilled then; what is too small yet nominates when it has got more.
		let later = match plan.change {
			Change::Unbond(part) => part >= active,
			Change::Bond(_) | Change::Rebond { .. } => active < T::Staking::minimum_bond(),
			Change::Keep => false,
		};
		if active == 0 || later {
			return Ok(true);
		}
		let nominated = with_storage_layer(|| Self::nominate(index, plan.validator.as_ref()));
		if let Err(error) = nominated {
			Self::failed(Step::Rotate, Some(index), error);
			Self::leave(index, plan.validator.as_ref());
			return Ok(false);
		}
		Ok(true)
	}

	/// Takes back the nomination of a stash that was to nominate `validator`, and could not: whom it
	/// nominates now may be unfit.
	fn leave(index: u32, validator: Option<&T::AccountId>) {
		let account = Self::stash_account(index);
		let present = Self::nomination_of(index);
		if present.is_none() || present.as_ref() == validator {
			return;
		}
		match with_storage_layer(|| T::Staking::chill(&account).map_err(Self::reason)) {
			Ok(()) => Self::deposit_event(Event::Chilled { stash: index }),
			Err(error) => Self::failed(Step::Rotate, Some(index), error),
		}
	}

	/// Whom a stash nominates now. A validator may have kicked it.
	pub(crate) fn nomination_of(index: u32) -> Option<T::AccountId> {
		T::Staking::nominations(&Self::stash_account(index)).into_iter().next()
	}

	/// Makes the stash nominate `validator`, whatever it nominates now.
	fn nominate(index: u32, validator: Option<&T::AccountId>) -> DispatchResult {
		let account = Self::stash_account(index);
		let present = T::Staking::nominations(&account);
		let Some(validator) = validator else {
			if !present.is_empty() {
				T::Staking::chill(&account).map_err(Self::reason)?;
				Self::deposit_event(Event::Chilled { stash: index });
			}
			return Ok(());
		};
		if present.as_slice() != core::slice::from_ref(validator) {
			T::Staking::nominate(&account, validator).map_err(Self::reason)?;
			Self::deposit_event(Event::Nominated { stash: index, validator: validator.clone() });
		}
		let mut stash = Self::stash(index)?;
		if stash.target() != Some(validator) {
			// Not the era whose work this is, which may be late.
			stash.set_target(validator.clone(), T::Staking::active_era().unwrap_or_default());
			Stashes::<T>::insert(index, stash);
		}
		Ok(())
	}

	/// Bonds or unbonds what was planned for a stash.
	fn step_rebalance(pool: &mut PoolState, index: u32) {
		if let Err(error) = Self::rebalance(pool, index) {
			Self::failed(Step::Rebalance, Some(index), error);
		}
		let next = index.saturating_add(1);
		pool.phase = Self::for_stash(pool, next, |stash| Phase::Rebalance { stash }, Phase::Idle);
		if pool.phase == Phase::Idle || next.is_multiple_of(PLAN_PAGE) {
			Plan::<T>::remove(index / PLAN_PAGE);
		}
		if pool.phase == Phase::Idle {
			Self::finish(pool);
		}
	}

	fn rebalance(pool: &mut PoolState, index: u32) -> DispatchResult {
		let plan = Self::planned(index)?;
		let account = Self::stash_account(index);
		match plan.change {
			Change::Keep => Ok(()),
			Change::Bond(more) => Self::stake_more(pool, index, 0, more, plan.validator.as_ref()),
			Change::Rebond { again, more } => {
				Self::stake_more(pool, index, again, more, plan.validator.as_ref())
			},
			Change::Unbond(assets) => {
				let active = Self::stash(index)?.active;
				Self::change_stake(pool, index, 0, || {
					if assets >= active {
						// Or what is left would be below the staking pallet's minimum.
						T::Staking::chill(&account).map_err(Self::reason)?;
					}
					T::Staking::unbond(&account, assets).map_err(Self::reason)
				})?;
				let era = Self::stash(index)?.unlocking.last().map(|chunk| chunk.era);
				let era = era.unwrap_or_default();
				Self::deposit_event(Event::Unbonded { stash: index, assets, era });
				Ok(())
			},
		}
	}

	/// Stakes `again` of what unbonds, and `more` of what is idle, and nominates.
	fn stake_more(
		pool: &mut PoolState,
		index: u32,
		again: Balance,
		more: Balance,
		validator: Option<&T::AccountId>,
	) -> DispatchResult {
		let account = Self::stash_account(index);
		Self::endow(pool, &account)?;
		let more = more.min(pool.idle);
		Self::change_stake(pool, index, more, || {
			if again > 0 {
				T::Staking::rebond(&account, again).map_err(Self::reason)?;
			}
			if more > 0 || again == 0 {
				T::Currency::transfer(&Self::pot_account(), &account, more, Self::KEEP)?;
				T::Staking::bond(&account, more, &Self::reward_account()).map_err(Self::reason)?;
			}
			Self::nominate(index, validator)
		})?;
		if again > 0 {
			Self::deposit_event(Event::Rebonded { stash: index, assets: again });
		}
		if more > 0 {
			Self::deposit_event(Event::Bonded { stash: index, assets: more });
		}
		Ok(())
	}

	/// Gives a stash what it lacks of the existential deposit, out of the rewards that wait: it was never
	/// endowed, or the existential deposit was raised.
	fn endow(pool: &mut PoolState, account: &T::AccountId) -> DispatchResult {
		let missing = T::Currency::minimum_balance().saturating_sub(T::Currency::balance(account));
		if missing == 0 {
			return Ok(());
		}
		let mut next = pool.clone();
		ensure!(next.endow(missing), Error::<T>::StashNotEndowed);
		with_storage_layer(|| {
			T::Currency::transfer(&Self::pot_account(), account, missing, Self::KEEP)
		})?;
		*pool = next;
		Ok(())
	}

	/// Lets `act` change the stake of a stash, which gets `added` idle assets for it, and books
	/// what has changed by the staking pallet's own ledger. All or nothing.
	///
	/// Whatever the staking pallet released goes to the pot, also when `act` was not meant to
	/// release anything: unbonding withdraws by itself when the list of chunks is full.
	fn change_stake(
		pool: &mut PoolState,
		index: u32,
		added: Balance,
		act: impl FnOnce() -> DispatchResult,
	) -> DispatchResult {
		let account = Self::stash_account(index);
		let (next, released) = with_storage_layer(|| {
			let mut next = pool.clone();
			next.idle = next.idle.checked_sub(added).ok_or(ArithmeticError::Underflow)?;
			let before =
				Self::stash(index)?.total().checked_add(added).ok_or(ArithmeticError::Overflow)?;
			act()?;
			// Read after `act`, which may have written the nominations.
			let mut stash = Self::stash(index)?;
			let ledger = T::Staking::ledger(&account).map_err(Self::reason)?;
			next.adopt(&mut stash, ledger.unwrap_or_default())?;
			let released = before.checked_sub(stash.total()).ok_or(Error::<T>::LedgerMismatch)?;
			if released > 0 {
				T::Currency::transfer(&account, &Self::pot_account(), released, Self::KEEP)?;
				next.idle = next.idle.checked_add(released).ok_or(ArithmeticError::Overflow)?;
			}
			Stashes::<T>::insert(index, stash);
			Ok::<_, DispatchError>((next, released))
		})?;
		*pool = next;
		if released > 0 {
			Self::deposit_event(Event::Withdrawn { stash: index, assets: released });
		}
		Ok(())
	}

	fn finish(pool: &mut PoolState) {
		pool.phase = Phase::Idle;
		Self::deposit_event(Event::EraWorkCompleted { era: Self::era_of(pool) });
	}
}

/// What is taken from a reward.
#[derive(Clone, Copy)]
struct Fee {
	/// The premium for the insurance fund's underwriters.
	premium: Balance,
	/// The insurance fund's part of the protocol's fee.
	fund: Balance,
	/// The treasury's part.
	treasury: Balance,
}

impl Fee {
	fn total(self) -> Balance {
		self.premium.saturating_add(self.fund).saturating_add(self.treasury)
	}
}
