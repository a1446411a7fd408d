"""The networks of `training_speed.py` in Keras, and the worker that trains them.

    python -m tests.benchmarks.training_nets_keras

It reads questions from its input; KERAS_BACKEND tells the backend.
"""

from __future__ import annotations

import statistics
import sys
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import keras
from keras import layers

import seqkit as sk
from tests.benchmarks.training_nets import (
    LENGTH,
    MOST_EPOCHS,
    NETS,
    VOCABULARY,
    Bench,
    Task,
    load,
    seconds_of,
    serve,
)


def mlp() -> keras.Model:
    return keras.Sequential(
        [
            keras.Input((784,)),
            layers.Dense(32, activation="relu"),
            layers.Dense(10, activation="softmax"),
        ]
    )


def cnn() -> keras.Model:
    small = keras.regularizers.L2(NETS["cnn"].l2)
    return keras.Sequential(
        [
            keras.Input((28, 28, 1)),
            layers.Conv2D(16, 3, strides=2, activation="relu", kernel_regularizer=small),
            layers.BatchNormalization(momentum=0.9),
            layers.Conv2D(32, 3, activation="relu", kernel_regularizer=small),
            layers.BatchNormalization(momentum=0.9),
            layers.MaxPooling2D(2),
            layers.Flatten(),
            layers.Dropout(0.3),
            layers.Dense(10, activation="softmax"),
        ]
    )


def lstm() -> keras.Model:
    return keras.Sequential(
        [
            keras.Input((LENGTH,)),  # lesson 05: any length; fixed, its cost can be counted
            layers.Embedding(VOCABULARY, 16, mask_zero=True),
            layers.LSTM(16),
            layers.Dense(1, activation="sigmoid"),
        ]
    )


def _residual(x: Any, filters: int, strides: int = 1) -> Any:
    before = x
    x = layers.Conv2D(filters, 3, strides=strides, padding="same", activation="relu")(x)
    x = layers.Conv2D(filters, 3, padding="same")(x)
    if before.shape != x.shape:
        before = layers.Conv2D(filters, 1, strides=strides)(before)
    return layers.Activation("relu")(layers.Add()([x, before]))


def resnet() -> keras.Model:
    inputs = keras.Input((28, 28, 1))
    x = layers.Conv2D(8, 3, strides=2, padding="same", activation="relu")(inputs)
    x = _residual(_residual(x, 8), 16, strides=2)
    return keras.Model(inputs, layers.Dense(10, activation="softmax")(layers.Flatten()(x)))


class Positions(layers.Layer):
    """Adds a learned vector for each place."""

    def build(self, input_shape: tuple[int, ...]) -> None:
        self.supports_masking = True
        self.table = self.add_weight(shape=input_shape[1:], initializer="uniform")

    def call(self, x: Any) -> Any:
        return x + self.table


def transformer() -> keras.Model:
    inputs = keras.Input((LENGTH,))
    x = Positions()(layers.Embedding(VOCABULARY, 16, mask_zero=True)(inputs))
    seen = layers.MultiHeadAttention(2, 8)(x, x)  # its map is only drawn in the lesson
    x = layers.LayerNormalization()(layers.Add()([x, seen]))
    worked = layers.Dense(16)(layers.Dense(32, activation="relu")(x))
    x = layers.LayerNormalization()(layers.Add()([x, worked]))
    x = layers.GlobalAveragePooling1D()(x)
    return keras.Model(inputs, layers.Dense(1, activation="sigmoid")(x))


BUILDERS: dict[str, Callable[[], keras.Model]] = {
    "mlp": mlp,
    "cnn": cnn,
    "lstm": lstm,
    "resnet": resnet,
    "transformer": transformer,
}


class TimedPlot(sk.LivePlot):
    """A live plot that knows what it took, in all and for the picture at the end."""

    seconds = 0.0
    last = 0.0

    def on_train_begin(self, logs: Mapping[str, float] | None = None) -> None:
        self.seconds += seconds_of(lambda: super(TimedPlot, self).on_train_begin(logs))

    def on_epoch_begin(self, epoch: int, logs: Mapping[str, float] | None = None) -> None:
        self.seconds += seconds_of(lambda: super(TimedPlot, self).on_epoch_begin(epoch, logs))

    def on_epoch_end(self, epoch: int, logs: Mapping[str, float] | None = None) -> None:
        self.seconds += seconds_of(lambda: super(TimedPlot, self).on_epoch_end(epoch, logs))

    def on_train_end(self, logs: Mapping[str, float] | None = None) -> None:
        self.last = seconds_of(lambda: super(TimedPlot, self).on_train_end(logs))
        self.seconds += self.last


class Until(keras.callbacks.Callback):
    """Stops at a test accuracy. The seconds are those of the training, without the test."""

    def __init__(self, x: Any, y: Any, goal: float) -> None:
        super().__init__()
        self.x, self.y, self.goal = x, y, goal
        self.found = {"seconds": 0.0, "epochs": 0, "accuracy": 0.0}

    def on_epoch_begin(self, epoch: int, logs: Mapping[str, float] | None = None) -> None:
        self._started = time.perf_counter()

    def on_epoch_end(self, epoch: int, logs: Mapping[str, float] | None = None) -> None:
        self.found["seconds"] += time.perf_counter() - self._started
        self.found["epochs"] = epoch + 1
        tested = self.model.evaluate(self.x, self.y, batch_size=500, verbose=0, return_dict=True)
        self.found["accuracy"] = tested["accuracy"]
        self.model.stop_training = tested["accuracy"] >= self.goal


@dataclass
class Ready:
    """A compiled model with its data, and its optimizer as it was before the first step."""

    model: keras.Model
    x: Any
    y: Any
    fresh: list[Any]


class KerasBench(Bench):
    def __init__(self, task: Task) -> None:
        keras.config.set_dtype_policy(task.precision)
        self.task, self.net = task, NETS[task.net]
        self.data = load(task)
        self.binary = self.net.data == "reviews"
        self._ready: dict[bool, Ready] = {}

    def about(self) -> dict[str, Any]:
        parameters = BUILDERS[self.task.net]().count_params()
        return {
            "device": str(sk.device()).removeprefix("device: "),
            "parameters": parameters,
            "examples": len(self.data.x),
        }

    def run(self, path: str, epochs: int) -> dict[str, float]:
        plot = TimedPlot() if path == "live" else None
        if plot:
            _enter_shell()
        seconds = seconds_of(lambda: self._fit(path, epochs, plot))
        strange = "tensorflow" in sys.modules and keras.backend.backend() != "tensorflow"
        assert not strange, "something imported TensorFlow"
        return {"seconds": seconds} | (
            {"plot": plot.seconds, "last": plot.last} if plot is not None else {}
        )

    def to_accuracy(self, path: str, seed: int) -> dict[str, float]:
        if self._key(path) not in self._ready:
            self._fit(path, 1)  # it compiles
        ready = self._ready_for(path)
        sk.seed(seed)
        ready.model.set_weights(BUILDERS[self.task.net]().get_weights())
        for variable, value in zip(ready.model.optimizer.variables, ready.fresh, strict=True):
            variable.assign(value)
        assert self.net.goal is not None
        until = Until(self.data.x_test, self.data.y_test, self.net.goal)
        self._fit(path, MOST_EPOCHS, until)
        return until.found

    def product(self, size: int) -> Callable[[], object]:
        kind = "bfloat16" if self.task.precision == "mixed_bfloat16" else "float32"
        one, other = (keras.ops.cast(keras.random.normal((size, size)), kind) for _ in range(2))
        return lambda: float(keras.ops.cast(keras.ops.matmul(one, other)[0, 0], "float32"))

    def costs(self) -> dict[str, float]:
        """Multiply-adds of an example, and the seconds of a trace as a notebook shows it."""
        model = BUILDERS[self.task.net]()
        trace = sk.trace(model, cost=True)
        assert {row.kind for row in trace.not_counted} <= {"Positions"}, trace
        times = [seconds_of(lambda: sk.trace(model)._repr_mimebundle_()) for _ in range(5)]
        return {
            "multiply_adds": trace.total_multiply_adds,
            "trace": statistics.median(times),
        }

    def _fit(self, path: str, epochs: int, callback: Any = None) -> None:
        ready = self._ready_for(path)
        ready.model.fit(
            ready.x,
            ready.y,
            batch_size=self.task.batch,
            epochs=epochs,
            verbose=0,
            callbacks=[callback] if callback is not None else None,
        )

    def _key(self, path: str) -> bool:
        return path == "fast"  # the live plot watches the plain model: nothing is compiled for it

    def _ready_for(self, path: str) -> Ready:
        key = self._key(path)
        if key not in self._ready:
            x, y, options = self.data.x, self.data.y, {}
            if key:
                fast = sk.fast_path(x, y, batch_size=self.task.batch)
                x, y, options = fast.x, fast.y, fast.compile_options
            model = BUILDERS[self.task.net]()
            model.compile(
                keras.optimizers.Adam(self.net.rate),
                "binary_crossentropy" if self.binary else "sparse_categorical_crossentropy",
                metrics=["accuracy"] if self.task.metrics else None,
                **options,
            )
            model.optimizer.build(model.trainable_variables)
            fresh = [keras.ops.convert_to_numpy(one) for one in model.optimizer.variables]
            self._ready[key] = Ready(model, x, y, fresh)
        return self._ready[key]


def _enter_shell() -> None:
    """As in a notebook: from now on `seqkit.display.in_notebook()` is true."""
    from IPython.core.interactiveshell import InteractiveShell
    from traitlets.config import Config

    InteractiveShell.instance(config=Config({"HistoryManager": {"enabled": False}}))


if __name__ == "__main__":
    serve(KerasBench)
