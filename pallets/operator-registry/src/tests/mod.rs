// SPDX-License-Identifier: Apache-2.0

//! One file per topic; `story.rs` is the example of the documentation.

mod attacks;
mod bars;
mod bonds;
mod encoding;
mod hostile;
mod migrations;
mod operators;
mod parameters;
mod properties;
mod scores;
mod selection;
mod story;
