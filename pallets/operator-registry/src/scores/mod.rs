// SPDX-License-Identifier: Apache-2.0

//! The scores of all validators, once in an era: page by page, in steps of bounded cost.
//!
//! - `score.rs`: a score, and whether a validator may be nominated;
//! - `round.rs`: the round of an era, and what it has found;
//! - `steps.rs`: the steps of a round;
//! - `pages.rs`: the step that scores a page of validators;
//! - `observe.rs`: what the staking pallet knows of a validator, and what the record learns from it;
//! - `judge.rs`: whether the validator may be nominated;
//! - `value.rs`: what is expected to be paid for it.

mod judge;
mod observe;
mod pages;
mod round;
mod score;
mod steps;
mod value;

#[cfg(feature = "runtime-benchmarks")]
pub(crate) use pages::score_page;
#[cfg(feature = "runtime-benchmarks")]
pub(crate) use round::MAX_EXPOSURE_PAGES;
pub(crate) use round::{all, current, readable};
pub use round::{Round, PAGE};
pub use score::{Fitness, Score};
#[cfg(feature = "runtime-benchmarks")]
pub(crate) use steps::{begin, finish};
pub(crate) use steps::{step, step_weight};
