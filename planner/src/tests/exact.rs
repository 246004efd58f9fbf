// SPDX-License-Identifier: Apache-2.0

//! Against all assignments there are, where these can be counted.

use super::*;
use proptest::{strategy::ValueTree, test_runner::TestRunner};

/// The most that an assignment within the caps earns: tries all.
fn best(input: &Input) -> u128 {
	fn try_all(input: &Input, place: usize, assignment: &mut Vec<Option<u32>>) -> u128 {
		if exceeded(input, assignment).is_some() {
			return 0;
		}
		if place == input.candidates.len() {
			return value(input, assignment);
		}
		let (begin, mut best) = (assignment.len(), 0);
		while assignment.len() <= input.stashes.len() {
			best = best.max(try_all(input, place + 1, assignment));
			assignment.push(Some(place as u32));
		}
		assignment.truncate(begin);
		best
	}
	try_all(input, 0, &mut Vec::new())
}

#[test]
fn small_plans_are_at_least_97_percent_of_the_optimum_and_99_on_average() {
	let mut runner = TestRunner::deterministic();
	let (mut sum, mut count) = (0.0, 0);
	while count < 2_000 {
		let input = small().new_tree(&mut runner).unwrap().current();
		let nowhere = vec![None; input.stashes.len()];
		let input = input.from(nowhere);
		let optimum = best(&input);
		if optimum > 0 {
			let ratio = value(&input, &plan(&input).places) as f64 / optimum as f64;
			assert!((0.97..=1.0).contains(&ratio), "{ratio} of the optimum: {input:?}");
			(sum, count) = (sum + ratio, count + 1);
		}
	}
	assert!(sum / f64::from(count) > 0.99);
}

proptest! {
	#![proptest_config(ProptestConfig::with_cases(500))]

	/// With no caps but those of the candidates, best first is exact.
	#[test]
	fn without_caps_on_clusters_the_plan_is_the_optimum(input in small(), stashes in 1usize..6) {
		let limits = core::array::from_fn(|_| vec![u128::MAX; 3]);
		let input = Input { limits, ..input }.from(vec![None; stashes]);
		prop_assert_eq!(value(&input, &plan(&input).places), best(&input));
	}

	/// The same from any start, if all may move for any gain.
	#[test]
	fn without_caps_on_clusters_any_start_leads_to_the_optimum(input in small()) {
		let limits = core::array::from_fn(|_| vec![u128::MAX; 3]);
		let input = Input { limits, hysteresis: 0, churn: u32::MAX, ..input };
		prop_assert_eq!(value(&input, &plan(&input).places), best(&input));
	}
}
