// SPDX-License-Identifier: Apache-2.0

//! What is told of a stored item that cannot be decoded. It is never taken for one that is not there.
//!
//! Calls fail on it, with [`Error::Undecodable`]; slashes and rounds leave it untouched and say so.
//! `mutate` is not used on such items: it would delete what it cannot decode.

use crate::Error;
use holdfast_primitives::stored::Undecodable;

const LOG_TARGET: &str = "runtime::operator-registry";

impl<T> From<Undecodable> for Error<T> {
	fn from(_: Undecodable) -> Self {
		Self::Undecodable
	}
}

/// Tells that an item cannot be decoded where there is no event for it.
pub(crate) fn unreadable(item: &str) {
	log::error!(target: LOG_TARGET, "{item} cannot be decoded, and is left as it is");
}
