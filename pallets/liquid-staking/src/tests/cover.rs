// SPDX-License-Identifier: Apache-2.0

//! What the pool tells its cover, and what it pays for it.

use crate::{mock::*, Event, Parameters};
use frame_support::assert_ok;
use holdfast_primitives::{Dues, InsuredPool, Loss, OpenReport};
use sp_runtime::Perbill;

fn deposit(assets: u128) {
	assert_ok!(LiquidStaking::deposit(RuntimeOrigin::signed(ALICE), assets, 0));
}

/// A fee of 10 %, of which 60 % are the fund's.
fn charge() {
	Defaults::set(Parameters {
		reward_fee: Perbill::from_percent(10),
		fund_share: Perbill::from_percent(60),
		..PLAIN
	});
}

#[test]
fn the_premium_leaves_the_reward_beside_the_fee() {
	run(|| {
		charge();
		Premium::set(Perbill::from_percent(5));
		deposit(100_000);
		next_era();
		earn(1, validator(100), 1_000);
		next_era();
		let (paid, taken) = (
			Event::PremiumPaid { assets: 50 },
			Event::FeeTaken { fund: 60, treasury: 40, shares: 39 },
		);
		let events = events();
		assert!(events.contains(&paid) && events.contains(&taken), "{events:?}");
		assert_eq!(hold(&INSURANCE), ED + 110);
		assert_eq!(Collected::get(), [Dues { premium: 50, fee: 60 }]);
		assert_eq!(pool().stream().amount, 850);
	});
}

#[test]
fn what_the_fund_does_not_take_of_its_fee_is_the_holders() {
	run(|| {
		charge();
		TakesFee::set(false);
		deposit(100_000);
		next_era();
		earn(1, validator(100), 1_000);
		next_era();
		assert_eq!((hold(&INSURANCE), Collected::get()), (ED, vec![]));
		assert_eq!(pool().stream().amount, 960);
	});
}

#[test]
fn a_premium_takes_no_more_than_the_fee_leaves() {
	run(|| {
		charge();
		Premium::set(Perbill::one());
		deposit(100_000);
		next_era();
		earn(1, validator(100), 1_000);
		next_era();
		assert_eq!(Collected::get(), [Dues { premium: 900, fee: 60 }]);
		assert_eq!(pool().stream().amount, 0);
	});
}

#[test]
fn cover_is_told_of_reports_when_they_have_changed() {
	run(|| {
		SlashDelay::set(2);
		deposit(100_000);
		next_era();
		let stash = LiquidStaking::stash_account(0);
		Staking::report(&stash, 1, 500);
		assert!(!LiquidStaking::reports_fresh());
		next_block();
		assert!(LiquidStaking::reports_fresh());
		let report =
			OpenReport { validator: validator(100), offence_era: 1, applied_in: 3, amount: 500 };
		assert_eq!(Told::get(), [vec![report.clone()]]);
		// Read again at the next era, and found as before.
		next_era();
		assert_eq!(Told::get().len(), 1);
		Staking::cancel(3);
		next_block();
		assert_eq!(Told::get(), [vec![report], vec![]]);
	});
}

#[test]
fn a_loss_says_how_much_of_which_report_it_settles() {
	run(|| {
		SlashDelay::set(2);
		Bite::set(40);
		deposit(100_000);
		next_era();
		let stash = LiquidStaking::stash_account(0);
		Staking::report(&stash, 1, 500);
		next_era();
		next_era();
		let loss = Loss {
			stash: stash.clone(),
			validator: Some(validator(100)),
			offence_era: 1,
			applied_in: 3,
			amount: 200,
			reported: 200,
		};
		assert_eq!(Losses::get().as_slice(), core::slice::from_ref(&loss));
		// What is left of the report has expired.
		assert_eq!(Told::get().last(), Some(&vec![]));
		Staking::slash_amount(&stash, 70);
		let unknown = Loss { validator: None, amount: 70, reported: 0, ..loss };
		assert_eq!(Losses::get()[1], unknown);
	});
}

#[test]
fn what_can_be_lost_with_a_validator_is_what_its_stashes_hold() {
	run(|| {
		Fit::set(vec![validator(100)]);
		deposit(100_000);
		next_era();
		assert_eq!(LiquidStaking::stake_with(&validator(100)), 100_000);
		assert_eq!(LiquidStaking::stake_with(&validator(101)), 0);
		// The last nomination may still be exposed.
		Fit::set(vec![validator(101)]);
		next_era();
		assert_eq!(LiquidStaking::stake_with(&validator(100)), 100_000);
		assert_eq!(LiquidStaking::stake_with(&validator(101)), 100_000);
		next_era();
		next_era();
		assert_eq!(LiquidStaking::stake_with(&validator(100)), 0);
	});
}
