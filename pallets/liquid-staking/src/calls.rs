// SPDX-License-Identifier: Apache-2.0

//! What the calls do.

use crate::*;
use frame_support::{
	ensure,
	pallet_prelude::*,
	traits::{
		fungible::Mutate,
		fungibles::{self, Inspect as _, Mutate as _},
		tokens::{Fortitude, Precision, Preservation},
	},
	weights::WeightMeter,
};
use holdfast_primitives::{Assets, Balance, BatchId, Price, Shares, StakingBackend};
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
		ensure!(assets >= Self::parameters().min_deposit, Error::<T>::DepositTooSmall);
		let mut pool = Pool::<T>::get();
		let shares = Self::shares_for(&pool, assets)?;
		ensure!(shares.0 >= min_shares, Error::<T>::SharesBelowMinimum);

		T::Currency::transfer(&who, &Self::pot_account(), assets, Preservation::Preserve)?;
		T::Shares::mint_into(Self::share_asset(pool.class), &who, shares.0)?;
		pool.enter(Assets(assets), shares, Self::now(), T::Staking::active_era())?;
		Pool::<T>::put(pool);
		Self::deposit_event(Event::Deposited { who, assets, shares: shares.0 });
		Ok(())
	}

	pub(crate) fn do_request_redeem(who: T::AccountId, shares: Balance) -> DispatchResult {
		let mut pool = Pool::<T>::get();
		let held = Self::burn(&pool, &who, shares)?;
		// The batch closes at the price before reports.
		let price = pool.exit_price(Self::now(), 0);
		let worth = price.to_assets(Shares(shares)).ok_or(ArithmeticError::Overflow)?;
		let enough = worth.0 >= Self::parameters().min_redemption || shares == held;
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
	) -> Result<(), ArithmeticError> {
		Redemptions::<T>::try_mutate(owner, batch, |slot| {
			let before = slot.map_or(0, |redemption| redemption.shares);
			let shares = before.checked_add(more.shares).ok_or(ArithmeticError::Overflow)?;
			*slot = Some(Redemption { shares, ..more });
			Ok(())
		})
	}

	pub(crate) fn do_redeem_instantly(
		who: T::AccountId,
		shares: Balance,
		min_assets: Balance,
	) -> DispatchResult {
		let mut pool = Pool::<T>::get();
		Self::burn(&pool, &who, shares)?;
		let quote = Self::quote_instant(&pool, shares)?;
		let assets = quote.net.saturating_sub(quote.fee);
		ensure!(assets >= min_assets, Error::<T>::AssetsBelowMinimum);
		pool.exit_instantly(Shares(shares), quote, Self::now())?;
		T::Currency::transfer(&Self::pot_account(), &who, assets, Self::KEEP)?;
		Pool::<T>::put(pool);
		Self::deposit_event(Event::InstantlyRedeemed { who, shares, assets, fee: quote.fee });
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
			.quote_instant(Shares(shares), uncovered, &Self::parameters(), Self::now())
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
		ParametersSchedule::<T>::mutate(|schedule| {
			*schedule = schedule.then(from, parameters, now);
		});
		Self::deposit_event(Event::ParametersSet { parameters, from });
		Ok(())
	}

	/// The parameters that act in this block.
	pub(crate) fn parameters() -> Parameters {
		ParametersSchedule::<T>::get().at(Self::now())
	}

	pub(crate) fn do_claim(id: BatchId, owner: T::AccountId) -> DispatchResult {
		let redemption = Redemptions::<T>::get(&owner, id).ok_or(Error::<T>::NothingToClaim)?;
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
		let mut batch = Batches::<T>::get(id).ok_or(Error::<T>::NotClaimableYet)?;
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
		let mut pool = Pool::<T>::get();
		let active = T::Staking::active_era();
		ensure!(max_steps > 0 && Self::has_work(&pool, active), Error::<T>::NothingToDo);
		let mut meter = WeightMeter::with_limit(Self::advance_weight(max_steps));
		meter.consume(T::WeightInfo::on_poll_idle());
		Self::work(&mut pool, active, &mut meter, max_steps);
		Pool::<T>::put(pool);
		Ok(Some(meter.consumed()).into())
	}

	/// The weight of a call that does `max_steps` steps.
	pub(crate) fn advance_weight(max_steps: u32) -> Weight {
		Self::max_step_weight()
			.saturating_mul(max_steps.into())
			.saturating_add(T::WeightInfo::on_poll_idle())
	}

	/// Shares that a deposit of `assets` buys in this block: at least one.
	pub(crate) fn shares_for(pool: &PoolState, assets: Balance) -> Result<Shares, DispatchError> {
		let now = Self::now();
		ensure!(!pool.is_worthless(now), Error::<T>::ClassWiped);
		let ahead = pool.settlements_ahead(T::Staking::active_era());
		let shares = pool.entry_price(now, ahead).to_shares(Assets(assets));
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
