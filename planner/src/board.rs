// SPDX-License-Identifier: Apache-2.0

//! Where stashes of one size stand while a plan is made, and what each place is worth.
//!
//! The stashes are equal, so the board counts them, and each cap is a number of stashes. Which of them
//! stands where is settled at the end ([`assign`]).

use crate::{
	layout::{at, known, set, Layout, NOWHERE},
	outcome::{assign, Group},
	yields::{worth, Scale},
	Assignment, Candidate, Cause, Dimension, Input, DIMENSIONS,
};
use alloc::{collections::BinaryHeap, vec, vec::Vec};
use core::cmp::Reverse;

pub(crate) struct Board<'a> {
	input: &'a Input,
	/// The stake of one stash.
	stash: u128,
	scale: Scale,
	/// What each further stash on a candidate earns, as far as it was asked for; more, if it is rooted.
	marginals: Vec<Vec<u128>>,
	/// The clusters of each candidate: indices into `limits` and `loads`.
	clusters: Vec<[usize; DIMENSIONS.len()]>,
	/// The most stashes on each candidate: none on an unfit one.
	rooms: Vec<u32>,
	/// The most stashes in each cluster, all dimensions in one list.
	limits: Vec<u32>,
	/// Stashes in each cluster.
	loads: Vec<u32>,
	/// Stashes on each candidate.
	counts: Vec<u32>,
	/// Of these, how many stood there before and may stay: if one leaves, that is churn.
	rooted: Vec<u32>,
	/// How many are rooted in all.
	stable: usize,
	/// What one more stash would add.
	gains: Vec<u128>,
	/// What goes with the last stash.
	losses: Vec<u128>,
	/// What all stashes earn; a stash that stays where it stood counts for more by the hysteresis.
	earned: u128,
	/// Stashes that stand somewhere.
	placed: usize,
	/// Rooted stashes that left.
	moved: u32,
	/// The number of stashes that may leave for better places.
	allowance: u32,
	/// Whether one of them may return, so that another may leave for it.
	may_return: bool,
	/// From where stashes had to leave, in the order in which they did.
	removed: Vec<(usize, Cause)>,
}

impl<'a> Board<'a> {
	/// The board as the stashes of `input` stand, each of which has a stake of `stash`. Nothing is
	/// rooted yet.
	pub(crate) fn new(input: &'a Input, stash: u128) -> Self {
		let candidates = input.candidates.len();
		// What has no stake at all counts as the least there is: where nothing may be, it may not be.
		let stash = stash.max(1);
		let most = |limit: u128| {
			limit.checked_div(stash).map_or(0, |most| u32::try_from(most).unwrap_or(u32::MAX))
		};
		let Layout { clusters, limits } = Layout::of(input);
		let limits: Vec<u32> = limits.into_iter().map(most).collect();
		let room = |c: &Candidate| if c.fit { most(c.limit) } else { 0 };
		let mut board = Self {
			input,
			stash,
			scale: Scale::of(input),
			marginals: vec![Vec::new(); candidates],
			clusters,
			rooms: input.candidates.iter().map(room).collect(),
			loads: vec![0; limits.len()],
			limits,
			counts: vec![0; candidates],
			rooted: vec![0; candidates],
			stable: 0,
			gains: vec![0; candidates],
			losses: vec![0; candidates],
			earned: 0,
			placed: 0,
			moved: 0,
			allowance: input.churn,
			may_return: false,
			removed: Vec::new(),
		};
		for place in input.stashes.iter().filter_map(|stash| known(input, stash.current)) {
			board.count(place, |n| n.saturating_add(1));
			board.placed = board.placed.saturating_add(1);
		}
		(0..candidates).for_each(|place| board.reckon(place));
		board
	}

	pub(crate) fn candidates(&self) -> usize {
		self.input.candidates.len()
	}

	/// Stashes that stand nowhere. Negative while a move is tried and one is too many.
	pub(crate) fn unplaced(&self) -> i64 {
		let number = |n: usize| i64::try_from(n).unwrap_or(i64::MAX);
		number(self.input.stashes.len()).saturating_sub(number(self.placed))
	}

	pub(crate) fn is_occupied(&self, place: usize) -> bool {
		at(&self.counts, place) > 0
	}

	/// Whether some have left it for better places.
	pub(crate) fn is_deserted(&self, place: usize) -> bool {
		at(&self.counts, place) < at(&self.rooted, place)
	}

	/// What one more stash adds there; more than it earns, if one has left.
	pub(crate) fn gain(&self, place: usize) -> u128 {
		at(&self.gains, place)
	}

	/// What goes with the last stash there; more than it earns, if it is rooted.
	pub(crate) fn loss(&self, place: usize) -> u128 {
		at(&self.losses, place)
	}

	/// What all stashes earn; a stash that stays where it stood counts for more by the hysteresis.
	pub(crate) fn earned(&self) -> u128 {
		self.earned
	}

	/// The most stashes on a candidate: none if it is unfit.
	fn limit(&self, place: usize) -> u32 {
		at(&self.rooms, place)
	}

	/// Whether the candidate may have one more, were its clusters as empty as can be.
	pub(crate) fn is_open(&self, place: usize) -> bool {
		at(&self.counts, place) < self.limit(place)
			&& self.clusters_of(place).into_iter().all(|c| at(&self.limits, c) > 0)
	}

	/// Whether the candidate and all its clusters may have one more.
	pub(crate) fn has_room(&self, place: usize) -> bool {
		let free = |c: usize| at(&self.loads, c) < at(&self.limits, c);
		at(&self.counts, place) < self.limit(place) && self.clusters_of(place).into_iter().all(free)
	}

	/// The first cluster of a candidate that has too many.
	pub(crate) fn overfull(&self, place: usize) -> Option<usize> {
		self.clusters_of(place).into_iter().find(|c| self.is_overfull(*c))
	}

	fn is_overfull(&self, cluster: usize) -> bool {
		at(&self.loads, cluster) > at(&self.limits, cluster)
	}

	pub(crate) fn is_in(&self, place: usize, cluster: usize) -> bool {
		self.clusters_of(place).contains(&cluster)
	}

	fn clusters_of(&self, place: usize) -> [usize; DIMENSIONS.len()] {
		self.clusters.get(place).copied().unwrap_or([NOWHERE; DIMENSIONS.len()])
	}

	/// Whether the last stash on a candidate may leave it for a better place. One more may than the
	/// churn limit allows, if one that has left may return for it.
	pub(crate) fn may_leave(&self, place: usize) -> bool {
		let count = at(&self.counts, place);
		count > 0 && (count > at(&self.rooted, place) || self.may_move() || self.may_overdraw())
	}

	fn may_overdraw(&self) -> bool {
		self.may_return && self.moved <= self.allowance
	}

	/// Whether one that has left may return, so that another may leave for it.
	pub(crate) fn may_return(&self) -> bool {
		self.may_return
	}

	/// Lets one that has left return, or not.
	pub(crate) fn let_return(&mut self, may: bool) {
		self.may_return = may;
	}

	/// Whether no more have left for better places than may, and all of them have one.
	pub(crate) fn is_sound(&self) -> bool {
		self.is_within_churn() && self.placed >= self.stable
	}

	/// Whether no more have left for better places than may.
	pub(crate) fn is_within_churn(&self) -> bool {
		self.moved <= self.allowance
	}

	/// Whether one more may leave for a better place.
	pub(crate) fn may_move(&self) -> bool {
		self.moved < self.allowance
	}

	/// Whether not all may leave for better places.
	pub(crate) fn is_churn_scarce(&self) -> bool {
		let churn = usize::try_from(self.input.churn).unwrap_or(usize::MAX);
		self.stable > churn
	}

	/// How many have left for better places.
	pub(crate) fn moved(&self) -> u32 {
		self.moved
	}

	/// Lets `moves` leave for better places, in all.
	pub(crate) fn allow(&mut self, moves: u32) {
		self.allowance = moves;
	}

	/// Lets as many leave for better places as the churn limit allows.
	pub(crate) fn allow_churn(&mut self) {
		self.allow(self.input.churn);
	}

	/// Puts a stash onto a candidate.
	pub(crate) fn put(&mut self, place: usize) {
		if at(&self.counts, place) < at(&self.rooted, place) {
			self.moved = self.moved.saturating_sub(1);
		}
		self.earned = self.earned.saturating_add(self.gain(place));
		self.placed = self.placed.saturating_add(1);
		self.count(place, |n| n.saturating_add(1));
		self.reckon(place);
	}

	/// Takes a stash away from a candidate that has one.
	pub(crate) fn take(&mut self, place: usize) {
		if at(&self.counts, place) <= at(&self.rooted, place) {
			self.moved = self.moved.saturating_add(1);
		}
		self.earned = self.earned.saturating_sub(self.loss(place));
		self.placed = self.placed.saturating_sub(1);
		self.count(place, |n| n.saturating_sub(1));
		self.reckon(place);
	}

	fn count(&mut self, place: usize, by: fn(u32) -> u32) {
		let clusters = self.clusters_of(place);
		let loads = &mut self.loads;
		self.counts.get_mut(place).into_iter().for_each(|count| *count = by(*count));
		for cluster in clusters {
			loads.get_mut(cluster).into_iter().for_each(|load| *load = by(*load));
		}
	}

	/// Renews what is known of the next and of the last stash on a candidate.
	fn reckon(&mut self, place: usize) {
		let count = at(&self.counts, place);
		let gain = self.marginal(place, count);
		let loss = count.checked_sub(1).map_or(0, |below| self.marginal(place, below));
		set(&mut self.gains, place, gain);
		set(&mut self.losses, place, loss);
	}

	/// What one more stash earns beside `below` others of ours. If it would stay where it stood, more
	/// by the hysteresis: that much better must another place be.
	fn marginal(&mut self, place: usize, below: u32) -> u128 {
		let Some(known) = self.marginals.get_mut(place) else { return 0 };
		let index = usize::try_from(below).unwrap_or(usize::MAX);
		let stake =
			|count: usize| self.stash.saturating_mul(u128::try_from(count).unwrap_or(u128::MAX));
		let rooted = usize::try_from(at(&self.rooted, place)).unwrap_or(usize::MAX);
		while known.len() <= index {
			let k = known.len();
			let with = worth(self.input, self.scale, place, stake(k.saturating_add(1)));
			let plain = with.saturating_sub(worth(self.input, self.scale, place, stake(k)));
			let band = if k < rooted { self.input.hysteresis } else { 0 };
			let more = plain.saturating_mul(band.into()).checked_div(1_000).unwrap_or(0);
			known.push(plain.saturating_add(more));
		}
		at(known, index)
	}

	/// Takes away what stands where it may not: on the unfit, and where there are too many. First go
	/// those that are too many for most caps, and of these the least worth. The rest takes root.
	pub(crate) fn remove_misplaced(&mut self) {
		let key = |board: &Self, place: usize| {
			let grounds = board.grounds(place);
			(grounds > 0).then(|| (grounds, Reverse(board.loss(place)), place))
		};
		// Each round takes a stash away, or finds that a place has fewer grounds than before.
		let mut heap: BinaryHeap<_> =
			(0..self.candidates()).filter_map(|place| key(self, place)).collect();
		while let Some((grounds, _, place)) = heap.pop() {
			match self.exceeded(place) {
				Some(cause) if grounds == self.grounds(place) => {
					self.take(place);
					self.removed.push((place, cause));
				},
				_ => {},
			}
			heap.extend(key(self, place));
		}
		self.rooted.clone_from(&self.counts);
		// Stashes that are rooted earn more from now on.
		self.marginals.iter_mut().for_each(Vec::clear);
		self.stable = self.placed;
		self.moved = 0;
		self.earned = 0;
		for place in 0..self.candidates() {
			for below in 0..at(&self.counts, place) {
				self.earned = self.earned.saturating_add(self.marginal(place, below));
			}
			self.reckon(place);
		}
	}

	/// For how many reasons a stash has to leave a candidate. The unfit come first.
	fn grounds(&self, place: usize) -> usize {
		if !self.is_occupied(place) {
			return 0;
		}
		if self.input.candidates.get(place).is_none_or(|c| !c.fit) {
			return usize::MAX;
		}
		let own = usize::from(at(&self.counts, place) > self.limit(place));
		let clusters = self.clusters_of(place);
		own.saturating_add(clusters.into_iter().filter(|c| self.is_overfull(*c)).count())
	}

	/// Why a stash has to leave a candidate.
	fn exceeded(&self, place: usize) -> Option<Cause> {
		if self.input.candidates.get(place).is_none_or(|c| !c.fit) {
			return Some(Cause::Unfit);
		}
		if at(&self.counts, place) > self.limit(place) {
			return Some(Cause::ValidatorOverCap);
		}
		let clusters = self.clusters_of(place);
		let over = |(_, c): &(&Dimension, usize)| self.is_overfull(*c);
		let (dimension, _) = DIMENSIONS.iter().zip(clusters).find(over)?;
		Some(Cause::ClusterOverCap(*dimension))
	}

	/// The assignment as the stashes stand.
	pub(crate) fn into_assignment(self) -> Assignment {
		let group = Group {
			members: (0..self.input.stashes.len()).collect(),
			rooted: self.rooted,
			counts: self.counts,
			removed: self.removed,
		};
		assign(self.input, [group])
	}
}
