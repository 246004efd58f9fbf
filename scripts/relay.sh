#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
#
# Runs this chain on a relay chain.
#   scripts/relay.sh network|smoke|faults   a network until Ctrl-C; the short test; the long test
#   scripts/relay.sh status                 says whether the programs of a relay chain are here
#   scripts/relay.sh unpack DIRECTORY       takes these programs from an archive in it, into the user's cache
# Ends with code 3 where they are missing.
set -euo pipefail
cd "$(dirname "$0")/.."
source scripts/env.sh

unpacked=$holdfast_cache/relay
# What PATH has goes first.
if [ -z "${HOLDFAST_RELAY_BIN:-}" ] && ! command -v polkadot >/dev/null && [ -x "$unpacked/polkadot" ]; then
	export HOLDFAST_RELAY_BIN=$unpacked
fi

install() {
	if [ "$1/package-lock.json" -nt "$1/node_modules/.package-lock.json" ]; then
		npm --prefix "$1" ci --ignore-scripts --no-audit --no-fund --loglevel error
	fi
}

unpack() {
	local archive
	archive=$(find "$1" -maxdepth 1 -name 'polkadot-*.tar.zst' | sort | tail -n 1)
	[ -n "$archive" ] || { echo "no polkadot-*.tar.zst in $1" >&2 && return 1; }
	command -v zstd >/dev/null || { echo "zstd is missing, which unpacks $archive" >&2 && return 1; }
	[ "$unpacked/polkadot" -nt "$archive" ] && return 0
	rm -rf "$unpacked.part"
	mkdir -p "$unpacked.part"
	# With the time of now, so that the next call sees that it is done.
	tar --zstd -xmf "$archive" -C "$unpacked.part"
	rm -rf "$unpacked"
	mv "$unpacked.part" "$unpacked"
}

case ${1:-} in
status)
	if why=$(node zombienet/check.js relay 2>&1); then echo "the relay chain's programs are here"; else echo "$why"; fi
	;;
unpack) unpack "$2" ;;
network | smoke | faults)
	node zombienet/check.js
	install e2e
	install zombienet
	exec npm --prefix zombienet run --silent "$1"
	;;
*)
	echo "usage: scripts/relay.sh network|smoke|faults|status|unpack DIRECTORY" >&2
	exit 2
	;;
esac
