// SPDX-License-Identifier: Apache-2.0

//! What the registry has on record of operators and validators.
//!
//! The fields are private to this room. They change only through verbs.
//!
//! - `operator.rs`: an operator, with its profile, bond and validators;
//! - `suspension.rs`: for how long a guardian has suspended an operator;
//! - `validator.rs`: a validator, and when it joins, leaves and is forgotten;
//! - `track.rs`: what a validator's record learns from an era;
//! - `standing.rs`: what a validator has at stake, and what it has still to show;
//! - `reading.rs`: reads them, so that nothing broken is taken for nothing.

mod operator;
mod reading;
mod standing;
mod suspension;
mod track;
mod validator;

pub use operator::{Operator, Release, MOST_VALIDATORS};
pub(crate) use reading::{guardian_run, operator, standing, validator};
pub use standing::Standing;
pub use suspension::GuardianRun;
pub(crate) use track::Sample;
pub(crate) use validator::Terms;
pub use validator::Validator;
#[cfg(test)]
pub(crate) use validator::IDLE_ERAS;
