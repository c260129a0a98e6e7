# The commands of this repository. `make run` and `make test` are all one needs;
# CONTRIBUTING.md explains the rest. Without Node the program is built without pages.

NODE_OK := $(shell node -e 'const [a,b]=process.versions.node.split(".").map(Number);process.exit(a>20||(a===20&&b>=19)?0:1)' 2>/dev/null && echo yes)
HAS_PAGES := $(wildcard frontend/package-lock.json)
PAGES := $(shell find frontend -type f -not -path '*/node_modules/*' -not -path '*/dist/*' -not -path '*/dist' 2>/dev/null)
PORT ?= 8080
export NO_COLOR = 1
export CARGO_TERM_COLOR = never

.PHONY: build run test frontend fmt lint clean help FORCE

help:
	@echo 'make run    build, load the demo county, serve http://127.0.0.1:8080'
	@echo 'make test   every test, one summary line'
	@echo 'make build  target/release/zoufang      make fmt | lint | clean'

build: frontend
	cargo build --release --quiet --bin zoufang

run: build
	exec target/release/zoufang demo --port $(PORT)

test:
	@cargo run --quiet --package xtask -- test

# Embedded in the program at compile time, therefore built first.
ifeq ($(NODE_OK)$(if $(HAS_PAGES),yes),yesyes)
frontend: target/frontend.stamp
else
frontend:
	@mkdir -p frontend/dist
	@echo 'front end not built: it needs Node 20.19 or later (command line and API work without)'
endif

frontend/node_modules/.package-lock.json: frontend/package-lock.json
	cd frontend && npm ci --no-audit --no-fund --loglevel=error
	@mkdir -p $(@D) && touch $@

# Built again when a source is newer, or when the result is gone.
target/frontend.stamp: frontend/node_modules/.package-lock.json $(PAGES) $(if $(wildcard frontend/dist/*),,FORCE)
	@mkdir -p target
	cd frontend && npm run --silent build
	@touch $@
FORCE:

fmt:
	cargo fmt --all
	$(if $(NODE_OK),cd frontend && npm run --silent format)

lint:
	cargo fmt --all --check
	cargo xtask tidy
	cargo clippy --workspace --all-targets --quiet -- -D warnings
	$(if $(NODE_OK),cd frontend && npm run --silent check)
	@if command -v cargo-deny >/dev/null; then cargo deny --log-level error check; else echo 'cargo-deny is not installed: licences and sources were not checked'; fi

clean:
	cargo clean --quiet
	rm -rf frontend/dist frontend/node_modules frontend/*/node_modules
