// SPDX-License-Identifier: Apache-2.0

//! The invariants of the fund. Compiled in std builds too, so that native tests run them without
//! a feature flag.

use crate::*;
use alloc::collections::BTreeMap;
use frame_support::{
	ensure,
	traits::{fungible::Inspect, Get},
};
use holdfast_primitives::{Balance, ClaimInfo, ClaimState};
use sp_runtime::TryRuntimeError;

impl<T: Config> Pallet<T> {
	/// Checks every storage item of the pallet. The numbers are those of the blueprint.
	pub fn do_try_state() -> Result<(), TryRuntimeError> {
		let fund = Self::books().map_err(|_| "the books cannot be decoded")?;
		Self::check_decodable()?;
		Self::check_balance(&fund)?;
		Self::check_underwriters(&fund)?;
		Self::check_claims(&fund)?;
		Self::check_leavers(&fund)?;
		Self::check_cover(&fund)?;
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
	fn check_cover(fund: &FundState) -> Result<(), TryRuntimeError> {
		let provisions = Self::provisions().map_err(|_| "the provisions cannot be decoded")?;
		let claims = Self::open_claims().map_err(|_| "the open claims cannot be decoded")?;
		ensure!(
			fund.bonds <= Self::count_bonds(&claims, &provisions, u32::MAX),
			"8: bonds are counted that do not pay"
		);
		ensure!(
			fund.first_due == provisions.iter().map(|p| p.applied_in).min(),
			"8: the first reports are not due then"
		);
		ensure!(
			fund.blocked.is_none_or(|blocked| blocked.from <= blocked.until),
			"nobody could leave until before then"
		);
		Ok(())
	}

	/// 8. The account holds what the tranches own and what is withheld, and its existential deposit.
	///
	/// What it holds beyond that was sent without a call, and goes to the reserve.
	fn check_balance(fund: &FundState) -> Result<(), TryRuntimeError> {
		let books = fund.total().saturating_add(T::Currency::minimum_balance());
		ensure!(
			T::Currency::balance(&Self::account()) >= books,
			"8: the fund holds less than its tranches and what is withheld"
		);
		ensure!(
			fund.stream.unreleased(Self::now()) <= fund.underwriting,
			"8: more premium is to be released than the underwriters have"
		);
		ensure!(fund.locked <= fund.withheld, "8: more is locked than withheld");
		Ok(())
	}

	/// 1. The shares are the sum of the positions, and have assets behind them.
	fn check_underwriters(fund: &FundState) -> Result<(), TryRuntimeError> {
		let mut shares: Balance = 0;
		for (_, position) in Underwriters::<T>::iter() {
			ensure!(position.shares > 0, "1: an empty position is kept");
			ensure!(position.class <= fund.class, "1: shares of a class that is not open yet");
			let requested = position
				.requests
				.iter()
				.fold(0, |sum: Balance, request| sum.saturating_add(request.shares));
			ensure!(requested <= position.shares, "1: more shares are to leave than there are");
			ensure!(
				position.requests.iter().all(|r| r.shares > 0 && r.id < fund.next_request),
				"1: a request that nobody made"
			);
			if position.class == fund.class {
				shares = shares.saturating_add(position.shares);
			}
		}
		ensure!(shares == fund.shares, "1: the shares are not the sum of the positions");
		ensure!(!fund.is_wiped(), "1: shares without assets");
		ensure!(
			fund.shares > 0 || fund.underwriting == 0,
			"1: assets of underwriters without shares"
		);
		Ok(())
	}

	/// 8. No claim was paid more than was lost, and each report is provisioned once.
	fn check_claims(fund: &FundState) -> Result<(), TryRuntimeError> {
		let paid_fits = |claim: &ClaimInfo<T::AccountId>| claim.paid.total() <= claim.lost;
		let mut due: BTreeMap<_, Balance> = BTreeMap::new();
		let mut last = None;
		let claims = Self::open_claims().map_err(|_| "the open claims cannot be decoded")?;
		for claim in &claims {
			ensure!(claim.open > 0 && claim.state == ClaimState::Open, "8: an open claim is not");
			ensure!(claim.validator.is_some(), "8: an open claim without a validator");
			ensure!(paid_fits(claim), "8: more was paid than lost");
			ensure!(last < Some(claim.id) && claim.id < fund.next_claim, "8: claims out of order");
			last = Some(claim.id);
			let sum = due.entry(claim.applied_in).or_default();
			*sum = sum.saturating_add(claim.open);
		}
		for claim in Self::past_claims().map_err(|_| "the past claims cannot be decoded")? {
			ensure!(claim.open == 0 && claim.state != ClaimState::Open, "8: a past claim is open");
			ensure!(paid_fits(&claim), "8: more was paid than lost");
			ensure!(
				(claim.lost > 0) == (claim.state == ClaimState::Applied),
				"8: a claim without a loss was applied, or one with a loss was not"
			);
			ensure!(
				claim.id < fund.next_claim && claims.iter().all(|open| open.id != claim.id),
				"8: a claim is both open and past"
			);
		}
		let provisions = Self::provisions().map_err(|_| "the provisions cannot be decoded")?;
		let provisioned: BTreeMap<_, Balance> =
			provisions.iter().map(|p| (p.applied_in, p.amount)).collect();
		ensure!(
			provisioned == due && provisions.len() == due.len(),
			"8: provisions are not the sums of the open claims"
		);
		let reported = due.values().fold(0, |sum: Balance, amount| sum.saturating_add(*amount));
		ensure!(fund.reported == reported, "8: reported is not the sum of the provisions");
		Ok(())
	}

	/// 8. What is withheld is what leavers may still get or have to pay.
	fn check_leavers(fund: &FundState) -> Result<(), TryRuntimeError> {
		// By provision: how many parts, and what they come to if nothing more is paid.
		let mut parts: BTreeMap<ProvisionId, (u32, Balance)> = BTreeMap::new();
		let provisions = Self::provisions().map_err(|_| "the provisions cannot be decoded")?;
		for (id, withheld) in Leavers::<T>::iter() {
			ensure!(id < fund.next_request, "8: a leaver who has not asked");
			ensure!(!withheld.parts.is_empty(), "8: nothing is withheld from a leaver");
			for part in &withheld.parts {
				let paid = match provisions.iter().find(|p| p.id == part.provision) {
					Some(provision) => provision.paid,
					None => {
						Self::outcome(part.provision)
							.ok()
							.flatten()
							.ok_or("8: withheld for a provision that is not known")?
							.paid
					},
				};
				let rest = Outcome { assets: Balance::MAX, parts: 1, paid }.rest_of(part);
				let (count, sum) = parts.entry(part.provision).or_default();
				(*count, *sum) = (count.saturating_add(1), sum.saturating_add(rest));
			}
		}
		let (mut locked, mut withheld): (Balance, Balance) = (0, 0);
		let fits = |id: ProvisionId, count: u32, assets: Balance| {
			let (parts, rest) = parts.get(&id).copied().unwrap_or_default();
			parts == count && rest <= assets
		};
		for provision in &provisions {
			let assets = provision.locked.saturating_add(provision.released);
			ensure!(provision.amount > 0, "8: an empty provision is kept");
			ensure!(
				provision.locked <= provision.amount,
				"8: leavers are liable for more than all"
			);
			ensure!(
				fits(provision.id, provision.parts, assets),
				"8: a provision does not hold what leavers may get"
			);
			ensure!(provision.id < fund.next_provision, "8: an unknown provision");
			locked = locked.saturating_add(provision.locked);
			withheld = withheld.saturating_add(assets);
		}
		for (id, outcome) in Outcomes::<T>::iter() {
			ensure!(outcome.parts > 0, "8: an outcome is kept that everybody has collected");
			ensure!(
				fits(id, outcome.parts, outcome.assets),
				"8: an outcome does not fit its parts"
			);
			withheld = withheld.saturating_add(outcome.assets);
		}
		ensure!(fund.locked == locked, "8: locked is not the sum of the provisions");
		ensure!(fund.withheld == withheld, "8: withheld is not the sum of what leavers may get");
		Ok(())
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
