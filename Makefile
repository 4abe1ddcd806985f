# Works on a fresh clone with GNU make and a Python 3.11 to 3.14; no root, no server. PYTHON=... chooses the interpreter.
#
#   make demo    install what a user needs, run the whole story on embedded parts
#   make test    install what the tests need, run every check and every test (this is what the CI runs)
#   make chaos   kill worker processes at every checkpoint under every fault, and print the matrix; KILLS=500 says how often, MINUTES=30 how long
#   make lint    the static checks alone
#   make format  rewrite the sources in the one style
#   make bench   the benchmarks
#   make lock    resolve the dependencies anew (needs uv)
#   make clean   remove the virtual environment and what tools left behind

SHELL := /bin/bash
.SHELLFLAGS := -eu -o pipefail -c
.DELETE_ON_ERROR:
.DEFAULT_GOAL := help

VENV ?= .venv
BIN := $(VENV)/bin
UV ?= $(shell command -v uv || echo $(BIN)/uv)
PIP := $(BIN)/python -m pip --disable-pip-version-check --require-virtualenv
# The newest that really starts and can make virtual environments: a name on PATH may be an empty shim.
PYTHON ?= $(shell for name in python3.14 python3.13 python3.12 python3.11 python3 python; do \
	if $$name -c 'import ensurepip, sys; sys.exit(not (3, 11) <= sys.version_info[:2] <= (3, 14))' 2>/dev/null; then echo $$name; break; fi; done)

.PHONY: help demo test chaos lint format bench lock clean

help:
	@sed -n 's/^#   //p' $(firstword $(MAKEFILE_LIST))

# --- the virtual environment; each stamp says what is installed in it ---------------------------------------------------

$(VENV)/.made:
	@test -n "$(PYTHON)" || { echo "No Python 3.11 to 3.14 with venv found on PATH. Install one (on Debian and Ubuntu python3-venv too), or name it: make PYTHON=/path/to/python3" >&2; exit 2; }
	@test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	@touch $@

$(VENV)/.runtime: requirements.lock pyproject.toml | $(VENV)/.made
	@echo "Installing dialer into $(VENV) ..."
	@$(PIP) install --quiet --require-hashes --requirement requirements.lock
	@$(PIP) install --quiet --no-deps --editable .
	@touch $@

$(VENV)/.dev: requirements-dev.lock pyproject.toml | $(VENV)/.made
	@echo "Installing dialer and its checks into $(VENV) ..."
	@$(PIP) install --quiet --require-hashes --requirement requirements-dev.lock
	@$(PIP) install --quiet --no-deps --editable .
	@touch $@ $(VENV)/.runtime

$(VENV)/.bench: requirements-bench.lock | $(VENV)/.dev
	@echo "Installing the queues that ours is measured beside ..."
	@$(PIP) install --quiet --require-hashes --requirement requirements-bench.lock
	@touch $@

# How many processes share the tests.
TESTERS ?= $(shell n=$$($(BIN)/python -c 'import os; print(os.cpu_count() or 1)' 2>/dev/null || echo 2); echo $$(( n > 4 ? 4 : n )))

# --- what people type --------------------------------------------------------------------------------------------------

demo: $(VENV)/.runtime
	@$(BIN)/dialer demo

# The static checks and the coverage gates are part of the run (tests/test_architecture.py, tests/conftest.py). Real processes
# come after it, without coverage: it would double their time, and each module is to be covered by its own tests. They wait for
# one another much, so one more process shares them.
test: $(VENV)/.dev
	@$(BIN)/python -m pytest --numprocesses=$(TESTERS) --dist=loadgroup --ignore=tests/acceptance --cov --cov-report= --coverage-gates $(PYTEST_ARGS) || failed=1; \
	$(BIN)/python -m pytest --numprocesses=$$(( $(TESTERS) + 1 )) --dist=loadgroup tests/acceptance $(PYTEST_ARGS) || failed=1; \
	test -z "$${failed:-}"

chaos: $(VENV)/.dev
	@$(BIN)/python -m tests.support.chaos_matrix --kills $(or $(KILLS),500) --minutes $(or $(MINUTES),0)

lint: $(VENV)/.dev
	@$(BIN)/python -m tests.support.checks

format: $(VENV)/.dev
	@$(BIN)/ruff check --quiet --select I --fix . && $(BIN)/ruff format .

bench: $(VENV)/.dev $(VENV)/.bench
	@for program in bench/*.py; do test -e "$$program" || { echo "no benchmarks yet"; break; }; echo "== $$program"; $(BIN)/python "$$program"; done

lock:
	@for part in "requirements.lock" "requirements-dev.lock --group dev" "requirements-bench.lock --group bench"; do \
		$(UV) pip compile --quiet --universal --generate-hashes --python-version 3.11 --no-header \
			--no-emit-index-url --no-emit-find-links pyproject.toml --output-file $$part; done

clean:
	@rm -rf $(VENV) .coverage .hypothesis .mypy_cache .pytest_cache .ruff_cache .import_linter_cache build dist
