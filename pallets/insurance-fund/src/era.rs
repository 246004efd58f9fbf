// SPDX-License-Identifier: Apache-2.0

//! What the fund does in the first block of an era.

use crate::{
	books::FundState, stored::Ledger, Config, Event, Fund, Pallet, WeightInfo, LOG_TARGET,
};
use frame_support::{traits::Get, weights::WeightMeter};
use holdfast_primitives::{Assets, EraIndex, OperatorRisk, SlashModel};

impl<T: Config> Pallet<T> {
	/// Begins an era once it is active, as far as `meter` allows.
	pub(crate) fn poll(meter: &mut WeightMeter) {
		if meter.try_consume(T::WeightInfo::on_poll_idle()).is_err() {
			return;
		}
		let Some(era) = T::ActiveEra::get() else { return };
		let Ok(mut books) = Self::books() else {
			log::error!(target: LOG_TARGET, "the books cannot be decoded");
			return;
		};
		if books.era() == Some(era) || meter.try_consume(T::WeightInfo::begin_era()).is_err() {
			return;
		}
		Self::begin_era(&mut books, era);
		// Bonds grow, too. It does no harm if that is not counted.
		if books.reported().0 > 0 && meter.try_consume(T::WeightInfo::count_bonds()).is_ok() {
			Self::recount_bonds(&mut books);
		}
		Fund::<T>::put(books);
	}

	/// Sweeps what arrived without a call into the reserve, and measures anew what the fund should
	/// have.
	fn begin_era(books: &mut FundState, era: EraIndex) {
		let now = Self::now();
		books.begin_era(era, now);
		Self::sweep(books);
		books.note_blocked(era, now);
		let Some(parameters) = Self::readable(Ledger::Parameters, Self::parameters()) else {
			return;
		};
		let slashable = T::Slashes::nominators_slashable();
		let (largest, expected) =
			if slashable { (T::Risk::largest_loss(), T::Risk::expected_loss()) } else { (0, 0) };
		books.set_target(Assets(parameters.target(largest, expected)), slashable);
		books.set_limit(parameters.reserve_limit);
		Self::deposit_event(Event::TargetSet {
			era,
			target: books.target().0,
			assets: books.capacity().0,
			premium: books.premium_rate(&parameters),
		});
	}
}
