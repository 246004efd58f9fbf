// SPDX-License-Identifier: Apache-2.0

//! The open batch.

use crate::{
	accounts::now, books::Redemption, records, settings, tokens, Config, Error, Event, Pallet,
	Pool, Redemptions,
};
use frame_support::ensure;
use holdfast_primitives::{Assets, BatchId, Shares};
use sp_runtime::{ArithmeticError, DispatchResult};

/// Does what [`Pallet::request_redeem`] says.
pub(crate) fn request_redeem<T: Config>(who: T::AccountId, shares: Shares) -> DispatchResult {
	let mut pool = records::pool::<T>()?;
	let held = tokens::burn::<T>(pool.class(), &who, shares)?;
	// The batch closes at the price before reports.
	let price = pool.exit_price(now::<T>(), Assets(0));
	let worth = price.to_assets(shares).ok_or(ArithmeticError::Overflow)?;
	let least = settings::parameters::<T>(&pool).min_redemption;
	let enough = worth.0 >= least || shares == held;
	ensure!(enough && shares.0 > 0, Error::<T>::RedemptionTooSmall);

	let batch = pool.open_batch();
	add::<T>(&who, batch, Redemption::new(shares))?;
	pool.join_open_batch(shares)?;
	Pool::<T>::put(pool);
	Pallet::<T>::deposit_event(Event::RedemptionRequested { who, batch, shares: shares.0 });
	Ok(())
}

/// Adds to what `owner` has in a batch.
pub(super) fn add<T: Config>(
	owner: &T::AccountId,
	batch: BatchId,
	more: Redemption,
) -> DispatchResult {
	let before = records::redemption::<T>(owner, batch)?.map_or(0, |before| before.shares());
	let all = more.with(Shares(before)).ok_or(ArithmeticError::Overflow)?;
	Redemptions::<T>::insert(owner, batch, all);
	Ok(())
}
