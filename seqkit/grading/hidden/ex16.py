"""Hidden cases of exercise 16."""

from __future__ import annotations

import numpy as np

from seqkit.exercises.function_answers import Arguments
from seqkit.grading.hidden import Hidden


def _attention(random: np.random.Generator) -> list[Arguments]:
    """Queries, keys and values; in most cases no two sizes are equal."""
    cases: list[Arguments] = []
    for fewer in (True, False, True, False):  # fewer queries than keys, and more
        queries, keys, width, values = (
            int(size) for size in random.choice(np.arange(2, 9), size=4, replace=False)
        )
        if (queries < keys) is not fewer:
            queries, keys = keys, queries
        shapes = ((queries, width), (keys, width), (keys, values))
        cases.append(tuple(random.normal(size=shape) for shape in shapes))
    return [tuple(random.normal(size=(3, 5, 4))), *cases]


CASES = {"q5": Hidden(inputs=_attention)}
