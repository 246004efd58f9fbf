// SPDX-License-Identifier: GPL-3.0-only

//! The commands of this node besides those of every parachain node, and in the place of some of them.

use crate::{
	export::{ExportChainSpecCmd, ExportGenesisCmd},
	production::ProductionChainSpecCmd,
	upgrade::TryUpgradeCmd,
};
use clap::{ArgMatches, Command, FromArgMatches, Subcommand};
use polkadot_omni_node_lib::{extra_subcommand::ExtraSubcommand, RunConfig};

#[derive(Debug, clap::Subcommand)]
enum Own {
	/// Export the chain spec to JSON.
	ExportChainSpec(ExportChainSpecCmd),
	/// Export the genesis state of the parachain.
	#[command(alias = "export-genesis-state")]
	ExportGenesisHead(ExportGenesisCmd),
	/// Export the genesis wasm of the parachain.
	ExportGenesisWasm(ExportGenesisCmd),
	/// Make the chain spec of a production chain, whose root is a multisig.
	ProductionChainSpec(ProductionChainSpecCmd),
	/// Try an upgrade of the runtime on a state, with all checks. Nothing is written.
	TryUpgrade(TryUpgradeCmd),
}

/// The commands, as the library takes them.
#[derive(Debug)]
pub struct Subcommands(Own);

impl ExtraSubcommand for Subcommands {
	fn handle(self, config: &RunConfig) -> sc_cli::Result<()> {
		let loader = &*config.chain_spec_loader;
		let done = match self.0 {
			Own::ExportChainSpec(cmd) => cmd.run(loader),
			Own::ExportGenesisHead(cmd) => cmd.head(loader),
			Own::ExportGenesisWasm(cmd) => cmd.wasm(loader),
			Own::ProductionChainSpec(cmd) => cmd.run(),
			Own::TryUpgrade(cmd) => cmd.run(loader),
		};
		done.map_err(|error| sc_cli::Error::Application(error.into()))
	}
}

impl Subcommand for Subcommands {
	/// Adds the commands, or puts them in the place of those that have their names.
	fn augment_subcommands(command: Command) -> Command {
		let own = Own::augment_subcommands(Command::new("own"));
		own.get_subcommands().cloned().fold(command, |command, own| {
			let name = own.get_name().to_owned();
			match command.find_subcommand(&name) {
				Some(_) => command.mut_subcommand(name, |_| own),
				None => command.subcommand(own),
			}
		})
	}

	fn augment_subcommands_for_update(command: Command) -> Command {
		Self::augment_subcommands(command)
	}

	fn has_subcommand(name: &str) -> bool {
		Own::has_subcommand(name)
	}
}

impl FromArgMatches for Subcommands {
	fn from_arg_matches(matches: &ArgMatches) -> Result<Self, clap::Error> {
		Own::from_arg_matches(matches).map(Self)
	}

	fn update_from_arg_matches(&mut self, matches: &ArgMatches) -> Result<(), clap::Error> {
		self.0.update_from_arg_matches(matches)
	}
}
