// SPDX-License-Identifier: Apache-2.0

//! Stashes of different sizes: caps are stake, not numbers.

use super::*;
use proptest::{strategy::ValueTree, test_runner::TestRunner};

/// An input with stashes of these stakes, in four dimensions of one cluster of `limit` each.
fn of_sizes(candidates: Vec<Candidate>, limit: u128, sizes: &[(u128, Option<u32>)]) -> Input {
	let stashes = sizes.iter().map(|(stake, current)| Stash { stake: *stake, current: *current });
	Input {
		candidates,
		limits: core::array::from_fn(|_| vec![limit]),
		stashes: stashes.collect(),
		hysteresis: 0,
		churn: u32::MAX,
	}
}

fn roomy(net_payout: u128, others: u128, limit: u128) -> Candidate {
	Candidate { limit, ..candidate(net_payout, others, 0) }
}

#[test]
fn a_cap_is_stake_and_not_a_number_of_stashes() {
	// Ten operators with one validator each; ten stashes of 1,000,000 and 25 of 400; an operator may have
	// a fifth of it all.
	let mut candidates = vec![roomy(1_000, 1_000_000, u128::MAX); 10];
	for (i, candidate) in (0..).zip(&mut candidates) {
		candidate.clusters[0] = i;
	}
	// One that earns more than all others, so that everybody wants to go there.
	candidates[0].net_payout = 1_000_000;
	let mut sizes = vec![(1_000_000, None); 10];
	sizes.extend(vec![(400, None); 25]);
	let mut input = of_sizes(candidates, u128::MAX, &sizes);
	input.limits[0] = vec![10_010_000 / 5; 10];
	let plan = plan(&input);
	check(&input, &plan);
	assert!(plan.places.iter().all(Option::is_some));
	// Two of the large ones and five of the small fill it.
	assert_eq!(stakes(&input, &plan.places)[0], 2_002_000);
	assert_eq!(counts(&input, &plan.places)[0], 7);
}

#[test]
fn small_stashes_make_room_for_a_large_one() {
	// The small ones stand where alone the large one has room.
	let candidates = vec![roomy(900, 1_000, 1_000), roomy(100, 1_000, 500)];
	let sizes = [(1_000, None), (200, Some(0)), (300, Some(0))];
	let plan = plan(&of_sizes(candidates, u128::MAX, &sizes));
	assert_eq!(plan.places, [Some(0), Some(1), Some(1)]);
	assert_eq!(plan.moves[1].cause, Cause::Better);
}

#[test]
fn they_do_not_if_that_leaves_them_without() {
	let candidates = vec![roomy(900, 1_000, 1_000), roomy(100, 1_000, 400)];
	let sizes = [(1_000, None), (200, Some(0)), (300, Some(0))];
	let plan = plan(&of_sizes(candidates, u128::MAX, &sizes));
	assert_eq!(plan.places, [None, Some(0), Some(0)]);
}

#[test]
fn what_is_too_large_for_every_place_is_left_without() {
	let candidates = vec![roomy(900, 1_000, 500)];
	let sizes = [(501, Some(0)), (400, None)];
	let plan = plan(&of_sizes(candidates, u128::MAX, &sizes));
	assert_eq!(plan.places, [None, Some(0)]);
	assert_eq!(plan.moves[0].cause, Cause::ValidatorOverCap);
}

#[test]
fn of_too_much_the_one_leaves_that_suffices_and_costs_least() {
	// 1,500 where 1,000 may be: the 300 do not suffice, the 1,000 are more than is needed.
	let candidates = vec![roomy(900, 1_000, 1_000)];
	let sizes = [(500, Some(0)), (300, Some(0)), (700, Some(0))];
	let plan = plan(&of_sizes(candidates, u128::MAX, &sizes));
	assert_eq!(plan.places, [None, Some(0), Some(0)]);
}

#[test]
fn who_is_within_the_caps_once_others_have_left_stays() {
	// 1,300 where 600 may be. The largest leaves first, which does not suffice, and then the other of 500.
	let candidates = vec![roomy(900, 1_000, 600)];
	let sizes = [(700, Some(0)), (500, Some(0)), (100, Some(0))];
	let plan = plan(&of_sizes(candidates, u128::MAX, &sizes));
	assert_eq!(plan.places, [None, Some(0), Some(0)]);
}

/// The most that an assignment within the caps earns: tries all.
fn best(input: &Input) -> u128 {
	fn try_all(input: &Input, assignment: &mut Vec<Option<u32>>) -> u128 {
		if exceeded(input, assignment).is_some() {
			return 0;
		}
		if assignment.len() == input.stashes.len() {
			return value(input, assignment);
		}
		let mut best = 0;
		for place in (0..input.candidates.len() as u32).map(Some).chain([None]) {
			assignment.push(place);
			best = best.max(try_all(input, assignment));
			assignment.pop();
		}
		best
	}
	try_all(input, &mut Vec::new())
}

/// Stashes of two sizes far apart, of a few, and of sizes that are nearly or not at all alike.
fn sizes(count: core::ops::Range<usize>) -> impl Strategy<Value = Vec<u128>> {
	let two = (1u128..50, 500u128..2_000).prop_map(|(a, b)| vec![a, b]);
	let few = prop::collection::vec(1u128..1_000, 2..4);
	let like = (500u128..1_000).prop_map(|s| (s - 20..s).collect());
	let any = Just((1..1_000u128).collect::<Vec<_>>());
	prop_oneof![two.prop_map(|v| v).boxed(), few.boxed(), like.boxed(), any.boxed()].prop_flat_map(
		move |sizes| prop::collection::vec(prop::sample::select(sizes), count.clone()),
	)
}

/// As [`small`], but with sizes; caps are parts of all stake, and never less than the smallest stash.
fn small_mixed() -> impl Strategy<Value = Input> {
	(small(), sizes(2..6), prop::collection::vec(prop::option::of(0u32..6), 6), 200u128..1_200)
		.prop_map(|(mut input, sizes, places, tightness)| {
			let total: u128 = sizes.iter().sum();
			let least = *sizes.iter().min().unwrap();
			let stake = input.stashes[0].stake;
			// Limits of none to three stashes become as many fifths, more or less.
			let part = |limit: u128| match limit / stake {
				0 => 0,
				parts => (total * parts * tightness / 3_000).max(least),
			};
			input.candidates.iter_mut().for_each(|c| c.limit = part(c.limit));
			input.limits.iter_mut().flatten().for_each(|limit| *limit = part(*limit));
			input.candidates.iter_mut().for_each(|c| c.others *= 5);
			let of = |(stake, current)| Stash { stake, current };
			input.stashes = sizes.into_iter().zip(places).map(of).collect();
			input
		})
}

#[test]
fn small_plans_of_mixed_sizes_against_all_assignments_there_are() {
	let mut runner = TestRunner::deterministic();
	let (mut sum, mut count, mut worst, mut exact) = (0.0, 0u32, 1.0f64, 0u32);
	while count < 2_000 {
		let mut input = small_mixed().new_tree(&mut runner).unwrap().current();
		input.stashes.iter_mut().for_each(|stash| stash.current = None);
		let optimum = best(&input);
		if optimum > 0 {
			let ratio = value(&input, &plan(&input).places) as f64 / optimum as f64;
			assert!(ratio <= 1.0, "{ratio} of the optimum: {input:?}");
			(sum, count, worst) = (sum + ratio, count + 1, worst.min(ratio));
			exact += u32::from(ratio > 1.0 - 1e-9);
		}
	}
	let average = sum / f64::from(count);
	// 99.9956 %, 96.59 %, and 1,994.
	assert!(average > 0.999 && worst > 0.96 && exact > 1_950, "{average} {worst} {exact}");
}

/// As [`medium`], with sizes, from any start.
fn medium_mixed() -> impl Strategy<Value = Input> {
	(
		medium(),
		sizes(4..24),
		prop::collection::vec(prop::option::weighted(0.7, 0u32..64), 24),
		(0u32..100, 0u32..8),
		100u128..600,
	)
		.prop_map(|(mut input, sizes, places, (hysteresis, churn), part)| {
			let total: u128 = sizes.iter().sum();
			let least = *sizes.iter().min().unwrap();
			let cap = |part: u128| (total * part / 1_000).max(least);
			input.candidates.iter_mut().for_each(|c| c.limit = cap(part / 2));
			input.limits.iter_mut().flatten().for_each(|limit| *limit = cap(part));
			let of = |(stake, current)| Stash { stake, current };
			let stashes = sizes.into_iter().zip(places).map(of).collect();
			Input { stashes, hysteresis, churn, ..input }
		})
}

proptest! {
	#![proptest_config(ProptestConfig::with_cases(100))]

	/// Caps, churn, and reasons: `check` looks at all of them.
	#[test]
	fn no_plan_of_mixed_sizes_breaks_a_rule(input in small_mixed()) {
		check(&input, &plan(&input));
	}

	#[test]
	fn no_larger_plan_of_mixed_sizes_breaks_a_rule(input in medium_mixed()) {
		let first = plan(&input);
		check(&input, &first);
		prop_assert_eq!(&plan(&input.clone()), &first);
		// What had a good place keeps one.
		let within = exceeded(&input, &input.current()).is_none();
		for (from, to) in input.current().iter().zip(&first.places) {
			let known = from.is_some_and(|place| (place as usize) < input.candidates.len());
			prop_assert!(!within || !known || to.is_some());
		}
		// A plan never earns less than what stood there.
		if within {
			prop_assert!(value(&input, &first.places) >= value(&input, &input.current()));
		}
	}

	/// A plan of a plan changes nothing, or earns more; and soon there is no more to be earned.
	#[test]
	fn plans_of_mixed_sizes_settle(input in medium_mixed()) {
		let mut input = Input { hysteresis: 1, ..input };
		input.stashes.iter_mut().for_each(|stash| stash.current = None);
		for round in 0.. {
			let next = plan(&input);
			if next.moves.is_empty() {
				break;
			}
			let earned = value(&input, &next.places);
			prop_assert!(earned > value(&input, &input.current()) && round < 20);
			let places = next.places.iter().copied();
			input.stashes.iter_mut().zip(places).for_each(|(stash, place)| stash.current = place);
		}
	}

	/// Which unit stakes are in does not matter, nor does it that they are too large to be summed.
	#[test]
	fn the_unit_of_stakes_does_not_matter(input in medium_mixed(), bits in 0u32..100) {
		let mut scaled = input.clone();
		scaled.stashes.iter_mut().for_each(|stash| stash.stake <<= bits);
		scaled.limits.iter_mut().flatten().for_each(|limit| *limit <<= bits);
		scaled.candidates.iter_mut().for_each(|c| {
			c.limit <<= bits;
			c.others <<= bits;
		});
		let (plain, scaled_plan) = (plan(&input), plan(&scaled));
		check(&scaled, &scaled_plan);
		if bits < 40 {
			prop_assert_eq!(plain, scaled_plan);
		}
	}
}
