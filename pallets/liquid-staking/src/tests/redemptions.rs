// SPDX-License-Identifier: Apache-2.0

use crate::{
	mock::*, Batch, Batches, Error, Event, Parameters, Payment, Queue, Redemption, Redemptions,
};
use frame_support::{assert_noop, assert_ok, traits::fungible::Mutate};
use holdfast_primitives::{Assets as Amount, RedemptionState, Shares};

fn deposit(who: &AccountId, assets: u128) {
	assert_ok!(LiquidStaking::deposit(RuntimeOrigin::signed(who.clone()), assets, 0));
}

fn redeem(who: &AccountId, shares: u128) {
	assert_ok!(LiquidStaking::request_redeem(RuntimeOrigin::signed(who.clone()), shares));
}

fn claim(batch: u32, owner: &AccountId) -> sp_runtime::DispatchResult {
	LiquidStaking::claim(RuntimeOrigin::signed(CHARLIE), batch, owner.clone())
}

#[test]
fn more_shares_than_owned_cannot_be_redeemed() {
	run(|| {
		deposit(&ALICE, 1_000);
		let request =
			|who, shares| LiquidStaking::request_redeem(RuntimeOrigin::signed(who), shares);
		assert_noop!(request(ALICE, 1_001), Error::<Test>::InsufficientShares);
		assert_noop!(request(BOB, 1), Error::<Test>::InsufficientShares);
		assert_noop!(request(BOB, 0), Error::<Test>::RedemptionTooSmall);
	});
}

#[test]
fn a_small_redemption_is_refused_unless_it_is_all() {
	run(|| {
		deposit(&ALICE, 1_000);
		let request = |shares| LiquidStaking::request_redeem(RuntimeOrigin::signed(ALICE), shares);
		assert_noop!(request(9), Error::<Test>::RedemptionTooSmall);
		assert_ok!(request(995));
		assert_ok!(request(5));
		assert_eq!(Redemptions::<Test>::get(&ALICE, 0).unwrap().shares(), 1_000);
	});
}

#[test]
fn no_redemption_is_of_no_shares() {
	run(|| {
		// Also where any redemption is large enough.
		Defaults::set(Parameters { min_redemption: 0, ..PLAIN });
		deposit(&ALICE, 1_000);
		let request = LiquidStaking::request_redeem(RuntimeOrigin::signed(ALICE), 0);
		assert_eq!(request, Err(Error::<Test>::RedemptionTooSmall.into()));
	});
}

#[test]
fn requests_of_one_era_share_a_batch_and_a_price() {
	run(|| {
		deposit(&ALICE, 600);
		deposit(&BOB, 400);
		next_era();
		redeem(&ALICE, 300);
		redeem(&BOB, 100);
		redeem(&ALICE, 100);
		next_era();
		redeem(&BOB, 50);
		let batch = Queue::<Test>::get().first().cloned().unwrap();
		assert_eq!((batch.shares(), batch.owed(), batch.funded()), (500, 500, None));
		assert_eq!(Redemptions::<Test>::get(&BOB, 1).unwrap().shares(), 50);
	});
}

#[test]
fn a_redemption_cannot_be_claimed_early_nor_twice() {
	run(|| {
		deposit(&ALICE, 1_000);
		next_era();
		redeem(&ALICE, 400);
		assert_noop!(claim(0, &ALICE), Error::<Test>::NotClaimableYet);
		// Era 2 closes the batch and unbonds, until era 5.
		next_era();
		assert_noop!(claim(0, &ALICE), Error::<Test>::NotClaimableYet);
		next_era();
		next_era();
		assert_noop!(claim(0, &ALICE), Error::<Test>::NotClaimableYet);
		next_era();
		assert_noop!(claim(0, &BOB), Error::<Test>::NothingToClaim);
		assert_ok!(claim(0, &ALICE));
		assert_noop!(claim(0, &ALICE), Error::<Test>::NothingToClaim);
		assert_eq!(Batches::<Test>::get(0), None);
		assert_eq!(hold(&ALICE), 999_400);
	});
}

#[test]
fn the_view_follows_a_redemption_to_its_end() {
	run(|| {
		deposit(&ALICE, 1_000);
		next_era();
		redeem(&ALICE, 400);
		let view = || {
			let redemptions = LiquidStaking::redemptions_of(ALICE);
			redemptions.first().map(|r| (r.assets, r.state, r.expected_era))
		};
		assert_eq!(view(), Some((400, RedemptionState::Open, None)));
		next_era();
		assert_eq!(view(), Some((400, RedemptionState::Unbonding, Some(5))));
		(0..3).for_each(|_| next_era());
		assert_eq!(view(), Some((400, RedemptionState::Claimable, Some(5))));
		assert_ok!(claim(0, &ALICE));
		assert_eq!(view(), None);
	});
}

#[test]
fn batches_are_funded_in_order() {
	run(|| {
		deposit(&ALICE, 1_000);
		deposit(&BOB, 1_000);
		next_era();
		redeem(&ALICE, 600);
		next_era();
		redeem(&BOB, 10);
		next_era();
		// 100 come in: enough for the second batch, but the first is first. They are kept for it.
		deposit(&CHARLIE, 100);
		next_era();
		let funded = || (0..2).map(Batches::<Test>::contains_key).collect();
		let order: Vec<Vec<bool>> = (4..7).map(|_| (funded(), next_era()).0).collect();
		assert_eq!(order, [[false, false], [true, true], [true, true]]);
	});
}

#[test]
fn deposits_of_the_same_era_pay_redemptions_without_unbonding() {
	run(|| {
		deposit(&ALICE, 1_000);
		next_era();
		redeem(&ALICE, 400);
		deposit(&BOB, 500);
		next_era();
		assert_ok!(claim(0, &ALICE));
		assert_eq!((pool().bonded(), pool().unbonding(), pool().idle()), (1_100, 0, 0));
	});
}

#[test]
fn rounding_leaves_nothing_in_a_batch() {
	run(|| {
		deposit(&ALICE, 1_000);
		deposit(&BOB, 1_000);
		deposit(&CHARLIE, 1_001);
		next_era();
		earn(1, validator(100), 100);
		next_era();
		next_era();
		for who in [&ALICE, &BOB, &CHARLIE] {
			redeem(who, 333);
		}
		next_era();
		let assets = Queue::<Test>::get()[0].owed();
		(0..3).for_each(|_| next_era());
		let before: u128 = [ALICE, BOB, CHARLIE].iter().map(hold).sum();
		for who in [&ALICE, &BOB, &CHARLIE] {
			assert_ok!(claim(0, who));
		}
		let after: u128 = [ALICE, BOB, CHARLIE].iter().map(hold).sum();
		assert_eq!(after - before, assets);
		assert_eq!(Batches::<Test>::get(0), None);
	});
}

#[test]
fn a_pool_that_everybody_left_is_as_it_was_at_first() {
	run(|| {
		deposit(&ALICE, 3_000);
		next_era();
		earn(1, validator(100), 77);
		next_era();
		redeem(&ALICE, 3_000);
		(0..5).for_each(|_| next_era());
		let [.., last] = &LiquidStaking::redemptions_of(ALICE)[..] else { panic!() };
		assert_eq!(last.state, RedemptionState::Claimable);
		// The rewards that were unreleased when Alice left are the treasury's.
		assert_ok!(claim(0, &ALICE));
		next_era();
		let treasury = hold(&TREASURY) - ED;
		assert_eq!(hold(&ALICE) + treasury, 1_000_000 + 77);
		let pool = pool();
		assert_eq!(
			(pool.shares(), pool.gross_assets(), pool.leftover(), pool.stashes()),
			(0, 0, 0, 0)
		);
		assert_eq!(LiquidStaking::preview_deposit(1_000), Some(1_000));
		assert!(events().iter().any(|e| matches!(e, Event::LeftoverPaid { .. })));
	});
}

#[test]
fn who_has_no_account_can_claim_once_it_has_one() {
	run(|| {
		let dave = validator(50);
		deposit(&ALICE, 1_000);
		// Dave holds stHOLD and no HOLD: less than an existential deposit cannot be paid out to that account.
		assert_ok!(Assets::transfer(RuntimeOrigin::signed(ALICE), 0, dave.clone(), 5));
		redeem(&dave, 5);
		next_era();
		assert!(claim(0, &dave).is_err());
		Balances::mint_into(&dave, ED).unwrap();
		assert_ok!(claim(0, &dave));
		assert_eq!(hold(&dave), ED + 5);
	});
}

// The books rule it out. Where they are checked, it panics.
#[test]
#[cfg_attr(debug_assertions, should_panic(expected = "TooFewShares"))]
fn a_batch_of_fewer_shares_than_its_redemptions_pays_none_of_them() {
	run_unchecked(|| {
		let funded = Batch::funded(1, Payment::new(Shares(499), Amount(499)), false);
		Batches::<Test>::insert(0, funded.clone());
		Redemptions::<Test>::insert(&ALICE, 0, Redemption::new(Shares(500)));
		assert_noop!(claim(0, &ALICE), Error::<Test>::BatchMismatch);
		assert_eq!(Batches::<Test>::get(0), Some(funded));
	});
}
