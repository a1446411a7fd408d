"""The same grades from the workers of a Dask cluster, also when one of them dies."""

from __future__ import annotations

import os
import shutil
import signal
import socket
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from seqkit.grading.batch import Order, grade_folder
from seqkit.grading.cluster import grade_on_cluster
from seqkit.grading.errors import GradingError
from seqkit.grading.gradebook import Gradebook
from seqkit.grading.grader import Settings
from seqkit.grading.grading_kernel import Limits
from seqkit.grading.master import load_all
from seqkit.grading.results import SubmissionResult
from seqkit.grading.submissions import Submission
from seqkit.kernel.sandbox import problem
from tests.grading import submissions_made as made

pytest.importorskip(
    "distributed",
    reason="Dask is not installed, so the cluster is not tested: pip install distributed",
)
pytestmark = pytest.mark.skipif(bool(problem()), reason=problem())

SECRET = "c1a55"
SHAPES = "02_shapes"
LIMITS = Limits(cell_seconds=30)
NUMBER = 8


@pytest.fixture(scope="module")
def course() -> Iterator[Path]:
    """Exercise 02 with right, wrong and unreadable submissions."""
    with tempfile.TemporaryDirectory(prefix="sq-") as name:
        folder = Path(name)
        made.write(made.exercise(SHAPES), folder / "exercises" / f"{SHAPES}.ipynb")
        for number in range(NUMBER):
            notebook = made.part(made.solution(SHAPES), "whole")
            if number % 3 == 1:
                made.answer(notebook, "q2", f"parameters = {number}")
            if number % 3 == 2:
                made.answer(notebook, "q6", "import os\nos._exit(0)")
            made.write(notebook, _path(folder, number))
        for number, spoil in enumerate((_empty, _link, _pipe), start=NUMBER):
            _path(folder, number).parent.mkdir()
            spoil(_path(folder, number))
        yield folder


@pytest.fixture(scope="module")
def cluster() -> Iterator[Any]:
    from distributed import LocalCluster

    with LocalCluster(
        n_workers=2, threads_per_worker=1, processes=True, dashboard_address=None, silence_logs=50
    ) as started:
        yield started


@pytest.fixture(scope="module")
def local(course: Path) -> str:
    """The gradebook of a run without a cluster, as text."""
    return _graded(course, "local", "")


def test_one_worker_dies_and_all_are_graded_once(course: Path, cluster: Any, local: str) -> None:
    from distributed import Client

    died: list[int] = []

    def kill_one(done: int, total: int, last: SubmissionResult | None) -> None:
        seen.append(last)
        if done == 2 and not died:
            with Client(cluster.scheduler_address, set_as_default=False) as client:
                pids = client.run(os.getpid)
            died.append(next(iter(pids.values())))
            os.kill(died[0], signal.SIGKILL)

    seen: list[SubmissionResult | None] = []
    assert _graded(course, "cluster", cluster.scheduler_address, kill_one) == local
    assert died
    names = [one.student for one in seen if one is not None]
    assert sorted(names) == sorted(path.name for path in (course / "submissions").iterdir())
    assert not _graders_of(died[0]), "the warm parent outlives its worker"


def test_two_courses_at_once_do_not_mix_up_their_students(course: Path, cluster: Any) -> None:
    """Both have a student of the same name, and other answers."""
    other = course / "other" / "student-0" / f"{SHAPES}.ipynb"
    made.write(made.exercise(SHAPES), other)
    masters = load_all(course / "exercises")
    settings = Settings(course / "exercises", SECRET, LIMITS)
    runs = [
        grade_on_cluster(
            cluster.scheduler_address,
            [Submission("student-0", SHAPES, path), Submission("student-1", SHAPES, path)],
            masters,
            settings,
        )
        for path in (_path(course, 0), other)
    ]
    first = [next(run) for run in runs]  # both runs go on now
    both = [[one, *run] for one, run in zip(first, runs, strict=True)]
    assert [{result.points for result in results} for results in both] == [{10.0}, {0.0}]


def test_a_scheduler_that_does_not_answer_gives_one_sentence(
    course: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    import distributed

    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
    client = distributed.Client
    monkeypatch.setattr(
        distributed, "Client", lambda address, timeout, **more: client(address, timeout=1, **more)
    )
    with pytest.raises(GradingError, match=f"No Dask scheduler answers at tcp://127.0.0.1:{port}"):
        _graded(course, "nobody", f"tcp://127.0.0.1:{port}")


def _path(folder: Path, number: int) -> Path:
    return folder / "submissions" / f"student-{number}" / f"{SHAPES}.ipynb"


def _empty(path: Path) -> None:
    path.write_bytes(b"")


def _link(path: Path) -> None:
    path.symlink_to("/etc/passwd")


def _pipe(path: Path) -> None:
    os.mkfifo(path)


def _graded(course: Path, out: str, address: str, progress: Any = lambda *facts: None) -> str:
    """Grade the course, and read the gradebook as text."""
    order = Order(
        folder=course / "submissions",
        out=course / out,
        masters=course / "exercises",
        workers=2,
        limits=LIMITS,
        secret=SECRET,
        cluster=address,
    )
    try:
        grade_folder(order, progress)
        with Gradebook(course / out / "grades.sqlite") as book:
            return book.dump()
    finally:
        shutil.rmtree(course / out, ignore_errors=True)


def _graders_of(owner: int) -> list[str]:
    """The warm parents of a process, and their children, after some time to end."""
    deadline = time.monotonic() + 10
    while (found := _command_lines(f"--owner {owner} ")) and time.monotonic() < deadline:
        time.sleep(0.1)
    return found


def _command_lines(words: str) -> list[str]:
    found = []
    for file in Path("/proc").glob("[0-9]*/cmdline"):
        try:
            line = file.read_bytes().replace(b"\0", b" ").decode(errors="replace")
        except OSError:
            continue
        if words in line:
            found.append(line)
    return found
