// SPDX-License-Identifier: Apache-2.0

//! Reading storage so that what cannot be decoded is never taken for what is not there.
//!
//! FRAME's getters answer both with a default. For books of money that is wrong: a pool whose books
//! cannot be read would deal as if it were empty. These functions tell the two apart, at the cost of a
//! second look only when there is nothing to decode.

use codec::{EncodeLike, FullCodec};
use frame_support::storage::{StorageMap, StorageValue};

/// A stored item is there and cannot be decoded.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Undecodable;

/// The value of `Item`; `None` if nothing is stored.
pub fn value<Item: StorageValue<V>, V: FullCodec>() -> Result<Option<V>, Undecodable> {
	match Item::try_get() {
		Ok(value) => Ok(Some(value)),
		Err(()) if Item::exists() => Err(Undecodable),
		Err(()) => Ok(None),
	}
}

/// The value of `Map` under `key`; `None` if nothing is stored.
pub fn entry<Map, K, V>(key: impl EncodeLike<K> + Clone) -> Result<Option<V>, Undecodable>
where
	Map: StorageMap<K, V>,
	K: FullCodec,
	V: FullCodec,
{
	match Map::try_get(key.clone()) {
		Ok(value) => Ok(Some(value)),
		Err(()) if Map::contains_key(key) => Err(Undecodable),
		Err(()) => Ok(None),
	}
}

#[cfg(test)]
mod tests {
	use super::*;
	use frame_support::{pallet_prelude::*, storage::unhashed, storage_alias};
	use sp_io::TestExternalities;

	#[storage_alias]
	type Item = StorageValue<Prefix, u32, ValueQuery>;
	#[storage_alias]
	type Items = StorageMap<Prefix, Twox64Concat, u32, u32, ValueQuery>;

	#[test]
	fn what_is_missing_what_is_there_and_what_is_broken_are_three_things() {
		TestExternalities::default().execute_with(|| {
			assert_eq!(value::<Item, u32>(), Ok(None));
			assert_eq!(entry::<Items, u32, u32>(1), Ok(None));
			Item::put(7);
			Items::insert(1, 7);
			assert_eq!(value::<Item, u32>(), Ok(Some(7)));
			assert_eq!(entry::<Items, u32, u32>(1), Ok(Some(7)));
			// One byte short. FRAME's getter answers zero.
			unhashed::put_raw(&Item::hashed_key(), &[7, 0, 0]);
			unhashed::put_raw(&Items::hashed_key_for(1), &[7, 0, 0]);
			assert_eq!((Item::get(), Items::get(1)), (0, 0));
			assert_eq!(value::<Item, u32>(), Err(Undecodable));
			assert_eq!(entry::<Items, u32, u32>(1), Err(Undecodable));
		});
	}
}
