// SPDX-License-Identifier: GPL-3.0-only

//! What each type of proxy may do: a decision on every call of the runtime, with its reason.

use crate::{
	calls::calls,
	chain::{account, deposit, dispatch, hold, run},
};
use codec::{Decode, Encode};
use frame_support::{
	assert_ok,
	traits::{GetCallMetadata, InstanceFilter},
};
use holdfast_runtime::{
	configs::governance::ProxyType::{self, *},
	AccountId, Balances, Runtime, RuntimeCall, RuntimeEvent, System, HOLD,
};
use pallet_staking::RewardDestination;
use sp_keyring::Sr25519Keyring::{Alice, Bob, Charlie};
use sp_runtime::DispatchError;
use std::collections::BTreeSet;

/// All types but `Any`, which may do everything.
const FILTERED: [ProxyType; 6] =
	[NonTransfer, Staking, LiquidStaking, CancelProxy, Operator, Underwriting];

/// A decision: these calls of a pallet are open to these proxies besides `Any`, for this reason.
type Decision = (&'static str, &'static [&'static str], &'static [ProxyType], &'static str);

/// Every call of the runtime, once.
const DECISIONS: &[Decision] = &[
	// --- The system ---
	("System", &["remark", "remark_with_event"], &[NonTransfer], "says something, does nothing"),
	(
		"System",
		&[
			"set_heap_pages",
			"set_code",
			"set_code_without_checks",
			"set_storage",
			"kill_storage",
			"kill_prefix",
			"authorize_upgrade",
			"authorize_upgrade_without_checks",
		],
		&[],
		ROOT,
	),
	("System", &["apply_authorized_upgrade"], &[], ANYBODY),
	("ParachainSystem", &["set_validation_data"], &[], INHERENT),
	("ParachainSystem", &["sudo_send_upward_message"], &[], ROOT),
	("Timestamp", &["set"], &[], INHERENT),
	(
		"MultiBlockMigrations",
		&["force_set_cursor", "force_set_active_cursor", "force_onboard_mbms", "clear_historic"],
		&[],
		ROOT,
	),
	// --- Money ---
	(
		"Balances",
		&["transfer_allow_death", "transfer_keep_alive", "transfer_all", "burn"],
		&[],
		MOVES_TOKENS,
	),
	(
		"Balances",
		&["force_transfer", "force_unreserve", "force_set_balance", "force_adjust_total_issuance"],
		&[],
		ROOT,
	),
	("Balances", &["upgrade_accounts"], &[], ANYBODY),
	(
		"Assets",
		&[
			"transfer",
			"transfer_keep_alive",
			"transfer_all",
			"approve_transfer",
			"transfer_approved",
			"burn",
			"refund",
			"refund_other",
			"touch",
			"touch_other",
		],
		&[],
		MOVES_TOKENS,
	),
	("Assets", &["cancel_approval"], &[], "undoes what no such proxy could do"),
	(
		"Assets",
		&[
			"create",
			"start_destroy",
			"destroy_accounts",
			"destroy_approvals",
			"finish_destroy",
			"mint",
			"force_transfer",
			"freeze",
			"thaw",
			"freeze_asset",
			"thaw_asset",
			"block",
			"transfer_ownership",
			"set_team",
			"set_metadata",
			"clear_metadata",
			"set_min_balance",
			"set_reserves",
		],
		&[],
		"no account makes assets, owns one or is in a team",
	),
	(
		"Assets",
		&[
			"force_create",
			"force_set_metadata",
			"force_clear_metadata",
			"force_asset_status",
			"force_cancel_approval",
		],
		&[],
		ROOT,
	),
	// --- Proof of stake ---
	(
		"Staking",
		&["validate", "chill"],
		&[NonTransfer, Staking, Operator],
		"to stand for election, and to step down when a machine fails",
	),
	(
		"Staking",
		&["payout_stakers", "payout_stakers_by_page"],
		&[NonTransfer, Staking, Operator],
		"pays every staker what is due, where they want it",
	),
	(
		"Staking",
		&["bond", "set_payee"],
		&[NonTransfer, Staking],
		"stakes; rewards may not go to another account, see the test of that",
	),
	(
		"Staking",
		&[
			"bond_extra",
			"unbond",
			"rebond",
			"withdraw_unbonded",
			"nominate",
			"kick",
			"set_controller",
			"update_payee",
			"migrate_currency",
		],
		&[NonTransfer, Staking],
		"the stake stays the account's own",
	),
	(
		"Staking",
		&["chill_other", "reap_stash", "force_apply_min_commission"],
		&[NonTransfer, Staking],
		"anybody may, for those who break the rules; it moves no token of the account",
	),
	(
		"Staking",
		&[
			"set_validator_count",
			"increase_validator_count",
			"scale_validator_count",
			"force_no_eras",
			"force_new_era",
			"force_new_era_always",
			"set_invulnerables",
			"force_unstake",
			"cancel_deferred_slash",
			"set_staking_configs",
			"set_min_commission",
			"deprecate_controller_batch",
			"restore_ledger",
			"manual_slash",
		],
		&[],
		ROOT,
	),
	(
		"Session",
		&["set_keys", "purge_keys"],
		&[NonTransfer, Staking, Operator],
		"with which key blocks are made",
	),
	(
		"VoterList",
		&["rebag", "put_in_front_of", "put_in_front_of_other"],
		&[NonTransfer, Staking],
		"the order in which nominators are counted",
	),
	("RootOffences", &["create_offence", "report_offence"], &[], ROOT),
	// --- Messages ---
	(
		"XcmpQueue",
		&[
			"suspend_xcm_execution",
			"resume_xcm_execution",
			"update_suspend_threshold",
			"update_drop_threshold",
			"update_resume_threshold",
		],
		&[],
		ROOT,
	),
	(
		"PolkadotXcm",
		&[
			"teleport_assets",
			"limited_teleport_assets",
			"reserve_transfer_assets",
			"limited_reserve_transfer_assets",
			"transfer_assets",
			"transfer_assets_using_type_and_then",
			"claim_assets",
			"execute",
		],
		&[],
		MOVES_TOKENS,
	),
	(
		"PolkadotXcm",
		&["send"],
		&[],
		"acts for the account on another chain, where no filter reaches",
	),
	(
		"PolkadotXcm",
		&["add_authorized_alias", "remove_authorized_alias", "remove_all_authorized_aliases"],
		&[],
		"lets others act for the account",
	),
	(
		"PolkadotXcm",
		&[
			"force_xcm_version",
			"force_default_xcm_version",
			"force_subscribe_version_notify",
			"force_unsubscribe_version_notify",
			"force_suspension",
		],
		&[],
		ROOT,
	),
	("MessageQueue", &["reap_page", "execute_overweight"], &[], ANYBODY),
	// --- Calls on behalf of others ---
	(
		"Utility",
		&["batch", "batch_all", "force_batch", "as_derivative", "if_else"],
		&[NonTransfer, Staking, LiquidStaking, Operator, Underwriting],
		"what is in it is filtered, too",
	),
	("Utility", &["dispatch_as", "dispatch_as_fallible", "with_weight"], &[], ROOT),
	(
		"Multisig",
		&["as_multi_threshold_1", "as_multi", "approve_as_multi"],
		&[],
		"acts for another account, where no filter reaches: root may be a multisig",
	),
	(
		"Multisig",
		&["cancel_as_multi", "poke_deposit"],
		&[NonTransfer],
		"takes back what the account itself began, and its deposit",
	),
	(
		"Proxy",
		&["proxy", "proxy_announced", "announce"],
		&[],
		"acts for another account, where no filter reaches",
	),
	(
		"Proxy",
		&["add_proxy", "remove_proxy"],
		&[NonTransfer],
		"the proxy pallet refuses types that may do more than the proxy itself",
	),
	("Proxy", &["remove_proxies", "kill_pure"], &[], "the proxy pallet keeps them for `Any`"),
	("Proxy", &["create_pure"], &[], "makes another account, where no filter reaches"),
	("Proxy", &["remove_announcement", "poke_deposit"], &[NonTransfer], "gives a deposit back"),
	(
		"Proxy",
		&["reject_announcement"],
		&[NonTransfer, CancelProxy],
		"the only thing for which that type is there",
	),
	("Sudo", &["sudo", "sudo_unchecked_weight", "set_key", "sudo_as", "remove_key"], &[], "root's"),
	// --- What this chain is for ---
	(
		"LiquidStaking",
		&["deposit", "request_redeem", "claim", "redeem_instantly", "claim_class"],
		&[NonTransfer, LiquidStaking],
		"assets become shares of the same account, and shares assets",
	),
	("LiquidStaking", &["advance"], &[NonTransfer, LiquidStaking], "does work that is due"),
	("LiquidStaking", &["set_parameters"], &[], ROOT),
	(
		"OperatorRegistry",
		&["add_validator", "confirm_validator", "remove_validator"],
		&[NonTransfer, Operator],
		"machines come and go",
	),
	(
		"OperatorRegistry",
		&["release_bond"],
		&[NonTransfer, Operator],
		"anybody may; it goes to the operator",
	),
	(
		"OperatorRegistry",
		&["register_operator", "bond_more", "request_bond_release", "deregister"],
		&[NonTransfer],
		"binds money, which stays the account's own: not for a key that is online",
	),
	(
		"OperatorRegistry",
		&["update_profile"],
		&[NonTransfer],
		"costs the attestation: not for a key that is online",
	),
	(
		"OperatorRegistry",
		&["forget_validator"],
		&[NonTransfer, Operator],
		"anybody may; it makes room where the registry is full",
	),
	(
		"OperatorRegistry",
		&["pay_debt"],
		&[],
		"pays what others owe, too: who pays their own debt bonds more",
	),
	("OperatorRegistry", &["attest", "suspend", "set_parameters"], &[], ROOT),
	(
		"InsuranceFund",
		&["underwrite", "request_withdraw", "withdraw"],
		&[NonTransfer, Underwriting],
		"assets become shares of the same account, and shares assets",
	),
	("InsuranceFund", &["top_up_reserve"], &[], "a gift: nobody gets it back"),
	("InsuranceFund", &["set_parameters"], &[], ROOT),
];

const ROOT: &str = "root's: a proxy acts for an account";
const INHERENT: &str = "the collator's: no account makes it";
const ANYBODY: &str = "anybody may, on their own account and behalf";
const MOVES_TOKENS: &str = "moves tokens out, or can";

#[test]
fn every_call_of_the_runtime_is_decided_on_once() {
	let mut decided = BTreeSet::new();
	for (pallet, names, ..) in DECISIONS {
		for name in *names {
			assert!(
				decided.insert((pallet.to_string(), name.to_string())),
				"{pallet}.{name} twice"
			);
		}
	}
	let there: BTreeSet<_> = RuntimeCall::get_module_names()
		.iter()
		.flat_map(|pallet| {
			let names = RuntimeCall::get_call_names(pallet).iter();
			names.map(move |name| (pallet.to_string(), name.to_string()))
		})
		.collect();
	let new: Vec<_> = there.difference(&decided).collect();
	let gone: Vec<_> = decided.difference(&there).collect();
	assert!(new.is_empty(), "without a decision: {new:?}");
	assert!(gone.is_empty(), "no such calls: {gone:?}");
	assert_eq!(calls().into_keys().collect::<BTreeSet<_>>(), there, "the samples are complete");
}

#[test]
fn each_proxy_may_do_what_was_decided_and_nothing_else() {
	let calls = calls();
	for (pallet, names, may, why) in DECISIONS {
		for name in *names {
			let call = &calls[&(pallet.to_string(), name.to_string())];
			assert_eq!(call.get_call_metadata().function_name, *name);
			assert!(Any.filter(call));
			for proxy in FILTERED {
				assert_eq!(
					proxy.filter(call),
					may.contains(&proxy),
					"{proxy:?}, {pallet}.{name}: {why}"
				);
			}
		}
	}
}

/// Otherwise a proxy could appoint another one that may do more than itself.
#[test]
fn a_proxy_that_is_above_another_may_do_all_that_it_may() {
	let mut calls: Vec<_> = calls().into_values().collect();
	calls.extend([stake_for(RewardDestination::Account(account(Bob)))]);
	for above in FILTERED.into_iter().chain([Any]) {
		for below in FILTERED.into_iter().chain([Any]) {
			if above.is_superset(&below) {
				for call in &calls {
					assert!(
						above.filter(call) || !below.filter(call),
						"{above:?} {below:?} {call:?}"
					);
				}
			}
		}
	}
	assert!(FILTERED.iter().all(|proxy| !proxy.is_superset(&Any)));
}

/// They are in the state of the chain.
#[test]
fn the_numbers_of_the_types_stay() {
	let all = [Any, NonTransfer, Staking, LiquidStaking, CancelProxy, Operator, Underwriting];
	for (number, proxy) in all.into_iter().enumerate() {
		assert_eq!(proxy.encode(), [number as u8]);
	}
	assert!(ProxyType::decode(&mut &[all.len() as u8][..]).is_err(), "a type is not tested");
}

fn stake_for(payee: RewardDestination<AccountId>) -> RuntimeCall {
	pallet_staking::Call::<Runtime>::set_payee { payee }.into()
}

fn bond_for(payee: RewardDestination<AccountId>) -> RuntimeCall {
	pallet_staking::Call::<Runtime>::bond { value: HOLD, payee }.into()
}

#[test]
fn rewards_do_not_go_where_a_proxy_wants_them() {
	for proxy in [NonTransfer, Staking] {
		for payee in [RewardDestination::Staked, RewardDestination::Stash, RewardDestination::None]
		{
			assert!(proxy.filter(&stake_for(payee.clone())));
			assert!(proxy.filter(&bond_for(payee)));
		}
		let payee = RewardDestination::Account(account(Bob));
		assert!(!proxy.filter(&stake_for(payee.clone())));
		assert!(!proxy.filter(&bond_for(payee)));
	}
}

/// What came of the call that a proxy made last.
fn outcome() -> Result<(), DispatchError> {
	let executed = |event| match event {
		RuntimeEvent::Proxy(pallet_proxy::Event::ProxyExecuted { result }) => Some(result),
		_ => None,
	};
	let events = System::events().into_iter().rev();
	events.map(|record| record.event).find_map(executed).unwrap()
}

/// Alice's `proxy`, which is Bob, makes a call for her.
fn by_proxy(proxy: ProxyType, call: impl Into<RuntimeCall>) -> Result<(), DispatchError> {
	dispatch(
		&account(Bob),
		pallet_proxy::Call::<Runtime>::proxy {
			real: account(Alice).into(),
			force_proxy_type: Some(proxy),
			call: Box::new(call.into()),
		},
	)
	.unwrap();
	outcome()
}

#[test]
fn an_operator_and_an_underwriter_can_keep_their_keys_cold() {
	run(|chain| {
		chain.block_with(|| {
			let (alice, bob) = (account(Alice), account(Bob));
			for proxy_type in [NonTransfer, Operator, Underwriting] {
				let delegate = bob.clone().into();
				let call =
					pallet_proxy::Call::<Runtime>::add_proxy { delegate, proxy_type, delay: 0 };
				assert_ok!(dispatch(&alice, call));
			}
			deposit(&alice, 100 * HOLD);

			let label = |text: &str| text.as_bytes().to_vec().try_into().unwrap();
			let profile = pallet_operator_registry::Profile {
				operator: label("alice"),
				region: label("eu-north"),
				provider: label("own-racks"),
				client: label("holdfast-node"),
			};
			type Registry = pallet_operator_registry::Call<Runtime>;
			let register = || Registry::register_operator { profile: profile.clone() };
			assert!(by_proxy(Operator, register()).is_err());
			assert_ok!(by_proxy(NonTransfer, register()));
			assert_ok!(by_proxy(NonTransfer, Registry::bond_more { amount: 10 * HOLD }));
			let validator = account(Charlie);
			assert_ok!(by_proxy(Operator, Registry::add_validator { validator }));
			assert!(by_proxy(Operator, Registry::bond_more { amount: 10 * HOLD }).is_err());
			assert!(by_proxy(Operator, Registry::deregister {}).is_err());
			assert!(by_proxy(Underwriting, Registry::deregister {}).is_err());

			type Fund = pallet_insurance_fund::Call<Runtime>;
			let underwrite = || Fund::underwrite { assets: 1_000 * HOLD, min_shares: 1 };
			assert!(by_proxy(Operator, underwrite()).is_err());
			assert_ok!(by_proxy(Underwriting, underwrite()));
			assert_ok!(by_proxy(NonTransfer, Fund::request_withdraw { shares: HOLD }));

			let had = hold(&alice);
			let dest = || account(Charlie).into();
			let transfers: [RuntimeCall; 3] = [
				pallet_balances::Call::<Runtime>::transfer_keep_alive { dest: dest(), value: HOLD }
					.into(),
				pallet_assets::Call::<Runtime>::transfer { id: 1, target: dest(), amount: HOLD }
					.into(),
				Fund::top_up_reserve { assets: HOLD }.into(),
			];
			for proxy in [NonTransfer, Operator, Underwriting] {
				for transfer in transfers.clone() {
					let wrapped = pallet_utility::Call::<Runtime>::if_else {
						main: Box::new(transfer.clone()),
						fallback: Box::new(
							pallet_utility::Call::<Runtime>::batch {
								calls: vec![transfer.clone()],
							}
							.into(),
						),
					};
					assert!(by_proxy(proxy, transfer).is_err());
					// A batch tells of the call that failed in an event.
					let _ = by_proxy(proxy, wrapped);
				}
			}
			assert_eq!(hold(&alice), had);
		});
	});
}

/// Bob is a proxy of Alice's for all but transfers; Alice is one of Charlie's for everything, and alone
/// a multisig.
#[test]
fn a_proxy_does_not_reach_through_its_account_to_another() {
	run(|chain| {
		chain.block_with(|| {
			let (alice, bob, charlie) = (account(Alice), account(Bob), account(Charlie));
			let appoint =
				|delegate: &AccountId, proxy_type| pallet_proxy::Call::<Runtime>::add_proxy {
					delegate: delegate.clone().into(),
					proxy_type,
					delay: 0,
				};
			assert_ok!(dispatch(&alice, appoint(&bob, NonTransfer)));
			assert_ok!(dispatch(&charlie, appoint(&alice, Any)));
			let transfer: RuntimeCall = pallet_balances::Call::<Runtime>::transfer_keep_alive {
				dest: bob.clone().into(),
				value: HOLD,
			}
			.into();
			let mut signatories = [alice.clone(), bob.clone()];
			signatories.sort();
			let multisig = pallet_multisig::Pallet::<Runtime>::multi_account_id(&signatories, 1);
			let endow = pallet_balances::Call::<Runtime>::transfer_keep_alive {
				dest: multisig.clone().into(),
				value: 10 * HOLD,
			};
			assert_ok!(dispatch(&charlie, endow));
			let had = [Balances::free_balance(&charlie), Balances::free_balance(&multisig)];
			let detours: [RuntimeCall; 3] = [
				pallet_proxy::Call::<Runtime>::proxy {
					real: charlie.clone().into(),
					force_proxy_type: None,
					call: Box::new(transfer.clone()),
				}
				.into(),
				pallet_multisig::Call::<Runtime>::as_multi_threshold_1 {
					other_signatories: vec![bob.clone()],
					call: Box::new(transfer.clone()),
				}
				.into(),
				// More than the proxy itself has.
				appoint(&bob, Any).into(),
			];
			for detour in detours {
				let error = by_proxy(NonTransfer, detour.clone()).unwrap_err();
				assert_eq!(
					error,
					frame_system::Error::<Runtime>::CallFiltered.into(),
					"{detour:?}"
				);
			}
			let now = [Balances::free_balance(&charlie), Balances::free_balance(&multisig)];
			assert_eq!(now, had);
		});
	});
}
