// SPDX-License-Identifier: Apache-2.0

//! The fund's account, its time, and what it does once an era.

use crate::*;
use frame_support::{
	traits::{fungible::Inspect, tokens::Fortitude, Get},
	weights::WeightMeter,
};
use holdfast_primitives::{Balance, EraIndex, OperatorRisk, SlashModel};
use sp_runtime::traits::{AccountIdConversion, UniqueSaturatedInto};

impl<T: Config> Pallet<T> {
	/// The account that holds all the fund's assets.
	pub fn account() -> T::AccountId {
		T::PalletId::get().into_account_truncating()
	}

	/// The block that is executed.
	pub(crate) fn now() -> u32 {
		frame_system::Pallet::<T>::block_number().unique_saturated_into()
	}

	pub(crate) fn poll(meter: &mut WeightMeter) {
		if meter.try_consume(T::WeightInfo::on_poll_idle()).is_err() {
			return;
		}
		let Some(era) = T::ActiveEra::get() else { return };
		let Ok(mut fund) = Self::books() else {
			log::error!(target: LOG_TARGET, "the books cannot be decoded");
			return;
		};
		if fund.era == Some(era) || meter.try_consume(T::WeightInfo::begin_era()).is_err() {
			return;
		}
		Self::begin_era(&mut fund, era);
		// Bonds grow, too. Not to count that is no harm.
		if fund.reported > 0 && meter.try_consume(T::WeightInfo::count_bonds()).is_ok() {
			Self::recount(&mut fund);
		}
		Fund::<T>::put(fund);
	}

	/// Counts anew what bonds will pay of the open reports, if these can be read.
	pub(crate) fn recount(fund: &mut FundState) {
		if let (Ok(claims), Ok(provisions)) = (Self::open_claims(), Self::provisions()) {
			fund.bonds = Self::count_bonds(&claims, &provisions, T::MaxBonds::get());
		}
	}

	/// Sweeps what arrived without a call into the reserve, and measures anew what the fund should
	/// have.
	pub(crate) fn begin_era(fund: &mut FundState, era: EraIndex) {
		fund.begin(era, Self::now());
		let swept = Self::surplus(fund);
		fund.put_aside(swept);
		if swept > 0 {
			Self::deposit_event(Event::Swept { assets: swept });
		}
		fund.note_blocked(era, Self::now());
		let Some(parameters) = Self::or_tell(Ledger::Parameters, Self::parameters()) else {
			return;
		};
		fund.slashable = T::Slashes::nominators_slashable();
		let (largest, expected) = if fund.slashable {
			(T::Risk::largest_loss(), T::Risk::expected_loss())
		} else {
			(0, 0)
		};
		fund.target = parameters.target(largest, expected);
		fund.limit = parameters.reserve_limit;
		Self::deposit_event(Event::TargetSet {
			era,
			target: fund.target,
			assets: fund.capacity(),
			premium: fund.premium_rate(&parameters),
		});
	}

	/// What the account holds and no book knows of.
	fn surplus(fund: &FundState) -> Balance {
		T::Currency::reducible_balance(&Self::account(), Self::KEEP, Fortitude::Polite)
			.saturating_sub(fund.total())
	}
}
