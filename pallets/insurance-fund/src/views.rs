// SPDX-License-Identifier: Apache-2.0

//! Answers to questions.

use crate::{books::FundState, Config, Pallet};
use alloc::vec::Vec;
use frame_support::traits::Get;
use holdfast_primitives::{
	Assets, ClaimId, ClaimInfo, Coverage, EraIndex, InsuredPool, OperatorBonds, Paid, Payout,
	Shares,
};
use sp_runtime::Perbill;

impl<T: Config> Pallet<T> {
	/// What [`Pallet::coverage`] answers. A fund that cannot be read pays nothing.
	pub(crate) fn view_coverage() -> Coverage {
		let (books, parameters) = match (Self::books(), Self::parameters()) {
			(Ok(books), Ok(parameters)) => (books, parameters),
			_ => {
				let mut books = FundState::default();
				books.set_target(Assets(1), false);
				(books, T::DefaultParameters::get())
			},
		};
		Coverage {
			assets: books.capacity().0,
			underwriters: books.underwriting().0,
			reserve: books.payable_reserve().0,
			target: books.target().0,
			ratio: books.ratio(),
			provisional: books.reported().0,
			premium: books.premium_rate(&parameters),
			reserve_held: books.reserve().0,
		}
	}

	/// What [`Pallet::preview_payout`] answers.
	pub(crate) fn view_preview_payout(validator: &T::AccountId, fraction: Perbill) -> Payout {
		let books = Self::books().unwrap_or_default();
		let loss = fraction.mul_ceil(T::Pool::stake_with(validator));
		let operator = T::Bonds::bond(validator).min(loss);
		let rest = Assets(loss.saturating_sub(operator));
		// In this era or in a later one, whichever the reserve would pay more in. No leaver is liable for
		// what is not reported.
		let [now, later] =
			[Self::active_era(), EraIndex::MAX].map(|era| books.split(rest, Assets(0), era));
		let paid = Paid { operator, ..if now.reserve > later.reserve { now } else { later } };
		Payout { loss, paid, uncovered: loss.saturating_sub(paid.total()) }
	}

	/// What [`Pallet::claims`] answers: a page of claims, as far as they can be read.
	pub(crate) fn view_claims(from: ClaimId) -> Vec<ClaimInfo<T::AccountId>> {
		let mut claims: Vec<_> = Self::past_claims()
			.unwrap_or_default()
			.into_iter()
			.chain(Self::open_claims().unwrap_or_default())
			.filter(|claim| claim.id >= from)
			.collect();
		claims.sort_unstable_by_key(|claim| claim.id);
		let page = usize::try_from(T::MaxHistory::get()).unwrap_or(usize::MAX);
		claims.truncate(page);
		claims
	}

	/// What [`Pallet::preview_underwrite`] answers.
	pub(crate) fn view_preview_underwrite(assets: Assets) -> Option<Shares> {
		let books = Self::books().ok()?;
		books.entry_price().to_shares(assets).filter(|shares| shares.0 > 0)
	}
}
