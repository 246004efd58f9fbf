// SPDX-License-Identifier: Apache-2.0

//! What governance does: it sets parameters, which act later.

use crate::{parameters::Parameters, Config, Error, Event, Pallet, ParametersSchedule};
use frame_support::{dispatch::DispatchResult, ensure, traits::Get};
use sp_runtime::traits::EnsureAdd;

impl<T: Config> Pallet<T> {
	/// What [`Pallet::set_parameters`] does.
	pub(crate) fn do_set_parameters(parameters: Parameters) -> DispatchResult {
		ensure!(
			parameters.within(&T::MinParameters::get(), &T::MaxParameters::get()),
			Error::<T>::ParameterOutOfBounds
		);
		let now = Self::now();
		let from = now.ensure_add(T::ParametersDelay::get())?;
		ParametersSchedule::<T>::put(Self::schedule()?.then(from, parameters, now));
		Self::deposit_event(Event::ParametersSet { parameters, from });
		Ok(())
	}
}
