"""Exercise 11: one road, and what cannot be said on it. Questions on lesson 11."""

from __future__ import annotations

import numpy as np

from seqkit.exercises.answer_data import AnswerData
from seqkit.exercises.answers import ChoiceAnswer, IntegerAnswer
from seqkit.exercises.errors import RefusedModelError
from seqkit.exercises.function_answers import FunctionAnswer, calls
from seqkit.exercises.judges import choice_is, number_is, shape_trace
from seqkit.exercises.keras_types import Model
from seqkit.exercises.misconceptions import Misconception
from seqkit.exercises.model_answers import FunctionalAnswer
from seqkit.exercises.question import Question
from seqkit.exercises.rebuild import rebuild_model
from seqkit.exercises.verdict import Outcome, correct, incorrect

# Question 1: a layer that stands in the list twice.

q1 = Question(
    exercise=__name__,
    number=1,
    title="Count a layer that stands in the list twice",
    objective="count the parameters when a layer stands in it twice",
    kind="predict",
    minutes=3,
    difficulty=1,
    points=1,
    answer=IntegerAnswer(),
    judge=number_is(
        63,
        "42 for the Dense of 6 units, used twice, and 21 for the last one.",
        known={
            105: "You counted the Dense of 6 units twice. It is one object with one set of weights.",
            42: "That is the Dense of 6 units alone. The last layer has parameters, too.",
            84: "That is the Dense of 6 units, counted twice, and the last layer left out.",
            54: "These are the weights alone. Each unit has a bias.",
        },
        otherwise="Count each layer *object* once: inputs · units + units.",
    ),
    hints=(
        "How many different Dense objects with weights are in the list?",
        "Two: the Dense of 6 units, which stands there twice, and the Dense of 3 units.",
        "6·6 + 6 = 42 and 6·3 + 3 = 21. Add them.",
    ),
    misconceptions=(
        Misconception("counts the shared layer twice", 105, shows="one set of weights"),
        Misconception("forgets the last layer", 42, shows="has parameters, too"),
        Misconception("counts twice and forgets the last", 84, shows="last layer left out"),
        Misconception("leaves out the biases", 54, shows="Each unit has a bias"),
    ),
    equivalents=(np.int64(63), 63.0),
)


# Question 2: what is inside.

_INSIDES = {
    "a": "No: a Sequential is only a list, so it has no tensors to take.",
    "b": "Yes: a built Sequential holds a Functional model of itself, so each layer's output exists.",
    "c": "Yes, but only after fit: the tensors are made by training.",
    "d": "Yes, also if the list has no Input and has seen no data.",
}

q2 = Question(
    exercise=__name__,
    number=2,
    title="Take a tensor out of a Sequential",
    objective="say what a built Sequential holds inside",
    kind="choose",
    minutes=3,
    difficulty=1,
    points=1,
    answer=ChoiceAnswer(_INSIDES),
    judge=choice_is(
        "b",
        "The graph is there. It is the list that can describe no other graph than a chain.",
        feedback={
            "a": "Section 6 of the lesson took one out: model.layers[0].output.",
            "c": "No training is needed. The Input in front gives every layer its shape at once.",
            "d": "Without Input and without data Keras knows no shapes, so it has built nothing yet.",
        },
    ),
    hints=(
        "Section 6 of the lesson built a model on the output of the first layer.",
        "The list begins with keras.Input. What does Keras do at once in this case?",
        "It builds a Functional model of the list. So the tensor between the layers exists.",
    ),
    misconceptions=(
        Misconception("thinks of a bare list", "a", shows="took one out"),
        Misconception("thinks that fit builds the graph", "c", shows="No training is needed"),
        Misconception("forgets that shapes must be known", "d", shows="knows no shapes"),
    ),
    equivalents=("B", " b) "),
)


# Question 3: which one is silent.

_ATTEMPTS = {
    "a": "Sequential([Input((8,)), Dense(8), Add()]), for a skip",
    "b": "Sequential([Input((8,)), [Dense(4), Dense(4)], Concatenate()]), for two branches",
    "c": "Sequential([Input((8,)), Dense(3), Dense(4)]), for a class and a box",
    "d": "Sequential([Input((8,)), Dense(4), Input((3,)), Dense(1)]), for two inputs",
}

q3 = Question(
    exercise=__name__,
    number=3,
    title="Find the silent failure",
    objective="tell loud failures from silent ones before you run them",
    kind="choose",
    minutes=3,
    difficulty=2,
    points=1,
    answer=ChoiceAnswer(_ATTEMPTS),
    judge=choice_is(
        "c",
        "All items are layers and all neighbours fit. Only the connections are wrong, and Keras "
        "cannot know that.",
        feedback={
            "a": "This one is loud: Add needs two tensors and gets one.",
            "b": "This one is loud: a list is no layer.",
            "d": "This one is loud: a Sequential has one Input.",
        },
    ),
    hints=(
        "A failure is silent when Keras finds nothing to refuse.",
        "Look for the list in which every item is a layer that takes one tensor.",
        "Three lists have an item that Keras refuses: Add(), an inner list, a second Input.",
    ),
    misconceptions=(
        Misconception("takes a merge for silent", "a", shows="Add needs two"),
        Misconception("takes an inner list for silent", "b", shows="a list is no layer"),
        Misconception("takes a second Input for silent", "d", shows="has one Input"),
    ),
    equivalents=("C", "c)"),
)


# Question 4: the loop, once with one name and once with all of them kept.

# A stack of numbers in place of layers: a step is (factor, summand), and gives factor · x + summand.
_STACKS: tuple[tuple[list[tuple[int, int]], int], ...] = (
    ([(2, 1), (3, 0), (1, -4)], 5),
    ([(1, 1)], 0),
    ([(-1, 2), (2, 2)], 3),
    ([], 7),
)


def kept(stack: list[tuple[int, int]], x: int) -> list[int]:
    """The input and the output of every step, in order.

    Args:
        stack: pairs of factor and summand.
        x: the input.

    Returns:
        One number more than there are steps.

    Example:
        >>> kept([(2, 1), (3, 0)], 5)
        [5, 11, 33]
    """
    tensors = [x]
    for factor, summand in stack:
        tensors.append(factor * tensors[-1] + summand)
    return tensors


def _only_the_last(stack: list[tuple[int, int]], x: int) -> int:
    return kept(stack, x)[-1]


def _without_the_input(stack: list[tuple[int, int]], x: int) -> list[int]:
    return kept(stack, x)[1:]


def _always_from_the_input(stack: list[tuple[int, int]], x: int) -> list[int]:
    return [x, *(factor * x + summand for factor, summand in stack)]


def _backwards(stack: list[tuple[int, int]], x: int) -> list[int]:
    return kept(stack, x)[::-1]


def _by_recursion(stack: list[tuple[int, int]], x: int) -> tuple[int, ...]:
    if not stack:
        return (x,)
    (factor, summand), *rest = stack
    return (x, *_by_recursion(rest, factor * x + summand))


_FAULTS = (
    (_only_the_last, "That is the last tensor alone: `x = layer(x)` again. Keep all of them."),
    (_without_the_input, "The input is missing. A skip from the input would need it."),
    (
        _always_from_the_input,
        "Every step was called on the input: these are branches. Each step of a road gets what "
        "the step before it gave.",
    ),
    (_backwards, "The order is turned round. The input comes first."),
)


def _judge_q4(data: AnswerData) -> Outcome:
    for call in calls(data):
        stack, x = call.arguments
        stack = [tuple(step) for step in stack]
        wanted = kept(stack, x)
        if _numbers(call.output) == wanted:
            continue
        for fault, words in _FAULTS:
            if _numbers(call.output) == _numbers(fault(stack, x)):
                return incorrect(words)
        return incorrect(f"For the stack {stack} and x = {x} the list should be {wanted}.")
    return correct("Now every tensor has a place, so a later step could read any of them.")


def _numbers(output: object) -> object:
    """The output as a list of plain numbers; a single number stays one."""
    if isinstance(output, list | tuple | np.ndarray):
        return [float(number) for number in np.ravel(np.asarray(output, dtype=float))]
    return output


q4 = Question(
    exercise=__name__,
    number=4,
    title="Write the loop so that it forgets nothing",
    objective="name the line of code from which all limits of a Sequential follow",
    kind="build",
    minutes=6,
    difficulty=2,
    points=2,
    answer=FunctionAnswer(lambda: [(list(stack), x) for stack, x in _STACKS]),
    judge=_judge_q4,
    hints=(
        "`x = layer(x)` keeps one tensor. Which Python object keeps several, in order?",
        "Begin with tensors = [x]. In each turn of the loop, append one more number.",
        "tensors.append(factor * tensors[-1] + summand), and return tensors after the loop.",
    ),
    misconceptions=(
        Misconception("gives the last tensor", lambda: _only_the_last, shows="Keep all"),
        Misconception("forgets the input", lambda: _without_the_input, shows="input is missing"),
        Misconception(
            "starts from the input each time",
            lambda: _always_from_the_input,
            shows="these are branches",
        ),
        Misconception("turns the order round", lambda: _backwards, shows="turned round"),
    ),
    equivalents=(lambda: kept, lambda: _by_recursion),
)


# Question 5: a second road.


def _two_roads(way: str = "right") -> Model:
    """A model from 8 numbers to 16; `way` says how the two halves are made."""
    import keras
    from keras import layers

    inputs = keras.Input((8,))
    if way == "wide":
        return keras.Sequential([inputs, layers.Dense(16, activation="relu")])
    x = layers.Dense(8, activation="relu", name="mine")(inputs)
    if way == "operator":
        return keras.Model(inputs, keras.ops.concatenate([x, inputs], axis=-1))
    merged = {
        "right": lambda: layers.Concatenate()([inputs, x]),
        "added": lambda: layers.Add()([inputs, x]),
        "itself": lambda: layers.Concatenate()([x, x]),
        "input twice": lambda: layers.Concatenate()([inputs, inputs]),
        "two layers": lambda: layers.Concatenate()([layers.Dense(8)(inputs), x]),
    }[way]()
    return keras.Model(inputs, merged)


def _judge_q5(data: AnswerData) -> Outcome:
    if data.values["class"] == "subclass":
        raise RefusedModelError("Build the model with keras.Model(inputs, outputs).")
    model = rebuild_model(data)
    if len(model.inputs) != 1 or len(model.outputs) != 1:
        raise RefusedModelError("The task asks for one input and one output.")
    trace = shape_trace(model)
    if model.input_shape != (None, 8):
        return incorrect(f"The input is {model.input_shape}; expected (None, 8).", trace)
    if model.output_shape == (None, 8):
        return incorrect(
            "The output has 8 numbers, and should have 16. Add sums the two tensors, and "
            "Concatenate(axis=0) joins the examples. Put the numbers side by side: Concatenate().",
            trace,
        )
    if model.output_shape != (None, 16):
        return incorrect(f"The output is {model.output_shape}; expected (None, 16).", trace)
    if data.values["class"] == "Sequential":
        return incorrect(
            "The list builds, but it has one road: all 16 numbers are new, and the input is gone.",
            trace,
        )
    fault = _road_fault(model)
    return incorrect(fault, trace) if fault else correct("The input was read twice: two roads.")


def _road_fault(model: Model) -> str:
    """Say what the two halves are in place of the input and one Dense layer, or ''."""
    import keras

    count = int(model.count_params())
    if count == 0:
        return "Both halves are the input. One of them is the output of Dense(8)."
    x = np.random.default_rng(11).normal(size=(6, 8)).astype("float32")
    output = np.asarray(keras.ops.convert_to_numpy(model(x)))
    halves = output[:, :8], output[:, 8:]
    if np.allclose(halves[0], halves[1], atol=1e-6):
        return "Both halves are the same tensor. One of them must be the input itself."
    kept_halves = [np.allclose(half, x, atol=1e-6) for half in halves]
    if not any(kept_halves):
        return (
            "The input is not in the output as it came. Join the layer's output with `inputs` itself, "
            "and let no layer or activation stand behind the join."
        )
    other = halves[1] if kept_halves[0] else halves[0]
    if count != 72:
        return f"The model has {count} parameters; one Dense(8) on 8 numbers has 72."
    if (other < 0).any():
        return "The Dense layer has no relu: some of its numbers are below zero."
    return ""


q5 = Question(
    exercise=__name__,
    number=5,
    title="Give the input a second road",
    objective="sort the limits by cause: merge",
    kind="repair",
    minutes=6,
    difficulty=3,
    points=2,
    answer=FunctionalAnswer(),
    judge=_judge_q5,
    hints=(
        "Which tensor is read twice? Give it a name of its own.",
        "inputs = keras.Input((8,)) and x = layers.Dense(8, activation='relu')(inputs).",
        "outputs = layers.Concatenate()([inputs, x]), then keras.Model(inputs, outputs).",
    ),
    misconceptions=(
        Misconception("makes the layer wider", lambda: _two_roads("wide"), shows="one road"),
        Misconception("adds", lambda: _two_roads("added"), shows="Add sums"),
        Misconception("joins x with itself", lambda: _two_roads("itself"), shows="same tensor"),
        Misconception(
            "joins the input twice", lambda: _two_roads("input twice"), shows="halves are the input"
        ),
        Misconception("takes two layers", lambda: _two_roads("two layers"), shows="not in the"),
    ),
    equivalents=(_two_roads, lambda: _two_roads("operator")),
)
