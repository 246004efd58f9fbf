// SPDX-License-Identifier: Apache-2.0

#![doc = include_str!("../README.md")]
//!
//! ## Example
//!
//! From a deposit through rewards to the claim (here an existential deposit is 10 units, and a
//! stash holds at least 400):
#![doc = docify::embed!("src/tests/story.rs", a_deposit_and_its_redemption)]
#![cfg_attr(not(feature = "std"), no_std)]
#![cfg_attr(
	not(test),
	deny(
		clippy::arithmetic_side_effects,
		clippy::expect_used,
		clippy::indexing_slicing,
		clippy::panic,
		clippy::unwrap_used
	)
)]

extern crate alloc;

mod accounts;
mod balancing;
#[cfg(feature = "runtime-benchmarks")]
mod benchmarking;
mod books;
mod era;
mod failures;
mod holders;
pub mod migrations;
mod parameters;
mod phases;
mod rates;
mod records;
mod redemptions;
mod settings;
mod slashes;
mod stashes;
mod tokens;
#[cfg(any(feature = "std", feature = "try-runtime"))]
mod try_state;
mod views;
pub mod weights;

#[cfg(test)]
mod mock;
#[cfg(test)]
mod tests;

pub use accounts::MAX_STASHES;
pub use balancing::StakeChange;
#[cfg(feature = "runtime-benchmarks")]
pub use benchmarking::BenchmarkHelper;
pub use books::{
	Batch, Nomination, Payment, Phase, PoolState, Queued, Redemption, Report, Rest, Scan, Stash,
};
pub use era::{StashPlan, PLAN_PAGE};
pub use failures::Step;
pub use pallet::*;
pub use parameters::Parameters;
pub use rates::RatePoint;
pub use weights::WeightInfo;

/// The log target of this pallet.
const LOG_TARGET: &str = "runtime::liquid-staking";

// FRAME's macros expect.
#[allow(clippy::expect_used)]
#[frame_support::pallet]
pub mod pallet {
	#[cfg(feature = "runtime-benchmarks")]
	use crate::BenchmarkHelper;
	use crate::{
		era, holders, redemptions, settings, tokens::ShareIdOf, views, weights::WeightInfo, Batch,
		Parameters, PoolState, Queued, RatePoint, Redemption, Report, Stash, StashPlan, Step,
		MAX_STASHES, PLAN_PAGE,
	};
	use alloc::vec::Vec;
	use frame_support::{
		pallet_prelude::*,
		traits::{
			fungible::{Inspect, Mutate},
			fungibles,
		},
		weights::WeightMeter,
		PalletId,
	};
	use frame_system::pallet_prelude::*;
	use holdfast_primitives::{
		Assets, Balance, BatchId, EraIndex, InstantCapacity, LossCover, RedemptionInfo, Shares,
		StakingBackend, StashInfo, ValidatorSelection,
	};
	use sp_runtime::{traits::Convert, FixedI128, FixedU128};

	/// The in-code storage version.
	const STORAGE_VERSION: StorageVersion = StorageVersion::new(2);

	#[pallet::pallet]
	#[pallet::storage_version(STORAGE_VERSION)]
	pub struct Pallet<T>(_);

	#[pallet::config]
	pub trait Config: frame_system::Config<RuntimeEvent: From<Event<Self>>> {
		/// HOLD, the native token, in its smallest unit.
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

		/// Chooses whom the stashes nominate.
		type Selection: ValidatorSelection<Self::AccountId>;

		/// Pays for slashes before the holders do.
		type Cover: LossCover<Self::AccountId>;

		/// The origin that sets the parameters.
		type AdminOrigin: EnsureOrigin<Self::RuntimeOrigin>;

		/// The id from which the pool's accounts are derived.
		#[pallet::constant]
		type PalletId: Get<PalletId>;

		/// The treasury's account. It gets its part of the protocol's fee as shares, and what is left
		/// when the last holder has gone.
		type Treasury: Get<Self::AccountId>;

		/// The account of [`Self::Cover`], the insurance fund. It gets the premium and the fund's part
		/// of the protocol's fee.
		type InsuranceAccount: Get<Self::AccountId>;

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

	/// The open reports, in the order in which the staking pallet lists them.
	pub type ReportsOf<T> =
		BoundedVec<Report<<T as frame_system::Config>::AccountId>, <T as Config>::MaxReports>;

	/// The books of the pool.
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
				T::InsuranceAccount::get(),
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
		/// A deposit: `who` brought assets into the pool and got shares for them.
		Deposited {
			/// The account that deposited.
			who: T::AccountId,
			/// The assets that it brought, in the smallest unit.
			assets: Balance,
			/// The shares that were minted for it, in the smallest unit.
			shares: Balance,
		},
		/// A redemption was requested: `who` burned shares, to be paid when their batch is funded.
		RedemptionRequested {
			/// The account that redeems.
			who: T::AccountId,
			/// The batch that the redemption has joined.
			batch: BatchId,
			/// The shares that were burned, in the smallest unit.
			shares: Balance,
		},
		/// An instant redemption: `who` burned shares and was paid for them at once.
		InstantlyRedeemed {
			/// The account that redeemed.
			who: T::AccountId,
			/// The shares that were burned, in the smallest unit.
			shares: Balance,
			/// The assets that were paid, after the fee.
			assets: Balance,
			/// The fee, in assets. It becomes a reward of the holders.
			fee: Balance,
			/// The assets that were withheld for open reports, beside the fee. What these do not take of
			/// them becomes a reward of the holders.
			withheld: Balance,
		},
		/// A batch was closed with the era: no request can join it any more.
		BatchClosed {
			/// The number of the batch.
			batch: BatchId,
			/// All shares that were burned into it.
			shares: Balance,
			/// The assets that they are worth.
			assets: Balance,
		},
		/// Assets were set aside for a batch: its owners can claim them.
		BatchFunded {
			/// The number of the batch.
			batch: BatchId,
			/// The assets that were set aside.
			assets: Balance,
			/// The assets that are withheld until open reports are gone.
			withheld: Balance,
		},
		/// A claim: `owner` was paid out of a funded batch.
		Claimed {
			/// The account that was paid.
			owner: T::AccountId,
			/// The batch out of which it was paid.
			batch: BatchId,
			/// The shares for which it was paid.
			shares: Balance,
			/// The assets that it was paid.
			assets: Balance,
		},
		/// Rewards were swept into the pot. They reach the holders over the next era.
		RewardsCollected {
			/// The era in which they were swept.
			era: EraIndex,
			/// The assets that were swept, before fees.
			assets: Balance,
		},
		/// The protocol's fee was taken from the rewards.
		FeeTaken {
			/// The assets that the insurance fund got.
			fund: Balance,
			/// The assets that the treasury brought into the pool.
			treasury: Balance,
			/// The shares that the treasury got for them.
			shares: Balance,
		},
		/// The insurance fund's underwriters got their premium from the rewards.
		PremiumPaid {
			/// The assets that they got.
			assets: Balance,
		},
		/// The treasury got what was left when the last holder had gone.
		LeftoverPaid {
			/// The assets that it got.
			assets: Balance,
		},
		/// A stash staked more.
		Bonded {
			/// The index of the stash.
			stash: u32,
			/// The assets that it stakes more than before.
			assets: Balance,
		},
		/// A stash began to unbond.
		Unbonded {
			/// The index of the stash.
			stash: u32,
			/// The assets that it unbonds.
			assets: Balance,
			/// The era in which they can be withdrawn.
			era: EraIndex,
		},
		/// Unbonded assets returned to the pot.
		Withdrawn {
			/// The index of the stash that they come from.
			stash: u32,
			/// The assets that returned.
			assets: Balance,
		},
		/// A stash nominates another validator.
		Nominated {
			/// The index of the stash.
			stash: u32,
			/// The validator that it nominates now.
			validator: T::AccountId,
		},
		/// No validator is fit for a stash: it nominates nobody.
		Chilled {
			/// The index of the stash.
			stash: u32,
		},
		/// A slash hit a stash. The pool has booked the loss.
		Slashed {
			/// The index of the stash.
			stash: u32,
			/// The validator for which it was slashed; `None` if that was not reported.
			validator: Option<T::AccountId>,
			/// The era of the offence.
			offence_era: EraIndex,
			/// The assets that the stash lost.
			assets: Balance,
			/// The assets of these that cover has paid.
			covered: Balance,
			/// The assets of these that unpaid batches bear. The holders bear the rest.
			batches: Balance,
		},
		/// The open reports have changed: slashes were reported, cancelled, applied, or have expired.
		ReportsChanged {
			/// The assets that the open reports take together.
			reported: Balance,
			/// The assets that were withheld for reports that are gone, from those who left. They become
			/// a reward of the holders.
			released: Balance,
		},
		/// An era was settled: what the shares are worth from now on. Rewards raise it until the next one.
		RateUpdated {
			/// The era that was settled.
			era: EraIndex,
			/// The assets per share on exit, before reports: a fixed point number of 18 decimals.
			rate: FixedU128,
			/// The assets that belong to the holders.
			total_assets: Balance,
			/// The shares that they have, with those in the open batch.
			shares: Balance,
		},
		/// A slash hit a stash, and a record of the pool that it changes cannot be decoded. Nothing was
		/// booked.
		SlashNotBooked {
			/// The index of the stash.
			stash: u32,
			/// The assets that the stash lost.
			assets: Balance,
		},
		/// A class of shares has lost all but a millionth. What is left of it goes to a last batch, and
		/// a new class begins.
		ClassClosed {
			/// The class that was closed.
			class: u32,
			/// The number of its last batch.
			batch: BatchId,
			/// The shares of the class.
			shares: Balance,
			/// The assets that they are worth.
			assets: Balance,
		},
		/// Governance has set parameters.
		ParametersSet {
			/// The parameters that were set.
			parameters: Parameters,
			/// The block from which on they act.
			from: u32,
		},
		/// A stash held something else than the books said. The books follow.
		StashCorrected {
			/// The index of the stash.
			stash: u32,
			/// The assets that it held by the books.
			recorded: Balance,
			/// The assets that it holds.
			found: Balance,
		},
		/// The work of an era began.
		EraWorkStarted {
			/// The era whose work began.
			era: EraIndex,
		},
		/// The work of an era is done.
		EraWorkCompleted {
			/// The era whose work is done.
			era: EraIndex,
		},
		/// The next era began before the plan of this one was decided and nominated. It is given up
		/// for the plan of the next, but for what has to be unbonded.
		PlanSkipped {
			/// The era whose plan was given up.
			era: EraIndex,
		},
		/// A step failed and was undone. The next era takes it up again, unless it is a payout.
		StepFailed {
			/// The step that failed.
			step: Step,
			/// The index of the stash; `None` if the step is not about one.
			stash: Option<u32>,
			/// Why the step failed.
			error: DispatchError,
		},
		/// A stash stakes again what was unbonding, because nobody waits for it any more.
		Rebonded {
			/// The index of the stash.
			stash: u32,
			/// The assets that it stakes again.
			assets: Balance,
		},
		/// There is no room for the report of a stash. Its amount counts with that of another stash, in the
		/// same era.
		ReportMerged {
			/// The index of the stash that was reported.
			stash: u32,
			/// The index of the stash whose report has taken the amount.
			into: u32,
			/// The amount, in assets.
			amount: Balance,
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
		/// The buffer of instant redemptions holds less. Ask for less, or request a redemption.
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
		/// The staking pallet's ledger of a stash has more chunks than the pool's record has room for.
		TooManyChunks,
		/// The redemptions of a batch are for more shares than the batch. Nothing is paid.
		BatchMismatch,
	}

	#[pallet::call]
	impl<T: Config> Pallet<T> {
		/// Brings `assets` into the pool and mints shares at the entry price.
		///
		/// - `assets`: in the smallest unit; at least the minimum deposit.
		/// - `min_shares`: the call fails if it would mint fewer.
		///
		/// Rounded down: `assets * (shares + 1) / (total assets + rewards on the stream + prepaid rewards + 1)`,
		/// where the prepaid rewards are what the next settlements bring, or if that is more, what waits
		/// for one or lies in the reward account.
		#[pallet::call_index(0)]
		#[pallet::weight(T::WeightInfo::deposit())]
		pub fn deposit(
			origin: OriginFor<T>,
			assets: Balance,
			min_shares: Balance,
		) -> DispatchResult {
			let who = ensure_signed(origin)?;
			holders::deposit::<T>(who, Assets(assets), Shares(min_shares))
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
			redemptions::request_redeem::<T>(who, Shares(shares))
		}

		/// Pays `owner` what they have in `batch`. Anybody may call it.
		#[pallet::call_index(2)]
		#[pallet::weight(T::WeightInfo::claim())]
		pub fn claim(origin: OriginFor<T>, batch: BatchId, owner: T::AccountId) -> DispatchResult {
			ensure_signed(origin)?;
			redemptions::claim::<T>(batch, owner)
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
		#[pallet::weight(era::advance_weight::<T>(*max_steps))]
		pub fn advance(origin: OriginFor<T>, max_steps: u32) -> DispatchResultWithPostInfo {
			ensure_signed(origin)?;
			era::advance::<T>(max_steps)
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
			holders::redeem_instantly::<T>(who, Shares(shares), Assets(min_assets))
		}

		/// Sets all parameters. They act [`Config::ParametersDelay`] blocks later, so that whoever
		/// does not agree can leave before; until then another call replaces them.
		///
		/// Each lies between its value in [`Config::MinParameters`] and in [`Config::MaxParameters`].
		#[pallet::call_index(5)]
		#[pallet::weight(T::WeightInfo::set_parameters())]
		pub fn set_parameters(origin: OriginFor<T>, parameters: Parameters) -> DispatchResult {
			T::AdminOrigin::ensure_origin(origin)?;
			settings::set_parameters::<T>(parameters)
		}

		/// Pays `owner` for all shares of a closed `class` that they hold. Anybody may call it.
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
			redemptions::claim_class::<T>(class, owner)
		}
	}

	#[pallet::hooks]
	impl<T: Config> Hooks<BlockNumberFor<T>> for Pallet<T> {
		/// Before transactions, because `on_idle` starves in full blocks.
		fn on_poll(_now: BlockNumberFor<T>, meter: &mut WeightMeter) {
			era::poll::<T>(meter);
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
			let accounts =
				[Self::pot_account(), Self::reward_account(), T::InsuranceAccount::get()];
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
			views::exchange_rate::<T>()
		}

		/// Assets that belong to the holders, in the smallest unit.
		pub fn total_assets() -> Balance {
			views::total_assets::<T>()
		}

		/// Shares that a deposit of `assets` buys now; `None` if it would fail: it buys none, or is below the
		/// minimum deposit.
		pub fn preview_deposit(assets: Balance) -> Option<Balance> {
			views::preview_deposit::<T>(assets)
		}

		/// Assets that `shares` are worth on exit now; `None` if it cannot be converted.
		pub fn preview_redeem(shares: Balance) -> Option<Balance> {
			views::preview_redeem::<T>(shares)
		}

		/// Assets that an instant redemption of `shares` pays now; `None` if it would fail.
		pub fn preview_redeem_instantly(shares: Balance) -> Option<Balance> {
			views::preview_redeem_instantly::<T>(shares)
		}

		/// What the holders have earned in a year, had it gone on as in the last `eras`: a fixed
		/// point number of 18 decimals, negative after a loss. `None` without a rate from then.
		pub fn realised_apr(eras: u32) -> Option<FixedI128> {
			views::realised_apr::<T>(eras)
		}

		/// The unclaimed redemptions of `owner`, oldest first.
		pub fn redemptions_of(owner: T::AccountId) -> Vec<RedemptionInfo> {
			views::redemptions_of::<T>(owner)
		}

		/// The most assets that `who` can deposit now; zero if deposits fail.
		pub fn max_deposit(who: T::AccountId) -> Balance {
			views::max_deposit::<T>(who)
		}

		/// The most shares for which `owner` can ask with [`Pallet::request_redeem`]: all that they have.
		pub fn max_redeem(owner: T::AccountId) -> Balance {
			views::max_redeem::<T>(&owner)
		}

		/// The most shares that `owner` can redeem with [`Pallet::redeem_instantly`] now, as far as the
		/// buffer goes; zero while reports are pending.
		pub fn max_redeem_instantly(owner: T::AccountId) -> Balance {
			views::max_redeem_instantly::<T>(&owner)
		}

		/// What instant redemptions can take now, and at which fee.
		pub fn instant_capacity() -> InstantCapacity {
			views::instant_capacity::<T>()
		}

		/// The parameters that act now, and those that follow them from a block on.
		pub fn parameters_in_force() -> Option<(Parameters, Option<(u32, Parameters)>)> {
			views::parameters_in_force::<T>()
		}

		/// The class of shares that deposits buy now, and the asset that is its token.
		pub fn share_class() -> (u32, ShareIdOf<T>) {
			views::share_class::<T>()
		}

		/// All stashes in use.
		pub fn stashes() -> Vec<StashInfo<T::AccountId>> {
			views::stashes::<T>()
		}
	}
}
