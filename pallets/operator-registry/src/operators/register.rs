// SPDX-License-Identifier: Apache-2.0

//! An account becomes an operator.

use crate::{labels::Profile, Config, Error, Event, HoldReason, OperatorOf, Operators, Pallet};
use frame_support::{
	ensure,
	traits::{fungible::MutateHold, Get},
};
use holdfast_primitives::Balance;
use sp_runtime::{DispatchError, DispatchResult};

/// Does what [`Pallet::register_operator`] says.
pub(crate) fn register_operator<T: Config>(who: T::AccountId, profile: Profile) -> DispatchResult {
	let operator = register::<T>(&who, profile, T::MinBond::get())?;
	Operators::<T>::insert(who, operator);
	Ok(())
}

/// Holds the bond of a new operator. Returns its record, which is not stored yet.
pub(crate) fn register<T: Config>(
	who: &T::AccountId,
	profile: Profile,
	bond: Balance,
) -> Result<OperatorOf<T>, DispatchError> {
	ensure!(!Operators::<T>::contains_key(who), Error::<T>::AlreadyRegistered);
	ensure!(profile.is_valid(), Error::<T>::BadProfile);
	ensure!(bond >= T::MinBond::get(), Error::<T>::BondTooSmall);
	T::Currency::hold(&HoldReason::OperatorBond.into(), who, bond)?;
	let operator = OperatorOf::<T>::new(profile.clone(), bond);
	Pallet::<T>::deposit_event(Event::OperatorRegistered { operator: who.clone(), profile, bond });
	Ok(operator)
}
