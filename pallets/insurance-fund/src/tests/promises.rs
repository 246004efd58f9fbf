// SPDX-License-Identifier: Apache-2.0

//! What the fund tells the pool of open reports, and the underwriters of their requests, holds whatever
//! comes.

use crate::{mock::*, *};
use frame_support::{assert_ok, storage::with_storage_layer};
use holdfast_primitives::{ClaimInfo, EraIndex, LossCover};
use sp_runtime::{DispatchError, Perbill};

struct Random(u64);

impl Random {
	fn below(&mut self, n: u64) -> u64 {
		self.0 =
			self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
		(self.0 >> 33) % n
	}
}

/// What comes of `act`, which changes nothing.
fn tried<R>(act: impl FnOnce() -> R) -> R {
	let mut result = None;
	let _ = with_storage_layer(|| {
		result = Some(act());
		Err::<(), _>(DispatchError::Other("undone"))
	});
	result.unwrap()
}

/// What is not paid if all that is open is taken, each in its era.
fn unpaid() -> u128 {
	tried(|| {
		let mut claims = Claims::<Test>::get().into_inner();
		claims.sort_by_key(|claim| (claim.applied_in, claim.id));
		let pays = |claim: &ClaimInfo<_>| {
			let n = (0..20u8).find(|n| Some(validator(*n)) == claim.validator).unwrap();
			slash(n, claim.applied_in, claim.open, claim.open)
		};
		claims.iter().map(|claim| claim.open - pays(claim)).sum()
	})
}

/// Underwriters come and go, and validators from `0..validators` are reported and slashed, by chance.
fn keeps_its_word(seed: u64, validators: u64) {
	run(|| {
		let mut r = Random(seed);
		Defaults::set(Parameters {
			reserve_limit: Perbill::from_percent([0, 10, 50, 100][r.below(4) as usize]),
			premium_min: Perbill::from_percent(10),
			premium_max: Perbill::from_percent(10),
			..PLAIN
		});
		next_era();
		let mut requests: Vec<(AccountId, RequestId)> = vec![];
		let mut open: Vec<(u8, EraIndex, u128)> = vec![];
		for n in 0..3 {
			Operators::set(&validator(n), r.below(3_000).into());
			// Some of them run more than one.
			Operators::share(&validator(n), &validator(n + 3));
			Operators::share(&validator(n), &validator(n + 6));
		}
		for step in 0..60 {
			let who = [ALICE, BOB, CHARLIE][r.below(3) as usize].clone();
			let amount = 1 + u128::from(r.below(5_000));
			match r.below(13) {
				0 | 1 => {
					let _ = InsuranceFund::underwrite(signed(&who), amount + 100, 0);
				},
				2 => {
					let _ = InsuranceFund::top_up_reserve(signed(&who), amount);
				},
				3 | 4 => {
					let shares = shares_of(&who).min(amount);
					let id = fund().next_request();
					if InsuranceFund::request_withdraw(signed(&who), shares).is_ok() {
						requests.push((who, id));
					}
				},
				5 | 6 => {
					for (who, id) in &requests {
						let _ = withdraw(who, *id);
					}
				},
				7 | 8 => {
					let n = r.below(validators) as u8;
					let due = era() + 1 + r.below(3) as u32;
					match open.iter_mut().find(|o| (o.0, o.1) == (n, due)) {
						Some(known) => known.2 = amount,
						None => open.push((n, due, amount)),
					}
					report(&open);
				},
				9 if !open.is_empty() => {
					open.swap_remove(r.below(open.len() as u64) as usize);
					report(&open);
				},
				9 | 10 => {
					book_reward(amount * 5, amount / 10);
				},
				11 => {
					slash(r.below(validators) as u8, era(), amount / 4, 0);
				},
				_ => {
					// What is due is taken, or half of it.
					next_era();
					let due: Vec<_> = open.iter().filter(|o| o.1 <= era()).copied().collect();
					open.retain(|o| o.1 > era());
					for (n, at, amount) in due {
						let part = amount / (1 + u128::from(r.below(2)));
						slash(n, at, part, part);
					}
					report(&open);
				},
			}
			let (told, real) = (InsuranceFund::uncovered(fund().reported().0), unpaid());
			assert!(real <= told, "seed {seed}, step {step}: {real}, not {told}, {:?}", fund());
		}
	});
}

#[test]
fn no_more_stays_unpaid_than_the_pool_is_told() {
	// Eight are looked up.
	(0..60).for_each(|seed| keeps_its_word(seed, 5));
	(0..60).for_each(|seed| keeps_its_word(seed, 12));
}

#[test]
fn a_bond_is_not_counted_twice_where_more_validators_are_reported_than_are_looked_up() {
	run(|| {
		assert_ok!(InsuranceFund::underwrite(signed(&ALICE), 1_000, 0));
		let id = request(&ALICE, 1_000);
		eras(BONDING + 2);
		// The operator of the first has a bond of 100, and runs the ninth as well, of which little is
		// reported. Eight are looked up.
		Operators::set(&validator(0), 100);
		Operators::share(&validator(0), &validator(8));
		let first = era() + 1;
		report(&[(8, first, 10)]);
		// The only underwriter leaves, and bears all of that; another one comes.
		assert_ok!(withdraw(&ALICE, id));
		assert_ok!(InsuranceFund::underwrite(signed(&BOB), 100, 0));
		let mut open = vec![(8, first, 10)];
		open.extend((0..8).map(|n| (n, first + 1, 100)));
		report(&open);
		// Of 810, Alice would pay 10, and Bob 100; of the bond 90 are left for what Bob pays.
		let told = InsuranceFund::uncovered(fund().reported().0);
		assert_eq!((fund().reported().0, fund().bonds().0, told), (810, 90, 610));
		assert_eq!(unpaid(), 610);
	});
}

/// Reports come and go by chance while an underwriter asks to leave.
fn gives_time(seed: u64) {
	run(|| {
		let mut r = Random(seed);
		assert_ok!(InsuranceFund::underwrite(signed(&ALICE), 10_000, 0));
		// In how many eras each request could be followed up so far.
		let mut requests: Vec<(RequestId, u32)> = vec![];
		for _ in 0..40 {
			if requests.len() < 3 && r.below(2) == 0 {
				let id = fund().next_request();
				if InsuranceFund::request_withdraw(signed(&ALICE), 10).is_ok() {
					requests.push((id, 0));
				}
			}
			match r.below(3) {
				0 => report(&[(0, era() + 3, 20_000)]),
				1 => report(&[]),
				_ => {},
			}
			requests.retain_mut(|(id, eras)| {
				let result = tried(|| withdraw(&ALICE, *id));
				*eras += u32::from(result.is_ok());
				let lapsed = result == Err(Error::<Test>::Lapsed.into());
				assert!(!lapsed || *eras >= WINDOW, "seed {seed}: {eras} eras, {:?}", fund());
				!lapsed
			});
			next_era();
		}
	});
}

#[test]
fn every_request_has_its_eras_before_it_lapses() {
	(0..200).for_each(gives_time);
}
