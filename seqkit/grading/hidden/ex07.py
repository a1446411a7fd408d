"""Hidden cases of exercise 07."""

from __future__ import annotations

import numpy as np

from seqkit.exercises.answer_data import AnswerData
from seqkit.exercises.function_answers import Arguments
from seqkit.exercises.rebuild import rebuild_model
from seqkit.exercises.verdict import Outcome
from seqkit.grading.hidden import Hidden
from seqkit.grading.hidden.evidence import accuracy, kept_score, noisy, some

_MARK = 0.56  # the task asks for 0.60


def _batches(random: np.random.Generator) -> list[Arguments]:
    """Batches in both modes; one has a unit that always says the same."""
    cases: list[Arguments] = []
    for training in (True, False, True, False, True):
        rows, units = (int(size) for size in random.choice(np.arange(2, 9), 2, replace=False))
        x = random.normal(2, 3, size=(rows, units)).round(2)
        mean, variance = (random.uniform(0.5, 4, size=units).round(2) for _ in range(2))
        cases.append((x, mean, variance, training))
    same = random.normal(size=(4, 3)).round(2)
    same[:, 0] = random.integers(1, 9)
    variance = np.array([0.0, 1.0, 2.0])
    both = [(same, np.ones(3), variance, training) for training in (True, False)]
    return [*cases, *both]


def _outputs(random: np.random.Generator) -> list[Arguments]:
    """What layers with relu give, with dead units, and units that are on once and a little."""
    cases: list[Arguments] = []
    for dead in (2, 0, 1, 3):
        rows, units = int(random.integers(5, 12)), int(random.integers(5, 9))
        outputs = np.maximum(random.normal(size=(rows, units)), 0)
        outputs[0] = random.uniform(0.1, 1, size=units)
        outputs[1] = outputs[0]  # no unit is dead by chance
        order = random.permutation(units)
        outputs[0, order[-2]] = 0.0  # off once, in the first row too
        outputs[:, order[:dead]] = 0.0
        outputs[:, order[-1]] = 0.0
        outputs[random.integers(rows), order[-1]] = 0.001
        outputs[random.integers(2, rows), :] = 0.0  # an example that no unit answers
        outputs[0, order[-1]] = 0.001
        cases.append((outputs,))
    return cases


def _clothes(data: AnswerData, random: np.random.Generator) -> Outcome:
    """Test pictures with new noise."""
    from seqkit.data import load

    model = rebuild_model(data)
    fashion = load("fashion")
    x, y = some(random, fashion.x_test, fashion.y_test)
    score = accuracy(model, noisy(x, random) / 255, y)
    return kept_score(model, data, score, _MARK)


CASES = {
    "q4": Hidden(inputs=_batches),
    "q5": Hidden(inputs=_outputs),
    "q6": Hidden(judge=_clothes),
}
