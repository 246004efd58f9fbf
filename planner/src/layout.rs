// SPDX-License-Identifier: Apache-2.0

//! Which caps each candidate is under, in one list of all clusters.

use crate::{Input, DIMENSIONS};
use alloc::{vec, vec::Vec};

/// Index of the cluster that takes the place of those that have no cap: nobody may be in it.
pub(crate) const NOWHERE: usize = 0;

pub(crate) struct Layout {
	/// The clusters of each candidate: indices into `limits`.
	pub(crate) clusters: Vec<[usize; DIMENSIONS.len()]>,
	/// The most stake in each cluster, all dimensions in one list.
	pub(crate) limits: Vec<u128>,
}

impl Layout {
	pub(crate) fn of(input: &Input) -> Self {
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
		Self { clusters: clusters.collect(), limits }
	}
}

/// The candidate, if there is one of that index.
pub(crate) fn known(input: &Input, index: Option<u32>) -> Option<usize> {
	usize::try_from(index?).ok().filter(|place| *place < input.candidates.len())
}

/// What a list has at an index: nothing beyond its end.
pub(crate) fn at<T: Copy + Default>(list: &[T], index: usize) -> T {
	list.get(index).copied().unwrap_or_default()
}

pub(crate) fn set<T>(list: &mut [T], index: usize, value: T) {
	if let Some(slot) = list.get_mut(index) {
		*slot = value;
	}
}
