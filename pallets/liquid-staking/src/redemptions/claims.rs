// SPDX-License-Identifier: Apache-2.0

//! Claims: owners are paid out of funded batches.

use super::open::add;
use crate::{
	accounts::KEEP, books::Redemption, records, tokens, Batches, ClosedClasses, Config, Error,
	Event, Pallet, Redemptions,
};
use frame_support::{
	ensure,
	traits::{fungible::Mutate, DefensiveResult},
};
use holdfast_primitives::BatchId;
use sp_runtime::{DispatchError, DispatchResult};

/// Does what [`Pallet::claim`] says.
pub(crate) fn claim<T: Config>(id: BatchId, owner: T::AccountId) -> DispatchResult {
	let redemption = records::redemption::<T>(&owner, id)?.ok_or(Error::<T>::NothingToClaim)?;
	let remaining = pay::<T>(id, &owner, redemption)?;
	Redemptions::<T>::set(&owner, id, remaining);
	Ok(())
}

/// Does what [`Pallet::claim_class`] says.
pub(crate) fn claim_class<T: Config>(class: u32, owner: T::AccountId) -> DispatchResult {
	let id = ClosedClasses::<T>::get(class).ok_or(Error::<T>::ClassNotClosed)?;
	let shares = tokens::held::<T>(class, &owner);
	ensure!(shares.0 > 0, Error::<T>::NothingToClaim);
	tokens::burn::<T>(class, &owner, shares)?;
	if let Some(remaining) = pay::<T>(id, &owner, Redemption::new(shares))? {
		add::<T>(&owner, id, remaining)?;
	}
	Ok(())
}

/// Pays `owner` what they can get for `redemption` now, and returns what remains of that.
fn pay<T: Config>(
	id: BatchId,
	owner: &T::AccountId,
	redemption: Redemption,
) -> Result<Option<Redemption>, DispatchError> {
	let mut batch = records::batch::<T>(id)?.ok_or(Error::<T>::NotClaimableYet)?;
	let (assets, remaining) = batch
		.pay(redemption)
		.defensive_map_err(|_| Error::<T>::BatchMismatch)?
		.ok_or(Error::<T>::NotClaimableYet)?;
	// An owner without an account whose payment is below the existential deposit is told so
	// here, and can claim once they have an account.
	T::Currency::transfer(&Pallet::<T>::pot_account(), owner, assets.0, KEEP)?;
	Batches::<T>::set(id, Some(batch).filter(|batch| !batch.is_done()));
	Pallet::<T>::deposit_event(Event::Claimed {
		owner: owner.clone(),
		batch: id,
		shares: redemption.shares(),
		assets: assets.0,
	});
	Ok(remaining)
}
