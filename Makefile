# Everything here needs python3 (3.11 or newer) and make, nothing else.
PY ?= python3
V := .venv
PIP := $(V)/bin/python -m pip install --quiet --disable-pip-version-check
COMPILE := $(V)/bin/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes \
	--no-emit-index-url --no-emit-find-links --no-header --no-annotate

# Many processes are started for a test: what was compiled once is not compiled again in each.
unexport PYTHONDONTWRITEBYTECODE

.PHONY: demo test prove check bench soak lock pictures help

help:  ## what can be made here
	@grep -hE '^[a-z]+:.*##' Makefile | sed 's/:.*## / - /'

$(V)/.run: requirements.lock pyproject.toml
	@$(PY) -c 'import sys; sys.exit("Python 3.11 or newer is needed; set PY=…") if sys.version_info < (3, 11) else None'
	@$(PY) -m venv $(V) || { echo "python3 came without its venv module: on Debian, apt install python3-venv" >&2; exit 1; }
	$(PIP) --require-hashes -r requirements.lock
	$(PIP) --no-deps --no-build-isolation -e .
	@touch $@

$(V)/.test: $(V)/.run requirements-test.lock
	$(PIP) --require-hashes -r requirements-test.lock
	@touch $@

demo: $(V)/.run  ## open the program on a made-up clinic
	$(V)/bin/clinic demo

test: $(V)/.test  ## every behaviour, on SQLite and PostgreSQL
	$(V)/bin/python -m pytest -q -n 2 --dist worksteal

prove: $(V)/.test  ## the long proofs: races of sixteen processes, crawls, sweeps, kills, outages
	$(V)/bin/python -m pytest -q -n 2 --dist worksteal -m proof

check: $(V)/.test  ## format, lint, types, import contracts, lock files
	$(V)/bin/ruff format --check .
	$(V)/bin/ruff check .
	$(V)/bin/mypy
	$(V)/bin/lint-imports
	$(V)/bin/python tests/check_locks.py

bench: $(V)/.test  ## measured figures, as ratios in one run
	$(V)/bin/python -m pytest -q -m bench tests/bench -s

soak: $(V)/.test  ## the proofs at their full size, for hours: model, histories, kills, clocks
	CLINIC_SOAK=1 $(V)/bin/python -m pytest -q -m proof tests/soak tests/dispatch -s

pictures: $(V)/.test  ## the README's pictures, made by the program itself
	$(V)/bin/python -m tests.pictures

lock:  ## renew the lock files from pyproject.toml
	@test -x $(V)/bin/python || $(PY) -m venv $(V)
	@test -x $(V)/bin/uv || $(PIP) uv
	$(COMPILE) --group build pyproject.toml -o requirements.lock
	$(COMPILE) --group test -c requirements.lock pyproject.toml -o requirements-test.lock
