// SPDX-License-Identifier: Apache-2.0

//! The liquid tokens: one for each class of shares.

use crate::{Config, Error, Pallet};
use frame_support::{
	ensure,
	traits::{
		fungibles::{self, Inspect, Mutate},
		tokens::{Fortitude, Precision, Preservation},
	},
};
use holdfast_primitives::Shares;
use sp_runtime::{traits::Convert, DispatchError};

/// Identifies the token of a class of shares.
pub(crate) type ShareIdOf<T> =
	<<T as Config>::Shares as fungibles::Inspect<<T as frame_system::Config>::AccountId>>::AssetId;

impl<T: Config> Pallet<T> {
	/// The token of a class of shares.
	pub fn share_asset(class: u32) -> ShareIdOf<T> {
		T::ShareAsset::convert(class)
	}
}

/// The shares of a class that `who` holds.
pub(crate) fn held<T: Config>(class: u32, who: &T::AccountId) -> Shares {
	Shares(T::Shares::balance(Pallet::<T>::share_asset(class), who))
}

/// Burns `shares` of `who`, which may be all that they hold. Returns how many they held.
pub(crate) fn burn<T: Config>(
	class: u32,
	who: &T::AccountId,
	shares: Shares,
) -> Result<Shares, DispatchError> {
	let held = held::<T>(class, who);
	ensure!(shares <= held, Error::<T>::InsufficientShares);
	T::Shares::burn_from(
		Pallet::<T>::share_asset(class),
		who,
		shares.0,
		Preservation::Expendable,
		Precision::Exact,
		Fortitude::Polite,
	)?;
	Ok(held)
}
