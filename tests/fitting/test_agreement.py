"""What is said of labels, output and loss is what Keras does with them."""

from __future__ import annotations

import itertools
from typing import Any

import keras
import numpy as np
import pytest
from keras import layers

from seqkit.fitting import disagreements, head_of, label_facts, loss_needs
from seqkit.fitting.agreement import agree_in_shape
from seqkit.graph import read

OUTPUTS: dict[str, tuple[tuple[int, ...], int]] = {
    "(3,)": ((4,), 3),
    "(1,)": ((4,), 1),
    "(5, 3)": ((5, 4), 3),
    "(5, 1)": ((5, 4), 1),
    "(2, 2, 3)": ((2, 2, 4), 3),
    "(2, 2, 1)": ((2, 2, 4), 1),
}
LABELS: dict[str, tuple[int, ...]] = {
    "one number": (8,),
    "a column": (8, 1),
    "rows of 3": (8, 3),
    "rows of 4": (8, 4),
    "rows of 5": (8, 5),
    "rows of 5 and 1": (8, 5, 1),
    "rows of 5 and 3": (8, 5, 3),
    "maps": (8, 2, 2, 1),
}
LOSSES = {
    "categorical_crossentropy": "softmax",
    "sparse_categorical_crossentropy": "softmax",
    "binary_crossentropy": "sigmoid",
    "mean_squared_error": None,
    "hinge": "tanh",
    "kl_divergence": "softmax",
}


def keras_accepts(model: keras.Model, labels: np.ndarray) -> bool:
    x = np.zeros((8, *model.input_shape[1:]), dtype="float32")
    try:
        model.train_on_batch(x, labels)
    except Exception:
        return False
    return True


@pytest.mark.parametrize("loss", LOSSES)
def test_shapes_agree_exactly_where_keras_accepts_them(loss: str) -> None:
    needs = loss_needs(loss)
    assert needs is not None
    for (name, (entry, units)), (rows, shape) in itertools.product(OUTPUTS.items(), LABELS.items()):
        model = keras.Sequential([keras.Input(entry), layers.Dense(units, activation=LOSSES[loss])])
        model.compile(loss=loss, optimizer="sgd", run_eagerly=True)
        if keras.backend.backend() == "torch" and rows == "maps" and needs.targets == "integers":
            continue  # there Keras refuses labels for every place of a map, however they fit
        labels = np.zeros(shape, dtype="int32")  # class 0 is within every range
        if needs.task == "regression" and len(shape) < len(model.output_shape) - 1:
            continue  # NumPy's rule then compares the batch axis with another: it depends on n
        said = agree_in_shape(model.output_shape, shape, needs)
        assert said == keras_accepts(model, labels), (loss, name, rows)


def found(loss: Any, y: np.ndarray, *items: Any) -> list[str]:
    head, needs, labels = head_of(read(list(items))), loss_needs(loss), label_facts(y)
    assert head and needs and labels
    return [one.kind for one in disagreements(head, needs, labels)]


SOFTMAX = [keras.Input((4,)), layers.Dense(3, activation="softmax")]
MAPS = [keras.Input((6, 6, 4)), layers.Dense(3, activation="softmax")]
INTEGERS, ONE_HOT = np.array([0, 2, 1, 1]), np.eye(3)[[0, 2, 1, 1]]


@pytest.mark.parametrize(
    ("loss", "y", "items", "kinds"),
    [
        ("categorical_crossentropy", INTEGERS, SOFTMAX, ["integer labels"]),
        ("categorical_crossentropy", ONE_HOT, SOFTMAX, []),
        ("sparse_categorical_crossentropy", ONE_HOT, SOFTMAX, ["one-hot labels"]),
        ("sparse_categorical_crossentropy", INTEGERS, SOFTMAX, []),
        ("sparse_categorical_crossentropy", INTEGERS + 1, SOFTMAX, ["class out of range"]),
        ("categorical_crossentropy", np.eye(4), SOFTMAX, ["output width"]),
        ("sparse_categorical_crossentropy", INTEGERS, MAPS, ["open axes"]),
        ("categorical_crossentropy", ONE_HOT, MAPS, ["open axes"]),
        ("mse", np.zeros((4, 5, 1)), SOFTMAX, ["missing axes"]),
        ("mse", np.zeros((4, 1)), SOFTMAX, ["broadcast"]),
        (
            "binary_crossentropy",
            np.array([-1.0, 1.0]),
            [keras.Input((4,)), layers.Dense(1)],
            ["labels not 0 and 1"],
        ),
    ],
)
def test_each_kind_is_found(loss: str, y: np.ndarray, items: list[Any], kinds: list[str]) -> None:
    assert found(loss, y, *items) == kinds


@pytest.mark.parametrize(
    ("items", "activation", "kind"),
    [
        ([layers.Dense(3, activation="softmax")], "softmax", "Dense"),
        ([layers.Dense(3), layers.Softmax()], "softmax", "Dense"),
        ([layers.Dense(3), layers.Activation("sigmoid"), layers.Flatten()], "sigmoid", "Dense"),
        ([layers.Dense(3)], "linear", "Dense"),
        ([layers.Dense(3), layers.ReLU()], "relu", "Dense"),
        ([layers.Lambda(lambda x: x)], "unknown", "Lambda"),
        (
            [keras.Sequential([keras.Input((4,)), layers.Dense(2, "sigmoid")])],
            "sigmoid",
            "Sequential",
        ),
    ],
)
def test_the_head_knows_its_activation(items: list[Any], activation: str, kind: str) -> None:
    head = head_of(read([keras.Input((4,)), *items]))
    assert head is not None
    assert (head.activation, head.node.kind) == (activation, kind)


def test_an_activation_function_in_a_functional_model_counts() -> None:
    inputs = keras.Input((4,))
    model = keras.Model(inputs, keras.activations.softmax(layers.Dense(3)(inputs)))
    head = head_of(read(model))
    assert head is not None
    assert head.activation == "softmax"
