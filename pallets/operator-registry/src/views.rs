// SPDX-License-Identifier: Apache-2.0

//! Answers to questions.

use crate::{
	api::{OperatorInfo, PlanInfo},
	scores::{self, Score},
	selection, settings, Config, CurrentRound, LastPlan, Operators, Pallet,
};
use alloc::vec::Vec;
use holdfast_primitives::StashToPlace;

impl<T: Config> Pallet<T> {
	/// What the next plan would change, were it made now from the scores there are, for `stashes`.
	/// `None` while a round is going on.
	pub fn preview_plan(stashes: &[StashToPlace<T::AccountId>]) -> Option<PlanInfo<T::AccountId>> {
		let round = CurrentRound::<T>::get().filter(|round| round.is_done())?;
		// A plan that was made is followed by that of another round, with what acts by then.
		let is_planned = LastPlan::<T>::get().is_some_and(|plan| plan.era() == round.era());
		let parameters = match is_planned {
			true => settings::parameters_or_default::<T>(),
			false => *round.parameters(),
		};
		let scores = scores::all::<T>(&round);
		let plan = selection::plan::<T>(&round, &parameters, scores, stashes);
		Some(PlanInfo { era: round.era(), changes: plan.changes, unplaced: plan.unplaced })
	}
}

/// Answers [`Pallet::operators`].
pub(crate) fn operators<T: Config>() -> Vec<OperatorInfo<T::AccountId>> {
	Operators::<T>::iter()
		.map(|(account, operator)| OperatorInfo {
			account,
			profile: operator.profile().clone(),
			attested: operator.attested(),
			bond: operator.bond(),
			release: operator.release(),
			suspended_until: operator.suspended_until(),
			leaving: operator.is_leaving(),
			validators: operator.validators().to_vec(),
			added: operator.added().to_vec(),
		})
		.collect()
}

/// Answers [`Pallet::validators`].
pub(crate) fn validators<T: Config>() -> Vec<Score<T::AccountId>> {
	CurrentRound::<T>::get().map_or_else(Vec::new, |round| scores::all::<T>(&round))
}
