// SPDX-License-Identifier: Apache-2.0

//! A validator or its operator takes it out of the registry.

use crate::{clock::active_era, records, Config, Error, Event, Operators, Pallet, Validators};
use frame_support::ensure;
use sp_runtime::DispatchResult;

/// Does what [`Pallet::remove_validator`] says.
pub(crate) fn remove_validator<T: Config>(
	caller: T::AccountId,
	validator: T::AccountId,
) -> DispatchResult {
	if take_back::<T>(&caller, &validator)? {
		return Ok(());
	}
	let mut record = records::validator::<T>(&validator)?.ok_or(Error::<T>::UnknownValidator)?;
	let operator = record.operator().clone();
	ensure!(caller == validator || caller == operator, Error::<T>::NotAllowed);
	ensure!(record.left_in().is_none(), Error::<T>::UnknownValidator);
	record.leave(active_era::<T>());
	Validators::<T>::insert(&validator, record);
	Pallet::<T>::deposit_event(Event::ValidatorRemoved { operator, validator });
	Ok(())
}

/// Takes back that the operator `who` has added a validator that has not confirmed. Returns whether it had.
fn take_back<T: Config>(who: &T::AccountId, validator: &T::AccountId) -> Result<bool, Error<T>> {
	let Some(mut operator) = records::operator::<T>(who)? else { return Ok(false) };
	if !operator.take_added(validator) {
		return Ok(false);
	}
	Operators::<T>::insert(who, operator);
	let (operator, validator) = (who.clone(), validator.clone());
	Pallet::<T>::deposit_event(Event::ValidatorRemoved { operator, validator });
	Ok(true)
}
