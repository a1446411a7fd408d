"""From one submission to its grades: read, assemble, run, judge."""

from __future__ import annotations

import json
import shutil
import threading
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from functools import cached_property
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import seqkit
from seqkit import environment
from seqkit.grading import kernel_view, run_folder
from seqkit.grading.assemble import Assembly, assemble
from seqkit.grading.errors import GradingError, UnreadableError
from seqkit.grading.execute import Exported, Fault, Run, execute
from seqkit.grading.grading_kernel import GradingKernel, Limits, LostKernelError
from seqkit.grading.master import Master
from seqkit.grading.results import QuestionResult, SubmissionResult, Verdict
from seqkit.grading.submissions import Submission, read
from seqkit.kernel.sandbox import Sandbox, problem
from seqkit.kernel.warm import KernelStartError, WarmParent

LIBRARY = Path(seqkit.__file__).parent
_LONGEST_MESSAGE = 2_000
_JUDGE_SECONDS = 60.0


@dataclass(frozen=True)
class Settings:
    """What a grader needs to know; it can be sent to another machine.

    Attributes:
        masters: the folder with the exercise notebooks.
        secret: hexadecimal digits that the hidden cases are made from.
        limits: how much a submission may use.
        sandboxed: False runs the students' code without protection.
    """

    masters: Path
    secret: str
    limits: Limits = field(default_factory=Limits)
    sandboxed: bool = True


@dataclass(frozen=True)
class Asked:
    """What a question asks for.

    Attributes:
        title: a few words.
        points: what a correct answer earns.
        inputs: the hidden inputs of its function as text, or "".
    """

    title: str
    points: float
    inputs: str


class Grader:
    """Grades submissions; several threads may use one.

    Example:
        with Grader(masters, Settings(Path("exercises"), "5eed")) as grader:
            result = grader.grade(Submission("ana", "01_first_stack", path))
    """

    def __init__(self, masters: Mapping[str, Master], settings: Settings) -> None:
        """Prepare; nothing is started yet.

        Args:
            masters: exercise name to master.
            settings: secret, limits and sandbox.

        Raises:
            GradingError: when a sandbox is asked for and the system forbids it.
        """
        if settings.sandboxed and (reason := problem()):
            raise GradingError(
                f"The students' code cannot be locked in here. {reason}\n"
                "--unsafe-no-sandbox runs it without protection: it can then read and change "
                "everything that you can."
            )
        self._masters = masters
        self._settings = settings
        self._asked: dict[str, dict[str, Asked]] = {}
        self._lock = threading.Lock()
        self._folder = run_folder.make()
        self._parent = WarmParent(env=environment.QUIET)
        self._closed = False

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def close(self) -> None:
        """End the warm parent and everything that it started."""
        self._closed = True
        self._parent.close()
        shutil.rmtree(self._folder, ignore_errors=True)

    def grade(self, submission: Submission) -> SubmissionResult:
        """Grade one submission; whatever it holds, there is a result.

        Args:
            submission: what was handed in.

        Returns:
            A result for each question of the exercise.

        Raises:
            GradingError: when the grader was closed, or the judge does not start at all.
        """
        master = self._masters[submission.exercise]
        asked = self._ask(master)
        try:
            handed = read(submission.path)
        except UnreadableError as error:
            return self.unreadable(submission, str(error))
        try:
            assembly = assemble(master, handed)
            run = self._run(assembly, master, asked)
            judged = self._judge(master, run)
        except Exception as error:  # ours: the batch goes on, and a person looks
            if self._closed:
                raise
            reason = f"{type(error).__name__}: {error}"[:_LONGEST_MESSAGE]
            return _same_for_all(submission, asked, Verdict.INFRASTRUCTURE, reason, handed.digest)
        questions = tuple(
            _question_result(name, about, run, judged.get(name), assembly)
            for name, about in asked.items()
        )
        notes = assembly.notes + _late_faults(run, questions)
        return SubmissionResult(
            submission.student, submission.exercise, handed.digest, questions, notes
        )

    def unreadable(self, submission: Submission, reason: str) -> SubmissionResult:
        """Give the result of a submission that cannot be read.

        Args:
            submission: what was handed in.
            reason: a sentence.

        Returns:
            A result for each question of the exercise, without points.
        """
        asked = self._ask(self._masters[submission.exercise])
        return _same_for_all(submission, asked, Verdict.UNREADABLE, reason)

    def _run(self, assembly: Assembly, master: Master, asked: Mapping[str, Asked]) -> Run:
        inputs = {name: about.inputs for name, about in asked.items() if about.inputs}
        limits = self._settings.limits
        try:
            return execute(assembly, master.module_name, inputs, self._start, limits)
        except LostKernelError:  # not the student's fault: once more, with a new warm parent
            return execute(assembly, master.module_name, inputs, self._start, limits)

    def _start(self) -> GradingKernel:
        for attempt in (1, 2, 3):
            self._refuse_when_closed()
            try:
                return GradingKernel(
                    self._parent,
                    self._folder,
                    self._settings.limits,
                    self._sandbox,
                    _kernel_variables(),
                )
            except (LostKernelError, KernelStartError):
                if attempt == 3:
                    raise
        raise AssertionError

    def _ask(self, master: Master) -> dict[str, Asked]:
        """What the exercise asks; found out once."""
        with self._lock:
            if master.exercise not in self._asked:
                found = self._describe(master)
                self._asked[master.exercise] = {
                    name: Asked(**found[name]) for name in master.question_names
                }
            return self._asked[master.exercise]

    def _describe(self, master: Master) -> dict[str, Any]:
        payload = {"module": master.module_name, "secret": self._settings.secret}
        try:
            return self._call("seqkit.grading.judging:describe", payload)
        except GradingError:
            return self._call("seqkit.grading.judging:describe", payload)

    def _judge(self, master: Master, run: Run) -> dict[str, dict[str, Any]]:
        """Judge all answers in one clean process; one by one when that did not go well."""
        answers = {name: _answer(name, run) for name, out in run.exports.items() if not out.why}
        if not answers:
            return {}
        try:
            return self._judge_together(master, answers)
        except GradingError:
            judged: dict[str, dict[str, Any]] = {}
            for name, answer in answers.items():
                judged |= self._judge_alone(master, name, answer)
            return judged

    def _judge_alone(self, master: Master, name: str, answer: Any) -> dict[str, Any]:
        """Judge one answer; only one that ends the judge twice is to blame."""
        for attempt in (1, 2):
            try:
                return self._judge_together(master, {name: answer})
            except GradingError as error:
                if attempt == 2:
                    return {name: {"verdict": "tampered", "credit": 0.0, "message": str(error)}}
        raise AssertionError

    def _judge_together(self, master: Master, answers: Mapping[str, Any]) -> dict[str, Any]:
        payload = {
            "module": master.module_name,
            "secret": self._settings.secret,
            "answers": answers,
        }
        return self._call("seqkit.grading.judging:judge", payload)

    def _call(self, target: str, payload: Mapping[str, Any]) -> dict[str, Any]:
        self._refuse_when_closed()
        limits = self._settings.limits
        result = self._parent.call(
            target,
            json.dumps(payload).encode(),
            sandbox=self._clean_sandbox,
            seconds=_JUDGE_SECONDS,
            memory_bytes=limits.memory_bytes,
        )
        if result.value is None:
            raise GradingError(f"The judge could not finish ({result.why}). {result.detail}")
        return dict(json.loads(result.value))

    def _refuse_when_closed(self) -> None:
        if self._closed:
            raise GradingError("The grader was closed.")

    @property
    def _notebooks(self) -> list[Path]:
        return [self._settings.masters / f"{name}.ipynb" for name in self._masters]

    @cached_property
    def _view(self) -> tuple[tuple[Path, Path], ...]:
        folder = self._folder / "view"
        folder.mkdir()
        return tuple(kernel_view.view(folder, self._notebooks))

    @cached_property
    def _sandbox(self) -> Sandbox | None:
        """What a student's kernel sees: Python, and the library without what answers the tasks."""
        if not self._settings.sandboxed:
            return None
        secrets = (LIBRARY / "exercises" / "solutions", LIBRARY / "grading" / "hidden")
        return self._locked(replaced=self._view, hidden=secrets)

    @cached_property
    def _clean_sandbox(self) -> Sandbox | None:
        return self._locked() if self._settings.sandboxed else None

    def _locked(self, hidden: tuple[Path, ...] = (), **more: Any) -> Sandbox:
        limits = self._settings.limits
        return Sandbox(
            hidden=hidden,
            memory_bytes=limits.memory_bytes,
            processes=limits.processes,
            file_bytes=limits.file_bytes,
            tmp_bytes=limits.disk_bytes,
            **more,
        )


def _kernel_variables() -> Mapping[str, str]:
    """The environment of a kernel: quiet, and no compiled files."""
    return {**environment.QUIET, "PYTHONDONTWRITEBYTECODE": "1"}


def _answer(name: str, run: Run) -> dict[str, Any]:
    given = run.exports[name]
    answer: dict[str, Any] = {"text": given.text, "archive": given.archive}
    if name in run.hidden:
        answer["hidden"] = asdict(run.hidden[name])
    return answer


def _question_result(
    name: str, about: Asked, run: Run, judged: Mapping[str, Any] | None, assembly: Assembly
) -> QuestionResult:
    """The grade of one question from what came out of the kernel and of the judge."""
    fault = run.faults.get(name)
    if judged is not None:
        verdict, credit = Verdict(judged["verdict"]), float(judged["credit"])
        message = str(judged["message"])
        if fault is not None and verdict is not Verdict.CORRECT:
            message = f"{message}\n{fault.message}".strip()
    else:
        verdict, message = _without_data(run, run.exports.get(name), fault, name, assembly)
        credit = 0.0
    return QuestionResult(
        question=name,
        title=about.title,
        points=round(credit * about.points, 2),
        max_points=float(about.points),
        verdict=verdict,
        message=_clean(message),
        trace=_clean(str(judged.get("trace", "")), lines=True) if judged else "",
    )


def _without_data(
    run: Run, given: Exported | None, fault: Fault | None, name: str, assembly: Assembly
) -> tuple[Verdict, str]:
    """Why there is nothing to judge."""
    if given is None:
        if fault is None:
            return Verdict.INFRASTRUCTURE, run.trouble or "The notebook was not run to its end."
        return fault.verdict, fault.message
    if given.why in ("not_attempted", "missing"):
        if fault is not None:  # what is missing may have another reason than the cell that stopped
            return fault.verdict, f"{fault.message}\n{given.message}".strip()
        if name not in assembly.answered:
            return Verdict.NOT_ATTEMPTED, "There is no answer cell for this question."
        verdict = Verdict.NOT_ATTEMPTED if given.why == "not_attempted" else Verdict.ERROR
        return verdict, given.message or "The answer is as it was given."
    if given.why == "tampered":
        return Verdict.TAMPERED, "What the kernel gave is no answer. An answer is plain data."
    if given.error == "MemoryError":
        return Verdict.OUT_OF_MEMORY, "The answer needed too much memory."
    if given.why == "wrong_kind":
        return Verdict.INCORRECT, given.message
    return Verdict.ERROR, given.message


def _late_faults(run: Run, questions: tuple[QuestionResult, ...]) -> tuple[str, ...]:
    """Sentences on cells that failed although the answer was right."""
    right = {result.question for result in questions if result.verdict is Verdict.CORRECT}
    return tuple(
        f"{name}: {fault.message} The answer counts all the same."
        for name, fault in sorted(run.faults.items())
        if name in right
    )


def _same_for_all(
    submission: Submission,
    asked: Mapping[str, Asked],
    verdict: Verdict,
    message: str,
    digest: str = "",
) -> SubmissionResult:
    questions = tuple(
        QuestionResult(name, about.title, 0.0, float(about.points), verdict, _clean(message))
        for name, about in asked.items()
    )
    return SubmissionResult(submission.student, submission.exercise, digest, questions)


def _clean(text: str, lines: bool = True) -> str:
    """Text without control characters, and not too long."""
    kept = "".join(c for c in text if c.isprintable() or (lines and c == "\n"))
    return kept if len(kept) <= _LONGEST_MESSAGE else f"{kept[:_LONGEST_MESSAGE]} …"
