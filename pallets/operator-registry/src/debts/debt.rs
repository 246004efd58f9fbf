// SPDX-License-Identifier: Apache-2.0

//! What is owed for one validator, and by one identity.

use crate::{labels::Cluster, records::MOST_VALIDATORS};
use frame_support::{traits::ConstU32, BoundedVec};
use holdfast_primitives::Balance;

/// What is owed for a validator.
#[frame_support::stored]
#[derive(Copy)]
pub struct Debt {
	/// The amount that is owed, in the smallest unit.
	amount: Balance,
	/// The identity that owes it: the name under which the operator was attested last at that time, or its
	/// account if it never was. `None` for an old debt that no identity owes yet.
	identity: Option<Cluster>,
}

impl Debt {
	/// A debt of `identity`.
	pub(crate) fn new(amount: Balance, identity: Cluster) -> Self {
		Self { amount, identity: Some(identity) }
	}

	/// The amount that is owed, in the smallest unit.
	pub fn amount(&self) -> Balance {
		self.amount
	}

	/// The identity that owes it; `None` for an old debt that no identity owes yet.
	pub fn identity(&self) -> Option<Cluster> {
		self.identity
	}

	/// This debt if `identity` owes it.
	pub(super) fn owed_by(self, identity: Cluster) -> Self {
		Self { identity: Some(identity), ..self }
	}

	/// What is left of it when up to `paid` is paid, and how much of that it takes.
	pub(super) fn less(self, paid: Balance) -> (Self, Balance) {
		let paid = self.amount.min(paid);
		(Self { amount: self.amount.saturating_sub(paid), ..self }, paid)
	}

	/// A debt as it was noted once: that no identity owes.
	#[cfg(any(test, feature = "runtime-benchmarks"))]
	pub(crate) fn of_nobody(amount: Balance) -> Self {
		Self { amount, identity: None }
	}
}

/// What one identity owes.
#[frame_support::stored(no_skip_type_params)]
pub struct Owed<AccountId> {
	/// The amount that is owed, in the smallest unit.
	amount: Balance,
	/// The validators for which it is owed, as far as there is room.
	debtors: BoundedVec<AccountId, ConstU32<MOST_VALIDATORS>>,
}

impl<AccountId: Clone + PartialEq> Owed<AccountId> {
	/// The account of an identity that owes nothing.
	pub(super) fn nothing() -> Self {
		Self { amount: 0, debtors: BoundedVec::new() }
	}

	/// The amount that is owed, in the smallest unit.
	pub fn amount(&self) -> Balance {
		self.amount
	}

	/// The validators for which it is owed, as far as there is room.
	pub fn debtors(&self) -> &[AccountId] {
		&self.debtors
	}

	/// Adds a debt for `validator`. Returns whether the list has room for it.
	pub(super) fn add(&mut self, validator: &AccountId, amount: Balance) -> bool {
		self.amount = self.amount.saturating_add(amount);
		self.debtors.contains(validator) || self.debtors.try_push(validator.clone()).is_ok()
	}

	/// Takes off what was `paid` for `validator`, and if it `owes` nothing any more, the validator. Returns
	/// what is left; `None` if nothing is.
	pub(super) fn less(mut self, validator: &AccountId, paid: Balance, owes: bool) -> Option<Self> {
		self.amount = self.amount.saturating_sub(paid);
		if !owes {
			self.debtors.retain(|other| other != validator);
		}
		(self.amount > 0).then_some(self)
	}

	/// What is owed for these validators.
	#[cfg(feature = "runtime-benchmarks")]
	pub(crate) fn for_all(
		amount: Balance,
		debtors: BoundedVec<AccountId, ConstU32<MOST_VALIDATORS>>,
	) -> Self {
		Self { amount, debtors }
	}
}
