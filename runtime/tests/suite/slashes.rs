// SPDX-License-Identifier: GPL-3.0-only

//! Real offences on the real runtime: reported, deferred, cancelled, applied.

use crate::chain::*;
use frame_support::assert_ok;
use holdfast_runtime::{
	configs::staking::{BONDING_DURATION, SLASH_DEFER_DURATION},
	AccountId, Balance, LiquidStaking, RootOffences, Runtime, RuntimeOrigin, Staking, HOLD,
};
use pallet_liquid_staking::{Error, Event, Queue, Queued};
use pallet_staking::UnappliedSlashes;
use sp_keyring::Sr25519Keyring::{Alice, Bob, Charlie, Dave, Eve};
use sp_runtime::Perbill;
use std::collections::BTreeSet;

/// Eras from an offence to its slash.
const DELAY: u32 = SLASH_DEFER_DURATION + 1;

/// Lets `validator` offend now.
fn offend(validators: &[AccountId], percent: u32) {
	let part = Perbill::from_percent(percent);
	let offenders = validators.iter().map(|v| (v.clone(), part)).collect();
	assert_ok!(RootOffences::create_offence(RuntimeOrigin::root(), offenders, None, None));
}

/// Whom the pool nominates, in the order of the stashes.
fn nominated() -> Vec<AccountId> {
	let mut seen = BTreeSet::new();
	let validators = LiquidStaking::stashes().into_iter().filter_map(|stash| stash.validator);
	validators.filter(|v| seen.insert(v.clone())).collect()
}

/// What the staking pallet will take from the pool's stashes when `era` begins.
fn due(era: u32) -> Balance {
	UnappliedSlashes::<Runtime>::get(era)
		.into_iter()
		.flat_map(|slash| slash.others)
		.filter(|(who, _)| LiquidStaking::stash_index(who).is_some())
		.map(|(_, amount)| amount)
		.sum()
}

#[test]
fn a_report_is_priced_within_two_blocks_and_its_cancellation_restores_the_price() {
	run_uninsured(|chain| {
		let alice = account(Alice);
		chain.block_with(|| deposit(&alice, 64_000 * HOLD));
		chain.work_of(3);
		// Rewards stop for the sake of the comparison.
		let rate = || LiquidStaking::exchange_rate();
		chain.block_with(|| offend(&nominated()[..1], 10));
		let instantly = || {
			dispatch(
				&alice,
				pallet_liquid_staking::Call::redeem_instantly { shares: HOLD, min_assets: 0 },
			)
		};
		let total = LiquidStaking::total_assets();
		chain.block();
		chain.block();
		let reported = pool().reported();
		assert_eq!(reported, due(3 + DELAY));
		assert!(reported > 300 * HOLD);
		let shares = pool().shares();
		let worth = LiquidStaking::preview_redeem(shares).unwrap();
		assert!((worth + reported).abs_diff(LiquidStaking::total_assets()) <= 1);
		assert!(LiquidStaking::total_assets() >= total);
		// Who leaves at once pays his part.
		let before = hold(&alice);
		let net = LiquidStaking::preview_redeem(HOLD).unwrap();
		chain.block_with(|| instantly().unwrap());
		assert!(hold(&alice) - before < net);
		assert!(pool().withheld() > 0);

		let reduced = rate();
		chain.block_with(|| {
			let index = vec![0];
			assert_ok!(Staking::cancel_deferred_slash(RuntimeOrigin::root(), 3 + DELAY, index));
			// Not yet read.
			assert_eq!(instantly(), Err(Error::<Runtime>::ReportsPending.into()));
		});
		chain.block();
		chain.block();
		assert_eq!((pool().reported(), pool().withheld()), (0, 0));
		assert!(rate() > reduced);
		let worth = LiquidStaking::preview_redeem(pool().shares()).unwrap();
		assert!(worth.abs_diff(LiquidStaking::total_assets()) <= 1);
	});
}

#[test]
fn two_offences_of_a_validator_are_the_sum_that_the_staking_pallet_takes() {
	run_uninsured(|chain| {
		let alice = account(Alice);
		chain.block_with(|| deposit(&alice, 64_000 * HOLD));
		chain.work_of(3);
		let validator = nominated()[0].clone();
		chain.block_with(|| offend(std::slice::from_ref(&validator), 5));
		chain.block_with(|| offend(std::slice::from_ref(&validator), 12));
		chain.block();
		chain.block();
		let reported = pool().reported();
		assert_eq!(reported, due(3 + DELAY));
		chain.work_of(2 + DELAY);
		chain.pool_events();
		chain.work_of(3 + DELAY);
		let slashed: Balance = chain
			.pool_events()
			.iter()
			.map(|event| match event {
				Event::Slashed { assets, offence_era, validator: by, .. } => {
					assert_eq!((*offence_era, by), (3, &Some(validator.clone())));
					*assets
				},
				_ => 0,
			})
			.sum();
		assert_eq!(slashed, reported);
		assert_eq!(pool().reported(), 0);
	});
}

#[test]
fn a_third_leaves_while_three_validators_are_slashed() {
	run_uninsured(|chain| {
		let [alice, bob, charlie, dave, eve] = [Alice, Bob, Charlie, Dave, Eve].map(account);
		chain.block_with(|| {
			deposit(&alice, 50_000 * HOLD);
			[&bob, &charlie, &dave].into_iter().for_each(|who| deposit(who, 10_000 * HOLD));
			deposit(&eve, 20_000 * HOLD);
		});
		chain.work_of(2);
		// Eve leaves in two parts: one before the era of the offence, with a batch that closes in it
		// and is still exposed; one long before.
		chain.block_with(|| request_redeem(&eve, 10_000 * HOLD));
		chain.work_of(3);
		let left_before = Queue::<Runtime>::get()[0].owed();
		chain.block_with(|| request_redeem(&eve, 10_000 * HOLD));
		chain.work_of(4);

		// 30 of the remaining 80 leave in the era in which three validators offend.
		let offenders = nominated()[..3].to_vec();
		chain.block_with(|| {
			offend(&offenders, 20);
			[&bob, &charlie, &dave].into_iter().for_each(|who| request_redeem(who, 10_000 * HOLD));
		});
		chain.work_of(4 + DELAY - 1);
		while active_era() < 4 + DELAY - 1 {
			chain.block();
		}
		let queue = || Queue::<Runtime>::get().into_inner();
		// Until the block before the one that applies the slashes.
		let (mut before, mut claims) = (pool(), queue());
		chain.pool_events();
		while active_era() < 4 + DELAY {
			(before, claims) = (pool(), queue());
			chain.block();
		}
		let slashed: Balance = chain
			.pool_events()
			.iter()
			.map(|event| if let Event::Slashed { assets, .. } = event { *assets } else { 0 })
			.sum();
		assert!(slashed > 2_000 * HOLD, "{slashed}");
		let closed = |claims: &[Queued], era| -> Balance {
			claims.iter().filter(|q| q.closed_in() == era).map(|q| q.owed()).sum()
		};
		let now = frame_system::Pallet::<Runtime>::block_number();
		let holders = before.total_assets(now).0;
		let base = holders + closed(&claims, 4) + closed(&claims, 5);
		// The ones that were in the pool bear it alike, to the unit for each of the stashes.
		let fair = |claim: Balance| {
			claim
				- sp_core::U256::from(claim)
					.saturating_mul(slashed.into())
					.checked_div(base.into())
					.unwrap()
					.as_u128()
		};
		let after = queue();
		for era in [4, 5] {
			let expected = fair(closed(&claims, era));
			assert!(closed(&after, era).abs_diff(expected) <= 64, "of era {era}");
		}
		assert!(LiquidStaking::total_assets().abs_diff(fair(holders)) <= 64);
		// All are paid within the bonding duration and two eras, the first and the last alike.
		chain.work_of(4 + BONDING_DURATION + 2);
		assert_eq!(queue().len(), 0);
		let paid: Vec<Balance> = [&dave, &bob, &charlie]
			.into_iter()
			.map(|who| {
				let before = hold(who);
				chain.block_with(|| claim(2, who).unwrap());
				hold(who) - before
			})
			.collect();
		assert!(paid.iter().all(|p| p.abs_diff(paid[0]) <= 1), "{paid:?}");
		assert!(paid.iter().sum::<Balance>().abs_diff(closed(&after, 5)) <= 1);
		// Who had left before the offence has lost nothing, and who left in its era as much as others.
		for (id, expected) in [(0, left_before), (1, closed(&after, 4))] {
			let before = hold(&eve);
			chain.block_with(|| claim(id, &eve).unwrap());
			assert_eq!(hold(&eve) - before, expected);
		}
	});
}
