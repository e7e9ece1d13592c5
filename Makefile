# Everything is installed into .venv/ of this checkout and nothing outside it.
# Needs python3 (3.11 or newer) with venv, and make. `make` alone says what there is.

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
PIP := $(BIN)/python -m pip install --quiet --disable-pip-version-check
# Examples in Markdown are set for the page and not for a file.
FORMAT := $(BIN)/ruff format --config 'extend-exclude = ["*.md"]'

.DEFAULT_GOAL := help
.PHONY: help install run test lint format vectors clean

help: ## Say what can be made
	@echo "make ..."
	@sed -n 's/^\([a-z]*\):.*## \(.*\)/  \1|\2/p' $(MAKEFILE_LIST) | while IFS='|' read -r name does; do \
		printf '%-10s %s\n' "$$name" "$$does"; done

install: $(VENV)/.installed ## Install the broker, the SDK and the `colonies` command into .venv/

run: install ## Run a broker with a colony and a worker to try things on
	$(BIN)/colonies dev --worker

test: lint ## Check and test everything, as continuous integration does
	$(BIN)/pytest -n 2

lint: $(VENV)/.installed-test ## Check style, types and the floors of the architecture
	$(BIN)/ruff check
	$(FORMAT) --check
	$(BIN)/mypy
	$(BIN)/lint-imports

format: $(VENV)/.installed-test ## Put the Python files into shape
	$(BIN)/ruff check --fix
	$(FORMAT)

vectors: $(VENV)/.installed-test ## Make tests/vectors/*.json again
	$(BIN)/python -m tests.vectors.generate

clean: ## Remove what was made here, .venv/ included
	rm -rf $(VENV) build dist *.egg-info .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache
	find . -name __pycache__ -type d -not -path './.git/*' -prune -exec rm -rf {} +

# The stamps make a second run quick: what is installed is installed again only when pyproject.toml says more.

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
