// SPDX-License-Identifier: Apache-2.0

#![doc = include_str!("../README.md")]
//!
//! ## The problem
//!
//! A validator on which the pool has a stake `S`, beside the stake `O` of everyone else, earns the pool
//!
//! ```text
//! F(S) = P (1 - c) * S / (O + S)
//! ```
//!
//! where `P` is the payout that is expected of it and `c` its commission. The sum over all validators
//! is to be largest, while no validator and no cluster (an operator, a region, a hosting provider, a
//! client software) has more of the pool's stake than its cap. `F` is concave: each further stash on a
//! validator earns less, so that with few others behind them the second stash goes elsewhere. A stash
//! stands on one validator, with all of its stake.
//!
//! ## The way
//!
//! 1. What must leave, leaves: a stash whose validator is unfit, or is over a cap.
//! 2. A stash without a validator gets the best that the caps allow, one stash after the other.
//! 3. Then a bounded search for exchanges: one stash moves, and others make room for it where a cap is
//!    in its way. A stash that stands where it stood moves only if that gains more than the hysteresis,
//!    and no more of them move than the churn limit allows; what is placed in this plan anyway moves freely.
//!
//! What finds no place is left without a nomination. A stash that had a good one keeps one.
//!
//! Stashes of one size are equal: those that can stay, stay, and two never swap. If all are of one size, they
//! are counted, and the search is over numbers. If not, each is followed for itself: the largest is
//! placed first, and where a cap is in the way of one, others make room for it. Nothing here is random,
//! nothing is a float, and ties go to the lower index: the same input gives the same output on every
//! machine.
//!
//! ## What can be relied on
//!
//! - No cap is exceeded, and nothing panics, whatever the input.
//! - The time is bounded: it grows with candidates `M` and stashes `N` as `(M + N) log (M + N)`, plus a
//!   search of at most 1,000,000 probes of a place and 400,000 steps. If not all stashes are of one size,
//!   it grows as `N M + N^2`, plus a search of 800,000 probes. Of 1,000 candidates and 64 stashes most take
//!   less than ten milliseconds in native code; the worst that a search for bad instances has found take
//!   about twenty, and in Wasm twice as long (`hard` in `benchmarks/planner`).
//! - No flapping: as long as the best and the worst that a validator's payout is expected to be are
//!   apart by less than the hysteresis, and all else stays, each plan that changes anything earns more
//!   than the one before by any payouts between. So no assignment comes back.
//! - The yield is not the exact optimum, but near it: `benchmarks/planner/REPORT.md`. Of 2,000 small
//!   instances with sizes of all kinds, 1,994 plans are the optimum, and the worst is 96.6 % of it.

#![cfg_attr(not(feature = "std"), no_std)]
#![cfg_attr(
	not(test),
	deny(
		clippy::arithmetic_side_effects,
		clippy::expect_used,
		clippy::indexing_slicing,
		clippy::panic,
		clippy::unwrap_used
	)
)]

extern crate alloc;

mod board;
mod layout;
mod mixed;
mod outcome;
mod search;
mod yields;

use alloc::{vec, vec::Vec};
use codec::{Decode, DecodeWithMemTracking, Encode, MaxEncodedLen};
use scale_info::TypeInfo;

use board::Board;
use layout::known;
use yields::{worth, Scale};

/// The kinds of clusters, in the order of [`Candidate::clusters`] and [`Input::limits`].
#[derive(
	Clone,
	Copy,
	Debug,
	PartialEq,
	Eq,
	PartialOrd,
	Ord,
	Encode,
	Decode,
	DecodeWithMemTracking,
	TypeInfo,
	MaxEncodedLen,
)]
pub enum Dimension {
	/// The operator that runs the validator.
	Operator,
	/// The region in which it runs.
	Region,
	/// The provider that hosts it.
	Provider,
	/// The client software that it runs.
	Client,
}

/// All kinds of clusters.
pub const DIMENSIONS: [Dimension; 4] =
	[Dimension::Operator, Dimension::Region, Dimension::Provider, Dimension::Client];

/// A validator that may be nominated.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Candidate {
	/// What is expected to be paid for it in an era, less commission: `P (1 - c)`. In any unit, the
	/// same for all candidates.
	pub net_payout: u128,
	/// Stake behind it that is not the pool's, in the unit of [`Stash::stake`].
	pub others: u128,
	/// The most stake of the pool on it.
	pub limit: u128,
	/// Its cluster in each dimension: an index into [`Input::limits`].
	pub clusters: [u32; DIMENSIONS.len()],
	/// Whether it may be nominated at all. If not, the stashes that nominate it leave.
	pub fit: bool,
}

/// A stash that is to nominate somebody.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Stash {
	/// What it stakes, in any unit, the same for all amounts of stake. Nothing counts as one.
	pub stake: u128,
	/// The validator that it nominates now, as an index into the candidates. `None` if there is none, or if
	/// it is no candidate.
	pub current: Option<u32>,
}

/// What is to be planned.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Input {
	/// The validators that may be nominated, and those that are nominated now.
	pub candidates: Vec<Candidate>,
	/// The most stake of the pool in each cluster, by dimension. A cluster that is not in it has none.
	pub limits: [Vec<u128>; DIMENSIONS.len()],
	/// The stashes that are to nominate somebody.
	pub stashes: Vec<Stash>,
	/// The thousandths of what a stash earns now by which the pool must earn more elsewhere, to move it.
	pub hysteresis: u32,
	/// The most stashes that move because they earn more elsewhere. Those that have to leave do not count.
	pub churn: u32,
}

/// Why a stash moves.
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
pub enum Cause {
	/// The stash nominated no candidate.
	New,
	/// Its validator may not be nominated.
	Unfit,
	/// Its validator had more stake than it may have.
	ValidatorOverCap,
	/// A cluster of its validator had more stake than it may have.
	ClusterOverCap(Dimension),
	/// The pool earns more with it elsewhere: there, or by what takes its room here.
	Better,
}

/// A stash that is to nominate another validator, or none.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Move {
	/// The index of the stash.
	pub stash: u32,
	/// The validator that it nominated, as an index into the candidates.
	pub from: Option<u32>,
	/// The validator that it is to nominate; `None` if the caps leave no place for it.
	pub to: Option<u32>,
	/// The cause of the move.
	pub cause: Cause,
}

/// Where each stash is to stand.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Assignment {
	/// The validator that each stash is to nominate, as an index into the candidates.
	pub places: Vec<Option<u32>>,
	/// The stashes that move, in their order.
	pub moves: Vec<Move>,
}

/// Plans the nominations.
///
/// The caps hold for every input. Amounts that are too large for the arithmetic lose their lower bits,
/// or saturate.
pub fn plan(input: &Input) -> Assignment {
	let Some(Stash { stake, .. }) = input.stashes.first() else { return Assignment::default() };
	if input.stashes.iter().any(|stash| stash.stake != *stake) {
		return mixed::plan(input);
	}
	let mut board = Board::new(input, *stake);
	board.remove_misplaced();
	search::place_all(&mut board);
	search::improve(&mut board);
	board.into_assignment()
}

/// What an assignment earns in an era, rounded down, in a unit that depends on the largest net payout:
/// only to compare assignments of one input. Caps do not matter, nor whether a candidate is fit.
pub fn value(input: &Input, assignment: &[Option<u32>]) -> u128 {
	let mut stakes = vec![0u128; input.candidates.len()];
	for (stash, place) in input.stashes.iter().zip(assignment) {
		let stake = known(input, *place).and_then(|place| stakes.get_mut(place));
		stake.into_iter().for_each(|stake| *stake = stake.saturating_add(stash.stake));
	}
	let scale = Scale::of(input);
	let earned = |(place, stake): (usize, &u128)| worth(input, scale, place, *stake);
	stakes.iter().enumerate().map(earned).fold(0, u128::saturating_add)
}

#[cfg(test)]
mod tests;
