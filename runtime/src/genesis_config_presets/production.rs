// SPDX-License-Identifier: GPL-3.0-only

//! The genesis of a production chain, made of the accounts of those who start it. Only for programs: the
//! Wasm runtime does without.

use cumulus_primitives_core::ParaId;
use frame_support::traits::Get;
use pallet_operator_registry::{GenesisOperator, Profile};
use polkadot_parachain_primitives::primitives::LOWEST_PUBLIC_ID;
use serde_json::Value;
use std::{collections::BTreeSet, fmt};

use super::{genesis, seats_of, GenesisValidator, MINIMUM_SEATS, MIN_VALIDATOR_BOND};
use crate::{
	configs::{
		operators::{MAX_VALIDATORS_PER_OPERATOR, MIN_OPERATOR_BOND},
		staking::{TreasuryAccount, MAX_VALIDATOR_SET},
	},
	AccountId, Balance, Multisig, Runtime, EXISTENTIAL_DEPOSIT, HOLD,
};

/// Who starts a production chain, and where.
#[derive(Clone, Debug)]
pub struct ProductionGenesis {
	/// The number of the chain on its relay chain.
	pub para_id: ParaId,
	/// Who is root together. Root is the account of their multisig, to which nobody has a key.
	pub signatories: Vec<AccountId>,
	/// How many of the signatories it takes.
	pub threshold: u16,
	/// Who is elected at first.
	pub validators: Vec<GenesisValidator>,
	/// Who may be nominated by the pool from the first era on. What they say of themselves counts as
	/// attested.
	pub operators: Vec<GenesisOperator<AccountId>>,
	/// All of the HOLD there is at genesis, but for the existential deposits of the treasury and the pool.
	/// It must contain the stashes and the operators.
	pub endowments: Vec<(AccountId, Balance)>,
}

/// Why a [`ProductionGenesis`] is not sound.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum GenesisError {
	/// The para id is one of the relay chain's own chains.
	BadParaId(ParaId),
	/// A signatory is named twice.
	DuplicateSignatory(AccountId),
	/// There are more signatories than a multisig may have.
	TooManySignatories(usize),
	/// The threshold is less than two, or more than there are signatories.
	BadThreshold(u16, usize),
	/// There is no validator, or there are more than can be elected.
	BadNumberOfValidators(usize),
	/// A stash is named twice.
	DuplicateValidator(AccountId),
	/// Two validators have the same key for sealing blocks.
	DuplicateKey(AccountId),
	/// The stake of this stash is less than the minimum.
	StakeTooSmall(AccountId),
	/// This stash is not endowed with its stake and the existential deposit.
	StashNotEndowed(AccountId),
	/// This operator has a bad profile, too small a bond, or no endowment of its bond, its stake and the
	/// existential deposit; or is named twice, or shares a validator.
	BadOperator(AccountId),
	/// An account is endowed twice, or is the treasury, which is always endowed.
	DuplicateEndowment(AccountId),
	/// An account is endowed with less than the existential deposit.
	EndowmentTooSmall(AccountId),
	/// There would be more HOLD than votes of 64 bits can count, and JSON can write.
	TooMuchIssued,
}

impl fmt::Display for GenesisError {
	fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
		match self {
			Self::BadParaId(id) => write!(
				f,
				"para id {} belongs to the relay chain's own chains: reserve one, from {} on",
				u32::from(*id),
				u32::from(LOWEST_PUBLIC_ID)
			),
			Self::DuplicateSignatory(who) => write!(f, "signatory {who} is named twice"),
			Self::TooManySignatories(n) => write!(
				f,
				"there are {n} signatories, but a multisig has at most {}",
				max_signatories()
			),
			Self::BadThreshold(threshold, n) => write!(
				f,
				"the threshold {threshold} is not between 2 and the number of signatories, {n}"
			),
			Self::BadNumberOfValidators(n) => {
				write!(f, "there are {n} validators, but there must be 1 to {MAX_VALIDATOR_SET}")
			},
			Self::DuplicateValidator(who) => write!(f, "validator {who} is named twice"),
			Self::DuplicateKey(who) => {
				write!(f, "the aura key of validator {who} is another validator's, too")
			},
			Self::StakeTooSmall(who) => write!(
				f,
				"validator {who} has less stake than {MIN_VALIDATOR_BOND} units, {} HOLD",
				MIN_VALIDATOR_BOND / HOLD
			),
			Self::StashNotEndowed(who) => write!(
				f,
				"validator {who} is not endowed with its stake and the existential deposit, {EXISTENTIAL_DEPOSIT} units"
			),
			Self::BadOperator(who) => write!(
				f,
				"operator {who} must be named once, share no validator, have labels of 1 to 32 lower \
				 case letters, digits, '.', '-' or '_', a bond of at least {MIN_OPERATOR_BOND} units, and \
				 an endowment of its bond, its stake and the existential deposit"
			),
			Self::DuplicateEndowment(who) => write!(f, "account {who} is endowed twice"),
			Self::EndowmentTooSmall(who) => write!(
				f,
				"account {who} is endowed with less than the existential deposit, {EXISTENTIAL_DEPOSIT} units"
			),
			Self::TooMuchIssued => {
				write!(f, "the endowments are more than {} units together", u64::MAX)
			},
		}
	}
}

fn max_signatories() -> u32 {
	<Runtime as pallet_multisig::Config>::MaxSignatories::get()
}

impl ProductionGenesis {
	/// The JSON patch of the default configuration, as those of the presets are.
	pub fn patch(self) -> Result<Value, GenesisError> {
		let root = self.root()?;
		self.check_chain()?;
		self.check_endowments()?;
		self.check_validators()?;
		self.check_operators()?;
		let seats = seats_of(&self.validators);
		let Self { para_id, validators, operators, endowments, .. } = self;
		let seats = (seats, MINIMUM_SEATS.min(seats));
		Ok(genesis(para_id, Some(root), validators, operators, endowments, seats))
	}

	/// The account of the multisig. It depends on the order, and the multisig's calls expect this one.
	fn root(&self) -> Result<AccountId, GenesisError> {
		let mut sorted = self.signatories.clone();
		sorted.sort();
		if let Some(two) = sorted.windows(2).find(|two| two[0] == two[1]) {
			return Err(GenesisError::DuplicateSignatory(two[0].clone()));
		}
		if sorted.len() > max_signatories() as usize {
			return Err(GenesisError::TooManySignatories(sorted.len()));
		}
		if self.threshold < 2 || usize::from(self.threshold) > sorted.len() {
			return Err(GenesisError::BadThreshold(self.threshold, sorted.len()));
		}
		Ok(Multisig::multi_account_id(&sorted, self.threshold))
	}

	fn check_chain(&self) -> Result<(), GenesisError> {
		match self.para_id < LOWEST_PUBLIC_ID {
			true => Err(GenesisError::BadParaId(self.para_id)),
			false => Ok(()),
		}
	}

	fn check_endowments(&self) -> Result<(), GenesisError> {
		let mut seen = BTreeSet::from([TreasuryAccount::get()]);
		let mut issuance: Balance = 0;
		for (who, endowment) in &self.endowments {
			if !seen.insert(who.clone()) {
				return Err(GenesisError::DuplicateEndowment(who.clone()));
			}
			if *endowment < EXISTENTIAL_DEPOSIT {
				return Err(GenesisError::EndowmentTooSmall(who.clone()));
			}
			issuance = issuance.saturating_add(*endowment);
		}
		match issuance > Balance::from(u64::MAX) {
			true => Err(GenesisError::TooMuchIssued),
			false => Ok(()),
		}
	}

	fn check_validators(&self) -> Result<(), GenesisError> {
		let seats = self.validators.len();
		if seats == 0 || seats > MAX_VALIDATOR_SET as usize {
			return Err(GenesisError::BadNumberOfValidators(seats));
		}
		let (mut stashes, mut keys) = (BTreeSet::new(), BTreeSet::new());
		for (stash, aura, stake) in &self.validators {
			if !stashes.insert(stash) {
				return Err(GenesisError::DuplicateValidator(stash.clone()));
			}
			if !keys.insert(aura) {
				return Err(GenesisError::DuplicateKey(stash.clone()));
			}
			if *stake < MIN_VALIDATOR_BOND {
				return Err(GenesisError::StakeTooSmall(stash.clone()));
			}
			if self.endowment(stash) < stake.saturating_add(EXISTENTIAL_DEPOSIT) {
				return Err(GenesisError::StashNotEndowed(stash.clone()));
			}
		}
		Ok(())
	}

	fn check_operators(&self) -> Result<(), GenesisError> {
		let (mut accounts, mut stashes) = (BTreeSet::new(), BTreeSet::new());
		for (account, (name, region, provider, client), bond, validators) in &self.operators {
			let known = self.validators.iter().find(|(stash, ..)| stash == account);
			let stake = known.map_or(0, |(.., stake)| *stake);
			let needed = bond.saturating_add(stake).saturating_add(EXISTENTIAL_DEPOSIT);
			let good = accounts.insert(account)
				&& Profile::new(name, region, provider, client).is_some()
				&& *bond >= MIN_OPERATOR_BOND
				&& self.endowment(account) >= needed
				&& validators.len() <= MAX_VALIDATORS_PER_OPERATOR as usize
				&& validators.iter().all(|stash| stashes.insert(stash));
			if !good {
				return Err(GenesisError::BadOperator(account.clone()));
			}
		}
		Ok(())
	}

	/// What `who` is endowed with.
	fn endowment(&self, who: &AccountId) -> Balance {
		self.endowments.iter().find(|(one, _)| one == who).map_or(0, |(_, endowment)| *endowment)
	}
}

#[cfg(test)]
mod tests {
	use super::{super::tests::with_genesis, *};
	use crate::{AuraId, OperatorRegistry, ParachainInfo, Session};
	use sp_core::sr25519;

	fn account(seed: u8) -> AccountId {
		AccountId::new([seed; 32])
	}

	fn validator(seed: u8, stake: Balance) -> GenesisValidator {
		(account(seed), AuraId::from(sr25519::Public::from_raw([seed; 32])), stake)
	}

	fn operator(seed: u8, bond: Balance) -> GenesisOperator<AccountId> {
		let profile = ["alder", "eu-north", "own-racks", "holdfast-node"].map(String::from);
		let [name, region, provider, client] = profile;
		(account(seed), (name, region, provider, client), bond, vec![account(seed)])
	}

	fn sound() -> ProductionGenesis {
		ProductionGenesis {
			para_id: 3333.into(),
			signatories: vec![account(3), account(1), account(2)],
			threshold: 2,
			validators: vec![validator(1, 3_900 * HOLD)],
			operators: vec![operator(1, MIN_OPERATOR_BOND)],
			endowments: vec![(account(1), 5_000 * HOLD)],
		}
	}

	/// What is wrong with a sound genesis after this change.
	fn wrong(change: impl FnOnce(&mut ProductionGenesis)) -> GenesisError {
		let mut genesis = sound();
		change(&mut genesis);
		genesis.patch().unwrap_err()
	}

	#[test]
	fn root_is_a_multisig_and_the_para_id_is_the_one_that_was_asked_for() {
		with_genesis(sound().patch().unwrap(), || {
			assert_eq!(OperatorRegistry::operators()[0].validators, vec![account(1)]);
			let root = Multisig::multi_account_id(&[account(1), account(2), account(3)], 2);
			assert_eq!(pallet_sudo::Key::<Runtime>::get(), Some(root));
			assert_eq!(Session::validators(), vec![account(1)]);
			assert_eq!(ParachainInfo::parachain_id(), 3333.into());
		});
	}

	#[test]
	fn operators_must_be_able_to_pay_their_bonds() {
		let bad = GenesisError::BadOperator(account(1));
		// Stake, bond and existential deposit do not fit its endowment; too small a bond; named twice.
		assert_eq!(wrong(|g| g.operators = vec![operator(1, MIN_OPERATOR_BOND + 100 * HOLD)]), bad);
		assert_eq!(wrong(|g| g.operators = vec![operator(1, MIN_OPERATOR_BOND - 1)]), bad);
		assert_eq!(wrong(|g| g.operators.push(operator(1, MIN_OPERATOR_BOND))), bad);
	}

	#[test]
	fn root_needs_two_different_signatories() {
		use GenesisError::*;
		assert_eq!(wrong(|g| g.threshold = 1), BadThreshold(1, 3));
		assert_eq!(wrong(|g| g.threshold = 4), BadThreshold(4, 3));
		let twice = || vec![account(1), account(1)];
		assert_eq!(wrong(|g| g.signatories = twice()), DuplicateSignatory(account(1)));
		// Root would be out of everybody's reach: no call of the multisig may name so many.
		let many = (0..=max_signatories() as u8).map(account).collect::<Vec<_>>();
		assert_eq!(wrong(|g| g.signatories = many.clone()), TooManySignatories(many.len()));
	}

	#[test]
	fn validators_must_be_endowed_and_different() {
		use GenesisError::*;
		assert_eq!(wrong(|g| g.validators = vec![]), BadNumberOfValidators(0));
		assert_eq!(wrong(|g| g.validators = vec![validator(1, HOLD)]), StakeTooSmall(account(1)));
		let poor = StashNotEndowed(account(1));
		assert_eq!(wrong(|g| g.validators = vec![validator(1, 5_000 * HOLD)]), poor);
		let twice = DuplicateValidator(account(1));
		assert_eq!(wrong(|g| g.validators.push(validator(1, 2_000 * HOLD))), twice);
		let same_key = |g: &mut ProductionGenesis| {
			let (_, aura, stake) = validator(1, 3_900 * HOLD);
			g.validators.push((account(2), aura, stake));
			g.endowments.push((account(2), 5_000 * HOLD));
		};
		assert_eq!(wrong(same_key), DuplicateKey(account(2)));
	}

	#[test]
	fn endowments_must_be_such_that_balances_can_start() {
		use GenesisError::*;
		let endow = |who: AccountId, amount: Balance| wrong(|g| g.endowments.push((who, amount)));
		assert_eq!(endow(account(1), HOLD), DuplicateEndowment(account(1)));
		let treasury = TreasuryAccount::get();
		assert_eq!(endow(treasury.clone(), HOLD), DuplicateEndowment(treasury));
		let dust = EndowmentTooSmall(account(2));
		assert_eq!(endow(account(2), EXISTENTIAL_DEPOSIT - 1), dust);
		assert_eq!(endow(account(2), u64::MAX.into()), TooMuchIssued);
	}

	#[test]
	fn the_para_id_must_be_one_that_anybody_may_reserve() {
		assert_eq!(wrong(|g| g.para_id = 1999.into()), GenesisError::BadParaId(1999.into()));
	}

	#[test]
	fn the_metadata_hash_names_the_same_token() {
		let call =
			format!("enable_metadata_hash(\"{}\", {})", crate::TOKEN_SYMBOL, crate::TOKEN_DECIMALS);
		assert!(include_str!("../../build.rs").contains(&call), "build.rs lacks {call}");
		assert_eq!(10u128.pow(crate::TOKEN_DECIMALS.into()), HOLD);
	}
}
