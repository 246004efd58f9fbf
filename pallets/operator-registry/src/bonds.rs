// SPDX-License-Identifier: Apache-2.0

//! What bonds pay for, and what they could not pay.

use crate::*;
use frame_support::traits::{
	fungible::{Mutate, MutateHold},
	tokens::{Fortitude, Precision, Preservation, Restriction},
};

use holdfast_primitives::{Balance, DebtSink, OperatorBonds, OperatorRisk};
use sp_runtime::DispatchError;

impl<T: Config> OperatorBonds<T::AccountId> for Pallet<T> {
	/// Pays from the bond of the operator that is on record for `validator`, also if one of them has
	/// left. What the bond lacks is owed for this validator, and by the operator's attested identity.
	fn pay(validator: &T::AccountId, amount: Balance, to: &T::AccountId) -> Balance {
		let Some(record) = Validators::<T>::get(validator) else { return 0 };
		let Some(mut operator) = Operators::<T>::get(&record.operator) else { return 0 };
		// Moved first, booked as it was.
		let paid = T::Currency::transfer_on_hold(
			&Self::hold_reason(),
			&record.operator,
			to,
			amount.min(operator.bond),
			Precision::BestEffort,
			Restriction::Free,
			Fortitude::Force,
		)
		.unwrap_or_default();
		operator.bond = operator.bond.saturating_sub(paid);
		let identity = operator.identity;
		Operators::<T>::insert(&record.operator, operator);
		let owed = amount.saturating_sub(paid);
		if owed > 0 {
			Self::owe(validator, owed, identity);
		}
		Self::deposit_event(Event::BondSlashed {
			operator: record.operator,
			validator: validator.clone(),
			paid,
			owed,
		});
		paid
	}

	fn bond_of(validator: &T::AccountId) -> Option<(T::AccountId, Balance)> {
		let who = Validators::<T>::get(validator)?.operator;
		let operator = Operators::<T>::get(&who)?;
		Some((who, operator.bond))
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
	fn owe(validator: &T::AccountId, amount: Balance, identity: Option<Cluster>) {
		let debt = Debts::<T>::get(validator).unwrap_or(Debt { amount: 0, identity });
		// No validator with a debt joins another operator, so that there is one identity. If it was
		// attested since, all of the debt is booked on it.
		let moved = if debt.identity.is_none() { debt.amount } else { 0 };
		let identity = debt.identity.or(identity);
		if let Some(identity) = identity {
			OwedBy::<T>::mutate(identity, |slot| {
				let owed = slot.get_or_insert(Owed { amount: 0, debtors: Default::default() });
				owed.amount = owed.amount.saturating_add(amount).saturating_add(moved);
				if !owed.debtors.contains(validator) {
					// Those for whom there is no room can be paid for by their own operator.
					let _ = owed.debtors.try_push(validator.clone());
				}
			});
		}
		let amount = debt.amount.saturating_add(amount);
		Debts::<T>::insert(validator, Debt { amount, identity });
	}

	/// Whether something is owed under the name of an operator.
	pub(crate) fn owes_as(identity: Option<Cluster>) -> bool {
		identity.is_some_and(OwedBy::<T>::contains_key)
	}

	/// Pays what is owed for the operator's validators and by its identity out of `amount` of its
	/// balance. Returns what is left of it.
	pub(crate) fn pay_debts(
		who: &T::AccountId,
		operator: &OperatorOf<T>,
		amount: Balance,
	) -> Result<Balance, DispatchError> {
		let owed_by = operator.identity.and_then(OwedBy::<T>::get);
		let others = owed_by.map(|owed| owed.debtors).unwrap_or_default();
		let (mut left, mut owed): (Balance, Balance) = (amount, 0);
		// Bounded by the most validators of an operator, twice.
		for validator in operator.validators.iter().chain(&others) {
			let Some(debt) = Debts::<T>::get(validator) else { continue };
			let part = debt.amount.min(left);
			left = left.saturating_sub(part);
			let rest = debt.amount.saturating_sub(part);
			owed = owed.saturating_add(rest);
			if part > 0 {
				Self::settle_debt(validator, Debt { amount: rest, ..debt }, part);
			}
		}
		let paid = amount.saturating_sub(left);
		if paid > 0 {
			T::Currency::transfer(who, &T::Creditor::account(), paid, Preservation::Preserve)?;
			T::Creditor::repaid(paid);
			let operator = who.clone();
			Self::deposit_event(Event::DebtPaid { operator, amount: paid, left: owed });
		}
		Ok(left)
	}

	fn settle_debt(validator: &T::AccountId, debt: Debt, paid: Balance) {
		let settled = debt.amount == 0;
		Debts::<T>::set(validator, (!settled).then_some(debt));
		let Some(identity) = debt.identity else { return };
		OwedBy::<T>::mutate_exists(identity, |slot| {
			let Some(owed) = slot else { return };
			owed.amount = owed.amount.saturating_sub(paid);
			if settled {
				owed.debtors.retain(|other| other != validator);
			}
			if owed.amount == 0 {
				*slot = None;
			}
		});
	}
}
