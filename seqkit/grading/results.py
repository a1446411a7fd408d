"""What grading concludes: one result for each question of each submission."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from enum import StrEnum
from typing import Any


class Verdict(StrEnum):
    """The twelve verdicts of a grade.

    The first four are about the answer; the others say why there is none that could be judged.

    Example:
        >>> Verdict.KERNEL_DIED.label
        'The program stopped its own kernel'
    """

    CORRECT = "correct"
    PARTIAL = "partial"
    INCORRECT = "incorrect"
    NOT_ATTEMPTED = "not_attempted"
    ERROR = "error"
    TIMEOUT = "timeout"
    OUT_OF_MEMORY = "out_of_memory"
    KERNEL_DIED = "kernel_died"
    OUTPUT_LIMIT = "output_limit"
    TAMPERED = "tampered"
    UNREADABLE = "unreadable"
    INFRASTRUCTURE = "infrastructure"

    @property
    def label(self) -> str:
        """The words that a person reads."""
        return _LABELS[self]

    @property
    def is_final(self) -> bool:
        """Whether the points count; after a fault of ours a person must look first."""
        return self is not Verdict.INFRASTRUCTURE


_LABELS = {
    Verdict.CORRECT: "Correct",
    Verdict.PARTIAL: "Partly correct",
    Verdict.INCORRECT: "Not correct",
    Verdict.NOT_ATTEMPTED: "Not attempted",
    Verdict.ERROR: "The answer stopped with an error",
    Verdict.TIMEOUT: "The answer took too long",
    Verdict.OUT_OF_MEMORY: "The answer took too much memory",
    Verdict.KERNEL_DIED: "The program stopped its own kernel",
    Verdict.OUTPUT_LIMIT: "The answer printed too much",
    Verdict.TAMPERED: "The answer was not plain data",
    Verdict.UNREADABLE: "The file could not be read",
    Verdict.INFRASTRUCTURE: "The grader failed; this is not the fault of the answer",
}


@dataclass(frozen=True)
class QuestionResult:
    """The grade of one question.

    Attributes:
        question: the name, `q1`.
        title: what the question asks, in a few words.
        points: what the answer earned.
        max_points: what a correct answer earns.
        verdict: one of twelve.
        message: the reason, for the student; never anything about hidden cases.
        trace: a shape trace as text, where shapes are the point.
    """

    question: str
    title: str
    points: float
    max_points: float
    verdict: Verdict
    message: str
    trace: str = ""


@dataclass(frozen=True)
class SubmissionResult:
    """The grades of one notebook of one student.

    Attributes:
        student: the name of the student's folder.
        exercise: the name of the notebook without its ending, `01_first_stack`.
        digest: the SHA-256 digest of the notebook as it was handed in, "" if it was not read.
        questions: the results, in the order of the exercise.
        notes: what else a person should know, one sentence each: a check cell was restored.

    Example:
        >>> q1 = QuestionResult("q1", "Count", 1.0, 1.0, Verdict.CORRECT, "Right.")
        >>> result = SubmissionResult("ana", "01_first_stack", "", (q1,))
        >>> SubmissionResult.from_json(result.to_json()) == result, result.points
        (True, 1.0)
    """

    student: str
    exercise: str
    digest: str
    questions: tuple[QuestionResult, ...]
    notes: tuple[str, ...] = ()

    @property
    def points(self) -> float:
        """The points of all questions."""
        return sum(question.points for question in self.questions)

    @property
    def max_points(self) -> float:
        """The points that can be had."""
        return sum(question.max_points for question in self.questions)

    def to_json(self) -> dict[str, Any]:
        """Give the result as JSON values."""
        return asdict(self)

    @classmethod
    def from_json(cls, record: dict[str, Any]) -> SubmissionResult:
        """Read what `to_json` gave.

        Args:
            record: JSON values.

        Returns:
            The same result.
        """
        questions = tuple(
            QuestionResult(**(item | {"verdict": Verdict(item["verdict"])}))
            for item in record["questions"]
        )
        return cls(
            record["student"],
            record["exercise"],
            record["digest"],
            questions,
            tuple(record["notes"]),
        )
