// SPDX-License-Identifier: Apache-2.0

//! How the storage of one version becomes that of the next.

/// From version 1 to 2.
///
/// - What governance has set moves into the books, where every call reads it.
/// - The books say whether funds wait for reports to be read, and the reports are read again.
/// - The plan of the era becomes pages.
/// - The rates of past eras, which had open reports deducted, are forgotten: the view of what the pool
///   has earned begins anew.
pub mod v2 {
	use crate::{
		era::put_plan, records, Config, Pallet, Phase, Pool, PoolState, Rates, StashPlan,
		LOG_TARGET, MAX_STASHES, PLAN_PAGE,
	};
	use alloc::vec::Vec;
	#[cfg(feature = "try-runtime")]
	use codec::Decode;
	use codec::{DecodeAll, Encode};
	use frame_support::{
		migrations::VersionedMigration,
		storage::unhashed,
		storage_alias,
		traits::{Get, UncheckedOnRuntimeUpgrade},
		weights::Weight,
	};
	use holdfast_primitives::{stored, Balance, Schedule};
	use sp_runtime::Perquintill;

	/// The migration, for a runtime's list of them.
	pub type MigrateV1ToV2<T> =
		VersionedMigration<1, 2, Migration<T>, Pallet<T>, <T as frame_system::Config>::DbWeight>;

	/// Does it, whatever the version.
	pub struct Migration<T>(core::marker::PhantomData<T>);

	/// What governance had set, in version 1.
	#[storage_alias]
	pub(crate) type Parameters<T: Config> = StorageValue<Pallet<T>, Schedule<crate::Parameters>>;

	/// The plan of an era, in version 1.
	#[storage_alias]
	pub(crate) type Plan<T: Config> =
		StorageValue<Pallet<T>, Vec<StashPlan<<T as frame_system::Config>::AccountId>>>;

	/// The fields that version 2 appends to the books.
	fn appended(parameters: Option<Schedule<crate::Parameters>>) -> Vec<u8> {
		let (funds_wait, reports_changed) = (false, false);
		let (worst_part, waited_for): (Perquintill, Balance) = (Perquintill::one(), 0);
		(parameters, funds_wait, reports_changed, worst_part, waited_for).encode()
	}

	/// Takes the parameters into the books. Returns whether these could be decoded.
	fn take_in<T: Config>(key: &[u8], parameters: Option<Schedule<crate::Parameters>>) -> bool {
		let Some(mut books) = unhashed::get_raw(key) else {
			if let Some(parameters) = parameters {
				let mut books = PoolState::default();
				books.set_parameters(parameters);
				Pool::<T>::put(books);
			}
			return true;
		};
		books.extend(appended(parameters));
		match PoolState::decode_all(&mut books.as_slice()) {
			// The holders' part of the reports is measured in another way now.
			Ok(mut books) => {
				books.doubt_reports();
				Pool::<T>::put(books);
			},
			Err(error) => {
				log::error!(
					target: LOG_TARGET,
					"the books cannot be decoded and are left as they are: {error}"
				);
				return false;
			},
		}
		true
	}

	impl<T: Config> UncheckedOnRuntimeUpgrade for Migration<T> {
		fn on_runtime_upgrade() -> Weight {
			let key = Pool::<T>::hashed_key();
			let mut writes: u64 = 1;
			match stored::value::<Parameters<T>, Schedule<crate::Parameters>>() {
				Ok(parameters) => {
					if take_in::<T>(&key, parameters) {
						Parameters::<T>::kill();
					}
				},
				Err(_) => log::error!(
					target: LOG_TARGET,
					"the parameters cannot be decoded, and are left as they are: the books, too"
				),
			}
			let plan = stored::value::<Plan<T>, Vec<_>>();
			Plan::<T>::kill();
			match (plan, records::pool::<T>()) {
				(Ok(plan), _) => put_plan::<T>(&plan.unwrap_or_default()),
				(Err(_), Ok(mut books)) => {
					log::error!(target: LOG_TARGET, "the plan cannot be decoded: the next era makes another");
					books.go_to(Phase::Idle);
					Pool::<T>::put(books);
				},
				_ => (),
			}
			let pages = MAX_STASHES.div_ceil(PLAN_PAGE);
			writes = writes.saturating_add(u64::from(pages)).saturating_add(2);
			// At most as many as there are eras kept.
			let rates = Rates::<T>::clear(T::HistoryDepth::get(), None);
			writes = writes.saturating_add(u64::from(rates.backend)).saturating_add(1);
			T::DbWeight::get().reads_writes(writes.saturating_add(1), writes)
		}

		#[cfg(feature = "try-runtime")]
		fn pre_upgrade() -> Result<Vec<u8>, sp_runtime::TryRuntimeError> {
			let books = unhashed::get_raw(&Pool::<T>::hashed_key());
			Ok((books, Parameters::<T>::get(), Plan::<T>::get().unwrap_or_default()).encode())
		}

		#[cfg(feature = "try-runtime")]
		fn post_upgrade(state: Vec<u8>) -> Result<(), sp_runtime::TryRuntimeError> {
			type Before<AccountId> =
				(Option<Vec<u8>>, Option<Schedule<crate::Parameters>>, Vec<StashPlan<AccountId>>);
			let (books, parameters, plan) = Before::<T::AccountId>::decode(&mut &*state)
				.map_err(|_| "what was noted before cannot be decoded")?;
			for (index, plan) in (0u32..).zip(plan) {
				let kept =
					crate::era::planned::<T>(index).map_err(|_| "a plan cannot be decoded")?;
				frame_support::ensure!(kept == plan, "a plan was lost");
			}
			let now = records::pool::<T>().map_err(|_| "the books cannot be decoded")?;
			frame_support::ensure!(now.parameters() == parameters, "parameters were lost");
			if let Some(mut books) = books {
				books.extend(appended(parameters));
				let mut before = PoolState::decode_all(&mut books.as_slice())
					.map_err(|_| "the books could not be decoded before")?;
				before.doubt_reports();
				frame_support::ensure!(now == before, "the books have changed");
			}
			frame_support::ensure!(
				Rates::<T>::iter().next().is_none(),
				"a rate of version 1 is kept"
			);
			Pallet::<T>::do_try_state()
		}
	}
}
