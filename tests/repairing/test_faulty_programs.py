"""Programs that run, each broken in one way: the fault is named, and a repair runs."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import keras
import numpy as np
import pytest
from keras import layers

import seqkit as sk
from seqkit.explaining import Explanation

RNG = np.random.default_rng(0)
N = 40


def floats(*shape: int) -> np.ndarray:
    return RNG.random(shape, dtype="float32")


def classes(count: int, n: int = N) -> np.ndarray:
    return np.arange(n) % count


def one_hot(count: int, n: int = N) -> np.ndarray:
    return np.eye(count, dtype="float32")[classes(count, n)]


@dataclass
class Faulty:
    """A program with one fault, and what must be said of it."""

    name: str
    items: Callable[[], list[Any]]
    loss: str
    x: np.ndarray
    y: np.ndarray
    fault: set[str]
    layer: int | str | None = "any"
    call: str = "fit"
    says: tuple[str, ...] = ()
    repaired: bool = True
    metrics: list[str] = field(default_factory=list)
    taken_by: tuple[str, ...] = ()
    """Backends on which Keras says nothing; then only `sk.lint` can."""


def dense(units: int, activation: str | None = None) -> layers.Layer:
    return layers.Dense(units, activation=activation)


IMAGES, SERIES, TABLE = floats(N, 12, 12, 1), floats(N, 10, 3), floats(N, 5)

PROGRAMS = [
    # labels and loss
    Faulty("integer labels for a one-hot loss",
           lambda: [keras.Input((5,)), dense(8, "relu"), dense(3, "softmax")],
           "categorical_crossentropy", TABLE, classes(3), {"label_output"}, says=("sparse_",)),
    Faulty("the same as a column",
           lambda: [keras.Input((5,)), dense(3, "softmax")],
           "categorical_crossentropy", TABLE, classes(3)[:, None], {"label_output"}),
    Faulty("one-hot labels for the sparse loss",
           lambda: [keras.Input((5,)), dense(3, "softmax")],
           "sparse_categorical_crossentropy", TABLE, one_hot(3), {"label_output"}),
    Faulty("too few units for one-hot labels",
           lambda: [keras.Input((5,)), dense(8, "relu"), dense(2, "softmax")],
           "categorical_crossentropy", TABLE, one_hot(4), {"label_output"}, 1, says=("4",)),
    Faulty("too many units for one-hot labels",
           lambda: [keras.Input((5,)), dense(7, "softmax")],
           "categorical_crossentropy", TABLE, one_hot(4), {"label_output"}, 0),
    Faulty("too few units for integer labels",
           lambda: [keras.Input((5,)), dense(3, "softmax")],
           "sparse_categorical_crossentropy", TABLE, classes(6), {"label_output"}, 0,
           taken_by=("jax",)),
    Faulty("one unit for three classes",
           lambda: [keras.Input((5,)), dense(1, "softmax")],
           "sparse_categorical_crossentropy", TABLE, classes(3), {"label_output"}, 0,
           taken_by=("jax",)),
    Faulty("one unit with softmax for two classes",
           lambda: [keras.Input((5,)), dense(1, "softmax")],
           "sparse_categorical_crossentropy", TABLE, classes(2), {"label_output"}, 0,
           taken_by=("jax",)),
    Faulty("classes that begin at 1",
           lambda: [keras.Input((5,)), dense(3, "softmax")],
           "sparse_categorical_crossentropy", TABLE, classes(3) + 1, {"label_output"},
           says=("begin at 1",),
           taken_by=("jax",)),
    Faulty("binary loss with one-hot labels",
           lambda: [keras.Input((5,)), dense(1, "sigmoid")],
           "binary_crossentropy", TABLE, one_hot(2), {"label_output"}, 0),
    Faulty("binary loss, two units, labels in one column",
           lambda: [keras.Input((5,)), dense(2, "sigmoid")],
           "binary_crossentropy", TABLE, classes(2), {"label_output"}),
    Faulty("two outputs for three targets",
           lambda: [keras.Input((5,)), dense(2)], "mse", TABLE, floats(N, 3), {"label_output"}, 0),
    Faulty("real labels for a class loss",
           lambda: [keras.Input((5,)), dense(4, "softmax")],
           "categorical_crossentropy", TABLE, floats(N), {"label_output"}),
    Faulty("labels as texts",
           lambda: [keras.Input((5,)), dense(3, "softmax")],
           "sparse_categorical_crossentropy", TABLE, np.array(["a", "b", "c", "a"] * 10),
           {"label_output"}),
    Faulty("two units with softmax for the binary loss",
           lambda: [keras.Input((5,)), dense(2, "softmax")],
           "binary_crossentropy", TABLE, classes(2), {"label_output"}, 0, says=("sigmoid",)),
    Faulty("labels in a row",
           lambda: [keras.Input((5,)), dense(1)], "mse", TABLE, floats(1, N), {"feature_input"},
           None),
    Faulty("maps smaller than their labels",
           lambda: [keras.Input((12, 12, 1)), layers.Conv2D(4, 3), layers.Conv2D(1, 1),
                    layers.Activation("sigmoid")],
           "binary_crossentropy", IMAGES, np.round(IMAGES), {"parameter"}, 0, says=("same",)),
    Faulty("maps larger than their labels",
           lambda: [keras.Input((12, 12, 1)), layers.UpSampling2D(2), layers.Conv2D(1, 1)],
           "mse", IMAGES, floats(N, 23, 23, 1), {"label_output"}),
    # open axes
    Faulty("no Flatten after convolutions",
           lambda: [keras.Input((12, 12, 1)), layers.Conv2D(4, 3), dense(8, "relu"),
                    dense(3, "softmax")],
           "sparse_categorical_crossentropy", IMAGES, classes(3), {"adjacent_layer"}, 1,
           says=("Flatten",)),
    Faulty("no Flatten, one-hot",
           lambda: [keras.Input((12, 12, 1)), layers.Conv2D(4, 3), layers.MaxPooling2D(),
                    dense(3, "softmax")],
           "categorical_crossentropy", IMAGES, one_hot(3), {"adjacent_layer"}, 2),
    Faulty("sequences where one answer is meant",
           lambda: [keras.Input((10, 3)), layers.LSTM(4, return_sequences=True),
                    dense(3, "softmax")],
           "sparse_categorical_crossentropy", SERIES, classes(3), {"parameter", "label_output"}, 0),
    Faulty("one answer where every step has a label",
           lambda: [keras.Input((10, 3)), layers.GRU(4), dense(2, "softmax")],
           "categorical_crossentropy", SERIES, np.eye(2)[RNG.integers(0, 2, (N, 10))],
           {"parameter", "label_output"}, 0),
    Faulty("an autoencoder that stays flat",
           lambda: [keras.Input((12, 12, 1)), layers.Flatten(), dense(16, "relu"), dense(144)],
           "mse", IMAGES, IMAGES, {"label_output"}, 2, says=("Reshape((12, 12, 1))",)),
    Faulty("classes and mse",
           lambda: [keras.Input((5,)), dense(3, "softmax")], "mse", TABLE, classes(3),
           {"label_output"}, says=("sparse_categorical_crossentropy",)),
    Faulty("three names for a binary head",
           lambda: [keras.Input((5,)), dense(1, "sigmoid")],
           "binary_crossentropy", TABLE, np.array(["a", "b", "c", "a"] * 10), {"label_output"},
           says=("np.unique", "3 units", "softmax")),
    Faulty("classes 10, 20 and 30",
           lambda: [keras.Input((5,)), dense(3, "softmax")],
           "sparse_categorical_crossentropy", TABLE, 10 * classes(3) + 10, {"label_output"},
           says=("np.unique",), taken_by=("jax",)),
    Faulty("classes 1 to 3 for a one-hot loss",
           lambda: [keras.Input((5,)), dense(3, "softmax")],
           "categorical_crossentropy", TABLE, classes(3) + 1, {"label_output"},
           says=("y = y - 1", "sparse_")),
    Faulty("more steps than labels",
           lambda: [keras.Input((10, 3)), layers.LSTM(4), layers.RepeatVector(10),
                    layers.LSTM(3, return_sequences=True)],
           "mse", SERIES, floats(N, 5, 3), {"parameter"}, 1, says=("RepeatVector(5)",)),
    Faulty("several labels at once for the sparse loss",
           lambda: [keras.Input((5,)), dense(4, "softmax")],
           "sparse_categorical_crossentropy", TABLE, np.tile([1, 0, 1, 0], (N, 1)),
           {"label_output"}, 0, says=("binary_crossentropy", "sigmoid")),
    # data
    Faulty("another width",
           lambda: [keras.Input((7,)), dense(1)], "mse", TABLE, floats(N), {"feature_input"}),
    Faulty("features in rows",
           lambda: [keras.Input((5,)), dense(1)], "mse", TABLE.T.copy(), floats(N),
           {"feature_input"}, None),
    Faulty("one bare example",
           lambda: [keras.Input((5,)), dense(1)], "mse", TABLE[0], floats(1), {"feature_input"},
           None, "predict"),
    Faulty("images for a flat Input",
           lambda: [keras.Input((144,)), dense(3, "softmax")],
           "sparse_categorical_crossentropy", IMAGES, classes(3), {"feature_input"}, None),
    Faulty("flat rows for an image Input",
           lambda: [keras.Input((12, 12, 1)), layers.Conv2D(2, 3), layers.Flatten(),
                    dense(3, "softmax")],
           "sparse_categorical_crossentropy", IMAGES.reshape(N, 144), classes(3),
           {"feature_input"}, None),
    Faulty("channels first",
           lambda: [keras.Input((12, 12, 3)), layers.Conv2D(2, 3), layers.Flatten(), dense(1)],
           "mse", floats(N, 3, 12, 12), floats(N), {"feature_input"}, None),
    Faulty("grey images for a colour Input",
           lambda: [keras.Input((12, 12, 3)), layers.Conv2D(2, 3), layers.Flatten(), dense(1)],
           "mse", floats(N, 12, 12), floats(N), {"feature_input"}),
    Faulty("the number of examples in the Input",
           lambda: [keras.Input((N, 5)), dense(4, "relu"), dense(1)],
           "mse", TABLE, floats(N, 1), {"feature_input"}),
    Faulty("no feature axis for an LSTM",
           lambda: [layers.LSTM(4), dense(1)], "mse", TABLE, floats(N), {"feature_input"}),
    Faulty("vectors for a Conv1D",
           lambda: [layers.Conv1D(4, 3), layers.Flatten(), dense(1)], "mse", TABLE, floats(N),
           {"feature_input"}),
    Faulty("images without channels for a Conv2D",
           lambda: [layers.Conv2D(4, 3), layers.Flatten(), dense(1)], "mse", floats(N, 12, 12),
           floats(N), {"feature_input"}),
    Faulty("labels of other examples",
           lambda: [keras.Input((5,)), dense(1)], "mse", TABLE, floats(N - 3), {"feature_input"},
           None, repaired=False),
    Faulty("integers beyond the Embedding",
           lambda: [keras.Input((6,), dtype="int32"), layers.Embedding(10, 4), layers.Flatten(),
                    dense(1)],
           "mse", RNG.integers(0, 30, (N, 6)), floats(N), {"feature_input", "parameter"}, 0),
    # neighbours, seen only when the data comes
    Faulty("stacked LSTM without sequences",
           lambda: [layers.LSTM(4), layers.LSTM(4), dense(1)], "mse", SERIES, floats(N),
           {"parameter", "adjacent_layer"}, 0,
           taken_by=("jax",)),
    Faulty("Conv1D for images",
           lambda: [layers.Conv1D(4, 3), layers.Flatten(), dense(1)], "mse", IMAGES, floats(N),
           {"feature_input", "adjacent_layer"}),
    Faulty("Flatten before a Conv2D",
           lambda: [layers.Flatten(), layers.Conv2D(4, 3), dense(1)], "mse", IMAGES, floats(N),
           {"adjacent_layer"}),
    Faulty("too many poolings",
           lambda: [layers.Conv2D(4, 3), layers.MaxPooling2D(4), layers.Conv2D(4, 3),
                    layers.Flatten(), dense(1)],
           "mse", IMAGES, floats(N), {"parameter", "adjacent_layer"},
           taken_by=("jax",)),
]  # fmt: skip


def explain(faulty: Faulty, filtered: bool) -> Explanation:
    """Run the program as a user would, and explain what it raises."""
    switch = keras.config.enable_traceback_filtering if filtered else None
    (switch or keras.config.disable_traceback_filtering)()
    x, y = faulty.x.copy(), faulty.y.copy()
    try:
        model = keras.Sequential(faulty.items())
        model.compile("sgd", loss=faulty.loss, metrics=faulty.metrics)
        if faulty.call == "predict":
            model.predict(x, verbose=0)
        else:
            model.fit(x, y, epochs=1, verbose=0)
    except Exception as error:
        return sk.explain(error)
    finally:
        keras.config.enable_traceback_filtering()
    if keras.backend.backend() in faulty.taken_by:
        pytest.skip("this backend takes the program")
    raise AssertionError(f"Keras accepts: {faulty.name}")


@pytest.mark.parametrize("faulty", PROGRAMS, ids=lambda one: one.name)
def test_fault_and_layer_are_named_and_the_repair_runs(faulty: Faulty) -> None:
    explanation = explain(faulty, filtered=True)
    assert explanation.fault in faulty.fault, explanation
    if faulty.layer != "any":
        place = None if explanation.layer is None else explanation.layer.index
        assert place == faulty.layer, explanation
    assert all(word in str(explanation) for word in faulty.says), explanation
    assert explanation.verified is faulty.repaired, explanation
    if faulty.repaired:
        runs_as_written(explanation, faulty)


def runs_as_written(explanation: Explanation, faulty: Faulty) -> None:
    """The code stands alone, but for the names of the data."""
    namespace: dict[str, Any] = {"x": faulty.x, "y": faulty.y}
    exec(explanation.fix_code, namespace)
    if faulty.call == "predict":
        namespace["model"].predict(namespace["x"], verbose=0)
    else:
        namespace["model"].fit(namespace["x"], namespace["y"], epochs=1, verbose=0)


def test_a_model_that_has_learned_keeps_its_layers() -> None:
    model = keras.Sequential([keras.Input((5,)), dense(3, "softmax")])
    model.compile("sgd", "categorical_crossentropy")
    model.fit(TABLE, one_hot(3), verbose=0)
    test_labels = classes(3)
    try:
        model.evaluate(TABLE, test_labels, verbose=0)
    except Exception as error:
        explanation = sk.explain(error)
    assert explanation.fault == "label_output"
    assert "test_labels = keras.utils.to_categorical(test_labels, 3)" in explanation.fix
    assert 'loss="categorical_crossentropy"' in explanation.fix_code


def test_data_without_a_name_is_not_called_by_the_name_of_other_data() -> None:
    x = floats(50, 6)
    model = keras.Sequential([keras.Input((6,)), dense(1)])
    try:
        model.predict(x[0], verbose=0)
    except Exception as error:
        explanation = sk.explain(error)
    assert "data has the shape (6,)" in explanation.what_happened
    assert "x = " not in explanation.fix_code
