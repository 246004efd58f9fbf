// SPDX-License-Identifier: Apache-2.0

//! How much each stash stakes. Pure functions.
//!
//! A staking pallet has a least bond with which a stash may nominate, and may raise it: then stashes
//! are too small. They are merged: some are emptied, so that the others can stand the minimum. So
//! are those beyond the most stashes that there may be.

use crate::Change;
use alloc::{vec, vec::Vec};
use holdfast_primitives::{Balance, EraIndex};

/// What limits the plan.
#[derive(Clone, Copy, Debug)]
pub struct Limits {
	/// The least with which a stash may nominate.
	pub minimum: Balance,
	/// The least that a stash in use should hold when it is opened.
	pub min_stash: Balance,
	/// The most stashes there may be.
	pub max_stashes: usize,
}

/// A stash, before the plan.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Held {
	/// What it stakes.
	pub active: Balance,
	/// Whether it nominates somebody, so that it can earn.
	pub nominates: bool,
}

impl Held {
	/// With so much more. It is put nowhere where it could not nominate.
	fn with(self, more: Balance) -> Self {
		let active = self.active.saturating_add(more);
		Self { active, nominates: self.nominates || more > 0 }
	}

	fn is_small(self, limits: Limits) -> bool {
		self.active > 0 && self.active < limits.minimum
	}
}

/// Of the stashes that earn, one in so many is emptied in an era because it is too small, or one too
/// many: what unbonds earns nothing.
const MERGED_AT_MOST: usize = 16;

/// What is to be done with the stakes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Flow {
	/// So much is lacking, and nothing unbonds for it.
	Deficit(Balance),
	/// So much can be staked now, and so much more is to come of what unbonds.
	Surplus {
		/// Idle, and not needed.
		now: Balance,
		/// Unbonding, and not needed.
		later: Balance,
	},
}

/// A part of a stash that unbonds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Leaving {
	/// The stash, by its place among those of the plan.
	pub stash: usize,
	/// The era in which it can be withdrawn.
	pub era: EraIndex,
	/// How much.
	pub value: Balance,
}

/// Changes for one era, one per stash, new stashes last. `leaving` is all that unbonds.
pub fn plan(held: &[Held], leaving: &[Leaving], flow: Flow, limits: Limits) -> Vec<Change> {
	let mut changes = merge(held, flow, limits);
	match flow {
		Flow::Deficit(deficit) => gather(held, deficit, limits, &mut changes),
		Flow::Surplus { now, later } => {
			let again = stake_again(held, leaving, later, limits, &changes);
			let after: Vec<Held> =
				held.iter().zip(&again).map(|(held, again)| held.with(*again)).collect();
			spread(&after, now, limits, &mut changes);
			for (change, again) in changes.iter_mut().zip(again).filter(|(_, again)| *again > 0) {
				let more = if let Change::Bond(more) = *change { more } else { 0 };
				*change = Change::Rebond { again, more };
			}
		},
	}
	changes
}

/// How much of what is `idle` is waited for, and is neither to be staked nor paid out at once, although
/// something unbonds: the rest of it comes after the turn of the `claims`, which are paid in order.
pub fn waited_for(
	idle: Balance,
	claims: impl Iterator<Item = Balance>,
	leaving: &[Leaving],
) -> Balance {
	let mut first_first = leaving.to_vec();
	first_first.sort_by_key(|part| part.era);
	let mut parts = first_first.into_iter().peekable();
	let (mut due, mut comes, mut kept): (Balance, Balance, Balance) = (0, 0, 0);
	for claim in claims {
		due = due.saturating_add(claim);
		// All that comes up to the era in which there is enough for it.
		while let Some(part) = parts.next_if(|_| idle.saturating_add(comes) < due) {
			comes = comes.saturating_add(part.value);
			while let Some(same) = parts.next_if(|next| next.era == part.era) {
				comes = comes.saturating_add(same.value);
			}
		}
		kept = kept.max(due.saturating_sub(comes));
	}
	kept.min(idle)
}

/// How much each stash is to stake again of what unbonds and is not needed: `later` of `leaving`.
///
/// Not needed is what comes last, so that nobody who waits for the rest waits longer. Where a stash could
/// not nominate with it, or would be too large, it goes on unbonding, and nothing older is taken in its
/// place. Less than the minimum is not worth the trouble.
fn stake_again(
	held: &[Held],
	leaving: &[Leaving],
	later: Balance,
	limits: Limits,
	changes: &[Change],
) -> Vec<Balance> {
	let mut again = vec![0; held.len()];
	let mut left = later;
	if left < limits.minimum {
		return again;
	}
	let mut last_first = leaving.to_vec();
	last_first.sort_by_key(|part| (core::cmp::Reverse(part.era), part.stash));
	let staked: Vec<Balance> = held.iter().map(|h| h.active).filter(|active| *active > 0).collect();
	let most = mean(&staked).map_or(Balance::MAX, |mean| mean.saturating_mul(TOO_LARGE));
	for part in last_first {
		let value = part.value.min(left);
		left = left.saturating_sub(value);
		if let Some(again) = again.get_mut(part.stash) {
			*again = value.saturating_add(*again);
		}
	}
	for (i, value) in again.iter_mut().enumerate() {
		let stash = held.get(i).copied().unwrap_or_default();
		let stands = stash.nominates || stash.active == 0;
		let enough = if stash.active == 0 { limits.min_stash } else { limits.minimum };
		let kept = changes.get(i) == Some(&Change::Keep) && i < limits.max_stashes;
		let fits = (enough..=most).contains(&stash.active.saturating_add(*value));
		if !(kept && stands && fits) {
			*value = 0;
		}
	}
	again
}

/// A stash of more than this many times the mean may find no place under any cap.
const TOO_LARGE: Balance = 2;

/// How much of `stake` is to be unbonded of a stash that found no place: what it has above the mean of
/// `stakes`, all that look for a place, if it is more than [`TOO_LARGE`] means. It earns nothing
/// meanwhile, and what is freed is spread over the others.
pub fn excess(stake: Balance, stakes: &[Balance]) -> Balance {
	let mean = mean(stakes).unwrap_or(stake);
	if stake > mean.saturating_mul(TOO_LARGE) {
		stake.saturating_sub(mean)
	} else {
		0
	}
}

/// The mean, rounded down; `None` of nothing.
fn mean(stakes: &[Balance]) -> Option<Balance> {
	// Sums are bounded by the issuance.
	let sum = stakes.iter().fold(0, |sum: Balance, stake| sum.saturating_add(*stake));
	sum.checked_div(Balance::try_from(stakes.len()).unwrap_or(Balance::MAX))
}

/// Empties the stashes that are too small, as far as the rest of them can be filled to the minimum with
/// what they and the pool have; and those that are too many.
fn merge(held: &[Held], flow: Flow, limits: Limits) -> Vec<Change> {
	let mut changes = vec![Change::Keep; held.len()];
	let small: Vec<usize> = indices(held, |h| h.is_small(limits));
	let have = small.iter().fold(0, |sum: Balance, i| sum.saturating_add(active(held, *i)));
	let have = match flow {
		Flow::Deficit(deficit) => have.saturating_sub(deficit),
		Flow::Surplus { now, later } => have.saturating_add(now).saturating_add(later),
	};
	let stand = have.checked_div(limits.minimum).unwrap_or(Balance::MAX);
	let stand = usize::try_from(stand).unwrap_or(usize::MAX);
	let beyond: Vec<usize> =
		indices(held, |h| h.active > 0).into_iter().filter(|i| *i >= limits.max_stashes).collect();
	let earning = indices(held, |h| h.active > 0 && h.nominates).len();
	let mut room = earning.div_ceil(MERGED_AT_MOST);
	let merged = in_order_of_loss(held, small.clone());
	let merged = merged.into_iter().take(small.len().saturating_sub(stand)).chain(beyond);
	for i in merged {
		let stash = held.get(i).copied().unwrap_or_default();
		let Some(change) = changes.get_mut(i).filter(|change| **change == Change::Keep) else {
			continue;
		};
		if stash.nominates {
			let Some(less) = room.checked_sub(1) else { continue };
			room = less;
		}
		*change = Change::Unbond(stash.active);
	}
	changes
}

/// Adds changes that bring `surplus` into the stake.
///
/// First those stashes are filled to the minimum that are too small to nominate, as many as can be. Then
/// the lightest are filled to one level. Empty stashes are used, and new ones opened, as long as each
/// of them reaches `min_stash`. What stakes enough and does not nominate gets nothing: it would not earn.
/// If there is no stash to fill and not even one can be opened, nothing changes and the surplus
/// waits; so does what would make a stash too large for any place.
fn spread(held: &[Held], surplus: Balance, limits: Limits, changes: &mut Vec<Change>) {
	let mut filled: Vec<Balance> = held.iter().map(|h| h.active).collect();
	let kept = |i: &usize| changes.get(*i) == Some(&Change::Keep);
	let mut left = surplus;
	let may = |i: &usize| kept(i) && *i < limits.max_stashes;
	let mut standing = indices(held, |h| h.active >= limits.minimum && h.active > 0 && h.nominates);
	standing.retain(may);
	let mut small = indices(held, |h| h.is_small(limits));
	small.retain(may);
	small.sort_by_key(|i| core::cmp::Reverse(active(held, *i)));
	for i in small {
		let lacking = limits.minimum.saturating_sub(active(held, i));
		let Some(less) = left.checked_sub(lacking) else { break };
		left = less;
		if let Some(filled) = filled.get_mut(i) {
			*filled = limits.minimum;
		}
		standing.push(i);
	}
	standing.sort_unstable();

	let used = standing.len();
	let others = indices(held, |h| h.active > 0).len().saturating_sub(used);
	// Sums are bounded by the issuance.
	let total = standing.iter().fold(left, |sum, i| sum.saturating_add(at(&filled, *i)));
	let affordable = total.checked_div(limits.min_stash).unwrap_or(Balance::MAX);
	let most = usize::try_from(affordable)
		.unwrap_or(usize::MAX)
		.min(limits.max_stashes.saturating_sub(others));
	// From many stashes to few: the first count at which every new one is filled enough.
	for count in (used.max(1)..=most.max(used)).rev() {
		let empty = (0..held.len().max(limits.max_stashes))
			.filter(|i| *i < limits.max_stashes && active(held, *i) == 0)
			.take(count.saturating_sub(used));
		let mut chosen: Vec<(usize, Balance)> =
			standing.iter().copied().chain(empty).map(|i| (i, at(&filled, i))).collect();
		chosen.sort_unstable();
		let most = largest(held, &chosen, others);
		let level = fill_level(&chosen, left).min(most);
		let is_capped = level == most;
		if chosen.is_empty() || (count > used && level < limits.min_stash) {
			continue;
		}
		// The level is rounded down; the few units left go to the lightest.
		let lightest = chosen.iter().min_by_key(|(_, held)| *held).map(|(i, _)| *i);
		for (i, held) in &chosen {
			let part = level.saturating_sub(*held).min(left);
			filled.resize(filled.len().max(i.saturating_add(1)), 0);
			if let Some(filled) = filled.get_mut(*i) {
				*filled = filled.saturating_add(part);
				left = left.saturating_sub(part);
			}
		}
		if let Some(filled) = lightest.filter(|_| !is_capped).and_then(|i| filled.get_mut(i)) {
			*filled = filled.saturating_add(left);
		}
		break;
	}
	// New ones that get nothing are not opened.
	while filled.len() > held.len() && filled.last() == Some(&0) {
		filled.pop();
	}
	changes.resize(filled.len(), Change::Keep);
	for (i, change) in changes.iter_mut().enumerate() {
		let more = at(&filled, i).saturating_sub(active(held, i));
		if more > 0 {
			*change = Change::Bond(more);
		}
	}
}

/// How large those of `chosen` may become beside `others` that stand nowhere and keep what they have:
/// [`TOO_LARGE`] times the mean of all of them.
fn largest(held: &[Held], chosen: &[(usize, Balance)], others: usize) -> Balance {
	let count = |n: usize| Balance::try_from(n).unwrap_or(Balance::MAX);
	let is_chosen = |i: &usize| chosen.iter().any(|(chosen, _)| chosen == i);
	let rest = indices(held, |h| h.active > 0).into_iter().filter(|i| !is_chosen(i));
	let rest = rest.fold(0, |sum: Balance, i| sum.saturating_add(active(held, i)));
	// With `n` stashes, `k` of them at the level `l`: `l <= 2 (rest + k l) / n`.
	let all = count(chosen.len().saturating_add(others));
	match all.checked_sub(count(chosen.len()).saturating_mul(TOO_LARGE)) {
		Some(n) if n > 0 => rest.saturating_mul(TOO_LARGE).checked_div(n).unwrap_or(Balance::MAX),
		_ => Balance::MAX,
	}
}

/// Adds changes that free `deficit`, less what is freed already.
///
/// What does not nominate is drained first. Of the others, the heaviest are lowered to one level, but to
/// no less than half of what opens a stash. If that is not enough, as many are emptied as are
/// needed, the lightest first; that may free more than was asked for.
fn gather(held: &[Held], deficit: Balance, limits: Limits, changes: &mut [Change]) {
	let freed = changes.iter().fold(0, |sum: Balance, change| match change {
		Change::Unbond(part) => sum.saturating_add(*part),
		_ => sum,
	});
	let mut left = deficit.saturating_sub(freed);
	let open = |i: &usize, changes: &[Change]| changes.get(*i) == Some(&Change::Keep);
	let mut idle = indices(held, |h| h.active > 0 && !h.nominates);
	idle.retain(|i| open(i, changes));
	for i in in_order_of_loss(held, idle) {
		if left == 0 {
			return;
		}
		let active = active(held, i);
		// What would stay must be able to nominate again.
		let stays = active.checked_sub(left).filter(|stays| *stays >= limits.minimum);
		let part = if stays.is_some() { left } else { active };
		set(changes, i, Change::Unbond(part));
		left = left.saturating_sub(part);
	}
	if left == 0 {
		return;
	}
	let mut earning = indices(held, |h| h.active > 0 && h.nominates);
	earning.retain(|i| open(i, changes));
	// Half of what opens a stash keeps it: no flapping between the two.
	let floor = limits.min_stash / 2;
	let mut emptied = in_order_of_loss(held, earning.clone()).into_iter();
	let can_lower = |earning: &[usize]| {
		let above = |i: &usize| active(held, *i).saturating_sub(floor);
		earning.iter().map(above).fold(0, |sum: Balance, part| sum.saturating_add(part))
	};
	while left > can_lower(&earning) {
		let Some(i) = emptied.next() else { break };
		set(changes, i, Change::Unbond(active(held, i)));
		left = left.saturating_sub(active(held, i));
		earning.retain(|other| *other != i);
	}
	let remaining: Vec<Balance> = earning.iter().map(|i| active(held, *i)).collect();
	let level = drain_level(&remaining, left).max(floor);
	for i in earning {
		let part = active(held, i).saturating_sub(level).min(left);
		if part > 0 {
			set(changes, i, Change::Unbond(part));
			left = left.saturating_sub(part);
		}
	}
}

/// Which of `which` to empty first: those that do not nominate, the lightest, the last.
fn in_order_of_loss(held: &[Held], mut which: Vec<usize>) -> Vec<usize> {
	which.sort_by_key(|i| {
		let stash = held.get(*i).copied().unwrap_or_default();
		(stash.nominates, stash.active, core::cmp::Reverse(*i))
	});
	which
}

fn indices(held: &[Held], which: impl Fn(Held) -> bool) -> Vec<usize> {
	held.iter().enumerate().filter(|(_, h)| which(**h)).map(|(i, _)| i).collect()
}

fn active(held: &[Held], i: usize) -> Balance {
	held.get(i).map_or(0, |h| h.active)
}

fn at(amounts: &[Balance], i: usize) -> Balance {
	amounts.get(i).copied().unwrap_or(0)
}

fn set(changes: &mut [Change], i: usize, to: Change) {
	if let Some(change) = changes.get_mut(i) {
		*change = to;
	}
}

/// The level to which `amount` fills the lowest of `held`, rounded down.
fn fill_level(held: &[(usize, Balance)], amount: Balance) -> Balance {
	let mut sorted: Vec<Balance> = held.iter().map(|(_, held)| *held).collect();
	sorted.sort_unstable();
	let mut sum = amount;
	let mut count: Balance = 0;
	let mut level: Balance = 0;
	for (i, lowest) in sorted.iter().enumerate() {
		sum = sum.saturating_add(*lowest);
		count = count.saturating_add(1);
		level = sum.checked_div(count).unwrap_or(0);
		if sorted.get(i.saturating_add(1)).is_none_or(|next| level <= *next) {
			break;
		}
	}
	level
}

/// The level to which the highest of `held` fall when `amount` is taken from them, rounded down.
fn drain_level(held: &[Balance], amount: Balance) -> Balance {
	let mut sorted = held.to_vec();
	sorted.sort_unstable_by(|a, b| b.cmp(a));
	let mut sum: Balance = 0;
	let mut count: Balance = 0;
	let mut level: Balance = 0;
	for (i, highest) in sorted.iter().enumerate() {
		sum = sum.saturating_add(*highest);
		count = count.saturating_add(1);
		level = sum.saturating_sub(amount).checked_div(count).unwrap_or(0);
		let next = sorted.get(i.saturating_add(1)).copied().unwrap_or(0);
		if sum.saturating_sub(amount) > 0 && level >= next {
			break;
		}
	}
	level
}

#[cfg(test)]
mod tests {
	use super::*;
	use proptest::prelude::*;

	const LIMITS: Limits = Limits { minimum: 100, min_stash: 400, max_stashes: 64 };

	/// Stashes that all nominate.
	fn nominating(active: &[Balance]) -> Vec<Held> {
		active.iter().map(|active| Held { active: *active, nominates: true }).collect()
	}

	fn surplus(active: &[Balance], now: Balance) -> Vec<Balance> {
		bonds(&plan(&nominating(active), &[], Flow::Surplus { now, later: 0 }, LIMITS))
	}

	fn deficit(active: &[Balance], deficit: Balance) -> Vec<Balance> {
		unbonds(&plan(&nominating(active), &[], Flow::Deficit(deficit), LIMITS))
	}

	fn bonds(changes: &[Change]) -> Vec<Balance> {
		changes.iter().map(|c| if let Change::Bond(x) = c { *x } else { 0 }).collect()
	}

	fn unbonds(changes: &[Change]) -> Vec<Balance> {
		changes.iter().map(|c| if let Change::Unbond(x) = c { *x } else { 0 }).collect()
	}

	#[test]
	fn the_first_surplus_opens_as_many_stashes_as_it_fills() {
		assert_eq!(surplus(&[], 399), Vec::<Balance>::new());
		assert_eq!(surplus(&[], 400), [400]);
		assert_eq!(surplus(&[], 1_000), [500, 500]);
		assert_eq!(surplus(&[], 1_201), [401, 400, 400]);
		assert_eq!(surplus(&[], 1_000_000).len(), 64);
	}

	fn again(
		held: &[Held],
		leaving: &[(usize, EraIndex, Balance)],
		later: Balance,
	) -> Vec<Balance> {
		let leaving = leaving.iter().map(|(stash, era, value)| Leaving {
			stash: *stash,
			era: *era,
			value: *value,
		});
		let leaving: Vec<Leaving> = leaving.collect();
		let changes = plan(held, &leaving, Flow::Surplus { now: 0, later }, LIMITS);
		changes
			.iter()
			.map(|c| if let Change::Rebond { again, .. } = c { *again } else { 0 })
			.collect()
	}

	#[test]
	fn what_unbonds_without_need_is_staked_again_the_last_first() {
		let held = nominating(&[300, 300, 300]);
		let leaving = [(0, 5, 150), (1, 7, 150), (2, 6, 150), (2, 7, 50)];
		assert_eq!(again(&held, &leaving, 99), [0, 0, 0], "less than the minimum");
		assert_eq!(again(&held, &leaving, 100), [0, 100, 0]);
		assert_eq!(again(&held, &leaving, 250), [0, 150, 100]);
		assert_eq!(again(&held, &leaving, 500), [150, 150, 200]);
		assert_eq!(again(&held, &leaving, 5_000), [150, 150, 200]);
	}

	#[test]
	fn nothing_is_staked_again_where_it_would_not_earn() {
		let leaving = [(0, 5, 400), (1, 7, 400)];
		// A stash that was chilled, and what would have been next is not taken in its place.
		let mut held = nominating(&[400, 400]);
		held[1].nominates = false;
		assert_eq!(again(&held, &leaving, 400), [0, 0]);
		assert_eq!(again(&held, &leaving, 500), [100, 0]);
		// One that was emptied is opened again with as much as a new one.
		let held = [Held::default(), Held { active: 400, nominates: true }];
		assert_eq!(again(&held, &[(0, 5, 399)], 399), [0, 0]);
		assert_eq!(again(&held, &[(0, 5, 400)], 400), [400, 0]);
		// What was made smaller because no place could hold it stays so.
		assert_eq!(again(&nominating(&[200, 200]), &[(0, 5, 201)], 201), [0, 0]);
		assert_eq!(again(&nominating(&[200, 200]), &[(0, 5, 201)], 200), [200, 0]);
	}

	#[test]
	fn what_is_idle_fills_up_what_is_staked_again() {
		let held = [nominating(&[400, 400]), vec![Held::default()]].concat();
		let leaving =
			[Leaving { stash: 0, era: 5, value: 50 }, Leaving { stash: 2, era: 5, value: 410 }];
		let changes = plan(&held, &leaving, Flow::Surplus { now: 60, later: 600 }, LIMITS);
		assert_eq!(
			changes,
			[
				Change::Rebond { again: 50, more: 0 },
				Change::Bond(35),
				Change::Rebond { again: 410, more: 25 },
			]
		);
	}

	#[test]
	fn a_stash_of_more_than_two_means_shrinks_to_the_mean() {
		assert_eq!(excess(1_000, &[1_000, 400, 400, 200, 200]), 560);
		assert_eq!(excess(800, &[800, 400, 400, 200, 200]), 0);
		assert_eq!(excess(801, &[801, 400, 400, 200, 200]), 401);
		assert_eq!(excess(1_000, &[1_000]), 0);
		assert_eq!(excess(1_000, &[]), 0);
	}

	#[test]
	fn the_lightest_stashes_are_filled_first() {
		assert_eq!(surplus(&[500, 400, 460], 100), [0, 80, 20]);
	}

	#[test]
	fn a_surplus_too_small_to_share_goes_to_a_stash_in_use() {
		assert_eq!(surplus(&[0, 500, 500], 1), [0, 1, 0]);
	}

	#[test]
	fn a_stash_lost_to_a_slash_is_refilled_only_as_a_whole() {
		assert_eq!(surplus(&[500, 0, 500], 300), [150, 0, 150]);
		assert_eq!(surplus(&[500, 0, 500], 400), [0, 400, 0]);
	}

	#[test]
	fn what_does_not_nominate_gets_nothing_and_the_others_take_its_part() {
		let mut held = nominating(&[500, 400, 500]);
		held[1].nominates = false;
		let changes = plan(&held, &[], Flow::Surplus { now: 300, later: 0 }, LIMITS);
		assert_eq!(bonds(&changes), [150, 0, 150]);
		held[0].nominates = false;
		held[2].nominates = false;
		assert_eq!(
			bonds(&plan(&held, &[], Flow::Surplus { now: 300, later: 0 }, LIMITS)),
			[0, 0, 0]
		);
	}

	#[test]
	fn the_heaviest_stashes_give_first() {
		assert_eq!(deficit(&[500, 400, 460], 60), [50, 0, 10]);
	}

	#[test]
	fn a_small_pool_empties_whole_stashes() {
		// 700 remain, that is room for three stashes of 200.
		assert_eq!(deficit(&[400, 400, 400, 400], 900), [167, 167, 166, 400]);
		assert_eq!(deficit(&[400, 400], 800), [400, 400]);
		// 50 would remain: too little for a stash, so that all of it comes back.
		assert_eq!(deficit(&[400, 400], 750), [400, 400]);
	}

	#[test]
	fn a_small_deficit_empties_no_more_stashes_than_it_needs() {
		// The minimum was raised tenfold: no stash can be lowered.
		let raised = Limits { minimum: 300, min_stash: 4_000, max_stashes: 64 };
		let changes = plan(&nominating(&[400; 64]), &[], Flow::Deficit(260), raised);
		assert_eq!(unbonds(&changes).iter().sum::<Balance>(), 400);
		// All have lost 60 %.
		let changes = plan(&nominating(&[160; 64]), &[], Flow::Deficit(260), LIMITS);
		assert_eq!(unbonds(&changes).iter().sum::<Balance>(), 320);
	}

	#[test]
	fn what_does_not_nominate_is_drained_before_what_earns() {
		let mut held = nominating(&[500, 400, 460]);
		held[1].nominates = false;
		let freed = |deficit| unbonds(&plan(&held, &[], Flow::Deficit(deficit), LIMITS));
		assert_eq!(freed(60), [0, 60, 0]);
		// Less than the minimum would stay.
		assert_eq!(freed(350), [0, 400, 0]);
		assert_eq!(freed(430), [30, 400, 0]);
	}

	#[test]
	fn stashes_that_cannot_nominate_any_more_are_merged_into_as_many_as_can() {
		let raised = Limits { minimum: 2_300, min_stash: 9_200, max_stashes: 64 };
		let flow = Flow::Surplus { now: 0, later: 0 };
		// 97,984 make 42 stashes. Those that earn are emptied bit by bit.
		let changes = plan(&nominating(&[1_531; 64]), &[], flow, raised);
		assert_eq!(unbonds(&changes).iter().filter(|part| **part > 0).count(), 4);
		let chilled = [Held { active: 1_531, nominates: false }; 64];
		let changes = plan(&chilled, &[], flow, raised);
		assert_eq!(unbonds(&changes)[42..], [1_531; 22]);
		assert_eq!(unbonds(&changes)[..42], [0; 42]);
		// What is on its way already is counted, and when it is back it fills the rest.
		let mut held = chilled;
		held[42..].fill(Held::default());
		let freed = 22 * 1_531;
		assert_eq!(
			plan(&held, &[], Flow::Surplus { now: 0, later: freed }, raised),
			vec![Change::Keep; 64]
		);
		let changes = plan(&held, &[], Flow::Surplus { now: freed, later: 0 }, raised);
		assert!(bonds(&changes)[..42].iter().all(|more| 1_531 + more >= 2_300));
		assert_eq!(bonds(&changes).iter().sum::<Balance>(), freed);
	}

	#[test]
	fn as_many_small_stashes_are_filled_as_can_be() {
		let raised = Limits { minimum: 500, min_stash: 2_000, max_stashes: 64 };
		let small = |active| Held { active, nominates: false };
		let held = [small(300), small(490), small(450)];
		let changes = plan(&held, &[], Flow::Surplus { now: 60, later: 200 }, raised);
		assert_eq!(bonds(&changes), [0, 10, 50]);
		let changes = plan(&held, &[], Flow::Surplus { now: 9, later: 300 }, raised);
		assert_eq!(bonds(&changes), [0, 0, 0]);
	}

	#[test]
	fn stashes_beyond_the_most_there_may_be_are_emptied_bit_by_bit() {
		let fewer = Limits { max_stashes: 32, ..LIMITS };
		let flow = Flow::Surplus { now: 1_000, later: 0 };
		let changes = plan(&nominating(&[500; 64]), &[], flow, fewer);
		assert_eq!(unbonds(&changes).iter().filter(|part| **part > 0).count(), 4);
		assert_eq!(unbonds(&changes)[..32], [0; 32]);
	}

	fn stashes() -> impl Strategy<Value = Vec<Held>> {
		let active = prop_oneof![Just(0), Just(500), 1..2_000u128, 1..1_000_000_000u128];
		let held = (active, prop::bool::weighted(0.8))
			.prop_map(|(active, nominates)| Held { active, nominates });
		prop::collection::vec(held, 0..80)
	}

	fn limits() -> impl Strategy<Value = Limits> {
		(0..3_000u128, 0..64usize).prop_map(|(minimum, most)| Limits {
			minimum,
			min_stash: minimum * 4,
			max_stashes: most,
		})
	}

	proptest! {
		#![proptest_config(ProptestConfig::with_cases(4_000))]

		#[test]
		fn a_surplus_is_staked_where_it_earns_or_waits(
			held in stashes(), limits in limits(), later in 0..10_000u128,
			now in prop_oneof![0..100u128, 0..10_000_000_000u128],
		) {
			let changes = plan(&held, &[], Flow::Surplus { now, later }, limits);
			let bonded: Balance = bonds(&changes).iter().sum();
			let stands =
				|h: &&Held| h.active > 0 && h.active >= limits.minimum && h.nominates;
			let standing = held.iter().take(limits.max_stashes).filter(stands).count();
			let staked = held.iter().filter(|h| h.active > 0).count();
			// More than two means on one stash would stand nowhere.
			let is_roomy = standing * 2 >= staked;
			prop_assert!(bonded == now || bonded == 0 || !is_roomy, "{} of {}", bonded, now);
			prop_assert!(bonded <= now);
			prop_assert!(changes.len() <= limits.max_stashes.max(held.len()));
			for (i, part) in bonds(&changes).into_iter().enumerate().filter(|(_, part)| *part > 0) {
				let before = held.get(i).copied().unwrap_or_default();
				// What gets something can nominate with it; what is opened is well above that.
				let least = if before.active > 0 { limits.minimum } else { limits.min_stash };
				prop_assert!(before.active + part >= least);
				let stood = before.active >= limits.minimum && before.active > 0;
				prop_assert!(!stood || before.nominates);
			}
			// There is somebody to take it: it does not wait.
			if standing > 0 && is_roomy {
				prop_assert_eq!(bonded, now);
			}
		}

		#[test]
		fn who_waits_for_what_unbonds_waits_no_longer(
			held in stashes(), limits in limits(), later in 0..10_000u128, now in 0..10_000u128,
			leaving in prop::collection::vec((0..64usize, 0..30u32, 0..5_000u128), 0..40),
		) {
			let leaving: Vec<Leaving> = leaving
				.into_iter()
				.map(|(stash, era, value)| Leaving { stash, era, value })
				.filter(|part| part.stash < held.len())
				.collect();
			let changes = plan(&held, &leaving, Flow::Surplus { now, later }, limits);
			let mut sum: Balance = 0;
			// By the eras of what is left, as the staking pallet leaves it.
			let mut left: Vec<Leaving> = leaving.clone();
			left.sort_by_key(|part| core::cmp::Reverse(part.era));
			for (i, change) in changes.iter().enumerate() {
				let Change::Rebond { again: value, .. } = change else { continue };
				prop_assert!(held[i].nominates || held[i].active == 0);
				prop_assert!(held[i].active + value >= limits.minimum && i < limits.max_stashes);
				sum += value;
				let mut rest = *value;
				for part in left.iter_mut().filter(|part| part.stash == i) {
					let taken = rest.min(part.value);
					(part.value, rest) = (part.value - taken, rest - taken);
				}
				prop_assert_eq!(rest, 0);
			}
			prop_assert!(sum <= later);
			// At any time as much has come as is needed: all but `later`, or all that came before.
			let all: Balance = leaving.iter().map(|part| part.value).sum();
			let needed = all.saturating_sub(later);
			let by = |parts: &[Leaving], era| -> Balance {
				parts.iter().filter(|part| part.era <= era).map(|part| part.value).sum()
			};
			for era in 0..30 {
				prop_assert!(by(&left, era) >= by(&leaving, era).min(needed));
			}
		}

		#[test]
		fn what_is_merged_leaves_as_many_as_can_stand(
			held in stashes(), limits in limits(), now in 0..10_000u128,
		) {
			let changes = plan(&held, &[], Flow::Surplus { now, later: 0 }, limits);
			let is_small = |h: &Held| h.active > 0 && h.active < limits.minimum;
			let small: Vec<Balance> = held.iter().filter(|h| is_small(h)).map(|h| h.active).collect();
			let stand = (small.iter().sum::<Balance>() + now) / limits.minimum.max(1);
			let emptied = |i: &usize| matches!(changes[*i], Change::Unbond(_));
			let gone = (0..held.len().min(limits.max_stashes))
				.filter(|i| is_small(&held[*i]) && emptied(i))
				.count();
			prop_assert!(small.len() as Balance - gone as Balance >= stand.min(small.len() as Balance));
			// Nothing else is emptied, and what earns only slowly.
			for i in (0..held.len()).filter(emptied) {
				prop_assert!(is_small(&held[i]) || i >= limits.max_stashes);
			}
			let earning = held.iter().filter(|h| h.active > 0 && h.nominates).count();
			let slowly = (0..held.len()).filter(|i| emptied(i) && held[*i].nominates).count();
			prop_assert!(slowly <= earning.div_ceil(MERGED_AT_MOST));
		}

		#[test]
		fn gathering_frees_enough_and_no_stash_too_many(
			held in stashes(), limits in limits(), deficit in 0..10_000_000_000u128,
		) {
			let total: Balance = held.iter().map(|h| h.active).sum();
			let changes = plan(&held, &[], Flow::Deficit(deficit), limits);
			let freed = unbonds(&changes);
			let sum = freed.iter().sum::<Balance>();
			prop_assert!(sum >= deficit.min(total));
			prop_assert!(!changes.iter().any(|c| matches!(c, Change::Bond(_))));
			let mut whole: Balance = 0;
			for (part, held) in freed.iter().zip(&held) {
				prop_assert!(*part <= held.active);
				whole = whole.max(if *part == held.active { *part } else { 0 });
			}
			// The last stash that was emptied was needed, but for those that are merged anyhow.
			let merged: Balance = unbonds(&merge(&held, Flow::Deficit(deficit), limits)).iter().sum();
			let needed = deficit.max(merged);
			prop_assert!(sum <= needed || sum - needed < whole);
		}
	}
}
