// SPDX-License-Identifier: GPL-3.0-only

#![doc = include_str!("../README.md")]
//! Each test is a function over a [`Driver`], which stands for a small chain with a real staking pallet.
//! [`conformance_tests!`] expands to one `#[test]` for each of them.
//!
//! ## The chain of a test
//!
//! All numbers in the tests can be checked by hand: the constants below are those of the chain that
//! every driver builds. A test begins in the first block of era 1, with [`VALIDATORS`] elected by
//! their own stakes. Who nominates in era 1 is exposed in era 2.
//!
//! ## Where pallets differ
//!
//! Some differences are nobody's fault and do not matter to the pool. They are constants of
//! [`Driver`], and the tests check either side of them.

pub mod bonding;
pub mod rewards;
pub mod slashes;
pub mod unbonding;

use codec::{Decode, Encode};
use core::marker::PhantomData;
use frame_support::{pallet_prelude::ValueQuery, storage::with_storage_layer, storage_alias};
use holdfast_primitives::{Balance, EraIndex, Ledger, StakingBackend, StakingError};
use sp_runtime::Perbill;
use sp_staking::OnStakingUpdate;
use std::collections::BTreeMap;

/// Accounts of the chain.
pub type AccountId = u64;

/// The least balance of an account.
pub const EXISTENTIAL_DEPOSIT: Balance = 10;
/// The least that a nominator must have bonded.
pub const MINIMUM_BOND: Balance = 100;
/// The most nominators.
pub const MAX_NOMINATORS: u32 = 20;
/// The most chunks in a ledger: so few that tests can fill one.
pub const MAX_UNLOCKING_CHUNKS: u32 = 3;
/// Eras until unbonded stake can be withdrawn.
pub const BONDING_DURATION: EraIndex = 3;
/// As many, once they are fewer.
pub const SHORT_BONDING_DURATION: EraIndex = 2;
/// Eras by which slashes are deferred.
pub const SLASH_DEFER_DURATION: EraIndex = 2;
/// Sessions in an era.
pub const SESSIONS_PER_ERA: u32 = 3;
/// Blocks in a session.
pub const SESSION_LENGTH: u64 = 2;
/// Nominators in a page of a validator: so few that tests can fill several.
pub const PAGE_SIZE: u32 = 2;
/// What all stakers together are paid for an era.
pub const ERA_REWARD: Balance = 1_000;
/// The validators that are elected. They take no commission.
pub const VALIDATORS: [AccountId; 3] = [101, 102, 103];
const FIRST: AccountId = VALIDATORS[0];
const SECOND: AccountId = VALIDATORS[1];
/// What each of them has bonded.
pub const VALIDATOR_STAKE: Balance = 1_000;
/// A candidate that is never elected.
pub const LOSER: AccountId = 104;
/// What it has bonded.
pub const LOSER_STAKE: Balance = 10;

/// No wait takes longer than this many blocks.
const PATIENCE: u32 = 200;

/// A chain with a staking pallet, at the wheel of which a test sits.
pub trait Driver {
	/// The adapter that is tested.
	type Backend: StakingBackend<AccountId = AccountId>;

	/// The staking pallet accepts a nomination of somebody who is no candidate.
	const NOMINATES_ANYBODY: bool;

	/// The staking pallet releases chunks by the planned era. Then the adapter has to refuse where
	/// unbonding would release one before its era is active.
	const RELEASES_BY_PLANNED_ERA: bool;

	/// What is unbonded in the very era of an offence bears no part of the slash as long as what
	/// stays is enough: `pallet-staking` counts the era of a deferred slash one too late. Stake
	/// that is unbonded in the era after bears its part everywhere.
	const SPARES_LEAVERS: bool;

	/// Eras after the offence in which a report still leads to a slash.
	const REPORTABLE_FOR: EraIndex;

	/// Runs `test` in the first block of era 1, and checks the state of the chain afterwards.
	fn run(test: impl FnOnce());

	/// Makes a block.
	fn next_block();

	/// Whether this is the last session of the active era.
	fn in_last_session() -> bool;

	/// Gives `who` so much that it can bond `value`, and keep the existential deposit.
	fn endow(who: AccountId, value: Balance);

	/// What `who` has that is not staked.
	fn free(who: AccountId) -> Balance;

	/// From now on all reward points are earned by `validator`.
	fn rewards_go_to(validator: AccountId);

	/// Reports that `validator` has offended in `era`, in which it was at work.
	fn offend(validator: AccountId, fraction: Perbill, era: EraIndex);

	/// Cancels all slashes that are to be applied in `applied_in`.
	fn cancel_slashes(applied_in: EraIndex);

	/// `validator` rids itself of the nomination of `stash`.
	fn kick(validator: AccountId, stash: AccountId);

	/// Somebody removes what is left of `stash` after a total slash.
	fn reap(stash: AccountId);

	/// Sets the least that a nominator must have bonded.
	fn set_minimum_bond(value: Balance);

	/// Sets the most nominators.
	fn set_max_nominators(most: Option<u32>);

	/// The most nominators.
	fn max_nominators() -> Option<u32>;

	/// `who` nominates by a transaction, as anybody may. Returns whether it was admitted.
	fn nominate_as_anybody(who: AccountId, validator: AccountId) -> bool;

	/// From now on each session begins an era.
	fn force_eras();

	/// From now on, what nominators unbond can be withdrawn after [`SHORT_BONDING_DURATION`].
	fn shorten_unbonding();

	/// A new runtime allows another number of chunks in a ledger.
	fn set_max_unlocking_chunks(most: u32);
}

/// A slash that a stash has suffered.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode)]
pub struct Landed {
	/// Who has lost.
	pub stash: AccountId,
	/// The era in which it was.
	pub era: EraIndex,
	/// What is staked since then.
	pub active: Balance,
	/// What the chunks that bore a part are worth since then.
	pub unlocking: BTreeMap<EraIndex, Balance>,
	/// How much was lost.
	pub amount: Balance,
}

#[storage_alias]
type LandedSlashes = StorageValue<Conformance, Vec<Landed>, ValueQuery>;

/// Takes down slashes as they land. A driver makes it the listener of its staking pallet.
pub struct Recorder<Backend>(PhantomData<Backend>);

impl<Backend: StakingBackend> OnStakingUpdate<AccountId, Balance> for Recorder<Backend> {
	fn on_slash(
		stash: &AccountId,
		active: Balance,
		unlocking: &BTreeMap<EraIndex, Balance>,
		amount: Balance,
	) {
		LandedSlashes::append(Landed {
			stash: *stash,
			era: Backend::active_era().expect("slashes land in eras"),
			active,
			unlocking: unlocking.clone(),
			amount,
		});
	}
}

/// The slashes that `stash` has suffered, in order.
fn landed_on(stash: AccountId) -> Vec<Landed> {
	LandedSlashes::get().into_iter().filter(|landed| landed.stash == stash).collect()
}

/// What `stash` has lost to slashes.
fn lost_by(stash: AccountId) -> Balance {
	landed_on(stash).iter().map(|landed| landed.amount).sum()
}

/// The ledger of `stash`, which can be read.
fn ledger_of<D: Driver>(stash: &AccountId) -> Option<Ledger> {
	D::Backend::ledger(stash).expect("can be read")
}

/// Calls `act` as the pool does: either all of it happens, or nothing.
fn layered<R>(act: impl FnOnce() -> Result<R, StakingError>) -> Result<R, StakingError> {
	with_storage_layer(act)
}

/// Makes blocks until `done`.
fn roll_until<D: Driver>(done: impl Fn() -> bool) {
	for _ in 0..PATIENCE {
		if done() {
			return;
		}
		D::next_block();
	}
	panic!("what was waited for has not come");
}

/// Makes blocks until the first one of `era`.
fn roll_to<D: Driver>(era: EraIndex) {
	assert!(D::Backend::active_era() < Some(era), "era {era} has begun before");
	roll_until::<D>(|| D::Backend::active_era() == Some(era));
}

/// Makes blocks until the first one of the last session of the active era.
fn roll_to_last_session<D: Driver>() {
	let era = D::Backend::active_era();
	roll_until::<D>(D::in_last_session);
	assert_eq!(D::Backend::active_era(), era);
}

/// Endows `stash`, bonds `value`, and nominates `validator`. Rewards go to [`payee`].
fn nominator<D: Driver>(stash: AccountId, value: Balance, validator: AccountId) {
	D::endow(stash, value);
	D::endow(payee(stash), 0);
	D::Backend::bond(&stash, value, &payee(stash)).expect("has enough");
	D::Backend::nominate(&stash, &validator).expect("has bonded enough");
}

/// Who receives the rewards of a [`nominator`]. It has the existential deposit.
fn payee(stash: AccountId) -> AccountId {
	stash.saturating_add(1_000)
}

/// Whether the staking pallet refused, for a reason of its own.
fn is_refused<R>(result: Result<R, StakingError>) -> bool {
	matches!(result, Err(StakingError::Refused(_)))
}

/// One `#[test]` for each test of the suite, with `$driver` at the wheel.
#[macro_export]
macro_rules! conformance_tests {
	($driver:ident) => {
		$crate::conformance_tests! { $driver, bonding:
			bonding_stakes_exactly_what_was_asked,
			bonding_more_than_is_free_bonds_nothing,
			a_nominator_has_the_minimum_bonded,
			the_minimum_is_never_below_what_can_be_bonded,
			nominating_replaces_the_nomination,
			whoever_is_no_candidate_is_not_elected_by_a_nomination,
			chilling_takes_the_nomination_back,
			a_kicked_stash_nominates_nobody,
			stashes_are_admitted_past_the_maximum_of_nominators,
			the_maximum_of_nominators_stays_when_a_nomination_fails,
			a_raised_minimum_leaves_the_nomination_and_the_stake,
			a_stranger_has_nothing,
		}
		$crate::conformance_tests! { $driver, unbonding:
			unbonding_makes_one_chunk_per_era,
			unbonding_leaves_no_dust_and_takes_no_more_than_is_active,
			unbonding_leaves_a_nominator_its_minimum,
			what_unbonds_last_is_staked_again_first,
			a_chunk_is_released_when_its_era_is_active,
			a_chunk_of_the_last_session_is_released_when_its_era_is_active,
			unbonding_with_a_full_ledger_releases_nothing_early,
			unbonding_with_a_full_ledger_withdraws_what_is_due,
			what_is_due_is_released_while_the_next_era_is_planned,
			withdrawals_go_on_when_every_session_begins_an_era,
			a_shorter_bonding_duration_keeps_the_chunks_in_order,
			what_is_due_last_is_staked_again_first_when_the_bonding_duration_was_shortened,
			what_is_staked_again_in_the_last_session_is_what_was_asked,
			a_ledger_that_cannot_be_read_is_not_gone,
			an_emptied_stash_is_gone_and_can_come_back,
		}
		$crate::conformance_tests! { $driver, rewards:
			rewards_go_to_the_payee,
			each_page_is_paid_once,
			an_era_is_paid_when_it_is_over,
			who_was_not_elected_earns_nothing,
		}
		$crate::conformance_tests! { $driver, slashes:
			an_offence_opens_a_slash_for_each_nominator,
			what_is_open_is_what_is_lost,
			a_report_is_complete_once_none_is_in_progress,
			the_era_of_a_slash_is_open_until_it_has_landed,
			strangers_are_left_out,
			a_cancelled_slash_is_not_open_and_does_not_land,
			offences_in_one_era_add_up_to_the_worst,
			a_late_report_opens_what_it_takes,
			a_slash_takes_what_there_is_and_leaves_no_dust,
			a_report_that_is_too_late_opens_nothing,
			a_chunk_from_after_the_offence_bears_its_part,
			a_chunk_from_before_the_offence_bears_nothing,
			a_chunk_from_after_the_election_is_paid_for_by_who_stays,
			who_unbonds_in_the_era_of_the_offence_may_be_spared,
			who_leaves_altogether_still_pays,
			what_was_staked_again_bears_what_is_open,
			a_stash_that_lost_all_may_be_gone,
		}
	};
	($driver:ident, $topic:ident: $($name:ident,)+) => {
		mod $topic {
			$(
				#[test]
				fn $name() {
					use super::$driver as Chain;
					<Chain as $crate::Driver>::run($crate::$topic::$name::<Chain>);
				}
			)+
		}
	};
}
