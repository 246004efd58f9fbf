#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
#
# Writes the planner's report: builds it natively and for Wasm, and solves all instances exactly.
# It builds in a target directory of its own, so that the features there are nobody else's.
set -euo pipefail
cd "$(dirname "$0")/../.."
source scripts/env.sh

export CARGO_TARGET_DIR=$CARGO_TARGET_DIR-planner-report
package=(-p holdfast-planner-report --locked --profile production)
cargo build "${package[@]}" --bins
wasm=(cargo rustc "${package[@]}" --lib --crate-type cdylib --no-default-features --target wasm32v1-none)
if [ -n "${WASM_BUILD_TOOLCHAIN:-}" ]; then
	rustup run "$WASM_BUILD_TOOLCHAIN" "${wasm[@]}"
else
	"${wasm[@]}"
fi

venv=$CARGO_TARGET_DIR/venv
[ -x "$venv/bin/python" ] || python3 -m venv "$venv"
"$venv/bin/pip" install --quiet --disable-pip-version-check -r benchmarks/planner/requirements.txt
"$venv/bin/python" benchmarks/planner/report.py \
	"$CARGO_TARGET_DIR/production/holdfast-planner-report" \
	"$CARGO_TARGET_DIR/wasm32v1-none/production/holdfast_planner_report.wasm"
