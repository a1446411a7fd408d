"""What a check can conclude: a verdict, the words for the learner, and the share of the points."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum


class Verdict(StrEnum):
    """The six results of a check.

    Example:
        >>> Verdict.INCORRECT.label
        'Not yet'
    """

    CORRECT = "correct"
    PARTIAL = "partial"
    INCORRECT = "incorrect"
    NOT_ATTEMPTED = "not_attempted"
    CRASHED = "crashed"
    UNCHECKABLE = "uncheckable"

    @property
    def label(self) -> str:
        """The words that the learner reads."""
        return _LABELS[self]


_LABELS = {
    Verdict.CORRECT: "Correct",
    Verdict.PARTIAL: "Partly correct",
    Verdict.INCORRECT: "Not yet",
    Verdict.NOT_ATTEMPTED: "Not attempted",
    Verdict.CRASHED: "Your code stopped with an error",
    Verdict.UNCHECKABLE: "This answer could not be checked",
}


@dataclass(frozen=True)
class Outcome:
    """The result of one check, without any display.

    Attributes:
        verdict: which of the six results.
        message: why, for the learner, in full sentences.
        credit: the share of the points, from 0 to 1.
        trace: a shape trace as plain text, or "" when shapes are not the point.
        original: the exception behind a crash or an uncheckable answer.
    """

    verdict: Verdict
    message: str
    credit: float = 0.0
    trace: str = ""
    original: BaseException | None = field(default=None, compare=False)

    @property
    def passed(self) -> bool:
        """True for a fully correct answer."""
        return self.verdict is Verdict.CORRECT


def correct(message: str) -> Outcome:
    """Conclude that the answer is right.

    Args:
        message: one or two sentences on why it is right.

    Returns:
        An outcome with full credit.

    Example:
        >>> correct("Two layers, two biases.").passed
        True
    """
    return Outcome(Verdict.CORRECT, message, credit=1.0)


def partial(credit: float, message: str, trace: str = "") -> Outcome:
    """Conclude that a part of the answer is right.

    Args:
        credit: the share of the points, more than 0 and less than 1.
        message: what is missing.
        trace: a shape trace as text, where shapes are the point.

    Returns:
        An outcome with part of the credit.

    Example:
        >>> partial(0.5, "The loss is missing.").credit
        0.5
    """
    return Outcome(Verdict.PARTIAL, message, credit=credit, trace=trace)


def incorrect(message: str, trace: str = "") -> Outcome:
    """Conclude that the answer is not right yet.

    Args:
        message: what came, what was expected, and where to look.
        trace: a shape trace as text, where shapes are the point.

    Returns:
        An outcome without credit.

    Example:
        >>> incorrect("You left out the biases.").verdict.label
        'Not yet'
    """
    return Outcome(Verdict.INCORRECT, message, trace=trace)


def not_attempted(message: str = "") -> Outcome:
    """Conclude that the starter is still untouched.

    Args:
        message: what to do; by default, to put an answer in place of the dots.

    Returns:
        An outcome that asks for an answer and blames nobody.

    Example:
        >>> print(not_attempted().message)
        Put your answer in place of the dots (...), run the cell, and check again.
    """
    return Outcome(
        Verdict.NOT_ATTEMPTED,
        message or "Put your answer in place of the dots (...), run the cell, and check again.",
    )


def short_reason(error: BaseException, width: int = 120) -> str:
    r"""Write an exception as one short line: Keras' own messages may fill a page.

    Args:
        error: the exception.
        width: how many characters the line may have.

    Returns:
        The type and the first line of the message.

    Example:
        >>> short_reason(ValueError("Shapes differ.\nReceived: ..."))
        'ValueError: Shapes differ.'
    """
    lines = str(error).strip().splitlines()
    text = f"{type(error).__name__}: {lines[0].strip()}" if lines else type(error).__name__
    return text if len(text) <= width else f"{text[: width - 4].rstrip()} ..."


def crashed(message: str, original: BaseException | None = None) -> Outcome:
    """Conclude that the learner's own function raised an error.

    Args:
        message: which call failed and with what error.
        original: the exception itself, where it is at hand.

    Returns:
        An outcome without credit.

    Example:
        >>> crashed("forward(x) raised ValueError: shapes differ").verdict
        <Verdict.CRASHED: 'crashed'>
    """
    return Outcome(Verdict.CRASHED, message, original=original)


def uncheckable(original: BaseException) -> Outcome:
    """Conclude that our own check failed, which is never the learner's fault.

    Args:
        original: the exception that the check raised.

    Returns:
        An outcome that says so and keeps the exception.

    Example:
        >>> print(uncheckable(KeyError("units")).message)
        The check itself failed (KeyError: 'units'). This is a fault of seqkit, not of your answer.
        No points are lost. Please report it with the answer that you gave.
    """
    return Outcome(
        Verdict.UNCHECKABLE,
        f"The check itself failed ({short_reason(original)}). "
        "This is a fault of seqkit, not of your answer.\n"
        "No points are lost. Please report it with the answer that you gave.",
        original=original,
    )
