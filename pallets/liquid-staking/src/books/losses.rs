// SPDX-License-Identifier: Apache-2.0

//! Slashes that have landed.

use super::{
	phase::Scan,
	queue::{liable, Queued},
	PoolState,
};
use holdfast_primitives::{shares::pro_rata_up, Assets, Balance, EraIndex};

/// What a slash took from a stash.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Taken {
	/// What it took from the stake.
	pub(crate) active: Assets,
	/// What it took from what is leaving the stake.
	pub(crate) unlocking: Assets,
	/// What cover has brought into the pot for it.
	pub(crate) cover: Assets,
	/// The amount that was reported for it.
	pub(crate) reported: Assets,
	/// The era of the offence.
	pub(crate) offence_era: EraIndex,
}

impl PoolState {
	/// Books what a slash took, and who bears it: the holders and every batch of `queue` that was
	/// in the pool in the era of the offence, pro rata, after cover and what was withheld from those
	/// who left. Returns what the batches bear.
	///
	/// Saturating throughout, since a slash must be booked whatever the books say; where they
	/// disagree with the staking pallet, the era work corrects them.
	pub(crate) fn lose(&mut self, taken: Taken, queue: &mut [Queued], now: u32) -> Assets {
		let holders = self.total_assets(now).0;
		let loss = taken.active.0.saturating_add(taken.unlocking.0);
		self.bonded = self.bonded.saturating_sub(taken.active.0);
		self.unbonding = self.unbonding.saturating_sub(taken.unlocking.0);
		self.idle = self.idle.saturating_add(taken.cover.0);

		self.close_report(taken.reported);
		// What was withheld for it may be paid now.
		self.funds_wait |= queue.iter().any(|queued| queued.funded().is_some());
		let uncovered = loss.saturating_sub(taken.cover.0);
		let rest = uncovered.saturating_sub(self.pay_with_withheld(uncovered, taken.reported));

		// What is to become the treasury's bears its part as well.
		let total = liable(queue, taken.offence_era, holders.saturating_add(self.leftover));
		let part = pro_rata_up(rest, self.leftover, total).unwrap_or(0).min(self.leftover);
		self.leftover = self.leftover.saturating_sub(part);
		let rest_of_others = rest.saturating_sub(part);
		let mut borne: Balance = 0;
		for queued in queue.iter_mut().filter(|queued| queued.is_liable(taken.offence_era)) {
			// Rounded up, but all of them no more than there is to bear.
			let part = queued.part_of(rest, total).min(rest_of_others.saturating_sub(borne));
			queued.bear(part);
			borne = borne.saturating_add(part);
		}
		self.owed = self.owed.saturating_sub(borne);
		self.cover_deficit(queue, now);
		self.retire();
		Assets(borne)
	}

	/// Takes `amount` off the open reports, because it is a loss now.
	fn close_report(&mut self, amount: Assets) {
		let reported = self.reported.saturating_sub(amount.0);
		self.holders_share_of_reports =
			pro_rata_up(self.holders_share_of_reports, reported, self.reported).unwrap_or(0);
		self.reported = reported;
		if reported > 0 {
			// Of those that are left, the holders may bear a larger part than of this one; and than before,
			// because what is released to them is not slashed.
			self.scan = Scan::Stale;
		}
	}

	/// Pays for what is `uncovered` of a slash, if it was `reported`, out of what was withheld from those
	/// who left. Returns how much that is. What the reports that are left cannot need becomes a reward.
	///
	/// What was withheld pays for whichever slash is not covered first: it was their part of what is not
	/// covered of all, and so the price of those who stay does not depend on which of them is.
	fn pay_with_withheld(&mut self, uncovered: Balance, reported: Assets) -> Balance {
		let paid = if reported.0 > 0 { uncovered.min(self.withheld) } else { 0 };
		self.withheld = self.withheld.saturating_sub(paid);
		// The reports that are left need no more than they take.
		let spare = self.withheld.saturating_sub(self.reported);
		self.withheld = self.withheld.saturating_sub(spare);
		self.pending_rewards = self.pending_rewards.saturating_add(spare);
		paid
	}

	/// Where a slash has taken more than those had who bear it, takes the rest from the rewards,
	/// then from the treasury, then from those who left early, then from all batches.
	pub(crate) fn cover_deficit(&mut self, queue: &mut [Queued], now: u32) {
		let mut deficit = self
			.liabilities()
			.saturating_add(self.unreleased(now))
			.saturating_sub(self.gross_assets());
		if deficit == 0 {
			return;
		}
		let part = deficit.min(self.stream.unreleased(now));
		self.stream = self.stream.remove(part, now);
		deficit = deficit.saturating_sub(part);
		for amount in [&mut self.pending_rewards, &mut self.leftover, &mut self.withheld] {
			let part = deficit.min(*amount);
			*amount = amount.saturating_sub(part);
			deficit = deficit.saturating_sub(part);
		}
		let (owed, mut remaining) = (self.owed, deficit);
		for queued in queue {
			let part = pro_rata_up(deficit, queued.owed(), owed).unwrap_or(0);
			let part = part.min(queued.owed()).min(remaining);
			queued.bear(part);
			self.owed = self.owed.saturating_sub(part);
			remaining = remaining.saturating_sub(part);
		}
	}
}
