// SPDX-License-Identifier: Apache-2.0

#![doc = include_str!("../README.md")]
//! ## What stays in here
//!
//! What is peculiar to `pallet-staking`, and hidden from the pool:
//!
//! - `bond` and `bond_extra` stake less than asked when the stash has less, without an error;
//! - `rebond` does so too, and begins with the chunk that was made last, not with that of the latest era;
//! - `withdraw_unbonded` goes by the planned era, one session ahead of the active one (always, if an
//!   era is forced in every session), and wants the number of slashing spans of a stash that it kills;
//! - the number of nominators is limited. Stashes of the pool are admitted past the limit: whoever
//!   configures the chain keeps room for them in its elections;
//! - whoever has a ledger has a score, also who neither nominates nor validates: see [`VoterScore`];
//! - a slash of nothing is listed with the others, for an offence that was not the worst of its
//!   slashing span;
//! - what is unbonded in the very era of an offence bears no part of its slash as long as what stays
//!   is enough: the era of a deferred slash is counted one too late;
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

mod reports;
mod validators;
mod voters;

pub use reports::{ReportingHandler, ReportingOrigin};
pub use voters::VoterScore;

use alloc::vec::Vec;
use core::{marker::PhantomData, ops::RangeInclusive};
use frame_support::{
	ensure,
	traits::{fungible::Inspect, Get},
};
use frame_system::RawOrigin;
use holdfast_primitives::{
	Balance, Chunk, EraIndex, Ledger, StakingBackend, StakingError, StakingResult, StashReport,
};
use pallet_staking::{
	ActiveEra, Bonded, Config, CurrentEra, ErasStakersOverview, MaxNominatorsCount,
	MinNominatorBond, Nominators, Pallet, SlashingSpans, UnappliedSlashes,
};
use sp_runtime::DispatchError;
use sp_staking::{StakingAccount, StakingInterface};

/// The pool's view of `pallet-staking`.
pub struct PalletStaking<T>(PhantomData<T>);

impl<T: Config<CurrencyBalance = Balance>> PalletStaking<T> {
	/// `pallet-staking` releases chunks by the planned era. In the last session of an era that is
	/// one more than the active one, and a deferred slash could still reach them. So `act`, which
	/// reads the planned era for nothing else, finds the active one in its place.
	fn by_active_era<R>(act: impl FnOnce() -> R) -> R {
		let (active, planned) = (Self::active_era(), CurrentEra::<T>::get());
		// An era is planned before it is active.
		if active.is_none() || active == planned {
			return act();
		}
		CurrentEra::<T>::set(active);
		let result = act();
		CurrentEra::<T>::set(planned);
		result
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
		let chunks = pallet_staking::Ledger::<T>::get(stash).map(|ledger| ledger.unlocking);
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
		if let Some(mut ledger) = pallet_staking::Ledger::<T>::get(stash) {
			ledger.unlocking.sort_by_key(|chunk| key(chunk.era));
			pallet_staking::Ledger::<T>::insert(stash, ledger);
		}
	}

	/// Whether the list of chunks of `stash` is full.
	fn is_full(stash: &T::AccountId) -> Result<bool, StakingError> {
		let chunks = Self::ledger(stash)?.unwrap_or_default().unlocking.len();
		Ok(u32::try_from(chunks).unwrap_or(u32::MAX) >= T::MaxUnlockingChunks::get())
	}

	/// Whether the planned era would release a chunk that the active one does not.
	fn releases_early(stash: &T::AccountId) -> Result<bool, StakingError> {
		let active = Self::active_era().unwrap_or_default();
		let planned = CurrentEra::<T>::get().unwrap_or_default();
		let ledger = Self::ledger(stash)?.unwrap_or_default();
		Ok(ledger.unlocking.iter().any(|chunk| chunk.era > active && chunk.era <= planned))
	}
}

impl<T: Config<CurrencyBalance = Balance>> StakingBackend for PalletStaking<T> {
	type AccountId = T::AccountId;

	fn active_era() -> Option<EraIndex> {
		ActiveEra::<T>::get().map(|era| era.index)
	}

	fn minimum_bond() -> Balance {
		// Less than an existential deposit cannot be bonded, whatever the minimum is.
		MinNominatorBond::<T>::get().max(T::Currency::minimum_balance())
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
		// With a full list, unbonding withdraws first, by the planned era.
		if Self::is_full(stash)? {
			Self::withdraw(stash)?;
			ensure!(
				!(Self::is_full(stash)? && Self::releases_early(stash)?),
				StakingError::ReleasesEarly
			);
		}
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
		let spans =
			SlashingSpans::<T>::get(stash).map_or(0, |spans| spans.prior.len().saturating_add(1));
		let spans = u32::try_from(spans).unwrap_or(u32::MAX);
		Self::by_active_era(|| {
			<Pallet<T> as StakingInterface>::withdraw_unbonded(stash.clone(), spans)
		})?;
		Ok(())
	}

	fn payout_pages(era: EraIndex, validator: &T::AccountId) -> u32 {
		ErasStakersOverview::<T>::get(era, validator).map_or(0, |overview| overview.page_count)
	}

	fn pay_out(era: EraIndex, validator: &T::AccountId, page: u32) -> Result<bool, StakingError> {
		// The caller pays no fee here; payouts are open to everybody.
		let caller = RawOrigin::Signed(validator.clone()).into();
		let paid = Pallet::<T>::payout_stakers_by_page(caller, validator.clone(), era, page);
		let done_before: DispatchError = pallet_staking::Error::<T>::AlreadyClaimed.into();
		match paid {
			Ok(_) => Ok(true),
			Err(failed) if failed.error.stripped() == done_before.stripped() => Ok(false),
			Err(failed) => Err(failed.error.into()),
		}
	}

	fn slash_delay() -> EraIndex {
		match T::SlashDeferDuration::get() {
			0 => 0,
			// Applied when the era after the deferral begins.
			deferred => deferred.saturating_add(1),
		}
	}

	fn report_eras() -> RangeInclusive<EraIndex> {
		// What is due in an era is applied when it begins. What is reported for it only then, is
		// never applied.
		let active = Self::active_era().unwrap_or_default();
		active.saturating_add(1)..=active.saturating_add(Self::slash_delay())
	}

	fn lists_reports(applied_in: EraIndex) -> bool {
		UnappliedSlashes::<T>::decode_len(applied_in).is_some_and(|listed| listed > 0)
	}

	fn open_reports(
		applied_in: EraIndex,
		is_ours: impl Fn(&T::AccountId) -> bool,
	) -> Vec<StashReport<T::AccountId>> {
		if !Self::report_eras().contains(&applied_in) {
			return Vec::new();
		}
		let offence_era = applied_in.saturating_sub(Self::slash_delay());
		UnappliedSlashes::<T>::get(applied_in)
			.into_iter()
			.flat_map(|slash| {
				let validator = slash.validator;
				slash.others.into_iter().map(move |(stash, amount)| StashReport {
					stash,
					validator: validator.clone(),
					offence_era,
					amount,
				})
			})
			// Nothing is taken for an offence that is not the worst of its slashing span.
			.filter(|open| open.amount > 0 && is_ours(&open.stash))
			.collect()
	}

	fn reports_in_progress() -> bool {
		false
	}
}
