// SPDX-License-Identifier: Apache-2.0

//! What operators do with their accounts, and what is done with them.
//!
//! - `register.rs`: an account becomes an operator;
//! - `profile.rs`: what it says of itself, and what of that is attested;
//! - `suspend.rs`: suspensions, by guardians and by governance;
//! - `deregister.rs`: it leaves, with all of its validators.
//!
//! How its bond is paid back, and it is forgotten, is in `bonds/release.rs`.

mod deregister;
mod profile;
mod register;
mod suspend;

use crate::{records, Config, Error, OperatorOf};
pub(crate) use deregister::deregister;
use frame_support::ensure;
pub(crate) use profile::{attest, update_profile};
pub(crate) use register::{register, register_operator};
pub(crate) use suspend::suspend;

/// The operator with the account `who`.
pub(crate) fn operator<T: Config>(who: &T::AccountId) -> Result<OperatorOf<T>, Error<T>> {
	records::operator::<T>(who)?.ok_or(Error::<T>::NotRegistered)
}

/// The operator with the account `who`, if it is not leaving.
pub(crate) fn staying<T: Config>(who: &T::AccountId) -> Result<OperatorOf<T>, Error<T>> {
	let operator = operator::<T>(who)?;
	ensure!(!operator.is_leaving(), Error::<T>::Leaving);
	Ok(operator)
}
