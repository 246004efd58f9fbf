// SPDX-License-Identifier: Apache-2.0

//! Losses are booked in the block in which they land.

use crate::*;
use alloc::collections::BTreeMap;
use holdfast_primitives::{Balance, EraIndex};
use sp_staking::OnStakingUpdate;

impl<T: Config> OnStakingUpdate<T::AccountId, Balance> for Pallet<T> {
	/// Books what a stash has lost: the holders bear it.
	///
	/// The staking pallet calls this for everybody it slashes, before it writes its own ledger and
	/// outside of any storage layer. So whether an account is a stash is told from its id alone;
	/// only the arguments and the pool's own records are read; nothing here can fail.
	fn on_slash(
		account: &T::AccountId,
		new_active: Balance,
		new_unlocking: &BTreeMap<EraIndex, Balance>,
		_slashed_total: Balance,
	) {
		let Some(index) = Self::stash_index(account) else { return };
		let Some(mut stash) = Stashes::<T>::get(index) else { return };
		// Saturating throughout: a slash never adds, and a record that disagrees with the staking
		// pallet is corrected by the era work.
		let lost_active = stash.active.saturating_sub(new_active);
		let mut lost_unlocking: Balance = 0;
		stash.active = new_active;
		for chunk in stash.unlocking.iter_mut() {
			if let Some(value) = new_unlocking.get(&chunk.era) {
				lost_unlocking = lost_unlocking.saturating_add(chunk.value.saturating_sub(*value));
				chunk.value = *value;
			}
		}
		// As the staking pallet does with a chunk that is wiped out.
		stash.unlocking.retain(|chunk| chunk.value > 0);
		Stashes::<T>::insert(index, stash);
		Pool::<T>::mutate(|pool| {
			pool.bonded = pool.bonded.saturating_sub(lost_active);
			pool.unbonding = pool.unbonding.saturating_sub(lost_unlocking);
		});
		let assets = lost_active.saturating_add(lost_unlocking);
		Self::deposit_event(Event::Slashed { stash: index, assets });
	}
}
