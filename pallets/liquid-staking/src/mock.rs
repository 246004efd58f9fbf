// SPDX-License-Identifier: Apache-2.0

//! A runtime of the pool over a small staking pallet of our own, which can be made to fail at any
//! call. The real one is tested in the runtime's integration tests.

use crate::*;
use codec::{Decode, Encode};
use frame_support::{
	derive_impl, parameter_types, storage_alias,
	traits::{
		fungible::{Inspect, ItemOf, Mutate},
		tokens::{Fortitude, Precision, Preservation},
		AsEnsureOriginWithArg, ConstU128, ConstU32, Hooks,
	},
	weights::{RuntimeDbWeight, Weight, WeightMeter},
	PalletId, Twox64Concat,
};
use frame_system::{EnsureNever, EnsureRoot};
use holdfast_primitives::{Balance, Chunk, EraIndex, Ledger, StakingBackend, ValidatorSelection};
use sp_runtime::{
	traits::IdentityLookup, AccountId32, BuildStorage, DispatchError, DispatchResult,
};
use sp_staking::OnStakingUpdate;
use std::collections::BTreeMap;

pub type AccountId = AccountId32;
pub type Block = frame_system::mocking::MockBlockU32<Test>;

/// 1 HOLD in this runtime: few decimals, so that a person can check the numbers.
pub const ED: Balance = 10;
pub const BONDING_DURATION: EraIndex = 3;
/// Room for all work of an era in one block.
pub const ENOUGH: Weight = Weight::from_parts(u64::MAX / 2, u64::MAX / 2);
pub const BLOCKS_PER_ERA: u32 = 10;
pub const ALICE: AccountId = AccountId32::new([1; 32]);
pub const BOB: AccountId = AccountId32::new([2; 32]);
pub const CHARLIE: AccountId = AccountId32::new([3; 32]);
pub const TREASURY: AccountId = AccountId32::new([9; 32]);
/// Holds what is staked.
const VAULT: AccountId = AccountId32::new([8; 32]);
const ST_HOLD: u32 = 1;

frame_support::construct_runtime!(
	pub enum Test {
		System: frame_system,
		Balances: pallet_balances,
		Assets: pallet_assets,
		LiquidStaking: crate,
	}
);

#[derive_impl(frame_system::config_preludes::TestDefaultConfig)]
impl frame_system::Config for Test {
	type Block = Block;
	type AccountId = AccountId;
	type Lookup = IdentityLookup<AccountId>;
	type AccountData = pallet_balances::AccountData<Balance>;
	type DbWeight = CountingDbWeight;
}

#[derive_impl(pallet_balances::config_preludes::TestDefaultConfig)]
impl pallet_balances::Config for Test {
	type Balance = Balance;
	type ExistentialDeposit = ConstU128<ED>;
	type AccountStore = System;
}

#[derive_impl(pallet_assets::config_preludes::TestDefaultConfig)]
impl pallet_assets::Config for Test {
	type Balance = Balance;
	type AssetId = u32;
	type AssetIdParameter = u32;
	type Currency = Balances;
	type CreateOrigin = AsEnsureOriginWithArg<EnsureNever<AccountId>>;
	type ForceOrigin = EnsureRoot<AccountId>;
	type Freezer = ();
	type Holder = ();
}

parameter_types! {
	/// Reads and writes can be told from the time of a weight: a write counts a trillion, a read a
	/// thousand times that.
	pub const CountingDbWeight: RuntimeDbWeight =
		RuntimeDbWeight { read: 1_000_000_000_000_000, write: 1_000_000_000_000 };
	pub const PoolId: PalletId = PalletId(*b"hf/lpool");
	pub const TreasuryAccount: AccountId = TREASURY;
	pub const StHold: u32 = ST_HOLD;
	pub const Defaults: Parameters = Parameters { min_deposit: 100, min_redemption: 10 };
	pub static WorkLimit: Weight = ENOUGH;
	/// The calls of the staking pallet that fail, by name.
	pub static Failing: Vec<&'static str> = Vec::new();
	/// The validators that are fit.
	pub static Fit: Vec<AccountId> = (100..104).map(validator).collect();
	pub static PagesPerValidator: u32 = 1;
	pub static FreeSeats: u32 = u32::MAX;
}

impl Config for Test {
	type Currency = Balances;
	type Shares = ItemOf<Assets, StHold, AccountId>;
	type Staking = Staking;
	type Selection = InTurn;
	type PalletId = PoolId;
	type Treasury = TreasuryAccount;
	type MaxStashes = ConstU32<8>;
	type MaxUnlockingChunks = ConstU32<6>;
	type HistoryDepth = ConstU32<84>;
	type WorkLimit = WorkLimit;
	type DefaultParameters = Defaults;
	type WeightInfo = ();
	#[cfg(feature = "runtime-benchmarks")]
	type BenchmarkHelper = ();
}

pub fn validator(n: u8) -> AccountId {
	AccountId32::new([n; 32])
}

/// The nth validator in turn, whatever was nominated before.
pub struct InTurn;

impl ValidatorSelection<AccountId> for InTurn {
	fn select(current: &[Option<AccountId>]) -> Vec<Option<AccountId>> {
		let fit = Fit::get();
		(0..current.len()).map(|i| fit.get(i % fit.len().max(1)).cloned()).collect()
	}
}

/// A staking pallet: no elections, no exposures, but stakes, chunks, payouts and slashes.
pub struct Staking;

#[derive(Clone, Default, Encode, Decode)]
struct FakeLedger {
	active: Balance,
	unlocking: Vec<(EraIndex, Balance)>,
	target: Option<AccountId>,
	payee: Option<AccountId>,
}

#[storage_alias]
type Era = StorageValue<Fake, EraIndex>;
#[storage_alias]
type Ledgers = StorageMap<Fake, Twox64Concat, AccountId, FakeLedger>;
/// What a page of a validator will pay to the pool, by era and validator.
#[storage_alias]
type Rewards = StorageMap<Fake, Twox64Concat, (EraIndex, AccountId), Balance>;
#[storage_alias]
type Paid = StorageMap<Fake, Twox64Concat, (EraIndex, AccountId, u32), ()>;

impl Staking {
	fn may(call: &'static str) -> DispatchResult {
		if Failing::get().contains(&call) {
			return Err(DispatchError::Other(call));
		}
		Ok(())
	}

	fn change(
		stash: &AccountId,
		change: impl FnOnce(&mut FakeLedger) -> DispatchResult,
	) -> DispatchResult {
		Ledgers::try_mutate_exists(stash, |ledger| {
			change(ledger.as_mut().ok_or(DispatchError::Other("not bonded"))?)
		})
	}

	/// Takes `part` in a hundred of all that a stash has at stake, as a slash does.
	pub fn slash(stash: &AccountId, percent: u128) {
		Ledgers::mutate(stash, |ledger| {
			let ledger = ledger.as_mut().unwrap();
			let cut = |value: &mut Balance| {
				let lost = *value * percent / 100;
				*value -= lost;
				lost
			};
			let mut lost = cut(&mut ledger.active);
			for (_, value) in ledger.unlocking.iter_mut() {
				lost += cut(value);
			}
			let chunks: BTreeMap<EraIndex, Balance> = ledger.unlocking.iter().cloned().collect();
			ledger.unlocking.retain(|(_, value)| *value > 0);
			LiquidStaking::on_slash(stash, ledger.active, &chunks, lost);
			Balances::burn_from(
				&VAULT,
				lost,
				Preservation::Preserve,
				Precision::Exact,
				Fortitude::Force,
			)
			.unwrap();
		});
	}

	/// Somebody reaps the ledger of a stash, which keeps nothing.
	pub fn reap(stash: &AccountId) {
		Ledgers::remove(stash);
	}

	/// Root releases all that a stash has at stake.
	pub fn force_unstake(stash: &AccountId) {
		let total = Self::ledger(stash).unwrap().total();
		Balances::transfer(&VAULT, stash, total, Preservation::Preserve).unwrap();
		Ledgers::remove(stash);
	}

	/// The validator kicks the stash.
	pub fn kick(stash: &AccountId) {
		Ledgers::mutate(stash, |ledger| ledger.as_mut().unwrap().target = None);
	}
}

impl StakingBackend for Staking {
	type AccountId = AccountId;

	fn active_era() -> Option<EraIndex> {
		Era::get()
	}

	fn minimum_bond() -> Balance {
		100
	}

	fn ledger(stash: &AccountId) -> Option<Ledger> {
		Ledgers::get(stash).map(|ledger| Ledger {
			active: ledger.active,
			unlocking: ledger
				.unlocking
				.into_iter()
				.map(|(era, value)| Chunk { era, value })
				.collect(),
		})
	}

	fn nominations(stash: &AccountId) -> Vec<AccountId> {
		Ledgers::get(stash).and_then(|ledger| ledger.target).into_iter().collect()
	}

	fn free_seats() -> u32 {
		FreeSeats::get()
	}

	fn bond(stash: &AccountId, value: Balance, payee: &AccountId) -> DispatchResult {
		// Takes effect before it fails, so that the pool has something to roll back.
		Balances::transfer(stash, &VAULT, value, Preservation::Preserve)?;
		Ledgers::mutate(stash, |ledger| {
			let ledger = ledger.get_or_insert_default();
			ledger.active += value;
			ledger.payee = Some(payee.clone());
		});
		Self::may("bond")
	}

	fn nominate(stash: &AccountId, validator: &AccountId) -> DispatchResult {
		Self::change(stash, |ledger| {
			ledger.target = Some(validator.clone());
			Self::may("nominate")
		})
	}

	fn chill(stash: &AccountId) -> DispatchResult {
		Self::change(stash, |ledger| {
			ledger.target = None;
			Self::may("chill")
		})
	}

	fn unbond(stash: &AccountId, value: Balance) -> DispatchResult {
		let until = Era::get().unwrap_or_default() + BONDING_DURATION;
		Self::change(stash, |ledger| {
			ledger.active -= value;
			match ledger.unlocking.last_mut() {
				Some((era, chunk)) if *era == until => *chunk += value,
				_ => ledger.unlocking.push((until, value)),
			}
			Self::may("unbond")
		})
	}

	fn withdraw(stash: &AccountId) -> DispatchResult {
		let now = Era::get().unwrap_or_default();
		Ledgers::mutate_exists(stash, |slot| {
			let ledger = slot.as_mut().ok_or(DispatchError::Other("not bonded"))?;
			let (mature, rest): (Vec<_>, Vec<_>) =
				ledger.unlocking.iter().cloned().partition(|(era, _)| *era <= now);
			ledger.unlocking = rest;
			let value = mature.into_iter().map(|(_, value)| value).sum();
			Balances::transfer(&VAULT, stash, value, Preservation::Preserve)?;
			if ledger.active == 0 && ledger.unlocking.is_empty() {
				*slot = None;
			}
			Self::may("withdraw")
		})
	}

	fn payout_pages(_era: EraIndex, _validator: &AccountId) -> u32 {
		PagesPerValidator::get()
	}

	fn pay_out(era: EraIndex, validator: &AccountId, page: u32) -> Result<bool, DispatchError> {
		if Paid::contains_key((era, validator, page)) {
			return Ok(false);
		}
		Paid::insert((era, validator, page), ());
		let reward = Rewards::get((era, validator.clone())).unwrap_or_default();
		Balances::mint_into(&LiquidStaking::reward_account(), reward)?;
		Self::may("pay_out").map(|()| true)
	}
}

/// Runs `test` on a chain at block 1 of era 0, and checks the invariants after it.
pub fn run(test: impl FnOnce()) {
	WorkLimit::set(ENOUGH);
	Failing::set(vec![]);
	Fit::set((100..104).map(validator).collect());
	PagesPerValidator::set(1);
	FreeSeats::set(u32::MAX);
	let mut storage = frame_system::GenesisConfig::<Test>::default().build_storage().unwrap();
	pallet_balances::GenesisConfig::<Test> {
		balances: [ALICE, BOB, CHARLIE]
			.into_iter()
			.map(|who| (who, 1_000_000))
			.chain([(VAULT, ED), (TREASURY, ED)])
			.collect(),
		..Default::default()
	}
	.assimilate_storage(&mut storage)
	.unwrap();
	pallet_assets::GenesisConfig::<Test> {
		assets: vec![(ST_HOLD, LiquidStaking::pot_account(), true, 1)],
		..Default::default()
	}
	.assimilate_storage(&mut storage)
	.unwrap();
	crate::GenesisConfig::<Test>::default().assimilate_storage(&mut storage).unwrap();
	sp_io::TestExternalities::new(storage).execute_with(|| {
		System::set_block_number(1);
		Era::put(0);
		next_block();
		System::reset_events();
		test();
		LiquidStaking::do_try_state().unwrap();
	});
}

/// Goes to the next block and lets the pool do its era work in it.
pub fn next_block() {
	System::set_block_number(System::block_number() + 1);
	LiquidStaking::on_poll(System::block_number(), &mut WeightMeter::new());
	LiquidStaking::do_try_state().unwrap();
}

/// Goes to the first block of the next era.
pub fn next_era() {
	while System::block_number() % BLOCKS_PER_ERA != BLOCKS_PER_ERA - 1 {
		next_block();
	}
	Era::mutate(|era| *era = era.map(|era| era + 1));
	next_block();
}

/// Goes straight to the first block of the next era, whatever the books are like.
pub fn next_era_unchecked() {
	let number = System::block_number();
	System::set_block_number(number - number % BLOCKS_PER_ERA + BLOCKS_PER_ERA - 1);
	Era::mutate(|era| *era = era.map(|era| era + 1));
	next_block();
}

/// Lets era `era` earn `amount` with `validator`.
pub fn earn(era: EraIndex, validator: AccountId, amount: Balance) {
	Rewards::insert((era, validator), amount);
}

pub fn hold(who: &AccountId) -> Balance {
	Balances::balance(who)
}

pub fn st_hold(who: &AccountId) -> Balance {
	<Test as Config>::Shares::balance(who)
}

pub fn pool() -> PoolState {
	Pool::<Test>::get()
}

/// This pallet's events since the last call.
pub fn events() -> Vec<Event<Test>> {
	let events = System::read_events_for_pallet::<Event<Test>>();
	System::reset_events();
	events
}
