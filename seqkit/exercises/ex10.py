"""Exercise 10: sizes, formats, requests and weights of a model that leaves the notebook."""

from __future__ import annotations

import functools
import json
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from seqkit.exercises.answer_data import AnswerData
from seqkit.exercises.answers import ChoiceAnswer, NumberAnswer, TextAnswer
from seqkit.exercises.errors import WrongAnswerKindError
from seqkit.exercises.function_answers import Arguments, FunctionAnswer, calls
from seqkit.exercises.judges import choice_is, number_is, shape_trace
from seqkit.exercises.keras_types import Layer, Model
from seqkit.exercises.misconceptions import Misconception
from seqkit.exercises.model_answers import ModelAnswer
from seqkit.exercises.question import Question
from seqkit.exercises.rebuild import rebuild_model
from seqkit.exercises.verdict import Outcome, correct, incorrect

# Question 1: predict a size.

_count_bytes = number_is(
    305_400,
    "25,450 parameters, three numbers for each (the weight and two averages), four bytes each.",
    known={
        101_800: "These are the weights alone. The file also holds what adam needs to go on.",
        203_600: "Two numbers for each parameter. Adam keeps two averages, and the weight "
        "itself comes on top: three.",
        76_350: "That is how many numbers there are. A float32 number takes four bytes.",
        25_450: "That is the number of parameters. How many numbers are kept for each, and how "
        "many bytes has one?",
        305_408: "The counter of steps is in it (8 bytes). It was to be left out.",
        304_896: "The 32 + 10 biases are missing. Adam keeps two averages for them, too.",
        305: "Count in bytes, not in 1000 bytes.",
        610_800: "Eight bytes would be float64. Keras computes with float32: four bytes.",
    },
    otherwise="Count the parameters, 784·32 + 32 + 32·10 + 10. Then: how many numbers for "
    "each, and how many bytes for one number?",
)


def _judge_q1(data: AnswerData) -> Outcome:
    value = data.values["value"]
    if value != int(value):
        return incorrect(f"You gave {value:g}. Count in bytes, not in 1000 bytes: a whole number.")
    return _count_bytes(AnswerData("integer", {"value": int(value)}))


q1 = Question(
    exercise=__name__,
    number=1,
    title="Predict the bytes in a `.keras` file",
    objective="say what a `.keras` file holds, and predict its size from the number of parameters",
    kind="predict",
    minutes=4,
    difficulty=1,
    points=1,
    answer=NumberAnswer(),
    judge=_judge_q1,
    hints=(
        "First count the parameters, as in lesson 01.",
        "For each parameter the file holds the weight and two averages of adam.",
        "25,450 parameters · 3 numbers · 4 bytes.",
    ),
    misconceptions=(
        Misconception("forgets the optimizer", 101_800, shows="weights alone"),
        Misconception("counts two numbers", 203_600, shows="three"),
        Misconception("counts numbers, not bytes", 76_350, shows="four bytes"),
        Misconception("takes eight bytes", 610_800, shows="float64"),
        Misconception("forgets the biases", 304_896, shows="biases are missing"),
        Misconception("counts the counter of steps", 305_408, shows="left out"),
        Misconception("answers in 1000 bytes", 305.4, shows="305.4. Count in bytes"),
        Misconception("answers in 1000 bytes, rounded", 305, shows="305. Count in bytes"),
    ),
    equivalents=(np.int64(305_400), 305_400.0),
)


# Question 2: choose formats.

_FORMATS = {"k": ".keras", "s": "SavedModel", "l": "LiteRT", "o": "ONNX"}
_RIGHT = "kolks"
_WHY = (
    "Training goes on tomorrow. Only one of the four keeps the optimizer.",
    "A C# program without TensorFlow. Which runtime belongs to no single framework?",
    "Which runtime is made for small devices?",
    "A colleague who adds a layer needs layers, not a finished graph. And the backend may differ.",
    "TensorFlow Serving loads a folder of one kind only.",
)

_ONNX_IN_AN_APP = (
    "Use 3: an ONNX file could run on a telephone, too. But which of the four formats has a runtime "
    "that is made for small devices?"
)


def _judge_q2(data: AnswerData) -> Outcome:
    letters = [letter for letter in data.values["value"].lower() if letter.isalpha()]
    if len(letters) != len(_RIGHT) or set(letters) - set(_FORMATS):
        return incorrect(
            "Give five letters in one text, one for each use: k (.keras), s (SavedModel), "
            'l (LiteRT), o (ONNX). For example "sslok".'
        )
    for number, (came, right, why) in enumerate(zip(letters, _RIGHT, _WHY, strict=True), start=1):
        if came != right and (number, came) == (3, "o"):
            return incorrect(_ONNX_IN_AN_APP)
        if came != right:
            return incorrect(f"Use {number}: {_FORMATS[came]} does not fit. {why}")
    return correct(
        "Who goes on with Keras gets .keras; who only asks gets what their runtime reads."
    )


q2 = Question(
    exercise=__name__,
    number=2,
    title="Choose a format for five uses",
    objective="choose a format for a use",
    kind="choose",
    minutes=4,
    difficulty=1,
    points=1,
    answer=TextAnswer(),
    judge=_judge_q2,
    hints=(
        "For each use ask: does somebody go on with Keras, or does a program only ask?",
        "Two of the five go on with Keras.",
        "1 and 4: .keras. Then there are a telephone, a TensorFlow server, and one program that "
        "is neither.",
    ),
    misconceptions=(
        Misconception("continues training from ONNX", "oolks", shows="keeps the optimizer"),
        Misconception("gives C# a .keras file", "kklks", shows="no single framework"),
        Misconception("puts ONNX on the telephone", "kooks", shows="could run"),
        Misconception("gives a colleague a graph", "kolos", shows="adds a layer"),
        Misconception("serves a .keras file", "kolkk", shows="folder of one kind"),
        Misconception("writes too few letters", "kol", shows="five letters"),
    ),
    equivalents=("KOLKS", "k, o, l, k, s", "k o l k s"),
)


# Question 3: read an error of a runtime.

_READINGS = {
    "a": "Reshape: x.reshape(1, 32, 32, 3)",
    "b": "Convert: x.astype('float32')",
    "c": "Move the axes: x.transpose(0, 2, 3, 1)",
    "d": "Send one picture without the axis of examples: x[0]",
}

q3 = Question(
    exercise=__name__,
    number=3,
    title="Read an error of ONNX Runtime",
    objective="run an exported file in its own runtime, compare it with Keras, and read a runtime's "
    "error",
    kind="read",
    minutes=4,
    difficulty=2,
    points=1,
    answer=ChoiceAnswer(_READINGS),
    judge=choice_is(
        "c",
        "Axis 1 holds the 3 channels and axis 3 should: the picture came channels first. "
        "transpose(0, 2, 3, 1) moves them to the end and keeps each pixel whole.",
        feedback={
            "a": "The shape would fit, and no error would come. But reshape keeps the order of the "
            "numbers: red, green and blue would be mixed up.",
            "b": "The message speaks of dimensions, not of the type of the numbers.",
            "d": "Then an axis would be missing: the file expects four. Which axes does the message "
            "name?",
        },
    ),
    hints=(
        "Indices count from 0. Which axis got 3, and which axis should have 3?",
        "The picture is (1, 3, 32, 32); the file expects (1, 32, 32, 3). Where do channels stand in "
        "PyTorch?",
        "The axes must change places, and each pixel must keep its three numbers: that is "
        "transpose.",
    ),
    misconceptions=(
        Misconception("reshapes", "a", shows="mixed up"),
        Misconception("blames the type", "b", shows="not of the type"),
        Misconception("drops the axis of examples", "d", shows="expects four"),
    ),
    equivalents=("C", " c) "),
)


# Question 4: write a request.


def _pictures() -> list[tuple[np.ndarray]]:
    generator = np.random.default_rng(10)
    return [
        (generator.integers(0, 256, size=(rows, 28, 28)).astype("uint8"),) for rows in (3, 1, 28)
    ]


def request_for(pictures: np.ndarray) -> str:
    """Write the body of a TensorFlow Serving request in the row form.

    Args:
        pictures: whole numbers from 0 to 255, of shape (n, 28, 28).

    Returns:
        The body as a text.

    Example:
        >>> request_for(np.zeros((1, 28, 28), "uint8"))[:22]
        '{"instances": [[[[0], '
    """
    return json.dumps({"instances": pictures[..., None].tolist()})


@dataclass(frozen=True)
class _BodyAnswer(FunctionAnswer):
    """A function that returns a text; bytes get a message of their own."""

    def read_on(self, answer: object, inputs: Sequence[Arguments]) -> AnswerData:
        returned: list[object] = []
        seen = _remembering(answer, returned) if callable(answer) else answer
        try:
            return super().read_on(seen, inputs)
        except WrongAnswerKindError:
            if any(isinstance(output, bytes) for output in returned):
                raise WrongAnswerKindError(
                    "The function returns bytes. Return the text, without .encode()."
                ) from None
            raise


def _remembering(function: Callable[..., Any], returned: list[object]) -> Callable[..., Any]:
    """The same function, with a list of what it returned."""

    @functools.wraps(function)
    def remembered(*arguments: Any) -> Any:
        returned.append(function(*arguments))
        return returned[-1]

    return remembered


def _judge_q4(data: AnswerData) -> Outcome:
    for call in calls(data):
        (pictures,) = call.arguments
        fault = _request_fault(pictures, call.output)
        if fault:
            return incorrect(fault)
    return correct("A server with the model of the lesson can read this, one picture or many.")


def _request_fault(pictures: np.ndarray, output: object) -> str:
    """Say what is wrong with one request, or ''."""
    if not isinstance(output, str):
        return (
            f"The function returns a {type(output).__name__}. A request body is a text: json.dumps "
            "makes it."
        )
    try:
        body = json.loads(output)
    except ValueError:
        return "The text is not JSON. Let json.dumps write it; str() writes Python."
    if isinstance(body, str):
        return "json.dumps was applied twice: the text holds a text. Once is enough."
    if not isinstance(body, dict) or "instances" not in body:
        if isinstance(body, dict) and "inputs" in body:
            return "`inputs` is the column form of a request. Asked is the row form, `instances`."
        return 'The body is a dictionary with the key "instances".'
    if body.get("signature_name", "serving_default") != "serving_default":
        return "The signature that a server calls is named serving_default."
    return _instances_fault(pictures, _without_names(body["instances"]))


def _without_names(instances: object) -> object:
    """The items alone, where each one is written with the name of the input, which is legal."""
    if isinstance(instances, list) and all(
        isinstance(item, dict) and list(item) == ["picture"] for item in instances
    ):
        return [item["picture"] for item in instances]
    return instances


def _leaves(value: object) -> Iterator[object]:
    """What stands in lists of lists."""
    if isinstance(value, list):
        for item in value:
            yield from _leaves(item)
    else:
        yield value


def _instances_fault(pictures: np.ndarray, instances: object) -> str:
    leaves = list(_leaves(instances))
    if any(isinstance(leaf, dict) for leaf in leaves):
        return (
            "An item may be a dictionary only with the name of the input, `picture`, as its one "
            "key. Plain lists are enough here."
        )
    if any(isinstance(leaf, str) for leaf in leaves):
        return 'The pixels are texts, such as "0". The server wants numbers: 0, without quotes.'
    try:
        sent = np.asarray(instances, dtype=float)
    except (TypeError, ValueError):
        return "`instances` must be lists of numbers, all pictures of the same shape."
    expected = pictures[..., None].astype(float)
    if sent.shape == expected.shape:
        if np.array_equal(sent, expected):
            return ""
        if np.allclose(sent * 255, expected, atol=1e-3):
            return "The pixels are divided by 255. This model does that itself: send 0 to 255."
        return "The shape is right, but these are not the pixels that came in."
    if sent.shape == pictures.shape:
        return (
            f"`instances` has shape {sent.shape}: the channel axis is missing. Each instance is "
            "(28, 28, 1)."
        )
    if sent.shape == (len(pictures), 1, 28, 28):
        return "The channel axis stands in front. Keras expects it at the end: (28, 28, 1)."
    if sent.shape == expected.shape[1:]:
        return "One instance came without a list around it. `instances` is always a list of them."
    return f"`instances` has shape {sent.shape}; {expected.shape} is needed."


def _body(pictures: Any, key: str = "instances", **more: Any) -> str:
    return json.dumps({key: np.asarray(pictures).tolist(), **more})


def _only_the_first(pictures: np.ndarray) -> str:
    """Right for several pictures; for one, the list around it is lost."""
    rows = pictures[..., None]
    return _body(rows[0] if len(rows) == 1 else rows)


def _with_names(pictures: np.ndarray, name: str) -> str:
    return json.dumps({"instances": [{name: item} for item in pictures[..., None].tolist()]})


def _with_loops(pictures: np.ndarray) -> str:
    rows = [[[[float(pixel)] for pixel in line] for line in picture] for picture in pictures]
    return json.dumps({"signature_name": "serving_default", "instances": rows}, indent=1)


q4 = Question(
    exercise=__name__,
    number=4,
    title="Write a request for TensorFlow Serving",
    objective="write the request that a TensorFlow Serving server expects, and read its reply",
    kind="build",
    minutes=6,
    difficulty=2,
    points=2,
    answer=_BodyAnswer(_pictures),
    judge=_judge_q4,
    hints=(
        "Three things are to do: add an axis, make lists, write JSON.",
        "pictures[..., None] adds the channel axis. An array cannot be written as JSON, lists can.",
        'return json.dumps({"instances": ....tolist()})',
    ),
    misconceptions=(
        Misconception(
            "forgets the channel axis", lambda: lambda x: _body(x), shows="channel axis is missing"
        ),
        Misconception(
            "puts the channel first", lambda: lambda x: _body(x[:, None]), shows="in front"
        ),
        Misconception(
            "divides by 255",
            lambda: lambda x: _body(x[..., None] / 255),
            shows="does that itself",
        ),
        Misconception(
            "returns the dictionary",
            lambda: lambda x: {"instances": x[..., None].tolist()},
            shows="body is a text",
        ),
        Misconception(
            "writes Python, not JSON",
            lambda: lambda x: str({"instances": x[..., None].tolist()}),
            shows="not JSON",
        ),
        Misconception(
            "uses the name of the column form",
            lambda: lambda x: _body(x[..., None], key="inputs"),
            shows="column form",
        ),
        Misconception(
            "sends the list alone",
            lambda: lambda x: json.dumps(x[..., None].tolist()),
            shows='key "instances"',
        ),
        Misconception(
            "loses the list around one picture", lambda: _only_the_first, shows="always a list"
        ),
        Misconception(
            "writes JSON twice", lambda: lambda x: json.dumps(request_for(x)), shows="twice"
        ),
        Misconception(
            "sends texts", lambda: lambda x: _body(x[..., None].astype(str)), shows="are texts"
        ),
        Misconception(
            "returns bytes", lambda: lambda x: request_for(x).encode(), shows=r"\.encode\(\)"
        ),
        Misconception(
            "gives the items another name",
            lambda: lambda x: _with_names(x, "image"),
            shows="name of the input",
        ),
    ),
    equivalents=(
        lambda: request_for,
        lambda: _with_loops,
        lambda: lambda x: _with_names(x, "picture"),
    ),
)


# Question 5: the preparation belongs to the model.

_AS_GOOD_AS_TRAINED = 0.9
_COMPARED = 500


def trained_model() -> Model:
    """A model that was trained on pixels divided by 255, and does not divide by itself.

    Returns:
        A Sequential that turns (28, 28) pixels from 0 to 1 into ten shares.

    Example:
        >>> trained_model().input_shape
        (None, 28, 28)
    """
    return _with_weights(_learned(0))


def _with_weights(weights: Sequence[np.ndarray]) -> Model:
    import keras
    from keras import layers

    model = keras.Sequential(
        [
            keras.Input((28, 28)),
            layers.Flatten(),
            layers.Dense(32, activation="relu"),
            layers.Dense(10, activation="softmax"),
        ]
    )
    model.set_weights(list(weights))
    return model


@functools.cache
def _learned(seed: int) -> tuple[np.ndarray, ...]:
    """The weights of 784 → 32 → 10 after two epochs of gradient descent.

    Written in NumPy with float64, so that every backend and machine gets the same weights, and a
    judge elsewhere knows what `trained` answers.
    """
    from seqkit import data

    fashion = data.load("fashion")
    x, y = fashion.x_train.reshape(-1, 784) / 255, np.eye(10)[fashion.y_train]
    generator = np.random.default_rng(seed)
    kernel, bias = generator.normal(0, 0.05, (784, 32)), np.zeros(32)
    kernel2, bias2 = generator.normal(0, 0.25, (32, 10)), np.zeros(10)
    rate = 0.1
    for batch in generator.permutation(2 * len(x)).reshape(-1, 50) % len(x):
        hidden = np.maximum(x[batch] @ kernel + bias, 0)
        powers = np.exp(hidden @ kernel2 + bias2)
        error = (powers / powers.sum(axis=1, keepdims=True) - y[batch]) / len(batch)
        back = (error @ kernel2.T) * (hidden > 0)
        kernel2 -= rate * hidden.T @ error
        bias2 -= rate * error.sum(axis=0)
        kernel -= rate * x[batch].T @ back
        bias -= rate * back.sum(axis=0)
    return tuple(array.astype("float32") for array in (kernel, bias, kernel2, bias2))


def _shares(model: Model, pixels: np.ndarray) -> np.ndarray:
    """What the model answers, whether it takes (28, 28) or (28, 28, 1)."""
    import keras

    shape = (-1, *(int(size) for size in model.input_shape[1:]))
    ready = pixels.astype("float32").reshape(shape)
    return np.asarray(keras.ops.convert_to_numpy(model(ready, training=False)))


def loss_on(model: Model, factor: float = 1.0) -> float:
    """The mean cross-entropy of a model on the raw test pixels, times a factor.

    Args:
        model: turns pictures into ten shares.
        factor: by how much the raw pixels, 0 to 255, are multiplied before they are sent.

    Returns:
        The mean cross-entropy; always saying one tenth for each class gives 2.30.
    """
    from seqkit import data

    fashion = data.load("fashion")
    shares = _shares(model, fashion.x_test * factor)
    chosen = shares[np.arange(len(shares)), fashion.y_test]
    return float(-np.log(np.clip(chosen, 1e-7, 1)).mean())


@functools.cache
def _some_pixels() -> np.ndarray:
    from seqkit import data

    return data.load("fashion").x_test[:_COMPARED].astype("float64")


@functools.cache
def _expected_shares() -> np.ndarray:
    """What `trained` answers for divided pixels."""
    return _shares(trained_model(), _some_pixels() / 255)


def _agrees(model: Model, scale: float = 1.0, offset: float = 0.0) -> bool:
    """Whether the model, sent raw · scale + offset, answers as `trained` for divided pixels."""
    shares = _shares(model, _some_pixels() * scale + offset)
    return bool(np.abs(shares - _expected_shares()).max() < 1e-4)


def _judge_q5(data: AnswerData) -> Outcome:
    if data.values["class"] == "Sequential" and data.values["input_shape"] is None:
        return incorrect(
            "The model is not built yet: it does not know the shape of its input. Begin the list "
            "with keras.Input((28, 28))."
        )
    model = rebuild_model(data)
    entry, end = data.values["input_shape"], data.values["output_shape"]
    if entry not in ([None, 28, 28], [None, 28, 28, 1]) or end != [None, 10]:
        return incorrect(
            f"The model turns {_in_words(entry)} into {_in_words(end)}. It must take pictures of "
            "(28, 28) and give ten shares.",
            shape_trace(model),
        )
    if _agrees(model):
        return correct(
            "The model takes raw pixels and gives the same answers as before. Whoever uses it "
            "cannot forget to divide."
        )
    return incorrect(_why_wrong(model))


def _in_words(shape: list[int | None] | None) -> str:
    return "several tensors" if shape is None else str(tuple(shape[1:]))


def _why_wrong(model: Model) -> str:
    """Look for a known layer in a wrong place, or for pixels with which the model agrees."""
    names = [type(layer).__name__ for layer in model.layers]
    if "BatchNormalization" in names:
        return (
            "A new BatchNormalization has learned nothing yet: it leaves the pixels nearly as they "
            "are. A layer that only divides is Rescaling."
        )
    if "Normalization" in names:
        return (
            "Normalization subtracts a mean and divides by a deviation. `trained` has seen pixels "
            "that were divided by 255, and no more. A layer that only divides is Rescaling."
        )
    if names[-1] == "Rescaling":
        return (
            "Rescaling stands at the end: it divides the ten shares. The pixels must be divided "
            "before the first Dense layer."
        )
    for scale, offset, sentence in _PIXELS:
        if _agrees(model, scale, offset):
            return sentence
    if loss_on(model) <= _AS_GOOD_AS_TRAINED:
        return (
            "The loss is low, but the answers are not those of `trained`. Take its layers with "
            "their weights; nothing is trained again."
        )
    return (
        "The answers are not those of `trained`. Are these its layers, with their weights? Is the "
        "scale 1 / 255, and nothing added?"
    )


_PIXELS = (
    (
        1 / 255,
        0.0,
        "The model still expects pixels from 0 to 1: with raw pixels nothing divides them. Put a "
        "layer for that into the list.",
    ),
    (255.0, 0.0, "The pixels are divided by 255 twice. Once is enough."),
    (
        1 / 255**2,
        0.0,
        "The pixels are multiplied. The layer needs the scale 1 / 255, not 255.",
    ),
    (
        256 / 255,
        0.0,
        "The pixels are divided by 256. There are 256 values, but the largest is 255, and `trained` "
        "has seen pixels divided by 255.",
    ),
    (
        1 / 2,
        127.5,
        "The pixels are brought to -1 to 1. `trained` has seen 0 to 1: the scale is 1 / 255, with "
        "no offset.",
    ),
)


def _with_scale(*scales: float, offset: float = 0.0, flat_first: bool = False) -> Model:
    """The trained layers behind one Rescaling for each scale."""
    from keras import layers

    front = [layers.Rescaling(scale, offset=offset) for scale in scales]
    flatten, *dense = trained_model().layers
    return _list_model(*([flatten, *front] if flat_first else [*front, flatten]), *dense)


def _list_model(*parts: Layer) -> Model:
    import keras

    return keras.Sequential([keras.Input((28, 28)), *parts])


def _new_weights() -> Model:
    import keras

    return keras.models.clone_model(_with_scale(1 / 255))


def _trained_again() -> Model:
    from keras import layers

    return _list_model(layers.Rescaling(1 / 255), *_with_weights(_learned(1)).layers)


def _only_the_end() -> Model:
    import keras

    return keras.Sequential([keras.Input((784,)), *trained_model().layers[1:]])


def _without_input() -> Model:
    import keras
    from keras import layers

    return keras.Sequential([layers.Rescaling(1 / 255), *trained_model().layers])


def _behind_batch_normalization() -> Model:
    from keras import layers

    return _list_model(layers.BatchNormalization(), *trained_model().layers)


def _behind_normalization(mean: float, variance: float) -> Model:
    from keras import layers

    front = layers.Normalization(axis=None, mean=mean, variance=variance)
    return _list_model(front, *trained_model().layers)


def _rescaled_at_the_end() -> Model:
    from keras import layers

    return _list_model(*trained_model().layers, layers.Rescaling(1 / 255))


def _nested() -> Model:
    from keras import layers

    return _list_model(layers.Rescaling(1 / 255), trained_model())


def _functional() -> Model:
    import keras
    from keras import layers

    entry = keras.Input((28, 28))
    return keras.Model(entry, trained_model()(layers.Rescaling(1 / 255)(entry)))


def _folded() -> Model:
    """No new layer: the kernel of the first Dense is divided instead."""
    model = trained_model()
    kernel, *others = model.get_weights()
    model.set_weights([kernel / 255, *others])
    return model


q5 = Question(
    exercise=__name__,
    number=5,
    title="Put the preparation into the model",
    objective="put the preparation of the data into the model, so that it is shipped, too",
    kind="repair",
    minutes=6,
    difficulty=2,
    points=2,
    answer=ModelAnswer(),
    judge=_judge_q5,
    hints=(
        "Do not train again. The layers of `trained` have their weights already.",
        "A new list may hold layers of another model: [keras.Input(...), ..., *trained.layers].",
        "Put layers.Rescaling(1 / 255) between keras.Input((28, 28)) and *trained.layers.",
    ),
    misconceptions=(
        Misconception("ships it as it is", trained_model, shows="still expects pixels"),
        Misconception("divides twice", lambda: _with_scale(1 / 255, 1 / 255), shows="twice"),
        Misconception("multiplies", lambda: _with_scale(255.0), shows="are multiplied"),
        Misconception("divides by 256", lambda: _with_scale(1 / 256), shows="largest is 255"),
        Misconception(
            "brings the pixels to -1 to 1",
            lambda: _with_scale(1 / 127.5, offset=-1.0),
            shows="with no offset",
        ),
        Misconception("makes new weights", _new_weights, shows="Are these its layers"),
        Misconception("trains again", _trained_again, shows="loss is low"),
        Misconception("leaves Flatten out", _only_the_end, shows=r"must take pictures"),
        Misconception("forgets the Input", _without_input, shows="is not built yet"),
        Misconception(
            "takes BatchNormalization", _behind_batch_normalization, shows="learned nothing yet"
        ),
        Misconception(
            "subtracts a mean, too",
            lambda: _behind_normalization(73.0, 8100.0),
            shows="subtracts a mean",
        ),
        Misconception("divides at the end", _rescaled_at_the_end, shows="stands at the end"),
    ),
    equivalents=(
        lambda: _with_scale(1 / 255),
        lambda: _with_scale(1 / 255, flat_first=True),
        lambda: _behind_normalization(0.0, 255.0**2),
        _nested,
        _functional,
        _folded,
    ),
)


# Question 6: the kernel behind Flatten, for PyTorch.


def _kernels() -> list[tuple[np.ndarray, int, int, int]]:
    """Kernels of a Dense layer behind a Flatten; height, width and channels differ."""
    generator = np.random.default_rng(6)
    sizes = ((2, 3, 4, 5), (3, 3, 2, 18), (1, 1, 6, 2), (4, 2, 1, 3))
    return [
        (generator.normal(size=(height * width * channels, units)), height, width, channels)
        for height, width, channels, units in sizes
    ]


def weight_for_torch(kernel: np.ndarray, height: int, width: int, channels: int) -> np.ndarray:
    """Sort the kernel of a Dense layer behind a Flatten for `torch.nn.Linear`.

    Args:
        kernel: of shape (height · width · channels, units), as Keras keeps it.
        height: of the map before Flatten.
        width: of the map before Flatten.
        channels: of the map before Flatten.

    Returns:
        The weight of shape (units, channels · height · width).

    Example:
        >>> weight_for_torch(np.arange(8.0).reshape(8, 1), 2, 2, 2).tolist()
        [[0.0, 2.0, 4.0, 6.0, 1.0, 3.0, 5.0, 7.0]]
    """
    cube = kernel.reshape(height, width, channels, -1)
    return cube.transpose(3, 2, 0, 1).reshape(cube.shape[-1], -1)


def _judge_q6(data: AnswerData) -> Outcome:
    for call in calls(data):
        fault = _kernel_fault(call.arguments, call.output)
        if fault:
            return incorrect(fault)
    return correct("Every unit meets the same numbers in both frameworks.")


_Sort = Callable[[np.ndarray, int, int, int], np.ndarray]


def _not_sorted(kernel: np.ndarray, height: int, width: int, channels: int) -> np.ndarray:
    return kernel.T


def _backwards(kernel: np.ndarray, height: int, width: int, channels: int) -> np.ndarray:
    cube = kernel.reshape(channels, height, width, -1)
    return cube.transpose(3, 1, 2, 0).reshape(cube.shape[-1], -1)


def _turned(kernel: np.ndarray, height: int, width: int, channels: int) -> np.ndarray:
    cube = kernel.reshape(height, width, channels, -1)
    return cube.transpose(3, 2, 1, 0).reshape(cube.shape[-1], -1)


def _only_reshaped(kernel: np.ndarray, height: int, width: int, channels: int) -> np.ndarray:
    return kernel.reshape(-1, channels * height * width)


def _untransposed(kernel: np.ndarray, height: int, width: int, channels: int) -> np.ndarray:
    return weight_for_torch(kernel, height, width, channels).T


def _as_maps(kernel: np.ndarray, height: int, width: int, channels: int) -> np.ndarray:
    return kernel.reshape(height, width, channels, -1).transpose(3, 2, 0, 1)


_FAULTS: Sequence[tuple[_Sort, str]] = (
    (
        _not_sorted,
        "The kernel is transposed, but its rows are not sorted: Keras' Flatten runs through the "
        "channels first, PyTorch's through the places.",
    ),
    (
        _backwards,
        "Sorted the wrong way round: the rows of `kernel` are in the order height, width, channels. "
        "Reshape to that first.",
    ),
    (_turned, "Height and width have changed places. After the channels comes height, then width."),
    (
        _only_reshaped,
        "reshape alone mixes units and inputs: it keeps the order of the numbers. Axes change "
        "places with transpose.",
    ),
)


def _kernel_fault(arguments: tuple[Any, ...], output: object) -> str:
    """Say what is wrong with one weight, or ''."""
    expected = weight_for_torch(*arguments)
    try:
        came = np.asarray(output, dtype=float)
    except (TypeError, ValueError):
        return f"The function returns a {type(output).__name__}; an array was expected."
    if came.shape == expected.shape and np.allclose(came, expected, atol=1e-6):
        return ""
    if came.shape == expected.shape:
        for fault, sentence in _FAULTS:
            if np.allclose(came, fault(*arguments), atol=1e-6):
                return sentence
    if came.ndim == 4:
        return (
            f"The result has four axes, {came.shape}. Linear wants two, {expected.shape}: reshape "
            "once more at the end."
        )
    if came.shape == expected.shape[::-1]:
        return (
            f"The result has shape {came.shape}, as in Keras. Linear keeps (units, inputs), "
            f"{expected.shape}."
        )
    if came.shape != expected.shape:
        return f"The result has shape {came.shape}; {expected.shape} was expected."
    return (
        "The shape is right, the order is not. Write the rows as (height, width, channels, units), "
        "move the axes to (units, channels, height, width), and make two axes of them."
    )


def _with_loops_over_places(
    kernel: np.ndarray, height: int, width: int, channels: int
) -> list[list[float]]:
    """The same order, written with an index for each number."""
    order = [
        (row * width + column) * channels + channel
        for channel in range(channels)
        for row in range(height)
        for column in range(width)
    ]
    return kernel[order].T.tolist()


q6 = Question(
    exercise=__name__,
    number=6,
    title="Sort a kernel behind Flatten for PyTorch",
    objective="copy the weights of a stack into `torch.nn.Sequential`: the order of the axes",
    kind="build",
    minutes=8,
    difficulty=3,
    points=2,
    answer=FunctionAnswer(_kernels),
    judge=_judge_q6,
    hints=(
        "Give the rows their three axes back: height, width, channels. The units are a fourth.",
        "PyTorch wants the order units, channels, height, width. transpose moves the axes.",
        "kernel.reshape(height, width, channels, -1).transpose(3, 2, 0, 1), then reshape to two "
        "axes: (units, all others).",
    ),
    misconceptions=(
        Misconception("only transposes", lambda: _not_sorted, shows="rows are not sorted"),
        Misconception("sorts the wrong way round", lambda: _backwards, shows="wrong way round"),
        Misconception("changes height and width", lambda: _turned, shows="Height and width"),
        Misconception("only reshapes", lambda: _only_reshaped, shows="reshape alone"),
        Misconception("does not transpose", lambda: _untransposed, shows="as in Keras"),
        Misconception("keeps four axes", lambda: _as_maps, shows="four axes"),
    ),
    equivalents=(lambda: weight_for_torch, lambda: _with_loops_over_places),
)
