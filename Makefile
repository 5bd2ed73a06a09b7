# What CI runs is what a person runs. Every target sets up what it needs in .venv.
.DEFAULT_GOAL := help
.PHONY: help install lock format lint types test torture check matrix web-test image-test cover mutants bench demo pictures build release clean

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
READY := $(VENV)/.ready
BENCH_READY := $(VENV)/.bench-ready
MUTANTS_READY := $(VENV)/.mutants-ready
WEB_READY := $(VENV)/.web-ready
SCALE_READY := $(VENV)/.scale-ready

# All that pip installs, here and for builds, in the versions of constraints.txt: so nothing fails on
# a day on which nobody has changed anything. From 25.3 on pip takes the second for builds.
export PIP_CONSTRAINT := constraints.txt
export PIP_BUILD_CONSTRAINT := constraints.txt
# The oldest that is supported: what it can install, newer ones can, too.
LOCK_PYTHON ?= python3.11

help: ## Show this list
	@grep -E '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/^([a-z-]+):.*## (.*)/  make \1\t\2/' | expand -t 18

# Anew whenever the dependencies change.
$(READY): pyproject.toml constraints.txt
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --editable '.[dev]'
	@touch $@

install: $(READY) ## Make .venv with the program and what developing it takes
	@echo "installed: $(BIN)/cardstatus"

lock: ## Write the newest versions of all dependencies and tools into constraints.txt
	rm -rf .lock
	$(LOCK_PYTHON) -m venv .lock
	env -u PIP_CONSTRAINT -u PIP_BUILD_CONSTRAINT .lock/bin/python -m pip install --quiet \
		--disable-pip-version-check '.[dev,web,web-test,bench,mutants,scale-test]' hatchling editables
	{ echo '# Made by `make lock`, see CONTRIBUTING.md. Holds development and CI still; users get the'; \
		echo '# ranges of pyproject.toml.'; \
		.lock/bin/python -m pip freeze --exclude cardstatus; } > .lock/constraints.txt
	mv .lock/constraints.txt constraints.txt
	rm -rf .lock

format: $(READY) ## Format the code
	$(BIN)/ruff format src tests bench
	$(BIN)/ruff check --fix src tests bench

lint: $(READY) ## Check the code's form
	$(BIN)/ruff format --check src tests bench
	$(BIN)/ruff check src tests bench

types: $(READY) ## Check the types
	$(BIN)/mypy

test: $(READY) ## Run the tests
	$(BIN)/python -m pytest

torture: $(READY) ## Long runs: kills, full disks, crowds, hostile files (an hour)
	$(BIN)/python -m pytest -m torture $(ARGS)

check: lint types test ## Lint, types and tests: what must pass before a commit

matrix: ## Run the tests under each supported Python that is on this machine
	sh tools/matrix.sh $(ARGS)

# Apart from the others: a browser's driver and a tester of JSON are for this only.
$(WEB_READY): $(READY)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --editable '.[dev,web,web-test]'
	@touch $@

# The pages are skipped where there is no chromium and chromedriver (Debian: chromium-driver).
web-test: $(WEB_READY) ## Try `serve`: plain HTTP, pages in Chromium, JSON by schemathesis
	$(BIN)/python -m pytest -m web

# Without a registry of images: on a base of Debian's packages. Skipped where it cannot be.
image-test: $(READY) ## Build the container's image, and try it: data in, answers, health check
	PIP="$(BIN)/python -m pip" sh tools/image-test.sh

# Apart from the others: Spark takes 450 MB, and a Java runtime (Debian: openjdk-17-jre-headless).
$(SCALE_READY): $(READY)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --editable '.[dev,scale-test]'
	@touch $@

scale-test: $(SCALE_READY) ## Compare Spark, DuckDB and PostgreSQL with the program's own answers
	$(BIN)/python -m pytest -m scale $(ARGS)

cover: $(READY) ## Run the tests and show what they do not reach
	$(BIN)/python -m pytest --cov --cov-report=term-missing

$(MUTANTS_READY): $(READY)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --editable '.[dev,mutants]'
	@touch $@

mutants: $(MUTANTS_READY) ## Put faults into what decides and reads, and count those no test finds
	HYPOTHESIS_PROFILE=mutants $(BIN)/mutmut run
	$(BIN)/mutmut results

# Apart from the others: DuckDB and pandas are for this only.
$(BENCH_READY): $(READY)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --editable '.[dev,bench]'
	@touch $@

bench: $(BENCH_READY) ## Measure beside DuckDB, sqlite3, sqlite-utils, pandas (ARGS="--rows N")
	$(BIN)/python -m bench --write $(ARGS)

demo: $(READY) ## Take sample_data in, look cards up, export, and show problems
	@BIN=$(BIN) sh docs/examples/demo.sh

pictures: $(WEB_READY) ## Make the pictures of docs/images anew; those of pages where Chromium is
	$(BIN)/python docs/images/terminal.py
	$(BIN)/python docs/images/web.py

build: $(READY) ## Build sdist and wheel into dist/
	$(BIN)/python -m build

release: $(READY) ## Check, build and tag VERSION=x.y.z, without publishing
	sh tools/release.sh $(VERSION)

clean: ## Remove what the other targets made
	rm -rf $(VENV) .matrix .lock dist build htmlcov mutants .coverage .pytest_cache .mypy_cache .ruff_cache .hypothesis
	find src tests bench -name __pycache__ -type d -exec rm -rf {} +
