// SPDX-License-Identifier: Apache-2.0

//! A runtime of the registry over a staking pallet that is told what to say. The real one is tested
//! in the runtime's integration tests.

use crate::{records::Terms, *};
use frame_support::{
	assert_ok, derive_impl, parameter_types,
	traits::{fungible::Mutate, ConstU128, ConstU32, Contains, Hooks},
	weights::RuntimeDbWeight,
};
use frame_system::{EnsureRoot, EnsureSignedBy};
use holdfast_primitives::{
	Balance, DebtSink, Equivocation, EraIndex, Preferences, StashAccounts, StashToPlace,
	ValidatorInfo, ValidatorSelection, ValidatorSet,
};
use sp_runtime::{BuildStorage, DispatchResult, Perbill};
use std::{cell::RefCell, collections::BTreeMap};

pub type AccountId = u64;
pub type Block = frame_system::mocking::MockBlock<Test>;

/// The least that an operator bonds.
pub const MIN_BOND: Balance = 1_000;
pub const BONDING: EraIndex = 3;
pub const MAX_STASHES: u32 = 64;
/// Attests.
pub const REGISTRAR: AccountId = 1;
/// Suspends.
pub const GUARDIAN: AccountId = 2;
/// Gets what operators owe.
pub const FUND: AccountId = 3;
/// Accounts from here on are stashes of the pool.
pub const STASHES: AccountId = 1_000_000;

frame_support::construct_runtime!(
	pub enum Test {
		System: frame_system,
		Balances: pallet_balances,
		Registry: crate,
	}
);

#[derive_impl(frame_system::config_preludes::TestDefaultConfig)]
impl frame_system::Config for Test {
	type DbWeight = CountingDbWeight;
	type Block = Block;
	type AccountData = pallet_balances::AccountData<Balance>;
}

#[derive_impl(pallet_balances::config_preludes::TestDefaultConfig)]
impl pallet_balances::Config for Test {
	type Balance = Balance;
	type ExistentialDeposit = ConstU128<1>;
	type AccountStore = System;
	type RuntimeHoldReason = RuntimeHoldReason;
}

parameter_types! {
	/// Reads and writes can be told from the time of a weight: a write counts a trillion, a read a
	/// thousand times that.
	pub const CountingDbWeight: RuntimeDbWeight =
		RuntimeDbWeight { read: 1_000_000_000_000_000, write: 1_000_000_000_000 };
	pub const Registrar: AccountId = REGISTRAR;
	pub const Guardian: AccountId = GUARDIAN;
	pub static Era: EraIndex = 10;
	pub static Seats: u32 = 16;
	pub static MostValidators: u32 = 32;
	pub static MostInRegistry: u32 = 1_000;
	/// What operators have paid of what they owed.
	pub static Repaid: Balance = 0;
	/// What was paid back of bonds, as the creditor was told.
	pub static Released: Balance = 0;
	/// What validators are paid in an era.
	pub static Payout: Balance = 16_000_000;
	pub const Defaults: Parameters = Parameters {
		validator_cap: Perbill::from_percent(10),
		operator_cap: Perbill::from_percent(20),
		region_cap: Perbill::from_percent(50),
		provider_cap: Perbill::from_percent(50),
		client_cap: Perbill::from_percent(75),
		coverage_multiple: 1_000,
		floor: Perbill::from_percent(5),
		max_commission: Perbill::from_percent(20),
		min_points: Perbill::from_percent(50),
		probation: 2,
		incident: Perbill::from_percent(1),
		churn: 4,
		hysteresis: 50,
	};
	pub const Least: Parameters = Parameters {
		validator_cap: Perbill::from_percent(1),
		operator_cap: Perbill::from_percent(2),
		region_cap: Perbill::from_percent(3),
		provider_cap: Perbill::from_percent(4),
		client_cap: Perbill::from_percent(5),
		coverage_multiple: 1,
		floor: Perbill::from_percent(1),
		max_commission: Perbill::from_percent(5),
		min_points: Perbill::from_percent(10),
		probation: 1,
		incident: Perbill::from_parts(1),
		churn: 1,
		hysteresis: 0,
	};
	/// Wide: the tests of the plan switch caps off by setting them to all.
	pub const Most: Parameters = Parameters {
		validator_cap: Perbill::one(),
		operator_cap: Perbill::one(),
		region_cap: Perbill::one(),
		provider_cap: Perbill::one(),
		client_cap: Perbill::one(),
		coverage_multiple: 1_000,
		floor: Perbill::from_percent(10),
		max_commission: Perbill::from_percent(50),
		min_points: Perbill::from_percent(90),
		probation: 10,
		incident: Perbill::from_percent(5),
		churn: 64,
		hysteresis: 500,
	};
}

/// Blocks until new parameters act.
pub const DELAY: u32 = 10;

impl Config for Test {
	type Currency = Balances;
	type RuntimeHoldReason = RuntimeHoldReason;
	type Validators = Fakes;
	type Slashing = Equivocation;
	type Stashes = AreStashes;
	type Creditor = Creditor;
	type RegistrarOrigin = EnsureSignedBy<RegistrarMember, AccountId>;
	type GuardianOrigin = EnsureSignedBy<GuardianMember, AccountId>;
	type AdminOrigin = EnsureRoot<AccountId>;
	type MinBond = ConstU128<MIN_BOND>;
	type MaxValidators = MostInRegistry;
	type MaxValidatorsPerOperator = MostValidators;
	type MaxStashes = ConstU32<MAX_STASHES>;
	type MaxSuspension = ConstU32<28>;
	type DefaultParameters = Defaults;
	type MinParameters = Least;
	type MaxParameters = Most;
	type ParametersDelay = ConstU32<DELAY>;
	type WeightInfo = ();
	#[cfg(feature = "runtime-benchmarks")]
	type BenchmarkHelper = ();
}

/// Counts what operators pay.
pub struct Creditor;

impl DebtSink<AccountId> for Creditor {
	fn account() -> AccountId {
		FUND
	}

	fn repaid(amount: Balance) {
		Repaid::mutate(|sum| *sum += amount);
	}

	fn released(amount: Balance) {
		Released::mutate(|sum| *sum += amount);
	}
}

frame_support::ord_parameter_types! {
	pub const RegistrarMember: AccountId = REGISTRAR;
	pub const GuardianMember: AccountId = GUARDIAN;
}

pub struct AreStashes;

impl Contains<AccountId> for AreStashes {
	fn contains(who: &AccountId) -> bool {
		*who >= STASHES
	}
}

impl StashAccounts<AccountId> for AreStashes {
	fn stash_account(index: u32) -> AccountId {
		STASHES + AccountId::from(index)
	}
}

/// What the staking pallet says of a validator.
#[derive(Clone, Debug)]
pub struct Fake {
	/// Whether it has registered session keys.
	pub keys: bool,
	/// Whether it stands for election.
	pub candidate: bool,
	pub commission: Perbill,
	/// That with which it was elected for the last era.
	pub commission_before: Perbill,
	pub blocked: bool,
	/// Whether it is elected, in every era.
	pub elected: bool,
	pub own: Balance,
	/// What of its own is exposed, if that is something else.
	pub exposed: Option<Balance>,
	/// Stake of other nominators.
	pub others: Balance,
	/// Points in the last era.
	pub points: u32,
	pub offence: Option<EraIndex>,
	/// What stashes of the pool have staked with it.
	pub ours: Balance,
}

impl Default for Fake {
	fn default() -> Self {
		Self {
			keys: true,
			candidate: true,
			commission: Perbill::zero(),
			commission_before: Perbill::zero(),
			blocked: false,
			elected: true,
			own: 100_000,
			exposed: None,
			others: 0,
			points: 60,
			offence: None,
			ours: 0,
		}
	}
}

thread_local! {
	/// Whom each stash nominates.
	static NOMINATIONS: RefCell<BTreeMap<AccountId, Vec<AccountId>>> =
		const { RefCell::new(BTreeMap::new()) };
	static FAKES: RefCell<BTreeMap<AccountId, Fake>> = const { RefCell::new(BTreeMap::new()) };
}

/// Changes what the staking pallet says of a validator.
pub fn fake(validator: AccountId, change: impl FnOnce(&mut Fake)) {
	FAKES.with(|fakes| change(fakes.borrow_mut().entry(validator).or_default()));
}

/// Lets a stash nominate; `None` chills it.
pub fn nominate(stash: u32, validators: Option<Vec<AccountId>>) {
	let stash = AreStashes::stash_account(stash);
	NOMINATIONS.with(|all| match validators {
		Some(validators) => all.borrow_mut().insert(stash, validators),
		None => all.borrow_mut().remove(&stash),
	});
}

fn get(validator: &AccountId) -> Option<Fake> {
	FAKES.with(|fakes| fakes.borrow().get(validator).cloned())
}

fn elected() -> Vec<(AccountId, Fake)> {
	let all: Vec<_> = FAKES.with(|f| f.borrow().iter().map(|(k, v)| (*k, v.clone())).collect());
	all.into_iter().filter(|(_, fake)| fake.elected).collect()
}

pub struct Fakes;

impl ValidatorInfo for Fakes {
	type AccountId = AccountId;

	fn active_era() -> Option<EraIndex> {
		Some(Era::get())
	}

	fn bonding_duration() -> EraIndex {
		BONDING
	}

	fn seats() -> u32 {
		Seats::get()
	}

	fn set(_: EraIndex) -> ValidatorSet {
		let totals: Vec<_> = elected().iter().map(|(_, f)| f.own + f.others + f.ours).collect();
		ValidatorSet {
			elected: totals.len() as u32,
			least: totals.iter().min().copied().unwrap_or(0),
		}
	}

	fn points(era: EraIndex) -> BTreeMap<AccountId, u32> {
		assert_eq!(era + 1, Era::get(), "the last era that is over");
		elected().into_iter().map(|(who, f)| (who, f.points)).filter(|(_, n)| *n > 0).collect()
	}

	fn payout(era: EraIndex) -> Balance {
		assert_eq!(era + 1, Era::get(), "the last era that is paid");
		Payout::get()
	}

	fn preferences(validator: &AccountId) -> Option<Preferences> {
		let fake = get(validator).filter(|fake| fake.candidate)?;
		Some(Preferences { commission: fake.commission, blocked: fake.blocked })
	}

	fn commission(era: EraIndex, validator: &AccountId) -> Perbill {
		let asked =
			|fake: Fake| if era == Era::get() { fake.commission } else { fake.commission_before };
		get(validator).filter(|fake| fake.elected).map_or(Perbill::zero(), asked)
	}

	fn has_keys(validator: &AccountId) -> bool {
		get(validator).is_some_and(|fake| fake.keys)
	}

	fn own_stake(validator: &AccountId) -> Balance {
		get(validator).map_or(0, |fake| fake.own)
	}

	fn exposed_own(era: EraIndex, validator: &AccountId) -> Balance {
		assert_eq!(era, Era::get(), "the exposure of this era");
		get(validator)
			.filter(|fake| fake.elected)
			.map_or(0, |fake| fake.exposed.unwrap_or(fake.own))
	}

	fn nominations(nominator: &AccountId) -> Option<Vec<AccountId>> {
		NOMINATIONS.with(|all| all.borrow().get(nominator).cloned())
	}

	fn backing(_: EraIndex, validator: &AccountId) -> Option<(Balance, u32)> {
		let fake = get(validator).filter(|fake| fake.elected)?;
		Some((fake.own + fake.others + fake.ours, 2))
	}

	fn backing_of(
		era: EraIndex,
		validator: &AccountId,
		page: u32,
		is_ours: impl Fn(&AccountId) -> bool,
	) -> Balance {
		assert_eq!(era, Era::get(), "the exposure of this era");
		let fake = get(validator).unwrap_or_default();
		let nominators = if page == 0 {
			[(STASHES, fake.ours / 3), (7, fake.others)]
		} else {
			[(STASHES + 1, fake.ours - fake.ours / 3), (8, 0)]
		};
		let staked = nominators.iter().filter(|(who, stake)| *stake > 0 && is_ours(who));
		staked.map(|(_, stake)| stake).sum()
	}

	fn last_offence(validator: &AccountId) -> Option<EraIndex> {
		get(validator)?.offence
	}
}

/// Runs a test, and checks the invariants at its end.
pub fn run(test: impl FnOnce()) {
	unchecked(|| {
		test();
		check();
	});
}

/// Runs a test that leaves something broken.
pub fn unchecked(test: impl FnOnce()) {
	FAKES.with(|fakes| fakes.borrow_mut().clear());
	NOMINATIONS.with(|all| all.borrow_mut().clear());
	let mut ext: sp_io::TestExternalities =
		frame_system::GenesisConfig::<Test>::default().build_storage().unwrap().into();
	ext.execute_with(|| {
		System::set_block_number(1);
		Balances::set_balance(&FUND, 1);
		MostValidators::set(32);
		MostInRegistry::set(1_000);
		Registry::integrity_test();
		test();
	});
}

#[track_caller]
pub fn check() {
	Registry::do_try_state().unwrap();
}

pub fn signed(who: AccountId) -> RuntimeOrigin {
	RuntimeOrigin::signed(who)
}

/// A profile of four words.
pub fn profile(words: &str) -> Profile {
	let words: Vec<_> = words.split(' ').collect();
	Profile::new(words[0], words[1], words[2], words[3]).unwrap()
}

/// Registers an operator that is attested, and its validators, past their probation.
pub fn operator(who: AccountId, words: &str, validators: &[AccountId]) {
	Balances::set_balance(&who, 1_000_000);
	assert_ok!(Registry::register_operator(signed(who), profile(words)));
	for validator in validators {
		fake(*validator, |_| ());
		assert_ok!(Registry::add_validator(signed(who), *validator));
		assert_ok!(Registry::confirm_validator(signed(*validator), who));
		let record = Validator::join(who, &Terms::GENESIS, None, Era::get());
		Validators::<Test>::insert(validator, record);
		Standings::<Test>::remove(validator);
	}
	assert_ok!(attest(who, words, Attested::ALL));
}

/// As if a plan of this era had stashes on the validators.
pub fn had_stashes(validators: &[AccountId]) {
	for validator in validators {
		Validators::<Test>::mutate(validator, |record| {
			record.as_mut().unwrap().note_exposed(Era::get());
		});
	}
}

/// The registrar attests what it has found of an operator and all of its validators.
pub fn attest(who: AccountId, words: &str, attested: Attested) -> DispatchResult {
	let validators = Operators::<Test>::get(who).map(|o| o.validators().to_vec());
	let validators = validators.unwrap_or_default().try_into().unwrap();
	Registry::attest(signed(REGISTRAR), who, profile(words), attested, validators)
}

/// The parameters that act.
pub fn parameters() -> Parameters {
	ParametersSchedule::<Test>::get().at(System::block_number() as u32)
}

/// Sets parameters, and lets them act at once.
pub fn set_parameters(change: impl FnOnce(&mut Parameters)) {
	let mut parameters = parameters();
	change(&mut parameters);
	assert_ok!(Registry::set_parameters(RuntimeOrigin::root(), parameters));
	System::set_block_number(System::block_number() + u64::from(DELAY));
}

/// Scores all validators for the present era.
pub fn score_all() {
	let mut steps = 0;
	while Registry::prepare(Era::get()).is_some() {
		check();
		steps += 1;
		assert!(steps < 1_000, "a round ends");
	}
}

/// As [`score_all`], where the invariants do not hold.
pub fn score_all_unchecked() {
	while Registry::prepare(Era::get()).is_some() {}
}

/// The score of a validator in the last round.
#[track_caller]
pub fn score(validator: AccountId) -> Score<AccountId> {
	let scores = Registry::validators();
	scores.into_iter().find(|score| score.validator == validator).expect("is scored")
}

/// The stashes 0, 1, and so on, with what they stake and whom they nominate.
pub fn stashes(of: &[(Balance, Option<AccountId>)]) -> Vec<StashToPlace<AccountId>> {
	let stash = |(index, (stake, nominates)): (u32, &(Balance, Option<AccountId>))| StashToPlace {
		index,
		nominates: *nominates,
		stake: *stake,
	};
	(0..).zip(of).map(stash).collect()
}

/// Scores and plans for the present era, for stashes of one stake, and checks the caps.
#[track_caller]
pub fn plan(current: &[Option<AccountId>], stake: Balance) -> Vec<Option<AccountId>> {
	plan_of(&current.iter().map(|validator| (stake, *validator)).collect::<Vec<_>>())
}

/// Scores and plans for the present era, for stashes of these stakes, and checks the caps.
#[track_caller]
pub fn plan_of(of: &[(Balance, Option<AccountId>)]) -> Vec<Option<AccountId>> {
	score_all();
	let chosen = Registry::select(Era::get(), &stashes(of));
	assert_eq!(chosen.len(), of.len());
	// As the pool does.
	for (stash, validator) in (0..).zip(&chosen) {
		nominate(stash, validator.map(|validator| vec![validator]));
	}
	check_caps(&chosen, &of.iter().map(|(stake, _)| *stake).collect::<Vec<_>>());
	check();
	chosen
}

/// No cap is exceeded in stake, counted anew from the scores. But a cap holds at least one stash that is
/// at most twice as large as the mean, or any of four, and its part of their number, if that is at most a
/// twentieth more; and a thousandth of a stake does not matter.
#[track_caller]
pub fn check_caps(chosen: &[Option<AccountId>], stakes: &[Balance]) {
	let parameters = parameters();
	let (n, total) = (stakes.len() as u128, stakes.iter().sum::<Balance>());
	let mut usual: Vec<_> =
		stakes.iter().copied().filter(|stake| n <= 4 || *stake * n <= 2 * total + n).collect();
	usual.sort_by_key(|stake| std::cmp::Reverse(*stake));
	let most = |cap: Perbill| {
		let of = |all: Balance| u128::from(cap.deconstruct()) * all / 1_000_000_000;
		let number = usual.iter().take(of(n) as usize).sum::<Balance>();
		let number = number.min(of(total) * 1_051 / 1_000 + 1);
		of(total).max(number).max(usual.first().copied().unwrap_or(0)).max(1)
	};
	let mut on: BTreeMap<AccountId, Balance> = BTreeMap::new();
	let mut of: BTreeMap<(usize, Cluster), Balance> = BTreeMap::new();
	for (validator, stake) in chosen.iter().zip(stakes) {
		let Some(validator) = validator else { continue };
		*on.entry(*validator).or_default() += stake;
		for (d, cluster) in score(*validator).clusters.into_iter().enumerate() {
			*of.entry((d, cluster)).or_default() += stake;
		}
	}
	assert!(on.values().all(|stake| *stake <= most(parameters.validator_cap)), "{on:?}");
	let caps = holdfast_planner::DIMENSIONS.map(|d| most(parameters.cap(d)));
	assert!(of.iter().all(|((d, _), stake)| *stake <= caps[*d]), "{of:?}");
}

/// The next era.
pub fn next_era() {
	Era::set(Era::get() + 1);
}

/// What the last plan says of a stash.
pub fn reason(stash: u32) -> Option<Reason> {
	let plan = LastPlan::<Test>::get()?;
	plan.changes().iter().find(|change| change.stash == stash).map(|change| change.reason)
}
