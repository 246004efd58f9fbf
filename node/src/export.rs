// SPDX-License-Identifier: GPL-3.0-only

//! What others need of a chain: its spec, its first header and its runtime. A file is written whole or
//! not at all.

use crate::{chain_spec, genesis};
use polkadot_omni_node_lib::chain_spec::{ChainSpec, LoadSpec};
use sc_cli::SharedParams;
use sp_core::{bytes::to_hex, storage::Storage};
use std::{
	fs::{self, Permissions},
	io::{self, Write},
	os::unix::fs::PermissionsExt,
	path::{Path, PathBuf},
};

/// Exports a chain spec to JSON.
#[derive(Debug, clap::Parser)]
pub struct ExportChainSpecCmd {
	/// The chain: 'dev', 'local', or the path of a chain spec.
	#[arg(long, default_value = "local")]
	chain: String,

	/// The number that 'dev' or 'local' is to have on its relay chain, instead of 2000.
	#[arg(long, value_name = "N")]
	para_id: Option<u32>,

	#[command(flatten)]
	output: Output,
}

impl ExportChainSpecCmd {
	pub fn run(&self, loader: &dyn LoadSpec) -> Result<(), String> {
		let Some(para_id) = self.para_id else {
			return self.output.write(&*loader.load_spec(&self.chain)?);
		};
		match chain_spec::built_in(&self.chain, para_id)? {
			Some(spec) => self.output.write(&spec),
			None => Err(format!(
				"--para-id is for the chains 'dev' and 'local' only; '{}' has its own",
				self.chain
			)),
		}
	}
}

/// Where a chain spec goes, and in which form.
#[derive(Debug, clap::Args)]
pub struct Output {
	/// Where to write the chain spec; to the standard output if not given.
	#[arg(long, value_name = "FILE")]
	output: Option<PathBuf>,

	/// Write the raw genesis storage instead of the configuration.
	#[arg(long)]
	raw: bool,
}

impl Output {
	pub fn write(&self, spec: &dyn ChainSpec) -> Result<(), String> {
		write(self.output.as_deref(), spec.as_json(self.raw)?.as_bytes())
	}
}

/// A part of the genesis, and where it goes.
#[derive(Debug, clap::Parser)]
pub struct ExportGenesisCmd {
	/// Where to write; to the standard output if not given.
	output: Option<PathBuf>,

	/// Write bytes instead of hexadecimal digits.
	#[arg(short, long)]
	raw: bool,

	#[command(flatten)]
	shared: SharedParams,
}

impl ExportGenesisCmd {
	/// Exports the encoded header of the first block.
	pub fn head(&self, loader: &dyn LoadSpec) -> Result<(), String> {
		self.write(&genesis::head(&self.storage(loader)?)?)
	}

	/// Exports the runtime, and tells the hash by which `authorize_upgrade` and the relay chain know it.
	pub fn wasm(&self, loader: &dyn LoadSpec) -> Result<(), String> {
		let storage = self.storage(loader)?;
		let code = genesis::code(&storage)?;
		let version = genesis::version(code)?;
		self.write(code)?;
		eprintln!(
			"{} {}, {} bytes, blake2-256 {:?}",
			version.spec_name,
			version.spec_version,
			code.len(),
			genesis::hash(code)
		);
		Ok(())
	}

	fn storage(&self, loader: &dyn LoadSpec) -> Result<Storage, String> {
		let chain = self.shared.chain_id(self.shared.dev);
		loader.load_spec(&chain)?.build_storage()
	}

	fn write(&self, bytes: &[u8]) -> Result<(), String> {
		match self.raw {
			true => write(self.output.as_deref(), bytes),
			false => write(self.output.as_deref(), to_hex(bytes, false).as_bytes()),
		}
	}
}

fn write(output: Option<&Path>, bytes: &[u8]) -> Result<(), String> {
	match output {
		Some(path) => {
			write_file(path, bytes).map_err(|e| format!("cannot write {}: {e}", path.display()))
		},
		None => io::stdout()
			.write_all(bytes)
			.map_err(|e| format!("cannot write to the standard output: {e}")),
	}
}

fn write_file(path: &Path, bytes: &[u8]) -> io::Result<()> {
	// A pipe or a terminal cannot be replaced.
	if path.exists() && !path.is_file() {
		return fs::write(path, bytes);
	}
	let directory = path.parent().filter(|directory| !directory.as_os_str().is_empty());
	let mut file = tempfile::Builder::new()
		// Less what the user's mask takes away.
		.permissions(Permissions::from_mode(0o666))
		.tempfile_in(directory.unwrap_or(Path::new(".")))?;
	file.write_all(bytes)?;
	file.persist(path)?;
	Ok(())
}

#[cfg(test)]
mod tests {
	use super::*;

	#[test]
	fn a_file_is_replaced_as_a_whole_and_nothing_else_is_left() {
		let directory = tempfile::tempdir().unwrap();
		let path = directory.path().join("spec.json");
		write(Some(&path), b"a longer text").unwrap();
		write(Some(&path), b"a text").unwrap();
		assert_eq!(fs::read(&path).unwrap(), b"a text");
		assert_eq!(fs::read_dir(directory.path()).unwrap().count(), 1);
	}

	#[test]
	fn what_cannot_be_written_is_named() {
		let directory = tempfile::tempdir().unwrap();
		let path = directory.path().join("nosuch").join("spec.json");
		let error = write(Some(&path), b"text").unwrap_err();
		assert!(error.starts_with(&format!("cannot write {}: ", path.display())), "{error}");
		let error = write(Some(directory.path()), b"text").unwrap_err();
		assert!(error.contains("directory"), "{error}");
		assert_eq!(fs::read_dir(directory.path()).unwrap().count(), 0);
	}
}
