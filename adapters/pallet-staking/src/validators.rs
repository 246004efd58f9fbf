// SPDX-License-Identifier: Apache-2.0

//! What `pallet-staking` knows of validators.

use crate::PalletStaking;
use alloc::{collections::BTreeMap, vec::Vec};
use frame_support::traits::Get;
use holdfast_primitives::{
	Balance, EraIndex, Preferences, StakingBackend, ValidatorInfo, ValidatorSet,
};
use pallet_staking::{
	Config, ErasRewardPoints, ErasStakersOverview, ErasStakersPaged, ErasValidatorPrefs,
	ErasValidatorReward, Nominators, SlashingSpans, ValidatorCount, ValidatorSlashInEra,
	Validators,
};
use sp_runtime::Perbill;

impl<T> ValidatorInfo for PalletStaking<T>
where
	T: Config<CurrencyBalance = Balance>
		+ pallet_session::Config<ValidatorId = <T as frame_system::Config>::AccountId>,
{
	type AccountId = T::AccountId;

	fn active_era() -> Option<EraIndex> {
		<Self as StakingBackend>::active_era()
	}

	fn bonding_duration() -> EraIndex {
		T::BondingDuration::get()
	}

	fn seats() -> u32 {
		ValidatorCount::<T>::get()
	}

	fn set(era: EraIndex) -> ValidatorSet {
		// Bounded by `MaxValidatorSet`.
		let least = |set: ValidatorSet, total: Balance| ValidatorSet {
			elected: set.elected.saturating_add(1),
			least: if set.elected == 0 { total } else { set.least.min(total) },
		};
		ErasStakersOverview::<T>::iter_prefix_values(era)
			.fold(ValidatorSet::default(), |set, overview| least(set, overview.total))
	}

	fn points(era: EraIndex) -> BTreeMap<T::AccountId, u32> {
		ErasRewardPoints::<T>::get(era).individual
	}

	fn payout(era: EraIndex) -> Balance {
		ErasValidatorReward::<T>::get(era).unwrap_or_default()
	}

	fn preferences(validator: &T::AccountId) -> Option<Preferences> {
		let prefs = Validators::<T>::try_get(validator).ok()?;
		Some(Preferences { commission: prefs.commission, blocked: prefs.blocked })
	}

	fn commission(era: EraIndex, validator: &T::AccountId) -> Perbill {
		ErasValidatorPrefs::<T>::get(era, validator).commission
	}

	fn has_keys(validator: &T::AccountId) -> bool {
		// Registered ones are at work from the session after the next.
		pallet_session::NextKeys::<T>::contains_key(validator)
	}

	fn own_stake(validator: &T::AccountId) -> Balance {
		// What cannot be read is not counted.
		let ledger = <Self as StakingBackend>::ledger(validator).ok().flatten();
		ledger.map_or(0, |ledger| ledger.active)
	}

	fn exposed_own(era: EraIndex, validator: &T::AccountId) -> Balance {
		ErasStakersOverview::<T>::get(era, validator).map_or(0, |overview| overview.own)
	}

	fn nominations(nominator: &T::AccountId) -> Option<Vec<T::AccountId>> {
		Some(Nominators::<T>::get(nominator)?.targets.into_inner())
	}

	fn backing(era: EraIndex, validator: &T::AccountId) -> Option<(Balance, u32)> {
		let overview = ErasStakersOverview::<T>::get(era, validator)?;
		Some((overview.total, overview.page_count))
	}

	fn backing_of(
		era: EraIndex,
		validator: &T::AccountId,
		page: u32,
		is_ours: impl Fn(&T::AccountId) -> bool,
	) -> Balance {
		ErasStakersPaged::<T>::get((era, validator, page)).map_or(0, |page| {
			page.others
				.iter()
				.filter(|nominator| is_ours(&nominator.who))
				.fold(0, |sum: Balance, nominator| sum.saturating_add(nominator.value))
		})
	}

	fn last_offence(validator: &T::AccountId) -> Option<EraIndex> {
		let last = SlashingSpans::<T>::get(validator)?.last_nonzero_slash();
		// As a nominator, it may have been slashed for somebody else.
		ValidatorSlashInEra::<T>::contains_key(last, validator).then_some(last)
	}
}
