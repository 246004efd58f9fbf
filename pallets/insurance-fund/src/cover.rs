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
		let mut fund = Fund::<T>::get();
		let (claims, provisions) = (Claims::<T>::get(), Provisions::<T>::get());
		let (reported, provision) = Self::provisioned(&claims, &provisions, loss);
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
		let claim = Self::settle_claim(&mut fund, claims, provisions, loss, reported, &paid);
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

	fn uncovered(open: Balance) -> Balance {
		Fund::<T>::get().uncovered(open)
	}

	fn reported(open: impl Iterator<Item = OpenReport<T::AccountId>>) {
		Self::take_over(open);
	}

	fn reported_weight() -> Weight {
		T::WeightInfo::reported()
	}

	fn dues(reward: Balance, fee: Balance) -> Dues {
		Fund::<T>::get().dues(reward, fee, &Self::parameters())
	}

	fn collected(dues: Dues) {
		Fund::<T>::mutate(|fund| fund.collected(dues, Self::now()));
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

	fn repaid(amount: Balance) {
		Fund::<T>::mutate(|fund| fund.put_aside(amount));
		Self::deposit_event(Event::DebtRepaid { assets: amount });
	}
}
