// SPDX-License-Identifier: Apache-2.0

//! The steps of a round: it begins, pages are scored, and pages that a longer round has left are cleared.

use super::{
	pages::score_page,
	round::{current, Round, MAX_EXPOSURE_PAGES, PAGE},
};
use crate::{settings, weights::WeightInfo, Config, CurrentRound, Scores};
use frame_support::{traits::Get, weights::Weight};
use holdfast_primitives::EraIndex;

/// Pages of an earlier round that a step clears.
const CLEARED: u32 = 16;

/// Does a step of the round of `era`; `None` if that is done.
pub(crate) fn step<T: Config>(era: EraIndex) -> Option<Weight> {
	let last = match current::<T>() {
		Ok(Some(round)) if round.era == era => {
			return (!round.done).then(|| score_page::<T>(round).unwrap_or_else(finish::<T>));
		},
		Ok(last) => last.map_or(0, |last| last.stored_pages()),
		// It is made anew. Pages may be left of it, of one validator each at least.
		Err(_) => T::MaxValidators::get(),
	};
	begin::<T>(era, last);
	Some(T::WeightInfo::begin_round())
}

/// The most that a step of a round weighs.
pub(crate) fn step_weight<T: Config>() -> Weight {
	T::WeightInfo::begin_round()
		.max(
			T::WeightInfo::score(PAGE, MAX_EXPOSURE_PAGES)
				.saturating_add(T::WeightInfo::forget(PAGE)),
		)
		.max(T::WeightInfo::clear_pages(CLEARED))
}

/// Begins the round of `era`, after one that has left `stale` pages.
pub(crate) fn begin<T: Config>(era: EraIndex, stale: u32) {
	let parameters = settings::parameters_or_default::<T>();
	CurrentRound::<T>::put(Round::new::<T>(era, stale, parameters));
}

/// Clears pages of longer rounds; the round is done when there are none.
pub(crate) fn finish<T: Config>(mut round: Round<T::AccountId>) -> Weight {
	let from = round.pages.max(round.stale.saturating_sub(CLEARED));
	let cleared = round.stale.saturating_sub(from);
	(from..round.stale).for_each(Scores::<T>::remove);
	round.stale = from;
	round.done = from <= round.pages;
	CurrentRound::<T>::put(round);
	// And it was looked whether a validator is left.
	T::WeightInfo::clear_pages(cleared).saturating_add(T::DbWeight::get().reads(2))
}
