"""Exercise 01: where two faults meet, the one that comes first in the task is named first."""

from __future__ import annotations

import numpy as np

from seqkit.exercises import ex01
from seqkit.exercises.verdict import Verdict


def test_the_missing_mean_is_named_before_the_number_of_classes() -> None:
    def on_ten_classes(p: np.ndarray, y: np.ndarray) -> np.ndarray:
        return p - np.eye(10)[y]

    assert "Divide by their number" in ex01.q5.evaluate(on_ten_classes).message


def test_a_crash_on_ten_classes_stays_a_crash() -> None:
    def for_several_rows(p: np.ndarray, y: np.ndarray) -> np.ndarray:
        if len(y) == 1:
            raise ZeroDivisionError("one row")
        return ex01.true_gradient(p, y)

    outcome = ex01.q5.evaluate(for_several_rows)
    assert outcome.verdict is Verdict.CRASHED
    assert "p of shape (1, 10), y of shape (1,)" in outcome.message


def test_a_branch_without_return() -> None:
    outcome = ex01.q5.evaluate(lambda p, y: ex01.true_gradient(p, y) if len(y) > 1 else None)
    assert "For 1 examples your function returns None" in outcome.message
