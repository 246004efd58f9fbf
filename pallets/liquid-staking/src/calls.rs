// SPDX-License-Identifier: Apache-2.0

//! What the calls do.

use crate::*;
use frame_support::{
	ensure,
	pallet_prelude::*,
	traits::{
		fungible::{Inspect, Mutate},
		tokens::{Fortitude, Precision, Preservation},
	},
	weights::WeightMeter,
};
use holdfast_primitives::{Assets, Balance, BatchId, Shares, StakingBackend};
use sp_runtime::ArithmeticError;

impl<T: Config> Pallet<T> {
	pub(crate) fn do_deposit(
		who: T::AccountId,
		assets: Balance,
		min_shares: Balance,
	) -> DispatchResult {
		let parameters = CurrentParameters::<T>::get();
		ensure!(assets >= parameters.min_deposit, Error::<T>::DepositTooSmall);
		let mut pool = Pool::<T>::get();
		let shares = Self::shares_for(&pool, assets)?;
		ensure!(shares.0 >= min_shares && shares.0 > 0, Error::<T>::SharesBelowMinimum);

		T::Currency::transfer(&who, &Self::pot_account(), assets, Preservation::Preserve)?;
		T::Shares::mint_into(&who, shares.0)?;
		pool.issue(Assets(assets), shares)?;
		Pool::<T>::put(pool);
		Self::deposit_event(Event::Deposited { who, assets, shares: shares.0 });
		Ok(())
	}

	pub(crate) fn do_request_redeem(who: T::AccountId, shares: Balance) -> DispatchResult {
		let held = T::Shares::balance(&who);
		ensure!(shares <= held, Error::<T>::InsufficientShares);
		let mut pool = Pool::<T>::get();
		let worth = Self::assets_for(&pool, shares)?;
		let enough = worth.0 >= CurrentParameters::<T>::get().min_redemption;
		let all = shares == held && shares > 0;
		ensure!(enough || all, Error::<T>::RedemptionTooSmall);

		T::Shares::burn_from(
			&who,
			shares,
			Preservation::Expendable,
			Precision::Exact,
			Fortitude::Polite,
		)?;
		let batch = pool.open_batch;
		Redemptions::<T>::try_mutate(&who, batch, |queued| {
			*queued = queued.checked_add(shares).ok_or(ArithmeticError::Overflow)?;
			Ok::<_, ArithmeticError>(())
		})?;
		pool.queue(Shares(shares))?;
		Pool::<T>::put(pool);
		Self::deposit_event(Event::RedemptionRequested { who, batch, shares });
		Ok(())
	}

	pub(crate) fn do_claim(id: BatchId, owner: T::AccountId) -> DispatchResult {
		let shares = Redemptions::<T>::get(&owner, id);
		ensure!(shares > 0, Error::<T>::NothingToClaim);
		let mut batch = Batches::<T>::get(id)
			.filter(|batch| batch.funded)
			.ok_or(Error::<T>::NotClaimableYet)?;
		let assets = batch.pay(Shares(shares))?.0;
		// An owner without an account whose share is below the existential deposit is told so
		// here, and can claim once it has an account.
		T::Currency::transfer(&Self::pot_account(), &owner, assets, Self::KEEP)?;
		Redemptions::<T>::remove(&owner, id);
		Batches::<T>::set(id, Some(batch).filter(|batch| batch.remaining_shares > 0));
		Self::deposit_event(Event::Claimed { owner, batch: id, shares, assets });
		Ok(())
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

	/// Shares that a deposit of `assets` buys in this block.
	pub(crate) fn shares_for(pool: &PoolState, assets: Balance) -> Result<Shares, ArithmeticError> {
		pool.entry_price(Self::now()).to_shares(Assets(assets)).ok_or(ArithmeticError::Overflow)
	}

	/// Assets that `shares` are worth on exit in this block.
	pub(crate) fn assets_for(pool: &PoolState, shares: Balance) -> Result<Assets, ArithmeticError> {
		pool.exit_price(Self::now()).to_assets(Shares(shares)).ok_or(ArithmeticError::Overflow)
	}
}
