// SPDX-License-Identifier: Apache-2.0

//! What a second audit found.

use crate::{migrations::v2, mock::*, Parameters, Phase, Pool, Stashes};
use codec::Encode;
use frame_support::{
	assert_ok,
	dispatch::Pays,
	storage::unhashed,
	traits::{fungibles::Mutate, tokens::Preservation, OnRuntimeUpgrade, StorageVersion},
};
use holdfast_primitives::{Balance, OnReports, Schedule, StakingBackend};
use sp_runtime::{AccountId32, FixedU128, Perbill};

fn signed(who: AccountId) -> RuntimeOrigin {
	RuntimeOrigin::signed(who)
}

fn stash(index: u32) -> AccountId {
	LiquidStaking::stash_account(index)
}

fn active(index: u32) -> Balance {
	Stashes::<Test>::get(index).map_or(0, |stash| stash.active())
}

fn nominates(index: u32) -> bool {
	!<Staking as StakingBackend>::nominations(&stash(index)).is_empty()
}

fn with_buffer(percent: u32) -> Parameters {
	Parameters { buffer: Perbill::from_percent(percent), ..PLAIN }
}

// What is idle and what unbonds.

/// A batch of 1,000 that waits for 600 idle assets and 400 that are free in era 5. A report of era 2 has
/// made the plan of era 3 unbond 50 more, free in era 6, and is cancelled.
fn a_batch_that_can_be_paid_in_era_5() {
	SlashDelay::set(3);
	assert_ok!(LiquidStaking::deposit(signed(ALICE), 4_000, 0));
	next_era();
	assert_ok!(LiquidStaking::deposit(signed(BOB), 600, 0));
	assert_ok!(LiquidStaking::request_redeem(signed(ALICE), 1_000));
	next_era();
	assert_eq!((pool().idle(), pool().unbonding(), pool().owed()), (600, 400, 1_000));
	Staking::report(&stash(0), 2, 500);
	next_era();
	assert_eq!((pool().idle(), pool().unbonding(), pool().owed()), (600, 450, 1_000));
	Staking::cancel(5);
	next_block();
	assert_eq!(pool().reported(), 0);
}

#[test]
fn idle_assets_that_a_batch_waits_for_are_not_staked_because_later_ones_unbond() {
	run(|| {
		a_batch_that_can_be_paid_in_era_5();
		next_era();
		next_era();
		assert_eq!((pool().idle(), pool().owed()), (0, 0), "idle and owed in era 5");
	});
}

#[test]
fn instant_redemptions_leave_what_a_batch_waits_for_before_later_chunks_are_free() {
	run(|| {
		a_batch_that_can_be_paid_in_era_5();
		let _ = LiquidStaking::redeem_instantly(signed(BOB), 50, 0);
		next_era();
		next_era();
		assert_eq!(pool().owed(), 0, "idle in era 5: {}", pool().idle());
	});
}

#[test]
fn a_deposit_between_settlement_and_plan_does_not_close_instant_redemptions_for_an_era() {
	run(|| {
		Defaults::set(with_buffer(10));
		assert_ok!(LiquidStaking::deposit(signed(ALICE), 10_000, 0));
		next_era();
		next_era();
		assert_eq!(LiquidStaking::instant_capacity().available, 1_000);
		PrepareSteps::set(20);
		WorkLimit::set(LiquidStaking::max_step_weight());
		next_era();
		while pool().phase() != Phase::Score {
			next_block();
		}
		assert_ok!(LiquidStaking::deposit(signed(BOB), 1_200, 0));
		WorkLimit::set(ENOUGH);
		next_block();
		assert_eq!((pool().phase(), pool().idle()), (Phase::Idle, 1_120));
		assert!(
			LiquidStaking::instant_capacity().available >= 1_000,
			"of {} idle and unowed assets {} are available",
			pool().idle(),
			LiquidStaking::instant_capacity().available,
		);
	});
}

// Places and sizes.

#[test]
fn a_stash_that_earns_is_not_emptied_because_a_deposit_would_make_it_too_large() {
	run(|| {
		assert_ok!(LiquidStaking::deposit(signed(ALICE), 4_000, 0));
		next_era();
		(1..8).for_each(|i| Staking::kick(&stash(i)));
		assert_ok!(LiquidStaking::deposit(signed(BOB), 4_000, 0));
		Cap::set(Perbill::from_percent(99));
		next_era();
		// It grows to twice the mean of all, which is as much as any place holds.
		assert_eq!((active(0), nominates(0), pool().unbonding()), (1_166, true, 0));
	});
}

#[test]
fn a_deposit_for_which_the_caps_have_no_room_unbonds_nothing() {
	run(|| {
		assert_ok!(LiquidStaking::deposit(signed(ALICE), 4_000, 0));
		next_era();
		// One operator is fit, and may have a fourth: two stashes.
		Cap::set(Perbill::from_percent(25));
		next_era();
		let earning = || (0..8).filter(|i| nominates(*i)).map(active).sum::<Balance>();
		assert_eq!((earning(), pool().idle(), pool().unbonding()), (1_000, 0, 0));
		assert_ok!(LiquidStaking::deposit(signed(BOB), 800, 0));
		let eras: Vec<(Balance, Balance, Balance)> = (0..5)
			.map(|_| {
				next_era();
				(earning(), pool().idle(), pool().unbonding())
			})
			.collect();
		let unbonds = eras.iter().any(|(_, _, unbonding)| *unbonding > 0);
		let earns = eras.iter().all(|(earning, ..)| *earning >= 900);
		assert!(earns && !unbonds, "earning, idle, unbonding: {eras:?}");
	});
}

#[test]
fn what_is_deposited_does_not_go_to_stashes_that_are_to_be_emptied() {
	run(|| {
		assert_ok!(LiquidStaking::deposit(signed(ALICE), 4_000, 0));
		next_era();
		MaxStashes::set(4);
		assert_ok!(LiquidStaking::deposit(signed(BOB), 800, 0));
		next_era();
		let beyond: Vec<Balance> = (4..8).map(active).collect();
		assert!(beyond.iter().all(|active| *active <= 500), "beyond the most: {beyond:?}");
	});
}

// Prices under reports.

#[test]
fn the_price_of_those_who_stay_does_not_fall_when_others_leave_at_once() {
	run(|| {
		SlashDelay::set(3);
		Defaults::set(with_buffer(50));
		assert_ok!(LiquidStaking::deposit(signed(ALICE), 90_000, 0));
		assert_ok!(LiquidStaking::deposit(signed(BOB), 10_000, 0));
		next_era();
		assert_ok!(LiquidStaking::request_redeem(signed(ALICE), 90_000));
		next_era();
		Staking::report(&stash(0), 2, 3_750);
		next_block();
		assert_eq!(LiquidStaking::preview_redeem(10_000), Some(9_625));
		assert_ok!(LiquidStaking::redeem_instantly(signed(BOB), 5_000, 0));
		next_block();
		let stay = LiquidStaking::preview_redeem(5_000).unwrap();
		assert!(stay >= 4_812, "5,000 shares are quoted {stay}");
	});
}

#[test]
fn the_price_under_a_report_that_is_covered_in_part_does_not_fall_when_others_leave_at_once() {
	run(|| {
		SlashDelay::set(3);
		Defaults::set(with_buffer(50));
		Covers::set(Perbill::one());
		Capacity::set(3_000);
		assert_ok!(LiquidStaking::deposit(signed(ALICE), 90_000, 0));
		assert_ok!(LiquidStaking::deposit(signed(BOB), 10_000, 0));
		next_era();
		Staking::report(&stash(0), 1, 5_000);
		next_block();
		// Of 5,000 they stand to lose 2,000.
		assert_eq!(LiquidStaking::preview_redeem(10_000), Some(9_800));
		assert_ok!(LiquidStaking::redeem_instantly(signed(ALICE), 40_000, 0));
		assert_eq!(pool().withheld(), 800);
		assert_eq!(LiquidStaking::preview_redeem(10_000), Some(9_800));
		(0..3).for_each(|_| next_era());
		assert_eq!((pool().reported(), pool().withheld()), (0, 0));
		assert_eq!(LiquidStaking::preview_redeem(10_000), Some(9_800));
	});
}

#[test]
fn the_price_does_not_fall_when_a_report_lands_that_is_covered() {
	run(|| {
		SlashDelay::set(3);
		Defaults::set(with_buffer(50));
		Covers::set(Perbill::one());
		Capacity::set(1_000);
		assert_ok!(LiquidStaking::deposit(signed(ALICE), 90_000, 0));
		assert_ok!(LiquidStaking::deposit(signed(BOB), 10_000, 0));
		next_era();
		Staking::report(&stash(0), 1, 1_000);
		next_era();
		Staking::report(&stash(1), 2, 1_000);
		next_block();
		assert_eq!(LiquidStaking::preview_redeem(10_000), Some(9_900));
		assert_ok!(LiquidStaking::redeem_instantly(signed(ALICE), 40_000, 0));
		(0..2).for_each(|_| next_era());
		// The first took all that the cover has. What was withheld is kept for the second.
		assert_eq!((pool().reported(), pool().withheld()), (1_000, 400));
		assert_eq!(LiquidStaking::preview_redeem(10_000), Some(9_900));
		next_era();
		assert_eq!((pool().reported(), pool().withheld(), pool().pending_rewards()), (0, 0, 0));
		assert_eq!(LiquidStaking::preview_redeem(10_000), Some(9_900));
	});
}

#[test]
fn who_enters_an_empty_pool_is_not_quoted_the_reports_of_those_who_have_left() {
	run(|| {
		SlashDelay::set(3);
		assert_ok!(LiquidStaking::deposit(signed(ALICE), 90_000, 0));
		next_era();
		assert_ok!(LiquidStaking::request_redeem(signed(ALICE), 90_000));
		next_era();
		Staking::report(&stash(0), 2, 1_000);
		next_block();
		assert_ok!(LiquidStaking::deposit(signed(BOB), 1_000, 0));
		next_block();
		next_block();
		let quoted = LiquidStaking::preview_redeem(1_000).unwrap();
		LiquidStaking::reports_changed();
		next_block();
		// 1,000 of what 91,000 bear.
		assert_eq!(LiquidStaking::preview_redeem(1_000), Some(989));
		assert!(quoted >= 980, "quoted until the reports are read: {quoted}");
	});
}

#[test]
fn a_price_under_two_reports_is_not_better_than_after_both_have_landed() {
	run(|| {
		SlashDelay::set(3);
		Covers::set(Perbill::one());
		Capacity::set(1_000);
		assert_ok!(LiquidStaking::deposit(signed(ALICE), 90_000, 0));
		assert_ok!(LiquidStaking::deposit(signed(BOB), 10_000, 0));
		next_era();
		assert_ok!(LiquidStaking::request_redeem(signed(ALICE), 90_000));
		next_era();
		// For the first the batch is liable, too; for the second, the holders alone.
		Staking::report(&stash(0), 2, 1_000);
		next_era();
		Staking::report(&stash(1), 3, 1_000);
		next_block();
		let quoted = LiquidStaking::preview_redeem(10_000).unwrap();
		(0..3).for_each(|_| next_era());
		assert_eq!(pool().reported(), 0);
		let worth = LiquidStaking::preview_redeem(10_000).unwrap();
		assert!(quoted <= worth, "quoted {quoted}, worth {worth}");
	});
}

// Work.

#[test]
fn what_was_withheld_is_paid_when_the_slash_has_landed_in_the_same_era() {
	run(|| {
		SlashDelay::set(3);
		LandsLate::set(true);
		Covers::set(Perbill::from_percent(50));
		assert_ok!(LiquidStaking::deposit(signed(ALICE), 10_000, 0));
		next_era();
		assert_ok!(LiquidStaking::request_redeem(signed(ALICE), 1_000));
		next_era();
		Staking::report(&stash(0), 2, 100);
		(0..3).for_each(|_| next_era());
		// Funded, less its part of the report.
		assert_eq!((pool().reported(), pool().owed()), (100, 10));
		Staking::land(5);
		(0..5).for_each(|_| next_block());
		assert_eq!((pool().reported(), pool().owed()), (0, 0), "reported and owed in era 5");
	});
}

#[test]
fn what_does_not_push_the_work_on_is_not_free() {
	run(|| {
		assert_ok!(LiquidStaking::deposit(signed(ALICE), 4_000, 0));
		(0..2).for_each(|_| next_era());
		PrepareSteps::set(1_000);
		InProgress::set(true);
		WorkLimit::set(LiquidStaking::max_step_weight());
		next_era();
		(0..6).for_each(|_| next_block());
		let before = (pool().phase(), Prepared::get());
		let free = (0..100)
			.filter(|_| {
				let advanced = LiquidStaking::advance(signed(BOB), 1);
				advanced.is_ok_and(|info| info.pays_fee == Pays::No)
			})
			.count();
		let pushed = (pool().phase(), Prepared::get()) != before;
		assert!(pushed || free == 0, "{free} free calls in one block have changed nothing");
	});
}

#[test]
fn what_a_stash_earned_before_it_lost_all_is_collected() {
	run(|| {
		Fit::set((100..108).map(validator).collect());
		assert_ok!(LiquidStaking::deposit(signed(ALICE), 4_000, 0));
		(0..2).for_each(|_| next_era());
		// It is exposed in era 3 already, whose election is over.
		Staking::slash(&stash(7), 100);
		earn(3, validator(107), 50);
		next_era();
		let before = LiquidStaking::total_assets() + pool().unreleased(System::block_number());
		(0..2).for_each(|_| next_era());
		let after = LiquidStaking::total_assets() + pool().unreleased(System::block_number());
		assert_eq!(after - before, 50);
	});
}

// Upgrades and views.

/// Books of version 1, and what governance had set.
fn version_1() -> Vec<u8> {
	let key = Pool::<Test>::hashed_key();
	let mut bytes = unhashed::get_raw(&key).unwrap();
	bytes.truncate(bytes.len() - 27);
	unhashed::put_raw(&key, &bytes);
	StorageVersion::new(1).put::<LiquidStaking>();
	Schedule { current: with_buffer(10), next: None::<(u32, Parameters)> }.encode()
}

#[test]
fn the_migration_keeps_parameters_that_cannot_be_decoded() {
	run_unchecked(|| {
		assert_ok!(LiquidStaking::deposit(signed(ALICE), 10_000, 0));
		let mut parameters = version_1();
		parameters.pop();
		let key = v2::Parameters::<Test>::hashed_key();
		unhashed::put_raw(&key, &parameters);
		v2::MigrateV1ToV2::<Test>::on_runtime_upgrade();
		assert_eq!(
			unhashed::get_raw(&key),
			Some(parameters),
			"they act: {:?}",
			pool().parameters()
		);
	});
}

#[test]
fn the_migration_keeps_parameters_of_books_that_cannot_be_decoded() {
	run_unchecked(|| {
		assert_ok!(LiquidStaking::deposit(signed(ALICE), 10_000, 0));
		let parameters = version_1();
		let key = v2::Parameters::<Test>::hashed_key();
		unhashed::put_raw(&key, &parameters);
		let mut books = unhashed::get_raw(&Pool::<Test>::hashed_key()).unwrap();
		books.pop();
		unhashed::put_raw(&Pool::<Test>::hashed_key(), &books);
		v2::MigrateV1ToV2::<Test>::on_runtime_upgrade();
		assert_eq!(unhashed::get_raw(&Pool::<Test>::hashed_key()), Some(books));
		assert_eq!(unhashed::get_raw(&key), Some(parameters));
	});
}

#[test]
fn books_that_cannot_be_decoded_are_not_worth_one_asset_a_share() {
	run_unchecked(|| {
		assert_ok!(LiquidStaking::deposit(signed(ALICE), 10_000, 0));
		let key = Pool::<Test>::hashed_key();
		let mut books = unhashed::get_raw(&key).unwrap();
		books.pop();
		unhashed::put_raw(&key, &books);
		assert_ne!(LiquidStaking::exchange_rate(), FixedU128::from_u32(1));
	});
}

#[test]
fn the_largest_instant_redemption_of_an_account_without_assets_succeeds() {
	run(|| {
		Defaults::set(with_buffer(50));
		assert_ok!(LiquidStaking::deposit(signed(ALICE), 10_000, 0));
		next_era();
		let dave = AccountId32::new([20; 32]);
		let keep = Preservation::Preserve;
		assert_ok!(<Assets as Mutate<_>>::transfer(0, &ALICE, &dave, 5, keep));
		let most = LiquidStaking::max_redeem_instantly(dave.clone());
		if most > 0 {
			assert_ok!(LiquidStaking::redeem_instantly(signed(dave), most, 0));
		}
	});
}

#[test]
fn the_fee_of_an_instant_redemption_is_at_most_what_the_view_says() {
	run(|| {
		let rates = (Perbill::from_percent(1), Perbill::from_percent(5));
		let (instant_fee_min, instant_fee_max) = rates;
		Defaults::set(Parameters { instant_fee_min, instant_fee_max, ..with_buffer(10) });
		assert_ok!(LiquidStaking::deposit(signed(ALICE), 10_000, 0));
		(0..4).for_each(|_| next_era());
		earn(4, validator(100), 2_000);
		next_era();
		let worth = LiquidStaking::preview_redeem(500).unwrap();
		let most = LiquidStaking::instant_capacity().fee_at_most;
		let paid = LiquidStaking::preview_redeem_instantly(500).unwrap();
		assert!(worth - paid <= most.mul_ceil(worth), "a fee of {} of {worth}", worth - paid);
	});
}
