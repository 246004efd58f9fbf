// SPDX-License-Identifier: Apache-2.0

use crate::{mock::*, selection::Stakes, *};
use frame_support::{assert_ok, traits::fungible::Mutate};
use holdfast_planner::Dimension;
use holdfast_primitives::{Balance, ValidatorSelection};
use sp_runtime::{FixedU128, Perbill};
use std::collections::BTreeMap;

/// What a stash of the pool stakes.
const STAKE: Balance = 10_000;

/// Eight operators with two validators each: 100 and 101, 102 and 103, and so on; in four regions, with
/// four providers, on three clients.
fn eight() {
	for i in 0..8 {
		let words = format!("op{i} region{} provider{} client{}", i % 4, i / 2, i % 3);
		operator(10 + i, &words, &[100 + 2 * i, 101 + 2 * i]);
		assert_ok!(Registry::bond_more(signed(10 + i), 100_000));
	}
}

fn count(chosen: &[Option<u64>]) -> BTreeMap<u64, u32> {
	let mut counts = BTreeMap::new();
	chosen.iter().flatten().for_each(|validator| *counts.entry(*validator).or_default() += 1);
	counts
}

/// Plans from nothing, and lets the validators be exposed to it.
fn settled(stashes: usize) -> Vec<Option<u64>> {
	let chosen = plan(&vec![None; stashes], STAKE);
	expose(&chosen);
	next_era();
	chosen
}

fn expose(chosen: &[Option<u64>]) {
	expose_to(chosen, STAKE);
}

fn expose_to(chosen: &[Option<u64>], stake: Balance) {
	let counts = count(chosen);
	for validator in 100..116 {
		let ours = Balance::from(counts.get(&validator).copied().unwrap_or(0)) * stake;
		fake(validator, |v| v.ours = ours);
	}
}

#[test]
fn stashes_go_where_they_earn_most() {
	run(|| {
		eight();
		fake(105, |v| v.own = 10_000);
		fake(108, |v| v.own = 20_000);
		// Ten percent of ten is one each.
		let chosen = plan(&[None; 10], STAKE);
		assert_eq!(count(&chosen).len(), 10);
		assert!(chosen.contains(&Some(105)) && chosen.contains(&Some(108)));
		assert!((0..10).all(|stash| reason(stash) == Some(Reason::New)));
	});
}

#[test]
fn with_few_others_behind_it_the_second_stash_goes_elsewhere() {
	run(|| {
		eight();
		set_parameters(|p| p.validator_cap = Perbill::one());
		set_parameters(|p| p.operator_cap = Perbill::one());
		// 105 pays the first stash most by far, and a second one next to nothing.
		fake(105, |v| v.own = 100);
		let chosen = plan(&[None; 8], STAKE);
		assert_eq!(count(&chosen)[&105], 1, "{chosen:?}");
	});
}

#[test]
fn nothing_moves_when_nothing_changes() {
	run(|| {
		eight();
		let chosen = settled(64);
		assert!(chosen.iter().all(Option::is_some));
		assert_eq!(plan(&chosen, STAKE), chosen);
		assert_eq!(LastPlan::<Test>::get().unwrap().changes().len(), 0);
	});
}

#[test]
fn the_unfit_are_left_at_once_and_the_reason_is_told() {
	run(|| {
		eight();
		let chosen = settled(64);
		fake(100, |v| v.points = 0);
		fake(103, |v| v.commission = Perbill::one());
		assert_ok!(Registry::deregister(signed(17)));
		let next = plan(&chosen, STAKE);
		for unfit in [100, 103, 114, 115] {
			assert!(!next.contains(&Some(unfit)), "{unfit}");
		}
		let unfit = BTreeMap::from([
			(100, Fitness::MissedBlocks),
			(103, Fitness::CommissionTooHigh),
			(114, Fitness::Leaving),
			(115, Fitness::Leaving),
		]);
		let mut others = 0;
		for (stash, from) in (0..).zip(&chosen) {
			match unfit.get(&from.unwrap()) {
				Some(fitness) => assert_eq!(reason(stash), Some(Reason::Unfit(*fitness))),
				None => others += u32::from(reason(stash).is_some()),
			}
		}
		// The others move no more than the churn allows, if at all.
		assert!(others <= parameters().churn, "{others}");
		assert!(next.iter().all(Option::is_some));
	});
}

#[test]
fn what_the_registry_does_not_know_is_left() {
	run(|| {
		eight();
		let chosen = plan(&[Some(999), Some(100)], STAKE);
		assert_ne!(chosen[0], Some(999));
		assert_eq!(reason(0), Some(Reason::Unlisted));
	});
}

#[test]
fn a_lowered_cap_is_obeyed_at_once() {
	run(|| {
		eight();
		let chosen = settled(64);
		set_parameters(|p| p.region_cap = Perbill::from_percent(25));
		plan(&chosen, STAKE);
		set_parameters(|p| p.client_cap = Perbill::from_percent(34));
		next_era();
		let next = plan(&chosen, STAKE);
		let plan = LastPlan::<Test>::get().unwrap();
		let reasons = plan.changes();
		let over = Reason::ClusterOverCap(Dimension::Client);
		assert!(reasons.iter().any(|change| change.reason == over), "{reasons:?} {next:?}");
	});
}

#[test]
fn what_finds_no_place_is_left_without_a_nomination_and_counted() {
	run(|| {
		operator(10, "acme eu own node", &[100, 101]);
		// One operator may have a fifth of 64: twelve; one validator six.
		let chosen = plan(&[None; 64], STAKE);
		assert_eq!(count(&chosen), BTreeMap::from([(100, 6), (101, 6)]));
		assert_eq!(LastPlan::<Test>::get().unwrap().unplaced(), 52);
	});
}

/// What a plan stakes on each operator.
fn on_operators(chosen: &[Option<u64>], of: &[(Balance, Option<u64>)]) -> BTreeMap<u64, Balance> {
	let mut sums = BTreeMap::new();
	for (validator, (stake, _)) in chosen.iter().zip(of) {
		let Some(validator) = validator else { continue };
		*sums.entry(score(*validator).operator).or_default() += stake;
	}
	sums
}

#[test]
fn caps_count_stake_and_not_stashes() {
	run(|| {
		eight();
		(10..18).for_each(|who| {
			Balances::set_balance(&who, 100_000_000);
			assert_ok!(Registry::bond_more(signed(who), 50_000_000));
		});
		// One operator pays far more than all others: few others share it.
		(102..116).for_each(|validator| fake(validator, |v| v.own = 10_000_000));
		(100..102).for_each(|validator| fake(validator, |v| v.own = 1_000_000));
		// Ten stashes of 1,000,000, and 25 of 400 that were opened later: a fifth of their number is seven.
		let mut of = vec![(1_000_000, None); 10];
		of.extend(vec![(400, None); 25]);
		let chosen = plan_of(&of);
		assert!(chosen.iter().all(Option::is_some), "{chosen:?}");
		let fifth = 10_010_000 / 5;
		let sums = on_operators(&chosen, &of);
		assert!(sums.values().all(|stake| *stake <= fifth), "{sums:?}");
		assert_eq!((sums[&10], sums.values().sum::<Balance>()), (2_001_600, 10_010_000));
		// Nor if they stood where they may not, for it was one stash that was large.
		let of: Vec<_> = of.iter().map(|(stake, _)| (*stake, Some(100))).collect();
		next_era();
		let chosen = plan_of(&of);
		let sums = on_operators(&chosen, &of);
		assert!(sums.values().all(|stake| *stake <= fifth), "{sums:?}");
	});
}

#[test]
fn a_stash_that_is_far_larger_than_the_others_finds_no_place() {
	run(|| {
		eight();
		// It has 62 % of the stake, where one operator may have a fifth.
		let mut of = vec![(1_000_000, None)];
		of.extend(vec![(10_000, None); 61]);
		let chosen = plan_of(&of);
		assert_eq!(chosen[0], None);
		assert!(chosen[1..].iter().all(Option::is_some));
		assert_eq!(LastPlan::<Test>::get().unwrap().unplaced(), 1);
	});
}

#[test]
fn a_tiny_pool_stakes_whatever_its_stashes() {
	run(|| {
		eight();
		for stakes in [&[5_000][..], &[9_000, 400], &[9_000, 400, 400], &[9_000, 400, 400, 700]] {
			let of: Vec<_> = stakes.iter().map(|stake| (*stake, None)).collect();
			assert!(plan_of(&of).iter().all(Option::is_some), "{stakes:?}");
			next_era();
		}
	});
}

#[test]
fn a_slash_of_one_stash_leaves_the_others_where_they_are() {
	run(|| {
		eight();
		set_parameters(|p| p.operator_cap = Perbill::from_percent(21));
		// A tenth of ten is one stash, exactly; a part less is less than any of the nine others.
		let chosen = settled(10);
		let mut of: Vec<_> = chosen.iter().map(|validator| (STAKE, *validator)).collect();
		of[3].0 = STAKE - STAKE / 20;
		assert_eq!(plan_of(&of), chosen);
	});
}

#[test]
fn a_thousandth_does_not_tell_stashes_apart() {
	let stake: Balance = 1_000_000_000_000;
	let tenth = |one: Balance| {
		let stakes = (0..20).map(|i| if i == 7 { one } else { stake });
		Stakes::of(stakes).part(Perbill::from_percent(10))
	};
	assert_eq!(tenth(stake), 2 * stake);
	// All of them count as the larger one: two have room, whichever.
	let larger = stake + stake / 1_000;
	assert_eq!((tenth(stake + 1), tenth(larger)), (2 * (stake + 1), 2 * larger));
}

#[test]
fn a_cap_holds_its_part_of_the_stashes_if_they_stake_little_more() {
	let tenth = |one: Balance| {
		let stakes = (0..20).map(|i| if i == 7 { one } else { 10_000 });
		Stakes::of(stakes).part(Perbill::from_percent(10))
	};
	// Two of twenty, whichever.
	assert_eq!((tenth(9_000), tenth(5_000)), (20_000, 20_000));
	// A tenth of 201,000 is 20,100, and 21,000 are 4.5 % more.
	assert_eq!(tenth(11_000), 21_000);
	// A tenth of 201,200 is 20,120, and 21,200 are 5.4 % more: rounded down, a cap is what it says.
	assert_eq!(tenth(11_200), 20_120);
}

/// Five operators of two validators each: all places that ten stashes have under a cap of a fifth.
fn five() {
	set_parameters(|p| {
		p.region_cap = Perbill::one();
		p.provider_cap = Perbill::one();
		p.client_cap = Perbill::one();
	});
	for i in 0..5 {
		let words = format!("op{i} region{i} provider{i} client{i}");
		operator(10 + i, &words, &[100 + 2 * i, 101 + 2 * i]);
		assert_ok!(Registry::bond_more(signed(10 + i), 900_000));
	}
}

#[test]
fn a_slash_of_one_stash_takes_no_place_from_the_others() {
	for slash in [50, 200, 1_000, 4_000] {
		run(|| {
			five();
			let chosen = plan(&[None; 10], 10_000);
			assert!(chosen.iter().all(Option::is_some));
			(100..110).for_each(|v| fake(v, |f| f.ours = 10_000));
			next_era();
			let mut of: Vec<_> = chosen.iter().map(|validator| (10_000, *validator)).collect();
			of[0].0 -= slash;
			assert_eq!(plan_of(&of), chosen, "{slash}");
		});
	}
}

#[test]
fn what_differs_by_a_hundredth_takes_no_place_either() {
	run(|| {
		five();
		// As after requests for a part of the stake, half of which was staked again.
		let of: Vec<_> = (0..10).map(|i| (if i < 6 { 10_100 } else { 10_000 }, None)).collect();
		assert!(plan_of(&of).iter().all(Option::is_some));
	});
}

proptest::proptest! {
	#![proptest_config(proptest::prelude::ProptestConfig::with_cases(64))]

	/// `plan_of` checks the caps in stake.
	#[test]
	fn whatever_they_stake_no_cap_is_exceeded(
		first in proptest::collection::vec((0u128..5_000_000, 0u64..20), 0..40),
		scale in 1u128..1_000,
	) {
		run(|| {
			eight();
			let at = |n: u64| (n < 16).then_some(100 + n);
			let of: Vec<_> = first.iter().map(|(stake, n)| (stake / scale + 1, at(*n))).collect();
			let chosen = plan_of(&of);
			let again: Vec<_> = of.iter().zip(&chosen).map(|((stake, _), to)| (*stake, *to)).collect();
			next_era();
			plan_of(&again);
		});
	}
}

#[test]
fn without_anybody_fit_nobody_is_nominated() {
	run(|| {
		assert_eq!(Registry::select(1, &stashes(&[(STAKE, None), (STAKE, Some(7))])), [None, None]);
		assert_eq!(plan(&[None, Some(7)], STAKE), [None, None]);
		assert_eq!(plan(&[], STAKE), []);
		assert_eq!(plan(&[None], 0), [None]);
	});
}

#[test]
fn an_operator_with_a_small_bond_gets_a_floor_and_loses_nothing() {
	run(|| {
		eight();
		let chosen = settled(64);
		let on_first = |chosen: &[Option<u64>]| {
			chosen.iter().flatten().filter(|v| (100..102).contains(*v)).count()
		};
		assert!(on_first(&chosen) >= 7);
		// Bonds cover next to nothing now. What stands there, stays.
		set_parameters(|p| p.coverage_multiple = 1);
		let next = plan(&chosen, 100 * STAKE);
		assert_eq!(on_first(&next), on_first(&chosen));
		// But nothing more comes: the floor is a twentieth of 64, which is three.
		let anew = plan(&[None; 64], 100 * STAKE);
		assert_eq!(on_first(&anew), 3, "{anew:?}");
		assert_eq!(LastPlan::<Test>::get().unwrap().unplaced(), 64 - 8 * 3);
	});
}

#[test]
fn a_bond_allows_what_it_covers() {
	run(|| {
		operator(10, "acme eu own node", &[100]);
		(101..116).for_each(|other| fake(other, |v| v.own = 0));
		fake(100, |v| v.own = 600);
		set_parameters(|p| {
			p.coverage_multiple = 2;
			p.validator_cap = Perbill::one();
			p.operator_cap = Perbill::one();
			p.region_cap = Perbill::one();
			p.provider_cap = Perbill::one();
			p.client_cap = Perbill::one();
		});
		// One of 16 seats: (3/16)^2 = 3.5 % can be lost, of its own 600 as well.
		// 2 * (1,000 + 21) / 0.03515625 = 58,083.
		assert_eq!(count(&plan(&[None; 20], STAKE))[&100], 5);
		// Two accounts of one operator have two bonds, and more to lose: (6/16)^2 = 14 %.
		operator(11, "acme eu own node", &[101]);
		// 2 * (1,000 + 84) / 0.140625 = 15,416, and 2 * 1,000 / 0.140625 = 14,222.
		next_era();
		assert_eq!(plan(&[None; 20], STAKE).iter().flatten().count(), 2);
	});
}

#[test]
fn an_unelected_validator_must_pass_the_cut_off_with_our_stash() {
	run(|| {
		eight();
		fake(100, |v| (v.elected, v.own) = (false, 94_000));
		Seats::set(15);
		// The others have 100,000 behind them; 5 % more is 105,000.
		let chosen = plan(&[None; 16], STAKE);
		assert!(!chosen.contains(&Some(100)));
		fake(100, |v| v.own = 95_000);
		next_era();
		let chosen = plan(&[None; 16], STAKE);
		assert!(chosen.contains(&Some(100)), "{chosen:?}");
		// With a free seat, it needs nothing.
		fake(100, |v| v.own = 1);
		Seats::set(16);
		next_era();
		assert!(plan(&[None; 16], STAKE).contains(&Some(100)));
	});
}

#[test]
fn the_view_tells_what_the_next_plan_does() {
	run(|| {
		eight();
		let chosen = settled(64);
		fake(100, |v| v.points = 0);
		score_all();
		let of: Vec<_> = chosen.iter().map(|validator| (STAKE, *validator)).collect();
		let told = Registry::preview_plan(&stashes(&of)).unwrap();
		plan(&chosen, STAKE);
		let plan = LastPlan::<Test>::get().unwrap();
		assert!(!told.changes.is_empty());
		assert_eq!(told.changes, plan.changes());
	});
}

/// Moves in 50 eras in which points are up to a tenth above or below the mean, by chance.
fn moves_in_noise(hysteresis: u32) -> usize {
	let mut moves = 0;
	run(|| {
		eight();
		set_parameters(|p| p.hysteresis = hysteresis);
		// So small that a stash more or less makes little difference.
		let stake = 100;
		let mut chosen = plan(&[None; 64], stake);
		expose_to(&chosen, stake);
		let mut seed = 1u32;
		for _ in 0..50 {
			for validator in 100..116 {
				seed = seed.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
				fake(validator, |v| v.points = 900 + (seed >> 16) % 201);
			}
			let next = plan(&chosen, stake);
			moves += chosen.iter().zip(&next).filter(|(from, to)| from != to).count();
			expose_to(&next, stake);
			chosen = next;
			next_era();
		}
	});
	moves
}

#[test]
fn noise_moves_nothing_to_and_fro() {
	assert_eq!(moves_in_noise(50), 0);
	// Without hysteresis it would.
	assert!(moves_in_noise(0) > 20);
}

#[test]
fn the_spread_of_the_elected_exposure_is_published() {
	run(|| {
		eight();
		let chosen = settled(64);
		plan(&chosen, STAKE);
		let published = Registry::diversification();
		assert_eq!((published.era, published.exposed), (Era::get(), 64 * STAKE));
		// Four on each of sixteen.
		assert_eq!(count(&chosen).values().copied().collect::<Vec<_>>(), [4; 16]);
		let sixteen = Spread {
			effective: FixedU128::from_u32(16),
			nakamoto: 6,
			largest: Perbill::from_rational(1u32, 16),
		};
		assert_eq!(published.validators, sixteen);
		assert_eq!(published.operators.effective, FixedU128::from_u32(8));
		assert_eq!((published.operators.nakamoto, published.regions.nakamoto), (3, 2));
		assert_eq!(published.clients.largest, Perbill::from_rational(24u32, 64));
		// Two of sixteen seats: (6/16)^2 of an eighth of the pool.
		assert_eq!(published.largest_loss, 11_250);
		// All eight of them, each with a chance of a hundredth.
		assert_eq!(published.expected_loss, 900);
	});
}

#[test]
fn the_spread_of_nothing_and_of_one() {
	assert_eq!(Spread::of(vec![]), Spread::default());
	assert_eq!(Spread::of(vec![0, 0]), Spread::default());
	let one = Spread::of(vec![0, 5]);
	assert_eq!((one.effective, one.nakamoto), (FixedU128::from_u32(1), 1));
	assert_eq!(one.largest, Perbill::one());
	// 1 / (0.5^2 + 0.3^2 + 0.2^2)
	let three = Spread::of(vec![30, 50, 20]);
	assert_eq!(three.effective, FixedU128::from_inner(2_631_578_947_368_421_052));
	assert_eq!(three.nakamoto, 1);
	// A third is not more than a third.
	assert_eq!(Spread::of(vec![1, 1, 1]).nakamoto, 2);
	let huge = Spread::of(vec![Balance::MAX / 2, Balance::MAX / 2]);
	assert_eq!(huge.effective, FixedU128::from_u32(2));
}
