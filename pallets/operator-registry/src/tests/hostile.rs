// SPDX-License-Identifier: Apache-2.0

use crate::{mock::*, *};
use frame_support::{assert_ok, traits::fungible::Mutate};
use holdfast_primitives::Balance;
use sp_runtime::Perbill;

const STAKE: Balance = 10_000;

/// Two hundred cheap validators, whose owner pretends to be ten operators everywhere in the world.
#[test]
fn two_hundred_cheap_validators_get_no_more_than_one_cap() {
	run(|| {
		Seats::set(300);
		for i in 0..8 {
			let words = format!("op{i} region{} provider{} client{}", i % 4, i / 2, i % 3);
			operator(10 + i, &words, &[100 + 2 * i, 101 + 2 * i]);
			assert_ok!(Registry::bond_more(signed(10 + i), 100_000));
		}
		for i in 0..10 {
			let (who, words) = (30 + i, format!("friend{i} place{i} host{i} soft{i}"));
			Balances::set_balance(&who, 1_000_000_000);
			assert_ok!(Registry::register_operator(signed(who), profile(&words)));
			assert_ok!(Registry::bond_more(signed(who), 500_000_000));
			for n in 0..20 {
				let validator = 1_000 + 20 * i + n;
				// Each first stash there earns all that the validator does.
				fake(validator, |v| v.own = 1);
				assert_ok!(Registry::add_validator(signed(who), validator));
				assert_ok!(Registry::confirm_validator(signed(validator), who));
			}
		}
		let theirs =
			|chosen: &[Option<u64>]| chosen.iter().flatten().filter(|v| **v >= 1_000).count();
		// On probation at first.
		assert_eq!(theirs(&plan(&[None; 64], STAKE)), 0);
		(100..116).for_each(|honest| fake(honest, |v| v.ours = STAKE));
		Era::set(Era::get() + 2);
		// The floor is a twentieth of 64, which is three, however many names they give themselves, and
		// whatever they bond.
		let chosen = plan(&[None; 64], STAKE);
		assert_eq!(theirs(&chosen), 3);
		assert!(chosen.iter().all(Option::is_some));

		// With the same name as an honest operator, unattested, nothing changes for that one.
		for i in 0..10 {
			assert_ok!(Registry::update_profile(
				signed(30 + i),
				profile("op0 region0 provider0 client0")
			));
		}
		next_era();
		let again = plan(&[None; 64], STAKE);
		assert_eq!(theirs(&again), 3);
		assert!(again.iter().flatten().any(|v| [100, 101].contains(v)));
	});
}

/// What is not at risk does not raise a cap: an idle stake, the bond of another account, a bond on its way
/// out.
#[test]
fn skin_that_is_not_in_the_game_counts_for_nothing() {
	run(|| {
		Seats::set(300);
		operator(30, "rich eu own node", &[900]);
		(901..916).for_each(|other| fake(other, |_| ()));
		fake(900, |v| v.own = 100);
		let all = |p: &mut Parameters| {
			p.validator_cap = Perbill::one();
			p.operator_cap = Perbill::one();
			p.region_cap = Perbill::one();
			p.provider_cap = Perbill::one();
			p.client_cap = Perbill::one();
			p.coverage_multiple = 3;
		};
		set_parameters(all);
		let on = |chosen: &[Option<u64>]| {
			chosen.iter().flatten().filter(|v| [900, 950, 951].contains(*v)).count()
		};
		assert_eq!(on(&plan(&[None; 64], 1_000_000)), 3);
		fake(900, |v| v.ours = 3_000_000);
		// A stake of its own that is not elected.
		fake(950, |v| (v.elected, v.own) = (false, 1_000_000_000));
		assert_ok!(Registry::add_validator(signed(30), 950));
		assert_ok!(Registry::confirm_validator(signed(950), 30));
		next_era();
		assert_eq!(on(&plan(&[None; 64], 1_000_000)), 3);
		// A large bond of another account of the same name, with an idle validator.
		operator(31, "rich us own node", &[951]);
		fake(951, |v| v.candidate = false);
		Balances::set_balance(&31, 1_000_000_000);
		assert_ok!(Registry::bond_more(signed(31), 900_000_000));
		next_era();
		assert_eq!(on(&plan(&[None; 64], 1_000_000)), 3);
		// One that pays for it counts, until it is asked back.
		Balances::set_balance(&30, 1_000_000_000);
		assert_ok!(Registry::bond_more(signed(30), 900_000_000));
		next_era();
		let chosen = plan(&[None; 64], 1_000_000);
		assert_eq!(on(&chosen), 64);
		fake(900, |v| v.ours = 64_000_000);
		assert_ok!(Registry::request_bond_release(signed(30), 900_000_000));
		next_era();
		assert_eq!(on(&plan(&chosen, 1_000_000)), 3);
	});
}
