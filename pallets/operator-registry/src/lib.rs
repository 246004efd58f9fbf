// SPDX-License-Identifier: Apache-2.0

#![doc = include_str!("../README.md")]
//!
//! ## The example as a test
#![doc = docify::embed!("src/tests/story.rs", a_validator_is_nominated_when_both_sides_consent)]
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

pub mod api;
mod assignments;
#[cfg(feature = "runtime-benchmarks")]
mod benchmarking;
mod bonds;
mod clock;
mod debts;
mod failures;
mod genesis;
mod labels;
pub mod migrations;
mod operators;
mod parameters;
mod records;
mod scores;
mod selection;
mod settings;
#[cfg(any(feature = "std", feature = "try-runtime"))]
mod try_state;
mod validators;
mod views;
pub mod weights;

#[cfg(test)]
mod mock;
#[cfg(test)]
mod tests;

pub use assignments::MOST_STASHES;
#[cfg(feature = "runtime-benchmarks")]
pub use benchmarking::BenchmarkHelper;
pub use debts::{Debt, Owed};
pub use holdfast_planner::{Dimension, DIMENSIONS};
pub use labels::{cluster_of, is_label, Attested, Cluster, Label, Profile, UNATTESTED};
pub use pallet::*;
pub use parameters::Parameters;
pub use records::{GuardianRun, Operator, Release, Standing, Validator, MOST_VALIDATORS};
pub use scores::{Fitness, Round, Score, PAGE};
pub use selection::{Diversification, Planned, PlannedChange, Reason, Spread};
pub use weights::WeightInfo;

// FRAME's macros expect.
#[allow(clippy::expect_used)]
#[frame_support::pallet]
pub mod pallet {
	#[cfg(feature = "runtime-benchmarks")]
	use crate::BenchmarkHelper;
	use crate::{
		api::OperatorInfo, bonds, debts, genesis, operators, settings, validators, views,
		weights::WeightInfo, Attested, Cluster, Debt, Diversification, GuardianRun, Operator, Owed,
		Parameters, Planned, Profile, Round, Score, Standing, Validator, MOST_STASHES,
		MOST_VALIDATORS, PAGE,
	};
	use alloc::{string::String, vec::Vec};
	use frame_support::{
		pallet_prelude::*,
		traits::fungible::{Inspect, Mutate, MutateHold},
	};
	use frame_system::pallet_prelude::*;
	use holdfast_primitives::{
		Balance, DebtSink, EraIndex, Schedule, SlashModel, StashAccounts, ValidatorInfo,
	};

	/// The in-code storage version.
	const STORAGE_VERSION: StorageVersion = StorageVersion::new(2);

	#[pallet::pallet]
	#[pallet::storage_version(STORAGE_VERSION)]
	pub struct Pallet<T>(_);

	#[pallet::config]
	pub trait Config: frame_system::Config<RuntimeEvent: From<Event<Self>>> {
		/// The native token, in which bonds are held.
		type Currency: Mutate<Self::AccountId>
			+ Inspect<Self::AccountId, Balance = Balance>
			+ MutateHold<Self::AccountId, Reason = Self::RuntimeHoldReason>;

		/// The overarching hold reason.
		type RuntimeHoldReason: From<HoldReason>;

		/// What the staking pallet knows of validators.
		type Validators: ValidatorInfo<AccountId = Self::AccountId>;

		/// The part of a stake that an offence takes.
		type Slashing: SlashModel;

		/// The pool's stashes: their accounts, and which nominators are among them.
		type Stashes: StashAccounts<Self::AccountId>;

		/// Gets what operators owe: it has paid for their slashes in their place.
		type Creditor: DebtSink<Self::AccountId>;

		/// The registrar, which attests profiles.
		type RegistrarOrigin: EnsureOrigin<Self::RuntimeOrigin>;

		/// The guardian, which suspends operators for a time.
		type GuardianOrigin: EnsureOrigin<Self::RuntimeOrigin>;

		/// Governance, which sets the parameters and lifts suspensions.
		type AdminOrigin: EnsureOrigin<Self::RuntimeOrigin>;

		/// The least that an operator bonds, in the smallest unit.
		#[pallet::constant]
		type MinBond: Get<Balance>;

		/// The most validators in the registry.
		#[pallet::constant]
		type MaxValidators: Get<u32>;

		/// The most validators of one operator's account.
		#[pallet::constant]
		type MaxValidatorsPerOperator: Get<u32>;

		/// The most stashes of the pool.
		#[pallet::constant]
		type MaxStashes: Get<u32>;

		/// The longest suspension, in eras.
		#[pallet::constant]
		type MaxSuspension: Get<EraIndex>;

		/// The parameters until governance sets others.
		#[pallet::constant]
		type DefaultParameters: Get<Parameters>;

		/// The least that governance may set, field by field.
		#[pallet::constant]
		type MinParameters: Get<Parameters>;

		/// The most that governance may set, field by field. A cap of all would let one operator, or one
		/// place, lose all of the pool's stake.
		#[pallet::constant]
		type MaxParameters: Get<Parameters>;

		/// Blocks until new parameters act. It is longer than it takes to leave the pool, and to withdraw
		/// from the fund.
		#[pallet::constant]
		type ParametersDelay: Get<u32>;

		/// Weights of calls and steps.
		type WeightInfo: WeightInfo;

		/// Prepares the staking pallet for benchmarks.
		#[cfg(feature = "runtime-benchmarks")]
		type BenchmarkHelper: BenchmarkHelper<Self::AccountId>;
	}

	/// Why funds are held.
	#[pallet::composite_enum]
	pub enum HoldReason {
		/// The bond of an operator.
		OperatorBond,
	}

	/// An operator as this pallet stores it.
	pub type OperatorOf<T> =
		Operator<<T as frame_system::Config>::AccountId, ConstU32<MOST_VALIDATORS>>;

	/// The last plan as this pallet stores it.
	pub type PlannedOf<T> = Planned<<T as frame_system::Config>::AccountId, ConstU32<MOST_STASHES>>;

	/// What is owed under a name, as this pallet stores it.
	pub type OwedOf<T> = Owed<<T as frame_system::Config>::AccountId>;

	/// The stashes of the last plan, each with the validator that it is to nominate.
	pub type AssignedOf<T> =
		BoundedVec<(u32, <T as frame_system::Config>::AccountId), ConstU32<MOST_STASHES>>;

	/// A page of scores.
	pub type PageOf<T> = BoundedVec<Score<<T as frame_system::Config>::AccountId>, ConstU32<PAGE>>;

	/// An operator of genesis: its account, its operator, region, provider and client, its bond, and its
	/// validators.
	pub type GenesisOperator<AccountId> =
		(AccountId, (String, String, String, String), Balance, Vec<AccountId>);

	/// All operators, by their accounts.
	#[pallet::storage]
	pub type Operators<T: Config> = StorageMap<_, Blake2_128Concat, T::AccountId, OperatorOf<T>>;

	/// All validators, by their accounts, those that have left not long ago included.
	#[pallet::storage]
	pub type Validators<T: Config> =
		CountedStorageMap<_, Blake2_128Concat, T::AccountId, Validator<T::AccountId>>;

	/// What bonds could not pay, by the validator for which it is owed.
	#[pallet::storage]
	pub type Debts<T: Config> = StorageMap<_, Blake2_128Concat, T::AccountId, Debt>;

	/// What is owed under the name of an operator that was attested, or by the account of one that never
	/// was, so that registering anew does not shed it.
	#[pallet::storage]
	pub type OwedBy<T: Config> = StorageMap<_, Twox64Concat, Cluster, OwedOf<T>>;

	/// What each validator stands on. One without an entry has nothing to show.
	#[pallet::storage]
	pub type Standings<T: Config> = StorageMap<_, Twox64Concat, T::AccountId, Standing>;

	/// The last suspension of each operator by a guardian.
	#[pallet::storage]
	pub type GuardianRuns<T: Config> = StorageMap<_, Twox64Concat, T::AccountId, GuardianRun>;

	/// The validators on which the last plan has put the stashes, by the index of the stash.
	#[pallet::storage]
	pub type Assigned<T: Config> = StorageValue<_, AssignedOf<T>, ValueQuery>;

	/// The round of scores of this era.
	#[pallet::storage]
	pub type CurrentRound<T: Config> = StorageValue<_, Round<T::AccountId>>;

	/// The scores of the round, in pages.
	#[pallet::storage]
	pub type Scores<T: Config> = StorageMap<_, Twox64Concat, u32, PageOf<T>, ValueQuery>;

	/// What the last plan has changed, and why.
	#[pallet::storage]
	pub type LastPlan<T: Config> = StorageValue<_, PlannedOf<T>>;

	/// How well the pool's elected exposure was spread when the last plan was made.
	#[pallet::storage]
	pub type LastDiversification<T: Config> = StorageValue<_, Diversification, ValueQuery>;

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

	#[pallet::genesis_config]
	#[derive(frame_support::DefaultNoBound)]
	pub struct GenesisConfig<T: Config> {
		/// Operators with their validators, all attested and without probation.
		pub operators: Vec<GenesisOperator<T::AccountId>>,
	}

	#[pallet::genesis_build]
	impl<T: Config> BuildGenesisConfig for GenesisConfig<T> {
		fn build(&self) {
			for (account, (operator, region, provider, client), bond, validators) in &self.operators
			{
				let profile = Profile::new(operator, region, provider, client)
					.expect("a label is lower case letters, digits, points, hyphens, underscores");
				genesis::register::<T>(account, profile, *bond, validators)
					.expect("an operator of genesis can pay its bond, and is named once");
			}
		}
	}

	#[pallet::event]
	#[pallet::generate_deposit(pub(super) fn deposit_event)]
	pub enum Event<T: Config> {
		/// An account has registered as an operator.
		OperatorRegistered {
			/// The account of the operator.
			operator: T::AccountId,
			/// What it says of itself.
			profile: Profile,
			/// The bond that is held, in the smallest unit.
			bond: Balance,
		},
		/// An operator has changed its profile. What it changed is not attested any more.
		ProfileUpdated {
			/// The account of the operator.
			operator: T::AccountId,
			/// What it says of itself now.
			profile: Profile,
			/// The fields of that which are still attested.
			attested: Attested,
		},
		/// The registrar has attested a profile, or taken it back.
		ProfileAttested {
			/// The account of the operator.
			operator: T::AccountId,
			/// The fields that are attested now.
			attested: Attested,
		},
		/// An operator has added a validator, which has to confirm.
		ValidatorAdded {
			/// The account of the operator.
			operator: T::AccountId,
			/// The account of the validator.
			validator: T::AccountId,
		},
		/// A validator has confirmed its operator.
		ValidatorConfirmed {
			/// The account of the operator.
			operator: T::AccountId,
			/// The account of the validator.
			validator: T::AccountId,
			/// The era from which on it may be nominated.
			fit_from: EraIndex,
		},
		/// A validator was removed. It stays on record until nothing it did can be slashed.
		ValidatorRemoved {
			/// The account of the operator.
			operator: T::AccountId,
			/// The account of the validator.
			validator: T::AccountId,
		},
		/// A validator that had been removed is not on record any more.
		ValidatorForgotten {
			/// The account of the operator.
			operator: T::AccountId,
			/// The account of the validator.
			validator: T::AccountId,
		},
		/// An operator has bonded more.
		BondAdded {
			/// The account of the operator.
			operator: T::AccountId,
			/// The amount that is held more than before, in the smallest unit.
			amount: Balance,
		},
		/// An operator has paid what it owed.
		DebtPaid {
			/// The account of the operator that paid.
			operator: T::AccountId,
			/// The amount that it paid, in the smallest unit.
			amount: Balance,
			/// The amount that it still owes, in the smallest unit.
			left: Balance,
		},
		/// An operator wants a part of its bond back.
		ReleaseRequested {
			/// The account of the operator.
			operator: T::AccountId,
			/// The amount that it wants back, in the smallest unit.
			amount: Balance,
			/// The era from which on it can be released.
			era: EraIndex,
		},
		/// A part of a bond was released.
		BondReleased {
			/// The account of the operator.
			operator: T::AccountId,
			/// The amount that was released, less what was owed, in the smallest unit.
			amount: Balance,
		},
		/// A bond has paid for a slash.
		BondSlashed {
			/// The account of the operator.
			operator: T::AccountId,
			/// The validator that offended.
			validator: T::AccountId,
			/// The amount that the bond has paid, in the smallest unit.
			paid: Balance,
			/// The amount that it could not pay, and the operator owes, in the smallest unit.
			owed: Balance,
		},
		/// An operator is suspended, or is not any more.
		OperatorSuspended {
			/// The account of the operator.
			operator: T::AccountId,
			/// The last era of the suspension; `None` if it was lifted.
			until: Option<EraIndex>,
		},
		/// An operator is leaving, with all of its validators.
		OperatorDeregistered {
			/// The account of the operator.
			operator: T::AccountId,
		},
		/// An operator has left, and its account has got what remained of its bond.
		OperatorForgotten {
			/// The account of the operator.
			operator: T::AccountId,
		},
		/// Nominations were planned. [`LastPlan`] says which change, and why.
		NominationsPlanned {
			/// The era whose work carries it out.
			era: EraIndex,
			/// The number of stashes that the plan moves, or takes away from their validator.
			changes: u32,
			/// The number of stashes for which the caps left no place.
			unplaced: u32,
		},
		/// Governance has set parameters.
		ParametersSet {
			/// The parameters that were set.
			parameters: Parameters,
			/// The block from which on they act. A selection that is in work then goes on with the old ones.
			from: u32,
		},
		/// Somebody has paid what was owed for a validator.
		DebtPaidFor {
			/// The validator for which it was owed.
			validator: T::AccountId,
			/// The account that has paid.
			payer: T::AccountId,
			/// The amount that was paid, in the smallest unit.
			amount: Balance,
			/// The amount that is still owed for this validator, in the smallest unit.
			left: Balance,
		},
		/// A bond, or what it owes, could not be decoded, and was left as it is: a part of a slash was
		/// neither paid by it nor noted as a debt.
		BondUnreadable {
			/// The validator that offended.
			validator: T::AccountId,
			/// The amount of that part of the slash, in the smallest unit.
			amount: Balance,
		},
		/// A debt was noted for which the list of a name has no room. It counts all the same, and is paid by
		/// the validator's own operator, or by anybody with [`Pallet::pay_debt`].
		DebtNotListed {
			/// The validator for which it is owed.
			validator: T::AccountId,
		},
	}

	#[pallet::error]
	pub enum Error<T> {
		/// The account is an operator already.
		AlreadyRegistered,
		/// The account is no operator.
		NotRegistered,
		/// A field of the profile is empty, or has other characters than lower case letters, digits,
		/// points, hyphens and underscores.
		BadProfile,
		/// The profile is not the one that the registrar has checked.
		ProfileChanged,
		/// The operator is leaving.
		Leaving,
		/// The account does not stand for election.
		NotACandidate,
		/// The operator has as many validators as it may have, those that have left included.
		TooManyValidators,
		/// The registry is full.
		RegistryFull,
		/// The validator has an operator, or had one not long ago.
		ValidatorTaken,
		/// The operator has added this validator already.
		AlreadyAdded,
		/// The operator has not added this validator.
		NotAdded,
		/// The account is no validator of the registry.
		UnknownValidator,
		/// Only the validator itself and its operator can do this.
		NotAllowed,
		/// Nothing is to be bonded.
		NothingToBond,
		/// The bond that is left would be less than the minimum.
		BondTooSmall,
		/// Another part of the bond is to be released before.
		ReleasePending,
		/// Nothing is to be released.
		NothingToRelease,
		/// What is to be released is still liable.
		StillLiable,
		/// What a bond could not pay is owed: for the validator, or by the name of the operator.
		InDebt,
		/// No suspension lasts so long.
		SuspensionTooLong,
		/// A parameter is out of its bounds.
		ParameterOutOfBounds,
		/// The validator has registered no session keys: it could not author a block.
		NoSessionKeys,
		/// Nothing is owed for this validator, or nothing is to be paid.
		NothingOwed,
		/// The guardian has suspended the operator not long ago: it must be left alone for three times as
		/// long as that lasted. Governance may suspend it.
		SuspendedLately,
		/// There is room without it, or it may still have to do with the pool: it stands for election, or
		/// a plan has had a stash on it.
		StillOfUse,
		/// A stored item that the call needs cannot be decoded. It is left as it is.
		Undecodable,
	}

	#[pallet::call]
	impl<T: Config> Pallet<T> {
		/// Registers the caller as an operator, and holds [`Config::MinBond`] of its balance.
		///
		/// Until a registrar attests the profile, the operator shares the caps of all others of which
		/// nothing is known.
		#[pallet::call_index(0)]
		#[pallet::weight(T::WeightInfo::register_operator())]
		pub fn register_operator(origin: OriginFor<T>, profile: Profile) -> DispatchResult {
			let who = ensure_signed(origin)?;
			operators::register_operator::<T>(who, profile)
		}

		/// Changes the profile of the caller. What is changed is not attested any more.
		#[pallet::call_index(1)]
		#[pallet::weight(T::WeightInfo::update_profile())]
		pub fn update_profile(origin: OriginFor<T>, profile: Profile) -> DispatchResult {
			let who = ensure_signed(origin)?;
			operators::update_profile::<T>(who, profile)
		}

		/// Adds `validator` to the caller's, once it has confirmed.
		#[pallet::call_index(2)]
		#[pallet::weight(T::WeightInfo::add_validator())]
		pub fn add_validator(origin: OriginFor<T>, validator: T::AccountId) -> DispatchResult {
			let who = ensure_signed(origin)?;
			validators::add_validator::<T>(who, validator)
		}

		/// Confirms that `operator` runs the caller, which is a validator's stash that stands for election
		/// and has registered session keys.
		#[pallet::call_index(3)]
		#[pallet::weight(T::WeightInfo::confirm_validator())]
		pub fn confirm_validator(origin: OriginFor<T>, operator: T::AccountId) -> DispatchResult {
			let who = ensure_signed(origin)?;
			validators::confirm_validator::<T>(who, operator)
		}

		/// Takes `validator` out of the registry: its nominations leave in the next era. The validator
		/// itself or its operator may do it.
		///
		/// The bond stays liable for what it has done, and it cannot join another operator before
		/// that is over.
		#[pallet::call_index(4)]
		#[pallet::weight(T::WeightInfo::remove_validator())]
		pub fn remove_validator(origin: OriginFor<T>, validator: T::AccountId) -> DispatchResult {
			let who = ensure_signed(origin)?;
			validators::remove_validator::<T>(who, validator)
		}

		/// Pays what the caller owes, and holds the rest of `amount` as its bond.
		#[pallet::call_index(5)]
		#[pallet::weight(T::WeightInfo::bond_more(MOST_VALIDATORS))]
		pub fn bond_more(origin: OriginFor<T>, amount: Balance) -> DispatchResult {
			let who = ensure_signed(origin)?;
			bonds::bond_more::<T>(who, amount)
		}

		/// Asks for `amount` of the caller's bond, which [`Self::release_bond`] pays once nothing that
		/// happened before can be slashed any more. What is left must be the minimum.
		#[pallet::call_index(6)]
		#[pallet::weight(T::WeightInfo::request_bond_release())]
		pub fn request_bond_release(origin: OriginFor<T>, amount: Balance) -> DispatchResult {
			let who = ensure_signed(origin)?;
			bonds::request_bond_release::<T>(who, amount)
		}

		/// Attests the fields of a profile that are `true`, and no others, for `validators`, and no others.
		///
		/// An operator that owes something keeps the name under which it owes: no other one is attested, nor
		/// a first one.
		///
		/// - `profile`: the one that was checked. The call fails if it was changed since.
		/// - `validators`: those for which it was checked. One that joins later is not attested with it.
		#[pallet::call_index(7)]
		#[pallet::weight(T::WeightInfo::attest(MOST_VALIDATORS))]
		pub fn attest(
			origin: OriginFor<T>,
			operator: T::AccountId,
			profile: Profile,
			attested: Attested,
			validators: BoundedVec<T::AccountId, ConstU32<MOST_VALIDATORS>>,
		) -> DispatchResult {
			T::RegistrarOrigin::ensure_origin(origin)?;
			operators::attest::<T>(operator, profile, attested, &validators)
		}

		/// Suspends an operator for this and the next `eras` eras: its validators lose their nominations.
		/// Only governance may lift a suspension, with zero, or shorten it.
		///
		/// What a guardian has suspended, it may extend up to [`Config::MaxSuspension`] from the first
		/// era on, if governance has not lifted or shortened it, and suspend again only after three times
		/// as many eras.
		#[pallet::call_index(8)]
		#[pallet::weight(T::WeightInfo::suspend())]
		pub fn suspend(
			origin: OriginFor<T>,
			operator: T::AccountId,
			eras: EraIndex,
		) -> DispatchResult {
			let lifts = T::AdminOrigin::try_origin(origin)
				.map(|_| true)
				.or_else(|origin| T::GuardianOrigin::ensure_origin(origin).map(|_| false))?;
			operators::suspend::<T>(operator, eras, lifts)
		}

		/// Takes the caller and all of its validators out of the registry. [`Self::release_bond`] pays
		/// its bond once nothing that happened before can be slashed any more.
		#[pallet::call_index(9)]
		#[pallet::weight(T::WeightInfo::deregister(MOST_VALIDATORS))]
		pub fn deregister(origin: OriginFor<T>) -> DispatchResult {
			let who = ensure_signed(origin)?;
			operators::deregister::<T>(who)
		}

		/// Releases what `operator` has asked for, if it is due, less what it owes. Anybody may call it.
		#[pallet::call_index(10)]
		#[pallet::weight(
			T::WeightInfo::release_bond(MOST_VALIDATORS)
				.saturating_add(T::WeightInfo::bond_more(MOST_VALIDATORS))
		)]
		pub fn release_bond(origin: OriginFor<T>, operator: T::AccountId) -> DispatchResult {
			ensure_signed(origin)?;
			bonds::release_bond::<T>(operator)
		}

		/// Sets all parameters. They act after [`Config::ParametersDelay`] blocks, and replace those that
		/// have been set and do not act yet. Every field must be within its bounds. A selection that is in
		/// work when they begin to act goes on with the old ones; the next one obeys them.
		#[pallet::call_index(11)]
		#[pallet::weight(T::WeightInfo::set_parameters())]
		pub fn set_parameters(origin: OriginFor<T>, parameters: Parameters) -> DispatchResult {
			T::AdminOrigin::ensure_origin(origin)?;
			settings::set_parameters::<T>(parameters)
		}

		/// Pays up to `amount` of what is owed for `validator`, out of the caller's balance. Anybody may
		/// call it: also where no operator is left to do so, or no list names the validator.
		#[pallet::call_index(12)]
		#[pallet::weight(T::WeightInfo::pay_debt())]
		pub fn pay_debt(
			origin: OriginFor<T>,
			validator: T::AccountId,
			amount: Balance,
		) -> DispatchResult {
			let who = ensure_signed(origin)?;
			debts::pay_debt::<T>(who, validator, amount)
		}

		/// Takes a validator that does not validate off the record, where the registry is full. Anybody
		/// who wants the place may call it.
		///
		/// The validator must not stand for election, or have no session keys, or have left. No plan must ever
		/// have had a stash on it, so that there is nothing for which its operator could be liable.
		#[pallet::call_index(13)]
		#[pallet::weight(T::WeightInfo::forget_validator())]
		pub fn forget_validator(origin: OriginFor<T>, validator: T::AccountId) -> DispatchResult {
			ensure_signed(origin)?;
			validators::forget_validator::<T>(validator)
		}
	}

	#[pallet::view_functions]
	impl<T: Config> Pallet<T> {
		/// All operators, in no particular order.
		pub fn operators() -> Vec<OperatorInfo<T::AccountId>> {
			views::operators::<T>()
		}

		/// All validators with their scores, as far as the round of this era is done.
		pub fn validators() -> Vec<Score<T::AccountId>> {
			views::validators::<T>()
		}

		/// How well the pool's elected exposure was spread when the last plan was made.
		pub fn diversification() -> Diversification {
			LastDiversification::<T>::get()
		}
	}

	#[pallet::hooks]
	impl<T: Config> Hooks<BlockNumberFor<T>> for Pallet<T> {
		fn integrity_test() {
			let (min, max) = (T::MinParameters::get(), T::MaxParameters::get());
			assert!(
				T::DefaultParameters::get().within(&min, &max),
				"the default parameters are out of bounds"
			);
			assert!(
				min.can_be_obeyed() && max.can_be_obeyed(),
				"there are bounds that no plan can obey"
			);
			assert!(
				T::MaxValidatorsPerOperator::get() <= T::MaxValidators::get(),
				"an operator has no more validators than the registry"
			);
			assert!(
				T::MaxValidatorsPerOperator::get() <= MOST_VALIDATORS
					&& T::MaxStashes::get() <= MOST_STASHES,
				"the stored lists have room for what is allowed"
			);
		}

		#[cfg(feature = "try-runtime")]
		fn try_state(_now: BlockNumberFor<T>) -> Result<(), sp_runtime::TryRuntimeError> {
			Self::do_try_state()
		}
	}
}
