// SPDX-License-Identifier: Apache-2.0

//! An operator adds a validator, and the validator confirms.

use crate::{
	clock::active_era,
	debts,
	operators::staying,
	records::{self, Terms, Validator},
	settings, Config, Error, Event, OperatorOf, Operators, Pallet, Standings, Validators,
};
use frame_support::{ensure, traits::Get};
use holdfast_primitives::ValidatorInfo;
use sp_runtime::DispatchResult;

/// Does what [`Pallet::add_validator`] says.
pub(crate) fn add_validator<T: Config>(
	who: T::AccountId,
	validator: T::AccountId,
) -> DispatchResult {
	let mut operator = staying::<T>(&who)?;
	ensure!(!operator.has_added(&validator), Error::<T>::AlreadyAdded);
	let taken = records::validator::<T>(&validator)?
		.is_some_and(|record| *record.operator() != who || record.left_in().is_none());
	ensure!(!taken, Error::<T>::ValidatorTaken);
	operator.add(validator.clone()).map_err(|_| Error::<T>::TooManyValidators)?;
	Operators::<T>::insert(&who, operator);
	Pallet::<T>::deposit_event(Event::ValidatorAdded { operator: who, validator });
	Ok(())
}

/// Does what [`Pallet::confirm_validator`] says.
pub(crate) fn confirm_validator<T: Config>(
	validator: T::AccountId,
	who: T::AccountId,
) -> DispatchResult {
	let mut operator = staying::<T>(&who)?;
	ensure!(operator.take_added(&validator), Error::<T>::NotAdded);
	// An account that is no validator would only take up room.
	ensure!(T::Validators::preferences(&validator).is_some(), Error::<T>::NotACandidate);
	ensure!(T::Validators::has_keys(&validator), Error::<T>::NoSessionKeys);
	let probation = settings::parameters::<T>()?.probation;
	let terms = Terms::newcomer(active_era::<T>(), probation);
	join::<T>(validator, &who, &mut operator, terms)?;
	Operators::<T>::insert(&who, operator);
	Ok(())
}

/// Lets a validator join the operator `who`, whose record is not stored yet.
pub(crate) fn join<T: Config>(
	validator: T::AccountId,
	who: &T::AccountId,
	operator: &mut OperatorOf<T>,
	terms: Terms,
) -> DispatchResult {
	let record = match records::validator::<T>(&validator)? {
		None => join_anew::<T>(&validator, who, operator, &terms)?,
		// It had left this very operator, and changed its mind.
		Some(record) if record.operator() == who && record.left_in().is_some() => {
			record.rejoin(&terms)
		},
		Some(_) => return Err(Error::<T>::ValidatorTaken.into()),
	};
	Validators::<T>::insert(&validator, record);
	let mut standing = records::standing::<T>(&validator)?.unwrap_or_default();
	standing.must_show(terms.to_show());
	if standing.to_show() > 0 {
		Standings::<T>::insert(&validator, standing);
	}
	let (operator, fit_from) = (who.clone(), terms.fit_from());
	Pallet::<T>::deposit_event(Event::ValidatorConfirmed { operator, validator, fit_from });
	Ok(())
}

/// The record of a validator that was on none.
fn join_anew<T: Config>(
	validator: &T::AccountId,
	who: &T::AccountId,
	operator: &mut OperatorOf<T>,
	terms: &Terms,
) -> Result<Validator<T::AccountId>, Error<T>> {
	ensure!(Validators::<T>::count() < T::MaxValidators::get(), Error::<T>::RegistryFull);
	ensure!(!debts::is_owed_for::<T>(validator), Error::<T>::InDebt);
	operator
		.admit(validator.clone(), T::MaxValidatorsPerOperator::get())
		.map_err(|_| Error::<T>::TooManyValidators)?;
	let last_offence = T::Validators::last_offence(validator);
	Ok(Validator::join(who.clone(), terms, last_offence, active_era::<T>()))
}
