// SPDX-License-Identifier: Apache-2.0

//! What can be asked of the pool. Not for runtime code: these iterate.

use crate::{
	accounts::{now, KEEP},
	books::{Payment, PoolState, Redemption, Scan},
	holders::{exit_price, quote_instant, shares_for, unswept},
	parameters::Parameters,
	rates, records, settings,
	stashes::nomination_of,
	tokens::{self, ShareIdOf},
	Batches, Config, Error, Pallet, Pool, Queue, RatePoint, Rates, Redemptions, StashOf, Stashes,
};
use alloc::vec::Vec;
use frame_support::traits::{
	fungible::Inspect,
	tokens::{Fortitude, Provenance},
	Get,
};
use holdfast_primitives::{
	Assets, Balance, BatchId, Chunk, EraIndex, InstantCapacity, RedemptionInfo, RedemptionState,
	Shares, StashInfo, StashToPlace,
};
use sp_runtime::{
	traits::{CheckedDiv, CheckedMul},
	FixedI128, FixedPointNumber, FixedU128,
};

impl<T: Config> Pallet<T> {
	/// The validator that each stash in use nominates, and what it stakes.
	pub fn nominations() -> Vec<StashToPlace<T::AccountId>> {
		let place = |(index, stash): (u32, StashOf<T>)| StashToPlace {
			index,
			nominates: nomination_of::<T>(index),
			stake: stash.active(),
		};
		records_in_use::<T>().filter(|(_, stash)| stash.active() > 0).map(place).collect()
	}
}

/// The stashes in use that have a record.
fn records_in_use<T: Config>() -> impl Iterator<Item = (u32, StashOf<T>)> {
	(0..Pool::<T>::get().stashes()).filter_map(|index| Some((index, Stashes::<T>::get(index)?)))
}

pub(crate) fn exchange_rate<T: Config>() -> FixedU128 {
	records::pool::<T>().map_or(FixedU128::default(), |pool| exit_price::<T>(&pool).rate())
}

pub(crate) fn total_assets<T: Config>() -> Balance {
	Pool::<T>::get().total_assets(now::<T>()).0
}

pub(crate) fn preview_deposit<T: Config>(assets: Balance) -> Option<Balance> {
	let pool = records::pool::<T>().ok()?;
	let shares = shares_for::<T>(&pool, Assets(assets), unswept::<T>(&pool));
	shares.map(|shares| shares.0).ok()
}

pub(crate) fn preview_redeem<T: Config>(shares: Balance) -> Option<Balance> {
	let pool = records::pool::<T>().ok()?;
	exit_price::<T>(&pool).to_assets(Shares(shares)).map(|assets| assets.0)
}

pub(crate) fn preview_redeem_instantly<T: Config>(shares: Balance) -> Option<Balance> {
	let pool = records::pool::<T>().ok()?;
	quote_instant::<T>(&pool, Shares(shares)).map(|quote| quote.payout().0).ok()
}

pub(crate) fn parameters_in_force<T: Config>() -> Option<(Parameters, Option<(u32, Parameters)>)> {
	let pool = records::pool::<T>().ok()?;
	let next = settings::schedule::<T>(&pool).next.filter(|(from, _)| *from > now::<T>());
	Some((settings::parameters::<T>(&pool), next))
}

pub(crate) fn share_class<T: Config>() -> (u32, ShareIdOf<T>) {
	let class = Pool::<T>::get().class();
	(class, Pallet::<T>::share_asset(class))
}

pub(crate) fn stashes<T: Config>() -> Vec<StashInfo<T::AccountId>> {
	records_in_use::<T>()
		.map(|(index, stash)| StashInfo {
			index,
			account: Pallet::<T>::stash_account(index),
			active: stash.active(),
			validator: nomination_of::<T>(index),
			unlocking: stash.unlocking().to_vec(),
		})
		.collect()
}

pub(crate) fn redemptions_of<T: Config>(owner: T::AccountId) -> Vec<RedemptionInfo> {
	let pool = Pool::<T>::get();
	let mut redemptions: Vec<RedemptionInfo> = Redemptions::<T>::iter_prefix(owner)
		.map(|(id, redemption)| describe::<T>(&pool, id, redemption))
		.collect();
	redemptions.sort_unstable_by_key(|redemption| redemption.batch);
	redemptions
}

fn describe<T: Config>(pool: &PoolState, id: BatchId, redemption: Redemption) -> RedemptionInfo {
	let shares = Shares(redemption.shares());
	let queued = Queue::<T>::get().into_iter().find(|queued| queued.id() == id);
	// What its owner would get if the rest were released now.
	let waiting = queued.map_or(0, |queued| {
		Payment::new(Shares(queued.shares()), Assets(queued.owed()))
			.pay(shares)
			.map_or(0, |assets| assets.0)
	});
	let mut batch = Batches::<T>::get(id);
	let paid = batch.as_mut().and_then(|batch| batch.pay(redemption).ok().flatten());
	let (assets, withheld, state) = match (batch, paid) {
		(None, _) if id == pool.open_batch() => {
			let price = pool.exit_price(now::<T>(), Assets(0));
			let assets = price.to_assets(shares).unwrap_or_default();
			(assets.0, 0, RedemptionState::Open)
		},
		(None, _) => (waiting, 0, RedemptionState::Unbonding),
		(Some(_), Some((assets, _))) => (assets.0, waiting, RedemptionState::Claimable),
		(Some(_), None) => (0, waiting, RedemptionState::Withheld),
	};
	let expected_era = match state {
		RedemptionState::Unbonding => expected_era::<T>(pool, id),
		RedemptionState::Claimable => pool.era(),
		RedemptionState::Open | RedemptionState::Withheld => None,
	};
	RedemptionInfo { batch: id, shares: shares.0, assets, withheld, state, expected_era }
}

/// The first era in which idle assets and matured chunks fund all batches up to `batch`.
///
/// Read from the ledgers, never from a constant: the bonding duration may change.
fn expected_era<T: Config>(pool: &PoolState, batch: BatchId) -> Option<EraIndex> {
	let owed = Queue::<T>::get()
		.iter()
		.filter(|queued| queued.id() <= batch)
		.fold(0, |sum: Balance, queued| sum.saturating_add(queued.owed()));
	let mut chunks: Vec<Chunk> =
		records_in_use::<T>().flat_map(|(_, stash)| stash.unlocking().to_vec()).collect();
	chunks.sort_unstable_by_key(|chunk| chunk.era);
	let mut funds = pool.idle();
	if funds >= owed {
		// The next era work.
		return pool.era().and_then(|era| era.checked_add(1));
	}
	chunks.into_iter().find_map(|chunk| {
		funds = funds.saturating_add(chunk.value);
		(funds >= owed).then_some(chunk.era)
	})
}

pub(crate) fn max_deposit<T: Config>(who: T::AccountId) -> Balance {
	let Ok(pool) = records::pool::<T>() else { return 0 };
	let free = T::Currency::reducible_balance(&who, KEEP, Fortitude::Polite);
	match shares_for::<T>(&pool, Assets(free), unswept::<T>(&pool)) {
		Ok(_) => free,
		Err(_) => 0,
	}
}

pub(crate) fn max_redeem<T: Config>(owner: &T::AccountId) -> Balance {
	records::pool::<T>().map_or(0, |pool| tokens::held::<T>(pool.class(), owner).0)
}

pub(crate) fn max_redeem_instantly<T: Config>(owner: &T::AccountId) -> Balance {
	let Ok(pool) = records::pool::<T>() else { return 0 };
	let quote = |shares| quote_instant::<T>(&pool, Shares(shares));
	// A larger redemption needs more of the buffer: what fits is found by halving, in at most as many
	// steps as a balance has bits.
	let (mut fits, mut above) = (0, max_redeem::<T>(owner).saturating_add(1));
	while above.saturating_sub(fits) > 1 {
		let middle = fits.saturating_add(above.saturating_sub(fits) / 2);
		// Too few to be worth anything do fit.
		if matches!(quote(middle), Ok(_) | Err(Error::RedemptionTooSmall)) {
			fits = middle;
		} else {
			above = middle;
		}
	}
	let paid = quote(fits).is_ok_and(|quote| {
		// An account below the existential deposit cannot be opened.
		T::Currency::can_deposit(owner, quote.payout().0, Provenance::Extant).into_result().is_ok()
	});
	if paid {
		fits
	} else {
		0
	}
}

pub(crate) fn instant_capacity<T: Config>() -> InstantCapacity {
	let Ok(pool) = records::pool::<T>() else { return InstantCapacity::default() };
	let now = now::<T>();
	let parameters = settings::parameters::<T>(&pool);
	let target = parameters.buffer_target(pool.total_assets(now).0);
	let fresh = pool.scan() == Scan::Fresh;
	let available = if fresh { pool.buffer(Assets(target)).0 } else { 0 };
	InstantCapacity {
		available,
		target,
		fee_now: parameters.marginal_fee(available, target),
		fee_at_most: parameters.instant_fee_max.max(pool.least_instant_fee(now)),
	}
}

pub(crate) fn realised_apr<T: Config>(eras: u32) -> Option<FixedI128> {
	let pool = Pool::<T>::get();
	let era = pool.settled_era()?.checked_sub(eras)?;
	let kept = |then: &RatePoint| then.era == era && then.class == pool.class();
	let then = Rates::<T>::get(rates::slot::<T>(era)).filter(kept)?;
	let now = now::<T>();
	let blocks = now.checked_sub(then.block).filter(|blocks| *blocks > 0)?;
	// Both without reports: what is not lost yet is no loss.
	let growth = pool.exit_price(now, Assets(0)).rate().checked_div(&then.rate)?;
	let gain = i128::try_from(growth.into_inner()).ok()?.checked_sub(FixedI128::DIV)?;
	let years = FixedI128::checked_from_rational(T::BlocksPerYear::get(), blocks)?;
	FixedI128::from_inner(gain).checked_mul(&years)
}
