// SPDX-License-Identifier: Apache-2.0

//! A runtime of the pool over a small staking pallet of our own, which can be made to fail at any
//! call. The real one is tested in the runtime's integration tests.

use crate::{Config, Event, Parameters, Pool, PoolState};
use codec::{Decode, Encode};
use frame_support::{
	derive_impl, parameter_types, storage_alias,
	traits::{
		fungible::{Inspect, Mutate},
		tokens::{Fortitude, Precision, Preservation},
		AsEnsureOriginWithArg, ConstU128, ConstU32, Hooks,
	},
	weights::{RuntimeDbWeight, Weight, WeightMeter},
	PalletId, Twox64Concat,
};
use frame_system::{limits::BlockWeights, EnsureNever, EnsureRoot};
use holdfast_primitives::{
	shares::{pro_rata, pro_rata_up},
	Balance, Chunk, Dues, EraIndex, Ledger, Loss, LossCover, OnReports, OpenReport, StakingBackend,
	StakingError, StakingResult, StashReport, StashToPlace, ValidatorSelection,
};
use sp_runtime::{
	traits::{ConvertInto, IdentityLookup},
	AccountId32, BuildStorage, DispatchError, DispatchResult, Perbill,
};
use sp_staking::OnStakingUpdate;
use std::{collections::BTreeMap, ops::RangeInclusive};

pub type AccountId = AccountId32;
pub type Block = frame_system::mocking::MockBlockU32<Test>;

/// 1 HOLD in this runtime: few decimals, so that a person can check the numbers.
pub const ED: Balance = 10;
/// Eras until unbonded stake can be withdrawn, unless a test changes it.
pub const UNBONDING_ERAS: EraIndex = 3;
/// Room for all work of an era in one block.
pub const ENOUGH: Weight = Weight::from_parts(u64::MAX / 2, u64::MAX / 2);
pub const BLOCKS_PER_ERA: u32 = 10;
pub const ALICE: AccountId = AccountId32::new([1; 32]);
pub const BOB: AccountId = AccountId32::new([2; 32]);
pub const CHARLIE: AccountId = AccountId32::new([3; 32]);
pub const TREASURY: AccountId = AccountId32::new([9; 32]);
/// Gets the insurance fund's part of the fees.
pub const INSURANCE: AccountId = AccountId32::new([10; 32]);
/// Pays for slashes, if [`Covers`] says so.
pub const COVER: AccountId = AccountId32::new([11; 32]);
/// Holds what is staked.
const VAULT: AccountId = AccountId32::new([8; 32]);

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
	type BlockWeights = HugeBlocks;
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
	/// Blocks with room for whatever a weight of [`CountingDbWeight`] says.
	pub HugeBlocks: BlockWeights = BlockWeights::simple_max(Weight::MAX);
	/// Reads and writes can be told from the time of a weight: a write counts a trillion, a read a
	/// thousand times that.
	pub const CountingDbWeight: RuntimeDbWeight =
		RuntimeDbWeight { read: 1_000_000_000_000_000, write: 1_000_000_000_000 };
	pub const PoolId: PalletId = PalletId(*b"hf/lpool");
	pub const TreasuryAccount: AccountId = TREASURY;
	pub const InsuranceAccount: AccountId = INSURANCE;
	/// No buffer and no fees, unless a test asks for them.
	pub static Defaults: Parameters = PLAIN;
	pub const Least: Parameters = Parameters {
		min_deposit: 1,
		min_redemption: 0,
		buffer: Perbill::zero(),
		instant_fee_min: Perbill::zero(),
		instant_fee_max: Perbill::zero(),
		reward_fee: Perbill::zero(),
		fund_share: Perbill::zero(),
	};
	pub const Most: Parameters = Parameters {
		min_deposit: 10_000,
		min_redemption: 10_000,
		buffer: Perbill::from_percent(50),
		instant_fee_min: Perbill::from_percent(10),
		instant_fee_max: Perbill::from_percent(50),
		reward_fee: Perbill::from_percent(20),
		fund_share: Perbill::one(),
	};
	pub static WorkLimit: Weight = ENOUGH;
	/// The calls of the staking pallet that fail, by name.
	pub static Failing: Vec<&'static str> = Vec::new();
	/// The validators that are fit.
	pub static Fit: Vec<AccountId> = (100..104).map(validator).collect();
	pub static PagesPerValidator: u32 = 1;
	pub static MaxStashes: u32 = 8;
	/// The least bond of a nominator.
	pub static MinimumBond: Balance = 100;
	/// Eras until unbonded stake can be withdrawn.
	pub static BondingDuration: EraIndex = UNBONDING_ERAS;
	/// Eras from an offence to its slash. Zero: what is slashed happened now.
	pub static SlashDelay: EraIndex = 0;
	/// Whether offences are known whose slashes are not computed yet.
	pub static InProgress: bool = false;
	/// What [`COVER`] pays of a loss.
	pub static Covers: Perbill = Perbill::zero();
	/// Steps in which the selection prepares itself, in every era.
	pub static PrepareSteps: u32 = 0;
	/// How many it has done, and for which era.
	pub static Prepared: (EraIndex, u32) = (0, 0);
	/// For which era it said that it has done them all.
	pub static Ready: Option<EraIndex> = None;
	/// The stashes for which no validator is fit, in turn, as bits.
	pub static Unplaced: u8 = 0;
	/// The part of the rewards that [`COVER`] asks for as premium.
	pub static Premium: Perbill = Perbill::zero();
	/// Whether it takes its part of the fee.
	pub static TakesFee: bool = true;
	/// What it was told to have got.
	pub static Collected: Vec<Dues> = Vec::new();
	/// What it was told to be reported.
	pub static Told: Vec<Vec<OpenReport<AccountId>>> = Vec::new();
	/// The losses that it was asked to pay.
	pub static Losses: Vec<Loss<AccountId>> = Vec::new();
	/// What a slash takes of the amount that was reported for it, in percent.
	pub static Bite: u128 = 100;
	/// How much of all stake that looks for a place finds one, but at least one stash does. If that is
	/// not all, a stash of more than two means finds none, where there are more than four.
	pub static Cap: Perbill = Perbill::one();
	/// All that [`COVER`] can pay, whoever comes first.
	pub static Capacity: Balance = Balance::MAX;
	/// Whether slashes land some blocks after the era has begun in which they are due.
	pub static LandsLate: bool = false;
}

/// The parameters of a pool without a buffer and without fees.
pub const PLAIN: Parameters = Parameters {
	min_deposit: 100,
	min_redemption: 10,
	buffer: Perbill::zero(),
	instant_fee_min: Perbill::zero(),
	instant_fee_max: Perbill::zero(),
	reward_fee: Perbill::zero(),
	fund_share: Perbill::zero(),
};

/// Pays [`Covers`] of each loss.
pub struct Covering;

impl LossCover<AccountId> for Covering {
	fn cover(loss: &Loss<AccountId>, to: &AccountId) -> Balance {
		Losses::mutate(|losses| losses.push(loss.clone()));
		let part = (Covers::get() * loss.amount).min(Capacity::get());
		Capacity::mutate(|capacity| *capacity -= part);
		Balances::transfer(&COVER, to, part, Preservation::Preserve).unwrap_or(0)
	}

	fn uncovered(open: Balance) -> Balance {
		open - (Covers::get() * open).min(Capacity::get())
	}

	fn reported(open: impl Iterator<Item = OpenReport<AccountId>>) {
		Told::mutate(|told| told.push(open.collect()));
	}

	fn dues(reward: Balance, fee: Balance) -> Dues {
		Dues { premium: Premium::get() * reward, fee: if TakesFee::get() { fee } else { 0 } }
	}

	fn collected(dues: Dues) {
		Collected::mutate(|collected| collected.push(dues));
	}
}

impl Config for Test {
	type Currency = Balances;
	type Shares = Assets;
	type ShareAsset = ConvertInto;
	type Staking = Staking;
	type Selection = InTurn;
	type Cover = Covering;
	type AdminOrigin = EnsureRoot<AccountId>;
	type PalletId = PoolId;
	type Treasury = TreasuryAccount;
	type InsuranceAccount = InsuranceAccount;
	type MaxStashes = MaxStashes;
	type MaxBatches = ConstU32<12>;
	type MaxReports = ConstU32<80>;
	type MaxUnlockingChunks = ConstU32<6>;
	type HistoryDepth = ConstU32<84>;
	type WorkLimit = WorkLimit;
	type DefaultParameters = Defaults;
	type MinParameters = Least;
	type MaxParameters = Most;
	type ParametersDelay = ConstU32<{ 6 * BLOCKS_PER_ERA }>;
	type BlocksPerYear = ConstU32<{ 365 * BLOCKS_PER_ERA }>;
	type WeightInfo = ();
	#[cfg(feature = "runtime-benchmarks")]
	type BenchmarkHelper = ();
}

pub fn validator(n: u8) -> AccountId {
	AccountId32::new([n; 32])
}

/// The nth validator in turn, whatever was nominated before.
pub struct InTurn;

impl InTurn {
	/// Steps that were done for `era`.
	fn done(era: EraIndex) -> u32 {
		let (of, done) = Prepared::get();
		if of == era {
			done
		} else {
			0
		}
	}
}

impl ValidatorSelection<AccountId> for InTurn {
	fn prepare(era: EraIndex) -> Option<Weight> {
		let done = Self::done(era);
		if done >= PrepareSteps::get() {
			Ready::set(Some(era));
			return None;
		}
		Prepared::set((era, done + 1));
		Some(CountingDbWeight::get().reads(u64::from(done % 2)))
	}

	fn prepare_weight() -> Weight {
		CountingDbWeight::get().reads(1)
	}

	fn select(era: EraIndex, stashes: &[StashToPlace<AccountId>]) -> Vec<Option<AccountId>> {
		assert_eq!(Ready::get(), Some(era), "asked before it was prepared");
		let fit = Fit::get();
		let all: Balance = stashes.iter().map(|stash| stash.stake).sum();
		let count = stashes.len() as Balance;
		let mut sum = 0;
		let room: Vec<bool> = stashes
			.iter()
			.map(|stash| {
				let large = count > 4 && stash.stake > 2 * (all / count);
				let above = sum > 0 && sum + stash.stake > Cap::get() * all;
				let fits = Cap::get().is_one() || !(large || above);
				sum += if fits { stash.stake } else { 0 };
				fits
			})
			.collect();
		let placed = |i: usize| Unplaced::get() & (1 << (i % 8)) == 0 && room[i];
		let validator = |i: usize| fit.get(i % fit.len().max(1)).cloned();
		(0..stashes.len()).map(|i| validator(i).filter(|_| placed(i))).collect()
	}

	fn select_weight() -> Weight {
		CountingDbWeight::get().reads(2)
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
/// Slashes that are reported and not applied, by the era in which they are.
#[storage_alias]
type Open = StorageMap<Fake, Twox64Concat, EraIndex, Vec<StashReport<AccountId>>>;
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

	/// Takes `percent` of all that a stash has at stake, as a slash does.
	pub fn slash(stash: &AccountId, percent: u128) {
		let total = Self::ledger(stash).unwrap().total();
		Self::slash_amount(stash, pro_rata(total, percent, 100).unwrap());
	}

	/// Takes `amount` from a stash, as far as it is there, in proportion from its stake and from
	/// each of its chunks.
	pub fn slash_amount(stash: &AccountId, amount: Balance) {
		Ledgers::mutate(stash, |slot| {
			let Some(ledger) = slot.as_mut() else { return };
			let total = ledger.unlocking.iter().fold(ledger.active, |sum, (_, value)| sum + value);
			let mut left = amount.min(total);
			let amount = left;
			let mut cut = |value: &mut Balance| {
				// In 256 bits: tests stake close to all that a balance can be.
				let lost = pro_rata_up(*value, amount, total.max(1)).unwrap().min(left);
				*value -= lost;
				left -= lost;
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

	/// Reports an offence of `offence_era` that will cost a stash `amount`.
	pub fn report(stash: &AccountId, offence_era: EraIndex, amount: Balance) {
		let validator = Self::nominations(stash).pop().unwrap_or(validator(100));
		let open = StashReport { stash: stash.clone(), validator, offence_era, amount };
		Open::append(offence_era + SlashDelay::get(), open);
		LiquidStaking::reports_changed();
	}

	/// Cancels all slashes that are to be applied in `era`.
	pub fn cancel(era: EraIndex) {
		Open::remove(era);
		LiquidStaking::reports_changed();
	}

	/// Begins `era`, and applies the slashes that are due in it.
	pub fn begin_era(era: EraIndex) {
		Era::put(era);
		if !LandsLate::get() {
			Self::land(era);
		}
	}

	/// Applies the slashes that are due in `era`.
	pub fn land(era: EraIndex) {
		for open in Open::take(era).unwrap_or_default() {
			Self::slash_amount(&open.stash, open.amount * Bite::get() / 100);
		}
	}

	/// Forgets the slashes that are to be applied in `era`, and tells nobody: they will expire.
	pub fn lapse(era: EraIndex) {
		Open::remove(era);
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

impl Staking {
	/// The ledger of a stash, if it has one.
	pub fn ledger(stash: &AccountId) -> Option<Ledger> {
		Ledgers::get(stash).map(|ledger| Ledger {
			active: ledger.active,
			unlocking: ledger
				.unlocking
				.into_iter()
				.map(|(era, value)| Chunk { era, value })
				.collect(),
		})
	}
}

impl StakingBackend for Staking {
	type AccountId = AccountId;

	fn active_era() -> Option<EraIndex> {
		Era::get()
	}

	fn minimum_bond() -> Balance {
		MinimumBond::get()
	}

	fn ledger(stash: &AccountId) -> Result<Option<Ledger>, StakingError> {
		Self::may("ledger")?;
		Ok(Self::ledger(stash))
	}

	fn nominations(stash: &AccountId) -> Vec<AccountId> {
		Ledgers::get(stash).and_then(|ledger| ledger.target).into_iter().collect()
	}

	fn bond(stash: &AccountId, value: Balance, payee: &AccountId) -> StakingResult {
		// Takes effect before it fails, so that the pool has something to roll back.
		Balances::transfer(stash, &VAULT, value, Preservation::Preserve)?;
		Ledgers::mutate(stash, |ledger| {
			let ledger = ledger.get_or_insert_default();
			ledger.active += value;
			ledger.payee = Some(payee.clone());
		});
		Ok(Self::may("bond")?)
	}

	fn nominate(stash: &AccountId, validator: &AccountId) -> StakingResult {
		Self::change(stash, |ledger| {
			ledger.target = Some(validator.clone());
			if ledger.active < MinimumBond::get() {
				return Err(DispatchError::Other("too little to nominate"));
			}
			Self::may("nominate")
		})?;
		Ok(())
	}

	fn chill(stash: &AccountId) -> StakingResult {
		Self::change(stash, |ledger| {
			ledger.target = None;
			Self::may("chill")
		})?;
		Ok(())
	}

	fn unbond(stash: &AccountId, value: Balance) -> StakingResult {
		let until = Era::get().unwrap_or_default() + BondingDuration::get();
		Self::change(stash, |ledger| {
			// As the staking pallet does: what is there, which a slash may have lowered.
			let value = value.min(ledger.active);
			ledger.active -= value;
			if ledger.target.is_some() && ledger.active < MinimumBond::get() {
				return Err(DispatchError::Other("too little would stay"));
			}
			// One chunk for each era, also when the duration has become shorter.
			match ledger.unlocking.iter_mut().find(|(era, _)| *era == until) {
				Some((_, chunk)) => *chunk += value,
				None if value > 0 => ledger.unlocking.push((until, value)),
				None => (),
			}
			Self::may("unbond")
		})?;
		Ok(())
	}

	fn rebond(stash: &AccountId, value: Balance) -> StakingResult {
		Self::change(stash, |ledger| {
			let mut left = value;
			ledger.unlocking.sort();
			for (_, chunk) in ledger.unlocking.iter_mut().rev() {
				let part = left.min(*chunk);
				(*chunk, left) = (*chunk - part, left - part);
			}
			if left > 0 {
				return Err(DispatchError::Other("less is unbonding"));
			}
			ledger.unlocking.retain(|(_, chunk)| *chunk > 0);
			ledger.active += value;
			Self::may("rebond")
		})?;
		Ok(())
	}

	fn withdraw(stash: &AccountId) -> StakingResult {
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
		})?;
		Ok(())
	}

	fn payout_pages(_era: EraIndex, _validator: &AccountId) -> u32 {
		PagesPerValidator::get()
	}

	fn pay_out(era: EraIndex, validator: &AccountId, page: u32) -> Result<bool, StakingError> {
		if Paid::contains_key((era, validator, page)) {
			return Ok(false);
		}
		Paid::insert((era, validator, page), ());
		let reward = Rewards::get((era, validator.clone())).unwrap_or_default();
		Balances::mint_into(&LiquidStaking::reward_account(), reward)?;
		Self::may("pay_out")?;
		Ok(true)
	}

	fn slash_delay() -> EraIndex {
		SlashDelay::get()
	}

	fn report_eras() -> RangeInclusive<EraIndex> {
		let active = Era::get().unwrap_or_default();
		let oldest =
			if LandsLate::get() && Open::contains_key(active) { active } else { active + 1 };
		oldest..=active + SlashDelay::get()
	}

	fn lists_reports(era: EraIndex) -> bool {
		Open::contains_key(era)
	}

	fn open_reports(
		applied_in: EraIndex,
		is_ours: impl Fn(&AccountId) -> bool,
	) -> Vec<StashReport<AccountId>> {
		let open = Open::get(applied_in).unwrap_or_default();
		open.into_iter().filter(|open| is_ours(&open.stash)).collect()
	}

	fn reports_in_progress() -> bool {
		InProgress::get()
	}
}

/// Runs `test` on a chain at block 1 of era 0, and checks the invariants after it.
pub fn run(test: impl FnOnce()) {
	run_unchecked(|| {
		test();
		LiquidStaking::do_try_state().unwrap();
	});
}

/// As [`run`], for a test that checks the invariants itself.
pub fn run_unchecked(test: impl FnOnce()) {
	WorkLimit::set(ENOUGH);
	Failing::set(vec![]);
	Fit::set((100..104).map(validator).collect());
	PagesPerValidator::set(1);
	MaxStashes::set(8);
	MinimumBond::set(100);
	BondingDuration::set(UNBONDING_ERAS);
	Defaults::set(PLAIN);
	SlashDelay::set(0);
	Covers::set(Perbill::zero());
	Premium::set(Perbill::zero());
	TakesFee::set(true);
	Collected::set(vec![]);
	Told::set(vec![]);
	Losses::set(vec![]);
	InProgress::set(false);
	PrepareSteps::set(0);
	Prepared::set((0, 0));
	Ready::set(None);
	Unplaced::set(0);
	Bite::set(100);
	Cap::set(Perbill::one());
	Capacity::set(Balance::MAX);
	LandsLate::set(false);
	let mut storage = frame_system::GenesisConfig::<Test>::default().build_storage().unwrap();
	pallet_balances::GenesisConfig::<Test> {
		balances: [ALICE, BOB, CHARLIE]
			.into_iter()
			.map(|who| (who, 1_000_000))
			.chain([(VAULT, ED), (TREASURY, ED), (COVER, 1_000_000)])
			.collect(),
		..Default::default()
	}
	.assimilate_storage(&mut storage)
	.unwrap();
	pallet_assets::GenesisConfig::<Test> {
		assets: vec![(0, LiquidStaking::pot_account(), true, 1)],
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
	Staking::begin_era(Era::get().unwrap_or_default() + 1);
	next_block();
}

/// Goes straight to the first block of the next era, whatever the books are like.
pub fn next_era_unchecked() {
	let number = System::block_number();
	System::set_block_number(number - number % BLOCKS_PER_ERA + BLOCKS_PER_ERA - 1);
	Staking::begin_era(Era::get().unwrap_or_default() + 1);
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
	Assets::balance(pool().class(), who)
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
