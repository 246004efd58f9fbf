// SPDX-License-Identifier: Apache-2.0

//! The books and the ledger of claims, without a chain around them.

use crate::{mock::PLAIN, Change, ClaimLedger, FundState, NoRoom};
use frame_support::traits::ConstU32;
use holdfast_primitives::{Assets, ClaimState, Loss, OpenReport, Paid, Shares};

type Ledger<MaxClaims, MaxProvisions> = ClaimLedger<u8, MaxClaims, MaxProvisions>;

/// The books of a fund with 1,000 of underwriters.
fn books() -> FundState {
	let mut books = FundState::new(&PLAIN);
	assert_eq!(books.enter(Assets(1_000)), Ok(Shares(1_000)));
	books
}

fn report(validator: u8, applied_in: u32, amount: u128) -> OpenReport<u8> {
	OpenReport { validator, offence_era: applied_in - 2, applied_in, amount }
}

#[test]
fn a_slash_is_one_verb() {
	let (mut books, mut ledger) = (books(), Ledger::<ConstU32<2>, ConstU32<2>>::default());
	assert_eq!(ledger.open(&mut books, &report(0, 7, 400)), Ok(0));
	assert_eq!((books.reported(), books.first_due()), (Assets(400), Some(7)));

	// Half of the shares leave, without their half of the report.
	let departure = ledger.provisions_mut().leave(&mut books, Shares(500), 0).unwrap();
	assert_eq!((departure.assets, departure.withheld), (Assets(300), Assets(200)));

	// A slash of 300 lands. The bond has paid 100 of it, and the leaver pays half of the rest.
	let (stash, offence_era, applied_in) = (9, 5, 7);
	let (amount, reported) = (300, 300);
	let loss = Loss { stash, validator: Some(0), offence_era, applied_in, amount, reported };
	let paid = ledger.split(&books, &loss, 100);
	assert_eq!(paid, Paid { operator: 100, underwriters: 100, leavers: 100, reserve: 0 });
	let applied = ledger.apply(&mut books, &loss, &paid, 0);
	assert_eq!((applied.claim.state, applied.claim.open), (ClaimState::Open, 100));
	assert_eq!((applied.was_open, applied.resolved), (true, Assets(300)));
	assert_eq!((applied.outcome, applied.closed), (None, None));
	assert_eq!((books.reported(), books.withheld()), (Assets(100), Assets(100)));

	// The rest is cancelled, and the leaver gets back what was not paid.
	let updated = ledger.update(&mut books, |_| Assets(0), 7);
	let [Change::Released { claim, amount: Assets(100) }] = &updated.changes[..] else {
		panic!("{updated:?}")
	};
	assert_eq!((claim.state, claim.lost, claim.paid), (ClaimState::Applied, 300, paid));
	let mut outcome = updated.outcomes[0].1;
	assert_eq!(outcome.pay_out(&departure.parts[0]), Assets(100));
	assert_eq!(outcome.dust(), Some(Assets(0)));
	assert_eq!(books.pay_withheld(Assets(100), Assets(0)), Ok(()));
	assert_eq!((books.total(), books.underwriting()), (Assets(400), Assets(400)));
	assert_eq!((books.reported(), books.locked(), books.first_due()), (Assets(0), Assets(0), None));
}

#[test]
fn what_does_not_fit_changes_nothing() {
	let (mut books, mut ledger) = (books(), Ledger::<ConstU32<1>, ConstU32<2>>::default());
	assert_eq!(ledger.open(&mut books, &report(0, 7, 1)), Ok(0));
	let before = books.clone();
	assert_eq!(ledger.open(&mut books, &report(1, 7, 1)), Err(NoRoom));
	assert_eq!((books, ledger.claims().len()), (before, 1));

	let (mut books, mut ledger) = (self::books(), Ledger::<ConstU32<2>, ConstU32<1>>::default());
	assert_eq!(ledger.open(&mut books, &report(0, 7, 1)), Ok(0));
	let before = books.clone();
	assert_eq!(ledger.open(&mut books, &report(1, 8, 1)), Err(NoRoom));
	assert_eq!((books, ledger.claims().len()), (before, 1));
	assert_eq!(ledger.provisions().first_due(), Some(7));
}
