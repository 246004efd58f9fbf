// SPDX-License-Identifier: Apache-2.0

//! What can be asked of the pool. Not for runtime code: these iterate.

use crate::*;
use alloc::vec::Vec;
use frame_support::traits::{
	fungible::Inspect as _,
	fungibles::Inspect as _,
	tokens::{Fortitude, Provenance},
	Get,
};
use holdfast_primitives::{
	Balance, BatchId, Chunk, EraIndex, InstantCapacity, RedemptionInfo, RedemptionState, Shares,
	StashInfo, StashToPlace,
};
use sp_runtime::{
	traits::{CheckedDiv, CheckedMul},
	FixedI128, FixedPointNumber,
};

impl<T: Config> Pallet<T> {
	pub(crate) fn view_stashes() -> Vec<StashInfo<T::AccountId>> {
		(0..Pool::<T>::get().stashes)
			.filter_map(|index| {
				let stash = Stashes::<T>::get(index)?;
				Some(StashInfo {
					index,
					account: Self::stash_account(index),
					active: stash.active,
					validator: Self::nomination_of(index),
					unlocking: stash.unlocking.into_inner(),
				})
			})
			.collect()
	}

	pub(crate) fn view_redemptions(owner: T::AccountId) -> Vec<RedemptionInfo> {
		let pool = Pool::<T>::get();
		let mut redemptions: Vec<RedemptionInfo> = Redemptions::<T>::iter_prefix(owner)
			.map(|(id, redemption)| Self::view_redemption(&pool, id, redemption))
			.collect();
		redemptions.sort_unstable_by_key(|redemption| redemption.batch);
		redemptions
	}

	fn view_redemption(pool: &PoolState, id: BatchId, redemption: Redemption) -> RedemptionInfo {
		let shares = redemption.shares;
		let queued = Queue::<T>::get().into_iter().find(|queued| queued.id == id);
		// What its owner would get if the rest were released now.
		let waiting = queued.map_or(0, |queued| {
			Payment { shares: queued.shares, assets: queued.claim }
				.pay(Shares(shares))
				.map_or(0, |assets| assets.0)
		});
		let mut batch = Batches::<T>::get(id);
		let paid = batch.as_mut().and_then(|batch| batch.pay(redemption).ok().flatten());
		let (claimable, withheld, state) = match (batch, paid) {
			(None, _) if id == pool.open_batch => {
				let price = pool.exit_price(Self::now(), 0);
				let assets = price.to_assets(Shares(shares)).unwrap_or_default();
				(assets.0, 0, RedemptionState::Open)
			},
			(None, _) => (waiting, 0, RedemptionState::Unbonding),
			(Some(_), Some((assets, _))) => (assets.0, waiting, RedemptionState::Claimable),
			(Some(_), None) => (0, waiting, RedemptionState::Withheld),
		};
		let expected_era = match state {
			RedemptionState::Unbonding => Self::expected_era(pool, id),
			RedemptionState::Claimable => pool.era,
			RedemptionState::Open | RedemptionState::Withheld => None,
		};
		RedemptionInfo { batch: id, shares, assets: claimable, withheld, state, expected_era }
	}

	/// The first era in which idle assets and matured chunks fund all batches up to `batch`.
	///
	/// Read from the ledgers, never from a constant: the bonding duration may change.
	fn expected_era(pool: &PoolState, batch: BatchId) -> Option<EraIndex> {
		let owed = Queue::<T>::get()
			.iter()
			.filter(|queued| queued.id <= batch)
			.fold(0, |sum: Balance, queued| sum.saturating_add(queued.claim));
		let mut chunks: Vec<Chunk> = (0..pool.stashes)
			.filter_map(Stashes::<T>::get)
			.flat_map(|stash| stash.unlocking)
			.collect();
		chunks.sort_unstable_by_key(|chunk| chunk.era);
		let mut funds = pool.idle;
		if funds >= owed {
			// The next era work.
			return pool.era.and_then(|era| era.checked_add(1));
		}
		chunks.into_iter().find_map(|chunk| {
			funds = funds.saturating_add(chunk.value);
			(funds >= owed).then_some(chunk.era)
		})
	}

	pub(crate) fn view_max_deposit(who: T::AccountId) -> Balance {
		let Ok(pool) = Self::books() else { return 0 };
		let free = T::Currency::reducible_balance(&who, Self::KEEP, Fortitude::Polite);
		match Self::shares_for(&pool, free, Self::unswept(&pool)) {
			Ok(_) => free,
			Err(_) => 0,
		}
	}

	pub(crate) fn view_max_redeem(owner: T::AccountId) -> Balance {
		Self::books().map_or(0, |pool| T::Shares::balance(Self::share_asset(pool.class), &owner))
	}

	pub(crate) fn view_max_redeem_instantly(owner: T::AccountId) -> Balance {
		let Ok(pool) = Self::books() else { return 0 };
		// A larger redemption needs more of the buffer: what fits is found by halving, in at most as many
		// steps as a balance has bits.
		let (mut fits, mut above) = (0, Self::view_max_redeem(owner.clone()).saturating_add(1));
		let in_buffer = |shares| match Self::quote_instant(&pool, shares) {
			// Too few to be worth anything do fit.
			Ok(_) | Err(Error::RedemptionTooSmall) => true,
			Err(_) => false,
		};
		while above.saturating_sub(fits) > 1 {
			let middle = fits.saturating_add(above.saturating_sub(fits) / 2);
			if in_buffer(middle) {
				fits = middle;
			} else {
				above = middle;
			}
		}
		let paid = Self::quote_instant(&pool, fits).is_ok_and(|quote| {
			// An account below the existential deposit cannot be opened.
			let assets = quote.net.saturating_sub(quote.fee);
			T::Currency::can_deposit(&owner, assets, Provenance::Extant).into_result().is_ok()
		});
		if paid {
			fits
		} else {
			0
		}
	}

	pub(crate) fn view_instant_capacity() -> InstantCapacity {
		let Ok(pool) = Self::books() else { return InstantCapacity::default() };
		let parameters = Self::parameters(&pool);
		let target = parameters.buffer_target(pool.total_assets(Self::now()).0);
		let available = if pool.scan == Scan::Fresh { pool.buffer(target) } else { 0 };
		InstantCapacity {
			available,
			target,
			fee_now: parameters.marginal_fee(available, target),
			fee_at_most: parameters.instant_fee_max.max(pool.least_instant_fee(Self::now())),
		}
	}

	/// Whom each stash in use nominates, and what it stakes.
	pub fn nominations() -> Vec<StashToPlace<T::AccountId>> {
		let stashes = (0..Pool::<T>::get().stashes)
			.filter_map(|index| Some((index, Stashes::<T>::get(index)?)))
			.filter(|(_, stash)| stash.active > 0);
		let place = |(index, stash): (u32, StashOf<T>)| StashToPlace {
			index,
			nominates: Self::nomination_of(index),
			stake: stash.active,
		};
		stashes.map(place).collect()
	}

	pub(crate) fn view_apr(eras: u32) -> Option<FixedI128> {
		let pool = Pool::<T>::get();
		let era = pool.settled_era?.checked_sub(eras)?;
		let kept = |then: &RatePoint| then.era == era && then.class == pool.class;
		let then = Rates::<T>::get(Self::rate_slot(era)).filter(kept)?;
		let blocks = Self::now().checked_sub(then.block).filter(|blocks| *blocks > 0)?;
		// Both without reports: what is not lost yet is no loss.
		let growth = pool.exit_price(Self::now(), 0).rate().checked_div(&then.rate)?;
		let gain = i128::try_from(growth.into_inner()).ok()?.checked_sub(FixedI128::DIV)?;
		let years = FixedI128::checked_from_rational(T::BlocksPerYear::get(), blocks)?;
		FixedI128::from_inner(gain).checked_mul(&years)
	}
}
