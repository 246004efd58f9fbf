// SPDX-License-Identifier: Apache-2.0

//! What is withheld from those who leave while reports are open.

use crate::{mock::*, Error, Outcomes, Provision, RequestId, WithheldPart};
use frame_support::{assert_noop, assert_ok};
use holdfast_primitives::Assets;
use proptest::prelude::*;

/// Alice and Bob underwrite; Alice's withdrawal is mature.
fn two(alice: u128, bob: u128) -> RequestId {
	assert_ok!(InsuranceFund::underwrite(signed(&ALICE), alice, 0));
	assert_ok!(InsuranceFund::underwrite(signed(&BOB), bob, 0));
	let id = request(&ALICE, alice);
	eras(BONDING + 2);
	id
}

#[test]
fn a_report_withholds_only_the_leavers_part_of_it() {
	run(|| {
		let id = two(1_000, 3_000);
		report(&[(0, 6, 100), (0, 7, 300)]);
		assert_ok!(withdraw(&ALICE, id));
		assert_eq!(hold(&ALICE), RICH - 100);
		assert_eq!(
			(fund().withheld().0, fund().locked().0, fund().underwriting().0),
			(100, 100, 3_000)
		);
		assert_noop!(withdraw(&ALICE, id), Error::<Test>::AllWithheld);
		assert_noop!(withdraw(&BOB, id), Error::<Test>::UnknownRequest);
		// One is applied and one is cancelled.
		next_era();
		events();
		assert_eq!(slash(0, 6, 100, 100), 100);
		let paid = &InsuranceFund::claims(0)[0].paid;
		assert_eq!((paid.leavers, paid.underwriters), (25, 75));
		assert_ok!(withdraw(&ALICE, id));
		// Nothing is left of that; what is withheld for the other is.
		assert_eq!((hold(&ALICE), fund().withheld().0), (RICH - 100, 75));
		report(&[]);
		assert_ok!(withdraw(&ALICE, id));
		assert_eq!((hold(&ALICE), fund().withheld().0), (RICH - 25, 0));
		assert_noop!(withdraw(&ALICE, id), Error::<Test>::UnknownRequest);
		// As if she had stayed for the first and both had waited for the second.
		assert_eq!(fund().underwriting().0, 2_925);
	});
}

#[test]
fn a_leaver_bears_nothing_of_what_is_reported_later() {
	run(|| {
		let id = two(1_000, 1_000);
		report(&[(0, 6, 200)]);
		assert_ok!(withdraw(&ALICE, id));
		report(&[(0, 6, 200), (1, 7, 500)]);
		next_era();
		assert_eq!(slash(1, 6, 50, 0), 50);
		assert_eq!(fund().withheld().0, 100);
		report(&[(1, 7, 500)]);
		assert_ok!(withdraw(&ALICE, id));
		assert_eq!(hold(&ALICE), RICH);
		next_era();
		assert_eq!(slash(1, 7, 500, 500), 500);
		assert_eq!(fund().underwriting().0, 450);
	});
}

#[test]
fn what_grows_after_a_leaver_has_left_does_not_grow_their_part() {
	run(|| {
		let id = two(1_000, 1_000);
		report(&[(0, 6, 200)]);
		assert_ok!(withdraw(&ALICE, id));
		report(&[(0, 6, 400)]);
		next_era();
		// Her 100 of 400.
		assert_eq!(slash(0, 6, 400, 400), 400);
		let paid = &InsuranceFund::claims(0)[0].paid;
		assert_eq!((paid.leavers, paid.underwriters), (100, 300));
		assert_ok!(withdraw(&ALICE, id));
		assert_eq!((hold(&ALICE), fund().withheld().0), (RICH - 100, 0));
	});
}

#[test]
fn bonds_of_operators_relieve_leavers_as_well() {
	run(|| {
		Operators::set(&validator(0), 120);
		let id = two(1_000, 1_000);
		report(&[(0, 6, 200)]);
		assert_ok!(withdraw(&ALICE, id));
		next_era();
		assert_eq!(slash(0, 6, 200, 200), 200);
		assert_ok!(withdraw(&ALICE, id));
		assert_eq!((hold(&ALICE), fund().underwriting().0), (RICH - 40, 960));
	});
}

#[test]
fn each_leaver_keeps_their_own_part() {
	run(|| {
		assert_ok!(InsuranceFund::underwrite(signed(&CHARLIE), 2_000, 0));
		let charlies = request(&CHARLIE, 2_000);
		let id = two(1_000, 1_000);
		let bobs = {
			report(&[(0, 6, 400)]);
			assert_ok!(withdraw(&CHARLIE, charlies));
			// A half is cancelled, then Alice leaves, and a half of the rest is applied.
			report(&[(0, 6, 200)]);
			assert_ok!(withdraw(&ALICE, id));
			request(&BOB, 1_000)
		};
		next_era();
		assert_eq!(slash(0, 6, 100, 100), 100);
		let first = InsuranceFund::claims(0)[0].paid;
		assert_eq!((first.leavers, first.underwriters), (75, 25));
		report(&[]);
		assert_ok!(withdraw(&ALICE, id));
		assert_ok!(withdraw(&CHARLIE, charlies));
		assert_eq!((hold(&CHARLIE), hold(&ALICE)), (RICH - 50, RICH - 25));
		eras(BONDING + 1);
		assert_ok!(withdraw(&BOB, bobs));
		assert_eq!(hold(&BOB), RICH - 25);
		assert_eq!((fund().total().0, fund().withheld().0), (0, 0));
	});
}

#[test]
fn who_would_leave_nothing_but_liabilities_waits() {
	run(|| {
		let id = two(1_000, 1_000);
		report(&[(0, 6, 2_000)]);
		assert_noop!(withdraw(&ALICE, id), Error::<Test>::AllWithheld);
		// A unit less, and she gets her part of it.
		report(&[(0, 6, 1_998)]);
		assert_ok!(withdraw(&ALICE, id));
		assert_eq!(hold(&ALICE), RICH - 1_000 + 1);
	});
}

#[test]
fn a_trifle_every_few_eras_delays_nobody_by_more_than_its_share() {
	run(|| {
		assert_ok!(InsuranceFund::underwrite(signed(&ALICE), 100_000, 0));
		assert_ok!(InsuranceFund::underwrite(signed(&BOB), 900_000, 0));
		let id = request(&ALICE, 100_000);
		for due in 2..9 {
			report(&[(0, due - 1, 10), (0, due, 10)]);
			if era() == BONDING + 2 {
				break;
			}
			next_era();
			assert_eq!(slash(0, due - 1, 10, 10), 10);
		}
		// Of four slashes she bore her part, and of what is open a tenth is withheld.
		assert_ok!(withdraw(&ALICE, id));
		assert_eq!(fund().withheld().0, 2);
		assert!(hold(&ALICE) >= RICH - 7, "{}", hold(&ALICE));
	});
}

#[test]
fn the_dust_of_leavers_goes_to_the_reserve() {
	run(|| {
		assert_ok!(InsuranceFund::underwrite(signed(&CHARLIE), 1_000, 0));
		let charlies = request(&CHARLIE, 1_000);
		let id = two(1_000, 1_000);
		report(&[(0, 6, 100)]);
		assert_ok!(withdraw(&ALICE, id));
		assert_ok!(withdraw(&CHARLIE, charlies));
		assert_eq!(fund().withheld().0, 67);
		next_era();
		assert_eq!(slash(0, 6, 50, 50), 50);
		report(&[]);
		assert_ok!(withdraw(&ALICE, id));
		assert_ok!(withdraw(&CHARLIE, charlies));
		assert_eq!(fund().withheld().0, 0);
		assert_eq!(Outcomes::<Test>::iter().count(), 0);
		assert!(fund().reserve().0 <= 1);
	});
}

#[test]
fn of_whom_next_to_nothing_is_left_is_let_go() {
	let mut provision = Provision::new(0, 1);
	provision.add(Assets(10u128.pow(19)));
	let part = provision.withhold(Assets(10u128.pow(18)));
	// All but a hundred-trillionth is cancelled. The index would be too coarse for whoever leaves next.
	let released = provision.resolve(Assets(10u128.pow(19) - 100_000), Assets(0));
	assert_eq!((released, provision.locked()), (Assets(10u128.pow(18)), Assets(0)));
	assert!(provision.is_resolved());
	// Those who have not left are liable for the rest.
	assert_eq!(provision.liable(), Assets(100_000));
	assert_eq!(provision.outcome().map(|mut outcome| outcome.pay_out(&part)), Some(released));
}

proptest! {
	#![proptest_config(ProptestConfig::with_cases(2_000))]

	/// Whatever happens to a provision, it holds what leavers may get, and each of them bears the
	/// same part of what happened after they had left.
	#[test]
	fn a_provision_holds_exactly_what_its_parts_are_worth(
		amount in 1u128..10u128.pow(19),
		steps in prop::collection::vec((0u8..4, 0u32..=1_000, 0u32..=1_000), 1..30),
	) {
		let mut provision = Provision::new(0, 1);
		provision.add(Assets(amount));
		// Each part, and what is left of it in exact terms: withheld * open * (1 - paid).
		let mut parts: Vec<(WithheldPart, f64, f64)> = vec![];
		let mut held: u128 = 0;
		for (kind, a, b) in steps {
			if provision.is_resolved() {
				break;
			}
			match kind {
				0 => {
					let assets = provision.liable().0 / 1_000 * u128::from(a) / 4;
					if assets > 0 {
						parts.push((provision.withhold(Assets(assets)), assets as f64, 0.0));
						held += assets;
					}
				},
				1 => provision.add(Assets(amount / 1_000 * u128::from(a))),
				_ => {
					let reported = provision.amount().0 / 1_000 * u128::from(a);
					let loss = reported / 1_000 * u128::from(if kind == 2 { b } else { 0 });
					let paid = provision.leavers_part(Assets(loss));
					let before = (provision.amount().0, provision.locked().0);
					let released = provision.resolve(Assets(reported), paid);
					held -= paid.0;
					prop_assert_eq!(before.1, provision.locked().0 + released.0 + paid.0);
					for (_, open, lost) in parts.iter_mut() {
						*lost += *open * loss as f64 / before.0 as f64;
						*open *= 1.0 - reported as f64 / before.0 as f64;
					}
				},
			}
			prop_assert_eq!(provision.held().0, held);
			prop_assert!(provision.locked() <= provision.amount());
		}
		let rest = provision.amount();
		provision.resolve(rest, Assets(0));
		let Some(mut outcome) = provision.outcome() else { return Ok(()) };
		for (part, _, lost) in &parts {
			let before = outcome.assets().0;
			let paid = outcome.pay_out(part).0;
			let exact = part.assets().0 as f64 - lost;
			let off = paid as f64 - exact;
			// A float of 53 bits tells a few thousand units of 10^19 apart; small amounts exactly.
			prop_assert!(off.abs() <= 3.0 + 1e-12 * amount as f64 * 1_000.0, "{paid} != {exact}");
			prop_assert!(before >= paid);
		}
		// All can be paid, and less than a unit for each is left, by which it was rounded down.
		prop_assert!(outcome.dust().is_some_and(|dust| dust.0 <= parts.len() as u128));
	}
}
