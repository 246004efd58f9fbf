// SPDX-License-Identifier: Apache-2.0

//! One file per topic; `story.rs` is the whole life of an insurance, `timing.rs` shows that nobody
//! gains by when they come and go, and `model/` compares the fund with a simple model of it over
//! random sequences of steps.

mod bars;
mod claims;
mod decoding;
mod encoding;
mod eras;
mod figures;
mod ledger;
mod losses;
mod migrations;
mod model;
mod parameters;
mod promises;
mod story;
mod timing;
mod underwriting;
mod withheld;
