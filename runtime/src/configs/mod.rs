// SPDX-License-Identifier: GPL-3.0-only

//! How each pallet is configured, one module per concern.

#![warn(missing_docs)]

pub mod assets;
pub mod consensus;
pub mod governance;
pub mod guard;
pub mod insurance_fund;
pub mod liquid_staking;
pub mod monetary;
pub mod operators;
pub mod parachain;
pub mod staking;
pub mod system;
pub mod xcm;
