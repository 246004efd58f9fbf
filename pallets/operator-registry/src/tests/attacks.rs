// SPDX-License-Identifier: Apache-2.0

//! What somebody could try who wants more of the pool's stake than they earn, or to owe less.

use crate::{mock::*, records::IDLE_ERAS, *};
use frame_support::{
	assert_noop, assert_ok,
	storage::unhashed,
	traits::fungible::{Inspect, Mutate},
};
use holdfast_primitives::{Balance, Equivocation, OperatorBonds, SlashModel, ValidatorSelection};
use sp_runtime::Perbill;

const ACME: u64 = 10;

/// Nothing but what an operator has at stake limits it.
fn only_coverage(multiple: u32) {
	set_parameters(|p| {
		p.validator_cap = Perbill::one();
		p.operator_cap = Perbill::one();
		p.region_cap = Perbill::one();
		p.provider_cap = Perbill::one();
		p.client_cap = Perbill::one();
		p.coverage_multiple = multiple;
	});
}

/// Acme's validator among `elected`, the others of which are not in the registry.
fn acme_among(elected: u64) {
	Seats::set(elected as u32);
	operator(ACME, "acme eu own node", &[100]);
	(1_001..1_000 + elected).for_each(|other| fake(other, |_| ()));
}

/// One validator may have all there is.
fn uncapped() {
	set_parameters(|p| {
		p.validator_cap = Perbill::one();
		p.operator_cap = Perbill::one();
		p.region_cap = Perbill::one();
		p.provider_cap = Perbill::one();
		p.client_cap = Perbill::one();
	});
}

fn on(chosen: &[Option<u64>], validators: &[u64]) -> usize {
	chosen.iter().flatten().filter(|validator| validators.contains(*validator)).count()
}

fn newcomer(who: u64, words: &str, validators: &[u64]) {
	Balances::set_balance(&who, 1_000_000);
	assert_ok!(Registry::register_operator(signed(who), profile(words)));
	for validator in validators {
		fake(*validator, |_| ());
		assert_ok!(Registry::add_validator(signed(who), *validator));
		assert_ok!(Registry::confirm_validator(signed(*validator), who));
	}
}

#[test]
fn own_stake_that_is_bonded_after_the_election_wins_no_stash() {
	run(|| {
		acme_among(16);
		only_coverage(3);
		// 900,000 in the ledger, of which 1,000 are exposed.
		fake(100, |v| (v.own, v.exposed) = (900_000, Some(1_000)));
		let chosen = plan(&[None; 64], 1_000_000);
		// The floor is a twentieth of 64.
		assert_eq!(on(&chosen, &[100]), 3);
		// Nor does what is exposed and has been unbonded.
		fake(100, |v| (v.own, v.exposed) = (1_000, Some(900_000)));
		next_era();
		assert_eq!(on(&plan(&[None; 64], 1_000_000), &[100]), 3);
	});
}

#[test]
fn own_stake_that_leaves_takes_the_stashes_with_it() {
	run(|| {
		acme_among(16);
		only_coverage(3);
		fake(100, |v| v.own = 900_000);
		// One of 16 seats: 3.515625 % can be lost. 3 * (1,000 + 31,640) / 0.03515625 = 2,785,280.
		let mut chosen = plan(&[None; 64], 100_000);
		assert_eq!(on(&chosen, &[100]), 27);
		// It unbonds in the next block, and is still exposed in the next era.
		fake(100, |v| (v.own, v.exposed, v.ours) = (1_000, Some(900_000), 2_700_000));
		for _ in 0..20 {
			next_era();
			chosen = plan(&chosen, 100_000);
			assert_eq!(on(&chosen, &[100]), 3);
			fake(100, |v| v.exposed = None);
		}
	});
}

#[test]
fn own_stake_that_leaves_unseen_takes_the_stashes_of_the_whole_account_with_it() {
	run(|| {
		Seats::set(16);
		operator(ACME, "acme eu own node", &[100, 101]);
		(1_002..1_016).for_each(|other| fake(other, |_| ()));
		only_coverage(3);
		fake(100, |v| v.own = 900_000);
		fake(101, |v| v.own = 1_000);
		// Two of 16 seats: 14.0625 %. 3 * (1,000 + 126,703) / 0.140625 = 2,724,330.
		let chosen = plan(&[None; 64], 100_000);
		assert_eq!(on(&chosen, &[100, 101]), 27);
		let on_second = on(&chosen, &[101]);
		assert!(on_second > 3);
		// Unbonded after this era's scores, and not exposed any more in the next one.
		fake(100, |v| v.own = 1_000);
		[100, 101].iter().for_each(|validator| fake(*validator, |v| v.ours = 1_000_000));
		next_era();
		assert_eq!(on(&plan(&chosen, 100_000), &[100, 101]), 3);
		// A whole validator that leaves is the same.
		fake(100, |v| v.own = 900_000);
		(0..20).for_each(|_| next_era());
		let chosen = plan(&chosen, 100_000);
		assert!(on(&chosen, &[100, 101]) > 20, "{chosen:?}");
		assert_ok!(Registry::remove_validator(signed(100), 100));
		next_era();
		assert_eq!(on(&plan(&chosen, 100_000), &[100, 101]), 3);
	});
}

#[test]
fn of_its_own_stake_an_operator_risks_what_an_offence_takes() {
	run(|| {
		acme_among(100);
		only_coverage(3);
		fake(100, |v| v.own = 1_000_000);
		let stake = 100_000_000;
		let stashes = on(&plan(&[None; 64], stake), &[100]);
		// An offence of one of a hundred takes 0.09 %: 900 of its own million, and its bond.
		let fraction = Equivocation::fraction(1, 100);
		let loses = MIN_BOND + fraction.mul_floor(1_000_000);
		let pool_loses = fraction.mul_floor(stake * stashes as u128);
		assert_eq!(loses, 1_900);
		// The floor is all there is: it was 2,970,000, as if the whole million were at stake.
		assert_eq!((stashes, pool_loses), (3, 270_000));
		// With small stashes, the pool loses no more than three times that.
		let stake = 100_000;
		let stashes = on(&plan(&[None; 64], stake), &[100]);
		let pool_loses = fraction.mul_floor(stake * stashes as u128);
		assert!(stashes > 3 && pool_loses <= 3 * loses, "{stashes} {pool_loses}");
	});
}

#[test]
fn who_chills_through_its_probation_is_still_on_probation() {
	run(|| {
		acme_among(16);
		newcomer(11, "other us cloud node", &[200]);
		assert_ok!(attest(11, "other us cloud node", Attested::ALL));
		for _ in 0..3 {
			fake(200, |v| (v.candidate, v.elected) = (false, false));
			next_era();
			score_all();
		}
		// It validates again, for the sake of the nominations.
		fake(200, |v| (v.candidate, v.elected) = (true, false));
		Seats::set(20);
		for _ in 0..10 {
			next_era();
			plan(&[None], 1_000);
			assert_eq!(score(200).fitness, Fitness::OnProbation);
		}
		// Two eras in which it was elected and had points are what it has to show.
		fake(200, |v| (v.elected, v.points) = (true, 60));
		next_era();
		plan(&[None], 1_000);
		assert_eq!(score(200).fitness, Fitness::OnProbation);
		next_era();
		plan(&[None], 1_000);
		assert_eq!(score(200).fitness, Fitness::Fit);
	});
}

#[test]
fn points_too_few_prove_nothing() {
	run(|| {
		acme_among(16);
		newcomer(11, "other us cloud node", &[200]);
		fake(200, |v| v.points = 0);
		for _ in 0..6 {
			next_era();
			score_all();
			assert_ne!(score(200).fitness, Fitness::Fit);
		}
		fake(200, |v| v.points = 60);
		for _ in 0..2 {
			next_era();
			score_all();
		}
		assert_eq!(score(200).fitness, Fitness::Fit);
	});
}

#[test]
fn a_newcomer_starts_low_and_one_of_genesis_does_not() {
	run(|| {
		newcomer(ACME, "acme eu own node", &[100]);
		fake(101, |v| v.offence = Some(1));
		assert_ok!(Registry::add_validator(signed(ACME), 101));
		assert_ok!(Registry::confirm_validator(signed(101), ACME));
		let reliability = |v| Validators::<Test>::get(v).unwrap().reliability();
		assert_eq!([100, 101].map(reliability), [50, 25].map(Perbill::from_percent));
		// An eighth of what is missing is gained in each good era.
		score_all();
		assert_eq!(reliability(100), Perbill::from_parts(562_500_000));
		Balances::set_balance(&12, 1_000_000);
		let words = profile("other us own node");
		assert_ok!(genesis::register::<Test>(&12, words, MIN_BOND, &[200]));
		assert_eq!(reliability(200), Perbill::one());
	});
}

#[test]
fn who_has_no_session_keys_does_not_join_and_is_left() {
	run(|| {
		acme_among(16);
		fake(200, |v| v.keys = false);
		assert_ok!(Registry::add_validator(signed(ACME), 200));
		assert_noop!(Registry::confirm_validator(signed(200), ACME), Error::<Test>::NoSessionKeys);
		fake(200, |v| v.keys = true);
		assert_ok!(Registry::confirm_validator(signed(200), ACME));
		// One that purges its keys later.
		assert_eq!(plan(&[None], 1_000), [Some(100)]);
		fake(100, |v| (v.keys, v.ours) = (false, 1_000));
		next_era();
		assert_eq!(plan(&[Some(100)], 1_000), [None]);
		assert_eq!(score(100).fitness, Fitness::NoKeys);
		assert_eq!(reason(0), Some(Reason::Unfit(Fitness::NoKeys)));
	});
}

#[test]
fn who_chills_before_each_election_does_not_keep_its_reliability_nor_come_back() {
	run(|| {
		acme_among(16);
		let mut chosen = vec![None; 8];
		let mut wasted = 0;
		for _ in 0..24 {
			// It stands again by the time of the plan, and is never elected.
			fake(100, |v| (v.candidate, v.elected) = (true, false));
			chosen = plan(&chosen, 1_000);
			wasted += on(&chosen, &[100]);
			next_era();
		}
		// One stash for two eras, and none since.
		assert_eq!(wasted, 2, "stash-eras");
		// Two eras of zero points: the one that is over when it shows, and that one.
		let twice = Perbill::from_parts(765_625_000);
		assert_eq!(score(100).reliability, twice);
		// It shows in two eras of its own that it is back.
		fake(100, |v| v.elected = true);
		score_all();
		assert_eq!(score(100).fitness, Fitness::OnProbation);
		next_era();
		score_all();
		assert_eq!(score(100).fitness, Fitness::Fit);
	});
}

#[test]
fn who_loses_its_attestation_loses_all_but_the_shared_floor() {
	run(|| {
		for i in 0..8 {
			let words = format!("op{i} region{} provider{} client{}", i % 4, i / 2, i % 3);
			operator(10 + i, &words, &[100 + 2 * i, 101 + 2 * i]);
			assert_ok!(Registry::bond_more(signed(10 + i), 100_000));
		}
		let mut chosen = plan(&[None; 64], 1_000);
		assert!(on(&chosen, &[100, 101]) >= 6);
		(100..116).for_each(|v| fake(v, |fake| fake.ours = 1_000));
		// The registrar takes it back from two of them.
		for who in [10, 11] {
			let words = Operators::<Test>::get(who).unwrap().profile().clone();
			assert_ok!(Registry::attest(
				signed(REGISTRAR),
				who,
				words,
				Attested::default(),
				Default::default()
			));
		}
		for _ in 0..20 {
			next_era();
			chosen = plan(&chosen, 1_000);
			// A twentieth of 64.
			assert_eq!(on(&chosen, &[100, 101, 102, 103]), 3);
		}
		assert!(chosen.iter().all(Option::is_some));
	});
}

#[test]
fn a_debt_that_no_list_has_room_for_can_be_paid_by_anybody() {
	run(|| {
		let all: Vec<u64> = (100..140).collect();
		operator(ACME, "acme eu own node", &all[..32]);
		operator(11, "acme us own node", &all[32..]);
		operator(12, "acme ap own node", &[200]);
		all.iter().for_each(|validator| {
			pay(*validator, 1_000);
		});
		// The second one leaves for good, with debts that no list names.
		assert_ok!(Registry::deregister(signed(11)));
		Era::set(Era::get() + BONDING + 2);
		assert_ok!(Registry::release_bond(signed(7), 11));
		assert_ok!(Registry::bond_more(signed(ACME), 40_000));
		check();
		let left: Vec<_> = Debts::<Test>::iter().collect();
		assert_eq!(left.len(), 6, "{left:?}");
		// What is bonded says how much the name owes still.
		let owed: Balance = OwedBy::<Test>::iter_values().map(|owed| owed.amount()).sum();
		let last = System::events().into_iter().rev().find_map(|record| match record.event {
			RuntimeEvent::Registry(Event::DebtPaid { left, .. }) => Some(left),
			_ => None,
		});
		assert_eq!((owed, last), (6_000, Some(6_000)));
		score_all();
		assert_eq!(score(200).fitness, Fitness::InDebt);

		Balances::set_balance(&7, 100_000);
		let before = Repaid::get();
		for (validator, debt) in left {
			// A part at first; and no more than is owed.
			assert_ok!(Registry::pay_debt(signed(7), validator, 1));
			assert_eq!(Debts::<Test>::get(validator).unwrap().amount(), debt.amount() - 1);
			assert_ok!(Registry::pay_debt(signed(7), validator, Balance::MAX));
			check();
		}
		assert_eq!(Repaid::get() - before, 6_000);
		assert_eq!(Balances::free_balance(7), 94_000);
		assert_noop!(Registry::pay_debt(signed(7), 100, 1), Error::<Test>::NothingOwed);
		next_era();
		score_all();
		assert_eq!(score(200).fitness, Fitness::Fit);
	});
}

fn pay(validator: u64, amount: Balance) -> Balance {
	Registry::pay(&validator, amount, &20)
}

/// Lets a validator leave, and takes it off the record.
fn forgotten(validator: u64) {
	assert_ok!(Registry::remove_validator(signed(validator), validator));
	Era::set(Era::get() + BONDING + 2);
	score_all();
	assert!(!Validators::<Test>::contains_key(validator));
}

#[test]
fn a_debt_from_before_the_attestation_is_not_shed() {
	run(|| {
		acme_among(16);
		newcomer(11, "other us own node", &[200, 201]);
		assert_eq!(pay(200, 5_000), 1_000);
		forgotten(200);
		// Nobody attests who owes, and a new bond pays the debt first.
		let all = attest(11, "other us own node", Attested::ALL);
		assert_eq!(all, Err(Error::<Test>::InDebt.into()));
		assert_eq!(score(201).fitness, Fitness::InDebt);
		assert_ok!(Registry::bond_more(signed(11), 4_999));
		assert_eq!(Operators::<Test>::get(11).unwrap().bond(), 999);
		assert_eq!((Debts::<Test>::iter().count(), Repaid::get()), (0, 4_000));
		assert_ok!(Registry::bond_more(signed(11), 1));
		assert_ok!(attest(11, "other us own node", Attested::ALL));
		// Registering anew with the same account does not help either.
		newcomer(12, "third us own node", &[300]);
		assert_eq!(pay(300, 5_000), 1_000);
		assert_ok!(Registry::deregister(signed(12)));
		Era::set(Era::get() + BONDING + 2);
		assert_ok!(Registry::release_bond(signed(7), 12));
		newcomer(12, "fourth us own node", &[301]);
		score_all();
		assert_eq!(score(301).fitness, Fitness::InDebt);
	});
}

#[test]
fn a_debt_of_nobody_known_is_the_operators_when_its_validator_is_forgotten() {
	run(|| {
		acme_among(16);
		newcomer(11, "other us own node", &[200, 201]);
		assert_eq!(pay(200, 5_000), 1_000);
		// As it was noted once: without anybody who owes it.
		Debts::<Test>::insert(200, Debt::of_nobody(4_000));
		let _ = OwedBy::<Test>::clear(u32::MAX, None);
		forgotten(200);
		next_era();
		score_all();
		assert_eq!(score(201).fitness, Fitness::InDebt);
		assert_ok!(Registry::bond_more(signed(11), 4_000));
		assert_eq!(Debts::<Test>::iter().count(), 0);
	});
}

#[test]
fn a_debt_is_not_shed_by_another_name_that_is_attested_after_it() {
	run(|| {
		operator(ACME, "acme eu own node", &[100, 101]);
		assert_ok!(Registry::update_profile(signed(ACME), profile("nobody eu own node")));
		assert_eq!(pay(100, 5_000), 1_000);
		let attested = attest(ACME, "nobody eu own node", Attested::ALL);
		assert_eq!(attested, Err(Error::<Test>::InDebt.into()));
		// What the registrar has found of anything else can be said, and taken back.
		let but_name = Attested { operator: false, ..Attested::ALL };
		assert_ok!(attest(ACME, "nobody eu own node", but_name));
		assert_ok!(attest(ACME, "nobody eu own node", Attested::default()));
	});
}

#[test]
fn who_does_not_validate_makes_room() {
	run(|| {
		// 32 bonds, and a thousand validators that stand for election only until they have joined.
		let mut validators = 1_000..2_000;
		for operator in 100..132 {
			Balances::set_balance(&operator, 10_000);
			let words = profile("many eu own node");
			assert_ok!(Registry::register_operator(signed(operator), words));
			for validator in validators.by_ref().take(32) {
				fake(validator, |v| v.elected = false);
				assert_ok!(Registry::add_validator(signed(operator), validator));
				assert_ok!(Registry::confirm_validator(signed(validator), operator));
				fake(validator, |v| v.candidate = false);
			}
		}
		assert_eq!(Validators::<Test>::count(), 1_000);
		fake(3_000, |_| ());
		Balances::set_balance(&ACME, 10_000);
		assert_ok!(Registry::register_operator(signed(ACME), profile("acme eu own node")));
		assert_ok!(Registry::add_validator(signed(ACME), 3_000));
		let confirm = || Registry::confirm_validator(signed(3_000), ACME);
		assert_noop!(confirm(), Error::<Test>::RegistryFull);
		// At once: whoever wants the place names one that does not validate.
		assert_ok!(Registry::forget_validator(signed(3_000), 1_000));
		assert_eq!(Operators::<Test>::get(100).unwrap().validators().len(), 31);
		assert_noop!(Registry::forget_validator(signed(3_000), 1_001), Error::<Test>::StillOfUse);
		assert_ok!(confirm());
		check();
		// Not one that validates.
		assert_noop!(Registry::forget_validator(signed(7), 3_000), Error::<Test>::StillOfUse);
		// And by themselves, in a few eras instead of thirty.
		for _ in 0..=IDLE_ERAS {
			score_all();
			next_era();
		}
		score_all();
		next_era();
		score_all();
		assert_eq!(Validators::<Test>::count(), 1);
	});
}

#[test]
fn an_operator_that_deregisters_at_once_makes_room_in_the_next_round() {
	run(|| {
		newcomer(ACME, "acme eu own node", &(100..132).collect::<Vec<_>>());
		assert_ok!(Registry::deregister(signed(ACME)));
		score_all();
		assert_eq!(Validators::<Test>::count(), 0);
		// Its bond waits all the same.
		assert_noop!(Registry::release_bond(signed(7), ACME), Error::<Test>::StillLiable);
		Era::set(Era::get() + BONDING + 2);
		assert_ok!(Registry::release_bond(signed(7), ACME));
	});
}

#[test]
fn who_was_planned_once_stays_liable_and_takes_its_room() {
	run(|| {
		acme_among(16);
		assert_eq!(plan(&[None], 1_000), [Some(100)]);
		assert_ok!(Registry::remove_validator(signed(100), 100));
		fake(100, |v| v.candidate = false);
		MostInRegistry::set(1);
		for _ in 0..BONDING + 2 {
			score_all();
			assert!(Validators::<Test>::contains_key(100));
			assert_noop!(Registry::forget_validator(signed(7), 100), Error::<Test>::StillOfUse);
			next_era();
		}
		score_all();
		assert!(!Validators::<Test>::contains_key(100));
	});
}

#[test]
fn a_guardian_does_not_suspend_without_end() {
	run(|| {
		operator(ACME, "acme eu own node", &[100]);
		let (mut suspended, eras) = (0, 400);
		for _ in 0..eras {
			// As often and as long as it may, at the end of each and in the middle.
			for long in [28, 27, 14, 1] {
				let _ = Registry::suspend(signed(GUARDIAN), ACME, long);
			}
			score_all();
			suspended += u32::from(score(100).fitness == Fitness::Suspended);
			next_era();
		}
		// No more than a quarter, and what the last one began.
		assert!(suspended <= eras / 4 + 29, "{suspended} of {eras}");
		assert!(suspended >= 29);
		// Governance may.
		assert_noop!(Registry::suspend(signed(GUARDIAN), ACME, 28), Error::<Test>::SuspendedLately);
		for _ in 0..100 {
			assert_ok!(Registry::suspend(RuntimeOrigin::root(), ACME, 28));
			score_all();
			assert_eq!(score(100).fitness, Fitness::Suspended);
			next_era();
		}
	});
}

#[test]
fn a_guardian_may_extend_a_suspension_up_to_the_longest() {
	run(|| {
		operator(ACME, "acme eu own node", &[100]);
		let suspend = |eras| Registry::suspend(signed(GUARDIAN), ACME, eras);
		assert_ok!(suspend(2));
		next_era();
		assert_ok!(suspend(20));
		next_era();
		assert_ok!(suspend(26));
		assert_noop!(suspend(27), Error::<Test>::SuspensionTooLong);
	});
}

#[test]
fn who_was_not_nominated_for_the_pools_reasons_is_not_blamed() {
	run(|| {
		acme_among(16);
		let chosen = plan(&[None], 1_000);
		assert_eq!(chosen, [Some(100)]);
		// The staking pallet takes no nomination: no seat is left, or the minimum is more than the stash
		// has.
		for _ in 0..5 {
			nominate(0, None);
			next_era();
			assert_eq!(plan(&[None], 1_000), chosen);
			assert_eq!(score(100).fitness, Fitness::Fit);
			assert_eq!(score(100).reliability, Perbill::one());
		}
		// It stood, and a stranger has chilled it since.
		fake(100, |v| v.ours = 1_000);
		for _ in 0..3 {
			next_era();
			assert_eq!(plan(&chosen, 1_000), chosen);
		}
		nominate(0, None);
		fake(100, |v| v.ours = 0);
		next_era();
		assert_eq!(plan(&[None], 1_000), chosen);
		assert_eq!(score(100).fitness, Fitness::Fit);
	});
}

#[test]
fn who_kicks_the_stash_is_blamed() {
	run(|| {
		acme_among(16);
		assert_eq!(plan(&[None], 1_000), [Some(100)]);
		nominate(0, Some(vec![]));
		next_era();
		assert_eq!(plan(&[None], 1_000), [Some(100)]);
		nominate(0, Some(vec![]));
		next_era();
		assert_eq!(plan(&[None], 1_000), [None]);
		assert_eq!(score(100).fitness, Fitness::NotExposed);
	});
}

#[test]
fn who_kicks_some_of_the_stashes_is_blamed() {
	run(|| {
		acme_among(16);
		uncapped();
		assert_ok!(Registry::bond_more(signed(ACME), 900_000));
		let mut chosen = plan(&[None; 6], 1_000);
		assert_eq!(chosen, [Some(100); 6]);
		// The stashes 0 and 1 are exposed. The others are kicked right after each plan, but for one that
		// nominates nobody, for which the validator can do nothing.
		let mut kicked = 0;
		for _ in 0..20 {
			next_era();
			fake(100, |v| v.ours = 2_000);
			nominate(2, None);
			(3..6).for_each(|stash| nominate(stash, Some(vec![])));
			kicked += chosen[3..].iter().flatten().count();
			let stays = |stash: usize| if stash < 2 { chosen[stash] } else { None };
			let of: Vec<_> = (0..6).map(|stash| (1_000, stays(stash))).collect();
			chosen = plan_of(&of);
		}
		// It hardly keeps them for longer than who is never exposed at all: in half of the eras.
		assert!(kicked <= 36, "{kicked} of 60 stash-eras");
		assert!(Validators::<Test>::get(100).unwrap().reliability() < Perbill::from_percent(90));
	});
}

#[test]
fn a_stash_that_is_about_to_be_exposed_is_nobodys_fault() {
	run(|| {
		acme_among(16);
		uncapped();
		assert_ok!(Registry::bond_more(signed(ACME), 900_000));
		let mut chosen = plan(&[None; 2], 1_000);
		fake(100, |v| v.ours = 2_000);
		for stashes in 3..9 {
			next_era();
			chosen.resize(stashes, None);
			chosen = plan(&chosen, 1_000);
			assert_eq!(chosen, vec![Some(100); stashes]);
			assert_eq!(score(100).fitness, Fitness::Fit);
		}
	});
}

#[test]
fn an_account_gets_no_more_than_its_own_bond_covers_because_another_one_bonds_more() {
	run(|| {
		uncapped();
		set_parameters(|p| {
			p.validator_cap = Perbill::from_percent(10);
			p.operator_cap = Perbill::from_percent(20);
			p.coverage_multiple = 3;
		});
		Seats::set(100);
		// Two accounts of one operator. The first bonds the least and has sixteen validators.
		let many: Vec<u64> = (100..116).collect();
		operator(10, "acme eu own node", &many);
		many.iter().for_each(|validator| fake(*validator, |v| v.own = 1));
		operator(11, "acme us own node", &[200]);
		Balances::set_balance(&11, 100_000_000);
		assert_ok!(Registry::bond_more(signed(11), 5_000_000));
		// Where nobody wants to be.
		fake(200, |v| v.others = 1_000_000_000);
		(1_000..1_083).for_each(|other| fake(other, |v| v.own = 1));
		let stake = 100_000;
		let chosen = plan(&[None; 64], stake);
		let stashes = on(&chosen, &many);
		let pool_loses =
			Equivocation::fraction(17, 100).mul_floor(Balance::try_from(stashes).unwrap() * stake);
		let before = Balances::total_balance(&11);
		let paid = Registry::pay(&100, pool_loses, &FUND);
		assert_eq!(Balances::total_balance(&11), before, "the other bond pays nothing");
		// The floor, a twentieth of 64, is all that a bond of 1,000 is good for here.
		assert!(stashes <= 3, "{stashes} stashes: {pool_loses} are lost, {paid} paid");
	});
}

#[test]
fn a_bond_that_a_slash_has_eaten_keeps_no_stashes() {
	run(|| {
		uncapped();
		set_parameters(|p| p.coverage_multiple = 3);
		Seats::set(16);
		operator(10, "acme eu own node", &[100, 101]);
		assert_ok!(Registry::bond_more(signed(10), 200_000));
		(1_002..1_016).for_each(|other| fake(other, |_| ()));
		(100..102).for_each(|v| fake(v, |f| f.own = 1));
		let stake = 100_000;
		let chosen = plan(&[None; 64], stake);
		let had = on(&chosen, &[100, 101]);
		// 3 * 201,000 / 0.140625 = 4,288,000.
		assert_eq!(had, 42);
		(100..102).for_each(|v| fake(v, |f| f.ours = 21 * stake));
		// One of them offends; the slash lands when the deferral is over, and leaves the least bond.
		let offence = Era::get();
		fake(101, |f| f.offence = Some(offence));
		let mut next = chosen;
		for _ in 0..=BONDING {
			next_era();
			next = plan(&next, stake);
		}
		let before = on(&next, &[100, 101]);
		assert_eq!(Registry::pay(&101, 200_000, &FUND), 200_000);
		next_era();
		let next = plan(&next, stake);
		// 3 * 1,000 / 0.140625 = 21,333; the floor is three stashes.
		assert!(on(&next, &[100, 101]) <= 3, "{} of {before} stay", on(&next, &[100, 101]));
	});
}

/// Takes the last byte of what is stored under `key`; returns what is left.
fn break_item(key: &[u8]) -> Vec<u8> {
	let mut raw = unhashed::get_raw(key).unwrap();
	raw.pop();
	unhashed::put_raw(key, &raw);
	raw
}

#[test]
fn what_cannot_be_decoded_stops_the_calls_and_is_left_as_it_is() {
	let broken = || Error::<Test>::Undecodable;
	let setup = || {
		operator(ACME, "acme eu own node", &[100, 101]);
		assert_ok!(Registry::add_validator(signed(ACME), 102));
		fake(102, |_| ());
	};
	let calls = || {
		vec![
			Registry::update_profile(signed(ACME), profile("acme us own node")),
			Registry::add_validator(signed(ACME), 103),
			Registry::confirm_validator(signed(102), ACME),
			Registry::bond_more(signed(ACME), 1),
			Registry::request_bond_release(signed(ACME), 1),
			Registry::suspend(signed(GUARDIAN), ACME, 1),
			attest(ACME, "acme eu own node", Attested::ALL),
			Registry::release_bond(signed(7), ACME),
			Registry::remove_validator(signed(ACME), 102),
			Registry::deregister(signed(ACME)),
		]
	};
	// An operator.
	unchecked(|| {
		setup();
		let key = Operators::<Test>::hashed_key_for(ACME);
		let left = break_item(&key);
		for result in calls() {
			assert_eq!(result, Err(broken().into()));
		}
		let words = profile("acme eu own node");
		assert!(Registry::register_operator(signed(ACME), words).is_err());
		// A slash pays nothing, notes the debt, and tells.
		assert_eq!(pay(100, 500), 0);
		assert_eq!(Debts::<Test>::get(100).unwrap().amount(), 500);
		score_all_unchecked();
		assert_eq!(score(100).fitness, Fitness::Undecodable);
		assert_eq!(unhashed::get_raw(&key), Some(left));
		assert!(Registry::do_try_state().is_err());
	});
	// A validator.
	unchecked(|| {
		setup();
		let key = Validators::<Test>::hashed_key_for(100);
		let left = break_item(&key);
		assert_eq!(Registry::remove_validator(signed(100), 100), Err(broken().into()));
		assert_eq!(Registry::add_validator(signed(ACME), 100), Err(broken().into()));
		assert_eq!(Registry::forget_validator(signed(7), 100), Err(broken().into()));
		assert_eq!(attest(ACME, "acme eu own node", Attested::ALL), Err(broken().into()));
		assert_eq!(Registry::deregister(signed(ACME)), Err(broken().into()));
		assert_eq!(pay(100, 500), 0);
		System::assert_last_event(
			Event::<Test>::BondUnreadable { validator: 100, amount: 500 }.into(),
		);
		selection::note_plan::<Test>(Era::get(), &[Some(100)]);
		score_all_unchecked();
		assert_eq!(unhashed::get_raw(&key), Some(left));
		assert!(Registry::do_try_state().is_err());
	});
	// A debt, and what a name owes.
	for name in [false, true] {
		unchecked(|| {
			setup();
			assert_eq!(pay(100, 1_500), 1_000);
			let identity = Operators::<Test>::get(ACME).unwrap().identity().unwrap();
			let key = if name {
				OwedBy::<Test>::hashed_key_for(identity)
			} else {
				Debts::<Test>::hashed_key_for(100)
			};
			let left = break_item(&key);
			assert_eq!(Registry::bond_more(signed(ACME), 500), Err(broken().into()));
			assert_eq!(Registry::pay_debt(signed(7), 100, 500), Err(broken().into()));
			assert_eq!(pay(100, 500), 0);
			System::assert_last_event(
				Event::<Test>::BondUnreadable { validator: 100, amount: 500 }.into(),
			);
			score_all_unchecked();
			assert_eq!([100, 101].map(|v| score(v).fitness), [Fitness::InDebt; 2]);
			assert_eq!(unhashed::get_raw(&key), Some(left));
			assert!(Registry::do_try_state().is_err());
		});
	}
	// The parameters.
	unchecked(|| {
		setup();
		set_parameters(|p| p.churn = 7);
		let key = ParametersSchedule::<Test>::hashed_key();
		let left = break_item(&key);
		assert_eq!(Registry::confirm_validator(signed(102), ACME), Err(broken().into()));
		score_all_unchecked();
		assert_eq!(unhashed::get_raw(&key).as_ref(), Some(&left));
		assert!(Registry::do_try_state().is_err());
	});
}

#[test]
fn what_cannot_be_decoded_of_a_round_moves_no_stash() {
	unchecked(|| {
		acme_among(16);
		assert_eq!(plan(&[None], 1_000), [Some(100)]);
		score_all();
		let standing = stashes(&[(1_000, Some(100)), (1_000, None)]);
		for key in [CurrentRound::<Test>::hashed_key().to_vec(), Scores::<Test>::hashed_key_for(0)]
		{
			let whole = unhashed::get_raw(&key).unwrap();
			break_item(&key);
			assert_eq!(Registry::select(Era::get(), &standing), [Some(100), None]);
			unhashed::put_raw(&key, &whole);
		}
		// The next round makes it anew.
		break_item(&CurrentRound::<Test>::hashed_key());
		next_era();
		fake(100, |v| v.ours = 1_000);
		assert_eq!(plan(&[Some(100)], 1_000), [Some(100)]);
		check();
	});
}

#[test]
fn stored_lists_outlast_a_lowered_bound() {
	run(|| {
		let all: Vec<u64> = (100..132).collect();
		operator(ACME, "acme eu own node", &all);
		MostValidators::set(4);
		assert_eq!(Operators::<Test>::get(ACME).unwrap().validators().len(), 32);
		fake(132, |_| ());
		assert_ok!(Registry::add_validator(signed(ACME), 132));
		assert_noop!(
			Registry::confirm_validator(signed(132), ACME),
			Error::<Test>::TooManyValidators
		);
		all.iter().for_each(|validator| {
			pay(*validator, 100);
		});
		assert_ok!(Registry::bond_more(signed(ACME), 5_000));
		assert_eq!(Debts::<Test>::iter().count(), 0);
		check();
		MostValidators::set(32);
	});
}
