// SPDX-License-Identifier: Apache-2.0

//! Whom each stash nominates, and how well that is spread.

use crate::*;
use alloc::{
	collections::{BTreeMap, BTreeSet},
	vec,
	vec::Vec,
};
use core::cmp::Reverse;
use frame_support::{traits::Get, weights::Weight, BoundedVec};
use holdfast_planner::{plan, Candidate, Input, Stash};
use holdfast_primitives::{
	shares::pro_rata, stored, Balance, EraIndex, SlashModel, StashToPlace, ValidatorSelection,
};
use sp_runtime::{traits::UniqueSaturatedInto, FixedU128, Perbill};

/// By how much an unelected validator's backing must pass the last cut-off.
const CUT_OFF_MARGIN: Perbill = Perbill::from_percent(5);

/// One as a fixed point number of 18 decimals.
const ONE: u128 = 1_000_000_000_000_000_000;

/// So many stashes may stand under any cap one by one, however different they are: between so few there
/// is no better split.
const FEW: usize = 4;

/// A stash of at most this many times the mean may stand under any cap.
const ALIKE: Balance = 2;

/// Stakes of which the smaller is at most this part of the larger below it count as the larger: neither
/// units left over in rounding nor a tiny slash cost a stash its place where a cap is a number of stashes
/// exactly. So a cap may be exceeded by a thousandth of itself.
const SAME: Balance = 1_000;

/// A cap allows its part of the number of stashes as well, the largest of them, if these stake at most
/// this part of it more than it. Or else a slash of one stash would take from every cap that is a number
/// of stashes exactly one of the others.
const CLOSE: Balance = 20;

/// What the stashes of a plan stake, as caps see it.
pub(crate) struct Stakes {
	/// Of each stash, in their order.
	each: Vec<Balance>,
	/// Of all together.
	total: Balance,
	/// Of the smallest.
	least: Balance,
	/// Of the largest that may stand under any cap.
	whole: Balance,
	/// Of those that are no larger than that, the largest first.
	usual: Vec<Balance>,
}

impl Stakes {
	pub(crate) fn of(stakes: impl Iterator<Item = Balance>) -> Self {
		let mut each: Vec<Balance> = stakes.map(|stake| stake.max(1)).collect();
		let mut order: Vec<&mut Balance> = each.iter_mut().collect();
		order.sort_unstable_by(|a, b| b.cmp(a));
		let mut larger = order.first().map_or(0, |largest| **largest);
		for stake in order {
			if larger.saturating_sub(*stake) <= larger / SAME {
				*stake = larger;
			}
			larger = *stake;
		}
		// Sums are bounded by the issuance.
		let total = each.iter().fold(0, |sum: Balance, stake| sum.saturating_add(*stake));
		let count: Balance = each.len().unique_saturated_into();
		let bound = if each.len() <= FEW {
			total
		} else {
			total.saturating_mul(ALIKE).div_ceil(count.max(1))
		};
		let mut usual: Vec<_> = each.iter().copied().filter(|stake| *stake <= bound).collect();
		usual.sort_unstable_by(|a, b| b.cmp(a));
		let whole = usual.first().copied().unwrap_or(0);
		let least = each.iter().copied().min().unwrap_or(1);
		Self { each, total, least, whole, usual }
	}

	/// The most stake that `cap` allows: that part of all, rounded down, or of the number of stashes if
	/// they stake little more, but at least one stash, if it is not far larger than the others. A stash
	/// larger than that finds no place; it is for the pool to make it smaller.
	pub(crate) fn part(&self, cap: Perbill) -> Balance {
		let part = cap.mul_floor(self.total);
		let count: u64 = self.each.len().unique_saturated_into();
		let number: usize = cap.mul_floor(count).unique_saturated_into();
		// Sums are bounded by the issuance.
		let largest = self.usual.iter().take(number);
		let stashes = largest.fold(0, |sum: Balance, stake| sum.saturating_add(*stake));
		let close = stashes <= part.saturating_add(part / CLOSE);
		part.max(if close { stashes } else { 0 }).max(self.whole)
	}
}

/// What an operator's account has at stake itself.
struct Skin {
	/// The number of its cluster.
	operator: usize,
	/// Whether its name is not attested.
	unknown: bool,
	/// Its bond.
	bond: Balance,
	/// The stake of its validators themselves, of which an offence takes a part.
	own: Balance,
	/// What the pool stakes on them.
	load: Balance,
	/// Each of them: what the pool stakes on it, what it would earn with one stash alone, and its place
	/// among the scores.
	each: Vec<(Balance, Balance, usize)>,
	/// Whether it wants a part of the bond back, or has less stake of its own than it had.
	releasing: bool,
}

/// The outcome of a plan.
pub(crate) struct Outcome<AccountId> {
	/// Whom each stash is to nominate.
	pub(crate) chosen: Vec<Option<AccountId>>,
	/// What that changes.
	pub(crate) changes: Vec<PlannedChange<AccountId>>,
	/// Stashes without a place.
	pub(crate) unplaced: u32,
}

impl<T: Config> ValidatorSelection<T::AccountId> for Pallet<T> {
	fn prepare(era: EraIndex) -> Option<Weight> {
		Self::step_round(era)
	}

	fn prepare_weight() -> Weight {
		Self::step_round_weight()
	}

	fn select(era: EraIndex, stashes: &[StashToPlace<T::AccountId>]) -> Vec<Option<T::AccountId>> {
		let stay = || stashes.iter().map(|stash| stash.nominates.clone()).collect();
		let round = match stored::value::<CurrentRound<T>, Round<T::AccountId>>() {
			Ok(Some(round)) => round,
			Ok(None) => return vec![None; stashes.len()],
			Err(_) => {
				Self::unreadable("the round");
				return stay();
			},
		};
		let Ok(scores) = Self::stored_scores(&round) else {
			Self::unreadable("a page of scores");
			return stay();
		};
		LastDiversification::<T>::put(Self::diversification_of(&round, &scores));
		let outcome = Self::plan_of(&round, scores, stashes);
		let nominated = Self::note_plan(era, &outcome.chosen);
		let assigned = stashes.iter().zip(&outcome.chosen);
		let assigned =
			assigned.filter_map(|(stash, to)| Some((stash.index, to.clone()?))).collect();
		// At most one for each stash.
		Assigned::<T>::put(BoundedVec::truncate_from(assigned));
		let changes: u32 = outcome.changes.len().unique_saturated_into();
		let unplaced = outcome.unplaced;
		LastPlan::<T>::put(PlannedOf::<T> {
			era,
			// At most one for each stash.
			changes: BoundedVec::truncate_from(outcome.changes),
			unplaced,
			nominated: BoundedVec::truncate_from(nominated.into_iter().collect()),
		});
		Self::deposit_event(Event::NominationsPlanned { era, changes, unplaced });
		outcome.chosen
	}

	fn select_weight() -> Weight {
		T::WeightInfo::select(T::MaxValidators::get(), T::MaxStashes::get())
	}
}

impl<T: Config> Pallet<T> {
	/// Takes note of who is to be exposed to the pool, so that who never is can be told. Returns them.
	///
	/// Who was nominated before is read from the last plan: a stash that is emptied is not planned for
	/// any more.
	pub(crate) fn note_plan(
		era: EraIndex,
		chosen: &[Option<T::AccountId>],
	) -> BTreeSet<T::AccountId> {
		let after: BTreeSet<T::AccountId> = chosen.iter().flatten().cloned().collect();
		let before = LastPlan::<T>::get().map(|plan| plan.nominated).unwrap_or_default();
		// At most two for each stash.
		let all: BTreeSet<&T::AccountId> = before.iter().chain(&after).collect();
		for validator in all {
			// What cannot be decoded is not written.
			let Ok(Some(mut record)) = Self::stored_validator(validator) else { continue };
			if after.contains(validator) {
				record.planned = record.planned.or(Some(era));
				// From now on it may have something of the pool's to lose.
				record.exposed = record.exposed.max(Some(era));
			} else {
				record.planned = None;
			}
			Validators::<T>::insert(validator, record);
		}
		after
	}

	/// All scores of a round, as far as it is done.
	pub(crate) fn scores(round: &Round<T::AccountId>) -> Vec<Score<T::AccountId>> {
		// Bounded by `MaxValidators`.
		(0..round.pages).flat_map(Scores::<T>::get).collect()
	}

	/// As [`Self::scores`], if all of them can be decoded.
	fn stored_scores(
		round: &Round<T::AccountId>,
	) -> Result<Vec<Score<T::AccountId>>, stored::Undecodable> {
		let mut scores = Vec::new();
		for page in 0..round.pages {
			scores.extend(stored::entry::<Scores<T>, _, PageOf<T>>(page)?.into_iter().flatten());
		}
		Ok(scores)
	}

	/// Plans the nominations of `stashes`.
	pub(crate) fn plan_of(
		round: &Round<T::AccountId>,
		mut scores: Vec<Score<T::AccountId>>,
		stashes: &[StashToPlace<T::AccountId>],
	) -> Outcome<T::AccountId> {
		let parameters = Self::parameters();
		let places: BTreeMap<T::AccountId, u32> =
			scores.iter().map(|score| score.validator.clone()).zip(0u32..).collect();
		let stakes = Stakes::of(stashes.iter().map(|stash| stash.stake));
		let place_of =
			|stash: &StashToPlace<T::AccountId>| places.get(stash.nominates.as_ref()?).copied();
		let standing: Vec<Stash> = stashes
			.iter()
			.zip(&stakes.each)
			.map(|(stash, stake)| Stash { stake: *stake, current: place_of(stash) })
			.collect();
		let mut loads = vec![0; scores.len()];
		for Stash { stake, current } in &standing {
			let place = current.and_then(|place| usize::try_from(place).ok());
			if let Some(load) = place.and_then(|place| loads.get_mut(place)) {
				*load = stake.saturating_add(*load);
			}
		}
		for (score, load) in scores.iter_mut().zip(&loads) {
			// Any stash may come to where none is: also the smallest.
			let ours = if *load > 0 { *load } else { stakes.least };
			if score.fitness == Fitness::Fit && !is_electable(round, score, ours) {
				score.fitness = Fitness::NotElectable;
			}
		}

		let (clusters, mut limits) = Self::number_clusters(&scores, &parameters, &stakes);
		let [operators, ..] = &mut limits;
		let own_limits =
			Self::limit_by_skin(round, &scores, &clusters, &loads, &parameters, &stakes, operators);
		let candidates = scores
			.iter()
			.zip(clusters)
			.zip(own_limits)
			.map(|((score, clusters), limit)| Candidate {
				net_payout: score.net_payout,
				others: score.others,
				limit,
				clusters,
				fit: score.fitness == Fitness::Fit,
			})
			.collect();
		let input = Input {
			candidates,
			limits,
			stashes: standing,
			hysteresis: parameters.hysteresis,
			churn: parameters.churn,
		};
		let plan = plan(&input);

		let score = |place: u32| usize::try_from(place).ok().and_then(|i| scores.get(i));
		let name = |place: Option<u32>| Some(score(place?)?.validator.clone());
		let chosen: Vec<_> = plan.assignment.iter().map(|place| name(*place)).collect();
		let changes = plan
			.changes
			.iter()
			.filter_map(|change| {
				let stash = stashes.get(usize::try_from(change.stash).ok()?)?;
				let (stash, from) = (stash.index, stash.nominates.clone());
				let reason = match change.reason {
					holdfast_planner::Reason::New if from.is_some() => Reason::Unlisted,
					holdfast_planner::Reason::New => Reason::New,
					holdfast_planner::Reason::Unfit => {
						let fitness = change.from.and_then(score).map(|score| score.fitness);
						Reason::Unfit(fitness.unwrap_or(Fitness::Leaving))
					},
					holdfast_planner::Reason::ValidatorOverCap => Reason::ValidatorOverCap,
					holdfast_planner::Reason::ClusterOverCap(d) => Reason::ClusterOverCap(d),
					holdfast_planner::Reason::Better => Reason::Better,
				};
				Some(PlannedChange { stash, from, to: name(change.to), reason })
			})
			.collect();
		let unplaced = chosen.iter().filter(|place| place.is_none()).count();
		Outcome { chosen, changes, unplaced: unplaced.unique_saturated_into() }
	}

	/// The clusters of each score, numbered in each dimension, and the cap of each of them.
	fn number_clusters(
		scores: &[Score<T::AccountId>],
		parameters: &Parameters,
		stakes: &Stakes,
	) -> (Vec<[u32; 4]>, [Vec<Balance>; 4]) {
		let mut numbers: [BTreeMap<Cluster, u32>; 4] = Default::default();
		let clusters = scores
			.iter()
			.map(|score| {
				let mut own = [0; 4];
				for ((number, numbers), cluster) in
					own.iter_mut().zip(&mut numbers).zip(score.clusters)
				{
					let next: u32 = numbers.len().unique_saturated_into();
					*number = *numbers.entry(cluster).or_insert(next);
				}
				own
			})
			.collect();
		let limits = core::array::from_fn(|d| {
			let dimension = DIMENSIONS.get(d).copied().unwrap_or(DIMENSIONS[0]);
			let count = numbers.get(d).map_or(0, |numbers| numbers.len());
			vec![stakes.part(parameters.cap(dimension)); count]
		});
		(clusters, limits)
	}

	/// How much stake each validator may have, and lowers the caps of operators: whose bonds and own
	/// stakes are small against what they can lose, gets no more than these cover, or the floor.
	///
	/// A bond covers the validators of its own account, which it pays for, and no others; so does the part
	/// of their own stake that an offence takes, if it is elected. That keeps stashes from being added, and
	/// removes none, unless a part of the bond is to be released, or the own stake has fallen, or the name
	/// is not attested any more.
	fn limit_by_skin(
		round: &Round<T::AccountId>,
		scores: &[Score<T::AccountId>],
		clusters: &[[u32; 4]],
		loads: &[Balance],
		parameters: &Parameters,
		stakes: &Stakes,
		limits: &mut [Balance],
	) -> Vec<Balance> {
		let operator_of = |numbers: &[u32; 4]| {
			let [number, ..] = numbers;
			usize::try_from(*number).unwrap_or(usize::MAX)
		};
		let mut seats = vec![0u32; limits.len()];
		let mut accounts: BTreeMap<&T::AccountId, Skin> = BTreeMap::new();
		for (place, ((score, numbers), load)) in scores.iter().zip(clusters).zip(loads).enumerate()
		{
			let operator = operator_of(numbers);
			if let Some(seats) = seats.get_mut(operator) {
				*seats = seats.saturating_add(score.elected.into());
			}
			let skin = accounts.entry(&score.operator).or_insert(Skin {
				operator,
				unknown: score.clusters.first() == Some(&UNATTESTED),
				bond: score.bond,
				own: 0,
				load: 0,
				each: Vec::new(),
				releasing: false,
			});
			skin.releasing |= score.releasing;
			if score.fitness == Fitness::Fit {
				let own = if score.elected { score.own } else { 0 };
				skin.own = skin.own.saturating_add(own);
				skin.load = skin.load.saturating_add(*load);
				let backing = score.others.saturating_add(stakes.whole);
				let earns = pro_rata(score.net_payout, stakes.whole, backing).unwrap_or(0);
				skin.each.push((*load, earns, place));
			}
		}
		let floor = stakes.part(parameters.floor);
		let mut rooms: Vec<Balance> = vec![0; limits.len()];
		let mut kept: Vec<Balance> = vec![0; limits.len()];
		let most = stakes.part(parameters.validator_cap);
		// The unfit have none.
		let mut own_limits = vec![0; scores.len()];
		for mut skin in accounts.into_values() {
			let seats = seats.get(skin.operator).copied().unwrap_or(0);
			let fraction = T::Slashing::fraction(seats.max(1), round.set.elected.max(1));
			// What it would lose itself.
			let at_risk = skin.bond.saturating_add(fraction.mul_floor(skin.own));
			let covered = at_risk.saturating_mul(parameters.skin.into());
			// Rounded down; without a loss to fear there is no limit.
			let room = pro_rata(covered, PARTS, fraction.deconstruct().into());
			// Of whom nothing is known, nobody counts but the floor that all of them share.
			let counts = !skin.unknown && !skin.each.is_empty();
			let room = if counts { room.unwrap_or(Balance::MAX) } else { 0 };
			// Who has lost its attestation loses what it had by it.
			let keeps = !skin.releasing && !skin.unknown;
			let load = if keeps { skin.load } else { 0 };
			if let (Some(rooms), Some(kept)) =
				(rooms.get_mut(skin.operator), kept.get_mut(skin.operator))
			{
				*rooms = rooms.saturating_add(room);
				*kept = kept.saturating_add(load);
			}
			// Its validators share it, in whole stashes as long as there are any: first who has most, then
			// who earns most. What one keeps beyond its share, the next ones lack.
			skin.each.sort_by_key(|(load, earns, place)| (Reverse((*load, *earns)), *place));
			let mut left = room.max(floor);
			let counts = (1..=skin.each.len()).rev();
			for ((load, _, place), sharing) in skin.each.into_iter().zip(counts) {
				let sharing: Balance = sharing.unique_saturated_into();
				// Neither is zero.
				let share = left.div_ceil(sharing.max(1));
				let whole = share.div_ceil(stakes.whole.max(1)).saturating_mul(stakes.whole);
				let kept = if keeps { load } else { 0 };
				let limit = most.min(whole.min(left).max(kept));
				left = left.saturating_sub(limit);
				own_limits.get_mut(place).into_iter().for_each(|own| *own = limit);
			}
		}
		for ((limit, room), kept) in limits.iter_mut().zip(rooms).zip(kept) {
			*limit = (*limit).min(room.max(floor).max(kept));
		}
		own_limits
	}

	/// How well the pool's exposure is spread, and what one operator could cost it.
	pub(crate) fn diversification_of(
		round: &Round<T::AccountId>,
		scores: &[Score<T::AccountId>],
	) -> Diversification {
		let sums = |dimension: usize| {
			let mut sums: BTreeMap<Cluster, (Balance, u32)> = BTreeMap::new();
			for score in scores {
				let cluster = score.clusters.get(dimension).copied().unwrap_or(UNATTESTED);
				let (ours, seats) = sums.entry(cluster).or_default();
				*ours = ours.saturating_add(score.ours);
				*seats = seats.saturating_add(score.elected.into());
			}
			sums
		};
		let [operators, regions, providers, clients] = [0, 1, 2, 3].map(sums);
		let losses: Vec<Balance> = operators
			.values()
			.map(|(ours, seats)| T::Slashing::fraction(*seats, round.set.elected).mul_ceil(*ours))
			.collect();
		let all = losses.iter().fold(0, |sum: Balance, loss| sum.saturating_add(*loss));
		let spread_of = |sums: &BTreeMap<Cluster, (Balance, u32)>| {
			spread(sums.values().map(|(ours, _)| *ours).collect())
		};
		Diversification {
			era: round.era,
			exposed: scores.iter().fold(0, |sum, score| sum.saturating_add(score.ours)),
			validators: spread(scores.iter().map(|score| score.ours).collect()),
			operators: spread_of(&operators),
			regions: spread_of(&regions),
			providers: spread_of(&providers),
			clients: spread_of(&clients),
			largest_loss: losses.into_iter().max().unwrap_or(0),
			expected_loss: Self::parameters().incident.mul_ceil(all),
		}
	}
}

/// One as parts of a [`Perbill`].
const PARTS: Balance = 1_000_000_000;

/// Whether a validator that stands for election would be elected with `ours`.
fn is_electable<AccountId>(
	round: &Round<AccountId>,
	score: &Score<AccountId>,
	ours: Balance,
) -> bool {
	let cut_off = round.set.least.saturating_add(CUT_OFF_MARGIN.mul_ceil(round.set.least));
	score.elected || round.set.elected < round.seats || score.others.saturating_add(ours) >= cut_off
}

/// How well `amounts` are spread.
pub(crate) fn spread(mut amounts: Vec<Balance>) -> Spread {
	let total = amounts.iter().fold(0, |sum: Balance, amount| sum.saturating_add(*amount));
	if total == 0 {
		return Spread::default();
	}
	amounts.sort_unstable_by(|a, b| b.cmp(a));
	// Parts of a billion: their squares sum up to 10^18 at most.
	let parts = |amount: Balance| pro_rata(amount, PARTS, total).unwrap_or(0);
	let squares = amounts
		.iter()
		.map(|amount| parts(*amount).saturating_pow(2))
		.fold(0, Balance::saturating_add);
	// In 18 decimals: 10^18 of a sum of squares of 10^18 is one.
	let effective = pro_rata(ONE, ONE, squares).unwrap_or(0);
	let mut sum: Balance = 0;
	let third = total.checked_div(3).unwrap_or(0);
	let below = amounts.iter().take_while(|amount| {
		let before = sum;
		sum = sum.saturating_add(**amount);
		before <= third
	});
	let nakamoto: u32 = below.count().unique_saturated_into();
	let largest = amounts.first().map_or(0, |amount| parts(*amount));
	Spread {
		effective: FixedU128::from_inner(effective),
		nakamoto,
		largest: Perbill::from_parts(largest.unique_saturated_into()),
	}
}
