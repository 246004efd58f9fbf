// SPDX-License-Identifier: Apache-2.0

//! What is lacking is unbonded.

use super::{
	levels::drain_level,
	stakes::{active, in_order_of_loss, indices, is_kept, set, Limits, StakeChange, StashStake},
};
use alloc::vec::Vec;
use holdfast_primitives::Balance;

/// Adds changes that free `deficit`, less what is freed already.
///
/// What does not nominate is drained first. Of the others, the heaviest are lowered to one level, but to
/// no less than half of what opens a stash. If that is not enough, as many are emptied as are
/// needed, the lightest first; that may free more than was asked for.
pub(super) fn unbond_deficit(
	stashes: &[StashStake],
	deficit: Balance,
	limits: Limits,
	changes: &mut [StakeChange],
) {
	let freed = changes.iter().fold(0, |sum: Balance, change| match change {
		StakeChange::Unbond(part) => sum.saturating_add(*part),
		_ => sum,
	});
	let lacking = deficit.saturating_sub(freed);
	let lacking = drain_idle(stashes, lacking, limits, changes);
	if lacking > 0 {
		lower_earning(stashes, lacking, limits, changes);
	}
}

/// Drains what does not nominate. Returns what is still lacking.
fn drain_idle(
	stashes: &[StashStake],
	lacking: Balance,
	limits: Limits,
	changes: &mut [StakeChange],
) -> Balance {
	let mut lacking = lacking;
	let mut idle = indices(stashes, |stash| stash.active > 0 && !stash.nominates);
	idle.retain(|i| is_kept(changes, *i));
	for i in in_order_of_loss(stashes, idle) {
		if lacking == 0 {
			break;
		}
		let active = active(stashes, i);
		// What would stay must be able to nominate again.
		let stays = active.checked_sub(lacking).filter(|stays| *stays >= limits.minimum);
		let part = if stays.is_some() { lacking } else { active };
		set(changes, i, StakeChange::Unbond(part));
		lacking = lacking.saturating_sub(part);
	}
	lacking
}

/// Empties as many of what earns as is needed, and lowers the heaviest of the others to one level.
fn lower_earning(
	stashes: &[StashStake],
	lacking: Balance,
	limits: Limits,
	changes: &mut [StakeChange],
) {
	let mut lacking = lacking;
	let mut earning = indices(stashes, |stash| stash.active > 0 && stash.nominates);
	earning.retain(|i| is_kept(changes, *i));
	// Half of what opens a stash keeps it: no flapping between the two.
	let floor = limits.min_stash / 2;
	let mut emptied = in_order_of_loss(stashes, earning.clone()).into_iter();
	let can_lower = |earning: &[usize]| {
		let above = |i: &usize| active(stashes, *i).saturating_sub(floor);
		earning.iter().map(above).fold(0, |sum: Balance, part| sum.saturating_add(part))
	};
	while lacking > can_lower(&earning) {
		let Some(i) = emptied.next() else { break };
		set(changes, i, StakeChange::Unbond(active(stashes, i)));
		lacking = lacking.saturating_sub(active(stashes, i));
		earning.retain(|other| *other != i);
	}
	let staked: Vec<Balance> = earning.iter().map(|i| active(stashes, *i)).collect();
	let level = drain_level(&staked, lacking).max(floor);
	for i in earning {
		let part = active(stashes, i).saturating_sub(level).min(lacking);
		if part > 0 {
			set(changes, i, StakeChange::Unbond(part));
			lacking = lacking.saturating_sub(part);
		}
	}
}
