// SPDX-License-Identifier: Apache-2.0

//! The pool, over `pallet-staking` and the stHOLD asset.

use super::{assets::ST_HOLD_ID, staking::TreasuryAccount, system::RuntimeBlockWeights};
use crate::{AccountId, Assets, Balances, Runtime, HOLD};
use frame_support::{
	parameter_types,
	traits::{fungible::ItemOf, ConstU32},
	weights::Weight,
	PalletId,
};
use holdfast_adapter_pallet_staking::{ElectedInTurn, PalletStaking};
use pallet_liquid_staking::Parameters;
use sp_runtime::Perbill;

parameter_types! {
	/// From which the pool's accounts are derived.
	pub const LiquidStakingPalletId: PalletId = PalletId(*b"hf/lpool");
	/// The asset that is stHOLD.
	pub const StHold: u32 = ST_HOLD_ID;
	/// The era work takes at most a tenth of a block, in time and in proof.
	pub WorkLimit: Weight = Perbill::from_percent(10) * RuntimeBlockWeights::get().max_block;
	/// The parameters until governance sets others.
	pub const DefaultParameters: Parameters =
		Parameters { min_deposit: HOLD, min_redemption: HOLD / 10 };
}

impl pallet_liquid_staking::Config for Runtime {
	type Currency = Balances;
	type Shares = ItemOf<Assets, StHold, AccountId>;
	type Staking = PalletStaking<Runtime>;
	type Selection = ElectedInTurn<Runtime>;
	type PalletId = LiquidStakingPalletId;
	type Treasury = TreasuryAccount;
	type MaxStashes = ConstU32<64>;
	type MaxUnlockingChunks = <Runtime as pallet_staking::Config>::MaxUnlockingChunks;
	type HistoryDepth = <Runtime as pallet_staking::Config>::HistoryDepth;
	type WorkLimit = WorkLimit;
	type DefaultParameters = DefaultParameters;
	type WeightInfo = pallet_liquid_staking::weights::SubstrateWeight<Runtime>;
	#[cfg(feature = "runtime-benchmarks")]
	type BenchmarkHelper = benchmarking::StakingHelper;
}

#[cfg(feature = "runtime-benchmarks")]
mod benchmarking {
	use super::*;
	use alloc::vec::Vec;
	use frame_support::traits::Get;
	use holdfast_primitives::EraIndex;
	use pallet_staking::{
		benchmarking::{add_slashing_spans, create_validator_with_nominators},
		testing_utils::create_validators,
		ErasRewardPoints, MinNominatorBond, MinValidatorBond, MinimumValidatorCount,
		RewardDestination,
	};
	use sp_runtime::traits::StaticLookup;
	use sp_staking::StakingInterface;

	/// Fills the staking pallet to the bounds of this runtime.
	pub struct StakingHelper;

	type MaxValidatorSet = <Runtime as pallet_staking::Config>::MaxValidatorSet;
	type MaxExposurePageSize = <Runtime as pallet_staking::Config>::MaxExposurePageSize;

	impl pallet_liquid_staking::BenchmarkHelper<AccountId> for StakingHelper {
		fn set_era(era: EraIndex) {
			<crate::Staking as StakingInterface>::set_era(era);
		}

		fn validators() -> Vec<AccountId> {
			MinValidatorBond::<Runtime>::put(0);
			let validators = create_validators::<Runtime>(MaxValidatorSet::get(), 100)
				.expect("there is room for validators");
			let validators: Vec<AccountId> = validators
				.into_iter()
				.map(|v| <Runtime as frame_system::Config>::Lookup::lookup(v).expect("is an id"))
				.collect();
			pallet_session::Validators::<Runtime>::put(validators.clone());
			validators
		}

		fn slashing_spans(stash: &AccountId) {
			// One may be begun in each era, and they are kept for the bonding duration.
			let spans = <Runtime as pallet_staking::Config>::BondingDuration::get() + 2;
			add_slashing_spans::<Runtime>(stash, spans);
		}

		fn due_payout(era: EraIndex) -> AccountId {
			MinValidatorBond::<Runtime>::put(0);
			MinNominatorBond::<Runtime>::put(0);
			MinimumValidatorCount::<Runtime>::put(1);
			// An era is planned as the one after the present.
			Self::set_era(era.saturating_sub(1));
			let nominators = MaxExposurePageSize::get();
			let (validator, _) = create_validator_with_nominators::<Runtime>(
				nominators,
				nominators,
				false,
				false,
				RewardDestination::Staked,
			)
			.expect("there is room for nominators");
			ErasRewardPoints::<Runtime>::mutate(era, |points| {
				for i in 1..MaxValidatorSet::get() {
					let other = frame_benchmarking::account("elected", i, 0);
					points.individual.insert(other, 10);
					points.total += 10;
				}
			});
			validator
		}
	}
}
