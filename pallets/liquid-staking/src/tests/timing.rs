// SPDX-License-Identifier: Apache-2.0

//! Nobody gains by the time at which they enter and leave: one round trip per case, in every order of what
//! happens to the pool between. Random ones are in `model`.

use crate::{mock::*, Parameters};
use frame_support::{assert_ok, traits::fungible::Mutate};
use sp_runtime::Perbill;

const POOL: u128 = 100_000;
const STAKE: u128 = 77_777;

/// What happens to the pool during a round trip.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Happening {
	Nothing,
	/// An era's reward, ten times the usual.
	Reward,
	/// A donation to the reward account.
	Donation,
	/// A report, which stays open.
	Report,
	/// Its cancellation.
	Cancellation,
	/// The application, or the expiry, of what is due.
	Slash,
	/// Most others ask to leave.
	OthersQueue,
	/// Others leave at once, at the price net of reports.
	OthersLeave,
	/// Others enter.
	OthersEnter,
}

use Happening::*;

const HAPPENINGS: [Happening; 9] =
	[Nothing, Reward, Donation, Report, Cancellation, Slash, OthersQueue, OthersLeave, OthersEnter];

fn happen(what: Happening) {
	let era = pool().era().unwrap();
	match what {
		Nothing => (),
		Reward => earn(era, validator(100), 1_000),
		Donation => {
			Balances::mint_into(&LiquidStaking::reward_account(), 3_000).unwrap();
		},
		Report => Staking::report(&LiquidStaking::stash_account(0), era, 5_000),
		Cancellation => (era..era + 4).for_each(Staking::cancel),
		Slash => Staking::slash(&LiquidStaking::stash_account(1), 30),
		OthersQueue => {
			let shares = st_hold(&ALICE) * 9 / 10;
			assert_ok!(LiquidStaking::request_redeem(RuntimeOrigin::signed(ALICE), shares));
		},
		OthersLeave => {
			next_block();
			let shares = st_hold(&ALICE) / 10;
			// The buffer may be too low.
			let _ = LiquidStaking::redeem_instantly(RuntimeOrigin::signed(ALICE), shares, 0);
		},
		OthersEnter => {
			assert_ok!(LiquidStaking::deposit(RuntimeOrigin::signed(CHARLIE), 50_000, 0));
		},
	}
	next_block();
}

/// How the round trip ends.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Exit {
	/// A request in the era of the entry.
	Queued,
	/// A request in the era after it.
	QueuedLater,
	/// At once, in the era of the entry, as far as the buffer goes.
	Instant,
	/// At once, two eras after the entry.
	InstantLater,
}

/// Bob asks to leave with all shares.
fn queue() {
	let shares = st_hold(&BOB);
	assert_ok!(LiquidStaking::request_redeem(RuntimeOrigin::signed(BOB), shares));
}

/// Bob, who had `shares`, leaves at once as far as the buffer goes.
fn at_once(shares: u128) {
	next_block();
	for part in [1, 2, 4, 8, 16, 32] {
		let _ = LiquidStaking::redeem_instantly(RuntimeOrigin::signed(BOB), shares / part, 0);
	}
}

/// Bob claims all that there is. Returns what Bob has then, with what Bob had brought of what the
/// buffer did not pay, of `shares` in all.
fn wealth_after(shares: u128) -> i128 {
	let kept = if st_hold(&BOB) > 0 { STAKE * st_hold(&BOB) / shares } else { 0 };
	for _ in 0..9 {
		next_era();
		for redemption in LiquidStaking::redemptions_of(BOB) {
			let _ = LiquidStaking::claim(RuntimeOrigin::signed(BOB), redemption.batch, BOB);
		}
	}
	assert_eq!(LiquidStaking::redemptions_of(BOB), []);
	(hold(&BOB) + kept) as i128
}

/// Goes to the last block of the era after the next.
fn two_eras_later() {
	next_era();
	next_era();
	(0..BLOCKS_PER_ERA - 2).for_each(|_| next_block());
}

/// Bob enters, `first` happens, an era passes, `then` happens, and Bob is out before the third.
/// Returns what Bob has gained.
fn round_trip(before: Happening, first: Happening, then: Happening, exit: Exit) -> i128 {
	let mut gained = 0;
	run(|| {
		SlashDelay::set(2);
		Defaults::set(Parameters { buffer: Perbill::from_percent(40), ..PLAIN });
		assert_ok!(LiquidStaking::deposit(RuntimeOrigin::signed(ALICE), POOL, 0));
		for era in 0..4 {
			earn(era, validator(100), 100);
		}
		next_era();
		next_era();
		happen(before);

		let wealth = hold(&BOB);
		assert_ok!(LiquidStaking::deposit(RuntimeOrigin::signed(BOB), STAKE, 0));
		let shares = st_hold(&BOB);
		happen(first);
		match exit {
			Exit::Queued => queue(),
			Exit::Instant => at_once(shares),
			_ => (),
		}
		next_era();
		happen(then);
		match exit {
			Exit::QueuedLater => queue(),
			Exit::InstantLater => {
				next_era();
				(0..BLOCKS_PER_ERA - 2).for_each(|_| next_block());
				at_once(shares);
			},
			_ => (),
		}
		gained = wealth_after(shares) - wealth as i128;
	});
	gained
}

fn never_profits(exit: Exit) {
	for before in HAPPENINGS {
		for first in HAPPENINGS {
			for then in HAPPENINGS {
				let gained = round_trip(before, first, then, exit);
				assert!(gained <= 0, "{before:?}, enter, {first:?}, {then:?}: {gained}");
			}
		}
	}
}

#[test]
fn a_queued_round_trip_never_profits() {
	never_profits(Exit::Queued);
}

#[test]
fn a_round_trip_queued_in_the_next_era_never_profits() {
	never_profits(Exit::QueuedLater);
}

#[test]
fn an_instant_round_trip_never_profits() {
	never_profits(Exit::Instant);
}

#[test]
fn an_instant_exit_two_eras_later_never_profits() {
	never_profits(Exit::InstantLater);
}

#[test]
fn netting_ones_own_redemption_earns_nothing() {
	run(|| {
		assert_ok!(LiquidStaking::deposit(RuntimeOrigin::signed(BOB), POOL, 0));
		next_era();
		earn(1, validator(100), 100);
		next_era();
		next_block();
		// Alice's own deposit pays her own redemption.
		assert_ok!(LiquidStaking::deposit(RuntimeOrigin::signed(ALICE), STAKE, 0));
		let shares = st_hold(&ALICE);
		assert_ok!(LiquidStaking::request_redeem(RuntimeOrigin::signed(ALICE), shares));
		next_era();
		assert_ok!(LiquidStaking::claim(RuntimeOrigin::signed(ALICE), 0, ALICE));
		assert!(hold(&ALICE) <= 1_000_000, "{}", hold(&ALICE));
		assert_eq!(pool().unbonding(), 0);
	});
}

#[test]
fn an_entrant_gets_nothing_of_what_leavers_forfeit() {
	run(|| {
		assert_ok!(LiquidStaking::deposit(RuntimeOrigin::signed(ALICE), POOL, 0));
		next_era();
		earn(1, validator(100), 10_000);
		next_era();
		// 99 % are about to leave without the stream.
		assert_ok!(LiquidStaking::request_redeem(RuntimeOrigin::signed(ALICE), POOL / 100 * 99));
		assert_ok!(LiquidStaking::deposit(RuntimeOrigin::signed(BOB), 10_000, 0));
		next_era();
		let shares = st_hold(&BOB);
		assert_ok!(LiquidStaking::request_redeem(RuntimeOrigin::signed(BOB), shares));
		(0..5).for_each(|_| next_era());
		assert_ok!(LiquidStaking::claim(RuntimeOrigin::signed(BOB), 1, BOB));
		assert!(hold(&BOB) <= 1_000_000, "{}", hold(&BOB));
	});
}

/// Where the era work stands when Bob enters.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Entry {
	/// It was done in the block before.
	Done,
	/// It has begun, and there was no room for more.
	Begun,
	/// Not even that: the rotation has filled the block.
	NotBegun,
	/// That of the era before is not done, either.
	LateByAnEra,
}

/// Eras 1 to 4 earn `rewards`. Bob enters in the third, or in the fourth if the work is late by an
/// era, and leaves within two eras. Returns what Bob has gained.
fn trip_around_the_work(rewards: [u128; 4], entry: Entry, exit: Exit) -> i128 {
	let mut gained = 0;
	run(|| {
		Defaults::set(Parameters { buffer: Perbill::from_percent(40), ..PLAIN });
		assert_ok!(LiquidStaking::deposit(RuntimeOrigin::signed(ALICE), POOL, 0));
		next_era();
		for (era, reward) in (1..).zip(rewards) {
			earn(era, validator(100), reward);
		}
		next_era();
		match entry {
			Entry::Done => {
				next_era();
				next_block();
			},
			Entry::Begun => {
				WorkLimit::set(Default::default());
				next_era();
			},
			Entry::NotBegun => {
				(0..BLOCKS_PER_ERA - 1).for_each(|_| next_block());
				Staking::begin_era(3);
				System::set_block_number(System::block_number() + 1);
			},
			Entry::LateByAnEra => {
				WorkLimit::set(Default::default());
				next_era();
				next_era();
			},
		}
		let (begun, settled) = match entry {
			Entry::Done => (3, 3),
			Entry::NotBegun => (2, 2),
			_ => (3, 2),
		};
		assert_eq!((pool().era(), pool().settled_era()), (Some(begun), Some(settled)));
		assert_ok!(LiquidStaking::deposit(RuntimeOrigin::signed(BOB), STAKE, 0));
		let shares = st_hold(&BOB);
		WorkLimit::set(ENOUGH);
		match exit {
			Exit::Queued => queue(),
			Exit::QueuedLater => {
				next_era();
				queue();
			},
			Exit::Instant => {
				// The last block of the era.
				while System::block_number() % BLOCKS_PER_ERA < BLOCKS_PER_ERA - 2 {
					next_block();
				}
				at_once(shares);
			},
			Exit::InstantLater => {
				two_eras_later();
				at_once(shares);
			},
		}
		gained = wealth_after(shares) - 1_000_000;
	});
	gained
}

fn never_profits_around_the_work(entry: Entry) {
	let rewards = [0, 50, 5_000];
	let four = |n: usize| [n % 3, n / 3 % 3, n / 9 % 3, n / 27].map(|i| rewards[i]);
	for earned in (0..81).map(four) {
		for exit in [Exit::Queued, Exit::QueuedLater, Exit::Instant, Exit::InstantLater] {
			let gained = trip_around_the_work(earned, entry, exit);
			assert!(gained <= 0, "{earned:?}, {entry:?}, {exit:?}: {gained}");
		}
	}
}

#[test]
fn who_enters_when_the_era_work_is_done_never_profits() {
	never_profits_around_the_work(Entry::Done);
}

#[test]
fn who_enters_before_an_era_is_settled_pays_for_two() {
	never_profits_around_the_work(Entry::Begun);
}

#[test]
fn who_enters_in_the_block_of_a_rotation_pays_for_two() {
	never_profits_around_the_work(Entry::NotBegun);
}

#[test]
fn who_enters_when_two_eras_are_to_be_settled_pays_for_three() {
	never_profits_around_the_work(Entry::LateByAnEra);
}

#[test]
fn entrants_before_every_settlement_do_not_keep_rewards_from_the_holders() {
	run(|| {
		assert_ok!(LiquidStaking::deposit(RuntimeOrigin::signed(ALICE), POOL, 0));
		next_era();
		for era in 1..12 {
			earn(era, validator(100), 100);
			WorkLimit::set(Default::default());
			next_era();
			assert_ok!(LiquidStaking::deposit(RuntimeOrigin::signed(BOB), 100, 0));
			WorkLimit::set(ENOUGH);
			next_block();
		}
		// Eleven rewards were collected; no more than those of the last eras wait.
		let waiting = pool().stream().amount + pool().pending_rewards();
		assert!(waiting < 500, "{waiting} wait");
	});
}

#[test]
fn who_stays_three_eras_gains_nothing_from_what_lay_in_the_reward_account() {
	// In the reward account when Bob enters, or swept and not released yet.
	for swept in [false, true] {
		run(|| {
			Defaults::set(Parameters { buffer: Perbill::from_percent(40), ..PLAIN });
			assert_ok!(LiquidStaking::deposit(RuntimeOrigin::signed(ALICE), POOL, 0));
			next_era();
			next_era();
			let lump = if swept { 30_000 } else { 3_000 };
			Balances::mint_into(&LiquidStaking::reward_account(), lump).unwrap();
			if swept {
				next_era();
				next_block();
			}
			assert_ok!(LiquidStaking::deposit(RuntimeOrigin::signed(BOB), STAKE, 0));
			let shares = st_hold(&BOB);
			(0..3).for_each(|_| next_era());
			queue();
			let gained = wealth_after(shares) - 1_000_000;
			assert!(gained <= 0, "{gained}");
		});
	}
}
