#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
#
# Asks cargo-deny about all dependencies, as deny.toml says: licences, sources, and advisories where their
# database can be downloaded. Installs cargo-deny beside the compiled code if it is not there, which takes
# some minutes. Not a part of `make test`, since the advisories of tomorrow would fail the code of today.
set -euo pipefail
cd "$(dirname "$0")/.."
source scripts/env.sh

version=0.20.2
if [[ $(cargo deny --version 2>/dev/null) != "cargo-deny $version" ]]; then
	export PATH=$holdfast_cache/tools/bin:$PATH
	[[ $(cargo deny --version 2>/dev/null) == "cargo-deny $version" ]] ||
		CARGO_TARGET_DIR=$holdfast_cache/tools/target \
			cargo install --quiet --locked --root "$holdfast_cache/tools" "cargo-deny@$version"
fi

# Old names of licences in manifests of others are understood, and not ours to change.
cargo deny --locked check --hide-inclusion-graph --allow parse-error bans licenses sources
if cargo deny --locked fetch db; then
	cargo deny --locked --offline check --hide-inclusion-graph advisories
else
	echo "deny: the database of advisories cannot be downloaded here, so that they were NOT checked" >&2
fi
