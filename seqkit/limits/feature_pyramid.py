"""A feature pyramid: maps of several scales are added on the way back up (Lin et al. 2017)."""

from __future__ import annotations

import keras
import numpy as np
from keras import layers

from seqkit.limits.limit import Check, Limit, LimitAttempt
from seqkit.limits.measure import alike, answer, rows, share_right, train, with_known_weights

SIDE = 16
ROWS, TRAIN = 256, 192


def add_in_the_list() -> keras.Model:
    """Add stands where the map of the same scale should join."""
    return keras.Sequential(
        [
            keras.Input((16, 16, 1)),
            layers.Conv2D(8, 3, strides=2, padding="same", activation="relu"),
            layers.Conv2D(8, 3, strides=2, padding="same", activation="relu"),
            layers.Conv2D(8, 3, strides=2, padding="same", activation="relu"),
            layers.UpSampling2D(2),
            layers.Add(),
            layers.UpSampling2D(2),
            layers.Add(),
            layers.Conv2D(1, 1, activation="sigmoid"),
        ]
    )


def concatenate_in_the_list() -> keras.Model:
    """The same with the channels put side by side."""
    return keras.Sequential(
        [
            keras.Input((16, 16, 1)),
            layers.Conv2D(8, 3, strides=2, padding="same", activation="relu"),
            layers.Conv2D(8, 3, strides=2, padding="same", activation="relu"),
            layers.UpSampling2D(2),
            layers.Concatenate(),
            layers.Conv2D(1, 1, activation="sigmoid"),
        ]
    )


def up_again_without_joining() -> keras.Model:
    """The small map is made large again: it builds, and draws coarse blocks."""
    return keras.Sequential(
        [
            keras.Input((16, 16, 1)),
            layers.Conv2D(8, 3, strides=2, padding="same", activation="relu"),
            layers.Conv2D(8, 3, strides=2, padding="same", activation="relu"),
            layers.Conv2D(8, 3, strides=2, padding="same", activation="relu"),
            layers.UpSampling2D(2),
            layers.UpSampling2D(2),
            layers.Conv2D(1, 1, activation="sigmoid"),
        ]
    )


def fix() -> keras.Model:
    """Three scales, joined from the smallest map upwards, in the Functional API."""
    inputs = keras.Input((16, 16, 1))
    fine = layers.Conv2D(8, 3, strides=2, padding="same", activation="relu")(inputs)
    middle = layers.Conv2D(8, 3, strides=2, padding="same", activation="relu")(fine)
    x = layers.Conv2D(8, 3, strides=2, padding="same", activation="relu")(middle)
    x = layers.Add()([layers.UpSampling2D(2)(x), layers.Conv2D(8, 1)(middle)])
    x = layers.Add()([layers.UpSampling2D(2)(x), layers.Conv2D(8, 1)(fine)])
    outputs = layers.Conv2D(1, 1, activation="sigmoid")(x)
    return keras.Model(inputs, outputs)


@keras.saving.register_keras_serializable("seqkit")
class Pyramid(layers.Layer):
    """Three scales, and the way back up, as one layer.

    Args:
        filters: channels of every map.
    """

    def __init__(self, filters: int, **kwargs: object) -> None:
        super().__init__(**kwargs)
        self.filters = filters
        self.down = [
            layers.Conv2D(filters, 3, strides=2, padding="same", activation="relu")
            for _ in range(3)
        ]
        self.side = [layers.Conv2D(filters, 1) for _ in range(2)]
        self.up = layers.UpSampling2D(2)

    def build(self, input_shape: tuple[int | None, ...]) -> None:
        """Make the weights of every convolution."""
        maps = (None, None, None, self.filters)
        self.down[0].build(input_shape)
        for conv in (*self.down[1:], *self.side):
            conv.build(maps)

    def call(self, inputs: keras.KerasTensor) -> keras.KerasTensor:
        """Go down, keep every map, and add them on the way up."""
        fine = self.down[0](inputs)
        middle = self.down[1](fine)
        x = self.up(self.down[2](middle)) + self.side[0](middle)
        return self.up(x) + self.side[1](fine)

    def get_config(self) -> dict[str, object]:
        """Return what `from_config` needs to make the same layer."""
        return {**super().get_config(), "filters": self.filters}


def workaround() -> keras.Model:
    """The whole pyramid hidden inside a layer of one's own."""
    return keras.Sequential(
        [keras.Input((16, 16, 1)), Pyramid(8), layers.Conv2D(1, 1, activation="sigmoid")]
    )


def evidence() -> tuple[Check, ...]:
    """What must be true of the fix, of the single scale and of the way round."""
    fixed, coarse, hidden = fix(), up_again_without_joining(), workaround()
    x = np.random.default_rng(0).normal(size=(2, SIDE, SIDE, 1)).astype("float32")
    return (
        Check(
            "the fix and the single scale both give one number for each of 8 × 8 cells",
            fixed.output_shape == coarse.output_shape == (None, 8, 8, 1),
            "Check `fix`.",
        ),
        Check(
            "the two extra 1×1 convolutions cost 144 parameters: 1,401 instead of 1,257",
            (fixed.count_params(), coarse.count_params()) == (1401, 1257),
            "Count again in lesson 15.",
        ),
        Check(
            "the single scale gives one answer to all 16 cells of a block, whatever its weights",
            _draws_blocks(coarse, x),
            "Change the text of lesson 15.",
        ),
        Check(
            "the fix gives the cells of a block answers of their own",
            not _draws_blocks(fixed, x),
            "The fine map does not reach the output.",
        ),
        Check(
            "each of the three maps moves the answer",
            _maps_that_count(fixed, x) == [True, True, True],
            "A scale does not reach the output.",
        ),
        Check(
            "the custom layer computes the same as the fix",
            _same_with_equal_weights(fixed, hidden, x),
            "Check `Pyramid`.",
        ),
        Check(
            "the way round shows two rows where the fix shows its parts",
            rows(hidden) == 2 < rows(fixed),
            "Change the price in lesson 15.",
        ),
    )


def trained() -> tuple[Check, ...]:
    """Where is it bright? Each cell has an answer of its own, and blocks cannot give it."""
    x, cells = _pictures()
    sharp, coarse = (_cells_right(model, x, cells) for model in (fix(), up_again_without_joining()))
    return (
        Check(
            "each cell is bright or dark by chance: the fix names over 90 % of the cells",
            sharp > 0.9,
            f"It named {sharp:.0%}.",
        ),
        Check(
            "the single scale names under 70 %: it can only say one thing about 16 cells",
            coarse < 0.7,
            f"It named {coarse:.0%}.",
        ),
    )


def _pictures() -> tuple[np.ndarray, np.ndarray]:
    """Pictures of 8 × 8 bright or dark cells with some noise, and the cells."""
    generator = np.random.default_rng(0)
    cells = generator.integers(0, 2, size=(ROWS, SIDE // 2, SIDE // 2, 1)).astype("float32")
    pixels = (2 * cells - 1).repeat(2, axis=1).repeat(2, axis=2)
    noise = generator.normal(size=pixels.shape, scale=0.5)
    return (pixels + noise).astype("float32"), cells


def _cells_right(model: keras.Model, x: np.ndarray, cells: np.ndarray) -> float:
    train(model, x[:TRAIN], cells[:TRAIN], "binary_crossentropy", epochs=10, rate=0.02)
    return share_right(model, x[TRAIN:], cells[TRAIN:])


def _draws_blocks(model: keras.Model, x: np.ndarray) -> bool:
    """Whether the cells of each 4 × 4 block have one answer."""
    given = answer(with_known_weights(model), x)[..., 0]
    blocks = given.reshape(len(x), 2, 4, 2, 4)
    return bool(np.allclose(blocks.min(axis=(2, 4)), blocks.max(axis=(2, 4)), atol=1e-6))


def _maps_that_count(model: keras.Model, x: np.ndarray) -> list[bool]:
    """For each tensor that a pyramid's Add takes, whether changing its convolution shows."""
    before = answer(with_known_weights(model), x)
    found = []
    convolutions = [layer for layer in model.layers if isinstance(layer, layers.Conv2D)]
    last_of_each_map = [
        layer for layer in convolutions[2:] if layer.kernel.shape[-1] == 8
    ]  # the smallest map, and the two 1×1 convolutions beside the way up
    for layer in last_of_each_map:
        kept = layer.get_weights()
        layer.set_weights([-kept[0], kept[1] + 1])
        found.append(not alike(before, answer(model, x)))
        layer.set_weights(kept)
    return found


def _same_with_equal_weights(fixed: keras.Model, hidden: keras.Model, x: np.ndarray) -> bool:
    """Copy by the order of making: down, then sideways, then the last convolution."""
    with_known_weights(fixed)
    convolutions = [layer for layer in fixed.layers if isinstance(layer, layers.Conv2D)]
    if len(convolutions) != 6:
        return False
    pyramid, last = hidden.layers
    for own, layer in zip((*pyramid.down, *pyramid.side, last), convolutions, strict=True):
        own.set_weights(layer.get_weights())
    return alike(answer(fixed, x), answer(hidden, x))


LIMIT = Limit(
    name="feature_pyramid",
    title="Maps of several scales cannot be joined in a list",
    lesson=15,
    claims=("A2.4",),
    attempts=(
        LimitAttempt("Add() after UpSampling2D", add_in_the_list, pattern="residual"),
        LimitAttempt(
            "Concatenate() after UpSampling2D",
            concatenate_in_the_list,
            pattern="encoder_decoder_skip",
        ),
        LimitAttempt("up again without joining", up_again_without_joining, loud=False),
    ),
    why=(
        "On the way up each map meets the map of the same size from the way down. A Sequential "
        "has dropped that map when the next layer had read it."
    ),
    fix_function=fix,
    evidence=evidence,
    trained=trained,
    workaround_function=workaround,
    price=(
        "the whole pyramid becomes one layer of one's own; no map of it can be taken out, and "
        "summary() and drawings show one box"
    ),
)
