// SPDX-License-Identifier: Apache-2.0

//! Where the stashes stand while a plan is made, and what each place is worth.
//!
//! Stashes are equal, so the board counts them. Who of them stands where is settled at the end
//! ([`Board::into_plan`]): who can keep its validator keeps it, so that no two ever swap.

use crate::{
	yields::{worth, Scale},
	Change, Dimension, Input, Plan, Reason, DIMENSIONS,
};
use alloc::{
	collections::{BTreeMap, BinaryHeap, VecDeque},
	vec,
	vec::Vec,
};
use core::cmp::Reverse;

/// Index of the cluster that takes the place of those that have no cap: nobody may be in it.
const NOWHERE: usize = 0;

pub(crate) struct Board<'a> {
	input: &'a Input,
	scale: Scale,
	/// What each further stash on a candidate earns, as far as it was asked for.
	marginals: Vec<Vec<u128>>,
	/// The clusters of each candidate: indices into `limits` and `loads`.
	clusters: Vec<[usize; DIMENSIONS.len()]>,
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
	/// What all stashes earn; who stays where it stood counts for more by the hysteresis.
	earned: u128,
	/// Stashes that stand somewhere.
	placed: usize,
	/// Rooted stashes that left.
	moved: u32,
	/// How many may.
	allowance: u32,
	/// Whether one of them may return, so that another may leave for it.
	may_return: bool,
	/// From where stashes had to leave, in the order in which they did.
	removed: Vec<(usize, Reason)>,
}

impl<'a> Board<'a> {
	/// The board with `assignment`. Nothing is rooted yet.
	pub(crate) fn new(input: &'a Input, assignment: &[Option<u32>]) -> Self {
		let candidates = input.candidates.len();
		let mut limits = vec![0];
		let mut offsets = [0; DIMENSIONS.len()];
		for (offset, list) in offsets.iter_mut().zip(&input.limits) {
			*offset = limits.len();
			limits.extend_from_slice(list);
		}
		let cluster = |d: usize, index: u32| {
			let index = usize::try_from(index).ok()?;
			input.limits.get(d)?.get(index)?;
			offsets.get(d)?.checked_add(index)
		};
		let clusters = input.candidates.iter().map(|c| {
			let mut d = 0usize..;
			c.clusters.map(|index| d.next().and_then(|d| cluster(d, index)).unwrap_or(NOWHERE))
		});
		let mut board = Self {
			input,
			scale: Scale::of(input),
			marginals: vec![Vec::new(); candidates],
			clusters: clusters.collect(),
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
		let occupied = assignment.iter().filter_map(|place| known(input, *place));
		for place in occupied {
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
		number(self.input.current.len()).saturating_sub(number(self.placed))
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

	/// What all stashes earn; who stays where it stood counts for more by the hysteresis.
	pub(crate) fn earned(&self) -> u128 {
		self.earned
	}

	/// What all stashes earn.
	pub(crate) fn value(&self) -> u128 {
		let earned = |(place, count): (usize, &u32)| worth(self.input, self.scale, place, *count);
		self.counts.iter().enumerate().map(earned).fold(0, u128::saturating_add)
	}

	/// The most stashes on a candidate: none if it is unfit.
	fn limit(&self, place: usize) -> u32 {
		self.input.candidates.get(place).filter(|c| c.fit).map_or(0, |c| c.limit)
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
		while known.len() <= index {
			let k = u32::try_from(known.len()).unwrap_or(u32::MAX);
			let with = worth(self.input, self.scale, place, k.saturating_add(1));
			known.push(with.saturating_sub(worth(self.input, self.scale, place, k)));
		}
		let plain = at(known, index);
		let kept = below < at(&self.rooted, place);
		let band = if kept { self.input.hysteresis } else { 0 };
		plain.saturating_add(plain.saturating_mul(band.into()).checked_div(1_000).unwrap_or(0))
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
				Some(reason) if grounds == self.grounds(place) => {
					self.take(place);
					self.removed.push((place, reason));
				},
				_ => {},
			}
			heap.extend(key(self, place));
		}
		self.rooted.clone_from(&self.counts);
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
	fn exceeded(&self, place: usize) -> Option<Reason> {
		if self.input.candidates.get(place).is_none_or(|c| !c.fit) {
			return Some(Reason::Unfit);
		}
		if at(&self.counts, place) > self.limit(place) {
			return Some(Reason::ValidatorOverCap);
		}
		let clusters = self.clusters_of(place);
		let over = |(_, c): &(&Dimension, usize)| self.is_overfull(*c);
		let (dimension, _) = DIMENSIONS.iter().zip(clusters).find(over)?;
		Some(Reason::ClusterOverCap(*dimension))
	}

	/// The plan that leads here. Who can keep its validator keeps it; of those that cannot, the ones
	/// with the higher indices leave. If there are too few places, those without a nomination go
	/// without first, then those that were removed.
	pub(crate) fn into_plan(self) -> Plan {
		let mut reasons = BTreeMap::<usize, VecDeque<Reason>>::new();
		for (place, reason) in &self.removed {
			reasons.entry(*place).or_default().push_back(*reason);
		}
		let mut rooted = self.rooted.clone();
		let mut free = self.counts.clone();
		// Places beside those for the rooted, wherever these go.
		let mut spare = self.placed.saturating_sub(self.stable);
		let mut assignment = vec![None; self.input.current.len()];
		let mut leaving = Vec::new();
		for (stash, from) in self.input.current.iter().enumerate() {
			let Some(place) = known(self.input, *from) else {
				leaving.push((stash, Reason::New));
				continue;
			};
			let is_rooted = decrease(&mut rooted, place);
			if (is_rooted || spare > 0) && decrease(&mut free, place) {
				set(&mut assignment, stash, *from);
				spare = spare.saturating_sub(usize::from(!is_rooted));
			} else if is_rooted {
				leaving.push((stash, Reason::Better));
			} else {
				let reason = reasons.get_mut(&place).and_then(VecDeque::pop_front);
				leaving.push((stash, reason.unwrap_or(Reason::Better)));
			}
		}
		let urgency = |reason: Reason| match reason {
			Reason::Better => 0,
			Reason::Unfit | Reason::ValidatorOverCap | Reason::ClusterOverCap(_) => 1,
			Reason::New => 2,
		};
		leaving.sort_by_key(|(stash, reason)| (urgency(*reason), *stash));
		let times = |n: u32| usize::try_from(n).unwrap_or(usize::MAX);
		let mut places =
			free.iter().enumerate().flat_map(|(place, n)| core::iter::repeat_n(place, times(*n)));
		for (stash, _) in &leaving {
			set(&mut assignment, *stash, places.next().and_then(|place| u32::try_from(place).ok()));
		}
		leaving.sort_by_key(|(stash, _)| *stash);
		let change = |(stash, reason): (usize, Reason)| {
			let from = self.input.current.get(stash).copied().flatten();
			let to = assignment.get(stash).copied().flatten();
			let stash = u32::try_from(stash).ok()?;
			(from != to).then_some(Change { stash, from, to, reason })
		};
		let changes = leaving.into_iter().filter_map(change).collect();
		Plan { assignment, changes }
	}
}

/// The candidate, if there is one of that index.
fn known(input: &Input, index: Option<u32>) -> Option<usize> {
	usize::try_from(index?).ok().filter(|place| *place < input.candidates.len())
}

/// What a list has at an index: nothing beyond its end.
fn at<T: Copy + Default>(list: &[T], index: usize) -> T {
	list.get(index).copied().unwrap_or_default()
}

fn set<T>(list: &mut [T], index: usize, value: T) {
	if let Some(slot) = list.get_mut(index) {
		*slot = value;
	}
}

/// Takes one away, if there is one.
fn decrease(list: &mut [u32], index: usize) -> bool {
	let slot = list.get_mut(index).and_then(|n| n.checked_sub(1).map(|less| (n, less)));
	slot.map(|(n, less)| *n = less).is_some()
}
