#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
#
# A collator that starts when the relay chain's node listens: one that comes too early would end, or talk to
# whatever else answers there. Zombienet calls it with other arguments, too, to see what the node can do.
set -euo pipefail
if [ "${1:-}" = --name ]; then
	until (: <"/dev/tcp/127.0.0.1/$HOLDFAST_RELAY_PORT") 2>/dev/null; do sleep 1; done
fi
exec "$HOLDFAST_NODE" "$@"
