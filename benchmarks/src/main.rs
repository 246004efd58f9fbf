// SPDX-License-Identifier: GPL-3.0-only

//! Runs the pallet benchmarks that are compiled into a Wasm runtime and writes their weights.
//!
//! The same command as `frame-omni-bencher v1 benchmark pallet`, from a crate that the node needs
//! anyway. `scripts/weights.sh` calls it.

use clap::Parser;
use cumulus_primitives_proof_size_hostfunction::storage_proof_size::HostFunctions;
use frame_benchmarking_cli::PalletCmd;
use sp_runtime::traits::BlakeTwo256;

fn main() -> sc_cli::Result<()> {
	sc_cli::LoggerBuilder::new("info").init()?;
	PalletCmd::parse().run_with_spec::<BlakeTwo256, HostFunctions>(None)
}
