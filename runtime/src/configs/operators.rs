// SPDX-License-Identifier: GPL-3.0-only

//! Who may be nominated by the pool, over `pallet-staking`.

use super::{
	insurance_fund::ParametersDelay, liquid_staking::MAX_STASHES, staking::BONDING_DURATION,
};
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
		coverage_multiple: 3,
		floor: Perbill::from_percent(5),
		max_commission: Perbill::from_percent(20),
		min_points: Perbill::from_percent(50),
		probation: PROBATION,
		// Once in about eighty years of each operator.
		incident: Perbill::from_parts(1_000_000),
		churn: 4,
		hysteresis: 50,
	};
	/// The least that governance may set.
	pub const MinParameters: Parameters = Parameters {
		// One of 64 stashes: below that, all plans would be the same.
		validator_cap: Perbill::from_percent(2),
		// Twenty operators must suffice: there may be no more that are attested.
		operator_cap: Perbill::from_percent(5),
		// Five regions must suffice.
		region_cap: Perbill::from_percent(20),
		// Five hosting providers must suffice.
		provider_cap: Perbill::from_percent(20),
		// Four clients must suffice: few chains have more.
		client_cap: Perbill::from_percent(25),
		// An operator that covers all that it can cost must get stashes.
		coverage_multiple: 1,
		// Nobody needs to get stashes without a bond that covers them.
		floor: Perbill::zero(),
		// Validators must be able to live on what they ask.
		max_commission: Perbill::from_percent(5),
		// A validator that makes next to no blocks must be left.
		min_points: Perbill::from_percent(10),
		// A validator that has never made a block must not be nominated.
		probation: 1,
		// Once in eight hundred years: the fund must expect some loss.
		incident: Perbill::from_parts(100_000),
		// All stashes may stay where they are allowed to be.
		churn: 0,
		// Below that, luck in making blocks would move stashes to and fro.
		hysteresis: 10,
	};
	/// The most that governance may set.
	pub const MaxParameters: Parameters = Parameters {
		// An offence of one validator must cost no more than a fifth of the pool, whatever it takes.
		validator_cap: Perbill::from_percent(20),
		// With a third of the seats, an offence of them together takes all: all may not be with one operator.
		operator_cap: Perbill::from_percent(33),
		// Where one region fails, half of the pool must go on.
		region_cap: Perbill::from_percent(50),
		// Where one hosting provider fails, half of the pool must go on.
		provider_cap: Perbill::from_percent(50),
		// A fault of one client must leave a quarter of the pool at work.
		client_cap: Perbill::from_percent(75),
		// An operator must lose at least a tenth of what it costs the pool.
		coverage_multiple: 10,
		// No more than a tenth of the pool may stand on a name that would lose next to nothing.
		floor: Perbill::from_percent(10),
		// The nominators must get at least half of what they earn.
		max_commission: Perbill::from_percent(50),
		// Points differ by chance: a validator that makes nearly all blocks must not be left.
		min_points: Perbill::from_percent(90),
		// Eight weeks: newcomers must come in at some time.
		probation: 56,
		// Once in a year and a half: the fund could not be asked to hold more.
		incident: Perbill::from_percent(5),
		// A quarter of the stashes: one era's scores must not turn over the pool.
		churn: MAX_STASHES / 4,
		// Beyond that, a stash would stay where it earns half of what it could.
		hysteresis: 500,
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
	type MinParameters = MinParameters;
	type MaxParameters = MaxParameters;
	// The longer of those of the pool and of the fund: looser caps put both at risk, and everybody can leave
	// before they act.
	type ParametersDelay = ParametersDelay;
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
