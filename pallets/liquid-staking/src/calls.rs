// SPDX-License-Identifier: Apache-2.0

//! What the calls do.

use crate::*;
use frame_support::{
	dispatch::{DispatchClass, Pays, PostDispatchInfo, WithPostDispatchInfo},
	ensure,
	pallet_prelude::*,
	traits::{
		fungible::{Inspect, Mutate},
		fungibles::{self, Inspect as _, Mutate as _},
		tokens::{Fortitude, Precision, Preservation},
	},
	weights::WeightMeter,
};
use holdfast_primitives::{
	Assets, Balance, BatchId, EraIndex, Price, Schedule, Shares, StakingBackend,
};
use sp_runtime::{traits::Convert, ArithmeticError};

/// Identifies the token of a class of shares.
pub(crate) type ShareIdOf<T> =
	<<T as Config>::Shares as fungibles::Inspect<<T as frame_system::Config>::AccountId>>::AssetId;

impl<T: Config> Pallet<T> {
	pub(crate) fn do_deposit(
		who: T::AccountId,
		assets: Balance,
		min_shares: Balance,
	) -> DispatchResult {
		let mut pool = Self::books()?;
		let unswept = Self::unswept(&pool);
		let shares = Self::shares_for(&pool, assets, unswept)?;
		ensure!(shares.0 >= min_shares, Error::<T>::SharesBelowMinimum);

		T::Currency::transfer(&who, &Self::pot_account(), assets, Preservation::Preserve)?;
		T::Shares::mint_into(Self::share_asset(pool.class), &who, shares.0)?;
		pool.enter(Assets(assets), shares, Self::now(), T::Staking::active_era(), unswept)?;
		Pool::<T>::put(pool);
		Self::deposit_event(Event::Deposited { who, assets, shares: shares.0 });
		Ok(())
	}

	pub(crate) fn do_request_redeem(who: T::AccountId, shares: Balance) -> DispatchResult {
		let mut pool = Self::books()?;
		let held = Self::burn(&pool, &who, shares)?;
		// The batch closes at the price before reports.
		let price = pool.exit_price(Self::now(), 0);
		let worth = price.to_assets(Shares(shares)).ok_or(ArithmeticError::Overflow)?;
		let enough = worth.0 >= Self::parameters(&pool).min_redemption || shares == held;
		ensure!(enough && shares > 0, Error::<T>::RedemptionTooSmall);

		let batch = pool.open_batch;
		Self::add_redemption(&who, batch, Redemption { shares, first_claimed: false })?;
		pool.queue(Shares(shares))?;
		Pool::<T>::put(pool);
		Self::deposit_event(Event::RedemptionRequested { who, batch, shares });
		Ok(())
	}

	/// Burns `shares` of `who`, which may be all that it holds. Returns how many it held.
	fn burn(
		pool: &PoolState,
		who: &T::AccountId,
		shares: Balance,
	) -> Result<Balance, DispatchError> {
		let asset = Self::share_asset(pool.class);
		let held = T::Shares::balance(asset.clone(), who);
		ensure!(shares <= held, Error::<T>::InsufficientShares);
		T::Shares::burn_from(
			asset,
			who,
			shares,
			Preservation::Expendable,
			Precision::Exact,
			Fortitude::Polite,
		)?;
		Ok(held)
	}

	/// Adds to what `owner` has in a batch.
	fn add_redemption(
		owner: &T::AccountId,
		batch: BatchId,
		more: Redemption,
	) -> Result<(), DispatchError> {
		let before = Self::redemption(owner, batch)?.map_or(0, |redemption| redemption.shares);
		let shares = before.checked_add(more.shares).ok_or(ArithmeticError::Overflow)?;
		Redemptions::<T>::insert(owner, batch, Redemption { shares, ..more });
		Ok(())
	}

	pub(crate) fn do_redeem_instantly(
		who: T::AccountId,
		shares: Balance,
		min_assets: Balance,
	) -> DispatchResult {
		let mut pool = Self::books()?;
		Self::burn(&pool, &who, shares)?;
		let quote = Self::quote_instant(&pool, shares)?;
		let assets = quote.net.saturating_sub(quote.fee);
		ensure!(assets >= min_assets, Error::<T>::AssetsBelowMinimum);
		pool.exit_instantly(Shares(shares), quote, Self::now())?;
		T::Currency::transfer(&Self::pot_account(), &who, assets, Self::KEEP)?;
		Pool::<T>::put(pool);
		let withheld = quote.gross.saturating_sub(quote.net);
		let fee = quote.fee;
		Self::deposit_event(Event::InstantlyRedeemed { who, shares, assets, fee, withheld });
		Ok(())
	}

	/// What an instant redemption of `shares` brings in this block.
	pub(crate) fn quote_instant(
		pool: &PoolState,
		shares: Balance,
	) -> Result<InstantQuote, Error<T>> {
		ensure!(pool.scan == Scan::Fresh, Error::<T>::ReportsPending);
		let uncovered = Self::uncovered(pool);
		let quote = pool
			.quote_instant(Shares(shares), uncovered, &Self::parameters(pool), Self::now())
			.ok_or(Error::<T>::BufferTooLow)?;
		ensure!(quote.net > quote.fee, Error::<T>::RedemptionTooSmall);
		Ok(quote)
	}

	pub(crate) fn do_set_parameters(parameters: Parameters) -> DispatchResult {
		ensure!(
			parameters.within(&T::MinParameters::get(), &T::MaxParameters::get()),
			Error::<T>::ParameterOutOfBounds
		);
		let now = Self::now();
		let from = now.checked_add(T::ParametersDelay::get()).ok_or(ArithmeticError::Overflow)?;
		let pool = Self::books()?;
		let next = Self::schedule(&pool).then(from, parameters, now);
		Pool::<T>::put(PoolState { parameters: Some(next), ..pool });
		Self::deposit_event(Event::ParametersSet { parameters, from });
		Ok(())
	}

	/// What governance has set, and for later.
	pub(crate) fn schedule(pool: &PoolState) -> Schedule<Parameters> {
		pool.parameters
			.unwrap_or_else(|| Schedule { current: T::DefaultParameters::get(), next: None })
	}

	/// The parameters that act in this block.
	pub(crate) fn parameters(pool: &PoolState) -> Parameters {
		Self::schedule(pool).at(Self::now())
	}

	/// Rewards that lie in the reward account and are not swept yet, less the protocol's fee, rounded up.
	/// Not less the premium, which is not known before.
	pub(crate) fn unswept(pool: &PoolState) -> Balance {
		let account = Self::reward_account();
		let assets = T::Currency::balance(&account).saturating_sub(T::Currency::minimum_balance());
		// A part of it.
		assets.saturating_sub(Self::parameters(pool).reward_fee.mul_floor(assets))
	}

	pub(crate) fn do_claim(id: BatchId, owner: T::AccountId) -> DispatchResult {
		let redemption = Self::redemption(&owner, id)?.ok_or(Error::<T>::NothingToClaim)?;
		let remaining = Self::pay(id, &owner, redemption)?;
		Redemptions::<T>::set(&owner, id, remaining);
		Ok(())
	}

	pub(crate) fn do_claim_class(class: u32, owner: T::AccountId) -> DispatchResult {
		let id = ClosedClasses::<T>::get(class).ok_or(Error::<T>::ClassNotClosed)?;
		let asset = Self::share_asset(class);
		let shares = T::Shares::balance(asset.clone(), &owner);
		ensure!(shares > 0, Error::<T>::NothingToClaim);
		T::Shares::burn_from(
			asset,
			&owner,
			shares,
			Preservation::Expendable,
			Precision::Exact,
			Fortitude::Polite,
		)?;
		let remaining = Self::pay(id, &owner, Redemption { shares, first_claimed: false })?;
		if let Some(remaining) = remaining {
			Self::add_redemption(&owner, id, remaining)?;
		}
		Ok(())
	}

	/// Pays `owner` what it can get for `redemption` now, and returns what remains of that.
	fn pay(
		id: BatchId,
		owner: &T::AccountId,
		redemption: Redemption,
	) -> Result<Option<Redemption>, DispatchError> {
		let mut batch = Self::batch(id)?.ok_or(Error::<T>::NotClaimableYet)?;
		let (assets, remaining) = batch.pay(redemption)?.ok_or(Error::<T>::NotClaimableYet)?;
		// An owner without an account whose share is below the existential deposit is told so
		// here, and can claim once it has an account.
		T::Currency::transfer(&Self::pot_account(), owner, assets.0, Self::KEEP)?;
		Batches::<T>::set(id, Some(batch).filter(|batch| !batch.is_done()));
		Self::deposit_event(Event::Claimed {
			owner: owner.clone(),
			batch: id,
			shares: redemption.shares,
			assets: assets.0,
		});
		Ok(remaining)
	}

	/// The token of a class of shares.
	pub fn share_asset(class: u32) -> ShareIdOf<T> {
		T::ShareAsset::convert(class)
	}

	pub(crate) fn do_advance(max_steps: u32) -> DispatchResultWithPostInfo {
		// Whoever finds nothing to do pays for having looked.
		let looked = T::WeightInfo::on_poll_idle();
		let mut pool =
			Self::books().map_err(|error| DispatchError::from(error).with_weight(looked))?;
		let active = T::Staking::active_era();
		let mut meter = WeightMeter::with_limit(Self::advance_weight(max_steps));
		meter.consume(looked);
		let late = Self::is_late(&pool, active);
		let (steps, pushed) = if max_steps > 0 && Self::has_work(&pool, active) {
			Self::work(&mut pool, active, &mut meter, max_steps)
		} else {
			(0, 0)
		};
		if steps == 0 {
			return Err(DispatchError::from(Error::<T>::NothingToDo).with_weight(looked));
		}
		Pool::<T>::put(pool);
		let pays_fee = if late && pushed > 0 { Pays::No } else { Pays::Yes };
		Ok(PostDispatchInfo { actual_weight: Some(meter.consumed()), pays_fee })
	}

	/// Whether the era work is so late that whoever pushes it on does everybody a service: that of an era
	/// which is over, or that of the present one when a quarter of it has passed.
	fn is_late(pool: &PoolState, active: Option<EraIndex>) -> bool {
		let age = Self::now().saturating_sub(pool.era_start);
		let begun = pool.phase != Phase::Idle;
		begun && (pool.era != active || (pool.era_length > 0 && age > pool.era_length / 4))
	}

	/// The most that a call weighs which does `max_steps` steps, and at most half of what a transaction
	/// may: it does as many as fit.
	pub(crate) fn advance_weight(max_steps: u32) -> Weight {
		let blocks = T::BlockWeights::get();
		let normal = blocks.get(DispatchClass::Normal);
		let most = normal.max_extrinsic.or(normal.max_total).unwrap_or(blocks.max_block);
		Self::max_step_weight()
			.saturating_mul(max_steps.into())
			.saturating_add(T::WeightInfo::on_poll_idle())
			.min(most.saturating_div(2))
	}

	/// Shares that a deposit of `assets` buys in this block: at least one.
	pub(crate) fn shares_for(
		pool: &PoolState,
		assets: Balance,
		unswept: Balance,
	) -> Result<Shares, DispatchError> {
		let now = Self::now();
		ensure!(assets >= Self::parameters(pool).min_deposit, Error::<T>::DepositTooSmall);
		ensure!(!pool.is_worthless(now), Error::<T>::ClassWiped);
		let ahead = pool.settlements_ahead(T::Staking::active_era());
		let shares = pool.entry_price(now, ahead, unswept).to_shares(Assets(assets));
		let shares = shares.ok_or(ArithmeticError::Overflow)?;
		ensure!(shares.0 > 0, Error::<T>::SharesBelowMinimum);
		Ok(shares)
	}

	/// What a share is worth on exit in this block.
	pub(crate) fn exit_price(pool: &PoolState) -> Price {
		pool.exit_price(Self::now(), Self::uncovered(pool))
	}

	/// Assets that `shares` are worth on exit in this block.
	pub(crate) fn assets_for(pool: &PoolState, shares: Balance) -> Result<Assets, ArithmeticError> {
		Self::exit_price(pool).to_assets(Shares(shares)).ok_or(ArithmeticError::Overflow)
	}
}
