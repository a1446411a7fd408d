"""A skip connection: the input of a block is added to its output (He et al. 2016)."""

from __future__ import annotations

import keras
import numpy as np
from keras import layers

from seqkit.graph import read
from seqkit.limits.limit import Check, Limit, LimitAttempt
from seqkit.limits.measure import same_with_equal_weights

SHAPE = (28, 28, 16)


def add_in_the_list() -> keras.Model:
    """The merge layer is put where its result is wanted."""
    return keras.Sequential(
        [
            keras.Input((28, 28, 16)),
            layers.Conv2D(16, 3, padding="same", activation="relu"),
            layers.Conv2D(16, 3, padding="same"),
            layers.Add(),
            layers.Activation("relu"),
        ]
    )


def add_with_the_layers() -> keras.Model:
    """The merge layer is given the layers instead of their outputs."""
    first = layers.Conv2D(16, 3, padding="same", activation="relu")
    second = layers.Conv2D(16, 3, padding="same")
    return keras.Sequential(
        [keras.Input((28, 28, 16)), first, second, layers.Add()([first, second])]
    )


def leave_the_skip_out() -> keras.Model:
    """Without the skip it builds, and is another network."""
    return keras.Sequential(
        [
            keras.Input((28, 28, 16)),
            layers.Conv2D(16, 3, padding="same", activation="relu"),
            layers.Conv2D(16, 3, padding="same"),
            layers.Activation("relu"),
        ]
    )


def fix() -> keras.Model:
    """The block with its skip, in the Functional API."""
    inputs = keras.Input((28, 28, 16))
    x = layers.Conv2D(16, 3, padding="same", activation="relu")(inputs)
    x = layers.Conv2D(16, 3, padding="same")(x)
    x = layers.Add()([x, inputs])
    outputs = layers.Activation("relu")(x)
    return keras.Model(inputs, outputs)


@keras.saving.register_keras_serializable("seqkit")
class Residual(layers.Layer):
    """A block of two convolutions and its skip, as one layer.

    Args:
        filters: channels of the block; its input must have the same number.
    """

    def __init__(self, filters: int, **kwargs: object) -> None:
        super().__init__(**kwargs)
        self.filters = filters
        self.first = layers.Conv2D(filters, 3, padding="same", activation="relu")
        self.second = layers.Conv2D(filters, 3, padding="same")

    def build(self, input_shape: tuple[int | None, ...]) -> None:
        """Make the weights of both convolutions."""
        self.first.build(input_shape)
        self.second.build((*input_shape[:-1], self.filters))

    def call(self, inputs: keras.KerasTensor) -> keras.KerasTensor:
        """Add the input to what the convolutions make of it."""
        return keras.ops.relu(self.second(self.first(inputs)) + inputs)

    def get_config(self) -> dict[str, object]:
        """Return what `from_config` needs to make the same layer."""
        return {**super().get_config(), "filters": self.filters}


def workaround() -> keras.Model:
    """The skip hidden inside a layer of one's own."""
    return keras.Sequential([keras.Input((28, 28, 16)), Residual(16)])


def evidence() -> tuple[Check, ...]:
    """What must be true of the fix and the way round."""
    fixed, plain, hidden = fix(), leave_the_skip_out(), workaround()
    x = np.abs(np.random.default_rng(0).normal(size=(2, *SHAPE))).astype("float32")
    return (
        Check("the fix keeps the shape", fixed.output_shape == (None, *SHAPE), "Check `fix`."),
        Check(
            "Add takes the input as well as the convolution",
            _add_takes_input(fixed),
            "Check `fix`.",
        ),
        Check(
            "the skip costs no parameters: both nets have 4,640",
            fixed.count_params() == plain.count_params() == 4640,
            "Count again in the lesson.",
        ),
        Check(
            "with all weights zero the block hands its input on; without a skip nothing is left",
            _passes_when_silent(fixed, x) and not _passes_when_silent(plain, x),
            "The skip does not reach the output.",
        ),
        Check(
            "the custom layer computes the same as the fix",
            same_with_equal_weights(fixed, hidden, x),
            "Check `Residual`.",
        ),
        Check(
            "the way round shows one row where the fix shows its parts",
            len(read(hidden).nodes) == 1 < len(read(fixed).nodes),
            "Change the price in the lesson.",
        ),
    )


def _add_takes_input(model: keras.Model) -> bool:
    graph = read(model)
    add = next(node for node in graph.nodes if node.kind == "Add")
    return 0 in [edge.source for edge in add.inputs]


def _passes_when_silent(model: keras.Model, x: np.ndarray) -> bool:
    """Whether a positive input comes out unchanged when every weight is zero."""
    model.set_weights([np.zeros_like(weight) for weight in model.get_weights()])
    return bool(np.allclose(keras.ops.convert_to_numpy(model(x)), x))


LIMIT = Limit(
    name="residual",
    title="A skip connection cannot be written as a list",
    lesson=12,
    claims=("A2.1", "A2.1b", "C6"),
    attempts=(
        LimitAttempt("Add() in the list", add_in_the_list, pattern="residual"),
        LimitAttempt("Add() called on layers", add_with_the_layers, pattern="layer_as_tensor"),
        LimitAttempt("the skip left out", leave_the_skip_out, loud=False),
    ),
    why=(
        "Add needs two tensors: the block's output and its input. A Sequential hands each layer "
        "one tensor and keeps no name for an earlier one."
    ),
    fix_function=fix,
    evidence=evidence,
    workaround_function=workaround,
    price="a layer of one's own; the skip is hidden from summary(), from drawings and from reuse",
)
