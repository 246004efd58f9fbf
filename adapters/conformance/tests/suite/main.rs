// SPDX-License-Identifier: Apache-2.0

//! The suite on each staking pallet for which there is an adapter.

mod pallet_staking;
mod pallet_staking_async;
