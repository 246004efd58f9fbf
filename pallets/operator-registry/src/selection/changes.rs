// SPDX-License-Identifier: Apache-2.0

//! What a plan changes, and why.

use crate::scores::Fitness;
use alloc::{collections::BTreeSet, vec::Vec};
use frame_support::{defensive, traits::Get, BoundedVec};
use holdfast_planner::Dimension;
use holdfast_primitives::EraIndex;
use sp_runtime::traits::UniqueSaturatedInto;

/// Why the plan changes a nomination.
#[frame_support::stored]
#[derive(Copy)]
pub enum Reason {
	/// The stash nominated nobody.
	New,
	/// Its validator is not in the registry.
	Unlisted,
	/// Its validator may not be nominated any more, for this reason.
	Unfit(Fitness),
	/// Its validator had more stake of the pool than it may have.
	ValidatorOverCap,
	/// A cluster of its validator had more stake of the pool than it may have.
	ClusterOverCap(Dimension),
	/// The stash earns more elsewhere.
	Better,
}

/// A change of a stash's nomination.
#[frame_support::stored(no_skip_type_params)]
pub struct PlannedChange<AccountId> {
	/// The index of the stash.
	pub stash: u32,
	/// The validator that it nominated.
	pub from: Option<AccountId>,
	/// The validator that it is to nominate; `None` if the caps leave no place for it.
	pub to: Option<AccountId>,
	/// The reason of the change.
	pub reason: Reason,
}

/// What the last plan has changed.
#[frame_support::stored]
pub struct Planned<AccountId, MaxStashes: Get<u32>> {
	/// The era whose work carries it out.
	era: EraIndex,
	/// The nominations that it changes, and why.
	changes: BoundedVec<PlannedChange<AccountId>, MaxStashes>,
	/// The number of stashes for which the caps left no place.
	unplaced: u32,
	/// All validators that are nominated by it, in the order of their accounts.
	nominated: BoundedVec<AccountId, MaxStashes>,
}

impl<AccountId, MaxStashes: Get<u32>> Planned<AccountId, MaxStashes> {
	/// A plan for `era`. It is for no more stashes than the pool has.
	pub(crate) fn new(
		era: EraIndex,
		changes: Vec<PlannedChange<AccountId>>,
		unplaced: u32,
		nominated: BTreeSet<AccountId>,
	) -> Self {
		let changes = bounded(changes);
		Self { era, changes, unplaced, nominated: bounded(nominated.into_iter().collect()) }
	}

	/// The era whose work carries it out.
	pub fn era(&self) -> EraIndex {
		self.era
	}

	/// The nominations that it changes, and why.
	pub fn changes(&self) -> &[PlannedChange<AccountId>] {
		&self.changes
	}

	/// The number of stashes for which the caps left no place.
	pub fn unplaced(&self) -> u32 {
		self.unplaced
	}

	/// All validators that are nominated by it, in the order of their accounts.
	pub fn nominated(&self) -> &[AccountId] {
		&self.nominated
	}
}

/// A list with at most one entry for each stash.
fn bounded<Entry, MaxStashes: Get<u32>>(list: Vec<Entry>) -> BoundedVec<Entry, MaxStashes> {
	let count: u32 = list.len().unique_saturated_into();
	if count > MaxStashes::get() {
		defensive!("a plan is for no more stashes than the pool has");
	}
	BoundedVec::truncate_from(list)
}
