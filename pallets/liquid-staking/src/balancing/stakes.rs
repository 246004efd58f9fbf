// SPDX-License-Identifier: Apache-2.0

//! The nouns of the arithmetic, and small helpers. Amounts are assets in the smallest unit.

use alloc::vec::Vec;
use holdfast_primitives::{Balance, EraIndex};

/// What limits the changes.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Limits {
	/// The least assets with which a stash may nominate.
	pub(crate) minimum: Balance,
	/// The least assets that a stash in use should hold when it is opened.
	pub(crate) min_stash: Balance,
	/// The most stashes there may be.
	pub(crate) max_stashes: usize,
}

/// A stash, before the changes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct StashStake {
	/// Assets that it stakes.
	pub(crate) active: Balance,
	/// Whether it nominates somebody, so that it can earn.
	pub(crate) nominates: bool,
}

impl StashStake {
	/// With so much `more` at stake. It is put nowhere where it could not nominate.
	pub(super) fn with(self, more: Balance) -> Self {
		let active = self.active.saturating_add(more);
		Self { active, nominates: self.nominates || more > 0 }
	}

	pub(super) fn is_small(self, limits: Limits) -> bool {
		self.active > 0 && self.active < limits.minimum
	}
}

/// What is to be done with the stakes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Flow {
	/// So many assets are lacking, and nothing unbonds for them.
	Deficit(Balance),
	/// So many assets can be staked now, and so many more are to come of what unbonds.
	Surplus {
		/// Assets that are idle, and not needed.
		now: Balance,
		/// Assets that are unbonding, and not needed.
		later: Balance,
	},
}

/// A part of a stash that unbonds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct UnbondingPart {
	/// The stash, by its place among all.
	pub(crate) stash: usize,
	/// The era in which it can be withdrawn.
	pub(crate) era: EraIndex,
	/// How many assets it is.
	pub(crate) value: Balance,
}

/// A change of one stash's stake.
#[frame_support::stored]
#[derive(Copy, Default)]
pub enum StakeChange {
	/// The stake stays as it is.
	#[default]
	Keep,
	/// So many assets more are staked.
	Bond(Balance),
	/// So many assets are unbonded.
	Unbond(Balance),
	/// More is staked, some of it of what unbonds.
	Rebond {
		/// So many assets that unbond are staked again.
		again: Balance,
		/// So many idle assets are staked with them.
		more: Balance,
	},
}

impl StakeChange {
	/// What is staked after it, of a stash that stakes `active`.
	pub(crate) fn applied_to(&self, active: Balance) -> Balance {
		match self {
			Self::Keep => active,
			Self::Bond(more) => active.saturating_add(*more),
			Self::Rebond { again, more } => active.saturating_add(*again).saturating_add(*more),
			Self::Unbond(part) => active.saturating_sub(*part),
		}
	}
}

/// A stash of more than this many times the mean may find no place under any cap.
pub(super) const TOO_LARGE: Balance = 2;

/// How much of `stake` is to be unbonded of a stash that found no place: what it has above the mean of
/// `stakes`, all that look for a place, if it is more than [`TOO_LARGE`] means. It earns nothing
/// meanwhile, and what is freed goes to the others.
pub(crate) fn excess(stake: Balance, stakes: &[Balance]) -> Balance {
	let mean = mean(stakes).unwrap_or(stake);
	if stake > mean.saturating_mul(TOO_LARGE) {
		stake.saturating_sub(mean)
	} else {
		0
	}
}

/// The mean, rounded down; `None` of nothing.
pub(super) fn mean(stakes: &[Balance]) -> Option<Balance> {
	// Sums are bounded by the issuance.
	let sum = stakes.iter().fold(0, |sum: Balance, stake| sum.saturating_add(*stake));
	sum.checked_div(Balance::try_from(stakes.len()).unwrap_or(Balance::MAX))
}

/// Which of `which` to empty first: those that do not nominate, the lightest, the last.
pub(super) fn in_order_of_loss(stashes: &[StashStake], mut which: Vec<usize>) -> Vec<usize> {
	which.sort_by_key(|i| {
		let stash = stashes.get(*i).copied().unwrap_or_default();
		(stash.nominates, stash.active, core::cmp::Reverse(*i))
	});
	which
}

/// The places of the stashes that fit.
pub(super) fn indices(stashes: &[StashStake], fits: impl Fn(StashStake) -> bool) -> Vec<usize> {
	stashes.iter().enumerate().filter(|(_, stash)| fits(**stash)).map(|(i, _)| i).collect()
}

/// What the stash in place `i` stakes.
pub(super) fn active(stashes: &[StashStake], i: usize) -> Balance {
	stashes.get(i).map_or(0, |stash| stash.active)
}

/// The amount in place `i`.
pub(super) fn at(amounts: &[Balance], i: usize) -> Balance {
	amounts.get(i).copied().unwrap_or(0)
}

/// Whether nothing is changed yet in place `i`.
pub(super) fn is_kept(changes: &[StakeChange], i: usize) -> bool {
	changes.get(i) == Some(&StakeChange::Keep)
}

/// Notes what changes in place `i`.
pub(super) fn set(changes: &mut [StakeChange], i: usize, to: StakeChange) {
	if let Some(change) = changes.get_mut(i) {
		*change = to;
	}
}
