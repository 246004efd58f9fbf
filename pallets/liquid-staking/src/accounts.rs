// SPDX-License-Identifier: Apache-2.0

//! The pool's accounts and its clock. Nobody has a key to any of the accounts.

use crate::{Config, Pallet};
use frame_support::{
	traits::{tokens::Preservation, Get},
	PalletId,
};
use sp_runtime::traits::{AccountIdConversion, UniqueSaturatedInto};

/// Tags that keep the pool's accounts apart. Without one, stash 0 would be the pot.
const STASH: [u8; 5] = *b"stash";
const REWARD: [u8; 6] = *b"reward";

/// No chain has more stashes, whatever [`Config::MaxStashes`] is now. What is stored of them has room for as
/// many, so that a change of that constant leaves nothing behind.
pub const MAX_STASHES: u32 = 256;

/// How transfers out of the pool's accounts treat these: none may die.
pub(crate) const KEEP: Preservation = Preservation::Preserve;

impl<T: Config> Pallet<T> {
	/// The account that holds what is not staked.
	pub fn pot_account() -> T::AccountId {
		T::PalletId::get().into_account_truncating()
	}

	/// The account to which the staking pallet pays rewards.
	pub fn reward_account() -> T::AccountId {
		T::PalletId::get().into_sub_account_truncating(REWARD)
	}

	/// The account of a stash.
	pub fn stash_account(index: u32) -> T::AccountId {
		T::PalletId::get().into_sub_account_truncating((STASH, index))
	}

	/// The index of a stash, told from its account alone; `None` for any other account.
	///
	/// Whatever [`Config::MaxStashes`] is now: it may have been larger, and those that stake go on.
	pub fn stash_index(account: &T::AccountId) -> Option<u32> {
		let (id, (tag, index)) = PalletId::try_from_sub_account::<([u8; 5], u32)>(account)?;
		(id == T::PalletId::get() && tag == STASH && index < MAX_STASHES).then_some(index)
	}
}

/// The block that is executed. Pools are told time by blocks, not by clocks.
pub(crate) fn now<T: Config>() -> u32 {
	frame_system::Pallet::<T>::block_number().unique_saturated_into()
}
