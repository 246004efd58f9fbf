// SPDX-License-Identifier: Apache-2.0

//! What the calls do.

use crate::*;
use frame_support::{ensure, pallet_prelude::*, traits::fungible::Mutate};
use holdfast_primitives::{shares::pro_rata_up, Assets, Balance, EraIndex, InsuredPool, Shares};
use sp_runtime::ArithmeticError;

impl<T: Config> Pallet<T> {
	/// The parameters that act in this block.
	pub(crate) fn parameters() -> Parameters {
		ParametersSchedule::<T>::get().at(Self::now())
	}

	/// What `who` has in the class that is open, without requests that have lapsed.
	pub(crate) fn position(fund: &FundState, who: &T::AccountId, era: EraIndex) -> PositionOf<T> {
		let mut position = Underwriters::<T>::get(who);
		if position.class != fund.class {
			return Position { class: fund.class, ..Default::default() };
		}
		position.requests.retain(|request| era < request.lapses_in());
		position
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
		ensure!(assets >= Self::parameters().min_underwriting, Error::<T>::TooLittle);
		let mut fund = Fund::<T>::get();
		let shares = Self::shares_for(&fund, assets)?;
		ensure!(shares.0 >= min_shares, Error::<T>::SharesBelowMinimum);
		T::Currency::transfer(&who, &Self::account(), assets, Self::KEEP)?;

		let mut position = Self::position(&fund, &who, Self::active_era());
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
		let mut fund = Fund::<T>::get();
		let era = Self::active_era();
		let mut position = Self::position(&fund, &who, era);
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

	pub(crate) fn do_withdraw(who: T::AccountId, id: RequestId) -> DispatchResult {
		if let Some(withheld) = Leavers::<T>::get(id) {
			ensure!(withheld.owner == who, Error::<T>::UnknownRequest);
			return Self::collect(id, withheld);
		}
		ensure!(T::Pool::reports_fresh(), Error::<T>::ReportsPending);
		let (now, era) = (Self::now(), Self::active_era());
		let mut fund = Fund::<T>::get();
		let mut position = Underwriters::<T>::get(&who);
		ensure!(position.class == fund.class, Error::<T>::UnknownRequest);
		let found = position.requests.iter().position(|request| request.id == id);
		let index = found.ok_or(Error::<T>::UnknownRequest)?;
		let request = position.requests.remove(index);
		ensure!(era >= request.matures_in, Error::<T>::NotMature);
		ensure!(era < request.lapses_in(), Error::<T>::Lapsed);

		let exit = fund.exit(request.shares, now).ok_or(ArithmeticError::Overflow)?;
		let mut provisions = Provisions::<T>::get();
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
		let mut fund = Fund::<T>::get();
		let (mut assets, mut dust, mut settled): (Balance, Balance, bool) = (0, 0, false);
		withheld.parts.retain(|part| {
			let Some(mut outcome) = Outcomes::<T>::get(part.provision) else { return true };
			settled = true;
			assets = assets.saturating_add(outcome.collect(part));
			if outcome.parts == 0 {
				dust = dust.saturating_add(outcome.assets);
				Outcomes::<T>::remove(part.provision);
			} else {
				Outcomes::<T>::insert(part.provision, outcome);
			}
			false
		});
		ensure!(settled, Error::<T>::AllWithheld);
		fund.collect(assets, dust)?;
		let who = withheld.owner.clone();
		T::Currency::transfer(&Self::account(), &who, assets, Self::KEEP)?;
		Leavers::<T>::set(id, Some(withheld).filter(|withheld| !withheld.parts.is_empty()));
		Fund::<T>::put(fund);
		Self::deposit_event(Event::WithheldPaid { who, request: id, assets });
		Ok(())
	}

	pub(crate) fn do_top_up(who: T::AccountId, assets: Balance) -> DispatchResult {
		ensure!(assets > 0, Error::<T>::TooLittle);
		T::Currency::transfer(&who, &Self::account(), assets, Self::KEEP)?;
		Fund::<T>::mutate(|fund| fund.put_aside(assets));
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
		ParametersSchedule::<T>::mutate(|schedule| {
			*schedule = schedule.then(from, parameters, now);
		});
		Self::deposit_event(Event::ParametersSet { parameters, from });
		Ok(())
	}
}
