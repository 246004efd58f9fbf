// SPDX-License-Identifier: Apache-2.0

//! The invariants of the fund. Compiled in std builds too, so that native tests run them without
//! a feature flag.

use crate::{
	books::FundState,
	claims::{ClaimLedger, Outcome, ProvisionId, WithheldPart},
	Config, Leavers, LedgerOf, Outcomes, Pallet, Underwriters,
};
use alloc::collections::BTreeMap;
use frame_support::{
	ensure,
	traits::{fungible::Inspect, Get},
};
use holdfast_primitives::{Balance, ClaimInfo, ClaimState, EraIndex, OperatorBonds};
use sp_runtime::{traits::Saturating, TryRuntimeError};

/// The number of the parts that were withheld for each provision, and what they come to if nothing more
/// is paid for slashes.
type Withheld = BTreeMap<ProvisionId, (u32, Balance)>;

impl<T: Config> Pallet<T> {
	/// Checks every storage item of the pallet. Messages begin with the number of the invariant: 1 shares
	/// are backed, 8 the fund's account holds what the books say.
	pub fn do_try_state() -> Result<(), TryRuntimeError> {
		let books = Self::books().map_err(|_| "the books cannot be decoded")?;
		let claims = Self::open_claims().map_err(|_| "the open claims cannot be decoded")?;
		let provisions = Self::provisions().map_err(|_| "the provisions cannot be decoded")?;
		let ledger: LedgerOf<T> = ClaimLedger::new(claims, provisions);
		Self::check_decodable()?;
		Self::check_balance(&books)?;
		Self::check_underwriters(&books)?;
		Self::check_open_claims(&books, &ledger)?;
		Self::check_past_claims(&books, &ledger)?;
		Self::check_provisions(&books, &ledger)?;
		Self::check_leavers(&books, &ledger)?;
		Self::check_cover(&books, &ledger)?;
		Self::check_parameters()
	}

	/// What an iteration would skip. Lists are read where they are checked.
	fn check_decodable() -> Result<(), TryRuntimeError> {
		ensure!(
			Underwriters::<T>::iter_keys().count() == Underwriters::<T>::iter_values().count(),
			"a position cannot be decoded"
		);
		ensure!(
			Leavers::<T>::iter_keys().count() == Leavers::<T>::iter_values().count(),
			"what is withheld from a leaver cannot be decoded"
		);
		ensure!(
			Outcomes::<T>::iter_keys().count() == Outcomes::<T>::iter_values().count(),
			"the outcome of a provision cannot be decoded"
		);
		Ok(())
	}

	/// Bonds are not thought to pay more of the open reports than they would.
	fn check_cover(books: &FundState, ledger: &LedgerOf<T>) -> Result<(), TryRuntimeError> {
		ensure!(
			books.bonds() <= ledger.bonds(T::Bonds::bond_of, u32::MAX),
			"8: bonds are counted that do not pay"
		);
		ensure!(
			books.first_due() == ledger.provisions().first_due(),
			"8: the first reports are not due then"
		);
		ensure!(
			books.blocked().is_none_or(|blocked| blocked.from <= blocked.until),
			"nobody could leave until before then"
		);
		Ok(())
	}

	/// 8. The account holds what the tranches own and what is withheld, and its existential deposit.
	///
	/// What it holds beyond that was sent without a call, and goes to the reserve.
	fn check_balance(books: &FundState) -> Result<(), TryRuntimeError> {
		let total = books.total().0.saturating_add(T::Currency::minimum_balance());
		ensure!(
			T::Currency::balance(&Self::account()) >= total,
			"8: the fund holds less than its tranches and what is withheld"
		);
		ensure!(
			books.unreleased(Self::now()) <= books.underwriting(),
			"8: more premium is to be released than the underwriters have"
		);
		ensure!(books.locked() <= books.withheld(), "8: more is locked than withheld");
		Ok(())
	}

	/// 1. The shares are the sum of the positions, and have assets behind them.
	fn check_underwriters(books: &FundState) -> Result<(), TryRuntimeError> {
		let mut shares: Balance = 0;
		for (_, position) in Underwriters::<T>::iter() {
			ensure!(position.shares.0 > 0, "1: an empty position is kept");
			ensure!(position.class <= books.class(), "1: shares of a class that is not open yet");
			let requested = position
				.requests
				.iter()
				.fold(0, |sum: Balance, request| sum.saturating_add(request.shares.0));
			ensure!(requested <= position.shares.0, "1: more shares are to leave than there are");
			ensure!(
				position.requests.iter().all(|r| r.shares.0 > 0 && r.id < books.next_request()),
				"1: a request that nobody made"
			);
			if position.class == books.class() {
				shares.saturating_accrue(position.shares.0);
			}
		}
		ensure!(shares == books.shares().0, "1: the shares are not the sum of the positions");
		ensure!(!books.is_wiped(), "1: shares without assets");
		ensure!(
			books.shares().0 > 0 || books.underwriting().0 == 0,
			"1: assets of underwriters without shares"
		);
		Ok(())
	}

	/// 8. Open claims are open, and in order.
	fn check_open_claims(books: &FundState, ledger: &LedgerOf<T>) -> Result<(), TryRuntimeError> {
		let mut last = None;
		for claim in ledger.claims() {
			ensure!(claim.open > 0 && claim.state == ClaimState::Open, "8: an open claim is not");
			ensure!(claim.validator.is_some(), "8: an open claim without a validator");
			ensure!(claim.paid.total() <= claim.lost, "8: more was paid than lost");
			ensure!(
				last < Some(claim.id) && claim.id < books.next_claim(),
				"8: claims out of order"
			);
			last = Some(claim.id);
		}
		Ok(())
	}

	/// 8. Past claims are past, and were paid no more than was lost.
	fn check_past_claims(books: &FundState, ledger: &LedgerOf<T>) -> Result<(), TryRuntimeError> {
		let is_open = |past: &ClaimInfo<_>| ledger.claims().iter().any(|open| open.id == past.id);
		for claim in Self::past_claims().map_err(|_| "the past claims cannot be decoded")? {
			ensure!(claim.open == 0 && claim.state != ClaimState::Open, "8: a past claim is open");
			ensure!(claim.paid.total() <= claim.lost, "8: more was paid than lost");
			ensure!(
				(claim.lost > 0) == (claim.state == ClaimState::Applied),
				"8: a claim without a loss was applied, or one with a loss was not"
			);
			ensure!(
				claim.id < books.next_claim() && !is_open(&claim),
				"8: a claim is both open and past"
			);
		}
		Ok(())
	}

	/// 8. Each report is provisioned once.
	fn check_provisions(books: &FundState, ledger: &LedgerOf<T>) -> Result<(), TryRuntimeError> {
		let mut due: BTreeMap<EraIndex, Balance> = BTreeMap::new();
		for claim in ledger.claims() {
			due.entry(claim.applied_in).or_default().saturating_accrue(claim.open);
		}
		let provisions = ledger.provisions();
		let provisioned: BTreeMap<_, Balance> =
			provisions.iter().map(|p| (p.applied_in(), p.amount().0)).collect();
		ensure!(
			provisioned == due && provisions.iter().count() == due.len(),
			"8: provisions are not the sums of the open claims"
		);
		let reported = due.values().fold(0, |sum: Balance, amount| sum.saturating_add(*amount));
		ensure!(books.reported().0 == reported, "8: reported is not the sum of the provisions");
		for provision in provisions.iter() {
			ensure!(provision.amount().0 > 0, "8: an empty provision is kept");
			ensure!(
				provision.locked() <= provision.amount(),
				"8: leavers are liable for more than all"
			);
			ensure!(provision.id() < books.next_provision(), "8: an unknown provision");
		}
		Ok(())
	}

	/// 8. What is withheld is what leavers may still get or have to pay.
	fn check_leavers(books: &FundState, ledger: &LedgerOf<T>) -> Result<(), TryRuntimeError> {
		let parts = Self::withheld_parts(books, ledger)?;
		let fits = |id: ProvisionId, count: u32, assets: Balance| {
			let (parts, rest) = parts.get(&id).copied().unwrap_or_default();
			parts == count && rest <= assets
		};
		let (mut locked, mut withheld): (Balance, Balance) = (0, 0);
		for provision in ledger.provisions().iter() {
			let held = provision.held().0;
			ensure!(
				fits(provision.id(), provision.parts(), held),
				"8: a provision does not hold what leavers may get"
			);
			locked.saturating_accrue(provision.locked().0);
			withheld.saturating_accrue(held);
		}
		for (id, outcome) in Outcomes::<T>::iter() {
			ensure!(outcome.parts() > 0, "8: an outcome is kept of which all was paid out");
			ensure!(
				fits(id, outcome.parts(), outcome.assets().0),
				"8: an outcome does not fit its parts"
			);
			withheld.saturating_accrue(outcome.assets().0);
		}
		ensure!(books.locked().0 == locked, "8: locked is not the sum of the provisions");
		ensure!(
			books.withheld().0 == withheld,
			"8: withheld is not the sum of what leavers may get"
		);
		Ok(())
	}

	/// All that is withheld from leavers, by provision.
	fn withheld_parts(
		books: &FundState,
		ledger: &LedgerOf<T>,
	) -> Result<Withheld, TryRuntimeError> {
		let worth = |part: &WithheldPart| match ledger
			.provisions()
			.iter()
			.find(|provision| provision.id() == part.provision())
		{
			Some(provision) => Some(provision.worth_of(part)),
			None => {
				let outcome: Option<Outcome> = Self::outcome(part.provision()).ok().flatten();
				outcome.map(|outcome| outcome.worth_of(part))
			},
		};
		let mut parts = Withheld::new();
		for (id, withheld) in Leavers::<T>::iter() {
			ensure!(id < books.next_request(), "8: a leaver who has not asked");
			ensure!(!withheld.parts.is_empty(), "8: nothing is withheld from a leaver");
			for part in &withheld.parts {
				let rest = worth(part).ok_or("8: withheld for a provision that is not known")?;
				let (count, sum) = parts.entry(part.provision()).or_default();
				count.saturating_inc();
				sum.saturating_accrue(rest.0);
			}
		}
		Ok(parts)
	}

	fn check_parameters() -> Result<(), TryRuntimeError> {
		let (min, max) = (T::MinParameters::get(), T::MaxParameters::get());
		let schedule = Self::schedule().map_err(|_| "the parameters cannot be decoded")?;
		ensure!(
			schedule.current.within(&min, &max)
				&& schedule.next.is_none_or(|(_, next)| next.within(&min, &max)),
			"parameters are out of bounds"
		);
		Ok(())
	}
}
