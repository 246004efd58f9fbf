// SPDX-License-Identifier: Apache-2.0

//! Sequences with an end: an outsider's round trip, and a redemption in calm eras.

use super::{
	fraction::Fraction,
	model::{demand, Broken},
	steps::{account, random_step, Dice, Part, Room, Step, World},
	Scenario,
};
use crate::mock::*;
use holdfast_primitives::{Balance, EraIndex};

/// Steps before the outsider comes.
const BEFORE: u64 = 60;
/// Steps while the outsider may be there.
const DURING: u64 = 50;
/// Steps after the outsider has left.
const AFTER: u64 = 10;
/// Calm eras in which everything becomes claimable.
const CALM: u32 = 24;

/// An era without failures, with work in its first block.
const CALM_ERA: Step = Step::Era { bite: 100, lapse: false, room: Room::Plenty };

/// An outsider enters, possibly several times, and leaves: with a batch that closes at the first
/// settlement of an era that begins two eras after the one in which they first entered, or later, or
/// before; or at once, before the settlement after that one. Others do what they like, and the era
/// work may be late. They have gained nothing then.
///
/// But for dust: every rounding is against somebody who enters or leaves, and thus for those who
/// stay, among them the outsider, who may get what the others, and the treasury, have left that way:
/// less than a share each time they entered, and less than a unit for every other division.
pub struct RoundTrip;

impl RoundTrip {
	fn step(world: &mut World, step: &Step, trip: &mut Trip) -> Result<(), Broken> {
		let outsider = world.outsider();
		let past = trip.past(world);
		match step {
			Step::Deposit { who, .. } if *who == outsider => {
				if past > 0 {
					return Ok(());
				}
				if trip.entered.is_none() {
					trip.entered = Some(world.active);
					trip.dust = world.model.dust();
				}
			},
			Step::Request { who, .. } if *who == outsider && past > 0 => return Ok(()),
			Step::RedeemInstantly { who, .. } if *who == outsider && past > 1 => return Ok(()),
			_ => (),
		}
		let dust = world.model.dust();
		world.step(step)?;
		if matches!(step, Step::Deposit { who, .. } | Step::RedeemInstantly { who, .. } if *who == outsider)
		{
			// What the outsider's own roundings leave is not for them.
			trip.dust += world.model.dust() - dust;
		}
		// A full queue keeps the batch open, and the outsider in the pool.
		trip.stuck |= trip.past(world) > 0 && world.model.open.contains_key(&account(outsider));
		Ok(())
	}

	/// Collects everything, and compares.
	fn finish(world: &mut World, trip: &Trip) -> Result<(), Broken> {
		let outsider = world.outsider();
		world.step(&Step::Fail(vec![]))?;
		world.step(&Step::Full { blocks: 0 })?;
		world.step(&Step::Prepare(0))?;
		for _ in 0..CALM {
			let waiting = LiquidStaking::redemptions_of(account(outsider));
			for redemption in &waiting {
				world.step(&Step::Claim { owner: outsider, batch: redemption.batch })?;
			}
			if waiting.is_empty() {
				break;
			}
			world.step(&CALM_ERA)?;
		}
		for class in 0..pool().class() {
			world.step(&Step::ClaimClass { owner: outsider, class })?;
		}
		let (brought, has) = (world.setup.funds[outsider], hold(&account(outsider)));
		let gained = Fraction::from(has) - Fraction::from(brought);
		let dust = world.model.dust() - trip.dust.clone();
		demand!(
			trip.stuck || has <= brought || gained <= dust,
			"5: came with {brought}, left with {has}; others left {dust:?} of dust"
		);
		Ok(())
	}
}

/// Where the outsider stands.
#[derive(Default)]
struct Trip {
	/// The era that was active when the outsider first entered.
	entered: Option<EraIndex>,
	/// What roundings had left to those who stay by then, and what the outsider's own have left since.
	dust: Fraction,
	/// Whether the outsider could not leave in time.
	stuck: bool,
}

impl Trip {
	/// How many settlements there were of eras that began two eras after that one, or later.
	fn past(&self, world: &World) -> usize {
		let Some(entered) = self.entered else { return 0 };
		world.settled.iter().filter(|era| **era >= entered + 2).count()
	}
}

impl Trip {
	/// What somebody would do who wants to gain: enter when an era has begun, as early as that can be,
	/// and leave when the next one ends, or the one after it.
	fn next_best(&self, world: &World, ends: bool, begun: bool, dice: &mut Dice) -> Option<Step> {
		let who = world.outsider();
		let stays = self.entered.map(|entered| world.active - entered);
		match stays {
			None => begun.then(|| Step::Deposit { who, part: dice.part() }),
			Some(1) if ends && dice.one_in(2) => Some(Step::Request { who, part: Part::All }),
			Some(2) if ends => Some(Step::RedeemInstantly { who, part: dice.part() }),
			_ => None,
		}
	}
}

impl Scenario for RoundTrip {
	fn explore(world: &mut World, dice: &mut Dice, steps: &mut Vec<Step>) -> Result<(), Broken> {
		let mut trip = Trip::default();
		let who = world.outsider();
		let before = dice.below(BEFORE);
		let keen = dice.one_in(2);
		for i in 0..before + DURING + AFTER {
			let next = random_step(dice, world);
			// The outsider is busy, above all before an era ends and when one has begun.
			let ends = matches!(next, Step::Era { .. });
			let begun = matches!(steps.last(), Some(Step::Era { .. }));
			let busy = if ends || begun { 2 } else { 4 };
			let mut now = vec![];
			let there = (before..before + DURING).contains(&i);
			if there && keen {
				now.extend(trip.next_best(world, ends, begun, dice));
			} else if there && dice.one_in(busy) {
				now.push(match dice.below(if trip.entered.is_some() { 8 } else { 1 }) {
					0 => Step::Deposit { who, part: dice.part() },
					1..=3 if ends => Step::Request { who, part: Part::All },
					1 => Step::Request { who, part: dice.part() },
					_ => Step::RedeemInstantly { who, part: dice.part() },
				});
			}
			now.push(next);
			for step in now {
				steps.push(step.clone());
				Self::step(world, &step, &mut trip)?;
			}
		}
		Self::finish(world, &trip)
	}

	fn replay(world: &mut World, steps: &[Step]) -> Result<(), Broken> {
		let mut trip = Trip::default();
		steps.iter().try_for_each(|step| Self::step(world, step, &mut trip))?;
		Self::finish(world, &trip)
	}
}

/// After anything has happened, the reports are cancelled and nothing fails any more: then a
/// redemption can be claimed two eras after the bonding duration, at the latest.
pub struct Drain;

impl Drain {
	fn finish(world: &mut World) -> Result<(), Broken> {
		let who = world.outsider();
		world.step(&Step::Fail(vec![]))?;
		world.step(&Step::Full { blocks: 0 })?;
		world.step(&Step::Prepare(0))?;
		let bonding = BondingDuration::get().max(world.setup.delay + 2);
		world.step(&Step::BondingDuration(bonding))?;
		for ahead in 1..=world.setup.delay {
			world.step(&Step::Cancel { ahead })?;
		}
		world.step(&Step::Block(Room::Plenty))?;
		world.step(&Step::Block(Room::Plenty))?;
		world.step(&Step::Deposit { who, part: Part::All })?;
		let batch = pool().open_batch();
		world.step(&Step::Request { who, part: Part::All })?;
		if !world.model.open.contains_key(&account(who)) {
			return Ok(());
		}
		for _ in 0..bonding + 2 {
			world.step(&CALM_ERA)?;
		}
		let had: Balance = hold(&account(who));
		world.step(&Step::Claim { owner: who, batch })?;
		let left = LiquidStaking::redemptions_of(account(who));
		demand!(left.is_empty() && hold(&account(who)) >= had, "9: waits for {left:?}");
		Ok(())
	}
}

impl Scenario for Drain {
	fn explore(world: &mut World, dice: &mut Dice, steps: &mut Vec<Step>) -> Result<(), Broken> {
		for _ in 0..dice.below(4 * BEFORE) {
			let step = random_step(dice, world);
			steps.push(step.clone());
			world.step(&step)?;
		}
		Self::finish(world)
	}

	fn replay(world: &mut World, steps: &[Step]) -> Result<(), Broken> {
		steps.iter().try_for_each(|step| world.step(step))?;
		Self::finish(world)
	}
}
