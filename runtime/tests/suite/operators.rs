// SPDX-License-Identifier: GPL-3.0-only

//! Scores, plans and rotation over the real staking pallet.

use crate::chain::*;
use codec::Encode;
use frame_support::{assert_noop, assert_ok};
use holdfast_primitives::{
	Balance, Equivocation, EraIndex, Schedule, SlashModel, ValidatorSelection,
};
use holdfast_runtime::{
	configs::{
		liquid_staking::WorkLimit,
		operators::DefaultParameters,
		staking::{OffenceHandler, SLASH_DEFER_DURATION},
	},
	genesis_config_presets, AccountId, LiquidStaking, OperatorRegistry, Runtime, RuntimeOrigin,
	Session, SessionKeys, Staking, HOLD,
};
use pallet_operator_registry::{
	weights::SubstrateWeight, Cluster, Error, Fitness, LastPlan, Operators, Parameters,
	ParametersSchedule, PlannedChange, Reason, Score, Validators, WeightInfo, DIMENSIONS, PAGE,
};
use pallet_staking::{
	ErasRewardPoints, ErasStakersOverview, ErasStakersPaged, RewardDestination, ValidatorPrefs,
};
use sp_core::proof_of_possession::statement_of_ownership;
use sp_keyring::Sr25519Keyring::{Alice, Bob, Charlie};
use sp_runtime::{FixedU128, MultiAddress, Perbill};
use sp_staking::offence::{OffenceDetails, OnOffenceHandler};
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
	LastPlan::<Runtime>::get().unwrap().changes().to_vec()
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
		let operator = Validators::<Runtime>::get(&leaving).unwrap().operator().clone();

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

#[test]
fn a_validator_without_session_keys_neither_joins_nor_keeps_its_stashes() {
	run(|chain| {
		let [alice, bob] = [Alice, Bob].map(account);
		chain.block_with(|| deposit(&alice, 640_000 * HOLD));
		chain.work_of(3);
		let chosen = loads().into_keys().next().unwrap();
		let operator = Validators::<Runtime>::get(&chosen).unwrap().operator().clone();
		chain.block_with(|| {
			let payee = RewardDestination::Stash;
			assert_ok!(Staking::bond(signed(&bob), 10_000 * HOLD, payee));
			assert_ok!(Staking::validate(signed(&bob), ValidatorPrefs::default()));
			assert_ok!(OperatorRegistry::add_validator(signed(&operator), bob.clone()));
			let confirm = || OperatorRegistry::confirm_validator(signed(&bob), operator.clone());
			assert_noop!(confirm(), Error::<Runtime>::NoSessionKeys);
			let keys = SessionKeys { aura: Bob.public().into() };
			// Whoever has the key says whose it is.
			let statement = statement_of_ownership(&bob.encode());
			let proof = (Bob.sign(&statement),).encode();
			assert_ok!(Session::set_keys(signed(&bob), keys, proof));
			assert_ok!(confirm());
			// One at work loses its keys.
			assert_ok!(Session::purge_keys(signed(&chosen)));
		});
		chain.work_of(4);
		assert_eq!(score(&chosen).fitness, Fitness::NoKeys);
		assert!(!loads().contains_key(&chosen));
		// The newcomer has the least stake of seventeen for sixteen seats: it shows nothing, ever.
		for era in 5..8 {
			chain.work_of(era);
			assert_eq!(score(&bob).fitness, Fitness::OnProbation);
			assert_eq!(score(&bob).reliability, Perbill::from_percent(50));
		}
	});
}

#[test]
fn own_stake_that_leaves_takes_the_stashes_with_it_that_it_covered() {
	run(|chain| {
		let alice = account(Alice);
		chain.block_with(|| {
			let current = Parameters { coverage_multiple: 1, ..DefaultParameters::get() };
			// As if it had been set long ago.
			ParametersSchedule::<Runtime>::put(Schedule { current, next: None });
			deposit(&alice, 960_000 * HOLD);
		});
		chain.work_of(3);
		let (operator, record) = Operators::<Runtime>::iter()
			.find(|(_, record)| record.validators().iter().all(|v| loads().contains_key(v)))
			.unwrap();
		let load = || -> u32 {
			let loads = loads();
			record.validators().iter().map(|v| loads.get(v).copied().unwrap_or(0)).sum()
		};
		// What it loses in an offence of both, over the part that is taken, in stashes.
		let covered = || {
			let fraction = Equivocation::fraction(2, 16);
			let own = |v| ErasStakersOverview::<Runtime>::get(active_era(), v).unwrap().own;
			let own: Balance = record.validators().iter().map(own).sum();
			let stakes = (record.bond() + fraction * own) * 1_000_000_000
				/ Balance::from(fraction.deconstruct());
			let staked: Vec<_> =
				LiquidStaking::stashes().iter().map(|stash| stash.active).collect();
			let stake = staked.iter().sum::<Balance>() / staked.len() as Balance;
			u32::try_from(stakes / stake).unwrap()
		};
		let before = load();
		assert!(before > 5 && before <= covered(), "{before} {}", covered());
		chain.block_with(|| {
			for validator in record.validators() {
				let own = Staking::ledger(validator.clone().into()).unwrap().active;
				assert_ok!(Staking::unbond(signed(validator), own - 1_000 * HOLD));
			}
		});
		chain.work_of(4);
		// It is exposed in this era still, and has left the ledger.
		let after = load();
		let own = |v| score(v).own;
		assert!(record.validators().iter().map(own).all(|own| own.abs_diff(1_000 * HOLD) < HOLD));
		assert!(score(&operator).releasing);
		chain.work_of(5);
		assert!(after <= covered() && covered() < before, "{after} {} {before}", covered());
		assert!(load() <= covered());
		// Others bond as much as they have, after the election of this era.
		let (_, other) = Operators::<Runtime>::iter().find(|(who, _)| *who != operator).unwrap();
		let validator = other.validators()[0].clone();
		let own = score(&validator).own;
		while active_era() == 5 {
			chain.block();
		}
		chain.block_with(|| {
			assert_ok!(Staking::bond_extra(signed(&validator), 30_000 * HOLD));
		});
		chain.work_of(6);
		let score = score(&validator);
		assert!(score.own <= own + HOLD && score.own < own + 30_000 * HOLD, "{score:?}");
	});
}

#[test]
fn to_slash_oneself_never_pays() {
	for id in genesis_config_presets::preset_names() {
		let patch = genesis_config_presets::get_preset(&id).unwrap();
		let patch: serde_json::Value = serde_json::from_slice(&patch).unwrap();
		assert_eq!(patch["staking"]["slashRewardFraction"], 0, "{id:?}");
	}
	run_uninsured(|chain| {
		let [alice, bob, charlie] = [Alice, Bob, Charlie].map(account);
		chain.block_with(|| deposit(&alice, 64_000 * HOLD));
		let own = |who: &AccountId| Staking::ledger(who.clone().into()).unwrap().active;
		let offender = Validators::<Runtime>::iter_keys().min_by_key(own).unwrap();
		chain.block_with(|| {
			// Forty times what the validator has itself.
			let payee = RewardDestination::Stash;
			assert_ok!(Staking::bond(signed(&bob), 900_000 * HOLD, payee));
			let targets = vec![MultiAddress::Id(offender.clone())];
			assert_ok!(Staking::nominate(signed(&bob), targets));
		});
		chain.work_of(3);
		let exposure = ErasStakersOverview::<Runtime>::get(3, &offender).unwrap();
		assert!(exposure.total > 40 * exposure.own, "{exposure:?}");
		let part = Perbill::from_percent(4);
		// Reported by friends of the offender.
		chain.block_with(|| {
			let offence = OffenceDetails {
				offender: (offender.clone(), ()),
				reporters: vec![charlie.clone()],
			};
			OffenceHandler::on_offence(&[offence], &[part], Session::current_index());
		});
		let total = || Staking::ledger(offender.clone().into()).unwrap().total;
		let (friend, before) = (hold(&charlie), total());
		chain.work_of(3 + SLASH_DEFER_DURATION + 1);
		// But for what it has earned in the meantime.
		let lost = part * exposure.own;
		assert!(before - total() > lost / 2, "{before} {} {lost}", total());
		// A tenth for reporters would be more than twice that.
		assert_eq!(hold(&charlie) - friend, 0);
		assert!(Perbill::from_percent(5) * (part * exposure.total) > lost);
	});
}
