#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
#
# Tries the runtime of this checkout on the state of a chain: its migrations, with their checks, and the checks
# of all pallets. Nothing is written to the chain.
#   scripts/try-upgrade.sh STATE
#     STATE    ws://... or http://...: the finalized state of a running node; or a chain spec in a file, such as
#              `holdfast-node export-state` writes; or dev
#   ERAS=minutes         for a chain of a development build, whose eras last minutes
#   SAME_VERSION=1       also if the spec version has not been raised
set -euo pipefail
cd "$(dirname "$0")/.."
source scripts/env.sh

state=${1:-}
[ -n "$state" ] || { echo "Error: which state? make try-upgrade STATE=ws://127.0.0.1:9944, or a file" >&2 && exit 2; }
[ -x "$HOLDFAST_NODE" ] || { echo "Error: $HOLDFAST_NODE is missing: run make build" >&2 && exit 1; }
case ${ERAS:-hours} in
hours) features=try-runtime ;;
minutes) features=try-runtime,fast-runtime ;;
*) echo "Error: ERAS is 'hours' or 'minutes', not '$ERAS'" >&2 && exit 2 ;;
esac

scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
case $state in
ws://* | wss://* | http://* | https://*)
	scripts/fetch-state.js "$state" "$scratch/state.json"
	state=$scratch/state.json
	;;
dev | local) ;;
*) [ -r "$state" ] || { echo "Error: cannot read $state" >&2 && exit 1; } ;;
esac

wasm=$(scripts/wasm.sh upgrade "$features")
options=()
[ -z "${SAME_VERSION:-}" ] || options+=(--same-version)
"$HOLDFAST_NODE" try-upgrade --runtime "$wasm" --state "$state" "${options[@]}"
