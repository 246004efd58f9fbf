// SPDX-License-Identifier: Apache-2.0

//! # Operator registry
//!
//! Who may be nominated by the pool, what they are worth, and whom each stash nominates.
//!
//! An operator registers with a bond and a profile: who it is, where and with whom its validators run,
//! and on which client. A registrar attests what it has found to be true; whatever is not attested puts
//! the operator into one cluster with all others of whom it is not known either. A validator joins by
//! consent of both: the operator adds it, its own account confirms.
//!
//! Once an era, all validators of the registry are scored from the staking pallet's own records, and the
//! planner assigns the pool's stashes to them: the most yield that the caps allow, with few moves. All
//! of it can be read from the chain: the scores, what they are made of, and the reason of each change.
//!
//! ## Scores
//!
//! The pool earns on a validator, with `w` staked there by the pool and `O` by everyone else,
//!
//! ```text
//! net payout * w / (O + w),   net payout = payout of an era / elected * reliability * (1 - penalty) * (1 - commission)
//! ```
//!
//! - *reliability*: moving average (an eighth is new) of its points against the mean of the elected, each
//!   era at most 1, so that luck does not count;
//! - *penalty*: an offence halves what is left; it fades by a sixty-fourth in an era;
//! - *commission*: the highest seen in this and the last window of a bonding duration.
//!
//! An era in which a plan had stashes on a validator, and it was not at work, counts as one without points.
//! Who joins starts with half of the reliability, and has to be elected, with points enough, in as many eras
//! as probation lasts.
//!
//! ## Example
//!
//! Acme runs a validator, and the registrar knows where:
//!
#![doc = docify::embed!("src/tests/story.rs", a_validator_is_nominated_when_both_sides_consent)]
#![cfg_attr(not(feature = "std"), no_std)]

extern crate alloc;

pub use holdfast_planner::{Dimension, DIMENSIONS};
pub use pallet::*;
pub use types::*;
pub use weights::WeightInfo;

pub mod api;
mod bonds;
mod calls;
mod reading;
mod scoring;
mod selection;
#[cfg(any(feature = "std", feature = "try-runtime"))]
mod try_state;
mod types;
mod views;
pub mod weights;

#[cfg(feature = "runtime-benchmarks")]
mod benchmarking;
#[cfg(feature = "runtime-benchmarks")]
pub use benchmarking::BenchmarkHelper;

#[cfg(test)]
mod mock;
#[cfg(test)]
mod tests;

#[frame_support::pallet]
pub mod pallet {
	use super::*;
	use crate::api::OperatorInfo;
	use alloc::{string::String, vec::Vec};
	use frame_support::{
		pallet_prelude::*,
		traits::fungible::{Inspect, Mutate, MutateHold},
	};
	use frame_system::pallet_prelude::*;
	use holdfast_primitives::{
		Balance, DebtSink, EraIndex, SlashModel, StashAccounts, ValidatorInfo,
	};

	/// The in-code storage version.
	const STORAGE_VERSION: StorageVersion = StorageVersion::new(1);

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

		/// What offences cost.
		type Slashing: SlashModel;

		/// The pool's stashes: their accounts, and which nominators are none.
		type Stashes: StashAccounts<Self::AccountId>;

		/// Gets what operators owe: who has paid for their slashes in their place.
		type Creditor: DebtSink<Self::AccountId>;

		/// Attests profiles.
		type RegistrarOrigin: EnsureOrigin<Self::RuntimeOrigin>;

		/// Suspends operators, for a time.
		type GuardianOrigin: EnsureOrigin<Self::RuntimeOrigin>;

		/// Sets the parameters and lifts suspensions.
		type AdminOrigin: EnsureOrigin<Self::RuntimeOrigin>;

		/// The least that an operator bonds.
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
	pub type OwedOf<T> =
		Owed<BoundedVec<<T as frame_system::Config>::AccountId, ConstU32<MOST_VALIDATORS>>>;

	/// The stashes of the last plan, each with whom it is to nominate.
	pub type AssignedOf<T> =
		BoundedVec<(u32, <T as frame_system::Config>::AccountId), ConstU32<MOST_STASHES>>;

	/// A page of scores.
	pub type PageOf<T> = BoundedVec<Score<<T as frame_system::Config>::AccountId>, ConstU32<PAGE>>;

	/// An operator of genesis: its account, its operator, region, provider and client, its bond, and its
	/// validators.
	pub type GenesisOperator<AccountId> =
		(AccountId, (String, String, String, String), Balance, Vec<AccountId>);

	/// All operators.
	#[pallet::storage]
	pub type Operators<T: Config> = StorageMap<_, Blake2_128Concat, T::AccountId, OperatorOf<T>>;

	/// All validators, those that have left not long ago included.
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

	/// Whom the last plan lets each stash nominate, by the number of the stash.
	#[pallet::storage]
	pub type Assigned<T: Config> = StorageValue<_, AssignedOf<T>, ValueQuery>;

	/// The scoring of this era.
	#[pallet::storage]
	pub type CurrentRound<T: Config> = StorageValue<_, Round<T::AccountId>>;

	/// The scores, in pages.
	#[pallet::storage]
	pub type Scores<T: Config> = StorageMap<_, Twox64Concat, u32, PageOf<T>, ValueQuery>;

	/// What the last plan has changed, and why.
	#[pallet::storage]
	pub type LastPlan<T: Config> = StorageValue<_, PlannedOf<T>>;

	/// How well the pool's elected exposure was spread when the last plan was made.
	#[pallet::storage]
	pub type LastDiversification<T: Config> = StorageValue<_, Diversification, ValueQuery>;

	/// The parameters.
	#[pallet::storage]
	#[pallet::storage_prefix = "Parameters"]
	pub type CurrentParameters<T: Config> =
		StorageValue<_, Parameters, ValueQuery, <T as Config>::DefaultParameters>;

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
				Pallet::<T>::register_at_genesis(account, profile, *bond, validators)
					.expect("an operator of genesis can pay its bond, and is named once");
			}
		}
	}

	#[pallet::event]
	#[pallet::generate_deposit(pub(super) fn deposit_event)]
	pub enum Event<T: Config> {
		/// An operator has registered.
		OperatorRegistered {
			/// Its account.
			operator: T::AccountId,
			/// What it says of itself.
			profile: Profile,
			/// What it has bonded.
			bond: Balance,
		},
		/// An operator has changed its profile. What it changed is not attested any more.
		ProfileUpdated {
			/// The operator.
			operator: T::AccountId,
			/// What it says of itself now.
			profile: Profile,
			/// What of that is attested.
			attested: Attested,
		},
		/// The registrar has attested a profile, or taken it back.
		ProfileAttested {
			/// The operator.
			operator: T::AccountId,
			/// What is attested now.
			attested: Attested,
		},
		/// An operator has added a validator, which has to confirm.
		ValidatorAdded {
			/// The operator.
			operator: T::AccountId,
			/// The validator.
			validator: T::AccountId,
		},
		/// A validator has confirmed its operator.
		ValidatorConfirmed {
			/// The operator.
			operator: T::AccountId,
			/// The validator.
			validator: T::AccountId,
			/// From which era on it may be nominated.
			fit_from: EraIndex,
		},
		/// A validator was removed. It stays on record until nothing it did can be slashed.
		ValidatorRemoved {
			/// The operator.
			operator: T::AccountId,
			/// The validator.
			validator: T::AccountId,
		},
		/// A validator that had been removed is not on record any more.
		ValidatorForgotten {
			/// The operator.
			operator: T::AccountId,
			/// The validator.
			validator: T::AccountId,
		},
		/// An operator has bonded more.
		BondAdded {
			/// The operator.
			operator: T::AccountId,
			/// How much more is held.
			amount: Balance,
		},
		/// An operator has paid what it owed.
		DebtPaid {
			/// The operator that paid.
			operator: T::AccountId,
			/// How much.
			amount: Balance,
			/// What it still owes.
			left: Balance,
		},
		/// An operator wants a part of its bond back.
		ReleaseRequested {
			/// The operator.
			operator: T::AccountId,
			/// How much.
			amount: Balance,
			/// From which era on it can be released.
			era: EraIndex,
		},
		/// A part of a bond was released.
		BondReleased {
			/// The operator.
			operator: T::AccountId,
			/// How much.
			amount: Balance,
		},
		/// A bond has paid for a slash.
		BondSlashed {
			/// The operator.
			operator: T::AccountId,
			/// The validator that offended.
			validator: T::AccountId,
			/// What the bond has paid.
			paid: Balance,
			/// What it could not pay, and the operator owes.
			owed: Balance,
		},
		/// An operator is suspended, or is not any more.
		OperatorSuspended {
			/// The operator.
			operator: T::AccountId,
			/// The last era of the suspension; `None` if it was lifted.
			until: Option<EraIndex>,
		},
		/// An operator is leaving, with all of its validators.
		OperatorDeregistered {
			/// The operator.
			operator: T::AccountId,
		},
		/// An operator has left, and its account has got what was left of its bond.
		OperatorForgotten {
			/// The operator.
			operator: T::AccountId,
		},
		/// Nominations were planned. [`LastPlan`] says which change, and why.
		NominationsPlanned {
			/// The era whose work carries it out.
			era: EraIndex,
			/// Stashes that the plan moves, or takes away from their validator.
			changes: u32,
			/// Stashes for which the caps left no place.
			unplaced: u32,
		},
		/// Governance has set parameters.
		ParametersSet {
			/// The parameters.
			parameters: Parameters,
		},
		/// Somebody has paid what was owed for a validator.
		DebtPaidFor {
			/// The validator for which it was owed.
			validator: T::AccountId,
			/// Who has paid.
			payer: T::AccountId,
			/// How much, in the smallest unit.
			amount: Balance,
			/// What is still owed for this validator.
			left: Balance,
		},
		/// A bond, or what it owes, could not be decoded, and was left as it is: a part of a slash was
		/// neither paid by it nor noted as a debt.
		BondUnreadable {
			/// The validator that offended.
			validator: T::AccountId,
			/// How much of the slash that was, in the smallest unit.
			amount: Balance,
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
		/// Until a registrar attests the profile, the operator shares the caps of all others of whom
		/// nothing is known.
		#[pallet::call_index(0)]
		#[pallet::weight(T::WeightInfo::register_operator())]
		pub fn register_operator(origin: OriginFor<T>, profile: Profile) -> DispatchResult {
			let who = ensure_signed(origin)?;
			Self::do_register(who, profile)
		}

		/// Changes the profile of the caller. What is changed is not attested any more.
		#[pallet::call_index(1)]
		#[pallet::weight(T::WeightInfo::update_profile())]
		pub fn update_profile(origin: OriginFor<T>, profile: Profile) -> DispatchResult {
			let who = ensure_signed(origin)?;
			Self::do_update_profile(who, profile)
		}

		/// Adds `validator` to the caller's, once it has confirmed.
		#[pallet::call_index(2)]
		#[pallet::weight(T::WeightInfo::add_validator())]
		pub fn add_validator(origin: OriginFor<T>, validator: T::AccountId) -> DispatchResult {
			let who = ensure_signed(origin)?;
			Self::do_add_validator(who, validator)
		}

		/// Confirms that `operator` runs the caller, which is a validator's stash that stands for election
		/// and has registered session keys.
		#[pallet::call_index(3)]
		#[pallet::weight(T::WeightInfo::confirm_validator())]
		pub fn confirm_validator(origin: OriginFor<T>, operator: T::AccountId) -> DispatchResult {
			let who = ensure_signed(origin)?;
			Self::do_confirm_validator(who, operator)
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
			Self::do_remove_validator(who, validator)
		}

		/// Pays what the caller owes, and holds the rest of `amount` as its bond.
		#[pallet::call_index(5)]
		#[pallet::weight(T::WeightInfo::bond_more(MOST_VALIDATORS))]
		pub fn bond_more(origin: OriginFor<T>, amount: Balance) -> DispatchResult {
			let who = ensure_signed(origin)?;
			Self::do_bond_more(who, amount)
		}

		/// Asks for `amount` of the caller's bond, which [`Self::release_bond`] pays once nothing that
		/// happened before can be slashed any more. What is left must be the minimum.
		#[pallet::call_index(6)]
		#[pallet::weight(T::WeightInfo::request_bond_release())]
		pub fn request_bond_release(origin: OriginFor<T>, amount: Balance) -> DispatchResult {
			let who = ensure_signed(origin)?;
			Self::do_request_release(who, amount)
		}

		/// Attests the fields of a profile that are `true`, and no others, for `validators`, and no others.
		///
		/// No other name is attested for who owes: neither that of an operator that never had one.
		///
		/// - `profile`: the one that was checked. The call fails if it was changed since.
		/// - `validators`: those of which it was checked. One that joins later is not attested with it.
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
			Self::do_attest(operator, profile, attested, &validators)
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
			Self::do_suspend(operator, eras, lifts)
		}

		/// Takes the caller and all of its validators out of the registry. [`Self::release_bond`] pays
		/// its bond once nothing that happened before can be slashed any more.
		#[pallet::call_index(9)]
		#[pallet::weight(T::WeightInfo::deregister(MOST_VALIDATORS))]
		pub fn deregister(origin: OriginFor<T>) -> DispatchResult {
			let who = ensure_signed(origin)?;
			Self::do_deregister(who)
		}

		/// Releases what `operator` has asked for, if it is due, less what it owes. Anybody may call it.
		#[pallet::call_index(10)]
		#[pallet::weight(
			T::WeightInfo::release_bond(MOST_VALIDATORS)
				.saturating_add(T::WeightInfo::bond_more(MOST_VALIDATORS))
		)]
		pub fn release_bond(origin: OriginFor<T>, operator: T::AccountId) -> DispatchResult {
			ensure_signed(origin)?;
			Self::do_release_bond(operator)
		}

		/// Sets all parameters. The next plan obeys them.
		#[pallet::call_index(11)]
		#[pallet::weight(T::WeightInfo::set_parameters())]
		pub fn set_parameters(origin: OriginFor<T>, parameters: Parameters) -> DispatchResult {
			T::AdminOrigin::ensure_origin(origin)?;
			ensure!(parameters.is_valid(), Error::<T>::ParameterOutOfBounds);
			CurrentParameters::<T>::put(parameters);
			Self::deposit_event(Event::ParametersSet { parameters });
			Ok(())
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
			Self::do_pay_debt(who, validator, amount)
		}

		/// Takes a validator off the record that does not validate, where the registry is full. Anybody
		/// may call it who wants the place.
		///
		/// Only one that does not stand for election, has no session keys, or has left; and that no plan
		/// has ever had a stash on, so that there is nothing for which its operator could be liable.
		#[pallet::call_index(13)]
		#[pallet::weight(T::WeightInfo::forget_validator())]
		pub fn forget_validator(origin: OriginFor<T>, validator: T::AccountId) -> DispatchResult {
			ensure_signed(origin)?;
			Self::do_forget_validator(validator)
		}
	}

	#[pallet::view_functions]
	impl<T: Config> Pallet<T> {
		/// All operators, in no particular order.
		pub fn operators() -> Vec<OperatorInfo<T::AccountId>> {
			Self::view_operators()
		}

		/// All validators with their scores, as far as the round of this era is done.
		pub fn validators() -> Vec<Score<T::AccountId>> {
			Self::view_validators()
		}

		/// How well the pool's elected exposure was spread when the last plan was made.
		pub fn diversification() -> Diversification {
			LastDiversification::<T>::get()
		}
	}

	#[pallet::hooks]
	impl<T: Config> Hooks<BlockNumberFor<T>> for Pallet<T> {
		fn integrity_test() {
			assert!(T::DefaultParameters::get().is_valid(), "the default parameters make no sense");
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
