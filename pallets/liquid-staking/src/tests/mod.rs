// SPDX-License-Identifier: Apache-2.0

//! One file per topic; `story.rs` is the whole life of a deposit, and `model/` compares the pool
//! with a simple model of it over random sequences of steps.

mod audit;
mod bars;
mod classes;
mod cover;
mod deposits;
mod encoding;
mod eras;
mod instant;
mod model;
mod parameters;
mod redemptions;
mod reports;
mod rewards;
mod slashes;
mod story;
mod timing;
mod upgrades;
mod views;
