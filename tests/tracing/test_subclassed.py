"""Models with a `call` of their own: built or not, with arguments that Keras fills in."""

from __future__ import annotations

from typing import Any

import keras
import numpy as np
import pytest
from keras import layers

import seqkit as sk
from seqkit.errors import InputShapeError


class NeedsTraining(keras.Model):
    """Its call has no default for `training`."""

    def __init__(self) -> None:
        super().__init__()
        self.dense = layers.Dense(3)
        self.dropout = layers.Dropout(0.5)

    def call(self, x: Any, training: bool) -> Any:
        return self.dropout(self.dense(x), training=training)


class BuildsItself(keras.Model):
    """It makes its layers in build."""

    def build(self, shape: Any) -> None:
        self.dense = layers.Dense(3)
        self.dense.build(shape)
        self.built = True

    def call(self, x: Any) -> Any:
        return self.dense(x)


@pytest.mark.parametrize("make", [NeedsTraining, BuildsItself])
def test_a_shape_is_enough(make: Any) -> None:
    assert sk.trace(make(), (5,)).total_params == 5 * 3 + 3


def test_a_model_that_was_called_knows_its_shape() -> None:
    model = NeedsTraining()
    model(np.ones((2, 4), "float32"), training=False)
    assert [row.kind for row in sk.trace(model).rows] == ["Dense", "Dropout"]


def test_without_a_shape() -> None:
    with pytest.raises(InputShapeError, match="call the model on data first"):
        sk.trace(NeedsTraining())


def test_inside_another_model() -> None:
    inputs = keras.Input((4,))
    model = keras.Model(inputs, NeedsTraining()(inputs, training=False))
    trace = sk.trace(model, expand_nested=True)
    assert trace.rows[1].nested is not None
    assert [row.kind for row in trace.rows[1].nested.rows] == ["Dense", "Dropout"]
