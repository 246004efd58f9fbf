// SPDX-License-Identifier: Apache-2.0

//! A total slash closes a class of shares and begins another.

use crate::{mock::*, Batches, Error, Event, Step};
use frame_support::{assert_noop, assert_ok};

fn deposit(who: AccountId, assets: u128) -> Result<(), sp_runtime::DispatchError> {
	LiquidStaking::deposit(RuntimeOrigin::signed(who), assets, 0)
}

fn claim(class: u32, owner: AccountId) -> Result<(), sp_runtime::DispatchError> {
	LiquidStaking::claim_class(RuntimeOrigin::signed(CHARLIE), class, owner)
}

/// Alice and Bob lose all but 3 of 4,000,000.
fn wiped(test: impl FnOnce()) {
	run(|| {
		for who in [ALICE, BOB] {
			Balances::force_set_balance(RuntimeOrigin::root(), who.clone(), 5_000_000).unwrap();
			assert_ok!(deposit(who, 2_000_000));
		}
		next_era();
		for i in 0..pool().stashes() {
			let lost = if i == 0 { 499_997 } else { 500_000 };
			Staking::slash_amount(&LiquidStaking::stash_account(i), lost);
		}
		assert_eq!(LiquidStaking::total_assets(), 3);
		test();
	});
}

#[test]
fn nobody_enters_a_class_that_was_wiped() {
	wiped(|| {
		assert_noop!(deposit(CHARLIE, 1_000), Error::<Test>::ClassWiped);
		next_era();
		assert_ok!(deposit(CHARLIE, 1_000));
		// One to one, in another token.
		assert_eq!(pool().class(), 1);
		assert_eq!((st_hold(&CHARLIE), st_hold(&ALICE)), (1_000, 0));
		assert_eq!(Assets::balance(0, &ALICE), 2_000_000);
	});
}

#[test]
fn what_is_left_of_a_class_is_paid_to_its_holders() {
	wiped(|| {
		// A holder of the old class may burn their own; that harms nobody, and helps nobody.
		assert_ok!(Assets::burn(
			RuntimeOrigin::signed(LiquidStaking::pot_account()),
			0,
			BOB,
			1_000_000
		));
		assert_noop!(claim(0, ALICE), Error::<Test>::ClassNotClosed);
		events();
		next_era();
		let closed = Event::ClassClosed { class: 0, batch: 0, shares: 4_000_000, assets: 3 };
		assert!(events().contains(&closed));
		assert_noop!(claim(0, ALICE), Error::<Test>::NotClaimableYet);
		// The 3 units are still at stake, in a stash too small to be kept.
		(0..=UNBONDING_ERAS).for_each(|_| next_era());
		let before = hold(&ALICE);
		assert_ok!(claim(0, ALICE));
		assert_noop!(claim(0, ALICE), Error::<Test>::NothingToClaim);
		assert_eq!((hold(&ALICE) - before, Assets::balance(0, &ALICE)), (1, 0));
		assert_ok!(claim(0, BOB));
		// What the burned shares would have got stays with the batch: counted, and nobody's.
		assert_eq!(Batches::<Test>::get(0).unwrap().first().shares(), 1_000_000);
	});
}

#[test]
fn a_pool_can_be_wiped_again_and_again_without_overflow() {
	run(|| {
		for class in 0..5 {
			let most = u128::MAX / 8;
			Balances::force_set_balance(RuntimeOrigin::root(), ALICE, most).unwrap();
			assert_ok!(deposit(ALICE, most - ED));
			next_era();
			for i in 0..pool().stashes() {
				Staking::slash(&LiquidStaking::stash_account(i), 100);
			}
			assert_eq!((pool().class(), LiquidStaking::total_assets()), (class, 0));
			next_era();
			assert_eq!(pool().class(), class + 1);
			assert_eq!(LiquidStaking::preview_deposit(most), Some(most));
		}
	});
}

#[test]
fn a_class_that_cannot_be_replaced_holds_up_nothing_else() {
	wiped(|| {
		// One unit is left, which is too little for either half of the shares.
		Staking::slash_amount(&LiquidStaking::stash_account(0), 2);
		// Somebody has taken the number of the next token.
		assert_ok!(Assets::force_create(RuntimeOrigin::root(), 1, CHARLIE, true, 1));
		assert_ok!(LiquidStaking::request_redeem(RuntimeOrigin::signed(ALICE), 2_000_000));
		events();
		next_era();
		assert_eq!((pool().class(), pool().open_batch(), pool().settled_era()), (0, 1, Some(2)));
		let events = events();
		let failed = |e: &Event<Test>| matches!(e, Event::StepFailed { step: Step::Settle, .. });
		assert_eq!(events.iter().filter(|e| failed(e)).count(), 1);
		let closed = Event::BatchClosed { batch: 0, shares: 2_000_000, assets: 0 };
		assert!(events.contains(&closed) && events.contains(&Event::EraWorkCompleted { era: 2 }));
		// Once the number is free, the class is closed after all.
		assert_ok!(Assets::start_destroy(RuntimeOrigin::signed(CHARLIE), 1));
		assert_ok!(Assets::finish_destroy(RuntimeOrigin::signed(CHARLIE), 1));
		next_era();
		assert_eq!((pool().class(), pool().shares()), (1, 0));
	});
}
