"""The rules for stored notebooks find what they look for."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import nbformat.v4 as v4
import pytest

from seqkit.authoring.checks import failed_checks, findings, ignored_share, not_run

Cell = Any  # nbformat has no types
PATH = Path("lessons/01_first.ipynb")


def with_output(data: dict[str, str], metadata: dict[str, Any] | None = None) -> Cell:
    output = v4.new_output("display_data", data=data, metadata=metadata or {})
    return v4.new_code_cell("x", outputs=[output], execution_count=1)


def stream(text: str, name: str = "stdout") -> Cell:
    return v4.new_code_cell("x", outputs=[v4.new_output("stream", name=name, text=text)])


@pytest.mark.parametrize(
    ("cell", "fault"),
    [
        (v4.new_markdown_cell("![](a.png)"), "no alt text"),
        (v4.new_markdown_cell("[see](nowhere.ipynb)"), "leads nowhere"),
        (v4.new_markdown_cell("[![badge](https://x.org/b.svg)](gone.md)"), "gone.md leads nowhere"),
        (v4.new_markdown_cell('<img src="https://x.org/b.svg">'), "<img> has no alt"),
        (with_output({"image/png": "aa"}), "no alt text"),
        (with_output({"text/html": "<svg viewBox=''></svg>"}), "<svg> has no title"),
        (stream("careful", "stderr"), "error stream"),
        (stream("<History at 0x7f1228259490>"), "address in memory"),
        (stream("in /tmp/x/y.py"), "path of the machine"),
        (stream(f"{Path.home()}/course"), "path of the machine"),
    ],
)
def test_a_fault_is_found(cell: Cell, fault: str) -> None:
    found = findings(v4.new_notebook(cells=[cell]), PATH)
    assert any(fault in line for line in found), found


@pytest.mark.parametrize(
    "cell",
    [
        v4.new_markdown_cell("![a cat](https://x.org/a.png) [top](#top) [w](https://x.org)"),
        with_output({"image/png": "aa"}, {"image/png": {"alt": "A curve."}}),
        with_output({"image/png": "aa"}, {"alt": "A curve."}),
        with_output({"text/html": "<svg><title>A net</title></svg>"}),
        stream("plain"),
    ],
)
def test_a_good_cell_passes(cell: Cell) -> None:
    assert findings(v4.new_notebook(cells=[cell]), PATH) == []


def test_too_many_ignored_outputs() -> None:
    tagged = v4.new_code_cell("x", metadata={"tags": ["nbval-ignore-output"]})
    commented = v4.new_code_cell("# NBVAL_IGNORE_OUTPUT\nx")
    notebook = v4.new_notebook(cells=[tagged, commented, v4.new_code_cell("y")])
    assert ignored_share(notebook) == pytest.approx(2 / 3)
    assert any("more than a third" in line for line in findings(notebook, PATH))


def test_cells_that_were_not_run_and_checks_that_failed() -> None:
    check = stream("✗ Not yet · question 1")
    check.metadata["seqkit"] = {"role": "check", "question": "q1"}
    notebook = v4.new_notebook(cells=[check])
    assert len(not_run(notebook)) == 1
    assert len(failed_checks(notebook)) == 1
