"""Wrong answers with a name: what a learner may think, and what the check must say to it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, TypeAlias

Answer: TypeAlias = Any


@dataclass(frozen=True)
class Misconception:
    """A wrong answer that a question foresees.

    Attributes:
        name: what the learner thinks, in a few words.
        wrong: the wrong answer, or a function without arguments that makes it.
            (A wrong answer that is itself a function therefore needs `lambda: function`.)
        shows: a regular expression that the check's message must match.

    Example:
        >>> Misconception("forgets the biases", 25_408, shows="bias").answer()
        25408
    """

    name: str
    wrong: object
    shows: str

    def answer(self) -> Answer:
        """Make the wrong answer.

        Returns:
            The object to give to the check.
        """
        return make(self.wrong)


def make(answer: object) -> Answer:
    """Make an answer from a value, or by calling a function without arguments.

    Args:
        answer: the value or the function.

    Returns:
        The answer.

    Example:
        >>> make(3), make(lambda: [4])
        (3, [4])
    """
    return answer() if callable(answer) and not isinstance(answer, type) else answer
