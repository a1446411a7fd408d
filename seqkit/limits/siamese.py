"""A Siamese network: one encoder for two pictures, side by side (Bromley et al. 1993)."""

from __future__ import annotations

from typing import Any

import keras
import numpy as np
from keras import layers

from seqkit.explaining import attempt
from seqkit.graph import read
from seqkit.limits.limit import Check, Limit, LimitAttempt
from seqkit.limits.measure import answer

# Symbols of 8 × 8 pixels: the upper half shows which symbol it is, the lower half is noise.
SIDE, SYMBOLS, SEEN = 8, 60, 48
NOISE_ABOVE, NOISE_BELOW = 0.2, 3.0
PAIRS = 1280


def the_encoder_on_both_sides_of_an_input() -> keras.Model:
    """The encoder is written once for each picture, and the comparison behind them."""
    encoder = keras.Sequential([layers.Flatten(), layers.Dense(16)])
    return keras.Sequential(
        [
            keras.Input((8, 8, 1), name="left"),
            encoder,
            keras.Input((8, 8, 1), name="right"),
            encoder,
            layers.Subtract(),
            layers.Dense(1, activation="sigmoid"),
        ]
    )


def the_encoder_twice_in_the_list() -> keras.Model:
    """The encoder twice in a row: its second use gets a code and not a picture."""
    encoder = keras.Sequential([keras.Input((8, 8, 1)), layers.Flatten(), layers.Dense(16)])
    return keras.Sequential(
        [
            keras.Input((8, 8, 1)),
            encoder,
            encoder,
            layers.Dense(1, activation="sigmoid"),
        ]
    )


def two_pictures_as_channels() -> keras.Model:
    """The two pictures as two channels: it builds, shares nothing, and order matters."""
    return keras.Sequential(
        [
            keras.Input((8, 8, 2)),  # np.concatenate([left, right], axis=-1)
            layers.Flatten(),
            layers.Dense(16, activation="relu"),
            layers.Dense(1, activation="sigmoid"),
        ]
    )


def a_list_of_two_pictures() -> keras.Model:
    """Both pictures are passed as a list: it trains, on the left one alone."""
    left, right, same = np.zeros((64, 8, 8, 1)), np.zeros((64, 8, 8, 1)), np.zeros((64, 1))
    model = keras.Sequential([keras.Input((8, 8, 1)), layers.Flatten(), layers.Dense(16)])
    model.add(layers.Dense(1, activation="sigmoid"))
    model.compile(optimizer="adam", loss="binary_crossentropy")
    model.fit([left, right], same, verbose=0)
    return model


def fix() -> keras.Model:
    """One encoder that is called on both pictures, in the Functional API."""
    left = keras.Input((8, 8, 1), name="left")
    right = keras.Input((8, 8, 1), name="right")
    encoder = keras.Sequential([layers.Flatten(), layers.Dense(16)])
    gap = layers.Subtract()([encoder(left), encoder(right)])
    squared = layers.Multiply()([gap, gap])
    outputs = layers.Dense(1, activation="sigmoid")(squared)
    return keras.Model([left, right], outputs)


@keras.saving.register_keras_serializable("seqkit")
class SquaredDifference(layers.Layer):
    """Subtracts row 1 from row 0 of each example and squares the result, number by number.

    Taught in lesson 17.

    Example:
        >>> SquaredDifference()(np.array([[[5.0, 3.0], [1.0, 1.0]]])).shape[-1]
        2
    """

    def call(self, inputs: keras.KerasTensor) -> keras.KerasTensor:
        """Give the squares, which do not depend on the order of the rows."""
        return keras.ops.square(inputs[:, 0] - inputs[:, 1])


def workaround() -> keras.Model:
    """Both pictures in one array: TimeDistributed calls the encoder on each of them."""
    return keras.Sequential(
        [
            keras.Input((2, 8, 8, 1)),  # np.stack([left, right], axis=1)
            layers.TimeDistributed(keras.Sequential([layers.Flatten(), layers.Dense(16)])),
            SquaredDifference(),
            layers.Dense(1, activation="sigmoid"),
        ]
    )


def unshared() -> keras.Model:
    """The fix with an encoder of its own for each picture."""
    left, right = keras.Input((8, 8, 1)), keras.Input((8, 8, 1))
    codes = [layers.Dense(16)(layers.Flatten()(picture)) for picture in (left, right)]
    gap = layers.Subtract()(codes)
    squared = layers.Multiply()([gap, gap])
    return keras.Model([left, right], layers.Dense(1, activation="sigmoid")(squared))


def evidence() -> tuple[Check, ...]:
    """What must be true of the silent attempts, of the fix and of the way round."""
    fixed, channels, stacked = fix(), two_pictures_as_channels(), workaround()
    warned = attempt(a_list_of_two_pictures).explanation
    return (
        Check(
            "Keras warns when it drops the right picture; it is explained as multi_input",
            warned is not None and warned.pattern == "multi_input",
            "Keras says something else now. Run the attempt and read it.",
        ),
        Check(
            "the fix has 1,057 parameters; with two encoders there are 2,097",
            (fixed.count_params(), unshared().count_params()) == (1057, 2097),
            "Count again in lesson 17.",
        ),
        Check(
            "in the fix, left and right can be exchanged",
            _symmetric(fixed, list),
            "Check `fix`.",
        ),
        Check(
            "with two channels, and with two encoders, they cannot",
            not _symmetric(channels, _as_channels) and not _symmetric(unshared(), list),
            "Change the text of lesson 17.",
        ),
        Check(
            "in the fix, a picture beside itself always gives the same answer",
            _knows_itself(fixed),
            "Check `fix`.",
        ),
        Check(
            "codes that are kept and compared by hand give the answers of the fix",
            _codes_give_the_answers(fixed),
            "Check `fix`.",
        ),
        Check(
            "the way round computes the same as the fix",
            _same_with_equal_weights(fixed, stacked),
            "Check `SquaredDifference`.",
        ),
        Check(
            "the way round has one entrance where the fix has two",
            (len(read(stacked).entry), len(read(fixed).entry)) == (1, 2),
            "Change the price in lesson 17.",
        ),
    )


def trained() -> tuple[Check, ...]:
    """Pairs of symbols that were never seen in training: the fix against the two channels."""
    of_fixed = _accuracy(fix(), list)
    of_channels = _accuracy(two_pictures_as_channels(), _as_channels)
    return (
        Check(
            "the fix verifies pairs of symbols that it has never seen (over 80 %)",
            of_fixed > 0.8,
            f"Test accuracy was {of_fixed:.0%}.",
        ),
        Check(
            "two channels in a flat list are over 15 points behind (guessing gives 50 %)",
            of_channels < of_fixed - 0.15,
            f"Test accuracy was {of_channels:.0%}, and {of_fixed:.0%} with the fix.",
        ),
    )


def _symbol_pairs(first: int, last: int, seed: int) -> tuple[list[np.ndarray], np.ndarray]:
    """Pairs of the symbols first to last-minus-one; every other pair shows one symbol twice."""
    shapes = np.random.default_rng(0).normal(size=(SYMBOLS, SIDE // 2, SIDE))
    generator = np.random.default_rng(seed)
    same = np.arange(PAIRS) % 2
    left = generator.integers(first, last, size=PAIRS)
    step = generator.integers(1, last - first, size=PAIRS)
    right = np.where(same == 1, left, first + (left - first + step) % (last - first))
    return [_pictures(shapes[side], generator) for side in (left, right)], same[:, None]


def _pictures(upper: np.ndarray, generator: np.random.Generator) -> np.ndarray:
    upper = upper + NOISE_ABOVE * generator.normal(size=upper.shape)
    lower = NOISE_BELOW * generator.normal(size=upper.shape)
    return np.concatenate([upper, lower], axis=1)[..., None].astype("float32")


def _accuracy(model: keras.Model, together: Any) -> float:
    """Train on pairs of the seen symbols, and measure on pairs of the others."""
    _draw(model, scale=0.05)
    model.compile(optimizer=keras.optimizers.Adam(0.02), loss="binary_crossentropy")
    pairs, same = _symbol_pairs(0, SEEN, seed=1)
    model.fit(together(pairs), same, epochs=12, batch_size=64, shuffle=False, verbose=0)
    new_pairs, new_same = _symbol_pairs(SEEN, SYMBOLS, seed=2)
    return float(((answer(model, together(new_pairs)) > 0.5) == new_same).mean())


def _draw(model: keras.Model, scale: float = 0.3) -> None:
    """First weights that are the same in every run and leave the learner's seed alone."""
    generator = np.random.default_rng(3)
    shapes = [weight.shape for weight in model.get_weights()]
    model.set_weights([generator.normal(size=shape, scale=scale) for shape in shapes])


def _some_pairs() -> list[np.ndarray]:
    generator = np.random.default_rng(4)
    return [generator.normal(size=(6, SIDE, SIDE, 1)).astype("float32") for _ in range(2)]


def _as_channels(pairs: list[np.ndarray]) -> np.ndarray:
    return np.concatenate(pairs, axis=-1)


def _symmetric(model: keras.Model, together: Any) -> bool:
    """Whether the answers stay when left and right are exchanged."""
    _draw(model)
    left, right = _some_pairs()
    one, other = (answer(model, together(pair)) for pair in ([left, right], [right, left]))
    return bool(np.allclose(one, other, atol=1e-5)) and float(np.ptp(one)) > 1e-3


def _knows_itself(model: keras.Model) -> bool:
    _draw(model)
    left, right = _some_pairs()
    answers = np.concatenate([answer(model, [one, one]) for one in (left, right)])
    return float(np.ptp(answers)) < 1e-5


def _codes_give_the_answers(model: keras.Model) -> bool:
    """Whether the model is: encode each picture, then compare the two codes."""
    _draw(model)
    encoders = [layer for layer in model.layers if isinstance(layer, keras.Sequential)]
    if len(encoders) != 1:
        return False
    left, right = (answer(encoders[0], picture) for picture in _some_pairs())
    weights, bias = model.layers[-1].get_weights()
    by_hand = 1 / (1 + np.exp(-((left - right) ** 2 @ weights + bias)))
    return bool(np.allclose(by_hand, answer(model, _some_pairs()), atol=1e-4))


def _same_with_equal_weights(fixed: keras.Model, stacked: keras.Model) -> bool:
    _draw(fixed)
    if [w.shape for w in stacked.get_weights()] != [w.shape for w in fixed.get_weights()]:
        return False
    stacked.set_weights(fixed.get_weights())
    pairs = _some_pairs()
    one, other = answer(fixed, pairs), answer(stacked, np.stack(pairs, axis=1))
    return bool(np.allclose(one, other, atol=1e-4))


LIMIT = Limit(
    name="siamese",
    title="Two pictures and one encoder cannot be written in a list",
    lesson=17,
    claims=("A2.7",),
    attempts=(
        LimitAttempt(
            "the encoder once for each Input, in one list",
            the_encoder_on_both_sides_of_an_input,
            pattern="shared_layer",
        ),
        LimitAttempt(
            "the encoder twice in a row", the_encoder_twice_in_the_list, pattern="nested_model"
        ),
        LimitAttempt("two pictures as two channels", two_pictures_as_channels, loud=False),
        LimitAttempt("fit on a list of two pictures", a_list_of_two_pictures, loud=False),
    ),
    why=(
        "The two pictures must pass the same encoder side by side, and both codes must be there "
        "when they are compared. A Sequential has one tensor, so its second use of the encoder "
        "would get the first code."
    ),
    fix_function=fix,
    evidence=evidence,
    trained=trained,
    workaround_function=workaround,
    price=(
        "both pictures must have one size and travel in one array; the comparison is a layer of "
        "one's own; to get a code you must take the encoder out of TimeDistributed"
    ),
)
