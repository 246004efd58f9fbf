// SPDX-License-Identifier: Apache-2.0

//! The chain: who validates, where the pool stakes, what goes wrong and what it costs.

/// Eras in a year, and from an offence to its slash.
pub const YEAR: u32 = 365;
pub const DELAY: u32 = 28;

/// Elected validators.
pub const SEATS: u32 = 300;

/// Stashes of the pool; all are of the same size.
pub const STASHES: u32 = 64;

/// Random numbers, the same in every run (splitmix64).
pub struct Dice(pub u64);

impl Dice {
	pub fn next(&mut self) -> u64 {
		self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
		let mut z = self.0;
		z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
		z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
		z ^ (z >> 31)
	}

	pub fn unit(&mut self) -> f64 {
		(self.next() >> 11) as f64 / (1u64 << 53) as f64
	}

	pub fn below(&mut self, n: usize) -> usize {
		(self.next() % n.max(1) as u64) as usize
	}
}

/// Validators that fail together: those of an operator, or those with a provider.
#[derive(Clone)]
pub struct Group {
	/// How many seats.
	pub seats: u32,
	/// How many of the pool's stashes nominate them.
	pub stashes: u32,
}

pub struct Chain {
	pub operators: Vec<Group>,
	pub providers: Vec<Group>,
}

/// A part of their stake that `k` of [`SEATS`] lose if they equivocate together.
pub fn equivocation(k: u32) -> f64 {
	(3.0 * f64::from(k) / f64::from(SEATS)).powi(2).min(1.0)
}

/// The same if they are offline together.
pub fn offline(k: u32) -> f64 {
	let above = k.saturating_sub(SEATS / 10 + 1);
	0.07 * (3.0 * f64::from(above) / f64::from(SEATS)).min(1.0)
}

impl Chain {
	/// A few large operators and many small ones; ten providers, the largest with a fifth of the set.
	/// The pool has at most three stashes with an operator and ten with a provider, as its caps say.
	pub fn new() -> Self {
		let mut sizes = vec![30, 20, 15, 12, 10, 8, 6, 5, 4, 4, 3, 3];
		while sizes.iter().sum::<u32>() < SEATS {
			sizes.push(if sizes.len() % 3 == 0 { 2 } else { 1 });
		}
		let mut left = STASHES;
		let operators = sizes
			.into_iter()
			.map(|seats| {
				let stashes = left.min(3).min(seats);
				left -= stashes;
				Group { seats, stashes }
			})
			.collect();
		let shares = [60, 50, 40, 35, 30, 25, 20, 15, 15, 10];
		let staked = [10, 10, 9, 8, 7, 6, 5, 4, 3, 2];
		let providers =
			shares.iter().zip(staked).map(|(&seats, stashes)| Group { seats, stashes }).collect();
		Self { operators, providers }
	}
}

/// How often what goes wrong, a year. What the numbers rest on is in the report.
#[derive(Clone, Copy)]
pub struct Rates {
	/// One validator equivocates, of each.
	pub validator: f64,
	/// All validators of an operator equivocate, of each.
	pub operator: f64,
	/// All with one provider are offline, of any.
	pub provider: f64,
	/// A fifth to two fifths of the set are offline by a defect of a client.
	pub client: f64,
	/// One validator loses all, of any.
	pub total: f64,
	/// The part of reports that is cancelled before it is applied.
	pub cancelled: f64,
}

pub const RATES: Rates = Rates {
	validator: 0.01,
	operator: 0.005,
	provider: 0.1,
	client: 0.21,
	total: 0.04,
	cancelled: 0.5,
};

impl Rates {
	pub fn times(self, factor: f64) -> Self {
		Self {
			validator: self.validator * factor,
			operator: self.operator * factor,
			provider: self.provider * factor,
			client: self.client * factor,
			total: self.total * factor,
			..self
		}
	}
}

/// A slash that is reported: what the pool stands to lose, as a part of what it has.
pub struct Slash {
	/// Its number in the history.
	pub id: usize,
	/// The era in which it is due.
	pub due: u32,
	pub part: f64,
	/// The operator, if it was one alone.
	pub operator: Option<usize>,
	pub cancelled: bool,
}

impl Chain {
	/// What is reported in `era`. Slashes are numbered from `next_id` on.
	pub fn reports(
		&self,
		era: u32,
		rates: &Rates,
		dice: &mut Dice,
		next_id: &mut usize,
		found: &mut Vec<Slash>,
	) {
		let per_era = 1.0 / f64::from(YEAR);
		let stash = 1.0 / f64::from(STASHES);
		let mut report = |dice: &mut Dice, part: f64, operator| {
			if part > 0.0 {
				let cancelled = dice.unit() < rates.cancelled;
				found.push(Slash { id: *next_id, due: era + DELAY, part, operator, cancelled });
				*next_id += 1;
			}
		};
		// One draw for all validators: two in one era are too rare to matter.
		let staked = f64::from(STASHES) * rates.validator * per_era;
		if dice.unit() < staked {
			let i = dice.below(self.operators.len());
			report(dice, stash * equivocation(1), Some(i));
		}
		let operators = self.operators.len();
		if dice.unit() < rates.operator * operators as f64 * per_era {
			let i = dice.below(operators);
			let group = &self.operators[i];
			report(dice, f64::from(group.stashes) * stash * equivocation(group.seats), Some(i));
		}
		if dice.unit() < rates.provider * per_era {
			let group = &self.providers[dice.below(self.providers.len())];
			report(dice, f64::from(group.stashes) * stash * offline(group.seats), None);
		}
		if dice.unit() < rates.client * per_era {
			let part = 0.2 + 0.2 * dice.unit();
			let seats = (f64::from(SEATS) * part) as u32;
			report(dice, part * offline(seats), None);
		}
		// One of the validators that there are; of those with a stash of the pool, one loses it.
		let hit = f64::from(STASHES) / f64::from(SEATS);
		if dice.unit() < rates.total * hit * per_era {
			let i = dice.below(self.operators.len());
			report(dice, stash, Some(i));
		}
	}

	/// The most that an operator alone can make the pool lose by equivocation.
	pub fn largest(&self) -> f64 {
		let loss = |g: &Group| f64::from(g.stashes) / f64::from(STASHES) * equivocation(g.seats);
		self.operators.iter().map(loss).fold(0.0, f64::max)
	}

	/// What an operator has bonded: a tenth of what it can make the pool lose, and at least a
	/// thousandth of what the pool has with it.
	pub fn bond(&self, i: usize) -> f64 {
		let group = &self.operators[i];
		let staked = f64::from(group.stashes) / f64::from(STASHES);
		(staked * equivocation(group.seats) / 10.0).max(staked / 1_000.0)
	}

	/// What somebody who stands in for losses up to `most` loses of them in a year, on average.
	pub fn expected(&self, rates: &Rates, most: f64) -> f64 {
		let stash = 1.0 / f64::from(STASHES);
		let sum = |groups: &[Group], fraction: fn(u32) -> f64| -> f64 {
			let loss = |g: &Group| (f64::from(g.stashes) * stash * fraction(g.seats)).min(most);
			groups.iter().map(loss).sum()
		};
		let client = 0.3 * offline(SEATS * 3 / 10);
		let yearly = f64::from(STASHES) * rates.validator * (stash * equivocation(1)).min(most)
			+ rates.operator * sum(&self.operators, equivocation)
			+ rates.provider * sum(&self.providers, offline) / self.providers.len() as f64
			+ rates.client * client.min(most)
			+ rates.total * f64::from(STASHES) / f64::from(SEATS) * stash.min(most);
		yearly * (1.0 - rates.cancelled)
	}
}
