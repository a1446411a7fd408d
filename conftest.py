"""Settings for every pytest run in this repository: library tests, doctests and notebooks."""

from __future__ import annotations

from pathlib import Path

import pytest

from seqkit import environment

ROOT = Path(__file__).parent

pytest_plugins = ["tests.notebook_limits"]

# Here, and not in a fixture: the kernels that nbval starts inherit the variables of this process.
environment.apply()

# py:percent sources are programs, and --doctest-modules imports every module that it collects.
collect_ignore_glob = ["lessons/src/*", "solutions/src/*", "exercises/src/*", "build/*"]


def pytest_configure(config: pytest.Config) -> None:
    options = config.option
    if not hasattr(options, "nbval"):
        return
    if options.nbval_sanitize_with is None:
        # An absolute path, so that `cd lessons && pytest --nbval` works too.
        options.nbval_sanitize_with = str(ROOT / "tests" / "nbval_sanitize.cfg")
    if options.nbval_kernel_name is None:
        # The Python that runs pytest, whatever kernels the user has installed.
        options.nbval_current_env = True
