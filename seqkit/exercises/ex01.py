"""Exercise 01: the first stack. Questions on lesson 01."""

from __future__ import annotations

from typing import Any

import numpy as np

from seqkit.exercises import architecture
from seqkit.exercises.answer_data import AnswerData
from seqkit.exercises.answers import ChoiceAnswer, IntegerAnswer
from seqkit.exercises.criteria import Criterion, combine
from seqkit.exercises.function_answers import FunctionAnswer, calls
from seqkit.exercises.judges import choice_is, number_is, shape_trace
from seqkit.exercises.keras_types import Layer, Model
from seqkit.exercises.misconceptions import Misconception
from seqkit.exercises.model_answers import LayersAnswer, ModelAnswer
from seqkit.exercises.question import Question
from seqkit.exercises.rebuild import rebuild_layers, rebuild_model
from seqkit.exercises.verdict import Outcome, correct, incorrect, partial

# Question 1: predict a parameter count.

q1 = Question(
    exercise=__name__,
    number=1,
    title="Count the parameters of 784 → 64 → 10",
    objective="count the parameters of a stack of Dense layers by hand",
    kind="predict",
    minutes=3,
    difficulty=1,
    points=1,
    answer=IntegerAnswer(),
    judge=number_is(
        50_890,
        "784·64 + 64 = 50,240 in the first layer, 64·10 + 10 = 650 in the second.",
        known={
            50_816: "These are the weights alone. Each unit also has one bias.",
            50_240: "This is the first Dense layer alone. Add the second one, 64 → 10.",
            858: "You added the sizes. Every unit has one weight for each of its inputs: "
            "multiply inputs by units.",
            25_450: "This is the count of the lesson's stack, 784 → 32 → 10. Here the hidden "
            "layer has 64 units.",
        },
        otherwise="A Dense layer has inputs · units weights and one bias for each unit. "
        "Work out both layers and add them.",
    ),
    hints=(
        "Count each Dense layer alone, then add the two numbers.",
        "A Dense layer has inputs · units weights, and one bias for each unit.",
        "The first layer has 784·64 + 64 = 50,240 parameters. The second one has 64 inputs.",
    ),
    misconceptions=(
        Misconception("leaves out the biases", 50_816, shows="bias"),
        Misconception("counts the first layer only", 50_240, shows="first Dense layer alone"),
        Misconception("adds the sizes", 858, shows="multiply inputs by units"),
        Misconception("repeats the lesson's number", 25_450, shows="lesson's stack"),
    ),
    equivalents=(np.int64(50_890), 50_890.0),
)


# Question 2: build to a specification.


def _classifier(*hidden: int, last: str = "softmax", between: str = "relu", **names: str) -> Model:
    """A stack from 784 pixels to ten classes, for wrong and for unusual answers."""
    import keras

    layers = [keras.layers.Dense(units, activation=between) for units in hidden]
    output = keras.layers.Dense(10, activation=last, **names)
    return keras.Sequential([keras.Input((784,)), *layers, output])


def _compiled(model: Model, loss: object = "sparse_categorical_crossentropy") -> Model:
    model.compile(optimizer="adam", loss=loss, metrics=["accuracy"])
    return model


def _asked_in_q2() -> tuple[architecture.Step, ...]:
    return architecture.steps(_classifier(128, 64))


def _unusual_q2() -> Model:
    """The same network with add(), own names, and activations as layers of their own."""
    import keras

    model = keras.Sequential(name="mine")
    model.add(keras.layers.InputLayer(shape=(784,)))
    model.add(keras.layers.Dense(128, name="first"))
    model.add(keras.layers.ReLU())
    model.add(keras.layers.Dense(64, activation=keras.activations.relu))
    model.add(keras.layers.Dense(10))
    model.add(keras.layers.Softmax(name="shares"))
    return _compiled(model, keras.losses.SparseCategoricalCrossentropy())


def _judge_q2(data: AnswerData) -> Outcome:
    model = rebuild_model(data)
    steps = architecture.steps(model)
    facts = data.values["compile"]
    return combine(
        [
            Criterion(
                data.values["input_shape"][1:] == [784],
                f"The input shape is {_shape(data.values['input_shape'])}; "
                "the task asks for (None, 784).",
            ),
            Criterion(
                architecture.sizes(steps, "Dense", "units") == [128, 64, 10],
                _q2_layers_message(steps),
                share=2,
                trace=shape_trace(model),
            ),
            Criterion(steps == _asked_in_q2(), _q2_steps_message(steps), share=2),
            Criterion(facts is not None, "The model is not compiled yet: call model.compile(...)."),
            Criterion(_fits_integer_labels(facts), _q2_loss_message(facts), share=2),
        ],
        praise="Three Dense layers, 109,386 parameters, and a loss that takes the labels 0 to 9.",
    )


def _q2_layers_message(steps: tuple[architecture.Step, ...]) -> str:
    units = architecture.sizes(steps, "Dense", "units")
    return f"The Dense layers have {_words(units)} units; the task asks for 128, 64 and 10."


def _q2_steps_message(steps: tuple[architecture.Step, ...]) -> str:
    found = architecture.activations(steps)
    last = str(steps[-1]) if steps and steps[-1].kind == "Activation" else "linear"
    if last != "softmax":
        return f"The last activation is {last}. Ten shares that sum to 1 need softmax."
    if found != ["relu", "relu", "softmax"]:
        return (
            f"The activations are {_words(found)}; the task asks for relu, relu and softmax. "
            "Without relu between them, Dense layers collapse into one."
        )
    return architecture.difference(steps, _asked_in_q2())


def _q2_loss_message(facts: dict[str, Any] | None) -> str:
    if facts is None:
        return ""  # said by the criterion before
    if facts["from_logits"]:
        return "The loss expects raw scores (from_logits=True), but softmax gives probabilities."
    return (
        f"The loss is {facts['loss']}. The labels are numbers from 0 to 9, not one-hot rows: "
        "sparse_categorical_crossentropy takes them as they are."
    )


def _fits_integer_labels(facts: dict[str, Any] | None) -> bool:
    return (
        facts is not None
        and facts["loss"] == "sparse_categorical_crossentropy"
        and not facts["from_logits"]
    )


q2 = Question(
    exercise=__name__,
    number=2,
    title="Build 784 → 128 → 64 → 10",
    objective="build a Sequential model from a list and with add(), and compile it",
    kind="build",
    minutes=6,
    difficulty=1,
    points=2,
    answer=ModelAnswer(),
    judge=_judge_q2,
    hints=(
        "Begin with keras.Input, then one Dense layer for each arrow.",
        "The hidden layers use relu, the last one softmax. Labels from 0 to 9 need the sparse "
        "form of the cross-entropy.",
        'keras.Sequential([keras.Input((784,)), Dense(128, activation="relu"), ...]), then '
        'model.compile(optimizer="adam", loss="sparse_categorical_crossentropy").',
    ),
    misconceptions=(
        Misconception(
            "takes the one-hot loss for integer labels",
            lambda: _compiled(_classifier(128, 64), "categorical_crossentropy"),
            shows="not one-hot rows",
        ),
        Misconception(
            "leaves out the activation between the layers",
            lambda: _compiled(_classifier(128, 64, between="linear")),
            shows="collapse into one",
        ),
        Misconception(
            "ends with relu",
            lambda: _compiled(_classifier(128, 64, last="relu")),
            shows="last activation is relu",
        ),
        Misconception(
            "forgets one hidden layer",
            lambda: _compiled(_classifier(128)),
            shows="128 and 10 units",
        ),
        Misconception("does not compile", lambda: _classifier(128, 64), shows="not compiled"),
    ),
    equivalents=(_unusual_q2, lambda: _compiled(_classifier(128, 64, name="the_last"))),
)


# Question 3: repair a stack that builds, but to the wrong shape.


def broken_stack() -> list[Layer]:
    """The stack that the notebook gives: it builds, but gives ten numbers for each image row.

    Returns:
        Fresh layers.

    Example:
        >>> len(broken_stack())
        3
    """
    import keras

    return [
        keras.Input((28, 28)),
        keras.layers.Dense(32, activation="relu"),
        keras.layers.Dense(10, activation="softmax"),
    ]


def _with_flatten_at(index: int) -> list[Layer]:
    import keras

    layers = broken_stack()
    layers.insert(index, keras.layers.Flatten())
    return layers


def _repaired_steps() -> tuple[architecture.Step, ...]:
    return architecture.steps(_with_flatten_at(1))


def _without_relu() -> list[Layer]:
    import keras

    layers = _with_flatten_at(1)
    return [*layers[:2], keras.layers.Dense(32), layers[-1]]


def _flat_input() -> list[Layer]:
    import keras

    return [keras.Input((784,)), *broken_stack()[1:]]


def _with_reshape() -> list[Layer]:
    import keras

    return [keras.Input((28, 28)), keras.layers.Reshape((784,), name="row"), *broken_stack()[1:]]


def _judge_q3(data: AnswerData) -> Outcome:
    import keras

    layers = rebuild_layers(data)
    if not layers or not isinstance(layers[0], keras.KerasTensor):
        return incorrect("The list has lost its keras.Input((28, 28)). Put it in front again.")
    given = tuple(layers[0].shape)
    if given != (None, 28, 28):
        return incorrect(
            f"The input is now {given}. The pictures still come as 28 × 28 pixels: keep "
            "keras.Input((28, 28)) and let a layer do the work.",
        )
    try:
        model = keras.Sequential(layers)
        shape = tuple(model.output_shape)
    except Exception as error:
        reason = str(error).splitlines()[0] if str(error) else type(error).__name__
        return incorrect(f"The stack does not build: {reason}", shape_trace(layers))
    if shape == (None, 28, 10):
        return incorrect(
            "The output is still (None, 28, 10): ten numbers for each of the 28 rows of pixels.",
            shape_trace(layers),
        )
    if shape != (None, 10):
        return incorrect(
            f"The output is {shape}; one picture needs ten numbers: (None, 10).",
            shape_trace(layers),
        )
    if architecture.sizes(architecture.steps(model), "Dense", "units") != [32, 10]:
        return incorrect("The shape is right. Keep the two Dense layers, with 32 and 10 units.")
    if model.count_params() != 25_450:
        return partial(
            0.5,
            f"The output shape is right, but there are {model.count_params():,} parameters and not "
            "25,450. Flatten stands too late: the first Dense layer still sees one row at a time.",
            shape_trace(layers),
        )
    changed = architecture.difference(architecture.steps(model), _repaired_steps())
    if changed:
        return incorrect(f"The shapes are right. Change nothing else: {changed}")
    return correct("Flatten turns 28 × 28 into 784, so each hidden unit sees the whole picture.")


q3 = Question(
    exercise=__name__,
    number=3,
    title="Repair the stack for pictures",
    objective="say what shape each layer gives, and repair a stack whose shape is wrong",
    kind="repair",
    minutes=5,
    difficulty=2,
    points=2,
    answer=LayersAnswer(),
    judge=_judge_q3,
    hints=(
        "Look at the output shape in sk.trace(layers) of the given stack. Which axis is too much?",
        "Dense works on the last axis only. One layer turns (None, 28, 28) into (None, 784).",
        "Insert keras.layers.Flatten() directly after keras.Input((28, 28)).",
    ),
    misconceptions=(
        Misconception("flattens at the end", lambda: _with_flatten_at(3), shows=r"\(None, 280\)"),
        Misconception("flattens in the middle", lambda: _with_flatten_at(2), shows="too late"),
        Misconception("changes the input instead", _flat_input, shows="keep keras.Input"),
        Misconception(
            "changes the last units instead",
            lambda: [*_with_flatten_at(1)[:-1], *_with_flatten_at(1)[2:3]],
            shows=r"\(None, 32\)",
        ),
        Misconception("loses the activation", _without_relu, shows="Change nothing else"),
    ),
    equivalents=(_with_reshape, lambda: tuple(_with_flatten_at(1))),
    starter=broken_stack,
)


# Question 4: read an error message.

_READINGS = {
    "a": "The model needs a tenth class: the labels run from 0 to 9.",
    "b": "The labels are single numbers, but this loss compares rows of ten numbers.",
    "c": "The input has the wrong shape: it must be (28, 28).",
    "d": "There are too few pictures for one batch.",
}

q4 = Question(
    exercise=__name__,
    number=4,
    title="Read the error of a loss that does not fit",
    objective="compile, fit, evaluate and predict, and say what each of them needs and returns",
    kind="read",
    minutes=4,
    difficulty=2,
    points=1,
    answer=ChoiceAnswer(_READINGS),
    judge=choice_is(
        "b",
        "target has one axis, the pictures; output has a second one, the ten classes. The loss "
        "cannot compare them. "
        "Take sparse_categorical_crossentropy, or one-hot labels.",
        feedback={
            "a": "The output has ten numbers, one for each label from 0 to 9. Compare the two "
            "shapes in the message: how many axes has each?",
            "c": "The message speaks of target and output, not of the input. The pictures went "
            "through the model without trouble.",
            "d": "The number of pictures comes first in both shapes, and it may be any number. "
            "Look at what follows it.",
        },
    ),
    hints=(
        "The message names two things. Which of them comes from you, and which from the model?",
        "target is the labels, output is what the model gives. How many axes has each?",
        "The labels have no axis for the ten classes. categorical_crossentropy wants that axis.",
    ),
    misconceptions=(
        Misconception("miscounts the classes", "a", shows="ten numbers, one for each label"),
        Misconception("blames the input", "c", shows="not of the input"),
        Misconception("blames the batch", "d", shows="any number"),
    ),
    equivalents=("B", " b) "),
)


# Question 5: the gradient of softmax and cross-entropy, by hand.


def _gradient_cases() -> list[tuple[np.ndarray, np.ndarray]]:
    """Batches of probabilities and labels: several rows, one row, and a sure prediction."""
    generator = np.random.default_rng(5)
    cases = []
    for rows, classes in ((4, 10), (1, 3), (6, 2)):
        scores = np.exp(generator.normal(size=(rows, classes)))
        labels = generator.integers(0, classes, size=rows)
        cases.append((scores / scores.sum(axis=1, keepdims=True), labels))
    return cases


def true_gradient(probabilities: np.ndarray, labels: np.ndarray) -> np.ndarray:
    """Compute the gradient of the mean cross-entropy with respect to the scores.

    Args:
        probabilities: the softmax of the scores, one row for each example.
        labels: the right class of each example.

    Returns:
        An array of the shape of `probabilities`.

    Example:
        >>> true_gradient(np.array([[0.75, 0.25]]), np.array([0]))
        array([[-0.25,  0.25]])
    """
    one_hot = np.eye(probabilities.shape[1])[labels]
    return (probabilities - one_hot) / len(labels)


def _judge_q5(data: AnswerData) -> Outcome:
    for call in calls(data):
        probabilities, labels = call.arguments
        expected = true_gradient(probabilities, labels)
        fault = _gradient_fault(call.output, expected, len(labels), probabilities)
        if fault:
            return incorrect(fault)
    return correct(
        "Probability minus truth, divided by the number of examples: Keras computes the same "
        "in every step of fit."
    )


def _gradient_fault(
    output: object, expected: np.ndarray, examples: int, probabilities: np.ndarray
) -> str:
    """Say what is wrong with one result, or ''."""
    try:
        gradient = np.asarray(output, dtype=float)
    except (TypeError, ValueError):
        return f"The function returns a {type(output).__name__}; an array was expected."
    if gradient.shape != expected.shape:
        return (
            f"The result has shape {gradient.shape}; the scores have {expected.shape}, and a "
            "gradient has one number for each score."
        )
    if np.allclose(gradient, expected, atol=1e-6):
        return ""
    if np.allclose(gradient, expected * examples, atol=1e-6):
        return "Nearly: the loss is the mean over the examples. Divide by their number."
    if np.allclose(gradient, -expected, atol=1e-6):
        return "The sign is turned round: the gradient is probability minus truth."
    if np.allclose(gradient, (probabilities - 1) / examples, atol=1e-6):
        return "You took 1 from every class. Take 1 from the probability of the right class only."
    return (
        "The shape is right, the numbers are not. In each row, only the probability of the right "
        "class gets 1 taken off; then divide by the number of examples."
    )


def _with_a_loop(probabilities: np.ndarray, labels: np.ndarray) -> list[list[float]]:
    """The same gradient without any NumPy function."""
    rows = []
    for row, label in zip(probabilities.tolist(), labels.tolist(), strict=True):
        truth = [1.0 if column == label else 0.0 for column in range(len(row))]
        rows.append([(p - t) / len(labels) for p, t in zip(row, truth, strict=True)])
    return rows


q5 = Question(
    exercise=__name__,
    number=5,
    title="Write the gradient that Keras spares you",
    objective="write the same network and its gradient in NumPy, and say what Keras spares you",
    kind="build",
    minutes=8,
    difficulty=3,
    points=2,
    answer=FunctionAnswer(_gradient_cases),
    judge=_judge_q5,
    hints=(
        "For the right class the gradient is negative: more score there means less loss.",
        "Make an array of zeros with a 1 at the right class of each row, and compare it with "
        "the probabilities.",
        "one_hot = np.eye(probabilities.shape[1])[labels]. The gradient is the difference, "
        "divided by len(labels).",
    ),
    misconceptions=(
        Misconception(
            "forgets the mean", lambda: lambda p, y: true_gradient(p, y) * len(y), shows="the mean"
        ),
        Misconception(
            "turns the sign round", lambda: lambda p, y: -true_gradient(p, y), shows="sign"
        ),
        Misconception(
            "takes 1 from every class", lambda: lambda p, y: (p - 1) / len(y), shows="every class"
        ),
        Misconception(
            "returns one number for each example",
            lambda: lambda p, y: (p[np.arange(len(y)), y] - 1) / len(y),
            shows="one number for each score",
        ),
    ),
    equivalents=(lambda: _with_a_loop,),
)


# Question 6: improve a score.

_PASS_MARK = 0.80


def _trained(*, divide_by: float, epochs: int = 2, units: int = 32, rescale: bool = False) -> Model:
    """A stack trained on 28 × 28 pictures, for wrong and for unusual answers."""
    import keras

    from seqkit import data

    fashion = data.load("fashion")
    keras.utils.set_random_seed(0)
    layers: list[Layer] = [keras.Input((28, 28))]
    layers += [keras.layers.Rescaling(1 / 255)] if rescale else []
    layers += [keras.layers.Flatten(), keras.layers.Dense(units, activation="relu")]
    model = _compiled(keras.Sequential([*layers, keras.layers.Dense(10, activation="softmax")]))
    if epochs:
        model.fit(fashion.x_train / divide_by, fashion.y_train, epochs=epochs, verbose=0)
    return model


def _flat_and_linear() -> Model:
    """A model on rows of 784 pixels, without a hidden layer, that returns raw scores."""
    import keras

    from seqkit import data

    fashion = data.load("fashion")
    keras.utils.set_random_seed(0)
    model = keras.Sequential([keras.Input((784,)), keras.layers.Dense(10)])
    _compiled(model, keras.losses.SparseCategoricalCrossentropy(from_logits=True))
    model.fit(fashion.x_train.reshape(-1, 784) / 255, fashion.y_train, epochs=4, verbose=0)
    return model


def _judge_q6(data: AnswerData) -> Outcome:
    model = rebuild_model(data)
    inputs, outputs = data.values["input_shape"][1:], data.values["output_shape"][1:]
    if outputs != [10] or inputs not in ([784], [28, 28], [28, 28, 1]):
        return incorrect(
            f"The model turns {_shape([None, *inputs])} into {_shape([None, *outputs])}. It must "
            "take a picture, as (28, 28) or as (784,), and give ten numbers.",
            shape_trace(model),
        )
    scaled, raw = _accuracy(model, inputs, 255.0), _accuracy(model, inputs, 1.0)
    if max(scaled, raw) >= _PASS_MARK:
        return correct(
            f"At least {_PASS_MARK:.0%} of the test pictures are named correctly, "
            "where the given model named far fewer."
        )
    came = f"{_percent(max(scaled, raw))} of the test pictures are named correctly"
    if max(scaled, raw) < 0.2:
        return incorrect(f"{came}, about as many as by chance (10%). Train the model with fit.")
    if raw > scaled + 0.1:
        return incorrect(
            f"{came}. The model was trained on pixels from 0 to 255, which are large numbers for a "
            "new network. Divide them by 255 first."
        )
    return incorrect(f"{came}; the mark is {_PASS_MARK:.0%}. Train for a few more epochs.")


def _accuracy(model: Model, inputs: list[int], divide_by: float) -> float:
    """The share of test pictures whose largest output is the right class."""
    from seqkit import data

    fashion = data.load("fashion")
    pictures = (fashion.x_test / divide_by).reshape(-1, *inputs).astype("float32")
    guesses = model.predict(pictures, batch_size=500, verbose=0).argmax(axis=1)
    return float(np.mean(guesses == fashion.y_test))


def _a_handful_of_steps() -> Model:
    """Scaled pixels, but only a handful of steps."""
    from seqkit import data

    fashion = data.load("fashion")
    model = _trained(divide_by=255.0, epochs=0)
    model.fit(fashion.x_train[:1000] / 255, fashion.y_train[:1000], epochs=2, verbose=0)
    return model


q6 = Question(
    exercise=__name__,
    number=6,
    title="Improve a stack that learns badly",
    objective="compare a score with a baseline before you trust it",
    kind="improve",
    minutes=8,
    difficulty=3,
    points=2,
    answer=ModelAnswer(),
    judge=_judge_q6,
    hints=(
        "Look at the smallest and the largest pixel: fashion.x_train.min(), fashion.x_train.max().",
        "New weights are made for inputs near 0 to 1. Change the inputs, not the network.",
        "Train on fashion.x_train / 255 for three epochs, or put keras.layers.Rescaling(1 / 255) "
        "directly after the Input.",
    ),
    misconceptions=(
        Misconception(
            "does not train", lambda: _trained(divide_by=255.0, epochs=0), shows="by chance"
        ),
        Misconception(
            "trains on raw pixels", lambda: _trained(divide_by=1.0), shows="Divide them by 255"
        ),
        Misconception("stops too early", _a_handful_of_steps, shows="more epochs"),
    ),
    equivalents=(
        lambda: _trained(divide_by=1.0, rescale=True),
        _flat_and_linear,
    ),
)


def _shape(shape: list[int | None]) -> str:
    return str(tuple(shape))


def _percent(share: float) -> str:
    return f"{100 * share:.0f}%"


def _words(values: list[Any]) -> str:
    """Write values as a list in a sentence."""
    texts = [str(value) for value in values]
    if len(texts) < 2:
        return texts[0] if texts else "no"
    return f"{', '.join(texts[:-1])} and {texts[-1]}"
