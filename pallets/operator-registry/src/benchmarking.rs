// SPDX-License-Identifier: Apache-2.0

//! Weights of the calls, of the steps of a round over the chain's real staking pallet, and of the plan.
//!
//! Each benchmark asserts the state that it leaves, so that none measures a failed path.

use crate::*;
use alloc::{format, vec::Vec};
use frame_benchmarking::v2::*;
use frame_support::{
	traits::{
		fungible::{Inspect, InspectHold, Mutate},
		EnsureOrigin, Get,
	},
	BoundedVec,
};
use frame_system::RawOrigin;
use holdfast_primitives::{
	Balance, DebtSink, EraIndex, OperatorBonds, StashToPlace, ValidatorSelection, ValidatorSet,
};
use sp_runtime::Perbill;

/// Prepares the chain's staking pallet for the benchmarks.
pub trait BenchmarkHelper<AccountId> {
	/// Makes `era` the active and the planned one.
	fn set_era(era: EraIndex);

	/// As many validators as the chain can elect, elected in `era` and the one before, with points in
	/// both.
	fn full_set(era: EraIndex);

	/// A validator with session keys that was elected in `era` and the one before, with `pages` full pages
	/// of nominators, none of which is the pool's, and as many slashing spans as it can have.
	fn validator(era: EraIndex, index: u32, pages: u32) -> AccountId;
}

const ERA: EraIndex = 200;

fn text(i: u32) -> Label {
	// As long as it may be.
	Label::truncate_from(format!("{i:032}").into_bytes())
}

fn profile(i: u32) -> Profile {
	Profile { operator: text(i), region: text(i), provider: text(i), client: text(i) }
}

fn rich<T: Config>(name: &'static str, i: u32) -> T::AccountId {
	let who = account(name, i, 0);
	let plenty = T::MinBond::get().saturating_mul(1_000_000);
	T::Currency::set_balance(&who, plenty);
	who
}

/// An operator as large as it can be, but for the room for `free` validators.
fn operator<T: Config>(i: u32, free: u32) -> T::AccountId {
	T::BenchmarkHelper::set_era(ERA);
	let who = rich::<T>("operator", i);
	let most = T::MaxValidatorsPerOperator::get();
	let validators: Vec<T::AccountId> = (free..most).map(|n| account("validator", n, i)).collect();
	Pallet::<T>::register_at_genesis(&who, profile(i), T::MinBond::get(), &validators)
		.expect("can bond");
	Operators::<T>::mutate(&who, |operator| {
		let operator = operator.as_mut().expect("is registered");
		let invited = (free..most).map(|n| account("invited", n, i)).collect();
		operator.invited = BoundedVec::truncate_from(invited);
	});
	who
}

fn get<T: Config>(who: &T::AccountId) -> OperatorOf<T> {
	Operators::<T>::get(who).expect("is registered")
}

fn round<T: Config>() -> Round<T::AccountId> {
	CurrentRound::<T>::get().expect("has begun")
}

/// Debts for `v` validators of the operator, and `v` others of the same identity.
fn owe_for<T: Config>(who: &T::AccountId, v: u32) {
	let identity = get::<T>(who).identity.expect("is attested");
	let own = get::<T>(who).validators.into_iter().take(v as usize);
	let others: Vec<T::AccountId> = (0..v).map(|n| account("other", n, 0)).collect();
	for validator in own.chain(others.clone()) {
		Debts::<T>::insert(validator, Debt { amount: 1, identity: Some(identity) });
	}
	let owed = Owed { amount: Balance::from(v) * 2, debtors: BoundedVec::truncate_from(others) };
	OwedBy::<T>::set(identity, (v > 0).then_some(owed));
}

/// A score that differs from the others in everything, in no order.
fn score_of<T: Config>(i: u32) -> Score<T::AccountId> {
	let noise = sp_io::hashing::blake2_128(&i.to_le_bytes());
	let part = |n: usize| Balance::from(noise[n]) * 1_000_000_000_000 + 1_000_000_000_000;
	let cluster = |n: usize, of: u8| Cluster::from(noise[n] % of) + 1;
	Score {
		validator: account("validator", i, 0),
		operator: account("operator", i / 4, 0),
		bond: T::MinBond::get(),
		releasing: false,
		clusters: [cluster(0, 100), cluster(1, 8), cluster(2, 12), cluster(3, 3)],
		fitness: Fitness::Fit,
		net_payout: part(4),
		reliability: Perbill::one(),
		penalty: Perbill::zero(),
		commission: Perbill::zero(),
		own: part(5) * 1_000,
		others: part(6) * 10_000,
		ours: part(7),
		elected: true,
	}
}

#[benchmarks]
mod benchmarks {
	use super::*;

	#[benchmark]
	fn register_operator() {
		let who = rich::<T>("operator", 0);
		#[extrinsic_call]
		_(RawOrigin::Signed(who.clone()), profile(0));
		assert_eq!(get::<T>(&who).bond, T::MinBond::get());
	}

	#[benchmark]
	fn update_profile() {
		let who = operator::<T>(0, 0);
		#[extrinsic_call]
		_(RawOrigin::Signed(who.clone()), profile(1));
		assert_eq!(get::<T>(&who).profile, profile(1));
	}

	#[benchmark]
	fn add_validator() {
		let who = operator::<T>(0, 1);
		let validator: T::AccountId = account("new", 0, 0);
		#[extrinsic_call]
		_(RawOrigin::Signed(who.clone()), validator.clone());
		assert!(get::<T>(&who).invited.contains(&validator));
	}

	#[benchmark]
	fn confirm_validator() {
		let who = operator::<T>(0, 1);
		let validator = T::BenchmarkHelper::validator(ERA, 0, 0);
		Pallet::<T>::do_add_validator(who.clone(), validator.clone()).expect("has room");
		#[extrinsic_call]
		_(RawOrigin::Signed(validator.clone()), who.clone());
		assert!(get::<T>(&who).validators.contains(&validator));
	}

	/// The worst of the two ways: one that has confirmed is looked for among those that have not, first.
	#[benchmark]
	fn remove_validator() {
		let who = operator::<T>(0, 0);
		let last = get::<T>(&who).validators.pop().expect("is full");
		#[extrinsic_call]
		_(RawOrigin::Signed(who.clone()), last.clone());
		assert!(Validators::<T>::get(&last).is_some_and(|record| record.left == Some(ERA)));
	}

	#[benchmark]
	fn bond_more(v: Linear<0, { T::MaxValidatorsPerOperator::get() }>) {
		let who = operator::<T>(0, 0);
		owe_for::<T>(&who, v);
		let creditor = T::Creditor::account();
		T::Currency::set_balance(&creditor, T::Currency::minimum_balance());
		let amount = T::MinBond::get();
		#[extrinsic_call]
		_(RawOrigin::Signed(who.clone()), amount);
		let debts = Balance::from(v) * 2;
		assert_eq!(get::<T>(&who).bond, 2 * amount - debts);
		assert_eq!(Debts::<T>::iter().count(), 0);
	}

	#[benchmark]
	fn request_bond_release() {
		let who = operator::<T>(0, 0);
		let amount = T::MinBond::get();
		Pallet::<T>::do_bond_more(who.clone(), amount).expect("is rich");
		#[extrinsic_call]
		_(RawOrigin::Signed(who.clone()), amount);
		assert!(get::<T>(&who).release.is_some());
	}

	#[benchmark]
	fn attest(v: Linear<0, { T::MaxValidatorsPerOperator::get() }>) -> Result<(), BenchmarkError> {
		let who = operator::<T>(0, T::MaxValidatorsPerOperator::get() - v);
		let validators = get::<T>(&who).validators;
		let origin =
			T::RegistrarOrigin::try_successful_origin().map_err(|_| BenchmarkError::Weightless)?;
		let attested = Attested { client: false, ..Attested::ALL };
		#[extrinsic_call]
		_(origin as T::RuntimeOrigin, who.clone(), profile(0), attested, validators);
		assert_eq!(get::<T>(&who).attested, attested);
		Ok(())
	}

	/// By the guardian, again. By whom both origins are, it is governance's, and costs less.
	#[benchmark]
	fn suspend() -> Result<(), BenchmarkError> {
		let who = operator::<T>(0, 0);
		GuardianRuns::<T>::insert(&who, GuardianRun { from: 1, until: 1 });
		let origin =
			T::GuardianOrigin::try_successful_origin().map_err(|_| BenchmarkError::Weightless)?;
		#[extrinsic_call]
		_(origin as T::RuntimeOrigin, who.clone(), 1);
		assert_eq!(get::<T>(&who).suspended_until, Some(ERA + 1));
		Ok(())
	}

	#[benchmark]
	fn deregister(v: Linear<0, { T::MaxValidatorsPerOperator::get() }>) {
		let who = operator::<T>(0, T::MaxValidatorsPerOperator::get() - v);
		#[extrinsic_call]
		_(RawOrigin::Signed(who.clone()));
		assert!(get::<T>(&who).leaving);
		assert!(Validators::<T>::iter_values()
			.all(|record| { record.operator != who || record.left == Some(ERA) }));
	}

	#[benchmark]
	fn release_bond(v: Linear<0, { T::MaxValidatorsPerOperator::get() }>) {
		let who = operator::<T>(0, T::MaxValidatorsPerOperator::get() - v);
		Pallet::<T>::do_deregister(who.clone()).expect("is registered");
		T::BenchmarkHelper::set_era(ERA + Pallet::<T>::liability());
		#[extrinsic_call]
		_(RawOrigin::Signed(who.clone()), who.clone());
		assert!(!Operators::<T>::contains_key(&who));
		assert_eq!(T::Currency::balance_on_hold(&Pallet::<T>::hold_reason(), &who), 0);
	}

	#[benchmark]
	fn set_parameters() -> Result<(), BenchmarkError> {
		let origin =
			T::AdminOrigin::try_successful_origin().map_err(|_| BenchmarkError::Weightless)?;
		let parameters = Parameters { churn: 7, ..T::DefaultParameters::get() };
		#[extrinsic_call]
		_(origin as T::RuntimeOrigin, parameters);
		assert_eq!(CurrentParameters::<T>::get(), parameters);
		Ok(())
	}

	/// The last debt of a name.
	#[benchmark]
	fn pay_debt() {
		let who = operator::<T>(0, 0);
		let identity = get::<T>(&who).identity.expect("is attested");
		let debtors: Vec<T::AccountId> = get::<T>(&who).validators.into_inner();
		let validator = debtors.last().cloned().expect("is full");
		Debts::<T>::insert(&validator, Debt { amount: 1, identity: Some(identity) });
		let debtors = BoundedVec::truncate_from(debtors);
		OwedBy::<T>::insert(identity, OwedOf::<T> { amount: 1, debtors });
		let creditor = T::Creditor::account();
		T::Currency::set_balance(&creditor, T::Currency::minimum_balance());
		let payer = rich::<T>("payer", 0);
		let before = T::Currency::balance(&payer);
		#[extrinsic_call]
		_(RawOrigin::Signed(payer.clone()), validator.clone(), Balance::MAX);
		assert!(!Debts::<T>::contains_key(&validator) && !OwedBy::<T>::contains_key(identity));
		assert_eq!(T::Currency::balance(&payer), before - 1);
	}

	/// One that does not stand for election, with a debt that nobody in particular owes.
	#[benchmark]
	fn forget_validator() {
		let mut i = 0;
		while Validators::<T>::count() < T::MaxValidators::get() {
			let most = T::MaxValidatorsPerOperator::get();
			let left = T::MaxValidators::get() - Validators::<T>::count();
			operator::<T>(i, most.saturating_sub(left));
			i += 1;
		}
		let validator: T::AccountId =
			account("validator", T::MaxValidatorsPerOperator::get() - 1, 0);
		Debts::<T>::insert(&validator, Debt { amount: 1, identity: None });
		Standings::<T>::insert(&validator, Standing { to_show: 1, ..Default::default() });
		let caller: T::AccountId = account("caller", 0, 0);
		#[extrinsic_call]
		_(RawOrigin::Signed(caller), validator.clone());
		assert!(!Validators::<T>::contains_key(&validator));
		assert!(!Standings::<T>::contains_key(&validator));
		assert!(Debts::<T>::get(&validator).is_some_and(|debt| debt.identity.is_some()));
	}

	#[benchmark]
	fn begin_round() {
		T::BenchmarkHelper::full_set(ERA);
		#[block]
		{
			Pallet::<T>::begin_round(ERA, 0);
		}
		assert!(round::<T>().set.elected > 0 && round::<T>().points > 0);
	}

	/// `v` validators of as many operators, with `p` pages of nominators. A plan has stashes on all of them,
	/// and none is exposed.
	#[benchmark]
	fn score(v: Linear<1, PAGE>, p: Linear<0, MAX_EXPOSURE_PAGES>) {
		T::BenchmarkHelper::set_era(ERA);
		T::BenchmarkHelper::full_set(ERA);
		let mut assigned = Vec::new();
		for i in 0..v {
			let who = operator::<T>(i, 1);
			let pages = p / v + u32::from(i < p % v);
			let validator = T::BenchmarkHelper::validator(ERA, i, pages);
			Pallet::<T>::do_add_validator(who.clone(), validator.clone()).expect("has room");
			Pallet::<T>::do_confirm_validator(validator.clone(), who).expect("was added");
			Validators::<T>::mutate(&validator, |record| {
				record.as_mut().expect("has joined").planned = Some(0);
			});
			assigned.push((i, validator));
		}
		// Last ones of a list as long as it can be.
		let others = (v..T::MaxStashes::get()).map(|i| (i, account("other", i, 0)));
		let assigned: Vec<_> = others.chain(assigned).collect();
		Assigned::<T>::put(BoundedVec::truncate_from(assigned));
		// Only these are scored.
		let fillers: Vec<_> = Validators::<T>::iter()
			.filter(|(_, record)| record.fit_from == 0)
			.map(|(validator, _)| validator)
			.collect();
		fillers.iter().for_each(Validators::<T>::remove);
		Pallet::<T>::begin_round(ERA, 0);
		let round = round::<T>();
		#[block]
		{
			Pallet::<T>::step_score(round);
		}
		assert_eq!(Scores::<T>::get(0).len(), v as usize);
		assert_eq!(Standings::<T>::iter().count(), v as usize);
	}

	#[benchmark]
	fn forget(v: Linear<0, PAGE>) {
		let before = Validators::<T>::count();
		let mut leaving = Vec::new();
		for i in 0..v {
			let who = operator::<T>(i, 0);
			let validator = get::<T>(&who).validators.pop().expect("is full");
			Debts::<T>::insert(&validator, Debt { amount: 1, identity: None });
			Standings::<T>::insert(&validator, Standing { to_show: 1, ..Default::default() });
			leaving.push((validator, who));
		}
		#[block]
		{
			for (validator, operator) in leaving {
				Pallet::<T>::forget_of(&operator, validator).expect("is decodable");
			}
		}
		let most = T::MaxValidatorsPerOperator::get();
		assert_eq!(Validators::<T>::count(), before + v * (most - 1));
	}

	#[benchmark]
	fn clear_pages(p: Linear<0, 16>) {
		Pallet::<T>::begin_round(ERA, 0);
		let page: PageOf<T> = BoundedVec::truncate_from((0..PAGE).map(score_of::<T>).collect());
		(0..p).for_each(|i| Scores::<T>::insert(i, page.clone()));
		CurrentRound::<T>::mutate(|round| {
			round.as_mut().expect("has begun").stale = p;
		});
		let round = round::<T>();
		#[block]
		{
			Pallet::<T>::finish_round(round);
		}
		assert_eq!(Scores::<T>::iter().count(), 0);
		assert!(CurrentRound::<T>::get().is_some_and(|round| round.done));
	}

	/// `v` validators and `s` stashes, no two of one stake, half of which nominate somebody.
	#[benchmark]
	fn select(v: Linear<1, { T::MaxValidators::get() }>, s: Linear<1, { T::MaxStashes::get() }>) {
		let scores: Vec<_> = (0..v).map(score_of::<T>).collect();
		for (i, page) in (0..).zip(scores.chunks(PAGE as usize)) {
			Scores::<T>::insert(i, PageOf::<T>::truncate_from(page.to_vec()));
		}
		CurrentRound::<T>::put(Round {
			era: ERA,
			set: ValidatorSet { elected: v, least: 0 },
			seats: v,
			elected_before: v,
			points: 1,
			payout: 1,
			after: None,
			pages: v.div_ceil(PAGE),
			stale: 0,
			done: true,
		});
		// Two records for each stash: of whom the last plan has nominated, and of whom this one does.
		let record = Validator {
			operator: account("operator", 0, 0),
			attested: true,
			fit_from: 0,
			left: None,
			reliability: Perbill::one(),
			penalty: Perbill::zero(),
			last_offence: None,
			commission: [Perbill::zero(); 2],
			window: 0,
			planned: None,
			exposed: None,
			idle: None,
		};
		(0..v).for_each(|i| {
			Validators::<T>::insert(account::<T::AccountId>("validator", i, 0), record.clone())
		});
		let nominated = (0..s.min(v)).map(|i| account("validator", v - 1 - i, 0)).collect();
		LastPlan::<T>::put(PlannedOf::<T> {
			era: ERA - 1,
			changes: Default::default(),
			unplaced: 0,
			nominated: BoundedVec::truncate_from(nominated),
		});
		let stashes: Vec<_> = (0..s)
			.map(|i| StashToPlace {
				index: i,
				nominates: (i % 2 == 0).then(|| account("validator", i % v, 0)),
				stake: 1_000_000_000_000_000 - Balance::from(i) * 5_000_000_000_000,
			})
			.collect();
		let chosen;
		#[block]
		{
			chosen = Pallet::<T>::select(ERA, &stashes);
		}
		assert_eq!(chosen.len(), s as usize);
		assert_eq!(chosen.iter().flatten().count(), Assigned::<T>::get().len());
		assert!(!Assigned::<T>::get().is_empty());
		assert!(LastPlan::<T>::get().is_some_and(|plan| plan.era == ERA));
	}

	/// A bond that does not suffice.
	#[benchmark]
	fn pay() {
		let who = operator::<T>(0, 0);
		let validator = get::<T>(&who).validators.pop().expect("is full");
		let to = T::Creditor::account();
		T::Currency::set_balance(&to, T::Currency::minimum_balance());
		let bond = T::MinBond::get();
		let paid;
		#[block]
		{
			paid = Pallet::<T>::pay(&validator, 2 * bond, &to);
		}
		assert_eq!(paid, bond);
		assert_eq!(Debts::<T>::get(&validator).map(|debt| debt.amount), Some(bond));
	}
}
