"""The code that the guide shows: one small model for each answer, and tests run all of them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import keras


@dataclass(frozen=True)
class Skeleton:
    """Code that builds a small model, ready to be copied.

    Attributes:
        source: the code, after `import keras` and `from keras import layers`; it ends with a
            variable `model`.
    """

    source: str

    def build(self) -> keras.Model:
        """Run the code and return its model.

        Example:
            >>> Skeleton("model = keras.Sequential([layers.Dense(3)])").build().built
            False
        """
        names: dict[str, Any] = {"__name__": "skeleton", "keras": keras, "layers": keras.layers}
        exec(self.source, names)
        model: keras.Model = names["model"]
        return model


PLAIN = Skeleton("""\
model = keras.Sequential(
    [
        keras.Input((28, 28, 1)),
        layers.Conv2D(32, 3, activation="relu"),
        layers.Flatten(),
        layers.Dense(10, activation="softmax"),
    ]
)""")

OWN_STEP = Skeleton("""\
@keras.saving.register_keras_serializable("mine")
class Root(layers.Layer):
    def __init__(self, floor=0.0, **kwargs):
        super().__init__(**kwargs)
        self.floor = floor

    def call(self, x):
        return keras.ops.sqrt(keras.ops.maximum(x, self.floor))

    def get_config(self):
        return {**super().get_config(), "floor": self.floor}


model = keras.Sequential([keras.Input((8,)), Root(floor=0.1), layers.Dense(1)])""")

TWO_INPUTS = Skeleton("""\
title = keras.Input((40,), name="title")
numbers = keras.Input((12,), name="numbers")
x = layers.Dense(16, activation="relu")(title)
x = layers.Concatenate()([x, numbers])
model = keras.Model([title, numbers], layers.Dense(6, activation="softmax")(x))""")

TWO_OUTPUTS = Skeleton("""\
inputs = keras.Input((32,))
x = layers.Dense(16, activation="relu")(inputs)
kind = layers.Dense(10, activation="softmax", name="kind")(x)
place = layers.Dense(4, name="place")(x)
model = keras.Model(inputs, {"kind": kind, "place": place})""")

SHARED = Skeleton("""\
encoder = keras.Sequential([layers.Flatten(), layers.Dense(16, activation="relu")])
left, right = keras.Input((28, 28, 1)), keras.Input((28, 28, 1))
gap = layers.Subtract()([encoder(left), encoder(right)])
model = keras.Model([left, right], layers.Dense(1, activation="sigmoid")(gap))""")

SKIP = Skeleton("""\
inputs = keras.Input((16,))
x = layers.Dense(16, activation="relu")(inputs)
x = layers.Add()([inputs, x])
model = keras.Model(inputs, layers.Dense(1)(x))""")

PATH_FROM_DATA = Skeleton("""\
class TwoRoads(keras.Model):
    def __init__(self):
        super().__init__()
        self.short = layers.Dense(3)
        self.long = keras.Sequential([layers.Dense(32, activation="relu"), layers.Dense(3)])

    def build(self, input_shape):
        self.short.build(input_shape)
        self.long.build(input_shape)

    def call(self, x):
        easy = keras.ops.max(keras.ops.abs(x)) < 1.0  # one decision for the whole batch
        return keras.ops.cond(easy, lambda: self.short(x), lambda: self.long(x))


model = TwoRoads()""")

OWN_TRAINING = Skeleton("""\
class Turning(keras.Model):
    def train_step(self, *args):
        *state, data = args  # with JAX, Keras also hands over the state of the training
        x, _, _ = keras.utils.unpack_x_y_sample_weight(data)
        turned = [keras.ops.rot90(x, k, axes=(1, 2)) for k in range(4)]
        turns = [keras.ops.full_like(x[:, 0, 0, 0], k) for k in range(4)]  # the new labels
        data = keras.ops.concatenate(turned), keras.ops.concatenate(turns)
        return super().train_step(*state, data)


inputs = keras.Input((28, 28, 1))
x = layers.Dense(16, activation="relu")(layers.Flatten()(inputs))
model = Turning(inputs, layers.Dense(4, activation="softmax")(x))""")
