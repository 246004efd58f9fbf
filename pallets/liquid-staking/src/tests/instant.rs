// SPDX-License-Identifier: Apache-2.0

use crate::{mock::*, Error, Event, Parameters};
use frame_support::{assert_noop, assert_ok};
use sp_runtime::{traits::Zero, Perbill};

/// A tenth is kept idle; the fee rises from 1 % to 5 %.
const BUFFERED: Parameters = Parameters {
	buffer: Perbill::from_percent(10),
	instant_fee_min: Perbill::from_percent(1),
	instant_fee_max: Perbill::from_percent(5),
	..PLAIN
};

fn deposit(who: AccountId, assets: u128) {
	assert_ok!(LiquidStaking::deposit(RuntimeOrigin::signed(who), assets, 0));
}

fn redeem(shares: u128, min_assets: u128) -> Result<(), sp_runtime::DispatchError> {
	LiquidStaking::redeem_instantly(RuntimeOrigin::signed(ALICE), shares, min_assets)
}

/// A pool of 100,000 that has filled its buffer.
fn buffered(test: impl FnOnce()) {
	run(|| {
		Defaults::set(BUFFERED);
		deposit(ALICE, 100_000);
		next_era();
		assert_eq!((pool().idle(), pool().bonded()), (10_000, 90_000));
		events();
		test();
	});
}

#[test]
fn it_pays_at_once_less_a_fee_that_rises_as_the_buffer_empties() {
	buffered(|| {
		let before = hold(&ALICE);
		// From 10,000 to 5,000 the rate rises from 1 % to 3 %: 2 % on average.
		assert_eq!(LiquidStaking::preview_redeem_instantly(5_000), Some(4_900));
		assert_ok!(redeem(5_000, 4_900));
		assert_eq!(hold(&ALICE), before + 4_900);
		assert_eq!(
			events(),
			[Event::InstantlyRedeemed {
				who: ALICE,
				shares: 5_000,
				assets: 4_900,
				fee: 100,
				withheld: 0,
			}]
		);
		// The fee waits in the pot and is nobody's yet.
		assert_eq!(
			(pool().idle(), pool().pending_rewards(), LiquidStaking::total_assets()),
			(5_100, 100, 95_000)
		);
	});
}

#[test]
fn the_fee_becomes_a_reward_of_those_who_stay() {
	buffered(|| {
		assert_ok!(redeem(5_000, 0));
		next_era();
		assert_eq!(LiquidStaking::total_assets(), 95_000);
		next_era();
		assert_eq!(LiquidStaking::total_assets(), 95_100);
	});
}

#[test]
fn it_is_refused_below_the_callers_minimum() {
	buffered(|| {
		assert_noop!(redeem(5_000, 4_901), Error::<Test>::AssetsBelowMinimum);
		assert_noop!(redeem(100_001, 0), Error::<Test>::InsufficientShares);
		assert_noop!(redeem(0, 0), Error::<Test>::RedemptionTooSmall);
		// A share that the fee eats up.
		assert_noop!(redeem(1, 0), Error::<Test>::RedemptionTooSmall);
	});
}

#[test]
fn it_is_refused_beyond_the_buffer() {
	buffered(|| {
		assert_eq!(LiquidStaking::preview_redeem_instantly(10_001), None);
		assert_noop!(redeem(10_001, 0), Error::<Test>::BufferTooLow);
		assert_ok!(redeem(10_000, 0));
		// What is idle now are the fees.
		assert_noop!(redeem(301, 0), Error::<Test>::BufferTooLow);
	});
}

#[test]
fn a_deposit_does_not_make_its_own_exit_possible_nor_cheaper() {
	buffered(|| {
		let quote = LiquidStaking::preview_redeem_instantly(9_000);
		deposit(ALICE, 50_000);
		assert!(LiquidStaking::preview_redeem_instantly(9_000) <= quote);
		assert_noop!(redeem(10_002, 0), Error::<Test>::BufferTooLow);
	});
}

#[test]
fn what_batches_wait_for_is_not_in_the_buffer() {
	buffered(|| {
		assert_ok!(LiquidStaking::request_redeem(RuntimeOrigin::signed(ALICE), 40_000));
		Failing::set(vec!["unbond"]);
		next_era();
		// Nothing is unbonding for the batch, so that it takes all that is idle.
		assert_eq!((pool().owed(), pool().unbonding()), (40_000, 0));
		assert_noop!(redeem(100, 0), Error::<Test>::BufferTooLow);
		Failing::set(vec![]);
		next_era();
		assert_eq!((pool().owed(), pool().unbonding()), (40_000, 36_000));
		assert_ok!(redeem(100, 0));
	});
}

#[test]
fn the_buffer_is_refilled_from_deposits_and_from_the_stake() {
	buffered(|| {
		assert_ok!(redeem(9_000, 0));
		next_era();
		// Less than half of it is left: the rest is unbonded.
		assert_eq!(pool().unbonding(), 9_100 - pool().idle());
		(0..UNBONDING_ERAS).for_each(|_| next_era());
		assert_eq!(pool().unbonding(), 0);
		assert!(pool().idle() >= 9_100);
	});
}

#[test]
fn the_fee_is_at_least_what_the_stream_brings_in_an_era() {
	run(|| {
		Defaults::set(Parameters { instant_fee_min: Zero::zero(), ..BUFFERED });
		deposit(ALICE, 100_000);
		next_era();
		earn(1, validator(100), 1_000);
		next_era();
		// One in a hundred of each share, even if little is taken out of a full buffer.
		assert_eq!(LiquidStaking::preview_redeem_instantly(100), Some(99));
		assert_eq!(LiquidStaking::preview_redeem_instantly(5_000), Some(4_937));
	});
}

#[test]
fn the_last_holder_can_leave_at_once() {
	run(|| {
		Defaults::set(BUFFERED);
		deposit(ALICE, 300);
		// Too little for a stash: all of it stays idle.
		next_era();
		assert_ok!(redeem(300, 0));
		assert_eq!((pool().shares(), st_hold(&ALICE)), (0, 0));
		// The fee is nobody's: the treasury's.
		let fee = pool().leftover();
		assert_eq!(hold(&ALICE), 1_000_000 - fee);
		assert_eq!(LiquidStaking::preview_deposit(1_000), Some(1_000));
		next_era();
		assert_eq!((hold(&TREASURY), pool().gross_assets()), (ED + fee, 0));
	});
}
