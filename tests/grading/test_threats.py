"""Every hostile submission gets its verdict, gains nothing, and harms nobody.

The submissions are graded by two threads of one grader, as `seqkit grade --workers 2` does it.
SEQKIT_FEW_THREATS=1 runs three of each kind, in a third of the time.
"""

from __future__ import annotations

import os
import re
import tempfile
import time
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

import pytest

import seqkit
from seqkit.grading.grader import Grader, Settings
from seqkit.grading.grading_kernel import Limits, StoppedError
from seqkit.grading.master import load_all
from seqkit.grading.results import SubmissionResult, Verdict
from seqkit.grading.submissions import Submission
from seqkit.kernel.sandbox import problem
from tests.grading import hostile
from tests.grading import submissions_made as made
from tests.grading.hostile import Threat

pytestmark = pytest.mark.skipif(bool(problem()), reason=problem())

LIMITS = Limits(cell_seconds=8.0, submission_seconds=60.0, memory_bytes=1_500_000_000)
PATIENT = Limits(cell_seconds=60.0, submission_seconds=200.0)  # for notebooks that train
SLOWEST = 90.0  # seconds for any submission, however it behaves
LIBRARY = Path(seqkit.__file__).parent


@dataclass(frozen=True)
class Graded:
    """What became of one threat."""

    result: SubmissionResult
    seconds: float
    left: frozenset[str]  # files in the student's folder that were not handed in
    folder: Path


Runs = dict[str, Future[Graded]]  # by the name of the test


class Course:
    """Graders, and the folder that everything has to stay in."""

    def __init__(self, folder: Path, grader: Grader, patient: Grader) -> None:
        self.folder = folder
        self.grader = grader
        self._patient = patient

    def grade(self, threat: Threat) -> Graded:
        """Make a submission of a threat, and grade it."""
        student = self.folder / "students" / f"student-{hostile.THREATS.index(threat)}"
        notebook = made.part(made.solution(), threat.part)
        threat.make(notebook, student)
        path = student / threat.file
        if not os.path.lexists(path):
            made.write(notebook, path)
        before = _files(student)
        grader = self._patient if threat.part == "whole" else self.grader
        start = time.monotonic()
        result = grader.grade(Submission(student.name, path.stem, path))
        return Graded(
            result, time.monotonic() - start, frozenset(_files(student) - before), student
        )


@pytest.fixture(scope="module")
def course(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Course]:
    folder = tmp_path_factory.mktemp("t")
    masters = made.masters_of_parts(folder / "exercises")
    scratch = folder / "tmp"
    scratch.mkdir()
    children, library = _descendants(), _library()
    patch = pytest.MonkeyPatch()
    patch.setattr(tempfile, "tempdir", str(scratch))
    exercises = load_all(masters)
    quick = Settings(masters, hostile.SECRET, LIMITS)
    slow = Settings(masters, hostile.SECRET, PATIENT)
    with Grader(exercises, quick) as grader, Grader(exercises, slow) as patient:
        # The first one waits for the imports of the warm parent.
        path = made.write(made.part(made.solution(), "small"), folder / "first" / "01_small.ipynb")
        assert grader.grade(Submission("first", "01_small", path)).points == 3
        yield Course(folder, grader, patient)
    patch.undo()
    assert not list(scratch.iterdir()), "the grader left files"
    assert _descendants() <= children, "the grader left processes"
    assert _library() == library, "the library was changed"


@pytest.fixture(scope="module")
def graded(course: Course, request: pytest.FixtureRequest) -> Iterator[Runs]:
    """The threats of this run, graded side by side while the tests look at the first."""
    here = [item for item in request.session.items if item.path == request.path]
    parameters = [item.callspec.params for item in here if hasattr(item, "callspec")]
    chosen = [found["threat"] for found in parameters if "threat" in found]
    with ThreadPoolExecutor(2) as pool:
        yield {_name(threat): pool.submit(course.grade, threat) for threat in chosen}
        pool.shutdown(cancel_futures=True)


def _is_run(threat: Threat) -> bool:
    """The first of each kind always; the others unless SEQKIT_FEW_THREATS is set."""
    if not os.environ.get("SEQKIT_FEW_THREATS") or hostile.UNREADABLE in threat.expected.values():
        return True
    kind = [one for one in hostile.THREATS if one.number == threat.number]
    return kind.index(threat) < 3


CHOSEN = [threat for threat in hostile.THREATS if _is_run(threat)]


def _name(threat: Threat) -> str:
    return f"{threat.number}-{threat.name.replace(' ', '-')}"


@pytest.mark.parametrize("threat", CHOSEN, ids=_name)
def test_a_threat_gets_its_verdict(threat: Threat, graded: Runs) -> None:
    found = graded[_name(threat)].result()
    print("\n".join(map(str, found.result.questions)), found.result.notes, sep="\n")
    _check_verdicts(threat, found.result)
    _check_words(threat, found.result)
    assert found.seconds < (SLOWEST if threat.part != "whole" else 3 * SLOWEST)
    assert not found.left, "files were written beside the submission"
    assert not threat.marker or not _running(threat.marker), "a process is left"


def _check_verdicts(threat: Threat, result: SubmissionResult) -> None:
    asked = made.PARTS[threat.part]
    assert [one.question for one in result.questions] == list(asked)
    for one in result.questions:
        assert one.verdict in threat.expected.get(one.question, hostile.CORRECT), one
        assert 0 <= one.points <= one.max_points, one
        if one.verdict is Verdict.CORRECT:
            assert one.points == one.max_points, one
        elif one.verdict is not Verdict.PARTIAL:
            assert one.points == 0, one
    assert result.max_points == sum(
        {"q1": 1, "q2": 2, "q3": 2, "q4": 1, "q5": 2, "q6": 2}[name] for name in asked
    )


def _check_words(threat: Threat, result: SubmissionResult) -> None:
    for one in result.questions:
        if one.verdict is not Verdict.NOT_ATTEMPTED:
            assert one.message.strip(), one
        if one.question in threat.expected:
            assert re.search(threat.message, one.message), one
    words = [*result.notes, *(f"{one.message}\n{one.trace}" for one in result.questions)]
    assert re.search(threat.note, "\n".join(result.notes))
    assert not threat.never or not any(re.search(threat.never, text) for text in words), words
    assert not any(hostile.SECRET in text for text in words)


def test_a_dying_kernel_is_noticed_within_two_seconds(course: Course) -> None:
    with course.grader._start() as kernel:
        kernel.run("import os")
        start = time.monotonic()
        with pytest.raises(StoppedError) as stopped:
            kernel.run("os._exit(0)")
        assert time.monotonic() - start < 2
    assert stopped.value.verdict is Verdict.KERNEL_DIED


def test_a_flood_of_messages_does_not_hold_the_grader(course: Course) -> None:
    with course.grader._start() as kernel:
        start = time.monotonic()
        with pytest.raises(StoppedError):
            kernel.run(
                "kernel = get_ipython().kernel\nwhile True:\n"
                "    kernel.session.send(kernel.iopub_socket, 'status', {}, ident=b'x')"
            )
        assert time.monotonic() - start < LIMITS.cell_seconds + 5


def test_a_message_of_a_gigabyte_does_not_fill_the_memory_of_the_grader(course: Course) -> None:
    before = _peak_memory()
    with course.grader._start() as kernel, pytest.raises(StoppedError):
        kernel.run(
            "kernel = get_ipython().kernel\nblock = bytes(400_000_000)\nfor _ in range(20):\n"
            "    kernel.iopub_socket.send_multipart([b'x', block])\n"
            "import time\nwhile True:\n    time.sleep(1)"
        )
    assert _peak_memory() - before < 1_000_000_000


@pytest.mark.parametrize("place", ["/", "/tmp", "/usr", str(LIBRARY), str(made.ROOT), "/var/tmp"])
def test_nothing_was_written_elsewhere(place: str, graded: Runs) -> None:
    for future in graded.values():
        future.result()
    assert not (Path(place) / "seqkit-was-here").exists()


def test_no_kernel_is_left_when_all_is_graded(course: Course, graded: Runs) -> None:
    for future in graded.values():
        future.result()
    deadline = time.monotonic() + 5
    warm = course.grader._parent.pid
    while (left := _descendants(warm)) and time.monotonic() < deadline:
        time.sleep(0.1)
    assert not left, [Path(f"/proc/{pid}/cmdline").read_text() for pid in left]
    assert not course.grader._parent.fallbacks, "some kernels had to be started cold"


def _files(folder: Path) -> set[str]:
    return {str(path) for path in folder.rglob("*")}


def _library() -> list[bytes]:
    """The files of the library that one of the threats tries to change."""
    return [(LIBRARY / name).read_bytes() for name in ("__init__.py", "exercises/ex01.py")]


def _peak_memory() -> int:
    import resource

    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024


def _running(word: str) -> list[str]:
    """The command lines that hold a word."""
    found = []
    for file in Path("/proc").glob("[0-9]*/cmdline"):
        try:
            line = file.read_bytes().replace(b"\0", b" ").decode(errors="replace")
        except OSError:
            continue
        if line.startswith("sleep") and word in line:
            found.append(line)
    return found


def _descendants(top: int = 0) -> set[int]:
    """The processes below this one, or below another."""
    children: dict[int, list[int]] = {}
    for file in Path("/proc").glob("[0-9]*/stat"):
        try:
            fields = file.read_text(errors="replace").rpartition(")")[2].split()
        except OSError:
            continue
        if fields[0] != "Z":
            children.setdefault(int(fields[1]), []).append(int(file.parent.name))
    found: set[int] = set()
    open_ = [top or os.getpid()]
    while open_:
        below = children.get(open_.pop(), [])
        found.update(below)
        open_ += below
    return found
