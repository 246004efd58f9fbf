// SPDX-License-Identifier: Apache-2.0

//! Reports are read: claims open, change and are released. Past claims are kept for those who ask.

use crate::{
	books::FundState,
	claims::{Change, ClaimLedger, NoRoom, Updated},
	stored::Ledger,
	Claims, Config, Event, Fund, History, LedgerOf, Outcomes, Pallet, Provisions,
};
use alloc::{collections::BTreeMap, vec::Vec};
use frame_support::{defensive, traits::Get};
use holdfast_primitives::{Assets, ClaimInfo, OpenReport, OperatorBonds};
use sp_runtime::traits::Saturating;

impl<T: Config> Pallet<T> {
	/// Brings the claims up to date with all that is reported: claims that are not among `open` are
	/// released, others change or are new.
	pub(crate) fn sync_claims(open: impl Iterator<Item = OpenReport<T::AccountId>>) {
		let Some(mut books) = Self::readable(Ledger::Fund, Self::books()) else { return };
		let Some(mut ledger) = Self::readable_claims() else { return };
		let active = Self::active_era();
		// By era and validator, as claims are. Bounded by the caller.
		let mut reports: BTreeMap<_, OpenReport<T::AccountId>> = BTreeMap::new();
		for report in open {
			let key = (report.applied_in, report.validator.clone());
			reports
				.entry(key)
				.and_modify(|sum| sum.amount.saturating_accrue(report.amount))
				.or_insert(report);
		}
		let amount_of = |claim: &ClaimInfo<T::AccountId>| {
			// Only past claims can be without a validator.
			let Some(validator) = claim.validator.clone() else { return Assets(claim.open) };
			Assets(reports.remove(&(claim.applied_in, validator)).map_or(0, |report| report.amount))
		};
		let updated = ledger.update(&mut books, amount_of, active);
		Self::note_changes(updated);
		for report in reports.into_values().filter(|report| report.amount > 0) {
			let opened = ledger.open(&mut books, &report);
			let OpenReport { validator, applied_in, amount, .. } = report;
			Self::deposit_event(match opened {
				Ok(claim) => Event::ClaimOpened { claim, validator, applied_in, amount },
				Err(NoRoom) => Event::NotProvisioned { validator, applied_in, amount },
			});
		}
		books.set_bonds(ledger.bonds(T::Bonds::bond_of, T::MaxBonds::get()));
		books.note_blocked(active, Self::now());
		let (claims, provisions) = ledger.into_parts();
		Provisions::<T>::put(provisions);
		Claims::<T>::put(claims);
		Fund::<T>::put(books);
	}

	/// Stores and tells what has changed when reports were read.
	fn note_changes(updated: Updated<T::AccountId>) {
		for (provision, outcome) in updated.outcomes {
			Outcomes::<T>::insert(provision, outcome);
		}
		let mut past = Vec::new();
		for change in updated.changes {
			match change {
				Change::Resized { claim, amount: Assets(amount) } => {
					Self::deposit_event(Event::ClaimChanged { claim, amount });
				},
				Change::Released { claim, amount: Assets(amount) } => {
					let (id, state) = (claim.id, claim.state);
					Self::deposit_event(Event::ClaimReleased { claim: id, amount, state });
					past.push(claim);
				},
			}
		}
		Self::remember(past);
	}

	/// The open claims with the provisions for them. `None` if either cannot be decoded.
	fn readable_claims() -> Option<LedgerOf<T>> {
		let claims = Self::readable(Ledger::Claims, Self::open_claims())?;
		let provisions = Self::readable(Ledger::Provisions, Self::provisions())?;
		Some(ClaimLedger::new(claims, provisions))
	}

	/// Counts anew what bonds will pay of the open reports, if these can be read.
	pub(crate) fn recount_bonds(books: &mut FundState) {
		if let (Ok(claims), Ok(provisions)) = (Self::open_claims(), Self::provisions()) {
			let ledger: LedgerOf<T> = ClaimLedger::new(claims, provisions);
			books.set_bonds(ledger.bonds(T::Bonds::bond_of, T::MaxBonds::get()));
		}
	}

	/// Keeps claims that are past, in place of the oldest.
	pub(crate) fn remember(past: impl IntoIterator<Item = ClaimInfo<T::AccountId>>) {
		let mut past = past.into_iter().peekable();
		if past.peek().is_none() {
			return;
		}
		let Some(mut history) = Self::readable(Ledger::History, Self::past_claims()) else {
			return;
		};
		for claim in past {
			if history.is_full() {
				history.remove(0);
			}
			if history.try_push(claim).is_err() {
				defensive!("there is room for a past claim");
			}
		}
		History::<T>::put(history);
	}
}
