# What people run here. `make test` is the whole: it says what it installs and starts, and ends within an hour on 2 cores.

SHELL := /bin/bash
.SHELLFLAGS := -euo pipefail -c
.DEFAULT_GOAL := help

DATA ?= data/demo
LISTEN ?= 127.0.0.1:8080
# Debug information of dependencies is never read, and makes the target folder three times as large.
export CARGO_TERM_COLOR ?= auto

# nextest runs each test in its own process and says which was slow; plain `cargo test` does where it is missing.
RUN_TESTS := $(shell if cargo nextest --version >/dev/null 2>&1; then echo "cargo nextest run --no-fail-fast"; else echo "cargo test --no-fail-fast"; fi)

# Tests run on the build that can trace, which is the default one and a little more: two builds would take minutes longer.
TRACES := --features xiuhua/otel

# What is tested is built once, by clippy in the compiler's place for our own crates: it says what it has to say while it builds, and
# what we build on isn't looked through a second time. The words in CLIPPY_ARGS are how it takes `-D warnings`.
LINTED := RUSTC_WORKSPACE_WRAPPER=clippy-driver CLIPPY_ARGS=-D__CLIPPY_HACKERY__warnings__CLIPPY_HACKERY__

# What the Rust tests have built already: the program alone would be built anew, with what only tests switch on left out.
BUILD := $(LINTED) cargo build --locked --workspace --all-targets $(TRACES)

# The steps of `test` need one another's servers and builds, and two cores are busy as it is.
.NOTPARALLEL:

.PHONY: help
help: ## this list
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "make %-10s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

.PHONY: demo
demo: ## a sub-district that has lived, on http://127.0.0.1:8080
	cargo run --release --bin xiuhua -- demo --data $(DATA) --listen $(LISTEN)

.PHONY: test
test: packages node_modules deny-if-there formatted rust browser api ## everything: checks, house rules, tests on both engines, browser, API

.PHONY: packages
packages:
	@scripts/need chromium=chromium pdftotext=poppler-utils curl=curl cc=gcc strace=strace pkill=procps \
	    '/usr/lib/postgresql/*/bin/postgres=postgresql' python3=python3-venv \
	    '/usr/share/fonts/opentype/noto/NotoSansCJK*=fonts-noto-cjk' \
	    '/usr/share/fonts/opentype/noto/NotoSerifCJK-Regular*=fonts-noto-cjk'

.PHONY: node_modules
node_modules: frontend/node_modules/.installed e2e/node_modules/.installed

%/node_modules/.installed: %/package-lock.json
	@command -v npm >/dev/null || { echo "Node 20 with npm builds the front end and runs the browser tests; install it and run this again." >&2; exit 1; }
	@echo "== Installing the Node packages of $*"
	cd $* && npm ci --no-audit --no-fund --loglevel=error
	@touch $@

.PHONY: fmt
fmt: ## format everything
	cargo fmt --all

.PHONY: formatted
formatted:
	cargo fmt --all --check

.PHONY: check
check: formatted ## formatting and lints, without a build
	cargo clippy --workspace --all-targets --locked -- -D warnings

.PHONY: house
house: ## the house rules alone; quick
	$(RUN_TESTS) --locked -p xiuhua --test house_rules

.PHONY: rust
rust: ## lints and all Rust tests, with a PostgreSQL of their own
	@echo "== Starting a PostgreSQL for the tests"
	$(LINTED) scripts/test-postgres run $(RUN_TESTS) --locked --workspace $(TRACES)

.PHONY: browser
browser: e2e/node_modules/.installed ## walks every page as each role in Chromium
	$(BUILD)
	cd e2e && node --test --test-concurrency=1

.PHONY: api
api: e2e/node_modules/.installed ## holds the API to its own description with schemathesis
	$(BUILD)
	cd e2e && XIUHUA_SCHEMATHESIS=$$(../scripts/schemathesis) node api/run.js

.PHONY: torture
torture: ## kills the program 50 times under load, and stops its PostgreSQL at once
	XIUHUA_KILLS=50 cargo test --locked --release -p xiuhua --test service -- --nocapture --test-threads=1

.PHONY: bench
bench: packages ## the workloads that must stay fast, as ratios beside the raw engine (some minutes)
	cargo build --locked --release --bin xiuhua --bin bench
	XIUHUA_TEST_POSTGRES_DURABLE=1 XIUHUA_TEST_POSTGRES_FOLDER=/tmp/xiuhua-bench-postgres-$$(id -u) scripts/test-postgres run target/release/bench $(WORKLOADS)

.PHONY: deny
deny: ## licences, bans and sources of what we build on
	@command -v cargo-deny >/dev/null || { echo "== Installing cargo-deny"; cargo install cargo-deny --locked; }
	cargo deny --locked check bans licenses sources

.PHONY: deny-if-there
deny-if-there:
	@if command -v cargo-deny >/dev/null; then $(MAKE) --no-print-directory deny; else echo "== cargo-deny is not here: the house rules have held licences, bans and sources; 'make deny' installs it"; fi


