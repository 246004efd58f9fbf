// SPDX-License-Identifier: Apache-2.0

//! What the fund is for: it pays when a slash lands, and gets its dues.

use crate::{
	books::ClosedClass,
	claims::{Applied, ClaimLedger},
	stored::Ledger,
	Claims, Config, Event, Fund, Outcomes, Pallet, Provisions, WeightInfo, LOG_TARGET,
};
use frame_support::{storage::with_storage_layer, weights::Weight};
use holdfast_primitives::{
	Assets, Balance, ClaimState, Dues, Loss, LossCover, OpenReport, OperatorBonds, Paid,
};

impl<T: Config> LossCover<T::AccountId> for Pallet<T> {
	/// Pays for a loss: the bond of the operator first, then underwriters together with the leavers who
	/// are still liable for it, then the reserve.
	///
	/// Reads its arguments and the fund's own records only. A constant number of reads and writes,
	/// whatever the number of underwriters. Nothing here fails.
	fn cover(loss: &Loss<T::AccountId>, to: &T::AccountId) -> Balance {
		if loss.amount == 0 {
			return 0;
		}
		let operator = Self::pay_from_bond(loss, to);
		// Without books the bond alone pays.
		let Some(mut books) = Self::readable(Ledger::Fund, Self::books()) else { return operator };
		// Without claims or provisions the loss is one that nobody has reported.
		let claims = Self::readable(Ledger::Claims, Self::open_claims());
		let provisions = Self::readable(Ledger::Provisions, Self::provisions());
		let mut ledger = claims
			.zip(provisions)
			.map_or_else(ClaimLedger::default, |stored| ClaimLedger::new(stored.0, stored.1));
		let now = Self::now();
		let mut paid = ledger.split(&books, loss, operator);
		if !Self::pay_from_fund(&paid, to) {
			paid = Paid { operator, ..Default::default() };
		}
		let applied = ledger.apply(&mut books, loss, &paid, now);
		let (claim, closed) = (applied.claim.id, applied.closed);
		Self::put_applied(ledger, applied);
		if let Some(era) = books.era() {
			books.note_blocked(era, now);
		}
		Fund::<T>::put(books);
		Self::deposit_event(Event::LossCovered {
			claim,
			stash: loss.stash.clone(),
			validator: loss.validator.clone(),
			loss: loss.amount,
			paid,
		});
		if let Some(ClosedClass { class, rest: Assets(rest) }) = closed {
			Self::deposit_event(Event::ClassClosed { class, rest });
		}
		paid.total()
	}

	/// One read: what bonds will pay is counted when reports are told. All of it if the books cannot be
	/// read, which then pay nothing.
	fn uncovered(open: Balance) -> Balance {
		Self::books().map_or(open, |books| books.uncovered(Assets(open)).0)
	}

	fn reported(open: impl Iterator<Item = OpenReport<T::AccountId>>) {
		Self::sync_claims(open);
	}

	fn reported_weight() -> Weight {
		T::WeightInfo::reported()
	}

	/// Nothing if the books or the parameters cannot be read.
	fn dues(reward: Balance, fee: Balance) -> Dues {
		let books = Self::readable(Ledger::Fund, Self::books());
		let parameters = Self::readable(Ledger::Parameters, Self::parameters());
		books
			.zip(parameters)
			.map_or_else(Dues::default, |(books, parameters)| books.dues(reward, fee, &parameters))
	}

	/// What cannot be booked is swept into the reserve when the books can be read again.
	fn collected(dues: Dues) {
		let Some(mut books) = Self::readable(Ledger::Fund, Self::books()) else { return };
		books.take_in(dues, Self::now());
		Fund::<T>::put(books);
		Self::deposit_event(Event::Collected { premium: dues.premium, fee: dues.fee });
	}

	fn collect_weight() -> Weight {
		T::WeightInfo::collect()
	}
}

impl<T: Config> Pallet<T> {
	/// Lets the operator's bond pay for `loss`, and returns what has arrived in the account `to`.
	fn pay_from_bond(loss: &Loss<T::AccountId>, to: &T::AccountId) -> Balance {
		loss.validator
			.as_ref()
			.map_or(0, |validator| T::Bonds::pay(validator, loss.amount, to))
			.min(loss.amount)
	}

	/// Moves the fund's part of what is `paid` to the account `to`. `false` if it could not be moved.
	fn pay_from_fund(paid: &Paid, to: &T::AccountId) -> bool {
		let assets = Assets(paid.by_fund());
		assets.0 == 0
			|| with_storage_layer(|| Self::send(to, assets))
				.inspect_err(
					|error| log::error!(target: LOG_TARGET, "a loss could not be paid: {error:?}"),
				)
				.is_ok()
	}

	/// Stores what a slash has changed of the claims and provisions.
	fn put_applied(ledger: crate::LedgerOf<T>, applied: Applied<T::AccountId>) {
		let (claims, provisions) = ledger.into_parts();
		if applied.claim.state != ClaimState::Open {
			Self::remember([applied.claim]);
		}
		if applied.was_open {
			Claims::<T>::put(claims);
		}
		if let Some((provision, outcome)) = applied.outcome {
			Outcomes::<T>::insert(provision, outcome);
		}
		if applied.resolved.0 > 0 {
			Provisions::<T>::put(provisions);
		}
	}
}
