// SPDX-License-Identifier: Apache-2.0

//! How validators come and go.
//!
//! - `joining.rs`: an operator adds a validator, and the validator confirms;
//! - `leaving.rs`: one of them takes it out;
//! - `forgetting.rs`: it is taken off the record, when nothing it did can be slashed any more.

mod forgetting;
mod joining;
mod leaving;

pub(crate) use forgetting::{forget, forget_of, forget_validator};
pub(crate) use joining::{add_validator, confirm_validator, join};
pub(crate) use leaving::remove_validator;
