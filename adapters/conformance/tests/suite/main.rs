// SPDX-License-Identifier: GPL-3.0-only

//! The suite on each staking pallet for which there is an adapter.

mod pallet_staking;
mod pallet_staking_async;
