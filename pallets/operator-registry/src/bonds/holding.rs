// SPDX-License-Identifier: Apache-2.0

//! An operator bonds more.

use crate::{debts, operators::staying, Config, Error, Event, HoldReason, Operators, Pallet};
use frame_support::{ensure, traits::fungible::MutateHold};
use holdfast_primitives::Balance;
use sp_runtime::DispatchResult;

/// Does what [`Pallet::bond_more`] says.
pub(crate) fn bond_more<T: Config>(who: T::AccountId, amount: Balance) -> DispatchResult {
	ensure!(amount > 0, Error::<T>::NothingToBond);
	let mut operator = staying::<T>(&who)?;
	let identity = operator.owing_identity(&who);
	let bonded = debts::pay_all::<T>(&who, identity, operator.validators(), amount)?;
	if bonded > 0 {
		T::Currency::hold(&HoldReason::OperatorBond.into(), &who, bonded)?;
		operator.bond_more(bonded)?;
		Operators::<T>::insert(&who, operator);
		Pallet::<T>::deposit_event(Event::BondAdded { operator: who, amount: bonded });
	}
	Ok(())
}
