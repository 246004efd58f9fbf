// SPDX-License-Identifier: Apache-2.0

//! How long a withdrawal waits, how long it can be made, and the eras in which nobody can leave.

use super::{FundState, WIPED};
use holdfast_primitives::EraIndex;

/// Eras that a withdrawal waits beyond the bonding duration.
pub const EXTRA_ERAS: EraIndex = 2;

/// Eras in which a withdrawal that is mature can be made.
pub const WINDOW: EraIndex = 2;

/// A span of eras in which so much was reported that no underwriter could leave.
#[frame_support::stored]
#[derive(Copy)]
pub struct Blocked {
	/// The first era of the span.
	pub from: EraIndex,
	/// The last era of the span.
	pub until: EraIndex,
}

impl Blocked {
	/// The era in which withdrawals lapse that were held up by this: their window begins anew in the
	/// era after the span. Saturating: far beyond any era.
	pub fn lapses_in(&self) -> EraIndex {
		self.until.saturating_add(1).saturating_add(WINDOW)
	}
}

impl FundState {
	/// Whether so much is reported that underwriters who left in block `now` would leave all they have
	/// behind, or all but a millionth.
	pub fn is_blocked(&self, now: u32) -> bool {
		let liable = self.reported.0.saturating_sub(self.locked.0);
		let released = self.released(now).0;
		let least = released.checked_div(WIPED).unwrap_or(0);
		self.shares.0 > 0 && liable > 0 && released.saturating_sub(liable) <= least
	}

	/// Notes in `era` whether underwriters can leave. Those who are held up by reports are given time to
	/// leave when the reports are gone.
	pub(crate) fn note_blocked(&mut self, era: EraIndex, now: u32) {
		if !self.is_blocked(now) {
			return;
		}
		let from = match self.blocked {
			// Those who were held up have not had their time yet: it is the same span.
			Some(blocked) if era < blocked.lapses_in() => blocked.from,
			_ => era,
		};
		self.blocked = Some(Blocked { from, until: era });
	}
}
