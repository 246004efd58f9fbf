// SPDX-License-Identifier: Apache-2.0

//! What is stored keeps its encoding, whatever its fields are called. Parameters and the round are compared
//! with those of version 1 in `migrations.rs`.

use crate::{mock::*, records::Terms, *};
use codec::{Decode, Encode};
use frame_support::assert_ok;
use holdfast_primitives::OperatorBonds;
use sp_runtime::Perbill;

#[test]
fn an_operator_is_stored_as_before() {
	run(|| {
		operator(10, "acme eu own node", &[100]);
		assert_ok!(Registry::add_validator(signed(10), 101));
		assert_ok!(Registry::bond_more(signed(10), 500));
		assert_ok!(Registry::request_bond_release(signed(10), 300));
		assert_ok!(Registry::suspend(signed(GUARDIAN), 10, 2));
		let labels = ["acme", "eu", "own", "node"].map(|label| label.as_bytes().to_vec());
		let identity = cluster_of(&profile("acme eu own node").operator);
		let plain = (
			(labels, [true; 4], Some(identity), 1_500u128),
			(Some((300u128, 15u32)), Some(12u32), false),
			(vec![100u64], vec![101u64]),
		);
		assert_eq!(Operators::<Test>::get(10).unwrap().encode(), plain.encode());
		assert_eq!(GuardianRuns::<Test>::get(10).unwrap().encode(), (10u32, 12u32).encode());
	});
}

#[test]
fn a_validator_is_stored_as_before() {
	let mut record = Validator::<u64>::join(10, &Terms::newcomer(5, 2), Some(3), 5);
	record.attest(true);
	record.leave(6);
	record.plan(7, true);
	record.note_idle(false, 8, 20);
	let percent = Perbill::from_percent;
	let plain = (
		(10u64, true, 7u32, Some(6u32), percent(25), percent(50), Some(3u32)),
		([Perbill::zero(); 2], 5u32, Some(7u32), Some(7u32), Some(8u32)),
	);
	assert_eq!(record.encode(), plain.encode());

	let mut standing = Standing::default();
	standing.must_show(2);
	standing.count(9, 3);
	standing.count(8, 4);
	assert_eq!(standing.encode(), (8u128, Some(4u32), 2u32).encode());
}

#[test]
fn a_debt_and_a_plan_are_stored_as_before() {
	run(|| {
		operator(10, "acme eu own node", &[100]);
		assert_eq!(plan(&[None, Some(7)], 1_000), [Some(100), None]);
		let last = LastPlan::<Test>::get().unwrap();
		// The second stash had no place before either.
		let changes = vec![(0u32, None::<u64>, Some(100u64), 0u8)];
		assert_eq!(last.encode(), (10u32, changes, 1u32, vec![100u64]).encode());
		assert_eq!(Assigned::<Test>::get().encode(), vec![(0u32, 100u64)].encode());

		assert_eq!(Registry::pay(&100, 1_500, &20), 1_000);
		let identity = cluster_of(&profile("acme eu own node").operator);
		let debt = Debts::<Test>::get(100).unwrap();
		assert_eq!(debt.encode(), (500u128, Some(identity)).encode());
		let owed = OwedBy::<Test>::get(identity).unwrap();
		assert_eq!(owed.encode(), (500u128, vec![100u64]).encode());
	});
}

#[test]
fn an_old_debt_that_no_identity_owes_can_be_read() {
	let debt = Debt::decode(&mut &(7u128, None::<u64>).encode()[..]).unwrap();
	assert_eq!((debt.amount(), debt.identity()), (7, None));
}
