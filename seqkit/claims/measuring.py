"""Measure once in a process, from a fixed seed, and leave the learner's random state alone."""

from __future__ import annotations

import inspect
import random
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import cache, wraps
from typing import Any, ParamSpec, TypeVar

import keras
import numpy as np

from seqkit.explaining import attempt
from seqkit.graph.undisturbed import undisturbed
from seqkit.limits.limit import Check
from seqkit.limits.measure import answer

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
    signature = inspect.signature(function)

    @wraps(function)
    def measured(*args: Parameters.args, **kwargs: Parameters.kwargs) -> Measured:
        # f() and f(0) are one measurement where 0 is the default.
        bound = signature.bind(*args, **kwargs)
        bound.apply_defaults()
        return kept(*bound.args, **bound.kwargs)

    return measured


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
) -> float:
    """Compile with plain gradient descent, and train batch by batch, always in the same order.

    It costs a third of what `fit` with Adam costs here: most of that is compilation.
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

    Returns:
        The loss, with the penalties, as the mean of the last epoch's batches.
    """
    optimizer = keras.optimizers.SGD(rate, momentum=momentum, global_clipnorm=clip)
    model.compile(optimizer=optimizer, loss=loss)
    return steps(model, x, y, epochs, batch_size)


def steps(
    model: keras.Model,
    x: Any,
    y: Any,
    epochs: int,
    batch_size: int = 32,
    worth: np.ndarray | None = None,
) -> float:
    """Train a compiled model on the batches in their order.

    Args:
        model: a compiled model.
        x: examples.
        y: labels.
        epochs: times that the data is seen.
        batch_size: examples of a step.
        worth: weight of each example in the loss, if they are not worth the same.

    Returns:
        The loss, as the mean of the last epoch's batches.
    """
    losses: list[float] = []
    for _ in range(epochs):
        # train_on_batch gives the loss of its batch alone.
        losses = []
        for start in range(0, len(x), batch_size):
            batch = slice(start, start + batch_size)
            weights = None if worth is None else worth[batch]
            losses.append(float(model.train_on_batch(x[batch], y[batch], sample_weight=weights)))
    return float(np.mean(losses))


def accuracy(model: keras.Model, x: Any, y: np.ndarray) -> float:
    """The share of examples whose class is found, for one unit or one unit for each class."""
    said = answer(model, x)
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
