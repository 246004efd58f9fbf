// SPDX-License-Identifier: Apache-2.0

//! # Liquid staking
//!
//! A pool that stakes for its holders. Whoever deposits the native token gets shares of the pool,
//! a fungible token that can be held, transferred and used while the assets behind it are staked.
//!
//! ## Terms
//!
//! - *asset*: one unit of the native token (HOLD). *share*: one unit of the liquid token (stHOLD).
//! - *pot*: the pool's own account. *stash*: a keyless account that stakes for the pool and
//!   nominates one validator. *reward account*: where the staking pallet pays rewards.
//! - *batch*: all redemptions requested in one era.
//!
//! Nobody has a key to any of these accounts, and no call moves assets anywhere but to the holder
//! who burned shares for them.
//!
//! ## Example
//!
//! From a deposit through rewards to the claim (here an existential deposit is 10 units, and a
//! stash holds at least 400):
#![doc = docify::embed!("src/tests/story.rs", a_deposit_and_its_redemption)]
//!
//! ## The books
//!
//! ```text
//! total assets = idle + bonded + unbonding - owed to batches - unreleased rewards
//! exit price   = (total assets - uncovered part of open reports + 1) / (shares + 1)
//! entry price  = (total assets + rewards on the stream + prepaid rewards + 1) / (shares + 1)
//! prepaid      = the larger of what the next settlements put on the stream, and what waits there
//!                for a settlement or lies in the reward account
//! ```
//!
//! Amounts are in the smallest unit; every division rounds against the caller. Donations do not
//! count: the pool counts what it booked, not what its accounts hold. Only what arrives in the
//! reward account is a reward.
//!
//! ## No profit from timing
//!
//! Who enters pays for everything that can be released to him within two eras, so that whoever
//! enters and leaves within two eras has nothing from it, whatever happens between:
//!
//! - *rewards*: what is on the stream is in the entry price, and so is what the settlements up to
//!   that of the next era put there: none of them puts more on the stream than was in that price.
//!   The rest of a reward waits for another settlement.
//! - *others enter*: they bring their part of the rewards that they pay for; what a share is worth
//!   to those who leave stays as it was.
//! - *roundings*: what they add to the price waits as well, but for the part of a unit without which
//!   it would fall.
//! - *others leave*: their part of the stream does not fall to those who stay, nor do their fees;
//!   both wait as rewards do.
//! - *reports*: who enters pays the price without them, who leaves at once gets the price with
//!   them. If one is cancelled, what was withheld from those who left waits as rewards do.
//! - *slashes*: a queued redemption is closed at the price without reports, and bears its part of
//!   every slash for an offence of an era in which it was still in the pool.
//! - *an instant redemption* costs at least what the stream has brought it in this era.
//!
//! ## The life of an era
//!
//! Work begins in the first block of a new era and proceeds in steps, in [`Hooks::on_poll`], as
//! far as [`Config::WorkLimit`] allows in a block; anybody can push it on with
//! [`Pallet::advance`]. Its length depends on the number of stashes, never on that of holders.
//!
//! | phase | per | what |
//! | --- | --- | --- |
//! | scan | era of application | the open slashes are read, whenever they may have changed |
//! | pay out | payout page | the staking pallet pays the rewards of the past eras |
//! | withdraw | stash | what has finished unbonding returns to the pot |
//! | settle | - | rewards are swept, fees taken, the stream renewed; the open batch closes |
//! | fund | batch | closed batches are funded in order, as far as idle assets go |
//! | score | step of the selection | what has to be known of the validators |
//! | plan | - | who nominates whom, how much is bonded or unbonded |
//! | rotate | stash | nominate |
//! | rebalance | stash | bond or unbond |
//!
//! A step that fails is undone, reported in [`Event::StepFailed`], and the work goes on with the
//! next one: its subject is taken up again in the next era. Only a payout that fails is left to
//! whoever can make it; its reward is swept when it is in the reward account.
//!
//! Work that is late is finished before that of the next era: payouts, settlement and funds are never
//! skipped, nor is a rebalance that has begun. A plan that was not carried out until then is: the next
//! era makes a better one. So a selection that is never prepared holds up nothing but the plan.
//!
//! ## Who may call what
//!
//! [`Pallet::deposit`], [`Pallet::request_redeem`] and [`Pallet::redeem_instantly`]: any holder, for
//! itself. [`Pallet::claim`], [`Pallet::claim_class`] and [`Pallet::advance`]: anybody, for anybody.
//! [`Pallet::set_parameters`]: [`Config::AdminOrigin`].
//!
//! ## What can go wrong
//!
//! - A slash is booked in the block in which it lands, see
//!   [`sp_staking::OnStakingUpdate::on_slash`]: [`Config::Cover`] pays what it can; the holders and
//!   the unpaid batches that were in the pool when the offence happened bear the rest, pro rata.
//! - A slash takes all but a millionth of what a share was worth: the class of shares is closed, its
//!   rest becomes the claim of a last batch ([`Pallet::claim_class`]), and a new class begins.
//! - A validator kicks the stash, or a stranger reaps it after a total slash: the next era work
//!   nominates or bonds again.
//! - No validator is fit for a stash: it is chilled, keeps its stake and gets nothing more, or is not
//!   opened at all; what it would get stays idle.

#![cfg_attr(not(feature = "std"), no_std)]

extern crate alloc;

mod batches;
#[cfg(feature = "runtime-benchmarks")]
pub mod benchmarking;
mod books;
mod calls;
mod era;
pub mod migrations;
mod parameters;
mod rebalance;
mod records;
mod reports;
#[cfg(any(feature = "std", feature = "try-runtime"))]
mod try_state;
mod types;
mod views;
pub mod weights;

#[cfg(test)]
mod mock;
#[cfg(test)]
mod tests;

pub use batches::*;
#[cfg(feature = "runtime-benchmarks")]
pub use benchmarking::BenchmarkHelper;
pub use books::*;
use calls::ShareIdOf;
pub use pallet::*;
pub use parameters::*;
use reports::open_reports;
pub use types::*;
pub use weights::WeightInfo;

/// The log target of this pallet.
const LOG_TARGET: &str = "runtime::liquid-staking";

/// No chain has more stashes, whatever [`Config::MaxStashes`] is now. What is stored of them has room for as
/// many, so that a change of that constant leaves nothing behind.
pub const MAX_STASHES: u32 = 256;

/// Stashes of one page of the plan of an era.
pub const PLAN_PAGE: u32 = 16;

#[frame_support::pallet]
pub mod pallet {
	use super::*;
	use alloc::vec::Vec;
	use frame_support::{
		pallet_prelude::*,
		traits::{
			fungible::{Inspect, Mutate},
			fungibles,
			tokens::Preservation,
		},
		weights::WeightMeter,
		PalletId,
	};
	use frame_system::pallet_prelude::*;
	use holdfast_primitives::{
		Balance, BatchId, EraIndex, InstantCapacity, LossCover, RedemptionInfo, StakingBackend,
		StashInfo, ValidatorSelection,
	};
	use sp_runtime::{traits::Convert, FixedI128, FixedU128};

	/// The in-code storage version.
	const STORAGE_VERSION: StorageVersion = StorageVersion::new(2);

	#[pallet::pallet]
	#[pallet::storage_version(STORAGE_VERSION)]
	pub struct Pallet<T>(_);

	#[pallet::config]
	pub trait Config: frame_system::Config<RuntimeEvent: From<Event<Self>>> {
		/// The native token.
		type Currency: Mutate<Self::AccountId> + Inspect<Self::AccountId, Balance = Balance>;

		/// The liquid tokens: one for each class of shares. Nobody else may mint them, and the first
		/// must exist with a minimum balance of 1.
		type Shares: fungibles::Mutate<Self::AccountId>
			+ fungibles::Inspect<Self::AccountId, Balance = Balance>
			+ fungibles::Create<Self::AccountId>;

		/// The token of a class of shares.
		type ShareAsset: Convert<
			u32,
			<Self::Shares as fungibles::Inspect<Self::AccountId>>::AssetId,
		>;

		/// The chain's staking pallet.
		type Staking: StakingBackend<AccountId = Self::AccountId>;

		/// Chooses the validators.
		type Selection: ValidatorSelection<Self::AccountId>;

		/// Pays for slashes before the holders do.
		type Cover: LossCover<Self::AccountId>;

		/// Sets the parameters.
		type AdminOrigin: EnsureOrigin<Self::RuntimeOrigin>;

		/// From which the pool's accounts are derived.
		#[pallet::constant]
		type PalletId: Get<PalletId>;

		/// Gets its part of the protocol's fee as shares, and what is left when the last holder has
		/// gone.
		type Treasury: Get<Self::AccountId>;

		/// The account of [`Self::Cover`]: gets the premium and the insurance fund's part of the
		/// protocol's fee.
		type Reserve: Get<Self::AccountId>;

		/// The most stashes that the pool uses, at most [`MAX_STASHES`]. If it is lowered, those beyond are
		/// emptied bit by bit.
		#[pallet::constant]
		type MaxStashes: Get<u32>;

		/// The most batches that are closed and not funded. More than the eras that unbonding takes;
		/// when there are as many, the open batch stays open. Not to be lowered below what is queued.
		#[pallet::constant]
		type MaxBatches: Get<u32>;

		/// The most slashes that are reported and not applied: one for each stash and era in which one may be
		/// applied. Not to be lowered below what is stored.
		#[pallet::constant]
		type MaxReports: Get<u32>;

		/// The most unlocking chunks in a ledger of the staking pallet.
		#[pallet::constant]
		type MaxUnlockingChunks: Get<u32>;

		/// The eras for which the staking pallet keeps rewards.
		#[pallet::constant]
		type HistoryDepth: Get<u32>;

		/// The most that the era work takes of a block.
		#[pallet::constant]
		type WorkLimit: Get<Weight>;

		/// The parameters until governance sets others.
		#[pallet::constant]
		type DefaultParameters: Get<Parameters>;

		/// The least that governance may set, field by field.
		#[pallet::constant]
		type MinParameters: Get<Parameters>;

		/// The most that governance may set, field by field.
		#[pallet::constant]
		type MaxParameters: Get<Parameters>;

		/// Blocks until new parameters act: longer than it takes to leave the pool.
		#[pallet::constant]
		type ParametersDelay: Get<u32>;

		/// Blocks in a year, for the view of what the pool earns.
		#[pallet::constant]
		type BlocksPerYear: Get<u32>;

		/// Weights of calls and steps.
		type WeightInfo: WeightInfo;

		/// Prepares the staking pallet for benchmarks.
		#[cfg(feature = "runtime-benchmarks")]
		type BenchmarkHelper: BenchmarkHelper<Self::AccountId>;
	}

	/// A stash as this pallet stores it.
	pub type StashOf<T> =
		Stash<<T as frame_system::Config>::AccountId, <T as Config>::MaxUnlockingChunks>;

	/// The plans of [`PLAN_PAGE`] stashes.
	pub type PlanPageOf<T> =
		BoundedVec<StashPlan<<T as frame_system::Config>::AccountId>, ConstU32<PLAN_PAGE>>;

	/// Closed batches that have not got all their assets.
	pub type QueueOf<T> = BoundedVec<Queued, <T as Config>::MaxBatches>;

	/// The open reports.
	pub type ReportsOf<T> =
		BoundedVec<Report<<T as frame_system::Config>::AccountId>, <T as Config>::MaxReports>;

	/// The books.
	#[pallet::storage]
	pub type Pool<T: Config> = StorageValue<_, PoolState, ValueQuery>;

	/// The stashes in use, by index.
	#[pallet::storage]
	pub type Stashes<T: Config> = StorageMap<_, Twox64Concat, u32, StashOf<T>>;

	/// Closed batches that have not got all their assets, oldest first.
	#[pallet::storage]
	pub type Queue<T: Config> = StorageValue<_, QueueOf<T>, ValueQuery>;

	/// Funded batches that were not claimed to the end.
	#[pallet::storage]
	pub type Batches<T: Config> = StorageMap<_, Twox64Concat, BatchId, Batch>;

	/// Shares that an owner has burned into a batch and not claimed.
	#[pallet::storage]
	pub type Redemptions<T: Config> =
		StorageDoubleMap<_, Blake2_128Concat, T::AccountId, Twox64Concat, BatchId, Redemption>;

	/// The last batch of each closed class of shares.
	#[pallet::storage]
	pub type ClosedClasses<T: Config> = StorageMap<_, Twox64Concat, u32, BatchId>;

	/// The slashes of stashes that are reported and not applied.
	#[pallet::storage]
	pub type Reports<T: Config> = StorageValue<_, ReportsOf<T>, ValueQuery>;

	/// The exchange rate at the settlement of the last eras.
	#[pallet::storage]
	pub type Rates<T: Config> = StorageMap<_, Twox64Concat, u32, RatePoint>;

	/// What Rotate and Rebalance carry out, in pages of [`PLAN_PAGE`] stashes, so that a step proves no
	/// more of it than one. Empty outside of these phases; Rebalance removes each page with its last stash.
	#[pallet::storage]
	pub type Plan<T: Config> = StorageMap<_, Twox64Concat, u32, PlanPageOf<T>>;

	#[pallet::genesis_config]
	#[derive(frame_support::DefaultNoBound)]
	pub struct GenesisConfig<T: Config> {
		#[serde(skip)]
		#[doc(hidden)]
		pub _config: core::marker::PhantomData<T>,
	}

	#[pallet::genesis_build]
	impl<T: Config> BuildGenesisConfig for GenesisConfig<T> {
		/// Endows every account of the pool with the existential deposit, which never counts as
		/// an asset of the pool.
		fn build(&self) {
			let stashes = (0..T::MaxStashes::get()).map(Pallet::<T>::stash_account);
			let accounts = stashes.chain([
				Pallet::<T>::pot_account(),
				Pallet::<T>::reward_account(),
				T::Reserve::get(),
			]);
			for account in accounts {
				let endowed = T::Currency::mint_into(&account, T::Currency::minimum_balance());
				assert!(endowed.is_ok(), "the issuance at genesis leaves room for the endowments");
			}
		}
	}

	#[pallet::event]
	#[pallet::generate_deposit(pub(super) fn deposit_event)]
	pub enum Event<T: Config> {
		/// `who` brought `assets` and got `shares`.
		Deposited {
			/// The depositor.
			who: T::AccountId,
			/// Assets brought.
			assets: Balance,
			/// Shares minted.
			shares: Balance,
		},
		/// `who` burned `shares`, to be paid with `batch`.
		RedemptionRequested {
			/// The holder.
			who: T::AccountId,
			/// The batch that was open.
			batch: BatchId,
			/// Shares burned.
			shares: Balance,
		},
		/// `who` burned `shares` and got `assets` at once.
		InstantlyRedeemed {
			/// The holder.
			who: T::AccountId,
			/// Shares burned.
			shares: Balance,
			/// Assets paid, after the fee.
			assets: Balance,
			/// The fee in assets. It becomes a reward of the holders.
			fee: Balance,
			/// Assets withheld for open reports, beside the fee. What these do not take of it becomes a
			/// reward of the holders.
			withheld: Balance,
		},
		/// A batch was closed: its `shares` are worth `assets`.
		BatchClosed {
			/// The batch.
			batch: BatchId,
			/// All shares in it.
			shares: Balance,
			/// What they are worth.
			assets: Balance,
		},
		/// Assets of a batch are set aside: they can be claimed.
		BatchFunded {
			/// The batch.
			batch: BatchId,
			/// Assets set aside.
			assets: Balance,
			/// Assets withheld for open reports.
			withheld: Balance,
		},
		/// `owner` was paid.
		Claimed {
			/// Who was paid.
			owner: T::AccountId,
			/// From which batch.
			batch: BatchId,
			/// For how many shares.
			shares: Balance,
			/// How much.
			assets: Balance,
		},
		/// Rewards were swept into the pot. They reach the holders over the next era.
		RewardsCollected {
			/// The era that swept them.
			era: EraIndex,
			/// How much.
			assets: Balance,
		},
		/// The protocol's fee was taken from the rewards.
		FeeTaken {
			/// What the insurance fund got.
			fund: Balance,
			/// What the treasury brought into the pool.
			treasury: Balance,
			/// Shares that it got for that.
			shares: Balance,
		},
		/// The insurance fund's underwriters got their premium from the rewards.
		PremiumPaid {
			/// How much.
			assets: Balance,
		},
		/// The treasury got what was left when the last holder had gone.
		LeftoverPaid {
			/// How much.
			assets: Balance,
		},
		/// A stash staked more.
		Bonded {
			/// Index of the stash.
			stash: u32,
			/// How much more.
			assets: Balance,
		},
		/// A stash began to unbond.
		Unbonded {
			/// Index of the stash.
			stash: u32,
			/// How much.
			assets: Balance,
			/// The era in which it can be withdrawn.
			era: EraIndex,
		},
		/// Unbonded assets returned to the pot.
		Withdrawn {
			/// Index of the stash.
			stash: u32,
			/// How much.
			assets: Balance,
		},
		/// A stash nominates another validator.
		Nominated {
			/// Index of the stash.
			stash: u32,
			/// The validator.
			validator: T::AccountId,
		},
		/// No validator is fit for a stash; it nominates nobody.
		Chilled {
			/// Index of the stash.
			stash: u32,
		},
		/// A slash hit a stash. The pool has booked the loss.
		Slashed {
			/// Index of the stash.
			stash: u32,
			/// The validator for which it was slashed, if that was reported.
			validator: Option<T::AccountId>,
			/// The era of the offence.
			offence_era: EraIndex,
			/// Assets lost.
			assets: Balance,
			/// What cover has paid.
			covered: Balance,
			/// What unpaid batches bear. The holders bear the rest.
			batches: Balance,
		},
		/// Slashes were reported, cancelled, applied or have expired.
		ReportsChanged {
			/// Assets that those take which are open.
			reported: Balance,
			/// Assets that were withheld for others from those who left, and become a reward of the
			/// holders.
			released: Balance,
		},
		/// An era was settled: what the shares are worth from now on. Rewards raise it until the next one.
		RateUpdated {
			/// The era.
			era: EraIndex,
			/// Assets per share on exit, before reports: a fixed point number of 18 decimals.
			rate: FixedU128,
			/// Assets that belong to the holders.
			total_assets: Balance,
			/// Shares that they have, with those in the open batch.
			shares: Balance,
		},
		/// A slash hit a stash, and a record of the pool that it changes cannot be decoded. Nothing was
		/// booked.
		SlashNotBooked {
			/// Index of the stash.
			stash: u32,
			/// Assets lost.
			assets: Balance,
		},
		/// A class of shares has lost all but a millionth. What is left is the claim of a last batch,
		/// and a new class begins.
		ClassClosed {
			/// The class.
			class: u32,
			/// Its last batch.
			batch: BatchId,
			/// Its shares.
			shares: Balance,
			/// What they are worth.
			assets: Balance,
		},
		/// Governance has set parameters.
		ParametersSet {
			/// The parameters.
			parameters: Parameters,
			/// The block from which on they act.
			from: u32,
		},
		/// A stash held something else than the books said. The books follow.
		StashCorrected {
			/// Index of the stash.
			stash: u32,
			/// What the books said.
			recorded: Balance,
			/// What it holds.
			found: Balance,
		},
		/// The work of an era began.
		EraWorkStarted {
			/// The era.
			era: EraIndex,
		},
		/// The work of an era is done.
		EraWorkCompleted {
			/// The era.
			era: EraIndex,
		},
		/// The next era began before the plan of this one was decided and nominated. It is given up
		/// for the plan of the next, but for what has to be unbonded.
		PlanSkipped {
			/// The era.
			era: EraIndex,
		},
		/// A step failed and was undone. The next era takes it up again, unless it is a payout.
		StepFailed {
			/// What failed.
			step: Step,
			/// Index of the stash; `None` if the step is not about one.
			stash: Option<u32>,
			/// Why.
			error: DispatchError,
		},
		/// A stash stakes again what was unbonding, because nobody waits for it any more.
		Rebonded {
			/// Index of the stash.
			stash: u32,
			/// How much.
			assets: Balance,
		},
	}

	#[pallet::error]
	pub enum Error<T> {
		/// The deposit is smaller than the minimum.
		DepositTooSmall,
		/// The deposit would buy fewer shares than the caller demands.
		SharesBelowMinimum,
		/// The redemption is smaller than the minimum and not all that the caller has.
		RedemptionTooSmall,
		/// The caller has fewer shares.
		InsufficientShares,
		/// The batch is open or waits for its funds.
		NotClaimableYet,
		/// The owner has nothing in this batch, or was paid already.
		NothingToClaim,
		/// There is no era work to advance.
		NothingToDo,
		/// The buffer of instant redemptions holds less. Ask for less, or queue.
		BufferTooLow,
		/// The redemption would bring fewer assets than the caller demands.
		AssetsBelowMinimum,
		/// Slashes were reported that the pool has not read yet. It does so in the next blocks.
		ReportsPending,
		/// The shares are nearly worthless. The era work begins a new class of shares, or releases
		/// rewards that wait until these are worth something again.
		ClassWiped,
		/// The class of shares is not closed.
		ClassNotClosed,
		/// A parameter is out of its bounds.
		ParameterOutOfBounds,
		/// There is no room for the reports of another era.
		TooManyReports,
		/// Less would have been bonded than was asked.
		BondsLess,
		/// A chunk would have been released that may still be slashed.
		ReleasesEarly,
		/// The staking pallet's ledger of a stash does not fit the pool's record.
		LedgerMismatch,
		/// A stash lacks the existential deposit, and there are no rewards that wait of which it could
		/// get it. Anybody can send it one.
		StashNotEndowed,
		/// A record of the pool cannot be decoded. Nothing is done with it until it is repaired.
		Undecodable,
		/// There are as many closed batches as the queue has room for.
		QueueFull,
		/// There are more stashes than a plan has room for.
		TooManyStashes,
	}

	#[pallet::call]
	impl<T: Config> Pallet<T> {
		/// Brings `assets` into the pool and mints shares at the entry price.
		///
		/// - `assets`: in the smallest unit; at least the minimum deposit.
		/// - `min_shares`: the call fails if it would mint fewer.
		///
		/// Rounded down: `assets * (shares + 1) / (total assets + rewards in the pipe + 1)`, where the
		/// pipe holds what is on the stream, what the next settlements bring, or if that is more, what
		/// waits for one or lies in the reward account.
		#[pallet::call_index(0)]
		#[pallet::weight(T::WeightInfo::deposit())]
		pub fn deposit(
			origin: OriginFor<T>,
			assets: Balance,
			min_shares: Balance,
		) -> DispatchResult {
			let who = ensure_signed(origin)?;
			Self::do_deposit(who, assets, min_shares)
		}

		/// Burns `shares`, to be paid with the batch that is open.
		///
		/// The batch closes with the era, at the exit price of that moment before open reports, and
		/// can be claimed when its assets have been unbonded. Until then it bears its part of slashes
		/// for offences up to that era.
		#[pallet::call_index(1)]
		#[pallet::weight(T::WeightInfo::request_redeem())]
		pub fn request_redeem(origin: OriginFor<T>, shares: Balance) -> DispatchResult {
			let who = ensure_signed(origin)?;
			Self::do_request_redeem(who, shares)
		}

		/// Pays `owner` what it has in `batch`. Anybody may call it.
		#[pallet::call_index(2)]
		#[pallet::weight(T::WeightInfo::claim())]
		pub fn claim(origin: OriginFor<T>, batch: BatchId, owner: T::AccountId) -> DispatchResult {
			ensure_signed(origin)?;
			Self::do_claim(batch, owner)
		}

		/// Does up to `max_steps` steps of the era work at once, and no more than fit into half of what a
		/// transaction may weigh. Anybody may call it.
		///
		/// The caller pays for the steps that were done, and nothing if the work was late: that of an era
		/// that is over, or that of the present one after a quarter of it. Where there is nothing to do, the
		/// call fails with [`Error::NothingToDo`] and costs what it takes to find that out.
		///
		/// - `max_steps`: at least 1.
		#[pallet::call_index(3)]
		#[pallet::weight(Pallet::<T>::advance_weight(*max_steps))]
		pub fn advance(origin: OriginFor<T>, max_steps: u32) -> DispatchResultWithPostInfo {
			ensure_signed(origin)?;
			Self::do_advance(max_steps)
		}

		/// Burns `shares` and pays for them at once, out of what the pool keeps idle.
		///
		/// - `shares`: in the smallest unit.
		/// - `min_assets`: the call fails if it would pay fewer.
		///
		/// The price is the exit price, less the part of open reports that nobody covers; the fee
		/// rises while the buffer empties, see [`Parameters::instant_fee`], and stays with the
		/// holders. Rounded down. Fails with [`Error::BufferTooLow`] if the buffer holds less, and with
		/// [`Error::ReportsPending`] for a block or two after a report.
		#[pallet::call_index(4)]
		#[pallet::weight(T::WeightInfo::redeem_instantly())]
		pub fn redeem_instantly(
			origin: OriginFor<T>,
			shares: Balance,
			min_assets: Balance,
		) -> DispatchResult {
			let who = ensure_signed(origin)?;
			Self::do_redeem_instantly(who, shares, min_assets)
		}

		/// Sets all parameters. They act [`Config::ParametersDelay`] blocks later, so that whoever
		/// does not agree can leave before; until then another call replaces them.
		///
		/// Each lies between its value in [`Config::MinParameters`] and in [`Config::MaxParameters`].
		#[pallet::call_index(5)]
		#[pallet::weight(T::WeightInfo::set_parameters())]
		pub fn set_parameters(origin: OriginFor<T>, parameters: Parameters) -> DispatchResult {
			T::AdminOrigin::ensure_origin(origin)?;
			Self::do_set_parameters(parameters)
		}

		/// Pays `owner` for all shares of a closed `class` that it holds. Anybody may call it.
		///
		/// If a part is withheld for open reports, [`Self::claim`] pays it later.
		#[pallet::call_index(6)]
		#[pallet::weight(T::WeightInfo::claim_class())]
		pub fn claim_class(
			origin: OriginFor<T>,
			class: u32,
			owner: T::AccountId,
		) -> DispatchResult {
			ensure_signed(origin)?;
			Self::do_claim_class(class, owner)
		}
	}

	#[pallet::hooks]
	impl<T: Config> Hooks<BlockNumberFor<T>> for Pallet<T> {
		/// Before transactions, because `on_idle` starves in full blocks.
		fn on_poll(_now: BlockNumberFor<T>, meter: &mut WeightMeter) {
			Self::poll(meter);
		}

		fn integrity_test() {
			assert!(T::MaxStashes::get() > 0, "a pool without stashes cannot stake");
			assert!(
				Self::max_step_weight().all_lte(T::WorkLimit::get()),
				"a step that does not fit WorkLimit would never be done: {:?} > {:?}",
				Self::max_step_weight(),
				T::WorkLimit::get(),
			);
			assert!(T::MaxStashes::get() <= MAX_STASHES, "no room for so many stashes");
			let accounts = [Self::pot_account(), Self::reward_account(), T::Reserve::get()];
			for account in accounts {
				assert_eq!(Self::stash_index(&account), None, "no stash is another account");
			}
			let (min, max) = (T::MinParameters::get(), T::MaxParameters::get());
			assert!(
				T::DefaultParameters::get().within(&min, &max) && min.min_deposit > 0,
				"the default parameters are out of bounds"
			);
			let eras = T::Staking::slash_delay().max(1);
			assert!(
				T::MaxReports::get() >= T::MaxStashes::get().saturating_mul(eras),
				"there may be a report for each stash and each era in which one may be applied"
			);
		}

		#[cfg(feature = "try-runtime")]
		fn try_state(_now: BlockNumberFor<T>) -> Result<(), sp_runtime::TryRuntimeError> {
			Self::do_try_state()
		}
	}

	#[pallet::view_functions]
	impl<T: Config> Pallet<T> {
		/// Assets per share on exit, as a fixed point number of 18 decimals. Zero if the books cannot be decoded.
		pub fn exchange_rate() -> FixedU128 {
			Self::books().map_or(FixedU128::default(), |pool| Self::exit_price(&pool).rate())
		}

		/// Assets that belong to the holders, in the smallest unit.
		pub fn total_assets() -> Balance {
			Pool::<T>::get().total_assets(Self::now()).0
		}

		/// Shares that a deposit of `assets` buys now; `None` if it would fail: it buys none, or is below the
		/// minimum deposit.
		pub fn preview_deposit(assets: Balance) -> Option<Balance> {
			let pool = Self::books().ok()?;
			Self::shares_for(&pool, assets, Self::unswept(&pool)).map(|shares| shares.0).ok()
		}

		/// Assets that `shares` are worth on exit now; `None` if it cannot be converted.
		pub fn preview_redeem(shares: Balance) -> Option<Balance> {
			Self::assets_for(&Self::books().ok()?, shares).map(|assets| assets.0).ok()
		}

		/// Assets that an instant redemption of `shares` pays now; `None` if it would fail.
		pub fn preview_redeem_instantly(shares: Balance) -> Option<Balance> {
			Self::quote_instant(&Self::books().ok()?, shares)
				.map(|quote| quote.net.saturating_sub(quote.fee))
				.ok()
		}

		/// What the holders have earned in a year, had it gone on as in the last `eras`: a fixed
		/// point number of 18 decimals, negative after a loss. `None` without a rate from then.
		pub fn realised_apr(eras: u32) -> Option<FixedI128> {
			Self::view_apr(eras)
		}

		/// The unclaimed redemptions of `owner`, oldest first.
		pub fn redemptions_of(owner: T::AccountId) -> Vec<RedemptionInfo> {
			Self::view_redemptions(owner)
		}

		/// The most assets that `who` can deposit now; zero if deposits fail.
		pub fn max_deposit(who: T::AccountId) -> Balance {
			Self::view_max_deposit(who)
		}

		/// The most shares for which `owner` can ask with [`Pallet::request_redeem`]: all that it has.
		pub fn max_redeem(owner: T::AccountId) -> Balance {
			Self::view_max_redeem(owner)
		}

		/// The most shares that `owner` can redeem with [`Pallet::redeem_instantly`] now, as far as the
		/// buffer goes; zero while reports are pending.
		pub fn max_redeem_instantly(owner: T::AccountId) -> Balance {
			Self::view_max_redeem_instantly(owner)
		}

		/// What instant redemptions can take now, and at which fee.
		pub fn instant_capacity() -> InstantCapacity {
			Self::view_instant_capacity()
		}

		/// The parameters that act now, and those that follow them from a block on.
		pub fn parameters_in_force() -> Option<(Parameters, Option<(u32, Parameters)>)> {
			let pool = Self::books().ok()?;
			let schedule = Self::schedule(&pool);
			let next = schedule.next.filter(|(from, _)| *from > Self::now());
			Some((Self::parameters(&pool), next))
		}

		/// The class of shares that deposits buy now, and the asset that is its token.
		pub fn share_class() -> (u32, ShareIdOf<T>) {
			let class = Pool::<T>::get().class;
			(class, Self::share_asset(class))
		}

		/// All stashes in use.
		pub fn stashes() -> Vec<StashInfo<T::AccountId>> {
			Self::view_stashes()
		}
	}

	impl<T: Config> Pallet<T> {
		/// How transfers out of the pool's accounts treat them: none may die.
		pub(crate) const KEEP: Preservation = Preservation::Preserve;
	}
}
