// SPDX-License-Identifier: Apache-2.0

//! Levels: as water stands in glasses that are connected.

use alloc::vec::Vec;
use holdfast_primitives::Balance;

/// The level to which `amount` fills the lowest of `held`, rounded down.
pub(super) fn fill_level(held: &[(usize, Balance)], amount: Balance) -> Balance {
	let mut sorted: Vec<Balance> = held.iter().map(|(_, held)| *held).collect();
	sorted.sort_unstable();
	let mut sum = amount;
	let mut count: Balance = 0;
	let mut level: Balance = 0;
	for (i, lowest) in sorted.iter().enumerate() {
		sum = sum.saturating_add(*lowest);
		count = count.saturating_add(1);
		level = sum.checked_div(count).unwrap_or(0);
		if sorted.get(i.saturating_add(1)).is_none_or(|next| level <= *next) {
			break;
		}
	}
	level
}

/// The level to which the highest of `held` fall when `amount` is taken from them, rounded down.
pub(super) fn drain_level(held: &[Balance], amount: Balance) -> Balance {
	let mut sorted = held.to_vec();
	sorted.sort_unstable_by(|a, b| b.cmp(a));
	let mut sum: Balance = 0;
	let mut count: Balance = 0;
	let mut level: Balance = 0;
	for (i, highest) in sorted.iter().enumerate() {
		sum = sum.saturating_add(*highest);
		count = count.saturating_add(1);
		level = sum.saturating_sub(amount).checked_div(count).unwrap_or(0);
		let next = sorted.get(i.saturating_add(1)).copied().unwrap_or(0);
		if sum.saturating_sub(amount) > 0 && level >= next {
			break;
		}
	}
	level
}
