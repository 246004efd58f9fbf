// SPDX-License-Identifier: Apache-2.0

//! Pays out the rewards of the past eras: one page of one validator in each step.

use super::outcome::{Done, Next};
use crate::{
	books::{Phase, PoolState},
	failures::{refusal, tell, Step},
	records,
	weights::WeightInfo,
	Config, StashOf,
};
use frame_support::{storage::with_storage_layer, weights::Weight};
use holdfast_primitives::{EraIndex, StakingBackend};

pub(super) fn worst<T: Config>() -> Weight {
	T::WeightInfo::step_pay_out()
}

/// Pays `page` of the validator in a `nomination` of stash `index`, for `era`. A payout that fails is
/// left to whoever can make it; its reward is swept when it is in the reward account.
pub(super) fn step<T: Config>(
	pool: &mut PoolState,
	era: EraIndex,
	index: u32,
	nomination: u32,
	page: u32,
) -> Done {
	let stash = records::stash::<T>(index).unwrap_or_else(|error| {
		tell::<T>(Step::PayOut, Some(index), error);
		StashOf::<T>::default()
	});
	let position = usize::try_from(nomination).unwrap_or(usize::MAX);
	let (cost, pages) = match stash.nominations().get(position) {
		Some(nomination) => pay::<T>(era, index, nomination.validator(), page),
		None => (T::WeightInfo::step_pay_out_skip(), 0),
	};
	let [next_page, next_nomination, next_stash] =
		[page, nomination, index].map(|last| last.saturating_add(1));
	let next = if next_page < pages {
		Next::Phase(Phase::PayOut { era, stash: index, nomination, page: next_page })
	} else if position.saturating_add(1) < stash.nominations().len() {
		Next::Phase(Phase::PayOut { era, stash: index, nomination: next_nomination, page: 0 })
	} else if next_stash < pool.stashes() {
		Next::Phase(Phase::PayOut { era, stash: next_stash, nomination: 0, page: 0 })
	} else {
		from_era(pool, era.saturating_add(1))
	};
	Done { cost, next }
}

/// Returns what it cost, and how many pages there are.
fn pay<T: Config>(era: EraIndex, index: u32, validator: &T::AccountId, page: u32) -> (Weight, u32) {
	let pages = T::Staking::payout_pages(era, validator);
	if page >= pages {
		return (T::WeightInfo::step_pay_out_skip(), pages);
	}
	let paid =
		with_storage_layer(|| T::Staking::pay_out(era, validator, page).map_err(refusal::<T>));
	match paid {
		// Somebody else did it: the reward is in the reward account.
		Ok(false) => return (T::WeightInfo::step_pay_out_skip(), pages),
		Ok(true) => (),
		Err(error) => tell::<T>(Step::PayOut, Some(index), error),
	}
	(T::WeightInfo::step_pay_out(), pages)
}

/// Goes on with the payouts of `era`, if it is over and there is anybody to pay.
pub(super) fn from_era(pool: &mut PoolState, era: EraIndex) -> Next {
	if era < pool.working_era() && pool.stashes() > 0 {
		pool.collected_until(era);
		Next::Phase(Phase::PayOut { era, stash: 0, nomination: 0, page: 0 })
	} else {
		pool.collected_until(pool.working_era());
		Next::Following
	}
}
