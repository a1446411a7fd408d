"""Exercise 13: many inputs. Questions on lesson 13."""

from __future__ import annotations

import dataclasses
import functools
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from seqkit.exercises.answer_data import AnswerData
from seqkit.exercises.answers import ChoiceAnswer, IntegerAnswer, came
from seqkit.exercises.architecture import difference, steps
from seqkit.exercises.criteria import Criterion, combine
from seqkit.exercises.errors import RefusedModelError, WrongAnswerKindError
from seqkit.exercises.function_answers import Arguments, Call, FunctionAnswer, calls
from seqkit.exercises.judges import choice_is, number_is
from seqkit.exercises.keras_types import Layer, Model
from seqkit.exercises.misconceptions import Misconception
from seqkit.exercises.model_answers import FunctionalAnswer
from seqkit.exercises.question import Question
from seqkit.exercises.rebuild import rebuild_model
from seqkit.exercises.verdict import Outcome, correct, incorrect

# Question 1: count the parameters of two roads.

q1 = Question(
    exercise=__name__,
    number=1,
    title="Count the parameters of two roads",
    objective="work out the shapes and parameters of a model with two roads",
    kind="predict",
    minutes=4,
    difficulty=1,
    points=1,
    answer=IntegerAnswer(),
    judge=number_is(
        9_107,
        "500·16 = 8,000, then 40·24 + 24 = 984, and the last layer sees 16 + 24 numbers: "
        "40·3 + 3 = 123.",
        known={
            9_080: "These are the weights alone. Each Dense layer has a bias for each unit.",
            9_059: "Your last layer sees one road, 24 numbers. It sees the ends of both, side by "
            "side.",
            9_035: "Your last layer sees one road, 16 numbers. It sees the ends of both, side by "
            "side.",
            1_107: "The embedding has parameters, too: a row of 16 for each of 500 word numbers.",
            9_155: "Your last layer sees 16 + 40 numbers. The metadata have a road: 24 numbers "
            "come out of it.",
            1_427: "The embedding has one row for each of 500 word numbers. How many words a text has "
            "does not matter.",
            10_019: "The pooling takes the mean over the 20 words: 16 numbers come out, not 320.",
            9_123: "An embedding has no bias.",
        },
        otherwise="Add up three layers: embedding (word numbers · size), the Dense layer of the "
        "metadata road, and the last Dense layer, which sees both ends side by side.",
    ),
    hints=(
        "Three layers have parameters: the embedding and two Dense layers. Count each alone.",
        "The embedding has 500·16. GlobalAveragePooling1D and Concatenate have none.",
        "8,000 + (40·24 + 24) + the last layer. It sees 16 + 24 = 40 numbers and has 3 units.",
    ),
    misconceptions=(
        Misconception("leaves out the biases", 9_080, shows="weights alone"),
        Misconception("sees the second road only", 9_059, shows="24 numbers. It sees"),
        Misconception("sees the first road only", 9_035, shows="16 numbers. It sees"),
        Misconception("forgets the embedding", 1_107, shows="embedding has parameters"),
        Misconception("counts the words of a text", 1_427, shows="does not matter"),
        Misconception("joins the raw metadata", 9_155, shows="metadata have a road"),
        Misconception("forgets the pooling", 10_019, shows="mean over the 20 words"),
        Misconception("gives the embedding a bias", 9_123, shows="has no bias"),
    ),
    equivalents=(np.int64(9_107), 9_107.0),
)


# Question 2: choose the silent loss.

_WAYS = {
    "a": "`keras.Sequential([keras.Input((8,)), layers.Dense(4), keras.Input((4,)), "
    "layers.Dense(1)])`",
    "b": '`model.fit({"first": x1, "second": x2}, y)`',
    "c": "`model.fit([x1, x2], y)`",
    "d": "`keras.Sequential([layers.Concatenate(), layers.Dense(1)])([x1, x2])`",
}

q2 = Question(
    exercise=__name__,
    number=2,
    title="Find the silent loss",
    objective="say which ways of passing two inputs to a Sequential fail, which one loses an input "
    "silently",
    kind="choose",
    minutes=3,
    difficulty=1,
    points=1,
    answer=ChoiceAnswer(_WAYS),
    judge=choice_is(
        "c",
        "A list is taken with a warning only, and x2 is dropped. How many columns it has does not "
        "even matter; only the number of rows must agree.",
        feedback={
            "a": "This one is loud: the list is refused as soon as it is written.",
            "b": "This one is loud: the entrance has none of the two names. (With the name 'first' "
            "it would be silent as well.)",
            "d": "This one works, and uses both: the first layer of a list without Input gets what "
            "the model is called with.",
        },
    ),
    hints=(
        "Two of the four raise an error, and one uses both arrays. Which one is left?",
        "The first layer gets exactly what the model is called with, if there is no Input.",
        "Sections 3 and 4 of the lesson: a dict without the right name is refused. What of a list?",
    ),
    misconceptions=(
        Misconception("takes the second Input for silent", "a", shows="the list is refused"),
        Misconception("takes the dict for silent", "b", shows="none of the two names"),
        Misconception("takes the first Concatenate for a loss", "d", shows="uses both"),
    ),
    equivalents=("C", " c) "),
)


# Question 3: what an input is worth.


@dataclass(frozen=True)
class PointsAnswer(IntegerAnswer):
    """Points of per cent: a whole number, with advice of its own for a share such as 0.05.

    Example:
        >>> PointsAnswer().read(5).values
        {'value': 5}
    """

    def _read(self, answer: object) -> AnswerData:
        share = float(answer) if isinstance(answer, float | np.floating) else 0.0
        if 0 < abs(share) < 1:
            raise WrongAnswerKindError(
                f"{came(round(share, 4))} Write it in points of per cent: "
                f"{100 * share:.4g}, not {share:.4g}."
            )
        return super()._read(answer)


q3 = Question(
    exercise=__name__,
    number=3,
    title="Say what the second input is worth",
    objective="measure by ablation what each input is worth",
    kind="predict",
    minutes=4,
    difficulty=1,
    points=1,
    answer=PointsAnswer(),
    judge=number_is(
        2,
        "86 - 84: both together against the better one alone, which is the text.",
        known={
            5: "That is what the text adds to the picture: 86 - 81. The question is about the "
            "picture.",
            41: "81 - 40 is what the picture is worth with nothing beside it. But there is a text.",
            46: "86 - 40 is what both together are worth. How much of it is there without the "
            "picture?",
            9: "A shuffled picture is worse than none: this network relies on it. The question is "
            "about a network that never had it.",
            7: "84 - 77 compares the text alone with a network that was given false pictures.",
            -3: "81 - 84 compares the two inputs. What do both reach together?",
        },
        otherwise="Compare two networks: the one with both inputs, and the one that never had the "
        "picture.",
    ),
    hints=(
        "Which two of the five numbers differ only by the picture?",
        "One network has text and picture, the other has the text alone.",
        "86 % with both, 84 % with the text alone. The difference is the answer.",
    ),
    misconceptions=(
        Misconception("takes the picture away from the wrong side", 5, shows="what the text adds"),
        Misconception("compares with the majority", 41, shows="But there is a text"),
        Misconception("credits both to the picture", 46, shows="what both together"),
        Misconception("compares with shuffled pictures", 7, shows="given false pictures"),
        Misconception("gives a share", 0.02, shows="points of per cent: 2, not"),
        Misconception("takes the damage of shuffling", 9, shows="worse than none"),
    ),
    equivalents=(np.int64(2), 2.0),
)


# Question 4: the Functional model that a list was meant to be.


def _rebuilt(data: AnswerData) -> Model:
    """The learner's Functional model again, with a flat list of inputs.

    Raises:
        RefusedModelError: when it is no Functional model of Keras' own layers.
    """
    import keras

    if data.values["class"] == "Sequential":
        raise RefusedModelError(
            "This is a Sequential: one entrance, one road. Build a Functional model with "
            "keras.Model([first, second], outputs)."
        )
    if data.values["class"] != "Functional":
        raise RefusedModelError(
            "The model is a class of your own. Use keras.Model(inputs, outputs)."
        )
    try:
        model = rebuild_model(data)
    except RefusedModelError as error:
        if "__slice__" not in str(error):
            raise
        raise RefusedModelError(
            "The model holds a slice such as x[:, :4], which this check does not rebuild. Leave it "
            "out, or use keras.ops.take."
        ) from error
    return keras.Model(list(model.inputs), list(model.outputs))


def _input_shapes(model: Model) -> list[tuple[int | None, ...]]:
    return [tuple(tensor.shape) for tensor in model.inputs]


def _examples(model: Model) -> list[np.ndarray]:
    """Twenty random examples for each input of a model."""
    generator = np.random.default_rng(0)
    sizes = [[20, *(int(side or 1) for side in shape[1:])] for shape in _input_shapes(model)]
    return [generator.normal(size=size).astype("float32") for size in sizes]


def _answers(model: Model, arrays: Sequence[np.ndarray]) -> np.ndarray:
    import keras

    return np.asarray(keras.ops.convert_to_numpy(model(list(arrays))))


@dataclass
class Watched:
    """What one layer with weights was called on while the model ran, and what it gave."""

    layer: Layer
    inputs: list[np.ndarray] = field(default_factory=list)
    outputs: list[np.ndarray] = field(default_factory=list)

    @property
    def kind(self) -> str:
        """The class name of the layer."""
        return type(self.layer).__name__

    @property
    def size(self) -> tuple[int, ...]:
        """Numbers in and units out, for a Dense layer."""
        return tuple(self.layer.kernel.shape)

    @property
    def rows(self) -> np.ndarray:
        """Everything that the layer was called on, one row for each example."""
        return np.concatenate([one.reshape(-1, one.shape[-1]) for one in self.inputs])

    @property
    def linear(self) -> np.ndarray:
        """What a Dense layer makes of these rows before its activation."""
        weights = [np.asarray(weight, dtype="float64") for weight in self.layer.get_weights()]
        return self.rows @ weights[0] + (weights[1] if len(weights) > 1 else 0.0)


def _leaves(model: Model) -> Iterator[Layer]:
    """The layers of a model, nested models opened."""
    import keras

    for layer in model.layers:
        if isinstance(layer, keras.Model):
            yield from _leaves(layer)
        else:
            yield layer


def _watch(model: Model, arrays: Sequence[np.ndarray]) -> tuple[list[Watched], np.ndarray]:
    """Run the model; give its layers with weights in the order of their first call, and answers."""
    import keras

    leaves = {id(layer): layer for layer in _leaves(model)}
    watched = {place: Watched(layer) for place, layer in leaves.items() if layer.weights}
    called: list[Watched] = []

    def watch(one: Watched) -> Callable[..., Any]:
        original = one.layer.call

        @functools.wraps(original)
        def call(inputs: Any, *args: Any, **kwargs: Any) -> Any:
            one.inputs.append(np.asarray(keras.ops.convert_to_numpy(inputs), dtype="float64"))
            if len(one.inputs) == 1:
                called.append(one)
            outputs = original(inputs, *args, **kwargs)
            one.outputs.append(np.asarray(keras.ops.convert_to_numpy(outputs), dtype="float64"))
            return outputs

        return call

    for one in watched.values():
        one.layer.call = watch(one)
    try:
        answers = _answers(model, arrays)
    finally:
        for one in watched.values():
            del one.layer.call
    return called, np.asarray(answers, dtype="float64")


def _same_rows(one: np.ndarray, other: np.ndarray) -> bool:
    """Whether two tables hold the same rows, in any order, up to rounding."""
    if one.shape != other.shape:
        return False
    far = np.abs(one[:, None] - other[None]).max(axis=2)
    near = 1e-4 * (1 + np.abs(other).max())
    return bool((far.min(axis=0) < near).all() and (far.min(axis=1) < near).all())


def _holds_columns(table: np.ndarray, columns: np.ndarray) -> bool:
    """Whether each of these columns is one of the columns of the table, up to rounding."""
    if len(table) != len(columns):
        return False
    far = np.abs(table[:, :, None] - columns[:, None]).max(axis=0)
    return bool((far.min(axis=0) < 1e-4).all())


def _in_random_state(model: Model) -> Model:
    """The model with weights that are all different, so that zero biases hide nothing."""
    generator = np.random.default_rng(2)
    for weight in model.weights:
        values = generator.normal(size=weight.shape, scale=0.5)
        # A moving variance below zero would give no numbers at all.
        weight.assign(values if weight.trainable else np.abs(values) + 0.1)
    return model


def _unused(model: Model) -> list[tuple[int | None, ...]]:
    """The shapes of the inputs that can be shuffled without any change of the answers."""
    arrays = _examples(model)
    before = _answers(model, arrays)
    unused = []
    for place, shape in enumerate(_input_shapes(model)):
        turned = [array[::-1] if at == place else array for at, array in enumerate(arrays)]
        if np.allclose(before, _answers(model, turned), atol=1e-7):
            unused.append(shape)
    return unused


def _two_roads(
    *,
    lstm: int = 16,
    numbers_road: bool = True,
    early: bool = False,
    use: bool = True,
    relu: str | None = "relu",
    end: str | None = None,
    backwards: bool = False,
    squash: bool = False,
) -> Model:
    """The model of question 4, or one with a named fault."""
    import keras
    from keras import layers

    series, numbers = keras.Input((24, 3)), keras.Input((5,))
    x, y = layers.LSTM(lstm, go_backwards=backwards)(series), numbers
    x = layers.ReLU()(x) if squash else x
    if numbers_road and not early:
        y = layers.Dense(8, activation=relu)(y)
    x = layers.Concatenate()([x, y]) if use else x
    if early:
        x = layers.Dense(8, activation="relu")(x)
    return keras.Model([series, numbers], layers.Dense(1, activation=end)(x))


def _unusual_roads() -> Model:
    """The same network: a dict of inputs, the other order, activations and names apart."""
    import keras
    from keras import layers

    numbers, series = keras.Input((5,), name="day"), keras.Input((24, 3), name="hours")
    side = keras.Sequential([layers.Dense(8), layers.ReLU()], name="side")(numbers)
    main = layers.Dropout(0.2)(layers.LSTM(16, name="reader")(series))
    end = layers.Dense(1, name="answer")(layers.Concatenate(name="meet")([side, main]))
    return keras.Model({"hours": series, "day": numbers}, end)


def _one_road() -> Model:
    import keras
    from keras import layers

    return keras.Sequential([keras.Input((24, 3)), layers.LSTM(16), layers.Dense(1)])


def _both_ends() -> Model:
    import keras
    from keras import layers

    series, numbers = keras.Input((24, 3)), keras.Input((5,))
    ends = [layers.LSTM(16)(series), layers.Dense(8, activation="relu")(numbers)]
    return keras.Model([series, numbers], ends)


_ROADS = [(None, 5), (None, 24, 3)]


def _judge_q4(data: AnswerData) -> Outcome:
    model = _in_random_state(_rebuilt(data))
    shapes = _input_shapes(model)
    if sorted(shapes, key=len) != _ROADS:
        came_ = ", ".join(str(shape) for shape in shapes)
        return incorrect(
            f"The inputs are {came_}. The task asks for two: (None, 24, 3) and (None, 5)."
        )
    if len(model.outputs) != 1:
        return incorrect(
            f"The model has {len(model.outputs)} outputs: the roads do not meet. Join their ends "
            "with Concatenate before the last layer."
        )
    out, count, unused = tuple(model.outputs[0].shape), int(model.count_params()), _unused(model)
    sized = not unused and out == (None, 1) and count == 1_353
    fault = _layer_fault_q4(model) if sized else ""
    return combine(
        [
            Criterion(not unused, _lost(unused), share=2),
            Criterion(out == (None, 1), f"The output is {out}; the task asks for (None, 1)."),
            Criterion(count == 1_353, _count_advice(count) if not unused else ""),
            Criterion(sized and not fault, fault),
        ],
        praise="Two roads, 1,280 and 48 parameters, that meet in 24 numbers; the last layer has 25.",
    )


def _lost(unused: Sequence[tuple[int | None, ...]]) -> str:
    names = ", ".join(str(shape) for shape in unused)
    if len(unused) == 1:
        return (
            f"The input {names} is lost: shuffling it changes no answer. Does its road reach "
            "Concatenate?"
        )
    return f"These inputs are lost: {names}. Shuffling them changes no answer."


def _layer_fault_q4(model: Model) -> str:
    """Say what is wrong in a model that has the right number of parameters, or ''."""
    from keras import layers

    watched, answers = _watch(model, _examples(model))
    kinds = {(one.kind, one.size if one.kind == "Dense" else ()): one for one in watched}
    wanted = [("LSTM", ()), ("Dense", (5, 8)), ("Dense", (24, 1))]
    if sorted(kinds) != sorted(wanted):
        return "The number of parameters is right, but the layers are not those of the list."
    lstm, side, end = (kinds[one] for one in wanted)
    if fault := difference(steps([lstm.layer]), steps([layers.LSTM(16)])):
        return fault
    if not _holds_columns(end.rows, np.maximum(side.linear, 0)):
        if _holds_columns(end.rows, side.linear):
            return "The layers are right, but Dense(8) has lost its activation='relu'."
        return "After Dense(8) with activation='relu', something else changes its numbers."
    if not _holds_columns(end.rows, lstm.outputs[0]):
        return (
            "Between LSTM(16) and Concatenate something changes the numbers. The list has no layer "
            "there."
        )
    if not np.allclose(answers, end.linear, atol=1e-4):
        return (
            "The last layer has an activation. The list has none: a temperature may be any number."
        )
    return ""


def _count_advice(count: int) -> str:
    known = {
        1_302: "The five numbers have no layer of their own. Send them through Dense(8) first.",
        1_465: "The numbers join before Dense(8), so that it also sees the LSTM. Dense(8) belongs "
        "to the road of the numbers, before the meeting.",
    }
    advice = known.get(count, "Compare the layers of each road and their units with the list.")
    return f"The model has {count:,} parameters, expected 1,353. {advice}"


q4 = Question(
    exercise=__name__,
    number=4,
    title="Build what the list was meant to be",
    objective="build a Functional model with one road for each input",
    kind="repair",
    minutes=8,
    difficulty=2,
    points=2,
    answer=FunctionalAnswer(),
    judge=_judge_q4,
    hints=(
        "Two Inputs, two roads. Give each tensor a name, such as series and numbers.",
        "a = layers.LSTM(16)(series) and b = layers.Dense(8, activation='relu')(numbers). Then join.",
        "x = layers.Concatenate()([a, b]); outputs = layers.Dense(1)(x); "
        "model = keras.Model([series, numbers], outputs).",
    ),
    misconceptions=(
        Misconception("keeps one road", _one_road, shows="one entrance"),
        Misconception(
            "has a second Input that goes nowhere", lambda: _two_roads(use=False), shows="is lost"
        ),
        Misconception(
            "joins the raw numbers", lambda: _two_roads(numbers_road=False), shows="no layer of"
        ),
        Misconception("joins too early", lambda: _two_roads(early=True), shows="before Dense"),
        Misconception("does not join", _both_ends, shows="do not meet"),
        Misconception("loses the relu", lambda: _two_roads(relu=None), shows="lost its activation"),
        Misconception(
            "squashes the temperature", lambda: _two_roads(end="sigmoid"), shows="may be any number"
        ),
        Misconception(
            "puts an activation after the LSTM",
            lambda: _two_roads(squash=True),
            shows="no layer there",
        ),
        Misconception(
            "reads the hours backwards", lambda: _two_roads(backwards=True), shows="go_backwards"
        ),
        Misconception("gives a list", lambda: [1, 2], shows=r"Build a model with keras\.Model"),
    ),
    equivalents=(_two_roads, _unusual_roads),
)


# Question 5: a test for lost inputs.

Pair = list[np.ndarray]
Answerer = Callable[[Pair], np.ndarray]


def _deaf(pair: Pair) -> np.ndarray:
    return pair[0] @ np.ones((pair[0].shape[1], 2))


def _listens(pair: Pair) -> np.ndarray:
    return np.stack([pair[0].sum(axis=1), pair[1].sum(axis=1)], axis=1)


def _listens_a_little(pair: Pair) -> np.ndarray:
    return pair[0][:, :1] + 0.001 * pair[1][:, :1]


def _listens_at_times(pair: Pair) -> np.ndarray:
    return np.where(pair[0][:, :1] > 0, pair[1][:, :1], 0.0)


def _listens_in_the_first_number(pair: Pair) -> np.ndarray:
    return np.stack([pair[1][:, 0], pair[0][:, 0], pair[0][:, 1]], axis=1)


def _listens_up_and_down(pair: Pair) -> np.ndarray:
    return np.stack([pair[1][:, 0], -pair[1][:, 0], pair[0][:, 0]], axis=1)


_EQUAL_ROWS = "a second input with some rows equal to their opposites"

_ANSWERERS: dict[str, Answerer] = {
    "a model that uses only the first input": _deaf,
    "a model that uses both inputs": _listens,
    "a model that uses the second input a little": _listens_a_little,
    "a model that uses the second input for some rows": _listens_at_times,
    "a model where only the first of three numbers changes": _listens_in_the_first_number,
    "a model where one number rises as much as another falls": _listens_up_and_down,
    _EQUAL_ROWS: _listens,
}


@dataclass(frozen=True)
class TesterAnswer(FunctionAnswer):
    """A function of a model and two arrays; a model is named in the data, as it is no data itself.

    The data also say what the function called the model with.

    Example:
        >>> answer = TesterAnswer(_cases).read(lambda model, first, second: 0.0)
        >>> calls(answer)[0].arguments[0]
        'a model that uses only the first input'
    """

    def read_on(self, answer: object, inputs: Sequence[Arguments]) -> AnswerData:
        """Call the function with the named models.

        Args:
            answer: the learner's function.
            inputs: the name of a model and two arrays, for each call.

        Returns:
            Arguments and results as data.
        """
        if not callable(answer):
            return super().read_on(answer, inputs)
        asked: set[str] = set()

        @functools.wraps(answer, updated=())
        def by_name(name: str, first: np.ndarray, second: np.ndarray) -> object:
            # Copies, as the function may turn round its arrays in place.
            known = {"first": first.copy(), "second": second.copy()}

            def model(pair: Pair) -> np.ndarray:
                arrays = [np.asarray(array) for array in pair]
                asked.update(_asked(arrays, known))
                return _ANSWERERS[name](arrays)

            model.__qualname__ = "model"  # the name in Python's own message on a wrong call
            return answer(model, first, second)

        data = super().read_on(by_name, inputs)
        return dataclasses.replace(data, values={**data.values, "asked": sorted(asked)})


def _asked(pair: Pair, known: Mapping[str, np.ndarray]) -> Iterator[str]:
    """Say in words what a function called a model with, such as `second turned`."""
    for came_, (name, array) in zip(pair, known.items(), strict=False):
        if came_.shape != array.shape:
            yield f"{name} in parts"
        elif np.array_equal(came_, array):
            yield f"{name} as it is"
        elif np.array_equal(came_, array[::-1]):
            yield f"{name} turned"
        else:
            yield f"{name} foreign"


def _cases(random: int | np.random.Generator = 0) -> list[Arguments]:
    """Each model with arrays; in one case four rows of the second array equal their opposites."""
    generator = np.random.default_rng(random)
    cases: list[Arguments] = []
    for name in _ANSWERERS:
        first, second = generator.normal(size=(10, 4)), generator.normal(size=(10, 3))
        if name == _EQUAL_ROWS:
            second[8:] = second[1::-1]
        cases.append((name, first, second))
    return cases


def true_influence(model: Answerer, first: np.ndarray, second: np.ndarray) -> float:
    """The share of rows whose answer changes when the rows of `second` are turned round.

    Args:
        model: called with a list of two arrays, gives one row of numbers for each example.
        first: the first input.
        second: the second input.

    Returns:
        A number from 0 (no row changes) to 1 (every row changes).

    Example:
        >>> true_influence(_deaf, np.eye(4), np.arange(4.0)[:, None])
        0.0
    """
    return float(_changed(model, first, second).any(axis=1).mean())


def _changed(model: Answerer, first: np.ndarray, second: np.ndarray) -> np.ndarray:
    return model([first, second]) != model([first, second[::-1]])


def _judge_q5(data: AnswerData) -> Outcome:
    all_calls = calls(data)
    for call in all_calls:
        if fault := _kind_fault(call):
            return incorrect(fault)
    asked = set(data.values["asked"])
    if not asked:
        return incorrect("Your function never calls the model.")
    if "second foreign" in asked:
        return incorrect(
            "Your function called the model with a second input that is not second[::-1]."
        )
    if "first foreign" in asked:
        return incorrect("Your function called the model with a first input that is not first.")
    wanted = [true_influence(*_with_model(call)) for call in all_calls]
    came_ = [float(np.ravel(call.output)[0]) for call in all_calls]
    wrong = [place for place, number in enumerate(came_) if not _near(number, wanted[place])]
    if not wrong:
        return correct("It finds the model that ignores an input, and the one that hardly listens.")
    place = wrong[0]
    return incorrect(
        f"For {all_calls[place].arguments[0]}: {came_[place]:g} came, expected {wanted[place]:g}. "
        f"{_order_fault(asked) or _influence_advice(all_calls, came_, wrong)}"
    )


def _near(one: float, other: float) -> bool:
    return abs(one - other) < 1e-6


def _with_model(call: Call) -> tuple[Answerer, np.ndarray, np.ndarray]:
    name, first, second = call.arguments
    return _ANSWERERS[name], first, second


def _kind_fault(call: Call) -> str:
    """Say why a result is no share, or ''."""
    name, output = call.arguments[0], call.output
    if isinstance(output, bool | np.bool_):
        return (
            f"For {name}: return a share from 0 to 1, not bool. You say yes or no for all rows "
            "together. Say it for each row."
        )
    if not isinstance(output, int | float | np.ndarray):
        return f"For {name}: return a share from 0 to 1, not {type(output).__name__}."
    if isinstance(output, np.ndarray) and output.dtype.kind not in "biuf":
        return f"For {name}: return a share from 0 to 1, a number."
    if np.size(output) != 1:
        return (
            f"For {name}: {np.size(output)} numbers came. Return one share: the mean over all rows."
        )
    return ""


def _order_fault(asked: set[str]) -> str:
    """Say which input the function turned round by mistake, or left as it is, or ''."""
    if {"first turned", "second turned"} <= asked:
        return "You turn round both inputs. Keep the first one in its order."
    if "first turned" in asked:
        return "Keep the first input in its order. Turn round the second input only."
    if asked == {"first as it is", "second as it is"}:
        return "The second input does not change at all in your function."
    return ""


def _influence_advice(
    all_calls: Sequence[Call], came_: Sequence[float], wrong: Sequence[int]
) -> str:
    """Name the mistake when a known wrong function gives the same numbers in every call."""
    for function, advice in _WRONG_TESTS:
        numbers = [float(function(*_with_model(call))) for call in all_calls]
        if all(_near(*pair) for pair in zip(came_, numbers, strict=True)):
            return advice
    little = "a model that uses the second input a little"
    if all(all_calls[place].arguments[0] == little for place in wrong):
        return (
            "Your function overlooks small changes. Compare with !=, or with a much smaller "
            "tolerance."
        )
    if any(not 0 <= number <= 1 for number in came_):
        return "A share lies between 0 and 1: take the mean."
    return "Compare model([first, second]) with model([first, second[::-1]]), row by row."


def _turns_first(model: Answerer, first: np.ndarray, second: np.ndarray) -> Any:
    return (model([first, second]) != model([first[::-1], second])).any(axis=1).mean()


def _turns_both(model: Answerer, first: np.ndarray, second: np.ndarray) -> Any:
    return (model([first, second]) != model([first[::-1], second[::-1]])).any(axis=1).mean()


def _turns_nothing(model: Answerer, first: np.ndarray, second: np.ndarray) -> Any:
    return (model([first, second]) != model([first, second])).any(axis=1).mean()


def _counts_numbers(model: Answerer, first: np.ndarray, second: np.ndarray) -> Any:
    return _changed(model, first, second).mean()


def _counts_rows(model: Answerer, first: np.ndarray, second: np.ndarray) -> Any:
    return int(_changed(model, first, second).any(axis=1).sum())


def _gives_per_cent(model: Answerer, first: np.ndarray, second: np.ndarray) -> Any:
    return 100 * true_influence(model, first, second)


def _counts_equal_rows(model: Answerer, first: np.ndarray, second: np.ndarray) -> Any:
    return 1 - true_influence(model, first, second)


def _wants_all_numbers(model: Answerer, first: np.ndarray, second: np.ndarray) -> Any:
    return _changed(model, first, second).all(axis=1).mean()


def _asks_once(model: Answerer, first: np.ndarray, second: np.ndarray) -> Any:
    return float(_changed(model, first, second).any())


def _says_yes_or_no(model: Answerer, first: np.ndarray, second: np.ndarray) -> Any:
    return bool(_changed(model, first, second).any())


def _compares_classes(model: Answerer, first: np.ndarray, second: np.ndarray) -> Any:
    before, after = model([first, second]), model([first, second[::-1]])
    return (before.argmax(axis=1) != after.argmax(axis=1)).mean()


def _compares_last_numbers(model: Answerer, first: np.ndarray, second: np.ndarray) -> Any:
    return _changed(model, first, second)[:, -1].mean()


def _compares_first_numbers(model: Answerer, first: np.ndarray, second: np.ndarray) -> Any:
    return _changed(model, first, second)[:, 0].mean()


def _compares_sums(model: Answerer, first: np.ndarray, second: np.ndarray) -> Any:
    before, after = model([first, second]), model([first, second[::-1]])
    return (before.sum(axis=1) != after.sum(axis=1)).mean()


def _with_tolerance(model: Answerer, first: np.ndarray, second: np.ndarray) -> Any:
    change = model([first, second]) - model([first, second[::-1]])
    return (np.abs(change) > 0.005).any(axis=1).mean()


def _says_one(model: Answerer, first: np.ndarray, second: np.ndarray) -> Any:
    return 1.0


def _turns_columns(model: Answerer, first: np.ndarray, second: np.ndarray) -> Any:
    return (model([first, second]) != model([first, second[:, ::-1]])).any(axis=1).mean()


# The first that gives the same numbers in every call is named.
_WRONG_TESTS: tuple[tuple[Callable[..., Any], str], ...] = (
    (_counts_equal_rows, "You give the share of rows that stay equal. Take those that change."),
    (_wants_all_numbers, "One changed number in a row is enough: .any(axis=1)."),
    (_asks_once, "You say yes or no for all rows together. Say it for each row."),
    (_counts_rows, "That is the number of rows. Divide it by all rows, or take the mean."),
    (_gives_per_cent, "A share lies between 0 and 1: take the mean."),
    (
        _counts_numbers,
        "Count a row once, as soon as any number of its answer changes: .any(axis=1).",
    ),
    (
        _compares_classes,
        "You compare the class with the largest number. Compare all numbers of the row.",
    ),
    (_compares_last_numbers, "You compare the last number only. Compare all numbers of the row."),
    (_compares_first_numbers, "You compare the first number only. Compare all numbers of the row."),
    (_compares_sums, "You compare sums or means. Compare the row number by number."),
)


def _row_by_row(model: Answerer, first: np.ndarray, second: np.ndarray) -> object:
    """The same with a loop and a small tolerance."""
    before, after = model([first, second]), model([first, np.flip(second, axis=0)])
    changed = sum(not np.allclose(a, b, rtol=0, atol=1e-9) for a, b in zip(before, after))  # noqa: B905
    return np.float64(changed / len(before))


def _one_example_at_a_time(model: Answerer, first: np.ndarray, second: np.ndarray) -> object:
    """The same, with a batch of one example for each call of the model."""
    turned = second[::-1]
    return sum(
        (
            model([first[i : i + 1], second[i : i + 1]])
            != model([first[i : i + 1], turned[i : i + 1]])
        )
        .any()
        .item()
        for i in range(len(first))
    ) / len(first)


q5 = Question(
    exercise=__name__,
    number=5,
    title="Write a test for lost inputs",
    objective="prove that an input is used, or that it is lost",
    kind="build",
    minutes=8,
    difficulty=2,
    points=2,
    answer=TesterAnswer(_cases),
    judge=_judge_q5,
    hints=(
        "Ask the model twice: with the two inputs as they are, and with second[::-1] in place of "
        "second.",
        "changed = model([first, second]) != model([first, second[::-1]]) is an array with a row for "
        "each example.",
        "A row counts as soon as one of its numbers changes: return changed.any(axis=1).mean().",
    ),
    misconceptions=(
        Misconception("turns the first input", lambda: _turns_first, shows="Keep the first"),
        Misconception("turns nothing", lambda: _turns_nothing, shows="does not change at all"),
        Misconception(
            "counts numbers, not rows", lambda: _counts_numbers, shows="Count a row once"
        ),
        Misconception("counts rows, gives no share", lambda: _counts_rows, shows="Divide it"),
        Misconception("says yes or no", lambda: _says_yes_or_no, shows="not bool"),
        Misconception("asks once for all rows", lambda: _asks_once, shows="Say it for each row"),
        Misconception("turns both inputs", lambda: _turns_both, shows="You turn round both"),
        Misconception(
            "counts equal rows", lambda: _counts_equal_rows, shows="rows that stay equal"
        ),
        Misconception("wants all numbers to change", lambda: _wants_all_numbers, shows="is enough"),
        Misconception("gives per cent", lambda: _gives_per_cent, shows="between 0 and 1"),
        Misconception("compares classes", lambda: _compares_classes, shows="largest number"),
        Misconception(
            "compares the last number", lambda: _compares_last_numbers, shows="the last number only"
        ),
        Misconception(
            "compares the first number",
            lambda: _compares_first_numbers,
            shows="the first number only",
        ),
        Misconception("compares sums", lambda: _compares_sums, shows="number by number"),
        Misconception("forgets the model", lambda: _says_one, shows="never calls"),
        Misconception("takes a large tolerance", lambda: _with_tolerance, shows="small changes"),
        Misconception(
            "does not turn the rows round",
            lambda: _turns_columns,
            shows=r"not second\[::-1\]",
        ),
    ),
    equivalents=(
        lambda: true_influence,
        lambda: _row_by_row,
        lambda: _one_example_at_a_time,
    ),
)


# Question 6: one encoder for two inputs.


def _compare(
    encode: Callable[[], Layer],
    join: str = "square",
    *,
    shared: bool = True,
    end: str | None = "sigmoid",
) -> Model:
    """Two rows of 12 numbers, encoded and compared; shared or not, and joined in different ways."""
    import keras
    from keras import layers, ops

    left, right = keras.Input((12,)), keras.Input((12,))
    first = encode()
    second = first if shared else encode()
    a, b = first(left), second(right)
    joins: dict[str, Callable[[], Any]] = {
        "concatenate": lambda: layers.Concatenate()([a, b]),
        "product": lambda: layers.Multiply()([a, b]),
        "dot": lambda: layers.Dot(1)([a, b]),
        "difference": lambda: layers.Subtract()([a, b]),
        "square": lambda: ops.square(layers.Subtract()([a, b])),
        "absolute": lambda: ops.absolute(a - b),
        "norm": lambda: layers.BatchNormalization()(ops.absolute(a - b)),
        "late encoder": lambda: layers.Dense(4)(ops.absolute(a - b)),
    }
    return keras.Model([left, right], layers.Dense(1, activation=end)(joins[join]()))


def _encodes_mixture(mix: str) -> Model:
    """The encoder is called once, on one tensor made of both inputs."""
    import keras
    from keras import layers, ops

    left, right = keras.Input((12,)), keras.Input((12,))
    mixtures: dict[str, Callable[[], Any]] = {
        "absolute": lambda: ops.abs(left - right),
        "sum": lambda: layers.Add()([left, right]),
        "product": lambda: layers.Multiply()([left, right]),
    }
    end = layers.Dense(1, activation="sigmoid")
    return keras.Model([left, right], end(_encoder()(mixtures[mix]())))


def _compares_answers() -> Model:
    """Each code gets an answer of its own; the answers are averaged."""
    import keras
    from keras import layers

    left, right = keras.Input((12,)), keras.Input((12,))
    encoder, end = _encoder(), layers.Dense(1, activation="sigmoid")
    return keras.Model([left, right], layers.Average()([end(encoder(left)), end(encoder(right))]))


def _shares_second_layer_only() -> Model:
    """Dense(16) is made twice, Dense(4) once."""
    from keras import layers

    code = layers.Dense(4)
    return _compare(lambda: _chained(layers.Dense(16, activation="relu"), code), shared=False)


def _chained(*layers: Layer) -> Callable[[Any], Any]:
    return lambda x: functools.reduce(lambda value, layer: layer(value), layers, x)


def _stacked() -> Model:
    """One call on both inputs side by side on an axis of their own: each is encoded alone."""
    import keras
    from keras import layers, ops

    left, right = keras.Input((12,)), keras.Input((12,))
    codes = _chained(layers.Dense(16, activation="relu"), layers.Dense(4))(
        ops.stack([left, right], axis=1)
    )
    gap = ops.square(ops.take(codes, 0, axis=1) - ops.take(codes, 1, axis=1))
    return keras.Model([left, right], layers.Dense(1, activation="sigmoid")(gap))


def _encoder(units: int = 16, relu: str | None = "relu") -> Model:
    import keras
    from keras import layers

    return keras.Sequential(
        [keras.Input((12,)), layers.Dense(units, activation=relu), layers.Dense(4)]
    )


def _hidden_layer() -> Layer:
    from keras import layers

    return layers.Dense(16, activation="relu")


def _loose_layers() -> Callable[[Any], Any]:
    """An encoder that is no model: two layers that are called on each input."""
    from keras import layers

    hidden, relu, code = layers.Dense(16), layers.ReLU(), layers.Dense(4)
    return lambda x: code(relu(hidden(x)))


def _listens_to_left() -> Model:
    import keras
    from keras import layers

    left, right = keras.Input((12,)), keras.Input((12,))
    code = _encoder()(left)
    x = layers.Multiply()([code, code])
    return keras.Model([left, right], layers.Dense(1, activation="sigmoid")(x))


def _judge_q6(data: AnswerData) -> Outcome:
    model = _in_random_state(_rebuilt(data))
    shapes = _input_shapes(model)
    if shapes != [(None, 12), (None, 12)] or len(model.outputs) != 1:
        came_ = ", ".join(str(shape) for shape in shapes)
        return incorrect(
            f"Inputs: {came_}. Outputs: {len(model.outputs)}. The task asks for two inputs "
            "(None, 12) and one output."
        )
    if unused := _unused(model):
        one = "One of the two inputs is" if len(unused) == 1 else "Both inputs are"
        return incorrect(f"{one} lost: shuffling changes no answer.")
    out, arrays = tuple(model.outputs[0].shape), _examples(model)
    watched, answers = _watch(model, arrays)
    symmetric = np.allclose(answers, _answers(model, arrays[::-1]), atol=1e-5)
    fault = _layer_fault(watched, int(model.count_params()), symmetric)
    fault = fault or _call_fault(model, watched, arrays)
    mild = "" if fault else _activation_fault(watched, answers)
    return combine(
        [
            Criterion(not fault, fault, share=2),
            Criterion(out == (None, 1), f"The output is {out}; the task asks for (None, 1)."),
            Criterion(symmetric, "" if fault else _order_advice(model)),
            Criterion(not fault and not mild, mild),
        ],
        praise="One encoder of 276 parameters, called twice, and 5 for the comparison. The order of "
        "the inputs cannot matter.",
    )


_SIZES = [(12, 16), (16, 4), (4, 1)]
_MIXTURE = (
    "The encoder is called once, on a mixture of the two inputs. Call it on each input: "
    "encoder(left), encoder(right). Compare the codes after that."
)


def _layer_fault(watched: Sequence[Watched], count: int, symmetric: bool) -> str:
    """Say which layers with weights are too many, or of another size, or ''."""
    for one in watched:
        if one.kind == "TimeDistributed":
            return "Call the encoder itself on each input, without TimeDistributed."
        if one.kind != "Dense":
            if one.inputs[0].shape[-1] == 4:
                return f"{one.kind} has weights. {_NO_PARAMETERS}"
            return f"The task asks for three Dense layers. {one.kind} has weights, too."
    sizes = Counter(one.size for one in watched)
    twice = [size for size in _SIZES[:2] if sizes[size] == 2]
    if len(twice) == 2 or any(count > 1 and size[0] == 12 for size, count in sizes.items()):
        words = f"The model has {count:,} parameters: there are two encoders. "
        return (words if len(twice) == 2 else "") + _TWO_LAYERS
    if twice:
        return _TWO_LAYERS
    if sorted(sizes) == [(8, 1), (12, 16), (16, 4)] and not symmetric:
        return (
            "The answer changes when left and right are exchanged: Concatenate gives each side "
            "weights of its own. Compare the codes in a way that has no order."
        )
    ends = [size for size in sizes.elements() if size not in _SIZES]
    if len(watched) == 3 and len(ends) == 1 and ends[0][1] == 1:
        return (
            f"The comparison has the size {ends[0][0]}; the task asks for 4, one "
            "for each number of a code."
        )
    units = [size[-1] for size in sizes.elements()]
    if set(_SIZES[:2]) <= set(sizes) and len(watched) > 3:
        return f"There are {len(watched)} Dense layers, expected 3. {_NO_PARAMETERS}"
    if sorted(sizes.elements()) != sorted(_SIZES):
        words = ", ".join(str(number) for number in units)
        return (
            f"The model has {count:,} parameters, expected 281: 12·16 + 16 and 16·4 + 4 in the "
            f"encoder, and 4 + 1 in the last layer. Your Dense layers have these units: {words}."
        )
    bare = [f"Dense({one.size[1]})" for one in watched if not one.layer.use_bias]
    return f"{bare[0]} has no bias. The task asks for the usual one." if bare else ""


_NO_PARAMETERS = "The comparison has parameters; the task asks for none."
_TWO_LAYERS = (
    "The two roads have different weights: a layer is made twice. Make it once and call it on "
    "both inputs."
)


def _call_fault(model: Model, watched: Sequence[Watched], arrays: Sequence[np.ndarray]) -> str:
    """Say which of the three layers is called on something else than the task says, or ''."""
    hidden, code, last = _in_order(watched)
    if len(hidden.rows) == len(arrays[0]):
        return _MIXTURE
    if not _same_rows(hidden.rows, np.concatenate(arrays)):
        return "The encoder must be called on the two inputs as they are, once on each."
    if len(code.rows) != len(hidden.rows):
        return (
            "Only Dense(16) is called on each input. Dense(4) belongs to the encoder, too: call "
            "both layers on each input. Compare the codes after that."
        )
    if len(last.rows) != len(arrays[0]):
        return (
            "The last layer is called on each code alone. Compare the two codes first, then call "
            "it once, on the comparison."
        )
    return "" if _sees_codes_only(model, code.layer, arrays) else _BESIDE


_BESIDE = "The last layer sees something beside the two codes. It sees the comparison and no more."


def _in_order(watched: Sequence[Watched]) -> list[Watched]:
    return [next(one for one in watched if one.size == size) for size in _SIZES]


def _sees_codes_only(model: Model, code: Layer, arrays: Sequence[np.ndarray]) -> bool:
    """Whether all answers become equal when all codes are."""
    kept = code.get_weights()
    code.set_weights([np.zeros_like(kept[0]), *kept[1:]])
    answers = _answers(model, arrays)
    code.set_weights(kept)
    return bool(np.allclose(answers, answers[:1], atol=1e-5))


def _activation_fault(watched: Sequence[Watched], answers: np.ndarray) -> str:
    """Say which activation of the three layers is not as the task says, or ''."""
    hidden, code, last = _in_order(watched)
    if not _same_rows(code.rows, np.maximum(hidden.linear, 0)):
        lost = _same_rows(code.rows, hidden.linear)
        return (
            "The layers are right, but Dense(16) has lost its activation='relu'."
            if lost
            else "Between Dense(16) and Dense(4) stands relu, and nothing else."
        )
    if steps([code.layer])[1:]:
        return "Dense(4) has an activation. The task gives it none."
    if np.allclose(answers, 1 / (1 + np.exp(-last.linear)), atol=1e-4):
        return ""
    if np.allclose(answers, last.linear, atol=1e-3):
        return "The layers are right, but Dense(1) has lost its activation='sigmoid'."
    return "The answer comes from Dense(1) with activation='sigmoid'. Yours has another activation."


def _order_advice(model: Model) -> str:
    words = "The answer changes when left and right are exchanged"
    kinds = {type(operation).__name__ for operation in model.operations}
    if "Subtract" in kinds:
        return f"{words}: a - b is not b - a. Square the difference."
    return f"{words}. Compare the codes in a way that has no order."


q6 = Question(
    exercise=__name__,
    number=6,
    title="Share one encoder",
    objective="share one encoder between two inputs, and say why a list cannot",
    kind="build",
    minutes=10,
    difficulty=3,
    points=3,
    answer=FunctionalAnswer(),
    judge=_judge_q6,
    hints=(
        "The encoder may be a Sequential. Make it once and call it twice: encoder(left), "
        "encoder(right).",
        "Subtract the two codes. The sign depends on the order; the square does not.",
        "gap = layers.Subtract()([encoder(left), encoder(right)]); squared = "
        "layers.Multiply()([gap, gap]); then Dense(1, activation='sigmoid').",
    ),
    misconceptions=(
        Misconception(
            "makes two encoders", lambda: _compare(_encoder, shared=False), shows="two encoders"
        ),
        Misconception(
            "concatenates the codes",
            lambda: _compare(_encoder, "concatenate"),
            shows="weights of its own",
        ),
        Misconception(
            "does not square", lambda: _compare(_encoder, "difference"), shows="a - b is not b - a"
        ),
        Misconception("reads one input only", _listens_to_left, shows="is lost"),
        Misconception(
            "encodes a mixture", lambda: _encodes_mixture("absolute"), shows="on a mixture"
        ),
        Misconception(
            "compares before the second layer",
            lambda: _compare(_hidden_layer, "late encoder"),
            shows="belongs to the encoder",
        ),
        Misconception("averages two answers", _compares_answers, shows="called on each code alone"),
        Misconception(
            "shares the second layer only", _shares_second_layer_only, shows="a layer is made twice"
        ),
        Misconception(
            "compares with weights", lambda: _compare(_encoder, "norm"), shows="task asks for none"
        ),
        Misconception(
            "compares in one number",
            lambda: _compare(_encoder, "dot"),
            shows="has the size 1",
        ),
        Misconception(
            "takes another size", lambda: _compare(lambda: _encoder(32)), shows="these units: 32"
        ),
        Misconception(
            "loses the relu",
            lambda: _compare(lambda: _encoder(relu=None)),
            shows="lost its activation='relu'",
        ),
        Misconception(
            "loses the sigmoid",
            lambda: _compare(_encoder, end=None),
            shows="lost its activation='sigmoid'",
        ),
        Misconception("gives a list", lambda: [1, 2], shows=r"Build a model with keras\.Model"),
    ),
    equivalents=(
        lambda: _compare(_encoder),
        lambda: _compare(_encoder, "absolute"),
        lambda: _compare(_loose_layers, "product"),
        _stacked,
    ),
)
