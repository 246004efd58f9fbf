// SPDX-License-Identifier: Apache-2.0

//! Where new stashes go.

use super::*;

#[test]
fn with_little_stake_of_others_the_second_stash_goes_elsewhere() {
	// The first earns 1,200 * 100 / 200 = 600 on candidate 0, and a second there 1,200 * 200 / 300 - 600
	// = 200 more; on candidate 1 it earns 500 * 100 / 200 = 250.
	let input = input(vec![candidate(1_200, 100, 9), candidate(500, 100, 9)], vec![None; 2]);
	assert_eq!(counts(&input, &plan(&input).places), [1, 1]);
}

#[test]
fn with_much_stake_of_others_the_second_stash_goes_to_the_same_validator() {
	// A second stash on candidate 0 earns 12,000 * (200 / 1,200 - 100 / 1,100) = 909 more; on candidate 1
	// it earns 500 * 100 / 200 = 250.
	let input = input(vec![candidate(12_000, 1_000, 9), candidate(500, 100, 9)], vec![None; 2]);
	assert_eq!(counts(&input, &plan(&input).places), [2, 0]);
}

#[test]
fn a_full_cluster_makes_room_for_a_better_stash() {
	// Candidates 0 and 1 are of operator 0, 1 and 2 in region 1; each has room for one. Best first would
	// put one on candidate 1 and leave the other stash without: 0 and 2 earn more together.
	let at = |net_payout, operator, region| Candidate {
		clusters: [operator, region, 0, 0],
		..candidate(net_payout, 100, 1)
	};
	let mut input = input(vec![at(900, 0, 0), at(1_000, 0, 1), at(800, 1, 1)], vec![None; 2]);
	input.limits[0] = rooms([1, 1]);
	input.limits[1] = rooms([1, 1]);
	assert_eq!(counts(&input, &plan(&input).places), [1, 0, 1]);
}

#[test]
fn what_finds_no_place_is_left_without() {
	let input = input(vec![candidate(100, 100, 2)], vec![None; 5]);
	let plan = plan(&input);
	check(&input, &plan);
	assert_eq!(plan.places, [Some(0), Some(0), None, None, None]);
	assert_eq!(plan.moves.len(), 2);
}

#[test]
fn those_with_a_nomination_are_not_the_ones_to_go_without() {
	// Two places, three stashes: the one whose validator is unfit goes before the two new ones.
	let mut input =
		input(vec![candidate(100, 100, 2), candidate(900, 0, 9)], vec![None, None, Some(1)]);
	input.candidates[1].fit = false;
	assert_eq!(plan(&input).places, [Some(0), None, Some(0)]);
}

#[test]
fn what_earns_nothing_is_nominated_all_the_same() {
	// Whether a validator may be nominated is for `fit` to say.
	let input = input(vec![candidate(0, 100, 1)], vec![None]);
	assert_eq!(plan(&input).places, [Some(0)]);
}

#[test]
fn ties_go_to_the_lower_index() {
	let input = input(vec![candidate(100, 100, 1); 3], vec![None; 2]);
	assert_eq!(counts(&input, &plan(&input).places), [1, 1, 0]);
}

#[test]
fn an_empty_input_has_an_empty_plan() {
	assert_eq!(plan(&input(Vec::new(), Vec::new())), Assignment::default());
	assert_eq!(plan(&input(Vec::new(), vec![None; 2])).places, [None, None]);
	assert_eq!(plan(&input(vec![candidate(1, 1, 1)], Vec::new())), Assignment::default());
}
