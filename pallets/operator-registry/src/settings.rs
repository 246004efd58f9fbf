// SPDX-License-Identifier: Apache-2.0

//! The parameters that act, and how governance sets others.

use crate::{
	clock::now, failures::unreadable, parameters::Parameters, Config, DefaultSchedule, Error,
	Event, Pallet, ParametersSchedule,
};
use frame_support::{ensure, traits::Get};
use holdfast_primitives::{stored, Schedule};
use sp_runtime::DispatchResult;

/// The parameters that act, and those that follow them.
pub(crate) fn schedule<T: Config>() -> Result<Schedule<Parameters>, Error<T>> {
	Ok(stored::value::<ParametersSchedule<T>, _>()?.unwrap_or_else(DefaultSchedule::<T>::get))
}

/// The parameters that act in this block.
pub(crate) fn parameters<T: Config>() -> Result<Parameters, Error<T>> {
	Ok(schedule::<T>()?.at(now::<T>()))
}

/// The parameters that act in this block, for what cannot fail. If they cannot be decoded, the default
/// ones act, which are safe, and what is stored is left as it is.
pub(crate) fn parameters_or_default<T: Config>() -> Parameters {
	parameters::<T>().unwrap_or_else(|_| {
		unreadable("the parameters");
		T::DefaultParameters::get()
	})
}

/// Does what [`Pallet::set_parameters`] says.
pub(crate) fn set_parameters<T: Config>(parameters: Parameters) -> DispatchResult {
	ensure!(
		parameters.within(&T::MinParameters::get(), &T::MaxParameters::get()),
		Error::<T>::ParameterOutOfBounds
	);
	let mut schedule = schedule::<T>()?;
	let from = schedule.set(parameters, T::ParametersDelay::get(), now::<T>())?;
	ParametersSchedule::<T>::put(schedule);
	Pallet::<T>::deposit_event(Event::ParametersSet { parameters, from });
	Ok(())
}
