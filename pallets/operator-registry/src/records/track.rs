// SPDX-License-Identifier: Apache-2.0

//! What a validator's record learns from an era.

use super::validator::Validator;
use holdfast_primitives::EraIndex;
use sp_runtime::{
	traits::{Saturating, UniqueSaturatedInto},
	Perbill,
};

/// The part of the reliability that an era makes: an eighth.
const NEW_PART: u64 = 8;

/// The part of the penalty that fades in an era: a sixty-fourth.
const FADES: u32 = 64;

/// What happened to one validator in the last era.
pub(crate) struct Sample {
	/// Its points against the mean of the elected, at most 1; `None` if it was not elected.
	pub(crate) points: Option<Perbill>,
	/// The eras, this one included, in which the pool's stake should have been exposed to it and was not: at
	/// most two.
	pub(crate) absent: u32,
	/// The era of the last offence that is known.
	pub(crate) offence: Option<EraIndex>,
	/// The highest commission seen now.
	pub(crate) commission: Perbill,
}

impl<AccountId> Validator<AccountId> {
	/// Takes note of what happened up to `era`, of which `window` is as long as the bonding duration.
	pub(crate) fn observe(&mut self, sample: &Sample, era: EraIndex, window: EraIndex) {
		sample.points.into_iter().for_each(|points| self.rate(points));
		// At most two.
		(0..sample.absent).for_each(|_| self.rate(Perbill::zero()));
		let faded = self.penalty.deconstruct().checked_div(FADES).unwrap_or_default();
		self.penalty = Perbill::from_parts(self.penalty.deconstruct().saturating_sub(faded));
		if sample.offence > self.last_offence {
			let left = Perbill::one().saturating_sub(self.penalty);
			let half = Perbill::from_parts(left.deconstruct().checked_div(2).unwrap_or_default());
			self.penalty = Perbill::one().saturating_sub(half);
			self.last_offence = sample.offence;
		}
		let [now, before] = self.commission;
		let age = era.saturating_sub(self.window);
		self.commission = if age < window {
			[now.max(sample.commission), before]
		} else {
			self.window = era;
			[sample.commission, if age < window.saturating_mul(2) { now } else { Perbill::zero() }]
		};
	}

	/// Counts an era in the reliability.
	fn rate(&mut self, points: Perbill) {
		let parts = |part: Perbill| u64::from(part.deconstruct());
		let rest = parts(self.reliability).saturating_mul(NEW_PART.saturating_sub(1));
		let sum = rest.saturating_add(parts(points));
		// Divided by a constant that is not zero; no more than one.
		let average = sum.checked_div(NEW_PART).unwrap_or_default();
		self.reliability = Perbill::from_parts(average.unique_saturated_into());
	}
}
