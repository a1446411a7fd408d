"""Hidden cases of exercise 09."""

from __future__ import annotations

import numpy as np

from seqkit.exercises import ex09
from seqkit.exercises.answer_data import AnswerData
from seqkit.exercises.function_answers import Arguments
from seqkit.exercises.rebuild import rebuild_model
from seqkit.exercises.verdict import Outcome, correct, incorrect
from seqkit.grading.hidden import Hidden
from seqkit.grading.hidden.evidence import KEPT, training_fault


def _sources(random: np.random.Generator) -> list[Arguments]:
    """Copies of pictures in several orders; the numbers begin and jump anywhere."""
    cases: list[Arguments] = []
    for copies in (4, 5, 3, 2):
        pictures = int(random.integers(30, 60))
        numbers = int(random.integers(300, 900)) + 7 * np.arange(pictures)
        cases.append((np.tile(numbers, copies),))
        cases.append((random.permutation(np.repeat(numbers, copies)),))
    few = np.arange(int(random.integers(30, 60)))
    return [*cases, (np.repeat(few, 4),)]


def _readings(data: AnswerData, random: np.random.Generator) -> Outcome:
    """Readings that nobody has seen."""
    model = rebuild_model(data)
    x = random.normal(size=(800, 4)).astype("float32")
    said = model.predict(x, batch_size=800, verbose=0).reshape(len(x), -1).mean(axis=1)
    if np.abs(said - ex09.numbers_of(x)).mean() > 1.1 * ex09.GOOD_ERROR:
        return incorrect("The error is small for the readings of the notebook, and not for others.")
    fault = training_fault(model, data)
    return incorrect(fault) if fault else correct(KEPT)


CASES = {"q5": Hidden(judge=_readings), "q6": Hidden(inputs=_sources)}
