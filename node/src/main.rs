// SPDX-License-Identifier: GPL-3.0-only

//! The Holdfast node.
//!
//! All of a parachain node comes from `polkadot-omni-node-lib`; what is added are the chain specs
//! that are built in, commands that make and export specs without compiling Wasm, and errors in one line.

mod chain_spec;
mod commands;
mod export;
mod genesis;
mod native_spec;
mod production;
mod start;
mod upgrade;

use polkadot_omni_node_lib::{
	chain_spec::ChainSpec,
	run_with_custom_cli,
	runtime::{AuraConsensusId, BlockNumber, Consensus, Runtime, RuntimeResolver},
	CliConfig, RunConfig,
};
use std::{path::Path, process::ExitCode};

struct HoldfastCli;

impl CliConfig for HoldfastCli {
	fn impl_version() -> String {
		format!("{}-{}", env!("CARGO_PKG_VERSION"), env!("SUBSTRATE_CLI_COMMIT_HASH"))
	}

	fn author() -> String {
		env!("CARGO_PKG_AUTHORS").into()
	}

	fn support_url() -> String {
		concat!(env!("CARGO_PKG_REPOSITORY"), "/issues").into()
	}

	fn copyright_start_year() -> u16 {
		2026
	}
}

/// This node runs one runtime. Asking its metadata what it is like, as nodes for any runtime do,
/// would compile it once more at each start.
struct OwnRuntime;

impl RuntimeResolver for OwnRuntime {
	fn runtime(&self, _chain_spec: &dyn ChainSpec) -> sc_cli::Result<Runtime> {
		Ok(Runtime::Omni(BlockNumber::U32, Consensus::Aura(AuraConsensusId::Sr25519)))
	}
}

/// Refuses a base path that is a file: the database would only say that it cannot read its version.
fn check_base_path() -> Result<(), String> {
	let mut args = std::env::args();
	while let Some(arg) = args.next() {
		let path = match arg.split_once('=') {
			Some(("--base-path", path)) => Some(path.into()),
			None if arg == "--base-path" || arg == "-d" => args.next(),
			_ => None,
		};
		if let Some(path) = path.filter(|path| Path::new(path).is_file()) {
			return Err(format!("the base path '{path}' is a file; a directory is needed"));
		}
	}
	Ok(())
}

fn run() -> Result<(), String> {
	check_base_path()?;
	start::check(std::env::args_os())?;
	let config = RunConfig::new(Box::new(OwnRuntime), Box::new(chain_spec::Loader));
	run_with_custom_cli::<HoldfastCli, commands::Subcommands>(config)
		.map_err(|error| error.to_string())
}

fn main() -> ExitCode {
	match run() {
		Ok(()) => ExitCode::SUCCESS,
		Err(error) => {
			eprintln!("Error: {error}");
			ExitCode::FAILURE
		},
	}
}
