// SPDX-License-Identifier: Apache-2.0

//! An operator leaves, with all of its validators.

use super::staying;
use crate::{
	clock::{active_era, liability},
	records, Config, Event, Operators, Pallet, Validators,
};
use sp_runtime::DispatchResult;

/// Does what [`Pallet::deregister`] says.
pub(crate) fn deregister<T: Config>(who: T::AccountId) -> DispatchResult {
	let mut operator = staying::<T>(&who)?;
	let active = active_era::<T>();
	for validator in operator.validators() {
		if let Some(mut record) = records::validator::<T>(validator)? {
			record.leave(active);
			Validators::<T>::insert(validator, record);
		}
	}
	operator.leave(active.saturating_add(liability::<T>()));
	Operators::<T>::insert(&who, operator);
	Pallet::<T>::deposit_event(Event::OperatorDeregistered { operator: who });
	Ok(())
}
