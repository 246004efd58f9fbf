// SPDX-License-Identifier: Apache-2.0

//! Blocks and eras.

use crate::Config;
use holdfast_primitives::{EraIndex, ValidatorInfo};
use sp_runtime::traits::UniqueSaturatedInto;

/// The block that is executed.
pub(crate) fn now<T: Config>() -> u32 {
	frame_system::Pallet::<T>::block_number().unique_saturated_into()
}

/// The era whose validators are at work. Zero before the first one.
pub(crate) fn active_era<T: Config>() -> EraIndex {
	T::Validators::active_era().unwrap_or_default()
}

/// Eras after which nothing that was done before can be slashed any more: an offence has no
/// consequence after the bonding duration, and its slash lands an era later at most.
pub(crate) fn liability<T: Config>() -> EraIndex {
	T::Validators::bonding_duration().saturating_add(2)
}
