#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
#
# Checks the book in docs/ and builds it into docs/book.
#   scripts/book.sh          installs mdBook where it is missing
#   scripts/book.sh check    builds only where mdBook is there
set -euo pipefail
cd "$(dirname "$0")/.."
source scripts/env.sh

mdbook_version=0.5.4
mdbook_root=$holdfast_cache/mdbook-$mdbook_version

if [ docs/package-lock.json -nt docs/node_modules/.package-lock.json ]; then
	npm --prefix docs ci --no-audit --no-fund --prefer-offline
fi
node docs/check.js

export PATH=$mdbook_root/bin:$PATH
if ! command -v mdbook >/dev/null; then
	[ "${1:-}" != check ] || exit 0
	echo "book: installing mdBook $mdbook_version"
	CARGO_TARGET_DIR=$mdbook_root/target cargo install --quiet --locked --root "$mdbook_root" \
		--no-default-features --features search "mdbook@$mdbook_version"
	rm -rf "$mdbook_root/target"
fi
mdbook build docs
