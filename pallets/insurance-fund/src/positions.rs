// SPDX-License-Identifier: Apache-2.0

//! What an underwriter has, and what it has asked to withdraw.

use crate::books::{Blocked, WINDOW};
use frame_support::{traits::Get, BoundedVec, DefaultNoBound};
use holdfast_primitives::{EraIndex, Shares};

/// Number of a request to withdraw, over all underwriters.
pub type RequestId = u32;

/// Shares that their owner wants to withdraw.
#[frame_support::stored]
#[derive(Copy)]
pub struct Request {
	/// The number of the request.
	pub id: RequestId,
	/// The shares to withdraw. They stay liable, and earn, until they are paid.
	pub shares: Shares,
	/// The era from which on they can be withdrawn.
	pub matures_in: EraIndex,
}

impl Request {
	/// The era from which on it is void: the shares are as if it had never been made. That era is later
	/// if reports kept everybody from leaving while the withdrawal could have been made.
	pub fn lapses_in(&self, blocked: Option<Blocked>) -> EraIndex {
		let end = self.matures_in.saturating_add(WINDOW);
		match blocked {
			Some(blocked) if blocked.from < end && self.matures_in <= blocked.until => {
				end.max(blocked.lapses_in())
			},
			_ => end,
		}
	}
}

/// What an underwriter has.
#[frame_support::stored]
#[derive(DefaultNoBound)]
pub struct Position<MaxRequests: Get<u32>> {
	/// The class of its shares. Shares of a class that is closed are worth nothing.
	pub class: u32,
	/// All its shares, with those that it has asked to withdraw.
	pub shares: Shares,
	/// Its requests to withdraw, oldest first.
	pub requests: BoundedVec<Request, MaxRequests>,
}

impl<MaxRequests: Get<u32>> Position<MaxRequests> {
	/// Shares that no request is for. Saturating: requests are for no more than there are.
	pub fn free(&self) -> Shares {
		let free = self
			.requests
			.iter()
			.fold(self.shares.0, |free, request| free.saturating_sub(request.shares.0));
		Shares(free)
	}
}
