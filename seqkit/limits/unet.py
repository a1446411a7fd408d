"""The skips of a U-Net, from the way down to the way up (Ronneberger et al. 2015)."""

from __future__ import annotations

from typing import Any

import keras
import numpy as np
from keras import layers

from seqkit.explaining import attempt
from seqkit.graph import read
from seqkit.limits.limit import Check, Limit, LimitAttempt
from seqkit.limits.measure import answer

SHAPE = (32, 32, 1)
PARAMETERS = 14_561
WITHOUT_SKIPS = 11_681
# A checkerboard touches the border; what the border does to the maps ends before these rows.
MIDDLE = slice(12, 20)
PICTURES, TRAIN = 96, 64


def concatenate_in_the_list() -> keras.Model:
    """The merge layer is put where the way up should get the detail."""
    return keras.Sequential(
        [
            keras.Input((32, 32, 1)),
            layers.Conv2D(8, 3, padding="same", activation="relu"),
            layers.MaxPooling2D(2),
            layers.Conv2D(16, 3, padding="same", activation="relu"),
            layers.UpSampling2D(2),
            layers.Concatenate(),
            layers.Conv2D(8, 3, padding="same", activation="relu"),
            layers.Conv2D(1, 1, activation="sigmoid"),
        ]
    )


def concatenate_with_the_layers() -> keras.Model:
    """The merge layer is given the layers instead of their outputs."""
    fine = layers.Conv2D(8, 3, padding="same", activation="relu")
    up = layers.UpSampling2D(2)
    return keras.Sequential(
        [
            keras.Input((32, 32, 1)),
            fine,
            layers.MaxPooling2D(2),
            layers.Conv2D(16, 3, padding="same", activation="relu"),
            up,
            layers.Concatenate()([up, fine]),
            layers.Conv2D(1, 1, activation="sigmoid"),
        ]
    )


def leave_the_skips_out() -> keras.Model:
    """Without the skips it builds, gives the right shape, and is another network."""
    return keras.Sequential(
        [
            keras.Input((32, 32, 1)),
            layers.Conv2D(8, 3, padding="same", activation="relu"),
            layers.MaxPooling2D(2),
            layers.Conv2D(16, 3, padding="same", activation="relu"),
            layers.MaxPooling2D(2),
            layers.Conv2D(32, 3, padding="same", activation="relu"),
            layers.UpSampling2D(2),
            layers.Conv2D(16, 3, padding="same", activation="relu"),
            layers.UpSampling2D(2),
            layers.Conv2D(8, 3, padding="same", activation="relu"),
            layers.Conv2D(1, 1, activation="sigmoid"),
        ]
    )


def fix() -> keras.Model:
    """The U with both skips, in the Functional API."""
    inputs = keras.Input((32, 32, 1))
    fine = layers.Conv2D(8, 3, padding="same", activation="relu")(inputs)
    x = layers.MaxPooling2D(2)(fine)
    middle = layers.Conv2D(16, 3, padding="same", activation="relu")(x)
    x = layers.MaxPooling2D(2)(middle)
    x = layers.Conv2D(32, 3, padding="same", activation="relu")(x)
    x = layers.Concatenate()([layers.UpSampling2D(2)(x), middle])
    x = layers.Conv2D(16, 3, padding="same", activation="relu")(x)
    x = layers.Concatenate()([layers.UpSampling2D(2)(x), fine])
    x = layers.Conv2D(8, 3, padding="same", activation="relu")(x)
    outputs = layers.Conv2D(1, 1, activation="sigmoid")(x)
    return keras.Model(inputs, outputs)


@keras.saving.register_keras_serializable("seqkit")
class Around(layers.Layer):
    """Runs some layers, and joins their result with the input: a skip around them.

    Taught in lesson 18.

    Args:
        inner: the layers that the skip leads around; they must keep the sides of a picture.

    Example:
        >>> inner = [layers.MaxPooling2D(2), layers.Conv2D(4, 1), layers.UpSampling2D(2)]
        >>> keras.Sequential([keras.Input((8, 8, 3)), Around(inner)]).output_shape
        (None, 8, 8, 7)
    """

    def __init__(self, inner: list[keras.Layer], **kwargs: object) -> None:
        super().__init__(**kwargs)
        self.inner = keras.Sequential(inner)

    def build(self, input_shape: tuple[int | None, ...]) -> None:
        """Make the weights of the inner layers."""
        self.inner.build(input_shape)

    def call(self, inputs: keras.KerasTensor) -> keras.KerasTensor:
        """Give the channels of the inner layers, and behind them those of the input."""
        return keras.ops.concatenate([self.inner(inputs), inputs], axis=-1)

    def get_config(self) -> dict[str, object]:
        """Give what `from_config` needs to make the layer again."""
        inner = [keras.saving.serialize_keras_object(layer) for layer in self.inner.layers]
        return {**super().get_config(), "inner": inner}

    @classmethod
    def from_config(cls, config: dict[str, Any]) -> Around:
        """Make the layer again from what `get_config` gave."""
        inner = [keras.saving.deserialize_keras_object(one) for one in config.pop("inner")]
        return cls(inner, **config)


def workaround() -> keras.Model:
    """A list in a list in a list: each skip is a layer of one's own around the deeper levels."""
    return keras.Sequential(
        [
            keras.Input((32, 32, 1)),
            layers.Conv2D(8, 3, padding="same", activation="relu"),
            Around(
                [
                    layers.MaxPooling2D(2),
                    layers.Conv2D(16, 3, padding="same", activation="relu"),
                    Around(
                        [
                            layers.MaxPooling2D(2),
                            layers.Conv2D(32, 3, padding="same", activation="relu"),
                            layers.UpSampling2D(2),
                        ]
                    ),
                    layers.Conv2D(16, 3, padding="same", activation="relu"),
                    layers.UpSampling2D(2),
                ]
            ),
            layers.Conv2D(8, 3, padding="same", activation="relu"),
            layers.Conv2D(1, 1, activation="sigmoid"),
        ]
    )


class WithSkip(layers.Layer):
    """Gives its input twice, so that one of the two can be carried along the list."""

    def call(self, inputs: keras.KerasTensor) -> list[keras.KerasTensor]:
        """Return the tensor for the next layer, and the one to keep."""
        return [inputs, inputs]


def evidence() -> tuple[Check, ...]:
    """What must be true of the fix, of the stand-in and of the way round."""
    fixed, plain, hidden = fix(), leave_the_skips_out(), workaround()
    return (
        Check(
            "with and without skips the output has the sides of the picture: nothing is noticed",
            fixed.output_shape == plain.output_shape == (None, *SHAPE),
            "Check `fix`.",
        ),
        Check(
            f"the skips cost parameters: {PARAMETERS:,} in place of {WITHOUT_SKIPS:,}",
            (fixed.count_params(), plain.count_params()) == (PARAMETERS, WITHOUT_SKIPS),
            "Count again in lesson 18.",
        ),
        Check(
            "each Concatenate joins a map of the way up with the equally large one of the way down",
            _joined_channels(fixed) == [(32, 16), (16, 8)],
            "Check `fix`.",
        ),
        Check(
            "a checkerboard of pixels: without skips the middle is one grey, whatever the weights",
            max(_contrast(plain, seed) for seed in range(3)) < 1e-5,
            "The stand-in sees single pixels. Change the text of lesson 18.",
        ),
        Check(
            "the fix tells the two kinds of pixels apart",
            min(_contrast(fixed, seed) for seed in range(3)) > 1e-3,
            "A skip does not reach the output.",
        ),
        Check(
            "with the deepest layer silent the fix still sees the picture, the stand-in is blind",
            _sees_with_silent_bottom(fixed) and not _sees_with_silent_bottom(plain),
            "The skips do not lead around the deepest layer.",
        ),
        Check(
            "the layers of the way round compute the same as the fix",
            _same_with_equal_weights(fixed, hidden),
            "Check `Around`.",
        ),
        Check(
            "a list of [x, skip] is refused by a layer that takes one tensor, such as pooling",
            _list_is_refused(),
            "Keras carries the list on now. Change the way round in lesson 18.",
        ),
        Check(
            "the way round shows four rows where the fix shows its parts",
            len(read(hidden).nodes) == 4 < len(read(fixed).nodes),
            "Change the price in lesson 18.",
        ),
    )


def trained() -> tuple[Check, ...]:
    """What the skips are worth where single pixels count."""
    of_fixed, of_plain = _accuracies(fix(), leave_the_skips_out())
    return (
        Check(
            "grains of one pixel: the fix names more than 95 % of the pixels",
            of_fixed > 0.95,
            f"It named {of_fixed:.0%}.",
        ),
        Check(
            "it is more than 20 points ahead of the net without skips",
            of_fixed > of_plain + 0.2,
            f"Without skips: {of_plain:.0%}.",
        ),
    )


def _grains() -> tuple[np.ndarray, np.ndarray]:
    """Noisy pictures of grains of one pixel each, and as labels the grains."""
    generator = np.random.default_rng(0)
    grains = (generator.uniform(size=(PICTURES, *SHAPE)) < 0.5).astype("float32")
    noise = generator.normal(size=grains.shape, scale=0.1)
    return (grains + noise).astype("float32"), grains


def _accuracies(*nets: keras.Model) -> list[float]:
    """Train on the first pictures; for each net the share of pixels that are right in the others.

    The nets share no weight, so each learns as if it were alone; as one model they compile once.
    """
    pictures, labels = _grains()
    for net in nets:
        _set_weights(net, 0)
    inputs = keras.Input(SHAPE)
    both = keras.Model(inputs, [net(inputs) for net in nets])
    both.compile(
        optimizer=keras.optimizers.Adam(0.01), loss=["binary_crossentropy"] * len(nets)
    )  # fmt: skip
    targets = [labels[:TRAIN]] * len(nets)
    both.fit(pictures[:TRAIN], targets, batch_size=8, epochs=5, shuffle=False, verbose=0)
    found = [answer(net, pictures[TRAIN:]) > 0.5 for net in nets]
    return [float((one == labels[TRAIN:]).mean()) for one in found]


def _set_weights(model: keras.Model, seed: int) -> None:
    """Weights that are the same in every run, and leave the learner's seed alone."""
    generator = np.random.default_rng(seed)
    made = []
    for weight in model.get_weights():
        if weight.ndim == 1:
            made.append(np.full_like(weight, 0.01))
        else:
            spread = (2 / np.prod(weight.shape[:-1])) ** 0.5
            made.append(generator.normal(size=weight.shape, scale=spread))
    model.set_weights(made)


def _joined_channels(model: keras.Model) -> list[tuple[int | None, ...]]:
    """The channels that each Concatenate joins, in the order of the graph; sides must be equal."""
    joins = [layer for layer in model.layers if isinstance(layer, layers.Concatenate)]
    pairs = [[tensor.shape for tensor in layer.input] for layer in joins]
    if any(up[1:3] != down[1:3] for up, down in pairs):
        return []
    return [(up[-1], down[-1]) for up, down in pairs]


def _contrast(model: keras.Model, seed: int) -> float:
    """How far two pixels of the middle differ, when a checkerboard comes in."""
    _set_weights(model, seed)
    rows, columns = np.indices(SHAPE[:2])
    board = ((rows + columns) % 2).astype("float32")[None, ..., None]
    return float(np.ptp(answer(model, board)[0, MIDDLE, MIDDLE, 0]))


def _sees_with_silent_bottom(model: keras.Model) -> bool:
    """Whether two pictures give two answers when the layer with 32 filters is set to zero."""
    _set_weights(model, 1)
    bottom = max((layer for layer in model.layers if layer.weights), key=_filters)
    bottom.set_weights([np.zeros_like(weight) for weight in bottom.get_weights()])
    pictures = np.random.default_rng(2).normal(size=(2, *SHAPE)).astype("float32")
    first, second = answer(model, pictures)
    return not np.allclose(first, second, atol=1e-6)


def _filters(layer: Any) -> int:
    return layer.filters if isinstance(layer, layers.Conv2D) else 0


def _same_with_equal_weights(fixed: keras.Model, hidden: keras.Model) -> bool:
    """Both list their weights from the way down to the way up."""
    _set_weights(fixed, 3)
    if [w.shape for w in hidden.get_weights()] != [w.shape for w in fixed.get_weights()]:
        return False
    hidden.set_weights(fixed.get_weights())
    x = np.random.default_rng(4).normal(size=(2, *SHAPE)).astype("float32")
    one, other = answer(fixed, x), answer(hidden, x)
    return bool(np.allclose(one, other, atol=1e-5)) and float(np.ptp(one)) > 0


def _list_is_refused() -> bool:
    tried = attempt(
        keras.Sequential,
        [keras.Input(SHAPE), WithSkip(), layers.MaxPooling2D(2), layers.Concatenate()],
    )
    return tried.failed and "expects 1 input" in str(tried.error)


LIMIT = Limit(
    name="unet",
    title="The skips of a U-Net cannot be written as a list",
    lesson=18,
    claims=("A2.8", "A4.1", "C6"),
    attempts=(
        LimitAttempt(
            "Concatenate() in the list", concatenate_in_the_list, pattern="encoder_decoder_skip"
        ),
        LimitAttempt(
            "Concatenate() called on layers", concatenate_with_the_layers, pattern="layer_as_tensor"
        ),
        LimitAttempt("the skips left out", leave_the_skips_out, loud=False),
    ),
    why=(
        "Each step up needs two tensors: what comes from below, and the map of the same size from "
        "the way down. A Sequential hands on one tensor and has no name for the other."
    ),
    fix_function=fix,
    evidence=evidence,
    trained=trained,
    workaround_function=workaround,
    price=(
        "a layer of one's own that holds the deeper levels, with code to save it; lists inside "
        "lists inside lists; the levels are hidden from summary(), drawings and feature extraction"
    ),
)
