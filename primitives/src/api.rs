// SPDX-License-Identifier: Apache-2.0

//! The runtime API of the pool.

use crate::{Balance, BatchId, Chunk, EraIndex};
use alloc::vec::Vec;
use codec::{Codec, Decode, Encode};
use scale_info::TypeInfo;
use sp_runtime::{FixedI128, FixedU128, Perbill};

/// Where a redemption stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Encode, Decode, TypeInfo)]
pub enum RedemptionState {
	/// Its batch is open: requests of this era still join it.
	Open,
	/// Its batch is closed and waits for its funds to unbond.
	Unbonding,
	/// It can be claimed, but for what is withheld.
	Claimable,
	/// It was claimed, but for what is withheld until no report is open for which it is liable.
	Withheld,
}

/// A redemption that has not been claimed.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, TypeInfo)]
pub struct RedemptionInfo {
	/// The batch it belongs to.
	pub batch: BatchId,
	/// Shares that were burned for it.
	pub shares: Balance,
	/// Assets they are worth now, but for what is withheld.
	pub assets: Balance,
	/// Assets withheld for open reports.
	pub withheld: Balance,
	/// Where the redemption stands.
	pub state: RedemptionState,
	/// The era in which it is expected to be claimable; `None` while the batch is open, its funds
	/// are not unbonding yet, or it waits for reports.
	pub expected_era: Option<EraIndex>,
}

/// A stash of the pool.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, TypeInfo)]
pub struct StashInfo<AccountId> {
	/// The index of the stash.
	pub index: u32,
	/// The account of the stash.
	pub account: AccountId,
	/// The assets that it stakes, in the smallest unit.
	pub active: Balance,
	/// The chunks of assets that it unbonds.
	pub unlocking: Vec<Chunk>,
	/// The validator that it nominates.
	pub validator: Option<AccountId>,
}

/// What instant redemptions can take.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Encode, Decode, TypeInfo)]
pub struct InstantCapacity {
	/// Assets that they can take now, fees included; zero while reports are pending.
	pub available: Balance,
	/// Assets that the pool wants to keep for them. The fee rises when there are fewer.
	pub target: Balance,
	/// The fee of the next unit, as a part of it. It is at least what the stream brings the shares in this
	/// era, see the preview.
	pub fee_now: Perbill,
	/// The fee of the last unit.
	pub fee_at_most: Perbill,
}

sp_api::decl_runtime_apis! {
	/// What a wallet asks the pool.
	#[api_version(2)]
	pub trait LiquidStakingApi<AccountId, AssetId, Parameters>
	where
		AccountId: Codec,
		AssetId: Codec,
		Parameters: Codec,
	{
		/// Assets per share on exit, as a fixed point number of 18 decimals.
		fn exchange_rate() -> FixedU128;

		/// Assets that belong to the holders, in the smallest unit.
		fn total_assets() -> Balance;

		/// Shares that a deposit of `assets` buys now; `None` if it would fail: it buys none, or is below the
		/// minimum deposit.
		fn preview_deposit(assets: Balance) -> Option<Balance>;

		/// Assets that `shares` are worth on exit now; `None` if it cannot be converted.
		fn preview_redeem(shares: Balance) -> Option<Balance>;

		/// Assets that an instant redemption of `shares` pays now; `None` if it would fail.
		fn preview_redeem_instantly(shares: Balance) -> Option<Balance>;

		/// What the holders have earned in a year, had it gone on as in the last `eras`: a fixed
		/// point number of 18 decimals, negative after a loss. `None` without a rate from then.
		fn realised_apr(eras: u32) -> Option<FixedI128>;

		/// The unclaimed redemptions of `owner`.
		fn redemptions_of(owner: AccountId) -> Vec<RedemptionInfo>;

		/// All stashes that hold something.
		fn stashes() -> Vec<StashInfo<AccountId>>;

		/// The most assets that `who` can deposit now; zero if deposits fail.
		fn max_deposit(who: AccountId) -> Balance;

		/// The most shares for which `owner` can request a redemption: all that it has.
		fn max_redeem(owner: AccountId) -> Balance;

		/// The most shares that `owner` can redeem instantly now, as far as the buffer goes; zero while
		/// reports are pending.
		fn max_redeem_instantly(owner: AccountId) -> Balance;

		/// What instant redemptions can take now, and at which fee.
		fn instant_capacity() -> InstantCapacity;

		/// The parameters that act now, and those that follow them with the block from which they act;
		/// `None` if they cannot be read.
		fn parameters() -> Option<(Parameters, Option<(u32, Parameters)>)>;

		/// The class of shares that deposits buy now, and the asset that is its token.
		fn share_class() -> (u32, AssetId);
	}
}
