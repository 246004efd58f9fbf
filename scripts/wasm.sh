#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
#
# Compiles the runtime for Wasm with other features than the node's, and prints where the Wasm is.
#   scripts/wasm.sh NAME FEATURE[,FEATURE]...
# In a target directory of its own, which NAME names: in the usual one it would replace the runtime of the node.
set -euo pipefail
cd "$(dirname "$0")/.."
source scripts/env.sh

target=wasm32v1-none
features=$(sed 's/[^,]*/"&"/g; s/,/, /g' <<<"$2")

# As substrate-wasm-builder does it: a package around the runtime, with its own profile, so that the
# workspace's (made for short builds and loud assertions) does not reach the code.
blob=$CARGO_TARGET_DIR-$1/holdfast-runtime-blob
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
features = [$features]

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
echo "==> compiling the runtime with $2" >&2
env -u CARGO_ENCODED_RUSTFLAGS RUSTFLAGS="$flags --cfg substrate_runtime" SKIP_WASM_BUILD= \
	CARGO_TARGET_DIR="$blob/target" \
	"${cargo[@]}" rustc --profile release --target "$target" --manifest-path "$blob/Cargo.toml" >&2
echo "$blob/target/$target/release/holdfast_runtime_blob.wasm"
