// SPDX-License-Identifier: Apache-2.0

//! A stash: bringing its record in line with the staking pallet's ledger, changing its stake, and
//! nominating. Each act on a stash is done in a storage layer of its own.

use crate::{
	accounts::{now, KEEP},
	books::PoolState,
	failures::{refusal, tell, Step},
	records, Config, Error, Event, Pallet, Queue, StashOf, Stashes,
};
use frame_support::{
	ensure,
	storage::with_storage_layer,
	traits::{
		fungible::{Inspect, Mutate},
		tokens::Fortitude,
	},
};
use holdfast_primitives::{Assets, Balance, EraIndex, StakingBackend};
use sp_runtime::{traits::EnsureAdd, DispatchError, DispatchResult};

/// Brings the record of a stash up to date in `era`. Returns it, and whether the stash held something
/// else than the books said.
pub(crate) fn reconcile<T: Config>(
	pool: &mut PoolState,
	index: u32,
	era: EraIndex,
) -> Result<(StashOf<T>, bool), DispatchError> {
	let account = Pallet::<T>::stash_account(index);
	let before = records::stash::<T>(index)?;
	let mut stash = follow_ledger::<T>(pool, &before, &account)?;
	let (recorded, found) = (before.total(), stash.total());
	if found != recorded {
		Pallet::<T>::deposit_event(Event::StashCorrected { stash: index, recorded, found });
		pool.book_found(Assets(found.saturating_sub(recorded)))?;
		recover::<T>(pool, &account, recorded.saturating_sub(found))?;
		let mut queue = records::queue::<T>()?;
		pool.cover_deficit(queue.as_mut(), now::<T>());
		Queue::<T>::put(queue);
	}
	stash.forget_collected(era);
	Stashes::<T>::insert(index, &stash);
	Ok((stash, found != recorded))
}

/// Books what the staking pallet holds of the stash at `account`, and returns its new record.
pub(crate) fn follow_ledger<T: Config>(
	pool: &mut PoolState,
	recorded: &StashOf<T>,
	account: &T::AccountId,
) -> Result<StashOf<T>, DispatchError> {
	let ledger = T::Staking::ledger(account).map_err(refusal::<T>)?.unwrap_or_default();
	let found = recorded.with_ledger(ledger).ok_or(Error::<T>::TooManyChunks)?;
	pool.restate(recorded, &found)?;
	Ok(found)
}

/// Brings back what left the ledger of a stash without the pool, and is still in its account:
/// root can unstake it, or a stranger reap it. Up to `missing`: donations stay where they are.
fn recover<T: Config>(
	pool: &mut PoolState,
	account: &T::AccountId,
	missing: Balance,
) -> DispatchResult {
	let free = T::Currency::reducible_balance(account, KEEP, Fortitude::Polite);
	let found = free.min(missing);
	if found > 0 {
		pool.return_idle(Assets(found))?;
		T::Currency::transfer(account, &Pallet::<T>::pot_account(), found, KEEP)?;
	}
	Ok(())
}

/// Lets `act` change the stake of a stash, which gets `added` idle assets for it, and books
/// what has changed by the staking pallet's own ledger. All or nothing.
///
/// Whatever the staking pallet released goes to the pot, also when `act` was not meant to
/// release anything: unbonding withdraws by itself when the list of chunks is full.
pub(crate) fn change_stake<T: Config>(
	pool: &mut PoolState,
	index: u32,
	added: Assets,
	act: impl FnOnce(&T::AccountId) -> DispatchResult,
) -> DispatchResult {
	let account = Pallet::<T>::stash_account(index);
	let released = records::all_or_nothing(pool, |pool| {
		pool.take_idle(added)?;
		let before = records::stash::<T>(index)?.total().ensure_add(added.0)?;
		act(&account)?;
		// Read after `act`, which may have written the nominations.
		let stash = follow_ledger::<T>(pool, &records::stash::<T>(index)?, &account)?;
		let released = before.checked_sub(stash.total()).ok_or(Error::<T>::LedgerMismatch)?;
		if released > 0 {
			T::Currency::transfer(&account, &Pallet::<T>::pot_account(), released, KEEP)?;
			pool.return_idle(Assets(released))?;
		}
		Stashes::<T>::insert(index, stash);
		Ok(released)
	})?;
	if released > 0 {
		Pallet::<T>::deposit_event(Event::Withdrawn { stash: index, assets: released });
	}
	Ok(())
}

/// Gives a stash what it lacks of the existential deposit, out of the rewards that wait: it was never
/// endowed, or the existential deposit was raised.
pub(crate) fn endow<T: Config>(pool: &mut PoolState, index: u32) -> DispatchResult {
	let account = Pallet::<T>::stash_account(index);
	let missing = T::Currency::minimum_balance().saturating_sub(T::Currency::balance(&account));
	if missing == 0 {
		return Ok(());
	}
	records::all_or_nothing(pool, |pool| {
		ensure!(pool.endow(Assets(missing)), Error::<T>::StashNotEndowed);
		T::Currency::transfer(&Pallet::<T>::pot_account(), &account, missing, KEEP)?;
		Ok(())
	})
}

/// The validator that a stash nominates now. A validator may have kicked it.
pub(crate) fn nomination_of<T: Config>(index: u32) -> Option<T::AccountId> {
	T::Staking::nominations(&Pallet::<T>::stash_account(index)).into_iter().next()
}

/// Makes the stash nominate `validator`, whatever it nominates now; nobody, if there is none.
pub(crate) fn nominate<T: Config>(index: u32, validator: Option<&T::AccountId>) -> DispatchResult {
	let account = Pallet::<T>::stash_account(index);
	let present = T::Staking::nominations(&account);
	let Some(validator) = validator else {
		if !present.is_empty() {
			T::Staking::chill(&account).map_err(refusal::<T>)?;
			Pallet::<T>::deposit_event(Event::Chilled { stash: index });
		}
		return Ok(());
	};
	if present.as_slice() != core::slice::from_ref(validator) {
		T::Staking::nominate(&account, validator).map_err(refusal::<T>)?;
		Pallet::<T>::deposit_event(Event::Nominated { stash: index, validator: validator.clone() });
	}
	let mut stash = records::stash::<T>(index)?;
	if stash.target() != Some(validator) {
		// Not the era whose work this is, which may be late.
		stash.set_target(validator.clone(), T::Staking::active_era().unwrap_or_default());
		Stashes::<T>::insert(index, stash);
	}
	Ok(())
}

/// Takes back the nomination of a stash that was to nominate `validator`, and could not: the one that
/// it nominates now may be unfit.
pub(crate) fn chill_unless<T: Config>(index: u32, validator: Option<&T::AccountId>) {
	let account = Pallet::<T>::stash_account(index);
	let present = nomination_of::<T>(index);
	if present.is_none() || present.as_ref() == validator {
		return;
	}
	match with_storage_layer(|| T::Staking::chill(&account).map_err(refusal::<T>)) {
		Ok(()) => Pallet::<T>::deposit_event(Event::Chilled { stash: index }),
		Err(error) => tell::<T>(Step::Rotate, Some(index), error),
	}
}
