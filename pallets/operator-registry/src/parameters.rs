// SPDX-License-Identifier: Apache-2.0

//! What governance may set.

use holdfast_planner::Dimension;
use holdfast_primitives::EraIndex;
use sp_runtime::Perbill;

/// The parameters that governance may set.
#[frame_support::stored]
#[derive(Copy)]
pub struct Parameters {
	/// The part of the pool's stake that one validator may have. As every cap, it holds at least one
	/// stash that is one of four or no larger than twice the mean, and its part of the number of stashes
	/// if they stake at most a twentieth more.
	pub validator_cap: Perbill,
	/// The part of the pool's stake that one operator may have.
	pub operator_cap: Perbill,
	/// The part of the pool's stake that one region may have.
	pub region_cap: Perbill,
	/// The part of the pool's stake that one hosting provider may have.
	pub provider_cap: Perbill,
	/// The part of the pool's stake that one client may have.
	pub client_cap: Perbill,
	/// The pool's stake on an operator is at most so large that an offence of all its validators
	/// costs the pool this many times what the operator loses by it: its bond, and the part that is
	/// taken of its own stake.
	pub coverage_multiple: u32,
	/// The part of the pool's stake that an operator may have whatever its bond.
	pub floor: Perbill,
	/// The highest commission of a validator that is nominated.
	pub max_commission: Perbill,
	/// The points, as a part of the mean, below which a validator loses its nominations.
	pub min_points: Perbill,
	/// The eras in which a validator has to be elected and to have points enough before it is nominated,
	/// when it joins, or when it has missed blocks or the pool's stake.
	pub probation: EraIndex,
	/// The most stashes that move in an era because they earn more elsewhere.
	pub churn: u32,
	/// The chance that an operator offends, with all of its validators together, in the time that
	/// unbonding takes.
	pub incident: Perbill,
	/// The thousandths by which a stash must earn more elsewhere to move.
	pub hysteresis: u32,
}

impl Parameters {
	/// Whether every field lies between that of `min` and that of `max`.
	pub fn within(&self, min: &Self, max: &Self) -> bool {
		*self == self.brought_within(min, max)
	}

	/// These parameters, with each field that lies outside of `min` and `max` set to the nearer one.
	pub(crate) fn brought_within(&self, min: &Self, max: &Self) -> Self {
		let part = |field: fn(&Self) -> Perbill| field(self).max(field(min)).min(field(max));
		let number = |field: fn(&Self) -> u32| field(self).max(field(min)).min(field(max));
		Self {
			validator_cap: part(|p| p.validator_cap),
			operator_cap: part(|p| p.operator_cap),
			region_cap: part(|p| p.region_cap),
			provider_cap: part(|p| p.provider_cap),
			client_cap: part(|p| p.client_cap),
			coverage_multiple: number(|p| p.coverage_multiple),
			floor: part(|p| p.floor),
			max_commission: part(|p| p.max_commission),
			min_points: part(|p| p.min_points),
			probation: number(|p| p.probation),
			churn: number(|p| p.churn),
			incident: part(|p| p.incident),
			hysteresis: number(|p| p.hysteresis),
		}
	}

	/// Whether a plan can obey them: caps and limits leave something, and a stash can move.
	pub(crate) fn can_be_obeyed(&self) -> bool {
		let caps = [
			self.validator_cap,
			self.operator_cap,
			self.region_cap,
			self.provider_cap,
			self.client_cap,
		];
		caps.iter().all(|cap| !cap.is_zero())
			&& self.coverage_multiple > 0
			&& self.min_points < Perbill::one()
			&& self.hysteresis <= 1_000
	}

	/// The part of the pool's stake that one cluster of a dimension may have.
	pub fn cap(&self, dimension: Dimension) -> Perbill {
		match dimension {
			Dimension::Operator => self.operator_cap,
			Dimension::Region => self.region_cap,
			Dimension::Provider => self.provider_cap,
			Dimension::Client => self.client_cap,
		}
	}
}
