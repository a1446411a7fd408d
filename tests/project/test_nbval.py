from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import nbformat
import pytest

ROOT = Path(__file__).parents[2]
CODE = "print('device: this one')\nprint('loss', 1)"


def _nbval(folder: Path, *stored: str) -> subprocess.CompletedProcess[str]:
    """Run strict nbval with the project's conftest on a notebook with these stored lines."""
    cell = nbformat.v4.new_code_cell(CODE, execution_count=1)
    cell.outputs = [nbformat.v4.new_output("stream", text="\n".join(stored) + "\n")]
    # Far from what other tests leave next to `folder`: submissions, perhaps.
    folder = folder / "a" / "b" / "c"
    folder.mkdir(parents=True)
    nbformat.write(nbformat.v4.new_notebook(cells=[cell]), folder / "one.ipynb")
    options = ["-p", "no:cacheprovider", f"--rootdir={ROOT}", "-c", ROOT / "pyproject.toml"]
    return _pytest("--nbval", *map(str, options), "-p", "conftest", str(folder))


def _pytest(*arguments: str, cwd: Path = ROOT) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "pytest", "-q", *arguments]
    return subprocess.run(command, cwd=cwd, capture_output=True, text=True)


def test_the_line_that_names_the_device_may_differ(tmp_path: Path) -> None:
    done = _nbval(tmp_path, "device: another machine, 64 cores", "loss 1")
    assert done.returncode == 0, done.stdout


def test_any_other_line_may_not_differ(tmp_path: Path) -> None:
    done = _nbval(tmp_path, "device: this one", "loss 2")
    assert done.returncode == 1, done.stdout
    assert "mismatch" in done.stdout


@pytest.mark.parametrize(
    "arguments", [["--nbval", "seqkit/environment.py"], ["seqkit/environment.py"]]
)
def test_the_settings_do_no_harm_without_notebooks(arguments: list[str]) -> None:
    assert _pytest(*arguments).returncode == 0


def test_pytest_does_not_run_the_sources_of_the_lessons(tmp_path: Path) -> None:
    done = _pytest(
        "--collect-only", "--ignore-glob=*.ipynb", "--continue-on-collection-errors", "lessons"
    )
    assert "src/" not in done.stdout
