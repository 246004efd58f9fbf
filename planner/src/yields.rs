// SPDX-License-Identifier: Apache-2.0

//! What stashes earn on a validator, in integers.
//!
//! Net payouts are shifted so that the largest has 63 bits, and a share of the backing has 64: their
//! product fits 128. Of it the upper 96 bits are kept, so that 2^32 of them can be summed.

use crate::Input;

/// Bits of the largest net payout after it was scaled.
const PAYOUT_BITS: u32 = 63;

/// Bits of a share of a validator's backing: all of it is `1 << SHARE_BITS`.
const SHARE_BITS: u32 = 64;

/// Bits that are dropped from a product.
const DROPPED_BITS: u32 = 32;

/// By how many bits net payouts are shifted.
#[derive(Clone, Copy)]
pub(crate) enum Scale {
	Up(u32),
	Down(u32),
}

impl Scale {
	/// The scale that uses the precision there is.
	pub(crate) fn of(input: &Input) -> Self {
		let largest = input.candidates.iter().map(|c| c.net_payout).max().unwrap_or(0);
		let bits = u128::BITS.saturating_sub(largest.leading_zeros());
		match PAYOUT_BITS.checked_sub(bits) {
			Some(up) => Self::Up(up),
			None => Self::Down(bits.saturating_sub(PAYOUT_BITS)),
		}
	}

	fn apply(self, payout: u128) -> u128 {
		match self {
			Self::Up(bits) => payout.checked_shl(bits).unwrap_or(0),
			Self::Down(bits) => payout.checked_shr(bits).unwrap_or(0),
		}
	}
}

/// What `ours` earns on a candidate, rounded down: `P (1 - c) * ours / (O + ours)`.
pub(crate) fn worth(input: &Input, scale: Scale, place: usize, ours: u128) -> u128 {
	let Some(candidate) = input.candidates.get(place) else { return 0 };
	let all = candidate.others.saturating_add(ours);
	scale.apply(candidate.net_payout).saturating_mul(share(ours, all)) >> DROPPED_BITS
}

/// `part / whole` in 2^-64, rounded down. Of amounts that need more than 64 bits, the upper 64 count.
fn share(part: u128, whole: u128) -> u128 {
	let excess = u128::BITS.saturating_sub(whole.leading_zeros()).saturating_sub(SHARE_BITS);
	let (part, whole) = (part >> excess, whole >> excess);
	part.checked_shl(SHARE_BITS).and_then(|part| part.checked_div(whole)).unwrap_or(0)
}
