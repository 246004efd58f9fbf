// SPDX-License-Identifier: Apache-2.0

//! The fund's books: what the fund owns, whose it is, and what it should own.
//!
//! Nothing here touches storage. The fields are private to this room, so the books change only through
//! its verbs:
//!
//! - `underwriting.rs`: underwriters come and go at the price of a share;
//! - `losses.rs`: reports are counted, and slashes are paid;
//! - `premium.rs`: the target, and what the fund gets out of a reward;
//! - `blocked.rs`: the eras in which no underwriter can leave;
//! - `v1.rs`: the books of storage version 1.

mod blocked;
mod losses;
mod premium;
mod underwriting;
pub mod v1;

pub use blocked::{Blocked, EXTRA_ERAS, WINDOW};
pub use losses::ClosedClass;

use crate::parameters::Parameters;
use holdfast_primitives::{Assets, Balance, ClaimId, EraIndex, Shares, Stream};
use sp_runtime::{
	traits::{EnsureAdd, Saturating},
	ArithmeticError, Perbill,
};

/// A share that is worth less than this part of an asset has lost its class: one millionth. An
/// underwriter of whose assets no more than this part is free of reports cannot leave.
const WIPED: Balance = 1_000_000;

/// What the fund owns, whose it is, and what it should own.
///
/// One storage item, because every call and every loss needs most of it. Amounts are in the smallest
/// unit of HOLD.
#[frame_support::stored]
#[derive(Default)]
pub struct FundState {
	/// Assets of the underwriters, with the premium that is not released to them yet.
	underwriting: Assets,
	/// The premium that is not released yet. It is released over blocks.
	stream: Stream,
	/// Shares of the underwriters, of the class that is open.
	shares: Shares,
	/// The number of that class. All shares of the classes before it are void: they have lost all but
	/// a millionth.
	class: u32,
	/// Assets that belong to nobody, and pay after the underwriters.
	reserve: Assets,
	/// Assets withheld from leavers, for reports that were open when they left. They stay here until
	/// they are paid out.
	withheld: Assets,
	/// The part of `withheld` whose reports are still open.
	locked: Assets,
	/// The sum of the open reports.
	reported: Assets,
	/// The latest era for whose slashes the reserve has paid.
	allowance_era: Option<EraIndex>,
	/// What the reserve may still pay for the slashes that are due in that era.
	allowance: Assets,
	/// The part of the reserve that it may pay for the slashes that are due in any other era.
	limit: Perbill,
	/// What the fund should be able to pay for the slashes that are due in one era.
	target: Assets,
	/// Whether slashes can hit those who nominate.
	slashable: bool,
	/// The era that was begun last.
	era: Option<EraIndex>,
	/// The block in which it was begun.
	era_start: u32,
	/// The length of the era before it, in blocks. Zero if that is not known.
	era_length: u32,
	/// The number of the next claim.
	next_claim: ClaimId,
	/// The number of the next request to withdraw.
	next_request: u32,
	/// The number of the next provision.
	next_provision: u32,
	/// What bonds of operators will pay of the open reports, beyond what that spares the leavers.
	/// Counted when reports or the era change, and lowered at once by whatever may lower it: it may be
	/// less than the bonds will pay, never more.
	bonds: Assets,
	/// The earliest era in which open reports are due.
	first_due: Option<EraIndex>,
	/// The last span of eras in which underwriters could not leave.
	blocked: Option<Blocked>,
}

impl FundState {
	/// The books before anything has happened. `parameters` hold until the first era begins.
	pub fn new(parameters: &Parameters) -> Self {
		Self {
			limit: parameters.reserve_limit,
			target: Assets(parameters.target(0, 0)),
			slashable: true,
			..Default::default()
		}
	}
}

/// What the books say.
impl FundState {
	/// Assets of the underwriters, with the premium that is not released to them yet.
	pub fn underwriting(&self) -> Assets {
		self.underwriting
	}

	/// Shares of the underwriters, of the class that is open.
	pub fn shares(&self) -> Shares {
		self.shares
	}

	/// The class of shares that is open.
	pub fn class(&self) -> u32 {
		self.class
	}

	/// All that the reserve holds.
	pub fn reserve(&self) -> Assets {
		self.reserve
	}

	/// Assets that are withheld from leavers, whether their reports are open or not.
	pub fn withheld(&self) -> Assets {
		self.withheld
	}

	/// Assets that are withheld from leavers for reports that are still open.
	pub fn locked(&self) -> Assets {
		self.locked
	}

	/// The sum of the open reports.
	pub fn reported(&self) -> Assets {
		self.reported
	}

	/// The part of the reserve that it may pay for the slashes that are due in one era.
	pub fn limit(&self) -> Perbill {
		self.limit
	}

	/// What the fund should be able to pay for the slashes that are due in one era.
	pub fn target(&self) -> Assets {
		self.target
	}

	/// Whether slashes can hit those who nominate.
	pub fn slashable(&self) -> bool {
		self.slashable
	}

	/// The era that was begun last.
	pub fn era(&self) -> Option<EraIndex> {
		self.era
	}

	/// The length of the era before it, in blocks. Zero if that is not known.
	pub fn era_length(&self) -> u32 {
		self.era_length
	}

	/// The number that the next claim gets.
	pub fn next_claim(&self) -> ClaimId {
		self.next_claim
	}

	/// The number that the next request to withdraw gets.
	pub fn next_request(&self) -> u32 {
		self.next_request
	}

	/// The number that the next provision gets.
	pub fn next_provision(&self) -> u32 {
		self.next_provision
	}

	/// What bonds of operators were counted to pay of the open reports, beyond what that spares the
	/// leavers.
	pub fn bonds(&self) -> Assets {
		self.bonds
	}

	/// The earliest era in which open reports are due.
	pub fn first_due(&self) -> Option<EraIndex> {
		self.first_due
	}

	/// The last span of eras in which underwriters could not leave.
	pub fn blocked(&self) -> Option<Blocked> {
		self.blocked
	}

	/// What the fund's account holds, without its existential deposit. Saturating: bounded by the
	/// issuance.
	pub fn total(&self) -> Assets {
		Assets(self.capital().0.saturating_add(self.withheld.0))
	}

	/// What underwriters and reserve hold together. They cannot pay all of that in one era, see
	/// [`Self::capacity`].
	pub fn capital(&self) -> Assets {
		Assets(self.underwriting.0.saturating_add(self.reserve.0))
	}
}

/// What every room of the pallet may do with them.
impl FundState {
	/// Begins `era` in block `now`, and measures how long the eras since the last one were.
	pub fn begin_era(&mut self, era: EraIndex, now: u32) {
		if let Some(last) = self.era {
			let blocks = now.saturating_sub(self.era_start);
			self.era_length = blocks.checked_div(era.saturating_sub(last)).unwrap_or(blocks);
		}
		(self.era, self.era_start) = (Some(era), now);
	}

	/// Adds `assets` to the reserve. Saturating: bounded by the issuance.
	pub fn add_to_reserve(&mut self, assets: Assets) {
		self.reserve.0.saturating_accrue(assets.0);
	}

	/// Takes the number of a new request to withdraw.
	pub(crate) fn take_request_id(&mut self) -> Result<u32, ArithmeticError> {
		let id = self.next_request;
		self.next_request = id.ensure_add(1)?;
		Ok(id)
	}

	/// Takes the number of a new claim. Saturating: nothing may fail while a slash is booked.
	pub(crate) fn take_claim_id(&mut self) -> ClaimId {
		let id = self.next_claim;
		self.next_claim = id.saturating_add(1);
		id
	}

	/// Takes the number of a new provision. Saturating, as for claims.
	pub(crate) fn take_provision_id(&mut self) -> u32 {
		let id = self.next_provision;
		self.next_provision = id.saturating_add(1);
		id
	}
}
