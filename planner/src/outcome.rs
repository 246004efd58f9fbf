// SPDX-License-Identifier: Apache-2.0

//! Which stash goes where, once it is known how many of a size stand where.
//!
//! Stashes of a size are equal: one that can keep its validator keeps it, so that no two of them ever swap.

use crate::{
	layout::{known, set},
	Assignment, Cause, Input, Move,
};
use alloc::{
	collections::{BTreeMap, VecDeque},
	vec,
	vec::Vec,
};

/// Stashes of one size, and what becomes of them.
pub(crate) struct Group {
	/// The indices of the stashes, ascending.
	pub(crate) members: Vec<usize>,
	/// How many of those that stood on each candidate may stay.
	pub(crate) rooted: Vec<u32>,
	/// How many are to stand on each candidate.
	pub(crate) counts: Vec<u32>,
	/// From where some had to leave, in the order in which they did.
	pub(crate) removed: Vec<(usize, Cause)>,
}

/// The assignment in which the groups stand so.
pub(crate) fn assign(input: &Input, groups: impl IntoIterator<Item = Group>) -> Assignment {
	let mut assignment = vec![None; input.stashes.len()];
	let mut leaving = Vec::new();
	groups.into_iter().for_each(|group| leaving.append(&mut group.settle(input, &mut assignment)));
	leaving.sort_by_key(|(stash, _)| *stash);
	let step = |(stash, cause): (usize, Cause)| {
		let from = input.stashes.get(stash).and_then(|stash| stash.current);
		let to = assignment.get(stash).copied().flatten();
		let stash = u32::try_from(stash).ok()?;
		(from != to).then_some(Move { stash, from, to, cause })
	};
	let moves = leaving.into_iter().filter_map(step).collect();
	Assignment { places: assignment, moves }
}

impl Group {
	/// Assigns a candidate to each member; returns those that do not keep theirs, and why. Of those that
	/// cannot, the ones with the higher indices leave. If there are too few places, those without a
	/// nomination go without first, then those that were removed.
	fn settle(self, input: &Input, assignment: &mut [Option<u32>]) -> Vec<(usize, Cause)> {
		let mut causes = BTreeMap::<usize, VecDeque<Cause>>::new();
		for (place, cause) in &self.removed {
			causes.entry(*place).or_default().push_back(*cause);
		}
		let sum = |list: &[u32]| list.iter().fold(0u32, |sum, n| sum.saturating_add(*n));
		// Places beside those for the rooted, wherever these go.
		let mut spare = sum(&self.counts).saturating_sub(sum(&self.rooted));
		let (mut rooted, mut free) = (self.rooted, self.counts);
		let mut leaving = Vec::new();
		for stash in self.members {
			let from = input.stashes.get(stash).and_then(|stash| stash.current);
			let Some(place) = known(input, from) else {
				leaving.push((stash, Cause::New));
				continue;
			};
			let is_rooted = decrease(&mut rooted, place);
			if (is_rooted || spare > 0) && decrease(&mut free, place) {
				set(assignment, stash, from);
				spare = spare.saturating_sub(u32::from(!is_rooted));
			} else if is_rooted {
				leaving.push((stash, Cause::Better));
			} else {
				let cause = causes.get_mut(&place).and_then(VecDeque::pop_front);
				leaving.push((stash, cause.unwrap_or(Cause::Better)));
			}
		}
		let urgency = |cause: Cause| match cause {
			Cause::Better => 0,
			Cause::Unfit | Cause::ValidatorOverCap | Cause::ClusterOverCap(_) => 1,
			Cause::New => 2,
		};
		leaving.sort_by_key(|(stash, cause)| (urgency(*cause), *stash));
		let times = |n: u32| usize::try_from(n).unwrap_or(usize::MAX);
		let mut places =
			free.iter().enumerate().flat_map(|(place, n)| core::iter::repeat_n(place, times(*n)));
		for (stash, _) in &leaving {
			set(assignment, *stash, places.next().and_then(|place| u32::try_from(place).ok()));
		}
		leaving
	}
}

/// Takes one away, if there is one.
fn decrease(list: &mut [u32], index: usize) -> bool {
	let slot = list.get_mut(index).and_then(|n| n.checked_sub(1).map(|less| (n, less)));
	slot.map(|(n, less)| *n = less).is_some()
}
