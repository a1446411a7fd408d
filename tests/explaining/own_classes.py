"""Layers and models as learners write them, with the mistakes that they make."""

from __future__ import annotations

from typing import Any

import keras
from keras import layers, ops


class Split(layers.Layer):
    """Two parts, or one when all of it is the first half."""

    def __init__(self, half: int = 2, **others: Any) -> None:
        super().__init__(**others)
        self.half = half

    def call(self, x: Any) -> Any:
        first, second = x[:, : self.half], x[:, self.half :]
        return first if self.half == x.shape[-1] else (first, second)

    def get_config(self) -> dict[str, Any]:
        return {**super().get_config(), "half": self.half}


class Gate(layers.Layer):
    """A decision in Python."""

    def call(self, x: Any) -> Any:
        if ops.mean(x) > 0:
            return x
        return -x


class Silent(layers.Layer):
    """No result."""

    def call(self, x: Any) -> None:
        x * 2


class Mismatched(keras.Model):
    """Two roads that cannot be added."""

    def __init__(self) -> None:
        super().__init__()
        self.first = layers.Dense(4)
        self.second = layers.Dense(5)
        self.add = layers.Add()

    def call(self, x: Any) -> Any:
        return self.add([self.first(x), self.second(x)])


class Stacked(keras.Model):
    """The second LSTM gets no steps."""

    def __init__(self) -> None:
        super().__init__()
        self.first = layers.LSTM(4)
        self.second = layers.LSTM(3)

    def call(self, x: Any) -> Any:
        return self.second(self.first(x))


class Forgetful(keras.Model):
    """No `super().__init__()`."""

    def __init__(self) -> None:
        self.dense = layers.Dense(4)

    def call(self, x: Any) -> Any:
        return self.dense(x)


class Bare(keras.Model):
    """No `call`."""


class Careless(layers.Layer):
    """A name that does not exist: the learner's own mistake."""

    def call(self, x: Any) -> Any:
        return undefined_name(x)  # type: ignore[name-defined]  # noqa: F821


class Strict(layers.Layer):
    """A check of its own."""

    def call(self, x: Any) -> Any:
        raise ValueError("my own check failed")


class Crop(layers.Layer):
    """Two tensors where a list has one."""

    def call(self, scene: Any, box: Any) -> Any:
        return scene * box


class Index(layers.Layer):
    """A whole number is asked of a tensor."""

    def call(self, x: Any) -> Any:
        return x * int(ops.argmax(x))
