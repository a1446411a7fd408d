"""Exercise 03: heads and losses. Questions on lesson 03."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cache, wraps
from typing import Any

import numpy as np

from seqkit.exercises.answer_data import AnswerData
from seqkit.exercises.answers import ChoiceAnswer, NumberAnswer
from seqkit.exercises.errors import WrongAnswerKindError
from seqkit.exercises.function_answers import Arguments, Call, FunctionAnswer, calls
from seqkit.exercises.judges import choice_is, shape_trace
from seqkit.exercises.keras_types import Model
from seqkit.exercises.misconceptions import Misconception
from seqkit.exercises.model_answers import ModelAnswer, snake_case
from seqkit.exercises.question import Question
from seqkit.exercises.rebuild import rebuild_model
from seqkit.exercises.verdict import Outcome, correct, incorrect, partial

# Question 1: a precision from counts. 2,000 loans, 100 bad, 400 refused, 60 of them bad.

_NEARLY = 0.002
_OTHER_SHARES = {
    0.6: "That is the recall: the share of the bad loans that are refused. Precision divides by "
    "what was refused.",
    0.2: "That is the share of all loans that are refused. How many of those are bad?",
    0.03: "You divided by all loans. Precision looks at the refused ones only.",
    0.05: "That is the share of bad loans in the whole set: the precision of a random choice.",
    0.81: "That is the accuracy: 60 bad loans refused and 1,560 good ones accepted, of 2,000.",
    0.85: "That is the share of good loans among the refused. Precision counts the bad ones.",
}


def _judge_q1(data: AnswerData) -> Outcome:
    value = data.values["value"]
    if abs(value - 0.15) <= _NEARLY:
        return correct("60 of the 400 refused loans are bad: 0.15. The recall is 60/100 = 0.6.")
    if abs(value - 15) <= 100 * _NEARLY:
        return incorrect("You gave 15. The digits are right: write the share, between 0 and 1.")
    for other, reason in _OTHER_SHARES.items():
        if abs(value - other) <= _NEARLY:
            return incorrect(f"You gave {value:g}. {reason}")
    return incorrect(
        f"You gave {value:g}. Divide the number of refused loans that are bad by the number of "
        "refused loans."
    )


q1 = Question(
    exercise=__name__,
    number=1,
    title="Work out a precision",
    objective="measure a rare class with recall, precision and average precision",
    kind="predict",
    minutes=4,
    difficulty=1,
    points=1,
    answer=NumberAnswer(),
    judge=_judge_q1,
    hints=(
        "Precision and recall have the same number on top: the bad loans that were refused.",
        "Recall divides by all bad loans. Precision divides by all refused loans.",
        "60 bad loans are among the 400 refused ones. Divide.",
    ),
    misconceptions=(
        Misconception("gives the recall", 0.6, shows="That is the recall"),
        Misconception("gives the share of refused loans", 0.2, shows="all loans that are refused"),
        Misconception("divides by all loans", 60 / 2_000, shows="divided by all loans"),
        Misconception("gives the share of bad loans", 0.05, shows="random choice"),
        Misconception("gives the accuracy", 1_620 / 2_000, shows="accuracy"),
        Misconception("counts the good ones", 340 / 400, shows="share of good loans"),
        Misconception("gives per cent", 15, shows="between 0 and 1"),
    ),
    equivalents=(60 / 400, np.float64(0.15)),
)


# Question 2: read the error of one-hot labels and the sparse loss.

_READINGS = {
    "a": "The labels are one-hot rows, and this loss wants one integer for each example.",
    "b": "The labels are integers, and this loss wants one-hot rows.",
    "c": "The head has too many units: it should have one unit for one label.",
    "d": "The input has the wrong shape: it should be (32, 4).",
}

q2 = Question(
    exercise=__name__,
    number=2,
    title="Read the error of a loss and its labels",
    objective="give a loss the labels that it needs, integers or one-hot, and read what Keras says "
    "when they do not fit",
    kind="read",
    minutes=3,
    difficulty=1,
    points=1,
    answer=ChoiceAnswer(_READINGS),
    judge=choice_is(
        "a",
        "target has four numbers for each example, so the labels are one-hot. Take "
        "categorical_crossentropy, or y.argmax(axis=1).",
        feedback={
            "b": "Integers would be a target with one axis, (32,). Look at the second axis of "
            "target.",
            "c": "Four units are right for four classes. Keras words it from the side of the "
            "output: it must have rank target.ndim - 1. Read it from the side of the labels: target "
            "has one axis too many for this loss.",
            "d": "The message speaks of target and output. The input went through without trouble.",
        },
    ),
    hints=(
        "target is what you gave as labels. How many numbers does it have for each example?",
        "Four numbers for each of 32 examples: are these integers, or rows?",
        "The labels are rows, one-hot. Which labels does a loss whose name begins with sparse want?",
    ),
    misconceptions=(
        Misconception("takes it the other way round", "b", shows="second axis of target"),
        Misconception("blames the head", "c", shows="Four units are right"),
        Misconception("blames the input", "d", shows="went through"),
    ),
    equivalents=("A", " a) "),
)


# Question 3: a chooser.

Head = tuple[int, str | None, str]

_TASKS: dict[str, tuple[str, str]] = {  # task to activation and loss
    "number": ("linear", "mean_squared_error"),
    "yes or no": ("sigmoid", "binary_crossentropy"),
    "one of several": ("softmax", "sparse_categorical_crossentropy"),
    "several yes or no": ("sigmoid", "binary_crossentropy"),
}
_COUNTS = {"number": 1, "yes or no": 1, "one of several": 7, "several yes or no": 5}
_FOR_NUMBERS = {
    "mean_squared_error",
    "mean_absolute_error",
    "huber",
    "log_cosh",
}
_LOGITS = " from_logits=True"
_LONG_NAMES = {"mse": "mean_squared_error", "mae": "mean_absolute_error", "logcosh": "log_cosh"}


def true_head(task: str, count: int) -> Head:
    """Choose the head for a task.

    Args:
        task: "number", "yes or no", "one of several" or "several yes or no".
        count: how many numbers, classes or statements there are.

    Returns:
        Units, activation (None for no activation) and the name of the loss.

    Example:
        >>> true_head("several yes or no", 5)
        (5, 'sigmoid', 'binary_crossentropy')
    """
    activation, loss = _TASKS[task]
    return count, None if activation == "linear" else activation, loss


@dataclass(frozen=True)
class HeadsAnswer(FunctionAnswer):
    """A chooser of heads; Keras' own activations and losses count as their names.

    Example:
        >>> kind = HeadsAnswer(lambda: [("yes or no", 1)])
        >>> import keras
        >>> loss = keras.losses.BinaryCrossentropy()
        >>> [call] = calls(kind.read(lambda *_: (1, keras.activations.sigmoid, loss)))
        >>> call.output
        (1, 'sigmoid', 'binary_crossentropy')
    """

    def read_on(self, answer: object, inputs: Sequence[Arguments]) -> AnswerData:
        """Call the function on these inputs, and keep names in place of Keras' own objects.

        Args:
            answer: the learner's function.
            inputs: one tuple of arguments for each call.

        Returns:
            Arguments and results as data.
        """
        if not callable(answer) or isinstance(answer, type):
            return super().read_on(answer, inputs)
        function: Callable[..., Any] = answer

        @wraps(function)
        def named(*arguments: Any) -> Any:
            output = function(*arguments)
            if isinstance(output, list | tuple) and len(output) == 3:
                return (output[0], _name_of(output[1]), _name_of(output[2]))
            return output

        return super().read_on(named, inputs)


def _long_name(name: str) -> str:
    """The name that a short one stands for: Keras takes "bce" for "binary_crossentropy"."""
    import keras

    try:
        return str(getattr(keras.losses.get(name), "__name__", name))
    except ValueError:
        return name


def _name_of(part: object) -> object:
    """The name of an activation or a loss that Keras has; anything else as it is."""
    import keras

    if isinstance(part, type):
        return snake_case(part.__name__)
    if isinstance(part, keras.Layer):
        return snake_case(type(part).__name__)
    if isinstance(part, keras.losses.Loss):
        logits = part.get_config().get("from_logits", False)
        return snake_case(type(part).__name__) + (_LOGITS if logits else "")
    if isinstance(part, str):
        return _long_name(part)
    module = str(getattr(part, "__module__", ""))
    return getattr(part, "__name__", part) if module.startswith("keras.") else part


def _judge_q3(data: AnswerData) -> Outcome:
    faults = [fault for fault in map(_head_fault, calls(data)) if fault]
    if not faults:
        return correct("Four tasks, four heads. You can build every usual end with these rows.")
    right = 1 - len(faults) / len(calls(data))
    return partial(right, faults[0]) if right else incorrect(faults[0])


def _head_fault(call: Call) -> str:
    """Say what is wrong with one head, or ''."""
    task, count = call.arguments
    case = f'For "{task}" with {count}: '
    if not isinstance(call.output, list | tuple) or len(call.output) != 3:
        return f"{case}return three things: units, activation, loss."
    units, activation, loss = call.output
    if not isinstance(loss, str):
        return f"{case}give the loss by its name, in quotes."
    if activation is not None and not isinstance(activation, str):
        return f"{case}give the activation by its name, in quotes, or None."
    if activation is not None and activation.lower() == "none":
        return f"{case}{activation!r} is a text. Write None without quotes."
    if loss.endswith(_LOGITS):
        return f"{case}the loss expects scores. Here it shall expect probabilities: no from_logits."
    wanted_activation, wanted_loss = _TASKS[task]
    activation = (activation or "linear").lower()
    if units != count:
        return f"{case}{units!r} units. Give one unit for each number, class or statement: {count}."
    if activation != wanted_activation:
        return f"{case}{_activation_advice(task, activation)}"
    name = snake_case(loss)
    name = _LONG_NAMES.get(name, name)
    if name == wanted_loss or (task == "number" and name in _FOR_NUMBERS):
        return ""
    return f"{case}{_loss_advice(task, name)}"


def _activation_advice(task: str, activation: str) -> str:
    if task == "number":
        return f"{activation} limits what the model can say. A number needs no activation: None."
    if task == "several yes or no" and activation == "softmax":
        return "softmax makes the statements exclude each other. Each needs a sigmoid of its own."
    if task == "yes or no" and activation == "softmax":
        return "softmax on one unit is always 1. Take sigmoid."
    if task == "one of several" and activation == "sigmoid":
        return "sigmoids do not sum to 1, and exactly one class is right. Take softmax."
    if activation == "linear":
        return "a loss given by its name expects probabilities here. Which activation makes them?"
    return f"{activation} does not give probabilities that fit this task."


def _loss_advice(task: str, loss: str) -> str:
    if task == "one of several" and loss == "categorical_crossentropy":
        return "the labels are integers, and categorical_crossentropy wants one-hot rows."
    if task == "several yes or no" and "categorical" in loss:
        return f"{loss} looks for one class of several. Each statement is a yes or no."
    if loss in _FOR_NUMBERS:
        return f"{loss} is for numbers. Take a cross-entropy."
    return f"{loss} does not fit this task."


def _head_with(**others: Head) -> Callable[[], Callable[[str, int], Head]]:
    """The true chooser, with another answer where the task's first word is a key."""

    def choose(task: str, count: int) -> Head:
        return others.get(task.split()[0], true_head(task, count))

    return lambda: choose


def _head_with_other_words(task: str, count: int) -> list[Any]:
    """The same heads in other words: "linear", long names, classes' names, a list."""
    units, activation, loss = true_head(task, count)
    words = "".join(part.capitalize() for part in loss.split("_"))
    return [units, activation or "linear", "mae" if task == "number" else words]


def _head_of_objects(task: str, count: int) -> tuple[int, Any, Any]:
    """The same heads with Keras' own functions and objects."""
    import keras

    units, activation, loss = true_head(task, count)
    return units, activation and keras.activations.get(activation), keras.losses.get(loss)


def _head_with_logit_loss(task: str, count: int) -> tuple[int, Any, Any]:
    import keras

    units, activation, loss = true_head(task, count)
    if task == "yes or no":
        return units, activation, keras.losses.BinaryCrossentropy(from_logits=True)
    return units, activation, loss


q3 = Question(
    exercise=__name__,
    number=3,
    title="Write a chooser of heads",
    objective="choose units, activation and loss for a number, a yes or no, one class of several, "
    "and several yes or no at once",
    kind="build",
    minutes=7,
    difficulty=2,
    points=2,
    answer=HeadsAnswer(lambda: list(_COUNTS.items())),
    judge=_judge_q3,
    hints=(
        "Which of the four tasks have answers that exclude each other? Only there softmax fits.",
        "No activation for a number; softmax for one of several; sigmoid for the two others. The "
        "units are always count.",
        'Losses: "mse", "binary_crossentropy" for yes or no, once or several times, and '
        '"sparse_categorical_crossentropy" for integers.',
    ),
    misconceptions=(
        Misconception(
            "limits the number",
            _head_with(number=(1, "relu", "mse")),
            shows="relu limits",
        ),
        Misconception(
            "takes softmax for several labels",
            _head_with(several=(5, "softmax", "categorical_crossentropy")),
            shows="exclude each other",
        ),
        Misconception(
            "takes one unit for several labels",
            _head_with(several=(1, "sigmoid", "binary_crossentropy")),
            shows="1 units",
        ),
        Misconception(
            "takes softmax for yes or no",
            _head_with(yes=(1, "softmax", "binary_crossentropy")),
            shows="always 1",
        ),
        Misconception(
            "takes the one-hot loss for integers",
            _head_with(one=(7, "softmax", "categorical_crossentropy")),
            shows="labels are integers",
        ),
        Misconception(
            "forgets that the loss expects probabilities",
            _head_with(yes=(1, None, "binary_crossentropy")),
            shows="expects probabilities",
        ),
        Misconception(
            "takes mse for yes or no", _head_with(yes=(1, "sigmoid", "mse")), shows="for numbers"
        ),
        Misconception(
            "writes None as text", _head_with(number=(1, "None", "mse")), shows="without quotes"
        ),
        Misconception(
            "tells the loss that it gets scores",
            lambda: _head_with_logit_loss,
            shows="no from_logits",
        ),
    ),
    equivalents=(lambda: _head_with_other_words, lambda: true_head, lambda: _head_of_objects),
)


# Question 4: a head that trains and is wrong.


def genre_model(
    units: int = 4,
    activation: str | None = "softmax",
    loss: Any = "categorical_crossentropy",
) -> Model:
    """The model that the notebook gives: films with several genres at once, under a softmax.

    Args:
        units: units of the head.
        activation: activation of the head.
        loss: a loss, or its name.

    Returns:
        A compiled Sequential.

    Example:
        >>> genre_model().output_shape
        (None, 4)
    """
    import keras

    model = keras.Sequential(
        [
            keras.Input((30,)),
            keras.layers.Dense(16, activation="relu"),
            keras.layers.Dense(units, activation=activation),
        ]
    )
    model.compile(optimizer="adam", loss=loss, metrics=["binary_accuracy"])
    return model


def _logit_loss() -> Any:
    import keras

    return keras.losses.BinaryCrossentropy(from_logits=True)


def _separate_sigmoid() -> Model:
    """The activation as a layer of its own, the loss as an object."""
    import keras

    layers = [keras.Input((30,)), keras.layers.Dense(16, activation="relu")]
    ends = [keras.layers.Dense(4, name="genres"), keras.layers.Activation("sigmoid")]
    model = keras.Sequential([*layers, *ends])
    model.compile(optimizer="sgd", loss=keras.losses.BinaryCrossentropy())
    return model


def _sigmoid_on_softmax() -> Model:
    """The right end, on top of the wrong one."""
    import keras

    old = genre_model()
    model = keras.Sequential(
        [keras.Input((30,)), *old.layers, keras.layers.Dense(4, activation="sigmoid")]
    )
    model.compile(optimizer="adam", loss="binary_crossentropy")
    return model


def _other_body() -> Model:
    import keras

    layers = [keras.layers.Dense(64, activation="relu"), keras.layers.Dense(4, "sigmoid")]
    model = keras.Sequential([keras.Input((30,)), *layers])
    model.compile(optimizer="adam", loss="binary_crossentropy")
    return model


def _not_compiled() -> Model:
    import keras

    ends = [keras.layers.Dense(16, activation="relu"), keras.layers.Dense(4, activation="sigmoid")]
    return keras.Sequential([keras.Input((30,)), *ends])


def _values(model: Model, x: np.ndarray) -> np.ndarray:
    import keras

    return np.asarray(keras.ops.convert_to_numpy(model(x)))


@dataclass(frozen=True)
class GenresAnswer(ModelAnswer):
    """A model, with the names of its metrics as they were written.

    Example:
        >>> GenresAnswer().read(genre_model()).values["compile"]["metrics_as_written"]
        ['binary_accuracy']
    """

    def _read(self, answer: object) -> AnswerData:
        data = super()._read(answer)
        facts = data.values["compile"]
        if facts is None:
            return data
        model: Any = answer
        metrics = (model.get_compile_config() or {}).get("metrics") or []
        written = [metric for metric in metrics if isinstance(metric, str)]
        values = data.values | {"compile": facts | {"metrics_as_written": written}}
        return AnswerData(data.kind, values, data.arrays)


def _judge_q4(data: AnswerData) -> Outcome:
    model, facts = rebuild_model(data), data.values["compile"]
    if model.input_shape[1:] != (30,) or model.output_shape[1:] != (4,):
        return incorrect(
            f"The model turns {model.input_shape} into {model.output_shape}; keep 30 numbers in "
            "and four genres out, one unit for each.",
            shape_trace(model),
        )
    if facts is None:
        return incorrect("The model is not compiled. The head and the loss belong together.")
    kind = _end_of(model)
    if kind != "shares" and (fault := _body_fault(model)):
        return partial(0.25, fault)
    if kind == "shares":
        return incorrect(
            "The four outputs still sum to 1 for each film: that is softmax. A film that is a "
            "comedy and a drama can never get two numbers near 1."
        )
    if facts["loss"] != "binary_crossentropy":
        return partial(
            0.5 if kind == "probabilities" else 0.25,
            f"The loss is {facts['loss']}. Each genre is a yes or no of its own: which loss asks "
            "that?",
        )
    if kind == "probabilities" and facts["from_logits"]:
        return partial(
            0.5,
            "The head gives probabilities, and the loss was told they are scores (from_logits). In "
            "fit, Keras on TensorFlow notices and only warns; elsewhere sigmoid is applied twice.",
        )
    if kind == "scores" and not facts["from_logits"]:
        return partial(
            0.5,
            "The head gives scores, below 0 and above 1, and the loss expects probabilities. Add "
            "sigmoid, or tell the loss: from_logits=True.",
        )
    return correct(f"Four questions of yes or no, each with a unit of its own.{_note(facts, kind)}")


def _note(facts: dict[str, Any], kind: str) -> str:
    """A word on the metric, which does not change the training."""
    written = set(facts["metrics_as_written"])
    if written & {"acc", "accuracy"}:
        return (
            ' One note: for four units "accuracy" is the categorical one, which compares the '
            'largest places. Write "binary_accuracy".'
        )
    if kind == "scores" and "binary_accuracy" in written:
        return (
            ' One note: "binary_accuracy" cuts at 0.5, and the cut for scores is 0: '
            "keras.metrics.BinaryAccuracy(threshold=0)."
        )
    return ""


def _body_fault(model: Model) -> str:
    """Say what differs between the body and the given one, or ''."""
    shapes = [tuple(weight.shape) for weight in model.weights]
    if shapes == [(30, 16), (16,), (16, 4), (4,)]:
        kernel, bias, head, shift = (np.asarray(weight) for weight in model.get_weights())
        x = np.random.default_rng(2).normal(size=(40, 30)).astype("float32")
        body = np.maximum(x @ kernel + bias, 0)
        came, scores = _values(model, x), body @ head + shift
        ends = (scores, 1 / (1 + np.exp(-scores)))
        near = any(np.allclose(came, end, atol=1e-3) for end in ends)
        return "" if near else "The body differs. Keep its Dense(16) with relu, and nothing more."
    if any(shape == (4, 4) for shape in shapes):
        return (
            "A new head stands on top of the old one. Replace the softmax head: behind it the new "
            "units see only shares."
        )
    return "The body differs. Keep the Dense(16) with relu, and change only the head and the loss."


def _end_of(model: Model) -> str:
    """What the output looks like: shares, probabilities or scores, on inputs of several sizes."""
    generator = np.random.default_rng(0)
    x = np.concatenate([generator.normal(scale=s, size=(50, 30)) for s in (1, 30, 300)])
    values = _values(model, x.astype("float32"))
    if np.allclose(values.sum(axis=1), 1, atol=1e-3):
        return "shares"
    return "probabilities" if values.min() >= 0 and values.max() <= 1 else "scores"


q4 = Question(
    exercise=__name__,
    number=4,
    title="Repair a head that trains",
    objective="find a head that trains and is wrong all the same",
    kind="repair",
    minutes=5,
    difficulty=2,
    points=2,
    answer=GenresAnswer(),
    judge=_judge_q4,
    hints=(
        "A film may have several genres, or none. What do the four outputs of softmax sum to?",
        "Each genre is a question of yes or no. Which activation treats each unit alone?",
        'Dense(4, activation="sigmoid") with loss="binary_crossentropy".',
    ),
    misconceptions=(
        Misconception(
            "changes only the loss",
            lambda: genre_model(loss="binary_crossentropy"),
            shows="still sum to 1",
        ),
        Misconception(
            "changes only the activation",
            lambda: genre_model(activation="sigmoid"),
            shows="The loss is categorical_crossentropy",
        ),
        Misconception(
            "takes one unit",
            lambda: genre_model(1, "sigmoid", "binary_crossentropy"),
            shows="one unit for each",
        ),
        Misconception(
            "applies sigmoid twice",
            lambda: genre_model(activation="sigmoid", loss=_logit_loss()),
            shows="only warns",
        ),
        Misconception(
            "puts the new head on the old one", _sigmoid_on_softmax, shows="on top of the old one"
        ),
        Misconception("changes the body", _other_body, shows="body differs"),
        Misconception(
            "forgets from_logits",
            lambda: genre_model(activation=None, loss="binary_crossentropy"),
            shows="tell the loss",
        ),
        Misconception("does not compile it again", _not_compiled, shows="not compiled"),
    ),
    equivalents=(
        lambda: genre_model(activation=None, loss=_logit_loss()),
        _separate_sigmoid,
    ),
    starter=genre_model,
)


# Question 5: from probabilities to logits, with the same weights.


def trained_model() -> Model:
    """A small classifier with fixed weights: six numbers in, five shares out.

    Returns:
        A Sequential, compiled for integer labels; it is the same in every run.

    Example:
        >>> trained_model().output_shape
        (None, 5)
    """
    return _classifier("softmax", "sparse_categorical_crossentropy")


def _classifier(activation: str | None, loss: Any, seed: int = 3) -> Model:
    import keras

    generator = np.random.default_rng(seed)
    model = keras.Sequential(
        [
            keras.Input((6,)),
            keras.layers.Dense(8, activation="relu"),
            keras.layers.Dense(5, activation=activation),
        ]
    )
    model.set_weights([generator.normal(size=weight.shape) for weight in model.weights])
    model.compile(optimizer="adam", loss=loss)
    return model


def _sparse_logits() -> Any:
    import keras

    return keras.losses.SparseCategoricalCrossentropy(from_logits=True)


def _other_classes_loss() -> Any:
    import keras

    return keras.losses.CategoricalCrossentropy(from_logits=True)


def _functional_logits() -> Model:
    """The same layers called one after the other; the weights are copied."""
    import keras

    given = trained_model()
    inputs = keras.Input((6,), name="numbers")
    x = keras.layers.Dense(8)(inputs)
    x = keras.layers.ReLU()(x)
    model = keras.Model(inputs, keras.layers.Dense(5, name="scores")(x))
    model.set_weights(given.get_weights())
    model.compile(loss=_sparse_logits())
    return model


def _softmax_added() -> Model:
    """Another softmax behind the one that is there."""
    import keras

    given = trained_model()
    model = keras.Sequential([keras.Input((6,)), *given.layers, keras.layers.Softmax()])
    model.compile(loss=_sparse_logits())
    return model


@dataclass(frozen=True)
class EndAnswer(ModelAnswer):
    """A model; one whose activation was set to None afterwards gets a sentence of its own.

    Example:
        >>> model = trained_model()
        >>> model.layers[-1].activation = None
        >>> EndAnswer().read(model)
        Traceback (most recent call last):
        ...
        seqkit.exercises.errors.WrongAnswerKindError: ...
    """

    def _read(self, answer: object) -> AnswerData:
        for layer in getattr(answer, "layers", ()):
            if getattr(layer, "activation", "none") is None:
                raise WrongAnswerKindError(
                    f"The activation of {layer.name} is None after building, and Keras cannot save "
                    "such a layer. Set it to keras.activations.linear, or build a new Dense."
                )
        return super()._read(answer)


def _judge_q5(data: AnswerData) -> Outcome:
    model, facts = rebuild_model(data), data.values["compile"]
    if model.input_shape[1:] != (6,) or model.output_shape[1:] != (5,):
        return incorrect(
            f"The model turns {model.input_shape} into {model.output_shape}; keep (None, 6) and "
            "(None, 5).",
            shape_trace(model),
        )
    x = np.random.default_rng(1).normal(size=(60, 6)).astype("float32")
    came, shares = _values(model, x), _values(trained_model(), x)
    if np.allclose(came, shares, atol=1e-4):
        return incorrect("The outputs are still the shares: the head has its softmax.")
    if np.allclose(came.sum(axis=1), 1, atol=1e-3):
        return incorrect("The outputs sum to 1, so they are no scores: a softmax is still there.")
    if came.min() >= 0 and came.max() <= 1:
        return incorrect("The outputs lie between 0 and 1. A score has no activation at all.")
    if not np.allclose(_softmax(came), shares, atol=1e-3):
        return incorrect(
            "The outputs are scores, but of another network: their softmax is not what the given "
            "model says. Copy the weights: new.set_weights(given.get_weights()). Or the body "
            "differs (relu?)."
        )
    if facts is None:
        return partial(0.5, "The scores are right. Compile the model: what must the loss be told?")
    if not facts["from_logits"]:
        return partial(
            0.5,
            f"The scores are right, but the loss {facts['loss']} still expects shares. Tell it: "
            "from_logits=True.",
        )
    if facts["loss"] != "sparse_categorical_crossentropy":
        return partial(
            0.5,
            f"The labels are still integers, and {facts['loss']} does not fit them. Use the sparse "
            "loss, with from_logits=True.",
        )
    return correct("No softmax in the head, from_logits=True in the loss, the same weights.")


def _softmax(scores: np.ndarray) -> np.ndarray:
    powers = np.exp(scores - scores.max(axis=1, keepdims=True))
    return powers / powers.sum(axis=1, keepdims=True)


q5 = Question(
    exercise=__name__,
    number=5,
    title="Change a trained model to logits",
    objective="change a head from probabilities to logits and back, and say what must change with "
    "it",
    kind="build",
    minutes=8,
    difficulty=3,
    points=3,
    answer=EndAnswer(),
    judge=_judge_q5,
    hints=(
        "Two things change: the activation of the head and the loss. One thing stays: the weights.",
        "Build the same stack with Dense(5) at the end, without activation. Then new.set_weights(…).",
        "new.set_weights(given.get_weights()), then new.compile(loss="
        "keras.losses.SparseCategoricalCrossentropy(from_logits=True)).",
    ),
    misconceptions=(
        Misconception(
            "changes only the loss",
            lambda: _classifier("softmax", _sparse_logits()),
            shows="still the shares",
        ),
        Misconception("adds a softmax", _softmax_added, shows="softmax is still there"),
        Misconception(
            "forgets the weights",
            lambda: _classifier(None, _sparse_logits(), seed=4),
            shows="Copy the weights",
        ),
        Misconception(
            "forgets from_logits",
            lambda: _classifier(None, "sparse_categorical_crossentropy"),
            shows="Tell it: from_logits=True",
        ),
        Misconception(
            "takes the one-hot loss",
            lambda: _classifier(None, _other_classes_loss()),
            shows="still integers",
        ),
        Misconception(
            "takes sigmoid for logits",
            lambda: _classifier("sigmoid", _sparse_logits()),
            shows="no activation at all",
        ),
    ),
    equivalents=(_functional_logits, lambda: _classifier("linear", _sparse_logits())),
)


# Question 6: find the bad loans.

_RECALL = 0.55
_MOST_REFUSED = 800


@cache
def loans() -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    """The loans of the lesson, scaled in the same way.

    Returns:
        x_train, y_train, x_test, y_test; a bad loan is a 1.

    Example:
        >>> [part.shape for part in loans()]
        [(7886, 23), (7886,), (1971, 23), (1971,)]
    """
    from seqkit import data

    table = data.load("lending_club")
    mean, deviation = table.x_train.mean(axis=0), table.x_train.std(axis=0)
    x_train, x_test = (
        np.clip((part - mean) / deviation, -5, 5) for part in (table.x_train, table.x_test)
    )
    return x_train, table.y_train, x_test, table.y_test


def _loan_model(class_weight: dict[int, float] | None, epochs: int = 10, end: str = "p") -> Model:
    """A linear model of the loans; `end` is "p" for probabilities, "z" for logits."""
    import keras

    keras.utils.set_random_seed(0)
    activation = "sigmoid" if end == "p" else None
    model = keras.Sequential([keras.Input((23,)), keras.layers.Dense(1, activation=activation)])
    loss = "binary_crossentropy" if end == "p" else _logit_loss()
    model.compile(optimizer=keras.optimizers.Adam(0.1), loss=loss)
    x, y, _, _ = loans()
    if epochs:
        model.fit(x, y, class_weight=class_weight, epochs=epochs, batch_size=512, verbose=0)
    return model


def _balanced() -> dict[int, float]:
    share = float(loans()[1].mean())
    return {0: 0.5 / (1 - share), 1: 0.5 / share}


def _moved_bias() -> Model:
    """A plain model whose bias is larger: another threshold without other weights."""
    model = _loan_model(None)
    kernel, bias = model.get_weights()
    weights = _balanced()
    model.set_weights([kernel, bias + np.log(weights[1] / weights[0])])
    return model


def _two_shares() -> Model:
    import keras

    model = keras.Sequential([keras.Input((23,)), keras.layers.Dense(2, activation="softmax")])
    model.compile(loss="sparse_categorical_crossentropy")
    return model


def _swapped() -> Model:
    weights = _balanced()
    return _loan_model({0: weights[1], 1: weights[0]})


def _all_refused() -> Model:
    return _loan_model({0: 0.05, 1: 20.0})


def _judge_q6(data: AnswerData) -> Outcome:
    model, facts = rebuild_model(data), data.values["compile"]
    if model.input_shape[1:] != (23,) or model.output_shape[1:] != (1,):
        return incorrect(
            f"The model turns {model.input_shape} into {model.output_shape}; the check expects 23 "
            "numbers in, and one out: the probability that the loan is bad.",
            shape_trace(model),
        )
    _, _, x_test, y_test = loans()
    threshold = 0.0 if facts is not None and facts["from_logits"] else 0.5
    outputs = _values(model, x_test.astype("float32"))[:, 0]
    refused = outputs > threshold
    found, bad, count = int(refused[y_test == 1].sum()), int(y_test.sum()), int(refused.sum())
    said = f"The model refuses {count:,} of {len(y_test):,} loans and finds {found} of {bad} bad "
    said += f"ones (the task asks for {np.ceil(_RECALL * bad):.0f}, and at most {_MOST_REFUSED})."
    if found >= _RECALL * bad and count <= _MOST_REFUSED:
        return correct(
            "More than half of the bad loans, and at most 800 refused. Most of the refused loans "
            "are good ones: that is the price."
        )
    by_chance = count * bad / len(y_test)
    if count > _MOST_REFUSED:
        return incorrect(
            f"{said} It refuses too many: a random choice of as many finds about {by_chance:.0f}."
        )
    if count > bad and found < 1.3 * by_chance:
        return incorrect(f"{said} That is about what chance finds. Train it on these loans.")
    p = outputs if threshold else 1 / (1 + np.exp(-outputs))
    if p.mean() < 0.5 * y_test.mean():
        return incorrect(
            f"{said} Its probabilities are {p.mean():.1%} on average, and {y_test.mean():.1%} of the "
            "loans are bad. Did you swap the weights? The large one belongs to key 1, the bad loans."
        )
    return incorrect(f"{said} It refuses too few loans. Let a bad loan count more.")


q6 = Question(
    exercise=__name__,
    number=6,
    title="Find more of the bad loans",
    objective="say what class weights change and what they cost",
    kind="improve",
    minutes=8,
    difficulty=3,
    points=2,
    answer=ModelAnswer(),
    judge=_judge_q6,
    hints=(
        "The model is not wrong; its probabilities are just below one half. What moves them up?",
        "fit takes class_weight={0: …, 1: …}. How many times rarer are the bad loans?",
        "count = np.bincount(y_train); class_weight={0: len(y_train) / (2 * count[0]), "
        "1: len(y_train) / (2 * count[1])}.",
    ),
    misconceptions=(
        Misconception(
            "trains without class weights", lambda: _loan_model(None), shows="refuses too few"
        ),
        Misconception(
            "gives the large weight to the good loans", _swapped, shows="swap the weights"
        ),
        Misconception("weighs too much", _all_refused, shows="refuses too many"),
        Misconception("takes two shares", _two_shares, shows=r"\(None, 2\)"),
    ),
    equivalents=(
        lambda: _loan_model(_balanced(), end="z"),
        _moved_bias,
    ),
)
