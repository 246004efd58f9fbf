// SPDX-License-Identifier: GPL-3.0-only

//! The pallets whose weights are measured on this runtime, and what their benchmarks need of it.

use alloc::{boxed::Box, vec, vec::Vec};
use codec::Encode;
use cumulus_primitives_core::ParaId;
use frame_benchmarking::BenchmarkError;
use frame_support::{assert_ok, traits::fungible::Inspect};
use polkadot_runtime_common::xcm_sender::ToParachainDeliveryHelper;
use sp_runtime::traits::Convert;
use xcm::latest::prelude::{
	Asset, Assets as XcmAssets, GeneralIndex, Location, PalletInstance, Parachain,
};

use crate::{
	configs::{
		assets::ST_HOLD_ID,
		liquid_staking::ShareAsset,
		parachain::PriceForSiblingDelivery,
		xcm::{HoldLocation, StHoldLocation, XcmConfig, ASSETS_PALLET_INDEX},
	},
	AccountId, Assets, Balance, Balances, ParachainSystem, PolkadotXcm, Runtime, RuntimeCall,
	RuntimeOrigin, SessionKeys, System, HOLD,
};

// Pallets whose benchmarks are in crates of their own.
pub use frame_system_benchmarking::{
	extensions::Pallet as SystemExtensionsBench, Pallet as SystemBench,
};
pub use pallet_session_benchmarking::Pallet as SessionBench;
pub use pallet_xcm::benchmarking::Pallet as XcmBench;

frame_benchmarking::define_benchmarks!(
	[cumulus_pallet_parachain_system, ParachainSystem]
	[cumulus_pallet_weight_reclaim, WeightReclaim]
	[cumulus_pallet_xcmp_queue, XcmpQueue]
	[frame_system, SystemBench::<Runtime>]
	[frame_system_extensions, SystemExtensionsBench::<Runtime>]
	[pallet_assets, Assets]
	[pallet_bags_list, VoterList]
	[pallet_balances, Balances]
	[pallet_insurance_fund, InsuranceFund]
	[pallet_liquid_staking, LiquidStaking]
	[pallet_message_queue, MessageQueue]
	[pallet_migrations, MultiBlockMigrations]
	[pallet_multisig, Multisig]
	[pallet_operator_registry, OperatorRegistry]
	[pallet_proxy, Proxy]
	[pallet_session, SessionBench::<Runtime>]
	[pallet_staking, Staking]
	[pallet_sudo, Sudo]
	[pallet_timestamp, Timestamp]
	[pallet_transaction_payment, TransactionPayment]
	[pallet_utility, Utility]
	[pallet_xcm, XcmBench::<Runtime>]
);

/// A chain to which a channel is open.
const SIBLING: u32 = 2_001;

frame_support::parameter_types! {
	/// What the account that pays for a message has beforehand.
	pub ExistentialDepositAsset: Option<Asset> = Some(hold(Balances::minimum_balance()));
	/// The number of the chain to which a channel is open.
	pub const SiblingId: ParaId = ParaId::new(SIBLING);
}

fn hold(amount: Balance) -> Asset {
	(HoldLocation::get(), amount).into()
}

/// The chain to which a channel is open, and which understands what is sent to it.
fn sibling() -> Location {
	let version = Some(xcm::prelude::XCM_VERSION);
	assert_ok!(PolkadotXcm::force_default_xcm_version(RuntimeOrigin::root(), version));
	ParachainSystem::open_outbound_hrmp_channel_for_benchmarks_or_tests(SiblingId::get());
	Location::new(1, [Parachain(SIBLING)])
}

impl frame_system_benchmarking::Config for Runtime {
	fn setup_set_code_requirements(code: &Vec<u8>) -> Result<(), BenchmarkError> {
		ParachainSystem::initialize_for_set_code_benchmark(code.len() as u32);
		Ok(())
	}

	fn verify_set_code() {
		let stored = cumulus_pallet_parachain_system::Event::<Runtime>::ValidationFunctionStored;
		System::assert_last_event(stored.into());
	}
}

impl pallet_transaction_payment::BenchmarkConfig for Runtime {}

impl pallet_session_benchmarking::Config for Runtime {
	fn generate_session_keys_and_proof(owner: AccountId) -> (SessionKeys, Vec<u8>) {
		let made = SessionKeys::generate(&owner.encode(), None);
		(made.keys, made.proof.encode())
	}
}

impl pallet_xcm::benchmarking::Config for Runtime {
	type DeliveryHelper = ToParachainDeliveryHelper<
		XcmConfig,
		ExistentialDepositAsset,
		PriceForSiblingDelivery,
		SiblingId,
		ParachainSystem,
	>;

	fn reachable_dest() -> Option<Location> {
		Some(sibling())
	}

	fn reserve_transferable_asset_and_dest() -> Option<(Asset, Location)> {
		Some((hold(HOLD), sibling()))
	}

	// HOLD for the fees, and stHOLD, as the most that anybody has.
	fn set_up_complex_asset_transfer() -> Option<(XcmAssets, u32, Location, Box<dyn FnOnce()>)> {
		let who: AccountId = frame_benchmarking::whitelisted_caller();
		let fund = 1_000 * HOLD;
		assert_ok!(Balances::force_set_balance(
			RuntimeOrigin::root(),
			who.clone().into(),
			2 * fund
		));
		make_asset(ST_HOLD_ID);
		assert_ok!(<Assets as frame_support::traits::fungibles::Mutate<AccountId>>::mint_into(
			ST_HOLD_ID, &who, fund
		));
		let assets: XcmAssets = vec![hold(HOLD), (StHoldLocation::get(), HOLD).into()].into();
		let verify = Box::new(move || assert_eq!(Assets::balance(ST_HOLD_ID, &who), fund - HOLD));
		Some((assets, 0, sibling(), verify))
	}

	fn get_asset() -> Asset {
		hold(HOLD)
	}

	// HOLD, and the tokens of classes.
	fn get_assets(n: u32) -> XcmAssets {
		let shares = (0..n.saturating_sub(1)).map(|class| {
			let id = ShareAsset::convert(class);
			make_asset(id);
			let at = [PalletInstance(ASSETS_PALLET_INDEX), GeneralIndex(id.into())];
			(Location::new(0, at), HOLD).into()
		});
		core::iter::once(hold(HOLD)).chain(shares).collect::<Vec<Asset>>().into()
	}

	fn batch_call(calls: Vec<RuntimeCall>) -> Option<RuntimeCall> {
		Some(pallet_utility::Call::batch { calls }.into())
	}
}

/// Makes an asset, unless the genesis has.
fn make_asset(id: u32) {
	use frame_support::traits::fungibles::{Create, Inspect};
	if !<Assets as Inspect<AccountId>>::asset_exists(id) {
		let owner: AccountId = frame_benchmarking::account("owner", 0, 0);
		assert_ok!(<Assets as Create<AccountId>>::create(id, owner, true, 1));
	}
}
