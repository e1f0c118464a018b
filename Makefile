# Everything a person needs to do here. `make demo` and `make test` set up by themselves; only
# python3 (3.11 or newer), its venv module and the package index are needed.

PYTHON ?= python3
JOBS ?= 3
BIN := .venv/bin
STAMP := .venv/installed
SOURCES := bot handlers storage core
PO := $(wildcard locales/*/LC_MESSAGES/*.po)

UV := $(or $(shell command -v uv 2>/dev/null),$(BIN)/uv)
export UV_PYTHON_DOWNLOADS := never
# Where it is set, every program and every test would compile all it imports again, for seconds.
unexport PYTHONDONTWRITEBYTECODE

.PHONY: demo test check bench bench-reading soak lock catalogs language clean
.DELETE_ON_ERROR:

demo: $(STAMP)
	$(BIN)/phongbot demo $(ARGS)

test: $(STAMP)
	$(BIN)/pytest -q -n $(JOBS) --dist worksteal $(ARGS)

check: $(STAMP)
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy .
	$(BIN)/lint-imports
	$(BIN)/pytest -q tests/test_project.py

# Time and CPU of an update, against other bots.
bench: $(STAMP)
	$(BIN)/python -m tests.bench $(ARGS)

# How well official documents are read: READING_CORPUS names a folder of marked ones.
bench-reading: $(STAMP)
	$(BIN)/python -m tests.bench.reading $(ARGS)

# The long versions of the tests of kills, guesses and damaged input, and what `test` spares itself.
soak: $(STAMP)
	$(BIN)/pytest -q -m soak $(ARGS)

# After a change of the dependencies in pyproject.toml; ARGS=--upgrade takes newer versions.
lock: $(STAMP)
	$(UV) pip compile --universal --generate-hashes --python-version 3.11 pyproject.toml \
		--group dev --group bench -o requirements.lock --no-emit-index-url --quiet $(ARGS)

# After a change of what the bot says: adds new sentences to the catalogs, drops old ones.
catalogs: $(STAMP)
	mkdir -p build
	$(BIN)/pybabel -q extract --add-location=file --sort-by-file --no-wrap --project=phongbot \
		--copyright-holder="The phongbot authors" -o build/messages.pot $(SOURCES)
	grep -v '^"POT-Creation-Date' build/messages.pot > locales/messages.pot
	for po in $(PO); do \
		$(BIN)/pybabel -q update --no-fuzzy-matching --ignore-obsolete --no-wrap \
			--ignore-pot-creation-date -i locales/messages.pot -o $$po \
			-l $$(basename $$(dirname $$(dirname $$po))) || exit 1; \
	done

# A new one: make language LANGUAGE=km
language: catalogs
	$(BIN)/pybabel -q init --no-wrap -i locales/messages.pot -d locales -l $(LANGUAGE)

# Leaves var/, where the data are.
clean:
	rm -rf .venv build dist .mypy_cache .pytest_cache .ruff_cache .hypothesis .import_linter_cache
	find $(SOURCES) tests -name __pycache__ -prune -exec rm -rf {} +

$(STAMP): requirements.lock pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' \
		|| { echo "This needs Python 3.11 or newer; PYTHON=... names another one." >&2; exit 1; }
	@test -x $(BIN)/python || $(PYTHON) -m venv .venv \
		|| { rm -rf .venv; echo "Please install python3-venv first." >&2; exit 1; }
	@echo "Installing the locked packages; this takes a minute the first time."
	@test -x $(UV) || { $(INSTALL_UV); }
	@$(UV) pip install --quiet --compile-bytecode --python $(BIN)/python --require-hashes \
		-r requirements.lock
	@$(UV) pip install --quiet --python $(BIN)/python --no-deps --no-build-isolation -e .
	@touch $@

# uv installs several times quicker than pip, so pip installs only uv: its lines of the lock.
INSTALL_UV = sed -n '/^uv==/,/^ *\#/p' requirements.lock > .venv/uv.txt \
	&& $(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes \
		-r .venv/uv.txt
