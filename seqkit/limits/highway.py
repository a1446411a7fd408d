"""A highway block: a gate mixes the new value with the old one (Srivastava et al. 2015)."""

from __future__ import annotations

from collections.abc import Callable

import keras
import numpy as np
from keras import layers

from seqkit.limits.limit import Check, Limit, LimitAttempt
from seqkit.limits.measure import (
    answer,
    gap,
    readers,
    rows,
    same_with_equal_weights,
    share_right,
    train,
    with_known_weights,
)

UNITS = 32
DEPTH = 5  # blocks in the training check
ROWS, TRAIN = 1024, 768
EPOCHS = 5


def multiply_in_the_list() -> keras.Model:
    """The gate, and the layer that shall multiply by it, in one row."""
    return keras.Sequential(
        [
            keras.Input((32,)),
            layers.Dense(32, activation="relu"),
            layers.Dense(32, activation="sigmoid"),
            layers.Multiply(),
        ]
    )


def multiply_with_the_layers() -> keras.Model:
    """The merge layer is given the layers instead of their outputs."""
    new = layers.Dense(32, activation="relu")
    gate = layers.Dense(32, activation="sigmoid")
    return keras.Sequential([keras.Input((32,)), new, gate, layers.Multiply()([new, gate])])


def a_sigmoid_in_the_row() -> keras.Model:
    """The gate stands in the one road: it builds, and gates nothing."""
    return keras.Sequential(
        [
            keras.Input((32,)),
            layers.Dense(32, activation="relu"),
            layers.Dense(
                32, activation="sigmoid", bias_initializer=keras.initializers.Constant(-2)
            ),
        ]
    )


def fix() -> keras.Model:
    """The block with its gate, in the Functional API."""
    shut = keras.initializers.Constant(-2)
    inputs = keras.Input((32,))
    new = layers.Dense(32, activation="relu")(inputs)
    gate = layers.Dense(32, activation="sigmoid", bias_initializer=shut)(inputs)
    change = layers.Multiply()([gate, layers.Subtract()([new, inputs])])
    outputs = layers.Add()([inputs, change])  # gate · new + (1 - gate) · inputs
    return keras.Model(inputs, outputs)


@keras.saving.register_keras_serializable("seqkit")
class Highway(layers.Layer):
    """A Dense layer, its gate and the mixture, as one layer.

    Args:
        units: units of the block; its input must have the same number.
        gate_bias: the first bias of the gate; below zero it lets most of the input through.
    """

    def __init__(self, units: int, gate_bias: float = -2.0, **kwargs: object) -> None:
        super().__init__(**kwargs)
        self.units = units
        self.gate_bias = gate_bias
        shut = keras.initializers.Constant(gate_bias)
        self.new = layers.Dense(units, activation="relu")
        self.gate = layers.Dense(units, activation="sigmoid", bias_initializer=shut)

    def build(self, input_shape: tuple[int | None, ...]) -> None:
        """Make the weights of the layer and of its gate."""
        self.new.build(input_shape)
        self.gate.build(input_shape)

    def call(self, inputs: keras.KerasTensor) -> keras.KerasTensor:
        """Mix the new value and the input, each with its share."""
        return inputs + self.gate(inputs) * (self.new(inputs) - inputs)

    def get_config(self) -> dict[str, object]:
        """Return what `from_config` needs to make the same layer."""
        return {**super().get_config(), "units": self.units, "gate_bias": self.gate_bias}


def workaround() -> keras.Model:
    """The gate hidden inside a layer of one's own."""
    return keras.Sequential([keras.Input((32,)), Highway(32)])


def evidence() -> tuple[Check, ...]:
    """What must be true of the fix and of the way round."""
    fixed, row, hidden = fix(), a_sigmoid_in_the_row(), workaround()
    x = np.random.default_rng(0).normal(size=(8, UNITS)).astype("float32")
    return (
        Check("the fix keeps the shape", fixed.output_shape == (None, UNITS), "Check `fix`."),
        Check(
            "both nets have 2,112 parameters; the merging itself has none",
            (fixed.count_params(), row.count_params()) == (2112, 2112),
            "Count again in lesson 12.",
        ),
        Check(
            "the input is read four times: by the layer, the gate, Subtract and Add",
            readers(fixed) == 4,
            "Check `fix`.",
        ),
        Check(
            "a shut gate hands the input on, an open one hands on the new value alone",
            gap(_with_gate(fixed, -30, x), x) < 1e-4
            and gap(_with_gate(fixed, 30, x), _new_value(fixed, x)) < 1e-4,
            "The gate does not mix.",
        ),
        Check(
            "with all weights zero, half of the input comes out: the gate is at sigmoid(0) = 0.5",
            gap(_silenced(fixed, x), x / 2) < 1e-5,
            "Check `fix`.",
        ),
        Check(
            "in the row the same numbers give the same answer for every input",
            gap(_silenced(row, x), np.full_like(x, 0.5)) < 1e-5,
            "Change the text of lesson 12.",
        ),
        Check(
            "the custom layer computes the same as the fix",
            same_with_equal_weights(fixed, hidden, x),
            "Check `Highway`.",
        ),
        Check(
            "the way round shows one row where the fix shows its parts",
            rows(hidden) == 1 < rows(fixed),
            "Change the price in lesson 12.",
        ),
    )


def trained() -> tuple[Check, ...]:
    """The fix learns where the stack that builds does not; a row without gates learns, too.

    On rows drawn with seeds 0 to 4: 88 to 93 %, 46 to 56 %, and 91 to 94 %.
    """
    x, labels = _rows()
    bodies = (fix, a_sigmoid_in_the_row, no_gate)
    gated, plain, ungated = (_accuracy(body, x, labels) for body in bodies)
    return (
        Check(
            f"{DEPTH} highway blocks learn a simple rule in {EPOCHS} epochs (over 75 %)",
            gated > 0.75,
            f"Test accuracy was {gated:.0%}.",
        ),
        Check(
            "the same layers in a row are at least 10 points behind (guessing gives 50 %)",
            plain < gated - 0.1,
            f"Test accuracy was {plain:.0%}.",
        ),
        Check(
            f"a row of {DEPTH} Dense layers without gates learns it, too: gates are for depth",
            ungated > 0.75,
            f"Test accuracy was {ungated:.0%}.",
        ),
    )


def no_gate() -> keras.Model:
    """The new value alone."""
    return keras.Sequential(
        [keras.Input((UNITS,)), layers.Dense(UNITS, activation="relu")],
    )


def _rows() -> tuple[np.ndarray, np.ndarray]:
    """Rows of numbers, and whether the first half of a row has the larger sum."""
    x = np.random.default_rng(0).normal(size=(ROWS, UNITS)).astype("float32")
    half = UNITS // 2
    larger = x[:, :half].sum(axis=1, keepdims=True) > x[:, half:].sum(axis=1, keepdims=True)
    return x, larger.astype("float32")


def _accuracy(block: Callable[[], keras.Model], x: np.ndarray, labels: np.ndarray) -> float:
    """Put many blocks and a head together, train them, and measure on other rows."""
    inputs = end = keras.Input((UNITS,))
    for _ in range(DEPTH):
        end = block()(end)
    model = keras.Model(inputs, layers.Dense(1, activation="sigmoid")(end))
    train(model, x[:TRAIN], labels[:TRAIN], "binary_crossentropy", epochs=EPOCHS, rate=0.02)
    return share_right(model, x[TRAIN:], labels[TRAIN:])


def _with_gate(model: keras.Model, bias: float, x: np.ndarray) -> np.ndarray:
    """The answer when the gate's kernel is zero and its bias is this number."""
    kernel, new_bias, gate_kernel, gate_bias = with_known_weights(model).get_weights()
    model.set_weights([kernel, new_bias, np.zeros_like(gate_kernel), np.full_like(gate_bias, bias)])
    return answer(model, x)


def _new_value(model: keras.Model, x: np.ndarray) -> np.ndarray:
    """What the layer without its gate gives, worked out by hand."""
    kernel, bias, *_ = with_known_weights(model).get_weights()
    return np.maximum(x @ kernel + bias, 0)


def _silenced(model: keras.Model, x: np.ndarray) -> np.ndarray:
    model.set_weights([np.zeros_like(weight) for weight in model.get_weights()])
    return answer(model, x)


LIMIT = Limit(
    name="highway",
    title="A gate between the old value and the new one cannot be written as a list",
    lesson=12,
    claims=("A2.1",),
    attempts=(
        LimitAttempt("Multiply() after the gate", multiply_in_the_list, pattern="gate"),
        LimitAttempt(
            "Multiply() called on layers", multiply_with_the_layers, pattern="layer_as_tensor"
        ),
        LimitAttempt("the gate as one more layer", a_sigmoid_in_the_row, loud=False),
    ),
    why=(
        "A gate needs three tensors at one place: the new value, the old value and the share of "
        "each. A Sequential has one tensor at each place."
    ),
    fix_function=fix,
    evidence=evidence,
    trained=trained,
    workaround_function=workaround,
    price="a layer of one's own; the gate, which one wants to look at, is hidden inside it",
)
