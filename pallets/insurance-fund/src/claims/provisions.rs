// SPDX-License-Identifier: Apache-2.0

//! The provisions, one for each era in which reports are due.

use super::provision::{Outcome, Provision, ProvisionId, WithheldPart};
use crate::books::FundState;
use alloc::vec::Vec;
use frame_support::{defensive, traits::Get, BoundedVec, DebugNoBound, DefaultNoBound};
use holdfast_primitives::{shares::pro_rata_up, Assets, Balance, EraIndex, Shares};
use sp_runtime::{traits::EnsureAdd, ArithmeticError};

/// The provisions. All verbs keep the books in step.
#[derive(DefaultNoBound, DebugNoBound)]
pub struct ProvisionLedger<MaxProvisions: Get<u32>>(BoundedVec<Provision, MaxProvisions>);

/// There is no room for another claim, or for reports of another era.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct NoRoom;

/// What an underwriter who leaves is paid, and what stays here for open reports.
#[derive(DebugNoBound)]
pub struct Departure<MaxProvisions: Get<u32>> {
	/// What is paid at once.
	pub assets: Assets,
	/// What is withheld for open reports.
	pub withheld: Assets,
	/// The same, by provision.
	pub parts: BoundedVec<WithheldPart, MaxProvisions>,
}

/// Why shares cannot leave.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CannotLeave {
	/// Nothing could be paid: all that they are worth is withheld.
	AllWithheld,
	/// There are more provisions than there is room for. This cannot happen.
	NoRoom,
	/// An amount does not fit.
	Arithmetic(ArithmeticError),
}

impl From<ArithmeticError> for CannotLeave {
	fn from(error: ArithmeticError) -> Self {
		Self::Arithmetic(error)
	}
}

impl<MaxProvisions: Get<u32>> ProvisionLedger<MaxProvisions> {
	/// The ledger of `provisions`, as they are stored.
	pub fn new(provisions: BoundedVec<Provision, MaxProvisions>) -> Self {
		Self(provisions)
	}

	/// The provisions, to be stored.
	pub fn into_inner(self) -> BoundedVec<Provision, MaxProvisions> {
		self.0
	}

	/// The provisions, in the order in which they were made.
	pub fn iter(&self) -> impl Iterator<Item = &Provision> {
		self.0.iter()
	}

	/// The provision for the reports that are due in `era`.
	pub fn due_in(&self, era: EraIndex) -> Option<&Provision> {
		self.0.iter().find(|provision| provision.applied_in() == era)
	}

	/// The earliest era in which reports are due.
	pub fn first_due(&self) -> Option<EraIndex> {
		self.0.iter().map(Provision::applied_in).min()
	}

	/// Lets `shares` of the underwriters leave in block `now`, without their part of every open report:
	/// exactly what they would bear if they stayed, rounded up. Shares that are worth less than a unit
	/// may leave, too.
	///
	/// If it fails, books and provisions must be dropped.
	pub fn leave(
		&mut self,
		books: &mut FundState,
		shares: Shares,
		now: u32,
	) -> Result<Departure<MaxProvisions>, CannotLeave> {
		let exit = books.quote_exit(shares, now).ok_or(ArithmeticError::Overflow)?;
		let part = |provision: &Provision| {
			let liable = provision.liable().0;
			pro_rata_up(liable, shares.0, books.shares().0).map(|part| part.min(liable))
		};
		let amounts: Option<Vec<Balance>> = self.0.iter().map(part).collect();
		let amounts = amounts.ok_or(ArithmeticError::Overflow)?;
		let withheld = amounts.iter().try_fold(0, |sum: Balance, part| sum.ensure_add(*part))?;
		let assets = exit.assets.0.checked_sub(withheld).ok_or(CannotLeave::AllWithheld)?;
		if assets == 0 && withheld > 0 {
			return Err(CannotLeave::AllWithheld);
		}
		books.leave(shares, exit, Assets(withheld), now)?;
		let mut parts = BoundedVec::new();
		let liable = self.0.iter_mut().zip(amounts).filter(|(_, amount)| *amount > 0);
		for (provision, amount) in liable {
			if parts.try_push(provision.withhold(Assets(amount))).is_err() {
				defensive!("a leaver has at most one part of each provision");
				return Err(CannotLeave::NoRoom);
			}
		}
		Ok(Departure { assets: Assets(assets), withheld: Assets(withheld), parts })
	}

	/// Provisions `amount` for reports that are due in `era`.
	pub(super) fn add(
		&mut self,
		books: &mut FundState,
		era: EraIndex,
		amount: Assets,
	) -> Result<(), NoRoom> {
		if let Some(provision) = self.due_in_mut(era) {
			provision.add(amount);
		} else {
			if self.0.is_full() {
				return Err(NoRoom);
			}
			let mut provision = Provision::new(books.take_provision_id(), era);
			provision.add(amount);
			self.0.try_push(provision).map_err(|_| NoRoom)?;
		}
		books.add_reported(amount);
		if books.first_due().is_none_or(|first| era < first) {
			books.set_first_due(Some(era));
		}
		Ok(())
	}

	/// `reported` of the reports that are due in `era` are resolved: applied, in which case leavers have
	/// paid `paid` of them, or cancelled, or expired. Returns what leavers can be paid now.
	pub(super) fn resolve(
		&mut self,
		books: &mut FundState,
		era: EraIndex,
		reported: Assets,
		paid: Assets,
	) -> Option<(ProvisionId, Outcome)> {
		let Some(provision) = self.due_in_mut(era) else {
			defensive!("there is a provision for every claim");
			return None;
		};
		let released = provision.resolve(reported, paid);
		books.resolve_reported(reported, released);
		if !provision.is_resolved() {
			return None;
		}
		let resolved = *provision;
		if resolved.amount().0 > 0 {
			// For the rest those are liable who have not left.
			*provision = Provision::new(books.take_provision_id(), era);
			provision.add(resolved.amount());
		} else {
			self.0.retain(|provision| provision.id() != resolved.id());
			books.set_first_due(self.first_due());
		}
		resolved.outcome().map(|outcome| (resolved.id(), outcome))
	}

	fn due_in_mut(&mut self, era: EraIndex) -> Option<&mut Provision> {
		self.0.iter_mut().find(|provision| provision.applied_in() == era)
	}
}
