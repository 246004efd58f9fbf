// SPDX-License-Identifier: Apache-2.0

//! Rewards are released to the holders linearly over blocks, so that the exchange rate has no
//! step for anyone to snipe.

use crate::{shares::pro_rata_up, Balance};
use codec::{Decode, DecodeWithMemTracking, Encode, MaxEncodedLen};
use scale_info::TypeInfo;

/// `amount` of assets, released evenly from block `start` to block `end`.
///
/// ```
/// use holdfast_primitives::Stream;
///
/// let stream = Stream { amount: 100, start: 10, end: 13 };
/// assert_eq!(stream.unreleased(10), 100);
/// // Rounded up: what is released is never more than was earned.
/// assert_eq!(stream.unreleased(11), 67);
/// assert_eq!(stream.unreleased(12), 34);
/// assert_eq!(stream.unreleased(13), 0);
/// ```
#[derive(
	Clone,
	Copy,
	Debug,
	Default,
	PartialEq,
	Eq,
	Encode,
	Decode,
	DecodeWithMemTracking,
	TypeInfo,
	MaxEncodedLen,
)]
pub struct Stream {
	/// Assets that the stream held at `start`.
	pub amount: Balance,
	/// Block from which on the assets are released.
	pub start: u32,
	/// Block in which all is released.
	pub end: u32,
}

impl Stream {
	/// Assets that are not yet the holders' in block `now`:
	/// `amount * (end - now) / (end - start)`, rounded up.
	pub fn unreleased(&self, now: u32) -> Balance {
		if now >= self.end {
			return 0;
		}
		let left = self.end.saturating_sub(now.max(self.start));
		let length = self.end.saturating_sub(self.start);
		// `left <= length`, so the quotient is at most `amount` and always fits.
		pro_rata_up(self.amount, left.into(), length.into()).unwrap_or(self.amount)
	}

	/// The stream after `reward` arrived in block `now`, to be released over the next `length`
	/// blocks together with what is unreleased of this stream, which is not released any faster
	/// than it was.
	///
	/// A length of zero counts as one block.
	#[must_use]
	pub fn add(&self, reward: Balance, now: u32, length: u32) -> Self {
		let unreleased = self.unreleased(now);
		let end = now.saturating_add(length.max(1));
		Self {
			// Bounded by the issuance.
			amount: unreleased.saturating_add(reward),
			start: now,
			end: if unreleased > 0 { end.max(self.end) } else { end },
		}
	}

	/// The stream after `more` was put to what is unreleased in block `now`. It ends when it did; if
	/// it has ended, `more` is released at once.
	#[must_use]
	pub fn put(&self, more: Balance, now: u32) -> Self {
		// Bounded by the issuance.
		let amount = self.unreleased(now).saturating_add(more);
		Self { amount, start: now, end: self.end }
	}

	/// The stream after `removed` of what is unreleased in block `now` was taken out of it.
	#[must_use]
	pub fn remove(&self, removed: Balance, now: u32) -> Self {
		Self { amount: self.unreleased(now).saturating_sub(removed), start: now, end: self.end }
	}
}

#[cfg(test)]
mod tests {
	use super::*;
	use proptest::prelude::*;

	#[test]
	fn the_default_stream_holds_nothing() {
		assert_eq!(Stream::default().unreleased(0), 0);
		assert_eq!(Stream::default().unreleased(7), 0);
	}

	proptest! {
		#[test]
		fn it_only_ever_falls_and_ends_at_zero(
			amount: u128, start: u32, length in 1u32..10_000, a in 0u32..20_000, b in 0u32..20_000,
		) {
			let stream = Stream { amount, start, end: start.saturating_add(length) };
			let (a, b) = (a.min(b), a.max(b));
			let at = |n: u32| stream.unreleased(start.saturating_add(n));
			prop_assert!(at(a) >= at(b));
			prop_assert!(at(0) == amount || stream.end == start);
			prop_assert_eq!(stream.unreleased(stream.end), 0);
		}

		#[test]
		fn adding_and_removing_lose_nothing(
			amount in 0..u128::MAX / 4, reward in 0..u128::MAX / 4, removed: u128,
			start in 0u32..1_000_000, length in 1u32..10_000, now in 0u32..1_010_000, next: u16,
		) {
			let old = Stream { amount, start, end: start + length };
			let new = old.add(reward, now, next.into());
			prop_assert_eq!(new.unreleased(now), old.unreleased(now) + reward);
			prop_assert!(new.end >= old.end || old.unreleased(now) == 0);
			// A new stream has at least a block to go.
			prop_assert_eq!(new.put(reward, now).unreleased(now), new.unreleased(now) + reward);
			let less = new.remove(removed, now);
			prop_assert_eq!(less.unreleased(now), new.unreleased(now).saturating_sub(removed));
		}
	}
}
