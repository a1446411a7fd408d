"""Exercise 13: many inputs. Questions on lesson 13."""

from __future__ import annotations

import functools
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from seqkit.exercises.answer_data import AnswerData
from seqkit.exercises.answers import ChoiceAnswer, IntegerAnswer
from seqkit.exercises.criteria import Criterion, combine
from seqkit.exercises.errors import RefusedModelError
from seqkit.exercises.function_answers import Arguments, Call, FunctionAnswer, calls
from seqkit.exercises.judges import choice_is, number_is
from seqkit.exercises.keras_types import Layer, Model
from seqkit.exercises.misconceptions import Misconception
from seqkit.exercises.model_answers import ModelAnswer
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
        "A list is taken with a warning only, and x2 is dropped. Its shape does not even matter.",
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

q3 = Question(
    exercise=__name__,
    number=3,
    title="Say what the second input is worth",
    objective="measure by ablation what each input is worth",
    kind="predict",
    minutes=4,
    difficulty=1,
    points=1,
    answer=IntegerAnswer(),
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
    model = rebuild_model(data)
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
    *, lstm: int = 16, numbers_road: bool = True, early: bool = False, use: bool = True
) -> Model:
    """The model of question 4, or one with a named fault."""
    import keras
    from keras import layers

    series, numbers = keras.Input((24, 3)), keras.Input((5,))
    x, y = layers.LSTM(lstm)(series), numbers
    if numbers_road and not early:
        y = layers.Dense(8, activation="relu")(y)
    x = layers.Concatenate()([x, y]) if use else x
    if early:
        x = layers.Dense(8, activation="relu")(x)
    return keras.Model([series, numbers], layers.Dense(1)(x))


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
    model = _rebuilt(data)
    shapes = sorted(_input_shapes(model), key=len)
    if shapes != _ROADS:
        return incorrect(
            f"The inputs are {shapes}. The task asks for two: (None, 24, 3) and (None, 5)."
        )
    if len(model.outputs) != 1:
        return incorrect(
            f"The model has {len(model.outputs)} outputs: the roads do not meet. Join their ends "
            "with Concatenate before the last layer."
        )
    out, count, unused = tuple(model.outputs[0].shape), int(model.count_params()), _unused(model)
    lost = ", ".join(str(shape) for shape in unused)
    return combine(
        [
            Criterion(
                not unused,
                f"The input {lost} is lost: shuffling it changes no answer. Does its road reach "
                "Concatenate?",
                share=2,
            ),
            Criterion(out == (None, 1), f"The output is {out}; the task asks for (None, 1)."),
            Criterion(count == 1_353, _count_advice(count) if not unused else ""),
        ],
        praise="Two roads, 1,280 and 48 parameters, that meet in 24 numbers; the last layer has 25.",
    )


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
    answer=ModelAnswer(),
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


_ANSWERERS: dict[str, Answerer] = {
    "a model that uses only the first input": _deaf,
    "a model that uses both inputs": _listens,
    "a model that uses the second input a little": _listens_a_little,
    "a model that uses the second input for some rows": _listens_at_times,
}


@dataclass(frozen=True)
class TesterAnswer(FunctionAnswer):
    """A function of a model and two arrays; a model is named in the data, as it is no data itself.

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

        @functools.wraps(answer, updated=())
        def by_name(name: str, first: np.ndarray, second: np.ndarray) -> object:
            return answer(_ANSWERERS[name], first, second)

        return super().read_on(by_name, inputs)


def _cases() -> list[Arguments]:
    """Each model with arrays in which no row of the second array equals its opposite."""
    generator = np.random.default_rng(0)
    return [
        (name, generator.normal(size=(10, 4)), generator.normal(size=(10, 3)))
        for name in _ANSWERERS
    ]


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
    changed = model([first, second]) != model([first, second[::-1]])
    return float(changed.any(axis=1).mean())


def _judge_q5(data: AnswerData) -> Outcome:
    for call in calls(data):
        fault = _influence_fault(call)
        if fault:
            return incorrect(fault)
    return correct("It finds the model that ignores an input, and the one that hardly listens.")


def _influence_fault(call: Call) -> str:
    """Say what is wrong with one result, or ''."""
    name, first, second = call.arguments
    wanted = true_influence(_ANSWERERS[name], first, second)
    output = call.output
    if isinstance(output, bool) or not isinstance(output, int | float | np.ndarray):
        return f"For {name}: return a share from 0 to 1, not {type(output).__name__}."
    if np.size(output) != 1:
        return (
            f"For {name}: {np.size(output)} numbers came. Return one share: the mean over all rows."
        )
    came = float(np.ravel(output)[0])
    if abs(came - wanted) < 1e-6:
        return ""
    return f"For {name}: {came:g} came, expected {wanted:g}. {_influence_advice(came, wanted)}"


def _influence_advice(came: float, wanted: float) -> str:
    if came > 1:
        return "That is the number of rows. Divide it by all rows, or take the mean."
    if wanted == 0:
        return "Keep the first input in its order. Turn round the second input only."
    if came == 0:
        return (
            "Does the second input change at all in your function, and do you notice small changes?"
        )
    return "Count a row once, as soon as any number of its answer changes: .any(axis=1)."


def _turns_first(model: Answerer, first: np.ndarray, second: np.ndarray) -> object:
    return (model([first, second]) != model([first[::-1], second])).any(axis=1).mean()


def _turns_nothing(model: Answerer, first: np.ndarray, second: np.ndarray) -> object:
    return (model([first, second]) != model([first, second])).any(axis=1).mean()


def _counts_numbers(model: Answerer, first: np.ndarray, second: np.ndarray) -> object:
    return (model([first, second]) != model([first, second[::-1]])).mean()


def _counts_rows(model: Answerer, first: np.ndarray, second: np.ndarray) -> object:
    return int((model([first, second]) != model([first, second[::-1]])).any(axis=1).sum())


def _says_yes_or_no(model: Answerer, first: np.ndarray, second: np.ndarray) -> object:
    return bool((model([first, second]) != model([first, second[::-1]])).any())


def _row_by_row(model: Answerer, first: np.ndarray, second: np.ndarray) -> object:
    """The same with a loop and a small tolerance."""
    before, after = model([first, second]), model([first, np.flip(second, axis=0)])
    changed = sum(not np.allclose(a, b, rtol=0, atol=1e-9) for a, b in zip(before, after))  # noqa: B905
    return np.float64(changed / len(before))


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
        Misconception("turns nothing", lambda: _turns_nothing, shows="change at all"),
        Misconception(
            "counts numbers, not rows", lambda: _counts_numbers, shows="Count a row once"
        ),
        Misconception("counts rows, gives no share", lambda: _counts_rows, shows="Divide it"),
        Misconception("says yes or no", lambda: _says_yes_or_no, shows="not bool"),
    ),
    equivalents=(lambda: true_influence, lambda: _row_by_row),
)


# Question 6: one encoder for two inputs.


def _compare(encode: Callable[[], Layer], join: str = "square", *, shared: bool = True) -> Model:
    """Two rows of 12 numbers, encoded and compared; shared or not, and joined in different ways."""
    import keras
    from keras import layers

    left, right = keras.Input((12,)), keras.Input((12,))
    first = encode()
    second = first if shared else encode()
    a, b = first(left), second(right)
    if join == "concatenate":
        x = layers.Concatenate()([a, b])
    elif join == "product":
        x = layers.Multiply()([a, b])
    else:
        x = layers.Subtract()([a, b])
        x = layers.Multiply()([x, x]) if join == "square" else x
        x = keras.ops.absolute(x) if join == "absolute" else x
    return keras.Model([left, right], layers.Dense(1, activation="sigmoid")(x))


def _encoder() -> Model:
    import keras
    from keras import layers

    return keras.Sequential(
        [keras.Input((12,)), layers.Dense(16, activation="relu"), layers.Dense(4)]
    )


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


def _in_random_state(model: Model) -> Model:
    """The model with weights that are all different, so that zero biases hide nothing."""
    generator = np.random.default_rng(2)
    model.set_weights([generator.normal(size=w.shape, scale=0.5) for w in model.get_weights()])
    return model


def _judge_q6(data: AnswerData) -> Outcome:
    model = _in_random_state(_rebuilt(data))
    shapes = _input_shapes(model)
    if shapes != [(None, 12), (None, 12)] or len(model.outputs) != 1:
        return incorrect(
            f"The inputs are {shapes} and there are {len(model.outputs)} outputs. The task asks "
            "for two inputs (None, 12) and one output."
        )
    if _unused(model):
        return incorrect("One of the two inputs is lost: shuffling it changes no answer.")
    count, out = int(model.count_params()), tuple(model.outputs[0].shape)
    arrays = _examples(model)
    symmetric = np.allclose(_answers(model, arrays), _answers(model, arrays[::-1]), atol=1e-6)
    return combine(
        [
            Criterion(
                count < 2 * 276,
                f"The model has {count:,} parameters: there are two encoders. Make the encoder "
                "once, and call it on both inputs.",
                share=2,
            ),
            Criterion(out == (None, 1), f"The output is {out}; the task asks for (None, 1)."),
            Criterion(symmetric, "" if count >= 2 * 276 else _order_advice(count)),
            Criterion(count in {281} or count >= 2 * 276, _size_advice(count) if symmetric else ""),
        ],
        praise="One encoder of 276 parameters, called twice, and 5 for the comparison. The order of "
        "the inputs cannot matter.",
    )


def _order_advice(count: int) -> str:
    if count == 285:
        return (
            "The answer changes when left and right are exchanged: Concatenate gives each side "
            "weights of its own. Compare the codes in a way that has no order."
        )
    return (
        "The answer changes when left and right are exchanged: a - b is not b - a. Square the "
        "difference."
    )


def _size_advice(count: int) -> str:
    return (
        f"The model has {count:,} parameters, expected 281: 12·16 + 16 and 16·4 + 4 in the encoder, "
        "and 4 + 1 in the last layer."
    )


q6 = Question(
    exercise=__name__,
    number=6,
    title="Share one encoder",
    objective="share one encoder between two inputs, and say why a list cannot",
    kind="build",
    minutes=10,
    difficulty=3,
    points=3,
    answer=ModelAnswer(),
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
    ),
    equivalents=(
        lambda: _compare(_encoder),
        lambda: _compare(_encoder, "absolute"),
        lambda: _compare(_loose_layers, "product"),
    ),
)
