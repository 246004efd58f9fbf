// SPDX-License-Identifier: Apache-2.0

use crate::{
	era::{advance_weight, worst},
	mock::*,
	Error, Event, Parameters, Phase, Pool, Stashes, Step,
};
use frame_support::{
	assert_noop, assert_ok,
	traits::OnPoll,
	weights::{Weight, WeightMeter},
};
use holdfast_primitives::{StakingBackend, StashToPlace, ValidatorSelection};
use sp_runtime::Perbill;

fn deposit(assets: u128) {
	assert_ok!(LiquidStaking::deposit(RuntimeOrigin::signed(ALICE), assets, 0));
}

fn targets() -> Vec<Option<AccountId>> {
	(0..pool().stashes())
		.map(|i| Staking::nominations(&LiquidStaking::stash_account(i)).pop())
		.collect()
}

#[test]
fn deposits_are_spread_over_stashes_that_nominate_in_turn() {
	run(|| {
		deposit(1_700);
		next_era();
		assert_eq!(
			events(),
			[
				Event::Deposited { who: ALICE, assets: 1_700, shares: 1_700 },
				Event::EraWorkStarted { era: 1 },
				Event::RateUpdated { era: 1, rate: 1.into(), total_assets: 1_700, shares: 1_700 },
				Event::Nominated { stash: 0, validator: validator(100) },
				Event::Bonded { stash: 0, assets: 425 },
				Event::Nominated { stash: 1, validator: validator(101) },
				Event::Bonded { stash: 1, assets: 425 },
				Event::Nominated { stash: 2, validator: validator(102) },
				Event::Bonded { stash: 2, assets: 425 },
				Event::Nominated { stash: 3, validator: validator(103) },
				Event::Bonded { stash: 3, assets: 425 },
				Event::EraWorkCompleted { era: 1 },
			]
		);
	});
}

#[test]
fn too_little_for_a_stash_waits() {
	run(|| {
		deposit(399);
		next_era();
		assert_eq!((pool().idle(), pool().bonded()), (399, 0));
		deposit(100);
		next_era();
		assert_eq!((pool().idle(), pool().bonded()), (0, 499));
	});
}

#[test]
fn the_work_resumes_wherever_a_block_had_to_stop_it() {
	// The same work once in one block and once a step at a time.
	let story = |limit: Weight| {
		run(|| {
			WorkLimit::set(limit);
			deposit(2_000);
			next_era();
			earn(1, validator(100), 50);
			(0..30).for_each(|_| next_block());
			assert_ok!(LiquidStaking::request_redeem(RuntimeOrigin::signed(ALICE), 500));
			next_era();
			(0..30).for_each(|_| next_block());
			// Time is all that differs.
			RESULTS.with(|results| results.borrow_mut().push(pool().timeless()));
			assert_eq!(Pool::<Test>::get().phase(), Phase::Idle);
		});
	};
	story(ENOUGH);
	story(LiquidStaking::max_step_weight());
	RESULTS.with(|results| {
		let results = results.borrow();
		assert_eq!(results[0].bonded(), 1_550);
		assert_eq!(results[0], results[1]);
	});
}

thread_local! {
	static RESULTS: std::cell::RefCell<Vec<crate::PoolState>> = Default::default();
}

#[test]
fn anybody_can_push_the_work_on() {
	run(|| {
		assert_noop!(
			LiquidStaking::advance(RuntimeOrigin::signed(BOB), 10).map_err(|e| e.error),
			Error::<Test>::NothingToDo
		);
		deposit(800);
		WorkLimit::set(Weight::zero());
		next_era();
		assert_eq!((pool().era(), pool().phase()), (Some(1), Phase::Settle));
		// The reports are read, the rewards settled, and no batch is funded.
		let paid = LiquidStaking::advance(RuntimeOrigin::signed(BOB), 3).unwrap();
		assert_eq!(pool().phase(), Phase::Score);
		assert!(paid.actual_weight.unwrap().all_lte(advance_weight::<Test>(3)));
		assert_ok!(LiquidStaking::advance(RuntimeOrigin::signed(BOB), 100));
		assert_eq!((pool().phase(), pool().bonded()), (Phase::Idle, 800));
	});
}

#[test]
fn a_step_that_fails_is_undone_and_taken_up_again() {
	run(|| {
		deposit(800);
		for call in ["bond", "nominate"] {
			Failing::set(vec![call]);
			next_era();
			assert_eq!((pool().phase(), pool().idle(), pool().bonded()), (Phase::Idle, 800, 0));
			let failed =
				|e: &Event<Test>| matches!(e, Event::StepFailed { step: Step::Rebalance, .. });
			assert_eq!(events().iter().filter(|e| failed(e)).count(), 2);
		}
		Failing::set(vec![]);
		next_era();
		assert_eq!((pool().idle(), pool().bonded()), (0, 800));
	});
}

#[test]
fn a_withdrawal_that_is_refused_delays_only_itself() {
	run(|| {
		deposit(1_000);
		next_era();
		assert_ok!(LiquidStaking::request_redeem(RuntimeOrigin::signed(ALICE), 500));
		(0..3).for_each(|_| next_era());
		Failing::set(vec!["withdraw"]);
		next_era();
		let failed = |e: &Event<Test>| matches!(e, Event::StepFailed { step: Step::Withdraw, .. });
		assert!(events().iter().any(failed));
		assert_eq!((pool().unbonding(), pool().owed()), (500, 500));
		Failing::set(vec![]);
		next_era();
		assert_eq!((pool().unbonding(), pool().owed()), (0, 0));
	});
}

#[test]
fn a_stash_that_was_kicked_nominates_again() {
	run(|| {
		deposit(800);
		next_era();
		Staking::kick(&LiquidStaking::stash_account(1));
		assert_eq!(targets(), [Some(validator(100)), None]);
		next_era();
		assert_eq!(targets(), [Some(validator(100)), Some(validator(101))]);
	});
}

#[test]
fn without_a_fit_validator_a_stash_is_chilled_and_keeps_its_stake() {
	run(|| {
		deposit(800);
		next_era();
		Fit::set(vec![]);
		next_era();
		assert_eq!(targets(), [None, None]);
		assert!(events().contains(&Event::Chilled { stash: 1 }));
		assert_eq!(pool().bonded(), 800);
		Fit::set(vec![validator(7)]);
		next_era();
		assert_eq!(targets(), [Some(validator(7)), Some(validator(7))]);
	});
}

#[test]
fn a_stash_without_a_validator_is_not_opened() {
	run(|| {
		Defaults::set(Parameters { buffer: Perbill::from_percent(10), ..PLAIN });
		Fit::set(vec![]);
		deposit(2_000);
		next_era();
		assert_eq!((pool().stashes(), pool().bonded(), pool().idle()), (0, 0, 2_000));
		assert!(!events()
			.iter()
			.any(|e| matches!(e, Event::Bonded { .. } | Event::Chilled { .. })));
		// All of it can be had at once.
		assert_ok!(LiquidStaking::redeem_instantly(RuntimeOrigin::signed(ALICE), 400, 0));
		// Four stashes for 1,440; there is a validator for the third alone.
		Fit::set(vec![validator(7)]);
		Unplaced::set(0b1011);
		next_era();
		assert_eq!(targets(), [None, None, Some(validator(7))]);
		assert_eq!((pool().stashes(), pool().bonded(), pool().idle()), (3, 480, 1_120));
		Unplaced::set(0);
		next_era();
		assert_eq!(pool().bonded(), 1_440);
		assert!(targets().iter().all(|target| *target == Some(validator(7))));
	});
}

#[test]
fn a_stash_without_a_validator_keeps_its_stake_and_gets_no_more() {
	run(|| {
		deposit(800);
		next_era();
		// Too little for a third stash.
		deposit(200);
		Unplaced::set(0b10);
		next_era();
		assert_eq!(targets(), [Some(validator(100)), None]);
		let active =
			|| -> Vec<u128> { (0..2).map(|i| Stashes::<Test>::get(i).unwrap().active()).collect() };
		assert_eq!((active(), pool().idle()), (vec![500, 400], 100));
		// What is asked for is unbonded from what does not earn.
		assert_ok!(LiquidStaking::request_redeem(RuntimeOrigin::signed(ALICE), 300));
		next_era();
		assert_eq!((active(), pool().idle()), (vec![500, 200], 100));
		Unplaced::set(0);
		(0..UNBONDING_ERAS).for_each(|_| next_era());
		assert_eq!(targets(), [Some(validator(100)), Some(validator(101))]);
		assert_eq!((active(), pool().idle(), pool().owed()), (vec![500, 200], 0, 0));
	});
}

#[test]
fn a_pool_that_shrinks_empties_whole_stashes() {
	run(|| {
		deposit(2_000);
		next_era();
		assert_eq!(pool().stashes(), 5);
		assert_ok!(LiquidStaking::request_redeem(RuntimeOrigin::signed(ALICE), 1_700));
		next_era();
		// 300 remain: one stash, and it nominates on.
		let active: Vec<u128> = (0..5).map(|i| Stashes::<Test>::get(i).unwrap().active()).collect();
		assert_eq!(active, [300, 0, 0, 0, 0]);
		(0..3).for_each(|_| next_era());
		assert_eq!((pool().stashes(), pool().bonded(), pool().owed()), (1, 300, 0));
	});
}

#[test]
fn a_ledger_that_cannot_be_read_is_no_loss() {
	run(|| {
		deposit(4_000);
		next_era();
		let before = (pool().bonded(), pool().unbonding(), LiquidStaking::total_assets());
		Failing::set(vec!["ledger"]);
		assert!(LiquidStaking::do_try_state().is_err());
		events();
		deposit(400);
		// Not checked: the invariants do not hold.
		Staking::begin_era(2);
		System::set_block_number(System::block_number() + 1);
		LiquidStaking::on_poll(System::block_number(), &mut WeightMeter::new());
		assert_eq!((pool().bonded(), pool().unbonding()), (before.0, before.1));
		assert!(LiquidStaking::total_assets() >= before.2 + 400);
		let failed = |e: &Event<Test>| matches!(e, Event::StepFailed { step: Step::Withdraw, .. });
		assert!(events().iter().any(failed));
		// It goes on when they can be read.
		Failing::set(vec![]);
		next_era();
		assert_eq!(pool().bonded(), 4_400);
	});
}

#[test]
fn a_stash_that_was_not_endowed_says_so_until_it_gets_it_from_the_rewards() {
	run(|| {
		use frame_support::traits::tokens::{fungible::Mutate, Preservation};
		let stash = LiquidStaking::stash_account(0);
		Balances::transfer(&stash, &ALICE, ED, Preservation::Expendable).unwrap();
		deposit(400);
		next_era();
		let error = Error::<Test>::StashNotEndowed.into();
		let failed = Event::StepFailed { step: Step::Rebalance, stash: Some(0), error };
		assert!(events().contains(&failed));
		// 51 are released in an era at most, and the others wait.
		Balances::mint_into(&LiquidStaking::reward_account(), 100).unwrap();
		let total = LiquidStaking::total_assets() + 100;
		next_era();
		assert_eq!((pool().bonded(), hold(&stash)), (500 - ED, ED));
		assert_eq!(
			LiquidStaking::total_assets() + pool().unreleased(System::block_number()),
			total - ED
		);
	});
}

#[test]
fn a_raised_minimum_merges_the_stashes_that_cannot_nominate_any_more() {
	run(|| {
		deposit(4_000);
		next_era();
		assert_eq!((pool().stashes(), pool().bonded()), (8, 4_000));
		// Strangers chill them all, as they may.
		MinimumBond::set(750);
		(0..8).for_each(|i| Staking::kick(&LiquidStaking::stash_account(i)));
		events();
		next_era();
		// Of 4,000, five can stand 750. Nobody is asked to nominate with less.
		let failed = |e: &Event<Test>| matches!(e, Event::StepFailed { .. });
		assert!(!events().iter().any(failed));
		let active: Vec<u128> = (0..8).map(|i| Stashes::<Test>::get(i).unwrap().active()).collect();
		assert_eq!(active, [500, 500, 500, 500, 500, 0, 0, 0]);
		(0..UNBONDING_ERAS).for_each(|_| next_era());
		assert!(!events().iter().any(failed));
		assert_eq!((pool().stashes(), pool().bonded(), pool().idle()), (5, 4_000, 0));
		assert!(targets().iter().all(Option::is_some), "{:?}", targets());
	});
}

#[test]
fn a_small_deficit_leaves_most_of_the_pool_at_work_after_the_minimum_was_raised() {
	run(|| {
		deposit(4_000);
		next_era();
		MinimumBond::set(1_000);
		assert_ok!(LiquidStaking::request_redeem(RuntimeOrigin::signed(ALICE), 40));
		next_era();
		// One stash is needed for the 40, and of those that are too small one is merged in an era.
		assert_eq!((pool().unbonding(), pool().bonded()), (500, 3_500));
		assert_eq!(targets().iter().filter(|target| target.is_some()).count(), 7);
	});
}

#[test]
fn what_unbonds_and_is_not_needed_any_more_is_staked_again() {
	run(|| {
		SlashDelay::set(8);
		BondingDuration::set(9);
		deposit(10_000);
		next_era();
		assert_ok!(LiquidStaking::request_redeem(RuntimeOrigin::signed(ALICE), 1_000));
		next_era();
		assert_eq!((pool().bonded(), pool().unbonding()), (9_000, 1_000));
		// A report may take some of what the batch waits for, so that more unbonds.
		Staking::report(&LiquidStaking::stash_account(0), 2, 1_250);
		next_era();
		assert_eq!((pool().bonded(), pool().unbonding()), (8_875, 1_125));
		// It is cancelled: what is too much now is staked again, and not what the batch waits for.
		Staking::cancel(10);
		events();
		next_era();
		assert_eq!((pool().bonded(), pool().unbonding()), (9_000, 1_000));
		let again = |event| match event {
			Event::Rebonded { assets, .. } => Some(assets),
			_ => None,
		};
		assert_eq!(events().into_iter().filter_map(again).sum::<u128>(), 125);
		(4..10).for_each(|_| next_era());
		assert_eq!(pool().owed(), 1_000);
		next_era();
		assert_eq!(pool().owed(), 0, "funded as early as without the report");
	});
}

#[test]
fn a_stash_that_is_too_large_for_any_place_is_made_smaller() {
	run(|| {
		deposit(799);
		next_era();
		assert_eq!((pool().stashes(), pool().bonded()), (1, 799));
		// Where nobody has a place, none is too large.
		Unplaced::set(0b1);
		next_era();
		assert_eq!((pool().bonded(), pool().unbonding()), (799, 0));
		Unplaced::set(0);
		MinimumBond::set(25);
		deposit(500);
		next_era();
		assert_eq!((pool().stashes(), pool().bonded()), (6, 1_299));
		// As large as all the others together, it stands nowhere.
		Unplaced::set(0b1);
		next_era();
		let active = |i| Stashes::<Test>::get(i).unwrap().active();
		assert_eq!([0, 1, 2].map(active), [216, 100, 100]);
		assert_eq!((pool().bonded(), pool().unbonding()), (716, 583));
		// It is not made smaller once more, and what was freed is spread.
		(0..UNBONDING_ERAS).for_each(|_| next_era());
		assert_eq!((pool().idle(), pool().unbonding(), pool().bonded()), (0, 0, 1_299));
		assert_eq!(active(0), 216);
	});
}

#[test]
fn what_was_kept_for_a_stash_without_a_validator_goes_to_the_others_in_the_next_era() {
	run(|| {
		deposit(800);
		next_era();
		deposit(200);
		Unplaced::set(0b10);
		next_era();
		assert_eq!((pool().bonded(), pool().idle()), (900, 100));
		next_era();
		assert_eq!((pool().bonded(), pool().idle()), (1_000, 0));
		assert_eq!(Stashes::<Test>::get(1).unwrap().active(), 400);
	});
}

/// Begins the work of the next era, which gets no further than `phase`: there is no room any more.
fn work_up_to(phase: Phase) {
	WorkLimit::set(Weight::zero());
	next_era();
	while pool().phase() != phase {
		assert_ne!(pool().phase(), Phase::Idle);
		assert_ok!(LiquidStaking::advance(RuntimeOrigin::signed(BOB), 1));
	}
	events();
}

#[test]
fn the_selection_is_prepared_step_by_step_before_the_plan() {
	run(|| {
		deposit(800);
		PrepareSteps::set(4);
		work_up_to(Phase::Score);
		let advance = |steps| {
			let paid = LiquidStaking::advance(RuntimeOrigin::signed(BOB), steps).unwrap();
			paid.actual_weight.unwrap()
		};
		// The second step costs a read more than the first; the pool's own part is the same.
		let (first, second) = (advance(1), advance(1));
		assert_eq!(second - first, InTurn::prepare_weight());
		assert_eq!((pool().phase(), Prepared::get()), (Phase::Score, (1, 2)));
		// As the hook does it, with room for one of the dearest steps: not less than two of these.
		WorkLimit::set(LiquidStaking::max_step_weight());
		next_block();
		assert_eq!(Prepared::get(), (1, 4));
		WorkLimit::set(ENOUGH);
		next_block();
		assert_eq!((pool().phase(), pool().bonded()), (Phase::Idle, 800));
	});
}

#[test]
fn the_weight_of_a_step_counts_what_the_selection_says() {
	run(|| {
		let weight = |phase| worst::<Test>(&phase);
		assert!(InTurn::prepare_weight().all_lte(weight(Phase::Score)));
		let plan = <() as crate::WeightInfo>::step_plan();
		assert!((plan + InTurn::select_weight()).all_lte(weight(Phase::Plan)));
		for phase in [Phase::Score, Phase::Plan] {
			assert!(weight(phase).all_lte(LiquidStaking::max_step_weight()));
		}
	});
}

#[test]
fn whoever_finds_nothing_to_do_pays_for_having_looked() {
	run(|| {
		let looked = <() as crate::WeightInfo>::on_poll_idle();
		for steps in [0, 1, 1_000] {
			let refused = LiquidStaking::advance(RuntimeOrigin::signed(BOB), steps).unwrap_err();
			assert_eq!(refused.post_info.actual_weight, Some(looked));
		}
		// Whatever is asked for fits into a block.
		let most = HugeBlocks::get().max_block;
		assert!(advance_weight::<Test>(u32::MAX).all_lte(most / 2));
	});
}

#[test]
fn pushing_on_late_work_costs_nothing() {
	run(|| {
		use frame_support::dispatch::Pays;
		deposit(800);
		next_era();
		WorkLimit::set(Weight::zero());
		next_era();
		let advance = || LiquidStaking::advance(RuntimeOrigin::signed(BOB), 1).unwrap().pays_fee;
		// The work of this era has just begun; and is late after a quarter of it.
		assert_eq!(advance(), Pays::Yes);
		(0..BLOCKS_PER_ERA / 4 + 1).for_each(|_| next_block());
		assert_eq!(advance(), Pays::No);
		next_era();
		assert_eq!(advance(), Pays::No);
	});
}

#[test]
fn a_selection_that_is_never_prepared_holds_up_neither_rewards_nor_redemptions() {
	run(|| {
		deposit(2_000);
		next_era();
		next_era();
		assert_ok!(LiquidStaking::request_redeem(RuntimeOrigin::signed(ALICE), 1_000));
		earn(2, validator(100), 50);
		PrepareSteps::set(u32::MAX);
		WorkLimit::set(LiquidStaking::max_step_weight() * 20);
		events();
		let mut funded = None;
		for era in 3..9 {
			next_era();
			(0..5).for_each(|_| next_block());
			assert_eq!((pool().phase(), pool().settled_era()), (Phase::Score, Some(era)));
			if pool().owed() == 0 && funded.is_none() {
				funded = Some(era);
			}
		}
		let events = events();
		assert!(events.contains(&Event::RewardsCollected { era: 3, assets: 50 }));
		assert!(events.contains(&Event::PlanSkipped { era: 3 }));
		// What it waits for is unbonded when the plan of era 3 is given up, an era late.
		assert_eq!(funded, Some(4 + UNBONDING_ERAS));
		assert_eq!((pool().unbonding(), pool().bonded()), (0, 1_050));
		assert_ok!(LiquidStaking::claim(RuntimeOrigin::signed(BOB), 0, ALICE));
		PrepareSteps::set(0);
		next_block();
		assert_eq!((pool().idle(), pool().phase()), (0, Phase::Idle));
	});
}

/// The events of era 3, in whose first block there is room for work again: that of era 2 has got as
/// far as `phase`.
fn late_work(phase: Phase) -> Vec<Event<Test>> {
	deposit(800);
	next_era();
	assert_eq!(targets(), [Some(validator(100)), Some(validator(101))]);
	deposit(800);
	Fit::set(vec![validator(7)]);
	work_up_to(phase);
	Fit::set(vec![validator(8)]);
	next_era();
	assert_eq!((pool().era(), pool().phase()), (Some(2), phase));
	WorkLimit::set(ENOUGH);
	next_block();
	events()
}

#[test]
fn a_plan_is_given_up_for_that_of_the_next_era_until_stakes_change() {
	for phase in [Phase::Score, Phase::Plan, Phase::Rotate { stash: 0 }] {
		run(|| {
			let events = late_work(phase);
			let begun = [Event::PlanSkipped { era: 2 }, Event::EraWorkStarted { era: 3 }];
			assert_eq!(events[..2], begun);
			// The one plan that is carried out is that of era 3.
			let stale = |e: &Event<Test>| matches!(e, Event::Nominated { validator: v, .. } if *v == validator(7));
			assert!(!events.iter().any(stale));
			assert_eq!(events.last(), Some(&Event::EraWorkCompleted { era: 3 }));
			assert_eq!((targets(), pool().bonded()), (vec![Some(validator(8)); 4], 1_600));
		});
	}
}

#[test]
fn a_rebalance_that_has_begun_is_finished_in_the_next_era() {
	run(|| {
		let events = late_work(Phase::Rebalance { stash: 3 });
		let bonded = Event::Bonded { stash: 3, assets: 400 };
		let finished =
			[bonded, Event::EraWorkCompleted { era: 2 }, Event::EraWorkStarted { era: 3 }];
		assert_eq!(events[1..4], finished);
		assert_eq!((targets(), pool().bonded()), (vec![Some(validator(8)); 4], 1_600));
	});
}

#[test]
fn settlement_and_funds_are_not_skipped_with_the_plan() {
	for phase in [Phase::Settle, Phase::Fund] {
		run(|| {
			deposit(800);
			next_era();
			earn(1, validator(100), 10);
			assert_ok!(LiquidStaking::request_redeem(RuntimeOrigin::signed(ALICE), 400));
			deposit(400);
			work_up_to(phase);
			next_era();
			WorkLimit::set(ENOUGH);
			next_block();
			let events = events();
			let at = |event: Event<Test>| events.iter().position(|e| *e == event).unwrap();
			let funded = at(Event::BatchFunded { batch: 0, assets: 400, withheld: 0 });
			assert!(funded < at(Event::PlanSkipped { era: 2 }));
			assert_eq!(pool().settled_era(), Some(3));
		});
	}
}

#[test]
fn a_stash_whose_new_target_refuses_leaves_the_unfit_one() {
	run(|| {
		deposit(800);
		next_era();
		assert_eq!(targets(), [Some(validator(100)), Some(validator(101))]);
		// Both are unfit from now on, and whom the plan chooses in their place refuses.
		Fit::set(vec![validator(7)]);
		Failing::set(vec!["nominate"]);
		System::reset_events();
		next_era();
		assert_eq!(targets(), [None, None]);
		assert_eq!(events().iter().filter(|e| matches!(e, Event::Chilled { .. })).count(), 2);
		// If it cannot be chilled either, both reasons are told.
		Failing::set(vec![]);
		next_era();
		Fit::set(vec![validator(8)]);
		Failing::set(vec!["nominate", "chill"]);
		System::reset_events();
		next_era();
		let failed = |e: &&Event<Test>| matches!(e, Event::StepFailed { step: Step::Rotate, .. });
		assert_eq!(events().iter().filter(failed).count(), 4);
		Failing::set(vec![]);
		next_era();
		assert_eq!(targets(), [Some(validator(8)), Some(validator(8))]);
	});
}

#[test]
fn a_stash_that_was_kicked_stands_nowhere() {
	run(|| {
		deposit(800);
		next_era();
		Staking::kick(&LiquidStaking::stash_account(1));
		let stash = |index, nominates| StashToPlace { index, nominates, stake: 400 };
		let nominations = LiquidStaking::nominations();
		assert_eq!(nominations, [stash(0, Some(validator(100))), stash(1, None)]);
		assert_eq!(LiquidStaking::stashes()[1].validator, None);
	});
}
