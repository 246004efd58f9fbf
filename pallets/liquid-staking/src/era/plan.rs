// SPDX-License-Identifier: Apache-2.0

//! Decides what the rest of the work carries out: who nominates whom, and what is bonded or unbonded.

use super::{
	outcome::{Done, Next},
	pages::{put_plan, remove_plan, StashPlan},
};
use crate::{
	accounts::{now, MAX_STASHES},
	balancing::{self, Flow, Limits, StakeChange, StashStake, UnbondingPart},
	books::{Phase, PoolState, Queued},
	failures::{tell, Step},
	records, settings,
	slashes::unbonding_at_risk,
	stashes::nomination_of,
	weights::WeightInfo,
	Config, Error, Event, Pallet, StashOf, Stashes,
};
use alloc::vec::Vec;
use frame_support::{ensure, traits::Get, weights::Weight};
use holdfast_primitives::{
	Assets, Balance, Chunk, EraIndex, StakingBackend, StashToPlace, ValidatorSelection,
};
use sp_runtime::DispatchResult;

/// A stash in use holds at least this many times the staking pallet's minimum, so that a slash or
/// a small redemption does not push it below.
const MIN_STASH_BONDS: Balance = 4;

pub(super) fn worst<T: Config>() -> Weight {
	T::WeightInfo::step_plan()
		.max(T::WeightInfo::step_plan_empty())
		.saturating_add(T::Selection::select_weight())
		// It may be asked again, and has read all then.
		.saturating_add(T::Selection::select_weight().set_proof_size(0))
}

pub(super) fn step<T: Config>(pool: &mut PoolState) -> Done {
	let next = match records::all_or_nothing(pool, plan::<T>) {
		Ok(()) => Next::Following,
		Err(error) => {
			tell::<T>(Step::Plan, None, error);
			Next::Complete
		},
	};
	Done { cost: worst::<T>(), next }
}

/// Gives up the plan of an era that is over, but for what has to be unbonded: somebody waits for it,
/// whoever is nominated. Costs no more than to plan.
pub(super) fn skip<T: Config>(pool: &mut PoolState) {
	Pallet::<T>::deposit_event(Event::PlanSkipped { era: pool.working_era() });
	remove_plan::<T>();
	pool.go_to(Phase::Idle);
	if let Err(error) = plan_unbonding::<T>(pool) {
		tell::<T>(Step::Plan, None, error);
	}
}

/// Plans to unbond what is lacking, with the nominations there are.
fn plan_unbonding<T: Config>(pool: &mut PoolState) -> DispatchResult {
	let stashes = records::all_stashes::<T>(pool)?;
	let flow = flow::<T>(pool, &stashes)?;
	if !matches!(flow, Flow::Deficit(_)) || pool.stashes() == 0 {
		return Ok(());
	}
	let changes = balancing::stake_changes(&stakes::<T>(&stashes), &[], flow, limits::<T>());
	let unbonding = changes.into_iter().map(|change| StashPlan { validator: None, change });
	put_plan::<T>(&unbonding.collect::<Vec<_>>());
	pool.go_to(Phase::Rebalance { stash: 0 });
	Ok(())
}

fn plan<T: Config>(pool: &mut PoolState) -> DispatchResult {
	drop_empty::<T>(pool)?;
	let stashes = records::all_stashes::<T>(pool)?;
	let (stakes, limits) = (stakes::<T>(&stashes), limits::<T>());
	let unbonding = unbonding::<T>(&stashes);
	let queue = records::queue::<T>()?;
	wait_for(pool, &queue, &unbonding);
	// What has come in since the settlement is reckoned with now.
	pool.count_deposited();
	let flow = flow::<T>(pool, &stashes)?;
	let mut changes = balancing::stake_changes(&stakes, &unbonding, flow, limits);
	let places = place::<T>(pool, &stakes, &mut changes, limits);
	let mut plan = with_places(&stakes, &changes, places);
	// Nor is a stash opened for which there is no place.
	let opened = |plan: &StashPlan<T::AccountId>| matches!(plan.change, StakeChange::Bond(_));
	while plan.len() > stashes.len() && !plan.last().is_some_and(opened) {
		plan.pop();
	}

	// What unbonds from now on comes last of all.
	let unbonds = |(stash, plan): (usize, &StashPlan<T::AccountId>)| match plan.change {
		StakeChange::Unbond(value) => Some(UnbondingPart { stash, era: EraIndex::MAX, value }),
		_ => None,
	};
	let all = unbonding.into_iter().chain(plan.iter().enumerate().filter_map(unbonds));
	wait_for(pool, &queue, &all.collect::<Vec<_>>());

	let count = u32::try_from(plan.len()).unwrap_or(u32::MAX);
	ensure!(count <= MAX_STASHES, Error::<T>::TooManyStashes);
	pool.use_stashes(pool.stashes().max(count));
	put_plan::<T>(&plan);
	Ok(())
}

/// Notes for how much of what is idle the batches of `queue` wait although something unbonds.
fn wait_for(pool: &mut PoolState, queue: &[Queued], unbonding: &[UnbondingPart]) {
	let waited_for = balancing::waited_for(pool.idle(), pool.claims(queue), unbonding);
	pool.let_wait_for(Assets(waited_for));
}

/// Stashes at the end that hold nothing are done with.
fn drop_empty<T: Config>(pool: &mut PoolState) -> DispatchResult {
	while let Some(last) = pool.stashes().checked_sub(1) {
		let stash = records::stash::<T>(last)?;
		// It may have something to collect yet, if it was slashed.
		if stash.total() > 0 || !stash.is_collected(pool.unpaid_era()) {
			break;
		}
		Stashes::<T>::remove(last);
		pool.use_stashes(last);
	}
	Ok(())
}

/// What the selection has for a stash: `Some(None)` if it has no place for it, `None` if the stash looks for
/// none, having nothing, or too little to nominate and no nomination.
type Place<AccountId> = Option<Option<AccountId>>;

/// Finds a place for each stash if `changes` are made. Takes out of these what finds none.
fn place<T: Config>(
	pool: &PoolState,
	stakes: &[StashStake],
	changes: &mut [StakeChange],
	limits: Limits,
) -> Vec<Place<T::AccountId>> {
	let places = ask::<T>(pool, stakes, changes, limits);
	let nominates = |i: usize| stakes.get(i).is_some_and(|stash| stash.nominates);
	// What a stash that earns would get may be what finds no place: then it gets nothing.
	let mut refused = false;
	for (i, (change, place)) in changes.iter_mut().zip(&places).enumerate() {
		let grows = matches!(change, StakeChange::Bond(_) | StakeChange::Rebond { .. });
		if grows && nominates(i) && matches!(place, Some(None)) {
			(*change, refused) = (StakeChange::Keep, true);
		}
	}
	if refused {
		ask::<T>(pool, stakes, changes, limits)
	} else {
		places
	}
}

/// Asks the selection for a place for each stash if `changes` are made.
fn ask<T: Config>(
	pool: &PoolState,
	stakes: &[StashStake],
	changes: &[StakeChange],
	limits: Limits,
) -> Vec<Place<T::AccountId>> {
	let stake_of = |(i, change): (usize, &StakeChange)| {
		let stash = stakes.get(i).copied().unwrap_or_default();
		let stake = change.applied_to(stash.active);
		(stake > 0 && (stake >= limits.minimum || stash.nominates)).then_some(stake)
	};
	let wanted: Vec<Option<Balance>> = changes.iter().enumerate().map(stake_of).collect();
	let looking: Vec<StashToPlace<T::AccountId>> = (0u32..)
		.zip(wanted.iter().enumerate())
		.filter_map(|(index, (i, stake))| {
			// One that is to be opened nominates nobody.
			let nominates = stakes.get(i).and_then(|_| nomination_of::<T>(index));
			Some(StashToPlace { index, nominates, stake: (*stake)? })
		})
		.collect();
	let mut chosen = T::Selection::select(pool.working_era(), &looking).into_iter();
	wanted.iter().map(|stake| stake.map(|_| chosen.next().flatten())).collect()
}

/// The plan if the stashes have these `places`: what has none is not given more, and made smaller if it is
/// too large for any place.
fn with_places<AccountId: Clone>(
	stakes: &[StashStake],
	changes: &[StakeChange],
	places: Vec<Place<AccountId>>,
) -> Vec<StashPlan<AccountId>> {
	// What they stake now: what only would be too large gets nothing, and keeps what it has.
	let present = |i: usize| stakes.get(i).map_or(0, |stash| stash.active);
	let looks = |i: usize| places.get(i).is_some_and(Option::is_some);
	let looking: Vec<Balance> =
		(0..changes.len()).filter(|i| looks(*i)).map(present).filter(|stake| *stake > 0).collect();
	let some_placed = places.iter().flatten().any(Option::is_some);
	let plan = |(i, change): (usize, &StakeChange)| {
		let validator = places.get(i).cloned().flatten().flatten();
		let excess =
			if some_placed && looks(i) { balancing::excess(present(i), &looking) } else { 0 };
		let change = match (*change, &validator) {
			(change @ StakeChange::Unbond(_), _) | (change, Some(_)) => change,
			(_, None) if excess > 0 => StakeChange::Unbond(excess),
			// What nobody is nominated with would earn nothing, and could not be paid at once.
			(_, None) => StakeChange::Keep,
		};
		StashPlan { validator, change }
	};
	changes.iter().enumerate().map(plan).collect()
}

/// The stashes as the arithmetic of the plan sees them.
fn stakes<T: Config>(stashes: &[StashOf<T>]) -> Vec<StashStake> {
	(0u32..)
		.zip(stashes)
		.map(|(index, stash)| StashStake {
			active: stash.active(),
			nominates: stash.active() > 0 && nomination_of::<T>(index).is_some(),
		})
		.collect()
}

/// All that unbonds. As many parts as the stashes have chunks.
fn unbonding<T: Config>(stashes: &[StashOf<T>]) -> Vec<UnbondingPart> {
	let chunks = stashes.iter().enumerate();
	let chunks = chunks.flat_map(|(i, stash)| stash.unlocking().iter().map(move |c| (i, c)));
	let part = |(stash, chunk): (usize, &Chunk)| UnbondingPart {
		stash,
		era: chunk.era,
		value: chunk.value,
	};
	chunks.map(part).collect()
}

fn limits<T: Config>() -> Limits {
	let minimum = T::Staking::minimum_bond();
	Limits {
		minimum,
		min_stash: minimum.saturating_mul(MIN_STASH_BONDS),
		max_stashes: usize::try_from(T::MaxStashes::get()).unwrap_or(usize::MAX),
	}
}

/// What is idle or on its way there, against what is payable and what is kept idle.
fn flow<T: Config>(pool: &PoolState, stashes: &[StashOf<T>]) -> Result<Flow, Error<T>> {
	// Open reports may take some of it from what batches wait for.
	let at_risk = if pool.owed() > 0 { unbonding_at_risk(pool, stashes)? } else { Assets(0) };
	let coming = pool.idle().saturating_add(pool.unbonding()).saturating_sub(at_risk.0);
	let holders = pool.total_assets(now::<T>()).0;
	let buffer = settings::parameters::<T>(pool).buffer_target(holders);
	let needed = pool.payable().saturating_add(buffer);
	// Half a buffer is enough not to unbond for it: deposits fill it too.
	if coming < needed.saturating_sub(buffer / 2) {
		return Ok(Flow::Deficit(needed.saturating_sub(coming)));
	}
	let spare = coming.saturating_sub(needed);
	let now = spare.min(pool.idle().saturating_sub(buffer.max(pool.waited_for())));
	Ok(Flow::Surplus { now, later: spare.saturating_sub(now) })
}
