// SPDX-License-Identifier: Apache-2.0

//! Slashes that are reported and not applied.

use super::{
	phase::Scan,
	queue::{liable, Queued},
	PoolState,
};
use holdfast_primitives::{
	shares::{pro_rata, pro_rata_up},
	Assets, Balance, EraIndex, Shares,
};
use sp_runtime::{
	traits::{EnsureAddAssign, EnsureSub},
	ArithmeticError, PerThing, Perquintill,
	Rounding::Up,
};

/// One as the parts of a [`Perquintill`].
const ONE: Balance = 1_000_000_000_000_000_000;

/// So many `parts` of [`ONE`], one at most.
fn perquintill(parts: Balance) -> Perquintill {
	Perquintill::from_parts(u64::try_from(parts).unwrap_or(u64::MAX))
}

/// A report: a slash of a stash that the staking pallet has computed and not applied.
///
/// What the staking pallet lists, and what the cover is told, are the same report with the account in
/// place of the index, and without it.
#[frame_support::stored(no_skip_type_params)]
pub struct Report<AccountId> {
	/// The index of the stash.
	pub stash: u32,
	/// The validator that offended.
	pub validator: AccountId,
	/// The era of the offence.
	pub offence_era: EraIndex,
	/// The era at whose start the slash is applied.
	pub applied_in: EraIndex,
	/// The assets that the staking pallet will take, summed over the offences of that era.
	pub amount: Balance,
}

impl PoolState {
	/// Notes that the reports may have changed.
	pub(crate) fn doubt_reports(&mut self) {
		self.scan = Scan::Stale;
	}

	/// Notes how far the reports are read.
	pub(crate) fn scanned(&mut self, scan: Scan) {
		self.scan = scan;
	}

	/// Notes that the reports have changed in this round of reading.
	pub(crate) fn note_change_of_reports(&mut self) {
		self.reports_changed = true;
	}

	/// Whether they have, at the end of it.
	pub(crate) fn take_change_of_reports(&mut self) -> bool {
		core::mem::take(&mut self.reports_changed)
	}

	/// Takes over the sum of the open reports. Where one was cancelled or has expired, what was
	/// withheld for it from those who left becomes a reward. Returns how much that is.
	pub(crate) fn sync_reported(&mut self, reported: Assets) -> Result<Assets, ArithmeticError> {
		let gone = self.reported.saturating_sub(reported.0);
		let released = self.release_withheld(gone);
		self.pending_rewards.ensure_add_assign(released)?;
		self.reported = reported.0;
		self.retire();
		Ok(Assets(released))
	}

	/// Measures the holders' part of the open `reports`: beside the batches of `queue`, before cover and
	/// what was withheld.
	///
	/// Their part grows with what is released to them until it is measured again. So what is on the
	/// stream counts as theirs: those who leave at once pay rather too much than too little.
	pub(crate) fn attribute<AccountId>(
		&mut self,
		queue: &[Queued],
		reports: &[Report<AccountId>],
		now: u32,
	) {
		let holders = self.total_assets(now).0.saturating_add(self.stream.unreleased(now));
		let (mut sum, mut worst): (Balance, Perquintill) = (0, Perquintill::zero());
		for report in reports {
			let total = liable(queue, report.offence_era, holders);
			let borne = pro_rata_up(report.amount, holders, total).unwrap_or(report.amount);
			sum = sum.saturating_add(borne);
			let part = Perquintill::from_rational_with_rounding(holders, total, Up);
			worst = worst.max(part.unwrap_or(Perquintill::one()));
		}
		(self.holders_share_of_reports, self.worst_part) = (sum.min(self.reported), worst);
	}

	/// What the holders will bear of the open reports at most, if `uncovered` of all of them will be
	/// lost. Rounded up.
	///
	/// What was withheld from those who left pays first. Which of the reports are those of the rest is
	/// not known here: that they bear most of. If they bear the same part of all, it is their part
	/// exactly.
	pub(crate) fn uncovered_of_holders(&self, uncovered: Assets) -> Assets {
		let rest = uncovered.0.saturating_sub(self.withheld);
		Assets(self.worst_part.mul_ceil(rest).min(self.holders_share_of_reports))
	}

	/// Measures the holders' part of the reports once there are so many `more` shares.
	///
	/// Holders of the part `f` of what bears a report, beside batches, bear `s f / (1 + (s - 1) f)` of it
	/// with `s` times as much. That is concave: of several reports together it is not more than of their
	/// mean. So nobody leaves at a better price because others enter.
	pub(super) fn bear_with(&mut self, more: Shares) {
		if self.reported == 0 {
			return;
		}
		if self.shares == 0 {
			// Nobody held any when they were read.
			(self.holders_share_of_reports, self.worst_part) = (self.reported, Perquintill::one());
			self.scan = Scan::Stale;
			return;
		}
		let grown = |part: Balance, of: Balance| {
			let grown = pro_rata_up(part, self.shares.saturating_add(more.0), self.shares)?;
			pro_rata_up(of, grown, of.saturating_add(grown.saturating_sub(part)))
		};
		let parts = grown(self.worst_part.deconstruct().into(), ONE);
		(self.holders_share_of_reports, self.worst_part) = (
			grown(self.holders_share_of_reports, self.reported)
				.unwrap_or(self.reported)
				.min(self.reported),
			parts.map_or(Perquintill::one(), perquintill),
		);
	}

	/// Measures the holders' part of the reports once there are so many `less` shares, for which their
	/// part of the reports was withheld.
	///
	/// With `s` times as much, the part `f` becomes `s f / (1 - (1 - s) f)`. That is convex: of several
	/// reports together it is at most as much smaller as of the one of which they bear most.
	pub(super) fn bear_without(&mut self, less: Shares) {
		let stay = self.shares.saturating_sub(less.0);
		let over = self.shares.saturating_sub(self.worst_part.mul_ceil(less.0)).max(stay);
		self.bear_part(stay, over);
	}

	/// Measures the holders' part of the reports once `batch` of the shares have become a batch, which
	/// takes its part of the reports with it.
	pub(super) fn bear_beside(&mut self, batch: Shares) -> Result<(), ArithmeticError> {
		self.bear_part(self.shares.ensure_sub(batch.0)?, self.shares);
		Ok(())
	}

	/// Lowers the holders' part of the reports to `part` of `all`, rounded up.
	fn bear_part(&mut self, part: Balance, all: Balance) {
		let parts = pro_rata_up(self.worst_part.deconstruct().into(), part, all);
		self.holders_share_of_reports = pro_rata_up(self.holders_share_of_reports, part, all)
			.unwrap_or(self.holders_share_of_reports);
		self.worst_part = parts.map_or(self.worst_part, perquintill);
	}

	/// What is withheld from `queued` if it is funded now: its part of those of the open `reports` for
	/// which it is liable.
	pub(crate) fn withheld_from<AccountId>(
		&self,
		queued: &Queued,
		queue: &[Queued],
		reports: &[Report<AccountId>],
		now: u32,
	) -> Assets {
		let holders = self.total_assets(now).0;
		let part = |report: &Report<AccountId>| {
			queued.part_of(report.amount, liable(queue, report.offence_era, holders))
		};
		let parts = reports.iter().filter(|report| queued.is_liable(report.offence_era)).map(part);
		Assets(parts.fold(0, |sum: Balance, part| sum.saturating_add(part)).min(queued.owed()))
	}

	/// Takes out the part of what is withheld that was withheld for `amount` of the reports.
	fn release_withheld(&mut self, amount: Balance) -> Balance {
		let part = if amount >= self.reported {
			self.withheld
		} else {
			pro_rata(self.withheld, amount, self.reported).unwrap_or(0)
		};
		// `part` is at most all of it.
		self.withheld = self.withheld.saturating_sub(part);
		part
	}
}
