// SPDX-License-Identifier: GPL-3.0-only

//! The chain spec of a production chain, from the accounts of those who start it.

use crate::{chain_spec, export::Output, genesis, native_spec::NativeSpec};
use holdfast_runtime::{
	configs::{staking::FAST, xcm::RELAY_CHAIN},
	genesis_config_presets::{GenesisValidator, ProductionGenesis},
	AccountId, AuraId, SS58_PREFIX, TOKEN_DECIMALS, TOKEN_SYMBOL,
};
use sc_service::{
	config::{MultiaddrWithPeerId, TelemetryEndpoints},
	ChainType,
};
use serde::Deserialize;
use sp_core::bytes::to_hex;
use sp_runtime::BuildStorage;
use std::path::PathBuf;

/// Makes the chain spec of a production chain, whose root is a multisig.
///
/// The genesis file is JSON. Accounts are SS58 addresses, amounts are in units of 10^-10 HOLD:
///
/// {
///   "name": "Holdfast", "id": "holdfast", "relayChain": "polkadot", "paraId": 3333,
///   "bootNodes": ["/dns/one.example.org/tcp/30333/p2p/12D3..."],
///   "telemetry": [["wss://telemetry.polkadot.io/submit/", 0]],
///   "ss58Format": 42, "token": { "symbol": "HOLD", "decimals": 10 },
///   "signatories": ["5...", "5...", "5..."], "threshold": 2,
///   "validators": [{ "stash": "5...", "aura": "5...", "stake": 50000000000000 }],
///   "operators": [{ "account": "5...", "operator": "acme", "region": "eu-north",
///     "provider": "own-racks", "client": "holdfast-node", "bond": 10000000000000,
///     "validators": ["5..."] }],
///   "endowments": [["5...", 100000000000000]]
/// }
///
/// Every stash must be endowed with more than its stake, and every operator with more than its bond
/// besides. Without operators, the pool nominates nobody until some have registered. Boot nodes,
/// telemetry and operators may be left out. So may the address format and the token: they are a part of
/// the runtime, and what the file says of them must be what the runtime has.
#[derive(Debug, clap::Parser)]
#[command(verbatim_doc_comment)]
pub struct ProductionChainSpecCmd {
	/// The genesis file.
	#[arg(long, value_name = "FILE")]
	genesis: PathBuf,

	/// Rehearse the launch: take a node that was built for development, with eras of minutes. The spec's
	/// chain type is Local then, and not Live.
	#[arg(long)]
	rehearsal: bool,

	#[command(flatten)]
	output: Output,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
struct Genesis {
	name: String,
	id: String,
	relay_chain: String,
	para_id: u32,
	#[serde(default)]
	boot_nodes: Vec<MultiaddrWithPeerId>,
	#[serde(default)]
	telemetry: Vec<(String, u8)>,
	ss58_format: Option<u16>,
	token: Option<Token>,
	signatories: Vec<AccountId>,
	threshold: u16,
	validators: Vec<Validator>,
	#[serde(default)]
	operators: Vec<Operator>,
	endowments: Vec<(AccountId, u64)>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Token {
	symbol: String,
	decimals: u8,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Validator {
	stash: AccountId,
	aura: AuraId,
	stake: u64,
}

/// Who runs validators, in the words of the operator registry.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Operator {
	account: AccountId,
	operator: String,
	region: String,
	provider: String,
	client: String,
	bond: u64,
	validators: Vec<AccountId>,
}

impl ProductionChainSpecCmd {
	pub fn run(self) -> Result<(), String> {
		check_clock(FAST, self.rehearsal)?;
		let file = self.genesis.display();
		let json = std::fs::read(&self.genesis).map_err(|e| format!("cannot read {file}: {e}"))?;
		let genesis: Genesis =
			serde_json::from_slice(&json).map_err(|e| format!("{file} is not a genesis: {e}"))?;
		check_relay_chain(&genesis.relay_chain, self.rehearsal)
			.map_err(|why| format!("{file} makes no sound genesis: {why}"))?;
		let chain_type = if self.rehearsal { ChainType::Local } else { ChainType::Live };
		let spec = genesis
			.spec(chain_type)
			.map_err(|why| format!("{file} makes no sound genesis: {why}"))?;
		let storage = spec.build_storage()?;
		let (head, code) = (genesis::head(&storage)?, genesis::code(&storage)?);
		self.output.write(&spec)?;
		eprintln!("genesis head {}", to_hex(&head, false));
		eprintln!("blake2-256 of the runtime {:?}", genesis::hash(code));
		Ok(())
	}
}

/// Refuses eras of minutes for a chain that is meant to stay.
fn check_clock(fast: bool, rehearsal: bool) -> Result<(), String> {
	match fast && !rehearsal {
		true => Err("the runtime of this node was built for development, its eras last minutes: \
		             build one for production with `make production`, or add --rehearsal"
			.into()),
		false => Ok(()),
	}
}

/// Refuses a relay chain other than that by whose name the runtime writes addresses in messages, for a
/// chain that is meant to stay.
fn check_relay_chain(name: &str, rehearsal: bool) -> Result<(), String> {
	match name == RELAY_CHAIN || rehearsal {
		true => Ok(()),
		false => Err(format!(
			"it wants the relay chain '{name}', but the runtime was built for '{RELAY_CHAIN}'"
		)),
	}
}

impl Genesis {
	fn spec(self, chain_type: ChainType) -> Result<NativeSpec, String> {
		self.check_names()?;
		let telemetry = match self.telemetry.is_empty() {
			true => None,
			false => Some(
				TelemetryEndpoints::new(self.telemetry.clone())
					.map_err(|e| format!("telemetry takes URLs with a verbosity: {e}"))?,
			),
		};
		let validators: Vec<GenesisValidator> =
			self.validators.into_iter().map(|v| (v.stash, v.aura, v.stake.into())).collect();
		let operators = self
			.operators
			.into_iter()
			.map(|o| {
				let profile = (o.operator, o.region, o.provider, o.client);
				(o.account, profile, o.bond.into(), o.validators)
			})
			.collect();
		let patch = ProductionGenesis {
			para_id: self.para_id.into(),
			signatories: self.signatories,
			threshold: self.threshold,
			validators,
			operators,
			endowments: self.endowments.into_iter().map(|(who, n)| (who, n.into())).collect(),
		}
		.patch()
		.map_err(|e| e.to_string())?;
		let with_details = |builder: chain_spec::Builder| {
			let builder = builder
				.with_name(&self.name)
				.with_id(&self.id)
				.with_chain_type(chain_type)
				.with_boot_nodes(self.boot_nodes);
			match telemetry {
				Some(telemetry) => builder.with_telemetry_endpoints(telemetry),
				None => builder,
			}
		};
		chain_spec::spec(&self.relay_chain, self.para_id, patch, with_details)
	}

	fn check_names(&self) -> Result<(), String> {
		// The node keeps its data in a directory of this name.
		let good = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_');
		if self.id.is_empty() || !self.id.chars().all(good) {
			return Err(format!("the id '{}' must be letters, digits, '-' and '_'", self.id));
		}
		if self.name.trim().is_empty() {
			return Err("the chain has no name".into());
		}
		if self.relay_chain.trim().is_empty() {
			return Err("the relay chain has no name".into());
		}
		// A spec can say anything, and wallets believe it. Addresses, signatures of hardware wallets and
		// amounts go by what is compiled in.
		if let Some(format) = self.ss58_format.filter(|format| *format != SS58_PREFIX) {
			return Err(format!(
				"it wants addresses of format {format}, but the runtime was built with {SS58_PREFIX}"
			));
		}
		match &self.token {
			Some(Token { symbol, decimals })
				if symbol != TOKEN_SYMBOL || *decimals != TOKEN_DECIMALS =>
			{
				Err(format!(
					"it wants the token {symbol} with {decimals} decimals, but the runtime was built \
					 with {TOKEN_SYMBOL} and {TOKEN_DECIMALS}"
				))
			},
			_ => Ok(()),
		}
	}
}

#[cfg(test)]
mod tests {
	use super::*;
	use serde_json::{json, Value};

	#[test]
	fn eras_of_minutes_are_for_rehearsals_only() {
		let error = check_clock(true, false).unwrap_err();
		assert!(error.contains("make production") && error.contains("--rehearsal"), "{error}");
		assert_eq!(check_clock(true, true), Ok(()));
		assert_eq!(check_clock(false, false), Ok(()));
	}

	#[test]
	fn another_relay_chain_is_for_rehearsals_only() {
		let error = check_relay_chain("kusama", false).unwrap_err();
		assert!(error.contains("'kusama'") && error.contains("built for 'polkadot'"), "{error}");
		assert_eq!(check_relay_chain("paseo", true), Ok(()));
		assert_eq!(check_relay_chain("polkadot", false), Ok(()));
	}

	/// What is wrong with a genesis that differs from a good one in one field.
	fn wrong(field: &str, value: Value) -> String {
		let mut genesis = json!({
			"name": "Holdfast", "id": "holdfast", "relayChain": "polkadot", "paraId": 3333,
			"ss58Format": SS58_PREFIX, "token": { "symbol": "HOLD", "decimals": 10 },
			"signatories": [], "threshold": 0, "validators": [], "endowments": [],
		});
		let names = |genesis: &Value| -> Result<(), String> {
			serde_json::from_value::<Genesis>(genesis.clone())
				.map_err(|e| e.to_string())?
				.check_names()
		};
		assert_eq!(names(&genesis), Ok(()));
		genesis[field] = value;
		names(&genesis).unwrap_err()
	}

	#[test]
	fn what_the_runtime_does_not_have_is_not_promised() {
		assert!(wrong("ss58Format", json!(7)).ends_with("built with 42"));
		assert!(wrong("token", json!({ "symbol": "HLD", "decimals": 10 })).contains("HLD"));
		assert!(wrong("token", json!({ "symbol": "HOLD", "decimals": 12 })).contains("12"));
	}

	#[test]
	fn names_must_be_such_that_a_node_can_use_them() {
		assert!(wrong("id", json!("../holdfast")).contains("'../holdfast'"));
		assert!(wrong("id", json!("")).contains("letters"));
		assert!(wrong("name", json!(" ")).contains("no name"));
		assert!(wrong("relayChain", json!("")).contains("relay chain"));
	}

	#[test]
	fn what_is_missing_or_unknown_is_named() {
		assert!(wrong("surprise", json!(1)).contains("unknown field `surprise`"));
		assert!(wrong("paraId", json!(null)).contains("u32"));
		let address = "/dns/one.example.org/tcp/30333";
		let error = wrong("bootNodes", json!([address]));
		assert!(error.contains("peer id") || error.contains("Peer id"), "{error}");
	}
}
