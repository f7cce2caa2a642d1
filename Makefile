# Two commands matter: `make demo` and `make test`. Both need Python 3.11 or newer, nothing else.

CANDIDATES := python3 python3.14 python3.13 python3.12 python3.11
NEW_ENOUGH := import sys; sys.exit(sys.version_info < (3, 11))
PYTHON ?= $(shell for p in $(CANDIDATES); do $$p -c '$(NEW_ENOUGH)' 2>/dev/null && echo $$p && break; done)
BIN := .venv/bin
PIP := $(BIN)/python -m pip --disable-pip-version-check --quiet
LOCKED := install --require-hashes --only-binary :all: --requirement
HERE := install --no-deps --no-build-isolation --no-index --editable .
SERVE ?= 1

.PHONY: demo test install lint check-types unit coverage browser bench picture letters golden lock clean

demo: .venv/.installed
	$(BIN)/pprmail demo $(if $(filter 0,$(SERVE)),--no-serve)

test: lint check-types unit browser

install: .venv/.installed
	@echo "pprmail is at $(CURDIR)/$(BIN)/pprmail"

lint: .venv/.installed-dev
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .

check-types: .venv/.installed-dev
	$(BIN)/mypy

# Four at once, since many tests wait: for a process that falls, a lease, an answer that never comes.
unit: .venv/.installed-dev
	$(BIN)/pytest --numprocesses=4 --dist=worksteal --ignore=tests/browser

# What the tests run through, line by line, which takes longer than running them.
coverage: .venv/.installed-dev
	$(BIN)/pytest --numprocesses=2 --dist=worksteal --cov --cov-report=term --ignore=tests/browser

# The browser's driver keeps a loop running in its process, so these tests have one of their own.
browser: .venv/.installed-dev
	$(BIN)/pytest --numprocesses=3 --dist=worksteal tests/browser

bench: .venv/.installed-dev
	PYTHONPATH=tests $(BIN)/python -m bench

# The README's pictures, made anew.
picture: .venv/.installed-dev
	PYTHONPATH=tests $(BIN)/python -m browser.picture

# Every email as phones, desktops and lesser mail programs show it, side by side.
letters: .venv/.installed-dev
	PYTHONPATH=tests $(BIN)/python -m browser.letters
	@echo "the sheet is $(CURDIR)/letters/index.html"

# The golden files that the tests hold every email against; look at `make letters` first.
golden: .venv/.installed-dev
	PYTHONPATH=tests $(BIN)/python -m rendering.golden

.venv/.installed: requirements.lock pyproject.toml | .venv/bin/python
	$(PIP) $(LOCKED) requirements.lock
	$(PIP) $(HERE)
	@touch $@

.venv/.installed-dev: requirements-dev.lock pyproject.toml | .venv/bin/python
	$(PIP) $(LOCKED) requirements-dev.lock
	$(PIP) $(HERE)
	@touch $@ .venv/.installed

.venv/bin/python:
	@test -n "$(PYTHON)" || { echo "pprmail needs Python 3.11 or newer; name one: make PYTHON=/path/to/python"; exit 1; }
	@$(PYTHON) -m venv .venv || { rm -rf .venv; echo "the venv module is missing; on Debian and Ubuntu: apt install python3-venv"; exit 1; }

# The locks hold hashes and no address of a package index; this needs uv.
lock:
	uv pip compile --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-header \
	  --no-annotate --no-strip-extras pyproject.toml --extra postgres --group build --output-file requirements.lock
	uv pip compile --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-header \
	  --no-annotate --no-strip-extras pyproject.toml --extra postgres --group dev --output-file requirements-dev.lock

clean:
	rm -rf .venv .cache pprmail-demo letters .coverage .mypy_cache .ruff_cache .pytest_cache
