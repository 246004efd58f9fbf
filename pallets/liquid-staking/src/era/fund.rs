// SPDX-License-Identifier: Apache-2.0

//! Funds closed batches in order, one in each step, as far as idle assets go.

use super::outcome::{Done, Next};
use crate::{
	books::{PoolState, Scan},
	failures::{tell, Step},
	records,
	redemptions::{fund_next, pay_leftover},
	weights::WeightInfo,
	Config,
};
use frame_support::weights::Weight;

pub(super) fn worst<T: Config>() -> Weight {
	T::WeightInfo::step_fund_batch().saturating_add(T::WeightInfo::step_fund_leftover())
}

pub(super) fn step<T: Config>(pool: &mut PoolState) -> Done {
	let cost = worst::<T>();
	match records::all_or_nothing(pool, fund_next::<T>) {
		Ok(true) => return Done { cost, next: Next::Again },
		Ok(false) => (),
		Err(error) => tell::<T>(Step::Fund, None, error),
	}
	if let Err(error) = pay_leftover::<T>(pool) {
		tell::<T>(Step::Fund, None, error);
	}
	// Tried again as soon as the reports are read.
	pool.let_funds_wait(pool.scan() != Scan::Fresh && pool.owed() > 0);
	Done { cost, next: Next::Following }
}
