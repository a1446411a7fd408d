"""Hidden cases of exercise 11."""

from __future__ import annotations

import numpy as np

from seqkit.exercises.function_answers import Arguments
from seqkit.grading.hidden import Hidden


def _stacks(random: np.random.Generator) -> list[Arguments]:
    """Stacks of pairs of numbers, from none to many."""
    cases: list[Arguments] = []
    for steps in (3, 1, 0, int(random.integers(4, 9))):
        factors = random.choice([-3, -2, 2, 3, 4], size=steps).tolist()
        summands = random.integers(-5, 6, size=steps).tolist()
        cases.append((list(zip(factors, summands, strict=True)), int(random.integers(5, 99))))
    return cases


CASES = {"q4": Hidden(inputs=_stacks)}
