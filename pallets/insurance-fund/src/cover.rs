// SPDX-License-Identifier: Apache-2.0

//! What the fund is for: it pays when a slash lands, and gets its dues.

use crate::*;
use frame_support::{storage::with_storage_layer, traits::fungible::Mutate};
use holdfast_primitives::{
	Balance, DebtSink, Dues, Loss, LossCover, OpenReport, OperatorBonds, Paid,
};
use sp_runtime::Weight;

impl<T: Config> LossCover<T::AccountId> for Pallet<T> {
	/// Pays for a loss: the bond of the operator first, then underwriters together with those who
	/// have left and are still liable for it, then the reserve.
	///
	/// Reads its arguments and the fund's own records only. A constant number of reads and writes,
	/// whatever the number of underwriters; nothing here fails.
	fn cover(loss: &Loss<T::AccountId>, to: &T::AccountId) -> Balance {
		if loss.amount == 0 {
			return 0;
		}
		let operator = loss
			.validator
			.as_ref()
			.map_or(0, |validator| T::Bonds::pay(validator, loss.amount, to))
			.min(loss.amount);
		let rest = loss.amount.saturating_sub(operator);
		let now = Self::now();
		// Without books the bond alone pays.
		let Some(mut fund) = Self::or_tell(Ledger::Fund, Self::books()) else { return operator };
		let claims = Self::or_tell(Ledger::Claims, Self::open_claims());
		let provisions = Self::or_tell(Ledger::Provisions, Self::provisions());
		let known = claims.zip(provisions);
		let (reported, provision) = Self::provisioned(known.as_ref(), loss);
		let leavers = provision.map_or(0, |provision| provision.leavers_part(rest.min(reported)));
		let due = fund.split(rest, leavers, loss.applied_in);
		let moved = due.by_fund() == 0
			|| with_storage_layer(|| {
				T::Currency::transfer(&Self::account(), to, due.by_fund(), Self::KEEP)
			})
			.inspect_err(
				|error| log::error!(target: LOG_TARGET, "a loss could not be paid: {error:?}"),
			)
			.is_ok();
		let due = if moved { due } else { Paid::default() };
		let closed = fund.pay(&due, loss.applied_in, now);
		let paid = Paid { operator, ..due };
		// What leavers bear is rounded, which may spare the others less than was counted.
		let rounding = provision.map_or(0, |provision| provision.locked.min(1));
		fund.lose_bonds(operator.saturating_add(rounding));
		let claim = Self::settle_claim(&mut fund, known, loss, reported, &paid);
		if let Some(era) = fund.era {
			fund.note_blocked(era, now);
		}
		Fund::<T>::put(fund);
		Self::deposit_event(Event::LossCovered {
			claim,
			stash: loss.stash.clone(),
			validator: loss.validator.clone(),
			loss: loss.amount,
			paid,
		});
		if let Some((class, rest)) = closed {
			Self::deposit_event(Event::ClassClosed { class, rest });
		}
		paid.total()
	}

	/// One read: what bonds will pay is counted when reports are told. All of it if the books cannot be
	/// read, which then pay nothing.
	fn uncovered(open: Balance) -> Balance {
		Self::books().map_or(open, |fund| fund.uncovered(open))
	}

	fn reported(open: impl Iterator<Item = OpenReport<T::AccountId>>) {
		Self::take_over(open);
	}

	fn reported_weight() -> Weight {
		T::WeightInfo::reported()
	}

	/// Nothing if the books or the parameters cannot be read.
	fn dues(reward: Balance, fee: Balance) -> Dues {
		let fund = Self::or_tell(Ledger::Fund, Self::books());
		let parameters = Self::or_tell(Ledger::Parameters, Self::parameters());
		fund.zip(parameters)
			.map_or_else(Dues::default, |(fund, parameters)| fund.dues(reward, fee, &parameters))
	}

	/// What cannot be booked is swept into the reserve when the books can be read again.
	fn collected(dues: Dues) {
		let Some(mut fund) = Self::or_tell(Ledger::Fund, Self::books()) else { return };
		fund.collected(dues, Self::now());
		Fund::<T>::put(fund);
		Self::deposit_event(Event::Collected { premium: dues.premium, fee: dues.fee });
	}

	fn collect_weight() -> Weight {
		T::WeightInfo::collect()
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
		let Some(mut fund) = Self::or_tell(Ledger::Fund, Self::books()) else { return };
		fund.put_aside(amount);
		Fund::<T>::put(fund);
		Self::deposit_event(Event::DebtRepaid { assets: amount });
	}

	/// As if what is released had been counted.
	fn released(amount: Balance) {
		let Some(mut fund) = Self::or_tell(Ledger::Fund, Self::books()) else { return };
		if fund.bonds > 0 {
			fund.lose_bonds(amount);
			Fund::<T>::put(fund);
		}
	}
}
