// SPDX-License-Identifier: Apache-2.0

//! What the Holdfast pallets have in common: types, share maths, and the traits through which
//! they know each other and the chain's staking pallet. No storage lives here.

#![cfg_attr(not(feature = "std"), no_std)]

extern crate alloc;

pub mod api;
pub mod cover;
pub mod shares;
pub mod staking;
pub mod stream;

pub use api::{RedemptionInfo, RedemptionState, StashInfo};
pub use cover::{Loss, LossCover, NoCover};
pub use shares::{Assets, Price, Shares};
pub use sp_staking::EraIndex;
pub use staking::{
	Chunk, Ledger, OnReports, OpenSlash, StakingBackend, StakingError, StakingResult,
	ValidatorSelection,
};
pub use stream::Stream;

/// Amounts of HOLD or stHOLD, in their smallest unit.
pub type Balance = u128;

/// Number of a redemption batch; batches are numbered from 0 in the order in which they open.
pub type BatchId = u32;
