// SPDX-License-Identifier: Apache-2.0

use crate::{mock::*, settings::parameters, Error, Event, Parameters};
use frame_support::{assert_noop, assert_ok};
use sp_runtime::{DispatchError, Perbill};

const DELAY: u32 = 6 * BLOCKS_PER_ERA;

fn set(parameters: Parameters) -> Result<(), DispatchError> {
	LiquidStaking::set_parameters(RuntimeOrigin::root(), parameters)
}

#[test]
fn only_governance_sets_parameters() {
	run(|| {
		let by_alice = LiquidStaking::set_parameters(RuntimeOrigin::signed(ALICE), PLAIN);
		assert_eq!(by_alice, Err(DispatchError::BadOrigin));
	});
}

#[test]
fn parameters_act_after_their_delay() {
	run(|| {
		let from = System::block_number() + DELAY;
		let parameters = Parameters { min_deposit: 500, ..PLAIN };
		assert_ok!(set(parameters));
		assert_eq!(events(), [Event::ParametersSet { parameters, from }]);
		let deposit = || LiquidStaking::deposit(RuntimeOrigin::signed(ALICE), 499, 0);
		System::set_block_number(from - 1);
		assert_ok!(deposit());
		System::set_block_number(from);
		assert_noop!(deposit(), Error::<Test>::DepositTooSmall);
	});
}

#[test]
fn parameters_that_wait_are_replaced_and_those_that_act_are_not() {
	run(|| {
		let with = |min_deposit| Parameters { min_deposit, ..PLAIN };
		assert_ok!(set(with(500)));
		System::set_block_number(System::block_number() + DELAY - 1);
		assert_ok!(set(with(600)));
		System::set_block_number(System::block_number() + DELAY - 1);
		assert_eq!(parameters::<Test>(&pool()), PLAIN);
		System::set_block_number(System::block_number() + 1);
		assert_eq!(parameters::<Test>(&pool()), with(600));
		assert_ok!(set(with(700)));
		assert_eq!(parameters::<Test>(&pool()), with(600));
		assert_eq!(pool().parameters().unwrap().current, with(600));
	});
}

#[test]
fn every_field_is_bounded_on_both_sides() {
	run(|| {
		let refused = |change: fn(&mut Parameters)| {
			let mut parameters = PLAIN;
			change(&mut parameters);
			assert_noop!(set(parameters), Error::<Test>::ParameterOutOfBounds);
		};
		refused(|p| p.min_deposit = 0);
		refused(|p| p.min_deposit = 10_001);
		refused(|p| p.min_redemption = 10_001);
		refused(|p| p.buffer = Perbill::from_percent(51));
		refused(|p| p.instant_fee_max = Perbill::from_percent(51));
		refused(|p| p.reward_fee = Perbill::from_percent(21));
		// The fee may not fall while the buffer empties, nor start above its own bound.
		refused(|p| p.instant_fee_min = Perbill::from_percent(1));
		refused(|p| {
			p.instant_fee_min = Perbill::from_percent(11);
			p.instant_fee_max = Perbill::from_percent(12);
		});
		assert_ok!(set(Most::get()));
		assert_ok!(set(Least::get()));
	});
}
