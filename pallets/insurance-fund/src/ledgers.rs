// SPDX-License-Identifier: Apache-2.0

//! How the fund reads what it has stored: what cannot be decoded is never taken for what is not there.
//!
//! Calls fail then. The pool's questions and a slash cannot: they go on without that ledger, which is
//! left as it is, and tell.

use crate::*;
use codec::{Decode, DecodeWithMemTracking, Encode, MaxEncodedLen};
use frame_support::traits::Get;
use holdfast_primitives::{
	stored::{entry, value, Undecodable},
	Schedule,
};
use scale_info::TypeInfo;

/// What the fund has stored.
#[derive(
	Clone,
	Copy,
	Debug,
	PartialEq,
	Eq,
	Encode,
	Decode,
	DecodeWithMemTracking,
	TypeInfo,
	MaxEncodedLen,
)]
pub enum Ledger {
	/// The books.
	Fund,
	/// What governance has set.
	Parameters,
	/// The open claims.
	Claims,
	/// The claims that were open last.
	History,
	/// The open reports by era.
	Provisions,
}

impl<T> From<Undecodable> for Error<T> {
	fn from(_: Undecodable) -> Self {
		Self::Undecodable
	}
}

impl<T: Config> Pallet<T> {
	/// The books.
	pub(crate) fn books() -> Result<FundState, Error<T>> {
		Ok(value::<Fund<T>, _>()?.unwrap_or_else(EmptyFund::<T>::get))
	}

	/// The parameters that act in this block.
	pub(crate) fn parameters() -> Result<Parameters, Error<T>> {
		Ok(Self::schedule()?.at(Self::now()))
	}

	/// What governance has set.
	pub(crate) fn schedule() -> Result<Schedule<Parameters>, Error<T>> {
		Ok(value::<ParametersSchedule<T>, _>()?.unwrap_or_else(DefaultSchedule::<T>::get))
	}

	/// The open claims.
	pub(crate) fn open_claims() -> Result<ClaimsOf<T>, Error<T>> {
		Ok(value::<Claims<T>, _>()?.unwrap_or_default())
	}

	/// The claims that were open last.
	pub(crate) fn past_claims() -> Result<HistoryOf<T>, Error<T>> {
		Ok(value::<History<T>, _>()?.unwrap_or_default())
	}

	/// The open reports by era.
	pub(crate) fn provisions() -> Result<ProvisionsOf<T>, Error<T>> {
		Ok(value::<Provisions<T>, _>()?.unwrap_or_default())
	}

	/// What `who` has, of whatever class.
	pub(crate) fn underwriter(who: &T::AccountId) -> Result<PositionOf<T>, Error<T>> {
		Ok(entry::<Underwriters<T>, _, _>(who)?.unwrap_or_default())
	}

	/// What is withheld from whoever was paid for request `id`.
	pub(crate) fn leaver(id: RequestId) -> Result<Option<WithheldOf<T>>, Error<T>> {
		Ok(entry::<Leavers<T>, _, _>(id)?)
	}

	/// What is left of a provision whose reports are gone.
	pub(crate) fn outcome(id: ProvisionId) -> Result<Option<Outcome>, Error<T>> {
		Ok(entry::<Outcomes<T>, _, _>(id)?)
	}

	/// What was read of `ledger`, for those who cannot fail: without it, they tell.
	pub(crate) fn or_tell<V>(ledger: Ledger, read: Result<V, Error<T>>) -> Option<V> {
		if read.is_err() {
			log::error!(target: LOG_TARGET, "{ledger:?} cannot be decoded");
			Self::deposit_event(Event::Undecodable { ledger });
		}
		read.ok()
	}
}
