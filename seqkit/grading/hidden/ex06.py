"""Hidden cases of exercise 06."""

from __future__ import annotations

import numpy as np

from seqkit.exercises.answer_data import AnswerData
from seqkit.exercises.function_answers import Arguments
from seqkit.exercises.rebuild import rebuild_model
from seqkit.exercises.verdict import Outcome, correct, incorrect
from seqkit.grading.hidden import Hidden
from seqkit.grading.hidden.evidence import KEPT, LOST, noisy, some, training_fault

_MOST_LOSS = 1.2  # the task asks for 1.1 on the pictures of the notebook


def _losses(random: np.random.Generator) -> list[Arguments]:
    """Lists that stop early and that do not, with a late best, with equal losses."""
    cases: list[Arguments] = []
    for patience in (1, 2, 3, 2, 4):
        losses = random.integers(30, 99, size=random.integers(6, 13)) / 100
        cases.append((losses.tolist(), patience))
    first = float(random.integers(50, 90)) / 100
    falling = [round(first - 0.03 * epoch, 2) for epoch in range(7)]
    bumpy = [first, first + 0.2, first - 0.1, first + 0.1, first, first - 0.05, 0.01]
    equal = [first, first, first, first, 0.02]  # an equal loss is no improvement
    slow = [first, first + 0.3, first + 0.2, first + 0.1, 0.03]
    twice = [first, first + 0.1, first - 0.1, first, first - 0.2, 0.04]
    return [*cases, (falling, 2), (bumpy, 3), (equal, 3), (slow, 3), (twice, 2)]


def _pixels(data: AnswerData, random: np.random.Generator) -> Outcome:
    """Raw test pictures with noise; the notebook has others."""
    from seqkit.data import load

    model = rebuild_model(data)
    fashion = load("fashion")
    x, y = some(random, fashion.x_test.reshape(-1, 784), fashion.y_test)
    shares = model.predict(noisy(x, random), batch_size=500, verbose=0)
    right = np.clip(shares[np.arange(len(y)), y].astype("float64"), 1e-30, 1)
    if -np.log(right).mean() > _MOST_LOSS:
        return incorrect(LOST)
    fault = training_fault(model, data)
    return incorrect(fault) if fault else correct(KEPT)


CASES = {"q4": Hidden(inputs=_losses), "q6": Hidden(judge=_pixels)}
