"""Hidden cases of exercise 02."""

from __future__ import annotations

from typing import Any

import numpy as np

from seqkit.exercises.function_answers import Arguments
from seqkit.grading.hidden import Hidden


def _walks(random: np.random.Generator) -> list[Arguments]:
    """A stack of each kind, and longer ones; no side becomes smaller than 1."""

    def number(low: int, high: int) -> int:
        return int(random.integers(low, high))

    def dense() -> tuple[str, int]:
        return ("Dense", number(2, 40))

    def convolution() -> tuple[str, int, int]:
        return ("Conv2D", number(2, 24), number(2, 6))

    def picture() -> tuple[int, ...]:
        return (number(30, 60), number(30, 60), number(2, 5))

    def pooling() -> tuple[str, int]:
        return ("MaxPooling2D", number(2, 4))

    long: list[tuple[Any, ...]] = [convolution(), pooling(), convolution(), ("Flatten",), dense()]
    return [
        ((number(20, 900),), [dense(), dense()]),
        ((number(5, 30), number(5, 30)), [dense()]),
        ((number(5, 30), number(5, 30)), [("Flatten",), dense()]),
        (picture(), [convolution()]),
        (tuple(2 * side + 1 for side in picture()), [("MaxPooling2D", 2)]),
        (picture(), long),
        ((number(20, 90),), [dense(), dense(), dense()]),
    ]


CASES = {"q6": Hidden(inputs=_walks)}
