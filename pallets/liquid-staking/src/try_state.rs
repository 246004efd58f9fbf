// SPDX-License-Identifier: Apache-2.0

//! The invariants of the pool. Compiled in std builds too, so that native tests run them without
//! a feature flag.

use crate::{
	accounts::now, books::PoolState, era::planned, rates, records, settings, Batches,
	ClosedClasses, Config, Pallet, Phase, Plan, Pool, Queue, Queued, Rates, Redemptions, Reports,
	Rest, Stashes, MAX_STASHES, PLAN_PAGE,
};
use alloc::collections::BTreeMap;
use core::marker::PhantomData;
use frame_support::{
	ensure,
	traits::{fungible::Inspect, fungibles::Inspect as _, Get},
};
use holdfast_primitives::{Balance, BatchId, Ledger, StakingBackend};
use sp_runtime::TryRuntimeError;

impl<T: Config> Pallet<T> {
	/// Checks every storage item of the pallet. The numbers are those of its README.
	pub fn do_try_state() -> Result<(), TryRuntimeError> {
		Self::check_decodes()?;
		let pool = Pool::<T>::get();
		Self::check_shares(&pool)?;
		Self::check_stashes(&pool)?;
		Self::check_batches(&pool)?;
		Self::check_pot(&pool)?;
		Self::check_reports(&pool)?;
		Self::check_plan(&pool)
	}

	/// No record is there that cannot be decoded.
	fn check_decodes() -> Result<(), TryRuntimeError> {
		let decodes = records::pool::<T>().is_ok()
			&& records::queue::<T>().is_ok()
			&& records::reports::<T>().is_ok()
			&& Plan::<T>::iter_keys()
				.all(|page| planned::<T>(page.saturating_mul(PLAN_PAGE)).is_ok())
			&& Stashes::<T>::iter_keys().all(|index| records::stash::<T>(index).is_ok())
			&& Batches::<T>::iter_keys().all(|id| records::batch::<T>(id).is_ok())
			&& Redemptions::<T>::iter_keys()
				.all(|(owner, id)| records::redemption::<T>(&owner, id).is_ok());
		ensure!(decodes, "a record cannot be decoded");
		Ok(())
	}

	/// 1. No more shares are issued than the pool counts, in each class.
	fn check_shares(pool: &PoolState) -> Result<(), TryRuntimeError> {
		let issued = pool.shares().checked_sub(pool.open_shares());
		let asset = Self::share_asset(pool.class());
		ensure!(
			issued.is_some_and(|issued| T::Shares::total_issuance(asset.clone()) <= issued),
			"1: more shares are issued than the pool counts"
		);
		ensure!(
			T::Shares::minimum_balance(asset) == 1,
			"1: burning shares would burn what is left below the minimum as well"
		);
		ensure!(
			(0..pool.class()).all(ClosedClasses::<T>::contains_key)
				&& ClosedClasses::<T>::iter_keys().all(|class| class < pool.class()),
			"1: a closed class is unknown, or an open one is closed"
		);
		Ok(())
	}

	/// The staking pallet's ledger of a stash.
	fn staked(index: u32) -> Result<Option<Ledger>, TryRuntimeError> {
		T::Staking::ledger(&Self::stash_account(index))
			.map_err(|_| "3: the staking pallet's ledger of a stash cannot be read".into())
	}

	/// 3. The pool's books equal the staking pallet's, per stash, active and unlocking.
	fn check_stashes(pool: &PoolState) -> Result<(), TryRuntimeError> {
		let (mut bonded, mut unbonding): (Balance, Balance) = (0, 0);
		for (index, stash) in Stashes::<T>::iter() {
			ensure!(index < pool.stashes(), "3: a stash that is not in use has a record");
			let ledger = Self::staked(index)?.unwrap_or_default();
			ensure!(stash.active() == ledger.active, "3: a stash's active stake differs");
			ensure!(
				stash.unlocking() == ledger.unlocking.as_slice(),
				"3: a stash's unlocking chunks differ"
			);
			bonded = bonded.saturating_add(stash.active());
			unbonding = unbonding.saturating_add(stash.unlocking_total());
		}
		for index in 0..MAX_STASHES {
			let known = Stashes::<T>::contains_key(index);
			ensure!(
				known || Self::staked(index)?.is_none_or(|ledger| ledger.total() == 0),
				"3: a stash stakes without a record"
			);
		}
		ensure!(pool.bonded() == bonded, "3: bonded is not the sum of the stashes");
		ensure!(pool.unbonding() == unbonding, "3: unbonding is not the sum of the stashes");
		Ok(())
	}

	/// 9. Batches are funded in order, and are the sums of their redemptions.
	fn check_batches(pool: &PoolState) -> Result<(), TryRuntimeError> {
		let mut owners = Owners::<T>::read()?;
		let open = owners.redeemed.remove(&pool.open_batch()).unwrap_or_default();
		ensure!(
			(pool.open_shares(), 0) == open,
			"9: the open batch is not the sum of its redemptions"
		);
		let queue = Queue::<T>::get();
		Self::check_queue(pool, &queue, &owners)?;
		Self::check_funded(&queue, &owners)?;
		ensure!(
			owners.redeemed.keys().all(|id| {
				Batches::<T>::contains_key(id) || queue.iter().any(|queued| queued.id() == *id)
			}),
			"9: a redemption without a batch"
		);
		Ok(())
	}

	fn check_queue(
		pool: &PoolState,
		queue: &[Queued],
		owners: &Owners<T>,
	) -> Result<(), TryRuntimeError> {
		let (mut owed, mut last): (Balance, Option<&Queued>) = (0, None);
		for queued in queue.iter() {
			ensure!(queued.id() < pool.open_batch(), "9: a batch is queued before it is closed");
			ensure!(
				last.is_none_or(|last| last.id() < queued.id()),
				"9: the queue is out of order"
			);
			ensure!(
				last.is_none_or(|last| last.funded().is_some() || queued.funded().is_none()),
				"9: batches are funded out of order"
			);
			ensure!(
				Batches::<T>::get(queued.id()).map(|batch| batch.rest())
					== queued.funded().map(|_| Rest::Withheld),
				"9: what is withheld from a batch does not fit its record"
			);
			ensure!(
				queued.funded().is_some() || owners.fit(&queued.id(), queued.shares()),
				"9: a queued batch is not the sum of its redemptions"
			);
			owed = owed.saturating_add(queued.owed());
			last = Some(queued);
		}
		ensure!(pool.owed() == owed, "9: owed is not the sum of the queue");
		Ok(())
	}

	fn check_funded(queue: &[Queued], owners: &Owners<T>) -> Result<(), TryRuntimeError> {
		for (id, batch) in Batches::<T>::iter() {
			ensure!(
				batch.rest() != Rest::Withheld
					|| queue.iter().any(|queued| queued.id() == id && queued.funded().is_some()),
				"9: what is withheld from a batch is not in the queue"
			);
			ensure!(!batch.is_done(), "9: a batch is kept that everybody has claimed");
			ensure!(
				owners.fit(&id, batch.first().shares()),
				"9: a funded batch is not the sum of its redemptions"
			);
			let (first, rest) = owners.redeemed.get(&id).copied().unwrap_or_default();
			if let Rest::Released(payment) = batch.rest() {
				ensure!(
					payment.shares() == first.saturating_add(rest)
						|| owners.classes.contains_key(&id),
					"9: what was released is not for those who wait for it"
				);
			}
		}
		Ok(())
	}

	/// 2. The pot holds all that it owes and its existential deposit, the books own what they owe.
	fn check_pot(pool: &PoolState) -> Result<(), TryRuntimeError> {
		let funded = Batches::<T>::iter()
			.fold(pool.idle(), |sum, (_, batch)| sum.saturating_add(batch.assets()));
		ensure!(
			T::Currency::balance(&Self::pot_account())
				>= funded.saturating_add(T::Currency::minimum_balance()),
			"2: the pot holds less than it owes"
		);
		ensure!(
			T::Currency::balance(&Self::reward_account()) >= T::Currency::minimum_balance(),
			"2: the reward account is not alive, so that small rewards would be lost"
		);
		let claims = pool
			.payable()
			.saturating_add(pool.withheld())
			.saturating_add(pool.unreleased(now::<T>()));
		ensure!(pool.gross_assets() >= claims, "2: the pool owes more than it owns");
		ensure!(
			pool.shares() > 0 || pool.gross_assets() == claims,
			"2: an empty pool owns what it owes nobody"
		);
		Ok(())
	}

	/// The running total of the reports is their sum, and nothing is withheld without one.
	fn check_reports(pool: &PoolState) -> Result<(), TryRuntimeError> {
		let mut sum: Balance = 0;
		for report in Reports::<T>::get() {
			ensure!(report.amount > 0, "an empty report is kept");
			ensure!(report.stash < MAX_STASHES, "a report of a stash that is none");
			sum = sum.saturating_add(report.amount);
		}
		ensure!(pool.reported() == sum, "reported is not the sum of the reports");
		ensure!(pool.reported() > 0 || pool.withheld() == 0, "withheld without a report");
		ensure!(
			pool.holders_share_of_reports() <= pool.reported(),
			"the holders bear more than was reported"
		);
		Ok(())
	}

	/// There is no plan but while it is carried out, and for stashes in use; parameters are within bounds.
	fn check_plan(pool: &PoolState) -> Result<(), TryRuntimeError> {
		let carried_out = matches!(pool.phase(), Phase::Rotate { .. } | Phase::Rebalance { .. });
		let pages = if carried_out { pool.stashes().div_ceil(PLAN_PAGE) } else { 0 };
		ensure!(
			Plan::<T>::iter_keys().all(|page| page < pages),
			"a plan is kept outside of its phases, or for stashes that are not in use"
		);
		let (min, max) = (T::MinParameters::get(), T::MaxParameters::get());
		let schedule = settings::schedule::<T>(pool);
		ensure!(
			schedule.current.within(&min, &max)
				&& schedule.next.is_none_or(|(_, next)| next.within(&min, &max)),
			"parameters are out of bounds"
		);
		ensure!(
			Rates::<T>::iter().all(|(slot, point)| {
				pool.settled_era() >= Some(point.era) && slot == rates::slot::<T>(point.era)
			}),
			"a rate of an era that was not settled"
		);
		Ok(())
	}
}

/// Who has something in the batches.
struct Owners<T> {
	/// Shares by batch: whose owners wait for the first payment, and who wait for the rest.
	redeemed: BTreeMap<BatchId, (Balance, Balance)>,
	/// The closed classes by their last batch. Their tokens are the redemptions, and their holders may
	/// burn them.
	classes: BTreeMap<BatchId, u32>,
	_config: PhantomData<T>,
}

impl<T: Config> Owners<T> {
	fn read() -> Result<Self, TryRuntimeError> {
		let mut redeemed: BTreeMap<BatchId, (Balance, Balance)> = BTreeMap::new();
		for (_, id, redemption) in Redemptions::<T>::iter() {
			ensure!(redemption.shares() > 0, "9: an empty redemption is kept");
			let (first, rest) = redeemed.entry(id).or_default();
			let sum = if redemption.first_claimed() { rest } else { first };
			*sum = sum.saturating_add(redemption.shares());
		}
		let classes = ClosedClasses::<T>::iter().map(|(class, id)| (id, class)).collect();
		Ok(Self { redeemed, classes, _config: PhantomData })
	}

	/// Whether `shares` of a batch are those of all who wait for its first payment.
	fn fit(&self, id: &BatchId, shares: Balance) -> bool {
		match self.classes.get(id) {
			Some(class) => shares >= T::Shares::total_issuance(Pallet::<T>::share_asset(*class)),
			None => shares == self.redeemed.get(id).map_or(0, |(first, _)| *first),
		}
	}
}
