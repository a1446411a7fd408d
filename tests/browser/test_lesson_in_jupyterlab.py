from __future__ import annotations

import os
from pathlib import Path

import nbformat
import pytest

from tests.browser import lab

ROOT = Path(__file__).parents[2]
# JupyterLab marks a traceback like text on standard error.
RED = ".jp-OutputArea-output[data-mime-type='application/vnd.jupyter.stderr']"


@pytest.fixture(autouse=True)
def _browser() -> None:
    if lab.chromium() is None:
        if os.environ.get("CI"):
            pytest.fail(lab.INSTALL_CHROMIUM)
        pytest.skip(lab.INSTALL_CHROMIUM)


@pytest.mark.parametrize("lesson", ["01_first_stack"])
def test_a_lesson_runs_from_top_to_bottom(lesson: str, tmp_path: Path) -> None:
    folder, home = tmp_path / "lessons", tmp_path / "home"
    folder.mkdir()
    name = lab.prepare(ROOT / "lessons" / f"{lesson}.ipynb", folder)

    with lab.serve(folder, home) as server, lab.browse(server.page(name)) as page:
        cells = lab.run_all_cells(page)
        pictures = lab.photograph(page, lesson)

        assert lab.errors(cells) == []
        assert lab.not_run(cells) == []
        assert page.locator(RED).count() == 0  # what the learner sees: no error, no warning
    assert all(picture.stat().st_size > 10_000 for picture in pictures)


def test_a_failing_cell_is_reported(tmp_path: Path) -> None:
    folder, home = tmp_path / "lessons", tmp_path / "home"
    folder.mkdir()
    cells = [nbformat.v4.new_code_cell(source) for source in ("1 + 1", "1 / 0", "2 + 2")]
    # Without a kernel's name, JupyterLab would ask for one.
    kernel = {"kernelspec": {"name": "python3", "display_name": "Python 3"}}
    notebook = nbformat.v4.new_notebook(cells=cells, metadata=kernel)
    nbformat.write(notebook, folder / "broken.ipynb")

    with lab.serve(folder, home) as server, lab.browse(server.page("broken.ipynb")) as page:
        seen = lab.run_all_cells(page, timeout=60)

        assert lab.errors(seen) == ["ZeroDivisionError: division by zero"]
        assert lab.not_run(seen) == ["2 + 2"]
        assert page.locator(RED).count() == 1
