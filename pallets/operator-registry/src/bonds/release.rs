// SPDX-License-Identifier: Apache-2.0

//! An operator asks for a part of its bond, or leaves, and gets it back.

use crate::{
	clock::{active_era, liability},
	debts,
	operators::{operator, staying},
	records::{self, Release},
	validators, Config, Error, Event, GuardianRuns, HoldReason, OperatorOf, Operators, Pallet,
};
use frame_support::{
	ensure,
	traits::{fungible::MutateHold, tokens::Precision, Get},
};
use holdfast_primitives::{Balance, DebtSink, EraIndex};
use sp_runtime::DispatchResult;

/// Does what [`Pallet::request_bond_release`] says.
pub(crate) fn request_bond_release<T: Config>(
	who: T::AccountId,
	amount: Balance,
) -> DispatchResult {
	let mut operator = staying::<T>(&who)?;
	ensure!(amount > 0, Error::<T>::NothingToRelease);
	ensure!(operator.release().is_none(), Error::<T>::ReleasePending);
	let stays = operator.bond().checked_sub(amount).ok_or(Error::<T>::BondTooSmall)?;
	ensure!(stays >= T::MinBond::get(), Error::<T>::BondTooSmall);
	let era = active_era::<T>().saturating_add(liability::<T>());
	operator.ask_back(Release { amount, era });
	Operators::<T>::insert(&who, operator);
	Pallet::<T>::deposit_event(Event::ReleaseRequested { operator: who, amount, era });
	Ok(())
}

/// Does what [`Pallet::release_bond`] says.
pub(crate) fn release_bond<T: Config>(who: T::AccountId) -> DispatchResult {
	let mut operator = operator::<T>(&who)?;
	let release = operator.release().ok_or(Error::<T>::NothingToRelease)?;
	let active = active_era::<T>();
	// Also if the pool was late to leave its validators.
	ensure!(release.era <= active, Error::<T>::StillLiable);
	if operator.is_leaving() {
		ensure_none_is_liable::<T>(&operator, active)?;
	}
	// Slashes may have left less than was asked for.
	let amount = operator.take_release(T::MinBond::get());
	T::Currency::release(&HoldReason::OperatorBond.into(), &who, amount, Precision::Exact)?;
	T::Creditor::released(amount);
	let identity = operator.owing_identity(&who);
	let amount = debts::pay_all::<T>(&who, identity, operator.validators(), amount)?;
	Pallet::<T>::deposit_event(Event::BondReleased { operator: who.clone(), amount });
	if operator.is_leaving() {
		forget::<T>(who, &operator);
	} else {
		Operators::<T>::insert(&who, operator);
	}
	Ok(())
}

/// Fails as long as something that a validator of the operator did can be slashed.
fn ensure_none_is_liable<T: Config>(
	operator: &OperatorOf<T>,
	active: EraIndex,
) -> Result<(), Error<T>> {
	for validator in operator.validators() {
		let over = records::validator::<T>(validator)?
			.is_none_or(|record| record.is_over(active, liability::<T>()));
		ensure!(over, Error::<T>::StillLiable);
	}
	Ok(())
}

/// Takes an operator off the record, with its validators.
fn forget<T: Config>(who: T::AccountId, operator: &OperatorOf<T>) {
	let identity = operator.owing_identity(&who);
	for validator in operator.validators() {
		validators::forget::<T>(&who, identity, validator.clone());
	}
	Operators::<T>::remove(&who);
	GuardianRuns::<T>::remove(&who);
	Pallet::<T>::deposit_event(Event::OperatorForgotten { operator: who });
}
