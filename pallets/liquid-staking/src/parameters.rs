// SPDX-License-Identifier: Apache-2.0

//! What governance may set, and from when on.

use codec::{Decode, DecodeWithMemTracking, Encode, MaxEncodedLen};
use holdfast_primitives::{
	shares::{pro_rata, pro_rata_up},
	Balance,
};
use scale_info::TypeInfo;
use sp_runtime::{PerThing, Perbill, Rounding};

/// What governance may set.
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
pub struct Parameters {
	/// The least assets that a deposit brings.
	pub min_deposit: Balance,
	/// The least assets that a redemption is worth, unless it is all that its owner has.
	pub min_redemption: Balance,
	/// The part of all assets that is kept idle for instant redemptions.
	pub buffer: Perbill,
	/// Fee of an instant redemption while the buffer is full.
	pub instant_fee_min: Perbill,
	/// Fee of an instant redemption of the last unit of the buffer.
	pub instant_fee_max: Perbill,
	/// The part of the rewards that is taken as the protocol's fee.
	pub reward_fee: Perbill,
	/// The part of that fee that goes to the insurance fund; the rest goes to the treasury.
	pub fund_share: Perbill,
}

/// One as a fixed point number of 18 decimals.
const ONE: Balance = 1_000_000_000_000_000_000;

impl Parameters {
	/// Whether every field lies between that of `min` and that of `max`, and the fee of an instant
	/// redemption does not fall while the buffer empties.
	pub fn within(&self, min: &Self, max: &Self) -> bool {
		let fits = |field: fn(&Self) -> Balance| (field(min)..=field(max)).contains(&field(self));
		fits(|p| p.min_deposit)
			&& fits(|p| p.min_redemption)
			&& fits(|p| p.buffer.deconstruct().into())
			&& fits(|p| p.instant_fee_min.deconstruct().into())
			&& fits(|p| p.instant_fee_max.deconstruct().into())
			&& fits(|p| p.reward_fee.deconstruct().into())
			&& fits(|p| p.fund_share.deconstruct().into())
			&& self.instant_fee_min <= self.instant_fee_max
	}

	/// What `assets` are to keep idle, rounded down.
	pub fn buffer_target(&self, assets: Balance) -> Balance {
		self.buffer.mul_floor(assets)
	}

	/// The fee of taking `amount` out of a buffer that holds `buffer` and should hold `target`.
	///
	/// The rate is `instant_fee_min` down to the target, and rises from there in a straight line to
	/// `instant_fee_max` at zero; the fee is its integral over the fall, rounded up:
	/// `amount * (rate before + rate after) / 2` on the line. To split an amount gains nothing.
	pub fn instant_fee(&self, amount: Balance, buffer: Balance, target: Balance) -> Balance {
		let after = buffer.saturating_sub(amount);
		let above = buffer.saturating_sub(after.max(target));
		let below = amount.saturating_sub(above);
		let rates = self
			.instant_rate(buffer.min(target), target)
			.saturating_add(self.instant_rate(after.min(target), target));
		// Rates are at most 1, so that each fee fits its amount.
		let on_the_line = pro_rata_up(below, rates, ONE.saturating_mul(2)).unwrap_or(below);
		self.instant_fee_min.mul_ceil(above).saturating_add(on_the_line)
	}

	/// The fee of the next unit of a buffer that holds `buffer` and should hold `target`, as a part of that
	/// unit, rounded up.
	pub fn marginal_fee(&self, buffer: Balance, target: Balance) -> Perbill {
		Perbill::from_rational_with_rounding(
			self.instant_rate(buffer.min(target), target),
			ONE,
			Rounding::Up,
		)
		.unwrap_or(Perbill::one())
	}

	/// The rate at `level`, which is at most `target`, in 18 decimals, rounded up.
	fn instant_rate(&self, level: Balance, target: Balance) -> Balance {
		let fixed = |part: Perbill| part.mul_floor(ONE);
		let (min, max) = (fixed(self.instant_fee_min), fixed(self.instant_fee_max));
		let rise = max.saturating_sub(min);
		// Without a target, the buffer is always full.
		max.saturating_sub(pro_rata(rise, level, target).unwrap_or(rise))
	}
}

#[cfg(test)]
mod tests {
	use super::*;
	use proptest::prelude::*;

	fn parameters(min: u32, max: u32) -> Parameters {
		Parameters {
			min_deposit: 1,
			min_redemption: 1,
			buffer: Perbill::from_percent(10),
			instant_fee_min: Perbill::from_parts(min),
			instant_fee_max: Perbill::from_parts(max),
			reward_fee: Perbill::zero(),
			fund_share: Perbill::zero(),
		}
	}

	#[test]
	fn the_fee_rises_from_the_target_down() {
		// From 1 % at 1,000 to 5 % at 0.
		let p = parameters(10_000_000, 50_000_000);
		assert_eq!(p.instant_fee(500, 2_000, 1_000), 5);
		assert_eq!(p.instant_fee(1_000, 1_000, 1_000), 30);
		assert_eq!(p.instant_fee(500, 500, 1_000), 20);
		assert_eq!(p.instant_fee(1_500, 2_000, 1_000), 10 + 10);
		assert_eq!(p.instant_fee(100, 1_000, 0), 1);
	}

	proptest! {
		#![proptest_config(ProptestConfig::with_cases(2_000))]

		#[test]
		fn splitting_an_instant_redemption_gains_nothing(
			buffer in 0..10u128.pow(18), target in 0..10u128.pow(18), a: u64, b: u64,
			min in 0..1_000_000_000u32, rise in 0..1_000_000_000u32,
		) {
			let p = parameters(min, min.saturating_add(rise).min(1_000_000_000));
			let a = u128::from(a).min(buffer);
			let b = u128::from(b).min(buffer - a);
			let parts = p.instant_fee(a, buffer, target) + p.instant_fee(b, buffer - a, target);
			let at_once = p.instant_fee(a + b, buffer, target);
			// The two rates are rounded up by less than 1e-18 each.
			prop_assert!(parts + 2 >= at_once, "{parts} < {at_once}");
			prop_assert!(at_once <= a + b);
		}

		/// Against the integral in exact fractions.
		#[test]
		fn the_fee_is_the_integral_of_the_rate(
			buffer in 1..10u128.pow(9), target in 1..10u128.pow(9), part in 0..=1_000u128,
			min in 0..1_000_000u32, rise in 0..1_000_000u32,
		) {
			let p = parameters(min, min + rise);
			let amount = buffer * part / 1_000;
			let (above, low, high) = {
				let after = buffer - amount;
				let high = buffer.min(target);
				let low = after.min(target);
				(amount - (high - low), low, high)
			};
			// Times 1e9 * 2 * target: min * amount + rise * (linear part).
			let rise = u128::from(rise);
			let exact = 2 * target * u128::from(min) * (above + high - low)
				+ rise * (high - low) * (2 * target - high - low);
			let unit = 2 * target * 1_000_000_000;
			let fee = p.instant_fee(amount, buffer, target);
			prop_assert!(fee * unit >= exact);
			prop_assert!(fee * unit <= exact + 3 * unit);
		}
	}
}
