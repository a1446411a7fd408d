"""Exercise 08: big lists, autoencoders, thresholds, baselines. Questions on lesson 08."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from seqkit.exercises import architecture
from seqkit.exercises.answer_data import AnswerData
from seqkit.exercises.answers import ChoiceAnswer, IntegerAnswer
from seqkit.exercises.criteria import Criterion, combine
from seqkit.exercises.function_answers import Arguments, FunctionAnswer, calls
from seqkit.exercises.judges import choice_is, number_is, shape_trace
from seqkit.exercises.keras_types import Layer, Model
from seqkit.exercises.misconceptions import Misconception
from seqkit.exercises.model_answers import ModelAnswer
from seqkit.exercises.question import Question
from seqkit.exercises.rebuild import rebuild_model
from seqkit.exercises.verdict import Outcome, correct, incorrect
from seqkit.exercises.words import percent

# Question 1: the precision that a threshold allows.

q1 = Question(
    exercise=__name__,
    number=1,
    title="Predict the precision that a threshold allows",
    objective="set a threshold from training errors alone, and predict its false alarms",
    kind="predict",
    minutes=4,
    difficulty=1,
    points=1,
    answer=IntegerAnswer(),
    judge=number_is(
        20,
        "1 % of 20,000 are 200 false alarms; 50 of 250 alarms are right.",
        known={
            99: "That is the quantile. Count the alarms: how many normal rows lie above it?",
            100: "That is the recall: all anomalies are found. How many of the alarms are right?",
            25: "You divided 50 by the 200 false alarms. Divide by all alarms, right and false.",
            80: "That is the share of the alarms that is false. Which share is right?",
            1: "That is the share of normal rows above the threshold. How many rows are that?",
        },
        otherwise="False alarms: 1 % of 20,000. Precision: right alarms divided by all alarms.",
    ),
    hints=(
        "How many normal rows give a false alarm, if 1 % of them lie above the threshold?",
        "There are 200 false alarms and 50 right ones.",
        "Precision is 50 / (50 + 200), in per cent.",
    ),
    misconceptions=(
        Misconception("takes the quantile", 99, shows="That is the quantile"),
        Misconception("gives the recall", 100, shows="the recall"),
        Misconception("divides by the false alarms", 25, shows="all alarms, right and false"),
        Misconception("gives the share of false alarms", 80, shows="that is false"),
        Misconception("gives the share above", 1, shows="How many rows"),
    ),
    equivalents=(np.int64(20), 20.0),
)


# Question 2: VGG16 on smaller photographs.

q2 = Question(
    exercise=__name__,
    number=2,
    title="Count the largest layer for smaller photographs",
    objective="write VGG16 and MobileNetV1 as lists and count their parameters by hand",
    kind="predict",
    minutes=5,
    difficulty=1,
    points=1,
    answer=IntegerAnswer(),
    judge=number_is(
        18_878_464,
        "96 / 32 = 3, so 3 · 3 · 512 = 4,608 numbers reach 4,096 units, and each has a bias.",
        known={
            18_874_368: "These are the weights. Each of the 4,096 units has a bias, too.",
            102_764_544: "That is the count for 224 × 224. With 96 × 96 fewer places are left.",
            2_101_248: "You counted the 512 channels of a single place. Flatten keeps all places.",
            75_501_568: "The sides would be 6. There are five poolings: halve 96 five times.",
            6_295_552: "You took 3 · 512 numbers. The picture is 3 places high and 3 places wide.",
        },
        otherwise="Halve 96 five times, multiply height, width and 512 channels, and count a Dense "
        "layer of 4,096 units.",
    ),
    hints=(
        "How long is a side after five poolings, if each halves it?",
        "96 / 32 = 3. Flatten gives 3 · 3 · 512 = 4,608 numbers.",
        "A Dense layer: inputs · units + units, with 4,608 inputs and 4,096 units.",
    ),
    misconceptions=(
        Misconception("forgets the biases", 18_874_368, shows="has a bias, too"),
        Misconception("keeps the size of the lesson", 102_764_544, shows="for 224 × 224"),
        Misconception("forgets the places", 2_101_248, shows="keeps all places"),
        Misconception("counts four poolings", 75_501_568, shows="five poolings"),
        Misconception("forgets the width", 6_295_552, shows="3 places wide"),
    ),
    equivalents=(np.int64(18_878_464), 18_878_464.0),
)


# Question 3: which conclusion a table with baselines allows.

_CONCLUSIONS = {
    "a": "The network is good: its error is about a quarter of the error of the noisy picture.",
    "b": "Take the linear map: it is better than the network, and the two seeds do not change that.",
    "c": "Networks cannot take noise out of pictures.",
    "d": "Take the median filter: it needs no training.",
}

q3 = Question(
    exercise=__name__,
    number=3,
    title="Draw the conclusion from the baselines",
    objective="decide with a baseline whether a larger network is needed",
    kind="choose",
    minutes=3,
    difficulty=2,
    points=1,
    answer=ChoiceAnswer(_CONCLUSIONS),
    judge=choice_is(
        "b",
        "0.018 against 0.021, and the two seeds differ by far less. Here the baseline suffices.",
        feedback={
            "a": "It is better than doing nothing. Is it better than the simplest trained model?",
            "c": "The table shows one network, 4,000 pictures and ten epochs. It cannot show that.",
            "d": "It needs no training, but its error is higher than that of two other rows.",
        },
    ),
    hints=(
        "Which row has the smallest error?",
        "How far do the two seeds of the network lie apart? Is the gap to the linear map larger?",
        "The linear map has 0.018; the network has 0.021 with both seeds.",
    ),
    misconceptions=(
        Misconception("compares with nothing only", "a", shows="simplest trained model"),
        Misconception("concludes too much", "c", shows="one network"),
        Misconception("takes the cheapest", "d", shows="two other rows"),
    ),
    equivalents=("B", " b) "),
)


# Question 4: build an autoencoder.

_CODE, _LIMIT = 24, 120_000


def _autoencoder(
    code: int = _CODE, hidden: int = 64, end: str | None = "sigmoid", shaped: bool = True
) -> Model:
    """The asked autoencoder, or one that differs in a setting."""
    import keras
    from keras import layers

    stack: list[Layer] = [
        keras.Input((28, 28, 1)),
        layers.Flatten(),
        layers.Dense(hidden, activation="relu"),
        layers.Dense(code),
        layers.Dense(hidden, activation="relu"),
        layers.Dense(784, activation=end),
    ]
    return keras.Sequential([*stack, layers.Reshape((28, 28, 1))] if shaped else stack)


def _without_flatten() -> Model:
    import keras
    from keras import layers

    stack = [layers.Dense(64, activation="relu"), layers.Dense(_CODE)]
    end = layers.Dense(1, activation="sigmoid")
    return keras.Sequential([keras.Input((28, 28, 1)), *stack, end])


def _normalised_end() -> Model:
    import keras
    from keras import layers

    return keras.Sequential(
        [
            keras.Input((28, 28, 1)),
            *_autoencoder(shaped=False).layers,
            layers.BatchNormalization(),
            layers.Reshape((28, 28, 1)),
        ]
    )


def _encoder_only() -> Model:
    import keras
    from keras import layers

    return keras.Sequential([keras.Input((28, 28, 1)), layers.Flatten(), layers.Dense(_CODE)])


def _convolutional() -> Model:
    """Convolutions on both sides of the code, with a normalisation, as a Functional model."""
    import keras
    from keras import layers

    inputs = x = keras.Input((28, 28, 1))
    for layer in (
        layers.Conv2D(8, 3, strides=2, padding="same"),
        layers.BatchNormalization(),
        layers.ReLU(),
        layers.Conv2D(8, 3, strides=2, padding="same", activation="relu"),
        layers.Reshape((-1,)),
        layers.Dense(_CODE, name="code"),
        layers.Dense(392, activation="relu"),
        layers.Reshape((7, 7, 8)),
        layers.Conv2DTranspose(8, 3, strides=2, padding="same", activation="relu"),
        layers.UpSampling2D(2),
        layers.Conv2D(1, 3, padding="same"),
        layers.Activation("sigmoid"),
    ):
        x = layer(x)
    return keras.Model(inputs, x)


def _judge_q4(data: AnswerData) -> Outcome:
    from seqkit.tracing import trace

    model = rebuild_model(data)
    architecture.chain(model)  # refuses what is not a chain
    if model.input_shape != (None, 28, 28, 1):
        return incorrect(f"The input is {model.input_shape}, not (None, 28, 28, 1).")
    output = model.output_shape
    if output != model.input_shape:
        return incorrect(_output_advice(output) + _flatten_advice(model), shape_trace(model))
    shapes = [row.output_shape for row in trace(model).rows if row.output_shape]
    narrowest = min(int(np.prod([side or 1 for side in shape[1:]])) for shape in shapes)
    count = int(model.count_params())
    return combine(
        [
            Criterion(
                narrowest == _CODE,
                f"The narrowest layer gives {narrowest} numbers; the task asks for a code of "
                f"{_CODE}.{_flatten_advice(model)}",
                share=2,
                trace=shape_trace(model),
            ),
            Criterion(*_pixels(model)),
            Criterion(
                count <= _LIMIT,
                f"The model has {count:,} parameters; at most {_LIMIT:,} are allowed.",
            ),
        ],
        praise=f"784 pixels, {_CODE} numbers, 784 pixels: an autoencoder with {count:,} parameters.",
    )


def _output_advice(output: tuple[int | None, ...]) -> str:
    """What is missing when something else than a picture comes out."""
    if output == (None, 784):
        return "A row of 784 numbers comes out. layers.Reshape makes a picture of it."
    if output == (None, _CODE):
        return "The model ends at the code: that is the encoder. Where is the decoder?"
    return f"The output is {output}; an autoencoder gives the shape of its input."


def _flatten_advice(model: Model) -> str:
    """One more sentence when a Dense layer gets pictures in place of rows."""
    for layer in architecture.chain(model):
        if type(layer).__name__ == "Dense" and len(layer.input.shape) > 2:
            return (
                " Flatten is missing: a Dense layer changes the last axis only, so the sides stay."
            )
    return ""


def _behind_sigmoid(model: Model) -> str:
    """The kind of the first layer behind sigmoid that computes something, or ""."""
    seen = False
    for step in architecture.steps(model):
        if seen and step.kind not in {"Reshape", "Flatten", "Dropout"}:
            return step.kind
        seen = seen or str(step) == "sigmoid"
    return ""


def _pixels(model: Model) -> tuple[bool, str]:
    """Whether the outputs can be pixels whatever the weights are, and what they are instead."""
    import keras

    generator = np.random.default_rng(0)
    for weight in model.weights:
        values = generator.normal(size=weight.shape)
        weight.assign(np.abs(values) if weight.path.endswith("variance") else values)
    x = generator.uniform(size=(20, 28, 28, 1)).astype("float32")
    came = np.asarray(keras.ops.convert_to_numpy(model(x)))
    behind = _behind_sigmoid(model)
    if behind and (came.min() < 0 or came.max() > 1 + 1e-6):
        return False, (
            f"sigmoid ends between 0 and 1, but a layer stands behind it: {behind}. So other "
            "pixels can come out."
        )
    if came.min() < 0:
        return False, "Negative pixels can come out. Which activation ends between 0 and 1?"
    if came.max() > 1 + 1e-6:
        return False, "Pixels above 1 can come out: relu has no upper end. What ends at 1?"
    if np.allclose(came.reshape(20, -1).sum(axis=1), 1, atol=1e-3):
        return False, "The pixels of a picture sum to 1: softmax shares one whole among them."
    if np.ptp(came) < 1e-6:
        return False, "Every pixel is the same: softmax on a single channel is always 1."
    return True, ""


q4 = Question(
    exercise=__name__,
    number=4,
    title="Build an autoencoder for pictures",
    objective="build an autoencoder and compare its error with PCA of the same code size",
    kind="build",
    minutes=8,
    difficulty=2,
    points=2,
    answer=ModelAnswer(),
    judge=_judge_q4,
    hints=(
        "The layers in order: a row of the picture, narrower, the code, wider, 784, a picture.",
        "Flatten stands in front; layers.Reshape((28, 28, 1)) stands at the end. Which activation "
        "ends between 0 and 1?",
        "Flatten(), Dense(64, activation='relu'), Dense(24), Dense(64, activation='relu'), "
        "Dense(784, activation='sigmoid'), Reshape((28, 28, 1)).",
    ),
    misconceptions=(
        Misconception("makes no narrow place", lambda: _autoencoder(code=64), shows="gives 64"),
        Misconception("leaves out Flatten", _without_flatten, shows="Flatten is missing"),
        Misconception("normalises behind sigmoid", _normalised_end, shows="stands behind it"),
        Misconception("leaves out Reshape", lambda: _autoencoder(shaped=False), shows="Reshape"),
        Misconception("builds the encoder only", _encoder_only, shows="Where is the decoder"),
        Misconception("has a free end", lambda: _autoencoder(end=None), shows="Negative pixels"),
        Misconception("ends with relu", lambda: _autoencoder(end="relu"), shows="above 1"),
        Misconception("ends with softmax", lambda: _autoencoder(end="softmax"), shows="sum to 1"),
        Misconception("is too large", lambda: _autoencoder(hidden=128), shows="at most 120,000"),
    ),
    equivalents=(_convolutional, lambda: _autoencoder(hidden=48)),
)


# Question 5: alarms with a threshold from training errors.

Errors = np.ndarray
Rule = Callable[[Errors, Errors, float], Errors]


def _cases(random: int | np.random.Generator = 8) -> list[tuple[Errors, Errors, float]]:
    """Errors of training rows and of new rows; no new error lies close to the threshold."""
    generator = np.random.default_rng(random)
    cases = []
    for rows, share in ((400, 0.1), (1000, 0.01), (600, 0.3)):
        train = 0.2 + 0.5 * generator.exponential(size=rows)
        fresh = 0.1 + 1.5 * generator.exponential(size=rows // 4)
        ordered, place = np.sort(train), round((1 - share) * rows)
        near = (fresh > ordered[place - 4]) & (fresh < ordered[min(place + 4, rows - 1)])
        spread = np.linspace(0, 1.5 * ordered[-1], 9)  # also far from the threshold
        cases.append((train, np.append(fresh[~near], spread), share))
    return cases


def true_alarms(train_errors: Errors, new_errors: Errors, share: float) -> Errors:
    """Tell which new rows lie above the threshold of the training rows.

    Args:
        train_errors: one error for each normal training row.
        new_errors: one error for each new row.
        share: the share of the training rows that lies above the threshold.

    Returns:
        One truth value for each new row.

    Example:
        >>> true_alarms(np.arange(101.0), np.array([5.0, 95.0]), 0.1).tolist()
        [False, True]
    """
    return new_errors > np.quantile(train_errors, 1 - share)


def _threshold_from_new(train: Errors, new: Errors, share: float) -> Errors:
    return new > np.quantile(new, 1 - share)


def _fixed_of_new(train: Errors, new: Errors, share: float) -> Errors:
    return new > np.quantile(new, 0.99)


def _both(train: Errors, new: Errors, share: float) -> Errors:
    return new > np.quantile(np.concatenate([train, new]), 1 - share)


def _fixed(quantile: float) -> Rule:
    return lambda train, new, share: new > np.quantile(train, quantile)


def _deviations(count: float) -> Rule:
    return lambda train, new, share: new > train.mean() + count * train.std()


def _wrong_end(train: Errors, new: Errors, share: float) -> Errors:
    return new > np.quantile(train, share)


def _below(train: Errors, new: Errors, share: float) -> Errors:
    return new < np.quantile(train, 1 - share)


def _above_the_largest(train: Errors, new: Errors, share: float) -> Errors:
    return new > train.max()


def _share_as_threshold(train: Errors, new: Errors, share: float) -> Errors:
    return new > share


def _per_cent(train: Errors, new: Errors, share: float) -> Errors:
    """Gives the share to percentile, which counts to 100."""
    return new > np.percentile(train, 1 - share)


def _the_threshold(train: Errors, new: Errors, share: float) -> float:
    return float(np.quantile(train, 1 - share))


def _places(train: Errors, new: Errors, share: float) -> Errors:
    return np.flatnonzero(true_alarms(train, new, share))


def _by_sorting(train_errors: Errors, new_errors: Errors, share: float) -> list[int]:
    """The same by sorting, as zeros and ones."""
    ordered = sorted(train_errors.tolist())
    threshold = ordered[round(len(ordered) * (1 - share)) - 1]
    return [int(error >= threshold) for error in new_errors]


def _by_percentile(train_errors: Errors, new_errors: Errors, share: float) -> Errors:
    return np.greater_equal(new_errors, np.percentile(train_errors, 100 - 100 * share))


_EXAMPLE = "With share 0.1 and train_errors 0, 1, …, 100 the threshold is 90."

_FAULTS: tuple[tuple[tuple[Rule, ...], str], ...] = (
    (
        (_threshold_from_new, _fixed_of_new),
        "The threshold comes from the new errors. Then the same share of rows is always an alarm, "
        "even on a day without anomalies. Take the training errors.",
    ),
    (
        (_both,),
        "The new errors have a part in the threshold. Then many anomalies push it up. Take the "
        "training errors alone.",
    ),
    (
        tuple(_fixed(quantile) for quantile in (0.9, 0.95, 0.99, 0.995, 0.999)),
        f"The quantile is always the same, whatever `share` is. {_EXAMPLE}",
    ),
    (
        tuple(_deviations(count) for count in (1, 2, 2.5, 3, 4)),
        "The threshold is the mean plus some standard deviations. It does not depend on `share`. "
        f"{_EXAMPLE}",
    ),
    (
        (_wrong_end,),
        f"Nearly all rows are alarms: `share` must lie above the threshold, not below. {_EXAMPLE}",
    ),
    ((_below,), "It is turned round: an anomaly has a large error."),
    (
        (_above_the_largest,),
        "Only errors above every training error are alarms. A share of the training rows must "
        f"lie above the threshold. {_EXAMPLE}",
    ),
    (
        (_share_as_threshold,),
        f"`share` is a share of the rows. The threshold is an error. {_EXAMPLE}",
    ),
    ((_per_cent,), "np.percentile counts from 0 to 100; np.quantile counts from 0 to 1."),
)


def _judge_q5(data: AnswerData) -> Outcome:
    answers: list[tuple[Arguments, Errors]] = []
    for call in calls(data):
        rows = len(call.arguments[1])
        try:
            came = np.asarray(call.output, dtype=float)
        except (TypeError, ValueError):
            return incorrect("The function must return one truth value for each new row.")
        if came.ndim == 0:
            return incorrect("One number came. Compare each new error with the threshold.")
        if came.shape != (rows,):
            return incorrect(
                f"For {rows} new rows the result has shape {came.shape}; expected "
                f"{(rows,)}: one truth value for each new row."
            )
        answers.append((call.arguments, came))
    if _always(true_alarms, answers):
        return correct(
            "The threshold knows training rows only, so the test rows can tell its worth."
        )
    for rules, words in _FAULTS:
        if any(_always(rule, answers) for rule in rules):
            return incorrect(words)
    return incorrect(f"Some rows are judged wrongly. {_EXAMPLE} So 95 is an alarm, and 85 is none.")


def _always(rule: Rule, answers: list[tuple[Arguments, Errors]]) -> bool:
    """Whether a rule explains what came in every call, not in one by chance."""
    return all(np.array_equal(came, rule(*arguments)) for arguments, came in answers)


q5 = Question(
    exercise=__name__,
    number=5,
    title="Raise alarms without looking at the new rows",
    objective="set a threshold from training errors alone, and predict its false alarms",
    kind="build",
    minutes=6,
    difficulty=3,
    points=2,
    answer=FunctionAnswer(_cases),
    judge=_judge_q5,
    hints=(
        "Which of the two arrays may decide where the threshold lies?",
        "np.quantile(errors, 0.99) is the number above which 1 % of the errors lie.",
        "new_errors > np.quantile(train_errors, 1 - share).",
    ),
    misconceptions=(
        Misconception(
            "looks at the new rows", lambda: _threshold_from_new, shows="comes from the new errors"
        ),
        Misconception("mixes both", lambda: _both, shows="have a part in the threshold"),
        Misconception("fixes the quantile", lambda: _fixed(0.99), shows="always the same"),
        Misconception("counts deviations", lambda: _deviations(3), shows="standard deviations"),
        Misconception("takes the wrong end", lambda: _wrong_end, shows="Nearly all rows"),
        Misconception("turns it round", lambda: _below, shows="turned round"),
        Misconception(
            "takes the largest training error", lambda: _above_the_largest, shows="above every"
        ),
        Misconception("compares with the share", lambda: _share_as_threshold, shows="is an error"),
        Misconception("mixes up per cent", lambda: _per_cent, shows="from 0 to 100"),
        Misconception("returns the threshold", lambda: _the_threshold, shows="One number came"),
        Misconception("returns places", lambda: _places, shows="one truth value for each"),
    ),
    equivalents=(lambda: _by_sorting, lambda: _by_percentile),
)


# Question 6: a baseline that does not suffice.

_PASS_MARK, _SIZE = 0.93, 60_000


def _trained(*body: Layer, epochs: int = 4, divide_by: float = 255.0) -> Model:
    """A network for digits of 28 × 28 × 1, with these layers before the last one."""
    import keras

    from seqkit import data

    digits = data.load("mnist")
    keras.utils.set_random_seed(0)
    end = keras.layers.Dense(10, activation="softmax")
    model = keras.Sequential([keras.Input((28, 28, 1)), *body, end])
    adam = keras.optimizers.Adam(0.003)
    model.compile(adam, "sparse_categorical_crossentropy", metrics=["accuracy"])
    if epochs:
        x = digits.x_train[..., None] / divide_by
        model.fit(x, digits.y_train, batch_size=64, epochs=epochs, verbose=0)
    return model


def _network(epochs: int = 4, filters: int = 16, divide_by: float = 255.0) -> Model:
    from keras import layers

    return _trained(
        layers.Conv2D(filters, 3, strides=2, activation="relu"),
        layers.Conv2D(2 * filters, 3, strides=2, activation="relu"),
        layers.Flatten(),
        layers.Dense(2 * filters, activation="relu"),
        epochs=epochs,
        divide_by=divide_by,
    )


def _linear() -> Model:
    from keras import layers

    return _trained(layers.Flatten(), epochs=2)


def _numbers_in_place_of_shares() -> Model:
    """Ends with relu and compares with the class numbers, as in a regression."""
    import keras
    from keras import layers

    end = layers.Dense(10, activation="relu")
    model = keras.Sequential([keras.Input((28, 28, 1)), layers.Flatten(), end])
    model.compile("adam", "mse")
    return model


def _two_linear_layers() -> Model:
    """Two Dense layers without an activation between them: still linear."""
    from keras import layers

    return _trained(layers.Flatten(), layers.Dense(32), epochs=2)


def _with_its_own_scale() -> Model:
    """Divides by 255 inside the model, and pools."""
    from keras import layers

    return _trained(
        layers.Rescaling(1 / 255),
        layers.Conv2D(16, 5, activation="relu"),
        layers.MaxPooling2D(4),
        layers.Flatten(),
        layers.Dense(64, activation="relu"),
        epochs=5,
        divide_by=1.0,
    )


def _judge_q6(data: AnswerData) -> Outcome:
    model = rebuild_model(data)
    inputs, outputs = data.values["input_shape"][1:], data.values["output_shape"][1:]
    if outputs != [10] or inputs not in ([784], [28, 28], [28, 28, 1]):
        return incorrect(
            f"The model turns {tuple(inputs)} into {tuple(outputs)}. It must take a picture, as "
            "(28, 28, 1), (28, 28) or (784,), and give ten numbers.",
            shape_trace(model),
        )
    count = int(model.count_params())
    if count > _SIZE:
        return incorrect(f"The model has {count:,} parameters; at most {_SIZE:,} are allowed.")
    scaled, raw = (_accuracy(model, inputs, divide_by) for divide_by in (255.0, 1.0))
    best = max(scaled, raw)
    if best >= _PASS_MARK:
        # No score here: it differs a little from machine to machine, and this output is stored.
        return correct(
            f"It names at least {percent(_PASS_MARK)} of the test digits, with at most {_SIZE:,} "
            "parameters. The linear baseline did not suffice."
        )
    named = f"The model names {percent(best)} of the test digits. "
    if advice := _training_advice(model, data.values["compile"]):
        return incorrect(f"{named}{advice}")
    if best < 0.2:
        return incorrect(f"{named}That is about chance, 10 %. Train it with fit.")
    if raw > scaled + 0.2:
        return incorrect(f"{named}It was trained on pixels from 0 to 255. Divide them by 255.")
    if count == 7_850:
        return incorrect(f"{named}It is still the linear model. Put layers with relu before it.")
    if _is_linear(model):
        return incorrect(
            f"{named}Without an activation between them, several layers are one linear layer. Add relu."
        )
    return incorrect(
        f"{named}The task asks for {percent(_PASS_MARK)}. Two convolutions, and a few more epochs?"
    )


def _training_advice(model: Model, compiled: dict[str, Any] | None) -> str:
    """What to change at the end of the network and in the loss, or ""."""
    end = getattr(getattr(model.layers[-1], "activation", None), "__name__", "")
    facts = compiled or {}
    loss = facts.get("loss") or ""
    right_end = end in {"", "softmax"} or (end == "linear" and facts.get("from_logits", False))
    if not facts or (right_end and "crossentropy" in loss):
        return ""
    return (
        f"Its last activation is {end or 'softmax'}, and its loss is {loss or 'missing'}. For ten "
        "classes end with softmax and take the loss sparse_categorical_crossentropy (lesson 03)."
    )


def _is_linear(model: Model) -> bool:
    """Whether no step but the last one has an activation."""
    names = architecture.activations(architecture.steps(model))
    return not [name for name in names if name not in {"linear", "softmax"}]


def _accuracy(model: Model, inputs: list[int], divide_by: float) -> float:
    """The share of test digits whose largest output is the right class."""
    from seqkit import data

    digits = data.load("mnist")
    pictures = (digits.x_test / divide_by).reshape(-1, *inputs).astype("float32")
    guesses = model.predict(pictures, batch_size=500, verbose=0).argmax(axis=1)
    return float(np.mean(guesses == digits.y_test))


q6 = Question(
    exercise=__name__,
    number=6,
    title="Climb one step above the linear baseline",
    objective="decide with a baseline whether a larger network is needed",
    kind="improve",
    minutes=9,
    difficulty=3,
    points=2,
    answer=ModelAnswer(),
    judge=_judge_q6,
    hints=(
        "What did section 6 of the lesson put between the picture and the last Dense layer?",
        "Two convolutions with strides=2 and relu, Flatten, and a small Dense layer. Count: a hidden "
        "Dense layer directly on 784 pixels spends most of the parameters.",
        "Conv2D(16, 3, strides=2, activation='relu'), Conv2D(32, 3, strides=2, activation='relu'), "
        "Flatten(), Dense(32, activation='relu'), Dense(10, activation='softmax'); five epochs with "
        "Adam(0.003) on pixels from 0 to 1.",
    ),
    misconceptions=(
        Misconception("does not train", lambda: _network(epochs=0), shows="Train it with fit"),
        Misconception(
            "ends as a regression", _numbers_in_place_of_shares, shows="end with softmax"
        ),
        Misconception("keeps the linear model", _linear, shows="still the linear model"),
        Misconception("stacks linear layers", _two_linear_layers, shows="one linear layer"),
        Misconception(
            "takes a large network", lambda: _network(epochs=0, filters=32), shows="at most 60,000"
        ),
    ),
    equivalents=(lambda: _network(epochs=5), _with_its_own_scale),
)
