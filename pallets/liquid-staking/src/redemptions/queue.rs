// SPDX-License-Identifier: Apache-2.0

//! The queue: batches close into it, and are funded out of it.

use crate::{
	accounts::{now, KEEP},
	books::{Batch, Payment, PoolState, Queued, Scan},
	records, Batches, ClosedClasses, Config, Error, Event, Pallet, Queue, QueueOf,
};
use frame_support::traits::{
	fungible::{Inspect, Mutate},
	fungibles::Create,
	tokens::Provenance,
	DefensiveResult, Get,
};
use holdfast_primitives::{Assets, EraIndex, Shares};
use sp_runtime::{DispatchError, DispatchResult};

/// Closes the open batch into `queue`, liable for offences up to era `exposed`. A full queue leaves it
/// open.
pub(crate) fn close_batch<T: Config>(
	pool: &mut PoolState,
	queue: &mut QueueOf<T>,
	exposed: EraIndex,
) -> DispatchResult {
	let closed = if queue.is_full() { None } else { pool.close_batch(exposed, now::<T>())? };
	if let Some(closed) = closed {
		Pallet::<T>::deposit_event(Event::BatchClosed {
			batch: closed.id(),
			shares: closed.shares(),
			assets: closed.owed(),
		});
		queue.try_push(closed).defensive_map_err(|_| Error::<T>::QueueFull)?;
	}
	Ok(())
}

/// Closes the class of shares and makes the token of the next one. What is left goes to a last batch,
/// liable for offences up to era `exposed`.
pub(crate) fn close_class<T: Config>(
	pool: &mut PoolState,
	exposed: EraIndex,
) -> Result<Queued, DispatchError> {
	let class = pool.class();
	let last = pool.close_class(exposed, now::<T>())?;
	ClosedClasses::<T>::insert(class, last.id());
	let token = Pallet::<T>::share_asset(pool.class());
	T::Shares::create(token, Pallet::<T>::pot_account(), true, 1)?;
	Pallet::<T>::deposit_event(Event::ClassClosed {
		class,
		batch: last.id(),
		shares: last.shares(),
		assets: last.owed(),
	});
	Ok(last)
}

/// Funds the first batch of the queue that can be: one that got nothing yet, in its turn, less
/// what is withheld for open reports; or what was withheld from one, once there are none.
///
/// `false` if there is no such batch, or not enough for it.
pub(crate) fn fund_next<T: Config>(pool: &mut PoolState) -> Result<bool, DispatchError> {
	// What is withheld is not known while reports are not.
	if pool.scan() != Scan::Fresh {
		return Ok(false);
	}
	let mut queue = records::queue::<T>()?;
	let reports = records::reports::<T>()?;
	let waits = |queued: &Queued| {
		queued.funded().is_some()
			&& reports.iter().any(|report| queued.is_liable(report.offence_era))
	};
	let next = queue.iter().enumerate().find(|(_, queued)| !waits(queued));
	let Some((i, queued)) = next.map(|(i, queued)| (i, queued.clone())) else {
		return Ok(false);
	};
	let withheld = pool.withheld_from(&queued, &queue, &reports, now::<T>());
	let assets = Assets(queued.owed().saturating_sub(withheld.0));
	if !pool.set_aside(assets)? {
		return Ok(false);
	}
	let payment = Payment::new(Shares(queued.shares()), assets);
	let batch = match records::batch::<T>(queued.id())? {
		Some(batch) => batch.released(payment),
		None => Batch::funded(queued.closed_in(), payment, withheld.0 > 0),
	};
	Batches::<T>::insert(queued.id(), batch);
	if withheld.0 > 0 {
		if let Some(queued) = queue.get_mut(i) {
			queued.fund(assets, withheld);
		}
	} else {
		queue.remove(i);
	}
	Queue::<T>::put(queue);
	Pallet::<T>::deposit_event(Event::BatchFunded {
		batch: queued.id(),
		assets: assets.0,
		withheld: withheld.0,
	});
	Ok(true)
}

/// Pays the treasury what was left when the last holder had gone, as far as it is there.
pub(crate) fn pay_leftover<T: Config>(pool: &mut PoolState) -> DispatchResult {
	let treasury = T::Treasury::get();
	let payable = pool.payable_leftover().0;
	let accepted = || T::Currency::can_deposit(&treasury, payable, Provenance::Extant);
	// What would not keep the treasury's account alive waits for more.
	if payable == 0 || accepted().into_result().is_err() {
		return Ok(());
	}
	let assets = records::all_or_nothing(pool, |pool| {
		let assets = pool.pay_leftover().0;
		T::Currency::transfer(&Pallet::<T>::pot_account(), &treasury, assets, KEEP)
	})?;
	Pallet::<T>::deposit_event(Event::LeftoverPaid { assets });
	Ok(())
}
