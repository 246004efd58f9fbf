// SPDX-License-Identifier: Apache-2.0

//! One file per topic; `story.rs` is the whole life of a deposit.

mod bars;
mod deposits;
mod eras;
mod redemptions;
mod rewards;
mod slashes;
mod story;
