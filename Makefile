# The everyday commands. Needs make and a Python 3.11 or newer with venv; everything else is set up in .venv.

ENV ?= local
VENV := .venv
BIN := $(VENV)/bin
PROVISIONER := $(BIN)/provisioner
JOBS ?= 2

export PIP_DISABLE_PIP_VERSION_CHECK = 1
# Without bytecode, each of the processes that the tests start would compile the package again.
unexport PYTHONDONTWRITEBYTECODE

# Only the local org is applied to without a question; for the others say YES=1, or answer at the terminal.
yes_for = $(if $(filter local,$(1)),--yes,$(if $(filter 1 yes true,$(YES)),--yes))
channel = $(if $(CHANNEL),--channel '$(CHANNEL)')
deployment = $(if $(DEPLOYMENT),--deployment '$(DEPLOYMENT)')

.PHONY: help validate plan apply drift diagnose verify promote sample-chat \
        setup setup-dev setup-docs setup-policies setup-tools test test-quick test-all test-lowest fuzz mutants \
        conformance lint format bench measure check-docs reference site lock audit clean
.DEFAULT_GOAL := help

help: ## list the commands of make
	@echo 'usage: make COMMAND [ENV=local] [ARGS="--more --options"]'
	@echo
	@sed -n 's/^\([a-z-]*\):.*## \(.*\)/\1|\2/p' Makefile | while IFS='|' read -r name what; do \
	  printf '  %-12s %s\n' "$$name" "$$what"; done
	@echo
	@echo 'ENV is a file of config/environments, without .yaml; validate, plan and drift take several: ENV='"'"'qa,prod*'"'"'.'
	@echo 'make passes --yes only for ENV=local; for others give YES=1, or answer at the terminal.'
	@echo 'If a command fails, make itself exits with 2 and prints the command'"'"'s own status as "Error N":'
	@echo '1 wrong input, 2 drift, 3 refused, 4 no login, 5 refused by the org, 6 still running, 64 wrong usage.'
	@echo 'A pipeline that needs the status must call .venv/bin/provisioner directly.'

validate: setup ## check the declaration for ENV; sends nothing
	@$(PROVISIONER) validate --env '$(ENV)' $(ARGS)

plan: setup ## show what apply would change in ENV
	@$(PROVISIONER) plan --env '$(ENV)' $(ARGS)

apply: setup ## apply the declaration to ENV
	@$(PROVISIONER) apply --env '$(ENV)' $(call yes_for,$(ENV)) $(ARGS)

drift: setup ## show where ENV differs from the declaration, and who last changed it
	@$(PROVISIONER) drift --env '$(ENV)' $(ARGS)

diagnose: setup ## find out why the login to ENV fails
	@$(PROVISIONER) diagnose login --env '$(ENV)' $(ARGS)

verify: setup ## prove at the chat runtime that tokens verify: CHANNEL=… DEPLOYMENT=…
	@$(PROVISIONER) verify --env '$(ENV)' $(channel) $(deployment) $(ARGS)

sample-chat: setup ## chat as a customer of a sample shop: http://localhost:8100 (docs/sample-chat/README.md)
	@$(BIN)/python docs/sample-chat/start.py $(ARGS)

promote: setup ## promote the verified configuration of FROM to TO: FROM=sandbox TO=production
	@if [ -z '$(FROM)' ] || [ -z '$(TO)' ]; then \
	  echo 'make promote needs both ends: make promote FROM=sandbox TO=production' >&2; exit 64; fi
	@$(PROVISIONER) promote --from '$(FROM)' --to '$(TO)' $(call yes_for,$(TO)) $(ARGS)

test: setup-dev ## every test; with npm also those with the official Salesforce CLI
	@$(BIN)/python -m pytest -n $(JOBS) $(ARGS)

test-quick: setup-dev ## every test except those with the official Salesforce CLI
	@$(BIN)/python -m pytest -n $(JOBS) -m 'not conformance' $(ARGS)

test-all: setup-dev ## every test, killed at every step, and the whole matrices (docs/proof.md): three hours
	@KILL_EVERYWHERE=1 $(BIN)/python -m pytest -n $(JOBS) $(ARGS)
	@$(BIN)/python -m tests.faults --jobs $(JOBS) --out docs/proof.md
	@$(BIN)/python -m tests.hostile --jobs $(JOBS) --proof docs/proof.md

test-lowest: ## the tests with the lowest package versions that pyproject.toml allows, without the official CLI
	@$(call install,$(LOWEST)) .ci/lowest.txt --editable .
	@$(LOWEST)/bin/python -m pytest -n $(JOBS) -m 'not conformance' $(ARGS)

fuzz: setup-tools ## coverage-guided fuzzing of everything that parses untrusted input: SECONDS=60 for each target
	@$(BIN)/python -m tests.fuzz --seconds '$(or $(SECONDS),60)' $(ARGS)

mutants: setup-tools ## mutation testing of a sample, an hour (docs/mutation.md): ROOMS='rules planning' SAMPLE=100 SEED=1
	@$(BIN)/python -m tests.mutation $(ROOMS) --jobs $(JOBS) --sample '$(or $(SAMPLE),60)' $(if $(SEED),--seed $(SEED)) $(ARGS)

conformance: setup-dev ## only the tests with the official Salesforce CLI, keytool and openssl
	@$(BIN)/python -m pytest -n $(JOBS) -m conformance $(ARGS)

lint: setup-dev ## check style, types and import boundaries
	@failed=0; \
	$(BIN)/ruff check --quiet --output-format concise . || failed=1; \
	$(BIN)/ruff format --quiet --check --output-format concise . || failed=1; \
	$(BIN)/python -m mypy --no-error-summary || failed=1; \
	arrows=$$($(BIN)/lint-imports --no-logo 2>&1) || { echo "$$arrows"; failed=1; }; \
	exit $$failed

format: setup-dev ## format the code
	@$(BIN)/ruff check --quiet --fix . || true
	@$(BIN)/ruff format --quiet .

check-docs: setup-dev ## test the commands and examples of the documentation
	@$(BIN)/python -m pytest -n $(JOBS) tests/docs $(ARGS)

reference: setup-dev ## write docs/reference again from the code
	@$(BIN)/python -m tests.docs.reference

site: setup-docs ## build the documentation site into build/site, and check every link and anchor
	@$(BIN)/python -m tests.docs.site

bench: setup-dev ## compare provisioner with the official Salesforce CLI, as ratios
	@$(BIN)/python -m bench $(ARGS)

measure: setup-dev ## measure the code: lines, files, late imports, start-up
	@$(BIN)/python -m bench.code $(ARGS)

clean: ## remove .venv, caches and build results; keeps the state of the local org
	@rm -rf $(VENV) build dist .cache .pytest_cache .mypy_cache .ruff_cache .hypothesis .fuzz .import_linter_cache .coverage*

# --- Setting up -----------------------------------------------------------------------------------------------
# Only files that a lock pins by their hashes are installed, so that no later release changes what is tested (.ci/lock).
# Each stamp says that the files of one lock are in .venv. It holds the folder and the Python that it was made with: a
# virtual environment survives neither being moved nor another Python.

PYTHON_VERSION := $(shell '$(or $(PYTHON),$(BIN)/python)' -I -c 'import platform; print(platform.python_version())' 2>/dev/null)
MADE_HERE := $(CURDIR) $(PYTHON_VERSION)
RUNTIME := $(VENV)/.installed
DEVELOPMENT := $(VENV)/.installed-dev
SITE := $(VENV)/.installed-docs
POLICIES := $(VENV)/.installed-policies
TOOLS := $(VENV)/.installed-tools
LOWEST := .cache/lowest
install = PYTHON='$(PYTHON)' .ci/venv $(or $(1),$(VENV))
stamp = printf '%s %s' '$(CURDIR)' "$$($(BIN)/python -I -c 'import platform; print(platform.python_version())')"

.PHONY: unusable
unusable:
define remake_unless_made_here
ifneq ($(shell cat $(1) 2>/dev/null),$(MADE_HERE))
$(1): unusable
endif
endef
$(foreach each,$(RUNTIME) $(DEVELOPMENT) $(SITE) $(POLICIES) $(TOOLS),$(eval $(call remake_unless_made_here,$(each))))

setup: $(RUNTIME)
setup-dev: $(DEVELOPMENT)
setup-docs: $(SITE)
setup-policies: $(POLICIES)
setup-tools: $(TOOLS)

$(RUNTIME): pyproject.toml .ci/runtime.txt
	@$(call install) .ci/runtime.txt --editable .
	@$(stamp) > $@

$(DEVELOPMENT): pyproject.toml .ci/requirements.txt
	@$(call install) .ci/requirements.txt --editable .
	@$(stamp) | tee $(RUNTIME) > $@

$(SITE): .ci/docs.txt $(DEVELOPMENT)
	@$(call install) .ci/docs.txt
	@$(stamp) > $@

$(POLICIES): .ci/policies.txt $(DEVELOPMENT)
	@$(call install) .ci/policies.txt
	@$(stamp) > $@

$(TOOLS): .ci/tools.txt $(DEVELOPMENT)
	@$(call install) .ci/tools.txt
	@$(stamp) > $@

lock: setup-tools ## update every package to its newest version, pinned by hashes (.ci/lock keeps versions that still fit)
	@.ci/lock --upgrade $(ARGS)

audit: setup-tools ## check every installed package against the advisory database
	@for each in runtime requirements docs policies tools; do \
	  $(BIN)/pip-audit --require-hashes --disable-pip --requirement .ci/$$each.txt || failed=1; done; exit $${failed:-0}
