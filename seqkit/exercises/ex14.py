"""Exercise 14: two heads, overlap of boxes, losses and their weights. Questions on lesson 14."""

from __future__ import annotations

import numpy as np

from seqkit.exercises.answer_data import AnswerData
from seqkit.exercises.answers import ChoiceAnswer, IntegerAnswer, NumberAnswer
from seqkit.exercises.criteria import Criterion, combine
from seqkit.exercises.errors import RefusedModelError
from seqkit.exercises.judges import choice_is, number_is, shape_trace
from seqkit.exercises.keras_types import Layer, Model
from seqkit.exercises.misconceptions import Misconception
from seqkit.exercises.model_answers import FunctionalAnswer
from seqkit.exercises.question import Question
from seqkit.exercises.rebuild import rebuild_model, uses_slicing
from seqkit.exercises.verdict import Outcome, incorrect

# Question 1: count a network with two heads.

q1 = Question(
    exercise=__name__,
    number=1,
    title="Count a network with two heads",
    objective="build a network with one body and two named heads, and count its parameters",
    kind="predict",
    minutes=4,
    difficulty=1,
    points=1,
    answer=IntegerAnswer(),
    judge=number_is(
        903,
        "The body has 20·32 + 32 = 672, the heads 32·5 + 5 = 165 and 32·2 + 2 = 66.",
        known={
            849: "That is the row: the second head reads the 5 shares of the first. Here both read "
            "the 32 numbers of the body.",
            1_575: "You counted the body twice, as in two separate networks. It is shared.",
            864: "These are the weights alone. Each unit has a bias as well.",
            231: "These are the two heads. The body has parameters, too.",
            819: "You let the heads read the 20 numbers of the input. They read the body's 32.",
            672: "That is the body. Add the two heads.",
        },
        otherwise="Count three Dense layers by inputs · units + units. Both heads read the 32 "
        "numbers of the body.",
    ),
    hints=(
        "Three layers have parameters. How many numbers does each of them read?",
        "The body reads 20 numbers; each head reads the 32 that the body gives.",
        "(20·32 + 32) + (32·5 + 5) + (32·2 + 2)",
    ),
    misconceptions=(
        Misconception("puts the heads in a row", 849, shows="That is the row"),
        Misconception("counts two bodies", 1_575, shows="It is shared"),
        Misconception("leaves out the biases", 864, shows="weights alone"),
        Misconception("forgets the body", 231, shows="The body has parameters"),
        Misconception("hangs the heads on the input", 819, shows="read the body's 32"),
    ),
    equivalents=(np.int64(903), 903.0),
)


# Question 2: measure a box.

q2 = Question(
    exercise=__name__,
    number=2,
    title="Measure a box",
    objective="measure a box by its overlap, against a naive box",
    kind="predict",
    minutes=4,
    difficulty=1,
    points=1,
    answer=NumberAnswer(),
    judge=number_is(
        0.25,
        "They share 10 × 16 = 160 pixels, and cover 20·20 + 20·20 - 160 = 640 together.",
        known={
            0.4: "160 / 400 divides by the area of one box. Divide by what both cover together.",
            0.2: "160 / 800 counts the shared pixels twice. Subtract them once: 400 + 400 - 160.",
            0.8: "16 of 20 rows are shared, but only half of the columns. Multiply both.",
            0.5: "Half of the columns are shared, but not all of the rows. Multiply both.",
            160.0: "That is the shared area. Divide it by the area that both cover together.",
            4.0: "That is 640 / 160. The shared area stands above the line: an IoU is at most 1.",
            25.0: "Give the share between 0 and 1, not the per cent.",
        },
        otherwise="Shared rows times shared columns, divided by the area that both cover together.",
        tolerance=0.001,
    ),
    hints=(
        "How many rows do the two boxes share, and how many columns?",
        "Rows 4 to 20 and columns 10 to 20 are shared: 16 · 10 pixels.",
        "160 / (400 + 400 - 160)",
    ),
    misconceptions=(
        Misconception("divides by one box", 0.4, shows="area of one box"),
        Misconception(
            "counts the shared pixels twice", 0.2, shows="counts the shared pixels twice"
        ),
        Misconception("looks at the rows alone", 0.8, shows="16 of 20 rows"),
        Misconception("gives the shared area", 160, shows="That is the shared area"),
        Misconception("gives per cent", 25, shows="between 0 and 1"),
    ),
    equivalents=(1 / 4, np.float32(0.25)),
)


# Question 3: read the error.

_READINGS = {
    "a": "The names are wrong: a name of a layer may not be used in compile.",
    "b": "The Sequential has one output, and two arrays of labels were given. Build a model with "
    "two outputs.",
    "c": "The two arrays have different shapes. Give both four columns, and it trains.",
    "d": "There are two losses missing. Give compile one loss for each layer of the list.",
}

q3 = Question(
    exercise=__name__,
    number=3,
    title="Read the error of two arrays of labels",
    objective="say which ways of giving a Sequential two outputs fail, which one trains, but not "
    "what you meant, and what the way round costs",
    kind="read",
    minutes=3,
    difficulty=2,
    points=1,
    answer=ChoiceAnswer(_READINGS),
    judge=choice_is(
        "b",
        "y_true holds two parts ('*', '*'), y_pred is one ('*'). What the model gives is one "
        "tensor, that of its last layer.",
        feedback={
            "a": "The message does not speak of names. It compares y_true, the labels, with y_pred, "
            "what the model gives.",
            "c": "With four columns in both the message is the same: it shows how many parts there "
            "are, not their shapes.",
            "d": "With these two arrays of labels a list of losses is refused as well: a loss needs "
            "an output, and this model has one.",
        },
    ),
    hints=(
        "y_true is what you gave as labels; y_pred is what the model gives.",
        "Each '*' is one array. How many are in y_true, and how many in y_pred?",
        "Two arrays of labels, one output: which of the sentences says this?",
    ),
    misconceptions=(
        Misconception("suspects the names", "a", shows="does not speak of names"),
        Misconception("suspects the shapes", "c", shows="how many parts"),
        Misconception("wants a loss for each layer", "d", shows="a loss needs an output"),
    ),
    equivalents=("B", " b) "),
)


# Question 4: balance two losses.

_BALANCES = {
    "a": "Nothing: the sum of the losses falls, so both heads learn.",
    "b": "Give the age a weight of about 0.01, then compare the metric of each head.",
    "c": "Give the age a weight of about 100, because it is the harder task.",
    "d": "Wait some epochs: the losses become equal by themselves.",
}

q4 = Question(
    exercise=__name__,
    number=4,
    title="Balance two losses",
    objective="give each head its loss, and balance the losses by their weights",
    kind="choose",
    minutes=4,
    difficulty=2,
    points=1,
    answer=ChoiceAnswer(_BALANCES),
    judge=choice_is(
        "b",
        "0.01 · 150 = 1.5, about the loss of the kind. Where to go from there, the two metrics say.",
        feedback={
            "a": "The sum is 151, and 150 of it are the age. It falls when the age gets better, "
            "whatever the kind does.",
            "c": "Then the age counts 15,000 against 1.1. Its loss is large because years are "
            "squared, not because it is hard.",
            "d": "The units stay: years squared against a logarithm. No epoch changes that.",
        },
    ),
    hints=(
        "What is the sum of both losses, and how much of it belongs to the age?",
        "By which factor are the two losses apart?",
        "150 times a weight shall be about 1. Is the weight large or small?",
    ),
    misconceptions=(
        Misconception("trusts the sum", "a", shows="150 of it"),
        Misconception("weights the wrong way", "c", shows="15,000"),
        Misconception("waits", "d", shows="The units stay"),
    ),
    equivalents=("B", "(b)"),
)


# Question 5: two heads in place of a row.

_SHAPES = [(None, 3), (None, 4)]
_ADVICE = "Give both answers to one model: keras.Model(inputs, {'kind': kind, 'box': box})."


def row_of_heads() -> Model:
    """The model that the notebook gives: one head behind the other.

    Returns:
        A Sequential that builds, and is not what was meant.

    Example:
        >>> row_of_heads().output_shape
        (None, 4)
    """
    import keras
    from keras import layers

    return keras.Sequential(
        [
            keras.Input((12,)),
            layers.Dense(32, activation="relu"),
            layers.Dense(3, activation="softmax"),
            layers.Dense(4),
        ]
    )


def _heads(
    *,
    box_reads: str = "body",
    bodies: int = 1,
    end: str | None = "softmax",
    box_end: str | None = None,
    body_end: str | None = "relu",
    dropout: float = 0.0,
    join: bool = False,
    only: int = 2,
) -> Model:
    """The model of question 5, or one with a named fault."""
    import keras
    from keras import layers

    inputs = keras.Input((12,))
    body = layers.Dense(32, activation=body_end)(inputs)
    if dropout:
        body = layers.Dropout(dropout)(body)
    kind = layers.Dense(3, activation=end)(body)
    if bodies == 2:
        body = layers.Dense(32, activation="relu")(inputs)
    read = {"body": body, "kind": kind, "input": inputs}[box_reads]
    box = layers.Dense(4, activation=box_end)(read)
    if join:
        return keras.Model(inputs, layers.Concatenate()([kind, box]))
    return keras.Model(inputs, [kind, box][:only])


def _slices() -> Model:
    """One Dense layer of 7 units, cut into two answers."""
    import keras
    from keras import layers

    inputs = keras.Input((12,))
    both = layers.Dense(7)(layers.Dense(32, activation="relu")(inputs))
    return keras.Model(inputs, [both[:, :3], both[:, 3:]])


def _body_as_answer() -> Model:
    """A third output: what the body gives."""
    import keras

    model = _heads()
    kind, box = model.outputs
    return keras.Model(model.inputs[0], [kind, box, model.layers[1].output])


def _unusual_heads() -> Model:
    """Names, a dict, the other order, and activations apart."""
    import keras
    from keras import layers

    numbers = keras.Input((12,), name="numbers")
    body = keras.Sequential([layers.Dense(32), layers.ReLU()], name="body")(numbers)
    box = layers.Dense(4, name="where")(body)
    kind = layers.Softmax(name="what")(layers.Dense(3)(body))
    return keras.Model({"numbers": numbers}, {"where": box, "what": kind})


def _rebuilt(data: AnswerData) -> Model:
    """The learner's model again, with flat lists of inputs and outputs.

    Raises:
        RefusedModelError: when it is a class, or holds more than Keras' own layers.
    """
    import keras

    if data.values["class"] == "subclass":
        raise RefusedModelError("Build the model with keras.Model(inputs, outputs).")
    if uses_slicing(data):
        raise RefusedModelError(
            "The model uses slicing, such as both[:, :3]. The task asks for two heads: a Dense "
            "layer for each answer, both called on the body."
        )
    model = rebuild_model(data)
    return keras.Model(list(model.inputs), list(model.outputs))


def _judge_q5(data: AnswerData) -> Outcome:
    model = _rebuilt(data)
    entrances = [tuple(tensor.shape) for tensor in model.inputs]
    if entrances != [(None, 12)]:
        return incorrect("Keep one input of 12 numbers: keras.Input((12,)).")
    shapes = [tuple(tensor.shape) for tensor in model.outputs]
    if sorted(shapes, key=str) != _SHAPES:
        return incorrect(_shapes_message(shapes), shape_trace(model))
    kernels = sorted(tuple(layer.kernel.shape) for layer in _dense(model))
    fault = _kernel_fault(kernels)
    return combine(
        [
            Criterion(not fault, fault, share=2, trace=shape_trace(model)),
            Criterion(*_same_numbers(model, bool(fault))),
        ],
        praise="Both heads read the 32 numbers of the one body, and both answers leave the model.",
    )


def _shapes_message(shapes: list[tuple[int | None, ...]]) -> str:
    """What is wrong with the outputs."""
    if shapes == [(None, 7)]:
        return (
            "Concatenate makes one output of 7 numbers. Give both answers to keras.Model, without "
            "joining them."
        )
    if shapes == [(None, 4)]:
        return "The only output is the box. Name both answers in keras.Model(inputs, ...)."
    if shapes == [(None, 3)]:
        return "The only output is the kind. Name both answers in keras.Model(inputs, ...)."
    came = ", ".join(str(shape) for shape in shapes)
    return f"The outputs are {came}. The task asks for two: (None, 3) and (None, 4)."


def _kernel_fault(kernels: list[tuple[int, ...]]) -> str:
    """What the shapes of the weights say about who reads whom; empty if all is right."""
    if kernels == [(12, 32), (32, 3), (32, 4)]:
        return ""
    if (3, 4) in kernels:
        return "The head of the box reads the 3 shares of the kind. Call it on the body."
    if (12, 4) in kernels or (12, 3) in kernels:
        return "A head reads the 12 numbers of the input. Call it on what the body gives."
    if kernels.count((12, 32)) > 1:
        return "There are two bodies. Call both heads on the output of one Dense(32)."
    return "Keep the three Dense layers of the list: 32, 3 and 4 units."


def _same_numbers(model: Model, faulty: bool) -> tuple[bool, str]:
    """Whether the outputs are softmax and linear numbers of one body with relu."""
    if faulty:
        return False, ""  # said by the first criterion
    generator = np.random.default_rng(0)
    model.set_weights([generator.normal(size=weight.shape) for weight in model.get_weights()])
    x = generator.normal(size=(40, 12)).astype("float32")
    weights = {tuple(layer.kernel.shape): layer.get_weights() for layer in _dense(model)}
    if any(len(pair) != 2 for pair in weights.values()):
        return False, "Keep the biases: leave use_bias=False out."
    used, training = (_by_width(model([x], training=mode)) for mode in (False, True))
    if any(not np.allclose(used[width], training[width], atol=1e-3) for width in used):
        return False, "A layer is added that acts in training, such as Dropout. The list has none."
    linear = _through(x, weights[12, 32])
    right, straight = (
        _right_answers(used, _through(body, weights[32, 3]), _through(body, weights[32, 4]))
        for body in (np.maximum(linear, 0), linear)
    )
    if any(straight):
        return False, "The relu of the body is missing. Keep activation='relu' in the Dense(32)."
    if right == (False, True):
        return False, "Keep softmax in the head of the kind: its answers are shares."
    if right == (True, False):
        return False, "The box has no activation in the list. Keep it so."
    return all(right), "Keep relu in the body and softmax in the head of the kind, and add no more."


def _right_answers(
    said: dict[int, np.ndarray], kind: np.ndarray, box: np.ndarray
) -> tuple[bool, bool]:
    """Whether the kind is the softmax of its numbers, and the box is its numbers as they are."""
    scores = np.exp(kind - kind.max(axis=1, keepdims=True))
    shares = scores / scores.sum(axis=1, keepdims=True)
    return np.allclose(said[3], shares, atol=1e-3), np.allclose(said[4], box, atol=1e-3)


def _by_width(said: object) -> dict[int, np.ndarray]:
    """The answers by their number of columns."""
    import keras

    listed = [np.asarray(keras.ops.convert_to_numpy(one)) for one in _listed(said)]
    return {one.shape[1]: one for one in listed}


def _through(x: np.ndarray, weights: list[np.ndarray]) -> np.ndarray:
    return x @ weights[0] + weights[1]


def _listed(said: object) -> list[object]:
    return list(said) if isinstance(said, list | tuple) else [said]


def _dense(model: Model) -> list[Layer]:
    """All Dense layers, those inside nested models too."""
    import keras

    found: list[Layer] = []
    for layer in model.layers:
        if isinstance(layer, keras.Model):
            found += _dense(layer)
        elif isinstance(layer, keras.layers.Dense):
            found.append(layer)
    return found


q5 = Question(
    exercise=__name__,
    number=5,
    title="Put two heads side by side",
    objective="build a network with one body and two named heads, and count its parameters",
    kind="repair",
    minutes=8,
    difficulty=3,
    points=3,
    answer=FunctionalAnswer(_ADVICE),
    judge=_judge_q5,
    hints=(
        "Which layer should read the 32 numbers of the body, and which one does in the list?",
        "Write inputs = keras.Input((12,)), body = layers.Dense(32, activation='relu')(inputs), and "
        "call both heads on body.",
        "kind = layers.Dense(3, activation='softmax')(body), box = layers.Dense(4)(body), and then "
        "keras.Model(inputs, {'kind': kind, 'box': box}).",
    ),
    misconceptions=(
        Misconception(
            "lets the box read the kind", lambda: _heads(box_reads="kind"), shows="3 shares"
        ),
        Misconception(
            "hangs the box on the input", lambda: _heads(box_reads="input"), shows="12 numbers of"
        ),
        Misconception("builds two bodies", lambda: _heads(bodies=2), shows="two bodies"),
        Misconception("joins the answers", lambda: _heads(join=True), shows="Concatenate makes"),
        Misconception("gives one answer", lambda: _heads(only=1), shows="only output is the kind"),
        Misconception("drops the softmax", lambda: _heads(end=None), shows="softmax in the head"),
        Misconception("squeezes the box", lambda: _heads(box_end="sigmoid"), shows="no activation"),
        Misconception("leaves out the relu", lambda: _heads(body_end=None), shows="relu of the"),
        Misconception("adds Dropout", lambda: _heads(dropout=0.5), shows="such as Dropout"),
        Misconception("cuts one layer", _slices, shows="uses slicing"),
        Misconception("gives the body as an answer", _body_as_answer, shows=r"4\), \(None, 32\)"),
    ),
    equivalents=(_unusual_heads, _heads),
    starter=row_of_heads,
)
