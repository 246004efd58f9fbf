// SPDX-License-Identifier: Apache-2.0

//! Reading what is stored, so that what cannot be decoded is never taken for what is not there.
//!
//! Calls fail on it, with [`Error::Undecodable`]; slashes and rounds leave it untouched and say so.
//! `mutate` is not used on these items: it would delete what it cannot decode.

use crate::*;
use frame_support::traits::Get;
use holdfast_primitives::stored;

const LOG_TARGET: &str = "runtime::operator-registry";

impl<T: Config> Pallet<T> {
	pub(crate) fn stored_operator(who: &T::AccountId) -> Result<Option<OperatorOf<T>>, Error<T>> {
		stored::entry::<Operators<T>, _, _>(who).map_err(|_| Error::<T>::Undecodable)
	}

	pub(crate) fn stored_validator(
		who: &T::AccountId,
	) -> Result<Option<Validator<T::AccountId>>, Error<T>> {
		match Validators::<T>::try_get(who) {
			Ok(record) => Ok(Some(record)),
			Err(()) if Validators::<T>::contains_key(who) => Err(Error::<T>::Undecodable),
			Err(()) => Ok(None),
		}
	}

	pub(crate) fn stored_debt(validator: &T::AccountId) -> Result<Option<Debt>, Error<T>> {
		stored::entry::<Debts<T>, _, _>(validator).map_err(|_| Error::<T>::Undecodable)
	}

	pub(crate) fn stored_owed(identity: Cluster) -> Result<Option<OwedOf<T>>, Error<T>> {
		stored::entry::<OwedBy<T>, _, _>(identity).map_err(|_| Error::<T>::Undecodable)
	}

	pub(crate) fn stored_standing(who: &T::AccountId) -> Result<Option<Standing>, Error<T>> {
		stored::entry::<Standings<T>, _, _>(who).map_err(|_| Error::<T>::Undecodable)
	}

	pub(crate) fn stored_run(who: &T::AccountId) -> Result<Option<GuardianRun>, Error<T>> {
		stored::entry::<GuardianRuns<T>, _, _>(who).map_err(|_| Error::<T>::Undecodable)
	}

	pub(crate) fn stored_parameters() -> Result<Parameters, Error<T>> {
		stored::value::<CurrentParameters<T>, Parameters>()
			.map(|parameters| parameters.unwrap_or_else(T::DefaultParameters::get))
			.map_err(|_| Error::<T>::Undecodable)
	}

	/// The parameters, for what cannot fail. Those that cannot be decoded are replaced by the ones of
	/// the code, which are safe, and are left as they are.
	pub(crate) fn parameters() -> Parameters {
		Self::stored_parameters().unwrap_or_else(|_| {
			Self::unreadable("Parameters");
			T::DefaultParameters::get()
		})
	}

	/// Tells that an item cannot be decoded where there is no event for it.
	pub(crate) fn unreadable(item: &str) {
		log::error!(target: LOG_TARGET, "{item} cannot be decoded, and is left as it is");
	}
}
