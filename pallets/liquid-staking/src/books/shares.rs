// SPDX-License-Identifier: Apache-2.0

//! Entering and leaving.

use super::{PoolState, Settlements};
use crate::parameters::Parameters;
use holdfast_primitives::{
	shares::{pro_rata, pro_rata_up},
	Assets, Balance, EraIndex, Shares, Stream,
};
use sp_runtime::{
	traits::{EnsureAdd, EnsureAddAssign, EnsureSub, EnsureSubAssign},
	ArithmeticError, PerThing, Perbill, Perquintill,
	Rounding::Up,
};

/// What an instant redemption brings.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct InstantQuote {
	/// What the shares would be worth if no report were open.
	pub(crate) gross: Assets,
	/// What they are worth.
	pub(crate) net: Assets,
	/// The fee, which is at most `net`.
	pub(crate) fee: Assets,
}

impl InstantQuote {
	/// What the holder gets.
	pub(crate) fn payout(self) -> Assets {
		Assets(self.net.0.saturating_sub(self.fee.0))
	}

	/// What is withheld for open reports.
	pub(crate) fn withheld(self) -> Assets {
		Assets(self.gross.0.saturating_sub(self.net.0))
	}
}

impl PoolState {
	/// Books `assets` that came in for new `shares`.
	///
	/// They bring their part of the rewards that they paid for. It waits with the others': if the
	/// holders got it now, those among them who leave would gain from a reward that came after they
	/// had entered.
	///
	/// They bear their part of the open reports as well. Beside batches, the holders bear the larger
	/// part of them the more they have: see [`Self::bear_with`].
	pub(crate) fn issue(
		&mut self,
		assets: Assets,
		shares: Shares,
		now: u32,
		ahead: Settlements,
		unswept: Assets,
	) -> Result<(), ArithmeticError> {
		let before = (self.total_assets(now), Shares(self.shares));
		// Of shares and of one virtual share, as in the price: it is not more than was paid.
		let all = self.shares.saturating_add(1);
		let part = |amount| pro_rata(amount, shares.0, all).unwrap_or(0);
		let streamed = part(self.stream.unreleased(now));
		let (next, later) = (part(self.prepaid_next), part(self.prepaid_later));
		let prepaid = part(self.prepaid(ahead, unswept, now));
		self.bear_with(shares);
		self.stream = self.stream.put(streamed, now);
		self.pending_rewards.ensure_add_assign(prepaid)?;
		self.prepaid_next.ensure_add_assign(next)?;
		self.prepaid_later.ensure_add_assign(later)?;
		self.idle.ensure_add_assign(assets.0)?;
		self.shares.ensure_add_assign(shares.0)?;
		self.keep_dust(before, now)
	}

	/// As [`Self::issue`], for somebody who may leave again to gain from it.
	pub(crate) fn enter(
		&mut self,
		assets: Assets,
		shares: Shares,
		now: u32,
		active: Option<EraIndex>,
		unswept: Assets,
	) -> Result<(), ArithmeticError> {
		self.issue(assets, shares, now, self.settlements_ahead(active), unswept)?;
		self.deposited.ensure_add_assign(assets.0)?;
		self.entered_in = self.entered_in.max(active);
		Ok(())
	}

	/// Lets what rounding has added to the price wait as rewards do, but for the part of a unit without
	/// which the price would fall. `before` are the holders' assets and shares before somebody came or
	/// left.
	pub(super) fn keep_dust(
		&mut self,
		before: (Assets, Shares),
		now: u32,
	) -> Result<(), ArithmeticError> {
		let [assets, shares, all] =
			[before.0 .0, before.1 .0, self.shares].map(|amount| amount.saturating_add(1));
		let enough = pro_rata_up(assets, all, shares).unwrap_or(Balance::MAX).saturating_sub(1);
		let dust = self.total_assets(now).0.saturating_sub(enough);
		self.pending_rewards.ensure_add_assign(dust)
	}

	/// Takes out `shares` that leave. They do not take their part of the rewards on the stream with
	/// them; nor do those who stay get it now, who would gain by having entered just before: it
	/// goes back to where it waits for another settlement.
	pub(super) fn leave(&mut self, shares: Shares, now: u32) -> Result<(), ArithmeticError> {
		let stay = self.shares.ensure_sub(shares.0)?;
		let part = |amount| pro_rata(amount, stay, self.shares).unwrap_or(0);
		let unreleased = self.stream.unreleased(now);
		let forfeited = unreleased.saturating_sub(part(unreleased));
		let (next, later) = (part(self.prepaid_next), part(self.prepaid_later));
		(self.prepaid_next, self.prepaid_later) = (next, later);
		self.stream = self.stream.remove(forfeited, now);
		self.pending_rewards.ensure_add_assign(forfeited)?;
		self.shares = stay;
		Ok(())
	}

	/// What an instant redemption of `shares` brings now, if `uncovered` of the open reports will be
	/// lost. `None` if the buffer holds less, or the amount does not fit.
	///
	/// The fee is the integral of [`Parameters::instant_fee`], and at least what the stream brings
	/// the shares in this era: somebody who entered two eras ago has not paid for that.
	pub(crate) fn quote_instant(
		&self,
		shares: Shares,
		uncovered: Assets,
		parameters: &Parameters,
		now: u32,
	) -> Option<InstantQuote> {
		let gross = self.exit_price(now, Assets(0)).to_assets(shares)?;
		let net = self.exit_price(now, uncovered).to_assets(shares)?;
		let target = Assets(parameters.buffer_target(self.total_assets(now).0));
		let buffer = self.buffer(target);
		if net > buffer {
			return None;
		}
		let floor = pro_rata_up(shares.0, self.streamed, self.streamed_over).unwrap_or(0);
		let fee = parameters.instant_fee(net.0, buffer.0, target.0).max(floor);
		Some(InstantQuote { gross, net, fee: Assets(fee).min(net) })
	}

	/// The least part of what shares are worth that an instant redemption costs in this era, rounded up:
	/// what the stream brings them.
	pub(crate) fn least_instant_fee(&self, now: u32) -> Perbill {
		let brought = pro_rata_up(self.shares, self.streamed, self.streamed_over).unwrap_or(0);
		let assets = self.total_assets(now).0;
		Perbill::from_rational_with_rounding(brought.min(assets), assets.max(1), Up)
			.unwrap_or(Perbill::one())
	}

	/// Books an instant redemption. The fee becomes a reward.
	pub(crate) fn exit_instantly(
		&mut self,
		shares: Shares,
		quote: InstantQuote,
		now: u32,
	) -> Result<(), ArithmeticError> {
		let before = (self.total_assets(now), Shares(self.shares));
		self.idle.ensure_sub_assign(quote.payout().0)?;
		self.pending_rewards.ensure_add_assign(quote.fee.0)?;
		self.withheld.ensure_add_assign(quote.withheld().0)?;
		self.bear_without(shares);
		self.leave(shares, now)?;
		self.keep_dust(before, now)?;
		self.retire();
		Ok(())
	}

	/// When nobody has shares any more, what is left belongs to nobody: it becomes a liability to
	/// the treasury, and the pool is as it was at first.
	pub(crate) fn retire(&mut self) {
		if self.shares == 0 {
			self.clear_rewards();
			self.leftover =
				self.gross_assets().saturating_sub(self.owed).saturating_sub(self.withheld);
		}
	}

	/// Forgets all that is kept for holders when there are none.
	pub(super) fn clear_rewards(&mut self) {
		self.stream = Stream::default();
		(self.pending_rewards, self.pending_eras) = (0, 0);
		(self.prepaid_next, self.prepaid_later) = (0, 0);
		(self.streamed, self.streamed_over) = (0, 0);
		(self.holders_share_of_reports, self.worst_part) = (0, Perquintill::zero());
	}

	/// What can be paid to the treasury now.
	pub(crate) fn payable_leftover(&self) -> Assets {
		Assets(if self.owed == 0 { self.leftover.min(self.idle) } else { 0 })
	}

	/// Takes out what is paid to the treasury. Returns how much that is.
	pub(crate) fn pay_leftover(&mut self) -> Assets {
		let assets = self.payable_leftover();
		// It is at most either of them.
		self.idle = self.idle.saturating_sub(assets.0);
		self.leftover = self.leftover.saturating_sub(assets.0);
		assets
	}

	/// Assets that the holders have in block `now`, with the rewards that wait for them.
	pub(super) fn all_of_holders(&self, now: u32) -> Result<Assets, ArithmeticError> {
		self.total_assets(now).0.ensure_add(self.unreleased(now)).map(Assets)
	}
}
