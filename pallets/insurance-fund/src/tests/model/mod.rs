// SPDX-License-Identifier: Apache-2.0

//! The fund against a simple model of it, in exact fractions, over random sequences of steps.
//!
//! - `model.rs`: what belongs to whom, by the rules of the pallet's documentation, with a list of
//!   everybody who is liable for anything where the pallet has indices.
//! - `steps.rs`: what can happen to a fund, and what must hold after each step: the pallet's own
//!   invariants, agreement with the model, every balance.
//!
//! The sequences are the same in every run. `HOLDFAST_STEPS=...` sets how many steps are done in all;
//! `HOLDFAST_SEED=...` where to begin. When one breaks a rule, the message has its seed.

#[allow(clippy::module_inception)]
mod model;
mod steps;

use crate::mock::{new_test_ext, Test};
use scale_info::{TypeDef, TypeInfo};
use std::collections::BTreeMap;
use steps::{Dice, World};

/// Steps in a sequence.
const LENGTH: u64 = 150;

fn number(name: &str) -> Option<u64> {
	std::env::var(name).ok().map(|value| value.parse().expect("a number"))
}

#[test]
fn the_fund_agrees_with_the_model() {
	let steps = number("HOLDFAST_STEPS").unwrap_or(60_000);
	let first = number("HOLDFAST_SEED").unwrap_or(0x401d_fa57);
	let mut seen: BTreeMap<u8, u64> = BTreeMap::new();
	for seed in first..first + steps / LENGTH {
		new_test_ext().execute_with(|| {
			let mut dice = Dice::new(seed);
			let mut world = World::new(&mut dice);
			for step in 0..LENGTH {
				if let Err(broken) = world.step(&mut dice) {
					panic!("seed {seed}, step {step}: {broken}\n{:#?}", world.log);
				}
			}
			if let Err(broken) = world.drain() {
				panic!("seed {seed}, at the end: {broken}\n{:#?}", world.log);
			}
			for (event, times) in world.seen {
				*seen.entry(event).or_default() += times;
			}
		});
	}
	let TypeDef::Variant(events) = crate::Event::<Test>::type_info().type_def else {
		unreachable!()
	};
	let times = |index| seen.get(&index).copied().unwrap_or(0);
	for event in &events.variants {
		println!("{}: {} times", event.name, times(event.index));
	}
	// What never happens is not tested. Full lists and parameters have tests of their own.
	let never = events.variants.iter().filter(|event| times(event.index) == 0);
	let never: Vec<&str> = never.map(|event| event.name).collect();
	assert!(
		never == ["NotProvisioned", "ParametersSet", "Undecodable"] || steps < 10_000,
		"{never:?}"
	);
}
