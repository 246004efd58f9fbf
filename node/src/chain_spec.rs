// SPDX-License-Identifier: GPL-3.0-only

//! The chains that the node knows by name, and those in files.

use crate::{genesis, native_spec::NativeSpec};
use holdfast_runtime::{
	genesis_config_presets::{get_preset, PARA_ID},
	SS58_PREFIX, TOKEN_DECIMALS, TOKEN_SYMBOL, VERSION,
};
use polkadot_omni_node_lib::chain_spec::{ChainSpec, Extensions, GenericChainSpec, LoadSpec};
use sc_chain_spec::ChainSpecBuilder;
use sc_service::{ChainType, Properties};
use serde::Deserialize;
use serde_json::{json, Value};
use sp_core::Bytes;
use std::{fs, path::Path};

/// The relay chain of the built-in test networks.
const RELAY_CHAIN: &str = "rococo-local";

/// Loads a chain spec by the name of a built-in chain, or from a file.
pub struct Loader;

impl LoadSpec for Loader {
	fn load_spec(&self, id: &str) -> Result<Box<dyn ChainSpec>, String> {
		if let Some(spec) = built_in(id, PARA_ID.into())? {
			return Ok(Box::new(spec));
		}
		match id {
			"" => Err("no chain was named: use --dev, or --chain with 'dev', 'local' or the path \
			           of a chain spec"
				.into()),
			path if Path::new(path).exists() => Ok(Box::new(from_file(path)?)),
			unknown => Err(format!(
				"unknown chain '{unknown}': it is neither 'dev' nor 'local' nor the path of a \
				 chain spec"
			)),
		}
	}
}

/// The built-in chain named `id`, with this number on its relay chain; nothing if there is none.
pub fn built_in(id: &str, para_id: u32) -> Result<Option<NativeSpec>, String> {
	let (name, chain_type, preset) = match id {
		"dev" => ("Holdfast Development", ChainType::Development, "development"),
		"local" => ("Holdfast Local Testnet", ChainType::Local, "local_testnet"),
		_ => return Ok(None),
	};
	let preset = get_preset(&preset.into()).and_then(|json| serde_json::from_slice(&json).ok());
	let mut patch: Value = preset.ok_or("this node was built without its presets")?;
	patch["parachainInfo"]["parachainId"] = json!(para_id);
	let with_details = |builder: Builder| {
		builder.with_name(name).with_id(&format!("holdfast_{id}")).with_chain_type(chain_type)
	};
	spec(RELAY_CHAIN, para_id, patch, with_details).map(Some)
}

/// The rest of a chain spec.
pub type Builder = ChainSpecBuilder<Extensions>;

/// The spec of a chain that begins with `patch` and the runtime of this node.
pub fn spec(
	relay_chain: &str,
	para_id: u32,
	patch: Value,
	with_details: impl FnOnce(Builder) -> Builder,
) -> Result<NativeSpec, String> {
	let wasm = holdfast_runtime::WASM_BINARY.ok_or("this node was built without a Wasm runtime")?;
	let properties = json!({
		"tokenSymbol": TOKEN_SYMBOL,
		"tokenDecimals": TOKEN_DECIMALS,
		"ss58Format": SS58_PREFIX,
	});
	let properties: Properties = properties.as_object().cloned().unwrap_or_default();
	let storage = genesis::storage(patch.clone(), wasm)?;
	let builder = GenericChainSpec::builder(wasm, Extensions::new(relay_chain.into(), para_id))
		.with_protocol_id("holdfast")
		.with_properties(properties)
		.with_genesis_config_patch(patch);
	Ok(NativeSpec::new(with_details(builder).build(), storage))
}

fn from_file(path: &str) -> Result<GenericChainSpec, String> {
	let read = fs::read(path).map_err(|e| format!("cannot read {path}: {e}"))?;
	let file: SpecFile =
		serde_json::from_slice(&read).map_err(|e| format!("{path} is not a chain spec: {e}"))?;
	file.check().map_err(|why| format!("{path} is not a spec of this chain: {why}"))?;
	GenericChainSpec::from_json_file(path.into())
		.map_err(|e| format!("{path} is not a chain spec: {e}"))
}

/// What a chain spec says of the chain's identity.
#[derive(Deserialize)]
struct SpecFile {
	#[serde(alias = "paraId")]
	para_id: Option<u32>,
	genesis: Genesis,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Genesis {
	raw: Option<Raw>,
	runtime_genesis: Option<RuntimeGenesis>,
}

#[derive(Deserialize)]
struct Raw {
	top: Top,
}

/// The items of the raw genesis that matter here, by their keys.
#[derive(Deserialize)]
struct Top {
	#[serde(rename = "0x3a636f6465")]
	code: Option<Bytes>,
	/// `ParachainInfo::ParachainId`.
	#[serde(rename = "0x0d715f2646c8f85767b5d2764bb2782604a74d81251e398fd8a0a4d55023bb3f")]
	para_id: Option<Bytes>,
}

#[derive(Deserialize)]
struct RuntimeGenesis {
	code: Bytes,
}

impl SpecFile {
	fn check(&self) -> Result<(), String> {
		let top = self.genesis.raw.as_ref().map(|raw| &raw.top);
		let plain = self.genesis.runtime_genesis.as_ref().map(|genesis| &genesis.code);
		let code = top.and_then(|top| top.code.as_ref()).or(plain).ok_or("it has no runtime")?;
		let name = genesis::version(code)?.spec_name;
		if name != VERSION.spec_name {
			return Err(format!("its runtime is '{name}', not '{}'", VERSION.spec_name));
		}
		let known = top.and_then(|top| top.para_id.as_ref()).and_then(|id| {
			let bytes = <[u8; 4]>::try_from(&id[..]).ok()?;
			Some(u32::from_le_bytes(bytes))
		});
		match (self.para_id, known) {
			(Some(told), Some(known)) if told != known => {
				Err(format!("it says para id {told}, but its genesis has {known}"))
			},
			_ => Ok(()),
		}
	}
}

#[cfg(test)]
mod tests {
	use super::*;
	use codec::Encode;
	use sp_core::bytes::{from_hex, to_hex};

	// As `Top` has them.
	const CODE_KEY: &str = "0x3a636f6465";
	const PARA_ID_KEY: &str = "0x0d715f2646c8f85767b5d2764bb2782604a74d81251e398fd8a0a4d55023bb3f";

	/// A Wasm without code that carries the version of a runtime of this name.
	fn wasm(spec_name: &str) -> Vec<u8> {
		let mut version = VERSION;
		version.spec_name = spec_name.to_owned().into();
		let mut section = b"\x0fruntime_version".to_vec();
		section.extend(version.encode());
		// The length in the variable-length encoding of Wasm, in two bytes.
		let length = [section.len() as u8 & 0x7f | 0x80, (section.len() >> 7) as u8];
		[&b"\0asm\x01\0\0\0\0"[..], &length, &section].concat()
	}

	fn check(file: Value) -> Result<(), String> {
		let file: SpecFile = serde_json::from_value(file).map_err(|e| e.to_string())?;
		file.check()
	}

	fn raw(name: &str, para_id: u32, in_genesis: u32) -> Value {
		let top = json!({
			CODE_KEY: to_hex(&wasm(name), false),
			PARA_ID_KEY: to_hex(&in_genesis.encode(), false),
		});
		json!({ "para_id": para_id, "genesis": { "raw": { "top": top } } })
	}

	#[test]
	fn the_keys_are_those_of_the_state() {
		let patch = json!({ "parachainInfo": { "parachainId": 0x1234_5678 } });
		let top = genesis::storage(patch, b"code").unwrap().top;
		let value = |key: &str| top.get(&from_hex(key).unwrap()).cloned();
		assert_eq!(value(CODE_KEY), Some(b"code".to_vec()));
		assert_eq!(value(PARA_ID_KEY), Some(0x1234_5678u32.encode()));
	}

	#[test]
	fn the_spec_of_another_chain_is_refused() {
		assert_eq!(check(raw("holdfast", 2000, 2000)), Ok(()));
		let error = check(raw("statemint", 1000, 1000)).unwrap_err();
		assert_eq!(error, "its runtime is 'statemint', not 'holdfast'");
		let plain = |name| {
			let code = to_hex(&wasm(name), false);
			check(json!({ "genesis": { "runtimeGenesis": { "code": code, "patch": {} } } }))
		};
		assert_eq!(plain("holdfast"), Ok(()));
		assert!(plain("statemint").unwrap_err().contains("'statemint'"));
	}

	#[test]
	fn a_spec_with_two_para_ids_is_refused() {
		let error = check(raw("holdfast", 2001, 2000)).unwrap_err();
		assert_eq!(error, "it says para id 2001, but its genesis has 2000");
	}

	#[test]
	fn a_spec_without_a_runtime_is_refused() {
		let error = check(json!({ "genesis": { "stateRootHash": "0x00" } })).unwrap_err();
		assert_eq!(error, "it has no runtime");
	}
}
