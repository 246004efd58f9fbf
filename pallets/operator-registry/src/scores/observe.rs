// SPDX-License-Identifier: Apache-2.0

//! What the staking pallet knows of a validator, and what its record learns from that.

use super::round::{Round, MAX_EXPOSURE_PAGES};
use crate::{
	assignments,
	clock::liability,
	records::{Sample, Standing, Validator},
	Config,
};
use alloc::{collections::BTreeMap, vec::Vec};
use core::cell::Cell;
use frame_support::traits::Contains;
use holdfast_primitives::{Balance, EraIndex, Preferences, StashAccounts, ValidatorInfo};
use sp_runtime::Perbill;

/// What is seen of a validator in the era of a round.
pub(super) struct Seen {
	/// The terms on which it stands for election; `None` if it does not.
	preferences: Option<Preferences>,
	/// Whether it has session keys.
	has_keys: bool,
	/// Its own stake that is at risk.
	own: Balance,
	/// All stake behind it, but for the pool's.
	others: Balance,
	/// The pool's stake that is exposed to it.
	ours: Balance,
	/// Whether plans have had stashes on it for so long that they should be exposed.
	should_be_exposed: bool,
	/// Whether it is its own doing that stashes are not exposed.
	has_refused: bool,
	/// Whether it earned fewer points than are demanded.
	has_missed: bool,
	/// What happened to it in the last era.
	sample: Sample,
}

impl Seen {
	/// The terms on which it stands for election; `None` if it does not.
	pub(super) fn preferences(&self) -> Option<Preferences> {
		self.preferences
	}

	/// Whether it has session keys.
	pub(super) fn has_keys(&self) -> bool {
		self.has_keys
	}

	/// Its own stake that is at risk, in the smallest unit.
	pub(super) fn own(&self) -> Balance {
		self.own
	}

	/// All stake behind it but for the pool's, in the smallest unit.
	pub(super) fn others(&self) -> Balance {
		self.others
	}

	/// The pool's stake that is exposed to it, in the smallest unit.
	pub(super) fn ours(&self) -> Balance {
		self.ours
	}

	/// Whether it is its own doing that stashes are not exposed.
	pub(super) fn has_refused(&self) -> bool {
		self.has_refused
	}

	/// Whether it earned fewer points than are demanded.
	pub(super) fn has_missed(&self) -> bool {
		self.has_missed
	}

	/// Lets the record of the validator learn from the era.
	pub(super) fn teach<T: Config>(
		&self,
		round: &Round<T::AccountId>,
		record: &mut Validator<T::AccountId>,
		standing: &mut Standing,
	) {
		let (era, probation) = (round.era, round.parameters.probation);
		record.observe(&self.sample, era, T::Validators::bonding_duration());
		if self.sample.points.is_some() && !self.has_missed {
			standing.has_shown();
		}
		if self.ours > 0 {
			record.note_exposed(era);
		} else if self.should_be_exposed {
			// From the next plan on, whatever the reason was.
			record.note_unexposed();
		}
		if self.has_missed || self.has_refused {
			// It has to show that it is back.
			record.set_back(era.saturating_add(probation));
			standing.must_show(probation);
		}
		let validates = self.preferences.is_some() && self.has_keys;
		record.note_idle(validates, era, liability::<T>());
	}
}

/// Looks at a validator. `points` are those of the era before.
pub(super) fn observe<T: Config>(
	round: &Round<T::AccountId>,
	points: &BTreeMap<T::AccountId, u32>,
	validator: &T::AccountId,
	record: &Validator<T::AccountId>,
	backing: Option<(Balance, u32)>,
) -> Seen {
	let era = round.era;
	let before = era.saturating_sub(1);
	let preferences = T::Validators::preferences(validator);
	let (total, own) = stakes::<T>(era, validator, backing);
	let (ours, exposed) = exposed_to_pool::<T>(era, validator, backing);
	let was_elected = T::Validators::backing(before, validator).is_some();
	let should_be_exposed = record.should_be_exposed(era);
	let has_refused = should_be_exposed && has_refused::<T>(era, validator, &exposed);
	let asked = preferences.map_or(Perbill::zero(), |preferences| preferences.commission);
	let sample = Sample {
		points: (was_elected && round.points > 0).then(|| {
			let points = points.get(validator).copied().unwrap_or(0);
			let expected = u64::from(points).saturating_mul(round.elected_before.into());
			Perbill::from_rational(expected.min(round.points), round.points)
		}),
		absent: if has_refused { 1u32.saturating_add((!was_elected).into()) } else { 0 },
		offence: T::Validators::last_offence(validator),
		commission: asked
			.max(T::Validators::commission(before, validator))
			.max(T::Validators::commission(era, validator)),
	};
	let has_missed = sample.points.is_some_and(|points| points < round.parameters.min_points);
	Seen {
		preferences,
		has_keys: T::Validators::has_keys(validator),
		own,
		others: total.saturating_sub(ours),
		ours,
		should_be_exposed,
		has_refused,
		has_missed,
		sample,
	}
}

/// All that is staked with a validator in `era`, and what of it is its own: of one that is elected, what
/// is exposed and still in its ledger; what was bonded after the election is not at stake, and what is
/// unbonding will not be for long.
fn stakes<T: Config>(
	era: EraIndex,
	validator: &T::AccountId,
	backing: Option<(Balance, u32)>,
) -> (Balance, Balance) {
	let now = T::Validators::own_stake(validator);
	match backing {
		Some((total, _)) => (total, now.min(T::Validators::exposed_own(era, validator))),
		None => (now, now),
	}
}

/// The pool's stake that is exposed to a validator in `era`, and the stashes whose stake it is.
pub(super) fn exposed_to_pool<T: Config>(
	era: EraIndex,
	validator: &T::AccountId,
	backing: Option<(Balance, u32)>,
) -> (Balance, Vec<T::AccountId>) {
	let pages = backing.map_or(0, |(_, pages)| pages.min(MAX_EXPOSURE_PAGES));
	let exposed = Cell::new(Vec::new());
	let is_ours = |who: &T::AccountId| {
		let ours = T::Stashes::contains(who);
		if ours {
			let mut so_far = exposed.take();
			so_far.push(who.clone());
			exposed.set(so_far);
		}
		ours
	};
	let of = |page| T::Validators::backing_of(era, validator, page, is_ours);
	let sum = (0..pages).map(of).fold(0, Balance::saturating_add);
	(sum, exposed.into_inner())
}

/// Whether it is the doing of `validator` that stashes that the last plan had on it are not among
/// the `exposed`: it has kicked them, or none is exposed though they nominate it.
///
/// It is not where the staking pallet has refused the nomination, or somebody has chilled the stash;
/// nor where some are exposed and another is about to be. One of the stashes is looked at, another
/// one in each era, so that none hides the others.
fn has_refused<T: Config>(
	era: EraIndex,
	validator: &T::AccountId,
	exposed: &[T::AccountId],
) -> bool {
	let missing: Vec<T::AccountId> = assignments::stashes_on::<T>(validator)
		.into_iter()
		.map(T::Stashes::stash_account)
		.filter(|stash| !exposed.contains(stash))
		.collect();
	let turn = usize::try_from(era).unwrap_or_default().checked_rem(missing.len());
	turn.and_then(|turn| missing.get(turn)).and_then(T::Validators::nominations).is_some_and(
		|targets| targets.is_empty() || (exposed.is_empty() && targets.contains(validator)),
	)
}
