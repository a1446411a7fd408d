"""The gradebook: one SQLite file that survives a killed run, and what a person added to it.

Every change is one transaction and reaches the disk before it counts as done. Nothing is stored
that differs from run to run: no time of grading, no duration, no random number. What a person
gives (manual points, times of receipt, deadlines) has tables of its own, which grading never
touches.
"""

from __future__ import annotations

import json
import math
import sqlite3
import threading
from collections import defaultdict
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from types import TracebackType

from seqkit.files import write_whole
from seqkit.grading.errors import GradingError
from seqkit.grading.grades import Manual, SubmissionGrade, grade, grades_csv
from seqkit.grading.late import Lateness, LatePolicy, lateness, moment
from seqkit.grading.results import QuestionResult, SubmissionResult, Verdict
from seqkit.grading.text import original, storable

SCHEMA_VERSION = 1
_APPLICATION = 0x7365716B  # "seqk": tells our file from any other SQLite file
_WAIT = 30  # seconds, while another program writes

_SCHEMA = """
CREATE TABLE submissions (
    student TEXT NOT NULL, exercise TEXT NOT NULL, digest TEXT NOT NULL, grader_key TEXT NOT NULL,
    notes TEXT NOT NULL, PRIMARY KEY (student, exercise)
) WITHOUT ROWID;
CREATE TABLE questions (
    student TEXT NOT NULL, exercise TEXT NOT NULL, position INTEGER NOT NULL,
    question TEXT NOT NULL, title TEXT NOT NULL, points REAL NOT NULL, max_points REAL NOT NULL,
    verdict TEXT NOT NULL, message TEXT NOT NULL, trace TEXT NOT NULL,
    PRIMARY KEY (student, exercise, position),
    FOREIGN KEY (student, exercise) REFERENCES submissions ON DELETE CASCADE
) WITHOUT ROWID;
CREATE TABLE manual (
    student TEXT NOT NULL, exercise TEXT NOT NULL, question TEXT NOT NULL, points REAL NOT NULL,
    comment TEXT NOT NULL, PRIMARY KEY (student, exercise, question)
) WITHOUT ROWID;
CREATE TABLE received (
    student TEXT NOT NULL, exercise TEXT NOT NULL, at TEXT NOT NULL,
    PRIMARY KEY (student, exercise)
) WITHOUT ROWID;
CREATE TABLE deadlines (
    exercise TEXT NOT NULL, student TEXT NOT NULL, at TEXT NOT NULL,
    PRIMARY KEY (exercise, student)
) WITHOUT ROWID;
CREATE TABLE late_policy (
    only_row INTEGER PRIMARY KEY CHECK (only_row = 1), grace_days INTEGER NOT NULL,
    percent_per_day REAL NOT NULL, cap REAL NOT NULL
);
"""
_TABLES = ("submissions", "questions", "manual", "received", "deadlines", "late_policy")

_Pair = tuple[str, str]


class Gradebook:
    """The grades of a course in one file.

    Args:
        path: the file, `grades.sqlite`; it is made where it is missing.

    Raises:
        GradingError: when the file is no gradebook, or a newer seqkit wrote it.

    Example:
        >>> import tempfile
        >>> q1 = QuestionResult("q1", "Count", 1.0, 1.0, Verdict.CORRECT, "Right.")
        >>> with tempfile.TemporaryDirectory() as folder:
        ...     with Gradebook(Path(folder) / "grades.sqlite") as book:
        ...         book.store(SubmissionResult("ana", "01_first_stack", "d1", (q1,)), "key")
        ...         book.has("ana", "01_first_stack", "d1", "key"), len(book.results())
        (True, 1)
    """

    def __init__(self, path: str | Path) -> None:
        self.path = Path(path)
        self._lock = threading.RLock()  # results may arrive on the threads of a cluster
        with self._explained():
            self.path.parent.mkdir(parents=True, exist_ok=True)
            self._connection = sqlite3.connect(
                self.path, timeout=_WAIT, isolation_level=None, check_same_thread=False
            )
            try:
                self._prepare()
            except BaseException:
                self._connection.close()
                raise

    def __enter__(self) -> Gradebook:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def close(self) -> None:
        """Close the file. Nothing but the one file remains."""
        with self._lock:
            self._connection.close()

    # What grading stores.

    def store(self, result: SubmissionResult, grader_key: str = "") -> None:
        """Keep a result; an earlier one of the same student and exercise is replaced as a whole.

        Args:
            result: what the grader found.
            grader_key: stands for all that decides besides the file: the version of the course and
                of the library, and a digest of the secret of the hidden cases.

        Raises:
            ValueError: when points are no numbers.
        """
        if not all(math.isfinite(one.points + one.max_points) for one in result.questions):
            raise ValueError(f"Points of {result.student}, {result.exercise} are no numbers.")
        place = storable(result.student), storable(result.exercise)
        notes = json.dumps([storable(note) for note in result.notes])
        with self._transaction() as connection:
            connection.execute("DELETE FROM submissions WHERE student = ? AND exercise = ?", place)
            connection.execute(
                "INSERT INTO submissions VALUES (?, ?, ?, ?, ?)",
                (*place, result.digest, grader_key, notes),
            )
            connection.executemany(
                "INSERT INTO questions VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
                [
                    (*place, position, *_question_row(question))
                    for position, question in enumerate(result.questions)
                ],
            )

    def has(self, student: str, exercise: str, digest: str, grader_key: str) -> bool:
        """Tell whether a submission is graded already, so that a resumed run may pass it over.

        Args:
            student: the name of the student's folder.
            exercise: the name of the exercise.
            digest: of the file as it is now; "" where it cannot be read, which never counts.
            grader_key: as it was given to `store`.

        Returns:
            True for the same file and the same key, unless the grader itself failed then.
        """
        if not digest:
            return False
        with self._lock, self._explained():
            row = self._connection.execute(
                "SELECT NOT EXISTS (SELECT 1 FROM questions q WHERE q.student = s.student"
                " AND q.exercise = s.exercise AND q.verdict = ?) FROM submissions s"
                " WHERE student = ? AND exercise = ? AND digest = ? AND grader_key = ?",
                (
                    Verdict.INFRASTRUCTURE.value,
                    storable(student),
                    storable(exercise),
                    digest,
                    grader_key,
                ),
            ).fetchone()
        return bool(row and row[0])

    def results(self) -> list[SubmissionResult]:
        """List what the grader found, by student and exercise."""
        with self._lock, self._explained():
            questions: dict[_Pair, list[QuestionResult]] = defaultdict(list)
            for student, exercise, _, *cells in self._rows("questions"):
                questions[student, exercise].append(_question(cells))
            return [
                SubmissionResult(
                    original(student),
                    original(exercise),
                    digest,
                    tuple(questions[student, exercise]),
                    tuple(original(note) for note in json.loads(notes)),
                )
                for student, exercise, digest, _, notes in self._rows("submissions")
            ]

    # What a person adds.

    def set_manual(
        self, student: str, exercise: str, question: str, points: float | None, comment: str = ""
    ) -> None:
        """Give points by hand. They stay when the submission is graded again.

        Args:
            student: the name of the student's folder.
            exercise: the name of the exercise.
            question: the name of the question, `q1`.
            points: what the answer earns in place of the grader's points; None takes them back.
            comment: why; the student reads it.

        Raises:
            GradingError: when the points are negative or no number.
        """
        place = storable(student), storable(exercise), storable(question)
        if points is None:
            self._change(
                "DELETE FROM manual WHERE student = ? AND exercise = ? AND question = ?", place
            )
            return
        if not math.isfinite(points) or points < 0:
            raise GradingError(f"Points are 0 or more. {points} was given for {question}.")
        self._change(
            "INSERT OR REPLACE INTO manual VALUES (?, ?, ?, ?, ?)",
            (*place, float(points), storable(comment)),
        )

    def set_received(self, student: str, exercise: str, when: str | datetime | None) -> None:
        """Note when a submission came. It stays when the submission is graded again.

        Args:
            student: the name of the student's folder.
            exercise: the name of the exercise.
            when: the time, see `late.moment`; None takes it back.

        Raises:
            GradingError: when it is no time, or cannot be compared with the deadline.
        """
        place = storable(student), storable(exercise)
        with self._transaction() as connection:
            connection.execute("DELETE FROM received WHERE student = ? AND exercise = ?", place)
            if when is not None:
                at = moment(when).isoformat()
                connection.execute("INSERT INTO received VALUES (?, ?, ?)", (*place, at))
                self._late_days("WHERE student = ? AND exercise = ?", place)

    def set_deadline(self, exercise: str, when: str | datetime | None, student: str = "") -> None:
        """Set until when an exercise is due.

        Args:
            exercise: the name of the exercise.
            when: the time; a date alone means the end of that day. None takes it back.
            student: give it for an extension that only one student has.

        Raises:
            GradingError: when it is no time, or cannot be compared with a time of receipt.
        """
        place = storable(exercise), storable(student)
        with self._transaction() as connection:
            connection.execute("DELETE FROM deadlines WHERE exercise = ? AND student = ?", place)
            if when is not None:
                at = moment(when, end_of_day=True).isoformat()
                connection.execute("INSERT INTO deadlines VALUES (?, ?, ?)", (*place, at))
                self._late_days()

    def set_policy(self, policy: LatePolicy) -> None:
        """Set what late days cost.

        Args:
            policy: days of grace, percent for each day, and the cap.
        """
        self._change(
            "INSERT OR REPLACE INTO late_policy VALUES (1, ?, ?, ?)",
            (policy.grace_days, policy.percent_per_day, policy.cap),
        )

    @property
    def policy(self) -> LatePolicy:
        """What late days cost; 10 percent a day where nothing else was set."""
        with self._lock, self._explained():
            row = self._connection.execute(
                "SELECT grace_days, percent_per_day, cap FROM late_policy"
            ).fetchone()
        return LatePolicy(*row) if row else LatePolicy()

    # What counts in the end.

    def grades(self) -> list[SubmissionGrade]:
        """List what counts, by student and exercise: manual points and late days are in it."""
        with self._lock, self._explained():
            manual: dict[_Pair, dict[str, Manual]] = defaultdict(dict)
            for student, exercise, question, points, comment in self._rows("manual"):
                place = original(student), original(exercise)
                manual[place][original(question)] = Manual(points, original(comment))
            late = self._late_days()
            return [
                grade(
                    result,
                    manual.get((result.student, result.exercise)),
                    late.get((result.student, result.exercise)),
                )
                for result in self.results()
            ]

    def unused_manual(self) -> list[tuple[str, str, str]]:
        """List manual points that no graded question takes up: likely a name was mistyped.

        Returns:
            Student, exercise and question of each.
        """
        with self._lock, self._explained():
            rows = self._connection.execute(
                "SELECT student, exercise, question FROM manual EXCEPT"
                " SELECT student, exercise, question FROM questions ORDER BY 1, 2, 3"
            ).fetchall()
        return [(original(one), original(two), original(three)) for one, two, three in rows]

    def write_csv(self, path: str | Path) -> None:
        """Write `grades.csv`, whole or not at all; see `grades.grades_csv` for its columns.

        Args:
            path: the file.
        """
        write_whole(Path(path), grades_csv(self.grades()))

    def dump(self) -> str:
        """Write all that the file holds as text, to compare two gradebooks.

        Returns:
            JSON: the rows of each table in the order of their keys. Equal grades give equal text,
            in whatever order they were stored.
        """
        with self._lock, self._explained():
            tables = {table: self._rows(table) for table in _TABLES}
        return json.dumps(tables, indent=1, ensure_ascii=False) + "\n"

    # The file.

    def _prepare(self) -> None:
        """Make the tables, or check that they are ours."""
        connection = self._connection
        connection.execute("PRAGMA foreign_keys = ON")
        # A rollback journal, not a write-ahead log: it is gone when a transaction has ended. And
        # EXTRA: its removal, too, has reached the disk then, so that a power cut undoes nothing.
        connection.execute("PRAGMA journal_mode = DELETE")
        connection.execute("PRAGMA synchronous = EXTRA")
        with self._transaction():
            version = connection.execute("PRAGMA user_version").fetchone()[0]
            application = connection.execute("PRAGMA application_id").fetchone()[0]
            tables = connection.execute("SELECT count(*) FROM sqlite_master").fetchone()[0]
            if not tables and not application:
                for statement in _SCHEMA.split(";"):
                    connection.execute(statement)
                connection.execute(f"PRAGMA user_version = {SCHEMA_VERSION}")
                connection.execute(f"PRAGMA application_id = {_APPLICATION}")
            elif application != _APPLICATION:
                raise GradingError(f"{self.path} is an SQLite file, but no gradebook of seqkit.")
            elif version != SCHEMA_VERSION:
                raise GradingError(
                    f"{self.path} has the form {version}; this seqkit knows the form "
                    f"{SCHEMA_VERSION}. Open it with the seqkit that wrote it, or a newer one."
                )

    def _rows(self, table: str, where: str = "", values: tuple[str, ...] = ()) -> list[tuple]:
        """The rows in the order of the primary key, which comes first in each table."""
        count = len(self._connection.execute(f"PRAGMA table_info({table})").fetchall())
        order = ", ".join(str(place) for place in range(1, count + 1))
        statement = f"SELECT * FROM {table} {where} ORDER BY {order}"
        return self._connection.execute(statement, values).fetchall()

    def _late_days(self, where: str = "", values: tuple[str, ...] = ()) -> dict[_Pair, Lateness]:
        """The late days of each submission whose deadline and time of receipt are known.

        Raises:
            GradingError: when the two cannot be compared; a transaction is undone by that.
        """
        deadlines = {
            (original(exercise), original(student)): moment(at)
            for exercise, student, at in self._rows("deadlines")
        }
        policy = self.policy
        found = {}
        for student, exercise, at in self._rows("received", where, values):
            place = original(student), original(exercise)
            due = deadlines.get((place[1], place[0]), deadlines.get((place[1], "")))
            if due is not None:
                found[place] = lateness(moment(at), due, policy)
        return found

    def _change(self, statement: str, values: tuple[object, ...]) -> None:
        with self._transaction() as connection:
            connection.execute(statement, values)

    @contextmanager
    def _transaction(self) -> Iterator[sqlite3.Connection]:
        """All of it, or nothing."""
        with self._lock, self._explained():
            self._connection.execute("BEGIN IMMEDIATE")
            try:
                yield self._connection
                self._connection.execute("COMMIT")
            except BaseException:
                if self._connection.in_transaction:
                    self._connection.execute("ROLLBACK")
                raise

    @contextmanager
    def _explained(self) -> Iterator[None]:
        """Say what is wrong with the file in a sentence."""
        try:
            yield
        except sqlite3.OperationalError as error:
            raise GradingError(
                f"The gradebook {self.path} cannot be used now ({error}). Is another program "
                "writing to it, is the disk full, or may you not write there?"
            ) from error
        except sqlite3.DatabaseError as error:
            raise GradingError(
                f"{self.path} is no gradebook, or it is damaged ({error}). Move it away and grade "
                "again."
            ) from error
        except OSError as error:
            raise GradingError(
                f"The gradebook {self.path} cannot be made ({error.strerror})."
            ) from error


def _question_row(question: QuestionResult) -> tuple[object, ...]:
    return (
        storable(question.question),
        storable(question.title),
        float(question.points),
        float(question.max_points),
        question.verdict.value,
        storable(question.message),
        storable(question.trace),
    )


def _question(cells: list) -> QuestionResult:
    question, title, points, max_points, verdict, message, trace = cells
    return QuestionResult(
        original(question),
        original(title),
        points,
        max_points,
        Verdict(verdict),
        original(message),
        original(trace),
    )
