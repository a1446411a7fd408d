"""Several members, asked side by side; the answer is their mean."""

from __future__ import annotations

import keras
import numpy as np
from keras import layers

from seqkit.limits.inception import Branches
from seqkit.limits.limit import Check, Limit, LimitAttempt
from seqkit.limits.measure import (
    alike,
    answer,
    readers,
    same_with_equal_weights,
    train,
    with_known_weights,
)

# Each member gets four numbers of today, and says what they will be tomorrow.
NUMBERS = 4
ROWS, TRAIN = 768, 512


def members_in_the_list() -> keras.Model:
    """The members, and the layer that shall take their mean, in one row."""
    return keras.Sequential(
        [
            keras.Input((4,)),
            keras.Sequential([layers.Dense(16, activation="tanh"), layers.Dense(4)]),
            keras.Sequential([layers.Dense(16, activation="tanh"), layers.Dense(4)]),
            keras.Sequential([layers.Dense(16, activation="tanh"), layers.Dense(4)]),
            layers.Average(),
        ]
    )


def a_list_of_members() -> keras.Model:
    """The members as a list inside the list."""
    return keras.Sequential(
        [
            keras.Input((4,)),
            [
                keras.Sequential([layers.Dense(16, activation="tanh"), layers.Dense(4)]),
                keras.Sequential([layers.Dense(16, activation="tanh"), layers.Dense(4)]),
                keras.Sequential([layers.Dense(16, activation="tanh"), layers.Dense(4)]),
            ],
            layers.Average(),
        ]
    )


def members_in_a_row() -> keras.Model:
    """The members alone: it builds, and each is asked about the answer of the one before."""
    return keras.Sequential(
        [
            keras.Input((4,)),
            keras.Sequential([layers.Dense(16, activation="tanh"), layers.Dense(4)]),
            keras.Sequential([layers.Dense(16, activation="tanh"), layers.Dense(4)]),
            keras.Sequential([layers.Dense(16, activation="tanh"), layers.Dense(4)]),
        ]
    )


def fix() -> keras.Model:
    """Each member called on the same input, in the Functional API."""
    inputs = keras.Input((4,))
    answers = []
    for _ in range(3):
        member = keras.Sequential([layers.Dense(16, activation="tanh"), layers.Dense(4)])
        answers.append(member(inputs))
    outputs = layers.Average()(answers)
    return keras.Model(inputs, outputs)


def workaround() -> keras.Model:
    """A layer of one's own that asks all members, and gives the list of their answers."""
    return keras.Sequential(
        [
            keras.Input((4,)),
            Branches(
                [
                    keras.Sequential([layers.Dense(16, activation="tanh"), layers.Dense(4)]),
                    keras.Sequential([layers.Dense(16, activation="tanh"), layers.Dense(4)]),
                    keras.Sequential([layers.Dense(16, activation="tanh"), layers.Dense(4)]),
                ]
            ),
            layers.Average(),
        ]
    )


def evidence() -> tuple[Check, ...]:
    """What must be true of the fix, of the row and of the way round."""
    fixed, row, hidden = fix(), members_in_a_row(), workaround()
    x = np.random.default_rng(0).normal(size=(64, NUMBERS)).astype("float32")
    wanted = np.roll(x, 1, axis=1)
    with_known_weights(fixed)
    row.set_weights(fixed.get_weights())
    said = np.stack([answer(member, x) for member in _members(fixed)])
    chained = answer(row, x)
    losses = [float(((one - wanted) ** 2).mean()) for one in said]
    return (
        Check(
            "three members of 148 parameters: 444; taking the mean costs none",
            fixed.count_params() == row.count_params() == 444,
            "Count again in lesson 15.",
        ),
        Check("the input is read by all three members", readers(fixed) == 3, "Check `fix`."),
        Check(
            "the answer of the fix is the mean of its members' answers",
            alike(answer(fixed, x), said.mean(axis=0)),
            "Check `fix`.",
        ),
        Check(
            "the row with the same weights gives another answer: that of the third on the second",
            alike(chained, _chained(row, x)) and not alike(chained, said.mean(axis=0)),
            "Change the text of lesson 15.",
        ),
        Check(
            "the squared error of the mean answer is below the mean error of the members",
            float(((answer(fixed, x) - wanted) ** 2).mean()) < float(np.mean(losses)),
            "Check `fix`: this is a law for squared errors.",
        ),
        Check(
            "the layer that returns a list computes the same as the fix",
            same_with_equal_weights(fixed, hidden, x),
            "Check `Branches`.",
        ),
    )


def trained() -> tuple[Check, ...]:
    """Members that forecast one day: their mean against their chain."""
    today, tomorrow = _days()
    fixed, row = fix(), members_in_a_row()
    for number, member in enumerate(_members(fixed)):
        part = slice(number * TRAIN // 3, (number + 1) * TRAIN // 3)  # days of its own
        member.set_weights(_learned(today[part], tomorrow[part]))
    row.set_weights(fixed.get_weights())
    test, truth = today[TRAIN:], tomorrow[TRAIN:]
    single = np.mean([_error(member, test, truth) for member in _members(fixed)])
    together, chained = _error(fixed, test, truth), _error(row, test, truth)
    return (
        Check(
            "three trained forecasters: the error of the mean is below the mean of their errors",
            bool(together < single),
            f"The errors were {together:.3f} and {single:.3f}.",
        ),
        Check(
            "the same three in a row are more than twice as wrong: they forecast the third day",
            chained > 2 * together,
            f"The errors were {chained:.3f} and {together:.3f}.",
        ),
    )


def _days() -> tuple[np.ndarray, np.ndarray]:
    """Four numbers that turn by a quarter every day, with noise: today's and tomorrow's."""
    generator = np.random.default_rng(0)
    today = generator.normal(size=(ROWS, NUMBERS)).astype("float32")
    turned = np.stack([-today[:, 1], today[:, 0], -today[:, 3], today[:, 2]], axis=1)
    noise = generator.normal(size=today.shape, scale=0.5)
    return today, (turned + noise).astype("float32")


def _learned(today: np.ndarray, tomorrow: np.ndarray) -> list[np.ndarray]:
    """The weights of one member after a short training."""
    member = keras.Sequential(
        [keras.Input((NUMBERS,)), layers.Dense(16, activation="tanh"), layers.Dense(NUMBERS)]
    )
    return train(member, today, tomorrow, "mse", epochs=20, rate=0.03).get_weights()


def _error(model: keras.Model, x: np.ndarray, truth: np.ndarray) -> float:
    return float(((answer(model, x) - truth) ** 2).mean())


def _members(model: keras.Model) -> list[keras.Model]:
    return [layer for layer in model.layers if isinstance(layer, keras.Sequential)]


def _chained(row: keras.Model, x: np.ndarray) -> np.ndarray:
    for member in _members(row):
        x = answer(member, x)
    return x


LIMIT = Limit(
    name="ensemble",
    title="Members that are asked side by side cannot be written in a list",
    lesson=15,
    claims=("A2.4",),
    attempts=(
        LimitAttempt(
            "the members and Average() in the list", members_in_the_list, pattern="residual"
        ),
        LimitAttempt("a list of members as one item", a_list_of_members, pattern="branch"),
        LimitAttempt("the members one after the other", members_in_a_row, loud=False),
    ),
    why=(
        "Every member must get the same input, and Average needs all their answers at once. A "
        "Sequential gives the input to the first member only, and each answer to the next one."
    ),
    fix_function=fix,
    evidence=evidence,
    trained=trained,
    workaround_function=workaround,
    price=(
        "a layer of one's own that returns a list; the members are hidden inside it, and "
        "get_config() must be written before the model can be saved"
    ),
)
