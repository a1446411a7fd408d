"""Hidden cases of exercise 10."""

from __future__ import annotations

import numpy as np

from seqkit.exercises.function_answers import Arguments
from seqkit.grading.hidden import Hidden


def _pictures(random: np.random.Generator) -> list[Arguments]:
    """Pictures of 28 × 28 pixels: one, some, and as many as a picture has rows."""
    counts = (int(random.integers(2, 9)), 1, 28)
    return [(random.integers(0, 256, size=(rows, 28, 28)).astype("uint8"),) for rows in counts]


def _kernels(random: np.random.Generator) -> list[Arguments]:
    """Kernels behind Flatten; no two sizes are equal, so that no order fits by chance."""
    cases: list[Arguments] = []
    for _ in range(4):
        height, width, channels, units = (
            int(size) for size in random.choice(np.arange(2, 9), size=4, replace=False)
        )
        kernel = random.normal(size=(height * width * channels, units))
        cases.append((kernel, height, width, channels))
    return cases


CASES = {"q4": Hidden(inputs=_pictures), "q6": Hidden(inputs=_kernels)}
