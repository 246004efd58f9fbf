// SPDX-License-Identifier: GPL-3.0-only

//! A chain spec whose genesis this node has built itself, so that nobody has to compile its Wasm for it.

use polkadot_omni_node_lib::chain_spec::{ChainSpec, GenericChainSpec};
use sc_chain_spec::GetExtension;
use sc_service::{
	config::{MultiaddrWithPeerId, TelemetryEndpoints},
	ChainType, Properties,
};
use sp_core::storage::Storage;
use sp_runtime::BuildStorage;
use std::collections::BTreeMap;

/// A spec in both of its forms.
#[derive(Clone)]
pub struct NativeSpec {
	/// With the configuration of the genesis.
	plain: GenericChainSpec,
	/// With its storage.
	raw: GenericChainSpec,
	storage: Storage,
}

impl NativeSpec {
	/// `storage` must be what the configuration in `plain` builds.
	pub fn new(plain: GenericChainSpec, storage: Storage) -> Self {
		let mut raw = plain.clone();
		ChainSpec::set_storage(&mut raw, storage.clone());
		Self { plain, raw, storage }
	}
}

impl BuildStorage for NativeSpec {
	fn assimilate_storage(&self, storage: &mut Storage) -> Result<(), String> {
		self.storage.assimilate_storage(storage)
	}
}

impl ChainSpec for NativeSpec {
	fn name(&self) -> &str {
		self.plain.name()
	}

	fn id(&self) -> &str {
		self.plain.id()
	}

	fn chain_type(&self) -> ChainType {
		ChainSpec::chain_type(&self.plain)
	}

	fn boot_nodes(&self) -> &[MultiaddrWithPeerId] {
		self.plain.boot_nodes()
	}

	fn telemetry_endpoints(&self) -> &Option<TelemetryEndpoints> {
		self.plain.telemetry_endpoints()
	}

	fn protocol_id(&self) -> Option<&str> {
		self.plain.protocol_id()
	}

	fn fork_id(&self) -> Option<&str> {
		self.plain.fork_id()
	}

	fn properties(&self) -> Properties {
		self.plain.properties()
	}

	fn extensions(&self) -> &dyn GetExtension {
		ChainSpec::extensions(&self.plain)
	}

	fn extensions_mut(&mut self) -> &mut dyn GetExtension {
		ChainSpec::extensions_mut(&mut self.plain)
	}

	fn add_boot_node(&mut self, address: MultiaddrWithPeerId) {
		self.plain.add_boot_node(address.clone());
		self.raw.add_boot_node(address);
	}

	fn as_json(&self, raw: bool) -> Result<String, String> {
		let form = if raw { &self.raw } else { &self.plain };
		form.as_json(raw)
	}

	fn as_storage_builder(&self) -> &dyn BuildStorage {
		self
	}

	fn cloned_box(&self) -> Box<dyn ChainSpec> {
		Box::new(self.clone())
	}

	fn set_storage(&mut self, storage: Storage) {
		*self = Self::new(self.plain.clone(), storage);
	}

	fn code_substitutes(&self) -> BTreeMap<String, Vec<u8>> {
		ChainSpec::code_substitutes(&self.plain)
	}
}
