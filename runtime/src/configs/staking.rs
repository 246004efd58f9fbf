// SPDX-License-Identifier: GPL-3.0-only

//! Nominated proof of stake: who is elected, what they earn, what they lose, and how time is cut
//! into sessions and eras.

use frame_election_provider_support::{
	bounds::{ElectionBounds, ElectionBoundsBuilder},
	onchain, SequentialPhragmen, VoteWeight,
};
use frame_support::{
	parameter_types,
	traits::{tokens::imbalance::ResolveTo, ConstBool, ConstU32, Nothing},
	PalletId,
};
use frame_system::EnsureRoot;
use holdfast_adapter_pallet_staking::{ReportingHandler, ReportingOrigin, VoterScore};
use pallet_staking::{ConvertCurve, NominationsQuota, UseValidatorsMap};
use sp_runtime::{
	curve::PiecewiseLinear,
	traits::{AccountIdConversion, ConvertInto, OpaqueKeys},
	Perbill,
};
use sp_staking::{currency_to_vote::U128CurrencyToVote, EraIndex, SessionIndex};

use super::liquid_staking::MAX_STASHES;
use crate::{
	deposit, AccountId, Aura, Balance, Balances, BlockNumber, LiquidStaking, Runtime, RuntimeEvent,
	RuntimeHoldReason, Session, SessionKeys, Staking, Timestamp, VoterList, HOURS,
};

/// Whether eras last minutes: for development, and never for a chain that is meant to stay.
pub const FAST: bool = cfg!(feature = "fast-runtime");

/// Blocks in a session. The fast ones give each of sixteen validators one block.
pub const SESSION_LENGTH: BlockNumber = if FAST { 16 } else { 6 * HOURS };
/// Sessions in an era.
pub const SESSIONS_PER_ERA: SessionIndex = if FAST { 3 } else { 4 };
/// Eras until unbonded stake can be withdrawn. It is liable for so long.
pub const BONDING_DURATION: EraIndex = if FAST { 3 } else { 28 };
/// Eras between the report of an offence and its slash, in which governance may cancel it.
pub const SLASH_DEFER_DURATION: EraIndex = if FAST { 2 } else { 27 };

/// The most validators that are elected.
pub const MAX_VALIDATOR_SET: u32 = 100;
/// The most voters of which an election takes note, candidates included. Each costs about a
/// kilobyte of the proof of the block that elects.
pub const MAX_ELECTION_VOTERS: u32 = 2_000;
/// With more candidates than this, elections fail altogether.
pub const MAX_ELECTION_TARGETS: u32 = 1_000;
/// Genesis value of the most candidates. `validate` is open to all, so this is what keeps
/// strangers from pushing their number beyond the bounds of elections.
pub const MAX_CANDIDATES: u32 = 200;
/// Genesis value of the most nominators. Together with the candidates, and with the stashes of the pool,
/// which are admitted past it, they fit into an election: nobody can crowd those out.
pub const MAX_NOMINATORS: u32 = MAX_ELECTION_VOTERS - MAX_CANDIDATES - MAX_STASHES;
/// The most validators that one may nominate. All who nominate one that offended are listed with the
/// slash, and the pool reads that list as a whole: so many keep it, at its longest, far within what
/// the pool may take of a block.
pub const NOMINATIONS_QUOTA: u32 = 4;
/// The most validators that can be stored for one who nominates.
const MAX_NOMINATIONS: u32 = 16;

/// The most chunks of stake that unbond at once in a ledger.
pub const MAX_UNLOCKING_CHUNKS: u32 = 32;
/// Eras for which rewards can be claimed.
pub const HISTORY_DEPTH: u32 = 84;

const _: () = {
	assert!(SLASH_DEFER_DURATION < BONDING_DURATION, "unbonded stake would escape its slash");
	// One chunk per era, and one more each for the era that is planned and for the one that ends.
	assert!(MAX_UNLOCKING_CHUNKS >= BONDING_DURATION + 2, "the queue of a ledger would be full");
	assert!(MAX_CANDIDATES <= MAX_ELECTION_TARGETS, "elections would fail");
	assert!(MAX_VALIDATOR_SET <= MAX_CANDIDATES, "seats would stay empty");
	assert!(NOMINATIONS_QUOTA <= MAX_NOMINATIONS, "nominations would not be stored");
};

// The keyless account of the treasury.

parameter_types! {
	/// From which the account of the treasury is derived.
	pub const TreasuryPalletId: PalletId = PalletId(*b"hf/trsry");
	/// Receives slashes, and what is minted beyond the rewards. Nobody has a key to it: root
	/// spends from it.
	pub TreasuryAccount: AccountId = TreasuryPalletId::get().into_account_truncating();
}

/// Adds an amount to the treasury.
pub type ToTreasury = ResolveTo<TreasuryAccount, Balances>;

// Sessions and authors.

parameter_types! {
	/// Blocks in a session.
	pub const SessionLength: BlockNumber = SESSION_LENGTH;
	/// The block in which the first session starts.
	pub const SessionOffset: BlockNumber = 0;
	/// Held for session keys: the keys by account, and the account by key.
	pub const KeyDeposit: Balance = deposit(2, 144);
}

impl pallet_authorship::Config for Runtime {
	type FindAuthor = pallet_session::FindAccountFromAuthorIndex<Runtime, Aura>;
	type EventHandler = Staking;
}

impl pallet_session::Config for Runtime {
	type RuntimeEvent = RuntimeEvent;
	type ValidatorId = AccountId;
	type ValidatorIdOf = ConvertInto;
	type ShouldEndSession = pallet_session::PeriodicSessions<SessionLength, SessionOffset>;
	type NextSessionRotation = pallet_session::PeriodicSessions<SessionLength, SessionOffset>;
	type SessionManager = pallet_session::historical::NoteHistoricalRoot<Runtime, Staking>;
	type SessionHandler = <SessionKeys as OpaqueKeys>::KeyTypeIdProviders;
	type Keys = SessionKeys;
	// Aura could not go on without an author that is disabled.
	type DisablingStrategy = ();
	type WeightInfo = crate::weights::pallet_session::WeightInfo<Runtime>;
	type Currency = Balances;
	type KeyDeposit = KeyDeposit;
}

impl pallet_session::historical::Config for Runtime {
	type RuntimeEvent = RuntimeEvent;
	// Exposures are read from Staking, by era.
	type FullIdentification = ();
	type FullIdentificationOf = pallet_staking::UnitIdentificationOf<Runtime>;
}

// Elections.

parameter_types! {
	/// The most validators that are elected.
	pub const MaxValidatorSet: u32 = MAX_VALIDATOR_SET;
	/// How much of the state an election reads.
	pub Bounds: ElectionBounds = ElectionBoundsBuilder::default()
		.voters_count(MAX_ELECTION_VOTERS.into())
		.targets_count(MAX_ELECTION_TARGETS.into())
		.build();
}

/// Elects within the block that starts the last session of an era.
pub struct OnChainElection;

impl onchain::Config for OnChainElection {
	type Sort = ConstBool<true>;
	type System = Runtime;
	type Solver = SequentialPhragmen<AccountId, Perbill>;
	// All voters may back one winner. With fewer, the rest would be dropped without a word, and
	// with them the exposure of stashes.
	type MaxBackersPerWinner = ConstU32<MAX_ELECTION_VOTERS>;
	type MaxWinnersPerPage = MaxValidatorSet;
	type DataProvider = Staking;
	type WeightInfo = frame_election_provider_support::weights::SubstrateWeight<Runtime>;
	type Bounds = Bounds;
}

/// Number of the bags of voters.
const BAGS: usize = 60;

/// Upper bounds of the bags, each half as large again as the one before: from a hundredth of a HOLD
/// to a quarter of a billion HOLD.
const BAG_THRESHOLDS: [VoteWeight; BAGS] = {
	let mut thresholds = [0; BAGS];
	let mut threshold = 100_000_000;
	let mut i = 0;
	while i < BAGS {
		thresholds[i] = threshold;
		threshold += threshold / 2;
		i += 1;
	}
	thresholds
};

parameter_types! {
	/// Upper bounds of the bags of voters.
	pub const BagThresholds: &'static [VoteWeight] = &BAG_THRESHOLDS;
}

impl pallet_bags_list::Config<pallet_bags_list::Instance1> for Runtime {
	type RuntimeEvent = RuntimeEvent;
	type WeightInfo = crate::weights::pallet_bags_list::WeightInfo<Runtime>;
	// The staking pallet alone would score whoever has bonded something.
	type ScoreProvider = VoterScore<Runtime>;
	type BagThresholds = BagThresholds;
	// Rewards and slashes do not move voters between bags; this does, bit by bit.
	type MaxAutoRebagPerBlock = ConstU32<5>;
	type Score = VoteWeight;
}

// Stakes, rewards and slashes.

pallet_staking_reward_curve::build! {
	const REWARD_CURVE: PiecewiseLinear<'static> = curve!(
		min_inflation: 0_025_000,
		max_inflation: 0_100_000,
		ideal_stake: 0_500_000,
		falloff: 0_050_000,
		max_piece_count: 40,
		test_precision: 0_005_000,
	);
}

parameter_types! {
	/// What is minted in a year, as a part of the issuance, by the part of it that is staked.
	pub const RewardCurve: &'static PiecewiseLinear<'static> = &REWARD_CURVE;
	/// Sessions in an era.
	pub const SessionsPerEra: SessionIndex = SESSIONS_PER_ERA;
	/// Eras until unbonded stake can be withdrawn.
	pub const BondingDuration: EraIndex = BONDING_DURATION;
	/// Eras between the report of an offence and its slash.
	pub const SlashDeferDuration: EraIndex = SLASH_DEFER_DURATION;
	/// Eras for which rewards can be claimed.
	pub const HistoryDepth: u32 = HISTORY_DEPTH;
	/// The most chunks of stake that unbond at once in a ledger.
	pub const MaxUnlockingChunks: u32 = MAX_UNLOCKING_CHUNKS;
}

/// Who may cancel slashes, and make them. The pool is told that it may have happened.
pub type StakingAdmin = ReportingOrigin<EnsureRoot<AccountId>, LiquidStaking>;

/// Who is told of offences: the staking pallet, and the pool.
pub type OffenceHandler = ReportingHandler<Staking, LiquidStaking>;

/// How many validators one may nominate.
pub struct Quota;

impl NominationsQuota<Balance> for Quota {
	// How many can be stored, which a new quota must not lower.
	type MaxNominations = ConstU32<MAX_NOMINATIONS>;

	fn curve(_: Balance) -> u32 {
		// The benchmarks of the staking pallet nominate as many as can be stored.
		if cfg!(feature = "runtime-benchmarks") {
			MAX_NOMINATIONS
		} else {
			NOMINATIONS_QUOTA
		}
	}
}

/// How many accounts the benchmarks of the staking pallet make.
pub struct StakingBenchmarks;

impl pallet_staking::BenchmarkingConfig for StakingBenchmarks {
	type MaxValidators = MaxValidatorSet;
	type MaxNominators = ConstU32<1_000>;
}

impl pallet_staking::Config for Runtime {
	type OldCurrency = Balances;
	type Currency = Balances;
	type RuntimeHoldReason = RuntimeHoldReason;
	type CurrencyBalance = Balance;
	type UnixTime = Timestamp;
	// A vote has 64 bits. This divides by issuance / 2^64, but at least by 1: with ten decimals it
	// is 1 up to an issuance of 1.8 billion HOLD, and exposures equal stakes to the last unit. A
	// conversion that saturates would be exact up to there as well, but beyond it all large stakes
	// would count the same.
	type CurrencyToVote = U128CurrencyToVote;
	type ElectionProvider = onchain::OnChainExecution<OnChainElection>;
	type GenesisElectionProvider = Self::ElectionProvider;
	type NominationsQuota = Quota;
	type HistoryDepth = HistoryDepth;
	type RewardRemainder = ToTreasury;
	type RuntimeEvent = RuntimeEvent;
	// Never to the fund that covers slashes: it would pay itself.
	type Slash = ToTreasury;
	// Rewards are minted.
	type Reward = ();
	type SessionsPerEra = SessionsPerEra;
	type BondingDuration = BondingDuration;
	type SlashDeferDuration = SlashDeferDuration;
	type AdminOrigin = StakingAdmin;
	type SessionInterface = Self;
	type EraPayout = ConvertCurve<RewardCurve>;
	type NextNewSession = Session;
	// A page is paid out in one step of the pool's era work: 64 take some 235 kB of proof.
	type MaxExposurePageSize = ConstU32<64>;
	type MaxValidatorSet = MaxValidatorSet;
	type VoterList = VoterList;
	type TargetList = UseValidatorsMap<Self>;
	type MaxUnlockingChunks = MaxUnlockingChunks;
	type MaxControllersInDeprecationBatch = ConstU32<100>;
	// Books slashes as they land.
	type EventListeners = LiquidStaking;
	type Filter = Nothing;
	type BenchmarkingConfig = StakingBenchmarks;
	type WeightInfo = crate::weights::pallet_staking::WeightInfo<Runtime>;
}

impl pallet_offences::Config for Runtime {
	type RuntimeEvent = RuntimeEvent;
	type IdentificationTuple = pallet_session::historical::IdentificationTuple<Runtime>;
	type OnOffenceHandler = OffenceHandler;
}

#[cfg(feature = "fast-runtime")]
impl pallet_root_offences::Config for Runtime {
	type RuntimeEvent = RuntimeEvent;
	type OffenceHandler = OffenceHandler;
	type ReportOffence = crate::Offences;
}

#[cfg(test)]
mod tests {
	use super::*;
	use crate::{DAYS, HOLD, MILLISECS_PER_BLOCK};
	use sp_staking::currency_to_vote::CurrencyToVote;

	#[test]
	fn hours_and_days_are_whole_numbers_of_blocks() {
		assert_eq!(u64::from(HOURS) * MILLISECS_PER_BLOCK, 60 * 60 * 1_000);
		assert_eq!(u64::from(DAYS) * MILLISECS_PER_BLOCK, 24 * 60 * 60 * 1_000);
	}

	#[test]
	fn votes_are_exact_up_to_one_point_eight_billion_hold() {
		let issuance = 1_800_000_000 * HOLD;
		for stake in [1, HOLD + 1, issuance - 1, issuance] {
			let vote = U128CurrencyToVote::to_vote(stake, issuance);
			assert_eq!(Balance::from(vote), stake);
			assert_eq!(U128CurrencyToVote::to_currency(stake, issuance), stake);
		}
		assert_eq!(U128CurrencyToVote::will_downscale(issuance), Some(false));
	}

	#[test]
	fn bags_grow_by_half() {
		let (first, last) = (BAG_THRESHOLDS[0], BAG_THRESHOLDS[BAGS - 1]);
		assert_eq!(Balance::from(first), HOLD / 100);
		assert!(Balance::from(last) > 200_000_000 * HOLD);
		assert!(BAG_THRESHOLDS.windows(2).all(|pair| pair[1] == pair[0] + pair[0] / 2));
	}
}
