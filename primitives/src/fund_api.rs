// SPDX-License-Identifier: Apache-2.0

//! The runtime API of the insurance fund.

use crate::{Balance, EraIndex};
use alloc::vec::Vec;
use codec::{Codec, Decode, DecodeWithMemTracking, Encode, MaxEncodedLen};
use scale_info::TypeInfo;
use sp_runtime::{FixedU128, Perbill};

/// Number of a claim; claims are numbered from 0 in the order in which they were reported.
pub type ClaimId = u32;

/// What becomes of a report.
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
pub enum ClaimState {
	/// It is reported and not applied: its amount is provisioned.
	Open,
	/// It was applied, and paid in the same block.
	Applied,
	/// It was cancelled: its provision is released.
	Cancelled,
	/// Its era has passed without it: its provision is released.
	Expired,
}

/// What each tranche has paid, in the smallest unit.
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
pub struct Paid {
	/// Paid by the bond of the operator.
	pub operator: Balance,
	/// Paid by the underwriters.
	pub underwriters: Balance,
	/// Paid by underwriters who have left, out of what was withheld from them.
	pub leavers: Balance,
	/// Paid by the reserve.
	pub reserve: Balance,
}

impl Paid {
	/// What the fund itself has paid. Saturating: bounded by the issuance.
	pub fn by_fund(&self) -> Balance {
		self.underwriters.saturating_add(self.leavers).saturating_add(self.reserve)
	}

	/// What all tranches have paid. Saturating: bounded by the issuance.
	pub fn total(&self) -> Balance {
		self.operator.saturating_add(self.by_fund())
	}

	/// The sum of this and `more`, tranche by tranche.
	#[must_use]
	pub fn plus(&self, more: &Self) -> Self {
		Self {
			operator: self.operator.saturating_add(more.operator),
			underwriters: self.underwriters.saturating_add(more.underwriters),
			leavers: self.leavers.saturating_add(more.leavers),
			reserve: self.reserve.saturating_add(more.reserve),
		}
	}
}

/// A report, and what was paid for it.
#[derive(
	Clone, Debug, PartialEq, Eq, Encode, Decode, DecodeWithMemTracking, TypeInfo, MaxEncodedLen,
)]
pub struct ClaimInfo<AccountId> {
	/// The number of the claim.
	pub id: ClaimId,
	/// The validator that offended; `None` if the slash came without a report.
	pub validator: Option<AccountId>,
	/// The era of the offence.
	pub offence_era: EraIndex,
	/// The era in which it is due.
	pub applied_in: EraIndex,
	/// What the pool stands to lose by it, in the smallest unit.
	pub open: Balance,
	/// What the pool has lost by it, in the smallest unit.
	pub lost: Balance,
	/// What was paid for that loss.
	pub paid: Paid,
	/// What became of the report.
	pub state: ClaimState,
}

/// How far the fund lasts.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, TypeInfo)]
pub struct Coverage {
	/// What the fund could pay for the slashes that are due in one era, over all tranches but the bonds
	/// of operators.
	pub assets: Balance,
	/// The underwriters' part of it.
	pub underwriters: Balance,
	/// The reserve's part of it: as much as the reserve may pay in one era.
	pub reserve: Balance,
	/// What it should be able to pay for the slashes that are due in one era.
	pub target: Balance,
	/// Assets over target, as a fixed point number of 18 decimals; at its maximum without a target.
	pub ratio: FixedU128,
	/// The sum of the open reports, in the smallest unit.
	pub provisional: Balance,
	/// The part of the rewards that is due to the underwriters as premium, if there are enough of
	/// them.
	pub premium: Perbill,
	/// All that the reserve holds, with what it keeps for the slashes of other eras.
	pub reserve_held: Balance,
}

/// What would be paid for a loss, if nothing else is slashed before.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, TypeInfo)]
pub struct Payout {
	/// The most that the pool would lose, in the smallest unit.
	pub loss: Balance,
	/// What each tranche would pay of that, at most.
	pub paid: Paid,
	/// What the holders and the unpaid batches would bear of that loss.
	pub uncovered: Balance,
}

sp_api::decl_runtime_apis! {
	/// What a wallet asks the insurance fund.
	pub trait InsuranceFundApi<AccountId> where AccountId: Codec {
		/// How far the fund lasts.
		fn coverage() -> Coverage;

		/// What would be paid if `validator` were slashed by `fraction` now: an upper bound of the
		/// loss, and who would pay it.
		fn preview_payout(validator: AccountId, fraction: Perbill) -> Payout;

		/// The claims from number `from` on, oldest first, as many as a page holds.
		fn claims(from: ClaimId) -> Vec<ClaimInfo<AccountId>>;
	}
}
