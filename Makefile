# Everything is done in .venv, which every target creates and keeps up to date by itself.
PYTHON ?= python3  # used once, to create .venv
WORKERS ?= auto    # processes of the test runner

PYTHON := $(strip $(PYTHON))
WORKERS := $(strip $(WORKERS))
BIN := .venv/bin
READY := .venv/.installed
# One thread per process in the linear algebra: the test runner's processes already fill the machine.
ONE_THREAD := OMP_NUM_THREADS=1 OPENBLAS_NUM_THREADS=1 MKL_NUM_THREADS=1 NUMBA_NUM_THREADS=2 MPLBACKEND=Agg
PYTEST := $(ONE_THREAD) $(BIN)/python -m pytest -n $(WORKERS) --dist worksteal

.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
.PHONY: help install demo test check lint types imports nojit wheel science ecosystem results speed bench format clean

help:  ## say what can be made
	@awk -F ':.*## ' '/^[a-z]+:.*## / { printf "  make %-9s %s\n", $$1, $$2 }' Makefile

install: $(READY)  ## create .venv and install everything at the versions of constraints.txt

demo: $(READY)  ## train, treat unseen patients with every policy, leave tables and pictures under runs/
	$(BIN)/metaenv demo

test: $(READY)  ## the fast tests
	$(PYTEST)

check: lint types imports test  ## before every commit: lint, format, types, direction of imports, fast tests

lint: $(READY)
	$(BIN)/ruff check
	$(BIN)/ruff format --check

types: $(READY)
	$(BIN)/mypy

imports: $(READY)
	$(BIN)/lint-imports

nojit: $(READY)  ## the small tests once more as plain Python
	NUMBA_DISABLE_JIT=1 $(PYTEST) -m "nojit and not slow"

wheel: $(READY)  ## build the wheel and use it as its user would, outside the checkout
	$(PYTEST) -m slow tests/test_wheel.py

science: $(READY)  ## the slow tests: published results on full samples
	$(PYTEST) -m slow

ecosystem: $(READY)  ## docs/examples with a dozen libraries, each at its own versions: [ONLY="torchrl skrl"] [WHEEL=1]
	$(BIN)/python tests/ecosystem/run.py $(if $(WHEEL),--wheel) $(ONLY)

results: $(READY)  ## tune, train, benchmark, explain, export; tables, RESULTS.md, docs/results: [QUICK=1] small numbers, under runs/
	$(BIN)/metaenv results $(if $(QUICK),--quick)

speed: $(READY)  ## patient-weeks per second, beside CartPole on this machine
	$(BIN)/metaenv speed

bench: speed

format: $(READY)  ## sort imports, mend what ruff can mend, format
	$(BIN)/ruff check --fix
	$(BIN)/ruff format

clean:  ## remove caches, builds and .venv-ecosystem; .venv and runs/ stay
	rm -rf build dist .venv-ecosystem .mypy_cache .pytest_cache .ruff_cache .hypothesis .import_linter_cache .benchmarks .metaenv_cache docs/_build
	find metaenv agents experiments tests -name __pycache__ -type d -prune -exec rm -rf {} +

$(READY): pyproject.toml constraints.txt | $(BIN)/python
	@$(BIN)/python -m pip --version > /dev/null 2>&1 || { echo ".venv has no pip: remove it (rm -rf .venv) and run make again" >&2; exit 1; }
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -c constraints.txt -e '.[agents,experiments,play,video,dev]'
	@touch $@

$(BIN)/python:
	@command -v '$(PYTHON)' > /dev/null || { echo "no interpreter '$(PYTHON)': install Python 3.11 or newer, or name one, make PYTHON=/path/to/python3" >&2; exit 1; }
	@'$(PYTHON)' -c 'import sys; sys.version_info >= (3, 11) or sys.exit("needs Python 3.11 or newer, got %d.%d: make PYTHON=/path/to/python3" % sys.version_info[:2])'
	@'$(PYTHON)' -c 'import ensurepip, venv' 2> /dev/null || { echo "'$(PYTHON)' cannot create environments with pip: install its venv package (Debian, Ubuntu: python3-venv)" >&2; exit 1; }
	'$(PYTHON)' -m venv .venv || { rm -rf .venv; exit 1; }
