// SPDX-License-Identifier: Apache-2.0

//! A validator: when it joins, leaves, and is forgotten.

use holdfast_primitives::EraIndex;
use sp_runtime::{traits::Saturating, Perbill};

/// Eras in which a validator on which no plan has ever had a stash may not stand for election, or have no
/// session keys, before it is taken off the record.
pub(crate) const IDLE_ERAS: EraIndex = 3;

/// The part of the reliability with which a newcomer starts: what is missing of it is halved in five to
/// six good eras.
const NEWCOMER: Perbill = Perbill::from_percent(50);

/// The terms on which a validator joins.
pub(crate) struct Terms {
	/// The era from which on it may be nominated.
	fit_from: EraIndex,
	/// The eras in which it has to show its work before.
	to_show: EraIndex,
	/// The reliability with which it starts.
	reliability: Perbill,
}

impl Terms {
	/// At genesis nobody could have shown anything.
	pub(crate) const GENESIS: Self = Self { fit_from: 0, to_show: 0, reliability: Perbill::one() };

	/// The terms of a validator that joins in `era`, and is on probation for so many eras.
	pub(crate) fn newcomer(era: EraIndex, probation: EraIndex) -> Self {
		let fit_from = era.saturating_add(probation);
		Self { fit_from, to_show: probation, reliability: NEWCOMER }
	}

	/// The era from which on it may be nominated.
	pub(crate) fn fit_from(&self) -> EraIndex {
		self.fit_from
	}

	/// The eras in which it has to show its work before.
	pub(crate) fn to_show(&self) -> EraIndex {
		self.to_show
	}
}

/// The reliability and the penalty with which a validator joins whose last offence is `last_offence`, where
/// one without an offence starts with `reliability`.
fn at_first(reliability: Perbill, last_offence: Option<EraIndex>) -> (Perbill, Perbill) {
	let penalty = Perbill::from_percent(if last_offence.is_some() { 50 } else { 0 });
	(reliability.saturating_mul(Perbill::one().saturating_sub(penalty)), penalty)
}

/// A validator as the registry knows it.
#[frame_support::stored(no_skip_type_params)]
pub struct Validator<AccountId> {
	/// The operator that runs it, whose bond pays for it.
	pub(super) operator: AccountId,
	/// Whether the registrar has found the operator's profile to be true of it.
	pub(super) attested: bool,
	/// The era from which on it may be nominated.
	pub(super) fit_from: EraIndex,
	/// The era in which it left. It stays on record until nothing it did can be slashed.
	pub(super) left_in: Option<EraIndex>,
	/// The moving average of its era points against the mean of the elected, at most 1.
	pub(super) reliability: Perbill,
	/// The part by which its expected payout is reduced for offences. Each of them halves what is left of
	/// the payout; the penalty fades by a sixty-fourth in an era.
	pub(super) penalty: Perbill,
	/// The era of the last offence that is counted in the penalty.
	pub(super) last_offence: Option<EraIndex>,
	/// The highest commission seen in this window and in the one before; each is as long as the
	/// bonding duration.
	pub(super) commission: [Perbill; 2],
	/// The first era of this window.
	pub(super) window: EraIndex,
	/// The era since which the plans have had stashes on it; `None` if the last one has not.
	pub(super) planned: Option<EraIndex>,
	/// The last era in which stake of the pool was exposed to it, or a plan had a stash on it. `None`
	/// if no plan ever had.
	pub(super) exposed: Option<EraIndex>,
	/// The era since which it has not stood for election, or had no session keys; `None` if it does and has.
	pub(super) idle: Option<EraIndex>,
}

impl<AccountId> Validator<AccountId> {
	/// A validator of `operator` that joins in `era`.
	pub(crate) fn join(
		operator: AccountId,
		terms: &Terms,
		last_offence: Option<EraIndex>,
		era: EraIndex,
	) -> Self {
		let (reliability, penalty) = at_first(terms.reliability, last_offence);
		Self {
			operator,
			attested: false,
			fit_from: terms.fit_from,
			left_in: None,
			reliability,
			penalty,
			last_offence,
			commission: [Perbill::zero(); 2],
			window: era,
			planned: None,
			exposed: None,
			idle: None,
		}
	}

	/// The operator that runs it, whose bond pays for it.
	pub fn operator(&self) -> &AccountId {
		&self.operator
	}

	/// Whether the registrar has found the operator's profile to be true of it.
	pub fn is_attested(&self) -> bool {
		self.attested
	}

	/// The era from which on it may be nominated.
	pub fn fit_from(&self) -> EraIndex {
		self.fit_from
	}

	/// The era in which it left; `None` if it has not.
	pub fn left_in(&self) -> Option<EraIndex> {
		self.left_in
	}

	/// The moving average of its era points against the mean of the elected, at most 1.
	pub fn reliability(&self) -> Perbill {
		self.reliability
	}

	/// The part by which its expected payout is reduced for offences.
	pub fn penalty(&self) -> Perbill {
		self.penalty
	}

	/// The era of the last offence that is counted in the penalty.
	pub fn last_offence(&self) -> Option<EraIndex> {
		self.last_offence
	}

	/// The highest commission of the last bonding duration, and perhaps of some time before.
	pub fn highest_commission(&self) -> Perbill {
		let [now, before] = self.commission;
		now.max(before)
	}

	/// Whether the last plan has a stash on it.
	pub fn is_planned(&self) -> bool {
		self.planned.is_some()
	}

	/// Whether no plan has ever had a stash on it, so that there is nothing the pool could lose by it.
	pub fn was_never_planned(&self) -> bool {
		self.planned.is_none() && self.exposed.is_none()
	}

	/// Whether plans have had stashes on it for so long that they should be exposed in `era`.
	pub(crate) fn should_be_exposed(&self, era: EraIndex) -> bool {
		self.planned.is_some_and(|planned| planned.saturating_add(2) <= era)
	}

	/// Whether nothing that it did, or that was staked with it, can be slashed any more in `era`.
	pub(crate) fn is_over(&self, era: EraIndex, liability: EraIndex) -> bool {
		let liability = if self.was_never_planned() { 0 } else { liability };
		let last = self.left_in.map(|left| left.max(self.exposed.unwrap_or_default()));
		last.is_some_and(|last| last.saturating_add(liability) <= era)
	}

	/// Whether it has left so lately that it stays on record for what it would shed by coming back as
	/// another: a commission above `most`, or less than a newcomer starts with.
	pub(crate) fn is_remembered(&self, era: EraIndex, liability: EraIndex, most: Perbill) -> bool {
		let (reliability, penalty) = at_first(NEWCOMER, self.last_offence);
		let sheds = self.highest_commission() > most
			|| self.penalty > penalty
			|| self.reliability < reliability;
		sheds && self.left_in.is_some_and(|left| left.saturating_add(liability) > era)
	}

	/// Lets it join its operator again, which it had left. Its record stays as it is.
	pub(crate) fn rejoin(self, terms: &Terms) -> Self {
		Self { fit_from: terms.fit_from, left_in: None, attested: false, ..self }
	}

	/// Says whether the operator's profile is true of it.
	pub(crate) fn attest(&mut self, attested: bool) {
		self.attested = attested;
	}

	/// Lets it leave in `era`, if it has not left before.
	pub(crate) fn leave(&mut self, era: EraIndex) {
		self.left_in = self.left_in.or(Some(era));
	}

	/// Notes whether the plan of `era` has a stash on it. From then on it may have something of the pool's
	/// to lose.
	pub(crate) fn plan(&mut self, era: EraIndex, has_stash: bool) {
		if has_stash {
			self.planned = self.planned.or(Some(era));
			self.exposed = self.exposed.max(Some(era));
		} else {
			self.planned = None;
		}
	}

	/// Notes that stake of the pool is exposed to it in `era`.
	pub(crate) fn note_exposed(&mut self, era: EraIndex) {
		self.exposed = Some(era);
	}

	/// Counts anew, from the next plan on, for how long plans have had stashes on it.
	pub(crate) fn note_unexposed(&mut self) {
		self.planned = None;
	}

	/// Lets it show that it is back: it may be nominated from era `from` on, if not later.
	pub(crate) fn set_back(&mut self, from: EraIndex) {
		self.fit_from = self.fit_from.max(from);
		self.planned = None;
	}

	/// Notes whether it validates in `era`. If it has not done so for long, it has left: it takes up room.
	pub(crate) fn note_idle(&mut self, validates: bool, era: EraIndex, liability: EraIndex) {
		self.idle = if validates { None } else { self.idle.or(Some(era)) };
		let most = if self.was_never_planned() { IDLE_ERAS } else { liability };
		if self.idle.is_some_and(|idle| idle.saturating_add(most) <= era) {
			self.leave(era);
		}
	}

	/// This record for a validator of another operator.
	#[cfg(feature = "runtime-benchmarks")]
	pub fn run_by(self, operator: AccountId) -> Self {
		Self { operator, ..self }
	}

	/// Lets its reliability be this one.
	#[cfg(test)]
	pub(crate) fn set_reliability(&mut self, reliability: Perbill) {
		self.reliability = reliability;
	}
}
