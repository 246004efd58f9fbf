// SPDX-License-Identifier: Apache-2.0

//! The tests, by topic.

mod any_input;
mod caps;
mod exact;
mod moves;
mod placement;
mod time;

use crate::*;
use alloc::vec;
use proptest::prelude::*;

/// A fit candidate that shares its clusters with all others.
fn candidate(net_payout: u128, others: u128, limit: u32) -> Candidate {
	Candidate { net_payout, others, limit, clusters: [0; 4], fit: true }
}

/// An input without limits but those of the candidates, with stashes of 100.
fn input(candidates: Vec<Candidate>, current: Vec<Option<u32>>) -> Input {
	let limits = [vec![1_000], vec![1_000], vec![1_000], vec![1_000]];
	Input { candidates, limits, current, stash: 100, hysteresis: 0, churn: u32::MAX }
}

/// How many stashes an assignment puts on each candidate. Unknown ones are left out.
fn counts(input: &Input, assignment: &[Option<u32>]) -> Vec<u32> {
	let mut counts = vec![0; input.candidates.len()];
	for place in assignment.iter().flatten() {
		counts.get_mut(*place as usize).into_iter().for_each(|count| *count += 1);
	}
	counts
}

/// The first cap that an assignment exceeds. The unfit have a cap of nothing.
fn exceeded(input: &Input, assignment: &[Option<u32>]) -> Option<String> {
	let mut loads = input.limits.clone();
	loads.iter_mut().flatten().for_each(|load| *load = 0);
	for (place, count) in counts(input, assignment).into_iter().enumerate() {
		let candidate = &input.candidates[place];
		if count > 0 && !candidate.fit {
			return Some(format!("candidate {place} is unfit"));
		}
		if count > candidate.limit {
			return Some(format!("candidate {place} has {count}"));
		}
		for (d, cluster) in candidate.clusters.into_iter().enumerate() {
			match loads[d].get_mut(cluster as usize) {
				Some(load) => *load += count,
				None if count > 0 => return Some(format!("cluster {cluster} has no cap")),
				None => {},
			}
		}
	}
	let over =
		|d: &usize| loads[*d].iter().zip(&input.limits[*d]).any(|(load, limit)| load > limit);
	(0..4).find(over).map(|d| format!("loads {:?} in dimension {d}", loads[d]))
}

/// Fails if a plan breaks a rule that holds for every input.
fn check(input: &Input, plan: &Plan) {
	assert_eq!(exceeded(input, &plan.assignment), None);
	assert_eq!(plan.assignment.len(), input.current.len());
	let changed: Vec<usize> =
		(0..input.current.len()).filter(|i| input.current[*i] != plan.assignment[*i]).collect();
	let reported: Vec<usize> = plan.changes.iter().map(|change| change.stash as usize).collect();
	assert_eq!(changed, reported, "every change is reported, and nothing else");
	for change in &plan.changes {
		let stash = change.stash as usize;
		assert_eq!((change.from, change.to), (input.current[stash], plan.assignment[stash]));
		let from = change.from.and_then(|place| input.candidates.get(place as usize));
		match (change.reason, from) {
			(Reason::New, from) => assert!(from.is_none()),
			(Reason::Unfit, from) => assert!(!from.unwrap().fit),
			(Reason::Better, from) => assert!(from.unwrap().fit && change.to.is_some()),
			(Reason::ValidatorOverCap | Reason::ClusterOverCap(_), from) => {
				assert!(from.unwrap().fit);
				assert!(exceeded(input, &input.current).is_some());
			},
		}
	}
	let better = plan.changes.iter().filter(|c| c.reason == Reason::Better).count();
	assert!(better <= input.churn as usize, "{better} moves");
	// Nobody comes to where another leaves from by choice.
	for change in plan.changes.iter().filter(|c| c.reason == Reason::Better) {
		assert!(plan.changes.iter().all(|other| other.to != change.from), "{:?}", plan.changes);
	}
}

/// Instances small enough to look through, with tight caps, garbage now and then, and any start.
fn small() -> impl Strategy<Value = Input> {
	let candidate = (0u128..50, 0u128..300, 0u32..3, prop::array::uniform4(0u32..3), 0..10u8)
		.prop_map(|(net_payout, others, limit, clusters, fit)| Candidate {
			net_payout: net_payout * 1_000_000,
			others,
			limit,
			clusters,
			fit: fit > 0,
		});
	let limits = prop::collection::vec(0u32..4, 2..4);
	(
		prop::collection::vec(candidate, 1..6),
		prop::array::uniform4(limits),
		prop::collection::vec(prop::option::of(0u32..6), 1..5),
		1u128..200,
		0u32..200,
		0u32..4,
	)
		.prop_map(|(candidates, limits, current, stash, hysteresis, churn)| Input {
			candidates,
			limits,
			current,
			stash,
			hysteresis,
			churn,
		})
}

/// Instances of a size as on chain, with room for all.
fn medium() -> impl Strategy<Value = Input> {
	let candidate = (500u128..1_000, 100u128..5_000, 1u32..4, prop::array::uniform4(0u32..6))
		.prop_map(|(net_payout, others, limit, clusters)| Candidate {
			net_payout: net_payout * 1_000_000,
			others,
			limit,
			clusters,
			fit: true,
		});
	let limits = prop::collection::vec(3u32..8, 6);
	(
		prop::collection::vec(candidate, 20..60),
		prop::array::uniform4(limits),
		4usize..16,
		100u128..1_000,
	)
		.prop_map(|(candidates, limits, stashes, stash)| Input {
			candidates,
			limits,
			current: vec![None; stashes],
			stash,
			hysteresis: 0,
			churn: u32::MAX,
		})
}
