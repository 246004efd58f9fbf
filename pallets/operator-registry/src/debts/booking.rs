// SPDX-License-Identifier: Apache-2.0

//! Books what a slash leaves to be owed, and what is paid of it.

use super::debt::{Debt, Owed};
use crate::{failures::unreadable, labels::Cluster, Config, Debts, Error, Event, OwedBy, Pallet};
use holdfast_primitives::{stored, Balance};

/// What is owed for `validator`; `None` if nothing is.
pub(crate) fn debt<T: Config>(validator: &T::AccountId) -> Result<Option<Debt>, Error<T>> {
	Ok(stored::entry::<Debts<T>, _, _>(validator)?)
}

/// What `identity` owes; `None` if it owes nothing.
pub(crate) fn owed_by<T: Config>(
	identity: Cluster,
) -> Result<Option<Owed<T::AccountId>>, Error<T>> {
	Ok(stored::entry::<OwedBy<T>, _, _>(identity)?)
}

/// Whether something is owed by `identity`, even if it cannot be decoded.
pub(crate) fn is_owed_by<T: Config>(identity: Cluster) -> bool {
	OwedBy::<T>::contains_key(identity)
}

/// Whether something is owed for `validator`, even if it cannot be decoded.
pub(crate) fn is_owed_for<T: Config>(validator: &T::AccountId) -> bool {
	Debts::<T>::contains_key(validator)
}

/// Notes that `amount` more is owed for a validator by `identity`. Nothing is noted if any of it cannot be
/// decoded.
pub(crate) fn owe<T: Config>(
	validator: &T::AccountId,
	amount: Balance,
	identity: Cluster,
) -> Result<(), Error<T>> {
	let before = debt::<T>(validator)?;
	let owed = before.map_or(0, |debt| debt.amount());
	// No validator with a debt joins another operator, so that there is one identity. If there was
	// none, all of the debt is booked on this one.
	let (identity, booked) = match before.map(|debt| debt.identity()) {
		Some(Some(identity)) => (identity, amount),
		Some(None) => (identity, amount.saturating_add(owed)),
		None => (identity, amount),
	};
	book::<T>(validator, booked, identity)?;
	Debts::<T>::insert(validator, Debt::new(owed.saturating_add(amount), identity));
	Ok(())
}

/// Lets `identity` owe what is owed for a validator by no identity, as it was noted once of operators that
/// were never attested.
pub(crate) fn adopt<T: Config>(validator: &T::AccountId, identity: Cluster) {
	let adopted = debt::<T>(validator).and_then(|debt| match debt {
		Some(debt) if debt.identity().is_none() => {
			book::<T>(validator, debt.amount(), identity)?;
			Debts::<T>::insert(validator, debt.owed_by(identity));
			Ok(())
		},
		_ => Ok(()),
	});
	if adopted.is_err() {
		unreadable("a debt");
	}
}

/// Books what is owed for a validator on the identity that owes it.
fn book<T: Config>(
	validator: &T::AccountId,
	amount: Balance,
	identity: Cluster,
) -> Result<(), Error<T>> {
	let mut owed = owed_by::<T>(identity)?.unwrap_or_else(Owed::nothing);
	if !owed.add(validator, amount) {
		let validator = validator.clone();
		Pallet::<T>::deposit_event(Event::DebtNotListed { validator });
	}
	OwedBy::<T>::insert(identity, owed);
	Ok(())
}

/// Books that `paid` was paid of what is owed for a validator. `debt` is what is left.
pub(super) fn book_payment<T: Config>(
	validator: &T::AccountId,
	debt: Debt,
	paid: Balance,
) -> Result<(), Error<T>> {
	let owes = debt.amount() > 0;
	if let Some(identity) = debt.identity() {
		if let Some(owed) = owed_by::<T>(identity)? {
			OwedBy::<T>::set(identity, owed.less(validator, paid, owes));
		}
	}
	Debts::<T>::set(validator, owes.then_some(debt));
	Ok(())
}
