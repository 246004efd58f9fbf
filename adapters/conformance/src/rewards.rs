// SPDX-License-Identifier: GPL-3.0-only

//! Payouts.

use crate::*;
use holdfast_primitives::Ledger;

const STASH: AccountId = 1;

/// What the payee of `stash` has received.
fn received<D: Driver>(stash: AccountId) -> Balance {
	D::free(payee(stash)) - EXISTENTIAL_DEPOSIT
}

/// Into the account that was named when the stash bonded first. The stash itself gets nothing.
pub fn rewards_go_to_the_payee<D: Driver>() {
	nominator::<D>(STASH, VALIDATOR_STAKE, FIRST);
	roll_to::<D>(2);
	D::rewards_go_to(FIRST);
	roll_to::<D>(3);

	assert_eq!(D::Backend::payout_pages(2, &FIRST), 1);
	assert_eq!(received::<D>(STASH), 0, "nobody is paid by itself");
	assert_eq!(D::Backend::pay_out(2, &FIRST, 0), Ok(true));
	// Half of the stake behind the validator, which has earned all.
	assert_eq!(received::<D>(STASH), ERA_REWARD / 2);
	assert_eq!(D::free(STASH), EXISTENTIAL_DEPOSIT);
	let staked = Ledger { active: VALIDATOR_STAKE, unlocking: Vec::new() };
	assert_eq!(ledger_of::<D>(&STASH), Some(staked));
}

/// A page pays each of its nominators, once; the pages together pay all of them.
pub fn each_page_is_paid_once<D: Driver>() {
	let nominators = [(1, 250), (2, 250), (3, 500)];
	for (stash, stake) in nominators {
		nominator::<D>(stash, stake, FIRST);
	}
	roll_to::<D>(2);
	D::rewards_go_to(FIRST);
	roll_to::<D>(3);
	let paid = || nominators.map(|(stash, _)| received::<D>(stash));
	let pay_out = |page| layered(|| D::Backend::pay_out(2, &FIRST, page));

	assert_eq!(D::Backend::payout_pages(2, &FIRST), 2);
	assert_eq!(pay_out(0), Ok(true));
	let first_page = paid();
	assert_eq!(first_page.iter().filter(|reward| **reward > 0).count(), PAGE_SIZE as usize);
	assert_eq!(pay_out(0), Ok(false));
	assert_eq!(paid(), first_page);

	assert_eq!(pay_out(1), Ok(true));
	// Of the stake of 2000 behind the validator.
	assert_eq!(paid(), [125, 125, 250]);
	assert_eq!(pay_out(0), Ok(false));
	assert_eq!(pay_out(1), Ok(false));
	assert!(is_refused(pay_out(2)));
	assert_eq!(paid(), [125, 125, 250]);
}

/// Not before.
pub fn an_era_is_paid_when_it_is_over<D: Driver>() {
	nominator::<D>(STASH, VALIDATOR_STAKE, FIRST);
	roll_to::<D>(2);
	D::rewards_go_to(FIRST);
	roll_to_last_session::<D>();
	assert_eq!(D::Backend::payout_pages(2, &FIRST), 1);
	assert!(is_refused(layered(|| D::Backend::pay_out(2, &FIRST, 0))));
	roll_to::<D>(3);
	assert_eq!(D::Backend::pay_out(2, &FIRST, 0), Ok(true));
	assert_eq!(received::<D>(STASH), ERA_REWARD / 2);
	// Elected again, it earns again.
	roll_to::<D>(4);
	assert_eq!(D::Backend::pay_out(3, &FIRST, 0), Ok(true));
	assert_eq!(received::<D>(STASH), ERA_REWARD);
}

/// There are no pages of a candidate that lost, nor of a validator whom nobody backs, and to pay
/// them out pays nobody.
pub fn who_was_not_elected_earns_nothing<D: Driver>() {
	// Counts for the era after next only.
	roll_to_last_session::<D>();
	roll_to::<D>(2);
	nominator::<D>(STASH, 500, SECOND);
	D::rewards_go_to(FIRST);
	roll_to::<D>(3);
	for idle in [LOSER, SECOND] {
		assert_eq!(D::Backend::payout_pages(2, &idle), 0);
		let before = D::free(idle);
		let _ = layered(|| D::Backend::pay_out(2, &idle, 0));
		assert_eq!(D::free(idle), before);
		assert_eq!(received::<D>(STASH), 0);
	}
	assert_eq!(D::Backend::payout_pages(3, &SECOND), 1);
}
