// SPDX-License-Identifier: Apache-2.0

use crate::{labels::cluster_of_account, mock::*, *};
use frame_support::{
	assert_noop, assert_ok,
	traits::fungible::{Inspect, Mutate},
};
use holdfast_primitives::{Balance, EraIndex, OperatorBonds};

const ACME: u64 = 10;
/// All that Acme has.
const ALL: Balance = 1_000_000;
const TO: u64 = 20;

fn bond() -> Balance {
	Operators::<Test>::get(ACME).unwrap().bond()
}

fn pay(validator: u64, amount: Balance) -> Balance {
	let before = Balances::total_issuance();
	let paid = Registry::pay(&validator, amount, &TO);
	check();
	assert_eq!(Balances::total_issuance(), before);
	paid
}

fn after(eras: EraIndex) {
	Era::set(Era::get() + eras);
}

#[test]
fn a_bond_is_held_and_grows() {
	run(|| {
		operator(ACME, "acme eu own node", &[]);
		assert_eq!((bond(), Balances::balance(&ACME)), (MIN_BOND, ALL - MIN_BOND));
		assert_ok!(Registry::bond_more(signed(ACME), 500));
		assert_eq!((bond(), Balances::balance(&ACME)), (1_500, ALL - 1_500));
		assert_noop!(Registry::bond_more(signed(ACME), 0), Error::<Test>::NothingToBond);
		assert!(Registry::bond_more(signed(ACME), ALL).is_err());
	});
}

#[test]
fn a_release_waits_until_nothing_before_it_can_be_slashed() {
	run(|| {
		operator(ACME, "acme eu own node", &[100]);
		assert_ok!(Registry::bond_more(signed(ACME), 500));
		let release = |amount| Registry::request_bond_release(signed(ACME), amount);
		assert_noop!(release(0), Error::<Test>::NothingToRelease);
		assert_noop!(release(501), Error::<Test>::BondTooSmall);
		assert_noop!(release(Balance::MAX), Error::<Test>::BondTooSmall);
		assert_noop!(Registry::release_bond(signed(7), ACME), Error::<Test>::NothingToRelease);
		assert_ok!(release(500));
		assert_noop!(release(1), Error::<Test>::ReleasePending);
		// It does not count for the caps any more, but it can still be slashed.
		score_all();
		assert_eq!((score(100).bond, Registry::bond(&100)), (1_000, 1_500));
		after(BONDING + 1);
		assert_noop!(Registry::release_bond(signed(7), ACME), Error::<Test>::StillLiable);
		after(1);
		assert_ok!(Registry::release_bond(signed(7), ACME));
		assert_eq!((bond(), Balances::balance(&ACME)), (1_000, ALL - 1_000));
	});
}

#[test]
fn a_slash_in_the_meantime_takes_from_what_is_to_be_released() {
	run(|| {
		operator(ACME, "acme eu own node", &[100]);
		assert_ok!(Registry::bond_more(signed(ACME), 500));
		assert_ok!(Registry::request_bond_release(signed(ACME), 500));
		assert_eq!(pay(100, 300), 300);
		after(BONDING + 2);
		assert_ok!(Registry::release_bond(signed(7), ACME));
		// The minimum stays.
		assert_eq!((bond(), Balances::balance(&ACME)), (1_000, ALL - 1_300));
		// Whoever counts on the bond is told.
		assert_eq!(Released::get(), 200);
	});
}

#[test]
fn who_deregisters_gets_all_back_when_nothing_can_be_slashed_any_more() {
	run(|| {
		operator(ACME, "acme eu own node", &[100, 101]);
		had_stashes(&[100, 101]);
		assert_ok!(Registry::add_validator(signed(ACME), 102));
		assert_ok!(Registry::deregister(signed(ACME)));
		assert_noop!(Registry::deregister(signed(ACME)), Error::<Test>::Leaving);
		assert_noop!(Registry::bond_more(signed(ACME), 1), Error::<Test>::Leaving);
		assert_noop!(Registry::add_validator(signed(ACME), 103), Error::<Test>::Leaving);
		assert_noop!(Registry::confirm_validator(signed(102), ACME), Error::<Test>::Leaving);
		assert_noop!(Registry::request_bond_release(signed(ACME), 1), Error::<Test>::Leaving);
		score_all();
		assert_eq!([100, 101].map(|v| score(v).fitness), [Fitness::Leaving; 2]);
		// Its bond still pays.
		assert_eq!(pay(100, 100), 100);
		after(BONDING + 1);
		assert_noop!(Registry::release_bond(signed(7), ACME), Error::<Test>::StillLiable);
		after(1);
		assert_ok!(Registry::release_bond(signed(7), ACME));
		assert_eq!(Balances::balance(&ACME), ALL - 100);
		assert_eq!((Operators::<Test>::iter().count(), Validators::<Test>::count()), (0, 0));
		// It may come back.
		assert_ok!(Registry::register_operator(signed(ACME), profile("acme eu own node")));
	});
}

#[test]
fn a_bond_pays_as_far_as_it_lasts_and_the_rest_is_owed() {
	run(|| {
		operator(ACME, "acme eu own node", &[100, 101]);
		assert_eq!(pay(100, 400), 400);
		assert_eq!((bond(), Balances::balance(&TO)), (600, 400));
		assert_eq!(Debts::<Test>::iter().count(), 0);
		assert_eq!(pay(101, 1_000), 600);
		assert_eq!((bond(), Balances::balance(&TO)), (0, 1_000));
		assert_eq!(Debts::<Test>::get(101).unwrap().amount(), 400);
		// Again, and it adds up.
		assert_eq!(pay(101, 50), 0);
		assert_eq!(Debts::<Test>::get(101).unwrap().amount(), 450);
		// Only what is held was taken.
		assert_eq!(Balances::balance(&ACME), ALL - MIN_BOND);
	});
}

#[test]
fn without_a_record_nothing_is_paid_nor_owed() {
	run(|| {
		assert_eq!(pay(100, 400), 0);
		assert_eq!(Registry::bond(&100), 0);
		assert_eq!(Debts::<Test>::iter().count(), 0);
	});
}

#[test]
fn a_bond_pays_for_a_validator_that_has_left() {
	run(|| {
		operator(ACME, "acme eu own node", &[100]);
		assert_ok!(Registry::remove_validator(signed(100), 100));
		after(BONDING + 1);
		assert_eq!(pay(100, 10), 10);
	});
}

#[test]
fn who_owes_is_not_nominated_before_it_has_paid() {
	run(|| {
		operator(ACME, "acme eu own node", &[100, 101]);
		assert_eq!(pay(100, 1_500), 1_000);
		score_all();
		// The other one of the same operator neither: it is attested.
		assert_eq!([100, 101].map(|v| score(v).fitness), [Fitness::InDebt; 2]);
		// A part does not suffice, and goes to who has paid in its place.
		assert_ok!(Registry::bond_more(signed(ACME), 200));
		assert_eq!((bond(), Balances::balance(&FUND)), (0, 201));
		assert_eq!(Debts::<Test>::get(100).unwrap().amount(), 300);
		next_era();
		score_all();
		assert_eq!(score(100).fitness, Fitness::InDebt);
		// What is left of a payment is bonded; with less than the minimum it is not fit either.
		assert_ok!(Registry::bond_more(signed(ACME), 1_299));
		assert_eq!((bond(), Balances::balance(&FUND)), (999, 501));
		assert_eq!(Repaid::get(), 500);
		assert_eq!((Debts::<Test>::iter().count(), OwedBy::<Test>::iter().count()), (0, 0));
		next_era();
		score_all();
		assert_eq!([100, 101].map(|v| score(v).fitness), [Fitness::BondTooSmall; 2]);
		assert_ok!(Registry::bond_more(signed(ACME), 1));
		next_era();
		score_all();
		assert_eq!([100, 101].map(|v| score(v).fitness), [Fitness::Fit; 2]);
	});
}

#[test]
fn registering_anew_does_not_shed_a_debt() {
	run(|| {
		operator(ACME, "acme eu own node", &[100]);
		operator(11, "acme us own node", &[101]);
		assert_eq!(pay(100, 1_500), 1_000);
		assert_ok!(Registry::remove_validator(signed(100), 100));
		// The same people with another account, and another validator.
		operator(12, "acme ap own node", &[102]);
		// The same validator does not join anybody before that is paid.
		after(BONDING + 2);
		score_all();
		operator(13, "other eu own node", &[]);
		assert_ok!(Registry::add_validator(signed(13), 100));
		assert_noop!(Registry::confirm_validator(signed(100), 13), Error::<Test>::InDebt);
		assert_eq!([101, 102].map(|v| score(v).fitness), [Fitness::InDebt; 2]);
		// Nor does another name help.
		let other = profile("nobody us own node");
		assert_noop!(Registry::update_profile(signed(11), other), Error::<Test>::InDebt);
		// Any of them can pay.
		assert_ok!(Registry::bond_more(signed(11), 500));
		assert_ok!(Registry::confirm_validator(signed(100), 13));
		next_era();
		score_all();
		assert_eq!([101, 102].map(|v| score(v).fitness), [Fitness::Fit; 2]);
	});
}

#[test]
fn a_new_name_before_the_slash_lands_does_not_shed_the_debt() {
	run(|| {
		operator(ACME, "acme eu own node", &[100]);
		operator(11, "acme us own node", &[101]);
		assert_ok!(Registry::update_profile(signed(ACME), profile("nobody eu own node")));
		assert_eq!(pay(100, 5_000), 1_000);
		score_all();
		assert_eq!([100, 101].map(|v| score(v).fitness), [Fitness::InDebt; 2]);
	});
}

#[test]
fn the_debt_of_one_who_was_never_attested_is_its_accounts() {
	run(|| {
		Balances::set_balance(&ACME, ALL);
		assert_ok!(Registry::register_operator(signed(ACME), profile("acme eu own node")));
		for validator in [100, 101] {
			fake(validator, |_| ());
			assert_ok!(Registry::add_validator(signed(ACME), validator));
			assert_ok!(Registry::confirm_validator(signed(validator), ACME));
		}
		assert_eq!(pay(100, 1_500), 1_000);
		assert_eq!(pay(100, 10), 0);
		let owed = OwedBy::<Test>::get(cluster_of_account(&ACME)).unwrap();
		assert_eq!((owed.amount(), OwedBy::<Test>::iter().count()), (510, 1));
		// Others of whom nothing is known have nothing to do with it.
		Balances::set_balance(&11, ALL);
		assert_ok!(Registry::register_operator(signed(11), profile("other eu own node")));
		fake(110, |_| ());
		assert_ok!(Registry::add_validator(signed(11), 110));
		assert_ok!(Registry::confirm_validator(signed(110), 11));
		for _ in 0..2 {
			score_all();
			next_era();
		}
		score_all();
		let fitness = [100, 101, 110].map(|v| score(v).fitness);
		assert_eq!(fitness, [Fitness::InDebt, Fitness::InDebt, Fitness::Fit]);
	});
}

#[test]
fn more_debts_than_a_list_holds_are_owed_all_the_same() {
	run(|| {
		let all: Vec<u64> = (100..140).collect();
		operator(ACME, "acme eu own node", &all[..32]);
		operator(11, "acme us own node", &all[32..]);
		for validator in &all {
			pay(*validator, 110);
		}
		// The bonds of 1,000 pay for nine and ten of them.
		let owed = || OwedBy::<Test>::iter_values().map(|owed| owed.amount()).sum::<u128>();
		assert_eq!(owed(), 40 * 110 - 1_000 - 8 * 110);
		assert_ok!(Registry::bond_more(signed(11), 2_000));
		check();
		assert_ok!(Registry::bond_more(signed(ACME), 2_000));
		check();
		assert_eq!((owed(), Debts::<Test>::iter().count()), (0, 0));
	});
}

#[test]
fn a_debt_is_paid_out_of_what_is_released() {
	run(|| {
		operator(ACME, "acme eu own node", &[100]);
		operator(11, "acme us own node", &[101]);
		assert_ok!(Registry::bond_more(signed(11), 5_000));
		assert_eq!(pay(100, 4_000), 1_000);
		assert_ok!(Registry::deregister(signed(11)));
		after(BONDING + 2);
		assert_ok!(Registry::release_bond(signed(7), 11));
		assert_eq!((Balances::balance(&11), Repaid::get()), (ALL - 3_000, 3_000));
		assert_eq!(Debts::<Test>::iter().count(), 0);
	});
}

#[test]
fn a_bond_is_not_released_while_stake_is_exposed_or_was_lately() {
	run(|| {
		operator(ACME, "acme eu own node", &[100]);
		assert_ok!(Registry::deregister(signed(ACME)));
		fake(100, |v| v.ours = 5_000);
		for _ in 0..BONDING + 2 {
			score_all();
			next_era();
		}
		score_all();
		assert_noop!(Registry::release_bond(signed(7), ACME), Error::<Test>::StillLiable);
		fake(100, |v| v.ours = 0);
		after(BONDING + 2);
		score_all();
		assert_ok!(Registry::release_bond(signed(7), ACME));
	});
}
