// SPDX-License-Identifier: Apache-2.0

//! Random sequences of all that can happen, with the invariants after each step.

use crate::{mock::*, *};
use frame_support::traits::fungible::Mutate;
use holdfast_primitives::{Balance, OperatorBonds, ValidatorSelection};
use proptest::prelude::*;
use sp_runtime::Perbill;

#[derive(Clone, Debug)]
enum Act {
	Register(u64),
	Update(u64, u64),
	Attest(u64, bool),
	Add(u64, u64),
	Confirm(u64, u64),
	Remove(u64, u64),
	BondMore(u64, Balance),
	RequestRelease(u64, Balance),
	Release(u64),
	Suspend(u64, u32),
	Deregister(u64),
	Slash(u64, Balance),
	PayDebt(u64, u64, Balance),
	Forget(u64),
	Change(u64, u8, u32),
	Step,
	Plan,
	Era,
}

fn act() -> impl Strategy<Value = Act> {
	let operator = || 10u64..15;
	let validator = || 100u64..108;
	prop_oneof![
		1 => operator().prop_map(Act::Register),
		1 => (operator(), 0u64..3).prop_map(|(o, p)| Act::Update(o, p)),
		1 => (operator(), any::<bool>()).prop_map(|(o, yes)| Act::Attest(o, yes)),
		3 => (operator(), validator()).prop_map(|(o, v)| Act::Add(o, v)),
		3 => (operator(), validator()).prop_map(|(o, v)| Act::Confirm(o, v)),
		1 => (operator(), validator()).prop_map(|(o, v)| Act::Remove(o, v)),
		1 => (operator(), 0u128..5_000).prop_map(|(o, x)| Act::BondMore(o, x)),
		1 => (operator(), 0u128..5_000).prop_map(|(o, x)| Act::RequestRelease(o, x)),
		1 => operator().prop_map(Act::Release),
		1 => (operator(), 0u32..30).prop_map(|(o, n)| Act::Suspend(o, n)),
		1 => operator().prop_map(Act::Deregister),
		1 => (validator(), 0u128..4_000).prop_map(|(v, x)| Act::Slash(v, x)),
		1 => (operator(), validator(), 0u128..4_000).prop_map(|(o, v, x)| Act::PayDebt(o, v, x)),
		1 => validator().prop_map(Act::Forget),
		1 => (validator(), any::<u8>(), 0u32..101).prop_map(|(v, k, n)| Act::Change(v, k, n)),
		2 => Just(Act::Step),
		2 => Just(Act::Plan),
		2 => Just(Act::Era),
	]
}

fn words(operator: u64, variant: u64) -> Profile {
	profile(&format!("op{} region{} host{variant} soft{variant}", operator / 2, operator % 3))
}

/// Does an act, which may be refused; and tells what has changed hands by it.
fn perform(act: Act, stashes: &mut Vec<Option<u64>>) {
	let _ = match act {
		Act::Register(o) => Registry::register_operator(signed(o), words(o, 0)),
		Act::Update(o, variant) => Registry::update_profile(signed(o), words(o, variant)),
		Act::Attest(o, yes) => {
			let (profile, validators) = Operators::<Test>::get(o)
				.map_or((words(o, 0), vec![]), |o| (o.profile().clone(), o.validators().to_vec()));
			let attested = if yes { Attested::ALL } else { Attested::default() };
			let validators = validators.try_into().unwrap();
			Registry::attest(signed(REGISTRAR), o, profile, attested, validators)
		},
		Act::Add(o, v) => Registry::add_validator(signed(o), v),
		Act::Confirm(o, v) => Registry::confirm_validator(signed(v), o),
		Act::Remove(o, v) => Registry::remove_validator(signed(o), v),
		Act::BondMore(o, amount) => Registry::bond_more(signed(o), amount),
		Act::RequestRelease(o, amount) => Registry::request_bond_release(signed(o), amount),
		Act::Release(o) => Registry::release_bond(signed(7), o),
		Act::Suspend(o, eras) => Registry::suspend(signed(GUARDIAN), o, eras),
		Act::Deregister(o) => Registry::deregister(signed(o)),
		Act::Slash(v, amount) => {
			let (bond, debt) =
				(Registry::bond(&v), Debts::<Test>::get(v).map_or(0, |d| d.amount()));
			let paid = Registry::pay(&v, amount, &20);
			assert_eq!(paid, bond.min(amount));
			let owed = if Validators::<Test>::contains_key(v) { amount - paid } else { 0 };
			assert_eq!(Debts::<Test>::get(v).map_or(0, |debt| debt.amount()), debt + owed);
			Ok(())
		},
		Act::PayDebt(o, v, amount) => {
			let debt = Debts::<Test>::get(v).map_or(0, |debt| debt.amount());
			let paid = Registry::pay_debt(signed(o), v, amount);
			let paid = if paid.is_ok() { amount.min(debt) } else { 0 };
			assert_eq!(Debts::<Test>::get(v).map_or(0, |debt| debt.amount()), debt - paid);
			Ok(())
		},
		Act::Forget(v) => Registry::forget_validator(signed(7), v),
		Act::Change(v, what, n) => {
			fake(v, |fake| match what % 8 {
				6 => fake.keys = n > 30,
				7 => fake.exposed = Some(Balance::from(n) * 1_000),
				0 => fake.points = n,
				1 => fake.commission = Perbill::from_percent(n),
				2 => fake.candidate = n > 30,
				3 => fake.elected = n > 30,
				4 => fake.offence = (n > 70).then(Era::get),
				_ => fake.own = Balance::from(n) * 10_000,
			});
			Ok(())
		},
		Act::Step => {
			Registry::prepare(Era::get());
			Ok(())
		},
		Act::Plan => {
			let before = stashes.clone();
			*stashes = plan(&before, 1_000);
			moves_are_explained(&before, stashes);
			Ok(())
		},
		Act::Era => {
			next_era();
			Ok(())
		},
	};
}

/// Every change has its reason, no others than changes have one, nobody unfit is nominated, and moves
/// for the better stay within the churn.
fn moves_are_explained(before: &[Option<u64>], after: &[Option<u64>]) {
	let mut better = 0;
	for (stash, (from, to)) in (0..).zip(before.iter().zip(after)) {
		assert_eq!(reason(stash).is_some(), from != to, "{stash}: {from:?} {to:?}");
		better += u32::from(reason(stash) == Some(Reason::Better));
		if let Some(to) = to {
			assert_eq!(score(*to).fitness, Fitness::Fit);
		}
	}
	assert!(better <= parameters().churn);
}

proptest! {
	#![proptest_config(ProptestConfig::with_cases(256))]

	#[test]
	fn the_books_hold_whatever_happens(acts in prop::collection::vec(act(), 1..120)) {
		run(|| {
			for operator in 10..15 {
				Balances::set_balance(&operator, 20_000);
			}
			(100..108).for_each(|validator| fake(validator, |_| ()));
			let mut stashes = vec![None; 12];
			let issued = Balances::total_issuance();
			for act in acts {
				perform(act, &mut stashes);
				check();
				assert_eq!(Balances::total_issuance(), issued);
			}
		});
	}
}
