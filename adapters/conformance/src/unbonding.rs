// SPDX-License-Identifier: GPL-3.0-only

//! Unbonding and withdrawing.

use crate::*;
use holdfast_primitives::{Chunk, Ledger};

const STASH: AccountId = 1;

fn ledger(active: Balance, chunks: &[(EraIndex, Balance)]) -> Option<Ledger> {
	let unlocking = chunks.iter().map(|&(era, value)| Chunk { era, value }).collect();
	Some(Ledger { active, unlocking })
}

/// Tries to withdraw, and says what was released.
fn withdraw<D: Driver>(stash: AccountId) -> Result<Balance, StakingError> {
	let before = D::free(stash);
	layered(|| D::Backend::withdraw(&stash))?;
	Ok(D::free(stash) - before)
}

/// Asserts that a chunk is released neither now nor in any block before `era` is active, and all
/// `value` of it then.
fn is_released_at<D: Driver>(stash: AccountId, era: EraIndex, value: Balance) {
	let mut in_last_session = 0;
	while D::Backend::active_era() < Some(era) {
		let withdrawn = withdraw::<D>(stash);
		let last = D::Backend::active_era() == Some(era - 1) && D::in_last_session();
		in_last_session += u64::from(last);
		assert_eq!(withdrawn, Ok(0));
		D::next_block();
	}
	assert_eq!(in_last_session, SESSION_LENGTH, "the crucial session was among them");
	assert_eq!(withdraw::<D>(stash), Ok(value));
}

/// What is unbonded in one era is one chunk, whose era can be read from the ledger.
pub fn unbonding_makes_one_chunk_per_era<D: Driver>() {
	nominator::<D>(STASH, 1_000, FIRST);
	assert_eq!(D::Backend::unbond(&STASH, 100), Ok(()));
	assert_eq!(D::Backend::unbond(&STASH, 50), Ok(()));
	assert_eq!(ledger_of::<D>(&STASH), ledger(850, &[(4, 150)]));
	assert_eq!(ledger_of::<D>(&STASH).unwrap().total(), 1_000);

	roll_to::<D>(2);
	assert_eq!(D::Backend::unbond(&STASH, 200), Ok(()));
	assert_eq!(ledger_of::<D>(&STASH), ledger(650, &[(4, 150), (5, 200)]));
	assert_eq!(D::free(STASH), EXISTENTIAL_DEPOSIT, "it is still staked");
}

/// Less than an existential deposit does not stay behind, and more than is active cannot go.
pub fn unbonding_leaves_no_dust_and_takes_no_more_than_is_active<D: Driver>() {
	nominator::<D>(STASH, 1_000, FIRST);
	D::Backend::chill(&STASH).unwrap();
	assert_eq!(D::Backend::unbond(&STASH, 600), Ok(()));
	assert_eq!(D::Backend::unbond(&STASH, 400 - EXISTENTIAL_DEPOSIT), Ok(()));
	assert_eq!(ledger_of::<D>(&STASH), ledger(10, &[(4, 990)]));
	assert_eq!(D::Backend::unbond(&STASH, 1), Ok(()));
	assert_eq!(ledger_of::<D>(&STASH), ledger(0, &[(4, 1_000)]));

	nominator::<D>(2, 1_000, FIRST);
	D::Backend::chill(&2).unwrap();
	assert_eq!(D::Backend::unbond(&2, 5_000), Ok(()));
	assert_eq!(ledger_of::<D>(&2), ledger(0, &[(4, 1_000)]));
}

/// Below the minimum it cannot nominate. Without a nomination there is no minimum.
pub fn unbonding_leaves_a_nominator_its_minimum<D: Driver>() {
	nominator::<D>(STASH, 1_000, FIRST);
	let unbond = |value| layered(|| D::Backend::unbond(&STASH, value));
	assert!(is_refused(unbond(1_000 - MINIMUM_BOND + 1)));
	assert_eq!(D::Backend::nominations(&STASH), [FIRST]);
	assert_eq!(ledger_of::<D>(&STASH), ledger(1_000, &[]));

	assert_eq!(unbond(1_000 - MINIMUM_BOND), Ok(()));
	assert!(is_refused(unbond(1)));
	assert_eq!(D::Backend::chill(&STASH), Ok(()));
	assert_eq!(unbond(1), Ok(()));
	assert_eq!(ledger_of::<D>(&STASH), ledger(99, &[(4, 901)]));
}

/// The latest chunk first, and exactly as much as was asked; what is nominated stays.
pub fn what_unbonds_last_is_staked_again_first<D: Driver>() {
	nominator::<D>(STASH, 1_000, FIRST);
	let rebond = |value| layered(|| D::Backend::rebond(&STASH, value));
	assert!(rebond(1).is_err(), "nothing unbonds");
	D::Backend::unbond(&STASH, 100).unwrap();
	roll_to::<D>(2);
	D::Backend::unbond(&STASH, 200).unwrap();
	assert_eq!(ledger_of::<D>(&STASH), ledger(700, &[(4, 100), (5, 200)]));

	assert_eq!(rebond(50), Ok(()));
	assert_eq!(ledger_of::<D>(&STASH), ledger(750, &[(4, 100), (5, 150)]));
	assert_eq!(rebond(251), Err(StakingError::BondsLess));
	assert_eq!(rebond(200), Ok(()));
	assert_eq!(ledger_of::<D>(&STASH), ledger(950, &[(4, 50)]));
	assert_eq!(D::Backend::nominations(&STASH), [FIRST]);

	// A stash that was emptied can be opened again without a new bond.
	D::Backend::chill(&STASH).unwrap();
	D::Backend::unbond(&STASH, 950).unwrap();
	assert_eq!(rebond(1_000), Ok(()));
	assert_eq!(ledger_of::<D>(&STASH), ledger(1_000, &[]));
	assert_eq!(D::Backend::nominate(&STASH, &FIRST), Ok(()));
}

/// Neither before, not even in the session in which that era is already planned, nor later.
pub fn a_chunk_is_released_when_its_era_is_active<D: Driver>() {
	nominator::<D>(STASH, 1_000, FIRST);
	D::Backend::unbond(&STASH, 300).unwrap();
	assert_eq!(ledger_of::<D>(&STASH), ledger(700, &[(4, 300)]));
	is_released_at::<D>(STASH, 4, 300);
	assert_eq!(ledger_of::<D>(&STASH), ledger(700, &[]));
	assert_eq!(D::free(STASH), 310);
	assert_eq!(D::Backend::nominations(&STASH), [FIRST]);
	assert_eq!(withdraw::<D>(STASH), Ok(0), "there is no more");
}

/// Whatever era a pallet gives a chunk that is made while the next era is already planned.
pub fn a_chunk_of_the_last_session_is_released_when_its_era_is_active<D: Driver>() {
	nominator::<D>(STASH, 1_000, FIRST);
	roll_to_last_session::<D>();
	D::Backend::unbond(&STASH, 300).unwrap();
	let chunks = ledger_of::<D>(&STASH).unwrap().unlocking;
	let [Chunk { era, value: 300 }] = chunks[..] else { panic!("not one chunk: {chunks:?}") };
	assert!(era > BONDING_DURATION, "it is liable for the era in which it was staked");
	is_released_at::<D>(STASH, era, 300);
}

/// With a full ledger staking pallets withdraw before they unbond. Not what is not mature.
pub fn unbonding_with_a_full_ledger_releases_nothing_early<D: Driver>() {
	nominator::<D>(STASH, 1_000, FIRST);
	D::Backend::unbond(&STASH, 100).unwrap();
	roll_to::<D>(2);
	D::Backend::unbond(&STASH, 100).unwrap();
	roll_to::<D>(3);
	D::Backend::unbond(&STASH, 100).unwrap();
	let full = ledger(700, &[(4, 100), (5, 100), (6, 100)]);
	assert_eq!(ledger_of::<D>(&STASH), full);
	let unbond = || layered(|| D::Backend::unbond(&STASH, 50));

	assert!(is_refused(unbond()));
	roll_to_last_session::<D>();
	if D::RELEASES_BY_PLANNED_ERA {
		assert_eq!(unbond(), Err(StakingError::ReleasesEarly));
	} else {
		assert!(is_refused(unbond()));
	}
	assert_eq!(ledger_of::<D>(&STASH), full);
	assert_eq!(D::free(STASH), EXISTENTIAL_DEPOSIT);

	roll_to::<D>(4);
	assert_eq!(unbond(), Ok(()));
	assert_eq!(ledger_of::<D>(&STASH), ledger(650, &[(5, 100), (6, 100), (7, 50)]));
	assert_eq!(D::free(STASH), 110);
}

/// What is due makes room, and only that.
pub fn unbonding_with_a_full_ledger_withdraws_what_is_due<D: Driver>() {
	nominator::<D>(STASH, 1_000, FIRST);
	D::Backend::unbond(&STASH, 100).unwrap();
	roll_to::<D>(2);
	D::Backend::unbond(&STASH, 100).unwrap();
	roll_to::<D>(3);
	D::Backend::unbond(&STASH, 100).unwrap();
	roll_to::<D>(4);
	// The next chunk is due when the era is active that is planned now.
	roll_to_last_session::<D>();
	assert_eq!(layered(|| D::Backend::unbond(&STASH, 50)), Ok(()));
	assert_eq!(D::free(STASH), EXISTENTIAL_DEPOSIT + 100);
	let staked = ledger_of::<D>(&STASH).unwrap();
	let due: Vec<(EraIndex, Balance)> =
		staked.unlocking.iter().map(|chunk| (chunk.era, chunk.value)).collect();
	assert_eq!(staked.active, 650);
	assert_eq!(due[..2], [(5, 100), (6, 100)]);
	assert_eq!(due[2].1, 50);
}

/// What matures with the next era does not keep back what is mature.
pub fn what_is_due_is_released_while_the_next_era_is_planned<D: Driver>() {
	nominator::<D>(STASH, 1_000, FIRST);
	D::Backend::unbond(&STASH, 100).unwrap();
	roll_to::<D>(2);
	D::Backend::unbond(&STASH, 200).unwrap();
	roll_to::<D>(4);
	roll_to_last_session::<D>();
	assert_eq!(withdraw::<D>(STASH), Ok(100));
	assert_eq!(ledger_of::<D>(&STASH), ledger(700, &[(5, 200)]));
	assert_eq!(withdraw::<D>(STASH), Ok(0));
	roll_to::<D>(5);
	assert_eq!(withdraw::<D>(STASH), Ok(200));
}

/// Then there is always an era that is planned, and a chunk that matures with it.
pub fn withdrawals_go_on_when_every_session_begins_an_era<D: Driver>() {
	nominator::<D>(STASH, 10_000, FIRST);
	D::force_eras();
	let mut chunks: BTreeMap<EraIndex, Balance> = BTreeMap::new();
	let (mut unbonded_in, mut released) = (None, 0);
	while released < 500 {
		let era = D::Backend::active_era().unwrap();
		assert!(era < 40, "{released} was released, of {chunks:?}");
		let open = ledger_of::<D>(&STASH).unwrap().unlocking.len();
		if unbonded_in != Some(era) && open < MAX_UNLOCKING_CHUNKS as usize {
			unbonded_in = Some(era);
			assert_eq!(layered(|| D::Backend::unbond(&STASH, 50)), Ok(()));
			let made = ledger_of::<D>(&STASH).unwrap().unlocking;
			*chunks.entry(made.last().unwrap().era).or_default() += 50;
		}
		released += withdraw::<D>(STASH).unwrap();
		let due: Balance = chunks.range(..=era).map(|(_, value)| value).sum();
		assert_eq!(released, due, "in era {era}, of {chunks:?}");
		D::next_block();
	}
}

/// Chunks that are made later are due earlier, and are listed and released first.
pub fn a_shorter_bonding_duration_keeps_the_chunks_in_order<D: Driver>() {
	nominator::<D>(STASH, 1_000, FIRST);
	D::Backend::unbond(&STASH, 100).unwrap();
	D::shorten_unbonding();
	D::Backend::unbond(&STASH, 50).unwrap();
	let early = 1 + SHORT_BONDING_DURATION;
	assert_eq!(ledger_of::<D>(&STASH), ledger(850, &[(early, 50), (4, 100)]));
	is_released_at::<D>(STASH, early, 50);
	assert_eq!(ledger_of::<D>(&STASH), ledger(850, &[(4, 100)]));
	is_released_at::<D>(STASH, 4, 100);
}

/// Of the chunks with the latest eras first, whenever they were made. Chunks of one era are one after that
/// as well.
pub fn what_is_due_last_is_staked_again_first_when_the_bonding_duration_was_shortened<D: Driver>() {
	nominator::<D>(STASH, 1_000, FIRST);
	D::Backend::unbond(&STASH, 100).unwrap();
	D::shorten_unbonding();
	D::Backend::unbond(&STASH, 50).unwrap();
	let early = 1 + SHORT_BONDING_DURATION;
	assert_eq!(ledger_of::<D>(&STASH), ledger(850, &[(early, 50), (4, 100)]));
	assert_eq!(layered(|| D::Backend::rebond(&STASH, 60)), Ok(()));
	assert_eq!(ledger_of::<D>(&STASH), ledger(910, &[(early, 50), (4, 40)]));
	assert_eq!(D::Backend::unbond(&STASH, 10), Ok(()));
	assert_eq!(ledger_of::<D>(&STASH), ledger(900, &[(early, 60), (4, 40)]));
	assert_eq!(layered(|| D::Backend::rebond(&STASH, 70)), Ok(()));
	assert_eq!(ledger_of::<D>(&STASH), ledger(970, &[(early, 30)]));
}

/// While the next era is planned already: nothing is released, and what was asked is staked.
pub fn what_is_staked_again_in_the_last_session_is_what_was_asked<D: Driver>() {
	nominator::<D>(STASH, 1_000, FIRST);
	for era in 2..5 {
		D::Backend::unbond(&STASH, 100).unwrap();
		roll_to::<D>(era);
	}
	roll_to_last_session::<D>();
	let full = ledger(700, &[(4, 100), (5, 100), (6, 100)]);
	assert_eq!(ledger_of::<D>(&STASH), full);
	assert_eq!(layered(|| D::Backend::rebond(&STASH, 150)), Ok(()));
	assert_eq!(ledger_of::<D>(&STASH), ledger(850, &[(4, 100), (5, 50)]));
	assert_eq!(D::free(STASH), EXISTENTIAL_DEPOSIT);
}

/// A new runtime that allows fewer chunks than there are cannot read it. Nothing can be done with it then,
/// and nothing is lost.
pub fn a_ledger_that_cannot_be_read_is_not_gone<D: Driver>() {
	nominator::<D>(STASH, 1_000, FIRST);
	D::Backend::unbond(&STASH, 100).unwrap();
	roll_to::<D>(2);
	D::Backend::unbond(&STASH, 100).unwrap();
	let staked = ledger_of::<D>(&STASH);
	D::set_max_unlocking_chunks(1);
	assert!(is_refused(D::Backend::ledger(&STASH)));
	D::endow(STASH, 100);
	assert!(is_refused(layered(|| D::Backend::bond(&STASH, 100, &payee(STASH)))));
	assert!(is_refused(layered(|| D::Backend::unbond(&STASH, 100))));
	assert!(is_refused(layered(|| D::Backend::withdraw(&STASH))));
	D::set_max_unlocking_chunks(MAX_UNLOCKING_CHUNKS);
	assert_eq!(ledger_of::<D>(&STASH), staked);
}

/// Chilled, unbonded and withdrawn, a stash is as if it had never been, and can begin anew.
pub fn an_emptied_stash_is_gone_and_can_come_back<D: Driver>() {
	nominator::<D>(STASH, 1_000, FIRST);
	D::Backend::unbond(&STASH, 300).unwrap();
	roll_to::<D>(2);
	// The rest is less than the total, so that not every pallet chills by itself.
	D::Backend::chill(&STASH).unwrap();
	D::Backend::unbond(&STASH, 700).unwrap();
	assert_eq!(ledger_of::<D>(&STASH), ledger(0, &[(4, 300), (5, 700)]));

	roll_to::<D>(4);
	assert_eq!(withdraw::<D>(STASH), Ok(300));
	assert_eq!(ledger_of::<D>(&STASH), ledger(0, &[(5, 700)]));
	roll_to::<D>(5);
	assert_eq!(withdraw::<D>(STASH), Ok(700));
	assert_eq!(ledger_of::<D>(&STASH), None);
	assert!(D::Backend::nominations(&STASH).is_empty());
	assert_eq!(D::free(STASH), 1_010);

	assert_eq!(D::Backend::bond(&STASH, 500, &payee(STASH)), Ok(()));
	assert_eq!(D::Backend::nominate(&STASH, &FIRST), Ok(()));
	assert_eq!(ledger_of::<D>(&STASH), ledger(500, &[]));
}
