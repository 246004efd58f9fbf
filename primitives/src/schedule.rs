// SPDX-License-Identifier: Apache-2.0

//! Parameters that act later than they are set.

use codec::{Decode, DecodeWithMemTracking, Encode, MaxEncodedLen};
use scale_info::TypeInfo;

/// The parameters, and those that follow them.
#[derive(
	Clone,
	Copy,
	Debug,
	PartialEq,
	Eq,
	Encode,
	Decode,
	DecodeWithMemTracking,
	TypeInfo,
	MaxEncodedLen,
)]
pub struct Schedule<Parameters> {
	/// Until the next ones act.
	pub current: Parameters,
	/// From which block on others act, and which.
	pub next: Option<(u32, Parameters)>,
}

impl<Parameters: Copy> Schedule<Parameters> {
	/// The parameters that act in block `now`.
	pub fn at(&self, now: u32) -> Parameters {
		match self.next {
			Some((from, next)) if from <= now => next,
			_ => self.current,
		}
	}

	/// Lets `next` act from block `from` on, instead of others that were to follow.
	#[must_use]
	pub fn then(&self, from: u32, next: Parameters, now: u32) -> Self {
		Self { current: self.at(now), next: Some((from, next)) }
	}
}
