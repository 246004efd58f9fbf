// SPDX-License-Identifier: Apache-2.0

//! What the stashes stake, and how much of that a cap allows.

use alloc::vec::Vec;
use holdfast_primitives::Balance;
use sp_runtime::{traits::UniqueSaturatedInto, Perbill};

/// If there are no more stashes than this, each of them may stand under any cap alone, however different
/// they are: between so few there is no better split.
const FEW: usize = 4;

/// A stash of at most this many times the mean may stand under any cap.
const ALIKE: Balance = 2;

/// Stakes of which the smaller is at most this part of the larger below it count as the larger: neither
/// units left over in rounding nor a tiny slash cost a stash its place where a cap is a number of stashes
/// exactly. So a cap may be exceeded by a thousandth of itself.
const SAME: Balance = 1_000;

/// A cap allows its part of the number of stashes as well, the largest of them, if these stake at most
/// this part of it more than it. Or else a slash of one stash would take from every cap that is a number
/// of stashes exactly one of the others.
const CLOSE: Balance = 20;

/// What the stashes of a plan stake, as caps see it.
pub(crate) struct Stakes {
	/// The stake of each stash, in their order.
	each: Vec<Balance>,
	/// The stake of all together.
	total: Balance,
	/// The stake of the smallest.
	least: Balance,
	/// The stake of the largest that may stand under any cap.
	whole: Balance,
	/// The stakes of those that are no larger than that, the largest first.
	usual: Vec<Balance>,
}

impl Stakes {
	/// What stashes stake, as caps see it.
	pub(crate) fn of(stakes: impl Iterator<Item = Balance>) -> Self {
		let mut each: Vec<Balance> = stakes.map(|stake| stake.max(1)).collect();
		let mut order: Vec<&mut Balance> = each.iter_mut().collect();
		order.sort_unstable_by(|a, b| b.cmp(a));
		let mut larger = order.first().map_or(0, |largest| **largest);
		for stake in order {
			if larger.saturating_sub(*stake) <= larger / SAME {
				*stake = larger;
			}
			larger = *stake;
		}
		// Sums are bounded by the issuance.
		let total = each.iter().fold(0, |sum: Balance, stake| sum.saturating_add(*stake));
		let count: Balance = each.len().unique_saturated_into();
		let bound = if each.len() <= FEW {
			total
		} else {
			total.saturating_mul(ALIKE).div_ceil(count.max(1))
		};
		let mut usual: Vec<_> = each.iter().copied().filter(|stake| *stake <= bound).collect();
		usual.sort_unstable_by(|a, b| b.cmp(a));
		let whole = usual.first().copied().unwrap_or(0);
		let least = each.iter().copied().min().unwrap_or(1);
		Self { each, total, least, whole, usual }
	}

	/// The stake of each stash, in their order.
	pub(super) fn each(&self) -> &[Balance] {
		&self.each
	}

	/// The stake of the smallest.
	pub(super) fn least(&self) -> Balance {
		self.least
	}

	/// The stake of the largest that may stand under any cap.
	pub(super) fn whole(&self) -> Balance {
		self.whole
	}

	/// The most stake that `cap` allows: that part of all, rounded down, or of the number of stashes if
	/// they stake little more, but at least one stash, if it is not far larger than the others. A stash
	/// larger than that finds no place; it is for the pool to make it smaller.
	pub(crate) fn part(&self, cap: Perbill) -> Balance {
		let part = cap.mul_floor(self.total);
		let count: u64 = self.each.len().unique_saturated_into();
		let number: usize = cap.mul_floor(count).unique_saturated_into();
		// Sums are bounded by the issuance.
		let largest = self.usual.iter().take(number);
		let stashes = largest.fold(0, |sum: Balance, stake| sum.saturating_add(*stake));
		let close = stashes <= part.saturating_add(part / CLOSE);
		part.max(if close { stashes } else { 0 }).max(self.whole)
	}
}
