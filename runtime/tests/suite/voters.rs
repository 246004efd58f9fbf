// SPDX-License-Identifier: GPL-3.0-only

//! Who votes in elections, whose seats there are, and what strangers can make of both.

use crate::chain::*;
use frame_election_provider_support::{
	bounds::DataProviderBounds, ElectionDataProvider, SortedListProvider,
};
use frame_support::{
	assert_ok,
	traits::{fungible::Mutate, OnPoll},
	weights::WeightMeter,
};
use holdfast_primitives::{EraIndex, StakingBackend};
use holdfast_runtime::{
	configs::{
		liquid_staking::{DefaultParameters, WorkLimit},
		staking::{
			BONDING_DURATION, MAX_CANDIDATES, MAX_ELECTION_VOTERS, MAX_NOMINATORS,
			SLASH_DEFER_DURATION,
		},
	},
	AccountId, Balance, Balances, LiquidStaking, OperatorRegistry, RootOffences, Runtime,
	RuntimeOrigin, Staking, System, VoterList, EXISTENTIAL_DEPOSIT, HOLD,
};
use pallet_bags_list::{Instance1, NextNodeAutoRebagged};
use pallet_liquid_staking::{Event, Queue, Scan};
use pallet_operator_registry::Operators;
use pallet_staking::{
	ConfigOp, Error, MaxNominatorsCount, MinNominatorBond, NominationsQuota, Nominators,
	RewardDestination, UnappliedSlashes, Validators,
};
use sp_keyring::Sr25519Keyring::{Alice, Bob};
use sp_runtime::{DispatchError, DispatchResult, Perbill};
use std::collections::BTreeMap;

/// Stashes of the pool.
const STASHES: u32 = 64;

fn signed(who: &AccountId) -> RuntimeOrigin {
	RuntimeOrigin::signed(who.clone())
}

fn stranger(i: u32) -> AccountId {
	let mut id = [9; 32];
	id[..4].copy_from_slice(&i.to_le_bytes());
	AccountId::new(id)
}

fn validators() -> Vec<AccountId> {
	let mut all: Vec<AccountId> = Validators::<Runtime>::iter_keys().collect();
	all.sort();
	all
}

fn bond(who: &AccountId, value: Balance) {
	Balances::mint_into(who, value + HOLD).unwrap();
	assert_ok!(Staking::bond(signed(who), value, RewardDestination::Stash));
}

fn nominate(who: &AccountId, validators: &[AccountId]) -> DispatchResult {
	Staking::nominate(signed(who), validators.iter().cloned().map(Into::into).collect())
}

/// Strangers take seats, until `left` are free. The first of them is `stranger(from)`. Each nominates
/// one validator.
fn take_seats(from: u32, left: u32) {
	let targets = validators();
	let most = MaxNominatorsCount::<Runtime>::get().unwrap();
	let mut i = from;
	while Nominators::<Runtime>::count() + left < most {
		let who = stranger(i);
		bond(&who, MinNominatorBond::<Runtime>::get());
		let target = &targets[i as usize % targets.len()];
		assert_ok!(nominate(&who, std::slice::from_ref(target)));
		i += 1;
	}
}

/// Each voter of the list nominates or validates, and each who does is in the list.
fn check_voters() {
	for voter in VoterList::iter() {
		assert!(
			Nominators::<Runtime>::contains_key(&voter)
				|| Validators::<Runtime>::contains_key(&voter),
			"{voter} is in the list"
		);
	}
	let voters = Nominators::<Runtime>::count() + Validators::<Runtime>::count();
	assert_eq!(VoterList::count(), voters);
}

/// How many stashes of the pool nominate each validator.
fn loads() -> BTreeMap<AccountId, u32> {
	let mut loads = BTreeMap::new();
	for i in 0..STASHES {
		let nominations = Nominators::<Runtime>::get(LiquidStaking::stash_account(i));
		for validator in nominations.into_iter().flat_map(|n| n.targets.into_inner()) {
			*loads.entry(validator).or_default() += 1;
		}
	}
	loads
}

/// No validator has more of the pool's stashes than its cap allows, and all nominate.
fn check_all_nominate() {
	let loads = loads();
	assert_eq!(loads.values().sum::<u32>(), STASHES, "{loads:?}");
	assert!(loads.values().all(|load| *load <= STASHES / 10), "{loads:?}");
}

fn failures(chain: &mut Chain) -> Vec<Event<Runtime>> {
	let failed = |e: &Event<Runtime>| matches!(e, Event::StepFailed { .. });
	chain.pool_events().into_iter().filter(failed).collect()
}

/// What was not staked, but for what is kept to pay who leaves at once.
fn left_idle() -> Balance {
	let buffer = DefaultParameters::get().buffer_target(LiquidStaking::total_assets());
	pool().idle().saturating_sub(buffer)
}

/// What an election reads of its voters, in bytes, after `setup`.
fn proof_of_voters(setup: impl FnOnce(&mut Chain)) -> usize {
	let bounds = DataProviderBounds { count: Some(MAX_ELECTION_VOTERS.into()), size: None };
	measure(setup, || Staking::electing_voters(bounds, 0).unwrap()).1
}

// Voters.

#[test]
fn who_bonds_and_does_not_nominate_is_no_voter() {
	run(|chain| {
		let (who, other) = (stranger(0), account(Bob));
		let rebag = || VoterList::rebag(signed(&other), who.clone().into());
		// Past the minimum bond and the most nominators there may be.
		chain.block_with(|| {
			MaxNominatorsCount::<Runtime>::put(0);
			bond(&who, EXISTENTIAL_DEPOSIT);
			assert!(nominate(&who, &validators()[..1]).is_err());
			assert!(rebag().is_err());
			check_voters();
			MaxNominatorsCount::<Runtime>::put(MAX_NOMINATORS);
			assert_ok!(Staking::bond_extra(signed(&who), HOLD));
			assert!(rebag().is_err());
		});
		check_voters();
		// Who nominates is, and is moved when it has more.
		chain.block_with(|| {
			Balances::mint_into(&who, 1_000 * HOLD).unwrap();
			assert_ok!(Staking::bond_extra(signed(&who), 1_000 * HOLD));
			assert_ok!(nominate(&who, &validators()[..1]));
			assert_ok!(rebag());
			check_voters();
			assert_ok!(Staking::chill(signed(&who)));
			assert!(rebag().is_err());
		});
		check_voters();
		assert!(!VoterList::contains(&who));
	});
}

#[test]
fn ledgers_without_nominations_add_nothing_to_an_election() {
	const STRANGERS: u32 = 1_000;
	let crowd = |chain: &mut Chain| {
		chain.block_with(|| {
			for who in (0..STRANGERS).map(stranger) {
				bond(&who, EXISTENTIAL_DEPOSIT);
				let _ = VoterList::rebag(signed(&account(Bob)), who.into());
			}
		})
	};
	let (without, with) = (proof_of_voters(|chain| chain.block()), proof_of_voters(crowd));
	println!("bytes read by an election: {without}, and {with} with {STRANGERS} ledgers");
	// The trie is deeper.
	assert!(with < without + 20_000, "{with} bytes instead of {without}");
}

#[test]
fn a_stash_that_is_chilled_while_the_list_is_at_it_stays_out() {
	run(|chain| {
		let alice = account(Alice);
		chain.block_with(|| deposit(&alice, 640_000 * HOLD));
		chain.work_of(1);
		let stash = loop {
			let next = NextNodeAutoRebagged::<Runtime, Instance1>::get();
			match next.filter(|next| LiquidStaking::stash_index(next).is_some()) {
				Some(stash) => break stash,
				None => chain.block(),
			}
		};
		// The list goes on with it in the same block.
		chain.block_with(|| {
			assert_ok!(Staking::chill(signed(&stash)));
			check_voters();
		});
		check_voters();
		for _ in 0..32 {
			chain.block();
			check_voters();
		}
		chain.work_of(2);
		check_all_nominate();
	});
}

#[test]
fn voters_who_neither_nominate_nor_validate_leave_the_list_by_themselves() {
	run(|chain| {
		chain.block_with(|| {
			for who in (0..20).map(stranger) {
				bond(&who, HOLD);
				assert_ok!(VoterList::on_insert(who, 1));
			}
		});
		for _ in 0..20 {
			chain.block();
		}
		check_voters();
	});
}

// Seats.

#[test]
fn the_pool_has_its_seats_when_all_are_taken() {
	run(|chain| {
		let alice = account(Alice);
		chain.block_with(|| {
			take_seats(0, 0);
			deposit(&alice, 64_000 * HOLD);
		});
		chain.work_of(1);
		assert_eq!(left_idle(), 0, "{} HOLD", left_idle() / HOLD);
		check_all_nominate();
		assert_eq!(failures(chain), vec![]);
		// All fit into an election, and strangers are limited as before.
		const { assert!(MAX_NOMINATORS + STASHES + MAX_CANDIDATES <= MAX_ELECTION_VOTERS) };
		assert!(VoterList::count() <= MAX_ELECTION_VOTERS);
		assert_eq!(MaxNominatorsCount::<Runtime>::get(), Some(MAX_NOMINATORS));
		chain.block_with(|| {
			let late = stranger(5_000);
			bond(&late, 1_000 * HOLD);
			let refused: DispatchError = Error::<Runtime>::TooManyNominators.into();
			assert_eq!(nominate(&late, &validators()[..1]), Err(refused));
		});
	});
}

#[test]
fn one_seat_left_does_not_put_the_pool_on_one_validator() {
	run(|chain| {
		let alice = account(Alice);
		chain.block_with(|| {
			take_seats(0, 1);
			deposit(&alice, 640_000 * HOLD);
		});
		chain.work_of(1);
		check_all_nominate();
		assert_eq!(left_idle(), 0, "{} HOLD", left_idle() / HOLD);
		let heaviest = LiquidStaking::stashes().iter().map(|stash| stash.active).max().unwrap();
		assert!(heaviest < 10_000 * HOLD, "{} HOLD in one stash", heaviest / HOLD);
	});
}

#[test]
fn strangers_cannot_take_the_seats_of_chilled_stashes() {
	run(|chain| {
		let alice = account(Alice);
		chain.block_with(|| deposit(&alice, 640_000 * HOLD));
		chain.work_of(3);
		check_all_nominate();
		chain.block_with(|| {
			for operator in Operators::<Runtime>::iter_keys().take(4) {
				assert_ok!(OperatorRegistry::suspend(RuntimeOrigin::root(), operator, 2));
			}
		});
		chain.work_of(4);
		let nominate = loads().values().sum::<u32>();
		assert!(nominate <= STASHES - 16, "{nominate} nominate");
		chain.block_with(|| take_seats(0, 0));
		chain.pool_events();
		// It is lifted. Who was unfit is fit again by the plan of this era at the latest.
		chain.work_of(8);
		assert_eq!(failures(chain), vec![]);
		check_all_nominate();
	});
}

#[test]
fn a_lower_maximum_of_nominators_does_not_keep_the_pool_out() {
	run(|chain| {
		let alice = account(Alice);
		chain.block_with(|| {
			assert_ok!(set_max_nominators(0));
			deposit(&alice, 640_000 * HOLD);
		});
		chain.work_of(1);
		check_all_nominate();
		chain.block_with(|| {
			assert_ok!(set_max_nominators(1));
			for i in 0..8 {
				let stash = LiquidStaking::stash_account(i);
				let validator = LiquidStaking::stashes()[i as usize].validator.clone().unwrap();
				assert_ok!(Staking::kick(signed(&validator), vec![stash.clone().into()]));
				// And is forgotten altogether.
				assert_ok!(Staking::chill(signed(&stash)));
			}
		});
		chain.pool_events();
		chain.work_of(2);
		assert_eq!(failures(chain), vec![]);
		check_all_nominate();
		assert_eq!(MaxNominatorsCount::<Runtime>::get(), Some(1));
	});
}

fn set_max_nominators(most: u32) -> DispatchResult {
	Staking::set_staking_configs(
		RuntimeOrigin::root(),
		ConfigOp::Noop,
		ConfigOp::Noop,
		ConfigOp::Set(most),
		ConfigOp::Noop,
		ConfigOp::Noop,
		ConfigOp::Noop,
		ConfigOp::Noop,
	)
}

// Reports and eras.

#[test]
fn the_longest_list_of_slashes_is_read_within_the_pools_limit() {
	let setup = |chain: &mut Chain| {
		chain.block_with(|| {
			let most =
				<<Runtime as pallet_staking::Config>::NominationsQuota as NominationsQuota<
					Balance,
				>>::get_quota(HOLD);
			let targets = validators();
			for i in 0..MAX_NOMINATORS {
				let who = stranger(i);
				bond(&who, 200 * HOLD);
				let start = i as usize % targets.len();
				let chosen: Vec<AccountId> =
					targets.iter().cycle().skip(start).take(most as usize).cloned().collect();
				assert_ok!(nominate(&who, &chosen));
			}
			deposit(&account(Alice), 640_000 * HOLD);
		});
		chain.work_of(2);
		chain.block_with(|| {
			let all = validators().into_iter().map(|v| (v, Perbill::from_percent(10))).collect();
			assert_ok!(RootOffences::create_offence(RuntimeOrigin::root(), all, None, None));
		});
		let due = UnappliedSlashes::<Runtime>::get(2 + SLASH_DEFER_DURATION + 1);
		println!(
			"{} slashed by {} validators",
			due.iter().map(|slash| slash.others.len()).sum::<usize>(),
			due.len()
		);
	};
	let (scan, read) = measure(setup, || {
		let mut meter = WeightMeter::new();
		while pool().scan() != Scan::Fresh {
			LiquidStaking::on_poll(System::block_number(), &mut meter);
		}
		meter.consumed()
	});
	let limit = WorkLimit::get().proof_size();
	println!("{read} bytes read, {scan:?} declared, at most {limit}");
	assert!(read as u64 <= limit, "{read} bytes of at most {limit}");
}

#[test]
fn redemptions_are_paid_when_every_session_begins_an_era() {
	run(|chain| {
		let alice = account(Alice);
		chain.block_with(|| deposit(&alice, 640_000 * HOLD));
		chain.work_of(3);
		chain.block_with(|| {
			assert_ok!(Staking::force_new_era_always(RuntimeOrigin::root()));
			request_redeem(&alice, 100_000 * HOLD);
		});
		let closed = |id: u32| Queue::<Runtime>::get().iter().find(|q| q.id() == id).cloned();
		let mut closed_in: Option<EraIndex> = None;
		let before = hold(&alice);
		while claim(0, &alice).is_err() {
			closed_in = closed_in.or(closed(0).map(|queued| queued.closed_in()));
			assert!(
				closed_in.is_none_or(|era| active_era() <= era + BONDING_DURATION + 2),
				"not paid in era {}, closed in {closed_in:?}",
				active_era()
			);
			chain.block();
		}
		assert!(hold(&alice) >= before + 100_000 * HOLD);
		// Nothing left before its era was active.
		let stashes = LiquidStaking::stashes();
		assert!(stashes.iter().all(|stash| {
			let ledger =
				<Runtime as pallet_liquid_staking::Config>::Staking::ledger(&stash.account);
			ledger.unwrap().is_some_and(|ledger| ledger.active == stash.active)
		}));
		assert_eq!(failures(chain), vec![]);
	});
}
