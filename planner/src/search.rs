// SPDX-License-Identifier: Apache-2.0

//! Greedy placement, and a bounded search for exchanges that earn more.
//!
//! An exchange brings one more stash to a place. For each cap that this exceeds, one has to leave;
//! another may leave besides; and those that then stand nowhere get the best place that is left. It is made
//! if the pool earns more, where a stash that stays counts for more than it earns by the hysteresis.
//!
//! Where no exchange gains any more, the search forces a place: it brings one there even at a loss, lets
//! the others settle around it, and takes all of it back if that did not pay.

use crate::board::Board;
use alloc::{collections::BinaryHeap, vec::Vec};
use core::cmp::Reverse;

/// The most probes of a place that the search makes, give or take one round through a list. Most plans of
/// many candidates use them up.
const BUDGET: usize = 1_000_000;

/// The most steps that the search tries: one stash comes to a place, or leaves one. Few plans need a
/// quarter of them; where moves are few, many exchanges can be tried with hardly a probe.
const STEPS: usize = 400_000;

/// Gives each stash that stands nowhere the place that adds most, one after the other.
pub(crate) fn place_all(board: &mut Board) {
	let key = |board: &Board, place: usize| (board.gain(place), Reverse(place));
	let mut heap: BinaryHeap<_> = (0..board.candidates())
		.filter(|place| board.has_room(*place))
		.map(|place| key(board, place))
		.collect();
	while board.unplaced() > 0 {
		// Room only shrinks here: a place without is not looked at again.
		let Some((_, Reverse(place))) = heap.pop() else { break };
		if board.has_room(place) {
			board.put(place);
			heap.push(key(board, place));
		}
	}
}

/// Moves stashes as long as the pool earns more by it.
pub(crate) fn improve(board: &mut Board) {
	let mut search = Search::new(board);
	if search.scarce {
		// Moves are few: first what needs none, then what gains most for each.
		search.first_improvement = true;
		search.board.allow(0);
		while search.round() {}
		search.board.allow_churn();
		search.steepest();
		search.first_improvement = false;
	}
	while search.round() {}
	while search.force_place() {}
}

/// One step of an exchange.
#[derive(Clone, Copy)]
enum Step {
	Put(usize),
	Take(usize),
}

/// An exchange that gains.
struct Exchange {
	/// What it gains, for each stash that moves if moves are few.
	score: u128,
	steps: Vec<Step>,
}

/// The search for the best exchange that brings one to a place.
struct Attempt {
	/// Where the place is in the list of the best.
	rank: usize,
	/// What the pool earned before.
	earned: u128,
	/// How many had moved before.
	moved: u32,
	/// The score to beat.
	won: u128,
	best: Option<Exchange>,
}

struct Search<'b, 'a> {
	board: &'b mut Board<'a>,
	/// Whether the churn limit keeps some from moving.
	scarce: bool,
	/// Whether the first exchange that gains will do for a place, and none is tried in which one leaves
	/// besides.
	first_improvement: bool,
	/// All candidates: what adds most comes first.
	order: Vec<usize>,
	/// Those that may have one more, for themselves.
	best: Vec<usize>,
	/// Candidates with stashes: what earns least comes first.
	worst: Vec<usize>,
	/// Candidates that some have left for better places.
	deserted: Vec<usize>,
	/// A place that nobody may leave.
	fixed: Option<usize>,
	/// All steps so far.
	log: Vec<Step>,
	/// Where in it the exchange begins that is being tried.
	base: usize,
	/// Probes that are left.
	budget: usize,
	/// Steps that are left, those that are undone included.
	steps_left: usize,
}

impl<'b, 'a> Search<'b, 'a> {
	fn new(board: &'b mut Board<'a>) -> Self {
		let mut search = Self {
			scarce: board.is_churn_scarce(),
			order: (0..board.candidates()).collect(),
			board,
			first_improvement: false,
			best: Vec::new(),
			worst: Vec::new(),
			deserted: Vec::new(),
			fixed: None,
			log: Vec::new(),
			base: 0,
			budget: BUDGET,
			steps_left: STEPS,
		};
		search.begin();
		search
	}

	/// Takes the board as it is for the start of the next exchange.
	fn begin(&mut self) {
		let board = &*self.board;
		let places = || 0..board.candidates();
		// Few have changed: sorting what is nearly sorted is fast.
		self.order.sort_by_key(|place| (Reverse(board.gain(*place)), *place));
		self.best.clear();
		self.best.extend(self.order.iter().filter(|place| board.is_open(**place)));
		self.worst = places().filter(|place| board.is_occupied(*place)).collect();
		self.worst.sort_by_key(|place| (board.loss(*place), Reverse(*place)));
		self.deserted = places().filter(|place| board.is_deserted(*place)).collect();
		self.board.let_return(!self.deserted.is_empty());
		self.base = self.log.len();
		self.probe(self.board.candidates());
	}

	/// Tries to bring one more to each place, the best first, and makes each exchange that gains. Whether
	/// there was one, and more may be.
	fn round(&mut self) -> bool {
		let mut made = false;
		let mut rank = 0usize;
		while let Some(place) = self.promising(rank) {
			match self.bring_to(place, rank) {
				Some(exchange) => {
					self.make(exchange.steps);
					made = true;
				},
				None => rank = rank.saturating_add(1),
			}
		}
		made && self.budget > 0
	}

	/// Makes the exchange that gains most of all, and the next, as long as any may move. What a place
	/// gained when it was last tried, stands for what it gains now until its turn comes.
	fn steepest(&mut self) {
		let mut heap = BinaryHeap::new();
		let mut rank = 0usize;
		while let Some(place) = self.promising(rank) {
			let found = self.bring_to(place, rank);
			heap.extend(found.map(|exchange| (exchange.score, Reverse(place))));
			rank = rank.saturating_add(1);
		}
		while let Some((_, Reverse(place))) = heap.pop().filter(|_| self.board.may_move()) {
			let rank = self.best.iter().position(|other| *other == place);
			self.probe(rank.unwrap_or(self.best.len()));
			let Some(place) = rank.and_then(|rank| self.promising(rank)) else { continue };
			let Some(exchange) = self.bring_to(place, rank.unwrap_or(0)) else { continue };
			let again = (exchange.score, Reverse(place));
			if heap.peek().is_none_or(|next| again >= *next) {
				self.make(exchange.steps);
			}
			heap.push(again);
		}
	}

	/// Forces one more onto each place, the best first. Whether that paid, and may again.
	fn force_place(&mut self) -> bool {
		let mut paid = false;
		let mut rank = 0usize;
		while let Some(place) = self.promising(rank) {
			paid |= self.force_one(place, rank);
			rank = rank.saturating_add(1);
		}
		paid && self.budget > 0
	}

	/// The place of that rank, if there are probes left and an exchange for it may gain: what comes to
	/// the best place of an exchange adds more than some stash earns now.
	fn promising(&mut self, rank: usize) -> Option<usize> {
		self.probe(1);
		let place = self.best.get(rank).copied().filter(|_| self.budget > 0)?;
		let least = self.worst.first().map(|worst| self.board.loss(*worst));
		let gains = least.is_some_and(|least| self.board.gain(place) > least);
		(gains || self.board.unplaced() > 0).then_some(place)
	}

	/// The best exchange that brings one more stash to `place`, if one gains.
	fn bring_to(&mut self, place: usize, rank: usize) -> Option<Exchange> {
		let (earned, moved) = (self.board.earned(), self.board.moved());
		let mut attempt = Attempt { rank, earned, moved, won: 0, best: None };
		self.put(place);
		let full = self.board.overfull(place);
		if full.is_none() {
			// No cap stands in the way: one from anywhere.
			self.exchange(&mut attempt, None, false);
		}
		// Otherwise each in the full cluster is tried. When no more may move, all are: the best may be that
		// one moves and another returns.
		let all = full.is_some() || self.board.may_return() && !self.board.may_move();
		for i in 0..if all { self.worst.len() } else { 0 } {
			let Some(out) = self.worst.get(i).copied().filter(|_| self.budget > 0) else { break };
			self.probe(1);
			if out != place && full.is_none_or(|full| self.board.is_in(out, full)) {
				self.exchange(&mut attempt, Some(out), false);
				if !self.first_improvement {
					self.exchange(&mut attempt, Some(out), true);
				} else if attempt.best.is_some() {
					break;
				}
			}
		}
		self.undo_to(self.base);
		attempt.best
	}

	/// With one brought to its place: takes one from `out`, then from wherever a cap is exceeded, and
	/// another `besides`; then gives a place to all that have none. Keeps it if it is the best.
	fn exchange(&mut self, attempt: &mut Attempt, out: Option<usize>, besides: bool) {
		let mark = self.log.len();
		let goal = attempt.earned.saturating_add(attempt.won);
		if self.make_room(out, besides, goal) {
			self.refill(attempt.rank, goal);
			let net = self.board.earned().saturating_sub(attempt.earned);
			let moved = self.board.moved().saturating_sub(attempt.moved);
			let for_each = net.checked_div(moved.into()).unwrap_or(net);
			let score = if self.scarce { for_each } else { net };
			if score > attempt.won && self.board.is_sound() {
				attempt.won = score;
				attempt.best = Some(Exchange { score, steps: self.steps().to_vec() });
			}
		}
		self.undo_to(mark);
	}

	/// Takes away those that the exchange takes away. Whether all of them could be, and the pool may still come
	/// to earn more than the `goal`.
	fn make_room(&mut self, out: Option<usize>, besides: bool, goal: u128) -> bool {
		let Some(Step::Put(place)) = self.steps().first().copied() else { return false };
		if out.is_some_and(|out| !self.take(out)) {
			return false;
		}
		// At most once for each dimension.
		while let Some(full) = self.board.overfull(place) {
			if !self.take_worst(place, Some(full)) {
				return false;
			}
		}
		if besides && !(self.upper_bound(1) > goal && self.take_worst(place, None)) {
			return false;
		}
		(self.board.unplaced() >= 0 || self.take_worst(place, None)) && self.upper_bound(0) > goal
	}

	/// The most that the pool can earn after this exchange, if as many `more` leave: each that stands
	/// nowhere adds as much as the first. Of places that add more, one is tried as the first itself.
	fn upper_bound(&self, more: i64) -> u128 {
		let Some(Step::Put(first)) = self.steps().first().copied() else { return 0 };
		let others = u128::try_from(self.board.unplaced().saturating_add(more)).unwrap_or(0);
		let top = self.board.loss(first);
		self.board.earned().saturating_add(top.saturating_mul(others))
	}

	/// Takes the stash that earns least, in a cluster if one is given, but not from `place`.
	fn take_worst(&mut self, place: usize, cluster: Option<usize>) -> bool {
		for i in 0..self.worst.len() {
			let Some(out) = self.worst.get(i).copied() else { break };
			self.probe(1);
			let is_meant = cluster.is_none_or(|cluster| self.board.is_in(out, cluster));
			if out != place && is_meant && self.take(out) {
				return true;
			}
		}
		false
	}

	/// Gives the best place to each stash without, one after the other; stops early if the pool cannot
	/// earn more than the `goal` any more.
	fn refill(&mut self, rank: usize, goal: u128) {
		while self.board.unplaced() > 0 {
			// What this one must add, if the others add as much as can be.
			let needed = goal.checked_sub(self.upper_bound(-1));
			let Some(place) = self.find(rank, needed) else { break };
			self.put(place);
		}
	}

	/// The place that adds most and has room, and adds more than `needed`. If more have moved than may,
	/// it is one that is returned to.
	fn find(&mut self, rank: usize, needed: Option<u128>) -> Option<usize> {
		let board = &*self.board;
		let returns = !board.is_within_churn();
		let adds_more = |found: Option<usize>, place: usize| {
			let gain = board.gain(place);
			needed.is_none_or(|needed| gain > needed)
				&& found.is_none_or(|found| gain > board.gain(found))
		};
		let fits = |place: usize| board.has_room(place) && (!returns || board.is_deserted(place));
		let mut found = None;
		let mut probes = 0usize;
		// What the exchange has touched is not where its order says.
		let touched = self.steps().iter().map(|step| match step {
			Step::Put(place) | Step::Take(place) => *place,
		});
		let deserted = self.deserted.iter().copied().filter(|_| returns);
		for place in touched.chain(deserted) {
			probes = probes.saturating_add(1);
			if adds_more(found, place) && fits(place) {
				found = Some(place);
			}
		}
		for place in self.best.iter().copied().skip(rank).filter(|_| !returns) {
			probes = probes.saturating_add(1);
			if adds_more(found, place) {
				if fits(place) {
					found = Some(place);
					break;
				}
			} else if !self.is_touched(place) {
				break;
			}
		}
		self.probe(probes);
		found
	}

	fn is_touched(&self, place: usize) -> bool {
		let touches = |step: &Step| matches!(*step, Step::Put(p) | Step::Take(p) if p == place);
		self.steps().iter().any(touches)
	}

	/// Brings one more to a place even at a loss, keeps it there while others move, and then lets it go
	/// too. Whether that paid; if not, all is as before.
	fn force_one(&mut self, place: usize, rank: usize) -> bool {
		let (mark, earned) = (self.log.len(), self.board.earned());
		self.put(place);
		if self.make_room(None, false, 0) {
			self.refill(rank, 0);
			if self.board.is_sound() {
				self.begin();
				self.fixed = Some(place);
				while self.round() {}
				self.fixed = None;
				while self.round() {}
				if self.board.earned() > earned {
					return true;
				}
			}
		}
		self.undo_to(mark);
		self.begin();
		false
	}

	/// Makes an exchange.
	fn make(&mut self, steps: Vec<Step>) {
		for step in steps {
			match step {
				Step::Put(place) => self.put(place),
				Step::Take(place) => {
					self.take(place);
				},
			}
		}
		self.begin();
	}

	fn put(&mut self, place: usize) {
		self.step();
		self.board.put(place);
		self.log.push(Step::Put(place));
	}

	/// Takes one from a place, if there is one that may leave.
	fn take(&mut self, place: usize) -> bool {
		let may = self.fixed != Some(place) && self.board.may_leave(place);
		if may {
			self.step();
			self.board.take(place);
			self.log.push(Step::Take(place));
		}
		may
	}

	/// The steps of the exchange that is being tried.
	fn steps(&self) -> &[Step] {
		self.log.get(self.base..).unwrap_or_default()
	}

	/// Undoes what was logged after the first `mark` steps, the last first.
	fn undo_to(&mut self, mark: usize) {
		while self.log.len() > mark {
			match self.log.pop() {
				Some(Step::Put(place)) => self.board.take(place),
				Some(Step::Take(place)) => self.board.put(place),
				None => break,
			}
		}
	}

	/// Counts a step, which will be undone or not. With the last of them the search ends.
	fn step(&mut self) {
		self.steps_left = self.steps_left.saturating_sub(1);
		if self.steps_left == 0 {
			self.budget = 0;
		}
	}

	fn probe(&mut self, probes: usize) {
		self.budget = self.budget.saturating_sub(probes);
	}
}
