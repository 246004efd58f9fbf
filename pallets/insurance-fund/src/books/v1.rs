// SPDX-License-Identifier: Apache-2.0

//! The books of storage version 1. They lack what bonds of operators will pay of open reports, when the
//! first of these is due, and when nobody could leave.

use crate::parameters::Parameters;
use codec::{Decode, Encode};
use holdfast_primitives::{Assets, Balance, ClaimId, EraIndex, Shares, Stream};
use sp_runtime::Perbill;

/// The books. Their fields mean what they do in [`super::FundState`].
#[allow(missing_docs)]
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode)]
pub struct FundState {
	pub underwriting: Balance,
	pub stream: Stream,
	pub shares: Balance,
	pub class: u32,
	pub reserve: Balance,
	pub withheld: Balance,
	pub locked: Balance,
	pub reported: Balance,
	pub allowance_era: Option<EraIndex>,
	pub allowance: Balance,
	pub limit: Perbill,
	pub target: Balance,
	pub slashable: bool,
	pub era: Option<EraIndex>,
	pub era_start: u32,
	pub era_length: u32,
	pub next_claim: ClaimId,
	pub next_request: u32,
	pub next_provision: u32,
}

impl FundState {
	/// These books with what is new in version 2, in block `now`. Open reports are due from era
	/// `first_due` on. Bonds count from the next era or report on: the registry's storage may not have
	/// been upgraded yet. Before the first era, `parameters` hold.
	pub(crate) fn upgrade(
		self,
		first_due: Option<EraIndex>,
		parameters: &Parameters,
		now: u32,
	) -> super::FundState {
		let mut books = super::FundState {
			underwriting: Assets(self.underwriting),
			stream: self.stream,
			shares: Shares(self.shares),
			class: self.class,
			reserve: Assets(self.reserve),
			withheld: Assets(self.withheld),
			locked: Assets(self.locked),
			reported: Assets(self.reported),
			allowance_era: self.allowance_era,
			allowance: Assets(self.allowance),
			limit: self.limit,
			target: Assets(self.target),
			slashable: self.slashable,
			era: self.era,
			era_start: self.era_start,
			era_length: self.era_length,
			next_claim: self.next_claim,
			next_request: self.next_request,
			next_provision: self.next_provision,
			bonds: Assets(0),
			first_due,
			blocked: None,
		};
		match books.era {
			Some(era) => books.note_blocked(era, now),
			// The reserve paid nothing before the first era.
			None => {
				let new = super::FundState::new(parameters);
				(books.limit, books.target) = (new.limit, new.target);
				books.slashable = new.slashable;
			},
		}
		books
	}
}
