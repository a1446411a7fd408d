"""Hidden cases of exercise 08."""

from __future__ import annotations

import numpy as np

from seqkit.exercises import ex08
from seqkit.exercises.answer_data import AnswerData
from seqkit.exercises.function_answers import Arguments
from seqkit.exercises.rebuild import rebuild_model
from seqkit.exercises.verdict import Outcome
from seqkit.grading.hidden import Hidden
from seqkit.grading.hidden.evidence import accuracy, kept_score, noisy, some

_MARK = 0.90  # the task asks for 0.93


def _errors(random: np.random.Generator) -> list[Arguments]:
    """Errors of other rows, with the shares of the notebook: no error is near the threshold."""
    return list(ex08._cases(random))


def _digits(data: AnswerData, random: np.random.Generator) -> Outcome:
    """Test digits with new noise."""
    from seqkit.data import load

    model = rebuild_model(data)
    digits = load("mnist")
    x, y = some(random, digits.x_test, digits.y_test)
    x = noisy(x, random)
    return kept_score(model, data, max(accuracy(model, x / by, y) for by in (1, 255)), _MARK)


CASES = {"q5": Hidden(inputs=_errors), "q6": Hidden(judge=_digits)}
