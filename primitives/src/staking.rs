// SPDX-License-Identifier: Apache-2.0

//! The chain's staking pallet as the pool sees it.
//!
//! The pool is written against [`StakingBackend`], not against a staking pallet, so that it fits
//! whichever one a chain runs. `sp_staking::StakingInterface` is not enough: it knows neither
//! payouts nor exposures nor the chunks of a ledger.

use crate::{Balance, EraIndex};
use alloc::vec::Vec;
use codec::{Decode, DecodeWithMemTracking, Encode, MaxEncodedLen};
use core::ops::RangeInclusive;
use scale_info::TypeInfo;
use sp_runtime::{DispatchError, Weight};

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
	/// The era from which on they can be withdrawn.
	pub era: EraIndex,
	/// The amount now, in the smallest unit. A slash may reduce it.
	pub value: Balance,
}

/// What the staking pallet holds of a stash.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Ledger {
	/// What is staked, and counted in the next election, in the smallest unit.
	pub active: Balance,
	/// What is on its way out, oldest chunk first.
	pub unlocking: Vec<Chunk>,
}

impl Ledger {
	/// All that the staking pallet holds: active and unlocking.
	pub fn total(&self) -> Balance {
		self.unlocking.iter().fold(self.active, |sum, chunk| sum.saturating_add(chunk.value))
	}
}

/// A report, as the staking pallet lists it: a slash that it has computed and not applied. It says what one
/// stash stands to lose.
///
/// It is taken from what is active then and, in the same proportion, from chunks that were unbonded
/// in an era after the offence. Chunks from an era before bear nothing as long as the others have
/// enough, even if they were exposed at the offence. On chunks from its very era staking pallets do
/// not agree.
#[derive(
	Clone, Debug, PartialEq, Eq, Encode, Decode, DecodeWithMemTracking, TypeInfo, MaxEncodedLen,
)]
pub struct StashReport<AccountId> {
	/// The stash that will be slashed.
	pub stash: AccountId,
	/// The validator that offended.
	pub validator: AccountId,
	/// The era of the offence.
	pub offence_era: EraIndex,
	/// What the stash will lose: the staking pallet's own amount, never computed anew, and never
	/// zero. It will lose less only if it has less by then, and more only by what would be left
	/// below an existential deposit.
	pub amount: Balance,
}

/// Why an act on a stash was not done.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum StakingError {
	/// Less would be bonded than was asked.
	BondsLess,
	/// A chunk would be released that may still be slashed.
	ReleasesEarly,
	/// The staking pallet refused.
	Refused(DispatchError),
}

impl From<DispatchError> for StakingError {
	fn from(error: DispatchError) -> Self {
		Self::Refused(error)
	}
}

/// The outcome of an act on a stash.
pub type StakingResult = Result<(), StakingError>;

/// A staking pallet, as far as the pool needs one.
///
/// Implementations do not roll back by themselves: the pool calls each mutator in a storage layer
/// of its own. Where the pallet's own call would do something else than its name says (bond less
/// than asked, withdraw more than is mature), the implementation fails instead.
///
/// A conformance suite says in tests what each function promises; see `adapters/conformance`.
pub trait StakingBackend {
	/// Accounts of the chain.
	type AccountId;

	/// The era whose validators are at work. `None` before the first.
	fn active_era() -> Option<EraIndex>;

	/// The least that a nominating stash must have bonded. Never less than can be bonded at all.
	fn minimum_bond() -> Balance;

	/// The ledger of `stash`; `None` if it is not bonded, for instance because somebody reaped
	/// it after a total slash. Fails if there is one and it cannot be read, for instance because it
	/// has more chunks than a new runtime allows: that is not a stash that has lost all.
	fn ledger(stash: &Self::AccountId) -> Result<Option<Ledger>, StakingError>;

	/// The validators that `stash` nominates now. Empty if it is chilled or was kicked.
	fn nominations(stash: &Self::AccountId) -> Vec<Self::AccountId>;

	/// Bonds exactly `value` more of the free balance of `stash`; rewards go to `payee`.
	fn bond(stash: &Self::AccountId, value: Balance, payee: &Self::AccountId) -> StakingResult;

	/// Nominates `validator` and nobody else. Staking pallets need not accept a validator that is no
	/// candidate, or that blocks nominations, and accept no stash with less than the minimum bonded.
	///
	/// Staking pallets limit the number of nominators, so that strangers could take all seats, also
	/// those of stashes that are chilled for a while. The limit is for others: the stash is admitted
	/// past it, and the limit stays as it is. The chain has to keep room in its elections.
	fn nominate(stash: &Self::AccountId, validator: &Self::AccountId) -> StakingResult;

	/// Takes back the nomination. Needed before a stash can be emptied.
	fn chill(stash: &Self::AccountId) -> StakingResult;

	/// Starts unbonding `value`, or all that is active: if that is less, or if less than an
	/// existential deposit would stay. What is unbonded in the same era is one chunk. Where the list of
	/// chunks is full, what is due is withdrawn first; fails if it is still full.
	fn unbond(stash: &Self::AccountId, value: Balance) -> StakingResult;

	/// Stakes again exactly `value` of what unbonds: of the chunks with the latest eras first, of the last one
	/// a part. Fails if less is unbonding.
	fn rebond(stash: &Self::AccountId, value: Balance) -> StakingResult;

	/// Frees every chunk whose era is active, and no other: a slash could still be on its way to one
	/// whose era is only planned. Where a staking pallet is late with reports or slashes, it may keep
	/// chunks back or refuse until they are done.
	fn withdraw(stash: &Self::AccountId) -> StakingResult;

	/// Number of payout pages of `validator` in `era` with nominators on them. Zero if it was not
	/// elected, or by its own stake alone.
	fn payout_pages(era: EraIndex, validator: &Self::AccountId) -> u32;

	/// Pays the rewards of one page, of an era that is over. `Ok(false)` if somebody has done that
	/// before.
	fn pay_out(era: EraIndex, validator: &Self::AccountId, page: u32)
		-> Result<bool, StakingError>;

	/// Eras between an offence and the one at whose start, or during which, its slash is applied.
	/// Zero if slashes are applied when they are reported.
	fn slash_delay() -> EraIndex;

	/// The eras in which a reported slash may still be applied: it is listed under its era from
	/// the report until it has landed. As many as [`Self::slash_delay`], and more only while slashes
	/// are applied that are due or overdue.
	fn report_eras() -> RangeInclusive<EraIndex>;

	/// Whether any reports are listed for era `applied_in`, whichever stash is hit. Costs next to nothing if there
	/// are none.
	fn lists_reports(applied_in: EraIndex) -> bool;

	/// The reports of slashes that are to be applied in era `applied_in` and hit a nominator for which
	/// `is_ours`. Several of one stash add up. None that was cancelled, and none if that era is not
	/// one of [`Self::report_eras`]. Some may be missing while [`Self::reports_in_progress`].
	fn open_reports(
		applied_in: EraIndex,
		is_ours: impl Fn(&Self::AccountId) -> bool,
	) -> Vec<StashReport<Self::AccountId>>;

	/// Whether offences are known whose slashes are not computed yet.
	fn reports_in_progress() -> bool;
}

/// Is told that the reports of the staking pallet may have changed.
///
/// No hook of a staking pallet tells of a report or of a cancellation, so the runtime puts
/// adapters around what can cause them: the handler of offences, and the origin that cancels.
pub trait OnReports {
	/// Something was reported or cancelled, or may have been.
	fn reports_changed();
}

impl OnReports for () {
	fn reports_changed() {}
}

/// A stash for which a validator is chosen.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StashToPlace<AccountId> {
	/// The index of the stash.
	pub index: u32,
	/// The validator that it nominates now.
	pub nominates: Option<AccountId>,
	/// What it stakes once the plan is carried out, in the smallest unit.
	pub stake: Balance,
}

/// Decides which validator each stash nominates.
///
/// Once an era, the pool first calls [`Self::prepare`] until there is nothing left to prepare, over as
/// many blocks as that takes, and then [`Self::select`].
pub trait ValidatorSelection<AccountId> {
	/// Does one bounded step of what the selection for `era` needs to know, and returns its weight;
	/// `None` if all is known.
	fn prepare(_era: EraIndex) -> Option<Weight> {
		None
	}

	/// The most that a step of [`Self::prepare`] weighs.
	fn prepare_weight() -> Weight {
		Weight::zero()
	}

	/// One validator for each of `stashes`, in order.
	///
	/// `None` where no validator is fit, or none has room for so much stake: the stash is then chilled,
	/// and stakes no more than it does; if it stakes nothing, it is not used. The result is as long as
	/// `stashes`.
	fn select(era: EraIndex, stashes: &[StashToPlace<AccountId>]) -> Vec<Option<AccountId>>;

	/// The most that [`Self::select`] weighs.
	fn select_weight() -> Weight {
		Weight::zero()
	}
}
