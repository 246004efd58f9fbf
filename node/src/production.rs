// SPDX-License-Identifier: GPL-3.0-only

//! The chain spec of a production chain, from the accounts of those who start it.

use crate::chain_spec;
use holdfast_runtime::{
	genesis_config_presets::{production_genesis, GenesisValidator},
	AccountId, AuraId,
};
use polkadot_omni_node_lib::{extra_subcommand::ExtraSubcommand, RunConfig};
use sc_cli::ExportChainSpecCmd;
use sc_service::ChainType;
use serde::Deserialize;
use std::path::PathBuf;

/// What this node adds to the commands of every parachain node.
#[derive(Debug, clap::Subcommand)]
pub enum Subcommands {
	/// Export the chain spec to JSON.
	ExportChainSpec(ExportChainSpecCmd),
	/// Make the chain spec of a production chain, whose root is a multisig.
	ProductionChainSpec(ProductionChainSpecCmd),
}

impl ExtraSubcommand for Subcommands {
	fn handle(self, config: &RunConfig) -> sc_cli::Result<()> {
		match self {
			Self::ExportChainSpec(cmd) => cmd.run(config.chain_spec_loader.load_spec(&cmd.chain)?),
			Self::ProductionChainSpec(cmd) => cmd.run(),
		}
	}
}

/// Makes the chain spec of a production chain, whose root is a multisig.
///
/// The genesis file is JSON. Accounts are SS58 addresses, amounts are in units of 10^-10 HOLD:
///
/// {
///   "name": "Holdfast", "id": "holdfast", "relayChain": "polkadot",
///   "signatories": ["5...", "5...", "5..."], "threshold": 2,
///   "validators": [{ "stash": "5...", "aura": "5...", "stake": 50000000000000 }],
///   "operators": [{ "account": "5...", "operator": "acme", "region": "eu-north",
///     "provider": "own-racks", "client": "holdfast-node", "bond": 10000000000000,
///     "validators": ["5..."] }],
///   "endowments": [["5...", 100000000000000]]
/// }
///
/// Every stash must be endowed with more than its stake, and every operator with more than its bond
/// besides. Without operators, the pool nominates nobody until some have registered.
#[derive(Debug, clap::Parser)]
#[command(verbatim_doc_comment)]
pub struct ProductionChainSpecCmd {
	/// The genesis file.
	#[arg(long)]
	genesis: PathBuf,

	#[command(flatten)]
	output: Output,
}

#[derive(Debug, clap::Args)]
struct Output {
	/// Where to write the chain spec; to the standard output if not given.
	#[arg(long)]
	output: Option<PathBuf>,

	/// Write the raw genesis storage instead of the configuration.
	#[arg(long)]
	raw: bool,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
struct Genesis {
	name: String,
	id: String,
	relay_chain: String,
	signatories: Vec<AccountId>,
	threshold: u16,
	validators: Vec<Validator>,
	#[serde(default)]
	operators: Vec<Operator>,
	endowments: Vec<(AccountId, u64)>,
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
	fn run(self) -> sc_cli::Result<()> {
		if cfg!(feature = "fast-runtime") {
			eprintln!(
				"Warning: this node was built for development, its eras last minutes. Build one \
				 for production with `make production`."
			);
		}
		let file = self.genesis.display();
		let json = std::fs::read(&self.genesis).map_err(|e| format!("cannot read {file}: {e}"))?;
		let genesis: Genesis =
			serde_json::from_slice(&json).map_err(|e| format!("{file} is not a genesis: {e}"))?;
		let validators: Vec<GenesisValidator> =
			genesis.validators.into_iter().map(|v| (v.stash, v.aura, v.stake.into())).collect();
		let endowments =
			genesis.endowments.into_iter().map(|(who, amount)| (who, amount.into())).collect();
		let operators = genesis
			.operators
			.into_iter()
			.map(|o| {
				let profile = (o.operator, o.region, o.provider, o.client);
				(o.account, profile, o.bond.into(), o.validators)
			})
			.collect();
		let patch = production_genesis(
			&genesis.signatories,
			genesis.threshold,
			validators,
			operators,
			endowments,
		)
		.map_err(|e| format!("{file} makes no sound genesis: {e:?}"))?;
		let spec = chain_spec::builder(&genesis.relay_chain)?
			.with_name(&genesis.name)
			.with_id(&genesis.id)
			.with_chain_type(ChainType::Live)
			.with_genesis_config_patch(patch)
			.build();
		let Output { output, raw } = self.output;
		ExportChainSpecCmd { chain: String::new(), output, raw }.run(Box::new(spec))
	}
}
