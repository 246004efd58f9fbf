// SPDX-License-Identifier: Apache-2.0

//! Makes the plan: what the planner is asked, and what its answer means.

use super::{
	changes::{PlannedChange, Reason},
	clusters::Clusters,
	coverage,
	stakes::Stakes,
};
use crate::{
	parameters::Parameters,
	scores::{Fitness, Round, Score},
	Config,
};
use alloc::{collections::BTreeMap, vec, vec::Vec};
use holdfast_planner::{self as planner, Candidate, Input, Move, Stash};
use holdfast_primitives::{Balance, StashToPlace};
use sp_runtime::{traits::UniqueSaturatedInto, Perbill};

/// The part by which an unelected validator's backing must pass the last cut-off.
const CUT_OFF_MARGIN: Perbill = Perbill::from_percent(5);

/// The nominations of all stashes.
pub(crate) struct NominationPlan<AccountId> {
	/// The validator that each stash is to nominate.
	pub(crate) chosen: Vec<Option<AccountId>>,
	/// The nominations that this changes.
	pub(crate) changes: Vec<PlannedChange<AccountId>>,
	/// The number of stashes without a place.
	pub(crate) unplaced: u32,
}

/// Plans the nominations of `stashes`.
pub(crate) fn plan<T: Config>(
	round: &Round<T::AccountId>,
	parameters: &Parameters,
	mut scores: Vec<Score<T::AccountId>>,
	stashes: &[StashToPlace<T::AccountId>],
) -> NominationPlan<T::AccountId> {
	let stakes = Stakes::of(stashes.iter().map(|stash| stash.stake));
	let standing = standing(&scores, &stakes, stashes);
	let loads = loads(&standing, scores.len());
	leave_unelectable(round, &mut scores, &loads, &stakes);

	let clusters = Clusters::of(&scores);
	let mut limits = clusters.caps(parameters, &stakes);
	let [operators, ..] = &mut limits;
	let own_limits =
		coverage::limit::<T>(round, parameters, &scores, &clusters, &loads, &stakes, operators);
	let candidate =
		|((score, clusters), limit): ((&Score<T::AccountId>, &[u32; 4]), Balance)| Candidate {
			net_payout: score.net_payout,
			others: score.others,
			limit,
			clusters: *clusters,
			fit: score.fitness == Fitness::Fit,
		};
	let assignment = planner::plan(&Input {
		candidates: scores.iter().zip(clusters.each()).zip(own_limits).map(candidate).collect(),
		limits,
		stashes: standing,
		hysteresis: parameters.hysteresis,
		churn: parameters.churn,
	});

	let name = |place: Option<u32>| score_at(&scores, place).map(|score| score.validator.clone());
	let chosen: Vec<_> = assignment.places.iter().map(|place| name(*place)).collect();
	let change = |step: &Move| {
		let stash = stashes.get(usize::try_from(step.stash).ok()?)?;
		let reason = reason(&scores, stash, step);
		let (stash, from) = (stash.index, stash.nominates.clone());
		Some(PlannedChange { stash, from, to: name(step.to), reason })
	};
	let changes = assignment.moves.iter().filter_map(change).collect();
	let unplaced = chosen.iter().filter(|place| place.is_none()).count();
	NominationPlan { chosen, changes, unplaced: unplaced.unique_saturated_into() }
}

/// The score with this index.
fn score_at<AccountId>(
	scores: &[Score<AccountId>],
	place: Option<u32>,
) -> Option<&Score<AccountId>> {
	scores.get(usize::try_from(place?).ok()?)
}

/// The stashes as the planner sees them: what they stake, and where they stand.
fn standing<AccountId: Ord>(
	scores: &[Score<AccountId>],
	stakes: &Stakes,
	stashes: &[StashToPlace<AccountId>],
) -> Vec<Stash> {
	let places: BTreeMap<&AccountId, u32> =
		scores.iter().map(|score| &score.validator).zip(0u32..).collect();
	let place = |stash: &StashToPlace<AccountId>| places.get(stash.nominates.as_ref()?).copied();
	let stash = |(stash, stake): (&StashToPlace<AccountId>, &Balance)| Stash {
		stake: *stake,
		current: place(stash),
	};
	stashes.iter().zip(stakes.each()).map(stash).collect()
}

/// What the pool stakes on each of `count` validators now.
fn loads(standing: &[Stash], count: usize) -> Vec<Balance> {
	let mut loads: Vec<Balance> = vec![0; count];
	for Stash { stake, current } in standing {
		let place = current.and_then(|place| usize::try_from(place).ok());
		if let Some(load) = place.and_then(|place| loads.get_mut(place)) {
			*load = load.saturating_add(*stake);
		}
	}
	loads
}

/// Finds the validators that would not be elected with the pool's stake not to be fit.
fn leave_unelectable<AccountId>(
	round: &Round<AccountId>,
	scores: &mut [Score<AccountId>],
	loads: &[Balance],
	stakes: &Stakes,
) {
	for (score, load) in scores.iter_mut().zip(loads) {
		// Any stash may come to where none is: also the smallest.
		let ours = if *load > 0 { *load } else { stakes.least() };
		if score.fitness == Fitness::Fit && !is_electable(round, score, ours) {
			score.fitness = Fitness::NotElectable;
		}
	}
}

/// Whether a validator that stands for election would be elected with `ours`.
fn is_electable<AccountId>(
	round: &Round<AccountId>,
	score: &Score<AccountId>,
	ours: Balance,
) -> bool {
	let least = round.least_elected();
	let cut_off = least.saturating_add(CUT_OFF_MARGIN.mul_ceil(least));
	score.elected || round.has_free_seats() || score.others.saturating_add(ours) >= cut_off
}

/// Why the planner moves a stash.
fn reason<AccountId>(
	scores: &[Score<AccountId>],
	stash: &StashToPlace<AccountId>,
	step: &Move,
) -> Reason {
	match step.cause {
		planner::Cause::New if stash.nominates.is_some() => Reason::Unlisted,
		planner::Cause::New => Reason::New,
		planner::Cause::Unfit => {
			let fitness = score_at(scores, step.from).map(|score| score.fitness);
			Reason::Unfit(fitness.unwrap_or(Fitness::Leaving))
		},
		planner::Cause::ValidatorOverCap => Reason::ValidatorOverCap,
		planner::Cause::ClusterOverCap(dimension) => Reason::ClusterOverCap(dimension),
		planner::Cause::Better => Reason::Better,
	}
}
