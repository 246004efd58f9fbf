// SPDX-License-Identifier: Apache-2.0

//! Underwriters come and go at the price of a share.

use super::{FundState, WIPED};
use holdfast_primitives::{shares::pro_rata, Assets, Balance, Price, Shares, Stream};
use sp_runtime::{
	traits::{EnsureAdd, EnsureSub, Saturating},
	ArithmeticError,
};

/// What a withdrawal takes from the underwriters' assets.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Exit {
	/// What the shares are worth, before anything is withheld for reports.
	pub assets: Assets,
	/// Their part of the premium that is not released. It goes to the reserve.
	pub forfeited: Assets,
}

impl FundState {
	/// The premium that is not released in block `now`.
	pub fn unreleased(&self, now: u32) -> Assets {
		Assets(self.stream.unreleased(now))
	}

	/// What the shares are worth in block `now`: the underwriters' assets without the premium that is
	/// not released.
	pub fn released(&self, now: u32) -> Assets {
		Assets(self.underwriting.0.saturating_sub(self.unreleased(now).0))
	}

	/// What a share costs: with the premium that is not released, and whatever is reported.
	pub fn entry_price(&self) -> Price {
		Price::new(self.underwriting, self.shares)
	}

	/// What a share is worth to those who leave, before what is withheld for reports.
	pub fn exit_price(&self, now: u32) -> Price {
		Price::new(self.released(now), self.shares)
	}

	/// What `shares` take out in block `now`. `None` if it does not fit 128 bits.
	///
	/// At most their exact part: below one asset a share, the virtual asset in the price would give
	/// them the last unit of others.
	pub(crate) fn quote_exit(&self, shares: Shares, now: u32) -> Option<Exit> {
		let (released, unreleased) = (self.released(now), self.unreleased(now));
		let part = |amount: Assets| pro_rata(amount.0, shares.0, self.shares.0).map(Assets);
		let assets = self.exit_price(now).to_assets(shares)?.min(part(released)?);
		let forfeited = part(unreleased.min(self.underwriting))?;
		Some(Exit { assets, forfeited })
	}

	/// Books `assets` that an underwriter brings, and returns the shares that they buy, rounded down:
	/// `assets * (shares + 1) / (underwriting + 1)`. Changes nothing if it fails.
	pub fn enter(&mut self, assets: Assets) -> Result<Shares, ArithmeticError> {
		let bought = self.entry_price().to_shares(assets).ok_or(ArithmeticError::Overflow)?;
		let underwriting = self.underwriting.0.ensure_add(assets.0)?;
		let shares = self.shares.0.ensure_add(bought.0)?;
		(self.underwriting, self.shares) = (Assets(underwriting), Shares(shares));
		Ok(bought)
	}

	/// Takes `shares` out for `exit`, of whose assets `withheld` stays here for open reports. Changes
	/// nothing if it fails.
	///
	/// Those who leave get nothing of the premium for blocks to come. Nor do those who stay: to them the
	/// same premium for less at stake would be a gain from the departure of others.
	pub(crate) fn leave(
		&mut self,
		shares: Shares,
		exit: Exit,
		withheld: Assets,
		now: u32,
	) -> Result<(), ArithmeticError> {
		let taken = exit.assets.0.ensure_add(exit.forfeited.0)?;
		let underwriting = self.underwriting.0.ensure_sub(taken)?;
		let remaining = self.shares.0.ensure_sub(shares.0)?;
		let all_withheld = self.withheld.0.ensure_add(withheld.0)?;
		let locked = self.locked.0.ensure_add(withheld.0)?;
		let reserve = self.reserve.0.ensure_add(exit.forfeited.0)?;
		self.underwriting = Assets(underwriting);
		self.shares = Shares(remaining);
		self.stream = self.stream.remove(exit.forfeited.0, now);
		(self.withheld, self.locked) = (Assets(all_withheld), Assets(locked));
		// Leavers are spared their part of what bonds pay, which is no more than all that is withheld.
		self.reduce_bonds(withheld);
		self.reserve = Assets(reserve);
		if self.shares.0 == 0 {
			self.clear_class();
		}
		Ok(())
	}

	/// Books that a leaver was paid `assets` of what was withheld. Of it, `dust` belongs to nobody any
	/// more, and goes to the reserve. Changes nothing if it fails.
	pub fn pay_withheld(&mut self, assets: Assets, dust: Assets) -> Result<(), ArithmeticError> {
		let withheld = self.withheld.0.ensure_sub(assets.0.ensure_add(dust.0)?)?;
		let reserve = self.reserve.0.ensure_add(dust.0)?;
		(self.withheld, self.reserve) = (Assets(withheld), Assets(reserve));
		Ok(())
	}

	/// Whether the shares have lost all but a millionth of an asset each.
	pub fn is_wiped(&self) -> bool {
		let least: Balance = self.shares.0.checked_div(WIPED).unwrap_or(0);
		self.shares.0 > 0 && (self.underwriting.0 == 0 || self.underwriting.0 < least)
	}

	/// Gives what nobody has shares of to the reserve.
	pub(super) fn clear_class(&mut self) {
		let rest = core::mem::take(&mut self.underwriting);
		self.reserve.0.saturating_accrue(rest.0);
		(self.shares, self.stream) = (Shares(0), Stream::default());
	}
}

#[cfg(test)]
mod tests {
	use super::*;
	use proptest::prelude::*;

	proptest! {
		#![proptest_config(ProptestConfig::with_cases(256))]

		/// Entering and leaving never gains, whatever the price; and what others have never falls by it.
		#[test]
		fn a_round_trip_through_the_books_gains_nothing(
			underwriting in 1u128..10u128.pow(20), shares in 1u128..10u128.pow(20),
			brought in 1u128..10u128.pow(20), unreleased in 0u128..10u128.pow(20), blocks in 0u32..20,
		) {
			let mut books = FundState {
				underwriting: Assets(underwriting),
				shares: Shares(shares),
				era_length: 10,
				..Default::default()
			};
			prop_assume!(!books.is_wiped());
			books.stream = books.stream.add(unreleased.min(underwriting), 0, 10);
			let price = books.exit_price(0);
			let bought = books.enter(Assets(brought)).unwrap();
			let exit = books.quote_exit(bought, 0).unwrap();
			prop_assert!(exit.assets.0 <= brought);
			// With all of the premium there was, at most that.
			let later = books.quote_exit(bought, blocks).unwrap();
			prop_assert!(later.assets.0 <= brought);
			books.leave(bought, exit, Assets(0), 0).unwrap();
			prop_assert!(books.exit_price(0).rate() >= price.rate());
		}
	}
}
