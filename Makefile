# Everything a checkout needs. `make test` works on a machine with Python 3.11 or newer and make.

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
.PHONY: help env demo run test coverage lint bench lock docs pictures texts texts-list reliability mutants soak \
	lint-python lint-types lint-imports lint-shell lint-workflows

help:
	@echo "make demo    try it: a page like a Discord channel, with the bot in it (PORT=8480)"
	@echo "make run     run the bot (its settings: .env)"
	@echo "make test    run the tests"
	@echo "make coverage  run the tests, and show which lines and branches none of them reaches"
	@echo "make lint    ruff, mypy, import contracts, shellcheck, workflows"
	@echo "make bench   measure, and print one table"
	@echo "make reliability  break everything on purpose; docs/reliability.md says what came of it"
	@echo "make mutants takes each promise out of a copy, and sees a test go red (minutes)"
	@echo "make soak    runs the tests again and again, in other orders and under other loads (N=20)"
	@echo "make docs    write .env.example and docs/settings.md anew from the code"
	@echo "make pictures  make the README's picture and loop anew from the running demo"
	@echo "make texts   gather the words that people read into the catalogues (NEW=ja adds one)"
	@echo "make texts-list  print all of these words, with their occasions and translations"
	@echo "make lock    write the locks anew from pyproject.toml"
	@echo "What is needed is installed into $(VENV) first; PYTHON=python3.12 chooses another Python."

demo: env
	@exec $(bin)/flipbook demo --port $(PORT)

run: env
	@exec $(bin)/flipbook run

# TRACED="-m coverage run" keeps what was run; `make coverage` does that and shows it.
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

# Against the schemas that come with the checker, and for what makes a workflow unsafe. Commands that
# need more than a line are in .ci, where shellcheck reads them.
schema := $(bin)/check-jsonschema --builtin-schema
lint-workflows: env
	$(schema) vendor.github-workflows .github/workflows/*.yml
	$(schema) vendor.dependabot .github/dependabot.yml
	$(schema) vendor.github-issue-config .github/ISSUE_TEMPLATE/config.yml
	$(schema) vendor.github-issue-forms $(filter-out %/config.yml,$(wildcard .github/ISSUE_TEMPLATE/*.yml))
	$(bin)/zizmor --offline --quiet .github

bench: env .venv-peers/.locked
	$(bin)/python -m benchmarks.run $(BENCH_ARGS)

# What is measured beside Flipbook, in an environment of its own.
.venv-peers/.locked: requirements-peers.txt
	@$(PYTHON) -m venv .venv-peers
	@.venv-peers/bin/python -m pip install --quiet --disable-pip-version-check \
	  --require-hashes --requirement requirements-peers.txt
	@touch $@

# The table of docs/reliability.md, from the fault suite's own run.
reliability: env
	$(bin)/python -m tests.faults.report -n $(WORKERS) $(PYTEST_ARGS)

# Whether the tests can fail: each promise is broken once, in a copy.
mutants: env
	$(bin)/python -m tests.mutants

# Which tests are unsteady: the suite N times, in another order and under another load each time.
N ?= 20
soak: env
	$(bin)/python -m tests.soak $(N) $(PYTEST_ARGS)

# .env.example and docs/settings.md, from the settings in the code.
docs: env
	$(bin)/python -m docs.settings_pages

# docs/demo.png and docs/demo.webp, photographed in the running demo; needs Chromium.
pictures: env
	$(bin)/python -m docs.demo_pictures

# The words in bot/ui/texts and cogs, into the catalogue of each language; NEW=ja begins another one.
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

# All of them on one page, to be read for tone and consistency.
texts-list: env
	@$(bin)/python -m docs.text_list

sources := $(wildcard bot/locale/*/LC_MESSAGES/flipbook.po)
catalogues := $(sources:.po=.mo)

env: $(stamp) $(catalogues)

$(catalogues): %.mo: %.po hatch_build.py | $(stamp)
	@$(bin)/python hatch_build.py

$(stamp): requirements-dev.txt pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { \
	  echo "Flipbook needs Python 3.11 or newer, and $(PYTHON) is $$($(PYTHON) --version 2>&1)." >&2; \
	  echo "Name another one: make PYTHON=python3.12 …" >&2; exit 1; }
	@$(bin)/python -m pip --version >/dev/null 2>&1 || $(PYTHON) -m venv $(VENV)
	@echo "installing the locked dependencies into $(VENV) …"
	@$(pip) install --quiet --no-compile --require-hashes --requirement requirements-dev.txt
	@# On every core, where pip would compile on one.
	@$(bin)/python -m compileall -q -j 0 $(VENV)/lib
	@$(pip) install --quiet --no-deps --no-build-isolation --editable .
	@touch $@

# The locks hold hashes and no index address: where packages come from is the machine's business.
# The other locks take their versions from the one for development: what is tested is what runs.
lock_options := --universal --python-version 3.11 --generate-hashes --no-emit-index-url \
	--no-emit-find-links --no-header --quiet

lock: env
	@$(bin)/uv --version >/dev/null 2>&1 || $(pip) install --quiet uv
	$(bin)/uv pip compile pyproject.toml --extra sandbox --extra postgres --extra s3 --group dev $(lock_options) -o requirements-dev.txt
	$(bin)/uv pip compile pyproject.toml --extra postgres --extra s3 --constraint requirements-dev.txt $(lock_options) -o requirements.txt
	$(bin)/uv pip compile --group build --constraint requirements-dev.txt $(lock_options) -o requirements-build.txt
	$(bin)/uv pip compile --group peers $(lock_options) -o requirements-peers.txt
	@! grep -nE '://|--index|--find-links|--trusted' requirements*.txt
