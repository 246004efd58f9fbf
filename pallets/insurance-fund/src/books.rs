// SPDX-License-Identifier: Apache-2.0

//! The fund's books. They change only through the verbs below, which touch no storage.

use crate::{Parameters, WINDOW};
use codec::{Decode, DecodeWithMemTracking, Encode, MaxEncodedLen};
use holdfast_primitives::{
	shares::pro_rata, Assets, Balance, ClaimId, Dues, EraIndex, Paid, Price, Shares, Stream,
};
use scale_info::TypeInfo;
use sp_runtime::{traits::Bounded, ArithmeticError, FixedPointNumber, FixedU128, Perbill};

/// A share that is worth less than one part in so many of an asset has lost its class; and of whose assets
/// no greater part is free of reports, cannot leave.
const WIPED: Balance = 1_000_000;

/// Eras in which so much was reported that no underwriter could leave.
#[derive(
	Clone,
	Copy,
	Debug,
	PartialEq,
	Eq,
	Encode,
	Decode,
	DecodeWithMemTracking,
	TypeInfo,
	MaxEncodedLen,
)]
pub struct Blocked {
	/// The first of them.
	pub from: EraIndex,
	/// The last of them.
	pub until: EraIndex,
}

impl Blocked {
	/// The era from which on withdrawals that were held up by this lapse: their window begins anew in
	/// the era after it. Saturating: far beyond any era.
	pub fn lapses_in(&self) -> EraIndex {
		self.until.saturating_add(1).saturating_add(WINDOW)
	}
}

/// What the fund owns, whose it is, and what it should own.
///
/// One storage item, because every call and every loss needs most of it.
#[derive(
	Clone,
	Debug,
	Default,
	PartialEq,
	Eq,
	Encode,
	Decode,
	DecodeWithMemTracking,
	TypeInfo,
	MaxEncodedLen,
)]
pub struct FundState {
	/// Assets of the underwriters, with the premium that is not released to them yet.
	pub underwriting: Balance,
	/// That premium.
	pub stream: Stream,
	/// Shares of the underwriters.
	pub shares: Balance,
	/// Their class. All shares of the classes before it are void: they have lost all but a millionth.
	pub class: u32,
	/// Assets that are nobody's, and pay after the underwriters.
	pub reserve: Balance,
	/// Assets withheld from underwriters who have left, for open reports and until they collect it.
	pub withheld: Balance,
	/// The part of that which is withheld for open reports.
	pub locked: Balance,
	/// The sum of the open reports.
	pub reported: Balance,
	/// The latest era for whose slashes the reserve has paid.
	pub allowance_era: Option<EraIndex>,
	/// What it may still pay for the slashes that are due in that era.
	pub allowance: Balance,
	/// The part of the reserve that it may pay for the slashes that are due in another era.
	pub limit: Perbill,
	/// What the fund should be able to pay.
	pub target: Balance,
	/// Whether slashes can hit those who nominate.
	pub slashable: bool,
	/// The era that was begun last.
	pub era: Option<EraIndex>,
	/// The block in which.
	pub era_start: u32,
	/// Length of the era before it, in blocks; zero if that is not known.
	pub era_length: u32,
	/// The number of the next claim.
	pub next_claim: ClaimId,
	/// The number of the next request to withdraw.
	pub next_request: u32,
	/// The number of the next provision.
	pub next_provision: u32,
	/// What bonds of operators will pay of the open reports, beyond what that spares those who have
	/// left. Counted when reports or the era change, and lowered at once by whatever may lower it: it
	/// may be less than they will pay, never more.
	pub bonds: Balance,
	/// The earliest era in which open reports are due.
	pub first_due: Option<EraIndex>,
	/// When underwriters could not leave, the last time that this was so.
	pub blocked: Option<Blocked>,
}

/// What a withdrawal takes from the underwriters' assets.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Exit {
	/// What the shares are worth.
	pub assets: Balance,
	/// Their part of the premium that is not released. It goes to the reserve.
	pub forfeited: Balance,
}

/// What there is.
impl FundState {
	/// What the fund's account holds, but for its existential deposit. Saturating: bounded by the
	/// issuance.
	pub fn total(&self) -> Balance {
		self.capital().saturating_add(self.withheld)
	}

	/// What underwriters and reserve hold together. They cannot pay all of that in one era, see
	/// [`Self::capacity`].
	pub fn capital(&self) -> Balance {
		self.underwriting.saturating_add(self.reserve)
	}

	/// The part of the reserve that it may pay in an era for which it has paid nothing yet.
	pub fn payable_reserve(&self) -> Balance {
		self.limit.mul_floor(self.reserve)
	}

	/// What the fund could pay for the slashes that are due in one era, but for what was withheld from
	/// those who have left. This is what the target is compared with.
	pub fn capacity(&self) -> Balance {
		self.underwriting.saturating_add(self.payable_reserve())
	}

	/// What the shares are worth in block `now`.
	pub fn released(&self, now: u32) -> Balance {
		self.underwriting.saturating_sub(self.stream.unreleased(now))
	}

	/// What a share costs: with the premium that is not released, and whatever is reported.
	pub fn entry_price(&self) -> Price {
		Price::new(Assets(self.underwriting), Shares(self.shares))
	}

	/// What a share is worth to those who leave, before what is withheld for reports.
	pub fn exit_price(&self, now: u32) -> Price {
		Price::new(Assets(self.released(now)), Shares(self.shares))
	}

	/// What `shares` take out in block `now`. `None` if it does not fit.
	///
	/// At most their exact part: below one asset a share, the virtual asset in the price would give
	/// them the last unit of others.
	pub fn exit(&self, shares: Balance, now: u32) -> Option<Exit> {
		let (released, unreleased) = (self.released(now), self.stream.unreleased(now));
		let part = |amount| pro_rata(amount, shares, self.shares);
		let assets = self.exit_price(now).to_assets(Shares(shares))?.0.min(part(released)?);
		let forfeited = part(unreleased.min(self.underwriting))?;
		Some(Exit { assets, forfeited })
	}

	/// What the reserve may pay for slashes that are due in `era`.
	pub fn allowed(&self, era: EraIndex) -> Balance {
		let allowed = if Some(era) > self.allowance_era {
			self.payable_reserve()
		} else {
			// Of an era before it, too: what comes late shares its limit with what was due later.
			self.allowance
		};
		allowed.min(self.reserve)
	}

	/// How `loss`, which no operator has paid, is shared if it is due in `era` and those who have
	/// left bear `leavers` of it.
	pub fn split(&self, loss: Balance, leavers: Balance, era: EraIndex) -> Paid {
		let leavers = leavers.min(loss).min(self.locked);
		let rest = loss.saturating_sub(leavers);
		let underwriters = rest.min(self.underwriting);
		let reserve = rest.saturating_sub(underwriters).min(self.allowed(era));
		Paid { operator: 0, underwriters, leavers, reserve }
	}

	/// The part of `open` that would not be paid if it were due in one era; if some of it is due in an
	/// era for which the reserve has paid already, of the reserve only what is left for that.
	pub fn uncovered(&self, open: Balance) -> Balance {
		let first = self.first_due.unwrap_or(EraIndex::MAX);
		let reserve = self.allowed(first).min(self.payable_reserve());
		open.saturating_sub(self.underwriting)
			.saturating_sub(self.locked)
			.saturating_sub(self.bonds)
			.saturating_sub(reserve)
	}

	/// Whether so much is reported that those who left now would leave all they have, but for a millionth.
	pub fn is_blocked(&self, now: u32) -> bool {
		let liable = self.reported.saturating_sub(self.locked);
		let released = self.released(now);
		let least = released.checked_div(WIPED).unwrap_or(0);
		self.shares > 0 && liable > 0 && released.saturating_sub(liable) <= least
	}

	/// Capacity over target.
	pub fn ratio(&self) -> FixedU128 {
		FixedU128::checked_from_rational(self.capacity(), self.target)
			.unwrap_or(FixedU128::max_value())
	}

	/// The part of the rewards that is due to the underwriters.
	///
	/// Reports do not count: or else who could invent one would earn by it.
	pub fn premium_rate(&self, parameters: &Parameters) -> Perbill {
		if self.slashable {
			parameters.premium_rate(self.capacity(), self.target)
		} else {
			parameters.premium_min
		}
	}

	/// What is due out of `reward`, of which `fee` is set aside for the fund.
	///
	/// The premium is bounded by the underwriters' assets as well, so that a nearly empty fund does
	/// not pay them beyond measure, nor inflate the price of a share. The reserve takes no more than what
	/// lets the fund pay in one era what it should, of which only the limit counts.
	pub fn dues(&self, reward: Balance, fee: Balance, parameters: &Parameters) -> Dues {
		let premium = self
			.premium_rate(parameters)
			.mul_floor(reward)
			.min(parameters.yield_max.mul_floor(self.underwriting));
		let lacking = self.target.saturating_sub(self.capacity()).saturating_sub(premium);
		// A reserve that may pay nothing lacks nothing.
		let needed = match self.limit {
			limit if limit.is_zero() => 0,
			limit => limit.saturating_reciprocal_mul_ceil(lacking),
		};
		Dues { premium, fee: fee.min(needed) }
	}
}

/// What happens to it.
impl FundState {
	/// Books `assets` that came in for new `shares`.
	pub fn enter(&mut self, assets: Assets, shares: Shares) -> Result<(), ArithmeticError> {
		self.underwriting = add(self.underwriting, assets.0)?;
		self.shares = add(self.shares, shares.0)?;
		Ok(())
	}

	/// Takes `shares` out, of whose assets `withheld` stays for open reports. Who leaves has nothing
	/// of the premium for blocks to come, and nor do those who stay, to whom the same premium for
	/// less at stake would be a gain from the departure of others.
	pub fn leave(
		&mut self,
		shares: Balance,
		exit: Exit,
		withheld: Balance,
		now: u32,
	) -> Result<(), ArithmeticError> {
		let taken = add(exit.assets, exit.forfeited)?;
		self.underwriting = sub(self.underwriting, taken)?;
		self.shares = sub(self.shares, shares)?;
		self.stream = self.stream.remove(exit.forfeited, now);
		self.withheld = add(self.withheld, withheld)?;
		self.locked = add(self.locked, withheld)?;
		// Who has left is spared his part of what bonds pay, which is no more than all of his.
		self.bonds = self.bonds.saturating_sub(withheld);
		self.reserve = add(self.reserve, exit.forfeited)?;
		if self.shares == 0 {
			self.clear();
		}
		Ok(())
	}

	/// What nobody has shares of goes to the reserve.
	fn clear(&mut self) {
		let rest = core::mem::take(&mut self.underwriting);
		self.reserve = self.reserve.saturating_add(rest);
		(self.shares, self.stream) = (0, Stream::default());
	}

	/// Pays somebody who has left what was withheld; of it, `dust` belongs to nobody any more.
	pub fn collect(&mut self, assets: Balance, dust: Balance) -> Result<(), ArithmeticError> {
		self.withheld = sub(self.withheld, add(assets, dust)?)?;
		self.reserve = add(self.reserve, dust)?;
		Ok(())
	}

	/// `reported` of the reports are gone, and `released` is not withheld for them any more.
	pub fn settle(&mut self, reported: Balance, released: Balance) {
		self.reported = self.reported.saturating_sub(reported);
		self.locked = self.locked.saturating_sub(released);
	}

	/// Bonds of operators have `amount` less than was counted. Saturating: they may not have been counted.
	pub fn lose_bonds(&mut self, amount: Balance) {
		self.bonds = self.bonds.saturating_sub(amount);
	}

	/// Notes in `era` whether underwriters can leave. Who is kept from it by reports is given time for it
	/// when they are gone.
	pub fn note_blocked(&mut self, era: EraIndex, now: u32) {
		if !self.is_blocked(now) {
			return;
		}
		let from = match self.blocked {
			// Before those who were held up had their time.
			Some(blocked) if era < blocked.lapses_in() => blocked.from,
			_ => era,
		};
		self.blocked = Some(Blocked { from, until: era });
	}

	/// Adds `assets` to the reserve. Saturating: bounded by the issuance.
	pub fn put_aside(&mut self, assets: Balance) {
		self.reserve = self.reserve.saturating_add(assets);
	}

	/// Books what came in out of a reward in block `now`.
	pub fn collected(&mut self, dues: Dues, now: u32) {
		self.put_aside(dues.fee);
		if self.shares == 0 {
			return self.put_aside(dues.premium);
		}
		self.underwriting = self.underwriting.saturating_add(dues.premium);
		self.stream = self.stream.add(dues.premium, now, self.era_length);
	}

	/// Books what was paid for a slash that was due in `era`. Returns the class of shares if it has
	/// lost all but a millionth, with what is left of it: that goes to the reserve.
	///
	/// Saturating throughout: `paid` was computed from these books, and nothing may fail here.
	pub fn pay(&mut self, paid: &Paid, era: EraIndex, now: u32) -> Option<(u32, Balance)> {
		if paid.reserve > 0 {
			self.allowance = self.allowed(era).saturating_sub(paid.reserve);
			self.allowance_era = self.allowance_era.max(Some(era));
			self.reserve = self.reserve.saturating_sub(paid.reserve);
		}
		self.withheld = self.withheld.saturating_sub(paid.leavers);
		self.locked = self.locked.saturating_sub(paid.leavers);
		self.underwriting = self.underwriting.saturating_sub(paid.underwriters);
		// The premium to come pays last.
		let excess = self.stream.unreleased(now).saturating_sub(self.underwriting);
		if excess > 0 {
			self.stream = self.stream.remove(excess, now);
		}
		if !self.is_wiped() {
			return None;
		}
		let closed = (self.class, self.underwriting);
		self.clear();
		self.class = self.class.saturating_add(1);
		Some(closed)
	}

	/// Whether the shares have lost all but a millionth of an asset each.
	pub fn is_wiped(&self) -> bool {
		let least = self.shares.checked_div(WIPED).unwrap_or(0);
		self.shares > 0 && (self.underwriting == 0 || self.underwriting < least)
	}

	/// Begins `era` in block `now`.
	pub fn begin(&mut self, era: EraIndex, now: u32) {
		if let Some(last) = self.era {
			let blocks = now.saturating_sub(self.era_start);
			self.era_length = blocks.checked_div(era.saturating_sub(last)).unwrap_or(blocks);
		}
		(self.era, self.era_start) = (Some(era), now);
	}
}

fn add(a: Balance, b: Balance) -> Result<Balance, ArithmeticError> {
	a.checked_add(b).ok_or(ArithmeticError::Overflow)
}

fn sub(a: Balance, b: Balance) -> Result<Balance, ArithmeticError> {
	a.checked_sub(b).ok_or(ArithmeticError::Underflow)
}
