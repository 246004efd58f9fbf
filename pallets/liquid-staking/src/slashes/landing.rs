// SPDX-License-Identifier: Apache-2.0

//! A slash lands.

use crate::{
	accounts::now, books::Taken, records, Config, Error, Event, Pallet, Pool, Queue, Reports,
	Stashes, LOG_TARGET,
};
use alloc::collections::BTreeMap;
use holdfast_primitives::{Assets, Balance, EraIndex, Loss, LossCover, StakingBackend};
use sp_staking::OnStakingUpdate;

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
		let records = || {
			let stash = records::stash::<T>(index)?;
			Ok::<_, Error<T>>((stash, records::pool::<T>()?, records::queue::<T>()?))
		};
		let Ok((mut stash, mut pool, mut queue)) = records() else {
			log::error!(target: LOG_TARGET, "a slash of stash {index} cannot be booked");
			Self::deposit_event(Event::SlashNotBooked { stash: index, assets: slashed_total });
			return;
		};
		let (active, unlocking) = stash.lose(slashed_total, new_active, new_unlocking);
		let era = T::Staking::active_era().unwrap_or_default();
		if stash.total() == 0 {
			stash.renew_target(era);
		}
		Stashes::<T>::insert(index, stash);

		let lost = active.0.saturating_add(unlocking.0);
		let loss = take_report::<T>(index, account, era, lost);
		let cover = T::Cover::cover(&loss, &Self::pot_account()).min(lost);
		let taken = Taken {
			active,
			unlocking,
			cover: Assets(cover),
			reported: Assets(loss.reported),
			offence_era: loss.offence_era,
		};
		let batches = pool.lose(taken, queue.as_mut(), now::<T>());
		Queue::<T>::put(queue);
		Pool::<T>::put(pool);
		Self::deposit_event(Event::Slashed {
			stash: index,
			validator: loss.validator,
			offence_era: loss.offence_era,
			assets: lost,
			covered: cover,
			batches: batches.0,
		});
	}
}

/// What stash `index` has lost while `active` is the active era. Takes the report of it out of the
/// records. What was not reported happened as long ago as a report would have.
fn take_report<T: Config>(
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
	let Ok(mut reports) = records::reports::<T>() else { return unknown };
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
