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
	traits::{ConstU32, Contains, Disabled, Equals, Everything, Nothing},
	weights::Weight,
};
use frame_system::EnsureRoot;
use pallet_xcm::XcmPassthrough;
use polkadot_parachain_primitives::primitives::Sibling;
use polkadot_runtime_common::xcm_sender::ExponentialPrice;
use sp_runtime::traits::TryConvertInto;
use xcm::latest::prelude::{
	AssetId, GeneralIndex, GlobalConsensus, InteriorLocation, Location, NetworkId, PalletInstance,
	Parachain, ReceiveTeleportedAsset, ReserveAssetDeposited, SendError, SendResult, SendXcm, Xcm,
	XcmHash,
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
	liquid_staking::ShareAsset,
	monetary::{BlockShareToFee, ToAuthor, TransactionByteFee},
	staking::TreasuryAccount,
};
use crate::{
	AccountId, AllPalletsWithSystem, Assets, Balance, Balances, ParachainInfo, ParachainSystem,
	PolkadotXcm, Runtime, RuntimeCall, RuntimeEvent, RuntimeOrigin, XcmpQueue, HOLD,
};

/// The index of the assets pallet, by which other chains name stHOLD.
pub const ASSETS_PALLET_INDEX: u8 = 12;
/// The relay chain for which this runtime is made, by the name of its spec. A chain that is to begin on
/// another one needs this and [`RELAY_NETWORK`] changed.
pub const RELAY_CHAIN: &str = "polkadot";
/// The same, as messages name it.
pub const RELAY_NETWORK: NetworkId = NetworkId::Polkadot;

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
	/// The network of the accounts here. Those that are named without one are of it too.
	pub const RelayNetwork: Option<NetworkId> = Some(RELAY_NETWORK);
	/// The origin of calls by the relay chain.
	pub RelayChainOrigin: RuntimeOrigin = cumulus_pallet_xcm::Origin::Relay.into();
	/// Where this chain is, seen from outside of all networks.
	pub UniversalLocation: InteriorLocation =
		[GlobalConsensus(RELAY_NETWORK), Parachain(ParachainInfo::parachain_id().into())].into();
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

/// The locations of stHOLD, and of the tokens of later classes of shares. The conversion of a location
/// alone would ignore junctions that follow.
pub struct StHoldLocations;

impl Contains<Location> for StHoldLocations {
	fn contains(location: &Location) -> bool {
		match location.unpack() {
			(0, [PalletInstance(ASSETS_PALLET_INDEX), GeneralIndex(id)]) => {
				LocalAssetId::try_from(*id).is_ok_and(ShareAsset::is_share)
			},
			_ => false,
		}
	}
}

/// Tells stHOLD by its location.
pub type StHoldMatcher = MatchedConvertedConcreteId<
	LocalAssetId,
	Balance,
	StHoldLocations,
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

/// The relay chain and its parachains, and not the accounts or pallets on them.
pub struct Neighbours;

impl Contains<Location> for Neighbours {
	fn contains(location: &Location) -> bool {
		matches!(location.unpack(), (1, [] | [Parachain(_)]))
	}
}

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
					AllowSubscriptionsFrom<Neighbours>,
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
	type WeightInfo = crate::weights::pallet_xcm::WeightInfo<Runtime>;
}

impl cumulus_pallet_xcm::Config for Runtime {
	type RuntimeEvent = RuntimeEvent;
	type XcmExecutor = XcmExecutor<XcmConfig>;
}

#[cfg(test)]
mod tests {
	use super::{super::liquid_staking::MAX_CLASSES, *};
	use frame_support::traits::PalletInfoAccess;
	use sp_runtime::traits::Convert;
	use xcm::latest::{Asset, Junction::AccountId32};
	use xcm_executor::traits::{ConvertLocation, MatchesFungibles};

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
		let of_class = |class| {
			let id = ShareAsset::convert(class);
			(matched(Location::new(0, [pallet, GeneralIndex(id.into())])), Some((id, 7)))
		};
		for class in [0, 1, 2, MAX_CLASSES] {
			let (found, expected) = of_class(class);
			assert_eq!(found, expected, "class {class}");
		}
		assert_eq!(of_class(MAX_CLASSES + 1).0, None);
		let beyond = GeneralIndex(u128::from(u32::MAX) + 1);
		assert_eq!(matched(Location::new(0, [pallet, beyond])), None);
		assert_eq!(matched(Location::here()), None);
		assert_eq!(matched(Location::new(0, [pallet, GeneralIndex(2)])), None);
		assert_eq!(matched(Location::new(1, [pallet, GeneralIndex(1)])), None);
		assert_eq!(matched(Location::new(0, [pallet, GeneralIndex(1), GeneralIndex(1)])), None);
	}

	#[test]
	fn accounts_are_of_the_network_of_the_relay_chain() {
		let id = [7; 32];
		let account = |network| {
			let location = Location::new(0, [AccountId32 { network, id }]);
			LocationToAccountId::convert_location(&location)
		};
		assert_eq!(account(None), Some(id.into()));
		assert_eq!(account(Some(RELAY_NETWORK)), Some(id.into()));
		assert_eq!(account(Some(NetworkId::Kusama)), None);
	}

	#[test]
	fn only_chains_subscribe_to_versions() {
		let account = AccountId32 { network: None, id: [7; 32] };
		for chain in [Location::parent(), Location::new(1, [Parachain(2_001)])] {
			assert!(Neighbours::contains(&chain), "{chain:?}");
		}
		for other in [
			Location::here(),
			Location::new(1, [account]),
			Location::new(1, [Parachain(2_001), account]),
			Location::new(2, [GlobalConsensus(NetworkId::Kusama)]),
		] {
			assert!(!Neighbours::contains(&other), "{other:?}");
		}
	}
}
