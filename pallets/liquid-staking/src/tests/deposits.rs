// SPDX-License-Identifier: Apache-2.0

use crate::{mock::*, Error, Event, Parameters};
use frame_support::{
	assert_noop, assert_ok,
	traits::{
		fungible::Mutate,
		fungibles::Mutate as _,
		tokens::{Fortitude, Precision, Preservation},
	},
};
use sp_runtime::{FixedU128, Perbill, TokenError};

#[test]
fn a_deposit_moves_assets_to_the_pot_and_mints_shares() {
	run(|| {
		let pot = hold(&LiquidStaking::pot_account());
		assert_ok!(LiquidStaking::deposit(RuntimeOrigin::signed(ALICE), 500, 0));
		assert_eq!(hold(&ALICE), 999_500);
		assert_eq!(hold(&LiquidStaking::pot_account()), pot + 500);
		assert_eq!(
			events().last(),
			Some(&Event::Deposited { who: ALICE, assets: 500, shares: 500 })
		);
	});
}

#[test]
fn a_deposit_below_the_minimum_is_refused() {
	run(|| {
		let deposit = |assets| LiquidStaking::deposit(RuntimeOrigin::signed(ALICE), assets, 0);
		assert_noop!(deposit(0), Error::<Test>::DepositTooSmall);
		assert_noop!(deposit(99), Error::<Test>::DepositTooSmall);
		assert_ok!(deposit(100));
	});
}

#[test]
fn a_deposit_that_buys_fewer_shares_than_demanded_is_refused() {
	run(|| {
		assert_noop!(
			LiquidStaking::deposit(RuntimeOrigin::signed(ALICE), 500, 501),
			Error::<Test>::SharesBelowMinimum
		);
	});
}

#[test]
fn a_deposit_of_more_than_the_balance_is_refused() {
	run(|| {
		assert_noop!(
			LiquidStaking::deposit(RuntimeOrigin::signed(ALICE), 1_000_001, 0),
			TokenError::FundsUnavailable
		);
		// The depositor's account stays alive.
		assert_noop!(
			LiquidStaking::deposit(RuntimeOrigin::signed(ALICE), 1_000_000, 0),
			TokenError::NotExpendable
		);
	});
}

#[test]
fn the_preview_is_what_a_deposit_gets() {
	run(|| {
		assert_ok!(LiquidStaking::deposit(RuntimeOrigin::signed(ALICE), 7_777, 0));
		next_era();
		earn(1, validator(100), 333);
		next_era();
		// In the middle of a stream, with the last reward in the entry price.
		for assets in [100, 101, 1_234, 98_765] {
			next_block();
			let previewed = LiquidStaking::preview_deposit(assets).unwrap();
			let before = st_hold(&BOB);
			assert_ok!(LiquidStaking::deposit(RuntimeOrigin::signed(BOB), assets, previewed));
			assert_eq!(st_hold(&BOB), before + previewed);
		}
	});
}

#[test]
fn who_enters_pays_for_the_rewards_in_the_pipe() {
	run(|| {
		assert_ok!(LiquidStaking::deposit(RuntimeOrigin::signed(ALICE), 100_000, 0));
		next_era();
		earn(1, validator(100), 100);
		next_era();
		// 100,000 released, 100 unreleased and as many expected of the running era.
		assert_eq!(LiquidStaking::preview_deposit(100_201), Some(100_001));
		assert_eq!(LiquidStaking::preview_redeem(100_001), Some(100_001));
	});
}

#[test]
fn donations_do_not_move_the_rate() {
	run(|| {
		assert_ok!(LiquidStaking::deposit(RuntimeOrigin::signed(ALICE), 1_000, 0));
		next_era();
		let one = FixedU128::from_u32(1);
		Balances::mint_into(&LiquidStaking::pot_account(), 5_000).unwrap();
		Balances::mint_into(&LiquidStaking::stash_account(0), 5_000).unwrap();
		assert_eq!(LiquidStaking::exchange_rate(), one);
		next_era();
		next_era();
		assert_eq!(LiquidStaking::exchange_rate(), one);
		assert_eq!(pool().bonded(), 1_000);
	});
}

#[test]
fn every_account_of_the_pool_is_its_own() {
	run(|| {
		let mut accounts = vec![LiquidStaking::pot_account(), LiquidStaking::reward_account()];
		assert_eq!(accounts.iter().filter_map(LiquidStaking::stash_index).count(), 0);
		for index in 0..8 {
			let account = LiquidStaking::stash_account(index);
			assert_eq!(LiquidStaking::stash_index(&account), Some(index));
			accounts.push(account);
		}
		// Whatever the most is now, none that there may have been is forgotten.
		let beyond = LiquidStaking::stash_account(crate::MAX_STASHES);
		assert_eq!(LiquidStaking::stash_index(&beyond), None);
		accounts.sort();
		accounts.dedup();
		assert_eq!(accounts.len(), 10);
	});
}

#[test]
#[should_panic(expected = "more shares are issued than the pool counts")]
fn the_invariants_notice_unbacked_shares() {
	run(|| {
		assert_ok!(LiquidStaking::deposit(RuntimeOrigin::signed(ALICE), 1_000, 0));
		Assets::mint_into(0, &BOB, 1).unwrap();
	});
}

/// Bob leaves one share in the pool and tries everything to make it dear before Alice enters.
#[test]
fn the_first_depositor_cannot_inflate_the_price_of_a_share() {
	let attacks: [fn(); 4] = [
		|| {
			Balances::mint_into(&LiquidStaking::pot_account(), 900_000).unwrap();
		},
		|| {
			for i in 0..8 {
				Balances::mint_into(&LiquidStaking::stash_account(i), 900_000).unwrap();
			}
		},
		|| {
			Balances::mint_into(&LiquidStaking::reward_account(), 900_000).unwrap();
		},
		// A fee that stays with the holders: the attacker is one.
		|| {
			let bob = || RuntimeOrigin::signed(BOB);
			// Too little for a stash, so that all of it can leave at once.
			assert_ok!(LiquidStaking::deposit(bob(), 390, 0));
			next_era();
			assert_ok!(LiquidStaking::redeem_instantly(bob(), st_hold(&BOB) - 1, 0));
		},
	];
	for attack in attacks {
		run(|| {
			Defaults::set(Parameters {
				buffer: Perbill::from_percent(50),
				instant_fee_max: Perbill::from_percent(50),
				min_redemption: 0,
				..PLAIN
			});
			let bob = || RuntimeOrigin::signed(BOB);
			assert_ok!(LiquidStaking::deposit(bob(), 101, 0));
			assert_ok!(LiquidStaking::request_redeem(bob(), 100));
			next_era();
			assert_eq!((pool().shares(), LiquidStaking::total_assets()), (1, 1));
			attack();
			next_era();
			let before = hold(&ALICE);
			assert_ok!(LiquidStaking::deposit(RuntimeOrigin::signed(ALICE), 1_000, 0));
			assert_eq!(before - hold(&ALICE), 1_000);
			// Once what she paid for is released, an eighth of the pool in an era at most, she has lost a
			// unit at most.
			(0..8).for_each(|_| next_era());
			let worth = LiquidStaking::preview_redeem(st_hold(&ALICE)).unwrap();
			assert!(worth >= 999, "{worth}");
		});
	}
}

#[test]
fn burning_ones_own_shares_harms_nobody_else() {
	run(|| {
		for who in [ALICE, BOB] {
			assert_ok!(LiquidStaking::deposit(RuntimeOrigin::signed(who), 1_000, 0));
		}
		next_era();
		let burned = Assets::burn_from(
			0,
			&BOB,
			600,
			Preservation::Expendable,
			Precision::Exact,
			Fortitude::Polite,
		);
		assert_ok!(burned, 600);
		LiquidStaking::do_try_state().unwrap();
		assert_eq!(LiquidStaking::preview_redeem(1_000), Some(1_000));
		assert_eq!(LiquidStaking::preview_deposit(1_000), Some(1_000));
		// What was burned stays in the pool: counted, and nobody's.
		for who in [ALICE, BOB] {
			let shares = st_hold(&who);
			assert_ok!(LiquidStaking::request_redeem(RuntimeOrigin::signed(who), shares));
		}
		next_era();
		assert_eq!((pool().shares(), LiquidStaking::total_assets()), (600, 600));
	});
}
