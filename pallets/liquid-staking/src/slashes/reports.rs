// SPDX-License-Identifier: Apache-2.0

//! Reports: slashes that are computed and not applied. The pool reads them from the staking pallet
//! whenever they may have changed, those to be applied in one era in each step.

use crate::{
	accounts::now,
	books::{PoolState, Report, Scan},
	failures::{tell, Step},
	records,
	weights::WeightInfo,
	Config, Error, Event, Pallet, Pool, Reports, ReportsOf, StashOf, Stashes, LOG_TARGET,
};
use core::ops::RangeInclusive;
use frame_support::weights::Weight;
use holdfast_primitives::{
	shares::pro_rata_up, Assets, Balance, EraIndex, InsuredPool, LossCover, OnReports, OpenReport,
	StakingBackend,
};
use sp_runtime::DispatchError;

impl<T: Config> OnReports for Pallet<T> {
	/// The next block reads the reports again. Until then, instant redemptions wait.
	fn reports_changed() {
		match records::pool::<T>() {
			Ok(mut pool) => {
				pool.doubt_reports();
				Pool::<T>::put(pool);
			},
			Err(_) => {
				log::error!(target: LOG_TARGET, "reports have changed, and the books cannot be decoded")
			},
		}
	}
}

impl<T: Config> InsuredPool<T::AccountId> for Pallet<T> {
	fn reports_fresh() -> bool {
		records::pool::<T>().is_ok_and(|pool| pool.scan() == Scan::Fresh)
	}

	fn stake_with(validator: &T::AccountId) -> Balance {
		(0..Pool::<T>::get().stashes())
			.filter_map(Stashes::<T>::get)
			.filter(|stash| stash.nominations().iter().any(|n| n.validator() == validator))
			.fold(0, |sum: Balance, stash| sum.saturating_add(stash.total()))
	}
}

/// The most that reading the reports of one era weighs, with what it weighs to tell the cover.
pub(crate) fn scan_weight<T: Config>() -> Weight {
	T::WeightInfo::step_scan().saturating_add(T::Cover::reported_weight())
}

/// The most that the next step of reading weighs. The last of them tells the cover.
pub(crate) fn next_scan_weight<T: Config>(pool: &PoolState) -> Weight {
	let eras = T::Staking::report_eras();
	if scanned_next(pool, &eras) < *eras.end() {
		T::WeightInfo::step_scan()
	} else {
		scan_weight::<T>()
	}
}

/// Reads the open slashes of one era from the staking pallet.
///
/// Whatever is no longer among them, because it was cancelled or because its era has passed,
/// is forgotten.
///
/// Returns whether the next era can be read at once, and what it cost: in most eras nothing was
/// reported. Instant redemptions wait until all are read.
pub(crate) fn step_scan<T: Config>(pool: &mut PoolState) -> (bool, Weight) {
	let worst = next_scan_weight::<T>(pool);
	match records::all_or_nothing(pool, scan::<T>) {
		Ok(cost) => (matches!(pool.scan(), Scan::At(_)), cost),
		Err(error) => {
			tell::<T>(Step::Scan, None, error);
			(false, worst)
		},
	}
}

/// The era whose reports are read next.
fn scanned_next(pool: &PoolState, eras: &RangeInclusive<EraIndex>) -> EraIndex {
	match pool.scan() {
		Scan::At(era) if eras.contains(&era) => era,
		_ => *eras.start(),
	}
}

/// Returns what it cost.
fn scan<T: Config>(pool: &mut PoolState) -> Result<Weight, DispatchError> {
	let eras = T::Staking::report_eras();
	let era = scanned_next(pool, &eras);
	let mut reports = records::reports::<T>()?;
	let was = reports.clone();
	let cost = read_era::<T>(&mut reports, &eras, era);
	let next = era.saturating_add(1);
	let is_last = !eras.contains(&next);
	let told = book::<T>(pool, &was, &reports, is_last)?;
	Reports::<T>::put(reports);
	pool.scanned(if !is_last {
		Scan::At(next)
	} else if T::Staking::reports_in_progress() {
		Scan::Stale
	} else {
		Scan::Fresh
	});
	Ok(cost.saturating_add(told))
}

/// Replaces the reports of `era` in `reports` by those that the staking pallet has now, and forgets those
/// of eras other than `eras`. Returns what it cost.
fn read_era<T: Config>(
	reports: &mut ReportsOf<T>,
	eras: &RangeInclusive<EraIndex>,
	era: EraIndex,
) -> Weight {
	reports.retain(|report| eras.contains(&report.applied_in) && report.applied_in != era);
	let is_ours = |stash: &T::AccountId| Pallet::<T>::stash_index(stash).is_some();
	for open in T::Staking::open_reports(era, is_ours) {
		let Some(stash) = Pallet::<T>::stash_index(&open.stash) else { continue };
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
		if let Err(report) = reports.try_push(report) {
			merge::<T>(reports, report);
		}
	}
	if T::Staking::lists_reports(era) {
		T::WeightInfo::step_scan()
	} else {
		T::WeightInfo::step_scan_none()
	}
}

/// Without room for each of them, amounts of one era still sum up. It says so.
fn merge<T: Config>(reports: &mut ReportsOf<T>, report: Report<T::AccountId>) {
	let (stash, amount) = (report.stash, report.amount);
	match reports.iter_mut().find(|other| other.applied_in == report.applied_in) {
		Some(other) => {
			other.amount = other.amount.saturating_add(amount);
			Pallet::<T>::deposit_event(Event::ReportMerged { stash, into: other.stash, amount });
		},
		None => tell::<T>(Step::Scan, Some(stash), Error::<T>::TooManyReports),
	}
}

/// Books `reports`, which were `was`. The last step of a round tells the cover if any has changed; returns
/// what that cost.
fn book<T: Config>(
	pool: &mut PoolState,
	was: &ReportsOf<T>,
	reports: &ReportsOf<T>,
	is_last: bool,
) -> Result<Weight, DispatchError> {
	let total = reports.iter().fold(0, |sum: Balance, report| sum.saturating_add(report.amount));
	let before = pool.reported();
	let released = pool.sync_reported(Assets(total))?;
	pool.attribute(&records::queue::<T>()?, reports, now::<T>());
	if reports != was {
		pool.note_change_of_reports();
		// What was withheld for them may be paid now.
		pool.let_funds_wait(pool.funds_wait() || (pool.owed() > 0 && total < before));
	}
	let mut cost = Weight::zero();
	if is_last && pool.take_change_of_reports() {
		cost = T::Cover::reported_weight();
		T::Cover::reported(reports.iter().map(|report| OpenReport {
			validator: report.validator.clone(),
			offence_era: report.offence_era,
			applied_in: report.applied_in,
			amount: report.amount,
		}));
	}
	if total != before {
		Pallet::<T>::deposit_event(Event::ReportsChanged { reported: total, released: released.0 });
	}
	Ok(cost)
}

/// The part of the open reports that the holders would pay.
pub(crate) fn uncovered<T: Config>(pool: &PoolState) -> Assets {
	let reported = pool.reported();
	if reported == 0 {
		return Assets(0);
	}
	pool.uncovered_of_holders(Assets(T::Cover::uncovered(reported).min(reported)))
}

/// What the open reports may take of what unbonds: of each, the part that is unbonding of what its
/// stash has, less what cover pays. A slash takes no larger part of it, whichever chunks it spares.
pub(crate) fn unbonding_at_risk<T: Config>(
	pool: &PoolState,
	stashes: &[StashOf<T>],
) -> Result<Assets, Error<T>> {
	let reported = pool.reported();
	if reported == 0 || pool.unbonding() == 0 {
		return Ok(Assets(0));
	}
	let mut sum: Balance = 0;
	for report in records::reports::<T>()? {
		let index = usize::try_from(report.stash).unwrap_or(usize::MAX);
		// One that is not in use has nothing that unbonds.
		let Some(stash) = stashes.get(index) else { continue };
		let part = pro_rata_up(report.amount, stash.unlocking_total(), stash.total());
		sum = sum.saturating_add(part.unwrap_or(0));
	}
	let uncovered = T::Cover::uncovered(reported).min(reported);
	let part = pro_rata_up(sum, uncovered, reported).unwrap_or(sum);
	Ok(Assets(part.min(pool.unbonding())))
}
