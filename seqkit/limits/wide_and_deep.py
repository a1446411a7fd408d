"""Wide and deep: a table of exceptions beside a network with a rule (Cheng et al. 2016)."""

from __future__ import annotations

from typing import Any

import keras
import numpy as np
from keras import layers

from seqkit.graph import read
from seqkit.limits.limit import Check, Limit, LimitAttempt
from seqkit.limits.measure import answer

# 20 users and 20 items with 2 known facts each. A smooth rule says who likes what, and one pair
# in eight is an exception. A crossed column has a 1 for one pair of user and item.
SIDE, FACTS = 20, 4
SHOWN = 4  # how often each training pair is shown
WIDE, DEEP = SIDE * SIDE, FACTS


def a_list_of_both_parts() -> keras.Model:
    """The two parts as a list inside the list, and the layer that shall add them."""
    return keras.Sequential(
        [
            keras.Input((404,)),
            [
                layers.Dense(1),
                keras.Sequential([layers.Dense(16, activation="relu"), layers.Dense(1)]),
            ],
            layers.Add(),
        ]
    )


def two_inputs_in_the_list() -> keras.Model:
    """Each part with its Input, one part behind the other."""
    return keras.Sequential(
        [
            keras.Input((400,), name="crossed"),
            layers.Dense(1),
            keras.Input((4,), name="facts"),
            layers.Dense(16, activation="relu"),
            layers.Dense(1),
            layers.Add(),
        ]
    )


def wide_then_deep() -> keras.Model:
    """One part behind the other: it builds, and all goes through one number."""
    wide = keras.Sequential([layers.Dense(1)])
    deep = keras.Sequential([layers.Dense(16, activation="relu"), layers.Dense(1)])
    return keras.Sequential([keras.Input((404,)), wide, deep, layers.Activation("sigmoid")])


def fix() -> keras.Model:
    """A linear part for the crossed columns, a deep part for the facts, and their sum."""
    crossed = keras.Input((400,), name="crossed")
    facts = keras.Input((4,), name="facts")
    wide = layers.Dense(1, use_bias=False)(crossed)
    deep = layers.Dense(16, activation="relu")(facts)
    deep = layers.Dense(1)(deep)
    outputs = layers.Activation("sigmoid")(layers.Add()([wide, deep]))
    return keras.Model([crossed, facts], outputs)


@keras.saving.register_keras_serializable("seqkit")
class WideAndDeep(layers.Layer):
    """Cuts a table in two: a linear part for the left columns, a deep part for the right ones.

    Taught in lesson 17.

    Args:
        split: how many columns belong to the linear part.
        units: units of the deep part.
    """

    def __init__(self, split: int, units: int, **kwargs: object) -> None:
        super().__init__(**kwargs)
        self.split = split
        self.units = units
        self.wide = layers.Dense(1, use_bias=False)
        self.deep = layers.Dense(units, activation="relu")
        self.end = layers.Dense(1)

    def build(self, input_shape: tuple[int | None, ...]) -> None:
        """Give each part the width of its columns."""
        columns = input_shape[-1]
        assert columns is not None
        self.wide.build((None, self.split))
        self.deep.build((None, columns - self.split))
        self.end.build((None, self.units))

    def call(self, inputs: keras.KerasTensor) -> keras.KerasTensor:
        """Give the sum of both parts."""
        wide = self.wide(inputs[:, : self.split])
        return wide + self.end(self.deep(inputs[:, self.split :]))

    def get_config(self) -> dict[str, object]:
        """Return the arguments, so that the layer can be saved and loaded."""
        return {**super().get_config(), "split": self.split, "units": self.units}


def workaround() -> keras.Model:
    """One table with all columns, taken apart again inside a layer of one's own."""
    return keras.Sequential(
        [
            keras.Input((400 + 4,)),  # np.concatenate([crossed, facts], axis=1)
            WideAndDeep(split=400, units=16),
            layers.Activation("sigmoid"),
        ]
    )


def wide_only() -> keras.Model:
    """The linear part alone, as a Sequential."""
    return keras.Sequential([keras.Input((400,)), layers.Dense(1, activation="sigmoid")])


def deep_only() -> keras.Model:
    """The deep part alone, as a Sequential."""
    return keras.Sequential(
        [
            keras.Input((4,)),
            layers.Dense(16, activation="relu"),
            layers.Dense(1, activation="sigmoid"),
        ]
    )


def evidence() -> tuple[Check, ...]:
    """What must be true of the row, of the fix and of the way round."""
    fixed, row, hidden = fix(), wide_then_deep(), workaround()
    return (
        Check(
            "in the row, all 404 columns go through one number",
            _depends_on_one_number(row),
            "Change the text of lesson 17.",
        ),
        Check(
            "the fix has 400 + 80 + 17 = 497 parameters",
            fixed.count_params() == 497,
            "Count again in lesson 17.",
        ),
        Check(
            "in the fix, a crossed column moves the sum by the same amount whatever the facts are",
            _step_is_constant(fixed, lambda crossed, facts: [crossed, facts]),
            "Check `fix`.",
        ),
        Check(
            "behind a common relu layer it does not",
            not _step_is_constant(
                _one_table(), lambda crossed, facts: np.concatenate([crossed, facts], axis=1)
            ),
            "Change the text of lesson 17.",
        ),
        Check(
            "the custom layer on one table computes the same as the fix",
            _same_with_equal_weights(fixed, hidden),
            "Check `WideAndDeep`.",
        ),
        Check(
            "the way round has one entrance where the fix has two",
            (len(read(hidden).entry), len(read(fixed).entry)) == (1, 2),
            "Change the price in lesson 17.",
        ),
    )


def trained() -> tuple[Check, ...]:
    """A rule with exceptions: each part alone misses one of the two."""
    both = _scores(fix(), lambda crossed, facts: [crossed, facts])
    wide = _scores(wide_only(), lambda crossed, facts: crossed)
    deep = _scores(deep_only(), lambda crossed, facts: facts)
    return (
        Check(
            "the linear part alone knows the exceptions, and guesses at new pairs",
            wide[0] > 0.9 and wide[1] < 0.7,
            f"Exceptions {wide[0]:.0%}, new pairs {wide[1]:.0%}.",
        ),
        Check(
            "the deep part alone knows the rule for new pairs, and misses the exceptions",
            deep[0] < 0.4 and deep[1] > 0.85,
            f"Exceptions {deep[0]:.0%}, new pairs {deep[1]:.0%}.",
        ),
        Check(
            "the fix knows the exceptions and the rule",
            both[0] > 0.8 and both[1] > 0.8,
            f"Exceptions {both[0]:.0%}, new pairs {both[1]:.0%}.",
        ),
    )


def _world() -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    """Facts and labels of all pairs, which pairs are exceptions, and which are for training."""
    generator = np.random.default_rng(0)
    users, items = (generator.uniform(-1, 1, size=(SIDE, 2)) for _ in range(2))
    first, second = np.divmod(np.arange(SIDE * SIDE), SIDE)
    facts = np.concatenate([users[first], items[second]], axis=1).astype("float32")
    likes = facts[:, 0] + facts[:, 2] + 0.5 * (facts[:, 1] - facts[:, 3]) > 0
    order = generator.permutation(SIDE * SIDE)
    training = np.isin(np.arange(SIDE * SIDE), order[:300])
    exceptions = np.isin(np.arange(SIDE * SIDE), order[:50])
    return facts, (likes ^ exceptions).astype("float32"), exceptions, training


def _scores(model: keras.Model, together: Any) -> tuple[float, float]:
    """Accuracy on the exceptions, which were shown, and on pairs that were never shown."""
    facts, labels, exceptions, training = _world()
    crossed = np.eye(SIDE * SIDE, dtype="float32")
    generator = np.random.default_rng(1)
    rows = generator.permutation(np.repeat(np.flatnonzero(training), SHOWN))
    shapes = [weight.shape for weight in model.get_weights()]
    model.set_weights([_start(shape, place) for place, shape in enumerate(shapes)])
    model.compile(optimizer=keras.optimizers.Adam(0.04), loss="binary_crossentropy")
    model.fit(
        together(crossed[rows], facts[rows]),
        labels[rows][:, None],
        epochs=15,
        batch_size=120,
        shuffle=False,
        verbose=0,
    )
    right = (answer(model, together(crossed, facts))[:, 0] > 0.5) == labels
    return float(right[exceptions].mean()), float(right[~training].mean())


def _start(shape: tuple[int, ...], place: int) -> np.ndarray:
    """First weights that are the same in every run; 0 for the crossed columns and the biases."""
    if len(shape) == 1 or shape[0] == WIDE:
        return np.zeros(shape)
    return np.random.default_rng(place).normal(size=shape, scale=(2 / sum(shape)) ** 0.5)


def _one_table() -> keras.Model:
    """The flat list of Keras' own layers: all columns through the same relu layer."""
    return keras.Sequential(
        [
            keras.Input((404,)),
            layers.Dense(16, activation="relu"),
            layers.Dense(1, activation="sigmoid"),
        ]
    )


def _draw(model: keras.Model) -> None:
    generator = np.random.default_rng(2)
    shapes = [weight.shape for weight in model.get_weights()]
    model.set_weights([generator.normal(size=shape, scale=0.3) for shape in shapes])


def _depends_on_one_number(row: keras.Model) -> bool:
    """Whether two inputs with one sum in the first layer always get one answer."""
    _draw(row)
    generator = np.random.default_rng(3)
    x = generator.normal(size=(6, WIDE + DEEP))
    kernel = row.get_weights()[0][:, 0]
    along = generator.normal(size=x.shape)
    along -= np.outer(along @ kernel, kernel) / (kernel @ kernel)  # does not move the first sum
    one, other = answer(row, x.astype("float32")), answer(row, (x + along).astype("float32"))
    return bool(np.allclose(one, other, atol=1e-3))


def _step_is_constant(model: keras.Model, together: Any) -> bool:
    """Whether crossed column 7 moves all examples by the same amount, before the sigmoid."""
    _draw(model)
    generator = np.random.default_rng(4)
    facts = generator.normal(size=(8, DEEP)).astype("float32")
    off, on = np.zeros((8, WIDE), "float32"), np.zeros((8, WIDE), "float32")
    on[:, 7] = 1

    def before_sigmoid(crossed: np.ndarray) -> np.ndarray:
        share = answer(model, together(crossed, facts)).astype("float64")
        return np.log(share / (1 - share))

    step = before_sigmoid(on) - before_sigmoid(off)
    return float(np.ptp(step)) < 1e-2


def _same_with_equal_weights(fixed: keras.Model, hidden: keras.Model) -> bool:
    """Copy the weights by their shapes, which are all different."""
    _draw(fixed)
    by_shape = {weight.shape: weight for weight in fixed.get_weights()}
    shapes = [weight.shape for weight in hidden.get_weights()]
    if sorted(shapes) != sorted(by_shape):
        return False
    hidden.set_weights([by_shape[shape] for shape in shapes])
    generator = np.random.default_rng(5)
    crossed, facts = (
        generator.normal(size=(6, width), scale=0.1).astype("float32") for width in (WIDE, DEEP)
    )
    one = answer(fixed, [crossed, facts])
    other = answer(hidden, np.concatenate([crossed, facts], axis=1))
    return bool(np.allclose(one, other, atol=1e-4))


LIMIT = Limit(
    name="wide_and_deep",
    title="A linear part beside a deep part cannot be written in a list",
    lesson=17,
    claims=("A4.4",),
    attempts=(
        LimitAttempt(
            "both parts as a list inside the list", a_list_of_both_parts, pattern="branch"
        ),
        LimitAttempt("two Inputs in the list", two_inputs_in_the_list, pattern="multi_input"),
        LimitAttempt("the deep part behind the wide part", wide_then_deep, loud=False),
    ),
    why=(
        "Both parts must reach the output: the linear part directly, the deep part through its "
        "layers. In a list everything goes through every layer, so there is no direct way."
    ),
    fix_function=fix,
    evidence=evidence,
    trained=trained,
    workaround_function=workaround,
    price=(
        "all columns must be joined to one table; a layer of one's own must know which columns "
        "belong to which part; the two parts are hidden in it"
    ),
)
