// SPDX-License-Identifier: Apache-2.0

//! Reads what is on record.

use super::{GuardianRun, Standing, Validator};
use crate::{Config, Error, GuardianRuns, OperatorOf, Operators, Standings, Validators};
use holdfast_primitives::stored;

/// The operator with the account `who`; `None` if it is none.
pub(crate) fn operator<T: Config>(who: &T::AccountId) -> Result<Option<OperatorOf<T>>, Error<T>> {
	Ok(stored::entry::<Operators<T>, _, _>(who)?)
}

/// The validator with the account `who`; `None` if it is not on record.
pub(crate) fn validator<T: Config>(
	who: &T::AccountId,
) -> Result<Option<Validator<T::AccountId>>, Error<T>> {
	match Validators::<T>::try_get(who) {
		Ok(record) => Ok(Some(record)),
		Err(()) if Validators::<T>::contains_key(who) => Err(Error::<T>::Undecodable),
		Err(()) => Ok(None),
	}
}

/// What the validator with the account `who` stands on; `None` if it has nothing to show.
pub(crate) fn standing<T: Config>(who: &T::AccountId) -> Result<Option<Standing>, Error<T>> {
	Ok(stored::entry::<Standings<T>, _, _>(who)?)
}

/// The last suspension of the operator `who` by a guardian; `None` if there was none.
pub(crate) fn guardian_run<T: Config>(who: &T::AccountId) -> Result<Option<GuardianRun>, Error<T>> {
	Ok(stored::entry::<GuardianRuns<T>, _, _>(who)?)
}
