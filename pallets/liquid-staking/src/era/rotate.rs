// SPDX-License-Identifier: Apache-2.0

//! Nominates what was planned for a stash that is staked already.

use super::{
	outcome::{Done, Next},
	pages::planned,
};
use crate::{
	balancing::StakeChange,
	books::{Phase, PoolState},
	failures::{tell, Step},
	records,
	stashes::{chill_unless, nominate},
	weights::WeightInfo,
	Config, Error,
};
use frame_support::{storage::with_storage_layer, weights::Weight};
use holdfast_primitives::StakingBackend;

pub(super) fn worst<T: Config>() -> Weight {
	// What cannot be nominated is chilled.
	T::WeightInfo::step_rotate()
		.saturating_add(T::WeightInfo::step_rotate_chill())
		.max(T::WeightInfo::step_rotate_chilled())
}

pub(super) fn step<T: Config>(_: &mut PoolState, index: u32) -> Done {
	let one = || {
		T::WeightInfo::step_rotate()
			.max(T::WeightInfo::step_rotate_chill())
			.max(T::WeightInfo::step_rotate_chilled())
	};
	let cost = match rotate::<T>(index) {
		Ok(true) => one(),
		Ok(false) => worst::<T>(),
		Err(error) => {
			tell::<T>(Step::Rotate, Some(index), error);
			one()
		},
	};
	Done { cost, next: Next::Phase(Phase::Rotate { stash: index.saturating_add(1) }) }
}

/// Returns whether the stash nominates as planned.
fn rotate<T: Config>(index: u32) -> Result<bool, Error<T>> {
	let plan = planned::<T>(index)?;
	let active = records::stash::<T>(index)?.active();
	// What is emptied is chilled then; what is too small yet nominates when it has got more.
	let later = match plan.change {
		StakeChange::Unbond(part) => part >= active,
		StakeChange::Bond(_) | StakeChange::Rebond { .. } => active < T::Staking::minimum_bond(),
		StakeChange::Keep => false,
	};
	if active == 0 || later {
		return Ok(true);
	}
	let validator = plan.validator.as_ref();
	if let Err(error) = with_storage_layer(|| nominate::<T>(index, validator)) {
		tell::<T>(Step::Rotate, Some(index), error);
		chill_unless::<T>(index, validator);
		return Ok(false);
	}
	Ok(true)
}
