// SPDX-License-Identifier: Apache-2.0

//! The scoring of an era: page by page, each of bounded cost.

use crate::*;
use alloc::{collections::BTreeMap, vec::Vec};
use frame_support::{
	traits::{Contains, Get},
	weights::Weight,
};
use holdfast_primitives::{Balance, EraIndex, ValidatorInfo};
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
	/// The last offence that is known.
	offence: Option<EraIndex>,
	/// The highest commission seen now.
	commission: Perbill,
}

impl<AccountId> Validator<AccountId> {
	/// Takes note of what happened up to `era`, of which `window` is as long as the bonding duration.
	fn observe(&mut self, sample: &Sample, era: EraIndex, window: EraIndex) {
		if let Some(points) = sample.points {
			let parts = |part: Perbill| u64::from(part.deconstruct());
			let rest = parts(self.reliability).saturating_mul(NEW_PART.saturating_sub(1));
			let sum = rest.saturating_add(parts(points));
			// Divided by a constant that is not zero; no more than one.
			let average = sum.checked_div(NEW_PART).unwrap_or_default();
			self.reliability = Perbill::from_parts(average.unique_saturated_into());
		}
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

	/// Whether nothing that it did, or that was staked with it, can be slashed any more in `era`.
	pub(crate) fn is_over(&self, era: EraIndex, liability: EraIndex) -> bool {
		let last = self.left.map(|left| left.max(self.exposed.unwrap_or_default()));
		last.is_some_and(|last| last.saturating_add(liability) <= era)
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
		match CurrentRound::<T>::get() {
			Some(round) if round.era == era => (!round.done).then(|| Self::step_score(round)),
			last => {
				Self::begin_round(era, last);
				Some(T::WeightInfo::begin_round())
			},
		}
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

	pub(crate) fn begin_round(era: EraIndex, last: Option<Round<T::AccountId>>) {
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
			stale: last.map_or(0, |last| last.pages.max(last.stale)),
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
			if record.is_over(round.era, Self::liability()) {
				gone.push((validator, record.operator));
				continue;
			}
			let score = Self::score(&round, &points, validator, record, backing);
			// There is room: `visited` is bounded by the size of a page.
			let _ = page.try_push(score);
		}
		let forgotten: u32 = gone.len().unique_saturated_into();
		for (validator, operator) in gone {
			Self::forget_of(&operator, validator);
		}
		Scores::<T>::insert(round.pages, page);
		round.pages = round.pages.saturating_add(1);
		CurrentRound::<T>::put(round);
		// What is forgotten is not scored.
		T::WeightInfo::score(visited.saturating_sub(forgotten), exposures)
			.saturating_add(T::WeightInfo::forget(forgotten))
	}

	/// Takes a validator off the record, and out of its operator's list.
	pub(crate) fn forget_of(operator: &T::AccountId, validator: T::AccountId) {
		Operators::<T>::mutate(operator, |record| {
			if let Some(record) = record {
				record.validators.retain(|other| *other != validator);
			}
		});
		Self::forget(operator, validator);
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
		validator: T::AccountId,
		mut record: Validator<T::AccountId>,
		backing: Option<(Balance, u32)>,
	) -> Score<T::AccountId> {
		let preferences = T::Validators::preferences(&validator);
		let asked = preferences.map_or(Perbill::zero(), |preferences| preferences.commission);
		let before = round.era.saturating_sub(1);
		let was_elected = T::Validators::backing(before, &validator).is_some();
		let sample = Sample {
			points: (was_elected && round.points > 0).then(|| {
				let points = points.get(&validator).copied().unwrap_or(0);
				let expected = u64::from(points).saturating_mul(round.elected_before.into());
				Perbill::from_rational(expected.min(round.points), round.points)
			}),
			offence: T::Validators::last_offence(&validator),
			commission: asked
				.max(T::Validators::commission(before, &validator))
				.max(T::Validators::commission(round.era, &validator)),
		};
		record.observe(&sample, round.era, T::Validators::bonding_duration());

		let operator = Operators::<T>::get(&record.operator);
		let clusters = operator
			.as_ref()
			.map_or([UNATTESTED; 4], |operator| operator.clusters(record.attested));
		let own = T::Validators::own_stake(&validator);
		let (total, pages) = backing.unwrap_or((own, 0));
		let ours = (0..pages.min(MAX_EXPOSURE_PAGES))
			.map(|page| {
				T::Validators::backing_of(round.era, &validator, page, |who| {
					T::Stashes::contains(who)
				})
			})
			.fold(0, Balance::saturating_add);
		let commission = record.highest_commission();
		let identity = operator.as_ref().and_then(|operator| operator.identity);
		let owes = Debts::<T>::contains_key(&validator) || Self::owes_as(identity);

		let parameters = CurrentParameters::<T>::get();
		let again = round.era.saturating_add(parameters.probation);
		let missed = sample.points.is_some_and(|points| points < parameters.min_points);
		let refused = ours == 0 && record.should_be_exposed(round.era);
		if ours > 0 {
			record.exposed = Some(round.era);
		}
		if missed || refused {
			// It has to show that it is back.
			record.fit_from = record.fit_from.max(again);
			record.planned = None;
		}
		record.idle = match preferences {
			None => record.idle.or(Some(round.era)),
			Some(_) => None,
		};
		// Whoever does not come back takes up room.
		let gone =
			record.idle.is_some_and(|idle| idle.saturating_add(Self::liability()) <= round.era);
		record.left = record.left.or(gone.then_some(round.era));
		Validators::<T>::insert(&validator, &record);

		let bond = operator.as_ref().map_or(0, |operator| operator.lasting_bond());
		let offended = record.last_offence.is_some_and(|offence| {
			offence.saturating_add(T::Validators::bonding_duration()) >= round.era
		});
		let suspended = operator.as_ref().is_some_and(|o| o.suspended_until >= Some(round.era));
		let leaving = record.left.is_some() || operator.as_ref().is_none_or(|o| o.leaving);
		let fitness = match preferences {
			_ if leaving => Fitness::Leaving,
			_ if suspended => Fitness::Suspended,
			None => Fitness::NotACandidate,
			Some(preferences) if preferences.blocked => Fitness::Blocked,
			_ if commission > parameters.max_commission => Fitness::CommissionTooHigh,
			_ if offended => Fitness::Offended,
			_ if missed => Fitness::MissedBlocks,
			_ if refused => Fitness::NotExposed,
			_ if owes => Fitness::InDebt,
			_ if bond < T::MinBond::get() => Fitness::BondTooSmall,
			_ if record.fit_from > round.era => Fitness::OnProbation,
			_ => Fitness::Fit,
		};

		let payout = if round.payout > 0 { round.payout } else { SOME_PAYOUT };
		let even = payout.checked_div(round.set.elected.max(1).into()).unwrap_or(payout);
		let kept = |part: Perbill| Perbill::one().saturating_sub(part);
		// One after the other: the product of small parts would lose digits.
		let net_payout = kept(commission)
			.mul_floor(kept(record.penalty).mul_floor(record.reliability.mul_floor(even)));
		Score {
			validator,
			bond,
			releasing: operator.as_ref().is_some_and(|operator| operator.release.is_some()),
			operator: record.operator,
			clusters,
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
}
