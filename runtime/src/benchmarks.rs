// SPDX-License-Identifier: GPL-3.0-only

//! The pallets whose weights are measured on this runtime.

frame_benchmarking::define_benchmarks!(
	[pallet_bags_list, VoterList]
	[pallet_balances, Balances]
	[pallet_insurance_fund, InsuranceFund]
	[pallet_liquid_staking, LiquidStaking]
	[pallet_operator_registry, OperatorRegistry]
	[pallet_staking, Staking]
);
