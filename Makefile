# What can be done with a checkout. `make` by itself says so.
PYTHON ?= python3
VENV := .venv/bin

.DEFAULT_GOAL := help
.PHONY: help setup setup-tests demo test test-site lint format messages benchmark site

help: ## this list
	@sed -n 's/^\([a-z-]*\):.*## /\1\t/p' $(MAKEFILE_LIST) | expand -t 12

setup: ## install what the demo needs (quick when it is there already)
	@PYTHON=$(PYTHON) scripts/setup.sh

setup-tests: ## install what the other targets need
	@PYTHON=$(PYTHON) scripts/setup.sh tests

demo: setup ## a clinic on this machine: real video between two tabs, peer-to-peer or Amazon Chime emulated
	@$(VENV)/python -m tools.demo $(ARGS)

test: setup-tests ## every tier this machine can run; says at the end which ran and which did not
	@$(VENV)/python scripts/test.py

test-site: setup-tests ## the site tier only: make test-site ARGS="tests/site/test_browser.py -k cancel"
	@$(VENV)/python scripts/site_tier.py $(or $(ARGS),tests/site)

lint: setup-tests ## style, types, JavaScript
	@$(VENV)/python scripts/test.py lint

format: setup-tests ## rewrite the code as lint wants it
	@$(VENV)/ruff check --fix . && $(VENV)/ruff format . && npm run --silent format

messages: setup-tests ## bring the translation catalogues up to date with the code, and list what is not translated
	@$(VENV)/python scripts/messages.py

benchmark: setup-tests ## measure, as ratios in one run, and write docs/benchmarks.md
	@$(VENV)/python scripts/site_tier.py tools/benchmarks
	@$(VENV)/python -m tools.faults --seeds 1-1000 --write

site: ## install Frappe, ERPNext, Healthcare and this app from their public sources, with demo data
	@scripts/site.sh
