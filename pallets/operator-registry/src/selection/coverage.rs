// SPDX-License-Identifier: Apache-2.0

//! How much of the pool's stake the bonds and own stakes of operators cover.
//!
//! An operator whose bond and own stake are small against what the pool can lose by it gets no more than
//! these cover, or the floor. A bond covers the validators of its own account, for which it pays, and no
//! others; so does the part of their own stake that an offence takes, if they are elected. That keeps stashes
//! from being added, and removes none, unless a part of the bond is to be released, or the own stake has
//! fallen, or the name is not attested any more.

use super::{clusters::Clusters, stakes::Stakes};
use crate::{
	labels::UNATTESTED,
	parameters::Parameters,
	scores::{Fitness, Round, Score},
	Config,
};
use alloc::{collections::BTreeMap, vec, vec::Vec};
use core::cmp::Reverse;
use holdfast_primitives::{shares::pro_rata, Balance, SlashModel};
use sp_runtime::{traits::UniqueSaturatedInto, Perbill};

/// One as parts of a [`Perbill`].
const PARTS: Balance = 1_000_000_000;

/// A validator of an account that may be nominated.
struct Seat {
	/// What the pool stakes on it.
	load: Balance,
	/// What the pool would earn on it with one stash alone.
	earns: Balance,
	/// Its place among the scores.
	place: usize,
}

/// What an operator's account has at stake itself.
struct Account {
	/// The number of its operator.
	operator: usize,
	/// Whether its name is not attested.
	unknown: bool,
	/// What its bond can pay.
	bond: Balance,
	/// The stake of its validators themselves, of which an offence takes a part.
	own: Balance,
	/// Those of its validators that may be nominated.
	seats: Vec<Seat>,
	/// Whether it wants a part of the bond back, or has less stake of its own than it had.
	releasing: bool,
}

impl Account {
	/// Whether it keeps the stashes that it has, whatever it covers. An account that has lost its attestation
	/// loses what it had by it.
	fn keeps(&self) -> bool {
		!self.releasing && !self.unknown
	}

	/// What the pool stakes on it now that it keeps.
	fn kept(&self) -> Balance {
		let load = |sum: Balance, seat: &Seat| sum.saturating_add(seat.load);
		if self.keeps() {
			self.seats.iter().fold(0, load)
		} else {
			0
		}
	}

	/// The stake that it covers, where an offence takes this `fraction` of all stakes: so much that the pool
	/// loses `multiple` times what it loses itself. Rounded down.
	fn covers(&self, fraction: Perbill, multiple: u32) -> Balance {
		// Of accounts of which nothing is known, only the floor counts, which all of them share.
		if self.unknown || self.seats.is_empty() {
			return 0;
		}
		let at_risk = self.bond.saturating_add(fraction.mul_floor(self.own));
		let covered = at_risk.saturating_mul(multiple.into());
		// Without a loss to fear there is no limit.
		pro_rata(covered, PARTS, fraction.deconstruct().into()).unwrap_or(Balance::MAX)
	}

	/// Shares `room` out among its validators, in whole stashes as long as there are any: first comes the one
	/// with most stake of the pool, then the one that earns most. What one keeps beyond its share, the next
	/// ones lack. No validator gets more than `most`.
	fn share_out(
		mut self,
		mut room: Balance,
		most: Balance,
		whole: Balance,
		limits: &mut [Balance],
	) {
		let keeps = self.keeps();
		self.seats.sort_by_key(|seat| (Reverse((seat.load, seat.earns)), seat.place));
		let counts = (1..=self.seats.len()).rev();
		for (seat, sharing) in self.seats.into_iter().zip(counts) {
			let sharing: Balance = sharing.unique_saturated_into();
			// Neither is zero.
			let share = room.div_ceil(sharing.max(1));
			let in_wholes = share.div_ceil(whole.max(1)).saturating_mul(whole);
			let kept = if keeps { seat.load } else { 0 };
			let limit = most.min(in_wholes.min(room).max(kept));
			room = room.saturating_sub(limit);
			limits.get_mut(seat.place).into_iter().for_each(|own| *own = limit);
		}
	}
}

/// The accounts of the scored validators. `loads` are what the pool stakes on each of these.
fn accounts<'a, AccountId: Ord>(
	scores: &'a [Score<AccountId>],
	clusters: &Clusters,
	loads: &[Balance],
	whole: Balance,
) -> BTreeMap<&'a AccountId, Account> {
	let mut accounts = BTreeMap::new();
	let each = scores.iter().zip(clusters.operators()).zip(loads).enumerate();
	for (place, ((score, operator), load)) in each {
		let account = accounts.entry(&score.operator).or_insert(Account {
			operator,
			unknown: score.clusters.first() == Some(&UNATTESTED),
			bond: score.bond,
			own: 0,
			seats: Vec::new(),
			releasing: false,
		});
		account.releasing |= score.releasing;
		if score.fitness == Fitness::Fit {
			let own = if score.elected { score.own } else { 0 };
			account.own = account.own.saturating_add(own);
			let backing = score.others.saturating_add(whole);
			let earns = pro_rata(score.net_payout, whole, backing).unwrap_or(0);
			account.seats.push(Seat { load: *load, earns, place });
		}
	}
	accounts
}

/// How many validators of each of `count` operators are elected.
fn elected_of<AccountId>(
	scores: &[Score<AccountId>],
	clusters: &Clusters,
	count: usize,
) -> Vec<u32> {
	let mut elected = vec![0u32; count];
	for (score, operator) in scores.iter().zip(clusters.operators()) {
		if let Some(elected) = elected.get_mut(operator) {
			*elected = elected.saturating_add(score.elected.into());
		}
	}
	elected
}

/// Lowers the caps of `operators` to what their accounts cover. Returns how much stake each validator may
/// have: the unfit have none.
pub(super) fn limit<T: Config>(
	round: &Round<T::AccountId>,
	parameters: &Parameters,
	scores: &[Score<T::AccountId>],
	clusters: &Clusters,
	loads: &[Balance],
	stakes: &Stakes,
	operators: &mut [Balance],
) -> Vec<Balance> {
	let elected = elected_of(scores, clusters, operators.len());
	let floor = stakes.part(parameters.floor);
	let most = stakes.part(parameters.validator_cap);
	// Of each operator, what its accounts cover, and what they keep.
	let mut covered: Vec<(Balance, Balance)> = vec![(0, 0); operators.len()];
	let mut limits = vec![0; scores.len()];
	for account in accounts(scores, clusters, loads, stakes.whole()).into_values() {
		let seats = elected.get(account.operator).copied().unwrap_or(0);
		let fraction = T::Slashing::fraction(seats.max(1), round.elected().max(1));
		let room = account.covers(fraction, parameters.coverage_multiple);
		if let Some((all, kept)) = covered.get_mut(account.operator) {
			*all = all.saturating_add(room);
			*kept = kept.saturating_add(account.kept());
		}
		account.share_out(room.max(floor), most, stakes.whole(), &mut limits);
	}
	for (cap, (room, kept)) in operators.iter_mut().zip(covered) {
		*cap = (*cap).min(room.max(floor).max(kept));
	}
	limits
}
