// SPDX-License-Identifier: Apache-2.0

//! The fund's account, and its clocks.

use crate::{Config, Pallet};
use frame_support::traits::{
	fungible::{Inspect, Mutate},
	tokens::Preservation,
	Get,
};
use holdfast_primitives::{Assets, EraIndex};
use sp_runtime::{
	traits::{AccountIdConversion, UniqueSaturatedInto},
	DispatchError,
};

/// How transfers treat the fund's account and those of callers: they stay alive.
pub(crate) const KEEP: Preservation = Preservation::Preserve;

impl<T: Config> Pallet<T> {
	/// The account that holds all the fund's assets. Nobody has a key to it.
	pub fn account() -> T::AccountId {
		T::PalletId::get().into_account_truncating()
	}

	/// Moves `assets` from `who` into the fund.
	pub(crate) fn receive(who: &T::AccountId, assets: Assets) -> Result<(), DispatchError> {
		T::Currency::transfer(who, &Self::account(), assets.0, KEEP).map(|_| ())
	}

	/// Moves `assets` from the fund to `who`.
	pub(crate) fn send(who: &T::AccountId, assets: Assets) -> Result<(), DispatchError> {
		T::Currency::transfer(&Self::account(), who, assets.0, KEEP).map(|_| ())
	}

	/// Endows the fund's account with the existential deposit, which never counts as an asset of the
	/// fund, unless the pool has done so.
	pub(crate) fn endow_account() {
		let (account, deposit) = (Self::account(), T::Currency::minimum_balance());
		if T::Currency::total_balance(&account) < deposit {
			let endowed = T::Currency::mint_into(&account, deposit);
			assert!(endowed.is_ok(), "the issuance at genesis leaves room for the endowment");
		}
	}

	/// The number of the block that is executed.
	pub(crate) fn now() -> u32 {
		frame_system::Pallet::<T>::block_number().unique_saturated_into()
	}

	/// The era whose validators are at work. Zero before the first.
	pub(crate) fn active_era() -> EraIndex {
		T::ActiveEra::get().unwrap_or_default()
	}
}
