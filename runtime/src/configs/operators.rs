// SPDX-License-Identifier: GPL-3.0-only

//! Who may be nominated by the pool, over `pallet-staking`.

use super::{liquid_staking::MAX_STASHES, staking::BONDING_DURATION};
use crate::{
	AccountId, Balance, Balances, InsuranceFund, LiquidStaking, Runtime, RuntimeHoldReason, HOLD,
};
use frame_support::{
	parameter_types,
	traits::{ConstU128, ConstU32, Contains},
};
use frame_system::EnsureRoot;
use holdfast_adapter_pallet_staking::PalletStaking;
use holdfast_primitives::{Equivocation, StashAccounts};
use pallet_operator_registry::Parameters;
use sp_runtime::Perbill;
use sp_staking::EraIndex;

/// The least that an operator bonds.
pub const MIN_OPERATOR_BOND: Balance = 1_000 * HOLD;

/// The most validators of one operator's account.
pub const MAX_VALIDATORS_PER_OPERATOR: u32 = 32;

/// Eras in which a validator that joins has to be elected and make its blocks before it is nominated.
const PROBATION: EraIndex = if cfg!(feature = "fast-runtime") { 2 } else { 14 };

parameter_types! {
	/// The parameters until governance sets others.
	pub const DefaultParameters: Parameters = Parameters {
		validator_cap: Perbill::from_percent(10),
		operator_cap: Perbill::from_percent(20),
		region_cap: Perbill::from_percent(40),
		provider_cap: Perbill::from_percent(40),
		client_cap: Perbill::from_percent(67),
		skin: 3,
		floor: Perbill::from_percent(5),
		max_commission: Perbill::from_percent(20),
		min_points: Perbill::from_percent(50),
		probation: PROBATION,
		// Once in about eighty years of each operator.
		incident: Perbill::from_parts(1_000_000),
		churn: 4,
		hysteresis: 50,
	};
}

/// The stashes of the pool.
pub struct PoolStashes;

impl Contains<AccountId> for PoolStashes {
	fn contains(who: &AccountId) -> bool {
		LiquidStaking::stash_index(who).is_some()
	}
}

impl StashAccounts<AccountId> for PoolStashes {
	fn stash_account(index: u32) -> AccountId {
		LiquidStaking::stash_account(index)
	}
}

impl pallet_operator_registry::Config for Runtime {
	type Currency = Balances;
	type RuntimeHoldReason = RuntimeHoldReason;
	type Validators = PalletStaking<Runtime>;
	// The only offences of which this chain has proofs.
	type Slashing = Equivocation;
	type Stashes = PoolStashes;
	type Creditor = InsuranceFund;
	type RegistrarOrigin = EnsureRoot<AccountId>;
	type GuardianOrigin = EnsureRoot<AccountId>;
	type AdminOrigin = EnsureRoot<AccountId>;
	type MinBond = ConstU128<MIN_OPERATOR_BOND>;
	type MaxValidators = ConstU32<1_000>;
	type MaxValidatorsPerOperator = ConstU32<MAX_VALIDATORS_PER_OPERATOR>;
	type MaxStashes = ConstU32<MAX_STASHES>;
	type MaxSuspension = ConstU32<BONDING_DURATION>;
	type DefaultParameters = DefaultParameters;
	type WeightInfo = pallet_operator_registry::weights::SubstrateWeight<Runtime>;
	#[cfg(feature = "runtime-benchmarks")]
	type BenchmarkHelper = benchmarking::RegistryHelper;
}

#[cfg(feature = "runtime-benchmarks")]
mod benchmarking {
	use super::*;
	use crate::{configs::staking::MAX_VALIDATOR_SET, AuraId, SessionKeys};
	use frame_support::traits::Get;
	use pallet_session::NextKeys;
	use pallet_staking::{
		benchmarking::add_slashing_spans, testing_utils::create_validators_with_seed,
		ErasRewardPoints, ErasStakersOverview, ErasStakersPaged, ErasValidatorPrefs,
		ErasValidatorReward, MinValidatorBond, ValidatorPrefs,
	};
	use sp_core::sr25519::Public;
	use sp_runtime::traits::StaticLookup;
	use sp_staking::{ExposurePage, IndividualExposure, PagedExposureMetadata, StakingInterface};

	/// Fills the staking pallet to the bounds of this runtime.
	pub struct RegistryHelper;

	fn elect(era: EraIndex, validator: &AccountId, pages: u32) {
		let size = <Runtime as pallet_staking::Config>::MaxExposurePageSize::get();
		for era in [era - 1, era] {
			let overview = PagedExposureMetadata {
				total: HOLD,
				own: HOLD,
				nominator_count: pages * size,
				page_count: pages,
			};
			ErasStakersOverview::<Runtime>::insert(era, validator, overview);
			ErasValidatorPrefs::<Runtime>::insert(era, validator, ValidatorPrefs::default());
			ErasRewardPoints::<Runtime>::mutate(era, |points| {
				points.individual.insert(validator.clone(), 20);
				points.total += 20;
			});
			for page in 0..pages {
				// None of them ours: it is looked for the reason then.
				let who = |i: u32| frame_benchmarking::account("nominator", i, page);
				let others =
					(0..size).map(|i| IndividualExposure { who: who(i), value: HOLD }).collect();
				let exposure = ExposurePage { page_total: HOLD * Balance::from(size), others };
				ErasStakersPaged::<Runtime>::insert((era, validator, page), exposure);
			}
		}
	}

	impl pallet_operator_registry::BenchmarkHelper<AccountId> for RegistryHelper {
		fn set_era(era: EraIndex) {
			<crate::Staking as StakingInterface>::set_era(era);
		}

		fn full_set(era: EraIndex) {
			for i in 0..MAX_VALIDATOR_SET {
				elect(era, &frame_benchmarking::account("elected", i, 0), 0);
			}
			ErasValidatorReward::<Runtime>::insert(era - 1, 1_000 * HOLD);
		}

		fn validator(era: EraIndex, index: u32, pages: u32) -> AccountId {
			MinValidatorBond::<Runtime>::put(0);
			let made =
				create_validators_with_seed::<Runtime>(1, 100, index).expect("there is room");
			let stash = made.into_iter().next().expect("one was made");
			let stash = <Runtime as frame_system::Config>::Lookup::lookup(stash).expect("is an id");
			add_slashing_spans::<Runtime>(&stash, BONDING_DURATION + 2);
			let aura = AuraId::from(Public::from_raw(stash.clone().into()));
			NextKeys::<Runtime>::insert(&stash, SessionKeys { aura });
			elect(era, &stash, pages);
			stash
		}
	}
}
