"""Exercise 04: convolutions, pooling, receptive fields. Questions on lesson 04."""

from __future__ import annotations

import math
from functools import cache
from typing import Any

import numpy as np

from seqkit.exercises import architecture
from seqkit.exercises.answer_data import AnswerData
from seqkit.exercises.answers import ChoiceAnswer, IntegerAnswer, came
from seqkit.exercises.errors import WrongAnswerKindError
from seqkit.exercises.function_answers import FunctionAnswer, calls
from seqkit.exercises.judges import choice_is, number_is, shape_trace
from seqkit.exercises.keras_types import Layer, Model
from seqkit.exercises.misconceptions import Misconception
from seqkit.exercises.model_answers import LayersAnswer, ModelAnswer
from seqkit.exercises.question import Question
from seqkit.exercises.rebuild import rebuild_layers, rebuild_model
from seqkit.exercises.verdict import Outcome, correct, incorrect, partial
from seqkit.exercises.words import percent

# Question 1: count the parameters of a Conv1D.

q1 = Question(
    exercise=__name__,
    number=1,
    title="Count the parameters of a Conv1D",
    objective="count the parameters of Conv1D, Conv2D and Conv3D",
    kind="predict",
    minutes=3,
    difficulty=1,
    points=1,
    answer=IntegerAnswer(),
    judge=number_is(
        496,
        "5·6·16 + 16 = 496: a window of 5 hours holds all 6 measurements of each hour.",
        known={
            96: "You left out the 6 measurements: the window covers 5 hours with 6 numbers each.",
            480: "These are the weights alone. Each of the 16 filters also has a bias.",
            80: "That is 5·16. The window holds 6 numbers for each hour, and each filter has a bias.",
            2_416: "That is Conv2D with a window of 5 × 5. A series has one axis to slide along.",
            23_808: "You multiplied by the 48 hours. All places share the same weights.",
            21_824: "You counted for each of the 44 places. All places share the same weights.",
            31: "That is one filter. There are 16.",
        },
        otherwise="Each filter has window · channels weights and one bias. The length of the "
        "series does not matter.",
    ),
    hints=(
        "How many numbers lie under the window at once? Each of them has a weight.",
        "The window covers 5 hours, and each hour has 6 measurements: 30 numbers.",
        "Each of the 16 filters has 30 weights and one bias: 16 · 30 + 16.",
    ),
    misconceptions=(
        Misconception("forgets the measurements", 96, shows="left out the 6 measurements"),
        Misconception("leaves out the biases", 480, shows="weights alone"),
        Misconception("forgets measurements and biases", 80, shows="That is 5·16"),
        Misconception("thinks of Conv2D", 2_416, shows="one axis to slide along"),
        Misconception("multiplies by the hours", 23_808, shows="by the 48 hours"),
        Misconception("multiplies by the places", 21_824, shows="44 places"),
        Misconception("counts one filter", 31, shows="one filter"),
    ),
    equivalents=(np.int64(496), 496.0),
)


# Question 2: trace a receptive field.


class _SideAnswer(IntegerAnswer):
    """One side of a square: (20, 20) is the whole square, not 20,020 with a comma."""

    def _read(self, answer: object) -> AnswerData:
        if isinstance(answer, list | tuple) and len(answer) == 2 and answer[0] == answer[1]:
            raise WrongAnswerKindError(
                f"{came(answer)} Give one side only, as one whole number: the field is a square."
            )
        return super()._read(answer)


q2 = Question(
    exercise=__name__,
    number=2,
    title="Trace a receptive field",
    objective="trace the receptive field of a stack",
    kind="predict",
    minutes=4,
    difficulty=1,
    points=1,
    answer=_SideAnswer(),
    judge=number_is(
        20,
        "5, then 6 with step 2, then 10, then 12 with step 4, then 20.",
        known={
            11: "You took each step as 1. After a pooling of 2, one step of the map is 2 pixels of "
            "the picture.",
            12: "That is the field before the last convolution. It adds (3 - 1)·4.",
            10: "That is the field after the second convolution. Two layers follow.",
            13: "You added up the windows. A window of k widens the field by k - 1 steps.",
            180: "You multiplied the windows. A window of k widens the field by k - 1 steps.",
            16: "The poolings have a window, too: each widens the field by one step.",
            3: "That is what the last window sees of the map before it. How much of the picture is "
            "that?",
        },
        otherwise="Go through the layers: field + (k - 1)·step, then step · stride. Begin with "
        "field 1 and step 1.",
    ),
    hints=(
        "Write two columns, field and step. Begin with 1 and 1, and add one row for each layer.",
        "A window of k: field + (k - 1)·step. A stride of 2 doubles the step for all layers after it.",
        "After the first pooling: field 6, step 2. After the second: field 12, step 4. One "
        "convolution is left.",
    ),
    misconceptions=(
        Misconception("takes each step as 1", 11, shows="each step as 1"),
        Misconception("stops before the last layer", 12, shows="before the last"),
        Misconception("stops at the second convolution", 10, shows="Two layers follow"),
        Misconception("adds the windows", 13, shows="added up the windows"),
        Misconception("multiplies the windows", 180, shows="multiplied the windows"),
        Misconception("gives poolings no window", 16, shows="poolings have a window"),
        Misconception("looks at the last window only", 3, shows="last window"),
        Misconception("gives both sides", (20, 20), shows="one side only"),
    ),
    equivalents=(np.int64(20), 20.0),
)


# Question 3: choose what is wrong with a split.

_REASONS = {
    "a": "The network is good: 73 % is more than 60 %, and both were measured on test patches.",
    "b": "With 60 % the test set was too small; the larger one gives the true number.",
    "c": "Test patches shared pixels with training patches, so memorising was rewarded.",
    "d": "Overlapping patches are forbidden in training.",
}

q3 = Question(
    exercise=__name__,
    number=3,
    title="Find out why a score rose",
    objective="compare a linear model, a Dense network and a CNN on a split that does not leak",
    kind="choose",
    minutes=3,
    difficulty=2,
    points=1,
    answer=ChoiceAnswer(_REASONS),
    judge=choice_is(
        "c",
        "A patch 8 pixels further shares three quarters of its pixels. Split by rows first, and "
        "cut the patches afterwards.",
        feedback={
            "a": "Ask where the test patches come from. Has the network seen some of their pixels?",
            "b": "A larger test set makes a number more stable, and does not lift it by 13 points. "
            "What do neighbouring patches share?",
            "d": "In training they do no harm. The question is on which side of the split the "
            "neighbours of a patch lie.",
        },
    ),
    hints=(
        "Two patches begin 8 pixels apart and are 32 wide. How many pixels do they share?",
        "They share 24 of 32 columns. After a random split, where is the neighbour of a test patch?",
        "Most test patches have a neighbour among the training patches, with three quarters of the "
        "same pixels.",
    ),
    misconceptions=(
        Misconception("trusts the higher score", "a", shows="Has the network seen"),
        Misconception("blames the size", "b", shows="more stable"),
        Misconception("forbids overlap", "d", shows="do no harm"),
    ),
    equivalents=("C", " c) "),
)


# Question 4: repair a stack that is far too large.


def large_stack() -> list[Any]:
    """The stack that the notebook gives: Flatten gets nearly every place of the picture.

    Returns:
        Fresh layers.

    Example:
        >>> len(large_stack())
        6
    """
    import keras
    from keras import layers

    return [
        keras.Input((64, 64, 3)),
        layers.Conv2D(8, 3, activation="relu"),
        layers.Conv2D(16, 3, activation="relu"),
        layers.Flatten(),
        layers.Dense(32, activation="relu"),
        layers.Dense(1, activation="sigmoid"),
    ]


_POOLINGS = {"MaxPooling2D", "AveragePooling2D"}
_WITHOUT_PARAMETERS = {"Dropout", "SpatialDropout2D", "GaussianNoise", "ZeroPadding2D"}


def _pooled(*places: int, kind: str = "MaxPooling2D", size: int = 2, **settings: Any) -> list[Any]:
    """The large stack with a pooling behind each of these places."""
    import keras

    stack: list[Any] = []
    for place, layer in enumerate(large_stack()):
        stack.append(layer)
        stack += [getattr(keras.layers, kind)(size, **settings)] * (place in places)
    return stack


def _pooled_twice_at_the_end() -> list[Any]:
    import keras

    stack = large_stack()
    return [*stack[:3], *(keras.layers.MaxPooling2D(2) for _ in range(2)), *stack[3:]]


def _global_pooling() -> list[Any]:
    import keras

    stack = large_stack()
    return [*stack[:3], keras.layers.GlobalAveragePooling2D(), *stack[4:]]


def _with_strides() -> list[Any]:
    import keras

    stack = large_stack()
    strided = [keras.layers.Conv2D(filters, 3, strides=2, activation="relu") for filters in (8, 16)]
    return [stack[0], *strided, *stack[3:]]


def _smaller_dense() -> list[Any]:
    import keras

    stack = large_stack()
    return [*stack[:4], keras.layers.Dense(2, activation="relu"), stack[5]]


def _cropped() -> list[Any]:
    import keras

    stack = large_stack()
    first, second = keras.layers.Cropping2D(16), keras.layers.Cropping2D(7)
    return [*stack[:2], first, stack[2], second, *stack[3:]]


def _dropout_too() -> list[Any]:
    import keras

    stack = _pooled(1, 2)
    return [*stack[:5], keras.layers.Dropout(0.3), *stack[5:]]


def _relu_behind() -> list[Any]:
    """Own names, average in place of the maximum, and relu as a layer of its own."""
    import keras
    from keras import layers

    return [
        keras.Input((64, 64, 3), name="tile"),
        layers.Conv2D(8, 3, name="fine"),
        layers.MaxPool2D((2, 2)),
        layers.ReLU(),
        layers.Conv2D(16, 3, activation="relu"),
        layers.AveragePooling2D(2, name="coarse"),
        layers.Flatten(),
        layers.Dense(32, activation="relu"),
        layers.Dense(1, activation="sigmoid"),
    ]


def _judge_q4(data: AnswerData) -> Outcome:
    import keras

    from seqkit.tracing import trace

    layers = rebuild_layers(data)
    if not layers or not isinstance(layers[0], keras.KerasTensor):
        return incorrect("The list has lost its keras.Input((64, 64, 3)). Put it in front again.")
    steps = architecture.steps(layers)
    kept = [step for step in steps if step.kind not in _POOLINGS]
    kinds = [step.kind for step in steps]
    if "Cropping2D" in kinds:
        return incorrect("Cropping throws the border away; use a pooling.")
    added = [kind for kind in kinds if kind in _WITHOUT_PARAMETERS]
    count = sum(kind in _POOLINGS for kind in kinds)
    if added:
        place = "a third" if count + len(added) == 3 else "another"
        return incorrect(
            f"You added {place} layer, {added[0]}. The task asks for two."
            if count >= 2
            else f"You added {added[0]}. The task asks for two pooling layers: they halve the sides."
        )
    changed = architecture.difference(kept, architecture.steps(large_stack()))
    if changed:
        return incorrect(f"Keep the layers that are there, and add two. {changed}")
    if tuple(layers[0].shape) != (None, 64, 64, 3):
        return incorrect("Keep keras.Input((64, 64, 3)).")
    if count != 2:
        return incorrect(f"Poolings in the list: {count}. The task asks for two.")
    traced = trace(layers)
    if not traced.ok:
        reason = traced.failure.reason if traced.failure else ""
        return incorrect(f"The stack does not build: {reason}.", str(traced))
    second = kinds.index("Conv2D", kinds.index("Conv2D") + 1)
    places = [place for place, kind in enumerate(kinds) if kind in _POOLINGS]
    came_in = next(row.input_shape for row in traced.rows if row.kind == "Flatten")
    if not places[0] < second < places[1]:
        numbers = math.prod(side for side in came_in or () if side)
        return partial(
            0.5,
            f"Both poolings stand at the same end: Flatten gives {numbers:,}, not 3,136. Put one "
            "behind each convolution: then the second convolution has less work, and a larger field.",
            str(traced),
        )
    if came_in != (None, 14, 14, 16):
        return partial(
            0.5,
            f"Flatten gets {came_in}, not (None, 14, 14, 16). Halve the sides twice, with a window "
            "of 2, and round down.",
            str(traced),
        )
    return correct("14·14·16 = 3,136 numbers after Flatten, and 101,809 parameters in all.")


q4 = Question(
    exercise=__name__,
    number=4,
    title="Repair a stack that is far too large",
    objective="build a CNN for colour pictures, say where its parameters lie",
    kind="repair",
    minutes=5,
    difficulty=2,
    points=2,
    answer=LayersAnswer(),
    judge=_judge_q4,
    hints=(
        "Look at the trace: which layer has nearly all parameters, and how many numbers does it get?",
        "The Dense layer has 57,600 inputs. A layer without parameters can halve both sides.",
        "Put layers.MaxPooling2D(2) behind each of the two convolutions: 62 → 31 → 29 → 14.",
    ),
    misconceptions=(
        Misconception("pools once", lambda: _pooled(1), shows="in the list: 1"),
        Misconception("pools three times", lambda: _pooled(1, 2, 3), shows="in the list: 3"),
        Misconception("pools at the end only", _pooled_twice_at_the_end, shows="3,600, not 3,136"),
        Misconception("crops", _cropped, shows="throws the border away"),
        Misconception("adds a Dropout", _dropout_too, shows="a third layer, Dropout"),
        Misconception("pools globally", _global_pooling, shows="Keep the layers"),
        Misconception("uses strides", _with_strides, shows="strides"),
        Misconception("shrinks the Dense layer", _smaller_dense, shows="2 units"),
        Misconception("pools by 4", lambda: _pooled(1, 2, size=4), shows="Flatten gets"),
        Misconception(
            "pads the poolings", lambda: _pooled(1, 2, padding="same"), shows="15, 15, 16"
        ),
    ),
    equivalents=(lambda: _pooled(1, 2), _relu_behind, lambda: _pooled(1, 2, kind="MaxPool2D")),
    starter=large_stack,
)


# Question 5: a convolution with a stride, by hand.


def _convolution_cases() -> list[tuple[np.ndarray, np.ndarray, int]]:
    """Pictures, kernels and strides; no side equals another by chance."""
    generator = np.random.default_rng(4)
    cases = []
    for height, width, side, stride in ((5, 5, 3, 1), (6, 8, 3, 1), (9, 7, 3, 2), (11, 8, 2, 3)):
        picture = generator.integers(0, 10, size=(height, width)).astype(float)
        kernel = generator.integers(-3, 4, size=(side, side)).astype(float)
        cases.append((picture, kernel, stride))
    return cases


def true_convolution(picture: np.ndarray, kernel: np.ndarray, stride: int) -> np.ndarray:
    """Slide a kernel over a picture, as Conv2D does without padding and bias.

    Args:
        picture: an array of two axes.
        kernel: a square array.
        stride: how far the kernel moves at a time.

    Returns:
        The feature map.

    Example:
        >>> true_convolution(np.ones((5, 4)), np.ones((3, 3)), 2)
        array([[9.],
               [9.]])
    """
    side = len(kernel)
    rows = range(0, picture.shape[0] - side + 1, stride)
    columns = range(0, picture.shape[1] - side + 1, stride)
    return np.array(
        [
            [
                (picture[row : row + side, column : column + side] * kernel).sum()
                for column in columns
            ]
            for row in rows
        ]
    )


def _small_steps(picture: np.ndarray, kernel: np.ndarray, stride: int) -> np.ndarray:
    """The right number of places, but the window moves by 1: row in place of row · stride."""
    rows, columns = true_convolution(picture, kernel, stride).shape
    return np.asarray(true_convolution(picture, kernel, 1)[:rows, :columns])


def _judge_q5(data: AnswerData) -> Outcome:
    for call in calls(data):
        picture, kernel, stride = call.arguments
        case = f"For a picture of {picture.shape}, a kernel of {kernel.shape} and stride {stride}: "
        fault = _map_fault(call.output, picture, kernel, stride)
        if fault:
            return incorrect(case + fault)
    return correct("Multiply and add, place after place: this is what each filter of Conv2D does.")


def _map_fault(output: object, picture: np.ndarray, kernel: np.ndarray, stride: int) -> str:
    """Say what is wrong with one feature map, or ''."""
    try:
        came = np.asarray(output, dtype=float)
    except (TypeError, ValueError):
        return f"it returns a {type(output).__name__}; an array was expected."
    expected = true_convolution(picture, kernel, stride)
    if came.shape != expected.shape:
        return _shape_fault(came.shape, expected.shape, picture, kernel, stride)
    if np.allclose(came, expected):
        return ""
    if np.allclose(came, true_convolution(picture, kernel[::-1, ::-1], stride)):
        return "the kernel is turned by 180°. Keras leaves it as it is."
    if np.allclose(came, true_convolution(picture, kernel.T, stride)):
        return "the kernel is mirrored: its rows lie on columns."
    if stride > 1 and np.allclose(came, _small_steps(picture, kernel, stride)):
        return f"the window moves by 1: begin at row · stride. Here the stride is {stride}."
    if np.allclose(came, expected / kernel.size):
        return "that is the mean of the products. A convolution is their sum."
    return "the shape is right, the numbers are not. Multiply window and kernel, and add up."


def _shape_fault(
    came: tuple[int, ...],
    expected: tuple[int, ...],
    picture: np.ndarray,
    kernel: np.ndarray,
    stride: int,
) -> str:
    fault = f"the result has shape {came}, expected {expected}."
    if stride > 1 and came == true_convolution(picture, kernel, 1).shape:
        return f"{fault} The stride is left out."
    if came == tuple(-(-side // stride) for side in picture.shape):
        return f"{fault} That is padding='same'; here the kernel stays inside the picture."
    if came == expected[::-1]:
        return f"{fault} Height comes first."
    return f"{fault} Each side is floor((side - kernel)/stride) + 1."


def _with_keras(picture: np.ndarray, kernel: np.ndarray, stride: int) -> Any:
    """The same from Keras' own convolution, as a list."""
    import keras

    result = keras.ops.conv(
        picture[None, :, :, None].astype("float32"),
        kernel[:, :, None, None].astype("float32"),
        strides=stride,
    )
    return keras.ops.convert_to_numpy(result)[0, ..., 0].tolist()


def _last_place_missing(picture: np.ndarray, kernel: np.ndarray, stride: int) -> np.ndarray:
    return true_convolution(picture[:-1, :-1], kernel, stride)


def _padded(picture: np.ndarray, kernel: np.ndarray, stride: int) -> np.ndarray:
    side = len(kernel)
    before = (side - 1) // 2
    around = np.pad(picture, (before, side - 1 - before))
    return true_convolution(around, kernel, 1)[::stride, ::stride]


q5 = Question(
    exercise=__name__,
    number=5,
    title="Write a convolution with a stride",
    objective="work out a convolution by hand, with its stride",
    kind="build",
    minutes=8,
    difficulty=3,
    points=2,
    answer=FunctionAnswer(_convolution_cases),
    judge=_judge_q5,
    hints=(
        "Begin with the loop of the lesson. Which rows does the window start at when it moves by 2?",
        "range(0, picture.shape[0] - side + 1, stride) gives the starts. The result has one row for "
        "each of them.",
        "Collect (picture[row : row + side, column : column + side] * kernel).sum() over both "
        "ranges of starts, as a list of rows, and return np.array of it.",
    ),
    misconceptions=(
        Misconception(
            "turns the kernel round",
            lambda: lambda p, k, s: true_convolution(p, k[::-1, ::-1], s),
            shows="turned by 180°",
        ),
        Misconception(
            "forgets the stride",
            lambda: lambda p, k, s: true_convolution(p, k, 1),
            shows="stride is left out",
        ),
        Misconception(
            "moves by 1", lambda: _small_steps, shows=r"moves by 1: begin at row · stride"
        ),
        Misconception("pads the picture", lambda: _padded, shows="padding='same'"),
        Misconception(
            "takes the mean",
            lambda: lambda p, k, s: true_convolution(p, k, s) / k.size,
            shows="mean of the products",
        ),
        Misconception(
            "misses the last place", lambda: _last_place_missing, shows=r"floor\(\(side - kernel"
        ),
        Misconception(
            "mirrors the kernel",
            lambda: lambda p, k, s: true_convolution(p, k.T, s),
            shows="mirrored",
        ),
    ),
    equivalents=(lambda: _with_keras, lambda: true_convolution),
)


# Question 6: improve a score.

_PASS_MARK = 0.85
_LIMIT = 5_000


@cache
def patches() -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    """The patches of the lesson: each has mean 0 and standard deviation 1.

    Returns:
        x_train, y_train, x_test, y_test.

    Example:
        >>> [part.shape for part in patches()]
        [(576, 32, 32, 1), (576,), (192, 32, 32, 1), (192,)]
    """
    from seqkit import data

    parts = data.load("textures").patches(32)
    return _normed(parts.x_train), parts.y_train, _normed(parts.x_test), parts.y_test


def _normed(x: np.ndarray) -> np.ndarray:
    """Each patch with mean 0 and standard deviation 1."""
    x = x.astype("float32")[..., None]
    shifted = x - x.mean((1, 2, 3), keepdims=True)
    return np.asarray(shifted / x.std((1, 2, 3), keepdims=True))


def _network(*body: Layer, outputs: int = 3, epochs: int = 0, scores: bool = False) -> Model:
    """A network on patches, trained for some epochs, for wrong and for unusual answers."""
    import keras

    keras.utils.set_random_seed(0)
    last = keras.layers.Dense(outputs, activation=None if scores else "softmax")
    model = keras.Sequential([keras.Input((32, 32, 1)), *body, last])
    loss = keras.losses.SparseCategoricalCrossentropy(from_logits=scores)
    model.compile(optimizer=keras.optimizers.Adam(0.01), loss=loss)
    if epochs:
        x, y, _, _ = patches()
        model.fit(x, y, epochs=epochs, batch_size=32, verbose=0)
    return model


def _windows(close: str = "GlobalAveragePooling2D") -> list[Layer]:
    """The convolutions of the lesson, and a layer that closes the sides."""
    from keras import layers

    return [
        layers.Conv2D(8, 3, activation="relu"),
        layers.MaxPooling2D(2),
        layers.Conv2D(16, 3, activation="relu"),
        getattr(layers, close)(),
    ]


def _small_dense() -> Model:
    from keras import layers

    return _network(layers.Flatten(), layers.Dense(4, activation="relu"), epochs=3)


def _large_dense() -> Model:
    from keras import layers

    return _network(layers.Flatten(), layers.Dense(64, activation="relu"))


def _strided_with_scores() -> Model:
    """Strides in place of the pooling, and raw scores at the end."""
    from keras import layers

    body = [
        layers.Conv2D(8, 5, strides=2, activation="relu"),
        layers.Conv2D(16, 3, activation="relu"),
        layers.GlobalAveragePooling2D(),
    ]
    return _network(*body, epochs=15, scores=True)


def _judge_q6(data: AnswerData) -> Outcome:
    model = rebuild_model(data)
    inputs, outputs = data.values["input_shape"][1:], data.values["output_shape"][1:]
    if inputs != [32, 32, 1] or outputs != [3]:
        return incorrect(
            f"The model turns {tuple(inputs)} into {tuple(outputs)}. It must take a patch "
            "(32, 32, 1) and give three numbers.",
            shape_trace(model),
        )
    size = int(model.count_params())
    if size > _LIMIT:
        return incorrect(
            f"The model has {size:,} parameters; at most {_LIMIT:,} are allowed. Which layer has "
            "most of them? A convolution and a global pooling need few.",
            shape_trace(model),
        )
    _, _, x, y = patches()
    found = float((model.predict(x, batch_size=192, verbose=0).argmax(axis=1) == y).mean())
    if found >= _PASS_MARK:
        # No score here: it differs a little from machine to machine, and this output is stored.
        return correct(
            f"At least {percent(_PASS_MARK)} of the test patches, with {size:,} parameters."
        )
    return incorrect(
        f"The model classifies {percent(found)} of the test patches correctly. {_advice(model, found)}"
    )


def _advice(model: Model, found: float) -> str:
    kinds = {type(layer).__name__ for layer in model.layers}
    if not any("Conv" in kind for kind in kinds):
        return "It has no convolution: Dense layers have weights for each pixel, and memorise."
    if found < 0.5:
        return "Guessing gives 33 %. Train the model with fit on the training patches."
    return "Train for more epochs, or with a learning rate of 0.01."


q6 = Question(
    exercise=__name__,
    number=6,
    title="Improve the score with fewer parameters",
    objective="compare a linear model, a Dense network and a CNN",
    kind="improve",
    minutes=8,
    difficulty=3,
    points=2,
    answer=ModelAnswer(),
    judge=_judge_q6,
    hints=(
        "Textures are small patterns that come everywhere. Which layer looks for a pattern at all "
        "places with the same weights?",
        "Conv2D, MaxPooling2D, Conv2D. Close the sides with GlobalAveragePooling2D; Flatten makes the "
        "Dense layer behind it large. The CNN may need a larger learning rate or more epochs.",
        "The cnn of section 4, Adam(0.01) and 15 epochs: 1,299 parameters are enough.",
    ),
    misconceptions=(
        Misconception("keeps the Dense network", _large_dense, shows="65,795 parameters"),
        Misconception("shrinks the Dense network", _small_dense, shows="no convolution"),
        Misconception(
            "closes with Flatten", lambda: _network(*_windows("Flatten")), shows="9,363 parameters"
        ),
        Misconception("does not train", lambda: _network(*_windows()), shows="Guessing gives 33"),
        Misconception(
            "gives ten outputs", lambda: _network(*_windows(), outputs=10), shows="three numbers"
        ),
    ),
    equivalents=(_strided_with_scores,),
)
