// SPDX-License-Identifier: Apache-2.0

//! The bonds of operators.
//!
//! - `holding.rs`: an operator bonds more;
//! - `release.rs`: it asks for a part of the bond, or leaves, and gets it back;
//! - `slashes.rs`: the bond pays for a slash.

mod holding;
mod release;
mod slashes;

pub(crate) use holding::bond_more;
pub(crate) use release::{release_bond, request_bond_release};
