"""A trace leaves the user's layers as they were: they train afterwards as if nothing had been."""

from __future__ import annotations

import random
from collections.abc import Callable
from typing import Any

import keras
import numpy as np
import pytest
from keras import layers

import seqkit as sk
from seqkit.errors import InputShapeError, NotAModelError


class Wrapping(layers.Layer):
    """Its config cannot rebuild it."""

    def __init__(self, inside: Any) -> None:
        super().__init__()
        self.inside = inside

    def call(self, x: Any) -> Any:
        return self.inside(x)


class MakesWeights(layers.Layer):
    """Makes a weight and a layer in build."""

    def build(self, shape: Any) -> None:
        self.kernel = self.add_weight((shape[-1], 3))
        self.after = layers.Dense(2)
        self.after.build((None, 3))

    def call(self, x: Any) -> Any:
        return self.after(keras.ops.matmul(x, self.kernel))


class OwnModel(keras.Model):
    """A subclassed model as an item, with a layer in a list."""

    def __init__(self) -> None:
        super().__init__()
        self.first = layers.Dense(3)
        self.rest = [layers.Dense(2)]

    def call(self, x: Any) -> Any:
        return self.rest[0](self.first(x))


ITEMS: dict[str, Callable[[], Any]] = {
    "Sequential without Input": lambda: keras.Sequential([layers.Dense(3)]),
    "Sequential in Sequential": lambda: keras.Sequential([keras.Sequential([layers.Dense(3)])]),
    "layer with a layer": lambda: Wrapping(layers.Dense(3)),
    "layer that makes weights": MakesWeights,
    "subclassed model": OwnModel,
    "Bidirectional": lambda: keras.Sequential(
        [layers.Reshape((4, 1)), layers.Bidirectional(layers.LSTM(2))]
    ),
}


@pytest.mark.parametrize("name", ITEMS)
@pytest.mark.parametrize("look", [sk.trace, sk.draw])
def test_a_traced_list_trains(name: str, look: Callable[[Any], Any]) -> None:
    x, y = np.ones((8, 4), "float32"), np.zeros((8, 1), "float32")
    items = [keras.Input((4,)), ITEMS[name](), layers.Dense(1)]
    look(items)
    assert not any(layer.built or layer.weights for layer in items[1:])

    model = keras.Sequential(items)
    model.compile("sgd", "mse")
    model(x)
    before = [keras.ops.convert_to_numpy(weight) for weight in model.trainable_weights]
    model.fit(x, y, verbose=0)
    after = [keras.ops.convert_to_numpy(weight) for weight in model.trainable_weights]
    assert all(np.abs(new - old).max() > 0 for new, old in zip(after, before, strict=True))
    assert model.count_params() == sk.trace(items).total_params


def test_another_shape_is_still_free() -> None:
    model = keras.Sequential([keras.Sequential([layers.Dense(2)]), layers.Dense(1)])
    assert sk.trace(model, (7,)).ok
    assert model(np.ones((3, 4), "float32")).shape == (3, 1)


def test_a_stateful_layer() -> None:
    row = sk.trace([keras.Input(batch_shape=(2, 5, 3)), layers.LSTM(4, stateful=True)]).rows[0]
    assert row.output_shape == (2, 4)


def test_a_lambda_keeps_the_names_that_it_uses() -> None:
    half = 2
    split = layers.Lambda(lambda x: keras.ops.split(x, half, axis=-1))
    assert sk.trace([keras.Input((4,)), split, layers.Add()]).ok


def test_the_random_numbers_that_follow_are_the_same() -> None:
    """Keras takes from Python's generator the seed of every layer, and so of every copy."""
    items = [keras.Input((4,)), layers.Dense(3), layers.Dropout(0.5)]
    state = random.getstate()
    sk.trace(items)
    assert random.getstate() == state


def test_a_layer_s_own_words_are_kept() -> None:
    class Raising(layers.Layer):
        def call(self, x: Any) -> Any:
            raise ValueError("the moon is in the wrong place")

    trace = sk.trace([keras.Input((4,)), Raising()])
    assert trace.failure is not None
    assert "the moon is in the wrong place" in trace.failure.reason


def test_two_input_shapes_that_disagree() -> None:
    with pytest.raises(InputShapeError, match=r"begins with the input shape \(8,\)"):
        sk.trace([keras.Input((8,)), layers.Dense(3)], (9,))


@pytest.mark.parametrize(
    ("items", "words"), [([None], "No item"), ([[layers.Dense(2)]], "brackets too many")]
)
def test_a_list_without_layers(items: Any, words: str) -> None:
    with pytest.raises(NotAModelError, match=words):
        sk.trace(items)
