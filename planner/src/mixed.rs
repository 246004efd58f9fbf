// SPDX-License-Identifier: Apache-2.0

//! Plans for stashes that are not all of one size.
//!
//! A large stash that finds its place taken by small ones has to push them aside, and caps are sums, not
//! numbers. So each stash is followed for itself here: the largest is placed first, and then one after
//! the other is brought to where the pool earns more with it, while those that are in its way go to the
//! best place that is left.

use crate::{
	layout::{at, known, set, Layout},
	outcome::{assign, Group},
	yields::{worth, Scale},
	Assignment, Candidate, Cause, Dimension, Input, DIMENSIONS,
};
use alloc::{borrow::Cow, collections::BinaryHeap, vec, vec::Vec};
use core::cmp::Reverse;

/// The most work that the search does, give or take one exchange. It bounds the time on any input.
const BUDGET: usize = 800_000;

/// What a move of a stash counts in probes of a place: the sums of two places are renewed.
const MOVE: usize = 16;

/// What ranking a place counts in probes.
const RANK: usize = 4;

/// All caps that a candidate is under: those of its clusters, and its own.
const CAPS: usize = DIMENSIONS.len() + 1;

/// No load is larger than this many times all stakes.
const MANY: u128 = 4;

/// Plans the nominations of stashes of several sizes.
pub(crate) fn plan(input: &Input) -> Assignment {
	let input = fitted(input);
	let mut mixed = Mixed::new(&input);
	mixed.remove_misplaced();
	mixed.place_all();
	mixed.improve();
	mixed.into_assignment()
}

/// The input in a unit in which all stakes can be summed: stakes are rounded up then, and caps down.
fn fitted(input: &Input) -> Cow<'_, Input> {
	let mut stakes = input.stashes.iter().map(|stash| stash.stake.max(1));
	let sum = stakes.try_fold(0u128, u128::checked_add);
	// A candidate may have no cap in several dimensions: its stake is then counted for each of them.
	if sum.and_then(|sum| sum.checked_mul(MANY)).is_some() {
		return Cow::Borrowed(input);
	}
	// So many bits have the number of stashes, and that of dimensions, at most.
	let bits = usize::BITS.saturating_sub(input.stashes.len().leading_zeros()).saturating_add(3);
	let mut input = input.clone();
	for stash in &mut input.stashes {
		stash.stake = (stash.stake >> bits).saturating_add(1);
	}
	for candidate in &mut input.candidates {
		candidate.others >>= bits;
		candidate.limit >>= bits;
	}
	input.limits.iter_mut().flatten().for_each(|limit| *limit >>= bits);
	Cow::Owned(input)
}

/// A step of an exchange: one stash moves.
#[derive(Clone, Copy)]
struct Step {
	stash: usize,
	from: Option<usize>,
	to: Option<usize>,
}

/// An exchange that gains.
struct Exchange {
	/// What it gains, for each stash that leaves its validator if moves are few.
	score: u128,
	steps: Vec<Step>,
}

/// Places by what a stash of one size adds to them if it is the first of ours: the most that it can add.
/// They are sorted as far as they were asked for.
struct Ranking {
	sorted: Vec<(u128, usize)>,
	heap: BinaryHeap<(u128, Reverse<usize>)>,
}

impl Ranking {
	fn get(&mut self, rank: usize) -> Option<(u128, usize)> {
		while self.sorted.len() <= rank {
			let (most, Reverse(place)) = self.heap.pop()?;
			self.sorted.push((most, place));
		}
		self.sorted.get(rank).copied()
	}
}

struct Mixed<'a> {
	input: &'a Input,
	scale: Scale,
	/// The caps of each candidate: indices into `limits`.
	caps: Vec<[usize; CAPS]>,
	/// The most stake under each cap.
	limits: Vec<u128>,
	/// The stake under each cap.
	loads: Vec<u128>,
	/// The stake of each stash.
	sizes: Vec<u128>,
	/// The stashes, the largest first.
	order: Vec<usize>,
	/// Which of the sizes there are each stash has.
	classes: Vec<usize>,
	/// The places for each size.
	rankings: Vec<Option<Ranking>>,
	/// Where each stash stands.
	places: Vec<Option<usize>>,
	/// Where it stood before and may stay: if it leaves, that is churn.
	homes: Vec<Option<usize>>,
	/// What leaves with each stash; more than it earns, if it is at home.
	losses: Vec<u128>,
	/// The stashes on each candidate.
	crews: Vec<Vec<usize>>,
	/// The stake of the stashes on each candidate.
	stakes: Vec<u128>,
	/// The stake of those that are at home there.
	rooted: Vec<u128>,
	/// What each candidate earns the pool; stashes at home count for more by the hysteresis.
	worths: Vec<u128>,
	/// The sum of it.
	earned: u128,
	/// Stashes that are not at home though they have one.
	moved: u32,
	/// The number of stashes that may be away from home.
	allowance: u32,
	/// The stashes that had to leave, and why.
	removed: Vec<(usize, Cause)>,
	/// All moves so far.
	log: Vec<Step>,
	/// Work that is left.
	budget: usize,
}

impl<'a> Mixed<'a> {
	fn new(input: &'a Input) -> Self {
		let (candidates, stashes) = (input.candidates.len(), input.stashes.len());
		let Layout { clusters, mut limits } = Layout::of(input);
		let mut own = limits.len()..;
		let caps = clusters.into_iter().map(|clusters| {
			let [a, b, c, d] = clusters;
			[own.next().unwrap_or_default(), a, b, c, d]
		});
		let caps = caps.collect();
		let room = |c: &Candidate| if c.fit { c.limit } else { 0 };
		limits.extend(input.candidates.iter().map(room));
		// What has no stake at all counts as the least there is: where nothing may be, it may not be.
		let sizes: Vec<u128> = input.stashes.iter().map(|stash| stash.stake.max(1)).collect();
		let mut order: Vec<usize> = (0..stashes).collect();
		order.sort_by_key(|stash| Reverse(at(&sizes, *stash)));
		let mut classes = vec![0; stashes];
		let (mut class, mut last) = (0usize, None);
		for stash in &order {
			let size = at(&sizes, *stash);
			class = class.saturating_add(usize::from(last.is_some_and(|last| last != size)));
			last = Some(size);
			set(&mut classes, *stash, class);
		}
		let mut mixed = Self {
			input,
			scale: Scale::of(input),
			caps,
			loads: vec![0; limits.len()],
			limits,
			sizes,
			order,
			classes,
			rankings: Vec::new(),
			places: vec![None; stashes],
			homes: vec![None; stashes],
			losses: vec![0; stashes],
			crews: vec![Vec::new(); candidates],
			stakes: vec![0; candidates],
			rooted: vec![0; candidates],
			worths: vec![0; candidates],
			earned: 0,
			moved: 0,
			allowance: input.churn,
			removed: Vec::new(),
			log: Vec::new(),
			budget: BUDGET,
		};
		for (stash, current) in input.stashes.iter().map(|stash| stash.current).enumerate() {
			mixed.go(stash, known(input, current));
		}
		mixed
	}

	/// Takes away what stands where it may not: on the unfit, and where there is too much. First go those
	/// that are too much for most caps; of these the one that costs least where one suffices, or else the
	/// largest. Those that are within the caps at last after all, stay. The rest takes root.
	fn remove_misplaced(&mut self) {
		for stash in 0..self.sizes.len() {
			let place = at(&self.places, stash);
			if place.is_some_and(|place| self.input.candidates.get(place).is_none_or(|c| !c.fit)) {
				self.go(stash, None);
				self.removed.push((stash, Cause::Unfit));
			}
		}
		let mut over = Vec::new();
		while let Some((stash, reason)) = self.most_misplaced() {
			over.push((stash, at(&self.places, stash), reason));
			self.go(stash, None);
		}
		over.sort_by_key(|(stash, ..)| (Reverse(at(&self.sizes, *stash)), *stash));
		for (stash, place, reason) in over {
			match place.filter(|place| self.fits(stash, *place)) {
				Some(place) => self.go(stash, Some(place)),
				None => self.removed.push((stash, reason)),
			}
		}
		self.homes.clone_from(&self.places);
		self.rooted.clone_from(&self.stakes);
		self.moved = 0;
		(0..self.crews.len()).for_each(|place| self.reckon(place));
		self.log.clear();
	}

	/// The stash that is to leave first, if one has to, and why.
	fn most_misplaced(&self) -> Option<(usize, Cause)> {
		let key = |stash: usize| {
			let place = at(&self.places, stash)?;
			let excesses = self.caps_of(place).map(|cap| self.excess(cap));
			let grounds = excesses.iter().filter(|excess| **excess > 0).count();
			let excess = excesses.into_iter().max().filter(|excess| *excess > 0)?;
			let size = at(&self.sizes, stash);
			let cures = size >= excess;
			let size = if cures { 0 } else { size };
			Some((grounds, cures, size, Reverse(at(&self.losses, stash)), place, stash))
		};
		let (_, _, _, _, place, stash) = (0..self.sizes.len()).filter_map(key).max()?;
		let [own, clusters @ ..] = self.caps_of(place);
		if self.excess(own) > 0 {
			return Some((stash, Cause::ValidatorOverCap));
		}
		let over = |(_, cap): &(&Dimension, usize)| self.excess(*cap) > 0;
		let (dimension, _) = DIMENSIONS.iter().zip(clusters).find(over)?;
		Some((stash, Cause::ClusterOverCap(*dimension)))
	}

	/// Gives each stash that stands nowhere the best place there is, for good.
	fn place_all(&mut self) {
		self.fill();
		self.log.clear();
	}

	/// Gives each stash that stands nowhere the best place there is, the largest first.
	fn fill(&mut self) {
		for rank in 0..self.order.len() {
			let stash = at(&self.order, rank);
			if at(&self.places, stash).is_none() {
				if let Some(place) = self.best_place(stash) {
					self.go(stash, Some(place));
				}
			}
		}
	}

	/// Moves stashes as long as the pool earns more by it.
	fn improve(&mut self) {
		let stable = self.homes.iter().flatten().count();
		let scarce = usize::try_from(self.allowance).is_ok_and(|allowance| stable > allowance);
		if scarce {
			// Moves are few: first what needs none, then what gains most for each.
			self.allowance = 0;
			while self.round() {}
			self.allowance = self.input.churn;
			self.steepest();
		}
		while self.round() {}
	}

	/// Makes each exchange that gains, for one stash after the other. Whether there was one, and more may
	/// be.
	fn round(&mut self) -> bool {
		let mut made = false;
		for rank in 0..self.order.len() {
			while let Some(exchange) = self.best_exchange(at(&self.order, rank), false) {
				self.make(exchange);
				made = true;
			}
		}
		made && self.budget > 0
	}

	/// Makes the exchange that gains most for each stash that leaves its validator, and the next, as long
	/// as any may leave. What an exchange gained when it was last looked for, stands for what it gains now
	/// until its turn comes.
	fn steepest(&mut self) {
		let mut heap = BinaryHeap::new();
		for rank in 0..self.order.len() {
			let found = self.best_exchange(at(&self.order, rank), true);
			heap.extend(found.map(|exchange| (exchange.score, Reverse(rank))));
		}
		while let Some((_, Reverse(rank))) = heap.pop().filter(|_| self.may_move()) {
			let found = self.best_exchange(at(&self.order, rank), true);
			let Some(exchange) = found else { continue };
			let again = (exchange.score, Reverse(rank));
			if heap.peek().is_none_or(|next| again >= *next) {
				self.make(exchange);
			}
			heap.push(again);
		}
	}

	fn make(&mut self, exchange: Exchange) {
		exchange.steps.into_iter().for_each(|step| self.go(step.stash, step.to));
		// There may be room now for some that had none.
		self.place_all();
	}

	/// The exchange for this stash that gains most, if one does: it goes to another place, and others make
	/// room for it where a cap is in its way.
	fn best_exchange(&mut self, stash: usize, for_each: bool) -> Option<Exchange> {
		let present = at(&self.places, stash);
		// If no more may leave home, one may that has another return there for it.
		let settled = present.is_some() && present == at(&self.homes, stash) && !self.may_move();
		let away: Vec<Option<usize>> = match settled {
			true => self.away().map(Some).collect(),
			false => Vec::new(),
		};
		if settled && away.is_empty() {
			return None;
		}
		let mut best: Option<Exchange> = None;
		// What the best gains in all.
		let mut net: u128 = 0;
		let mut rank = 0usize;
		while let Some((most, place)) = self.ranked(stash, rank) {
			// The most that it adds there is no more than what it adds now, and what was found.
			if self.budget == 0 || most <= at(&self.losses, stash).saturating_add(net) {
				break;
			}
			rank = rank.saturating_add(1);
			if present == Some(place) {
				continue;
			}
			let outs: Vec<Option<usize>> = match self.obstacle(stash, place) {
				_ if settled => away.clone(),
				None => vec![None],
				Some(cap) => self.under(cap, stash).map(Some).collect(),
			};
			for out in outs {
				if self.budget == 0 {
					break;
				}
				let (earned, moved) = (self.earned, self.moved);
				if self.bring(stash, place, out, settled) && self.earned > earned {
					let gain = self.earned.saturating_sub(earned);
					let more = if for_each { self.moved.saturating_sub(moved) } else { 0 };
					let score = gain.checked_div(more.into()).unwrap_or(gain);
					if best.as_ref().is_none_or(|best| score > best.score) {
						best = Some(Exchange { score, steps: self.log.clone() });
						net = gain;
					}
				}
				self.undo();
			}
		}
		best
	}

	/// Brings a stash to a place, and those in its way to the best that is left: `out`, if it is given,
	/// and then those that the caps do not allow besides. If `returns`, `out` goes home instead. Whether all
	/// that had a place have one, and no more have left it than may.
	fn bring(&mut self, stash: usize, place: usize, out: Option<usize>, returns: bool) -> bool {
		self.go(stash, Some(place));
		let mut outs = Vec::new();
		if let Some(out) = out {
			self.go(out, None);
			let home = at(&self.homes, out).filter(|home| returns && self.fits(out, *home));
			match home {
				Some(_) => self.go(out, home),
				None if returns => return false,
				None => outs.push(out),
			}
		}
		let caps = self.caps_of(place);
		// Each of them takes a stash away: no more than there are.
		while let Some(cap) = caps.into_iter().find(|cap| self.excess(*cap) > 0) {
			let Some(out) = self.easiest(cap, stash) else { return false };
			self.go(out, None);
			outs.push(out);
		}
		outs.sort_by_key(|out| (Reverse(at(&self.sizes, *out)), *out));
		let largest = outs.first().map_or(0, |out| at(&self.sizes, *out));
		for out in outs {
			match self.best_place(out) {
				Some(place) => self.go(out, Some(place)),
				None if at(&self.homes, out).is_some() => return false,
				None => {},
			}
		}
		if largest > at(&self.sizes, stash) {
			// It leaves room for more than one.
			self.fill();
		}
		self.moved <= self.allowance
	}

	/// The stash that is to leave from under a cap that is exceeded: the one that costs least where one suffices, or
	/// else the largest. Not `but`.
	fn easiest(&mut self, cap: usize, but: usize) -> Option<usize> {
		self.probe(self.places.len());
		let excess = self.excess(cap);
		let key = |stash: &usize| {
			let size = at(&self.sizes, *stash);
			let cures = size >= excess;
			(cures, if cures { 0 } else { size }, Reverse(at(&self.losses, *stash)), *stash)
		};
		self.under(cap, but).max_by_key(key)
	}

	/// The stashes that stand under a cap and may leave, without `but`.
	fn under(&self, cap: usize, but: usize) -> impl Iterator<Item = usize> + '_ {
		(0..self.places.len()).filter(move |stash| {
			let place = at(&self.places, *stash);
			let free = self.may_move() || place != at(&self.homes, *stash);
			*stash != but && free && place.is_some_and(|place| self.caps_of(place).contains(&cap))
		})
	}

	/// The stashes that are not at home though they have one.
	fn away(&self) -> impl Iterator<Item = usize> + '_ {
		(0..self.places.len()).filter(|stash| {
			let home = at(&self.homes, *stash);
			home.is_some() && at(&self.places, *stash) != home
		})
	}

	/// The place that adds most with this stash and has room for it.
	fn best_place(&mut self, stash: usize) -> Option<usize> {
		// At home it adds more than elsewhere by the hysteresis.
		let home = at(&self.homes, stash).filter(|home| self.fits(stash, *home));
		let mut found = home.map(|home| (self.gain(stash, home), home));
		let mut ranking = self.take_ranking(stash);
		let mut rank = 0usize;
		while let Some((most, place)) = ranking.get(rank) {
			if found.is_some_and(|(gain, _)| most <= gain) {
				break;
			}
			rank = rank.saturating_add(1);
			if self.fits(stash, place) {
				let gain = self.gain(stash, place);
				if found.is_none_or(|(best, _)| gain > best) {
					found = Some((gain, place));
				}
			}
		}
		self.probe(rank);
		self.return_ranking(stash, ranking);
		found.map(|(_, place)| place)
	}

	/// The place of that rank for a stash, and the most that the stash can add there.
	fn ranked(&mut self, stash: usize, rank: usize) -> Option<(u128, usize)> {
		self.probe(1);
		let mut ranking = self.take_ranking(stash);
		let ranked = ranking.get(rank);
		self.return_ranking(stash, ranking);
		ranked
	}

	/// The places for a stash. They are ranked if they were not yet.
	fn take_ranking(&mut self, stash: usize) -> Ranking {
		let class = at(&self.classes, stash);
		if let Some(ranking) = self.rankings.get_mut(class).and_then(Option::take) {
			return ranking;
		}
		let size = at(&self.sizes, stash);
		let open = |place: &usize| {
			self.caps_of(*place).into_iter().all(|cap| size <= at(&self.limits, cap))
		};
		let most = |place: usize| (worth(self.input, self.scale, place, size), Reverse(place));
		let heap = (0..self.crews.len()).filter(open).map(most).collect();
		self.probe(self.crews.len().saturating_mul(RANK));
		Ranking { sorted: Vec::new(), heap }
	}

	fn return_ranking(&mut self, stash: usize, ranking: Ranking) {
		let class = at(&self.classes, stash);
		if self.rankings.len() <= class {
			self.rankings.resize_with(class.saturating_add(1), || None);
		}
		set(&mut self.rankings, class, Some(ranking));
	}

	fn may_move(&self) -> bool {
		self.moved < self.allowance
	}

	fn caps_of(&self, place: usize) -> [usize; CAPS] {
		at(&self.caps, place)
	}

	fn excess(&self, cap: usize) -> u128 {
		at(&self.loads, cap).saturating_sub(at(&self.limits, cap))
	}

	/// Whether all caps of a place allow a stash there that is not there.
	fn fits(&self, stash: usize, place: usize) -> bool {
		let size = at(&self.sizes, stash);
		let free = |cap: usize| {
			at(&self.limits, cap).checked_sub(at(&self.loads, cap)).is_some_and(|left| size <= left)
		};
		// Those that are full most often come first.
		self.caps_of(place).into_iter().rev().all(free)
	}

	/// The first cap that would be exceeded if a stash went from where it is to a place.
	fn obstacle(&self, stash: usize, place: usize) -> Option<usize> {
		let size = at(&self.sizes, stash);
		let present = at(&self.places, stash).map(|present| self.caps_of(present));
		self.caps_of(place).into_iter().find(|cap| {
			let counted = present.is_some_and(|caps| caps.contains(cap));
			let more = if counted { 0 } else { size };
			at(&self.loads, *cap).saturating_add(more) > at(&self.limits, *cap)
		})
	}

	/// What a stash adds at a place where it is not.
	fn gain(&self, stash: usize, place: usize) -> u128 {
		let size = at(&self.sizes, stash);
		let stake = at(&self.stakes, place).saturating_add(size);
		let comes_home = at(&self.homes, stash) == Some(place);
		let rooted = at(&self.rooted, place).saturating_add(if comes_home { size } else { 0 });
		self.worth(place, stake, rooted).saturating_sub(at(&self.worths, place))
	}

	/// What a place earns with a stake, a part of which is at home there.
	fn worth(&self, place: usize, stake: u128, rooted: u128) -> u128 {
		let plain = |stake: u128| match stake {
			0 => 0,
			stake => worth(self.input, self.scale, place, stake),
		};
		let all = plain(stake);
		if rooted == 0 || self.input.hysteresis == 0 {
			return all;
		}
		let kept = if rooted == stake { all } else { plain(rooted) };
		let band = kept.saturating_mul(self.input.hysteresis.into()).checked_div(1_000);
		all.saturating_add(band.unwrap_or(0))
	}

	/// Lets a stash stand at a place, or nowhere.
	fn go(&mut self, stash: usize, to: Option<usize>) {
		let from = at(&self.places, stash);
		self.log.push(Step { stash, from, to });
		self.stand(stash, from, to);
	}

	fn stand(&mut self, stash: usize, from: Option<usize>, to: Option<usize>) {
		self.probe(MOVE);
		let size = at(&self.sizes, stash);
		let home = at(&self.homes, stash);
		set(&mut self.places, stash, to);
		set(&mut self.losses, stash, 0);
		if home.is_some() && from != to {
			if from == home {
				self.moved = self.moved.saturating_add(1);
			} else if to == home {
				self.moved = self.moved.saturating_sub(1);
			}
		}
		if let Some(place) = from {
			self.crews.get_mut(place).into_iter().for_each(|crew| crew.retain(|s| *s != stash));
			self.weigh(place, home, |sum| sum.saturating_sub(size));
		}
		if let Some(place) = to {
			self.crews.get_mut(place).into_iter().for_each(|crew| crew.push(stash));
			self.weigh(place, home, |sum| sum.saturating_add(size));
		}
	}

	/// Changes the sums of a place. They can be as large as all stakes together, for which there is room.
	fn weigh(&mut self, place: usize, home: Option<usize>, by: impl Fn(u128) -> u128) {
		for cap in self.caps_of(place) {
			self.loads.get_mut(cap).into_iter().for_each(|load| *load = by(*load));
		}
		self.stakes.get_mut(place).into_iter().for_each(|stake| *stake = by(*stake));
		if home == Some(place) {
			self.rooted.get_mut(place).into_iter().for_each(|rooted| *rooted = by(*rooted));
		}
		self.reckon(place);
	}

	/// Renews what is known of what a place earns, and what each stash there adds.
	fn reckon(&mut self, place: usize) {
		let (stake, rooted) = (at(&self.stakes, place), at(&self.rooted, place));
		let worth = self.worth(place, stake, rooted);
		self.earned = self.earned.saturating_sub(at(&self.worths, place)).saturating_add(worth);
		set(&mut self.worths, place, worth);
		let crew = self.crews.get_mut(place).map(core::mem::take).unwrap_or_default();
		for stash in &crew {
			let size = at(&self.sizes, *stash);
			let kept = if at(&self.homes, *stash) == Some(place) { size } else { 0 };
			let (stake, rooted) = (stake.saturating_sub(size), rooted.saturating_sub(kept));
			let loss = worth.saturating_sub(self.worth(place, stake, rooted));
			set(&mut self.losses, *stash, loss);
		}
		self.probe(crew.len());
		set(&mut self.crews, place, crew);
	}

	/// Undoes all moves of the log, the last first.
	fn undo(&mut self) {
		while let Some(Step { stash, from, to }) = self.log.pop() {
			self.stand(stash, to, from);
		}
	}

	fn probe(&mut self, probes: usize) {
		self.budget = self.budget.saturating_sub(probes);
	}

	/// The assignment as the stashes stand.
	fn into_assignment(self) -> Assignment {
		let number = self.classes.iter().max().map_or(0, |last| last.saturating_add(1));
		let mut members = vec![Vec::new(); number];
		for (stash, class) in self.classes.iter().enumerate() {
			members.get_mut(*class).into_iter().for_each(|members| members.push(stash));
		}
		let count = |list: &[Option<usize>], members: &[usize]| {
			let mut counts = vec![0u32; self.input.candidates.len()];
			for place in members.iter().filter_map(|stash| at(list, *stash)) {
				counts.get_mut(place).into_iter().for_each(|n| *n = n.saturating_add(1));
			}
			counts
		};
		let groups = members.into_iter().enumerate().map(|(class, members)| {
			let removed =
				self.removed.iter().filter(|(stash, _)| at(&self.classes, *stash) == class);
			let from = |stash: usize| known(self.input, self.input.stashes.get(stash)?.current);
			Group {
				rooted: count(&self.homes, &members),
				counts: count(&self.places, &members),
				removed: removed.filter_map(|(stash, why)| Some((from(*stash)?, *why))).collect(),
				members,
			}
		});
		assign(self.input, groups)
	}
}
