// SPDX-License-Identifier: Apache-2.0

//! Time is bounded. The limits here are far above what is measured (`benchmarks/planner/REPORT.md`).

use super::*;
use std::time::{Duration, Instant};

/// Many candidates and stashes, and caps that bind.
fn huge(candidates: u32, stashes: usize) -> Input {
	let draw = |i: u32, n: u32| i.wrapping_mul(2_654_435_761) % n;
	let candidates = (0..candidates).map(|i| Candidate {
		clusters: [draw(i, 97), draw(i, 7), draw(i, 11), draw(i, 5)],
		..candidate(1_000_000 + u128::from(draw(i, 9_973)), u128::from(draw(i, 1_009)), 3)
	});
	let mut input = input(candidates.collect(), (0..stashes as u32).map(Some).collect());
	let room = stashes as u32;
	input.limits = [97, 7, 11, 5].map(|n| vec![super::room(room / n as u32); n]);
	input
}

fn time(input: &Input) -> Duration {
	let began = Instant::now();
	check(input, &plan(input));
	began.elapsed()
}

#[test]
fn thousands_of_stashes_and_many_candidates_are_planned_in_bounded_time() {
	for (candidates, stashes) in [(1_000, 64), (5_000, 5_000), (100_000, 64), (200, 20_000)] {
		let mut input = huge(candidates, stashes);
		let half = input.stashes.len() / 2;
		input.stashes.iter_mut().take(half).for_each(|stash| stash.current = None);
		let took = time(&input);
		assert!(
			took < Duration::from_secs(5),
			"{candidates} candidates, {stashes} stashes: {took:?}"
		);
		input.churn = 4;
		let took = time(&input);
		assert!(
			took < Duration::from_secs(5),
			"{candidates} candidates, {stashes} stashes: {took:?}"
		);
	}
}

#[test]
fn thousands_on_one_validator_are_planned_in_bounded_time() {
	let mut input = input(vec![candidate(1_000, 1_000, u32::MAX); 3], vec![Some(0); 20_000]);
	input.limits = core::array::from_fn(|_| vec![u128::MAX]);
	assert!(time(&input) < Duration::from_secs(5));
	input.candidates[0].fit = false;
	assert!(time(&input) < Duration::from_secs(5));
}

/// Small stashes fill the caps, each at home. One large stash has a poor place, and would need the room
/// of all of them.
fn large_among_small(small: usize) -> Input {
	let sum = room(small as u32);
	let rich = Candidate { others: 100 * sum, ..candidate(1_000_000, 0, small as u32) };
	let poor = Candidate { net_payout: 1_000, clusters: [1, 0, 0, 0], ..rich.clone() };
	let mut stashes = stashes(STAKE, vec![Some(0); small]);
	stashes.push(Stash { stake: sum, current: Some(4) });
	let mut limits = core::array::from_fn(|_| vec![u128::MAX]);
	limits[0] = vec![sum, sum];
	let candidates = vec![rich.clone(), rich.clone(), rich.clone(), rich, poor];
	Input { candidates, limits, stashes, hysteresis: 0, churn: u32::MAX }
}

#[test]
fn a_large_stash_that_needs_the_room_of_hundreds_is_planned_in_bounded_time() {
	// To look for who makes room is work as well.
	let took = time(&large_among_small(600));
	assert!(took < Duration::from_secs(5), "{took:?}");
}
