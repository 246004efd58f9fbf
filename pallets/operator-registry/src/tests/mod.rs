// SPDX-License-Identifier: Apache-2.0

//! One file per topic; `story.rs` is the example of the documentation.

mod attacks;
mod bars;
mod bonds;
mod hostile;
mod operators;
mod properties;
mod scores;
mod selection;
mod story;
