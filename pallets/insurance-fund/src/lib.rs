// SPDX-License-Identifier: Apache-2.0

#![doc = include_str!("../README.md")]
//!
//! ## The worked example as a test
#![doc = docify::embed!("src/tests/story.rs", a_slash_and_who_pays_for_it)]
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

mod account;
#[cfg(feature = "runtime-benchmarks")]
pub mod benchmarking;
mod books;
mod claims;
mod cover;
mod era;
mod governance;
pub mod migrations;
mod parameters;
mod positions;
mod reports;
mod reserve;
mod stored;
#[cfg(any(feature = "std", feature = "try-runtime"))]
mod try_state;
mod underwriters;
mod views;
pub mod weights;

#[cfg(test)]
mod mock;
#[cfg(test)]
mod tests;

#[cfg(feature = "runtime-benchmarks")]
pub use benchmarking::BenchmarkHelper;
pub use books::{Blocked, ClosedClass, FundState, EXTRA_ERAS, WINDOW};
pub use claims::{
	Applied, CannotLeave, Change, ClaimLedger, Departure, NoRoom, Outcome, Provision, ProvisionId,
	ProvisionLedger, Updated, Withheld, WithheldPart,
};
pub use pallet::*;
pub use parameters::Parameters;
pub use positions::{Position, Request, RequestId};
pub use stored::Ledger;
pub use weights::WeightInfo;

/// The log target of this pallet.
const LOG_TARGET: &str = "runtime::insurance-fund";

// FRAME's macros expect.
#[allow(clippy::expect_used)]
#[frame_support::pallet]
pub mod pallet {
	use super::{
		ClaimLedger, FundState, Ledger, Outcome, Parameters, Position, Provision, ProvisionId,
		RequestId, WeightInfo, Withheld,
	};
	use alloc::vec::Vec;
	use frame_support::{
		pallet_prelude::*,
		traits::fungible::{Inspect, Mutate},
		weights::WeightMeter,
		PalletId,
	};
	use frame_system::pallet_prelude::*;
	use holdfast_primitives::{
		Assets, Balance, ClaimId, ClaimInfo, ClaimState, Coverage, EraIndex, InsuredPool,
		OperatorBonds, OperatorRisk, Paid, Payout, Schedule, Shares, SlashModel,
	};
	use sp_runtime::Perbill;

	#[cfg(feature = "runtime-benchmarks")]
	use super::BenchmarkHelper;

	/// The in-code storage version.
	const STORAGE_VERSION: StorageVersion = StorageVersion::new(2);

	#[pallet::pallet]
	#[pallet::storage_version(STORAGE_VERSION)]
	pub struct Pallet<T>(_);

	#[pallet::config]
	pub trait Config: frame_system::Config<RuntimeEvent: From<Event<Self>>> {
		/// HOLD, the native token, in its smallest unit.
		type Currency: Mutate<Self::AccountId> + Inspect<Self::AccountId, Balance = Balance>;

		/// The pool that is insured.
		type Pool: InsuredPool<Self::AccountId>;

		/// The bonds of operators, which pay first.
		type Bonds: OperatorBonds<Self::AccountId>;

		/// What operators could make the pool lose.
		type Risk: OperatorRisk;

		/// What the chain's staking pallet takes.
		type Slashes: SlashModel;

		/// The era whose validators are at work. `None` before the first era.
		type ActiveEra: Get<Option<EraIndex>>;

		/// Eras until unbonded stake can be withdrawn.
		type BondingDuration: Get<EraIndex>;

		/// The origin that sets the parameters.
		type AdminOrigin: EnsureOrigin<Self::RuntimeOrigin>;

		/// The id from which the fund's account is derived.
		#[pallet::constant]
		type PalletId: Get<PalletId>;

		/// The most claims that are open at once: as many as the pool has reports.
		#[pallet::constant]
		type MaxClaims: Get<u32>;

		/// The most eras in which open reports may be due: more than slashes are deferred.
		#[pallet::constant]
		type MaxProvisions: Get<u32>;

		/// The most validators whose operators' bonds are looked up, to tell what these will pay of open
		/// reports: those validators with most reported. Other bonds do not count before they have paid.
		#[pallet::constant]
		type MaxBonds: Get<u32>;

		/// The most past claims that are kept for those who ask.
		#[pallet::constant]
		type MaxHistory: Get<u32>;

		/// The most requests to withdraw that one underwriter can have.
		#[pallet::constant]
		type MaxRequests: Get<u32>;

		/// The parameters until governance sets others.
		#[pallet::constant]
		type DefaultParameters: Get<Parameters>;

		/// The least that governance may set, field by field.
		#[pallet::constant]
		type MinParameters: Get<Parameters>;

		/// The most that governance may set, field by field.
		#[pallet::constant]
		type MaxParameters: Get<Parameters>;

		/// Blocks until new parameters act. It is longer than a withdrawal takes.
		#[pallet::constant]
		type ParametersDelay: Get<u32>;

		/// Weights of calls and of what the pool asks.
		type WeightInfo: WeightInfo;

		/// Prepares other pallets for benchmarks.
		#[cfg(feature = "runtime-benchmarks")]
		type BenchmarkHelper: BenchmarkHelper<Self::AccountId>;
	}

	/// What an underwriter has, as this pallet stores it.
	pub type PositionOf<T> = Position<<T as Config>::MaxRequests>;

	/// What was withheld from a leaver, as this pallet stores it.
	pub type WithheldOf<T> =
		Withheld<<T as frame_system::Config>::AccountId, <T as Config>::MaxProvisions>;

	/// The open claims with the provisions for them, in memory.
	pub type LedgerOf<T> = ClaimLedger<
		<T as frame_system::Config>::AccountId,
		<T as Config>::MaxClaims,
		<T as Config>::MaxProvisions,
	>;

	/// The open claims, as this pallet stores them.
	pub type ClaimsOf<T> =
		BoundedVec<ClaimInfo<<T as frame_system::Config>::AccountId>, <T as Config>::MaxClaims>;

	/// The provisions, as this pallet stores them.
	pub type ProvisionsOf<T> = BoundedVec<Provision, <T as Config>::MaxProvisions>;

	/// The past claims, as this pallet stores them.
	pub type HistoryOf<T> =
		BoundedVec<ClaimInfo<<T as frame_system::Config>::AccountId>, <T as Config>::MaxHistory>;

	/// The books before anything has happened, and until the first era begins.
	pub struct EmptyFund<T>(core::marker::PhantomData<T>);

	impl<T: Config> Get<FundState> for EmptyFund<T> {
		fn get() -> FundState {
			FundState::new(&T::DefaultParameters::get())
		}
	}

	/// The books of the fund.
	#[pallet::storage]
	pub type Fund<T: Config> = StorageValue<_, FundState, ValueQuery, EmptyFund<T>>;

	/// The schedule before governance has set anything.
	pub struct DefaultSchedule<T>(core::marker::PhantomData<T>);

	impl<T: Config> Get<Schedule<Parameters>> for DefaultSchedule<T> {
		fn get() -> Schedule<Parameters> {
			Schedule { current: T::DefaultParameters::get(), next: None }
		}
	}

	/// The parameters that act now, and those that follow them.
	#[pallet::storage]
	#[pallet::storage_prefix = "Parameters"]
	pub type ParametersSchedule<T: Config> =
		StorageValue<_, Schedule<Parameters>, ValueQuery, DefaultSchedule<T>>;

	/// What each underwriter has.
	#[pallet::storage]
	pub type Underwriters<T: Config> =
		StorageMap<_, Blake2_128Concat, T::AccountId, PositionOf<T>, ValueQuery>;

	/// Open claims, oldest first.
	#[pallet::storage]
	#[pallet::storage_prefix = "OpenClaims"]
	pub type Claims<T: Config> = StorageValue<_, ClaimsOf<T>, ValueQuery>;

	/// The past claims, oldest first: as many as are kept.
	#[pallet::storage]
	pub type History<T: Config> = StorageValue<_, HistoryOf<T>, ValueQuery>;

	/// The open reports by the era in which they are due.
	#[pallet::storage]
	pub type Provisions<T: Config> = StorageValue<_, ProvisionsOf<T>, ValueQuery>;

	/// What provisions whose reports are resolved still hold for leavers.
	#[pallet::storage]
	pub type Outcomes<T: Config> = StorageMap<_, Twox64Concat, ProvisionId, Outcome>;

	/// What is withheld from leavers, by the request that they were paid for.
	#[pallet::storage]
	pub type Leavers<T: Config> = StorageMap<_, Twox64Concat, RequestId, WithheldOf<T>>;

	#[pallet::genesis_config]
	#[derive(frame_support::DefaultNoBound)]
	pub struct GenesisConfig<T: Config> {
		#[serde(skip)]
		#[doc(hidden)]
		pub _config: core::marker::PhantomData<T>,
	}

	#[pallet::genesis_build]
	impl<T: Config> BuildGenesisConfig for GenesisConfig<T> {
		fn build(&self) {
			Pallet::<T>::endow_account();
		}
	}

	#[pallet::event]
	#[pallet::generate_deposit(pub(super) fn deposit_event)]
	pub enum Event<T: Config> {
		/// An underwriter brought `assets` and got `shares`.
		Underwritten {
			/// The underwriter who has paid in.
			who: T::AccountId,
			/// The assets that were brought, in the smallest unit of HOLD.
			assets: Balance,
			/// The shares that were issued for them.
			shares: Balance,
		},
		/// An underwriter asked to withdraw `shares`.
		WithdrawalRequested {
			/// The underwriter who wants to leave.
			who: T::AccountId,
			/// The number of the request.
			request: RequestId,
			/// The shares to withdraw.
			shares: Balance,
			/// The era from which on they can be withdrawn.
			matures_in: EraIndex,
		},
		/// An underwriter gave `shares` back and was paid.
		Withdrawn {
			/// The underwriter who has left.
			who: T::AccountId,
			/// The number of the request.
			request: RequestId,
			/// The shares that were given back.
			shares: Balance,
			/// The assets that were paid, in the smallest unit of HOLD.
			assets: Balance,
			/// The assets that are withheld for open reports, in the smallest unit of HOLD.
			withheld: Balance,
		},
		/// A leaver was paid what had been withheld for reports that are resolved, less what was paid
		/// for these.
		WithheldPaid {
			/// The underwriter who had left.
			who: T::AccountId,
			/// The number of the request for which it was withheld.
			request: RequestId,
			/// The assets that were paid, in the smallest unit of HOLD.
			assets: Balance,
		},
		/// Somebody gave `assets` to the reserve.
		ReserveToppedUp {
			/// The account that has paid.
			who: T::AccountId,
			/// The assets that were given, in the smallest unit of HOLD.
			assets: Balance,
		},
		/// An operator repaid a part of its debt. It goes to the reserve.
		DebtRepaid {
			/// The assets that were repaid, in the smallest unit of HOLD.
			assets: Balance,
		},
		/// Premium and fee came in from the pool.
		Collected {
			/// The underwriters' assets, in the smallest unit of HOLD. They are released over the next
			/// era.
			premium: Balance,
			/// The reserve's assets, in the smallest unit of HOLD.
			fee: Balance,
		},
		/// What was sent to the fund's account without a call went to the reserve.
		Swept {
			/// The assets that were found, in the smallest unit of HOLD.
			assets: Balance,
		},
		/// An era began, and its target and premium were set.
		TargetSet {
			/// The era that began.
			era: EraIndex,
			/// What the fund should be able to pay for the slashes that are due in one era, in the
			/// smallest unit of HOLD.
			target: Balance,
			/// What the fund could pay for them, in the smallest unit of HOLD.
			assets: Balance,
			/// The part of the rewards that is the underwriters' premium.
			premium: Perbill,
		},
		/// Slashes were reported. Their amount is provisioned.
		ClaimOpened {
			/// The number of the claim.
			claim: ClaimId,
			/// The validator that offended.
			validator: T::AccountId,
			/// The era in which the slashes are due.
			applied_in: EraIndex,
			/// What the pool stands to lose by them, in the smallest unit of HOLD.
			amount: Balance,
		},
		/// More was reported for a claim, or a part of it was cancelled.
		ClaimChanged {
			/// The number of the claim.
			claim: ClaimId,
			/// What is provisioned for it now, in the smallest unit of HOLD.
			amount: Balance,
		},
		/// Nothing of a claim is open any more. What was still provisioned for it is released.
		ClaimReleased {
			/// The number of the claim.
			claim: ClaimId,
			/// What was released, in the smallest unit of HOLD.
			amount: Balance,
			/// What became of the claim.
			state: ClaimState,
		},
		/// Slashes were reported, and there is no room for another claim, or for another era. Nothing is
		/// provisioned for them; they will be paid for.
		NotProvisioned {
			/// The validator that offended.
			validator: T::AccountId,
			/// The era in which the slashes are due.
			applied_in: EraIndex,
			/// What the pool stands to lose by them, in the smallest unit of HOLD.
			amount: Balance,
		},
		/// A slash landed and was paid for. The pool bears what was not paid.
		LossCovered {
			/// The number of the claim.
			claim: ClaimId,
			/// The stash that was slashed.
			stash: T::AccountId,
			/// The validator that offended. `None` if the slash came without a report.
			validator: Option<T::AccountId>,
			/// What the stash has lost, in the smallest unit of HOLD.
			loss: Balance,
			/// What each tranche has paid of the loss, in the smallest unit of HOLD.
			paid: Paid,
		},
		/// The underwriters have lost all but a millionth. Their shares are void, and a new class of
		/// shares begins.
		ClassClosed {
			/// The class of shares that is void.
			class: u32,
			/// What was left of its assets, in the smallest unit of HOLD. It went to the reserve.
			rest: Balance,
		},
		/// Governance has set parameters.
		ParametersSet {
			/// The parameters that were set.
			parameters: Parameters,
			/// The block from which on they act.
			from: u32,
		},
		/// What is stored cannot be decoded. It is left as it is, and the block went on without it. What
		/// would have been booked there was not.
		Undecodable {
			/// The ledger that cannot be decoded.
			ledger: Ledger,
		},
	}

	#[pallet::error]
	pub enum Error<T> {
		/// The assets are less than the least that is accepted.
		TooLittle,
		/// The assets would buy fewer shares than the caller demands, or none.
		SharesBelowMinimum,
		/// The caller has fewer shares that it has not asked to withdraw.
		InsufficientShares,
		/// The caller has as many requests as there can be.
		TooManyRequests,
		/// The caller has made no such request, or its shares are void.
		UnknownRequest,
		/// The request can be paid in a later era.
		NotMature,
		/// The request was not followed up in time. The shares are as if it had not been made.
		Lapsed,
		/// Slashes were reported that the pool has not read yet. It does so in the next blocks.
		ReportsPending,
		/// All that the shares are worth is withheld for open reports.
		AllWithheld,
		/// A parameter is out of its bounds.
		ParameterOutOfBounds,
		/// What is stored of the fund, or of the caller, cannot be decoded. Nothing is done before that
		/// is repaired.
		Undecodable,
		/// There are more provisions than there is room for in what is withheld from a leaver. This is a
		/// defect of the pallet: both lists have the same bound.
		NoRoomToWithhold,
	}

	#[pallet::call]
	impl<T: Config> Pallet<T> {
		/// Brings `assets` into the fund for shares of what the underwriters have.
		///
		/// - `assets`: in the smallest unit of HOLD; at least the minimum.
		/// - `min_shares`: the call fails if it would issue fewer shares.
		///
		/// Shares are rounded down: `assets * (shares + 1) / (underwriters' assets + 1)`. Open reports do not
		/// lower the price.
		#[pallet::call_index(0)]
		#[pallet::weight(T::WeightInfo::underwrite())]
		pub fn underwrite(
			origin: OriginFor<T>,
			assets: Balance,
			min_shares: Balance,
		) -> DispatchResult {
			let who = ensure_signed(origin)?;
			Self::do_underwrite(who, Assets(assets), Shares(min_shares))
		}

		/// Asks to withdraw `shares`, a bonding duration and [`crate::EXTRA_ERAS`] from now. Until then,
		/// and until they are paid, they are liable and earn like all others.
		#[pallet::call_index(1)]
		#[pallet::weight(T::WeightInfo::request_withdraw())]
		pub fn request_withdraw(origin: OriginFor<T>, shares: Balance) -> DispatchResult {
			let who = ensure_signed(origin)?;
			Self::do_request_withdraw(who, Shares(shares))
		}

		/// Pays for the shares of a `request` that is mature, without their part of open reports. If that
		/// was done, pays what was withheld for reports that are resolved.
		///
		/// Fails with [`Error::Lapsed`] from [`crate::WINDOW`] eras after the request is mature, with
		/// [`Error::AllWithheld`] if there is nothing to pay yet, and with [`Error::ReportsPending`] for a
		/// block or two after a report. If so much was reported meanwhile that nobody could leave, the
		/// request lapses [`crate::WINDOW`] eras after the era in which that ended.
		///
		/// Charged for what was done of it.
		#[pallet::call_index(2)]
		#[pallet::weight(Pallet::<T>::most_of_withdraw())]
		pub fn withdraw(origin: OriginFor<T>, request: RequestId) -> DispatchResultWithPostInfo {
			let who = ensure_signed(origin)?;
			Self::do_withdraw(who, request)
		}

		/// Gives `assets`, in the smallest unit of HOLD, to the reserve, for good.
		#[pallet::call_index(3)]
		#[pallet::weight(T::WeightInfo::top_up_reserve())]
		pub fn top_up_reserve(origin: OriginFor<T>, assets: Balance) -> DispatchResult {
			let who = ensure_signed(origin)?;
			Self::do_top_up_reserve(who, Assets(assets))
		}

		/// Sets all parameters. They act [`Config::ParametersDelay`] blocks later, so that those who
		/// do not agree can leave before. Until then another call replaces them.
		///
		/// Each lies between its value in [`Config::MinParameters`] and in [`Config::MaxParameters`].
		#[pallet::call_index(4)]
		#[pallet::weight(T::WeightInfo::set_parameters())]
		pub fn set_parameters(origin: OriginFor<T>, parameters: Parameters) -> DispatchResult {
			T::AdminOrigin::ensure_origin(origin)?;
			Self::do_set_parameters(parameters)
		}
	}

	#[pallet::hooks]
	impl<T: Config> Hooks<BlockNumberFor<T>> for Pallet<T> {
		/// Before transactions, because `on_idle` starves in full blocks.
		fn on_poll(_now: BlockNumberFor<T>, meter: &mut WeightMeter) {
			Self::poll(meter);
		}

		fn integrity_test() {
			let (min, max) = (T::MinParameters::get(), T::MaxParameters::get());
			assert!(
				T::DefaultParameters::get().within(&min, &max) && min.min_underwriting > 0,
				"the default parameters are out of bounds"
			);
			assert!(
				T::MaxBonds::get() <= T::MaxClaims::get(),
				"more bonds are looked up than there are claims"
			);
			assert!(
				T::MaxClaims::get() > 0
					&& T::MaxProvisions::get() > 0
					&& T::MaxHistory::get() > 0
					&& T::MaxRequests::get() > 0,
				"there is room for one of each"
			);
		}

		#[cfg(feature = "try-runtime")]
		fn try_state(_now: BlockNumberFor<T>) -> Result<(), sp_runtime::TryRuntimeError> {
			Self::do_try_state()
		}
	}

	#[pallet::view_functions]
	impl<T: Config> Pallet<T> {
		/// How far the fund lasts.
		pub fn coverage() -> Coverage {
			Self::view_coverage()
		}

		/// What would be paid if `validator` were slashed by `fraction` and nothing else were: the most
		/// that the pool could lose, and who would pay for that.
		pub fn preview_payout(validator: T::AccountId, fraction: Perbill) -> Payout {
			Self::view_preview_payout(&validator, fraction)
		}

		/// The claims from number `from` on, oldest first: all that are open, and the past claims that are
		/// kept, but no more than [`Config::MaxHistory`]. Ask again from the number after the last.
		pub fn claims(from: ClaimId) -> Vec<ClaimInfo<T::AccountId>> {
			Self::view_claims(from)
		}

		/// Shares that `assets` buy now; `None` if they buy none.
		pub fn preview_underwrite(assets: Balance) -> Option<Balance> {
			Self::view_preview_underwrite(Assets(assets)).map(|shares| shares.0)
		}
	}
}
