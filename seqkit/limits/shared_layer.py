"""One layer for two inputs: a list can repeat a layer behind itself, but not beside itself."""

from __future__ import annotations

from typing import Any

import keras
import numpy as np
from keras import layers

from seqkit.graph import read
from seqkit.limits.limit import Check, Limit, LimitAttempt
from seqkit.limits.measure import answer

ROWS = 6
STEP = 0.125  # the learning rate of the one step that shows the gradient


def the_layer_on_both_sides_of_an_input() -> keras.Model:
    """The layer is written once for each of the two inputs."""
    shared = layers.Dense(4)
    return keras.Sequential(
        [
            keras.Input((8,)),
            shared,
            keras.Input((8,)),
            shared,
            layers.Subtract(),
            layers.Dense(1),
        ]
    )


def two_layers_of_one_name() -> keras.Model:
    """Two layers get one name, so that they may have the same weights."""
    return keras.Sequential(
        [
            keras.Input((8,)),
            layers.Dense(8, activation="relu", name="shared"),
            layers.Dense(8, name="shared"),
        ]
    )


def the_layer_twice_in_the_list() -> keras.Model:
    """One layer at two places of the list: shared, but one use behind the other."""
    shared = layers.Dense(4)
    return keras.Sequential([keras.Input((4,)), shared, layers.ReLU(), shared])


def a_copy_for_the_second_input() -> keras.Model:
    """A copy for the second input, with a name of its own: the same settings, other weights."""
    encoder = keras.Sequential([keras.Input((8,)), layers.Dense(4)])
    copy = keras.Sequential.from_config({**encoder.get_config(), "name": "copy"})
    left, right = keras.Input((8,)), keras.Input((8,))
    gap = layers.Subtract()([encoder(left), copy(right)])
    return keras.Model([left, right], layers.Dense(1)(gap))


def fix() -> keras.Model:
    """One layer that is called on both inputs, in the Functional API."""
    left = keras.Input((8,), name="left")
    right = keras.Input((8,), name="right")
    shared = layers.Dense(4)
    gap = layers.Subtract()([shared(left), shared(right)])
    outputs = layers.Dense(1)(gap)
    return keras.Model([left, right], outputs)


@keras.saving.register_keras_serializable("seqkit")
class FirstMinusSecond(layers.Layer):
    """Subtracts row 1 from row 0 of each example.

    Taught in lesson 17.

    Example:
        >>> FirstMinusSecond()(np.array([[[5.0, 3.0], [1.0, 1.0]]])).shape[-1]
        2
    """

    def call(self, inputs: keras.KerasTensor) -> keras.KerasTensor:
        """Give the difference of the two rows."""
        return inputs[:, 0] - inputs[:, 1]


def workaround() -> keras.Model:
    """Both inputs in one array: Dense has the same weights for each row of it."""
    return keras.Sequential(
        [
            keras.Input((2, 8)),  # np.stack([left, right], axis=1)
            layers.Dense(4),
            FirstMinusSecond(),
            layers.Dense(1),
        ]
    )


def evidence() -> tuple[Check, ...]:
    """What must be true of the repeated layer, of the copy, of the fix and of the way round."""
    row, copied = the_layer_twice_in_the_list(), a_copy_for_the_second_input()
    fixed, stacked = fix(), workaround()
    return (
        Check(
            "the same Dense twice in a list has 20 parameters, not 40",
            row.count_params() == 20,
            "Count again in lesson 17.",
        ),
        Check(
            "in a list the second use of the layer gets the output of the first",
            _follows_itself(row),
            "Change the text of lesson 17.",
        ),
        Check(
            "the fix has 41 parameters; with a copy for the second input there are 77",
            (fixed.count_params(), copied.count_params()) == (41, 77),
            "Count again in lesson 17.",
        ),
        Check(
            "in the fix, two equal inputs have no difference",
            _sees_no_difference(fixed),
            "The layer is not shared. Check `fix`.",
        ),
        Check(
            "with the copy, two equal inputs have a difference",
            not _sees_no_difference(copied),
            "Keras shares the weights of a copy now. Change the text of lesson 17.",
        ),
        Check(
            "in the fix, one layer has two calls, each with an Input of its own",
            _calls_on_inputs(fixed) == 2 and _distinct_weights(fixed) == 4,
            "Check `fix`.",
        ),
        Check(
            "the slope of a shared weight is the sum of the slopes at its two uses",
            np.allclose(_slope(fixed), sum(_slopes_of_uses(copied)), atol=1e-3),
            "Change the text of lesson 17.",
        ),
        Check(
            "the way round computes the same as the fix",
            _same_with_equal_weights(fixed, stacked),
            "Check `FirstMinusSecond`.",
        ),
        Check(
            "the way round has one entrance where the fix has two",
            (len(read(stacked).entry), len(read(fixed).entry)) == (1, 2),
            "Change the price in lesson 17.",
        ),
    )


def trained() -> tuple[Check, ...]:
    """One step of training: a shared weight moves by the sum, and stays shared."""
    fixed, copied = fix(), a_copy_for_the_second_input()
    kernel, *_ = _weights_of_fix()
    together = _after_one_step(fixed)[0] - kernel
    left, right = (moved - kernel for moved in _after_one_step(copied)[:2])
    return (
        Check(
            "one step moves the shared weights by the sum of what it moves the two copies",
            np.allclose(together, left + right, atol=1e-4) and bool(np.abs(together).max() > 1e-3),
            "Change the text of lesson 17.",
        ),
        Check(
            "after one step the two copies are no longer equal",
            not np.allclose(left, right, atol=1e-3),
            "Change the text of lesson 17.",
        ),
    )


def _weights_of_fix() -> list[np.ndarray]:
    """Kernel and bias of the shared layer, then of the last one."""
    generator = np.random.default_rng(0)
    return [generator.normal(size=size) for size in ((8, 4), (4,), (4, 1), (1,))]


def _pairs() -> list[np.ndarray]:
    generator = np.random.default_rng(1)
    return [generator.normal(size=(ROWS, 8)).astype("float32") for _ in range(2)]


def _set(model: keras.Model) -> None:
    """Give the fix, the model with the copy or the way round the same function."""
    kernel, bias, *last = _weights_of_fix()
    kernels = [kernel, bias] * (2 if len(model.weights) == 6 else 1)
    model.set_weights([*kernels, *last])


def _follows_itself(row: keras.Model) -> bool:
    """Whether the row computes d(relu(d(x))) with one d."""
    generator = np.random.default_rng(2)
    kernel, bias = generator.normal(size=(4, 4)), generator.normal(size=4)
    row.set_weights([kernel, bias])
    x = generator.normal(size=(ROWS, 4)).astype("float32")
    wanted = np.maximum(x @ kernel + bias, 0) @ kernel + bias
    return bool(np.allclose(answer(row, x), wanted, atol=1e-4))


def _sees_no_difference(model: keras.Model) -> bool:
    """Whether two equal inputs give the bias of the last layer; weights as they were drawn."""
    left, _ = _pairs()
    bias = model.get_weights()[-1]
    return bool(np.allclose(answer(model, [left, left]), bias, atol=1e-5))


def _calls_on_inputs(model: keras.Model) -> int:
    graph = read(model)
    entries = {node.index for node in graph.nodes if node.kind == "InputLayer"}
    return sum(
        node.kind == "Dense" and bool(entries & {edge.source for edge in node.inputs})
        for node in graph.nodes
    )


def _distinct_weights(model: keras.Model) -> int:
    return len({id(weight) for weight in model.weights})


def _slope(model: keras.Model, place: int = 0) -> float:
    """How far the mean square of the output moves when one weight of one array moves."""
    _set(model)
    kept = model.get_weights()

    def height(change: float) -> float:
        moved = [weight.copy() for weight in kept]
        moved[place][1, 2] += change
        model.set_weights(moved)
        return float((answer(model, _pairs()).astype("float64") ** 2).mean())

    return (height(0.05) - height(-0.05)) / 0.1  # exact: the height is a parabola


def _slopes_of_uses(copied: keras.Model) -> list[float]:
    """The slopes at the left and at the right use, with a layer of equal weights for each."""
    return [_slope(copied, place) for place in (0, 2)]


def _after_one_step(model: keras.Model) -> list[Any]:
    """The kernels on the inputs after one step of plain gradient descent."""
    _set(model)
    model.compile(optimizer=keras.optimizers.SGD(STEP), loss="mse")
    model.train_on_batch(_pairs(), np.zeros((ROWS, 1), "float32"))
    return [weight for weight in model.get_weights() if weight.shape == (8, 4)]


def _same_with_equal_weights(fixed: keras.Model, stacked: keras.Model) -> bool:
    pairs = _pairs()
    _set(fixed)
    _set(stacked)
    one, other = answer(fixed, pairs), answer(stacked, np.stack(pairs, axis=1))
    return one.shape == other.shape and bool(np.allclose(one, other, atol=1e-4))


LIMIT = Limit(
    name="shared_layer",
    title="One layer cannot be used for two inputs in a list",
    lesson=17,
    claims=("A2.7",),
    attempts=(
        LimitAttempt(
            "the layer once for each Input, in one list",
            the_layer_on_both_sides_of_an_input,
            pattern="shared_layer",
        ),
        LimitAttempt("two layers of one name", two_layers_of_one_name, pattern="duplicate_name"),
        LimitAttempt("the same layer twice in a list", the_layer_twice_in_the_list, loud=False),
        LimitAttempt(
            "a copy by from_config, with a new name", a_copy_for_the_second_input, loud=False
        ),
    ),
    why=(
        "A list says in which order layers follow one another. The same layer twice in a list has "
        "one set of weights, but its second use comes after the first. It cannot stand beside "
        "itself, because a list has one road."
    ),
    fix_function=fix,
    evidence=evidence,
    trained=trained,
    workaround_function=workaround,
    price=(
        "both inputs must have one shape and travel in one array; the comparison is a layer of "
        "one's own; nothing in the model says that there are two inputs"
    ),
)
