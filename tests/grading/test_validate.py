"""What a student is told before hand-in. Nothing of the notebook is run."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from seqkit.grading import validate as validate_module
from seqkit.grading.errors import GradingError
from seqkit.grading.validate import LARGE, Report, State, validate

EXERCISES = Path(__file__).resolve().parents[2] / "exercises"
NAME = "01_first_stack.ipynb"

Change = Callable[[list[dict[str, Any]]], object]


def handed_in(folder: Path, change: Change | None = None, name: str = NAME) -> Path:
    notebook = json.loads((EXERCISES / NAME).read_text(encoding="utf-8"))
    if change:
        change(notebook["cells"])
    path = folder / name
    path.write_text(json.dumps(notebook), encoding="utf-8")
    return path


def look(folder: Path, change: Change | None = None, name: str = NAME) -> Report:
    return validate(handed_in(folder, change, name), EXERCISES)


def at(cells: list[dict[str, Any]], name: str) -> int:
    return next(place for place, cell in enumerate(cells) if cell["id"] == name)


def write(name: str, source: str) -> Change:
    return lambda cells: cells[at(cells, name)].update(source=source)


def remove(name: str) -> Change:
    return lambda cells: cells.pop(at(cells, name))


def add(below: str, source: str) -> Change:
    cell = {"cell_type": "code", "id": "mine", "metadata": {}, "source": source, "outputs": []}
    return lambda cells: cells.insert(at(cells, below) + 1, cell | {"execution_count": None})


def the_problem(report: Report) -> str:
    assert len(report.problems) == 1, report
    assert not report.ok
    return report.problems[0]


def test_an_untouched_exercise_can_be_handed_in_and_says_what_is_open(tmp_path: Path) -> None:
    report = look(tmp_path)
    assert report.ok and not report.notes
    assert set(report.states.values()) == {State.UNTOUCHED}
    assert "can be handed in. Not answered yet: q1, q2," in str(report)


def test_an_answer_is_seen(tmp_path: Path) -> None:
    report = look(tmp_path, write("q1-answer", "parameters = 5"))
    assert report.ok
    assert report.states["q1"] is State.ANSWERED
    assert report.states["q2"] is State.UNTOUCHED


def test_an_answer_in_an_added_cell_below_is_seen(tmp_path: Path) -> None:
    assert look(tmp_path, add("q1-answer", "parameters = 5")).states["q1"] is State.ANSWERED


def test_spaces_and_empty_lines_are_no_answer(tmp_path: Path) -> None:
    report = look(tmp_path, write("q1-answer", "\nparameters = ...  \n\n"))
    assert report.states["q1"] is State.UNTOUCHED


def test_a_missing_answer_cell_is_told_with_what_to_do(tmp_path: Path) -> None:
    report = look(tmp_path, remove("q1-answer"))
    assert "answer cell of q1 is missing" in the_problem(report)
    assert "copy your answers" in the_problem(report)
    assert report.states["q1"] is State.MISSING


def test_an_answer_that_became_text_is_told(tmp_path: Path) -> None:
    def change(cells: list[dict[str, Any]]) -> None:
        cells[at(cells, "q1-answer")] |= {"cell_type": "markdown", "metadata": {}}

    assert "q1 was turned into text" in the_problem(look(tmp_path, change))


@pytest.mark.parametrize("source", ["parameters = (5", "parameters = = 5", "5 apples", "x = '\0'"])
def test_an_answer_that_is_not_python_is_told(tmp_path: Path, source: str) -> None:
    report = look(tmp_path, write("q1-answer", source))
    assert "A cell of q1 is not Python" in report.problems[0]


def test_deep_brackets_do_not_stop_the_look(tmp_path: Path) -> None:
    report = look(tmp_path, write("q1-answer", "parameters = " + "(" * 5000 + ")" * 5000))
    assert "not Python" in report.problems[0]


@pytest.mark.parametrize(
    ("source", "shown"),
    [
        ("!pip install x", "!pip install x"),
        ("%pip install x", "%pip install x"),
        ("files = !ls", "!ls"),
        ("if True:\n    !ls", "!ls"),
        ("%%bash\nls", "%%bash"),
        ("%cd /", "%cd /"),
    ],
)
def test_commands_outside_of_python_are_told(tmp_path: Path, source: str, shown: str) -> None:
    problem = the_problem(look(tmp_path, add("q1-answer", source)))
    assert f"calls a command outside of Python: {shown}" in problem
    assert "no network" in problem


@pytest.mark.parametrize("source", ["%matplotlib inline", "%timeit 1", "%%time\n1", "x = '!ls'"])
def test_magic_that_stays_inside_is_allowed(tmp_path: Path, source: str) -> None:
    assert look(tmp_path, add("q1-answer", source)).ok


def test_a_renamed_answer_is_told(tmp_path: Path) -> None:
    report = look(tmp_path, write("q1-answer", "params = 5"))
    assert "reads the name parameters, and no cell gives it a value" in the_problem(report)


@pytest.mark.parametrize(
    "source",
    [
        "def parameters(): ...",
        "import keras as parameters",
        "from numpy import *",
        "for parameters in [5]: pass",
        "if (parameters := 5): pass",
    ],
)
def test_a_name_may_be_given_in_any_way(tmp_path: Path, source: str) -> None:
    assert look(tmp_path, write("q1-answer", source)).ok


def test_a_check_may_use_what_python_itself_names(tmp_path: Path) -> None:
    (tmp_path / "course").mkdir()
    (tmp_path / "ana").mkdir()
    master = handed_in(tmp_path / "course", write("q1-check", "ex01.q1.check(list(parameters))"))
    report = validate(handed_in(tmp_path / "ana"), master.parent)
    assert report.ok, str(report)


def test_a_changed_given_cell_is_told_and_costs_nothing(tmp_path: Path) -> None:
    report = look(
        tmp_path, write("setup-d63924c4ed", "import keras\nkeras.utils.set_random_seed(1)")
    )
    assert report.ok
    assert "You changed a given cell (import keras)" in report.notes[0]


def test_a_changed_check_cell_is_told(tmp_path: Path) -> None:
    report = look(tmp_path, write("q1-check", "print('passed')"))
    assert "You changed what the check cell of q1 checks" in report.notes[0]
    assert "The grader checks parameters" in report.notes[0]


def test_asking_for_a_hint_is_no_change(tmp_path: Path) -> None:
    report = look(tmp_path, write("q1-check", "ex01.q1.check(parameters)\nex01.q1.hint()"))
    assert report.ok and not report.notes


def test_a_missing_check_cell_is_put_back(tmp_path: Path) -> None:
    report = look(tmp_path, remove("q1-check"))
    assert report.ok
    assert report.notes == ("The check cell of q1 is missing. The grader puts it back.",)


def test_a_large_file_is_told(tmp_path: Path) -> None:
    output = {"output_type": "stream", "name": "stdout", "text": "x" * LARGE}
    report = look(tmp_path, lambda cells: cells[at(cells, "q1-check")].update(outputs=[output]))
    assert report.ok
    assert "Clear the outputs" in report.notes[0]


def test_a_copy_may_be_handed_in(tmp_path: Path) -> None:
    assert look(tmp_path, name="01_first_stack (1).ipynb").ok


@pytest.mark.parametrize("name", ["01_first_stack of ana.ipynb", "01-ana.ipynb"])
def test_a_changed_name_is_told(tmp_path: Path, name: str) -> None:
    assert f"Rename {name}." in the_problem(look(tmp_path, name=name))


def test_a_name_of_no_exercise_is_told(tmp_path: Path) -> None:
    with pytest.raises(GradingError, match="is the name of no exercise"):
        look(tmp_path, name="homework.ipynb")


@pytest.mark.parametrize("content", [b"", b"{", b"[]", b"{}", b"\xff\xfe", b"PK\x03\x04"])
def test_a_file_that_is_no_notebook_is_told(tmp_path: Path, content: bytes) -> None:
    (tmp_path / NAME).write_bytes(content)
    report = validate(tmp_path / NAME, EXERCISES)
    assert the_problem(report) and "1 thing to do" in str(report)


def test_a_link_is_told(tmp_path: Path) -> None:
    (tmp_path / NAME).symlink_to(EXERCISES / NAME)
    assert "link" in the_problem(validate(tmp_path / NAME, EXERCISES))


def test_nothing_is_run(tmp_path: Path) -> None:
    target = tmp_path / "ran"
    look(tmp_path, add("q1-answer", f"open({str(target)!r}, 'w')\n!touch {target}"))
    assert not target.exists()


# What it is compared with.


def test_the_bundle_holds_the_exercises_as_they_were_given(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    starters = tmp_path / "starters"
    starters.mkdir()
    (starters / NAME).write_bytes((EXERCISES / NAME).read_bytes())
    monkeypatch.setattr(validate_module, "_STARTERS", starters)
    (tmp_path / "exercises").mkdir()
    path = handed_in(tmp_path / "exercises", write("q1-answer", "parameters = 5"))
    assert validate(path).states["q1"] is State.ANSWERED


def test_a_notebook_is_never_compared_with_itself(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "exercises").mkdir()
    monkeypatch.chdir(tmp_path)
    path = handed_in(tmp_path / "exercises", write("q1-answer", "parameters = 5"))
    with pytest.raises(GradingError, match="no other copy"):
        validate(path)


@pytest.mark.parametrize("path", sorted(EXERCISES.glob("*.ipynb")), ids=lambda path: path.stem)
def test_every_exercise_of_the_course_can_be_handed_in(path: Path, tmp_path: Path) -> None:
    copy = tmp_path / path.name
    copy.write_bytes(path.read_bytes())
    report = validate(copy, EXERCISES)
    assert report.ok and not report.notes, str(report)


@pytest.mark.parametrize("path", sorted(EXERCISES.glob("*.ipynb")), ids=lambda path: path.stem)
def test_every_solution_of_the_course_can_be_handed_in(path: Path, tmp_path: Path) -> None:
    copy = tmp_path / path.name
    copy.write_bytes((EXERCISES.parent / "solutions" / path.name).read_bytes())
    report = validate(copy, EXERCISES)
    assert report.ok, str(report)
    assert set(report.states.values()) == {State.ANSWERED}, str(report)
