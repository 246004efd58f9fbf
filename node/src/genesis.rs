// SPDX-License-Identifier: GPL-3.0-only

//! The state in which a chain begins, and what a relay chain must know of it.
//!
//! The node has the runtime twice, as Wasm and as a part of itself. The latter builds the same genesis
//! in a moment, where the former would have to be compiled first, once for each question.

use codec::Encode;
use holdfast_runtime::{Block, RuntimeGenesisConfig};
use sc_chain_spec::{construct_genesis_block, json_merge};
use sc_executor::{read_embedded_version, RuntimeVersion};
use sc_executor_common::runtime_blob::RuntimeBlob;
use serde_json::Value;
use sp_core::{
	storage::{well_known_keys::CODE, Storage},
	H256,
};
use sp_runtime::{
	traits::{BlakeTwo256, Hash},
	BuildStorage,
};
use std::{
	any::Any,
	collections::BTreeMap,
	panic::{catch_unwind, set_hook, take_hook, AssertUnwindSafe},
};

/// The state that `patch`, over the default configuration, and the runtime `code` begin with.
pub fn storage(patch: Value, code: &[u8]) -> Result<Storage, String> {
	let mut config = serde_json::to_value(RuntimeGenesisConfig::default())
		.map_err(|e| format!("cannot write the default genesis: {e}"))?;
	json_merge(&mut config, patch);
	let config: RuntimeGenesisConfig =
		serde_json::from_value(config).map_err(|e| format!("this is no genesis: {e}"))?;
	let mut storage = quietly(|| config.build_storage())??;
	storage.top.insert(CODE.to_vec(), code.to_vec());
	Ok(storage)
}

/// Pallets refuse a bad genesis with a panic. Turns its message into an error.
fn quietly<T>(build: impl FnOnce() -> T) -> Result<T, String> {
	let hook = take_hook();
	set_hook(Box::new(|_| {}));
	let built = catch_unwind(AssertUnwindSafe(build));
	set_hook(hook);
	built.map_err(|why| format!("the runtime refuses this genesis: {}", message(&*why)))
}

fn message(panic: &(dyn Any + Send)) -> String {
	let text = panic.downcast_ref::<String>().cloned();
	let text = text.or_else(|| panic.downcast_ref::<&str>().map(|text| text.to_string()));
	text.unwrap_or_default().replace('\n', " ")
}

/// The runtime in a genesis.
pub fn code(storage: &Storage) -> Result<&[u8], String> {
	let code = storage.top.get(CODE).ok_or("this genesis has no runtime")?;
	Ok(code)
}

/// The hash by which the relay chain and `authorize_upgrade` know a runtime.
pub fn hash(code: &[u8]) -> H256 {
	BlakeTwo256::hash(code)
}

/// The version that a runtime carries beside its code.
pub fn version(code: &[u8]) -> Result<RuntimeVersion, String> {
	let blob = RuntimeBlob::uncompress_if_needed(code)
		.map_err(|e| format!("the runtime is no Wasm that a node can read: {e}"))?;
	read_embedded_version(&blob)
		.map_err(|e| format!("cannot read the version of the runtime: {e}"))?
		.ok_or_else(|| "the runtime does not carry its version".into())
}

/// The encoded header of the first block, which the relay chain registers.
pub fn head(storage: &Storage) -> Result<Vec<u8>, String> {
	Ok(head_of_version(storage, &version(code(storage)?)?))
}

fn head_of_version(storage: &Storage, version: &RuntimeVersion) -> Vec<u8> {
	let state_version = version.state_version();
	let root = |trie: &BTreeMap<Vec<u8>, Vec<u8>>| {
		let pairs = trie.iter().map(|(key, value)| (key.clone(), value.clone())).collect();
		BlakeTwo256::trie_root(pairs, state_version)
	};
	let mut top = storage.top.clone();
	for child in storage.children_default.values() {
		let key = child.child_info.prefixed_storage_key().into_inner();
		top.insert(key, root(&child.data).encode());
	}
	construct_genesis_block::<Block>(root(&top), state_version).header.encode()
}

#[cfg(test)]
mod tests {
	use super::*;
	use holdfast_runtime::{genesis_config_presets::get_preset, Header, VERSION};
	use serde_json::json;
	use sp_runtime::traits::Header as _;

	fn development() -> Value {
		serde_json::from_slice(&get_preset(&"development".into()).unwrap()).unwrap()
	}

	#[test]
	fn a_genesis_is_built_without_any_wasm() {
		let storage = storage(development(), b"code").unwrap();
		assert_eq!(code(&storage).unwrap(), b"code");
		// The development preset has sixteen validators, eight operators and the accounts of the pool.
		assert!(storage.top.len() > 300, "{} items", storage.top.len());
	}

	#[test]
	fn the_head_has_the_root_of_all_of_the_state() {
		let decode = |storage: &Storage| -> Header {
			codec::Decode::decode(&mut &head_of_version(storage, &VERSION)[..]).unwrap()
		};
		let mut state = storage(development(), b"code").unwrap();
		let first = decode(&state);
		assert_eq!(*first.number(), 0);
		assert_eq!(*first.parent_hash(), H256::zero());
		let ext = sp_core::storage::StateVersion::V1;
		assert_eq!(VERSION.state_version(), ext);
		state.top.insert(CODE.to_vec(), b"other".to_vec());
		assert_ne!(decode(&state).state_root(), first.state_root());
	}

	#[test]
	fn what_makes_a_pallet_panic_is_told_in_one_line() {
		let twice = ["5C4hrfjw9DjXZTzV3MwzrrAr9P1MJhSrvWGWqi1eSuyUpnhM"; 2].map(|who| (who, 1));
		let patch = json!({ "balances": { "balances": twice } });
		let error = storage(patch, b"code").unwrap_err();
		assert!(error.starts_with("the runtime refuses this genesis: "), "{error}");
		assert_eq!(error.lines().count(), 1);
		let error = storage(json!({ "nosuch": 1 }), b"code").unwrap_err();
		assert!(error.contains("nosuch"), "{error}");
	}

	#[test]
	fn what_is_no_runtime_has_no_version() {
		let error = version(b"not a runtime").unwrap_err();
		assert!(error.starts_with("the runtime is no Wasm"), "{error}");
	}
}
