// SPDX-License-Identifier: GPL-3.0-only

//! The chains that the node knows by name.

use polkadot_omni_node_lib::chain_spec::{ChainSpec, Extensions, GenericChainSpec, LoadSpec};
use sc_chain_spec::ChainSpecBuilder;
use sc_service::{ChainType, Properties};

/// The relay chain of the built-in test networks.
const RELAY_CHAIN: &str = "rococo-local";

/// Loads a chain spec by the name of a built-in chain, or from a file.
pub struct Loader;

impl LoadSpec for Loader {
	fn load_spec(&self, id: &str) -> Result<Box<dyn ChainSpec>, String> {
		let spec = match id {
			"dev" => built_in("Holdfast Development", "dev", ChainType::Development, "development"),
			"local" => {
				built_in("Holdfast Local Testnet", "local", ChainType::Local, "local_testnet")
			},
			"" => Err("no chain was named: use --dev, or --chain with 'dev', 'local' or the path \
			           of a chain spec"
				.into()),
			path if std::path::Path::new(path).exists() => {
				GenericChainSpec::from_json_file(path.into())
			},
			unknown => Err(format!(
				"unknown chain '{unknown}': it is neither 'dev' nor 'local' nor the path of a \
				 chain spec"
			)),
		};
		Ok(Box::new(spec?))
	}
}

fn built_in(
	name: &str,
	id: &str,
	chain_type: ChainType,
	preset: &str,
) -> Result<GenericChainSpec, String> {
	Ok(builder(RELAY_CHAIN)?
		.with_name(name)
		.with_id(&format!("holdfast_{id}"))
		.with_chain_type(chain_type)
		.with_genesis_config_preset_name(preset)
		.build())
}

/// What all specs of this runtime have in common.
pub fn builder(relay_chain: &str) -> Result<ChainSpecBuilder<Extensions>, String> {
	let wasm = holdfast_runtime::WASM_BINARY.ok_or("this node was built without a Wasm runtime")?;
	let mut properties = Properties::new();
	properties.insert("tokenSymbol".into(), "HOLD".into());
	properties.insert("tokenDecimals".into(), 10.into());
	properties.insert("ss58Format".into(), 42.into());
	let extensions = Extensions::new_with_relay_chain(relay_chain.into());
	Ok(GenericChainSpec::builder(wasm, extensions)
		.with_protocol_id("holdfast")
		.with_properties(properties))
}
