// SPDX-License-Identifier: Apache-2.0

//! Answers to questions.

use crate::{api::*, *};
use alloc::vec::Vec;
use holdfast_primitives::StashToPlace;

impl<T: Config> Pallet<T> {
	/// All operators, in no particular order.
	pub(crate) fn view_operators() -> Vec<OperatorInfo<T::AccountId>> {
		Operators::<T>::iter()
			.map(|(account, operator)| OperatorInfo {
				account,
				profile: operator.profile,
				attested: operator.attested,
				bond: operator.bond,
				release: operator.release,
				suspended_until: operator.suspended_until,
				leaving: operator.leaving,
				validators: operator.validators.into_inner(),
				added: operator.invited.into_inner(),
			})
			.collect()
	}

	/// The scores of the last round, as far as it is done.
	pub(crate) fn view_validators() -> Vec<Score<T::AccountId>> {
		CurrentRound::<T>::get().map_or_else(Vec::new, |round| Self::scores(&round))
	}

	/// What the next plan would change, were it made now from the scores there are, for `stashes`.
	/// `None` while a round is going on.
	pub fn preview_plan(stashes: &[StashToPlace<T::AccountId>]) -> Option<PlanInfo<T::AccountId>> {
		let round = CurrentRound::<T>::get().filter(|round| round.done)?;
		let outcome = Self::plan_of(&round, Self::scores(&round), stashes);
		Some(PlanInfo { era: round.era, changes: outcome.changes, unplaced: outcome.unplaced })
	}
}
