// SPDX-License-Identifier: Apache-2.0

//! Weights of the calls, of the steps of a round over the chain's real staking pallet, and of the plan.
//!
//! Each benchmark asserts the state that it leaves, so that none measures a failed path.

use crate::{
	bonds, clock, genesis, operators,
	records::Terms,
	scores::{self, MAX_EXPOSURE_PAGES},
	validators, Assigned, Attested, Call, Cluster, Config, CurrentRound, Debt, Debts, Fitness,
	GuardianRun, GuardianRuns, HoldReason, Label, LastPlan, OperatorOf, Operators, Owed, OwedBy,
	OwedOf, PageOf, Pallet, Parameters, ParametersSchedule, PlannedOf, Profile, Round, Score,
	Scores, Standing, Standings, Validator, Validators, PAGE,
};
use alloc::{collections::BTreeSet, format, vec::Vec};
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
	Balance, DebtSink, EraIndex, OperatorBonds, StashToPlace, ValidatorSelection,
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
	genesis::register::<T>(&who, profile(i), T::MinBond::get(), &validators).expect("can bond");
	Operators::<T>::mutate(&who, |operator| {
		let operator = operator.as_mut().expect("is registered");
		let added = (free..most).map(|n| account("added", n, i)).collect();
		operator.set_added(BoundedVec::truncate_from(added));
	});
	who
}

fn get<T: Config>(who: &T::AccountId) -> OperatorOf<T> {
	Operators::<T>::get(who).expect("is registered")
}

/// Of one that has something to show.
fn standing() -> Standing {
	let mut standing = Standing::default();
	standing.must_show(1);
	standing
}

fn round<T: Config>() -> Round<T::AccountId> {
	CurrentRound::<T>::get().expect("has begun")
}

/// Debts for `v` validators of the operator, and `v` others of the same identity.
fn owe_for<T: Config>(who: &T::AccountId, v: u32) {
	let identity = get::<T>(who).identity().expect("is attested");
	let own = get::<T>(who).validators().to_vec().into_iter().take(v as usize);
	let others: Vec<T::AccountId> = (0..v).map(|n| account("other", n, 0)).collect();
	for validator in own.chain(others.clone()) {
		Debts::<T>::insert(validator, Debt::new(1, identity));
	}
	let owed = Owed::for_all(Balance::from(v) * 2, BoundedVec::truncate_from(others));
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
		assert_eq!(get::<T>(&who).bond(), T::MinBond::get());
	}

	#[benchmark]
	fn update_profile() {
		let who = operator::<T>(0, 0);
		#[extrinsic_call]
		_(RawOrigin::Signed(who.clone()), profile(1));
		assert_eq!(*get::<T>(&who).profile(), profile(1));
	}

	#[benchmark]
	fn add_validator() {
		let who = operator::<T>(0, 1);
		let validator: T::AccountId = account("new", 0, 0);
		#[extrinsic_call]
		_(RawOrigin::Signed(who.clone()), validator.clone());
		assert!(get::<T>(&who).has_added(&validator));
	}

	#[benchmark]
	fn confirm_validator() {
		let who = operator::<T>(0, 1);
		let validator = T::BenchmarkHelper::validator(ERA, 0, 0);
		validators::add_validator::<T>(who.clone(), validator.clone()).expect("has room");
		#[extrinsic_call]
		_(RawOrigin::Signed(validator.clone()), who.clone());
		assert!(get::<T>(&who).has(&validator));
	}

	/// The worst of the two ways: one that has confirmed is looked for among those that have not, first.
	#[benchmark]
	fn remove_validator() {
		let who = operator::<T>(0, 0);
		let last = get::<T>(&who).validators().last().cloned().expect("is full");
		#[extrinsic_call]
		_(RawOrigin::Signed(who.clone()), last.clone());
		assert!(Validators::<T>::get(&last).is_some_and(|record| record.left_in() == Some(ERA)));
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
		assert_eq!(get::<T>(&who).bond(), 2 * amount - debts);
		assert_eq!(Debts::<T>::iter().count(), 0);
	}

	#[benchmark]
	fn request_bond_release() {
		let who = operator::<T>(0, 0);
		let amount = T::MinBond::get();
		bonds::bond_more::<T>(who.clone(), amount).expect("is rich");
		#[extrinsic_call]
		_(RawOrigin::Signed(who.clone()), amount);
		assert!(get::<T>(&who).release().is_some());
	}

	#[benchmark]
	fn attest(v: Linear<0, { T::MaxValidatorsPerOperator::get() }>) -> Result<(), BenchmarkError> {
		let who = operator::<T>(0, T::MaxValidatorsPerOperator::get() - v);
		let validators = BoundedVec::truncate_from(get::<T>(&who).validators().to_vec());
		let origin =
			T::RegistrarOrigin::try_successful_origin().map_err(|_| BenchmarkError::Weightless)?;
		let attested = Attested { client: false, ..Attested::ALL };
		#[extrinsic_call]
		_(origin as T::RuntimeOrigin, who.clone(), profile(0), attested, validators);
		assert_eq!(get::<T>(&who).attested(), attested);
		Ok(())
	}

	/// By the guardian, again. By whom both origins are, it is governance's, and costs less.
	#[benchmark]
	fn suspend() -> Result<(), BenchmarkError> {
		let who = operator::<T>(0, 0);
		GuardianRuns::<T>::insert(&who, GuardianRun::new(1, 1));
		let origin =
			T::GuardianOrigin::try_successful_origin().map_err(|_| BenchmarkError::Weightless)?;
		#[extrinsic_call]
		_(origin as T::RuntimeOrigin, who.clone(), 1);
		assert_eq!(get::<T>(&who).suspended_until(), Some(ERA + 1));
		Ok(())
	}

	#[benchmark]
	fn deregister(v: Linear<0, { T::MaxValidatorsPerOperator::get() }>) {
		let who = operator::<T>(0, T::MaxValidatorsPerOperator::get() - v);
		#[extrinsic_call]
		_(RawOrigin::Signed(who.clone()));
		assert!(get::<T>(&who).is_leaving());
		assert!(Validators::<T>::iter_values()
			.all(|record| *record.operator() != who || record.left_in() == Some(ERA)));
	}

	#[benchmark]
	fn release_bond(v: Linear<0, { T::MaxValidatorsPerOperator::get() }>) {
		let who = operator::<T>(0, T::MaxValidatorsPerOperator::get() - v);
		operators::deregister::<T>(who.clone()).expect("is registered");
		T::BenchmarkHelper::set_era(ERA + clock::liability::<T>());
		#[extrinsic_call]
		_(RawOrigin::Signed(who.clone()), who.clone());
		assert!(!Operators::<T>::contains_key(&who));
		assert_eq!(T::Currency::balance_on_hold(&HoldReason::OperatorBond.into(), &who), 0);
	}

	#[benchmark]
	fn set_parameters() -> Result<(), BenchmarkError> {
		let origin =
			T::AdminOrigin::try_successful_origin().map_err(|_| BenchmarkError::Weightless)?;
		// Others wait, and act by now.
		let waiting = (0, T::MaxParameters::get());
		ParametersSchedule::<T>::mutate(|schedule| schedule.next = Some(waiting));
		let parameters: Parameters = T::MinParameters::get();
		#[extrinsic_call]
		_(origin as T::RuntimeOrigin, parameters);
		let schedule = ParametersSchedule::<T>::get();
		assert_eq!(schedule.current, T::MaxParameters::get());
		assert!(schedule.next.is_some_and(|(_, next)| next == parameters));
		Ok(())
	}

	/// The last debt of a name.
	#[benchmark]
	fn pay_debt() {
		let who = operator::<T>(0, 0);
		let identity = get::<T>(&who).identity().expect("is attested");
		let debtors: Vec<T::AccountId> = get::<T>(&who).validators().to_vec();
		let validator = debtors.last().cloned().expect("is full");
		Debts::<T>::insert(&validator, Debt::new(1, identity));
		let debtors = BoundedVec::truncate_from(debtors);
		OwedBy::<T>::insert(identity, OwedOf::<T>::for_all(1, debtors));
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
		Debts::<T>::insert(&validator, Debt::of_nobody(1));
		Standings::<T>::insert(&validator, standing());
		let caller: T::AccountId = account("caller", 0, 0);
		#[extrinsic_call]
		_(RawOrigin::Signed(caller), validator.clone());
		assert!(!Validators::<T>::contains_key(&validator));
		assert!(!Standings::<T>::contains_key(&validator));
		assert!(Debts::<T>::get(&validator).is_some_and(|debt| debt.identity().is_some()));
	}

	#[benchmark]
	fn begin_round() {
		T::BenchmarkHelper::full_set(ERA);
		#[block]
		{
			scores::begin::<T>(ERA, 0);
		}
		assert!(round::<T>().elected() > 0 && round::<T>().points() > 0);
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
			validators::add_validator::<T>(who.clone(), validator.clone()).expect("has room");
			validators::confirm_validator::<T>(validator.clone(), who).expect("was added");
			Validators::<T>::mutate(&validator, |record| {
				record.as_mut().expect("has joined").plan(0, true);
			});
			assigned.push((i, validator));
		}
		// Last ones of a list as long as it can be.
		let others = (v..T::MaxStashes::get()).map(|i| (i, account("other", i, 0)));
		let assigned: Vec<_> = others.chain(assigned).collect();
		Assigned::<T>::put(BoundedVec::truncate_from(assigned));
		// Only these are scored.
		let fillers: Vec<_> = Validators::<T>::iter()
			.filter(|(_, record)| record.fit_from() == 0)
			.map(|(validator, _)| validator)
			.collect();
		fillers.iter().for_each(Validators::<T>::remove);
		scores::begin::<T>(ERA, 0);
		let round = round::<T>();
		let scored;
		#[block]
		{
			scored = scores::score_page::<T>(round);
		}
		assert!(scored.is_ok());
		assert_eq!(Scores::<T>::get(0).len(), v as usize);
		assert_eq!(Standings::<T>::iter().count(), v as usize);
	}

	#[benchmark]
	fn forget(v: Linear<0, PAGE>) {
		let before = Validators::<T>::count();
		let mut leaving = Vec::new();
		for i in 0..v {
			let who = operator::<T>(i, 0);
			let validator = get::<T>(&who).validators().last().cloned().expect("is full");
			Debts::<T>::insert(&validator, Debt::of_nobody(1));
			Standings::<T>::insert(&validator, standing());
			leaving.push((validator, who));
		}
		#[block]
		{
			for (validator, operator) in leaving {
				validators::forget_of::<T>(&operator, validator).expect("is decodable");
			}
		}
		let most = T::MaxValidatorsPerOperator::get();
		assert_eq!(Validators::<T>::count(), before + v * (most - 1));
	}

	#[benchmark]
	fn clear_pages(p: Linear<0, 16>) {
		scores::begin::<T>(ERA, 0);
		let page: PageOf<T> = BoundedVec::truncate_from((0..PAGE).map(score_of::<T>).collect());
		(0..p).for_each(|i| Scores::<T>::insert(i, page.clone()));
		let round = round::<T>().with_stale(p);
		#[block]
		{
			scores::finish::<T>(round);
		}
		assert_eq!(Scores::<T>::iter().count(), 0);
		assert!(CurrentRound::<T>::get().is_some_and(|round| round.is_done()));
	}

	/// `v` validators and `s` stashes, no two of one stake, half of which nominate somebody.
	#[benchmark]
	fn select(v: Linear<1, { T::MaxValidators::get() }>, s: Linear<1, { T::MaxStashes::get() }>) {
		let scores: Vec<_> = (0..v).map(score_of::<T>).collect();
		for (i, page) in (0..).zip(scores.chunks(PAGE as usize)) {
			Scores::<T>::insert(i, PageOf::<T>::truncate_from(page.to_vec()));
		}
		let parameters = T::DefaultParameters::get();
		CurrentRound::<T>::put(Round::done(ERA, v, v.div_ceil(PAGE), parameters));
		// Two records for each stash: of whom the last plan has nominated, and of whom this one does.
		let terms = Terms::GENESIS;
		let mut record = Validator::join(account("operator", 0, 0), &terms, None, 0);
		record.attest(true);
		(0..v).for_each(|i| {
			Validators::<T>::insert(account::<T::AccountId>("validator", i, 0), record.clone())
		});
		let nominated: BTreeSet<T::AccountId> =
			(0..s.min(v)).map(|i| account("validator", v - 1 - i, 0)).collect();
		LastPlan::<T>::put(PlannedOf::<T>::new(ERA - 1, Vec::new(), 0, nominated));
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
		assert!(LastPlan::<T>::get().is_some_and(|plan| plan.era() == ERA));
	}

	/// A bond that does not suffice.
	#[benchmark]
	fn pay() {
		let who = operator::<T>(0, 0);
		let validator = get::<T>(&who).validators().last().cloned().expect("is full");
		let to = T::Creditor::account();
		T::Currency::set_balance(&to, T::Currency::minimum_balance());
		let bond = T::MinBond::get();
		let paid;
		#[block]
		{
			paid = Pallet::<T>::pay(&validator, 2 * bond, &to);
		}
		assert_eq!(paid, bond);
		assert_eq!(Debts::<T>::get(&validator).map(|debt| debt.amount()), Some(bond));
	}
}
