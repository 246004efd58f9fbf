// SPDX-License-Identifier: Apache-2.0

//! What the bonds of operators will pay of the open claims.

use super::ledger::ClaimLedger;
use alloc::{collections::BTreeMap, vec::Vec};
use core::cmp::Reverse;
use frame_support::traits::Get;
use holdfast_primitives::{shares::pro_rata_up, Assets, Balance, EraIndex};

impl<AccountId, MaxClaims, MaxProvisions> ClaimLedger<AccountId, MaxClaims, MaxProvisions>
where
	AccountId: Clone + Ord + core::fmt::Debug,
	MaxClaims: Get<u32>,
	MaxProvisions: Get<u32>,
{
	/// What bonds of operators will pay of the open claims, beyond what that spares the leavers. Each
	/// bond counts once, for what is due first; of the bonds, those of the `most` validators with most
	/// reported. `bond_of` says who the operator of a validator is, and what its bond can pay.
	///
	/// Of a provision for `amount`, of which `locked` is for leavers, these bear the part
	/// `locked / amount` of what bonds do not pay. So bonds relieve the others of the rest only.
	/// A bond may also have to pay for validators that are not looked up, and then spares the leavers more
	/// than it seems: as if it paid all that is reported of these, and nobody else had anything of it.
	pub fn bonds(
		&self,
		bond_of: impl Fn(&AccountId) -> Option<(AccountId, Balance)>,
		most: u32,
	) -> Assets {
		let (all, most_by_era) = self.bonds_by_era(bond_of, most);
		let spared = self.provisions().iter().fold(0, |sum: Balance, provision| {
			let most = most_by_era.get(&provision.applied_in()).copied().unwrap_or(0);
			let part = pro_rata_up(most, provision.locked().0, provision.amount().0);
			sum.saturating_add(part.unwrap_or(most))
		});
		Assets(all.saturating_sub(spared))
	}

	/// What bonds will pay of the open claims, and what they pay at most of those that are due in each era.
	fn bonds_by_era(
		&self,
		bond_of: impl Fn(&AccountId) -> Option<(AccountId, Balance)>,
		most: u32,
	) -> (Balance, BTreeMap<EraIndex, Balance>) {
		let mut operators = BTreeMap::new();
		let mut bonds = BTreeMap::new();
		for validator in self.most_reported(most) {
			let found = bond_of(validator);
			operators.insert(validator, found.as_ref().map(|(operator, _)| operator.clone()));
			bonds.extend(found);
		}
		let mut claims: Vec<_> = self.claims().iter().collect();
		claims.sort_by_key(|claim| claim.applied_in);
		let mut all: Balance = 0;
		let mut most_by_era: BTreeMap<EraIndex, Balance> = BTreeMap::new();
		for claim in claims {
			let Some(validator) = &claim.validator else { continue };
			let most = match operators.get(validator) {
				Some(operator) => {
					let bond = operator.as_ref().and_then(|operator| bonds.get_mut(operator));
					let Some(bond) = bond else { continue };
					let part = claim.open.min(*bond);
					*bond = bond.saturating_sub(part);
					all = all.saturating_add(part);
					part
				},
				// It is not looked up.
				None => claim.open,
			};
			let sum = most_by_era.entry(claim.applied_in).or_default();
			*sum = sum.saturating_add(most);
		}
		(all, most_by_era)
	}

	/// The `most` validators with most reported.
	fn most_reported(&self, most: u32) -> Vec<&AccountId> {
		let mut reported: BTreeMap<&AccountId, Balance> = BTreeMap::new();
		for claim in self.claims() {
			if let Some(validator) = &claim.validator {
				let sum = reported.entry(validator).or_default();
				*sum = sum.saturating_add(claim.open);
			}
		}
		let mut validators: Vec<_> = reported.into_iter().collect();
		validators.sort_by_key(|(_, amount)| Reverse(*amount));
		validators.truncate(usize::try_from(most).unwrap_or(usize::MAX));
		validators.into_iter().map(|(validator, _)| validator).collect()
	}
}
