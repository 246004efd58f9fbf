// SPDX-License-Identifier: Apache-2.0

//! Inputs that nobody should send.

use super::*;

/// Numbers of every magnitude, and the largest.
fn amount() -> impl Strategy<Value = u128> {
	prop_oneof![
		Just(0),
		Just(u128::MAX),
		(0u32..128, any::<u128>()).prop_map(|(bits, x)| x >> bits)
	]
}

fn index() -> impl Strategy<Value = u32> {
	prop_oneof![8 => 0u32..8, 1 => Just(u32::MAX), 1 => any::<u32>()]
}

/// Stashes of one size, of several, or of any.
fn anywhere() -> impl Strategy<Value = Vec<Stash>> {
	let of = |stake| {
		let stash = (stake, prop::option::of(index()));
		prop::collection::vec(stash.prop_map(|(stake, current)| Stash { stake, current }), 0..24)
	};
	let some = prop::collection::vec(amount(), 1..4);
	prop_oneof![
		amount().prop_flat_map(move |stake| of(Just(stake).boxed())),
		some.prop_flat_map(move |stakes| of(prop::sample::select(stakes).boxed())),
		of(amount().boxed()),
	]
}

fn anything() -> impl Strategy<Value = Input> {
	let candidate =
		(amount(), amount(), amount(), prop::array::uniform4(index()), prop::bool::weighted(0.8))
			.prop_map(|(net_payout, others, limit, clusters, fit)| Candidate {
				net_payout,
				others,
				limit,
				clusters,
				fit,
			});
	(
		prop::collection::vec(candidate, 0..12),
		prop::array::uniform4(prop::collection::vec(amount(), 0..12)),
		anywhere(),
		index(),
		index(),
	)
		.prop_map(|(candidates, limits, stashes, hysteresis, churn)| Input {
			candidates,
			limits,
			stashes,
			hysteresis,
			churn,
		})
}

proptest! {
	#![proptest_config(ProptestConfig::with_cases(4_000))]

	#[test]
	fn anything_has_a_plan_within_the_caps(input in anything()) {
		check(&input, &plan(&input));
		value(&input, &input.current());
	}

	#[test]
	fn the_same_input_has_the_same_plan(input in anything()) {
		prop_assert_eq!(plan(&input), plan(&input.clone()));
	}

	/// What one unit of payout is, does not matter.
	#[test]
	fn the_unit_of_payouts_does_not_matter(input in medium(), bits in 0u32..80) {
		let mut scaled = input.clone();
		scaled.candidates.iter_mut().for_each(|c| c.net_payout <<= bits);
		prop_assert_eq!(plan(&scaled), plan(&input));
	}

	/// More stashes on a validator earn more together and less each.
	#[test]
	fn yields_rise_and_bend_down(payout in 1u128..1 << 60, others in 1u128..1 << 60, s in 1u128..1 << 55) {
		let one = input(vec![candidate(payout, others, 99)], Vec::new());
		let one = Input { stashes: stashes(s, vec![None; 9]), ..one };
		let worth: Vec<u128> = (0..9).map(|k| value(&one, &vec![Some(0); k])).collect();
		let gains: Vec<u128> = worth.windows(2).map(|pair| pair[1] - pair[0]).collect();
		// One of a unit is rounding.
		prop_assert!(gains.windows(2).all(|pair| pair[1] <= pair[0] + 1), "{gains:?}");
	}
}

#[test]
fn a_plan_is_the_same_on_every_machine() {
	// A literal, so that another machine, compiler or version of this crate that plans otherwise fails.
	let candidates = (0..40u32).map(|i| Candidate {
		clusters: [i / 3, i % 4, i % 5, i % 3],
		..candidate(900 + u128::from(i * 37 % 200), 200 + u128::from(i * 53 % 700), 2)
	});
	let mut input = input(candidates.collect(), vec![None; 12]);
	input.limits = [rooms([1; 14]), rooms([4; 4]), rooms([3; 5]), rooms([5; 3])];
	let expected: [u32; 12] = [0, 3, 8, 10, 14, 16, 19, 21, 27, 30, 34, 37];
	assert_eq!(plan(&input).places, expected.map(Some));
}
