// SPDX-License-Identifier: Apache-2.0

//! Where the era work stands.

use super::{
	phase::{Phase, Scan},
	PoolState,
};
use crate::parameters::Parameters;
use holdfast_primitives::{EraIndex, Schedule};

impl PoolState {
	/// Begins the work of `era` in block `now`. The staking pallet pays rewards of the last
	/// `history_depth` eras only.
	pub(crate) fn begin_era(&mut self, era: EraIndex, now: u32, history_depth: u32) {
		match self.era {
			Some(last) => {
				let blocks = now.saturating_sub(self.era_start);
				self.era_length = blocks.checked_div(era.saturating_sub(last)).unwrap_or(blocks);
				// Older rewards cannot be paid any more.
				let oldest = era.saturating_sub(history_depth);
				self.unpaid_era = self.unpaid_era.max(oldest);
			},
			// Nothing that was earned before can be the pool's.
			None => self.unpaid_era = era,
		}
		self.era = Some(era);
		self.era_start = now;
		// What was due has been applied, or has expired.
		self.scan = Scan::Stale;
	}

	/// The era whose work is done now. Set when it begins, before any step.
	pub(crate) fn working_era(&self) -> EraIndex {
		self.era.unwrap_or_default()
	}

	/// Notes what the era work does next.
	pub(crate) fn go_to(&mut self, phase: Phase) {
		self.phase = phase;
	}

	/// Notes that the rewards of all eras before `era` are collected.
	pub(crate) fn collected_until(&mut self, era: EraIndex) {
		self.unpaid_era = era;
	}

	/// Notes how many stashes are in use.
	pub(crate) fn use_stashes(&mut self, count: u32) {
		self.stashes = count;
	}

	/// Notes whether funding waits until the reports are read.
	pub(crate) fn let_funds_wait(&mut self, wait: bool) {
		self.funds_wait = wait;
	}

	/// Notes the parameters that governance has set.
	pub fn set_parameters(&mut self, schedule: Schedule<Parameters>) {
		self.parameters = Some(schedule);
	}
}
