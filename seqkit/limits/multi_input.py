"""Two inputs, such as a title and metadata: a Sequential takes one and drops the other."""

from __future__ import annotations

import keras
import numpy as np
from keras import layers

from seqkit.explaining import attempt
from seqkit.graph import read
from seqkit.limits.limit import Check, Limit, LimitAttempt
from seqkit.limits.measure import with_known_weights

# The first array has 8 columns, the second 4. The label depends on the second alone.
FIRST, SECOND = 8, 4
ROWS, TRAIN = 1280, 1024


def two_inputs_in_the_list() -> keras.Model:
    """A second Input is put where the second array should join."""
    return keras.Sequential(
        [
            keras.Input((8,)),
            layers.Dense(16, activation="relu"),
            keras.Input((4,)),
            layers.Dense(1, activation="sigmoid"),
        ]
    )


def concatenate_in_the_list() -> keras.Model:
    """The merge layer is put where the second array should join."""
    return keras.Sequential(
        [
            keras.Input((8,)),
            layers.Dense(16, activation="relu"),
            layers.Concatenate(),
            layers.Dense(1, activation="sigmoid"),
        ]
    )


def a_dict_of_two_arrays() -> keras.Model:
    """The two arrays are passed by name."""
    first, second = np.zeros((64, 8)), np.zeros((64, 4))
    label = np.zeros((64, 1))
    model = keras.Sequential([keras.Input((8,)), layers.Dense(1, activation="sigmoid")])
    model.compile(optimizer="adam", loss="binary_crossentropy")
    model.fit({"first": first, "second": second}, label, verbose=0)
    return model


def a_list_of_two_arrays() -> keras.Model:
    """The two arrays are passed as a list: it trains, on the first array alone."""
    first, second = np.zeros((64, 8)), np.zeros((64, 4))
    label = np.zeros((64, 1))
    model = keras.Sequential([keras.Input((8,)), layers.Dense(1, activation="sigmoid")])
    model.compile(optimizer="adam", loss="binary_crossentropy")
    model.fit([first, second], label, verbose=0)
    return model


def fix() -> keras.Model:
    """One Input and one road for each array, in the Functional API."""
    first = keras.Input((8,), name="first")
    second = keras.Input((4,), name="second")
    road_1 = layers.Dense(16, activation="relu")(first)
    road_2 = layers.Dense(16, activation="relu")(second)
    x = layers.Concatenate()([road_1, road_2])
    outputs = layers.Dense(1, activation="sigmoid")(x)
    return keras.Model([first, second], outputs)


@keras.saving.register_keras_serializable("seqkit")
class TwoRoads(layers.Layer):
    """Cuts a table into its left and right columns, and gives each part a Dense layer.

    Args:
        split: how many columns belong to the first part.
        units: units of each road.
    """

    def __init__(self, split: int, units: int, **kwargs: object) -> None:
        super().__init__(**kwargs)
        self.split = split
        self.units = units
        self.left = layers.Dense(units, activation="relu")
        self.right = layers.Dense(units, activation="relu")

    def build(self, input_shape: tuple[int | None, ...]) -> None:
        """Give each road the width of its columns."""
        columns = input_shape[-1]
        assert columns is not None
        self.left.build((None, self.split))
        self.right.build((None, columns - self.split))

    def call(self, inputs: keras.KerasTensor) -> keras.KerasTensor:
        """Take the columns apart, and join the ends of the two roads."""
        left, right = inputs[:, : self.split], inputs[:, self.split :]
        return keras.ops.concatenate([self.left(left), self.right(right)], axis=-1)

    def get_config(self) -> dict[str, object]:
        """Return the arguments, so that the layer can be saved and loaded."""
        return {**super().get_config(), "split": self.split, "units": self.units}


def workaround() -> keras.Model:
    """One table with the columns of both arrays, taken apart again inside a layer of one's own."""
    return keras.Sequential(
        [
            keras.Input((8 + 4,)),  # np.concatenate([first, second], axis=1)
            TwoRoads(split=8, units=16),
            layers.Dense(1, activation="sigmoid"),
        ]
    )


def stand_in() -> keras.Model:
    """What Keras trains when a Sequential is given the list: the road of the first array."""
    return keras.Sequential(
        [
            keras.Input((8,)),
            layers.Dense(16, activation="relu"),
            layers.Dense(1, activation="sigmoid"),
        ]
    )


def evidence() -> tuple[Check, ...]:
    """What must be true of the silent loss, of the fix and of the way round."""
    pairs, _ = _two_tables()
    fixed, silent, glued = fix(), stand_in(), workaround()
    warned = attempt(a_list_of_two_arrays).explanation
    return (
        Check(
            "Keras warns when it drops the second array; the warning is explained as multi_input",
            warned is not None and warned.pattern == "multi_input",
            "Keras says something else now. Run the attempt and read it.",
        ),
        Check(
            "a Sequential that gets both: shuffling the second array changes no prediction",
            not _listens_to_second(silent, pairs),
            "Keras uses the second array now. Change the text of lesson 13.",
        ),
        Check(
            "in the fix, shuffling the second array changes the predictions",
            _listens_to_second(fixed, pairs),
            "Check `fix`.",
        ),
        Check(
            "the second road costs 96 parameters: 257 instead of 161",
            (fixed.count_params(), silent.count_params()) == (257, 161),
            "Count again in the lesson.",
        ),
        Check(
            "the custom layer computes the same as the fix",
            _same_with_equal_weights(fixed, glued, pairs),
            "Check `TwoRoads`.",
        ),
        Check(
            "the way round has one entrance where the fix has two",
            (len(read(glued).entry), len(read(fixed).entry)) == (1, 2),
            "Change the price in the lesson.",
        ),
    )


def trained() -> tuple[Check, ...]:
    """What the two arrays are worth: the fix against the silent loss."""
    pairs, labels = _two_tables()
    of_fixed, of_silent = (_accuracy(model, pairs, labels) for model in (fix(), stand_in()))
    return (
        Check(
            "a label that depends on the second array alone: the fix learns it (over 90 %)",
            of_fixed > 0.9,
            f"Test accuracy was {of_fixed:.0%}.",
        ),
        Check(
            "the silent fit does not learn it (under 65 %, guessing gives 50 %)",
            of_silent < 0.65,
            f"Test accuracy was {of_silent:.0%}.",
        ),
    )


def _two_tables() -> tuple[list[np.ndarray], np.ndarray]:
    """Two arrays, and a label that the second array alone decides."""
    generator = np.random.default_rng(0)
    first, second = (
        generator.normal(size=(ROWS, width)).astype("float32") for width in (FIRST, SECOND)
    )
    return [first, second], (second.sum(axis=1, keepdims=True) > 0).astype("float32")


def _accuracy(model: keras.Model, pairs: list[np.ndarray], labels: np.ndarray) -> float:
    """Train on the first rows, measure on the rest; `attempt` keeps the expected warning quiet."""
    with_known_weights(model)
    model.compile(optimizer=keras.optimizers.Adam(0.01), loss="binary_crossentropy")
    train = [array[:TRAIN] for array in pairs]
    attempt(model.fit, train, labels[:TRAIN], epochs=6, shuffle=False, verbose=0)
    said = _output(model, [array[TRAIN:] for array in pairs])
    return float(((said > 0.5) == labels[TRAIN:]).mean())


def _listens_to_second(model: keras.Model, pairs: list[np.ndarray]) -> bool:
    """Whether other rows of the second array give other predictions."""
    first, second = pairs
    shuffled = np.random.default_rng(1).permutation(second)
    return not np.array_equal(_output(model, [first, second]), _output(model, [first, shuffled]))


def _output(model: keras.Model, pairs: list[np.ndarray]) -> np.ndarray:
    return keras.ops.convert_to_numpy(attempt(model, pairs).value)


def _same_with_equal_weights(
    fixed: keras.Model, glued: keras.Model, pairs: list[np.ndarray]
) -> bool:
    if [w.shape for w in glued.get_weights()] != [w.shape for w in fixed.get_weights()]:
        return False
    glued.set_weights(fixed.get_weights())
    table = keras.ops.convert_to_numpy(glued(np.concatenate(pairs, axis=1)))
    return bool(np.allclose(table, _output(fixed, pairs), atol=1e-5))


LIMIT = Limit(
    name="multi_input",
    title="A second input cannot be written in a list, and is lost in fit",
    lesson=13,
    claims=("A2.2", "A4.3"),
    attempts=(
        LimitAttempt("two Inputs in the list", two_inputs_in_the_list, pattern="multi_input"),
        LimitAttempt("Concatenate() in the list", concatenate_in_the_list, pattern="dense_skip"),
        LimitAttempt("fit on a dict of two arrays", a_dict_of_two_arrays, pattern="multi_input"),
        LimitAttempt("fit on a list of two arrays", a_list_of_two_arrays, loud=False),
    ),
    why=(
        "A Sequential has one entrance, and hands each layer one tensor. There is no layer at "
        "which a second array could join, so a second array is refused or dropped."
    ),
    fix_function=fix,
    evidence=evidence,
    trained=trained,
    workaround_function=workaround,
    price=(
        "both arrays must be rows of numbers, joined to one table by hand; a layer of one's own "
        "must know which columns belong to which; the two roads are hidden in it"
    ),
)
