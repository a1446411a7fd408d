"""Exercise 07: penalties, pairs, dropout, normalisation, dead units. Questions on lesson 07."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from seqkit.exercises import architecture
from seqkit.exercises.answer_data import AnswerData
from seqkit.exercises.answers import ChoiceAnswer, NumberAnswer
from seqkit.exercises.function_answers import Arguments, FunctionAnswer, calls
from seqkit.exercises.judges import choice_is, number_is, shape_trace
from seqkit.exercises.keras_types import Layer, Model
from seqkit.exercises.misconceptions import Misconception
from seqkit.exercises.model_answers import LayersAnswer, ModelAnswer
from seqkit.exercises.question import Question
from seqkit.exercises.rebuild import rebuild_layers, rebuild_model
from seqkit.exercises.verdict import Outcome, correct, incorrect, short_reason
from seqkit.exercises.words import listed, percent

# Question 1: work out a penalty.

_penalty_is = number_is(
    0.56,
    "L1: 0.01 · (2 + 1 + 0 + 0.5) = 0.035. L2: 0.1 · (4 + 1 + 0 + 0.25) = 0.525.",
    known={
        3.13: "You counted the biases. kernel_regularizer looks at the kernel, the weights, alone.",
        0.54: "L1 adds the sizes of the weights, without their signs: −1 counts as 1.",
        0.2975: "Keras takes the plain sum of the squares, without a half in front.",
        0.5250: "That is the L2 part alone. L1L2 adds both.",
        0.0350: "That is the L1 part alone. L1L2 adds both.",
        0.2641: "L2 is the sum of the squares. Keras takes no root of it.",
        0.1400: "That is the mean over the four weights. Keras takes the sum.",
    },
    otherwise="Add 0.01 times the sum of the sizes and 0.1 times the sum of the squares, over the "
    "four weights of the kernel.",
    tolerance=1e-4,
)


def _penalty_of_keras() -> Any:
    """The same number as Keras gives it: a tensor without axes."""
    import keras

    kernel = np.array([[2, -1], [0, 0.5]], "float32")
    return keras.regularizers.L1L2(0.01, 0.1)(kernel)


def _judge_q1(data: AnswerData) -> Outcome:
    # Rounded, so that a number that was computed finds its message.
    value = round(float(data.values["value"]), 4)
    return _penalty_is(AnswerData(data.kind, {"value": value}))


q1 = Question(
    exercise=__name__,
    number=1,
    title="Work out a penalty",
    objective="add an L1 or L2 penalty, work it out by hand, and say which of them makes weights "
    "zero",
    kind="predict",
    minutes=4,
    difficulty=1,
    points=1,
    answer=NumberAnswer(),
    judge=_judge_q1,
    hints=(
        "Which numbers does a kernel_regularizer look at: the weights, the biases, or both?",
        "L1 takes the sum of the sizes: 2 + 1 + 0 + 0.5. L2 takes the sum of the squares.",
        "0.01 · 3.5 + 0.1 · (4 + 1 + 0.25).",
    ),
    misconceptions=(
        Misconception("counts the biases", 3.13, shows="counted the biases"),
        Misconception("keeps the signs in L1", 0.54, shows="without their signs"),
        Misconception("halves the squares", 0.2975, shows="without a half"),
        Misconception("leaves out L1", 0.525, shows="L2 part alone"),
        Misconception("leaves out L2", 0.035, shows="L1 part alone"),
        Misconception("takes a root", 0.035 + 0.1 * 5.25**0.5, shows="no root"),
        Misconception("takes the mean", 0.14, shows="takes the sum"),
    ),
    equivalents=(0.01 * 3.5 + 0.1 * 5.25, np.float32(0.56), _penalty_of_keras),
)


# Question 2: judge a trick by pairs.

_JUDGEMENTS = {
    "a": "It does nothing: the two ranges, 68 to 78 and 70 to 80, overlap.",
    "b": "It helps here, by 1 to 2 points: with the same seed it wins each time.",
    "c": "It helps: the best network of all, 80 %, has it.",
    "d": "It helps by 12 points: from 68 % without it to 80 % with it.",
}

q2 = Question(
    exercise=__name__,
    number=2,
    title="Judge a trick by pairs",
    objective="compare two networks with several seeds, and tell an effect from chance",
    kind="choose",
    minutes=4,
    difficulty=1,
    points=1,
    answer=ChoiceAnswer(_JUDGEMENTS),
    judge=choice_is(
        "b",
        "The differences are 2, 2, 1, 2 and 2 points. Most of the spread comes from the pictures "
        "that a seed draws, and it is the same for both networks.",
        feedback={
            "a": "The ranges overlap because some seeds draw easier pictures. That hits both "
            "networks. Take the difference for each seed.",
            "c": "One seed can be lucky. Without the trick the same seed gives 78 %: compare within "
            "a row, for all rows.",
            "d": "These two numbers belong to different seeds, so to different pictures. Compare "
            "within a row.",
        },
    ),
    hints=(
        "The seed draws the pictures. What do the two numbers of a row have in common?",
        "Write the difference for each row, and look at its sign.",
        "2, 2, 1, 2, 2: what would you say if a coin fell on the same side five times, and the "
        "sizes were alike, too?",
    ),
    misconceptions=(
        Misconception("looks at the ranges only", "a", shows="difference for each seed"),
        Misconception("trusts the best run", "c", shows="lucky"),
        Misconception("compares different seeds", "d", shows="different seeds"),
    ),
    equivalents=("B", " b) "),
)


# Question 3: repair the place of a Dropout.


def misplaced() -> list[Layer]:
    """The stack that the notebook gives: Dropout stands behind the softmax.

    Returns:
        Fresh layers.

    Example:
        >>> [type(layer).__name__ for layer in misplaced()[1:]]
        ['Dense', 'Dense', 'Dropout']
    """
    return _stack("hidden", "output", "dropout")


def _stack(*order: str, rate: float = 0.5, between: Any = "relu") -> list[Layer]:
    """Layers in an order, for the right, the wrong and the unusual answers."""
    import keras

    make: dict[str, Callable[[], Layer]] = {
        "hidden": lambda: keras.layers.Dense(64, activation=between),
        "output": lambda: keras.layers.Dense(10, activation="softmax"),
        "sums": lambda: keras.layers.Dense(64),
        "relu": lambda: keras.layers.ReLU(),
        "scores": lambda: keras.layers.Dense(10),
        "softmax": lambda: keras.layers.Softmax(),
        "dropout": lambda: keras.layers.Dropout(rate),
        "batch": lambda: keras.layers.BatchNormalization(),
        "noise": lambda: keras.layers.GaussianDropout(rate),
    }
    return [keras.Input((784,)), *(make[name]() for name in order)]


def _with_input_layer() -> list[Layer]:
    import keras

    return [keras.layers.InputLayer(shape=(784,)), *_stack("hidden", "dropout", "output")[1:]]


def _judge_q3(data: AnswerData) -> Outcome:
    import keras

    layers = rebuild_layers(data)
    if layers and isinstance(layers[0], keras.layers.InputLayer):
        layers[0] = keras.Input(layers[0].batch_shape[1:])
    if not layers or not isinstance(layers[0], keras.KerasTensor):
        return incorrect("The list has lost its keras.Input((784,)). Put it in front again.")
    try:
        shape = tuple(keras.Sequential(layers).output_shape)
    except Exception as error:
        return incorrect(
            f"The stack does not build: {short_reason(error, 200)}", shape_trace(layers)
        )
    if shape != (None, 10) or tuple(layers[0].shape) != (None, 784):
        return incorrect(
            "The stack must still turn (None, 784) into (None, 10).", shape_trace(layers)
        )
    found = architecture.steps(layers)
    # relu and dropout may change places: a number that is set to zero or stretched keeps its sign.
    accepted = (("hidden", "dropout", "output"), ("sums", "dropout", "relu", "output"))
    right = [architecture.steps(_stack(*order)) for order in accepted]
    if found in right:
        return correct(
            "In training, half of the 64 hidden numbers are dropped; the ten shares stay whole."
        )
    return incorrect(_place_message(found))


_OTHER_NOISE = ("GaussianDropout", "GaussianNoise", "AlphaDropout")


def _place_message(found: tuple[architecture.Step, ...]) -> str:
    kinds = [step.kind for step in found]
    places = [place for place, kind in enumerate(kinds) if kind == "Dropout"]
    if other := next((kind for kind in kinds if kind in _OTHER_NOISE), None):
        return f"{other} is another kind of noise. Keep the layer Dropout(0.5), and move it."
    if not places:
        return "The Dropout is gone. Keep it, in another place."
    if len(places) > 1:
        return f"There are {len(places)} Dropout layers now. One is asked for."
    if kinds[0] == "Dropout":
        return (
            "Now half of the pixels are dropped. That can be useful, but the task asks for "
            "dropout of the 64 hidden numbers."
        )
    if places[0] == len(kinds) - 1:
        return (
            "The Dropout still stands last. In training it sets shares to zero, that of the right "
            "class as well, and the loss of such an example is huge."
        )
    dense = [place for place, kind in enumerate(kinds) if kind == "Dense"]
    if len(dense) == 2 and places[0] > dense[1]:
        return (
            "The Dropout stands behind the layer with ten units: it drops scores of classes. Put "
            "it in front of that layer."
        )
    return architecture.difference(found, architecture.steps(_stack("hidden", "dropout", "output")))


q3 = Question(
    exercise=__name__,
    number=3,
    title="Put the Dropout where it belongs",
    objective="say what Dropout and BatchNormalization do in training and in inference",
    kind="repair",
    minutes=4,
    difficulty=2,
    points=2,
    answer=LayersAnswer(),
    judge=_judge_q3,
    hints=(
        "What does Dropout do to the ten shares while the network is trained?",
        "It shall drop hidden numbers. Between which two layers do they pass?",
        "Move layers.Dropout(0.5) between the two Dense layers, and change nothing else.",
    ),
    misconceptions=(
        Misconception(
            "leaves it at the end",
            lambda: _stack("hidden", "scores", "softmax", "dropout"),
            shows="still stands last",
        ),
        Misconception("takes it out", lambda: _stack("hidden", "output"), shows="is gone"),
        Misconception(
            "drops pixels",
            lambda: _stack("dropout", "hidden", "output"),
            shows="half of the pixels",
        ),
        Misconception(
            "drops scores",
            lambda: _stack("hidden", "scores", "dropout", "softmax"),
            shows="drops scores",
        ),
        Misconception(
            "adds a second one",
            lambda: _stack("hidden", "dropout", "output", "dropout"),
            shows="2 Dropout layers",
        ),
        Misconception(
            "changes the rate",
            lambda: _stack("hidden", "dropout", "output", rate=0.2),
            shows="rate=0.2; the task asks for rate=0.5",
        ),
        Misconception(
            "adds a normalisation",
            lambda: _stack("hidden", "batch", "dropout", "output"),
            shows="BatchNormalization",
        ),
        Misconception(
            "takes another noise",
            lambda: _stack("hidden", "noise", "output"),
            shows="another kind of noise",
        ),
        Misconception(
            "changes the activation",
            lambda: _stack("hidden", "dropout", "output", between="sigmoid"),
            shows="sigmoid; the task asks for relu",
        ),
    ),
    equivalents=(
        lambda: _stack("hidden", "dropout", "output"),
        lambda: tuple(_stack("sums", "relu", "dropout", "scores", "softmax")),
        lambda: _stack("sums", "dropout", "relu", "output"),
        _with_input_layer,
    ),
    starter=misplaced,
)


# Question 4: batch normalisation in NumPy, in both modes.

_EPSILON = 0.001


def _batches() -> list[Arguments]:
    generator = np.random.default_rng(7)
    cases = []
    for rows, units, training in ((6, 4, True), (6, 4, False), (5, 2, True), (3, 2, False)):
        x = generator.normal(2, 3, size=(rows, units)).round(2)
        mean, variance = (generator.uniform(0.5, 4, size=units).round(2) for _ in range(2))
        cases.append((x, mean, variance, training))
    same = np.full((4, 2), 3.0)  # a unit that always says the same: its variance is 0
    same[:, 1] = (0, 1, 2, 3)
    cases.append((same, np.array([1.0, 2.0]), np.array([4.0, 1.0]), True))
    cases.append((same[:1], np.array([1.0, 2.0]), np.array([4.0, 0.0]), False))
    return cases


def normalised(x: Any, mean: Any, variance: Any, training: bool, epsilon: float = _EPSILON) -> Any:
    """Normalise a batch as BatchNormalization does, without scale and shift.

    Args:
        x: the batch, one row for each example.
        mean: the stored mean of each unit.
        variance: the stored variance of each unit.
        training: whether the batch's own mean and variance are used.
        epsilon: a small number against a division by zero.

    Returns:
        An array of the shape of `x`.

    Example:
        >>> normalised(np.array([[5.0]]), np.array([3.0]), np.array([4.0]), False).round(2)
        array([[1.]])
    """
    if training:
        mean, variance = x.mean(axis=0), x.var(axis=0)
    return (x - mean) / np.sqrt(variance + epsilon)


def _always_batch(x: Any, mean: Any, variance: Any, training: bool) -> Any:
    return normalised(x, mean, variance, True)


def _always_stored(x: Any, mean: Any, variance: Any, training: bool) -> Any:
    return normalised(x, mean, variance, False)


def _modes_swapped(x: Any, mean: Any, variance: Any, training: bool) -> Any:
    return normalised(x, mean, variance, not training)


def _one_mean_for_all(x: Any, mean: Any, variance: Any, training: bool) -> Any:
    if training:
        mean, variance = x.mean(), x.var()
    return (x - mean) / np.sqrt(variance + _EPSILON)


def _by_row(x: Any, mean: Any, variance: Any, training: bool) -> Any:
    if training:
        mean, variance = x.mean(axis=1, keepdims=True), x.var(axis=1, keepdims=True)
    return (x - mean) / np.sqrt(variance + _EPSILON)


def _without_root(x: Any, mean: Any, variance: Any, training: bool) -> Any:
    if training:
        mean, variance = x.mean(axis=0), x.var(axis=0)
    return (x - mean) / (variance + _EPSILON)


def _without_epsilon(x: Any, mean: Any, variance: Any, training: bool) -> Any:
    if training:
        mean, variance = x.mean(axis=0), x.var(axis=0)
    with np.errstate(divide="ignore", invalid="ignore"):
        return (x - mean) / np.sqrt(variance)


def _epsilon_outside(x: Any, mean: Any, variance: Any, training: bool) -> Any:
    if training:
        mean, variance = x.mean(axis=0), x.var(axis=0)
    return (x - mean) / (np.sqrt(variance) + _EPSILON)


def _with_one_less(x: Any, mean: Any, variance: Any, training: bool) -> Any:
    if training:
        mean, variance = x.mean(axis=0), x.var(axis=0, ddof=1)
    return (x - mean) / np.sqrt(variance + _EPSILON)


def _running(x: Any, mean: Any, variance: Any, training: bool) -> Any:
    if training:
        mean = 0.99 * mean + 0.01 * x.mean(axis=0)
        variance = 0.99 * variance + 0.01 * x.var(axis=0)
    return (x - mean) / np.sqrt(variance + _EPSILON)


def _stored_variance(x: Any, mean: Any, variance: Any, training: bool) -> Any:
    return (x - (x.mean(axis=0) if training else mean)) / np.sqrt(variance + _EPSILON)


def _in_place(x: Any, mean: Any, variance: Any, training: bool) -> Any:
    if training:
        mean[:], variance[:] = x.mean(axis=0), x.var(axis=0)
    return (x - mean) / np.sqrt(variance + _EPSILON)


def _with_keras(x: Any, mean: Any, variance: Any, training: bool) -> Any:
    """The same with the layer itself."""
    import keras

    layer = keras.layers.BatchNormalization(center=False, scale=False)
    layer.build(x.shape)
    layer.set_weights([mean, variance])
    return keras.ops.convert_to_numpy(layer(x.astype("float32"), training=training))


_NORMAL_FAULTS: tuple[tuple[Callable[..., Any], str], ...] = (
    (
        _always_batch,
        "In training it is right. In inference the stored mean and variance must be used: an "
        "answer must not depend on the other examples.",
    ),
    (
        _always_stored,
        "In inference it is right. In training the mean and the variance of the batch are used.",
    ),
    (_modes_swapped, "The two modes are turned round."),
    (
        _one_mean_for_all,
        "You took one mean for all units. Each unit has its own: mean(axis=0), var(axis=0).",
    ),
    (
        _by_row,
        "You took the mean of each example, axis=1. That is layer normalisation. Take the mean of "
        "each unit over the batch, axis=0.",
    ),
    (_without_root, "You divide by the variance. Divide by its square root."),
    (
        _without_epsilon,
        "Where a unit always says the same, its variance is 0. Add 0.001 to the variance first.",
    ),
    (
        _epsilon_outside,
        "The 0.001 belongs under the root: np.sqrt(variance + 0.001). That makes a difference "
        "where the variance is small.",
    ),
    (
        _with_one_less,
        "ddof=1 divides by one less than the number of examples. Batch normalisation divides by "
        "their number: var(axis=0).",
    ),
    (
        _running,
        "In training the batch's own mean and variance are used as they are. The running ones are "
        "collected there, and used in inference.",
    ),
    (
        _stored_variance,
        "In training the mean is right. The variance comes from the batch as well.",
    ),
)


def _judge_q4(data: AnswerData) -> Outcome:
    asked = [call.arguments for call in calls(data)]
    came = [_array(call.output) for call in calls(data)]
    for arguments, output in zip(asked, came, strict=True):
        if output is None or output.shape != arguments[0].shape:
            return incorrect(
                f"For a batch of shape {arguments[0].shape} an array of the same shape is expected."
            )
    if _agrees(normalised, asked, came):
        return correct("The batch's own numbers in training, the stored ones in inference.")
    for fault, message in _NORMAL_FAULTS:
        if _agrees(fault, asked, came):
            return incorrect(message)
    wrong = next(
        arguments
        for arguments, output in zip(asked, came, strict=True)
        if not _close(normalised(*arguments), output)
    )
    return incorrect(
        f"The numbers are wrong for training={wrong[3]}. Take (x − mean) / sqrt(variance + 0.001), "
        "for each unit."
    )


def _array(output: object) -> np.ndarray | None:
    try:
        came = np.asarray(output, dtype=float)
    except (TypeError, ValueError):
        return None
    return came


def _agrees(rule: Callable[..., Any], asked: list[Arguments], came: list[Any]) -> bool:
    return all(_close(rule(*one), two) for one, two in zip(asked, came, strict=True))


def _close(wanted: Any, output: Any) -> bool:
    return bool(np.allclose(wanted, output, atol=1e-3, rtol=1e-4, equal_nan=True))


q4 = Question(
    exercise=__name__,
    number=4,
    title="Write batch normalisation in both modes",
    objective="say what Dropout and BatchNormalization do in training and in inference, and write "
    "both in NumPy",
    kind="build",
    minutes=8,
    difficulty=2,
    points=2,
    answer=FunctionAnswer(_batches),
    judge=_judge_q4,
    hints=(
        "Only one thing depends on the mode: where the mean and the variance come from.",
        "In training: x.mean(axis=0) and x.var(axis=0), one number for each unit. In inference: "
        "the two arguments.",
        "if training: mean, variance = x.mean(axis=0), x.var(axis=0). Then return (x - mean) / "
        "np.sqrt(variance + 0.001).",
    ),
    misconceptions=(
        Misconception("always takes the batch", lambda: _always_batch, shows="must not depend"),
        Misconception("always takes the stored", lambda: _always_stored, shows="of the batch are"),
        Misconception("turns the modes round", lambda: _modes_swapped, shows="turned round"),
        Misconception("takes one mean for all", lambda: _one_mean_for_all, shows="for all units"),
        Misconception("normalises each example", lambda: _by_row, shows="layer normalisation"),
        Misconception("forgets the root", lambda: _without_root, shows="square root"),
        Misconception("forgets epsilon", lambda: _without_epsilon, shows="variance is 0"),
        Misconception("puts epsilon outside", lambda: _epsilon_outside, shows="under the root"),
        Misconception("takes ddof=1", lambda: _with_one_less, shows="one less"),
        Misconception("uses the running mean", lambda: _running, shows="used as they are"),
        Misconception("keeps the variance", lambda: _stored_variance, shows="as well"),
    ),
    equivalents=(lambda: normalised, lambda: _with_keras, lambda: _in_place),
)


# Question 5: find dead units.


def _outputs() -> list[Arguments]:
    generator = np.random.default_rng(8)
    first = np.maximum(generator.normal(size=(6, 5)), 0)
    first[:, (1, 3)] = 0.0  # two dead units, and others that are off now and then
    first[0, 0], first[1, 0], first[:, 4] = 0.0, 2.0, (0, 0, 0, 0, 0, 0.001)
    second = np.zeros((4, 3))
    third = np.maximum(generator.normal(size=(9, 4)), 0) + 0.1
    fourth = np.eye(3)
    fourth[2, 2] = 0.0
    return [(first,), (second,), (third,), (fourth,)]


def dead_count(outputs: Any) -> int:
    """Count the units that give 0 for every example.

    Args:
        outputs: what a layer with relu gives, one row for each example.

    Returns:
        How many units are dead.

    Example:
        >>> dead_count(np.array([[0.0, 1.0], [0.0, 0.0]]))
        1
    """
    return int((np.asarray(outputs) == 0).all(axis=0).sum())


def _by_the_largest(outputs: Any) -> int:
    return sum(1 for unit in np.asarray(outputs).T if max(unit) <= 0)


_DEAD_FAULTS: tuple[tuple[Callable[[Any], float], str], ...] = (
    (
        lambda x: (x == 0).any(axis=0).sum(),
        "You counted units that are off for at least one example. That is normal. A dead unit is "
        "off for all: use all(axis=0).",
    ),
    (
        lambda x: (x == 0).all(axis=1).sum(),
        "You looked along each example. A unit is a column: use axis=0.",
    ),
    (
        lambda x: (x[0] == 0).sum(),
        "You looked at the first example alone. A dead unit gives 0 for every example.",
    ),
    (lambda x: (x == 0).sum(), "You counted the zeros. Count the units that give nothing else."),
    (lambda x: (x == 0).all(axis=0).mean(), "That is the share of dead units. Give their number."),
    (lambda x: (~(x == 0).all(axis=0)).sum(), "You counted the units that are alive."),
    (
        lambda x: (x.mean(axis=0) < 0.01).sum(),
        "A unit that is on for one example, however little, is not dead: it gets a gradient there.",
    ),
)


def _judge_q5(data: AnswerData) -> Outcome:
    asked = [call.arguments[0] for call in calls(data)]
    came = []
    for call in calls(data):
        count = _array(call.output)
        if count is None or count.ndim:
            return incorrect("The function should return one number: how many units are dead.")
        came.append(float(count))
    if came == [dead_count(outputs) for outputs in asked]:
        return correct("A unit is dead when its whole column is 0: no example sends a gradient.")
    for fault, message in _DEAD_FAULTS:
        if came == [float(fault(outputs)) for outputs in asked]:
            return incorrect(message)
    outputs, number = next(
        (outputs, number)
        for outputs, number in zip(asked, came, strict=True)
        if number != dead_count(outputs)
    )
    return incorrect(
        f"For a layer with {outputs.shape[1]} units and {outputs.shape[0]} examples you gave "
        f"{number:g}; {dead_count(outputs)} of its columns hold nothing but zeros."
    )


q5 = Question(
    exercise=__name__,
    number=5,
    title="Count dead units",
    objective="find vanishing gradients and dead units",
    kind="build",
    minutes=5,
    difficulty=2,
    points=2,
    answer=FunctionAnswer(_outputs),
    judge=_judge_q5,
    hints=(
        "One row is one example, one column is one unit. When is a unit dead?",
        "outputs == 0 is a table of truth values. Every value of a column must be True.",
        "(outputs == 0).all(axis=0).sum().",
    ),
    misconceptions=(
        Misconception(
            "counts units that are off once",
            lambda: lambda x: (x == 0).any(axis=0).sum(),
            shows="at least one example",
        ),
        Misconception(
            "looks along examples", lambda: lambda x: (x == 0).all(axis=1).sum(), shows="a column"
        ),
        Misconception(
            "looks at the first row", lambda: lambda x: (x[0] == 0).sum(), shows="first example"
        ),
        Misconception("counts zeros", lambda: lambda x: (x == 0).sum(), shows="counted the zeros"),
        Misconception(
            "gives the share", lambda: lambda x: (x == 0).all(axis=0).mean(), shows="share of dead"
        ),
        Misconception(
            "counts the living",
            lambda: lambda x: x.shape[1] - (x == 0).all(axis=0).sum(),
            shows="alive",
        ),
        Misconception(
            "takes a small mean for dead",
            lambda: lambda x: (x.mean(axis=0) < 0.01).sum(),
            shows="however little",
        ),
        Misconception(
            "gives one answer for each unit",
            lambda: lambda x: (x == 0).all(axis=0),
            shows="one number",
        ),
    ),
    equivalents=(lambda: dead_count, lambda: _by_the_largest),
)


# Question 6: make a deep stack learn.

_PASS_MARK = 0.60
_DEPTH = 6


def _deep(
    activation: str,
    *,
    depth: int = _DEPTH,
    epochs: int = 8,
    normal: bool = False,
    start: str = "glorot_uniform",
) -> Model:
    """A deep stack, trained on 2,000 pictures, for wrong and for unusual answers."""
    import keras

    from seqkit import data

    fashion = data.load("fashion")
    keras.utils.set_random_seed(0)
    stack: list[Layer] = [keras.Input((784,))]
    for _ in range(depth):
        stack.append(keras.layers.Dense(32, activation=activation, kernel_initializer=start))
        stack += [keras.layers.BatchNormalization(momentum=0.9)] if normal else []
    model = keras.Sequential([*stack, keras.layers.Dense(10, activation="softmax")])
    model.compile(optimizer="adam", loss="sparse_categorical_crossentropy")
    if epochs:
        x, y = fashion.x_train[:2000].reshape(-1, 784) / 255, fashion.y_train[:2000]
        model.fit(x, y, batch_size=50, epochs=epochs, verbose=0)
    return model


def _judge_q6(data: AnswerData) -> Outcome:
    model = rebuild_model(data)
    inputs, outputs = data.values["input_shape"][1:], data.values["output_shape"][1:]
    if outputs != [10] or inputs not in ([784], [28, 28], [28, 28, 1]):
        return incorrect(
            "The model must take a picture, as (784,) or as (28, 28), and give ten numbers.",
            shape_trace(model),
        )
    steps = architecture.steps(model)
    units = architecture.sizes(steps, "Dense", "units")
    if units != [32] * _DEPTH + [10]:
        return incorrect(
            f"The Dense layers have {listed(units)} units. Keep six hidden layers of 32 units and "
            "ten outputs: the task is to make this depth learn."
        )
    score = _accuracy(model, inputs)
    if score >= _PASS_MARK:
        # No score here: it differs a little from machine to machine, and this output is stored.
        return correct(
            f"Over {percent(_PASS_MARK)} of the test pictures, with the same six hidden layers."
        )
    named = f"Your model names {percent(score)} of the test pictures."
    hidden = architecture.activations(steps)[:-1]
    if len(hidden) < _DEPTH:
        return incorrect(
            f"{named} Not every hidden layer has an activation. Without one, neighbours collapse "
            "into a single Dense layer."
        )
    if hidden.count("sigmoid") > 1:
        return incorrect(
            f"{named} There are {hidden.count('sigmoid')} layers of sigmoid: the gradient of the "
            "first layers has nearly vanished. More epochs hardly help; change the activations."
        )
    if not (data.values["compile"] or {}).get("steps"):
        return incorrect(f"{named} The activations are fine. Train the model with fit.")
    return incorrect(
        f"{named} The activations are fine. Divide the pixels by 255, and train for more epochs."
    )


def _accuracy(model: Model, inputs: list[int]) -> float:
    """The share of test pictures, with pixels from 0 to 1, whose largest output is right."""
    from seqkit import data

    fashion = data.load("fashion")
    pictures = (fashion.x_test / 255).reshape(-1, *inputs).astype("float32")
    said = model.predict(pictures, batch_size=500, verbose=0).argmax(axis=1)
    return float(np.mean(said == fashion.y_test))


q6 = Question(
    exercise=__name__,
    number=6,
    title="Make six hidden layers learn",
    objective="find vanishing gradients and dead units, and choose activations that avoid them",
    kind="improve",
    minutes=8,
    difficulty=3,
    points=2,
    answer=ModelAnswer(),
    judge=_judge_q6,
    hints=(
        "How large is the slope of a sigmoid at most, and how many of them stand in a row?",
        'Take an activation whose slope is 1 over a wide range: "relu", "elu", "tanh" near 0.',
        'build_deep("relu"), then fit on x, y for 8 epochs as the given cell does.',
    ),
    misconceptions=(
        Misconception(
            "keeps the sigmoids", lambda: _deep("sigmoid", epochs=0), shows="6 layers of"
        ),
        Misconception("does not train", lambda: _deep("relu", epochs=0), shows="with fit"),
        Misconception(
            "takes layers away", lambda: _deep("relu", depth=2, epochs=0), shows="Keep six hidden"
        ),
        Misconception(
            "takes the activations away", lambda: _deep("linear", epochs=0), shows="collapse"
        ),
    ),
    equivalents=(
        lambda: _deep("relu"),
        lambda: _deep("tanh"),
        lambda: _deep("elu", start="he_normal"),
        lambda: _deep("sigmoid", normal=True),
    ),
)
