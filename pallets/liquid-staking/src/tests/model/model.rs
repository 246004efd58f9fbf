// SPDX-License-Identifier: Apache-2.0

//! What belongs to whom, in exact fractions.
//!
//! The model is a list of claims that together are all assets of the pool: of the holders, of each
//! batch, of those who left at once and whose part of the open reports is withheld, of the rewards
//! that wait, of the treasury. It follows the pallet's *events*, in their order, by the rules of
//! the module's documentation, and knows nothing of how the pallet keeps its books.
//!
//! Shares are units of a token, so that they are whole here too: how many a deposit buys is
//! checked, and then taken over. So are what is paid out and what policy sets (fees; how much of
//! the waiting rewards a settlement releases at most). All else is computed from claims alone.
//!
//! ## How far the pallet may be off
//!
//! Every rule here moves assets between claims: none are made or lost, and who has more before has
//! no less after. Such a map never lets two states drift apart (by Crandall and Tartar: what
//! preserves order and sum is a contraction in the sum of differences). So the differences between
//! the pallet and the model can only come from rounding, and their sum is at most the number of
//! divisions that the pallet has rounded, each by less than a unit: [`Model::roundings`].

use super::fraction::Fraction;
use crate::{mock::*, Event, Phase, PoolState, Queued, Report};
use holdfast_primitives::{Balance, BatchId, EraIndex};
use std::collections::BTreeMap;

/// A closed batch.
#[derive(Clone, Debug)]
pub struct ClosedBatch {
	pub id: BatchId,
	/// The era that was active then: the last in which its assets may have been exposed.
	pub closed_in: EraIndex,
	pub shares: Balance,
	/// What it is still owed.
	pub claim: Fraction,
	/// What it was funded with, when it was for the first time.
	pub first: Option<Balance>,
	/// What it was funded with when nothing was withheld any more.
	pub rest: Option<Balance>,
	/// Shares by owner: waiting for everything, and waiting for the rest only. Empty for the last
	/// batch of a class, whose owners hold tokens until they claim.
	pub owners: BTreeMap<AccountId, (Balance, Balance)>,
	/// The class of which it is the last batch.
	pub class: Option<u32>,
	/// How often it was claimed from.
	pub claims: u32,
	/// Whether it waits for assets.
	pub queued: bool,
}

impl ClosedBatch {
	/// What its part of a slash is measured by.
	fn base(&self) -> Fraction {
		self.claim.clone() + Fraction::from(self.first.unwrap_or(0))
	}
}

/// What the model needs to know of the moment besides the events.
pub struct Moment<'a> {
	pub now: u32,
	pub active: EraIndex,
	/// The pallet's state before the step, for what policy sets.
	pub before: &'a PoolState,
	pub after: &'a PoolState,
	/// What nobody but the holders would pay of the open reports, as the pallet says.
	pub uncovered: Balance,
	/// The part of a slash that cover would not pay.
	pub uncovered_part: Fraction,
	/// Rewards that lie in the reward account, less the fee.
	pub unswept: Balance,
	/// Eras from an offence to its slash.
	pub delay: EraIndex,
	/// Whether what is claimed is claimed for tokens of a closed class.
	pub tokens: bool,
}

/// All claims.
#[derive(Clone, Debug, Default)]
pub struct Model {
	/// The holders', among them those whose shares are in the open batch.
	pub holders: Fraction,
	/// Rewards that are released to the holders, evenly from block `since` to block `until`.
	pub stream: Fraction,
	since: u32,
	until: u32,
	/// Rewards that wait for a settlement.
	pub held: Fraction,
	/// Withheld from those who left at once.
	pub withheld: Fraction,
	/// The treasury's, when the last holder has gone.
	pub leftover: Fraction,
	/// Shares that the pool counts.
	pub shares: Balance,
	/// The class that is issued.
	pub class: u32,
	/// Shares in the open batch.
	pub open: BTreeMap<AccountId, Balance>,
	/// Closed batches that somebody can still claim from, oldest first.
	pub batches: Vec<ClosedBatch>,
	/// The open reports, as the pallet has read them.
	pub reports: Vec<Report<AccountId>>,
	pub reported: Balance,
	/// The era that was active when somebody entered last.
	entered_in: Option<EraIndex>,
	/// Divisions that the pallet has rounded so far.
	pub roundings: u128,
	/// What those who entered have lost because there are no parts of shares.
	pub remainders: Fraction,
}

/// A rule was broken.
pub type Broken = String;

/// Breaks off with a message unless `condition` holds.
macro_rules! demand {
	($condition:expr, $($message:tt)+) => {
		if !$condition {
			return Err(format!($($message)+));
		}
	};
}
pub(super) use demand;

impl Model {
	/// Rewards become the holders', block by block.
	pub fn pass_time(&mut self, now: u32) {
		if self.stream.is_zero() || now <= self.since {
			self.since = self.since.max(now);
			return;
		}
		let unreleased = if now >= self.until {
			Fraction::zero()
		} else {
			self.stream.clone()
				* Fraction::ratio((self.until - now).into(), (self.until - self.since).into())
		};
		self.holders += self.stream.clone() - unreleased.clone();
		self.stream = unreleased;
		self.since = now;
	}

	/// All claims together.
	pub fn total(&self) -> Fraction {
		let owed = self.owed();
		self.holders.clone()
			+ self.stream.clone()
			+ self.held.clone()
			+ self.withheld.clone()
			+ self.leftover.clone()
			+ owed
	}

	/// What batches wait for.
	pub fn owed(&self) -> Fraction {
		self.queue().fold(Fraction::zero(), |sum, batch| sum + batch.claim.clone())
	}

	/// Batches that wait for assets.
	pub fn queue(&self) -> impl Iterator<Item = &ClosedBatch> {
		self.batches.iter().filter(|batch| batch.queued)
	}

	/// How far a sum of claims may be from what the pallet says. One more, because what the pallet
	/// has not released of the stream is rounded at every look.
	pub fn tolerance(&self) -> Fraction {
		Fraction::from(self.roundings + 1)
	}

	/// Compares the claims with what the pallet says, after the step has been followed.
	pub fn compare(&self, pool: &PoolState, queue: &[Queued]) -> Result<(), Broken> {
		let gross = pool.gross_assets();
		demand!(
			self.total().is_about(&Fraction::from(gross)),
			"the claims are {:?}, the assets {gross}",
			self.total()
		);
		demand!(self.shares == pool.shares(), "{} shares", self.shares);
		demand!(self.open.values().sum::<Balance>() == pool.open_shares(), "open: {:?}", self.open);
		demand!(self.reported == pool.reported(), "reported: {}", self.reported);
		let waiting = self.stream.clone() + self.held.clone();
		let tolerance = self.tolerance();
		for (name, exact, booked) in [
			("holders", &self.holders, pool.total_assets(self.since).0),
			("unreleased", &waiting, pool.unreleased(self.since)),
			("withheld", &self.withheld, pool.withheld()),
			("leftover", &self.leftover, pool.leftover()),
			("owed", &self.owed(), pool.owed()),
		] {
			demand!(
				(exact.clone() - Fraction::from(booked)).within(&tolerance),
				"{name}: {exact:?}, and the pallet says {booked} after {} roundings",
				self.roundings
			);
		}
		for queued in queue {
			let batch = self.queue().find(|batch| batch.id == queued.id());
			let exact = batch.map_or(Fraction::zero(), |batch| batch.claim.clone());
			demand!(
				(exact.clone() - Fraction::from(queued.owed())).within(&tolerance),
				"batch {}: {exact:?}, and the pallet says {queued:?}",
				queued.id()
			);
		}
		Ok(())
	}

	/// What `shares` are worth to those who leave, if the holders had `assets`.
	fn worth(&self, shares: Balance, assets: &Fraction) -> Fraction {
		Fraction::from(shares) * (assets.clone() + Fraction::from(1))
			/ Fraction::from(self.shares + 1)
	}

	/// The most that roundings have left to those who stay.
	pub fn dust(&self) -> Fraction {
		self.remainders.clone() + Fraction::from(self.roundings)
	}

	/// Follows the events of one step.
	pub fn follow(&mut self, events: &[Event<Test>], moment: &Moment) -> Result<(), Broken> {
		self.pass_time(moment.now);
		let settled = moment.after.settled_era() != moment.before.settled_era();
		// A settlement has no event of its own. It comes before the first of these.
		let at = settled.then(|| {
			let first = |event: &Event<Test>| {
				!matches!(
					event,
					Event::ReportsChanged { .. }
						| Event::PlanSkipped { .. }
						| Event::EraWorkStarted { .. }
						| Event::Withdrawn { .. }
						| Event::StashCorrected { .. }
						| Event::StepFailed { .. }
				)
			};
			events.iter().position(first).unwrap_or(events.len())
		});
		for i in 0..=events.len() {
			if at == Some(i) {
				self.settle(&events[i..], moment)?;
			}
			if let Some(event) = events.get(i) {
				self.event(event, moment).map_err(|broken| format!("{event:?}: {broken}"))?;
			}
		}
		if settled {
			self.retire();
		}
		Ok(())
	}

	fn event(&mut self, event: &Event<Test>, moment: &Moment) -> Result<(), Broken> {
		match event {
			Event::Deposited { assets, shares, .. } => self.deposit(*assets, *shares, moment),
			Event::RedemptionRequested { who, batch, shares } => {
				demand!(*batch == moment.before.open_batch(), "not the open batch");
				*self.open.entry(who.clone()).or_default() += shares;
				Ok(())
			},
			Event::InstantlyRedeemed { shares, assets, fee, withheld, .. } => {
				self.leave_at_once(*shares, *assets, *fee, *withheld, moment)
			},
			Event::BatchClosed { batch, shares, assets } => {
				self.close_batch(*batch, *shares, *assets, moment)
			},
			Event::ClassClosed { class, batch, shares, assets } => {
				self.close_class(*class, *batch, *shares, *assets, moment)
			},
			Event::BatchFunded { batch, assets, withheld } => self.fund(*batch, *assets, *withheld),
			Event::Claimed { owner, batch, shares, assets } => {
				self.claim(owner, *batch, *shares, *assets, moment)
			},
			Event::LeftoverPaid { assets } => {
				self.leftover -= Fraction::from(*assets);
				Ok(())
			},
			Event::ReportsChanged { reported, released } => self.report(*reported, *released),
			Event::Slashed { stash, offence_era, assets, covered, batches, .. } => {
				self.slash(*stash, *offence_era, *assets, *covered, *batches, moment)
			},
			Event::RateUpdated { total_assets, shares, .. } => {
				demand!(
					(self.holders.clone() - Fraction::from(*total_assets))
						.within(&self.tolerance())
						&& *shares == self.shares,
					"the holders have {:?}, and {} shares",
					self.holders,
					self.shares
				);
				Ok(())
			},
			Event::StashCorrected { .. } => {
				Err("nothing here changes a stash behind the pool's back".into())
			},
			// Who nominates whom, and where assets lie, is nobody's gain or loss. What was
			// collected is followed with its settlement.
			_ => Ok(()),
		}
	}

	fn deposit(&mut self, assets: Balance, shares: Balance, moment: &Moment) -> Result<(), Broken> {
		// The settlement of the next era may bring them rewards; so may that of this one, and that of
		// an era before it whose work is late.
		let before = moment.before;
		let begun = before.era() == Some(moment.active);
		let settled = !matches!(
			before.phase(),
			Phase::PayOut { .. } | Phase::Withdraw { .. } | Phase::Settle
		);
		let later = Balance::from(!begun) + Balance::from(!settled);
		// Or what is earned already and may be released to them later, if that is more.
		let earned =
			(before.pending_rewards() + moment.unswept).min(before.total_assets(moment.now).0);
		let earned = if before.shares() > 0 { earned } else { 0 };
		let expected = before.prepaid_next() + before.prepaid_later() * later;
		let expected = Fraction::from(expected.max(earned));
		self.check_entry(assets, shares, &expected)?;
		let streamed = Fraction::from(moment.before.stream().unreleased(moment.now));
		let held = self.held.clone();
		let share =
			(self.pipe() + expected.clone() + Fraction::from(1)) / Fraction::from(self.shares + 1);
		self.enter(assets, shares, streamed, expected);
		// They get whole shares. What they have paid beyond these waits, instead of lifting the price.
		let waits = self.held.clone() - held;
		let beyond =
			Fraction::from(moment.after.pending_rewards() - moment.before.pending_rewards())
				- waits;
		demand!(
			beyond.clone() + Fraction::from(3) >= Fraction::zero()
				&& beyond.clone() <= share + Fraction::from(3),
			"{beyond:?} of a deposit wait"
		);
		self.holders -= beyond.clone();
		self.held += beyond;
		self.entered_in = Some(moment.active);
		Ok(())
	}

	/// Entrants bring their part of the rewards on the stream and of those that the next
	/// settlement may put there, so that they are no more to each share, and no less. Both are
	/// those that they paid for, in the pallet's whole units: a deposit may be larger than the pool by
	/// any factor, and would multiply what roundings there are.
	fn enter(&mut self, assets: Balance, shares: Balance, streamed: Fraction, expected: Fraction) {
		let part = Fraction::ratio(shares, self.shares + 1);
		let (streamed, waiting) = (streamed * part.clone(), expected * part);
		self.holders += Fraction::from(assets) - streamed.clone() - waiting.clone();
		self.stream += streamed;
		self.held += waiting;
		self.shares += shares;
		self.roundings += 4;
	}

	/// Entrants pay for all that the pool has and that will be released to them.
	fn check_entry(
		&mut self,
		assets: Balance,
		shares: Balance,
		expected: &Fraction,
	) -> Result<(), Broken> {
		let pool = self.pipe() + expected.clone();
		let (least, most) = (
			self.bought(assets, pool.clone() + self.tolerance()),
			self.bought(assets, pool - self.tolerance()),
		);
		let got = Fraction::from(shares);
		demand!(got <= most, "should be at most {most:?} shares");
		demand!(
			got.clone() + Fraction::from(1) > least,
			"should be more than {least:?} - 1 shares"
		);
		// In assets, at the price of entry.
		let lost = (least - got).max(Fraction::zero());
		let worth =
			(self.pipe() + expected.clone() + Fraction::from(1)) / Fraction::from(self.shares + 1);
		self.remainders += lost * worth;
		Ok(())
	}

	/// What the holders have and what is on the stream to them.
	fn pipe(&self) -> Fraction {
		self.holders.clone() + self.stream.clone()
	}

	/// Shares that `assets` buy of a pool that is worth `pool`.
	fn bought(&self, assets: Balance, pool: Fraction) -> Fraction {
		Fraction::from(assets) * Fraction::from(self.shares + 1)
			/ (pool.max(Fraction::zero()) + Fraction::from(1))
	}

	fn leave_at_once(
		&mut self,
		shares: Balance,
		assets: Balance,
		fee: Balance,
		withheld: Balance,
		moment: &Moment,
	) -> Result<(), Broken> {
		let (bears, knows) = (self.holders_loss(moment), Fraction::from(moment.uncovered));
		let tolerance = self.tolerance() * Fraction::from(self.reports.len() as Balance + 1);
		demand!(
			knows.clone() + tolerance >= bears,
			"the price counts {knows:?} of the reports, and the holders will bear {bears:?}"
		);
		let known = self.holders.clone() - Fraction::from(moment.uncovered);
		let gross = self.worth(shares, &self.holders);
		let net = self.worth(shares, &known.max(Fraction::zero()));
		let paid = Fraction::from(assets + fee);
		demand!(
			(net.clone() - paid.clone()).within(&self.tolerance()),
			"paid {assets} and kept {fee} for what is worth {net:?}"
		);
		self.holders += net.clone() - paid - gross.clone();
		demand!(
			(gross.clone() - net.clone() - Fraction::from(withheld)).within(&self.tolerance()),
			"withheld {withheld} of {gross:?} for what is worth {net:?}"
		);
		self.withheld += gross - net;
		self.held += Fraction::from(fee);
		self.forfeit(shares)?;
		self.retire();
		self.roundings += 5;
		Ok(())
	}

	/// What the holders will bear of the open reports, if all of them land now: after cover, and after what
	/// was withheld, with all others who were in the pool then. Those land first of which they bear least, so
	/// that what was withheld pays for these.
	fn holders_loss(&self, moment: &Moment) -> Fraction {
		let others = self.holders.clone() + self.leftover.clone();
		let mut withheld = self.withheld.clone();
		let mut reports: Vec<&Report<_>> = self.reports.iter().collect();
		// The older an offence is, the more batches are liable for it.
		reports.sort_by_key(|report| report.offence_era);
		let mut sum = Fraction::zero();
		for report in reports {
			let amount = Fraction::from(report.amount) * moment.uncovered_part.clone();
			let paid = amount.clone().min(withheld.clone());
			withheld -= paid.clone();
			let total = self.liable_total(report.offence_era, others.clone());
			if total > Fraction::zero() {
				sum += (amount - paid) * self.holders.clone() / total;
			}
		}
		sum.min(self.holders.clone()).max(Fraction::zero())
	}

	/// Those who leave do not take their part of the stream with them, and those who stay do not
	/// get it now.
	fn forfeit(&mut self, shares: Balance) -> Result<(), Broken> {
		demand!(shares <= self.shares, "more shares leave than there are");
		let part = self.stream.clone() * Fraction::ratio(shares, self.shares.max(1));
		self.stream -= part.clone();
		self.held += part;
		self.shares -= shares;
		Ok(())
	}

	/// When nobody has shares any more, all that nobody is owed is the treasury's.
	fn retire(&mut self) {
		if self.shares == 0 {
			for claim in [&mut self.holders, &mut self.stream, &mut self.held] {
				self.leftover += core::mem::take(claim);
			}
		}
	}

	/// Rewards are collected, fees taken, and what waits is put on the stream.
	fn settle(&mut self, events: &[Event<Test>], moment: &Moment) -> Result<(), Broken> {
		let (before, now) = (moment.before, moment.now);
		let collected = events.iter().find_map(|event| match event {
			Event::RewardsCollected { assets, .. } => Some(*assets),
			_ => None,
		});
		let fee = events.iter().find_map(|event| match event {
			Event::FeeTaken { fund, treasury, shares } => Some((*fund, *treasury, *shares)),
			_ => None,
		});
		let (fund, treasury, shares) = fee.unwrap_or_default();
		let premium = events.iter().find_map(|event| match event {
			Event::PremiumPaid { assets } => Some(*assets),
			_ => None,
		});
		let reward = collected.unwrap_or(0) - fund - treasury - premium.unwrap_or(0);

		self.held += Fraction::from(reward);
		// Policy: a cap, and if it reaches anybody within two eras of their entry, what was in their price.
		let reaches = |era: EraIndex| self.entered_in.is_some_and(|entered| era < entered + 2);
		let settled = moment.after.settled_era().unwrap_or_default();
		let (reached, next_reached) = (reaches(settled), reaches(settled + 1));
		let holders = before.total_assets(now).0;
		let most = holders.max(before.shares() / 1_000_000) / 8 + 1;
		let paid_for = if reached { before.prepaid_next().min(most) } else { most };
		let waits = self.held.clone();
		let waits = held_by(moment, treasury, events).map_or(waits, Fraction::from);
		demand!(
			(waits.clone() - self.held.clone()).within(&self.tolerance()),
			"{waits:?} wait, and should {:?}",
			self.held
		);
		let released = waits.clone().min(Fraction::from(paid_for));
		let eras = match (before.settled_era(), moment.after.settled_era()) {
			(Some(last), Some(era)) => era - last,
			_ => 1,
		};
		let end = now + (moment.after.era_length() * eras).max(1);
		// Only what is on the stream for the pallet, too, goes on as slowly as it was.
		let goes_on = before.stream().unreleased(now) > 0;
		self.until = if goes_on { end.max(self.until) } else { end };
		self.since = now;
		self.stream += released.clone();
		self.held -= released.clone();

		if self.shares > 0 && shares > 0 {
			// Policy: the treasury pays for what the next settlement will put there.
			let over = Fraction::ratio(moment.after.pending_eras().max(1).into(), 1);
			let earned = (reward / Balance::from(eras.max(1))).min(holders / 1_000);
			let expected = (waits.clone() - released.clone()) / over + Fraction::from(earned);
			let paid_for = if next_reached { before.prepaid_later() } else { most };
			let expected = expected.min(Fraction::from(most.min(paid_for))).floor();
			// Or for what waits for a later one, if that is more.
			let earned = (waits - released.clone()).min(Fraction::from(holders));
			let expected = expected.max(earned);
			self.check_entry(treasury, shares, &expected)?;
			let streamed = Fraction::from(before.stream().unreleased(now)) + released;
			// Less than a share of what it brings waits, see `deposit`.
			let pool = before.gross_assets() + reward;
			self.roundings += pool / before.shares().max(1) + 2;
			self.enter(treasury, shares, streamed, expected);
		} else {
			demand!(shares == 0, "a fee has bought shares of an empty pool");
			self.held += Fraction::from(treasury);
		}
		self.roundings += 2;
		Ok(())
	}

	fn close_batch(
		&mut self,
		id: BatchId,
		shares: Balance,
		assets: Balance,
		moment: &Moment,
	) -> Result<(), Broken> {
		let owners = core::mem::take(&mut self.open);
		demand!(owners.values().sum::<Balance>() == shares, "not what was requested");
		let claim = self.worth(shares, &self.holders);
		self.check_claim(assets, &claim)?;
		self.holders -= claim.clone();
		self.forfeit(shares)?;
		self.batches.push(ClosedBatch {
			id,
			closed_in: moment.active,
			shares,
			claim,
			first: None,
			rest: None,
			owners: owners.into_iter().map(|(who, shares)| (who, (shares, 0))).collect(),
			class: None,
			claims: 0,
			queued: true,
		});
		self.roundings += 4;
		Ok(())
	}

	/// A class that has lost nearly everything: what is left is its own.
	fn close_class(
		&mut self,
		class: u32,
		id: BatchId,
		shares: Balance,
		assets: Balance,
		moment: &Moment,
	) -> Result<(), Broken> {
		demand!(class == self.class && shares == self.shares, "another class");
		let rewards = core::mem::take(&mut self.stream) + core::mem::take(&mut self.held);
		let claim = core::mem::take(&mut self.holders) + rewards;
		self.check_claim(assets, &claim)?;
		demand!(
			claim.clone() - self.tolerance() < Fraction::ratio(shares, 1_000_000),
			"its shares are worth more than a millionth"
		);
		self.shares = 0;
		self.class += 1;
		self.batches.push(ClosedBatch {
			id,
			closed_in: moment.active,
			shares,
			claim,
			first: None,
			rest: None,
			owners: BTreeMap::new(),
			class: Some(class),
			claims: 0,
			queued: true,
		});
		self.roundings += 1;
		Ok(())
	}

	fn check_claim(&self, assets: Balance, claim: &Fraction) -> Result<(), Broken> {
		let assets = Fraction::from(assets);
		demand!(
			(claim.clone() - assets).within(&self.tolerance()),
			"its claim should be {claim:?}"
		);
		Ok(())
	}

	fn fund(&mut self, id: BatchId, assets: Balance, withheld: Balance) -> Result<(), Broken> {
		let expected = self.withheld_from(id);
		let tolerance = self.tolerance();
		let batch = self.batches.iter_mut().find(|batch| batch.id == id).ok_or("unknown")?;
		let rest = batch.claim.clone() - Fraction::from(assets);
		if batch.first.is_none() {
			batch.first = Some(assets);
			self.roundings += self.reports.len() as u128;
			demand!(
				(expected.clone() - Fraction::from(withheld)).within(&self.tolerance()),
				"should withhold {expected:?}"
			);
		} else {
			demand!(expected.is_zero(), "funded in full while a report is open");
			batch.rest = Some(assets);
		}
		demand!((rest.clone() - Fraction::from(withheld)).within(&tolerance), "not its claim");
		let batch = self.batches.iter_mut().find(|batch| batch.id == id).ok_or("unknown")?;
		if withheld > 0 {
			batch.claim = rest;
		} else {
			// Less than a unit, by which the holders are the better or the worse.
			batch.claim = Fraction::zero();
			batch.queued = false;
			self.holders += rest;
		}
		Ok(())
	}

	/// The part of a batch in the open reports for which it is liable.
	fn withheld_from(&self, id: BatchId) -> Fraction {
		let Some(batch) = self.batches.iter().find(|batch| batch.id == id) else {
			return Fraction::zero();
		};
		let mut sum = Fraction::zero();
		for report in self.reports.iter().filter(|report| report.offence_era <= batch.closed_in) {
			let total = self.liable_total(report.offence_era, self.holders.clone());
			if total > Fraction::zero() {
				let part = Fraction::from(report.amount) * batch.base() / total;
				sum += part.min(batch.claim.clone()).max(Fraction::zero());
			}
		}
		sum.min(batch.claim.clone()).max(Fraction::zero())
	}

	/// What those had together who were in the pool in the era of an offence.
	fn liable_total(&self, offence_era: EraIndex, holders: Fraction) -> Fraction {
		self.queue()
			.filter(|batch| offence_era <= batch.closed_in)
			.fold(holders, |sum, batch| sum + batch.base())
	}

	fn claim(
		&mut self,
		owner: &AccountId,
		id: BatchId,
		shares: Balance,
		assets: Balance,
		moment: &Moment,
	) -> Result<(), Broken> {
		let position = self.batches.iter().position(|b| b.id == id).ok_or("unknown batch")?;
		let batch = &mut self.batches[position];
		let first = batch.first.ok_or("paid before it was funded")?;
		let rest = (!batch.queued).then(|| batch.rest.unwrap_or(0));
		let entry = batch.owners.entry(owner.clone()).or_default();
		let due = if moment.tokens {
			// They are redeemed when they are claimed.
			entry.1 += if rest.is_none() { shares } else { 0 };
			first + rest.unwrap_or(0)
		} else if entry.0 > 0 {
			demand!(entry.0 == shares && entry.1 == 0, "not its shares");
			*entry = if rest.is_none() { (0, shares) } else { (0, 0) };
			first + rest.unwrap_or(0)
		} else {
			demand!(entry.1 == shares, "not its shares");
			*entry = (0, 0);
			rest.ok_or("paid what is withheld")?
		};
		batch.owners.retain(|_, (first, rest)| *first > 0 || *rest > 0);
		// Rounded down. What that leaves falls to later claims: less than a unit of each payment.
		let exact = Fraction::ratio(shares, batch.shares) * Fraction::from(due);
		let dust = Fraction::from(2 * Balance::from(batch.claims) + 2);
		demand!((exact.clone() - Fraction::from(assets)).within(&dust), "should be {exact:?}");
		batch.claims += 1;
		if batch.class.is_none() && batch.owners.is_empty() {
			self.batches.remove(position);
		}
		Ok(())
	}

	/// The sum of the open reports has changed. What was withheld for those that are gone becomes a
	/// reward.
	fn report(&mut self, reported: Balance, says: Balance) -> Result<(), Broken> {
		let mut released = Fraction::zero();
		if reported < self.reported {
			let gone = Fraction::ratio(self.reported - reported, self.reported);
			released = self.withheld.clone() * gone;
			self.withheld -= released.clone();
			self.held += released.clone();
			self.roundings += 1;
		}
		demand!(
			(released.clone() - Fraction::from(says)).within(&self.tolerance()),
			"{released:?} should become a reward"
		);
		self.reported = reported;
		Ok(())
	}

	/// A slash: cover pays first, then what was withheld, and then everybody who was in the pool when
	/// it happened, pro rata.
	fn slash(
		&mut self,
		stash: u32,
		offence_era: EraIndex,
		assets: Balance,
		covered: Balance,
		batches: Balance,
		moment: &Moment,
	) -> Result<(), Broken> {
		let reported = self.take_report(stash, offence_era, assets, moment)?;
		demand!(covered <= assets, "cover has paid more than was lost");
		let uncovered = Fraction::from(assets - covered);
		let paid = match reported {
			0 => Fraction::zero(),
			_ => self.withheld.clone().min(uncovered.clone()),
		};
		self.reported -= reported;
		self.withheld -= paid.clone();
		let rest = uncovered - paid;
		let spare = self.withheld.clone() - Fraction::from(self.reported);
		if spare > Fraction::zero() {
			self.withheld -= spare.clone();
			self.held += spare;
		}

		// What is to become the treasury's bears its part as well.
		let holders = self.holders.clone() + self.leftover.clone();
		let total = self.liable_total(offence_era, holders);
		let mut treasury = Fraction::zero();
		if total > Fraction::zero() {
			treasury = rest.clone() * self.leftover.clone() / total.clone();
			// Less than nothing by a rounding bears nothing.
			treasury = treasury.min(self.leftover.clone()).max(Fraction::zero());
		}
		self.leftover -= treasury.clone();
		let mut borne = Fraction::zero();
		for batch in self.batches.iter_mut().filter(|batch| batch.queued) {
			if offence_era <= batch.closed_in {
				let part = match total > Fraction::zero() {
					true => rest.clone() * batch.base() / total.clone(),
					false => batch.claim.clone(),
				};
				// A claim that is less than nothing by a rounding bears nothing.
				let part = part.min(batch.claim.clone()).max(Fraction::zero());
				batch.claim -= part.clone();
				borne += part;
				self.roundings += 1;
			}
		}
		self.roundings += 2;
		demand!(
			(borne.clone() - Fraction::from(batches)).within(&self.tolerance()),
			"the batches should bear {borne:?}"
		);
		self.holders -= rest - borne - treasury;
		self.bear_deficit();
		self.retire();
		Ok(())
	}

	/// Where those who should bear a slash had not enough, others do.
	fn bear_deficit(&mut self) {
		let zero = Fraction::zero();
		let others = [&mut self.stream, &mut self.held, &mut self.leftover, &mut self.withheld];
		for claim in others {
			let part = claim.clone().min(zero.clone() - self.holders.clone()).max(zero.clone());
			*claim -= part.clone();
			self.holders += part;
		}
		let owed = self.owed();
		if self.holders < zero && owed > zero {
			let left = (owed.clone() + self.holders.clone()).max(zero.clone()) / owed;
			for batch in self.batches.iter_mut().filter(|batch| batch.queued) {
				let claim = batch.claim.clone() * left.clone();
				self.holders += batch.claim.clone() - claim.clone();
				batch.claim = claim;
				self.roundings += 1;
			}
		}
	}

	/// Takes the report of a slash that lands out of the records; returns how much of it landed.
	fn take_report(
		&mut self,
		stash: u32,
		offence_era: EraIndex,
		assets: Balance,
		moment: &Moment,
	) -> Result<Balance, Broken> {
		let due = self
			.reports
			.iter_mut()
			.filter(|report| report.stash == stash && report.applied_in <= moment.active)
			.min_by_key(|report| report.applied_in);
		let Some(report) = due else {
			let happened = moment.active.saturating_sub(moment.delay);
			demand!(offence_era == happened, "it should count as of era {happened}");
			return Ok(0);
		};
		demand!(offence_era == report.offence_era, "was reported for {}", report.offence_era);
		let part = report.amount.min(assets);
		report.amount -= part;
		self.reports.retain(|report| report.amount > 0);
		Ok(part)
	}
}

/// What waits to be put on the stream, in the pallet's whole units: the only number of a settlement
/// that is seen neither before nor after it. `None` if nothing of it is left afterwards.
fn held_by(moment: &Moment, treasury: Balance, events: &[Event<Test>]) -> Option<Balance> {
	let (before, after, now) = (moment.before, moment.after, moment.now);
	if after.shares() == 0 || after.class() != before.class() {
		return None;
	}
	let closed = events.iter().fold(0, |sum, event| match event {
		Event::BatchClosed { assets, .. } => sum + assets,
		_ => sum,
	});
	// What the treasury brought besides what is the holders' at once.
	let holders = after.total_assets(now).0 + closed;
	let brought = before.total_assets(now).0 + treasury - holders;
	Some(after.unreleased(now) - brought - before.stream().unreleased(now))
}
