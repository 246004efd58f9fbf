// SPDX-License-Identifier: Apache-2.0

//! A score, and whether a validator may be nominated.

use crate::labels::Cluster;
use holdfast_primitives::Balance;
use sp_runtime::Perbill;

/// Whether a validator may be nominated, and if not, the first reason why.
#[frame_support::stored]
#[derive(Copy)]
pub enum Fitness {
	/// The validator may be nominated.
	Fit,
	/// It has left its operator, or the operator is leaving.
	Leaving,
	/// A guardian or governance has suspended its operator.
	Suspended,
	/// It does not stand for election.
	NotACandidate,
	/// It refuses new nominations.
	Blocked,
	/// Its commission was above the limit within the bonding duration.
	CommissionTooHigh,
	/// It committed an offence within the bonding duration.
	Offended,
	/// It earned too few points in the last era.
	MissedBlocks,
	/// Stashes nominated it, and their stake was not exposed to it.
	NotExposed,
	/// Its operator owes what its bond could not pay.
	InDebt,
	/// The bond of its operator is less than the minimum.
	BondTooSmall,
	/// It has joined not long ago, or has missed blocks or the pool's stake.
	OnProbation,
	/// It is not elected, and a stash of the pool would not carry it over the last cut-off.
	NotElectable,
	/// It has registered no session keys, and could not author a block.
	NoKeys,
	/// What is stored of its operator cannot be decoded.
	Undecodable,
}

/// What a validator is worth, and what that is made of.
#[frame_support::stored(no_skip_type_params)]
pub struct Score<AccountId> {
	/// The validator that is scored.
	pub validator: AccountId,
	/// The operator that runs it.
	pub operator: AccountId,
	/// What the operator's bond can pay, less what is to be released, in the smallest unit.
	pub bond: Balance,
	/// Whether less is at risk than was, or will be: a part of the bond is to be released, or the own
	/// stake has fallen not long ago. Stashes that it does not cover any more leave then.
	pub releasing: bool,
	/// Its cluster in each dimension, in the order of [`DIMENSIONS`](crate::DIMENSIONS).
	pub clusters: [Cluster; 4],
	/// Whether it may be nominated.
	pub fitness: Fitness,
	/// What is expected to be paid for it in an era, less commission, in the smallest unit:
	/// equal share of the elected, times reliability, less the penalty.
	pub net_payout: Balance,
	/// The moving average of its era points against the mean, at most 1.
	pub reliability: Perbill,
	/// The part by which its payout is reduced for offences.
	pub penalty: Perbill,
	/// The highest commission of the last bonding duration.
	pub commission: Perbill,
	/// What it has staked itself, in the smallest unit. Of one that is elected, the lesser of what is
	/// exposed in this era and what is still in its ledger.
	pub own: Balance,
	/// The stake of others behind it, in the smallest unit: all that is not the pool's, or its own if it is
	/// not elected.
	pub others: Balance,
	/// The pool's stake that is exposed to it in this era, in the smallest unit.
	pub ours: Balance,
	/// Whether it is elected in this era.
	pub elected: bool,
}
