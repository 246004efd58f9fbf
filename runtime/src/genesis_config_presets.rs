// SPDX-License-Identifier: GPL-3.0-only

//! How a chain starts.
//!
//! | preset | validators | root | for |
//! | --- | --- | --- | --- |
//! | `development` | 16, sealed for by one node | Alice | trying it out, end-to-end tests |
//! | `local_testnet` | Alice, Bob, Charlie | Alice | three collators on a local relay chain |
//! | `production` | none | none | a template without any known key |
//!
//! The production preset builds a state, but no chain can run from it before its operators have
//! patched in `session.keys`, `staking.stakers`, `balances.balances` and `sudo.key`.
//! `ProductionGenesis` makes all of it from the accounts concerned, with a multisig for root. In
//! a patch made by hand, a list replaces the list of the preset: `balances.balances` must keep the
//! treasury, `staking.validatorCount` must fit, and `parachainInfo.parachainId` must be the chain's own.

#![warn(missing_docs)]

#[cfg(feature = "std")]
mod production;

#[cfg(feature = "std")]
pub use production::{GenesisError, ProductionGenesis};

use alloc::{string::ToString, vec, vec::Vec};
use cumulus_primitives_core::ParaId;
use frame_support::build_struct_json_patch;
use pallet_operator_registry::GenesisOperator;
use pallet_staking::StakerStatus;
use serde_json::Value;
use sp_core::{hex2array, sr25519};
use sp_genesis_builder::{PresetId, DEV_RUNTIME_PRESET, LOCAL_TESTNET_RUNTIME_PRESET};
use sp_keyring::Sr25519Keyring;
use sp_runtime::Perbill;

use crate::{
	configs::{
		assets::ST_HOLD_ID,
		operators::MIN_OPERATOR_BOND,
		staking::{TreasuryAccount, MAX_CANDIDATES, MAX_NOMINATORS},
	},
	AccountId, AssetsConfig, AuraId, Balance, BalancesConfig, LiquidStaking,
	OperatorRegistryConfig, ParachainInfoConfig, PolkadotXcmConfig, RuntimeGenesisConfig,
	SessionConfig, SessionKeys, StakingConfig, SudoConfig, EXISTENTIAL_DEPOSIT, HOLD,
};

/// Name of the template of a production chain.
pub const PRODUCTION_RUNTIME_PRESET: &str = "production";

/// The number that the presets have on their relay chain.
pub const PARA_ID: ParaId = ParaId::new(2000);

/// What each well-known account has in a development chain.
const ENDOWMENT: Balance = 1_000_000 * HOLD;
/// What each validator of the development preset has, its stake included.
const VALIDATOR_ENDOWMENT: Balance = 100_000 * HOLD;
/// The least that a nominator must stake.
const MIN_NOMINATOR_BOND: Balance = 100 * HOLD;
/// The least that a validator must stake. It must not be zero: candidates would be free, and their
/// number is limited.
const MIN_VALIDATOR_BOND: Balance = 1_000 * HOLD;
/// The part of a slash that goes to who has reported it. An offender loses its part of its own stake, and
/// the reporter, who may be the same people, gets a part of all that is slashed, that of nominators too:
/// `fraction * own` against `reward / 2 * fraction * (own + others)`. Nothing limits how many nominate it, so
/// that any reward above `2 * own / total` makes it pay to slash oneself. And this chain has no reports that
/// somebody would have to be paid for.
const SLASH_REWARD: Perbill = Perbill::zero();
/// Seats of the production template.
const PRODUCTION_SEATS: u32 = 16;
/// If fewer are elected, the validators before them stay.
const MINIMUM_SEATS: u32 = 4;

/// Public keys of `//Validator//0` to `//Validator//15` on the development seed phrase.
const DEVELOPMENT_VALIDATORS: [[u8; 32]; 16] = [
	hex2array!("9afbbbb82a85515dfaaaec1b2a5f5e428d12dae6c5020eecd41d3ef74de75a4c"),
	hex2array!("f6fbfad3890aeb1ad390f18bc75a3ad34e29bca8c4d8e6c2e79fa4b9813e5b77"),
	hex2array!("b66ebcaaee32b0df068c655e8ba17eb619b4ce1137cefac205a59f8382559828"),
	hex2array!("8c0236499bff9ce54f5d9c6878a830dfccaa5ec387f0d0ccbff4670c25d7bb3f"),
	hex2array!("36ce8e2bee5dfe91a68fb280bc0a3e93776d73fc6eca1aec99f7fdd1251acb69"),
	hex2array!("04b2e025be0b26ad9546898f4c10db4d1f90cd44e540ce0fb4a8054101eadc33"),
	hex2array!("2c1f9d49a7f5f129660d65f61f8864efd2261a2b4049b949cd3d03d42e598036"),
	hex2array!("c088f2fcc822aa6b860341ee24e469ae201cd8a5057b0147fb996da2af8b6972"),
	hex2array!("3c152dc32702caa83b6db2bdaf70ed6dfb75e4738b57e84063f99d0081cb383c"),
	hex2array!("2c721e17da81d590d5e39216450505ac19ae3d175c0eff5ecc9fed7d7b193658"),
	hex2array!("0e2e757b6a40ec2eff76209f760c92c538d37852599076c9e4498437fbf4da43"),
	hex2array!("a8dd2a3e277459594f41c8cf64cabc53ec080bb86f3ee3902c94727a64f8c20f"),
	hex2array!("beb3ac071870d2d9d793d1b030b3765110a360ef7d9a0fd50e256c37e9c06043"),
	hex2array!("daac9c229a5861b4ba903f9901bd7ddab6fd364c8187a53a655a7785b16a3776"),
	hex2array!("f8025306cfeffca2e940a9f5ea3c96e698f6d5904b0ff49bec9e8a51f4286167"),
	hex2array!("f8f111ed871ef1ee59193ad5171c43ce6f7e8dfb8221dc14e9e73b288c578e48"),
];

/// A validator at genesis: its stash, its key for sealing blocks, and its stake.
pub type GenesisValidator = (AccountId, AuraId, Balance);

/// The bond of an operator of the development and local presets.
const OPERATOR_BOND: Balance = 10 * MIN_OPERATOR_BOND;

/// The operators of the development preset, where and with whom they run their validators, and on
/// which client. Each has two; its account is that of the first.
const DEVELOPMENT_OPERATORS: [[&str; 4]; 8] = [
	["alder", "eu-north", "own-racks", "holdfast-node"],
	["birch", "eu-west", "own-racks", "omni-node"],
	["cedar", "us-east", "cloud-a", "holdfast-node"],
	["elm", "ap-south", "cloud-a", "third-node"],
	["fir", "eu-north", "cloud-b", "omni-node"],
	["hazel", "eu-west", "cloud-b", "holdfast-node"],
	["larch", "us-east", "cloud-c", "third-node"],
	["maple", "ap-south", "cloud-c", "omni-node"],
];

/// An operator at genesis, attested and without probation, with the first of its validators as its
/// account.
fn operator(profile: [&str; 4], validators: &[GenesisValidator]) -> GenesisOperator<AccountId> {
	let [name, region, provider, client] = profile.map(|label| label.to_string());
	let stashes: Vec<AccountId> = validators.iter().map(|(stash, ..)| stash.clone()).collect();
	let account = stashes.first().cloned().unwrap_or_else(TreasuryAccount::get);
	(account, (name, region, provider, client), OPERATOR_BOND, stashes)
}

/// Everything but people is the same in all chains.
///
/// `endowments` must contain the stashes of the validators, each with more than its stake, and the
/// operators, each with more than its bond besides.
fn genesis(
	para_id: ParaId,
	root: Option<AccountId>,
	validators: Vec<GenesisValidator>,
	operators: Vec<GenesisOperator<AccountId>>,
	mut endowments: Vec<(AccountId, Balance)>,
	(seats, minimum_seats): (u32, u32),
) -> Value {
	// Amounts smaller than this would be lost on an account that does not live. The pool endows its
	// own accounts.
	endowments.push((TreasuryAccount::get(), EXISTENTIAL_DEPOSIT));
	let pot = LiquidStaking::pot_account();

	build_struct_json_patch!(RuntimeGenesisConfig {
		parachain_info: ParachainInfoConfig { parachain_id: para_id },
		balances: BalancesConfig { balances: endowments },
		assets: AssetsConfig {
			// The pot has all roles: nobody else can mint, burn or freeze.
			assets: vec![(ST_HOLD_ID, pot, true, 1)],
			metadata: vec![(ST_HOLD_ID, b"Staked HOLD".to_vec(), b"stHOLD".to_vec(), 10)],
		},
		staking: StakingConfig {
			validator_count: seats,
			minimum_validator_count: minimum_seats,
			slash_reward_fraction: SLASH_REWARD,
			stakers: validators
				.iter()
				.map(|(stash, _, stake)| {
					(stash.clone(), stash.clone(), *stake, StakerStatus::Validator)
				})
				.collect(),
			min_nominator_bond: MIN_NOMINATOR_BOND,
			min_validator_bond: MIN_VALIDATOR_BOND,
			max_validator_count: Some(MAX_CANDIDATES),
			max_nominator_count: Some(MAX_NOMINATORS),
		},
		session: SessionConfig {
			keys: validators
				.iter()
				.map(|(stash, aura, _)| {
					(stash.clone(), stash.clone(), SessionKeys { aura: aura.clone() })
				})
				.collect(),
		},
		operator_registry: OperatorRegistryConfig { operators },
		polkadot_xcm: PolkadotXcmConfig { safe_xcm_version: Some(xcm::latest::VERSION) },
		sudo: SudoConfig { key: root },
	})
}

/// The well-known accounts, each with its endowment.
fn well_known() -> Vec<(AccountId, Balance)> {
	Sr25519Keyring::well_known().map(|who| (who.to_account_id(), ENDOWMENT)).collect()
}

fn development() -> Value {
	let validators: Vec<GenesisValidator> = DEVELOPMENT_VALIDATORS
		.iter()
		.zip(0u32..)
		.map(|(key, i)| {
			// 20,000 to 50,000 HOLD, in an order that has nothing to do with the names.
			let stake = (20_000 + 2_000 * Balance::from(i * 7 % 16)) * HOLD;
			(AccountId::new(*key), AuraId::from(sr25519::Public::from_raw(*key)), stake)
		})
		.collect();
	let stashes = validators.iter().map(|(stash, ..)| (stash.clone(), VALIDATOR_ENDOWMENT));
	let endowments = well_known().into_iter().chain(stashes).collect();
	let seats = seats_of(&validators);
	let operators = DEVELOPMENT_OPERATORS
		.into_iter()
		.zip(validators.chunks(2))
		.map(|(profile, validators)| operator(profile, validators))
		.collect();
	genesis(
		PARA_ID,
		Some(Sr25519Keyring::Alice.to_account_id()),
		validators,
		operators,
		endowments,
		(seats, MINIMUM_SEATS),
	)
}

fn local_testnet() -> Value {
	// One for each collator of the network: the slots of one without a collator stay empty.
	let validators: Vec<GenesisValidator> =
		[Sr25519Keyring::Alice, Sr25519Keyring::Bob, Sr25519Keyring::Charlie]
			.map(|who| (who.to_account_id(), AuraId::from(who.public()), 50_000 * HOLD))
			.into();
	let seats = seats_of(&validators);
	let operators = DEVELOPMENT_OPERATORS
		.into_iter()
		.zip(validators.chunks(1))
		.map(|(profile, validators)| operator(profile, validators))
		.collect();
	let root = Some(Sr25519Keyring::Alice.to_account_id());
	genesis(PARA_ID, root, validators, operators, well_known(), (seats, 1))
}

fn production_template() -> Value {
	let seats = (PRODUCTION_SEATS, MINIMUM_SEATS);
	genesis(PARA_ID, None, Vec::new(), Vec::new(), Vec::new(), seats)
}

/// As many seats as there are validators.
fn seats_of(validators: &[GenesisValidator]) -> u32 {
	u32::try_from(validators.len()).unwrap_or(u32::MAX)
}

/// The preset named `id`, as a JSON patch of the default configuration.
pub fn get_preset(id: &PresetId) -> Option<Vec<u8>> {
	let patch = match id.as_str() {
		DEV_RUNTIME_PRESET => development(),
		LOCAL_TESTNET_RUNTIME_PRESET => local_testnet(),
		PRODUCTION_RUNTIME_PRESET => production_template(),
		_ => return None,
	};
	serde_json::to_vec(&patch).ok()
}

/// The names of all presets.
pub fn preset_names() -> Vec<PresetId> {
	[DEV_RUNTIME_PRESET, LOCAL_TESTNET_RUNTIME_PRESET, PRODUCTION_RUNTIME_PRESET]
		.map(PresetId::from)
		.into()
}

#[cfg(test)]
mod tests {
	use super::*;
	use crate::{Assets, Aura, Balances, OperatorRegistry, Runtime, Session};
	use frame_support::{
		genesis_builder_helper::build_state,
		traits::{fungible::Inspect, fungibles::metadata::Inspect as _},
	};
	use sp_core::Pair as _;

	/// Runs `test` in the state that `patch` builds.
	pub(super) fn with_genesis(patch: Value, test: impl FnOnce()) {
		let mut config = serde_json::to_value(RuntimeGenesisConfig::default()).unwrap();
		sc_chain_spec::json_patch::merge(&mut config, patch);
		let config = serde_json::to_vec(&config).unwrap();
		sp_io::TestExternalities::default().execute_with(|| {
			build_state::<RuntimeGenesisConfig>(config).unwrap();
			test()
		});
	}

	fn preset(name: &str) -> Value {
		serde_json::from_slice(&get_preset(&name.into()).unwrap()).unwrap()
	}

	#[test]
	fn the_development_validators_are_derived_from_their_names() {
		for (i, key) in DEVELOPMENT_VALIDATORS.iter().enumerate() {
			let pair = sr25519::Pair::from_string(&format!("//Validator//{i}"), None).unwrap();
			assert_eq!(pair.public().0, *key, "//Validator//{i}");
		}
	}

	#[test]
	fn every_preset_builds_a_state() {
		for name in preset_names() {
			with_genesis(preset(&name), || {
				assert_eq!(Balances::balance(&TreasuryAccount::get()), EXISTENTIAL_DEPOSIT);
				assert_eq!(Assets::symbol(ST_HOLD_ID), b"stHOLD");
				assert_eq!(Assets::decimals(ST_HOLD_ID), 10);
			});
		}
	}

	#[test]
	fn all_sixteen_development_validators_are_elected_with_their_exact_stakes() {
		with_genesis(preset(DEV_RUNTIME_PRESET), || {
			assert_eq!(Session::validators().len(), 16);
			assert_eq!(pallet_aura::Authorities::<Runtime>::get().len(), 16);
			let mut total = 0;
			for stash in Session::validators() {
				let exposure =
					pallet_staking::ErasStakersOverview::<Runtime>::get(0, &stash).unwrap();
				assert_eq!(exposure.own, exposure.total);
				assert!((20_000 * HOLD..=50_000 * HOLD).contains(&exposure.own));
				total += exposure.total;
			}
			// 16 * (20,000 + 50,000) / 2
			assert_eq!(total, 560_000 * HOLD);
		});
	}

	#[test]
	fn the_development_validators_are_run_by_eight_operators() {
		with_genesis(preset(DEV_RUNTIME_PRESET), || {
			let operators = OperatorRegistry::operators();
			assert_eq!(operators.len(), 8);
			for operator in &operators {
				assert_eq!(operator.validators.len(), 2);
				assert_eq!(operator.validators[0], operator.account);
				assert_eq!(operator.bond, OPERATOR_BOND);
			}
			OperatorRegistry::do_try_state().unwrap();
		});
	}

	#[test]
	fn local_validators_are_the_collators_themselves() {
		with_genesis(preset(LOCAL_TESTNET_RUNTIME_PRESET), || {
			assert_eq!(Session::validators().len(), 3);
			assert_eq!(Aura::authorities_len(), 3);
		});
	}

	#[test]
	fn the_production_preset_knows_nobody() {
		with_genesis(preset(PRODUCTION_RUNTIME_PRESET), || {
			assert_eq!(pallet_sudo::Key::<Runtime>::get(), None);
			assert_eq!(Session::validators(), Vec::<AccountId>::new());
			let issuance = Balances::total_issuance();
			assert!(issuance < 2 * HOLD, "only existential deposits, but {issuance}");
		});
	}
}
