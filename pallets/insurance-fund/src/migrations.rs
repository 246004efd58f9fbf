// SPDX-License-Identifier: Apache-2.0

//! Upgrades of what the fund has stored.

use crate::{books, Config, Fund, Pallet, LOG_TARGET};
use core::marker::PhantomData;
use frame_support::{
	migrations::VersionedMigration,
	traits::{Get, UncheckedOnRuntimeUpgrade},
	weights::Weight,
};

/// From version 1 to 2: the books tell what bonds of operators will pay of open reports, when the first
/// of these is due, and when nobody could leave.
pub type MigrateToV2<T> =
	VersionedMigration<1, 2, v2::Upgrade<T>, Pallet<T>, <T as frame_system::Config>::DbWeight>;

/// The storage of version 1, as far as it was another.
// The alias has a type without docs.
#[allow(missing_docs)]
pub mod v1 {
	use crate::{Config, Pallet};
	use frame_support::storage_alias;

	pub use crate::books::v1::FundState;

	/// The books of version 1.
	#[storage_alias]
	pub type Fund<T: Config> = StorageValue<Pallet<T>, FundState>;
}

/// The upgrade to version 2.
pub mod v2 {
	use super::{books, v1, Config, Fund, Get, Pallet, PhantomData, UncheckedOnRuntimeUpgrade};
	use super::{Weight, LOG_TARGET};

	/// Adds what is new to the books, and changes nothing else. Books that cannot be decoded are left as
	/// they are; calls fail then.
	pub struct Upgrade<T>(PhantomData<T>);

	impl<T: Config> Upgrade<T> {
		/// `old` with what is new.
		fn upgrade(old: v1::FundState) -> books::FundState {
			let provisions = Pallet::<T>::provisions().unwrap_or_default();
			let first_due = provisions.iter().map(|provision| provision.applied_in()).min();
			old.upgrade(first_due, &T::DefaultParameters::get(), Pallet::<T>::now())
		}
	}

	impl<T: Config> UncheckedOnRuntimeUpgrade for Upgrade<T> {
		fn on_runtime_upgrade() -> Weight {
			let upgraded = Fund::<T>::translate::<v1::FundState, _>(|old| old.map(Self::upgrade));
			if upgraded.is_err() {
				log::error!(target: LOG_TARGET, "the books of version 1 cannot be decoded");
			}
			T::DbWeight::get().reads_writes(2, 1)
		}

		#[cfg(feature = "try-runtime")]
		fn pre_upgrade() -> Result<alloc::vec::Vec<u8>, sp_runtime::TryRuntimeError> {
			Ok(Self::before()?)
		}

		#[cfg(feature = "try-runtime")]
		fn post_upgrade(before: alloc::vec::Vec<u8>) -> Result<(), sp_runtime::TryRuntimeError> {
			Self::after(before)
		}
	}

	#[cfg(any(test, feature = "try-runtime"))]
	impl<T: Config> Upgrade<T> {
		/// The books as they are stored. Fails if they cannot be decoded.
		pub(crate) fn before() -> Result<alloc::vec::Vec<u8>, &'static str> {
			use codec::Encode;
			let stored = v1::Fund::<T>::exists();
			let old = v1::Fund::<T>::get();
			frame_support::ensure!(stored == old.is_some(), "the books cannot be decoded");
			Ok(old.encode())
		}

		/// Whether all that was in the books `before` still is, and the invariants hold.
		pub(crate) fn after(
			before: alloc::vec::Vec<u8>,
		) -> Result<(), sp_runtime::TryRuntimeError> {
			use codec::Decode;
			use frame_support::ensure;
			let old = Option::<v1::FundState>::decode(&mut &before[..])
				.map_err(|_| "the books before the upgrade cannot be decoded")?;
			ensure!(old.is_some() == Fund::<T>::exists(), "there are books, or there are none");
			if let Some(old) = old {
				let fund = Pallet::<T>::books().map_err(|_| "the books cannot be decoded")?;
				ensure!(Self::upgrade(old) == fund, "the books are not what they were");
			}
			Pallet::<T>::do_try_state()
		}
	}
}
