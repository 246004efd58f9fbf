// SPDX-License-Identifier: Apache-2.0

//! Parameters that act later than they are set.

use codec::{Decode, DecodeWithMemTracking, Encode, MaxEncodedLen};
use scale_info::TypeInfo;
use sp_runtime::{traits::EnsureAdd, ArithmeticError};

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
	/// The parameters that act until the next ones do.
	pub current: Parameters,
	/// The block from which on others act, and these.
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

	/// Lets `next` act `delay` blocks after block `now`, in place of others that were to follow. Returns the
	/// block from which on they act; fails if there is no such block.
	pub fn set(&mut self, next: Parameters, delay: u32, now: u32) -> Result<u32, ArithmeticError> {
		let from = now.ensure_add(delay)?;
		*self = Self { current: self.at(now), next: Some((from, next)) };
		Ok(from)
	}
}

#[cfg(test)]
mod tests {
	use super::*;

	#[test]
	fn what_is_set_acts_after_the_delay_and_what_waits_is_replaced() {
		let mut schedule = Schedule { current: 'a', next: None };
		assert_eq!(schedule.set('b', 10, 5), Ok(15));
		assert_eq!([5, 14, 15].map(|now| schedule.at(now)), ['a', 'a', 'b']);
		// In the block before it would have acted.
		assert_eq!(schedule.set('c', 10, 14), Ok(24));
		assert_eq!([15, 23, 24].map(|now| schedule.at(now)), ['a', 'a', 'c']);
		// What acts already goes on until others do.
		assert_eq!(schedule.set('d', 10, 24), Ok(34));
		assert_eq!([33, 34].map(|now| schedule.at(now)), ['c', 'd']);
		let before = schedule;
		assert_eq!(schedule.set('e', 1, u32::MAX), Err(ArithmeticError::Overflow));
		assert_eq!(schedule, before);
	}
}
