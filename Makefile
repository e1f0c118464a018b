# Everything a person needs to do here. `make demo` and `make test` set up by themselves; only
# python3 (3.11 or newer), its venv module and the package index are needed.

PYTHON ?= python3
JOBS ?= 2
BIN := .venv/bin
STAMP := .venv/installed
SOURCES := bot handlers storage core
PO := $(wildcard locales/*/LC_MESSAGES/*.po)

# uv is much quicker than pip; it comes with the first installation, if it is not there before.
UV = $(firstword $(wildcard $(BIN)/uv) $(shell command -v uv 2>/dev/null))
PIP = $(if $(UV),$(UV) pip install --quiet --python $(BIN)/python,$(BIN)/python -m pip install \
	--quiet --disable-pip-version-check)
export UV_PYTHON_DOWNLOADS := never

.PHONY: demo test check bench soak lock catalogs clean
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

# The long versions of the tests of kills, guesses and damaged input.
soak: $(STAMP)
	$(BIN)/pytest -q -m soak $(ARGS)

# After a change of the dependencies in pyproject.toml; ARGS=--upgrade takes newer versions.
lock: $(STAMP)
	$(BIN)/uv pip compile --universal --generate-hashes --python-version 3.11 pyproject.toml \
		--group dev --group bench -o requirements.lock --no-emit-index-url --quiet $(ARGS)

# After a change of what the bot says: adds new sentences to the catalogs, drops old ones.
catalogs: $(STAMP)
	mkdir -p build
	$(BIN)/pybabel -q extract --no-location --sort-output --omit-header -k ngettext:1,2 \
		-o build/messages.pot $(SOURCES)
	for po in $(PO); do \
		$(BIN)/pybabel -q update --no-fuzzy-matching --ignore-obsolete --no-wrap \
			-i build/messages.pot -o $$po -l $$(basename $$(dirname $$(dirname $$po))) || exit 1; \
	done

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
	@$(PIP) --require-hashes -r requirements.lock
	@$(PIP) --no-deps --no-build-isolation -e .
	@touch $@
