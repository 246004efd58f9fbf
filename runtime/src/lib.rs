// SPDX-License-Identifier: GPL-3.0-only

//! # The Holdfast runtime
//!
//! A parachain whose collators are elected by nominated proof of stake, with insured liquid
//! staking built in.
//!
//! | what | where |
//! | --- | --- |
//! | the pallets, their order, types and constants | here |
//! | how each pallet is configured, by concern | [`configs`] |
//! | what a node and a wallet may ask | [`apis`] |
//! | how a chain starts | [`genesis_config_presets`] |
//!
//! Two clocks can be compiled in: production has sessions of six hours, and the cargo feature
//! `fast-runtime` has sessions of sixteen blocks and offences that root makes up, for development and tests.

#![cfg_attr(not(feature = "std"), no_std)]
// `#[frame_support::runtime]` recurses once per pallet and part.
#![recursion_limit = "512"]
// The macros of the runtime make public items without docs. Modules that hold only items of our own
// turn the lint on again.
#![allow(missing_docs)]

extern crate alloc;

pub mod apis;
#[cfg(feature = "runtime-benchmarks")]
mod benchmarks;
pub mod configs;
pub mod genesis_config_presets;
pub mod weights;

use alloc::{borrow::Cow, vec::Vec};
use frame_support::weights::{constants::WEIGHT_REF_TIME_PER_SECOND, Weight};
use pallet_session::historical as session_historical;
use sp_runtime::{
	generic,
	traits::{BlakeTwo256, Hash as HashT, IdentifyAccount, Verify},
	MultiAddress, MultiSignature, Perbill,
};
use sp_version::RuntimeVersion;

pub use configs::consensus::SessionKeys;
pub use sp_consensus_aura::sr25519::AuthorityId as AuraId;

// The Wasm binary, for the node.
#[cfg(feature = "std")]
include!(concat!(env!("OUT_DIR"), "/wasm_binary.rs"));

/// Amount of HOLD, in units of 10^-10.
pub type Balance = u128;
/// Number of transactions that an account has sent.
pub type Nonce = u32;
/// Number of a block.
pub type BlockNumber = u32;
/// Hash of a block, a call, a storage root.
pub type Hash = <BlakeTwo256 as HashT>::Output;
/// Signature of a transaction: sr25519, ed25519 or ecdsa.
pub type Signature = MultiSignature;
/// An account: the public key of a signer, or derived without a key.
pub type AccountId = <<Signature as Verify>::Signer as IdentifyAccount>::AccountId;
/// How transactions name an account.
pub type Address = MultiAddress<AccountId, ()>;
/// Header of a block.
pub type Header = generic::Header<BlockNumber, BlakeTwo256>;
/// A block.
pub type Block = generic::Block<Header, UncheckedExtrinsic>;

/// What every signed transaction is checked for and charged.
///
/// The reclaim wraps all others, because it measures what they read, too.
pub type TxExtension = cumulus_pallet_weight_reclaim::StorageWeightReclaim<
	Runtime,
	(
		frame_system::CheckNonZeroSender<Runtime>,
		frame_system::CheckSpecVersion<Runtime>,
		frame_system::CheckTxVersion<Runtime>,
		frame_system::CheckGenesis<Runtime>,
		frame_system::CheckEra<Runtime>,
		frame_system::CheckNonce<Runtime>,
		frame_system::CheckWeight<Runtime>,
		pallet_transaction_payment::ChargeTransactionPayment<Runtime>,
		frame_metadata_hash_extension::CheckMetadataHash<Runtime>,
	),
>;

/// A transaction or inherent, before its checks.
pub type UncheckedExtrinsic =
	generic::UncheckedExtrinsic<Address, RuntimeCall, Signature, TxExtension>;

/// Executes blocks.
pub type Executive = frame_executive::Executive<
	Runtime,
	Block,
	frame_system::ChainContext<Runtime>,
	Runtime,
	AllPalletsWithSystem,
>;

/// Upgrades of what is stored, in this order, in the block in which this runtime begins.
pub type Migrations = (
	pallet_liquid_staking::migrations::v2::MigrateV1ToV2<Runtime>,
	pallet_insurance_fund::migrations::MigrateToV2<Runtime>,
	pallet_operator_registry::migrations::MigrateToV2<Runtime>,
);

/// Upgrades of what is stored that may take several blocks, in this order. Transactions wait meanwhile.
pub type MigrationsOfSeveralBlocks = ();

/// The version of this runtime.
#[sp_version::runtime_version]
pub const VERSION: RuntimeVersion = RuntimeVersion {
	spec_name: Cow::Borrowed("holdfast"),
	impl_name: Cow::Borrowed("holdfast"),
	authoring_version: 1,
	spec_version: 2,
	impl_version: 0,
	apis: apis::RUNTIME_API_VERSIONS,
	transaction_version: 1,
	system_version: 1,
};

/// The token's name in wallets, which is also a part of the hash of the metadata (`build.rs`).
pub const TOKEN_SYMBOL: &str = "HOLD";
/// Decimal places of an amount of HOLD.
pub const TOKEN_DECIMALS: u8 = 10;
/// With which addresses of this chain are written.
pub const SS58_PREFIX: u16 = 42;

/// One HOLD. With ten decimals, up to 1.8 billion HOLD fit into the 64 bits of a vote, so that
/// elections count every unit.
pub const HOLD: Balance = 10_000_000_000;
/// The least that an account may have.
pub const EXISTENTIAL_DEPOSIT: Balance = HOLD / 100;

/// Price of keeping `items` entries with `bytes` bytes in the state, held while they exist.
pub const fn deposit(items: Balance, bytes: Balance) -> Balance {
	items * (HOLD / 10) + bytes * (HOLD / 10_000)
}

/// Time between two blocks. It equals the relay chain's, so that there is one block per relay slot.
pub const MILLISECS_PER_BLOCK: u64 = 6_000;
/// Time that an author has. A multiple of it would let an author make several blocks in a row; less
/// would skip authors when a development node derives slots from block numbers.
pub const SLOT_DURATION: u64 = MILLISECS_PER_BLOCK;
/// Blocks in a minute.
pub const MINUTES: BlockNumber = 60_000 / (MILLISECS_PER_BLOCK as BlockNumber);
/// Blocks in an hour.
pub const HOURS: BlockNumber = 60 * MINUTES;
/// Blocks in a day.
pub const DAYS: BlockNumber = 24 * HOURS;

/// Time between two blocks of the relay chain.
pub const RELAY_CHAIN_SLOT_DURATION_MILLIS: u32 = 6_000;
/// Blocks per relay chain slot.
pub const BLOCK_PROCESSING_VELOCITY: u32 = 1;
/// Blocks that may wait for their inclusion in the relay chain.
pub const UNINCLUDED_SEGMENT_CAPACITY: u32 = 3;
/// Blocks by which authors stay behind the tip of the relay chain.
pub const RELAY_PARENT_OFFSET: u32 = 0;

/// Part of a block that hooks take on average. It bounds the largest transaction.
pub const AVERAGE_ON_INITIALIZE_RATIO: Perbill = Perbill::from_percent(10);
/// Part of a block that is open to normal transactions; the rest is for operational ones.
pub const NORMAL_DISPATCH_RATIO: Perbill = Perbill::from_percent(75);
/// What a block may take: two seconds to execute, and the largest proof that the relay chain
/// admits.
pub const MAXIMUM_BLOCK_WEIGHT: Weight = Weight::from_parts(
	2 * WEIGHT_REF_TIME_PER_SECOND,
	cumulus_primitives_core::relay_chain::MAX_POV_SIZE as u64,
);

// Order matters, and it follows the index, in hooks and at genesis alike:
// - Balances before Staking: genesis validators bond what they were endowed with;
// - Authorship before Session: an author is looked up in the set that it belongs to;
// - Staking before Session: the first sessions are elected from the genesis stakers;
// - Session before Aura before AuraExt: each copies its authorities from the one before.
#[frame_support::runtime]
mod runtime {
	#[runtime::runtime]
	#[runtime::derive(
		RuntimeCall,
		RuntimeEvent,
		RuntimeError,
		RuntimeOrigin,
		RuntimeFreezeReason,
		RuntimeHoldReason,
		RuntimeSlashReason,
		RuntimeLockId,
		RuntimeTask,
		RuntimeViewFunction
	)]
	pub struct Runtime;

	// The system.
	#[runtime::pallet_index(0)]
	pub type System = frame_system;
	#[runtime::pallet_index(1)]
	pub type ParachainSystem = cumulus_pallet_parachain_system;
	#[runtime::pallet_index(2)]
	pub type Timestamp = pallet_timestamp;
	#[runtime::pallet_index(3)]
	pub type ParachainInfo = parachain_info;
	#[runtime::pallet_index(4)]
	pub type WeightReclaim = cumulus_pallet_weight_reclaim;
	#[runtime::pallet_index(5)]
	pub type MultiBlockMigrations = pallet_migrations;

	// Money.
	#[runtime::pallet_index(10)]
	pub type Balances = pallet_balances;
	#[runtime::pallet_index(11)]
	pub type TransactionPayment = pallet_transaction_payment;
	#[runtime::pallet_index(12)]
	pub type Assets = pallet_assets;

	// Proof of stake.
	#[runtime::pallet_index(20)]
	pub type Authorship = pallet_authorship;
	#[runtime::pallet_index(21)]
	pub type Staking = pallet_staking;
	#[runtime::pallet_index(22)]
	pub type Historical = session_historical;
	#[runtime::pallet_index(23)]
	pub type Session = pallet_session;
	#[runtime::pallet_index(24)]
	pub type Offences = pallet_offences;
	#[runtime::pallet_index(25)]
	pub type Aura = pallet_aura;
	#[runtime::pallet_index(26)]
	pub type AuraExt = cumulus_pallet_aura_ext;
	#[runtime::pallet_index(27)]
	pub type VoterList = pallet_bags_list<Instance1>;
	/// Offences that root makes up, to try what follows from them. Not in production.
	#[cfg(feature = "fast-runtime")]
	#[runtime::pallet_index(28)]
	pub type RootOffences = pallet_root_offences;

	// Messages from and to other chains.
	#[runtime::pallet_index(30)]
	pub type XcmpQueue = cumulus_pallet_xcmp_queue;
	#[runtime::pallet_index(31)]
	pub type PolkadotXcm = pallet_xcm;
	#[runtime::pallet_index(32)]
	pub type CumulusXcm = cumulus_pallet_xcm;
	#[runtime::pallet_index(33)]
	pub type MessageQueue = pallet_message_queue;

	// Calls on behalf of others.
	#[runtime::pallet_index(40)]
	pub type Utility = pallet_utility;
	#[runtime::pallet_index(41)]
	pub type Multisig = pallet_multisig;
	#[runtime::pallet_index(42)]
	pub type Proxy = pallet_proxy;
	#[runtime::pallet_index(43)]
	pub type Sudo = pallet_sudo;

	// What this chain is for.
	#[runtime::pallet_index(50)]
	pub type LiquidStaking = pallet_liquid_staking;
	#[runtime::pallet_index(51)]
	pub type OperatorRegistry = pallet_operator_registry;
	#[runtime::pallet_index(52)]
	pub type InsuranceFund = pallet_insurance_fund;
}

cumulus_pallet_parachain_system::register_validate_block! {
	Runtime = Runtime,
	BlockExecutor = cumulus_pallet_aura_ext::BlockExecutor::<Runtime, Executive>,
}
