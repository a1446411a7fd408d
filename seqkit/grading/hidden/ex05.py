"""Hidden cases of exercise 05."""

from __future__ import annotations

import numpy as np

from seqkit.exercises import ex05
from seqkit.exercises.function_answers import Arguments
from seqkit.grading.hidden import Hidden

_WORDS = ["rain", "snow", "sun", "wind", "storm", "fog", "ice", "heat", "dew", "hail"]
_WORDS += ["mist", "frost", "cloud", "thaw", "gale", "breeze"]


def _sentences(random: np.random.Generator) -> list[Arguments]:
    """Short and long texts, with vocabularies of their own and words that are in none."""
    cases: list[Arguments] = []
    for tokens, length in ((4, 7), (9, 5), (6, 6), (0, 3), (12, 4), (3, 9)):
        known = random.permutation(_WORDS)[: random.integers(6, 11)].tolist()
        number = {word: place for place, word in enumerate(known, start=2)}
        text = random.choice(_WORDS, size=tokens).tolist()
        # One known word and one unknown word in front: no text is all the same.
        text[:2] = [known[0], next(word for word in _WORDS if word not in number)][:tokens]
        cases.append((text, number, length))
    return cases


def _steps(random: np.random.Generator) -> list[Arguments]:
    """Series with weights of a recurrent layer."""
    cases: list[Arguments] = []
    for steps in (*random.integers(3, 9, size=3).tolist(), 1):
        inputs, units = (int(size) for size in random.choice(np.arange(2, 8), 2, replace=False))
        shapes = ((steps, inputs), (inputs, units), (units, units), (units,))
        cases.append(tuple(random.normal(0, 0.8, size=shape).astype("float32") for shape in shapes))
    return cases


def _weather(random: np.random.Generator) -> list[Arguments]:
    """Windows that begin at other hours than those of the notebook, read a little inexactly."""
    x, _ = ex05.later_windows()
    rows = random.choice(len(x), size=min(600, len(x)), replace=False)
    drawn = x[rows] + random.normal(0, 0.05, size=(len(rows), x.shape[1]))
    return [(drawn[:, :, None].astype("float32"),)]


CASES = {
    "q3": Hidden(inputs=_sentences),
    "q4": Hidden(inputs=_steps),
    "q6": Hidden(inputs=_weather),
}
