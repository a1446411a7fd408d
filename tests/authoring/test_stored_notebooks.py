"""The notebooks of the course as they are stored: in step with their sources, and fit to read."""

from __future__ import annotations

from pathlib import Path

import nbformat
import pytest

from seqkit.authoring import drift
from seqkit.authoring.checks import failed_checks, findings, not_run

ROOT = Path(__file__).resolve().parents[2]
STORED = [
    pytest.param(path, id=f"{folder}/{path.stem}")
    for folder in ("lessons", "exercises", "solutions")
    for path in sorted((ROOT / folder).glob("*.ipynb"))
]
WITH_OUTPUTS = [param for param in STORED if not str(param.id).startswith("exercises/")]


def test_every_derived_file_is_in_step_with_its_source() -> None:
    assert drift(ROOT) == []


@pytest.mark.parametrize("path", STORED)
def test_a_notebook_is_fit_to_read(path: Path) -> None:
    notebook = nbformat.read(path, as_version=4)
    nbformat.validate(notebook)
    assert findings(notebook, path) == []


@pytest.mark.parametrize("path", WITH_OUTPUTS)
def test_every_cell_was_run(path: Path) -> None:
    assert not_run(nbformat.read(path, as_version=4)) == []


@pytest.mark.parametrize("path", sorted((ROOT / "solutions").glob("*.ipynb")))
def test_every_solution_is_checked_and_correct(path: Path) -> None:
    assert failed_checks(nbformat.read(path, as_version=4)) == []


@pytest.mark.parametrize("path", sorted((ROOT / "exercises").glob("*.ipynb")))
def test_exercises_are_handed_out_empty(path: Path) -> None:
    for cell in nbformat.read(path, as_version=4).cells:
        assert "### " not in cell.source or cell.cell_type == "markdown"
        if cell.cell_type == "code":
            assert cell.outputs == []
            assert cell.execution_count is None
