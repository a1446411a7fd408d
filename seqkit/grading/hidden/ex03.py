"""Hidden cases of exercise 03."""

from __future__ import annotations

import numpy as np

from seqkit.exercises import ex03
from seqkit.exercises.answer_data import AnswerData
from seqkit.exercises.function_answers import Arguments
from seqkit.exercises.rebuild import rebuild_model
from seqkit.exercises.verdict import Outcome, correct, incorrect
from seqkit.grading.hidden import Hidden
from seqkit.grading.hidden.evidence import KEPT, some, training_fault

# The task asks for 55 % found with 800 of 1,971 refused; the draw moves both.
_RECALL, _REFUSED = 0.50, 0.44


def _tasks(random: np.random.Generator) -> list[Arguments]:
    """All four tasks with other counts."""
    two, three, four = (int(count) for count in random.integers(2, 40, size=3))
    return [
        ("number", two),
        ("yes or no", 1),
        ("one of several", 8 + three),
        ("several yes or no", 6 + four),
    ]


def _loans(data: AnswerData, random: np.random.Generator) -> Outcome:
    """Loans of the test, drawn anew, with readings a little off."""
    model = rebuild_model(data)
    _, _, x, y = ex03.loans()
    x, y = some(random, x, y, share=0.8)
    x = (x + random.normal(0, 0.02, x.shape)).astype("float32")
    logits = (data.values["compile"] or {}).get("from_logits", False)
    refused = model.predict(x, batch_size=500, verbose=0)[:, 0] > (0.0 if logits else 0.5)
    if refused[y == 1].mean() < _RECALL or refused.mean() > _REFUSED:
        return incorrect("The model finds bad loans of the notebook, but not of a new draw.")
    fault = training_fault(model, data)
    return incorrect(fault) if fault else correct(KEPT)


CASES = {"q3": Hidden(inputs=_tasks), "q6": Hidden(judge=_loans)}
