// SPDX-License-Identifier: Apache-2.0

#![doc = include_str!("../README.md")]
#![cfg_attr(not(feature = "std"), no_std)]
#![cfg_attr(
	not(test),
	deny(
		clippy::arithmetic_side_effects,
		clippy::expect_used,
		clippy::indexing_slicing,
		clippy::panic,
		clippy::unwrap_used
	)
)]

extern crate alloc;

pub mod api;
pub mod cover;
pub mod fund_api;
pub mod operators;
pub mod schedule;
pub mod shares;
pub mod staking;
pub mod stored;
pub mod stream;
pub mod validators;

pub use api::{InstantCapacity, RedemptionInfo, RedemptionState, StashInfo};
pub use cover::{Dues, InsuredPool, Loss, LossCover, NoCover, OpenReport};
pub use fund_api::{ClaimId, ClaimInfo, ClaimState, Coverage, Paid, Payout};
pub use operators::{DebtSink, Equivocation, OperatorBonds, OperatorRisk, SlashModel};
pub use schedule::Schedule;
pub use shares::{Assets, Price, Shares};
pub use sp_staking::EraIndex;
pub use staking::{
	Chunk, Ledger, OnReports, StakingBackend, StakingError, StakingResult, StashReport,
	StashToPlace, ValidatorSelection,
};
pub use stream::Stream;
pub use validators::{Preferences, StashAccounts, ValidatorInfo, ValidatorSet};

/// Amounts of HOLD or stHOLD, in their smallest unit.
pub type Balance = u128;

/// Number of a redemption batch; batches are numbered from 0 in the order in which they open.
pub type BatchId = u32;
