// SPDX-License-Identifier: GPL-3.0-only

//! Calls that nobody may make: root does not act in the name of the keyless accounts.
//!
//! Nobody has a key to the accounts of the pool, of the insurance fund and of the treasury: what they
//! hold moves by the rules of their pallets. Root may change those rules, for all to see. It may not
//! get around them, by a mistake or in a hurry, with a call that sends funds of the pool away, or
//! nominates with its stashes. From the treasury it spends by transfer.
//!
//! Calls of root are not filtered. But root speaks through the key of Sudo, whose calls are, with
//! all that is within them.

use super::{
	insurance_fund::InsurancePalletId, liquid_staking::LiquidStakingPalletId,
	staking::TreasuryPalletId,
};
use crate::{AccountId, OriginCaller, Runtime, RuntimeCall};
use frame_support::{traits::Contains, PalletId};
use sp_runtime::{traits::StaticLookup, MultiAddress, TypeId};

/// Whether `who` is derived from the id of `pallet`: its own account, or any under it.
fn is_derived(who: &AccountId, pallet: PalletId) -> bool {
	let bytes: &[u8] = who.as_ref();
	bytes.strip_prefix(&PalletId::TYPE_ID).is_some_and(|rest| rest.starts_with(&pallet.0))
}

/// Whether what `who` has belongs to those who deposited or underwrote.
fn is_entrusted(who: &AccountId) -> bool {
	is_derived(who, LiquidStakingPalletId::get()) || is_derived(who, InsurancePalletId::get())
}

/// Whether nobody has a key to `who`.
fn is_keyless(who: &AccountId) -> bool {
	is_entrusted(who) || is_derived(who, TreasuryPalletId::get())
}

fn lookup(who: &MultiAddress<AccountId, ()>) -> Option<AccountId> {
	<<Runtime as frame_system::Config>::Lookup as StaticLookup>::lookup(who.clone()).ok()
}

fn is_entrusted_address(who: &MultiAddress<AccountId, ()>) -> bool {
	lookup(who).is_some_and(|who| is_entrusted(&who))
}

/// Whether `origin` is the signature that nobody can give.
fn speaks_for_keyless(origin: &OriginCaller) -> bool {
	match origin {
		OriginCaller::system(frame_system::RawOrigin::Signed(who)) => is_keyless(who),
		_ => false,
	}
}

/// All calls but those in the name of a keyless account, and those that contain one.
pub struct NotAsKeyless;

impl Contains<RuntimeCall> for NotAsKeyless {
	// As deep as calls can be nested: decoding limits that.
	fn contains(call: &RuntimeCall) -> bool {
		use pallet_balances::Call as Balances;
		use pallet_multisig::Call as Multisig;
		use pallet_proxy::Call as Proxy;
		use pallet_sudo::Call as Sudo;
		use pallet_utility::Call as Utility;

		match call {
			RuntimeCall::Utility(call) => match call {
				Utility::dispatch_as { as_origin, call }
				| Utility::dispatch_as_fallible { as_origin, call } => {
					!speaks_for_keyless(as_origin) && Self::contains(call)
				},
				Utility::batch { calls }
				| Utility::batch_all { calls }
				| Utility::force_batch { calls } => calls.iter().all(Self::contains),
				Utility::as_derivative { call, .. } | Utility::with_weight { call, .. } => {
					Self::contains(call)
				},
				Utility::if_else { main, fallback } => {
					Self::contains(main) && Self::contains(fallback)
				},
				_ => true,
			},
			RuntimeCall::Sudo(call) => match call {
				Sudo::sudo { call } | Sudo::sudo_unchecked_weight { call, .. } => {
					Self::contains(call)
				},
				Sudo::sudo_as { who, call } => {
					!lookup(who).is_some_and(|who| is_keyless(&who)) && Self::contains(call)
				},
				_ => true,
			},
			RuntimeCall::Multisig(
				Multisig::as_multi { call, .. } | Multisig::as_multi_threshold_1 { call, .. },
			) => Self::contains(call),
			RuntimeCall::Proxy(Proxy::proxy { call, .. } | Proxy::proxy_announced { call, .. }) => {
				Self::contains(call)
			},
			RuntimeCall::Balances(
				Balances::force_transfer { source: who, .. }
				| Balances::force_set_balance { who, .. }
				| Balances::force_unreserve { who, .. },
			) => !is_entrusted_address(who),
			_ => true,
		}
	}
}
