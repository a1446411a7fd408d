"""Exercise 09: diagnose and repair broken programs. Questions on lesson 09."""

from __future__ import annotations

import functools
from collections.abc import Sequence

import numpy as np

from seqkit.exercises import architecture
from seqkit.exercises.answer_data import AnswerData
from seqkit.exercises.answers import ChoiceAnswer, TextAnswer
from seqkit.exercises.criteria import Criterion, combine
from seqkit.exercises.function_answers import FunctionAnswer, calls
from seqkit.exercises.judges import choice_is, shape_trace
from seqkit.exercises.keras_types import Model
from seqkit.exercises.misconceptions import Misconception
from seqkit.exercises.model_answers import ModelAnswer
from seqkit.exercises.question import Question
from seqkit.exercises.rebuild import rebuild_model
from seqkit.exercises.verdict import Outcome, correct, incorrect

# Question 1: which lists does Keras accept?

_ACCEPTED = "bde"
_WHY_ACCEPTED = {
    "b": "List b is accepted: after return_sequences=True, Dense gives one number for each of the "
    "30 steps. Whether you meant that, nobody asks.",
    "d": "List d is accepted: a missing input shape is no error. Its weights come with the first "
    "data.",
    "e": "List e is accepted: Dense works on the last axis, so it builds on a map, to "
    "(None, 10, 10, 4).",
}
_WHY_REFUSED = {
    "a": "List a is refused: the first GRU gives (None, 8), and the second one needs steps.",
    "c": "List c is refused: 12 → 10 → 5, and a window of 7 does not fit into 5.",
    "f": "List f is refused: Reshape keeps all numbers, and 4 are not 2 · 3.",
}


def _judge_q1(data: AnswerData) -> Outcome:
    letters = {letter for letter in data.values["value"].lower() if letter.isalpha()}
    unknown = letters - set("abcdef")
    if unknown:
        return incorrect('Give the letters of the accepted lists as one text, such as "af".')
    if letters == set("acf"):
        return incorrect("These are the refused ones. The question asks for the accepted lists.")
    for letter in "abcdef":
        if letter in letters and letter not in _ACCEPTED:
            return incorrect(_WHY_REFUSED[letter])
        if letter not in letters and letter in _ACCEPTED:
            return incorrect(_WHY_ACCEPTED[letter])
    return correct("Keras checks whether neighbours fit. It cannot check what you meant.")


q1 = Question(
    exercise=__name__,
    number=1,
    title="Say which lists Keras accepts",
    objective="say of a broken stack who refuses it: Keras while the list is written, `fit`, or "
    "nobody",
    kind="predict",
    minutes=5,
    difficulty=1,
    points=1,
    answer=TextAnswer(),
    judge=_judge_q1,
    hints=(
        "Go through each list and write the shape after every layer. Where does one not fit?",
        "Dense takes any number of axes. A recurrent layer needs steps; a window must fit into the "
        "map; Reshape must keep all numbers.",
        "Three are refused: one for its steps, one for its window, one for its numbers. A missing "
        "Input is no reason.",
    ),
    misconceptions=(
        Misconception("thinks that an Input is needed", "be", shows="missing input shape"),
        Misconception("thinks that Dense needs Flatten", "bd", shows="works on the last axis"),
        Misconception("thinks that a layer gives steps by itself", "abde", shows="needs steps"),
        Misconception("forgets that maps shrink", "bcde", shows="12 → 10 → 5"),
        Misconception("thinks that Reshape fills up", "bdef", shows="4 are not 2 · 3"),
        Misconception("wants one answer for a series", "de", shows="each of the 30 steps"),
        Misconception("gives the refused ones", "acf", shows="the refused ones"),
        Misconception("gives a word", "none", shows="as one text"),
    ),
    equivalents=("BDE", "e, d, b", "b d e"),
)


# Question 2: read an error of fit.

_READINGS = {
    "a": "The batch is too large: take 4 or 5 examples at a time.",
    "b": "The labels are whole numbers: take sparse_categorical_crossentropy.",
    "c": "The labels have five classes and the last layer has four units: take Dense(5).",
    "d": "The input has five columns and Input says four: take keras.Input((5,)).",
}

q2 = Question(
    exercise=__name__,
    number=2,
    title="Read an error that names no layer",
    objective="read an error of `fit` that names no layer, and make labels, units and loss agree",
    kind="read",
    minutes=3,
    difficulty=1,
    points=1,
    answer=ChoiceAnswer(_READINGS),
    judge=choice_is(
        "c",
        "target are the labels: rows of five. output comes from the last layer: rows of four.",
        feedback={
            "a": "64 is the number of examples, and it is the same in both shapes. Compare what "
            "follows it.",
            "b": "Whole numbers would give target.shape=(64,). These labels are rows of five.",
            "d": "The message speaks of target and output. The input went through all layers "
            "without trouble.",
        },
    ),
    hints=(
        "Which of the two, target or output, comes from your labels?",
        "The first number of both shapes is the batch. What is the second one?",
        "Five numbers for each label, four numbers for each answer. Which layer makes the four?",
    ),
    misconceptions=(
        Misconception("blames the batch", "a", shows="same in both shapes"),
        Misconception("takes the labels for integers", "b", shows="rows of five"),
        Misconception("blames the input", "d", shows="went through all layers"),
    ),
    equivalents=("C", " c) "),
)


# Question 3: repair a stack and its loss.


def broken_model() -> Model:
    """The model that the notebook gives: it builds, and `fit` refuses it.

    Returns:
        A compiled Sequential for three kinds of pictures.

    Example:
        >>> broken_model().output_shape
        (None, 7, 7, 3)
    """
    return _three_kinds((), loss="categorical_crossentropy")


def _three_kinds(
    closing: Sequence[str] = ("Flatten",),
    loss: object = "sparse_categorical_crossentropy",
    last: str = "softmax",
    late: bool = False,
    units: int = 3,
    side: int = 16,
) -> Model:
    """The stack of question 3 with layers that close the axes, before or after the last one."""
    import keras
    from keras import layers

    between = [getattr(layers, name)() for name in closing]
    head = layers.Dense(units, activation=last)
    model = keras.Sequential(
        [
            keras.Input((side, side, 1)),
            layers.Conv2D(6, 3, activation="relu"),
            layers.MaxPooling2D(2),
            *([head, *between] if late else [*between, head]),
        ]
    )
    model.compile(optimizer="adam", loss=loss)
    return model


def _logits(declared: bool) -> Model:
    import keras

    loss = keras.losses.SparseCategoricalCrossentropy(from_logits=declared)
    return _three_kinds(loss=loss, last="linear")


def _softmax_and_logits() -> Model:
    import keras

    return _three_kinds(loss=keras.losses.SparseCategoricalCrossentropy(from_logits=True))


def _uncompiled() -> Model:
    import keras

    return keras.Sequential([keras.Input((16, 16, 1)), *_three_kinds().layers])


def _gives_shares(steps: Sequence[architecture.Step]) -> bool:
    """Whether the output is softmax, or a mean of the shares of all places, which sums to 1, too."""
    names = [step.kind if step.kind != "Activation" else str(step) for step in steps]
    while names and names[-1] == "GlobalAveragePooling2D":
        names.pop()
    return bool(names) and names[-1] == "softmax"


def _two_convolutions() -> Model:
    import keras
    from keras import layers

    model = keras.Sequential(
        [
            keras.Input((16, 16, 1)),
            layers.Conv2D(6, 3, activation="relu"),
            layers.Conv2D(6, 3, activation="relu"),
            layers.Flatten(),
            layers.Dense(3, activation="softmax"),
        ]
    )
    model.compile(optimizer="adam", loss="sparse_categorical_crossentropy")
    return model


def _judge_q3(data: AnswerData) -> Outcome:
    model = rebuild_model(data)
    facts = data.values["compile"]
    shape, entry = data.values["output_shape"], data.values["input_shape"]
    if entry[1:] != [16, 16, 1]:
        return incorrect(f"The input is {tuple(entry)}; the pictures stay (16, 16, 1).")
    if len(shape) > 2:
        return incorrect(
            f"The output is {tuple(shape)}: three shares for every place of the map. One picture "
            "needs three: (None, 3).",
            shape_trace(model),
        )
    if shape != [None, 3]:
        return incorrect(
            f"The output is {tuple(shape)}; three classes need (None, 3). Dense works on the last "
            "axis: close the axes before it, and give it three units.",
            shape_trace(model),
        )
    if facts is None:
        return incorrect("The shapes are right. Now call model.compile(...) with a loss.")
    if facts["loss"] != "sparse_categorical_crossentropy":
        return incorrect(
            f"The loss is {facts['loss']}. The labels are whole numbers from 0 to 2: take the loss "
            "for whole numbers."
        )
    steps = architecture.steps(model)
    ends_with_softmax = _gives_shares(steps)
    filters = architecture.sizes(steps, "Conv2D", "filters")
    return combine(
        [
            Criterion(
                ends_with_softmax or facts["from_logits"],
                "The last layer gives no probabilities, and the loss was promised some. Keep "
                "softmax, or write from_logits=True.",
            ),
            Criterion(
                not (ends_with_softmax and facts["from_logits"]),
                "Softmax and from_logits=True: the loss takes these probabilities for scores.",
            ),
            Criterion(
                filters == [6],
                "Keep the one convolution with its 6 filters, and add no second convolution."
                if 6 in filters
                else "Keep the convolution with its 6 filters.",
            ),
        ],
        praise="One row of three shares for each picture, and a loss that takes whole numbers.",
    )


q3 = Question(
    exercise=__name__,
    number=3,
    title="Repair a model that only `fit` refuses",
    objective="read an error of `fit` that names no layer, and make labels, units and loss agree",
    kind="repair",
    minutes=6,
    difficulty=2,
    points=2,
    answer=ModelAnswer(),
    judge=_judge_q3,
    hints=(
        "There are two mistakes. Look at the output shape first: what is the shape of one label?",
        "A layer must close height and width before Dense. And which loss takes whole numbers?",
        'layers.Flatten() before layers.Dense(3, ...), and loss="sparse_categorical_crossentropy".',
    ),
    misconceptions=(
        Misconception(
            "changes the loss only", lambda: _three_kinds(()), shows="every place of the map"
        ),
        Misconception(
            "adds Flatten only",
            lambda: _three_kinds(loss="categorical_crossentropy"),
            shows="loss for whole numbers",
        ),
        Misconception(
            "flattens after Dense", lambda: _three_kinds(late=True), shows=r"\(None, 147\)"
        ),
        Misconception("takes mse", lambda: _three_kinds(loss="mse"), shows="loss is m"),
        Misconception(
            "leaves the activation out", lambda: _logits(False), shows="no probabilities"
        ),
        Misconception("declares logits after softmax", _softmax_and_logits, shows="for scores"),
        Misconception(
            "takes one unit", lambda: _three_kinds(units=1, last="sigmoid"), shows="three units"
        ),
        Misconception("changes the input", lambda: _three_kinds(side=8), shows="pictures stay"),
        Misconception("does not compile", _uncompiled, shows="call model.compile"),
        Misconception("adds a convolution", _two_convolutions, shows="add no second convolution"),
    ),
    equivalents=(
        lambda: _three_kinds(("GlobalAveragePooling2D",)),
        lambda: _logits(True),
        lambda: _three_kinds(("GlobalMaxPooling2D", "Flatten")),
        lambda: _three_kinds(("GlobalAveragePooling2D",), late=True),
    ),
    starter=broken_model,
)


# Question 4: an array that never arrives.

_DIAGNOSES = {
    "a": "Too few epochs: the model has not learned to use the second array yet.",
    "b": "The second array never reaches the model: join both with np.concatenate(..., axis=1).",
    "c": "The second array has no information: leave it out.",
    "d": "The second array is not scaled: divide it by its standard deviation.",
}

q4 = Question(
    exercise=__name__,
    number=4,
    title="Explain an array that changes nothing",
    objective="find a silent mistake in the data: scale, order, or an array that never arrives",
    kind="choose",
    minutes=4,
    difficulty=2,
    points=1,
    answer=ChoiceAnswer(_DIAGNOSES),
    judge=choice_is(
        "b",
        "A Sequential has one input. Keras warned about the structure of the inputs, and fit took the "
        "first array.",
        feedback={
            "a": "A weight that is not trained yet still changes the forecast a little. Here "
            "nothing changed at all, in any digit.",
            "c": "Useless columns still move the forecast when they change: they are multiplied by "
            "weights. Here nothing moved.",
            "d": "With a wrong scale the forecast would change too much or too little. Here it did "
            "not change at all.",
        },
    ),
    hints=(
        "What would a model do with a column that it reads but does not need?",
        "The forecasts are equal in every digit. Is any weight multiplied by the second array?",
        "How many inputs has a Sequential, and what does the warning say about the structure?",
    ),
    misconceptions=(
        Misconception("wants more epochs", "a", shows="in any digit"),
        Misconception("thinks the array useless", "c", shows="multiplied by"),
        Misconception("blames the scale", "d", shows="wrong scale"),
    ),
    equivalents=("B", "b)"),
)


# Question 5: improve a model with two silent mistakes.

GOOD_ERROR = 0.30


@functools.cache
def _examples(seed: int, count: int) -> tuple[np.ndarray, np.ndarray]:
    x = np.random.default_rng(seed).normal(size=(count, 4)).astype("float32")
    return x, numbers_of(x)


def numbers_of(x: np.ndarray) -> np.ndarray:
    """The numbers that belong to readings.

    Args:
        x: readings, one row of four for each number.

    Returns:
        One number for each row.

    Example:
        >>> numbers_of(np.array([[1.0, -1.0, 5.0, 5.0]])).tolist()
        [1.0]
    """
    return np.asarray(x[:, 0] + 2 * np.abs(x[:, 1]) - 2).astype("float32")


def readings() -> tuple[np.ndarray, np.ndarray]:
    """The training data of question 5: four readings, and a number to forecast.

    Returns:
        Readings of shape (800, 4) and numbers of shape (800,), below and above 0.

    Example:
        >>> x, y = readings()
        >>> x.shape, y.shape, bool(y.min() < 0)
        ((800, 4), (800,), True)
    """
    x, y = _examples(9, 800)
    return x.copy(), y.copy()


def error_of(model: Model) -> float:
    """The mean error of a model on new readings, which the check uses, too.

    Args:
        model: takes four readings and gives one number.

    Returns:
        The mean of the absolute errors.
    """
    import keras

    x, y = _examples(10, 500)
    said = np.asarray(keras.ops.convert_to_numpy(model(x))).reshape(500, -1).mean(axis=1)
    return float(np.abs(said - y).mean())


def _trained(hidden: str | None, last: str | None, epochs: int = 30, seed: int = 0) -> Model:
    import keras
    from keras import layers

    keras.utils.set_random_seed(seed)
    model = keras.Sequential(
        [
            keras.Input((4,)),
            layers.Dense(16, activation=hidden),
            layers.Dense(1, activation=last),
        ]
    )
    model.compile(optimizer=keras.optimizers.Adam(0.02), loss="mse")
    x, y = readings()
    if epochs:
        model.fit(x, y, epochs=epochs, batch_size=32, verbose=0)
    return model


def _judge_q5(data: AnswerData) -> Outcome:
    model = rebuild_model(data)
    if data.values["input_shape"][1:] != [4] or data.values["output_shape"][1:] != [1]:
        return incorrect("The model takes four readings and gives one number: (None, 1).")
    error = error_of(model)
    if error <= GOOD_ERROR:
        return correct(f"The mean error on new readings is {error:.2f}; at most 0.30 was asked.")
    return incorrect(f"The mean error on new readings is {error:.2f}. {_q5_reason(model)}")


def _q5_reason(model: Model) -> str:
    import keras

    x, y = _examples(10, 500)
    said = np.asarray(keras.ops.convert_to_numpy(model(x)))
    steps = architecture.steps(model)
    found = architecture.activations(steps)
    if said.min() >= 0:
        return (
            "No forecast is below 0, and more than half of the numbers are. What stands at the end?"
        )
    if said.max() <= 1 < y.max() and steps[-1].kind == "Activation":
        return (
            f"No forecast is above 1, and the numbers go up to {y.max():.1f}. What stands at the "
            "end?"
        )
    if not found:
        return "Without an activation between them, two Dense layers can do no more than one."
    return "The stack can do better: train it longer, or with more hidden units."


q5 = Question(
    exercise=__name__,
    number=5,
    title="Repair two silent mistakes, and reach an error of 0.30",
    objective="put the last layer and its loss right when the model trains silently and the number "
    "is wrong",
    kind="improve",
    minutes=8,
    difficulty=3,
    points=3,
    answer=ModelAnswer(),
    judge=_judge_q5,
    hints=(
        "More than half of the numbers are below 0. Which activation can never give such a number?",
        "The other mistake is between the two Dense layers. sk.lint(model, x, y) names both.",
        'layers.Dense(16, activation="relu"), then layers.Dense(1) with no activation.',
    ),
    misconceptions=(
        Misconception("repairs the end only", lambda: _trained(None, None), shows="no more than"),
        Misconception("repairs the middle only", lambda: _trained("relu", "relu"), shows="below 0"),
        Misconception("takes sigmoid", lambda: _trained("relu", "sigmoid"), shows="below 0"),
        Misconception("takes tanh", lambda: _trained("relu", "tanh"), shows="is above 1"),
        Misconception(
            "forgets to train", lambda: _trained("relu", None, epochs=0), shows="train it longer"
        ),
    ),
    equivalents=(
        lambda: _trained("relu", None),
        lambda: _trained("relu", None, seed=1),
        lambda: _trained("tanh", "linear", epochs=40),
    ),
    starter=None,
)


# Question 6: a split without a leak.


def _sources() -> list[tuple[np.ndarray]]:
    """For each row, the number of the picture that it is a copy of; in several orders."""
    generator = np.random.default_rng(9)
    tiled = np.tile(np.arange(50), 4)
    return [
        (tiled,),
        (np.repeat(np.arange(40), 5),),
        (generator.permutation(np.repeat(np.arange(100, 160), 3)),),
    ]


def split_by_source(source: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Split rows so that all copies of a picture are on one side; a fifth of the pictures is held out.

    Args:
        source: for each row, the number of its picture.

    Returns:
        The rows for training, and the rows to hold out.

    Example:
        >>> learn, hold = split_by_source(np.array([7, 7, 8, 8, 9, 9, 5, 5, 6, 6]))
        >>> len(learn), len(hold)
        (8, 2)
    """
    pictures = np.unique(source)
    held = np.random.default_rng(0).permutation(pictures)[: len(pictures) // 5]
    out = np.isin(source, held)
    return np.flatnonzero(~out), np.flatnonzero(out)


def _random_rows(source: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    rows = np.random.default_rng(0).permutation(len(source))
    return rows[len(rows) // 5 :], rows[: len(rows) // 5]


def _last_rows(source: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    rows = np.arange(len(source))
    return rows[: -(len(rows) // 5)], rows[-(len(rows) // 5) :]


def _one_copy_each(source: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    _, hold = np.unique(source, return_index=True)
    return np.setdiff1d(np.arange(len(source)), hold), hold


def _pictures(source: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    learn, hold = split_by_source(source)
    return np.unique(source[learn]), np.unique(source[hold])


def _with_a_loop(source: np.ndarray) -> tuple[list[int], list[int]]:
    """The largest numbers are held out."""
    border = sorted(set(source.tolist()))[int(0.8 * len(set(source.tolist())))]
    learn = [row for row, picture in enumerate(source.tolist()) if picture < border]
    return learn, [row for row, picture in enumerate(source.tolist()) if picture >= border]


def _border_of_the_lesson(source: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    return np.flatnonzero(source < 240), np.flatnonzero(source >= 240)


def _swapped(source: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    learn, hold = split_by_source(source)
    return hold, learn


def _shuffles_in_place(source: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    np.random.default_rng(0).shuffle(source)
    return split_by_source(source)


def _judge_q6(data: AnswerData) -> Outcome:
    for call in calls(data):
        (source,) = call.arguments
        fault = _split_fault(np.asarray(source), call.output)
        if fault:
            return incorrect(fault)
    return correct("No picture is on both sides, so the held-out rows really are new.")


def _split_fault(source: np.ndarray, output: object) -> str:
    """Say what is wrong with one split, or ''."""
    if not isinstance(output, list | tuple) or len(output) != 2:
        return "Return two arrays: the rows for training, and the rows to hold out."
    try:
        learn, hold = (np.asarray(part).reshape(-1) for part in output)
        both = np.concatenate([part for part in (learn, hold) if len(part)] or [learn])
        if both.dtype.kind not in "iu":
            return "The two arrays hold row numbers: np.flatnonzero turns True and False into rows."
    except (TypeError, ValueError):
        return "The two arrays hold row numbers, as whole numbers."
    if not np.array_equal(np.sort(both), np.arange(len(source))):
        return (
            f"Each of the {len(source)} rows must be on exactly one side. Return rows, not numbers "
            "of pictures; np.isin(source, ...) tells for each row whether its picture is among some."
        )
    if len(learn) == 0:
        return "There are no rows for training. About a fifth of them was to be held out."
    if len(hold) == 0:
        return (
            f"There are no rows to hold out; about a fifth of {len(source)} was asked. The numbers "
            "of the pictures may start anywhere: a border such as 240 belongs to the lesson; use "
            "np.unique(source)."
        )
    learn, hold = learn.astype(int), hold.astype(int)
    shared = np.intersect1d(source[learn], source[hold])
    if 0.1 <= len(learn) / len(source) <= 0.3 and not len(shared):
        return (
            f"{len(hold)} of {len(source)} rows are held out. The two parts are swapped: the "
            "training rows come first."
        )
    if not 0.1 <= len(hold) / len(source) <= 0.3:
        return (
            f"{len(hold)} of {len(source)} rows are held out. About a fifth was asked. A fixed "
            "border belongs to one set of numbers; use np.unique(source)."
        )
    if len(shared):
        return (
            f"{len(shared)} of {len(np.unique(source))} pictures have copies on both sides: a leak. "
            "Choose pictures first, then take all their rows. A function that shuffles `source` "
            "itself goes wrong, too: the row numbers count in the order that was given."
        )
    return ""


q6 = Question(
    exercise=__name__,
    number=6,
    title="Write a split without a leak",
    objective="find what no linter can see, by a baseline, by a look at the data, and by the way "
    "the data was split",
    kind="build",
    minutes=8,
    difficulty=3,
    points=2,
    answer=FunctionAnswer(_sources),
    judge=_judge_q6,
    hints=(
        "Do not split rows. Split pictures, and let each row follow its picture.",
        "np.unique(source) gives the pictures. Hold out a fifth of them.",
        "out = np.isin(source, held), then return np.flatnonzero(~out), np.flatnonzero(out).",
    ),
    misconceptions=(
        Misconception("splits rows at random", lambda: _random_rows, shows="on both sides: a leak"),
        Misconception("takes the last rows", lambda: _last_rows, shows="on both sides: a leak"),
        Misconception("holds out one copy of each", lambda: _one_copy_each, shows="a leak"),
        Misconception("returns pictures", lambda: _pictures, shows="Return rows"),
        Misconception(
            "returns True and False",
            lambda: lambda source: tuple(np.isin(source, source[:k]) for k in (1, 2)),
            shows="row numbers",
        ),
        Misconception(
            "takes the border of the lesson",
            lambda: _border_of_the_lesson,
            shows=r"use np.unique\(source\)",
        ),
        Misconception(
            "gives an empty list for training",
            lambda: lambda source: ([], np.arange(len(source))),
            shows="no rows for training",
        ),
        Misconception("swaps the two parts", lambda: _swapped, shows="training rows come first"),
        Misconception(
            "shuffles the argument", lambda: _shuffles_in_place, shows="shuffles `source` itself"
        ),
    ),
    equivalents=(lambda: split_by_source, lambda: _with_a_loop),
)
