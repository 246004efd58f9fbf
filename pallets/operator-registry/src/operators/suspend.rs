// SPDX-License-Identifier: Apache-2.0

//! Suspensions, by guardians and by governance.

use super::operator;
use crate::{
	clock::active_era,
	records::{self, GuardianRun},
	Config, Error, Event, GuardianRuns, Operators, Pallet,
};
use frame_support::{ensure, traits::Get};
use holdfast_primitives::EraIndex;
use sp_runtime::DispatchResult;

/// Does what [`Pallet::suspend`] says. Governance may shorten and lift suspensions: it `lifts`.
pub(crate) fn suspend<T: Config>(who: T::AccountId, eras: EraIndex, lifts: bool) -> DispatchResult {
	let mut operator = operator::<T>(&who)?;
	ensure!(eras <= T::MaxSuspension::get(), Error::<T>::SuspensionTooLong);
	let active = active_era::<T>();
	let until = (eras > 0).then(|| active.saturating_add(eras));
	ensure!(lifts || until > operator.suspended_until(), Error::<T>::NotAllowed);
	if let (false, Some(until)) = (lifts, until) {
		let run = guardian_run::<T>(&who, operator.suspended_until(), active, until)?;
		GuardianRuns::<T>::insert(&who, run);
	}
	operator.suspend(until);
	Operators::<T>::insert(&who, operator);
	Pallet::<T>::deposit_event(Event::OperatorSuspended { operator: who, until });
	Ok(())
}

/// The eras for which the guardian has suspended `who` when it does so from `active` to `until`: as
/// one with those that are not over, so that none is extended without end; or, after a rest, a new
/// one. What governance has lifted or shortened, so that it is suspended for less by now, is not
/// extended.
fn guardian_run<T: Config>(
	who: &T::AccountId,
	suspended: Option<EraIndex>,
	active: EraIndex,
	until: EraIndex,
) -> Result<GuardianRun, Error<T>> {
	match records::guardian_run::<T>(who)? {
		Some(run) if run.goes_on(active, suspended) => {
			run.extended(until, T::MaxSuspension::get()).ok_or(Error::<T>::SuspensionTooLong)
		},
		Some(run) if run.rests(active) => Err(Error::<T>::SuspendedLately),
		_ => Ok(GuardianRun::new(active, until)),
	}
}
