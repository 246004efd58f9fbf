// SPDX-License-Identifier: Apache-2.0

//! What a staking pallet knows of validators.

use crate::{Balance, EraIndex};
use alloc::{collections::BTreeMap, vec::Vec};
use codec::{Decode, DecodeWithMemTracking, Encode, MaxEncodedLen};
use frame_support::traits::Contains;
use scale_info::TypeInfo;
use sp_runtime::Perbill;

/// The terms on which a validator stands for election.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Preferences {
	/// The part of its payout that the validator keeps.
	pub commission: Perbill,
	/// Whether it refuses new nominations.
	pub blocked: bool,
}

/// The validators that are at work in an era.
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
pub struct ValidatorSet {
	/// The number of validators that were elected.
	pub elected: u32,
	/// The least stake behind one of them, in the smallest unit.
	pub least: Balance,
}

/// A staking pallet, as far as it is needed to choose validators.
///
/// "Elected" means to have been at work in that era. All of it is read from the staking pallet's own
/// storage, at a bounded cost.
pub trait ValidatorInfo {
	/// Accounts of the chain.
	type AccountId;

	/// The era whose validators are at work. `None` before the first.
	fn active_era() -> Option<EraIndex>;

	/// Eras until unbonded stake can be withdrawn. Offences of older eras have no consequence.
	fn bonding_duration() -> EraIndex;

	/// How many validators are to be elected.
	fn seats() -> u32;

	/// The set of `era`. Reads one item for each of the elected.
	fn set(era: EraIndex) -> ValidatorSet;

	/// The points of an era, of all validators that have any.
	fn points(era: EraIndex) -> BTreeMap<Self::AccountId, u32>;

	/// What all validators of `era` and their nominators were paid. Zero while it lasts.
	fn payout(era: EraIndex) -> Balance;

	/// What `validator` asks for now; `None` if it does not stand for election.
	fn preferences(validator: &Self::AccountId) -> Option<Preferences>;

	/// The commission with which `validator` was elected for `era`; zero if it was not.
	fn commission(era: EraIndex, validator: &Self::AccountId) -> Perbill;

	/// Whether `validator` has registered the keys with which it would author blocks. Staking pallets
	/// elect it without them as well.
	fn has_keys(validator: &Self::AccountId) -> bool;

	/// What `validator` itself has staked now.
	fn own_stake(validator: &Self::AccountId) -> Balance;

	/// What `validator` itself has at stake in `era`: an offence in it takes its part of that, and of
	/// nothing bonded later. Zero if it was not elected.
	fn exposed_own(era: EraIndex, validator: &Self::AccountId) -> Balance;

	/// The validators that `nominator` nominates now: none if they have kicked it, and `None` if it is no
	/// nominator: it has never been one, or was chilled.
	fn nominations(nominator: &Self::AccountId) -> Option<Vec<Self::AccountId>>;

	/// The stake behind `validator` in `era`, and on how many pages nominators are listed. `None` if
	/// it was not elected.
	fn backing(era: EraIndex, validator: &Self::AccountId) -> Option<(Balance, u32)>;

	/// The stake behind `validator` in `era` of those nominators of `page` for which `is_ours`.
	fn backing_of(
		era: EraIndex,
		validator: &Self::AccountId,
		page: u32,
		is_ours: impl Fn(&Self::AccountId) -> bool,
	) -> Balance;

	/// The last era in which `validator` is known to have committed an offence that is punished,
	/// whether or not that has been done. It may be forgotten after the bonding duration.
	fn last_offence(validator: &Self::AccountId) -> Option<EraIndex>;
}

/// The accounts of the pool that nominate.
pub trait StashAccounts<AccountId>: Contains<AccountId> {
	/// The account of the stash with this index.
	fn stash_account(index: u32) -> AccountId;
}
