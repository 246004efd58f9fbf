// SPDX-License-Identifier: Apache-2.0

//! What governance does: it sets parameters, which act later.

use crate::{parameters::Parameters, Config, Error, Event, Pallet, ParametersSchedule};
use frame_support::{dispatch::DispatchResult, ensure, traits::Get};

impl<T: Config> Pallet<T> {
	/// What [`Pallet::set_parameters`] does.
	pub(crate) fn do_set_parameters(parameters: Parameters) -> DispatchResult {
		ensure!(
			parameters.within(&T::MinParameters::get(), &T::MaxParameters::get()),
			Error::<T>::ParameterOutOfBounds
		);
		let mut schedule = Self::schedule()?;
		let from = schedule.set(parameters, T::ParametersDelay::get(), Self::now())?;
		ParametersSchedule::<T>::put(schedule);
		Self::deposit_event(Event::ParametersSet { parameters, from });
		Ok(())
	}
}
