# make setup    builds .venv from the locked versions, ready to run Kiosque
# make check    everything that must hold before a change is kept
# make demo     a small archive of our own, three questions, what to type next
# make evaluate the question sets of ../shared, into tests/benchmarks/results.md
# make bench    the slow measurements
# make safety   kills, failing writes, damage, load and a thousand changes (an hour)
# make server-check  a real Chroma server: killed, asked under load, compared (ten minutes)
# make lock     the locks, written again from pyproject.toml (needs uv)
# make clean    takes away what the above made

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
PIP := $(BIN)/python -m pip --disable-pip-version-check -qq
# A third of the tests' time is waiting, for the disk and for processes: one more than two cores.
WORKERS ?= 3
# Set in many containers: our modules would be compiled again in each process that a test starts.
unexport PYTHONDONTWRITEBYTECODE

.PHONY: setup dev check demo evaluate bench safety server-check lock clean

setup: $(VENV)/.runtime
	@echo "Ready: $(BIN)/kiosque --help (or: . $(BIN)/activate)"

# The stamps are as new as the locks they were made from: a second `make setup` does nothing.
$(VENV)/.runtime: requirements.lock pyproject.toml
	@echo "Making $(VENV) with $$($(PYTHON) --version)"
	@test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	@echo "Installing $$(grep -c '==' requirements.lock) locked packages (a minute or two, about 150 MB)"
	@$(PIP) install --require-hashes -r requirements.lock
	@$(PIP) install --no-build-isolation --no-deps --editable .
	@touch $@

$(VENV)/.dev: requirements-dev.lock $(VENV)/.runtime
	@echo "Installing the tools that check the code"
	@$(PIP) install --require-hashes -r requirements-dev.lock
	@touch $@

dev: $(VENV)/.dev

check: $(VENV)/.dev
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/pytest -n $(WORKERS) --dist worksteal

demo: setup
	@PATH="$(CURDIR)/$(BIN):$$PATH" sh tests/demo.sh

evaluate: $(VENV)/.dev
	$(BIN)/python -m tests.benchmarks.evaluate $(ARGS)

bench: $(VENV)/.dev
	$(BIN)/python -m tests.benchmarks $(ARGS)

safety: $(VENV)/.dev
	$(BIN)/python -m tests.benchmarks.safety $(ARGS)

server-check: $(VENV)/.dev
	$(BIN)/python -m tests.benchmarks.server_check $(ARGS)

# Hashes and versions come from the public registry; no address is written.
lock:
	uv pip compile --universal --python-version 3.11 --generate-hashes --no-emit-index-url \
	    --no-header --extra build pyproject.toml --output-file requirements.lock
	uv pip compile --universal --python-version 3.11 --generate-hashes --no-emit-index-url \
	    --no-header --extra build --extra dev --constraint requirements.lock pyproject.toml \
	    --output-file requirements-dev.lock

clean:
	rm -rf $(VENV) .demo .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache
