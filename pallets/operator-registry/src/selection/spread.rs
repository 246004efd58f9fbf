// SPDX-License-Identifier: Apache-2.0

//! How well the pool's stake is spread, and what the pool may lose.

use crate::{
	labels::{Cluster, UNATTESTED},
	scores::{Round, Score},
	Config, LastDiversification, Pallet,
};
use alloc::{collections::BTreeMap, vec::Vec};
use holdfast_primitives::{shares::pro_rata, Balance, EraIndex, OperatorRisk, SlashModel};
use sp_runtime::{traits::UniqueSaturatedInto, FixedU128, Perbill};

/// One as a fixed point number of 18 decimals.
const ONE: u128 = 1_000_000_000_000_000_000;

/// One as parts of a [`Perbill`].
const PARTS: Balance = 1_000_000_000;

/// How well something is spread over validators or clusters. Those without an attested label
/// are one cluster.
#[frame_support::stored]
#[derive(Copy, Default)]
pub struct Spread {
	/// The effective number, `1 / sum of squared parts`: over so many equal ones it would be as well
	/// spread.
	pub effective: FixedU128,
	/// The Nakamoto coefficient: the fewest that together hold more than a third.
	pub nakamoto: u32,
	/// The part that the largest one holds, rounded down.
	pub largest: Perbill,
}

impl Spread {
	/// How well `amounts` are spread.
	pub fn of(mut amounts: Vec<Balance>) -> Self {
		let total = amounts.iter().fold(0, |sum: Balance, amount| sum.saturating_add(*amount));
		if total == 0 {
			return Self::default();
		}
		amounts.sort_unstable_by(|a, b| b.cmp(a));
		// Parts of a billion: their squares sum up to 10^18 at most.
		let parts = |amount: Balance| pro_rata(amount, PARTS, total).unwrap_or(0);
		let squares = amounts
			.iter()
			.map(|amount| parts(*amount).saturating_pow(2))
			.fold(0, Balance::saturating_add);
		// In 18 decimals: 10^18 of a sum of squares of 10^18 is one.
		let effective = pro_rata(ONE, ONE, squares).unwrap_or(0);
		let mut sum: Balance = 0;
		let third = total.checked_div(3).unwrap_or(0);
		let below = amounts.iter().take_while(|amount| {
			let before = sum;
			sum = sum.saturating_add(**amount);
			before <= third
		});
		let nakamoto: u32 = below.count().unique_saturated_into();
		let largest = amounts.first().map_or(0, |amount| parts(*amount));
		Self {
			effective: FixedU128::from_inner(effective),
			nakamoto,
			largest: Perbill::from_parts(largest.unique_saturated_into()),
		}
	}
}

/// How well the pool's elected exposure is spread.
#[frame_support::stored]
#[derive(Copy, Default)]
pub struct Diversification {
	/// The era whose exposure this is.
	pub era: EraIndex,
	/// The pool's stake that is exposed to validators of the registry, in the smallest unit.
	pub exposed: Balance,
	/// How well it is spread over validators.
	pub validators: Spread,
	/// How well it is spread over operators.
	pub operators: Spread,
	/// How well it is spread over regions.
	pub regions: Spread,
	/// How well it is spread over hosting providers.
	pub providers: Spread,
	/// How well it is spread over clients.
	pub clients: Spread,
	/// What the pool would lose at most if all validators of one operator offended together, in the
	/// smallest unit.
	pub largest_loss: Balance,
	/// What it loses on average in the time that unbonding takes, in the smallest unit.
	pub expected_loss: Balance,
}

/// What the pool has exposed to each cluster of a dimension, and how many of its validators are elected.
fn sums<AccountId>(
	scores: &[Score<AccountId>],
	dimension: usize,
) -> BTreeMap<Cluster, (Balance, u32)> {
	let mut sums: BTreeMap<Cluster, (Balance, u32)> = BTreeMap::new();
	for score in scores {
		let cluster = score.clusters.get(dimension).copied().unwrap_or(UNATTESTED);
		let (ours, seats) = sums.entry(cluster).or_default();
		*ours = ours.saturating_add(score.ours);
		*seats = seats.saturating_add(score.elected.into());
	}
	sums
}

/// How well the pool's exposure is spread, and what one operator could cost it.
pub(super) fn diversification<T: Config>(
	round: &Round<T::AccountId>,
	scores: &[Score<T::AccountId>],
) -> Diversification {
	let [operators, regions, providers, clients] =
		[0, 1, 2, 3].map(|dimension| sums(scores, dimension));
	let losses: Vec<Balance> = operators
		.values()
		.map(|(ours, seats)| T::Slashing::fraction(*seats, round.elected()).mul_ceil(*ours))
		.collect();
	let all = losses.iter().fold(0, |sum: Balance, loss| sum.saturating_add(*loss));
	let spread = |sums: &BTreeMap<Cluster, (Balance, u32)>| {
		Spread::of(sums.values().map(|(ours, _)| *ours).collect())
	};
	Diversification {
		era: round.era(),
		exposed: scores.iter().fold(0, |sum, score| sum.saturating_add(score.ours)),
		validators: Spread::of(scores.iter().map(|score| score.ours).collect()),
		operators: spread(&operators),
		regions: spread(&regions),
		providers: spread(&providers),
		clients: spread(&clients),
		largest_loss: losses.into_iter().max().unwrap_or(0),
		expected_loss: round.parameters().incident.mul_ceil(all),
	}
}

impl<T: Config> OperatorRisk for Pallet<T> {
	fn largest_loss() -> Balance {
		LastDiversification::<T>::get().largest_loss
	}

	fn expected_loss() -> Balance {
		LastDiversification::<T>::get().expected_loss
	}
}
