// SPDX-License-Identifier: GPL-3.0-only

//! The pool on the real runtime: real elections, payouts, offences and slashes.

#![allow(missing_docs)]

mod book;
mod calls;
mod chain;
mod guard;
mod insurance;
mod operators;
mod pool;
mod proxies;
mod slashes;
mod soak;
mod voters;
mod xcm;
