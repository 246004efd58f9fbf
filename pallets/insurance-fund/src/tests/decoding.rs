// SPDX-License-Identifier: Apache-2.0

//! What cannot be decoded is neither dealt with as if it were empty, nor overwritten.

use crate::{
	mock::*, Claims, Error, Event, Fund, History, Leavers, Ledger, Outcomes, ParametersSchedule,
	Provisions, RequestId, Underwriters,
};
use frame_support::{
	assert_noop, assert_ok,
	storage::unhashed,
	traits::{fungible::Mutate, Hooks},
	weights::WeightMeter,
};
use holdfast_primitives::{ClaimState, DebtSink, Dues, LossCover, Paid};

/// Alice and Bob underwrite, Alice has left but for her part of a report, and there is a reserve. Returns
/// her request, and one of Bob's that is mature.
fn fund_at_work() -> (RequestId, RequestId) {
	Operators::set(&validator(0), 100);
	assert_ok!(InsuranceFund::underwrite(signed(&ALICE), 1_000, 0));
	assert_ok!(InsuranceFund::underwrite(signed(&BOB), 1_000, 0));
	assert_ok!(InsuranceFund::top_up_reserve(signed(&CHARLIE), 500));
	assert_ok!(InsuranceFund::set_parameters(RuntimeOrigin::root(), PLAIN));
	let (alices, bobs) = (request(&ALICE, 1_000), request(&BOB, 400));
	slash(3, 0, 10, 0);
	eras(BONDING + 2);
	report(&[(1, era() + 2, 300)]);
	assert_ok!(withdraw(&ALICE, alices));
	events();
	(alices, bobs)
}

/// Cuts the last byte off what is stored under `key`, does `acts`, checks that they have not touched
/// it and that the invariants tell, and repairs it.
fn damaged(key: Vec<u8>, acts: impl FnOnce()) {
	let whole = unhashed::get_raw(&key).unwrap();
	let short = whole[..whole.len() - 1].to_vec();
	unhashed::put_raw(&key, &short);
	assert!(InsuranceFund::do_try_state().is_err());
	acts();
	assert_eq!(unhashed::get_raw(&key), Some(short));
	assert!(InsuranceFund::do_try_state().is_err());
	unhashed::put_raw(&key, &whole);
}

/// As [`slash`], without the invariants.
fn cover(n: u8, applied_in: u32, amount: u128, reported: u128) -> u128 {
	let loss = holdfast_primitives::Loss {
		stash: STASH,
		validator: Some(validator(n)),
		offence_era: 0,
		applied_in,
		amount,
		reported,
	};
	let before = hold(&POT);
	let paid = InsuranceFund::cover(&loss, &POT);
	assert_eq!(hold(&POT), before + paid);
	paid
}

fn told(ledger: Ledger) -> bool {
	events().contains(&Event::Undecodable { ledger })
}

#[test]
fn without_books_no_call_is_served_and_only_bonds_pay() {
	run(|| {
		let (alices, bobs) = fund_at_work();
		let fund_had = hold(&InsuranceFund::account());
		damaged(Fund::<Test>::hashed_key().to_vec(), || {
			assert_noop!(
				InsuranceFund::underwrite(signed(&ALICE), 1_000, 0),
				Error::<Test>::Undecodable
			);
			assert_noop!(
				InsuranceFund::request_withdraw(signed(&BOB), 100),
				Error::<Test>::Undecodable
			);
			assert_noop!(withdraw(&BOB, bobs), Error::<Test>::Undecodable);
			assert_noop!(
				InsuranceFund::top_up_reserve(signed(&ALICE), 1),
				Error::<Test>::Undecodable
			);
			assert_eq!(InsuranceFund::preview_underwrite(1_000), None);
			assert_eq!(InsuranceFund::coverage().ratio.into_inner(), 0);
			assert_eq!(InsuranceFund::uncovered(777), 777);

			InsuranceFund::reported(core::iter::empty());
			assert!(told(Ledger::Fund));
			assert_eq!(cover(0, 7, 150, 0), 100);
			assert!(told(Ledger::Fund));
			assert_eq!(InsuranceFund::dues(10_000, 100), Dues::default());
			assert!(told(Ledger::Fund));
			Balances::mint_into(&InsuranceFund::account(), 40).unwrap();
			InsuranceFund::repaid(30);
			assert!(told(Ledger::Fund));
			InsuranceFund::collected(Dues { premium: 0, fee: 10 });
			assert!(told(Ledger::Fund));
			InsuranceFund::released(1);
			assert!(told(Ledger::Fund));
			ActiveEra::set(Some(era() + 1));
			InsuranceFund::on_poll(System::block_number(), &mut WeightMeter::new());
			assert_eq!(hold(&InsuranceFund::account()), fund_had + 40);
		});
		// What came in meanwhile is found in the next era.
		let reserve = fund().reserve().0;
		next_era();
		assert_eq!(fund().reserve().0, reserve + 40);
		report(&[]);
		assert_ok!(withdraw(&ALICE, alices));
	});
}

#[test]
fn without_claims_or_provisions_a_loss_is_paid_as_if_nobody_had_reported_it() {
	run(|| {
		let (alices, bobs) = fund_at_work();
		let key = Claims::<Test>::hashed_key().to_vec();
		damaged(key, || {
			assert_eq!(cover(1, 7, 100, 100), 100);
			assert!(told(Ledger::Claims));
			InsuranceFund::reported(core::iter::empty());
			assert!(told(Ledger::Claims));
		});
		let key = Provisions::<Test>::hashed_key().to_vec();
		damaged(key, || {
			assert_eq!(cover(1, 7, 100, 100), 100);
			assert!(told(Ledger::Provisions));
			InsuranceFund::reported(core::iter::empty());
			assert!(told(Ledger::Provisions));
			assert_noop!(withdraw(&BOB, bobs), Error::<Test>::Undecodable);
		});
		let claims = InsuranceFund::claims(1);
		let paid = Paid { underwriters: 100, ..Default::default() };
		assert_eq!((claims[0].state, claims[0].open), (ClaimState::Open, 300));
		assert!(claims[1..].iter().all(|c| c.state == ClaimState::Applied && c.paid == paid));
		// It goes on where it was.
		report(&[]);
		assert_ok!(withdraw(&ALICE, alices));
		assert_ok!(withdraw(&BOB, bobs));
	});
}

#[test]
fn without_its_history_the_fund_goes_on() {
	run(|| {
		fund_at_work();
		damaged(History::<Test>::hashed_key().to_vec(), || {
			assert_eq!(cover(2, 7, 100, 0), 100);
			assert!(told(Ledger::History));
			assert_eq!(InsuranceFund::claims(0).len(), 1);
		});
		report(&[]);
	});
}

#[test]
fn without_parameters_the_last_target_stays_and_nobody_enters() {
	run(|| {
		let (_, bobs) = fund_at_work();
		let before = fund();
		damaged(ParametersSchedule::<Test>::hashed_key().to_vec(), || {
			let entered = InsuranceFund::underwrite(signed(&ALICE), 1_000, 0);
			assert_eq!(entered, Err(Error::<Test>::Undecodable.into()));
			let set = InsuranceFund::set_parameters(RuntimeOrigin::root(), PLAIN);
			assert_eq!(set, Err(Error::<Test>::Undecodable.into()));
			assert_eq!(InsuranceFund::dues(10_000, 100), Dues::default());
			assert!(told(Ledger::Parameters));
			LargestLoss::set(5_000);
			ActiveEra::set(Some(era() + 1));
			InsuranceFund::on_poll(System::block_number(), &mut WeightMeter::new());
			assert!(told(Ledger::Parameters));
			assert_eq!(fund().era(), Some(era()));
			assert_eq!((fund().target().0, fund().limit()), (before.target().0, before.limit()));
			// Who has been there can leave.
			assert_ok!(withdraw(&BOB, bobs));
		});
	});
}

#[test]
fn who_cannot_be_read_is_not_a_stranger() {
	run(|| {
		let (alices, bobs) = fund_at_work();
		damaged(Underwriters::<Test>::hashed_key_for(BOB), || {
			assert_noop!(withdraw(&BOB, bobs), Error::<Test>::Undecodable);
			assert_noop!(
				InsuranceFund::request_withdraw(signed(&BOB), 1),
				Error::<Test>::Undecodable
			);
			let entered = InsuranceFund::underwrite(signed(&BOB), 1_000, 0);
			assert_eq!(entered, Err(Error::<Test>::Undecodable.into()));
			// Nobody else's.
			assert_ok!(InsuranceFund::underwrite(signed(&CHARLIE), 1_000, 0));
		});
		damaged(Leavers::<Test>::hashed_key_for(alices), || {
			assert_noop!(withdraw(&ALICE, alices), Error::<Test>::Undecodable);
		});
		report(&[]);
		let (provision, _) = Outcomes::<Test>::iter().next().unwrap();
		damaged(Outcomes::<Test>::hashed_key_for(provision), || {
			assert_noop!(withdraw(&ALICE, alices), Error::<Test>::Undecodable);
		});
		assert_ok!(withdraw(&ALICE, alices));
	});
}
