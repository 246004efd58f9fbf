// SPDX-License-Identifier: GPL-3.0-only

//! Real offences on the real runtime, and who pays for them.

use crate::chain::*;
use frame_support::assert_ok;
use holdfast_primitives::{ClaimState, Paid};
use holdfast_runtime::{
	configs::staking::SLASH_DEFER_DURATION, AccountId, Balance, InsuranceFund, LiquidStaking,
	OperatorRegistry, RootOffences, Runtime, RuntimeOrigin, Staking, HOLD,
};
use pallet_insurance_fund::{Call, Event, Fund};
use pallet_operator_registry::{Operators, Validators};
use sp_keyring::Sr25519Keyring::{Alice, Bob, Charlie};
use sp_runtime::Perbill;

/// Eras from an offence to its slash.
const DELAY: u32 = SLASH_DEFER_DURATION + 1;

fn offend(offenders: Vec<(AccountId, Perbill)>) {
	assert_ok!(RootOffences::create_offence(RuntimeOrigin::root(), offenders, None, None));
}

fn underwrite(who: &AccountId, assets: Balance) {
	dispatch(who, Call::underwrite { assets, min_shares: 1 }).unwrap();
}

fn top_up(who: &AccountId, assets: Balance) {
	dispatch(who, Call::top_up_reserve { assets }).unwrap();
}

/// The validator with most of the pool's stashes.
fn favourite() -> AccountId {
	let scores = OperatorRegistry::validators();
	scores.into_iter().max_by_key(|score| score.ours).unwrap().validator
}

/// What was paid for all losses among `events`, and what was lost.
fn covered(events: &[Event<Runtime>]) -> (Paid, Balance) {
	let mut sum = (Paid::default(), 0);
	for event in events {
		if let Event::LossCovered { paid, loss, .. } = event {
			sum = (sum.0.plus(paid), sum.1 + loss);
		}
	}
	sum
}

fn bonds() -> Balance {
	Operators::<Runtime>::iter_values().map(|operator| operator.bond()).sum()
}

#[test]
fn a_slash_is_paid_in_the_block_in_which_it_lands() {
	run(|chain| {
		let [alice, bob, charlie] = [Alice, Bob, Charlie].map(account);
		chain.block_with(|| {
			deposit(&alice, 640_000 * HOLD);
			underwrite(&bob, 2_000 * HOLD);
			top_up(&charlie, 20_000 * HOLD);
		});
		chain.work_of(3);
		let offender = favourite();
		chain.block_with(|| offend(vec![(offender.clone(), Perbill::from_percent(40))]));
		chain.block();
		chain.block();
		// Reported: provisioned and visible.
		let reported = pool().reported();
		assert!(reported > 13_000 * HOLD, "{}", reported / HOLD);
		assert_eq!(InsuranceFund::coverage().provisional, reported);
		let claims = InsuranceFund::claims(0);
		assert_eq!(
			(claims.len(), claims[0].state, claims[0].open),
			(1, ClaimState::Open, reported)
		);
		assert_eq!(claims[0].validator, Some(offender.clone()));

		while active_era() < 2 + DELAY {
			chain.block();
		}
		chain.work_of(2 + DELAY);
		chain.fund_events();
		let before = (Fund::<Runtime>::get(), bonds());
		while active_era() < 3 + DELAY {
			let rate = LiquidStaking::exchange_rate();
			chain.block();
			assert!(LiquidStaking::exchange_rate() >= rate, "the rate falls");
		}
		// Applied: in the order of the tranches, by exactly the loss.
		let (paid, lost) = covered(&chain.fund_events());
		assert_eq!(lost, reported);
		assert_eq!(paid.total(), lost);
		assert_eq!(paid.operator, 10_000 * HOLD);
		assert_eq!(bonds(), before.1 - paid.operator);
		assert!(paid.underwriters >= 2_000 * HOLD);
		assert_eq!(paid.reserve, lost - paid.operator - paid.underwriters);
		let after = Fund::<Runtime>::get();
		assert_eq!(after.reserve().0, before.0.reserve().0 - paid.reserve);
		assert_eq!(after.reported().0, 0);
		assert_eq!(InsuranceFund::claims(0)[0].state, ClaimState::Applied);
		// It is never paid again.
		chain.work_of(4 + DELAY);
		assert_eq!(covered(&chain.fund_events()).1, 0);
	});
}

#[test]
fn what_exceeds_the_fund_is_shared_by_the_holders() {
	run(|chain| {
		let [alice, bob] = [Alice, Bob].map(account);
		chain.block_with(|| {
			deposit(&alice, 640_000 * HOLD);
			top_up(&bob, 1_000 * HOLD);
		});
		chain.work_of(3);
		let offender = favourite();
		chain.block_with(|| offend(vec![(offender.clone(), Perbill::from_percent(60))]));
		chain.work_of(2 + DELAY);
		chain.fund_events();
		let reserve = Fund::<Runtime>::get().reserve().0;
		let mut assets = LiquidStaking::total_assets();
		while active_era() < 3 + DELAY {
			assets = LiquidStaking::total_assets();
			chain.block();
		}
		let streamed = LiquidStaking::total_assets();
		let (paid, lost) = covered(&chain.fund_events());
		assert_eq!((paid.operator, paid.underwriters), (10_000 * HOLD, 0));
		// Half of the reserve is the limit of an era.
		assert!(paid.reserve.abs_diff(reserve / 2) <= 1, "{} of {reserve}", paid.reserve);
		// The holders bear the rest, less what the stream brought in this block.
		let borne = assets - streamed;
		let rest = lost - paid.total();
		assert!(borne <= rest && rest - borne < 10 * HOLD, "{borne} of {rest}");
		// What the bond could not pay is owed, and nobody of this operator is nominated.
		let debt = pallet_operator_registry::Debts::<Runtime>::get(&offender).unwrap();
		assert_eq!(debt.amount(), lost - paid.operator);
	});
}

#[test]
fn a_cancelled_report_releases_everything() {
	run(|chain| {
		let [alice, bob] = [Alice, Bob].map(account);
		chain.block_with(|| {
			deposit(&alice, 640_000 * HOLD);
			underwrite(&bob, 2_000 * HOLD);
		});
		chain.work_of(3);
		let offender = favourite();
		chain.block_with(|| offend(vec![(offender, Perbill::from_percent(25))]));
		chain.block();
		chain.block();
		assert!(InsuranceFund::coverage().provisional > 0);
		let before = (Fund::<Runtime>::get().capital(), bonds());
		chain.block_with(|| {
			assert_ok!(Staking::cancel_deferred_slash(RuntimeOrigin::root(), 3 + DELAY, vec![0]));
		});
		chain.block();
		chain.block();
		assert_eq!(InsuranceFund::coverage().provisional, 0);
		assert_eq!(InsuranceFund::claims(0)[0].state, ClaimState::Cancelled);
		chain.work_of(4 + DELAY);
		assert_eq!(covered(&chain.fund_events()).1, 0);
		assert!(Fund::<Runtime>::get().capital() >= before.0);
		assert_eq!(bonds(), before.1);
	});
}

#[test]
fn an_operator_loses_all_of_its_validators() {
	run(|chain| {
		let [alice, bob, charlie] = [Alice, Bob, Charlie].map(account);
		chain.block_with(|| {
			deposit(&alice, 640_000 * HOLD);
			underwrite(&bob, 5_000 * HOLD);
			top_up(&charlie, 5_000 * HOLD);
		});
		chain.work_of(3);
		let operator = Validators::<Runtime>::get(favourite()).unwrap().operator().clone();
		let validators = Operators::<Runtime>::get(&operator).unwrap().validators().to_vec();
		let all = validators.iter().map(|v| (v.clone(), Perbill::one())).collect();
		chain.block_with(|| offend(all));
		// The invariants of all pallets are checked after each block.
		let underwriting = Fund::<Runtime>::get().underwriting().0;
		chain.work_of(3 + DELAY);
		let (paid, lost) = covered(&chain.fund_events());
		assert!(lost > 70_000 * HOLD, "{}", lost / HOLD);
		assert_eq!(paid.operator, 10_000 * HOLD);
		assert!(paid.underwriters >= underwriting, "all of it");
		assert!(paid.total() < lost);
		assert_eq!(pool().reported(), 0);
		// It goes on, without them.
		chain.work_of(5 + DELAY);
		let stashes = LiquidStaking::stashes();
		assert!(stashes
			.iter()
			.all(|s| s.validator.as_ref().is_none_or(|v| !validators.contains(v))));
		dispatch(&alice, pallet_liquid_staking::Call::request_redeem { shares: HOLD }).unwrap();
	});
}

/// The exit price, as a fixed point number.
fn rate() -> u128 {
	LiquidStaking::exchange_rate().into_inner()
}

#[test]
fn a_report_that_the_bond_pays_does_not_move_the_price() {
	run(|chain| {
		let alice = account(Alice);
		chain.block_with(|| deposit(&alice, 640_000 * HOLD));
		chain.work_of(3);
		let offender = favourite();
		let before = rate();
		// The fund has next to nothing; the bond of 10,000 is more than a tenth of the stake.
		chain.block_with(|| offend(vec![(offender.clone(), Perbill::from_percent(10))]));
		chain.block();
		chain.block();
		let reported = pool().reported();
		let fund = Fund::<Runtime>::get();
		assert!(reported > fund.capital().0 * 2 && reported < 10_000 * HOLD, "{}", reported / HOLD);
		assert_eq!(fund.bonds().0, reported);
		assert!(rate() >= before, "the price falls from {before} to {}", rate());
		// Nor of what an instant redemption brings.
		let quote = LiquidStaking::preview_redeem_instantly(100 * HOLD).unwrap();
		chain.work_of(2 + DELAY);
		while active_era() < 3 + DELAY {
			let before = rate();
			chain.block();
			assert!(rate() >= before, "the price falls from {before} to {}", rate());
		}
		let (paid, lost) = covered(&chain.fund_events());
		assert_eq!((paid.operator, paid.total(), lost), (reported, reported, reported));
		assert_eq!(Fund::<Runtime>::get().bonds().0, 0);
		assert!(quote > 0);
	});
}

#[test]
fn what_exceeds_bond_and_fund_lowers_the_price_at_once_and_no_more_when_it_lands() {
	run(|chain| {
		let alice = account(Alice);
		chain.block_with(|| deposit(&alice, 640_000 * HOLD));
		chain.work_of(3);
		// Two validators of one operator, with one bond.
		let operator = Validators::<Runtime>::get(favourite()).unwrap().operator().clone();
		let validators = Operators::<Runtime>::get(&operator).unwrap().validators().to_vec();
		let ours = |v: &&AccountId| {
			OperatorRegistry::validators()
				.iter()
				.any(|score| score.validator == **v && score.ours > 0)
		};
		let offenders: Vec<_> = validators.iter().filter(ours).collect();
		assert!(offenders.len() > 1);
		let assets = LiquidStaking::total_assets();
		let before = rate();
		chain.block_with(|| {
			let part = Perbill::from_percent(20);
			offend(offenders.iter().map(|v| ((*v).clone(), part)).collect())
		});
		chain.block();
		chain.block();
		let (reported, fund) = (pool().reported(), Fund::<Runtime>::get());
		assert_eq!(fund.bonds().0, 10_000 * HOLD, "one bond counts once");
		let uncovered = reported - fund.bonds().0 - fund.payable_reserve().0;
		assert!(uncovered > 0);
		let fell = before - rate();
		let expected = before * (uncovered / HOLD) / (assets / HOLD);
		assert!(fell.abs_diff(expected) < expected / 20, "{fell}, not {expected}");
		chain.work_of(2 + DELAY);
		while active_era() < 3 + DELAY {
			let before = rate();
			chain.block();
			assert!(rate() >= before, "the price falls from {before} to {}", rate());
		}
		let (paid, lost) = covered(&chain.fund_events());
		assert_eq!((paid.operator, lost), (10_000 * HOLD, reported));
	});
}

#[test]
fn the_reserve_pays_in_the_first_era() {
	sp_io::TestExternalities::new(genesis()).execute_with(|| {
		assert_eq!(Fund::<Runtime>::get().payable_reserve().0, 0);
		assert_ok!(InsuranceFund::top_up_reserve(
			RuntimeOrigin::signed(account(Alice)),
			1_000 * HOLD
		));
		assert_eq!(InsuranceFund::coverage().assets, 500 * HOLD);
	});
}

#[test]
fn the_storage_of_the_first_version_is_upgraded_with_the_runtime() {
	use frame_support::traits::{GetStorageVersion, OnRuntimeUpgrade, StorageVersion};
	run(|chain| {
		let alice = account(Alice);
		chain.block_with(|| {
			deposit(&alice, 640_000 * HOLD);
			underwrite(&alice, 2_000 * HOLD);
		});
		chain.work_of(3);
		let offender = favourite();
		chain.block_with(|| offend(vec![(offender, Perbill::from_percent(10))]));
		chain.block();
		chain.block();
		let fund = Fund::<Runtime>::get();
		assert!(fund.bonds().0 > 0 && fund.reported().0 > 0);
		// The first version had all but the last three fields.
		let mut old = codec::Encode::encode(&fund);
		let new = codec::Encode::encode(&(fund.bonds(), fund.first_due(), fund.blocked()));
		old.truncate(old.len() - new.len());
		frame_support::storage::unhashed::put_raw(&Fund::<Runtime>::hashed_key(), &old);
		StorageVersion::new(1).put::<InsuranceFund>();
		assert!(InsuranceFund::do_try_state().is_err());
		holdfast_runtime::Migrations::on_runtime_upgrade();
		assert_eq!(InsuranceFund::on_chain_storage_version(), 2);
		let mut without_bonds = fund.clone();
		without_bonds.reduce_bonds(fund.bonds());
		assert_eq!(Fund::<Runtime>::get(), without_bonds);
		chain.work_of(4);
		assert_eq!(Fund::<Runtime>::get().bonds(), fund.bonds());
	});
}
