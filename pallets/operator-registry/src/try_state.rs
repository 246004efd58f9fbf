// SPDX-License-Identifier: Apache-2.0

//! The invariants of the registry. Compiled in std builds too, so that native tests run them without
//! a feature flag.

use crate::{
	clock::active_era, debts, labels::Cluster, records, scores, settings, Assigned, AssignedOf,
	Config, CurrentRound, Debts, GuardianRuns, HoldReason, LastPlan, Operators, OwedBy, Pallet,
	PlannedOf, Scores, Standings, Validators,
};
use alloc::{collections::BTreeMap, vec::Vec};
use frame_support::{
	ensure,
	traits::{fungible::InspectHold, Get},
};
use holdfast_primitives::{stored, Balance};
use sp_runtime::TryRuntimeError;

impl<T: Config> Pallet<T> {
	/// Checks every storage item of the pallet. The numbers in the messages are shared with the pool and the
	/// insurance fund, which check others.
	pub fn do_try_state() -> Result<(), TryRuntimeError> {
		Self::check_decoding()?;
		Self::check_operators()?;
		Self::check_validators()?;
		Self::check_debts()?;
		Self::check_standings()?;
		Self::check_scores()?;
		Self::check_plan()?;
		Self::check_parameters()
	}

	/// Everything that is stored can be decoded: iterating over values would skip what cannot.
	fn check_decoding() -> Result<(), TryRuntimeError> {
		let good = Operators::<T>::iter_keys().all(|who| records::operator::<T>(&who).is_ok());
		ensure!(good, "an operator cannot be decoded");
		let good = Validators::<T>::iter_keys().all(|who| records::validator::<T>(&who).is_ok());
		ensure!(good, "a validator cannot be decoded");
		let good = Debts::<T>::iter_keys().all(|who| debts::debt::<T>(&who).is_ok());
		ensure!(good, "a debt cannot be decoded");
		let good = OwedBy::<T>::iter_keys().all(|identity| debts::owed_by::<T>(identity).is_ok());
		ensure!(good, "what a name owes cannot be decoded");
		let good = Standings::<T>::iter_keys().all(|who| records::standing::<T>(&who).is_ok());
		ensure!(good, "a standing cannot be decoded");
		let good =
			GuardianRuns::<T>::iter_keys().all(|who| records::guardian_run::<T>(&who).is_ok());
		ensure!(good, "a suspension cannot be decoded");
		ensure!(settings::schedule::<T>().is_ok(), "the parameters cannot be decoded");
		ensure!(scores::current::<T>().is_ok(), "the round cannot be decoded");
		ensure!(stored::value::<LastPlan<T>, PlannedOf<T>>().is_ok(), "the plan cannot be decoded");
		ensure!(
			stored::value::<Assigned<T>, AssignedOf<T>>().is_ok(),
			"the assignment cannot be decoded"
		);
		Ok(())
	}

	/// 2. Every bond is held, and every validator of an operator is on record.
	fn check_operators() -> Result<(), TryRuntimeError> {
		for (who, operator) in Operators::<T>::iter() {
			let held = T::Currency::balance_on_hold(&HoldReason::OperatorBond.into(), &who);
			ensure!(held == operator.bond(), "2: a bond is not what is held");
			ensure!(operator.profile().is_valid(), "a profile is not made of labels");
			for (i, validator) in operator.validators().iter().enumerate() {
				let record = Validators::<T>::get(validator);
				ensure!(
					record.is_some_and(|record| *record.operator() == who),
					"a validator of an operator is not on record"
				);
				ensure!(
					!operator.validators().iter().take(i).any(|other| other == validator),
					"an operator has a validator twice"
				);
			}
			let gets_back = operator.release().is_some();
			ensure!(
				!operator.is_leaving() || (gets_back && operator.added().is_empty()),
				"an operator that is leaving gets nothing back, or goes on"
			);
		}
		Ok(())
	}

	/// Every validator is its operator's, and has left with it.
	fn check_validators() -> Result<(), TryRuntimeError> {
		let mut count = 0u32;
		for (validator, record) in Validators::<T>::iter() {
			count = count.saturating_add(1);
			let operator = Operators::<T>::get(record.operator());
			ensure!(
				operator.is_some_and(|operator| {
					operator.has(&validator)
						&& (!operator.is_leaving() || record.left_in().is_some())
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
			ensure!(debt.amount() > 0, "a debt of nothing");
			if let Some(identity) = debt.identity() {
				let sum = sums.entry(identity).or_default();
				*sum = sum.saturating_add(debt.amount());
			}
		}
		ensure!(
			OwedBy::<T>::iter().count() == sums.len(),
			"a name owes nothing, or what is not noted"
		);
		for (identity, owed) in OwedBy::<T>::iter() {
			ensure!(sums.get(&identity) == Some(&owed.amount()), "a name does not owe its debts");
			for validator in owed.debtors() {
				let identity_of = Debts::<T>::get(validator).and_then(|debt| debt.identity());
				ensure!(identity_of == Some(identity), "a debtor owes nothing");
			}
		}
		Ok(())
	}

	/// Standings are of validators on record, suspensions of operators.
	fn check_standings() -> Result<(), TryRuntimeError> {
		let era = active_era::<T>();
		for (validator, standing) in Standings::<T>::iter() {
			ensure!(Validators::<T>::contains_key(&validator), "a standing of no validator");
			ensure!(standing.fell().is_none_or(|fell| fell <= era), "own stake fell in the future");
		}
		for (operator, run) in GuardianRuns::<T>::iter() {
			ensure!(Operators::<T>::contains_key(&operator), "a suspension of no operator");
			let in_order = run.from() <= run.until() && run.from() <= era;
			ensure!(in_order, "a suspension ends before it begins");
		}
		Ok(())
	}

	/// Scores are of a round, and no validator is scored twice.
	fn check_scores() -> Result<(), TryRuntimeError> {
		let Some(round) = CurrentRound::<T>::get() else {
			ensure!(Scores::<T>::iter_keys().next().is_none(), "scores of no round");
			return Ok(());
		};
		let kept = round.stored_pages();
		ensure!(Scores::<T>::iter_keys().all(|page| page < kept), "a page of scores is left over");
		ensure!(
			!round.is_done() || !round.has_stale_pages(),
			"a round is done and has stale pages"
		);
		let mut validators: Vec<_> =
			scores::all::<T>(&round).into_iter().map(|score| score.validator).collect();
		let all = validators.len();
		validators.sort();
		validators.dedup();
		ensure!(validators.len() == all, "a validator is scored twice");
		Ok(())
	}

	/// 7. The plan changes each stash once, and what is noted of validators agrees with it.
	fn check_plan() -> Result<(), TryRuntimeError> {
		let Some(plan) = LastPlan::<T>::get() else { return Ok(()) };
		let mut stashes: Vec<_> = plan.changes().iter().map(|change| change.stash).collect();
		stashes.dedup();
		ensure!(stashes.len() == plan.changes().len(), "7: a stash is changed twice");
		ensure!(
			Validators::<T>::iter()
				.all(|(who, record)| !record.is_planned() || plan.nominated().contains(&who)),
			"7: a validator is thought to be nominated"
		);
		ensure!(
			plan.changes().iter().all(|change| change.from != change.to),
			"7: a change changes nothing"
		);
		let assigned = Assigned::<T>::get();
		ensure!(
			assigned.iter().all(|(_, validator)| plan.nominated().contains(validator)),
			"7: a stash is assigned to a validator that is not nominated"
		);
		Ok(())
	}

	/// Parameters are within their bounds, those that act and those that follow.
	fn check_parameters() -> Result<(), TryRuntimeError> {
		let schedule = settings::schedule::<T>().map_err(|_| "the parameters cannot be decoded")?;
		let (min, max) = (T::MinParameters::get(), T::MaxParameters::get());
		ensure!(
			schedule.current.within(&min, &max)
				&& schedule.next.is_none_or(|(_, next)| next.within(&min, &max)),
			"parameters are out of bounds"
		);
		Ok(())
	}
}
