// SPDX-License-Identifier: Apache-2.0

//! A chain with the storage of an older version is upgraded.

use crate::{
	migrations::{v1, v2, MigrateToV2},
	mock::*,
	*,
};
use codec::Encode;
use frame_support::{
	assert_noop, assert_ok,
	storage::unhashed,
	traits::{GetStorageVersion, OnRuntimeUpgrade, StorageVersion},
};
use holdfast_primitives::{OperatorBonds, Schedule, ValidatorSelection};
use sp_runtime::Perbill;

/// Stores the parameters and the round as version 1 did.
fn downgrade(set: Option<Parameters>) {
	match set {
		Some(set) => v1::Parameters::<Test>::put(set),
		None => v1::Parameters::<Test>::kill(),
	}
	let key = CurrentRound::<Test>::hashed_key();
	if let Some(mut round) = unhashed::get_raw(&key) {
		// It had all but the last field.
		round.truncate(round.len() - Defaults::get().encode().len());
		unhashed::put_raw(&key, &round);
	}
	StorageVersion::new(1).put::<Registry>();
}

/// Upgrades, with what is checked before and after it where it is tried.
fn upgrade() {
	let before = v2::Upgrade::<Test>::before().unwrap();
	MigrateToV2::<Test>::on_runtime_upgrade();
	v2::Upgrade::<Test>::after(before).unwrap();
	assert_eq!(Registry::on_chain_storage_version(), 2);
}

/// Operators with debts and a suspension, a plan, and a round that has scored one of two pages.
fn at_work() -> Vec<Option<u64>> {
	operator(10, "acme eu own node", &(100..116).collect::<Vec<_>>());
	operator(11, "other us cloud other", &(116..132).collect::<Vec<_>>());
	let chosen = plan(&[None; 10], 1_000);
	(100..132).for_each(|v| fake(v, |fake| fake.ours = 1_000));
	assert_ok!(Registry::bond_more(signed(10), 500));
	assert_ok!(Registry::request_bond_release(signed(10), 200));
	assert_ok!(Registry::suspend(signed(GUARDIAN), 11, 3));
	assert_ok!(Registry::suspend(RuntimeOrigin::root(), 11, 0));
	assert_eq!(Registry::pay(&130, 1_500, &20), 1_000);
	assert_ok!(Registry::bond_more(signed(11), 1_500));
	next_era();
	assert!(Registry::prepare(Era::get()).is_some());
	assert!(Registry::prepare(Era::get()).is_some());
	assert_eq!(Registry::validators().len(), 16);
	chosen
}

#[test]
fn a_registry_at_work_goes_on_after_the_upgrade() {
	let set = Parameters { churn: 7, hysteresis: 60, ..Defaults::get() };
	for set in [None, Some(set)] {
		run(|| {
			let chosen = at_work();
			let operators = Registry::operators();
			let (plan_before, round) = (LastPlan::<Test>::get(), CurrentRound::<Test>::get());
			downgrade(set);
			// What is stored means something else now, and is not taken for it.
			assert!(Registry::do_try_state().is_err());

			upgrade();
			let current = set.unwrap_or(Defaults::get());
			assert_eq!(ParametersSchedule::<Test>::get(), Schedule { current, next: None });
			assert_eq!(ParametersSchedule::<Test>::exists(), set.is_some());
			assert_eq!((Registry::operators(), LastPlan::<Test>::get()), (operators, plan_before));
			let after = CurrentRound::<Test>::get().unwrap();
			assert_eq!(*after.parameters(), current);
			assert_eq!((after.era(), after.is_done()), (Era::get(), round.unwrap().is_done()));
			// The round goes on where it was, and nothing moves.
			assert_eq!(Registry::validators().len(), 16);
			assert_eq!(plan(&chosen, 1_000), chosen);
			assert_eq!(Registry::validators().len(), 32);

			// A second time, nothing happens.
			let after = (ParametersSchedule::<Test>::get(), CurrentRound::<Test>::get());
			MigrateToV2::<Test>::on_runtime_upgrade();
			assert_eq!((ParametersSchedule::<Test>::get(), CurrentRound::<Test>::get()), after);
			set_parameters(|p| p.churn = 9);
			assert_eq!(parameters().churn, 9);
		});
	}
}

#[test]
fn parameters_that_are_out_of_bounds_are_brought_within() {
	run(|| {
		at_work();
		let set = Parameters {
			validator_cap: Perbill::from_parts(1),
			coverage_multiple: u32::MAX,
			max_commission: Perbill::one(),
			churn: 9,
			..Defaults::get()
		};
		downgrade(Some(set));
		upgrade();
		let expected = Parameters {
			validator_cap: Perbill::from_percent(1),
			coverage_multiple: 1_000,
			max_commission: Perbill::from_percent(50),
			..set
		};
		assert_eq!(parameters(), expected);
	});
}

#[test]
fn a_chain_without_a_round_is_upgraded() {
	run(|| {
		downgrade(None);
		upgrade();
		assert!(!CurrentRound::<Test>::exists() && !ParametersSchedule::<Test>::exists());
	});
}

#[test]
fn parameters_that_cannot_be_decoded_are_left_as_they_are() {
	unchecked(|| {
		at_work();
		downgrade(Some(Defaults::get()));
		let key = ParametersSchedule::<Test>::hashed_key();
		let mut short = unhashed::get_raw(&key).unwrap();
		short.pop();
		unhashed::put_raw(&key, &short);
		assert!(v2::Upgrade::<Test>::before().is_err());
		MigrateToV2::<Test>::on_runtime_upgrade();
		assert_eq!(unhashed::get_raw(&key), Some(short));
		assert_noop!(
			Registry::set_parameters(RuntimeOrigin::root(), Defaults::get()),
			Error::<Test>::Undecodable
		);
		// The round goes on with the default ones.
		assert_eq!(*CurrentRound::<Test>::get().unwrap().parameters(), Defaults::get());
		score_all_unchecked();
		assert_eq!(Registry::validators().len(), 32);
	});
}

#[test]
fn a_round_that_cannot_be_decoded_is_made_anew() {
	run(|| {
		let chosen = at_work();
		downgrade(None);
		let key = CurrentRound::<Test>::hashed_key();
		let mut short = unhashed::get_raw(&key).unwrap();
		short.pop();
		unhashed::put_raw(&key, &short);
		assert!(v2::Upgrade::<Test>::before().is_err());
		MigrateToV2::<Test>::on_runtime_upgrade();
		assert_eq!(unhashed::get_raw(&key), Some(short));
		assert_eq!(plan(&chosen, 1_000), chosen);
	});
}
