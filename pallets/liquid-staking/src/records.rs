// SPDX-License-Identifier: Apache-2.0

//! The pool's records, read so that none is taken for empty because it cannot be decoded: calls fail with
//! [`Error::Undecodable`], steps say so and change nothing, and a slash is told of and not booked.

use crate::*;
use alloc::vec::Vec;
use frame_support::storage::StorageDoubleMap;
use holdfast_primitives::{stored, BatchId};

impl<T: Config> Pallet<T> {
	pub(crate) fn books() -> Result<PoolState, Error<T>> {
		let pool = stored::value::<Pool<T>, _>().map_err(|_| Error::<T>::Undecodable)?;
		Ok(pool.unwrap_or_default())
	}

	pub(crate) fn queue() -> Result<QueueOf<T>, Error<T>> {
		let queue = stored::value::<Queue<T>, _>().map_err(|_| Error::<T>::Undecodable)?;
		Ok(queue.unwrap_or_default())
	}

	pub(crate) fn reports() -> Result<ReportsOf<T>, Error<T>> {
		let reports = stored::value::<Reports<T>, _>().map_err(|_| Error::<T>::Undecodable)?;
		Ok(reports.unwrap_or_default())
	}

	/// The record of a stash. One that is not in use holds nothing.
	pub(crate) fn stash(index: u32) -> Result<StashOf<T>, Error<T>> {
		let stash =
			stored::entry::<Stashes<T>, _, _>(index).map_err(|_| Error::<T>::Undecodable)?;
		Ok(stash.unwrap_or_default())
	}

	/// The records of the stashes in use.
	pub(crate) fn all_stashes(pool: &PoolState) -> Result<Vec<StashOf<T>>, Error<T>> {
		// Bounded by `MAX_STASHES`.
		(0..pool.stashes).map(Self::stash).collect()
	}

	/// A batch that was funded; `None` if it was not, or was claimed to the end.
	pub(crate) fn batch(id: BatchId) -> Result<Option<Batch>, Error<T>> {
		stored::entry::<Batches<T>, _, _>(id).map_err(|_| Error::<T>::Undecodable)
	}

	/// What `owner` has in a batch; `None` if nothing.
	pub(crate) fn redemption(
		owner: &T::AccountId,
		batch: BatchId,
	) -> Result<Option<Redemption>, Error<T>> {
		match <Redemptions<T> as StorageDoubleMap<_, _, _>>::try_get(owner, batch) {
			Ok(redemption) => Ok(Some(redemption)),
			Err(()) if Redemptions::<T>::contains_key(owner, batch) => Err(Error::<T>::Undecodable),
			Err(()) => Ok(None),
		}
	}

	/// What is planned for a stash. Nothing, outside of the phases that carry it out.
	pub(crate) fn planned(index: u32) -> Result<StashPlan<T::AccountId>, Error<T>> {
		let page = stored::entry::<Plan<T>, _, _>(index / PLAN_PAGE);
		let page = page.map_err(|_| Error::<T>::Undecodable)?;
		let position = usize::try_from(index % PLAN_PAGE).unwrap_or(usize::MAX);
		let planned = page.and_then(|page| page.get(position).cloned());
		Ok(planned.unwrap_or(StashPlan { validator: None, change: Change::Keep }))
	}

	/// Keeps the plans of the first stashes, where there are none.
	pub(crate) fn put_plan(plan: &[StashPlan<T::AccountId>]) {
		let size = usize::try_from(PLAN_PAGE).unwrap_or(usize::MAX);
		for (number, page) in (0u32..).zip(plan.chunks(size)) {
			Plan::<T>::insert(number, PlanPageOf::<T>::truncate_from(page.to_vec()));
		}
	}

	/// Forgets what is planned.
	pub(crate) fn remove_plan() {
		(0..MAX_STASHES.div_ceil(PLAN_PAGE)).for_each(Plan::<T>::remove);
	}
}
