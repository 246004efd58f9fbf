// SPDX-License-Identifier: Apache-2.0

//! The planner against the exact optima of the report's instances, which `optima.txt` keeps.

use holdfast_planner::{plan, Input};
use holdfast_planner_report::{instance, FAMILIES, PER_FAMILY};

/// What an assignment earns: `P (1 - c) * k s / (O + k s)` for each validator, rounded down.
fn earned(input: &Input, assignment: &[Option<u32>]) -> u128 {
	let earns = |(place, candidate): (usize, &holdfast_planner::Candidate)| {
		let count = assignment.iter().filter(|at| **at == Some(place as u32)).count();
		let ours = input.stash * count as u128;
		candidate.net_payout * ours / (candidate.others + ours).max(1)
	};
	input.candidates.iter().enumerate().map(earns).sum()
}

#[test]
fn plans_earn_at_least_99_percent_of_the_optimum_on_average_and_97_at_worst() {
	let lines = include_str!("../optima.txt").lines();
	let mut optima = lines.filter(|line| !line.starts_with('#')).map(|line| {
		let words: Vec<&str> = line.split(' ').collect();
		let [family, seed, optimum] = words[..] else { panic!("not three words: {line}") };
		(format!("{family} {seed}"), optimum.parse::<u128>().unwrap())
	});
	let (mut sum, mut count) = (0.0, 0);
	for family in FAMILIES {
		for seed in 0..PER_FAMILY {
			let (name, optimum) = optima.next().expect("an optimum for each instance");
			assert_eq!(name, format!("{family:?} {seed}"));
			let input = instance(family, seed);
			if optimum == 0 {
				// The caps leave no place at all.
				continue;
			}
			let ratio = earned(&input, &plan(&input).assignment) as f64 / optimum as f64;
			assert!(ratio >= 0.97, "{name}: {ratio} of the optimum");
			assert!(ratio < 1.000_001, "{name}: {ratio} of what should be the optimum");
			(sum, count) = (sum + ratio, count + 1);
		}
	}
	assert!(
		count >= 500 && sum / f64::from(count) >= 0.99,
		"{} on average",
		sum / f64::from(count)
	);
	assert_eq!(optima.next(), None);
}
