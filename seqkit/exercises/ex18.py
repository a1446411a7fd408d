"""Exercise 18: encoders and decoders, U-Net, teacher forcing. Questions on lesson 18."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from seqkit.exercises.answer_data import AnswerData
from seqkit.exercises.answers import ChoiceAnswer, IntegerAnswer, ShapeAnswer
from seqkit.exercises.criteria import Criterion, combine
from seqkit.exercises.errors import RefusedModelError
from seqkit.exercises.function_answers import Arguments, FunctionAnswer, calls
from seqkit.exercises.judges import choice_is, number_is, shape_is, shape_trace
from seqkit.exercises.keras_types import Layer, Model
from seqkit.exercises.misconceptions import Misconception
from seqkit.exercises.model_answers import FunctionalAnswer
from seqkit.exercises.question import Question
from seqkit.exercises.rebuild import rebuild_model, uses_slicing
from seqkit.exercises.verdict import Outcome, correct, incorrect

# Question 1: the shape behind a join.

q1 = Question(
    exercise=__name__,
    number=1,
    title="Predict the shape behind a join",
    objective="predict the channels of its joins",
    kind="predict",
    minutes=4,
    difficulty=1,
    points=1,
    answer=ShapeAnswer(),
    judge=shape_is(
        (None, 32, 32, 72),
        "UpSampling2D doubles 16 to 32 and keeps 48 channels; 48 + 24 = 72 side by side.",
        known={
            (None, 32, 32, 48): "These are the channels from below alone. Concatenate keeps those "
            "of the fine map, too.",
            (None, 32, 32, 24): "These are the channels of the fine map alone. Concatenate keeps "
            "those from below, too.",
            (None, 16, 16, 72): "The channels are right. UpSampling2D(2) doubles the sides before "
            "the join.",
            (None, 64, 64, 72): "The channels are right. Concatenate joins the last axis only; the "
            "sides are 32 before it and stay.",
            (None, 32, 32, 36): "UpSampling2D keeps all 48 channels; it only repeats pixels.",
            (1, 32, 32, 72): "Height, width and channels are right. The batch axis is None: any "
            "number of pictures.",
            (32, 32, 72): "Height, width and channels are right. The batch axis is missing: it "
            "comes first, as None.",
        },
        otherwise="UpSampling2D(2) doubles height and width and keeps the channels. Concatenate "
        "puts the channels of both maps side by side.",
    ),
    hints=(
        "Two steps: first the shape behind UpSampling2D, then the join.",
        "UpSampling2D(2) gives (None, 32, 32, 48). The fine map is (None, 32, 32, 24).",
        "The sides stay 32. The channels are 48 + 24.",
    ),
    misconceptions=(
        Misconception("forgets the fine map", (None, 32, 32, 48), shows="from below alone"),
        Misconception("forgets the map from below", (None, 32, 32, 24), shows="fine map alone"),
        Misconception("does not double the sides", (None, 16, 16, 72), shows="doubles the sides"),
        Misconception("joins the sides as well", (None, 64, 64, 72), shows="last axis only"),
        Misconception("halves the channels", (None, 32, 32, 36), shows="only repeats pixels"),
        Misconception("leaves out the batch axis", (32, 32, 72), shows="batch axis is missing"),
        Misconception("takes a batch of one", (1, 32, 32, 72), shows="axis is None"),
    ),
    equivalents=([None, 32, 32, 72], (None, np.int64(32), np.int64(32), np.int64(72))),
)


# Question 2: what a skip costs.

q2 = Question(
    exercise=__name__,
    number=2,
    title="Count what a skip costs",
    objective="predict the channels of its joins and count what they cost",
    kind="predict",
    minutes=5,
    difficulty=2,
    points=1,
    answer=IntegerAnswer(),
    judge=number_is(
        5_184,
        "The window sees 24 channels more: 3·3·24·24 = 5,184. The biases stay 24.",
        known={
            5_208: "The biases do not change: there are 24 filters with and without the skip.",
            15_576: "That is the whole convolution with the skip. How many more than without it?",
            10_392: "That is the convolution without the skip. How many more has it with the skip?",
            576: "Each filter has a window of 3 × 3 for every channel: multiply by 9.",
            0: "Concatenate itself has none. But the convolution behind it sees more channels.",
            216: "That is one filter. There are 24 of them.",
        },
        otherwise="Count the convolution twice, by 3·3·channels·filters + filters: once it sees 48 "
        "channels, once 48 + 24.",
    ),
    hints=(
        "Concatenate has no parameters. Which layer gets more channels because of it?",
        "Without the skip the convolution sees 48 channels, with it 72. It has 24 filters of 3 × 3.",
        "(3·3·72·24 + 24) - (3·3·48·24 + 24) = 3·3·24·24.",
    ),
    misconceptions=(
        Misconception("adds biases again", 5_208, shows="biases do not change"),
        Misconception("counts the whole layer", 15_576, shows="How many more than without"),
        Misconception("counts the layer before", 10_392, shows="without the skip. How"),
        Misconception("forgets the window", 576, shows="multiply by 9"),
        Misconception("takes the skip for free", 0, shows="sees more channels"),
        Misconception("counts one filter", 216, shows="24 of them"),
    ),
    equivalents=(np.int64(5_184), 5_184.0),
)


# Question 3: read the error.

_READINGS = {
    "a": "The two GRU layers need equal units. Give both 64.",
    "b": "The encoder returns its outputs and its state, and the next layer of a list takes one.",
    "c": "An Input layer for the decoder is missing in the list.",
    "d": "return_sequences=True is wrong here: the encoder must give one vector.",
}

q3 = Question(
    exercise=__name__,
    number=3,
    title="Read the error of an encoder in a list",
    objective="say which encoder-decoders a Sequential can hold, and which it cannot",
    kind="read",
    minutes=3,
    difficulty=2,
    points=1,
    answer=ChoiceAnswer(_READINGS),
    judge=choice_is(
        "b",
        "return_state=True gives two tensors. In the Functional API the state gets a name and goes "
        "in as initial_state.",
        feedback={
            "a": "Equal units are needed to hand the state over, but the message counts tensors, "
            "not units. How many did the second GRU receive?",
            "c": "A Sequential takes no second Input at all. Look at the two shapes in the "
            "message: both come from the encoder.",
            "d": "The sequence (None, 20, 32) is welcome. The other tensor, (None, 32), is one too "
            "many.",
        },
    ),
    hints=(
        "The message says how many tensors the second GRU expects, and how many came.",
        "Look at both shapes: one has a time axis, the other has none. What are they?",
        "(None, 20, 32) are the outputs, (None, 32) is the state of return_state=True.",
    ),
    misconceptions=(
        Misconception("suspects the units", "a", shows="counts tensors"),
        Misconception("wants a second Input", "c", shows="both come from the encoder"),
        Misconception("suspects the sequences", "d", shows="is one too many"),
    ),
    equivalents=("B", " b) "),
)


# Question 4: prepare teacher forcing.


def _answers() -> list[Arguments]:
    """Arrays of answers; the sign 0 is the start."""
    generator = np.random.default_rng(18)
    return [(generator.integers(1, 9, size=shape),) for shape in ((3, 5), (1, 2), (4, 10))]


def _shifted(answers: np.ndarray) -> np.ndarray:
    return np.pad(answers, ((0, 0), (1, 0)))[:, :-1]


def _by_slices(answers: np.ndarray) -> np.ndarray:
    shifted = np.zeros_like(answers)
    shifted[:, 1:] = answers[:, :-1]
    return shifted


def _as_lists(answers: np.ndarray) -> list[list[int]]:
    return [[0, *row[:-1]] for row in answers.tolist()]


def _unshifted(answers: np.ndarray) -> np.ndarray:
    return answers


def _one_too_long(answers: np.ndarray) -> np.ndarray:
    return np.pad(answers, ((0, 0), (1, 0)))


def _to_the_left(answers: np.ndarray) -> np.ndarray:
    return np.pad(answers, ((0, 0), (0, 1)))[:, 1:]


def _rolled(answers: np.ndarray) -> np.ndarray:
    return np.roll(answers, 1, axis=1)


def _wrong_axis(answers: np.ndarray) -> np.ndarray:
    return np.pad(answers, ((1, 0), (0, 0)))[:-1]


def _all_start(answers: np.ndarray) -> np.ndarray:
    return np.zeros_like(answers)


_FAULTS: tuple[tuple[Callable[[np.ndarray], np.ndarray], str], ...] = (
    (
        _unshifted,
        "These are the answers themselves. At each place the decoder would read the very sign "
        "that it has to write.",
    ),
    (
        _one_too_long,
        "The start is right, but each row is one sign too long. Drop the last sign: nothing is "
        "written after it.",
    ),
    (
        _to_the_left,
        "You shifted to the left: at each place the decoder would read the sign that comes next.",
    ),
    (
        _rolled,
        "The last sign has come round to the front. There must be a 0: before the first sign "
        "nothing was written.",
    ),
    (_wrong_axis, "You shifted the rows. Shift along the signs of each row: axis 1."),
    (_all_start, "Everything is 0. Behind the start stand the signs of the answer, but the last."),
)


def _judge_q4(data: AnswerData) -> Outcome:
    for call in calls(data):
        (answers,) = call.arguments
        try:
            came = np.asarray(call.output)
        except ValueError:
            return incorrect("The rows have different lengths. All keep the length of the answer.")
        wanted = _shifted(answers)
        if came.shape == wanted.shape and np.array_equal(came, wanted):
            continue
        for fault, message in _FAULTS:
            wrong = fault(answers)
            if came.shape == wrong.shape and np.array_equal(came, wrong):
                return incorrect(message)
        if came.shape != wanted.shape:
            return incorrect(f"The shape is {came.shape}; the answers have {wanted.shape}.")
        return incorrect(
            "Put 0 first, then the signs of the answer in their order, without the last one."
        )
    return correct("At each place stands the sign written before; 0 is the start.")


q4 = Question(
    exercise=__name__,
    number=4,
    title="Shift the answers for teacher forcing",
    objective="prepare the two inputs of a decoder",
    kind="build",
    minutes=6,
    difficulty=2,
    points=2,
    answer=FunctionAnswer(_answers),
    judge=_judge_q4,
    hints=(
        "At place 0 the decoder has written nothing: there stands the start. What stands at place 1?",
        "The result has the shape of the answers: one sign more in front, one fewer at the end.",
        "np.pad(answers, ((0, 0), (1, 0))) puts a 0 in front; [:, :-1] drops the last sign.",
    ),
    misconceptions=(
        Misconception("does not shift", lambda: _unshifted, shows="answers themselves"),
        Misconception("keeps the last sign", lambda: _one_too_long, shows="one sign too long"),
        Misconception("shifts to the left", lambda: _to_the_left, shows="comes next"),
        Misconception("rolls round", lambda: _rolled, shows="come round to the front"),
        Misconception("shifts the rows", lambda: _wrong_axis, shows="axis 1"),
        Misconception("gives starts only", lambda: _all_start, shows="Everything is 0"),
    ),
    equivalents=(lambda: _shifted, lambda: _by_slices, lambda: _as_lists),
)


# Question 5: put the skip of a U back.

_ADVICE = "Keep the fine map under a name, and join it with keras.layers.Concatenate."


def without_skip() -> Model:
    """The model that the notebook gives: down and up again, without its skip.

    Returns:
        A Sequential that builds, and cannot see single pixels.

    Example:
        >>> without_skip().output_shape
        (None, 32, 32, 1)
    """
    import keras

    layers = _parts()
    return keras.Sequential([keras.Input((32, 32, 1)), *layers.values()])


def _parts(
    bottom: int = 16, head: str = "sigmoid", interpolation: str = "nearest"
) -> dict[str, Layer]:
    """The layers of the model, in their order."""
    from keras import layers

    return {
        "fine": layers.Conv2D(8, 3, padding="same", activation="relu"),
        "pool": layers.MaxPooling2D(2),
        "bottom": layers.Conv2D(bottom, 3, padding="same", activation="relu"),
        "up": layers.UpSampling2D(2, interpolation=interpolation),
        "last": layers.Conv2D(8, 3, padding="same", activation="relu"),
        "head": layers.Conv2D(1, 1, activation=head),
    }


def _joined(
    skip_from: str = "fine", join: str = "Concatenate", bottom: int = 16, **other: Any
) -> Model:
    """The U with a skip from this tensor, joined by a layer of this name."""
    import keras

    part = _parts(bottom)
    part.update(other)
    inputs = keras.Input((32, 32, 1))
    fine = part["fine"](inputs)
    x = part["up"](part["bottom"](part["pool"](fine)))
    skip = {"fine": fine, "inputs": inputs, "itself": x}[skip_from]
    x = getattr(keras.layers, join)()([x, skip])
    return keras.Model(inputs, part["head"](part["last"](x)))


def _flat() -> Model:
    """Without pooling there is nothing to come up from."""
    import keras

    part = _parts()
    stack = [part[name] for name in ("fine", "bottom", "last", "head")]
    return keras.Sequential([keras.Input((32, 32, 1)), *stack])


def _joined_late() -> Model:
    """Joins behind the last convolution."""
    import keras

    part = _parts()
    inputs = keras.Input((32, 32, 1))
    fine = part["fine"](inputs)
    x = part["last"](part["up"](part["bottom"](part["pool"](fine))))
    x = keras.layers.Concatenate()([x, fine])
    return keras.Model(inputs, part["head"](x))


def _joined_early() -> Model:
    """Joins the two small maps, before coming up."""
    import keras

    part = _parts()
    inputs = keras.Input((32, 32, 1))
    small = part["pool"](part["fine"](inputs))
    x = keras.layers.Concatenate()([part["bottom"](small), small])
    return keras.Model(inputs, part["head"](part["last"](part["up"](x))))


def _replaced(name: str) -> Model:
    """Another layer in the place of one that the model has."""
    from keras import layers

    other = {
        "pool": layers.AveragePooling2D(2),
        "up": layers.Conv2DTranspose(16, 2, strides=2),
    }
    return _joined(**{name: other[name]})


def _sliced() -> Model:
    """Puts the fine map aside with an index."""
    import keras

    part = _parts()
    inputs = keras.Input((32, 32, 1))
    fine = part["fine"](inputs)
    x = part["up"](part["bottom"](part["pool"](fine)))
    x = keras.layers.Concatenate()([x, fine[..., :8]])
    return keras.Model(inputs, part["head"](part["last"](x)))


def _nested() -> Model:
    """The way down and up is a list of its own inside the model."""
    import keras

    part = _parts()
    inputs = keras.Input((32, 32, 1))
    fine = part["fine"](inputs)
    below = keras.Sequential([part["pool"], part["bottom"], part["up"]])
    x = keras.layers.Concatenate()([below(fine), fine])
    return keras.Model(inputs, part["head"](part["last"](x)))


def _other_order() -> Model:
    """The fine map first, other names, another way up of equal size."""
    import keras
    from keras import layers

    picture = keras.Input((32, 32, 1), name="tile")
    fine = layers.ReLU()(layers.Conv2D(8, (3, 3), padding="same", name="detail")(picture))
    low = layers.MaxPooling2D()(fine)
    low = layers.Conv2D(16, 3, padding="same", activation="relu")(low)
    x = layers.concatenate([fine, layers.UpSampling2D(size=(2, 2))(low)])
    x = layers.Conv2D(8, 3, padding="same", activation="relu")(x)
    return keras.Model(picture, layers.Conv2D(1, 1, activation="sigmoid")(x))


def _judge_q5(data: AnswerData) -> Outcome:
    if uses_slicing(data):
        raise RefusedModelError(
            "The model uses slicing, such as fine[..., :8]. Join the whole map: "
            "Concatenate takes the list [x, fine]."
        )
    model = rebuild_model(data)
    if len(model.inputs) != 1 or len(model.outputs) != 1:
        raise RefusedModelError("The model has one input, the tile, and one output, the mask.")
    if model.input_shape[1:] != (32, 32, 1):
        return incorrect(f"The input is {model.input_shape}; keep (32, 32, 1).")
    if model.output_shape[1:] != (32, 32, 1):
        return incorrect(f"The output is {model.output_shape}; a mask has (None, 32, 32, 1).")
    channels, settings = _channels(model), _settings_message(model)
    missing = [kind for kind in ("MaxPooling2D", "UpSampling2D") if not _has(model, kind)]
    return combine(
        [
            Criterion(
                not missing,
                f"I do not see {' and '.join(missing)} in the model. Keep all layers of the list, "
                "and put no other layer in the place of one.",
            ),
            Criterion(
                _contrast(model) > 1e-5,
                _contrast_message(model),
                share=2,
                trace=shape_trace(model),
            ),
            Criterion(
                channels == [(8, 1), (16, 8), (8, 24), (1, 8)] and not settings,
                settings or _channel_message(channels),
            ),
        ],
        praise="The last 3×3 convolution sees 16 channels from below and 8 fine ones.",
    )


def _flat_layers(model: Model) -> list[Layer]:
    """All layers, those of a model inside the model too."""
    found = []
    for layer in model.layers:
        found += _flat_layers(layer) if hasattr(layer, "layers") else [layer]
    return found


def _has(model: Model, kind: str) -> bool:
    return any(type(layer).__name__ == kind for layer in _flat_layers(model))


def _contrast_message(model: Model) -> str:
    joins = [one for one in _flat_layers(model) if type(one).__name__ == "Concatenate"]
    if any(join.output.shape[1] == 16 for join in joins):
        return (
            "The join stands before UpSampling2D; the map there is already small. Join behind it, "
            "with the map before the pooling."
        )
    return "A checkerboard of pixels gives one grey: the skip does not bring the fine map up."


def _settings_message(model: Model) -> str:
    """What is wrong with the activations and the way up; "" if nothing is."""
    import keras

    used = []
    for layer in _flat_layers(model):
        if isinstance(layer, keras.layers.ReLU):
            used.append("relu")
        elif isinstance(layer, keras.layers.Conv2D | keras.layers.Activation):
            used.append(layer.activation.__name__)
        elif getattr(layer, "interpolation", "nearest") != "nearest":
            return "Keep UpSampling2D as it was: without `interpolation` it repeats the pixels."
    if used.count("sigmoid") != 1:
        return 'Keep activation="sigmoid" at the last convolution: a mask has shares from 0 to 1.'
    if used.count("relu") != 3:
        return 'Keep activation="relu" at the three convolutions of 3×3.'
    return ""


def _channels(model: Model) -> list[tuple[int, int]]:
    """For each convolution its filters, and the channels that it reads."""
    import keras

    found = [layer for layer in _flat_layers(model) if isinstance(layer, keras.layers.Conv2D)]
    return [(int(layer.filters), int(layer.kernel.shape[2])) for layer in found]


def _channel_message(channels: list[tuple[int, int]]) -> str:
    if (8, 17) in channels:
        return "You joined the input itself. Join the map of 8 channels behind the first layer."
    if (8, 32) in channels:
        return "You joined the coarse map with itself: 16 + 16. Join it with the fine map."
    if (8, 16) in channels and (1, 16) in channels:
        return "The join stands too late. Put it before the last 3×3 convolution."
    if (8, 8) in channels:
        return "Add needs equal channels and mixes both maps. Keep 16 filters and Concatenate."
    return (
        "Keep the layers and filters as they are; the last 3×3 convolution reads 16 + 8 channels."
    )


def _contrast(model: Model) -> float:
    """How far two pixels in the middle differ when a checkerboard comes in."""
    import keras

    generator = np.random.default_rng(0)
    model.set_weights(
        [generator.normal(size=weight.shape, scale=0.3) for weight in model.get_weights()]
    )
    rows, columns = np.indices((32, 32))
    board = ((rows + columns) % 2).astype("float32")[None, ..., None]
    answer = np.asarray(keras.ops.convert_to_numpy(model(board)))
    return float(np.ptp(answer[0, 12:20, 12:20]))


q5 = Question(
    exercise=__name__,
    number=5,
    title="Put the skip of a U-Net back",
    objective="find a missing skip that gives no error",
    kind="repair",
    minutes=8,
    difficulty=3,
    points=3,
    answer=FunctionalAnswer(_ADVICE),
    judge=_judge_q5,
    hints=(
        "Which layer sees every single pixel? Its output must be kept under a name.",
        "inputs = keras.Input((32, 32, 1)), then fine = layers.Conv2D(8, ...)(inputs). Go down "
        "from fine, and up again.",
        "Behind UpSampling2D: x = layers.Concatenate()([x, fine]); then the last two layers.",
    ),
    misconceptions=(
        Misconception("joins the input", lambda: _joined("inputs"), shows="the input itself"),
        Misconception("joins the map with itself", lambda: _joined("itself"), shows="one grey"),
        Misconception(
            "adds in place of joining", lambda: _joined(join="Add", bottom=8), shows="Add"
        ),
        Misconception("joins too late", _joined_late, shows="too late"),
        Misconception("joins too early", _joined_early, shows="already small"),
        Misconception("takes the pooling out", _flat, shows="do not see MaxPooling2D and UpS"),
        Misconception("pools by the mean", lambda: _replaced("pool"), shows="see MaxPooling2D in"),
        Misconception("learns the way up", lambda: _replaced("up"), shows="see UpSampling2D in"),
        Misconception("joins a slice", _sliced, shows="uses slicing"),
        Misconception(
            "forgets the sigmoid",
            lambda: _joined(head=_parts(head="linear")["head"]),
            shows="sigmoid",
        ),
        Misconception(
            "smooths the way up",
            lambda: _joined(up=_parts(interpolation="bilinear")["up"]),
            shows="repeats the pixels",
        ),
    ),
    equivalents=(_joined, _other_order, _nested),
    starter=without_skip,
)
