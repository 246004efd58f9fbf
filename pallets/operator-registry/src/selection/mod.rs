// SPDX-License-Identifier: Apache-2.0

//! The validator that each stash nominates, and how well the pool's stake is spread.
//!
//! - `select.rs`: answers the pool, and notes what was planned;
//! - `plan.rs`: makes the plan: what the planner is asked, and what its answer means;
//! - `changes.rs`: what a plan changes, and why;
//! - `stakes.rs`: what the stashes stake, and how much of that a cap allows;
//! - `clusters.rs`: the clusters of the validators, numbered, with their caps;
//! - `coverage.rs`: how much stake the bonds and own stakes of operators cover;
//! - `spread.rs`: how well the stake is spread, and what the pool may lose.

mod changes;
mod clusters;
mod coverage;
mod plan;
mod select;
mod spread;
mod stakes;

pub use changes::{Planned, PlannedChange, Reason};
pub(crate) use plan::plan;
pub use spread::{Diversification, Spread};

#[cfg(test)]
pub(crate) use select::note_plan;
#[cfg(test)]
pub(crate) use stakes::Stakes;
