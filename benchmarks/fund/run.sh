#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
#
# Writes the report on the insurance fund: plays histories on the pallet's own arithmetic.
#   benchmarks/fund/run.sh [histories] [years]
set -euo pipefail
cd "$(dirname "$0")/../.."
source scripts/env.sh

cargo build --release --locked --workspace --bins
venv=$CARGO_TARGET_DIR/fund-report-venv
[ -x "$venv/bin/python" ] || python3 -m venv "$venv"
"$venv/bin/pip" install --quiet --disable-pip-version-check -r benchmarks/fund/requirements.txt
"$CARGO_TARGET_DIR/release/holdfast-fund-report" "${1:-10000}" "${2:-5}" |
	"$venv/bin/python" benchmarks/fund/report.py "${1:-10000}" "${2:-5}"
