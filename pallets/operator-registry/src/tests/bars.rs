// SPDX-License-Identifier: Apache-2.0

//! The generated weights stay within what the registry promises.

use crate::{mock::*, weights::SubstrateWeight, WeightInfo};

#[test]
fn to_pay_from_a_bond_costs_a_constant() {
	let (db, weight) = (CountingDbWeight::get(), SubstrateWeight::<Test>::pay());
	let (reads, writes) = (weight.ref_time() / db.read, weight.ref_time() % db.read / db.write);
	assert!(reads > 0 && reads <= 7 && writes <= 6, "{reads} and {writes}");
	assert!(weight.proof_size() <= 6_200, "{}", weight.proof_size());
}
