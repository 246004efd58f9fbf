// SPDX-License-Identifier: Apache-2.0

//! The reports that are due in one era, and what was withheld for them from leavers.

use frame_support::{traits::Get, BoundedVec};
use holdfast_primitives::{
	shares::{pro_rata, pro_rata_up},
	Assets, Balance, EraIndex,
};
use sp_runtime::traits::Saturating;

/// Number of a provision.
pub type ProvisionId = u32;

/// The unit of the indices of a provision: so fine that an index is exact to far less than a unit of
/// any amount, and still leaves room in 128 bits.
const UNIT: Balance = 1_000_000_000_000_000_000_000_000_000_000_000_000;

/// The least index with which anybody is held liable: a trillionth of a unit. It is exact to 24 digits.
const FINEST: Balance = 1_000_000_000_000_000_000_000_000;

/// What was withheld from one leaver for the reports that are due in one era.
#[frame_support::stored]
#[derive(Copy)]
pub struct WithheldPart {
	/// The provision for these reports.
	provision: ProvisionId,
	/// The assets that were withheld.
	assets: Assets,
	/// The index [`Provision::open`] at that moment.
	open: Balance,
	/// The index [`Provision::paid`] at that moment.
	paid: Balance,
}

impl WithheldPart {
	/// The provision for whose reports it was withheld.
	pub fn provision(&self) -> ProvisionId {
		self.provision
	}

	/// The assets that were withheld.
	pub fn assets(&self) -> Assets {
		self.assets
	}
}

/// All that was withheld from one leaver.
#[frame_support::stored]
pub struct Withheld<AccountId, MaxProvisions: Get<u32>> {
	/// The leaver, who gets what is not paid for slashes.
	pub owner: AccountId,
	/// What was withheld, by provision.
	pub parts: BoundedVec<WithheldPart, MaxProvisions>,
}

/// The reports that are due in one era, and what was withheld for them from leavers.
///
/// Underwriters who leave while reports are open stay liable for their part of these, and for no
/// other. Any number of them may have left, and reports may be applied or cancelled one by one. So
/// two indices are kept, as if one unit had been withheld when the first of them left: how much of it
/// is still locked, and how much of it was paid for slashes. Both round against the leavers.
#[frame_support::stored]
#[derive(Copy)]
pub struct Provision {
	/// The number of the provision.
	id: ProvisionId,
	/// The era in which the reports are due.
	applied_in: EraIndex,
	/// The sum of the open reports.
	amount: Assets,
	/// The part of that sum for which leavers are liable. It is withheld from them.
	locked: Assets,
	/// What was withheld for reports that are resolved, and was not paid for them.
	released: Assets,
	/// How many parts were withheld.
	parts: u32,
	/// Of a unit withheld at first, what is still locked, in parts of [`UNIT`].
	open: Balance,
	/// Of a unit withheld at first, what was paid, in parts of [`UNIT`].
	paid: Balance,
}

impl Provision {
	/// A provision without reports.
	pub fn new(id: ProvisionId, applied_in: EraIndex) -> Self {
		Self {
			id,
			applied_in,
			amount: Assets(0),
			locked: Assets(0),
			released: Assets(0),
			parts: 0,
			open: UNIT,
			paid: 0,
		}
	}

	/// The number of the provision.
	pub fn id(&self) -> ProvisionId {
		self.id
	}

	/// The era in which the reports are due.
	pub fn applied_in(&self) -> EraIndex {
		self.applied_in
	}

	/// The sum of the open reports.
	pub fn amount(&self) -> Assets {
		self.amount
	}

	/// The part of that sum for which leavers are liable.
	pub fn locked(&self) -> Assets {
		self.locked
	}

	/// All that leavers have here: what is locked, and what was released to them.
	pub fn held(&self) -> Assets {
		Assets(self.locked.0.saturating_add(self.released.0))
	}

	/// How many parts were withheld.
	pub fn parts(&self) -> u32 {
		self.parts
	}

	/// The part of the reports for which those underwriters are liable who have not left.
	pub fn liable(&self) -> Assets {
		Assets(self.amount.0.saturating_sub(self.locked.0))
	}

	/// What leavers pay of `loss`, all of which was reported. Rounded up.
	pub fn leavers_part(&self, loss: Assets) -> Assets {
		let part = pro_rata_up(loss.0, self.locked.0, self.amount.0).unwrap_or(0);
		Assets(part).min(self.locked)
	}

	/// Adds `amount` to the reports. Saturating: nothing may fail when reports are read.
	pub fn add(&mut self, amount: Assets) {
		self.amount.0.saturating_accrue(amount.0);
	}

	/// Withholds `assets` from an underwriter who leaves.
	pub fn withhold(&mut self, assets: Assets) -> WithheldPart {
		if self.parts == 0 {
			(self.open, self.paid) = (UNIT, 0);
		}
		self.locked.0.saturating_accrue(assets.0);
		self.parts.saturating_inc();
		WithheldPart { provision: self.id, assets, open: self.open, paid: self.paid }
	}

	/// `reported` of the reports are resolved: applied, in which case leavers have paid `paid` of them,
	/// or cancelled, or expired. Returns what is released to the leavers.
	pub fn resolve(&mut self, reported: Assets, paid: Assets) -> Assets {
		let (reported, paid) = (reported.min(self.amount), paid.min(self.locked));
		let part = if reported == self.amount {
			self.locked
		} else {
			Assets(pro_rata(self.locked.0, reported.0, self.amount.0).unwrap_or(0))
		};
		// What leavers pay beyond their part, because it is rounded up, is less than a unit.
		let resolved = part.max(paid);
		let locked = self.locked.0.saturating_sub(resolved.0);
		let of = |amount| pro_rata_up(self.open, amount, self.locked.0).unwrap_or(0);
		(self.open, self.paid) = (of(locked), self.paid.saturating_add(of(paid.0)));
		// So little is locked of what the first leaver left that the indices get coarse: the leavers are let
		// go, and the next one begins a new provision.
		let (locked, let_go) = if self.open < FINEST { (0, locked) } else { (locked, 0) };
		let released = resolved.0.saturating_sub(paid.0).saturating_add(let_go);
		self.released.0.saturating_accrue(released);
		self.locked = Assets(locked);
		self.amount.0.saturating_reduce(reported.0);
		Assets(released)
	}

	/// Whether no leaver is liable any more: they can be paid the rest.
	pub fn is_resolved(&self) -> bool {
		self.locked.0 == 0 && (self.amount.0 == 0 || self.parts > 0)
	}

	/// What is to be paid to the leavers, if there are any.
	pub fn outcome(&self) -> Option<Outcome> {
		(self.parts > 0).then_some(Outcome {
			assets: self.released,
			parts: self.parts,
			paid: self.paid,
		})
	}

	/// What `part` would be paid if the rest of the reports were cancelled, whatever is held here.
	#[cfg(any(feature = "std", feature = "try-runtime"))]
	pub(crate) fn worth_of(&self, part: &WithheldPart) -> Assets {
		part.remains_after(self.paid)
	}
}

impl WithheldPart {
	/// What remains of it when the index of what was paid is `paid`. Rounded down.
	fn remains_after(&self, paid: Balance) -> Assets {
		let since = paid.saturating_sub(self.paid);
		let paid = pro_rata_up(self.assets.0, since, self.open).unwrap_or(self.assets.0);
		Assets(self.assets.0.saturating_sub(paid))
	}
}

/// What a provision whose reports are resolved still holds for leavers.
#[frame_support::stored]
#[derive(Copy)]
pub struct Outcome {
	/// What was not paid out yet.
	assets: Assets,
	/// How many parts were not paid out yet.
	parts: u32,
	/// The index [`Provision::paid`] at the end.
	paid: Balance,
}

impl Outcome {
	/// What was not paid out yet.
	pub fn assets(&self) -> Assets {
		self.assets
	}

	/// How many parts were not paid out yet.
	pub fn parts(&self) -> u32 {
		self.parts
	}

	/// What `part` is paid, whatever is held here.
	pub(crate) fn worth_of(&self, part: &WithheldPart) -> Assets {
		part.remains_after(self.paid)
	}

	/// Takes `part` out, and returns what it is paid: what was withheld, less what it has paid for slashes.
	pub fn pay_out(&mut self, part: &WithheldPart) -> Assets {
		let rest = self.worth_of(part).min(self.assets);
		self.assets.0.saturating_reduce(rest.0);
		self.parts.saturating_dec();
		rest
	}

	/// What is held here and belongs to nobody, once all parts were paid out: less than a unit for each
	/// of them, by which it was rounded down.
	pub fn dust(&self) -> Option<Assets> {
		(self.parts == 0).then_some(self.assets)
	}
}
