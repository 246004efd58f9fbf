// SPDX-License-Identifier: Apache-2.0

//! What is told of a step of the era work that fails.

use crate::{Config, Error, Event, Pallet, LOG_TARGET};
use holdfast_primitives::StakingError;
use sp_runtime::DispatchError;

/// A step of the era work, as named in events.
#[frame_support::stored]
#[derive(Copy)]
pub enum Step {
	/// The reports were to be read.
	Scan,
	/// A reward was to be paid out.
	PayOut,
	/// Withdrawing what has finished unbonding.
	Withdraw,
	/// Sweeping the rewards and closing the batch.
	Settle,
	/// A batch was to be funded.
	Fund,
	/// A stash was to nominate.
	Rotate,
	/// A stash was to bond or unbond.
	Rebalance,
	/// Deciding who nominates whom, and what is bonded and unbonded.
	Plan,
}

/// Tells that `step`, of the stash with that index if it is about one, failed and was undone.
pub(crate) fn tell<T: Config>(step: Step, stash: Option<u32>, error: impl Into<DispatchError>) {
	let error = error.into();
	log::warn!(target: LOG_TARGET, "{step:?} of stash {stash:?} failed: {error:?}");
	Pallet::<T>::deposit_event(Event::StepFailed { step, stash, error });
}

/// What an event says of a refusal of the staking pallet.
pub(crate) fn refusal<T: Config>(error: StakingError) -> DispatchError {
	match error {
		StakingError::BondsLess => Error::<T>::BondsLess.into(),
		StakingError::ReleasesEarly => Error::<T>::ReleasesEarly.into(),
		StakingError::Refused(error) => error,
	}
}
