// SPDX-License-Identifier: Apache-2.0

//! Reports, as long as they are open and after: the claims, and the provisions for them.

use crate::*;
use alloc::{collections::BTreeMap, vec::Vec};
use core::cmp::Reverse;
use frame_support::traits::Get;
use holdfast_primitives::{
	shares::pro_rata_up, Balance, ClaimId, ClaimInfo, ClaimState, EraIndex, Loss, OpenReport,
	OperatorBonds, Paid,
};

impl<T: Config> Pallet<T> {
	/// Takes over what is reported: claims that are not among `open` are released, others change or
	/// are new.
	pub(crate) fn take_over(open: impl Iterator<Item = OpenReport<T::AccountId>>) {
		let Some(mut fund) = Self::or_tell(Ledger::Fund, Self::books()) else { return };
		let Some(mut claims) = Self::or_tell(Ledger::Claims, Self::open_claims()) else { return };
		let Some(mut provisions) = Self::or_tell(Ledger::Provisions, Self::provisions()) else {
			return;
		};
		let active = T::ActiveEra::get().unwrap_or_default();
		// By era and validator, as claims are. Bounded by the caller.
		let mut sums: BTreeMap<(EraIndex, T::AccountId), (EraIndex, Balance)> = BTreeMap::new();
		for report in open {
			let key = (report.applied_in, report.validator);
			let (_, sum) = sums.entry(key).or_insert((report.offence_era, 0));
			*sum = sum.saturating_add(report.amount);
		}

		let mut gone = Vec::new();
		for claim in claims.iter_mut() {
			let Some(validator) = claim.validator.clone() else { continue };
			let (_, amount) = sums.remove(&(claim.applied_in, validator)).unwrap_or_default();
			let (era, id, before) = (claim.applied_in, claim.id, claim.open);
			claim.open = amount;
			if amount > before {
				Self::provide(&mut fund, &mut provisions, era, amount.saturating_sub(before));
			} else if amount < before {
				let less = before.saturating_sub(amount);
				Self::settle(&mut fund, &mut provisions, era, less, 0);
			}
			if amount == 0 {
				claim.state = match claim.lost {
					0 if era <= active => ClaimState::Expired,
					0 => ClaimState::Cancelled,
					_ => ClaimState::Applied,
				};
				let (state, amount) = (claim.state, before);
				Self::deposit_event(Event::ClaimReleased { claim: id, amount, state });
				gone.push(claim.clone());
			} else if amount != before {
				Self::deposit_event(Event::ClaimChanged { claim: id, amount });
			}
		}
		claims.retain(|claim| claim.open > 0);
		Self::remember(gone);

		for ((applied_in, validator), (offence_era, amount)) in sums {
			if amount == 0 {
				continue;
			}
			let id = fund.next_claim;
			let claim = ClaimInfo {
				id,
				validator: Some(validator.clone()),
				offence_era,
				applied_in,
				open: amount,
				lost: 0,
				paid: Paid::default(),
				state: ClaimState::Open,
			};
			let room =
				!claims.is_full() && Self::provide(&mut fund, &mut provisions, applied_in, amount);
			if !room || claims.try_push(claim).is_err() {
				Self::deposit_event(Event::NotProvisioned { validator, applied_in, amount });
				continue;
			}
			fund.next_claim = id.saturating_add(1);
			Self::deposit_event(Event::ClaimOpened { claim: id, validator, applied_in, amount });
		}
		fund.bonds = Self::count_bonds(&claims, &provisions, T::MaxBonds::get());
		Self::put_provisions(&mut fund, provisions);
		fund.note_blocked(active, Self::now());
		Claims::<T>::put(claims);
		Fund::<T>::put(fund);
	}

	fn put_provisions(fund: &mut FundState, provisions: ProvisionsOf<T>) {
		fund.first_due = provisions.iter().map(|provision| provision.applied_in).min();
		Provisions::<T>::put(provisions);
	}

	/// What bonds of operators will pay of `claims`, beyond what that spares those who have left. Each
	/// bond once, for what is due first; of the bonds, those of the `most` validators with most reported.
	///
	/// Of a provision for `amount`, of which `locked` is for those who have left, they bear the part
	/// `locked / amount` of what bonds do not pay. So bonds relieve the others of the rest only.
	pub(crate) fn count_bonds(
		claims: &ClaimsOf<T>,
		provisions: &ProvisionsOf<T>,
		most: u32,
	) -> Balance {
		let mut reported: BTreeMap<&T::AccountId, Balance> = BTreeMap::new();
		for claim in claims {
			if let Some(validator) = &claim.validator {
				let sum = reported.entry(validator).or_default();
				*sum = sum.saturating_add(claim.open);
			}
		}
		let mut validators: Vec<_> = reported.into_iter().collect();
		validators.sort_by_key(|(_, amount)| Reverse(*amount));
		validators.truncate(usize::try_from(most).unwrap_or(usize::MAX));
		let mut operators = BTreeMap::new();
		let mut left = BTreeMap::new();
		for (validator, _) in validators {
			if let Some((operator, bond)) = T::Bonds::bond_of(validator) {
				operators.insert(validator, operator.clone());
				left.insert(operator, bond);
			}
		}

		let mut due: Vec<_> = claims.iter().collect();
		due.sort_by_key(|claim| claim.applied_in);
		let mut paid: BTreeMap<EraIndex, Balance> = BTreeMap::new();
		for claim in due {
			let operator = claim.validator.as_ref().and_then(|v| operators.get(v));
			let Some(bond) = operator.and_then(|o| left.get_mut(o)) else { continue };
			let part = claim.open.min(*bond);
			*bond = bond.saturating_sub(part);
			let sum = paid.entry(claim.applied_in).or_default();
			*sum = sum.saturating_add(part);
		}
		provisions.iter().fold(0, |sum: Balance, provision| {
			let bonds = paid.get(&provision.applied_in).copied().unwrap_or(0);
			let spared = pro_rata_up(bonds, provision.locked, provision.amount).unwrap_or(bonds);
			sum.saturating_add(bonds.saturating_sub(spared))
		})
	}

	/// Provisions `amount` for reports that are due in `era`. `false` if there is no room.
	fn provide(
		fund: &mut FundState,
		provisions: &mut ProvisionsOf<T>,
		era: EraIndex,
		amount: Balance,
	) -> bool {
		if let Some(provision) = provisions.iter_mut().find(|p| p.applied_in == era) {
			provision.amount = provision.amount.saturating_add(amount);
		} else {
			let id = fund.next_provision;
			let provision = Provision { amount, ..Provision::new(id, era) };
			if provisions.try_push(provision).is_err() {
				return false;
			}
			fund.next_provision = id.saturating_add(1);
		}
		fund.reported = fund.reported.saturating_add(amount);
		true
	}

	/// Takes `reported` out of the provision for `era`: it was applied, and those who have left have
	/// paid `paid` for it, or it is not open any more.
	fn settle(
		fund: &mut FundState,
		provisions: &mut ProvisionsOf<T>,
		era: EraIndex,
		reported: Balance,
		paid: Balance,
	) {
		// There is one for every claim.
		let Some(provision) = provisions.iter_mut().find(|p| p.applied_in == era) else { return };
		let released = provision.settle(reported, paid);
		fund.settle(reported, released);
		if !provision.is_settled() {
			return;
		}
		let settled = *provision;
		if let Some(outcome) = settled.outcome() {
			Outcomes::<T>::insert(settled.id, outcome);
		}
		if settled.amount > 0 {
			// The rest is for those who have not left.
			*provision =
				Provision { amount: settled.amount, ..Provision::new(fund.next_provision, era) };
			fund.next_provision = fund.next_provision.saturating_add(1);
		} else {
			provisions.retain(|provision| provision.id != settled.id);
		}
	}

	/// What of `loss` is provisioned, with the provision for it.
	pub(crate) fn provisioned(
		known: Option<&(ClaimsOf<T>, ProvisionsOf<T>)>,
		loss: &Loss<T::AccountId>,
	) -> (Balance, Option<Provision>) {
		let Some((claims, provisions)) = known else { return (0, None) };
		let claim = claims.iter().find(|claim| Self::is_claim(claim, loss));
		let reported = claim.map_or(0, |claim| loss.reported.min(claim.open));
		let provision = provisions.iter().find(|p| reported > 0 && p.applied_in == loss.applied_in);
		(reported, provision.copied())
	}

	fn is_claim(claim: &ClaimInfo<T::AccountId>, loss: &Loss<T::AccountId>) -> bool {
		claim.applied_in == loss.applied_in && claim.validator == loss.validator
	}

	/// Books `loss`, for which was `paid`, in its claim, and takes `reported` out of the provision for
	/// it. Returns the claim.
	///
	/// Without `known`, which are claims and provisions, the loss is one that nobody reported.
	pub(crate) fn settle_claim(
		fund: &mut FundState,
		known: Option<(ClaimsOf<T>, ProvisionsOf<T>)>,
		loss: &Loss<T::AccountId>,
		reported: Balance,
		paid: &Paid,
	) -> ClaimId {
		let (mut claims, mut provisions) = known.unwrap_or_default();
		let Some(claim) = claims.iter_mut().find(|claim| Self::is_claim(claim, loss)) else {
			// Nothing was provisioned for it.
			let id = fund.next_claim;
			fund.next_claim = id.saturating_add(1);
			Self::remember([ClaimInfo {
				id,
				validator: loss.validator.clone(),
				offence_era: loss.offence_era,
				applied_in: loss.applied_in,
				open: 0,
				lost: loss.amount,
				paid: *paid,
				state: ClaimState::Applied,
			}]);
			return id;
		};
		let id = claim.id;
		claim.open = claim.open.saturating_sub(reported);
		claim.lost = claim.lost.saturating_add(loss.amount);
		claim.paid = claim.paid.plus(paid);
		if claim.open == 0 {
			claim.state = ClaimState::Applied;
			Self::remember([claim.clone()]);
			claims.retain(|claim| claim.open > 0);
		}
		Claims::<T>::put(claims);
		if reported > 0 {
			Self::settle(fund, &mut provisions, loss.applied_in, reported, paid.leavers);
			Self::put_provisions(fund, provisions);
		}
		id
	}

	/// Keeps claims that are not open any more, for those who ask, instead of the oldest.
	fn remember(closed: impl IntoIterator<Item = ClaimInfo<T::AccountId>>) {
		let mut closed = closed.into_iter().peekable();
		if closed.peek().is_none() {
			return;
		}
		let Some(mut history) = Self::or_tell(Ledger::History, Self::past_claims()) else { return };
		for claim in closed {
			if history.is_full() {
				history.remove(0);
			}
			// There is room now.
			let _ = history.try_push(claim);
		}
		History::<T>::put(history);
	}

	/// The claims from number `from` on, a page of them, as far as they can be read.
	pub(crate) fn claims_from(from: ClaimId) -> Vec<ClaimInfo<T::AccountId>> {
		let mut claims: Vec<_> = Self::past_claims()
			.unwrap_or_default()
			.into_iter()
			.chain(Self::open_claims().unwrap_or_default())
			.filter(|claim| claim.id >= from)
			.collect();
		claims.sort_unstable_by_key(|claim| claim.id);
		let page = usize::try_from(T::MaxHistory::get()).unwrap_or(usize::MAX);
		claims.truncate(page);
		claims
	}
}
