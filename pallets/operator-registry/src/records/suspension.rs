// SPDX-License-Identifier: Apache-2.0

//! For how long a guardian has suspended an operator.

use holdfast_primitives::EraIndex;

/// A guardian leaves an operator alone for so many times as long as it has suspended it: so a guardian
/// can suspend nobody for more than a quarter of the time.
const GUARDIAN_REST: EraIndex = 3;

/// The last eras for which a guardian has suspended an operator.
#[frame_support::stored]
#[derive(Copy)]
pub struct GuardianRun {
	/// The first era of the suspension.
	from: EraIndex,
	/// The last era of the suspension.
	until: EraIndex,
}

impl GuardianRun {
	/// A suspension from era `from` to era `until`, both included.
	pub(crate) fn new(from: EraIndex, until: EraIndex) -> Self {
		Self { from, until }
	}

	/// The first era of the suspension.
	pub fn from(&self) -> EraIndex {
		self.from
	}

	/// The last era of the suspension.
	pub fn until(&self) -> EraIndex {
		self.until
	}

	/// Whether it still goes on in `era`, where the operator is suspended up to `suspended`. What governance
	/// has lifted or shortened does not go on.
	pub(crate) fn goes_on(&self, era: EraIndex, suspended: Option<EraIndex>) -> bool {
		self.until >= era && suspended >= Some(self.until)
	}

	/// This suspension up to `until`; `None` if it would be longer than `longest` eras after the first.
	pub(crate) fn extended(self, until: EraIndex, longest: EraIndex) -> Option<Self> {
		let most = self.from.saturating_add(longest);
		(until <= most).then_some(Self { until: until.max(self.until), ..self })
	}

	/// Whether the guardian must still leave the operator alone in `era`.
	pub(crate) fn rests(&self, era: EraIndex) -> bool {
		let length = self.until.saturating_sub(self.from).saturating_add(1);
		let rest = length.saturating_mul(GUARDIAN_REST);
		era <= self.until.saturating_add(rest)
	}
}
