// SPDX-License-Identifier: Apache-2.0

//! The work of an era: one step after the other, each of bounded weight.
//!
//! | phase | per | what | then |
//! | --- | --- | --- | --- |
//! | `pay_out` | payout page | the staking pallet pays the rewards of the past eras | `withdraw` |
//! | `withdraw` | stash | what has finished unbonding returns to the pot | `settle` |
//! | `settle` | - | rewards are swept, fees taken, the stream renewed; the open batch closes | `fund` |
//! | `fund` | batch | closed batches are funded in order, as far as idle assets go | `score` |
//! | `score` | step of the selection | what has to be known of the validators | `plan` |
//! | `plan` | - | who nominates whom, and how much is bonded or unbonded | `rotate` |
//! | `rotate` | stash | nominates | `rebalance` |
//! | `rebalance` | stash | bonds or unbonds | complete |
//!
//! Outside of that order come the reading of reports (`slashes`), whenever they may have changed, and
//! funding once more when the queue had to wait for it.
//!
//! `machine` does the steps, as many as a block has room for. What a step of each phase weighs, does
//! and leads to stands in the table of `phases`, out of which all below is made.

mod fund;
mod machine;
mod outcome;
mod pages;
mod pay_out;
mod plan;
mod rebalance;
mod rotate;
mod score;
mod settle;
mod withdraw;

pub use pages::{StashPlan, PLAN_PAGE};

pub(crate) use machine::{advance, advance_weight, poll};
#[cfg(any(feature = "std", feature = "try-runtime"))]
pub(crate) use pages::planned;
pub(crate) use pages::put_plan;
#[cfg(any(test, feature = "runtime-benchmarks"))]
pub(crate) use pages::remove_plan;

use crate::{
	books::{Phase, PoolState},
	phases::with_phases,
	slashes,
	weights::WeightInfo,
	Config, Event, Pallet,
};
use frame_support::weights::Weight;
use outcome::{Done, Next};

/// Makes what the machine knows of the phases out of their table.
macro_rules! declare {
	($(
		$(#[$doc:meta])*
		$phase:ident $({ $( $(#[$field_doc:meta])* $field:ident: $type:ty, )+ })? $(each $each:ident)? => {
			step: $step:ident,
			then: $then:expr,
			before_settlement: $before_settlement:literal,
			given_up: $given_up:literal,
		}
	)+) => {
		/// The most that a step of this phase weighs.
		pub(crate) fn worst<T: Config>(phase: &Phase) -> Weight {
			match phase {
				Phase::Idle => T::WeightInfo::on_poll_idle(),
				$( Phase::$phase { .. } => $step::worst::<T>(), )+
			}
		}

		/// Does one step of this phase.
		fn step_of<T: Config>(phase: Phase, pool: &mut PoolState) -> Done {
			match phase {
				Phase::Idle => Done { cost: worst::<T>(&phase), next: Next::Again },
				$( Phase::$phase $({ $( $field, )+ })? => $step::step::<T>(pool $($(, $field)+)?), )+
			}
		}

		/// What comes when there is nothing more to do in this phase; `None` if the work of the era is
		/// complete.
		fn following(phase: &Phase) -> Option<Phase> {
			match phase {
				Phase::Idle => Some(Phase::Idle),
				$( Phase::$phase { .. } => $then, )+
			}
		}

		/// Whether this phase goes through the stashes, and none of `stashes` is left.
		fn is_past(phase: &Phase, stashes: u32) -> bool {
			match phase {
				Phase::Idle => false,
				$( Phase::$phase { $( $each, )? .. } => false $( || *$each >= stashes )?, )+
			}
		}
	};
}

with_phases!(declare);

impl<T: Config> Pallet<T> {
	/// The most that any step of the era work weighs, reading the reports of an era included.
	pub fn max_step_weight() -> Weight {
		let scan = slashes::scan_weight::<T>();
		Phase::ALL.iter().fold(scan, |most, phase| most.max(worst::<T>(phase)))
	}
}

/// Does one step of the phase of `pool`, and goes on to what comes next. Returns what it cost.
pub(crate) fn step<T: Config>(pool: &mut PoolState) -> Weight {
	let phase = pool.phase();
	let done = step_of::<T>(phase, pool);
	go_on::<T>(pool, phase, done.next);
	done.cost
}

/// Goes to the first phase of the work of an era.
fn begin<T: Config>(pool: &mut PoolState) {
	let unpaid = pool.unpaid_era();
	let first = pay_out::from_era(pool, unpaid);
	let nothing = Phase::PayOut { era: 0, stash: 0, nomination: 0, page: 0 };
	go_on::<T>(pool, nothing, first);
}

/// Goes on to what comes `next` after a step of `phase`.
fn go_on<T: Config>(pool: &mut PoolState, phase: Phase, next: Next) {
	let mut next = match next {
		Next::Again => Some(phase),
		Next::Phase(phase) => Some(phase),
		Next::Following => following(&phase),
		Next::Complete => None,
	};
	while let Some(past) = next.filter(|next| is_past(next, pool.stashes())) {
		next = following(&past);
	}
	pool.go_to(next.unwrap_or_default());
	if next.is_none() {
		Pallet::<T>::deposit_event(Event::EraWorkCompleted { era: pool.working_era() });
	}
}
