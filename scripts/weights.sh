#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
#
# Benchmarks pallets on the Holdfast runtime and writes their weights.
#   scripts/weights.sh [pallet_name]...
# STEPS and REPEAT in the environment override how often each benchmark is run, SECONDS_EACH how long at least.
# The runtime with its benchmarks is compiled for Wasm only. holdfast-bencher must have been built.
set -euo pipefail
cd "$(dirname "$0")/.."
source scripts/env.sh

# All that the runtime lists.
[ $# -gt 0 ] || set -- $(sed -n 's/^\t\[\([a-z_]*\), .*/\1/p' runtime/src/benchmarks.rs)
bencher=$CARGO_TARGET_DIR/release/holdfast-bencher
[ -x "$bencher" ] || { echo "$bencher is missing: run make build" >&2 && exit 1; }

wasm=$(scripts/wasm.sh weights runtime-benchmarks)

for pallet; do
	# Our own pallets have their weights with them; those of others belong to this runtime.
	name=${pallet#pallet_}
	directory=pallets/${name//_/-}
	if [ -d "$directory" ]; then
		output=$directory/src/weights.rs template=scripts/weight-template.hbs
		genesis=(--genesis-builder runtime --genesis-builder-preset development)
		steps=50 repeat=20 seconds=10
	else
		output=runtime/src/weights/$pallet.rs template=scripts/runtime-weight-template.hbs
		# The minima of our presets are in the way of benchmarks made for other chains.
		genesis=(--genesis-builder none)
		# Fewer: among them are elections of a thousand nominators.
		steps=20 repeat=5 seconds=2
	fi
	mkdir -p "$(dirname "$output")"
	echo "==> benchmarking $pallet"
	"$bencher" \
		--runtime "$wasm" \
		"${genesis[@]}" \
		--pallet "$pallet" --extrinsic '*' \
		--steps "${STEPS:-$steps}" --repeat "${REPEAT:-$repeat}" --min-duration "${SECONDS_EACH:-$seconds}" \
		--template "$template" --output "$output" --quiet
	# The extensions of the system pallet have a trait beside that of its calls.
	[ "$pallet" != frame_system_extensions ] ||
		sed -i 's/ frame_system_extensions::WeightInfo / frame_system::ExtensionsWeightInfo /' "$output"
done
