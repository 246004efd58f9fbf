#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
#
# Runs a development node of one: its state is temporary and kept for every block, its eras last minutes.
# Arguments go to the node; --base-path DIR keeps the state.
set -euo pipefail
cd "$(dirname "$0")/.."
source scripts/env.sh

# Pages and indexers look back. A default node forgets the state of a block after 256 of them.
archive=()
for option in --state-pruning --blocks-pruning; do
	[[ " $* " == *" $option"[\ =]* ]] || archive+=("$option" archive)
done

banner() {
	local first=
	[[ $1 == *:9944 ]] || first=" -- --ws ws://$1"
	cat <<TEXT

  Holdfast development node

  Connect    ws://$1
             https://polkadot.js.org/apps/?rpc=ws://$1
  Try        in another terminal, a first deposit from the command line:
               npm --prefix e2e ci
               npm --prefix e2e run first-deposit$first
             or in the Apps: Developer > Extrinsics > liquidStaking > deposit
  Stop       Ctrl-C; the state is gone then, unless you gave ARGS="--base-path DIR"

TEXT
}

# Passes on what the node says, and says where it is once it listens: there, and nowhere else.
tell() {
	trap '' INT TERM
	local line address=
	while IFS= read -r line; do
		printf '%s\n' "$line"
		if [[ -z $address && $line =~ 'Running JSON-RPC server: addr='([^,]+) ]]; then
			address=${BASH_REMATCH[1]/#0.0.0.0:/127.0.0.1:}
			banner "$address"
		fi
	done >&2
}

exec "$HOLDFAST_NODE" --dev "${archive[@]}" "$@" 2> >(tell)
