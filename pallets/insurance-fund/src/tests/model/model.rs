// SPDX-License-Identifier: Apache-2.0

//! Who owns what of the fund, in exact fractions and with a list of everybody.

use crate::{mock::*, RequestId};
use holdfast_primitives::{Balance, EraIndex, Paid};
use num_bigint::BigInt;
use num_rational::BigRational;
use std::collections::BTreeMap;

pub type Fraction = BigRational;

/// What is wrong.
pub type Broken = String;

macro_rules! demand {
	($condition:expr, $($message:tt)*) => {
		if !$condition {
			return Err(format!($($message)*));
		}
	};
}
pub(super) use demand;

pub fn whole(amount: Balance) -> Fraction {
	Fraction::from_integer(BigInt::from(amount))
}

pub fn ratio(a: Balance, b: Balance) -> Fraction {
	whole(a) / whole(b)
}

/// Rounded to 160 binary places: denominators would double with every step otherwise.
fn trimmed(value: Fraction) -> Fraction {
	if value.denom().bits() <= 320 {
		return value;
	}
	let scale: BigInt = BigInt::from(1) << 160usize;
	Fraction::new((value * Fraction::from_integer(scale.clone())).floor().to_integer(), scale)
}

fn zero() -> Fraction {
	whole(0)
}

/// The reports that are due in one era.
#[derive(Clone, Debug, Default)]
pub struct Due {
	/// Which validator is reported for how much.
	pub open: BTreeMap<u8, Balance>,
	/// What each leaver is still liable for, of all of them together.
	pub liable: BTreeMap<RequestId, Fraction>,
}

impl Due {
	pub fn amount(&self) -> Balance {
		self.open.values().sum()
	}

	fn locked(&self) -> Fraction {
		self.liable.values().fold(zero(), |sum, part| sum + part)
	}
}

/// What a leaver gets back.
#[derive(Clone, Debug)]
pub struct Leaver {
	pub who: AccountId,
	/// By the era for whose reports it was withheld.
	pub parts: BTreeMap<(EraIndex, u32), Fraction>,
}

/// The operator of a validator: the third one runs the fourth, too.
pub fn operator(validator: u8) -> u8 {
	validator.min(2)
}

#[derive(Clone, Debug, Default)]
pub struct Model {
	/// By operator.
	pub bonds: BTreeMap<u8, Balance>,
	pub debts: BTreeMap<u8, Balance>,
	pub underwriting: Balance,
	pub reserve: Balance,
	/// Donations that are not swept yet.
	pub stray: Balance,
	/// Each underwriter's part: of the sum of all.
	pub weights: BTreeMap<AccountId, Fraction>,
	/// The premium on the stream: how much, from when, until when.
	pub stream: (Fraction, u32, u32),
	/// Reports by the era in which they are due; a later set of the same era has another number.
	pub dues: BTreeMap<(EraIndex, u32), Due>,
	pub sets: u32,
	pub leavers: BTreeMap<RequestId, Leaver>,
	/// What leavers can collect.
	pub released: BTreeMap<(RequestId, (EraIndex, u32)), Fraction>,
	/// What the reserve may still pay, by the latest era it has paid for.
	pub allowance: Option<(EraIndex, Balance)>,
	pub limit_percent: u32,
	/// By how many units roundings may have brought the pallet from this.
	pub roundings: Balance,
}

impl Model {
	pub fn total(&self) -> Fraction {
		self.weights.values().fold(zero(), |sum, weight| sum + weight)
	}

	pub fn unreleased(&self, now: u32) -> Fraction {
		let (amount, start, end) = &self.stream;
		if now >= *end {
			return zero();
		}
		amount * ratio((end - now).into(), (end - start).into())
	}

	/// What an underwriter has, with its part of the premium to come.
	pub fn worth(&self, who: &AccountId) -> Fraction {
		let total = self.total();
		let weight = self.weights.get(who).cloned().unwrap_or_else(zero);
		if total == zero() {
			return zero();
		}
		weight / total * whole(self.underwriting)
	}

	pub fn enter(&mut self, who: &AccountId, assets: Balance) {
		let total = self.total();
		let weight = if total == zero() {
			whole(assets)
		} else {
			whole(assets) * total / whole(self.underwriting)
		};
		let before = self.weights.remove(who).unwrap_or_else(zero);
		self.weights.insert(who.clone(), trimmed(before + weight));
		self.underwriting += assets;
		// Less than a share, of which each may be worth some units.
		let share = self.underwriting / fund().shares().0.max(1) + 2;
		self.roundings += share;
	}

	pub fn premium(&mut self, amount: Balance, now: u32, length: u32) {
		let left = self.unreleased(now);
		let end = now + length.max(1);
		let end = if left > zero() { end.max(self.stream.2) } else { end };
		self.stream = (left + whole(amount), now, end);
		self.underwriting += amount;
	}

	/// `part` of what `who` has leaves, as request `id`: what it is worth, what is withheld of that, and
	/// what of the premium to come goes to the reserve.
	pub fn leave(
		&mut self,
		id: RequestId,
		who: &AccountId,
		part: Fraction,
		now: u32,
	) -> [Fraction; 3] {
		let total = self.total();
		let weight = self.weights[who].clone() * part;
		let share = &weight / &total;
		let unreleased = self.unreleased(now);
		let worth = (whole(self.underwriting) - &unreleased) * &share;
		let forfeited = &unreleased * &share;
		let mut withheld = zero();
		let mut parts = BTreeMap::new();
		for (key, due) in &mut self.dues {
			let left = whole(due.amount()) - due.locked();
			let part = trimmed(left * &share);
			withheld += &part;
			due.liable.insert(id, part.clone());
			parts.insert(*key, part);
		}
		if withheld > zero() {
			self.leavers.insert(id, Leaver { who: who.clone(), parts });
		}
		let rest = trimmed(self.weights[who].clone() - weight);
		if rest == zero() {
			self.weights.remove(who);
		} else {
			self.weights.insert(who.clone(), rest);
		}
		self.stream = (trimmed(unreleased - &forfeited), now, self.stream.2.max(now + 1));
		[worth, withheld, forfeited]
	}

	fn current(&self, era: EraIndex) -> Option<(EraIndex, u32)> {
		self.dues.keys().copied().find(|key| key.0 == era)
	}

	/// `more` is reported.
	pub fn open(&mut self, validator: u8, era: EraIndex, more: Balance) {
		let key = self.current(era).unwrap_or_else(|| {
			self.sets += 1;
			(era, self.sets)
		});
		let due = self.dues.entry(key).or_default();
		*due.open.entry(validator).or_default() += more;
	}

	/// `amount` of what was reported is gone, with a loss of `loss` of it that the operator has not paid.
	/// Returns what leavers pay.
	pub fn close(
		&mut self,
		validator: u8,
		era: EraIndex,
		amount: Balance,
		loss: Balance,
	) -> Fraction {
		let Some(key) = self.current(era) else { return zero() };
		let due = self.dues.get_mut(&key).unwrap();
		let all = due.amount();
		let Some(open) = due.open.get_mut(&validator) else { return zero() };
		let amount = amount.min(*open);
		*open -= amount;
		due.open.retain(|_, open| *open > 0);
		let mut pay = zero();
		if all == 0 {
			return pay;
		}
		for (id, liable) in &mut due.liable {
			let paid = &*liable * ratio(loss.min(amount), all);
			let gone = &*liable * ratio(amount, all);
			pay += &paid;
			*self.released.entry((*id, key)).or_insert_with(zero) += &gone - &paid;
			*liable = trimmed(&*liable - gone);
		}
		if due.amount() == 0 {
			self.dues.remove(&key);
		}
		pay
	}

	/// What request `id` can collect, and forgets it. `None` if nothing of it is resolved.
	pub fn collect(&mut self, id: RequestId) -> Option<Fraction> {
		let leaver = self.leavers.get_mut(&id)?;
		let open: Vec<_> = self.dues.keys().copied().collect();
		let resolved: Vec<_> =
			leaver.parts.keys().copied().filter(|key| !open.contains(key)).collect();
		if resolved.is_empty() {
			return None;
		}
		let mut sum = zero();
		for key in resolved {
			leaver.parts.remove(&key);
			sum += self.released.remove(&(id, key)).unwrap_or_else(zero);
		}
		if leaver.parts.is_empty() {
			self.leavers.remove(&id);
		}
		Some(sum)
	}

	/// What request `id` has got besides because of reports that are open it bears less than `slack`: the
	/// pallet resolves a provision when rounding leaves nothing locked.
	/// It still waits for those of the eras `waits`.
	pub fn collect_rounded(
		&mut self,
		id: RequestId,
		slack: &Fraction,
		waits: &[EraIndex],
	) -> Fraction {
		let Some(leaver) = self.leavers.get_mut(&id) else { return zero() };
		let mut sum = zero();
		for (key, due) in &mut self.dues {
			let bears = due.liable.get(&id).is_some_and(|liable| liable < slack);
			if bears && !waits.contains(&key.0) {
				due.liable.remove(&id);
				leaver.parts.remove(key);
				sum += self.released.remove(&(id, *key)).unwrap_or_else(zero);
			}
		}
		if leaver.parts.is_empty() {
			self.leavers.remove(&id);
		}
		sum
	}

	/// What leavers have in the fund.
	pub fn withheld(&self) -> Fraction {
		let locked = self.dues.values().fold(zero(), |sum, due| sum + due.locked());
		self.released.values().fold(locked, |sum, part| sum + part)
	}

	fn allowed(&self, era: EraIndex) -> Balance {
		match self.allowance {
			Some((last, left)) if era <= last => left,
			_ => self.reserve * Balance::from(self.limit_percent) / 100,
		}
		.min(self.reserve)
	}

	/// What nobody would pay of all that is reported, if it were due in one era: first the bonds, era by
	/// era, then leavers and the others of what is left. Of an era for which the reserve has paid, it pays
	/// what is left of that.
	pub fn uncovered(&self) -> Fraction {
		let mut bonds = self.bonds.clone();
		let mut rest = zero();
		// Keys begin with the era.
		for due in self.dues.values() {
			let mut left = 0;
			for (validator, open) in &due.open {
				let bond = bonds.get_mut(&operator(*validator)).unwrap();
				let part = (*bond).min(*open);
				*bond -= part;
				left += open - part;
			}
			rest += whole(left) - due.locked() * ratio(left, due.amount());
		}
		let late = self.dues.keys().next().map_or(EraIndex::MAX, |key| key.0);
		let reserve = self.allowed(late).min(self.allowed(EraIndex::MAX));
		(rest - whole(self.underwriting + reserve)).max(zero())
	}

	/// Who pays how much of `loss`, of which `reported` was reported; leavers as in `leavers`.
	pub fn pay(
		&mut self,
		validator: Option<u8>,
		era: EraIndex,
		loss: Balance,
		reported: Balance,
		paid: &Paid,
		now: u32,
	) -> Result<(), Broken> {
		let run_by = validator.map(operator);
		let bond = run_by.and_then(|n| self.bonds.get_mut(&n));
		let operator = bond.map_or(0, |bond| {
			let part = loss.min(*bond);
			*bond -= part;
			part
		});
		if let Some(n) = run_by.filter(|n| self.bonds.contains_key(n)) {
			*self.debts.entry(n).or_default() += loss - operator;
		}
		demand!(paid.operator == operator, "the operator pays {operator}, not {}", paid.operator);
		let rest = loss - operator;
		let leavers = match validator {
			Some(n) if reported > 0 => self.close(n, era, reported, rest.min(reported)),
			_ => zero(),
		};
		let off = whole(paid.leavers) - &leavers;
		let slack = whole(self.roundings + 2);
		demand!(
			off < slack && off > whole(0) - slack,
			"leavers pay {}, not {}",
			paid.leavers,
			leavers.to_integer()
		);
		// Rounded up, at their cost: less than a unit altogether.
		self.roundings += 1;
		let rest = rest - paid.leavers;
		let underwriters = rest.min(self.underwriting);
		demand!(paid.underwriters == underwriters, "underwriters pay {underwriters}: {paid:?}");
		let reserve = (rest - underwriters).min(self.allowed(era));
		demand!(paid.reserve == reserve, "the reserve pays {reserve}: {paid:?}");
		demand!(paid.total() <= loss, "more is paid than lost");
		if reserve > 0 {
			let left = self.allowed(era) - reserve;
			let last = self.allowance.map_or(era, |(last, _)| last.max(era));
			self.allowance = Some((last, left));
		}
		self.reserve -= reserve;
		self.underwriting -= underwriters;
		let most = whole(self.underwriting);
		let left = self.unreleased(now);
		if left > most {
			self.stream = (most, now, self.stream.2);
		}
		Ok(())
	}

	/// The class of shares has lost all but a millionth.
	pub fn wipe(&mut self) {
		self.reserve += core::mem::take(&mut self.underwriting);
		self.weights.clear();
		self.stream = (zero(), 0, 0);
	}

	pub fn sweep(&mut self) {
		self.reserve += core::mem::take(&mut self.stray);
	}
}
