// SPDX-License-Identifier: Apache-2.0

//! The open claims, with the provisions for them.

use super::{
	provision::{Outcome, Provision, ProvisionId},
	provisions::{NoRoom, ProvisionLedger},
};
use crate::books::{ClosedClass, FundState};
use alloc::vec::Vec;
use frame_support::{defensive, traits::Get, BoundedVec, DebugNoBound, DefaultNoBound};
use holdfast_primitives::{
	Assets, Balance, ClaimId, ClaimInfo, ClaimState, EraIndex, Loss, OpenReport, Paid,
};

/// The open claims, oldest first, with the provisions for them. All verbs keep the books in step.
///
/// All reports on one validator that are due in one era are one claim, and all claims that are due in
/// one era have one provision.
#[derive(DefaultNoBound, DebugNoBound)]
pub struct ClaimLedger<AccountId: core::fmt::Debug, MaxClaims: Get<u32>, MaxProvisions: Get<u32>> {
	pub(super) claims: BoundedVec<ClaimInfo<AccountId>, MaxClaims>,
	pub(super) provisions: ProvisionLedger<MaxProvisions>,
}

/// How an open claim has changed when reports were read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Change<AccountId> {
	/// More was reported for it, or a part of it was cancelled.
	Resized {
		/// The number of the claim.
		claim: ClaimId,
		/// What is provisioned for it now.
		amount: Assets,
	},
	/// Nothing of it is open any more.
	Released {
		/// The claim, which is past.
		claim: ClaimInfo<AccountId>,
		/// What was still provisioned for it.
		amount: Assets,
	},
}

/// What has changed when reports were read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Updated<AccountId> {
	/// The changes of claims, in the order of these.
	pub changes: Vec<Change<AccountId>>,
	/// What leavers can be paid now.
	pub outcomes: Vec<(ProvisionId, Outcome)>,
}

/// What a slash has changed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Applied<AccountId> {
	/// The claim. It is past if nothing of it is open any more.
	pub claim: ClaimInfo<AccountId>,
	/// Whether the claim was among the open ones. If not, nobody had reported the loss.
	pub was_open: bool,
	/// What was provisioned for the loss, and is not any more.
	pub resolved: Assets,
	/// What leavers can be paid now.
	pub outcome: Option<(ProvisionId, Outcome)>,
	/// The class of shares, if it has lost all but a millionth.
	pub closed: Option<ClosedClass>,
}

impl<AccountId, MaxClaims, MaxProvisions> ClaimLedger<AccountId, MaxClaims, MaxProvisions>
where
	AccountId: Clone + PartialEq + core::fmt::Debug,
	MaxClaims: Get<u32>,
	MaxProvisions: Get<u32>,
{
	/// The ledger of `claims` and `provisions`, as they are stored.
	pub fn new(
		claims: BoundedVec<ClaimInfo<AccountId>, MaxClaims>,
		provisions: BoundedVec<Provision, MaxProvisions>,
	) -> Self {
		Self { claims, provisions: ProvisionLedger::new(provisions) }
	}

	/// The claims and the provisions, to be stored.
	pub fn into_parts(
		self,
	) -> (BoundedVec<ClaimInfo<AccountId>, MaxClaims>, BoundedVec<Provision, MaxProvisions>) {
		(self.claims, self.provisions.into_inner())
	}

	/// The open claims, oldest first.
	pub fn claims(&self) -> &[ClaimInfo<AccountId>] {
		&self.claims
	}

	/// The provisions for them.
	pub fn provisions(&self) -> &ProvisionLedger<MaxProvisions> {
		&self.provisions
	}

	/// The same, to let underwriters leave.
	pub fn provisions_mut(&mut self) -> &mut ProvisionLedger<MaxProvisions> {
		&mut self.provisions
	}

	/// Opens a claim for `report`, which must be the only one of its validator and era. Changes nothing
	/// if there is no room.
	pub fn open(
		&mut self,
		books: &mut FundState,
		report: &OpenReport<AccountId>,
	) -> Result<ClaimId, NoRoom> {
		if self.claims.is_full() {
			return Err(NoRoom);
		}
		self.provisions.add(books, report.applied_in, Assets(report.amount))?;
		let id = books.take_claim_id();
		let claim = ClaimInfo {
			id,
			validator: Some(report.validator.clone()),
			offence_era: report.offence_era,
			applied_in: report.applied_in,
			open: report.amount,
			lost: 0,
			paid: Paid::default(),
			state: ClaimState::Open,
		};
		if self.claims.try_push(claim).is_err() {
			defensive!("the list of claims is not full");
		}
		Ok(id)
	}

	/// Brings the open claims up to date in the era `active`: `amount_of` says what is reported for each
	/// of them now. Claims for which nothing is reported were cancelled, or have expired: they are
	/// released.
	pub fn update(
		&mut self,
		books: &mut FundState,
		mut amount_of: impl FnMut(&ClaimInfo<AccountId>) -> Assets,
		active: EraIndex,
	) -> Updated<AccountId> {
		let mut updated = Updated { changes: Vec::new(), outcomes: Vec::new() };
		for claim in self.claims.iter_mut() {
			let (amount, before) = (amount_of(claim), Assets(claim.open));
			let era = claim.applied_in;
			claim.open = amount.0;
			if amount > before {
				let more = Assets(amount.0.saturating_sub(before.0));
				if self.provisions.add(books, era, more).is_err() {
					defensive!("there is a provision for every claim");
				}
			} else if amount < before {
				let less = Assets(before.0.saturating_sub(amount.0));
				updated.outcomes.extend(self.provisions.resolve(books, era, less, Assets(0)));
			}
			if amount.0 == 0 {
				claim.state = match claim.lost {
					0 if era <= active => ClaimState::Expired,
					0 => ClaimState::Cancelled,
					_ => ClaimState::Applied,
				};
				updated.changes.push(Change::Released { claim: claim.clone(), amount: before });
			} else if amount != before {
				updated.changes.push(Change::Resized { claim: claim.id, amount });
			}
		}
		self.claims.retain(|claim| claim.open > 0);
		updated
	}

	/// Who pays how much of `loss`, of which the bond of the operator has paid `operator`.
	pub fn split(&self, books: &FundState, loss: &Loss<AccountId>, operator: Balance) -> Paid {
		let rest = loss.amount.saturating_sub(operator);
		let (resolved, provision) = self.provisioned(loss);
		let leavers = provision
			.map_or(Assets(0), |provision| provision.leavers_part(Assets(rest).min(resolved)));
		Paid { operator, ..books.split(Assets(rest), leavers, loss.applied_in) }
	}

	/// Books `loss` in block `now`, for which was `paid`: in the tranches, in its claim, and in the
	/// provision for it. A loss that nobody has reported gets a claim of its own, which is past.
	pub fn apply(
		&mut self,
		books: &mut FundState,
		loss: &Loss<AccountId>,
		paid: &Paid,
		now: u32,
	) -> Applied<AccountId> {
		let (resolved, provision) = self.provisioned(loss);
		// What leavers bear is rounded, which may spare the others less than was counted.
		let rounding = provision.map_or(0, |provision| provision.locked().0.min(1));
		let closed = books.pay(paid, loss.applied_in, now);
		books.reduce_bonds(Assets(paid.operator.saturating_add(rounding)));
		let found = self.claims.iter_mut().find(|claim| is_claim_of(claim, loss));
		let (claim, was_open) = match found {
			Some(claim) => {
				claim.open = claim.open.saturating_sub(resolved.0);
				claim.lost = claim.lost.saturating_add(loss.amount);
				claim.paid = claim.paid.plus(paid);
				if claim.open == 0 {
					claim.state = ClaimState::Applied;
				}
				(claim.clone(), true)
			},
			None => (unreported(books.take_claim_id(), loss, paid), false),
		};
		if was_open && claim.open == 0 {
			self.claims.retain(|claim| claim.open > 0);
		}
		let mut outcome = None;
		if resolved.0 > 0 {
			let leavers = Assets(paid.leavers);
			outcome = self.provisions.resolve(books, loss.applied_in, resolved, leavers);
		}
		Applied { claim, was_open, resolved, outcome, closed }
	}

	/// What of `loss` is provisioned, with the provision for it.
	fn provisioned(&self, loss: &Loss<AccountId>) -> (Assets, Option<&Provision>) {
		let claim = self.claims.iter().find(|claim| is_claim_of(claim, loss));
		let resolved = claim.map_or(0, |claim| loss.reported.min(claim.open));
		let provision = if resolved > 0 { self.provisions.due_in(loss.applied_in) } else { None };
		(Assets(resolved), provision)
	}
}

fn is_claim_of<AccountId: PartialEq>(claim: &ClaimInfo<AccountId>, loss: &Loss<AccountId>) -> bool {
	claim.applied_in == loss.applied_in && claim.validator == loss.validator
}

/// The past claim of a `loss` that nobody has reported.
fn unreported<AccountId: Clone>(
	id: ClaimId,
	loss: &Loss<AccountId>,
	paid: &Paid,
) -> ClaimInfo<AccountId> {
	ClaimInfo {
		id,
		validator: loss.validator.clone(),
		offence_era: loss.offence_era,
		applied_in: loss.applied_in,
		open: 0,
		lost: loss.amount,
		paid: *paid,
		state: ClaimState::Applied,
	}
}
