// SPDX-License-Identifier: Apache-2.0

//! The step that scores a page of validators.

use super::{
	judge::{judge, Facts},
	observe::{exposed_to_pool, observe},
	round::{Round, MAX_EXPOSURE_PAGES, PAGE},
	score::{Fitness, Score},
	value::net_payout,
};
use crate::{
	clock::liability,
	failures::unreadable,
	labels::UNATTESTED,
	records::{self, Validator},
	validators,
	weights::WeightInfo,
	Config, CurrentRound, PageOf, Scores, Standings, Validators,
};
use alloc::{collections::BTreeMap, vec::Vec};
use frame_support::{defensive, weights::Weight};
use holdfast_primitives::{Balance, ValidatorInfo};
use sp_runtime::traits::UniqueSaturatedInto;

/// The validators on record that come after `last`, in the order of the trie. One that joins in the meantime
/// may be scored only in the next round.
fn validators_after<T: Config>(
	last: Option<&T::AccountId>,
) -> impl Iterator<Item = (T::AccountId, Validator<T::AccountId>)> {
	match last {
		Some(last) => Validators::<T>::iter_from(Validators::<T>::hashed_key_for(last)),
		None => Validators::<T>::iter(),
	}
}

/// Scores the next page of validators, and forgets those of them for which nothing can be slashed any more.
/// Gives the round back if no validator is left.
pub(crate) fn score_page<T: Config>(
	mut round: Round<T::AccountId>,
) -> Result<Weight, Round<T::AccountId>> {
	let mut validators = validators_after::<T>(round.after.as_ref()).peekable();
	if validators.peek().is_none() {
		return Err(round);
	}
	let points = round.era.checked_sub(1).map(T::Validators::points).unwrap_or_default();
	let mut page = PageOf::<T>::default();
	let (mut visited, mut exposures, mut gone) = (0u32, 0u32, Vec::new());
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
		if is_gone::<T>(&round, &validator, &record, backing) {
			gone.push((validator, record.operator().clone()));
			continue;
		}
		let score = score::<T>(&round, &points, validator, record, backing);
		if page.try_push(score).is_err() {
			defensive!("a page has room for as many as a step visits");
		}
	}
	let forgotten: u32 = gone.len().unique_saturated_into();
	for (validator, operator) in gone {
		if validators::forget_of::<T>(&operator, validator).is_err() {
			unreadable("an operator");
		}
	}
	Scores::<T>::insert(round.pages, page);
	round.pages = round.pages.saturating_add(1);
	CurrentRound::<T>::put(round);
	// What is forgotten is not scored.
	Ok(T::WeightInfo::score(visited.saturating_sub(forgotten), exposures)
		.saturating_add(T::WeightInfo::forget(forgotten)))
}

/// Whether nothing can be slashed any more of what a validator that has left did, and there is nothing for
/// which it is remembered.
fn is_gone<T: Config>(
	round: &Round<T::AccountId>,
	validator: &T::AccountId,
	record: &Validator<T::AccountId>,
	backing: Option<(Balance, u32)>,
) -> bool {
	let (era, liability) = (round.era, liability::<T>());
	record.is_over(era, liability)
		&& !record.is_remembered(era, liability, round.parameters.max_commission)
		// What the pool has exposed to one that no plan ever had is looked for, so as to be sure.
		&& (!record.was_never_planned() || exposed_to_pool::<T>(era, validator, backing).0 == 0)
}

/// Takes note of the last era of a validator, and tells what it is worth.
fn score<T: Config>(
	round: &Round<T::AccountId>,
	points: &BTreeMap<T::AccountId, u32>,
	validator: T::AccountId,
	mut record: Validator<T::AccountId>,
	backing: Option<(Balance, u32)>,
) -> Score<T::AccountId> {
	let seen = observe::<T>(round, points, &validator, &record, backing);
	let standing = records::standing::<T>(&validator);
	// A standing that cannot be decoded stays as it is, and its validator is not fit.
	let is_readable = standing.is_ok();
	let mut standing = standing.ok().flatten().unwrap_or_default();
	seen.teach::<T>(round, &mut record, &mut standing);
	Validators::<T>::insert(&validator, &record);

	let operator = records::operator::<T>(record.operator());
	let is_readable_too = operator.is_ok();
	let operator = operator.ok().flatten();
	let fitness = judge::<T>(
		round,
		&validator,
		Facts {
			seen: &seen,
			record: &record,
			standing: &standing,
			operator: operator.as_ref(),
			is_readable: is_readable && is_readable_too,
		},
	);
	let is_at_risk = fitness == Fitness::Fit && backing.is_some();
	standing.count(if is_at_risk { seen.own() } else { 0 }, round.era);
	if is_readable {
		Standings::<T>::insert(&validator, standing);
	}
	let asked_back = operator.as_ref().is_some_and(|operator| operator.release().is_some());
	Score {
		validator,
		bond: operator.as_ref().map_or(0, |operator| operator.lasting_bond()),
		releasing: asked_back || standing.fell_lately(round.era, liability::<T>()),
		clusters: operator
			.as_ref()
			.map_or([UNATTESTED; 4], |operator| operator.clusters(record.is_attested())),
		operator: record.operator().clone(),
		fitness,
		net_payout: net_payout(round, &record),
		reliability: record.reliability(),
		penalty: record.penalty(),
		commission: record.highest_commission(),
		own: seen.own(),
		others: seen.others(),
		ours: seen.ours(),
		elected: backing.is_some(),
	}
}
