"""What is run: the cells of the course, and of the student nothing but answers and own cells."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from seqkit.grading.assemble import Assembly, Step, assemble
from seqkit.grading.errors import GradingError
from seqkit.grading.master import Master, combined_digest, find_folder, load, load_all
from seqkit.grading.submissions import CodeCell, Handed, read
from tests.grading import hostile
from tests.grading import submissions_made as made
from tests.grading.submissions_made import Notebook

SETUP = CodeCell("s", "setup", "", "import keras")
FIRST = CodeCell("q1-answer", "answer", "q1", "a = ...")
CHECK_1 = CodeCell("q1-check", "check", "q1", "ex01.q1.check(a)")
GIVEN = CodeCell("g", "given", "", "given = 1")
SECOND = CodeCell("q2-answer", "answer", "q2", "b = ...")
CHECK_2 = CodeCell("q2-check", "check", "q2", "ex01.q2.check(b)")
COURSE = (SETUP, FIRST, CHECK_1, GIVEN, SECOND, CHECK_2)
MASTER = Master("01_first_stack", Handed("m", COURSE))

RIGHT_1 = CodeCell("q1-answer", "answer", "q1", "a = 1")
RIGHT_2 = CodeCell("q2-answer", "answer", "q2", "b = 2")
DONE = (SETUP, RIGHT_1, CHECK_1, GIVEN, RIGHT_2, CHECK_2)


def assembled(*cells: CodeCell, **more: object) -> Assembly:
    return assemble(MASTER, Handed("h", cells, **more))  # type: ignore[arg-type]


def own(source: str) -> CodeCell:
    return CodeCell("", "", "", source)


def sources(assembly: Assembly) -> list[str]:
    return [step.source for step in assembly.steps]


def test_answers_stand_between_the_cells_of_the_course() -> None:
    found = assembled(*DONE)
    assert found.steps == (
        Step("course", "import keras"),
        Step("student", "a = 1", "q1"),
        Step("check", "a", "q1"),
        Step("course", "given = 1"),
        Step("student", "b = 2", "q2"),
        Step("check", "b", "q2"),
    )
    assert found.answered == {"q1", "q2"}
    assert not found.notes


def test_the_order_of_the_submission_does_not_count() -> None:
    assert assembled(*reversed(DONE)).steps == assembled(*DONE).steps


@pytest.mark.parametrize("place", range(len(DONE)))
def test_cells_of_the_course_come_back(place: int) -> None:
    without = DONE[:place] + DONE[place + 1 :]
    found = assembled(*without)
    if DONE[place].role == "answer":
        question = DONE[place].question
        assert question not in found.answered
        assert Step("course", COURSE[place].source, question) in found.steps
        assert f"The answer cell of {question} is missing." in found.notes
    else:
        assert found.steps == assembled(*DONE).steps


def test_a_missing_check_is_told() -> None:
    found = assembled(*DONE[:2], *DONE[3:], text_ids=frozenset({"q1-check"}))
    assert found.notes == (
        "The check cell of q1 was missing (it was turned into text); it was put back.",
    )


@pytest.mark.parametrize(
    "forged",
    [
        CodeCell("q1-check", "check", "q1", "ex01.q1.check(50_890)"),
        CodeCell("q1-check", "", "", "print('Correct')"),
        CodeCell("other", "check", "q1", "pass"),
        CodeCell("q1-check", "given", "", "raise SystemExit"),
    ],
)
def test_a_changed_check_is_not_run(forged: CodeCell) -> None:
    found = assembled(SETUP, RIGHT_1, forged, GIVEN, RIGHT_2, CHECK_2)
    assert found.steps == assembled(*DONE).steps


def test_a_changed_given_cell_is_not_run_and_told() -> None:
    forged = CodeCell("g", "given", "", "given = 2")
    found = assembled(SETUP, RIGHT_1, CHECK_1, forged, RIGHT_2, CHECK_2)
    assert found.steps == assembled(*DONE).steps
    assert found.notes == ("A given cell was changed (g); the cell of the course was run.",)


def test_other_spaces_in_a_given_cell_are_no_change() -> None:
    spaced = CodeCell("g", "given", "", "given  =  1\n\n")
    assert not assembled(SETUP, RIGHT_1, CHECK_1, spaced, RIGHT_2, CHECK_2).notes


def test_an_added_cell_runs_where_it_stood() -> None:
    found = assembled(own("x = 0"), SETUP, own("def h(): ..."), RIGHT_1, CHECK_1, GIVEN,
                      own("y = 0"), RIGHT_2, CHECK_2, own("z = 0"))  # fmt: skip
    assert sources(found) == [
        "x = 0", "import keras", "def h(): ...", "a = 1", "a", "given = 1", "y = 0", "b = 2", "b",
        "z = 0",
    ]  # fmt: skip
    questions = {step.source: step.question for step in found.steps}
    assert questions["def h(): ..."] == "q1"
    assert questions["y = 0"] == "q2"


def test_an_answer_may_be_split() -> None:
    found = assembled(SETUP, own("h = 1"), RIGHT_1, own("a = a + h"), CHECK_1, *DONE[3:])
    assert sources(found)[:5] == ["import keras", "h = 1", "a = 1", "a = a + h", "a"]
    copy = CodeCell("new", "answer", "q1", "a = 3")
    found = assembled(SETUP, RIGHT_1, copy, CHECK_1, *DONE[3:])
    assert sources(found)[1:4] == ["a = 1", "a = 3", "a"]


def test_cells_without_ids_are_known_by_their_marks() -> None:
    bare = tuple(CodeCell("", cell.role, cell.question, cell.source) for cell in DONE)
    assert assembled(*bare).steps == assembled(*DONE).steps


def test_cells_without_marks_are_known_by_their_ids() -> None:
    bare = tuple(CodeCell(cell.id, "", "", cell.source) for cell in DONE)
    assert assembled(*bare).steps == assembled(*DONE).steps


def test_cells_without_both_are_known_by_their_text_and_place() -> None:
    bare = tuple(own(cell.source) for cell in DONE)
    found = assembled(*bare)
    assert [step for step in found.steps if step.kind == "course" and not step.question] == [
        Step("course", "import keras"),
        Step("course", "given = 1"),
    ]
    assert "a = 1" in sources(found)
    assert sources(found).index("a = 1") < sources(found).index("a")


def test_an_empty_cell_is_not_run() -> None:
    assert "" not in sources(assembled(own(""), own("  \n"), *DONE))


def test_an_unknown_question_or_role_is_an_added_cell() -> None:
    odd = CodeCell("x", "answer", "q99", "c = 3")
    found = assembled(SETUP, RIGHT_1, CHECK_1, odd, *DONE[3:])
    assert "c = 3" in sources(found)
    assert sum(step.kind == "check" for step in found.steps) == 2


CELL = st.builds(
    CodeCell,
    id=st.sampled_from(["", "q1-answer", "q1-check", "g", "s", "x"]),
    role=st.sampled_from(["", "setup", "given", "answer", "check", "odd"]),
    question=st.sampled_from(["", "q1", "q2", "q3"]),
    source=st.sampled_from(
        ["", "own = 1", "a = 1", "import keras", "ex01.q1.check(7)", "given = 1"]
    ),
)


@settings(max_examples=500)
@given(st.lists(CELL, max_size=9))
def test_whatever_is_handed_in_the_course_runs_in_full_and_in_order(cells: list[CodeCell]) -> None:
    found = assembled(*cells)
    course = [step for step in found.steps if step.kind == "course" and not step.question]
    assert [step.source for step in course] == ["import keras", "given = 1"]
    checks = [step for step in found.steps if step.kind == "check"]
    assert checks == [Step("check", "a", "q1"), Step("check", "b", "q2")]
    handed = {cell.source for cell in cells}
    assert {step.source for step in found.steps if step.kind == "student"} <= handed
    kinds = [step for step in found.steps if step.kind != "student"]
    assert kinds.index(checks[0]) < kinds.index(course[1]) < kinds.index(checks[1])


@settings(max_examples=200)
@given(st.lists(CELL, max_size=5))
def test_a_right_answer_is_run_whatever_stands_around_it(cells: list[CodeCell]) -> None:
    found = assembled(*cells, *DONE)
    steps = list(found.steps)
    assert Step("student", "a = 1", "q1") in steps
    assert steps.index(Step("student", "a = 1", "q1")) < steps.index(Step("check", "a", "q1"))


# Real exercises.


@pytest.fixture(scope="module")
def masters() -> dict[str, Master]:
    return load_all(made.ROOT / "exercises")


def steps_of(masters: dict[str, Master], notebook: Notebook, tmp_path: Path, name: str) -> Assembly:
    return assemble(masters[name], read(made.write(notebook, tmp_path / f"{name}.ipynb")))


@pytest.mark.parametrize("name", sorted(path.stem for path in (made.ROOT / "exercises").glob("*")))
def test_each_solution_fits_its_exercise(
    masters: dict[str, Master], tmp_path: Path, name: str
) -> None:
    if name not in masters:
        pytest.skip("no notebook")
    found = steps_of(masters, made.solution(name), tmp_path, name)
    assert not found.notes
    assert found.answered == set(masters[name].question_names)
    assert set(masters[name].expressions) == set(masters[name].question_names)


def test_marks_of_stock_tools_change_nothing(masters: dict[str, Master], tmp_path: Path) -> None:
    plain = steps_of(masters, made.solution(), tmp_path, made.FIRST)
    marked = made.solution()
    for cell in marked["cells"]:
        cell["metadata"]["tags"] = hostile.NBVAL_TAGS
    for name in ("q1-check", "q2-check"):
        made.cell(marked, name)["source"] = hostile.NBVAL_MARKS + made.source(marked, name)
    assert steps_of(masters, marked, tmp_path, made.FIRST) == plain


def test_a_folder_without_exercises_is_said(tmp_path: Path) -> None:
    with pytest.raises(GradingError, match="--master"):
        load_all(tmp_path)
    made.write({"cells": [], "nbformat": 4}, tmp_path / "01_empty.ipynb")
    with pytest.raises(GradingError, match="no exercise"):
        load(tmp_path / "01_empty.ipynb")
    (tmp_path / "01_empty.ipynb").write_text("{")
    with pytest.raises(GradingError, match="cannot be read"):
        load(tmp_path / "01_empty.ipynb")


def test_the_folder_of_exercises_is_found_from_below(tmp_path: Path) -> None:
    below = tmp_path / "course" / "marks" / "week 1"
    below.mkdir(parents=True)
    assert find_folder(below) is None
    made.write(made.exercise(), tmp_path / "course" / "exercises" / "01_first_stack.ipynb")
    assert find_folder(below) == tmp_path / "course" / "exercises"


def test_another_exercise_gives_another_digest(tmp_path: Path) -> None:
    made.write(made.exercise(), tmp_path / "01_first_stack.ipynb")
    before = combined_digest(load_all(tmp_path))
    changed = made.exercise()
    made.answer(changed, "q1", "parameters = None")
    made.write(changed, tmp_path / "01_first_stack.ipynb")
    assert combined_digest(load_all(tmp_path)) != before
