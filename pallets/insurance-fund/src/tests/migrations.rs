// SPDX-License-Identifier: Apache-2.0

//! A chain with the storage of an older version is upgraded.

use crate::{
	migrations::{v1, v2, MigrateToV2},
	mock::*,
	Error, Fund, FundState, Leavers, Outcomes, Parameters,
};
use codec::{Decode, Encode};
use frame_support::{
	assert_ok,
	storage::unhashed,
	traits::{GetStorageVersion, OnRuntimeUpgrade, StorageVersion},
};
use holdfast_primitives::{Assets, LossCover};
use sp_runtime::Perbill;

/// Stores `fund` as version 1 did.
fn downgrade(fund: &FundState) -> v1::FundState {
	// It had all but the last three fields.
	let old = v1::FundState::decode(&mut &fund.encode()[..]).unwrap();
	v1::Fund::<Test>::put(&old);
	StorageVersion::new(1).put::<InsuranceFund>();
	old
}

/// Upgrades, with what is checked before and after it where it is tried.
fn upgrade() {
	let before = v2::Upgrade::<Test>::before().unwrap();
	MigrateToV2::<Test>::on_runtime_upgrade();
	v2::Upgrade::<Test>::after(before).unwrap();
	assert_eq!(InsuranceFund::on_chain_storage_version(), 2);
}

#[test]
fn a_fund_at_work_goes_on_after_the_upgrade() {
	run(|| {
		Defaults::set(Parameters {
			premium_min: Perbill::from_percent(5),
			premium_max: Perbill::from_percent(5),
			reserve_limit: Perbill::from_percent(50),
			target_floor: 10_000,
			..PLAIN
		});
		eras(2);
		// Underwriters, a leaver, a reserve that has paid, premium on its way; claims and provisions of
		// two eras, one of which is resolved.
		Operators::set(&validator(1), 200);
		assert_ok!(InsuranceFund::underwrite(signed(&ALICE), 1_000, 0));
		assert_ok!(InsuranceFund::underwrite(signed(&BOB), 3_000, 0));
		assert_ok!(InsuranceFund::top_up_reserve(signed(&CHARLIE), 1_000));
		let alices = request(&ALICE, 1_000);
		let bobs = request(&BOB, 500);
		eras(BONDING + 2);
		slash(3, era(), 40, 0);
		book_reward(2_000, 10);
		report(&[(0, era() + 1, 400), (1, era() + 2, 300), (2, era() + 2, 100)]);
		assert_ok!(withdraw(&ALICE, alices));
		report(&[(1, era() + 2, 300), (2, era() + 2, 100)]);
		let (before, claims, paid) = (fund(), InsuranceFund::claims(0), hold(&ALICE));
		assert!(before.bonds().0 > 0 && before.locked().0 > 0 && before.reserve().0 > 0);
		assert!(Outcomes::<Test>::iter().count() == 1 && Leavers::<Test>::iter().count() == 1);
		downgrade(&before);
		// What is stored means something else now, and is not taken for it.
		assert!(InsuranceFund::do_try_state().is_err());

		upgrade();
		let mut without_bonds = before.clone();
		without_bonds.reduce_bonds(before.bonds());
		assert_eq!(fund(), without_bonds);
		assert_eq!(InsuranceFund::claims(0), claims);
		// Bonds count from the next era on; until then the pool's price is too low, not too high.
		assert!(InsuranceFund::uncovered(6_000) > before.uncovered(Assets(6_000)).0);
		next_era();
		assert!(fund().bonds().0 > 0);

		// A second time, nothing happens.
		let after = fund();
		MigrateToV2::<Test>::on_runtime_upgrade();
		assert_eq!(fund(), after);
		next_era();
		assert_eq!(slash(1, era(), 300, 300), 300);
		report(&[]);
		assert_ok!(withdraw(&ALICE, alices));
		assert!(hold(&ALICE) > paid);
		assert_eq!(withdraw(&BOB, bobs), Err(Error::<Test>::Lapsed.into()));
	});
}

#[test]
fn those_who_cannot_leave_at_the_time_of_the_upgrade_keep_their_requests() {
	run(|| {
		assert_ok!(InsuranceFund::underwrite(signed(&ALICE), 1_000, 0));
		let id = request(&ALICE, 1_000);
		eras(BONDING + 2);
		report(&[(0, era() + 3, 1_000)]);
		downgrade(&fund());
		upgrade();
		eras(2);
		report(&[]);
		assert_ok!(withdraw(&ALICE, id));
	});
}

#[test]
fn a_reserve_without_an_era_pays_after_the_upgrade() {
	run(|| {
		Fund::<Test>::kill();
		ActiveEra::set(None);
		assert_ok!(InsuranceFund::top_up_reserve(signed(&ALICE), 1_000));
		let mut fund = fund();
		fund.set_limit(Perbill::zero());
		fund.set_target(fund.target(), false);
		downgrade(&fund);
		upgrade();
		assert_eq!(slash(0, 0, 400, 0), 400);
	});
}

#[test]
fn a_chain_without_books_is_upgraded() {
	run(|| {
		Fund::<Test>::kill();
		StorageVersion::new(1).put::<InsuranceFund>();
		upgrade();
		assert!(!Fund::<Test>::exists());
	});
}

#[test]
fn books_that_cannot_be_decoded_are_left_as_they_are() {
	new_test_ext().execute_with(|| {
		let whole = downgrade(&fund()).encode();
		let short = &whole[..whole.len() - 1];
		unhashed::put_raw(&Fund::<Test>::hashed_key(), short);
		assert!(v2::Upgrade::<Test>::before().is_err());
		MigrateToV2::<Test>::on_runtime_upgrade();
		assert_eq!(unhashed::get_raw(&Fund::<Test>::hashed_key()).as_deref(), Some(short));
		let given = InsuranceFund::top_up_reserve(signed(&ALICE), 1_000);
		assert_eq!(given, Err(Error::<Test>::Undecodable.into()));
		assert_eq!(InsuranceFund::uncovered(5), 5);
	});
}
