#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
#
# A quick check while you work: format, clippy and unit tests of the library crates that have changed.
#   scripts/check.sh [crate]...
# Without names: the crates with files that differ from where this branch left main; on main itself, from
# the last commit. It compiles neither the runtime nor a program, so `make test` has the last word.
set -euo pipefail
cd "$(dirname "$0")/.."
source scripts/env.sh

changed_files() {
	local base
	base=$(git merge-base HEAD main 2>/dev/null || git merge-base HEAD origin/main 2>/dev/null) || base=HEAD
	git diff --name-only "$base"
	git ls-files --others --exclude-standard
}

# Of each crate with a library that is built without the runtime: its name and its directory.
libraries() {
	local manifest
	for manifest in $(git ls-files '*/Cargo.toml'); do
		[ -e "${manifest%Cargo.toml}src/lib.rs" ] && [ "$manifest" != runtime/Cargo.toml ] || continue
		echo "$(sed -n 's/^name = "\(.*\)"/\1/p' "$manifest" | head -n 1) $(dirname "$manifest")"
	done
}

crates=("$@")
if [ $# = 0 ]; then
	files=$(changed_files)
	while read -r name directory; do
		! grep -q "^$directory/.*\.\(rs\|toml\|md\)$" <<<"$files" || crates+=("$name")
	done < <(libraries)
	rest=$(grep -E '^(runtime|node|benchmarks/src|benchmarks/fund)/' <<<"$files" || true)
	[ -z "$rest" ] || echo "check: changes in the runtime or in programs: only \`make lint unit\` checks them"
fi

echo "==> format"
cargo fmt --all --check
[ ${#crates[@]} -gt 0 ] || { echo "check: no library has changed" && exit 0; }

options=(--release --locked --lib "${holdfast_programs[@]}" "${crates[@]/#/-p}")
echo "==> clippy of ${crates[*]}"
cargo clippy "${options[@]}" -- -D warnings
echo "==> tests of ${crates[*]}"
cargo test "${options[@]}" --no-fail-fast
echo "==> [$((SECONDS / 60))m$(printf %02d $((SECONDS % 60)))s] passed"
