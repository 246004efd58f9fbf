// SPDX-License-Identifier: Apache-2.0

//! A runtime of the fund, with a pool and bonds of operators that do what a test says.

use crate::{Config, Event, Fund, FundState, Parameters, RequestId};
use codec::{Decode, Encode};
use frame_support::{
	derive_impl, parameter_types, storage_alias,
	traits::{
		fungible::{Inspect, Mutate},
		tokens::Preservation,
		ConstU128, ConstU32, Hooks,
	},
	weights::{RuntimeDbWeight, WeightMeter},
	PalletId, Twox64Concat,
};
use frame_system::EnsureRoot;
use holdfast_primitives::{
	Balance, DebtSink, Dues, EraIndex, InsuredPool, Loss, LossCover, OpenReport, OperatorBonds,
	OperatorRisk, SlashModel,
};
use sp_runtime::{traits::IdentityLookup, AccountId32, BuildStorage, DispatchResult, Perbill};

pub type AccountId = AccountId32;
pub type Block = frame_system::mocking::MockBlockU32<Test>;

pub const ED: Balance = 10;
pub const BONDING: EraIndex = 3;
/// Eras from an offence to its slash.
pub const DELAY: EraIndex = 2;
pub const BLOCKS_PER_ERA: u32 = 10;
pub const RICH: Balance = 10_000_000;
pub const ALICE: AccountId = AccountId32::new([1; 32]);
pub const BOB: AccountId = AccountId32::new([2; 32]);
pub const CHARLIE: AccountId = AccountId32::new([3; 32]);
/// The pool's pot.
pub const POT: AccountId = AccountId32::new([8; 32]);
/// Holds the bonds of operators.
pub const BONDS: AccountId = AccountId32::new([9; 32]);
pub const STASH: AccountId = AccountId32::new([10; 32]);

frame_support::construct_runtime!(
	pub enum Test {
		System: frame_system,
		Balances: pallet_balances,
		InsuranceFund: crate,
	}
);

#[derive_impl(frame_system::config_preludes::TestDefaultConfig)]
impl frame_system::Config for Test {
	type DbWeight = CountingDbWeight;
	type Block = Block;
	type AccountId = AccountId;
	type Lookup = IdentityLookup<AccountId>;
	type AccountData = pallet_balances::AccountData<Balance>;
}

#[derive_impl(pallet_balances::config_preludes::TestDefaultConfig)]
impl pallet_balances::Config for Test {
	type Balance = Balance;
	type ExistentialDeposit = ConstU128<ED>;
	type AccountStore = System;
}

parameter_types! {
	/// Reads and writes can be told from the time of a weight: a write counts a trillion, a read a
	/// thousand times that.
	pub const CountingDbWeight: RuntimeDbWeight =
		RuntimeDbWeight { read: 1_000_000_000_000_000, write: 1_000_000_000_000 };
	pub const FundId: PalletId = PalletId(*b"hf/insur");
	pub static Defaults: Parameters = PLAIN;
	pub const Least: Parameters = Parameters {
		min_underwriting: 1,
		premium_min: Perbill::zero(),
		premium_max: Perbill::zero(),
		yield_max: Perbill::zero(),
		reserve_limit: Perbill::zero(),
		target_floor: 0,
		target_cap: 1_000,
	};
	pub const Most: Parameters = Parameters {
		min_underwriting: 10_000,
		premium_min: Perbill::from_percent(10),
		premium_max: Perbill::from_percent(50),
		yield_max: Perbill::from_percent(10),
		reserve_limit: Perbill::one(),
		target_floor: 1_000_000,
		target_cap: Balance::MAX,
	};
	pub static ActiveEra: Option<EraIndex> = Some(0);
	/// Whether the pool has read all reports.
	pub static ReportsFresh: bool = true;
	/// What the pool has with any validator.
	pub static Stake: Balance = 0;
	pub static LargestLoss: Balance = 0;
	pub static ExpectedLoss: Balance = 0;
	pub static Slashable: bool = true;
}

/// No premium, no target, and all of the reserve in each era.
pub const PLAIN: Parameters = Parameters {
	min_underwriting: 100,
	premium_min: Perbill::zero(),
	premium_max: Perbill::zero(),
	yield_max: Perbill::from_percent(10),
	reserve_limit: Perbill::one(),
	target_floor: 0,
	target_cap: Balance::MAX,
};

pub struct Pool;

impl InsuredPool<AccountId> for Pool {
	fn reports_fresh() -> bool {
		ReportsFresh::get()
	}

	fn stake_with(_validator: &AccountId) -> Balance {
		Stake::get()
	}
}

#[derive(Clone, Default, Encode, Decode)]
pub struct Bond {
	pub assets: Balance,
	pub debt: Balance,
}

/// Bonds of operators, which have the account of their first validator.
#[storage_alias]
type BondsOf = StorageMap<Fake, Twox64Concat, AccountId, Bond>;

/// The operators of further validators.
#[storage_alias]
type RunBy = StorageMap<Fake, Twox64Concat, AccountId, AccountId>;

pub struct Operators;

impl Operators {
	pub fn set(validator: &AccountId, assets: Balance) {
		Balances::mint_into(&BONDS, assets).unwrap();
		BondsOf::mutate(validator, |bond| bond.get_or_insert_default().assets += assets);
	}

	/// The operator of `first` runs `other` as well.
	pub fn share(first: &AccountId, other: &AccountId) {
		RunBy::insert(other, first);
	}

	/// A part of the bond is paid back.
	pub fn release(validator: &AccountId, amount: Balance) {
		BondsOf::mutate(validator, |bond| bond.as_mut().unwrap().assets -= amount);
		InsuranceFund::released(amount);
	}

	pub fn of(validator: &AccountId) -> Bond {
		BondsOf::get(validator).unwrap_or_default()
	}

	fn operator(validator: &AccountId) -> AccountId {
		RunBy::get(validator).unwrap_or(validator.clone())
	}
}

impl OperatorBonds<AccountId> for Operators {
	fn pay(validator: &AccountId, amount: Balance, to: &AccountId) -> Balance {
		BondsOf::mutate(Self::operator(validator), |slot| {
			let Some(bond) = slot.as_mut() else { return 0 };
			let part = bond.assets.min(amount);
			Balances::transfer(&BONDS, to, part, Preservation::Preserve).unwrap();
			bond.assets -= part;
			bond.debt += amount - part;
			part
		})
	}

	fn bond_of(validator: &AccountId) -> Option<(AccountId, Balance)> {
		let operator = Self::operator(validator);
		BondsOf::get(&operator).map(|bond| (operator, bond.assets))
	}
}

pub struct Risk;

impl OperatorRisk for Risk {
	fn largest_loss() -> Balance {
		LargestLoss::get()
	}

	fn expected_loss() -> Balance {
		ExpectedLoss::get()
	}
}

pub struct Slashes;

impl SlashModel for Slashes {
	fn fraction(_seats: u32, _elected: u32) -> Perbill {
		Perbill::one()
	}

	fn nominators_slashable() -> bool {
		Slashable::get()
	}
}

impl Config for Test {
	type Currency = Balances;
	type Pool = Pool;
	type Bonds = Operators;
	type Risk = Risk;
	type Slashes = Slashes;
	type ActiveEra = ActiveEra;
	type BondingDuration = ConstU32<BONDING>;
	type AdminOrigin = EnsureRoot<AccountId>;
	type PalletId = FundId;
	type MaxClaims = ConstU32<12>;
	type MaxProvisions = ConstU32<4>;
	type MaxBonds = ConstU32<8>;
	type MaxHistory = ConstU32<16>;
	type MaxRequests = ConstU32<4>;
	type DefaultParameters = Defaults;
	type MinParameters = Least;
	type MaxParameters = Most;
	type ParametersDelay = ConstU32<{ 8 * BLOCKS_PER_ERA }>;
	type WeightInfo = ();
	#[cfg(feature = "runtime-benchmarks")]
	type BenchmarkHelper = Helper;
}

#[cfg(feature = "runtime-benchmarks")]
pub struct Helper;

#[cfg(feature = "runtime-benchmarks")]
impl crate::BenchmarkHelper<AccountId> for Helper {
	fn set_era(era: EraIndex) {
		ActiveEra::set(Some(era));
	}

	fn bond(validator: &AccountId) {
		BondsOf::insert(validator, Bond { assets: 1_000_000_000, debt: 0 });
	}
}

pub fn validator(n: u8) -> AccountId {
	AccountId32::new([100 + n; 32])
}

/// Resets what the chain around the fund does.
fn reset() {
	Defaults::set(PLAIN);
	ActiveEra::set(Some(0));
	ReportsFresh::set(true);
	Stake::set(0);
	LargestLoss::set(0);
	ExpectedLoss::set(0);
	Slashable::set(true);
}

/// A chain at block 1 of era 0.
pub fn new_test_ext() -> sp_io::TestExternalities {
	reset();
	let mut storage = frame_system::GenesisConfig::<Test>::default().build_storage().unwrap();
	pallet_balances::GenesisConfig::<Test> {
		balances: [ALICE, BOB, CHARLIE]
			.into_iter()
			.map(|who| (who, RICH))
			.chain([(POT, RICH), (BONDS, ED)])
			.collect(),
		..Default::default()
	}
	.assimilate_storage(&mut storage)
	.unwrap();
	crate::GenesisConfig::<Test>::default().assimilate_storage(&mut storage).unwrap();
	let mut ext = sp_io::TestExternalities::new(storage);
	ext.execute_with(|| {
		System::set_block_number(1);
		next_block();
		System::reset_events();
	});
	ext
}

/// Runs `test` on such a chain, and checks the invariants after it.
pub fn run(test: impl FnOnce()) {
	new_test_ext().execute_with(|| {
		test();
		InsuranceFund::do_try_state().unwrap();
	});
}

pub fn next_block() {
	System::set_block_number(System::block_number() + 1);
	InsuranceFund::on_poll(System::block_number(), &mut WeightMeter::new());
	InsuranceFund::do_try_state().unwrap();
}

/// Goes to the first block of the next era.
pub fn next_era() {
	let number = System::block_number();
	System::set_block_number(number - number % BLOCKS_PER_ERA + BLOCKS_PER_ERA - 1);
	ActiveEra::set(ActiveEra::get().map(|era| era + 1));
	next_block();
}

pub fn eras(count: u32) {
	(0..count).for_each(|_| next_era());
}

pub fn era() -> EraIndex {
	ActiveEra::get().unwrap()
}

pub fn signed(who: &AccountId) -> RuntimeOrigin {
	RuntimeOrigin::signed(who.clone())
}

pub fn hold(who: &AccountId) -> Balance {
	Balances::balance(who)
}

pub fn fund() -> FundState {
	Fund::<Test>::get()
}

/// A slash of `amount` that was reported for validator `n` to be due in `applied_in`; `reported` of
/// the report is resolved by it. Returns what arrives in the pot.
pub fn slash(n: u8, applied_in: EraIndex, amount: Balance, reported: Balance) -> Balance {
	let loss = Loss {
		stash: STASH,
		validator: Some(validator(n)),
		offence_era: applied_in.saturating_sub(DELAY),
		applied_in,
		amount,
		reported,
	};
	let before = hold(&POT);
	let paid = InsuranceFund::cover(&loss, &POT);
	assert_eq!(hold(&POT), before + paid);
	InsuranceFund::do_try_state().unwrap();
	paid
}

/// Tells the fund that these are all reports: on validator, due in, amount.
pub fn report(open: &[(u8, EraIndex, Balance)]) {
	InsuranceFund::reported(open.iter().map(|(n, applied_in, amount)| OpenReport {
		validator: validator(*n),
		offence_era: applied_in.saturating_sub(DELAY),
		applied_in: *applied_in,
		amount: *amount,
	}));
	InsuranceFund::do_try_state().unwrap();
}

/// The pool books `reward`, of which it sets `fee` aside. Returns what the fund got.
pub fn book_reward(reward: Balance, fee: Balance) -> Dues {
	let dues = InsuranceFund::dues(reward, fee);
	Balances::mint_into(&InsuranceFund::account(), dues.total()).unwrap();
	InsuranceFund::collected(dues);
	dues
}

/// Number of the request that `who` makes for `shares`.
pub fn request(who: &AccountId, shares: Balance) -> RequestId {
	let id = fund().next_request();
	InsuranceFund::request_withdraw(signed(who), shares).unwrap();
	id
}

pub fn shares_of(who: &AccountId) -> Balance {
	InsuranceFund::position(&fund(), who, era()).unwrap().shares.0
}

/// Follows up request `id`.
pub fn withdraw(who: &AccountId, id: RequestId) -> DispatchResult {
	InsuranceFund::withdraw(signed(who), id).map(|_| ()).map_err(|refused| refused.error)
}

/// This pallet's events since the last call.
pub fn events() -> Vec<Event<Test>> {
	let events = System::read_events_for_pallet::<Event<Test>>();
	System::reset_events();
	events
}
