"""The same jobs on a Dask cluster, for a course of thousands.

Each worker holds one grader with its own warm parent. A job carries the submission itself, so the
workers need seqkit and Keras, but no shared disk. When a worker dies, Dask gives its jobs to
another.
"""

from __future__ import annotations

import base64
import itertools
import json
import os
import tempfile
import threading
import uuid
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

from seqkit.grading.errors import GradingError, UnreadableError
from seqkit.grading.grader import Grader, Settings
from seqkit.grading.grading_kernel import Limits
from seqkit.grading.master import Master, load_all
from seqkit.grading.results import QuestionResult, SubmissionResult, Verdict
from seqkit.grading.submissions import Submission, read

_RETRIES = 3  # how many workers may die over one submission
_AHEAD = 4  # jobs that wait at each worker

_grader: tuple[str, Grader] | None = None
_lock = threading.Lock()


def grade_on_cluster(
    address: str,
    jobs: Sequence[Submission],
    masters: Mapping[str, Master],
    settings: Settings,
) -> Iterator[SubmissionResult]:
    """Grade submissions on the workers of a Dask scheduler.

    Args:
        address: of the scheduler, for example `tcp://10.0.0.1:8786`.
        jobs: what to grade.
        masters: exercise name to master.
        settings: secret, limits and sandbox.

    Yields:
        The results as they come.

    Raises:
        GradingError: when `distributed` is not installed or the scheduler does not answer.
    """
    try:
        from distributed import Client, as_completed
    except ImportError:
        raise GradingError(
            "--cluster needs Dask. Install it here and on the workers: pip install distributed"
        ) from None
    try:
        client = Client(address, timeout=20, set_as_default=False)
    except OSError as error:
        raise GradingError(f"No Dask scheduler answers at {address} ({error}).") from None
    with client:
        shipped = client.scatter(_course(settings), broadcast=True)
        run = uuid.uuid4().hex  # two runs at once must not share a task
        waiting = iter(jobs)
        sent: dict[Any, Submission] = {}

        def send(number: int) -> list[Any]:
            """Send so many more jobs; no more are held in memory than are asked for."""
            more = {
                client.submit(
                    _remote, shipped, _job(job), key=_key(job, run), retries=_RETRIES, pure=False
                ): job
                for job in itertools.islice(waiting, number)
            }
            sent.update(more)
            return list(more)

        first = send(_AHEAD * max(1, len(client.scheduler_info()["workers"])))
        done = as_completed(first, loop=client.loop)
        for future in done:
            job = sent.pop(future)
            failure = future.exception()
            if failure is None:
                yield SubmissionResult.from_json(future.result())
            else:
                yield _lost(job, masters[job.exercise], failure)
            done.update(send(1))


def _course(settings: Settings) -> dict[str, Any]:
    """The settings and the exercise notebooks themselves, as JSON values."""
    notebooks = {
        path.name: path.read_text(encoding="utf-8")
        for path in sorted(settings.masters.glob("[0-9][0-9]_*.ipynb"))
    }
    return {
        "notebooks": notebooks,
        "secret": settings.secret,
        "limits": asdict(settings.limits),
        "sandboxed": settings.sandboxed,
    }


def _job(job: Submission) -> dict[str, Any]:
    """One submission with its content, or with the reason why it cannot be read."""
    content = unreadable = ""
    try:
        read(job.path)
        content = base64.b64encode(job.path.read_bytes()).decode()
    except UnreadableError as error:
        unreadable = str(error)
    return {
        "student": job.student,
        "exercise": job.exercise,
        "content": content,
        "unreadable": unreadable,
    }


def _key(job: Submission, run: str) -> str:
    return f"seqkit-grade-{job.exercise}-{job.student}-{run}"


def _remote(course: dict[str, Any], job: dict[str, Any]) -> dict[str, Any]:
    """On a worker: grade one submission."""
    grader = _grader_for(course)
    if job["unreadable"]:
        submission = Submission(job["student"], job["exercise"], Path())
        return grader.unreadable(submission, job["unreadable"]).to_json()
    with tempfile.TemporaryDirectory(prefix="seqkit-job-") as folder:
        path = Path(folder) / "submission.ipynb"
        path.write_bytes(base64.b64decode(job["content"]))
        result = grader.grade(Submission(job["student"], job["exercise"], path))
    return result.to_json()


def _grader_for(course: dict[str, Any]) -> Grader:
    """The grader of this worker process; a new one for another course."""
    global _grader
    text = json.dumps([course, os.getpid()], sort_keys=True)
    with _lock:
        if _grader is None or _grader[0] != text:
            if _grader is not None:
                _grader[1].close()
            folder = Path(tempfile.mkdtemp(prefix="seqkit-masters-"))
            for name, notebook in course["notebooks"].items():
                (folder / name).write_text(notebook, encoding="utf-8")
            settings = Settings(
                folder, course["secret"], Limits(**course["limits"]), course["sandboxed"]
            )
            _grader = text, Grader(load_all(folder), settings)
        return _grader[1]


def _lost(job: Submission, master: Master, error: BaseException) -> SubmissionResult:
    """A submission that no worker could finish: a person has to look."""
    message = f"The cluster could not grade it ({type(error).__name__}: {error})"[:500]
    questions = tuple(
        QuestionResult(name, "", 0.0, 0.0, Verdict.INFRASTRUCTURE, message)
        for name in master.question_names
    )
    return SubmissionResult(job.student, job.exercise, "", questions)
