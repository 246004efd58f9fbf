// SPDX-License-Identifier: Apache-2.0

//! What can be asked of the pool. Not for runtime code: these iterate.

use crate::*;
use alloc::vec::Vec;
use holdfast_primitives::{
	shares::pro_rata, Balance, BatchId, Chunk, EraIndex, RedemptionInfo, RedemptionState, StashInfo,
};

impl<T: Config> Pallet<T> {
	pub(crate) fn view_stashes() -> Vec<StashInfo<T::AccountId>> {
		(0..Pool::<T>::get().stashes)
			.filter_map(|index| {
				let stash = Stashes::<T>::get(index)?;
				Some(StashInfo {
					index,
					account: Self::stash_account(index),
					active: stash.active,
					validator: stash.target().cloned(),
					unlocking: stash.unlocking.into_inner(),
				})
			})
			.collect()
	}

	pub(crate) fn view_redemptions(owner: T::AccountId) -> Vec<RedemptionInfo> {
		let pool = Pool::<T>::get();
		let mut redemptions: Vec<RedemptionInfo> = Redemptions::<T>::iter_prefix(owner)
			.map(|(id, shares)| Self::view_redemption(&pool, id, shares))
			.collect();
		redemptions.sort_unstable_by_key(|redemption| redemption.batch);
		redemptions
	}

	fn view_redemption(pool: &PoolState, batch: BatchId, shares: Balance) -> RedemptionInfo {
		let info = |assets, state, expected_era| RedemptionInfo {
			batch,
			shares,
			assets,
			state,
			expected_era,
		};
		match Batches::<T>::get(batch) {
			None => {
				let assets = Self::assets_for(pool, shares).map_or(0, |assets| assets.0);
				info(assets, RedemptionState::Open, None)
			},
			Some(b) => {
				let assets = pro_rata(shares, b.remaining_assets, b.remaining_shares).unwrap_or(0);
				if b.funded {
					info(assets, RedemptionState::Claimable, Some(b.closed_in))
				} else {
					info(assets, RedemptionState::Unbonding, Self::expected_era(pool, batch))
				}
			},
		}
	}

	/// The first era in which idle assets and matured chunks fund all batches up to `batch`.
	///
	/// Read from the ledgers, never from a constant: the bonding duration may change.
	fn expected_era(pool: &PoolState, batch: BatchId) -> Option<EraIndex> {
		let owed = (pool.next_to_fund..=batch)
			.filter_map(Batches::<T>::get)
			.fold(0, |sum: Balance, batch| sum.saturating_add(batch.assets));
		let mut chunks: Vec<Chunk> = (0..pool.stashes)
			.filter_map(Stashes::<T>::get)
			.flat_map(|stash| stash.unlocking)
			.collect();
		chunks.sort_unstable_by_key(|chunk| chunk.era);
		let mut funds = pool.idle;
		chunks.into_iter().find_map(|chunk| {
			funds = funds.saturating_add(chunk.value);
			(funds >= owed).then_some(chunk.era)
		})
	}
}
