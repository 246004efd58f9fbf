// SPDX-License-Identifier: Apache-2.0

//! What is stored is laid out as it always was, whatever its fields are called: each record is written
//! here by hand, and read.

use crate::{
	mock::*, Batch, Nomination, Phase, PoolState, Queued, Redemption, Report, Rest, StashOf,
};
use codec::{Decode, Encode};
use holdfast_primitives::{Chunk, Schedule, Stream};
use scale_info::{TypeDef, TypeInfo};
use sp_runtime::Perquintill;

/// Reads `bytes`, and checks that they are written again.
fn read<T: Decode + Encode>(bytes: impl Encode) -> T {
	let bytes = bytes.encode();
	let read = T::decode(&mut &bytes[..]).unwrap();
	assert_eq!(read.encode(), bytes);
	read
}

#[test]
fn the_books_keep_their_layout() {
	let stream = Stream { amount: 11, start: 12, end: 13 };
	let schedule = Schedule { current: PLAIN, next: Some((32, PLAIN)) };
	let owned = (1u128, 2u128, 3u128, 4u128, 5u128, 6u128);
	let shares = (7u32, 8u128, 9u32, 10u128);
	let rewards = (stream, 14u128, 15u32, 16u128, 17u128);
	let entered = (18u128, Some(19u32), 20u128, 21u128);
	// Reports, of which those of era 24 are read next.
	let reports = (22u128, 23u128, (2u8, 24u32));
	let work = (25u32, Some(26u32), Some(27u32), 28u32, 29u32, 30u32);
	let withdraw = (2u8, 31u32);
	let part = Perquintill::from_percent(33);
	let rest = (withdraw, Some(schedule), true, false, part, 34u128);
	let pool: PoolState = read((owned, shares, rewards, entered, reports, work, rest));
	assert_eq!((pool.idle(), pool.bonded(), pool.unbonding()), (1, 2, 3));
	assert_eq!((pool.owed(), pool.withheld(), pool.leftover()), (4, 5, 6));
	assert_eq!((pool.class(), pool.shares()), (7, 8));
	assert_eq!((pool.open_batch(), pool.open_shares()), (9, 10));
	assert_eq!((pool.stream(), pool.pending_rewards(), pool.pending_eras()), (stream, 14, 15));
	assert_eq!((pool.prepaid_next(), pool.prepaid_later(), pool.deposited()), (16, 17, 18));
	assert_eq!((pool.streamed(), pool.streamed_over()), (20, 21));
	assert_eq!((pool.reported(), pool.holders_share_of_reports()), (22, 23));
	assert_eq!((pool.scan(), pool.stashes()), (crate::Scan::At(24), 25));
	assert_eq!((pool.era(), pool.settled_era()), (Some(26), Some(27)));
	assert_eq!((pool.era_start(), pool.era_length(), pool.unpaid_era()), (28, 29, 30));
	assert_eq!(pool.phase(), Phase::Withdraw { stash: 31 });
	assert_eq!((pool.parameters(), pool.funds_wait()), (Some(schedule), true));
	assert_eq!(pool.waited_for(), 34);
}

#[test]
fn a_stash_keeps_its_layout() {
	let nominations = vec![(validator(5), 6u32), (validator(7), 8)];
	let stash: StashOf<Test> = read((1u128, vec![(2u32, 3u128)], nominations));
	assert_eq!((stash.active(), stash.unlocking()), (1, &[Chunk { era: 2, value: 3 }][..]));
	let validators: Vec<_> = stash.nominations().iter().map(Nomination::validator).collect();
	assert_eq!(validators, [&validator(5), &validator(7)]);
	assert_eq!(stash.target(), Some(&validator(7)));
}

#[test]
fn batches_and_redemptions_keep_their_layout() {
	let queued: Queued = read((1u32, 2u128, 3u128, Some(4u128), 5u32));
	assert_eq!((queued.id(), queued.shares(), queued.owed()), (1, 2, 3));
	assert_eq!((queued.funded(), queued.closed_in()), (Some(4), 5));
	let batch: Batch = read((1u32, (2u128, 3u128), (2u8, 4u128, 5u128)));
	assert_eq!((batch.first().shares(), batch.first().assets()), (2, 3));
	let Rest::Released(rest) = batch.rest() else { panic!("{batch:?}") };
	assert_eq!((rest.shares(), rest.assets()), (4, 5));
	let redemption: Redemption = read((1u128, true));
	assert_eq!((redemption.shares(), redemption.first_claimed()), (1, true));
	let report: Report<AccountId> = read((1u32, validator(2), 3u32, 4u32, 5u128));
	assert_eq!((report.stash, report.validator, report.amount), (1, validator(2), 5));
	assert_eq!((report.offence_era, report.applied_in), (3, 4));
}

#[test]
fn the_list_of_phases_is_that_of_the_encoding() {
	let TypeDef::Variant(phases) = Phase::type_info().type_def else { unreachable!() };
	let indices: Vec<u8> = Phase::ALL.iter().map(|phase| phase.encode()[0]).collect();
	assert_eq!(indices, phases.variants.iter().map(|phase| phase.index).collect::<Vec<_>>());
	let names: Vec<&str> = phases.variants.iter().map(|phase| phase.name).collect();
	let kept = ["Idle", "PayOut", "Withdraw", "Settle", "Fund", "Score", "Plan", "Rotate"];
	assert_eq!(names[..8], kept);
	assert_eq!(names[8..], ["Rebalance", "FundAgain"]);
}
