// SPDX-License-Identifier: Apache-2.0

use super::{merge::MERGED_AT_MOST, *};
use alloc::vec;
use holdfast_primitives::{Balance, EraIndex};
use proptest::prelude::*;

const LIMITS: Limits = Limits { minimum: 100, min_stash: 400, max_stashes: 64 };

/// Stashes that all nominate.
fn nominating(active: &[Balance]) -> Vec<StashStake> {
	active.iter().map(|active| StashStake { active: *active, nominates: true }).collect()
}

fn surplus(active: &[Balance], now: Balance) -> Vec<Balance> {
	bonds(&stake_changes(&nominating(active), &[], Flow::Surplus { now, later: 0 }, LIMITS))
}

fn deficit(active: &[Balance], deficit: Balance) -> Vec<Balance> {
	unbonds(&stake_changes(&nominating(active), &[], Flow::Deficit(deficit), LIMITS))
}

fn bonds(changes: &[StakeChange]) -> Vec<Balance> {
	changes.iter().map(|c| if let StakeChange::Bond(x) = c { *x } else { 0 }).collect()
}

fn unbonds(changes: &[StakeChange]) -> Vec<Balance> {
	changes.iter().map(|c| if let StakeChange::Unbond(x) = c { *x } else { 0 }).collect()
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
	held: &[StashStake],
	leaving: &[(usize, EraIndex, Balance)],
	later: Balance,
) -> Vec<Balance> {
	let leaving = leaving.iter().map(|(stash, era, value)| UnbondingPart {
		stash: *stash,
		era: *era,
		value: *value,
	});
	let leaving: Vec<UnbondingPart> = leaving.collect();
	let changes = stake_changes(held, &leaving, Flow::Surplus { now: 0, later }, LIMITS);
	changes
		.iter()
		.map(|c| if let StakeChange::Rebond { again, .. } = c { *again } else { 0 })
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
	let held = [StashStake::default(), StashStake { active: 400, nominates: true }];
	assert_eq!(again(&held, &[(0, 5, 399)], 399), [0, 0]);
	assert_eq!(again(&held, &[(0, 5, 400)], 400), [400, 0]);
	// What was made smaller because no place could hold it stays so.
	assert_eq!(again(&nominating(&[200, 200]), &[(0, 5, 201)], 201), [0, 0]);
	assert_eq!(again(&nominating(&[200, 200]), &[(0, 5, 201)], 200), [200, 0]);
}

#[test]
fn what_is_idle_fills_up_what_is_staked_again() {
	let held = [nominating(&[400, 400]), vec![StashStake::default()]].concat();
	let leaving = [
		UnbondingPart { stash: 0, era: 5, value: 50 },
		UnbondingPart { stash: 2, era: 5, value: 410 },
	];
	let changes = stake_changes(&held, &leaving, Flow::Surplus { now: 60, later: 600 }, LIMITS);
	assert_eq!(
		changes,
		[
			StakeChange::Rebond { again: 50, more: 0 },
			StakeChange::Bond(35),
			StakeChange::Rebond { again: 410, more: 25 },
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
	let changes = stake_changes(&held, &[], Flow::Surplus { now: 300, later: 0 }, LIMITS);
	assert_eq!(bonds(&changes), [150, 0, 150]);
	held[0].nominates = false;
	held[2].nominates = false;
	assert_eq!(
		bonds(&stake_changes(&held, &[], Flow::Surplus { now: 300, later: 0 }, LIMITS)),
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
	let changes = stake_changes(&nominating(&[400; 64]), &[], Flow::Deficit(260), raised);
	assert_eq!(unbonds(&changes).iter().sum::<Balance>(), 400);
	// All have lost 60 %.
	let changes = stake_changes(&nominating(&[160; 64]), &[], Flow::Deficit(260), LIMITS);
	assert_eq!(unbonds(&changes).iter().sum::<Balance>(), 320);
}

#[test]
fn what_does_not_nominate_is_drained_before_what_earns() {
	let mut held = nominating(&[500, 400, 460]);
	held[1].nominates = false;
	let freed = |deficit| unbonds(&stake_changes(&held, &[], Flow::Deficit(deficit), LIMITS));
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
	let changes = stake_changes(&nominating(&[1_531; 64]), &[], flow, raised);
	assert_eq!(unbonds(&changes).iter().filter(|part| **part > 0).count(), 4);
	let chilled = [StashStake { active: 1_531, nominates: false }; 64];
	let changes = stake_changes(&chilled, &[], flow, raised);
	assert_eq!(unbonds(&changes)[42..], [1_531; 22]);
	assert_eq!(unbonds(&changes)[..42], [0; 42]);
	// What is on its way already is counted, and when it is back it fills the rest.
	let mut held = chilled;
	held[42..].fill(StashStake::default());
	let freed = 22 * 1_531;
	assert_eq!(
		stake_changes(&held, &[], Flow::Surplus { now: 0, later: freed }, raised),
		vec![StakeChange::Keep; 64]
	);
	let changes = stake_changes(&held, &[], Flow::Surplus { now: freed, later: 0 }, raised);
	assert!(bonds(&changes)[..42].iter().all(|more| 1_531 + more >= 2_300));
	assert_eq!(bonds(&changes).iter().sum::<Balance>(), freed);
}

#[test]
fn as_many_small_stashes_are_filled_as_can_be() {
	let raised = Limits { minimum: 500, min_stash: 2_000, max_stashes: 64 };
	let small = |active| StashStake { active, nominates: false };
	let held = [small(300), small(490), small(450)];
	let changes = stake_changes(&held, &[], Flow::Surplus { now: 60, later: 200 }, raised);
	assert_eq!(bonds(&changes), [0, 10, 50]);
	let changes = stake_changes(&held, &[], Flow::Surplus { now: 9, later: 300 }, raised);
	assert_eq!(bonds(&changes), [0, 0, 0]);
}

#[test]
fn stashes_beyond_the_most_there_may_be_are_emptied_bit_by_bit() {
	let fewer = Limits { max_stashes: 32, ..LIMITS };
	let flow = Flow::Surplus { now: 1_000, later: 0 };
	let changes = stake_changes(&nominating(&[500; 64]), &[], flow, fewer);
	assert_eq!(unbonds(&changes).iter().filter(|part| **part > 0).count(), 4);
	assert_eq!(unbonds(&changes)[..32], [0; 32]);
}

fn stashes() -> impl Strategy<Value = Vec<StashStake>> {
	let active = prop_oneof![Just(0), Just(500), 1..2_000u128, 1..1_000_000_000u128];
	let held = (active, prop::bool::weighted(0.8))
		.prop_map(|(active, nominates)| StashStake { active, nominates });
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
		let changes = stake_changes(&held, &[], Flow::Surplus { now, later }, limits);
		let bonded: Balance = bonds(&changes).iter().sum();
		let stands =
			|h: &&StashStake| h.active > 0 && h.active >= limits.minimum && h.nominates;
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
		let leaving: Vec<UnbondingPart> = leaving
			.into_iter()
			.map(|(stash, era, value)| UnbondingPart { stash, era, value })
			.filter(|part| part.stash < held.len())
			.collect();
		let changes = stake_changes(&held, &leaving, Flow::Surplus { now, later }, limits);
		let mut sum: Balance = 0;
		// By the eras of what is left, as the staking pallet leaves it.
		let mut left: Vec<UnbondingPart> = leaving.clone();
		left.sort_by_key(|part| core::cmp::Reverse(part.era));
		for (i, change) in changes.iter().enumerate() {
			let StakeChange::Rebond { again: value, .. } = change else { continue };
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
		let by = |parts: &[UnbondingPart], era| -> Balance {
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
		let changes = stake_changes(&held, &[], Flow::Surplus { now, later: 0 }, limits);
		let is_small = |h: &StashStake| h.active > 0 && h.active < limits.minimum;
		let small: Vec<Balance> = held.iter().filter(|h| is_small(h)).map(|h| h.active).collect();
		let stand = (small.iter().sum::<Balance>() + now) / limits.minimum.max(1);
		let emptied = |i: &usize| matches!(changes[*i], StakeChange::Unbond(_));
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
		let changes = stake_changes(&held, &[], Flow::Deficit(deficit), limits);
		let freed = unbonds(&changes);
		let sum = freed.iter().sum::<Balance>();
		prop_assert!(sum >= deficit.min(total));
		prop_assert!(!changes.iter().any(|c| matches!(c, StakeChange::Bond(_))));
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
