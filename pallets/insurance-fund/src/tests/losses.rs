// SPDX-License-Identifier: Apache-2.0

use crate::{mock::*, Error, Event, History, Parameters};
use codec::Encode;
use frame_support::{assert_ok, traits::fungible::Mutate};
use holdfast_primitives::{ClaimState, DebtSink, Loss, LossCover, Paid};
use sp_runtime::Perbill;

fn underwrite(who: &AccountId, assets: u128) {
	assert_ok!(InsuranceFund::underwrite(signed(who), assets, 0));
}

fn reserve(assets: u128) {
	assert_ok!(InsuranceFund::top_up_reserve(signed(&CHARLIE), assets));
}

fn limit(percent: u32) {
	Defaults::set(Parameters { reserve_limit: Perbill::from_percent(percent), ..PLAIN });
	next_era();
}

fn last_paid() -> Paid {
	History::<Test>::get().last().unwrap().paid
}

#[test]
fn each_tranche_pays_when_the_one_before_it_is_used_up() {
	run(|| {
		Operators::set(&validator(0), 100);
		underwrite(&ALICE, 1_000);
		reserve(1_000);
		next_era();
		assert_eq!(slash(0, 1, 60, 0), 60);
		assert_eq!(last_paid(), Paid { operator: 60, ..Default::default() });
		assert_eq!(slash(0, 1, 240, 0), 240);
		assert_eq!(last_paid(), Paid { operator: 40, underwriters: 200, ..Default::default() });
		assert_eq!(slash(0, 1, 900, 0), 900);
		assert_eq!(last_paid(), Paid { underwriters: 800, reserve: 100, ..Default::default() });
		// The holders bear 100.
		assert_eq!(slash(0, 1, 1_000, 0), 900);
		assert_eq!(last_paid(), Paid { reserve: 900, ..Default::default() });
		assert_eq!(slash(0, 1, 1_000, 0), 0);
		assert_eq!(hold(&InsuranceFund::account()), ED);
	});
}

#[test]
fn an_empty_fund_pays_nothing_and_fails_nothing() {
	run(|| {
		assert_eq!(slash(0, 0, 1_000, 0), 0);
		assert_eq!(InsuranceFund::claims(0)[0].lost, 1_000);
		assert_eq!(InsuranceFund::uncovered(500), 500);
	});
}

#[test]
fn a_slash_without_a_report_is_no_operators_and_is_paid() {
	run(|| {
		Operators::set(&validator(0), 100);
		underwrite(&ALICE, 1_000);
		let loss = Loss {
			stash: STASH,
			validator: None,
			offence_era: 0,
			applied_in: 0,
			amount: 300,
			reported: 0,
		};
		assert_eq!(InsuranceFund::cover(&loss, &POT), 300);
		assert_eq!(last_paid(), Paid { underwriters: 300, ..Default::default() });
	});
}

#[test]
fn the_reserve_pays_up_to_its_limit_in_each_era() {
	run(|| {
		reserve(1_000);
		limit(20);
		// 20 % of 1,000 for all that is due in era 1, in as many parts as it comes.
		assert_eq!(slash(0, 1, 150, 0), 150);
		assert_eq!(slash(1, 1, 150, 0), 50);
		assert_eq!(slash(2, 1, 150, 0), 0);
		next_era();
		// 20 % of 800 for era 2.
		assert_eq!(slash(0, 2, 500, 0), 160);
		// What is late shares its limit with what was due later.
		assert_eq!(slash(0, 1, 500, 0), 0);
		assert_eq!(fund().reserve().0, 640);
	});
}

#[test]
fn a_top_up_does_not_raise_the_limit_of_an_era_that_has_paid() {
	run(|| {
		reserve(1_000);
		limit(20);
		assert_eq!(slash(0, 1, 300, 0), 200);
		reserve(10_000);
		assert_eq!(slash(0, 1, 300, 0), 0);
		next_era();
		assert_eq!(slash(0, 2, 3_000, 0), 2_160);
	});
}

#[test]
fn a_fund_whose_account_cannot_pay_books_nothing() {
	run(|| {
		underwrite(&ALICE, 1_000);
		// This cannot happen to an account without a key.
		let stolen = 1_000;
		Balances::set_balance(&InsuranceFund::account(), ED);
		assert_eq!(
			InsuranceFund::cover(
				&Loss {
					stash: STASH,
					validator: None,
					offence_era: 0,
					applied_in: 0,
					amount: 500,
					reported: 0
				},
				&POT
			),
			0
		);
		assert_eq!(fund().underwriting().0, 1_000);
		Balances::set_balance(&InsuranceFund::account(), ED + stolen);
	});
}

#[test]
fn pages_of_a_report_add_up_and_are_paid_to_the_unit() {
	run(|| {
		underwrite(&ALICE, 10_000);
		report(&[(0, 2, 1_000), (0, 2, 333), (1, 2, 500)]);
		assert_eq!(fund().reported().0, 1_833);
		eras(2);
		assert_eq!(slash(0, 2, 333, 333), 333);
		assert_eq!(fund().reported().0, 1_500);
		next_block();
		// A slash takes a few units more than were reported: what would be left is dust.
		assert_eq!(slash(0, 2, 1_007, 1_000), 1_007);
		assert_eq!(fund().reported().0, 500);
		let claim = &InsuranceFund::claims(0)[0];
		assert_eq!((claim.state, claim.lost, claim.open), (ClaimState::Applied, 1_340, 0));
		assert_eq!(claim.paid.underwriters, 1_340);
		assert_eq!(fund().underwriting().0, 10_000 - 1_340);
		assert_eq!(slash(1, 2, 500, 500), 500);
		assert_eq!(fund().reported().0, 0);
	});
}

#[test]
fn a_provision_is_no_budget() {
	run(|| {
		underwrite(&ALICE, 1_000);
		report(&[(0, 2, 1_000)]);
		// Another slash takes all there is.
		assert_eq!(slash(1, 0, 1_000, 0), 1_000);
		eras(2);
		assert_eq!(slash(0, 2, 1_000, 1_000), 0);
	});
}

#[test]
fn debts_are_repaid_to_the_reserve() {
	run(|| {
		underwrite(&ALICE, 1_000);
		let account = <InsuranceFund as DebtSink<AccountId>>::account();
		Balances::mint_into(&account, 300).unwrap();
		InsuranceFund::repaid(300);
		assert_eq!((fund().reserve().0, fund().underwriting().0), (300, 1_000));
		assert_eq!(events().last(), Some(&Event::DebtRepaid { assets: 300 }));
	});
}

#[test]
fn a_total_slash_of_everything_is_paid_as_far_as_it_goes() {
	run(|| {
		underwrite(&ALICE, 700_000);
		underwrite(&BOB, 300_001);
		reserve(500_000);
		let reports: Vec<_> = (0..12).map(|n| (n, 2, 1_000_000_000_000_000_000_000)).collect();
		(0..12).for_each(|n| Operators::set(&validator(n), 1_000));
		report(&reports);
		eras(2);
		let paid: u128 =
			reports.iter().map(|(n, due, amount)| slash(*n, *due, *amount, *amount)).sum();
		assert_eq!(paid, 12 * 1_000 + 1_000_001 + 500_000);
		assert_eq!((fund().total().0, fund().shares().0, fund().class()), (0, 0, 1));
		assert_eq!(hold(&InsuranceFund::account()), ED);
		// The fund goes on.
		underwrite(&ALICE, 1_000);
		assert_eq!((shares_of(&ALICE), shares_of(&BOB)), (1_000, 0));
	});
}

#[test]
fn losses_of_the_largest_amounts_do_not_overflow() {
	run(|| {
		underwrite(&ALICE, 1_000);
		let most = u128::MAX / 3;
		report(&[(0, 2, most), (1, 2, most), (0, 3, most)]);
		assert_eq!(slash(0, 2, u128::MAX, most), 1_000);
		assert_eq!(slash(1, 2, u128::MAX, most), 0);
		report(&[]);
	});
}

#[test]
fn a_loss_pays_the_released_premium_before_the_one_to_come() {
	run(|| {
		let premium = Perbill::from_percent(10);
		Defaults::set(Parameters { premium_min: premium, premium_max: premium, ..PLAIN });
		eras(2);
		underwrite(&ALICE, 10_000);
		assert_eq!(book_reward(5_000, 0).premium, 500);
		assert_eq!(fund().released(System::block_number()).0, 10_000);
		assert_eq!(slash(0, 2, 9_000, 0), 9_000);
		assert_eq!(fund().released(System::block_number()).0, 1_000);
		assert_eq!(slash(0, 2, 1_200, 0), 1_200);
		assert_eq!((fund().underwriting().0, fund().released(System::block_number()).0), (300, 0));
	});
}

#[test]
fn a_class_that_has_lost_all_but_a_millionth_is_void() {
	run(|| {
		underwrite(&ALICE, 5_000_000);
		assert_eq!(slash(0, 0, 4_999_995, 0), 4_999_995);
		// A millionth: five units for five million shares.
		assert_eq!((fund().class(), fund().underwriting().0), (0, 5));
		let id = request(&ALICE, 1_000);
		assert_eq!(slash(0, 0, 1, 0), 1);
		assert_eq!((fund().class(), fund().shares().0, fund().reserve().0), (1, 0, 4));
		assert!(events().contains(&Event::ClassClosed { class: 0, rest: 4 }));
		eras(BONDING + 2);
		let withdrawn = withdraw(&ALICE, id);
		assert_eq!(withdrawn, Err(Error::<Test>::UnknownRequest.into()));
		let requested = InsuranceFund::request_withdraw(signed(&ALICE), 1);
		assert_eq!(requested, Err(Error::<Test>::InsufficientShares.into()));
		underwrite(&ALICE, 100);
		assert_eq!(shares_of(&ALICE), 100);
	});
}

#[test]
fn the_cost_of_a_loss_does_not_depend_on_the_number_of_underwriters() {
	let cost = |underwriters: u32| {
		let mut ext = new_test_ext();
		ext.execute_with(|| {
			report(&[(0, 2, 1_000)]);
			for i in 0..underwriters {
				let mut id = [0; 32];
				id[..4].copy_from_slice(&(i + 1).to_le_bytes());
				let who = AccountId::new(id);
				Balances::mint_into(&who, 10_000).unwrap();
				underwrite(&who, 1_000);
			}
			System::reset_events();
		});
		ext.commit_all().unwrap();
		let cover = || {
			let loss = Loss {
				stash: STASH,
				validator: Some(validator(0)),
				offence_era: 0,
				applied_in: 2,
				amount: 400,
				reported: 400,
			};
			assert_eq!(InsuranceFund::cover(&loss, &POT), 400);
		};
		let ((), proof) = ext.execute_and_prove(cover);
		ext.execute_with(cover);
		(ext.overlayed_changes().changes().count(), proof.encoded_size())
	};
	let (few, many) = (cost(1), cost(1_000));
	assert_eq!(few.0, many.0);
	// A thousand accounts more make the trie deeper, and nothing else.
	assert!(many.1 < few.1 + 4_000, "{few:?} {many:?}");
}
