// SPDX-License-Identifier: Apache-2.0

//! Slashes: those that are reported, which lower the exit price, and those that land.

use crate::*;
use alloc::collections::BTreeMap;
use core::ops::RangeInclusive;
use frame_support::pallet_prelude::{DispatchError, Weight};
use holdfast_primitives::{
	Balance, EraIndex, InsuredPool, Loss, LossCover, OnReports, OpenReport, StakingBackend,
};
use sp_staking::OnStakingUpdate;

/// The reports as the books take them: the era of the offence, and the amount.
pub(crate) fn open_reports<AccountId>(
	reports: &[Report<AccountId>],
) -> impl Iterator<Item = (EraIndex, Balance)> + '_ {
	reports.iter().map(|report| (report.offence_era, report.amount))
}

impl<T: Config> OnReports for Pallet<T> {
	/// The next block reads the reports again. Until then, instant redemptions wait.
	fn reports_changed() {
		match Self::books() {
			Ok(pool) => Pool::<T>::put(PoolState { scan: Scan::Stale, ..pool }),
			Err(_) => {
				log::error!(target: LOG_TARGET, "reports have changed, and the books cannot be decoded")
			},
		}
	}
}

impl<T: Config> InsuredPool<T::AccountId> for Pallet<T> {
	fn reports_fresh() -> bool {
		Self::books().is_ok_and(|pool| pool.scan == Scan::Fresh)
	}

	fn stake_with(validator: &T::AccountId) -> Balance {
		(0..Pool::<T>::get().stashes)
			.filter_map(Stashes::<T>::get)
			.filter(|stash| stash.nominations.iter().any(|n| n.validator == *validator))
			.fold(0, |sum: Balance, stash| sum.saturating_add(stash.total()))
	}
}

impl<T: Config> Pallet<T> {
	/// Reads the open slashes of one era from the staking pallet.
	///
	/// Whatever is no longer among them, because it was cancelled or because its era has passed,
	/// is forgotten.
	///
	/// Returns whether the next era can be read at once, and what it cost: in most eras nothing was reported.
	/// Instant redemptions wait until all are read.
	pub(crate) fn step_scan(pool: &mut PoolState) -> (bool, Weight) {
		let most = Self::next_scan_weight(pool);
		match Self::scan(pool.clone()) {
			Ok((next, cost)) => {
				*pool = next;
				(matches!(pool.scan, Scan::At(_)), cost)
			},
			Err(error) => {
				Self::failed(Step::Scan, None, error);
				(false, most)
			},
		}
	}

	/// The era whose reports are read next.
	fn scanned_next(pool: &PoolState, eras: &RangeInclusive<EraIndex>) -> EraIndex {
		match pool.scan {
			Scan::At(era) if eras.contains(&era) => era,
			_ => *eras.start(),
		}
	}

	/// The most that the next step weighs. The last of them tells the cover.
	pub(crate) fn next_scan_weight(pool: &PoolState) -> Weight {
		let eras = T::Staking::open_slash_eras();
		if Self::scanned_next(pool, &eras) < *eras.end() {
			T::WeightInfo::step_scan()
		} else {
			Self::scan_weight()
		}
	}

	fn scan(mut pool: PoolState) -> Result<(PoolState, Weight), DispatchError> {
		let eras = T::Staking::open_slash_eras();
		let era = Self::scanned_next(&pool, &eras);
		let mut reports = Self::reports()?;
		let was = reports.clone();
		reports.retain(|report| eras.contains(&report.applied_in) && report.applied_in != era);
		let mut cost = match T::Staking::lists_slashes(era) {
			true => T::WeightInfo::step_scan(),
			false => T::WeightInfo::step_scan_none(),
		};
		for open in T::Staking::open_slashes(era, |stash| Self::stash_index(stash).is_some()) {
			let Some(stash) = Self::stash_index(&open.stash) else { continue };
			let known = reports.iter_mut().find(|r| r.stash == stash && r.applied_in == era);
			if let Some(report) = known {
				report.amount = report.amount.saturating_add(open.amount);
				continue;
			}
			let report = Report {
				stash,
				validator: open.validator,
				offence_era: open.offence_era,
				applied_in: era,
				amount: open.amount,
			};
			let Err(report) = reports.try_push(report) else { continue };
			// Without room for each of them, amounts of one era still sum up.
			match reports.iter_mut().find(|other| other.applied_in == era) {
				Some(other) => other.amount = other.amount.saturating_add(report.amount),
				None => Self::failed(Step::Scan, Some(stash), Error::<T>::TooManyReports.into()),
			}
		}
		let total =
			reports.iter().fold(0, |sum: Balance, report| sum.saturating_add(report.amount));
		let before = pool.reported;
		let released = pool.report(total)?;
		pool.attribute(&Self::queue()?, open_reports(&reports), Self::now());
		if reports != was {
			pool.reports_changed = true;
			// What was withheld for them may be paid now.
			pool.funds_wait |= pool.owed > 0 && total < before;
		}
		let next = era.saturating_add(1);
		let is_last = !eras.contains(&next);
		if is_last && core::mem::take(&mut pool.reports_changed) {
			cost = cost.saturating_add(T::Cover::reported_weight());
			T::Cover::reported(reports.iter().map(|report| OpenReport {
				validator: report.validator.clone(),
				offence_era: report.offence_era,
				applied_in: report.applied_in,
				amount: report.amount,
			}));
		}
		Reports::<T>::put(reports);
		if pool.reported != before {
			Self::deposit_event(Event::ReportsChanged { reported: pool.reported, released });
		}
		pool.scan = if !is_last {
			Scan::At(next)
		} else if T::Staking::reports_in_progress() {
			Scan::Stale
		} else {
			Scan::Fresh
		};
		Ok((pool, cost))
	}

	/// The part of the open reports that the holders would pay.
	pub(crate) fn uncovered(pool: &PoolState) -> Balance {
		if pool.reported == 0 {
			return 0;
		}
		pool.uncovered_of_holders(T::Cover::uncovered(pool.reported).min(pool.reported))
	}

	/// What stash `index` has lost while `active` is the active era. Takes the report of it out of the
	/// records. What was not reported happened as long ago as a report would have.
	fn take_report(
		index: u32,
		account: &T::AccountId,
		active: EraIndex,
		amount: Balance,
	) -> Loss<T::AccountId> {
		let unknown = Loss {
			stash: account.clone(),
			validator: None,
			offence_era: active.saturating_sub(T::Staking::slash_delay()),
			applied_in: active,
			amount,
			reported: 0,
		};
		let Ok(mut reports) = Self::reports() else { return unknown };
		let due = reports
			.iter_mut()
			.filter(|report| report.stash == index && report.applied_in <= active)
			.min_by_key(|report| report.applied_in);
		let Some(report) = due else { return unknown };
		let reported = report.amount.min(amount);
		report.amount = report.amount.saturating_sub(reported);
		let loss = Loss {
			validator: Some(report.validator.clone()),
			offence_era: report.offence_era,
			applied_in: report.applied_in,
			reported,
			..unknown
		};
		reports.retain(|report| report.amount > 0);
		Reports::<T>::put(reports);
		loss
	}
}

impl<T: Config> OnStakingUpdate<T::AccountId, Balance> for Pallet<T> {
	/// Books what a stash has lost, what cover pays of it, and who bears the rest.
	///
	/// The staking pallet calls this for everybody it slashes, before it writes its own ledger and
	/// outside of any storage layer. So whether an account is a stash is told from its id alone;
	/// only the arguments, the active era and the pool's own records are read; nothing here fails. If
	/// one of these records cannot be decoded, none is touched, and [`Event::SlashNotBooked`] tells it.
	fn on_slash(
		account: &T::AccountId,
		new_active: Balance,
		new_unlocking: &BTreeMap<EraIndex, Balance>,
		slashed_total: Balance,
	) {
		let Some(index) = Self::stash_index(account) else { return };
		if !Stashes::<T>::contains_key(index) {
			return;
		}
		let records = || Ok::<_, Error<T>>((Self::stash(index)?, Self::books()?, Self::queue()?));
		let Ok((mut stash, mut pool, mut queue)) = records() else {
			log::error!(target: LOG_TARGET, "a slash of stash {index} cannot be booked");
			Self::deposit_event(Event::SlashNotBooked { stash: index, assets: slashed_total });
			return;
		};
		// Saturating throughout: a slash never adds, and a record that disagrees with the staking
		// pallet is corrected by the era work.
		let active = stash.active.saturating_sub(new_active);
		let unlocking = slashed_total.saturating_sub(active).min(stash.unlocking_total());
		stash.active = stash.active.min(new_active);
		stash.lose_unlocking(unlocking, new_unlocking);
		// As the staking pallet does with a chunk that is wiped out.
		stash.unlocking.retain(|chunk| chunk.value > 0);
		let era = T::Staking::active_era().unwrap_or_default();
		if let (0, Some(target)) = (stash.total(), stash.target().cloned()) {
			// It may be exposed in this era yet, and in the next.
			stash.set_target(target, era);
		}
		Stashes::<T>::insert(index, stash);

		let lost = active.saturating_add(unlocking);
		let loss = Self::take_report(index, account, era, lost);
		let cover = T::Cover::cover(&loss, &Self::pot_account()).min(lost);
		let (offence_era, reported) = (loss.offence_era, loss.reported);
		let taken = Taken { active, unlocking, cover, reported, offence_era };
		let batches = pool.lose(taken, queue.as_mut(), Self::now());
		Queue::<T>::put(queue);
		Pool::<T>::put(pool);
		Self::deposit_event(Event::Slashed {
			stash: index,
			validator: loss.validator,
			offence_era,
			assets: lost,
			covered: cover,
			batches,
		});
	}
}
