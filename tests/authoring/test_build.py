"""The build on a course of one small lesson and one small exercise."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

import jupytext
import nbformat
import pytest

from seqkit.authoring import build, drift
from seqkit.authoring.errors import CellFailedError, SourceError
from seqkit.authoring.sources import Source, find_root

Notebook = Any  # nbformat has no types
ROOT = Path(__file__).resolve().parents[2]
LESSON = """\
# %% [markdown]
# # Count
#
# {{badges}}

# %% seqkit={"role": "setup"}
# {{colab_install}}

# %%
print("three")

# %% seqkit={"role": "check"}
1 + 1
"""
SOLUTION = """\
# %% [markdown]
# {{question q1}}

# %% [markdown] seqkit={"role": "text", "only": "solutions"}
# The reasoning.

# %% seqkit={"role": "given"}
%config InlineBackend.figure_format = "png"
hidden = 64

# %% seqkit={"role": "answer", "question": "q1", "points": 1}
### BEGIN SOLUTION
answer = 50_890
### STARTER
# answer = ...
### END SOLUTION

# %% seqkit={"role": "check", "question": "q1"} tags=["keep"]
print("✓ Correct", answer)
"""


@pytest.fixture
def course(tmp_path: Path) -> Path:
    for folder, text in (("lessons", LESSON), ("solutions", SOLUTION)):
        (tmp_path / folder / "src").mkdir(parents=True)
        (tmp_path / folder / "src" / "01_count.py").write_text(text, encoding="utf-8")
    shutil.copy(ROOT / "pyproject.toml", tmp_path)
    return tmp_path


def read(path: Path) -> Notebook:
    return nbformat.read(path, as_version=4)


def edit(path: Path, old: str, new: str) -> None:
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new), encoding="utf-8")


def test_all_derived_files_are_made(course: Path) -> None:
    build(course, say=lambda line: None)
    lesson = read(course / "lessons/01_count.ipynb")
    assert "mybinder.org" in lesson.cells[0].source
    assert "google.colab" in lesson.cells[1].source
    assert lesson.cells[2].outputs[0].text == "three\n"
    assert lesson.cells[3].metadata["jupyter"] == {"source_hidden": True}
    assert lesson.metadata == {
        "kernelspec": {"display_name": "Python 3", "language": "python", "name": "python3"},
        "language_info": {"name": "python"},
    }

    solution = read(course / "solutions/01_count.ipynb")
    assert [cell.source for cell in solution.cells][3] == "answer = 50_890"
    assert solution.cells[4].outputs[0].text == "✓ Correct 50890\n"
    assert "The reasoning." in [cell.source for cell in solution.cells]

    exercise = read(course / "exercises/01_count.ipynb")
    assert [cell.id for cell in exercise.cells][-2:] == ["q1-answer", "q1-check"]
    assert exercise.cells[2].source == "answer = ..."
    assert exercise.cells[2].metadata["seqkit"] == {
        "role": "answer",
        "question": "q1",
        "points": 1,
    }
    assert exercise.cells[3].metadata["tags"] == ["keep"]
    assert exercise.cells[0].source.startswith("## Question 1: Count the parameters")
    assert "The reasoning." not in [cell.source for cell in exercise.cells]
    assert not any(cell.get("outputs") for cell in exercise.cells)
    answers = course / "seqkit/exercises/solutions/ex01.json"
    assert json.loads(answers.read_text(encoding="utf-8")) == {"q1": "answer = 50_890"}
    assert drift(course) == []


def test_only_changed_code_runs_again(course: Path) -> None:
    build(course, say=lambda line: None)
    said: list[str] = []
    assert build(course, say=said.append) == []
    assert said == []

    source = course / "lessons/src/01_count.py"
    edit(source, "# # Count", "# # Count again")
    build(course, say=said.append)
    assert said == ["wrote   lessons/01_count.ipynb"]
    assert read(course / "lessons/01_count.ipynb").cells[2].outputs[0].text == "three\n"

    said.clear()
    edit(source, '"three"', '"four"')
    build(course, say=said.append)
    assert said == ["run     lessons/01_count.ipynb", "wrote   lessons/01_count.ipynb"]
    assert read(course / "lessons/01_count.ipynb").cells[2].outputs[0].text == "four\n"


def test_two_builds_give_equal_bytes(course: Path) -> None:
    build(course, say=lambda line: None)
    before = {path: path.read_bytes() for path in course.glob("*/*.ipynb")}
    assert len(before) == 3
    assert build(course, force=True, say=lambda line: None) == []
    assert {path: path.read_bytes() for path in before} == before


def test_new_links_need_no_run(course: Path) -> None:
    build(course, say=lambda line: None)
    from seqkit.authoring import links

    links.set_repository(course, "someone/else")
    said: list[str] = []
    build(course, say=said.append)
    assert said == ["wrote   lessons/01_count.ipynb"]
    lesson = read(course / "lessons/01_count.ipynb")
    assert "someone/else" in lesson.cells[0].source
    assert "someone/else" in lesson.cells[1].source
    assert lesson.cells[1].execution_count == 1


@pytest.mark.parametrize(
    ("path", "old", "new"),
    [
        ("lessons/01_count.ipynb", "three", "five"),
        ("exercises/01_count.ipynb", "answer = ...", "answer = 3"),
        ("solutions/01_count.ipynb", '"points": 1', '"points": 9'),
        ("exercises/01_count.ipynb", '"id": "q1-check"', '"id": "other"'),
        ("exercises/01_count.ipynb", '"name": "python3"', '"name": "python4"'),
        ("seqkit/exercises/solutions/ex01.json", "50_890", "1"),
    ],
)
def test_drift_is_reported(course: Path, path: str, old: str, new: str) -> None:
    build(course, run=False, say=lambda line: None)
    assert drift(course) == []
    edit(course / path, old, new)
    assert any(line.startswith(path) for line in drift(course))


def test_missing_and_orphaned_notebooks_are_drift(course: Path) -> None:
    build(course, run=False, say=lambda line: None)
    (course / "exercises/01_count.ipynb").rename(course / "exercises/02_gone.ipynb")
    assert drift(course) == [
        "exercises/01_count.ipynb: missing; run `seqkit build`",
        "exercises/02_gone.ipynb: has no source",
    ]


@pytest.mark.parametrize(
    ("code", "reason"),
    [
        ("1 / 0", "ZeroDivisionError"),
        ("import warnings; warnings.warn('careful')", "writes to the error stream"),
    ],
)
def test_a_failed_cell_is_named(course: Path, code: str, reason: str) -> None:
    edit(course / "lessons/src/01_count.py", 'print("three")', code)
    with pytest.raises(CellFailedError, match=reason) as caught:
        build(course, say=lambda line: None)
    assert "lessons/01_count.ipynb, cell 3 (given-" in str(caught.value)
    assert not (course / "lessons/01_count.ipynb").exists()


def test_a_solution_that_fails_its_check_is_not_stored(course: Path) -> None:
    edit(course / "solutions/src/01_count.py", "✓ Correct", "✗ Not yet")
    with pytest.raises(CellFailedError, match="does not pass its own check"):
        build(course, say=lambda line: None)
    assert not (course / "solutions/01_count.ipynb").exists()


@pytest.mark.parametrize(
    ("old", "new", "fault"),
    [
        ('"points": 1', '"points": 3', "3 points"),
        ('"role": "given"', '"role": "gift"', "role 'gift'"),
        ("{{question q1}}", "{{question q77}}", "no question q77"),
        ("{{question q1}}", "{{options q1}}", "not answered by a letter"),
        ("{{question q1}}", "{{nothing}}", "no macro"),
        ("### STARTER\n", "", "wrong place"),
        ("hidden = 64", "### BEGIN SOLUTION", "Only a cell of the role answer"),
    ],
)
def test_a_fault_in_a_source_is_located(course: Path, old: str, new: str, fault: str) -> None:
    edit(course / "solutions/src/01_count.py", old, new)
    with pytest.raises(SourceError, match=fault) as caught:
        build(course, run=False, say=lambda line: None)
    assert str(caught.value).startswith("solutions/src/01_count.py, cell ")


def test_a_file_name_without_number(course: Path) -> None:
    (course / "lessons/src/count.py").write_text("")
    with pytest.raises(SourceError, match="NN_slug"):
        build(course, run=False)


def test_the_root_is_found_from_inside(course: Path) -> None:
    assert find_root(course / "lessons" / "src") == course
    with pytest.raises(SourceError, match="not inside the course"):
        find_root(Path("/"))


def test_jupytext_keeps_the_metadata(course: Path) -> None:
    for folder in ("lessons", "solutions"):
        source = Source(course, folder, "01_count")
        once = source.read()
        again = jupytext.reads(jupytext.writes(once, "py:percent"), "py:percent")
        assert [(c.source, c.metadata) for c in once.cells] == [
            (c.source, c.metadata) for c in again.cells
        ]
