"""What stands in place of a judge in the student's kernel."""

from __future__ import annotations

from seqkit.exercises.answer_data import AnswerData
from seqkit.exercises.verdict import Outcome, not_attempted


def recorded(data: AnswerData) -> Outcome:
    """Decide nothing: the answer is data, and another process judges it.

    Args:
        data: the answer.

    Returns:
        An outcome without credit.

    Example:
        >>> from seqkit.exercises.answer_data import AnswerData
        >>> recorded(AnswerData("integer", {"value": 1})).message
        'Recorded; the grader decides.'
    """
    return not_attempted("Recorded; the grader decides.")
