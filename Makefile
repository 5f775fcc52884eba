# One command each: set up and show (demo), test everything (test), live development (dev).
# A second run is quick: every slow step leaves a stamp in .stamps/.

SHELL := /bin/bash
.SHELLFLAGS := -euo pipefail -c
.DEFAULT_GOAL := help
.ONESHELL:
.DELETE_ON_ERROR:

PYTHON ?= python3
VENV := .venv
PY := $(VENV)/bin/python
# Browser tests look for Chromium themselves; SHOAL_CHROMIUM names another one.
ONLY ?=
HEADLESS ?=
STATES ?= 1000000
# Unit tests run in this many processes; browser tests always run alone, since they watch the clock.
JOBS ?= 2

export PIP_DISABLE_PIP_VERSION_CHECK = 1
export HF_HUB_OFFLINE = 1

WIDGET_SOURCES := $(shell find widgets_js -path widgets_js/node_modules -prune -o -type f -print 2>/dev/null)

.PHONY: help demo test dev bench soak docs clean python widget weights chromium \
	check-python check-types check-rooms check-widget test-quick test-browser

help:  ## this list
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | awk -F':.*## *' '{printf "  make %-14s %s\n", $$1, $$2}'

# --- setting up -------------------------------------------------------------------------------------------------

.stamps/python: pyproject.toml .constraints.txt widgets_js/hatch_build.py
	@mkdir -p .stamps
	test -x $(PY) || $(PYTHON) -m venv $(VENV)
	# torch first and pinned: another package must never be the one that chooses its build.
	$(PY) -m pip install --quiet -c .constraints.txt torch
	$(PY) -m pip install --quiet -c .constraints.txt -e '.[dev]'
	touch $@

python: .stamps/python  ## the Python environment in .venv

.stamps/node: widgets_js/package.json widgets_js/package-lock.json
	@mkdir -p .stamps
	command -v npm >/dev/null || { echo "shoal's widget is built with Node 20 or newer: install nodejs and npm, then run make again." >&2; exit 1; }
	# Not "npm ci": it refuses a lock file from which a registry has left out other platforms' binaries.
	(cd widgets_js && npm install --no-save --no-audit --no-fund --loglevel=error)
	touch $@

.stamps/widget: .stamps/python .stamps/node $(WIDGET_SOURCES)
	$(PY) widgets_js/hatch_build.py
	touch $@

widget: .stamps/widget  ## the widget's bundle, built when its sources changed

# No stamp: the user's cache may be emptied at any time, and looking takes a second.
weights: .stamps/python  ## the small offline models (about 65 MB, into the user cache)
	@$(PY) -m shoal.models offline

chromium: .stamps/python  ## Chromium for browser tests and the headless demo
	@$(PY) -m tests.e2e.chromium

# --- showing ----------------------------------------------------------------------------------------------------

demo: .stamps/python .stamps/widget weights  ## a film clip becomes clusters to review in JupyterLab (HEADLESS=1: screenshots)
	@if [ -n "$(HEADLESS)" ]; then
	  $(PY) -m tests.e2e.chromium
	  $(PY) -m shoal.demo --out work/demo --no-lab
	  $(PY) -m tests.e2e.demo_tour work/demo
	else
	  $(PY) -m shoal.demo --out work/demo
	fi

dev: .stamps/python .stamps/node  ## JupyterLab with hot reload of the widget, and the kernel-less page
	@# What a watching build leaves is for development only: the next wheel is built anew.
	rm -f .stamps/widget src/shoal/widgets/static/sources.sha256
	cd widgets_js
	npm run --silent watch & watcher=$$!
	npm run --silent dev & page=$$!
	trap 'kill $$watcher $$page 2>/dev/null || true' EXIT
	cd ..
	mkdir -p work
	root=$$([ "$$(id -u)" = 0 ] && echo --allow-root || true)
	ANYWIDGET_HMR=1 $(PY) -m jupyterlab $$root --ServerApp.root_dir="$$PWD"

# --- testing ----------------------------------------------------------------------------------------------------

check-python: .stamps/python
	@echo "== ruff"
	$(PY) -m ruff check .
	$(PY) -m ruff format --check .

check-types: .stamps/python
	@echo "== pyright"
	$(PY) -m pyright --warnings

check-rooms: .stamps/python
	@echo "== import rules"
	$(VENV)/bin/lint-imports --no-cache

check-widget: .stamps/node
	@echo "== tsc, biome, vitest"
	cd widgets_js && npm run --silent check

test-quick: .stamps/python .stamps/widget weights
	@mkdir -p tests/.artifacts
	echo "== pytest: all but the browser"
	$(PY) -m pytest -q -m "not e2e" -n $(JOBS) --dist loadfile --junitxml=tests/.artifacts/quick.xml

test-browser: .stamps/python .stamps/widget weights chromium
	@mkdir -p tests/.artifacts
	echo "== pytest: real JupyterLab in a real browser"
	$(PY) -m pytest -q -m e2e --junitxml=tests/.artifacts/browser.xml

test: check-python check-types check-rooms check-widget test-quick test-browser  ## everything
	@$(PY) -m tests.tally tests/.artifacts/quick.xml tests/.artifacts/browser.xml

bench: .stamps/python .stamps/widget weights chromium  ## measure side by side into docs/benchmarks (ONLY=<id prefix>)
	@$(PY) -m tests.benchmarks.runner --only "$(ONLY)"

soak: .stamps/python  ## a million generated crash states of a save (STATES=…)
	@$(PY) -m tests.crash.soak --states $(STATES)

docs: .stamps/python  ## the generated reference, and the site in build/site
	@$(PY) docs/generate.py
	NO_MKDOCS_2_WARNING=1 $(PY) -m mkdocs build --quiet --strict -f .mkdocs.yml

clean:  ## everything that make made, but not .venv and not your work/
	rm -rf .stamps build dist src/shoal/widgets/static widgets_js/node_modules tests/.artifacts
	find src tests -name __pycache__ -type d -prune -exec rm -rf {} +
