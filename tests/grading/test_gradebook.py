"""The gradebook keeps what was graded and what a person added, whatever happens to the process."""

from __future__ import annotations

import csv
import io
import os
import random
import signal
import sqlite3
import subprocess
import sys
import textwrap
import threading
import time
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from seqkit.files import write_whole
from seqkit.grading.errors import GradingError
from seqkit.grading.files import safe_name
from seqkit.grading.gradebook import Gradebook
from seqkit.grading.late import LatePolicy, lateness, moment
from seqkit.grading.results import QuestionResult, SubmissionResult, Verdict
from seqkit.grading.text import csv_text, harmless, original, printable, storable

ANY_TEXT = st.text(st.characters(codec=None), max_size=40)  # lone surrogates and NUL, too
FIRST = ["student", "exercise", "question", "points", "max_points", "verdict", "message"]


def question(name: str = "q1", points: float = 1.0, **other: object) -> QuestionResult:
    values = {
        "title": "Count",
        "max_points": 2.0,
        "verdict": Verdict.PARTIAL,
        "message": "Half of it.",
    }
    return QuestionResult(question=name, points=points, **(values | other))  # type: ignore[arg-type]


def result(
    student: str = "ana", exercise: str = "01_first_stack", digest: str = "d1", **other: object
) -> SubmissionResult:
    return SubmissionResult(student, exercise, digest, (question(**other),))  # type: ignore[arg-type]


@pytest.fixture
def book(tmp_path: Path) -> Gradebook:
    return Gradebook(tmp_path / "grades.sqlite")


def rows(book: Gradebook) -> list[dict[str, str]]:
    path = book.path.with_name("grades.csv")
    book.write_csv(path)
    with path.open(newline="", encoding="utf-8") as stream:
        return list(csv.DictReader(stream))


def test_results_come_back_as_they_were_sorted_by_student_and_exercise(book: Gradebook) -> None:
    first = SubmissionResult(
        "ana", "01_first_stack", "d", (question("q2"), question("q1", trace="a  b\n")), ("A note.",)
    )
    second = replace(first, exercise="02_shapes")
    third = result("zoë 🦊")
    for one in (third, second, first):
        book.store(one, "key")
    assert book.results() == [first, second, third]


def test_a_new_result_replaces_the_whole_of_the_old(book: Gradebook) -> None:
    book.store(SubmissionResult("ana", "01_first_stack", "d1", (question("q1"), question("q2"))))
    newer = SubmissionResult("ana", "01_first_stack", "d2", (question("q1", 2.0),))
    book.store(newer)
    assert book.results() == [newer]


@given(student=ANY_TEXT, other=ANY_TEXT, message=ANY_TEXT, notes=st.lists(ANY_TEXT, max_size=2))
@settings(max_examples=40, deadline=None)
def test_any_text_comes_back_as_it_was(
    tmp_path_factory: pytest.TempPathFactory,
    student: str,
    other: str,
    message: str,
    notes: list[str],
) -> None:
    path = tmp_path_factory.mktemp("any") / "grades.sqlite"
    stored = [
        SubmissionResult(name, "01", "d", (question(message=message, trace=message),), tuple(notes))
        for name in {student, other}
    ]
    with Gradebook(path) as book:
        for one in stored:
            book.store(one, "k")
            book.set_manual(one.student, "01", "q1", 1.5, message)
        assert sorted(book.results(), key=repr) == sorted(stored, key=repr)
        assert {(g.student, g.grades[0].manual.comment) for g in book.grades()} == {  # type: ignore[union-attr]
            (one.student, message) for one in stored
        }
        assert all(book.has(one.student, "01", "d", "k") for one in stored)
        assert len(list(csv.reader(io.StringIO(_csv(book))))) == 1 + len(stored)


def _csv(book: Gradebook) -> str:
    path = book.path.with_name("grades.csv")
    book.write_csv(path)
    return path.read_text(encoding="utf-8")


@given(one=ANY_TEXT, other=ANY_TEXT)
def test_storable_text_is_unicode_and_different_texts_stay_different(one: str, other: str) -> None:
    storable(one).encode("utf-8")
    assert original(storable(one)) == one
    assert (storable(one) == storable(other)) == (one == other)


def test_an_escape_written_by_hand_is_not_taken_for_a_surrogate() -> None:
    names = ["a\udcff", "a\\udcff", "a\\\\udcff", "\\", "\\\\"]
    assert [original(storable(name)) for name in names] == names
    assert len({storable(name) for name in names}) == len(names)


@pytest.mark.parametrize(
    ("digest", "key", "expected"),
    [("d1", "k1", True), ("d2", "k1", False), ("d1", "k2", False), ("", "k1", False)],
)
def test_done_is_the_same_file_graded_by_the_same_grader(
    book: Gradebook, digest: str, key: str, expected: bool
) -> None:
    book.store(result(), "k1")
    assert book.has("ana", "01_first_stack", digest, key) is expected


def test_done_is_about_one_student_and_one_exercise(book: Gradebook) -> None:
    book.store(result(), "k1")
    assert not book.has("ben", "01_first_stack", "d1", "k1")
    assert not book.has("ana", "02_shapes", "d1", "k1")


def test_a_fault_of_the_grader_is_not_done(book: Gradebook) -> None:
    questions = (question("q1"), question("q2", 0.0, verdict=Verdict.INFRASTRUCTURE))
    book.store(SubmissionResult("ana", "01_first_stack", "d1", questions), "k1")
    assert not book.has("ana", "01_first_stack", "d1", "k1")


def test_a_file_that_could_not_be_read_is_looked_at_again(book: Gradebook) -> None:
    book.store(result(digest="", verdict=Verdict.UNREADABLE), "k1")
    assert not book.has("ana", "01_first_stack", "", "k1")


# Equal runs.


def test_the_order_of_grading_leaves_no_mark(tmp_path: Path) -> None:
    results = [result(f"s{number}", message=f"m{number}") for number in range(20)]
    texts = []
    for number in (1, 2):
        random.Random(number).shuffle(results)
        with Gradebook(tmp_path / f"{number}.sqlite") as book:
            for one in results:
                book.store(one, "k")
            texts.append((book.dump(), _csv(book)))
            book.store(results[0], "k")  # graded twice
            assert (book.dump(), _csv(book)) == texts[-1]
    assert texts[0] == texts[1]


def test_the_dump_tells_every_difference(tmp_path: Path) -> None:
    def dump(change: str) -> str:
        with Gradebook(tmp_path / f"{change}.sqlite") as book:
            book.store(result(message="other" if change == "message" else "one"), "k")
            if change == "manual":
                book.set_manual("ana", "01_first_stack", "q1", 1.0)
            if change == "received":
                book.set_received("ana", "01_first_stack", "2026-03-01")
            if change == "deadline":
                book.set_deadline("01_first_stack", "2026-03-01")
            if change == "policy":
                book.set_policy(LatePolicy(1, 5, 50))
            return book.dump()

    changes = ["nothing", "message", "manual", "received", "deadline", "policy"]
    assert len({dump(change) for change in changes}) == len(changes)


def test_one_file_remains(tmp_path: Path) -> None:
    with Gradebook(tmp_path / "grades.sqlite") as book:
        book.store(result())
        book.write_csv(tmp_path / "grades.csv")
    assert sorted(path.name for path in tmp_path.iterdir()) == ["grades.csv", "grades.sqlite"]
    with sqlite3.connect(tmp_path / "grades.sqlite") as connection:
        assert connection.execute("PRAGMA journal_mode").fetchone()[0] == "delete"


# What a person adds.


def test_manual_points_count_beside_the_grader_s_and_stay(book: Gradebook) -> None:
    book.store(result())
    book.set_manual("ana", "01_first_stack", "q1", 1.5, "The idea is right.")
    book.store(result(digest="d2", points=0.5))
    (row,) = rows(book)
    assert list(row) == [*FIRST, "automatic_points", "manual_points", "manual_comment"]
    assert (row["points"], row["automatic_points"]) == ("1.5", "0.5")
    assert row["manual_comment"] == "The idea is right."


def test_manual_points_can_be_taken_back(book: Gradebook) -> None:
    book.store(result())
    book.set_manual("ana", "01_first_stack", "q1", 0.0)
    assert rows(book)[0]["points"] == "0"
    book.set_manual("ana", "01_first_stack", "q1", None)
    assert list(rows(book)[0]) == FIRST


@pytest.mark.parametrize("points", [-1.0, float("nan"), float("inf")])
def test_manual_points_are_0_or_more(book: Gradebook, points: float) -> None:
    with pytest.raises(GradingError, match="0 or more"):
        book.set_manual("ana", "01_first_stack", "q1", points)


def test_manual_points_that_nothing_takes_up_are_listed(book: Gradebook) -> None:
    book.store(result())
    book.set_manual("ana", "01_first_stack", "q1", 1.0)
    book.set_manual("anna", "01_first_stack", "q1", 1.0)
    assert book.unused_manual() == [("anna", "01_first_stack", "q1")]


def test_manual_points_make_a_fault_of_the_grader_final(book: Gradebook) -> None:
    book.store(result(verdict=Verdict.INFRASTRUCTURE, points=0.0))
    assert not book.grades()[0].is_final
    book.set_manual("ana", "01_first_stack", "q1", 2.0)
    assert book.grades()[0].is_final


def test_late_days_cost_points_and_stay(book: Gradebook) -> None:
    book.set_deadline("01_first_stack", "2026-03-01")
    book.set_received("ana", "01_first_stack", "2026-03-03 00:10")
    book.set_policy(LatePolicy(grace_days=1, percent_per_day=20))
    for digest in ("d1", "d2"):
        book.store(result(digest=digest))
        (row,) = rows(book)
        assert list(row) == [*FIRST, "automatic_points", "late_days", "late_percent"]
        found = row["points"], row["automatic_points"], row["late_days"], row["late_percent"]
        assert found == ("0.8", "1", "2", "20")


def test_late_days_count_on_manual_points(book: Gradebook) -> None:
    book.store(result())
    book.set_deadline("01_first_stack", "2026-03-01 12:00")
    book.set_received("ana", "01_first_stack", "2026-03-01 12:01")
    book.set_manual("ana", "01_first_stack", "q1", 2.0)
    assert rows(book)[0]["points"] == "1.8"


def test_an_extension_is_for_one_student(book: Gradebook) -> None:
    for student in ("ana", "ben"):
        book.store(result(student))
        book.set_received(student, "01_first_stack", "2026-03-02 12:00")
    book.set_deadline("01_first_stack", "2026-03-01")
    book.set_deadline("01_first_stack", "2026-03-08", student="ben")
    assert [row["late_days"] for row in rows(book)] == ["1", "0"]
    book.set_deadline("01_first_stack", None, student="ben")
    assert [row["late_days"] for row in rows(book)] == ["1", "1"]


def test_times_that_cannot_be_compared_are_refused_and_not_kept(book: Gradebook) -> None:
    book.set_deadline("01_first_stack", "2026-03-01T23:59+01:00")
    with pytest.raises(GradingError, match="time zone"):
        book.set_received("ana", "01_first_stack", "2026-03-01 23:00")
    book.store(result())
    assert list(rows(book)[0]) == FIRST
    book.set_received("ana", "01_first_stack", "2026-03-01T23:00Z")  # one hour after, in UTC
    assert rows(book)[0]["late_days"] == "1"


@given(
    minutes=st.integers(-10_000, 100_000),
    grace=st.integers(0, 5),
    percent=st.floats(0, 100),
    cap=st.floats(0, 100),
)
def test_late_days_never_cost_more_than_the_cap_nor_gain(
    minutes: int, grace: int, percent: float, cap: float
) -> None:
    due = datetime(2026, 3, 1)
    policy = LatePolicy(grace, percent, cap)
    late = lateness(due + timedelta(minutes=minutes), due, policy)
    longer = lateness(due + timedelta(minutes=minutes + 1), due, policy)
    assert 0 <= late.percent <= longer.percent <= cap
    assert late.days == max(0, -(-minutes // 1440))
    assert late.percent == 0 or late.days > grace


@pytest.mark.parametrize("text", ["", "tomorrow", "2026-13-01", "01.03.2026"])
def test_what_is_no_time_is_refused_in_a_sentence(text: str) -> None:
    with pytest.raises(GradingError, match="is no time"):
        moment(text)


@pytest.mark.parametrize("values", [(-1, 10, 100), (0, -1, 100), (0, 10, 101)])
def test_a_policy_that_makes_no_sense_is_refused(values: tuple[int, float, float]) -> None:
    with pytest.raises(GradingError, match="0 to 100"):
        LatePolicy(*values)


# The table.


def test_the_table_has_seven_columns_where_nothing_was_added(book: Gradebook) -> None:
    book.store(result(points=2 / 3, message='Two lines,\nand a "quote".'))
    (row,) = rows(book)
    assert list(row.values()) == [
        "ana",
        "01_first_stack",
        "q1",
        "0.6667",
        "2",
        "partial",
        'Two lines,\nand a "quote".',
    ]


@pytest.mark.parametrize(
    "text",
    [
        "=1+1",
        "+1+1",
        "-1+1",
        "@SUM(1)",
        "＝1+1",
        "\t=1",
        "\r=1",
        "\n=1",
        '=HYPERLINK("http://x")',
        "-cmd|' /C calc'!A0",
    ],
)
def test_no_cell_begins_a_formula(book: Gradebook, text: str) -> None:
    book.store(result(student=text, message=text))
    book.set_manual(text, "01_first_stack", "q1", 1.0, text)
    (row,) = rows(book)
    for column in ("student", "message", "manual_comment"):
        cells = row[column].replace(";", "\n").replace("\t", "\n").split("\n")
        assert not any(cell[:1] in {*"=+-@＝"} and cell for cell in cells), row[column]
        assert row[column].replace("'", "") == printable(text).replace("'", "")


def test_a_formula_does_not_hide_behind_another_separator() -> None:
    assert harmless("wrong;=1+1") == "wrong;'=1+1"


@given(st.text("abc ,;:\"'()äé\n.=+-0123", max_size=30))
def test_ordinary_text_is_read_as_it_was_written(text: str) -> None:
    safe = harmless(text)
    read = next(csv.reader(io.StringIO(csv_text(["a", safe], []), newline="")))
    assert read == ["a", safe]
    assert safe.replace("'", "") == text.replace("'", "")
    if not any(mark + sign in f"\n{text}" for mark in "\n;" for sign in "=+-"):
        assert safe == text


# The file.


def test_what_is_no_gradebook_is_left_alone(tmp_path: Path) -> None:
    text = tmp_path / "text.sqlite"
    text.write_text("This is no database. " * 100)
    with pytest.raises(GradingError, match="no gradebook"):
        Gradebook(text)
    assert text.read_text().startswith("This is no database.")

    foreign = tmp_path / "foreign.sqlite"
    with sqlite3.connect(foreign) as connection:
        connection.execute("CREATE TABLE mine (x)")
    with pytest.raises(GradingError, match="no gradebook"):
        Gradebook(foreign)


def test_a_newer_form_is_not_touched(tmp_path: Path) -> None:
    path = tmp_path / "grades.sqlite"
    Gradebook(path).close()
    with sqlite3.connect(path) as connection:
        connection.execute("PRAGMA user_version = 99")
    with pytest.raises(GradingError, match="form 99"):
        Gradebook(path)


def test_a_folder_in_the_way_is_told_in_a_sentence(tmp_path: Path) -> None:
    with pytest.raises(GradingError, match="cannot be used"):
        Gradebook(tmp_path)


def test_points_that_are_no_numbers_are_refused_and_nothing_is_lost(book: Gradebook) -> None:
    book.store(result())
    with pytest.raises(ValueError, match="no numbers"):
        book.store(result(points=float("nan")))
    assert book.results() == [result()]


def test_threads_may_share_it(book: Gradebook) -> None:
    def work(number: int) -> None:
        for student in range(5):
            book.store(result(f"{number}-{student}"), "k")

    threads = [threading.Thread(target=work, args=(number,)) for number in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(book.results()) == 20


def test_two_programs_may_write_to_it(tmp_path: Path) -> None:
    one, two = Gradebook(tmp_path / "g.sqlite"), Gradebook(tmp_path / "g.sqlite")
    one.store(result("ana"))
    two.set_manual("ana", "01_first_stack", "q1", 2.0)
    one.store(result("ben"))
    assert [entry.points for entry in two.grades()] == [2.0, 1.0]


_GRADER = """
    import sys
    from seqkit.grading.gradebook import Gradebook
    from seqkit.grading.results import QuestionResult, SubmissionResult, Verdict
    with Gradebook(sys.argv[1]) as book:
        for number in range(400):
            student = f"s{number:03}"
            if book.has(student, "01", "d", "k"):
                continue
            questions = tuple(
                QuestionResult(f"q{n}", "t", n, 5, Verdict.PARTIAL, f"{student} " * 50)
                for n in range(6)
            )
            book.store(SubmissionResult(student, "01", "d", questions), "k")
            print(number, flush=True)
        book.write_csv(sys.argv[2])
"""


def _grade(folder: Path, killed_after: int | None, wait: float = 0.0) -> int:
    """Run a grader; kill it once it has graded so many, and a moment later."""
    command = [
        sys.executable,
        "-c",
        textwrap.dedent(_GRADER),
        str(folder / "g.sqlite"),
        str(folder / "g.csv"),
    ]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        count = 0
        for count, _ in enumerate(process.stdout, start=1):
            if count == killed_after:
                time.sleep(wait)  # likely in the middle of the next transaction
                os.kill(process.pid, signal.SIGKILL)
                break
        process.wait()
    return count


@pytest.mark.skipif(sys.platform == "win32", reason="SIGKILL is needed")
def test_a_killed_grader_resumes_with_nothing_lost_and_nothing_twice(tmp_path: Path) -> None:
    (tmp_path / "whole").mkdir()
    (tmp_path / "killed").mkdir()
    assert _grade(tmp_path / "whole", None) == 400
    rng = random.Random(0)
    for _ in range(20):
        _grade(tmp_path / "killed", rng.randint(1, 6), wait=rng.random() / 500)
    last = _grade(tmp_path / "killed", None)
    assert 0 < last < 400, "the killed runs must have left something, and done something"
    dumps = []
    for name in ("whole", "killed"):
        with Gradebook(tmp_path / name / "g.sqlite") as book:
            dumps.append(book.dump())
    assert dumps[0] == dumps[1]
    assert (tmp_path / "killed/g.csv").read_bytes() == (tmp_path / "whole/g.csv").read_bytes()
    names = {path.name for path in (tmp_path / "killed").iterdir()}
    assert names == {"g.sqlite", "g.csv"}


# Files.


def test_a_file_is_written_whole_or_not_at_all(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "grades.csv"
    write_whole(path, "old")

    def fails(*_: object) -> None:
        raise OSError("power cut")

    monkeypatch.setattr(os, "replace", fails)
    with pytest.raises(OSError, match="power cut"):
        write_whole(path, "new")
    assert path.read_text() == "old"


@given(one=ANY_TEXT, other=ANY_TEXT)
def test_two_names_never_share_a_file(one: str, other: str) -> None:
    first, second = safe_name(one), safe_name(other)
    assert (first.casefold() == second.casefold()) == (one == other)
    for name in (first, second):
        assert name
        assert not {*name} & {*'/\\:*?"<>|\0. '}
        assert len(name.encode()) < 255


@pytest.mark.parametrize(
    ("one", "other"),
    [("Ana", "ana"), ("é", "e\u0301"), ("a b", "a-b"), ("con", "con "), ("", "."), ("..", "...")],
)
def test_names_that_look_alike_do_not_share_a_file(one: str, other: str) -> None:
    assert safe_name(one).casefold() != safe_name(other).casefold()


def test_a_plain_name_that_looks_like_a_changed_one_is_changed() -> None:
    assert safe_name("x-d6b96a97d1") != safe_name("../x") == "x-d6b96a97d1"
    assert safe_name("con") != "con"
    digest = safe_name("🦊")
    assert safe_name(digest) != digest
