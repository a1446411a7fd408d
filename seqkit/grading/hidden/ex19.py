"""Hidden cases of exercise 19."""

from __future__ import annotations

import numpy as np

from seqkit.exercises import ex19
from seqkit.exercises.function_answers import Arguments
from seqkit.grading.hidden import Hidden


def _shares(random: np.random.Generator) -> list[Arguments]:
    """Shares of both heads as in the notebook, with other numbers, in another order."""
    cases = ex19._cases(random)
    return [cases[place] for place in random.permutation(len(cases))]


CASES = {"q5": Hidden(inputs=_shares)}
