// SPDX-License-Identifier: Apache-2.0

//! Bonds or unbonds what was planned for a stash.

use super::{
	outcome::{Done, Next},
	pages::{planned, remove_carried_out},
};
use crate::{
	accounts::KEEP,
	balancing::StakeChange,
	books::{Phase, PoolState},
	failures::{refusal, tell, Step},
	records,
	stashes::{change_stake, endow, nominate},
	weights::WeightInfo,
	Config, Event, Pallet,
};
use frame_support::{traits::fungible::Mutate, weights::Weight};
use holdfast_primitives::{Assets, Balance, StakingBackend};
use sp_runtime::DispatchResult;

pub(super) fn worst<T: Config>() -> Weight {
	T::WeightInfo::step_rebalance_open()
		.max(T::WeightInfo::step_rebalance_empty())
		.max(T::WeightInfo::step_rebalance_rebond())
}

pub(super) fn step<T: Config>(pool: &mut PoolState, index: u32) -> Done {
	if let Err(error) = rebalance::<T>(pool, index) {
		tell::<T>(Step::Rebalance, Some(index), error);
	}
	remove_carried_out::<T>(index, pool.stashes());
	let next = Next::Phase(Phase::Rebalance { stash: index.saturating_add(1) });
	Done { cost: worst::<T>(), next }
}

fn rebalance<T: Config>(pool: &mut PoolState, index: u32) -> DispatchResult {
	let plan = planned::<T>(index)?;
	let validator = plan.validator.as_ref();
	match plan.change {
		StakeChange::Keep => Ok(()),
		StakeChange::Bond(more) => stake_more::<T>(pool, index, 0, more, validator),
		StakeChange::Rebond { again, more } => stake_more::<T>(pool, index, again, more, validator),
		StakeChange::Unbond(assets) => unbond::<T>(pool, index, assets),
	}
}

/// Stakes `again` of what unbonds, and `more` of what is idle, as far as it is, and nominates.
fn stake_more<T: Config>(
	pool: &mut PoolState,
	index: u32,
	again: Balance,
	more: Balance,
	validator: Option<&T::AccountId>,
) -> DispatchResult {
	endow::<T>(pool, index)?;
	let more = more.min(pool.idle());
	change_stake::<T>(pool, index, Assets(more), |account| {
		if again > 0 {
			T::Staking::rebond(account, again).map_err(refusal::<T>)?;
		}
		if more > 0 || again == 0 {
			T::Currency::transfer(&Pallet::<T>::pot_account(), account, more, KEEP)?;
			T::Staking::bond(account, more, &Pallet::<T>::reward_account())
				.map_err(refusal::<T>)?;
		}
		nominate::<T>(index, validator)
	})?;
	if again > 0 {
		Pallet::<T>::deposit_event(Event::Rebonded { stash: index, assets: again });
	}
	if more > 0 {
		Pallet::<T>::deposit_event(Event::Bonded { stash: index, assets: more });
	}
	Ok(())
}

fn unbond<T: Config>(pool: &mut PoolState, index: u32, assets: Balance) -> DispatchResult {
	let active = records::stash::<T>(index)?.active();
	change_stake::<T>(pool, index, Assets(0), |account| {
		if assets >= active {
			// Or what is left would be below the staking pallet's minimum.
			T::Staking::chill(account).map_err(refusal::<T>)?;
		}
		T::Staking::unbond(account, assets).map_err(refusal::<T>)
	})?;
	let stash = records::stash::<T>(index)?;
	let era = stash.unlocking().last().map(|chunk| chunk.era).unwrap_or_default();
	Pallet::<T>::deposit_event(Event::Unbonded { stash: index, assets, era });
	Ok(())
}
