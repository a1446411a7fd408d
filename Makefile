# The course in two commands: `make lab` and `make test`. `make help` lists the rest.

VENV ?= .venv
PYTHON ?= python3 python3.13 python3.12 python3.11
JOBS ?= 2
UV ?= uv
ARGS ?=

# The same values as in seqkit/environment.py; a test compares.
export TF_CPP_MIN_LOG_LEVEL ?= 3
export TF_ENABLE_ONEDNN_OPTS ?= 0
export PIP_DISABLE_PIP_VERSION_CHECK = 1

PY = $(VENV)/bin/python
LOCKED = $(VENV)/.locked
INSTALLED = $(VENV)/.installed
NOTEBOOKS = $(wildcard lessons/*.ipynb solutions/*.ipynb)
# Jupyter refuses to run as root unless told; inside a container root is usual.
AS_ROOT = $(shell test "$$(id -u)" = 0 && echo --allow-root)

# What traces, explains, checks, converts and trains fast: no lesson, no data, no notebook.
ENGINE = $(addprefix tests/,graph arithmetic tracing drawing fitting repairing explaining linting converting) \
    $(patsubst %,tests/training/test_%.py,fast_path many_devices)
# What measures seconds, or needs both processor cores.
ALONE = benchmarks browser kernel \
    $(patsubst %,grading/test_%.py,batch cluster fair plugin threats)
TOOLS = pytest pytest-xdist hypothesis matplotlib ipython
OLDEST = keras==3.10.* jax numpy $(TOOLS)

.DEFAULT_GOAL := help
.PHONY: help install environment lab test check full oldest torch notebooks lock clean

help:  ## this list
	@awk -F ':.*## ' '/^[a-z]+:.*## / { printf "make %-10s %s\n", $$1, $$2 }' Makefile

install: $(INSTALLED)  ## make .venv from the lock file

lab: $(INSTALLED)  ## open JupyterLab on the lessons (ARGS=--no-browser for a server)
	@# Trusted: otherwise JupyterLab hides the drawings that are stored in the notebooks.
	@$(if $(NOTEBOOKS),$(PY) -c "from nbformat.sign import TrustNotebookApp as A; A.launch_instance()" $(NOTEBOOKS) > /dev/null)
	$(PY) -m jupyterlab --ServerApp.root_dir="$(CURDIR)" --LabApp.default_url=/lab/tree/lessons $(AS_ROOT) $(ARGS)

check: $(INSTALLED)  ## style and types
	$(PY) -m ruff check .
	$(PY) -m ruff format --check .
	$(PY) -m mypy

test: check  ## everything: style, types, library, benchmarks, browser, notebooks
	$(PY) -m pytest -n $(JOBS) --dist loadfile $(addprefix --ignore tests/,$(ALONE))
	@# One at a time: these measure seconds, or need both processor cores.
	$(PY) -m pytest $(addprefix tests/,$(ALONE))
	$(PY) -m pytest --nbval lessons solutions

notebooks: $(INSTALLED)  ## make every notebook again from its source
	$(PY) -m seqkit.cli build

full: $(INSTALLED)  ## run the lessons under the budget full, into build/full
	$(PY) -m seqkit.cli full

oldest: build/oldest/.locked  ## the engine on the oldest Keras, with JAX
	KERAS_BACKEND=jax build/oldest/bin/python -m pytest -n $(JOBS) --dist loadfile $(ENGINE)

torch: build/torch/.installed  ## the engine on the newest Keras, with PyTorch
	KERAS_BACKEND=torch build/torch/bin/python -m pytest -n $(JOBS) --dist loadfile $(ENGINE)

lock:  ## renew requirements.lock (needs uv), and what is made from it
	@# Its 1.3 is for Python 3.10 alone; uv looks at lower bounds only.
	mkdir -p build && echo "backports-strenum<1.3" > build/constraints.txt
	env -u PIP_FIND_LINKS -u UV_FIND_LINKS $(UV) --no-config pip compile pyproject.toml \
	    --extra cpu --extra course --extra ship --extra grade --extra cluster --extra dev \
	    --constraints build/constraints.txt --universal --python-version 3.11 --generate-hashes --no-annotate \
	    --custom-compile-command "make lock" --quiet --upgrade --output-file requirements.lock
	echo "$(OLDEST)" | tr ' ' '\n' | env -u PIP_FIND_LINKS -u UV_FIND_LINKS $(UV) --no-config pip compile - \
	    --universal --python-version 3.11 --generate-hashes --no-annotate \
	    --custom-compile-command "make lock" --quiet --upgrade --output-file requirements-oldest.lock
	$(MAKE) $(INSTALLED)
	$(PY) -m seqkit.cli environment

clean:  ## remove .venv and everything else that is made here
	rm -rf $(VENV) build dist .pytest_cache .mypy_cache .ruff_cache .hypothesis
	find seqkit tests -name __pycache__ -type d -prune -exec rm -rf {} +

# The stamps are copies of what was installed: a file that is only newer, as after a checkout,
# costs nothing.
$(LOCKED): requirements.lock
	@cmp -s requirements.lock $@ || $(MAKE) --no-print-directory environment
	@cp requirements.lock $@

$(INSTALLED): $(LOCKED) pyproject.toml
	@cmp -s pyproject.toml $@ || $(PY) -m pip install --quiet --no-deps --no-build-isolation --editable .
	@cp pyproject.toml $@

build/oldest/.locked: requirements-oldest.lock $(LOCKED)
	$(PY) -m venv --clear build/oldest
	build/oldest/bin/python -m pip install --quiet --require-hashes -r requirements-oldest.lock
	@cp requirements-oldest.lock $@

build/torch/.installed: $(LOCKED)
	$(PY) -m venv --clear build/torch
	build/torch/bin/python -m pip install --quiet keras torch $(TOOLS)
	@touch $@

environment:
	@found=; \
	for python in $(PYTHON); do \
	    if "$$python" -c 'import sys, venv, ensurepip; sys.exit(not (3, 11) <= sys.version_info < (3, 14))' \
	        2> /dev/null; then found="$$python"; break; fi; \
	done; \
	if [ -z "$$found" ]; then \
	    echo "The course needs Python 3.11, 3.12 or 3.13 with its venv module. Tried: $(PYTHON)." >&2; \
	    echo "Install one (Debian, Ubuntu: apt-get install python3 python3-venv)," >&2; \
	    echo "or say where it is: make lab PYTHON=/path/to/python3" >&2; \
	    exit 1; \
	fi; \
	echo "Making $(VENV) with $$found. This takes a few minutes, once."; \
	"$$found" -m venv --clear "$(VENV)"
	$(PY) -m pip install --quiet --no-compile --require-hashes -r requirements.lock
	@# Compiled once, in all processes: otherwise the first import of TensorFlow takes 8 s, not 3.
	@# Some packages ship templates that are not Python; those cannot compile and need not.
	-@PYTHONWARNINGS=ignore $(PY) -m compileall -qq -j 0 "$(VENV)/lib"
