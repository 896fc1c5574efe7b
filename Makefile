# Everything a developer and CI run. Needs python3 (3.11 or newer) and make; the rest is set up here.

VENV := .venv
BIN := $(VENV)/bin
PYTHON ?= $(shell for p in python3 python3.14 python3.13 python3.12 python3.11; do \
	$$p -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && echo $$p && break; done)

# Tools from the virtual environment first: a Node.js installed there is found like any other.
export PATH := $(CURDIR)/$(BIN):$(PATH)
export PIP_DISABLE_PIP_VERSION_CHECK := 1

PYTHON_READY := $(VENV)/.python-ready
NODE_READY := $(VENV)/.node-ready
SAMPLE_READY := sample_app/node_modules/.ready
TOOLS_READY := $(VENV)/.tools-ready
PAGE_READY := $(VENV)/.page-ready
BROWSER_READY := $(VENV)/.browser-ready
READY := $(PYTHON_READY) $(NODE_READY) $(SAMPLE_READY) $(TOOLS_READY) $(PAGE_READY)

# Bytecode, which an installed forge-emu has. Without it, half of what a command takes to start is for
# compiling: all tests took a quarter longer.
unexport PYTHONDONTWRITEBYTECODE
COMPILE := $(BIN)/python -m compileall -q forge_emu

.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
.PHONY: help setup demo test lint types tests torture format docs bench profile lock audit clean

# What is fetched comes side by side, and types are checked while tests run.
MAKEFLAGS += --jobs=4

help: ## List the targets
	@sed -n 's/^\([a-z]*\):.*## \(.*\)/  make \1|\2/p' $(MAKEFILE_LIST) | \
		while IFS='|' read -r target text; do printf '%-16s%s\n' "$$target" "$$text"; done

setup: $(READY) ## Set up Python, Node.js and the sample app
	@$(COMPILE)
	@echo "Ready. Try: make demo"

demo: $(READY) ## Send 1,000 issue-created events through sample_app, retries included
	$(BIN)/forge-emu run sample_app --ephemeral --speed 20 --trigger issue-created --count 1000 --until-idle

test: types tests ## Everything CI checks: format, lint, types, layers, tests

# In seconds, so before the rest.
lint: $(PYTHON_READY)
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .

types: lint
	$(BIN)/mypy
	$(BIN)/lint-imports

# One process more than processors (tests/conftest.py). Files in their order, not those with many tests
# first: the last ones would be single long tests.
tests: lint $(READY) $(BROWSER_READY)
	FORGE_EMU_REQUIRE_NODE=1 $(BIN)/pytest --numprocesses auto --maxprocesses 8 --dist loadfile \
		--no-loadscope-reorder

format: $(PYTHON_READY) ## Format the code and mend what ruff can mend
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .

docs: $(PYTHON_READY) ## Fill the generated tables of docs/, write docs/schemas and docs/openapi.json
	$(BIN)/python docs/generate.py

torture: $(READY) ## Kill the emulator 100 times during 10,000 events; nothing may be lost
	$(BIN)/python -m tests.torture --seed $${SEED:-1}

bench: $(READY) ## Measure beside the floor, for some ten minutes: ISSUES=1000 for a look
	@$(COMPILE)
	$(BIN)/python -m benchmarks --issues $${ISSUES:-10000} --json $(VENV)/bench.json

profile: $(READY) ## Sample where the time goes, in Python and in Node.js: ISSUES=5000
	$(BIN)/python -m benchmarks.profiling --issues $${ISSUES:-5000} --json $(VENV)/profile.json

# Exact versions with their hashes, for every Python and system that is supported.
LOCK := uv pip compile --universal --python-version 3.11 --generate-hashes --quiet \
	--no-emit-index-url --no-emit-find-links --custom-compile-command 'make lock'

lock: $(PYTHON_READY) ## Take the newest versions of what development needs into requirements/
	$(BIN)/$(LOCK) --upgrade requirements/uv.in --output-file requirements/uv.txt
	$(BIN)/$(LOCK) --upgrade pyproject.toml --extra dev --output-file requirements/dev.txt
	$(BIN)/$(LOCK) --upgrade requirements/node.in --output-file requirements/node.txt

audit: $(READY) ## Look for known weaknesses in what development and the sample app depend on
	@$(BIN)/python -m venv $(VENV)/audit && $(VENV)/audit/bin/python -m pip install --quiet pip-audit
	$(VENV)/audit/bin/pip-audit --disable-pip --require-hashes --requirement requirements/dev.txt
	cd sample_app && npm audit --omit=dev

clean: ## Remove everything that setup made
	rm -rf $(VENV) sample_app/node_modules sample_app/.forge-emu forge_emu/report/page/built.html forge_emu/testing/npm
	rm -rf .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache .grimp_cache

# uv takes a quarter of the time of pip, which knows an index or a proxy that only pip was told of.
INSTALL_FAST = $(BIN)/python -m pip install --quiet --require-hashes --requirement requirements/uv.txt && \
	$(BIN)/uv pip install --quiet --python $(BIN)/python --compile-bytecode --require-hashes \
		--requirement requirements/dev.txt 2>$(VENV)/uv.log

$(PYTHON_READY): pyproject.toml requirements/dev.txt requirements/uv.txt
	@test -n "$(PYTHON)" || { echo "make: Python 3.11 or newer is needed; set PYTHON=/path/to/it" >&2; exit 2; }
	@echo "Setting up Python packages in $(VENV) ..."
	@$(BIN)/python -c 'import pip' 2>/dev/null || $(PYTHON) -m venv --clear $(VENV) || \
		{ echo "make: $(PYTHON) cannot make a virtual environment; on Debian and Ubuntu: apt install python3-venv" >&2; exit 2; }
	@$(INSTALL_FAST) || $(BIN)/python -m pip install --quiet --require-hashes --requirement requirements/dev.txt
	@$(BIN)/python -m pip install --quiet --no-deps --no-build-isolation --editable .
	@touch $@

$(NODE_READY): $(PYTHON_READY)
	@if command -v npm >/dev/null && node -e 'process.exit(parseInt(process.versions.node) < 20 ? 1 : 0)' 2>/dev/null; then \
		echo "Using Node.js $$(node --version) of this machine."; \
	else \
		echo "No Node.js 20 or newer here: installing one in $(VENV) ..."; \
		$(BIN)/python -m pip install --quiet --require-hashes --requirement requirements/node.txt; \
	fi
	@touch $@

$(SAMPLE_READY): sample_app/package-lock.json $(NODE_READY)
	@echo "Installing the npm packages of sample_app (about 50 MB) ..."
	@cd sample_app && npm ci --ignore-scripts --no-audit --no-fund --loglevel=error
	@touch $@

# What the first run of an app would otherwise fetch: esbuild and the like, into the user's cache.
$(TOOLS_READY): forge_emu/runtime/node/tool_cache.py $(SAMPLE_READY)
	@$(BIN)/python -c 'from pathlib import Path; from forge_emu.runtime.node.tools import find_tools; \
		find_tools(Path("sample_app"), print)' || { echo "make: the tools above are missing" >&2; exit 2; }
	@touch $@

# The page of --report, one file made of forge_emu/report/page/web with esbuild and uPlot, and the
# package for tests in JavaScript, packed.
$(PAGE_READY): hatch_build.py $(wildcard forge_emu/report/page/web/*.* forge_emu/report/page/web/*/*) $(NODE_READY) \
		$(wildcard packages/testing/*.* packages/testing/src/*)
	@$(BIN)/python hatch_build.py
	@touch $@

# A browser for the tests marked `browser`. Where root may install packages it is fetched; where
# nothing helps, the tests say why they are skipped, or fail in CI.
$(BROWSER_READY): $(PYTHON_READY)
	@if $(BIN)/python -m tests.browser >/dev/null; then \
		touch $@; \
	elif [ "$$(id -u)" = 0 ] && command -v apt-get >/dev/null; then \
		echo "No Chromium here: installing Debian's for the browser tests (about 300 MB) ..."; \
		(apt-get update -qq && DEBIAN_FRONTEND=noninteractive \
			apt-get install -y -qq --no-install-recommends chromium) >$@.log 2>&1 \
			&& $(BIN)/python -m tests.browser >/dev/null && touch $@ \
			|| { tail -3 $@.log >&2; echo "make: Chromium could not be installed" >&2; }; \
	else \
		echo "No Chromium or Chrome here: tests marked \`browser\` cannot run."; \
	fi
