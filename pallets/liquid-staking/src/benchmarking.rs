// SPDX-License-Identifier: Apache-2.0

//! Weights of the calls, and of every step of the era work over the chain's real staking pallet.
//!
//! Each benchmark asserts the state that it leaves, so that none measures a failed path.

use crate::{
	books::{InstantQuote, Settlements},
	era, rates, slashes,
	stashes::follow_ledger,
	weights::WeightInfo,
	Batch, Batches, Call, ClosedClasses, Config, Event, Pallet, Payment, Phase, Plan, PlanPageOf,
	Pool, PoolState, Queue, Rates, Redemption, Redemptions, Report, Reports, Rest, Scan,
	StakeChange, StashOf, StashPlan, Stashes, PLAN_PAGE,
};
use alloc::vec::Vec;
use frame_benchmarking::v2::*;
use frame_support::traits::{
	fungible::{Inspect, Mutate},
	fungibles::{Inspect as _, Mutate as _},
	EnsureOrigin, Get,
};
use frame_system::{Pallet as System, RawOrigin};
use holdfast_primitives::{Assets, Balance, EraIndex, Shares, StakingBackend, ValidatorSelection};
use sp_staking::OnStakingUpdate;

/// Prepares the chain's staking pallet for the benchmarks.
pub trait BenchmarkHelper<AccountId> {
	/// Makes `era` the active one. The next may be planned already.
	fn set_era(era: EraIndex);

	/// As many validators as the chain can elect, all of them fit; and there is a place for every stash.
	fn validators() -> Vec<AccountId>;

	/// Lets the cover lack enough to take its part of a fee.
	fn lack_cover();

	/// Gives `stash` as many slashing spans as it can have.
	fn slashing_spans(stash: &AccountId);

	/// A validator that has earned rewards in `era`, due to one full page of nominators.
	fn due_payout(era: EraIndex) -> AccountId;

	/// Reports slashes that are to be applied in `era`: of every validator there can be, of all
	/// stakers there can be, each of `stashes` among them, by `amount`.
	fn open_reports(era: EraIndex, stashes: Vec<AccountId>, amount: Balance);
}

const ERA: EraIndex = 200;
const BLOCK: u32 = 1_000;

/// Assets of a pool that is large enough for everything.
fn plenty<T: Config>() -> Balance {
	T::Staking::minimum_bond()
		.max(T::Currency::minimum_balance())
		.saturating_mul(1_000)
		.saturating_mul(T::MaxStashes::get().into())
}

/// A pool in the middle of `ERA` whose holder is `who`.
fn pool_of<T: Config>(who: &T::AccountId, assets: Balance) -> PoolState {
	T::BenchmarkHelper::set_era(ERA);
	System::<T>::set_block_number(BLOCK.into());
	let mut pool = Pool::<T>::get();
	T::Currency::mint_into(&Pallet::<T>::pot_account(), assets).expect("room in the issuance");
	T::Shares::mint_into(Pallet::<T>::share_asset(0), who, assets).expect("room in the issuance");
	pool.issue(Assets(assets), Shares(assets), BLOCK, Settlements::NEXT, Assets(0))
		.expect("no overflow");
	pool.end_settlement(ERA - 1);
	pool.begin_era(ERA - 1, BLOCK - 110, ERA);
	pool.begin_era(ERA, BLOCK - 10, ERA);
	pool.collected_until(ERA);
	pool.scanned(Scan::Fresh);
	Pool::<T>::put(&pool);
	pool
}

/// Lets stash `index` have `assets` staked with `validator`.
fn stake<T: Config>(
	pool: &mut PoolState,
	index: u32,
	assets: Balance,
	validator: Option<T::AccountId>,
) {
	plan_for::<T>(index, StashPlan { validator, change: StakeChange::Bond(assets) });
	pool.use_stashes(pool.stashes().max(index + 1));
	pool.go_to(Phase::Rebalance { stash: index });
	let before = pool.bonded();
	era::step::<T>(pool);
	assert_eq!(pool.bonded(), before + assets);
	era::remove_plan::<T>();
	Pool::<T>::put(pool);
}

/// A full page of a plan, with `plan` for stash `index`.
fn plan_for<T: Config>(index: u32, plan: StashPlan<T::AccountId>) {
	let filler =
		StashPlan { validator: Some(Pallet::<T>::pot_account()), change: StakeChange::Bond(1) };
	let mut full: Vec<_> = (0..PLAN_PAGE).map(|_| filler.clone()).collect();
	full[(index % PLAN_PAGE) as usize] = plan;
	Plan::<T>::insert(index / PLAN_PAGE, PlanPageOf::<T>::truncate_from(full));
}

/// Gives a stash all the unlocking chunks it can have, one per era, the newest one of `last`.
fn fill_chunks<T: Config>(pool: &mut PoolState, index: u32, chunk: Balance, last: Balance) {
	let account = Pallet::<T>::stash_account(index);
	let most = T::MaxUnlockingChunks::get();
	for i in 0..most {
		T::BenchmarkHelper::set_era(ERA - most + i);
		let value = if i < most - 1 { chunk } else { last };
		T::Staking::unbond(&account, value).expect("enough is active");
	}
	T::BenchmarkHelper::set_era(ERA);
	let stash = Stashes::<T>::get(index).expect("is staked");
	let stash = follow_ledger::<T>(pool, &stash, &account).expect("fits");
	assert_eq!(stash.unlocking().len(), most as usize);
	Stashes::<T>::insert(index, stash);
	Pool::<T>::put(pool);
}

/// A pool whose next step pays out a full page of the validator that is returned: the last of the
/// nominations that its last stash remembers.
fn pay_next<T: Config>() -> T::AccountId {
	let validator = T::BenchmarkHelper::due_payout(ERA);
	let mut pool = pool_of::<T>(&account("holder", 0, 0), plenty::<T>());
	let mut stash = StashOf::<T>::default();
	(0..3).for_each(|era| stash.set_target(validator.clone(), era));
	Stashes::<T>::insert(0, stash);
	pool.use_stashes(1);
	pool.begin_era(ERA + 1, BLOCK, T::HistoryDepth::get());
	pool.go_to(Phase::PayOut { era: ERA, stash: 0, nomination: 2, page: 0 });
	Pool::<T>::put(pool);
	validator
}

/// Closes `count` batches, each of which is owed `claim` for as many shares, the last of them in `ERA`, and
/// those before it as `closed_in` says.
fn fill_queue<T: Config>(
	pool: &mut PoolState,
	count: u32,
	claim: Balance,
	closed_in: impl Fn(u32) -> EraIndex,
) {
	for i in (0..count).rev() {
		pool.join_open_batch(Shares(claim)).expect("no overflow");
		let closed =
			pool.close_batch(closed_in(i), BLOCK).expect("no overflow").expect("not empty");
		assert_eq!(closed.owed(), claim);
		Queue::<T>::mutate(|queue| queue.try_push(closed)).expect("there is room");
	}
	Pool::<T>::put(pool);
}

/// As many reports as there can be, on all stashes in all eras from the next one on. All of them
/// together are of `amount` each.
fn fill_reports<T: Config>(pool: &mut PoolState, amount: Balance) {
	let validator: T::AccountId = account("validator", 0, 0);
	for i in 0..T::MaxReports::get() {
		let applied_in = ERA + 1 + i / T::MaxStashes::get();
		let report = Report {
			stash: i % T::MaxStashes::get(),
			validator: validator.clone(),
			offence_era: applied_in.saturating_sub(T::Staking::slash_delay()),
			applied_in,
			amount,
		};
		Reports::<T>::mutate(|reports| reports.try_push(report)).expect("there is room");
	}
	let reported = amount * Balance::from(T::MaxReports::get());
	pool.sync_reported(Assets(reported)).expect("no overflow");
	Pool::<T>::put(pool);
}

/// One step, as the hook does it: with the books read and written.
fn step<T: Config>() {
	let mut pool = Pool::<T>::get();
	era::step::<T>(&mut pool);
	Pool::<T>::put(pool);
}

fn assert_event<T: Config>(event: Event<T>) {
	let event: <T as frame_system::Config>::RuntimeEvent = event.into();
	assert!(System::<T>::events().into_iter().any(|record| record.event == event));
}

#[benchmarks]
mod benchmarks {
	use super::*;

	#[benchmark]
	fn deposit() {
		let caller: T::AccountId = whitelisted_caller();
		let assets = plenty::<T>();
		pool_of::<T>(&account("holder", 0, 0), assets);
		T::Currency::mint_into(&caller, assets * 2).expect("room in the issuance");

		#[extrinsic_call]
		_(RawOrigin::Signed(caller.clone()), assets, 1);

		assert!(T::Shares::balance(Pallet::<T>::share_asset(0), &caller) > 0);
		assert_eq!(Pool::<T>::get().idle(), assets * 2);
	}

	/// The worst case empties the account.
	#[benchmark]
	fn request_redeem() {
		let caller: T::AccountId = whitelisted_caller();
		let shares = plenty::<T>();
		T::Currency::mint_into(&caller, T::Currency::minimum_balance())
			.expect("room in the issuance");
		pool_of::<T>(&caller, shares);

		#[extrinsic_call]
		_(RawOrigin::Signed(caller.clone()), shares);

		assert_eq!(T::Shares::balance(Pallet::<T>::share_asset(0), &caller), 0);
		assert_eq!(Pool::<T>::get().open_shares(), shares);
		assert_eq!(Redemptions::<T>::get(&caller, 0).map(|r| r.shares()), Some(shares));
	}

	#[benchmark]
	fn claim() {
		let caller: T::AccountId = whitelisted_caller();
		let owner: T::AccountId = account("owner", 0, 0);
		let shares = plenty::<T>();
		pool_of::<T>(&caller, shares);
		let half = Payment::new(Shares(shares / 2), Assets(shares / 2));
		Batches::<T>::insert(0, Batch::funded(ERA, half, true).released(half));
		let redemption = Redemption::new(Shares(shares / 4));
		Redemptions::<T>::insert(&owner, 0, redemption);

		#[extrinsic_call]
		_(RawOrigin::Signed(caller), 0, owner.clone());

		assert_eq!(T::Currency::balance(&owner), shares / 4 * 2);
		assert!(!Redemptions::<T>::contains_key(&owner, 0));
		assert!(Batches::<T>::contains_key(0));
	}

	/// The worst case empties the account, while reports are open.
	#[benchmark]
	fn redeem_instantly() {
		let caller: T::AccountId = whitelisted_caller();
		let assets = plenty::<T>();
		let shares = assets / 100;
		T::Currency::mint_into(&caller, T::Currency::minimum_balance())
			.expect("room in the issuance");
		let mut pool = pool_of::<T>(&account("holder", 0, 0), assets);
		T::Shares::mint_into(Pallet::<T>::share_asset(0), &caller, shares)
			.expect("room in the issuance");
		T::Currency::mint_into(&Pallet::<T>::pot_account(), shares).expect("room in the issuance");
		pool.issue(Assets(shares), Shares(shares), BLOCK, Settlements::NEXT, Assets(0))
			.expect("no overflow");
		pool.sync_reported(Assets(assets / 10)).expect("no overflow");
		Pool::<T>::put(pool);

		#[extrinsic_call]
		_(RawOrigin::Signed(caller.clone()), shares, 1);

		assert_eq!(T::Shares::balance(Pallet::<T>::share_asset(0), &caller), 0);
		assert!(T::Currency::balance(&caller) > T::Currency::minimum_balance());
		assert!(Pool::<T>::get().idle() < assets + shares);
	}

	#[benchmark]
	fn set_parameters() -> Result<(), BenchmarkError> {
		let origin =
			T::AdminOrigin::try_successful_origin().map_err(|()| BenchmarkError::Weightless)?;
		let parameters = T::MaxParameters::get();

		#[extrinsic_call]
		_(origin as T::RuntimeOrigin, parameters);

		let set = Pool::<T>::get().parameters().and_then(|schedule| schedule.next);
		assert_eq!(set.map(|(_, parameters)| parameters), Some(parameters));
		Ok(())
	}

	/// The worst case empties the account, and a part is withheld.
	#[benchmark]
	fn claim_class() {
		let caller: T::AccountId = whitelisted_caller();
		let owner: T::AccountId = account("owner", 0, 0);
		let shares = plenty::<T>();
		let mut pool = pool_of::<T>(&owner, shares);
		let last = pool.close_class(ERA, BLOCK).expect("no overflow");
		ClosedClasses::<T>::insert(0, last.id());
		let first = Payment::new(Shares(shares * 2), Assets(shares));
		Batches::<T>::insert(last.id(), Batch::funded(ERA, first, true));
		Pool::<T>::put(pool);

		#[extrinsic_call]
		_(RawOrigin::Signed(caller), 0, owner.clone());

		assert_eq!(T::Currency::balance(&owner), shares / 2);
		assert_eq!(T::Shares::balance(Pallet::<T>::share_asset(0), &owner), 0);
		let redemption = Redemptions::<T>::get(&owner, last.id()).expect("a part is withheld");
		assert_eq!((redemption.shares(), redemption.first_claimed()), (shares, true));
	}

	/// A block without era work.
	#[benchmark]
	fn on_poll_idle() {
		pool_of::<T>(&account("holder", 0, 0), plenty::<T>());
		let before = Pool::<T>::get();
		let mut meter = frame_support::weights::WeightMeter::new();

		#[block]
		{
			era::poll::<T>(&mut meter);
		}

		assert_eq!(Pool::<T>::get(), before);
		assert_eq!(meter.consumed(), T::WeightInfo::on_poll_idle());
	}

	/// Worst case: slashes of all stakers of all validators, and all reports there can be.
	#[benchmark]
	fn step_scan() {
		let mut pool = pool_of::<T>(&account("holder", 0, 0), plenty::<T>());
		fill_reports::<T>(&mut pool, 1);
		let stashes = (0..T::MaxStashes::get()).map(Pallet::<T>::stash_account).collect();
		T::BenchmarkHelper::open_reports(ERA + 1, stashes, 1_000);
		pool.doubt_reports();
		Pool::<T>::put(pool);

		#[block]
		{
			let mut pool = Pool::<T>::get();
			slashes::step_scan::<T>(&mut pool);
			Pool::<T>::put(pool);
		}

		let due = |report: &Report<T::AccountId>| report.applied_in == ERA + 1;
		let found = Reports::<T>::get().into_iter().filter(due).fold(0, |sum, r| sum + r.amount);
		assert_eq!(found, 1_000 * Balance::from(T::MaxStashes::get()));
		assert_ne!(Pool::<T>::get().scan(), Scan::Stale);
	}

	/// All reports there can be, and none in the era that is read; nor slashes of others.
	#[benchmark]
	fn step_scan_none() {
		let mut pool = pool_of::<T>(&account("holder", 0, 0), plenty::<T>());
		fill_reports::<T>(&mut pool, 1);
		let count = T::MaxBatches::get();
		fill_queue::<T>(&mut pool, count, plenty::<T>() / Balance::from(count) / 4, |i| ERA - i);
		pool.doubt_reports();
		Pool::<T>::put(pool);
		let cost;

		#[block]
		{
			let mut pool = Pool::<T>::get();
			(_, cost) = slashes::step_scan::<T>(&mut pool);
			Pool::<T>::put(pool);
		}

		assert_eq!(cost, T::WeightInfo::step_scan_none());
		assert_ne!(Pool::<T>::get().scan(), Scan::Stale);
	}

	/// What one slashed stash costs, beside what its cover costs: with all chunks, all batches and
	/// all reports there can be. An account that is no stash costs no read and no write.
	#[benchmark]
	fn on_slash() {
		let validator = T::BenchmarkHelper::validators().first().cloned();
		let assets = plenty::<T>();
		let mut pool = pool_of::<T>(&account("holder", 0, 0), assets * 2);
		stake::<T>(&mut pool, 0, assets, validator);
		let chunk = T::Staking::minimum_bond().max(1) * 2;
		fill_chunks::<T>(&mut pool, 0, chunk, chunk);
		let count = T::MaxBatches::get();
		fill_queue::<T>(&mut pool, count, assets / Balance::from(count) / 2, |i| ERA - i);
		fill_reports::<T>(&mut pool, 1);
		T::BenchmarkHelper::set_era(ERA + 1);
		let stash = Stashes::<T>::get(0).expect("is staked");
		let before = (pool.bonded(), pool.unbonding(), pool.owed());
		let halved = stash.unlocking().iter().map(|chunk| (chunk.era, chunk.value / 2)).collect();
		let left = stash.active() / 2;
		let lost = stash.total() - left - before.1 / 2;
		let account = Pallet::<T>::stash_account(0);

		#[block]
		{
			Pallet::<T>::on_slash(&account, left, &halved, lost);
		}

		let pool = Pool::<T>::get();
		assert_eq!(pool.bonded(), before.0 - (stash.active() - left));
		assert_eq!(pool.unbonding(), before.1 / 2);
		assert!(pool.owed() < before.2);
	}

	/// Worst case: a page full of nominators.
	#[benchmark]
	fn step_pay_out() {
		pay_next::<T>();
		let issuance = T::Currency::total_issuance();

		#[block]
		{
			step::<T>();
		}

		assert!(T::Currency::total_issuance() > issuance);
		assert_eq!(Pool::<T>::get().phase(), Phase::Withdraw { stash: 0 });
	}

	/// A page that somebody else has paid.
	#[benchmark]
	fn step_pay_out_skip() {
		let validator = pay_next::<T>();
		assert_eq!(T::Staking::pay_out(ERA, &validator, 0), Ok(true));

		#[block]
		{
			step::<T>();
		}

		assert_eq!(Pool::<T>::get().phase(), Phase::Withdraw { stash: 0 });
	}

	/// Worst case: all chunks there can be, all of them mature.
	#[benchmark]
	fn step_withdraw() {
		let validator = T::BenchmarkHelper::validators().first().cloned();
		let assets = plenty::<T>();
		let mut pool = pool_of::<T>(&account("holder", 0, 0), assets);
		stake::<T>(&mut pool, 0, assets, validator);
		let chunk = T::Staking::minimum_bond().max(1);
		fill_chunks::<T>(&mut pool, 0, chunk, chunk);
		T::BenchmarkHelper::set_era(ERA + 1_000);
		pool.begin_era(ERA + 1_000, BLOCK, T::HistoryDepth::get());
		pool.go_to(Phase::Withdraw { stash: 0 });
		Pool::<T>::put(pool);

		#[block]
		{
			step::<T>();
		}

		let pool = Pool::<T>::get();
		assert_eq!(pool.idle(), chunk * Balance::from(T::MaxUnlockingChunks::get()));
		assert_eq!((pool.unbonding(), pool.phase()), (0, Phase::Settle));
	}

	/// Takes the last of a stash that was slashed before: the staking pallet forgets it.
	#[benchmark]
	fn step_withdraw_all() {
		let validator = T::BenchmarkHelper::validators().first().cloned();
		let assets = plenty::<T>();
		let mut pool = pool_of::<T>(&account("holder", 0, 0), assets);
		stake::<T>(&mut pool, 0, assets, validator);
		let stash = Pallet::<T>::stash_account(0);
		T::Staking::chill(&stash).expect("is staked");
		let chunk = T::Staking::minimum_bond().max(1);
		let rest = assets - chunk * Balance::from(T::MaxUnlockingChunks::get() - 1);
		fill_chunks::<T>(&mut pool, 0, chunk, rest);
		T::BenchmarkHelper::slashing_spans(&stash);
		T::BenchmarkHelper::set_era(ERA + 1_000);
		pool.begin_era(ERA + 1_000, BLOCK, T::HistoryDepth::get());
		pool.go_to(Phase::Withdraw { stash: 0 });
		Pool::<T>::put(pool);

		#[block]
		{
			step::<T>();
		}

		assert_eq!((Pool::<T>::get().idle(), Pool::<T>::get().unbonding()), (assets, 0));
		assert_eq!(T::Staking::ledger(&stash), Ok(None));
	}

	/// A pool whose next step settles `reward`, takes fees and closes a batch of half the shares into
	/// a queue that has room for two.
	fn settle_next<T: Config>(assets: Balance, reward: Balance) -> PoolState {
		let mut pool = pool_of::<T>(&account("holder", 0, 0), assets);
		let most = T::MaxBatches::get();
		fill_queue::<T>(&mut pool, most - 2, assets / Balance::from(most) / 4, |i| ERA - i);
		pool.join_open_batch(Shares(assets / 2)).expect("no overflow");
		pool.begin_era(T::HistoryDepth::get() + ERA, BLOCK, T::HistoryDepth::get());
		pool.go_to(Phase::Settle);
		Pool::<T>::put(&pool);
		T::Currency::mint_into(&Pallet::<T>::reward_account(), reward)
			.expect("room in the issuance");
		pool
	}

	/// While reports are open.
	#[benchmark]
	fn step_settle() {
		let assets = plenty::<T>();
		let mut before = settle_next::<T>(assets, assets);
		fill_reports::<T>(&mut before, 1);
		T::BenchmarkHelper::lack_cover();
		let fund = T::Currency::balance(&T::InsuranceAccount::get());

		#[block]
		{
			step::<T>();
		}

		let pool = Pool::<T>::get();
		let fee = T::Currency::balance(&T::InsuranceAccount::get()) - fund;
		assert_eq!(pool.idle(), before.idle() + assets - fee);
		assert_eq!(pool.open_batch(), before.open_batch() + 1);
		assert!(
			fee > 0 && T::Shares::balance(Pallet::<T>::share_asset(0), &T::Treasury::get()) > 0
		);
		assert!(Rates::<T>::contains_key(rates::slot::<T>(T::HistoryDepth::get() + ERA)));
		assert_eq!(pool.phase(), Phase::Fund);
	}

	/// Closes the class of shares as well.
	#[benchmark]
	fn step_settle_class() {
		let assets = plenty::<T>();
		let mut pool = settle_next::<T>(assets, T::Currency::minimum_balance());
		pool.take_idle(Assets(pool.idle() - pool.owed())).expect("is there");
		Pool::<T>::put(&pool);

		#[block]
		{
			step::<T>();
		}

		assert_eq!(Pool::<T>::get().class(), 1);
		assert_eq!(T::Shares::minimum_balance(Pallet::<T>::share_asset(1)), 1);
		assert!(ClosedClasses::<T>::contains_key(0));
		assert!(Queue::<T>::get().is_full());
	}

	/// Funds the last batch of a full queue, of which those before it wait for reports; a part is
	/// withheld from it as well.
	#[benchmark]
	fn step_fund_batch() {
		let assets = plenty::<T>();
		let mut pool = pool_of::<T>(&account("holder", 0, 0), assets);
		let count = T::MaxBatches::get();
		fill_queue::<T>(&mut pool, count, assets / Balance::from(count) / 2, |_| ERA);
		fill_reports::<T>(&mut pool, 1_000);
		let last = Queue::<T>::mutate(|queue| {
			let last = queue.len() - 1;
			for queued in queue.iter_mut().take(last) {
				let withheld = Assets(queued.owed());
				queued.fund(Assets(0), withheld);
			}
			queue[last].clone()
		});
		pool.go_to(Phase::Fund);
		Pool::<T>::put(pool);

		#[block]
		{
			step::<T>();
		}

		let batch = Batches::<T>::get(last.id()).expect("is funded");
		assert_eq!((batch.first().shares(), batch.rest()), (last.shares(), Rest::Withheld));
		assert!(batch.first().assets() < last.owed());
		assert_eq!(Pool::<T>::get().phase(), Phase::Fund);
	}

	#[benchmark]
	fn step_fund_leftover() {
		let assets = plenty::<T>();
		let mut pool = pool_of::<T>(&account("holder", 0, 0), assets);
		let before = T::Currency::balance(&T::Treasury::get());
		let nothing = InstantQuote { gross: Assets(0), net: Assets(0), fee: Assets(0) };
		let all = Shares(pool.shares());
		pool.exit_instantly(all, nothing, BLOCK).expect("no overflow");
		pool.go_to(Phase::Fund);
		Pool::<T>::put(pool);

		#[block]
		{
			step::<T>();
		}

		assert_eq!(T::Currency::balance(&T::Treasury::get()), before + assets);
		assert_eq!(Pool::<T>::get().phase(), Phase::Score);
	}

	/// Worst case: all stashes, with all chunks, all validators, and all reports while a batch waits.
	#[benchmark]
	fn step_plan() {
		let validators = T::BenchmarkHelper::validators();
		let assets = plenty::<T>();
		let mut pool = pool_of::<T>(&account("holder", 0, 0), assets * 2);
		let part = assets / Balance::from(T::MaxStashes::get());
		let chunk = (part / 2) / Balance::from(T::MaxUnlockingChunks::get());
		for index in 0..T::MaxStashes::get() {
			let validator = validators.iter().cycle().nth(index as usize).cloned();
			stake::<T>(&mut pool, index, part, validator.clone());
			fill_chunks::<T>(&mut pool, index, chunk, chunk);
			Stashes::<T>::mutate(index, |stash| {
				let stash = stash.as_mut().expect("is staked");
				let validator = validator.expect("there are validators");
				stash.set_target(validator.clone(), ERA - 1);
				stash.set_target(validator, ERA);
			});
		}
		fill_reports::<T>(&mut pool, 1);
		pool.join_open_batch(Shares(1)).expect("no overflow");
		let closed = pool.close_batch(ERA, BLOCK).expect("no overflow").expect("not empty");
		assert_eq!(closed.owed(), 1);
		while T::Selection::prepare(ERA).is_some() {}
		pool.go_to(Phase::Plan);
		Pool::<T>::put(pool);

		#[block]
		{
			step::<T>();
		}

		let plan: Vec<_> = Plan::<T>::iter_values().flatten().collect();
		assert_eq!(plan.len() as u32, T::MaxStashes::get());
		assert!(plan
			.iter()
			.all(|p| p.validator.is_some() && matches!(p.change, StakeChange::Rebond { .. })));
		assert_eq!(Pool::<T>::get().phase(), Phase::Rotate { stash: 0 });
	}

	/// All stashes turn out to be empty.
	#[benchmark]
	fn step_plan_empty() {
		let mut pool = pool_of::<T>(&account("holder", 0, 0), plenty::<T>());
		(0..T::MaxStashes::get()).for_each(|i| Stashes::<T>::insert(i, StashOf::<T>::default()));
		// Nothing to bond, so that none is opened again.
		pool.take_idle(Assets(pool.idle())).expect("is there");
		pool.use_stashes(T::MaxStashes::get());
		while T::Selection::prepare(ERA).is_some() {}
		pool.go_to(Phase::Plan);
		Pool::<T>::put(pool);

		#[block]
		{
			step::<T>();
		}

		assert_eq!((Pool::<T>::get().stashes(), Stashes::<T>::iter().count()), (0, 0));
		assert_event::<T>(Event::EraWorkCompleted { era: ERA });
	}

	#[benchmark]
	fn step_rotate() {
		let validators = T::BenchmarkHelper::validators();
		let assets = plenty::<T>();
		let mut pool = pool_of::<T>(&account("holder", 0, 0), assets);
		stake::<T>(&mut pool, 0, assets, validators.first().cloned());
		let chunk = T::Staking::minimum_bond().max(1);
		fill_chunks::<T>(&mut pool, 0, chunk, chunk);
		let validator = validators.last().cloned();
		plan_for::<T>(0, StashPlan { validator: validator.clone(), change: StakeChange::Keep });
		pool.go_to(Phase::Rotate { stash: 0 });
		Pool::<T>::put(pool);

		#[block]
		{
			step::<T>();
		}

		let nominated = T::Staking::nominations(&Pallet::<T>::stash_account(0));
		assert_eq!(nominated, validator.into_iter().collect::<Vec<_>>());
		assert_eq!(Pool::<T>::get().phase(), Phase::Rebalance { stash: 0 });
	}

	/// No validator is fit.
	#[benchmark]
	fn step_rotate_chill() {
		let validators = T::BenchmarkHelper::validators();
		let assets = plenty::<T>();
		let mut pool = pool_of::<T>(&account("holder", 0, 0), assets);
		stake::<T>(&mut pool, 0, assets, validators.first().cloned());
		plan_for::<T>(0, StashPlan { validator: None, change: StakeChange::Keep });
		pool.go_to(Phase::Rotate { stash: 0 });
		Pool::<T>::put(pool);

		#[block]
		{
			step::<T>();
		}

		assert!(T::Staking::nominations(&Pallet::<T>::stash_account(0)).is_empty());
		assert_event::<T>(Event::Chilled { stash: 0 });
	}

	/// The stash was chilled, and nominates again.
	#[benchmark]
	fn step_rotate_chilled() {
		let validators = T::BenchmarkHelper::validators();
		let assets = plenty::<T>();
		let mut pool = pool_of::<T>(&account("holder", 0, 0), assets * 2);
		stake::<T>(&mut pool, 0, assets, validators.first().cloned());
		// A neighbour in the staking pallet's list of voters.
		stake::<T>(&mut pool, 1, assets, validators.first().cloned());
		T::Staking::chill(&Pallet::<T>::stash_account(0)).expect("is staked");
		let validator = validators.last().cloned();
		plan_for::<T>(0, StashPlan { validator: validator.clone(), change: StakeChange::Keep });
		pool.go_to(Phase::Rotate { stash: 0 });
		Pool::<T>::put(pool);

		#[block]
		{
			step::<T>();
		}

		let nominated = T::Staking::nominations(&Pallet::<T>::stash_account(0));
		assert_eq!(nominated, validator.into_iter().collect::<Vec<_>>());
	}

	/// Opens a stash: bonds and nominates.
	#[benchmark]
	fn step_rebalance_open() {
		let validator = T::BenchmarkHelper::validators().last().cloned();
		let assets = plenty::<T>();
		let mut pool = pool_of::<T>(&account("holder", 0, 0), assets * 2);
		// A neighbour in the staking pallet's list of voters.
		stake::<T>(&mut pool, 0, assets, validator.clone());
		plan_for::<T>(1, StashPlan { validator, change: StakeChange::Bond(assets) });
		pool.use_stashes(2);
		pool.go_to(Phase::Rebalance { stash: 1 });
		Pool::<T>::put(pool);

		#[block]
		{
			step::<T>();
		}

		assert_eq!((Pool::<T>::get().idle(), Pool::<T>::get().bonded()), (0, assets * 2));
		assert_event::<T>(Event::EraWorkCompleted { era: ERA });
	}

	/// Empties a stash that has had many chunks: chills and unbonds.
	#[benchmark]
	fn step_rebalance_empty() {
		let validator = T::BenchmarkHelper::validators().last().cloned();
		let assets = plenty::<T>();
		let mut pool = pool_of::<T>(&account("holder", 0, 0), assets);
		stake::<T>(&mut pool, 0, assets, validator);
		let chunk = T::Staking::minimum_bond().max(1);
		fill_chunks::<T>(&mut pool, 0, chunk, chunk);
		// The list is full and its oldest chunks are mature, so that unbonding withdraws as well.
		T::BenchmarkHelper::set_era(ERA + 1_000);
		pool.begin_era(ERA + 1_000, BLOCK, T::HistoryDepth::get());
		let active = pool.bonded();
		plan_for::<T>(0, StashPlan { validator: None, change: StakeChange::Unbond(active) });
		pool.go_to(Phase::Rebalance { stash: 0 });
		Pool::<T>::put(pool);

		#[block]
		{
			step::<T>();
		}

		assert_eq!((Pool::<T>::get().bonded(), Pool::<T>::get().unbonding()), (0, active));
	}

	/// Opens a stash that was emptied, with what unbonds of it, in as many chunks as there can be, and more.
	#[benchmark]
	fn step_rebalance_rebond() {
		let validator = T::BenchmarkHelper::validators().last().cloned();
		let assets = plenty::<T>();
		let mut pool = pool_of::<T>(&account("holder", 0, 0), assets * 3);
		stake::<T>(&mut pool, 0, assets, validator.clone());
		// A neighbour in the staking pallet's list of voters.
		stake::<T>(&mut pool, 1, assets, validator.clone());
		T::Staking::chill(&Pallet::<T>::stash_account(0)).expect("is staked");
		let chunk = T::Staking::minimum_bond().max(1);
		let all_but_one = chunk * Balance::from(T::MaxUnlockingChunks::get() - 1);
		fill_chunks::<T>(&mut pool, 0, chunk, assets - all_but_one);
		let unbonding = pool.unbonding();
		assert_eq!(unbonding, assets);
		plan_for::<T>(
			0,
			StashPlan { validator, change: StakeChange::Rebond { again: unbonding, more: assets } },
		);
		pool.use_stashes(1);
		pool.go_to(Phase::Rebalance { stash: 0 });
		Pool::<T>::put(pool);

		#[block]
		{
			step::<T>();
		}

		assert_eq!((Pool::<T>::get().bonded(), Pool::<T>::get().unbonding()), (assets * 3, 0));
		assert_event::<T>(Event::Rebonded { stash: 0, assets: unbonding });
	}
}
