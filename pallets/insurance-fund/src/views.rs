// SPDX-License-Identifier: Apache-2.0

//! Answers to questions.

use crate::*;
use frame_support::traits::Get;
use holdfast_primitives::{Coverage, EraIndex, InsuredPool, OperatorBonds, Paid, Payout};
use sp_runtime::Perbill;

impl<T: Config> Pallet<T> {
	pub(crate) fn view_coverage() -> Coverage {
		let (fund, parameters) = match (Self::books(), Self::parameters()) {
			(Ok(fund), Ok(parameters)) => (fund, parameters),
			// A fund that cannot be read pays nothing.
			_ => (FundState { target: 1, ..Default::default() }, T::DefaultParameters::get()),
		};
		Coverage {
			assets: fund.capacity(),
			underwriters: fund.underwriting,
			reserve: fund.payable_reserve(),
			target: fund.target,
			ratio: fund.ratio(),
			provisional: fund.reported,
			premium: fund.premium_rate(&parameters),
			reserve_held: fund.reserve,
		}
	}

	pub(crate) fn view_payout(validator: &T::AccountId, fraction: Perbill) -> Payout {
		let fund = Self::books().unwrap_or_default();
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
