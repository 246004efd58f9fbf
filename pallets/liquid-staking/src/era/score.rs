// SPDX-License-Identifier: Apache-2.0

//! Lets the selection learn what it needs to know of the validators, in as many steps as that takes.

use super::outcome::{Done, Next};
use crate::{books::PoolState, weights::WeightInfo, Config};
use frame_support::{defensive_assert, traits::Get, weights::Weight};
use holdfast_primitives::ValidatorSelection;

pub(super) fn worst<T: Config>() -> Weight {
	overhead::<T>().saturating_add(T::Selection::prepare_weight())
}

/// What a step costs beside what the selection does in it: the books are read and written.
fn overhead<T: Config>() -> Weight {
	T::WeightInfo::on_poll_idle().saturating_add(T::DbWeight::get().writes(1))
}

pub(super) fn step<T: Config>(pool: &mut PoolState) -> Done {
	let Some(weight) = T::Selection::prepare(pool.working_era()) else {
		return Done { cost: worst::<T>(), next: Next::Following };
	};
	defensive_assert!(
		weight.all_lte(T::Selection::prepare_weight()),
		"a step of the selection weighs more than it says"
	);
	Done { cost: overhead::<T>().saturating_add(weight), next: Next::Again }
}
