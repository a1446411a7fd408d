"""The limits on notebooks can fail."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import nbformat
import pytest

ROOT = Path(__file__).parents[1]


@pytest.mark.parametrize(("limit", "status"), [("1e9", 0), ("0.0", 1)])
def test_a_notebook_over_the_limit_fails_the_run(tmp_path: Path, limit: str, status: int) -> None:
    cell = nbformat.v4.new_code_cell("1 + 1", execution_count=1)
    cell.outputs = [
        nbformat.v4.new_output("execute_result", {"text/plain": "2"}, execution_count=1)
    ]
    nbformat.write(nbformat.v4.new_notebook(cells=[cell]), tmp_path / "sum.ipynb")
    (tmp_path / "conftest.py").write_text(
        "import sys\n"
        f"sys.path.insert(0, {str(ROOT)!r})\n"
        "import tests.notebook_limits as limits\n"
        f"limits.LIMIT_SECONDS = {limit}\n"
        "pytest_plugins = ['tests.notebook_limits']\n"
    )
    command = [sys.executable, "-m", "pytest", "--nbval", "--nbval-current-env", str(tmp_path)]
    result = subprocess.run(command, capture_output=True, text=True, cwd=tmp_path, check=False)
    assert result.returncode == status, result.stdout + result.stderr
    assert " MB  " in result.stdout
    assert ("OVER THE LIMIT" in result.stdout) == bool(status)
