"""Parallel branches: windows of several sizes side by side, then joined (Szegedy et al. 2015)."""

from __future__ import annotations

from typing import Any

import keras
import numpy as np
from keras import layers

from seqkit.graph import read
from seqkit.limits.limit import Check, Limit, LimitAttempt
from seqkit.limits.measure import alike, answer, with_random_weights

# The first block of GoogLeNet takes 28 × 28 × 192; here all its widths are divided by eight.
SHAPE = (28, 28, 24)
PARAMETERS = 2598
WITHOUT_NARROWING = 6176


def a_list_as_an_item() -> keras.Model:
    """Four branches, written as a list inside the list."""
    return keras.Sequential(
        [
            keras.Input((28, 28, 24)),
            [
                layers.Conv2D(8, 1, activation="relu"),
                [layers.Conv2D(12, 1, activation="relu"), layers.Conv2D(16, 3, padding="same")],
                [layers.Conv2D(2, 1, activation="relu"), layers.Conv2D(4, 5, padding="same")],
                [layers.MaxPooling2D(3, strides=1, padding="same"), layers.Conv2D(4, 1)],
            ],
            layers.Concatenate(),
        ]
    )


def concatenate_in_the_list() -> keras.Model:
    """The branches in one row, and the layer that shall join them at the end."""
    return keras.Sequential(
        [
            keras.Input((28, 28, 24)),
            layers.Conv2D(8, 1, activation="relu"),
            layers.Conv2D(16, 3, padding="same", activation="relu"),
            layers.Conv2D(4, 5, padding="same", activation="relu"),
            layers.Concatenate(),
        ]
    )


def one_after_the_other() -> keras.Model:
    """The branches in one row: it builds, and is another network."""
    return keras.Sequential(
        [
            keras.Input((28, 28, 24)),
            layers.Conv2D(8, 1, activation="relu"),
            layers.Conv2D(16, 3, padding="same", activation="relu"),
            layers.Conv2D(4, 5, padding="same", activation="relu"),
            layers.MaxPooling2D(3, strides=1, padding="same"),
            layers.Conv2D(4, 1, activation="relu"),
        ]
    )


def fix() -> keras.Model:
    """The block with its four branches, in the Functional API."""
    inputs = keras.Input((28, 28, 24))
    one = layers.Conv2D(8, 1, activation="relu")(inputs)
    three = layers.Conv2D(12, 1, activation="relu")(inputs)
    three = layers.Conv2D(16, 3, padding="same", activation="relu")(three)
    five = layers.Conv2D(2, 1, activation="relu")(inputs)
    five = layers.Conv2D(4, 5, padding="same", activation="relu")(five)
    pool = layers.MaxPooling2D(3, strides=1, padding="same")(inputs)
    pool = layers.Conv2D(4, 1, activation="relu")(pool)
    outputs = layers.Concatenate()([one, three, five, pool])
    return keras.Model(inputs, outputs)


@keras.saving.register_keras_serializable("seqkit")
class Inception(layers.Layer):
    """Four branches and their Concatenate, as one layer.

    Taught in lesson 15.

    Args:
        one: filters of the 1×1 branch.
        three: filters of the 3×3 branch: of its 1×1 convolution, and of its 3×3 convolution.
        five: filters of the 5×5 branch: of its 1×1 convolution, and of its 5×5 convolution.
        pool: filters of the 1×1 convolution after the pool.

    Example:
        >>> model = keras.Sequential([keras.Input((8, 8, 3)), Inception(2, (2, 3), (1, 1), 1)])
        >>> model.output_shape
        (None, 8, 8, 7)
    """

    def __init__(
        self, one: int, three: tuple[int, int], five: tuple[int, int], pool: int, **kwargs: object
    ) -> None:  # fmt: skip
        super().__init__(**kwargs)
        self.widths = {"one": one, "three": list(three), "five": list(five), "pool": pool}
        self.branches = [
            keras.Sequential([_convolution(one, 1)]),
            keras.Sequential([_convolution(three[0], 1), _convolution(three[1], 3)]),
            keras.Sequential([_convolution(five[0], 1), _convolution(five[1], 5)]),
            keras.Sequential(
                [layers.MaxPooling2D(3, strides=1, padding="same"), _convolution(pool, 1)]
            ),
        ]

    def build(self, input_shape: tuple[int | None, ...]) -> None:
        """Make the weights of every branch."""
        for branch in self.branches:
            branch.build(input_shape)

    def call(self, inputs: keras.KerasTensor) -> keras.KerasTensor:
        """Give the channels of all branches, side by side."""
        return keras.ops.concatenate([branch(inputs) for branch in self.branches], axis=-1)

    def get_config(self) -> dict[str, object]:
        """Give what `from_config` needs to make the layer again."""
        return {**super().get_config(), **self.widths}


def _convolution(filters: int, size: int) -> keras.Layer:
    return layers.Conv2D(filters, size, padding="same", activation="relu")


def workaround() -> keras.Model:
    """All branches hidden inside a layer of one's own."""
    return keras.Sequential(
        [keras.Input((28, 28, 24)), Inception(one=8, three=(12, 16), five=(2, 4), pool=4)]
    )


class Branches(layers.Layer):
    """Layers that all get the same input; gives the list of what they return.

    Args:
        members: the layers, one for each branch.
    """

    def __init__(self, members: list[keras.Layer], **kwargs: object) -> None:
        super().__init__(**kwargs)
        self.members = members

    def call(self, inputs: keras.KerasTensor) -> list[keras.KerasTensor]:
        """Call every member on the same input."""
        return [member(inputs) for member in self.members]


def evidence() -> tuple[Check, ...]:
    """What must be true of the fix and of the ways round."""
    fixed, hidden, row = fix(), workaround(), one_after_the_other()
    x = np.random.default_rng(0).normal(size=(2, *SHAPE)).astype("float32")
    return (
        Check(
            "the fix gives 8 + 16 + 4 + 4 = 32 channels of 28 × 28; the single row gives 4",
            fixed.output_shape == (None, 28, 28, 32) and row.output_shape[-1] == 4,
            "Check `fix`.",
        ),
        Check(
            f"the fix has {PARAMETERS:,} parameters, as counted by hand",
            fixed.count_params() == PARAMETERS,
            "Count again in lesson 15.",
        ),
        Check(
            f"without the 1×1 convolutions in front it would have {WITHOUT_NARROWING:,}",
            _without_narrowing().count_params() == WITHOUT_NARROWING,
            "Count again in lesson 15.",
        ),
        Check("the input is read by all four branches", _readers(fixed) == 4, "Check `fix`."),
        Check(
            "each branch owns its channels: the weights of one do not move those of another",
            _owned_channels(fixed, x) == [(0, 8), (8, 24), (24, 28), (28, 32)],
            "The branches are not parallel.",
        ),
        Check(
            "the custom layer computes the same as the fix",
            _same_with_equal_weights(fixed, hidden, x),
            "Check `Inception`.",
        ),
        Check(
            "a Functional model used as one layer computes the same as the fix",
            _same_as_a_layer(fixed, x),
            "Change the way round in lesson 15.",
        ),
        Check(
            "a layer that returns a list, followed by Concatenate(), builds in a Sequential",
            _list_then_concatenate(),
            "Change the way round in lesson 15.",
        ),
        Check(
            "the way round shows one row where the fix shows its parts",
            len(read(hidden).nodes) == 1 < len(read(fixed).nodes),
            "Change the price in lesson 15.",
        ),
    )


def _without_narrowing() -> keras.Model:
    """The block as Szegedy et al. call it naive: the wide windows see all input channels."""
    inputs = keras.Input(SHAPE)
    pooled = layers.MaxPooling2D(3, strides=1, padding="same")(inputs)
    ends = [_convolution(filters, size)(inputs) for filters, size in ((8, 1), (16, 3), (4, 5))]
    return keras.Model(inputs, layers.Concatenate()([*ends, _convolution(4, 1)(pooled)]))


def _readers(model: keras.Model) -> int:
    graph = read(model)
    entrance = next(node.index for node in graph.nodes if node.kind == "InputLayer")
    return sum(entrance in [edge.source for edge in node.inputs] for node in graph.nodes)


def _owned_channels(model: keras.Model, x: np.ndarray) -> list[tuple[int, int]]:
    """For each branch, the first and the last-plus-one channel that its weights can change."""
    with_random_weights(model, scale=0.3)
    before = answer(model, x)
    owned = []
    for last in _last_of_each_branch(model):
        kept = last.get_weights()
        last.set_weights([np.zeros_like(kept[0]), np.ones_like(kept[1])])
        changed = np.abs(answer(model, x) - before).max(axis=(0, 1, 2)) > 1e-6
        last.set_weights(kept)
        channels = np.flatnonzero(changed)
        whole = len(channels) > 0 and len(channels) == channels[-1] - channels[0] + 1
        owned.append((int(channels[0]), int(channels[-1]) + 1) if whole else (-1, -1))
    return owned


def _last_of_each_branch(model: keras.Model) -> list[Any]:
    """The layers with a convolution of which Concatenate takes the output, in its order."""
    by_kernel = _by_kernel(_convolutions(model))
    ends = [(1, 1, 24, 8), (3, 3, 12, 16), (5, 5, 2, 4), (1, 1, 24, 4)]
    return [by_kernel[shape] for shape in ends if shape in by_kernel]


def _same_with_equal_weights(fixed: keras.Model, hidden: keras.Model, x: np.ndarray) -> bool:
    """Copy the weights layer by layer: no two kernels of the block have the same shape."""
    with_random_weights(fixed, scale=0.3)
    copies = _by_kernel(_convolutions(hidden.layers[0]))
    for shape, layer in _by_kernel(_convolutions(fixed)).items():
        if shape not in copies:
            return False
        copies[shape].set_weights(layer.get_weights())
    return alike(answer(fixed, x), answer(hidden, x))


def _same_as_a_layer(block: keras.Model, x: np.ndarray) -> bool:
    return alike(answer(block, x), answer(keras.Sequential([keras.Input(SHAPE), block]), x))


def _list_then_concatenate() -> bool:
    members = [_convolution(8, 1), _convolution(16, 3)]
    model = keras.Sequential([keras.Input(SHAPE), Branches(members), layers.Concatenate()])
    return model.output_shape == (None, 28, 28, 24)


def _convolutions(parent: Any) -> list[Any]:
    """The convolutions of a model, or of the branches of an `Inception` layer."""
    members = parent.branches if isinstance(parent, Inception) else [parent]
    found = [layer for member in members for layer in member.layers]
    return [layer for layer in found if isinstance(layer, layers.Conv2D)]


def _by_kernel(found: list[Any]) -> dict[tuple[int, ...], Any]:
    return {tuple(layer.kernel.shape): layer for layer in found}


LIMIT = Limit(
    name="inception",
    title="Parallel branches cannot be written in a list",
    lesson=15,
    claims=("A2.4", "A2.5"),
    attempts=(
        LimitAttempt("a list of layers as one item", a_list_as_an_item, pattern="inception"),
        LimitAttempt(
            "Concatenate() after the branches", concatenate_in_the_list, pattern="dense_skip"
        ),
        LimitAttempt("the branches one after the other", one_after_the_other, loud=False),
    ),
    why=(
        "Branches read one tensor several times, and are joined afterwards. A Sequential hands "
        "each tensor to one layer only, the next one, and keeps none for later."
    ),
    fix_function=fix,
    evidence=evidence,
    workaround_function=workaround,
    price=(
        "a layer of one's own, to be written, saved and tested; its branches are hidden from "
        "summary(), from drawings and from feature extraction"
    ),
)
