"""Exercise 01: the first stack. Questions on lesson 01."""

from __future__ import annotations

from itertools import pairwise
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
from seqkit.exercises.verdict import (
    Outcome,
    correct,
    crashed,
    incorrect,
    partial,
    short_reason,
)
from seqkit.exercises.words import listed, percent

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
        Misconception("writes a comma", (50, 890), shows="50890 or 50_890"),
        Misconception("writes a comma, in quotes", "50,890", shows="without a comma: 50890"),
    ),
    equivalents=(np.int64(50_890), 50_890.0),
)


# Question 2: build to a specification.


def _classifier(*hidden: int, last: str = "softmax", between: Any = "relu", **names: str) -> Model:
    """A stack from 784 pixels to ten classes, for wrong and for unusual answers."""
    import keras

    layers = [keras.layers.Dense(units, activation=between) for units in hidden]
    output = keras.layers.Dense(10, activation=last, **names)
    return keras.Sequential([keras.Input((784,)), *layers, output])


def _compiled(
    model: Model, loss: object = "sparse_categorical_crossentropy", optimizer: str = "adam"
) -> Model:
    model.compile(optimizer=optimizer, loss=loss, metrics=["accuracy"])
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


def _raw_scores() -> Model:
    """Raw scores at the end, with a loss that expects them: consistent, but not what is asked."""
    import keras

    model = _classifier(128, 64, last="linear")
    return _compiled(model, keras.losses.SparseCategoricalCrossentropy(from_logits=True))


def _softmax_twice() -> Model:
    import keras

    model = _classifier(128, 64)
    model.add(keras.layers.Softmax())
    return _compiled(model)


def _scores_loss_after_softmax() -> Model:
    import keras

    loss = keras.losses.SparseCategoricalCrossentropy(from_logits=True)
    return _compiled(_classifier(128, 64), loss)


def _eleven_outputs() -> Model:
    import keras

    model = _classifier(128, 64)
    model.pop()
    model.add(keras.layers.Dense(11, activation="softmax"))
    return _compiled(model)


def _sequential_class() -> type:
    import keras

    return keras.Sequential


def _lambda_activation() -> Model:
    return _compiled(_classifier(128, 64, between=lambda x: x * (x > 0)))


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
                _units(steps) == [128, 64, 10],
                _q2_layers_message(steps),
                share=2,
                trace=shape_trace(model),
            ),
            Criterion(steps == _asked_in_q2(), _q2_steps_message(steps, facts), share=2),
            Criterion(facts is not None, "The model is not compiled yet: call model.compile(...)."),
            Criterion(
                facts is not None and facts["optimizer"] == "adam",
                f"The optimizer is {_optimizer(facts)}; the task asks for adam." if facts else "",
            ),
            Criterion(_fits_integer_labels(facts, steps), _q2_loss_message(facts), share=2),
        ],
        praise="Three Dense layers, 109,386 parameters, and a loss that takes the labels 0 to 9.",
    )


def _units(steps: tuple[architecture.Step, ...]) -> list[int]:
    return architecture.sizes(steps, "Dense", "units")


def _q2_layers_message(steps: tuple[architecture.Step, ...]) -> str:
    if len(_units(steps)) == 3:
        return architecture.difference(_dense_alone(steps), _dense_alone(_asked_in_q2()))
    return f"The Dense layers have {listed(_units(steps))} units; the task asks for 128, 64 and 10."


def _dense_alone(steps: tuple[architecture.Step, ...]) -> list[architecture.Step]:
    return [step for step in steps if step.kind == "Dense"]


def _q2_steps_message(steps: tuple[architecture.Step, ...], facts: dict[str, Any] | None) -> str:
    found = architecture.activations(steps)
    if _ends_with_scores(steps) and facts is not None and facts["from_logits"]:
        return "Raw scores and from_logits=True fit together, but the task asks for softmax."
    if _ends_with_scores(steps):
        return "The last layer has no activation. Ten shares that sum to 1 need softmax."
    if steps and str(steps[-1]) != "softmax":
        return f"The last activation is {steps[-1]}. Ten shares that sum to 1 need softmax."
    if any(one.kind == two.kind == "Dense" for one, two in pairwise(steps)):
        return (
            f"The activations are {listed(found)}; the task asks for relu, relu and softmax. "
            "Without relu between them, Dense layers collapse into one."
        )
    if _units(steps) != [128, 64, 10]:
        return ""  # said by the criterion before
    if found != ["relu", "relu", "softmax"]:
        return f"The activations are {listed(found)}; the task asks for relu, relu and softmax."
    return architecture.difference(steps, _asked_in_q2())


def _ends_with_scores(steps: tuple[architecture.Step, ...]) -> bool:
    return bool(steps) and steps[-1].kind == "Dense"


def _optimizer(facts: dict[str, Any] | None) -> str:
    """The name as Keras accepts it: `sgd`, `adamw`."""
    return "" if facts is None else str(facts["optimizer"]).replace("_", "")


def _q2_loss_message(facts: dict[str, Any] | None) -> str:
    if facts is None:
        return ""  # said by the criterion before
    if facts.get("unknown_loss"):
        return f"Keras knows no loss {facts['loss']!r}. Look at the spelling."
    if facts["loss"] is None:
        return "compile has no loss yet. Take one for labels that are numbers from 0 to 9."
    if facts["from_logits"]:
        return "The loss expects raw scores (from_logits=True), but softmax gives probabilities."
    return (
        f"The loss is {facts['loss']}. The labels are numbers from 0 to 9, not one-hot rows: "
        "sparse_categorical_crossentropy takes them as they are."
    )


def _fits_integer_labels(
    facts: dict[str, Any] | None, steps: tuple[architecture.Step, ...]
) -> bool:
    return (
        facts is not None
        and facts["loss"] == "sparse_categorical_crossentropy"
        and (not facts["from_logits"] or _ends_with_scores(steps))
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
        'keras.Sequential([keras.Input((784,)), layers.Dense(128, activation="relu"), ...]), then '
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
        Misconception(
            "takes another optimizer",
            lambda: _compiled(_classifier(128, 64), optimizer="sgd"),
            shows="optimizer is sgd; the task asks for adam",
        ),
        Misconception(
            "takes a relative of the optimizer",
            lambda: _compiled(_classifier(128, 64), optimizer="adamw"),
            shows="optimizer is adamw",
        ),
        Misconception(
            "misspells the loss",
            lambda: _compiled(_classifier(128, 64), "sparse_categorical_crosentropy"),
            shows="knows no loss 'sparse_categorical_crosentropy'",
        ),
        Misconception(
            "gives no loss", lambda: _compiled(_classifier(128, 64), None), shows="has no loss yet"
        ),
        Misconception("ends with raw scores", _raw_scores, shows="fit together, but"),
        Misconception(
            "tells the loss of raw scores after softmax",
            _scores_loss_after_softmax,
            shows="but softmax gives",
        ),
        Misconception(
            "applies softmax twice", _softmax_twice, shows="relu, relu, softmax and softmax; the"
        ),
        Misconception(
            "has too many outputs", _eleven_outputs, shows="third Dense layer has 11 units"
        ),
        Misconception("writes relu as a lambda", _lambda_activation, shows="is a lambda"),
        Misconception(
            "keeps what compile returns", lambda: _classifier(128, 64).compile(), shows="a line of"
        ),
        Misconception("gives the class", lambda: _sequential_class(), shows="the class Sequential"),
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


def _pooled() -> list[Layer]:
    """One number for each column: few parameters, and most pixels are gone."""
    import keras

    given = broken_stack()
    return [given[0], keras.layers.GlobalAveragePooling1D(), *given[1:]]


def _rescaled() -> list[Layer]:
    import keras

    layers = _with_flatten_at(1)
    return [layers[0], keras.layers.Rescaling(1 / 255), *layers[1:]]


def _without_activations() -> list[Layer]:
    import keras

    return [*_with_flatten_at(1)[:2], keras.layers.Dense(32), keras.layers.Dense(10)]


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
        return incorrect(
            f"The stack does not build: {short_reason(error, 200)}", shape_trace(layers)
        )
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
            f"25,450. {_lost_pixels(model) or _q3_change(architecture.steps(model))}",
            shape_trace(layers),
        )
    fault = _q3_change(architecture.steps(model))
    if fault:
        return incorrect(f"The shapes are right. {fault}")
    return correct("Flatten turns 28 × 28 into 784, so each hidden unit sees the whole picture.")


def _lost_pixels(model: Model) -> str:
    """Say why the first Dense layer does not see 784 pixels, or ''."""
    chain = architecture.chain(model)
    first = next(layer for layer in chain if type(layer).__name__ == "Dense")
    arriving = tuple(first.input.shape)
    if len(arriving) > 2:
        return "Flatten stands too late: the first Dense layer still sees one row at a time."
    if arriving[-1] == 784:
        return ""
    left = f"{arriving[-1]} numbers are left, and all 784 must arrive."
    if any("Pooling" in type(layer).__name__ for layer in chain):
        return f"The pooling has thrown pixels away: {left}"
    return f"Pixels are lost before the first Dense layer: {left}"


def _q3_change(steps: tuple[architecture.Step, ...]) -> str:
    """Say what else was changed, or ''."""
    asked = _repaired_steps()
    found = architecture.activations(steps)
    if not found:
        return "The activations are gone: relu after the 32 units, softmax after the 10."
    if found != ["relu", "softmax"]:
        return (
            "Keep relu after the 32 units and softmax after the 10; the activations are now: "
            f"{listed(found)}."
        )
    if len(steps) > len(asked) and [step for step in steps if step in asked] == list(asked):
        extra = listed([step.kind for step in steps if step not in asked])
        return f"{extra} is more than the task asks for: add one layer, change nothing else."
    return architecture.difference(steps, asked)


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
        "Look at the output shape in sk.trace(stack) of the given stack. Which axis is too much?",
        "Dense works on the last axis only. One layer turns (None, 28, 28) into (None, 784).",
        "Insert layers.Flatten() directly after keras.Input((28, 28)).",
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
        Misconception("loses the activation", _without_relu, shows="Keep relu .* now: softmax"),
        Misconception("loses both activations", _without_activations, shows="activations are gone"),
        Misconception("pools the pixels", _pooled, shows="28 numbers are left, and all 784"),
        Misconception("adds more than one layer", _rescaled, shows="Rescaling is more than"),
        Misconception(
            "keeps what insert returns",
            lambda: broken_stack().insert(1, None),
            shows="return nothing",
        ),
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
    """Batches of probabilities and labels: ten classes first, then other numbers of them."""
    generator = np.random.default_rng(5)
    cases = []
    for rows, classes in ((4, 10), (1, 10), (5, 3), (6, 2)):
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
        if call.error:
            return _gradient_crash(call.error, probabilities.shape[1])
        expected = true_gradient(probabilities, labels)
        fault = _gradient_fault(call.output, expected, len(labels), probabilities)
        if fault:
            return incorrect(fault)
    return correct(
        "Probability minus truth, divided by the number of examples: Keras computes the same "
        "in every step of fit."
    )


def _gradient_crash(error: str, classes: int) -> Outcome:
    """The first call went well, and a later one stopped."""
    if classes == 10:
        return crashed(error)
    return incorrect(
        f"Your function works for ten classes. For {classes} classes it stops: take "
        "`probabilities.shape[1]` in place of 10."
    )


def _gradient_fault(
    output: object, expected: np.ndarray, examples: int, probabilities: np.ndarray
) -> str:
    """Say what is wrong with one result, or ''."""
    if output is None:
        return f"For {examples} examples your function returns None. Is `return` missing?"
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
        return "The loss is the mean over the examples. Divide by their number."
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
    answer=FunctionAnswer(_gradient_cases, keeps_errors=True),
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
        Misconception(
            "counts on ten classes",
            lambda: lambda p, y: (p - np.eye(10)[y]) / len(y),
            shows="works for ten classes. For 3 classes it stops",
        ),
        Misconception("forgets return", lambda: lambda p, y: None, shows="`return` missing"),
    ),
    equivalents=(lambda: _with_a_loop,),
)


# Question 6: improve a score.

_PASS_MARK = 0.80  # what the linear model of the lesson, the baseline, reaches and passes
_SIZE = 25_450


def _trained(
    *,
    divide_by: float,
    subtract: float = 0.0,
    epochs: int = 2,
    units: int = 32,
    rescale: bool = False,
) -> Model:
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
        model.fit(fashion.x_train / divide_by - subtract, fashion.y_train, epochs=epochs, verbose=0)
    return model


def _flat_with_raw_scores() -> Model:
    """The same size, but on rows of 784 pixels, with dropout, and raw scores at the end."""
    import keras

    from seqkit import data

    fashion = data.load("fashion")
    keras.utils.set_random_seed(0)
    hidden = [keras.layers.Dense(32), keras.layers.LeakyReLU(), keras.layers.Dropout(0.1)]
    model = keras.Sequential([keras.Input((784,)), *hidden, keras.layers.Dense(10, name="scores")])
    _compiled(model, keras.losses.SparseCategoricalCrossentropy(from_logits=True))
    model.fit(fashion.x_train.reshape(-1, 784) / 255, fashion.y_train, epochs=4, verbose=0)
    return model


def _linear() -> Model:
    """The baseline itself: no hidden layer."""
    import keras

    layers = [keras.Input((28, 28)), keras.layers.Flatten()]
    return _compiled(keras.Sequential([*layers, keras.layers.Dense(10, activation="softmax")]))


def _judge_q6(data: AnswerData) -> Outcome:
    model = rebuild_model(data)
    inputs, outputs = data.values["input_shape"][1:], data.values["output_shape"][1:]
    if outputs != [10] or inputs not in ([784], [28, 28], [28, 28, 1]):
        return incorrect(
            f"The model turns {_shape([None, *inputs])} into {_shape([None, *outputs])}. It must "
            "take a picture, as (28, 28) or as (784,), and give ten numbers.",
            shape_trace(model),
        )
    size = sum(int(np.prod(weight.shape)) for weight in model.trainable_weights)
    if size != _SIZE:
        return incorrect(
            f"Your model has {size:,} parameters; keep the size, {_SIZE:,}: 784 → 32 → 10."
        )
    scaled, raw = _accuracy(model, inputs, 255.0), _accuracy(model, inputs, 1.0)
    if max(scaled, raw) >= _PASS_MARK:
        # No score here: it differs a little from machine to machine, and this output is stored.
        return correct(
            f"Your model names at least {percent(_PASS_MARK)} of the test pictures. It reaches the "
            "linear baseline; the given model stayed below it."
        )
    if raw > scaled + 0.1:
        return incorrect(
            f"{_named(raw)} The model was trained on pixels from 0 to 255, which are large numbers "
            "for a new network. Divide them by 255 first."
        )
    elsewhere = max(_accuracy(model, inputs, *other) for other in _OTHER_SCALES)
    if elsewhere > max(scaled + 0.05, 0.5):  # an untrained model is by chance better somewhere
        return incorrect(
            f"{percent(scaled)} with pixels from 0 to 1. If you scaled in another way, put that "
            "into the model (Rescaling), or divide by 255."
        )
    if scaled < 0.2:
        return incorrect(
            f"{_named(scaled)} That is about as many as by chance, 10 %. Train the model with fit."
        )
    return incorrect(
        f"{_named(scaled)} The linear baseline reaches {percent(_PASS_MARK)}. Train for a few more "
        "epochs."
    )


def _named(share: float) -> str:
    return f"Your model names {percent(share)} of the test pictures."


# How pixels are often scaled, too: from -1 to 1, and to mean 0 and standard deviation 1.
_OTHER_SCALES = ((127.5, 1.0), (255 * 0.353, 0.286 / 0.353))


def _accuracy(model: Model, inputs: list[int], divide_by: float, subtract: float = 0.0) -> float:
    """The share of test pictures whose largest output is the right class."""
    from seqkit import data

    fashion = data.load("fashion")
    pictures = (fashion.x_test / divide_by - subtract).reshape(-1, *inputs).astype("float32")
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
        "Train on fashion.x_train / 255 for three epochs, or put layers.Rescaling(1 / 255) "
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
        Misconception(
            "takes a larger network",
            lambda: _trained(divide_by=255.0, epochs=0, units=256),
            shows="203,530 parameters; keep the size",
        ),
        Misconception("takes the hidden layer out", _linear, shows="7,850 parameters; keep the"),
        Misconception(
            "scales from -1 to 1",
            lambda: _trained(divide_by=127.5, subtract=1.0, epochs=3),
            shows="with pixels from 0 to 1. If you scaled in another way",
        ),
    ),
    equivalents=(
        lambda: _trained(divide_by=1.0, rescale=True),
        _flat_with_raw_scores,
    ),
)


def _shape(shape: list[int | None]) -> str:
    return str(tuple(shape))
