// SPDX-License-Identifier: Apache-2.0

//! Underwriters bring assets, ask to withdraw, and are paid.

use crate::{
	books::{FundState, EXTRA_ERAS},
	claims::{CannotLeave, Departure, ProvisionLedger},
	positions::{Position, Request, RequestId},
	Config, Error, Event, Fund, Leavers, Outcomes, Pallet, PositionOf, Provisions, Underwriters,
	WeightInfo, WithheldOf,
};
use frame_support::{
	defensive,
	dispatch::{DispatchResult, DispatchResultWithPostInfo, WithPostDispatchInfo},
	ensure,
	traits::Get,
	weights::Weight,
	BoundedVec,
};
use holdfast_primitives::{Assets, Balance, EraIndex, InsuredPool, Shares};
use sp_runtime::{
	traits::{EnsureAdd, EnsureSub, Saturating},
	DispatchError,
};

impl<T: Config> Pallet<T> {
	/// What `who` has in the class that is open, without requests that have lapsed.
	pub(crate) fn position(
		books: &FundState,
		who: &T::AccountId,
		era: EraIndex,
	) -> Result<PositionOf<T>, Error<T>> {
		let mut position = Self::underwriter(who)?;
		if position.class != books.class() {
			return Ok(Position { class: books.class(), ..Default::default() });
		}
		position.requests.retain(|request| era < request.lapses_in(books.blocked()));
		Ok(position)
	}

	fn put_position(who: &T::AccountId, position: PositionOf<T>) {
		if position.shares.0 > 0 {
			Underwriters::<T>::insert(who, position);
		} else {
			Underwriters::<T>::remove(who);
		}
	}

	/// What [`Pallet::underwrite`] does.
	pub(crate) fn do_underwrite(
		who: T::AccountId,
		assets: Assets,
		min_shares: Shares,
	) -> DispatchResult {
		ensure!(assets.0 >= Self::parameters()?.min_underwriting, Error::<T>::TooLittle);
		let mut books = Self::books()?;
		let shares = books.enter(assets)?;
		ensure!(shares.0 > 0 && shares >= min_shares, Error::<T>::SharesBelowMinimum);
		Self::receive(&who, assets)?;

		let mut position = Self::position(&books, &who, Self::active_era())?;
		position.shares = Shares(position.shares.0.ensure_add(shares.0)?);
		Self::put_position(&who, position);
		Fund::<T>::put(books);
		Self::deposit_event(Event::Underwritten { who, assets: assets.0, shares: shares.0 });
		Ok(())
	}

	/// What [`Pallet::request_withdraw`] does.
	pub(crate) fn do_request_withdraw(who: T::AccountId, shares: Shares) -> DispatchResult {
		let mut books = Self::books()?;
		let era = Self::active_era();
		let mut position = Self::position(&books, &who, era)?;
		ensure!(shares.0 > 0 && shares <= position.free(), Error::<T>::InsufficientShares);
		let matures_in = era.ensure_add(T::BondingDuration::get())?.ensure_add(EXTRA_ERAS)?;
		let id = books.take_request_id()?;
		position
			.requests
			.try_push(Request { id, shares, matures_in })
			.map_err(|_| Error::<T>::TooManyRequests)?;
		Self::put_position(&who, position);
		Fund::<T>::put(books);
		let shares = shares.0;
		Self::deposit_event(Event::WithdrawalRequested { who, request: id, shares, matures_in });
		Ok(())
	}

	/// The most that [`Pallet::withdraw`] costs.
	pub(crate) fn most_of_withdraw() -> Weight {
		let withheld = T::WeightInfo::collect_withheld(T::MaxProvisions::get());
		T::WeightInfo::refuse_withdraw().max(T::WeightInfo::withdraw()).max(withheld)
	}

	/// What [`Pallet::withdraw`] does: pays for a request, or what was withheld from it. Charged for which
	/// of the two it was. What is refused before anything was computed is charged for a few reads.
	pub(crate) fn do_withdraw(who: T::AccountId, id: RequestId) -> DispatchResultWithPostInfo {
		let refused = |error: Error<T>| error.with_weight(T::WeightInfo::refuse_withdraw());
		if let Some(withheld) = Self::leaver(id).map_err(refused)? {
			ensure!(withheld.owner == who, refused(Error::<T>::UnknownRequest));
			let parts = u32::try_from(withheld.parts.len()).unwrap_or(u32::MAX);
			let weight = T::WeightInfo::collect_withheld(parts);
			return Self::charged(weight, Self::pay_withheld(id, withheld));
		}
		let (request, books, position) = Self::matured_request(&who, id).map_err(refused)?;
		let paid = Self::pay_request(who, request, books, position);
		Self::charged(T::WeightInfo::withdraw(), paid)
	}

	fn charged(weight: Weight, result: DispatchResult) -> DispatchResultWithPostInfo {
		result.map(|()| Some(weight).into()).map_err(|error| error.with_weight(weight))
	}

	/// Request `id` of `who` if it can be paid now, the books, and what `who` has without it.
	fn matured_request(
		who: &T::AccountId,
		id: RequestId,
	) -> Result<(Request, FundState, PositionOf<T>), Error<T>> {
		ensure!(T::Pool::reports_fresh(), Error::<T>::ReportsPending);
		let books = Self::books()?;
		let mut position = Self::underwriter(who)?;
		ensure!(position.class == books.class(), Error::<T>::UnknownRequest);
		let found = position.requests.iter().position(|request| request.id == id);
		let index = found.ok_or(Error::<T>::UnknownRequest)?;
		let request = position.requests.remove(index);
		let era = Self::active_era();
		ensure!(era >= request.matures_in, Error::<T>::NotMature);
		ensure!(era < request.lapses_in(books.blocked()), Error::<T>::Lapsed);
		Ok((request, books, position))
	}

	/// Pays for the shares of `request`, without their part of open reports.
	fn pay_request(
		who: T::AccountId,
		request: Request,
		mut books: FundState,
		mut position: PositionOf<T>,
	) -> DispatchResult {
		let Request { id, shares, .. } = request;
		let mut provisions = ProvisionLedger::new(Self::provisions()?);
		let Departure { assets, withheld, parts } =
			provisions.leave(&mut books, shares, Self::now()).map_err(Self::cannot_leave)?;
		position.shares = Shares(position.shares.0.ensure_sub(shares.0)?);
		Self::send(&who, assets)?;
		if withheld.0 > 0 {
			Provisions::<T>::put(provisions.into_inner());
			Leavers::<T>::insert(id, WithheldOf::<T> { owner: who.clone(), parts });
		}
		Self::put_position(&who, position);
		Fund::<T>::put(books);
		Self::deposit_event(Event::Withdrawn {
			who,
			request: id,
			shares: shares.0,
			assets: assets.0,
			withheld: withheld.0,
		});
		Ok(())
	}

	fn cannot_leave(reason: CannotLeave) -> DispatchError {
		match reason {
			CannotLeave::AllWithheld => Error::<T>::AllWithheld.into(),
			CannotLeave::NoRoom => Error::<T>::NoRoomToWithhold.into(),
			CannotLeave::Arithmetic(error) => error.into(),
		}
	}

	/// Pays what was withheld from request `id` for reports that are resolved.
	fn pay_withheld(id: RequestId, mut withheld: WithheldOf<T>) -> DispatchResult {
		let mut books = Self::books()?;
		let (mut assets, mut dust, mut resolved): (Balance, Balance, bool) = (0, 0, false);
		let mut open = BoundedVec::new();
		for part in withheld.parts {
			let Some(mut outcome) = Self::outcome(part.provision())? else {
				if open.try_push(part).is_err() {
					defensive!("no more parts are open than there were");
					return Err(Error::<T>::NoRoomToWithhold.into());
				}
				continue;
			};
			resolved = true;
			assets.saturating_accrue(outcome.pay_out(&part).0);
			match outcome.dust() {
				Some(left) => {
					dust.saturating_accrue(left.0);
					Outcomes::<T>::remove(part.provision());
				},
				None => Outcomes::<T>::insert(part.provision(), outcome),
			}
		}
		ensure!(resolved, Error::<T>::AllWithheld);
		books.pay_withheld(Assets(assets), Assets(dust))?;
		let who = withheld.owner.clone();
		Self::send(&who, Assets(assets))?;
		withheld.parts = open;
		Leavers::<T>::set(id, Some(withheld).filter(|withheld| !withheld.parts.is_empty()));
		Fund::<T>::put(books);
		Self::deposit_event(Event::WithheldPaid { who, request: id, assets });
		Ok(())
	}
}
