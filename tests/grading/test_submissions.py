"""Finding submissions and reading them, whatever they hold."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from seqkit.grading import submissions
from seqkit.grading.errors import GradingError, UnreadableError
from seqkit.grading.submissions import MAX_BYTES, MAX_SOURCE, Handed, Submission, find, read
from tests.grading import hostile
from tests.grading import submissions_made as made

KNOWN = ("01_first_stack", "02_layers_as_objects")


def touch(path: Path) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("{}", encoding="utf-8")
    return path


def names(folder: Path) -> list[tuple[str, str, str]]:
    return [(one.student, one.exercise, one.path.name) for one in find(folder, KNOWN)]


# Finding.


def test_the_submissions_come_by_student_and_exercise(tmp_path: Path) -> None:
    touch(tmp_path / "ben" / "01_first_stack.ipynb")
    second = touch(tmp_path / "ana" / "02_layers_as_objects.ipynb")
    first = touch(tmp_path / "ana" / "01_first_stack.ipynb")
    found = find(tmp_path, KNOWN)
    assert found[:2] == [
        Submission("ana", KNOWN[0], first),
        Submission("ana", KNOWN[1], second),
    ]
    assert [one.student for one in found] == ["ana", "ana", "ben"]


@pytest.mark.parametrize(
    "name",
    [
        "01_first_stack (1).ipynb",
        "01_first_stack(12).ipynb",
        "01_first_stack-Copy1.ipynb",
        "01_first_stack - Copy.ipynb",  # Windows
        "01_first_stack - Copy (2).ipynb",
        "Copy of 01_first_stack.ipynb",  # Colab
        "01_first_stack_2.ipynb",
        "01_first_stack copy 3.ipynb",
    ],
)
def test_a_copy_counts_where_the_plain_name_is_missing(tmp_path: Path, name: str) -> None:
    touch(tmp_path / "ana" / name)
    assert names(tmp_path) == [("ana", "01_first_stack", name)]
    touch(tmp_path / "ana" / "01_first_stack.ipynb")
    assert names(tmp_path) == [("ana", "01_first_stack", "01_first_stack.ipynb")]


def test_of_several_copies_the_last_counts(tmp_path: Path) -> None:
    for number in (1, 2, 10):
        touch(tmp_path / "ana" / f"01_first_stack ({number}).ipynb")
    assert names(tmp_path) == [("ana", "01_first_stack", "01_first_stack (10).ipynb")]


@pytest.mark.parametrize(
    "name",
    [
        "01_first_stack.py",
        "01_first_stack.IPYNB.txt",
        ".01_first_stack.ipynb",
        "first_stack.ipynb",
        "notes.ipynb",
        "03_loans.ipynb",
        "01_first_stack\n.ipynb",
        "01_first_stack😀.ipynb",
        f"{'a' * 200}.ipynb",
        "conftest.py",
    ],
)
def test_other_files_are_left_alone(tmp_path: Path, name: str) -> None:
    touch(tmp_path / "ana" / name)
    assert names(tmp_path) == []


@pytest.mark.parametrize("student", ["😀", "a\nb", "n" * 200, "-rf", " ", "$(touch x)", "ä/.."[0]])
def test_a_student_may_have_any_name(tmp_path: Path, student: str) -> None:
    touch(tmp_path / student / "01_first_stack.ipynb")
    assert names(tmp_path) == [(student, "01_first_stack", "01_first_stack.ipynb")]


def test_a_name_that_is_no_text_stops_nothing(tmp_path: Path) -> None:
    folder = os.fsencode(tmp_path) + b"/\xff\xfe"
    try:
        os.mkdir(folder)
    except OSError:
        pytest.skip("this file system takes only text as names")
    with open(folder + b"/01_first_stack.ipynb", "w") as file:
        file.write("{}")
    touch(tmp_path / "ana" / "01_first_stack.ipynb")
    assert ("ana", "01_first_stack", "01_first_stack.ipynb") in names(tmp_path)


def test_a_link_is_no_student(tmp_path: Path) -> None:
    touch(tmp_path / "ana" / "01_first_stack.ipynb")
    (tmp_path / "eve").symlink_to(tmp_path / "ana")
    (tmp_path / "all").symlink_to("/")
    assert [student for student, _, _ in names(tmp_path)] == ["ana"]


def test_a_file_and_a_deeper_folder_are_no_student(tmp_path: Path) -> None:
    touch(tmp_path / "01_first_stack.ipynb")
    touch(tmp_path / "ana" / "old" / "01_first_stack.ipynb")
    assert names(tmp_path) == []


def test_a_folder_with_the_name_of_an_exercise_is_a_student_like_others(tmp_path: Path) -> None:
    touch(tmp_path / "01_first_stack" / "01_first_stack.ipynb")
    assert names(tmp_path) == [("01_first_stack", "01_first_stack", "01_first_stack.ipynb")]


def test_a_missing_folder_is_said(tmp_path: Path) -> None:
    with pytest.raises(GradingError, match="There is no folder"):
        find(tmp_path / "nowhere", KNOWN)


# Reading.


def test_a_notebook_comes_with_its_code_cells_and_digest(tmp_path: Path) -> None:
    path = made.write(made.solution(), tmp_path / "a.ipynb")
    handed = read(path)
    answers = {cell.question: cell.id for cell in handed.cells if cell.role == "answer"}
    assert answers == {f"q{number}": f"q{number}-answer" for number in range(1, 7)}
    assert len(handed.digest) == 64
    assert handed.digest == read(path).digest
    assert not handed.notes


def test_outputs_tags_and_counts_leave_no_trace(tmp_path: Path) -> None:
    plain = made.solution()
    changed = made.part(plain, "whole")
    for cell in changed["cells"]:
        cell["metadata"]["tags"] = hostile.NBVAL_TAGS
        if cell["cell_type"] == "code":
            cell |= {"outputs": [{"output_type": "stream", "text": "x"}], "execution_count": 7}
    one, other = (
        read(made.write(notebook, tmp_path / f"{index}.ipynb"))
        for index, notebook in enumerate((plain, changed))
    )
    assert one.cells == other.cells
    assert one.digest != other.digest


def test_cells_turned_to_text_are_known_by_their_ids(tmp_path: Path) -> None:
    notebook = made.solution()
    made.cell(notebook, "q1-check")["cell_type"] = "markdown"
    handed = read(made.write(notebook, tmp_path / "a.ipynb"))
    assert "q1-check" in handed.text_ids
    assert "q2-check" not in handed.text_ids


def test_code_as_text_or_as_lines_is_the_same(tmp_path: Path) -> None:
    lines = {"cells": [made.code_cell("")], "nbformat": 4}
    lines["cells"][0]["source"] = ["a = 1\n", "b = 2"]  # type: ignore[index]
    text = {"cells": [made.code_cell("a = 1\nb = 2")], "nbformat": 4}
    for notebook in (lines, text):
        path = made.write(notebook, tmp_path / "a.ipynb")
        assert read(path).cells[0].source == "a = 1\nb = 2"


UNREADABLE = [
    threat for threat in hostile.THREATS if set(threat.expected.values()) == {hostile.UNREADABLE}
]


@pytest.mark.parametrize("threat", UNREADABLE, ids=lambda threat: threat.name)
def test_what_is_no_notebook_gets_a_sentence(threat: hostile.Threat, tmp_path: Path) -> None:
    threat.make(made.solution(), tmp_path / "ana")
    open_before = len(os.listdir("/proc/self/fd")) if os.path.isdir("/proc/self/fd") else 0
    with pytest.raises(UnreadableError) as error:
        read(tmp_path / "ana" / threat.file)
    assert str(error.value).endswith(".")
    if open_before:
        assert len(os.listdir("/proc/self/fd")) == open_before


def test_a_file_that_is_not_there_is_unreadable(tmp_path: Path) -> None:
    with pytest.raises(UnreadableError):
        read(tmp_path / "nothing.ipynb")


def test_a_notebook_at_the_limit_of_size_is_read(tmp_path: Path) -> None:
    path = tmp_path / "a.ipynb"
    text = json.dumps({"cells": [], "nbformat": 4})
    path.write_text(text.ljust(MAX_BYTES), encoding="utf-8")
    assert read(path).cells == ()
    path.write_text(text.ljust(MAX_BYTES + 1), encoding="utf-8")
    with pytest.raises(UnreadableError, match="20 MB"):
        read(path)


def test_code_at_the_limit_of_length_is_read(tmp_path: Path) -> None:
    for length, fits in ((MAX_SOURCE, True), (MAX_SOURCE + 1, False)):
        notebook = {"cells": [made.code_cell("#" * length)], "nbformat": 4}
        path = made.write(notebook, tmp_path / "a.ipynb")
        if fits:
            assert len(read(path).cells[0].source) == length
        else:
            with pytest.raises(UnreadableError, match="characters of code"):
                read(path)


# Anything.

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(st.characters(codec=None)),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
    max_leaves=12,
)
CELLS = st.fixed_dictionaries(
    {},
    optional={
        "cell_type": st.sampled_from(["code", "markdown", "raw"]) | JSON,
        "id": st.sampled_from(["q1-answer", "q1-check"]) | JSON,
        "metadata": st.fixed_dictionaries(
            {},
            optional={
                "seqkit": st.fixed_dictionaries(
                    {},
                    optional={
                        "role": st.sampled_from(["answer", "check", "given", "setup"]) | JSON,
                        "question": st.sampled_from(["q1", "q2", "q9"]) | JSON,
                    },
                )
                | JSON,
            },
        )
        | JSON,
        "source": st.text() | st.lists(st.text() | JSON) | JSON,
        "outputs": JSON,
    },
)
NOTEBOOKS = st.fixed_dictionaries(
    {}, optional={"cells": st.lists(CELLS | JSON) | JSON, "nbformat": st.just(4) | JSON}
)


def read_or_refused(path: Path) -> Handed | None:
    try:
        return read(path)
    except UnreadableError as error:
        assert str(error)
        return None


def is_plain(handed: Handed) -> bool:
    texts: list[Any] = [
        text for cell in handed.cells for text in (cell.id, cell.role, cell.question, cell.source)
    ]
    return all(isinstance(text, str) for text in texts)


@settings(
    max_examples=300, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(NOTEBOOKS | JSON)
def test_any_json_is_read_or_refused(tmp_path: Path, notebook: object) -> None:
    path = tmp_path / "a.ipynb"
    path.write_bytes(json.dumps(notebook).encode())
    handed = read_or_refused(path)
    if handed is not None:
        assert is_plain(handed)
        "".join(cell.source for cell in handed.cells).encode()  # can be sent to a kernel


@settings(
    max_examples=200, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(st.binary(max_size=200))
def test_any_bytes_are_read_or_refused(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "a.ipynb"
    path.write_bytes(content)
    read_or_refused(path)


def test_copies_that_do_not_count_are_listed(tmp_path: Path) -> None:
    for name in ("01_first_stack.ipynb", "01_first_stack (1).ipynb", "02_shapes (1).ipynb"):
        touch(tmp_path / "ana" / name)
    touch(tmp_path / "ben" / "01_first_stack (2).ipynb")
    touch(tmp_path / "ben" / "01_first_stack (3).ipynb")
    listed = [
        (one.name, other.name)
        for one, other in submissions.passed_over(tmp_path, find(tmp_path, KNOWN))
    ]
    assert listed == [
        ("01_first_stack (1).ipynb", "01_first_stack.ipynb"),
        ("01_first_stack (2).ipynb", "01_first_stack (3).ipynb"),
    ]


def test_folders_without_a_submission_are_listed(tmp_path: Path) -> None:
    touch(tmp_path / "ana" / "01_first_stack.ipynb")
    touch(tmp_path / "ben" / "notes.ipynb")
    (tmp_path / "cem").mkdir()
    assert submissions.without(tmp_path, find(tmp_path, KNOWN)) == ["ben", "cem"]


def test_a_folder_that_cannot_be_read_stops_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    touch(tmp_path / "ana" / "01_first_stack.ipynb")
    (tmp_path / "ben").mkdir()
    listed = Path.iterdir

    def refused(path: Path) -> Any:  # root may read everything, so a mode of 000 shows nothing
        if path.name == "ben":
            raise PermissionError(13, "Permission denied")
        return listed(path)

    monkeypatch.setattr(Path, "iterdir", refused)
    assert names(tmp_path) == [("ana", "01_first_stack", "01_first_stack.ipynb")]
    assert submissions.without(tmp_path, find(tmp_path, KNOWN)) == ["ben"]
