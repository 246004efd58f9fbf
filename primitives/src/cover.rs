// SPDX-License-Identifier: Apache-2.0

//! The cover: it pays for a slash before the holders do, and gets a premium for that.

use crate::{Balance, EraIndex};
use sp_runtime::Weight;

/// What a stash has lost.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Loss<AccountId> {
	/// The stash that was slashed.
	pub stash: AccountId,
	/// The validator for which it was slashed; `None` if the slash came without a report.
	pub validator: Option<AccountId>,
	/// The era of the offence.
	pub offence_era: EraIndex,
	/// The era in which the slash was due.
	pub applied_in: EraIndex,
	/// The assets that it lost, in the smallest unit.
	pub amount: Balance,
	/// The part of its report that this resolves, in the smallest unit: as much as was lost, or less.
	pub reported: Balance,
}

/// A report, as the cover is told it: slashes of stashes on one validator that are computed and not applied.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OpenReport<AccountId> {
	/// The validator that offended.
	pub validator: AccountId,
	/// The era of the offence.
	pub offence_era: EraIndex,
	/// The era in which the slashes are due.
	pub applied_in: EraIndex,
	/// What a stash stands to lose, in the smallest unit. Several with the same validator and eras add up.
	pub amount: Balance,
}

/// What the cover gets out of a reward.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Dues {
	/// The premium of those who stand in for losses, in the smallest unit.
	pub premium: Balance,
	/// The part of the fee that is put aside, in the smallest unit.
	pub fee: Balance,
}

impl Dues {
	/// The premium and the fee. Saturating: both are parts of one reward.
	pub fn total(self) -> Balance {
		self.premium.saturating_add(self.fee)
	}
}

/// Pays for losses, as far as it can.
pub trait LossCover<AccountId> {
	/// Pays for `loss` into the account `to` and returns what has arrived there, at most the loss.
	///
	/// Called from within a slash, outside of any storage layer: it must move first and count
	/// what moved, must not fail, and must not call the staking pallet.
	fn cover(loss: &Loss<AccountId>, to: &AccountId) -> Balance;

	/// The part of `open`, the slashes that are reported and not applied, that would not be paid: by
	/// nobody, bonds of operators included. Rather too much than too little.
	fn uncovered(open: Balance) -> Balance;

	/// Is told of all slashes that are reported and not applied, whenever that may have changed
	/// otherwise than by [`Self::cover`]. What was told before and is not among them was cancelled
	/// or has expired.
	fn reported(_open: impl Iterator<Item = OpenReport<AccountId>>) {}

	/// The most that [`Self::reported`] weighs.
	fn reported_weight() -> Weight {
		Weight::zero()
	}

	/// What it gets out of `reward`, of which `fee` is set aside for it: at most that fee, and a
	/// premium that the holders pay. Changes nothing.
	fn dues(_reward: Balance, fee: Balance) -> Dues {
		Dues { premium: 0, fee }
	}

	/// Is told that `dues` have arrived in its account.
	fn collected(_dues: Dues) {}

	/// The most that [`Self::dues`] and [`Self::collected`] weigh together.
	fn collect_weight() -> Weight {
		Weight::zero()
	}
}

/// A cover that pays nothing.
pub struct NoCover;

impl<AccountId> LossCover<AccountId> for NoCover {
	fn cover(_loss: &Loss<AccountId>, _to: &AccountId) -> Balance {
		0
	}

	fn uncovered(open: Balance) -> Balance {
		open
	}
}

/// The pool, as its cover sees it.
pub trait InsuredPool<AccountId> {
	/// Whether the cover was told of everything that is reported.
	fn reports_fresh() -> bool;

	/// The most that the pool can lose with `validator`: all that its stashes hold which nominate it
	/// or did so lately. Bounded by the number of stashes; not for calls.
	fn stake_with(validator: &AccountId) -> Balance;
}
