// SPDX-License-Identifier: Apache-2.0

//! The generated weights stay within what the pool promises.

use crate::{mock::*, weights::SubstrateWeight, WeightInfo};
use frame_support::weights::Weight;

/// Reads, writes and bytes of proof of a generated weight.
fn cost(weight: Weight) -> (u64, u64, u64) {
	let db = CountingDbWeight::get();
	let time = weight.ref_time();
	(time / db.read, time % db.read / db.write, weight.proof_size())
}

#[track_caller]
fn assert_within(weight: Weight, (reads, writes, proof): (u64, u64, u64)) {
	let cost = cost(weight);
	assert!(cost.0 <= reads && cost.1 <= writes && cost.2 <= proof, "{cost:?}");
}

type Weights = SubstrateWeight<Test>;

#[test]
fn calls_cost_no_more_than_promised() {
	assert_within(Weights::deposit(), (6, 5, 6_200));
	assert_within(Weights::request_redeem(), (6, 5, 6_200));
	assert_within(Weights::redeem_instantly(), (7, 5, 6_200));
	assert_within(Weights::claim(), (4, 4, 6_200));
}

/// With all chunks, batches, reports and claims there can be, which is a report on each of 64 stashes in
/// each of 28 eras; the insurance fund pays. What an operator's bond pays comes on top, see the bars of the
/// registry.
#[test]
fn a_slashed_stash_costs_a_constant() {
	assert_within(Weights::on_slash(), (10, 6, 256_000));
}

#[test]
fn a_block_without_era_work_costs_two_reads() {
	assert_within(Weights::on_poll_idle(), (2, 0, 6_200));
}
