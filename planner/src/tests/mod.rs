// SPDX-License-Identifier: Apache-2.0

//! The tests, by topic.

mod any_input;
mod caps;
mod exact;
mod moves;
mod placement;
mod sizes;
mod time;

use crate::*;
use alloc::vec;
use proptest::prelude::*;

/// What a stash stakes where nothing else is said.
const STAKE: u128 = 100;

/// A fit candidate for a number of stashes of [`STAKE`] that shares its clusters with all others.
fn candidate(net_payout: u128, others: u128, limit: u32) -> Candidate {
	Candidate { net_payout, others, limit: room(limit), clusters: [0; 4], fit: true }
}

/// The stake of a number of stashes of [`STAKE`].
fn room(stashes: u32) -> u128 {
	STAKE * u128::from(stashes)
}

/// Room for these numbers of stashes of [`STAKE`].
fn rooms<const N: usize>(stashes: [u32; N]) -> Vec<u128> {
	stashes.map(room).to_vec()
}

/// Stashes of one stake.
fn stashes(stake: u128, current: Vec<Option<u32>>) -> Vec<Stash> {
	current.into_iter().map(|current| Stash { stake, current }).collect()
}

/// An input without limits but those of the candidates, with stashes of [`STAKE`].
fn input(candidates: Vec<Candidate>, current: Vec<Option<u32>>) -> Input {
	let limits = core::array::from_fn(|_| rooms([1_000]));
	let stashes = stashes(STAKE, current);
	Input { candidates, limits, stashes, hysteresis: 0, churn: u32::MAX }
}

impl Input {
	/// Whom the stashes nominate.
	fn current(&self) -> Vec<Option<u32>> {
		self.stashes.iter().map(|stash| stash.current).collect()
	}

	/// The same with other nominations of stashes of the stake of the first.
	fn from(self, current: Vec<Option<u32>>) -> Self {
		let stake = self.stashes.first().map_or(STAKE, |stash| stash.stake);
		Self { stashes: stashes(stake, current), ..self }
	}
}

/// How many stashes an assignment puts on each candidate. Unknown ones are left out.
fn counts(input: &Input, assignment: &[Option<u32>]) -> Vec<u32> {
	let mut counts = vec![0; input.candidates.len()];
	for place in assignment.iter().flatten() {
		counts.get_mut(*place as usize).into_iter().for_each(|count| *count += 1);
	}
	counts
}

/// What an assignment stakes on each candidate. Nothing counts as one; too much to be summed, as the most.
fn stakes(input: &Input, assignment: &[Option<u32>]) -> Vec<u128> {
	let mut stakes = vec![0u128; input.candidates.len()];
	for (stash, place) in input.stashes.iter().zip(assignment) {
		let sum = place.and_then(|place| stakes.get_mut(place as usize));
		sum.into_iter().for_each(|sum| *sum = sum.saturating_add(stash.stake.max(1)));
	}
	stakes
}

/// The first cap that an assignment exceeds. The unfit have a cap of nothing.
fn exceeded(input: &Input, assignment: &[Option<u32>]) -> Option<String> {
	let mut loads = input.limits.clone();
	loads.iter_mut().flatten().for_each(|load| *load = 0);
	for (place, stake) in stakes(input, assignment).into_iter().enumerate() {
		let candidate = &input.candidates[place];
		if stake > 0 && !candidate.fit {
			return Some(format!("candidate {place} is unfit"));
		}
		if stake > candidate.limit {
			return Some(format!("candidate {place} has {stake}"));
		}
		for (d, cluster) in candidate.clusters.into_iter().enumerate() {
			match loads[d].get_mut(cluster as usize) {
				Some(load) => *load = load.saturating_add(stake),
				None if stake > 0 => return Some(format!("cluster {cluster} has no cap")),
				None => {},
			}
		}
	}
	let over =
		|d: &usize| loads[*d].iter().zip(&input.limits[*d]).any(|(load, limit)| load > limit);
	(0..4).find(over).map(|d| format!("loads {:?} in dimension {d}", loads[d]))
}

/// Fails if a plan breaks a rule that holds for every input.
fn check(input: &Input, plan: &Assignment) {
	assert_eq!(exceeded(input, &plan.places), None);
	let current = input.current();
	assert_eq!(plan.places.len(), current.len());
	let changed: Vec<usize> =
		(0..current.len()).filter(|i| current[*i] != plan.places[*i]).collect();
	let reported: Vec<usize> = plan.moves.iter().map(|change| change.stash as usize).collect();
	assert_eq!(changed, reported, "every change is reported, and nothing else");
	for change in &plan.moves {
		let stash = change.stash as usize;
		assert_eq!((change.from, change.to), (current[stash], plan.places[stash]));
		let from = change.from.and_then(|place| input.candidates.get(place as usize));
		match (change.cause, from) {
			(Cause::New, from) => assert!(from.is_none()),
			(Cause::Unfit, from) => assert!(!from.unwrap().fit),
			(Cause::Better, from) => assert!(from.unwrap().fit && change.to.is_some()),
			(Cause::ValidatorOverCap | Cause::ClusterOverCap(_), from) => {
				assert!(from.unwrap().fit);
				assert!(exceeded(input, &current).is_some());
			},
		}
	}
	let better = plan.moves.iter().filter(|c| c.cause == Cause::Better).count();
	assert!(better <= input.churn as usize, "{better} moves");
	// Nobody comes to where another of the same stake leaves from by choice.
	let stake = |change: &Move| input.stashes[change.stash as usize].stake;
	for change in plan.moves.iter().filter(|c| c.cause == Cause::Better) {
		let swaps = |other: &Move| other.to == change.from && stake(other) == stake(change);
		assert!(!plan.moves.iter().any(swaps), "{:?}", plan.moves);
	}
}

/// Instances small enough to look through, with tight caps, garbage now and then, and any start.
fn small() -> impl Strategy<Value = Input> {
	let candidate = (0u128..50, 0u128..300, 0u32..3, prop::array::uniform4(0u32..3), 0..10u8)
		.prop_map(|(net_payout, others, limit, clusters, fit)| Candidate {
			net_payout: net_payout * 1_000_000,
			others,
			limit: limit.into(),
			clusters,
			fit: fit > 0,
		});
	let limits = prop::collection::vec(0u128..4, 2..4);
	(
		prop::collection::vec(candidate, 1..6),
		prop::array::uniform4(limits),
		prop::collection::vec(prop::option::of(0u32..6), 1..5),
		1u128..200,
		0u32..200,
		0u32..4,
	)
		.prop_map(|(candidates, limits, current, stake, hysteresis, churn)| {
			of_stashes(stake, Input { candidates, limits, hysteresis, churn, stashes: Vec::new() })
				.from(current)
		})
}

/// An input whose limits are numbers of stashes, with limits that are stakes, and one stash.
fn of_stashes(stake: u128, mut input: Input) -> Input {
	input.candidates.iter_mut().for_each(|c| c.limit *= stake);
	input.limits.iter_mut().flatten().for_each(|limit| *limit *= stake);
	input.stashes = stashes(stake, vec![None]);
	input
}

/// Instances of a size as on chain, with room for all.
fn medium() -> impl Strategy<Value = Input> {
	let candidate = (500u128..1_000, 100u128..5_000, 1u32..4, prop::array::uniform4(0u32..6))
		.prop_map(|(net_payout, others, limit, clusters)| Candidate {
			net_payout: net_payout * 1_000_000,
			others,
			limit: limit.into(),
			clusters,
			fit: true,
		});
	let limits = prop::collection::vec(3u128..8, 6);
	(
		prop::collection::vec(candidate, 20..60),
		prop::array::uniform4(limits),
		4usize..16,
		100u128..1_000,
	)
		.prop_map(|(candidates, limits, stashes, stake)| {
			let (hysteresis, churn) = (0, u32::MAX);
			of_stashes(stake, Input { candidates, limits, hysteresis, churn, stashes: Vec::new() })
				.from(vec![None; stashes])
		})
}
