"""Hidden cases: what an answer must also be right for, made from the instructor's secret.

The code says how the cases are made; only the secret says which they are. A kernel that runs a
student's code never sees this folder.
"""

from __future__ import annotations

import importlib
import importlib.util
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from seqkit.exercises.answer_data import AnswerData
from seqkit.exercises.function_answers import Arguments
from seqkit.exercises.verdict import Outcome


@dataclass(frozen=True)
class Hidden:
    """The hidden cases of one question.

    Attributes:
        inputs: makes arguments for the learner's function; the judge of the question decides on
            what it gives for them.
        judge: looks again at the answer to the notebook's question, on data that the notebook
            does not hold. Its message reaches the learner, so it names no case.

    Example:
        >>> case = Hidden(inputs=lambda random: [(int(random.integers(10)),)])
        >>> case.inputs(np.random.default_rng(0)), case.judge
        ([(8,)], None)
    """

    inputs: Callable[[np.random.Generator], Sequence[Arguments]] | None = None
    judge: Callable[[AnswerData, np.random.Generator], Outcome] | None = None


def get(exercise: str, question: str) -> Hidden | None:
    """Find the hidden cases of a question.

    Args:
        exercise: the name in the library, `ex01`.
        question: the name of the question, `q5`.

    Returns:
        The cases, or None where there are none: a number, a choice or a shape has none.

    Example:
        >>> get("ex01", "q5") is None, get("ex01", "q1") is None
        (False, True)
    """
    name = f"{__name__}.{exercise}"
    if importlib.util.find_spec(name) is None:
        return None
    cases: Mapping[str, Hidden] = importlib.import_module(name).CASES
    return cases.get(question)
