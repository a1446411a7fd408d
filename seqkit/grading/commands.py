"""The commands for instructors and students around grading: release, validate, gradebook."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from datetime import datetime

    from seqkit.grading.gradebook import Gradebook

_Commands = argparse._SubParsersAction
_TIMES = ("student", "exercise", "received")
_Run = Callable[[argparse.Namespace], int]


def add_commands(commands: _Commands[argparse.ArgumentParser]) -> None:
    """Add the commands to those of `seqkit`.

    Args:
        commands: where to add them.
    """
    _add_release(commands)
    _add_validate(commands)
    _add_gradebook(commands)


def _add_release(commands: _Commands[argparse.ArgumentParser]) -> None:
    release = _command(
        commands,
        "release",
        "make the bundle for students, without solutions",
        "Put the exercises, the lessons and the library into a zip file or a folder, without "
        "solutions, hidden cases, tests and sources. Every file is searched for every solution "
        "first.",
        _release,
    )
    release.add_argument("out", type=Path, metavar="OUT", help="course.zip, or a new folder")
    release.add_argument("--no-lessons", action="store_true", help="the exercises only")
    release.add_argument(
        "--root", type=Path, metavar="FOLDER", help="the folder of the course (default: found)"
    )


def _add_validate(commands: _Commands[argparse.ArgumentParser]) -> None:
    validate = _command(
        commands,
        "validate",
        "look at a notebook before you hand it in",
        "Tell which questions have an answer, and what would cost points: missing answer cells, "
        "cells that are not Python, commands that the grader does not have. Nothing is run, and "
        "nothing is graded. The exit code is 1 when there is something to do.",
        _validate,
    )
    validate.add_argument("notebooks", nargs="+", type=Path, metavar="NOTEBOOK")
    validate.add_argument(
        "--master",
        type=Path,
        metavar="FOLDER",
        help="the exercises as they were given (default: found)",
    )


def _add_gradebook(commands: _Commands[argparse.ArgumentParser]) -> None:
    book = commands.add_parser(
        "gradebook",
        help="manual points, late days, and grades for Canvas or Moodle",
        description="Change or read the gradebook that 'seqkit grade' wrote. What is given here "
        "stays when submissions are graded again. grades.csv, junit.xml and the feedback pages are "
        "written anew after each change.",
    )
    actions = book.add_subparsers(dest="action", required=True, metavar="ACTION")
    _add_manual(actions)
    _add_late(actions)
    _add_export(actions)


def _add_manual(actions: _Commands[argparse.ArgumentParser]) -> None:
    manual = _action(actions, "manual", "give points for one question by hand", _manual)
    manual.add_argument("student", metavar="STUDENT", help="the name of the student's folder")
    manual.add_argument("exercise", metavar="EXERCISE", help="such as 01_first_stack, or 01")
    manual.add_argument("question", metavar="QUESTION", help="such as q1")
    points = manual.add_mutually_exclusive_group(required=True)
    points.add_argument("points", nargs="?", type=float, metavar="POINTS")
    points.add_argument("--remove", action="store_true", help="let the grader's points count again")
    manual.add_argument("--comment", default="", metavar="TEXT", help="the student reads it")


def _add_late(actions: _Commands[argparse.ArgumentParser]) -> None:
    late = _action(
        actions, "late", "set deadlines, times of receipt, and what late days cost", _late
    )
    late.add_argument("--exercise", metavar="EXERCISE", help="such as 01_first_stack, or 01")
    late.add_argument("--student", metavar="STUDENT", help="one student only: an extension")
    late.add_argument(
        "--deadline",
        metavar="TIME",
        help="2026-03-01 (its end) or 2026-03-01 12:00; 'none' ends it",
    )
    late.add_argument("--received", metavar="TIME", help="when it came; 'none' takes it back")
    late.add_argument(
        "--times",
        type=Path,
        metavar="FILE.csv",
        help="times of receipt of many: the columns student, exercise, received",
    )
    late.add_argument("--grace", type=int, metavar="DAYS", help="late days that cost nothing")
    late.add_argument("--percent", type=float, metavar="P", help="what each further day costs")
    late.add_argument("--cap", type=float, metavar="P", help="the most that can be lost")


def _add_export(actions: _Commands[argparse.ArgumentParser]) -> None:
    export = _action(actions, "export", "write the CSV file that Canvas or Moodle imports", _export)
    export.add_argument("form", choices=("canvas", "moodle"))
    export.add_argument("out", type=Path, metavar="FILE.csv")
    export.add_argument(
        "--roster",
        type=Path,
        required=True,
        metavar="FILE.csv",
        help="a column 'student' with the folders, and id, sis_user_id, sis_login_id, section, "
        "username, id_number or email",
    )
    export.add_argument(
        "--exercise",
        action="append",
        default=[],
        metavar="NAME[=TITLE]",
        help="a column for this exercise only, under this title; may be repeated (default: all)",
    )


def _command(
    commands: _Commands[argparse.ArgumentParser], name: str, short: str, long: str, run: _Run
) -> argparse.ArgumentParser:
    parser = commands.add_parser(name, help=short, description=long)
    parser.set_defaults(run=run)
    return parser


def _action(
    actions: _Commands[argparse.ArgumentParser], name: str, short: str, run: _Run
) -> argparse.ArgumentParser:
    parser = _command(actions, name, short, short[0].upper() + short[1:] + ".", run)
    parser.add_argument(
        "--grades",
        type=Path,
        default=Path(),
        metavar="DIR",
        help="the folder that 'seqkit grade --out' wrote (default: here)",
    )
    return parser


def _release(options: argparse.Namespace) -> int:
    from seqkit.authoring.sources import find_root
    from seqkit.grading.release import release

    made = release(find_root(options.root), options.out, lessons=not options.no_lessons)
    print(f"{len(made.names)} files in {made.path}, none with a solution.")
    return 0


def _validate(options: argparse.Namespace) -> int:
    from seqkit.grading.validate import validate

    reports = [validate(path, options.master) for path in options.notebooks]
    print("\n\n".join(map(str, reports)))
    return 0 if all(report.ok for report in reports) else 1


def _manual(options: argparse.Namespace) -> int:
    from seqkit.grading.errors import GradingError
    from seqkit.grading.text import some_of

    with _open(options.grades) as book:
        exercise = _exercise(book, options.exercise)
        known = {
            (result.student, result.exercise): {
                one.question: one.max_points for one in result.questions
            }
            for result in book.results()
        }
        questions = known.get((options.student, exercise))
        # Points that are taken back may be those of a name that was mistyped.
        if questions is None and not options.remove:
            raise GradingError(
                f"{options.student} has no grades in {exercise}. There are: "
                f"{some_of(sorted({student for student, _ in known}))}."
            )
        if not options.remove and options.question not in (questions or {}):
            raise GradingError(
                f"{exercise} has no question {options.question}. There are: "
                f"{some_of(list(questions or {}))}."
            )
        most = (questions or {}).get(options.question, 0.0)
        points = None if options.remove else options.points
        book.set_manual(options.student, exercise, options.question, points, options.comment)
        _write(book, options.grades)
    print(f"{options.student}, {exercise}, {options.question}: ", end="")
    print("the grader's points count" if points is None else f"{points:g} points by hand")
    if points is not None and points > most:
        print(f"These are more than the {most:g} points of the question; they count all the same.")
    return 0


def _late(options: argparse.Namespace) -> int:
    from dataclasses import replace

    from seqkit.grading.errors import GradingError

    if (options.deadline or options.received) and not options.exercise:
        raise GradingError("Name the exercise: --exercise 01_first_stack.")
    if options.received and not options.student:
        raise GradingError("Name the student whose submission came then: --student ana.")
    with _open(options.grades) as book:
        exercise = _exercise(book, options.exercise) if options.exercise else ""
        given = {
            "grace_days": options.grace,
            "percent_per_day": options.percent,
            "cap": options.cap,
        }
        changed = {name: value for name, value in given.items() if value is not None}
        if changed:
            book.set_policy(replace(book.policy, **changed))
        if options.deadline:
            book.set_deadline(exercise, _time(options.deadline), options.student or "")
        if options.received:
            book.set_received(options.student, exercise, _time(options.received))
        times = _read_times(book, options.times) if options.times else []
        for student, one, when in times:
            book.set_received(student, one, when)
        _write(book, options.grades)
        _print_late(book)
        _print_unknown(book, {options.student or "", *(student for student, _, _ in times)} - {""})
    return 0


def _print_unknown(book: Gradebook, named: set[str]) -> None:
    """Name students without a submission: they may hand in later, or a name is mistyped."""
    from seqkit.grading.text import some_of

    known = {result.student for result in book.results()}
    if unknown := sorted(named - known):
        print(
            f"No submission is graded yet of: {some_of(unknown)}. Check the spelling; it is kept "
            "for when they hand in."
        )


def _read_times(book: Gradebook, path: Path) -> list[tuple[str, str, datetime]]:
    """The times of receipt that a table gives; all of them are right, or none is taken."""
    import csv

    from seqkit.grading.errors import GradingError
    from seqkit.grading.late import moment

    try:
        with path.open(encoding="utf-8-sig", newline="") as stream:
            rows = list(csv.DictReader(stream))
    except (OSError, UnicodeDecodeError) as error:
        raise GradingError(f"{path} cannot be read: {error}.") from None
    times = []
    for number, row in enumerate(rows, start=2):
        student, exercise, received = (row.get(name) or "" for name in _TIMES)
        if not (student and exercise and received):
            raise GradingError(f"{path}, line {number}: it needs {', '.join(_TIMES)}.")
        try:
            times.append((student, _exercise(book, exercise), moment(received)))
        except GradingError as error:
            raise GradingError(f"{path}, line {number}: {error}") from None
    return times


def _print_late(book: Gradebook) -> None:
    policy = book.policy
    print(
        f"Late days: {policy.grace_days} cost nothing, each further one {policy.percent_per_day:g} "
        f"percent, at most {policy.cap:g} percent."
    )
    for entry in book.grades():
        late = entry.lateness
        if late is not None and late.days:
            print(
                f"  {entry.student}  {entry.exercise}  {late.days} late, {late.percent:g} percent"
            )


def _export(options: argparse.Namespace) -> int:
    from seqkit.grading.exchange import export_canvas, export_moodle, read_roster

    export = {"canvas": export_canvas, "moodle": export_moodle}[options.form]
    with _open(options.grades) as book:
        named = [text.partition("=") for text in options.exercise]
        titles = {_exercise(book, name): title or name for name, _, title in named}
        grades = book.grades()
    done = export(grades, read_roster(options.roster), options.out, list(titles), titles)
    print(done)
    if done.unknown or done.not_final:
        print("seqkit gradebook: not all grades can be imported.", file=sys.stderr)
        return 1
    return 0


def _open(folder: Path) -> Gradebook:
    from seqkit.grading.errors import GradingError
    from seqkit.grading.gradebook import Gradebook

    path = folder / "grades.sqlite"
    if not path.is_file():
        raise GradingError(
            f"There is no gradebook {path}. Name the folder that 'seqkit grade --out' wrote: "
            "--grades DIR."
        )
    return Gradebook(path)


def _exercise(book: Gradebook, name: str) -> str:
    """The exercise that a name or a number means."""
    from seqkit.grading.errors import GradingError
    from seqkit.grading.master import find_folder
    from seqkit.grading.text import some_of

    # An exercise that nobody has handed in yet may have a deadline already.
    course = find_folder(Path.cwd())
    there = {path.stem for path in course.glob("[0-9][0-9]_*.ipynb")} if course else set()
    there |= {result.exercise for result in book.results()}
    found = [one for one in there if one == name or one.startswith(f"{name}_")]
    if len(found) != 1:
        raise GradingError(f"There is no exercise {name}. There are: {some_of(sorted(there))}.")
    return found[0]


def _time(text: str) -> str | None:
    return None if text == "none" else text


def _write(book: Gradebook, folder: Path) -> None:
    from seqkit.grading.batch import write_all

    write_all(book, folder)
