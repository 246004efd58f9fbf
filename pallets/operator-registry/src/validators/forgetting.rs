// SPDX-License-Identifier: Apache-2.0

//! A validator is taken off the record.

use crate::{
	debts,
	labels::{cluster_of_account, Cluster},
	records, Config, Error, Event, Operators, Pallet, Standings, Validators,
};
use frame_support::{ensure, traits::Get};
use holdfast_primitives::ValidatorInfo;
use sp_runtime::DispatchResult;

/// Does what [`Pallet::forget_validator`] says.
pub(crate) fn forget_validator<T: Config>(validator: T::AccountId) -> DispatchResult {
	let record = records::validator::<T>(&validator)?.ok_or(Error::<T>::UnknownValidator)?;
	let full = Validators::<T>::count() >= T::MaxValidators::get();
	let stands = T::Validators::preferences(&validator).is_some();
	let keys = T::Validators::has_keys(&validator);
	let validates = record.left_in().is_none() && stands && keys;
	ensure!(full && record.was_never_planned() && !validates, Error::<T>::StillOfUse);
	forget_of::<T>(record.operator(), validator)?;
	Ok(())
}

/// Takes a validator off the record, and out of the list of its operator `who`.
pub(crate) fn forget_of<T: Config>(
	who: &T::AccountId,
	validator: T::AccountId,
) -> Result<(), Error<T>> {
	let mut identity = cluster_of_account(who);
	if let Some(mut operator) = records::operator::<T>(who)? {
		identity = operator.owing_identity(who);
		operator.drop_validator(&validator);
		Operators::<T>::insert(who, operator);
	}
	forget::<T>(who, identity, validator);
	Ok(())
}

/// Takes a validator off the record. What is owed for it by no identity is owed by `identity` from now on.
pub(crate) fn forget<T: Config>(
	operator: &T::AccountId,
	identity: Cluster,
	validator: T::AccountId,
) {
	debts::adopt::<T>(&validator, identity);
	Validators::<T>::remove(&validator);
	Standings::<T>::remove(&validator);
	Pallet::<T>::deposit_event(Event::ValidatorForgotten { operator: operator.clone(), validator });
}
