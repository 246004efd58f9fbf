// SPDX-License-Identifier: GPL-3.0-only

//! Weights of other people's pallets, benchmarked on this runtime. Written by `make weights`.

pub mod pallet_bags_list;
pub mod pallet_staking;
