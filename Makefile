# Every target sets up what it needs; nothing is installed outside this folder.

STAGE ?= dev
CDK = node_modules/.bin/cdk
PYTHON = .venv/bin/python
CODE = infra functions shared cli tests tools

# CDK's and the tests' modules are compiled once, whatever the shell says about bytecode.
unexport PYTHONDONTWRITEBYTECODE
export PYTHONPYCACHEPREFIX := $(CURDIR)/build/pycache
export JSII_SILENCE_WARNING_END_OF_LIFE_NODE_VERSION := 20

.DEFAULT_GOAL := help
.PHONY: help setup up down demo smoke test journeys bench lint types imports check synth deploy destroy clean

help: ## list the targets
	@awk -F ':.*## ' '/^[a-z]+:.*## / { printf "  make %-9s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

setup: .venv/ready .venv-emulator/ready node_modules/ready ## install the pinned tools (the other targets do it too)

up: setup ## deploy the stacks into an AWS emulator on this machine, described in build/local.json
	@$(PYTHON) -m cli.laptop up

down: .venv/ready ## end that emulator
	@$(PYTHON) -m cli.laptop down

demo: setup ## deploy likewise, and take a tour through the deployed API
	@$(PYTHON) -m cli demo

smoke: .venv/ready ## visit the deployed STAGE without moving a point (STAGE=local: the one on this machine)
	@$(PYTHON) -m cli smoke --stage $(STAGE)

test: setup ## run the tests on two cores; JIFEN_TEST_PROFILE=full runs the random ones for longer
	@$(PYTHON) -m pytest -q -n 2 --dist worksteal -m "not e2e"

journeys: setup ## run the journeys over HTTP, against stacks deployed for them on this machine
	@$(PYTHON) -m pytest -q tests/e2e

bench: setup ## measure the figures, print them and write build/bench.json; takes some minutes
	@$(PYTHON) -m tools.bench

lint: .venv/ready ## check style and format
	@$(PYTHON) -m ruff check --quiet $(CODE)
	@$(PYTHON) -m ruff format --quiet --check $(CODE)

types: .venv/ready ## check the types
	@$(PYTHON) -m mypy --no-error-summary $(CODE)

imports: .venv/ready ## check who imports whom
	@.venv/bin/lint-imports --no-logo

check: lint types imports test ## everything that must hold before a change is merged

synth: .venv/ready node_modules/ready ## write the templates of STAGE to build/cdk.out
	@mkdir -p build
	@$(CDK) synth --quiet -c stage=$(STAGE) > build/synth.log 2>&1 || { cat build/synth.log >&2; exit 1; }
	@grep WARNING build/synth.log || true
	@echo "the templates of $(STAGE) are in build/cdk.out"

deploy: .venv/ready node_modules/ready ## deploy STAGE to the AWS account of your shell
	@$(CDK) deploy --all -c stage=$(STAGE)

destroy: .venv/ready node_modules/ready ## delete the stacks of STAGE (prod keeps its tables)
	@$(CDK) destroy --all -c stage=$(STAGE)

clean: ## end what runs, and remove everything that was made
	@if [ -x $(PYTHON) ]; then $(PYTHON) -m cli.laptop down; fi
	@rm -rf build cdk.out .venv .venv-emulator node_modules .mypy_cache .pytest_cache .ruff_cache .hypothesis

.venv/bin/uv: requirements/uv.txt
	@echo "making .venv"
	@test -x $(PYTHON) || python3 -m venv .venv
	@$(PYTHON) -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements/uv.txt
	@touch $@

.venv/ready: .venv/bin/uv requirements/dev.txt
	@echo "installing requirements/dev.txt"
	@.venv/bin/uv pip sync --quiet --python $(PYTHON) --require-hashes requirements/uv.txt requirements/dev.txt
	@.venv/bin/uv pip install --quiet --python $(PYTHON) --no-deps --no-build-isolation --editable .
	@touch $@

.venv-emulator/ready: .venv/bin/uv requirements/emulator.txt
	@echo "installing requirements/emulator.txt"
	@test -x .venv-emulator/bin/python || .venv/bin/uv venv --quiet --python $(PYTHON) .venv-emulator
	@.venv/bin/uv pip sync --quiet --python .venv-emulator/bin/python --require-hashes requirements/emulator.txt
	@touch $@

node_modules/ready: package-lock.json
	@echo "installing package-lock.json"
	@npm ci --silent --no-audit --no-fund
	@touch $@
