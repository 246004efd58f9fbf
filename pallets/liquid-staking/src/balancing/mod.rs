// SPDX-License-Identifier: Apache-2.0

//! How much each stash stakes. Pure functions.
//!
//! A staking pallet has a least bond with which a stash may nominate, and may raise it: then stashes
//! are too small. They are merged: some are emptied, so that the others can stand the minimum. So
//! are those beyond the most stashes that there may be.

mod deficit;
mod levels;
mod merge;
mod stakes;
mod surplus;
#[cfg(test)]
mod tests;
mod waiting;

pub use stakes::StakeChange;

pub(crate) use stakes::{excess, Flow, Limits, StashStake, UnbondingPart};
pub(crate) use waiting::waited_for;

use alloc::vec::Vec;
use deficit::unbond_deficit;
use merge::merge;
use surplus::{bond_surplus, rebonded};

/// Changes for one era, one per stash, new stashes last. `unbonding` is all that unbonds.
pub(crate) fn stake_changes(
	stashes: &[StashStake],
	unbonding: &[UnbondingPart],
	flow: Flow,
	limits: Limits,
) -> Vec<StakeChange> {
	let mut changes = merge(stashes, flow, limits);
	match flow {
		Flow::Deficit(deficit) => unbond_deficit(stashes, deficit, limits, &mut changes),
		Flow::Surplus { now, later } => {
			let again = rebonded(stashes, unbonding, later, limits, &changes);
			let after: Vec<StashStake> =
				stashes.iter().zip(&again).map(|(stash, again)| stash.with(*again)).collect();
			bond_surplus(&after, now, limits, &mut changes);
			for (change, again) in changes.iter_mut().zip(again).filter(|(_, again)| *again > 0) {
				let more = if let StakeChange::Bond(more) = *change { more } else { 0 };
				*change = StakeChange::Rebond { again, more };
			}
		},
	}
	changes
}
