// SPDX-License-Identifier: Apache-2.0

//! The invariants of the pool. Compiled in std builds too, so that native tests run them without
//! a feature flag.

use crate::*;
use alloc::collections::BTreeMap;
use frame_support::{
	ensure,
	traits::{fungible::Inspect, Get},
};
use holdfast_primitives::{Balance, BatchId, StakingBackend};
use sp_runtime::TryRuntimeError;

impl<T: Config> Pallet<T> {
	/// Checks every storage item of the pallet. The numbers are those of the blueprint.
	pub fn do_try_state() -> Result<(), TryRuntimeError> {
		let pool = Pool::<T>::get();
		Self::check_shares(&pool)?;
		Self::check_stashes(&pool)?;
		Self::check_batches(&pool)?;
		Self::check_pot(&pool)?;
		Self::check_plan(&pool)
	}

	/// 1. No more shares are issued than the pool counts.
	fn check_shares(pool: &PoolState) -> Result<(), TryRuntimeError> {
		let issued = pool.shares.checked_sub(pool.open_shares);
		ensure!(
			issued.is_some_and(|issued| T::Shares::total_issuance() <= issued),
			"1: more shares are issued than the pool counts"
		);
		ensure!(
			T::Shares::minimum_balance() == 1,
			"1: burning shares would burn what is left below the minimum as well"
		);
		Ok(())
	}

	/// 3. The pool's books equal the staking pallet's, per stash, active and unlocking.
	fn check_stashes(pool: &PoolState) -> Result<(), TryRuntimeError> {
		let (mut bonded, mut unbonding): (Balance, Balance) = (0, 0);
		for (index, stash) in Stashes::<T>::iter() {
			ensure!(index < pool.stashes, "3: a stash that is not in use has a record");
			let ledger = T::Staking::ledger(&Self::stash_account(index)).unwrap_or_default();
			ensure!(stash.active == ledger.active, "3: a stash's active stake differs");
			ensure!(
				stash.unlocking.as_slice() == ledger.unlocking.as_slice(),
				"3: a stash's unlocking chunks differ"
			);
			bonded = bonded.saturating_add(stash.active);
			unbonding = unbonding.saturating_add(stash.unlocking_total());
		}
		for index in 0..T::MaxStashes::get() {
			let known = Stashes::<T>::contains_key(index);
			ensure!(
				known
					|| T::Staking::ledger(&Self::stash_account(index))
						.is_none_or(|ledger| ledger.total() == 0),
				"3: a stash stakes without a record"
			);
		}
		ensure!(pool.bonded == bonded, "3: bonded is not the sum of the stashes");
		ensure!(pool.unbonding == unbonding, "3: unbonding is not the sum of the stashes");
		Ok(())
	}

	/// 9. Batches are funded in order, and their sums are those of their redemptions.
	fn check_batches(pool: &PoolState) -> Result<(), TryRuntimeError> {
		let mut queued: BTreeMap<BatchId, Balance> = BTreeMap::new();
		for (_, id, shares) in Redemptions::<T>::iter() {
			ensure!(shares > 0, "9: an empty redemption is kept");
			let sum = queued.entry(id).or_default();
			*sum = sum.saturating_add(shares);
		}
		let open = queued.remove(&pool.open_batch).unwrap_or_default();
		ensure!(pool.open_shares == open, "9: the open batch is not the sum of its redemptions");
		let mut owed: Balance = 0;
		for (id, batch) in Batches::<T>::iter() {
			ensure!(id < pool.open_batch, "9: a batch is stored before it is closed");
			ensure!(batch.funded == (id < pool.next_to_fund), "9: batches are funded out of order");
			ensure!(
				queued.remove(&id) == Some(batch.remaining_shares),
				"9: a batch is not the sum of its redemptions"
			);
			if !batch.funded {
				ensure!(batch.shares == batch.remaining_shares, "9: claimed before it was funded");
				owed = owed.saturating_add(batch.assets);
			}
		}
		ensure!(queued.is_empty(), "9: a redemption without a batch");
		ensure!(pool.owed == owed, "9: owed is not the sum of the unfunded batches");
		ensure!(pool.next_to_fund <= pool.open_batch, "9: a batch is funded before it is closed");
		Ok(())
	}

	/// 2. The pot holds everything that it owes, on top of its own existential deposit.
	fn check_pot(pool: &PoolState) -> Result<(), TryRuntimeError> {
		let funded = Batches::<T>::iter()
			.filter(|(_, batch)| batch.funded)
			.fold(pool.idle, |sum, (_, batch)| sum.saturating_add(batch.remaining_assets));
		ensure!(
			T::Currency::balance(&Self::pot_account())
				>= funded.saturating_add(T::Currency::minimum_balance()),
			"2: the pot holds less than it owes"
		);
		ensure!(
			T::Currency::balance(&Self::reward_account()) >= T::Currency::minimum_balance(),
			"2: the reward account is not alive, so that small rewards would be lost"
		);
		Ok(())
	}

	/// The plan exists exactly while it is carried out.
	fn check_plan(pool: &PoolState) -> Result<(), TryRuntimeError> {
		let carried_out = matches!(pool.phase, Phase::Rotate { .. } | Phase::Rebalance { .. });
		ensure!(carried_out || !Plan::<T>::exists(), "a plan is kept outside of its phases");
		let parameters = CurrentParameters::<T>::get();
		ensure!(parameters.min_deposit > 0, "deposits of nothing are allowed");
		Ok(())
	}
}
