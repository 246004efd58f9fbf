// SPDX-License-Identifier: Apache-2.0

//! One holder's path through the pool, with numbers that can be checked by hand.

use crate::mock::*;
use frame_support::assert_ok;

#[docify::export]
#[test]
fn a_deposit_and_its_redemption() {
	run(|| {
		// The pool is empty: one share for one asset.
		assert_ok!(LiquidStaking::deposit(RuntimeOrigin::signed(BOB), 1_000, 1_000));
		assert_eq!(st_hold(&BOB), 1_000);

		// The next era stakes them, with two stashes of 500.
		next_era();
		assert_eq!((pool().idle(), pool().bonded()), (0, 1_000));

		// Era 1 earns 100. Era 2 collects them and releases them until era 3: the rate rises
		// from 1 to 1.1 without a step.
		earn(1, validator(100), 100);
		next_era();
		assert_eq!(LiquidStaking::total_assets(), 1_000);
		next_era();
		assert_eq!(LiquidStaking::total_assets(), 1_100);

		// 110 assets buy 110 * 1,001 / 1,101 = 100.009 shares, rounded down.
		assert_eq!(LiquidStaking::preview_deposit(110), Some(100));
		assert_ok!(LiquidStaking::deposit(RuntimeOrigin::signed(ALICE), 110, 100));
		assert_eq!(st_hold(&ALICE), 100);
		next_era();

		// 100 shares are worth 100 * 1,211 / 1,101 = 109.99 assets, rounded down. Everything is
		// staked now, so that they must be unbonded first.
		assert_ok!(LiquidStaking::request_redeem(RuntimeOrigin::signed(ALICE), 100));
		assert_eq!(st_hold(&ALICE), 0);
		next_era();
		assert_eq!((pool().owed(), pool().unbonding()), (109, 109));

		// Three eras later they are back, and anybody may push them to Alice.
		(0..UNBONDING_ERAS).for_each(|_| next_era());
		let before = hold(&ALICE);
		assert_ok!(LiquidStaking::claim(RuntimeOrigin::signed(CHARLIE), 0, ALICE));
		assert_eq!(hold(&ALICE), before + 109);
	});
}
