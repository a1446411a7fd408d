"""Two branches that summarise one tensor in two ways: its level and its peak."""

from __future__ import annotations

import keras
import numpy as np
from keras import layers

from seqkit.limits.inception import Branches
from seqkit.limits.limit import Check, Limit, LimitAttempt
from seqkit.limits.measure import (
    alike,
    answer,
    explained,
    readers,
    rows,
    same_with_equal_weights,
    train,
    with_known_weights,
)

SHAPE = (24, 4)  # the hours of a day, and four things that are measured
ROWS, TRAIN = 640, 512


def a_list_as_an_item() -> keras.Model:
    """The two summaries as a list inside the list."""
    return keras.Sequential(
        [
            keras.Input((24, 4)),
            [layers.GlobalAveragePooling1D(), layers.GlobalMaxPooling1D()],
            layers.Concatenate(),
            layers.Dense(1),
        ]
    )


def one_after_the_other() -> keras.Model:
    """The two summaries in one row."""
    return keras.Sequential(
        [
            keras.Input((24, 4)),
            layers.GlobalAveragePooling1D(),
            layers.GlobalMaxPooling1D(),
            layers.Dense(1),
        ]
    )


def only_the_level() -> keras.Model:
    """One of the two branches left out: it builds, and knows half of it."""
    return keras.Sequential(
        [keras.Input((24, 4)), layers.GlobalAveragePooling1D(), layers.Dense(1)]
    )


def steps_kept_between() -> keras.Model:
    """Both poolings with a step axis: it builds, and takes the peak of a single mean."""
    return keras.Sequential(
        [
            keras.Input((24, 4)),
            layers.GlobalAveragePooling1D(keepdims=True),
            layers.GlobalMaxPooling1D(),
            layers.Dense(1),
        ]
    )


def fix() -> keras.Model:
    """Both summaries of the same tensor, in the Functional API."""
    inputs = keras.Input((24, 4))
    level = layers.GlobalAveragePooling1D()(inputs)
    peak = layers.GlobalMaxPooling1D()(inputs)
    x = layers.Concatenate()([level, peak])
    outputs = layers.Dense(1)(x)
    return keras.Model(inputs, outputs)


def workaround() -> keras.Model:
    """A layer of one's own that calls its members on one input, and gives the list of results."""
    return keras.Sequential(
        [
            keras.Input((24, 4)),
            Branches([layers.GlobalAveragePooling1D(), layers.GlobalMaxPooling1D()]),
            layers.Concatenate(),
            layers.Dense(1),
        ]
    )


def evidence() -> tuple[Check, ...]:
    """What must be true of the fix, of the stand-ins and of the way round."""
    fixed, level, hidden = fix(), only_the_level(), workaround()
    x, peaked = _two_days()
    return (
        Check(
            "the fix has 4 + 4 numbers before its last layer, and 9 parameters; one branch has 5",
            (fixed.count_params(), level.count_params()) == (9, 5),
            "Count again in lesson 15.",
        ),
        Check("the input is read by both branches", readers(fixed) == 2, "Check `fix`."),
        Check(
            "two days with one level and other peaks: the fix tells them apart",
            not _same_answer(fixed, x, peaked),
            "The peak does not reach the output.",
        ),
        Check(
            "the single branch and the two poolings in a row cannot, whatever their weights",
            _same_answer(level, x, peaked) and _same_answer(steps_kept_between(), x, peaked),
            "Change the attempts in lesson 15.",
        ),
        Check(
            "the layer that returns a list computes the same as the fix",
            same_with_equal_weights(fixed, hidden, x),
            "Check `Branches`.",
        ),
        Check(
            "the way round shows no pooling; the fix shows both",
            rows(hidden) == 3 and _poolings(hidden) == 0 and _poolings(fixed) == 2,
            "Change the price in lesson 15.",
        ),
    )


def trained() -> tuple[Check, ...]:
    """How far stands the peak above the level? It takes both to tell."""
    x = _days()
    wanted = (x.max(axis=1) - x.mean(axis=1)).sum(axis=1, keepdims=True)
    both, one = (_score(model, x, wanted) for model in (fix(), only_the_level()))
    return (
        Check(
            "asked how far the peaks stand above the levels, the fix learns it (R² over 0.9)",
            both > 0.9,
            f"R² was {both:.2f}.",
        ),
        Check("the single branch does not (R² under 0.7)", one < 0.7, f"R² was {one:.2f}."),
    )


def _days() -> np.ndarray:
    """Days with a level of their own, and one hour that stands above it."""
    generator = np.random.default_rng(0)
    level = generator.normal(size=(ROWS, 1, SHAPE[1]))
    x = np.repeat(level, SHAPE[0], axis=1)
    hours = generator.integers(0, SHAPE[0], size=ROWS)
    x[np.arange(ROWS), hours] += generator.uniform(0, 4, size=(ROWS, SHAPE[1]))
    return x.astype("float32")


def _score(model: keras.Model, x: np.ndarray, wanted: np.ndarray) -> float:
    train(model, x[:TRAIN], wanted[:TRAIN], "mse", epochs=12, rate=0.1)
    return explained(model, x[TRAIN:], wanted[TRAIN:])


def _two_days() -> tuple[np.ndarray, np.ndarray]:
    """Two sets of days: equal means in each column, other peaks."""
    x = np.random.default_rng(0).normal(size=(8, *SHAPE)).astype("float32")
    peaked = x.copy()
    peaked[:, 0] += 5
    peaked[:, 1] -= 5
    return x, peaked


def _same_answer(model: keras.Model, x: np.ndarray, other: np.ndarray) -> bool:
    with_known_weights(model)
    return alike(answer(model, x), answer(model, other))


def _poolings(model: keras.Model) -> int:
    return sum("Pooling" in type(layer).__name__ for layer in model.layers)


LIMIT = Limit(
    name="branch",
    title="Two branches over one tensor cannot be written in a list",
    lesson=15,
    claims=("A2.4", "B10"),
    attempts=(
        LimitAttempt("a list of two layers as one item", a_list_as_an_item, pattern="branch"),
        LimitAttempt(
            "the two branches one after the other", one_after_the_other, pattern="shape_mismatch"
        ),
        LimitAttempt("one branch left out", only_the_level, loud=False),
        LimitAttempt("in a row, with keepdims=True", steps_kept_between, loud=False),
    ),
    why=(
        "Two branches read the same tensor. In a Sequential each tensor has one reader, the next "
        "layer; after the first summary the tensor is gone."
    ),
    fix_function=fix,
    evidence=evidence,
    trained=trained,
    workaround_function=workaround,
    price=(
        "a layer of one's own that returns a list; its members are hidden from summary() and "
        "from drawings, and get_config() must be written before the model can be saved"
    ),
)
