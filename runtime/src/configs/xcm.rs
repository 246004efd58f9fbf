// SPDX-License-Identifier: GPL-3.0-only

//! Messages between chains: which assets move, who may order what, and what it costs.
//!
//! HOLD and stHOLD are at home here, and nothing else is held. So this chain trusts no other one
//! with a reserve and teleports nothing: what leaves is kept in the account of the chain to which
//! it goes, and what returns is taken from there.
//!
//! It goes to parachains only, through a channel that root of this chain has asked for and the other
//! chain has accepted. The relay chain takes every message and would keep neither HOLD nor stHOLD for
//! anybody, see [`WithoutAssets`].

use alloc::vec::Vec;
use core::marker::PhantomData;
use frame_support::{
	parameter_types,
	traits::{ConstU32, Disabled, Equals, Everything, Nothing},
	weights::Weight,
};
use frame_system::EnsureRoot;
use pallet_xcm::XcmPassthrough;
use polkadot_parachain_primitives::primitives::Sibling;
use polkadot_runtime_common::xcm_sender::ExponentialPrice;
use sp_runtime::traits::TryConvertInto;
use xcm::latest::prelude::{
	AssetId, GeneralIndex, InteriorLocation, Location, NetworkId, PalletInstance, Parachain,
	ReceiveTeleportedAsset, ReserveAssetDeposited, SendError, SendResult, SendXcm, Xcm, XcmHash,
};
use xcm::{VersionedLocation, VersionedXcm};
use xcm_builder::{
	AccountId32Aliases, AllowExplicitUnpaidExecutionFrom, AllowHrmpNotificationsFromRelayChain,
	AllowKnownQueryResponses, AllowSubscriptionsFrom, AllowTopLevelPaidExecutionFrom,
	AsPrefixedGeneralIndex, DenyRecursively, DenyReserveTransferToRelayChain, DenyThenTry,
	DescribeAllTerminal, DescribeFamily, EnsureXcmOrigin, FixedWeightBounds,
	FrameTransactionalProcessor, FungibleAdapter, FungiblesAdapter, HashedDescription,
	InspectMessageQueues, IsConcrete, MatchedConvertedConcreteId, NoChecking, ParentIsPreset,
	RelayChainAsNative, SendXcmFeeToAccount, SiblingParachainAsNative, SiblingParachainConvertsVia,
	SignedAccountId32AsNative, SignedToAccountId32, SovereignSignedViaLocation, TakeWeightCredit,
	TrailingSetTopicAsId, UsingComponents, WithComputedOrigin, WithUniqueTopic,
	XcmFeeManagerFromComponents,
};
use xcm_executor::XcmExecutor;

use super::{
	assets::{AssetId as LocalAssetId, ST_HOLD_ID},
	monetary::{BlockShareToFee, ToAuthor, TransactionByteFee},
	staking::TreasuryAccount,
};
use crate::{
	AccountId, AllPalletsWithSystem, Assets, Balance, Balances, ParachainInfo, ParachainSystem,
	PolkadotXcm, Runtime, RuntimeCall, RuntimeEvent, RuntimeOrigin, XcmpQueue, HOLD,
};

/// The index of the assets pallet, by which other chains name stHOLD.
pub const ASSETS_PALLET_INDEX: u8 = 12;

parameter_types! {
	/// Where this chain is, seen from itself; also where HOLD is.
	pub const HoldLocation: Location = Location::here();
	/// Where stHOLD is.
	pub StHoldLocation: Location =
		Location::new(0, [PalletInstance(ASSETS_PALLET_INDEX), GeneralIndex(ST_HOLD_ID.into())]);
	/// Where all assets but HOLD are.
	pub AssetsPalletLocation: Location = PalletInstance(ASSETS_PALLET_INDEX).into();
	/// Where the relay chain is.
	pub const RelayLocation: Location = Location::parent();
	/// The network of accounts that are named without one. `None`: the same runtime serves on any
	/// relay chain.
	pub const RelayNetwork: Option<NetworkId> = None;
	/// The origin of calls by the relay chain.
	pub RelayChainOrigin: RuntimeOrigin = cumulus_pallet_xcm::Origin::Relay.into();
	/// Where this chain is, seen from its relay chain.
	pub UniversalLocation: InteriorLocation =
		Parachain(ParachainInfo::parachain_id().into()).into();
	/// The account that would track teleports, if there were any.
	pub CheckingAccount: AccountId = PolkadotXcm::check_account();
	/// What an instruction may take. Most take far less.
	pub const UnitWeightCost: Weight = Weight::from_parts(1_000_000_000, 64 * 1024);
	/// The asset in which the delivery of messages is paid.
	pub FeeAssetId: AssetId = AssetId(HoldLocation::get());
	/// Price of the delivery of an empty message, while its queue is short.
	pub const BaseDeliveryFee: u128 = HOLD / 100;
}

/// The most instructions in a message.
type MaxInstructions = ConstU32<100>;

/// The account that a location has here.
pub type LocationToAccountId = (
	ParentIsPreset<AccountId>,
	SiblingParachainConvertsVia<Sibling, AccountId>,
	AccountId32Aliases<RelayNetwork, AccountId>,
	// Accounts and bodies of other chains.
	HashedDescription<AccountId, DescribeFamily<DescribeAllTerminal>>,
);

/// Moves HOLD.
pub type HoldTransactor =
	FungibleAdapter<Balances, IsConcrete<HoldLocation>, LocationToAccountId, AccountId, ()>;

/// Tells stHOLD by its location. The conversion alone would ignore junctions that follow.
pub type StHoldMatcher = MatchedConvertedConcreteId<
	LocalAssetId,
	Balance,
	Equals<StHoldLocation>,
	AsPrefixedGeneralIndex<AssetsPalletLocation, LocalAssetId, TryConvertInto>,
	TryConvertInto,
>;

/// Moves stHOLD.
pub type StHoldTransactor = FungiblesAdapter<
	Assets,
	StHoldMatcher,
	LocationToAccountId,
	AccountId,
	NoChecking,
	CheckingAccount,
>;

/// Moves assets.
pub type AssetTransactors = (HoldTransactor, StHoldTransactor);

/// The origin that a location's calls have here. Root is not among them: no other chain governs
/// this one.
pub type XcmOriginToTransactDispatchOrigin = (
	// The account of the location.
	SovereignSignedViaLocation<LocationToAccountId, RuntimeOrigin>,
	RelayChainAsNative<RelayChainOrigin, RuntimeOrigin>,
	SiblingParachainAsNative<cumulus_pallet_xcm::Origin, RuntimeOrigin>,
	SignedAccountId32AsNative<RelayNetwork, RuntimeOrigin>,
	XcmPassthrough<RuntimeOrigin>,
);

/// Which messages are executed at all.
pub type Barrier = TrailingSetTopicAsId<
	DenyThenTry<
		DenyRecursively<DenyReserveTransferToRelayChain>,
		(
			TakeWeightCredit,
			AllowKnownQueryResponses<PolkadotXcm>,
			WithComputedOrigin<
				(
					AllowTopLevelPaidExecutionFrom<Everything>,
					// The relay chain has no HOLD to pay with.
					AllowExplicitUnpaidExecutionFrom<Equals<RelayLocation>>,
					AllowSubscriptionsFrom<Everything>,
					AllowHrmpNotificationsFromRelayChain,
				),
				UniversalLocation,
				ConstU32<8>,
			>,
		),
	>,
>;

/// How messages are executed.
pub struct XcmConfig;

impl xcm_executor::Config for XcmConfig {
	type RuntimeCall = RuntimeCall;
	type XcmSender = XcmRouter;
	type XcmEventEmitter = PolkadotXcm;
	type AssetTransactor = AssetTransactors;
	type OriginConverter = XcmOriginToTransactDispatchOrigin;
	type IsReserve = ();
	type IsTeleporter = ();
	type Aliasers = Nothing;
	type UniversalLocation = UniversalLocation;
	type Barrier = Barrier;
	type Weigher = FixedWeightBounds<UnitWeightCost, RuntimeCall, MaxInstructions>;
	type Trader = UsingComponents<BlockShareToFee, HoldLocation, AccountId, Balances, ToAuthor>;
	type ResponseHandler = PolkadotXcm;
	type AssetTrap = PolkadotXcm;
	type AssetLocker = ();
	type AssetExchanger = ();
	type SubscriptionService = PolkadotXcm;
	type PalletInstancesInfo = AllPalletsWithSystem;
	type MaxAssetsIntoHolding = ConstU32<64>;
	type FeeManager = XcmFeeManagerFromComponents<
		// Root pays nothing.
		Equals<HoldLocation>,
		SendXcmFeeToAccount<Self::AssetTransactor, TreasuryAccount>,
	>;
	type MessageExporter = ();
	type UniversalAliases = Nothing;
	type CallDispatcher = RuntimeCall;
	type SafeCallFilter = Everything;
	type TransactionalProcessor = FrameTransactionalProcessor;
	type HrmpNewChannelOpenRequestHandler = ();
	type HrmpChannelAcceptedHandler = ();
	type HrmpChannelClosingHandler = ();
	type XcmRecorder = PolkadotXcm;
}

/// How other chains see an account of this one.
pub type LocalOriginToLocation = SignedToAccountId32<RuntimeOrigin, AccountId, RelayNetwork>;

/// Price of a message to the relay chain. It rises with the length of the queue.
pub type PriceForParentDelivery =
	ExponentialPrice<FeeAssetId, BaseDeliveryFee, TransactionByteFee, ParachainSystem>;

/// Does not route messages that bring assets; all others go to `Inner`.
///
/// Whatever moves assets out, a transfer of the XCM pallet, an instruction of a message from another
/// chain or one that is nested there, first puts them into the account of the destination and then
/// sends it one of these instructions. If nobody routes that, all of it is undone. The relay chain has an
/// account here and its queue is always open, but it would only trap what it is told to have got, and
/// nobody could get it back.
pub struct WithoutAssets<Inner>(PhantomData<Inner>);

impl<Inner: SendXcm> SendXcm for WithoutAssets<Inner> {
	type Ticket = Inner::Ticket;

	fn validate(
		destination: &mut Option<Location>,
		message: &mut Option<Xcm<()>>,
	) -> SendResult<Self::Ticket> {
		let orders = message.as_ref().ok_or(SendError::MissingArgument)?;
		let brings_assets = orders
			.iter()
			.any(|order| matches!(order, ReserveAssetDeposited(..) | ReceiveTeleportedAsset(..)));
		if brings_assets {
			return Err(SendError::NotApplicable);
		}
		Inner::validate(destination, message)
	}

	fn deliver(ticket: Self::Ticket) -> Result<XcmHash, SendError> {
		Inner::deliver(ticket)
	}

	#[cfg(feature = "runtime-benchmarks")]
	fn ensure_successful_delivery(location: Option<Location>) {
		Inner::ensure_successful_delivery(location)
	}
}

impl<Inner: InspectMessageQueues> InspectMessageQueues for WithoutAssets<Inner> {
	fn clear_messages() {
		Inner::clear_messages()
	}

	fn get_messages() -> Vec<(VersionedLocation, Vec<VersionedXcm<()>>)> {
		Inner::get_messages()
	}
}

/// Sends messages to the relay chain.
pub type RelayRouter =
	cumulus_primitives_utility::ParentAsUmp<ParachainSystem, PolkadotXcm, PriceForParentDelivery>;

/// Sends messages to the relay chain, and to siblings with which a channel is open.
pub type XcmRouter = WithUniqueTopic<(WithoutAssets<RelayRouter>, XcmpQueue)>;

impl pallet_xcm::Config for Runtime {
	type RuntimeEvent = RuntimeEvent;
	type Currency = Balances;
	type CurrencyMatcher = ();
	type AuthorizedAliasConsideration = Disabled;
	type SendXcmOrigin = EnsureXcmOrigin<RuntimeOrigin, LocalOriginToLocation>;
	type XcmRouter = XcmRouter;
	type ExecuteXcmOrigin = EnsureXcmOrigin<RuntimeOrigin, LocalOriginToLocation>;
	// Transfers have calls of their own.
	type XcmExecuteFilter = Nothing;
	type XcmExecutor = XcmExecutor<XcmConfig>;
	type XcmTeleportFilter = Nothing;
	type XcmReserveTransferFilter = Everything;
	type Weigher = FixedWeightBounds<UnitWeightCost, RuntimeCall, MaxInstructions>;
	type UniversalLocation = UniversalLocation;
	type RuntimeOrigin = RuntimeOrigin;
	type RuntimeCall = RuntimeCall;
	const VERSION_DISCOVERY_QUEUE_SIZE: u32 = 100;
	type AdvertisedXcmVersion = pallet_xcm::CurrentXcmVersion;
	type AdminOrigin = EnsureRoot<AccountId>;
	type TrustedLockers = ();
	type SovereignAccountOf = LocationToAccountId;
	type MaxLockers = ConstU32<8>;
	type MaxRemoteLockConsumers = ConstU32<0>;
	type RemoteLockConsumerIdentifier = ();
	type WeightInfo = XcmWeight;
}

impl cumulus_pallet_xcm::Config for Runtime {
	type RuntimeEvent = RuntimeEvent;
	type XcmExecutor = XcmExecutor<XcmConfig>;
}

/// Weights of the calls of the XCM pallet, which ships none that were measured: a flat charge, far
/// above the handful of reads and writes of the heaviest of them.
pub struct XcmWeight;

/// 2 ms, or some 16 writes, and 32 kB of proof.
const FLAT_WEIGHT: Weight = Weight::from_parts(2_000_000_000, 32 * 1024);

macro_rules! flat_weights {
	($($call:ident)*) => {
		$(
			fn $call() -> Weight {
				FLAT_WEIGHT
			}
		)*
	};
}

impl pallet_xcm::WeightInfo for XcmWeight {
	flat_weights! {
		send
		teleport_assets
		reserve_transfer_assets
		transfer_assets
		execute
		force_xcm_version
		force_default_xcm_version
		force_subscribe_version_notify
		force_unsubscribe_version_notify
		force_suspension
		migrate_supported_version
		migrate_version_notifiers
		already_notified_target
		notify_current_targets
		notify_target_migration_fail
		migrate_version_notify_targets
		migrate_and_notify_old_targets
		new_query
		take_response
		add_authorized_alias
		remove_authorized_alias
	}

	fn claim_assets(assets: u32) -> Weight {
		let per_asset = Weight::from_parts(100_000_000, 0);
		FLAT_WEIGHT.saturating_add(per_asset.saturating_mul(assets.into()))
	}

	fn weigh_message(bytes: u32) -> Weight {
		Weight::from_parts(1_000_000, 0)
			.saturating_add(Weight::from_parts(200_000, 0).saturating_mul(bytes.into()))
	}

	fn decode_xcm(bytes: u32) -> Weight {
		Weight::from_parts(1_000_000, 0)
			.saturating_add(Weight::from_parts(40_000, 0).saturating_mul(bytes.into()))
	}
}

#[cfg(test)]
mod tests {
	use super::*;
	use frame_support::traits::PalletInfoAccess;
	use xcm::latest::Asset;
	use xcm_executor::traits::MatchesFungibles;

	#[test]
	fn other_chains_name_the_assets_pallet_by_its_index() {
		assert_eq!(<Assets as PalletInfoAccess>::index(), usize::from(ASSETS_PALLET_INDEX));
	}

	#[test]
	fn only_sthold_is_sthold() {
		let matched = |location: Location| {
			StHoldMatcher::matches_fungibles(&Asset::from((location, 7u128))).ok()
		};
		let pallet = PalletInstance(ASSETS_PALLET_INDEX);
		assert_eq!(matched(StHoldLocation::get()), Some((ST_HOLD_ID, 7)));
		assert_eq!(matched(Location::here()), None);
		assert_eq!(matched(Location::new(0, [pallet, GeneralIndex(2)])), None);
		assert_eq!(matched(Location::new(1, [pallet, GeneralIndex(1)])), None);
		assert_eq!(matched(Location::new(0, [pallet, GeneralIndex(1), GeneralIndex(1)])), None);
	}
}
