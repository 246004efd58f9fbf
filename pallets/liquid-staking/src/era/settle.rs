// SPDX-License-Identifier: Apache-2.0

//! The settlement of an era: sweeps the rewards, takes the fees, renews the stream, closes the open
//! batch, and if need be the class of shares.

use super::outcome::{Done, Next};
use crate::{
	accounts::{now, KEEP},
	books::{PoolState, Settlements},
	failures::{tell, Step},
	parameters::Parameters,
	rates, records,
	redemptions::{close_batch, close_class},
	settings,
	weights::WeightInfo,
	Config, Error, Event, Pallet, Queue,
};
use frame_support::{
	storage::with_storage_layer,
	traits::{
		fungible::{Inspect, Mutate},
		fungibles::Mutate as _,
		tokens::{Fortitude, Provenance},
		DefensiveResult, Get,
	},
	weights::Weight,
};
use holdfast_primitives::{Assets, Balance, Dues, EraIndex, LossCover, Shares, StakingBackend};
use sp_runtime::{traits::EnsureSub, DispatchError, DispatchResult};

pub(super) fn worst<T: Config>() -> Weight {
	T::WeightInfo::step_settle()
		.max(T::WeightInfo::step_settle_class())
		.saturating_add(T::Cover::collect_weight())
}

pub(super) fn step<T: Config>(pool: &mut PoolState) -> Done {
	if let Err(error) = records::all_or_nothing(pool, settle::<T>) {
		tell::<T>(Step::Settle, None, error);
	}
	Done { cost: worst::<T>(), next: Next::Following }
}

fn settle<T: Config>(pool: &mut PoolState) -> DispatchResult {
	let (now, era) = (now::<T>(), pool.working_era());
	let eras = pool.settled_era().map_or(1, |last| era.saturating_sub(last));
	let swept = sweep_rewards::<T>(era)?;
	let taken = take_fees::<T>(swept, settings::parameters::<T>(pool))?;
	pool.book_reward(Assets(swept.ensure_sub(taken.total())?), eras, now)?;
	enter_treasury::<T>(pool, taken, now)?;

	let mut queue = records::queue::<T>()?;
	// The work may be late: what leaves now has been at stake up to the active era.
	let exposed = T::Staking::active_era().unwrap_or(era);
	close_batch::<T>(pool, &mut queue, exposed)?;
	if pool.is_wiped(now) && pool.open_shares() == 0 && !queue.is_full() {
		match records::all_or_nothing(pool, |pool| close_class::<T>(pool, exposed)) {
			Ok(last) => queue.try_push(last).defensive_map_err(|_| Error::<T>::QueueFull)?,
			Err(error) => tell::<T>(Step::Settle, None, error),
		}
	}
	if pool.reported() > 0 {
		pool.attribute(&queue, &records::reports::<T>()?, now);
	}
	Queue::<T>::put(queue);
	pool.retire();
	pool.end_settlement(era);
	rates::keep::<T>(pool, era, now);
	Ok(())
}

/// Sweeps the reward account into the pot. Returns what was in it.
fn sweep_rewards<T: Config>(era: EraIndex) -> Result<Balance, DispatchError> {
	let account = Pallet::<T>::reward_account();
	let assets = T::Currency::reducible_balance(&account, KEEP, Fortitude::Polite);
	if assets > 0 {
		T::Currency::transfer(&account, &Pallet::<T>::pot_account(), assets, KEEP)?;
		Pallet::<T>::deposit_event(Event::RewardsCollected { era, assets });
	}
	Ok(assets)
}

/// What is taken from a reward, in assets.
#[derive(Clone, Copy)]
struct Fees {
	/// The premium for the insurance fund's underwriters.
	premium: Balance,
	/// The insurance fund's part of the protocol's fee.
	fund: Balance,
	/// The treasury's part of it.
	treasury: Balance,
}

impl Fees {
	fn total(self) -> Balance {
		self.premium.saturating_add(self.fund).saturating_add(self.treasury)
	}
}

/// Takes the fees out of what was swept, and pays the insurance fund its dues. What the fund does not take
/// of its part of the protocol's fee stays with the holders.
fn take_fees<T: Config>(swept: Balance, parameters: Parameters) -> Result<Fees, DispatchError> {
	let total = parameters.reward_fee.mul_ceil(swept);
	let insurance = T::InsuranceAccount::get();
	let part = parameters.fund_share.mul_floor(total);
	let mut treasury = total.saturating_sub(part);
	let dues = T::Cover::dues(swept, part);
	let mut dues =
		Dues { premium: dues.premium.min(swept.saturating_sub(total)), fee: dues.fee.min(part) };
	let accepted = T::Currency::can_deposit(&insurance, dues.total(), Provenance::Extant);
	// Without an account that takes it, the treasury gets it all.
	if accepted.into_result().is_err() {
		(dues, treasury) = (Dues::default(), total);
	}
	if dues.total() > 0 {
		T::Currency::transfer(&Pallet::<T>::pot_account(), &insurance, dues.total(), KEEP)?;
		T::Cover::collected(dues);
	}
	if dues.premium > 0 {
		Pallet::<T>::deposit_event(Event::PremiumPaid { assets: dues.premium });
	}
	Ok(Fees { premium: dues.premium, fund: dues.fee, treasury })
}

/// Lets the treasury enter the pool with its part of the fee.
fn enter_treasury<T: Config>(pool: &mut PoolState, fees: Fees, now: u32) -> DispatchResult {
	let assets = Assets(fees.treasury);
	let ahead = Settlements::NEXT;
	// The reward account was just swept.
	let unswept = Assets(0);
	let shares = pool.entry_price(now, ahead, unswept).to_shares(assets).unwrap_or_default();
	let enters = pool.shares() > 0 && !pool.is_worthless(now);
	let shares = if enters { shares } else { Shares(0) };
	let token = Pallet::<T>::share_asset(pool.class());
	let minted = with_storage_layer(|| T::Shares::mint_into(token, &T::Treasury::get(), shares.0));
	let shares = if minted.is_ok() { shares } else { Shares(0) };
	if shares.0 > 0 {
		pool.issue(assets, shares, now, ahead, unswept)?;
	} else {
		// Too little for a share, or none to be had: the holders', like every reward.
		pool.book_gift(assets)?;
	}
	if fees.fund > 0 || fees.treasury > 0 {
		Pallet::<T>::deposit_event(Event::FeeTaken {
			fund: fees.fund,
			treasury: fees.treasury,
			shares: shares.0,
		});
	}
	Ok(())
}
