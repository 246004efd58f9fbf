// SPDX-License-Identifier: Apache-2.0

use crate::{mock::*, Error, Event};
use frame_support::{assert_noop, assert_ok, traits::fungible::Mutate};

fn deposit(assets: u128) {
	assert_ok!(LiquidStaking::deposit(RuntimeOrigin::signed(ALICE), assets, 0));
}

#[test]
fn a_slash_lowers_the_rate_in_its_block() {
	run(|| {
		deposit(1_000);
		next_era();
		Staking::slash(&LiquidStaking::stash_account(0), 10);
		let slashed = Event::Slashed {
			stash: 0,
			validator: None,
			offence_era: 1,
			assets: 50,
			covered: 0,
			batches: 0,
		};
		assert_eq!(events().last(), Some(&slashed));
		assert_eq!(LiquidStaking::total_assets(), 950);
	});
}

#[test]
fn a_slash_reaches_what_is_unbonding() {
	run(|| {
		deposit(1_000);
		next_era();
		assert_ok!(LiquidStaking::request_redeem(RuntimeOrigin::signed(ALICE), 400));
		next_era();
		assert_eq!((pool().bonded(), pool().unbonding()), (600, 400));
		Staking::slash(&LiquidStaking::stash_account(0), 50);
		// Both stashes held 300 and had 200 on their way out.
		assert_eq!((pool().bonded(), pool().unbonding()), (450, 300));
	});
}

#[test]
fn a_chunk_that_is_wiped_out_leaves_the_books_as_it_leaves_the_ledger() {
	run(|| {
		deposit(1_000);
		next_era();
		assert_ok!(LiquidStaking::request_redeem(RuntimeOrigin::signed(ALICE), 400));
		next_era();
		Staking::slash(&LiquidStaking::stash_account(1), 100);
		LiquidStaking::do_try_state().unwrap();
		// Half of all is lost: the batch and the holders bear it alike.
		next_era();
		assert_eq!((pool().bonded(), pool().owed(), pool().unbonding()), (300, 200, 200));
		// Not reaped, and at the end of the list: its record goes when all that it has earned is
		// collected, its empty ledger stays.
		let stashes: Vec<u32> = (0..3).map(|_| (pool().stashes(), next_era()).0).collect();
		assert_eq!(stashes, [2, 1, 1]);
	});
}

#[test]
fn what_leaves_a_ledger_behind_the_pools_back_is_recovered() {
	run(|| {
		deposit(1_000);
		next_era();
		let stash = LiquidStaking::stash_account(0);
		Staking::force_unstake(&stash);
		Balances::mint_into(&stash, 77).unwrap();
		// Until the next era work, books and ledger differ.
		next_era_unchecked();
		let corrected = Event::StashCorrected { stash: 0, recorded: 500, found: 0 };
		assert!(events().contains(&corrected));
		// It is staked again, and the donation is not.
		assert_eq!((pool().bonded(), LiquidStaking::total_assets()), (1_000, 1_000));
	});
}

#[test]
fn strangers_are_slashed_without_the_pool() {
	run(|| {
		use sp_staking::OnStakingUpdate;
		deposit(1_000);
		next_era();
		let before = pool();
		LiquidStaking::on_slash(&ALICE, 0, &Default::default(), 1_000);
		LiquidStaking::on_slash(&LiquidStaking::stash_account(7), 0, &Default::default(), 1_000);
		assert_eq!(pool(), before);
	});
}

#[test]
fn a_stash_that_lost_everything_and_was_reaped_is_bonded_again() {
	run(|| {
		deposit(1_000);
		next_era();
		Staking::slash(&LiquidStaking::stash_account(0), 100);
		Staking::reap(&LiquidStaking::stash_account(0));
		next_era();
		assert_eq!((pool().bonded(), LiquidStaking::total_assets()), (500, 500));
		deposit(1_000);
		next_era();
		assert_eq!(pool().bonded(), 1_500);
	});
}

#[test]
fn a_batch_that_closes_late_bears_slashes_up_to_the_era_in_which_it_does() {
	run(|| {
		deposit(1_000);
		next_era();
		SlashDelay::set(2);
		// No block of era 2 has room for its work, which is done in era 3.
		WorkLimit::set(LiquidStaking::max_step_weight());
		next_era();
		WorkLimit::set(Default::default());
		next_era();
		assert_ok!(LiquidStaking::request_redeem(RuntimeOrigin::signed(ALICE), 500));
		WorkLimit::set(ENOUGH);
		next_block();
		// Its assets were at stake in era 3, for an offence of which 100 are lost in era 5.
		Staking::report(&LiquidStaking::stash_account(0), 3, 100);
		next_era();
		next_era();
		let slashed = |e: &Event<Test>| {
			matches!(e, Event::Slashed { offence_era: 3, assets: 100, batches: 50, .. })
		};
		assert!(events().iter().any(slashed));
	});
}

#[test]
fn nobody_enters_while_the_shares_are_worthless() {
	run(|| {
		Balances::mint_into(&ALICE, 1_000_000).unwrap();
		deposit(1_900_000);
		Balances::mint_into(&LiquidStaking::reward_account(), 16_000_000).unwrap();
		next_era();
		// One of eight stashes holds more than all shares are worth.
		Staking::slash(&LiquidStaking::stash_account(0), 100);
		next_era();
		assert_eq!((LiquidStaking::total_assets(), pool().prepaid_next()), (0, 1));
		// For 1,000,000 assets there would be 600 billion shares: so many that the class would be
		// closed, and the 15.6 million that wait be paid to whoever came last.
		let enter = || LiquidStaking::deposit(RuntimeOrigin::signed(BOB), 1_000, 0);
		assert_noop!(enter(), Error::<Test>::ClassWiped);
		// Some of what waits is released, so that the price is no less than a millionth again.
		next_era();
		assert_ok!(enter());
	});
}

#[test]
fn two_chunks_of_one_era_lose_together_what_the_stash_has_lost() {
	run(|| {
		use crate::StashOf;
		use holdfast_primitives::{Chunk, Ledger};
		let chunk = |era, value| Chunk { era, value };
		let unlocking = vec![chunk(5, 100), chunk(4, 30), chunk(5, 50)];
		let ledger = Ledger { active: 0, unlocking };
		let mut stash = StashOf::<Test>::default().with_ledger(ledger).unwrap();
		// A tenth of each; of era 5 only the last value is known.
		stash.lose(18, 0, &[(4, 27), (5, 45)].into_iter().collect());
		let left: Vec<_> = stash.unlocking().iter().map(|c| (c.era, c.value)).collect();
		assert_eq!(left, [(5, 85), (4, 27), (5, 50)]);
		assert_eq!(stash.unlocking_total(), 162);
	});
}
