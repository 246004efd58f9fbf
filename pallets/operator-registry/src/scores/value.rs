// SPDX-License-Identifier: Apache-2.0

//! What is expected to be paid for a validator.

use super::round::Round;
use crate::records::Validator;
use holdfast_primitives::Balance;
use sp_runtime::{traits::Saturating, Perbill};

/// What is expected of an era when none has been paid yet. Only comparisons matter.
const SOME_PAYOUT: Balance = 1_000_000_000_000_000;

/// What is expected to be paid for a validator in an era, less commission, rounded down: an equal share of
/// what all the elected are paid, times its reliability, less its penalty.
pub(super) fn net_payout<AccountId>(
	round: &Round<AccountId>,
	record: &Validator<AccountId>,
) -> Balance {
	let payout = if round.payout > 0 { round.payout } else { SOME_PAYOUT };
	let even = payout.checked_div(round.set.elected.max(1).into()).unwrap_or(payout);
	let kept = |part: Perbill| Perbill::one().saturating_sub(part);
	// One after the other: the product of small parts would lose digits.
	kept(record.highest_commission())
		.mul_floor(kept(record.penalty()).mul_floor(record.reliability().mul_floor(even)))
}
