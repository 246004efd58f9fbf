// SPDX-License-Identifier: GPL-3.0-only

//! Scores, plans and rotation over the real staking pallet.

use crate::chain::*;
use frame_support::assert_ok;
use holdfast_primitives::{EraIndex, ValidatorSelection};
use holdfast_runtime::{
	configs::{liquid_staking::WorkLimit, operators::DefaultParameters},
	AccountId, LiquidStaking, OperatorRegistry, Runtime, RuntimeOrigin, Staking, HOLD,
};
use pallet_operator_registry::{
	weights::SubstrateWeight, Cluster, Fitness, LastPlan, PlannedChange, Reason, Score, Validators,
	WeightInfo, DIMENSIONS, PAGE,
};
use pallet_staking::{ErasRewardPoints, ErasStakersPaged, ValidatorPrefs};
use sp_keyring::Sr25519Keyring::Alice;
use sp_runtime::{FixedU128, Perbill};
use std::collections::BTreeMap;

fn signed(who: &AccountId) -> RuntimeOrigin {
	RuntimeOrigin::signed(who.clone())
}

fn score(validator: &AccountId) -> Score<AccountId> {
	let scores = OperatorRegistry::validators();
	scores.into_iter().find(|score| score.validator == *validator).unwrap()
}

/// How many stashes nominate each validator.
fn loads() -> BTreeMap<AccountId, u32> {
	let mut loads = BTreeMap::new();
	for validator in LiquidStaking::stashes().into_iter().filter_map(|stash| stash.validator) {
		*loads.entry(validator).or_default() += 1;
	}
	loads
}

/// The pool's stashes that are exposed to `validator` in `era`.
fn exposed(era: EraIndex, validator: &AccountId) -> usize {
	ErasStakersPaged::<Runtime>::iter_prefix((era, validator))
		.flat_map(|(_, page)| page.others)
		.filter(|nominator| LiquidStaking::stash_index(&nominator.who).is_some())
		.count()
}

/// The caps, counted anew from the nominations.
fn check_caps() {
	let (loads, parameters) = (loads(), DefaultParameters::get());
	let stashes: u32 = loads.values().sum();
	let most = |cap: Perbill| cap * stashes;
	assert!(loads.values().all(|load| *load <= most(parameters.validator_cap)), "{loads:?}");
	for (d, dimension) in DIMENSIONS.into_iter().enumerate() {
		let mut clusters: BTreeMap<Cluster, u32> = BTreeMap::new();
		for (validator, load) in &loads {
			*clusters.entry(score(validator).clusters[d]).or_default() += load;
		}
		let cap = most(parameters.cap(dimension));
		assert!(clusters.values().all(|load| *load <= cap), "{dimension:?} {clusters:?}");
	}
}

fn changes() -> Vec<PlannedChange<AccountId>> {
	LastPlan::<Runtime>::get().unwrap().changes.into_inner()
}

#[test]
fn the_unfit_are_left_in_the_next_era_and_not_exposed_in_the_one_after() {
	run(|chain| {
		let alice = account(Alice);
		chain.block_with(|| deposit(&alice, 640_000 * HOLD));
		chain.work_of(3);
		check_caps();
		let before = loads();
		assert_eq!(before.values().sum::<u32>(), 64);
		let mut chosen = before.keys().cloned();
		let [missing, greedy, leaving] = [(); 3].map(|_| chosen.next().unwrap());
		let operator = Validators::<Runtime>::get(&leaving).unwrap().operator;

		chain.block_with(|| {
			let prefs = ValidatorPrefs { commission: Perbill::one(), blocked: false };
			assert_ok!(Staking::validate(signed(&greedy), prefs));
			assert_ok!(OperatorRegistry::remove_validator(signed(&operator), leaving.clone()));
		});
		// In the last block of the era: blocks would add to the points.
		while active_era() == 3 {
			chain.block_with(|| {
				ErasRewardPoints::<Runtime>::mutate(3, |points| {
					points.total -= points.individual.remove(&missing).unwrap_or(0);
				});
			});
		}
		chain.work_of(4);
		let unfit = BTreeMap::from([
			(missing.clone(), Fitness::MissedBlocks),
			(greedy.clone(), Fitness::CommissionTooHigh),
			(leaving.clone(), Fitness::Leaving),
		]);
		let mut left = 0;
		let mut better = 0;
		for change in changes() {
			match change.from.as_ref().and_then(|from| unfit.get(from)) {
				Some(fitness) => {
					assert_eq!(change.reason, Reason::Unfit(*fitness));
					left += 1;
				},
				None => {
					assert_eq!(change.reason, Reason::Better);
					better += 1;
				},
			}
			assert!(change.to.is_some_and(|to| !unfit.contains_key(&to)));
		}
		assert_eq!(left, unfit.keys().map(|validator| before[validator]).sum::<u32>());
		assert!(better <= DefaultParameters::get().churn, "{better}");
		assert!(unfit.keys().all(|validator| !loads().contains_key(validator)));
		check_caps();
		// What was elected before is still exposed, and not any more in the next era.
		assert!(unfit.keys().all(|validator| exposed(4, validator) > 0));
		chain.work_of(5);
		assert!(unfit.keys().all(|validator| exposed(5, validator) == 0));
		check_caps();
	});
}

#[test]
fn scores_are_the_staking_pallets_own_numbers() {
	run(|chain| {
		let alice = account(Alice);
		chain.block_with(|| deposit(&alice, 64_000 * HOLD));
		chain.work_of(3);
		let payout = pallet_staking::ErasValidatorReward::<Runtime>::get(2).unwrap();
		for score in OperatorRegistry::validators() {
			assert_eq!(score.fitness, Fitness::Fit);
			// All have made the same number of blocks.
			assert_eq!(score.reliability, Perbill::one());
			assert_eq!(score.net_payout, payout / 16);
			let overview =
				pallet_staking::ErasStakersOverview::<Runtime>::get(3, &score.validator).unwrap();
			assert_eq!(score.others, overview.own);
			assert_eq!(score.ours, overview.total - overview.own);
		}
		let spread = OperatorRegistry::diversification();
		let ours = ErasStakersPaged::<Runtime>::iter_prefix((3,))
			.flat_map(|(_, page)| page.others)
			.filter(|nominator| LiquidStaking::stash_index(&nominator.who).is_some());
		assert_eq!(spread.exposed, ours.map(|nominator| nominator.value).sum());
		assert!(spread.validators.effective > FixedU128::from_u32(11));
		assert!(spread.operators.nakamoto >= 2 && spread.regions.nakamoto >= 1);
	});
}

#[test]
fn a_quiet_chain_keeps_its_nominations() {
	run(|chain| {
		let alice = account(Alice);
		chain.block_with(|| deposit(&alice, 640_000 * HOLD));
		chain.work_of(3);
		let before = loads();
		for era in 4..8 {
			chain.work_of(era);
			assert_eq!(changes(), vec![]);
		}
		assert_eq!(loads(), before);
	});
}

#[test]
fn at_most_a_hundred_validators_are_scored_in_a_block() {
	// The cheapest step there is of a full page: without exposures. A further one is done if there is room
	// for the most that a step weighs.
	let (step, most) =
		(SubstrateWeight::<Runtime>::score(PAGE, 0), OperatorRegistry::prepare_weight());
	let limit = WorkLimit::get();
	let room = limit.checked_sub(&most).unwrap();
	let steps = 1 + room.checked_div_per_component(&step).unwrap();
	println!("{steps} steps of {step:?} in {limit:?}");
	assert!(steps * u64::from(PAGE) <= 100, "{steps} steps");
}

#[test]
fn a_plan_takes_at_most_a_twentieth_of_a_blocks_time() {
	let block = <Runtime as frame_system::Config>::BlockWeights::get().max_block;
	let plan = SubstrateWeight::<Runtime>::select(1_000, 64);
	println!("{plan:?} of {block:?}");
	assert!(plan.ref_time() <= block.ref_time() / 20, "{plan:?} of {block:?}");
	assert!(plan.all_lte(WorkLimit::get()));
}
