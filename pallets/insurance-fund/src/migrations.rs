// SPDX-License-Identifier: Apache-2.0

//! Upgrades of what the fund has stored.

use crate::*;
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
#[allow(missing_docs)]
pub mod v1 {
	use crate::{Config, Pallet};
	use codec::{Decode, Encode};
	use frame_support::storage_alias;
	use holdfast_primitives::{Balance, ClaimId, EraIndex, Stream};
	use sp_runtime::Perbill;

	/// The books. Their fields mean what they do in [`crate::FundState`].
	#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode)]
	pub struct FundState {
		pub underwriting: Balance,
		pub stream: Stream,
		pub shares: Balance,
		pub class: u32,
		pub reserve: Balance,
		pub withheld: Balance,
		pub locked: Balance,
		pub reported: Balance,
		pub allowance_era: Option<EraIndex>,
		pub allowance: Balance,
		pub limit: Perbill,
		pub target: Balance,
		pub slashable: bool,
		pub era: Option<EraIndex>,
		pub era_start: u32,
		pub era_length: u32,
		pub next_claim: ClaimId,
		pub next_request: u32,
		pub next_provision: u32,
	}

	/// The books.
	#[storage_alias]
	pub type Fund<T: Config> = StorageValue<Pallet<T>, FundState>;
}

/// The upgrade to version 2.
pub mod v2 {
	use super::*;

	/// Adds what is new to the books, and changes nothing else. Books that cannot be decoded are left as
	/// they are; calls fail then.
	pub struct Upgrade<T>(PhantomData<T>);

	impl<T: Config> Upgrade<T> {
		/// `old` with what is new. Bonds count from the next era or report on: the registry's storage
		/// may not have been upgraded yet.
		pub(crate) fn upgrade(old: v1::FundState) -> FundState {
			let mut fund = FundState {
				underwriting: old.underwriting,
				stream: old.stream,
				shares: old.shares,
				class: old.class,
				reserve: old.reserve,
				withheld: old.withheld,
				locked: old.locked,
				reported: old.reported,
				allowance_era: old.allowance_era,
				allowance: old.allowance,
				limit: old.limit,
				target: old.target,
				slashable: old.slashable,
				era: old.era,
				era_start: old.era_start,
				era_length: old.era_length,
				next_claim: old.next_claim,
				next_request: old.next_request,
				next_provision: old.next_provision,
				bonds: 0,
				first_due: Pallet::<T>::provisions()
					.unwrap_or_default()
					.iter()
					.map(|provision| provision.applied_in)
					.min(),
				blocked: None,
			};
			match fund.era {
				Some(era) => fund.note_blocked(era, Pallet::<T>::now()),
				// The reserve paid nothing before the first era.
				None => {
					let empty = EmptyFund::<T>::get();
					fund.limit = empty.limit;
					fund.target = empty.target;
					fund.slashable = empty.slashable;
				},
			}
			fund
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
