// SPDX-License-Identifier: Apache-2.0

//! What has to leave, leaves, and why.

use super::*;

#[test]
fn the_unfit_are_left_at_once_outside_the_churn_limit() {
	let mut input =
		input(vec![candidate(900, 0, 9), candidate(100, 100, 9)], vec![Some(0), Some(0)]);
	input.candidates[0].fit = false;
	input.churn = 0;
	input.hysteresis = 1_000_000;
	let change = |stash| Move { stash, from: Some(0), to: Some(1), cause: Cause::Unfit };
	assert_eq!(plan(&input).moves, [change(0), change(1)]);
}

#[test]
fn the_unfit_are_left_even_for_nothing() {
	let mut input = input(vec![candidate(900, 0, 9)], vec![Some(0)]);
	input.candidates[0].fit = false;
	let change = Move { stash: 0, from: Some(0), to: None, cause: Cause::Unfit };
	assert_eq!(plan(&input), Assignment { places: vec![None], moves: vec![change] });
}

#[test]
fn who_is_too_many_on_a_validator_leaves() {
	let mut input = input(vec![candidate(900, 0, 2), candidate(100, 100, 9)], vec![Some(0); 3]);
	input.churn = 0;
	let change = Move { stash: 2, from: Some(0), to: Some(1), cause: Cause::ValidatorOverCap };
	assert_eq!(plan(&input).moves, [change]);
}

#[test]
fn who_is_too_many_in_a_cluster_leaves_where_least_is_lost() {
	for (d, dimension) in DIMENSIONS.into_iter().enumerate() {
		let mut candidates =
			vec![candidate(500, 100, 9), candidate(900, 100, 9), candidate(100, 100, 9)];
		candidates[2].clusters[d] = 1;
		let mut input = input(candidates, vec![Some(0), Some(1)]);
		input.limits[d] = rooms([1, 1]);
		input.churn = 0;
		let cause = Cause::ClusterOverCap(dimension);
		let change = Move { stash: 0, from: Some(0), to: Some(2), cause };
		assert_eq!(plan(&input).moves, [change]);
	}
}

#[test]
fn one_removal_that_cures_two_excesses_is_made_first() {
	// Operator 0 and region 0 have two of one each. Candidate 1 is in both, and worth more than
	// candidates 0 and 2, which are in one each.
	let at = |net_payout, operator, region| Candidate {
		clusters: [operator, region, 0, 0],
		..candidate(net_payout, 100, 1)
	};
	let current = vec![Some(0), Some(1), Some(2)];
	let mut input = input(vec![at(500, 0, 1), at(900, 0, 0), at(500, 1, 0)], current);
	input.limits[0] = rooms([1, 1]);
	input.limits[1] = rooms([1, 1]);
	input.churn = 0;
	let cause = Cause::ClusterOverCap(Dimension::Operator);
	assert_eq!(plan(&input).moves, [Move { stash: 1, from: Some(1), to: None, cause }]);
}

#[test]
fn nobody_loses_a_good_nomination_for_what_others_gain() {
	// Candidate 2 earns more than 0 and 1 together, but is in the full operator of one and the full
	// region of the other, and there is no other place.
	let at = |net_payout, operator, region| Candidate {
		clusters: [operator, region, 0, 0],
		..candidate(net_payout, 100, 1)
	};
	let current = vec![Some(0), Some(1)];
	let mut input = input(vec![at(100, 0, 1), at(100, 1, 0), at(900, 0, 0)], current);
	input.limits[0] = rooms([1, 1]);
	input.limits[1] = rooms([1, 1]);
	assert_eq!(plan(&input).moves, []);
	// New stashes have nothing to lose: there the one on candidate 2 is the better plan.
	let input = input.from(vec![None; 2]);
	assert_eq!(counts(&input, &plan(&input).places), [0, 0, 1]);
}

#[test]
fn who_was_removed_does_not_return_at_the_cost_of_who_may_stay() {
	// Operator 0 (candidates 0 and 2) and region 0 (0 and 1) have three of two each: one leaves
	// candidate 0. Then the pool earns most with the stash of 1 there, and the one of 2 on 3, which is
	// of the same provider, full with one. No room is left for the one removed.
	let at = |net_payout, others, limit, clusters| Candidate {
		clusters,
		..candidate(net_payout, others, limit)
	};
	let candidates = vec![
		at(12_000, 1_000, 2, [0, 0, 1, 0]),
		at(500, 100, 1, [1, 0, 1, 0]),
		at(100, 100, 1, [0, 1, 0, 0]),
		at(1_000, 100, 1, [2, 1, 0, 0]),
	];
	let mut input = input(candidates, vec![Some(0), Some(0), Some(1), Some(2)]);
	input.limits[0] = rooms([2, 9, 9]);
	input.limits[1] = rooms([2, 9]);
	input.limits[2] = rooms([1, 9]);
	let plan = plan(&input);
	check(&input, &plan);
	let cause = Cause::ClusterOverCap(Dimension::Operator);
	assert_eq!(plan.moves[0], Move { stash: 1, from: Some(0), to: None, cause });
	assert_eq!(plan.places, [Some(0), None, Some(0), Some(3)]);
}

#[test]
fn a_cluster_without_a_cap_is_closed() {
	let mut input =
		input(vec![candidate(900, 100, 9), candidate(100, 100, 9)], vec![Some(0), None]);
	input.candidates[0].clusters[2] = 1;
	let cause = Cause::ClusterOverCap(Dimension::Provider);
	let plan = plan(&input);
	assert_eq!(plan.places, [Some(1), Some(1)]);
	assert_eq!(plan.moves[0], Move { stash: 0, from: Some(0), to: Some(1), cause });
}

#[test]
fn an_unknown_validator_is_none() {
	let input = input(vec![candidate(100, 100, 1)], vec![Some(7), Some(u32::MAX)]);
	let plan = plan(&input);
	check(&input, &plan);
	assert_eq!(plan.places, [Some(0), None]);
	assert!(plan.moves.iter().all(|change| change.cause == Cause::New));
}

proptest! {
	#![proptest_config(ProptestConfig::with_cases(4_000))]

	#[test]
	fn no_plan_breaks_a_rule(input in small()) {
		check(&input, &plan(&input));
	}

	#[test]
	fn no_larger_plan_breaks_a_rule(
		mut input in medium(),
		places in prop::collection::vec(prop::option::of(0u32..70), 4..16),
		unfit in prop::collection::vec(0usize..20, 0..6),
		churn in 0u32..6,
		hysteresis in 0u32..100,
	) {
		unfit.into_iter().for_each(|place| input.candidates[place].fit = false);
		let input = Input { churn, hysteresis, ..input }.from(places);
		check(&input, &plan(&input));
	}
}
