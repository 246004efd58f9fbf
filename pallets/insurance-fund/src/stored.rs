// SPDX-License-Identifier: Apache-2.0

//! How the fund reads what it has stored: what cannot be decoded is never taken for what is not there.
//!
//! Calls fail then. The pool's questions and a slash cannot fail: they go on without that ledger, leave it
//! as it is, and say so in an event.

use crate::{
	books::FundState,
	claims::{Outcome, ProvisionId},
	parameters::Parameters,
	positions::RequestId,
	Claims, ClaimsOf, Config, DefaultSchedule, EmptyFund, Error, Event, Fund, History, HistoryOf,
	Leavers, Outcomes, Pallet, ParametersSchedule, PositionOf, Provisions, ProvisionsOf,
	Underwriters, WithheldOf, LOG_TARGET,
};
use frame_support::traits::Get;
use holdfast_primitives::{
	stored::{entry, value, Undecodable},
	Schedule,
};

/// What the fund has stored.
#[frame_support::stored]
#[derive(Copy)]
pub enum Ledger {
	/// The books of the fund.
	Fund,
	/// The parameters, and those that follow them.
	Parameters,
	/// The claims that are open.
	Claims,
	/// The claims that are past.
	History,
	/// The open reports by the era in which they are due.
	Provisions,
}

impl<T> From<Undecodable> for Error<T> {
	fn from(_: Undecodable) -> Self {
		Self::Undecodable
	}
}

impl<T: Config> Pallet<T> {
	/// The books of the fund.
	pub(crate) fn books() -> Result<FundState, Error<T>> {
		Ok(value::<Fund<T>, _>()?.unwrap_or_else(EmptyFund::<T>::get))
	}

	/// The parameters, and those that follow them.
	pub(crate) fn schedule() -> Result<Schedule<Parameters>, Error<T>> {
		Ok(value::<ParametersSchedule<T>, _>()?.unwrap_or_else(DefaultSchedule::<T>::get))
	}

	/// The parameters that act in this block.
	pub(crate) fn parameters() -> Result<Parameters, Error<T>> {
		Ok(Self::schedule()?.at(Self::now()))
	}

	/// The claims that are open.
	pub(crate) fn open_claims() -> Result<ClaimsOf<T>, Error<T>> {
		Ok(value::<Claims<T>, _>()?.unwrap_or_default())
	}

	/// The claims that are past.
	pub(crate) fn past_claims() -> Result<HistoryOf<T>, Error<T>> {
		Ok(value::<History<T>, _>()?.unwrap_or_default())
	}

	/// The open reports by the era in which they are due.
	pub(crate) fn provisions() -> Result<ProvisionsOf<T>, Error<T>> {
		Ok(value::<Provisions<T>, _>()?.unwrap_or_default())
	}

	/// What `who` has, of whatever class.
	pub(crate) fn underwriter(who: &T::AccountId) -> Result<PositionOf<T>, Error<T>> {
		Ok(entry::<Underwriters<T>, _, _>(who)?.unwrap_or_default())
	}

	/// What is withheld from the leaver who was paid for request `id`.
	pub(crate) fn leaver(id: RequestId) -> Result<Option<WithheldOf<T>>, Error<T>> {
		Ok(entry::<Leavers<T>, _, _>(id)?)
	}

	/// What a provision whose reports are resolved still holds for leavers.
	pub(crate) fn outcome(id: ProvisionId) -> Result<Option<Outcome>, Error<T>> {
		Ok(entry::<Outcomes<T>, _, _>(id)?)
	}

	/// What was read of `ledger`, for those who cannot fail. If it could not be decoded, an event says so.
	pub(crate) fn readable<V>(ledger: Ledger, read: Result<V, Error<T>>) -> Option<V> {
		if read.is_err() {
			log::error!(target: LOG_TARGET, "{ledger:?} cannot be decoded");
			Self::deposit_event(Event::Undecodable { ledger });
		}
		read.ok()
	}
}
