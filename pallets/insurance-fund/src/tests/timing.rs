// SPDX-License-Identifier: Apache-2.0

//! Nobody gains by when they come and go: one round trip per case, in every order of what happens to
//! the fund before it, after the entry, while the withdrawal waits, and before it is paid. All that
//! there is to gain is the premium that is released while they are liable.

use crate::{mock::*, Parameters, RequestId};
use frame_support::{assert_ok, traits::fungible::Mutate};
use holdfast_primitives::DebtSink;
use sp_runtime::Perbill;

const OTHERS: u128 = 100_000;
const BROUGHT: u128 = 77_777;
const PREMIUM: u128 = 1_000;

#[derive(Clone, Copy, Debug, PartialEq)]
enum Happening {
	Nothing,
	/// A report that stays open.
	Report,
	/// All reports are cancelled.
	Cancellation,
	/// The reports that there are, are applied.
	Application,
	/// Half of each is, and the rest expires.
	Expiry,
	/// A slash that nobody had reported.
	Slash,
	/// Another underwriter leaves, whose request is mature.
	OtherLeaves,
	/// Another one comes.
	OtherComes,
	/// A premium, and a fee for the reserve.
	Reward,
	/// Somebody sends assets, gives some to the reserve, and an operator repays its debt.
	Gifts,
}

use Happening::*;

const HAPPENINGS: [Happening; 10] = [
	Nothing,
	Report,
	Cancellation,
	Application,
	Expiry,
	Slash,
	OtherLeaves,
	OtherComes,
	Reward,
	Gifts,
];

struct Round {
	open: Vec<(u8, u32, u128)>,
	requests: Vec<RequestId>,
	premium: u128,
	next: u8,
}

impl Round {
	fn happen(&mut self, what: Happening) {
		match what {
			Nothing => (),
			Report => {
				self.open.push((self.next, era() + DELAY, 20_000));
				self.next += 1;
				report(&self.open);
			},
			Cancellation => {
				self.open.clear();
				report(&[]);
			},
			Application | Expiry => {
				for (n, due, amount) in self.open.drain(..) {
					let part = if what == Expiry { amount / 2 } else { amount };
					slash(n, due, part, part);
				}
				report(&[]);
			},
			Slash => {
				slash(99, era(), 7_000, 0);
			},
			OtherLeaves => {
				if let Some(id) = self.requests.pop() {
					// All of it may be withheld, or the shares be void.
					let _ = withdraw(&ALICE, id);
				}
			},
			OtherComes => {
				assert_ok!(InsuranceFund::underwrite(signed(&CHARLIE), 50_000, 0));
			},
			Reward => self.premium += book_reward(10 * PREMIUM, 500).premium,
			Gifts => {
				Balances::mint_into(&InsuranceFund::account(), 5_000).unwrap();
				InsuranceFund::repaid(2_000);
				assert_ok!(InsuranceFund::top_up_reserve(signed(&CHARLIE), 3_000));
			},
		}
		next_block();
	}
}

/// Alice underwrites, `before` happens, Bob comes, `first` happens, he asks to leave, and before he is
/// paid `then` and `last` do. Returns what he has gained, and the premium that came in meanwhile.
fn round_trip(
	before: Happening,
	first: Happening,
	then: Happening,
	last: Happening,
) -> (i128, u128) {
	let mut result = (0, 0);
	run(|| {
		let part = Perbill::from_percent(10);
		Defaults::set(Parameters { premium_min: part, premium_max: part, ..PLAIN });
		assert_ok!(InsuranceFund::underwrite(signed(&ALICE), OTHERS, 0));
		eras(2);
		let requests = (0..3).map(|_| request(&ALICE, OTHERS / 4)).collect();
		eras(BONDING + 2);
		let mut round = Round { open: vec![], requests, premium: 0, next: 0 };
		round.happen(before);
		// Her requests lapse, and she makes others.
		let paid = round.premium;
		assert_ok!(InsuranceFund::underwrite(signed(&BOB), BROUGHT, 0));
		round.happen(first);
		let id = request(&BOB, shares_of(&BOB));
		eras(2);
		let left = shares_of(&ALICE);
		if left > 0 {
			round.requests = vec![request(&ALICE, left / 2)];
		}
		eras(BONDING);
		round.happen(then);
		if round.requests.len() == 1 {
			eras(1);
		}
		round.happen(last);
		// It fails if all of it is withheld.
		let _ = withdraw(&BOB, id);
		round.happen(Cancellation);
		// What was withheld, or all of it; it fails if nothing was.
		let _ = withdraw(&BOB, id);
		assert_eq!(crate::Leavers::<Test>::iter().filter(|(i, _)| *i == id).count(), 0);
		result = (hold(&BOB) as i128 - RICH as i128, round.premium - paid);
	});
	result
}

#[test]
fn a_round_trip_gains_no_more_than_the_premium_for_its_time() {
	let mut earned = 0;
	for before in HAPPENINGS {
		for first in HAPPENINGS {
			for then in HAPPENINGS {
				for last in HAPPENINGS {
					let (gained, premium) = round_trip(before, first, then, last);
					let most = if premium == 0 { 0 } else { premium as i128 };
					assert!(
						gained <= most,
						"{before:?}, enter, {first:?}, ask, {then:?}, {last:?}: {gained} > {most}"
					);
					earned += u32::from(gained > 0);
				}
			}
		}
	}
	assert!(earned > 100, "{earned}");
}

#[test]
fn a_premium_on_its_way_is_paid_for_by_who_comes() {
	for then in HAPPENINGS {
		if then != Reward {
			let (gained, _) = round_trip(Reward, Nothing, then, Nothing);
			assert!(gained <= 0, "{then:?}: {gained}");
		}
	}
}

/// Whatever happens, to leave in the face of a report is no better than to stay until it is gone: what
/// one share is worth at the end is the same.
#[test]
fn who_leaves_before_a_slash_bears_as_much_as_who_stays() {
	for (reported, applied) in
		[(30_000, 30_000), (30_000, 10_000), (30_000, 0), (1, 1), (99_999, 5)]
	{
		run(|| {
			assert_ok!(InsuranceFund::underwrite(signed(&ALICE), 100_000, 0));
			assert_ok!(InsuranceFund::underwrite(signed(&BOB), 100_000, 0));
			let (first, second) = (request(&ALICE, 100_000), request(&BOB, 100_000));
			eras(BONDING + 2);
			report(&[(0, era(), reported), (1, era() + 1, 5_000)]);
			assert_ok!(withdraw(&ALICE, first));
			if applied > 0 {
				slash(0, era(), applied, applied);
			}
			report(&[]);
			let _ = withdraw(&ALICE, first);
			assert_ok!(withdraw(&BOB, second));
			assert!(hold(&ALICE).abs_diff(hold(&BOB)) <= 1, "{} {}", hold(&ALICE), hold(&BOB));
			assert!(2 * RICH - hold(&ALICE) - hold(&BOB) - applied <= 2);
		});
	}
}
