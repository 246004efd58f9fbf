// SPDX-License-Identifier: Apache-2.0

//! Slashes that are reported and not applied.

use crate::{
	mock::*, Batches, Error, Event, Parameters, Phase, Queue, Redemptions, Reports, Rest, Step,
};
use frame_support::{assert_noop, assert_ok};
use holdfast_primitives::RedemptionState;
use sp_runtime::{FixedU128, Perbill};

const BUFFERED: Parameters = Parameters { buffer: Perbill::from_percent(20), ..PLAIN };

fn deposit(who: AccountId, assets: u128) {
	assert_ok!(LiquidStaking::deposit(RuntimeOrigin::signed(who), assets, 0));
}

fn stash(index: u32) -> AccountId {
	LiquidStaking::stash_account(index)
}

/// A pool of 10,000 in era 1, on a chain that defers slashes by three eras.
fn reporting(test: impl FnOnce()) {
	run(|| {
		SlashDelay::set(3);
		Defaults::set(BUFFERED);
		deposit(ALICE, 10_000);
		next_era();
		events();
		test();
	});
}

#[test]
fn a_report_lowers_the_exit_price_and_not_the_entry_price() {
	reporting(|| {
		Staking::report(&stash(0), 1, 1_000);
		assert_eq!(LiquidStaking::exchange_rate(), FixedU128::from_u32(1));
		next_block();
		assert_eq!(events(), [Event::ReportsChanged { reported: 1_000, released: 0 }]);
		// (9,000 + 1) / (10,000 + 1).
		assert_eq!(LiquidStaking::preview_redeem(10_000), Some(9_000));
		assert_eq!(LiquidStaking::preview_deposit(10_000), Some(10_000));
		assert_eq!(LiquidStaking::total_assets(), 10_000);
	});
}

#[test]
fn repeated_and_growing_reports_sum_up_to_the_chains_own_amounts() {
	reporting(|| {
		Staking::report(&stash(0), 1, 100);
		Staking::report(&stash(0), 1, 30);
		next_block();
		Staking::report(&stash(0), 0, 7);
		Staking::report(&stash(1), 1, 400);
		Staking::report(&ALICE, 1, 5_000);
		next_block();
		assert_eq!(pool().reported(), 537);
		let amounts: Vec<_> = Reports::<Test>::get()
			.into_iter()
			.map(|r| (r.stash, r.offence_era, r.applied_in, r.amount))
			.collect();
		assert_eq!(amounts, [(0, 0, 3, 7), (0, 1, 4, 130), (1, 1, 4, 400)]);
	});
}

#[test]
fn a_report_without_room_counts_with_another_of_its_era_and_says_so() {
	reporting(|| {
		// There is room for 80: that is more than there are stashes, unless there were more once.
		(0..81).for_each(|i| Staking::report(&stash(i), 1, 7));
		next_block();
		assert_eq!((pool().reported(), Reports::<Test>::get().len()), (81 * 7, 80));
		let merged = Event::ReportMerged { stash: 80, into: 0, amount: 7 };
		assert_eq!(events(), [merged, Event::ReportsChanged { reported: 81 * 7, released: 0 }]);
		// Where no other is of its era, none is stored.
		Staking::report(&stash(0), 0, 7);
		next_block();
		let error = Error::<Test>::TooManyReports.into();
		let failed = Event::StepFailed { step: Step::Scan, stash: Some(0), error };
		assert!(events().contains(&failed));
		assert_eq!(pool().reported(), 81 * 7);
	});
}

#[test]
fn a_cancelled_report_restores_the_price() {
	reporting(|| {
		Staking::report(&stash(0), 1, 1_000);
		next_block();
		Staking::cancel(4);
		next_block();
		assert_eq!((pool().reported(), Reports::<Test>::get().len()), (0, 0));
		assert_eq!(LiquidStaking::preview_redeem(10_000), Some(10_000));
	});
}

#[test]
fn a_report_that_can_no_longer_apply_has_expired() {
	reporting(|| {
		Staking::report(&stash(0), 1, 1_000);
		next_block();
		assert_eq!(pool().reported(), 1_000);
		// Its era passes, and nothing is slashed: what it would have hit is gone.
		Staking::reap(&stash(0));
		(0..2).for_each(|_| next_era_unchecked());
		assert_eq!(pool().reported(), 1_000);
		next_era();
		assert_eq!(pool().reported(), 0);
		// Reported too late for its era: never shown.
		Staking::report(&stash(1), 1, 1_000);
		next_block();
		assert_eq!(pool().reported(), 0);
	});
}

#[test]
fn an_applied_report_leaves_the_price_as_it_was() {
	reporting(|| {
		Staking::report(&stash(0), 1, 1_000);
		next_block();
		next_era();
		next_era();
		let price = LiquidStaking::exchange_rate();
		events();
		next_era();
		assert_eq!(LiquidStaking::exchange_rate(), price);
		assert_eq!((pool().reported(), LiquidStaking::total_assets()), (0, 9_000));
		let slashed = Event::Slashed {
			stash: 0,
			validator: Some(validator(100)),
			offence_era: 1,
			assets: 1_000,
			covered: 0,
			batches: 0,
		};
		assert!(events().contains(&slashed));
	});
}

#[test]
fn what_cover_would_pay_does_not_lower_the_price() {
	reporting(|| {
		Covers::set(Perbill::from_percent(75));
		Staking::report(&stash(0), 1, 1_000);
		next_block();
		assert_eq!(LiquidStaking::preview_redeem(10_000), Some(9_750));
		(0..3).for_each(|_| next_era());
		// It pays in the block of the slash.
		assert_eq!(LiquidStaking::total_assets(), 9_750);
		assert_eq!(hold(&COVER), 1_000_000 - 750);
	});
}

#[test]
fn instant_redemptions_wait_until_a_report_is_read() {
	reporting(|| {
		let redeem = || LiquidStaking::redeem_instantly(RuntimeOrigin::signed(ALICE), 1_000, 0);
		Staking::report(&stash(0), 1, 1_000);
		assert_noop!(redeem(), Error::<Test>::ReportsPending);
		assert_eq!(LiquidStaking::preview_redeem_instantly(1_000), None);
		next_block();
		assert_ok!(redeem());
	});
}

#[test]
fn whoever_leaves_at_once_pays_their_part_of_an_open_report() {
	reporting(|| {
		Staking::report(&stash(0), 1, 1_000);
		next_block();
		let before = hold(&ALICE);
		assert_ok!(LiquidStaking::redeem_instantly(RuntimeOrigin::signed(ALICE), 1_000, 0));
		assert_eq!((hold(&ALICE) - before, pool().withheld()), (900, 100));
		// Those who stay lose no more than they would have.
		(0..3).for_each(|_| next_era());
		assert_eq!((pool().withheld(), LiquidStaking::total_assets()), (0, 8_100));
	});
}

#[test]
fn what_was_withheld_for_a_cancelled_report_becomes_a_reward() {
	reporting(|| {
		Staking::report(&stash(0), 1, 1_000);
		next_block();
		assert_ok!(LiquidStaking::redeem_instantly(RuntimeOrigin::signed(ALICE), 1_000, 0));
		Staking::cancel(4);
		next_block();
		assert_eq!(
			(pool().withheld(), pool().pending_rewards(), LiquidStaking::total_assets()),
			(0, 100, 9_000)
		);
		next_era();
		next_era();
		assert_eq!(LiquidStaking::total_assets(), 9_100);
	});
}

#[test]
fn a_netted_batch_gets_what_is_withheld_when_its_reports_are_gone() {
	reporting(|| {
		deposit(BOB, 10_000);
		next_era();
		Staking::report(&stash(0), 1, 1_000);
		next_block();
		// 2,000 of 20,000 leave, and are paid from the buffer of 4,000.
		assert_ok!(LiquidStaking::request_redeem(RuntimeOrigin::signed(ALICE), 2_000));
		events();
		next_era();
		assert!(events().contains(&Event::BatchFunded { batch: 0, assets: 1_900, withheld: 100 }));
		let view = || LiquidStaking::redemptions_of(ALICE)[0].clone();
		assert_eq!(
			(view().assets, view().withheld, view().state),
			(1_900, 100, RedemptionState::Claimable)
		);
		let before = hold(&ALICE);
		let claim = || LiquidStaking::claim(RuntimeOrigin::signed(BOB), 0, ALICE);
		assert_ok!(claim());
		assert_eq!(hold(&ALICE), before + 1_900);
		assert_eq!(
			(view().assets, view().withheld, view().state),
			(0, 100, RedemptionState::Withheld)
		);
		assert_noop!(claim(), Error::<Test>::NotClaimableYet);
		assert!(Redemptions::<Test>::get(&ALICE, 0).unwrap().first_claimed());

		Staking::cancel(4);
		next_block();
		assert_eq!(Queue::<Test>::get().len(), 0);
		assert_ok!(claim());
		assert_eq!(hold(&ALICE), before + 2_000);
		assert_eq!(Batches::<Test>::get(0), None);
	});
}

#[test]
fn a_netted_batch_bears_its_part_of_a_report_that_is_applied() {
	reporting(|| {
		deposit(BOB, 10_000);
		next_era();
		Staking::report(&stash(0), 1, 1_000);
		next_block();
		assert_ok!(LiquidStaking::request_redeem(RuntimeOrigin::signed(ALICE), 2_000));
		next_era();
		assert_eq!(Batches::<Test>::get(0).unwrap().rest(), Rest::Withheld);
		next_era();
		// A tenth of the pool in the era of the offence bears a tenth of its slash.
		assert_eq!((Queue::<Test>::get().len(), LiquidStaking::total_assets()), (0, 17_100));
		let before = hold(&ALICE);
		assert_ok!(LiquidStaking::claim(RuntimeOrigin::signed(BOB), 0, ALICE));
		assert_eq!((hold(&ALICE) - before, Batches::<Test>::get(0)), (1_900, None));
	});
}

#[test]
fn only_batches_that_were_in_the_pool_in_the_era_of_the_offence_bear_it() {
	run(|| {
		SlashDelay::set(3);
		BondingDuration::set(6);
		deposit(ALICE, 10_000);
		next_era();
		let request = || LiquidStaking::request_redeem(RuntimeOrigin::signed(ALICE), 2_000);
		// Batches of eras 1 to 3, closed in eras 2 to 4; an offence of era 3.
		for _ in 0..3 {
			assert_ok!(request());
			next_era();
		}
		Staking::report(&stash(0), 3, 1_000);
		next_era();
		events();
		let claims = || -> Vec<(u32, u128)> {
			Queue::<Test>::get().iter().map(|queued| (queued.closed_in(), queued.owed())).collect()
		};
		assert_eq!(claims(), [(2, 2_000), (3, 2_000), (4, 2_000)]);
		next_era();
		// 4,000 of the holders and two batches bear 1,000.
		assert_eq!(claims(), [(2, 2_000), (3, 1_750), (4, 1_750)]);
		assert_eq!(LiquidStaking::total_assets(), 3_500);
		let slashed =
			|e: &Event<Test>| matches!(e, Event::Slashed { offence_era: 3, batches: 500, .. });
		assert!(events().iter().any(slashed));
	});
}

#[test]
fn a_stash_with_an_open_report_is_not_emptied() {
	reporting(|| {
		Defaults::set(PLAIN);
		BondingDuration::set(1);
		deposit(BOB, 10_000);
		next_era();
		assert_ok!(LiquidStaking::request_redeem(RuntimeOrigin::signed(ALICE), 10_000));
		assert_ok!(LiquidStaking::request_redeem(RuntimeOrigin::signed(BOB), 10_000));
		next_era();
		Staking::report(&stash(0), 3, 100);
		next_era();
		// All others are.
		assert_eq!(pool().unbonding(), 2_500);
		Staking::cancel(6);
		next_era();
		assert_eq!(pool().unbonding(), 0);
	});
}

#[test]
fn nothing_is_funded_early_while_a_report_is_in_progress() {
	reporting(|| {
		InProgress::set(true);
		next_era();
		// The buffer would pay it at once.
		assert_ok!(LiquidStaking::request_redeem(RuntimeOrigin::signed(ALICE), 1_000));
		next_era();
		assert_eq!((Queue::<Test>::get().len(), Batches::<Test>::get(0)), (1, None));
		let redeem = || LiquidStaking::redeem_instantly(RuntimeOrigin::signed(ALICE), 100, 0);
		assert_noop!(redeem(), Error::<Test>::ReportsPending);
		// It is not put off to the next era: only until the reports are read.
		InProgress::set(false);
		next_block();
		assert_eq!(Batches::<Test>::get(0).unwrap().first().assets(), 1_000);
		assert_eq!(pool().phase(), Phase::Idle);
	});
}

#[test]
fn what_a_report_may_take_from_a_batch_is_unbonded_ahead() {
	run(|| {
		SlashDelay::set(3);
		deposit(ALICE, 2_000);
		next_era();
		assert_ok!(LiquidStaking::request_redeem(RuntimeOrigin::signed(ALICE), 1_050));
		next_era();
		// The last stash is leaving whole, and its chunk will be slashed by 40: more than the 21 that
		// are the batch's part, so that what is on its way would not be enough.
		let last = pool().stashes() - 1;
		assert_eq!(crate::Stashes::<Test>::get(last).unwrap().active(), 0);
		assert_eq!(pool().unbonding(), 1_050);
		Staking::report(&stash(last), 1, 40);
		next_era();
		assert_eq!(pool().unbonding(), 1_090);
		next_era();
		assert_eq!((pool().owed(), pool().unbonding()), (1_029, 1_050));
		next_era();
		// The rest of the 1,010 that are back is staked again.
		assert_eq!((pool().idle(), pool().unbonding(), pool().owed()), (989, 40, 1_029));
		// Two eras after it was asked for and three after the report; without looking ahead, it
		// would be three eras after the slash.
		next_era();
		assert_eq!((pool().era(), Queue::<Test>::get().len()), (Some(6), 0));
		let before = hold(&ALICE);
		assert_ok!(LiquidStaking::claim(RuntimeOrigin::signed(ALICE), 0, ALICE));
		assert_eq!(hold(&ALICE) - before, 1_029);
	});
}

#[test]
fn nobody_leaves_at_a_better_price_because_others_enter_while_a_report_is_open() {
	run(|| {
		SlashDelay::set(3);
		BondingDuration::set(4);
		Defaults::set(Parameters { buffer: Perbill::from_percent(50), ..PLAIN });
		deposit(ALICE, 100_000);
		next_era();
		assert_ok!(LiquidStaking::request_redeem(RuntimeOrigin::signed(ALICE), 90_000));
		Failing::set(vec!["unbond", "withdraw"]);
		next_era();
		// 10,000 are held, and of the 90,000 in the queue nothing is funded.
		assert_eq!((LiquidStaking::total_assets(), pool().owed()), (10_000, 90_000));
		Staking::report(&stash(0), 1, 3_750);
		next_block();
		let quote = || LiquidStaking::preview_redeem(1_000).unwrap();
		assert_eq!((pool().holders_share_of_reports(), quote()), (375, 962));
		deposit(BOB, 90_000);
		// The holders bear 1,974 of it now, each less than before: no more when it is measured.
		assert_eq!((pool().holders_share_of_reports(), quote()), (1_974, 980));
		next_era();
		assert_eq!((pool().holders_share_of_reports(), quote()), (1_974, 980));
	});
}

#[test]
fn a_report_unbonds_for_a_batch_once_and_only_what_it_may_take_from_it() {
	let unbonding = |cover: u32| -> Vec<u128> {
		let mut amounts = vec![];
		run(|| {
			SlashDelay::set(8);
			BondingDuration::set(9);
			Covers::set(Perbill::from_percent(cover));
			deposit(ALICE, 10_000);
			next_era();
			assert_ok!(LiquidStaking::request_redeem(RuntimeOrigin::signed(ALICE), 1_000));
			next_era();
			assert_eq!((pool().owed(), pool().unbonding()), (1_000, 1_000));
			// An eighth of the pool stands in the stash, and a tenth of that unbonds.
			Staking::report(&stash(0), 2, 1_250);
			for _ in 0..5 {
				next_era();
				amounts.push(pool().unbonding());
			}
		});
		amounts
	};
	// A tenth of the report, and of what is unbonded for it.
	assert_eq!(unbonding(0), [1_125, 1_141, 1_143, 1_143, 1_143]);
	assert_eq!(unbonding(100), [1_000; 5]);
}

#[test]
fn after_a_slash_that_was_not_reported_the_reports_are_read_again_before_anybody_leaves() {
	reporting(|| {
		assert_ok!(LiquidStaking::request_redeem(RuntimeOrigin::signed(ALICE), 5_000));
		next_era();
		earn(2, validator(100), 900);
		next_era();
		Staking::report(&stash(0), 2, 500);
		next_block();
		assert!(pool().stream().unreleased(System::block_number()) > 0);
		// Of what is left, the holders bear a larger part: what is released to them is not slashed.
		let part = pool().worst_part();
		(1..8).for_each(|i| Staking::slash(&stash(i), 400));
		let redeem = || LiquidStaking::redeem_instantly(RuntimeOrigin::signed(ALICE), 10, 0);
		assert_noop!(redeem(), Error::<Test>::ReportsPending);
		next_block();
		assert!(pool().worst_part() > part, "{:?} after {part:?}", pool().worst_part());
		assert_eq!(pool().scan(), crate::Scan::Fresh);
	});
}

#[test]
fn after_a_slash_the_other_reports_are_read_again_before_anybody_leaves() {
	reporting(|| {
		Staking::report(&stash(0), 0, 500);
		Staking::report(&stash(1), 1, 500);
		next_block();
		next_era();
		Staking::begin_era(3);
		let redeem = || LiquidStaking::redeem_instantly(RuntimeOrigin::signed(ALICE), 100, 0);
		assert_noop!(redeem(), Error::<Test>::ReportsPending);
		next_block();
		assert_eq!(pool().reported(), 500);
		assert_ok!(redeem());
	});
}
