# One command each. `make` lists them.

VENV := .venv
PYTHON := $(VENV)/bin/python
READY := $(VENV)/.ready
WEB_READY := web/node_modules/.ready
NPM := $(PYTHON) -m infra.node npm
ARCH ?= x86_64
ENV ?= dev
VIDEO ?=
EMAIL ?=
PORT ?=
COUNT ?= 500
SECONDS ?= 600
SOCKETS ?= 300
KILLS ?= 20
SEED ?= 1
PARTS ?=

.DEFAULT_GOAL := help
.PHONY: help setup run up down test test-storage test-browser check types lock build deploy admin keys bench fuzz faults soak screenshots clean

help: ## this list
	@awk -F ':.*## ' '/^[a-z-]+:.*## /{printf "  make %-13s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

setup: $(READY) $(WEB_READY) ## install everything into .venv and web/node_modules (needs Python 3.12 or newer, nothing else)

$(READY): requirements/dev.txt requirements/uv.txt pyproject.toml
	@sh infra/setup.sh $(VENV)
	@touch $@

$(WEB_READY): $(READY) web/.npmrc web/package.json web/package-lock.json $(wildcard web/packages/*/package.json) web/app/package.json
	@echo "installing web/package-lock.json"
	@$(NPM) ci --loglevel=error
	@touch $@

run: setup ## start the local stack (PORT=8000), upload a clip (VIDEO=path for your own), watch its transcode
	@test -z "$(VIDEO)" || test -f "$(VIDEO)" || { echo "There is no file $(VIDEO)." >&2; exit 1; }
	@$(VENV)/bin/videosite up $(if $(PORT),--port $(PORT))
	@$(VENV)/bin/videosite upload "$(or $(VIDEO),$$($(PYTHON) -m infra.clip))" $(if $(VIDEO),,--title "Big Buck Bunny") --watch
	@echo "The stack is still running. Stop it with: make down"

up: setup ## start the local stack (PORT=8000)
	@$(VENV)/bin/videosite up $(if $(PORT),--port $(PORT))

down: $(READY) ## stop the local stack
	@$(VENV)/bin/videosite down

test: setup ## all tests: web client, unit, media with real FFmpeg, and the stack, with coverage
	@$(NPM) run build
	@$(NPM) test
	@$(PYTHON) -m infra.build
	@$(PYTHON) -m infra.web
	@$(PYTHON) -m pytest -n 2 --cov --cov-report=term

test-storage: setup ## the stack's tests once more, with SeaweedFS for storage (make test uses MiniStack's), and the stores' contract
	@$(PYTHON) -m infra.build
	@$(PYTHON) -m pytest tests/storage tests/stack --storage seaweedfs

test-browser: setup ## all of the console's tests in Chromium (make test runs the one that goes through everything)
	@$(PYTHON) -m infra.build
	@$(PYTHON) -m infra.web
	@$(PYTHON) -m pytest tests/stack/test_browser.py --every-spec

check: setup ## ruff, mypy, cfn-lint, biome, tsc, the API's client in step with the API
	@$(VENV)/bin/ruff check .
	@$(VENV)/bin/ruff format --check .
	@$(MAKE) --no-print-directory types
	@$(VENV)/bin/cfn-lint template.yaml
	@$(PYTHON) -m infra.openapi --check
	@$(NPM) run check

types: $(READY)
	@$(VENV)/bin/mypy layers/common/videosite cli infra tests

lock: $(READY) ## pin requirements/*.txt anew, with hashes
	@$(PYTHON) -m infra.lock

build: setup ## layers and functions for AWS (ARCH=x86_64 or arm64), and the console
	@$(PYTHON) -m infra.build --arch $(ARCH)
	@$(PYTHON) -m infra.web

deploy: build ## build and deploy to AWS (ENV=dev or prod, as in samconfig.toml)
	@$(PYTHON) -m infra.deploy --config-env $(ENV) --arch $(ARCH)

admin: $(READY) ## make an admin of a stack on AWS (EMAIL=address ENV=dev or prod); shows the password once
	@$(PYTHON) -m infra.admin "$(EMAIL)" --config-env $(ENV)

keys: $(READY) ## rotate the keys of access tokens of a stack on AWS (ENV=dev or prod)
	@$(PYTHON) -m infra.keys --config-env $(ENV)

bench: setup ## measure against one FFmpeg process and Shaka Streamer (PARTS="api rate realtime storage sides growth simulation long")
	@$(PYTHON) -m tests.bench $(PARTS)

fuzz: $(READY) ## damaged files against a worker's steps, generated requests against the API (COUNT=500)
	@$(PYTHON) -m tests.fuzz --count $(COUNT)
	@VIDEOSITE_FUZZ_CASES=$(COUNT) $(PYTHON) -m pytest -n 2 -q tests/functions/api/test_generated_requests.py

faults: setup ## kill workers of a job at random, send all twice, kill the storage; cancel (KILLS=20 SEED=1)
	@$(PYTHON) -m infra.build
	@$(PYTHON) -m tests.faults --kills $(KILLS) --seed $(SEED)

soak: setup ## sockets that come and go while jobs run (SECONDS=600 SOCKETS=300)
	@$(PYTHON) -m tests.soak --seconds $(SECONDS) --sockets $(SOCKETS)

screenshots: setup ## pictures of the console's pages in both languages and themes, into docs/screenshots (needs Chromium)
	@$(PYTHON) -m infra.build
	@$(PYTHON) -m infra.web
	@$(PYTHON) -m tests.screens

clean: ## remove what was built and installed (the local stack's data stay)
	@if [ -x $(VENV)/bin/videosite ]; then $(VENV)/bin/videosite down; fi
	@rm -rf build web/node_modules web/packages/*/dist $(VENV) .local/envs .mypy_cache .ruff_cache .pytest_cache .coverage .coverage.*
