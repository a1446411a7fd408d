"""Grades for Canvas and Moodle: the right person, or a report; never a silent loss."""

from __future__ import annotations

import csv
from pathlib import Path

import pytest

from seqkit.grading.errors import GradingError
from seqkit.grading.exchange import export_canvas, export_moodle, read_roster
from seqkit.grading.grades import SubmissionGrade, grade
from seqkit.grading.results import QuestionResult, SubmissionResult, Verdict

ROSTER = """\
student,name,id,sis_user_id,sis_login_id,section,email
ana,"Silva, Ana",11,S1,asilva,Group A,Ana@uni.example
ben,Ben Okri,12,S2,bokri,Group B,ben@uni.example
cem,Cem Kaya,,,,Group B,
"""


def entry(
    student: str, exercise: str = "01_first_stack", points: float = 1.5, verdict: str = "partial"
) -> SubmissionGrade:
    q1 = QuestionResult("q1", "Count", points, 3.0, Verdict(verdict), "x")
    q2 = QuestionResult("q2", "Build", 1.0, 1.0, Verdict.CORRECT, "x")
    return grade(SubmissionResult(student, exercise, "", (q1, q2)))


@pytest.fixture
def roster(tmp_path: Path) -> dict[str, dict[str, str]]:
    return read_roster(written(tmp_path, ROSTER))


def written(folder: Path, text: str, encoding: str = "utf-8") -> Path:
    path = folder / "roster.csv"
    path.write_text(text, encoding=encoding)
    return path


def table(path: Path) -> list[list[str]]:
    with path.open(newline="", encoding="utf-8") as stream:
        return list(csv.reader(stream))


def test_canvas_gets_its_columns_and_the_points_possible(
    tmp_path: Path, roster: dict[str, dict[str, str]]
) -> None:
    grades = [entry("ben"), entry("ana"), entry("ana", "02_shapes", 3.0)]
    export = export_canvas(
        grades, roster, tmp_path / "canvas.csv", titles={"01_first_stack": "Stack (4711)"}
    )
    assert table(export.path) == [
        ["Student", "ID", "SIS User ID", "SIS Login ID", "Section", "Stack (4711)", "02_shapes"],
        ["    Points Possible", "", "", "", "", "4", "4"],
        ["Silva, Ana", "11", "S1", "asilva", "Group A", "2.5", "4"],
        ["Ben Okri", "12", "S2", "bokri", "Group B", "2.5", ""],
    ]
    assert export.students == 2 and not export.unknown and not export.unknown_path


def test_moodle_gets_the_column_that_tells_who_it_is(
    tmp_path: Path, roster: dict[str, dict[str, str]]
) -> None:
    export = export_moodle([entry("ana"), entry("ben")], roster, tmp_path / "moodle.csv")
    assert table(export.path) == [
        ["Email address", "01_first_stack"],
        ["Ana@uni.example", "2.5"],
        ["ben@uni.example", "2.5"],
    ]


def test_only_the_chosen_exercises_get_a_column(
    tmp_path: Path, roster: dict[str, dict[str, str]]
) -> None:
    grades = [entry("ana"), entry("ben", "02_shapes")]
    export = export_moodle(grades, roster, tmp_path / "m.csv", exercises=["02_shapes"])
    assert table(export.path) == [["Email address", "02_shapes"], ["ben@uni.example", "2.5"]]


@pytest.mark.parametrize("form", [export_canvas, export_moodle])
def test_unknown_students_are_reported_and_kept_beside(
    form: type, tmp_path: Path, roster: dict[str, dict[str, str]]
) -> None:
    grades = [entry("ana"), entry("eve"), entry("cem")]  # cem has no id at all
    export = form(grades, roster, tmp_path / "out.csv")
    assert export.unknown == ("cem", "eve")
    assert export.unknown_path == tmp_path / "out.unknown.csv"
    assert table(export.unknown_path) == [
        ["student", "01_first_stack"],
        ["cem", "2.5"],
        ["eve", "2.5"],
    ]
    assert "Not known from the roster: cem, eve." in str(export)
    assert not any("Kaya" in cell or "eve" in cell for row in table(export.path) for cell in row)


def test_the_file_of_unknown_students_goes_when_all_are_known(
    tmp_path: Path, roster: dict[str, dict[str, str]]
) -> None:
    export_canvas([entry("eve")], roster, tmp_path / "out.csv")
    export_canvas([entry("ana")], roster, tmp_path / "out.csv")
    assert not (tmp_path / "out.unknown.csv").exists()


def test_a_fault_of_the_grader_is_no_zero(
    tmp_path: Path, roster: dict[str, dict[str, str]]
) -> None:
    grades = [entry("ana"), entry("ben", verdict="infrastructure", points=0.0)]
    export = export_canvas(grades, roster, tmp_path / "out.csv")
    assert [row[0] for row in table(export.path)[2:]] == ["Silva, Ana"]
    assert export.not_final == (("ben", "01_first_stack"),)
    assert "ben 01_first_stack" in str(export)


def test_an_exercise_that_was_not_graded_is_refused(
    tmp_path: Path, roster: dict[str, dict[str, str]]
) -> None:
    with pytest.raises(GradingError, match="no grades for 03_typo"):
        export_canvas([entry("ana")], roster, tmp_path / "out.csv", exercises=["03_typo"])
    assert not (tmp_path / "out.csv").exists()


def test_a_name_is_no_formula(tmp_path: Path) -> None:
    path = written(tmp_path, "student,name,id\nana,=1+1,11\n")
    export = export_canvas([entry("ana")], read_roster(path), tmp_path / "out.csv")
    assert table(export.path)[2][0] == "'=1+1"


# The roster.


@pytest.mark.parametrize("separator", [",", ";", "\t"])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig"])
def test_a_roster_may_come_from_a_spreadsheet(
    tmp_path: Path, separator: str, encoding: str
) -> None:
    text = f"Folder{separator}SIS User ID{separator}Notes\r\nZoë{separator}S9{separator}x\r\n"
    roster = read_roster(written(tmp_path, text, encoding))
    assert roster == {"Zoë": {"student": "Zoë", "sis_user_id": "S9"}}


def test_an_accent_written_in_two_ways_is_the_same_student(tmp_path: Path) -> None:
    path = written(tmp_path, "student,email\nZoe\u0308,z@uni.example\n")
    export = export_moodle([entry("Zo\u00eb")], read_roster(path), tmp_path / "out.csv")
    assert not export.unknown


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("", "needs a column 'student'"),
        ("name,id\nAna,1\n", "needs a column 'student'"),
        ("student,id\nana,1\nana,2\n", "stands there twice"),
        ("student,id\nana,1\nben,1\n", "have the same id"),
        ("student,email\nana,a@x\nben,a@x\n", "have the same email"),
    ],
)
def test_a_roster_that_would_mix_up_students_is_refused(
    tmp_path: Path, text: str, reason: str
) -> None:
    with pytest.raises(GradingError, match=reason):
        read_roster(written(tmp_path, text))


def test_a_roster_that_is_no_text_is_refused(tmp_path: Path) -> None:
    (tmp_path / "roster.csv").write_bytes(b"\xff\xfe\x00")
    with pytest.raises(GradingError, match="cannot be read"):
        read_roster(tmp_path / "roster.csv")
    with pytest.raises(GradingError, match="cannot be read"):
        read_roster(tmp_path / "nowhere.csv")


def test_a_roster_of_canvas_keeps_its_own_column_of_names(tmp_path: Path) -> None:
    text = 'student,Student,ID,SIS User ID\nana,"Silva, Ana",11,S1\n'
    assert read_roster(written(tmp_path, text))["ana"] == {
        "student": "ana",
        "name": "Silva, Ana",
        "id": "11",
        "sis_user_id": "S1",
    }


def test_a_roster_without_what_the_import_needs_is_refused(tmp_path: Path) -> None:
    people = read_roster(written(tmp_path, "student,name\nana,Ana Silva\n"))
    for export, needed in ((export_canvas, "id or sis_user_id"), (export_moodle, "email")):
        with pytest.raises(GradingError, match=needed):
            export([entry("ana")], people, tmp_path / "out.csv")
