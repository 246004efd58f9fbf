// SPDX-License-Identifier: Apache-2.0

//! The generated weights stay within what the fund promises.

use crate::{mock::*, weights::SubstrateWeight, WeightInfo};

/// With all claims and provisions there can be; and the operator's bond costs what it costs.
#[test]
fn to_pay_for_a_slash_costs_a_constant() {
	let (db, weight) = (CountingDbWeight::get(), SubstrateWeight::<Test>::cover());
	let (reads, writes) = (weight.ref_time() / db.read, weight.ref_time() % db.read / db.write);
	assert!(reads > 0 && reads <= 7 && writes <= 7, "{reads} and {writes}");
	// The list of claims has room for 64 stashes in 28 eras.
	assert!(weight.proof_size() <= 256_000, "{}", weight.proof_size());
}
