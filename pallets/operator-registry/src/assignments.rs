// SPDX-License-Identifier: Apache-2.0

//! The validators on which the last plan has put each stash.

use crate::{failures::unreadable, Assigned, AssignedOf, Config};
use alloc::vec::Vec;
use frame_support::defensive;
use holdfast_primitives::stored;

/// The most stashes of which a stored plan can tell. As [`MOST_VALIDATORS`](crate::MOST_VALIDATORS), whatever
/// [`Config::MaxStashes`] is lowered to.
pub const MOST_STASHES: u32 = 64;

/// The indices of the stashes that the last plan has on `validator`. None if that cannot be decoded.
pub(crate) fn stashes_on<T: Config>(validator: &T::AccountId) -> Vec<u32> {
	let Ok(assigned) = stored::value::<Assigned<T>, AssignedOf<T>>() else {
		unreadable("the assignment of stashes");
		return Vec::new();
	};
	let on_it = assigned.into_iter().flatten().filter(|(_, to)| to == validator);
	on_it.map(|(stash, _)| stash).collect()
}

/// Keeps the validators on which a plan has put the stashes.
pub(crate) fn assign<T: Config>(assigned: Vec<(u32, T::AccountId)>) {
	if assigned.len() > usize::try_from(MOST_STASHES).unwrap_or(usize::MAX) {
		defensive!("a plan is for no more stashes than the pool has");
	}
	Assigned::<T>::put(AssignedOf::<T>::truncate_from(assigned));
}
