// SPDX-License-Identifier: GPL-3.0-only

//! Calls on behalf of others: batches, multisigs, proxies and root.

use codec::{Decode, DecodeWithMemTracking, Encode, MaxEncodedLen};
use frame_support::{
	parameter_types,
	traits::{ConstU32, InstanceFilter},
};
use scale_info::TypeInfo;
use sp_runtime::traits::BlakeTwo256;

use crate::{deposit, Balance, Balances, OriginCaller, Runtime, RuntimeCall, RuntimeEvent, System};

parameter_types! {
	/// Held for a call that waits for its signatories: an entry with time, depositor and call hash.
	pub const MultisigDepositBase: Balance = deposit(1, 88);
	/// Held for each signatory of a call that waits.
	pub const MultisigDepositFactor: Balance = deposit(0, 32);
	/// Held for an account that has proxies.
	pub const ProxyDepositBase: Balance = deposit(1, 48);
	/// Held for each proxy: an account, its type and its delay.
	pub const ProxyDepositFactor: Balance = deposit(0, 37);
	/// Held for an account that announces calls.
	pub const AnnouncementDepositBase: Balance = deposit(1, 48);
	/// Held for each call that is announced: an account, a hash and a time.
	pub const AnnouncementDepositFactor: Balance = deposit(0, 68);
}

impl pallet_utility::Config for Runtime {
	type RuntimeEvent = RuntimeEvent;
	type RuntimeCall = RuntimeCall;
	type PalletsOrigin = OriginCaller;
	type WeightInfo = crate::weights::pallet_utility::WeightInfo<Runtime>;
}

impl pallet_multisig::Config for Runtime {
	type RuntimeEvent = RuntimeEvent;
	type RuntimeCall = RuntimeCall;
	type Currency = Balances;
	type DepositBase = MultisigDepositBase;
	type DepositFactor = MultisigDepositFactor;
	type MaxSignatories = ConstU32<100>;
	type WeightInfo = crate::weights::pallet_multisig::WeightInfo<Runtime>;
	type BlockNumberProvider = System;
}

/// What a proxy may do.
///
/// The filters are lists of the calls that are allowed, so that neither a pallet nor a call that is
/// added later is open to proxies that were appointed before. `runtime/tests/suite/proxies.rs` has the
/// table of all calls of the runtime with a decision on each. The numbers are in the state: add at the
/// end, and never change one.
#[derive(
	Copy,
	Clone,
	Eq,
	PartialEq,
	Ord,
	PartialOrd,
	Encode,
	Decode,
	DecodeWithMemTracking,
	Debug,
	Default,
	MaxEncodedLen,
	TypeInfo,
)]
pub enum ProxyType {
	/// Everything.
	#[default]
	#[codec(index = 0)]
	Any,
	/// Everything that takes nothing from the account, but for fees and deposits: what it stakes,
	/// bonds, deposits or underwrites stays its own. It acts for no other account either, such as a
	/// multisig to which the account belongs, since no filter would reach there.
	#[codec(index = 1)]
	NonTransfer,
	/// To stake, and to validate.
	#[codec(index = 2)]
	Staking,
	/// To enter and leave the pool.
	#[codec(index = 3)]
	LiquidStaking,
	/// To reject calls that other proxies announced.
	#[codec(index = 4)]
	CancelProxy,
	/// To run the validators of a registered operator from a machine that is online: it neither moves
	/// nor binds money, and leaves the profile alone.
	#[codec(index = 5)]
	Operator,
	/// To enter and leave the insurance fund.
	#[codec(index = 6)]
	Underwriting,
}

/// Several calls in one, all of which are filtered as if they were made one by one.
fn is_batch(call: &RuntimeCall) -> bool {
	use pallet_utility::Call::*;
	matches!(
		call,
		RuntimeCall::Utility(
			batch { .. }
				| batch_all { .. }
				| force_batch { .. }
				| as_derivative { .. }
				| if_else { .. }
		)
	)
}

/// To stake, to nominate and to validate. Rewards must go to whoever stakes.
fn is_staking(call: &RuntimeCall) -> bool {
	use pallet_bags_list::Call::*;
	use pallet_staking::{Call::*, RewardDestination};
	match call {
		RuntimeCall::Staking(bond { payee, .. } | set_payee { payee }) => {
			!matches!(payee, RewardDestination::Account(_))
		},
		RuntimeCall::Staking(call) => {
			matches!(
				call,
				bond_extra { .. }
					| unbond { .. } | withdraw_unbonded { .. }
					| validate { .. }
					| nominate { .. }
					| chill { .. } | set_controller { .. }
					| payout_stakers { .. }
					| rebond { .. } | reap_stash { .. }
					| kick { .. } | chill_other { .. }
					| force_apply_min_commission { .. }
					| payout_stakers_by_page { .. }
					| update_payee { .. }
					| migrate_currency { .. }
			)
		},
		RuntimeCall::VoterList(call) => {
			matches!(call, rebag { .. } | put_in_front_of { .. } | put_in_front_of_other { .. })
		},
		call => is_session_key(call),
	}
}

/// To say with which key a validator makes blocks.
fn is_session_key(call: &RuntimeCall) -> bool {
	use pallet_session::Call::*;
	matches!(call, RuntimeCall::Session(set_keys { .. } | purge_keys { .. }))
}

/// To enter and leave the pool, and to help it along.
fn is_pool(call: &RuntimeCall) -> bool {
	use pallet_liquid_staking::Call::*;
	matches!(
		call,
		RuntimeCall::LiquidStaking(
			deposit { .. }
				| request_redeem { .. }
				| claim { .. }
				| advance { .. }
				| redeem_instantly { .. }
				| claim_class { .. }
		)
	)
}

/// To run the validators of an operator, without its money.
fn is_operation(call: &RuntimeCall) -> bool {
	use pallet_operator_registry::Call::*;
	use pallet_staking::Call::{chill, payout_stakers, payout_stakers_by_page, validate};
	match call {
		RuntimeCall::OperatorRegistry(call) => matches!(
			call,
			add_validator { .. }
				| confirm_validator { .. }
				| remove_validator { .. }
				| release_bond { .. }
				| forget_validator { .. }
		),
		RuntimeCall::Staking(call) => matches!(
			call,
			validate { .. } | chill { .. } | payout_stakers { .. } | payout_stakers_by_page { .. }
		),
		call => is_session_key(call),
	}
}

/// What an operator does with its bond and its name.
fn is_registration(call: &RuntimeCall) -> bool {
	use pallet_operator_registry::Call::*;
	matches!(
		call,
		RuntimeCall::OperatorRegistry(
			register_operator { .. }
				| update_profile { .. }
				| bond_more { .. }
				| request_bond_release { .. }
				| deregister { .. }
		)
	)
}

/// To enter and leave the insurance fund. A gift to its reserve is not among it.
fn is_underwriting(call: &RuntimeCall) -> bool {
	use pallet_insurance_fund::Call::*;
	matches!(
		call,
		RuntimeCall::InsuranceFund(underwrite { .. } | request_withdraw { .. } | withdraw { .. })
	)
}

/// What concerns nobody's tokens: remarks, the account's own proxies (the proxy pallet lets a proxy
/// appoint none that may do more than itself), and its deposits.
fn is_housekeeping(call: &RuntimeCall) -> bool {
	use frame_system::Call::{remark, remark_with_event};
	use pallet_multisig::Call::{cancel_as_multi, poke_deposit as poke_multisig};
	use pallet_proxy::Call::*;
	matches!(
		call,
		RuntimeCall::System(remark { .. } | remark_with_event { .. })
			| RuntimeCall::Multisig(cancel_as_multi { .. } | poke_multisig { .. })
			| RuntimeCall::Proxy(
				add_proxy { .. }
					| remove_proxy { .. }
					| remove_announcement { .. }
					| reject_announcement { .. }
					| poke_deposit { .. }
			)
	)
}

impl InstanceFilter<RuntimeCall> for ProxyType {
	fn filter(&self, call: &RuntimeCall) -> bool {
		match self {
			ProxyType::Any => true,
			ProxyType::NonTransfer => {
				is_batch(call)
					|| is_housekeeping(call)
					|| is_staking(call)
					|| is_pool(call)
					|| is_operation(call)
					|| is_registration(call)
					|| is_underwriting(call)
			},
			ProxyType::Staking => is_batch(call) || is_staking(call),
			ProxyType::LiquidStaking => is_batch(call) || is_pool(call),
			ProxyType::CancelProxy => {
				matches!(call, RuntimeCall::Proxy(pallet_proxy::Call::reject_announcement { .. }))
			},
			ProxyType::Operator => is_batch(call) || is_operation(call),
			ProxyType::Underwriting => is_batch(call) || is_underwriting(call),
		}
	}

	fn is_superset(&self, other: &Self) -> bool {
		match (self, other) {
			(ProxyType::Any, _) => true,
			(_, ProxyType::Any) => false,
			(ProxyType::NonTransfer, _) => true,
			(mine, others) => mine == others,
		}
	}
}

impl pallet_proxy::Config for Runtime {
	type RuntimeEvent = RuntimeEvent;
	type RuntimeCall = RuntimeCall;
	type Currency = Balances;
	type ProxyType = ProxyType;
	type ProxyDepositBase = ProxyDepositBase;
	type ProxyDepositFactor = ProxyDepositFactor;
	type MaxProxies = ConstU32<32>;
	type WeightInfo = crate::weights::pallet_proxy::WeightInfo<Runtime>;
	type MaxPending = ConstU32<32>;
	type CallHasher = BlakeTwo256;
	type AnnouncementDepositBase = AnnouncementDepositBase;
	type AnnouncementDepositFactor = AnnouncementDepositFactor;
	type BlockNumberProvider = System;
}

// In production the key is the account of a multisig, see `ProductionGenesis`.
impl pallet_sudo::Config for Runtime {
	type RuntimeEvent = RuntimeEvent;
	type RuntimeCall = RuntimeCall;
	type WeightInfo = crate::weights::pallet_sudo::WeightInfo<Runtime>;
}
