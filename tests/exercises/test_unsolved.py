"""Every exercise runs to its end before anybody has answered anything."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import nbformat
import pytest

from seqkit.authoring.execute import execute
from seqkit.authoring.notebooks import role

ROOT = Path(__file__).resolve().parents[2]
EXERCISES = sorted((ROOT / "exercises").glob("*.ipynb"))


@pytest.mark.parametrize("path", EXERCISES, ids=lambda path: path.stem)
def test_every_check_says_not_attempted(path: Path, tmp_path: Path) -> None:
    notebook = nbformat.read(path, as_version=4)
    execute(notebook, tmp_path / path.name, ROOT)  # raises at an error, and at any warning
    checks = [cell for cell in notebook.cells if role(cell) == "check"]
    assert checks
    for cell in checks:
        assert "Not attempted" in _shown(cell), cell.source


def _shown(cell: Any) -> str:
    return "".join(
        output.get("text", "") + output.get("data", {}).get("text/plain", "")
        for output in cell.outputs
    )
