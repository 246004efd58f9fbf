// SPDX-License-Identifier: Apache-2.0

//! Who has a score in the list of voters.

use core::marker::PhantomData;
use frame_election_provider_support::{ScoreProvider, VoteWeight};
use pallet_staking::{Config, Nominators, Pallet, Validators};

/// The scores of those who nominate or validate, and of nobody else.
///
/// `pallet-staking` itself has a score for every ledger. A list of voters asks for scores by itself,
/// and when anybody asks it to: whoever has one is let in, past the minimum bond and the maximum of
/// nominators, and so is who was chilled a moment ago. Whoever has none is taken out.
pub struct VoterScore<T>(PhantomData<T>);

impl<T: Config> ScoreProvider<T::AccountId> for VoterScore<T> {
	type Score = VoteWeight;

	fn score(who: &T::AccountId) -> Option<VoteWeight> {
		// Also if the nomination cannot be decoded, as the staking pallet counts.
		let votes = Nominators::<T>::contains_key(who) || Validators::<T>::contains_key(who);
		votes.then(|| <Pallet<T> as ScoreProvider<T::AccountId>>::score(who)).flatten()
	}

	#[cfg(feature = "runtime-benchmarks")]
	fn set_score_of(who: &T::AccountId, score: VoteWeight) {
		// A validator takes two reads to be found.
		Validators::<T>::insert(who, pallet_staking::ValidatorPrefs::default());
		<Pallet<T> as ScoreProvider<T::AccountId>>::set_score_of(who, score);
	}
}
