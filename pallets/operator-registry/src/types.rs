// SPDX-License-Identifier: Apache-2.0

//! The nouns of the registry.

use crate::{Dimension, DIMENSIONS};
use alloc::string::String;
use codec::{Decode, DecodeWithMemTracking, Encode, MaxEncodedLen};
use frame_support::{traits::ConstU32, BoundedVec, CloneNoBound, DebugNoBound, PartialEqNoBound};

use holdfast_primitives::{Balance, EraIndex, ValidatorSet};
use scale_info::TypeInfo;
use sp_runtime::{FixedU128, Perbill};

/// Derives what all stored types derive.
macro_rules! stored {
	($($item:item)*) => {$(
		#[derive(
			Clone, Debug, PartialEq, Eq, Encode, Decode, DecodeWithMemTracking, TypeInfo,
			MaxEncodedLen,
		)]
		$item
	)*};
}

/// Validators in a page of scores, which one step fills.
pub const PAGE: u32 = 16;

/// The most validators on the record of an operator, and debtors in the list of a name. A constant of the
/// storage: the limit of [`Config::MaxValidatorsPerOperator`](crate::Config) may be lowered below what is
/// stored.
pub const MOST_VALIDATORS: u32 = 32;

/// The most stashes of which a stored plan can tell. As [`MOST_VALIDATORS`], whatever
/// [`Config::MaxStashes`](crate::Config) is lowered to.
pub const MOST_STASHES: u32 = 64;

/// Eras in which a validator that no plan has ever had a stash on may not stand for election, or have no
/// session keys, before it is taken off the record.
pub const IDLE_ERAS: EraIndex = 3;

/// The most pages of exposures that a step reads, so that its cost is bounded.
pub const MAX_EXPOSURE_PAGES: u32 = 32;

/// A name of an operator, a region, a hosting provider or a client: lower case letters, digits,
/// points, hyphens and underscores.
pub type Label = BoundedVec<u8, ConstU32<32>>;

/// Whether nothing but the characters of a [`Label`] is in it.
pub fn is_label(label: &[u8]) -> bool {
	let allowed = |c: &u8| matches!(c, b'a'..=b'z' | b'0'..=b'9' | b'.' | b'-' | b'_');
	!label.is_empty() && label.iter().all(allowed)
}

/// The number of a cluster: all that share a label share it, and all without an attested one are
/// [`UNATTESTED`].
pub type Cluster = u64;

/// The cluster of all who have no attested label.
pub const UNATTESTED: Cluster = 0;

/// The cluster of an attested label: 64 bits of its hash.
pub fn cluster_of(label: &Label) -> Cluster {
	cluster_of_hash(sp_io::hashing::blake2_256(label))
}

/// Under what an operator owes that was never attested: 64 bits of a hash of its account. No label hashes
/// to the same bytes, since a label has no capital letters.
pub fn cluster_of_account(account: &impl Encode) -> Cluster {
	cluster_of_hash(sp_io::hashing::blake2_256(&(b"ACCOUNT", account).encode()))
}

fn cluster_of_hash([a, b, c, d, e, f, g, h, ..]: [u8; 32]) -> Cluster {
	// Nobody else is among the unattested.
	Cluster::from_le_bytes([a, b, c, d, e, f, g, h]).max(1)
}

stored! {
	/// What an operator says of itself. It holds for all of its validators: who runs some elsewhere
	/// registers another account, with the same name of the operator.
	#[derive(Default)]
	pub struct Profile {
		/// Who runs the validators, in the real world.
		pub operator: Label,
		/// Where they run.
		pub region: Label,
		/// Who hosts them.
		pub provider: Label,
		/// The software they run.
		pub client: Label,
	}

	/// Which fields of a profile a registrar has found to be true.
	#[derive(Copy, Default)]
	pub struct Attested {
		/// The operator.
		pub operator: bool,
		/// The region.
		pub region: bool,
		/// The hosting provider.
		pub provider: bool,
		/// The client.
		pub client: bool,
	}

	/// A part of a bond that is to be released.
	#[derive(Copy)]
	pub struct Release {
		/// How much.
		pub amount: Balance,
		/// In which era: all slashes for what was done before the request have landed then.
		pub era: EraIndex,
	}

	/// What is owed by those who were attested as the same operator.
	pub struct Owed<Debtors> {
		/// How much.
		pub amount: Balance,
		/// For which validators, as far as there is room.
		pub debtors: Debtors,
	}

	/// What is owed for a validator.
	#[derive(Copy)]
	pub struct Debt {
		/// How much.
		pub amount: Balance,
		/// Who owes it: the name under which the operator was attested last at that time, or its account
		/// if it never was.
		pub identity: Option<Cluster>,
	}

	/// A validator as the registry knows it.
	pub struct Validator<AccountId> {
		/// Who runs it, and whose bond pays for it.
		pub operator: AccountId,
		/// Whether the registrar has found the operator's profile to be true of it.
		pub attested: bool,
		/// From which era on it may be nominated.
		pub fit_from: EraIndex,
		/// The era in which it left. It stays on record until nothing it did can be slashed.
		pub left: Option<EraIndex>,
		/// Moving average of its era points against the mean of the elected, at most 1.
		pub reliability: Perbill,
		/// What its expected payout is reduced by for offences. Halves what is left of it with each,
		/// and fades by a sixty-fourth in an era.
		pub penalty: Perbill,
		/// The last offence that is counted in the penalty.
		pub last_offence: Option<EraIndex>,
		/// The highest commission seen in this window and in the one before; each is as long as the
		/// bonding duration.
		pub commission: [Perbill; 2],
		/// The first era of this window.
		pub window: EraIndex,
		/// The era since which the plans have had stashes on it; `None` if the last one has not.
		pub planned: Option<EraIndex>,
		/// The last era in which stake of the pool was exposed to it, or a plan had a stash on it. `None`
		/// if no plan ever had.
		pub exposed: Option<EraIndex>,
		/// The era since which it does not stand for election; `None` if it does.
		pub idle: Option<EraIndex>,
	}

	/// What a validator stands on: what it has at stake itself, and what it has still to show.
	#[derive(Copy, Default)]
	pub struct Standing {
		/// Its own stake that was counted as at risk in the last round.
		pub own: Balance,
		/// The last era in which that was found to be less than before.
		pub fell: Option<EraIndex>,
		/// In how many eras more it has to be elected, and have points enough, before it is nominated.
		pub to_show: EraIndex,
	}

	/// The last eras for which a guardian has suspended an operator.
	#[derive(Copy)]
	pub struct GuardianRun {
		/// The first of them.
		pub from: EraIndex,
		/// The last of them.
		pub until: EraIndex,
	}

	/// Whether a validator may be nominated, and if not, the first reason why.
	#[derive(Copy)]
	pub enum Fitness {
		/// It may.
		Fit,
		/// It has left its operator, or the operator is leaving.
		Leaving,
		/// A guardian has suspended its operator.
		Suspended,
		/// It does not stand for election.
		NotACandidate,
		/// It refuses nominations.
		Blocked,
		/// Its commission was above the limit within the bonding duration.
		CommissionTooHigh,
		/// It committed an offence within the bonding duration.
		Offended,
		/// It earned too few points in the last era.
		MissedBlocks,
		/// Stashes nominated it, and their stake was not exposed to it.
		NotExposed,
		/// Its operator owes what its bond could not pay.
		InDebt,
		/// The bond of its operator is less than the minimum.
		BondTooSmall,
		/// It has joined not long ago, or has missed blocks or our stake.
		OnProbation,
		/// It is not elected, and our stash would not carry it over the last cut-off.
		NotElectable,
		/// It has registered no session keys, and could not author a block.
		NoKeys,
		/// What is stored of its operator cannot be decoded.
		Undecodable,
	}

	/// What a validator is worth, and what that is made of.
	pub struct Score<AccountId> {
		/// The validator.
		pub validator: AccountId,
		/// Its operator.
		pub operator: AccountId,
		/// What the operator's bond can pay, less what is to be released.
		pub bond: Balance,
		/// Whether less is at risk than was, or will be: a part of the bond is to be released, or the own
		/// stake has fallen not long ago. Stashes that it does not cover any more leave then.
		pub releasing: bool,
		/// Its cluster in each dimension, in the order of [`DIMENSIONS`].
		pub clusters: [Cluster; 4],
		/// Whether it may be nominated.
		pub fitness: Fitness,
		/// What is expected to be paid for it in an era, less commission, in the smallest unit:
		/// equal share of the elected, times reliability, less the penalty.
		pub net_payout: Balance,
		/// Moving average of its era points against the mean, at most 1.
		pub reliability: Perbill,
		/// What its payout is reduced by for offences.
		pub penalty: Perbill,
		/// The highest commission of the last bonding duration.
		pub commission: Perbill,
		/// What it has staked itself. Of one that is elected, what is exposed in this era and still in its
		/// ledger: the lesser of the two.
		pub own: Balance,
		/// Stake of others behind it: all that is not the pool's, or its own if it is not elected.
		pub others: Balance,
		/// The pool's stake that is exposed to it in this era.
		pub ours: Balance,
		/// Whether it is elected in this era.
		pub elected: bool,
	}

	/// A scoring of all validators, once an era.
	pub struct Round<AccountId> {
		/// The era.
		pub era: EraIndex,
		/// The set at work in it.
		pub set: ValidatorSet,
		/// How many are to be elected.
		pub seats: u32,
		/// How many were elected in the era before.
		pub elected_before: u32,
		/// All points of the era before.
		pub points: u64,
		/// What all validators of the era before were paid.
		pub payout: Balance,
		/// The validator that was scored last.
		pub after: Option<AccountId>,
		/// Pages that are written.
		pub pages: u32,
		/// Pages that the round before has left.
		pub stale: u32,
		/// Whether all validators are scored.
		pub done: bool,
	}

	/// Why the plan changes a nomination.
	#[derive(Copy)]
	pub enum Reason {
		/// The stash nominated nobody.
		New,
		/// Its validator is not in the registry.
		Unlisted,
		/// Its validator may not be nominated any more.
		Unfit(Fitness),
		/// Its validator had more stashes than it may have.
		ValidatorOverCap,
		/// A cluster of its validator had more stashes than it may have.
		ClusterOverCap(Dimension),
		/// It earns more elsewhere.
		Better,
	}

	/// A change of a stash's nomination.
	pub struct PlannedChange<AccountId> {
		/// Index of the stash.
		pub stash: u32,
		/// Whom it nominated.
		pub from: Option<AccountId>,
		/// Whom it is to nominate; `None` if the caps leave no place for it.
		pub to: Option<AccountId>,
		/// Why.
		pub reason: Reason,
	}

	/// How well something is spread over validators or clusters. Those without an attested label
	/// are one cluster.
	#[derive(Copy, Default)]
	pub struct Spread {
		/// Effective number, `1 / sum of squared parts`: of as many equal ones it would be as well
		/// spread.
		pub effective: FixedU128,
		/// Nakamoto coefficient: the fewest that together hold more than a third.
		pub nakamoto: u32,
		/// The part of the largest one, rounded down.
		pub largest: Perbill,
	}

	/// How well the pool's elected exposure is spread.
	#[derive(Copy, Default)]
	pub struct Diversification {
		/// The era whose exposure this is.
		pub era: EraIndex,
		/// The pool's stake exposed to validators of the registry.
		pub exposed: Balance,
		/// Over validators.
		pub validators: Spread,
		/// Over operators.
		pub operators: Spread,
		/// Over regions.
		pub regions: Spread,
		/// Over hosting providers.
		pub providers: Spread,
		/// Over clients.
		pub clients: Spread,
		/// What the pool would lose at most if all validators of one operator offended together.
		pub largest_loss: Balance,
		/// What it loses on average in the time that unbonding takes.
		pub expected_loss: Balance,
	}

	/// What governance may set.
	#[derive(Copy)]
	pub struct Parameters {
		/// The part of the pool's stake that may be on one validator. As all caps it holds at least one
		/// stash, if that is one of four or no larger than twice the mean; and that part of the number of
		/// stashes, if they stake at most a twentieth more.
		pub validator_cap: Perbill,
		/// The part that may be on one operator.
		pub operator_cap: Perbill,
		/// The part that may be in one region.
		pub region_cap: Perbill,
		/// The part that may be with one hosting provider.
		pub provider_cap: Perbill,
		/// The part that may be on one client.
		pub client_cap: Perbill,
		/// The pool's stake on an operator is at most so large that an offence of all its validators
		/// costs the pool this many times what the operator loses by it: its bond, and the part that is
		/// taken of its own stake.
		pub skin: u32,
		/// The part that an operator may have whatever its bond.
		pub floor: Perbill,
		/// Above this commission a validator is not nominated.
		pub max_commission: Perbill,
		/// With fewer points in an era, against the mean, a validator loses its nominations.
		pub min_points: Perbill,
		/// Eras in which a validator that joins, or has missed blocks or our stake, has to be elected and
		/// have points enough before it is nominated.
		pub probation: EraIndex,
		/// The most stashes that move in an era because it is better elsewhere.
		pub churn: u32,
		/// The chance that an operator offends, with all of its validators together, in the time that
		/// unbonding takes.
		pub incident: Perbill,
		/// By how many thousandths more a stash must earn elsewhere to move.
		pub hysteresis: u32,
	}
}

impl Profile {
	/// The label of a dimension.
	pub fn label(&self, dimension: Dimension) -> &Label {
		match dimension {
			Dimension::Operator => &self.operator,
			Dimension::Region => &self.region,
			Dimension::Provider => &self.provider,
			Dimension::Client => &self.client,
		}
	}

	/// Whether all four are labels.
	pub fn is_valid(&self) -> bool {
		DIMENSIONS.iter().all(|dimension| is_label(self.label(*dimension)))
	}

	/// A profile of labels in plain text; `None` if one is no label.
	pub fn new(operator: &str, region: &str, provider: &str, client: &str) -> Option<Self> {
		let label = |text: &str| Label::try_from(String::from(text).into_bytes()).ok();
		let profile = Self {
			operator: label(operator)?,
			region: label(region)?,
			provider: label(provider)?,
			client: label(client)?,
		};
		profile.is_valid().then_some(profile)
	}
}

impl Attested {
	/// All of it.
	pub const ALL: Self = Self { operator: true, region: true, provider: true, client: true };

	/// Whether the label of a dimension is attested.
	pub fn has(&self, dimension: Dimension) -> bool {
		match dimension {
			Dimension::Operator => self.operator,
			Dimension::Region => self.region,
			Dimension::Provider => self.provider,
			Dimension::Client => self.client,
		}
	}

	/// What is still attested when `old` becomes `new`.
	pub fn after(&self, old: &Profile, new: &Profile) -> Self {
		let kept = |dimension| self.has(dimension) && old.label(dimension) == new.label(dimension);
		Self {
			operator: kept(Dimension::Operator),
			region: kept(Dimension::Region),
			provider: kept(Dimension::Provider),
			client: kept(Dimension::Client),
		}
	}
}

/// Somebody who runs validators.
#[derive(
	CloneNoBound,
	DebugNoBound,
	PartialEqNoBound,
	Encode,
	Decode,
	DecodeWithMemTracking,
	TypeInfo,
	MaxEncodedLen,
)]
#[scale_info(skip_type_params(MaxValidators))]
pub struct Operator<AccountId, MaxValidators>
where
	AccountId: Clone + core::fmt::Debug + PartialEq,
	MaxValidators: frame_support::traits::Get<u32>,
{
	/// What it says of itself.
	pub profile: Profile,
	/// What of that is attested.
	pub attested: Attested,
	/// The cluster of the name under which it was attested last. Debts hang on it.
	pub identity: Option<Cluster>,
	/// What it has bonded, and is held on its account.
	pub bond: Balance,
	/// The part of the bond that it wants back.
	pub release: Option<Release>,
	/// The last era in which it is suspended, if it was.
	pub suspended_until: Option<EraIndex>,
	/// Whether it has deregistered.
	pub leaving: bool,
	/// Its validators, and those that have left it and are still on record.
	pub validators: BoundedVec<AccountId, MaxValidators>,
	/// Validators that have not consented yet.
	pub invited: BoundedVec<AccountId, MaxValidators>,
}

impl<AccountId, MaxValidators> Operator<AccountId, MaxValidators>
where
	AccountId: Clone + core::fmt::Debug + PartialEq,
	MaxValidators: frame_support::traits::Get<u32>,
{
	/// The cluster in each dimension of a validator that is attested itself, or is not: what is said of
	/// where and how it runs does not hold for it then.
	pub fn clusters(&self, attested: bool) -> [Cluster; 4] {
		DIMENSIONS.map(|dimension| {
			let known = attested || dimension == Dimension::Operator;
			if known && self.attested.has(dimension) {
				cluster_of(self.profile.label(dimension))
			} else {
				UNATTESTED
			}
		})
	}

	/// The cluster of its name, if that is attested.
	pub fn named(&self) -> Option<Cluster> {
		let name = self.profile.label(Dimension::Operator);
		self.attested.has(Dimension::Operator).then(|| cluster_of(name))
	}

	/// The bond less what is to be released: what stands behind its validators from now on.
	pub fn lasting_bond(&self) -> Balance {
		self.bond.saturating_sub(self.release.map_or(0, |release| release.amount))
	}
}

/// The changes of the last plan.
#[derive(
	CloneNoBound,
	DebugNoBound,
	PartialEqNoBound,
	Encode,
	Decode,
	DecodeWithMemTracking,
	TypeInfo,
	MaxEncodedLen,
)]
#[scale_info(skip_type_params(MaxStashes))]
pub struct Planned<AccountId, MaxStashes>
where
	AccountId: Clone + core::fmt::Debug + PartialEq,
	MaxStashes: frame_support::traits::Get<u32>,
{
	/// The era whose work carries it out.
	pub era: EraIndex,
	/// What changes, and why.
	pub changes: BoundedVec<PlannedChange<AccountId>, MaxStashes>,
	/// Stashes for which the caps left no place.
	pub unplaced: u32,
	/// All who are nominated by it, in order of their accounts.
	pub nominated: BoundedVec<AccountId, MaxStashes>,
}

impl Parameters {
	/// Whether they make sense: caps and limits that leave something, and a plan that can act.
	pub fn is_valid(&self) -> bool {
		let caps = [
			self.validator_cap,
			self.operator_cap,
			self.region_cap,
			self.provider_cap,
			self.client_cap,
		];
		caps.iter().all(|cap| !cap.is_zero())
			&& self.skin > 0
			&& self.min_points < Perbill::one()
			&& self.hysteresis <= 1_000
	}

	/// The cap of a dimension.
	pub fn cap(&self, dimension: Dimension) -> Perbill {
		match dimension {
			Dimension::Operator => self.operator_cap,
			Dimension::Region => self.region_cap,
			Dimension::Provider => self.provider_cap,
			Dimension::Client => self.client_cap,
		}
	}
}
