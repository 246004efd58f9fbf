// SPDX-License-Identifier: Apache-2.0

//! The exchange rates of past eras, for the view of what the pool earns.

use crate::{books::PoolState, Config, Event, Pallet, Rates};
use frame_support::traits::Get;
use holdfast_primitives::{Assets, EraIndex};
use sp_runtime::FixedU128;

/// The exchange rate when an era was settled, kept by the era's number modulo the eras kept.
#[frame_support::stored]
#[derive(Copy)]
pub struct RatePoint {
	/// The era that was settled.
	pub era: EraIndex,
	/// The class of shares that was issued then.
	pub class: u32,
	/// The block of the settlement.
	pub block: u32,
	/// Assets per share on exit, before reports.
	pub rate: FixedU128,
}

/// Where the rate of an era is kept, until that of another one takes its place.
pub(crate) fn slot<T: Config>(era: EraIndex) -> u32 {
	era.checked_rem(T::HistoryDepth::get()).unwrap_or(0)
}

/// Keeps the rate at the settlement of `era`, in block `now`, and tells it.
pub(crate) fn keep<T: Config>(pool: &PoolState, era: EraIndex, now: u32) {
	// Without reports: what is not lost yet is no loss, and may be covered or cancelled.
	let rate = pool.exit_price(now, Assets(0)).rate();
	let point = RatePoint { era, class: pool.class(), block: now, rate };
	Rates::<T>::insert(slot::<T>(era), point);
	Pallet::<T>::deposit_event(Event::RateUpdated {
		era,
		rate,
		total_assets: pool.total_assets(now).0,
		shares: pool.shares(),
	});
}
