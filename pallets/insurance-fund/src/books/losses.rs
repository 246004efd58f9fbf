// SPDX-License-Identifier: Apache-2.0

//! Reports are counted, and slashes are paid.

use super::FundState;
use holdfast_primitives::{Assets, EraIndex, Paid};
use sp_runtime::traits::Saturating;

/// A class of shares that has lost all but a millionth. Its shares are void.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ClosedClass {
	/// The number of the class.
	pub class: u32,
	/// What was left of its assets. It went to the reserve.
	pub rest: Assets,
}

/// What would be paid.
impl FundState {
	/// The part of the reserve that it may pay in an era for which it has paid nothing yet.
	pub fn payable_reserve(&self) -> Assets {
		Assets(self.limit.mul_floor(self.reserve.0))
	}

	/// What the reserve may pay for slashes that are due in `era`.
	pub fn allowed(&self, era: EraIndex) -> Assets {
		let allowed = if Some(era) > self.allowance_era {
			self.payable_reserve()
		} else {
			// Also of an era before that: what comes late shares its limit with what was due later.
			self.allowance
		};
		allowed.min(self.reserve)
	}

	/// How `loss`, which no operator has paid, is shared if it is due in `era` and the leavers bear
	/// `leavers` of it.
	pub fn split(&self, loss: Assets, leavers: Assets, era: EraIndex) -> Paid {
		let leavers = leavers.min(loss).min(self.locked);
		let rest = loss.0.saturating_sub(leavers.0);
		let underwriters = rest.min(self.underwriting.0);
		let reserve = rest.saturating_sub(underwriters).min(self.allowed(era).0);
		Paid { operator: 0, underwriters, leavers: leavers.0, reserve }
	}

	/// The part of `open` reports that would not be paid if all were due in one era. If some of them are
	/// due in an era for which the reserve has paid already, it counts only what is left for that era.
	pub fn uncovered(&self, open: Assets) -> Assets {
		let first = self.first_due.unwrap_or(EraIndex::MAX);
		let reserve = self.allowed(first).min(self.payable_reserve());
		Assets(
			open.0
				.saturating_sub(self.underwriting.0)
				.saturating_sub(self.locked.0)
				.saturating_sub(self.bonds.0)
				.saturating_sub(reserve.0),
		)
	}
}

/// What happens. Saturating throughout: nothing may fail while a slash is booked, and what is booked was
/// computed from these books.
impl FundState {
	/// Books what was `paid` for a slash that was due in `era`, without the operator's part. Returns the
	/// class of shares if it has lost all but a millionth.
	pub(crate) fn pay(&mut self, paid: &Paid, era: EraIndex, now: u32) -> Option<ClosedClass> {
		if paid.reserve > 0 {
			self.allowance = Assets(self.allowed(era).0.saturating_sub(paid.reserve));
			self.allowance_era = self.allowance_era.max(Some(era));
			self.reserve.0.saturating_reduce(paid.reserve);
		}
		self.withheld.0.saturating_reduce(paid.leavers);
		self.locked.0.saturating_reduce(paid.leavers);
		self.underwriting.0.saturating_reduce(paid.underwriters);
		// The premium to come pays last.
		let excess = self.unreleased(now).0.saturating_sub(self.underwriting.0);
		if excess > 0 {
			self.stream = self.stream.remove(excess, now);
		}
		if !self.is_wiped() {
			return None;
		}
		let closed = ClosedClass { class: self.class, rest: self.underwriting };
		self.clear_class();
		self.class.saturating_inc();
		Some(closed)
	}

	/// Adds `amount` to the open reports.
	pub(crate) fn add_reported(&mut self, amount: Assets) {
		self.reported.0.saturating_accrue(amount.0);
	}

	/// `reported` of the reports are resolved, and `released` is not locked for them any more.
	pub(crate) fn resolve_reported(&mut self, reported: Assets, released: Assets) {
		self.reported.0.saturating_reduce(reported.0);
		self.locked.0.saturating_reduce(released.0);
	}

	/// Open reports are due from era `first` on.
	pub(crate) fn set_first_due(&mut self, first: Option<EraIndex>) {
		self.first_due = first;
	}

	/// Bonds of operators will pay `amount` of the open reports, beyond what that spares the leavers.
	pub(crate) fn set_bonds(&mut self, amount: Assets) {
		self.bonds = amount;
	}

	/// Bonds of operators hold `amount` less than was counted. They may not have been counted.
	pub fn reduce_bonds(&mut self, amount: Assets) {
		self.bonds.0.saturating_reduce(amount.0);
	}
}
