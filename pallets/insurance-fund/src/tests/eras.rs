// SPDX-License-Identifier: Apache-2.0

use crate::{mock::*, Event, Parameters};
use frame_support::{assert_ok, traits::fungible::Mutate};
use holdfast_primitives::{Dues, LossCover};
use sp_runtime::Perbill;

fn percent(part: u32) -> Perbill {
	Perbill::from_percent(part)
}

/// From 2 % to 22 % of the rewards, at most 1 % of what the underwriters have.
const INSURED: Parameters = Parameters {
	min_underwriting: 100,
	premium_min: Perbill::from_percent(2),
	premium_max: Perbill::from_percent(22),
	yield_max: Perbill::from_percent(1),
	reserve_limit: Perbill::one(),
	target_floor: 1_000,
	target_cap: 1_000_000,
};

#[test]
fn the_target_follows_the_risk_once_an_era() {
	run(|| {
		Defaults::set(INSURED);
		LargestLoss::set(5_000);
		ExpectedLoss::set(700);
		assert_eq!(fund().target().0, 0);
		next_era();
		assert_eq!(fund().target().0, 5_700);
		let set = Event::TargetSet { era: 1, target: 5_700, assets: 0, premium: percent(22) };
		assert_eq!(events(), [set]);
		LargestLoss::set(6_000);
		next_block();
		assert_eq!(fund().target().0, 5_700);
		next_era();
		assert_eq!(fund().target().0, 6_700);
		LargestLoss::set(u128::MAX);
		next_era();
		assert_eq!(fund().target().0, 1_000_000);
		LargestLoss::set(0);
		next_era();
		assert_eq!(fund().target().0, 1_000);
	});
}

#[test]
fn where_nominators_cannot_be_slashed_target_and_premium_are_the_least() {
	run(|| {
		Defaults::set(INSURED);
		LargestLoss::set(100_000);
		Slashable::set(false);
		next_era();
		assert_eq!(fund().target().0, 1_000);
		assert_eq!(InsuranceFund::coverage().premium, percent(2));
	});
}

#[test]
fn the_premium_rises_with_the_shortfall_and_is_bounded_by_what_is_underwritten() {
	run(|| {
		Defaults::set(INSURED);
		LargestLoss::set(100_000);
		next_era();
		// Nobody to pay it to.
		assert_eq!(InsuranceFund::dues(10_000, 0), Dues { premium: 0, fee: 0 });
		assert_ok!(InsuranceFund::underwrite(signed(&ALICE), 10_000, 0));
		// 2 % + 20 % * 0.9^2 of the reward.
		assert_eq!(InsuranceFund::dues(500, 0).premium, 91);
		// 1 % of what Alice has.
		assert_eq!(InsuranceFund::dues(10_000, 0).premium, 100);
		// A report does not raise it, nor lower it: who could invent one would earn by that.
		report(&[(0, 3, 10_000)]);
		assert_eq!(InsuranceFund::dues(500, 0).premium, 91);
		// Nobody gets more by the reserve being full, but for the least.
		assert_ok!(InsuranceFund::top_up_reserve(signed(&BOB), 90_000));
		assert_eq!(InsuranceFund::dues(500, 0).premium, 10);
	});
}

#[test]
fn the_reserve_takes_its_fee_until_the_target_is_met() {
	run(|| {
		Defaults::set(INSURED);
		next_era();
		assert_eq!(book_reward(10_000, 600), Dues { premium: 0, fee: 600 });
		assert_eq!(book_reward(10_000, 600), Dues { premium: 0, fee: 400 });
		assert_eq!(book_reward(10_000, 600), Dues { premium: 0, fee: 0 });
		assert_eq!(fund().reserve().0, 1_000);
		slash(0, 1, 250, 0);
		assert_eq!(book_reward(10_000, 600), Dues { premium: 0, fee: 250 });
	});
}

#[test]
fn the_premium_reaches_the_underwriters_over_an_era() {
	run(|| {
		Defaults::set(Parameters { premium_min: percent(10), ..INSURED });
		eras(2);
		assert_ok!(InsuranceFund::underwrite(signed(&ALICE), 10_000, 0));
		events();
		assert_eq!(book_reward(1_000, 0).premium, 100);
		assert_eq!(events(), [Event::Collected { premium: 100, fee: 0 }]);
		let released = || fund().released(System::block_number()).0;
		assert_eq!(released(), 10_000);
		(0..5).for_each(|_| next_block());
		assert_eq!(released(), 10_050);
		next_era();
		assert_eq!(released(), 10_100);
	});
}

#[test]
fn what_is_sent_to_the_account_becomes_the_reserves_in_the_next_era() {
	run(|| {
		assert_ok!(InsuranceFund::underwrite(signed(&ALICE), 1_000, 0));
		Balances::mint_into(&InsuranceFund::account(), 777).unwrap();
		next_block();
		assert_eq!(fund().reserve().0, 0);
		// It does not pay before it is booked.
		assert_eq!(slash(0, 0, 1_200, 0), 1_000);
		next_era();
		assert_eq!((fund().reserve().0, fund().underwriting().0), (777, 0));
		assert!(events().contains(&Event::Swept { assets: 777 }));
		next_era();
		assert_eq!(fund().reserve().0, 777);
	});
}

#[test]
fn an_era_that_is_not_known_is_waited_for() {
	run(|| {
		ActiveEra::set(None);
		Defaults::set(INSURED);
		next_block();
		assert_eq!(fund().target().0, 0);
		ActiveEra::set(Some(5));
		next_block();
		assert_eq!(fund().target().0, 1_000);
	});
}

#[test]
fn the_length_of_an_era_is_measured_also_over_several() {
	run(|| {
		eras(2);
		assert_eq!(fund().era_length(), BLOCKS_PER_ERA);
		System::set_block_number(System::block_number() + 5 * BLOCKS_PER_ERA);
		ActiveEra::set(Some(era() + 5));
		next_block();
		assert_eq!(fund().era_length(), BLOCKS_PER_ERA);
	});
}
