// SPDX-License-Identifier: Apache-2.0

//! The runtime API of the registry.

use crate::{Attested, Diversification, PlannedChange, Profile, Release, Score};
use alloc::vec::Vec;
use codec::{Codec, Decode, Encode};
use holdfast_primitives::{Balance, EraIndex};
use scale_info::TypeInfo;

/// An operator, as the views show it.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, TypeInfo)]
pub struct OperatorInfo<AccountId> {
	/// The account of the operator.
	pub account: AccountId,
	/// What it says of itself.
	pub profile: Profile,
	/// The fields of the profile that are attested.
	pub attested: Attested,
	/// Its bond, in the smallest unit.
	pub bond: Balance,
	/// The part of the bond that it wants back.
	pub release: Option<Release>,
	/// The last era in which it is suspended, if it was.
	pub suspended_until: Option<EraIndex>,
	/// Whether it has deregistered.
	pub leaving: bool,
	/// Its validators, and those that have left it and are still on record.
	pub validators: Vec<AccountId>,
	/// Validators that it has added and that have not confirmed.
	pub added: Vec<AccountId>,
}

/// What a plan would change.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, TypeInfo)]
pub struct PlanInfo<AccountId> {
	/// The era of the scores.
	pub era: EraIndex,
	/// The nominations that change, and why.
	pub changes: Vec<PlannedChange<AccountId>>,
	/// The number of stashes for which the caps leave no place.
	pub unplaced: u32,
}

sp_api::decl_runtime_apis! {
	/// Which validators may be nominated, and why.
	pub trait OperatorRegistryApi<AccountId> where AccountId: Codec {
		/// All operators, in no particular order.
		fn operators() -> Vec<OperatorInfo<AccountId>>;

		/// All validators with their scores, and what these are made of. While the scores of an era
		/// are made, only those there are.
		fn validators() -> Vec<Score<AccountId>>;

		/// What the next plan would change, were it made now. `None` while scores are made.
		fn plan() -> Option<PlanInfo<AccountId>>;

		/// How well the pool's elected exposure is spread.
		fn diversification() -> Diversification;
	}
}
