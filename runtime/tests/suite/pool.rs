// SPDX-License-Identifier: GPL-3.0-only

//! From the first deposit to the last claim.

use crate::chain::*;
use frame_support::{
	assert_ok,
	traits::{fungible::Mutate, OnPoll},
	weights::{Weight, WeightMeter},
};
use holdfast_primitives::EraIndex;
use holdfast_runtime::{
	configs::{liquid_staking::DefaultParameters, staking::BONDING_DURATION},
	AccountId, Balance, Balances, LiquidStaking, Runtime, RuntimeOrigin, Staking, System,
	EXISTENTIAL_DEPOSIT, HOLD,
};
use pallet_liquid_staking::{Error, Event, Phase, Queue};
use pallet_staking::{ErasStakersOverview, ErasStakersPaged, Nominators};
use sp_keyring::Sr25519Keyring::{Alice, Bob};
use sp_runtime::{FixedU128, Perbill};
use std::collections::BTreeSet;

/// The stake of `stash` that is exposed in `era`, over all validators and pages.
fn exposed(era: EraIndex, stash: &AccountId) -> Balance {
	ErasStakersPaged::<Runtime>::iter_prefix((era,))
		.flat_map(|(_, page)| page.others)
		.filter(|nominator| nominator.who == *stash)
		.map(|nominator| nominator.value)
		.sum()
}

#[test]
fn from_the_first_deposit_to_the_first_claim() {
	run(|chain| {
		let (alice, bob) = (account(Alice), account(Bob));
		chain.work_of(0);
		chain.block_with(|| {
			deposit(&alice, 50_000 * HOLD);
			deposit(&bob, 20_000 * HOLD);
		});
		assert_eq!(st_hold(&alice), 50_000 * HOLD);

		// Era 1 stakes it but for the buffer, with all 64 stashes: it would do for 171 of them.
		chain.work_of(1);
		let stashes = LiquidStaking::stashes();
		assert_eq!(
			(pool().idle(), pool().bonded(), stashes.len()),
			(1_400 * HOLD, 68_600 * HOLD, 64)
		);
		let nominated: BTreeSet<AccountId> = stashes
			.iter()
			.map(|stash| {
				let nominations = Nominators::<Runtime>::get(&stash.account).unwrap();
				assert_eq!(nominations.targets.len(), 1);
				assert_eq!(nominations.targets.first(), stash.validator.as_ref());
				nominations.targets[0].clone()
			})
			.collect();
		// No more than a tenth of the stashes on one validator.
		assert!(nominated.len() >= 11, "{}", nominated.len());

		// Era 2 is the first whose election counted it, exactly.
		chain.work_of(2);
		for stash in &stashes {
			assert_eq!(exposed(2, &stash.account), stash.active);
		}
		let backed = |v: &&AccountId| ErasStakersOverview::<Runtime>::contains_key(2, v);
		assert_eq!(nominated.iter().filter(backed).count(), nominated.len());
		assert_eq!(LiquidStaking::exchange_rate(), FixedU128::from_u32(1));

		// Era 3 collects what it has earned, and releases it until era 4.
		chain.pool_events();
		while active_era() < 3 {
			chain.block();
		}
		let rotation = System::block_number();
		chain.work_of(3);
		// With all validators' payouts, scores and a plan for 64 stashes.
		let blocks = System::block_number() - rotation;
		assert!(blocks <= 11, "{blocks} blocks");
		let collected = chain.pool_events().into_iter().find_map(|event| match event {
			Event::RewardsCollected { era: 3, assets } => Some(assets),
			_ => None,
		});
		let reward = collected.unwrap();
		assert!(reward > HOLD / 10, "a day's work for a fifth of the stake: {reward}");
		let mut rate = LiquidStaking::exchange_rate();
		for _ in 0..40 {
			chain.block();
			let next = LiquidStaking::exchange_rate();
			assert!(next > rate);
			rate = next;
		}

		// Bob leaves with half of his.
		let shares = 10_000 * HOLD;
		chain.block_with(|| request_redeem(&bob, shares));
		assert_eq!(st_hold(&bob), shares);
		assert_eq!(claim(0, &bob), Err(Error::<Runtime>::NotClaimableYet.into()));
		chain.work_of(4);
		let batch = Queue::<Runtime>::get()[0].clone();
		assert_eq!((batch.shares(), batch.closed_in(), batch.funded()), (shares, 4, None));
		// At least what he brought, at most what all rewards so far would make of it.
		assert!(batch.owed() > shares);
		assert!(batch.owed() < shares + reward / 7 + HOLD);
		assert_eq!(pool().owed(), batch.owed());

		// Unbonded in era 4, mature in era 4 + BONDING_DURATION.
		for era in 5..4 + BONDING_DURATION {
			chain.work_of(era);
			assert_eq!(claim(0, &bob), Err(Error::<Runtime>::NotClaimableYet.into()));
		}
		chain.work_of(4 + BONDING_DURATION);
		let before = hold(&bob);
		chain.block_with(|| claim(0, &bob).unwrap());
		assert_eq!(hold(&bob), before + batch.owed());
		assert_eq!(claim(0, &bob), Err(Error::<Runtime>::NothingToClaim.into()));

		// Nothing failed on the way, and what the pot holds is what the books say.
		let failed = |e: &Event<Runtime>| matches!(e, Event::StepFailed { .. });
		assert_eq!(chain.pool_events().iter().find(|e| failed(e)), None);
		assert_eq!(hold(&LiquidStaking::pot_account()), EXISTENTIAL_DEPOSIT + pool().idle());
	});
}

#[test]
fn a_slash_is_booked_as_the_staking_pallet_applies_it() {
	run(|chain| {
		let alice = account(Alice);
		chain.block_with(|| deposit(&alice, 64_000 * HOLD));
		chain.work_of(3);
		// A redemption, whose chunk is made in era 4 and slashed with the stake.
		chain.block_with(|| request_redeem(&alice, 16_000 * HOLD));
		let stash = &LiquidStaking::stashes()[0];
		let validator = stash.validator.clone().unwrap();
		chain.block_with(|| {
			assert_ok!(Staking::manual_slash(
				RuntimeOrigin::root(),
				validator.clone(),
				active_era(),
				Perbill::from_percent(10),
			));
		});
		let before = LiquidStaking::total_assets();
		let hit: Vec<(u32, Balance)> = LiquidStaking::stashes()
			.iter()
			.filter(|s| s.validator.as_ref() == Some(&validator))
			.map(|s| (s.index, exposed(3, &s.account)))
			.collect();
		let exposed: Balance = hit.iter().map(|(_, exposed)| exposed).sum();
		chain.work_of(5);
		// What is on its way out of a stash bears its part.
		let leaving: Balance = LiquidStaking::stashes()
			.iter()
			.filter_map(|s| {
				let (_, exposed) = hit.iter().find(|(index, _)| *index == s.index)?;
				let unlocking: Balance = s.unlocking.iter().map(|chunk| chunk.value).sum();
				Some(exposed / 10 * unlocking / (s.active + unlocking))
			})
			.sum();
		assert!(leaving > exposed / 50);
		let unbonding = pool().unbonding();
		chain.pool_events();
		// Deferred by two eras; applied at the start of the third. After every block the books are
		// compared with the staking pallet's ledgers.
		while active_era() < 6 {
			chain.block();
		}
		let borne = unbonding - pool().unbonding();
		chain.work_of(6);
		let slashed: Balance = chain
			.pool_events()
			.iter()
			.filter_map(|event| match event {
				Event::Slashed { assets, .. } => Some(*assets),
				_ => None,
			})
			.sum();
		// Each of the stashes rounds down.
		assert!(exposed / 10 - slashed < 4, "{slashed} of {exposed}");
		assert!(borne.abs_diff(leaving) < slashed / 1_000, "{borne} and {leaving} of {slashed}");
		assert!(LiquidStaking::total_assets() < before - slashed / 2);
		// The validator has lost its nominations.
		let nominated = |s: &holdfast_primitives::StashInfo<AccountId>| {
			Nominators::<Runtime>::get(&s.account)
				.is_some_and(|nominations| nominations.targets.contains(&validator))
		};
		assert!(!LiquidStaking::stashes().iter().any(nominated));
	});
}

/// What the work of the era costs that closes a batch of `holders` redemptions: its weight, and the
/// bytes of state that it really reads.
fn cost_of_era_work(holders: u32) -> (Weight, usize) {
	let holder = |i: u32| {
		let mut id = [7; 32];
		id[..4].copy_from_slice(&i.to_le_bytes());
		AccountId::new(id)
	};
	let part = 100_000 * HOLD / Balance::from(holders);
	let setup = |chain: &mut Chain| {
		chain.block_with(|| {
			for who in (0..holders).map(holder) {
				Balances::mint_into(&who, part + HOLD).unwrap();
				deposit(&who, part);
			}
		});
		chain.work_of(3);
		chain.block_with(|| (0..holders).for_each(|i| request_redeem(&holder(i), part / 2)));
		while active_era() < 4 {
			chain.block();
		}
	};
	measure(setup, || {
		// Polled by hand until done: the pool's part of each block, without its other hooks.
		let mut meter = WeightMeter::new();
		while pool().era() != Some(4) || pool().phase() != Phase::Idle {
			LiquidStaking::on_poll(System::block_number(), &mut meter);
		}
		assert_eq!((pool().stashes(), pool().open_batch()), (64, 1));
		let buffer = DefaultParameters::get().buffer_target(LiquidStaking::total_assets());
		assert_eq!(pool().unbonding() + pool().idle(), pool().owed() + buffer);
		meter.consumed()
	})
}

#[test]
fn a_thousand_holders_cost_the_era_work_no_more_than_ten() {
	let (few, many) = (cost_of_era_work(10), cost_of_era_work(1_000));
	assert_eq!(few.0, many.0);
	// The trie is deeper where there are more accounts: some 16 kB over the accounts of all stashes.
	// To read a thousand redemptions takes more than 75 kB, values and keys alone.
	println!("bytes read: {} with 10 holders, {} with 1,000", few.1, many.1);
	assert!(many.1.abs_diff(few.1) < 40_000, "{} and {}", few.1, many.1);
}

#[test]
fn no_step_of_the_era_work_takes_more_than_a_twelfth_of_a_block() {
	let block = <Runtime as frame_system::Config>::BlockWeights::get().max_block;
	let (step, share) =
		(LiquidStaking::max_step_weight(), Perbill::from_rational(1u32, 12) * block);
	println!("{step:?} of {block:?}");
	assert!(step.all_lte(share), "{step:?} of {block:?}");
}
