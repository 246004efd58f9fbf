// SPDX-License-Identifier: Apache-2.0

//! What an operator says of itself, and what of that is attested.

use super::{operator, staying};
use crate::{
	debts,
	labels::{Attested, Profile},
	records, Config, Error, Event, Operators, Pallet, Validators,
};
use frame_support::ensure;
use sp_runtime::DispatchResult;

/// Does what [`Pallet::update_profile`] says.
pub(crate) fn update_profile<T: Config>(who: T::AccountId, profile: Profile) -> DispatchResult {
	let mut operator = staying::<T>(&who)?;
	ensure!(profile.is_valid(), Error::<T>::BadProfile);
	let renamed = operator.profile().operator != profile.operator;
	let owes = debts::is_owed_by::<T>(operator.owing_identity(&who));
	ensure!(!renamed || !owes, Error::<T>::InDebt);
	let attested = operator.change_profile(profile.clone());
	Operators::<T>::insert(&who, operator);
	Pallet::<T>::deposit_event(Event::ProfileUpdated { operator: who, profile, attested });
	Ok(())
}

/// Does what [`Pallet::attest`] says.
pub(crate) fn attest<T: Config>(
	who: T::AccountId,
	profile: Profile,
	attested: Attested,
	checked: &[T::AccountId],
) -> DispatchResult {
	let mut operator = operator::<T>(&who)?;
	ensure!(*operator.profile() == profile, Error::<T>::ProfileChanged);
	let all_its = checked.iter().all(|validator| operator.has(validator));
	ensure!(all_its, Error::<T>::UnknownValidator);
	let owes = debts::is_owed_by::<T>(operator.owing_identity(&who));
	// What is owed hangs on the identity, and would be shed by another one.
	ensure!(!operator.attest(attested) || !owes, Error::<T>::InDebt);
	for validator in operator.validators() {
		if let Some(mut record) = records::validator::<T>(validator)? {
			record.attest(checked.contains(validator));
			Validators::<T>::insert(validator, record);
		}
	}
	Operators::<T>::insert(&who, operator);
	Pallet::<T>::deposit_event(Event::ProfileAttested { operator: who, attested });
	Ok(())
}
