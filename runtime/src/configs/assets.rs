// SPDX-License-Identifier: GPL-3.0-only

//! The liquid token stHOLD, the only asset besides the native one.

use frame_support::{
	parameter_types,
	traits::{AsEnsureOriginWithArg, ConstU32, NeverEnsureOrigin},
};
use frame_system::EnsureRoot;

use crate::{deposit, AccountId, Balance, Balances, Runtime, RuntimeEvent};

/// Number of an asset.
pub type AssetId = u32;

/// The number of stHOLD.
pub const ST_HOLD_ID: AssetId = 1;

parameter_types! {
	/// Held for an asset. Only root makes assets, and pays nothing.
	pub const AssetDeposit: Balance = deposit(1, 190);
	/// Held for an account that is opened before it owns anything.
	pub const AssetAccountDeposit: Balance = deposit(1, 40);
	/// Held for the metadata of an asset.
	pub const MetadataDepositBase: Balance = deposit(1, 68);
	/// Held for each byte of the metadata of an asset.
	pub const MetadataDepositPerByte: Balance = deposit(0, 1);
	/// Held for the permission to let somebody else spend.
	pub const ApprovalDeposit: Balance = deposit(1, 32);
}

impl pallet_assets::Config for Runtime {
	type RuntimeEvent = RuntimeEvent;
	type Balance = Balance;
	type RemoveItemsLimit = ConstU32<1_000>;
	type AssetId = AssetId;
	type AssetIdParameter = AssetId;
	type ReserveData = ();
	type Currency = Balances;
	type CreateOrigin = AsEnsureOriginWithArg<NeverEnsureOrigin<AccountId>>;
	type ForceOrigin = EnsureRoot<AccountId>;
	type AssetDeposit = AssetDeposit;
	type AssetAccountDeposit = AssetAccountDeposit;
	type MetadataDepositBase = MetadataDepositBase;
	type MetadataDepositPerByte = MetadataDepositPerByte;
	type ApprovalDeposit = ApprovalDeposit;
	type StringLimit = ConstU32<50>;
	// Each of the two would cost reads and writes whenever shares move.
	type Freezer = ();
	type Holder = ();
	type Extra = ();
	type CallbackHandle = ();
	type AssetIdAllocator = ();
	type WeightInfo = crate::weights::pallet_assets::WeightInfo<Runtime>;
	#[cfg(feature = "runtime-benchmarks")]
	type BenchmarkHelper = ();
}
