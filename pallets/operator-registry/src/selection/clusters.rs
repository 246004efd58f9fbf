// SPDX-License-Identifier: Apache-2.0

//! The clusters of the validators, numbered in each dimension, with their caps.

use super::stakes::Stakes;
use crate::{labels::Cluster, parameters::Parameters, scores::Score};
use alloc::{collections::BTreeMap, vec, vec::Vec};
use holdfast_planner::DIMENSIONS;
use holdfast_primitives::Balance;
use sp_runtime::traits::UniqueSaturatedInto;

/// The clusters of all scored validators, numbered in each dimension.
pub(super) struct Clusters {
	/// The clusters of each validator, in the order of the scores.
	each: Vec<[u32; 4]>,
	/// How many there are in each dimension.
	counts: [usize; 4],
}

impl Clusters {
	/// Numbers the clusters of the scored validators.
	pub(super) fn of<AccountId>(scores: &[Score<AccountId>]) -> Self {
		let mut numbers: [BTreeMap<Cluster, u32>; 4] = Default::default();
		let number = |score: &Score<AccountId>| {
			let mut own = [0; 4];
			for ((number, numbers), cluster) in own.iter_mut().zip(&mut numbers).zip(score.clusters)
			{
				let next: u32 = numbers.len().unique_saturated_into();
				*number = *numbers.entry(cluster).or_insert(next);
			}
			own
		};
		let each = scores.iter().map(number).collect();
		Self { each, counts: numbers.map(|numbers| numbers.len()) }
	}

	/// The clusters of each validator, in the order of the scores.
	pub(super) fn each(&self) -> &[[u32; 4]] {
		&self.each
	}

	/// The number of the operator of each validator, in the order of the scores.
	pub(super) fn operators(&self) -> impl Iterator<Item = usize> + '_ {
		self.each.iter().map(|[operator, ..]| usize::try_from(*operator).unwrap_or(usize::MAX))
	}

	/// The cap of each cluster, by dimension.
	pub(super) fn caps(&self, parameters: &Parameters, stakes: &Stakes) -> [Vec<Balance>; 4] {
		let mut counts = self.counts.into_iter();
		DIMENSIONS.map(|dimension| {
			vec![stakes.part(parameters.cap(dimension)); counts.next().unwrap_or_default()]
		})
	}
}
