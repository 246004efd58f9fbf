// SPDX-License-Identifier: Apache-2.0

//! The books: what the pool owns, what it owes, and to whom. Nothing here touches storage.
//!
//! Every field is private to this room. The books change only through verbs, each of which leaves
//! them balanced; everybody else reads them through getters.
//!
//! | file | what it keeps |
//! | --- | --- |
//! | `worth` | nothing of its own: assets, liabilities, prices and the buffer, told from the fields |
//! | `shares` | entering and leaving: shares issued, instant redemptions, the end of a class |
//! | `queue` | the open batch and the closed ones that wait for their assets |
//! | `batch` | funded batches, and what each owner has in them |
//! | `rewards` | rewards that wait, the stream that releases them, and what entrants prepay |
//! | `reports` | slashes that are reported and not applied |
//! | `losses` | slashes that have landed |
//! | `stash` | what each stash stakes and unbonds |
//! | `work` | where the era work stands |
//! | `phase` | the list of its phases, and how far the reports are read |

mod batch;
mod losses;
mod phase;
mod queue;
mod reports;
mod rewards;
mod shares;
mod stash;
mod work;
mod worth;

pub use batch::{Batch, Payment, Redemption, Rest};
pub use phase::{Phase, Scan};
pub use queue::Queued;
pub use reports::Report;
pub use stash::{Nomination, Stash};

pub(crate) use losses::Taken;
pub(crate) use shares::InstantQuote;
pub(crate) use worth::Settlements;

use crate::parameters::Parameters;
use holdfast_primitives::{Balance, BatchId, EraIndex, Schedule, Stream};
use sp_runtime::Perquintill;

/// What the pool owns, what it owes, and where its era work stands.
///
/// One storage item, because every call needs most of it. Amounts are in the smallest unit.
#[frame_support::stored]
#[derive(Default)]
pub struct PoolState {
	/// Assets in the pot that are neither staked nor set aside for a funded batch.
	idle: Balance,
	/// Assets that all stashes stake together.
	bonded: Balance,
	/// Assets that are leaving the stake, over all stashes.
	unbonding: Balance,
	/// Assets that closed batches are still owed.
	owed: Balance,
	/// Assets that were withheld from those who left at once, at the price net of open reports. They
	/// pay the part of these slashes that the leavers would have borne; what is not needed for that
	/// becomes a reward.
	withheld: Balance,
	/// Assets that nobody had shares of when the last holder left. They go to the treasury, after
	/// all batches.
	leftover: Balance,
	/// The class of shares that is issued now. Every class before it has lost all but a millionth.
	class: u32,
	/// Shares that the holders have, with those that were burned into the open batch.
	shares: Balance,
	/// The batch that requests of this era join.
	open_batch: BatchId,
	/// Shares that were burned into the open batch.
	open_shares: Balance,
	/// Rewards that are being released to the holders.
	stream: Stream,
	/// Rewards, in assets, that wait to be put on the stream.
	pending_rewards: Balance,
	/// Eras over which the pending rewards are to be put on the stream.
	pending_eras: u32,
	/// The most assets that the next settlement puts on the stream, if that reaches anybody who
	/// entered lately. Entrants pay for it.
	prepaid_next: Balance,
	/// The same for each settlement after the next one. Those who enter before the active era is
	/// settled pay for it as well.
	prepaid_later: Balance,
	/// Assets that entered since the last settlement.
	deposited: Balance,
	/// The era that was active when somebody entered last.
	entered_in: Option<EraIndex>,
	/// Assets that the stream held after the last settlement.
	streamed: Balance,
	/// Shares that the holders had after the last settlement.
	streamed_over: Balance,
	/// Assets that the open reports take together.
	reported: Balance,
	/// The part of the open reports, in assets, that the holders bear beside the batches, before cover
	/// and before what was withheld; or more than that, until the reports are read again.
	holders_share_of_reports: Balance,
	/// Whether the reports were read since they may have changed.
	scan: Scan,
	/// How many stashes are in use: those with a smaller index.
	stashes: u32,
	/// The era whose work was begun last.
	era: Option<EraIndex>,
	/// The era that was settled last.
	settled_era: Option<EraIndex>,
	/// The block in which the work of `era` began.
	era_start: u32,
	/// The length of the era before `era`, in blocks; zero if it is not known.
	era_length: u32,
	/// The first era whose rewards were not collected yet.
	unpaid_era: EraIndex,
	/// What the era work does next.
	phase: Phase,
	/// The parameters that governance has set; `None` until it has. Kept here because every call
	/// needs them.
	parameters: Option<Schedule<Parameters>>,
	/// Whether the queue waits to be funded until the reports are read.
	funds_wait: bool,
	/// Whether the reports have changed in the round of reading that is going on. The cover is told
	/// when all are read.
	reports_changed: bool,
	/// The holders' part of that open report of which they bear the largest part, rounded up; or more
	/// than that, until the reports are read again.
	worst_part: Perquintill,
	/// Idle assets for which batches wait although something unbonds: that comes later than their turn.
	waited_for: Balance,
}

/// One getter for each of these fields; what it means stands at the field.
macro_rules! getters {
	($($field:ident: $type:ty,)*) => {
		impl PoolState {
			$(
				#[doc = concat!("The field `", stringify!($field), "`.")]
				pub fn $field(&self) -> $type {
					self.$field
				}
			)*
		}
	};
}

getters! {
	idle: Balance,
	bonded: Balance,
	unbonding: Balance,
	owed: Balance,
	withheld: Balance,
	leftover: Balance,
	class: u32,
	shares: Balance,
	open_batch: BatchId,
	open_shares: Balance,
	stream: Stream,
	pending_rewards: Balance,
	pending_eras: u32,
	prepaid_next: Balance,
	prepaid_later: Balance,
	deposited: Balance,
	streamed: Balance,
	streamed_over: Balance,
	reported: Balance,
	holders_share_of_reports: Balance,
	scan: Scan,
	stashes: u32,
	era: Option<EraIndex>,
	settled_era: Option<EraIndex>,
	era_start: u32,
	era_length: u32,
	unpaid_era: EraIndex,
	phase: Phase,
	parameters: Option<Schedule<Parameters>>,
	funds_wait: bool,
	worst_part: Perquintill,
	waited_for: Balance,
}

#[cfg(test)]
impl PoolState {
	/// The books but for what tells when something was done.
	pub(crate) fn timeless(self) -> Self {
		Self { era_start: 0, era_length: 0, stream: Stream::default(), ..self }
	}
}
