// SPDX-License-Identifier: Apache-2.0

//! # Insurance fund
//!
//! Pays for slashes of the pool in the block in which they land, so that the holders keep their
//! rate as long as the fund lasts.
//!
//! ## Terms
//!
//! - *underwriter*: who brings assets (HOLD) to pay for losses, gets shares of what all underwriters
//!   have, and earns a premium. *reserve*: assets that are nobody's, built from fees.
//! - *report*: a slash that is computed and not applied. *claim*: all reports on one validator that
//!   are due in one era. *provision*: the sum of the reports that are due in one era.
//! - *leaver*: an underwriter who was paid but for what is withheld for reports that were open.
//!
//! ## Example
//!
//! A slash that the bond of the operator does not pay in full, with an underwriter and a reserve:
#![doc = docify::embed!("src/tests/story.rs", a_slash_and_who_pays_for_it)]
//!
//! ## Who pays for a loss
//!
//! One pass, in this order, each as far as it goes:
//!
//! 1. the bond of the operator of the validator that was reported, which keeps the rest as a debt;
//! 2. underwriters, and leavers for their part of the provision from which they were withheld;
//! 3. the reserve, up to [`Parameters::reserve_limit`] for all that is due in one era;
//! 4. nobody: the pool shares the rest among its holders and unpaid batches.
//!
//! What an operator repays later goes to the reserve: the underwriters who paid may have left, and
//! others may have come for it.
//!
//! ## What becomes of a report
//!
//! | state | the fund |
//! | --- | --- |
//! | open | provisions its amount, as the chain has computed it; pays nothing |
//! | applied | has paid for what the chain has taken, in the same block; once |
//! | cancelled, or expired | has released the provision |
//!
//! While reports are open, the fund tells the pool which part of them nobody would pay: all of them, less
//! what the bonds of the operators hold, the underwriters, the leavers, and the reserve for one era. A
//! bond counts once, however many validators of its operator are reported.
//!
//! A provision holds back withdrawals. It is no budget: it does not keep back payments for another
//! slash, nor the premium, which is therefore not to be had by inventing reports.
//!
//! ## Underwriting
//!
//! ```text
//! entry price = (underwriters' assets + 1) / (shares + 1)
//! exit price  = (underwriters' assets - premium to be released + 1) / (shares + 1)
//! ```
//!
//! Only the premium raises the price of a share; it is released over the era after it came in. Who
//! enters pays for all of it, and whatever is reported. Who leaves has asked for it a bonding
//! duration and [`EXTRA_ERAS`] before, was liable and has earned all the time, and leaves his part of
//! every open report behind: exactly what he would bear if he stayed. He is paid what is left of it
//! when the reports of that era are gone. A request that nobody follows up for [`WINDOW`] eras has
//! lapsed; its shares stay where they are.
//!
//! If the underwriters lose all but a millionth, the shares are void and a new class begins.
//!
//! ## The life of an era
//!
//! | when | what |
//! | --- | --- |
//! | a slash lands | it is paid |
//! | first block | what was sent to the fund's account goes to the reserve; target and premium are computed |
//! | the pool settles | premium and fee come in |
//! | the pool has read the reports | claims open, change, and are released |
//!
//! ## Target and premium
//!
//! The target is the largest loss that any one operator could cause now, on top of the losses that
//! are expected while stake unbonds; at least a floor, at most a cap. It is compared with what can be
//! paid in one era: the underwriters' assets and, of the reserve, [`Parameters::reserve_limit`]. A
//! reserve as large as the target of which half may be paid is half of it. The premium is a part of the
//! rewards, `min + (max - min) * (1 - payable / target)^2`, and at most a part of the underwriters'
//! assets. The reserve takes its part of the fee until the target can be paid. Where slashes cannot hit
//! those who nominate, the target is the floor and the premium the least.
//!
//! ## Who may call what
//!
//! [`Pallet::underwrite`], [`Pallet::request_withdraw`], [`Pallet::withdraw`]: anybody, for himself.
//! [`Pallet::top_up_reserve`]: anybody. [`Pallet::set_parameters`]: [`Config::AdminOrigin`]. No call
//! takes anything out of the reserve.
//!
//! ## What can go wrong
//!
//! - More is reported than the underwriters have: nobody can leave until that is over, because all
//!   that he has is withheld. Requests that could have been followed up meanwhile do not lapse, but
//!   [`WINDOW`] eras later.
//! - What is stored cannot be decoded: calls fail with [`Error::Undecodable`]; what the pool asks and a
//!   slash go on without it, leave it as it is, and say so in an event.
//! - The payment of a loss fails: nothing is booked, and the holders bear the loss. It cannot unless
//!   the fund's account holds less than its books, which is an invariant.

#![cfg_attr(not(feature = "std"), no_std)]

extern crate alloc;

#[cfg(feature = "runtime-benchmarks")]
pub mod benchmarking;
mod books;
mod calls;
mod claims;
mod cover;
mod era;
mod ledgers;
pub mod migrations;
mod parameters;
#[cfg(any(feature = "std", feature = "try-runtime"))]
mod try_state;
mod types;
mod views;
pub mod weights;

#[cfg(test)]
mod mock;
#[cfg(test)]
mod tests;

#[cfg(feature = "runtime-benchmarks")]
pub use benchmarking::BenchmarkHelper;
pub use books::*;
pub use ledgers::Ledger;
pub use pallet::*;
pub use parameters::*;
pub use types::*;
pub use weights::WeightInfo;

/// The log target of this pallet.
const LOG_TARGET: &str = "runtime::insurance-fund";

#[frame_support::pallet]
pub mod pallet {
	use super::*;
	use alloc::vec::Vec;
	use frame_support::{
		pallet_prelude::*,
		traits::{
			fungible::{Inspect, Mutate},
			tokens::Preservation,
		},
		weights::WeightMeter,
		PalletId,
	};
	use frame_system::pallet_prelude::*;
	use holdfast_primitives::{
		Balance, ClaimId, ClaimInfo, ClaimState, Coverage, EraIndex, InsuredPool, OperatorBonds,
		OperatorRisk, Paid, Payout, Schedule, SlashModel,
	};
	use sp_runtime::Perbill;

	/// The in-code storage version.
	const STORAGE_VERSION: StorageVersion = StorageVersion::new(2);

	#[pallet::pallet]
	#[pallet::storage_version(STORAGE_VERSION)]
	pub struct Pallet<T>(_);

	#[pallet::config]
	pub trait Config: frame_system::Config<RuntimeEvent: From<Event<Self>>> {
		/// The native token.
		type Currency: Mutate<Self::AccountId> + Inspect<Self::AccountId, Balance = Balance>;

		/// The pool that is insured.
		type Pool: InsuredPool<Self::AccountId>;

		/// The bonds of operators, which pay first.
		type Bonds: OperatorBonds<Self::AccountId>;

		/// What operators could make the pool lose.
		type Risk: OperatorRisk;

		/// What the chain's staking pallet takes.
		type Slashes: SlashModel;

		/// The era whose validators are at work. `None` before the first.
		type ActiveEra: Get<Option<EraIndex>>;

		/// Eras until unbonded stake can be withdrawn.
		type BondingDuration: Get<EraIndex>;

		/// Sets the parameters.
		type AdminOrigin: EnsureOrigin<Self::RuntimeOrigin>;

		/// From which the fund's account is derived.
		#[pallet::constant]
		type PalletId: Get<PalletId>;

		/// The most claims that are open at once: as many as the pool has reports.
		#[pallet::constant]
		type MaxClaims: Get<u32>;

		/// The most eras in which open reports may be due: more than slashes are deferred.
		#[pallet::constant]
		type MaxProvisions: Get<u32>;

		/// The most validators of which the operators' bonds are looked up to tell what they will pay of
		/// open reports: those with most reported. The others' do not count before they have paid.
		#[pallet::constant]
		type MaxBonds: Get<u32>;

		/// The most claims that are not open any more and kept for those who ask.
		#[pallet::constant]
		type MaxHistory: Get<u32>;

		/// The most requests to withdraw of one underwriter.
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

		/// Blocks until new parameters act: longer than it takes to withdraw.
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

	/// The open claims, as this pallet stores them.
	pub type ClaimsOf<T> =
		BoundedVec<ClaimInfo<<T as frame_system::Config>::AccountId>, <T as Config>::MaxClaims>;

	/// The provisions, as this pallet stores them.
	pub type ProvisionsOf<T> = BoundedVec<Provision, <T as Config>::MaxProvisions>;

	/// The claims that were open last, as this pallet stores them.
	pub type HistoryOf<T> =
		BoundedVec<ClaimInfo<<T as frame_system::Config>::AccountId>, <T as Config>::MaxHistory>;

	/// The books before anything has happened, and until the first era begins.
	pub struct EmptyFund<T>(core::marker::PhantomData<T>);

	impl<T: Config> Get<FundState> for EmptyFund<T> {
		fn get() -> FundState {
			let parameters = T::DefaultParameters::get();
			FundState {
				limit: parameters.reserve_limit,
				target: parameters.target(0, 0),
				slashable: true,
				..Default::default()
			}
		}
	}

	/// The books.
	#[pallet::storage]
	pub type Fund<T: Config> = StorageValue<_, FundState, ValueQuery, EmptyFund<T>>;

	/// The schedule before governance has set anything.
	pub struct DefaultSchedule<T>(core::marker::PhantomData<T>);

	impl<T: Config> Get<Schedule<Parameters>> for DefaultSchedule<T> {
		fn get() -> Schedule<Parameters> {
			Schedule { current: T::DefaultParameters::get(), next: None }
		}
	}

	/// What governance has set.
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

	/// The claims that were open last.
	#[pallet::storage]
	pub type History<T: Config> = StorageValue<_, HistoryOf<T>, ValueQuery>;

	/// The open reports by the era in which they are due.
	#[pallet::storage]
	pub type Provisions<T: Config> = StorageValue<_, ProvisionsOf<T>, ValueQuery>;

	/// What is left for leavers of provisions whose reports are gone.
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
		/// Endows the fund's account with the existential deposit, which never counts as an asset
		/// of the fund, unless the pool has done so.
		fn build(&self) {
			let (account, deposit) = (Pallet::<T>::account(), T::Currency::minimum_balance());
			if T::Currency::total_balance(&account) < deposit {
				let endowed = T::Currency::mint_into(&account, deposit);
				assert!(endowed.is_ok(), "the issuance at genesis leaves room for the endowment");
			}
		}
	}

	#[pallet::event]
	#[pallet::generate_deposit(pub(super) fn deposit_event)]
	pub enum Event<T: Config> {
		/// `who` brought `assets` and got `shares`.
		Underwritten {
			/// The underwriter.
			who: T::AccountId,
			/// Assets brought.
			assets: Balance,
			/// Shares issued.
			shares: Balance,
		},
		/// `who` wants to withdraw `shares`.
		WithdrawalRequested {
			/// The underwriter.
			who: T::AccountId,
			/// Number of the request.
			request: RequestId,
			/// How many shares.
			shares: Balance,
			/// The era from which on they can be withdrawn.
			matures_in: EraIndex,
		},
		/// `who` gave back `shares` and was paid.
		Withdrawn {
			/// The underwriter.
			who: T::AccountId,
			/// Number of the request.
			request: RequestId,
			/// How many shares.
			shares: Balance,
			/// What he was paid.
			assets: Balance,
			/// What is withheld from him for open reports.
			withheld: Balance,
		},
		/// `who` was paid what had been withheld for reports that are gone, and not paid for them.
		WithheldPaid {
			/// Who had left.
			who: T::AccountId,
			/// Number of the request.
			request: RequestId,
			/// How much.
			assets: Balance,
		},
		/// `who` gave `assets` to the reserve.
		ReserveToppedUp {
			/// The giver.
			who: T::AccountId,
			/// How much.
			assets: Balance,
		},
		/// An operator repaid a part of its debt. It goes to the reserve.
		DebtRepaid {
			/// How much.
			assets: Balance,
		},
		/// Premium and fee came in from the pool.
		Collected {
			/// For the underwriters. It is released to them over the next era.
			premium: Balance,
			/// For the reserve.
			fee: Balance,
		},
		/// What was sent to the fund's account went to the reserve.
		Swept {
			/// How much.
			assets: Balance,
		},
		/// Target and premium of an era.
		TargetSet {
			/// The era.
			era: EraIndex,
			/// What the fund should be able to pay.
			target: Balance,
			/// What it could pay for the slashes that are due in one era.
			assets: Balance,
			/// The part of the rewards that is the premium.
			premium: Perbill,
		},
		/// Slashes were reported. Their amount is provisioned.
		ClaimOpened {
			/// Number of the claim.
			claim: ClaimId,
			/// The validator that offended.
			validator: T::AccountId,
			/// The era in which they are due.
			applied_in: EraIndex,
			/// What the pool stands to lose.
			amount: Balance,
		},
		/// More was reported for a claim, or a part of it was cancelled.
		ClaimChanged {
			/// Number of the claim.
			claim: ClaimId,
			/// What is provisioned for it now.
			amount: Balance,
		},
		/// What was still provisioned for a claim is released.
		ClaimReleased {
			/// Number of the claim.
			claim: ClaimId,
			/// How much.
			amount: Balance,
			/// What became of the claim.
			state: ClaimState,
		},
		/// There is no room for another claim. Nothing is provisioned for it; it will be paid for.
		NotProvisioned {
			/// The validator that offended.
			validator: T::AccountId,
			/// The era in which the slashes are due.
			applied_in: EraIndex,
			/// What the pool stands to lose.
			amount: Balance,
		},
		/// A slash landed and was paid for. The pool bears what was not paid.
		LossCovered {
			/// Number of the claim.
			claim: ClaimId,
			/// The stash that was slashed.
			stash: T::AccountId,
			/// The validator, if that was reported.
			validator: Option<T::AccountId>,
			/// What the stash has lost.
			loss: Balance,
			/// Who has paid how much of it.
			paid: Paid,
		},
		/// The underwriters have lost all but a millionth. Their shares are void.
		ClassClosed {
			/// The class of shares.
			class: u32,
			/// What was left. It goes to the reserve.
			rest: Balance,
		},
		/// Governance has set parameters.
		ParametersSet {
			/// The parameters.
			parameters: Parameters,
			/// The block from which on they act.
			from: u32,
		},
		/// What is stored cannot be decoded. It is left as it is, and the block went on without it: of
		/// what it was needed for, nothing was booked.
		Undecodable {
			/// What.
			ledger: Ledger,
		},
	}

	#[pallet::error]
	pub enum Error<T> {
		/// It is less than the least that is accepted.
		TooLittle,
		/// The assets would buy fewer shares than the caller demands, or none.
		SharesBelowMinimum,
		/// The caller has fewer shares that it has not asked to withdraw.
		InsufficientShares,
		/// The caller has as many requests as there can be.
		TooManyRequests,
		/// The caller has made no such request, or its shares are void.
		UnknownRequest,
		/// The request can be followed up in a later era.
		NotMature,
		/// The request was not followed up in time. The shares are as if it had not been made.
		Lapsed,
		/// Slashes were reported that the pool has not read yet. It does so in the next blocks.
		ReportsPending,
		/// All of it is withheld for open reports.
		AllWithheld,
		/// A parameter is out of its bounds.
		ParameterOutOfBounds,
		/// What is stored of the fund, or of the caller, cannot be decoded. Nothing is done before that
		/// is repaired.
		Undecodable,
	}

	#[pallet::call]
	impl<T: Config> Pallet<T> {
		/// Brings `assets` into the fund for shares of what the underwriters have.
		///
		/// - `assets`: in the smallest unit; at least the minimum.
		/// - `min_shares`: the call fails if it would issue fewer.
		///
		/// Rounded down: `assets * (shares + 1) / (underwriters' assets + 1)`. Open reports do not
		/// lower the price.
		#[pallet::call_index(0)]
		#[pallet::weight(T::WeightInfo::underwrite())]
		pub fn underwrite(
			origin: OriginFor<T>,
			assets: Balance,
			min_shares: Balance,
		) -> DispatchResult {
			let who = ensure_signed(origin)?;
			Self::do_underwrite(who, assets, min_shares)
		}

		/// Asks to withdraw `shares`, a bonding duration and [`EXTRA_ERAS`] from now. Until then, and
		/// until they are paid, they are liable and earn like all others.
		#[pallet::call_index(1)]
		#[pallet::weight(T::WeightInfo::request_withdraw())]
		pub fn request_withdraw(origin: OriginFor<T>, shares: Balance) -> DispatchResult {
			let who = ensure_signed(origin)?;
			Self::do_request_withdraw(who, shares)
		}

		/// Pays for the shares of a `request` that is mature, but for their part of open reports; or,
		/// if that was done, what was withheld for reports that are gone.
		///
		/// Fails with [`Error::Lapsed`] from [`WINDOW`] eras after the request is mature, with
		/// [`Error::AllWithheld`] if there is nothing to pay yet, and with
		/// [`Error::ReportsPending`] for a block or two after a report. If so much was reported
		/// meanwhile that nobody could leave, it lapses [`WINDOW`] eras after the era in which that ended.
		///
		/// Charged for what was done of it.
		#[pallet::call_index(2)]
		#[pallet::weight(Pallet::<T>::most_of_withdraw())]
		pub fn withdraw(origin: OriginFor<T>, request: RequestId) -> DispatchResultWithPostInfo {
			let who = ensure_signed(origin)?;
			Self::do_withdraw(who, request)
		}

		/// Gives `assets` to the reserve, for good.
		#[pallet::call_index(3)]
		#[pallet::weight(T::WeightInfo::top_up_reserve())]
		pub fn top_up_reserve(origin: OriginFor<T>, assets: Balance) -> DispatchResult {
			let who = ensure_signed(origin)?;
			Self::do_top_up(who, assets)
		}

		/// Sets all parameters. They act [`Config::ParametersDelay`] blocks later, so that whoever
		/// does not agree can leave before; until then another call replaces them.
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
			Self::view_payout(&validator, fraction)
		}

		/// The claims from number `from` on, oldest first: all that are open, and the last that were,
		/// but no more than [`Config::MaxHistory`]. Ask again from the number after the last.
		pub fn claims(from: ClaimId) -> Vec<ClaimInfo<T::AccountId>> {
			Self::claims_from(from)
		}

		/// Shares that `assets` buy now; `None` if they buy none.
		pub fn preview_underwrite(assets: Balance) -> Option<Balance> {
			Self::shares_for(&Self::books().ok()?, assets).map(|shares| shares.0).ok()
		}
	}

	impl<T: Config> Pallet<T> {
		/// How transfers treat the fund's account and the callers': they stay alive.
		pub(crate) const KEEP: Preservation = Preservation::Preserve;
	}
}
