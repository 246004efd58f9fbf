// SPDX-License-Identifier: GPL-3.0-only

#![doc = include_str!("../README.md")]
//! ## What stays in here
//!
//! What is peculiar to `pallet-staking-async`, and hidden from the pool:
//!
//! - time goes by the active era: chunks are made and released by it, and `current_era` of its
//!   `StakingInterface` means it. The era that is planned is in the storage item of that name;
//! - `bond` and `bond_extra` stake less than asked when the stash has less, without an error;
//! - `rebond` does so too, and begins with the chunk that was made last, not with that of the latest era;
//! - an offence waits in a queue, from which a block takes one page of the nominators of one
//!   validator. Until then nothing tells how much they will lose, and chunks that could be liable
//!   are kept back;
//! - a slash is due in the era of the offence plus the deferral, and a block of that era applies
//!   one page of it. What is left over when the era ends is applied by whoever asks for it, and
//!   nobody can withdraw in the era after;
//! - a cancelled slash stays where it was until it is due, and is noted elsewhere;
//! - nominators may be declared not slashable. Then none of their slashes is ever open, and they
//!   unbond faster: the era of a chunk is read from the ledger, never computed;
//! - only registered validators can be nominated;
//! - the number of nominators is limited. Stashes of the pool are admitted past the limit: whoever
//!   configures the chain keeps room for them in its elections;
//! - a payout that somebody else has made is an error.

#![cfg_attr(not(feature = "std"), no_std)]
#![cfg_attr(
	not(test),
	deny(
		clippy::arithmetic_side_effects,
		clippy::expect_used,
		clippy::indexing_slicing,
		clippy::panic,
		clippy::unwrap_used
	)
)]

extern crate alloc;

use alloc::vec::Vec;
use core::{marker::PhantomData, ops::RangeInclusive};
use frame_support::{ensure, storage::StorageDoubleMap as _, traits::Get};
use frame_system::RawOrigin;
use holdfast_primitives::{
	Balance, Chunk, EraIndex, Ledger, StakingBackend, StakingError, StakingResult, StashReport,
};
use pallet_staking_async::{
	ActiveEra, Bonded, CancelledSlashes, Config, ErasStakersOverview, MaxNominatorsCount,
	Nominators, OffenceQueueEras, Pallet, ProcessingOffence, UnappliedSlashes,
};
use sp_runtime::DispatchError;
use sp_staking::{StakingAccount, StakingInterface};

/// The pool's view of `pallet-staking-async`.
pub struct PalletStakingAsync<T>(PhantomData<T>);

impl<T: Config<CurrencyBalance = Balance>> PalletStakingAsync<T> {
	/// The oldest era whose left over slashes are looked for: as far back as the pallet's own
	/// check of its state looks.
	fn oldest_slash_era(active: EraIndex) -> EraIndex {
		active.saturating_sub(T::BondingDuration::get())
	}

	/// The last era in which a slash may be due: that of an offence in the active era.
	fn newest_slash_era(active: EraIndex) -> EraIndex {
		active.saturating_add(T::SlashDeferDuration::get())
	}

	/// Lets `act` admit `stash` to the nominators, however many there are.
	fn past_maximum<R>(stash: &T::AccountId, act: impl FnOnce() -> R) -> R {
		let most = MaxNominatorsCount::<T>::get();
		let full = most.is_some_and(|most| Nominators::<T>::count() >= most);
		if !full || Nominators::<T>::contains_key(stash) {
			return act();
		}
		MaxNominatorsCount::<T>::kill();
		let result = act();
		MaxNominatorsCount::<T>::set(most);
		result
	}

	/// Lets `act`, which begins with the last chunk of `stash`, find the one with the latest era there.
	/// That is not the one that was made last if the bonding duration has become shorter. Afterwards they
	/// are as they were made, so that the next one of the same era is added to the last.
	fn by_era<R>(stash: &T::AccountId, act: impl FnOnce() -> R) -> R {
		let chunks = pallet_staking_async::Ledger::<T>::get(stash).map(|ledger| ledger.unlocking);
		let made: Vec<EraIndex> = chunks.iter().flatten().map(|chunk| chunk.era).collect();
		if made.is_sorted() {
			return act();
		}
		Self::sort_chunks(stash, |era| era);
		let result = act();
		Self::sort_chunks(stash, |era| made.iter().position(|made| *made == era));
		result
	}

	/// Sorts the chunks of `stash` by a key of their eras. They are no more than
	/// `MaxUnlockingChunks`.
	fn sort_chunks<Key: Ord>(stash: &T::AccountId, key: impl Fn(EraIndex) -> Key) {
		if let Some(mut ledger) = pallet_staking_async::Ledger::<T>::get(stash) {
			ledger.unlocking.sort_by_key(|chunk| key(chunk.era));
			pallet_staking_async::Ledger::<T>::insert(stash, ledger);
		}
	}
}

impl<T: Config<CurrencyBalance = Balance>> StakingBackend for PalletStakingAsync<T> {
	type AccountId = T::AccountId;

	fn active_era() -> Option<EraIndex> {
		ActiveEra::<T>::get().map(|era| era.index)
	}

	fn minimum_bond() -> Balance {
		// Never below the existential deposit.
		<Pallet<T> as StakingInterface>::minimum_nominator_bond()
	}

	fn ledger(stash: &T::AccountId) -> Result<Option<Ledger>, StakingError> {
		let ledger = match Pallet::<T>::ledger(StakingAccount::Stash(stash.clone())) {
			Ok(ledger) => ledger,
			Err(_) if !Bonded::<T>::contains_key(stash) => return Ok(None),
			// It is there, and cannot be decoded.
			Err(error) => return Err(StakingError::Refused(error.into())),
		};
		let mut unlocking: Vec<Chunk> =
			ledger.unlocking.iter().map(|c| Chunk { era: c.era, value: c.value }).collect();
		// Out of order only if the bonding duration has become shorter.
		unlocking.sort_by_key(|chunk| chunk.era);
		Ok(Some(Ledger { active: ledger.active, unlocking }))
	}

	fn nominations(stash: &T::AccountId) -> Vec<T::AccountId> {
		Nominators::<T>::get(stash).map(|n| n.targets.into_inner()).unwrap_or_default()
	}

	fn bond(stash: &T::AccountId, value: Balance, payee: &T::AccountId) -> StakingResult {
		let before = Self::ledger(stash)?;
		match before {
			None => <Pallet<T> as StakingInterface>::bond(stash, value, payee)?,
			Some(_) => <Pallet<T> as StakingInterface>::bond_extra(stash, value)?,
		}
		let active = |ledger: Option<Ledger>| ledger.map_or(0, |ledger| ledger.active);
		ensure!(
			active(Self::ledger(stash)?).checked_sub(active(before)) == Some(value),
			StakingError::BondsLess
		);
		Ok(())
	}

	fn nominate(stash: &T::AccountId, validator: &T::AccountId) -> StakingResult {
		let targets = alloc::vec![validator.clone()];
		Ok(Self::past_maximum(stash, || <Pallet<T> as StakingInterface>::nominate(stash, targets))?)
	}

	fn chill(stash: &T::AccountId) -> StakingResult {
		Ok(<Pallet<T> as StakingInterface>::chill(stash)?)
	}

	fn unbond(stash: &T::AccountId, value: Balance) -> StakingResult {
		// With a full list, unbonding withdraws first: by the active era, so nothing leaves early.
		Ok(<Pallet<T> as StakingInterface>::unbond(stash, value)?)
	}

	fn rebond(stash: &T::AccountId, value: Balance) -> StakingResult {
		let ledger = Self::ledger(stash)?.unwrap_or_default();
		// It would stake all that there is.
		ensure!(value <= ledger.total().saturating_sub(ledger.active), StakingError::BondsLess);
		Self::by_era(stash, || Pallet::<T>::rebond(RawOrigin::Signed(stash.clone()).into(), value))
			.map_err(|failed| failed.error)?;
		Ok(())
	}

	fn withdraw(stash: &T::AccountId) -> StakingResult {
		// There are no slashing spans to be counted.
		<Pallet<T> as StakingInterface>::withdraw_unbonded(stash.clone(), 0)?;
		Ok(())
	}

	fn payout_pages(era: EraIndex, validator: &T::AccountId) -> u32 {
		ErasStakersOverview::<T>::get(era, validator).map_or(0, |overview| overview.page_count)
	}

	fn pay_out(era: EraIndex, validator: &T::AccountId, page: u32) -> Result<bool, StakingError> {
		// The caller pays no fee here; payouts are open to everybody.
		let caller = RawOrigin::Signed(validator.clone()).into();
		let paid = Pallet::<T>::payout_stakers_by_page(caller, validator.clone(), era, page);
		let done_before: DispatchError = pallet_staking_async::Error::<T>::AlreadyClaimed.into();
		match paid {
			Ok(_) => Ok(true),
			Err(failed) if failed.error.stripped() == done_before.stripped() => Ok(false),
			Err(failed) => Err(failed.error.into()),
		}
	}

	fn slash_delay() -> EraIndex {
		T::SlashDeferDuration::get()
	}

	fn report_eras() -> RangeInclusive<EraIndex> {
		let active = Self::active_era().unwrap_or_default();
		// In the active era as long as not all are applied; before it only what was left over.
		// Looks into at most one more than `BondingDuration` eras.
		let oldest = (Self::oldest_slash_era(active)..=active)
			.find(|era| UnappliedSlashes::<T>::contains_prefix(era))
			.unwrap_or(active.saturating_add(1));
		oldest..=Self::newest_slash_era(active)
	}

	fn lists_reports(applied_in: EraIndex) -> bool {
		UnappliedSlashes::<T>::contains_prefix(applied_in)
	}

	fn open_reports(
		applied_in: EraIndex,
		is_ours: impl Fn(&T::AccountId) -> bool,
	) -> Vec<StashReport<T::AccountId>> {
		let active = Self::active_era().unwrap_or_default();
		let eras = Self::oldest_slash_era(active)..=Self::newest_slash_era(active);
		if !eras.contains(&applied_in) {
			return Vec::new();
		}
		let offence_era = applied_in.saturating_sub(Self::slash_delay());
		let cancelled = CancelledSlashes::<T>::get(applied_in);
		// Bounded by the pages of the validators that offended in one era.
		UnappliedSlashes::<T>::iter_prefix(applied_in)
			.filter(|((validator, fraction, _page), _)| {
				!cancelled.iter().any(|(who, up_to)| who == validator && up_to >= fraction)
			})
			.flat_map(|(_, slash)| {
				let validator = slash.validator;
				slash.others.into_iter().map(move |(stash, amount)| StashReport {
					stash,
					validator: validator.clone(),
					offence_era,
					amount,
				})
			})
			.filter(|open| open.amount > 0 && is_ours(&open.stash))
			.collect()
	}

	fn reports_in_progress() -> bool {
		OffenceQueueEras::<T>::exists() || ProcessingOffence::<T>::exists()
	}
}
