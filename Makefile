# Everything a person or CI does with this checkout. Each target first brings what it needs; see deploy/local/.
SHELL := /bin/bash
.SHELLFLAGS := -euo pipefail -c
.ONESHELL:
.DEFAULT_GOAL := help
.PHONY: help run reset test lint format bench faults requirements

export PORT PYTHON  # PYTHON= names the interpreter that .venv is made with.
only := $(if $(ONLY),--only $(ONLY))

help:  ## Show this list.
	@awk -F ':.*## ' '/^[a-z]+:.*## / {printf "  make %-13s %s\n", $$1, $$2}' Makefile

run:  ## Start everything on this machine and say how to use it; Ctrl-C stops it. PORT=8001 moves the web server.
	@deploy/local/bootstrap run
	exec .venv/bin/python -m deploy.local run

reset:  ## Forget what `make run` keeps in var/: database, credentials, logs.
	@deploy/local/bootstrap run
	exec .venv/bin/python -m deploy.local reset

test:  ## Run the tests beside throw-away servers. ARGS="-k claim" goes to pytest.
	@deploy/local/bootstrap dev
	deploy/local/test-tools
	exec .venv/bin/python -m deploy.local with-services .venv/bin/python -m pytest $(ARGS)

lint:  ## Style, types, import rules, migrations, Django's deployment checks.
	@deploy/local/bootstrap dev
	exec .venv/bin/python -m deploy.local with-services deploy/local/lint

format:  ## Let ruff lay out the code and mend what it can.
	@deploy/local/bootstrap dev
	.venv/bin/ruff format .
	.venv/bin/ruff check --fix .

bench:  ## Measure: a table, and var/bench.json. ONLY=name runs one, ROUNDS=1 each once.
	@deploy/local/bootstrap dev
	exec .venv/bin/python -m benchmarks $(only) $(if $(ROUNDS),--rounds $(ROUNDS))

faults:  ## Kill, stop and empty things while mail flows. ONLY=name runs one.
	@deploy/local/bootstrap dev
	deploy/local/test-tools
	exec .venv/bin/python -m tests.faults $(only)

requirements:  ## Pin requirements/*.in anew into *.txt. ARGS=--upgrade takes newer versions.
	@deploy/local/bootstrap dev
	export UV_SYSTEM_CERTS=1
	for name in uv base local dev bench; do
	  .venv/bin/python -m uv pip compile --quiet --generate-hashes --no-emit-index-url --universal --python-version 3.11 \
	    requirements/$$name.in -o requirements/$$name.txt $(ARGS)
	done
