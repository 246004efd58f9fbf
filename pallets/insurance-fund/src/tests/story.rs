// SPDX-License-Identifier: Apache-2.0

use crate::{mock::*, Event};
use frame_support::assert_ok;
use holdfast_primitives::Paid;

#[docify::export]
#[test]
fn a_slash_and_who_pays_for_it() {
	run(|| {
		// The operator of validator 0 has bonded 100; Alice underwrites 500, and Bob gives 1,000 to
		// the reserve.
		Operators::set(&validator(0), 100);
		assert_ok!(InsuranceFund::underwrite(RuntimeOrigin::signed(ALICE), 500, 500));
		assert_ok!(InsuranceFund::top_up_reserve(RuntimeOrigin::signed(BOB), 1_000));
		assert_eq!(InsuranceFund::coverage().assets, 1_500);

		// A slash of 800 is reported. It is provisioned, and nobody pays yet.
		report(&[(0, 2, 800)]);
		assert_eq!(InsuranceFund::coverage().provisional, 800);
		assert_eq!(InsuranceFund::coverage().assets, 1_500);

		// Two eras later it is applied, and paid in full: in the same block, to the pool.
		eras(2);
		events();
		assert_eq!(slash(0, 2, 800, 800), 800);
		let paid = Paid { operator: 100, underwriters: 500, leavers: 0, reserve: 200 };
		let closed = Event::ClassClosed { class: 0, rest: 0 };
		let covered = Event::LossCovered {
			claim: 0,
			stash: STASH,
			validator: Some(validator(0)),
			loss: 800,
			paid,
		};
		assert_eq!(events(), [covered, closed]);
		assert_eq!(InsuranceFund::coverage().assets, 800);
		assert_eq!(InsuranceFund::coverage().provisional, 0);
		assert_eq!(InsuranceFund::claims(0)[0].paid, paid);
		// What the operator still owes is on record.
		assert_eq!(Operators::of(&validator(0)).debt, 700);
	});
}
