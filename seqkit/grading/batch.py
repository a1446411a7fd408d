"""`seqkit grade`: a folder of submissions becomes a folder of grades.

    DIR/grades.sqlite    the gradebook; all else is made from it
    DIR/grades.csv       one line for each question
    DIR/junit.xml        the same for programs that read test results
    DIR/feedback/        one page for each submission
    DIR/secret.txt       what the hidden cases are made from; keep it from students

Every grade is stored when it is there. A run that is killed loses the submissions that were being
graded at that moment, and `--resume` grades those and the ones that are left.
"""

from __future__ import annotations

import contextlib
import fnmatch
import hashlib
import os
import re
import secrets
from collections.abc import Callable, Generator, Iterable, Iterator, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from dataclasses import dataclass, field
from importlib import metadata
from pathlib import Path

import seqkit
from seqkit.files import write_whole
from seqkit.grading import run_folder, submissions
from seqkit.grading.errors import GradingError, UnreadableError
from seqkit.grading.feedback import write_feedback
from seqkit.grading.gradebook import Gradebook
from seqkit.grading.grader import Grader, Settings
from seqkit.grading.grading_kernel import Limits
from seqkit.grading.junit import write_junit
from seqkit.grading.master import Master, load_all
from seqkit.grading.results import SubmissionResult, Verdict
from seqkit.grading.submissions import Submission

SECRET_DIGITS = 32


@dataclass(frozen=True)
class Order:
    """What is to be graded, and how.

    Attributes:
        folder: holds one folder for each student.
        out: where the grades go.
        masters: the folder with the exercise notebooks.
        workers: how many submissions are graded at a time.
        resume: leave what was graded in the same way before.
        only: names of students or exercises, `*` allowed; empty for all.
        limits: how much a submission may use.
        sandboxed: False runs the students' code without protection.
        secret: hexadecimal digits for the hidden cases; "" for those of `out`.
        cluster: the address of a Dask scheduler, or "".
    """

    folder: Path
    out: Path
    masters: Path
    workers: int = 1
    resume: bool = False
    only: tuple[str, ...] = ()
    limits: Limits = field(default_factory=Limits)
    sandboxed: bool = True
    secret: str = ""
    cluster: str = ""


@dataclass(frozen=True)
class Summary:
    """What a run did.

    Attributes:
        graded: how many submissions were graded now.
        kept: how many had been graded before.
        troubled: those that a person has to look at, with the reason.
        unrecognised: notebooks that have the name of no exercise.
        passed_over: copies, each with the file of the same student that counts.
        without: folders of students that hold no submission.
        unused_manual: points by hand whose question is not there any more.
    """

    graded: int
    kept: int
    troubled: tuple[str, ...]
    unrecognised: tuple[Path, ...] = ()
    passed_over: tuple[tuple[Path, Path], ...] = ()
    without: tuple[str, ...] = ()
    unused_manual: tuple[tuple[str, str, str], ...] = ()


Progress = Callable[[int, int, SubmissionResult | None], None]


def grade_folder(order: Order, progress: Progress = lambda done, total, last: None) -> Summary:
    """Grade all submissions of a folder, and write what came out.

    Args:
        order: what, how and where.
        progress: is told how many are done of how many, and the last result.

    Returns:
        What was done.

    Raises:
        GradingError: when nothing can be graded: no submissions, no masters, no sandbox, or
            another run is writing to the same folder.
    """
    masters = load_all(order.masters)
    handed_in = submissions.find(order.folder, masters)
    found = _selected(handed_in, order.only)
    if not found:
        raise GradingError(_nothing_found(order, masters))
    order.out.mkdir(parents=True, exist_ok=True)
    run_folder.clear()  # of a run that was killed, also when it left nothing to grade
    with _only_one(order.out), Gradebook(order.out / "grades.sqlite") as book:
        settings = Settings(
            order.masters, order.secret or _secret(order.out), order.limits, order.sandboxed
        )
        keys = {name: grader_key(master, settings) for name, master in masters.items()}
        jobs = [one for one in found if not (order.resume and _is_done(book, one, keys))]
        progress(0, len(jobs), None)
        troubled = []
        try:
            with contextlib.closing(_results(jobs, masters, settings, order)) as results:
                for done, result in enumerate(results, start=1):
                    book.store(result, keys[result.exercise])
                    troubled += _trouble(result)
                    progress(done, len(jobs), result)
        finally:
            write_all(book, order.out)
        unused = book.unused_manual()
    return Summary(
        graded=len(jobs),
        kept=len(found) - len(jobs),
        troubled=tuple(troubled),
        unrecognised=tuple(submissions.unrecognised(order.folder, masters)),
        passed_over=tuple(submissions.passed_over(order.folder, handed_in)),
        without=tuple(submissions.without(order.folder, handed_in)),
        unused_manual=tuple(unused),
    )


def write_all(book: Gradebook, out: Path) -> None:
    """Write everything that is made from the gradebook.

    Args:
        book: the grades.
        out: the folder.
    """
    book.write_csv(out / "grades.csv")
    grades = book.grades()
    write_junit(out / "junit.xml", grades)
    for entry in grades:
        write_feedback(out / "feedback", entry)


def grader_key(master: Master, settings: Settings) -> str:
    """Name the way of grading: equal keys give equal grades for the same file.

    Args:
        master: the exercise.
        settings: secret, limits and sandbox.

    Returns:
        A digest of the exercise, the settings, and the versions of seqkit and Keras.
    """
    versions = [f"seqkit {seqkit.__version__}", f"keras {metadata.version('keras')}"]
    # What ran without a sandbox cannot be trusted, and is graded again in one.
    way = [str(settings.limits), "sandbox" if settings.sandboxed else "no sandbox"]
    text = "\n".join([master.digest, settings.secret, *way, *versions])
    return hashlib.sha256(text.encode()).hexdigest()[:32]


def _selected(found: Iterable[Submission], only: Sequence[str]) -> list[Submission]:
    """Those whose student or exercise is named; an exercise also by its number."""
    return [
        submission
        for submission in found
        if not only
        or any(
            fnmatch.fnmatchcase(submission.student, pattern)
            or fnmatch.fnmatchcase(submission.exercise, pattern)
            or submission.exercise.startswith(f"{pattern}_")
            for pattern in only
        )
    ]


def _nothing_found(order: Order, masters: dict[str, Master]) -> str:
    names = ", ".join(f"{name}.ipynb" for name in list(masters)[:3])
    chosen = f" for --only {' '.join(order.only)}" if order.only else ""
    return (
        f"There is no submission in {order.folder}{chosen}. A submission is a notebook with the "
        f"name of an exercise ({names}, ...) in the folder of a student: "
        f"{order.folder}/ana/{next(iter(masters))}.ipynb."
    )


def _is_done(book: Gradebook, submission: Submission, keys: dict[str, str]) -> bool:
    try:
        digest = submissions.read(submission.path).digest
    except UnreadableError:
        digest = ""
    return book.has(submission.student, submission.exercise, digest, keys[submission.exercise])


def _results(
    jobs: Sequence[Submission], masters: dict[str, Master], settings: Settings, order: Order
) -> Generator[SubmissionResult, None, None]:
    """The results as they come."""
    if not jobs:
        return
    if order.cluster:
        from seqkit.grading.cluster import grade_on_cluster

        yield from grade_on_cluster(order.cluster, jobs, masters, settings)
        return
    with Grader(masters, settings) as grader, ThreadPoolExecutor(order.workers) as pool:
        try:
            yield from _as_completed(pool, grader, jobs, order.workers)
        except BaseException:
            grader.close()  # ends the kernels, so that the threads end
            pool.shutdown(wait=False, cancel_futures=True)
            raise


def _as_completed(
    pool: ThreadPoolExecutor, grader: Grader, jobs: Sequence[Submission], workers: int
) -> Iterator[SubmissionResult]:
    """Keep all workers busy; hold no more results than there are workers."""
    waiting = iter(jobs)
    running: set[Future[SubmissionResult]] = set()
    while True:
        for job in waiting:
            running.add(pool.submit(grader.grade, job))
            if len(running) >= workers:
                break
        if not running:
            return
        ready, running = wait(running, return_when=FIRST_COMPLETED)
        for future in ready:
            yield future.result()


def _trouble(result: SubmissionResult) -> list[str]:
    return [
        f"{result.student}, {result.exercise}, {one.question}: {one.message}"
        for one in result.questions
        if one.verdict is Verdict.INFRASTRUCTURE
    ]


def _secret(out: Path) -> str:
    """The secret of this folder; made at the first run."""
    file = out / "secret.txt"
    if not file.exists():
        write_whole(file, secrets.token_hex(SECRET_DIGITS // 2) + "\n")
        file.chmod(0o600)
    return read_secret(file)


def read_secret(file: Path) -> str:
    """Read a secret that was written before.

    Args:
        file: holds hexadecimal digits.

    Returns:
        The digits.

    Raises:
        GradingError: when it holds something else.
    """
    text = file.read_text(encoding="utf-8").strip()
    if not re.fullmatch(r"[0-9a-fA-F]{1,64}", text):
        raise GradingError(f"{file} should hold 1 to 64 hexadecimal digits, and nothing else.")
    return text


@contextlib.contextmanager
def _only_one(out: Path) -> Iterator[None]:
    """Refuse a second run that writes to the same folder; the lock goes with the process."""
    try:
        import fcntl
    except ImportError:  # Windows, where there is no sandbox either
        yield
        return
    handle = os.open(out, os.O_RDONLY)
    try:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise GradingError(
                f"Another run is writing to {out}. Wait until it has ended."
            ) from None
        yield
    finally:
        os.close(handle)
