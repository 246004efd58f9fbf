// SPDX-License-Identifier: Apache-2.0

//! The pool against a simple model of it, in exact fractions, over random sequences of steps.
//!
//! - `model.rs`: what belongs to whom, told from the pallet's events by the rules of its
//!   documentation.
//! - `steps.rs`: what can happen to a pool, and what must hold after each step: the pallet's own
//!   invariants, agreement with the model, every balance, previews, the rate, the weight of hooks.
//! - `trips.rs`: nobody who enters and leaves within two eras gains from it, and every redemption
//!   can be claimed in time.
//!
//! The sequences are the same in every run, unless it is a long one: then they differ from those of
//! all others. When one breaks a rule, the message has its seed and the fewest steps that still
//! break it:
//!
//! - `HOLDFAST_SEED=... cargo test --release tests::model` repeats that sequence, and prints what
//!   happens in the shortened one;
//! - `HOLDFAST_STEPS=...` sets how many steps are done in all. `make soak` does many, and says now
//!   and then how many it has done.

mod fraction;
#[allow(clippy::module_inception)]
mod model;
mod steps;
mod trips;

use crate::{
	mock::{run_unchecked, Test},
	Event,
};
use model::Broken;
use scale_info::{TypeDef, TypeInfo};
use std::{
	collections::BTreeMap,
	hash::{BuildHasher, Hasher, RandomState},
	panic::{catch_unwind, AssertUnwindSafe},
};
use steps::{random_step, Dice, Setup, Step, World};

/// Steps in a sequence in which anything happens.
const LENGTH: u64 = 250;

/// Steps between two messages about the progress.
const PROGRESS: u64 = 250_000;

/// Seed of the first sequence, unless a long run takes a random one.
const FIRST_SEED: u64 = 0x401d_fa57;

/// Steps in all, unless `HOLDFAST_STEPS` says otherwise.
const STEPS: u64 = 120_000;

fn number(name: &str) -> Option<u64> {
	std::env::var(name).ok().map(|value| value.parse().expect("a number"))
}

/// A kind of sequence: what happens, and whether it was good.
pub trait Scenario {
	/// Adds random steps to `steps` and does them.
	fn explore(world: &mut World, dice: &mut Dice, steps: &mut Vec<Step>) -> Result<(), Broken>;

	/// Does `steps`, which may be only some of those that were found.
	fn replay(world: &mut World, steps: &[Step]) -> Result<(), Broken>;
}

/// Lets `act` loose on a pool; a panic breaks a rule as well.
fn play(setup: &Setup, act: impl FnOnce(&mut World) -> Result<(), Broken>) -> Result<(), Broken> {
	let mut outcome = Ok(());
	let finished = catch_unwind(AssertUnwindSafe(|| {
		run_unchecked(|| outcome = act(&mut setup.build()));
	}));
	match finished {
		Err(_) if outcome.is_ok() => Err("a panic".into()),
		_ => outcome,
	}
}

/// Tries a part of all steps in sequences of a kind, and returns how often each event was seen.
fn try_out<S: Scenario>(part: u64) -> BTreeMap<u8, u64> {
	let seed = number("HOLDFAST_SEED");
	let all = number("HOLDFAST_STEPS").unwrap_or(STEPS) / part;
	let random = || RandomState::new().build_hasher().finish();
	let first = || number("HOLDFAST_STEPS").map_or(FIRST_SEED, |_| random());
	let mut next = seed.unwrap_or_else(first);
	let (mut done, mut said) = (0, 0);
	let mut seen = BTreeMap::new();
	while done < all {
		let mut dice = Dice::new(next);
		let setup = Setup::random(&mut dice);
		let mut steps = vec![];
		let outcome = play(&setup, |world| {
			let outcome = S::explore(world, &mut dice, &mut steps);
			for (event, times) in &world.seen {
				*seen.entry(*event).or_default() += times;
			}
			outcome
		});
		done += steps.len() as u64;
		if let Err(broken) = outcome {
			report::<S>(next, &setup, steps, broken);
		}
		if seed.is_some() {
			break;
		}
		if done / PROGRESS > said {
			said = done / PROGRESS;
			eprintln!("{}: {done} steps", core::any::type_name::<S>());
		}
		next = next.wrapping_add(1);
	}
	seen
}

fn report<S: Scenario>(seed: u64, setup: &Setup, steps: Vec<Step>, broken: Broken) -> ! {
	let (steps, fewest) = shrink::<S>(setup, steps, broken.clone());
	let _ = play(setup, |world| {
		world.verbose = true;
		S::replay(world, &steps)
	});
	let lines: String = steps.iter().map(|step| format!("{step:?}\n")).collect();
	panic!("{broken}\n\nReplay with HOLDFAST_SEED={seed}. These steps are enough:\n{setup:?}\n{lines}{fewest}");
}

/// Leaves out steps as long as something still breaks.
fn shrink<S: Scenario>(
	setup: &Setup,
	mut steps: Vec<Step>,
	mut broken: Broken,
) -> (Vec<Step>, Broken) {
	let mut size = steps.len() / 2;
	while size > 0 {
		let mut at = 0;
		let mut shorter = false;
		while at < steps.len() {
			let mut fewer = steps.clone();
			fewer.drain(at..(at + size).min(steps.len()));
			match play(setup, |world| S::replay(world, &fewer)) {
				Err(other) => {
					(steps, broken) = (fewer, other);
					shorter = true;
				},
				Ok(()) => at += size,
			}
		}
		if !(shorter && size == 1) {
			size /= 2;
		}
	}
	(steps, broken)
}

/// Anything happens.
struct Anything;

impl Scenario for Anything {
	fn explore(world: &mut World, dice: &mut Dice, steps: &mut Vec<Step>) -> Result<(), Broken> {
		for _ in 0..LENGTH {
			let step = random_step(dice, world);
			steps.push(step.clone());
			world.step(&step)?;
		}
		Ok(())
	}

	fn replay(world: &mut World, steps: &[Step]) -> Result<(), Broken> {
		steps.iter().try_for_each(|step| world.step(step))
	}
}

#[test]
fn the_pool_agrees_with_the_model() {
	let seen = try_out::<Anything>(2);
	let TypeDef::Variant(events) = Event::<Test>::type_info().type_def else { unreachable!() };
	let times = |index| seen.get(&index).copied().unwrap_or(0);
	for event in &events.variants {
		println!("{}: {} times", event.name, times(event.index));
	}
	// What never happens is not tested. Only a slash on a record that cannot be decoded is not booked,
	// only a stash that is unstaked behind the pool's back is corrected, and only more stashes than there
	// may be have more reports than there is room for; see `upgrades.rs`, `slashes.rs` and `reports.rs`.
	let never = events.variants.iter().filter(|event| times(event.index) == 0);
	let never: Vec<&str> = never.map(|event| event.name).collect();
	let elsewhere = ["SlashNotBooked", "StashCorrected", "ReportMerged"];
	assert!(never == elsewhere || seen.values().sum::<u64>() < 50_000, "{never:?}");
}

#[test]
fn who_leaves_within_two_eras_has_gained_nothing() {
	try_out::<trips::RoundTrip>(3);
}

#[test]
fn a_redemption_can_be_claimed_in_time() {
	try_out::<trips::Drain>(6);
}
