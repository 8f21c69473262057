# Ten short targets. `make run` is the first thing to type; `make check` the last before a commit.
PYTHON ?= python3.11
BIN := .venv/bin

run: .venv/ready            ## a made-up province through the whole pipeline
	$(BIN)/zhaoren demo

test: .venv/ready           ## every test but the long ones
	$(BIN)/pytest -n 2 --dist loadfile --no-loadscope-reorder -m "not long"

test-long: .venv/ready      ## the long ones, and the generative ones on new examples
	$(BIN)/pytest -m long
	$(BIN)/pytest -n 2 --dist loadfile --no-loadscope-reorder -m "not long" --hypothesis-profile new tests/generative

check: .venv/ready          ## format, lint, types and tests; all reported
	@failed=; \
	for tool in "ruff format --check ." "ruff check ." "mypy" "pytest -n 2 --dist loadfile --no-loadscope-reorder -m 'not long'"; do \
	  echo "== $$tool"; eval "$(BIN)/$$tool" || failed="$$failed [$$tool]"; \
	done; \
	if [ -n "$$failed" ]; then echo "failed:$$failed"; exit 1; fi; echo "all checks passed"

format: .venv/ready         ## mend what the formatter and linter can
	$(BIN)/ruff format . && $(BIN)/ruff check --fix .

bench: .venv/ready          ## speed and memory, as ratios within one run
	$(BIN)/python -m tests.bench

docs: .venv/ready           ## pages made from contracts and rules; docs/policies/ is not committed
	$(BIN)/zhaoren contracts docs
	$(BIN)/zhaoren policies docs --index docs

lock:                       ## resolve pyproject.toml anew into requirements.lock
	$(BIN)/uv pip compile --quiet --all-extras --generate-hashes --no-emit-index-url --no-header \
	  --python-version 3.11 pyproject.toml -o requirements.lock

clean:                      ## remove what the targets above made
	rm -rf .venv var build dist *.egg-info

.venv/ready: requirements.lock pyproject.toml
	$(PYTHON) -m venv .venv
	$(BIN)/pip install --quiet --disable-pip-version-check --no-deps --require-hashes -r requirements.lock
	$(BIN)/pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation -e .
	touch $@

.PHONY: run test test-long check format bench docs lock clean
