// SPDX-License-Identifier: GPL-3.0-only

//! The suite on `pallet-staking-async`, and what only that pallet does.
//!
//! The pallet wants a relay chain, which applies its validators and tells it of sessions and
//! offences. [`RelayChain`] is as much of one as is needed, in the same runtime. Rewards are not
//! minted: the test fills the pot that they are paid from.

use frame_election_provider_support::{
	bounds::{ElectionBounds, ElectionBoundsBuilder},
	onchain, BoundedSupportsOf, ElectionProvider, PageIndex, SequentialPhragmen,
};
use frame_support::{
	assert_ok, derive_impl,
	pallet_prelude::ValueQuery,
	parameter_types,
	storage::StorageDoubleMap as _,
	storage_alias,
	traits::{
		fungible::{Inspect, Mutate},
		ConstBool, ConstU128, ConstU32, OnInitialize, OnPoll,
	},
	weights::{Weight, WeightMeter},
};
use frame_system::EnsureRoot;
use holdfast_adapter_pallet_staking_async::PalletStakingAsync;
use holdfast_conformance::*;
use holdfast_primitives::{Balance, Chunk, EraIndex, Ledger, StakingBackend, StakingError};
use pallet_staking_async::{
	session_rotation::Rotator, ActiveEra, AreNominatorsSlashable, FixedNominationsQuota,
	MaxNominatorsCount, MinNominatorBond, PotAccountProvider, RewardKind, RewardPot,
	SequentialTest, StakerStatus, UnappliedSlashes, UseNominatorsAndValidatorsMap,
	UseValidatorsMap,
};
use pallet_staking_async_rc_client::{
	AHStakingInterface, Offence, RcClientInterface, SessionReport,
};
use sp_runtime::{BuildStorage, Perbill};
use sp_staking::{currency_to_vote::U128CurrencyToVote, SessionIndex};

const MILLISECONDS_PER_BLOCK: u64 = 6_000;
const FAST_UNBONDING: EraIndex = SHORT_BONDING_DURATION;

frame_support::construct_runtime!(
	pub enum Runtime {
		System: frame_system,
		Balances: pallet_balances,
		Staking: pallet_staking_async,
	}
);

#[derive_impl(frame_system::config_preludes::TestDefaultConfig)]
impl frame_system::Config for Runtime {
	type Block = frame_system::mocking::MockBlock<Runtime>;
	type AccountData = pallet_balances::AccountData<Balance>;
}

#[derive_impl(pallet_balances::config_preludes::TestDefaultConfig)]
impl pallet_balances::Config for Runtime {
	type Balance = Balance;
	type ExistentialDeposit = ConstU128<EXISTENTIAL_DEPOSIT>;
	type AccountStore = System;
}

parameter_types! {
	pub Bounds: ElectionBounds = ElectionBoundsBuilder::default().build();
	pub static MostChunks: u32 = MAX_UNLOCKING_CHUNKS;
}

pub struct OnChain;

impl onchain::Config for OnChain {
	type Sort = ConstBool<true>;
	type System = Runtime;
	type Solver = SequentialPhragmen<AccountId, Perbill>;
	type MaxBackersPerWinner = ConstU32<100>;
	type MaxWinnersPerPage = ConstU32<10>;
	type DataProvider = Staking;
	type WeightInfo = ();
	type Bounds = Bounds;
}

/// An election has been asked for.
#[storage_alias]
type ElectionStarted = StorageValue<Conformance, bool, ValueQuery>;

/// An election in one block, on demand. The one from the SDK is always ready, and the staking
/// pallet would fetch a result in each block.
pub struct OnDemand;

impl ElectionProvider for OnDemand {
	type AccountId = AccountId;
	type BlockNumber = u64;
	type Error = onchain::Error;
	type MaxWinnersPerPage = ConstU32<10>;
	type MaxBackersPerWinner = ConstU32<100>;
	type MaxBackersPerWinnerFinal = ConstU32<100>;
	type Pages = ConstU32<1>;
	type DataProvider = Staking;

	fn elect(page: PageIndex) -> Result<BoundedSupportsOf<Self>, Self::Error> {
		ElectionStarted::kill();
		onchain::OnChainExecution::<OnChain>::elect(page)
	}

	fn start() -> Result<(), Self::Error> {
		ElectionStarted::put(true);
		Ok(())
	}

	fn duration() -> u64 {
		0
	}

	fn status() -> Result<Option<Weight>, ()> {
		ElectionStarted::get().then_some(Some(Weight::zero())).ok_or(())
	}
}

/// The session that is going on.
#[storage_alias]
type Session = StorageValue<Conformance, SessionIndex, ValueQuery>;

/// The number of the validator set that was elected, and how many sessions end before it is at
/// work: a relay chain queues it for one.
#[storage_alias]
type Queued = StorageValue<Conformance, (u32, SessionIndex)>;

/// Who writes the blocks.
#[storage_alias]
type Author = StorageValue<Conformance, AccountId>;

/// What the staking pallet sees of a relay chain.
pub struct RelayChain;

impl RelayChain {
	fn end_session() {
		let ending = Session::get();
		let activated = match Queued::take() {
			Some((id, 0)) => {
				Self::fill_pot();
				Some((System::block_number() * MILLISECONDS_PER_BLOCK, id))
			},
			Some((id, sessions)) => {
				Queued::put((id, sessions - 1));
				None
			},
			None => None,
		};
		let points = Author::get().map(|author| (author, 20)).into_iter().collect();
		Staking::on_relay_session_report(SessionReport::new_terminal(ending, points, activated));
		Session::put(ending + 1);
	}

	/// What is in the pot when an era ends is its reward.
	fn fill_pot() {
		let pot = SequentialTest::pot_account(RewardPot::General(RewardKind::StakerRewards));
		assert_ok!(Balances::mint_into(&pot, ERA_REWARD));
	}
}

impl RcClientInterface for RelayChain {
	type AccountId = AccountId;

	fn validator_set(validators: Vec<AccountId>, id: u32, _prune_up_to: Option<SessionIndex>) {
		assert!(!validators.is_empty());
		Queued::put((id, 1));
	}
}

#[derive_impl(pallet_staking_async::config_preludes::TestDefaultConfig)]
impl pallet_staking_async::Config for Runtime {
	type OldCurrency = Balances;
	type Currency = Balances;
	type CurrencyToVote = U128CurrencyToVote;
	type ElectionProvider = OnDemand;
	type NominationsQuota = FixedNominationsQuota<16>;
	type SessionsPerEra = ConstU32<SESSIONS_PER_ERA>;
	// One session to elect in, and one in which the result is queued.
	type PlanningEraOffset = ConstU32<2>;
	type BondingDuration = ConstU32<BONDING_DURATION>;
	type NominatorFastUnbondDuration = ConstU32<FAST_UNBONDING>;
	type SlashDeferDuration = ConstU32<SLASH_DEFER_DURATION>;
	type AdminOrigin = EnsureRoot<AccountId>;
	type EraPayout = ();
	type DisableMinting = ConstBool<true>;
	type RewardPots = SequentialTest;
	type StakerRewardCalculator = pallet_staking_async::reward::DefaultStakerRewardCalculator<Self>;
	type MaxExposurePageSize = ConstU32<PAGE_SIZE>;
	type MaxValidatorSet = ConstU32<10>;
	type MaxUnlockingChunks = MostChunks;
	type VoterList = UseNominatorsAndValidatorsMap<Self>;
	type TargetList = UseValidatorsMap<Self>;
	type EventListeners = Recorder<PalletStakingAsync<Self>>;
	type RcClientInterface = RelayChain;
}

fn genesis() -> sp_io::TestExternalities {
	let stakers: Vec<_> = VALIDATORS
		.into_iter()
		.map(|validator| (validator, VALIDATOR_STAKE))
		.chain([(LOSER, LOSER_STAKE)])
		.collect();
	let pot = SequentialTest::pot_account(RewardPot::General(RewardKind::StakerRewards));
	RuntimeGenesisConfig {
		balances: pallet_balances::GenesisConfig {
			balances: stakers
				.iter()
				.map(|(who, stake)| (*who, stake + EXISTENTIAL_DEPOSIT))
				.chain([(pot, EXISTENTIAL_DEPOSIT)])
				.collect(),
			..Default::default()
		},
		staking: pallet_staking_async::GenesisConfig {
			validator_count: VALIDATORS.len() as u32,
			min_nominator_bond: MINIMUM_BOND,
			max_nominator_count: Some(MAX_NOMINATORS),
			stakers: stakers
				.into_iter()
				.map(|(who, stake)| (who, stake, StakerStatus::Validator))
				.collect(),
			active_era: (0, 0, 0),
			..Default::default()
		},
		..Default::default()
	}
	.build_storage()
	.expect("is well formed")
	.into()
}

struct OnPalletStakingAsync;

impl Driver for OnPalletStakingAsync {
	type Backend = PalletStakingAsync<Runtime>;

	const NOMINATES_ANYBODY: bool = false;
	const RELEASES_BY_PLANNED_ERA: bool = false;
	const SPARES_LEAVERS: bool = false;
	const REPORTABLE_FOR: EraIndex = SLASH_DEFER_DURATION - 1;

	fn run(test: impl FnOnce()) {
		MostChunks::set(MAX_UNLOCKING_CHUNKS);
		genesis().execute_with(|| {
			while ActiveEra::<Runtime>::get().is_none_or(|era| era.index < 1) {
				Self::next_block();
			}
			test();
			#[cfg(feature = "try-runtime")]
			assert_ok!(<Staking as frame_support::traits::Hooks<u64>>::try_state(
				System::block_number()
			));
		});
	}

	fn next_block() {
		System::reset_events();
		let next = System::block_number() + 1;
		System::set_block_number(next);
		AllPalletsWithSystem::on_initialize(next);
		AllPalletsWithSystem::on_poll(next, &mut WeightMeter::new());
		if next.is_multiple_of(SESSION_LENGTH) {
			RelayChain::end_session();
		}
	}

	fn in_last_session() -> bool {
		Queued::get().is_some_and(|(_, sessions)| sessions == 0)
	}

	fn endow(who: AccountId, value: Balance) {
		let deposit = if Self::free(who) == 0 { EXISTENTIAL_DEPOSIT } else { 0 };
		assert_ok!(Balances::mint_into(&who, value + deposit));
	}

	fn free(who: AccountId) -> Balance {
		Balances::balance(&who)
	}

	fn rewards_go_to(validator: AccountId) {
		Author::put(validator);
	}

	fn offend(validator: AccountId, fraction: Perbill, era: EraIndex) {
		let offence =
			Offence { offender: validator, reporters: Vec::new(), slash_fraction: fraction };
		let session = Rotator::<Runtime>::era_start_session_index(era).expect("it has begun");
		Staking::on_new_offences(session, vec![offence]);
	}

	fn cancel_slashes(applied_in: EraIndex) {
		let all = UnappliedSlashes::<Runtime>::iter_key_prefix(applied_in)
			.map(|(validator, fraction, _page)| (validator, fraction))
			.collect();
		assert_ok!(Staking::cancel_deferred_slash(RuntimeOrigin::root(), applied_in, all));
	}

	fn kick(validator: AccountId, stash: AccountId) {
		assert_ok!(Staking::kick(RuntimeOrigin::signed(validator), vec![stash]));
	}

	fn reap(stash: AccountId) {
		assert_ok!(Staking::reap_stash(RuntimeOrigin::signed(LOSER), stash, 0));
	}

	fn set_minimum_bond(value: Balance) {
		MinNominatorBond::<Runtime>::put(value);
	}

	fn set_max_nominators(most: Option<u32>) {
		MaxNominatorsCount::<Runtime>::set(most);
	}

	fn max_nominators() -> Option<u32> {
		MaxNominatorsCount::<Runtime>::get()
	}

	fn nominate_as_anybody(who: AccountId, validator: AccountId) -> bool {
		Staking::nominate(RuntimeOrigin::signed(who), vec![validator]).is_ok()
	}

	fn force_eras() {
		assert_ok!(Staking::force_new_era_always(RuntimeOrigin::root()));
	}

	fn shorten_unbonding() {
		// By the switch that does it. A shorter constant would make the pallet's own list of eras
		// unreadable.
		AreNominatorsSlashable::<Runtime>::put(false);
	}

	fn set_max_unlocking_chunks(most: u32) {
		MostChunks::set(most);
	}
}

holdfast_conformance::conformance_tests!(OnPalletStakingAsync);

/// Makes blocks until `done`.
fn roll_until(done: impl Fn() -> bool) {
	for _ in 0..100 {
		if done() {
			return;
		}
		OnPalletStakingAsync::next_block();
	}
	panic!("what was waited for has not come");
}

fn roll_to(era: EraIndex) {
	roll_until(|| PalletStakingAsync::<Runtime>::active_era() == Some(era));
}

fn nominator(stash: AccountId, value: Balance) {
	OnPalletStakingAsync::endow(stash, value);
	assert_ok!(Staking::bond(
		RuntimeOrigin::signed(stash),
		value,
		pallet_staking_async::RewardDestination::None
	));
	assert_ok!(Staking::nominate(RuntimeOrigin::signed(stash), vec![VALIDATORS[0]]));
}

/// A slash has more pages than its era has blocks. Those that are left over stay open, and nobody
/// can withdraw, until somebody applies them.
#[test]
fn what_was_left_over_stays_open_until_somebody_applies_it() {
	type Backend = PalletStakingAsync<Runtime>;
	OnPalletStakingAsync::run(|| {
		let blocks_per_era = u64::from(SESSIONS_PER_ERA) * SESSION_LENGTH;
		let stashes = 1..=u64::from(PAGE_SIZE) * (blocks_per_era + 2);
		for stash in stashes.clone() {
			nominator(stash, 200);
		}
		roll_to(2);
		assert_ok!(Backend::unbond(&1, 100));
		OnPalletStakingAsync::offend(VALIDATORS[0], Perbill::from_percent(10), 2);
		roll_until(|| !Backend::reports_in_progress());
		let due = 2 + SLASH_DEFER_DURATION;
		let open = || Backend::open_reports(due, |_| true).len() as u64;
		assert_eq!(open(), stashes.end() - stashes.start() + 1);

		roll_to(due + 1);
		let left_over = open();
		assert!(left_over > 0);
		assert_eq!(Backend::report_eras(), due..=due + 1 + SLASH_DEFER_DURATION);
		let overdue = pallet_staking_async::Error::<Runtime>::UnappliedSlashesInPreviousEra;
		assert_eq!(Backend::withdraw(&1), Err(StakingError::Refused(overdue.into())));
		// Blocks do not apply them any more.
		OnPalletStakingAsync::next_block();
		assert_eq!(open(), left_over);

		let keys: Vec<_> = UnappliedSlashes::<Runtime>::iter_key_prefix(due).collect();
		for key in keys {
			assert_ok!(Staking::apply_slash(RuntimeOrigin::signed(1), due, key));
		}
		assert_eq!(open(), 0);
		assert_eq!(*Backend::report_eras().start(), due + 2);
		assert_ok!(Backend::withdraw(&1));
		for stash in stashes {
			let staked = if stash == 1 { 90 } else { 180 };
			assert_eq!(Backend::ledger(&stash).unwrap().unwrap().active, staked);
		}
	});
}

/// Governance may declare that nominators are not slashable. Then nothing of theirs is ever open,
/// and they unbond faster.
#[test]
fn nominators_that_are_not_slashable_have_nothing_open() {
	type Backend = PalletStakingAsync<Runtime>;
	OnPalletStakingAsync::run(|| {
		AreNominatorsSlashable::<Runtime>::put(false);
		nominator(1, 1_000);
		roll_to(2);
		OnPalletStakingAsync::offend(VALIDATORS[0], Perbill::from_percent(10), 2);
		assert!(Backend::reports_in_progress());
		roll_until(|| !Backend::reports_in_progress());
		assert!(UnappliedSlashes::<Runtime>::contains_prefix(2 + SLASH_DEFER_DURATION));
		assert!(Backend::open_reports(2 + SLASH_DEFER_DURATION, |_| true).is_empty());

		assert_ok!(Backend::unbond(&1, 400));
		let chunk = Chunk { era: 2 + FAST_UNBONDING, value: 400 };
		assert_eq!(
			Backend::ledger(&1).unwrap(),
			Some(Ledger { active: 600, unlocking: vec![chunk] })
		);
		roll_to(chunk.era);
		assert_ok!(Backend::withdraw(&1));
		assert_eq!(OnPalletStakingAsync::free(1), EXISTENTIAL_DEPOSIT + 400);
	});
}
