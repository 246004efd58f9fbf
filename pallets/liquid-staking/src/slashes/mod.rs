// SPDX-License-Identifier: Apache-2.0

//! Slashes: from the report, which lowers the exit price, until they land.

mod landing;
mod reports;

pub(crate) use reports::{next_scan_weight, scan_weight, step_scan, unbonding_at_risk, uncovered};
