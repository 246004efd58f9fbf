// SPDX-License-Identifier: Apache-2.0

//! The phases of the era work, in one table.
//!
//! Out of it come the cursor in the books (`books::phase`) and what the machine knows of each phase (`era`).
//! To add a phase: add a row at the end of the table, and the file of its step to `era`, and let the `then` of
//! the phase before lead to it. The compiler names what the row lacks, but not that nothing leads to it.
//!
//! A row says:
//!
//! - the phase and its fields, which say where in it the work is. If it does one stash in each step,
//!   `each` names the field with the index;
//! - `step`: the file in `era` with `worst`, the most that a step weighs, and `step`, which does one;
//! - `then`: the phase that follows; `None` if the work of the era is complete;
//! - `before_settlement`: whether the era is not settled yet in this phase;
//! - `given_up`: whether the phase is given up when the next era begins before it is over. The plan is then
//!   skipped, which goes back to `Rebalance`: so only phases before that may be given up.

/// Calls a macro with the table.
// The order is that of the encoding, not that of the work: a new phase goes to the end.
macro_rules! with_phases {
	($make:ident) => {
		$make! {
			/// Pays out one page of the validator of a nomination, for an era that is over.
			PayOut {
				/// The era that is paid.
				era: EraIndex,
				/// The index of the stash.
				stash: u32,
				/// The index of the nomination among those that the stash remembers.
				nomination: u32,
				/// The page of the payout, from 0.
				page: u32,
			} => {
				step: pay_out,
				then: Some(Phase::Withdraw { stash: 0 }),
				before_settlement: true,
				given_up: false,
			}
			/// Withdraws what has finished unbonding in a stash.
			Withdraw {
				/// The index of the stash.
				stash: u32,
			} each stash => {
				step: withdraw,
				then: Some(Phase::Settle),
				before_settlement: true,
				given_up: false,
			}
			/// Sweeps the rewards and closes the open batch.
			Settle => {
				step: settle,
				then: Some(Phase::Fund),
				before_settlement: true,
				given_up: false,
			}
			/// Funds the oldest batch that is not funded.
			Fund => {
				step: fund,
				then: Some(Phase::Score),
				before_settlement: false,
				given_up: false,
			}
			/// Lets the selection prepare itself, which may take many steps.
			Score => {
				step: score,
				then: Some(Phase::Plan),
				before_settlement: false,
				given_up: true,
			}
			/// Decides who nominates whom, and what is bonded and unbonded.
			Plan => {
				step: plan,
				then: Some(Phase::Rotate { stash: 0 }),
				before_settlement: false,
				given_up: true,
			}
			/// Lets the stashes nominate as planned.
			Rotate {
				/// The index of the stash.
				stash: u32,
			} each stash => {
				step: rotate,
				then: Some(Phase::Rebalance { stash: 0 }),
				before_settlement: false,
				given_up: true,
			}
			/// Bonds or unbonds as planned.
			Rebalance {
				/// The index of the stash.
				stash: u32,
			} each stash => {
				step: rebalance,
				then: None,
				before_settlement: false,
				given_up: false,
			}
			/// Funds the oldest batch that is not funded, outside of the order, because the reports
			/// were not read before.
			FundAgain => {
				step: fund,
				then: Some(Phase::Idle),
				before_settlement: false,
				given_up: false,
			}
		}
	};
}

pub(crate) use with_phases;
