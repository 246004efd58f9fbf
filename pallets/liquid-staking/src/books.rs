// SPDX-License-Identifier: Apache-2.0

//! The pool's books. They change only through the verbs below, which touch no storage.

use crate::{Parameters, Phase, Queued, Stash};
use codec::{Decode, DecodeWithMemTracking, Encode, MaxEncodedLen};
use frame_support::{traits::Get, BoundedVec};
use holdfast_primitives::{
	shares::{pro_rata, pro_rata_up},
	Assets, Balance, BatchId, Chunk, EraIndex, Ledger, Price, Schedule, Shares, Stream,
};
use scale_info::TypeInfo;
use sp_runtime::{ArithmeticError, PerThing, Perbill, Perquintill, Rounding::Up};

/// In one era at most this part of the holders' assets is released as rewards. No stake earns as
/// much: it is there so that a donation cannot raise the price of a tiny pool out of reach.
const RELEASED_AT_MOST: Balance = 8;

/// Who enters pays for the reward that the running era will bring, estimated by the last one, but
/// at most this part of the holders' assets: a reward above it was a donation, not the next of many.
const EXPECTED_AT_MOST: Balance = 1_000;

/// A share that is worth less than one part in so many of an asset has lost its class.
const WIPED: Balance = 1_000_000;

/// What the pool owns, what it owes, and where its era work stands.
///
/// One storage item, because every call needs most of it.
#[derive(
	Clone,
	Debug,
	Default,
	PartialEq,
	Eq,
	Encode,
	Decode,
	DecodeWithMemTracking,
	TypeInfo,
	MaxEncodedLen,
)]
pub struct PoolState {
	/// Assets in the pot that are neither staked nor set aside for a funded batch.
	pub idle: Balance,
	/// Assets staked, over all stashes.
	pub bonded: Balance,
	/// Assets leaving the stake, over all stashes.
	pub unbonding: Balance,
	/// Assets that closed batches are still owed.
	pub owed: Balance,
	/// What those who left at once, at the price net of open reports, would have got without them.
	/// It pays their part of these slashes, and what it need not pay becomes a reward.
	pub withheld: Balance,
	/// Assets that nobody had shares of when the last holder went. They go to the treasury, after
	/// all batches.
	pub leftover: Balance,
	/// The class of shares that is issued. Those before it have lost all but a millionth.
	pub class: u32,
	/// Shares issued, and shares burned into the open batch.
	pub shares: Balance,
	/// The batch that requests of this era join.
	pub open_batch: BatchId,
	/// Shares burned into it.
	pub open_shares: Balance,
	/// Rewards on their way to the holders.
	pub stream: Stream,
	/// Rewards that wait to be put on the stream.
	pub held: Balance,
	/// Eras over which they are.
	pub held_eras: u32,
	/// What the next settlement puts on the stream, at most, if it brings rewards to anybody who
	/// entered lately. Who enters pays for it.
	pub expected: Balance,
	/// The same of each settlement after it. Who enters before the active era is settled pays for
	/// that, too.
	pub expected_later: Balance,
	/// Assets that entered since the last settlement.
	pub deposited: Balance,
	/// The era that was active when somebody entered last.
	pub entered_in: Option<EraIndex>,
	/// What the stream held after the last settlement.
	pub streamed: Balance,
	/// Shares there were then.
	pub streamed_over: Balance,
	/// Amounts of all slashes that are reported and not applied.
	pub reported: Balance,
	/// The holders' part of them beside batches, before cover and what was withheld; or more, until the
	/// reports are read again.
	pub borne: Balance,
	/// Whether that is up to date.
	pub scan: Scan,
	/// Stashes in use: those with a smaller index.
	pub stashes: u32,
	/// The era whose work was begun last.
	pub era: Option<EraIndex>,
	/// The era that was settled last.
	pub settled_era: Option<EraIndex>,
	/// Block in which the work of `era` began.
	pub era_start: u32,
	/// Length of the era before it, in blocks; zero if that is not known.
	pub era_length: u32,
	/// The first era whose rewards were not collected yet.
	pub unpaid_era: EraIndex,
	/// What the era work does next.
	pub phase: Phase,
	/// What governance has set; `None` until it has. In here because every call needs it.
	pub parameters: Option<Schedule<Parameters>>,
	/// Whether funds wait for the reports to be read: the queue could not be funded before.
	pub funds_wait: bool,
	/// Whether the reports that are being read have changed: the cover is told when all are read.
	pub reports_changed: bool,
	/// The holders' part of that report of which they bear the largest part, rounded up; or more, until
	/// the reports are read again.
	pub worst_part: Perquintill,
	/// Idle assets that batches wait for although something unbonds: it comes later than their turn.
	pub waited_for: Balance,
}

/// How far the reports are read.
#[derive(
	Clone,
	Copy,
	Debug,
	Default,
	PartialEq,
	Eq,
	Encode,
	Decode,
	DecodeWithMemTracking,
	TypeInfo,
	MaxEncodedLen,
)]
pub enum Scan {
	/// They are up to date.
	#[default]
	Fresh,
	/// They may have changed.
	Stale,
	/// They are being read; the slashes to be applied in this era are next.
	At(EraIndex),
}

/// What a slash took from a stash.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Taken {
	/// From its stake.
	pub active: Balance,
	/// From what is leaving it.
	pub unlocking: Balance,
	/// What cover has brought into the pot for it.
	pub cover: Balance,
	/// The amount that was reported for it.
	pub reported: Balance,
	/// The era of the offence.
	pub offence_era: EraIndex,
}

/// The next settlement, and some after it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Settlements {
	/// How many after it.
	pub later: Balance,
}

impl Settlements {
	/// The next one alone.
	pub const NEXT: Self = Self { later: 0 };

	/// What they bring, if the next one brings `next` and each of the others `later`. Saturating:
	/// bounded by the issuance.
	fn bring(self, next: Balance, later: Balance) -> Balance {
		next.saturating_add(later.saturating_mul(self.later))
	}
}

/// What an instant redemption brings.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct InstantQuote {
	/// What the shares would be worth if no report were open.
	pub gross: Balance,
	/// What they are worth.
	pub net: Balance,
	/// The fee. The holder gets `net - fee`.
	pub fee: Balance,
}

/// What the pool owns and owes.
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
	pub fn dues(&self) -> Balance {
		self.owed.saturating_add(self.leftover)
	}

	/// Assets that are not the holders'.
	fn liabilities(&self) -> Balance {
		self.dues().saturating_add(self.withheld)
	}

	/// Rewards that are not the holders' yet.
	pub fn unreleased(&self, now: u32) -> Balance {
		self.stream.unreleased(now).saturating_add(self.held)
	}

	/// What a share is worth to those who leave, if of the open reports `uncovered` will be lost.
	pub fn exit_price(&self, now: u32, uncovered: Balance) -> Price {
		let assets = self.total_assets(now).0.saturating_sub(uncovered);
		Price::new(Assets(assets), Shares(self.shares))
	}

	/// What a share costs those who enter.
	///
	/// They pay for all that can be released to them within two eras, and for all that has been earned:
	/// what is on the stream, and what is [prepaid](Self::prepaid).
	pub fn entry_price(&self, now: u32, ahead: Settlements, unswept: Balance) -> Price {
		let assets = self
			.total_assets(now)
			.0
			.saturating_add(self.stream.unreleased(now))
			.saturating_add(self.prepaid(ahead, unswept, now));
		Price::new(Assets(assets), Shares(self.shares))
	}

	/// What entrants pay for beside what is on the stream, for all shares: what the settlements `ahead`
	/// put there at most, or what waits and what lies `unswept` in the reward account, if that is more.
	/// They would get that later, for nothing.
	///
	/// But of that no more than the holders have: the rest takes more than eight eras to be released,
	/// and a donation to a nearly empty pool must not shut entrants out.
	fn prepaid(&self, ahead: Settlements, unswept: Balance, now: u32) -> Balance {
		if self.shares == 0 {
			// There is nobody to whom it could be due.
			return 0;
		}
		let earned = self.held.saturating_add(unswept).min(self.total_assets(now).0);
		ahead.bring(self.expected, self.expected_later).max(earned)
	}

	/// Settlements that may bring rewards to somebody who enters while era `active` is, and leaves
	/// within two eras.
	///
	/// That of the era after it; before that of the active one, if its work has not begun; and
	/// before that of the era whose work has, if it is not settled.
	pub fn settlements_ahead(&self, active: Option<EraIndex>) -> Settlements {
		let not_settled = match self.phase {
			Phase::PayOut { .. } | Phase::Withdraw { .. } | Phase::Settle => 1,
			_ => 0,
		};
		let not_begun = if self.era == active { 0 } else { 1 };
		Settlements { later: not_settled + not_begun }
	}

	/// Whether the settlement of `era` brings rewards to somebody who entered less than two eras ago.
	fn reaches_entrants(&self, era: EraIndex) -> bool {
		self.entered_in.is_some_and(|entered| era <= entered.saturating_add(1))
	}

	/// What the holders will bear of the open reports at most, if of all of them `uncovered` will be lost.
	/// Rounded up.
	///
	/// What was withheld from those who left pays first. Which of the reports are those of the rest is not
	/// known here: that they bear most of. If they bear the same part of all, it is their part exactly.
	pub fn uncovered_of_holders(&self, uncovered: Balance) -> Balance {
		let rest = uncovered.saturating_sub(self.withheld);
		self.worst_part.mul_ceil(rest).min(self.borne)
	}

	/// Whether the shares have lost all but a millionth of an asset each, even with the rewards that
	/// are still to be released.
	pub fn is_wiped(&self, now: u32) -> bool {
		self.total_assets(now).0.saturating_add(self.unreleased(now)) < self.least_worth()
	}

	/// Whether they are worth less than that now. Who entered at such a price would wipe the class
	/// himself by the number of his shares, and get what waits for the others when it is closed.
	pub fn is_worthless(&self, now: u32) -> bool {
		self.total_assets(now).0 < self.least_worth()
	}

	/// What all shares are worth at the least price at which anybody may enter.
	fn least_worth(&self) -> Balance {
		self.shares.checked_div(WIPED).unwrap_or(0)
	}

	/// Idle assets that instant redemptions may take: none that a batch waits for and that is not
	/// unbonding for it, and none that entered since the last settlement, so that nobody makes his
	/// own exit cheaper. Until the era work is done, which will bond the rest, not more than `target`.
	pub fn buffer(&self, target: Balance) -> Balance {
		let buffer = self
			.idle
			.saturating_sub(self.dues().saturating_sub(self.unbonding).max(self.waited_for))
			.saturating_sub(self.deposited);
		if self.phase == Phase::Idle {
			buffer
		} else {
			buffer.min(target)
		}
	}
}

/// Entering and leaving.
impl PoolState {
	/// Books `assets` that came in for new `shares`.
	///
	/// They bring their part of the rewards that they paid for. It waits with the others': would the
	/// holders get it now, those among them who leave would gain from a reward that came after they
	/// had entered.
	///
	/// They bear their part of the open reports as well. Beside batches, the holders bear the larger
	/// part of them the more they have: see [`Self::bear_with`].
	pub fn issue(
		&mut self,
		assets: Assets,
		shares: Shares,
		now: u32,
		ahead: Settlements,
		unswept: Balance,
	) -> Result<(), ArithmeticError> {
		let before = (self.total_assets(now).0, self.shares);
		// Of shares and of one virtual share, as in the price: it is not more than was paid.
		let all = self.shares.saturating_add(1);
		let part = |amount| pro_rata(amount, shares.0, all).unwrap_or(0);
		let streamed = part(self.stream.unreleased(now));
		let (expected, later) = (part(self.expected), part(self.expected_later));
		let prepaid = part(self.prepaid(ahead, unswept, now));
		self.bear_with(shares.0);
		self.stream = self.stream.put(streamed, now);
		self.held = add(self.held, prepaid)?;
		self.expected = add(self.expected, expected)?;
		self.expected_later = add(self.expected_later, later)?;
		self.idle = add(self.idle, assets.0)?;
		self.shares = add(self.shares, shares.0)?;
		self.hold_dust(before, now)
	}

	/// The holders' part of the reports, now that there will be so many more shares.
	///
	/// Who bears the part `f` of a report, beside batches, bears `s f / (1 + (s - 1) f)` of it with `s` times
	/// as much. That is concave: of several reports together it is not more than of their mean. So nobody
	/// leaves at a better price because others enter.
	fn bear_with(&mut self, more: Balance) {
		if self.reported == 0 {
			return;
		}
		if self.shares == 0 {
			// Nobody held any when they were read.
			(self.borne, self.worst_part) = (self.reported, Perquintill::one());
			self.scan = Scan::Stale;
			return;
		}
		let grown = |part: Balance, of: Balance| {
			let grown = pro_rata_up(part, self.shares.saturating_add(more), self.shares)?;
			pro_rata_up(of, grown, of.saturating_add(grown.saturating_sub(part)))
		};
		let parts = grown(self.worst_part.deconstruct().into(), ONE);
		(self.borne, self.worst_part) = (
			grown(self.borne, self.reported).unwrap_or(self.reported).min(self.reported),
			parts.map_or(Perquintill::one(), perquintill),
		);
	}

	/// The holders' part of the reports, now that there are `less` shares, for which their part of the
	/// reports was withheld.
	///
	/// With `s` times as much, the part `f` becomes `s f / (1 - (1 - s) f)`. That is convex: of several
	/// reports together it is at most as much smaller as of the one of which they bear most.
	fn bear_without(&mut self, less: Balance) {
		let stay = self.shares.saturating_sub(less);
		let over = self.shares.saturating_sub(self.worst_part.mul_ceil(less)).max(stay);
		let parts = pro_rata_up(self.worst_part.deconstruct().into(), stay, over);
		self.borne = pro_rata_up(self.borne, stay, over).unwrap_or(self.borne);
		self.worst_part = parts.map_or(self.worst_part, perquintill);
	}

	/// Lets wait what rounding has added to the price, but for the part of a unit without which the
	/// price would fall. `before` are the holders' assets and shares before somebody came or went.
	fn hold_dust(&mut self, before: (Balance, Balance), now: u32) -> Result<(), ArithmeticError> {
		let [assets, shares, all] =
			[before.0, before.1, self.shares].map(|amount| amount.saturating_add(1));
		let enough = pro_rata_up(assets, all, shares).unwrap_or(Balance::MAX).saturating_sub(1);
		let dust = self.total_assets(now).0.saturating_sub(enough);
		self.held = add(self.held, dust)?;
		Ok(())
	}

	/// As [`Self::issue`], for somebody who may leave again to gain from it.
	pub fn enter(
		&mut self,
		assets: Assets,
		shares: Shares,
		now: u32,
		active: Option<EraIndex>,
		unswept: Balance,
	) -> Result<(), ArithmeticError> {
		self.issue(assets, shares, now, self.settlements_ahead(active), unswept)?;
		self.deposited = add(self.deposited, assets.0)?;
		self.entered_in = self.entered_in.max(active);
		Ok(())
	}

	/// Moves `shares` from their holder into the open batch.
	pub fn queue(&mut self, shares: Shares) -> Result<(), ArithmeticError> {
		self.open_shares = add(self.open_shares, shares.0)?;
		Ok(())
	}

	/// Closes the open batch at the exit price before reports, for which it stays liable. `None` if
	/// nobody asked for anything.
	pub fn close_batch(
		&mut self,
		era: EraIndex,
		now: u32,
	) -> Result<Option<Queued>, ArithmeticError> {
		if self.open_shares == 0 {
			return Ok(None);
		}
		let shares = self.open_shares;
		let before = (self.total_assets(now).0, self.shares);
		let price = self.exit_price(now, 0);
		let claim = price.to_assets(Shares(shares)).ok_or(ArithmeticError::Overflow)?.0;
		// The batch takes its part of the open reports with it.
		let stay = sub(self.shares, shares)?;
		self.borne = pro_rata_up(self.borne, stay, self.shares).unwrap_or(self.borne);
		let parts = pro_rata_up(self.worst_part.deconstruct().into(), stay, self.shares);
		self.worst_part = parts.map_or(self.worst_part, perquintill);
		self.open_shares = 0;
		self.leave(shares, now)?;
		let queued = self.owe(era, shares, claim)?;
		self.hold_dust(before, now)?;
		Ok(Some(queued))
	}

	/// Puts a claim of `assets` for `shares` into the queue.
	fn owe(
		&mut self,
		era: EraIndex,
		shares: Balance,
		claim: Balance,
	) -> Result<Queued, ArithmeticError> {
		let id = self.open_batch;
		self.open_batch = id.checked_add(1).ok_or(ArithmeticError::Overflow)?;
		self.owed = add(self.owed, claim)?;
		Ok(Queued { id, shares, claim, funded: None, closed_in: era })
	}

	/// Takes out `shares` that leave. They do not take their part of the rewards on the stream with
	/// them; nor do those who stay get it now, who would gain by having entered just before: it
	/// goes back to where it waits for another settlement.
	fn leave(&mut self, shares: Balance, now: u32) -> Result<(), ArithmeticError> {
		let stay = sub(self.shares, shares)?;
		let part = |amount| pro_rata(amount, stay, self.shares).unwrap_or(0);
		let forfeited = {
			let unreleased = self.stream.unreleased(now);
			unreleased.saturating_sub(part(unreleased))
		};
		(self.expected, self.expected_later) = (part(self.expected), part(self.expected_later));
		self.stream = self.stream.remove(forfeited, now);
		self.held = add(self.held, forfeited)?;
		self.shares = stay;
		Ok(())
	}

	/// What an instant redemption of `shares` brings now. `None` if the buffer is too small, or the
	/// amount does not fit.
	///
	/// The fee is the integral of [`Parameters::instant_fee`], and at least what the stream brings
	/// the shares in this era: who entered two eras ago has not paid for that.
	pub fn quote_instant(
		&self,
		shares: Shares,
		uncovered: Balance,
		parameters: &Parameters,
		now: u32,
	) -> Option<InstantQuote> {
		let gross = self.exit_price(now, 0).to_assets(shares)?.0;
		let net = self.exit_price(now, uncovered).to_assets(shares)?.0;
		let target = parameters.buffer_target(self.total_assets(now).0);
		let buffer = self.buffer(target);
		if net > buffer {
			return None;
		}
		let floor = pro_rata_up(shares.0, self.streamed, self.streamed_over).unwrap_or(0);
		let fee = parameters.instant_fee(net, buffer, target).max(floor).min(net);
		Some(InstantQuote { gross, net, fee })
	}

	/// The least part of what shares are worth that an instant redemption costs in this era, rounded up:
	/// what the stream brings them.
	pub fn least_instant_fee(&self, now: u32) -> Perbill {
		let brought = pro_rata_up(self.shares, self.streamed, self.streamed_over).unwrap_or(0);
		let assets = self.total_assets(now).0;
		Perbill::from_rational_with_rounding(brought.min(assets), assets.max(1), Up)
			.unwrap_or(Perbill::one())
	}

	/// Books an instant redemption. The fee becomes a reward.
	pub fn exit_instantly(
		&mut self,
		shares: Shares,
		quote: InstantQuote,
		now: u32,
	) -> Result<(), ArithmeticError> {
		let before = (self.total_assets(now).0, self.shares);
		self.idle = sub(self.idle, quote.net.saturating_sub(quote.fee))?;
		self.held = add(self.held, quote.fee)?;
		self.withheld = add(self.withheld, quote.gross.saturating_sub(quote.net))?;
		self.bear_without(shares.0);
		self.leave(shares.0, now)?;
		self.hold_dust(before, now)?;
		self.retire();
		Ok(())
	}

	/// When nobody has shares any more, what is left belongs to nobody: it becomes a liability to
	/// the treasury, and the pool is as it was at first.
	pub fn retire(&mut self) {
		if self.shares == 0 {
			self.clear_rewards();
			self.leftover =
				self.gross_assets().saturating_sub(self.owed).saturating_sub(self.withheld);
		}
	}

	fn clear_rewards(&mut self) {
		self.stream = Stream::default();
		(self.held, self.held_eras) = (0, 0);
		(self.expected, self.expected_later) = (0, 0);
		(self.streamed, self.streamed_over) = (0, 0);
		(self.borne, self.worst_part) = (0, Perquintill::zero());
	}

	/// Closes the class of shares: all that is left of it becomes the claim of a last batch.
	pub fn close_class(&mut self, era: EraIndex, now: u32) -> Result<Queued, ArithmeticError> {
		let assets = add(self.total_assets(now).0, self.unreleased(now))?;
		let shares = core::mem::take(&mut self.shares);
		self.clear_rewards();
		self.class = self.class.checked_add(1).ok_or(ArithmeticError::Overflow)?;
		self.owe(era, shares, assets)
	}

	/// What can be paid to the treasury now.
	pub fn take_leftover(&mut self) -> Assets {
		let assets = if self.owed == 0 { self.leftover.min(self.idle) } else { 0 };
		// `assets` is at most either of them.
		self.idle = self.idle.saturating_sub(assets);
		self.leftover = self.leftover.saturating_sub(assets);
		Assets(assets)
	}

	/// Sets `assets` aside for a batch. `false` if there are not enough.
	pub fn fund(&mut self, assets: Balance) -> Result<bool, ArithmeticError> {
		if assets > self.idle {
			return Ok(false);
		}
		(self.idle, self.owed) = (sub(self.idle, assets)?, sub(self.owed, assets)?);
		self.waited_for = self.waited_for.saturating_sub(assets);
		Ok(true)
	}
}

/// Rewards.
impl PoolState {
	/// Takes the `reward` of so many `eras`, which is in the pot since `now`, and puts on the stream
	/// what may be released in the era that begins.
	///
	/// If that reaches anybody who entered less than two eras ago, it is no more than he paid for;
	/// the rest waits. The rewards of several eras are released over as many.
	pub fn reward(&mut self, reward: Assets, eras: u32, now: u32) -> Result<(), ArithmeticError> {
		let eras = eras.max(1);
		let holders = self.total_assets(now).0;
		// At least one unit, so that nothing waits for ever in a pool of a few; and enough to let a
		// worthless class recover soon.
		let most = (holders.max(self.least_worth()) / RELEASED_AT_MOST).saturating_add(1);
		let waiting = add(self.held, reward.0)?;
		let era = self.era.unwrap_or_default();
		let paid_for = if self.reaches_entrants(era) { self.expected } else { waiting };
		let released = waiting.min(paid_for).min(most);

		self.idle = add(self.idle, reward.0)?;
		self.stream = self.stream.add(released, now, self.era_length.saturating_mul(eras));
		self.held = sub(waiting, released)?;
		self.held_eras = self.held_eras.saturating_sub(1).max(eras.saturating_sub(1)).max(1);
		let part = |amount: Balance, n: u32| amount.checked_div(n.into()).unwrap_or(amount);
		let next = part(self.held, self.held_eras)
			.saturating_add(part(reward.0, eras).min(holders / EXPECTED_AT_MOST))
			.min(most);
		// Who entered before this settlement has paid for those to come by the old measure: for the
		// next one, if it is not past his two eras, and for the one after it.
		let old = self.expected_later;
		let paid_for = |settlement| {
			if self.reaches_entrants(settlement) {
				old
			} else {
				Balance::MAX
			}
		};
		let next_era = era.saturating_add(1);
		(self.expected, self.expected_later) =
			(next.min(paid_for(next_era)), next.min(paid_for(next_era.saturating_add(1))));
		Ok(())
	}

	/// Ends a settlement: whoever enters from now on pays for the next one.
	pub fn settled(&mut self, era: EraIndex) {
		self.settled_era = Some(era);
		self.deposited = 0;
		(self.streamed, self.streamed_over) = (self.stream.amount, self.shares);
	}

	/// Adds assets that came in for no shares to the rewards that wait.
	pub fn gift(&mut self, assets: Assets) -> Result<(), ArithmeticError> {
		self.idle = add(self.idle, assets.0)?;
		self.find(assets.0)
	}

	/// Gives `assets` out of the rewards that wait to an account of the pool that lacks its existential
	/// deposit. `false` if less waits, or is idle.
	pub fn endow(&mut self, assets: Balance) -> bool {
		match (self.idle.checked_sub(assets), self.held.checked_sub(assets)) {
			(Some(idle), Some(held)) => {
				(self.idle, self.held) = (idle, held);
				true
			},
			_ => false,
		}
	}

	/// Adds assets that the books did not know to the rewards that wait.
	pub fn find(&mut self, assets: Balance) -> Result<(), ArithmeticError> {
		self.held = add(self.held, assets)?;
		Ok(())
	}
}

/// Reports and slashes.
impl PoolState {
	/// Takes over the sum of the open reports. Where one was cancelled or has expired, what was
	/// withheld for it from those who left becomes a reward. Returns how much that is.
	pub fn report(&mut self, reported: Balance) -> Result<Balance, ArithmeticError> {
		let gone = self.reported.saturating_sub(reported);
		let released = self.release_withheld(gone);
		self.held = add(self.held, released)?;
		self.reported = reported;
		self.retire();
		Ok(released)
	}

	/// Measures the holders' part of `open`, the reports, each given as the era of the offence and the
	/// amount: beside the batches of `queue`, before cover and what was withheld.
	///
	/// Their part grows with what is released to them until it is measured again. So what is on the
	/// stream counts as theirs: who leaves at once pays rather too much than too little.
	pub fn attribute(
		&mut self,
		queue: &[Queued],
		open: impl Iterator<Item = (EraIndex, Balance)>,
		now: u32,
	) {
		let holders = self.total_assets(now).0.saturating_add(self.stream.unreleased(now));
		let (mut borne, mut worst): (Balance, Perquintill) = (0, Perquintill::zero());
		for (offence, amount) in open {
			let total = Self::liable(queue, offence, holders);
			borne = borne.saturating_add(pro_rata_up(amount, holders, total).unwrap_or(amount));
			let part = Perquintill::from_rational_with_rounding(holders, total, Up);
			worst = worst.max(part.unwrap_or(Perquintill::one()));
		}
		(self.borne, self.worst_part) = (borne.min(self.reported), worst);
	}

	/// What bears a slash for an offence of era `offence`: the assets of the holders, and what every
	/// batch was owed that was in the pool then.
	fn liable(queue: &[Queued], offence: EraIndex, holders: Balance) -> Balance {
		queue
			.iter()
			.filter(|queued| queued.is_liable(offence))
			.fold(holders, |sum, queued| sum.saturating_add(queued.base()))
	}

	/// Takes out the part of what is withheld that was withheld for `amount` of the reports.
	fn release_withheld(&mut self, amount: Balance) -> Balance {
		let part = if amount >= self.reported {
			self.withheld
		} else {
			pro_rata(self.withheld, amount, self.reported).unwrap_or(0)
		};
		// `part` is at most all of it.
		self.withheld = self.withheld.saturating_sub(part);
		part
	}

	/// Books what a slash took, and who bears it: the holders and every batch of `queue` that was
	/// in the pool in the era of the offence, pro rata, after cover and what was withheld from those
	/// who left. Returns what the batches bear.
	///
	/// What was withheld pays for whichever slash is not covered first: it was their part of what is not
	/// covered of all, and so the price of those who stay does not depend on which of them is.
	///
	/// Saturating throughout, since a slash must be booked whatever the books say; where they
	/// disagree with the staking pallet, the era work corrects them.
	pub fn lose(&mut self, taken: Taken, queue: &mut [Queued], now: u32) -> Balance {
		let holders = self.total_assets(now).0;
		let loss = taken.active.saturating_add(taken.unlocking);
		self.bonded = self.bonded.saturating_sub(taken.active);
		self.unbonding = self.unbonding.saturating_sub(taken.unlocking);
		self.idle = self.idle.saturating_add(taken.cover);

		let reported = self.reported.saturating_sub(taken.reported);
		self.borne = pro_rata_up(self.borne, reported, self.reported).unwrap_or(0);
		self.reported = reported;
		if reported > 0 {
			// Of those that are left, the holders may bear a larger part than of this one; and than before,
			// because what is released to them is not slashed.
			self.scan = Scan::Stale;
		}
		// What was withheld for it may be paid now.
		self.funds_wait |= queue.iter().any(|queued| queued.funded.is_some());
		let uncovered = loss.saturating_sub(taken.cover);
		let paid = if taken.reported > 0 { uncovered.min(self.withheld) } else { 0 };
		let rest = uncovered.saturating_sub(paid);
		self.withheld = self.withheld.saturating_sub(paid);
		// The reports that are left need no more than they take.
		let spare = self.withheld.saturating_sub(reported);
		self.withheld = self.withheld.saturating_sub(spare);
		self.held = self.held.saturating_add(spare);

		// What is to become the treasury's bears its part as well.
		let total = Self::liable(queue, taken.offence_era, holders.saturating_add(self.leftover));
		let part = pro_rata_up(rest, self.leftover, total).unwrap_or(0).min(self.leftover);
		self.leftover = self.leftover.saturating_sub(part);
		let rest_of_others = rest.saturating_sub(part);
		let mut borne: Balance = 0;
		for queued in queue.iter_mut().filter(|queued| queued.is_liable(taken.offence_era)) {
			// Rounded up, but all of them no more than there is to bear.
			let part = queued.part_of(rest, total).min(rest_of_others.saturating_sub(borne));
			queued.claim = queued.claim.saturating_sub(part);
			borne = borne.saturating_add(part);
		}
		self.owed = self.owed.saturating_sub(borne);
		self.cover_deficit(queue, now);
		self.retire();
		borne
	}

	/// Where a slash has taken more than those had who bear it, takes the rest from the rewards,
	/// then from the treasury, then from those who left early, then from all batches.
	pub fn cover_deficit(&mut self, queue: &mut [Queued], now: u32) {
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
		for amount in [&mut self.held, &mut self.leftover, &mut self.withheld] {
			let part = deficit.min(*amount);
			*amount = amount.saturating_sub(part);
			deficit = deficit.saturating_sub(part);
		}
		let (owed, mut left) = (self.owed, deficit);
		for queued in queue {
			let part = pro_rata_up(deficit, queued.claim, owed).unwrap_or(0);
			let part = part.min(queued.claim).min(left);
			queued.claim = queued.claim.saturating_sub(part);
			self.owed = self.owed.saturating_sub(part);
			left = left.saturating_sub(part);
		}
	}

	/// What is withheld from `queued` if it is funded now: its part of those of `open` for which it
	/// is liable, each given as the era of the offence and the amount.
	pub fn withheld_from(
		&self,
		queued: &Queued,
		queue: &[Queued],
		open: impl Iterator<Item = (EraIndex, Balance)>,
		now: u32,
	) -> Balance {
		let holders = self.total_assets(now).0;
		open.filter(|(offence, _)| queued.is_liable(*offence))
			.map(|(offence, amount)| queued.part_of(amount, Self::liable(queue, offence, holders)))
			.fold(0, |sum: Balance, part| sum.saturating_add(part))
			.min(queued.claim)
	}

	/// Takes over what the staking pallet holds of a stash.
	pub fn adopt<MaxChunks: Get<u32>, AccountId>(
		&mut self,
		stash: &mut Stash<AccountId, MaxChunks>,
		ledger: Ledger,
	) -> Result<(), ArithmeticError>
	where
		AccountId: Clone + Eq + core::fmt::Debug,
	{
		let unlocking: BoundedVec<Chunk, MaxChunks> =
			ledger.unlocking.try_into().map_err(|_| ArithmeticError::Overflow)?;
		let found = Stash { active: ledger.active, unlocking, ..stash.clone() };
		let bonded = add(sub(self.bonded, stash.active)?, found.active)?;
		let unbonding =
			add(sub(self.unbonding, stash.unlocking_total())?, found.unlocking_total())?;
		(self.bonded, self.unbonding, *stash) = (bonded, unbonding, found);
		Ok(())
	}
}

/// One as the parts of a [`Perquintill`].
const ONE: Balance = 1_000_000_000_000_000_000;

/// So many `parts` of [`ONE`], one at most.
fn perquintill(parts: Balance) -> Perquintill {
	Perquintill::from_parts(u64::try_from(parts).unwrap_or(u64::MAX))
}

fn add(a: Balance, b: Balance) -> Result<Balance, ArithmeticError> {
	a.checked_add(b).ok_or(ArithmeticError::Overflow)
}

fn sub(a: Balance, b: Balance) -> Result<Balance, ArithmeticError> {
	a.checked_sub(b).ok_or(ArithmeticError::Underflow)
}
