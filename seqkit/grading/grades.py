"""What counts in the end: the grader's points, manual points, and late days."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from seqkit.grading.late import Lateness
from seqkit.grading.results import QuestionResult, SubmissionResult, Verdict
from seqkit.grading.text import csv_text, harmless, number, storable

HEADER = ("student", "exercise", "question", "points", "max_points", "verdict", "message")
_MANUAL = ("manual_points", "manual_comment")
_LATE = ("late_days", "late_percent")


@dataclass(frozen=True)
class Manual:
    """Points that a person gave.

    Attributes:
        points: what the answer earned, in place of the grader's points.
        comment: why, for the student.
    """

    points: float
    comment: str = ""


@dataclass(frozen=True)
class Grade:
    """What counts for one question.

    Attributes:
        result: what the grader found.
        manual: what a person decided, if anything.
        factor: what late days leave of the points.

    Example:
        >>> found = QuestionResult("q1", "Count", 1.0, 2.0, Verdict.PARTIAL, "Half of it.")
        >>> Grade(found).points, Grade(found, Manual(2.0), factor=0.9).points
        (1.0, 1.8)
    """

    result: QuestionResult
    manual: Manual | None = None
    factor: float = 1.0

    @property
    def earned(self) -> float:
        """The points before late days."""
        return self.result.points if self.manual is None else self.manual.points

    @property
    def points(self) -> float:
        """The points that count."""
        return round(self.earned * self.factor, 4)

    @property
    def is_final(self) -> bool:
        """Whether the points count: after a fault of the grader a person must give them."""
        return self.result.verdict.is_final or self.manual is not None

    @property
    def is_passed(self) -> bool:
        """Whether no points were lost on the answer itself."""
        if self.manual is not None:
            return self.manual.points >= self.result.max_points
        return self.result.verdict is Verdict.CORRECT


@dataclass(frozen=True)
class SubmissionGrade:
    """What counts for one submission.

    Attributes:
        result: what the grader found.
        grades: what counts for each question, in the order of the exercise.
        lateness: how late it came; None where no deadline or no time of receipt is known.
    """

    result: SubmissionResult
    grades: tuple[Grade, ...]
    lateness: Lateness | None = None

    @property
    def student(self) -> str:
        """The name of the student's folder."""
        return self.result.student

    @property
    def exercise(self) -> str:
        """The name of the exercise."""
        return self.result.exercise

    @property
    def points(self) -> float:
        """The points that count."""
        return round(sum(grade.points for grade in self.grades), 4)

    @property
    def max_points(self) -> float:
        """The points that can be had."""
        return self.result.max_points

    @property
    def is_final(self) -> bool:
        """Whether every question has points that count."""
        return all(grade.is_final for grade in self.grades)


def grade(
    result: SubmissionResult,
    manual: Mapping[str, Manual] | None = None,
    lateness: Lateness | None = None,
) -> SubmissionGrade:
    """Put together what counts for a submission.

    Args:
        result: what the grader found.
        manual: question name to the points that a person gave.
        lateness: how late it came.

    Returns:
        The grades.

    Example:
        >>> q1 = QuestionResult("q1", "Count", 0.0, 1.0, Verdict.INCORRECT, "Too few.")
        >>> found = SubmissionResult("ana", "01_first_stack", "", (q1,))
        >>> grade(found).points, grade(found, {"q1": Manual(1.0, "Right.")}).points
        (0.0, 1.0)
    """
    manual = manual or {}
    factor = lateness.factor if lateness else 1.0
    grades = (Grade(found, manual.get(found.question), factor) for found in result.questions)
    return SubmissionGrade(result, tuple(grades), lateness)


def grades_csv(submissions: Iterable[SubmissionGrade]) -> str:
    """Write grades as a table: one row for each question.

    The first seven columns are always the same. `points` is what counts. Only where manual points
    or late days play a part anywhere, further columns say so: `automatic_points` (what the grader
    gave), then `manual_points` and `manual_comment`, then `late_days` and `late_percent`.

    Args:
        submissions: the grades, in the order of the rows.

    Returns:
        CSV text.
    """
    submissions = list(submissions)
    with_manual = any(one.manual for entry in submissions for one in entry.grades)
    with_late = any(entry.lateness for entry in submissions)
    header = list(HEADER)
    header += ["automatic_points"] if with_manual or with_late else []
    header += _MANUAL if with_manual else ()
    header += _LATE if with_late else ()
    rows = []
    for entry in submissions:
        for one in entry.grades:
            cells = _cells(entry, one)
            rows.append([cells[name] for name in header])
    return csv_text(header, rows)


def _cells(entry: SubmissionGrade, one: Grade) -> dict[str, str]:
    """The cells of one question, by column."""
    found, late = one.result, entry.lateness
    return {
        "student": harmless(storable(entry.student)),
        "exercise": harmless(storable(entry.exercise)),
        "question": harmless(storable(found.question)),
        "points": number(one.points),
        "max_points": number(found.max_points),
        "verdict": found.verdict.value,
        "message": harmless(found.message),
        "automatic_points": number(found.points),
        "manual_points": number(one.manual.points) if one.manual else "",
        "manual_comment": harmless(one.manual.comment) if one.manual else "",
        "late_days": str(late.days) if late else "",
        "late_percent": number(late.percent) if late else "",
    }
