"""Two ways to write the same network give the same steps; another network does not."""

from __future__ import annotations

from typing import Any, TypeAlias

import keras
import pytest
from keras import layers

from seqkit.exercises.architecture import activations, chain, difference, sizes, steps
from seqkit.exercises.errors import RefusedModelError

Model: TypeAlias = Any  # Keras has no types
Layer: TypeAlias = Any


def functional(*stack: Layer) -> Model:
    x = start = keras.Input((28, 28))
    for layer in stack:
        x = layer(x)
    return keras.Model(start, x)


def test_ways_of_writing_do_not_matter() -> None:
    plain = keras.Sequential(
        [
            keras.Input((28, 28)),
            layers.Flatten(),
            layers.Dense(8, activation="relu"),
            layers.Dense(3, activation="softmax"),
        ]
    )
    added = keras.Sequential(name="mine")
    for layer in (
        layers.InputLayer(shape=(28, 28)),
        layers.Reshape((784,), name="row"),
        layers.Dense(8),
        layers.Activation("relu"),
        layers.Dense(3),
        layers.Softmax(),
    ):
        added.add(layer)
    graph = functional(
        layers.Flatten(),
        layers.Dense(8),
        keras.activations.relu,
        layers.Dense(3, activation=keras.activations.softmax),
    )
    nested = keras.Sequential(
        [
            keras.Input((28, 28)),
            layers.Flatten(),
            keras.Sequential([layers.Dense(8, activation="relu"), layers.Identity()]),
            layers.Dense(3, activation="softmax"),
        ]
    )
    assert steps(plain) == steps(added) == steps(graph) == steps(nested)


def test_initializers_names_and_seeds_do_not_matter() -> None:
    one = [layers.Dense(3, kernel_initializer="zeros", name="a"), layers.Dropout(0.2, seed=1)]
    two = [layers.Dense(3, name="b"), layers.Dropout(0.2)]
    assert steps(one) == steps(two)


@pytest.mark.parametrize(
    ("one", "two"),
    [
        (layers.Dense(3), layers.Dense(4)),
        (layers.Dense(3), layers.Dense(3, use_bias=False)),
        (layers.Dense(3, activation="relu"), layers.Dense(3)),
        (layers.ReLU(), layers.ReLU(max_value=6)),
        (layers.ReLU(), layers.LeakyReLU()),
        (layers.Conv2D(4, 3), layers.Conv2D(4, 3, padding="same")),
        (layers.LSTM(4), layers.LSTM(4, return_sequences=True)),
        (layers.LSTM(4), layers.LSTM(4, activation="relu")),
        (layers.Softmax(), layers.Softmax(axis=1)),
    ],
)
def test_settings_that_matter_make_a_difference(one: Layer, two: Layer) -> None:
    assert steps([one]) != steps([two])
    assert "the task asks for" in difference(steps([one]), steps([two]))


def test_a_flatten_without_effect_is_no_step() -> None:
    model = keras.Sequential([keras.Input((784,)), layers.Flatten(), layers.Dense(3)])
    assert [str(step) for step in steps(model)] == ["Dense(units=3)"]


def test_a_linear_activation_is_no_step() -> None:
    assert steps([layers.Dense(3), layers.Activation("linear")]) == steps([layers.Dense(3)])


def test_a_skip_is_no_chain() -> None:
    start = keras.Input((4,))
    model = keras.Model(start, layers.Add()([start, layers.Dense(4)(start)]))
    with pytest.raises(RefusedModelError, match="not a chain"):
        chain(model)


def test_the_first_difference_is_named() -> None:
    asked = steps([layers.Dense(8, activation="relu"), layers.Dense(3)])
    assert difference(asked, asked) == ""
    assert "nothing comes" in difference(asked[:1], asked)
    assert "more than the task" in difference(asked, asked[:1])
    padded = steps([layers.Conv2D(4, 3, padding="same")])
    message = difference(padded, steps([layers.Conv2D(4, 3)]))
    assert message == ("The Conv2D layer has padding='same'; the task asks for padding='valid'.")


@pytest.mark.parametrize(
    ("came", "sentence"),
    [
        (
            [layers.Dense(8, activation="relu"), layers.Dense(4)],
            "The second Dense layer has 4 units; the task asks for 3.",
        ),
        (
            [layers.Dense(8, activation="tanh"), layers.Dense(3)],
            "After the first Dense layer comes tanh; the task asks for relu.",
        ),
        (
            [layers.Flatten(), layers.Dense(8, activation="relu"), layers.Dense(3)],
            "At the beginning comes Flatten; the task asks for Dense(units=8).",
        ),
        (
            [layers.Dense(8, activation="relu"), layers.Dense(3, activation="relu")],
            "After the second Dense layer comes relu, which is more than the task asks for.",
        ),
        (
            [layers.Dense(8, activation="relu")],
            "After the Dense layer the task asks for Dense(units=3); nothing comes.",
        ),
        ([], "At the beginning the task asks for Dense(units=8); nothing comes."),
    ],
)
def test_layers_are_counted_as_a_learner_counts_them(came: list[Layer], sentence: str) -> None:
    asked = steps([layers.Dense(8, activation="relu"), layers.Dense(3)])
    assert difference(steps(came), asked) == sentence


def test_sizes_and_activations() -> None:
    found = steps([layers.Dense(8, activation="relu"), layers.Dense(3)])
    assert sizes(found, "Dense", "units") == [8, 3]
    assert activations(found) == ["relu"]
