// SPDX-License-Identifier: Apache-2.0

//! Reports, as long as they are open: the claims, the provisions for them, and what leavers bear.
//!
//! Nothing here touches storage. The fields are private to this room; who changes a list of claims or
//! of provisions changes the books with it.
//!
//! - `ledger.rs`: the [`ClaimLedger`], in which claims are opened, applied and released;
//! - `provisions.rs`: the [`ProvisionLedger`], from which leavers take their part of the reports;
//! - `provision.rs`: the reports of one era, and what was withheld for them;
//! - `bonds.rs`: what the bonds of operators will pay of the open claims.

mod bonds;
mod ledger;
mod provision;
mod provisions;

pub use ledger::{Applied, Change, ClaimLedger, Updated};
pub use provision::{Outcome, Provision, ProvisionId, Withheld, WithheldPart};
pub use provisions::{CannotLeave, Departure, NoRoom, ProvisionLedger};
