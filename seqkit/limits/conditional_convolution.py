"""Conditional convolution: each picture is seen through a kernel of its own (Yang et al. 2019)."""

from __future__ import annotations

import keras
import numpy as np
from keras import layers

from seqkit.limits.limit import Check, Limit, LimitAttempt
from seqkit.limits.measure import alike, answer, explained, train, with_random_weights
from seqkit.tracing import trace

SHAPE = (12, 12, 3)
EXPERTS, FILTERS, SIDE = 3, 4, 3
PICTURES, TRAIN = 384, 256


def kernels_as_a_list() -> keras.Model:
    """Three kernels to choose from, written as a list inside the list."""
    return keras.Sequential(
        [
            keras.Input((12, 12, 3)),
            [layers.Conv2D(4, 3), layers.Conv2D(4, 3), layers.Conv2D(4, 3)],
            layers.Multiply(),
        ]
    )


def gates_and_multiply() -> keras.Model:
    """The gates stand behind the convolution, and Multiply shall apply them."""
    return keras.Sequential(
        [
            keras.Input((12, 12, 3)),
            layers.Conv2D(12, 3),
            layers.GlobalAveragePooling2D(),
            layers.Dense(3, activation="sigmoid"),
            layers.Multiply(),
        ]
    )


def kernels_in_a_row() -> keras.Model:
    """The kernels one after the other: every picture passes through all of them."""
    return keras.Sequential(
        [
            keras.Input((12, 12, 3)),
            layers.Conv2D(4, 3, padding="same"),
            layers.Conv2D(4, 3, padding="same"),
            layers.Conv2D(4, 3, padding="same", activation="relu"),
        ]
    )


def fix() -> keras.Model:
    """Three convolutions, and gates that say how much of each this picture gets."""
    inputs = keras.Input((12, 12, 3))
    gates = layers.GlobalAveragePooling2D()(inputs)
    gates = layers.Dense(3, activation="sigmoid", name="gates")(gates)
    answers = layers.Conv2D(3 * 4, 3, padding="same", name="experts")(inputs)
    answers = layers.Reshape((12, 12, 3, 4))(answers)
    mixed = keras.ops.sum(answers * keras.ops.reshape(gates, (-1, 1, 1, 3, 1)), axis=3)
    outputs = layers.Activation("relu")(mixed)
    return keras.Model(inputs, outputs)


@keras.saving.register_keras_serializable("seqkit")
class CondConv2D(layers.Layer):
    """Mixes the kernels before it convolves: one convolution for each picture.

    Args:
        filters: channels that come out.
        experts: kernels to mix.
    """

    def __init__(self, filters: int, experts: int, **kwargs: object) -> None:
        super().__init__(**kwargs)
        self.filters = filters
        self.experts = experts
        self.gates = layers.Dense(experts, activation="sigmoid")

    def build(self, input_shape: tuple[int | None, ...]) -> None:
        """Make the gates and all kernels with their biases."""
        channels = input_shape[-1]
        assert channels is not None
        self.gates.build((None, channels))
        self.kernels = self.add_weight(shape=(self.experts, 9 * channels * self.filters))
        self.biases = self.add_weight(shape=(self.experts, self.filters), initializer="zeros")

    def call(self, inputs: keras.KerasTensor) -> keras.KerasTensor:
        """Mix a kernel for each picture, and multiply it with every window of 3 × 3 pixels."""
        gates = self.gates(keras.ops.mean(inputs, axis=(1, 2)))
        kernels = keras.ops.matmul(gates, self.kernels)
        kernels = keras.ops.reshape(kernels, (-1, 1, 9 * inputs.shape[-1], self.filters))
        windows = keras.ops.image.extract_patches(inputs, 3, strides=1, padding="same")
        biases = keras.ops.matmul(gates, self.biases)[:, None, None]
        return keras.ops.relu(keras.ops.matmul(windows, kernels) + biases)

    def get_config(self) -> dict[str, object]:
        """Return the arguments, so that the layer can be saved and loaded."""
        return {**super().get_config(), "filters": self.filters, "experts": self.experts}


def workaround() -> keras.Model:
    """Gates, kernels and the mixing in a layer of one's own."""
    return keras.Sequential([keras.Input((12, 12, 3)), CondConv2D(filters=4, experts=3)])


def stand_in() -> keras.Model:
    """Plain convolutions, with a few parameters more than the fix: one kernel for all pictures."""
    return keras.Sequential(
        [
            keras.Input((12, 12, 3)),
            layers.Conv2D(11, 3, padding="same", activation="relu"),
            layers.Conv2D(4, 1, activation="relu"),
        ]
    )


def evidence() -> tuple[Check, ...]:
    """What must be true of the fix and of the way round, with weights that are chosen."""
    x = np.random.default_rng(0).normal(size=(6, *SHAPE)).astype("float32")
    x += np.linspace(-2, 2, 6, dtype="float32")[:, None, None, None]  # from dark to bright
    fixed, hidden = with_random_weights(fix()), workaround()
    return (
        Check(
            "the gates differ from picture to picture",
            float(_gates(fixed, x).std(axis=0).max()) > 0.1,
            "Check `fix`.",
        ),
        Check(
            "each picture is convolved with the mixture of kernels that its gates give",
            _is_a_mixture(fixed, x),
            "Check `fix`.",
        ),
        Check(
            "two pictures with one and the same detail see it through different kernels",
            _detail_is_seen_differently(fixed),
            "Check `fix`.",
        ),
        Check(
            "mixing three kernels is the same as mixing their three answers: with equal weights "
            "the custom layer computes what the fix computes",
            _same_with_matching_weights(fixed, hidden, x),
            "Check `CondConv2D`.",
        ),
        Check(
            "the fix convolves three times: 46,656 multiply-adds, where a plain Conv2D with as "
            "many filters has 15,552",
            _convolving(fixed) == 46_656 == 3 * 15_552,
            f"It is {_convolving(fixed):,}. Count again in lesson 19.",
        ),
        Check(
            "both have 348 parameters; a plain Conv2D with as many filters has 112",
            fixed.count_params() == hidden.count_params() == 348 and _plain_parameters() == 112,
            "Count again in lesson 19.",
        ),
    )


def trained() -> tuple[Check, ...]:
    """What gates are worth where the picture itself says which kernel is the right one."""
    fixed, plain = _measured(seed=0)
    return (
        Check(
            "a mark in the first line of a picture says which of two kernels is right: the fix "
            "learns both (over 90 % of the variance)",
            fixed > 0.9,
            f"It explained {fixed:.0%}.",
        ),
        Check(
            "plain convolutions with more parameters do not see the mark from elsewhere: they "
            "learn a mean of the kernels there (under 75 %)",
            plain < 0.75,
            f"They explained {plain:.0%}.",
        ),
        Check(
            "the plain ones have 356 parameters against 348",
            (stand_in().count_params(), fix().count_params()) == (356, 348),
            "Count again.",
        ),
    )


def _measured(seed: int) -> tuple[float, float]:
    """The share of the variance of new targets that the fix and the plain list explain."""
    x, y = _marked(seed)
    models = [
        train(model, x[:TRAIN], y[:TRAIN], "mse", epochs=12, rate=0.02)
        for model in (fix(), stand_in())
    ]
    fixed, plain = (explained(model, x[TRAIN:], y[TRAIN:]) for model in models)
    return fixed, plain


def _marked(seed: int) -> tuple[np.ndarray, np.ndarray]:
    """Noise with a mark, and what the kernel that the mark names makes of each picture."""
    generator = np.random.default_rng(seed)
    x = generator.normal(size=(PICTURES, *SHAPE)).astype("float32")
    mark = generator.choice([-1, 1], size=PICTURES)
    x[..., 2] = 0
    x[:, 0, :, 2] = 6 * mark[:, None]
    kernels = generator.normal(size=(2, SIDE, SIDE, 2, FILTERS), scale=0.3).astype("float32")
    first, second = (
        keras.ops.convert_to_numpy(keras.ops.conv(x[..., :2], kernel, padding="same"))
        for kernel in kernels
    )
    chosen = np.where(mark[:, None, None, None] > 0, first, second)
    return x, np.maximum(chosen, 0).astype("float32")


def _plain_parameters() -> int:
    plain = layers.Conv2D(FILTERS, SIDE, padding="same")
    plain.build((None, *SHAPE))
    return plain.count_params()


def _gates(model: keras.Model, x: np.ndarray) -> np.ndarray:
    kernel, bias = model.get_layer("gates").get_weights()
    return 1 / (1 + np.exp(-(x.mean(axis=(1, 2)) @ kernel + bias)))


def _is_a_mixture(model: keras.Model, x: np.ndarray) -> bool:
    """Convolve each picture apart, with a kernel mixed by hand."""
    kernel, bias = model.get_layer("experts").get_weights()
    kernels = kernel.reshape(SIDE, SIDE, SHAPE[-1], EXPERTS, FILTERS)
    biases = bias.reshape(EXPERTS, FILTERS)
    rows = []
    for picture, gates in zip(x, _gates(model, x), strict=True):
        own = np.einsum("e,hwcef->hwcf", gates, kernels).astype("float32")
        seen = keras.ops.convert_to_numpy(keras.ops.conv(picture[None], own, padding="same"))
        rows.append(np.maximum(seen + gates @ biases, 0))
    return alike(np.concatenate(rows), answer(model, x), within=1e-3)


def _detail_is_seen_differently(model: keras.Model) -> bool:
    """Change pixels far away, out of sight of the window, and look at the answer here."""
    x = np.random.default_rng(2).normal(size=(2, *SHAPE)).astype("float32")
    x[1, :6] = x[0, :6]
    x[1, 6:] += 3
    corner = answer(model, x)[:, :4]
    plain = keras.ops.convert_to_numpy(model.get_layer("experts")(x))[:, :4]
    same = np.allclose(plain[0], plain[1], atol=1e-5)
    return bool(same) and not np.allclose(corner[0], corner[1], atol=1e-2)


def _same_with_matching_weights(fixed: keras.Model, hidden: keras.Model, x: np.ndarray) -> bool:
    kernel, bias = fixed.get_layer("experts").get_weights()
    kernels = kernel.reshape(-1, EXPERTS, FILTERS).transpose(1, 0, 2).reshape(EXPERTS, -1)
    layer = hidden.layers[0]
    layer.gates.set_weights(fixed.get_layer("gates").get_weights())
    layer.kernels.assign(kernels)
    layer.biases.assign(bias.reshape(EXPERTS, FILTERS))
    return alike(answer(fixed, x), answer(hidden, x), within=1e-3)


def _convolving(model: keras.Model) -> int | None:
    """Multiply-adds of the convolution."""
    rows = trace(model, cost=True).rows
    return next(row.multiply_adds for row in rows if row.kind == "Conv2D")


LIMIT = Limit(
    name="conditional_convolution",
    title="A kernel that depends on the picture cannot be written in a list",
    lesson=19,
    claims=("A2.9",),
    attempts=(
        LimitAttempt("a list of kernels as one item", kernels_as_a_list, pattern="branch"),
        LimitAttempt("Multiply() in the list", gates_and_multiply, pattern="gate"),
        LimitAttempt("the kernels in a row", kernels_in_a_row, loud=False),
    ),
    why=(
        "The weights of a layer are the same for every example. Gates read the picture, and their "
        "answer must meet the kernels: two tensors at one place, where a list has one."
    ),
    fix_function=fix,
    evidence=evidence,
    trained=trained,
    workaround_function=workaround,
    price=(
        "a layer of one's own; gates and kernels are hidden from summary(), from drawings and from "
        "the count of multiply-adds"
    ),
)
