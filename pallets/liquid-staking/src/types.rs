// SPDX-License-Identifier: Apache-2.0

//! The nouns of the pool.

use alloc::{collections::BTreeMap, vec::Vec};
use codec::{Decode, DecodeWithMemTracking, Encode, MaxEncodedLen};
use frame_support::{
	traits::{ConstU32, Get},
	BoundedVec, CloneNoBound, DebugNoBound, DefaultNoBound, EqNoBound, PartialEqNoBound,
};
use holdfast_primitives::{Balance, Chunk, EraIndex};
use scale_info::TypeInfo;
use sp_runtime::FixedU128;

/// A nomination of a stash.
#[derive(
	Clone, Debug, PartialEq, Eq, Encode, Decode, DecodeWithMemTracking, TypeInfo, MaxEncodedLen,
)]
pub struct Nomination<AccountId> {
	/// Who is nominated.
	pub validator: AccountId,
	/// The era that was active then.
	pub since: EraIndex,
}

/// An account that stakes for the pool, as the pool knows it.
#[derive(
	CloneNoBound,
	DebugNoBound,
	DefaultNoBound,
	PartialEqNoBound,
	EqNoBound,
	Encode,
	Decode,
	DecodeWithMemTracking,
	TypeInfo,
	MaxEncodedLen,
)]
#[scale_info(skip_type_params(MaxChunks))]
#[codec(mel_bound(AccountId: MaxEncodedLen))]
pub struct Stash<AccountId: Clone + Eq + core::fmt::Debug, MaxChunks: Get<u32>> {
	/// Assets staked.
	pub active: Balance,
	/// Assets leaving the stake, oldest first.
	pub unlocking: BoundedVec<Chunk, MaxChunks>,
	/// The present nomination, last, and those before it whose rewards may still be due.
	///
	/// Three are enough. At most one is made in an era; one that is replaced in era `b` is
	/// exposed up to `b + 1` at the latest (if it was replaced after the election), and what era
	/// `b + 1` earned is collected in `b + 2`.
	pub nominations: BoundedVec<Nomination<AccountId>, ConstU32<3>>,
}

impl<AccountId: Clone + Eq + core::fmt::Debug, MaxChunks: Get<u32>> Stash<AccountId, MaxChunks> {
	/// Assets leaving the stake. Saturating: bounded by the issuance.
	pub fn unlocking_total(&self) -> Balance {
		self.unlocking.iter().fold(0, |sum: Balance, c| sum.saturating_add(c.value))
	}

	/// Staked or leaving. Saturating: bounded by the issuance.
	pub fn total(&self) -> Balance {
		self.active.saturating_add(self.unlocking_total())
	}

	/// Takes `lost` from what is leaving, of whose chunks `values` are the new ones by their eras.
	///
	/// There may be several chunks of one era, when the bonding duration has changed, and then only
	/// the value of one of them is known: the rest is taken from these in turn.
	pub fn lose_unlocking(&mut self, lost: Balance, values: &BTreeMap<EraIndex, Balance>) {
		let mut left = lost;
		let eras: Vec<EraIndex> = self.unlocking.iter().map(|chunk| chunk.era).collect();
		let alone = |era: EraIndex| eras.iter().filter(|other| **other == era).count() == 1;
		for chunk in self.unlocking.iter_mut().filter(|chunk| alone(chunk.era)) {
			let value = values.get(&chunk.era).map_or(chunk.value, |value| chunk.value.min(*value));
			let part = chunk.value.saturating_sub(value).min(left);
			chunk.value = chunk.value.saturating_sub(part);
			left = left.saturating_sub(part);
		}
		for chunk in self.unlocking.iter_mut().filter(|chunk| !alone(chunk.era)) {
			let part = chunk.value.min(left);
			chunk.value = chunk.value.saturating_sub(part);
			left = left.saturating_sub(part);
		}
	}

	/// Whom it should nominate now.
	pub fn target(&self) -> Option<&AccountId> {
		self.nominations.last().map(|n| &n.validator)
	}

	/// Notes that `validator` is nominated from `era` on.
	pub fn set_target(&mut self, validator: AccountId, era: EraIndex) {
		if self.nominations.is_full() {
			self.nominations.remove(0);
		}
		// There is room now.
		let _ = self.nominations.try_push(Nomination { validator, since: era });
	}

	/// Whether it can have no uncollected reward, all eras before `era` being collected, if it has nothing at
	/// stake.
	pub fn is_settled(&self, era: EraIndex) -> bool {
		self.nominations.last().is_none_or(|last| last.since.saturating_add(2) <= era)
	}

	/// Forgets nominations that can have no uncollected reward, all eras before `era` being
	/// collected.
	pub fn forget_settled(&mut self, era: EraIndex) {
		while self.nominations.get(1).is_some_and(|next| next.since.saturating_add(2) <= era) {
			self.nominations.remove(0);
		}
	}
}

/// What the era work does next. One step does one stash, one payout page or one batch.
///
/// What is left of it when the next era begins is done first, but for a plan that is not decided, or
/// not nominated: [`Phase::Score`], [`Phase::Plan`] and [`Phase::Rotate`] are given up for those of
/// the next era.
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
pub enum Phase {
	/// Nothing until the next era.
	#[default]
	Idle,
	/// Pay out `page` of the validator in `nomination` of `stash`, for `era`.
	PayOut {
		/// The era that is paid.
		era: EraIndex,
		/// Index of the stash.
		stash: u32,
		/// Index in its nominations.
		nomination: u32,
		/// The payout page.
		page: u32,
	},
	/// Withdraw what is mature in this stash.
	Withdraw {
		/// Index of the stash.
		stash: u32,
	},
	/// Sweep the rewards, close the batch.
	Settle,
	/// Fund the oldest batch that is not funded.
	Fund,
	/// Let the selection prepare itself, which may take many steps.
	Score,
	/// Decide who nominates whom and what is bonded and unbonded.
	Plan,
	/// Nominate.
	Rotate {
		/// Index of the stash.
		stash: u32,
	},
	/// Bond or unbond.
	Rebalance {
		/// Index of the stash.
		stash: u32,
	},
	/// Fund the oldest batch that is not funded, outside of the order: the reports were not read before.
	/// Then nothing until the next era.
	FundAgain,
}

/// What is planned for one stash.
#[derive(
	Clone, Debug, PartialEq, Eq, Encode, Decode, DecodeWithMemTracking, TypeInfo, MaxEncodedLen,
)]
pub struct StashPlan<AccountId> {
	/// The validator to nominate; `None` to be chilled. Without one, nothing is bonded.
	pub validator: Option<AccountId>,
	/// What to stake more or less.
	pub change: Change,
}

/// A change of one stash's stake.
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
pub enum Change {
	/// None.
	#[default]
	Keep,
	/// Stake this much more.
	Bond(Balance),
	/// Unbond this much.
	Unbond(Balance),
	/// Stake more, some of it of what unbonds.
	Rebond {
		/// How much of what unbonds.
		again: Balance,
		/// How much of what is idle.
		more: Balance,
	},
}

impl Change {
	/// What is staked after it.
	pub(crate) fn applied_to(&self, active: Balance) -> Balance {
		match self {
			Self::Keep => active,
			Self::Bond(more) => active.saturating_add(*more),
			Self::Rebond { again, more } => active.saturating_add(*again).saturating_add(*more),
			Self::Unbond(part) => active.saturating_sub(*part),
		}
	}
}

/// A step of the era work, as named in events.
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
pub enum Step {
	/// Reading the reports.
	Scan,
	/// Paying out rewards.
	PayOut,
	/// Withdrawing what is mature.
	Withdraw,
	/// Sweeping rewards and closing the batch.
	Settle,
	/// Funding a batch.
	Fund,
	/// Nominating.
	Rotate,
	/// Bonding or unbonding.
	Rebalance,
	/// Deciding who nominates whom, and what is bonded and unbonded.
	Plan,
}

/// A slash of a stash that is computed and not applied.
#[derive(
	Clone, Debug, PartialEq, Eq, Encode, Decode, DecodeWithMemTracking, TypeInfo, MaxEncodedLen,
)]
pub struct Report<AccountId> {
	/// Index of the stash.
	pub stash: u32,
	/// The validator that offended.
	pub validator: AccountId,
	/// The era of the offence.
	pub offence_era: EraIndex,
	/// The era at whose start it is applied.
	pub applied_in: EraIndex,
	/// The staking pallet's own amount, summed over the offences of that era.
	pub amount: Balance,
}

/// The exchange rate when an era was settled, kept by the era's number modulo the eras kept.
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
pub struct RatePoint {
	/// The era.
	pub era: EraIndex,
	/// The class of shares.
	pub class: u32,
	/// The block of the settlement.
	pub block: u32,
	/// Assets per share on exit, before reports.
	pub rate: FixedU128,
}
