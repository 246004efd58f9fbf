// SPDX-License-Identifier: Apache-2.0

//! What is stored keeps its encoding: amounts are plain numbers, whatever their type is called. The
//! books are compared with those of version 1 in `migrations.rs`.

use crate::{mock::Test, FundState, Position, Provision, Request};
use crate::{HistoryOf, Outcome, PositionOf, ProvisionsOf, WithheldOf};
use codec::{Encode, MaxEncodedLen};
use frame_support::traits::ConstU32;
use holdfast_primitives::{Assets, Shares};

/// The unit of a provision's indices.
const UNIT: u128 = 10u128.pow(36);

#[test]
fn amounts_are_stored_as_plain_numbers() {
	let requests = vec![Request { id: 3, shares: Shares(4), matures_in: 5 }];
	let requests = requests.try_into().unwrap();
	let position = Position::<ConstU32<4>> { class: 1, shares: Shares(2), requests };
	assert_eq!(position.encode(), (1u32, 2u128, vec![(3u32, 4u128, 5u32)]).encode());

	let mut provision = Provision::new(6, 7);
	provision.add(Assets(8));
	let part = provision.withhold(Assets(3));
	assert_eq!(part.encode(), (6u32, 3u128, UNIT, 0u128).encode());
	let plain = (6u32, 7u32, 8u128, 3u128, 0u128, 1u32, UNIT, 0u128);
	assert_eq!(provision.encode(), plain.encode());
	provision.resolve(Assets(8), Assets(1));
	let outcome = provision.outcome().unwrap();
	assert_eq!(outcome.encode(), (2u128, 1u32, UNIT.div_ceil(3)).encode());
}

/// As the proofs in the generated weights have them, but for the lists, which are longer there.
#[test]
fn what_is_stored_is_as_long_as_before() {
	assert_eq!(FundState::max_encoded_len(), 221);
	assert_eq!(Outcome::max_encoded_len(), 16 + 4 + 16);
	assert_eq!(PositionOf::<Test>::max_encoded_len(), 4 + 16 + 1 + 4 * (4 + 16 + 4));
	assert_eq!(ProvisionsOf::<Test>::max_encoded_len(), 1 + 4 * (2 * 4 + 3 * 16 + 4 + 2 * 16));
	assert_eq!(WithheldOf::<Test>::max_encoded_len(), 32 + 1 + 4 * (4 + 3 * 16));
	let claim = 4 + (1 + 32) + 2 * 4 + 2 * 16 + 4 * 16 + 1;
	assert_eq!(HistoryOf::<Test>::max_encoded_len(), 1 + 16 * claim);
}
