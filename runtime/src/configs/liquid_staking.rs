// SPDX-License-Identifier: GPL-3.0-only

//! The pool, over `pallet-staking` and the stHOLD asset.

use super::{
	assets::{AssetId, ST_HOLD_ID},
	insurance_fund::{FundAccount, MAX_REPORTS},
	staking::{TreasuryAccount, BONDING_DURATION, SESSIONS_PER_ERA, SESSION_LENGTH},
	system::RuntimeBlockWeights,
};
use crate::{
	AccountId, Assets, Balances, BlockNumber, InsuranceFund, OperatorRegistry, Runtime, DAYS, HOLD,
};
use frame_support::{parameter_types, traits::ConstU32, weights::Weight, PalletId};
use frame_system::EnsureRoot;
use holdfast_adapter_pallet_staking::PalletStaking;
use pallet_liquid_staking::Parameters;
use sp_runtime::{traits::Convert, Perbill};

/// The most stashes that the pool uses.
pub const MAX_STASHES: u32 = 64;

/// The most batches that are closed and not funded. A number of its own: were it to follow the bonding
/// duration down, a queue that is longer could not be read any more.
const MAX_BATCHES: u32 = 64;

const _: () = assert!(MAX_BATCHES >= BONDING_DURATION + 32, "batches would wait to be closed");

/// The token of a class of shares: stHOLD, and should that ever lose everything, another, counted from
/// the highest number down, where no other asset is in the way.
pub struct ShareAsset;

/// The classes after the first of which other chains know the tokens. A class is closed only when it
/// has lost everything.
pub const MAX_CLASSES: u32 = 64;

impl ShareAsset {
	/// Whether the asset `id` is the token of a class of shares.
	pub const fn is_share(id: AssetId) -> bool {
		id == ST_HOLD_ID || AssetId::MAX.saturating_sub(id) < MAX_CLASSES
	}
}

impl Convert<u32, AssetId> for ShareAsset {
	fn convert(class: u32) -> AssetId {
		match class.checked_sub(1) {
			None => ST_HOLD_ID,
			Some(n) => AssetId::MAX.saturating_sub(n),
		}
	}
}

parameter_types! {
	/// From which the pool's accounts are derived.
	pub const LiquidStakingPalletId: PalletId = PalletId(*b"hf/lpool");
	/// The era work takes at most a tenth of a block, in time and in proof.
	pub WorkLimit: Weight = Perbill::from_percent(10) * RuntimeBlockWeights::get().max_block;
	/// The parameters until governance sets others.
	pub const DefaultParameters: Parameters = Parameters {
		min_deposit: HOLD,
		min_redemption: HOLD / 10,
		buffer: Perbill::from_percent(2),
		instant_fee_min: Perbill::from_parts(1_000_000),
		instant_fee_max: Perbill::from_percent(3),
		reward_fee: Perbill::from_percent(10),
		fund_share: Perbill::from_percent(50),
	};
	/// The least that governance may set.
	pub const MinParameters: Parameters = Parameters {
		min_deposit: HOLD / 100,
		min_redemption: 0,
		buffer: Perbill::zero(),
		instant_fee_min: Perbill::zero(),
		instant_fee_max: Perbill::zero(),
		reward_fee: Perbill::zero(),
		fund_share: Perbill::zero(),
	};
	/// The most that governance may set.
	pub const MaxParameters: Parameters = Parameters {
		min_deposit: 1_000 * HOLD,
		min_redemption: 100 * HOLD,
		buffer: Perbill::from_percent(20),
		instant_fee_min: Perbill::from_percent(2),
		instant_fee_max: Perbill::from_percent(20),
		reward_fee: Perbill::from_percent(20),
		fund_share: Perbill::one(),
	};
	/// Longer than the bonding duration and two eras, within which whoever asks is paid.
	pub const ParametersDelay: BlockNumber =
		(BONDING_DURATION + 3) * SESSIONS_PER_ERA * SESSION_LENGTH;
	/// A year of 365 and a quarter days.
	pub const BlocksPerYear: BlockNumber = 365 * DAYS + DAYS / 4;
}

impl pallet_liquid_staking::Config for Runtime {
	type Currency = Balances;
	type Shares = Assets;
	type ShareAsset = ShareAsset;
	type Staking = PalletStaking<Runtime>;
	type Selection = OperatorRegistry;
	type Cover = InsuranceFund;
	type AdminOrigin = EnsureRoot<AccountId>;
	type PalletId = LiquidStakingPalletId;
	type Treasury = TreasuryAccount;
	type InsuranceAccount = FundAccount;
	type MaxStashes = ConstU32<MAX_STASHES>;
	// One is closed in an era, and paid after the bonding duration.
	type MaxBatches = ConstU32<MAX_BATCHES>;
	type MaxReports = ConstU32<MAX_REPORTS>;
	type MaxUnlockingChunks = <Runtime as pallet_staking::Config>::MaxUnlockingChunks;
	type HistoryDepth = <Runtime as pallet_staking::Config>::HistoryDepth;
	type WorkLimit = WorkLimit;
	type DefaultParameters = DefaultParameters;
	type MinParameters = MinParameters;
	type MaxParameters = MaxParameters;
	type ParametersDelay = ParametersDelay;
	type BlocksPerYear = BlocksPerYear;
	type WeightInfo = pallet_liquid_staking::weights::SubstrateWeight<Runtime>;
	#[cfg(feature = "runtime-benchmarks")]
	type BenchmarkHelper = benchmarking::StakingHelper;
}

#[cfg(feature = "runtime-benchmarks")]
mod benchmarking {
	use super::*;
	use crate::{
		configs::staking::{MAX_NOMINATORS, MAX_VALIDATOR_SET, NOMINATIONS_QUOTA},
		Balance,
	};
	use alloc::vec::Vec;
	use frame_support::traits::Get;
	use holdfast_primitives::EraIndex;
	use pallet_staking::{
		benchmarking::{add_slashing_spans, create_validator_with_nominators},
		testing_utils::create_validators,
		CurrentEra, ErasRewardPoints, MaxNominatorsCount, MinNominatorBond, MinValidatorBond,
		MinimumValidatorCount, RewardDestination, UnappliedSlash, UnappliedSlashes,
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
			// As in the last session of an era, when withdrawals cost more.
			CurrentEra::<Runtime>::put(era.saturating_add(1));
		}

		fn validators() -> Vec<AccountId> {
			MinValidatorBond::<Runtime>::put(0);
			// All seats of nominators are taken: stashes are admitted past them.
			MaxNominatorsCount::<Runtime>::put(0);
			let validators = create_validators::<Runtime>(MaxValidatorSet::get(), 100)
				.expect("there is room for validators");
			let validators: Vec<AccountId> = validators
				.into_iter()
				.map(|v| <Runtime as frame_system::Config>::Lookup::lookup(v).expect("is an id"))
				.collect();
			pallet_session::Validators::<Runtime>::put(validators.clone());
			// The bonds of the preset allow little of what the benchmarks stake.
			pallet_operator_registry::ParametersSchedule::<Runtime>::mutate(|all| {
				all.current.coverage_multiple = u32::MAX
			});
			validators
		}

		fn lack_cover() {
			pallet_insurance_fund::Fund::<Runtime>::mutate(|books| {
				books.set_target(holdfast_primitives::Assets(Balance::MAX), true)
			});
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
			<crate::Staking as StakingInterface>::set_era(era.saturating_sub(1));
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

		fn open_reports(era: EraIndex, stashes: Vec<AccountId>, amount: Balance) {
			// Each nominator is listed with each of the validators it nominates, once for each report
			// that is worse than those before: the one of an era is the rule.
			let others = (0..MAX_NOMINATORS)
				.flat_map(|i| {
					let staker: AccountId = frame_benchmarking::account("staker", i, 0);
					core::iter::repeat_n(staker, NOMINATIONS_QUOTA as usize)
				})
				.chain(stashes)
				.map(|staker| (staker, amount))
				.collect::<Vec<_>>();
			let part = others.len().div_ceil(MAX_VALIDATOR_SET as usize);
			let slashes = others.chunks(part).map(|others| UnappliedSlash {
				others: others.to_vec(),
				..UnappliedSlash::default_from(frame_benchmarking::account("elected", 0, 0))
			});
			UnappliedSlashes::<Runtime>::insert(era, slashes.collect::<Vec<_>>());
		}
	}
}
