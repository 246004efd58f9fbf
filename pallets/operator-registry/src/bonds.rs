// SPDX-License-Identifier: Apache-2.0

//! What bonds pay for, and what they could not pay.

use crate::*;
use frame_support::{
	ensure,
	pallet_prelude::DispatchResult,
	traits::{
		fungible::{InspectHold, Mutate, MutateHold},
		tokens::{Fortitude, Precision, Preservation, Restriction},
	},
};

use holdfast_primitives::{Balance, DebtSink, OperatorBonds, OperatorRisk};
use sp_runtime::DispatchError;

impl<T: Config> OperatorBonds<T::AccountId> for Pallet<T> {
	/// Pays from the bond of the operator that is on record for `validator`, also if one of them has
	/// left. What the bond lacks is owed for this validator, and by the operator's attested identity.
	fn pay(validator: &T::AccountId, amount: Balance, to: &T::AccountId) -> Balance {
		let record = match Self::stored_validator(validator) {
			Ok(Some(record)) => record,
			Ok(None) => return 0,
			Err(_) => {
				let validator = validator.clone();
				Self::deposit_event(Event::BondUnreadable { validator, amount });
				return 0;
			},
		};
		let (paid, identity) = match Self::stored_operator(&record.operator) {
			Ok(Some(operator)) => Self::take(&record.operator, operator, amount, to),
			Ok(None) => return 0,
			// Its bond stays untouched, and it owes all of it.
			Err(_) => {
				Self::unreadable("an operator");
				(0, cluster_of_account(&record.operator))
			},
		};
		let lacks = amount.saturating_sub(paid);
		let noted = lacks == 0 || Self::owe(validator, lacks, identity).is_ok();
		Self::deposit_event(Event::BondSlashed {
			operator: record.operator,
			validator: validator.clone(),
			paid,
			owed: if noted { lacks } else { 0 },
		});
		if !noted {
			let validator = validator.clone();
			Self::deposit_event(Event::BondUnreadable { validator, amount: lacks });
		}
		paid
	}

	fn bond_of(validator: &T::AccountId) -> Option<(T::AccountId, Balance)> {
		// What cannot be decoded pays nothing.
		let who = Self::stored_validator(validator).ok().flatten()?.operator;
		let operator = Self::stored_operator(&who).ok().flatten()?;
		// Never more than is really there.
		let held = T::Currency::balance_on_hold(&Self::hold_reason(), &who);
		Some((who, operator.bond.min(held)))
	}
}

impl<T: Config> OperatorRisk for Pallet<T> {
	fn largest_loss() -> Balance {
		LastDiversification::<T>::get().largest_loss
	}

	fn expected_loss() -> Balance {
		LastDiversification::<T>::get().expected_loss
	}
}

impl<T: Config> Pallet<T> {
	/// Moves up to `amount` of the bond of `operator` to the account `to`. Returns what was moved, and
	/// who owes the rest.
	fn take(
		who: &T::AccountId,
		mut operator: OperatorOf<T>,
		amount: Balance,
		to: &T::AccountId,
	) -> (Balance, Cluster) {
		// Moved first, booked as it was.
		let paid = T::Currency::transfer_on_hold(
			&Self::hold_reason(),
			who,
			to,
			amount.min(operator.bond),
			Precision::BestEffort,
			Restriction::Free,
			Fortitude::Force,
		)
		.unwrap_or_default();
		operator.bond = operator.bond.saturating_sub(paid);
		let identity = Self::identity_of(who, &operator);
		Operators::<T>::insert(who, operator);
		(paid, identity)
	}

	/// Notes what is owed for a validator. Nothing is noted if any of it cannot be decoded.
	fn owe(validator: &T::AccountId, amount: Balance, identity: Cluster) -> Result<(), Error<T>> {
		let before = Self::stored_debt(validator)?;
		// No validator with a debt joins another operator, so that there is one identity. If there was
		// none, all of the debt is booked on this one.
		let (identity, booked) = match before {
			Some(Debt { identity: Some(identity), .. }) => (identity, amount),
			Some(debt) => (identity, amount.saturating_add(debt.amount)),
			None => (identity, amount),
		};
		Self::book(validator, booked, identity)?;
		let amount = before.map_or(0, |debt| debt.amount).saturating_add(amount);
		Debts::<T>::insert(validator, Debt { amount, identity: Some(identity) });
		Ok(())
	}

	/// Books a debt on who owes it.
	fn book(validator: &T::AccountId, amount: Balance, identity: Cluster) -> Result<(), Error<T>> {
		let nothing = || Owed { amount: 0, debtors: Default::default() };
		let mut owed = Self::stored_owed(identity)?.unwrap_or_else(nothing);
		owed.amount = owed.amount.saturating_add(amount);
		if !owed.debtors.contains(validator) {
			// Those for whom there is no room can be paid for by their own operator, and by anybody.
			let _ = owed.debtors.try_push(validator.clone());
		}
		OwedBy::<T>::insert(identity, owed);
		Ok(())
	}

	/// Lets `identity` owe what is owed for a validator by nobody in particular, as it was noted once of
	/// operators that were never attested.
	pub(crate) fn adopt_debt(validator: &T::AccountId, identity: Cluster) {
		let adopted = Self::stored_debt(validator).and_then(|debt| match debt {
			Some(debt) if debt.identity.is_none() => {
				Self::book(validator, debt.amount, identity)?;
				Debts::<T>::insert(validator, Debt { identity: Some(identity), ..debt });
				Ok(())
			},
			_ => Ok(()),
		});
		if adopted.is_err() {
			Self::unreadable("a debt");
		}
	}

	/// Who owes what the bond of an operator cannot pay: the name under which it was attested last, or
	/// its account if it never was.
	pub(crate) fn identity_of(who: &T::AccountId, operator: &OperatorOf<T>) -> Cluster {
		operator.identity.unwrap_or_else(|| cluster_of_account(who))
	}

	/// Whether something is owed by it.
	pub(crate) fn owes_as(identity: Cluster) -> bool {
		OwedBy::<T>::contains_key(identity)
	}

	/// Pays what is owed for the operator's validators and by its identity out of `amount` of its
	/// balance. Returns what is left of it.
	pub(crate) fn pay_debts(
		who: &T::AccountId,
		operator: &OperatorOf<T>,
		amount: Balance,
	) -> Result<Balance, DispatchError> {
		let identity = Self::identity_of(who, operator);
		let others = Self::stored_owed(identity)?.map(|owed| owed.debtors).unwrap_or_default();
		let (mut left, mut owed): (Balance, Balance) = (amount, 0);
		// Bounded by the most validators of an operator, twice.
		for validator in operator.validators.iter().chain(&others) {
			let Some(debt) = Self::stored_debt(validator)? else { continue };
			let part = debt.amount.min(left);
			left = left.saturating_sub(part);
			let rest = debt.amount.saturating_sub(part);
			if debt.identity != Some(identity) {
				owed = owed.saturating_add(rest);
			}
			if part > 0 {
				Self::settle_debt(validator, Debt { amount: rest, ..debt }, part)?;
			}
		}
		let paid = amount.saturating_sub(left);
		if paid > 0 {
			T::Currency::transfer(who, &T::Creditor::account(), paid, Preservation::Preserve)?;
			T::Creditor::repaid(paid);
			// Those in no list as well.
			let named = Self::stored_owed(identity)?.map_or(0, |owed| owed.amount);
			let (operator, left) = (who.clone(), owed.saturating_add(named));
			Self::deposit_event(Event::DebtPaid { operator, amount: paid, left });
		}
		Ok(left)
	}

	pub(crate) fn do_pay_debt(
		payer: T::AccountId,
		validator: T::AccountId,
		amount: Balance,
	) -> DispatchResult {
		let debt = Self::stored_debt(&validator)?.ok_or(Error::<T>::NothingOwed)?;
		let amount = amount.min(debt.amount);
		ensure!(amount > 0, Error::<T>::NothingOwed);
		let left = debt.amount.saturating_sub(amount);
		Self::settle_debt(&validator, Debt { amount: left, ..debt }, amount)?;
		T::Currency::transfer(&payer, &T::Creditor::account(), amount, Preservation::Preserve)?;
		T::Creditor::repaid(amount);
		Self::deposit_event(Event::DebtPaidFor { validator, payer, amount, left });
		Ok(())
	}

	fn settle_debt(validator: &T::AccountId, debt: Debt, paid: Balance) -> Result<(), Error<T>> {
		let settled = debt.amount == 0;
		if let Some(identity) = debt.identity {
			if let Some(mut owed) = Self::stored_owed(identity)? {
				owed.amount = owed.amount.saturating_sub(paid);
				if settled {
					owed.debtors.retain(|other| other != validator);
				}
				OwedBy::<T>::set(identity, (owed.amount > 0).then_some(owed));
			}
		}
		Debts::<T>::set(validator, (!settled).then_some(debt));
		Ok(())
	}
}
