"""Exercise 12: skip connections. Questions on lesson 12."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np

from seqkit.exercises.answer_data import AnswerData
from seqkit.exercises.answers import AnswerKind, ChoiceAnswer, ShapeAnswer
from seqkit.exercises.criteria import Criterion, combine
from seqkit.exercises.errors import NotAttemptedError, WrongAnswerKindError
from seqkit.exercises.judges import choice_is, shape_is, shape_trace
from seqkit.exercises.keras_types import Layer, Model
from seqkit.exercises.misconceptions import Misconception
from seqkit.exercises.model_answers import ModelAnswer
from seqkit.exercises.question import Question
from seqkit.exercises.rebuild import rebuild_model
from seqkit.exercises.verdict import Outcome, incorrect, partial

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
    equivalents=("C", " c) "),
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
    """An input above zero, one kernel and one bias; both layers get the same two."""
    generator = np.random.default_rng(12)
    x = generator.uniform(0.1, 1.0, size=(8, _UNITS))
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


def _with_known_weights(model: Model) -> np.ndarray:
    """What the model gives when all its kernels, and all its biases, are the known ones."""
    import keras

    x, kernel, bias = _numbers()
    model.set_weights([kernel if w.ndim == 2 else bias for w in model.get_weights()])
    return np.asarray(keras.ops.convert_to_numpy(model(x.astype("float32"))))


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
    model = rebuild_model(data)
    trace = shape_trace(model)
    if data.values["input_shape"][1:] != [_UNITS]:
        return incorrect(f"The input must stay keras.Input(({_UNITS},)).", trace)
    if data.values["output_shape"] != [None, _UNITS]:
        came = tuple(data.values["output_shape"] or ())
        return incorrect(
            f"The output is {came}, not (None, {_UNITS}). Addition keeps the shape; Concatenate "
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
    return combine(
        [Criterion(not (fault := _block_fault(_with_known_weights(model))), fault, trace=trace)],
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
    answer=ModelAnswer(),
    judge=_judge_q4,
    hints=(
        "The trace has no column 'from': each row reads from the row before it, Add too. Where is the "
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
    ),
    equivalents=(lambda: _dense_block("input"), lambda: _dense_block("operator")),
    starter=broken_block,
)


# Question 5: build a block with a projection.

_FROM, _TO = (None, 16, 16, 8), (None, 8, 8, 24)


def _conv_block(way: str = "projection") -> Model:
    """A block from `_FROM` to `_TO`; `way` says how its skip is made."""
    import keras
    from keras import layers

    inputs = keras.Input(_FROM[1:])
    first = layers.Conv2D(24, 3, strides=2, padding="same", activation="relu")(inputs)
    x = layers.Conv2D(24, 3, padding="same")(first)
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
        "relu": lambda: layers.Conv2D(24, 1, strides=2, activation="relu")(inputs),
        "wide": lambda: layers.Conv2D(24, 3, strides=2, padding="same")(inputs),
    }.get(way, lambda: layers.Conv2D(24, 1, strides=2)(inputs))()
    return keras.Model(inputs, layers.Activation("relu")(layers.Add()([skip, x])))


@dataclass(frozen=True)
class _Ways:
    """The two ways into the addition, as nodes of the graph."""

    common: list[Any]
    long: list[Any]
    short: list[Any]


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
    ways.sort(key=lambda way: len(_windows(way)))
    common = [nodes[index] for index in sorted(one & other) if nodes[index].kind != "InputLayer"]
    return _Ways(common, long=ways[1], short=ways[0])


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


def _has_activation(node: Any) -> bool:
    if node.kind in {"ReLU", "Relu", "Activation", "LeakyReLU", "PReLU", "ELU"}:
        return True
    activation = getattr(node.layer, "activation", None)
    return getattr(activation, "__name__", "linear") != "linear"


def _judge_q5(data: AnswerData) -> Outcome:
    model = rebuild_model(data)
    trace = shape_trace(model)
    for name, wanted in (("input", _FROM), ("output", _TO)):
        came = tuple(data.values[f"{name}_shape"] or ())
        if came != wanted:
            return incorrect(f"The {name} is {came}; the task asks for {wanted}.", trace)
    ways = _ways(model)
    if isinstance(ways, str):
        return incorrect(ways, trace)
    if ways.common:
        return partial(
            0.3,
            f"The skip begins after {ways.common[-1].kind}. It must begin at the input of the "
            "block, so it needs a projection.",
            trace,
        )
    return combine(
        [
            Criterion(
                len(_windows(ways.long)) == 2,
                f"The long way has {len(_windows(ways.long))} convolutions with a window of 3 × 3; "
                "the task asks for two.",
            ),
            Criterion(
                not _windows(ways.short),
                "The skip has a window larger than 1 × 1. A projection only changes the shape: "
                "Conv2D(24, 1, strides=2).",
            ),
            Criterion(
                not any(_has_activation(node) for node in ways.short),
                "The skip has an activation. It takes a part of the input away: leave it out.",
            ),
        ],
        praise="Two ways from the input to Add, both (None, 8, 8, 24).",
    )


q5 = Question(
    exercise=__name__,
    number=5,
    title="Build a block that halves the picture",
    objective="build a block whose skip needs a projection",
    kind="build",
    minutes=8,
    difficulty=3,
    points=3,
    answer=ModelAnswer(),
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
            "gives the projection a relu", lambda: _conv_block("relu"), shows="activation"
        ),
        Misconception(
            "projects with a window of 3", lambda: _conv_block("wide"), shows=r"larger than 1 × 1"
        ),
        Misconception("has one convolution", lambda: _conv_block("short"), shows="has 1 conv"),
    ),
    equivalents=(_conv_block, lambda: _conv_block("operator")),
)


# Question 6: a layer of one's own.


@dataclass(frozen=True)
class LayerClassAnswer(AnswerKind):
    """A subclass of `keras.Layer`, known by what it does inside a Sequential.

    Example:
        >>> import keras
        >>> data = LayerClassAnswer().read(keras.layers.Dense)
        >>> data.values["shapes"], data.values["again"]
        ([[16, 16], [16]], True)
    """

    name: ClassVar[str] = "layer_class"
    expects: ClassVar[str] = "the class itself, without brackets, for example Residual"

    def _read(self, answer: object) -> AnswerData:
        import keras

        if not (isinstance(answer, type) and issubclass(answer, keras.Layer)):
            raise WrongAnswerKindError(str(self._wrong_kind(answer)))
        make: Any = answer
        try:
            if make(_UNITS).call(np.zeros((1, _UNITS), "float32")) is ...:
                raise NotAttemptedError("call still returns the dots.")
        except NotAttemptedError:
            raise
        except Exception:  # the Sequential below tells more
            pass
        try:
            return self._inside_a_sequential(make(_UNITS))
        except Exception as error:
            words = str(error).strip().split("\n")[0]
            return AnswerData(self.name, {"error": f"{type(error).__name__}: {words}"})

    def _inside_a_sequential(self, layer: Layer) -> AnswerData:
        import keras

        model = keras.Sequential([keras.Input((_UNITS,)), layer])
        shapes = [list(weight.shape) for weight in layer.get_weights()]
        output = _with_known_weights(model)
        values = {"error": "", "shapes": shapes, "again": _can_be_made_again(layer)}
        return AnswerData(self.name, values, {"output": output})


def _can_be_made_again(layer: Layer) -> bool:
    """Whether the configuration is enough to make the same layer, as loading a file does."""
    import keras

    try:
        again = type(layer).from_config(layer.get_config())
        keras.Sequential([keras.Input((_UNITS,)), again])  # builds it, also without a build method
    except Exception:
        return False
    return [tuple(w.shape) for w in again.get_weights()] == [
        tuple(w.shape) for w in layer.get_weights()
    ]


def _judge_q6(data: AnswerData) -> Outcome:
    if data.values["error"]:
        return incorrect(f"A Sequential cannot hold it yet. {data.values['error']}")
    shapes = sorted(tuple(shape) for shape in data.values["shapes"])
    if not shapes:
        return incorrect(
            "The layer has no weights. Make both Dense layers in __init__ and keep them as "
            "attributes (self.first = ...); a layer that is made in call is not kept."
        )
    if shapes != [(_UNITS,), (_UNITS,), (_UNITS, _UNITS), (_UNITS, _UNITS)]:
        return incorrect(
            f"The weights have the shapes {shapes}. Two Dense layers of {_UNITS} units have two "
            f"kernels of ({_UNITS}, {_UNITS}) and two biases."
        )
    fault = _block_fault(data.arrays["output"])
    return combine(
        [
            Criterion(not fault, fault, share=2),
            Criterion(
                data.values["again"],
                "Keras cannot make the layer again from get_config(), so a saved model could not "
                "be loaded. Return the units as well: {**super().get_config(), 'units': ...}.",
            ),
        ],
        praise="A Sequential holds it, and Keras can make it again from its configuration.",
    )


def _layer_class(way: str = "right") -> type:
    """A layer class, right or with one named fault."""
    import keras
    from keras import layers

    class Mine(layers.Layer):
        def __init__(self, units: int, **kwargs: Any) -> None:
            super().__init__(**kwargs)
            self.units = units
            if way != "in call":
                self.last = layers.Dense(units, name="last")
                self.begin = layers.Dense(units, activation="relu", name="begin")
            if way == "one layer":
                self.last = self.begin

        def call(self, x: Any) -> Any:
            if way == "in call":
                begin = layers.Dense(self.units, activation="relu")
                return keras.ops.relu(layers.Dense(self.units)(begin(x)) + x)
            inside = self.last(self.begin(x))
            if way == "no skip":
                return keras.ops.relu(inside)
            if way == "late":
                return keras.ops.relu(inside) + x
            return keras.ops.relu(inside + x)

        def get_config(self) -> dict[str, Any]:
            config = super().get_config()
            return config if way == "no config" else {**config, "units": self.units}

    return Mine


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
        Misconception("uses one layer twice", lambda: _layer_class("one layer"), shows="shapes"),
        Misconception(
            "makes the layers in call", lambda: _layer_class("in call"), shows="cannot hold|no wei"
        ),
    ),
    equivalents=(_layer_class,),
)
