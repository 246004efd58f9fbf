// SPDX-License-Identifier: Apache-2.0

//! The scoring of an era: page by page, each of bounded cost.

use crate::{
	calls::{at_first, NEWCOMER},
	*,
};
use alloc::{collections::BTreeMap, vec::Vec};
use core::cell::Cell;
use frame_support::{
	traits::{Contains, Get},
	weights::Weight,
};
use holdfast_primitives::{stored, Balance, EraIndex, StashAccounts, ValidatorInfo};
use sp_runtime::{
	traits::{Saturating, UniqueSaturatedInto},
	Perbill,
};

/// The part of the reliability that an era makes: an eighth.
const NEW_PART: u64 = 8;

/// The part of the penalty that fades in an era: a sixty-fourth.
const FADES: u32 = 64;

/// Expected of an era when none has been paid yet. Only comparisons matter.
const SOME_PAYOUT: Balance = 1_000_000_000_000_000;

/// Pages of an earlier round that a step clears.
const CLEARED: u32 = 16;

/// What happened to one validator in the last era.
struct Sample {
	/// Its points against the mean of the elected, at most 1; `None` if it was not elected.
	points: Option<Perbill>,
	/// In how many eras, this one included, the pool's stake should have been exposed to it and was not.
	absent: u32,
	/// The last offence that is known.
	offence: Option<EraIndex>,
	/// The highest commission seen now.
	commission: Perbill,
}

impl<AccountId> Validator<AccountId> {
	/// Takes note of what happened up to `era`, of which `window` is as long as the bonding duration.
	fn observe(&mut self, sample: &Sample, era: EraIndex, window: EraIndex) {
		sample.points.into_iter().for_each(|points| self.rate(points));
		// At most two.
		(0..sample.absent).for_each(|_| self.rate(Perbill::zero()));
		let faded = self.penalty.deconstruct().checked_div(FADES).unwrap_or_default();
		self.penalty = Perbill::from_parts(self.penalty.deconstruct().saturating_sub(faded));
		if sample.offence > self.last_offence {
			let left = Perbill::one().saturating_sub(self.penalty);
			let half = Perbill::from_parts(left.deconstruct().checked_div(2).unwrap_or_default());
			self.penalty = Perbill::one().saturating_sub(half);
			self.last_offence = sample.offence;
		}
		let [now, before] = self.commission;
		let age = era.saturating_sub(self.window);
		self.commission = if age < window {
			[now.max(sample.commission), before]
		} else {
			self.window = era;
			[sample.commission, if age < window.saturating_mul(2) { now } else { Perbill::zero() }]
		};
	}

	/// Counts an era in the reliability.
	fn rate(&mut self, points: Perbill) {
		let parts = |part: Perbill| u64::from(part.deconstruct());
		let rest = parts(self.reliability).saturating_mul(NEW_PART.saturating_sub(1));
		let sum = rest.saturating_add(parts(points));
		// Divided by a constant that is not zero; no more than one.
		let average = sum.checked_div(NEW_PART).unwrap_or_default();
		self.reliability = Perbill::from_parts(average.unique_saturated_into());
	}

	/// Whether no plan has ever had a stash on it, so that there is nothing the pool could lose by it.
	pub(crate) fn was_never_planned(&self) -> bool {
		self.planned.is_none() && self.exposed.is_none()
	}

	/// Whether nothing that it did, or that was staked with it, can be slashed any more in `era`.
	pub(crate) fn is_over(&self, era: EraIndex, liability: EraIndex) -> bool {
		let liability = if self.was_never_planned() { 0 } else { liability };
		let last = self.left.map(|left| left.max(self.exposed.unwrap_or_default()));
		last.is_some_and(|last| last.saturating_add(liability) <= era)
	}

	/// Whether it has left so lately that it stays on record for what it would shed by coming back as
	/// another: a commission above `most`, or less than a newcomer starts with.
	fn is_remembered(&self, era: EraIndex, liability: EraIndex, most: Perbill) -> bool {
		let (reliability, penalty) = at_first(NEWCOMER, self.last_offence);
		let sheds = self.highest_commission() > most
			|| self.penalty > penalty
			|| self.reliability < reliability;
		sheds && self.left.is_some_and(|left| left.saturating_add(liability) > era)
	}

	/// Whether plans have had stashes on it for so long that they should be exposed in `era`.
	fn should_be_exposed(&self, era: EraIndex) -> bool {
		self.planned.is_some_and(|planned| planned.saturating_add(2) <= era)
	}

	/// The highest commission of the last bonding duration, and perhaps of some time before.
	pub fn highest_commission(&self) -> Perbill {
		let [now, before] = self.commission;
		now.max(before)
	}
}

impl<T: Config> Pallet<T> {
	/// Does a step of the round of `era`; `None` if that is done.
	pub(crate) fn step_round(era: EraIndex) -> Option<Weight> {
		let last = match stored::value::<CurrentRound<T>, Round<T::AccountId>>() {
			Ok(Some(round)) if round.era == era => {
				return (!round.done).then(|| Self::step_score(round))
			},
			Ok(last) => last.map_or(0, |last| last.pages.max(last.stale)),
			// It is made anew. Pages may be left of it, of one validator each at least.
			Err(_) => T::MaxValidators::get(),
		};
		Self::begin_round(era, last);
		Some(T::WeightInfo::begin_round())
	}

	/// The most that a step of a round weighs.
	pub(crate) fn step_round_weight() -> Weight {
		T::WeightInfo::begin_round()
			.max(
				T::WeightInfo::score(PAGE, MAX_EXPOSURE_PAGES)
					.saturating_add(T::WeightInfo::forget(PAGE)),
			)
			.max(T::WeightInfo::clear_pages(CLEARED))
	}

	/// Begins the round of `era`, after one that has left `stale` pages.
	pub(crate) fn begin_round(era: EraIndex, stale: u32) {
		// The first era has none before it, and tells nothing while it lasts.
		let before = era.checked_sub(1);
		let points = before.map(T::Validators::points).unwrap_or_default();
		CurrentRound::<T>::put(Round {
			era,
			set: T::Validators::set(era),
			seats: T::Validators::seats(),
			elected_before: before.map_or(0, |before| T::Validators::set(before).elected),
			points: points.values().fold(0, |sum, points| sum.saturating_add((*points).into())),
			payout: before.map_or(0, T::Validators::payout),
			after: None,
			pages: 0,
			stale,
			done: false,
		});
	}

	/// Scores the next page of validators, or clears what is left of longer rounds.
	pub(crate) fn step_score(mut round: Round<T::AccountId>) -> Weight {
		let mut validators = Self::validators_after(round.after.as_ref()).peekable();
		if validators.peek().is_none() {
			return Self::finish_round(round);
		}
		let points = round.era.checked_sub(1).map(T::Validators::points).unwrap_or_default();
		let parameters = Self::parameters();
		let mut page = PageOf::<T>::default();
		let (mut exposures, mut gone) = (0u32, Vec::new());
		let mut visited = 0u32;
		for (validator, record) in validators {
			let backing = T::Validators::backing(round.era, &validator);
			let pages = backing.map_or(0, |(_, pages)| pages.min(MAX_EXPOSURE_PAGES));
			let too_many = exposures.saturating_add(pages) > MAX_EXPOSURE_PAGES;
			if visited >= PAGE || too_many {
				break;
			}
			visited = visited.saturating_add(1);
			exposures = exposures.saturating_add(pages);
			round.after = Some(validator.clone());
			// What the pool has exposed to one that no plan ever had is looked for, so as to be sure.
			if record.is_over(round.era, Self::liability())
				&& !record.is_remembered(round.era, Self::liability(), parameters.max_commission)
				&& (!record.was_never_planned()
					|| Self::exposed_to_pool(round.era, &validator, backing).0 == 0)
			{
				gone.push((validator, record.operator));
				continue;
			}
			let score = Self::score(&round, &points, &parameters, validator, record, backing);
			// There is room: `visited` is bounded by the size of a page.
			let _ = page.try_push(score);
		}
		let forgotten: u32 = gone.len().unique_saturated_into();
		for (validator, operator) in gone {
			if Self::forget_of(&operator, validator).is_err() {
				Self::unreadable("an operator");
			}
		}
		Scores::<T>::insert(round.pages, page);
		round.pages = round.pages.saturating_add(1);
		CurrentRound::<T>::put(round);
		// What is forgotten is not scored.
		T::WeightInfo::score(visited.saturating_sub(forgotten), exposures)
			.saturating_add(T::WeightInfo::forget(forgotten))
	}

	/// Clears pages of longer rounds; the round is done when there are none.
	pub(crate) fn finish_round(mut round: Round<T::AccountId>) -> Weight {
		let from = round.pages.max(round.stale.saturating_sub(CLEARED));
		let cleared = round.stale.saturating_sub(from);
		(from..round.stale).for_each(Scores::<T>::remove);
		round.stale = from;
		round.done = from <= round.pages;
		CurrentRound::<T>::put(round);
		// And it was looked whether a validator is left.
		T::WeightInfo::clear_pages(cleared).saturating_add(T::DbWeight::get().reads(2))
	}

	fn validators_after(
		last: Option<&T::AccountId>,
	) -> impl Iterator<Item = (T::AccountId, Validator<T::AccountId>)> {
		// In the order of the trie. Who joins in the meantime may be scored only in the next round.
		match last {
			Some(last) => Validators::<T>::iter_from(Validators::<T>::hashed_key_for(last)),
			None => Validators::<T>::iter(),
		}
	}

	/// Takes note of the last era of a validator, and tells what it is worth.
	fn score(
		round: &Round<T::AccountId>,
		points: &BTreeMap<T::AccountId, u32>,
		parameters: &Parameters,
		validator: T::AccountId,
		mut record: Validator<T::AccountId>,
		backing: Option<(Balance, u32)>,
	) -> Score<T::AccountId> {
		let preferences = T::Validators::preferences(&validator);
		let keys = T::Validators::has_keys(&validator);
		let (total, own) = Self::stakes(round.era, &validator, backing);
		let (ours, exposed) = Self::exposed_to_pool(round.era, &validator, backing);
		let before = round.era.saturating_sub(1);
		let was_elected = T::Validators::backing(before, &validator).is_some();
		let due = record.should_be_exposed(round.era);
		let unexposed = ours == 0 && due;
		let refused = due && Self::has_refused(round.era, &validator, &exposed);
		let asked = preferences.map_or(Perbill::zero(), |preferences| preferences.commission);
		let sample = Sample {
			points: (was_elected && round.points > 0).then(|| {
				let points = points.get(&validator).copied().unwrap_or(0);
				let expected = u64::from(points).saturating_mul(round.elected_before.into());
				Perbill::from_rational(expected.min(round.points), round.points)
			}),
			absent: if refused { 1u32.saturating_add((!was_elected).into()) } else { 0 },
			offence: T::Validators::last_offence(&validator),
			commission: asked
				.max(T::Validators::commission(before, &validator))
				.max(T::Validators::commission(round.era, &validator)),
		};
		record.observe(&sample, round.era, T::Validators::bonding_duration());

		let missed = sample.points.is_some_and(|points| points < parameters.min_points);
		let worked = sample.points.is_some() && !missed;
		let before = Self::stored_standing(&validator);
		// One that cannot be decoded stays as it is, and its validator is not fit.
		let readable = before.is_ok();
		let mut standing = before.ok().flatten().unwrap_or_default();
		standing.to_show = standing.to_show.saturating_sub(worked.into());
		if ours > 0 {
			record.exposed = Some(round.era);
		}
		if unexposed {
			// From the next plan on, whoever was the reason.
			record.planned = None;
		}
		if missed || refused {
			// It has to show that it is back.
			let again = round.era.saturating_add(parameters.probation);
			record.fit_from = record.fit_from.max(again);
			record.planned = None;
			standing.to_show = standing.to_show.max(parameters.probation);
		}
		record.idle = match preferences {
			Some(_) if keys => None,
			_ => record.idle.or(Some(round.era)),
		};
		// Whoever does not come back takes up room.
		let most = if record.was_never_planned() { IDLE_ERAS } else { Self::liability() };
		let gone = record.idle.is_some_and(|idle| idle.saturating_add(most) <= round.era);
		record.left = record.left.or(gone.then_some(round.era));
		Validators::<T>::insert(&validator, &record);

		let found = Self::stored_operator(&record.operator);
		let unreadable = found.is_err() || !readable;
		let operator = found.ok().flatten();
		let commission = record.highest_commission();
		let bond = operator.as_ref().map_or(0, |operator| operator.lasting_bond());
		let offended = record.last_offence.is_some_and(|offence| {
			offence.saturating_add(T::Validators::bonding_duration()) >= round.era
		});
		let suspended = operator.as_ref().is_some_and(|o| o.suspended_until >= Some(round.era));
		let leaving = record.left.is_some() || operator.as_ref().is_none_or(|o| o.leaving);
		let identity = operator.as_ref().map(|o| Self::identity_of(&record.operator, o));
		let owes = Debts::<T>::contains_key(&validator) || identity.is_some_and(Self::owes_as);
		let on_probation = record.fit_from > round.era || standing.to_show > 0;
		let fitness = match preferences {
			_ if unreadable => Fitness::Undecodable,
			_ if leaving => Fitness::Leaving,
			_ if suspended => Fitness::Suspended,
			None => Fitness::NotACandidate,
			Some(_) if !keys => Fitness::NoKeys,
			Some(preferences) if preferences.blocked => Fitness::Blocked,
			_ if commission > parameters.max_commission => Fitness::CommissionTooHigh,
			_ if offended => Fitness::Offended,
			_ if missed => Fitness::MissedBlocks,
			_ if refused => Fitness::NotExposed,
			_ if owes => Fitness::InDebt,
			_ if bond < T::MinBond::get() => Fitness::BondTooSmall,
			_ if on_probation => Fitness::OnProbation,
			_ => Fitness::Fit,
		};
		let at_risk = if fitness == Fitness::Fit && backing.is_some() { own } else { 0 };
		standing.count(at_risk, round.era);
		if readable {
			Standings::<T>::insert(&validator, standing);
		}
		let asked_back = operator.as_ref().is_some_and(|operator| operator.release.is_some());

		let payout = if round.payout > 0 { round.payout } else { SOME_PAYOUT };
		let even = payout.checked_div(round.set.elected.max(1).into()).unwrap_or(payout);
		let kept = |part: Perbill| Perbill::one().saturating_sub(part);
		// One after the other: the product of small parts would lose digits.
		let net_payout = kept(commission)
			.mul_floor(kept(record.penalty).mul_floor(record.reliability.mul_floor(even)));
		Score {
			validator,
			bond,
			releasing: asked_back || standing.fell_lately(round.era, Self::liability()),
			clusters: operator
				.as_ref()
				.map_or([UNATTESTED; 4], |operator| operator.clusters(record.attested)),
			operator: record.operator,
			fitness,
			net_payout,
			reliability: record.reliability,
			penalty: record.penalty,
			commission,
			own,
			others: total.saturating_sub(ours),
			ours,
			elected: backing.is_some(),
		}
	}

	/// What is staked with a validator in `era`, and what of its own: of one that is elected, what is
	/// exposed and still in its ledger; what was bonded after the election is not at stake, and what is
	/// unbonding will not be for long.
	fn stakes(
		era: EraIndex,
		validator: &T::AccountId,
		backing: Option<(Balance, u32)>,
	) -> (Balance, Balance) {
		let now = T::Validators::own_stake(validator);
		match backing {
			Some((total, _)) => (total, now.min(T::Validators::exposed_own(era, validator))),
			None => (now, now),
		}
	}

	/// The pool's stake that is exposed to a validator in `era`, and the stashes whose it is.
	fn exposed_to_pool(
		era: EraIndex,
		validator: &T::AccountId,
		backing: Option<(Balance, u32)>,
	) -> (Balance, Vec<T::AccountId>) {
		let pages = backing.map_or(0, |(_, pages)| pages.min(MAX_EXPOSURE_PAGES));
		let exposed = Cell::new(Vec::new());
		let is_ours = |who: &T::AccountId| {
			let ours = T::Stashes::contains(who);
			if ours {
				let mut so_far = exposed.take();
				so_far.push(who.clone());
				exposed.set(so_far);
			}
			ours
		};
		let of = |page| T::Validators::backing_of(era, validator, page, is_ours);
		let sum = (0..pages).map(of).fold(0, Balance::saturating_add);
		(sum, exposed.into_inner())
	}

	/// Whether it is the doing of `validator` that stashes that the last plan had on it are not among
	/// the `exposed`: it has kicked them, or none is exposed though they nominate it.
	///
	/// It is not where the staking pallet has refused the nomination, or somebody has chilled the stash;
	/// nor where some are exposed and another is about to be. One of the stashes is looked at, another
	/// one in each era, so that none hides the others.
	fn has_refused(era: EraIndex, validator: &T::AccountId, exposed: &[T::AccountId]) -> bool {
		let Ok(assigned) = stored::value::<Assigned<T>, AssignedOf<T>>() else {
			Self::unreadable("the assignment of stashes");
			return false;
		};
		let missing: Vec<T::AccountId> = assigned
			.into_iter()
			.flatten()
			.filter(|(_, to)| to == validator)
			.map(|(stash, _)| T::Stashes::stash_account(stash))
			.filter(|stash| !exposed.contains(stash))
			.collect();
		let turn = usize::try_from(era).unwrap_or_default().checked_rem(missing.len());
		turn.and_then(|turn| missing.get(turn)).and_then(T::Validators::nominations).is_some_and(
			|targets| targets.is_empty() || (exposed.is_empty() && targets.contains(validator)),
		)
	}
}

impl Standing {
	/// Counts what is at risk in `era`, and whether it is less than before.
	fn count(&mut self, at_risk: Balance, era: EraIndex) {
		if at_risk < self.own {
			self.fell = Some(era);
		}
		self.own = at_risk;
	}

	/// Whether what is at risk has fallen in the last eras, as many as a bond takes to be released.
	fn fell_lately(&self, era: EraIndex, eras: EraIndex) -> bool {
		self.fell.is_some_and(|fell| fell.saturating_add(eras) > era)
	}
}
