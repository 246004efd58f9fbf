// SPDX-License-Identifier: Apache-2.0

//! The bond of an operator pays for a slash.

use crate::{
	debts,
	failures::unreadable,
	labels::{cluster_of_account, Cluster},
	records, Config, Event, HoldReason, OperatorOf, Operators, Pallet,
};
use frame_support::traits::{
	fungible::{InspectHold, MutateHold},
	tokens::{Fortitude, Precision, Restriction},
};
use holdfast_primitives::{Balance, OperatorBonds};

impl<T: Config> OperatorBonds<T::AccountId> for Pallet<T> {
	/// Pays from the bond of the operator that is on record for `validator`, also if one of them has
	/// left. What the bond lacks is owed for this validator, and by the operator's identity.
	fn pay(validator: &T::AccountId, amount: Balance, to: &T::AccountId) -> Balance {
		let record = match records::validator::<T>(validator) {
			Ok(Some(record)) => record,
			Ok(None) => return 0,
			Err(_) => {
				let validator = validator.clone();
				Self::deposit_event(Event::BondUnreadable { validator, amount });
				return 0;
			},
		};
		let who = record.operator();
		let (paid, identity) = match records::operator::<T>(who) {
			Ok(Some(operator)) => take::<T>(who, operator, amount, to),
			Ok(None) => return 0,
			// Its bond stays untouched, and it owes all of it.
			Err(_) => {
				unreadable("an operator");
				(0, cluster_of_account(who))
			},
		};
		let lacks = amount.saturating_sub(paid);
		let noted = lacks == 0 || debts::owe::<T>(validator, lacks, identity).is_ok();
		Self::deposit_event(Event::BondSlashed {
			operator: who.clone(),
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
		let record = records::validator::<T>(validator).ok().flatten()?;
		let who = record.operator();
		let operator = records::operator::<T>(who).ok().flatten()?;
		// Never more than is really there.
		let held = T::Currency::balance_on_hold(&HoldReason::OperatorBond.into(), who);
		Some((who.clone(), operator.bond().min(held)))
	}
}

/// Moves up to `amount` of the bond of `operator` to the account `to`. Returns what was moved, and the
/// identity that owes the rest.
fn take<T: Config>(
	who: &T::AccountId,
	mut operator: OperatorOf<T>,
	amount: Balance,
	to: &T::AccountId,
) -> (Balance, Cluster) {
	// Moved first, booked as it was.
	let paid = T::Currency::transfer_on_hold(
		&HoldReason::OperatorBond.into(),
		who,
		to,
		amount.min(operator.bond()),
		Precision::BestEffort,
		Restriction::Free,
		Fortitude::Force,
	)
	.unwrap_or_default();
	operator.pay(paid);
	let identity = operator.owing_identity(who);
	Operators::<T>::insert(who, operator);
	(paid, identity)
}
