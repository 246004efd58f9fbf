// SPDX-License-Identifier: Apache-2.0

//! The pool on the real runtime: real elections, payouts, offences and slashes.

#![allow(missing_docs)]

mod chain;
mod guard;
mod insurance;
mod operators;
mod pool;
mod slashes;
mod soak;
mod voters;
