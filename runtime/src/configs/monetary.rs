// SPDX-License-Identifier: GPL-3.0-only

//! The native token HOLD, and what transactions cost.

use frame_support::{
	parameter_types,
	traits::{
		fungible::{Balanced, Credit},
		tokens::imbalance::ResolveTo,
		ConstU32, ConstU8, OnUnbalanced, VariantCountOf,
	},
	weights::{ConstantMultiplier, Weight, WeightToFee},
};
use pallet_transaction_payment::{FungibleAdapter, Multiplier, TargetedFeeAdjustment};
use sp_runtime::{FixedPointNumber, Perquintill};

use super::staking::TreasuryAccount;
use crate::{
	AccountId, Authorship, Balance, Balances, Runtime, RuntimeEvent, RuntimeFreezeReason,
	RuntimeHoldReason, System, EXISTENTIAL_DEPOSIT, HOLD, MAXIMUM_BLOCK_WEIGHT,
};

/// What a transaction would cost that filled a whole block.
const FULL_BLOCK_FEE: Balance = 5 * HOLD;

parameter_types! {
	/// The least that an account may have.
	pub const ExistentialDeposit: Balance = EXISTENTIAL_DEPOSIT;
	/// Fee for each byte of a transaction. A byte of a block is less scarce than one of its proof.
	pub const TransactionByteFee: Balance = HOLD / 100_000;
	/// Fees rise while normal transactions take more than this part of their share of the blocks.
	pub const TargetBlockFullness: Perquintill = Perquintill::from_percent(25);
	/// How fast fees rise and fall: by a factor of e, at most, in a day of full blocks.
	pub AdjustmentVariable: Multiplier = Multiplier::saturating_from_rational(75, 1_000_000);
	/// Fees never fall below their base: an empty chain must not become cheap to fill.
	pub MinimumMultiplier: Multiplier = Multiplier::saturating_from_integer(1);
	/// Fees never rise beyond this: a long siege must not shut small holders out of their exit.
	pub MaximumMultiplier: Multiplier = Multiplier::saturating_from_integer(100);
}

impl pallet_balances::Config for Runtime {
	type RuntimeEvent = RuntimeEvent;
	type RuntimeHoldReason = RuntimeHoldReason;
	type RuntimeFreezeReason = RuntimeFreezeReason;
	type WeightInfo = crate::weights::pallet_balances::WeightInfo<Runtime>;
	type Balance = Balance;
	type DustRemoval = ();
	type ExistentialDeposit = ExistentialDeposit;
	type AccountStore = System;
	type ReserveIdentifier = [u8; 8];
	type FreezeIdentifier = RuntimeFreezeReason;
	type MaxLocks = ConstU32<50>;
	type MaxReserves = ConstU32<50>;
	type MaxFreezes = VariantCountOf<RuntimeFreezeReason>;
	type DoneSlashHandler = ();
}

impl pallet_transaction_payment::Config for Runtime {
	type RuntimeEvent = RuntimeEvent;
	type OnChargeTransaction = FungibleAdapter<Balances, ToAuthor>;
	type WeightToFee = BlockShareToFee;
	type LengthToFee = ConstantMultiplier<Balance, TransactionByteFee>;
	type FeeMultiplierUpdate = TargetedFeeAdjustment<
		Runtime,
		TargetBlockFullness,
		AdjustmentVariable,
		MinimumMultiplier,
		MaximumMultiplier,
	>;
	type OperationalFeeMultiplier = ConstU8<5>;
	type WeightInfo = crate::weights::pallet_transaction_payment::WeightInfo<Runtime>;
}

/// Charges for the share of a block that a weight takes, in the dimension of which it takes more.
pub struct BlockShareToFee;

impl WeightToFee for BlockShareToFee {
	type Balance = Balance;

	fn weight_to_fee(weight: &Weight) -> Balance {
		let share = |used: u64, limit: u64| {
			// Cannot saturate: 2^64 times the fee is far below 2^128.
			FULL_BLOCK_FEE.saturating_mul(Balance::from(used)) / Balance::from(limit.max(1))
		};
		let time = share(weight.ref_time(), MAXIMUM_BLOCK_WEIGHT.ref_time());
		let proof = share(weight.proof_size(), MAXIMUM_BLOCK_WEIGHT.proof_size());
		time.max(proof)
	}
}

/// Pays fees and tips to the author of the block, or to the treasury when that is not possible.
///
/// An author's account may be dead, and a fee alone may be less than the existential deposit; the
/// treasury's account lives from genesis on.
pub struct ToAuthor;

impl OnUnbalanced<Credit<AccountId, Balances>> for ToAuthor {
	fn on_nonzero_unbalanced(credit: Credit<AccountId, Balances>) {
		let left = match Authorship::author() {
			Some(author) => Balances::resolve(&author, credit).err(),
			None => Some(credit),
		};
		if let Some(credit) = left {
			ResolveTo::<TreasuryAccount, Balances>::on_unbalanced(credit);
		}
	}
}

#[cfg(test)]
mod tests {
	use super::*;
	use crate::{RuntimeCall, TransactionPayment, TxExtension};
	use frame_support::dispatch::GetDispatchInfo;
	use pallet_balances::Call as BalancesCall;
	use sp_keyring::Sr25519Keyring::Bob;
	use sp_runtime::{generic::Era, traits::TransactionExtension};

	/// Length of a signed transfer: address, signature, era, nonce, tip, call.
	const LENGTH: u32 = 150;

	#[test]
	fn a_transfer_costs_no_more_than_a_hundredth_of_a_hold() {
		let extension = TxExtension::new((
			frame_system::CheckNonZeroSender::<Runtime>::new(),
			frame_system::CheckSpecVersion::<Runtime>::new(),
			frame_system::CheckTxVersion::<Runtime>::new(),
			frame_system::CheckGenesis::<Runtime>::new(),
			frame_system::CheckEra::<Runtime>::from(Era::mortal(64, 0)),
			frame_system::CheckNonce::<Runtime>::from(0),
			frame_system::CheckWeight::<Runtime>::new(),
			pallet_transaction_payment::ChargeTransactionPayment::<Runtime>::from(0),
			frame_metadata_hash_extension::CheckMetadataHash::<Runtime>::new(false),
		));
		let dest = Bob.to_account_id().into();
		let call = RuntimeCall::Balances(BalancesCall::transfer_keep_alive { dest, value: HOLD });
		let mut info = call.get_dispatch_info();
		info.extension_weight = extension.weight(&call);

		sp_io::TestExternalities::default().execute_with(|| {
			let fee = TransactionPayment::compute_fee(LENGTH, &info, 0);
			assert!(fee <= HOLD / 100, "{fee}");
			assert!(fee >= HOLD / 1_000, "{fee}");
		});
	}

	#[test]
	fn the_scarcer_dimension_sets_the_fee() {
		let full = MAXIMUM_BLOCK_WEIGHT;
		assert_eq!(BlockShareToFee::weight_to_fee(&full), FULL_BLOCK_FEE);
		assert_eq!(BlockShareToFee::weight_to_fee(&full.set_ref_time(0)), FULL_BLOCK_FEE);
		assert_eq!(BlockShareToFee::weight_to_fee(&full.set_proof_size(0)), FULL_BLOCK_FEE);
		assert_eq!(BlockShareToFee::weight_to_fee(&(full / 2)), FULL_BLOCK_FEE / 2);
	}
}
