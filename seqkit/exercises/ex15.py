"""Exercise 15: branches, Concatenate, bottlenecks, ensembles. Questions on lesson 15."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from seqkit.exercises.answer_data import AnswerData
from seqkit.exercises.answers import ChoiceAnswer, IntegerAnswer, ShapeAnswer
from seqkit.exercises.criteria import Criterion, combine
from seqkit.exercises.errors import RefusedModelError
from seqkit.exercises.judges import choice_is, number_is, shape_is, shape_trace
from seqkit.exercises.keras_types import Layer, Model
from seqkit.exercises.misconceptions import Misconception
from seqkit.exercises.model_answers import FunctionalAnswer
from seqkit.exercises.question import Question
from seqkit.exercises.rebuild import rebuild_model
from seqkit.exercises.verdict import Outcome, correct, incorrect

# Question 1: predict the shape after Concatenate.

q1 = Question(
    exercise=__name__,
    number=1,
    title="Predict the shape of joined branches",
    objective="work out the channels that branches give together",
    kind="predict",
    minutes=4,
    difficulty=1,
    points=1,
    answer=ShapeAnswer(),
    judge=shape_is(
        (None, 14, 14, 88),
        "16 + 24 + 48 = 88: a pooling keeps the 48 channels of its input.",
        known={
            (None, 14, 14, 40): "The pooling branch is missing. It has no filters, but it hands on "
            "the 48 channels that it gets.",
            (None, 14, 14, 100): "You counted the 12 channels inside the second branch. Only the "
            "last layer of a branch is joined.",
            (
                None,
                14,
                14,
                48,
            ): "That is the widest branch alone. Concatenate keeps the channels of all branches.",
            (None, 7, 7, 88): "The channels are right. With strides=1 and padding='same' the "
            "pooling keeps the sides.",
            (None, 42, 14, 88): "The channels are right. Concatenate joins the last axis only; "
            "height and width stay.",
            **{
                (batch, 14, 14, 88): "Height, width and channels are right. The first axis is the "
                "batch, and its size is open: None."
                for batch in range(1, 129)
            },
            (14, 14, 88): "Height, width and channels are right. The batch axis is missing: it "
            "comes first, as None.",
        },
        otherwise="The sides stay, because all branches keep them. The channels of the last layer "
        "of each branch are put side by side: their numbers are summed.",
    ),
    hints=(
        "Work out the shape at the end of each branch first. Which axis does Concatenate join?",
        "The branches end with 16 and 24 filters. How many channels does a pooling give?",
        "A pooling keeps its 48 channels. Add 16, 24 and 48; the sides stay 14.",
    ),
    misconceptions=(
        Misconception("forgets the pooling", (None, 14, 14, 40), shows="pooling branch"),
        Misconception("counts the inner layer", (None, 14, 14, 100), shows="Only the last layer"),
        Misconception("takes the widest branch", (None, 14, 14, 48), shows="widest branch alone"),
        Misconception("halves the sides", (None, 7, 7, 88), shows="keeps the sides"),
        Misconception("joins the heights", (None, 42, 14, 88), shows="last axis only"),
        Misconception("gives a batch of one", (1, 14, 14, 88), shows="its size is open"),
        Misconception("leaves out the batch axis", (14, 14, 88), shows="batch axis is missing"),
    ),
    equivalents=([None, 14, 14, 88], (None, np.int64(14), np.int64(14), np.int64(88))),
)


# Question 2: count what a bottleneck saves.

q2 = Question(
    exercise=__name__,
    number=2,
    title="Count what a bottleneck saves",
    objective="count what a 1×1 bottleneck saves",
    kind="predict",
    minutes=5,
    difficulty=2,
    points=1,
    answer=IntegerAnswer(),
    judge=number_is(
        44_280,
        "51,232 directly; 520 + 6,432 = 6,952 with the bottleneck. The difference is 44,280.",
        known={
            51_232: "That is the 5×5 layer without a bottleneck. Subtract what the two layers have.",
            6_952: "That is what the two layers have. How many fewer than the one layer is it?",
            -44_280: "Right size, wrong sign: before minus after.",
            44_800: "The 1×1 layer has parameters, too: 64·8 + 8 = 520.",
            44_288: "These are the weights alone. The 1×1 layer adds 8 biases of its own.",
            44_312: "You left out the 32 biases of the 5×5 layer behind the bottleneck.",
        },
        otherwise="Count three layers by side · side · channels · filters + filters: 5×5 on 64 "
        "channels, 1×1 on 64, and 5×5 on 8.",
    ),
    hints=(
        "Count three layers: the 5×5 layer as it is, the 1×1 layer, and the 5×5 layer behind it.",
        "Directly: 5·5·64·32 + 32 = 51,232. Behind the bottleneck the 5×5 window sees 8 channels.",
        "With the bottleneck: (64·8 + 8) + (5·5·8·32 + 32) = 520 + 6,432. Subtract it from 51,232.",
    ),
    misconceptions=(
        Misconception("gives the first count", 51_232, shows="without a bottleneck"),
        Misconception("gives the second count", 6_952, shows="How many fewer"),
        Misconception("subtracts the other way round", -44_280, shows="before minus after"),
        Misconception("takes the 1×1 layer for free", 44_800, shows="has parameters, too"),
        Misconception("leaves out the biases", 44_288, shows="weights alone"),
    ),
    equivalents=(np.int64(44_280), 44_280.0),
)


# Question 3: read the error.

_READINGS = {
    "a": "Conv2D is spelled wrongly, so Keras does not know these layers.",
    "b": "One item of the list is itself a list. Call both layers on the same tensor, then join them.",
    "c": "The two layers have different filters. Give both 8, and the list is accepted.",
    "d": "The layers are not built yet. Build both of them first, and the list is accepted.",
}

q3 = Question(
    exercise=__name__,
    number=3,
    title="Read the error of a list inside the list",
    objective="read the error that branches in a list give",
    kind="read",
    minutes=3,
    difficulty=2,
    points=1,
    answer=ChoiceAnswer(_READINGS),
    judge=choice_is(
        "b",
        "The end of the message says it: (of type <class 'list'>). Branches need the Functional "
        "API, or a layer of your own that holds them.",
        feedback={
            "a": "Keras prints both as <Conv2D ...>, so it knows them. Read the last words of the "
            "message: what is it that was received?",
            "c": "With 8 filters each the message is the same. Keras does not look inside the inner "
            "list at all.",
            "d": "built=False is normal for a new layer. With two built layers it stops in the "
            "same way: it is not about shapes.",
        },
    ),
    hints=(
        "The message says what can be added, and then what was received. Compare the two.",
        "Look at the very end: of which type is the thing that was received?",
        "It is a list of two layers. A list is no keras.Layer, whatever stands in it.",
    ),
    misconceptions=(
        Misconception("suspects the spelling", "a", shows="so it knows them"),
        Misconception("suspects the filters", "c", shows="does not look inside"),
        Misconception("suspects the missing build", "d", shows="normal for a new layer"),
    ),
    equivalents=("B", " b) "),
)


# Question 4: compare fairly.

_CONCLUSIONS = {
    "a": "B is better: its mean is higher.",
    "b": "A is better: the best of all six runs belongs to A.",
    "c": "No winner can be named: the means differ far less than the seeds of one network do.",
    "d": "Nothing can be said: 2,800 and 2,810 parameters are not equal.",
}

q4 = Question(
    exercise=__name__,
    number=4,
    title="Draw the conclusion that the runs allow",
    objective="compare two networks fairly, with equal parameters and several seeds",
    kind="choose",
    minutes=4,
    difficulty=2,
    points=1,
    answer=ChoiceAnswer(_CONCLUSIONS),
    judge=choice_is(
        "c",
        "The means are 91.3 and 91.7 %; the seeds of A alone are 5 points apart. More seeds may "
        "find a difference, these three cannot.",
        feedback={
            "a": "By 0.3 points, while the seeds of B alone lie 3 points apart. With three other "
            "seeds the order may turn round.",
            "b": "The best of several throws says more about luck than about the network. A also "
            "has the worst run, 89 %.",
            "d": "They differ by less than half a per cent. No network gains from ten parameters in "
            "2,800; look at the runs.",
        },
    ),
    hints=(
        "Work out both means. Then ask how far the runs of one and the same network lie apart.",
        "The means are 91.3 and 91.7. The runs of A go from 89 to 94.",
        "0.3 points between the networks, 3 and 5 points between the seeds. Which is larger?",
    ),
    misconceptions=(
        Misconception("trusts a small difference of means", "a", shows="may turn round"),
        Misconception("takes the best run", "b", shows="about luck"),
        Misconception("wants exactly equal counts", "d", shows="half a per cent"),
    ),
    equivalents=("C", "c)"),
)


# Question 5: put branches that stand in a row side by side.

_WINDOWS = {1: 4, 3: 6, 5: 2}  # side of the window to filters


def row_of_windows() -> Model:
    """The model that the notebook gives: three windows behind each other.

    Returns:
        A Sequential that builds, and is not what was meant.

    Example:
        >>> row_of_windows().output_shape
        (None, 16, 16, 2)
    """
    import keras

    return keras.Sequential([keras.Input((16, 16, 8)), *_windows()])


def _windows(filters: Sequence[int] = (4, 6, 2)) -> list[Layer]:
    from keras import layers

    return [
        layers.Conv2D(count, side, padding="same", activation="relu")
        for side, count in zip(_WINDOWS, filters, strict=True)
    ]


def _side_by_side(join: str = "Concatenate", filters: Sequence[int] = (4, 6, 2)) -> Model:
    """The windows as branches, joined by a layer of this name."""
    import keras

    inputs = keras.Input((16, 16, 8))
    ends = [layer(inputs) for layer in _windows(filters)]
    return keras.Model(inputs, getattr(keras.layers, join)()(ends))


def _row_joined() -> Model:
    """Joins all outputs of the row: the shape is right, the branches are not."""
    import keras

    inputs = x = keras.Input((16, 16, 8))
    ends = []
    for layer in _windows():
        x = layer(x)
        ends.append(x)
    return keras.Model(inputs, keras.layers.Concatenate()(ends))


def _without_the_last() -> Model:
    import keras

    inputs = keras.Input((16, 16, 8))
    ends = [layer(inputs) for layer in _windows()[:2]]
    return keras.Model(inputs, keras.layers.Concatenate()(ends))


def _three_outputs() -> Model:
    import keras

    inputs = keras.Input((16, 16, 8))
    return keras.Model(inputs, [layer(inputs) for layer in _windows()])


def _one_input_each() -> Model:
    """Gives each branch an input of its own."""
    import keras

    inputs = [keras.Input((16, 16, 8)) for _ in _WINDOWS]
    ends = [layer(x) for layer, x in zip(_windows(), inputs, strict=True)]
    return keras.Model(inputs, keras.layers.Concatenate()(ends))


def _changed_windows(**options: object) -> Model:
    """Branches whose layers have other options; `rate` puts a Dropout behind them."""
    import keras
    from keras import layers

    inputs = keras.Input((16, 16, 8))
    rate = options.pop("rate", 0)
    given = {"padding": "same", "activation": "relu", **options}
    ends = [layers.Conv2D(count, side, **given)(inputs) for side, count in _WINDOWS.items()]
    joined = layers.Concatenate()(ends)
    return keras.Model(inputs, layers.Dropout(rate)(joined) if rate else joined)


def _relu_behind() -> Model:
    """One relu behind Concatenate does what three relus before it do; the output is a dict."""
    import keras
    from keras import layers

    inputs = keras.Input((16, 16, 8))
    ends = [layers.Conv2D(count, side, padding="same")(inputs) for side, count in _WINDOWS.items()]
    return keras.Model(inputs, {"joined": layers.ReLU()(layers.Concatenate()(ends))})


def _unusual_branches() -> Model:
    """Another order, own names, activations apart, a branch as a Sequential."""
    import keras
    from keras import layers

    inputs = keras.Input((16, 16, 8), name="picture")
    five = layers.Conv2D(2, (5, 5), padding="same", name="wide")(inputs)
    three = keras.Sequential([layers.Conv2D(6, 3, padding="same"), layers.ReLU()])(inputs)
    one = layers.Conv2D(4, 1, activation="relu")(inputs)
    return keras.Model(inputs, layers.concatenate([layers.ReLU()(five), three, one]))


def _convolutions(model: Model) -> list[Layer]:
    """All Conv2D layers, those inside nested models too."""
    import keras

    found: list[Layer] = []
    for layer in model.layers:
        if isinstance(layer, keras.Model):
            found += _convolutions(layer)
        elif isinstance(layer, keras.layers.Conv2D):
            found.append(layer)
    return found


_ADVICE = "Call each branch or member on one keras.Input, and join the answers."


def _single_model(data: AnswerData, several_inputs: str, several_outputs: str) -> Model:
    """The model again, with exactly one input and one output."""
    import keras

    if data.values["class"] == "subclass":
        raise RefusedModelError("Build the model with keras.Model(inputs, outputs).")
    model = rebuild_model(data)
    if len(model.inputs) != 1:
        raise RefusedModelError(f"The model has several inputs. {several_inputs}")
    if len(model.outputs) != 1:
        raise RefusedModelError(f"The model gives several tensors. {several_outputs}")
    if data.values["class"] == "Sequential":
        return model
    return keras.Model(model.inputs[0], model.outputs[0])  # they may stand in a list or a dict


def _judge_q5(data: AnswerData) -> Outcome:
    model = _single_model(
        data,
        "Make one keras.Input and call each branch on it.",
        "Join them to one with Concatenate before you make the model.",
    )
    if model.input_shape[1:] != (16, 16, 8):
        return incorrect(f"The input is {model.input_shape}; keep (16, 16, 8).")
    output = model.output_shape
    return combine(
        [
            Criterion(
                not _window_faults(model),
                " ".join(_window_faults(model)),
                share=2,
                trace=shape_trace(model),
            ),
            Criterion(
                output[1:] == (16, 16, 12),
                f"The output is {output}; side by side the branches give 4 + 6 + 2 = 12 "
                "channels of 16 × 16.",
            ),
            Criterion(_own_channels(model), _own_message(model)),
            Criterion(*_same_layers(model)),
        ],
        praise="Three windows read the same 8 channels, and each owns its part of the 12.",
    )


def _window_faults(model: Model) -> list[str]:
    """What is wrong with the three convolutions, one sentence each."""
    found = {layer.kernel_size[0]: layer for layer in _convolutions(model)}
    faults = []
    for side, filters in _WINDOWS.items():
        name = f"{side}×{side}"
        if side not in found:
            faults.append(f"There is no convolution with a {name} window.")
            continue
        channels = int(found[side].kernel.shape[2])
        if channels != 8:
            faults.append(
                f"The {name} window reads {channels} channels, so it stands behind another layer. "
                "Call it on the input, which has 8."
            )
        if found[side].filters != filters:
            faults.append(f"Keep {filters} filters for the {name} window.")
    return faults


def _own_channels(model: Model) -> bool:
    """Whether switching one convolution off changes as many channels as it has filters."""
    if _window_faults(model) or len(_convolutions(model)) != len(_WINDOWS):
        return False
    generator = np.random.default_rng(0)
    model.set_weights([generator.normal(size=weight.shape) for weight in model.get_weights()])
    x = generator.normal(size=(3, 16, 16, 8)).astype("float32")
    before = _call(model, x)
    for layer in _convolutions(model):
        kept = layer.get_weights()
        layer.set_weights([np.zeros_like(weight) for weight in kept])
        changed = np.abs(_call(model, x) - before).max(axis=(0, 1, 2)) > 1e-6
        layer.set_weights(kept)
        if int(changed.sum()) != layer.filters:
            return False
    return True


def _own_message(model: Model) -> str:
    if _window_faults(model):
        return ""  # said by the first criterion
    return "Each window must own its channels: use three convolutions, and join with Concatenate."


def _same_layers(model: Model) -> tuple[bool, str]:
    """Whether each branch still is a convolution with biases and relu, and what changed."""
    import keras

    layers = _convolutions(model)
    if _window_faults(model) or not _own_channels(model):
        return False, ""  # the criteria before it say why
    x = np.random.default_rng(1).normal(size=(3, 16, 16, 8)).astype("float32")
    if not all(layer.use_bias for layer in layers):
        return False, "Keep the biases: leave use_bias=False out."
    output = _call(model, x)
    if not np.allclose(output, _call(model, x, training=True), atol=1e-4):
        return False, "In training the model gives something else. Take Dropout or noise out."
    wanted = []
    for layer in layers:
        convolved = keras.ops.conv(x, layer.kernel, padding="same") + layer.bias
        numbers = np.asarray(keras.ops.convert_to_numpy(keras.ops.relu(convolved)))
        wanted += [numbers[..., channel] for channel in range(layer.filters)]
    for channels in wanted:  # any order of joining is right
        if not any(np.allclose(channels, came, atol=1e-3) for came in np.moveaxis(output, -1, 0)):
            return False, "Keep activation='relu' in each of the three layers, and add no others."
    return True, ""


def _call(model: Model, x: np.ndarray, training: bool = False) -> np.ndarray:
    import keras

    return np.asarray(keras.ops.convert_to_numpy(model(x, training=training)))


q5 = Question(
    exercise=__name__,
    number=5,
    title="Put three windows side by side",
    objective="tell branches from layers in a row",
    kind="repair",
    minutes=8,
    difficulty=3,
    points=2,
    answer=FunctionalAnswer(_ADVICE),
    judge=_judge_q5,
    hints=(
        "Look at the column 'in' of the trace: which layers see the 8 channels of the input?",
        "Write inputs = keras.Input((16, 16, 8)), and call each of the three layers on inputs.",
        "outputs = layers.Concatenate()([one, three, five]), then keras.Model(inputs, outputs).",
    ),
    misconceptions=(
        Misconception("joins the outputs of the row", _row_joined, shows="reads 4 channels"),
        Misconception(
            "adds in place of joining",
            lambda: _side_by_side("Add", (4, 4, 4)),
            shows=r"4 \+ 6 \+ 2 = 12",
        ),
        Misconception(
            "leaves one branch out", _without_the_last, shows="no convolution with a 5×5"
        ),
        Misconception("does not join", _three_outputs, shows="several tensors"),
        Misconception("gives each branch an input", _one_input_each, shows="several inputs"),
        Misconception(
            "drops the relu", lambda: _changed_windows(activation=None), shows="activation='relu'"
        ),
        Misconception(
            "drops the biases", lambda: _changed_windows(use_bias=False), shows="Keep the biases"
        ),
        Misconception("adds Dropout", lambda: _changed_windows(rate=0.5), shows="In training"),
    ),
    equivalents=(_unusual_branches, _relu_behind, lambda: _side_by_side()),
    starter=row_of_windows,
)


# Question 6: an ensemble in one model.


def members() -> list[Model]:
    """Three small networks with fixed weights: six numbers in, three shares out.

    Returns:
        New models; they are the same in every run.

    Example:
        >>> [member.output_shape for member in members()]
        [(None, 3), (None, 3), (None, 3)]
    """
    import keras
    from keras import layers

    generator = np.random.default_rng(15)
    made = []
    for number in range(3):
        member = keras.Sequential(
            [
                keras.Input((6,)),
                layers.Dense(8, activation="relu"),
                layers.Dense(3, activation="softmax"),
            ],
            name=f"member_{number}",
        )
        member.set_weights([generator.normal(size=weight.shape) for weight in member.weights])
        made.append(member)
    return made


def _joined(join: str) -> Model:
    """The members, joined by a layer of this name."""
    import keras

    inputs = keras.Input((6,))
    outputs = [member(inputs) for member in members()]
    return keras.Model(inputs, getattr(keras.layers, join)()(outputs))


def _first_only() -> Model:
    return members()[0]


def _three_inputs() -> Model:
    """Gives each member an input of its own."""
    import keras

    made = members()
    inputs = [keras.Input((6,)) for _ in made]
    outputs = [member(x) for member, x in zip(made, inputs, strict=True)]
    return keras.Model(inputs, keras.layers.Average()(outputs))


def _dict_of_answers() -> Model:
    """Gives the three answers by name, and no mean."""
    import keras

    inputs = keras.Input((6,))
    return keras.Model(inputs, {member.name: member(inputs) for member in members()})


def _sum_and_scale() -> Model:
    """The mean as a sum, divided by three; the members in another order."""
    import keras
    from keras import layers

    inputs = keras.Input((6,), name="numbers")
    total = layers.Add()([member(inputs) for member in reversed(members())])
    return keras.Model(inputs, layers.Rescaling(1 / 3)(total))


def _stepwise() -> Model:
    """The mean of stacked answers, by a pooling over the members."""
    import keras
    from keras import layers

    inputs = keras.Input((6,))
    rows = [layers.Reshape((1, 3))(member(inputs)) for member in members()]
    stacked = layers.Concatenate(axis=1)(rows)
    return keras.Model(inputs, layers.GlobalAveragePooling1D()(stacked))


def _judge_q6(data: AnswerData) -> Outcome:
    model = _single_model(
        data,
        "All members get the same six numbers: make one keras.Input and call each member on it.",
        "The ensemble has one answer: the mean of all.",
    )
    if model.input_shape[1:] != (6,):
        return incorrect(f"The input is {model.input_shape}; expected (None, 6).")
    if model.output_shape != (None, 3):
        return incorrect(_shape_message(model.output_shape), shape_trace(model))
    x = np.random.default_rng(0).normal(size=(50, 6)).astype("float32")
    answers = np.stack([_call(member, x) for member in members()])
    came = _call(model, x)
    if np.allclose(came, answers.mean(axis=0), atol=1e-4):
        return correct("One input, three members, and the mean of their shares: one model.")
    return incorrect(_ensemble_message(came, answers))


def _shape_message(shape: tuple[int | None, ...]) -> str:
    if shape[1:] == (9,):
        return (
            "The output is (None, 9): Concatenate puts the answers side by side. Take their mean, "
            "so that there are three shares."
        )
    return f"The output is {shape}; the ensemble gives three shares: (None, 3)."


def _ensemble_message(came: np.ndarray, answers: np.ndarray) -> str:
    """Name what the model computes in place of the mean."""
    if np.allclose(came, answers.sum(axis=0), atol=1e-3):
        return "That is the sum of the members: the three shares sum to 3. Divide by three."
    if np.allclose(came, answers.max(axis=0), atol=1e-4):
        return "That is the largest share for each class. The shares no longer sum to 1."
    if any(np.allclose(came, answer, atol=1e-4) for answer in answers):
        return "That is the answer of one member alone. All three shall take part."
    return (
        "The output is not the mean of the three members. Use the members as they are, with their "
        "weights, and give all of them the same input."
    )


q6 = Question(
    exercise=__name__,
    number=6,
    title="Join three members to one model",
    objective="join members to an ensemble in one model",
    kind="build",
    minutes=8,
    difficulty=3,
    points=3,
    answer=FunctionalAnswer(_ADVICE),
    judge=_judge_q6,
    hints=(
        "A model can be called like a layer. On which tensor do you call each member?",
        "inputs = keras.Input((6,)), then answers = [member(inputs) for member in members].",
        "outputs = layers.Average()(answers), then keras.Model(inputs, outputs).",
    ),
    misconceptions=(
        Misconception("joins side by side", lambda: _joined("Concatenate"), shows=r"\(None, 9\)"),
        Misconception("adds only", lambda: _joined("Add"), shows="sum to 3"),
        Misconception("takes the largest", lambda: _joined("Maximum"), shows="largest share"),
        Misconception("takes one member", _first_only, shows="one member alone"),
        Misconception("gives each an input", _three_inputs, shows="several inputs"),
        Misconception("gives the list of members", lambda: members(), shows="join the answers"),
        Misconception("gives a dict out", _dict_of_answers, shows="several tensors"),
    ),
    equivalents=(_sum_and_scale, _stepwise),
)
