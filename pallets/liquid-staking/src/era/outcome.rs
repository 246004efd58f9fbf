// SPDX-License-Identifier: Apache-2.0

//! What a step says to the machine.

use crate::books::Phase;
use frame_support::weights::Weight;

/// Where the work goes on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Next {
	/// With the same step once more.
	Again,
	/// In this phase, which is the same one with another subject, or another one.
	Phase(Phase),
	/// In the phase that the table names.
	Following,
	/// Nowhere: the work of the era is complete.
	Complete,
}

/// A step that was done.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Done {
	/// The weight that the step has taken.
	pub(super) cost: Weight,
	/// Where the work goes on.
	pub(super) next: Next,
}
