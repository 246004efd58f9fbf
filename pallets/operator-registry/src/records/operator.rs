// SPDX-License-Identifier: Apache-2.0

//! An operator.

use crate::labels::{cluster_of, cluster_of_account, Attested, Cluster, Profile, UNATTESTED};
use codec::Encode;
use frame_support::{traits::Get, BoundedVec};
use holdfast_planner::{Dimension, DIMENSIONS};
use holdfast_primitives::{Balance, EraIndex};
use sp_runtime::{traits::EnsureAddAssign, ArithmeticError};

/// The most validators on the record of an operator, and debtors in the list of a name. A constant of the
/// storage: the limit of [`Config::MaxValidatorsPerOperator`](crate::Config) may be lowered below what is
/// stored.
pub const MOST_VALIDATORS: u32 = 32;

/// A part of a bond that is to be released.
#[frame_support::stored]
#[derive(Copy)]
pub struct Release {
	/// The amount to release, in the smallest unit.
	pub amount: Balance,
	/// The era in which it can be released: all slashes for what was done before the request have landed
	/// then.
	pub era: EraIndex,
}

/// An account that runs validators.
#[frame_support::stored]
pub struct Operator<AccountId, MaxValidators: Get<u32>> {
	/// What it says of itself.
	profile: Profile,
	/// The fields of the profile that are attested.
	attested: Attested,
	/// The cluster of the name under which it was attested last. Debts hang on it.
	identity: Option<Cluster>,
	/// Its bond, which is held on its account, in the smallest unit.
	bond: Balance,
	/// The part of the bond that it wants back.
	release: Option<Release>,
	/// The last era in which it is suspended, if it was.
	suspended_until: Option<EraIndex>,
	/// Whether it has deregistered.
	leaving: bool,
	/// Its validators, and those that have left it and are still on record.
	validators: BoundedVec<AccountId, MaxValidators>,
	/// Validators that it has added and that have not confirmed.
	added: BoundedVec<AccountId, MaxValidators>,
}

/// A list of an operator has no room for another validator.
pub(crate) struct ListFull;

impl<AccountId: Clone + PartialEq + Encode, MaxValidators: Get<u32>>
	Operator<AccountId, MaxValidators>
{
	/// An operator with this `bond` that nobody has suspended, and without validators.
	pub(crate) fn new(profile: Profile, bond: Balance) -> Self {
		Self {
			profile,
			attested: Attested::default(),
			identity: None,
			bond,
			release: None,
			suspended_until: None,
			leaving: false,
			validators: BoundedVec::new(),
			added: BoundedVec::new(),
		}
	}

	/// What it says of itself.
	pub fn profile(&self) -> &Profile {
		&self.profile
	}

	/// The fields of the profile that are attested.
	pub fn attested(&self) -> Attested {
		self.attested
	}

	/// The cluster of the name under which it was attested last; `None` if it never was.
	pub fn identity(&self) -> Option<Cluster> {
		self.identity
	}

	/// Its bond, in the smallest unit.
	pub fn bond(&self) -> Balance {
		self.bond
	}

	/// The part of the bond that it wants back.
	pub fn release(&self) -> Option<Release> {
		self.release
	}

	/// The last era in which it is suspended, if it was.
	pub fn suspended_until(&self) -> Option<EraIndex> {
		self.suspended_until
	}

	/// Whether it has deregistered.
	pub fn is_leaving(&self) -> bool {
		self.leaving
	}

	/// Its validators, and those that have left it and are still on record.
	pub fn validators(&self) -> &[AccountId] {
		&self.validators
	}

	/// Validators that it has added and that have not confirmed.
	pub fn added(&self) -> &[AccountId] {
		&self.added
	}

	/// The bond less what is to be released: what stands behind its validators from now on.
	pub fn lasting_bond(&self) -> Balance {
		self.bond.saturating_sub(self.release.map_or(0, |release| release.amount))
	}

	/// The cluster in each dimension of a validator that is `attested` itself, or is not: then, what is
	/// said of where and how it runs does not hold for it.
	pub fn clusters(&self, attested: bool) -> [Cluster; 4] {
		DIMENSIONS.map(|dimension| {
			let known = attested || dimension == Dimension::Operator;
			if known && self.attested.has(dimension) {
				cluster_of(self.profile.label(dimension))
			} else {
				UNATTESTED
			}
		})
	}

	/// The identity that owes what the bond cannot pay: the name under which the operator was attested
	/// last, or its `account` if it never was.
	pub(crate) fn owing_identity(&self, account: &AccountId) -> Cluster {
		self.identity.unwrap_or_else(|| cluster_of_account(account))
	}

	/// Whether it is suspended in `era`.
	pub(crate) fn is_suspended(&self, era: EraIndex) -> bool {
		self.suspended_until >= Some(era)
	}

	/// Whether `validator` is on its list.
	pub(crate) fn has(&self, validator: &AccountId) -> bool {
		self.validators.contains(validator)
	}

	/// Whether it has added `validator`, which has not confirmed.
	pub(crate) fn has_added(&self, validator: &AccountId) -> bool {
		self.added.contains(validator)
	}

	/// Changes the profile. What is changed is not attested any more. Returns what still is.
	pub(crate) fn change_profile(&mut self, profile: Profile) -> Attested {
		self.attested = self.attested.after(&self.profile, &profile);
		self.profile = profile;
		self.attested
	}

	/// Attests these fields of the profile, and no others. Returns whether the identity has changed.
	pub(crate) fn attest(&mut self, attested: Attested) -> bool {
		self.attested = attested;
		let before = self.identity;
		if attested.has(Dimension::Operator) {
			self.identity = Some(cluster_of(self.profile.label(Dimension::Operator)));
		}
		self.identity != before
	}

	/// Counts `amount` more in the bond.
	pub(crate) fn bond_more(&mut self, amount: Balance) -> Result<(), ArithmeticError> {
		self.bond.ensure_add_assign(amount)
	}

	/// Counts `paid` less in the bond, which was taken for a slash.
	pub(crate) fn pay(&mut self, paid: Balance) {
		self.bond = self.bond.saturating_sub(paid);
	}

	/// Asks for a part of the bond.
	pub(crate) fn ask_back(&mut self, release: Release) {
		self.release = Some(release);
	}

	/// Takes out of the bond what is to be released, as far as slashes have left it: `least` stays, unless
	/// the operator is leaving. Returns the amount.
	pub(crate) fn take_release(&mut self, least: Balance) -> Balance {
		let asked = self.release.take().map_or(0, |release| release.amount);
		let stays = if self.leaving { 0 } else { least };
		let amount = asked.min(self.bond.saturating_sub(stays));
		self.bond = self.bond.saturating_sub(amount);
		amount
	}

	/// Suspends it up to and with this era; `None` lifts the suspension.
	pub(crate) fn suspend(&mut self, until: Option<EraIndex>) {
		self.suspended_until = until;
	}

	/// Lets it leave: it adds no validator any more, and asks for all of its bond, from `era` on.
	pub(crate) fn leave(&mut self, era: EraIndex) {
		self.added = BoundedVec::new();
		self.leaving = true;
		self.release = Some(Release { amount: self.bond, era });
	}

	/// Notes a validator that is to confirm.
	pub(crate) fn add(&mut self, validator: AccountId) -> Result<(), ListFull> {
		self.added.try_push(validator).map_err(|_| ListFull)
	}

	/// Forgets a validator that is to confirm. Returns whether there was one.
	pub(crate) fn take_added(&mut self, validator: &AccountId) -> bool {
		let position = self.added.iter().position(|added| added == validator);
		position.map(|position| self.added.swap_remove(position)).is_some()
	}

	/// Takes in a validator, if it has fewer than `most`. The list itself has room for more, or for what was
	/// there before that limit was lowered.
	pub(crate) fn admit(&mut self, validator: AccountId, most: u32) -> Result<(), ListFull> {
		let has_room = self.validators.len() < usize::try_from(most).unwrap_or(usize::MAX);
		frame_support::ensure!(has_room, ListFull);
		self.validators.try_push(validator).map_err(|_| ListFull)
	}

	/// Takes a validator off its list.
	pub(crate) fn drop_validator(&mut self, validator: &AccountId) {
		self.validators.retain(|other| other != validator);
	}

	/// Lets the list of added validators be this one.
	#[cfg(feature = "runtime-benchmarks")]
	pub(crate) fn set_added(&mut self, added: BoundedVec<AccountId, MaxValidators>) {
		self.added = added;
	}
}
