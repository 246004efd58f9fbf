// SPDX-License-Identifier: Apache-2.0

//! Rewards, from when they are in the pot until they are the holders'.

use super::PoolState;
use holdfast_primitives::{Assets, Balance, EraIndex};
use sp_runtime::{
	traits::{EnsureAdd, EnsureAddAssign, EnsureSub, EnsureSubAssign},
	ArithmeticError,
};

/// In one era at most this part of the holders' assets is released as rewards. No stake earns as
/// much: it is there so that a donation cannot raise the price of a tiny pool out of reach.
const RELEASED_AT_MOST: Balance = 8;

/// Entrants pay for the reward that the running era will bring, estimated by the last one, but
/// at most this part of the holders' assets: a reward above it was a donation, not the next of many.
const EXPECTED_AT_MOST: Balance = 1_000;

impl PoolState {
	/// Books the `reward` of so many `eras`, which is in the pot since `now`, and puts on the stream
	/// what may be released in the era that begins.
	///
	/// If that reaches anybody who entered less than two eras ago, it is no more than they paid for;
	/// the rest waits. The rewards of several eras are released over as many.
	pub(crate) fn book_reward(
		&mut self,
		reward: Assets,
		eras: u32,
		now: u32,
	) -> Result<(), ArithmeticError> {
		let eras = eras.max(1);
		let holders = self.total_assets(now).0;
		// At least one unit, so that nothing waits for ever in a pool of a few; and enough to let a
		// worthless class recover soon.
		let most = (holders.max(self.least_worth()) / RELEASED_AT_MOST).saturating_add(1);
		let waiting = self.pending_rewards.ensure_add(reward.0)?;
		let era = self.working_era();
		let paid_for = if self.reaches_entrants(era) { self.prepaid_next } else { waiting };
		let released = waiting.min(paid_for).min(most);

		self.idle.ensure_add_assign(reward.0)?;
		self.stream = self.stream.add(released, now, self.era_length.saturating_mul(eras));
		self.pending_rewards = waiting.ensure_sub(released)?;
		self.pending_eras = self.pending_eras.saturating_sub(1).max(eras.saturating_sub(1)).max(1);
		let part = |amount: Balance, n: u32| amount.checked_div(n.into()).unwrap_or(amount);
		let next = part(self.pending_rewards, self.pending_eras)
			.saturating_add(part(reward.0, eras).min(holders / EXPECTED_AT_MOST))
			.min(most);
		// Whoever entered before this settlement has paid for those to come by the old measure: for the
		// next one, if it is not past their two eras, and for the one after it.
		let old = self.prepaid_later;
		let paid_for =
			|settlement| if self.reaches_entrants(settlement) { old } else { Balance::MAX };
		let next_era = era.saturating_add(1);
		(self.prepaid_next, self.prepaid_later) =
			(next.min(paid_for(next_era)), next.min(paid_for(next_era.saturating_add(1))));
		Ok(())
	}

	/// Whether the settlement of `era` brings rewards to somebody who entered less than two eras ago.
	fn reaches_entrants(&self, era: EraIndex) -> bool {
		self.entered_in.is_some_and(|entered| era <= entered.saturating_add(1))
	}

	/// Ends the settlement of `era`: whoever enters from now on pays for the next one.
	pub(crate) fn end_settlement(&mut self, era: EraIndex) {
		self.settled_era = Some(era);
		self.deposited = 0;
		(self.streamed, self.streamed_over) = (self.stream.amount, self.shares);
	}

	/// Counts what entered since the settlement as what may be paid out or staked.
	pub(crate) fn count_deposited(&mut self) {
		self.deposited = 0;
	}

	/// Adds `assets` that came in for no shares to the rewards that wait.
	pub(crate) fn book_gift(&mut self, assets: Assets) -> Result<(), ArithmeticError> {
		self.idle.ensure_add_assign(assets.0)?;
		self.book_found(assets)
	}

	/// Adds `assets` that the books did not know, and that count in a stash now, to the rewards that
	/// wait.
	pub(crate) fn book_found(&mut self, assets: Assets) -> Result<(), ArithmeticError> {
		self.pending_rewards.ensure_add_assign(assets.0)
	}

	/// Gives `assets` out of the rewards that wait to an account of the pool that lacks its existential
	/// deposit. `false` if fewer wait, or are idle.
	pub(crate) fn endow(&mut self, assets: Assets) -> bool {
		let mut next = (self.idle, self.pending_rewards);
		let taken = next.0.ensure_sub_assign(assets.0).and(next.1.ensure_sub_assign(assets.0));
		if taken.is_ok() {
			(self.idle, self.pending_rewards) = next;
		}
		taken.is_ok()
	}
}
