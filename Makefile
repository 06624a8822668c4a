# The everyday commands. Needs make and a Python 3.11 or newer with venv; everything else is set up in .venv.

ENV ?= local
VENV := .venv
BIN := $(VENV)/bin
PROVISIONER := $(BIN)/provisioner
JOBS ?= 2

export PIP_DISABLE_PIP_VERSION_CHECK = 1

# Only the local org is applied to without a question; for the others say YES=1, or answer at the terminal.
yes_for = $(if $(filter local,$(1)),--yes,$(if $(filter 1 yes true,$(YES)),--yes))
channel = $(if $(CHANNEL),--channel '$(CHANNEL)')
deployment = $(if $(DEPLOYMENT),--deployment '$(DEPLOYMENT)')

.PHONY: help validate plan apply drift diagnose verify promote \
        setup setup-dev setup-tools test test-quick test-all test-lowest fuzz mutants conformance lint format bench check-docs lock audit clean
.DEFAULT_GOAL := help

help: ## what make can do
	@echo 'usage: make COMMAND [ENV=local] [ARGS="--more --options"]'
	@echo
	@sed -n 's/^\([a-z-]*\):.*## \(.*\)/\1|\2/p' Makefile | while IFS='|' read -r name what; do \
	  printf '  %-12s %s\n' "$$name" "$$what"; done
	@echo
	@echo 'ENV is a file of config/environments, without .yaml; validate, plan and drift take several: ENV='"'"'qa,prod*'"'"'.'
	@echo 'make says --yes for ENV=local only; for others give YES=1, or answer at the terminal.'
	@echo 'When a command fails, make itself ends with 2 and prints the command'"'"'s own status as "Error N":'
	@echo '1 wrong input, 2 drift, 3 refused, 4 no login, 5 refused by the org, 6 still running, 64 wrong usage.'
	@echo 'A pipeline that reads the status calls .venv/bin/provisioner itself.'

validate: setup ## check the declaration for ENV; sends nothing
	@$(PROVISIONER) validate --env '$(ENV)' $(ARGS)

plan: setup ## show what apply would change in ENV
	@$(PROVISIONER) plan --env '$(ENV)' $(ARGS)

apply: setup ## bring ENV to what the declaration says
	@$(PROVISIONER) apply --env '$(ENV)' $(call yes_for,$(ENV)) $(ARGS)

drift: setup ## what ENV has otherwise than declared, and who changed it last
	@$(PROVISIONER) drift --env '$(ENV)' $(ARGS)

diagnose: setup ## why the login to ENV does not work
	@$(PROVISIONER) diagnose login --env '$(ENV)' $(ARGS)

verify: setup ## prove at the chat runtime that tokens verify: CHANNEL=… DEPLOYMENT=…
	@$(PROVISIONER) verify --env '$(ENV)' $(channel) $(deployment) $(ARGS)

promote: setup ## bring TO to what FROM was proven to run: FROM=sandbox TO=production
	@if [ -z '$(FROM)' ] || [ -z '$(TO)' ]; then \
	  echo 'make promote needs both ends: make promote FROM=sandbox TO=production' >&2; exit 64; fi
	@$(PROVISIONER) promote --from '$(FROM)' --to '$(TO)' $(call yes_for,$(TO)) $(ARGS)

test: setup-dev ## every test; those with the official Salesforce CLI too, where npm is there
	@$(BIN)/python -m pytest -n $(JOBS) $(ARGS)

test-quick: setup-dev ## every test but those with the official Salesforce CLI
	@$(BIN)/python -m pytest -n $(JOBS) -m 'not conformance' $(ARGS)

test-all: setup-dev ## all that, killed at every step, and the whole fault matrix (docs/proof.md): an hour
	@KILL_EVERYWHERE=1 $(BIN)/python -m pytest -n $(JOBS) $(ARGS)
	@$(BIN)/python -m tests.faults --jobs $(JOBS) --out docs/proof.md

test-lowest: ## the tests with the lowest versions of its packages that pyproject.toml admits, without the official CLI
	@$(call install,$(LOWEST)) .ci/lowest.txt --editable .
	@$(LOWEST)/bin/python -m pytest -n $(JOBS) -m 'not conformance' $(ARGS)

fuzz: setup-tools ## coverage-guided fuzzing of everything that reads strangers' bytes: SECONDS=60 for each target
	@$(BIN)/python -m tests.fuzz --seconds '$(or $(SECONDS),60)' $(ARGS)

mutants: setup-tools ## mutation testing of a sample, an hour (docs/mutation.md): ROOMS='rules planning' SAMPLE=100 SEED=1
	@$(BIN)/python -m tests.mutation $(ROOMS) --jobs $(JOBS) --sample '$(or $(SAMPLE),60)' $(if $(SEED),--seed $(SEED)) $(ARGS)

conformance: setup-dev ## only the tests with the official Salesforce CLI, keytool and openssl
	@$(BIN)/python -m pytest -n $(JOBS) -m conformance $(ARGS)

lint: setup-dev ## style, types, and the arrows between the rooms
	@failed=0; \
	$(BIN)/ruff check --quiet --output-format concise . || failed=1; \
	$(BIN)/ruff format --quiet --check --output-format concise . || failed=1; \
	$(BIN)/python -m mypy --no-error-summary || failed=1; \
	arrows=$$($(BIN)/lint-imports --no-logo 2>&1) || { echo "$$arrows"; failed=1; }; \
	exit $$failed

format: setup-dev ## put the code into shape
	@$(BIN)/ruff check --quiet --fix . || true
	@$(BIN)/ruff format --quiet .

check-docs: setup-dev ## the documentation's commands and examples do what it says
	@$(BIN)/python -m pytest -n $(JOBS) tests/docs $(ARGS)

bench: setup-dev ## this tool and the official Salesforce CLI side by side, as ratios
	@$(BIN)/python -m bench $(ARGS)

clean: ## remove .venv, caches and build results; the local org's state stays
	@rm -rf $(VENV) build dist .cache .pytest_cache .mypy_cache .ruff_cache .hypothesis .fuzz .import_linter_cache .coverage*

# --- Setting up -----------------------------------------------------------------------------------------------
# Only files that a lock pins by their hashes are installed, so that no later release changes what is tested (.ci/lock).
# Each stamp says that the files of one lock are in .venv. It holds the folder and the Python that it was made with: a
# virtual environment survives neither being moved nor another Python.

PYTHON_VERSION := $(shell '$(or $(PYTHON),$(BIN)/python)' -I -c 'import platform; print(platform.python_version())' 2>/dev/null)
MADE_HERE := $(CURDIR) $(PYTHON_VERSION)
RUNTIME := $(VENV)/.installed
DEVELOPMENT := $(VENV)/.installed-dev
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
$(foreach each,$(RUNTIME) $(DEVELOPMENT) $(TOOLS),$(eval $(call remake_unless_made_here,$(each))))

setup: $(RUNTIME)
setup-dev: $(DEVELOPMENT)
setup-tools: $(TOOLS)

$(RUNTIME): pyproject.toml .ci/runtime.txt
	@$(call install) .ci/runtime.txt --editable .
	@$(stamp) > $@

$(DEVELOPMENT): pyproject.toml .ci/requirements.txt
	@$(call install) .ci/requirements.txt --editable .
	@$(stamp) | tee $(RUNTIME) > $@

$(TOOLS): .ci/tools.txt $(DEVELOPMENT)
	@$(call install) .ci/tools.txt
	@$(stamp) > $@

lock: setup-tools ## take the newest of everything that is installed, pinned by hashes (.ci/lock keeps what still fits)
	@.ci/lock --upgrade $(ARGS)

audit: setup-tools ## ask the advisories' database about everything that is installed
	@for each in runtime requirements tools; do \
	  $(BIN)/pip-audit --require-hashes --disable-pip --requirement .ci/$$each.txt || failed=1; done; exit $${failed:-0}
