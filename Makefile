# Short targets. `make run` is the first thing to type; `make check` the last before a commit.
PYTHON ?= python3.11
BIN := .venv/bin
# Whoever keeps no bytecode compiles three hundred files anew in each worker: 6 s of processor time.
PYTEST := PYTHONDONTWRITEBYTECODE= $(BIN)/pytest -n 2 --dist loadfile --no-loadscope-reorder

run: .venv/ready            ## a made-up province through the whole pipeline
	$(BIN)/zhaoren demo

test: .venv/ready-dev       ## every test but the long ones
	$(PYTEST) -m "not long"

test-unit: .venv/ready-dev  ## what has its answer in seconds: single parts, and the tables policy staff read
	$(PYTEST) -m "not long and not slow" tests/unit tests/spec

test-long: .venv/ready-dev  ## the long ones, and many new examples of the generative ones
	$(BIN)/pytest -m long
	$(PYTEST) -m "hypothesis and not long" --hypothesis-profile new

lint: .venv/ready-dev       ## format, lint and types; all reported
	@failed=; for tool in "ruff format --check ." "ruff check ." mypy; do \
	  echo "== $$tool"; $(BIN)/$$tool || failed="$$failed [$$tool]"; done; \
	if [ -n "$$failed" ]; then echo "failed:$$failed"; exit 1; fi

check:                      ## lint and test; all reported
	@failed=; for target in lint test; do $(MAKE) --no-print-directory $$target || failed="$$failed $$target"; done; \
	if [ -n "$$failed" ]; then echo "failed:$$failed"; exit 1; fi; echo "all checks passed"

format: .venv/ready-dev     ## correct what the formatter and linter can
	$(BIN)/ruff format . && $(BIN)/ruff check --fix .

bench: .venv/ready-dev      ## speed and memory, as ratios within one run; SIZES=, MONTHS=, PROVINCE=, PARTS=
	$(BIN)/python -m tests.bench

SEED ?= 11
PERSONS ?= 100000
judge: .venv/ready-dev      ## what is found in provinces nobody looked at; SEED="11 12 13", PERSONS=, MONTHS=
	$(BIN)/python -m tests.judge --seed $(SEED) --persons $(PERSONS) --months $(or $(MONTHS),12)

docs: .venv/ready           ## pages made from contracts and rules; docs/policies/ is not committed
	$(BIN)/zhaoren contracts docs
	$(BIN)/zhaoren policies docs --index docs

COMPILE := $(BIN)/uv pip compile --quiet --generate-hashes --no-emit-index-url --no-header --python-version 3.11

lock: .venv/ready-dev       ## resolve pyproject.toml anew: what runs, and apart what tests and tools need beside it
	$(COMPILE) --extra build pyproject.toml -o requirements.lock
	$(COMPILE) --extra dev --constraint requirements.lock pyproject.toml -o requirements-dev.lock \
	  $$(sed -nE 's/^([a-z0-9._-]+)==.*/--no-emit-package \1/p' requirements.lock)

licences: .venv/ready-dev   ## list what is installed to run with its licence; fails where one is refused
	$(BIN)/python -m tests.supply.licences

sbom: .venv/ready-dev       ## a bill of materials of what runs (CycloneDX), from the lock
	$(BIN)/python -m tests.supply.materials build/zhaoren.cdx.json

debian:                     ## Debian packages that are not Python's: what draws PDF, Chinese fonts, and PostgreSQL for a lake's tests
	apt-get install -y --no-install-recommends libpango-1.0-0 libpangoft2-1.0-0 libharfbuzz-subset0 fonts-noto-cjk postgresql

clean:                      ## remove what the targets above made
	rm -rf .venv var build dist *.egg-info

.venv/ready: requirements.lock pyproject.toml
	$(PYTHON) -I flows/install.py .venv
	touch $@

.venv/ready-dev: .venv/ready requirements-dev.lock
	$(PYTHON) -I flows/install.py .venv requirements-dev.lock
	touch $@

.PHONY: run test test-unit test-long lint check format bench judge docs lock licences sbom debian clean
