// SPDX-License-Identifier: Apache-2.0

//! Writes the instances of the report and the planner's plans, one JSON object in a line, or measures
//! how long plans take.
//!
//! ```text
//! holdfast-planner-report instances
//! holdfast-planner-report further
//! holdfast-planner-report timing CANDIDATES STASHES SEED
//! holdfast-planner-report hard equal
//! holdfast-planner-report hard mixed
//! ```

use holdfast_planner::{plan, Cause, Input};
use holdfast_planner_report::{checksum, hard, instance, timing, FAMILIES, FURTHER, PER_FAMILY};
use std::{ops::Range, time::Instant};

/// How often a plan is timed.
const RUNS: usize = 20;

fn main() {
	let words: Vec<String> = std::env::args().skip(1).collect();
	let words: Vec<&str> = words.iter().map(String::as_str).collect();
	match words[..] {
		["instances"] => instances(0..PER_FAMILY),
		["further"] => instances(FURTHER),
		["timing", candidates, stashes, seed] => {
			let number = |word: &str| word.parse::<u32>().expect("a number");
			time(&timing(number(candidates), number(stashes), number(seed).into()));
		},
		["hard", "equal"] => time(&hard(false)),
		["hard", "mixed"] => time(&hard(true)),
		_ => {
			panic!("instances | further | timing CANDIDATES STASHES SEED | hard equal | hard mixed")
		},
	}
}

fn instances(seeds: Range<u64>) {
	for family in FAMILIES {
		for seed in seeds.clone() {
			let input = instance(family, seed);
			let began = Instant::now();
			let plan = plan(&input);
			let nanos = began.elapsed().as_nanos();
			let current: Vec<_> = input.stashes.iter().map(|stash| stash.current).collect();
			let forced =
				plan.moves.iter().filter(|c| !matches!(c.cause, Cause::Better | Cause::New));
			println!(
				"{{\"family\":\"{family:?}\",\"seed\":{seed},\"nanos\":{nanos},\"forced\":{},\
				\"candidates\":{:?},\"limits\":{:?},\"current\":{:?},\"stash\":{},\"hysteresis\":{},\
				\"churn\":{},\"assignment\":{:?}}}",
				forced.count(),
				candidates(&input),
				input.limits.clone().map(|list| in_stashes(&input, list)),
				places(&current),
				input.stashes[0].stake,
				input.hysteresis,
				input.churn,
				places(&plan.places),
			);
		}
	}
}

/// Net payout, stake of others, limit, clusters, and whether it is fit.
fn candidates(input: &Input) -> Vec<[u128; 8]> {
	let row = |c: &holdfast_planner::Candidate| {
		let [a, b, c_, d] = c.clusters.map(u128::from);
		[c.net_payout, c.others, c.limit / input.stashes[0].stake, a, b, c_, d, c.fit.into()]
	};
	input.candidates.iter().map(row).collect()
}

/// The numbers of stashes that stakes are.
fn in_stashes(input: &Input, stakes: Vec<u128>) -> Vec<u128> {
	stakes.into_iter().map(|stake| stake / input.stashes[0].stake).collect()
}

/// Who nominates whom; -1 for nobody.
fn places(assignment: &[Option<u32>]) -> Vec<i64> {
	assignment.iter().map(|place| place.map_or(-1, i64::from)).collect()
}

/// Prints the plan's checksum, and the nanoseconds of each of some runs.
fn time(input: &Input) {
	let run = || {
		let began = Instant::now();
		std::hint::black_box(plan(std::hint::black_box(input)));
		began.elapsed().as_nanos()
	};
	let nanos: Vec<u128> = (0..RUNS).map(|_| run()).collect();
	println!("{{\"checksum\":{},\"nanos\":{nanos:?}}}", checksum(&plan(input)));
}
