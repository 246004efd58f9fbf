// SPDX-License-Identifier: GPL-3.0-only

//! Transfers to other chains: they arrive at a chain that can accept them, or nothing moves.

use crate::chain::{account, deposit, dispatch, hold, run, st_hold};
use frame_support::assert_ok;
use holdfast_runtime::{
	configs::{
		assets::ST_HOLD_ID,
		xcm::{LocationToAccountId, StHoldLocation, XcmConfig, ASSETS_PALLET_INDEX},
	},
	AccountId, Balance, ParachainSystem, Runtime, RuntimeCall, RuntimeEvent, System, HOLD,
};
use pallet_xcm::{Call, Error};
use sp_keyring::Sr25519Keyring::Alice;
use sp_runtime::DispatchError;
use xcm::{
	latest::{prelude::*, AssetTransferFilter},
	VersionedAssetId, VersionedAssets, VersionedLocation, VersionedXcm,
};
use xcm_executor::{
	traits::{ConvertLocation, TransferType},
	XcmExecutor,
};

/// A chain to which a channel is open.
const SIBLING: u32 = 2_001;
/// What is sent of each asset.
const AMOUNT: Balance = 10 * HOLD;

type Transfer = Call<Runtime>;

fn sibling(id: u32) -> Location {
	Location::new(1, [Parachain(id)])
}

/// All that can be named and is no chain with a channel to this one.
fn unreachable() -> Vec<Location> {
	let somebody = AccountId32 { network: None, id: [7; 32] };
	vec![
		Location::parent(),
		Location::new(1, [somebody]),
		Location::new(1, [PalletInstance(10)]),
		Location::here(),
		Location::new(0, [somebody]),
		Location::new(0, [PalletInstance(ASSETS_PALLET_INDEX)]),
		sibling(2_002),
		// This chain itself.
		sibling(u32::from(holdfast_runtime::ParachainInfo::parachain_id())),
		Location::new(1, [Parachain(SIBLING), somebody]),
		Location::new(2, [GlobalConsensus(Polkadot)]),
		Location::new(2, [GlobalConsensus(Polkadot), Parachain(1_000)]),
	]
}

fn hold_asset() -> Asset {
	(Location::here(), AMOUNT).into()
}

fn st_hold_asset() -> Asset {
	(StHoldLocation::get(), AMOUNT).into()
}

fn baskets() -> Vec<Vec<Asset>> {
	vec![vec![hold_asset()], vec![st_hold_asset()], vec![hold_asset(), st_hold_asset()]]
}

/// Each call with which an account can move `assets` to `dest`, and its name.
#[allow(deprecated)]
fn transfers(dest: &Location, assets: &[Asset]) -> Vec<(String, Transfer)> {
	let to = || Box::new(VersionedLocation::from(dest.clone()));
	let beneficiary = Location::new(0, [AccountId32 { network: None, id: [9; 32] }]);
	let whom = || Box::new(VersionedLocation::from(beneficiary.clone()));
	let what = || Box::new(VersionedAssets::from(Assets::from(assets.to_vec())));
	let weight_limit = Unlimited;
	let mut calls = vec![
		(
			"reserve_transfer_assets".into(),
			Transfer::reserve_transfer_assets {
				dest: to(),
				beneficiary: whom(),
				assets: what(),
				fee_asset_item: 0,
			},
		),
		(
			"limited_reserve_transfer_assets".into(),
			Transfer::limited_reserve_transfer_assets {
				dest: to(),
				beneficiary: whom(),
				assets: what(),
				fee_asset_item: 0,
				weight_limit: weight_limit.clone(),
			},
		),
		(
			"transfer_assets".into(),
			Transfer::transfer_assets {
				dest: to(),
				beneficiary: whom(),
				assets: what(),
				fee_asset_item: 0,
				weight_limit: weight_limit.clone(),
			},
		),
	];
	calls.extend(using_types(dest, assets, &[TransferType::LocalReserve]));
	calls
}

/// `transfer_assets_using_type_and_then` with every pair of these ways for the assets and their fees.
fn using_types(
	dest: &Location,
	assets: &[Asset],
	types: &[TransferType],
) -> Vec<(String, Transfer)> {
	let beneficiary = Location::new(0, [AccountId32 { network: None, id: [9; 32] }]);
	let pairs = types.iter().flat_map(|one| types.iter().map(move |other| (one, other)));
	pairs
		.map(|(for_assets, for_fees)| {
			let then = Xcm(vec![DepositAsset {
				assets: AllCounted(2).into(),
				beneficiary: beneficiary.clone(),
			}]);
			let call = Transfer::transfer_assets_using_type_and_then {
				dest: Box::new(dest.clone().into()),
				assets: Box::new(Assets::from(assets.to_vec()).into()),
				assets_transfer_type: Box::new(for_assets.clone()),
				remote_fees_id: Box::new(VersionedAssetId::from(assets[0].id.clone())),
				fees_transfer_type: Box::new(for_fees.clone()),
				custom_xcm_on_dest: Box::new(VersionedXcm::from(then)),
				weight_limit: Unlimited,
			};
			(format!("transfer_assets_using_type_and_then {for_assets:?} {for_fees:?}"), call)
		})
		.collect()
}

/// Every call and message with which an account might try to move `assets` to `dest` some other way.
#[allow(deprecated)]
fn detours(dest: &Location, assets: &[Asset]) -> Vec<(String, Transfer)> {
	let beneficiary = Location::new(0, [AccountId32 { network: None, id: [9; 32] }]);
	let then = Xcm(vec![DepositAsset { assets: AllCounted(2).into(), beneficiary }]);
	let all: Assets = assets.to_vec().into();
	let mut calls = vec![
		(
			"teleport_assets".into(),
			Transfer::teleport_assets {
				dest: Box::new(dest.clone().into()),
				beneficiary: Box::new(Location::here().into()),
				assets: Box::new(all.clone().into()),
				fee_asset_item: 0,
			},
		),
		(
			"limited_teleport_assets".into(),
			Transfer::limited_teleport_assets {
				dest: Box::new(dest.clone().into()),
				beneficiary: Box::new(Location::here().into()),
				assets: Box::new(all.clone().into()),
				fee_asset_item: 0,
				weight_limit: Unlimited,
			},
		),
	];
	for (name, orders) in orders(dest, assets, &then) {
		let message = Box::new(VersionedXcm::from(Xcm(orders)));
		let max_weight = Weight::from_parts(1_000_000_000_000, 10_000_000);
		calls.push((format!("execute {name}"), Transfer::execute { message, max_weight }));
	}
	let types = [
		TransferType::LocalReserve,
		TransferType::DestinationReserve,
		TransferType::Teleport,
		TransferType::RemoteReserve(Location::parent().into()),
		TransferType::RemoteReserve(sibling(SIBLING).into()),
	];
	calls.extend(using_types(dest, assets, &types));
	calls
}

/// The instructions that move assets to another chain, at the top of a message and nested in it.
fn orders(
	dest: &Location,
	assets: &[Asset],
	then: &Xcm<()>,
) -> Vec<(String, Vec<Instruction<RuntimeCall>>)> {
	let assets: Assets = assets.to_vec().into();
	let held = || WithdrawAsset(assets.clone());
	// What else is held pays for the delivery.
	let all = || AssetFilter::Definite(assets.clone());
	let initiate = |way: AssetTransferFilter| InitiateTransfer {
		destination: dest.clone(),
		remote_fees: None,
		preserve_origin: false,
		assets: vec![way].try_into().unwrap(),
		remote_xcm: then.clone(),
	};
	let plain: Vec<(&str, Vec<Instruction<RuntimeCall>>)> = vec![
		(
			"TransferReserveAsset",
			vec![TransferReserveAsset {
				assets: assets.clone(),
				dest: dest.clone(),
				xcm: then.clone(),
			}],
		),
		(
			"DepositReserveAsset",
			vec![
				held(),
				DepositReserveAsset { assets: all(), dest: dest.clone(), xcm: then.clone() },
			],
		),
		(
			"InitiateReserveWithdraw",
			vec![
				held(),
				InitiateReserveWithdraw { assets: all(), reserve: dest.clone(), xcm: then.clone() },
			],
		),
		(
			"InitiateTeleport",
			vec![held(), InitiateTeleport { assets: all(), dest: dest.clone(), xcm: then.clone() }],
		),
		(
			"InitiateTransfer of a deposit",
			vec![held(), initiate(AssetTransferFilter::ReserveDeposit(all()))],
		),
		(
			"InitiateTransfer of a withdrawal",
			vec![held(), initiate(AssetTransferFilter::ReserveWithdraw(all()))],
		),
		(
			"InitiateTransfer of a teleport",
			vec![held(), initiate(AssetTransferFilter::Teleport(all()))],
		),
	];
	let nested = plain.clone().into_iter().flat_map(|(name, orders)| {
		let inner = Xcm(orders);
		[
			(format!("{name} in an appendix"), vec![SetAppendix(inner.clone())]),
			(format!("{name} in an error handler"), vec![SetErrorHandler(inner.clone()), Trap(0)]),
			(
				format!("{name} with an origin"),
				vec![ExecuteWithOrigin { descendant_origin: Some(Here), xcm: inner }],
			),
		]
	});
	let nested: Vec<_> = nested.collect();
	plain.into_iter().map(|(name, orders)| (name.into(), orders)).chain(nested).collect()
}

/// All HOLD and stHOLD that there is, and what `who` has of them.
fn belongings(who: &AccountId) -> [Balance; 4] {
	let issued = pallet_balances::TotalIssuance::<Runtime>::get();
	let shares = holdfast_runtime::Assets::total_supply(ST_HOLD_ID);
	[hold(who), st_hold(who), issued, shares]
}

fn account_of(location: &Location) -> Option<AccountId> {
	LocationToAccountId::convert_location(location)
}

/// Runs `test` with an account that has HOLD and stHOLD, and a channel to [`SIBLING`].
fn with_channel(test: impl FnOnce(AccountId)) {
	run(|chain| {
		let alice = account(Alice);
		chain.block_with(|| {
			deposit(&alice, 1_000 * HOLD);
			ParachainSystem::open_outbound_hrmp_channel_for_benchmarks_or_tests(SIBLING.into());
			test(alice);
			// Not in the proof that the collator brings.
			cumulus_pallet_parachain_system::PendingUpwardMessages::<Runtime>::kill();
		});
	});
}

fn reason(error: DispatchError) -> String {
	match error {
		DispatchError::Module(module) => module.message.unwrap_or_default().into(),
		other => format!("{other:?}"),
	}
}

#[test]
fn nothing_leaves_for_a_place_that_cannot_accept_it() {
	with_channel(|alice| {
		let before = belongings(&alice);
		for dest in unreachable() {
			let theirs = account_of(&dest);
			let had = theirs.as_ref().map(belongings);
			for assets in baskets() {
				let calls = transfers(&dest, &assets).into_iter().chain(detours(&dest, &assets));
				for (name, call) in calls {
					System::reset_events();
					let result = dispatch(&alice, call);
					assert!(result.is_err(), "{name} to {dest:?} of {assets:?}");
					assert_eq!(belongings(&alice), before, "{name} to {dest:?}");
					assert_eq!(theirs.as_ref().map(belongings), had, "{name} to {dest:?}");
					assert_eq!(sent(), 0, "{name} to {dest:?}");
				}
			}
		}
	});
}

#[test]
fn transfers_to_the_relay_chain_say_that_it_cannot_be_reached() {
	with_channel(|alice| {
		for assets in baskets() {
			for (name, call) in transfers(&Location::parent(), &assets) {
				let error = dispatch(&alice, call).unwrap_err();
				assert_eq!(
					error,
					Error::<Runtime>::Unreachable.into(),
					"{name}: {}",
					reason(error)
				);
			}
		}
	});
}

#[test]
fn what_goes_to_a_sibling_is_kept_for_it() {
	with_channel(|alice| {
		let theirs = account_of(&sibling(SIBLING)).unwrap();
		for assets in baskets() {
			for (name, call) in transfers(&sibling(SIBLING), &assets) {
				System::reset_events();
				let (mine, their) = (belongings(&alice), belongings(&theirs));
				assert_ok!(dispatch(&alice, call));
				let of = |asset: Asset| if assets.contains(&asset) { AMOUNT } else { 0 };
				let (hold, shares) = (of(hold_asset()), of(st_hold_asset()));
				let [my_hold, my_shares, issued, all_shares] = belongings(&alice);
				// The delivery costs less than a HOLD.
				let fee = mine[0] - hold - my_hold;
				assert!((1..HOLD).contains(&fee), "{name}: {fee}");
				assert_eq!(my_shares, mine[1] - shares, "{name}");
				let [their_hold, their_shares, ..] = belongings(&theirs);
				assert_eq!([their_hold, their_shares], [their[0] + hold, their[1] + shares]);
				assert_eq!([issued, all_shares], mine[2..], "{name}");
				assert_eq!(sent(), 1, "{name}");
			}
		}
	});
}

#[test]
fn no_message_from_elsewhere_moves_assets_to_the_relay_chain() {
	with_channel(|alice| {
		let origin = sibling(2_003);
		let theirs = account_of(&origin).unwrap();
		let relay = account_of(&Location::parent()).unwrap();
		for (who, value) in [(&theirs, 2_000 * HOLD), (&relay, HOLD)] {
			let dest = who.clone().into();
			let endow = pallet_balances::Call::<Runtime>::transfer_allow_death { dest, value };
			assert_ok!(dispatch(&alice, endow));
		}
		let fees: Asset = (Location::here(), 5 * HOLD).into();
		let then = Xcm(vec![]);
		for dest in [Location::parent(), sibling(SIBLING)] {
			for (name, orders) in orders(&dest, &[hold_asset()], &then) {
				System::reset_events();
				let had = belongings(&relay);
				let pay = [
					WithdrawAsset(fees.clone().into()),
					BuyExecution { fees: fees.clone(), weight_limit: Unlimited },
				];
				let message: Xcm<RuntimeCall> = Xcm(pay.into_iter().chain(orders).collect());
				let outcome = XcmExecutor::<XcmConfig>::prepare_and_execute(
					origin.clone(),
					message,
					&mut [0; 32],
					Weight::MAX,
					Weight::zero(),
				);
				assert_eq!(belongings(&relay)[..2], had[..2], "{name} to {dest:?}: {outcome:?}");
				// The same orders move assets to a chain that can accept them.
				let deposits =
					["TransferReserve", "DepositReserve", "InitiateTransfer of a deposit"];
				let moves = deposits.iter().any(|order| name.starts_with(order));
				// The executor does not know this one yet.
				let known = !name.ends_with("with an origin");
				let reaches = moves && known && dest == sibling(SIBLING);
				assert_eq!(sent(), usize::from(reaches), "{name} to {dest:?}: {outcome:?}");
			}
		}
	});
}

#[test]
fn orders_without_assets_still_reach_the_relay_chain() {
	with_channel(|alice| {
		System::reset_events();
		let message = VersionedXcm::from(Xcm(vec![ClearTopic]));
		let dest = Box::new(Location::parent().into());
		assert_ok!(dispatch(&alice, Transfer::send { dest, message: Box::new(message) }));
		assert_eq!(sent(), 1);
		let forged = Xcm(vec![ReserveAssetDeposited(hold_asset().into())]);
		let dest = Box::new(Location::parent().into());
		let message = Box::new(VersionedXcm::from(forged));
		assert!(dispatch(&alice, Transfer::send { dest, message }).is_err());
		assert_eq!(sent(), 1);
	});
}

/// How many messages were handed to the relay chain or to siblings since events were reset.
fn sent() -> usize {
	let left = |event: &RuntimeEvent| {
		use cumulus_pallet_parachain_system::Event::UpwardMessageSent;
		use cumulus_pallet_xcmp_queue::Event::XcmpMessageSent;
		matches!(
			event,
			RuntimeEvent::ParachainSystem(UpwardMessageSent { .. })
				| RuntimeEvent::XcmpQueue(XcmpMessageSent { .. })
		)
	};
	System::events().iter().filter(|record| left(&record.event)).count()
}
