// SPDX-License-Identifier: Apache-2.0

use crate::{mock::*, Error, Event, Parameters};
use frame_support::{assert_noop, assert_ok};
use sp_runtime::{DispatchError, Perbill};

const DELAY_BLOCKS: u32 = 8 * BLOCKS_PER_ERA;

fn set(parameters: Parameters) -> Result<(), DispatchError> {
	InsuranceFund::set_parameters(RuntimeOrigin::root(), parameters)
}

#[test]
fn only_governance_sets_parameters() {
	run(|| {
		let by_alice = InsuranceFund::set_parameters(signed(&ALICE), PLAIN);
		assert_eq!(by_alice, Err(DispatchError::BadOrigin));
	});
}

#[test]
fn parameters_act_after_their_delay() {
	run(|| {
		let from = System::block_number() + DELAY_BLOCKS;
		let parameters = Parameters { min_underwriting: 500, ..PLAIN };
		assert_ok!(set(parameters));
		assert_eq!(events(), [Event::ParametersSet { parameters, from }]);
		let underwrite = || InsuranceFund::underwrite(signed(&ALICE), 499, 0);
		System::set_block_number(from - 1);
		assert_ok!(underwrite());
		System::set_block_number(from);
		assert_noop!(underwrite(), Error::<Test>::TooLittle);
	});
}

#[test]
fn the_delay_is_longer_than_a_withdrawal_takes() {
	let eras = BONDING + crate::EXTRA_ERAS + crate::WINDOW;
	assert!(DELAY_BLOCKS > eras * BLOCKS_PER_ERA);
}

#[test]
fn every_field_is_bounded_on_both_sides() {
	run(|| {
		let refused = |change: fn(&mut Parameters)| {
			let mut parameters = PLAIN;
			change(&mut parameters);
			assert_noop!(set(parameters), Error::<Test>::ParameterOutOfBounds);
		};
		refused(|p| p.min_underwriting = 0);
		refused(|p| p.min_underwriting = 10_001);
		refused(|p| {
			p.premium_min = Perbill::from_percent(11);
			p.premium_max = Perbill::from_percent(12);
		});
		refused(|p| p.premium_max = Perbill::from_percent(51));
		refused(|p| p.yield_max = Perbill::from_percent(11));
		refused(|p| p.target_floor = 1_000_001);
		refused(|p| p.target_cap = 999);
		// The premium may not fall while the fund empties, nor the floor be above the cap.
		refused(|p| p.premium_min = Perbill::from_percent(1));
		refused(|p| (p.target_floor, p.target_cap) = (2_000, 1_999));
		assert_ok!(set(Most::get()));
		assert_ok!(set(Least::get()));
	});
}
