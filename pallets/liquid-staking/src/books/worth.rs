// SPDX-License-Identifier: Apache-2.0

//! What the pool owns and owes, and what a share is worth.

use super::{phase::Phase, PoolState};
use holdfast_primitives::{Assets, Balance, EraIndex, Price, Shares};

/// A share that is worth less than one part in so many of an asset has lost its class.
const WIPED: Balance = 1_000_000;

/// The next settlement, and some after it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Settlements {
	/// How many come after the next one.
	later: Balance,
}

impl Settlements {
	/// The next settlement alone.
	pub(crate) const NEXT: Self = Self { later: 0 };

	/// What they bring together, if the next one brings `next` and each of the others `later`.
	/// Saturating: bounded by the issuance.
	fn bring(self, next: Balance, later: Balance) -> Balance {
		next.saturating_add(later.saturating_mul(self.later))
	}
}

impl PoolState {
	/// Assets that belong to the holders in block `now`.
	///
	/// Saturates at zero: what others are owed may exceed what a slash has left, until the end of
	/// the verb that books it.
	pub fn total_assets(&self, now: u32) -> Assets {
		Assets(
			self.gross_assets()
				.saturating_sub(self.liabilities())
				.saturating_sub(self.unreleased(now)),
		)
	}

	/// All assets of the pool, whoever has a claim on them. Saturating: bounded by the issuance.
	pub fn gross_assets(&self) -> Balance {
		self.idle.saturating_add(self.bonded).saturating_add(self.unbonding)
	}

	/// Assets that the pool will pay to others: to batches and to the treasury.
	pub(crate) fn payable(&self) -> Balance {
		self.owed.saturating_add(self.leftover)
	}

	/// Assets that are not the holders'.
	pub(super) fn liabilities(&self) -> Balance {
		self.payable().saturating_add(self.withheld)
	}

	/// Rewards that are not the holders' yet, in assets.
	pub(crate) fn unreleased(&self, now: u32) -> Balance {
		self.stream.unreleased(now).saturating_add(self.pending_rewards)
	}

	/// What a share is worth to those who leave, if `uncovered` of the open reports will be lost.
	pub fn exit_price(&self, now: u32, uncovered: Assets) -> Price {
		let assets = self.total_assets(now).0.saturating_sub(uncovered.0);
		Price::new(Assets(assets), Shares(self.shares))
	}

	/// What a share costs those who enter.
	///
	/// They pay for all that can be released to them within two eras, and for all that has been earned:
	/// what is on the stream, and what is [prepaid](Self::prepaid).
	pub(crate) fn entry_price(&self, now: u32, ahead: Settlements, unswept: Assets) -> Price {
		let assets = self
			.total_assets(now)
			.0
			.saturating_add(self.stream.unreleased(now))
			.saturating_add(self.prepaid(ahead, unswept, now));
		Price::new(Assets(assets), Shares(self.shares))
	}

	/// What entrants pay for beside what is on the stream, for all shares together: what the settlements
	/// `ahead` put there at most, or if that is more, what waits and what lies `unswept` in the reward
	/// account. They would get that later, for nothing.
	///
	/// But of that no more than the holders have: the rest takes more than eight eras to be released,
	/// and a donation to a nearly empty pool must not shut entrants out.
	pub(super) fn prepaid(&self, ahead: Settlements, unswept: Assets, now: u32) -> Balance {
		if self.shares == 0 {
			// There is nobody to whom it could be due.
			return 0;
		}
		let earned = self.pending_rewards.saturating_add(unswept.0).min(self.total_assets(now).0);
		ahead.bring(self.prepaid_next, self.prepaid_later).max(earned)
	}

	/// Settlements that may bring rewards to somebody who enters while era `active` is, and leaves
	/// within two eras.
	///
	/// That of the era after it; before that of the active one, if its work has not begun; and
	/// before that of the era whose work has begun, if it is not settled.
	pub(crate) fn settlements_ahead(&self, active: Option<EraIndex>) -> Settlements {
		let not_settled = Balance::from(self.phase.is_before_settlement());
		let not_begun = Balance::from(self.era != active);
		// At most two.
		Settlements { later: not_settled.saturating_add(not_begun) }
	}

	/// Whether the shares have lost all but a millionth of an asset each, even with the rewards that
	/// are still to be released.
	pub(crate) fn is_wiped(&self, now: u32) -> bool {
		self.total_assets(now).0.saturating_add(self.unreleased(now)) < self.least_worth()
	}

	/// Whether the shares are worth less than that now. Somebody who entered at such a price would wipe
	/// the class by the number of their own shares, and get what waits for the others when it is closed.
	pub(crate) fn is_worthless(&self, now: u32) -> bool {
		self.total_assets(now).0 < self.least_worth()
	}

	/// What all shares are worth at the least price at which anybody may enter, in assets.
	pub(super) fn least_worth(&self) -> Balance {
		self.shares.checked_div(WIPED).unwrap_or(0)
	}

	/// Idle assets that instant redemptions may take.
	///
	/// Nothing that a batch waits for and that is not unbonding for it in time, and nothing that entered
	/// since the last settlement, so that nobody makes their own exit cheaper. Until the era work is done,
	/// which will bond the rest, not more than `target`.
	pub(crate) fn buffer(&self, target: Assets) -> Assets {
		let buffer = self
			.idle
			.saturating_sub(self.payable().saturating_sub(self.unbonding).max(self.waited_for))
			.saturating_sub(self.deposited);
		match self.phase {
			Phase::Idle => Assets(buffer),
			_ => Assets(buffer).min(target),
		}
	}
}
