"""The command `seqkit grade`: options, a progress bar, and a few closing lines."""

from __future__ import annotations

import argparse
import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from seqkit.grading.batch import Order, Summary

_INTERRUPTED = 130


def add_grade(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add the command `grade`.

    Args:
        commands: the commands of `seqkit`.
    """
    grade = commands.add_parser(
        "grade",
        help="grade the submissions of a course",
        description="Run FOLDER/<student>/NN_name.ipynb in a sandbox, judge the answers in another "
        "process, and write grades.csv, grades.sqlite, junit.xml and one page of feedback for each "
        "submission into DIR.",
        epilog="A run that was interrupted goes on with --resume.",
    )
    grade.set_defaults(run=run)
    grade.add_argument("folder", type=Path, metavar="FOLDER", help="one folder for each student")
    grade.add_argument("--out", type=Path, required=True, metavar="DIR", help="where grades go")
    grade.add_argument(
        "--master",
        type=Path,
        metavar="DIR",
        help="the exercise notebooks (default: the folder 'exercises' here or above)",
    )
    grade.add_argument(
        "--workers",
        type=_positive,
        default=max(1, os.cpu_count() or 1),
        metavar="N",
        help="how many submissions run at a time (default: one for each processor)",
    )
    grade.add_argument(
        "--resume", action="store_true", help="leave what was graded in the same way before"
    )
    grade.add_argument(
        "--only",
        nargs="+",
        default=(),
        metavar="NAME",
        help="only these students or exercises: ana, 'b*', 01, 01_first_stack",
    )
    grade.add_argument(
        "--cell-seconds", type=_seconds, metavar="S", help="the limit for one cell (default: 60)"
    )
    grade.add_argument(
        "--secret",
        type=Path,
        metavar="FILE",
        help="hexadecimal digits that the hidden cases are made from (default: DIR/secret.txt)",
    )
    grade.add_argument(
        "--cluster", default="", metavar="ADDRESS", help="send the jobs to this Dask scheduler"
    )
    grade.add_argument(
        "--unsafe-no-sandbox",
        action="store_true",
        help="run the students' code without protection, where the system forbids a sandbox",
    )


def run(options: argparse.Namespace) -> int:
    """Grade, with a progress bar.

    Args:
        options: the parsed command line.

    Returns:
        0 when everything was graded, 1 when a person has to look at something, 130 after Ctrl-C.
    """
    from tqdm import tqdm

    _refuse_in_a_bundle()
    from seqkit.grading.batch import grade_folder
    from seqkit.grading.results import SubmissionResult

    order = _order(options)
    if not order.sandboxed:
        print(_UNSAFE, file=sys.stderr)
    with tqdm(unit=" submissions", dynamic_ncols=True, disable=None) as bar:

        def progress(done: int, total: int, last: SubmissionResult | None) -> None:
            bar.total = total
            bar.update(done - bar.n)
            if last is not None:
                bar.set_postfix_str(last.student[:30], refresh=False)

        try:
            summary = grade_folder(order, progress)
        except KeyboardInterrupt:
            bar.close()
            print(f"Interrupted. What was graded is in {order.out}; go on with --resume.")
            return _INTERRUPTED
    print(_closing(summary, order.out))
    return 1 if summary.troubled else 0


_UNSAFE = (
    "WARNING: no sandbox. The students' code runs as you: it can read and change your files, see "
    "the other submissions, use the network, and go on after the run. The grades cannot be trusted."
)


def _refuse_in_a_bundle() -> None:
    """The copy of the library that students get has no hidden cases."""
    from importlib.util import find_spec

    from seqkit.grading.errors import GradingError

    if find_spec("seqkit.grading.hidden") is None:
        raise GradingError(
            "This copy of seqkit is for students; it cannot grade. 'seqkit validate NOTEBOOK' "
            "looks at a notebook before it is handed in."
        )


def _order(options: argparse.Namespace) -> Order:
    from seqkit.grading.batch import Order, read_secret
    from seqkit.grading.errors import GradingError
    from seqkit.grading.grading_kernel import Limits
    from seqkit.grading.master import find_folder

    masters = options.master or find_folder(Path.cwd()) or find_folder(options.folder.resolve())
    if masters is None:
        raise GradingError(
            "The exercise notebooks were not found. Run this in the folder of the course, or name "
            "their folder: --master course/exercises."
        )
    limits = Limits(cell_seconds=options.cell_seconds) if options.cell_seconds else Limits()
    return Order(
        folder=options.folder,
        out=options.out,
        masters=masters,
        workers=options.workers,
        resume=options.resume,
        only=tuple(options.only),
        limits=limits,
        sandboxed=not options.unsafe_no_sandbox,
        secret=read_secret(options.secret) if options.secret else "",
        cluster=options.cluster,
    )


def _closing(summary: Summary, out: Path) -> str:
    from seqkit.grading.text import printable, some_of

    kept = f", {summary.kept} were graded before" if summary.kept else ""
    lines = [f"{summary.graded} submissions graded{kept}.", f"Grades: {out / 'grades.csv'}"]
    if summary.troubled:
        lines.append(f"A person has to look at {len(summary.troubled)} questions:")
        lines += [f"  {line.splitlines()[0]}" for line in summary.troubled[:20]]
    if summary.unrecognised:
        lines.append(
            "Notebooks with the name of no exercise; rename them, and grade with --resume:"
        )
        lines += [f"  {path}" for path in summary.unrecognised[:20]]
    if summary.unused_manual:
        lines.append("Points by hand for questions that are not there:")
        lines += [f"  {', '.join(place)}" for place in summary.unused_manual[:20]]
    if summary.without:
        lines.append(f"Folders without a submission: {some_of(summary.without)}.")
    if summary.passed_over:
        lines.append("Several copies of one exercise; the other one counts. Look which was meant:")
        lines += [f"  {path}  ({other.name} counts)" for path, other in summary.passed_over[:20]]
    return printable("\n".join(lines))  # a folder may have any name


def _positive(text: str) -> int:
    number = int(text)
    if number < 1:
        raise argparse.ArgumentTypeError("write a number from 1 on")
    return number


def _seconds(text: str) -> float:
    number = float(text)
    if not 0 < number < float("inf"):
        raise argparse.ArgumentTypeError("write a number of seconds above 0")
    return number
