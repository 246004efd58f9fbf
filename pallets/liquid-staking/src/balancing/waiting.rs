// SPDX-License-Identifier: Apache-2.0

//! What is waited for stays idle.

use super::stakes::UnbondingPart;
use holdfast_primitives::Balance;

/// How much of what is `idle` is waited for, and is neither to be staked nor paid out at once, although
/// something unbonds: the rest of it comes after the turn of the `claims`, which are paid in order.
pub(crate) fn waited_for(
	idle: Balance,
	claims: impl Iterator<Item = Balance>,
	unbonding: &[UnbondingPart],
) -> Balance {
	let mut first_first = unbonding.to_vec();
	first_first.sort_by_key(|part| part.era);
	let mut parts = first_first.into_iter().peekable();
	let (mut due, mut comes, mut kept): (Balance, Balance, Balance) = (0, 0, 0);
	for claim in claims {
		due = due.saturating_add(claim);
		// All that comes up to the era in which there is enough for it.
		while let Some(part) = parts.next_if(|_| idle.saturating_add(comes) < due) {
			comes = comes.saturating_add(part.value);
			while let Some(same) = parts.next_if(|next| next.era == part.era) {
				comes = comes.saturating_add(same.value);
			}
		}
		kept = kept.max(due.saturating_sub(comes));
	}
	kept.min(idle)
}
