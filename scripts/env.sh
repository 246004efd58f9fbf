# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=bash
#
# The build environment, for `source scripts/env.sh` in bash. It only computes; it writes nothing.
#
#   CARGO_TARGET_DIR    compiled code: kept if set, else HOLDFAST_TARGET_DIR, else a directory in the
#                       user's cache. Outside of the checkout, so that a fresh clone can reuse it.
#   HOLDFAST_NODE       the node that the end-to-end tests start
#   HOLDFAST_WASM_FROM_DEBIAN=1
#                       build Wasm with Debian's Rust, even where rustup has the target

holdfast_root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
holdfast_cache=${XDG_CACHE_HOME:-$HOME/.cache}/holdfast

export CARGO_TARGET_DIR=${CARGO_TARGET_DIR:-${HOLDFAST_TARGET_DIR:-$holdfast_cache/target}}
export HOLDFAST_NODE=${HOLDFAST_NODE:-$CARGO_TARGET_DIR/release/holdfast-node}

# Packages that are programs only. Cargo resolves features for the packages that are named: a call that names
# one library and all of these, with --lib, compiles that library with the features of the whole build,
# and none of the programs.
holdfast_programs=(-p holdfast-node -p holdfast-benchmarks -p holdfast-fund-report)

[ -t 1 ] || export WASM_BUILD_NO_COLOR=1

# A Node.js that setup.sh installed because the system's is missing or too old.
holdfast_node_bin=$holdfast_cache/node/node_modules/.bin
[ ! -x "$holdfast_node_bin/node" ] || export PATH=$holdfast_node_bin:$PATH

# Whether the toolchain with this sysroot can compile for wasm32v1-none.
holdfast_has_wasm() {
	[ -n "$1" ] && [ -d "$1/lib/rustlib/wasm32v1-none/lib" ]
}

# Where the pinned toolchain is not installed, another installed one of the same version will do:
# rustup cannot download everywhere.
holdfast_pick_toolchain() {
	local pinned installed name
	pinned=$(sed -n 's/^channel *= *"\(.*\)"/\1/p' "$holdfast_root/rust-toolchain.toml")
	installed=$(rustup toolchain list 2>/dev/null | cut -d' ' -f1)
	! grep -q "^$pinned\(-\|$\)" <<<"$installed" || return 0
	for name in $installed; do
		if [[ $(rustup run "$name" rustc --version 2>/dev/null) == "rustc $pinned "* ]]; then
			export RUSTUP_TOOLCHAIN=$name
			return 0
		fi
	done
}

if command -v rustup >/dev/null && [ -z "${RUSTUP_TOOLCHAIN:-}" ]; then
	holdfast_pick_toolchain
fi

# A toolchain of its own for Wasm, only where the current one lacks the target (see setup.sh).
holdfast_sysroot=$(cd "$holdfast_root" && RUSTUP_AUTO_INSTALL=0 rustc --print sysroot 2>/dev/null) || true
if [ -z "${WASM_BUILD_TOOLCHAIN:-}" ]; then
	if [ "${HOLDFAST_WASM_FROM_DEBIAN:-}" = 1 ] || ! holdfast_has_wasm "$holdfast_sysroot"; then
		if holdfast_has_wasm "$(rustup run holdfast-wasm rustc --print sysroot 2>/dev/null)"; then
			export WASM_BUILD_TOOLCHAIN=holdfast-wasm
		fi
	fi
fi
