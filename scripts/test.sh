#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
#
# Runs the given stages, or all of them, and stops at the first that fails.
#   scripts/test.sh [fmt|features|licences|scripts|book|compile|package|lint|doc|unit|e2e|app|browser]...
# No stage selects packages with -p alone: the features would be resolved anew, and compiled again.
set -euo pipefail
cd "$(dirname "$0")/.."
source scripts/env.sh

# The packages of a directory, if they are not those of its lock file.
npm_packages() {
	[ "$1/package-lock.json" -nt "$1/node_modules/.package-lock.json" ] || return 0
	npm --prefix "$1" ci --no-audit --no-fund
}

fmt() { cargo fmt --all --check; }

features() { scripts/check-features.sh; }

licences() { scripts/check-licences.js; }

# What would be published. One call, so that the crates find each other: none is on a registry yet.
package() { cargo package --quiet --offline --locked --no-verify --allow-dirty $(published); }

# The JavaScript: format, lint and types.
scripts() { npm_packages e2e && npm --prefix e2e run --silent lint; }

# Built only where mdBook is there: `make book` installs it.
book() { scripts/book.sh check; }

compile() { cargo build --release --locked --workspace --all-targets; }

# After compile, whose build scripts it reuses. Leaving out a package, even the node, would change
# features: RocksDB would be compiled again, and the Wasm runtime with long eras in place of short.
lint() { cargo clippy --release --locked --workspace --all-targets -- -D warnings; }

# After lint, which has checked the dependencies. With the programs, for the sake of the features; they have
# no library, and so no documentation.
doc() {
	RUSTDOCFLAGS='-D warnings' \
		cargo doc --release --locked --no-deps --lib $(published) "${holdfast_programs[@]}"
}

unit() { cargo test --release --locked --workspace --no-fail-fast; }

e2e() {
	npm_packages e2e
	npm --prefix e2e test
	npm --prefix zombienet test
}

# The page: format, style, types, unit tests, size. Compares the runtime with the one that it is made for.
app() {
	npm_packages app
	npm --prefix app run --silent lint
	npm --prefix app run --silent check
	npm --prefix app run --silent test:unit
	npm --prefix app run --silent build
	npm --prefix app run --silent size
	npm_packages e2e
	npm --prefix app run --silent metadata -- --check
}

# The page in a browser, on nodes started with what the scenarios have for that. Not a part of `make test` yet.
browser() {
	local chromium=${HOLDFAST_CHROMIUM:-/usr/bin/chromium}
	[ -x "$chromium" ] || { echo "there is no $chromium: apt-get install chromium" >&2 && return 1; }
	npm --prefix app run --silent test:browser
}

# The crates that may be published, as options for cargo.
published() {
	git grep -l '^publish = true' -- '*Cargo.toml' | xargs sed -n 's/^name = "\(.*\)"/-p \1/p'
}

elapsed() { printf '%dm%02ds' $((SECONDS / 60)) $((SECONDS % 60)); }

all=(fmt features licences scripts book compile package lint doc unit e2e app)
[ $# -gt 0 ] || set -- "${all[@]}"
for stage; do
	[[ " ${all[*]} browser " == *" $stage "* ]] || { echo "no stage '$stage': ${all[*]} browser" >&2 && exit 2; }
done

trap '[ $? = 0 ] || echo "==> [$(elapsed)] FAILED: $stage"' EXIT
times=
for stage; do
	echo "==> [$(elapsed)] $stage"
	began=$SECONDS
	"$stage"
	times+=" $stage $((SECONDS - began))s"
done
[ "$*" != "${all[*]}" ] || echo "relay tests: not run by make test, but by make zombienet; $(scripts/relay.sh status)"
echo "==> [$(elapsed)] passed:$times"
