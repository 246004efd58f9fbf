// SPDX-License-Identifier: Apache-2.0

use crate::{mock::*, Error, Event, Phase, Pool, Stashes, Step};
use frame_support::{assert_noop, assert_ok, weights::Weight};
use holdfast_primitives::StakingBackend;

fn deposit(assets: u128) {
	assert_ok!(LiquidStaking::deposit(RuntimeOrigin::signed(ALICE), assets, 0));
}

fn targets() -> Vec<Option<AccountId>> {
	(0..pool().stashes)
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
		assert_eq!((pool().idle, pool().bonded), (399, 0));
		deposit(100);
		next_era();
		assert_eq!((pool().idle, pool().bonded), (0, 499));
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
			let mut pool = pool();
			// Time is all that differs.
			(pool.era_start, pool.era_length, pool.stream) = Default::default();
			RESULTS.with(|results| results.borrow_mut().push(pool));
			assert_eq!(Pool::<Test>::get().phase, Phase::Idle);
		});
	};
	story(ENOUGH);
	story(LiquidStaking::max_step_weight());
	RESULTS.with(|results| {
		let results = results.borrow();
		assert_eq!(results[0].bonded, 1_550);
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
		assert_eq!((pool().era, pool().phase), (Some(1), Phase::Settle));
		// The reports are read, the rewards settled, and no batch is funded.
		let paid = LiquidStaking::advance(RuntimeOrigin::signed(BOB), 3).unwrap();
		assert_eq!(pool().phase, Phase::Plan);
		assert!(paid.actual_weight.unwrap().all_lte(LiquidStaking::advance_weight(3)));
		assert_ok!(LiquidStaking::advance(RuntimeOrigin::signed(BOB), 100));
		assert_eq!((pool().phase, pool().bonded), (Phase::Idle, 800));
	});
}

#[test]
fn a_step_that_fails_is_undone_and_taken_up_again() {
	run(|| {
		deposit(800);
		for call in ["bond", "nominate"] {
			Failing::set(vec![call]);
			next_era();
			assert_eq!((pool().phase, pool().idle, pool().bonded), (Phase::Idle, 800, 0));
			let failed =
				|e: &Event<Test>| matches!(e, Event::StepFailed { step: Step::Rebalance, .. });
			assert_eq!(events().iter().filter(|e| failed(e)).count(), 2);
		}
		Failing::set(vec![]);
		next_era();
		assert_eq!((pool().idle, pool().bonded), (0, 800));
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
		assert_eq!((pool().unbonding, pool().owed), (500, 500));
		Failing::set(vec![]);
		next_era();
		assert_eq!((pool().unbonding, pool().owed), (0, 0));
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
		assert_eq!(pool().bonded, 800);
		Fit::set(vec![validator(7)]);
		next_era();
		assert_eq!(targets(), [Some(validator(7)), Some(validator(7))]);
	});
}

#[test]
fn a_pool_that_shrinks_empties_whole_stashes() {
	run(|| {
		deposit(2_000);
		next_era();
		assert_eq!(pool().stashes, 5);
		assert_ok!(LiquidStaking::request_redeem(RuntimeOrigin::signed(ALICE), 1_700));
		next_era();
		// 300 remain: one stash, and it nominates on.
		let active: Vec<u128> = (0..5).map(|i| Stashes::<Test>::get(i).unwrap().active).collect();
		assert_eq!(active, [300, 0, 0, 0, 0]);
		(0..3).for_each(|_| next_era());
		assert_eq!((pool().stashes, pool().bonded, pool().owed), (1, 300, 0));
	});
}

#[test]
fn no_more_stashes_are_opened_than_may_nominate() {
	run(|| {
		FreeSeats::set(2);
		deposit(4_000);
		next_era();
		assert_eq!((pool().stashes, pool().bonded), (2, 4_000));
		FreeSeats::set(0);
		deposit(4_000);
		next_era();
		assert_eq!((pool().stashes, pool().bonded), (2, 8_000));
	});
}

#[test]
fn a_stash_that_was_not_endowed_says_so() {
	run(|| {
		use frame_support::traits::tokens::{fungible::Mutate, Preservation};
		let stash = LiquidStaking::stash_account(0);
		Balances::transfer(&stash, &ALICE, ED, Preservation::Expendable).unwrap();
		deposit(400);
		next_era();
		let error = Error::<Test>::StashNotEndowed.into();
		let failed = Event::StepFailed { step: Step::Rebalance, stash: Some(0), error };
		assert!(events().contains(&failed));
		Balances::transfer(&ALICE, &stash, ED, Preservation::Preserve).unwrap();
		next_era();
		assert_eq!(pool().bonded, 400);
	});
}
