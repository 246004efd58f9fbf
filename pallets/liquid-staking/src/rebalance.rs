// SPDX-License-Identifier: Apache-2.0

//! How much each stash stakes. Pure functions.

use crate::Change;
use alloc::{vec, vec::Vec};
use holdfast_primitives::Balance;

/// What limits the plan.
#[derive(Clone, Copy, Debug)]
pub struct Limits {
	/// The least that a stash in use should hold.
	pub min_stash: Balance,
	/// The most stashes there may be.
	pub max_stashes: usize,
}

/// Changes that bring `surplus` into the stake, one per stash, new stashes last.
///
/// The lightest stashes are filled to one level. Empty stashes are used, and new ones opened, as
/// long as each of them reaches `min_stash`. If there is no stash in use and not even one can be
/// filled, nothing changes and the surplus waits.
pub fn spread(active: &[Balance], surplus: Balance, limits: Limits) -> Vec<Change> {
	let mut changes = vec![Change::Keep; active.len()];
	let used = in_use(active);
	// Sums are bounded by the issuance.
	let total = active.iter().fold(surplus, |sum, a| sum.saturating_add(*a));
	let affordable = total.checked_div(limits.min_stash).unwrap_or(Balance::MAX);
	let most = usize::try_from(affordable).unwrap_or(usize::MAX).min(limits.max_stashes);
	// From many stashes to few: the first count at which every new one is filled enough.
	for count in (used.max(1)..=most.max(used)).rev() {
		let mut empty = count.saturating_sub(used);
		let chosen: Vec<(usize, Balance)> = (0..active.len().max(limits.max_stashes))
			.map(|i| (i, active.get(i).copied().unwrap_or(0)))
			.filter(|(_, held)| {
				let open = *held == 0 && empty > 0;
				empty = empty.saturating_sub(open.into());
				*held > 0 || open
			})
			.collect();
		let level = fill_level(&chosen, surplus);
		if count > used && level < limits.min_stash {
			continue;
		}
		let mut left = surplus;
		// The level is rounded down; the few units left go to the lightest.
		let lightest = chosen.iter().min_by_key(|(_, held)| *held).map(|(i, _)| *i);
		for (i, held) in chosen {
			let part = level.saturating_sub(held).min(left);
			if part == 0 {
				continue;
			}
			changes.resize(changes.len().max(i.saturating_add(1)), Change::Keep);
			if let Some(change) = changes.get_mut(i) {
				*change = Change::Bond(part);
				left = left.saturating_sub(part);
			}
		}
		let change = lightest.and_then(|i| changes.get_mut(i));
		if let Some(change) = change.filter(|_| left > 0) {
			*change = match *change {
				Change::Bond(part) => Change::Bond(part.saturating_add(left)),
				_ => Change::Bond(left),
			};
		}
		break;
	}
	changes
}

/// Changes that free `deficit`, one per stash.
///
/// The heaviest stashes are lowered to one level. If what remains is too little for the stashes
/// in use, the last ones are emptied whole; that may free more than was asked for.
pub fn gather(active: &[Balance], deficit: Balance, limits: Limits) -> Vec<Change> {
	let total = active.iter().fold(0, |sum: Balance, a| sum.saturating_add(*a));
	let remaining = total.saturating_sub(deficit);
	// Half of what opens a stash keeps it: no flapping between the two.
	let keep = remaining.checked_div(limits.min_stash / 2).unwrap_or(Balance::MAX);
	let keep = usize::try_from(keep).unwrap_or(usize::MAX).min(active.len());
	let mut to_empty = in_use(active).saturating_sub(keep);
	let mut left = deficit;
	let mut changes = vec![Change::Keep; active.len()];
	let mut held = active.to_vec();
	for (held, change) in held.iter_mut().zip(changes.iter_mut()).rev() {
		if to_empty == 0 {
			break;
		}
		if *held > 0 {
			*change = Change::Unbond(*held);
			left = left.saturating_sub(*held);
			*held = 0;
			to_empty = to_empty.saturating_sub(1);
		}
	}
	let level = drain_level(&held, left);
	for (held, change) in held.iter().zip(changes.iter_mut()) {
		let part = held.saturating_sub(level).min(left);
		if part > 0 {
			*change = Change::Unbond(part);
			left = left.saturating_sub(part);
		}
	}
	changes
}

fn in_use(active: &[Balance]) -> usize {
	active.iter().filter(|a| **a > 0).count()
}

/// The level to which `amount` fills the lowest of `held`, rounded down.
fn fill_level(held: &[(usize, Balance)], amount: Balance) -> Balance {
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
fn drain_level(held: &[Balance], amount: Balance) -> Balance {
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

#[cfg(test)]
mod tests {
	use super::*;
	use proptest::prelude::*;

	const LIMITS: Limits = Limits { min_stash: 400, max_stashes: 64 };

	fn bonds(changes: &[Change]) -> Vec<Balance> {
		changes.iter().map(|c| if let Change::Bond(x) = c { *x } else { 0 }).collect()
	}

	fn unbonds(changes: &[Change]) -> Vec<Balance> {
		changes.iter().map(|c| if let Change::Unbond(x) = c { *x } else { 0 }).collect()
	}

	#[test]
	fn the_first_surplus_opens_as_many_stashes_as_it_fills() {
		assert_eq!(bonds(&spread(&[], 399, LIMITS)), Vec::<Balance>::new());
		assert_eq!(bonds(&spread(&[], 400, LIMITS)), [400]);
		assert_eq!(bonds(&spread(&[], 1_000, LIMITS)), [500, 500]);
		assert_eq!(bonds(&spread(&[], 1_201, LIMITS)), [401, 400, 400]);
		assert_eq!(spread(&[], 1_000_000, LIMITS).len(), 64);
	}

	#[test]
	fn the_lightest_stashes_are_filled_first() {
		assert_eq!(bonds(&spread(&[500, 400, 460], 100, LIMITS)), [0, 80, 20]);
	}

	#[test]
	fn a_surplus_too_small_to_share_goes_to_a_stash_in_use() {
		assert_eq!(bonds(&spread(&[0, 500, 500], 1, LIMITS)), [0, 1, 0]);
	}

	#[test]
	fn a_stash_lost_to_a_slash_is_refilled_only_as_a_whole() {
		assert_eq!(bonds(&spread(&[500, 0, 500], 300, LIMITS)), [150, 0, 150]);
		assert_eq!(bonds(&spread(&[500, 0, 500], 400, LIMITS)), [0, 400, 0]);
	}

	#[test]
	fn the_heaviest_stashes_give_first() {
		assert_eq!(unbonds(&gather(&[500, 400, 460], 60, LIMITS)), [50, 0, 10]);
	}

	#[test]
	fn a_small_pool_empties_whole_stashes() {
		// 700 remain, that is room for three stashes of 200.
		assert_eq!(unbonds(&gather(&[400, 400, 400, 400], 900, LIMITS)), [167, 167, 166, 400]);
		assert_eq!(unbonds(&gather(&[400, 400], 800, LIMITS)), [400, 400]);
		// 50 would remain: too little for a stash, so that all of it comes back.
		assert_eq!(unbonds(&gather(&[400, 400], 750, LIMITS)), [400, 400]);
	}

	fn stashes() -> impl Strategy<Value = Vec<Balance>> {
		prop::collection::vec(
			prop_oneof![Just(0), Just(500), 1..2_000u128, 1..1_000_000_000u128],
			0..64,
		)
	}

	proptest! {
		#![proptest_config(ProptestConfig::with_cases(2_000))]

		#[test]
		fn spreading_uses_all_or_nothing(
			active in stashes(), surplus in prop_oneof![0..100u128, 0..10_000_000_000u128],
		) {
			let changes = spread(&active, surplus, LIMITS);
			let bonded: Balance = bonds(&changes).iter().sum();
			prop_assert!(bonded == surplus || bonded == 0);
			prop_assert!(changes.len() <= LIMITS.max_stashes.max(active.len()));
			prop_assert!(!changes.iter().any(|c| matches!(c, Change::Unbond(_))));
			// No stash is opened below the minimum.
			for (i, part) in bonds(&changes).into_iter().enumerate() {
				let before = active.get(i).copied().unwrap_or(0);
				prop_assert!(part == 0 || before > 0 || part >= LIMITS.min_stash);
			}
			// What is in use is always topped up, however little there is.
			if active.iter().any(|a| *a > 0) {
				prop_assert_eq!(bonded, surplus);
			}
		}

		#[test]
		fn gathering_frees_enough_and_no_more_than_there_is(
			active in stashes(), deficit in 0..10_000_000_000u128,
		) {
			let total: Balance = active.iter().sum();
			let changes = gather(&active, deficit, LIMITS);
			let freed = unbonds(&changes);
			prop_assert!(freed.iter().sum::<Balance>() >= deficit.min(total));
			for (part, held) in freed.iter().zip(&active) {
				prop_assert!(part <= held);
			}
			prop_assert!(!changes.iter().any(|c| matches!(c, Change::Bond(_))));
		}
	}
}
