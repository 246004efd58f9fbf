#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
#
# Benchmarks pallets on the Holdfast runtime and writes their weights.
#   scripts/weights.sh [pallet_name]...
# STEPS and REPEAT in the environment override how often each benchmark is run.
# The runtime with its benchmarks is compiled for Wasm only, in a target directory of its own: in the
# usual one it would replace the runtime of the node. holdfast-bencher must have been built.
set -euo pipefail
cd "$(dirname "$0")/.."
source scripts/env.sh

[ $# -gt 0 ] || set -- pallet_bags_list pallet_insurance_fund pallet_liquid_staking pallet_operator_registry pallet_staking
target=wasm32v1-none
bencher=$CARGO_TARGET_DIR/release/holdfast-bencher
[ -x "$bencher" ] || { echo "$bencher is missing: run make build" >&2 && exit 1; }

# As substrate-wasm-builder does it: a package around the runtime, with its own profile, so that the
# workspace's (made for short builds and loud assertions) does not reach the code that is measured.
blob=$CARGO_TARGET_DIR-weights/holdfast-runtime-blob
mkdir -p "$blob/src"
cat >"$blob/Cargo.toml" <<TOML
[package]
name = "holdfast-runtime-blob"
version = "1.0.0"
edition = "2021"

[lib]
crate-type = ["cdylib"]

[dependencies.wasm-project]
package = "holdfast-runtime"
path = "$holdfast_root/runtime"
default-features = false
features = ["runtime-benchmarks"]

[profile.release]
panic = "abort"
lto = "thin"

[workspace]
resolver = "2"
TOML
echo '#![no_std] #![allow(unused_imports)] pub use wasm_project::*;' >"$blob/src/lib.rs"
cp Cargo.lock "$blob/Cargo.lock"

cargo=(cargo)
[ -z "${WASM_BUILD_TOOLCHAIN:-}" ] || cargo=(rustup run "$WASM_BUILD_TOOLCHAIN" cargo)
flags='-C link-arg=--export-table -C link-arg=--export=__heap_base -C link-arg=--import-memory'
echo "==> compiling the runtime with its benchmarks"
env -u CARGO_ENCODED_RUSTFLAGS RUSTFLAGS="$flags --cfg substrate_runtime" SKIP_WASM_BUILD= \
	CARGO_TARGET_DIR="$blob/target" \
	"${cargo[@]}" rustc --profile release --target "$target" --manifest-path "$blob/Cargo.toml"

for pallet; do
	# Our own pallets have their weights with them; those of others belong to this runtime.
	name=${pallet#pallet_}
	directory=pallets/${name//_/-}
	if [ -d "$directory" ]; then
		output=$directory/src/weights.rs template=scripts/weight-template.hbs
		genesis=(--genesis-builder runtime --genesis-builder-preset development)
		steps=50 repeat=20
	else
		output=runtime/src/weights/$pallet.rs template=scripts/runtime-weight-template.hbs
		# The minima of our presets are in the way of benchmarks made for other chains.
		genesis=(--genesis-builder none)
		# Fewer: among them are elections of a thousand nominators.
		steps=20 repeat=5
	fi
	mkdir -p "$(dirname "$output")"
	echo "==> benchmarking $pallet"
	"$bencher" \
		--runtime "$blob/target/$target/release/holdfast_runtime_blob.wasm" \
		"${genesis[@]}" \
		--pallet "$pallet" --extrinsic '*' \
		--steps "${STEPS:-$steps}" --repeat "${REPEAT:-$repeat}" \
		--template "$template" --output "$output" --quiet
done
