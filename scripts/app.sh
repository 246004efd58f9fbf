#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
#
# Builds the page and serves it beside the development node: that of `make dev`, or another one.
#   scripts/app.sh [ws://127.0.0.1:9944]
#   scripts/app.sh metadata     tells the page what the runtime of today is, and checks that the page fits it
# PORT is where it is served; a free one is taken if that is not given.
set -euo pipefail
cd "$(dirname "$0")/.."
source scripts/env.sh

if [ ! -d app/node_modules ] || [ app/package-lock.json -nt app/node_modules/.package-lock.json ]; then
	npm --prefix app ci --no-audit --no-fund
fi

if [ "${1:-}" = metadata ]; then
	for step in metadata check test:unit; do npm --prefix app run --silent "$step"; done
	exit
fi

node_url=${1:-ws://127.0.0.1:9944}
npm --prefix app run --silent build

port=${PORT:-$(node -e '
	const server = require("node:net").createServer().listen(0, "127.0.0.1", () => {
		console.log(server.address().port);
		server.close();
	});
')}
served=$(mktemp -d)
trap 'rm -rf "$served"' EXIT
cp -r app/dist/. "$served"
# The list of nodes that the page talks to without a question. A development chain has no fixed genesis.
node -e '
	const [, url] = process.argv;
	console.log(JSON.stringify([{ name: "Development", genesis: null, endpoints: [url] }]));
' "$node_url" >"$served/networks.json"

answers=no
! curl -s -o /dev/null -m 3 "http${node_url#ws}" || answers=yes
cat <<TEXT

  Holdfast page

  Open       http://127.0.0.1:$port
  Node       $node_url$([ $answers = yes ] || printf ' (does not answer yet: run `make dev` in another terminal)')
  Stop       Ctrl-C

TEXT
cd app
npx vite preview --host 127.0.0.1 --port "$port" --strictPort --outDir "$served" >/dev/null
