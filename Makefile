# Needs only python3 (3.11 or newer, with venv) and make.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
STAMP := $(VENV)/.installed

# Byte code is kept, whatever the shell says: tests and demo start many processes.
unexport PYTHONDONTWRITEBYTECODE

.PHONY: setup demo test proof run check bench lock schema pictures clean

setup: $(STAMP)

$(STAMP): requirements.lock pyproject.toml
	@test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	@echo "Installing the locked packages into $(VENV) ..."
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --requirement requirements.lock
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation --editable .
	@touch $@

demo: setup  ## the whole story over real HTTP against the sandbox; what it keeps is in ./demo
	@$(BIN)/faregate demo

test: setup  ## the tests, under three minutes
	@$(BIN)/python -m pytest --numprocesses auto --dist worksteal

proof: setup  ## the longer tests, those on PostgreSQL, and the campaigns, which FAREGATE_PROOF_SECONDS bounds (300 by default)
	@$(BIN)/python -m pytest -m proof --numprocesses auto --ignore tests/proof/test_kills.py
	@$(BIN)/python -m pytest -m proof tests/proof/test_kills.py

run: setup  ## the gateway with its sandbox on http://127.0.0.1:8000
	@FAREGATE_PROFILE=development $(BIN)/faregate serve

check: setup  ## everything checked besides tests
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .
	@$(BIN)/mypy
	@$(BIN)/lint-imports --verbose > /dev/null || $(BIN)/lint-imports
	@$(BIN)/faregate schema --check

bench: setup  ## measurements, as ratios
	@$(BIN)/python -m pytest -m bench -s

schema: setup  ## write schema.graphql from the code
	@$(BIN)/faregate schema > schema.graphql

pictures: setup  ## take the README's pictures anew from this version; needs Chromium
	@$(BIN)/python -m tests.pictures

lock: setup  ## resolve pyproject.toml into requirements.lock anew
	@$(BIN)/uv pip compile pyproject.toml --extra dev --universal --upgrade --quiet \
		--no-emit-index-url --no-header --output-file requirements.lock

clean:
	rm -rf $(VENV) demo var
