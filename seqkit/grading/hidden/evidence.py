"""Signs of training in the weights of a model, and scores on pictures that no notebook holds.

What it can prove: a model whose weights still follow the laws of its initializers, or are those
of a model that the notebook gives, was not trained. A good score on pictures with new noise shows
that the weights come from learning, and not from a table of the pictures.
What it can only suspect: a model whose optimizer made no step got its weights from elsewhere, or
was compiled again after its training. Both are refused, and the message says what to do.
What it cannot prove: where the learning took place. Weights that were trained elsewhere, or on the
shipped test pictures, and then trained for one step more look like any others; the number of steps
comes from the student's kernel, and a forged one is believed.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from seqkit.exercises.answer_data import AnswerData
from seqkit.exercises.keras_types import Model
from seqkit.exercises.verdict import Outcome, correct, incorrect

KEPT = "The model keeps its score on new pictures."
LOST = (
    "The score holds for the pictures of the notebook, but not for the same pictures with a little "
    "noise. The model should learn from the training pictures only."
)
UNTRAINED = "The weights are those of a new model. Train the model with fit."
NO_STEP = (
    "The optimizer of this model has made no step: its weights came from elsewhere, or compile was "
    "called again after the training. Train this model itself with fit, and compile it only once."
)
GIVEN = "The weights are those of the model that the notebook gives. Train it further with fit."


def training_fault(
    model: Model,
    data: AnswerData,
    given: Sequence[Sequence[np.ndarray]] = (),
    may_be_assembled: bool = False,
) -> str:
    """Say why a model was not trained, or ''.

    Args:
        model: the model, rebuilt.
        data: the answer that it came from.
        given: the weights of models that the notebook gives.
        may_be_assembled: a model that was never compiled may be made of trained layers.

    Returns:
        A sentence for the learner, or ''.
    """
    weights = model.get_weights()
    if any(_alike(weights, others) for others in given):
        return GIVEN
    facts = data.values.get("compile")
    if (facts or {}).get("steps"):
        return ""
    if looks_new(model):
        return UNTRAINED
    return "" if may_be_assembled and facts is None else NO_STEP


def looks_new(model: Model) -> bool:
    """Tell whether all weights follow the laws of their initializers, layer by layer.

    Training moves every bias away from 0 and widens the kernels. One layer that has moved is
    enough: frozen layers are allowed.

    Args:
        model: a model.

    Returns:
        True when nothing speaks for training.

    Example:
        >>> import keras
        >>> model = keras.Sequential([keras.Input((9,)), keras.layers.Dense(20)])
        >>> looks_new(model)
        True
        >>> model.set_weights([weight + 0.1 for weight in model.get_weights()])
        >>> looks_new(model)
        False
    """
    import keras

    fresh = keras.models.clone_model(model)
    pairs = zip(model.trainable_weights, fresh.trainable_weights, strict=True)
    return all(_follows(*(np.asarray(keras.ops.convert_to_numpy(one)) for one in p)) for p in pairs)


def _follows(came: np.ndarray, fresh: np.ndarray) -> bool:
    """Whether an array could be another draw of what made the fresh one."""
    if np.ptp(fresh) == 0:  # zeros or ones
        return bool(np.allclose(came, fresh, atol=1e-7))
    deviation = fresh.std()
    # Five standard errors: a mean and a spread that far away do not come by chance.
    error = 5 / np.sqrt(came.size)
    same_place = abs(came.mean() - fresh.mean()) <= np.sqrt(2) * error * deviation
    return bool(same_place and abs(came.std() / deviation - 1) <= error)


def _alike(weights: Sequence[np.ndarray], others: Sequence[np.ndarray]) -> bool:
    return len(weights) == len(others) and all(
        one.shape == two.shape and np.allclose(one, two, atol=1e-6)
        for one, two in zip(weights, others, strict=True)
    )


def noisy(x: np.ndarray, random: np.random.Generator, share: float = 0.1) -> np.ndarray:
    """Make each pixel of pictures from 0 to 255 a little darker or lighter; black stays black.

    Noise on black places would be unfair: a model may know that they never change.

    Args:
        x: pictures.
        random: where the noise comes from.
        share: the standard deviation of the noise, as a share of the pixel.

    Returns:
        Pictures of the same shape, as float32, within 0 and 255.

    Example:
        >>> float(noisy(np.zeros((1, 2, 2)), np.random.default_rng(0)).max())
        0.0
    """
    return np.clip(x * random.normal(1, share, x.shape), 0, 255).astype("float32")


def some(random: np.random.Generator, *arrays: Any, share: float = 0.7) -> list[np.ndarray]:
    """Draw rows, the same ones of each array.

    Args:
        random: where the choice comes from.
        *arrays: arrays of the same length.
        share: how many rows to draw.

    Returns:
        The drawn rows of each array.

    Example:
        >>> one, two = some(np.random.default_rng(0), np.arange(10), np.arange(10))
        >>> len(one), one.tolist() == two.tolist()
        (7, True)
    """
    count = len(arrays[0])
    rows = random.choice(count, size=round(share * count), replace=False)
    return [np.asarray(array)[rows] for array in arrays]


def accuracy(model: Model, x: np.ndarray, y: np.ndarray) -> float:
    """Measure how many pictures the largest output is right for.

    Args:
        model: takes pictures or rows of pixels.
        x: pictures.
        y: their classes.

    Returns:
        A share from 0 to 1.
    """
    shaped = x.reshape(-1, *model.input_shape[1:]).astype("float32")
    outputs = model.predict(shaped, batch_size=500, verbose=0)
    return float((outputs.argmax(axis=1) == y).mean())


def kept_score(model: Model, data: AnswerData, score: float, mark: float) -> Outcome:
    """Conclude from a score on hidden data.

    Args:
        model: the model, rebuilt.
        data: the answer that it came from.
        score: what it reaches.
        mark: what is enough; lower than the mark of the notebook, as noise costs a little.

    Returns:
        Correct, or incorrect with a reason that names no case.
    """
    if score < mark:
        return incorrect(LOST)
    fault = training_fault(model, data)
    return incorrect(fault) if fault else correct(KEPT)
