// SPDX-License-Identifier: GPL-3.0-only

//! Tries an upgrade of the runtime on a state, away from the chain.

use crate::genesis;
use codec::Decode;
use cumulus_primitives_proof_size_hostfunction::storage_proof_size;
use polkadot_omni_node_lib::chain_spec::LoadSpec;
use sc_executor::{RuntimeVersion, WasmExecutor};
use sp_core::traits::{CallContext, CodeExecutor, RuntimeCode, WrappedRuntimeCode};
use sp_io::{SubstrateHostFunctions, TestExternalities};
use sp_runtime::Weight;
use std::{path::PathBuf, time::Instant};

/// The call that runs the migrations of a runtime. It returns the weight that they took, and that of a block.
const METHOD: &str = "TryRuntime_on_runtime_upgrade";
/// Its argument: with the checks before and after each migration, and `try_state` of all pallets at the end.
const ALL_CHECKS: [u8; 1] = [1];
/// The API that has this call, as a runtime's version names it: the BLAKE2 hash of `TryRuntime`, in 64 bits.
const API: [u8; 8] = [0xe0, 0x83, 0x7f, 0xce, 0x09, 0xf4, 0x82, 0x9a];

/// Tries an upgrade of the runtime: its migrations on a state, their checks, and the checks of all
/// pallets. Nothing is written.
#[derive(Debug, clap::Parser)]
pub struct TryUpgradeCmd {
	/// The new runtime: a Wasm that was built with the feature `try-runtime`.
	#[arg(long, value_name = "FILE")]
	runtime: PathBuf,

	/// The state: a chain spec, such as `export-state` writes, or 'dev' or 'local'.
	#[arg(long, value_name = "CHAIN")]
	state: String,

	/// Try a runtime also if its spec version is not higher than that of the state.
	#[arg(long)]
	same_version: bool,
}

impl TryUpgradeCmd {
	pub fn run(&self, loader: &dyn LoadSpec) -> Result<(), String> {
		// The checks say in the log what is wrong.
		sc_cli::LoggerBuilder::new("warn,runtime=info").init().map_err(|e| e.to_string())?;
		let file = self.runtime.display();
		let code = std::fs::read(&self.runtime).map_err(|e| format!("cannot read {file}: {e}"))?;
		let new = genesis::version(&code).map_err(|why| format!("{file}: {why}"))?;
		let storage = loader.load_spec(&self.state)?.build_storage()?;
		let old = genesis::version(genesis::code(&storage)?)?;
		check_versions(&old, &new, self.same_version)?;
		eprintln!(
			"{} {} -> {}, on a state of {} items",
			new.spec_name,
			old.spec_version,
			new.spec_version,
			storage.top.len()
		);

		let began = Instant::now();
		let mut state = TestExternalities::new_with_code(&code, storage);
		let (taken, block) = migrate(&mut state, &code)?;
		let changed = state.overlayed_changes().changes().count();
		eprintln!(
			"every check passed in {:.1} s; {changed} items changed",
			began.elapsed().as_secs_f32()
		);
		eprintln!("the migrations take {}", of_block(taken, block));
		match taken.any_gt(block) {
			true => Err("the migrations do not fit into a block".into()),
			false => Ok(()),
		}
	}
}

/// Refuses a runtime of another chain, one without the checks, and one to which no chain would upgrade.
fn check_versions(
	old: &RuntimeVersion,
	new: &RuntimeVersion,
	same_version: bool,
) -> Result<(), String> {
	if old.spec_name != new.spec_name {
		return Err(format!(
			"the state is of '{}', the runtime is '{}'",
			old.spec_name, new.spec_name
		));
	}
	if new.api_version(&API).is_none() {
		return Err("the runtime has no checks: build it with the feature `try-runtime`".into());
	}
	if new.spec_version <= old.spec_version && !same_version {
		return Err(format!(
			"the spec version of the runtime, {}, is not higher than that of the state, {}: \
			 no chain would accept it. Raise it, or add --same-version",
			new.spec_version, old.spec_version
		));
	}
	Ok(())
}

/// Runs the migrations of a runtime with all checks. Returns the weight that they took, and that of a block.
fn migrate(state: &mut TestExternalities, code: &[u8]) -> Result<(Weight, Weight), String> {
	let executor =
		WasmExecutor::<(SubstrateHostFunctions, storage_proof_size::HostFunctions)>::builder()
			.build();
	let runtime = RuntimeCode {
		code_fetcher: &WrappedRuntimeCode(code.into()),
		heap_pages: None,
		hash: genesis::hash(code).as_bytes().into(),
	};
	let (answer, _) =
		executor.call(&mut state.ext(), &runtime, METHOD, &ALL_CHECKS, CallContext::Offchain);
	let answer = answer.map_err(|e| format!("the upgrade fails: {e}"))?;
	Decode::decode(&mut &answer[..]).map_err(|e| format!("the runtime answers something else: {e}"))
}

/// A weight in parts of a block.
fn of_block(weight: Weight, block: Weight) -> String {
	let percent = |part: u64, whole: u64| 100.0 * part as f64 / whole.max(1) as f64;
	format!(
		"{:.3} % of a block's time and {:.3} % of its proof",
		percent(weight.ref_time(), block.ref_time()),
		percent(weight.proof_size(), block.proof_size())
	)
}

#[cfg(test)]
mod tests {
	use super::*;

	fn version(name: &'static str, spec_version: u32, checks: bool) -> RuntimeVersion {
		let apis = checks.then_some((API, 1)).into_iter().collect::<Vec<_>>();
		RuntimeVersion {
			spec_name: name.into(),
			spec_version,
			apis: apis.into(),
			..Default::default()
		}
	}

	#[test]
	fn only_a_later_runtime_of_the_same_chain_with_its_checks_is_tried() {
		let old = version("holdfast", 2, false);
		let refused = |new, same| check_versions(&old, &new, same).unwrap_err();
		assert!(refused(version("other", 3, true), false).contains("'other'"));
		assert!(refused(version("holdfast", 3, false), false).contains("`try-runtime`"));
		assert!(refused(version("holdfast", 2, true), false).contains("--same-version"));
		assert!(refused(version("holdfast", 1, true), false).contains("not higher"));
		assert_eq!(check_versions(&old, &version("holdfast", 2, true), true), Ok(()));
		assert_eq!(check_versions(&old, &version("holdfast", 3, true), false), Ok(()));
	}

	#[test]
	fn weights_are_told_in_parts_of_a_block() {
		let told = of_block(Weight::from_parts(1, 50), Weight::from_parts(8, 100));
		assert_eq!(told, "12.500 % of a block's time and 50.000 % of its proof");
	}
}
