# `make help` lists the targets. Every one of them sets up .venv by itself when that is needed.
SHELL := bash
.SHELLFLAGS := -eu -o pipefail -c
.DEFAULT_GOAL := help
MAKEFLAGS += --no-print-directory
.DELETE_ON_ERROR:

BIN := .venv/bin
READY := .venv/ready-dev
RUNS := .venv/ready-run
SHOWN := .work/shown
TESTED := .work/tested
CODE := engine tests tools bench
PURE := domain language evaluation ledger
# The tests that show every branch of those parts. The others run without the tracer, in half the time.
SHOWING := $(PURE:%=tests/unit/%)
# Its plug-in is for tests of other people's services, and takes a second of each process.
PYTEST := $(BIN)/python -m pytest -p no:schemathesis
WORKERS := -n logical --maxprocesses 8 --dist worksteal
INPUTS := $(shell find engine tests policies controls templates examples docs tools bench \
	-type f -not -path '*/__pycache__/*' -not -name '* *' 2>/dev/null) pyproject.toml

.PHONY: help setup demo test check fix golden docs bench faults wheel \
	format lint types mypy pyright floors spell deps generated cover hooks

help: ## show this list
	@awk -F ':.*## ' '/^[a-z]+:.*## / {printf "  make %-10s %s\n", $$1, $$2}' Makefile
	@echo "  make test T=tests/unit K='stale and not drift' runs a part of the tests"

setup: $(READY) ## make .venv with the pinned packages (the other targets do it too)

$(READY): constraints/dev.txt pyproject.toml tools/setup.sh
	@tools/setup.sh dev

$(RUNS): constraints/run.txt pyproject.toml tools/setup.sh
	@tools/setup.sh run

demo: $(RUNS) ## judge a sound and a flawed release and write both audit packs
	@$(BIN)/assay demo

ifeq ($(T)$(K),)
test: ## run all tests; T=path K=words run a part
	@rm -f $(SHOWN) $(TESTED)
	@$(MAKE) $(SHOWN) $(TESTED)
else
test: $(READY)
	@$(PYTEST) $(T) $(if $(K),-k "$(K)")
endif

# A run that passed on these very files is not repeated by `make check`.
$(SHOWN): $(INPUTS) | $(READY)
	@mkdir -p $(@D)
	@$(PYTEST) $(WORKERS) $(SHOWING) --cov --cov-report=
	@touch $@

$(TESTED): $(INPUTS) | $(READY)
	@mkdir -p $(@D)
	@$(PYTEST) $(WORKERS) tests $(SHOWING:%=--ignore=%)
	@touch $@

# A file that vanished since the list was made is a change, not an error.
$(INPUTS): ;

check: format lint types floors spell deps generated cover $(TESTED) ## all that a change must pass
	@echo "make check: all passed"

format: $(READY) # formatting, unchanged
	$(BIN)/ruff format --check --quiet $(CODE)

lint: $(READY)
	$(BIN)/ruff check --quiet $(CODE)

types: mypy pyright

mypy: $(READY)
	$(BIN)/mypy

pyright: $(READY)
	$(BIN)/basedpyright --pythonpath $(BIN)/python

floors: $(READY)
	$(BIN)/lint-imports --no-cache

spell: $(READY)
	$(BIN)/codespell

deps: $(READY)
	$(BIN)/deptry engine

generated: $(READY)
	$(BIN)/python tools/make_expression_tables.py --check
	$(BIN)/python tools/make_fact_table.py --check
	$(BIN)/python tools/docs.py --check

cover: $(SHOWN)
	@echo "branch coverage of the parts that decide a verdict: $(PURE)"
	@$(BIN)/coverage report --fail-under=100

fix: $(READY) ## format, and mend what the linters can mend
	@$(BIN)/ruff check --fix --quiet $(CODE) || true
	@$(BIN)/ruff format --quiet $(CODE)
	@$(BIN)/codespell --write-changes || true

golden: $(READY) ## rewrite the expected outputs under tests/golden; read the diff before you commit
	@$(PYTEST) -q --rewrite-golden -m golden
	@git --no-pager diff --stat -- tests/golden

docs: $(READY) ## write the generated pages, schemas and tables again
	@$(BIN)/python tools/make_expression_tables.py
	@$(BIN)/python tools/make_fact_table.py
	@$(BIN)/python tools/make_control_index.py
	@$(BIN)/python tools/docs.py

bench: $(READY) ## print timings, one JSON object a line
	@$(BIN)/python bench/run.py
	@$(BIN)/python bench/expressions.py
	@$(BIN)/python bench/differential.py --count 20000
	@$(BIN)/python bench/lint.py
	@$(BIN)/python bench/desk.py
	@$(BIN)/python bench/storage.py
	@$(BIN)/python bench/replay.py
	@$(BIN)/python bench/ledger.py
	@$(BIN)/python bench/intake.py
	@$(BIN)/python bench/intake_large.py
	@$(BIN)/python bench/api.py
	@$(BIN)/python bench/pdf.py

faults: $(READY) ## kill, end and question the server many times; a quarter of an hour
	@$(BIN)/python bench/faults/kill9.py
	@$(BIN)/python bench/faults/kill9_append.py
	@$(BIN)/python bench/faults/parts.py
	@$(BIN)/python bench/faults/sigterm.py
	@$(BIN)/python bench/faults/contract.py

wheel: $(READY) ## build the wheel, inspect it, and test it with the sources absent
	@tools/wheel.sh

hooks: $(READY) ## run the checks of .pre-commit-config.yaml at each commit
	@command -v pre-commit >/dev/null || { echo "get it first: pip install pre-commit" >&2; exit 1; }
	@pre-commit install
