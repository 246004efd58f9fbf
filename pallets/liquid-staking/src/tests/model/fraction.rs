// SPDX-License-Identifier: Apache-2.0

//! Exact fractions.

use holdfast_primitives::Balance;
use num_bigint::BigInt;
use num_rational::BigRational;
use std::{
	fmt,
	ops::{Add, AddAssign, Div, Mul, Sub, SubAssign},
};

/// Fractions are exact up to this many bits of the denominator.
const EXACT: u64 = 320;

/// Beyond it, they are rounded down to this many binary places: denominators would double with
/// every slash otherwise. All of these roundings in a run are far below a millionth of a unit.
const PLACES: u32 = 160;

/// An amount that need not be whole.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Fraction(BigRational);

impl Fraction {
	pub fn zero() -> Self {
		Self::from(0)
	}

	/// `numerator / denominator`, of which the latter is not zero.
	pub fn ratio(numerator: Balance, denominator: Balance) -> Self {
		Self::from(numerator) / Self::from(denominator)
	}

	pub fn is_zero(&self) -> bool {
		*self == Self::zero()
	}

	pub fn floor(&self) -> Self {
		Self(self.0.floor())
	}

	/// Whether it is at most `bound` from zero.
	pub fn within(&self, bound: &Self) -> bool {
		*self <= *bound && Self::zero() - self.clone() <= *bound
	}

	/// Whether the two differ by no more than [`PLACES`] can explain.
	pub fn is_about(&self, other: &Self) -> bool {
		(self.clone() - other.clone()).within(&Self::ratio(1, 1_000_000))
	}

	fn trimmed(value: BigRational) -> Self {
		if value.denom().bits() <= EXACT {
			return Self(value);
		}
		let scale = BigInt::from(1) << PLACES;
		Self(BigRational::new((value * &scale).floor().to_integer(), scale))
	}
}

impl Default for Fraction {
	fn default() -> Self {
		Self::zero()
	}
}

impl From<Balance> for Fraction {
	fn from(amount: Balance) -> Self {
		Self(BigRational::from_integer(amount.into()))
	}
}

impl Add for Fraction {
	type Output = Self;
	fn add(self, other: Self) -> Self {
		Self::trimmed(self.0 + other.0)
	}
}

impl Sub for Fraction {
	type Output = Self;
	fn sub(self, other: Self) -> Self {
		Self::trimmed(self.0 - other.0)
	}
}

impl Mul for Fraction {
	type Output = Self;
	fn mul(self, other: Self) -> Self {
		Self::trimmed(self.0 * other.0)
	}
}

impl Div for Fraction {
	type Output = Self;
	fn div(self, other: Self) -> Self {
		Self::trimmed(self.0 / other.0)
	}
}

impl AddAssign for Fraction {
	fn add_assign(&mut self, other: Self) {
		*self = self.clone() + other;
	}
}

impl SubAssign for Fraction {
	fn sub_assign(&mut self, other: Self) {
		*self = self.clone() - other;
	}
}

/// Whole units and thousandths, for messages.
impl fmt::Debug for Fraction {
	fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
		let thousandths = (&self.0 * BigInt::from(1_000)).floor().to_integer();
		let sign = if thousandths < BigInt::from(0) { "-" } else { "" };
		let digits = thousandths.magnitude();
		write!(f, "{sign}{}.{:03}", digits / 1_000u32, digits % 1_000u32)
	}
}
