// SPDX-License-Identifier: Apache-2.0

//! The machine: does the steps of the work, as many as there is room for.

use super::{plan, step, worst};
use crate::{
	accounts::now,
	books::{Phase, PoolState, Scan},
	records, slashes,
	weights::WeightInfo,
	Config, Error, Event, Pallet, Pool, LOG_TARGET,
};
use frame_support::{
	dispatch::{
		DispatchClass, DispatchResultWithPostInfo, Pays, PostDispatchInfo, WithPostDispatchInfo,
	},
	traits::Get,
	weights::{Weight, WeightMeter},
};
use holdfast_primitives::{EraIndex, StakingBackend};
use sp_runtime::DispatchError;

/// Works in the hook of a block.
pub(crate) fn poll<T: Config>(meter: &mut WeightMeter) {
	if meter.try_consume(T::WeightInfo::on_poll_idle()).is_err() {
		return;
	}
	let Ok(mut pool) = records::pool::<T>() else {
		log::error!(target: LOG_TARGET, "the books cannot be decoded: no work is done");
		return;
	};
	let active = T::Staking::active_era();
	if !has_work(&pool, active) {
		return;
	}
	let mut room = WeightMeter::with_limit(T::WorkLimit::get().min(meter.remaining()));
	work::<T>(&mut pool, active, &mut room, u32::MAX);
	Pool::<T>::put(pool);
	meter.consume(room.consumed());
}

/// Does what [`Pallet::advance`] says.
pub(crate) fn advance<T: Config>(max_steps: u32) -> DispatchResultWithPostInfo {
	// Whoever finds nothing to do pays for having looked.
	let looked = T::WeightInfo::on_poll_idle();
	let mut pool =
		records::pool::<T>().map_err(|error| DispatchError::from(error).with_weight(looked))?;
	let active = T::Staking::active_era();
	let mut room = WeightMeter::with_limit(advance_weight::<T>(max_steps));
	room.consume(looked);
	let late = is_late::<T>(&pool, active);
	let (steps, pushed) = if has_work(&pool, active) {
		work::<T>(&mut pool, active, &mut room, max_steps)
	} else {
		(0, 0)
	};
	if steps == 0 {
		return Err(DispatchError::from(Error::<T>::NothingToDo).with_weight(looked));
	}
	Pool::<T>::put(pool);
	let pays_fee = if late && pushed > 0 { Pays::No } else { Pays::Yes };
	Ok(PostDispatchInfo { actual_weight: Some(room.consumed()), pays_fee })
}

/// The most that a call weighs which does `max_steps` steps, and at most half of what a transaction
/// may: it does as many as fit.
pub(crate) fn advance_weight<T: Config>(max_steps: u32) -> Weight {
	let blocks = T::BlockWeights::get();
	let normal = blocks.get(DispatchClass::Normal);
	let most = normal.max_extrinsic.or(normal.max_total).unwrap_or(blocks.max_block);
	Pallet::<T>::max_step_weight()
		.saturating_mul(max_steps.into())
		.saturating_add(T::WeightInfo::on_poll_idle())
		.min(most.saturating_div(2))
}

/// Whether there is work to do.
fn has_work(pool: &PoolState, active: Option<EraIndex>) -> bool {
	pool.scan() != Scan::Fresh
		|| pool.phase() != Phase::Idle
		|| pool.funds_wait()
		|| (active.is_some() && pool.era() != active)
}

/// Whether the work is so late that whoever pushes it on does everybody a service: that of an era
/// which is over, or that of the present one when a quarter of it has passed.
fn is_late<T: Config>(pool: &PoolState, active: Option<EraIndex>) -> bool {
	let age = now::<T>().saturating_sub(pool.era_start());
	let length = pool.era_length();
	let begun = pool.phase() != Phase::Idle;
	begun && (pool.era() != active || (length > 0 && age > length / 4))
}

/// Does up to `max_steps` steps, as long as there are any and `room` has some for the worst case of
/// the next. Returns how many it did, and how many of them have pushed the work on: reports may be read
/// again and again while the staking pallet has some in progress.
fn work<T: Config>(
	pool: &mut PoolState,
	active: Option<EraIndex>,
	room: &mut WeightMeter,
	max_steps: u32,
) -> (u32, u32) {
	let (mut done, mut pushed): (u32, u32) = (0, 0);
	// Reports first: instant redemptions wait for them. Once a block, since the staking pallet may
	// have some in progress until the next.
	let mut scanned = false;
	while done < max_steps {
		let Some(job) = next_job::<T>(pool, active, &mut scanned) else { break };
		let worst = job.worst::<T>(pool);
		if !room.can_consume(worst) {
			break;
		}
		room.consume(match job {
			Job::Scan => {
				let (goes_on, cost) = slashes::step_scan::<T>(pool);
				scanned = !goes_on;
				cost
			},
			Job::SkipPlan => {
				plan::skip::<T>(pool);
				worst
			},
			Job::Step => step::<T>(pool),
		});
		done = done.saturating_add(1);
		pushed = pushed.saturating_add(u32::from(job != Job::Scan));
	}
	(done, pushed)
}

/// What a step does.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Job {
	/// It reads the reports of an era.
	Scan,
	/// It gives up a plan.
	SkipPlan,
	/// It does a step of the phase.
	Step,
}

impl Job {
	fn worst<T: Config>(self, pool: &PoolState) -> Weight {
		match self {
			Self::Scan => slashes::next_scan_weight::<T>(pool),
			Self::SkipPlan => plan::worst::<T>(),
			Self::Step => worst::<T>(&pool.phase()),
		}
	}
}

/// What the next step does. Where there is nothing left, begins the work of the active era, or funds
/// once more.
fn next_job<T: Config>(
	pool: &mut PoolState,
	active: Option<EraIndex>,
	scanned: &mut bool,
) -> Option<Job> {
	// Both of what can begin here leaves something to do.
	loop {
		if pool.scan() != Scan::Fresh && !*scanned {
			return Some(Job::Scan);
		}
		if pool.phase() != Phase::Idle {
			return Some(if misses_plan(pool, active) { Job::SkipPlan } else { Job::Step });
		}
		match active {
			Some(era) if pool.era() != active => {
				begin::<T>(pool, era);
				*scanned = false;
			},
			_ if pool.funds_wait() && pool.scan() == Scan::Fresh => pool.go_to(Phase::FundAgain),
			_ => return None,
		}
	}
}

/// Whether the era is over whose plan is not decided, or not nominated. The next one makes its own
/// of what it finds. Once stakes change, the work goes on to its end, because somebody waits for
/// what is unbonded.
fn misses_plan(pool: &PoolState, active: Option<EraIndex>) -> bool {
	active.is_some() && pool.era() != active && pool.phase().can_be_given_up()
}

fn begin<T: Config>(pool: &mut PoolState, era: EraIndex) {
	pool.begin_era(era, now::<T>(), T::HistoryDepth::get());
	super::begin::<T>(pool);
	Pallet::<T>::deposit_event(Event::EraWorkStarted { era });
}
