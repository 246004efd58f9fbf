// SPDX-License-Identifier: GPL-3.0-only

//! The suite on `pallet-staking`, with sessions, authors, time and elections as a runtime has them.

use frame_election_provider_support::{
	bounds::{ElectionBounds, ElectionBoundsBuilder},
	onchain, SequentialPhragmen,
};
use frame_support::{
	assert_ok, derive_impl, parameter_types, storage_alias,
	traits::{
		fungible::{Inspect, Mutate},
		ConstBool, ConstU128, ConstU32, ConstU64, FindAuthor, OnFinalize, OnInitialize,
	},
	weights::Weight,
	ConsensusEngineId,
};
use frame_system::EnsureRoot;
use holdfast_adapter_pallet_staking::PalletStaking;
use holdfast_conformance::*;
use holdfast_primitives::{Balance, EraIndex};
use pallet_session::historical::IdentificationTuple;
use pallet_staking::{
	ActiveEra, CurrentEra, ErasStartSessionIndex, FixedNominationsQuota, MaxNominatorsCount,
	MinNominatorBond, SlashingSpans, StakerStatus, UnappliedSlashes, UseNominatorsAndValidatorsMap,
	UseValidatorsMap,
};
use sp_core::crypto::{key_types::DUMMY, KeyTypeId};
use sp_runtime::{
	testing::UintAuthorityId,
	traits::{ConvertInto, OpaqueKeys},
	BuildStorage, Perbill,
};
use sp_staking::{
	currency_to_vote::U128CurrencyToVote,
	offence::{OffenceDetails, OnOffenceHandler},
	EraPayout,
};

const MILLISECONDS_PER_BLOCK: u64 = 6_000;

frame_support::construct_runtime!(
	pub enum Runtime {
		System: frame_system,
		Timestamp: pallet_timestamp,
		Authorship: pallet_authorship,
		Balances: pallet_balances,
		Staking: pallet_staking,
		Session: pallet_session,
		Historical: pallet_session::historical,
	}
);

#[derive_impl(frame_system::config_preludes::TestDefaultConfig)]
impl frame_system::Config for Runtime {
	type Block = frame_system::mocking::MockBlock<Runtime>;
	type AccountData = pallet_balances::AccountData<Balance>;
}

impl pallet_timestamp::Config for Runtime {
	type Moment = u64;
	type OnTimestampSet = ();
	type MinimumPeriod = ConstU64<1>;
	type WeightInfo = ();
}

/// Who writes the blocks.
#[storage_alias]
type Author = StorageValue<Conformance, AccountId>;

/// Finds whom the test has named, not what is in the block.
pub struct NamedAuthor;

impl FindAuthor<AccountId> for NamedAuthor {
	fn find_author<'a, I>(_digests: I) -> Option<AccountId>
	where
		I: 'a + IntoIterator<Item = (ConsensusEngineId, &'a [u8])>,
	{
		Author::get()
	}
}

impl pallet_authorship::Config for Runtime {
	type FindAuthor = NamedAuthor;
	type EventHandler = Staking;
}

#[derive_impl(pallet_balances::config_preludes::TestDefaultConfig)]
impl pallet_balances::Config for Runtime {
	type Balance = Balance;
	type ExistentialDeposit = ConstU128<EXISTENTIAL_DEPOSIT>;
	type AccountStore = System;
}

/// Nobody wants to know who the validators are.
pub struct NoHandler;

impl pallet_session::SessionHandler<AccountId> for NoHandler {
	const KEY_TYPE_IDS: &'static [KeyTypeId] = &[DUMMY];
	fn on_genesis_session<Keys: OpaqueKeys>(_: &[(AccountId, Keys)]) {}
	fn on_new_session<Keys: OpaqueKeys>(_: bool, _: &[(AccountId, Keys)], _: &[(AccountId, Keys)]) {
	}
	fn on_disabled(_: u32) {}
}

type Sessions = pallet_session::PeriodicSessions<ConstU64<SESSION_LENGTH>, ConstU64<0>>;

impl pallet_session::Config for Runtime {
	type RuntimeEvent = RuntimeEvent;
	type ValidatorId = AccountId;
	type ValidatorIdOf = ConvertInto;
	type ShouldEndSession = Sessions;
	type NextSessionRotation = Sessions;
	type SessionManager = pallet_session::historical::NoteHistoricalRoot<Runtime, Staking>;
	type SessionHandler = NoHandler;
	type Keys = UintAuthorityId;
	type DisablingStrategy = ();
	type WeightInfo = ();
	type Currency = Balances;
	type KeyDeposit = ();
}

impl pallet_session::historical::Config for Runtime {
	type RuntimeEvent = RuntimeEvent;
	type FullIdentification = ();
	type FullIdentificationOf = pallet_staking::UnitIdentificationOf<Runtime>;
}

parameter_types! {
	pub Bounds: ElectionBounds = ElectionBoundsBuilder::default().build();
	pub static UnbondingEras: EraIndex = BONDING_DURATION;
	pub static MostChunks: u32 = MAX_UNLOCKING_CHUNKS;
}

pub struct OnChainElection;

impl onchain::Config for OnChainElection {
	type Sort = ConstBool<true>;
	type System = Runtime;
	type Solver = SequentialPhragmen<AccountId, Perbill>;
	type MaxBackersPerWinner = ConstU32<100>;
	type MaxWinnersPerPage = ConstU32<10>;
	type DataProvider = Staking;
	type WeightInfo = ();
	type Bounds = Bounds;
}

/// The same for each era.
pub struct FixedReward;

impl EraPayout<Balance> for FixedReward {
	fn era_payout(_: Balance, _: Balance, _: u64) -> (Balance, Balance) {
		(ERA_REWARD, 0)
	}
}

#[derive_impl(pallet_staking::config_preludes::TestDefaultConfig)]
impl pallet_staking::Config for Runtime {
	type OldCurrency = Balances;
	type Currency = Balances;
	type UnixTime = Timestamp;
	type CurrencyToVote = U128CurrencyToVote;
	type ElectionProvider = onchain::OnChainExecution<OnChainElection>;
	type GenesisElectionProvider = Self::ElectionProvider;
	type NominationsQuota = FixedNominationsQuota<16>;
	type SessionsPerEra = ConstU32<SESSIONS_PER_ERA>;
	type BondingDuration = UnbondingEras;
	type SlashDeferDuration = ConstU32<SLASH_DEFER_DURATION>;
	type AdminOrigin = EnsureRoot<AccountId>;
	type SessionInterface = Self;
	type EraPayout = FixedReward;
	type NextNewSession = Session;
	type MaxExposurePageSize = ConstU32<PAGE_SIZE>;
	type MaxValidatorSet = ConstU32<10>;
	type MaxUnlockingChunks = MostChunks;
	type VoterList = UseNominatorsAndValidatorsMap<Self>;
	type TargetList = UseValidatorsMap<Self>;
	type EventListeners = Recorder<PalletStaking<Self>>;
}

fn genesis() -> sp_io::TestExternalities {
	let stakers: Vec<_> = VALIDATORS
		.into_iter()
		.map(|validator| (validator, VALIDATOR_STAKE))
		.chain([(LOSER, LOSER_STAKE)])
		.collect();
	RuntimeGenesisConfig {
		balances: pallet_balances::GenesisConfig {
			balances: stakers
				.iter()
				.map(|(who, stake)| (*who, stake + EXISTENTIAL_DEPOSIT))
				.collect(),
			..Default::default()
		},
		staking: pallet_staking::GenesisConfig {
			validator_count: VALIDATORS.len() as u32,
			minimum_validator_count: 1,
			min_nominator_bond: MINIMUM_BOND,
			max_nominator_count: Some(MAX_NOMINATORS),
			stakers: stakers
				.into_iter()
				.map(|(who, stake)| (who, who, stake, StakerStatus::Validator))
				.collect(),
			..Default::default()
		},
		session: pallet_session::GenesisConfig {
			keys: VALIDATORS.map(|who| (who, who, UintAuthorityId(who))).to_vec(),
			..Default::default()
		},
		..Default::default()
	}
	.build_storage()
	.expect("is well formed")
	.into()
}

struct OnPalletStaking;

impl Driver for OnPalletStaking {
	type Backend = PalletStaking<Runtime>;

	const NOMINATES_ANYBODY: bool = true;
	const RELEASES_BY_PLANNED_ERA: bool = true;
	const SPARES_LEAVERS: bool = true;
	const REPORTABLE_FOR: EraIndex = SLASH_DEFER_DURATION;

	fn run(test: impl FnOnce()) {
		UnbondingEras::set(BONDING_DURATION);
		MostChunks::set(MAX_UNLOCKING_CHUNKS);
		genesis().execute_with(|| {
			System::set_block_number(1);
			Timestamp::set_timestamp(MILLISECONDS_PER_BLOCK);
			while ActiveEra::<Runtime>::get().is_none_or(|era| era.index < 1) {
				Self::next_block();
			}
			test();
			#[cfg(feature = "try-runtime")]
			assert_ok!(<Staking as frame_support::traits::Hooks<u64>>::try_state(
				System::block_number()
			));
		});
	}

	fn next_block() {
		let last = System::block_number();
		AllPalletsWithSystem::on_finalize(last);
		System::reset_events();
		let next = last + 1;
		System::set_block_number(next);
		AllPalletsWithSystem::on_initialize(next);
		Timestamp::set_timestamp(next * MILLISECONDS_PER_BLOCK);
	}

	fn in_last_session() -> bool {
		CurrentEra::<Runtime>::get() > ActiveEra::<Runtime>::get().map(|era| era.index)
	}

	fn endow(who: AccountId, value: Balance) {
		let deposit = if Self::free(who) == 0 { EXISTENTIAL_DEPOSIT } else { 0 };
		assert_ok!(Balances::mint_into(&who, value + deposit));
	}

	fn free(who: AccountId) -> Balance {
		Balances::balance(&who)
	}

	fn rewards_go_to(validator: AccountId) {
		Author::put(validator);
	}

	fn offend(validator: AccountId, fraction: Perbill, era: EraIndex) {
		let offence = OffenceDetails { offender: (validator, ()), reporters: Vec::new() };
		let session = ErasStartSessionIndex::<Runtime>::get(era).expect("it has begun");
		<Staking as OnOffenceHandler<AccountId, IdentificationTuple<Runtime>, Weight>>::on_offence(
			&[offence],
			&[fraction],
			session,
		);
	}

	fn cancel_slashes(applied_in: EraIndex) {
		let all = 0..UnappliedSlashes::<Runtime>::get(applied_in).len() as u32;
		assert_ok!(Staking::cancel_deferred_slash(
			RuntimeOrigin::root(),
			applied_in,
			all.collect()
		));
	}

	fn kick(validator: AccountId, stash: AccountId) {
		assert_ok!(Staking::kick(RuntimeOrigin::signed(validator), vec![stash]));
	}

	fn reap(stash: AccountId) {
		let spans = SlashingSpans::<Runtime>::get(stash).map_or(0, |spans| spans.prior.len() + 1);
		assert_ok!(Staking::reap_stash(RuntimeOrigin::signed(LOSER), stash, spans as u32));
	}

	fn set_minimum_bond(value: Balance) {
		MinNominatorBond::<Runtime>::put(value);
	}

	fn set_max_nominators(most: Option<u32>) {
		MaxNominatorsCount::<Runtime>::set(most);
	}

	fn max_nominators() -> Option<u32> {
		MaxNominatorsCount::<Runtime>::get()
	}

	fn nominate_as_anybody(who: AccountId, validator: AccountId) -> bool {
		Staking::nominate(RuntimeOrigin::signed(who), vec![validator]).is_ok()
	}

	fn force_eras() {
		assert_ok!(Staking::force_new_era_always(RuntimeOrigin::root()));
	}

	fn shorten_unbonding() {
		UnbondingEras::set(SHORT_BONDING_DURATION);
	}

	fn set_max_unlocking_chunks(most: u32) {
		MostChunks::set(most);
	}
}

holdfast_conformance::conformance_tests!(OnPalletStaking);
