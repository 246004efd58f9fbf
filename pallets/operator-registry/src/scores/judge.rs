// SPDX-License-Identifier: Apache-2.0

//! Whether a validator may be nominated.

use super::{observe::Seen, round::Round, score::Fitness};
use crate::{
	debts,
	records::{Standing, Validator},
	Config, OperatorOf,
};
use frame_support::traits::Get;
use holdfast_primitives::ValidatorInfo;

/// What a validator is judged by.
pub(super) struct Facts<'a, T: Config> {
	/// What was seen of it in this era.
	pub(super) seen: &'a Seen,
	/// Its record, which has learned from this era.
	pub(super) record: &'a Validator<T::AccountId>,
	/// What it stands on.
	pub(super) standing: &'a Standing,
	/// Its operator, if there is one that can be decoded.
	pub(super) operator: Option<&'a OperatorOf<T>>,
	/// Whether all of this could be decoded.
	pub(super) is_readable: bool,
}

/// Judges a validator: the first reason that keeps it from being nominated, if there is one.
pub(super) fn judge<T: Config>(
	round: &Round<T::AccountId>,
	validator: &T::AccountId,
	facts: Facts<T>,
) -> Fitness {
	let Facts { seen, record, standing, operator, is_readable } = facts;
	let offended = record.last_offence().is_some_and(|offence| {
		offence.saturating_add(T::Validators::bonding_duration()) >= round.era
	});
	let leaving =
		record.left_in().is_some() || operator.is_none_or(|operator| operator.is_leaving());
	let suspended = operator.is_some_and(|operator| operator.is_suspended(round.era));
	let identity = operator.map(|operator| operator.owing_identity(record.operator()));
	let owes = debts::is_owed_for::<T>(validator) || identity.is_some_and(debts::is_owed_by::<T>);
	let bond = operator.map_or(0, |operator| operator.lasting_bond());
	let on_probation = record.fit_from() > round.era || standing.to_show() > 0;
	match seen.preferences() {
		_ if !is_readable => Fitness::Undecodable,
		_ if leaving => Fitness::Leaving,
		_ if suspended => Fitness::Suspended,
		None => Fitness::NotACandidate,
		Some(_) if !seen.has_keys() => Fitness::NoKeys,
		Some(preferences) if preferences.blocked => Fitness::Blocked,
		_ if record.highest_commission() > round.parameters.max_commission => {
			Fitness::CommissionTooHigh
		},
		_ if offended => Fitness::Offended,
		_ if seen.has_missed() => Fitness::MissedBlocks,
		_ if seen.has_refused() => Fitness::NotExposed,
		_ if owes => Fitness::InDebt,
		_ if bond < T::MinBond::get() => Fitness::BondTooSmall,
		_ if on_probation => Fitness::OnProbation,
		_ => Fitness::Fit,
	}
}
