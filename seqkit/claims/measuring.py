"""Measure once in a process, from a fixed seed, and leave the learner's random state alone."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import cache
from typing import Any, ParamSpec, TypeVar, cast

import keras
import numpy as np

from seqkit.explaining import attempt
from seqkit.graph.undisturbed import undisturbed
from seqkit.limits.limit import Check

Parameters = ParamSpec("Parameters")
Measured = TypeVar("Measured")

_caches: list[Any] = []


def once(function: Callable[Parameters, Measured]) -> Callable[Parameters, Measured]:
    """Keep what an expensive measurement gave; `forget` makes it run again.

    Args:
        function: the measurement.

    Returns:
        The same function, which measures the first time only.
    """
    kept = cache(function)
    _caches.append(kept)
    return cast("Callable[Parameters, Measured]", kept)


def forget() -> None:
    """Measure everything anew the next time, for example after a change of Keras' settings.

    Example:
        >>> forget()
    """
    for kept in _caches:
        kept.cache_clear()


@contextmanager
def seeded(seed: int) -> Iterator[None]:
    """Draw first weights and dropout masks from a seed, and put all random states back.

    Keras draws the seed of every initializer from Python's generator.

    Args:
        seed: the seed.
    """
    with undisturbed():
        random.seed(seed)
        np.random.seed(seed)
        yield


def train(
    model: keras.Model,
    x: Any,
    y: Any,
    loss: str,
    epochs: int = 5,
    batch_size: int = 32,
    rate: float = 0.1,
    clip: float | None = None,
    momentum: float = 0.0,
    **settings: Any,
) -> keras.callbacks.History:
    """Compile with plain gradient descent, a third of Adam's cost here, and fit without a shuffle.

    Give a number of examples that `batch_size` divides: a smaller last batch is compiled anew.

    Args:
        model: the model to train.
        x: examples, in a random order.
        y: labels.
        loss: name of the loss.
        epochs: times that the data is seen.
        batch_size: examples of a step.
        rate: learning rate.
        clip: longest gradient, if there is a longest.
        momentum: how much of the last step is kept.
        **settings: more arguments of `fit`.

    Returns:
        The history.
    """
    optimizer = keras.optimizers.SGD(rate, momentum=momentum, global_clipnorm=clip)
    model.compile(optimizer=optimizer, loss=loss)
    return model.fit(
        x, y, epochs=epochs, batch_size=batch_size, shuffle=False, verbose=0, **settings
    )


def outputs(model: keras.Model, x: Any) -> np.ndarray:
    """Give what the model returns for the data, as an array."""
    return np.asarray(keras.ops.convert_to_numpy(model(x)))


def accuracy(model: keras.Model, x: Any, y: np.ndarray) -> float:
    """The share of examples whose class is found, for one unit or one unit for each class."""
    said = outputs(model, x)
    found = said[:, 0] > 0.5 if said.shape[-1] == 1 else said.argmax(-1)
    return float((found == np.asarray(y).ravel()).mean())


def is_true(statement: str, holds: bool, if_not: str = "Run the evidence and look.") -> Check:
    """Write a check; the last words are shown only where it fails."""
    return Check(statement, bool(holds), if_not)


def fails(function: Callable[..., Any], *args: Any, **kwargs: Any) -> bool:
    """Whether the code raises."""
    return attempt(function, *args, **kwargs).failed


def says(function: Callable[..., Any], *args: Any, words: str, **kwargs: Any) -> bool:
    """Whether the code raises an error or gives a warning with these words."""
    tried = attempt(function, *args, **kwargs)
    messages = [str(one) for one in (*tried.warned, *((tried.error,) if tried.error else ()))]
    return any(words.lower() in message.lower() for message in messages)
