"""Exercise 02: shapes and counts. Questions on lesson 02."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from seqkit.exercises import architecture
from seqkit.exercises.answer_data import AnswerData
from seqkit.exercises.answers import ChoiceAnswer, IntegerAnswer, ShapeAnswer
from seqkit.exercises.criteria import Criterion, combine
from seqkit.exercises.function_answers import Call, FunctionAnswer, calls
from seqkit.exercises.judges import choice_is, number_is, shape_is, shape_trace
from seqkit.exercises.misconceptions import Misconception
from seqkit.exercises.model_answers import LayersAnswer, ModelAnswer
from seqkit.exercises.question import Question
from seqkit.exercises.rebuild import rebuild_layers, rebuild_model
from seqkit.exercises.verdict import Outcome, correct, incorrect, partial

# Question 1: predict a shape.


def _convolved() -> Any:
    """The tensor whose shape is asked."""
    import keras

    return keras.layers.Conv2D(24, 5, strides=2)(keras.Input((64, 48, 3)))


q1 = Question(
    exercise=__name__,
    number=1,
    title="Predict the shape after a convolution",
    objective="work out the shape that each layer gives, with None for a free axis",
    kind="predict",
    minutes=4,
    difficulty=1,
    points=1,
    answer=ShapeAnswer(),
    judge=shape_is(
        (None, 30, 22, 24),
        "floor((64 - 5)/2) + 1 = 30, floor((48 - 5)/2) + 1 = 22, and one channel for each filter.",
        known={
            (None, 60, 44, 24): "That is stride 1. With strides=2 the window moves two pixels at a "
            "time.",
            (
                None,
                32,
                24,
                24,
            ): "That is padding='same'. Without padding the last window must still "
            "fit into the picture.",
            (
                None,
                31,
                23,
                24,
            ): "You rounded up. A window that does not fit completely is left out.",
            (
                None,
                29,
                21,
                24,
            ): "Add 1: the window also stands at its first place, before it moves.",
            (
                None,
                30,
                22,
                3,
            ): "The last axis counts the filters. The 3 channels are all inside the window.",
            (
                None,
                22,
                30,
                24,
            ): "The sides are right, in the other order. Height comes before width.",
            (
                30,
                22,
                24,
            ): "Height, width and filters are right. The batch axis is missing: it comes "
            "first, as None.",
        },
        otherwise="The batch axis stays None. Each side is floor((side - kernel)/stride) + 1. The "
        "last axis counts the filters.",
    ),
    hints=(
        "Four axes: batch, height, width, channels. Which of them does a convolution change?",
        "Each side becomes floor((side - kernel)/stride) + 1. The last axis counts the filters.",
        "The height is floor((64 - 5)/2) + 1 = floor(29.5) + 1 = 30. Do the same with 48.",
    ),
    misconceptions=(
        Misconception("forgets the stride", (None, 60, 44, 24), shows="stride 1"),
        Misconception("thinks of padding 'same'", (None, 32, 24, 24), shows="padding='same'"),
        Misconception("rounds up", (None, 31, 23, 24), shows="rounded up"),
        Misconception("forgets the first place", (None, 29, 21, 24), shows="Add 1"),
        Misconception("keeps the channels", (None, 30, 22, 3), shows="counts the filters"),
        Misconception("leaves out the batch axis", (30, 22, 24), shows="batch axis is missing"),
        Misconception("writes width first", (None, 22, 30, 24), shows="Height comes before width"),
        Misconception("does not round", (None, 30.5, 22.5, 24), shows="floor rounds down before 1"),
        Misconception("writes None as a text", ("None", 30, 22, 24), shows="None without quotes"),
        Misconception("gives a tensor", _convolved, shows=r"`\.shape` after it"),
    ),
    equivalents=(
        [None, 30, 22, 24],
        (None, np.int64(30), np.int64(22), np.int64(24)),
        (None, 30.0, 22.0, 24),
        lambda: _convolved().shape,
    ),
)


# Question 2: predict a parameter count.

q2 = Question(
    exercise=__name__,
    number=2,
    title="Count the parameters of an LSTM",
    objective="count the parameters of Dense, Conv2D, LSTM and BatchNormalization by hand",
    kind="predict",
    minutes=4,
    difficulty=1,
    points=1,
    answer=IntegerAnswer(),
    judge=number_is(
        2_320,
        "4 · (8·20 + 20·20 + 20) = 2,320. The 30 steps share these weights.",
        known={
            180: "That is a Dense layer. An LSTM has four gates, and each also sees the last state.",
            580: "That is one gate. An LSTM has four.",
            720: "The gates also see the layer's own last state: 20·20 weights more for each gate.",
            2_240: "These are the weights alone. Each of the four gates has 20 biases.",
            69_600: "The steps share the same weights: do not multiply by 30.",
            2_400: "You gave each gate 40 biases. A GRU counts so; an LSTM has one bias for each unit.",
        },
        otherwise="For each of four gates: features · units for the input, units · units for the "
        "last state, and one bias for each unit.",
    ),
    hints=(
        "An LSTM is four small networks, the gates. Count one of them, then take it four times.",
        "A gate sees the 8 features and the 20 numbers of the last state, and has 20 biases.",
        "One gate: 8·20 + 20·20 + 20 = 580. Take it four times; the steps do not matter.",
    ),
    misconceptions=(
        Misconception("counts a Dense layer", 180, shows="That is a Dense layer"),
        Misconception("counts one gate", 580, shows="That is one gate"),
        Misconception("forgets the last state", 720, shows="own last state"),
        Misconception("leaves out the biases", 2_240, shows="biases"),
        Misconception("multiplies by the steps", 69_600, shows="share the same weights"),
        Misconception("counts two biases", 2_400, shows="A GRU counts so"),
    ),
    equivalents=(np.int64(2_320), 2_320.0),
)


# Question 3: choose why.

_REASONS = {
    "a": "Four, two kernels and two biases: the list says how many units each layer has.",
    "b": "None: a kernel has one row for each input, and nobody has said how many inputs come.",
    "c": "None: the weights are made by compile, and the model is not compiled.",
    "d": "It cannot be said: a Sequential without an Input is an error.",
}

q3 = Question(
    exercise=__name__,
    number=3,
    title="Say when the weights are made",
    objective="say when the weights of a model are made",
    kind="choose",
    minutes=3,
    difficulty=2,
    points=1,
    answer=ChoiceAnswer(_REASONS),
    judge=choice_is(
        "b",
        "The first call, or build, tells the number of inputs. Then all four arrays are made.",
        feedback={
            "a": "The units are known, so the biases could be made. But how many rows has the first "
            "kernel?",
            "c": "compile sets the loss and the optimizer. It sees no data, so it learns no shape.",
            "d": "Older versions of Keras asked for the shape. Keras 3 builds such a model at its "
            "first call.",
        },
    ),
    hints=(
        "Which shape has the kernel of the first layer? Which of its two sizes is known?",
        "A kernel has the shape (inputs, units). The units stand in the list.",
        "The number of inputs comes with the first data, or with keras.Input. There is neither.",
    ),
    misconceptions=(
        Misconception("thinks that units are enough", "a", shows="how many rows"),
        Misconception("thinks that compile makes weights", "c", shows="learns no shape"),
        Misconception("thinks that Input is a must", "d", shows="Older versions"),
    ),
    equivalents=("B", " b) "),
)


# Question 4: repair a stack that does not build.


def broken_stack() -> list[Any]:
    """The stack that the notebook gives: a picture reaches an LSTM.

    Returns:
        Fresh layers.

    Example:
        >>> len(broken_stack())
        5
    """
    import keras

    return [
        keras.Input((32, 20, 1)),
        keras.layers.Conv2D(8, 3, activation="relu"),
        keras.layers.MaxPooling2D(2),
        keras.layers.LSTM(16),
        keras.layers.Dense(10, activation="softmax"),
    ]


def _repaired_by(*makers: Callable[[], Any], at: int = 3) -> Callable[[], list[Any]]:
    """The broken stack with one more layer, or several."""
    return lambda: [*broken_stack()[:at], *(make() for make in makers), *broken_stack()[at:]]


def _reshape(*shape: int) -> Any:
    import keras

    return keras.layers.Reshape(shape, name="steps")


def _flatten_each_row() -> Any:
    import keras

    return keras.layers.TimeDistributed(keras.layers.Flatten())


def _flatten() -> Any:
    import keras

    return keras.layers.Flatten()


def _columns_first() -> Any:
    import keras

    return keras.layers.Permute((2, 1, 3))


def _pool_each_row() -> Any:
    import keras

    return keras.layers.TimeDistributed(keras.layers.GlobalAveragePooling1D())


def _dense_on_each_row() -> Any:
    import keras

    return keras.layers.Dense(72)


def _without_relu() -> list[Any]:
    import keras

    given = _repaired_by(lambda: _reshape(15, 72))()
    return [given[0], keras.layers.Conv2D(8, 3), *given[2:]]


def _without_lstm() -> list[Any]:
    return [*broken_stack()[:3], _flatten(), *broken_stack()[4:]]


def _with_an_input_layer() -> list[Any]:
    import keras

    repaired = _repaired_by(lambda: _reshape(15, 72))()
    return [keras.layers.InputLayer(shape=(32, 20, 1)), *repaired[1:]]


def _judge_q4(data: AnswerData) -> Outcome:
    import keras

    from seqkit.tracing import trace

    layers = rebuild_layers(data)
    if not layers or not isinstance(layers[0], keras.KerasTensor):
        return incorrect("The list has lost its keras.Input((32, 20, 1)). Put it in front again.")
    missing = _missing_from_q4(layers)
    if missing:
        return incorrect(missing)
    traced = trace(layers)
    if not traced.ok:
        reason = traced.failure.reason if traced.failure else ""
        return incorrect(f"The stack does not build yet: {reason}.", str(traced))
    came = next(row.input_shape for row in traced.rows if row.kind == "LSTM")
    if came != (None, 15, 72):
        return _judge_steps(came, str(traced))
    mixed = _mixed_rows(layers)
    if mixed:
        return incorrect(mixed, str(traced))
    if traced.output_shapes != ((None, 10),):
        return incorrect(f"The output is {traced.output_shapes[0]}, not (None, 10).", str(traced))
    return correct("15 steps, the rows of the picture, each with 9·8 = 72 numbers.")


def _missing_from_q4(layers: list[Any]) -> str:
    """Say which part of the given stack is gone or changed, or ''."""
    if tuple(layers[0].shape) != (None, 32, 20, 1):
        return "Keep the layers that are there: keras.Input((32, 20, 1))."
    found = architecture.steps(layers)
    for step in architecture.steps(broken_stack()):
        if step in found:
            continue
        lost = {"relu": "The Conv2D", "softmax": "The last Dense layer"}.get(str(step))
        if lost:
            return f'{lost} has lost its activation="{step}".'
        return f"Keep the layers that are there: {step}."
    return ""


def _judge_steps(came: tuple[int | None, ...] | None, trace: str) -> Outcome:
    """The stack builds, but its steps are not the rows."""
    wanted = "A step should be a row of the picture: 15 steps."
    if came == (None, 135, 8):
        return partial(
            0.5, f"The stack builds, but each of the 135 pixels is a step. {wanted}", trace
        )
    if came == (None, 72, 15):
        return incorrect(
            f"The LSTM gets {came}. These are the two numbers in the wrong order. {wanted}", trace
        )
    if came is not None and came[:2] == (None, 15):
        lost = " the pooling threw away 9 columns." if came[2] == 8 else ""
        return incorrect(
            f"15 steps are right, but each has {came[2]} numbers{':' if lost else '.'}{lost} Keep "
            "all 9·8 = 72.",
            trace,
        )
    return incorrect(f"The LSTM gets {came}. {wanted}", trace)


def _mixed_rows(layers: list[Any]) -> str:
    """Send numbered places from the pooling to the LSTM: step i must hold the numbers of row i."""
    places = np.arange(15 * 9 * 8, dtype="float32").reshape(1, 15, 9, 8)
    steps = _between_pooling_and_lstm(layers, places)
    if steps is None:
        return "The pooling must still give (None, 15, 9, 8): add what is missing after it."
    held = np.sort(steps.reshape(15, 72), axis=1)
    if np.array_equal(held, places.reshape(15, 72)):
        return ""
    if np.array_equal(np.sort(held, axis=None), places.ravel()):
        return "There are 15 steps, but the rows are mixed: a step is no longer a row."
    return (
        "There are 15 steps of 72 numbers, but they are not the numbers that the pooling gives. "
        "Add only what changes the shape."
    )


def _between_pooling_and_lstm(layers: list[Any], x: np.ndarray) -> np.ndarray | None:
    """What reaches the LSTM when the pooling gives `x`; None if the pooling cannot give it."""
    import keras

    chain = architecture.chain(layers)
    kinds = [type(layer).__name__ for layer in chain]
    start, stop = kinds.index("MaxPooling2D"), kinds.index("LSTM")
    pooled = layers[0]
    for layer in chain[: start + 1]:
        pooled = layer(pooled)
    if start > stop or tuple(pooled.shape)[1:] != x.shape[1:]:
        return None
    for layer in chain[start + 1 : stop]:
        x = layer(x)
    return np.asarray(keras.ops.convert_to_numpy(x))


q4 = Question(
    exercise=__name__,
    number=4,
    title="Repair a stack that does not build",
    objective="read where a build stops and why, and repair the stack",
    kind="repair",
    minutes=6,
    difficulty=2,
    points=2,
    answer=LayersAnswer(),
    judge=_judge_q4,
    hints=(
        "Which row of the trace failed? How many axes does it need, and how many came?",
        "The pooling gives (None, 15, 9, 8). The LSTM wants steps and features. A step is a row: "
        "what belongs to one row?",
        "One row has 9 columns with 8 channels. Put keras.layers.Reshape((15, 9 * 8)) before the LSTM.",
    ),
    misconceptions=(
        Misconception("flattens everything", _repaired_by(_flatten), shows="got 2"),
        Misconception(
            "makes every pixel a step", _repaired_by(lambda: _reshape(135, 8)), shows="135 pixels"
        ),
        Misconception(
            "turns the order round", _repaired_by(lambda: _reshape(72, 15)), shows="wrong order"
        ),
        Misconception("throws the LSTM out", _without_lstm, shows=r"Keep .*LSTM"),
        Misconception(
            "repairs too early",
            _repaired_by(lambda: _reshape(32, 20), at=1),
            shows="does not build",
        ),
        Misconception(
            "mixes the rows",
            _repaired_by(_columns_first, lambda: _reshape(15, 72)),
            shows="the rows are mixed",
        ),
        Misconception(
            "pools each row", _repaired_by(_pool_each_row), shows="threw away 9 columns. Keep all"
        ),
        Misconception(
            "makes 72 new numbers of what is left",
            _repaired_by(_pool_each_row, _dense_on_each_row),
            shows="not the numbers that the pooling gives",
        ),
        Misconception("loses the activation", _without_relu, shows="Conv2D has lost its activ"),
    ),
    equivalents=(
        _repaired_by(_flatten, lambda: _reshape(15, 72)),
        _repaired_by(lambda: _reshape(15, 72)),
        _repaired_by(lambda: _reshape(15, -1)),
        _repaired_by(_flatten_each_row),
        _with_an_input_layer,
    ),
    starter=broken_stack,
)


# Question 5: build to a specification of shapes.

_SHAPES = (
    (None, 32, 32, 8),
    (None, 16, 16, 8),
    (None, 16, 16, 16),
    (None, 8, 8, 16),
    (None, 16),
    (None, 5),
)
_LIMIT = 2_000


def _stack_q5(*, same: bool = True, close: str = "pool", narrow: bool = False) -> Any:
    """A stack with the asked shapes, or with one named fault."""
    import keras
    from keras import layers

    padding = "same" if same else "valid"
    body: list[Any] = [
        keras.Input((32, 32, 3)),
        layers.Conv2D(8, 1 if narrow else 3, padding=padding, activation="relu"),
        layers.AveragePooling2D(2) if narrow else layers.MaxPooling2D(2),
        layers.Conv2D(16, 3, padding=padding, activation="relu"),
        layers.MaxPooling2D(2, name="half_again"),
    ]
    if close == "pool":
        body.append(layers.GlobalMaxPooling2D() if narrow else layers.GlobalAveragePooling2D())
    if close == "dense":
        body += [layers.Flatten(), layers.Dense(16, activation="relu")]
    return keras.Sequential([*body, layers.Dense(5, activation="softmax")])


def _unusual_q5() -> Any:
    """Other layers that give the same shapes, as a Functional model."""
    import keras
    from keras import layers

    inputs = x = keras.Input((32, 32, 3))
    for layer in (
        layers.SeparableConv2D(8, 5, padding="same"),
        layers.BatchNormalization(),
        layers.ReLU(),
        layers.Conv2D(8, 2, strides=2),
        layers.Conv2D(16, 1, activation="relu"),
        layers.DepthwiseConv2D(3, strides=2, padding="same"),
        layers.GlobalMaxPooling2D(),
        layers.Dropout(0.2),
        layers.Dense(5),
    ):
        x = layer(x)
    return keras.Model(inputs, x)


def _shapes_of(model: Any) -> list[tuple[int | None, ...]]:
    """The output shapes in order; a layer that keeps the shape adds nothing."""
    from seqkit.tracing import trace

    shapes: list[tuple[int | None, ...]] = []
    for row in trace(model, expand_nested=False).rows:
        if row.output_shape is not None and shapes[-1:] != [row.output_shape]:
            shapes.append(row.output_shape)
    return shapes


def _only_an_input() -> Any:
    import keras

    return keras.Sequential([keras.Input((32, 32, 3))])


def _judge_q5(data: AnswerData) -> Outcome:
    model = rebuild_model(data)
    steps = architecture.chain(model)  # refuses what is not a chain
    found = [shape for shape in _shapes_of(model) if shape != (None, 32, 32, 3)]
    asked_for_input = data.values["input_shape"][1:] == [32, 32, 3]
    count = int(model.count_params())
    return combine(
        [
            Criterion(
                asked_for_input,
                f"The input is {tuple(data.values['input_shape'])}, not (None, 32, 32, 3).",
            ),
            Criterion(
                found == list(_SHAPES), _first_difference(found), share=3, trace=shape_trace(model)
            ),
            Criterion(
                0 < count <= _LIMIT,
                f"The model has {count:,} parameters; at most {_LIMIT:,} are allowed. Which layer "
                "has most of them? A global pooling has none.",
                share=2,
            ),
        ],
        praise=f"All {len(_SHAPES)} shapes with {count:,} parameters in {len(steps)} layers.",
    )


def _first_difference(found: list[tuple[int | None, ...]]) -> str:
    """Name the first asked shape that does not come; '' if all come."""
    asked = list(_SHAPES)
    for number, (came, wanted) in enumerate(zip(found, asked, strict=False), start=1):
        if came == wanted:
            continue
        advice = ""
        if len(came) == 4 and came[-1] == wanted[-1] and len(wanted) == 4:
            advice = " The channels are right: look at padding and strides."
        elif len(wanted) == 2 and len(came) == 4:
            advice = " Height and width are still there: a global pooling closes them."
        elif len(wanted) == 2 and len(came) == 2 and (came[-1] or 0) > 100:
            advice = " Flatten keeps every place; a global pooling leaves one number a channel."
        return f"Shape {number} is {came}; the task asks for {wanted}.{advice}"
    if len(found) == len(asked):
        return ""
    if len(found) < len(asked):
        return f"After shape {len(found)}, the task asks for {asked[len(found)]}; nothing comes."
    return f"Shape {len(asked) + 1}, {found[len(asked)]}, is more than the task asks for."


q5 = Question(
    exercise=__name__,
    number=5,
    title="Build to a list of shapes",
    objective="build a stack to a specification of shapes",
    kind="build",
    minutes=8,
    difficulty=2,
    points=2,
    answer=ModelAnswer(),
    judge=_judge_q5,
    hints=(
        "Go from one shape to the next. Which layers change the channels, and which the sides?",
        "A convolution with padding='same' keeps the sides; a pooling halves them. From (8, 8, 16) to "
        "(16,) leads a layer without parameters.",
        "Conv2D(8, 3, padding='same'), MaxPooling2D(2), Conv2D(16, 3, padding='same'), "
        "MaxPooling2D(2), GlobalAveragePooling2D(), Dense(5).",
    ),
    misconceptions=(
        Misconception(
            "forgets padding='same'", lambda: _stack_q5(same=False), shows="look at padding"
        ),
        Misconception(
            "closes with Flatten and Dense", lambda: _stack_q5(close="dense"), shows="Flatten keeps"
        ),
        Misconception(
            "does not close the sides", lambda: _stack_q5(close="no"), shows="still there"
        ),
        Misconception("writes an Input only", _only_an_input, shows="only an Input"),
    ),
    equivalents=(lambda: _stack_q5(narrow=True), _unusual_q5),
)


# Question 6: a trace of one's own.

Stack = list[tuple[Any, ...]]


def true_walk(shape: tuple[int, ...], stack: Stack) -> tuple[tuple[int, ...], int]:
    """Walk through a stack: the last shape and the number of parameters.

    Args:
        shape: the shape of one example, without the batch axis.
        stack: layers as tuples: ("Dense", units), ("Conv2D", filters, kernel),
            ("MaxPooling2D", size) or ("Flatten",).

    Returns:
        The shape of one example after the last layer, and the count of all parameters.

    Example:
        >>> true_walk((784,), [("Dense", 32), ("Dense", 10)])
        ((10,), 25450)
    """
    total = 0
    for name, *settings in stack:
        shape, count = _one_layer(shape, name, settings)
        total += count
    return shape, total


def _one_layer(
    shape: tuple[int, ...], name: str, settings: list[int]
) -> tuple[tuple[int, ...], int]:
    """The shape after one layer, and its parameters."""
    if name == "Dense":
        (units,) = settings
        return (*shape[:-1], units), shape[-1] * units + units
    if name == "Conv2D":
        filters, kernel = settings
        height, width, channels = shape
        sides = (height - kernel + 1, width - kernel + 1)
        return (*sides, filters), kernel * kernel * channels * filters + filters
    if name == "MaxPooling2D":
        (size,) = settings
        height, width, channels = shape
        return (height // size, width // size, channels), 0
    return (int(np.prod(shape)),), 0


def _walks() -> list[tuple[tuple[int, ...], Stack]]:
    """Stacks that ask one thing more each."""
    return [
        ((784,), [("Dense", 32), ("Dense", 10)]),
        ((24, 8), [("Dense", 5)]),
        ((28, 28), [("Flatten",), ("Dense", 10)]),
        ((28, 20, 3), [("Conv2D", 16, 5)]),
        ((15, 11, 4), [("MaxPooling2D", 2)]),
        (
            (32, 32, 3),
            [("Conv2D", 8, 3), ("MaxPooling2D", 2), ("Conv2D", 16, 3), ("Flatten",), ("Dense", 5)],
        ),
    ]


def _judge_q6(data: AnswerData) -> Outcome:
    for call in calls(data):
        fault = _walk_fault(call)
        if fault:
            return incorrect(fault)
    return correct(
        "A loop that hands the shape on: that is what a Sequential is, without the data."
    )


def _walk_fault(call: Call) -> str:
    """Say what is wrong with one walk, or ''."""
    shape, stack = call.arguments
    wanted_shape, wanted_count = true_walk(shape, stack)
    case = f"For {shape} and {stack}: "
    output = call.output
    if not isinstance(output, list | tuple) or len(output) != 2:
        return f"{case}return two things, the last shape and the count."
    if np.ndim(output[0]) == 0 and isinstance(output[1], list | tuple):
        return f"{case}the two values are in the wrong order: first the shape, then the count."
    if isinstance(output[0], list | tuple) and None in output[0]:
        return f"{case}give the shape of one example, without None."
    try:
        sides = tuple(float(side) for side in np.ravel(output[0]))
        came_count = float(output[1])
    except (TypeError, ValueError):
        return f"{case}return a shape and a whole number."
    if not all(side.is_integer() for side in sides):
        return f"{case}the shape is {sides}. A side is a whole number: use `//`, which rounds down."
    came_shape = tuple(int(side) for side in sides)
    if came_shape != wanted_shape:
        return f"{case}the shape is {came_shape}, expected {wanted_shape}. {_shape_advice(stack)}"
    if came_count != wanted_count:
        advice = _count_advice(came_count, wanted_count, stack)
        return f"{case}the count is {came_count:,.10g}, expected {wanted_count:,}. {advice}"
    return ""


def _shape_advice(stack: Stack) -> str:
    kinds = {name for name, *_ in stack}
    if kinds == {"Dense"}:
        return "Dense replaces the last axis by its units and keeps the axes before it."
    if kinds == {"Conv2D"}:
        return "Each side becomes side - kernel + 1; the last axis counts the filters."
    if kinds == {"MaxPooling2D"}:
        return "A window of the size of its stride: side // size. The channels stay."
    if kinds == {"Flatten", "Dense"}:
        return "Flatten multiplies the axes."
    return "Hand the new shape on to the next layer."


def _count_advice(came: float, wanted: int, stack: Stack) -> str:
    biases = sum(settings[0] for name, *settings in stack if name in {"Dense", "Conv2D"})
    if came == wanted - biases:
        return "One bias for each unit and each filter is missing."
    if len(stack) > 1 and came == true_walk_last(stack, wanted):
        return "That is the last layer alone. Add up over the loop."
    if {name for name, *_ in stack} == {"Conv2D"}:
        return "A filter sees kernel · kernel · channels numbers."
    return "Dense has inputs · units + units; pooling and Flatten have none."


def true_walk_last(stack: Stack, total: int) -> int:
    """Count the last layer alone, for stacks of Dense layers.

    Args:
        stack: Dense layers as tuples.
        total: returned when the stack holds anything else.

    Returns:
        The parameters of the last layer.

    Example:
        >>> true_walk_last([("Dense", 32), ("Dense", 10)], 25450)
        330
    """
    (before, *one), (last, *two) = stack[-2:]
    if before != "Dense" or last != "Dense":
        return total
    return int(one[0]) * int(two[0]) + int(two[0])


Walk = Callable[[tuple[int, ...], Stack], Any]


def _without_bias(shape: tuple[int, ...], stack: Stack) -> Any:
    biases = sum(settings[0] for name, *settings in stack if name in {"Dense", "Conv2D"})
    last, total = true_walk(shape, stack)
    return last, total - biases


def _last_layer_only(shape: tuple[int, ...], stack: Stack) -> Any:
    count = 0
    for layer in stack:
        shape, count = true_walk(shape, [layer])
    return shape, count


def _dense_on_all_axes(shape: tuple[int, ...], stack: Stack) -> Any:
    """Thinks that Dense flattens what comes in."""
    total = 0
    for layer in stack:
        shape = (int(np.prod(shape)),) if layer[0] == "Dense" else shape
        shape, count = true_walk(shape, [layer])
        total += count
    return shape, total


def _kernel_without_channels(shape: tuple[int, ...], stack: Stack) -> Any:
    total = 0
    for layer in stack:
        before = shape
        shape, count = true_walk(shape, [layer])
        if layer[0] == "Conv2D":
            filters, kernel = layer[1:]
            count = kernel * kernel * filters + filters if before[-1] else count
        total += count
    return shape, total


def _keeps_the_sides(shape: tuple[int, ...], stack: Stack) -> Any:
    """Thinks that a convolution keeps height and width."""
    total = 0
    for layer in stack:
        sides = shape[:2]
        shape, count = true_walk(shape, [layer])
        shape = (*sides, layer[1]) if layer[0] == "Conv2D" else shape
        total += count
    return shape, total


def _divides_with_a_slash(shape: tuple[int, ...], stack: Stack) -> Any:
    total = 0
    for layer in stack:
        height, *others = shape
        shape, count = true_walk(shape, [layer])
        if layer[0] == "MaxPooling2D":
            shape = (height / layer[1], others[0] / layer[1], others[1])
        total += count
    return shape, total


def _count_first(shape: tuple[int, ...], stack: Stack) -> Any:
    return true_walk(shape, stack)[::-1]


def _with_batch_axis(shape: tuple[int, ...], stack: Stack) -> Any:
    last, total = true_walk(shape, stack)
    return (None, *last), total


def _half_finished(shape: tuple[int, ...], stack: Stack) -> Any:
    return true_walk(shape, stack)[0], ...


def _with_keras(shape: tuple[int, ...], stack: Stack) -> Any:
    """The same answer from Keras' own layers, as a list."""
    import keras

    made = [getattr(keras.layers, name)(*settings) for name, *settings in stack]
    model = keras.Sequential([keras.Input(tuple(shape)), *made])
    return [list(model.output_shape[1:]), model.count_params()]


q6 = Question(
    exercise=__name__,
    number=6,
    title="Write a trace of your own",
    objective="write a Sequential of your own: a loop that hands each layer what the one before it "
    "gave",
    kind="build",
    minutes=10,
    difficulty=3,
    points=3,
    answer=FunctionAnswer(_walks),
    judge=_judge_q6,
    hints=(
        "Write one branch for each kind of layer. Each branch sets a new shape and adds to the count.",
        "Dense: (*shape[:-1], units) and shape[-1] * units + units. Flatten: multiply all axes; it "
        "adds no parameters. MaxPooling2D: side // size.",
        "Conv2D: height, width, channels = shape; the new shape is (height - kernel + 1, "
        "width - kernel + 1, filters), and kernel * kernel * channels * filters + filters are added.",
    ),
    misconceptions=(
        Misconception("forgets the biases", lambda: _without_bias, shows="bias"),
        Misconception("keeps the last count only", lambda: _last_layer_only, shows="Add up"),
        Misconception("lets Dense flatten", lambda: _dense_on_all_axes, shows="keeps the axes"),
        Misconception(
            "forgets the channels in the window",
            lambda: _kernel_without_channels,
            shows="kernel · kernel · channels",
        ),
        Misconception(
            "keeps the sides after Conv2D", lambda: _keeps_the_sides, shows=r"side - kernel \+ 1"
        ),
        Misconception(
            "divides with a slash", lambda: _divides_with_a_slash, shows="A side is a whole number"
        ),
        Misconception("gives the count first", lambda: _count_first, shows="first the shape, then"),
        Misconception("adds the batch axis", lambda: _with_batch_axis, shows="without None"),
        Misconception("leaves the count open", lambda: _half_finished, shows="second value is"),
    ),
    equivalents=(lambda: _with_keras,),
)
