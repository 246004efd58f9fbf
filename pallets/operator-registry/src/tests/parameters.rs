// SPDX-License-Identifier: Apache-2.0

use crate::{mock::*, *};
use frame_support::{assert_noop, assert_ok, traits::fungible::Mutate};
use holdfast_primitives::ValidatorSelection;
use sp_runtime::{
	DispatchError::{self, BadOrigin},
	Perbill,
};

const ACME: u64 = 10;

fn set(parameters: Parameters) -> Result<(), DispatchError> {
	Registry::set_parameters(RuntimeOrigin::root(), parameters)
}

fn at_block(number: u32) {
	System::set_block_number(number.into());
}

#[test]
fn only_governance_sets_parameters() {
	run(|| {
		for who in [ACME, REGISTRAR, GUARDIAN] {
			assert_noop!(Registry::set_parameters(signed(who), Defaults::get()), BadOrigin);
		}
	});
}

#[test]
fn parameters_act_after_their_delay() {
	run(|| {
		fake(100, |_| ());
		fake(101, |_| ());
		Balances::set_balance(&ACME, 10_000);
		assert_ok!(Registry::register_operator(signed(ACME), profile("acme eu own node")));
		let parameters = Parameters { probation: 7, ..Defaults::get() };
		assert_ok!(set(parameters));
		let from = 1 + DELAY;
		System::assert_last_event(Event::<Test>::ParametersSet { parameters, from }.into());
		let joins = |validator| {
			assert_ok!(Registry::add_validator(signed(ACME), validator));
			assert_ok!(Registry::confirm_validator(signed(validator), ACME));
			Validators::<Test>::get(validator).unwrap().fit_from() - Era::get()
		};
		at_block(from - 1);
		assert_eq!(joins(100), 2);
		at_block(from);
		assert_eq!(joins(101), 7);
	});
}

#[test]
fn parameters_that_wait_are_replaced_and_those_that_act_are_not() {
	run(|| {
		let with = |churn| Parameters { churn, ..Defaults::get() };
		assert_ok!(set(with(5)));
		at_block(DELAY);
		assert_ok!(set(with(6)));
		at_block(2 * DELAY - 1);
		assert_eq!(parameters(), with(4));
		at_block(2 * DELAY);
		assert_eq!(parameters(), with(6));
		assert_ok!(set(with(7)));
		assert_eq!(parameters(), with(6));
		assert_eq!(ParametersSchedule::<Test>::get().current, with(6));
	});
}

#[test]
fn every_field_is_bounded_on_both_sides() {
	run(|| {
		let refused = |change: fn(&mut Parameters)| {
			let mut parameters = Defaults::get();
			change(&mut parameters);
			assert_noop!(set(parameters), Error::<Test>::ParameterOutOfBounds);
		};
		refused(|p| p.validator_cap = Perbill::from_parts(9_999_999));
		refused(|p| p.operator_cap = Perbill::from_percent(1));
		refused(|p| p.region_cap = Perbill::from_percent(2));
		refused(|p| p.provider_cap = Perbill::from_percent(3));
		refused(|p| p.client_cap = Perbill::from_percent(4));
		refused(|p| p.coverage_multiple = 0);
		refused(|p| p.coverage_multiple = 1_001);
		refused(|p| p.floor = Perbill::zero());
		refused(|p| p.floor = Perbill::from_percent(11));
		refused(|p| p.max_commission = Perbill::from_percent(4));
		refused(|p| p.max_commission = Perbill::from_percent(51));
		refused(|p| p.min_points = Perbill::from_percent(9));
		refused(|p| p.min_points = Perbill::from_percent(91));
		refused(|p| p.probation = 0);
		refused(|p| p.probation = 11);
		refused(|p| p.incident = Perbill::zero());
		refused(|p| p.incident = Perbill::from_percent(6));
		refused(|p| p.churn = 0);
		refused(|p| p.churn = 65);
		refused(|p| p.hysteresis = 501);
		assert_ok!(set(Most::get()));
		assert_ok!(set(Least::get()));
	});
}

/// Two operators of sixteen validators each, of which the second asks a commission of 15 %.
fn two_pages() {
	operator(10, "acme eu own node", &(100..116).collect::<Vec<_>>());
	operator(11, "other us cloud other", &(116..132).collect::<Vec<_>>());
	(100..132).for_each(|v| fake(v, |fake| fake.commission = Perbill::from_percent(15)));
}

#[test]
fn a_change_in_the_middle_of_a_round_waits_for_the_next_one() {
	run(|| {
		two_pages();
		let strict = Parameters {
			max_commission: Perbill::from_percent(10),
			validator_cap: Perbill::from_percent(20),
			incident: Perbill::from_percent(5),
			..Defaults::get()
		};
		assert_ok!(set(strict));
		// It begins, and scores the first page.
		at_block(DELAY);
		assert!(Registry::prepare(Era::get()).is_some());
		assert!(Registry::prepare(Era::get()).is_some());
		assert_eq!(Registry::validators().len(), 16);
		// The rest is scored, and planned, when others act.
		at_block(DELAY + 1);
		assert_eq!(parameters(), strict);
		score_all();
		let scores = Registry::validators();
		assert_eq!(scores.len(), 32);
		assert!(scores.iter().all(|score| score.fitness == Fitness::Fit));
		let of: Vec<_> = (0..10).map(|_| (1_000, None)).collect();
		let told = Registry::preview_plan(&stashes(&of)).unwrap();
		let chosen = Registry::select(Era::get(), &stashes(&of));
		// A tenth of ten for each validator, a fifth for each operator: as it was.
		let mut on: Vec<_> = chosen.iter().flatten().collect();
		assert_eq!(on.len(), 4);
		on.sort();
		on.dedup();
		assert_eq!(on.len(), 4);
		assert_eq!(told.changes, LastPlan::<Test>::get().unwrap().changes());
		check();

		next_era();
		score_all();
		let scores = Registry::validators();
		assert!(scores.iter().all(|score| score.fitness == Fitness::CommissionTooHigh));
		assert_eq!(Registry::select(Era::get(), &stashes(&of)), [None; 10]);
	});
}

#[test]
fn the_expected_loss_is_that_of_the_round_too() {
	run(|| {
		two_pages();
		(100..132).for_each(|v| fake(v, |fake| fake.ours = 1_000));
		score_all();
		Registry::select(Era::get(), &[]);
		let before = Registry::diversification().expected_loss;
		assert!(before > 0);
		let riskier = Parameters { incident: Perbill::from_percent(5), ..Defaults::get() };
		assert_ok!(set(riskier));
		next_era();
		assert!(Registry::prepare(Era::get()).is_some());
		at_block(1 + DELAY);
		score_all();
		Registry::select(Era::get(), &[]);
		assert_eq!(Registry::diversification().expected_loss, before);
		next_era();
		score_all();
		Registry::select(Era::get(), &[]);
		assert_eq!(Registry::diversification().expected_loss, 5 * before);
	});
}

#[test]
fn the_view_of_the_plan_obeys_what_acts_by_then() {
	run(|| {
		operator(10, "acme eu own node", &[100]);
		(101..116).for_each(|other| fake(other, |_| ()));
		let chosen = plan(&[None; 10], 1_000);
		assert_eq!(chosen.iter().flatten().count(), 1);
		let of: Vec<_> = chosen.iter().map(|validator| (1_000, *validator)).collect();
		let told = || Registry::preview_plan(&stashes(&of)).unwrap().changes.len();
		let wider = Parameters { validator_cap: Perbill::from_percent(20), ..Defaults::get() };
		assert_ok!(set(wider));
		at_block(DELAY);
		assert_eq!(told(), 0);
		at_block(1 + DELAY);
		// A second stash finds a place.
		assert_eq!(told(), 1);
	});
}
