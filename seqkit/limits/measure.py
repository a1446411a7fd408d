"""What the checks of several limits share: known weights, answers, and a short training."""

from __future__ import annotations

from typing import Any

import keras
import numpy as np

from seqkit.graph import read


def with_known_weights(model: keras.Model, first: int = 0) -> keras.Model:
    """Give a model weights that are the same in every run, and leave the learner's seed alone.

    Args:
        model: the model; it is changed.
        first: another number gives other weights.

    Returns:
        The model itself. Kernels get Glorot's width, biases keep what their layer gave them.

    Example:
        >>> net = keras.Sequential([keras.Input((3,)), keras.layers.Dense(2)])
        >>> with_known_weights(net).get_weights()[0].shape
        (3, 2)
    """
    known = []
    for place, weight in enumerate(model.get_weights(), start=100 * first):
        if weight.ndim < 2:
            known.append(weight)
            continue
        window = int(np.prod(weight.shape[:-2]))
        width = (2 / (window * (weight.shape[-2] + weight.shape[-1]))) ** 0.5
        known.append(np.random.default_rng(place).normal(size=weight.shape, scale=width))
    model.set_weights(known)
    return model


def with_random_weights(model: keras.Model, scale: float = 1.0, seed: int = 1) -> keras.Model:
    """Give every weight of a model a random number, biases too: the same in every run.

    Args:
        model: the model; it is changed.
        scale: standard deviation of the numbers.
        seed: another seed gives other numbers.

    Returns:
        The model itself.
    """
    generator = np.random.default_rng(seed)
    shapes = [weight.shape for weight in model.get_weights()]
    model.set_weights([generator.normal(size=shape, scale=scale) for shape in shapes])
    return model


def answer(model: keras.Model, x: Any) -> np.ndarray:
    """Return what the model gives for an array, or for a list of arrays, as a NumPy array."""
    return np.asarray(keras.ops.convert_to_numpy(model(x)))


def alike(one: np.ndarray, other: np.ndarray, within: float = 1e-4) -> bool:
    """Say whether two arrays agree, and are not all zero."""
    return one.shape == other.shape and bool(np.abs(one).max() > 0) and gap(one, other) < within


def gap(one: np.ndarray, other: np.ndarray) -> float:
    """Return the largest difference of two arrays of one shape."""
    return float(np.abs(one - other).max())


def same_with_equal_weights(one: keras.Model, other: keras.Model, x: Any) -> bool:
    """Say whether two models with weights of the same shapes compute the same from the same."""
    if [weight.shape for weight in other.weights] != [weight.shape for weight in one.weights]:
        return False
    other.set_weights(with_random_weights(one, scale=0.3).get_weights())
    return alike(answer(one, x), answer(other, x))


def influence(model: keras.Model, x: np.ndarray) -> np.ndarray:
    """Say at [i, j] whether place i of the output changes when place j of the input does.

    Args:
        model: gives as many places as it gets.
        x: one example, (1, places, numbers).

    Returns:
        (places, places) of bool.
    """
    before = answer(model, x)
    places = x.shape[1]
    table = np.zeros((places, places), bool)
    for place in range(places):
        changed = x.copy()
        changed[:, place] += np.linspace(0, 1, x.shape[2])  # a norm hides an equal shift
        table[:, place] = (np.abs(answer(model, changed) - before) > 1e-6).any(axis=(0, 2))
    return table


def readers(model: keras.Model) -> int:
    """Count the layers that read the model's input."""
    graph = read(model)
    entrance = next(node.index for node in graph.nodes if node.kind == "InputLayer")
    return sum(entrance in [edge.source for edge in node.inputs] for node in graph.nodes)


def rows(model: keras.Model) -> int:
    """Count the layers that a drawing or a summary of the model shows."""
    return len(read(model).nodes)


def train(
    model: keras.Model, x: np.ndarray, y: np.ndarray, loss: str, epochs: int, rate: float = 0.01
) -> keras.Model:
    """Train from known weights, without shuffling: the same on every run.

    Args:
        model: the model; it is changed.
        x: the inputs.
        y: what it shall give for them.
        loss: the name of the loss.
        epochs: how often it sees all rows, 32 at a time.
        rate: the learning rate of Adam.

    Returns:
        The model itself.
    """
    with_known_weights(model)
    model.compile(optimizer=keras.optimizers.Adam(rate), loss=loss, jit_compile=False)
    model.fit(x, y, batch_size=32, epochs=epochs, shuffle=False, verbose=0)
    return model


def explained(model: keras.Model, x: np.ndarray, y: np.ndarray) -> float:
    """Return the share of the variance of `y` that the model explains (R², 1 is all of it)."""
    return 1 - float(((answer(model, x) - y) ** 2).mean() / y.var(axis=0).mean())


def share_right(model: keras.Model, x: np.ndarray, y: np.ndarray) -> float:
    """Return the share of answers on the right side of one half, for labels of 0 and 1."""
    return float(((answer(model, x) > 0.5) == (y > 0.5)).mean())
