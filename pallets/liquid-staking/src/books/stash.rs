// SPDX-License-Identifier: Apache-2.0

//! What each stash stakes, unbonds and nominates, as the pool knows it.

use super::PoolState;
use alloc::{collections::BTreeMap, vec::Vec};
use codec::{Decode, DecodeWithMemTracking, Encode, MaxEncodedLen};
use frame_support::{
	defensive,
	traits::{ConstU32, Get},
	BoundedVec, CloneNoBound, DebugNoBound, DefaultNoBound, EqNoBound, PartialEqNoBound,
};
use holdfast_primitives::{Assets, Balance, Chunk, EraIndex, Ledger};
use scale_info::TypeInfo;
use sp_runtime::{
	traits::{EnsureAdd, EnsureAddAssign, EnsureSub, EnsureSubAssign},
	ArithmeticError,
};

/// A nomination of a stash.
#[frame_support::stored(no_skip_type_params)]
pub struct Nomination<AccountId> {
	/// The validator that is nominated.
	validator: AccountId,
	/// The era that was active when it was.
	since: EraIndex,
}

impl<AccountId> Nomination<AccountId> {
	/// The validator that is nominated.
	pub fn validator(&self) -> &AccountId {
		&self.validator
	}
}

/// An account that stakes for the pool, as the pool knows it.
// Not `stored`: the bound of `MaxEncodedLen` must leave out `MaxChunks`.
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
	/// Assets that it stakes.
	active: Balance,
	/// Assets that are leaving the stake, oldest first.
	unlocking: BoundedVec<Chunk, MaxChunks>,
	/// The present nomination, last, and those before it whose rewards may still be due.
	///
	/// Three are enough. At most one is made in an era; one that is replaced in era `b` is
	/// exposed up to `b + 1` at the latest (if it was replaced after the election), and what era
	/// `b + 1` earned is collected in `b + 2`.
	nominations: BoundedVec<Nomination<AccountId>, ConstU32<3>>,
}

impl<AccountId: Clone + Eq + core::fmt::Debug, MaxChunks: Get<u32>> Stash<AccountId, MaxChunks> {
	/// Assets that it stakes.
	pub fn active(&self) -> Balance {
		self.active
	}

	/// Assets that are leaving the stake, oldest first.
	pub fn unlocking(&self) -> &[Chunk] {
		&self.unlocking
	}

	/// The present nomination, last, and those before it whose rewards may still be due.
	pub fn nominations(&self) -> &[Nomination<AccountId>] {
		&self.nominations
	}

	/// Assets that are leaving the stake, summed up. Saturating: bounded by the issuance.
	pub fn unlocking_total(&self) -> Balance {
		self.unlocking.iter().fold(0, |sum: Balance, c| sum.saturating_add(c.value))
	}

	/// Assets that are staked or leaving. Saturating: bounded by the issuance.
	pub fn total(&self) -> Balance {
		self.active.saturating_add(self.unlocking_total())
	}

	/// The record once it holds what the staking pallet's `ledger` says. `None` if that has more chunks
	/// than there is room for.
	pub(crate) fn with_ledger(&self, ledger: Ledger) -> Option<Self> {
		let unlocking = BoundedVec::try_from(ledger.unlocking).ok()?;
		Some(Self { active: ledger.active, unlocking, ..self.clone() })
	}

	/// Takes off what a slash of `total` has left no more than `new_active` of, and of whose chunks
	/// `new_unlocking` are the values by their eras. Returns what was lost of the stake, and of what is
	/// leaving it.
	///
	/// Saturating throughout: a slash never adds, and a record that disagrees with the staking pallet
	/// is corrected by the era work.
	pub(crate) fn lose(
		&mut self,
		total: Balance,
		new_active: Balance,
		new_unlocking: &BTreeMap<EraIndex, Balance>,
	) -> (Assets, Assets) {
		let active = self.active.saturating_sub(new_active);
		let unlocking = total.saturating_sub(active).min(self.unlocking_total());
		self.active = self.active.min(new_active);
		self.lose_unlocking(unlocking, new_unlocking);
		// As the staking pallet does with a chunk that is wiped out.
		self.unlocking.retain(|chunk| chunk.value > 0);
		(Assets(active), Assets(unlocking))
	}

	/// Takes `lost` from what is leaving, of whose chunks `values` are the new ones by their eras.
	///
	/// There may be several chunks of one era, when the bonding duration has changed, and then only
	/// the value of one of them is known: the rest is taken from these in turn.
	fn lose_unlocking(&mut self, lost: Balance, values: &BTreeMap<EraIndex, Balance>) {
		let mut remaining = lost;
		let eras: Vec<EraIndex> = self.unlocking.iter().map(|chunk| chunk.era).collect();
		let alone = |era: EraIndex| eras.iter().filter(|other| **other == era).count() == 1;
		for chunk in self.unlocking.iter_mut().filter(|chunk| alone(chunk.era)) {
			let value = values.get(&chunk.era).map_or(chunk.value, |value| chunk.value.min(*value));
			let part = chunk.value.saturating_sub(value).min(remaining);
			chunk.value = chunk.value.saturating_sub(part);
			remaining = remaining.saturating_sub(part);
		}
		for chunk in self.unlocking.iter_mut().filter(|chunk| !alone(chunk.era)) {
			let part = chunk.value.min(remaining);
			chunk.value = chunk.value.saturating_sub(part);
			remaining = remaining.saturating_sub(part);
		}
	}

	/// The validator that it should nominate now.
	pub(crate) fn target(&self) -> Option<&AccountId> {
		self.nominations.last().map(|n| &n.validator)
	}

	/// Notes that `validator` is nominated from `era` on.
	pub(crate) fn set_target(&mut self, validator: AccountId, era: EraIndex) {
		if self.nominations.is_full() {
			self.nominations.remove(0);
		}
		if self.nominations.try_push(Nomination { validator, since: era }).is_err() {
			defensive!("there is room for a nomination once the oldest is removed");
		}
	}

	/// Notes that what it nominates may be exposed in `era` yet, and in the next.
	pub(crate) fn renew_target(&mut self, era: EraIndex) {
		if let Some(target) = self.target().cloned() {
			self.set_target(target, era);
		}
	}

	/// Whether it can have no uncollected reward, all eras before `era` being collected, if it has nothing
	/// at stake.
	pub(crate) fn is_collected(&self, era: EraIndex) -> bool {
		self.nominations.last().is_none_or(|last| last.since.saturating_add(2) <= era)
	}

	/// Forgets nominations that can have no uncollected reward, all eras before `era` being
	/// collected.
	pub(crate) fn forget_collected(&mut self, era: EraIndex) {
		while self.nominations.get(1).is_some_and(|next| next.since.saturating_add(2) <= era) {
			self.nominations.remove(0);
		}
	}
}

impl PoolState {
	/// Replaces what the books hold of a stash, which was `recorded`, by what it was `found` to hold.
	pub(crate) fn restate<AccountId, MaxChunks>(
		&mut self,
		recorded: &Stash<AccountId, MaxChunks>,
		found: &Stash<AccountId, MaxChunks>,
	) -> Result<(), ArithmeticError>
	where
		AccountId: Clone + Eq + core::fmt::Debug,
		MaxChunks: Get<u32>,
	{
		let bonded = self.bonded.ensure_sub(recorded.active)?.ensure_add(found.active)?;
		let unbonding = self.unbonding.ensure_sub(recorded.unlocking_total())?;
		let unbonding = unbonding.ensure_add(found.unlocking_total())?;
		(self.bonded, self.unbonding) = (bonded, unbonding);
		Ok(())
	}

	/// Takes `assets` out of the pot, which a stash stakes.
	pub(crate) fn take_idle(&mut self, assets: Assets) -> Result<(), ArithmeticError> {
		self.idle.ensure_sub_assign(assets.0)
	}

	/// Puts `assets` into the pot, which a stash has given back.
	pub(crate) fn return_idle(&mut self, assets: Assets) -> Result<(), ArithmeticError> {
		self.idle.ensure_add_assign(assets.0)
	}
}
