// SPDX-License-Identifier: Apache-2.0

//! What bonds could not pay.
//!
//! A debt is owed for a validator, by an identity: the name under which its operator was attested, or the
//! operator's account. The fields are private to this room.
//!
//! - `debt.rs`: what is owed for one validator, and by one identity;
//! - `booking.rs`: books what a slash leaves to be owed, and what is paid of it;
//! - `paying.rs`: payments, by operators and by anybody.

mod booking;
mod debt;
mod paying;

pub(crate) use booking::{adopt, is_owed_by, is_owed_for, owe};
#[cfg(any(feature = "std", feature = "try-runtime"))]
pub(crate) use booking::{debt, owed_by};
pub use debt::{Debt, Owed};
pub(crate) use paying::{pay_all, pay_debt};
