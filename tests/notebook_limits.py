"""A pytest plugin: seconds and peak memory of every notebook that nbval runs, with limits.

Each lesson must run where Binder serves it: two cores, 90 seconds, 1.5 GB.
"""

from __future__ import annotations

from collections.abc import Generator, Iterator
from typing import Any

import pytest

from seqkit.kernel.processes import peak_memory

LIMIT_SECONDS = 90.0
LIMIT_MEGABYTES = 1500.0
_KEY = "kernel_peak_megabytes"

_seconds: dict[str, float] = {}
_megabytes: dict[str, float] = {}


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(
    item: pytest.Item, call: pytest.CallInfo[Any]
) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    report = yield
    if call.when == "call":
        peak = peak_megabytes(item)
        if peak is not None:
            report.user_properties.append((_KEY, peak))
    return report


def peak_megabytes(item: Any) -> float | None:
    """Peak memory of the kernel that runs a notebook's cells; None where it is not known."""
    manager = getattr(getattr(getattr(item, "parent", None), "kernel", None), "km", None)
    process = getattr(getattr(manager, "provisioner", None), "pid", None)
    peak = peak_memory(process) if process is not None else 0
    return peak / 1e6 if peak else None  # not nbval, not Linux, or the kernel died


def pytest_runtest_logreport(report: pytest.TestReport) -> None:
    notebook = report.nodeid.split("::")[0]
    if not notebook.endswith(".ipynb"):
        return
    _seconds[notebook] = _seconds.get(notebook, 0.0) + report.duration
    for key, value in report.user_properties:
        if key == _KEY:
            _megabytes[notebook] = max(_megabytes.get(notebook, 0.0), float(str(value)))


def over_limit() -> Iterator[str]:
    """Say which notebooks took too long or too much."""
    for notebook, seconds in _seconds.items():
        if seconds > LIMIT_SECONDS:
            yield f"{notebook} took {seconds:.0f} s; the limit is {LIMIT_SECONDS:.0f} s"
    for notebook, megabytes in _megabytes.items():
        if megabytes > LIMIT_MEGABYTES:
            yield f"{notebook} took {megabytes:.0f} MB; the limit is {LIMIT_MEGABYTES:.0f} MB"


def pytest_terminal_summary(terminalreporter: Any) -> None:
    if not _seconds:
        return
    terminalreporter.section("notebooks: seconds and peak memory")
    for notebook in sorted(_seconds):
        megabytes = _megabytes.get(notebook)
        memory = "unknown" if megabytes is None else f"{megabytes:5.0f} MB"
        terminalreporter.line(f"{_seconds[notebook]:6.1f} s  {memory}  {notebook}")
    for line in over_limit():
        terminalreporter.line(f"OVER THE LIMIT: {line}", red=True)


@pytest.hookimpl(trylast=True)
def pytest_sessionfinish(session: pytest.Session) -> None:
    on_worker = hasattr(session.config, "workerinput")
    if not on_worker and session.exitstatus == 0 and any(over_limit()):
        session.exitstatus = pytest.ExitCode.TESTS_FAILED
