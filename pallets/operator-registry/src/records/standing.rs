// SPDX-License-Identifier: Apache-2.0

//! What a validator has at stake itself, and what it has still to show.

use holdfast_primitives::{Balance, EraIndex};

/// What a validator stands on: what it has at stake itself, and what it has still to show.
#[frame_support::stored]
#[derive(Copy, Default)]
pub struct Standing {
	/// Its own stake that was counted as at risk in the last round, in the smallest unit.
	own: Balance,
	/// The last era in which that was found to be less than before.
	fell: Option<EraIndex>,
	/// The eras in which it has still to be elected, and to have points enough, before it is nominated.
	to_show: EraIndex,
}

impl Standing {
	/// The last era in which its own stake at risk was found to be less than before.
	pub fn fell(&self) -> Option<EraIndex> {
		self.fell
	}

	/// The eras in which it has still to show its work before it is nominated.
	pub fn to_show(&self) -> EraIndex {
		self.to_show
	}

	/// Lets it show its work in at least so many eras.
	pub(crate) fn must_show(&mut self, eras: EraIndex) {
		self.to_show = self.to_show.max(eras);
	}

	/// Counts an era in which it has shown its work.
	pub(crate) fn has_shown(&mut self) {
		self.to_show = self.to_show.saturating_sub(1);
	}

	/// Counts what is at risk in `era`, and whether it is less than before.
	pub(crate) fn count(&mut self, at_risk: Balance, era: EraIndex) {
		if at_risk < self.own {
			self.fell = Some(era);
		}
		self.own = at_risk;
	}

	/// Whether what is at risk has fallen in the last `eras` before `era`.
	pub(crate) fn fell_lately(&self, era: EraIndex, eras: EraIndex) -> bool {
		self.fell.is_some_and(|fell| fell.saturating_add(eras) > era)
	}
}
