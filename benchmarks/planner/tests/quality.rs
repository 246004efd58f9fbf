// SPDX-License-Identifier: Apache-2.0

//! The planner against the exact optima of the report's instances, which `optima.txt` keeps.

use holdfast_planner::{plan, Input, Stash};
use holdfast_planner_report::{instance, FAMILIES, PER_FAMILY};

/// What an assignment earns: `P (1 - c) * k s / (O + k s)` for each validator, rounded down.
fn earned(input: &Input, assignment: &[Option<u32>]) -> u128 {
	let earns = |(place, candidate): (usize, &holdfast_planner::Candidate)| {
		let here = |(at, stash): (&Option<u32>, &Stash)| {
			(*at == Some(place as u32)).then_some(stash.stake)
		};
		let ours: u128 = assignment.iter().zip(&input.stashes).filter_map(here).sum();
		candidate.net_payout * ours / (candidate.others + ours).max(1)
	};
	input.candidates.iter().enumerate().map(earns).sum()
}

/// All optima, in the order of the instances.
fn optima() -> impl Iterator<Item = (String, u128)> {
	let lines = include_str!("../optima.txt").lines().filter(|line| !line.starts_with('#'));
	lines.map(|line| {
		let words: Vec<&str> = line.split(' ').collect();
		let [family, seed, optimum] = words[..] else { panic!("not three words: {line}") };
		(format!("{family} {seed}"), optimum.parse::<u128>().unwrap())
	})
}

/// The average and the least of what plans of all instances earn, in parts of the optima.
fn quality(change: impl Fn(&mut Input)) -> (f64, f64) {
	let mut optima = optima();
	let (mut sum, mut count, mut worst) = (0.0, 0, 1.0f64);
	for family in FAMILIES {
		for seed in 0..PER_FAMILY {
			let (name, optimum) = optima.next().expect("an optimum for each instance");
			assert_eq!(name, format!("{family:?} {seed}"));
			let mut input = instance(family, seed);
			change(&mut input);
			if optimum == 0 {
				// The caps leave no place at all.
				continue;
			}
			let ratio = earned(&input, &plan(&input).places) as f64 / optimum as f64;
			assert!(ratio < 1.000_001, "{name}: {ratio} of what should be the optimum");
			(sum, count, worst) = (sum + ratio, count + 1, worst.min(ratio));
		}
	}
	assert_eq!(optima.next(), None);
	assert!(count >= 500);
	(sum / f64::from(count), worst)
}

#[test]
fn plans_earn_at_least_99_percent_of_the_optimum_on_average_and_97_at_worst() {
	let (average, worst) = quality(|_| ());
	assert!(average >= 0.99 && worst >= 0.97, "{average} on average, {worst} at worst");
}

/// Then each stash is followed for itself, by another search, and the optima are the same.
#[test]
fn where_stashes_differ_by_a_little_they_earn_99_9_percent_on_average_and_94_at_worst() {
	let (average, worst) = quality(|input| {
		let differ = |(i, stash): (usize, &mut Stash)| stash.stake -= i as u128 % 3;
		input.stashes.iter_mut().enumerate().for_each(differ);
	});
	assert!(average >= 0.999 && worst >= 0.94, "{average} on average, {worst} at worst");
}
