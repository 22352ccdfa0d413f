# Targets for a checkout. They need Python 3.11 or newer and make; `make help` lists them.

PYTHON ?= python3
VENV ?= .venv
WORKERS ?= 4
PYTEST_ARGS ?=
BENCH_ARGS ?=
PORT ?= 8480

bin := $(VENV)/bin
pip := $(bin)/python -m pip --disable-pip-version-check
stamp := $(VENV)/.locked-for-flipbook

.DEFAULT_GOAL := help
.PHONY: help env demo run test coverage lint bench lock docs pictures texts texts-list reliability mutants soak peers \
	lint-python lint-types lint-imports lint-shell lint-workflows

help:
	@echo "make demo    run the bot in a page like a Discord channel (PORT=8480)"
	@echo "make run     run the bot with the settings in .env"
	@echo "make test    run the tests"
	@echo "make coverage  run the tests, and list the lines and branches that no test reaches"
	@echo "make lint    check style, types, import contracts, shell scripts and workflows"
	@echo "make bench   run the benchmarks, and print one table"
	@echo "make peers   run bots on four more Discord libraries, and DashScope's SDK, against the sandbox"
	@echo "make reliability  inject every fault, and write the outcomes into docs/reliability.md"
	@echo "make mutants remove each promise from a copy of the code, and expect a test to fail (minutes)"
	@echo "make soak    run the tests 20 times, in other orders and under other loads (N=20)"
	@echo "make docs    update .env.example and docs/settings.md from the code"
	@echo "make pictures  photograph the running demo for the README"
	@echo "make texts   update the message catalogs from the code (NEW=ja adds a language)"
	@echo "make texts-list  print all texts with their occasions and translations"
	@echo "make lock    update the lock files from pyproject.toml"
	@echo "Each target first installs what it needs into $(VENV). PYTHON=python3.12 chooses another Python."

demo: env
	@exec $(bin)/flipbook demo --port $(PORT)

run: env
	@exec $(bin)/flipbook run

# TRACED="-m coverage run" records coverage, as `make coverage` does.
TRACED ?=

test: env
	$(bin)/python $(TRACED) -m pytest -n $(WORKERS) --dist worksteal $(PYTEST_ARGS)

coverage: env
	@$(bin)/python -m coverage erase
	@$(MAKE) --no-print-directory test TRACED="-m coverage run"
	@$(bin)/python -m coverage combine --quiet
	@$(bin)/python -m coverage report

lint: lint-python lint-types lint-imports lint-shell lint-workflows

lint-python: env
	$(bin)/ruff check .
	$(bin)/ruff format --check .

lint-types: env
	$(bin)/mypy

lint-imports: env
	$(bin)/lint-imports

lint-shell: env
	$(bin)/shellcheck .ci/*

# Check the files against the schemas that come with the checker, and for unsafe constructs. Commands
# of more than one line are in .ci, where shellcheck checks them.
schema := $(bin)/check-jsonschema --builtin-schema
lint-workflows: env
	$(schema) vendor.github-workflows .github/workflows/*.yml
	$(schema) vendor.dependabot .github/dependabot.yml
	$(schema) vendor.github-issue-config .github/ISSUE_TEMPLATE/config.yml
	$(schema) vendor.github-issue-forms $(filter-out %/config.yml,$(wildcard .github/ISSUE_TEMPLATE/*.yml))
	$(bin)/zizmor --offline --quiet .github

bench: env .venv-peers/.locked
	$(bin)/python -m benchmarks.run $(BENCH_ARGS)

# The peers of the benchmarks, in an environment of their own. The gate tests the local DashScope with
# the SDK in it.
.venv-peers/.locked: requirements-peers.txt | $(stamp)
	@$(PYTHON) -m venv --without-pip .venv-peers
	@$(pip) --python .venv-peers/bin/python install --quiet --no-compile \
	  --require-hashes --requirement requirements-peers.txt
	@touch $@

# Whether clients by other authors find the local Discord to be Discord. The gate runs two of them.
libraries := tests/sandbox/discord/libraries
peers: env .venv-libraries/.locked .venv-peers/.locked
	PEERS=.venv-libraries $(bin)/python -m pytest -n 2 $(libraries) tests/sandbox/dashscope/test_sdk.py \
	  $(PYTEST_ARGS)

.venv-libraries/.locked: $(wildcard $(libraries)/requirements-*.txt)
	@for name in nextcord pycord hikari; do \
	  $(PYTHON) -m venv .venv-libraries/$$name && \
	  .venv-libraries/$$name/bin/python -m pip install --quiet --disable-pip-version-check \
	    --require-hashes --requirement $(libraries)/requirements-$$name.txt || exit 1; \
	done
	@touch $@

# Run the fault tests, and write the table of docs/reliability.md.
reliability: env
	$(bin)/python -m tests.faults.report -n $(WORKERS) $(PYTEST_ARGS)

# Mutation tests: break each promise once in a copy, and expect a test to fail.
mutants: env
	$(bin)/python -m tests.mutants

# Find flaky tests: run the suite N times, each time in another order and under another load.
N ?= 20
soak: env
	$(bin)/python -m tests.soak $(N) $(PYTEST_ARGS)

# Write .env.example and docs/settings.md from the settings in the code.
docs: env
	$(bin)/python -m docs.settings_pages

# Photograph the running demo for docs/demo.png and docs/demo.webp; needs Chromium.
pictures: env
	$(bin)/python -m docs.demo_pictures

# Update each language's catalog with the texts in bot/ui/texts and cogs; NEW=ja adds a language.
template := build/flipbook.pot
NEW ?=

texts: env
	@mkdir -p build
	@$(bin)/pybabel --quiet extract --mapping bot/locale/babel.cfg --keywords "_ _n:1,2 marked locale_str" \
	  --add-location file --project Flipbook --copyright-holder "the Flipbook authors" \
	  --output $(template) .
ifneq ($(NEW),)
	@$(bin)/pybabel --quiet init --input-file $(template) --output-dir bot/locale \
	  --domain flipbook --locale $(NEW)
endif
	@$(bin)/pybabel --quiet update --input-file $(template) --output-dir bot/locale \
	  --domain flipbook --no-fuzzy-matching --ignore-obsolete --ignore-pot-creation-date
	@$(bin)/python hatch_build.py

# Print all texts, to be read as a whole for tone and consistency.
texts-list: env
	@$(bin)/python -m docs.text_list

sources := $(wildcard bot/locale/*/LC_MESSAGES/flipbook.po)
catalogues := $(sources:.po=.mo)

env: $(stamp) $(catalogues)

$(catalogues): %.mo: %.po hatch_build.py | $(stamp)
	@$(bin)/python hatch_build.py

$(stamp): requirements-dev.txt requirements-build.txt pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { \
	  echo "Flipbook needs Python 3.11 or newer, and $(PYTHON) is $$($(PYTHON) --version 2>&1)." >&2; \
	  echo "Name another one: make PYTHON=python3.12 …" >&2; exit 1; }
	@$(bin)/python -m pip --version >/dev/null 2>&1 || $(PYTHON) -m venv $(VENV)
	@echo "installing the locked dependencies into $(VENV) …"
	@# The locked pip first, because it installs the others faster than one that came with Python.
	@$(pip) install --quiet --no-compile --require-hashes --requirement requirements-build.txt
	@$(pip) install --quiet --no-compile --require-hashes --requirement requirements-dev.txt
	@# Compile on every core; pip would use one.
	@$(bin)/python -m compileall -q -j 0 $(VENV)/lib
	@$(pip) install --quiet --no-deps --no-build-isolation --editable .
	@touch $@

# Lock files contain hashes but no index address, since each machine decides where packages come from.
# The other lock files take their versions from the development one, so that what runs was tested.
lock_options := --universal --python-version 3.11 --generate-hashes --no-emit-index-url \
	--no-emit-find-links --no-header --quiet

lock: env
	@$(bin)/uv --version >/dev/null 2>&1 || $(pip) install --quiet uv
	$(bin)/uv pip compile pyproject.toml --extra sandbox --extra postgres --extra s3 --group dev $(lock_options) -o requirements-dev.txt
	$(bin)/uv pip compile pyproject.toml --extra postgres --extra s3 --constraint requirements-dev.txt $(lock_options) -o requirements.txt
	$(bin)/uv pip compile --group build --constraint requirements-dev.txt $(lock_options) -o requirements-build.txt
	$(bin)/uv pip compile --group peers $(lock_options) -o requirements-peers.txt
	@for name in nextcord pycord hikari; do \
	  $(bin)/uv pip compile --group $$name $(lock_options) \
	    -o $(libraries)/requirements-$$name.txt || exit 1; \
	done
	@! grep -nE '://|--index|--find-links|--trusted' requirements*.txt $(libraries)/requirements*.txt
