// SPDX-License-Identifier: Apache-2.0

//! What the calls do.

use crate::*;
use frame_support::{
	ensure,
	pallet_prelude::*,
	traits::{fungible::MutateHold, tokens::Precision},
};
use holdfast_primitives::{Balance, DebtSink, EraIndex, ValidatorInfo};
use sp_runtime::{traits::Saturating, ArithmeticError, Perbill};

impl<T: Config> Pallet<T> {
	pub(crate) fn active_era() -> EraIndex {
		T::Validators::active_era().unwrap_or_default()
	}

	/// Eras after which nothing that was done before can be slashed any more: an offence has no
	/// consequence after the bonding duration, and its slash lands an era later at most.
	pub(crate) fn liability() -> EraIndex {
		T::Validators::bonding_duration().saturating_add(2)
	}

	pub(crate) fn hold_reason() -> T::RuntimeHoldReason {
		HoldReason::OperatorBond.into()
	}

	fn operator(who: &T::AccountId) -> Result<OperatorOf<T>, Error<T>> {
		Operators::<T>::get(who).ok_or(Error::<T>::NotRegistered)
	}

	/// An operator that is not leaving.
	fn staying(who: &T::AccountId) -> Result<OperatorOf<T>, Error<T>> {
		let operator = Self::operator(who)?;
		ensure!(!operator.leaving, Error::<T>::Leaving);
		Ok(operator)
	}

	fn insert_operator(
		who: &T::AccountId,
		profile: Profile,
		attested: Attested,
		bond: Balance,
	) -> DispatchResult {
		ensure!(!Operators::<T>::contains_key(who), Error::<T>::AlreadyRegistered);
		ensure!(profile.is_valid(), Error::<T>::BadProfile);
		ensure!(bond >= T::MinBond::get(), Error::<T>::BondTooSmall);
		T::Currency::hold(&Self::hold_reason(), who, bond)?;
		let operator = OperatorOf::<T> {
			profile: profile.clone(),
			attested,
			identity: None,
			bond,
			release: None,
			suspended_until: None,
			leaving: false,
			validators: Default::default(),
			invited: Default::default(),
		};
		Operators::<T>::insert(who, operator);
		Self::deposit_event(Event::OperatorRegistered { operator: who.clone(), profile, bond });
		Ok(())
	}

	fn join(
		validator: T::AccountId,
		who: &T::AccountId,
		operator: &mut OperatorOf<T>,
		fit_from: EraIndex,
	) -> DispatchResult {
		let era = Self::active_era();
		let record = match Validators::<T>::get(&validator) {
			None => {
				ensure!(
					Validators::<T>::count() < T::MaxValidators::get(),
					Error::<T>::RegistryFull
				);
				ensure!(!Debts::<T>::contains_key(&validator), Error::<T>::InDebt);
				operator
					.validators
					.try_push(validator.clone())
					.map_err(|_| Error::<T>::TooManyValidators)?;
				let last_offence = T::Validators::last_offence(&validator);
				let half = Perbill::from_percent(if last_offence.is_some() { 50 } else { 0 });
				Validator {
					operator: who.clone(),
					attested: false,
					fit_from,
					left: None,
					reliability: Perbill::one().saturating_sub(half),
					penalty: half,
					last_offence,
					commission: [Perbill::zero(); 2],
					window: era,
					planned: None,
					exposed: None,
					idle: None,
				}
			},
			// It had left this very operator, and changed its mind.
			Some(record) if record.operator == *who && record.left.is_some() => {
				Validator { fit_from, left: None, attested: false, ..record }
			},
			Some(_) => return Err(Error::<T>::ValidatorTaken.into()),
		};
		Validators::<T>::insert(&validator, record);
		let operator = who.clone();
		Self::deposit_event(Event::ValidatorConfirmed { operator, validator, fit_from });
		Ok(())
	}

	pub(crate) fn register_at_genesis(
		who: &T::AccountId,
		profile: Profile,
		bond: Balance,
		validators: &[T::AccountId],
	) -> DispatchResult {
		Self::insert_operator(who, profile, Attested::ALL, bond)?;
		let mut operator = Self::operator(who)?;
		operator.identity = operator.named();
		for validator in validators {
			Self::join(validator.clone(), who, &mut operator, 0)?;
			Self::attest_validator(validator, true);
		}
		Operators::<T>::insert(who, operator);
		Ok(())
	}

	pub(crate) fn do_register(who: T::AccountId, profile: Profile) -> DispatchResult {
		Self::insert_operator(&who, profile, Attested::default(), T::MinBond::get())
	}

	pub(crate) fn do_update_profile(who: T::AccountId, profile: Profile) -> DispatchResult {
		let operator = Self::staying(&who)?;
		ensure!(profile.is_valid(), Error::<T>::BadProfile);
		let attested = operator.attested.after(&operator.profile, &profile);
		let renamed = operator.profile.operator != profile.operator;
		ensure!(!renamed || !Self::owes_as(operator.identity), Error::<T>::InDebt);
		let new = OperatorOf::<T> { profile: profile.clone(), attested, ..operator };
		Operators::<T>::insert(&who, new);
		Self::deposit_event(Event::ProfileUpdated { operator: who, profile, attested });
		Ok(())
	}

	pub(crate) fn do_attest(
		who: T::AccountId,
		profile: Profile,
		attested: Attested,
		checked: &[T::AccountId],
	) -> DispatchResult {
		let mut operator = Self::operator(&who)?;
		ensure!(operator.profile == profile, Error::<T>::ProfileChanged);
		let all_its = checked.iter().all(|validator| operator.validators.contains(validator));
		ensure!(all_its, Error::<T>::UnknownValidator);
		operator.attested = attested;
		operator.identity = operator.named().or(operator.identity);
		for validator in &operator.validators {
			Self::attest_validator(validator, checked.contains(validator));
		}
		Operators::<T>::insert(&who, operator);
		Self::deposit_event(Event::ProfileAttested { operator: who, attested });
		Ok(())
	}

	fn attest_validator(validator: &T::AccountId, attested: bool) {
		Validators::<T>::mutate(validator, |record| {
			if let Some(record) = record {
				record.attested = attested;
			}
		});
	}

	pub(crate) fn do_add_validator(who: T::AccountId, validator: T::AccountId) -> DispatchResult {
		let mut operator = Self::staying(&who)?;
		ensure!(!operator.invited.contains(&validator), Error::<T>::AlreadyAdded);
		let taken = Validators::<T>::get(&validator)
			.is_some_and(|record| record.operator != who || record.left.is_none());
		ensure!(!taken, Error::<T>::ValidatorTaken);
		operator.invited.try_push(validator.clone()).map_err(|_| Error::<T>::TooManyValidators)?;
		Operators::<T>::insert(&who, operator);
		Self::deposit_event(Event::ValidatorAdded { operator: who, validator });
		Ok(())
	}

	pub(crate) fn do_confirm_validator(
		validator: T::AccountId,
		who: T::AccountId,
	) -> DispatchResult {
		let mut operator = Self::staying(&who)?;
		let invited = operator.invited.iter().position(|invited| *invited == validator);
		operator.invited.swap_remove(invited.ok_or(Error::<T>::NotAdded)?);
		// Whoever is none would only take up room.
		ensure!(T::Validators::preferences(&validator).is_some(), Error::<T>::NotACandidate);
		let probation = CurrentParameters::<T>::get().probation;
		let fit_from = Self::active_era().saturating_add(probation);
		Self::join(validator, &who, &mut operator, fit_from)?;
		Operators::<T>::insert(&who, operator);
		Ok(())
	}

	pub(crate) fn do_remove_validator(
		caller: T::AccountId,
		validator: T::AccountId,
	) -> DispatchResult {
		if Self::withdraw_invitation(&caller, &validator) {
			return Ok(());
		}
		let mut record = Validators::<T>::get(&validator).ok_or(Error::<T>::UnknownValidator)?;
		let allowed = caller == validator || caller == record.operator;
		ensure!(allowed, Error::<T>::NotAllowed);
		ensure!(record.left.is_none(), Error::<T>::UnknownValidator);
		record.left = Some(Self::active_era());
		let operator = record.operator.clone();
		Validators::<T>::insert(&validator, record);
		Self::deposit_event(Event::ValidatorRemoved { operator, validator });
		Ok(())
	}

	/// Takes back what the validator has not confirmed, if there is anything.
	fn withdraw_invitation(who: &T::AccountId, validator: &T::AccountId) -> bool {
		let Some(mut operator) = Operators::<T>::get(who) else { return false };
		let invited = operator.invited.iter().position(|invited| invited == validator);
		let Some(invited) = invited else { return false };
		operator.invited.swap_remove(invited);
		Operators::<T>::insert(who, operator);
		let (operator, validator) = (who.clone(), validator.clone());
		Self::deposit_event(Event::ValidatorRemoved { operator, validator });
		true
	}

	pub(crate) fn do_bond_more(who: T::AccountId, amount: Balance) -> DispatchResult {
		ensure!(amount > 0, Error::<T>::NothingToBond);
		let mut operator = Self::staying(&who)?;
		let bonded = Self::pay_debts(&who, &operator, amount)?;
		if bonded > 0 {
			T::Currency::hold(&Self::hold_reason(), &who, bonded)?;
			operator.bond = operator.bond.checked_add(bonded).ok_or(ArithmeticError::Overflow)?;
			Operators::<T>::insert(&who, operator);
			Self::deposit_event(Event::BondAdded { operator: who, amount: bonded });
		}
		Ok(())
	}

	pub(crate) fn do_request_release(who: T::AccountId, amount: Balance) -> DispatchResult {
		let operator = Self::staying(&who)?;
		ensure!(amount > 0, Error::<T>::NothingToRelease);
		ensure!(operator.release.is_none(), Error::<T>::ReleasePending);
		let left = operator.bond.checked_sub(amount).ok_or(Error::<T>::BondTooSmall)?;
		ensure!(left >= T::MinBond::get(), Error::<T>::BondTooSmall);
		let era = Self::active_era().saturating_add(Self::liability());
		let release = Some(Release { amount, era });
		Operators::<T>::insert(&who, OperatorOf::<T> { release, ..operator });
		Self::deposit_event(Event::ReleaseRequested { operator: who, amount, era });
		Ok(())
	}

	pub(crate) fn do_suspend(who: T::AccountId, eras: EraIndex, lifts: bool) -> DispatchResult {
		let mut operator = Self::operator(&who)?;
		ensure!(eras <= T::MaxSuspension::get(), Error::<T>::SuspensionTooLong);
		let until = (eras > 0).then(|| Self::active_era().saturating_add(eras));
		ensure!(lifts || until > operator.suspended_until, Error::<T>::NotAllowed);
		operator.suspended_until = until;
		Operators::<T>::insert(&who, operator);
		Self::deposit_event(Event::OperatorSuspended { operator: who, until });
		Ok(())
	}

	pub(crate) fn do_deregister(who: T::AccountId) -> DispatchResult {
		let mut operator = Self::staying(&who)?;
		let active = Self::active_era();
		for validator in &operator.validators {
			Validators::<T>::mutate(validator, |record| {
				if let Some(record) = record {
					record.left = record.left.or(Some(active));
				}
			});
		}
		operator.invited = Default::default();
		operator.leaving = true;
		let era = active.saturating_add(Self::liability());
		operator.release = Some(Release { amount: operator.bond, era });
		Operators::<T>::insert(&who, operator);
		Self::deposit_event(Event::OperatorDeregistered { operator: who });
		Ok(())
	}

	pub(crate) fn do_release_bond(who: T::AccountId) -> DispatchResult {
		let mut operator = Self::operator(&who)?;
		let release = operator.release.ok_or(Error::<T>::NothingToRelease)?;
		let active = Self::active_era();
		// Also if the pool was late to leave its validators.
		let over = |validator| {
			let record = Validators::<T>::get(validator);
			record.is_none_or(|record| record.is_over(active, Self::liability()))
		};
		let left = !operator.leaving || operator.validators.iter().all(over);
		ensure!(release.era <= active && left, Error::<T>::StillLiable);
		// Slashes may have left less than was asked for.
		let stays = if operator.leaving { 0 } else { T::MinBond::get() };
		let amount = release.amount.min(operator.bond.saturating_sub(stays));
		T::Currency::release(&Self::hold_reason(), &who, amount, Precision::Exact)?;
		operator.bond = operator.bond.saturating_sub(amount);
		operator.release = None;
		T::Creditor::released(amount);
		let amount = Self::pay_debts(&who, &operator, amount)?;
		Self::deposit_event(Event::BondReleased { operator: who.clone(), amount });
		if operator.leaving {
			for validator in operator.validators {
				Self::forget(&who, validator);
			}
			Operators::<T>::remove(&who);
			Self::deposit_event(Event::OperatorForgotten { operator: who });
		} else {
			Operators::<T>::insert(&who, operator);
		}
		Ok(())
	}

	/// Takes a validator off the record.
	pub(crate) fn forget(operator: &T::AccountId, validator: T::AccountId) {
		Validators::<T>::remove(&validator);
		Self::deposit_event(Event::ValidatorForgotten { operator: operator.clone(), validator });
	}
}
