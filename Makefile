# Every target says what it does: `make` prints this list.
PYTHON ?= python3
BIN := .venv/bin
.DEFAULT_GOAL := help
.PHONY: help setup demo test check up docs lock clean lint types walls bench year

help: ## This list
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sort | awk -F ':.*## ' '{printf "  make %-8s %s\n", $$1, $$2}'

.venv/.ready: requirements.lock pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit("Termijn needs Python 3.11 or newer; this is " + sys.version.split()[0] if sys.version_info < (3, 11) else 0)'
	@test -x $(BIN)/python || $(PYTHON) -m venv .venv
	@echo "Installing from requirements.lock (hashes checked) …"
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --require-hashes -r requirements.lock
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation --editable .
	@touch $@

.venv/.ready-dev: .venv/.ready requirements-dev.lock
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --require-hashes -r requirements-dev.lock
	@touch $@

setup: .venv/.ready ## Make .venv with the termijn command

demo: setup ## The main job: a sample company's night, one person's package, the morning's list
	@$(BIN)/termijn demo

test: .venv/.ready-dev ## All tests; says what it left out
	@$(BIN)/python -m pytest -n 4

check: .venv/.ready-dev lint types walls ## Lint, types, import contracts and the tests that start no command (two minutes)
	@$(BIN)/python -m pytest -q -n 2 -m "not prefect and not slow and not real" --ignore=tests/stories --ignore=tests/pdf --ignore=tests/faults

lint: .venv/.ready-dev ## Style and bugs by ruff
	@$(BIN)/ruff check . && $(BIN)/ruff format --check .

types: .venv/.ready-dev ## Types by mypy, strict
	@$(BIN)/mypy

walls: .venv/.ready-dev ## The import contracts of DESIGN §1
	@$(BIN)/lint-imports

up: setup ## Prefect's server and screen on localhost, the deployments and a worker, until Ctrl-C
	@$(BIN)/termijn up

bench: .venv/.ready-dev ## Destroying against a bare DELETE on SQLite; other databases: python -m bench.destroy URL
	@$(BIN)/python -m bench.destroy sqlite:///bench.db --roots 200000; rm -f bench.db bench.db-wal bench.db-shm

year: .venv/.ready-dev ## Play a year of 12Care by the clock and hold it against a second opinion (two minutes)
	@TERMIJN_YEAR=1 $(BIN)/python -m pytest -q -s tests/stories/test_a_year.py -k whole

docs: .venv/.ready-dev ## Make the generated pages anew
	@$(BIN)/python -m tests.meta.write_docs

lock: ## Resolve the lock files anew (needs uv)
	uv pip compile pyproject.toml --group build --universal --python-version 3.11 --generate-hashes --no-strip-extras --no-header --no-annotate --upgrade -o requirements.lock
	uv pip compile pyproject.toml --group dev --group build --universal --python-version 3.11 --generate-hashes --no-strip-extras --no-header --no-annotate -c requirements.lock -o requirements-dev.lock

clean: ## Take away what the demo and the tests made (not .venv)
	rm -rf out .pytest_cache .mypy_cache .ruff_cache .hypothesis .import_linter_cache
