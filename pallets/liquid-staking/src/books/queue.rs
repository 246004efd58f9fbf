// SPDX-License-Identifier: Apache-2.0

//! The open batch, and the closed ones that wait for their assets.

use super::PoolState;
use holdfast_primitives::{shares::pro_rata_up, Assets, Balance, BatchId, EraIndex, Shares};
use sp_runtime::{
	traits::{EnsureAdd, EnsureAddAssign, EnsureSubAssign},
	ArithmeticError,
};

/// A closed batch that has not got all its assets.
#[frame_support::stored]
pub struct Queued {
	/// The number of the batch.
	id: BatchId,
	/// Shares that were burned into it.
	shares: Balance,
	/// Assets that it is still owed. Slashes for which it is liable reduce them.
	owed: Balance,
	/// Assets that it has got already: all but what was withheld for open reports.
	funded: Option<Balance>,
	/// The era that closed it. It is liable for offences up to and including that era, in which its
	/// stake was still exposed.
	closed_in: EraIndex,
}

impl Queued {
	/// The number of the batch.
	pub fn id(&self) -> BatchId {
		self.id
	}

	/// Shares that were burned into it.
	pub fn shares(&self) -> Balance {
		self.shares
	}

	/// Assets that it is still owed.
	pub fn owed(&self) -> Balance {
		self.owed
	}

	/// Assets that it has got already; `None` if it waits for all.
	pub fn funded(&self) -> Option<Balance> {
		self.funded
	}

	/// The era that closed it.
	pub fn closed_in(&self) -> EraIndex {
		self.closed_in
	}

	/// Whether it bears its part of a slash for an offence of `era`.
	pub fn is_liable(&self, era: EraIndex) -> bool {
		era <= self.closed_in
	}

	/// What its part of a slash is measured by: all that it was owed, also what it has got.
	fn base(&self) -> Balance {
		self.owed.saturating_add(self.funded.unwrap_or(0))
	}

	/// Its part of `amount`, which it shares with others whose bases sum up to `total` with its
	/// own: `amount * base / total`, rounded up, and at most what it is still owed.
	pub(super) fn part_of(&self, amount: Balance, total: Balance) -> Balance {
		pro_rata_up(amount, self.base(), total).unwrap_or(self.owed).min(self.owed)
	}

	/// Takes `part` off what it is owed.
	pub(super) fn bear(&mut self, part: Balance) {
		self.owed = self.owed.saturating_sub(part);
	}

	/// Notes that it got `assets`, and is owed the rest, which is `withheld`.
	pub(crate) fn fund(&mut self, assets: Assets, withheld: Assets) {
		(self.owed, self.funded) = (withheld.0, Some(assets.0));
	}
}

impl PoolState {
	/// Moves `shares` from their holder into the open batch.
	pub(crate) fn join_open_batch(&mut self, shares: Shares) -> Result<(), ArithmeticError> {
		self.open_shares.ensure_add_assign(shares.0)
	}

	/// Closes the open batch at the exit price before reports, for which it stays liable. `None` if
	/// nobody asked for anything.
	pub(crate) fn close_batch(
		&mut self,
		era: EraIndex,
		now: u32,
	) -> Result<Option<Queued>, ArithmeticError> {
		if self.open_shares == 0 {
			return Ok(None);
		}
		let shares = Shares(self.open_shares);
		let before = (self.total_assets(now), Shares(self.shares));
		let price = self.exit_price(now, Assets(0));
		let assets = price.to_assets(shares).ok_or(ArithmeticError::Overflow)?;
		self.bear_beside(shares)?;
		self.open_shares = 0;
		self.leave(shares, now)?;
		let queued = self.owe(era, shares, assets)?;
		self.keep_dust(before, now)?;
		Ok(Some(queued))
	}

	/// Closes the class of shares: all that is left of it is owed to a last batch.
	pub(crate) fn close_class(
		&mut self,
		era: EraIndex,
		now: u32,
	) -> Result<Queued, ArithmeticError> {
		let assets = self.all_of_holders(now)?;
		let shares = Shares(core::mem::take(&mut self.shares));
		self.clear_rewards();
		self.class.ensure_add_assign(1)?;
		self.owe(era, shares, assets)
	}

	/// Gives `assets` for `shares` a number, and owes them.
	fn owe(
		&mut self,
		era: EraIndex,
		shares: Shares,
		assets: Assets,
	) -> Result<Queued, ArithmeticError> {
		let id = self.open_batch;
		self.open_batch = id.ensure_add(1)?;
		self.owed.ensure_add_assign(assets.0)?;
		Ok(Queued { id, shares: shares.0, owed: assets.0, funded: None, closed_in: era })
	}

	/// What is paid in order: what each batch of `queue` is owed, and last what is the treasury's.
	pub(crate) fn claims<'a>(
		&self,
		queue: &'a [Queued],
	) -> impl Iterator<Item = Balance> + use<'a> {
		queue.iter().map(Queued::owed).chain([self.leftover])
	}

	/// Notes for how much of what is idle batches wait although something unbonds.
	pub(crate) fn let_wait_for(&mut self, idle: Assets) {
		self.waited_for = idle.0;
	}

	/// Sets `assets` aside for a batch. `false` if fewer are idle.
	pub(crate) fn set_aside(&mut self, assets: Assets) -> Result<bool, ArithmeticError> {
		if assets.0 > self.idle {
			return Ok(false);
		}
		self.idle.ensure_sub_assign(assets.0)?;
		self.owed.ensure_sub_assign(assets.0)?;
		self.waited_for = self.waited_for.saturating_sub(assets.0);
		Ok(true)
	}
}

/// What bears a slash for an offence of era `offence`: the assets of the holders, and what every
/// batch was owed that was in the pool then.
pub(super) fn liable(queue: &[Queued], offence: EraIndex, holders: Balance) -> Balance {
	queue
		.iter()
		.filter(|queued| queued.is_liable(offence))
		.fold(holders, |sum, queued| sum.saturating_add(queued.base()))
}
