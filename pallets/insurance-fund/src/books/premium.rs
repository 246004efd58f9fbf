// SPDX-License-Identifier: Apache-2.0

//! The target, and what the fund gets out of a reward of the pool.

use super::FundState;
use crate::parameters::Parameters;
use holdfast_primitives::{Assets, Balance, Dues};
use sp_runtime::{
	traits::{Bounded, Saturating},
	FixedPointNumber, FixedU128, Perbill,
};

impl FundState {
	/// What the fund could pay for the slashes that are due in one era, without what was withheld from
	/// leavers. The target is compared with this.
	pub fn capacity(&self) -> Assets {
		Assets(self.underwriting.0.saturating_add(self.payable_reserve().0))
	}

	/// Capacity over target. At its maximum without a target.
	pub fn ratio(&self) -> FixedU128 {
		FixedU128::checked_from_rational(self.capacity().0, self.target.0)
			.unwrap_or(FixedU128::max_value())
	}

	/// The part of the rewards that is the underwriters' premium.
	///
	/// Reports do not count: otherwise, whoever could invent one would earn by it.
	pub fn premium_rate(&self, parameters: &Parameters) -> Perbill {
		if self.slashable {
			parameters.premium_rate(self.capacity().0, self.target.0)
		} else {
			parameters.premium_min
		}
	}

	/// What the fund gets out of `reward`, of which `fee` is set aside for it.
	///
	/// The premium is bounded by the underwriters' assets as well, so that a nearly empty fund does
	/// not pay them beyond measure, nor inflate the price of a share. The reserve takes no more than what
	/// lets the fund pay in one era what it should. Of that only the limit counts.
	pub fn dues(&self, reward: Balance, fee: Balance, parameters: &Parameters) -> Dues {
		let premium = self
			.premium_rate(parameters)
			.mul_floor(reward)
			.min(parameters.yield_max.mul_floor(self.underwriting.0));
		let lacking = self.target.0.saturating_sub(self.capacity().0).saturating_sub(premium);
		// A reserve that may pay nothing lacks nothing.
		let needed = match self.limit {
			limit if limit.is_zero() => 0,
			limit => limit.saturating_reciprocal_mul_ceil(lacking),
		};
		Dues { premium, fee: fee.min(needed) }
	}

	/// Books `dues` that came in out of a reward in block `now`. Without underwriters all of it goes to
	/// the reserve. Saturating: bounded by the issuance.
	pub fn take_in(&mut self, dues: Dues, now: u32) {
		self.add_to_reserve(Assets(dues.fee));
		if self.shares.0 == 0 {
			return self.add_to_reserve(Assets(dues.premium));
		}
		self.underwriting.0.saturating_accrue(dues.premium);
		self.stream = self.stream.add(dues.premium, now, self.era_length);
	}

	/// Sets what the fund should be able to pay for the slashes that are due in one era, and whether
	/// these can hit those who nominate.
	pub fn set_target(&mut self, target: Assets, slashable: bool) {
		(self.target, self.slashable) = (target, slashable);
	}

	/// Sets the part of the reserve that it may pay for the slashes that are due in one era.
	pub fn set_limit(&mut self, limit: Perbill) {
		self.limit = limit;
	}
}
