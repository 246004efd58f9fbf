// SPDX-License-Identifier: Apache-2.0

//! The parameters in force, and how governance sets others.

use crate::{
	accounts::now, books::PoolState, parameters::Parameters, records, Config, Error, Event, Pallet,
	Pool,
};
use frame_support::{ensure, traits::Get};
use holdfast_primitives::Schedule;
use sp_runtime::DispatchResult;

/// What governance has set, and for later.
pub(crate) fn schedule<T: Config>(pool: &PoolState) -> Schedule<Parameters> {
	pool.parameters()
		.unwrap_or_else(|| Schedule { current: T::DefaultParameters::get(), next: None })
}

/// The parameters that act in this block.
pub(crate) fn parameters<T: Config>(pool: &PoolState) -> Parameters {
	schedule::<T>(pool).at(now::<T>())
}

/// Does what [`Pallet::set_parameters`] says.
pub(crate) fn set_parameters<T: Config>(parameters: Parameters) -> DispatchResult {
	ensure!(
		parameters.within(&T::MinParameters::get(), &T::MaxParameters::get()),
		Error::<T>::ParameterOutOfBounds
	);
	let mut pool = records::pool::<T>()?;
	let mut schedule = schedule::<T>(&pool);
	let from = schedule.set(parameters, T::ParametersDelay::get(), now::<T>())?;
	pool.set_parameters(schedule);
	Pool::<T>::put(pool);
	Pallet::<T>::deposit_event(Event::ParametersSet { parameters, from });
	Ok(())
}
