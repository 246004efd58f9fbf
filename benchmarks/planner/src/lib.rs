// SPDX-License-Identifier: Apache-2.0

//! Instances for the planner, the same on every machine: all is drawn from a seed, in integers.
//!
//! The report (`make planner-report`) compares the planner with the exact optimum of each.

#![cfg_attr(target_arch = "wasm32", no_std)]

extern crate alloc;

#[cfg(target_arch = "wasm32")]
mod wasm;

use alloc::{vec, vec::Vec};
use core::ops::Range;
use holdfast_planner::{Assignment, Candidate, Input, Stash, DIMENSIONS};

/// One token.
const UNIT: u128 = 1_000_000_000_000;

/// Net payouts and stakes are drawn around these.
const PAYOUT: u128 = 1_000 * UNIT;
const STAKE: u128 = 1_000_000 * UNIT;

/// Instances of each family in the report, and in `optima.txt`.
pub const PER_FAMILY: u64 = 100;

/// Seeds of further instances in the report. The search was not tuned on them, and is not to be.
pub const FURTHER: Range<u64> = 1_000..1_200;

/// A kind of instance.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Family {
	/// Everything drawn evenly, caps of every width.
	Uniform,
	/// A few validators have most of the stake, many have little.
	Skewed,
	/// Two or three regions, and room for hardly more than the stashes.
	FewRegions,
	/// In each dimension room for hardly more than the stashes.
	TightCaps,
	/// As tight, and everything of one operator is in one place.
	Chained,
	/// Up to eight candidates and six stashes.
	Small,
	/// Some hundred candidates and 64 stashes.
	Large,
	/// Equal payouts; commissions from nothing to all.
	Commissions,
	/// Others have little stake: one stash takes most of a payout.
	Shallow,
	/// From a current assignment, with few moves allowed.
	Churn,
	/// The same at full size, with little room: 700 to 1,000 candidates and 64 stashes.
	Rotation,
	/// From a current assignment, with some unfit and over cap, a hysteresis of 2 %, free to move.
	Hysteresis,
}

/// All families.
pub const FAMILIES: [Family; 12] = [
	Family::Uniform,
	Family::Skewed,
	Family::FewRegions,
	Family::TightCaps,
	Family::Chained,
	Family::Small,
	Family::Large,
	Family::Commissions,
	Family::Shallow,
	Family::Churn,
	Family::Rotation,
	Family::Hysteresis,
];

/// SplitMix64.
struct Random(u64);

impl Random {
	fn next(&mut self) -> u64 {
		self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
		let mut z = self.0;
		z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
		z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
		z ^ (z >> 31)
	}

	/// From `low` to `high`, both included.
	fn within(&mut self, low: u64, high: u64) -> u64 {
		low + self.next() % (high - low + 1)
	}

	/// `amount` times `low` to `high` thousandths.
	fn part(&mut self, amount: u128, low: u64, high: u64) -> u128 {
		amount / 1_000 * u128::from(self.within(low, high))
	}

	/// A Pareto distribution with exponent 1, cut at 1,000 times the least.
	fn pareto(&mut self, least: u128) -> u128 {
		least * 1_000 / u128::from(self.within(1, 1_000))
	}

	fn one_in(&mut self, n: u64) -> bool {
		self.next().is_multiple_of(n)
	}
}

/// How many there are of everything.
struct Size {
	candidates: u64,
	stashes: u64,
	/// Clusters in each dimension.
	clusters: [u64; DIMENSIONS.len()],
	/// Room in each dimension, in thousandths of the stashes: from, to.
	room: [(u64, u64); DIMENSIONS.len()],
}

/// The instance of a family with a seed.
pub fn instance(family: Family, seed: u64) -> Input {
	let mut random = Random((family as u64) << 32 | seed);
	let r = &mut random;
	let wide = (1_500, 4_000);
	let tight = (1_000, 1_250);
	let medium = Size {
		candidates: r.within(20, 120),
		stashes: r.within(8, 32),
		clusters: [0; 4],
		room: [wide; 4],
	};
	let spread = |r: &mut Random, n: u64| {
		[n / r.within(2, 5) + 1, r.within(3, 8), r.within(3, 10), r.within(2, 5)]
	};
	let mut size = match family {
		Family::Uniform => Size { room: [(800, 4_000); 4], ..medium },
		Family::FewRegions => Size { room: [wide, tight, wide, wide], ..medium },
		Family::TightCaps | Family::Chained => Size { room: [tight; 4], ..medium },
		Family::Small => Size {
			candidates: r.within(3, 8),
			stashes: r.within(2, 6),
			room: [(800, 2_000); 4],
			..medium
		},
		Family::Large => Size {
			candidates: r.within(200, 600),
			stashes: 64,
			room: [wide, (1_000, 2_000), (1_000, 2_000), (1_000, 2_000)],
			..medium
		},
		Family::Churn => Size { candidates: r.within(20, 400), stashes: r.within(8, 64), ..medium },
		Family::Rotation => {
			let close = (1_000, 1_500);
			let room = [wide, close, close, close];
			Size { candidates: r.within(700, 1_000), stashes: 64, room, ..medium }
		},
		_ => medium,
	};
	size.clusters = spread(r, size.candidates);
	match family {
		Family::FewRegions => size.clusters[1] = r.within(2, 3),
		Family::Small => size.clusters = [r.within(2, 4), 2, r.within(2, 3), 2],
		_ => {},
	}
	let mut input = draw(r, family, &size);
	match family {
		Family::Churn | Family::Rotation => {
			input.churn = r.within(0, size.stashes / 4) as u32;
			stand(r, &mut input);
		},
		Family::Hysteresis => {
			input.hysteresis = 20;
			stand(r, &mut input);
			for _ in 0..r.within(0, 3) {
				let one = r.within(0, size.candidates - 1) as usize;
				input.candidates[one].fit = false;
			}
			let stake = input.stashes[0].stake;
			for limits in &mut input.limits {
				let one = r.within(0, limits.len() as u64 - 1) as usize;
				limits[one] = limits[one] / stake / 2 * stake;
			}
		},
		_ => {},
	}
	input
}

/// An instance for measuring time: skewed stakes, tight caps, half of the stashes placed, all free to
/// move.
pub fn timing(candidates: u32, stashes: u32, seed: u64) -> Input {
	let mut random = Random(u64::from(candidates) << 32 | u64::from(stashes) << 16 | seed);
	let size = Size {
		candidates: candidates.into(),
		stashes: stashes.into(),
		clusters: [u64::from(candidates) / 3 + 1, 8, 12, 4],
		room: [(1_500, 4_000), (1_000, 1_500), (1_000, 1_500), (1_000, 1_500)],
	};
	let mut input = draw(&mut random, Family::Skewed, &size);
	stand(&mut random, &mut input);
	for stash in input.stashes.iter_mut().step_by(2) {
		stash.current = None;
	}
	input
}

/// What an instance of [`hard`] is made from.
struct Hard {
	seed: u64,
	candidates: u64,
	stashes: u64,
	clusters: [u64; DIMENSIONS.len()],
	/// Room in each dimension, in thousandths of the stashes.
	room: u128,
	/// The most stashes on a candidate.
	limit: u64,
	/// How far payouts, and stakes of others, are apart, in thousandths.
	payouts: u64,
	others: u64,
	/// The part of the stashes that are placed, in hundredths.
	placed: u64,
	hysteresis: u32,
	churn: u32,
	/// How much less the smallest stash has than the largest, in hundredths.
	sizes: u128,
}

/// The instances that take longest of those that a search for such has tried, some hundreds of each
/// kind: with stashes of one size, and with stashes of which no two are of one.
pub fn hard(mixed: bool) -> Input {
	let Hard { seed, candidates, stashes, clusters, room, limit, .. } = HARD[usize::from(mixed)];
	let Hard { payouts, others, placed, hysteresis, churn, sizes, .. } = HARD[usize::from(mixed)];
	let mut r = Random(seed);
	let stake = STAKE / 4;
	let candidates: Vec<_> = (0..candidates)
		.map(|_| Candidate {
			net_payout: PAYOUT / 1_000 * (1_000 - u128::from(payouts / 2))
				+ UNIT * u128::from(r.next() % payouts),
			others: stake / 4 + stake * u128::from(r.next() % (others * 10)) / 1_000,
			limit: stake * u128::from(r.within(1, limit)),
			clusters: clusters.map(|n| (r.next() % n) as u32),
			fit: true,
		})
		.collect();
	let cap = |n: u64| (u128::from(stashes) * room / 1_000 / u128::from(n)).max(1) * stake;
	let limits = clusters.map(|n| vec![cap(n); n as usize]);
	let number = candidates.len() as u64;
	let mut stashes: Vec<_> = (0..stashes)
		.map(|i| {
			let less = stake * u128::from(i) * sizes / 100 / u128::from(stashes) + u128::from(i);
			let stake = if mixed { stake - less } else { stake };
			let placed = r.within(0, 99) < placed;
			Stash { stake, current: placed.then(|| (r.next() % number) as u32) }
		})
		.collect();
	stashes.reverse();
	Input { candidates, limits, stashes, hysteresis, churn }
}

const HARD: [Hard; 2] = [
	Hard {
		seed: 17_791_449_276_630_106_578,
		candidates: 479,
		stashes: 60,
		clusters: [276, 14, 4, 5],
		room: 2_110,
		limit: 1,
		payouts: 339,
		others: 926,
		placed: 36,
		hysteresis: 42,
		churn: 10,
		sizes: 0,
	},
	Hard {
		seed: 15_573_946_042_763_465_654,
		candidates: 922,
		stashes: 23,
		clusters: [17, 12, 13, 2],
		room: 1_362,
		limit: 4,
		payouts: 762,
		others: 298,
		placed: 56,
		hysteresis: 44,
		churn: 17,
		sizes: 58,
	},
];

fn draw(r: &mut Random, family: Family, size: &Size) -> Input {
	let homes: Vec<[u32; 4]> = (0..size.clusters[0])
		.map(|operator| {
			let mut home = size.clusters.map(|n| (r.next() % n) as u32);
			home[0] = operator as u32;
			home
		})
		.collect();
	let candidates = (0..size.candidates).map(|_| {
		let others = match family {
			Family::Skewed | Family::Large => r.pareto(STAKE / 4),
			Family::Shallow => r.part(STAKE / 20, 0, 1_000),
			_ => r.part(STAKE, 200, 3_000),
		};
		let net_payout = match family {
			Family::Uniform | Family::Small => r.part(PAYOUT, 100, 1_000),
			Family::Commissions => r.part(PAYOUT, 0, 1_000),
			Family::TightCaps | Family::Chained => r.part(PAYOUT, 500, 1_100),
			_ => {
				// Less a commission of up to 10 %, times a reliability.
				let left = r.part(PAYOUT, 900, 1_000);
				r.part(left, 850, 1_100)
			},
		};
		let mut clusters = homes[r.within(0, size.clusters[0] - 1) as usize];
		if family != Family::Chained {
			// One in four stands elsewhere than most of its operator, or runs something else.
			for (d, n) in size.clusters.iter().enumerate().skip(1) {
				if r.one_in(4) {
					clusters[d] = (r.next() % n) as u32;
				}
			}
		}
		// In stashes, until their stake is drawn.
		let limit = r.within(1, 4).into();
		Candidate { net_payout, others, limit, clusters, fit: !r.one_in(12) }
	});
	let mut candidates: Vec<_> = candidates.collect();
	let mut limits: [Vec<u128>; 4] = size.clusters.map(|n| vec![0; n as usize]);
	for (d, limits) in limits.iter_mut().enumerate() {
		let (low, high) = size.room[d];
		let room = (size.stashes * r.within(low, high)).div_ceil(1_000);
		for i in 0..room {
			// The first round is even, what is left is not.
			let n = size.clusters[d];
			let slot = if i < n { i } else { r.next() % n };
			limits[slot as usize] += 1;
		}
	}
	let stake = r.part(STAKE / 4, 500, 1_500);
	candidates.iter_mut().for_each(|c| c.limit *= stake);
	limits.iter_mut().flatten().for_each(|limit| *limit *= stake);
	let stashes = vec![Stash { stake, current: None }; size.stashes as usize];
	Input { candidates, limits, stashes, hysteresis: 0, churn: u32::MAX }
}

/// Lets most stashes stand somewhere, within the caps.
fn stand(r: &mut Random, input: &mut Input) {
	let mut stakes = vec![0; input.candidates.len()];
	let mut loads = input.limits.clone();
	loads.iter_mut().flatten().for_each(|load| *load = 0);
	for stash in &mut input.stashes {
		for _ in 0..20 {
			let place = r.within(0, input.candidates.len() as u64 - 1) as usize;
			let candidate = &input.candidates[place];
			let clusters = candidate.clusters.map(|c| c as usize);
			let free = (0..4).all(|d| loads[d][clusters[d]] < input.limits[d][clusters[d]]);
			if free && stakes[place] < candidate.limit && candidate.fit {
				stakes[place] += stash.stake;
				(0..4).for_each(|d| loads[d][clusters[d]] += stash.stake);
				stash.current = Some(place as u32);
				break;
			}
		}
	}
}

/// A number that tells plans apart.
pub fn checksum(plan: &Assignment) -> u64 {
	let digest = |sum: u64, place: &Option<u32>| {
		(sum ^ place.map_or(0, |place| u64::from(place) + 1)).wrapping_mul(0x0100_0000_01b3)
	};
	plan.places.iter().fold(0xcbf2_9ce4_8422_2325, digest)
}
