# Start here: `make demo` runs the portal with sample agencies, `make test` passes every test.

SHELL := /bin/bash
.SHELLFLAGS := -euo pipefail -c
.DEFAULT_GOAL := help
MAKEFLAGS += --no-builtin-rules --no-print-directory

CARGO ?= cargo
NPM ?= npm
target_dir := $(abspath $(or $(CARGO_TARGET_DIR),target))
# Real catalogues and tables that some tests read; without them those tests say that they are skipped.
test_data := $(abspath $(or $(FAIRGROUND_TEST_DATA),../shared/data))
# Arguments for the demo, such as: make demo ARGS="--listen 127.0.0.1:9000"
ARGS ?=

web_sources := $(shell find web/assets -type f) $(wildcard web/*.json web/*.ts web/.npmrc)
browser_modules := tests/browser/node_modules/.package-lock.json
identity_modules := tests/identity/node_modules/.package-lock.json
lighthouse_modules := tests/lighthouse/node_modules/.package-lock.json

.PHONY: help demo test test-rust test-browser shots lighthouse conformance bench bench-gateway bench-hostile bench-search bench-tables test-faults lint fmt assets needs needs-node clean

help: ## list these targets
	@grep -E '^[a-z-]+:.*## ' $(firstword $(MAKEFILE_LIST)) | sed -E 's/^([a-z-]+):.*## (.*)/  make \1\t\2/' | expand -t 20

demo: needs assets ## build and start the portal with three sample agencies on 127.0.0.1:8080
	@echo 'Building the portal; the first time takes some minutes.'
	$(CARGO) run --locked --profile quick -- demo $(ARGS)

test: test-rust test-browser ## run all tests, on SQLite, PostgreSQL and Redis, and in a browser

test-rust: needs assets $(identity_modules)
	FAIRGROUND_TEST_DATA="$(test_data)" tests/tools/with-postgres tests/tools/with-redis tests/tools/with-moto \
	  tests/tools/with-clients $(CARGO) test --locked --workspace --lib --bins --tests --no-fail-fast
	$(CARGO) test --locked --workspace --doc --quiet

conformance: ## judge everything that is published of the real catalogues by the validators of others (an hour or more)
	FAIRGROUND_TEST_DATA="$(test_data)" FAIRGROUND_CONFORMANCE=full tests/tools/with-clients \
	  $(CARGO) test --locked -p fairground-standards --test standards conformance -- --nocapture

test-browser: needs assets $(browser_modules)
	$(CARGO) build --locked --quiet --workspace --lib --bins --tests # as the tests are built: nothing is compiled again
	FAIRGROUND_TEST_BIN="$(target_dir)/debug/fairground" tests/browser/run

shots: needs assets $(browser_modules) ## picture every page at 360, 768 and 1440 pixels, light and dark, into target/shots (IN=fr for another language)
	$(CARGO) build --locked --quiet --workspace --lib --bins --tests # as the tests are built: nothing is compiled again
	FAIRGROUND_SHOTS="$(or $(FOLDER),$(target_dir)/shots)" FAIRGROUND_SHOTS_LANGUAGE="$(or $(IN),en)" \
	  FAIRGROUND_TEST_BIN="$(target_dir)/debug/fairground" tests/browser/run shots

lighthouse: needs assets $(browser_modules) $(lighthouse_modules) ## let Lighthouse judge the public pages as on a throttled phone (a build with the quick profile)
	$(CARGO) build --locked --profile quick --bin fairground
	FAIRGROUND_LIGHTHOUSE="$(or $(FOLDER),$(target_dir)/lighthouse)" \
	  FAIRGROUND_TEST_BIN="$(target_dir)/quick/fairground" tests/browser/run lighthouse

test-faults: needs assets ## strike harvests at random on SQLite and PostgreSQL, two hundred times each (RUNS=n for another number)
	FAIRGROUND_FAULT_RUNS=$(or $(RUNS),200) tests/tools/with-postgres \
	  $(CARGO) test --locked -p fairground --test it faults_of_every_kind -- --nocapture

bench: needs assets ## run the quick benchmarks and name the others
	$(CARGO) bench --locked -p fairground-admission -p fairground-meter --bench '*' -- --quick
	$(CARGO) run --locked --profile quick -p fairground-search --example bench_search 10000
	@echo
	@echo 'Longer ones, each with its own words at the top of the file:'
	@git ls-files '*/benches/*.sh' '*/examples/*.rs' 'tests/bench*' | sed 's/^/  /'

bench-tables: needs assets ## measure tables beside SQLite, PostgreSQL, Datasette and ROAPI (a release build; half an hour or more)
	$(CARGO) build --locked --release -p fairground --bin fairground -p fairground-tables-intake --example generate_table
	CARGO_TARGET_DIR="$(target_dir)/bench-peers" $(CARGO) build --locked --release --manifest-path tests/bench/peers/Cargo.toml
	@command -v wrk >/dev/null || tests/tools/apt-install wrk
	tests/tools/with-postgres true
	python3 tests/bench/tables.py "$(target_dir)/release/fairground" "$(target_dir)/release/examples/generate_table" \
	  "$(target_dir)/bench-peers/release/bench-peers" $(ROWS)
	python3 tests/bench/many_tables.py "$(target_dir)/release/fairground"

bench-screen: needs ## measure the personal-data screen: precision, recall, files wrongly held, throughput (some minutes)
	$(CARGO) build --locked --release -p fairground-screen-files --example bench_screen -p fairground-screen --example throughput
	python3 tests/bench/screen.py "$(target_dir)/release/examples/bench_screen" "$(test_data)"
	"$(target_dir)/release/examples/throughput"

bench-gateway: needs assets ## measure the gateway beside nginx and traefik (a release build; half an hour)
	$(CARGO) build --locked --release -p fairground --bin fairground
	@command -v wrk >/dev/null || tests/tools/apt-install wrk
	python3 tests/bench/gateway.py "$(target_dir)/release/fairground"
	CARGO_TARGET_DIR="$(target_dir)" api/benches/hot_path.sh
	CARGO_TARGET_DIR="$(target_dir)" api/benches/hot_path.sh fairness

bench-search: needs ## measure relevance beside plain BM25, and speed over 100,000 generated datasets (a build with the quick profile)
	$(CARGO) run --locked --profile quick -p fairground-search --example relevance "$(test_data)"
	$(CARGO) run --locked --profile quick -p fairground-search --example bench_search $(or $(DATASETS),100000)

bench-hostile: needs assets ## ask tables hostile questions over HTTP: bounded memory and clear refusals are asserted (a release build)
	$(CARGO) build --locked --release -p fairground --bin fairground -p fairground-tables-intake --example generate_table
	python3 tests/bench/hostile.py "$(target_dir)/release/fairground" "$(target_dir)/release/examples/generate_table" $(ROWS)

lint: needs assets ## check formatting, lints and the house rules
	$(CARGO) fmt --all --check
	$(CARGO) clippy --locked --workspace --all-targets -- -D warnings
	tests/tools/check-arrows
	tests/tools/check-deny
	tests/tools/check-locks
	tests/tools/check-words

fmt: ## format the Rust code
	$(CARGO) fmt --all

assets: needs-node web/dist/manifest.json ## build styles and scripts of the pages

web/node_modules/.package-lock.json: web/package.json web/package-lock.json
	cd web && $(NPM) ci --no-audit --no-fund
	@touch $@

web/dist/manifest.json: web/node_modules/.package-lock.json $(web_sources)
	cd web && $(NPM) run --silent build
	@touch $@

$(browser_modules): tests/browser/package.json tests/browser/package-lock.json
	cd tests/browser && $(NPM) ci --no-audit --no-fund
	@touch $@

$(identity_modules): tests/identity/package.json tests/identity/package-lock.json
	cd tests/identity && $(NPM) ci --no-audit --no-fund
	@touch $@

$(lighthouse_modules): tests/lighthouse/package.json tests/lighthouse/package-lock.json
	cd tests/lighthouse && $(NPM) ci --no-audit --no-fund
	@touch $@

needs: needs-node
	@command -v $(CARGO) >/dev/null || { echo 'make: Rust is missing; see https://rustup.rs' >&2; exit 1; }
	@command -v cc >/dev/null || tests/tools/apt-install gcc libc6-dev
	@perl -MIPC::Cmd -MTime::Piece -e 1 2>/dev/null || tests/tools/apt-install perl

needs-node:
	@command -v node >/dev/null && command -v $(NPM) >/dev/null \
	  || { echo 'make: Node.js with npm is missing; version 20.19 or later is needed' >&2; exit 1; }
	@node -e 'const [a, b] = process.versions.node.split("."); process.exit(a > 20 || (a == 20 && b >= 19) ? 0 : 1)' \
	  || { echo "make: Node.js $$(node --version) is too old; 20.19 or later is needed" >&2; exit 1; }

clean: ## remove what was built
	$(CARGO) clean
	rm -rf web/dist web/node_modules tests/browser/node_modules tests/identity/node_modules
