"""Hidden cases of exercise 01."""

from __future__ import annotations

import numpy as np

from seqkit.exercises.answer_data import AnswerData
from seqkit.exercises.function_answers import Arguments
from seqkit.exercises.rebuild import rebuild_model
from seqkit.exercises.verdict import Outcome
from seqkit.grading.hidden import Hidden
from seqkit.grading.hidden.evidence import accuracy, kept_score, noisy, some

_MARK = 0.77  # the task asks for 0.80; noise and the draw cost up to 0.02


def _batches(random: np.random.Generator) -> list[Arguments]:
    """Probabilities and labels, for several numbers of classes."""
    cases: list[Arguments] = []
    for classes in (10, *random.integers(2, 13, size=3).tolist()):
        rows = int(random.integers(1, 9))
        scores = np.exp(random.normal(size=(rows, classes)))
        labels = random.integers(0, classes, size=rows)
        cases.append((scores / scores.sum(axis=1, keepdims=True), labels))
    return [*cases, (np.array([[0.5, 0.25, 0.25]]), random.integers(0, 3, size=1))]


def _clothes(data: AnswerData, random: np.random.Generator) -> Outcome:
    """Test pictures with new noise."""
    from seqkit.data import load

    model = rebuild_model(data)
    fashion = load("fashion")
    x, y = some(random, fashion.x_test, fashion.y_test)
    x = noisy(x, random)
    return kept_score(model, data, max(accuracy(model, x / by, y) for by in (1, 255)), _MARK)


CASES = {"q5": Hidden(inputs=_batches), "q6": Hidden(judge=_clothes)}
