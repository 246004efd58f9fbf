// SPDX-License-Identifier: Apache-2.0

use crate::{mock::*, records::Terms, *};
use frame_support::{assert_noop, assert_ok, traits::fungible::Mutate};
use sp_runtime::{DispatchError::BadOrigin, Perbill};

const ACME: u64 = 10;
const OTHER: u64 = 11;

fn registered() -> Profile {
	(100..140).for_each(|validator| fake(validator, |_| ()));
	let words = profile("acme eu own node");
	Balances::set_balance(&ACME, 10_000);
	assert_ok!(Registry::register_operator(signed(ACME), words.clone()));
	words
}

fn attested() -> Attested {
	Operators::<Test>::get(ACME).unwrap().attested()
}

#[test]
fn a_profile_is_four_labels() {
	let label = |text: &str| Label::try_from(text.as_bytes().to_vec()).unwrap();
	for good in ["a", "eu-north.1", "own_racks", &"x".repeat(32)] {
		assert!(is_label(&label(good)), "{good}");
	}
	for bad in ["", "Acme", "a b", "é", "a/b", "a\0"] {
		assert!(!is_label(&label(bad)), "{bad}");
	}
	run(|| {
		Balances::set_balance(&ACME, 10_000);
		for field in 0..4 {
			let mut bad = profile("acme eu own node");
			*[&mut bad.operator, &mut bad.region, &mut bad.provider, &mut bad.client][field] =
				label("");
			assert_noop!(
				Registry::register_operator(signed(ACME), bad.clone()),
				Error::<Test>::BadProfile
			);
		}
		let good = registered();
		let bad = Profile { client: label("Upper"), ..good };
		assert_noop!(Registry::update_profile(signed(ACME), bad), Error::<Test>::BadProfile);
	});
}

#[test]
fn who_cannot_bond_is_no_operator() {
	run(|| {
		Balances::set_balance(&ACME, MIN_BOND - 1);
		assert!(Registry::register_operator(signed(ACME), profile("acme eu own node")).is_err());
		assert_eq!(Operators::<Test>::iter().count(), 0);
	});
}

#[test]
fn an_account_registers_once() {
	run(|| {
		let profile = registered();
		assert_noop!(
			Registry::register_operator(signed(ACME), profile),
			Error::<Test>::AlreadyRegistered
		);
	});
}

#[test]
fn what_changes_is_not_attested_any_more() {
	run(|| {
		let old = registered();
		assert_eq!(attested(), Attested::default());
		assert_ok!(Registry::attest(
			signed(REGISTRAR),
			ACME,
			old.clone(),
			Attested::ALL,
			Default::default()
		));
		let new = profile("acme eu cloud node");
		assert_ok!(Registry::update_profile(signed(ACME), new.clone()));
		assert_eq!(attested(), Attested { provider: false, ..Attested::ALL });
		// The registrar had checked the old one.
		assert_noop!(
			Registry::attest(signed(REGISTRAR), ACME, old, Attested::ALL, Default::default()),
			Error::<Test>::ProfileChanged
		);
		// And back is not attested either.
		assert_ok!(Registry::update_profile(signed(ACME), profile("acme eu own node")));
		assert!(!attested().provider);
	});
}

#[test]
fn only_the_registrar_attests() {
	run(|| {
		let profile = registered();
		for who in [ACME, GUARDIAN] {
			assert_noop!(
				Registry::attest(
					signed(who),
					ACME,
					profile.clone(),
					Attested::ALL,
					Default::default()
				),
				BadOrigin
			);
		}
		assert_ok!(Registry::attest(
			signed(REGISTRAR),
			ACME,
			profile.clone(),
			Attested::ALL,
			Default::default()
		));
		// And takes it back.
		assert_ok!(Registry::attest(
			signed(REGISTRAR),
			ACME,
			profile,
			Attested::default(),
			Default::default()
		));
		assert_eq!(attested(), Attested::default());
	});
}

#[test]
fn attested_labels_are_clusters_and_others_are_one() {
	run(|| {
		operator(ACME, "acme eu own node", &[100]);
		operator(OTHER, "other eu own node", &[101]);
		score_all();
		let [a, b] = [100, 101].map(|v| score(v).clusters);
		assert_ne!(a[0], b[0]);
		assert_eq!(a[1..], b[1..]);
		assert!(a.iter().all(|cluster| *cluster != UNATTESTED));
		// The same label in another dimension does not matter: caps are counted by dimension.
		let profile = profile("other eu own node");
		assert_ok!(Registry::attest(
			signed(REGISTRAR),
			OTHER,
			profile,
			Attested::default(),
			Default::default()
		));
		next_era();
		score_all();
		assert_eq!(score(101).clusters, [UNATTESTED; 4]);
	});
}

#[test]
fn a_validator_joins_by_consent_of_both() {
	run(|| {
		registered();
		assert_noop!(Registry::confirm_validator(signed(100), ACME), Error::<Test>::NotAdded);
		assert_ok!(Registry::add_validator(signed(ACME), 100));
		assert_noop!(Registry::add_validator(signed(ACME), 100), Error::<Test>::AlreadyAdded);
		assert_eq!(Validators::<Test>::count(), 0);
		assert_noop!(Registry::confirm_validator(signed(101), ACME), Error::<Test>::NotAdded);
		assert_ok!(Registry::confirm_validator(signed(100), ACME));
		let record = Validators::<Test>::get(100).unwrap();
		assert_eq!((*record.operator(), record.fit_from()), (ACME, Era::get() + 2));
		assert_eq!(Operators::<Test>::get(ACME).unwrap().added().len(), 0);
	});
}

#[test]
fn nobody_is_taken_from_another_operator() {
	run(|| {
		operator(ACME, "acme eu own node", &[100]);
		Balances::set_balance(&OTHER, 10_000);
		assert_ok!(Registry::register_operator(signed(OTHER), profile("other eu own node")));
		assert_noop!(Registry::add_validator(signed(OTHER), 100), Error::<Test>::ValidatorTaken);
		// An unconfirmed claim of a stranger takes nothing away.
		fake(101, |_| ());
		assert_ok!(Registry::add_validator(signed(OTHER), 101));
		assert_ok!(Registry::add_validator(signed(ACME), 101));
		assert_ok!(Registry::confirm_validator(signed(101), ACME));
		assert_noop!(
			Registry::confirm_validator(signed(101), OTHER),
			Error::<Test>::ValidatorTaken
		);
		// It can be taken back.
		assert_ok!(Registry::remove_validator(signed(OTHER), 101));
		assert_noop!(Registry::remove_validator(signed(OTHER), 101), Error::<Test>::NotAllowed);
		assert_ok!(Registry::remove_validator(signed(101), 101));
	});
}

#[test]
fn an_unconfirmed_validator_can_be_taken_back() {
	run(|| {
		registered();
		assert_ok!(Registry::add_validator(signed(ACME), 100));
		assert_noop!(
			Registry::remove_validator(signed(OTHER), 100),
			Error::<Test>::UnknownValidator
		);
		assert_ok!(Registry::remove_validator(signed(ACME), 100));
		assert_noop!(
			Registry::remove_validator(signed(ACME), 100),
			Error::<Test>::UnknownValidator
		);
		assert_noop!(Registry::confirm_validator(signed(100), ACME), Error::<Test>::NotAdded);
	});
}

#[test]
fn who_has_left_stays_on_record_until_it_cannot_be_slashed() {
	run(|| {
		operator(ACME, "acme eu own node", &[100, 101]);
		operator(OTHER, "other eu own node", &[]);
		had_stashes(&[100]);
		assert_ok!(Registry::remove_validator(signed(100), 100));
		assert_noop!(Registry::remove_validator(signed(100), 100), Error::<Test>::UnknownValidator);
		for _ in 0..BONDING + 2 {
			assert_noop!(
				Registry::add_validator(signed(OTHER), 100),
				Error::<Test>::ValidatorTaken
			);
			score_all();
			assert_eq!(score(100).fitness, Fitness::Leaving);
			next_era();
		}
		score_all();
		assert_eq!(Validators::<Test>::get(100), None);
		assert_eq!(Operators::<Test>::get(ACME).unwrap().validators(), [101]);
		assert_ok!(Registry::add_validator(signed(OTHER), 100));
		assert_ok!(Registry::confirm_validator(signed(100), OTHER));
	});
}

#[test]
fn a_validator_may_change_its_mind_and_is_on_probation_again() {
	run(|| {
		operator(ACME, "acme eu own node", &[100]);
		fake(100, |v| v.points = 30);
		fake(101, |v| v.points = 90);
		score_all();
		let before = Validators::<Test>::get(100).unwrap();
		assert!(before.reliability() < Perbill::one());
		assert_ok!(Registry::remove_validator(signed(ACME), 100));
		assert_ok!(Registry::add_validator(signed(ACME), 100));
		assert_ok!(Registry::confirm_validator(signed(100), ACME));
		// Its record is the old one.
		let terms = Terms::newcomer(Era::get(), 2);
		assert_eq!(Validators::<Test>::get(100), Some(before.rejoin(&terms)));
		let after = Validators::<Test>::get(100).unwrap();
		assert_eq!((after.fit_from(), after.is_attested()), (Era::get() + 2, false));
	});
}

#[test]
fn an_operator_has_a_bounded_number_of_validators() {
	run(|| {
		registered();
		for validator in 100..132 {
			assert_ok!(Registry::add_validator(signed(ACME), validator));
		}
		assert_noop!(Registry::add_validator(signed(ACME), 132), Error::<Test>::TooManyValidators);
		for validator in 100..132 {
			assert_ok!(Registry::confirm_validator(signed(validator), ACME));
		}
		assert_ok!(Registry::add_validator(signed(ACME), 132));
		assert_noop!(
			Registry::confirm_validator(signed(132), ACME),
			Error::<Test>::TooManyValidators
		);
	});
}

#[test]
fn the_registry_is_bounded() {
	run(|| {
		let mut validators = 1_000..2_001;
		for operator in 100..132 {
			Balances::set_balance(&operator, 10_000);
			let words = profile("acme eu own node");
			assert_ok!(Registry::register_operator(signed(operator), words));
			for validator in validators.by_ref().take(32) {
				fake(validator, |v| v.elected = false);
				assert_ok!(Registry::add_validator(signed(operator), validator));
				let joined = Registry::confirm_validator(signed(validator), operator);
				if validator < 2_000 {
					assert_ok!(joined);
				} else {
					assert_noop!(joined, Error::<Test>::RegistryFull);
				}
			}
		}
		assert_eq!(validators.next(), None);
		// All of them are scored, a page at a time.
		score_all();
		assert_eq!(Registry::validators().len(), 1_000);
	});
}

#[test]
fn a_suspension_ends_by_itself_and_only_governance_lifts_it() {
	run(|| {
		operator(ACME, "acme eu own node", &[100]);
		let suspend = |who: RuntimeOrigin, eras| Registry::suspend(who, ACME, eras);
		assert_noop!(suspend(signed(ACME), 2), BadOrigin);
		assert_noop!(suspend(signed(GUARDIAN), 29), Error::<Test>::SuspensionTooLong);
		assert_ok!(suspend(signed(GUARDIAN), 2));
		// The guardian does not shorten it.
		assert_noop!(suspend(signed(GUARDIAN), 0), Error::<Test>::NotAllowed);
		for _ in 0..3 {
			score_all();
			assert_eq!(score(100).fitness, Fitness::Suspended);
			next_era();
		}
		score_all();
		assert_eq!(score(100).fitness, Fitness::Fit);
		// It was suspended for three eras, and is left alone for nine.
		assert_noop!(suspend(signed(GUARDIAN), 28), Error::<Test>::SuspendedLately);
		(0..9).for_each(|_| next_era());
		assert_ok!(suspend(signed(GUARDIAN), 28));
		assert_ok!(suspend(RuntimeOrigin::root(), 0));
		next_era();
		score_all();
		assert_eq!(score(100).fitness, Fitness::Fit);
	});
}

#[test]
fn what_governance_has_lifted_or_shortened_the_guardian_does_not_renew() {
	run(|| {
		operator(ACME, "acme eu own node", &[100]);
		let suspend = |who: RuntimeOrigin, eras| Registry::suspend(who, ACME, eras);
		for shorter in [0, 1] {
			assert_ok!(suspend(signed(GUARDIAN), 2));
			assert_ok!(suspend(signed(GUARDIAN), 4));
			assert_ok!(suspend(RuntimeOrigin::root(), shorter));
			assert_noop!(suspend(signed(GUARDIAN), 28), Error::<Test>::SuspendedLately);
			// It would have been five eras, with fifteen to rest.
			(0..19).for_each(|_| next_era());
			assert_noop!(suspend(signed(GUARDIAN), 28), Error::<Test>::SuspendedLately);
			next_era();
		}
		// What governance has suspended for longer, it may extend.
		assert_ok!(suspend(signed(GUARDIAN), 2));
		assert_ok!(suspend(RuntimeOrigin::root(), 4));
		assert_ok!(suspend(signed(GUARDIAN), 5));
	});
}

#[test]
fn a_stranger_is_no_operator() {
	run(|| {
		let profile = profile("acme eu own node");
		let unknown = || Error::<Test>::NotRegistered;
		assert_noop!(Registry::update_profile(signed(ACME), profile.clone()), unknown());
		assert_noop!(Registry::add_validator(signed(ACME), 100), unknown());
		assert_noop!(Registry::confirm_validator(signed(100), ACME), unknown());
		assert_noop!(Registry::bond_more(signed(ACME), 1), unknown());
		assert_noop!(Registry::request_bond_release(signed(ACME), 1), unknown());
		assert_noop!(Registry::release_bond(signed(ACME), ACME), unknown());
		assert_noop!(Registry::deregister(signed(ACME)), unknown());
		assert_noop!(Registry::suspend(signed(GUARDIAN), ACME, 1), unknown());
		assert_noop!(
			Registry::attest(signed(REGISTRAR), ACME, profile, Attested::ALL, Default::default()),
			unknown()
		);
		assert_noop!(
			Registry::remove_validator(signed(ACME), 100),
			Error::<Test>::UnknownValidator
		);
	});
}

#[test]
fn a_validator_that_joins_later_is_not_attested() {
	run(|| {
		operator(ACME, "acme eu own node", &[100]);
		fake(101, |_| ());
		assert_ok!(Registry::add_validator(signed(ACME), 101));
		assert_ok!(Registry::confirm_validator(signed(101), ACME));
		score_all();
		let [first, second] = [100, 101].map(|v| score(v).clusters);
		assert_eq!(first[0], second[0]);
		assert_eq!(second[1..], [UNATTESTED; 3]);
		// Nobody else's can be attested with it.
		let strangers = vec![102].try_into().unwrap();
		let profile = profile("acme eu own node");
		assert_noop!(
			Registry::attest(signed(REGISTRAR), ACME, profile, Attested::ALL, strangers),
			Error::<Test>::UnknownValidator
		);
		assert_ok!(attest(ACME, "acme eu own node", Attested::ALL));
		next_era();
		score_all();
		assert_eq!(score(101).clusters, first);
	});
}

#[test]
fn who_does_not_stand_for_election_takes_up_no_room() {
	run(|| {
		registered();
		fake(100, |v| v.candidate = false);
		assert_ok!(Registry::add_validator(signed(ACME), 100));
		assert_noop!(Registry::confirm_validator(signed(100), ACME), Error::<Test>::NotACandidate);
		fake(100, |v| v.candidate = true);
		assert_ok!(Registry::confirm_validator(signed(100), ACME));
		had_stashes(&[100]);
		// It has chilled for good.
		fake(100, |v| v.candidate = false);
		for _ in 0..=2 * (BONDING + 2) {
			assert!(Validators::<Test>::contains_key(100));
			score_all();
			next_era();
		}
		assert_eq!(Validators::<Test>::get(100), None);
	});
}
