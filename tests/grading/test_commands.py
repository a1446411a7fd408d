"""The commands around grading: thin, and with a sentence for every mistake."""

from __future__ import annotations

import argparse
import csv
from pathlib import Path

import pytest

from seqkit.errors import SeqkitError
from seqkit.grading.commands import add_commands
from seqkit.grading.gradebook import Gradebook
from seqkit.grading.results import QuestionResult, SubmissionResult, Verdict

EXERCISE = "01_first_stack"


def run(*words: str | Path) -> int:
    parser = argparse.ArgumentParser()
    add_commands(parser.add_subparsers(dest="command", required=True))
    options = parser.parse_args([str(word) for word in words])
    return int(options.run(options))


@pytest.fixture
def grades(tmp_path: Path) -> Path:
    folder = tmp_path / "grades"
    with Gradebook(folder / "grades.sqlite") as book:
        for student in ("ana", "ben"):
            questions = (
                QuestionResult("q1", "Count", 1.0, 2.0, Verdict.PARTIAL, "Half of it."),
                QuestionResult("q2", "Build", 2.0, 2.0, Verdict.CORRECT, "Right."),
            )
            book.store(SubmissionResult(student, EXERCISE, "d", questions))
    return folder


def rows(grades: Path) -> list[dict[str, str]]:
    with (grades / "grades.csv").open(newline="", encoding="utf-8") as stream:
        return list(csv.DictReader(stream))


@pytest.mark.parametrize("command", ["release", "validate", "gradebook", "gradebook late"])
def test_help_is_there(command: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as stop:
        run(*command.split(), "--help")
    assert stop.value.code == 0
    assert "usage:" in capsys.readouterr().out


def test_points_by_hand_change_all_that_is_written(
    grades: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    words = ("gradebook", "manual", "ana", "01", "q1", "1.5", "--comment", "Well meant.")
    assert run(*words, "--grades", grades) == 0
    assert capsys.readouterr().out == "ana, 01_first_stack, q1: 1.5 points by hand\n"
    assert rows(grades)[0]["points"] == "1.5"
    assert 'name="points" value="1.5"' in (grades / "junit.xml").read_text()
    assert "Well meant." in (grades / "feedback/ana/01_first_stack.html").read_text()
    assert run("gradebook", "manual", "ana", "01", "q1", "--remove", "--grades", grades) == 0
    assert rows(grades)[0]["points"] == "1"


@pytest.mark.parametrize(
    ("words", "reason"),
    [
        (("anna", "01", "q1", "1"), "anna has no grades in 01_first_stack. There are: ana, ben."),
        (("ana", "01", "q9", "1"), "has no question q9. There are: q1, q2."),
        (("ana", "77", "q1", "1"), "There is no exercise 77."),
        (("ana", "01", "q1", "-1"), "Points are 0 or more"),
    ],
)
def test_a_mistyped_name_is_refused(grades: Path, words: tuple[str, ...], reason: str) -> None:
    with pytest.raises(SeqkitError, match=reason):
        run("gradebook", "manual", *words, "--grades", grades)


def test_late_days_are_set_and_told(grades: Path, capsys: pytest.CaptureFixture[str]) -> None:
    late = ("gradebook", "late", "--grades", grades)
    assert run(*late, "--exercise", "01", "--deadline", "2026-03-01", "--percent", "25") == 0
    times = grades / "times.csv"
    times.write_text(
        f"student,exercise,received\nana,{EXERCISE},2026-03-02 10:00\nben,01,2026-03-02\n"
    )
    assert run(*late, "--times", times) == 0
    assert "ana  01_first_stack  1 late, 25 percent" in capsys.readouterr().out
    assert [row["points"] for row in rows(grades)] == ["0.75", "1.5", "0.75", "1.5"]
    extension = ("--exercise", "01", "--student", "ben", "--deadline", "2026-03-02")
    assert run(*late, *extension) == 0
    assert [row["points"] for row in rows(grades)] == ["0.75", "1.5", "1", "2"]
    assert run(*late, "--exercise", "01", "--student", "ana", "--received", "none") == 0
    assert [row["late_days"] for row in rows(grades)] == ["", "", "0", "0"]


def test_a_deadline_may_be_set_before_anybody_handed_in(
    grades: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "exercises").mkdir()
    (tmp_path / "exercises/02_shapes.ipynb").write_text("{}")
    monkeypatch.chdir(tmp_path)
    words = ("--exercise", "02", "--deadline", "2026-03-01")
    assert run("gradebook", "late", "--grades", grades, *words) == 0


@pytest.mark.parametrize(
    ("words", "reason"),
    [
        (("--deadline", "2026-03-01"), "Name the exercise"),
        (("--exercise", "01", "--received", "2026-03-01"), "Name the student"),
        (("--exercise", "01", "--deadline", "soon"), "is no time"),
        (("--percent", "200"), "0 to 100"),
        (("--times", "/nowhere.csv"), "cannot be read"),
    ],
)
def test_what_is_missing_for_late_days_is_told(
    grades: Path, words: tuple[str, ...], reason: str
) -> None:
    with pytest.raises(SeqkitError, match=reason):
        run("gradebook", "late", "--grades", grades, *words)


def test_one_bad_line_of_times_changes_nothing(grades: Path, tmp_path: Path) -> None:
    times = tmp_path / "times.csv"
    times.write_text("student,exercise,received\nana,01,2026-03-02\nben,01,\n")
    with pytest.raises(SeqkitError, match="line 3"):
        run("gradebook", "late", "--grades", grades, "--times", times)
    with Gradebook(grades / "grades.sqlite") as book:
        assert "2026" not in book.dump()


@pytest.mark.parametrize("form", ["canvas", "moodle"])
def test_an_export_tells_who_is_not_known(
    grades: Path, tmp_path: Path, form: str, capsys: pytest.CaptureFixture[str]
) -> None:
    roster = tmp_path / "roster.csv"
    roster.write_text("student,id,email\nana,11,ana@uni.example\n")
    words = ("--roster", roster, "--exercise", "01=Stack (4711)", "--grades", grades)
    assert run("gradebook", "export", form, tmp_path / "out.csv", *words) == 1
    assert "ben" in capsys.readouterr().out
    text = (tmp_path / "out.csv").read_text()
    assert "Stack (4711)" in text and ",3\n" in text and "ben" not in text
    roster.write_text("student,id,email\nana,11,ana@uni.example\nben,12,ben@uni.example\n")
    assert run("gradebook", "export", form, tmp_path / "out.csv", *words) == 0


def test_a_folder_without_a_gradebook_is_told(tmp_path: Path) -> None:
    with pytest.raises(SeqkitError, match="There is no gradebook"):
        run("gradebook", "late", "--grades", tmp_path)
    assert not list(tmp_path.iterdir())


def test_validate_gives_an_exit_code(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    exercises = Path(__file__).resolve().parents[2] / "exercises"
    copy = tmp_path / f"{EXERCISE}.ipynb"
    copy.write_bytes((exercises / copy.name).read_bytes())
    assert run("validate", copy, "--master", exercises) == 0
    copy.write_text("{")
    assert run("validate", copy, "--master", exercises) == 1
    assert "its JSON is broken" in capsys.readouterr().out


def test_more_points_than_the_question_has_are_told(
    grades: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run("gradebook", "manual", "ana", "01", "q1", "9", "--grades", grades) == 0
    assert "more than the 2 points of the question" in capsys.readouterr().out


def test_students_without_a_submission_are_told(
    grades: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    late = ("gradebook", "late", "--grades", grades)
    when = ("--deadline", "2026-03-02")
    assert run(*late, "--exercise", "01", "--student", "anna", *when) == 0
    assert "No submission is graded yet of: anna." in capsys.readouterr().out
    times = grades / "times.csv"
    times.write_text("student,exercise,received\nana,01,2026-03-02\nzoe,01,2026-03-02\n")
    assert run(*late, "--times", times) == 0
    assert "No submission is graded yet of: zoe." in capsys.readouterr().out


def test_a_wrong_time_in_a_table_is_found(grades: Path) -> None:
    times = grades / "times.csv"
    times.write_text("student,exercise,received\nana,01,2026-03-02\nben,01,soon\n")
    with pytest.raises(SeqkitError, match=r"times.csv, line 3: 'soon' is no time"):
        run("gradebook", "late", "--grades", grades, "--times", times)
