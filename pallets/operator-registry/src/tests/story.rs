// SPDX-License-Identifier: Apache-2.0

use crate::{mock::*, *};
use frame_support::{assert_ok, traits::fungible::Mutate};
use sp_runtime::Perbill;

#[test]
#[docify::export_content]
fn a_validator_is_nominated_when_both_sides_consent() {
	run(|| {
		let (acme, validator, stash) = (10, 100, 0);
		Balances::set_balance(&acme, 10_000);
		fake(validator, |_| ());

		// Acme bonds, the registrar has checked what it says, and the validator agrees.
		let profile = Profile::new("acme", "eu-north", "own-racks", "holdfast-node").unwrap();
		assert_ok!(Registry::register_operator(signed(acme), profile.clone()));
		assert_ok!(Registry::attest(
			signed(REGISTRAR),
			acme,
			profile,
			Attested::ALL,
			Default::default()
		));
		assert_ok!(Registry::add_validator(signed(acme), validator));
		assert_ok!(Registry::confirm_validator(signed(validator), acme));

		// Newcomers are on probation for two eras.
		assert_eq!(plan(&[None], 1_000), [None]);
		Era::set(Era::get() + 2);
		assert_eq!(plan(&[None], 1_000), [Some(validator)]);
		assert_eq!(reason(stash), Some(Reason::New));

		// It raises its commission beyond the limit, and loses the nomination in the next era.
		fake(validator, |v| v.commission = Perbill::from_percent(100));
		Era::set(Era::get() + 1);
		assert_eq!(plan(&[Some(validator)], 1_000), [None]);
		assert_eq!(reason(stash), Some(Reason::Unfit(Fitness::CommissionTooHigh)));
	});
}
