// SPDX-License-Identifier: Apache-2.0

//! What a wallet can ask before it acts.

use crate::{mock::*, Error, Event, Parameters};
use frame_support::{assert_noop, assert_ok};
use sp_runtime::{FixedU128, Perbill};

const BUFFERED: Parameters = Parameters {
	buffer: Perbill::from_percent(10),
	instant_fee_min: Perbill::from_percent(1),
	instant_fee_max: Perbill::from_percent(5),
	..PLAIN
};

fn signed(who: AccountId) -> RuntimeOrigin {
	RuntimeOrigin::signed(who)
}

#[test]
fn the_largest_deposit_is_what_can_be_deposited() {
	run(|| {
		assert_eq!(LiquidStaking::max_deposit(ALICE), 1_000_000 - ED);
		assert_ok!(LiquidStaking::deposit(signed(ALICE), 1_000_000 - ED, 1));
		assert_eq!(LiquidStaking::max_deposit(ALICE), 0);
		assert_eq!(LiquidStaking::max_redeem(ALICE), 1_000_000 - ED);
	});
}

#[test]
fn a_preview_knows_the_least_deposit() {
	run(|| {
		assert_eq!(LiquidStaking::preview_deposit(99), None);
		assert_noop!(LiquidStaking::deposit(signed(ALICE), 99, 0), Error::<Test>::DepositTooSmall);
		assert_eq!(LiquidStaking::preview_deposit(100), Some(100));
	});
}

#[test]
fn the_capacity_of_instant_redemptions_and_the_largest_of_them() {
	run(|| {
		Defaults::set(BUFFERED);
		assert_ok!(LiquidStaking::deposit(signed(ALICE), 100_000, 0));
		// What entered since the last settlement is not for them.
		assert_eq!(LiquidStaking::instant_capacity().available, 0);
		next_era();
		let capacity = LiquidStaking::instant_capacity();
		assert_eq!((capacity.available, capacity.target), (10_000, 10_000));
		assert_eq!(capacity.fee_now, Perbill::from_percent(1));
		assert_eq!(LiquidStaking::max_redeem_instantly(ALICE), 10_000);
		assert_eq!(LiquidStaking::max_redeem_instantly(BOB), 0);
		assert_ok!(LiquidStaking::redeem_instantly(signed(ALICE), 5_000, 1));
		// Of a target of 9,500, 5,100 are there: 1 % + 4 % * 4,400 / 9,500.
		let capacity = LiquidStaking::instant_capacity();
		assert_eq!((capacity.available, capacity.target), (5_100, 9_500));
		assert_eq!(capacity.fee_now, Perbill::from_parts(28_526_316));
		let most = LiquidStaking::max_redeem_instantly(ALICE);
		let redeem = |shares| LiquidStaking::redeem_instantly(signed(ALICE), shares, 1);
		assert_noop!(redeem(most + 1), Error::<Test>::BufferTooLow);
		assert_ok!(redeem(most));
		// None while a report is not read.
		SlashDelay::set(2);
		next_era();
		Staking::report(&LiquidStaking::stash_account(0), 1, 100);
		assert_eq!(LiquidStaking::instant_capacity().available, 0);
		assert_eq!(LiquidStaking::max_redeem_instantly(ALICE), 0);
	});
}

#[test]
fn the_parameters_that_act_and_those_that_will() {
	run(|| {
		let next = Parameters { min_deposit: 500, ..PLAIN };
		assert_eq!(LiquidStaking::parameters_in_force(), Some((PLAIN, None)));
		assert_ok!(LiquidStaking::set_parameters(RuntimeOrigin::root(), next));
		let from = System::block_number() + 6 * BLOCKS_PER_ERA;
		assert_eq!(LiquidStaking::parameters_in_force(), Some((PLAIN, Some((from, next)))));
		System::set_block_number(from);
		assert_eq!(LiquidStaking::parameters_in_force(), Some((next, None)));
	});
}

#[test]
fn a_settlement_tells_the_rate() {
	run(|| {
		assert_ok!(LiquidStaking::deposit(signed(ALICE), 100_000, 0));
		next_era();
		earn(1, validator(100), 1_000);
		next_era();
		events();
		next_era();
		let rate = FixedU128::from_rational(101_001, 100_001);
		let told = Event::RateUpdated { era: 3, rate, total_assets: 101_000, shares: 100_000 };
		assert!(events().contains(&told));
		assert_eq!(LiquidStaking::exchange_rate(), rate);
		assert_eq!(LiquidStaking::share_class(), (0, 0));
	});
}
