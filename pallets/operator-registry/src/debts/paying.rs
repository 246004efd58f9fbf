// SPDX-License-Identifier: Apache-2.0

//! Payments of what is owed, by operators and by anybody.

use super::booking::{book_payment, debt, owed_by};
use crate::{labels::Cluster, Config, Error, Event, Pallet};
use frame_support::{
	ensure,
	traits::{fungible::Mutate, tokens::Preservation},
};
use holdfast_primitives::{Balance, DebtSink};
use sp_runtime::{DispatchError, DispatchResult};

/// Does what [`Pallet::pay_debt`] says.
pub(crate) fn pay_debt<T: Config>(
	payer: T::AccountId,
	validator: T::AccountId,
	amount: Balance,
) -> DispatchResult {
	let (debt, amount) = debt::<T>(&validator)?.ok_or(Error::<T>::NothingOwed)?.less(amount);
	ensure!(amount > 0, Error::<T>::NothingOwed);
	book_payment::<T>(&validator, debt, amount)?;
	send::<T>(&payer, amount)?;
	let left = debt.amount();
	Pallet::<T>::deposit_event(Event::DebtPaidFor { validator, payer, amount, left });
	Ok(())
}

/// Pays what is owed for the `validators` of the operator `who` and by its `identity` out of `amount` of
/// its balance. Returns what remains of that.
pub(crate) fn pay_all<T: Config>(
	who: &T::AccountId,
	identity: Cluster,
	validators: &[T::AccountId],
	amount: Balance,
) -> Result<Balance, DispatchError> {
	let owed = owed_by::<T>(identity)?;
	let others = owed.as_ref().map(|owed| owed.debtors()).unwrap_or_default();
	// What is owed for its validators by other identities.
	let (mut rest, mut by_others): (Balance, Balance) = (amount, 0);
	// Bounded by the most validators of an operator, twice.
	for validator in validators.iter().chain(others) {
		let Some(debt) = debt::<T>(validator)? else { continue };
		let (debt, paid) = debt.less(rest);
		rest = rest.saturating_sub(paid);
		if debt.identity() != Some(identity) {
			by_others = by_others.saturating_add(debt.amount());
		}
		if paid > 0 {
			book_payment::<T>(validator, debt, paid)?;
		}
	}
	let paid = amount.saturating_sub(rest);
	if paid > 0 {
		send::<T>(who, paid)?;
		// With debts that no list names.
		let named = owed_by::<T>(identity)?.map_or(0, |owed| owed.amount());
		let (operator, left) = (who.clone(), by_others.saturating_add(named));
		Pallet::<T>::deposit_event(Event::DebtPaid { operator, amount: paid, left });
	}
	Ok(rest)
}

/// Moves what was paid to the creditor, which has paid for the slashes.
fn send<T: Config>(payer: &T::AccountId, amount: Balance) -> DispatchResult {
	T::Currency::transfer(payer, &T::Creditor::account(), amount, Preservation::Preserve)?;
	T::Creditor::repaid(amount);
	Ok(())
}
