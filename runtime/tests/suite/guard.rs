// SPDX-License-Identifier: GPL-3.0-only

//! What root cannot do by calls.

use crate::chain::*;
use holdfast_runtime::{
	configs::{insurance_fund::FundAccount, staking::TreasuryAccount},
	AccountId, LiquidStaking, OriginCaller, Runtime, RuntimeCall, HOLD,
};
use sp_keyring::Sr25519Keyring::{Alice, Bob, Charlie};
use sp_runtime::{DispatchError, Weight};

fn refused() -> Result<(), DispatchError> {
	Err(frame_system::Error::<Runtime>::CallFiltered.into())
}

fn origin(who: &AccountId) -> Box<OriginCaller> {
	Box::new(frame_system::RawOrigin::Signed(who.clone()).into())
}

fn send() -> RuntimeCall {
	let dest = account(Bob).into();
	pallet_balances::Call::transfer_allow_death { dest, value: HOLD }.into()
}

fn sudo(call: RuntimeCall) -> RuntimeCall {
	pallet_sudo::Call::sudo { call: Box::new(call) }.into()
}

/// Calls of the Sudo key that would act in the name of `who`.
fn calls_as(who: &AccountId) -> Vec<RuntimeCall> {
	use pallet_utility::Call as Utility;
	let as_origin = || origin(who);
	let dispatch_as = || -> RuntimeCall {
		Utility::dispatch_as { as_origin: as_origin(), call: Box::new(send()) }.into()
	};
	let boxed = || Box::new(dispatch_as());
	let harmless = || -> RuntimeCall { frame_system::Call::remark { remark: vec![] }.into() };
	vec![
		sudo(dispatch_as()),
		sudo(
			Utility::dispatch_as_fallible { as_origin: as_origin(), call: Box::new(send()) }.into(),
		),
		pallet_sudo::Call::sudo_as { who: who.clone().into(), call: Box::new(send()) }.into(),
		pallet_sudo::Call::sudo_unchecked_weight { call: boxed(), weight: Weight::zero() }.into(),
		sudo(sudo(dispatch_as())),
		sudo(Utility::batch { calls: vec![harmless(), dispatch_as()] }.into()),
		Utility::batch_all { calls: vec![harmless(), sudo(dispatch_as())] }.into(),
		sudo(Utility::force_batch { calls: vec![dispatch_as()] }.into()),
		sudo(Utility::with_weight { call: boxed(), weight: Weight::zero() }.into()),
		sudo(Utility::if_else { main: Box::new(harmless()), fallback: boxed() }.into()),
		sudo(Utility::dispatch_as { as_origin: origin(&account(Charlie)), call: boxed() }.into()),
		pallet_sudo::Call::sudo_as { who: account(Charlie).into(), call: boxed() }.into(),
		Utility::as_derivative { index: 0, call: Box::new(sudo(dispatch_as())) }.into(),
		pallet_multisig::Call::as_multi_threshold_1 {
			other_signatories: vec![account(Bob)],
			call: Box::new(sudo(dispatch_as())),
		}
		.into(),
		pallet_multisig::Call::as_multi {
			threshold: 2,
			other_signatories: vec![account(Bob)],
			maybe_timepoint: None,
			call: Box::new(sudo(dispatch_as())),
			max_weight: Weight::MAX,
		}
		.into(),
		pallet_proxy::Call::proxy {
			real: account(Bob).into(),
			force_proxy_type: None,
			call: Box::new(sudo(dispatch_as())),
		}
		.into(),
		pallet_proxy::Call::proxy_announced {
			delegate: account(Charlie).into(),
			real: account(Bob).into(),
			force_proxy_type: None,
			call: Box::new(sudo(dispatch_as())),
		}
		.into(),
	]
}

/// Calls of the Sudo key that would take what `who` has.
fn calls_on(who: &AccountId) -> Vec<RuntimeCall> {
	use pallet_balances::Call as Balances;
	let who = || who.clone().into();
	vec![
		sudo(
			Balances::force_transfer { source: who(), dest: account(Bob).into(), value: HOLD }
				.into(),
		),
		sudo(Balances::force_set_balance { who: who(), new_free: 0 }.into()),
	]
}

#[test]
fn root_does_not_act_as_accounts_without_a_key() {
	run(|chain| {
		let alice = account(Alice);
		chain.block_with(|| deposit(&alice, 64_000 * HOLD));
		chain.work_of(1);
		let entrusted = [
			LiquidStaking::pot_account(),
			LiquidStaking::reward_account(),
			LiquidStaking::stash_account(0),
			LiquidStaking::stash_account(63),
			FundAccount::get(),
		];
		let treasury = TreasuryAccount::get();
		chain.block_with(|| {
			for who in entrusted.iter().chain([&treasury]) {
				let before = (hold(who), hold(&account(Bob)));
				for call in calls_as(who) {
					assert_eq!(dispatch(&alice, call.clone()), refused(), "{call:?}");
				}
				assert_eq!((hold(who), hold(&account(Bob))), before);
			}
			for call in entrusted.iter().flat_map(calls_on) {
				assert_eq!(dispatch(&alice, call.clone()), refused(), "{call:?}");
			}
		});
	});
}

#[test]
fn root_acts_as_others_and_spends_from_the_treasury() {
	run(|chain| {
		let (alice, charlie) = (account(Alice), account(Charlie));
		chain.block_with(|| {
			let to_bob = || hold(&account(Bob));
			let mut before = to_bob();
			let mut sends = |call: RuntimeCall| {
				assert_eq!(dispatch(&alice, call), Ok(()));
				assert_eq!(to_bob(), before + HOLD);
				before = to_bob();
			};
			let who = charlie.clone().into();
			sends(pallet_sudo::Call::sudo_as { who, call: Box::new(send()) }.into());
			let as_origin = origin(&charlie);
			let call = Box::new(send());
			sends(sudo(pallet_utility::Call::dispatch_as { as_origin, call }.into()));
			let dest = TreasuryAccount::get().into();
			let value = 10 * HOLD;
			let endow = pallet_balances::Call::transfer_allow_death { dest, value };
			assert_eq!(dispatch(&alice, endow), Ok(()));
			let source = TreasuryAccount::get().into();
			let dest = account(Bob).into();
			let spend = pallet_balances::Call::force_transfer { source, dest, value: HOLD };
			sends(sudo(spend.into()));
		});
	});
}
