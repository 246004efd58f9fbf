// SPDX-License-Identifier: Apache-2.0

//! The chain's staking pallet as the pool sees it.
//!
//! The pool is written against [`StakingBackend`], not against a staking pallet, so that it fits
//! whichever one a chain runs. `sp_staking::StakingInterface` is not enough: it knows neither
//! payouts nor exposures nor the chunks of a ledger.

use crate::{Balance, EraIndex};
use alloc::vec::Vec;
use codec::{Decode, DecodeWithMemTracking, Encode, MaxEncodedLen};
use scale_info::TypeInfo;
use sp_runtime::{DispatchError, DispatchResult};

/// Funds of a stash that leave the stake.
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
pub struct Chunk {
	/// They can be withdrawn once this era is active.
	pub era: EraIndex,
	/// How much they are now. A slash may reduce it.
	pub value: Balance,
}

/// What the staking pallet holds of a stash.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Ledger {
	/// Staked, and counted in the next election.
	pub active: Balance,
	/// On its way out, oldest first.
	pub unlocking: Vec<Chunk>,
}

impl Ledger {
	/// All that the staking pallet holds: active and unlocking.
	pub fn total(&self) -> Balance {
		self.unlocking.iter().fold(self.active, |sum, chunk| sum.saturating_add(chunk.value))
	}
}

/// A staking pallet, as far as the pool needs one.
///
/// Implementations do not roll back by themselves: the pool calls each mutator in a storage layer
/// of its own. Where the pallet's own call would do something else than its name says (bond less
/// than asked, withdraw more than is mature), the implementation fails instead.
pub trait StakingBackend {
	/// Accounts of the chain.
	type AccountId;

	/// The era whose validators are at work. `None` before the first.
	fn active_era() -> Option<EraIndex>;

	/// The least that a nominating stash must have bonded.
	fn minimum_bond() -> Balance;

	/// The ledger of `stash`; `None` if it is not bonded, for instance because somebody reaped
	/// it after a total slash.
	fn ledger(stash: &Self::AccountId) -> Option<Ledger>;

	/// The validators that `stash` nominates now. Empty if it is chilled or was kicked.
	fn nominations(stash: &Self::AccountId) -> Vec<Self::AccountId>;

	/// How many stashes more may nominate: staking pallets limit the number of nominators.
	fn free_seats() -> u32;

	/// Bonds exactly `value` more of the free balance of `stash`; rewards go to `payee`.
	fn bond(stash: &Self::AccountId, value: Balance, payee: &Self::AccountId) -> DispatchResult;

	/// Nominates `validator` and nobody else.
	fn nominate(stash: &Self::AccountId, validator: &Self::AccountId) -> DispatchResult;

	/// Takes back the nomination. Needed before a stash can be emptied.
	fn chill(stash: &Self::AccountId) -> DispatchResult;

	/// Starts unbonding `value`. Fails where it would release a chunk as [`Self::withdraw`] must not.
	fn unbond(stash: &Self::AccountId, value: Balance) -> DispatchResult;

	/// Frees every chunk whose era is active. Fails rather than free one whose era is only
	/// planned: a slash could still be on its way to it.
	fn withdraw(stash: &Self::AccountId) -> DispatchResult;

	/// Number of payout pages of `validator` in `era`. Zero if it was not elected.
	fn payout_pages(era: EraIndex, validator: &Self::AccountId) -> u32;

	/// Pays the rewards of one page. `Ok(false)` if somebody has done that before.
	fn pay_out(
		era: EraIndex,
		validator: &Self::AccountId,
		page: u32,
	) -> Result<bool, DispatchError>;
}

/// Decides which validator each stash nominates.
pub trait ValidatorSelection<AccountId> {
	/// One validator for each stash of `current`, in order, given what each nominates now.
	///
	/// `None` where no validator is fit: the stash is then chilled. The result is as long as
	/// `current`.
	fn select(current: &[Option<AccountId>]) -> Vec<Option<AccountId>>;
}
