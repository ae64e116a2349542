# Bare `make` lists the targets. Each installs what it needs: a virtual environment from the lock, and system packages
# by apt where it may; where it may not, it says what to run.

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin

DEMO_NEEDS := softhsm2=softhsm2-util p11-kit=p11-kit
TEST_NEEDS := $(DEMO_NEEDS) poppler-utils=pdfsig libnss3-tools=certutil openssl=openssl gcc=gcc \
	libc6-dev=/usr/include/stdio.h fonts-texgyre=/usr/share/texmf/fonts/opentype/public/tex-gyre/texgyretermes-regular.otf \
	fonts-croscore=/usr/share/fonts/truetype/croscore/Tinos-Regular.ttf \
	fonts-liberation2=/usr/share/fonts/truetype/liberation2/LiberationSerif-Regular.ttf \
	fonts-dejavu-core=/usr/share/fonts/truetype/dejavu/DejaVuSerif.ttf \
	slapd=/usr/sbin/slapd postfix=/usr/sbin/postfix swaks=swaks ripmime=ripmime mpack=munpack uudeview=uudeview \
	p7zip-full=7z tnef=tnef postgresql=pg_lsclusters chromium=chromium haproxy=haproxy

# What failed is tried once more, alone: thousands of tests that start, kill and starve processes, two files of them side
# by side, now and then meet a moment that proves nothing. A test that fails twice has failed.
TESTS = $(BIN)/python -m pytest --numprocesses auto --dist loadfile || \
	$(BIN)/python -m pytest --last-failed --last-failed-no-failures none

.DEFAULT_GOAL := help
.PHONY: help venv demo test check bench docs

help:
	@sed -n 's/^\([a-z]*\):[^#]*## \(.*\)/  make \1\t\2/p' $(MAKEFILE_LIST) | expand -t 14

venv: $(VENV)/.stamp ## make the virtual environment from requirements.lock

# The lock says which bytes may be installed; the project itself comes last and brings nothing along.
$(VENV)/.stamp: requirements.lock pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "gsign needs Python 3.11 or later: make PYTHON=python3.11 …")'
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --quiet --disable-pip-version-check --require-hashes -r requirements.lock
	$(BIN)/python -m pip install --quiet --quiet --disable-pip-version-check --no-deps --no-build-isolation --editable .
	@touch $@

demo: venv ## sign an official document with a key on a software token, and verify it
	@sh tools/need $(DEMO_NEEDS)
	$(BIN)/gsign demo

test: venv ## run the tests
	@sh tools/need $(TEST_NEEDS)
	$(TESTS)

check: venv ## lint, formatting, types, floors and tests
	@sh tools/need $(TEST_NEEDS)
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(TESTS)

bench: venv ## measure gsign beside what would be used instead; table, figures and chart go to docs/
	@sh tools/need $(TEST_NEEDS)
	$(BIN)/python -m bench --json docs/benchmarks.json --chart docs/images/benchmarks.svg --markdown docs/benchmarks-table.md

docs: venv ## check the README and the manual against the program
	$(BIN)/python -m pytest tests/cli/test_readme.py
