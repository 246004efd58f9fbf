// SPDX-License-Identifier: Apache-2.0

//! What the calls do.

use crate::*;
use frame_support::{
	dispatch::WithPostDispatchInfo, ensure, pallet_prelude::*, traits::fungible::Mutate,
};
use holdfast_primitives::{shares::pro_rata_up, Assets, Balance, EraIndex, InsuredPool, Shares};
use sp_runtime::ArithmeticError;

impl<T: Config> Pallet<T> {
	/// What `who` has in the class that is open, without requests that have lapsed.
	pub(crate) fn position(
		fund: &FundState,
		who: &T::AccountId,
		era: EraIndex,
	) -> Result<PositionOf<T>, Error<T>> {
		let mut position = Self::underwriter(who)?;
		if position.class != fund.class {
			return Ok(Position { class: fund.class, ..Default::default() });
		}
		position.requests.retain(|request| era < request.lapses_in(fund.blocked));
		Ok(position)
	}

	fn keep(who: &T::AccountId, position: PositionOf<T>) {
		if position.shares > 0 {
			Underwriters::<T>::insert(who, position);
		} else {
			Underwriters::<T>::remove(who);
		}
	}

	fn active_era() -> EraIndex {
		T::ActiveEra::get().unwrap_or_default()
	}

	pub(crate) fn do_underwrite(
		who: T::AccountId,
		assets: Balance,
		min_shares: Balance,
	) -> DispatchResult {
		ensure!(assets >= Self::parameters()?.min_underwriting, Error::<T>::TooLittle);
		let mut fund = Self::books()?;
		let shares = Self::shares_for(&fund, assets)?;
		ensure!(shares.0 >= min_shares, Error::<T>::SharesBelowMinimum);
		T::Currency::transfer(&who, &Self::account(), assets, Self::KEEP)?;

		let mut position = Self::position(&fund, &who, Self::active_era())?;
		position.shares = position.shares.checked_add(shares.0).ok_or(ArithmeticError::Overflow)?;
		Self::keep(&who, position);
		fund.enter(Assets(assets), shares)?;
		Fund::<T>::put(fund);
		Self::deposit_event(Event::Underwritten { who, assets, shares: shares.0 });
		Ok(())
	}

	/// Shares that `assets` buy now: at least one.
	pub(crate) fn shares_for(fund: &FundState, assets: Balance) -> Result<Shares, DispatchError> {
		let shares =
			fund.entry_price().to_shares(Assets(assets)).ok_or(ArithmeticError::Overflow)?;
		ensure!(shares.0 > 0, Error::<T>::SharesBelowMinimum);
		Ok(shares)
	}

	pub(crate) fn do_request_withdraw(who: T::AccountId, shares: Balance) -> DispatchResult {
		let mut fund = Self::books()?;
		let era = Self::active_era();
		let mut position = Self::position(&fund, &who, era)?;
		ensure!(shares > 0 && shares <= position.free(), Error::<T>::InsufficientShares);
		let matures_in = era
			.checked_add(T::BondingDuration::get())
			.and_then(|era| era.checked_add(EXTRA_ERAS))
			.ok_or(ArithmeticError::Overflow)?;
		let id = fund.next_request;
		fund.next_request = id.checked_add(1).ok_or(ArithmeticError::Overflow)?;
		position
			.requests
			.try_push(Request { id, shares, matures_in })
			.map_err(|_| Error::<T>::TooManyRequests)?;
		Self::keep(&who, position);
		Fund::<T>::put(fund);
		Self::deposit_event(Event::WithdrawalRequested { who, request: id, shares, matures_in });
		Ok(())
	}

	/// The most that [`Pallet::withdraw`] costs.
	pub(crate) fn most_of_withdraw() -> Weight {
		let collected = T::WeightInfo::collect_withheld(T::MaxProvisions::get());
		T::WeightInfo::refuse_withdraw().max(T::WeightInfo::withdraw()).max(collected)
	}

	/// Pays for a request, or what was withheld of it. Charged for which of the two it was; and what is
	/// refused before anything was computed, for a few reads.
	pub(crate) fn do_withdraw(who: T::AccountId, id: RequestId) -> DispatchResultWithPostInfo {
		let refused = |error: Error<T>| error.with_weight(T::WeightInfo::refuse_withdraw());
		if let Some(withheld) = Self::leaver(id).map_err(refused)? {
			ensure!(withheld.owner == who, refused(Error::<T>::UnknownRequest));
			let parts = u32::try_from(withheld.parts.len()).unwrap_or(u32::MAX);
			return Self::charged(
				T::WeightInfo::collect_withheld(parts),
				Self::collect(id, withheld),
			);
		}
		let (request, fund, position) = Self::mature(&who, id).map_err(refused)?;
		Self::charged(T::WeightInfo::withdraw(), Self::leave(who, request, fund, position))
	}

	fn charged(weight: Weight, result: DispatchResult) -> DispatchResultWithPostInfo {
		result.map(|()| Some(weight).into()).map_err(|error| error.with_weight(weight))
	}

	/// Request `id` of `who` if it can be followed up, the books, and what `who` has without it.
	fn mature(
		who: &T::AccountId,
		id: RequestId,
	) -> Result<(Request, FundState, PositionOf<T>), Error<T>> {
		ensure!(T::Pool::reports_fresh(), Error::<T>::ReportsPending);
		let fund = Self::books()?;
		let mut position = Self::underwriter(who)?;
		ensure!(position.class == fund.class, Error::<T>::UnknownRequest);
		let found = position.requests.iter().position(|request| request.id == id);
		let index = found.ok_or(Error::<T>::UnknownRequest)?;
		let request = position.requests.remove(index);
		let era = Self::active_era();
		ensure!(era >= request.matures_in, Error::<T>::NotMature);
		ensure!(era < request.lapses_in(fund.blocked), Error::<T>::Lapsed);
		Ok((request, fund, position))
	}

	/// Pays for the shares of `request`, but for their part of open reports.
	fn leave(
		who: T::AccountId,
		request: Request,
		mut fund: FundState,
		mut position: PositionOf<T>,
	) -> DispatchResult {
		let now = Self::now();
		let exit = fund.exit(request.shares, now).ok_or(ArithmeticError::Overflow)?;
		let mut provisions = Self::provisions()?;
		let mut parts = BoundedVec::default();
		let mut withheld: Balance = 0;
		for provision in provisions.iter_mut() {
			let part = pro_rata_up(provision.liable(), request.shares, fund.shares)
				.ok_or(ArithmeticError::Overflow)?
				.min(provision.liable());
			if part > 0 {
				withheld = withheld.checked_add(part).ok_or(ArithmeticError::Overflow)?;
				parts.try_push(provision.withhold(part)).map_err(|_| ArithmeticError::Overflow)?;
			}
		}
		let assets = exit.assets.checked_sub(withheld).ok_or(Error::<T>::AllWithheld)?;
		// Shares that are worth less than a unit may leave, too.
		ensure!(assets > 0 || withheld == 0, Error::<T>::AllWithheld);
		position.shares =
			position.shares.checked_sub(request.shares).ok_or(ArithmeticError::Underflow)?;
		fund.leave(request.shares, exit, withheld, now)?;
		T::Currency::transfer(&Self::account(), &who, assets, Self::KEEP)?;
		let id = request.id;
		if withheld > 0 {
			Provisions::<T>::put(provisions);
			Leavers::<T>::insert(id, Withheld { owner: who.clone(), parts });
		}
		Self::keep(&who, position);
		Fund::<T>::put(fund);
		let shares = request.shares;
		Self::deposit_event(Event::Withdrawn { who, request: id, shares, assets, withheld });
		Ok(())
	}

	/// Pays what was withheld for reports that are not open any more.
	fn collect(id: RequestId, mut withheld: WithheldOf<T>) -> DispatchResult {
		let mut fund = Self::books()?;
		let (mut assets, mut dust, mut settled): (Balance, Balance, bool) = (0, 0, false);
		let mut open = BoundedVec::default();
		for part in withheld.parts {
			let Some(mut outcome) = Self::outcome(part.provision)? else {
				open.try_push(part).map_err(|_| ArithmeticError::Overflow)?;
				continue;
			};
			settled = true;
			assets = assets.saturating_add(outcome.collect(&part));
			if outcome.parts == 0 {
				dust = dust.saturating_add(outcome.assets);
				Outcomes::<T>::remove(part.provision);
			} else {
				Outcomes::<T>::insert(part.provision, outcome);
			}
		}
		ensure!(settled, Error::<T>::AllWithheld);
		fund.collect(assets, dust)?;
		let who = withheld.owner.clone();
		T::Currency::transfer(&Self::account(), &who, assets, Self::KEEP)?;
		withheld.parts = open;
		Leavers::<T>::set(id, Some(withheld).filter(|withheld| !withheld.parts.is_empty()));
		Fund::<T>::put(fund);
		Self::deposit_event(Event::WithheldPaid { who, request: id, assets });
		Ok(())
	}

	pub(crate) fn do_top_up(who: T::AccountId, assets: Balance) -> DispatchResult {
		ensure!(assets > 0, Error::<T>::TooLittle);
		let mut fund = Self::books()?;
		T::Currency::transfer(&who, &Self::account(), assets, Self::KEEP)?;
		fund.put_aside(assets);
		Fund::<T>::put(fund);
		Self::deposit_event(Event::ReserveToppedUp { who, assets });
		Ok(())
	}

	pub(crate) fn do_set_parameters(parameters: Parameters) -> DispatchResult {
		ensure!(
			parameters.within(&T::MinParameters::get(), &T::MaxParameters::get()),
			Error::<T>::ParameterOutOfBounds
		);
		let now = Self::now();
		let from = now.checked_add(T::ParametersDelay::get()).ok_or(ArithmeticError::Overflow)?;
		ParametersSchedule::<T>::put(Self::schedule()?.then(from, parameters, now));
		Self::deposit_event(Event::ParametersSet { parameters, from });
		Ok(())
	}
}
