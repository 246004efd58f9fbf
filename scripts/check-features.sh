#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
#
# Fails when a dev-dependency changes the features of a package of the normal build. Then `make dev`
# and `make test` would not share compiled code, and the tests would run another program than ships.
# Packages that only tests need are fine.
set -euo pipefail
cd "$(dirname "$0")/.."
source scripts/env.sh

# One line per package and feature list; cargo marks what it has shown already with (*).
tree() {
	cargo tree --locked --workspace --edges "$1" --format '{p}|{f}' --prefix none |
		sed 's/ (\*)$//' | sort -u
}

build=$(tree normal,build)
tests=$(tree normal,build,dev)

# A package may be there with several lists, when build scripts use it too: compare all of them.
changed=$(awk -F'|' '
	{ list = $2 == "" ? "(none)" : $2 }
	FNR == NR { build[$1] = build[$1] "\n      " list; next }
	{ tests[$1] = tests[$1] "\n      " list }
	END {
		for (package in build)
			if (build[package] != tests[package])
				print "  " package "\n    build:" build[package] "\n    with tests:" tests[package]
	}' <(echo "$build") <(echo "$tests"))

if [ -n "$changed" ]; then
	echo "Dev-dependencies change the features of packages of the normal build:" >&2
	echo "$changed" >&2
	echo "Ask for these features in [dependencies] too, or for fewer in [dev-dependencies]." >&2
	exit 1
fi
echo "features: $(wc -l <<<"$build") of the build, unchanged by dev-dependencies"
