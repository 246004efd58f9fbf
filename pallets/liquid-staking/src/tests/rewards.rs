// SPDX-License-Identifier: Apache-2.0

use crate::{mock::*, Event, Parameters, Phase, Step};
use frame_support::{assert_ok, traits::fungible::Mutate};
use sp_runtime::{FixedI128, Perbill};

fn deposit(assets: u128) {
	assert_ok!(LiquidStaking::deposit(RuntimeOrigin::signed(ALICE), assets, 0));
}

#[test]
fn a_reward_is_released_block_by_block_over_the_next_era() {
	run(|| {
		deposit(1_000);
		next_era();
		earn(1, validator(100), 95);
		next_era();
		let mut totals = vec![LiquidStaking::total_assets()];
		for _ in 0..BLOCKS_PER_ERA {
			next_block();
			totals.push(LiquidStaking::total_assets());
		}
		// 9.5 a block; what is unreleased is rounded up.
		assert_eq!(totals, [1000, 1009, 1019, 1028, 1038, 1047, 1057, 1066, 1076, 1085, 1095]);
	});
}

#[test]
fn a_donation_to_the_reward_account_is_a_reward() {
	run(|| {
		deposit(1_000);
		next_era();
		Balances::mint_into(&LiquidStaking::reward_account(), 50).unwrap();
		next_era();
		assert!(events().contains(&Event::RewardsCollected { era: 2, assets: 50 }));
		next_era();
		assert_eq!(LiquidStaking::total_assets(), 1_050);
	});
}

#[test]
fn every_page_of_every_nominated_validator_is_paid() {
	run(|| {
		PagesPerValidator::set(3);
		deposit(800);
		next_era();
		earn(1, validator(100), 10);
		earn(1, validator(101), 20);
		next_era();
		assert!(events().contains(&Event::RewardsCollected { era: 2, assets: 90 }));
	});
}

#[test]
fn a_payout_that_fails_holds_up_nothing() {
	run(|| {
		deposit(800);
		next_era();
		earn(1, validator(100), 10);
		Failing::set(vec!["pay_out"]);
		next_era();
		let failed = |e: &Event<Test>| {
			matches!(e, Event::StepFailed { step: Step::PayOut, stash: Some(0 | 1), .. })
		};
		assert_eq!(events().iter().filter(|e| failed(e)).count(), 2);
		assert_eq!(pool().phase(), Phase::Idle);
	});
}

#[test]
fn rewards_of_an_era_that_was_skipped_are_collected_later() {
	run(|| {
		deposit(800);
		next_era();
		earn(1, validator(100), 10);
		earn(2, validator(100), 20);
		// No block has room for era work in era 2.
		WorkLimit::set(Default::default());
		next_era();
		WorkLimit::set(ENOUGH);
		next_era();
		// First the work of era 2 is finished, then that of era 3 is done.
		let events = events();
		assert!(events.contains(&Event::RewardsCollected { era: 2, assets: 10 }));
		assert!(events.contains(&Event::RewardsCollected { era: 3, assets: 20 }));
	});
}

#[test]
fn rewards_of_the_former_validator_are_collected_after_a_rotation() {
	run(|| {
		deposit(400);
		next_era();
		Fit::set(vec![validator(103)]);
		next_era();
		assert!(events().contains(&Event::Nominated { stash: 0, validator: validator(103) }));
		// Era 2 was elected before the rotation.
		earn(2, validator(100), 10);
		next_era();
		assert!(events().contains(&Event::RewardsCollected { era: 3, assets: 10 }));
		// Era 3 may have been, had the rotation come after the election of era 2.
		earn(3, validator(100), 20);
		next_era();
		assert!(events().contains(&Event::RewardsCollected { era: 4, assets: 20 }));
		// Era 4 cannot.
		assert_eq!(crate::Stashes::<Test>::get(0).unwrap().nominations().len(), 1);
	});
}

#[test]
fn the_fee_is_taken_before_the_stream_and_split() {
	run(|| {
		Defaults::set(Parameters {
			reward_fee: Perbill::from_percent(10),
			fund_share: Perbill::from_percent(60),
			..PLAIN
		});
		deposit(100_000);
		next_era();
		earn(1, validator(100), 1_000);
		events();
		next_era();
		// The treasury enters with its 40, at (100,000 + 900 + 100 + 1) / 100,001 a share.
		assert!(events().contains(&Event::FeeTaken { fund: 60, treasury: 40, shares: 39 }));
		assert_eq!((hold(&INSURANCE), st_hold(&TREASURY)), (ED + 60, 39));
		assert_eq!((pool().stream().amount, pool().shares()), (900, 100_039));
		next_era();
		assert!(LiquidStaking::total_assets().abs_diff(100_940) <= 1);
	});
}

#[test]
fn no_fee_is_taken_from_deposits() {
	run(|| {
		Defaults::set(Parameters { reward_fee: Perbill::from_percent(20), ..PLAIN });
		deposit(100_000);
		next_era();
		next_era();
		assert_eq!((LiquidStaking::total_assets(), st_hold(&TREASURY)), (100_000, 0));
	});
}

#[test]
fn a_reward_above_what_entrants_have_paid_for_waits_an_era() {
	run(|| {
		deposit(100_000);
		next_era();
		earn(1, validator(100), 50);
		earn(2, validator(100), 80);
		next_era();
		assert_eq!((pool().stream().amount, pool().prepaid_next()), (50, 50));
		assert_ok!(LiquidStaking::deposit(RuntimeOrigin::signed(BOB), 100_000, 0));
		// Bob's part of what is expected was added to it, and waits, with what rounding left.
		assert_eq!((pool().prepaid_next(), pool().pending_rewards()), (99, 51));
		next_era();
		assert_eq!((pool().stream().amount, pool().pending_rewards()), (99, 32));
		next_era();
		assert_eq!((pool().stream().amount, pool().pending_rewards()), (32, 0));
	});
}

#[test]
fn rewards_of_several_eras_are_released_over_as_many() {
	run(|| {
		deposit(100_000);
		next_era();
		next_era();
		for era in 2..5 {
			earn(era, validator(100), 100);
		}
		WorkLimit::set(Default::default());
		(0..3).for_each(|_| next_era());
		WorkLimit::set(ENOUGH);
		next_block();
		// First the work of era 3 was finished, with the reward of era 2.
		assert_eq!((pool().settled_era(), pool().stream().amount), (Some(5), 300));
		let stream = pool().stream();
		assert_eq!(stream.end - stream.start, 2 * pool().era_length());
	});
}

#[test]
fn a_pool_cannot_gain_more_than_an_eighth_in_an_era() {
	run(|| {
		deposit(1_000);
		next_era();
		earn(1, validator(100), 500);
		next_era();
		assert_eq!((pool().stream().amount, pool().pending_rewards()), (126, 374));
		next_era();
		assert_eq!((pool().stream().amount, pool().pending_rewards()), (141, 233));
	});
}

#[test]
fn the_view_tells_what_the_pool_has_earned_in_a_year() {
	run(|| {
		deposit(100_000);
		for era in 1..5 {
			earn(era, validator(100), 100);
		}
		assert_eq!(LiquidStaking::realised_apr(1), None);
		(0..5).for_each(|_| next_era());
		// A thousandth in an era, 365 eras in a year.
		let apr = LiquidStaking::realised_apr(2).unwrap();
		let near = |rate: u32| FixedI128::from_rational(rate.into(), 1_000);
		assert!(near(362) < apr && apr < near(366), "{apr}");
		assert_eq!(LiquidStaking::realised_apr(0), None);
		assert_eq!(LiquidStaking::realised_apr(50), None);
		Staking::slash(&LiquidStaking::stash_account(0), 50);
		assert!(LiquidStaking::realised_apr(2).unwrap() < FixedI128::from_u32(0));
	});
}

#[test]
fn a_report_that_is_covered_or_cancelled_leaves_no_trace_in_what_the_pool_has_earned() {
	for cover in [0, 100] {
		run(|| {
			SlashDelay::set(3);
			Covers::set(Perbill::from_percent(cover));
			deposit(100_000);
			for era in 1..9 {
				earn(era, validator(100), 100);
			}
			(0..5).for_each(|_| next_era());
			let calm = LiquidStaking::realised_apr(2);
			Staking::report(&LiquidStaking::stash_account(0), 5, 12_000);
			next_block();
			next_era();
			// Settled with the report open, and seen with and without it.
			let apr = || LiquidStaking::realised_apr(1).unwrap();
			let near = |rate: u32| FixedI128::from_rational(rate.into(), 1_000);
			next_era();
			assert!(near(362) < apr() && apr() < near(366), "{} after {calm:?}", apr());
			if cover == 0 {
				Staking::cancel(8);
			}
			next_era();
			assert!(near(362) < apr() && apr() < near(366), "{}", apr());
		});
	}
}

#[test]
fn who_entered_before_a_reward_gains_nothing_from_those_who_enter_after_it() {
	run(|| {
		deposit(8_000);
		next_era();
		let call = |who: &AccountId| RuntimeOrigin::signed(who.clone());
		assert_ok!(LiquidStaking::deposit(call(&BOB), 1_000, 1_000));
		earn(1, validator(100), 400);
		earn(1, validator(101), 400);
		next_era();
		// Bob has not paid for the 800, so that they wait. Charlie does pay for them: his 100,000
		// buy 100,000 * 9,001 / (9,000 + 800 + 9 + 1) shares, and the price on exit stays at 1.
		assert_eq!((pool().pending_rewards(), pool().prepaid_next()), (800, 809));
		assert_ok!(LiquidStaking::deposit(call(&CHARLIE), 100_000, 91_753));
		assert_eq!(LiquidStaking::preview_redeem(1_000), Some(1_000));
		assert_ok!(LiquidStaking::request_redeem(call(&BOB), 1_000));
		next_era();
		assert!(events().contains(&Event::BatchClosed { batch: 0, shares: 1_000, assets: 1_000 }));
	});
}

#[test]
fn who_leaves_gains_nothing_from_the_treasury_that_enters_with_its_fee() {
	run(|| {
		Defaults::set(Parameters { reward_fee: Perbill::from_percent(10), ..PLAIN });
		Balances::mint_into(&LiquidStaking::reward_account(), 1_000).unwrap();
		deposit(1_000);
		assert_ok!(LiquidStaking::request_redeem(RuntimeOrigin::signed(ALICE), 500));
		next_era();
		// The treasury pays for the 126 on the stream and the 774 that wait; whoever leaves in this era gets
		// nothing of that. 100 * 1,001 / (1,000 + 126 + 774 + 1).
		let taken = Event::FeeTaken { fund: 0, treasury: 100, shares: 52 };
		let closed = Event::BatchClosed { batch: 0, shares: 500, assets: 500 };
		let events = events();
		assert!(events.contains(&taken) && events.contains(&closed), "{events:?}");
	});
}
