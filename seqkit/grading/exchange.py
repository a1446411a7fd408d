"""Grades as the CSV files that Canvas and Moodle import.

Canvas: https://community.canvaslms.com/t5/Instructor-Guide/How-do-I-import-grades-in-the-Gradebook/ta-p/807
The header is Student, ID, SIS User ID, SIS Login ID, Section, then one column for each assignment.
`Name (123)` names the assignment 123 that exists; another name makes a new one. The row
`Points Possible` follows. A student is found by ID, else by one of the SIS columns.

Moodle: https://docs.moodle.org/en/Grade_import
The columns are chosen at the import: one of username, ID number or email address tells who it is,
each grade column is mapped to an item. One person that Moodle does not know stops the import.

In both an empty cell takes away a grade that is there. So only students with a grade get a row,
and `exercises` chooses the columns. Students whose identity is not known stand in a second file:
nothing is dropped, and nothing is imported for the wrong person.
"""

from __future__ import annotations

import csv
import io
import unicodedata
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from seqkit.grading.errors import GradingError
from seqkit.grading.grades import SubmissionGrade
from seqkit.grading.text import harmless, number, storable, write_csv

_STUDENT = "student"
# What the columns of a roster may be called, in small letters. The first is our own name for it.
_COLUMNS = {
    _STUDENT: ("student", "folder"),
    "name": ("name", "full name"),
    "id": ("id", "canvas id"),
    "sis_user_id": ("sis_user_id", "sis user id"),
    "sis_login_id": ("sis_login_id", "sis login id"),
    "section": ("section",),
    "username": ("username", "user name"),
    "id_number": ("id_number", "id number", "idnumber"),
    "email": ("email", "email address", "e-mail"),
}
_CANVAS_KEYS = ("id", "sis_user_id", "sis_login_id")
_MOODLE_KEYS = {"username": "Username", "id_number": "ID number", "email": "Email address"}

Person = dict[str, str]


@dataclass(frozen=True)
class Export:
    """What was written.

    Attributes:
        path: the file to import.
        students: how many students stand in it.
        unknown: the folders that the roster does not name, or names without what is needed.
        unknown_path: the file that holds their grades; None where all are known.
        not_final: student and exercise of each grade that was left out, since the grader failed.
    """

    path: Path
    students: int
    unknown: tuple[str, ...]
    unknown_path: Path | None
    not_final: tuple[tuple[str, str], ...]

    def __str__(self) -> str:
        lines = [f"Written: {self.path}, students: {self.students}."]
        if self.unknown:
            lines.append(
                f"Not known from the roster: {', '.join(map(storable, self.unknown))}. These "
                f"grades are in {self.unknown_path}."
            )
        if self.not_final:
            named = ", ".join(f"{storable(who)} {what}" for who, what in self.not_final)
            lines.append(
                f"Left out, since the grader itself failed: {named}. Grade again, or give the "
                "points by hand."
            )
        return "\n".join(lines)


def read_roster(path: Path) -> dict[str, Person]:
    """Read who the students are.

    Args:
        path: a CSV file with a column `student` (the name of the folder) and any of `name`, `id`,
            `sis_user_id`, `sis_login_id`, `section`, `username`, `id_number` and `email`. The
            column names of Canvas and Moodle are understood, too.

    Returns:
        Folder name to what is known of the student.

    Raises:
        GradingError: when there is no column `student`, or a student or an id stands there twice.
    """
    try:
        text = path.read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        raise GradingError(f"The roster {path} cannot be read: {error}.") from None
    first = text.partition("\n")[0]
    separator = max(",;\t", key=first.count)  # a spreadsheet may have saved it with semicolons
    rows = list(csv.reader(io.StringIO(text, newline=""), delimiter=separator))
    names = _columns(rows[0] if rows else [])
    if _STUDENT not in names:
        raise GradingError(
            f"The roster {path} needs a column 'student' with the names of the folders. It has: "
            f"{', '.join(rows[0]) if rows else 'nothing'}."
        )
    found: dict[str, Person] = {}
    for number_of_line, row in enumerate(rows[1:], start=2):
        cells = zip(names, (cell.strip() for cell in row), strict=False)
        person = {name: cell for name, cell in cells if name and cell}
        student = _key(person.get(_STUDENT, ""))
        if student in found:
            raise GradingError(f"{path}, line {number_of_line}: {student!r} stands there twice.")
        if student:
            found[student] = person
    _refuse_shared_ids(path, found)
    return found


def export_canvas(
    submissions: Sequence[SubmissionGrade],
    roster: Mapping[str, Person],
    path: Path,
    exercises: Sequence[str] = (),
    titles: Mapping[str, str] | None = None,
) -> Export:
    """Write the CSV file that Canvas imports.

    Args:
        submissions: the grades.
        roster: from `read_roster`; each student needs `id`, `sis_user_id` or `sis_login_id`.
        path: the file.
        exercises: the exercises that get a column; all by default.
        titles: exercise to the title of its column, such as `Exercise 1 (4711)`.

    Returns:
        What was written, and who is not known.
    """
    table = _Table(submissions, roster, exercises, titles)

    def identity(person: Person) -> list[str]:
        cells = [harmless(person.get("name", person[_STUDENT]))]
        return [*cells, *(person.get(key, "") for key in _CANVAS_KEYS), person.get("section", "")]

    header = ["Student", "ID", "SIS User ID", "SIS Login ID", "Section", *table.titles]
    possible = ["    Points Possible", "", "", "", "", *map(number, table.possible)]
    return table.write(path, header, identity, _CANVAS_KEYS, [possible])


def export_moodle(
    submissions: Sequence[SubmissionGrade],
    roster: Mapping[str, Person],
    path: Path,
    exercises: Sequence[str] = (),
    titles: Mapping[str, str] | None = None,
) -> Export:
    """Write the CSV file that Moodle imports.

    Args:
        submissions: the grades.
        roster: from `read_roster`; each student needs `username`, `id_number` or `email`, the same
            one for all of them. Moodle tells capital letters in addresses apart.
        path: the file.
        exercises: the exercises that get a column; all by default.
        titles: exercise to the title of its column.

    Returns:
        What was written, and who is not known.
    """
    table = _Table(submissions, roster, exercises, titles)
    # One key for all: the import asks for one column that tells who it is.
    known = [roster[key] for key in map(_key, table.students) if key in roster]
    keys = [key for key in _MOODLE_KEYS if any(key in person for person in known)]
    best = max(keys, key=lambda key: sum(key in person for person in known), default="email")

    def identity(person: Person) -> list[str]:
        return [person.get(key, "") for key in keys or [best]]

    header = [*(_MOODLE_KEYS[key] for key in keys or [best]), *table.titles]
    return table.write(path, header, identity, (best,), [])


class _Table:
    """The points of each student in each exercise."""

    def __init__(
        self,
        submissions: Sequence[SubmissionGrade],
        roster: Mapping[str, Person],
        exercises: Sequence[str],
        titles: Mapping[str, str] | None,
    ) -> None:
        there = sorted({entry.exercise for entry in submissions})
        asked = dict.fromkeys((*exercises, *(titles or {})))
        wrong = [name for name in asked if name not in there]
        if wrong:
            raise GradingError(
                f"There are no grades for {', '.join(wrong)}. There are for: {', '.join(there)}."
            )
        self.exercises = list(exercises) or there
        self.titles = [
            harmless((titles or {}).get(name, storable(name))) for name in self.exercises
        ]
        chosen = [entry for entry in submissions if entry.exercise in self.exercises]
        self.possible = [
            max(entry.max_points for entry in chosen if entry.exercise == name)
            for name in self.exercises
        ]
        self.students = sorted({entry.student for entry in chosen})
        self._roster = roster
        self._points = {
            (entry.student, entry.exercise): number(entry.points)
            for entry in chosen
            if entry.is_final
        }
        self._not_final = tuple(
            (entry.student, entry.exercise) for entry in chosen if not entry.is_final
        )

    def write(
        self,
        path: Path,
        header: Sequence[str],
        identity: Callable[[Person], list[str]],
        needed: Sequence[str],
        first_rows: list[list[str]],
    ) -> Export:
        """Write the students that are known, and the others beside them."""
        rows, unknown = list(first_rows), []
        for student in self.students:
            points = [self._points.get((student, name), "") for name in self.exercises]
            person = self._roster.get(_key(student))
            if person is None or not any(person.get(key) for key in needed):
                unknown.append(student)
            elif any(points):
                rows.append([*identity(person), *points])
        known = [self._roster[key] for key in map(_key, self.students) if key in self._roster]
        if known and not any(person.get(key) for person in known for key in needed):
            raise GradingError(
                f"The roster tells of no student what the import needs: {' or '.join(needed)}. "
                "Add such a column to it."
            )
        write_csv(path, header, rows)
        return Export(
            path,
            len(rows) - len(first_rows),
            tuple(unknown),
            self._write_unknown(path, unknown),
            self._not_final,
        )

    def _write_unknown(self, path: Path, unknown: list[str]) -> Path | None:
        beside = path.with_name(f"{path.stem}.unknown{path.suffix}")
        if not unknown:
            beside.unlink(missing_ok=True)  # of an earlier export: it would tell what is not so
            return None
        rows = [
            [
                harmless(storable(student)),
                *(self._points.get((student, name), "") for name in self.exercises),
            ]
            for student in unknown
        ]
        write_csv(beside, [_STUDENT, *self.titles], rows)
        return beside


def _columns(header: Sequence[str]) -> list[str]:
    """Our names of the columns; Canvas calls the column of the full names `Student`."""
    names = [_column(cell) for cell in header]
    exact = [number for number, cell in enumerate(header) if cell.strip() == _STUDENT]
    if exact and names.count(_STUDENT) > 1:
        names = [
            "name" if name == _STUDENT and number not in exact else name
            for number, name in enumerate(names)
        ]
    return names


def _column(cell: str) -> str:
    """Our name for a column of a roster, or "" for one that is not used."""
    wanted = cell.strip().casefold()
    return next((name for name, called in _COLUMNS.items() if wanted in called), "")


def _key(name: str) -> str:
    """A folder name as it is compared: macOS writes an accent as a letter of its own."""
    return unicodedata.normalize("NFC", storable(name)).strip()


def _refuse_shared_ids(path: Path, roster: Mapping[str, Person]) -> None:
    """Two folders with one id would overwrite each other's grades."""
    for key in (*_CANVAS_KEYS, *_MOODLE_KEYS):
        owners: dict[str, str] = {}
        for student, person in roster.items():
            if key in person and owners.setdefault(person[key], student) != student:
                raise GradingError(
                    f"{path}: {owners[person[key]]!r} and {student!r} have the same {key}, "
                    f"{person[key]!r}."
                )
