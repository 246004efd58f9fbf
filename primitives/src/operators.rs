// SPDX-License-Identifier: Apache-2.0

//! Operators of validators, as an insurance sees them.

use crate::Balance;
use sp_runtime::Perbill;

/// The bonds of operators, which are the first to pay for a slash.
pub trait OperatorBonds<AccountId> {
	/// Moves up to `amount` from the bond of the operator on record for `validator` to the account
	/// `to`, notes what is lacking as the operator's debt, and returns what has arrived.
	///
	/// Called from within a slash, outside of any storage layer: bounded, never fails, and calls no
	/// staking pallet. Zero without a record.
	fn pay(validator: &AccountId, amount: Balance, to: &AccountId) -> Balance;

	/// The operator on record for `validator`, and what its bond could pay now: for all of its
	/// validators together. `None` without a record.
	fn bond_of(validator: &AccountId) -> Option<(AccountId, Balance)>;

	/// What the bond of the operator on record for `validator` could pay now.
	fn bond(validator: &AccountId) -> Balance {
		Self::bond_of(validator).map_or(0, |(_, bond)| bond)
	}
}

/// A chain without bonds of operators.
impl<AccountId> OperatorBonds<AccountId> for () {
	fn pay(_validator: &AccountId, _amount: Balance, _to: &AccountId) -> Balance {
		0
	}

	fn bond_of(_validator: &AccountId) -> Option<(AccountId, Balance)> {
		None
	}
}

/// What the pool may lose by its operators. Computed once an era; reading it costs one read.
pub trait OperatorRisk {
	/// The most that any one operator could make the pool lose now, with all its seats together.
	fn largest_loss() -> Balance;

	/// What the pool loses on average in the time that unbonding takes.
	fn expected_loss() -> Balance;
}

/// A chain on which operators cost nothing.
impl OperatorRisk for () {
	fn largest_loss() -> Balance {
		0
	}

	fn expected_loss() -> Balance {
		0
	}
}

/// What the chain's staking pallet takes for the offences that are wired.
pub trait SlashModel {
	/// The part of its stake that each of `seats` validators loses if they offend together, out of
	/// `elected`.
	fn fraction(seats: u32, elected: u32) -> Perbill;

	/// Whether nominators bear their part of it.
	fn nominators_slashable() -> bool;
}

/// Equivocation, as the staking pallets punish it: `min(1, (3 k / n)^2)` for `k` of `n`.
pub struct Equivocation;

impl SlashModel for Equivocation {
	fn fraction(seats: u32, elected: u32) -> Perbill {
		let part = Perbill::from_rational(seats.saturating_mul(3).min(elected), elected);
		part.square()
	}

	fn nominators_slashable() -> bool {
		true
	}
}

/// The creditor of operators: it gets what they repay of their debts, and counts on their bonds.
pub trait DebtSink<AccountId> {
	/// The account to which debts are paid.
	fn account() -> AccountId;

	/// Is told that `amount` has arrived there. Never fails.
	fn repaid(amount: Balance);

	/// Is told that a bond is `amount` less than before, and that no loss was paid with that. Never
	/// fails.
	fn released(_amount: Balance) {}
}

#[cfg(test)]
mod tests {
	use super::*;

	#[test]
	fn equivocation_costs_the_square_of_three_times_the_part() {
		assert_eq!(Equivocation::fraction(1, 100), Perbill::from_parts(900_000));
		// A tenth of the seats loses nine hundredths.
		assert_eq!(Equivocation::fraction(10, 100), Perbill::from_percent(9));
		assert_eq!(Equivocation::fraction(34, 100), Perbill::one());
		assert_eq!(Equivocation::fraction(u32::MAX, 100), Perbill::one());
		assert_eq!(Equivocation::fraction(0, 100), Perbill::zero());
		assert_eq!(Equivocation::fraction(1, 0), Perbill::one());
	}
}
