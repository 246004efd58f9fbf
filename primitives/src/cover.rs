// SPDX-License-Identifier: Apache-2.0

//! Who pays for a slash before the holders do.

use crate::{Balance, EraIndex};

/// What a stash has lost.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Loss<AccountId> {
	/// The stash.
	pub stash: AccountId,
	/// The validator for which it was slashed; `None` if the slash came without a report.
	pub validator: Option<AccountId>,
	/// The era of the offence.
	pub offence_era: EraIndex,
	/// How much it lost.
	pub amount: Balance,
}

/// Pays for losses, as far as it can.
pub trait LossCover<AccountId> {
	/// Pays for `loss` into the account `to` and returns what has arrived there, at most the loss.
	///
	/// Called from within a slash, outside of any storage layer: it must move first and count
	/// what moved, must not fail, and must not call the staking pallet.
	fn cover(loss: &Loss<AccountId>, to: &AccountId) -> Balance;

	/// The part of `open`, the slashes that are reported and not applied, that would not be paid.
	fn uncovered(open: Balance) -> Balance;
}

/// Pays nothing.
pub struct NoCover;

impl<AccountId> LossCover<AccountId> for NoCover {
	fn cover(_loss: &Loss<AccountId>, _to: &AccountId) -> Balance {
		0
	}

	fn uncovered(open: Balance) -> Balance {
		open
	}
}
