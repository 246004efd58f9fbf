// SPDX-License-Identifier: Apache-2.0

use crate::{mock::*, Claims, Event, Parameters, Provisions};
use frame_support::assert_ok;
use holdfast_primitives::{ClaimInfo, ClaimState, InsuredPool, LossCover, Paid};

fn states() -> Vec<(u32, ClaimState)> {
	InsuranceFund::claims(0).iter().map(|claim| (claim.id, claim.state)).collect()
}

#[test]
fn reports_on_one_validator_that_are_due_in_one_era_are_one_claim() {
	run(|| {
		report(&[(0, 2, 100), (1, 2, 50), (0, 2, 30), (0, 3, 7)]);
		let opened = |claim, n, applied_in, amount| Event::ClaimOpened {
			claim,
			validator: validator(n),
			applied_in,
			amount,
		};
		assert_eq!(events(), [opened(0, 0, 2, 130), opened(1, 1, 2, 50), opened(2, 0, 3, 7)]);
		let claim = ClaimInfo {
			id: 0,
			validator: Some(validator(0)),
			offence_era: 0,
			applied_in: 2,
			open: 130,
			lost: 0,
			paid: Paid::default(),
			state: ClaimState::Open,
		};
		assert_eq!(InsuranceFund::claims(0)[0], claim);
		assert_eq!(InsuranceFund::claims(2).len(), 1);
		let due: Vec<_> =
			Provisions::<Test>::get().iter().map(|p| (p.applied_in(), p.amount().0)).collect();
		assert_eq!(due, [(2, 180), (3, 7)]);
		// To be told the same again changes nothing.
		report(&[(0, 2, 130), (1, 2, 50), (0, 3, 7)]);
		assert_eq!(events(), []);
	});
}

#[test]
fn a_report_that_vanishes_before_its_era_was_cancelled() {
	run(|| {
		report(&[(0, 2, 100), (1, 2, 50)]);
		next_era();
		events();
		report(&[(1, 2, 50)]);
		let state = ClaimState::Cancelled;
		assert_eq!(events(), [Event::ClaimReleased { claim: 0, amount: 100, state }]);
		assert_eq!(fund().reported().0, 50);
		assert_eq!(states(), [(0, ClaimState::Cancelled), (1, ClaimState::Open)]);
	});
}

#[test]
fn a_report_that_vanishes_in_its_era_has_expired() {
	run(|| {
		report(&[(0, 2, 100)]);
		eras(2);
		report(&[]);
		assert_eq!(states(), [(0, ClaimState::Expired)]);
	});
}

#[test]
fn a_claim_grows_and_shrinks_with_its_reports() {
	run(|| {
		report(&[(0, 2, 100)]);
		report(&[(0, 2, 150)]);
		report(&[(0, 2, 70)]);
		assert_eq!(
			events()[1..],
			[
				Event::ClaimChanged { claim: 0, amount: 150 },
				Event::ClaimChanged { claim: 0, amount: 70 },
			]
		);
		assert_eq!((fund().reported().0, Provisions::<Test>::get()[0].amount().0), (70, 70));
	});
}

#[test]
fn what_is_left_of_a_claim_that_was_paid_in_part_is_released_as_applied() {
	run(|| {
		assert_ok!(InsuranceFund::top_up_reserve(signed(&ALICE), 1_000));
		report(&[(0, 2, 100)]);
		eras(2);
		// The stash had no more.
		assert_eq!(slash(0, 2, 80, 80), 80);
		report(&[]);
		assert_eq!(states(), [(0, ClaimState::Applied)]);
		assert_eq!(InsuranceFund::claims(0)[0].paid.reserve, 80);
		assert_eq!(fund().reported().0, 0);
	});
}

#[test]
fn a_slash_that_is_reported_again_is_another_claim() {
	run(|| {
		assert_ok!(InsuranceFund::top_up_reserve(signed(&ALICE), 1_000));
		report(&[(0, 2, 100)]);
		slash(0, 2, 100, 100);
		report(&[(0, 2, 40)]);
		assert_eq!(states(), [(0, ClaimState::Applied), (1, ClaimState::Open)]);
		slash(0, 2, 40, 40);
		assert_eq!(fund().reserve().0, 860);
	});
}

#[test]
fn without_room_a_report_is_not_provisioned_and_still_paid() {
	run(|| {
		assert_ok!(InsuranceFund::underwrite(signed(&ALICE), 1_000, 0));
		// Twelve claims, of four eras.
		let mut reports: Vec<_> = (0..13).map(|n| (n, 2, 10)).collect();
		report(&reports);
		assert_eq!(Claims::<Test>::get().len(), 12);
		let left_out =
			Event::NotProvisioned { validator: validator(12), applied_in: 2, amount: 10 };
		assert!(events().contains(&left_out));
		assert_eq!(slash(12, 2, 10, 10), 10);
		reports.truncate(4);
		report(&reports);
		report(&[(0, 2, 1), (0, 3, 1), (0, 4, 1), (0, 5, 1), (0, 6, 1)]);
		let left_out = Event::NotProvisioned { validator: validator(0), applied_in: 6, amount: 1 };
		assert!(events().contains(&left_out));
		assert_eq!(slash(0, 6, 1, 1), 1);
		assert_eq!(fund().reported().0, 4);
	});
}

#[test]
fn the_last_claims_are_remembered() {
	run(|| {
		for n in 0..20 {
			report(&[(n, 2, 10)]);
		}
		let claims = InsuranceFund::claims(0);
		assert_eq!(claims.len(), 16);
		assert_eq!((claims[0].id, claims[15].id), (3, 18));
		assert_eq!(InsuranceFund::claims(19)[0].state, ClaimState::Open);
		assert_eq!(InsuranceFund::claims(20), []);
	});
}

#[test]
fn coverage_and_previews_tell_how_far_the_fund_lasts() {
	run(|| {
		Operators::set(&validator(0), 100);
		assert_ok!(InsuranceFund::underwrite(signed(&ALICE), 1_000, 0));
		assert_ok!(InsuranceFund::top_up_reserve(signed(&BOB), 600));
		Defaults::set(Parameters {
			reserve_limit: sp_runtime::Perbill::from_percent(50),
			target_floor: 3_200,
			..PLAIN
		});
		next_era();
		report(&[(1, 3, 40)]);
		let coverage = InsuranceFund::coverage();
		// Of the reserve as much as may be paid in an era.
		assert_eq!((coverage.assets, coverage.target, coverage.provisional), (1_300, 3_200, 40));
		assert_eq!((coverage.reserve, coverage.reserve_held), (300, 600));
		assert_eq!(coverage.ratio, sp_runtime::FixedU128::from_rational(13, 32));
		Stake::set(3_000);
		assert_eq!(Pool::stake_with(&validator(0)), 3_000);
		let payout =
			InsuranceFund::preview_payout(validator(0), sp_runtime::Perbill::from_percent(50));
		let paid = Paid { operator: 100, underwriters: 1_000, leavers: 0, reserve: 300 };
		assert_eq!((payout.loss, payout.paid, payout.uncovered), (1_500, paid, 100));
		// The slash itself.
		assert_eq!(slash(0, 3, 1_500, 0), 1_400);
		assert_eq!(InsuranceFund::claims(0)[1].paid, paid);
		// The reserve has paid what it may for that era, of which a report is still open.
		assert_eq!(InsuranceFund::uncovered(200), 200);
		report(&[(1, 4, 40)]);
		assert_eq!(InsuranceFund::uncovered(200), 50);
	});
}
