// SPDX-License-Identifier: Apache-2.0

//! Stashes that are too small, or too many.

use super::stakes::{
	active, in_order_of_loss, indices, is_kept, set, Flow, Limits, StakeChange, StashStake,
};
use alloc::{vec, vec::Vec};
use holdfast_primitives::Balance;

/// Of the stashes that earn, one in so many is emptied in an era because it is too small, or one too
/// many: what unbonds earns nothing.
pub(super) const MERGED_AT_MOST: usize = 16;

/// Empties the stashes that are too small, as far as the rest of them can be filled to the minimum with
/// what they and the pool have; and those that are too many.
pub(super) fn merge(stashes: &[StashStake], flow: Flow, limits: Limits) -> Vec<StakeChange> {
	let mut changes = vec![StakeChange::Keep; stashes.len()];
	let small = indices(stashes, |stash| stash.is_small(limits));
	let beyond = indices(stashes, |stash| stash.active > 0);
	let beyond = beyond.into_iter().filter(|i| *i >= limits.max_stashes);
	let earning = indices(stashes, |stash| stash.active > 0 && stash.nominates).len();
	let mut room = earning.div_ceil(MERGED_AT_MOST);
	let merged = small.len().saturating_sub(can_stand(stashes, &small, flow, limits));
	let merged = in_order_of_loss(stashes, small).into_iter().take(merged).chain(beyond);
	for i in merged {
		if !is_kept(&changes, i) {
			continue;
		}
		let stash = stashes.get(i).copied().unwrap_or_default();
		if stash.nominates {
			let Some(less) = room.checked_sub(1) else { continue };
			room = less;
		}
		set(&mut changes, i, StakeChange::Unbond(stash.active));
	}
	changes
}

/// How many stashes could stand the minimum with what the `small` ones and the pool have.
fn can_stand(stashes: &[StashStake], small: &[usize], flow: Flow, limits: Limits) -> usize {
	let have = small.iter().fold(0, |sum: Balance, i| sum.saturating_add(active(stashes, *i)));
	let have = match flow {
		Flow::Deficit(deficit) => have.saturating_sub(deficit),
		Flow::Surplus { now, later } => have.saturating_add(now).saturating_add(later),
	};
	let stand = have.checked_div(limits.minimum).unwrap_or(Balance::MAX);
	usize::try_from(stand).unwrap_or(usize::MAX)
}
