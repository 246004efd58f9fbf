// SPDX-License-Identifier: Apache-2.0

//! Redemptions on their way: closed batches in the queue, and funded ones that are claimed.

use codec::{Decode, DecodeWithMemTracking, Encode, MaxEncodedLen};
use holdfast_primitives::{
	shares::{pro_rata, pro_rata_up},
	Assets, Balance, BatchId, EraIndex, Shares,
};
use scale_info::TypeInfo;
use sp_runtime::ArithmeticError;

/// A closed batch that has not got all its assets.
#[derive(
	Clone, Debug, PartialEq, Eq, Encode, Decode, DecodeWithMemTracking, TypeInfo, MaxEncodedLen,
)]
pub struct Queued {
	/// The batch.
	pub id: BatchId,
	/// Shares burned into it.
	pub shares: Balance,
	/// Assets it is still owed. Slashes for which it is liable reduce it.
	pub claim: Balance,
	/// Assets it got already: all but what was withheld for open reports.
	pub funded: Option<Balance>,
	/// The era that closed it. It is liable for offences up to and including that era, in which its
	/// stake was still exposed.
	pub closed_in: EraIndex,
}

impl Queued {
	/// Whether it bears its part of a slash for an offence of `era`.
	pub fn is_liable(&self, era: EraIndex) -> bool {
		era <= self.closed_in
	}

	/// What its part of a slash is measured by: all that it was owed, also what it has got.
	pub fn base(&self) -> Balance {
		self.claim.saturating_add(self.funded.unwrap_or(0))
	}

	/// Its part of `amount`, which it shares with others whose bases sum up to `total` with its
	/// own: `amount * base / total`, rounded up, and at most what it is still owed.
	pub fn part_of(&self, amount: Balance, total: Balance) -> Balance {
		pro_rata_up(amount, self.base(), total).unwrap_or(self.claim).min(self.claim)
	}
}

/// Assets for shares that were not claimed yet.
#[derive(
	Clone,
	Copy,
	Debug,
	Default,
	PartialEq,
	Eq,
	Encode,
	Decode,
	DecodeWithMemTracking,
	TypeInfo,
	MaxEncodedLen,
)]
pub struct Payment {
	/// Shares whose owners have not claimed.
	pub shares: Balance,
	/// Assets for them.
	pub assets: Balance,
}

impl Payment {
	/// Pays out `shares` of it: `shares * assets / all shares`, rounded down.
	///
	/// What rounding leaves stays with the later claims, the last of which takes all: no dust.
	pub fn pay(&mut self, shares: Shares) -> Result<Assets, ArithmeticError> {
		let assets =
			pro_rata(shares.0, self.assets, self.shares).ok_or(ArithmeticError::DivisionByZero)?;
		self.shares = self.shares.checked_sub(shares.0).ok_or(ArithmeticError::Underflow)?;
		self.assets = self.assets.checked_sub(assets).ok_or(ArithmeticError::Underflow)?;
		Ok(Assets(assets))
	}
}

/// A batch that can be claimed.
#[derive(
	Clone, Debug, PartialEq, Eq, Encode, Decode, DecodeWithMemTracking, TypeInfo, MaxEncodedLen,
)]
pub struct Batch {
	/// The era that closed it.
	pub closed_in: EraIndex,
	/// Its assets, but for what was withheld.
	pub first: Payment,
	/// What was withheld for reports that were open when it was funded.
	pub rest: Rest,
}

/// What was withheld from a batch.
#[derive(
	Clone,
	Copy,
	Debug,
	Default,
	PartialEq,
	Eq,
	Encode,
	Decode,
	DecodeWithMemTracking,
	TypeInfo,
	MaxEncodedLen,
)]
pub enum Rest {
	/// Nothing.
	#[default]
	None,
	/// Something, until no report for which the batch is liable is open.
	Withheld,
	/// It can be claimed.
	Released(Payment),
}

/// Shares that their owner has burned into a batch.
#[derive(
	Clone,
	Copy,
	Debug,
	Default,
	PartialEq,
	Eq,
	Encode,
	Decode,
	DecodeWithMemTracking,
	TypeInfo,
	MaxEncodedLen,
)]
pub struct Redemption {
	/// How many.
	pub shares: Balance,
	/// Whether the owner has got the first payment, and waits for the rest.
	pub first_claimed: bool,
}

impl Batch {
	/// Pays what `redemption` can get now; `None` if that is nothing yet. Returns what remains of
	/// the redemption besides.
	pub fn pay(
		&mut self,
		redemption: Redemption,
	) -> Result<Option<(Assets, Option<Redemption>)>, ArithmeticError> {
		let shares = Shares(redemption.shares);
		let mut paid = Assets(0);
		if !redemption.first_claimed {
			paid = self.first.pay(shares)?;
		} else if self.rest == Rest::Withheld {
			return Ok(None);
		}
		if let Rest::Released(rest) = &mut self.rest {
			paid.0 = paid.0.checked_add(rest.pay(shares)?.0).ok_or(ArithmeticError::Overflow)?;
		}
		let waits = self.rest == Rest::Withheld;
		Ok(Some((paid, waits.then_some(Redemption { first_claimed: true, ..redemption }))))
	}

	/// Whether everybody has got everything.
	pub fn is_done(&self) -> bool {
		self.first.shares == 0
			&& match self.rest {
				Rest::None => true,
				Rest::Withheld => false,
				Rest::Released(rest) => rest.shares == 0,
			}
	}

	/// Assets that lie in the pot for it.
	pub fn assets(&self) -> Balance {
		match self.rest {
			// Bounded by the issuance.
			Rest::Released(rest) => self.first.assets.saturating_add(rest.assets),
			_ => self.first.assets,
		}
	}
}
