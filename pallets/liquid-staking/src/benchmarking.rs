// SPDX-License-Identifier: Apache-2.0

//! Weights of the calls, and of every step of the era work over the chain's real staking pallet.
//!
//! Each benchmark asserts the state that it leaves, so that none measures a failed path.

use crate::*;
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
	fn open_slashes(era: EraIndex, stashes: Vec<AccountId>, amount: Balance);
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
	pool.issue(Assets(assets), Shares(assets), BLOCK, Settlements::NEXT, 0).expect("no overflow");
	pool.settled(ERA - 1);
	pool.era = Some(ERA);
	pool.era_start = BLOCK - 10;
	pool.era_length = 100;
	pool.unpaid_era = ERA;
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
	plan_for::<T>(index, StashPlan { validator, change: Change::Bond(assets) });
	pool.stashes = pool.stashes.max(index + 1);
	pool.phase = Phase::Rebalance { stash: index };
	let before = pool.bonded;
	Pallet::<T>::step(pool);
	assert_eq!(pool.bonded, before + assets);
	Pallet::<T>::remove_plan();
	Pool::<T>::put(pool);
}

/// A full page of a plan, with `plan` for stash `index`.
fn plan_for<T: Config>(index: u32, plan: StashPlan<T::AccountId>) {
	let filler = StashPlan { validator: Some(Pallet::<T>::pot_account()), change: Change::Bond(1) };
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
	let mut stash = Stashes::<T>::get(index).expect("is staked");
	pool.adopt(&mut stash, T::Staking::ledger(&account).ok().flatten().expect("is staked"))
		.expect("fits");
	assert!(stash.unlocking.is_full());
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
	pool.stashes = 1;
	pool.era = Some(ERA + 1);
	pool.phase = Phase::PayOut { era: ERA, stash: 0, nomination: 2, page: 0 };
	Pool::<T>::put(pool);
	validator
}

/// As many closed batches as there can be, each with a claim of `claim` for as many shares, the last
/// closed in `ERA`, out of the `shares` of the pool.
fn fill_queue<T: Config>(pool: &mut PoolState, claim: Balance) {
	for i in (0..T::MaxBatches::get()).rev() {
		pool.queue(Shares(claim)).expect("no overflow");
		let closed = pool.close_batch(ERA - i, BLOCK).expect("no overflow").expect("not empty");
		assert_eq!(closed.claim, claim);
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
	pool.report(amount * Balance::from(T::MaxReports::get())).expect("no overflow");
	Pool::<T>::put(pool);
}

/// One step, as the hook does it: with the books read and written.
fn step<T: Config>() {
	let mut pool = Pool::<T>::get();
	Pallet::<T>::step(&mut pool);
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
		assert_eq!(Pool::<T>::get().idle, assets * 2);
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
		assert_eq!(Pool::<T>::get().open_shares, shares);
		assert_eq!(Redemptions::<T>::get(&caller, 0).map(|r| r.shares), Some(shares));
	}

	#[benchmark]
	fn claim() {
		let caller: T::AccountId = whitelisted_caller();
		let owner: T::AccountId = account("owner", 0, 0);
		let shares = plenty::<T>();
		pool_of::<T>(&caller, shares);
		let half = Payment { shares: shares / 2, assets: shares / 2 };
		let batch = Batch { closed_in: ERA, first: half, rest: Rest::Released(half) };
		Batches::<T>::insert(0, batch);
		let redemption = Redemption { shares: shares / 4, first_claimed: false };
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
		pool.issue(Assets(shares), Shares(shares), BLOCK, Settlements::NEXT, 0)
			.expect("no overflow");
		pool.report(assets / 10).expect("no overflow");
		Pool::<T>::put(pool);

		#[extrinsic_call]
		_(RawOrigin::Signed(caller.clone()), shares, 1);

		assert_eq!(T::Shares::balance(Pallet::<T>::share_asset(0), &caller), 0);
		assert!(T::Currency::balance(&caller) > T::Currency::minimum_balance());
		assert!(Pool::<T>::get().idle < assets + shares);
	}

	#[benchmark]
	fn set_parameters() -> Result<(), BenchmarkError> {
		let origin =
			T::AdminOrigin::try_successful_origin().map_err(|()| BenchmarkError::Weightless)?;
		let parameters = T::MaxParameters::get();

		#[extrinsic_call]
		_(origin as T::RuntimeOrigin, parameters);

		let set = Pool::<T>::get().parameters.and_then(|schedule| schedule.next);
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
		ClosedClasses::<T>::insert(0, last.id);
		let first = Payment { shares: shares * 2, assets: shares };
		let batch = Batch { closed_in: ERA, first, rest: Rest::Withheld };
		Batches::<T>::insert(last.id, batch);
		Pool::<T>::put(pool);

		#[extrinsic_call]
		_(RawOrigin::Signed(caller), 0, owner.clone());

		assert_eq!(T::Currency::balance(&owner), shares / 2);
		assert_eq!(T::Shares::balance(Pallet::<T>::share_asset(0), &owner), 0);
		let redemption = Redemptions::<T>::get(&owner, last.id);
		assert_eq!(redemption, Some(Redemption { shares, first_claimed: true }));
	}

	/// A block without era work.
	#[benchmark]
	fn on_poll_idle() {
		pool_of::<T>(&account("holder", 0, 0), plenty::<T>());
		let before = Pool::<T>::get();
		let mut meter = frame_support::weights::WeightMeter::new();

		#[block]
		{
			Pallet::<T>::poll(&mut meter);
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
		T::BenchmarkHelper::open_slashes(ERA + 1, stashes, 1_000);
		pool.scan = Scan::Stale;
		Pool::<T>::put(pool);

		#[block]
		{
			let mut pool = Pool::<T>::get();
			Pallet::<T>::step_scan(&mut pool);
			Pool::<T>::put(pool);
		}

		let due = |report: &Report<T::AccountId>| report.applied_in == ERA + 1;
		let found = Reports::<T>::get().into_iter().filter(due).fold(0, |sum, r| sum + r.amount);
		assert_eq!(found, 1_000 * Balance::from(T::MaxStashes::get()));
		assert_ne!(Pool::<T>::get().scan, Scan::Stale);
	}

	/// All reports there can be, and none in the era that is read; nor slashes of others.
	#[benchmark]
	fn step_scan_none() {
		let mut pool = pool_of::<T>(&account("holder", 0, 0), plenty::<T>());
		fill_reports::<T>(&mut pool, 1);
		fill_queue::<T>(&mut pool, plenty::<T>() / Balance::from(T::MaxBatches::get()) / 4);
		pool.scan = Scan::Stale;
		Pool::<T>::put(pool);
		let cost;

		#[block]
		{
			let mut pool = Pool::<T>::get();
			(_, cost) = Pallet::<T>::step_scan(&mut pool);
			Pool::<T>::put(pool);
		}

		assert_eq!(cost, T::WeightInfo::step_scan_none());
		assert_ne!(Pool::<T>::get().scan, Scan::Stale);
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
		fill_queue::<T>(&mut pool, assets / Balance::from(T::MaxBatches::get()) / 2);
		fill_reports::<T>(&mut pool, 1);
		T::BenchmarkHelper::set_era(ERA + 1);
		let stash = Stashes::<T>::get(0).expect("is staked");
		let before = (pool.bonded, pool.unbonding, pool.owed);
		let halved = stash.unlocking.iter().map(|chunk| (chunk.era, chunk.value / 2)).collect();
		let lost = stash.total() - stash.active / 2 - before.1 / 2;
		let account = Pallet::<T>::stash_account(0);

		#[block]
		{
			Pallet::<T>::on_slash(&account, stash.active / 2, &halved, lost);
		}

		let pool = Pool::<T>::get();
		assert_eq!(pool.bonded, before.0 - (stash.active - stash.active / 2));
		assert_eq!(pool.unbonding, before.1 / 2);
		assert!(pool.owed < before.2);
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
		assert_eq!(Pool::<T>::get().phase, Phase::Withdraw { stash: 0 });
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

		assert_eq!(Pool::<T>::get().phase, Phase::Withdraw { stash: 0 });
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
		pool.era = Some(ERA + 1_000);
		pool.phase = Phase::Withdraw { stash: 0 };
		Pool::<T>::put(pool);

		#[block]
		{
			step::<T>();
		}

		let pool = Pool::<T>::get();
		assert_eq!(pool.idle, chunk * Balance::from(T::MaxUnlockingChunks::get()));
		assert_eq!((pool.unbonding, pool.phase), (0, Phase::Settle));
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
		pool.era = Some(ERA + 1_000);
		pool.phase = Phase::Withdraw { stash: 0 };
		Pool::<T>::put(pool);

		#[block]
		{
			step::<T>();
		}

		assert_eq!((Pool::<T>::get().idle, Pool::<T>::get().unbonding), (assets, 0));
		assert_eq!(T::Staking::ledger(&stash), Ok(None));
	}

	/// A pool whose next step settles `reward`, takes fees and closes a batch of half the shares into
	/// a queue that is full then.
	fn settle_next<T: Config>(assets: Balance, reward: Balance) -> PoolState {
		let mut pool = pool_of::<T>(&account("holder", 0, 0), assets);
		fill_queue::<T>(&mut pool, assets / Balance::from(T::MaxBatches::get()) / 4);
		Queue::<T>::mutate(|queue| {
			queue.truncate(queue.len() - 2);
		});
		pool.owed = Queue::<T>::get().iter().fold(0, |sum, queued| sum + queued.claim);
		pool.queue(Shares(assets / 2)).expect("no overflow");
		pool.era = Some(T::HistoryDepth::get() + ERA);
		pool.phase = Phase::Settle;
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
		let fund = T::Currency::balance(&T::Reserve::get());

		#[block]
		{
			step::<T>();
		}

		let pool = Pool::<T>::get();
		let fee = T::Currency::balance(&T::Reserve::get()) - fund;
		assert_eq!(pool.idle, before.idle + assets - fee);
		assert_eq!(pool.open_batch, before.open_batch + 1);
		assert!(
			fee > 0 && T::Shares::balance(Pallet::<T>::share_asset(0), &T::Treasury::get()) > 0
		);
		assert!(Rates::<T>::contains_key(Pallet::<T>::rate_slot(T::HistoryDepth::get() + ERA)));
		assert_eq!(pool.phase, Phase::Fund);
	}

	/// Closes the class of shares as well.
	#[benchmark]
	fn step_settle_class() {
		let assets = plenty::<T>();
		let mut pool = settle_next::<T>(assets, T::Currency::minimum_balance());
		pool.idle = pool.owed;
		Pool::<T>::put(&pool);

		#[block]
		{
			step::<T>();
		}

		assert_eq!(Pool::<T>::get().class, 1);
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
		fill_queue::<T>(&mut pool, assets / Balance::from(T::MaxBatches::get()) / 2);
		fill_reports::<T>(&mut pool, 1_000);
		let last = Queue::<T>::mutate(|queue| {
			let last = queue.len() - 1;
			queue.iter_mut().take(last).for_each(|queued| {
				queued.funded = Some(0);
				queued.closed_in = ERA;
			});
			queue[last].clone()
		});
		pool.phase = Phase::Fund;
		Pool::<T>::put(pool);

		#[block]
		{
			step::<T>();
		}

		let batch = Batches::<T>::get(last.id).expect("is funded");
		assert_eq!((batch.first.shares, batch.rest), (last.shares, Rest::Withheld));
		assert!(batch.first.assets < last.claim);
		assert_eq!(Pool::<T>::get().phase, Phase::Fund);
	}

	#[benchmark]
	fn step_fund_leftover() {
		let assets = plenty::<T>();
		let mut pool = pool_of::<T>(&account("holder", 0, 0), assets);
		let before = T::Currency::balance(&T::Treasury::get());
		pool.shares = 0;
		pool.retire();
		pool.phase = Phase::Fund;
		Pool::<T>::put(pool);

		#[block]
		{
			step::<T>();
		}

		assert_eq!(T::Currency::balance(&T::Treasury::get()), before + assets);
		assert_eq!(Pool::<T>::get().phase, Phase::Score);
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
		pool.owed = 1;
		while T::Selection::prepare(ERA).is_some() {}
		pool.phase = Phase::Plan;
		Pool::<T>::put(pool);

		#[block]
		{
			step::<T>();
		}

		let plan: Vec<_> = Plan::<T>::iter_values().flatten().collect();
		assert_eq!(plan.len() as u32, T::MaxStashes::get());
		assert!(plan
			.iter()
			.all(|p| p.validator.is_some() && matches!(p.change, Change::Rebond { .. })));
		assert_eq!(Pool::<T>::get().phase, Phase::Rotate { stash: 0 });
	}

	/// All stashes turn out to be empty.
	#[benchmark]
	fn step_plan_empty() {
		let mut pool = pool_of::<T>(&account("holder", 0, 0), plenty::<T>());
		(0..T::MaxStashes::get()).for_each(|i| Stashes::<T>::insert(i, StashOf::<T>::default()));
		// Nothing to bond, so that none is opened again.
		pool.idle = 0;
		pool.stashes = T::MaxStashes::get();
		while T::Selection::prepare(ERA).is_some() {}
		pool.phase = Phase::Plan;
		Pool::<T>::put(pool);

		#[block]
		{
			step::<T>();
		}

		assert_eq!((Pool::<T>::get().stashes, Stashes::<T>::iter().count()), (0, 0));
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
		plan_for::<T>(0, StashPlan { validator: validator.clone(), change: Change::Keep });
		pool.phase = Phase::Rotate { stash: 0 };
		Pool::<T>::put(pool);

		#[block]
		{
			step::<T>();
		}

		let nominated = T::Staking::nominations(&Pallet::<T>::stash_account(0));
		assert_eq!(nominated, validator.into_iter().collect::<Vec<_>>());
		assert_eq!(Pool::<T>::get().phase, Phase::Rebalance { stash: 0 });
	}

	/// No validator is fit.
	#[benchmark]
	fn step_rotate_chill() {
		let validators = T::BenchmarkHelper::validators();
		let assets = plenty::<T>();
		let mut pool = pool_of::<T>(&account("holder", 0, 0), assets);
		stake::<T>(&mut pool, 0, assets, validators.first().cloned());
		plan_for::<T>(0, StashPlan { validator: None, change: Change::Keep });
		pool.phase = Phase::Rotate { stash: 0 };
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
		plan_for::<T>(0, StashPlan { validator: validator.clone(), change: Change::Keep });
		pool.phase = Phase::Rotate { stash: 0 };
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
		plan_for::<T>(1, StashPlan { validator, change: Change::Bond(assets) });
		pool.stashes = 2;
		pool.phase = Phase::Rebalance { stash: 1 };
		Pool::<T>::put(pool);

		#[block]
		{
			step::<T>();
		}

		assert_eq!((Pool::<T>::get().idle, Pool::<T>::get().bonded), (0, assets * 2));
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
		pool.era = Some(ERA + 1_000);
		let active = pool.bonded;
		plan_for::<T>(0, StashPlan { validator: None, change: Change::Unbond(active) });
		pool.phase = Phase::Rebalance { stash: 0 };
		Pool::<T>::put(pool);

		#[block]
		{
			step::<T>();
		}

		assert_eq!((Pool::<T>::get().bonded, Pool::<T>::get().unbonding), (0, active));
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
		let unbonding = pool.unbonding;
		assert_eq!(unbonding, assets);
		plan_for::<T>(
			0,
			StashPlan { validator, change: Change::Rebond { again: unbonding, more: assets } },
		);
		pool.stashes = 1;
		pool.phase = Phase::Rebalance { stash: 0 };
		Pool::<T>::put(pool);

		#[block]
		{
			step::<T>();
		}

		assert_eq!((Pool::<T>::get().bonded, Pool::<T>::get().unbonding), (assets * 3, 0));
		assert_event::<T>(Event::Rebonded { stash: 0, assets: unbonding });
	}
}
