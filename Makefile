# make demo   the whole flow on this machine, no infrastructure      make test   the tests
# make check  what CI checks: format, lint, types, tests, docs       make real   tests against real parts
# make soak   faults and fuzzing for a night
# make atlas VERSION=x   measure a client release                    make bench  the timing table
# make facts KEY=x       sign the facts as a bundle
# make update  write golden files and docs/rules again               make coverage  the tests, with a floor
# make site   the documentation as a site, in build/site
# make locked  install exactly what uv.lock says                      make dist sbom audit  for a release, needs uv
PYTHON ?= python3
UV ?= uv
VENV := .venv
BIN := $(VENV)/bin
READY := $(VENV)/.ready
export PIP_DISABLE_PIP_VERSION_CHECK = 1
# One worker for each core; a test file may be spread over them, because no unit test shares state with another.
PARALLEL := -n auto --maxprocesses 8 --dist worksteal

# A page that is not in the navigation, or a link to nothing, is an error.
BUILD_SITE = NO_MKDOCS_2_WARNING=1 $(BIN)/mkdocs build -q --strict

.PHONY: demo test check real soak atlas facts bench update coverage locked dist sbom audit site clean

# Downloads fail now and then: three tries, with pip's own cache between them. An older pip writes a console script that
# imports a regular expression engine first, which costs more than `cgw env` itself.
$(READY): pyproject.toml
	$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "cgw needs Python 3.11 or newer; try: make PYTHON=python3.12 " + "test")'
	test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	for try in 1 2 3; do \
	  $(BIN)/python -m pip install -q -U pip && \
	  $(BIN)/python -m pip install -q -e . --group test && break; \
	  test $$try -lt 3 || exit 1; sleep 5; \
	done
	touch $@

$(VENV)/.checkers: $(READY)
	for try in 1 2 3; do \
	  $(BIN)/python -m pip install -q --group dev && break; \
	  test $$try -lt 3 || exit 1; sleep 5; \
	done
	touch $@

demo: $(READY)
	$(BIN)/cgw demo

test: $(READY)
	$(BIN)/python -m pytest -q $(PARALLEL)

# TESTED=1 leaves the tests out, for a run that has had them just before (.ci/run).
check: $(READY) $(VENV)/.checkers
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BUILD_SITE)
	$(if $(TESTED),,$(BIN)/python -m pytest -q $(PARALLEL))

site: $(READY) $(VENV)/.checkers
	$(BUILD_SITE)

# Two workers, each with whole files: what a file sets up (a gateway, a store, a keyring) is there once, and nothing is
# shared between files but the installed parts.
real: $(READY)
	$(BIN)/python tests/real/parts.py all
	$(BIN)/python -m pytest -q -m real --durations=20 -n 2 --dist loadfile --no-loadscope-reorder tests/real tests/faults

# Outside CI, for a night: every fault at every call, 500 kills of a cold helper, long fuzzing. Stopped with Ctrl-C, it
# continues the next time with what has not passed yet. SOAK=tests/faults is a part of it.
SOAK := tests/faults tests/fuzz
soak: $(READY)
	$(BIN)/python tests/real/parts.py openbao
	$(BIN)/python -m pip install -q atheris
	CGW_SOAK=1 $(BIN)/python -m pytest -q -s -m "" -p tests.soak $(SOAK)

atlas: $(READY)
	@test -n "$(VERSION)" || { echo "which client? make atlas VERSION=2.1.331"; exit 2; }
	$(BIN)/python tests/atlas/measure.py $(VERSION)

facts: $(READY)
	@test -n "$(KEY)" || { echo "which key? make facts KEY=~/.ssh/cgw-facts"; exit 2; }
	$(BIN)/python tests/atlas/bundle.py $(KEY)

update: $(READY)
	$(BIN)/python -m pytest -q --update tests/emit/test_render.py tests/rules/test_docs.py tests/facts/test_fronts.py tests/facts/test_client_options.py tests/emit/test_formats_page.py tests/docs

coverage: $(READY) $(VENV)/.checkers
	$(BIN)/python tests/measure_coverage.py

# Instead of the two rules at the top: every download is checked against its hash.
locked:
	$(UV) sync --locked --python "$$(command -v $(PYTHON))"
	touch $(READY) $(VENV)/.checkers

# The date inside the archives is that of the commit, so that anybody can build the same bytes.
dist: $(READY) $(VENV)/.checkers
	SOURCE_DATE_EPOCH=$$(git log -1 --format=%ct) $(BIN)/python -m build --no-isolation

sbom:
	mkdir -p dist
	$(UV) export --locked --no-dev --preview-features sbom-export --format cyclonedx1.5 --quiet -o dist/sbom.cdx.json

# pip-audit asks PyPI's JSON interface for each package. A mirror that has only the index knows none of them: "not found
# on PyPI", whatever the package. AUDIT="-s osv --osv-url URL" asks another service.
audit:
	mkdir -p build
	$(UV) run --isolated --locked --only-group audit zizmor --offline .github
	$(UV) export --locked --all-groups --no-emit-project --format requirements-txt --quiet -o build/audit.txt
	$(UV) run --isolated --locked --only-group audit pip-audit --strict --require-hashes --disable-pip $(AUDIT) -r build/audit.txt

bench: $(READY)
	$(BIN)/python bench/run.py

clean:
	rm -rf $(VENV) dist build .pytest_cache .mypy_cache .ruff_cache .hypothesis
