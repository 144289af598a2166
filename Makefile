# Each target first sets up what it needs in .venv, and does so again only when the dependencies
# change. `make test PYTHON=python3.12` picks the interpreter; `make test UV=` keeps to pip.
# Written for GNU make 3.81, the one of macOS.

VENV ?= .venv
UV ?= $(shell uv --version >/dev/null 2>&1 && echo uv)
RUN = $(VENV)/bin/python -m
STAMP = $(VENV)/.installed

# Without compiled files every command spends ten seconds on reading its imports.
unexport PYTHONDONTWRITEBYTECODE

WANTED = -c constraints.txt -e '.[test]'
# Compiling all files takes pip as long again; the first run compiles those it imports.
WITH_PIP = { $(RUN) pip -V >/dev/null 2>&1 || $(RUN) ensurepip; } && \
	$(RUN) pip install -q --disable-pip-version-check --no-compile $(WANTED)

ifneq ($(UV),)
NEEDS = sys
ELSE = 3.13
CREATE = $(UV) venv -q --allow-existing --python "$$python"
INSTALL = $(UV) pip install -q --python $(VENV)/bin/python $(WANTED) || { $(WITH_PIP); }
else
NEEDS = sys, ensurepip
ELSE =
CREATE = "$$python" -m venv
INSTALL = $(WITH_PIP)
endif

# Tried, not only looked up: a pyenv shim exists for versions that do not run.
SUITS = import $(NEEDS); sys.exit(not (3, 11) <= sys.version_info < (3, 15))
PYTHON ?= $(or $(shell for p in python3.14 python3.13 python3.12 python3.11 python3 python; do \
	$$p -c "$(SUITS)" >/dev/null 2>&1 && echo $$p && break; done),$(ELSE))

.PHONY: help report test quick lint types bench lock clean

help:  ## this list
	@sed -n 's/^\([a-z]*\):.*  ## /\1	/p' Makefile | expand -t 10

report: $(STAMP)  ## the verdicts and figures on the essay
	$(VENV)/bin/gametheory report

test: $(STAMP)  ## the whole test suite
	$(RUN) pytest

quick: $(STAMP)  ## the tests that take seconds
	$(RUN) pytest -m "not slow"

lint: $(STAMP)  ## style and format
	$(RUN) ruff check
	$(RUN) ruff format --check

types: $(STAMP)  ## static types
	$(RUN) mypy

bench: $(VENV)/.bench  ## the benchmarks, beside the peers, into docs/benchmarks.md
	$(RUN) benchmarks

# One list of versions for every supported Python and platform: solved for the oldest Python, then
# checked against the others. (On an Intel Mac numba stops at 0.62: install without it there.)
PLATFORMS = x86_64-manylinux_2_28 aarch64-manylinux_2_28 aarch64-apple-darwin x86_64-pc-windows-msvc
COMPILE = uv pip compile -q --only-binary :all: --extra test --no-annotate pyproject.toml

lock:  ## newest versions into constraints.txt (needs uv)
	$(COMPILE) --upgrade --python-version 3.11 --custom-compile-command "make lock" -o constraints.txt
	@set -e; for v in 3.11 3.12 3.13 3.14; do for p in $(PLATFORMS); do \
	    $(COMPILE) -c constraints.txt --python-version $$v --python-platform $$p >/dev/null; \
	done; done

clean:  ## remove what the other targets make
	rm -rf $(VENV) dist papers/*/out .pytest_cache .mypy_cache .ruff_cache .hypothesis

$(VENV)/bin/python:
	@python="$(PYTHON)"; test -n "$$python" || { echo "No Python 3.11 to 3.14 that can make" \
	    "a virtual environment: install one (on Debian with python3-venv), or uv" >&2; exit 1; }; \
	echo "Setting up $(VENV) with $$python$(if $(UV),, (a minute; seconds with uv))"; \
	$(CREATE) $(VENV)

$(STAMP): pyproject.toml constraints.txt | $(VENV)/bin/python
	@$(INSTALL)
	@touch $@

$(VENV)/.bench: WANTED = -c constraints.txt -e '.[test,bench]'
$(VENV)/.bench: $(STAMP)
	@$(INSTALL)
	@touch $@
