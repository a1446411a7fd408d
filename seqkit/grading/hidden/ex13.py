"""Hidden cases of exercise 13."""

from __future__ import annotations

import numpy as np

from seqkit.exercises import ex13
from seqkit.exercises.function_answers import Arguments
from seqkit.grading.hidden import Hidden


def _arrays(random: np.random.Generator) -> list[Arguments]:
    """The models of the question with other arrays, in another order."""
    cases = ex13._cases(random)
    return [cases[place] for place in random.permutation(len(cases))]


CASES = {"q5": Hidden(inputs=_arrays)}
