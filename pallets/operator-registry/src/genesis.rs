// SPDX-License-Identifier: Apache-2.0

//! Operators of genesis: attested, and with validators without probation.

use crate::{
	labels::{Attested, Profile},
	operators,
	records::{self, Terms},
	validators, Config, Operators, Validators,
};
use holdfast_primitives::Balance;
use sp_runtime::DispatchResult;

/// Registers an operator with its validators.
pub(crate) fn register<T: Config>(
	who: &T::AccountId,
	profile: Profile,
	bond: Balance,
	all: &[T::AccountId],
) -> DispatchResult {
	let mut operator = operators::register::<T>(who, profile, bond)?;
	operator.attest(Attested::ALL);
	for validator in all {
		validators::join::<T>(validator.clone(), who, &mut operator, Terms::GENESIS)?;
		if let Some(mut record) = records::validator::<T>(validator)? {
			record.attest(true);
			Validators::<T>::insert(validator, record);
		}
	}
	Operators::<T>::insert(who, operator);
	Ok(())
}
