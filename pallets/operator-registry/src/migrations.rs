// SPDX-License-Identifier: Apache-2.0

//! How the storage of one version becomes that of the next.

use crate::{
	failures::unreadable, parameters::Parameters, scores::Round, Config, CurrentRound, Pallet,
	ParametersSchedule,
};
use core::marker::PhantomData;
use frame_support::{
	migrations::VersionedMigration,
	traits::{Get, UncheckedOnRuntimeUpgrade},
	weights::Weight,
};

/// From version 1 to 2: parameters act later than they are set, and a round of scores keeps the ones by which
/// it judges.
pub type MigrateToV2<T> =
	VersionedMigration<1, 2, v2::Upgrade<T>, Pallet<T>, <T as frame_system::Config>::DbWeight>;

/// The storage of version 1, as far as it was another.
// The alias has a type without docs.
#[allow(missing_docs)]
pub mod v1 {
	use crate::{Config, Pallet};
	use frame_support::storage_alias;

	/// The parameters, which acted as soon as they were set.
	#[storage_alias]
	pub type Parameters<T: Config> = StorageValue<Pallet<T>, crate::Parameters>;
}

/// The upgrade to version 2.
pub mod v2 {
	use super::{
		unreadable, v1, Config, CurrentRound, Get, Parameters, ParametersSchedule, PhantomData,
		Round, UncheckedOnRuntimeUpgrade, Weight,
	};
	use alloc::vec::Vec;
	use codec::{DecodeAll, Encode};
	use frame_support::storage::unhashed;
	use holdfast_primitives::{stored, Schedule};

	/// Does it, whatever the version. What cannot be decoded is left as it is: calls that need the
	/// parameters fail then, and the next round is made anew.
	pub struct Upgrade<T>(PhantomData<T>);

	impl<T: Config> Upgrade<T> {
		/// The parameters that act from now on: those that were set, brought within the bounds that there
		/// were none of before.
		fn parameters(set: Option<Parameters>) -> Parameters {
			let parameters = set.unwrap_or_else(T::DefaultParameters::get);
			parameters.brought_within(&T::MinParameters::get(), &T::MaxParameters::get())
		}

		/// A round as version 1 has stored it, with the parameters by which it goes on.
		fn round(mut stored: Vec<u8>, parameters: Parameters) -> Option<Round<T::AccountId>> {
			stored.extend(parameters.encode());
			Round::decode_all(&mut stored.as_slice()).ok()
		}
	}

	impl<T: Config> UncheckedOnRuntimeUpgrade for Upgrade<T> {
		fn on_runtime_upgrade() -> Weight {
			let set = stored::value::<v1::Parameters<T>, _>();
			if set.is_err() {
				unreadable("the parameters of version 1");
			}
			if let Ok(Some(set)) = set {
				let current = Self::parameters(Some(set));
				ParametersSchedule::<T>::put(Schedule { current, next: None });
			}
			if let Some(round) = unhashed::get_raw(&CurrentRound::<T>::hashed_key()) {
				match Self::round(round, Self::parameters(set.ok().flatten())) {
					Some(round) => CurrentRound::<T>::put(round),
					None => unreadable("the round of version 1"),
				}
			}
			T::DbWeight::get().reads_writes(2, 2)
		}

		#[cfg(feature = "try-runtime")]
		fn pre_upgrade() -> Result<Vec<u8>, sp_runtime::TryRuntimeError> {
			Ok(Self::before()?)
		}

		#[cfg(feature = "try-runtime")]
		fn post_upgrade(before: Vec<u8>) -> Result<(), sp_runtime::TryRuntimeError> {
			Self::after(before)
		}
	}

	#[cfg(any(test, feature = "try-runtime"))]
	impl<T: Config> Upgrade<T> {
		/// The parameters and the round as they are stored. Fails if they cannot be decoded.
		pub(crate) fn before() -> Result<Vec<u8>, &'static str> {
			let set = stored::value::<v1::Parameters<T>, Parameters>()
				.map_err(|_| "the parameters cannot be decoded")?;
			let round = unhashed::get_raw(&CurrentRound::<T>::hashed_key());
			if let Some(round) = round.clone() {
				let round = Self::round(round, Self::parameters(set));
				frame_support::ensure!(round.is_some(), "the round cannot be decoded");
			}
			Ok((set, round).encode())
		}

		/// Whether what was set `before` acts, the round goes on, and the invariants hold.
		pub(crate) fn after(before: Vec<u8>) -> Result<(), sp_runtime::TryRuntimeError> {
			use codec::Decode;
			use frame_support::ensure;
			let (set, round) = <(Option<Parameters>, Option<Vec<u8>>)>::decode(&mut &before[..])
				.map_err(|_| "what was noted before cannot be decoded")?;
			let schedule =
				crate::settings::schedule::<T>().map_err(|_| "the parameters cannot be decoded")?;
			let current = Self::parameters(set);
			ensure!(schedule == Schedule { current, next: None }, "other parameters act");
			let round = round.and_then(|round| Self::round(round, current));
			ensure!(CurrentRound::<T>::get() == round, "the round is not what it was");
			crate::Pallet::<T>::do_try_state()
		}
	}
}
