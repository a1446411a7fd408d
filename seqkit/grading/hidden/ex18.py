"""Hidden cases of exercise 18."""

from __future__ import annotations

import numpy as np

from seqkit.exercises.function_answers import Arguments
from seqkit.grading.hidden import Hidden


def _answers(random: np.random.Generator) -> list[Arguments]:
    """Answers of several lengths; the sign 0 is the start and never in an answer."""
    shapes = [(3, 6), (1, 3), (6, 2), tuple(random.integers(3, 12, size=2).tolist())]
    return [(random.integers(1, 30, size=shape),) for shape in shapes]


CASES = {"q4": Hidden(inputs=_answers)}
