#!/usr/bin/env bash
# Runs a development node of one: its state is temporary, its eras last minutes. Arguments go to the
# node; --base-path DIR keeps the state.
set -euo pipefail
cd "$(dirname "$0")/.."
source scripts/env.sh

cat <<'TEXT'

  Holdfast development node

  Connect    ws://127.0.0.1:9944
             https://polkadot.js.org/apps/?rpc=ws://127.0.0.1:9944
  Try        in another terminal, a first deposit from the command line:
               npm --prefix e2e ci && npm --prefix e2e run first-deposit
             or in the Apps: Developer > Extrinsics > liquidStaking > deposit
  Stop       Ctrl-C; the state is gone then, unless you gave ARGS="--base-path DIR"

TEXT
exec "$HOLDFAST_NODE" --dev "$@"
