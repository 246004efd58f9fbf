// SPDX-License-Identifier: Apache-2.0

//! The nouns of the pool.

use codec::{Decode, DecodeWithMemTracking, Encode, MaxEncodedLen};
use frame_support::{
	traits::{ConstU32, Get},
	BoundedVec, CloneNoBound, DebugNoBound, DefaultNoBound, EqNoBound, PartialEqNoBound,
};
use holdfast_primitives::{
	shares::pro_rata, Assets, Balance, BatchId, Chunk, EraIndex, Ledger, Price, Shares, Stream,
};
use scale_info::TypeInfo;
use sp_runtime::ArithmeticError;

/// The pool's books: what it owns, what it owes, and where its era work stands.
///
/// One storage item, because every call needs most of it.
#[derive(
	Clone,
	Debug,
	Default,
	PartialEq,
	Eq,
	Encode,
	Decode,
	DecodeWithMemTracking,
	TypeInfo,
	MaxEncodedLen,
)]
pub struct PoolState {
	/// Assets in the pot that are neither staked nor set aside for a funded batch.
	pub idle: Balance,
	/// Assets staked, over all stashes.
	pub bonded: Balance,
	/// Assets leaving the stake, over all stashes.
	pub unbonding: Balance,
	/// Assets of closed batches that are not funded yet.
	pub owed: Balance,
	/// Shares issued, and shares burned into the open batch.
	pub shares: Balance,
	/// The batch that requests of this era join.
	pub open_batch: BatchId,
	/// Shares burned into it.
	pub open_shares: Balance,
	/// The oldest batch that is not funded; equal to `open_batch` if there is none.
	pub next_to_fund: BatchId,
	/// Assets that nobody had shares of when the last holder went. They go to the treasury, after
	/// all batches.
	pub leftover: Balance,
	/// Rewards on their way to the holders.
	pub stream: Stream,
	/// Reward that the last settled era brought.
	pub last_reward: Balance,
	/// Stashes in use: those with a smaller index.
	pub stashes: u32,
	/// The era whose work was begun last.
	pub era: Option<EraIndex>,
	/// Block in which that work began.
	pub era_start: u32,
	/// Length of the era before it, in blocks; zero if that is not known.
	pub era_length: u32,
	/// The first era whose rewards were not collected yet.
	pub unpaid_era: EraIndex,
	/// What the era work does next.
	pub phase: Phase,
}

impl PoolState {
	/// Assets that belong to the holders in block `now`.
	///
	/// Saturates at zero: what batches are owed may exceed what a slash has left.
	pub fn total_assets(&self, now: u32) -> Assets {
		Assets(
			self.gross_assets()
				.saturating_sub(self.liabilities())
				.saturating_sub(self.stream.unreleased(now)),
		)
	}

	/// All assets of the pool, whoever has a claim on them. Saturating: bounded by the issuance.
	pub fn gross_assets(&self) -> Balance {
		self.idle.saturating_add(self.bonded).saturating_add(self.unbonding)
	}

	/// Assets that belong to others: to unfunded batches and to the treasury.
	pub fn liabilities(&self) -> Balance {
		self.owed.saturating_add(self.leftover)
	}

	/// What a share is worth to those who leave.
	pub fn exit_price(&self, now: u32) -> Price {
		Price::new(self.total_assets(now), Shares(self.shares))
	}

	/// What a share costs those who enter.
	///
	/// They pay for the rewards that are in the pipe: the unreleased ones, and as many again for
	/// those that the running era has earned but not brought yet.
	pub fn entry_price(&self, now: u32) -> Price {
		let assets = self
			.total_assets(now)
			.0
			.saturating_add(self.stream.unreleased(now))
			.saturating_add(self.last_reward);
		Price::new(Assets(assets), Shares(self.shares))
	}

	/// Books `assets` that came in for new `shares`.
	pub fn issue(&mut self, assets: Assets, shares: Shares) -> Result<(), ArithmeticError> {
		self.idle = add(self.idle, assets.0)?;
		self.shares = add(self.shares, shares.0)?;
		Ok(())
	}

	/// Moves `shares` from their holder into the open batch.
	pub fn queue(&mut self, shares: Shares) -> Result<(), ArithmeticError> {
		self.open_shares = add(self.open_shares, shares.0)?;
		Ok(())
	}

	/// Closes the open batch at the exit price. `None` if nobody asked for anything.
	pub fn close_batch(
		&mut self,
		era: EraIndex,
		now: u32,
	) -> Result<Option<(BatchId, Batch)>, ArithmeticError> {
		if self.open_shares == 0 {
			return Ok(None);
		}
		let shares = self.open_shares;
		let assets =
			self.exit_price(now).to_assets(Shares(shares)).ok_or(ArithmeticError::Overflow)?.0;
		let id = self.open_batch;
		self.owed = add(self.owed, assets)?;
		self.shares = sub(self.shares, shares)?;
		self.open_shares = 0;
		self.open_batch = id.checked_add(1).ok_or(ArithmeticError::Overflow)?;
		let batch = Batch {
			shares,
			assets,
			remaining_shares: shares,
			remaining_assets: assets,
			closed_in: era,
			funded: false,
		};
		Ok(Some((id, batch)))
	}

	/// Takes the rewards that are in the pot since `now`; they are released over an era's length.
	pub fn reward(&mut self, reward: Assets, now: u32) -> Result<(), ArithmeticError> {
		self.idle = add(self.idle, reward.0)?;
		self.stream = self.stream.renew(reward.0, now, self.era_length);
		self.last_reward = reward.0;
		Ok(())
	}

	/// When nobody has shares any more, what is left belongs to nobody: it becomes a liability to
	/// the treasury, and the pool is as it was at first.
	pub fn retire(&mut self) {
		if self.shares == 0 {
			self.leftover = self.gross_assets().saturating_sub(self.owed);
			self.stream = Stream::default();
			self.last_reward = 0;
		}
	}

	/// What can be paid to the treasury now.
	pub fn take_leftover(&mut self) -> Assets {
		let assets = if self.owed == 0 { self.leftover.min(self.idle) } else { 0 };
		// `assets` is at most either of them.
		self.idle = self.idle.saturating_sub(assets);
		self.leftover = self.leftover.saturating_sub(assets);
		Assets(assets)
	}

	/// Sets the assets of `batch` aside, if there are enough. `false` if not.
	pub fn fund(&mut self, batch: &mut Batch) -> Result<bool, ArithmeticError> {
		if batch.assets > self.idle {
			return Ok(false);
		}
		let (idle, owed) = (sub(self.idle, batch.assets)?, sub(self.owed, batch.assets)?);
		let next = self.next_to_fund.checked_add(1).ok_or(ArithmeticError::Overflow)?;
		(self.idle, self.owed, self.next_to_fund) = (idle, owed, next);
		batch.funded = true;
		Ok(true)
	}

	/// Takes over what the staking pallet holds of a stash.
	pub fn adopt<MaxChunks: Get<u32>, AccountId>(
		&mut self,
		stash: &mut Stash<AccountId, MaxChunks>,
		ledger: Ledger,
	) -> Result<(), ArithmeticError>
	where
		AccountId: Clone + Eq + core::fmt::Debug,
	{
		let unlocking: BoundedVec<Chunk, MaxChunks> =
			ledger.unlocking.try_into().map_err(|_| ArithmeticError::Overflow)?;
		let found = Stash { active: ledger.active, unlocking, ..stash.clone() };
		let bonded = add(sub(self.bonded, stash.active)?, found.active)?;
		let unbonding =
			add(sub(self.unbonding, stash.unlocking_total())?, found.unlocking_total())?;
		(self.bonded, self.unbonding, *stash) = (bonded, unbonding, found);
		Ok(())
	}
}

fn add(a: Balance, b: Balance) -> Result<Balance, ArithmeticError> {
	a.checked_add(b).ok_or(ArithmeticError::Overflow)
}

fn sub(a: Balance, b: Balance) -> Result<Balance, ArithmeticError> {
	a.checked_sub(b).ok_or(ArithmeticError::Underflow)
}

/// A nomination of a stash.
#[derive(
	Clone, Debug, PartialEq, Eq, Encode, Decode, DecodeWithMemTracking, TypeInfo, MaxEncodedLen,
)]
pub struct Nomination<AccountId> {
	/// Who is nominated.
	pub validator: AccountId,
	/// The era that was active then.
	pub since: EraIndex,
}

/// An account that stakes for the pool, as the pool knows it.
#[derive(
	CloneNoBound,
	DebugNoBound,
	DefaultNoBound,
	PartialEqNoBound,
	EqNoBound,
	Encode,
	Decode,
	DecodeWithMemTracking,
	TypeInfo,
	MaxEncodedLen,
)]
#[scale_info(skip_type_params(MaxChunks))]
#[codec(mel_bound(AccountId: MaxEncodedLen))]
pub struct Stash<AccountId: Clone + Eq + core::fmt::Debug, MaxChunks: Get<u32>> {
	/// Assets staked.
	pub active: Balance,
	/// Assets leaving the stake, oldest first.
	pub unlocking: BoundedVec<Chunk, MaxChunks>,
	/// The present nomination, last, and those before it whose rewards may still be due.
	///
	/// Three are enough. At most one is made in an era; one that is replaced in era `b` is
	/// exposed up to `b + 1` at the latest (if it was replaced after the election), and what era
	/// `b + 1` earned is collected in `b + 2`.
	pub nominations: BoundedVec<Nomination<AccountId>, ConstU32<3>>,
}

impl<AccountId: Clone + Eq + core::fmt::Debug, MaxChunks: Get<u32>> Stash<AccountId, MaxChunks> {
	/// Assets leaving the stake. Saturating: bounded by the issuance.
	pub fn unlocking_total(&self) -> Balance {
		self.unlocking.iter().fold(0, |sum: Balance, c| sum.saturating_add(c.value))
	}

	/// Staked or leaving. Saturating: bounded by the issuance.
	pub fn total(&self) -> Balance {
		self.active.saturating_add(self.unlocking_total())
	}

	/// Whom it should nominate now.
	pub fn target(&self) -> Option<&AccountId> {
		self.nominations.last().map(|n| &n.validator)
	}

	/// Notes that `validator` is nominated from `era` on.
	pub fn set_target(&mut self, validator: AccountId, era: EraIndex) {
		if self.nominations.is_full() {
			self.nominations.remove(0);
		}
		// There is room now.
		let _ = self.nominations.try_push(Nomination { validator, since: era });
	}

	/// Forgets nominations that can have no uncollected reward, all eras before `era` being
	/// collected.
	pub fn forget_settled(&mut self, era: EraIndex) {
		while self.nominations.get(1).is_some_and(|next| next.since.saturating_add(2) <= era) {
			self.nominations.remove(0);
		}
	}
}

/// The redemptions requested in one era.
#[derive(
	Clone, Debug, PartialEq, Eq, Encode, Decode, DecodeWithMemTracking, TypeInfo, MaxEncodedLen,
)]
pub struct Batch {
	/// Shares burned into it.
	pub shares: Balance,
	/// Assets that they were worth when it closed.
	pub assets: Balance,
	/// Shares whose owners have not claimed.
	pub remaining_shares: Balance,
	/// Assets for them.
	pub remaining_assets: Balance,
	/// The era that closed it.
	pub closed_in: EraIndex,
	/// Its assets are set aside: it can be claimed.
	pub funded: bool,
}

impl Batch {
	/// Pays out `shares` of it: `shares * remaining assets / remaining shares`, rounded down.
	///
	/// What rounding leaves stays with the later claims, the last of which takes all: no dust.
	pub fn pay(&mut self, shares: Shares) -> Result<Assets, ArithmeticError> {
		let assets = pro_rata(shares.0, self.remaining_assets, self.remaining_shares)
			.ok_or(ArithmeticError::DivisionByZero)?;
		self.remaining_shares = sub(self.remaining_shares, shares.0)?;
		self.remaining_assets = sub(self.remaining_assets, assets)?;
		Ok(Assets(assets))
	}
}

/// What the era work does next. One step does one stash, one payout page or one batch.
#[derive(
	Clone,
	Copy,
	Debug,
	Default,
	PartialEq,
	Eq,
	Encode,
	Decode,
	DecodeWithMemTracking,
	TypeInfo,
	MaxEncodedLen,
)]
pub enum Phase {
	/// Nothing until the next era.
	#[default]
	Idle,
	/// Pay out `page` of the validator in `nomination` of `stash`, for `era`.
	PayOut {
		/// The era that is paid.
		era: EraIndex,
		/// Index of the stash.
		stash: u32,
		/// Index in its nominations.
		nomination: u32,
		/// The payout page.
		page: u32,
	},
	/// Withdraw what is mature in this stash.
	Withdraw {
		/// Index of the stash.
		stash: u32,
	},
	/// Sweep the rewards, close the batch.
	Settle,
	/// Fund the oldest batch that is not funded.
	Fund,
	/// Decide who nominates whom and what is bonded and unbonded.
	Plan,
	/// Nominate.
	Rotate {
		/// Index of the stash.
		stash: u32,
	},
	/// Bond or unbond.
	Rebalance {
		/// Index of the stash.
		stash: u32,
	},
}

/// What is planned for one stash.
#[derive(
	Clone, Debug, PartialEq, Eq, Encode, Decode, DecodeWithMemTracking, TypeInfo, MaxEncodedLen,
)]
pub struct StashPlan<AccountId> {
	/// The validator to nominate; `None` to be chilled.
	pub validator: Option<AccountId>,
	/// What to stake more or less.
	pub change: Change,
}

/// A change of one stash's stake.
#[derive(
	Clone,
	Copy,
	Debug,
	Default,
	PartialEq,
	Eq,
	Encode,
	Decode,
	DecodeWithMemTracking,
	TypeInfo,
	MaxEncodedLen,
)]
pub enum Change {
	/// None.
	#[default]
	Keep,
	/// Stake this much more.
	Bond(Balance),
	/// Unbond this much.
	Unbond(Balance),
}

/// What governance may set.
#[derive(
	Clone,
	Copy,
	Debug,
	PartialEq,
	Eq,
	Encode,
	Decode,
	DecodeWithMemTracking,
	TypeInfo,
	MaxEncodedLen,
)]
pub struct Parameters {
	/// The least assets that a deposit brings.
	pub min_deposit: Balance,
	/// The least assets that a redemption is worth, unless it is all that its owner has.
	pub min_redemption: Balance,
}

/// A step of the era work, as named in events.
#[derive(
	Clone,
	Copy,
	Debug,
	PartialEq,
	Eq,
	Encode,
	Decode,
	DecodeWithMemTracking,
	TypeInfo,
	MaxEncodedLen,
)]
pub enum Step {
	/// Paying out rewards.
	PayOut,
	/// Withdrawing what is mature.
	Withdraw,
	/// Sweeping rewards and closing the batch.
	Settle,
	/// Funding a batch.
	Fund,
	/// Nominating.
	Rotate,
	/// Bonding or unbonding.
	Rebalance,
}
