// SPDX-License-Identifier: GPL-3.0-only

//! Compiles the runtime to Wasm when it is built for a node.

#[cfg(all(feature = "std", not(feature = "metadata-hash")))]
fn main() {
	substrate_wasm_builder::WasmBuilder::build_using_defaults();
}

// Compiles the runtime twice, so it is for releases only.
#[cfg(all(feature = "std", feature = "metadata-hash"))]
fn main() {
	substrate_wasm_builder::WasmBuilder::init_with_defaults()
		.enable_metadata_hash("HOLD", 10)
		.build();
}

#[cfg(not(feature = "std"))]
fn main() {}
