// SPDX-License-Identifier: Apache-2.0

use crate::{mock::*, Config, Error, Event, Parameters, RequestId, WeightInfo};
use frame_support::{
	assert_noop, assert_ok,
	traits::{fungible::Mutate, Get},
};
use sp_runtime::Perbill;

fn underwrite(who: &AccountId, assets: u128) {
	assert_ok!(InsuranceFund::underwrite(signed(who), assets, 0));
}

#[test]
fn shares_are_bought_at_what_they_are_worth() {
	run(|| {
		assert_eq!(InsuranceFund::preview_underwrite(1_000), Some(1_000));
		assert_ok!(InsuranceFund::underwrite(signed(&ALICE), 1_000, 1_000));
		let bought = Event::Underwritten { who: ALICE, assets: 1_000, shares: 1_000 };
		assert_eq!(events(), [bought]);
		slash(0, 0, 500, 0);
		// 500 * 1,001 / 501, rounded down.
		assert_noop!(
			InsuranceFund::underwrite(signed(&BOB), 500, 1_000),
			Error::<Test>::SharesBelowMinimum
		);
		assert_ok!(InsuranceFund::underwrite(signed(&BOB), 500, 999));
		assert_eq!((shares_of(&BOB), hold(&BOB)), (999, RICH - 500));
		assert_eq!(hold(&InsuranceFund::account()), ED + 1_000);
	});
}

#[test]
fn open_reports_do_not_lower_the_price_of_a_share() {
	run(|| {
		underwrite(&ALICE, 1_000);
		report(&[(0, 2, 900)]);
		underwrite(&BOB, 1_000);
		assert_eq!(shares_of(&BOB), 1_000);
	});
}

#[test]
fn too_little_is_refused() {
	run(|| {
		let little = InsuranceFund::underwrite(signed(&ALICE), 99, 0);
		assert_eq!(little, Err(Error::<Test>::TooLittle.into()));
		assert_noop!(InsuranceFund::top_up_reserve(signed(&ALICE), 0), Error::<Test>::TooLittle);
	});
}

#[test]
fn nobody_brings_more_than_they_have() {
	run(|| {
		let all = InsuranceFund::underwrite(signed(&ALICE), RICH, 0);
		assert!(all.is_err());
		assert_eq!(fund().era(), Some(0));
		assert_eq!(fund().underwriting().0, 0);
	});
}

#[test]
fn a_withdrawal_waits_a_bonding_duration_and_two_eras() {
	run(|| {
		underwrite(&ALICE, 1_000);
		next_era();
		events();
		let id = request(&ALICE, 400);
		let matures_in = 1 + BONDING + 2;
		let asked = Event::WithdrawalRequested { who: ALICE, request: 0, shares: 400, matures_in };
		assert_eq!(events(), [asked]);
		eras(BONDING + 1);
		assert_noop!(withdraw(&ALICE, id), Error::<Test>::NotMature);
		next_era();
		events();
		assert_noop!(withdraw(&BOB, id), Error::<Test>::UnknownRequest);
		assert_ok!(withdraw(&ALICE, id));
		let paid =
			Event::Withdrawn { who: ALICE, request: 0, shares: 400, assets: 400, withheld: 0 };
		assert_eq!(events(), [paid]);
		assert_eq!((hold(&ALICE), shares_of(&ALICE)), (RICH - 600, 600));
		assert_noop!(withdraw(&ALICE, id), Error::<Test>::UnknownRequest);
	});
}

#[test]
fn a_withdrawal_lapses_two_eras_after_it_is_mature() {
	run(|| {
		underwrite(&ALICE, 1_000);
		let (late, in_time) = (request(&ALICE, 400), request(&ALICE, 600));
		eras(BONDING + 2 + 1);
		assert_ok!(withdraw(&ALICE, in_time));
		next_era();
		assert_noop!(withdraw(&ALICE, late), Error::<Test>::Lapsed);
		// The shares are as before, and can be asked for again.
		assert_eq!(shares_of(&ALICE), 400);
		slash(0, era(), 100, 0);
		let again = request(&ALICE, 400);
		eras(BONDING + 2);
		assert_ok!(withdraw(&ALICE, again));
		assert_eq!(hold(&ALICE), RICH - 100);
		assert_eq!((fund().shares().0, fund().total().0), (0, 0));
	});
}

#[test]
fn who_cannot_leave_because_of_a_report_can_leave_when_it_is_gone() {
	run(|| {
		underwrite(&ALICE, 1_000);
		underwrite(&BOB, 1_000);
		let id = request(&ALICE, 1_000);
		eras(BONDING + 2);
		report(&[(0, era() + 4, 3_000)]);
		assert_noop!(withdraw(&ALICE, id), Error::<Test>::AllWithheld);
		eras(3);
		// It would have lapsed an era ago, and is not forgotten when she does something else.
		underwrite(&ALICE, 100);
		assert_noop!(withdraw(&ALICE, id), Error::<Test>::AllWithheld);
		report(&[]);
		assert_ok!(withdraw(&ALICE, id));
		assert_eq!(hold(&ALICE), RICH - 100);
	});
}

#[test]
fn who_could_not_leave_has_two_eras_for_it_after_the_one_in_which_that_ended() {
	let leaves_after = |late: u32| {
		let mut result = Ok(());
		run(|| {
			underwrite(&ALICE, 1_000);
			let id = request(&ALICE, 1_000);
			eras(BONDING + 2);
			report(&[(0, era() + 4, 1_000)]);
			eras(2);
			report(&[]);
			eras(late);
			result = withdraw(&ALICE, id);
		});
		result
	};
	assert_ok!(leaves_after(2));
	assert_eq!(leaves_after(3), Err(Error::<Test>::Lapsed.into()));
}

#[test]
fn a_slash_that_leaves_less_than_is_reported_keeps_requests_open() {
	run(|| {
		underwrite(&ALICE, 1_000);
		let id = request(&ALICE, 1_000);
		eras(BONDING + 2);
		report(&[(0, era() + 3, 300)]);
		slash(1, era(), 700, 0);
		eras(2);
		report(&[]);
		assert_ok!(withdraw(&ALICE, id));
		assert_eq!(hold(&ALICE), RICH - 700);
	});
}

#[test]
fn a_report_that_lets_people_leave_keeps_no_request_open() {
	run(|| {
		underwrite(&ALICE, 1_000);
		let id = request(&ALICE, 1_000);
		eras(BONDING + 2);
		report(&[(0, era() + 3, 990)]);
		eras(2);
		report(&[]);
		assert_noop!(withdraw(&ALICE, id), Error::<Test>::Lapsed);
	});
}

#[test]
fn a_report_before_a_request_matures_or_after_it_lapsed_does_not_keep_it_open() {
	run(|| {
		underwrite(&ALICE, 1_000);
		let id = request(&ALICE, 500);
		eras(BONDING);
		report(&[(0, era() + 1, 1_000)]);
		eras(1);
		report(&[]);
		eras(3);
		assert_noop!(withdraw(&ALICE, id), Error::<Test>::Lapsed);
		report(&[(0, era() + 1, 1_000)]);
		eras(1);
		report(&[]);
		assert_noop!(withdraw(&ALICE, id), Error::<Test>::Lapsed);
	});
}

#[test]
fn one_report_after_another_keeps_a_request_open_until_the_last_is_gone() {
	run(|| {
		underwrite(&ALICE, 1_000);
		let id = request(&ALICE, 1_000);
		eras(BONDING + 2);
		for n in 0..3 {
			report(&[(n, era() + 2, 1_000)]);
			eras(1);
			assert_noop!(withdraw(&ALICE, id), Error::<Test>::AllWithheld);
			report(&[]);
			// She does not hurry.
			eras(2);
		}
		assert_ok!(withdraw(&ALICE, id));
	});
}

#[test]
fn a_withdrawal_is_charged_for_what_was_done() {
	run(|| {
		type Weights = <Test as Config>::WeightInfo;
		let charged = |id: RequestId| {
			let result = InsuranceFund::withdraw(signed(&ALICE), id);
			result.unwrap_or_else(|refused| refused.post_info).actual_weight
		};
		underwrite(&ALICE, 1_000);
		underwrite(&BOB, 1_000);
		let id = request(&ALICE, 1_000);
		assert_eq!(charged(id + 1), Some(Weights::refuse_withdraw()));
		assert_eq!(charged(id), Some(Weights::refuse_withdraw()));
		eras(BONDING + 2);
		report(&[(0, era() + 1, 100), (0, era() + 2, 100)]);
		assert_eq!(charged(id), Some(Weights::withdraw()));
		assert_eq!(shares_of(&ALICE), 0);
		assert_eq!(charged(id), Some(Weights::collect_withheld(2)));
		report(&[(0, era() + 2, 100)]);
		assert_eq!(charged(id), Some(Weights::collect_withheld(2)));
		report(&[]);
		assert_eq!(charged(id), Some(Weights::collect_withheld(1)));
		assert_eq!(charged(id), Some(Weights::refuse_withdraw()));
		// And never for more than was set aside.
		let most = InsuranceFund::most_of_withdraw();
		let all = [
			Weights::refuse_withdraw(),
			Weights::withdraw(),
			Weights::collect_withheld(<Test as Config>::MaxProvisions::get()),
		];
		assert!(all.iter().all(|weight| weight.all_lte(most)));
	});
}

#[test]
fn shares_that_are_to_leave_are_liable_and_earn_until_they_are_paid() {
	run(|| {
		let premium = Perbill::from_percent(10);
		Defaults::set(Parameters { premium_min: premium, premium_max: premium, ..PLAIN });
		eras(2);
		underwrite(&ALICE, 10_000);
		underwrite(&BOB, 10_000);
		let id = request(&ALICE, 10_000);
		eras(BONDING + 1);
		book_reward(10_000, 0);
		next_era();
		slash(0, era(), 400, 0);
		assert_ok!(withdraw(&ALICE, id));
		// Half of 21,000 - 400, but for what is the virtual share's.
		assert_eq!(hold(&ALICE), RICH + 299);
	});
}

#[test]
fn a_share_is_asked_for_once() {
	run(|| {
		underwrite(&ALICE, 1_000);
		request(&ALICE, 600);
		let twice = InsuranceFund::request_withdraw(signed(&ALICE), 401);
		assert_eq!(twice, Err(Error::<Test>::InsufficientShares.into()));
		let none = InsuranceFund::request_withdraw(signed(&ALICE), 0);
		assert_eq!(none, Err(Error::<Test>::InsufficientShares.into()));
		(0..3).for_each(|_| {
			request(&ALICE, 1);
		});
		let fifth = InsuranceFund::request_withdraw(signed(&ALICE), 1);
		assert_eq!(fifth, Err(Error::<Test>::TooManyRequests.into()));
	});
}

#[test]
fn withdrawals_wait_while_reports_are_read() {
	run(|| {
		underwrite(&ALICE, 1_000);
		let id = request(&ALICE, 1_000);
		eras(BONDING + 2);
		ReportsFresh::set(false);
		assert_noop!(withdraw(&ALICE, id), Error::<Test>::ReportsPending);
		ReportsFresh::set(true);
		assert_ok!(withdraw(&ALICE, id));
	});
}

#[test]
fn the_premium_to_come_is_left_to_the_reserve() {
	run(|| {
		let premium = Perbill::from_percent(10);
		Defaults::set(Parameters { premium_min: premium, premium_max: premium, ..PLAIN });
		eras(2);
		underwrite(&ALICE, 10_000);
		underwrite(&BOB, 30_000);
		let id = request(&ALICE, 10_000);
		eras(BONDING + 2);
		book_reward(4_000, 0);
		assert_ok!(withdraw(&ALICE, id));
		assert_eq!((hold(&ALICE), fund().reserve().0), (RICH, 100));
		// What is Bob's stays his, and no more comes to him.
		next_era();
		assert_eq!(fund().released(System::block_number()).0, 30_300);
	});
}

#[test]
fn what_the_last_underwriter_leaves_is_the_reserves() {
	run(|| {
		let premium = Perbill::from_percent(10);
		Defaults::set(Parameters { premium_min: premium, premium_max: premium, ..PLAIN });
		eras(2);
		underwrite(&ALICE, 10_000);
		let id = request(&ALICE, 10_000);
		eras(BONDING + 2);
		book_reward(4_000, 0);
		assert_ok!(withdraw(&ALICE, id));
		assert_eq!((fund().underwriting().0, fund().shares().0, fund().reserve().0), (0, 0, 400));
		underwrite(&BOB, 1_000);
		assert_eq!(shares_of(&BOB), 1_000);
	});
}

#[test]
fn who_leaves_does_not_take_the_last_unit_of_others() {
	run(|| {
		underwrite(&ALICE, 200);
		underwrite(&BOB, 100);
		let id = request(&ALICE, 200);
		slash(0, 0, 299, 0);
		eras(BONDING + 2);
		// 200 * 2 / 301 is a unit, and there is one for 300 shares.
		assert_ok!(withdraw(&ALICE, id));
		assert_eq!((hold(&ALICE), fund().underwriting().0), (RICH - 200, 1));
	});
}

#[test]
fn donations_do_not_raise_the_price_of_a_share() {
	run(|| {
		underwrite(&ALICE, 100);
		Balances::mint_into(&InsuranceFund::account(), 1_000_000).unwrap();
		eras(2);
		assert_ok!(InsuranceFund::top_up_reserve(signed(&BOB), 1_000_000));
		underwrite(&BOB, 150);
		assert_eq!(shares_of(&BOB), 150);
	});
}
