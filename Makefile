# make nightly | make test | make check | make up | make down          (README.md says what each is for)
SHELL := /bin/bash
.DELETE_ON_ERROR:
export DATABANK_HOME ?= $(CURDIR)/var
unexport PYTHONDONTWRITEBYTECODE
BIN := .venv/bin

.PHONY: nightly test fuzz check env system spark up down docs samples lint-contracts clean

env: .venv/.ready  ## the pinned environment

.venv/.ready: pyproject.toml constraints.txt constraints-bootstrap.txt
	python3 -m venv --clear .venv
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r constraints-bootstrap.txt
	$(BIN)/uv pip install --quiet --python $(BIN)/python --require-hashes -r constraints.txt
	$(BIN)/uv pip install --quiet --python $(BIN)/python --no-deps --no-build-isolation -e .
	@touch $@

spark: env  ## Apache Spark for linking, where there is Java
	@if command -v java >/dev/null 2>&1; then $(MAKE) --no-print-directory .venv/.spark; \
	else echo "Java is not installed: databank links with DuckDB only, and tests of Spark are left out."; fi

.venv/.spark: .venv/.ready constraints-spark.txt
	$(BIN)/uv pip install --quiet --python $(BIN)/python --require-hashes -r constraints-spark.txt
	@touch $@

nightly: env  ## two nights of a synthetic nation through Airflow, then a summary
	@$(BIN)/databank nightly

up: env  ## Airflow's scheduler, dag processor, triggerer and API server on loopback
	@$(BIN)/databank up

down:  ## stop them, and the embedded PostgreSQL
	@if [ -x $(BIN)/databank ]; then $(BIN)/databank down; fi

system:  ## parts that tests need from the system
	@sh tests/system.sh

test: env system spark  ## the whole suite
	@$(BIN)/python -m pytest -n 4 --dist loadfile --no-loadscope-reorder -q

fuzz: env  ## readers against FUZZ_FILES bad files of each format, then a fuzzer that follows their branches, FUZZ_SECONDS each
	@$(BIN)/python -m tests.fuzz.mutations $${FUZZ_FILES:-1000} && mkdir -p $(DATABANK_HOME)/fuzz && for format in $$($(BIN)/python -c "from tests.fuzz.target import seeds; print(*seeds())"); do \
	mkdir -p $(DATABANK_HOME)/fuzz/$$format && $(BIN)/python -m tests.fuzz.guided $$format -max_total_time=$${FUZZ_SECONDS:-60} \
	-artifact_prefix=$(DATABANK_HOME)/fuzz/ $(DATABANK_HOME)/fuzz/$$format || exit 1; done

check: env  ## before each commit: under a minute
	@$(BIN)/ruff format --check . && $(BIN)/ruff check . && $(BIN)/mypy && \
	$(BIN)/python -m pytest -q -n 2 -m "not slow" tests/house tests/unit tests/spec

lint-contracts: env  ## all contracts through a public linter, in an environment of its own
	@$(MAKE) --no-print-directory .venv/lint/.ready && sh tests/lint_contracts.sh .venv/lint/bin/datacontract schemas/feeds docs/examples/feeds

.venv/lint/.ready: constraints-lint.txt
	@$(BIN)/uv venv --quiet --clear --python $(BIN)/python .venv/lint
	$(BIN)/uv pip install --quiet --python .venv/lint/bin/python --require-hashes -r constraints-lint.txt
	@touch $@

docs: env  ## generated pages: specification and data dictionary
	@$(BIN)/python -m tests.spec_page && $(BIN)/python -m schemas.dictionary

samples: env  ## sample returns of a synthetic nation, in docs/examples/returns
	@$(BIN)/python -m tests.sample_returns

clean:  ## forget all state (not the environment)
	@$(MAKE) --no-print-directory down; rm -rf $(DATABANK_HOME)
