// SPDX-License-Identifier: Apache-2.0

//! Brings the record of a stash up to date, and what has finished unbonding back to the pot.

use super::outcome::{Done, Next};
use crate::{
	books::{Phase, PoolState},
	failures::{refusal, tell, Step},
	records,
	stashes::{change_stake, reconcile},
	weights::WeightInfo,
	Config,
};
use frame_support::weights::Weight;
use holdfast_primitives::{Assets, Chunk, StakingBackend};
use sp_runtime::DispatchError;

pub(super) fn worst<T: Config>() -> Weight {
	T::WeightInfo::step_withdraw().max(T::WeightInfo::step_withdraw_all())
}

pub(super) fn step<T: Config>(pool: &mut PoolState, index: u32) -> Done {
	let cost = match withdraw::<T>(pool, index) {
		Ok(true) => worst::<T>(),
		Ok(false) => T::WeightInfo::step_withdraw(),
		Err(error) => {
			tell::<T>(Step::Withdraw, Some(index), error);
			worst::<T>()
		},
	};
	Done { cost, next: Next::Phase(Phase::Withdraw { stash: index.saturating_add(1) }) }
}

/// Returns whether the stash was found changed, or is emptied: that reads more than the stash.
fn withdraw<T: Config>(pool: &mut PoolState, index: u32) -> Result<bool, DispatchError> {
	let era = pool.working_era();
	let (stash, corrected) =
		records::all_or_nothing(pool, |pool| reconcile::<T>(pool, index, era))?;
	let matures = |chunk: &Chunk| chunk.era <= era;
	if !stash.unlocking().iter().any(matures) {
		return Ok(corrected);
	}
	// The staking pallet forgets a stash that is emptied, and could not slash it any more.
	let empties = stash.active() == 0 && stash.unlocking().iter().all(matures);
	if empties && records::reports::<T>()?.iter().any(|report| report.stash == index) {
		return Ok(true);
	}
	change_stake::<T>(pool, index, Assets(0), |account| {
		T::Staking::withdraw(account).map_err(refusal::<T>)
	})?;
	Ok(corrected || empties)
}
