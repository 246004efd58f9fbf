// SPDX-License-Identifier: Apache-2.0

//! What is not needed is staked.

use super::{
	levels::fill_level,
	stakes::{
		active, at, indices, is_kept, mean, Limits, StakeChange, StashStake, UnbondingPart,
		TOO_LARGE,
	},
};
use alloc::{vec, vec::Vec};
use holdfast_primitives::Balance;

/// How much each stash is to stake again of what unbonds and is not needed: `later` of `unbonding`.
///
/// Not needed is what comes last, so that nobody who waits for the rest waits longer. Where a stash could
/// not nominate with it, or would be too large, it goes on unbonding, and nothing older is taken in its
/// place. Less than the minimum is not worth the trouble.
pub(super) fn rebonded(
	stashes: &[StashStake],
	unbonding: &[UnbondingPart],
	later: Balance,
	limits: Limits,
	changes: &[StakeChange],
) -> Vec<Balance> {
	if later < limits.minimum {
		return vec![0; stashes.len()];
	}
	let staked: Vec<Balance> =
		stashes.iter().map(|stash| stash.active).filter(|active| *active > 0).collect();
	let most = mean(&staked).map_or(Balance::MAX, |mean| mean.saturating_mul(TOO_LARGE));
	let mut again = last_parts(unbonding, later, stashes.len());
	for (i, value) in again.iter_mut().enumerate() {
		let stash = stashes.get(i).copied().unwrap_or_default();
		let stands = stash.nominates || stash.active == 0;
		let enough = if stash.active == 0 { limits.min_stash } else { limits.minimum };
		let kept = is_kept(changes, i) && i < limits.max_stashes;
		let fits = (enough..=most).contains(&stash.active.saturating_add(*value));
		if !(kept && stands && fits) {
			*value = 0;
		}
	}
	again
}

/// Of `unbonding` the parts that come last, `amount` in all, summed up by stash.
fn last_parts(unbonding: &[UnbondingPart], amount: Balance, stashes: usize) -> Vec<Balance> {
	let mut last_first = unbonding.to_vec();
	last_first.sort_by_key(|part| (core::cmp::Reverse(part.era), part.stash));
	let mut sums = vec![0; stashes];
	let mut rest = amount;
	for part in last_first {
		let value = part.value.min(rest);
		rest = rest.saturating_sub(value);
		if let Some(sum) = sums.get_mut(part.stash) {
			*sum = value.saturating_add(*sum);
		}
	}
	sums
}

/// Adds changes that bring `surplus` into the stake.
///
/// First those stashes are filled to the minimum that are too small to nominate, as many as can be. Then
/// the lightest are filled to one level. Empty stashes are used, and new ones opened, as long as each
/// of them reaches `min_stash`. What stakes enough and does not nominate gets nothing: it would not earn.
/// If there is no stash to fill and not even one can be opened, nothing changes and the surplus
/// waits; so does what would make a stash too large for any place.
pub(super) fn bond_surplus(
	stashes: &[StashStake],
	surplus: Balance,
	limits: Limits,
	changes: &mut Vec<StakeChange>,
) {
	let mut filled: Vec<Balance> = stashes.iter().map(|stash| stash.active).collect();
	let (standing, rest) = fill_small(stashes, surplus, limits, changes, &mut filled);
	let empty: Vec<usize> = (0..limits.max_stashes).filter(|i| active(stashes, *i) == 0).collect();

	let used = standing.len();
	let others = indices(stashes, |stash| stash.active > 0).len().saturating_sub(used);
	// Sums are bounded by the issuance.
	let total = standing.iter().fold(rest, |sum, i| sum.saturating_add(at(&filled, *i)));
	let affordable = total.checked_div(limits.min_stash).unwrap_or(Balance::MAX);
	let most = usize::try_from(affordable)
		.unwrap_or(usize::MAX)
		.min(limits.max_stashes.saturating_sub(others));
	// From many stashes to few: the first count at which every new one is filled enough.
	for count in (used.max(1)..=most.max(used)).rev() {
		let opened = empty.iter().take(count.saturating_sub(used));
		let mut chosen: Vec<(usize, Balance)> =
			standing.iter().chain(opened).map(|i| (*i, at(&filled, *i))).collect();
		chosen.sort_unstable();
		let most = largest(stashes, &chosen, others);
		let level = fill_level(&chosen, rest);
		let enough = count <= used || level.min(most) >= limits.min_stash;
		if !chosen.is_empty() && enough {
			fill(&mut filled, &chosen, level, most, rest);
			break;
		}
	}
	// New ones that get nothing are not opened.
	while filled.len() > stashes.len() && filled.last() == Some(&0) {
		filled.pop();
	}
	changes.resize(filled.len(), StakeChange::Keep);
	for (i, change) in changes.iter_mut().enumerate() {
		let more = at(&filled, i).saturating_sub(active(stashes, i));
		if more > 0 {
			*change = StakeChange::Bond(more);
		}
	}
}

/// Fills stashes that are too small to nominate to the minimum, as many as `surplus` suffices for, the
/// heaviest first. Returns all that can be filled further, in order, and what remains.
fn fill_small(
	stashes: &[StashStake],
	surplus: Balance,
	limits: Limits,
	changes: &[StakeChange],
	filled: &mut [Balance],
) -> (Vec<usize>, Balance) {
	let stands =
		|stash: StashStake| stash.active >= limits.minimum && stash.active > 0 && stash.nominates;
	let may = |i: &usize| is_kept(changes, *i) && *i < limits.max_stashes;
	let mut standing = indices(stashes, stands);
	standing.retain(may);
	let mut small = indices(stashes, |stash| stash.is_small(limits));
	small.retain(may);
	small.sort_by_key(|i| core::cmp::Reverse(active(stashes, *i)));
	let mut rest = surplus;
	for i in small {
		let lacking = limits.minimum.saturating_sub(active(stashes, i));
		let Some(less) = rest.checked_sub(lacking) else { break };
		rest = less;
		if let Some(filled) = filled.get_mut(i) {
			*filled = limits.minimum;
		}
		standing.push(i);
	}
	standing.sort_unstable();
	(standing, rest)
}

/// How large those of `chosen` may become beside `others` that stand nowhere and keep what they have:
/// [`TOO_LARGE`] times the mean of all of them.
fn largest(stashes: &[StashStake], chosen: &[(usize, Balance)], others: usize) -> Balance {
	let count = |n: usize| Balance::try_from(n).unwrap_or(Balance::MAX);
	let is_chosen = |i: &usize| chosen.iter().any(|(chosen, _)| chosen == i);
	let rest = indices(stashes, |stash| stash.active > 0).into_iter().filter(|i| !is_chosen(i));
	let rest = rest.fold(0, |sum: Balance, i| sum.saturating_add(active(stashes, i)));
	// With `n` stashes, `k` of them at the level `l`: `l <= 2 (rest + k l) / n`.
	let all = count(chosen.len().saturating_add(others));
	match all.checked_sub(count(chosen.len()).saturating_mul(TOO_LARGE)) {
		Some(n) if n > 0 => rest.saturating_mul(TOO_LARGE).checked_div(n).unwrap_or(Balance::MAX),
		_ => Balance::MAX,
	}
}

/// Fills the `chosen` stashes to `level` out of `amount`, but to no more than `most`.
fn fill(
	filled: &mut Vec<Balance>,
	chosen: &[(usize, Balance)],
	level: Balance,
	most: Balance,
	amount: Balance,
) {
	let mut rest = amount;
	for (i, before) in chosen {
		let part = level.min(most).saturating_sub(*before).min(rest);
		filled.resize(filled.len().max(i.saturating_add(1)), 0);
		if let Some(filled) = filled.get_mut(*i) {
			*filled = filled.saturating_add(part);
			rest = rest.saturating_sub(part);
		}
	}
	if level >= most {
		// What remains waits.
		return;
	}
	// The level is rounded down; the few units that remain go to the lightest.
	let lightest = chosen.iter().min_by_key(|(_, before)| *before).map(|(i, _)| *i);
	if let Some(filled) = lightest.and_then(|i| filled.get_mut(i)) {
		*filled = filled.saturating_add(rest);
	}
}
