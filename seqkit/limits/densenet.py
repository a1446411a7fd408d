"""A dense block: each layer sees all earlier outputs, side by side (Huang et al. 2017)."""

from __future__ import annotations

import keras
import numpy as np
from keras import layers

from seqkit.graph import read
from seqkit.limits.limit import Check, Limit, LimitAttempt
from seqkit.limits.measure import (
    alike,
    answer,
    explained,
    gap,
    readers,
    rows,
    same_with_equal_weights,
    train,
    with_known_weights,
)

SHAPE = (14, 14, 8)
ROWS, TRAIN = 256, 160


def concatenate_in_the_list() -> keras.Model:
    """The merge layer is put where the channels should be joined."""
    return keras.Sequential(
        [
            keras.Input((14, 14, 8)),
            layers.Conv2D(4, 3, padding="same", activation="relu"),
            layers.Concatenate(),
            layers.Conv2D(4, 3, padding="same", activation="relu"),
            layers.Concatenate(),
        ]
    )


def concatenate_with_the_layers() -> keras.Model:
    """The merge layer is given the layers instead of their outputs."""
    first = layers.Conv2D(4, 3, padding="same", activation="relu")
    second = layers.Conv2D(4, 3, padding="same", activation="relu")
    return keras.Sequential(
        [keras.Input((14, 14, 8)), first, second, layers.Concatenate()([first, second])]
    )


def wider_and_wider() -> keras.Model:
    """As many channels as the block has, and all of them new: nothing is kept."""
    return keras.Sequential(
        [
            keras.Input((14, 14, 8)),
            layers.Conv2D(12, 3, padding="same", activation="relu"),
            layers.Conv2D(16, 3, padding="same", activation="relu"),
        ]
    )


def leave_it_out() -> keras.Model:
    """The two convolutions alone: it builds, and each sees its neighbour only."""
    return keras.Sequential(
        [
            keras.Input((14, 14, 8)),
            layers.Conv2D(4, 3, padding="same", activation="relu"),
            layers.Conv2D(4, 3, padding="same", activation="relu"),
        ]
    )


def fix() -> keras.Model:
    """Two dense steps, in the Functional API."""
    inputs = x = keras.Input((14, 14, 8))
    new = layers.Conv2D(4, 3, padding="same", activation="relu")(x)
    x = layers.Concatenate()([x, new])
    new = layers.Conv2D(4, 3, padding="same", activation="relu")(x)
    x = layers.Concatenate()([x, new])
    return keras.Model(inputs, x)


@keras.saving.register_keras_serializable("seqkit")
class DenseStep(layers.Layer):
    """A convolution that puts its channels beside those of its input, as one layer.

    Args:
        growth: how many channels it adds.
    """

    def __init__(self, growth: int, **kwargs: object) -> None:
        super().__init__(**kwargs)
        self.growth = growth
        self.conv = layers.Conv2D(growth, 3, padding="same", activation="relu")

    def build(self, input_shape: tuple[int | None, ...]) -> None:
        """Make the weights of the convolution."""
        self.conv.build(input_shape)

    def call(self, inputs: keras.KerasTensor) -> keras.KerasTensor:
        """Keep the input, and put the new channels behind it."""
        return keras.ops.concatenate([inputs, self.conv(inputs)], axis=-1)

    def get_config(self) -> dict[str, object]:
        """Return what `from_config` needs to make the same layer."""
        return {**super().get_config(), "growth": self.growth}


def workaround() -> keras.Model:
    """Each Concatenate hidden inside a layer of one's own."""
    return keras.Sequential([keras.Input((14, 14, 8)), DenseStep(4), DenseStep(4)])


def evidence() -> tuple[Check, ...]:
    """What must be true of the fix and of the way round."""
    fixed, wide, plain, hidden = fix(), wider_and_wider(), leave_it_out(), workaround()
    x = np.random.default_rng(0).normal(size=(2, *SHAPE)).astype("float32")
    return (
        Check(
            "the fix gives 8 + 4 + 4 = 16 channels; the two convolutions in a row give 4",
            fixed.output_shape == (None, 14, 14, 16) and plain.output_shape[-1] == 4,
            "Check `fix`.",
        ),
        Check(
            "it has 728 parameters; the wider list with the same output shape has 2,620",
            (fixed.count_params(), wide.count_params()) == (728, 2620)
            and wide.output_shape == fixed.output_shape,
            "Count again in lesson 12.",
        ),
        Check(
            "the input is read twice; the second convolution reads what Concatenate joined",
            readers(fixed) == 2 and _sources(fixed) == ["InputLayer", "Concatenate"],
            "Check `fix`.",
        ),
        Check(
            "whatever the weights, the first 8 channels are the input; in the wider list none is",
            _keeps_its_input(fixed, x) and not _keeps_its_input(wide, x),
            "The input is not kept.",
        ),
        Check(
            "the first convolution is still there at the end, unchanged by the second",
            _keeps_the_first(fixed, x),
            "The second Concatenate does not join the first one.",
        ),
        Check(
            "the custom layer computes the same as the fix",
            same_with_equal_weights(fixed, hidden, x),
            "Check `DenseStep`.",
        ),
        Check(
            "the way round shows two rows where the fix shows its parts",
            rows(hidden) == 2 < rows(fixed),
            "Change the price in lesson 12.",
        ),
    )


def trained() -> tuple[Check, ...]:
    """What it is worth that nothing is lost: give back the mean of every channel."""
    x, means = _pictures()
    kept, lost = (_score(body, x, means) for body in (fix(), leave_it_out()))
    return (
        Check(
            "asked for the mean of each of the 8 input channels, the fix learns them (R² over 0.9)",
            kept > 0.9,
            f"R² was {kept:.2f}.",
        ),
        Check(
            "the same layers without Concatenate do not (R² under 0.7): 4 channels carry less",
            lost < 0.7,
            f"R² was {lost:.2f}.",
        ),
    )


def _pictures() -> tuple[np.ndarray, np.ndarray]:
    """Pictures of noise whose channels have means of their own."""
    generator = np.random.default_rng(0)
    means = generator.normal(size=(ROWS, SHAPE[-1])).astype("float32")
    noise = generator.normal(size=(ROWS, *SHAPE)).astype("float32")
    return means[:, None, None, :] + 0.3 * noise, means


def _score(body: keras.Model, x: np.ndarray, means: np.ndarray) -> float:
    """Put a head on the block, train it, and measure on other pictures."""
    inputs = keras.Input(SHAPE)
    pooled = layers.GlobalAveragePooling2D()(body(inputs))
    model = keras.Model(inputs, layers.Dense(SHAPE[-1])(pooled))
    train(model, x[:TRAIN], means[:TRAIN], "mse", epochs=20, rate=0.02)
    return explained(model, x[TRAIN:], means[TRAIN:])


def _sources(model: keras.Model) -> list[str]:
    """For each convolution, the kind of layer whose output it reads."""
    graph = read(model)
    kinds = {node.index: node.kind for node in graph.nodes}
    return [kinds[node.inputs[0].source] for node in graph.nodes if node.kind == "Conv2D"]


def _keeps_its_input(model: keras.Model, x: np.ndarray) -> bool:
    given = answer(with_known_weights(model), x)
    return gap(given[..., : SHAPE[-1]], x) < 1e-6


def _keeps_the_first(model: keras.Model, x: np.ndarray) -> bool:
    """Change the second convolution: channels 8 to 11 must stay as they are."""
    with_known_weights(model)
    before = answer(model, x)[..., 8:12]
    weights = model.get_weights()
    model.set_weights([*weights[:2], -weights[2], weights[3] + 1])
    return alike(before, answer(model, x)[..., 8:12], within=1e-6)


LIMIT = Limit(
    name="densenet",
    title="A dense block, which keeps all earlier channels, cannot be written as a list",
    lesson=12,
    claims=("A2.1", "A4.1"),
    attempts=(
        LimitAttempt("Concatenate() in the list", concatenate_in_the_list, pattern="dense_skip"),
        LimitAttempt(
            "Concatenate() called on layers", concatenate_with_the_layers, pattern="layer_as_tensor"
        ),
        LimitAttempt("wider and wider convolutions", wider_and_wider, loud=False),
        LimitAttempt("the joins left out", leave_it_out, loud=False),
    ),
    why=(
        "Every layer of a dense block reads the outputs of all layers before it. A Sequential "
        "hands each layer the newest output only, and the older ones are gone."
    ),
    fix_function=fix,
    evidence=evidence,
    trained=trained,
    workaround_function=workaround,
    price=(
        "a layer of one's own for each step; which channels are old and which are new is hidden "
        "from summary() and from drawings"
    ),
)
