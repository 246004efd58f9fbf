// SPDX-License-Identifier: Apache-2.0

//! What the calls do.

use crate::*;
use frame_support::{
	ensure,
	pallet_prelude::*,
	traits::{fungible::MutateHold, tokens::Precision},
};
use holdfast_primitives::{Balance, DebtSink, EraIndex, ValidatorInfo};
use sp_runtime::{traits::Saturating, ArithmeticError, DispatchError, Perbill};

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
		Self::stored_operator(who)?.ok_or(Error::<T>::NotRegistered)
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
		terms: Terms,
	) -> DispatchResult {
		let (era, fit_from) = (Self::active_era(), terms.fit_from);
		let record = match Self::stored_validator(&validator)? {
			None => {
				ensure!(
					Validators::<T>::count() < T::MaxValidators::get(),
					Error::<T>::RegistryFull
				);
				ensure!(!Debts::<T>::contains_key(&validator), Error::<T>::InDebt);
				// The list itself has room for more, or for what was there before this was lowered.
				let most = usize::try_from(T::MaxValidatorsPerOperator::get());
				ensure!(
					operator.validators.len() < most.unwrap_or(usize::MAX),
					Error::<T>::TooManyValidators
				);
				operator
					.validators
					.try_push(validator.clone())
					.map_err(|_| Error::<T>::TooManyValidators)?;
				let last_offence = T::Validators::last_offence(&validator);
				let (reliability, penalty) = at_first(terms.reliability, last_offence);
				Validator {
					operator: who.clone(),
					attested: false,
					fit_from,
					left: None,
					reliability,
					penalty,
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
		let standing = Self::stored_standing(&validator)?.unwrap_or_default();
		let to_show = standing.to_show.max(terms.to_show);
		if to_show > 0 {
			Standings::<T>::insert(&validator, Standing { to_show, ..standing });
		}
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
			Self::join(validator.clone(), who, &mut operator, Terms::GENESIS)?;
			Self::attest_validator(validator, true)?;
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
		let owes = Self::owes_as(Self::identity_of(&who, &operator));
		ensure!(!renamed || !owes, Error::<T>::InDebt);
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
		let owes = Self::owes_as(Self::identity_of(&who, &operator));
		operator.attested = attested;
		let identity = operator.named().or(operator.identity);
		// What is owed hangs on the identity, and would be shed by another one.
		ensure!(identity == operator.identity || !owes, Error::<T>::InDebt);
		operator.identity = identity;
		for validator in &operator.validators {
			Self::attest_validator(validator, checked.contains(validator))?;
		}
		Operators::<T>::insert(&who, operator);
		Self::deposit_event(Event::ProfileAttested { operator: who, attested });
		Ok(())
	}

	fn attest_validator(validator: &T::AccountId, attested: bool) -> DispatchResult {
		if let Some(record) = Self::stored_validator(validator)? {
			Validators::<T>::insert(validator, Validator { attested, ..record });
		}
		Ok(())
	}

	pub(crate) fn do_add_validator(who: T::AccountId, validator: T::AccountId) -> DispatchResult {
		let mut operator = Self::staying(&who)?;
		ensure!(!operator.invited.contains(&validator), Error::<T>::AlreadyAdded);
		let taken = Self::stored_validator(&validator)?
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
		ensure!(T::Validators::has_keys(&validator), Error::<T>::NoSessionKeys);
		let probation = Self::stored_parameters()?.probation;
		let terms = Terms::newcomer(Self::active_era(), probation);
		Self::join(validator, &who, &mut operator, terms)?;
		Operators::<T>::insert(&who, operator);
		Ok(())
	}

	pub(crate) fn do_remove_validator(
		caller: T::AccountId,
		validator: T::AccountId,
	) -> DispatchResult {
		if Self::withdraw_invitation(&caller, &validator)? {
			return Ok(());
		}
		let mut record = Self::stored_validator(&validator)?.ok_or(Error::<T>::UnknownValidator)?;
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
	fn withdraw_invitation(
		who: &T::AccountId,
		validator: &T::AccountId,
	) -> Result<bool, DispatchError> {
		let Some(mut operator) = Self::stored_operator(who)? else { return Ok(false) };
		let invited = operator.invited.iter().position(|invited| invited == validator);
		let Some(invited) = invited else { return Ok(false) };
		operator.invited.swap_remove(invited);
		Operators::<T>::insert(who, operator);
		let (operator, validator) = (who.clone(), validator.clone());
		Self::deposit_event(Event::ValidatorRemoved { operator, validator });
		Ok(true)
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
		let active = Self::active_era();
		let until = (eras > 0).then(|| active.saturating_add(eras));
		ensure!(lifts || until > operator.suspended_until, Error::<T>::NotAllowed);
		if let (false, Some(until)) = (lifts, until) {
			let run = Self::guardian_run(&who, operator.suspended_until, active, until)?;
			GuardianRuns::<T>::insert(&who, run);
		}
		operator.suspended_until = until;
		Operators::<T>::insert(&who, operator);
		Self::deposit_event(Event::OperatorSuspended { operator: who, until });
		Ok(())
	}

	/// The eras for which the guardian has suspended `who` when it does so from `active` to `until`: as
	/// one with those that are not over, so that none is extended without end; or, after a rest, a new
	/// one. What governance has lifted or shortened, so that it is suspended for less by now, is not
	/// extended.
	fn guardian_run(
		who: &T::AccountId,
		suspended: Option<EraIndex>,
		active: EraIndex,
		until: EraIndex,
	) -> Result<GuardianRun, Error<T>> {
		match Self::stored_run(who)? {
			Some(run) if run.until >= active && suspended >= Some(run.until) => {
				let most = run.from.saturating_add(T::MaxSuspension::get());
				ensure!(until <= most, Error::<T>::SuspensionTooLong);
				Ok(GuardianRun { until: until.max(run.until), ..run })
			},
			Some(run) => {
				let length = run.until.saturating_sub(run.from).saturating_add(1);
				let rest = length.saturating_mul(GUARDIAN_REST);
				let free_from = run.until.saturating_add(rest);
				ensure!(active > free_from, Error::<T>::SuspendedLately);
				Ok(GuardianRun { from: active, until })
			},
			None => Ok(GuardianRun { from: active, until }),
		}
	}

	pub(crate) fn do_deregister(who: T::AccountId) -> DispatchResult {
		let mut operator = Self::staying(&who)?;
		let active = Self::active_era();
		for validator in &operator.validators {
			if let Some(record) = Self::stored_validator(validator)? {
				let left = record.left.or(Some(active));
				Validators::<T>::insert(validator, Validator { left, ..record });
			}
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
		ensure!(release.era <= active, Error::<T>::StillLiable);
		if operator.leaving {
			for validator in &operator.validators {
				let over = Self::stored_validator(validator)?
					.is_none_or(|record| record.is_over(active, Self::liability()));
				ensure!(over, Error::<T>::StillLiable);
			}
		}
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
			let identity = Self::identity_of(&who, &operator);
			for validator in operator.validators {
				Self::forget(&who, identity, validator);
			}
			Operators::<T>::remove(&who);
			GuardianRuns::<T>::remove(&who);
			Self::deposit_event(Event::OperatorForgotten { operator: who });
		} else {
			Operators::<T>::insert(&who, operator);
		}
		Ok(())
	}

	pub(crate) fn do_forget_validator(validator: T::AccountId) -> DispatchResult {
		let record = Self::stored_validator(&validator)?.ok_or(Error::<T>::UnknownValidator)?;
		let full = Validators::<T>::count() >= T::MaxValidators::get();
		let stands = T::Validators::preferences(&validator).is_some();
		let keys = T::Validators::has_keys(&validator);
		let validates = record.left.is_none() && stands && keys;
		ensure!(full && record.was_never_planned() && !validates, Error::<T>::StillOfUse);
		Self::forget_of(&record.operator, validator)?;
		Ok(())
	}

	/// Takes a validator off the record, and out of its operator's list.
	pub(crate) fn forget_of(who: &T::AccountId, validator: T::AccountId) -> Result<(), Error<T>> {
		let mut identity = cluster_of_account(who);
		if let Some(mut operator) = Self::stored_operator(who)? {
			identity = Self::identity_of(who, &operator);
			operator.validators.retain(|other| *other != validator);
			Operators::<T>::insert(who, operator);
		}
		Self::forget(who, identity, validator);
		Ok(())
	}

	/// Takes a validator off the record. What is owed for it by nobody in particular is owed by
	/// `identity` from now on.
	fn forget(operator: &T::AccountId, identity: Cluster, validator: T::AccountId) {
		Self::adopt_debt(&validator, identity);
		Validators::<T>::remove(&validator);
		Standings::<T>::remove(&validator);
		Self::deposit_event(Event::ValidatorForgotten { operator: operator.clone(), validator });
	}
}

/// A guardian leaves an operator alone for so many times as long as it has suspended it: so a guardian
/// can suspend nobody for more than a quarter of the time.
const GUARDIAN_REST: EraIndex = 3;

/// The part of the reliability with which a newcomer starts: what is missing of it is halved in five to
/// six good eras.
pub(crate) const NEWCOMER: Perbill = Perbill::from_percent(50);

/// The reliability and the penalty with which one joins whose last offence is `last_offence`, where one
/// without starts with `reliability`.
pub(crate) fn at_first(reliability: Perbill, last_offence: Option<EraIndex>) -> (Perbill, Perbill) {
	let penalty = Perbill::from_percent(if last_offence.is_some() { 50 } else { 0 });
	(reliability.saturating_mul(Perbill::one().saturating_sub(penalty)), penalty)
}

/// On which terms a validator joins.
struct Terms {
	/// From which era on it may be nominated.
	fit_from: EraIndex,
	/// In how many eras it has to show its work before.
	to_show: EraIndex,
	/// With which reliability it starts.
	reliability: Perbill,
}

impl Terms {
	/// At genesis nobody could have shown anything.
	const GENESIS: Self = Self { fit_from: 0, to_show: 0, reliability: Perbill::one() };

	fn newcomer(era: EraIndex, probation: EraIndex) -> Self {
		let fit_from = era.saturating_add(probation);
		Self { fit_from, to_show: probation, reliability: NEWCOMER }
	}
}
