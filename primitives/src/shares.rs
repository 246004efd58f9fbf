// SPDX-License-Identifier: Apache-2.0

//! Share maths, after ERC-4626: the pool's assets belong to its shares pro rata.
//!
//! One virtual asset and one virtual share are always counted in, so that an empty pool has a
//! price (1 to 1) and the first depositor cannot round a later one down to nothing for free.
//! Conversions round down, that is against whoever exchanges; products go through 256 bits.
//!
//! ```
//! use holdfast_primitives::{Assets, Price, Shares};
//!
//! // 1,000 shares of a pool that owns 1,100 assets.
//! let price = Price::new(Assets(1_100), Shares(1_000));
//! // 100 shares redeem for 100 * 1,101 / 1,001 = 109.99 assets, rounded down.
//! assert_eq!(price.to_assets(Shares(100)), Some(Assets(109)));
//! // 110 assets buy 110 * 1,001 / 1,101 = 100.008 shares, rounded down.
//! assert_eq!(price.to_shares(Assets(110)), Some(Shares(100)));
//! ```

use crate::Balance;
use codec::{Decode, DecodeWithMemTracking, Encode, MaxEncodedLen};
use scale_info::TypeInfo;
use sp_arithmetic::{helpers_128bit::multiply_by_rational_with_rounding, Rounding};
use sp_runtime::FixedU128;

/// An amount of the staked token (HOLD), in its smallest unit.
#[derive(
	Clone,
	Copy,
	Debug,
	Default,
	PartialEq,
	Eq,
	PartialOrd,
	Ord,
	Encode,
	Decode,
	DecodeWithMemTracking,
	TypeInfo,
	MaxEncodedLen,
)]
pub struct Assets(pub Balance);

/// An amount of the pool's liquid token (stHOLD), in its smallest unit.
#[derive(
	Clone,
	Copy,
	Debug,
	Default,
	PartialEq,
	Eq,
	PartialOrd,
	Ord,
	Encode,
	Decode,
	DecodeWithMemTracking,
	TypeInfo,
	MaxEncodedLen,
)]
pub struct Shares(pub Balance);

/// What one share is worth: (assets + 1) / (shares + 1).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Price {
	assets: Balance,
	shares: Balance,
}

impl Price {
	/// The price in a pool of `shares` that owns `assets`.
	///
	/// Saturates one unit below the type's maximum, which no token's issuance reaches.
	pub fn new(assets: Assets, shares: Shares) -> Self {
		Self { assets: assets.0.saturating_add(1), shares: shares.0.saturating_add(1) }
	}

	/// Assets that `shares` are worth, rounded down: `shares * (assets + 1) / (shares + 1)`.
	///
	/// `None` if the result does not fit 128 bits.
	pub fn to_assets(self, shares: Shares) -> Option<Assets> {
		pro_rata(shares.0, self.assets, self.shares).map(Assets)
	}

	/// Shares that `assets` buy, rounded down: `assets * (shares + 1) / (assets + 1)`.
	///
	/// `None` if the result does not fit 128 bits.
	pub fn to_shares(self, assets: Assets) -> Option<Shares> {
		pro_rata(assets.0, self.shares, self.assets).map(Shares)
	}

	/// Assets per share as a fixed point number of 18 decimals, rounded down and saturating.
	pub fn rate(self) -> FixedU128 {
		let accuracy = 10u128.pow(18);
		FixedU128::from_inner(pro_rata(accuracy, self.assets, self.shares).unwrap_or(Balance::MAX))
	}
}

/// `amount * numerator / denominator`, rounded down, through a 256-bit product.
///
/// `None` if the denominator is zero or the result does not fit 128 bits.
pub fn pro_rata(amount: Balance, numerator: Balance, denominator: Balance) -> Option<Balance> {
	multiply_by_rational_with_rounding(amount, numerator, denominator, Rounding::Down)
}

/// As [`pro_rata`], rounded up.
pub fn pro_rata_up(amount: Balance, numerator: Balance, denominator: Balance) -> Option<Balance> {
	multiply_by_rational_with_rounding(amount, numerator, denominator, Rounding::Up)
}

#[cfg(test)]
mod tests {
	use super::*;
	use proptest::prelude::*;
	use sp_core::U256;

	/// Amounts of every magnitude, not only huge ones.
	fn amount() -> impl Strategy<Value = Balance> {
		(0u32..=127, any::<u128>()).prop_map(|(bits, x)| x >> bits)
	}

	/// Pools that can exist: a total issuance leaves room for the virtual unit.
	fn pool() -> impl Strategy<Value = (Balance, Balance)> {
		let below_max = || amount().prop_map(|x| x.min(Balance::MAX - 1));
		(below_max(), below_max())
	}

	#[test]
	fn an_empty_pool_sells_and_buys_one_to_one() {
		let price = Price::new(Assets(0), Shares(0));
		assert_eq!(price.to_shares(Assets(12_345)), Some(Shares(12_345)));
		assert_eq!(price.to_assets(Shares(12_345)), Some(Assets(12_345)));
		assert_eq!(price.rate(), FixedU128::from_u32(1));
	}

	#[test]
	fn the_largest_pool_does_not_overflow() {
		let price = Price::new(Assets(Balance::MAX), Shares(Balance::MAX));
		assert_eq!(price.to_shares(Assets(Balance::MAX)), Some(Shares(Balance::MAX)));
		assert_eq!(price.to_assets(Shares(Balance::MAX)), Some(Assets(Balance::MAX)));
	}

	#[test]
	fn what_does_not_fit_is_refused_and_not_wrapped() {
		let worthless = Price::new(Assets(0), Shares(Balance::MAX - 1));
		assert_eq!(worthless.to_shares(Assets(2)), None);
		assert_eq!(pro_rata(1, 1, 0), None);
	}

	proptest! {
		#![proptest_config(ProptestConfig::with_cases(4_000))]

		/// The library's product is compared with plain 256-bit integers.
		#[test]
		fn products_equal_256_bit_arithmetic(a in amount(), n in amount(), d in amount()) {
			prop_assume!(d > 0);
			let (product, d256) = (U256::from(a) * U256::from(n), U256::from(d));
			let floor = product / d256;
			let ceil = (product + d256 - U256::one()) / d256;
			let fits = |x: U256| (x <= U256::from(Balance::MAX)).then(|| x.as_u128());
			prop_assert_eq!(pro_rata(a, n, d), fits(floor));
			prop_assert_eq!(pro_rata_up(a, n, d), fits(ceil));
		}

		/// Buying and redeeming at once never gains a unit, whatever the pool.
		#[test]
		fn a_round_trip_never_profits((assets, shares) in pool(), deposit in amount()) {
			let price = Price::new(Assets(assets), Shares(shares));
			if let Some(bought) = price.to_shares(Assets(deposit)) {
				let (Some(after), Some(issued)) =
					(assets.checked_add(deposit), shares.checked_add(bought.0))
				else { return Ok(()) };
				let back = Price::new(Assets(after), Shares(issued)).to_assets(bought);
				prop_assert!(back.is_some_and(|back| back.0 <= deposit));
			}
		}

		/// A deposit never lowers what the shares of the others are worth.
		#[test]
		fn a_deposit_dilutes_nobody((assets, shares) in pool(), deposit in amount()) {
			let before = Price::new(Assets(assets), Shares(shares));
			if let Some(bought) = before.to_shares(Assets(deposit)) {
				let (Some(after), Some(issued)) =
					(assets.checked_add(deposit), shares.checked_add(bought.0))
				else { return Ok(()) };
				prop_assume!(after < Balance::MAX && issued < Balance::MAX);
				let after = Price::new(Assets(after), Shares(issued));
				// a/b >= c/d, cross-multiplied.
				prop_assert!(
					U256::from(after.assets) * U256::from(before.shares) >=
						U256::from(before.assets) * U256::from(after.shares)
				);
			}
		}

		/// Redeeming in parts yields no more than redeeming at once.
		#[test]
		fn splitting_a_redemption_gains_nothing(
			(assets, shares) in pool(), a in amount(), b in amount(),
		) {
			let Some(both) = a.checked_add(b) else { return Ok(()) };
			let price = Price::new(Assets(assets), Shares(shares));
			if let Some(at_once) = price.to_assets(Shares(both)) {
				let parts = [a, b].map(|s| price.to_assets(Shares(s)).map_or(0, |x| x.0));
				prop_assert!(parts[0] + parts[1] <= at_once.0);
			}
		}
	}
}
