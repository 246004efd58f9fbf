#!/usr/bin/env bash
# Runs the given stages, or all of them, and stops at the first that fails.
#   scripts/test.sh [fmt|features|licences|book|compile|lint|unit|e2e]...
# No stage selects packages with -p: the features would be resolved anew, and compiled again.
set -euo pipefail
cd "$(dirname "$0")/.."
source scripts/env.sh

fmt() { cargo fmt --all --check; }

features() { scripts/check-features.sh; }

licences() { scripts/check-licences.js; }

# Built only where mdBook is there: `make book` installs it.
book() { scripts/book.sh check; }

compile() { cargo build --release --locked --workspace --all-targets; }

# After compile, whose build scripts it reuses. Leaving out a package, even the node, would change
# features: RocksDB would be compiled again, and the Wasm runtime with long eras in place of short.
lint() { cargo clippy --release --locked --workspace --all-targets -- -D warnings; }

unit() { cargo test --release --locked --workspace; }

e2e() {
	if [ e2e/package-lock.json -nt e2e/node_modules/.package-lock.json ]; then
		npm --prefix e2e ci --no-audit --no-fund
	fi
	npm --prefix e2e test
}

elapsed() { printf '%dm%02ds' $((SECONDS / 60)) $((SECONDS % 60)); }

all=(fmt features licences book compile lint unit e2e)
[ $# -gt 0 ] || set -- "${all[@]}"
for stage; do
	[[ " ${all[*]} " == *" $stage "* ]] || { echo "no stage '$stage': ${all[*]}" >&2 && exit 2; }
done

trap '[ $? = 0 ] || echo "==> [$(elapsed)] FAILED: $stage"' EXIT
times=
for stage; do
	echo "==> [$(elapsed)] $stage"
	began=$SECONDS
	"$stage"
	times+=" $stage $((SECONDS - began))s"
done
echo "==> [$(elapsed)] passed:$times"
