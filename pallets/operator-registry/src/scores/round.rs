// SPDX-License-Identifier: Apache-2.0

//! The round of an era, and what it has found.

use super::score::Score;
use crate::{parameters::Parameters, Config, CurrentRound, Error, PageOf, Scores};
use alloc::vec::Vec;
use holdfast_primitives::{stored, Balance, EraIndex, ValidatorInfo, ValidatorSet};

/// Validators in a page of scores, which one step fills.
pub const PAGE: u32 = 16;

/// The most pages of exposures that a step reads, so that its cost is bounded.
pub(crate) const MAX_EXPOSURE_PAGES: u32 = 32;

/// A scoring of all validators, once in an era.
#[frame_support::stored(no_skip_type_params)]
pub struct Round<AccountId> {
	/// The era for which validators are scored.
	pub(super) era: EraIndex,
	/// The set that is at work in it.
	pub(super) set: ValidatorSet,
	/// The number of validators that are to be elected.
	pub(super) seats: u32,
	/// The number of validators that were elected in the era before.
	pub(super) elected_before: u32,
	/// The sum of the points of the era before.
	pub(super) points: u64,
	/// What all validators of the era before were paid, in the smallest unit.
	pub(super) payout: Balance,
	/// The validator that was scored last.
	pub(super) after: Option<AccountId>,
	/// The number of pages that are written.
	pub(super) pages: u32,
	/// The number of pages that the round before has left.
	pub(super) stale: u32,
	/// Whether all validators are scored.
	pub(super) done: bool,
	/// The parameters that acted when the round began. All validators are judged by them, and the plan
	/// that follows obeys them, so that a change in between does not mix two sets.
	pub(super) parameters: Parameters,
}

impl<AccountId> Round<AccountId> {
	/// The round of `era`, after one that has left `stale` pages.
	pub(super) fn new<T: Config<AccountId = AccountId>>(
		era: EraIndex,
		stale: u32,
		parameters: Parameters,
	) -> Self {
		// The first era has none before it, and tells nothing while it lasts.
		let before = era.checked_sub(1);
		let points = before.map(T::Validators::points).unwrap_or_default();
		Self {
			era,
			set: T::Validators::set(era),
			seats: T::Validators::seats(),
			elected_before: before.map_or(0, |before| T::Validators::set(before).elected),
			points: points.values().fold(0, |sum, points| sum.saturating_add((*points).into())),
			payout: before.map_or(0, T::Validators::payout),
			after: None,
			pages: 0,
			stale,
			done: false,
			parameters,
		}
	}

	/// The era for which validators are scored.
	pub fn era(&self) -> EraIndex {
		self.era
	}

	/// Whether all validators are scored.
	pub fn is_done(&self) -> bool {
		self.done
	}

	/// The parameters by which this round judges, and which the plan that follows obeys.
	pub fn parameters(&self) -> &Parameters {
		&self.parameters
	}

	/// The number of validators that are elected in the era.
	pub(crate) fn elected(&self) -> u32 {
		self.set.elected
	}

	/// The least stake behind one of the elected, in the smallest unit.
	pub(crate) fn least_elected(&self) -> Balance {
		self.set.least
	}

	/// Whether fewer validators are elected than may be.
	pub(crate) fn has_free_seats(&self) -> bool {
		self.set.elected < self.seats
	}

	/// The number of pages that are stored, of this round or of the one before.
	pub(crate) fn stored_pages(&self) -> u32 {
		self.pages.max(self.stale)
	}

	#[cfg(any(feature = "std", feature = "try-runtime"))]
	/// Whether pages of the round before are left.
	pub(crate) fn has_stale_pages(&self) -> bool {
		self.stale > self.pages
	}

	/// A round that is done, of so many pages, in an era in which `elected` are at work.
	#[cfg(feature = "runtime-benchmarks")]
	pub(crate) fn done(era: EraIndex, elected: u32, pages: u32, parameters: Parameters) -> Self {
		Self {
			era,
			set: ValidatorSet { elected, least: 0 },
			seats: elected,
			elected_before: elected,
			points: 1,
			payout: 1,
			after: None,
			pages,
			stale: 0,
			done: true,
			parameters,
		}
	}

	/// This round after one that has left `stale` pages.
	#[cfg(feature = "runtime-benchmarks")]
	pub(crate) fn with_stale(self, stale: u32) -> Self {
		Self { stale, ..self }
	}

	/// The sum of the points of the era before.
	#[cfg(feature = "runtime-benchmarks")]
	pub(crate) fn points(&self) -> u64 {
		self.points
	}
}

/// The round of this era, or the last one; `None` if there was none.
pub(crate) fn current<T: Config>() -> Result<Option<Round<T::AccountId>>, Error<T>> {
	Ok(stored::value::<CurrentRound<T>, _>()?)
}

/// All scores of a round, as far as it is done.
pub(crate) fn all<T: Config>(round: &Round<T::AccountId>) -> Vec<Score<T::AccountId>> {
	// Bounded by `MaxValidators`.
	(0..round.pages).flat_map(Scores::<T>::get).collect()
}

/// As [`all`], if all of them can be decoded.
pub(crate) fn readable<T: Config>(
	round: &Round<T::AccountId>,
) -> Result<Vec<Score<T::AccountId>>, Error<T>> {
	let mut scores = Vec::new();
	for page in 0..round.pages {
		scores.extend(stored::entry::<Scores<T>, _, PageOf<T>>(page)?.into_iter().flatten());
	}
	Ok(scores)
}
