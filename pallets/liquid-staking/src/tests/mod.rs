// SPDX-License-Identifier: Apache-2.0

//! One file per topic; `story.rs` is the whole life of a deposit.

mod bars;
mod classes;
mod deposits;
mod eras;
mod instant;
mod parameters;
mod redemptions;
mod reports;
mod rewards;
mod slashes;
mod story;
mod timing;
