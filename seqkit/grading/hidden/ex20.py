"""Hidden cases of exercise 20."""

from __future__ import annotations

import numpy as np

from seqkit.exercises import ex20
from seqkit.exercises.answer_data import AnswerData
from seqkit.exercises.function_answers import Arguments
from seqkit.exercises.verdict import Outcome, correct, incorrect, partial
from seqkit.grading.hidden import Hidden
from seqkit.grading.hidden.evidence import KEPT, LOST, noisy, some, training_fault

# The task asks for 0.75 and 0.90; noise and the draw cost a little.
_CLASS, _GROUP, _PROPERTIES = 0.71, 0.87, 6


def _pairs(random: np.random.Generator) -> list[Arguments]:
    """Two inputs of the same shape."""
    shapes = random.integers(2, 9, size=(4, 2)).tolist()
    return [([random.normal(size=shape).astype("float32") for _ in range(2)],) for shape in shapes]


def _light(data: AnswerData, random: np.random.Generator) -> Outcome:
    """Test pictures in another light, with a little noise."""
    from seqkit.data import load

    model = ex20._rebuilt(data)
    if len(model.inputs) != 1 or model.inputs[0].shape[1:] != (28, 28, 1):
        return correct(KEPT)  # the judge of the question has taken these points
    fashion = load("fashion")
    x, kinds = some(random, fashion.x_test[..., None], fashion.y_test)
    x = noisy(x, random) * 0.02 ** random.random((len(x), 1, 1, 1))
    right = ex20.shares_right(model, x.astype("float32"), kinds)
    lost = (right.get(10, 0.0) < _CLASS) + (right.get(3, 0.0) < _GROUP)
    if lost:
        return partial(1 - lost / _PROPERTIES, LOST)
    fault = training_fault(model, data, may_be_assembled=True)
    return incorrect(fault) if fault else correct(KEPT)


CASES = {"q4": Hidden(inputs=_pairs), "q5": Hidden(judge=_light)}
