// SPDX-License-Identifier: Apache-2.0

//! Records that a new runtime cannot read, or has less room for; and storage of the version before.

use crate::{
	migrations::v2, mock::*, Batches, Error, Event, PoolState, Queue, Rates, Redemptions, Reports,
	Stashes, Step,
};
use codec::Encode;
use frame_support::{
	assert_err, assert_noop, assert_ok,
	storage::unhashed,
	traits::{fungible::Mutate, GetStorageVersion, OnRuntimeUpgrade, StorageVersion},
};
use holdfast_primitives::{OnReports, Schedule, StakingBackend};
use sp_runtime::Perbill;

fn signed(who: AccountId) -> RuntimeOrigin {
	RuntimeOrigin::signed(who)
}

/// Takes the last byte off what is stored under `key`. Returns what is left.
fn damage(key: &[u8]) -> Vec<u8> {
	let mut bytes = unhashed::get_raw(key).unwrap();
	bytes.pop();
	unhashed::put_raw(key, &bytes);
	bytes
}

/// A pool with a queue, a funded batch, an open report, and work that has begun.
fn busy() {
	SlashDelay::set(3);
	assert_ok!(LiquidStaking::deposit(signed(ALICE), 10_000, 0));
	next_era();
	assert_ok!(LiquidStaking::request_redeem(signed(ALICE), 1_000));
	next_era();
	assert_ok!(LiquidStaking::request_redeem(signed(ALICE), 2_000));
	(0..3).for_each(|_| next_era());
	Staking::report(&LiquidStaking::stash_account(0), 5, 100);
	next_block();
	assert_ok!(LiquidStaking::request_redeem(signed(ALICE), 500));
	WorkLimit::set(LiquidStaking::max_step_weight());
	next_era();
	assert_eq!((pool().reported(), Batches::<Test>::iter().count()), (100, 1));
	assert_ne!(pool().phase(), crate::Phase::Idle);
	assert!(!Queue::<Test>::get().is_empty());
}

#[test]
fn books_that_cannot_be_decoded_stop_everything_and_stay_as_they_are() {
	run_unchecked(|| {
		busy();
		let key = crate::Pool::<Test>::hashed_key();
		let left = damage(&key);
		let refused = Error::<Test>::Undecodable;
		assert_noop!(LiquidStaking::deposit(signed(BOB), 1_000, 0), refused);
		let refused = Error::<Test>::Undecodable;
		assert_noop!(LiquidStaking::request_redeem(signed(ALICE), 1_000), refused);
		let refused = Error::<Test>::Undecodable;
		assert_noop!(LiquidStaking::redeem_instantly(signed(ALICE), 1_000, 0), refused);
		let refused = Error::<Test>::Undecodable;
		assert_noop!(LiquidStaking::set_parameters(RuntimeOrigin::root(), PLAIN), refused);
		let advanced = LiquidStaking::advance(signed(BOB), 10).map_err(|failed| failed.error);
		assert_eq!(advanced, Err(Error::<Test>::Undecodable.into()));
		assert_eq!(LiquidStaking::preview_deposit(1_000), None);
		assert_eq!((LiquidStaking::max_deposit(ALICE), LiquidStaking::max_redeem(ALICE)), (0, 0));
		// What was funded before does not need them.
		assert_ok!(LiquidStaking::claim(signed(BOB), 0, ALICE));
		// Nor do hooks touch them.
		LiquidStaking::reports_changed();
		events();
		let account = LiquidStaking::stash_account(0);
		let record = Stashes::<Test>::get(0);
		Staking::slash(&account, 10);
		assert!(matches!(events()[..], [Event::SlashNotBooked { stash: 0, assets }] if assets > 0));
		assert_eq!(Stashes::<Test>::get(0), record);
		use frame_support::{traits::Hooks, weights::WeightMeter};
		LiquidStaking::on_poll(System::block_number(), &mut WeightMeter::new());
		assert_eq!(unhashed::get_raw(&key), Some(left));
		assert_err!(LiquidStaking::do_try_state(), "a record cannot be decoded");
	});
}

#[test]
fn a_queue_or_reports_that_cannot_be_decoded_are_not_taken_for_empty() {
	for key in [Queue::<Test>::hashed_key(), Reports::<Test>::hashed_key()] {
		run_unchecked(|| {
			busy();
			let left = damage(&key);
			let (owed, reported) = (pool().owed(), pool().reported());
			WorkLimit::set(ENOUGH);
			use frame_support::{traits::Hooks, weights::WeightMeter};
			for _ in 0..20 {
				System::set_block_number(System::block_number() + 1);
				LiquidStaking::on_poll(System::block_number(), &mut WeightMeter::new());
			}
			Staking::begin_era(7);
			LiquidStaking::on_poll(System::block_number(), &mut WeightMeter::new());
			assert_eq!(unhashed::get_raw(&key), Some(left));
			assert_eq!((pool().owed(), pool().reported()), (owed, reported));
			let failed = |e: &Event<Test>| matches!(e, Event::StepFailed { error, .. } if *error == Error::<Test>::Undecodable.into());
			assert!(events().iter().any(failed));
			assert_err!(LiquidStaking::do_try_state(), "a record cannot be decoded");
		});
	}
}

#[test]
fn the_records_of_a_stash_a_batch_and_a_redemption_are_not_overwritten() {
	run_unchecked(|| {
		busy();
		let batch = damage(&Batches::<Test>::hashed_key_for(0));
		assert_noop!(LiquidStaking::claim(signed(BOB), 0, ALICE), Error::<Test>::Undecodable);
		assert_eq!(unhashed::get_raw(&Batches::<Test>::hashed_key_for(0)), Some(batch));

		let open = Redemptions::<Test>::hashed_key_for(ALICE, pool().open_batch());
		assert_ok!(LiquidStaking::request_redeem(signed(ALICE), 10));
		let left = damage(&open);
		let refused = Error::<Test>::Undecodable;
		assert_noop!(LiquidStaking::request_redeem(signed(ALICE), 10), refused);
		assert_eq!(unhashed::get_raw(&open), Some(left));

		let stash = Stashes::<Test>::hashed_key_for(1);
		let left = damage(&stash);
		WorkLimit::set(ENOUGH);
		use frame_support::{traits::Hooks, weights::WeightMeter};
		Staking::begin_era(7);
		LiquidStaking::on_poll(System::block_number(), &mut WeightMeter::new());
		LiquidStaking::on_poll(System::block_number(), &mut WeightMeter::new());
		assert_eq!(unhashed::get_raw(&stash), Some(left));
		assert_err!(LiquidStaking::do_try_state(), "a record cannot be decoded");
	});
}

#[test]
fn fewer_stashes_leave_none_behind() {
	run(|| {
		assert_ok!(LiquidStaking::deposit(signed(ALICE), 8_000, 0));
		next_era();
		assert_eq!(pool().stashes(), 8);
		MaxStashes::set(3);
		// What the last of them loses is still booked.
		Staking::slash(&LiquidStaking::stash_account(7), 50);
		assert_eq!(LiquidStaking::total_assets(), 7_500);
		LiquidStaking::do_try_state().unwrap();
		(0..12).for_each(|_| next_era());
		assert_eq!((pool().stashes(), pool().bonded()), (3, 7_500));
	});
}

#[test]
fn a_ledger_with_more_chunks_than_the_record_has_room_for_changes_nothing() {
	run_unchecked(|| {
		assert_ok!(LiquidStaking::deposit(signed(ALICE), 1_000, 0));
		next_era();
		let stash = LiquidStaking::stash_account(0);
		for eras in 20..27 {
			BondingDuration::set(eras);
			<Staking as StakingBackend>::unbond(&stash, 1).unwrap();
		}
		let before = Stashes::<Test>::get(0);
		events();
		use frame_support::{traits::Hooks, weights::WeightMeter};
		Staking::begin_era(2);
		LiquidStaking::on_poll(System::block_number(), &mut WeightMeter::new());
		let error = Error::<Test>::TooManyChunks.into();
		let failed = Event::StepFailed { step: Step::Withdraw, stash: Some(0), error };
		assert!(events().contains(&failed));
		assert_eq!(Stashes::<Test>::get(0), before);
	});
}

/// What version 1 had stored.
fn as_version_1(schedule: Option<Schedule<crate::Parameters>>) -> PoolState {
	let mut books = pool();
	assert_eq!(books.parameters(), None);
	books.let_funds_wait(false);
	books.take_change_of_reports();
	let mut bytes = books.encode();
	// The three fields that version 2 appends are a byte each when they are empty.
	bytes.truncate(bytes.len() - 27);
	unhashed::put_raw(&crate::Pool::<Test>::hashed_key(), &bytes);
	if let Some(schedule) = schedule {
		v2::Parameters::<Test>::put(schedule);
	}
	StorageVersion::new(1).put::<LiquidStaking>();
	if let Some(schedule) = schedule {
		books.set_parameters(schedule);
	}
	books.doubt_reports();
	books
}

#[test]
fn version_1_is_migrated_with_a_queue_open_reports_and_work_in_progress() {
	let changed = crate::Parameters { buffer: Perbill::from_percent(10), ..PLAIN };
	let set = Schedule { current: PLAIN, next: Some((1_000, changed)) };
	for schedule in [None, Some(set)] {
		run(|| {
			busy();
			let expected = as_version_1(schedule);
			let (queue, reports) = (Queue::<Test>::get(), Reports::<Test>::get());
			assert!(Rates::<Test>::iter().count() > 3);
			assert_err!(LiquidStaking::do_try_state(), "a record cannot be decoded");
			v2::MigrateV1ToV2::<Test>::on_runtime_upgrade();
			assert_eq!(
				(pool(), Queue::<Test>::get(), Reports::<Test>::get()),
				(expected, queue, reports)
			);
			assert_eq!((v2::Parameters::<Test>::get(), Rates::<Test>::iter().count()), (None, 0));
			assert_eq!(LiquidStaking::on_chain_storage_version(), StorageVersion::new(2));
			LiquidStaking::do_try_state().unwrap();
			// Once is enough.
			let before = pool();
			v2::MigrateV1ToV2::<Test>::on_runtime_upgrade();
			assert_eq!(pool(), before);
			// The work goes on, and everybody is paid.
			WorkLimit::set(ENOUGH);
			Staking::cancel(8);
			(0..8).for_each(|_| next_era());
			let had = hold(&ALICE);
			for redemption in LiquidStaking::redemptions_of(ALICE) {
				assert_ok!(LiquidStaking::claim(signed(BOB), redemption.batch, ALICE));
			}
			assert_eq!(hold(&ALICE) - had, 3_500);
		});
	}
}

/// A pool of `stashes` whose work stops when all that is planned is to be carried out yet.
fn planned(stashes: u32) -> Vec<crate::StashPlan<AccountId>> {
	MaxStashes::set(stashes);
	Fit::set((100..140).map(validator).collect());
	for index in 0..stashes {
		assert_ok!(Balances::mint_into(&LiquidStaking::stash_account(index), ED));
	}
	assert_ok!(LiquidStaking::deposit(signed(ALICE), 20_000, 0));
	next_era();
	assert_ok!(LiquidStaking::request_redeem(signed(ALICE), 10_000));
	WorkLimit::set(LiquidStaking::max_step_weight());
	next_era();
	(0..100).find(|_| {
		next_block();
		matches!(pool().phase(), crate::Phase::Rotate { .. })
	});
	assert_eq!(pool().stashes(), stashes);
	(0..stashes).map(|i| crate::era::planned::<Test>(i).unwrap()).collect()
}

#[test]
fn a_plan_of_version_1_becomes_pages() {
	run(|| {
		let plan = planned(20);
		assert!(plan.iter().any(|plan| plan.change != crate::StakeChange::Keep));
		as_version_1(None);
		crate::era::remove_plan::<Test>();
		v2::Plan::<Test>::put(&plan);
		v2::MigrateV1ToV2::<Test>::on_runtime_upgrade();
		let pages: Vec<_> = (0..2).map(|page| crate::Plan::<Test>::get(page).unwrap()).collect();
		assert_eq!(pages.iter().map(|page| page.len()).collect::<Vec<_>>(), [16, 4]);
		assert_eq!(pages.into_iter().flatten().collect::<Vec<_>>(), plan);
		assert_eq!(v2::Plan::<Test>::get(), None);
		LiquidStaking::do_try_state().unwrap();
		// Each page goes with the last stash of it.
		let steps = (0..100).take_while(|_| {
			assert_ok!(LiquidStaking::advance(signed(BOB), 1));
			pool().phase() != crate::Phase::Rebalance { stash: 16 }
		});
		assert!(steps.count() < 99);
		assert_eq!(crate::Plan::<Test>::iter_keys().collect::<Vec<_>>(), [1]);
		WorkLimit::set(ENOUGH);
		next_block();
		assert_eq!(
			(pool().phase(), crate::Plan::<Test>::iter_keys().count()),
			(crate::Phase::Idle, 0)
		);
	});
}

#[test]
fn a_plan_of_version_1_that_cannot_be_decoded_ends_the_work_of_its_era() {
	run(|| {
		let plan = planned(8);
		as_version_1(None);
		crate::era::remove_plan::<Test>();
		v2::Plan::<Test>::put(&plan);
		damage(&v2::Plan::<Test>::hashed_key());
		v2::MigrateV1ToV2::<Test>::on_runtime_upgrade();
		assert_eq!((pool().phase(), v2::Plan::<Test>::exists()), (crate::Phase::Idle, false));
		WorkLimit::set(ENOUGH);
		next_era();
		// None was chilled, and who waits is paid.
		(0..3).for_each(|_| next_era());
		assert_ok!(LiquidStaking::claim(signed(BOB), 0, ALICE));
	});
}

#[test]
fn books_that_version_1_left_undecodable_are_left_alone() {
	run_unchecked(|| {
		busy();
		as_version_1(None);
		let left = damage(&crate::Pool::<Test>::hashed_key());
		v2::MigrateV1ToV2::<Test>::on_runtime_upgrade();
		assert_eq!(unhashed::get_raw(&crate::Pool::<Test>::hashed_key()), Some(left));
		assert_noop!(LiquidStaking::deposit(signed(BOB), 1_000, 0), Error::<Test>::Undecodable);
	});
}
