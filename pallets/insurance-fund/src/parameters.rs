// SPDX-License-Identifier: Apache-2.0

//! What governance may set, and what follows from it: target and premium.

use holdfast_primitives::Balance;
use sp_runtime::Perbill;

/// The parameters that governance may set.
#[frame_support::stored]
#[derive(Copy)]
pub struct Parameters {
	/// The least assets that an underwriter can bring, in the smallest unit of HOLD.
	pub min_underwriting: Balance,
	/// The part of the rewards that is the premium while the target is met.
	pub premium_min: Perbill,
	/// The part of the rewards that is the premium of an empty fund.
	pub premium_max: Perbill,
	/// The most that the premium of one era can be, as a part of the underwriters' assets.
	pub yield_max: Perbill,
	/// The part of the reserve that may be paid for the slashes that are due in one era.
	pub reserve_limit: Perbill,
	/// The least target, in the smallest unit of HOLD.
	pub target_floor: Balance,
	/// The greatest target, in the smallest unit of HOLD.
	pub target_cap: Balance,
}

impl Parameters {
	/// Whether every field lies between that of `min` and that of `max`, the premium does not fall
	/// while the fund empties, and the floor is not above the cap.
	pub fn within(&self, min: &Self, max: &Self) -> bool {
		let fits = |field: fn(&Self) -> Balance| (field(min)..=field(max)).contains(&field(self));
		fits(|p| p.min_underwriting)
			&& fits(|p| p.premium_min.deconstruct().into())
			&& fits(|p| p.premium_max.deconstruct().into())
			&& fits(|p| p.yield_max.deconstruct().into())
			&& fits(|p| p.reserve_limit.deconstruct().into())
			&& fits(|p| p.target_floor)
			&& fits(|p| p.target_cap)
			&& self.premium_min <= self.premium_max
			&& self.target_floor <= self.target_cap
	}

	/// What the fund should be able to pay: the `largest` loss that any one operator could cause, on
	/// top of the `expected` ones, between the floor and the cap.
	pub fn target(&self, largest: Balance, expected: Balance) -> Balance {
		largest.saturating_add(expected).max(self.target_floor).min(self.target_cap)
	}

	/// The part of the rewards that is the premium of a fund that has `assets` and should have
	/// `target`: `min + (max - min) * (1 - assets / target)^2`, rounded down.
	///
	/// Quadratic, so that it rises without a kink when the fund falls below its target.
	pub fn premium_rate(&self, assets: Balance, target: Balance) -> Perbill {
		let shortfall = match target.saturating_sub(assets) {
			0 => Perbill::zero(),
			short => Perbill::from_rational(short, target),
		};
		let parts = |part: Perbill| Balance::from(part.deconstruct());
		let one = parts(Perbill::one());
		// At most a billion to the third, and the quotient at most a billion.
		let rise = parts(self.premium_max)
			.saturating_sub(parts(self.premium_min))
			.saturating_mul(parts(shortfall))
			.saturating_mul(parts(shortfall))
			.checked_div(one.saturating_mul(one))
			.unwrap_or(0);
		let rise = Perbill::from_parts(u32::try_from(rise).unwrap_or(0));
		Perbill::from_parts(self.premium_min.deconstruct().saturating_add(rise.deconstruct()))
	}
}

#[cfg(test)]
mod tests {
	use super::*;
	use proptest::prelude::*;

	fn parameters(min: u32, max: u32) -> Parameters {
		Parameters {
			min_underwriting: 1,
			premium_min: Perbill::from_parts(min),
			premium_max: Perbill::from_parts(max),
			yield_max: Perbill::one(),
			reserve_limit: Perbill::one(),
			target_floor: 100,
			target_cap: 10_000,
		}
	}

	#[test]
	fn the_target_is_the_largest_loss_on_top_of_the_expected_ones() {
		let p = parameters(0, 0);
		assert_eq!(p.target(1_000, 200), 1_200);
		assert_eq!(p.target(30, 20), 100);
		assert_eq!(p.target(9_999, 2), 10_000);
		assert_eq!(p.target(Balance::MAX, Balance::MAX), 10_000);
	}

	#[test]
	fn the_premium_rises_with_the_square_of_the_shortfall() {
		// From 1 % to 21 %.
		let p = parameters(10_000_000, 210_000_000);
		let rate = |assets| p.premium_rate(assets, 1_000).deconstruct();
		assert_eq!(rate(2_000), 10_000_000);
		assert_eq!(rate(1_000), 10_000_000);
		assert_eq!(rate(500), 60_000_000);
		assert_eq!(rate(0), 210_000_000);
		assert_eq!(p.premium_rate(0, 0).deconstruct(), 10_000_000);
	}

	proptest! {
		#![proptest_config(ProptestConfig::with_cases(4_000))]

		#[test]
		fn the_premium_is_bounded_and_smooth(
			min in 0..1_000_000_000u32, rise: u32, a: u128, step: u64, target: u128,
		) {
			let p = parameters(min, min.saturating_add(rise).min(1_000_000_000));
			let rate = |assets| p.premium_rate(assets, target);
			prop_assert!(rate(a) >= p.premium_min && rate(a) <= p.premium_max);
			// It never rises with the assets, and no faster than twice in proportion.
			let b = a.saturating_add(step.into());
			prop_assert!(rate(b) <= rate(a));
			let part = if target == 0 {
				Perbill::zero()
			} else {
				Perbill::from_rational(b - a, target)
			};
			let fall = rate(a).deconstruct() - rate(b).deconstruct();
			let most = 2 * u64::from(part.deconstruct()) + 8;
			prop_assert!(u64::from(fall) <= most, "{fall} > {most}");
		}
	}
}
