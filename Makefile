# GNU make. Everything lives in .venv; `test` and `demo` make it themselves.
# What the system came with, where that will do: distributions build it with profiles, and it takes a fifth less of the
# processor than one that was only compiled, as pyenv does (docs/adr/0043).
PYTHON ?= $(shell /usr/bin/python3 -c 'import sys, ensurepip; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && echo /usr/bin/python3 || echo python3)
VENV   := .venv
BIN    := $(VENV)/bin
STAMP  := $(VENV)/.installed
UV     ?= uv
SEEDS  ?= 10000
KILLS  ?= 500
BOOKINGS ?= 20000
TIMES  ?= 20
WORKERS ?= 4
ARGS   ?=

# What is compiled is kept, also where the environment forbids it, as that of containers does: the tests start Python some
# hundred times, and each time would compile all of src, or all of tests, anew.
export PYTHONDONTWRITEBYTECODE :=

LOCK = pip compile --quiet --universal --python-version 3.11 --generate-hashes --prerelease if-necessary-or-explicit \
	--no-emit-index-url --no-emit-find-links --custom-compile-command "make lock"

.DEFAULT_GOAL := help
.PHONY: help setup demo up down test check contracts publish bench bench-services bench-events bench-search overload simulate soak crashes lock clean

help: ## list the targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "  make %-14s %s\n", $$1, $$2}' Makefile

setup: $(STAMP) ## make .venv with everything in it (nothing to do when it is there)

$(STAMP): requirements/dev.txt pyproject.toml
	@command -v "$(PYTHON)" >/dev/null || { echo "no '$(PYTHON)' here: install Python 3.11 or newer"; exit 1; }
	@"$(PYTHON)" -c 'import sys; v = sys.version_info; v >= (3, 11) or sys.exit("myticket needs Python 3.11 or newer, $(PYTHON) is %d.%d; name another: make PYTHON=python3.12 setup" % v[:2])'
	"$(PYTHON)" -m venv --clear $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements/dev.txt
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation -e .
	@touch $@

demo: setup ## the whole scenario over HTTP, told step by step (ARGS=--exit to stop at the end)
	@$(BIN)/myticket demo $(ARGS)

up: setup ## the five services on PostgreSQL, documents and Kafka, ports 8081 to 8085, until Ctrl-C or make down
	@$(BIN)/python -m scripts.up up $(ARGS)

down: setup ## end what make up runs
	@$(BIN)/python -m scripts.up down $(ARGS)

test: setup ## every test, a file at a time on each of WORKERS=4 processes (ARGS go to pytest; WORKERS=0: on this one)
	@$(BIN)/python -m pytest -q -n $(WORKERS) --dist loadfile --no-loadscope-reorder tests $(ARGS)

check: setup ## format, lint, types, import contracts, architecture and domain tests: under a minute
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check --quiet .
	@$(BIN)/lint-imports
	@$(BIN)/mypy --strict src & $(BIN)/python -m pytest -q tests/architecture tests/domain; told=$$?; wait $$! && exit $$told

contracts: setup ## write contracts/ anew: OpenAPI, AsyncAPI, event schemas, pacts; look at the difference
	@$(BIN)/python -m tests.contracts.refresh

publish: setup ## the pacts to the Pact Broker at PACT_BROKER_BASE_URL
	@$(BIN)/python -m tests.contracts.publish

bench: setup ## bookings per second, latencies and the ceiling of this machine
	@$(BIN)/python -m benchmarks.run $(ARGS)

bench-services: setup ## the same of the five services on PostgreSQL, documents and Kafka, beside pgbench
	@$(BIN)/python -m benchmarks.services $(ARGS)

bench-events: setup ## the relay, alarm, my page and a rebuild by themselves, beside kafka-python, pgbench and the bare driver
	@$(BIN)/python -m benchmarks.events $(ARGS)

bench-search: setup ## search over a million tickets on PostgreSQL (ARGS=--sqlite for SQLite), what registering costs
	@$(BIN)/python -m benchmarks.search $(ARGS)

overload: setup ## what buyers see while pay is hung, failing, slow, flapping, killed, or asked for twice its capacity
	@$(BIN)/python -m benchmarks.overload $(ARGS)

simulate: setup ## the simulation of faults over many seeds (SEEDS=10000)
	@$(BIN)/python -m tests.stateful.simulate --seeds $(SEEDS)

soak: setup ## kill -9 at random of services and servers under load, most of an hour (KILLS=500 BOOKINGS=20000)
	@MYTICKET_SOAK_KILLS=$(KILLS) MYTICKET_SOAK_BOOKINGS=$(BOOKINGS) MYTICKET_SOAK_CLIENTS=8 \
		$(BIN)/python -m pytest -q -s tests/e2e/test_soak.py $(ARGS)

crashes: setup ## every crash point before and after, a kill and a stop, as often as wanted (TIMES=20)
	@MYTICKET_TEST_CRASHES=$(TIMES) $(BIN)/python -m pytest -q -s tests/e2e/test_crash_points.py $(ARGS)

lock: ## resolve requirements/*.in into the hash-locked requirements/*.txt (UPGRADE=--upgrade for newer ones)
	@command -v "$(UV)" >/dev/null || { echo "no '$(UV)' here: pip install uv, or name one: make lock UV=..."; exit 1; }
	@"$(UV)" $(LOCK) $(UPGRADE) --output-file requirements/run.txt requirements/run.in
	@"$(UV)" $(LOCK) $(UPGRADE) --output-file requirements/dev.txt requirements/dev.in

clean: ## remove .venv and what tools left
	rm -rf $(VENV) build dist .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache
	find src tests benchmarks -name __pycache__ -type d -prune -exec rm -rf {} + 2>/dev/null || true
