// SPDX-License-Identifier: Apache-2.0

//! The nouns of the fund.

use crate::Blocked;
use codec::{Decode, DecodeWithMemTracking, Encode, MaxEncodedLen};
use frame_support::{
	traits::Get, BoundedVec, CloneNoBound, DebugNoBound, DefaultNoBound, EqNoBound,
	PartialEqNoBound,
};
use holdfast_primitives::{
	shares::{pro_rata, pro_rata_up},
	Balance, EraIndex,
};
use scale_info::TypeInfo;

/// Number of a request to withdraw, over all underwriters.
pub type RequestId = u32;

/// Number of a provision.
pub type ProvisionId = u32;

/// Eras that a withdrawal waits beyond the bonding duration.
pub const EXTRA_ERAS: EraIndex = 2;

/// Eras in which a withdrawal that is mature can be made.
pub const WINDOW: EraIndex = 2;

/// Shares that their owner wants to withdraw.
#[derive(
	Clone,
	Copy,
	Debug,
	PartialEq,
	Eq,
	Encode,
	Decode,
	DecodeWithMemTracking,
	TypeInfo,
	MaxEncodedLen,
)]
pub struct Request {
	/// Its number.
	pub id: RequestId,
	/// How many shares. They stay liable, and earn, until they are paid.
	pub shares: Balance,
	/// The era from which on they can be withdrawn.
	pub matures_in: EraIndex,
}

impl Request {
	/// The era from which on it is void: the shares are as if it had never been made. Later if reports
	/// kept everybody from leaving while it could have been followed up.
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
#[derive(
	CloneNoBound,
	DebugNoBound,
	DefaultNoBound,
	PartialEqNoBound,
	EqNoBound,
	Encode,
	Decode,
	DecodeWithMemTracking,
	TypeInfo,
	MaxEncodedLen,
)]
#[scale_info(skip_type_params(MaxRequests))]
pub struct Position<MaxRequests: Get<u32>> {
	/// The class of its shares. Those of a class that is closed are worth nothing.
	pub class: u32,
	/// How many, with those that it has asked to withdraw.
	pub shares: Balance,
	/// What it has asked to withdraw, oldest first.
	pub requests: BoundedVec<Request, MaxRequests>,
}

impl<MaxRequests: Get<u32>> Position<MaxRequests> {
	/// Shares that no request is for. Saturating: requests are for no more than there are.
	pub fn free(&self) -> Balance {
		self.requests.iter().fold(self.shares, |free, r| free.saturating_sub(r.shares))
	}
}

/// What was withheld from somebody who has left, for the reports of one application era.
#[derive(
	Clone,
	Copy,
	Debug,
	PartialEq,
	Eq,
	Encode,
	Decode,
	DecodeWithMemTracking,
	TypeInfo,
	MaxEncodedLen,
)]
pub struct Part {
	/// The provision for these reports.
	pub provision: ProvisionId,
	/// How much was withheld.
	pub assets: Balance,
	/// [`Provision::open`] then.
	pub open: Balance,
	/// [`Provision::paid`] then.
	pub paid: Balance,
}

/// All that was withheld from somebody who has left.
#[derive(
	CloneNoBound,
	DebugNoBound,
	PartialEqNoBound,
	EqNoBound,
	Encode,
	Decode,
	DecodeWithMemTracking,
	TypeInfo,
	MaxEncodedLen,
)]
#[scale_info(skip_type_params(MaxProvisions))]
#[codec(mel_bound(AccountId: MaxEncodedLen))]
// The derives add bounds of their own.
#[allow(clippy::multiple_bound_locations)]
pub struct Withheld<AccountId: Clone + Eq + core::fmt::Debug, MaxProvisions: Get<u32>> {
	/// Whose it is.
	pub owner: AccountId,
	/// For which reports, and how much.
	pub parts: BoundedVec<Part, MaxProvisions>,
}

/// The unit of the indices of a provision: so fine that an index is exact to far less than a unit of
/// any amount, and still leaves room in 128 bits.
pub const UNIT: Balance = 1_000_000_000_000_000_000_000_000_000_000_000_000;

/// The least index with which anybody is held liable: a trillionth of a unit. It is exact to 24 digits.
const FINEST: Balance = 1_000_000_000_000_000_000_000_000;

/// The reports that are due in one era, and what was withheld for them from those who have left.
///
/// Underwriters who leave while reports are open stay liable for their part of these, and for no
/// other. Any number of them may have left, and reports may be applied or cancelled one by one. So
/// two indices are kept, as if one unit had been withheld when the first of them left: how much of it
/// is still locked, and how much of it was paid for slashes. Both round against those who have left.
#[derive(
	Clone,
	Copy,
	Debug,
	PartialEq,
	Eq,
	Encode,
	Decode,
	DecodeWithMemTracking,
	TypeInfo,
	MaxEncodedLen,
)]
pub struct Provision {
	/// Its number.
	pub id: ProvisionId,
	/// The era in which the reports are due.
	pub applied_in: EraIndex,
	/// Their sum.
	pub amount: Balance,
	/// The part of it for which those who have left are liable; it is withheld from them.
	pub locked: Balance,
	/// What was withheld for reports that are gone, and not paid for them.
	pub released: Balance,
	/// How many parts were withheld.
	pub parts: u32,
	/// Of a unit withheld at first, what is still locked, in parts of [`UNIT`].
	pub open: Balance,
	/// Of a unit withheld at first, what was paid, in parts of [`UNIT`].
	pub paid: Balance,
}

impl Provision {
	/// No reports yet.
	pub fn new(id: ProvisionId, applied_in: EraIndex) -> Self {
		Self { id, applied_in, amount: 0, locked: 0, released: 0, parts: 0, open: UNIT, paid: 0 }
	}

	/// The part of the reports for which the underwriters are liable who have not left.
	pub fn liable(&self) -> Balance {
		self.amount.saturating_sub(self.locked)
	}

	/// What those who have left pay of `loss`, all of which was reported. Rounded up.
	pub fn leavers_part(&self, loss: Balance) -> Balance {
		pro_rata_up(loss, self.locked, self.amount).unwrap_or(0).min(self.locked)
	}

	/// Withholds `assets` from somebody who leaves.
	pub fn withhold(&mut self, assets: Balance) -> Part {
		if self.parts == 0 {
			(self.open, self.paid) = (UNIT, 0);
		}
		self.locked = self.locked.saturating_add(assets);
		self.parts = self.parts.saturating_add(1);
		Part { provision: self.id, assets, open: self.open, paid: self.paid }
	}

	/// `reported` of the reports are gone, for which those who have left have paid `paid`. Returns what
	/// is released to them.
	pub fn settle(&mut self, reported: Balance, paid: Balance) -> Balance {
		let (reported, paid) = (reported.min(self.amount), paid.min(self.locked));
		let part = if reported == self.amount {
			self.locked
		} else {
			pro_rata(self.locked, reported, self.amount).unwrap_or(0)
		};
		// What rounding has them pay more than what is resolved, is less than a unit.
		let resolved = part.max(paid);
		let locked = self.locked.saturating_sub(resolved);
		let of = |amount| pro_rata_up(self.open, amount, self.locked).unwrap_or(0);
		(self.open, self.paid) = (of(locked), self.paid.saturating_add(of(paid)));
		// So little is left of the first of them that the indices get coarse: they are let go, and whoever
		// leaves later begins a new provision.
		let (locked, let_go) = if self.open < FINEST { (0, locked) } else { (locked, 0) };
		let released = resolved.saturating_sub(paid).saturating_add(let_go);
		self.released = self.released.saturating_add(released);
		self.locked = locked;
		self.amount = self.amount.saturating_sub(reported);
		released
	}

	/// Whether nobody who has left is liable any more: they can be paid the rest.
	pub fn is_settled(&self) -> bool {
		self.locked == 0 && (self.amount == 0 || self.parts > 0)
	}

	/// What is to be paid to those who have left, if anybody has.
	pub fn outcome(&self) -> Option<Outcome> {
		(self.parts > 0).then_some(Outcome {
			assets: self.released,
			parts: self.parts,
			paid: self.paid,
		})
	}
}

/// What is left of a provision whose reports are gone, for those who had left.
#[derive(
	Clone,
	Copy,
	Debug,
	PartialEq,
	Eq,
	Encode,
	Decode,
	DecodeWithMemTracking,
	TypeInfo,
	MaxEncodedLen,
)]
pub struct Outcome {
	/// What they have not been paid yet.
	pub assets: Balance,
	/// How many of them have not been paid yet.
	pub parts: u32,
	/// [`Provision::paid`] at the end.
	pub paid: Balance,
}

impl Outcome {
	/// What is left of `part`: less what it has paid, rounded down.
	pub fn rest_of(&self, part: &Part) -> Balance {
		let paid = self.paid.saturating_sub(part.paid);
		let paid = pro_rata_up(part.assets, paid, part.open).unwrap_or(part.assets);
		part.assets.saturating_sub(paid).min(self.assets)
	}

	/// Takes `part` out, and returns what it is paid.
	pub fn collect(&mut self, part: &Part) -> Balance {
		let rest = self.rest_of(part);
		self.assets = self.assets.saturating_sub(rest);
		self.parts = self.parts.saturating_sub(1);
		rest
	}
}
