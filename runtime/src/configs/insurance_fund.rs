// SPDX-License-Identifier: GPL-3.0-only

//! Who pays for the pool's slashes.

use super::{
	liquid_staking::MAX_STASHES,
	staking::{BONDING_DURATION, SESSIONS_PER_ERA, SESSION_LENGTH, SLASH_DEFER_DURATION},
};
use crate::{
	AccountId, Balance, Balances, BlockNumber, LiquidStaking, OperatorRegistry, Runtime, HOLD,
};
use frame_support::{
	parameter_types,
	traits::{ConstU32, Get},
	PalletId,
};
use frame_system::EnsureRoot;
use holdfast_adapter_pallet_staking::PalletStaking;
use holdfast_primitives::{Equivocation, StakingBackend};
use pallet_insurance_fund::Parameters;
use sp_runtime::{traits::AccountIdConversion, Perbill};
use sp_staking::EraIndex;

/// Room for slashes that are reported and not applied. A number of its own, which must not follow the
/// others when they are lowered: a list that is longer than its bound cannot be read.
pub const MAX_REPORTS: u32 = 1_792;

/// Room for eras in which they are due, and for eras more in which some are late. As above.
const MAX_DUE_ERAS: u32 = 30;

const _: () = {
	// A slash that is reported in an era is due in the era after the deferral, and is reported once for
	// each stash.
	let eras = SLASH_DEFER_DURATION + 1;
	assert!(MAX_REPORTS >= MAX_STASHES * eras, "a report would lose its validator");
	assert!(MAX_DUE_ERAS > eras, "a report would not be provisioned");
};

/// The part of what is underwritten that may be earned in an era: a tenth of a percent in a day.
const YIELD_MAX: Perbill = Perbill::from_perthousand(1);

/// The most that the fund may be asked to hold.
const TARGET_CAP: Balance = 100_000_000 * HOLD;

parameter_types! {
	/// From which the account of the insurance fund is derived.
	pub const InsurancePalletId: PalletId = PalletId(*b"hf/insur");
	/// Holds the fund. Nobody has a key to it.
	pub FundAccount: AccountId = InsurancePalletId::get().into_account_truncating();
	/// The parameters until governance sets others.
	pub const DefaultParameters: Parameters = Parameters {
		min_underwriting: 100 * HOLD,
		premium_min: Perbill::from_percent(1),
		premium_max: Perbill::from_percent(10),
		yield_max: YIELD_MAX,
		reserve_limit: Perbill::from_percent(50),
		target_floor: 10_000 * HOLD,
		target_cap: 10_000_000 * HOLD,
	};
	/// The least that governance may set.
	pub const MinParameters: Parameters = Parameters {
		min_underwriting: HOLD,
		premium_min: Perbill::zero(),
		premium_max: Perbill::zero(),
		yield_max: Perbill::zero(),
		reserve_limit: Perbill::from_percent(10),
		target_floor: 0,
		target_cap: 0,
	};
	/// The most that governance may set.
	pub const MaxParameters: Parameters = Parameters {
		min_underwriting: 100_000 * HOLD,
		premium_min: Perbill::from_percent(10),
		premium_max: Perbill::from_percent(30),
		yield_max: Perbill::from_percent(1),
		reserve_limit: Perbill::one(),
		target_floor: TARGET_CAP,
		target_cap: TARGET_CAP,
	};
	/// Longer than it takes to withdraw.
	pub const ParametersDelay: BlockNumber =
		(BONDING_DURATION + 5) * SESSIONS_PER_ERA * SESSION_LENGTH;
}

/// The era whose validators are at work.
pub struct ActiveEra;

impl Get<Option<EraIndex>> for ActiveEra {
	fn get() -> Option<EraIndex> {
		<PalletStaking<Runtime> as StakingBackend>::active_era()
	}
}

impl pallet_insurance_fund::Config for Runtime {
	type Currency = Balances;
	type Pool = LiquidStaking;
	type Bonds = OperatorRegistry;
	type Risk = OperatorRegistry;
	type Slashes = Equivocation;
	type ActiveEra = ActiveEra;
	type BondingDuration = ConstU32<BONDING_DURATION>;
	type AdminOrigin = EnsureRoot<AccountId>;
	type PalletId = InsurancePalletId;
	type MaxClaims = ConstU32<MAX_REPORTS>;
	type MaxProvisions = ConstU32<MAX_DUE_ERAS>;
	// Of all validators that the stashes nominate in an era.
	type MaxBonds = ConstU32<MAX_STASHES>;
	type MaxHistory = ConstU32<100>;
	type MaxRequests = ConstU32<32>;
	type DefaultParameters = DefaultParameters;
	type MinParameters = MinParameters;
	type MaxParameters = MaxParameters;
	type ParametersDelay = ParametersDelay;
	type WeightInfo = pallet_insurance_fund::weights::SubstrateWeight<Runtime>;
	#[cfg(feature = "runtime-benchmarks")]
	type BenchmarkHelper = benchmarking::FundHelper;
}

#[cfg(feature = "runtime-benchmarks")]
mod benchmarking {
	use super::*;
	use frame_support::traits::fungible::{Inspect, Mutate, MutateHold};
	use pallet_operator_registry::{Operators, Validators};
	use sp_staking::StakingInterface;

	/// Sets the era of the staking pallet.
	pub struct FundHelper;

	impl pallet_insurance_fund::BenchmarkHelper<AccountId> for FundHelper {
		fn set_era(era: EraIndex) {
			<crate::Staking as StakingInterface>::set_era(era);
		}

		fn bond(validator: &AccountId) {
			// As those of the preset.
			let record = Validators::<Runtime>::iter_values().next().expect("the preset has some");
			let operator =
				Operators::<Runtime>::get(record.operator()).expect("a validator has an operator");
			// As far as it is held, a bond counts.
			let reason = pallet_operator_registry::HoldReason::OperatorBond.into();
			let minted = operator.bond().saturating_add(Balances::minimum_balance());
			Balances::mint_into(validator, minted).expect("room in the issuance");
			Balances::hold(&reason, validator, operator.bond()).expect("was minted");
			Operators::<Runtime>::insert(validator, operator);
			Validators::<Runtime>::insert(validator, record.run_by(validator.clone()));
		}
	}
}
