# Rowlock: `make run` serves it, `make test` proves it.
.DEFAULT_GOAL := help
.PHONY: help run console test lint bench bench-console bench-tenants bench-tables bench-transfer crash docs photographs lock
MAKEFLAGS += --no-builtin-rules --no-print-directory

PYTHON ?= python3
BIN := .venv/bin
PIP := $(BIN)/python -m pip --disable-pip-version-check -qq
# What was installed last is remembered by its content, so that no clock and no copied file can mislead.
INSTALLED := .venv/installed-$(shell cksum <requirements.txt | tr ' ' -)
INSTALLED_DEV := .venv/installed-dev-$(shell cksum <requirements-dev.txt | tr ' ' -)
INSTALLED_CONSOLE := console/node_modules/.installed-$(shell cksum <console/package-lock.json | tr ' ' -)
CONSOLE_BUILT := console/dist/.built-$(shell find console \( -name node_modules -o -name 'dist*' -o -name '*.test.ts' \
	-o -name schema.d.ts \) -prune -o -type f -print | LC_ALL=C sort | xargs cksum | cksum | tr ' ' -)
# Where nothing is built, the page of /console tells by this file whether it was tried.
NOTE_FAILURE = { touch dist-failed; exit 1; }
# As what builds the console wants it: 20.19 and on, 22.12 and on, and all from 23 on.
NODE_IS_HERE := command -v npm >/dev/null && node -e 'const [a, b] = process.versions.node.split(".").map(Number); \
	process.exit(a > 22 || (a === 22 && b > 11) || (a === 20 && b > 18) ? 0 : 1)' 2>/dev/null
COMPILE := $(BIN)/uv pip compile --quiet --universal --generate-hashes --python-version 3.11 \
	--no-emit-index-url --no-emit-find-links --custom-compile-command "make lock"

# The browser of the tests: the machine's own, else one that Playwright fetches for itself.
BROWSER := $(if $(shell command -v chromium || command -v chromium-browser || command -v google-chrome),,.venv/browser)

help: ## Show this list
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-13s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

run: $(INSTALLED) ## Install what is missing, build the console, migrate the database and serve; Ctrl-C stops
	@if [ -f $(CONSOLE_BUILT) ]; then :; elif $(NODE_IS_HERE); then $(MAKE) console || \
		echo "The console could not be built (see above). The API runs all the same; \`make console\` tries again." >&2; \
	elif [ -f console/dist/index.html ]; then \
		echo "The console is that of an earlier build: a new one needs Node.js 20.19 or newer, with npm." >&2; \
	else echo "The console is not built: that needs Node.js 20.19 or newer, with npm. The API runs all the same." >&2; fi
	@if [ -n "$$APP_ENV" ] || grep -qs '^ *\(export \)\{0,1\}APP_ENV=' .env; then $(BIN)/flask db upgrade || exit; \
	else export APP_ENV=development; fi; \
	exec $(BIN)/gunicorn -c gunicorn.conf.py wsgi:app # which, in development, migrates by itself

console: $(CONSOLE_BUILT) ## Build the pages of /console (needs Node.js 20.19)

test: $(INSTALLED_DEV) $(CONSOLE_BUILT) $(BROWSER) postman/node_modules/.installed ## Run every test, on SQLite and PostgreSQL
	@$(BIN)/python -m pytest -n 3 --dist worksteal # each has its own PostgreSQL, Redis and servers

lint: $(INSTALLED_DEV) $(INSTALLED_CONSOLE) ## Check style, types and import contracts, of the console too
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check --quiet .
	@$(BIN)/mypy
	@$(BIN)/lint-imports --no-cache
	@cd console && npm run --silent check

bench: $(INSTALLED_DEV) ## Measure speed and memory, as ratios of what this machine can do (5 minutes)
	@$(BIN)/python -m bench

bench-console: $(INSTALLED_DEV) $(CONSOLE_BUILT) ## Measure the console: its first load, and 10,000 clients in its lists (2 minutes)
	@$(BIN)/python -m bench.console --write

bench-tables: $(INSTALLED_DEV) ## Add a column to 10,000 users tables beside logins, with 50 kills (8 minutes)
	@$(BIN)/python -m bench.tables

bench-transfer: $(INSTALLED_DEV) ## Move a client of 10,000 users out and in, over both databases (5 minutes)
	@$(BIN)/python -m bench.transfer

bench-tenants: $(INSTALLED_DEV) ## Measure calls and memory at 10, 1,000 and 10,000 clients (20 minutes)
	@$(BIN)/python -m bench.tenants --write

crash: $(INSTALLED_DEV) ## Kill the server 200 times during registrations, on each database
	@$(BIN)/python -m bench.crash

photographs: $(INSTALLED_DEV) $(CONSOLE_BUILT) $(BROWSER) ## Photograph every page of the console into docs/screenshots
	@$(BIN)/python -m tests.console.photographs

docs: $(INSTALLED_DEV) ## Draw diagrams and write the Postman collection anew from the code
	@APP_ENV=development $(BIN)/flask docs build

lock: $(INSTALLED_DEV) ## Pin the newest versions that requirements*.in allow
	@$(COMPILE) --upgrade requirements.in -o requirements.txt
	@$(COMPILE) --upgrade requirements-dev.in -o requirements-dev.txt

.venv/bin/pip:
	@command -v $(PYTHON) >/dev/null || { echo "Rowlock needs Python 3.11 or newer; $(PYTHON) was not found." >&2; exit 1; }
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { \
		echo "Rowlock needs Python 3.11 or newer; this is $$($(PYTHON) --version 2>&1). Name another: make PYTHON=python3.12 …" >&2; \
		exit 1; }
	@echo "Making .venv …"
	@$(PYTHON) -m venv .venv || { \
		echo "Python could not make a virtual environment; on Debian and Ubuntu: apt install python3-venv" >&2; exit 1; }

$(INSTALLED): | .venv/bin/pip
	@echo "Installing requirements.txt …"
	@$(PIP) install --require-hashes -r requirements.txt
	@rm -f .venv/installed* && touch $@

$(INSTALLED_DEV): | .venv/bin/pip
	@echo "Installing requirements-dev.txt …"
	@$(PIP) install --require-hashes -r requirements-dev.txt
	@rm -f .venv/installed* && touch $@ $(INSTALLED)

.venv/browser: $(INSTALLED_DEV)
	@echo "Fetching a Chromium for the tests …"
	@$(BIN)/python -m playwright install chromium-headless-shell || { \
		echo "The tests open a real page, which needs Chromium; on Debian and Ubuntu: apt install chromium" >&2; exit 1; }
	@touch $@

# `npm ci` stops at packages of other platforms that a lock names; `npm install` follows the lock as well.
$(INSTALLED_CONSOLE):
	@$(NODE_IS_HERE) || { \
		echo "The console is built by Node.js 20.19, 22.12 or newer, with npm;" \
			"found: $$(node --version 2>/dev/null || echo none)." >&2; \
		exit 1; }
	@echo "Installing what builds the console …"
	@cd console && npm install --include=dev --no-save --no-audit --no-fund --loglevel=error || $(NOTE_FAILURE)
	@rm -f console/node_modules/.installed* && touch $@

$(CONSOLE_BUILT): $(INSTALLED_CONSOLE)
	@echo "Building the console …"
	@cd console && npm run --silent build || $(NOTE_FAILURE)
	@rm -f console/dist-failed && touch $@

postman/node_modules/.installed: postman/package-lock.json postman/package.json
	@for tool in node npm; do command -v $$tool >/dev/null || { \
		echo "The tests run the Postman collection with newman, which needs Node.js 18 or newer; $$tool was not found." >&2; \
		exit 1; }; done
	@node -e 'process.exit(Number(process.versions.node.split(".")[0]) < 18 ? 1 : 0)' || { \
		echo "The tests need Node.js 18 or newer; this is $$(node --version)." >&2; exit 1; }
	@echo "Installing newman …"
	@cd postman && npm ci --no-audit --no-fund --loglevel=error
	@touch $@
