# SPDX-License-Identifier: Apache-2.0
# Every task a person needs. `make` alone lists them.
SHELL := bash
.DEFAULT_GOAL := help

# Arguments for the node of `make dev`.
ARGS ?=

# Crates for `make check`; those that have changed, if none is named.
CRATES ?=

# The node that `make app` shows.
NODE ?= ws://127.0.0.1:9944

# Random steps of the model, and eras and seeds of the runtime, in `make soak`.
STEPS ?= 10000000
ERAS ?= 30
SEEDS ?= 20

# No target selects packages with -p alone: the features would be resolved anew, and compiled again.
CARGO := source scripts/env.sh && cargo

.PHONY: help setup build dev app test check fmt features licences deny package scripts lint doc unit soak e2e \
	app-test app-metadata book book-pages network zombienet zombienet-faults try-upgrade weights planner-report fund-report \
	production clean

help: ## List the tasks
	@awk -F ':.*## ' '/^[a-z0-9-]+:.*## / { printf "make %-16s %s\n", $$1, $$2 }' Makefile

setup: ## Install what is missing: system packages, Node.js, Rust and its Wasm target
	@scripts/setup.sh

build: setup ## Compile the node and the tools
	@$(CARGO) build --release --locked --workspace --bins

dev: build ## Run a development node; ARGS="..." are passed to it
	@scripts/dev.sh $(ARGS)

app: setup ## Build the page and serve it beside the development node; NODE=ws://... is another one
	@scripts/app.sh $(NODE)

test: setup ## Check and test everything, as the continuous integration does
	@scripts/test.sh

check: ## Check quickly what has changed: format, clippy and unit tests; CRATES="..." to name crates
	@scripts/check.sh $(CRATES)

fmt: setup ## Check the format
	@scripts/test.sh fmt

features: setup ## Check that dev-dependencies leave the features of the build alone
	@scripts/test.sh features

licences: setup ## Check that no crate links what its licence does not allow
	@scripts/test.sh licences

deny: ## Check the licences, sources and advisories of all dependencies with cargo-deny
	@scripts/deny.sh

package: setup ## Check that the libraries can be packaged for a registry
	@scripts/test.sh package

scripts: setup ## Check format, types and style of the JavaScript
	@scripts/test.sh scripts

lint: setup ## Run clippy; warnings are errors
	@scripts/test.sh lint

doc: setup ## Build the documentation of the libraries; warnings are errors
	@scripts/test.sh doc

unit: setup ## Run the unit and integration tests
	@scripts/test.sh unit

soak: setup ## Compare the pool with its model for long (STEPS=...), and soak the runtime (ERAS=... SEEDS=...)
	@export HOLDFAST_STEPS=$(STEPS) && $(CARGO) test --release --locked --workspace --lib tests::model \
		-- --nocapture
	@export HOLDFAST_ERAS=$(ERAS) HOLDFAST_SEEDS=$(SEEDS) && $(CARGO) test --release --locked --workspace \
		--test suite soak:: -- --nocapture

e2e: build ## Run the end-to-end tests against a real node
	@scripts/test.sh e2e

app-test: build ## Check the page and test it in a browser against a real node
	@scripts/test.sh app browser

app-metadata: build ## Tell the page what the runtime is now, and check that the page fits it
	@scripts/app.sh metadata

book: setup ## Check the book in docs/ and build it into docs/book
	@scripts/book.sh

book-pages: setup ## Write the pages of the book that are made from the runtime
	@export HOLDFAST_BLESS=1 && $(CARGO) test --release --locked --workspace --test suite book::

network: build ## Run a network on a relay chain until Ctrl-C; needs the programs of a relay chain
	@scripts/relay.sh network

zombienet: build ## Test on a relay chain whether the chain works there; half an hour
	@scripts/relay.sh smoke

zombienet-faults: build ## Kill nodes and upgrade the runtime on a relay chain; two hours
	@scripts/relay.sh faults

try-upgrade: build ## Try this runtime on the state of a chain: STATE=ws://... or a file
	@scripts/try-upgrade.sh $(STATE)

weights: build ## Benchmark the pallets and write their weights
	@scripts/weights.sh

planner-report: setup ## Compare the planner with exact optima and measure its time; writes a report
	@benchmarks/planner/run.sh

fund-report: setup ## Play histories of the insurance fund; writes a report
	@benchmarks/fund/run.sh

# Without fast eras. Not on-chain-release-build: that would silence the node's log with the runtime's.
production: setup ## Compile the release binaries: slow to build, fast to run
	@$(CARGO) build --profile production --locked --workspace --bins --no-default-features \
		--features holdfast-runtime/metadata-hash

clean: ## Remove all compiled code, also that kept for the next clone
	@$(CARGO) clean && rm -rf "$${CARGO_TARGET_DIR}-weights" "$${CARGO_TARGET_DIR}-upgrade" \
		"$${CARGO_TARGET_DIR}-planner-report"
