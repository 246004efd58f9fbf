// SPDX-License-Identifier: Apache-2.0

//! Answers to questions.

use crate::*;
use frame_support::traits::Get;
use holdfast_primitives::{Coverage, EraIndex, InsuredPool, OperatorBonds, Paid, Payout};
use sp_runtime::Perbill;

impl<T: Config> Pallet<T> {
	pub(crate) fn view_coverage() -> Coverage {
		let fund = Fund::<T>::get();
		Coverage {
			assets: fund.capital(),
			underwriters: fund.underwriting,
			reserve: fund.reserve,
			target: fund.target,
			ratio: fund.ratio(),
			provisional: fund.reported,
			premium: fund.premium_rate(&Self::parameters()),
		}
	}

	pub(crate) fn view_payout(validator: &T::AccountId, fraction: Perbill) -> Payout {
		let fund = Fund::<T>::get();
		let loss = fraction.mul_ceil(T::Pool::stake_with(validator));
		let operator = T::Bonds::bond(validator).min(loss);
		let rest = loss.saturating_sub(operator);
		// In this era or in a later one, whichever the reserve would pay more in; and nobody who has
		// left is liable for what is not reported.
		let era = T::ActiveEra::get().unwrap_or_default();
		let [now, later] = [era, EraIndex::MAX].map(|era| fund.split(rest, 0, era));
		let paid = Paid { operator, ..if now.reserve > later.reserve { now } else { later } };
		Payout { loss, paid, uncovered: loss.saturating_sub(paid.total()) }
	}
}
