// SPDX-License-Identifier: Apache-2.0

//! What the fund says that it can pay is what it pays.

use crate::{mock::*, Fund, Parameters};
use frame_support::assert_ok;
use holdfast_primitives::{Dues, LossCover, Paid};
use sp_runtime::{FixedU128, Perbill};

fn underwrite(who: &AccountId, assets: u128) {
	assert_ok!(InsuranceFund::underwrite(signed(who), assets, 0));
}

fn reserve(assets: u128) {
	assert_ok!(InsuranceFund::top_up_reserve(signed(&CHARLIE), assets));
}

/// A target of 1,000, and a reserve of which half may be paid in an era.
fn half_of_the_reserve() {
	Defaults::set(Parameters {
		premium_max: Perbill::from_percent(20),
		reserve_limit: Perbill::from_percent(50),
		target_floor: 1_000,
		..PLAIN
	});
	next_era();
}

fn uncovered() -> u128 {
	InsuranceFund::uncovered(fund().reported().0)
}

#[test]
fn a_reserve_as_large_as_the_target_of_which_half_pays_is_half_of_it() {
	run(|| {
		half_of_the_reserve();
		reserve(1_000);
		let coverage = InsuranceFund::coverage();
		assert_eq!((coverage.assets, coverage.reserve, coverage.reserve_held), (500, 500, 1_000));
		assert_eq!(coverage.ratio, FixedU128::from_rational(1, 2));
		// A quarter of the most, as of a fund that has half of what it should.
		assert_eq!(coverage.premium, Perbill::from_percent(5));
		// It takes its fee, and pays what it said.
		assert_eq!(InsuranceFund::dues(10_000, 600), Dues { premium: 0, fee: 600 });
		assert_eq!(slash(0, 1, 1_000, 0), coverage.assets);
	});
}

#[test]
fn the_reserve_takes_its_fee_until_it_can_pay_the_target_in_one_era() {
	run(|| {
		half_of_the_reserve();
		reserve(1_900);
		// 50 are lacking, and so 100 of a reserve of which half pays.
		assert_eq!(book_reward(10_000, 600), Dues { premium: 0, fee: 100 });
		assert_eq!(book_reward(10_000, 600), Dues::default());
		assert_eq!(InsuranceFund::coverage().ratio, FixedU128::from_u32(1));
		assert_eq!(slash(0, 1, 5_000, 0), 1_000);
	});
}

#[test]
fn a_reserve_that_may_pay_nothing_takes_no_fee() {
	run(|| {
		half_of_the_reserve();
		Defaults::set(Parameters { reserve_limit: Perbill::zero(), ..Defaults::get() });
		next_era();
		assert_eq!(book_reward(10_000, 600), Dues::default());
	});
}

#[test]
fn the_reserve_pays_before_the_first_era_has_begun() {
	run(|| {
		Defaults::set(Parameters {
			reserve_limit: Perbill::from_percent(50),
			target_floor: 1_000,
			..PLAIN
		});
		Fund::<Test>::kill();
		ActiveEra::set(None);
		assert_eq!(InsuranceFund::coverage().ratio, FixedU128::from_u32(0));
		reserve(1_000);
		assert_eq!(InsuranceFund::coverage().assets, 500);
		next_block();
		assert_eq!(slash(0, 0, 800, 0), 500);
	});
}

#[test]
fn what_a_bond_will_pay_is_not_uncovered() {
	run(|| {
		Operators::set(&validator(0), 1_000);
		report(&[(0, 2, 800)]);
		assert_eq!(uncovered(), 0);
		// A slash lands, and as much is uncovered as before: nothing.
		eras(2);
		assert_eq!(slash(0, 2, 500, 500), 500);
		assert_eq!((fund().reported().0, uncovered()), (300, 0));
		assert_eq!(slash(0, 2, 300, 300), 300);
		assert_eq!(uncovered(), 0);
	});
}

#[test]
fn what_bonds_do_not_pay_is_uncovered() {
	run(|| {
		Operators::set(&validator(0), 300);
		Operators::set(&validator(1), 5_000);
		underwrite(&ALICE, 200);
		// 500 of the first are not, of which Alice pays 200; and a third is nobody's.
		report(&[(0, 2, 800), (1, 2, 700), (2, 2, 40)]);
		assert_eq!(uncovered(), 340);
		eras(2);
		let paid = slash(0, 2, 800, 800) + slash(1, 2, 700, 700) + slash(2, 2, 40, 40);
		assert_eq!(paid, 1_540 - 340);
	});
}

#[test]
fn a_bond_counts_once_however_many_validators_are_reported() {
	run(|| {
		Operators::set(&validator(0), 1_000);
		Operators::share(&validator(0), &validator(1));
		report(&[(0, 2, 800), (1, 2, 500), (1, 3, 500)]);
		assert_eq!(uncovered(), 800);
		eras(2);
		assert_eq!(slash(1, 2, 500, 500), 500);
		assert_eq!(uncovered(), 800);
		assert_eq!(slash(0, 2, 800, 800), 500);
		assert_eq!((fund().reported().0, uncovered()), (500, 500));
		next_era();
		assert_eq!(slash(1, 3, 500, 500), 0);
	});
}

#[test]
fn a_bond_relieves_leavers_and_does_not_count_twice() {
	run(|| {
		Operators::set(&validator(0), 600);
		underwrite(&ALICE, 1_000);
		underwrite(&BOB, 1_000);
		let id = request(&ALICE, 1_000);
		eras(BONDING + 2);
		report(&[(0, 7, 1_000)]);
		assert_ok!(withdraw(&ALICE, id));
		assert_eq!((fund().locked().0, fund().underwriting().0), (500, 1_000));
		// The underwriters are lost. The bond pays 600, and Alice half of the other 400.
		slash(1, 5, 1_000, 0);
		next_era();
		assert_eq!(uncovered(), 200);
		next_era();
		assert_eq!(slash(0, 7, 1_000, 1_000), 800);
		assert_eq!(uncovered(), 0);
	});
}

#[test]
fn what_is_paid_back_of_a_bond_does_not_count() {
	run(|| {
		Operators::set(&validator(0), 1_000);
		report(&[(0, 2, 800)]);
		Operators::release(&validator(0), 400);
		assert!(uncovered() >= 200);
		next_era();
		assert_eq!(uncovered(), 200);
		// What is bonded more counts from the next era on.
		Operators::set(&validator(0), 400);
		next_era();
		assert_eq!(uncovered(), 0);
	});
}

#[test]
fn a_bond_that_has_paid_elsewhere_does_not_count() {
	run(|| {
		Operators::set(&validator(0), 1_000);
		report(&[(0, 2, 800)]);
		// Without a report.
		assert_eq!(slash(0, 9, 900, 0), 900);
		assert!(uncovered() >= 700);
		next_era();
		assert_eq!(uncovered(), 700);
		next_era();
		assert_eq!(slash(0, 2, 800, 800), 100);
	});
}

#[test]
fn the_bonds_of_the_validators_with_most_reported_count() {
	run(|| {
		(0..10).for_each(|n| Operators::set(&validator(n), 1_000));
		let reports: Vec<_> = (0..10).map(|n| (n, 2, 10 + u128::from(n))).collect();
		report(&reports);
		// Eight are looked up: those of 12 to 19.
		assert_eq!(uncovered(), 10 + 11);
	});
}

#[test]
fn what_the_reserve_has_paid_does_not_count_again_for_the_same_era() {
	run(|| {
		half_of_the_reserve();
		reserve(1_000);
		report(&[(0, 3, 500), (1, 3, 300), (2, 4, 100)]);
		assert_eq!(uncovered(), 400);
		eras(2);
		// Two of one era, in blocks of their own.
		assert_eq!(slash(0, 3, 500, 500), 500);
		assert_eq!(uncovered(), 400);
		next_block();
		assert_eq!(slash(1, 3, 300, 300), 0);
		// In the next one it pays anew.
		assert_eq!(uncovered(), 0);
	});
}

#[test]
fn previews_count_what_bonds_pay_once() {
	run(|| {
		Operators::set(&validator(0), 100);
		underwrite(&ALICE, 1_000);
		Stake::set(1_500);
		report(&[(0, 2, 1_500)]);
		let payout = InsuranceFund::preview_payout(validator(0), Perbill::one());
		let paid = Paid { operator: 100, underwriters: 1_000, ..Default::default() };
		assert_eq!((payout.paid, payout.uncovered), (paid, 400));
		assert_eq!(uncovered(), 400);
	});
}
