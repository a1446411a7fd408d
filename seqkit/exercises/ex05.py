"""Exercise 05: words, recurrent layers, masks and forecasts. Questions on lesson 05."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import cache
from typing import Any

import numpy as np

from seqkit.exercises import architecture
from seqkit.exercises.answer_data import AnswerData
from seqkit.exercises.answers import ChoiceAnswer, IntegerAnswer
from seqkit.exercises.function_answers import Arguments, FunctionAnswer, calls
from seqkit.exercises.judges import choice_is, number_is, shape_trace
from seqkit.exercises.keras_types import Layer, Model
from seqkit.exercises.misconceptions import Misconception
from seqkit.exercises.model_answers import LayersAnswer
from seqkit.exercises.question import Question
from seqkit.exercises.rebuild import rebuild_layers
from seqkit.exercises.verdict import Outcome, correct, incorrect, partial, short_reason
from seqkit.exercises.words import listed

# Question 1: count the parameters of a stack for text.

q1 = Question(
    exercise=__name__,
    number=1,
    title="Count the parameters of a stack for text",
    objective="count the parameters of Embedding, SimpleRNN, GRU and LSTM by hand",
    kind="predict",
    minutes=6,
    difficulty=1,
    points=1,
    answer=IntegerAnswer(),
    judge=number_is(
        17_255,
        "16,000 in the Embedding, 792 in the GRU, 456 in the LSTM and 7 in the Dense layer.",
        known={
            1_255: "The Embedding is missing: a row of 8 numbers for each of 2,000 words.",
            17_219: "Each part of a GRU has two biases for each unit in Keras: 3·(8·12 + 12·12 + "
            "2·12).",
            17_141: "You counted three parts in the LSTM. It has four: three gates and the new "
            "content.",
            17_519: "You counted four parts in the GRU. It has three.",
            16_679: "You left out the old state: each part also has units · units weights.",
            17_159: "The LSTM reads what the GRU gives: 12 numbers a step, not 8.",
            17_248: "The Dense layer is missing: 6 weights and a bias.",
        },
        otherwise="Count layer by layer and add at the end. Begin with the Embedding: words · width.",
    ),
    hints=(
        "Write what each layer gets: the GRU gets rows of 8 numbers, the LSTM rows of 12.",
        "The number of words in a sentence does not occur. GRU: three parts with two biases; "
        "LSTM: four parts with one.",
        "2,000·8 + 3·(8·12 + 12·12 + 2·12) + 4·(12·6 + 6·6 + 6) + (6 + 1).",
    ),
    misconceptions=(
        Misconception("forgets the Embedding", 1_255, shows="Embedding is missing"),
        Misconception("gives the GRU one bias", 17_219, shows="two biases"),
        Misconception("gives the LSTM three parts", 17_141, shows="three parts in the LSTM"),
        Misconception("gives the GRU four parts", 17_519, shows="four parts in the GRU"),
        Misconception("forgets the state", 16_679, shows="left out the old state"),
        Misconception("lets the LSTM read the Embedding", 17_159, shows="12 numbers a step"),
        Misconception("forgets the Dense layer", 17_248, shows="Dense layer is missing"),
    ),
    equivalents=(np.int64(17_255), 17_255.0),
)


# Question 2: judge a forecast.

_FORECASTS = {
    "a": "The LSTM is good: it is off by 1.8 degrees only.",
    "b": "The LSTM is worth its price: it is better than 'as yesterday' by more than a third.",
    "c": "The LSTM does not help here: 'as now' costs nothing and is a little better.",
    "d": "Nothing can be said before the LSTM is trained with more units.",
}

q2 = Question(
    exercise=__name__,
    number=2,
    title="Judge a forecast by its rivals",
    objective="compare a forecast with naive forecasts before you trust it",
    kind="choose",
    minutes=3,
    difficulty=1,
    points=1,
    answer=ChoiceAnswer(_FORECASTS),
    judge=choice_is(
        "c",
        "The number to beat is that of the best naive forecast: here 'as now' with 1.7 degrees.",
        feedback={
            "a": "1.8 degrees is neither good nor bad alone. Look at what 'as now' reaches on the "
            "same hours.",
            "b": "That is true of the weaker rival. A forecast must beat the best of the naive "
            "ones.",
            "d": "About this LSTM something can be said now. Whether a larger one is better is a "
            "new question, and it would meet the same rivals.",
        },
    ),
    hints=(
        "An error alone says nothing. Compare it with what costs nothing.",
        "There are two naive forecasts. Which of the two is the stronger rival?",
        "'As now' is off by 1.7 degrees, the LSTM by 1.8.",
    ),
    misconceptions=(
        Misconception("trusts a small error", "a", shows="neither good nor bad"),
        Misconception("chooses the weaker rival", "b", shows="the weaker rival"),
        Misconception("asks for a larger network first", "d", shows="the same rivals"),
    ),
    equivalents=("C", " c) "),
)


# Question 3: write words as numbers.

_NUMBER = {"the": 2, ".": 3, "film": 4, "dull": 5, "is": 6, "a": 7}


def _sentences() -> list[Arguments]:
    given = [
        (["the", "film", "is", "dull", "."], 8),
        (["a", "very", "dull", "film"], 6),
        (["the", "film", "is", "a", "film", ",", "dull", "."], 5),
        ([], 3),
    ]
    known = [(tokens, dict(_NUMBER), length) for tokens, length in given]
    return [*known, (["a", "dull", "rain", "."], {"rain": 2, "a": 3, "dull": 4}, 5)]


def _row(tokens: Sequence[str], number: dict[str, int], length: int) -> list[int]:
    known = [number.get(token, 1) for token in tokens[:length]]
    return known + [0] * (length - len(known))


def _row_as_array(tokens: Sequence[str], number: dict[str, int], length: int) -> np.ndarray:
    row = np.zeros(length, "int32")
    for place, token in enumerate(tokens[:length]):
        row[place] = number.get(token, 1)
    return row


def _pads_in_front(tokens: Sequence[str], number: dict[str, int], length: int) -> list[int]:
    known = [number.get(token, 1) for token in tokens[:length]]
    return [0] * (length - len(known)) + known


def _unknown_is_padding(tokens: Sequence[str], number: dict[str, int], length: int) -> list[int]:
    known = [number.get(token, 0) for token in tokens[:length]]
    return known + [0] * (length - len(known))


def _drops_unknown(tokens: Sequence[str], number: dict[str, int], length: int) -> list[int]:
    return _row([token for token in tokens if token in number], number, length)


def _does_not_cut(tokens: Sequence[str], number: dict[str, int], length: int) -> list[int]:
    return _row(tokens, number, max(length, len(tokens)))


def _does_not_pad(tokens: Sequence[str], number: dict[str, int], length: int) -> list[int]:
    return [number.get(token, 1) for token in tokens[:length]]


def _keeps_the_end(tokens: Sequence[str], number: dict[str, int], length: int) -> list[int]:
    return _row(tokens[-length:], number, length)


def _uses_vocabulary(tokens: Sequence[str], number: dict[str, int], length: int) -> list[int]:
    """What a function gives that looks words up in the global vocabulary of the notebook."""
    return _row(tokens, _NUMBER, length)


_WRONG_ROWS: tuple[tuple[Callable[..., list[int]], str], ...] = (
    (_uses_vocabulary, "Use the argument `number`, not `vocabulary`."),
    (_does_not_pad, "The row is too short. Fill it up with 0 behind the last token."),
    (_does_not_cut, "The row is too long. Cut the tokens after `length`."),
    (_pads_in_front, "The zeros stand in front. Here the padding goes behind the words."),
    (
        _unknown_is_padding,
        "An unknown token became 0. That is the number of the padding: a mask would leave the word "
        "out. Write 1.",
    ),
    (_drops_unknown, "An unknown token was left out. It gets the number 1 and keeps its place."),
    (_keeps_the_end, "Of a long text you kept the end. Keep the first `length` tokens."),
)


def _judge_q3(data: AnswerData) -> Outcome:
    for call in calls(data):
        tokens, number, length = call.arguments
        wanted = _row(tokens, number, length)
        came = _whole_numbers(call.output)
        if came != wanted:
            message = _row_message(came, call.arguments)
            other = "" if number == _NUMBER else f", number {number}"
            return incorrect(f"{tokens}{other} with length {length} gave {call.output}. {message}")
    return correct("Known tokens, 1 for unknown ones, 0 behind the last one, and never too long.")


def _whole_numbers(output: object) -> list[int] | None:
    """The row as a list, or None when it is no row of numbers."""
    try:
        row = np.asarray(output)
    except ValueError:
        return None
    if row.ndim != 1 or (row.size and row.dtype.kind not in "iuf") or not np.isfinite(row).all():
        return None
    return [int(value) for value in row]


def _row_message(came: list[int] | None, arguments: Arguments) -> str:
    if came is None:
        return "Expected one row of whole numbers."
    for function, message in _WRONG_ROWS:
        if came == function(*arguments):
            return message
    return f"Expected {_row(*arguments)}."


q3 = Question(
    exercise=__name__,
    number=3,
    title="Write a sentence as a row of numbers",
    objective="turn words into whole numbers, and say what a mask is for",
    kind="build",
    minutes=6,
    difficulty=2,
    points=2,
    answer=FunctionAnswer(_sentences),
    judge=_judge_q3,
    hints=(
        "Three things: look up each token, cut what is too long, fill up what is too short.",
        "number.get(token, 1) gives 1 for a token that is not in the vocabulary. tokens[:length] "
        "cuts.",
        "known = [number.get(token, 1) for token in tokens[:length]], and then return known + [0] * "
        "(length - len(known)).",
    ),
    misconceptions=(
        Misconception("does not pad", lambda: _does_not_pad, shows="too short"),
        Misconception("does not cut", lambda: _does_not_cut, shows="too long"),
        Misconception("pads in front", lambda: _pads_in_front, shows="stand in front"),
        Misconception("writes 0 for unknown", lambda: _unknown_is_padding, shows="became 0"),
        Misconception("drops unknown tokens", lambda: _drops_unknown, shows="was left out"),
        Misconception("keeps the end", lambda: _keeps_the_end, shows="kept the end"),
        Misconception(
            "looks up in the global vocabulary",
            lambda: _uses_vocabulary,
            shows="Use the argument `number`",
        ),
    ),
    equivalents=(lambda: _row, lambda: _row_as_array),
)


# Question 4: write the loop of a recurrent layer.


def _steps() -> list[Arguments]:
    generator = np.random.default_rng(5)

    def some(*shape: int) -> np.ndarray:
        return generator.normal(size=shape).astype("float32")

    sizes = ((5, 3, 4), (1, 2, 6), (9, 6, 2))
    return [
        (some(steps, inputs), some(inputs, units), some(units, units), some(units))
        for steps, inputs, units in sizes
    ]


def _all_states(words: Any, kernel: Any, recurrent: Any, bias: Any) -> Any:
    state, states = np.zeros(len(bias)), []
    for word in words:
        state = np.tanh(word @ kernel + state @ recurrent + bias)
        states.append(state)
    return np.array(states)


def _states_in_keras(words: Any, kernel: Any, recurrent: Any, bias: Any) -> Any:
    """The same with the layer itself."""
    import keras

    layer = keras.layers.SimpleRNN(len(bias), return_sequences=True)
    layer.build((1, *words.shape))
    layer.set_weights([kernel, recurrent, bias])
    return keras.ops.convert_to_numpy(layer(words[None]))[0]


def _without_state(words: Any, kernel: Any, recurrent: Any, bias: Any) -> Any:
    return np.tanh(words @ kernel + bias)


def _without_tanh(words: Any, kernel: Any, recurrent: Any, bias: Any) -> Any:
    state, states = np.zeros(len(bias)), []
    for word in words:
        state = word @ kernel + state @ recurrent + bias
        states.append(state)
    return np.array(states)


def _bias_behind(words: Any, kernel: Any, recurrent: Any, bias: Any) -> Any:
    state, states = np.zeros(len(bias)), []
    for word in words:
        state = np.tanh(word @ kernel + state @ recurrent) + bias
        states.append(state)
    return np.array(states)


def _without_bias(words: Any, kernel: Any, recurrent: Any, bias: Any) -> Any:
    return _all_states(words, kernel, recurrent, 0 * bias)


def _last_only(words: Any, kernel: Any, recurrent: Any, bias: Any) -> Any:
    return _all_states(words, kernel, recurrent, bias)[-1]


def _turned_weights(words: Any, kernel: Any, recurrent: Any, bias: Any) -> Any:
    return _all_states(words, kernel, recurrent.T, bias)


def _shifted(words: Any, kernel: Any, recurrent: Any, bias: Any) -> Any:
    """Each state is kept before the step, not after it."""
    states = _all_states(words, kernel, recurrent, bias)
    return np.concatenate([np.zeros_like(states[:1]), states[:-1]])


def _same_array(words: Any, kernel: Any, recurrent: Any, bias: Any) -> Any:
    """One array is changed in place and appended again and again."""
    state, rows = np.zeros(len(bias)), []
    for word in words:
        state[:] = np.tanh(word @ kernel + state @ recurrent + bias)
        rows.append(state)
    return np.array(rows)


def _with_sigmoid(words: Any, kernel: Any, recurrent: Any, bias: Any) -> Any:
    state, states = np.zeros(len(bias)), []
    for word in words:
        state = 1 / (1 + np.exp(-(word @ kernel + state @ recurrent + bias)))
        states.append(state)
    return np.array(states)


_WRONG_STATES: tuple[tuple[Callable[..., Any], str], ...] = (
    (_last_only, "That is the last state alone. Collect the state after every step."),
    (
        _without_state,
        "Each step starts from zero: the old state is not used. Without it the layer is a Dense.",
    ),
    (_without_tanh, "The sum is right, but np.tanh around it is missing."),
    (_bias_behind, "The bias belongs inside np.tanh, to the sum."),
    (_without_bias, "The bias is missing in the sum."),
    (_turned_weights, "The recurrent weights are turned round: state @ recurrent, no transpose."),
    (_shifted, "Row k must be the state after step k. You keep the state before each step."),
    (
        _same_array,
        "All rows are equal: you appended the same array each time. Make a new array for each step.",
    ),
    (_with_sigmoid, "You used the sigmoid. A SimpleRNN uses np.tanh."),
)


def _judge_q4(data: AnswerData) -> Outcome:
    for call in reversed(calls(data)):  # the longest series first: it shows the most
        wanted = _all_states(*call.arguments)
        came = _array(call.output)
        if came is None or came.shape != wanted.shape or not np.allclose(came, wanted, atol=1e-4):
            return incorrect(_states_message(came, wanted, call.arguments))
    return correct("The same numbers as SimpleRNN with return_sequences=True, in a loop of NumPy.")


def _array(output: object) -> np.ndarray | None:
    try:
        came = np.asarray(output)
    except ValueError:
        return None
    return came if came.dtype.kind in "iuf" else None


def _states_message(came: np.ndarray | None, wanted: np.ndarray, arguments: Arguments) -> str:
    if came is None:
        return "Return one array of numbers, with a row for each step."
    for function, message in _WRONG_STATES:
        known = function(*arguments)
        if came.shape == known.shape and np.allclose(came, known, atol=1e-4):
            return message
    steps, units = wanted.shape
    if came.shape != wanted.shape:
        return (
            f"The output is {came.shape}; expected {wanted.shape}: {steps} steps with {units} "
            "numbers each."
        )
    return (
        "The shape is right, the numbers are not: tanh(word @ kernel + state @ recurrent + bias), "
        "and the result is the state of the next step."
    )


q4 = Question(
    exercise=__name__,
    number=4,
    title="Write the loop of a SimpleRNN",
    objective="write a recurrent layer in NumPy: the loop that carries a state from step to step",
    kind="build",
    minutes=8,
    difficulty=2,
    points=2,
    answer=FunctionAnswer(_steps),
    judge=_judge_q4,
    hints=(
        "Begin with a state of zeros, as many as the bias has numbers, and an empty list.",
        "For each word: the new state is np.tanh of a sum of three parts, and the old state is in "
        "one of them.",
        "The three parts: word @ kernel, state @ recurrent and bias. Keep each new state in a list "
        "`rows`, and make one array of the rows at the end.",
    ),
    misconceptions=(
        Misconception("returns the last state", lambda: _last_only, shows="last state alone"),
        Misconception("starts anew each time", lambda: _without_state, shows="is not used"),
        Misconception("forgets tanh", lambda: _without_tanh, shows="np.tanh around it"),
        Misconception("adds the bias behind tanh", lambda: _bias_behind, shows="inside np.tanh"),
        Misconception("forgets the bias", lambda: _without_bias, shows="bias is missing"),
        Misconception("transposes", lambda: _turned_weights, shows="no transpose"),
        Misconception("keeps the state before", lambda: _shifted, shows="after step k"),
        Misconception("appends one array", lambda: _same_array, shows="the same array"),
        Misconception("takes the sigmoid", lambda: _with_sigmoid, shows="used the sigmoid"),
    ),
    equivalents=(lambda: _all_states, lambda: _states_in_keras),
)


# Question 5: repair a stack of recurrent layers.

_WORDS, _WIDTH, _UNITS = 500, 8, [16, 8]


def broken_reader() -> list[Layer]:
    """The stack that the notebook gives: it does not build, and it reads padding as words.

    Returns:
        Fresh layers.

    Example:
        >>> len(broken_reader())
        5
    """
    import keras
    from keras import layers

    return [
        keras.Input((None,)),
        layers.Embedding(_WORDS, _WIDTH),
        layers.LSTM(_UNITS[0]),
        layers.LSTM(_UNITS[1]),
        layers.Dense(1, activation="sigmoid"),
    ]


def _reader(
    mask: bool = True,
    first: bool = True,
    second: bool = False,
    length: int | None = None,
    words: int = _WORDS,
) -> list[Layer]:
    """The stack, with or without its mask, and with the settings of the two LSTMs."""
    import keras
    from keras import layers

    return [
        keras.Input((length,)),
        layers.Embedding(words, _WIDTH, mask_zero=mask),
        layers.LSTM(_UNITS[0], return_sequences=first),
        layers.LSTM(_UNITS[1], return_sequences=second),
        layers.Dense(1, activation="sigmoid"),
    ]


def _without_one() -> list[Layer]:
    stack = _reader(first=False)
    return [*stack[:3], stack[-1]]


def _with_repeat() -> list[Layer]:
    """The last state of the first LSTM, repeated: it builds, but the series is gone."""
    import keras

    stack = _reader(first=False)
    return [*stack[:3], keras.layers.RepeatVector(10), *stack[3:]]


def _with_activation() -> list[Layer]:
    import keras

    layers = keras.layers
    return [*_reader()[:-1], layers.Dense(1, name="score"), layers.Activation("sigmoid")]


def _judge_q5(data: AnswerData) -> Outcome:
    import keras

    stack = rebuild_layers(data)
    if not stack or not isinstance(stack[0], keras.KerasTensor):
        return incorrect("The list has lost its keras.Input((None,)). Put it in front again.")
    try:
        model = keras.Sequential(stack)
        shape = tuple(model.output_shape)
    except Exception as error:
        message, trace = _does_not_build(stack, error), shape_trace(stack)
        return partial(0.25, message, trace) if _has_mask(stack) else incorrect(message, trace)
    if tuple(model.input_shape) != (None, None):
        return incorrect(
            f"The input is {tuple(model.input_shape)}. Sentences of any length should fit: keep "
            "keras.Input((None,))."
        )
    fault = _reader_fault(model, shape)
    if fault:
        return incorrect(fault, shape_trace(stack))
    if _moved_by_padding(model):
        return partial(
            0.5,
            "It builds, and the shapes are right. But zeros behind a sentence change its answer: "
            "the padding is read as words. Which argument of the Embedding makes the mask?",
        )
    return correct("It builds, and zeros behind a sentence do not change the answer.")


def _does_not_build(stack: Sequence[Layer], error: Exception) -> str:
    """Say why the stack does not build, and that the mask is right where it is."""
    reason = short_reason(error, 200)
    if _has_mask(stack):
        return f"The mask is right. Now the loud fault: the stack does not build. {reason}"
    return f"The stack does not build: {reason}"


def _has_mask(stack: Sequence[Layer]) -> bool:
    import keras

    return any(isinstance(layer, keras.layers.Embedding) and layer.mask_zero for layer in stack)


def _reader_fault(model: Model, shape: tuple[int | None, ...]) -> str:
    """Say what is wrong with the layers, or ''."""
    steps = architecture.steps(model)
    units = architecture.sizes(steps, "LSTM", "units")
    if units != _UNITS:
        return f"Keep both LSTMs, with 16 and 8 units; {_lstms_in_words(units)}."
    sizes = [architecture.sizes(steps, "Embedding", f"{side}_dim") for side in ("input", "output")]
    if sizes != [[_WORDS], [_WIDTH]]:
        return "Keep the Embedding with 500 words and 8 numbers each."
    if any(step.kind == "RepeatVector" for step in steps):
        return (
            "It builds, but the second LSTM reads one and the same state again and again. Let the "
            "first one give its state after every word."
        )
    if shape == (None, None, 1):
        return (
            "The output is (None, None, 1): one answer after every word. The last LSTM has to give "
            "its last state only."
        )
    if shape != (None, 1):
        return f"The output is {shape}; one sentence needs one probability: (None, 1)."
    if architecture.activations(steps) != ["sigmoid"]:
        return "Keep the sigmoid after the last layer, and add no other activation."
    return architecture.difference(steps, architecture.steps(_reader())) if _changed(steps) else ""


def _lstms_in_words(units: Sequence[int]) -> str:
    if not units:
        return "your list has no LSTM"
    if len(units) == 1:
        return f"your list has only one LSTM, with {units[0]} units"
    return f"your list has LSTMs with {listed(units)} units"


def _changed(steps: Sequence[architecture.Step]) -> bool:
    """Whether a layer is missing or was added; settings are judged by what the stack does."""
    asked = [step.kind for step in architecture.steps(_reader())]
    return [step.kind for step in steps] != asked


def _moved_by_padding(model: Model) -> bool:
    """Whether zeros behind sentences change the answers."""
    import keras

    words = np.random.default_rng(0).integers(1, _WORDS, size=(8, 6))
    padded = np.pad(words, ((0, 0), (0, 5)))
    short, long = (keras.ops.convert_to_numpy(model(x)) for x in (words, padded))
    return not np.allclose(short, long, atol=1e-5)


q5 = Question(
    exercise=__name__,
    number=5,
    title="Repair a stack of two LSTMs",
    objective="stack recurrent layers with `return_sequences`, for series of any length",
    kind="repair",
    minutes=6,
    difficulty=3,
    points=2,
    answer=LayersAnswer(),
    judge=_judge_q5,
    hints=(
        "There are two faults, a loud one and a quiet one. sk.trace(stack) shows the loud one.",
        "The second LSTM needs a series, so the first one must give its state after every word. And "
        "what marks the zeros?",
        "return_sequences=True on LSTM(16) only, and mask_zero=True in the Embedding.",
    ),
    misconceptions=(
        Misconception(
            "adds the mask only", lambda: _reader(first=False), shows="The mask is right"
        ),
        Misconception("forgets the mask", lambda: _reader(mask=False), shows="read as words"),
        Misconception(
            "gives all states twice", lambda: _reader(second=True), shows="after every word"
        ),
        Misconception("takes one LSTM out", _without_one, shows="only one LSTM, with 16"),
        Misconception("changes the words", lambda: _reader(words=501), shows="500 words"),
        Misconception("repeats the last state", _with_repeat, shows="again and again"),
        Misconception("fixes the length", lambda: _reader(length=20), shows="of any length"),
    ),
    equivalents=(_with_activation, lambda: tuple(_reader())),
    starter=broken_reader,
)


# Question 6: forecast.

LIMIT = 2.6
"""The error in degrees that a forecast must stay below; 'as yesterday' is off by 3.0."""

_HORIZON, _AS_YESTERDAY, _ONE_DAY_AGO = 6, -19, -24
_OF_YESTERDAY = 3.0


def hours() -> tuple[np.ndarray, np.ndarray]:
    """Windows to train on: 24 hourly temperatures, and the one six hours later.

    Returns:
        Degrees of shape (2225, 24, 1) and (2225,). The windows of the test are not among them.

    Example:
        >>> x, y = hours()
        >>> x.shape, y.shape
        ((2225, 24, 1), (2225,))
    """
    parts = _windows()
    return parts.x_train, parts.y_train


def _windows() -> Any:
    from seqkit.data import load

    hourly = load("weather_hourly")
    return hourly.windows(length=24, horizon=_HORIZON, features=[hourly.target], step=3)


def _new_windows() -> list[Arguments]:
    return [(_windows().x_test,)]


@cache
def later_windows() -> tuple[np.ndarray, np.ndarray]:
    """All windows of the time that `hours` leaves out, and the temperature six hours later.

    Returns:
        Degrees of shape (n, 24) and (n,), a window for each hour.

    Example:
        >>> x, y = later_windows()
        >>> x.shape[1], len(x) == len(y)
        (24, True)
    """
    from seqkit.data import load

    hourly = load("weather_hourly")
    parts = hourly.windows(length=24, horizon=_HORIZON, features=[hourly.target])
    return parts.x_test[:, :, 0], parts.y_test


def _truth(x: np.ndarray) -> np.ndarray:
    """What came six hours after each window; the readings may be a little off."""
    known, after = later_windows()
    nearest = [int(np.abs(known - window).sum(axis=1).argmin()) for window in x]
    return np.asarray(after[nearest])


def _error(forecast: np.ndarray, truth: np.ndarray) -> float:
    return float(np.abs(forecast - truth).mean())


def _judge_q6(data: AnswerData) -> Outcome:
    (call,) = calls(data)
    (x,) = call.arguments
    came = _array(call.output)
    if came is None or came.shape not in ((len(x),), (len(x), 1)):
        shape = "no array of numbers" if came is None else f"of shape {came.shape}"
        return incorrect(
            f"The result is {shape}; expected one temperature for each of {len(x)} windows."
        )
    said = came.reshape(-1).astype("float64")
    if not np.isfinite(said).all():
        return incorrect("Some forecasts are nan or infinite. Look at the loss of the training.")
    truth = _truth(x[:, :, 0])
    if _error(said, truth) < LIMIT:
        # No error here: it differs a little from machine to machine, and this output is stored.
        return correct(
            f"On hours that it has not seen the forecast is off by less than {LIMIT} degrees: better "
            "than both naive forecasts. A linear model on the same 24 numbers does as well as a "
            "small LSTM."
        )
    return incorrect(_forecast_message(said, x[:, :, 0], truth))


def _forecast_message(said: np.ndarray, x: np.ndarray, truth: np.ndarray) -> str:
    now = x[:, -1]
    if np.allclose(said, now):
        return "That is 'as now', off by 3.9 degrees. 'As yesterday' is off by 3.0."
    if np.allclose(said, x[:, _AS_YESTERDAY]):
        return f"That is 'as yesterday', off by 3.0 degrees. Learn something more: below {LIMIT}."
    if np.allclose(said, x[:, _ONE_DAY_AGO]):
        return (
            "That is the first hour of the window, about a day before now. The hour we ask for is "
            "six hours after now."
        )
    if _error(now + 10 * said, truth) < LIMIT:
        return (
            "These are tens of degrees above the last temperature. Turn them back into degrees: "
            "times 10, plus the last temperature."
        )
    if _error(now + said, truth) < LIMIT:
        return "These are degrees above the last temperature. Add the last temperature again."
    off = _error(said, truth)
    advice = (
        "Let the model learn the change from the last temperature in tens of degrees, as in the "
        "lesson: (x - x[:, -1:]) / 10."
        if off > _OF_YESTERDAY
        else "If your model learns the change from the last temperature, in tens of degrees, train "
        "it for some epochs more."
    )
    return f"The forecast is off by {off:.1f} degrees; it must be less than {LIMIT}. {advice}"


def _above_now(x: np.ndarray) -> np.ndarray:
    """What a linear model learns: degrees above the last temperature."""
    parts = _windows()

    def rows(windows: np.ndarray) -> np.ndarray:
        series = windows[:, :, 0].astype("float64")
        return np.c_[series - series[:, -1:], np.ones(len(series))]

    change = parts.y_train - parts.x_train[:, -1, 0]
    weights = np.linalg.lstsq(rows(parts.x_train), change, rcond=None)[0]
    return np.asarray(rows(np.asarray(x)) @ weights)


def _linear(x: Any) -> Any:
    return _above_now(x) + x[:, -1, 0]


def _as_a_column(x: Any) -> Any:
    return _linear(x)[:, None]


def _mean_of_the_day(x: Any) -> Any:
    return x[:, :, 0].mean(axis=1)


def _every_hour(x: Any) -> Any:
    """One forecast for each hour of the window, as with return_sequences=True at the end."""
    return x + 1


q6 = Question(
    exercise=__name__,
    number=6,
    title="Beat the naive forecasts",
    objective="compare a forecast with naive forecasts before you trust it",
    kind="improve",
    minutes=12,
    difficulty=3,
    points=3,
    answer=FunctionAnswer(_new_windows),
    judge=_judge_q6,
    hints=(
        "Do not forecast the temperature, but how far it will be above the last one of the window.",
        "scaled = (x - x[:, -1:]) / 10 and (y - x[:, -1, 0]) / 10 are numbers near 0 to 1. Train an "
        "LSTM or GRU on them with mean_absolute_error and Adam(0.01), about six epochs.",
        "return keras.ops.convert_to_numpy(network((x - x[:, -1:]) / 10))[:, 0] * 10 + x[:, -1, 0]",
    ),
    misconceptions=(
        Misconception(
            "forecasts 'as now'", lambda: lambda x: x[:, -1, 0], shows="That is 'as now'"
        ),
        Misconception(
            "forecasts 'as yesterday'",
            lambda: lambda x: x[:, _AS_YESTERDAY, 0],
            shows="That is 'as yesterday'",
        ),
        Misconception(
            "takes the hour a day before now",
            lambda: lambda x: x[:, _ONE_DAY_AGO, 0],
            shows="about a day before now",
        ),
        Misconception(
            "forgets to undo the scaling", lambda: lambda x: _above_now(x) / 10, shows="times 10"
        ),
        Misconception("forgets the last temperature", lambda: _above_now, shows="Add the last"),
        Misconception("takes the mean", lambda: _mean_of_the_day, shows="less than 2.6"),
        Misconception(
            "forecasts every hour", lambda: _every_hour, shows="one temperature for each"
        ),
        Misconception("lets nan through", lambda: lambda x: np.nan * x[:, 0, 0], shows="nan or"),
    ),
    equivalents=(lambda: _linear, lambda: _as_a_column),
)
