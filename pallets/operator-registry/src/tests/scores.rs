// SPDX-License-Identifier: Apache-2.0

use crate::{mock::*, *};
use frame_support::{assert_ok, traits::fungible::Mutate};
use holdfast_primitives::ValidatorSelection;
use sp_runtime::Perbill;

const ACME: u64 = 10;

/// Sixteen validators, of which Acme runs the first.
fn sixteen() {
	operator(ACME, "acme eu own node", &[100]);
	(101..116).for_each(|other| fake(other, |_| ()));
}

fn percent(part: u32) -> Perbill {
	Perbill::from_percent(part)
}

#[track_caller]
fn fitness(change: impl FnOnce(&mut Fake)) -> Fitness {
	fake(100, change);
	next_era();
	score_all();
	score(100).fitness
}

#[test]
fn who_does_as_the_mean_earns_an_equal_share() {
	run(|| {
		sixteen();
		fake(100, |v| (v.others, v.ours) = (50_000, 7_000));
		score_all();
		let score = score(100);
		// 16,000,000 / 16
		assert_eq!(score.net_payout, 1_000_000);
		assert_eq!((score.own, score.others, score.ours), (100_000, 150_000, 7_000));
		assert!(score.elected);
		assert_eq!((score.bond, score.operator), (MIN_BOND, ACME));
	});
}

#[test]
fn reliability_is_a_moving_average_against_the_mean() {
	run(|| {
		sixteen();
		// The mean of 30 and fifteen times 62 is 60.
		(101..116).for_each(|other| fake(other, |v| v.points = 62));
		fake(100, |v| v.points = 30);
		score_all();
		// 1 - 1/8 + 1/16
		assert_eq!(score(100).reliability, Perbill::from_parts(937_500_000));
		assert_eq!(score(100).net_payout, 937_500);
		next_era();
		score_all();
		assert_eq!(score(100).reliability, Perbill::from_parts(882_812_500));
		// More than the mean counts as much as the mean: luck is no merit.
		fake(100, |v| v.points = 600);
		next_era();
		score_all();
		assert_eq!(score(100).reliability, Perbill::from_parts(897_460_937));
	});
}

#[test]
fn who_is_not_elected_has_no_bad_era() {
	run(|| {
		sixteen();
		fake(100, |v| v.elected = false);
		score_all();
		assert_eq!(score(100).reliability, Perbill::one());
		// Its backing is its own: others are not known.
		assert_eq!((score(100).others, score(100).elected), (100_000, false));
	});
}

#[test]
fn an_era_is_counted_once() {
	run(|| {
		sixteen();
		fake(100, |v| v.points = 30);
		score_all();
		let before = Validators::<Test>::get(100);
		score_all();
		assert_eq!(Validators::<Test>::get(100), before);
		assert_eq!(Registry::prepare(Era::get()), None);
	});
}

#[test]
fn an_offence_halves_what_is_left_and_fades_slowly() {
	run(|| {
		sixteen();
		fake(100, |v| v.offence = Some(Era::get()));
		score_all();
		assert_eq!((score(100).penalty, score(100).net_payout), (percent(50), 500_000));
		// The same offence counts once, and fades by a sixty-fourth.
		next_era();
		score_all();
		assert_eq!(score(100).penalty, Perbill::from_parts(492_187_500));
		fake(100, |v| v.offence = Some(Era::get()));
		next_era();
		score_all();
		// 1 - (1 - 0.4921875 * 63 / 64) / 2
		assert_eq!(score(100).penalty, Perbill::from_parts(742_248_536));
	});
}

#[test]
fn the_highest_commission_of_a_bonding_duration_counts() {
	run(|| {
		sixteen();
		fake(100, |v| v.commission = percent(15));
		score_all();
		assert_eq!((score(100).commission, score(100).net_payout), (percent(15), 850_000));
		fake(100, |v| v.commission = percent(5));
		for _ in 0..BONDING {
			next_era();
			score_all();
			assert_eq!(score(100).commission, percent(15));
		}
		// Forgotten within two.
		for _ in 0..BONDING {
			next_era();
			score_all();
		}
		assert_eq!(score(100).commission, percent(5));
	});
}

#[test]
fn who_leaves_and_comes_back_has_still_asked_what_it_asked() {
	run(|| {
		operator(10, "acme eu own node", &[100, 101, 102, 103]);
		(1_004..1_016).for_each(|other| fake(other, |_| ()));
		fake(100, |v| v.commission = Perbill::one());
		fake(101, |v| v.points = 0);
		fake(102, |v| v.points = 0);
		Validators::<Test>::mutate(102, |record| {
			record.as_mut().unwrap().set_reliability(percent(50))
		});
		score_all();
		fake(100, |v| v.commission = Perbill::zero());
		next_era();
		score_all();
		assert_eq!(score(100).fitness, Fitness::CommissionTooHigh);
		// The second has still done better than a newcomer, the third has not: of 50 % an eighth less, twice.
		assert_eq!(score(102).reliability, Perbill::from_parts(382_812_500));
		for validator in 100..104 {
			assert_ok!(Registry::remove_validator(signed(validator), validator));
		}
		next_era();
		score_all();
		assert!([100, 102].iter().all(Validators::<Test>::contains_key));
		assert!(![101, 103].iter().any(Validators::<Test>::contains_key));
		for validator in [100, 102] {
			assert_ok!(Registry::add_validator(signed(10), validator));
			assert_ok!(Registry::confirm_validator(signed(validator), 10));
		}
		(0..2).for_each(|_| {
			next_era();
			score_all();
		});
		assert_eq!(score(100).fitness, Fitness::CommissionTooHigh, "in era {}", Era::get());
		assert!(score(102).reliability < percent(50));
	});
}

#[test]
fn what_was_asked_is_forgotten_when_a_bond_would_be_released() {
	run(|| {
		operator(10, "acme eu own node", &[100]);
		fake(100, |v| v.commission = Perbill::one());
		score_all();
		assert_ok!(Registry::remove_validator(signed(100), 100));
		// It goes on asking it.
		for _ in 0..BONDING + 1 {
			next_era();
			score_all();
			assert!(Validators::<Test>::contains_key(100));
		}
		next_era();
		score_all();
		assert!(!Validators::<Test>::contains_key(100));
	});
}

#[test]
fn each_reason_not_to_be_fit_is_told() {
	run(|| {
		sixteen();
		assert_eq!(fitness(|_| ()), Fitness::Fit);
		assert_eq!(fitness(|v| v.candidate = false), Fitness::NotACandidate);
		assert_eq!(fitness(|v| (v.candidate, v.blocked) = (true, true)), Fitness::Blocked);
		assert_eq!(fitness(|v| (v.blocked, v.points) = (false, 0)), Fitness::MissedBlocks);
		// It is on probation then, and in an era without a seat it is not seen to miss any.
		assert_eq!(fitness(|v| (v.points, v.elected) = (0, false)), Fitness::OnProbation);
		// Nor to show that it is back.
		assert_eq!(fitness(|_| ()), Fitness::OnProbation);
		assert_eq!(
			fitness(|v| (v.points, v.elected, v.offence) = (60, true, Some(Era::get() + 1))),
			Fitness::Offended
		);
		for _ in 0..BONDING {
			assert_eq!(fitness(|_| ()), Fitness::Offended);
		}
		assert_eq!(fitness(|_| ()), Fitness::Fit);
		assert_eq!(fitness(|v| v.commission = percent(21)), Fitness::CommissionTooHigh);
	});
}

#[test]
fn a_newcomer_is_on_probation_and_an_old_offence_is_not_forgotten() {
	run(|| {
		Balances::set_balance(&ACME, 10_000);
		fake(100, |v| v.offence = Some(1));
		assert_ok!(Registry::register_operator(signed(ACME), profile("acme eu own node")));
		assert_ok!(Registry::add_validator(signed(ACME), 100));
		assert_ok!(Registry::confirm_validator(signed(100), ACME));
		for _ in 0..2 {
			score_all();
			assert_eq!(score(100).fitness, Fitness::OnProbation);
			next_era();
		}
		score_all();
		assert_eq!(score(100).fitness, Fitness::Fit);
		assert!(score(100).penalty > percent(45));
	});
}

#[test]
fn pages_are_filled_one_step_after_the_other() {
	run(|| {
		let validators: Vec<u64> = (100..132).collect();
		operator(ACME, "acme eu own node", &validators);
		// Each has two pages of exposures: a step reads at most 32.
		let mut steps = 0;
		while Registry::prepare(Era::get()).is_some() {
			steps += 1;
			assert!(Scores::<Test>::iter_values().all(|page| page.len() <= PAGE as usize));
		}
		// One to begin, two pages, one to finish.
		assert_eq!((steps, Scores::<Test>::iter().count()), (4, 2));
		let mut scored: Vec<_> =
			Registry::validators().into_iter().map(|score| score.validator).collect();
		scored.sort();
		assert_eq!(scored, validators);
	});
}

#[test]
fn a_shorter_round_leaves_no_page_behind() {
	run(|| {
		let validators: Vec<u64> = (100..132).collect();
		operator(ACME, "acme eu own node", &validators);
		score_all();
		for validator in 101..132 {
			assert_ok!(Registry::remove_validator(signed(ACME), validator));
		}
		(0..BONDING + 2).for_each(|_| next_era());
		score_all();
		next_era();
		score_all();
		assert_eq!(Scores::<Test>::iter().count(), 1);
		assert_eq!(Registry::validators().len(), 1);
	});
}

#[test]
fn an_unfinished_round_is_replaced_by_that_of_the_next_era() {
	run(|| {
		let validators: Vec<u64> = (100..132).collect();
		operator(ACME, "acme eu own node", &validators);
		score_all();
		next_era();
		assert!(Registry::prepare(Era::get()).is_some());
		assert!(Registry::prepare(Era::get()).is_some());
		check();
		assert_eq!(Registry::preview_plan(&stashes(&[(1_000, None)])), None);
		next_era();
		score_all();
		assert_eq!(Registry::validators().len(), 32);
	});
}

#[test]
fn the_first_era_tells_nothing_while_it_lasts() {
	run(|| {
		Era::set(0);
		sixteen();
		fake(100, |v| v.points = 0);
		score_all();
		assert_eq!((score(100).fitness, score(100).reliability), (Fitness::Fit, Perbill::one()));
	});
}

#[test]
fn who_is_nominated_and_never_exposed_is_left() {
	run(|| {
		sixteen();
		let mut stash = [None];
		for era in 0..12 {
			stash = [plan(&stash, 1_000)[0]];
			// Nominated in two eras, left, and on probation for another one.
			let expected = if era % 4 < 2 { Some(100) } else { None };
			assert_eq!(stash[0], expected, "{era}");
			if era % 4 == 2 {
				assert_eq!(reason(0), Some(Reason::Unfit(Fitness::NotExposed)));
			}
			next_era();
		}
		// With its exposure, it stays.
		fake(100, |v| v.ours = 1_000);
		for _ in 0..6 {
			stash = [plan(&stash, 1_000)[0]];
			assert_eq!(stash, [Some(100)]);
			next_era();
		}
	});
}

#[test]
fn the_commission_of_an_era_that_was_not_scored_counts() {
	run(|| {
		sixteen();
		score_all();
		Era::set(Era::get() + 2);
		fake(100, |v| v.commission_before = percent(100));
		score_all();
		assert_eq!(score(100).fitness, Fitness::CommissionTooHigh);
	});
}

#[test]
fn a_validator_of_a_stash_that_is_emptied_has_refused_nothing() {
	run(|| {
		sixteen();
		assert_eq!(plan(&[None], 1_000), [Some(100)]);
		fake(100, |v| v.ours = 1_000);
		next_era();
		assert_eq!(plan(&[Some(100)], 1_000), [Some(100)]);
		// All leave: there is no stash to plan for.
		next_era();
		assert_eq!(plan(&[], 0), []);
		fake(100, |v| v.ours = 0);
		for _ in 0..3 {
			next_era();
			score_all();
			assert_eq!(score(100).fitness, Fitness::Fit);
		}
	});
}
