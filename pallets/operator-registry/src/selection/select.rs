// SPDX-License-Identifier: Apache-2.0

//! Answers the pool, and notes what was planned.

use super::{plan::plan, spread::diversification};
use crate::{
	assignments, failures::unreadable, records, scores, weights::WeightInfo, Config, Event,
	LastDiversification, LastPlan, Pallet, PlannedOf, Validators,
};
use alloc::{collections::BTreeSet, vec, vec::Vec};
use frame_support::{traits::Get, weights::Weight};
use holdfast_primitives::{EraIndex, StashToPlace, ValidatorSelection};
use sp_runtime::traits::UniqueSaturatedInto;

impl<T: Config> ValidatorSelection<T::AccountId> for Pallet<T> {
	fn prepare(era: EraIndex) -> Option<Weight> {
		scores::step::<T>(era)
	}

	fn prepare_weight() -> Weight {
		scores::step_weight::<T>()
	}

	/// With the parameters that acted when the round of scores began.
	fn select(era: EraIndex, stashes: &[StashToPlace<T::AccountId>]) -> Vec<Option<T::AccountId>> {
		let stay = || stashes.iter().map(|stash| stash.nominates.clone()).collect();
		let round = match scores::current::<T>() {
			Ok(Some(round)) => round,
			Ok(None) => return vec![None; stashes.len()],
			Err(_) => {
				unreadable("the round");
				return stay();
			},
		};
		let Ok(scores) = scores::readable::<T>(&round) else {
			unreadable("a page of scores");
			return stay();
		};
		LastDiversification::<T>::put(diversification::<T>(&round, &scores));
		let plan = plan::<T>(&round, round.parameters(), scores, stashes);
		let nominated = note_plan::<T>(era, &plan.chosen);
		let assigned = stashes.iter().zip(&plan.chosen);
		let assigned = assigned.filter_map(|(stash, to)| Some((stash.index, to.clone()?)));
		assignments::assign::<T>(assigned.collect());
		let changes: u32 = plan.changes.len().unique_saturated_into();
		let unplaced = plan.unplaced;
		LastPlan::<T>::put(PlannedOf::<T>::new(era, plan.changes, unplaced, nominated));
		Self::deposit_event(Event::NominationsPlanned { era, changes, unplaced });
		plan.chosen
	}

	fn select_weight() -> Weight {
		T::WeightInfo::select(T::MaxValidators::get(), T::MaxStashes::get())
	}
}

/// Takes note of which validators are to be exposed to the pool, so that one that never is can be told.
/// Returns them.
///
/// Those that were nominated before are read from the last plan: a stash that is emptied is not planned for
/// any more.
pub(crate) fn note_plan<T: Config>(
	era: EraIndex,
	chosen: &[Option<T::AccountId>],
) -> BTreeSet<T::AccountId> {
	let after: BTreeSet<T::AccountId> = chosen.iter().flatten().cloned().collect();
	let last = LastPlan::<T>::get();
	let before = last.as_ref().map(|plan| plan.nominated()).unwrap_or_default();
	// At most two for each stash.
	let all: BTreeSet<&T::AccountId> = before.iter().chain(&after).collect();
	for validator in all {
		// What cannot be decoded is not written.
		let Ok(Some(mut record)) = records::validator::<T>(validator) else { continue };
		record.plan(era, after.contains(validator));
		Validators::<T>::insert(validator, record);
	}
	after
}
