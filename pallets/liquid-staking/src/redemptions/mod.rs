// SPDX-License-Identifier: Apache-2.0

//! Redemptions that wait for their assets. All that are requested in one era form a batch.
//!
//! ## The life of a redemption
//!
//! | state | a batch is in it | its price | it bears slashes for offences | ends when |
//! | --- | --- | --- | --- | --- |
//! | open | while requests of the era join it | moves with the pool's | as the holders do | the era is settled: [`close_batch`] |
//! | queued | until enough assets are idle; its era's deposits may pay for it at once, else they unbond | fixed when it closed, before reports | of eras up to the one that closed it | its turn comes, first in, first out: [`fund_next`] |
//! | funded | while its owners claim; its assets lie in the pot, set aside | fixed | none any more | all have claimed: [`claim`] |
//! | withheld | a part of it waits for open reports for which it is liable; that part is still in the queue | as in the queue | as in the queue, with that part | no such report is open: [`fund_next`] releases what is left, and owners claim again |
//!
//! When a class of shares is closed, all that is left of it is owed to a last batch, whose redemptions
//! are the tokens of that class: [`close_class`], [`claim_class`].
//!
//! The batch is a record of the books (`PoolState`) while it is open, of `Queue` while it is queued, of
//! `Batches` when it is funded, and of the latter two while a part is withheld. What each owner has in
//! it is a record of `Redemptions` from the request to the last claim.

mod claims;
mod open;
mod queue;

pub(crate) use claims::{claim, claim_class};
pub(crate) use open::request_redeem;
pub(crate) use queue::{close_batch, close_class, fund_next, pay_leftover};
