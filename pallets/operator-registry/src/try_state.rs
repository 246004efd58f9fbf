// SPDX-License-Identifier: Apache-2.0

//! The invariants of the registry. Compiled in std builds too, so that native tests run them without
//! a feature flag.

use crate::*;
use alloc::{collections::BTreeMap, vec::Vec};
use frame_support::{
	ensure,
	traits::{fungible::InspectHold, Get},
};
use holdfast_primitives::Balance;
use sp_runtime::TryRuntimeError;

impl<T: Config> Pallet<T> {
	/// Checks every storage item of the pallet. The numbers are those of the blueprint.
	pub fn do_try_state() -> Result<(), TryRuntimeError> {
		Self::check_operators()?;
		Self::check_validators()?;
		Self::check_debts()?;
		Self::check_scores()?;
		Self::check_plan()
	}

	/// 2. Every bond is held, and every validator of an operator is on record.
	fn check_operators() -> Result<(), TryRuntimeError> {
		for (who, operator) in Operators::<T>::iter() {
			let held = T::Currency::balance_on_hold(&Self::hold_reason(), &who);
			ensure!(held == operator.bond, "2: a bond is not what is held");
			ensure!(operator.profile.is_valid(), "a profile is not made of labels");
			for (i, validator) in operator.validators.iter().enumerate() {
				let record = Validators::<T>::get(validator);
				ensure!(
					record.is_some_and(|record| record.operator == who),
					"a validator of an operator is not on record"
				);
				ensure!(
					!operator.validators.iter().take(i).any(|other| other == validator),
					"an operator has a validator twice"
				);
			}
			ensure!(
				!operator.leaving || (operator.release.is_some() && operator.invited.is_empty()),
				"an operator that is leaving gets nothing back, or goes on"
			);
		}
		Ok(())
	}

	fn check_validators() -> Result<(), TryRuntimeError> {
		let mut count = 0u32;
		for (validator, record) in Validators::<T>::iter() {
			count = count.saturating_add(1);
			let operator = Operators::<T>::get(&record.operator);
			ensure!(
				operator.is_some_and(|operator| {
					operator.validators.contains(&validator)
						&& (!operator.leaving || record.left.is_some())
				}),
				"a validator is not its operator's, or has not left with it"
			);
		}
		ensure!(count == Validators::<T>::count(), "the validators are miscounted");
		ensure!(count <= T::MaxValidators::get(), "there are too many validators");
		Ok(())
	}

	/// Every debt is of something, and what is owed under a name is the sum of such debts.
	fn check_debts() -> Result<(), TryRuntimeError> {
		let mut sums: BTreeMap<Cluster, Balance> = BTreeMap::new();
		for (_, debt) in Debts::<T>::iter() {
			ensure!(debt.amount > 0, "a debt of nothing");
			if let Some(identity) = debt.identity {
				let sum = sums.entry(identity).or_default();
				*sum = sum.saturating_add(debt.amount);
			}
		}
		ensure!(
			OwedBy::<T>::iter().count() == sums.len(),
			"a name owes nothing, or what is not noted"
		);
		for (identity, owed) in OwedBy::<T>::iter() {
			ensure!(sums.get(&identity) == Some(&owed.amount), "a name does not owe its debts");
			for validator in owed.debtors {
				let identity_of = Debts::<T>::get(validator).and_then(|debt| debt.identity);
				ensure!(identity_of == Some(identity), "a debtor owes nothing");
			}
		}
		Ok(())
	}

	fn check_scores() -> Result<(), TryRuntimeError> {
		let Some(round) = CurrentRound::<T>::get() else {
			ensure!(Scores::<T>::iter_keys().next().is_none(), "scores of no round");
			return Ok(());
		};
		let kept = round.pages.max(round.stale);
		ensure!(Scores::<T>::iter_keys().all(|page| page < kept), "a page of scores is left over");
		ensure!(!round.done || round.stale <= round.pages, "a round is done and has stale pages");
		let mut validators: Vec<_> =
			Self::scores(&round).into_iter().map(|score| score.validator).collect();
		let all = validators.len();
		validators.sort();
		validators.dedup();
		ensure!(validators.len() == all, "a validator is scored twice");
		Ok(())
	}

	fn check_plan() -> Result<(), TryRuntimeError> {
		ensure!(CurrentParameters::<T>::get().is_valid(), "the parameters make no sense");
		let Some(plan) = LastPlan::<T>::get() else { return Ok(()) };
		let mut stashes: Vec<_> = plan.changes.iter().map(|change| change.stash).collect();
		stashes.dedup();
		ensure!(stashes.len() == plan.changes.len(), "7: a stash is changed twice");
		ensure!(
			Validators::<T>::iter()
				.all(|(who, record)| record.planned.is_none() || plan.nominated.contains(&who)),
			"7: a validator is thought to be nominated"
		);
		ensure!(
			plan.changes.iter().all(|change| change.from != change.to),
			"7: a change changes nothing"
		);
		Ok(())
	}
}
