// SPDX-License-Identifier: Apache-2.0

//! Funded batches, and what each owner has in them.

use holdfast_primitives::{shares::pro_rata, Assets, Balance, EraIndex, Shares};

/// Assets for shares that were not claimed yet.
#[frame_support::stored]
#[derive(Copy, Default)]
pub struct Payment {
	/// Shares whose owners have not claimed.
	shares: Balance,
	/// Assets that they can claim for them.
	assets: Balance,
}

/// A payment is for fewer shares than somebody claims.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct TooFewShares;

impl Payment {
	/// `assets` for `shares`.
	pub(crate) fn new(shares: Shares, assets: Assets) -> Self {
		Self { shares: shares.0, assets: assets.0 }
	}

	/// Shares whose owners have not claimed.
	pub fn shares(&self) -> Balance {
		self.shares
	}

	/// Assets that they can claim for them.
	pub fn assets(&self) -> Balance {
		self.assets
	}

	/// Pays out `shares` of it: `shares * assets / all shares`, rounded down.
	///
	/// What rounding leaves stays with the later claims, the last of which takes all: no dust.
	pub(crate) fn pay(&mut self, shares: Shares) -> Result<Assets, TooFewShares> {
		let remaining = self.shares.checked_sub(shares.0).ok_or(TooFewShares)?;
		let assets = pro_rata(shares.0, self.assets, self.shares).ok_or(TooFewShares)?;
		self.shares = remaining;
		// A part of it, as the shares are a part of all.
		self.assets = self.assets.saturating_sub(assets);
		Ok(Assets(assets))
	}
}

/// A batch that can be claimed.
#[frame_support::stored]
pub struct Batch {
	/// The era that closed it.
	closed_in: EraIndex,
	/// Its assets, but for what was withheld.
	first: Payment,
	/// What was withheld for reports that were open when it was funded.
	rest: Rest,
}

/// What was withheld from a batch.
#[frame_support::stored]
#[derive(Copy, Default)]
pub enum Rest {
	/// Nothing was withheld.
	#[default]
	None,
	/// Something is withheld until no report for which the batch is liable is open.
	Withheld,
	/// What is left of it can be claimed.
	Released(Payment),
}

/// Shares that their owner has burned into a batch.
#[frame_support::stored]
#[derive(Copy, Default)]
pub struct Redemption {
	/// How many shares were burned.
	shares: Balance,
	/// Whether the owner has got the first payment, and waits for the rest.
	first_claimed: bool,
}

impl Redemption {
	/// `shares` for which nothing was paid yet.
	pub(crate) fn new(shares: Shares) -> Self {
		Self { shares: shares.0, first_claimed: false }
	}

	/// How many shares were burned.
	pub fn shares(&self) -> Balance {
		self.shares
	}

	/// Whether the owner has got the first payment, and waits for the rest.
	pub fn first_claimed(&self) -> bool {
		self.first_claimed
	}

	/// This and `more` shares.
	pub(crate) fn with(self, more: Shares) -> Option<Self> {
		Some(Self { shares: self.shares.checked_add(more.0)?, ..self })
	}
}

impl Batch {
	/// A batch that has got its `first` payment: all, unless something is `withheld`.
	pub(crate) fn funded(closed_in: EraIndex, first: Payment, withheld: bool) -> Self {
		Self { closed_in, first, rest: if withheld { Rest::Withheld } else { Rest::None } }
	}

	/// The batch once `rest`, which was withheld, can be claimed.
	pub(crate) fn released(self, rest: Payment) -> Self {
		Self { rest: Rest::Released(rest), ..self }
	}

	/// Its assets, but for what was withheld.
	pub fn first(&self) -> Payment {
		self.first
	}

	/// What was withheld for reports that were open when it was funded.
	pub fn rest(&self) -> Rest {
		self.rest
	}

	/// Pays what `redemption` can get now; `None` if that is nothing yet. Returns what remains of
	/// the redemption besides.
	pub(crate) fn pay(
		&mut self,
		redemption: Redemption,
	) -> Result<Option<(Assets, Option<Redemption>)>, TooFewShares> {
		let shares = Shares(redemption.shares);
		let mut paid = Assets(0);
		if !redemption.first_claimed {
			paid = self.first.pay(shares)?;
		} else if self.rest == Rest::Withheld {
			return Ok(None);
		}
		if let Rest::Released(rest) = &mut self.rest {
			// Both lie in the pot: bounded by the issuance.
			paid.0 = paid.0.saturating_add(rest.pay(shares)?.0);
		}
		let waits = self.rest == Rest::Withheld;
		Ok(Some((paid, waits.then_some(Redemption { first_claimed: true, ..redemption }))))
	}

	/// Whether everybody has got everything.
	pub(crate) fn is_done(&self) -> bool {
		self.first.shares == 0
			&& match self.rest {
				Rest::None => true,
				Rest::Withheld => false,
				Rest::Released(rest) => rest.shares == 0,
			}
	}

	/// Assets that lie in the pot for it.
	#[cfg(any(feature = "std", feature = "try-runtime"))]
	pub(crate) fn assets(&self) -> Balance {
		match self.rest {
			// Bounded by the issuance.
			Rest::Released(rest) => self.first.assets.saturating_add(rest.assets),
			_ => self.first.assets,
		}
	}
}
