"""Several properties of one answer, each with its own share of the points."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from seqkit.exercises.verdict import Outcome, correct, incorrect, partial


@dataclass(frozen=True)
class Criterion:
    """One property that the answer must have.

    Attributes:
        passed: whether the answer has it.
        message: what to tell the learner when it does not; "" when another criterion says it.
        share: its weight among the criteria of the question.
        trace: a shape trace as text, shown when the criterion fails.
    """

    passed: bool
    message: str
    share: float = 1.0
    trace: str = ""


def combine(criteria: Iterable[Criterion], praise: str) -> Outcome:
    """Turn criteria into one outcome: all, some or none of them hold.

    Args:
        criteria: the properties, the most important first.
        praise: the message of a fully correct answer.

    Returns:
        Correct, partial with the sum of the shares, or incorrect.

    Example:
        >>> outcome = combine([Criterion(True, ""), Criterion(False, "No loss yet.")], "Well done.")
        >>> outcome.verdict.label, outcome.credit, outcome.message
        ('Partly correct', 0.5, 'No loss yet.')
    """
    all_criteria = list(criteria)
    failed = [criterion for criterion in all_criteria if not criterion.passed]
    if not failed:
        return correct(praise)
    message = "\n".join(criterion.message for criterion in failed if criterion.message)
    trace = next((criterion.trace for criterion in failed if criterion.trace), "")
    total = sum(criterion.share for criterion in all_criteria)
    earned = sum(criterion.share for criterion in all_criteria if criterion.passed)
    if earned > 0:
        return partial(earned / total, message, trace)
    return incorrect(message, trace)
