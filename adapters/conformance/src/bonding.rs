// SPDX-License-Identifier: GPL-3.0-only

//! Bonding, nominating, and who may.

use crate::*;
use holdfast_primitives::Ledger;

const STASH: AccountId = 1;
const PAYEE: AccountId = 2;

fn staked(active: Balance) -> Option<Ledger> {
	Some(Ledger { active, unlocking: Vec::new() })
}

/// The first bond and each that follows adds exactly what was asked, and takes it from what is free.
pub fn bonding_stakes_exactly_what_was_asked<D: Driver>() {
	D::endow(STASH, 1_000);
	assert_eq!(D::free(STASH), 1_010);

	assert_eq!(D::Backend::bond(&STASH, 400, &PAYEE), Ok(()));
	assert_eq!(ledger_of::<D>(&STASH), staked(400));
	assert_eq!(D::free(STASH), 610);

	assert_eq!(D::Backend::bond(&STASH, 600, &PAYEE), Ok(()));
	assert_eq!(ledger_of::<D>(&STASH), staked(1_000));
	assert_eq!(D::free(STASH), EXISTENTIAL_DEPOSIT);
}

/// Staking pallets bond what they can get; the adapter fails, and nothing is bonded.
pub fn bonding_more_than_is_free_bonds_nothing<D: Driver>() {
	D::endow(STASH, 500);
	let bond = |value| layered(|| D::Backend::bond(&STASH, value, &PAYEE));

	assert_eq!(bond(501), Err(StakingError::BondsLess));
	assert_eq!(ledger_of::<D>(&STASH), None);
	assert_eq!(D::free(STASH), 510);

	assert_eq!(bond(400), Ok(()));
	assert_eq!(bond(101), Err(StakingError::BondsLess));
	assert_eq!(ledger_of::<D>(&STASH), staked(400));

	assert_eq!(bond(100), Ok(()));
	assert_eq!(bond(1), Err(StakingError::BondsLess));
	assert_eq!(ledger_of::<D>(&STASH), staked(500));
}

/// With the minimum bonded a stash can nominate; with less it cannot, whether the pallet refuses
/// to bond so little or to nominate with it.
pub fn a_nominator_has_the_minimum_bonded<D: Driver>() {
	assert_eq!(D::Backend::minimum_bond(), MINIMUM_BOND);
	D::endow(STASH, MINIMUM_BOND);
	let stake = |value| {
		layered(|| {
			D::Backend::bond(&STASH, value, &PAYEE)?;
			D::Backend::nominate(&STASH, &FIRST)
		})
	};
	assert!(is_refused(stake(MINIMUM_BOND - 1)));
	assert_eq!(ledger_of::<D>(&STASH), None);

	assert_eq!(stake(MINIMUM_BOND), Ok(()));
	assert_eq!(D::Backend::nominations(&STASH), [FIRST]);
}

/// Staking pallets bond no dust, even where their minimum is zero.
pub fn the_minimum_is_never_below_what_can_be_bonded<D: Driver>() {
	D::set_minimum_bond(0);
	let minimum = D::Backend::minimum_bond();
	assert_eq!(minimum, EXISTENTIAL_DEPOSIT);
	D::endow(STASH, minimum);
	assert!(is_refused(layered(|| D::Backend::bond(&STASH, minimum - 1, &PAYEE))));
	assert_eq!(D::Backend::bond(&STASH, minimum, &PAYEE), Ok(()));
	assert_eq!(D::Backend::nominate(&STASH, &FIRST), Ok(()));
}

/// A stash nominates one validator, and none of those from before.
pub fn nominating_replaces_the_nomination<D: Driver>() {
	nominator::<D>(STASH, 500, FIRST);
	assert_eq!(D::Backend::nominations(&STASH), [FIRST]);

	assert_eq!(D::Backend::nominate(&STASH, &SECOND), Ok(()));
	assert_eq!(D::Backend::nominations(&STASH), [SECOND]);

	assert_eq!(D::Backend::nominate(&STASH, &SECOND), Ok(()));
	assert_eq!(D::Backend::nominations(&STASH), [SECOND]);
}

/// A staking pallet may refuse to nominate somebody who is no candidate, and keep the nomination
/// as it was. If it does not refuse, the nomination is of no use.
pub fn whoever_is_no_candidate_is_not_elected_by_a_nomination<D: Driver>() {
	const NOBODY: AccountId = 999;
	nominator::<D>(STASH, 500, FIRST);
	let nominated = layered(|| D::Backend::nominate(&STASH, &NOBODY));
	if D::NOMINATES_ANYBODY {
		assert_eq!(nominated, Ok(()));
		assert_eq!(D::Backend::nominations(&STASH), [NOBODY]);
	} else {
		assert!(is_refused(nominated));
		assert_eq!(D::Backend::nominations(&STASH), [FIRST]);
	}
	roll_to::<D>(2);
	assert_eq!(D::Backend::payout_pages(2, &NOBODY), 0);
}

/// A chilled stash keeps its stake.
pub fn chilling_takes_the_nomination_back<D: Driver>() {
	nominator::<D>(STASH, 500, FIRST);
	assert_eq!(D::Backend::chill(&STASH), Ok(()));
	assert!(D::Backend::nominations(&STASH).is_empty());
	assert_eq!(ledger_of::<D>(&STASH), staked(500));
	// A second time does no harm.
	assert_eq!(D::Backend::chill(&STASH), Ok(()));
	assert_eq!(D::Backend::nominate(&STASH, &SECOND), Ok(()));
	assert_eq!(D::Backend::nominations(&STASH), [SECOND]);
}

/// A validator can rid itself of a nominator. It can be nominated again, and somebody else too.
pub fn a_kicked_stash_nominates_nobody<D: Driver>() {
	nominator::<D>(STASH, 500, FIRST);
	D::kick(FIRST, STASH);
	assert!(D::Backend::nominations(&STASH).is_empty());
	assert_eq!(ledger_of::<D>(&STASH), staked(500));
	assert_eq!(D::Backend::nominate(&STASH, &SECOND), Ok(()));
	assert_eq!(D::Backend::nominations(&STASH), [SECOND]);
	D::kick(SECOND, STASH);
	assert_eq!(D::Backend::chill(&STASH), Ok(()));
	assert!(D::Backend::nominations(&STASH).is_empty());
}

/// The maximum is for others. They cannot take the seats of stashes, also not of those that are chilled.
pub fn stashes_are_admitted_past_the_maximum_of_nominators<D: Driver>() {
	const OTHER: AccountId = 3;
	nominator::<D>(STASH, 500, FIRST);
	D::endow(OTHER, 500);
	D::Backend::bond(&OTHER, 500, &PAYEE).unwrap();
	for most in [1, 0] {
		D::set_max_nominators(Some(most));
		assert!(!D::nominate_as_anybody(OTHER, FIRST));
		assert_eq!(D::Backend::chill(&STASH), Ok(()));
		D::set_max_nominators(Some(1));
		assert!(D::nominate_as_anybody(OTHER, FIRST), "the seat is free");
		D::set_max_nominators(Some(most));

		assert_eq!(D::Backend::nominate(&STASH, &FIRST), Ok(()));
		assert_eq!(D::Backend::nominations(&STASH), [FIRST]);
		// Who nominates already takes no further seat.
		assert_eq!(D::Backend::nominate(&STASH, &SECOND), Ok(()));
		assert_eq!(D::Backend::nominate(&OTHER, &SECOND), Ok(()));
		assert_eq!(D::max_nominators(), Some(most));
		assert_eq!(D::Backend::chill(&OTHER), Ok(()));
		assert!(!D::nominate_as_anybody(OTHER, FIRST));
	}
	D::set_max_nominators(None);
	assert_eq!(D::Backend::nominate(&OTHER, &FIRST), Ok(()));
	assert_eq!(D::max_nominators(), None);
}

/// Also where nobody rolls back.
pub fn the_maximum_of_nominators_stays_when_a_nomination_fails<D: Driver>() {
	D::endow(STASH, MINIMUM_BOND);
	D::Backend::bond(&STASH, MINIMUM_BOND, &PAYEE).unwrap();
	D::set_max_nominators(Some(0));
	D::set_minimum_bond(MINIMUM_BOND + 1);
	assert!(is_refused(D::Backend::nominate(&STASH, &FIRST)));
	assert_eq!(D::max_nominators(), Some(0));
	D::set_minimum_bond(MINIMUM_BOND);
	assert_eq!(D::Backend::nominate(&STASH, &FIRST), Ok(()));
}

/// A stash that has become too small nominates on, and cannot nominate anew nor give some of its stake.
/// It can be chilled, and then emptied or filled.
pub fn a_raised_minimum_leaves_the_nomination_and_the_stake<D: Driver>() {
	nominator::<D>(STASH, 500, FIRST);
	D::set_minimum_bond(600);
	assert_eq!(D::Backend::minimum_bond(), 600);
	assert_eq!(D::Backend::nominations(&STASH), [FIRST]);
	assert!(is_refused(layered(|| D::Backend::nominate(&STASH, &SECOND))));
	assert!(is_refused(layered(|| D::Backend::unbond(&STASH, 100))));
	assert_eq!(D::Backend::nominations(&STASH), [FIRST]);

	assert_eq!(D::Backend::chill(&STASH), Ok(()));
	assert!(is_refused(layered(|| D::Backend::nominate(&STASH, &FIRST))));
	assert_eq!(D::Backend::unbond(&STASH, 100), Ok(()));
	D::endow(STASH, 200);
	assert_eq!(D::Backend::bond(&STASH, 200, &PAYEE), Ok(()));
	assert_eq!(D::Backend::nominate(&STASH, &FIRST), Ok(()));
	assert_eq!(ledger_of::<D>(&STASH).unwrap().active, 600);
}

/// Nothing is known of an account that has not bonded, and nothing can be done with it.
pub fn a_stranger_has_nothing<D: Driver>() {
	D::endow(STASH, 500);
	assert_eq!(ledger_of::<D>(&STASH), None);
	assert!(D::Backend::nominations(&STASH).is_empty());
	assert!(is_refused(layered(|| D::Backend::nominate(&STASH, &FIRST))));
	assert!(is_refused(layered(|| D::Backend::chill(&STASH))));
	assert!(is_refused(layered(|| D::Backend::unbond(&STASH, 100))));
	assert!(is_refused(layered(|| D::Backend::withdraw(&STASH))));
	assert_eq!(D::free(STASH), 510);
}
