// SPDX-License-Identifier: GPL-3.0-only

//! Slashes: what can be known of them before they land, and who bears them.

use crate::*;
use holdfast_primitives::{Chunk, Ledger, StashReport};

const STASH: AccountId = 1;
const OTHER: AccountId = 2;
const TENTH: Perbill = Perbill::from_percent(10);
/// The era of the offence, in most tests.
const OFFENCE: EraIndex = 2;

/// The era in which a slash for an offence in `era` is to be applied.
fn applied_in<D: Driver>(era: EraIndex) -> EraIndex {
	era + D::Backend::slash_delay()
}

/// All that is open, in whatever era, of whatever stash.
fn all_open<D: Driver>() -> Vec<StashReport<AccountId>> {
	D::Backend::report_eras().flat_map(|era| D::Backend::open_reports(era, |_| true)).collect()
}

/// What is open for `stash`.
fn open_for<D: Driver>(stash: AccountId) -> Balance {
	all_open::<D>().iter().filter(|open| open.stash == stash).map(|open| open.amount).sum()
}

/// Makes blocks until all reports are worked off.
fn work_off_reports<D: Driver>() {
	roll_until::<D>(|| !D::Backend::reports_in_progress());
}

/// Makes blocks until all slashes have landed that are due in `era`, which begins now.
fn land<D: Driver>(era: EraIndex) {
	roll_to::<D>(era);
	roll_until::<D>(|| D::Backend::open_reports(era, |_| true).is_empty());
	assert_eq!(D::Backend::active_era(), Some(era), "they land within their era");
}

/// Reports an offence of `FIRST` in the active era, and waits until it is worked off.
fn offend<D: Driver>(fraction: Perbill) {
	let era = D::Backend::active_era().expect("eras have begun");
	D::offend(FIRST, fraction, era);
	work_off_reports::<D>();
	assert_eq!(D::Backend::active_era(), Some(era), "reports are worked off fast");
}

/// Stash, validator, era of the offence and amount of each slash that is open, by stash.
pub fn an_offence_opens_a_slash_for_each_nominator<D: Driver>() {
	nominator::<D>(STASH, 1_000, FIRST);
	nominator::<D>(OTHER, 400, FIRST);
	nominator::<D>(3, 1_000, SECOND);
	roll_to::<D>(OFFENCE);
	assert!(all_open::<D>().is_empty());
	offend::<D>(TENTH);

	let mut open = D::Backend::open_reports(applied_in::<D>(OFFENCE), |_| true);
	open.sort_by_key(|open| open.stash);
	let slash =
		|stash, amount| StashReport { stash, validator: FIRST, offence_era: OFFENCE, amount };
	assert_eq!(open, [slash(STASH, 100), slash(OTHER, 40)]);
	assert_eq!(all_open::<D>().len(), 2, "it is open in one era only");
	assert!(landed_on(STASH).is_empty(), "it has not landed");
}

/// To the last unit, and in the era that was foretold. Then it is no longer open.
pub fn what_is_open_is_what_is_lost<D: Driver>() {
	let stakes = [(STASH, 1_003), (OTHER, 417), (3, 299)];
	for (stash, stake) in stakes {
		nominator::<D>(stash, stake, FIRST);
	}
	roll_to::<D>(OFFENCE);
	offend::<D>(Perbill::from_percent(17));
	let open = stakes.map(|(stash, _)| open_for::<D>(stash));
	assert!(open.iter().all(|amount| *amount > 0));

	let era = applied_in::<D>(OFFENCE);
	land::<D>(era);
	assert_eq!(stakes.map(|(stash, _)| lost_by(stash)), open);
	for (stash, stake) in stakes {
		let landed = landed_on(stash);
		let [Landed { era: landed_in, active, amount, .. }] = landed[..] else {
			panic!("not one slash: {landed:?}")
		};
		assert_eq!(landed_in, era);
		assert_eq!(active, stake - amount);
		assert_eq!(ledger_of::<D>(&stash).unwrap().active, active);
	}
	assert!(all_open::<D>().is_empty());
}

/// While reports are in progress, amounts may be missing or too small. Once they are not, all are
/// there, however many pages of nominators there are.
pub fn a_report_is_complete_once_none_is_in_progress<D: Driver>() {
	let stashes: Vec<AccountId> = (1..=2 * AccountId::from(PAGE_SIZE) + 1).collect();
	for stash in &stashes {
		nominator::<D>(*stash, 200, FIRST);
	}
	roll_to::<D>(OFFENCE);
	assert!(!D::Backend::reports_in_progress());
	D::offend(FIRST, TENTH, OFFENCE);
	D::offend(SECOND, TENTH, OFFENCE);
	let expected = 20 * stashes.len() as Balance;
	let open = || all_open::<D>().iter().map(|open| open.amount).sum::<Balance>();
	roll_until::<D>(|| {
		assert!(open() <= expected);
		!D::Backend::reports_in_progress()
	});
	assert_eq!(open(), expected);
	// Nothing is added afterwards.
	roll_to_last_session::<D>();
	assert_eq!(open(), expected);
}

/// From the report until it has landed, whatever the block. Not longer.
pub fn the_era_of_a_slash_is_open_until_it_has_landed<D: Driver>() {
	nominator::<D>(STASH, 1_000, FIRST);
	roll_to::<D>(OFFENCE);
	D::offend(FIRST, TENTH, OFFENCE);
	let era = applied_in::<D>(OFFENCE);
	roll_until::<D>(|| {
		let landed = !landed_on(STASH).is_empty();
		let eras = D::Backend::report_eras();
		assert!(landed || eras.contains(&era), "{era} is not in {eras:?}");
		assert!(eras.count() <= D::Backend::slash_delay() as usize + 1);
		assert!(landed || D::Backend::reports_in_progress() || open_for::<D>(STASH) == 100);
		landed
	});
	assert_eq!(D::Backend::active_era(), Some(era));
	assert!(!D::Backend::report_eras().contains(&era));
	assert!(D::Backend::open_reports(era, |_| true).is_empty());
}

/// Who asks decides whose slashes it is shown.
pub fn strangers_are_left_out<D: Driver>() {
	nominator::<D>(STASH, 1_000, FIRST);
	nominator::<D>(OTHER, 400, FIRST);
	roll_to::<D>(OFFENCE);
	offend::<D>(TENTH);
	let era = applied_in::<D>(OFFENCE);
	let ours = D::Backend::open_reports(era, |stash| *stash == STASH);
	assert_eq!(
		ours.iter().map(|open| (open.stash, open.amount)).collect::<Vec<_>>(),
		[(STASH, 100)]
	);
	assert!(D::Backend::open_reports(era, |_| false).is_empty());
	// Whoever is hit.
	assert!(D::Backend::lists_reports(era) && !D::Backend::lists_reports(era + 1));
	assert!(D::Backend::open_reports(era + 1, |_| true).is_empty());
	assert!(D::Backend::open_reports(era + 100, |_| true).is_empty());
}

/// Nor does another that was not cancelled disappear with it.
pub fn a_cancelled_slash_is_not_open_and_does_not_land<D: Driver>() {
	nominator::<D>(STASH, 1_000, FIRST);
	roll_to::<D>(OFFENCE);
	offend::<D>(TENTH);
	roll_to::<D>(OFFENCE + 1);
	offend::<D>(Perbill::from_percent(20));
	assert_eq!(open_for::<D>(STASH), 300);

	D::cancel_slashes(applied_in::<D>(OFFENCE));
	assert_eq!(open_for::<D>(STASH), 200);
	assert!(D::Backend::open_reports(applied_in::<D>(OFFENCE), |_| true).is_empty());

	land::<D>(applied_in::<D>(OFFENCE));
	roll_to_last_session::<D>();
	assert_eq!(lost_by(STASH), 0);
	land::<D>(applied_in::<D>(OFFENCE + 1));
	assert_eq!(lost_by(STASH), 200);
	assert_eq!(ledger_of::<D>(&STASH).unwrap().active, 800);
}

/// A worse offence of the same validator in the same era adds what is missing to its slash; one
/// that is not worse adds nothing.
pub fn offences_in_one_era_add_up_to_the_worst<D: Driver>() {
	nominator::<D>(STASH, 1_000, FIRST);
	roll_to::<D>(OFFENCE);
	offend::<D>(TENTH);
	assert_eq!(open_for::<D>(STASH), 100);
	offend::<D>(Perbill::from_percent(25));
	assert_eq!(open_for::<D>(STASH), 250);
	offend::<D>(Perbill::from_percent(5));
	assert_eq!(open_for::<D>(STASH), 250);
	assert!(all_open::<D>().iter().all(|open| open.offence_era == OFFENCE && open.amount > 0));

	land::<D>(applied_in::<D>(OFFENCE));
	assert_eq!(lost_by(STASH), 250);
}

/// An offence may be reported in the era after, when another has been already. Pallets differ in
/// what they take for both. What is open is what they take, and nothing that they do not take.
pub fn a_late_report_opens_what_it_takes<D: Driver>() {
	nominator::<D>(STASH, 1_000, FIRST);
	roll_to::<D>(OFFENCE + 1);
	D::offend(FIRST, Perbill::from_percent(50), OFFENCE + 1);
	work_off_reports::<D>();
	D::offend(FIRST, TENTH, OFFENCE);
	work_off_reports::<D>();
	let open = [OFFENCE, OFFENCE + 1].map(|era| {
		D::Backend::open_reports(applied_in::<D>(era), |_| true)
			.iter()
			.inspect(|open| assert!(open.offence_era == era && open.amount > 0))
			.map(|open| open.amount)
			.sum::<Balance>()
	});
	assert_eq!(open[1], 500);

	land::<D>(applied_in::<D>(OFFENCE));
	assert_eq!(lost_by(STASH), open[0]);
	land::<D>(applied_in::<D>(OFFENCE + 1));
	assert_eq!(lost_by(STASH), open[0] + open[1]);
}

/// A stash loses no more than it has, whatever is open. And no dust stays behind.
pub fn a_slash_takes_what_there_is_and_leaves_no_dust<D: Driver>() {
	nominator::<D>(STASH, 1_000, FIRST);
	nominator::<D>(OTHER, 1_000, SECOND);
	roll_to::<D>(OFFENCE);
	offend::<D>(Perbill::from_percent(60));
	let almost_all = Perbill::from_rational(1_000 - EXISTENTIAL_DEPOSIT + 1, 1_000);
	D::offend(SECOND, almost_all, OFFENCE);
	roll_to::<D>(OFFENCE + 1);
	// Of the same exposure: nothing has landed yet.
	offend::<D>(Perbill::from_percent(60));
	assert_eq!(open_for::<D>(STASH), 1_200);
	assert_eq!(open_for::<D>(OTHER), 991);

	land::<D>(applied_in::<D>(OFFENCE));
	assert_eq!((lost_by(STASH), lost_by(OTHER)), (600, 1_000));
	land::<D>(applied_in::<D>(OFFENCE + 1));
	assert_eq!((lost_by(STASH), lost_by(OTHER)), (1_000, 1_000));
}

/// A report in the last era in which it counts leads to a slash; one era later it leads to none,
/// and none is open.
pub fn a_report_that_is_too_late_opens_nothing<D: Driver>() {
	nominator::<D>(STASH, 1_000, FIRST);
	roll_to::<D>(OFFENCE + D::REPORTABLE_FOR);
	D::offend(FIRST, TENTH, OFFENCE);
	work_off_reports::<D>();
	assert_eq!(open_for::<D>(STASH), 100);

	roll_to::<D>(OFFENCE + D::REPORTABLE_FOR + 1);
	D::offend(FIRST, Perbill::from_percent(30), OFFENCE);
	work_off_reports::<D>();
	roll_until::<D>(|| lost_by(STASH) > 0);
	assert!(all_open::<D>().is_empty());
	roll_to::<D>(applied_in::<D>(OFFENCE) + BONDING_DURATION);
	assert_eq!(lost_by(STASH), 100);
}

/// Tries to withdraw in every block until the only chunk of `stash` is released.
fn leave<D: Driver>(stash: AccountId) {
	roll_until::<D>(|| {
		// Refused at times: what counts is what has been released in the end.
		let _ = layered(|| D::Backend::withdraw(&stash));
		ledger_of::<D>(&stash).is_none_or(|ledger| ledger.unlocking.is_empty())
	});
}

/// Stake that was exposed at the offence and unbonded in the era after pays in proportion, and
/// cannot leave before it has.
pub fn a_chunk_from_after_the_offence_bears_its_part<D: Driver>() {
	nominator::<D>(STASH, 1_000, FIRST);
	roll_to::<D>(OFFENCE);
	offend::<D>(TENTH);
	roll_to::<D>(OFFENCE + 1);
	D::Backend::unbond(&STASH, 400).unwrap();
	assert_eq!(open_for::<D>(STASH), 100);

	leave::<D>(STASH);
	let chunk_era = OFFENCE + 1 + BONDING_DURATION;
	assert_eq!(D::Backend::active_era(), Some(chunk_era));
	let landed = Landed {
		stash: STASH,
		era: applied_in::<D>(OFFENCE),
		active: 540,
		unlocking: [(chunk_era, 360)].into(),
		amount: 100,
	};
	assert_eq!(landed_on(STASH), [landed]);
	assert_eq!(ledger_of::<D>(&STASH).unwrap().active, 540);
	assert_eq!(D::free(STASH), EXISTENTIAL_DEPOSIT + 360);
}

/// Stake that was no longer exposed bears nothing, whether it was withdrawn in time or not.
pub fn a_chunk_from_before_the_offence_bears_nothing<D: Driver>() {
	for stash in [STASH, OTHER] {
		nominator::<D>(stash, 1_000, FIRST);
		D::Backend::unbond(&stash, 400).unwrap();
	}
	roll_to::<D>(3);
	offend::<D>(TENTH);
	assert_eq!([STASH, OTHER].map(open_for::<D>), [60, 60]);
	leave::<D>(STASH);
	assert_eq!(D::Backend::active_era(), Some(4));
	assert_eq!(D::free(STASH), EXISTENTIAL_DEPOSIT + 400);

	land::<D>(applied_in::<D>(3));
	assert_eq!([STASH, OTHER].map(lost_by), [60, 60]);
	assert_eq!(D::free(STASH), EXISTENTIAL_DEPOSIT + 400);
	let ledger = |unlocking| Some(Ledger { active: 540, unlocking });
	assert_eq!(ledger_of::<D>(&STASH), ledger(vec![]));
	assert_eq!(ledger_of::<D>(&OTHER), ledger(vec![Chunk { era: 4, value: 400 }]));
}

/// Stake that was unbonded after the election counts for the slash, and bears nothing of it: who
/// stays pays for who leaves.
pub fn a_chunk_from_after_the_election_is_paid_for_by_who_stays<D: Driver>() {
	nominator::<D>(STASH, 1_000, FIRST);
	roll_to_last_session::<D>();
	D::Backend::unbond(&STASH, 400).unwrap();
	roll_to::<D>(OFFENCE);
	offend::<D>(TENTH);
	assert_eq!(open_for::<D>(STASH), 100);
	land::<D>(applied_in::<D>(OFFENCE));
	let ledger = ledger_of::<D>(&STASH).unwrap();
	assert_eq!((ledger.active, ledger.total()), (500, 900));
}

/// Stake that was exposed at the offence, and unbonded in the same era. Not every pallet takes its
/// part from it; who stays then pays for who leaves. All of the slash is paid in any case.
pub fn who_unbonds_in_the_era_of_the_offence_may_be_spared<D: Driver>() {
	nominator::<D>(STASH, 1_000, FIRST);
	roll_to::<D>(OFFENCE);
	D::Backend::unbond(&STASH, 400).unwrap();
	offend::<D>(TENTH);
	assert_eq!(open_for::<D>(STASH), 100);

	leave::<D>(STASH);
	assert_eq!(D::Backend::active_era(), Some(OFFENCE + BONDING_DURATION));
	assert_eq!(lost_by(STASH), 100);
	let (active, released) = if D::SPARES_LEAVERS { (500, 400) } else { (540, 360) };
	assert_eq!(ledger_of::<D>(&STASH).unwrap().active, active);
	assert_eq!(D::free(STASH), EXISTENTIAL_DEPOSIT + released);
}

/// There is nobody who stays: the chunk pays, wherever leavers are spared.
pub fn who_leaves_altogether_still_pays<D: Driver>() {
	nominator::<D>(STASH, 1_000, FIRST);
	roll_to::<D>(OFFENCE);
	offend::<D>(TENTH);
	D::Backend::chill(&STASH).unwrap();
	D::Backend::unbond(&STASH, 1_000).unwrap();
	leave::<D>(STASH);
	assert_eq!(D::Backend::active_era(), Some(OFFENCE + BONDING_DURATION));
	assert_eq!(lost_by(STASH), 100);
	assert_eq!(ledger_of::<D>(&STASH), None);
	assert_eq!(D::free(STASH), EXISTENTIAL_DEPOSIT + 900);
}

/// As if it had never been unbonded.
pub fn what_was_staked_again_bears_what_is_open<D: Driver>() {
	nominator::<D>(STASH, 1_000, FIRST);
	roll_to::<D>(OFFENCE);
	D::Backend::unbond(&STASH, 400).unwrap();
	offend::<D>(TENTH);
	assert_eq!(open_for::<D>(STASH), 100);
	assert_eq!(layered(|| D::Backend::rebond(&STASH, 400)), Ok(()));
	assert_eq!(open_for::<D>(STASH), 100);
	land::<D>(applied_in::<D>(OFFENCE));
	assert_eq!(lost_by(STASH), 100);
	assert_eq!(ledger_of::<D>(&STASH), Some(Ledger { active: 900, unlocking: vec![] }));
}

/// Anybody may remove a stash that was slashed to nothing. It can begin anew.
pub fn a_stash_that_lost_all_may_be_gone<D: Driver>() {
	nominator::<D>(STASH, 1_000, FIRST);
	roll_to::<D>(OFFENCE);
	offend::<D>(Perbill::one());
	assert_eq!(open_for::<D>(STASH), 1_000);
	// A validator that lost all would otherwise be elected once more.
	land::<D>(applied_in::<D>(OFFENCE));
	assert_eq!(lost_by(STASH), 1_000);
	assert_eq!(ledger_of::<D>(&STASH).unwrap_or_default().total(), 0);

	D::reap(STASH);
	assert_eq!(ledger_of::<D>(&STASH), None);
	assert!(D::Backend::nominations(&STASH).is_empty());
	D::endow(STASH, 500);
	assert_eq!(D::Backend::bond(&STASH, 500, &payee(STASH)), Ok(()));
	assert_eq!(ledger_of::<D>(&STASH), Some(Ledger { active: 500, unlocking: vec![] }));
}
