// SPDX-License-Identifier: Apache-2.0

//! What the reserve gets besides its fee: gifts, debts that are repaid, and what arrives without a call.

use crate::{account::KEEP, books::FundState, stored::Ledger, Config, Error, Event, Fund, Pallet};
use frame_support::{
	dispatch::DispatchResult,
	ensure,
	traits::{fungible::Inspect, tokens::Fortitude},
};
use holdfast_primitives::{Assets, Balance, DebtSink};

impl<T: Config> Pallet<T> {
	/// What [`Pallet::top_up_reserve`] does.
	pub(crate) fn do_top_up_reserve(who: T::AccountId, assets: Assets) -> DispatchResult {
		ensure!(assets.0 > 0, Error::<T>::TooLittle);
		let mut books = Self::books()?;
		Self::receive(&who, assets)?;
		books.add_to_reserve(assets);
		Fund::<T>::put(books);
		Self::deposit_event(Event::ReserveToppedUp { who, assets: assets.0 });
		Ok(())
	}

	/// Sweeps what the account holds and no book knows of into the reserve.
	pub(crate) fn sweep(books: &mut FundState) {
		let surplus = T::Currency::reducible_balance(&Self::account(), KEEP, Fortitude::Polite)
			.saturating_sub(books.total().0);
		if surplus > 0 {
			books.add_to_reserve(Assets(surplus));
			Self::deposit_event(Event::Swept { assets: surplus });
		}
	}
}

/// What operators repay goes to the reserve. The underwriters who paid for it may have left, and
/// others may have come to get it.
impl<T: Config> DebtSink<T::AccountId> for Pallet<T> {
	fn account() -> T::AccountId {
		Self::account()
	}

	/// What cannot be booked is swept into the reserve when the books can be read again.
	fn repaid(amount: Balance) {
		let Some(mut books) = Self::readable(Ledger::Fund, Self::books()) else { return };
		books.add_to_reserve(Assets(amount));
		Fund::<T>::put(books);
		Self::deposit_event(Event::DebtRepaid { assets: amount });
	}

	/// As if all that is released had been counted.
	fn released(amount: Balance) {
		let Some(mut books) = Self::readable(Ledger::Fund, Self::books()) else { return };
		if books.bonds().0 > 0 {
			books.reduce_bonds(Assets(amount));
			Fund::<T>::put(books);
		}
	}
}
