"""Exercise 16: attention, its shapes, order, and the encoder block. Questions on lesson 16."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from seqkit.exercises.answer_data import AnswerData
from seqkit.exercises.answers import ChoiceAnswer, IntegerAnswer, ShapeAnswer
from seqkit.exercises.errors import RefusedModelError
from seqkit.exercises.function_answers import FunctionAnswer, calls
from seqkit.exercises.judges import choice_is, number_is, shape_is, shape_trace
from seqkit.exercises.keras_types import Layer, Model
from seqkit.exercises.misconceptions import Misconception
from seqkit.exercises.model_answers import FunctionalAnswer
from seqkit.exercises.question import Question
from seqkit.exercises.rebuild import rebuild_model
from seqkit.exercises.verdict import Outcome, correct, incorrect, partial

# Question 1: count the parameters of multi-head attention.

q1 = Question(
    exercise=__name__,
    number=1,
    title="Count the parameters of attention",
    objective="work out shapes and parameters of multi-head attention",
    kind="predict",
    minutes=4,
    difficulty=1,
    points=1,
    answer=IntegerAnswer(),
    judge=number_is(
        4_224,
        "4 heads of 8 numbers fill the width 32: four matrices with biases, 4 · (32·32 + 32).",
        known={
            3_168: "You counted queries, keys and values. One more matrix leads the heads back to "
            "the words.",
            4_096: "These are the weights alone. Each of the four matrices has 32 biases, too.",
            1_056: "That is one of the matrices. There are four: query, key, value, and the way "
            "back.",
            16_896: "key_dim is the width of one head. The four heads together have 32 numbers, "
            "not 32 each.",
            42_240: "The number of words is not in the count: the same weights serve every word.",
        },
        otherwise="Count three matrices on the way in, from 32 to 4 · 8 numbers, and one on the way "
        "back to 32. Each has biases.",
    ),
    hints=(
        "How many numbers do all queries of one word have, the four heads together?",
        "4 heads of 8 numbers: 32. So the matrix for the queries has 32·32 weights and 32 biases.",
        "The same for keys, for values and for the way back: 4 · (32·32 + 32).",
    ),
    misconceptions=(
        Misconception("forgets the way back", 3_168, shows="One more matrix"),
        Misconception("forgets the biases", 4_096, shows="weights alone"),
        Misconception("counts one matrix", 1_056, shows="one of the matrices"),
        Misconception("gives each head the whole width", 16_896, shows="width of one head"),
        Misconception("multiplies by the words", 42_240, shows="not in the count"),
    ),
    equivalents=(np.int64(4_224), 4_224.0),
)


# Question 2: the shape of cross-attention.

q2 = Question(
    exercise=__name__,
    number=2,
    title="Predict the shape of cross-attention",
    objective="work out shapes and parameters of multi-head attention",
    kind="predict",
    minutes=4,
    difficulty=1,
    points=1,
    answer=ShapeAnswer(),
    judge=shape_is(
        (None, 5, 32),
        "One result for each word that asks, and as wide as the words that ask.",
        known={
            (None, 12, 32): "12 words are looked at. There is one result for each word that asks.",
            (None, 12, 16): "That is the value. It is summed with weights, once for each word that "
            "asks.",
            (None, 5, 16): "The number of words is right. The last matrix leads back to the width "
            "of the query, not of the value.",
            (None, 5, 8): "The number of words is right. 8 is the width of one head; the heads "
            "are led back to the width of the query.",
            (None, 5, 12): "That is the map of one head: 5 rows with 12 weights. The layer gives "
            "the weighted sums.",
            (None, 4, 5, 12): "These are the maps of the four heads. The layer gives the weighted "
            "sums, led back to one vector for each word that asks.",
            (None, 17, 32): "Nothing is put side by side. The words that ask get one result each.",
            (5, 32): "Right but for the batch axis: it comes first, as None.",
        },
        otherwise="Two questions: how many words ask, and how wide is the query?",
    ),
    hints=(
        "Each word that asks gets one weighted sum. How many words ask?",
        "The last matrix of the layer leads the heads back to the width of the query.",
        "5 words ask, and the query has 32 numbers a word. The batch axis comes first.",
    ),
    misconceptions=(
        Misconception("takes the length of the value", (None, 12, 32), shows="12 words"),
        Misconception("takes the shape of the value", (None, 12, 16), shows="That is the value"),
        Misconception("takes the width of the value", (None, 5, 16), shows="not of the value"),
        Misconception("takes the width of a head", (None, 5, 8), shows="width of one head"),
        Misconception("gives the map", (None, 5, 12), shows="map of one head"),
        Misconception("leaves out the batch axis", (5, 32), shows="batch axis"),
    ),
    equivalents=([None, 5, 32], (None, np.int64(5), np.int64(32))),
)


# Question 3: read the error.

_READINGS = {
    "a": "The Input needs one more axis: write keras.Input((6, 8, 1)).",
    "b": "Attention compares two tensors, and the list hands it one. Call it on "
    "[x, x] in the Functional API.",
    "c": "The tensor has to be put into a list: write [layers.Attention()] in the stack.",
    "d": "GlobalAveragePooling1D cannot stand behind attention; use Flatten.",
}

q3 = Question(
    exercise=__name__,
    number=3,
    title="Read the error of attention in a list",
    objective="read the error that attention gives in a list",
    kind="read",
    minutes=3,
    difficulty=2,
    points=1,
    answer=ChoiceAnswer(_READINGS),
    judge=choice_is(
        "b",
        "The layer wants a query and a value. In self-attention both are the same tensor, but it "
        "must be passed twice.",
        feedback={
            "a": "The shape (None, 6, 8) is right: six words of eight numbers. What is missing is "
            "a second tensor, not a second axis.",
            "c": "A list of layers is no layer, so this item would be refused at once. The message "
            "means a list of tensors.",
            "d": "The message names Attention. The layer behind it has not been called yet.",
        },
    ),
    hints=(
        "The message names what the layer must be called on. What did it receive?",
        "It received one tensor of shape (None, 6, 8), and no list.",
        "It wants [query, value]: two tensors. A Sequential calls layer(x) with one.",
    ),
    misconceptions=(
        Misconception("adds an axis", "a", shows="second tensor"),
        Misconception("puts the layer into a list", "c", shows="list of tensors"),
        Misconception("blames the next layer", "d", shows="has not been called"),
    ),
    equivalents=("B", " b) "),
)


# Question 4: what does a network without positions not know?

_BLIND = {
    "a": "Whether the word 'not' stands in the sentence.",
    "b": "Whether 'not' stands before 'good' or before 'bad'.",
    "c": "Which share of the words is 'good'.",
    "d": "Whether 'good' and 'bad' both stand in the sentence.",
}

q4 = Question(
    exercise=__name__,
    number=4,
    title="Find what a network without positions cannot know",
    objective="say what positions are for, and what a network without them cannot know",
    kind="choose",
    minutes=4,
    difficulty=2,
    points=1,
    answer=ChoiceAnswer(_BLIND),
    judge=choice_is(
        "b",
        "Order is what gets lost. Which words there are, with which share, and which pairs: all "
        "this is in the bag.",
        feedback={
            "a": "A single word is seen, whatever its place: its vector is there or is not.",
            "c": "A word that stands twice among ten moves the mean twice as far: the share is "
            "kept. (The number alone is not: 'good' and 'good good' have the same mean.)",
            "d": "Attention lets each word find the other one: pairs are what it is good at. It "
            "only does not know where they stand.",
        },
    ),
    hints=(
        "Mix the words of a sentence. Which of the four facts changes?",
        "The same words in another order give the same set of vectors.",
        "Three of the facts are about which words there are. One is about before and after.",
    ),
    misconceptions=(
        Misconception("thinks that words are lost", "a", shows="single word is seen"),
        Misconception("thinks that shares are lost", "c", shows="share is kept"),
        Misconception("thinks that pairs are lost", "d", shows="pairs are what"),
    ),
    equivalents=("B", "b)"),
)


# Question 5: attention in NumPy.


def _attention_cases() -> list[tuple[np.ndarray, np.ndarray, np.ndarray]]:
    generator = np.random.default_rng(16)
    square = [tuple(generator.normal(size=(3, length, 4))) for length in (5, 3)]
    other_sizes = tuple(generator.normal(size=size) for size in ((3, 4), (5, 4), (5, 7)))
    return [*square, other_sizes]


def true_attention(query: np.ndarray, key: np.ndarray, value: np.ndarray) -> np.ndarray:
    """Give for each query the weighted sum of the values.

    Args:
        query: one row for each word that asks.
        key: one row for each word that is looked at.
        value: one row for each word that is looked at.

    Returns:
        One row for each query.

    Example:
        >>> true_attention(np.zeros((1, 2)), np.zeros((2, 2)), np.array([[1.0], [3.0]]))
        array([[2.]])
    """
    return _attention(query, key, value)


def _attention(
    query: np.ndarray,
    key: np.ndarray,
    value: np.ndarray,
    width: int | None = None,
    axis: int = -1,
) -> np.ndarray:
    scores = query @ key.T / np.sqrt(width or key.shape[-1])
    return np.asarray(_softmax(scores, axis) @ value)


def _softmax(scores: np.ndarray, axis: int = -1) -> np.ndarray:
    powers = np.exp(scores - scores.max(axis=axis, keepdims=True))
    return np.asarray(powers / powers.sum(axis=axis, keepdims=True))


def _weights(query: np.ndarray, key: np.ndarray, value: np.ndarray) -> np.ndarray:
    return _softmax(query @ key.T / np.sqrt(key.shape[-1]))


def _without_softmax(query: np.ndarray, key: np.ndarray, value: np.ndarray) -> np.ndarray:
    return np.asarray(query @ key.T / np.sqrt(key.shape[-1]) @ value)


# What may come in place of the right numbers: how it is computed, and what to say.
_KNOWN: tuple[tuple[Callable[..., np.ndarray], str], ...] = (
    (
        lambda q, k, v: _attention(q, k, v, width=1),
        "The scores are not scaled: divide them by the square root of the width of a key.",
    ),
    (
        lambda q, k, v: _attention(q, k, v, axis=0),
        "The softmax runs over the wrong axis. Each row belongs to a word that asks, and each row "
        "of weights must sum to 1.",
    ),
    (_without_softmax, "The scores are no weights yet: a softmax must make each row sum to 1."),
    (
        lambda q, k, v: _attention(q, k, k),
        "You sum the keys. The keys are only for comparing; the values are summed.",
    ),
    (
        lambda q, k, v: _attention(k, q, v),
        "Query and key have changed places: row i belongs to query i.",
    ),
    (_weights, "These are the weights. Multiply them with the values: weights @ value."),
    (
        lambda q, k, v: _attention(q, k, v, width=v.shape[-1]),
        "You divide by the root of the width of the values. They may have another width; take "
        "that of the keys.",
    ),
    (
        lambda q, k, v: _attention(q, k[: len(q)], v[: len(q)]),
        "You take only as many keys as there are queries. Every query looks at all keys.",
    ),
)


def _judge_q5(data: AnswerData) -> Outcome:
    for call in calls(data):
        fault = call.error or _attention_fault(call.output, *call.arguments)
        if fault:
            return incorrect(fault)
    return correct(
        "Compare, scale, softmax, sum: the same numbers that Keras gives. One head does no more."
    )


def _attention_fault(output: object, query: np.ndarray, key: np.ndarray, value: np.ndarray) -> str:
    """Say what is wrong with one result, or ''."""
    if output is None:
        return "For some arguments your function returns None. Is `return` missing?"
    if isinstance(output, tuple) and len(output) == 2:
        return "Return the sums only, not the weights as well, as the function of the lesson did."
    try:
        came = np.asarray(output, dtype=float)
    except (TypeError, ValueError):
        return f"The function returns a {type(output).__name__}; one array was expected."
    expected = true_attention(query, key, value)
    if _alike(came, expected):
        return ""
    for wrong, message in _KNOWN:
        if _alike(came, _result(wrong, query, key, value)):
            return message
    if came.shape != expected.shape:
        return (
            f"The result has shape {came.shape}; {len(query)} queries and values of "
            f"{value.shape[-1]} numbers give {expected.shape}."
        )
    return (
        "The shape is right, the numbers are not. Scores: query @ key.T, divided by the root of "
        "the width; softmax over each row; then the weighted sum of the values."
    )


def _alike(came: np.ndarray, other: np.ndarray | None) -> bool:
    return other is not None and came.shape == other.shape and np.allclose(came, other, atol=1e-5)


def _result(wrong: Callable[..., np.ndarray], *arguments: np.ndarray) -> np.ndarray | None:
    """What a wrong way gives, or None where the sizes do not allow it."""
    try:
        return wrong(*arguments)
    except ValueError:
        return None


def _with_the_weights(
    query: np.ndarray, key: np.ndarray, value: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    return _attention(query, key, value), _weights(query, key, value)


def _with_loops(query: np.ndarray, key: np.ndarray, value: np.ndarray) -> list[list[float]]:
    """The same, one word after the other."""
    rows = []
    for asking in query:
        powers = [np.exp(float(asking @ one) / len(one) ** 0.5) for one in key]
        shares = [power / sum(powers) for power in powers]
        rows.append(sum(share * one for share, one in zip(shares, value, strict=True)).tolist())
    return rows


def _with_keras(query: np.ndarray, key: np.ndarray, value: np.ndarray) -> np.ndarray:
    """The same by the functions of Keras."""
    import keras

    scores = keras.ops.matmul(query, keras.ops.transpose(key)) / key.shape[-1] ** 0.5
    weighted = keras.ops.matmul(keras.ops.softmax(scores, axis=-1), value)
    return np.asarray(keras.ops.convert_to_numpy(weighted))


def _known(place: int) -> Callable[[], Callable[..., np.ndarray]]:
    return lambda: _KNOWN[place][0]


q5 = Question(
    exercise=__name__,
    number=5,
    title="Compute attention by hand",
    objective="compute attention with query, key and value by hand",
    kind="build",
    minutes=8,
    difficulty=3,
    points=2,
    answer=FunctionAnswer(_attention_cases, keeps_errors=True),
    judge=_judge_q5,
    hints=(
        "The scores are a table: one row for each query, one column for each key.",
        "scores = query @ key.T / np.sqrt(key.shape[-1]). Then a softmax over each row.",
        "Three lines. First: weights = np.exp(scores). Second: weights = weights / "
        "weights.sum(axis=-1, keepdims=True). Third: return weights @ value.",
    ),
    misconceptions=(
        Misconception("does not scale", _known(0), shows="not scaled"),
        Misconception("takes the softmax over the columns", _known(1), shows="wrong axis"),
        Misconception("leaves the softmax out", _known(2), shows="no weights yet"),
        Misconception("sums the keys", _known(3), shows="sum the keys"),
        Misconception("swaps query and key", _known(4), shows="changed places"),
        Misconception("returns the weights", _known(5), shows="These are the weights"),
        Misconception("takes the width of the values", _known(6), shows="width of the values"),
        Misconception("counts the keys by the queries", _known(7), shows="only as many keys"),
        Misconception("returns both", lambda: _with_the_weights, shows="Return the sums only"),
    ),
    equivalents=(lambda: _with_loops, lambda: _with_keras),
)


# Question 6: the encoder block.

_WIDTH, _INNER, _PARAMETERS = 8, 16, 600
_RIGHT_PARTS = 0.5  # the credit for all layers and parameters, where one thing in the wiring is off
_FOR_DENSE = {"Conv1D", "EinsumDense", "TimeDistributed"}  # what somebody may take for a Dense


def _parts(
    inner_activation: str | None = "relu", heads: int = 2, key_dim: int = 4
) -> tuple[Layer, Layer, Layer, Layer, Layer]:
    from keras import layers

    return (
        layers.MultiHeadAttention(num_heads=heads, key_dim=key_dim),
        layers.LayerNormalization(),
        layers.Dense(_INNER, activation=inner_activation),
        layers.Dense(_WIDTH),
        layers.LayerNormalization(),
    )


def _encoder(
    style: str = "post",
    inner_activation: str | None = "relu",
    heads: int = 2,
    key_dim: int = 4,
) -> Model:
    """An encoder block: right as 'post', or with a mistake that `style` names."""
    import keras

    inputs = keras.Input((6, _WIDTH))
    parts = _parts(inner_activation, heads, key_dim)
    return keras.Model(inputs, _STYLES[style](inputs, *parts))


def _post(x: Layer, attention: Layer, one: Layer, inner: Layer, outer: Layer, two: Layer) -> Layer:
    x = one(x + attention(x, x))
    return two(x + outer(inner(x)))


def _no_first(
    x: Layer, attention: Layer, one: Layer, inner: Layer, outer: Layer, two: Layer
) -> Layer:
    x = one(attention(x, x))
    return two(x + outer(inner(x)))


def _no_second(
    x: Layer, attention: Layer, one: Layer, inner: Layer, outer: Layer, two: Layer
) -> Layer:
    x = one(x + attention(x, x))
    return two(outer(inner(x)))


def _no_skip(
    x: Layer, attention: Layer, one: Layer, inner: Layer, outer: Layer, two: Layer
) -> Layer:
    return two(outer(inner(one(attention(x, x)))))


def _from_the_input(
    x: Layer, attention: Layer, one: Layer, inner: Layer, outer: Layer, two: Layer
) -> Layer:
    return two(x + outer(inner(one(x + attention(x, x)))))


def _doubled(
    x: Layer, attention: Layer, one: Layer, inner: Layer, outer: Layer, two: Layer
) -> Layer:
    x = attention(x, x)
    x = one(x + x)
    return two(x + outer(inner(x)))


def _pre(x: Layer, attention: Layer, one: Layer, inner: Layer, outer: Layer, two: Layer) -> Layer:
    normed = one(x)
    x = x + attention(normed, normed)
    return x + outer(inner(two(x)))


def _norm_inside(
    x: Layer, attention: Layer, one: Layer, inner: Layer, outer: Layer, two: Layer
) -> Layer:
    x = x + one(attention(x, x))
    return x + two(outer(inner(x)))


def _causal(
    x: Layer, attention: Layer, one: Layer, inner: Layer, outer: Layer, two: Layer
) -> Layer:
    x = one(x + attention(x, x, use_causal_mask=True))
    return two(x + outer(inner(x)))


def _relu_twice(
    x: Layer, attention: Layer, one: Layer, inner: Layer, outer: Layer, two: Layer
) -> Layer:
    import keras

    x = one(x + attention(x, x))
    return two(x + keras.ops.relu(outer(inner(x))))


_STYLES: dict[str, Callable[..., Layer]] = {
    "post": _post,
    "no first": _no_first,
    "no second": _no_second,
    "no skip": _no_skip,
    "from the input": _from_the_input,
    "doubled": _doubled,
    "pre": _pre,
    "norm inside": _norm_inside,
    "causal": _causal,
    "relu twice": _relu_twice,
}
_FAULTS = {
    "no first": "The first skip is missing: Add the input of the block to what attention gives.",
    "no second": "The second skip is missing: Add what goes into the Dense layers to what they "
    "give.",
    "no skip": "Both skips are missing. A norm alone is no skip: Add what goes in to what comes "
    "out, twice.",
    "from the input": "The second skip starts at the input of the block. It shall start behind the "
    "first norm.",
    "doubled": "The first Add gets the output of attention twice. Keep a name for the input of the "
    "block.",
    "pre": "Here the norms stand in front of attention and of the Dense layers (pre-norm). That "
    "trains as well, but the task is: first Add, then normalise.",
    "norm inside": "Here each norm stands between the layer and the Add. Add first, and normalise "
    "the sum.",
    "causal": "Your attention has a causal mask: no word sees the words behind it. In an encoder "
    "every word sees all words.",
    "relu twice": "Dense 8 has a relu, too. It shall have no activation: what is added may be "
    "negative.",
}
_NO_RELU = "The wiring is right, but the relu of Dense 16 is missing."


def _with_layer_names() -> Model:
    """Add layers, a Sequential for the two Dense layers, key passed by name."""
    import keras
    from keras import layers

    attention, one, inner, outer, two = _parts()
    inputs = keras.Input((6, _WIDTH), name="words")
    x = one(layers.Add()([attention(query=inputs, value=inputs, key=inputs), inputs]))
    worked = keras.Sequential([inner, outer])(x)
    return keras.Model(inputs, two(layers.add([worked, x])))


def _relu_apart() -> Model:
    """The relu as a layer of its own, the output in a dict."""
    import keras
    from keras import layers

    attention, one, inner, outer, two = _parts(None)
    inputs = keras.Input((6, _WIDTH))
    x = one(layers.Add()([inputs, attention(inputs, inputs)]))
    worked = outer(layers.ReLU()(inner(x)))
    return keras.Model(inputs, {"block": two(layers.Add()([x, worked]))})


def _row_of_parts() -> Model:
    """What can stand in a list: no attention."""
    import keras

    return keras.Sequential([keras.Input((6, _WIDTH)), *_parts()[1:]])


def _judge_q6(data: AnswerData) -> Outcome:
    import keras

    if data.values["class"] == "subclass":
        raise RefusedModelError("Build the model with keras.Model(inputs, outputs).")
    model = rebuild_model(data)
    if len(model.inputs) != 1 or len(model.outputs) != 1:
        return incorrect("The block has one input and one output.")
    if data.values["class"] != "Sequential":
        model = keras.Model(model.inputs[0], model.outputs[0])
    if model.input_shape[1:] != (6, _WIDTH):
        return incorrect(f"The input is {model.input_shape}; the block takes (None, 6, 8).")
    if model.output_shape[1:] != (6, _WIDTH):
        return incorrect(
            f"The output is {model.output_shape}. A block keeps the shape of its input: "
            "(None, 6, 8).",
            shape_trace(model),
        )
    return _judge_parts(model)


def _judge_parts(model: Model) -> Outcome:
    attention = _of_kind(model, "MultiHeadAttention")
    dense, norms = _of_kind(model, "Dense"), _of_kind(model, "LayerNormalization")
    if len(attention) != 1:
        return incorrect(
            f"The model has {len(attention)} MultiHeadAttention layers; the block has one."
        )
    fault = _fault_of_dense(model, dense) or _fault_of_norms(norms) or _fault_of_heads(attention[0])
    if fault:
        return incorrect(fault)
    if model.count_params() != _PARAMETERS:
        return incorrect(
            f"The model has {model.count_params()} parameters; with num_heads=2, key_dim=4 and "
            f"all biases the block has {_PARAMETERS}."
        )
    return _judge_wiring(model, (attention[0], *norms, *dense))


def _fault_of_dense(model: Model, dense: list[Layer]) -> str:
    if [layer.units for layer in dense] == [_INNER, _WIDTH]:
        return ""
    units = " and ".join(str(layer.units) for layer in dense)
    yours = f"a Dense of {units} units" if dense else "none"
    others = {type(layer).__name__ for layer in model.layers if type(layer).__name__ in _FOR_DENSE}
    instead = f", but {' and '.join(sorted(others))}" if others else ""
    return f"The block has two Dense layers, of 16 and of 8 units. Yours has {yours}{instead}."


def _fault_of_norms(norms: list[Layer]) -> str:
    if len(norms) == 2:
        return ""
    return f"The block has two LayerNormalization layers, one behind each Add. Yours: {len(norms)}."


def _fault_of_heads(attention: Layer) -> str:
    config = attention.get_config()
    heads, key_dim = config["num_heads"], config["key_dim"]
    if (heads, key_dim, config["value_dim"]) == (2, 4, 4):
        return ""
    same = heads * key_dim == _WIDTH and config["value_dim"] == key_dim
    start = "Same number of parameters, but " if same else "Your attention has "
    return (
        f"{start}num_heads={heads}, key_dim={key_dim}, value_dim={config['value_dim']}. The task "
        "asks for num_heads=2, key_dim=4, and no other value_dim."
    )


def _judge_wiring(model: Model, parts: tuple[Layer, ...]) -> Outcome:
    """Compare the model with each way of wiring the same layers."""
    import keras

    attention, first, second, *dense = parts

    def linear(x: Layer) -> Layer:  # without the layer's own activation: a relu may stand apart
        return keras.ops.matmul(x, dense[0].kernel) + dense[0].bias

    def inner(x: Layer) -> Layer:
        return keras.ops.relu(linear(x))

    def outer(x: Layer) -> Layer:
        return keras.ops.matmul(x, dense[1].kernel) + dense[1].bias

    generator = np.random.default_rng(16)
    model.set_weights([generator.normal(size=weight.shape) for weight in model.get_weights()])
    x = generator.normal(size=(2, 6, _WIDTH)).astype("float32")
    came = _call(model, x)
    if not np.allclose(came, _call(model, x, training=True), atol=1e-4):
        return incorrect("In training the model gives something else. Take Dropout out.")
    for style, wiring in _STYLES.items():
        for one, two in ((first, second), (second, first)):
            if np.allclose(came, _call(wiring, x, attention, one, inner, outer, two), atol=1e-3):
                if style == "post":
                    return correct("Two halves, each with its skip and its norm: 600 parameters.")
                # A norm takes a factor of two away again, so only the graph tells these apart.
                twice = style == "no first" and _adds_to_itself(model)
                fault = _FAULTS["doubled" if twice else style]
                return partial(_RIGHT_PARTS, fault, shape_trace(model))
    for one, two in ((first, second), (second, first)):
        if np.allclose(came, _call(_post, x, attention, one, linear, outer, two), atol=1e-3):
            return partial(_RIGHT_PARTS, _NO_RELU, shape_trace(model))
    return incorrect(
        "The layers are right, the wiring or an activation is not: attention(x, x), Add, norm; "
        "then Dense 16 with relu, Dense 8 without activation, Add, norm.",
        shape_trace(model),
    )


def _adds_to_itself(model: Model) -> bool:
    """Whether an Add of the model gets one tensor twice."""
    from seqkit.graph import read

    adds = [node for node in read(model).nodes if node.kind == "Add"]
    return any(len({edge.source for edge in add.inputs}) == 1 for add in adds)


def _of_kind(model: Model, kind: str) -> list[Layer]:
    """All layers of this kind, those inside nested models too."""
    found: list[Layer] = []
    for layer in model.layers:
        if type(layer).__name__ == kind:
            found.append(layer)
        elif hasattr(layer, "layers"):
            found += _of_kind(layer, kind)
    return found


def _call(
    function: Callable[..., Layer], x: np.ndarray, *parts: Layer, **options: bool
) -> np.ndarray:
    import keras

    return np.asarray(
        keras.ops.convert_to_numpy(function(keras.ops.convert_to_tensor(x), *parts, **options))
    )


q6 = Question(
    exercise=__name__,
    number=6,
    title="Build an encoder block",
    objective="build an encoder block with the Functional API",
    kind="build",
    minutes=10,
    difficulty=3,
    points=3,
    answer=FunctionalAnswer("Give the model: keras.Model(inputs, outputs)."),
    judge=_judge_q6,
    hints=(
        "Each half has the same form: keep what goes in, compute, Add both, normalise.",
        "First half: seen = attention(inputs, inputs); x = norm(Add()([inputs, seen])).",
        "Second half: worked = Dense(8)(Dense(16, activation='relu')(x)); then "
        "LayerNormalization()(Add()([x, worked])).",
    ),
    misconceptions=(
        Misconception(
            "leaves the first skip out", lambda: _encoder("no first"), shows="first skip"
        ),
        Misconception(
            "leaves the second skip out", lambda: _encoder("no second"), shows="The second skip is"
        ),
        Misconception("leaves both skips out", lambda: _encoder("no skip"), shows="Both skips"),
        Misconception(
            "starts the second skip too early",
            lambda: _encoder("from the input"),
            shows="starts at the input",
        ),
        Misconception("overwrites the input", lambda: _encoder("doubled"), shows="twice"),
        Misconception("normalises first", lambda: _encoder("pre"), shows="pre-norm"),
        Misconception(
            "forgets the relu", lambda: _encoder(inner_activation=None), shows="relu of Dense 16"
        ),
        Misconception(
            "normalises before the Add", lambda: _encoder("norm inside"), shows="normalise the sum"
        ),
        Misconception("hides the later words", lambda: _encoder("causal"), shows="causal mask"),
        Misconception(
            "gives both Dense a relu", lambda: _encoder("relu twice"), shows="Dense 8 has a relu"
        ),
        Misconception(
            "takes 4 heads of 2", lambda: _encoder(heads=4, key_dim=2), shows="Same number"
        ),
        Misconception(
            "takes one head of 8", lambda: _encoder(heads=1, key_dim=8), shows="num_heads=1"
        ),
        Misconception("writes a list without attention", _row_of_parts, shows="has 0 Multi"),
    ),
    equivalents=(_encoder, _with_layer_names, _relu_apart),
)
