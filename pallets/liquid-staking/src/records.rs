// SPDX-License-Identifier: Apache-2.0

//! The pool's records, read so that none is taken for empty because it cannot be decoded: calls fail with
//! [`Error::Undecodable`], steps say so and change nothing, and a slash is told of and not booked.

use crate::{
	books::{Batch, PoolState, Redemption},
	Batches, Config, Error, Pool, Queue, QueueOf, Redemptions, Reports, ReportsOf, StashOf,
	Stashes,
};
use alloc::vec::Vec;
use frame_support::storage::{with_storage_layer, StorageDoubleMap};
use holdfast_primitives::{stored, BatchId};
use sp_runtime::DispatchError;

/// The books of the pool.
pub(crate) fn pool<T: Config>() -> Result<PoolState, Error<T>> {
	let pool = stored::value::<Pool<T>, _>().map_err(|_| Error::<T>::Undecodable)?;
	Ok(pool.unwrap_or_default())
}

/// The closed batches that have not got all their assets.
pub(crate) fn queue<T: Config>() -> Result<QueueOf<T>, Error<T>> {
	let queue = stored::value::<Queue<T>, _>().map_err(|_| Error::<T>::Undecodable)?;
	Ok(queue.unwrap_or_default())
}

/// The reports that are open.
pub(crate) fn reports<T: Config>() -> Result<ReportsOf<T>, Error<T>> {
	let reports = stored::value::<Reports<T>, _>().map_err(|_| Error::<T>::Undecodable)?;
	Ok(reports.unwrap_or_default())
}

/// The record of a stash. One that is not in use holds nothing.
pub(crate) fn stash<T: Config>(index: u32) -> Result<StashOf<T>, Error<T>> {
	let stash = stored::entry::<Stashes<T>, _, _>(index).map_err(|_| Error::<T>::Undecodable)?;
	Ok(stash.unwrap_or_default())
}

/// The records of the stashes in use.
pub(crate) fn all_stashes<T: Config>(pool: &PoolState) -> Result<Vec<StashOf<T>>, Error<T>> {
	// Bounded by `MAX_STASHES`.
	(0..pool.stashes()).map(stash::<T>).collect()
}

/// A batch that was funded; `None` if it was not, or was claimed to the end.
pub(crate) fn batch<T: Config>(id: BatchId) -> Result<Option<Batch>, Error<T>> {
	stored::entry::<Batches<T>, _, _>(id).map_err(|_| Error::<T>::Undecodable)
}

/// What `owner` has in a batch; `None` if nothing.
pub(crate) fn redemption<T: Config>(
	owner: &T::AccountId,
	batch: BatchId,
) -> Result<Option<Redemption>, Error<T>> {
	match <Redemptions<T> as StorageDoubleMap<_, _, _>>::try_get(owner, batch) {
		Ok(redemption) => Ok(Some(redemption)),
		Err(()) if Redemptions::<T>::contains_key(owner, batch) => Err(Error::<T>::Undecodable),
		Err(()) => Ok(None),
	}
}

/// Lets `act` change the books and the storage: both of them, or if it fails, neither.
pub(crate) fn all_or_nothing<R>(
	pool: &mut PoolState,
	act: impl FnOnce(&mut PoolState) -> Result<R, DispatchError>,
) -> Result<R, DispatchError> {
	let (next, result) = with_storage_layer(|| {
		let mut next = pool.clone();
		let result = act(&mut next)?;
		Ok::<_, DispatchError>((next, result))
	})?;
	*pool = next;
	Ok(result)
}
