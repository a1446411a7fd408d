"""Exercise 20: choose, convert, merge, and the capstone of the course. Questions on lesson 20."""

from __future__ import annotations

import functools
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np

from seqkit.exercises.answer_data import AnswerData
from seqkit.exercises.answers import ChoiceAnswer
from seqkit.exercises.errors import RefusedModelError
from seqkit.exercises.function_answers import Arguments, FunctionAnswer, calls
from seqkit.exercises.judges import choice_is, shape_trace
from seqkit.exercises.keras_types import Model
from seqkit.exercises.misconceptions import Misconception
from seqkit.exercises.model_answers import FunctionalAnswer
from seqkit.exercises.question import Question
from seqkit.exercises.rebuild import rebuild_model
from seqkit.exercises.verdict import Outcome, correct, incorrect, partial

# Question 1: choose the API for two inputs.

_PHOTO = {
    "a": "Sequential: put photo and question into one long vector first",
    "b": "Sequential with a layer of your own that does the merging",
    "c": "the Functional API",
    "d": "a subclass of keras.Model: it can do everything, so it is always safe",
    "e": "a train_step of your own",
}

q1 = Question(
    exercise=__name__,
    number=1,
    title="Choose the API for a photo and a question",
    objective="choose the API for a task, and give the reason in one sentence",
    kind="choose",
    minutes=3,
    difficulty=1,
    points=1,
    answer=ChoiceAnswer(_PHOTO),
    judge=choice_is(
        "c",
        "Two inputs with a road each, and a fixed wiring: the Functional API suffices.",
        feedback={
            "a": "Then one stack reads both: convolutions would slide over words, and the LSTM over "
            "pixels. Each kind of data needs a road of its own.",
            "b": "The layer would get one tensor, because a Sequential has one entrance. The "
            "question has no place to come in.",
            "d": "It would work. But you give up the graph: no shapes before the first data, no "
            "drawing, no cutting. Nothing here depends on the values of the data.",
            "e": "The training is the usual one: predict, loss, gradient. It is the wiring that is "
            "special.",
        },
    ),
    hints=(
        "Ask the questions of the guide in order. Which is the first one with yes?",
        "The path is the same for every example, so the first question is answered with no.",
        "There are two inputs, each with its own layers. A Sequential has one entrance.",
    ),
    misconceptions=(
        Misconception("glues the inputs together", "a", shows="a road of its own"),
        Misconception("hides the merge in a layer", "b", shows="one entrance"),
        Misconception("takes the way that can do most", "d", shows="give up the graph"),
        Misconception("looks at the training", "e", shows="the wiring that is special"),
    ),
    equivalents=("C", "(c)"),
)


# Question 2: choose for noisy pictures.

_NOISE = {
    "a": "Sequential with GaussianNoise as its first layer, trained with fit(x, x)",
    "b": "a train_step of your own that adds the noise",
    "c": "the Functional API: the noisy and the clean picture are two inputs",
    "d": "a subclass of keras.Model: with or without noise is an if",
}

q2 = Question(
    exercise=__name__,
    number=2,
    title="Choose the API for noisy pictures",
    objective="choose the API for a task, and give the reason in one sentence",
    kind="choose",
    minutes=3,
    difficulty=1,
    points=1,
    answer=ChoiceAnswer(_NOISE),
    judge=choice_is(
        "a",
        "One tensor in, one out. GaussianNoise is active in training only, and the clean picture "
        "is the label.",
        feedback={
            "b": "It would work, with more code. A built-in layer adds noise in training and none "
            "in use: look for GaussianNoise.",
            "c": "The clean picture is what should come out: a label, not an input. In use there is "
            "no clean picture to give.",
            "d": "Training or use is a mode, not a value in the data. Layers such as Dropout and "
            "GaussianNoise know the mode without an if.",
        },
    ),
    hints=(
        "What goes in, and what should come out? Count the inputs and the outputs in use.",
        "Dropout, too, does something in training only. Which API does Dropout need?",
        "GaussianNoise is a layer of Keras that works in training only. The clean picture is the label.",
    ),
    misconceptions=(
        Misconception("writes a training step", "b", shows="more code"),
        Misconception("takes the label for an input", "c", shows="a label, not an input"),
        Misconception("takes the mode for data", "d", shows="is a mode"),
    ),
    equivalents=("A", "a)"),
)


# Question 3: convert and cut.

_FEATURES, _CLASSES = 8, 3


def trained() -> Model:
    """A small Sequential with fixed weights: twelve numbers in, three shares out.

    Returns:
        A new model; it is the same in every run. The layer before the last is named "features".

    Example:
        >>> trained().get_layer("features").units
        8
    """
    import keras
    from keras import layers

    model = keras.Sequential(
        [
            keras.Input((12,)),
            layers.Dense(16, activation="relu", name="first"),
            layers.Dense(_FEATURES, activation="relu", name="features"),
            layers.Dense(_CLASSES, activation="softmax", name="classes"),
        ]
    )
    generator = np.random.default_rng(20)
    model.set_weights([generator.normal(size=weight.shape) for weight in model.weights])
    return model


def _called_in_order(model: Model) -> tuple[Any, dict[str, Any]]:
    """An input, and the tensor behind each layer of the model."""
    import keras

    inputs = x = keras.Input((12,))
    behind = {}
    for layer in model.layers:
        x = behind[layer.name] = layer(x)
    return inputs, behind


def _cut(*names: str) -> Model:
    """A model that gives what these layers give."""
    import keras

    inputs, behind = _called_in_order(trained())
    return keras.Model(inputs, [behind[name] for name in names])


def _by_conversion() -> Model:
    import keras

    from seqkit.converting import to_functional

    graph = to_functional(trained())
    features = graph.get_layer("features").output
    return keras.Model(graph.input, {"what": graph.output, "why": features})


def _untrained_copy() -> Model:
    """The same layers, written anew: their weights are new as well."""
    import keras

    fresh = keras.Sequential.from_config(trained().get_config())
    inputs, behind = _called_in_order(fresh)
    return keras.Model(inputs, [behind["features"], behind["classes"]])


def _new_head() -> Model:
    """The trained features with a new last layer."""
    import keras
    from keras import layers

    inputs, behind = _called_in_order(trained())
    new = layers.Dense(_CLASSES, activation="softmax")(behind["features"])
    return keras.Model(inputs, [behind["features"], new])


def _whole_models() -> Model:
    """Two whole models that share layers, called on one input."""
    import keras

    model = trained()
    trunk = keras.Model(model.inputs, model.get_layer("features").output)
    inputs = keras.Input((12,))
    return keras.Model(inputs, [trunk(inputs), model(inputs)])


def _judge_q3(data: AnswerData) -> Outcome:
    model = _rebuilt(data)
    if len(model.inputs) != 1 or model.inputs[0].shape[1:] != (12,):
        return incorrect("The model needs one input of 12 numbers, as the trained one has.")
    widths = sorted(tensor.shape[-1] for tensor in model.outputs)
    if widths != [_CLASSES, _FEATURES]:
        return incorrect(_width_message(widths), shape_trace(model))
    x = np.random.default_rng(0).normal(size=(40, 12)).astype("float32")
    features, classes = sorted(_outputs(model, x), key=lambda one: -one.shape[-1])
    wanted_features, wanted_classes = _outputs(_cut("features", "classes"), x)
    same = [np.allclose(features, wanted_features, atol=1e-4)]
    same.append(np.allclose(classes, wanted_classes, atol=1e-4))
    if all(same):
        return correct("The same weights, cut open: what the model says, and what it saw.")
    if same[0]:
        return partial(
            0.5,
            "The features are right. The three shares are not those of the trained model: use its "
            "own last layer, not a new one.",
        )
    return incorrect(
        "The shapes are right, but the numbers are not those of the trained model: new layers have "
        "new weights. Use the layers that are there, or sk.to_functional."
    )


def _width_message(widths: list[int | None]) -> str:
    if widths == [_CLASSES]:
        return "There is one output, the three shares. The eight features are missing."
    if widths == [_FEATURES]:
        return "There is one output, the eight features. The three shares are missing."
    if 16 in widths:
        return (
            "One output has 16 numbers: it is cut behind the layer first. Cut behind the layer "
            "features."
        )
    return f"Two outputs are needed, with 8 and 3 numbers. Yours have {widths}."


_MODEL_ADVICE = "Give keras.Model(inputs, outputs) with both outputs in a list."


def _rebuilt(data: AnswerData) -> Model:
    if data.values["class"] == "subclass":
        raise RefusedModelError("Build the model with keras.Model(inputs, outputs).")
    import keras

    model = rebuild_model(data)
    if len(model.inputs) > 1:
        return model
    return keras.Model(model.inputs[0], model.outputs)  # the one input may stand in a list


def _outputs(model: Model, x: np.ndarray) -> list[np.ndarray]:
    """All outputs in the order of `model.outputs`, computed in batches."""
    import keras

    parts: list[list[np.ndarray]] = []
    for start in range(0, len(x), 500):
        given = keras.tree.flatten(model(x[start : start + 500], training=False))
        parts.append([np.asarray(keras.ops.convert_to_numpy(one)) for one in given])
    return [np.concatenate(column) for column in zip(*parts, strict=True)]


q3 = Question(
    exercise=__name__,
    number=3,
    title="Open a trained Sequential",
    objective="turn a trained Sequential into a Functional model, cut it open and extend it",
    kind="build",
    minutes=6,
    difficulty=2,
    points=2,
    answer=FunctionalAnswer(_MODEL_ADVICE),
    judge=_judge_q3,
    hints=(
        "Which function of seqkit turns a Sequential into a Functional model with the same layers?",
        'graph = sk.to_functional(model); graph.get_layer("features").output is the tensor to cut at. '
        "The shares are graph.output; the Sequential itself has them in model.outputs[0].",
        'both = keras.Model(graph.input, [graph.get_layer("features").output, graph.output])',
    ),
    misconceptions=(
        Misconception("gives the model as it is", trained, shows="The eight features are missing"),
        Misconception(
            "gives the features alone", lambda: _cut("features"), shows="three shares are missing"
        ),
        Misconception("cuts too early", lambda: _cut("first", "classes"), shows="layer first"),
        Misconception("writes the layers anew", _untrained_copy, shows="new weights"),
        Misconception("calls whole models that share layers", _whole_models, shows="share layers"),
        Misconception("adds a new head", _new_head, shows="its own last layer"),
    ),
    equivalents=(_by_conversion, lambda: _cut("classes", "features")),
)


# Question 4: complete a merge.


def _pairs() -> list[Arguments]:
    generator = np.random.default_rng(4)
    sizes = ((5, 3), (1, 6), (7, 2))
    return [([generator.normal(size=size).astype("float32") for _ in range(2)],) for size in sizes]


def _numbers(pair: Any) -> tuple[np.ndarray, np.ndarray]:
    left, right = pair
    return np.asarray(left, "float32"), np.asarray(right, "float32")


def _join(pair: Any, *parts: Callable[[np.ndarray, np.ndarray], np.ndarray]) -> np.ndarray:
    left, right = _numbers(pair)
    return np.concatenate([part(left, right) for part in parts], axis=-1)


def _distance(left: np.ndarray, right: np.ndarray) -> np.ndarray:
    return np.abs(left - right)


def _product(left: np.ndarray, right: np.ndarray) -> np.ndarray:
    return left * right


def _difference(left: np.ndarray, right: np.ndarray) -> np.ndarray:
    return left - right


def _right(pair: Any) -> Any:
    return _join(pair, _distance, _product)


def _other_order(pair: Any) -> Any:
    """The product first, and the distance from the larger and the smaller number."""
    import keras

    left, right = pair
    gap = keras.ops.maximum(left, right) - keras.ops.minimum(left, right)
    return keras.ops.concatenate([keras.ops.multiply(left, right), gap], axis=-1)


def _with_sign(pair: Any) -> Any:
    return _join(pair, _difference, _product)


def _concatenates(pair: Any) -> Any:
    return np.concatenate(_numbers(pair), axis=-1)


def _below_each_other(pair: Any) -> Any:
    left, right = _numbers(pair)
    return np.concatenate([np.abs(left - right), left * right], axis=0)


def _distance_only(pair: Any) -> Any:
    return _distance(*_numbers(pair))


def _product_only(pair: Any) -> Any:
    return _product(*_numbers(pair))


def _adds_both(pair: Any) -> Any:
    left, right = _numbers(pair)
    return np.abs(left - right) + left * right


def _gives_a_list(pair: Any) -> Any:
    left, right = _numbers(pair)
    return [np.abs(left - right), left * right]


_WRONG_MERGES: tuple[tuple[Callable[[Any], Any], str], ...] = (
    (
        _with_sign,
        "The difference has a sign: it changes when the two inputs are swapped. Take abs.",
    ),
    (
        _concatenates,
        "That is Concatenate: the answer changes when the inputs change places. Join what both say "
        "together: the distance |left - right| and the product.",
    ),
    (
        _below_each_other,
        "The two parts stand below each other, as if there were more examples. Join the last axis: "
        "axis=-1.",
    ),
    (_distance_only, "That is the distance alone. The product left * right is missing."),
    (_product_only, "That is the product alone. The distance |left - right| is missing."),
    (
        _adds_both,
        "You add the two parts, so they can no longer be told apart. Put them side by side.",
    ),
)


def _judge_q4(data: AnswerData) -> Outcome:
    for call in calls(data):
        (pair,) = call.arguments
        if isinstance(call.output, list | tuple | dict):
            return incorrect("Several tensors came. Return one: join both parts on the last axis.")
        came = np.asarray(call.output)
        wanted = _right(pair)
        if came.dtype.kind not in "biuf" or not _side_by_side(came, wanted):
            return incorrect(_merge_message(came, wanted, pair))
    return correct(
        "Two numbers for each feature, and the same ones when the inputs change places: a merge "
        "that Keras does not have as one layer."
    )


def _side_by_side(came: np.ndarray, wanted: np.ndarray) -> bool:
    """Whether the columns are those that are wanted, in any order."""
    if came.shape != wanted.shape:
        return False
    left = list(came.T)
    for column in wanted.T:
        place = next((n for n, one in enumerate(left) if np.allclose(one, column, atol=1e-3)), None)
        if place is None:
            return False
        left.pop(place)
    return True


def _merge_message(came: np.ndarray, wanted: np.ndarray, pair: Any) -> str:
    for function, message in _WRONG_MERGES:
        known = function(pair)
        if came.shape == known.shape and np.allclose(came, known, atol=1e-3):
            return message
    if came.shape != wanted.shape:
        return f"The output is {came.shape}; expected {wanted.shape} for two inputs of {pair[0].shape}."
    return "The shape is right, the numbers are not: |left - right| and left * right, side by side."


q4 = Question(
    exercise=__name__,
    number=4,
    title="Complete a merge of your own",
    objective="write a layer of your own that can be saved, and a merge of your own",
    kind="repair",
    minutes=6,
    difficulty=2,
    points=2,
    answer=FunctionAnswer(_pairs),
    judge=_judge_q4,
    hints=(
        "Two parts are needed: the distance without its sign, and the product.",
        "keras.ops.abs(left - right) is the first part. keras.ops.concatenate joins a list of tensors.",
        "return keras.ops.concatenate([keras.ops.abs(left - right), left * right], axis=-1)",
    ),
    misconceptions=(
        Misconception("keeps the sign", lambda: _with_sign, shows="Take abs"),
        Misconception(
            "concatenates the inputs", lambda: _concatenates, shows="That is Concatenate"
        ),
        Misconception("joins the batch axis", lambda: _below_each_other, shows="below each other"),
        Misconception("leaves out the product", lambda: _distance_only, shows="product left"),
        Misconception("leaves out the distance", lambda: _product_only, shows="product alone"),
        Misconception("adds the parts", lambda: _adds_both, shows="side by side"),
        Misconception("returns two tensors", lambda: _gives_a_list, shows="Several tensors"),
    ),
    equivalents=(lambda: _right, lambda: _other_order),
)


# Question 5: the capstone.

GROUPS = ("for the upper body", "shoes", "other")
GROUP_OF = np.array([0, 2, 0, 2, 0, 1, 0, 1, 2, 1])
"""The group of each of the ten classes."""

MOST_PARAMETERS = 60_000
LINEAR = 0.60
"""Share of new pictures that a linear model on pixels / 255 names rightly, after the same training."""
PASS_MARK = 0.75
GROUP_MARK = 0.90
LINEAR_GROUP = 0.87
"""The same for the group."""


def _percent(share: float) -> str:
    return f"{share:.0%}".replace("%", " %")


RUBRIC = f"""\
points  the model has ...
     1  one input (None, 28, 28, 1) for pixels from 0 to 255, and at most {MOST_PARAMETERS:,} parameters
     1  two outputs whose shares sum to 1: (None, 10) for the class, (None, 3) for the group
     1  a trunk: layers with weights that both outputs come from
     1  a side road inside the trunk: the data splits and meets again there, as in a skip
     1  on 2,000 new pictures in all kinds of light: the class is right for more than {_percent(PASS_MARK)} (a linear model: {_percent(LINEAR)})
     1  on the same pictures: the group is right for more than {_percent(GROUP_MARK)} (a linear model: {_percent(LINEAR_GROUP)})
All layers are layers of Keras: a class of your own or a Lambda is not accepted."""
"""What the capstone is judged by, one point a line."""


def clothes() -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Pictures to train on: 4,000 of Fashion-MNIST, with class and group.

    Returns:
        Pixels from 0 to 255 of shape (4000, 28, 28, 1), class numbers, group numbers.

    Example:
        >>> x, kind, group = clothes()
        >>> x.shape, int(x.max()), sorted(set(group.tolist()))
        ((4000, 28, 28, 1), 255, [0, 1, 2])
    """
    from seqkit.data import load

    data = load("fashion")
    kind = data.y_train[:4000]
    return data.x_train[:4000, ..., None].astype("float32"), kind, GROUP_OF[kind]


@dataclass(frozen=True)
class Property:
    """One line of the rubric, for one answer."""

    name: str
    holds: bool
    advice: str = ""


def _judge_q5(data: AnswerData) -> Outcome:
    model = _rebuilt(data)
    found = list(_properties(model))
    lines = [f"{'✓' if one.holds else '✗'} {int(one.holds)} of 1  {one.name}" for one in found]
    advice = [one.advice for one in found if not one.holds and one.advice]
    earned = sum(one.holds for one in found)
    message = "\n".join([*advice, *lines])
    if earned == len(found):
        return correct("\n".join(["All properties of the specification are there.", *lines]))
    if earned:
        return partial(earned / len(found), message, "" if found[1].holds else shape_trace(model))
    return incorrect(message, shape_trace(model))


def _properties(model: Model) -> Iterator[Property]:
    takes_pictures = len(model.inputs) == 1 and model.inputs[0].shape[1:] == (28, 28, 1)
    count = model.count_params()
    yield Property(
        "one input, few enough parameters",
        takes_pictures and count <= MOST_PARAMETERS,
        f"The model has {count:,} parameters; at most {MOST_PARAMETERS:,} are allowed. Use fewer "
        "filters, or make the picture smaller before Flatten."
        if takes_pictures
        else "There must be one input: keras.Input((28, 28, 1)).",
    )
    shapes = sorted(tuple(tensor.shape[1:]) for tensor in model.outputs)
    both = shapes == [(3,), (10,)]
    yield Property(
        "two outputs of shares",
        takes_pictures and both and _gives_shares(model),
        _output_advice(model) if takes_pictures else "",
    )
    graphs = _Wiring(model)
    yield Property(
        "a common trunk",
        len(shapes) == 2 and graphs.common_trunk,
        "The two outputs share no layer with weights. Let both heads read the same tensor."
        if len(shapes) == 2
        else "",
    )
    yield Property("a side road in the trunk", graphs.side_road, _road_advice(graphs))
    right = _scores(model) if takes_pictures else {}
    yield Property(
        f"class right for more than {_percent(PASS_MARK)} of new pictures",
        right.get(10, 0.0) > PASS_MARK,
        _class_advice(model, right),
    )
    yield Property(
        f"group right for more than {_percent(GROUP_MARK)} of new pictures",
        right.get(3, 0.0) > GROUP_MARK,
        _group_advice(right),
    )


def _gives_shares(model: Model) -> bool:
    """Whether each output sums to 1."""
    x = 255 * np.random.default_rng(0).random((8, 28, 28, 1)).astype("float32")
    return all(np.allclose(one.sum(axis=-1), 1, atol=1e-3) for one in _outputs(model, x))


def _road_advice(graphs: _Wiring) -> str:
    if graphs.meeting:
        return (
            "There is a side road, but only one of the outputs comes from it. Put it into the "
            "trunk, before the two heads part."
        )
    return "The data takes one straight road. Keep a tensor, and add it again behind a layer."


def _output_advice(model: Model) -> str:
    shapes = [tensor.shape for tensor in model.outputs]
    if len(shapes) != 2:
        return f"The model has {len(shapes)} output. Build two heads and give both to keras.Model."
    if sorted(shape[1:] for shape in shapes) != [(3,), (10,)]:
        return f"The outputs are {shapes[0]} and {shapes[1]}; expected (None, 10) and (None, 3)."
    return "The outputs do not sum to 1: give both heads activation='softmax'."


class _Wiring:
    """Which layers come before which, read from the graph, with nested models opened."""

    def __init__(self, model: Model) -> None:
        from seqkit.graph import read

        self._graph = read(model)
        self._before: dict[int, set[int]] = {}
        for node in self._graph.nodes:
            sources = {edge.source for edge in node.inputs}
            reached = set().union(*(self._before.get(one, set()) for one in sources), sources)
            self._before[node.index] = reached

    @property
    def _trunk(self) -> set[int]:
        """The nodes that come before all outputs."""
        upstream = [
            {*self._before.get(edge.source, set()), edge.source} for edge in self._graph.outputs
        ]
        return set.intersection(*upstream) if upstream else set()

    @property
    def common_trunk(self) -> bool:
        """Whether layers with weights come before all outputs."""
        return any(node.index in self._trunk and node.layer.weights for node in self._graph.nodes)

    @property
    def side_road(self) -> bool:
        """Whether all outputs come from a place where two roads meet."""
        return bool(self.meeting & self._trunk)

    @functools.cached_property
    def meeting(self) -> set[int]:
        """The nodes where two different tensors that come from the same place meet."""
        found = set()
        for node in self._graph.nodes:
            if _is_model(node.layer) and _Wiring(node.layer).side_road:
                found.add(node.index)
            sources = sorted({edge.source for edge in node.inputs})
            if len(sources) < 2:
                continue
            upstream = [{*self._before.get(one, set()), one} for one in sources]
            if set.intersection(*upstream):
                found.add(node.index)
        return found


def _is_model(layer: Any) -> bool:
    import keras

    return isinstance(layer, keras.Model)


@functools.cache
def _new_pictures() -> tuple[np.ndarray, np.ndarray]:
    """The pictures that `clothes` does not give, with all their light or as little as 2 %."""
    from seqkit.data import load

    data = load("fashion")
    light = 0.02 ** np.random.default_rng(0).random((len(data.x_test), 1, 1, 1))
    return (data.x_test[..., None] * light).astype("float32"), data.y_test


def _scores(model: Model) -> dict[int, float]:
    """The share of new pictures that each output is right for, by its width: 10 or 3."""
    return shares_right(model, *_new_pictures())


def shares_right(model: Model, x: np.ndarray, kinds: np.ndarray) -> dict[int, float]:
    """Count for how many pictures each output is right.

    Args:
        model: gives shares of classes, shares of groups, or both.
        x: pictures of shape (n, 28, 28, 1).
        kinds: their classes.

    Returns:
        The width of an output, 10 or 3, to the share of pictures that it names rightly.
    """
    wanted = {10: kinds, 3: GROUP_OF[kinds]}
    return {
        one.shape[-1]: float((one.argmax(axis=-1) == wanted[one.shape[-1]]).mean())
        for one in _outputs(model, x)
        if one.ndim == 2 and one.shape[-1] in wanted
    }


def _class_advice(model: Model, right: dict[int, float]) -> str:
    if 10 not in right:
        return "The class is not judged: there is no output of 10 numbers."
    score = right[10]
    if score < 0.2:
        return (
            f"The class is right for {_percent(score)} of the new pictures, as by guessing. Train "
            "the model."
        )
    convolutions = any("Conv" in type(layer).__name__ for layer in model.layers)
    return (
        f"The class is right for {_percent(score)} of the new pictures; a linear model reaches "
        f"{_percent(LINEAR)}. Are the dark ones the trouble? Dividing by 255 leaves them dark. Then "
        + ("train longer." if convolutions else "train longer, or use convolutions.")
    )


def _group_advice(right: dict[int, float]) -> str:
    if 3 not in right:
        return "The group is not judged: there is no output of 3 numbers."
    return (
        f"The group is right for {_percent(right[3])} of the new pictures; a linear model reaches "
        f"{_percent(LINEAR_GROUP)}. What helps the class helps the group, too: first the light."
    )


# Answers to the capstone, right and wrong.


def _standardised(x: Any) -> Any:
    """Each picture with mean 0 and deviation 1, so that its light does not matter."""
    from keras import layers

    return layers.LayerNormalization(axis=(1, 2, 3), center=False, scale=False)(x)


def _network(
    standardise: bool = True,
    skip: bool = True,
    two_trunks: bool = False,
    hidden: int = 32,
    activation: str | None = "softmax",
    heads: tuple[int, ...] = (10, 3),
    late_skip: bool = False,
) -> Model:
    """The network of the solution, with one thing changed."""
    import keras
    from keras import layers

    def convolution(filters: int, strides: int = 1) -> Any:
        return layers.Conv2D(filters, 3, strides=strides, padding="same", activation="relu")

    def trunk(x: Any) -> Any:
        x = _standardised(x) if standardise else layers.Rescaling(1 / 255)(x)
        x = convolution(24, 2)(convolution(16, 2)(x))
        y = convolution(24)(x)
        x = layers.Add()([x, y]) if skip else y
        return layers.Dense(hidden, activation="relu")(layers.Flatten()(x))

    inputs = keras.Input((28, 28, 1))
    first = trunk(inputs)
    outputs: list[Any] = []
    for units in heads:
        x = trunk(inputs) if two_trunks and outputs else first
        if late_skip and outputs:
            x = layers.Add()([x, layers.Dense(hidden, activation="relu")(x)])
        outputs.append(layers.Dense(units, activation=activation)(x))
    return keras.Model(inputs, outputs)


@functools.cache
def _trained_weights() -> list[np.ndarray]:
    import keras

    model = _network()
    generator = np.random.default_rng(0)
    model.set_weights([_start(weight.shape, generator) for weight in model.weights])
    model.compile(keras.optimizers.Adam(0.003), ["sparse_categorical_crossentropy"] * 2)
    x, kind, group = clothes()
    order = generator.permutation(len(x))
    model.fit(
        x[order], [kind[order], group[order]], epochs=5, batch_size=64, shuffle=False, verbose=0
    )
    weights: list[np.ndarray] = model.get_weights()
    return weights


def _start(shape: tuple[int, ...], generator: np.random.Generator) -> np.ndarray:
    """First weights, the same in every run: biases 0, others as large as their inputs allow."""
    if len(shape) == 1:
        return np.zeros(shape, "float32")
    return generator.normal(scale=np.sqrt(2 / np.prod(shape[:-1])), size=shape).astype("float32")


def _trained_network(**changed: Any) -> Model:
    model = _network(**changed)
    model.set_weights(_trained_weights())
    return model


def _in_another_form() -> Model:
    """The trained network as a dict of outputs, with the skip inside a nested model."""
    import keras
    from keras import layers

    made = _trained_network()
    convolutions = [one for one in made.layers if isinstance(one, layers.Conv2D)]
    around = keras.Input((7, 7, 24))
    block = keras.Model(around, around + convolutions[2](around))
    inputs = keras.Input((28, 28, 1))
    x = convolutions[1](convolutions[0](_standardised(inputs)))
    dense = [one for one in made.layers if isinstance(one, layers.Dense)]
    x = dense[0](layers.Flatten()(block(x)))
    return keras.Model(inputs, {"a_group": dense[2](x), "b_kind": dense[1](x)})


q5 = Question(
    exercise=__name__,
    number=5,
    title="Build, train and prove a model (capstone)",
    objective="choose the API for a task, and give the reason in one sentence",
    kind="build",
    minutes=25,
    difficulty=3,
    points=6,
    answer=FunctionalAnswer(_MODEL_ADVICE),
    judge=_judge_q5,
    hints=(
        "Two outputs and a side road: the Functional API. What takes the light out of each picture, "
        "in lesson 20, section 2? Then convolutions with strides=2, which make the picture smaller.",
        "A side road: y = Conv2D(24, 3, padding='same', activation='relu')(x), then x = Add()([x, y]). "
        "Then Flatten, a Dense layer, and two Dense heads with softmax on the same tensor.",
        "First LayerNormalization(axis=(1, 2, 3), center=False, scale=False). compile with two "
        "losses, loss=['sparse_categorical_crossentropy'] * 2, and Adam(0.003); then "
        "shop.fit(x, [kind, group], epochs=5, batch_size=64).",
    ),
    misconceptions=(
        Misconception("gives one output", lambda: _network(heads=(10,)), shows="Build two heads"),
        Misconception(
            "builds two networks",
            lambda: _network(two_trunks=True, hidden=8),
            shows="share no layer with weights",
        ),
        Misconception(
            "leaves out the side road",
            lambda: _trained_network(skip=False),
            shows="one straight road",
        ),
        Misconception(
            "puts the side road into one head",
            lambda: _network(skip=False, late_skip=True),
            shows="only one of the outputs comes from it",
        ),
        Misconception("is too large", lambda: _network(hidden=64), shows="at most 60,000"),
        Misconception(
            "gives no shares", lambda: _network(activation=None), shows="do not sum to 1"
        ),
        Misconception("does not train", _network, shows="as by guessing|a linear model reaches"),
        Misconception(
            "divides by 255 only",
            lambda: _trained_network(standardise=False),
            shows="Dividing by 255 leaves them dark",
        ),
    ),
    equivalents=(_in_another_form,),
)
