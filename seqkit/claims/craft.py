"""Small trainings on the craft of training: depth, penalties, normalization, activations, dropout.

Each is run once in a process. `seed` draws the first weights; the claims hold for the seeds 0 to 4.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import keras
import numpy as np
from keras import layers

from seqkit.claims.measuring import accuracy, once, seeded, train
from seqkit.claims.runs import clothes, cross_entropy, gradient_lengths
from seqkit.limits.measure import answer

SPARSE = "sparse_categorical_crossentropy"


class Fit(NamedTuple):
    """What training gave."""

    gap: float  # by how much the loss is higher in the test
    test: float  # accuracy


@once
def dropout(seed: int = 0) -> dict[float, Fit]:
    """A stack that memorises 256 pictures, with dropout of different rates before its end."""
    part = clothes()
    x, x_test = (one.reshape(-1, 784) for one in (part.x[:256], part.x_test))
    y = part.y[:256]
    found = {}
    for rate in (0.0, 0.3, 0.95):
        with seeded(seed):
            model = keras.Sequential(
                [
                    keras.Input((784,)),
                    layers.Dense(64, activation="relu"),
                    layers.Dropout(rate),
                    layers.Dense(10, activation="softmax"),
                ]
            )
            train(model, x, y, SPARSE, epochs=24, batch_size=64, rate=0.1, momentum=0.9)
            gap = cross_entropy(model, x_test, part.y_test) - cross_entropy(model, x, y)
            found[rate] = Fit(gap, accuracy(model, x_test, part.y_test))
    return found


class Normalized(NamedTuple):
    """Loss of the second epoch without BatchNormalization, and with it on each side of ReLU."""

    plain: float
    after: float
    before: float


@once
def batch_norm(seed: int = 0) -> Normalized:
    """The same stack three times."""
    part = clothes()
    flat = part.x.reshape(-1, 784)
    losses = []
    for order in ("", "after", "before"):
        with seeded(seed):
            model = keras.Sequential([keras.Input((784,))])
            for _ in range(3):
                for layer in _block(order):
                    model.add(layer)
            model.add(layers.Dense(10, activation="softmax"))
            losses.append(train(model, flat, part.y, SPARSE, epochs=2, rate=0.02))
    return Normalized(*losses)


def _block(order: str) -> list[Any]:
    dense, relu = layers.Dense(32), layers.ReLU()
    if not order:
        return [dense, relu]
    norm = layers.BatchNormalization()
    return [dense, relu, norm] if order == "after" else [dense, norm, relu]


def normalization_modes() -> tuple[bool, bool]:
    """Whether BatchNormalization differs between the two modes, and whether inference is steady."""
    with seeded(0):
        layer = layers.BatchNormalization()
        x = np.random.default_rng(0).normal(3, 2, (16, 4)).astype("float32")
        layer.build(x.shape)
        trained, used, alone = (
            keras.ops.convert_to_numpy(layer(rows, training=mode))
            for rows, mode in ((x, True), (x, False), (x[:1], False))
        )
    differs = bool(abs(trained.mean()) < 1e-3 < abs(used.mean() - trained.mean()))
    return differs, bool(np.allclose(used[:1], alone, atol=1e-5))


@once
def penalties(seed: int = 0) -> dict[str, float]:
    """The share of the first kernel that is nearly zero, for no penalty, for L1 and for L2."""
    part = clothes()
    flat = part.x.reshape(-1, 784)
    found = {}
    for name in ("none", "L1", "L2"):
        penalty = None if name == "none" else getattr(keras.regularizers, name)(0.005)
        with seeded(seed):
            model = keras.Sequential(
                [
                    keras.Input((784,)),
                    layers.Dense(32, activation="relu", kernel_regularizer=penalty),
                    layers.Dense(10, activation="softmax"),
                ]
            )
            train(model, flat, part.y, SPARSE, epochs=6, batch_size=64, rate=0.2)
            found[name] = float((np.abs(model.get_weights()[0]) < 0.002).mean())
    return found


@once
def sizes(seed: int = 0) -> dict[str, float]:
    """Test accuracies of growing stacks on two rings of points, one inside the other."""
    x, y, x_test, y_test = _rings()
    found = {}
    for name, hidden in (("none", ()), ("one", (16,)), ("three", (32, 32, 32))):
        with seeded(seed):
            model = keras.Sequential([keras.Input((2,))])
            for units in hidden:
                model.add(layers.Dense(units, activation="relu"))
            model.add(layers.Dense(1, activation="sigmoid"))
            train(model, x, y, "binary_crossentropy", epochs=6, batch_size=64, rate=0.8)
            found[name] = accuracy(model, x_test, y_test)
    return found


def _rings() -> tuple[np.ndarray, ...]:
    generator = np.random.default_rng(0)
    labels = generator.integers(0, 2, 2336)
    angles = generator.uniform(0, 2 * np.pi, 2336)
    radius = 1 + labels + generator.normal(scale=0.25, size=2336)
    points = np.stack([radius * np.cos(angles), radius * np.sin(angles)], 1).astype("float32")
    labels = labels.astype("float32")
    return points[:1536], labels[:1536], points[1536:], labels[1536:]


@once
def gradients(activation: str, seed: int = 0) -> float:
    """In 10 hidden layers: the first layer's gradient, divided by the last hidden layer's."""
    part = clothes()
    flat = part.x[:256].reshape(-1, 784)
    with seeded(seed):
        model = keras.Sequential([keras.Input((784,))])
        for _ in range(10):
            start = "he_normal" if activation == "relu" else "glorot_uniform"
            model.add(layers.Dense(32, activation=activation, kernel_initializer=start))
        model.add(layers.Dense(10, activation="softmax"))
        lengths = gradient_lengths(model, flat, part.y[:256], SPARSE)
    return lengths[1] / lengths[-2]


@once
def revived(activation: str) -> float:
    """The gradient that reaches units which are below zero for every example."""
    part = clothes()
    flat = part.x[:128].reshape(-1, 784)
    with seeded(0):
        model = keras.Sequential(
            [
                keras.Input((784,)),
                layers.Dense(16, bias_initializer=keras.initializers.Constant(-5.0)),
                layers.Activation(activation),
                layers.Dense(10, activation="softmax"),
            ]
        )
        assert answer(model.layers[0], flat).max() < 0
        return gradient_lengths(model, flat, part.y[:128], SPARSE)[0]


@once
def small_photo_net(seed: int = 0) -> float:
    """Test accuracy of the article's CNN with BatchNormalization, L2 and Dropout on clothes."""
    part = clothes()
    x, x_test = part.x[:512, ..., None], part.x_test[:500, ..., None]
    with seeded(seed):
        small = {"activation": "relu", "kernel_regularizer": keras.regularizers.L2(1e-3)}
        model = keras.Sequential(
            [
                keras.Input((28, 28, 1)),
                layers.Conv2D(16, 3, strides=2, **small),
                layers.BatchNormalization(),
                layers.MaxPooling2D(),
                layers.Flatten(),
                layers.Dense(32, **small),
                layers.Dropout(0.3),
                layers.Dense(10, activation="softmax"),
            ]
        )
        train(model, x, part.y[:512], SPARSE, epochs=6, rate=0.05, momentum=0.9)
        return accuracy(model, x_test, part.y_test[:500])
