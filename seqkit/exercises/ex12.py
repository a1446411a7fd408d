"""Exercise 12: skip connections. Questions on lesson 12."""

from __future__ import annotations

import warnings
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np

from seqkit.exercises.answer_data import AnswerData
from seqkit.exercises.answers import AnswerKind, ChoiceAnswer, ShapeAnswer, came
from seqkit.exercises.criteria import Criterion, combine
from seqkit.exercises.errors import NotAttemptedError, RefusedModelError, WrongAnswerKindError
from seqkit.exercises.judges import choice_is, shape_is, shape_trace
from seqkit.exercises.keras_types import Layer, Model
from seqkit.exercises.misconceptions import Misconception
from seqkit.exercises.model_answers import FunctionalAnswer
from seqkit.exercises.question import Question
from seqkit.exercises.rebuild import rebuild_model
from seqkit.exercises.verdict import Outcome, correct, incorrect, partial

# Question 1: predict the shape that concatenation gives.

q1 = Question(
    exercise=__name__,
    number=1,
    title="Predict the shape after a DenseNet block",
    objective="say how ResNet, DenseNet and Highway networks merge",
    kind="predict",
    minutes=3,
    difficulty=1,
    points=1,
    answer=ShapeAnswer(),
    judge=shape_is(
        (None, 14, 14, 42),
        "12 channels come in, and each of the three convolutions puts 10 more beside them.",
        known={
            (None, 14, 14, 10): "That is the last convolution alone. A DenseNet keeps all that "
            "came before.",
            (None, 14, 14, 30): "The three convolutions are right. The 12 channels of the input "
            "are kept as well.",
            (None, 14, 14, 12): "That is addition, as in a ResNet: it leaves the channels as they "
            "are. Concatenation puts them side by side.",
            (None, 14, 14, 22): "That is one convolution. The block has three.",
            **{
                (batch, 14, 14, 42): "Height, width and channels are right. The first axis is the "
                "batch, and its size is open: None."
                for batch in range(1, 129)
            },
            (14, 14, 42): "Height, width and channels are right. The batch axis is missing: it "
            "comes first, as None.",
        },
        otherwise="padding='same' keeps both sides. Each convolution puts its channels beside all "
        "earlier ones.",
    ),
    hints=(
        "What does Concatenate do with the channels: add them number by number, or put them side "
        "by side?",
        "After the first convolution there are 12 + 10 channels. The second one sees all of them.",
        "12 + 10 + 10 + 10 channels; the sides stay, and None comes first.",
    ),
    misconceptions=(
        Misconception("keeps the newest only", (None, 14, 14, 10), shows="last convolution alone"),
        Misconception("forgets the input", (None, 14, 14, 30), shows="kept as well"),
        Misconception("thinks of addition", (None, 14, 14, 12), shows="as in a ResNet"),
        Misconception("counts one convolution", (None, 14, 14, 22), shows="has three"),
        Misconception("gives a batch of one", (1, 14, 14, 42), shows="its size is open"),
        Misconception("leaves out the batch axis", (14, 14, 42), shows="batch axis is missing"),
    ),
    equivalents=([None, 14, 14, 42], (None, np.int64(14), np.int64(14), np.int64(42))),
)


# Question 2: read an error.

_CAUSES = {
    "a": "The two Dense layers have different numbers of units, so their outputs cannot be added.",
    "b": "`Add` stands in the wrong place: it must be the last layer of the list.",
    "c": "`Add` needs two tensors or more, and a Sequential hands each layer the one before it.",
    "d": "`Add` must be given the layers: `layers.Add()([first, second])` in the list would do.",
}

q2 = Question(
    exercise=__name__,
    number=2,
    title="Read the error of a merge layer",
    objective="say why a merge layer fails in a list",
    kind="read",
    minutes=3,
    difficulty=1,
    points=1,
    answer=ChoiceAnswer(_CAUSES),
    judge=choice_is(
        "c",
        "'Not a list of shapes': one shape came, (None, 20), where Add expected several.",
        feedback={
            "a": "Both have 20 units. And the message says nothing about two shapes: only one came.",
            "b": "At the end of the list it gets one tensor as well, and fails in the same way.",
            "d": "Layers are recipes. Add would answer that only tensors may be passed.",
        },
    ),
    hints=(
        "The message names what came: input_shape=(None, 20). How many shapes are that?",
        "'Not a list of shapes': Add expected at least two. Who hands the layers their input?",
        "A Sequential passes the output of one layer to the next, and nothing else.",
    ),
    misconceptions=(
        Misconception("thinks that shapes differ", "a", shows="Both have 20 units"),
        Misconception("thinks of the place", "b", shows="fails in the same way"),
        Misconception("passes layers for tensors", "d", shows="recipes"),
    ),
    equivalents=("C", " c) ", "(c)", "**c**"),
)


# Question 3: degradation or over-fitting.

_DIAGNOSES = {
    "a": "B and C both over-fit: their test loss is high.",
    "b": "B shows degradation, C over-fits.",
    "c": "B over-fits, C shows degradation.",
    "d": "B is too small: D trains better because its skips give it more parameters.",
}

q3 = Question(
    exercise=__name__,
    number=3,
    title="Name what is wrong with two networks",
    objective="tell degradation from over-fitting by the training loss",
    kind="choose",
    minutes=4,
    difficulty=2,
    points=1,
    answer=ChoiceAnswer(_DIAGNOSES),
    judge=choice_is(
        "b",
        "B is worse than A on the training pictures already. C is good there, and bad on new ones.",
        feedback={
            "a": "The test loss alone cannot tell. Over-fitting needs a low training loss: look at B.",
            "c": "The other way round: over-fitting means a low training loss and a high test loss.",
            "d": "Add has no parameters. B and D have the same number.",
        },
    ),
    hints=(
        "Look at the column of the training loss first.",
        "Over-fitting: the training loss is low, the test loss is high. Which row is like this?",
        "C has 0.05 on the training pictures and 0.88 on new ones. B is worse than A on both.",
    ),
    misconceptions=(
        Misconception("looks at the test loss only", "a", shows="alone cannot tell"),
        Misconception("mixes the two up", "c", shows="other way round"),
        Misconception("thinks that skips have parameters", "d", shows="no parameters"),
    ),
    equivalents=("B", " b) "),
)


# What questions 4 and 6 share: a block of two Dense layers, known by the numbers that it gives.

_UNITS = 16


def _numbers() -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """An input of both signs, one kernel and one bias; both layers get the same two."""
    generator = np.random.default_rng(12)
    x = generator.normal(size=(8, _UNITS))  # a skip through relu or abs shows below zero only
    return x, generator.normal(size=(_UNITS, _UNITS)) / 4, generator.normal(size=_UNITS) / 4


def _relu(x: np.ndarray) -> np.ndarray:
    return np.maximum(x, 0)


def _known_blocks() -> Iterator[tuple[np.ndarray, str]]:
    """What a block gives that is nearly right, with the words for it."""
    x, kernel, bias = _numbers()
    first = _relu(x @ kernel + bias)
    second = first @ kernel + bias
    yield _relu(second + second), "Add gets the block's output twice: the skip does nothing."
    yield _relu(second), "The input of the block is not added: there is no skip."
    yield (
        _relu(second + first),
        ("The skip begins after the first Dense layer. It must begin at the block's input."),
    )
    yield _relu(second) + x, "The input is added after the relu. Add first, then apply the relu."
    yield second + x, "The relu after the addition is missing."
    yield (
        _relu(_relu(second) + x),
        (
            "The second Dense layer has a relu of its own. Then the block can only add, never take "
            "away: leave this relu out."
        ),
    )
    yield _relu(second * x), "The input is multiplied. A residual block adds it."
    for changed in (_relu(x), np.abs(x), np.clip(x, 0, 1), np.clip(x, -1, 1), np.tanh(x), -x):
        yield (
            _relu(second + changed),
            "The skip changes the input before it is added. Add the input of the block as it is.",
        )


def _block_fault(output: np.ndarray) -> str:
    """Say what a block does in place of relu(F(x) + x), or ''."""
    x, kernel, bias = _numbers()
    wanted = _relu(_relu(x @ kernel + bias) @ kernel + bias + x)
    if output.shape != wanted.shape:
        return f"For an input of shape {wanted.shape} the output has the shape {output.shape}."
    if np.allclose(output, wanted, atol=1e-4):
        return ""
    for numbers, words in _known_blocks():
        if np.allclose(output, numbers, atol=1e-4):
            return words
    return "It does not compute relu(Dense(Dense with relu(x)) + x). Follow the tensors by hand."


def _with_known_weights(model: Model, training: bool = False) -> np.ndarray:
    """What the model gives when all its kernels, and all its biases, are the known ones."""
    import keras

    x, kernel, bias = _numbers()
    model.set_weights([kernel if w.ndim == 2 else bias for w in model.get_weights()])
    output = model(x.astype("float32"), training=training)
    return np.asarray(keras.ops.convert_to_numpy(output))


def _fault_in_use_or_training(output: np.ndarray, in_training: np.ndarray) -> str:
    """Say what a block does wrong; Dropout shows in training only."""
    if fault := _block_fault(output):
        return fault
    if np.allclose(output, in_training, atol=1e-4):
        return ""
    return "In training the block gives something else than later. Take Dropout or noise out."


# What questions 4 and 5 share: a model from one tensor to one tensor.


def _single_model(data: AnswerData) -> Model:
    """The model again, with exactly one input and one output."""
    import keras

    if data.values["class"] == "subclass":
        raise RefusedModelError("Build the model with keras.Model(inputs, outputs).")
    model = rebuild_model(data)
    for name, tensors in (("input", model.inputs), ("output", model.outputs)):
        if len(tensors) != 1:
            raise RefusedModelError(
                f"The model has {len(tensors)} {name}s; the task asks for one {name}."
            )
    return keras.Model(model.inputs[0], model.outputs[0])  # they may stand in a list or a dict


# Question 4: repair a skip that does nothing.


def broken_block() -> Model:
    """The block that the notebook gives: its `Add` adds the output to itself.

    Returns:
        A Functional model that builds, and has no skip.

    Example:
        >>> broken_block().count_params()
        544
    """
    import keras
    from keras import layers

    # With names, as in the notebook: so an untouched starter is recognised.
    x = inputs = keras.Input((_UNITS,), name="block_input")
    x = layers.Dense(_UNITS, activation="relu", name="first")(x)
    x = layers.Dense(_UNITS, name="second")(x)
    x = layers.Add(name="skip")([x, x])
    return keras.Model(inputs, layers.Activation("relu", name="relu")(x))


def _changed() -> dict[str, Any]:
    """Layers that change the input on its way to the addition."""
    from keras import layers

    return {
        "relu on the skip": layers.ReLU,
        "dropout on the skip": lambda: layers.Dropout(0.9),
    }


def _dense_block(source: str) -> Model:
    """A block of two Dense layers; `source` says what is added, or how it is merged."""
    import keras
    from keras import layers

    inputs = keras.Input((_UNITS,))
    first = layers.Dense(_UNITS, activation="relu")(inputs)
    x = layers.Dense(_UNITS)(first)
    if source == "after the relu":
        return keras.Model(inputs, layers.Add()([layers.Activation("relu")(x), inputs]))
    if source == "operator":
        return keras.Model(inputs, layers.ReLU(name="last")(inputs + x))
    if source in _changed():
        skip = _changed()[source]()(inputs)
        return keras.Model(inputs, layers.ReLU()(layers.Add()([x, skip])))
    if source in {"two inputs", "two outputs"}:
        other = keras.Input((_UNITS,)) if source == "two inputs" else inputs
        y = layers.ReLU()(layers.Add()([x, other]))
        wide = source == "two inputs"
        return keras.Model([inputs, other] if wide else inputs, y if wide else [y, x])
    if source == "lists":
        return keras.Model([inputs], [layers.ReLU()(layers.Add()([x, inputs]))])
    if source == "projection":
        inputs_again = layers.Dense(_UNITS)(inputs)
        return keras.Model(inputs, layers.Activation("relu")(layers.Add()([x, inputs_again])))
    merged = {
        "itself": lambda: layers.Add()([layers.Identity()(x), x]),
        "nothing": lambda: x,
        "middle": lambda: layers.Add()([x, first]),
        "input": lambda: layers.Add(name="mine")([inputs, x]),
        "concatenated": lambda: layers.Concatenate()([x, inputs]),
    }[source]()
    return keras.Model(inputs, layers.Activation("relu")(merged))


def _judge_q4(data: AnswerData) -> Outcome:
    model = _single_model(data)
    trace = shape_trace(model)
    if model.input_shape[1:] != (_UNITS,):
        return incorrect(f"The input must stay keras.Input(({_UNITS},)).", trace)
    if model.output_shape != (None, _UNITS):
        return incorrect(
            f"The output is {model.output_shape}, not (None, {_UNITS}). Addition keeps the shape; Concatenate "
            "does not.",
            trace,
        )
    count = int(model.count_params())
    if count != 544:
        return incorrect(
            f"The block has {count:,} parameters in place of 544. Keep the two Dense layers; where "
            "the shapes are equal, a skip needs no layer with weights.",
            trace,
        )
    fault = _fault_in_use_or_training(
        _with_known_weights(model), _with_known_weights(model, training=True)
    )
    return combine(
        [Criterion(not fault, fault, trace=trace)],
        praise="relu(F(x) + x): with all weights zero, the input would come out unchanged.",
    )


q4 = Question(
    exercise=__name__,
    number=4,
    title="Repair a skip that does nothing",
    objective="write a residual block with the Functional API, and see whether its skip does "
    "anything",
    kind="repair",
    minutes=5,
    difficulty=2,
    points=2,
    answer=FunctionalAnswer(),
    judge=_judge_q4,
    hints=(
        "Look at the column 'from' of the trace. Which row does Add read, and how often? Where is the "
        "second way?",
        "The name x is used again on each line. When Add comes, which tensor does it stand for?",
        "The input of the block still has a name: inputs. Write layers.Add()([x, inputs]).",
    ),
    misconceptions=(
        Misconception("adds it to itself", lambda: _dense_block("itself"), shows="output twice"),
        Misconception("takes Add out", lambda: _dense_block("nothing"), shows="there is no skip"),
        Misconception(
            "skips the second layer only", lambda: _dense_block("middle"), shows="begins after"
        ),
        Misconception(
            "adds after the relu", lambda: _dense_block("after the relu"), shows="after the relu"
        ),
        Misconception(
            "concatenates", lambda: _dense_block("concatenated"), shows="Concatenate does not"
        ),
        Misconception(
            "puts a projection in", lambda: _dense_block("projection"), shows="in place of 544"
        ),
        Misconception(
            "puts a relu on the skip",
            lambda: _dense_block("relu on the skip"),
            shows="changes the input",
        ),
        Misconception(
            "puts Dropout on the skip",
            lambda: _dense_block("dropout on the skip"),
            shows="In training",
        ),
        Misconception(
            "gives the skip an input of its own",
            lambda: _dense_block("two inputs"),
            shows="2 inputs",
        ),
        Misconception(
            "gives both tensors out", lambda: _dense_block("two outputs"), shows="2 outputs"
        ),
    ),
    equivalents=(
        lambda: _dense_block("input"),
        lambda: _dense_block("operator"),
        lambda: _dense_block("lists"),
    ),
    starter=broken_block,
)


# Question 5: build a block with a projection.

_FROM, _TO = (None, 16, 16, 8), (None, 8, 8, 24)


def _conv_block(way: str = "projection") -> Model:
    """A block from `_FROM` to `_TO`; `way` says what is special about it."""
    import keras
    from keras import layers

    inputs = keras.Input(_FROM[1:])
    within = None if way in {"linear", "relu apart"} else "relu"
    sides = {"windows of 5": (5, 5), "windows of 1": (1, 1)}.get(way, (3, 3))
    conv = layers.SeparableConv2D if way == "separable" else layers.Conv2D
    first = layers.Conv2D(24, sides[0], strides=2, padding="same", activation=within)(inputs)
    x = layers.ReLU()(first) if way == "relu apart" else first
    last = "relu" if way == "relu before Add" else None
    x = conv(24, sides[1], padding="same", activation=last)(x)
    if way == "plain":
        return keras.Model(inputs, layers.ReLU()(x))
    if way == "concatenated":
        skip = layers.Conv2D(8, 1, strides=2)(inputs)
        x = layers.Conv2D(16, 3, padding="same")(x)
        return keras.Model(inputs, layers.ReLU()(layers.Concatenate()([x, skip])))
    if way == "operator":
        x, skip = layers.BatchNormalization()(x), layers.AveragePooling2D(2)(inputs)
        return keras.Model(inputs, layers.ReLU()(x + layers.Conv2D(24, 1, name="mine")(skip)))
    if way == "short":
        x = first
    skip = {
        "late": lambda: first,
        "wide": lambda: layers.Conv2D(24, 3, strides=2, padding="same")(inputs),
    }.get(way, lambda: layers.Conv2D(24, 1, strides=2)(inputs))()
    added = layers.Add()([skip, x])
    if way == "no relu at the end":
        return keras.Model(inputs, added)
    end = "sigmoid" if way == "sigmoid at the end" else "relu"
    return keras.Model(inputs, layers.Activation(end)(added))


def _nested_block(way: str = "long way") -> Model:
    """A right block with a part of it, or all of it, as a model inside the model."""
    import keras
    from keras import layers

    inputs = keras.Input(_FROM[1:])
    if way == "all":
        return keras.Sequential([inputs, _conv_block()])
    long = keras.Sequential(
        [
            layers.Conv2D(24, 3, strides=2, padding="same", activation="relu"),
            layers.Conv2D(24, 3, padding="same"),
        ]
    )
    last = "relu" if way == "relu inside" else None
    skip = keras.Sequential([layers.Conv2D(24, 1, strides=2, activation=last)])
    return keras.Model(inputs, layers.ReLU()(layers.Add()([long(inputs), skip(inputs)])))


@dataclass(frozen=True)
class _Ways:
    """The two ways into the addition, and what follows it, as nodes of the graph."""

    common: list[Any]
    long: list[Any]
    short: list[Any]
    after: list[Any]


def _ways(model: Model) -> _Ways | str:
    """Find the two ways into the last addition, or say why there are none."""
    from seqkit.graph import read

    nodes = read(model).nodes
    merges = [node for node in nodes if node.kind == "Add" and len(node.inputs) == 2]
    if not merges:
        if any(node.kind == "Concatenate" for node in nodes):
            return "Concatenate puts channels side by side. A residual block adds: use Add."
        return "There is no Add with two inputs, so there is no skip."
    one, other = (_before(nodes, edge.source) for edge in merges[-1].inputs)
    ways = [[nodes[index] for index in sorted(way)] for way in (one - other, other - one)]
    ways.sort(key=lambda way: (len(_windows(way)), len(_convolutions(way))))
    same_tensor = {"InputLayer", "ConvertToTensor", "Identity"}  # an inner model may convert
    common = [nodes[index] for index in sorted(one & other) if nodes[index].kind not in same_tensor]
    after = [node for index, node in enumerate(nodes) if index not in one | other]
    return _Ways(common, long=ways[1], short=ways[0], after=after)


def _before(nodes: tuple[Any, ...], index: int) -> set[int]:
    """A node and all nodes that it depends on."""
    found = {index}
    for edge in nodes[index].inputs:
        found |= _before(nodes, edge.source)
    return found


def _windows(way: list[Any]) -> list[Any]:
    """The convolutions that see more than one pixel."""
    return [node for node in way if max(_kernel(node), default=1) > 1]


def _kernel(node: Any) -> tuple[int, ...]:
    return tuple(getattr(node.layer, "kernel_size", ()))


def _convolutions(way: list[Any]) -> list[Any]:
    return [node for node in way if _kernel(node)]


def _activations(way: list[Any]) -> list[str]:
    """The activations on a way in order, by name; a layer with one of its own counts."""
    return [name for node in way if (name := _activation(node))]


def _activation(node: Any) -> str:
    """The activation that a node applies, or ''."""
    import keras

    if node.kind in {"LeakyReLU", "PReLU"} or hasattr(keras.activations, node.kind.lower()):
        return node.kind.lower()  # a layer such as ReLU, or a function such as keras.ops.relu
    name = getattr(getattr(node.layer, "activation", None), "__name__", "linear")
    return "" if name == "linear" else name


def _without_inner_models(model: Model) -> Model:
    """The same graph with the layers of inner models in their place."""
    import keras

    def call(layer: Layer, *tensors: Any, **options: Any) -> Any:
        inner = isinstance(layer, keras.Model)
        return layer.call(*tensors, **options) if inner else layer(*tensors, **options)

    while any(isinstance(layer, keras.Model) for layer in model.layers):
        try:
            model = keras.models.clone_model(
                keras.Model(model.inputs[0], model.outputs[0]),
                clone_function=lambda layer: layer,
                call_function=call,
            )
        except (TypeError, ValueError) as error:
            raise RefusedModelError(
                "Write the block with single layers; the check does not look inside a model that "
                "is used as a layer."
            ) from error
    return model


def _judge_q5(data: AnswerData) -> Outcome:
    model = _single_model(data)
    trace = shape_trace(model)
    for name, shape, wanted in (
        ("input", model.input_shape, _FROM),
        ("output", model.output_shape, _TO),
    ):
        if shape != wanted:
            return incorrect(f"The {name} is {shape}; the task asks for {wanted}.", trace)
    ways = _ways(_without_inner_models(model))
    if isinstance(ways, str):
        return incorrect(ways, trace)
    if ways.common:
        return partial(
            0.3,
            f"The skip begins after {ways.common[-1].kind}. It must begin at the input of the "
            "block, so it needs a projection.",
            trace,
        )
    faults = [fault for fault in (*_long_faults(ways), *_other_faults(ways)) if fault]
    if len(faults) >= 3:
        return incorrect("\n".join(faults), trace)
    if faults:
        return partial(1 - len(faults) / 3, "\n".join(faults), trace)
    return correct("Two ways from the input to Add, both (None, 8, 8, 24).")


def _long_faults(ways: _Ways) -> Iterator[str]:
    """What is wrong on the long way, one sentence each."""
    found = _convolutions(ways.long)
    names = [f"{node.kind} {' × '.join(map(str, _kernel(node)))}" for node in found]
    if names != ["Conv2D 3 × 3"] * 2:
        yield (
            f"On the long way the convolutions are: {', '.join(names) or 'none'}. The task asks "
            "for two Conv2D with a window of 3 × 3."
        )
        return
    before, after = ways.long.index(found[0]), ways.long.index(found[1])
    between = _activations(ways.long[before:after])
    if not between:
        yield "The relu between the two convolutions is missing."
    elif set(between) != {"relu"}:
        yield f"Between the two convolutions stands {', '.join(between)}; the task asks for relu."
    if late := _activations(ways.long[after:]):
        yield (
            f"After the second convolution, before Add, stands {', '.join(late)}. Leave it out: "
            "the long way must be able to take away, too."
        )
    if early := _activations(ways.long[:before]):
        yield f"Before the first convolution stands {', '.join(early)}. Leave it out."


def _other_faults(ways: _Ways) -> Iterator[str]:
    """What is wrong on the skip and after the addition, one sentence each."""
    if _windows(ways.short):
        yield (
            "The skip has a window larger than 1 × 1. A projection only changes the shape: "
            "Conv2D(24, 1, strides=2)."
        )
    if _activations(ways.short):
        yield "The skip has an activation. It takes a part of the input away: leave it out."
    at_the_end = _activations(ways.after)
    if not at_the_end:
        yield "The relu after the addition is missing."
    elif set(at_the_end) != {"relu"}:
        yield f"After the addition stands {', '.join(at_the_end)}; the task asks for relu."
    if _convolutions(ways.after):
        yield "A convolution stands after Add. Both belong on the long way, before it."


q5 = Question(
    exercise=__name__,
    number=5,
    title="Build a block that halves the picture",
    objective="build a block whose skip needs a projection",
    kind="build",
    minutes=8,
    difficulty=3,
    points=3,
    answer=FunctionalAnswer(),
    judge=_judge_q5,
    hints=(
        "Begin without the skip: two convolutions from (16, 16, 8) to (8, 8, 24). Then ask what the "
        "input needs to have the same shape.",
        "The skip is a Conv2D with a window of 1 × 1: how many filters, and which stride?",
        "x = Conv2D(24, 3, strides=2, padding='same', activation='relu')(inputs), then "
        "Conv2D(24, 3, padding='same'); before = Conv2D(24, 1, strides=2)(inputs); "
        "Add()([x, before]); relu.",
    ),
    misconceptions=(
        Misconception("leaves the skip out", lambda: _conv_block("plain"), shows="no skip"),
        Misconception("concatenates", lambda: _conv_block("concatenated"), shows="side by side"),
        Misconception(
            "skips the second convolution only", lambda: _conv_block("late"), shows="begins after"
        ),
        Misconception(
            "gives the projection a relu", lambda: _nested_block("relu inside"), shows="has an act"
        ),
        Misconception(
            "projects with a window of 3", lambda: _conv_block("wide"), shows=r"larger than 1 × 1"
        ),
        Misconception(
            "has one convolution", lambda: _conv_block("short"), shows=r"are: Conv2D 3 × 3\."
        ),
        Misconception(
            "takes windows of 5", lambda: _conv_block("windows of 5"), shows="are: Conv2D 5 × 5"
        ),
        Misconception(
            "takes windows of 1", lambda: _conv_block("windows of 1"), shows="are: Conv2D 1 × 1"
        ),
        Misconception(
            "takes a separable convolution", lambda: _conv_block("separable"), shows="Separable"
        ),
        Misconception(
            "forgets the relu between", lambda: _conv_block("linear"), shows="between .* missing"
        ),
        Misconception(
            "forgets the relu at the end",
            lambda: _conv_block("no relu at the end"),
            shows="after the addition is missing",
        ),
        Misconception(
            "puts the relu before Add", lambda: _conv_block("relu before Add"), shows="before Add"
        ),
        Misconception(
            "ends with a sigmoid",
            lambda: _conv_block("sigmoid at the end"),
            shows="addition stands sigmoid",
        ),
    ),
    equivalents=(
        _conv_block,
        lambda: _conv_block("operator"),
        lambda: _conv_block("relu apart"),
        _nested_block,
        lambda: _nested_block("all"),
    ),
)


# Question 6: a layer of one's own.


@dataclass(frozen=True)
class LayerClassAnswer(AnswerKind):
    """A subclass of `keras.Layer`, known by what it does inside a Sequential.

    Example:
        >>> import keras
        >>> data = LayerClassAnswer().read(keras.layers.Dense)
        >>> data.values["error"], data.values["shapes"]
        ('', [[16, 16], [16]])
    """

    name: ClassVar[str] = "layer_class"
    expects: ClassVar[str] = "the class itself, without brackets, for example Residual"
    advice_on_none: ClassVar[str] = "Give the class itself, without brackets."

    def _read(self, answer: object) -> AnswerData:
        import keras

        if not isinstance(answer, type):
            raise WrongAnswerKindError(str(self._wrong_kind(answer)))
        if not issubclass(answer, keras.Layer):
            name = answer.__name__
            raise WrongAnswerKindError(
                f"{came(answer)} It must be a layer: class {name}(layers.Layer)."
            )
        make: Any = answer
        try:
            if make(_UNITS).call(np.zeros((1, _UNITS), "float32")) is ...:
                raise NotAttemptedError("call still returns the dots.")
        except NotAttemptedError:
            raise
        except Exception:  # the Sequential below tells more
            pass
        try:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")  # Keras warns before it raises, in the same words
                return self._called(make(_UNITS))
        except Exception as error:
            return AnswerData(self.name, {"error": _reason(error)})

    def _called(self, layer: Layer) -> AnswerData:
        import keras

        # A call without numbers: NumPy functions work on numbers, and fail in `fit` and `predict`.
        inputs = keras.Input((_UNITS,))
        outputs = layer(inputs)
        if outputs is None:
            raise TypeError("call returns None: write `return` in front of the result")
        model = keras.Model(inputs, outputs)
        shapes = [list(weight.shape) for weight in layer.get_weights()]
        values = {"error": "", "shapes": shapes}
        if _weights_fault([tuple(shape) for shape in shapes]):
            return AnswerData(self.name, values)  # the known weights would not fit
        arrays = {
            "output": _with_known_weights(model),
            "in_training": _with_known_weights(model, training=True),
        }
        values["second"] = _not_made_again(layer, _UNITS) or _smaller_fault(type(layer))
        return AnswerData(self.name, values, arrays)


def _reason(error: Exception) -> str:
    """The first sentence of an error, with what went wrong, without Keras' frame."""
    from seqkit.graph.reasons import first_sentence

    return f"{first_sentence(error)}."


def _smaller_fault(make: Any) -> str:
    """Say what is wrong with a layer of fewer units, or ''."""
    import keras

    units = _UNITS // 2
    try:
        layer = make(units)
        layer(keras.Input((units,)))
        fits = {size for weight in layer.get_weights() for size in weight.shape} == {units}
    except Exception:
        fits = False
    if not fits:
        return (
            f"Residual({_UNITS}) works, Residual({units}) does not have {units} units. Use the "
            "argument `units` in place of a fixed number."
        )
    return _not_made_again(layer, units)


def _not_made_again(layer: Layer, units: int) -> str:
    """Say why the configuration is not enough to make the same layer, or ''."""
    import keras

    advice = "Return the units as well: {**super().get_config(), 'units': self.units}."
    cannot = "Keras cannot make the layer again from get_config(), so a saved model could not be"
    try:
        config = layer.get_config()
    except Exception as error:
        return f"get_config() stops with {_reason(error)}"
    if not isinstance(config, dict):
        return f"get_config returns {config if config is None else type(config).__name__}. Return the dictionary."
    try:
        again = type(layer).from_config(dict(config))
        again(keras.Input((units,)))  # builds it, also without a build method
    except Exception as error:
        if "unexpected keyword argument" in str(error):
            names = ", ".join(f"{name}=..." for name in config)
            return (
                f"from_config calls the class with ({names}): `__init__` must take `**kwargs` and "
                "pass it to super().__init__."
            )
        return f"{cannot} loaded with its {units} units. {advice}"
    if [w.shape for w in again.get_weights()] != [w.shape for w in layer.get_weights()]:
        return f"{cannot} loaded with its {units} units. {advice}"
    return ""


def _weights_fault(shapes: list[tuple[int, ...]]) -> str:
    """Say what is wrong with the weights of a layer of 16 units, or ''."""
    if not shapes:
        return (
            "The layer has no weights. Make both Dense layers in __init__ and keep them as "
            "attributes (self.first = ...); a layer that is made in call is not kept."
        )
    if sorted(shapes) == [(_UNITS,), (_UNITS,), (_UNITS, _UNITS), (_UNITS, _UNITS)]:
        return ""
    kernels = [shape for shape in shapes if len(shape) == 2]
    wrong = [shape[1] for shape in kernels if shape[1] != _UNITS]
    if len(kernels) == 2 and wrong:
        return f"One of the Dense layers has {wrong[0]} units in place of {_UNITS}."
    return (
        f"The weights have the shapes {sorted(shapes)}. Two Dense layers of {_UNITS} units have two "
        f"kernels of ({_UNITS}, {_UNITS}) and two biases."
    )


def _judge_q6(data: AnswerData) -> Outcome:
    if data.values["error"]:
        return incorrect(f"A Sequential cannot hold it yet. {data.values['error']}")
    if fault := _weights_fault([tuple(shape) for shape in data.values["shapes"]]):
        return incorrect(fault)
    fault = _fault_in_use_or_training(data.arrays["output"], data.arrays["in_training"])
    second = data.values["second"]
    return combine(
        [Criterion(not fault, fault, share=2), Criterion(not second, second)],
        praise="A Sequential holds it, and Keras can make it again from its configuration.",
    )


def _layer_class(way: str = "right") -> type:
    """A layer class, right or with one named fault."""
    import keras
    from keras import layers

    class Mine(layers.Layer):
        def __init__(self, units: int, **kwargs: Any) -> None:
            super().__init__(**kwargs)
            self.units = units = 16 if way == "always 16" else units
            if way != "in call":
                self.last = layers.Dense(units, name="last")
                inner = 2 * units if way == "twice as many" else units
                self.begin = layers.Dense(inner, activation="relu", name="begin")
            if way == "one layer":
                self.last = self.begin

        def call(self, x: Any) -> Any:
            if way == "in call":
                begin = layers.Dense(self.units, activation="relu")
                return keras.ops.relu(layers.Dense(self.units)(begin(x)) + x)
            if way == "a wrong name":
                return self.third(x)
            inside = self.last(self.begin(x))
            if way == "call without return":
                return None
            if way == "numpy":
                return np.maximum(inside + x, 0)
            if way == "no skip":
                return keras.ops.relu(inside)
            if way == "late":
                return keras.ops.relu(inside) + x
            if way == "abs":
                return keras.ops.relu(inside + keras.ops.abs(x))
            return keras.ops.relu(inside + x)

        def get_config(self) -> Any:
            config = super().get_config()
            if way == "no config":
                return config
            if way == "no return":
                return None
            return {**config, "units": 16 if way == "config of 16" else self.units}

    class WithoutKwargs(Mine):
        def __init__(self, units: int) -> None:
            super().__init__(units)

    return WithoutKwargs if way == "no kwargs" else Mine


def _no_layer() -> type:
    """A class that forgets its base."""

    class Residual:
        def __init__(self, units: int) -> None:
            self.units = units

    return Residual


q6 = Question(
    exercise=__name__,
    number=6,
    title="Write a residual layer of your own",
    objective="put a block into a layer of your own so that a Sequential can hold it",
    kind="build",
    minutes=10,
    difficulty=3,
    points=3,
    answer=LayerClassAnswer(),
    judge=_judge_q6,
    hints=(
        "Which parts must live as long as the layer? They belong into __init__, under self.",
        "call gets x. Send it through both layers, add x, then apply keras.ops.relu.",
        "self.first = layers.Dense(units, activation='relu'), self.second = layers.Dense(units); "
        "call: keras.ops.relu(self.second(self.first(x)) + x); get_config: "
        "{**super().get_config(), 'units': self.units}.",
    ),
    misconceptions=(
        Misconception(
            "leaves the skip out", lambda: _layer_class("no skip"), shows="there is no skip"
        ),
        Misconception(
            "adds after the relu", lambda: _layer_class("late"), shows="added after the relu"
        ),
        Misconception("forgets get_config", lambda: _layer_class("no config"), shows="get_config"),
        Misconception(
            "forgets the return of get_config",
            lambda: _layer_class("no return"),
            shows="returns None",
        ),
        Misconception(
            "writes 16 into the configuration",
            lambda: _layer_class("config of 16"),
            shows="with its 8 units",
        ),
        Misconception(
            "does not take kwargs", lambda: _layer_class("no kwargs"), shows=r"take `\*\*kwargs`"
        ),
        Misconception(
            "makes 16 units always",
            lambda: _layer_class("always 16"),
            shows="in place of a fixed number",
        ),
        Misconception(
            "doubles the first layer", lambda: _layer_class("twice as many"), shows="has 32 units"
        ),
        Misconception(
            "forgets the return of call",
            lambda: _layer_class("call without return"),
            shows="call returns None",
        ),
        Misconception("uses NumPy", lambda: _layer_class("numpy"), shows="cannot hold it yet"),
        Misconception(
            "calls a layer that is not there",
            lambda: _layer_class("a wrong name"),
            shows="no attribute 'third'",
        ),
        Misconception(
            "changes the input on the skip", lambda: _layer_class("abs"), shows="changes the input"
        ),
        Misconception("forgets the base class", _no_layer, shows=r"class Residual\(layers"),
        Misconception("uses one layer twice", lambda: _layer_class("one layer"), shows="shapes"),
        Misconception(
            "makes the layers in call", lambda: _layer_class("in call"), shows="cannot hold|no wei"
        ),
    ),
    equivalents=(_layer_class,),
)
