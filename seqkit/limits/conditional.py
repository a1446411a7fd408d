"""An `if` on the numbers of the data: each example takes the road that its own numbers choose."""

from __future__ import annotations

import keras
import numpy as np
from keras import layers

from seqkit.limits.limit import Check, Limit, LimitAttempt
from seqkit.limits.measure import alike, answer, explained, train, with_random_weights

COLUMNS, UNITS = 4, 2
ROWS, TRAIN = 768, 512
# TensorFlow and JAX call a layer on a tensor without numbers first. torch runs it on numbers at
# once, so there a Python `if` works, with no message, and decides for the whole batch.
TRACES = keras.config.backend() != "torch"
PATTERN = "python_on_tensor" if TRACES else ""


def an_if_in_a_function() -> keras.Model:
    """A function with the decision stands in the list."""

    def choose(inputs: keras.KerasTensor) -> keras.KerasTensor:
        if keras.ops.mean(inputs) > 0:
            return keras.ops.relu(inputs)
        return inputs

    return keras.Sequential([keras.Input((4,)), layers.Dense(2), choose])


def an_if_in_a_layer() -> keras.Model:
    """The condition is written as in any Python program."""

    class Choice(layers.Layer):
        def call(self, inputs: keras.KerasTensor) -> keras.KerasTensor:
            if keras.ops.mean(inputs) > 0:
                return keras.ops.relu(inputs)
            return inputs

    return keras.Sequential([keras.Input((4,)), layers.Dense(2), Choice()])


def an_if_in_a_lambda() -> keras.Model:
    """The same in a Lambda: the list is accepted, and the first use of the model fails."""
    choice = layers.Lambda(lambda x: keras.ops.relu(x) if keras.ops.mean(x) > 0 else x)
    model = keras.Sequential([keras.Input((4,)), layers.Dense(2), choice])
    model.predict(np.ones((8, 4)), verbose=0)
    return model


def an_if_on_the_training_data() -> keras.Model:
    """Python decides when the list is written: once, and for all data that will ever come."""
    data = np.ones((8, 4))
    layer = layers.Dense(2, activation="relu") if data.mean() > 0 else layers.Dense(2)
    return keras.Sequential([keras.Input((4,)), layer])


def a_switch_in_python() -> keras.Model:
    """A Python variable is read when the graph is traced, and its change comes too late."""
    switch = {"double": True}

    class Switch(layers.Layer):
        def call(self, inputs: keras.KerasTensor) -> keras.KerasTensor:
            return 2 * inputs if switch["double"] else inputs

    model = keras.Sequential([keras.Input((4,)), Switch()])
    model.predict(np.ones((8, 4)), verbose=0)
    switch["double"] = False
    model.predict(np.ones((8, 4)), verbose=0)
    return model


def fix() -> keras.Model:
    """Two roads, and a condition that is a tensor: one answer for each row."""
    inputs = keras.Input((4,))
    above = layers.Dense(2, name="above")(inputs)
    below = layers.Dense(2, name="below")(inputs)
    high = keras.ops.mean(inputs, axis=-1, keepdims=True) > 0
    outputs = keras.ops.where(high, above, below)
    return keras.Model(inputs, outputs)


@keras.saving.register_keras_serializable("seqkit")
class Either(layers.Layer):
    """Two Dense layers; the mean of each row decides which one answers.

    Args:
        units: units of each of them.
    """

    def __init__(self, units: int, **kwargs: object) -> None:
        super().__init__(**kwargs)
        self.units = units
        self.above = layers.Dense(units)
        self.below = layers.Dense(units)

    def build(self, input_shape: tuple[int | None, ...]) -> None:
        """Make the weights of both."""
        self.above.build(input_shape)
        self.below.build(input_shape)

    def call(self, inputs: keras.KerasTensor) -> keras.KerasTensor:
        """Compute both answers, and take for each row the one that its mean chooses."""
        high = keras.ops.mean(inputs, axis=-1, keepdims=True) > 0
        return keras.ops.where(high, self.above(inputs), self.below(inputs))

    def get_config(self) -> dict[str, object]:
        """Return the arguments, so that the layer can be saved and loaded."""
        return {**super().get_config(), "units": self.units}


class OneForAll(Either):
    """The same two layers; one decision for the whole batch, so only one of them is computed."""

    def call(self, inputs: keras.KerasTensor) -> keras.KerasTensor:
        """Let the mean of the whole batch choose, with a condition that is a tensor."""
        return keras.ops.cond(
            keras.ops.mean(inputs) > 0, lambda: self.above(inputs), lambda: self.below(inputs)
        )


def workaround() -> keras.Model:
    """The condition inside a layer of one's own."""
    return keras.Sequential([keras.Input((4,)), Either(2)])


def stand_in() -> keras.Model:
    """What a list of built-in layers can say: one road for all rows."""
    return keras.Sequential([keras.Input((4,)), layers.Dense(4), layers.Dense(2)])


def evidence() -> tuple[Check, ...]:
    """What must be true of the fix, of the way round and of the frozen switch."""
    x, _ = _rows()
    fixed, hidden = fix(), workaround()
    for model in (fixed, hidden):
        with_random_weights(model)
    return (
        Check(
            "in the fix each row gets the answer of the road that its own mean chooses",
            _each_row_its_road(fixed, x[:64]),
            "Check `fix`.",
        ),
        Check(
            "training on rows with a mean above zero moves the weights of one road only",
            _moved_by_rows_above(x) == ["above"],
            "The other road learns, too. Check `fix`.",
        ),
        Check(
            "the custom layer computes the same as the fix, and the same in predict",
            alike(answer(fixed, x), answer(hidden, x))
            and alike(answer(hidden, x), hidden.predict(x, verbose=0)),
            "Check `Either`.",
        ),
        Check(
            "ops.cond decides once for a batch: the answer for a row depends on its company",
            _company_matters(OneForAll(UNITS), x) and not _company_matters(Either(UNITS), x),
            "Check `OneForAll`, and what lesson 19 says on ops.cond.",
        ),
        Check(
            "a Python switch is frozen in predict when the graph was traced"
            if TRACES
            else "torch traces no graph here: a Python switch is read again in each call",
            _switch_is_frozen() == TRACES,
            "Change what lesson 19 says on tracing.",
        ),
    )


def trained() -> tuple[Check, ...]:
    """What the condition is worth where two kinds of rows follow two rules."""
    x, y = _rows()
    of_fixed, of_plain = (_error(model, x, y) for model in (fix(), stand_in()))
    return (
        Check(
            "rows of two kinds, each with a rule of its own: the fix learns both "
            "(error under 5 % of the variance)",
            of_fixed < 0.05,
            f"The error was {of_fixed:.0%}.",
        ),
        Check(
            "a list of Dense layers with more parameters learns a mean of the rules (over 30 %)",
            of_plain > 0.3,
            f"The error was {of_plain:.0%}.",
        ),
    )


def _rows() -> tuple[np.ndarray, np.ndarray]:
    """Rows of numbers; the sign of a row's mean says which of two linear rules makes its target."""
    generator = np.random.default_rng(0)
    x = generator.normal(size=(ROWS, COLUMNS)).astype("float32")
    above, below = generator.normal(size=(2, COLUMNS, UNITS))
    y = np.where(x.mean(axis=1, keepdims=True) > 0, x @ above, x @ below)
    return x, y.astype("float32")


def _each_row_its_road(model: keras.Model, x: np.ndarray) -> bool:
    roads = [model.get_layer(name).get_weights() for name in ("above", "below")]
    answers = [x @ kernel + bias for kernel, bias in roads]
    expected = np.where(x.mean(axis=1, keepdims=True) > 0, *answers)
    return alike(expected, answer(model, x)) and not alike(*answers)


def _moved_by_rows_above(x: np.ndarray) -> list[str]:
    """The layers of the fix that a step of training on such rows changes."""
    model = fix()
    rows = x[x.mean(axis=1) > 0][:32]
    before = {layer.name: layer.get_weights() for layer in model.layers}
    model.compile(optimizer=keras.optimizers.SGD(0.1), loss="mse")
    model.train_on_batch(rows, np.ones((len(rows), UNITS), "float32"))
    return [
        layer.name
        for layer in model.layers
        if any(
            not np.array_equal(old, new)
            for old, new in zip(before[layer.name], layer.get_weights(), strict=True)
        )
    ]


def _company_matters(layer: keras.Layer, x: np.ndarray) -> bool:
    """Whether the first row gets another answer among rows of the other sign."""
    model = keras.Sequential([keras.Input((COLUMNS,)), layer])
    with_random_weights(model)
    row = np.full((1, COLUMNS), 0.1, "float32")
    crowds = [np.concatenate([row, sign * np.abs(x[:7])]) for sign in (1, -1)]
    first, second = (model.predict(crowd, verbose=0)[0] for crowd in crowds)
    return not np.allclose(first, second, atol=1e-6)


def _switch_is_frozen() -> bool:
    """Whether predict goes on doubling after the Python variable has changed."""
    switch = {"double": True}

    class Switch(layers.Layer):
        def call(self, inputs: keras.KerasTensor) -> keras.KerasTensor:
            return 2 * inputs if switch["double"] else inputs

    model = keras.Sequential([keras.Input((COLUMNS,)), Switch()])
    x = np.ones((8, COLUMNS), "float32")
    before = model.predict(x, verbose=0)
    switch["double"] = False
    return bool(np.array_equal(before, model.predict(x, verbose=0)))


def _error(model: keras.Model, x: np.ndarray, y: np.ndarray) -> float:
    """Mean squared error on new rows after training, as a share of the targets' variance."""
    train(model, x[:TRAIN], y[:TRAIN], "mse", epochs=8, rate=0.05)
    return 1 - explained(model, x[TRAIN:], y[TRAIN:])


LIMIT = Limit(
    name="conditional",
    title="An `if` on the data cannot be written in a list",
    lesson=19,
    claims=("A2.9",),
    attempts=(
        LimitAttempt("a function in the list", an_if_in_a_function, pattern="not_a_layer"),
        LimitAttempt("an if in a layer's call", an_if_in_a_layer, loud=TRACES, pattern=PATTERN),
        LimitAttempt("an if in a Lambda", an_if_in_a_lambda, loud=TRACES, pattern=PATTERN),
        LimitAttempt("an if beside the list", an_if_on_the_training_data, loud=False),
        LimitAttempt("a switch that changes after tracing", a_switch_in_python, loud=False),
    ),
    why=(
        "A list is one road for all examples. Python's `if` decides once, when the list is written "
        "or the graph is traced, and then there are no numbers yet. A decision for each example "
        "must be a tensor operation, and that has more than one road to choose from."
    ),
    fix_function=fix,
    evidence=evidence,
    trained=trained,
    workaround_function=workaround,
    price=(
        "a layer of one's own; ops.where computes both roads for every row and throws one answer "
        "away, ops.cond computes one road but decides for the whole batch"
    ),
)
