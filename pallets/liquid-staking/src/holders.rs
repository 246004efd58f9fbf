// SPDX-License-Identifier: Apache-2.0

//! What holders do at once: deposit, and redeem instantly; and the prices at which they do.

use crate::{
	accounts::{now, KEEP},
	books::{InstantQuote, PoolState, Scan},
	records, settings,
	slashes::uncovered,
	tokens, Config, Error, Event, Pallet, Pool,
};
use frame_support::{
	ensure,
	traits::{
		fungible::{Inspect, Mutate},
		fungibles::Mutate as _,
		tokens::Preservation,
	},
};
use holdfast_primitives::{Assets, Balance, Price, Shares, StakingBackend};
use sp_runtime::{ArithmeticError, DispatchError, DispatchResult};

/// Does what [`Pallet::deposit`] says.
pub(crate) fn deposit<T: Config>(
	who: T::AccountId,
	assets: Assets,
	min_shares: Shares,
) -> DispatchResult {
	let mut pool = records::pool::<T>()?;
	let unswept = unswept::<T>(&pool);
	let shares = shares_for::<T>(&pool, assets, unswept)?;
	ensure!(shares >= min_shares, Error::<T>::SharesBelowMinimum);

	let pot = Pallet::<T>::pot_account();
	T::Currency::transfer(&who, &pot, assets.0, Preservation::Preserve)?;
	T::Shares::mint_into(Pallet::<T>::share_asset(pool.class()), &who, shares.0)?;
	pool.enter(assets, shares, now::<T>(), T::Staking::active_era(), unswept)?;
	Pool::<T>::put(pool);
	Pallet::<T>::deposit_event(Event::Deposited { who, assets: assets.0, shares: shares.0 });
	Ok(())
}

/// Does what [`Pallet::redeem_instantly`] says.
pub(crate) fn redeem_instantly<T: Config>(
	who: T::AccountId,
	shares: Shares,
	min_assets: Assets,
) -> DispatchResult {
	let mut pool = records::pool::<T>()?;
	tokens::burn::<T>(pool.class(), &who, shares)?;
	let quote = quote_instant::<T>(&pool, shares)?;
	let assets = quote.payout();
	ensure!(assets >= min_assets, Error::<T>::AssetsBelowMinimum);
	pool.exit_instantly(shares, quote, now::<T>())?;
	T::Currency::transfer(&Pallet::<T>::pot_account(), &who, assets.0, KEEP)?;
	Pool::<T>::put(pool);
	Pallet::<T>::deposit_event(Event::InstantlyRedeemed {
		who,
		shares: shares.0,
		assets: assets.0,
		fee: quote.fee.0,
		withheld: quote.withheld().0,
	});
	Ok(())
}

/// What an instant redemption of `shares` brings in this block.
pub(crate) fn quote_instant<T: Config>(
	pool: &PoolState,
	shares: Shares,
) -> Result<InstantQuote, Error<T>> {
	ensure!(pool.scan() == Scan::Fresh, Error::<T>::ReportsPending);
	let uncovered = uncovered::<T>(pool);
	let quote = pool
		.quote_instant(shares, uncovered, &settings::parameters::<T>(pool), now::<T>())
		.ok_or(Error::<T>::BufferTooLow)?;
	ensure!(quote.payout() > Assets(0), Error::<T>::RedemptionTooSmall);
	Ok(quote)
}

/// Rewards that lie in the reward account and are not swept yet, less the protocol's fee, rounded up.
/// Not less the premium, which is not known before.
pub(crate) fn unswept<T: Config>(pool: &PoolState) -> Assets {
	let account = Pallet::<T>::reward_account();
	let assets: Balance =
		T::Currency::balance(&account).saturating_sub(T::Currency::minimum_balance());
	let fee = settings::parameters::<T>(pool).reward_fee.mul_floor(assets);
	// The fee is a part of it.
	Assets(assets.saturating_sub(fee))
}

/// Shares that a deposit of `assets` buys in this block: at least one.
pub(crate) fn shares_for<T: Config>(
	pool: &PoolState,
	assets: Assets,
	unswept: Assets,
) -> Result<Shares, DispatchError> {
	let now = now::<T>();
	let least = settings::parameters::<T>(pool).min_deposit;
	ensure!(assets.0 >= least, Error::<T>::DepositTooSmall);
	ensure!(!pool.is_worthless(now), Error::<T>::ClassWiped);
	let ahead = pool.settlements_ahead(T::Staking::active_era());
	let shares = pool.entry_price(now, ahead, unswept).to_shares(assets);
	let shares = shares.ok_or(ArithmeticError::Overflow)?;
	ensure!(shares.0 > 0, Error::<T>::SharesBelowMinimum);
	Ok(shares)
}

/// What a share is worth on exit in this block.
pub(crate) fn exit_price<T: Config>(pool: &PoolState) -> Price {
	pool.exit_price(now::<T>(), uncovered::<T>(pool))
}
