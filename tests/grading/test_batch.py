"""A whole course is graded: by two workers, killed and resumed, twice, and in parts.

The full run: `SEQKIT_BATCH=200 SEQKIT_KILLS=20 pytest tests/grading/test_batch.py`.
"""

from __future__ import annotations

import hashlib
import os
import random
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from types import TracebackType
from typing import Self

import pytest

from seqkit.grading.batch import Order, Summary, _selected, grade_folder, write_all
from seqkit.grading.gradebook import Gradebook
from seqkit.grading.grader import Grader, Settings
from seqkit.grading.grading_kernel import Limits
from seqkit.grading.master import load_all
from seqkit.grading.results import SubmissionResult, Verdict
from seqkit.grading.submissions import Submission
from seqkit.kernel.processes import peak_memory
from seqkit.kernel.sandbox import problem
from tests.grading import hostile
from tests.grading import submissions_made as made
from tests.grading.hostile import Threat
from tests.grading.make_batch import EXERCISES, Made, make_batch

pytestmark = pytest.mark.skipif(bool(problem()), reason=problem())

NUMBER = int(os.environ.get("SEQKIT_BATCH", "8"))
KILLS = int(os.environ.get("SEQKIT_KILLS", "3"))
SEED = int(os.environ.get("SEQKIT_SEED", "1"))

SHAPES = "02_shapes"
WORKERS = 2
CELL_SECONDS = 8.0 if NUMBER <= 20 else 30.0  # the real exercises train
ENDED_WITHIN = 10.0  # seconds until nothing of a run is left
MOST_MEMORY = 1_000_000_000  # bytes of the grader itself, however many submissions there are


@dataclass(frozen=True)
class Process:
    """A process that cannot be mistaken for a later one of the same number."""

    pid: int
    started: str

    def lives(self) -> bool:
        return _stat(self.pid)[2:] == (self.started,)

    def __str__(self) -> str:
        try:
            line = Path(f"/proc/{self.pid}/cmdline").read_bytes()
        except OSError:
            line = b"ended"
        return f"{self.pid} {line.replace(bytes(1), b' ').decode(errors='replace')[:200]}"


@dataclass
class Watch:
    """Looks at a run from outside: its processes, and the memory of the grader."""

    pid: int
    seen: set[Process] = field(default_factory=set)
    peak: int = 0

    def __enter__(self) -> Self:
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._look)
        self._thread.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._over.set()
        self._thread.join()

    def left(self) -> list[str]:
        """What still lives when the run had time to end."""
        deadline = time.monotonic() + ENDED_WITHIN
        while left := {process for process in self.seen if process.lives()}:
            if time.monotonic() > deadline:
                return [str(process) for process in left]
            time.sleep(0.1)
        return []

    def _look(self) -> None:
        while not self._over.wait(0.05):
            self.seen |= _descendants(self.pid)
            self.peak = max(self.peak, peak_memory(self.pid))


@dataclass(frozen=True)
class Course:
    """A course with submissions, and what a run of `seqkit grade` may touch.

    The run gets folders for temporary and personal files of its own, so that nothing which other
    programs do at the same time counts.
    """

    folder: Path
    plan: list[Made]

    @property
    def submissions(self) -> Path:
        return self.folder / "submissions"

    @property
    def scratch(self) -> Path:
        return self.folder / "tmp"

    def start(self, out: Path, *options: str) -> subprocess.Popen[str]:
        """Start `seqkit grade` as the leader of a process group."""
        places = {"TMPDIR": str(self.scratch), "HOME": str(self.folder / "home")}
        for place in places.values():
            Path(place).mkdir(exist_ok=True)
        command = [sys.executable, "-m", "seqkit.cli", "grade", str(self.submissions)]
        command += ["--out", str(out), "--master", str(self.folder / "exercises")]
        command += ["--cell-seconds", str(CELL_SECONDS), "--secret", str(self.folder / "secret")]
        return subprocess.Popen(
            [*command, *options],
            cwd=self.folder,
            env={**os.environ, **places, "PYTHONPATH": str(made.ROOT), "PYTHONWARNINGS": "ignore"},
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            start_new_session=True,
            # A shell gives its background jobs a SIGINT that is ignored; a terminal does not.
            preexec_fn=_as_from_a_terminal,
        )

    def grade(self, out: Path, *options: str) -> tuple[int, str, Watch]:
        """Run `seqkit grade` to its end: the exit code, what it said, and what was seen."""
        run = self.start(out, "--workers", str(WORKERS), *options)
        with run, Watch(run.pid) as watch:
            said, _ = run.communicate(timeout=3_600)
        return run.returncode, said, watch


@dataclass(frozen=True)
class Whole:
    """The run that nothing interrupted; all others are compared with it."""

    course: Course
    out: Path
    said: str
    status: int
    watch: Watch
    changed: set[str]
    seconds: float

    def results(self) -> dict[tuple[str, str], SubmissionResult]:
        with Gradebook(self.out / "grades.sqlite") as book:
            return {(one.student, one.exercise): one for one in book.results()}


def _is_quick(threat: Threat) -> bool:
    return threat.part == "small" or NUMBER > 20


@pytest.fixture(scope="module")
def course() -> Iterator[Course]:
    # Not pytest's folder: its name is too long for the sockets of the kernels.
    with tempfile.TemporaryDirectory(prefix="sq-") as name:
        folder = Path(name)
        exercises = EXERCISES if NUMBER > 20 else (SHAPES,)
        plan = make_batch(folder, NUMBER, SEED, exercises, _is_quick)
        (folder / "secret").write_text(hostile.SECRET)
        yield Course(folder, plan)


@pytest.fixture(scope="module")
def whole(course: Course) -> Whole:
    (course.folder / "home").mkdir()
    course.scratch.mkdir()
    before = _state(course.folder)
    start = time.monotonic()
    status, said, watch = course.grade(course.folder / "whole")
    seconds = time.monotonic() - start
    changed = {name for name, _ in _state(course.folder) ^ before}
    return Whole(course, course.folder / "whole", said, status, watch, changed, seconds)


def test_everything_is_graded_and_honest_students_get_what_they_earned(whole: Whole) -> None:
    results = whole.results()
    for one in whole.course.plan:
        result = results[one.student, one.exercise]
        if one.threat is None:
            assert result.points == one.points, result
            continue
        for question in result.questions:
            expected = one.threat.expected.get(question.question, hostile.CORRECT)
            assert question.verdict in expected, (one.threat.name, question)
    assert not any(
        question.verdict is Verdict.INFRASTRUCTURE
        for result in results.values()
        for question in result.questions
    )
    assert whole.status == 0, whole.said
    assert f"{len(results)} submissions graded." in whole.said
    assert len(results) >= NUMBER


def test_no_process_is_left(whole: Whole) -> None:
    assert len(whole.watch.seen) > NUMBER, "the kernels were not seen"
    assert not whole.watch.left()


def test_no_file_is_written_outside_of_the_folder_of_the_grades(whole: Whole) -> None:
    outside = {name for name in whole.changed if name.partition("/")[0] != "whole"}
    # Keras and Matplotlib write their own settings where there are none.
    settings = ("home/.keras", "home/.config", "home/.cache")
    assert not {name for name in outside if not name.startswith(settings)}


def test_the_folder_of_the_grades_holds_what_it_should(whole: Whole) -> None:
    names = {path.name for path in whole.out.iterdir()}
    assert names == {"grades.sqlite", "grades.csv", "junit.xml", "feedback"}
    pages = list((whole.out / "feedback").rglob("*.html"))
    assert len(pages) == len(whole.results())


def test_the_memory_of_the_grader_is_bounded(whole: Whole) -> None:
    assert 0 < whole.watch.peak < MOST_MEMORY


def test_grading_twice_gives_the_same_bytes(whole: Whole) -> None:
    again = whole.course.folder / "again"
    status, said, _ = whole.course.grade(again)
    assert status == 0, said
    assert _differences(again, whole.out) == []


def test_a_run_that_is_killed_again_and_again_is_resumed(whole: Whole) -> None:
    out = whole.course.folder / "killed"
    chance = random.Random(SEED)
    resume: tuple[str, ...] = ()
    for _ in range(KILLS):
        run = whole.course.start(out, "--workers", str(WORKERS), *resume)
        with run, Watch(run.pid) as watch:
            moment = chance.uniform(0.2, whole.seconds)
            if _ended(run, moment):
                resume = ()  # too late: the next run grades everything anew, over the old grades
            else:
                os.kill(run.pid, signal.SIGKILL)
                resume = ("--resume",)
            run.communicate()
        assert not watch.left(), f"killed after {moment:.1f} s"
    status, said, _ = whole.course.grade(out, "--resume")
    assert status == 0, said
    assert _differences(out, whole.out) == []
    assert not list(whole.course.scratch.iterdir()), "what killed runs left was not cleared away"


def test_resuming_grades_only_what_is_missing(whole: Whole, tmp_path: Path) -> None:
    some = sorted(whole.results())[:2]
    out = tmp_path / "out"
    shutil.copytree(whole.out, out)
    order = _order(whole.course, out, resume=True)
    assert grade_folder(order).kept == len(whole.results())
    changed = [whole.course.submissions / student / f"{name}.ipynb" for student, name in some]
    with _one_cell_more(*changed):
        again = grade_folder(order)
    assert (again.graded, again.kept) == (len(some), len(whole.results()) - len(some))


def test_only_grades_what_is_named_and_manual_points_stay(whole: Whole, tmp_path: Path) -> None:
    out = tmp_path / "out"
    shutil.copytree(whole.out, out)
    student = _first_with_points(whole)
    with Gradebook(out / "grades.sqlite") as book:
        book.set_manual(student, SHAPES, "q1", 0.25, "asked in class")
        book.set_deadline(SHAPES, "2026-03-01 12:00")
        book.set_received(student, SHAPES, "2026-03-03 11:00")
        write_all(book, out)
        before, text = book.grades(), book.dump()
    csv = (out / "grades.csv").read_bytes()
    path = whole.course.submissions / student / f"{SHAPES}.ipynb"

    assert grade_folder(_order(whole.course, out, only=(student,))) == Summary(1, 0, ())
    with Gradebook(out / "grades.sqlite") as book:
        assert book.dump() == text
    assert (out / "grades.csv").read_bytes() == csv

    with _answered(path, "q1", "shape = (None, 60, 44, 24)"):
        grade_folder(_order(whole.course, out, only=(student, "nobody")))
    with Gradebook(out / "grades.sqlite") as book:
        after = book.grades()
    places = {(one.student, one.exercise): one for one in before}
    (mine,) = [one for one in after if one.student == student]
    was = places[student, SHAPES]
    # By hand 0.25, less 10 percent for each of two days.
    assert mine.grades[0].points == was.grades[0].points == 0.2
    assert mine.lateness == was.lateness
    assert mine.lateness is not None and mine.lateness.days == 2
    assert mine != was, "the changed notebook was not graded"
    assert [one for one in after if one.student != student] == [
        one for one in before if one.student != student
    ]


def test_only_takes_exercises_by_number_and_names_with_stars() -> None:
    found = [
        Submission(student, exercise, Path())
        for student in ("ana", "ben", "bo")
        for exercise in ("01_small", SHAPES)
    ]

    def chosen(*only: str) -> list[tuple[str, str]]:
        return [(one.student, one.exercise[:2]) for one in _selected(found, only)]

    assert chosen("02") == [("ana", "02"), ("ben", "02"), ("bo", "02")]
    assert chosen("b*") == [("ben", "01"), ("ben", "02"), ("bo", "01"), ("bo", "02")]
    assert chosen("ana", "01_small") == [("ana", "01"), ("ana", "02"), ("ben", "01"), ("bo", "01")]
    assert chosen("2") == []
    assert len(chosen()) == len(found)


def test_interrupting_leaves_a_folder_that_can_be_used(whole: Whole) -> None:
    out = whole.course.folder / "interrupted"
    before = set(whole.course.scratch.iterdir())
    run = whole.course.start(out, "--workers", str(WORKERS))
    with run, Watch(run.pid) as watch:
        _wait_for_grades(out, 1)
        second = whole.course.start(out)
        refused, _ = second.communicate(timeout=60)
        assert run.poll() is None, "the run was over too soon"
        os.killpg(run.pid, signal.SIGINT)  # as a terminal does it
        start = time.monotonic()
        said, _ = run.communicate(timeout=60)
        seconds = time.monotonic() - start
    assert (second.returncode, refused.count("\n")) == (1, 1), refused
    assert "Another run is writing to" in refused

    assert run.returncode == 130, said
    assert "--resume" in said and "Traceback" not in said
    assert seconds < ENDED_WITHIN
    assert not watch.left()
    assert set(whole.course.scratch.iterdir()) <= before
    with Gradebook(out / "grades.sqlite") as book:
        stored = book.results()
    assert 0 < len(stored) < len(whole.results())
    rows = (out / "grades.csv").read_text().splitlines()
    assert len(rows) == 1 + sum(len(one.questions) for one in stored)

    status, said, _ = whole.course.grade(out, "--resume")
    assert status == 0, said
    assert f"{len(stored)} were graded before" in said
    assert _differences(out, whole.out) == []


def test_no_student_loses_points_when_the_system_kills_the_warm_parent(course: Course) -> None:
    """It may do so when memory is short; all kernels die with it."""
    order = _order(course, course.folder / "unused")
    notebook = made.solution(SHAPES)
    made.after(notebook, "q2", "import time\ntime.sleep(4)")
    path = made.write(notebook, course.folder / "slow.ipynb")
    settings = Settings(order.masters, hostile.SECRET, order.limits)
    with Grader(load_all(order.masters), settings) as grader, ThreadPoolExecutor(1) as pool:
        grader.grade(Submission("first", SHAPES, path.parent / "nothing"))  # until it is warm
        future = pool.submit(grader.grade, Submission("ana", SHAPES, path))
        _wait_for(lambda: len(_descendants(grader._parent.pid)) > 1)
        time.sleep(2)
        assert not future.done()
        os.kill(grader._parent.pid, signal.SIGKILL)
        result = future.result()
    assert result.points == result.max_points, result.questions


def _order(course: Course, out: Path, resume: bool = False, only: Sequence[str] = ()) -> Order:
    return Order(
        folder=course.submissions,
        out=out,
        masters=course.folder / "exercises",
        workers=WORKERS,
        resume=resume,
        only=tuple(only),
        limits=Limits(cell_seconds=CELL_SECONDS),
        secret=hostile.SECRET,
    )


def _differences(out: Path, other: Path) -> list[str]:
    """The names of what differs between two folders of grades."""
    names = {str(path.relative_to(root)) for root in (out, other) for path in root.rglob("*")}
    found = []
    for name in sorted(names):
        one, two = out / name, other / name
        if one.is_dir() and two.is_dir():
            continue
        if not (one.is_file() and two.is_file()) or _content(one) != _content(two):
            found.append(name)
    return found


def _content(path: Path) -> bytes:
    """The bytes; of a gradebook what it holds, since a database keeps free pages."""
    if path.suffix != ".sqlite":
        return path.read_bytes()
    with Gradebook(path) as book:
        return book.dump().encode()


def _first_with_points(whole: Whole) -> str:
    return next(
        one.student
        for one in whole.course.plan
        if one.exercise == SHAPES and one.points and one.points > 6
    )


@contextmanager
def _one_cell_more(*paths: Path) -> Iterator[None]:
    """Each notebook with one more cell."""
    kept = {path: path.read_bytes() for path in paths}
    try:
        for path in paths:
            path.write_bytes(kept[path] + b"\n")
        yield
    finally:
        for path, content in kept.items():
            path.write_bytes(content)


@contextmanager
def _answered(path: Path, question: str, code: str) -> Iterator[None]:
    """A notebook with another answer."""
    kept = path.read_bytes()
    notebook = made.solution(SHAPES)
    made.answer(notebook, question, code)
    try:
        made.write(notebook, path)
        yield
    finally:
        path.write_bytes(kept)


def _as_from_a_terminal() -> None:
    signal.signal(signal.SIGINT, signal.SIG_DFL)


def _ended(run: subprocess.Popen[str], seconds: float) -> bool:
    try:
        run.wait(seconds)
    except subprocess.TimeoutExpired:
        return False
    return True


def _wait_for_grades(out: Path, number: int) -> None:
    """Wait until some grades are stored."""

    def are_stored() -> bool:
        if not (out / "grades.sqlite").exists():
            return False
        with Gradebook(out / "grades.sqlite") as book:
            return len(book.results()) >= number

    _wait_for(are_stored)


def _wait_for(holds: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 120
    while not holds():
        assert time.monotonic() < deadline, "it took too long"
        time.sleep(0.05)


def _state(folder: Path) -> set[tuple[str, str]]:
    """All names below a folder with a digest of their content."""
    found = set()
    for path in folder.rglob("*"):
        plain = path.is_file() and not path.is_symlink()
        digest = hashlib.sha256(path.read_bytes()).hexdigest() if plain else ""
        found.add((str(path.relative_to(folder)), digest))
    return found


def _stat(pid: int) -> tuple[str, ...]:
    """State, parent and time of start of a process; () when there is none, or a dead one."""
    try:
        text = Path(f"/proc/{pid}/stat").read_text(errors="replace")
    except OSError:
        return ()
    fields = text.rpartition(")")[2].split()
    return () if fields[0] in "ZX" else (fields[0], fields[1], fields[19])


def _children(pid: int) -> list[int]:
    return [process.pid for process in _descendants(pid) if _stat(process.pid)[1] == str(pid)]


def _descendants(top: int) -> set[Process]:
    """The processes below one."""
    below: dict[str, list[Process]] = {}
    for name in os.listdir("/proc"):
        if name.isdigit() and (facts := _stat(int(name))):
            below.setdefault(facts[1], []).append(Process(int(name), facts[2]))
    found: set[Process] = set()
    places = [str(top)]
    while places:
        children = below.get(places.pop(), [])
        found.update(children)
        places += [str(child.pid) for child in children]
    return found
