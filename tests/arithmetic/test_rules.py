"""Every core layer has a rule, and its equations give what Keras gives, for random arguments."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import keras
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from keras import layers

import seqkit as sk
from seqkit.arithmetic import evaluate
from seqkit.arithmetic.rules import rule_for

Make = Callable[[st.DataObject], tuple[Any, tuple[int | None, ...]]]

PADDING = st.sampled_from(["valid", "same"])
SMALL = st.integers(1, 4)
SIDE = st.integers(5, 17)


def spatial(dimensions: int) -> st.SearchStrategy[tuple[int, ...]]:
    return st.tuples(*[SIDE] * dimensions)


def convolution(name: str, dimensions: int) -> Make:
    def make(data: st.DataObject) -> tuple[Any, tuple[int | None, ...]]:
        strides = data.draw(SMALL)
        dilation = data.draw(st.integers(1, 2)) if strides == 1 else 1
        arguments: dict[str, Any] = {
            "kernel_size": data.draw(SMALL),
            "strides": strides,
            "padding": data.draw(PADDING),
            "dilation_rate": dilation,
            "use_bias": data.draw(st.booleans()),
        }
        if "Depthwise" not in name:
            arguments["filters"] = data.draw(SMALL)
        if "Depthwise" in name or "Separable" in name:
            arguments["depth_multiplier"] = data.draw(SMALL)
        if "Transpose" in name:
            del arguments["dilation_rate"]
        layer = getattr(layers, name)(**arguments)
        return layer, (*data.draw(spatial(dimensions)), data.draw(SMALL))

    return make


def pooling(name: str, dimensions: int) -> Make:
    def make(data: st.DataObject) -> tuple[Any, tuple[int | None, ...]]:
        layer = getattr(layers, name)(
            pool_size=data.draw(SMALL),
            strides=data.draw(st.none() | SMALL),
            padding=data.draw(PADDING),
        )
        return layer, (*data.draw(spatial(dimensions)), data.draw(SMALL))

    return make


def global_pooling(name: str, dimensions: int) -> Make:
    def make(data: st.DataObject) -> tuple[Any, tuple[int | None, ...]]:
        layer = getattr(layers, name)(keepdims=data.draw(st.booleans()))
        return layer, (*data.draw(spatial(dimensions)), data.draw(SMALL))

    return make


def around(name: str, dimensions: int, argument: str) -> Make:
    """Padding and cropping: one number, or a pair for each axis."""

    def make(data: st.DataObject) -> tuple[Any, tuple[int | None, ...]]:
        pair = st.tuples(st.integers(0, 2), st.integers(0, 2))
        value = data.draw(pair if dimensions == 1 else st.tuples(*[pair] * dimensions))
        layer = getattr(layers, name)(**{argument: value})
        return layer, (*data.draw(spatial(dimensions)), data.draw(SMALL))

    return make


def up_sampling(name: str, dimensions: int) -> Make:
    def make(data: st.DataObject) -> tuple[Any, tuple[int | None, ...]]:
        size = data.draw(SMALL)
        layer = getattr(layers, name)(size if dimensions == 1 else (size,) * dimensions)
        return layer, (*data.draw(spatial(dimensions)), data.draw(SMALL))

    return make


def recurrent(name: str) -> Make:
    def make(data: st.DataObject) -> tuple[Any, tuple[int | None, ...]]:
        inner = getattr(layers, name)(data.draw(SMALL), return_sequences=data.draw(st.booleans()))
        steps = data.draw(st.none() | SMALL)
        return inner, (steps, data.draw(SMALL))

    return make


def bidirectional(data: st.DataObject) -> tuple[Any, tuple[int | None, ...]]:
    inner, shape = recurrent(data.draw(st.sampled_from(["LSTM", "GRU", "SimpleRNN"])))(data)
    mode = data.draw(st.sampled_from(["concat", "sum", "ave", "mul"]))
    return layers.Bidirectional(inner, merge_mode=mode), shape


def time_distributed(data: st.DataObject) -> tuple[Any, tuple[int | None, ...]]:
    inner = data.draw(
        st.sampled_from([layers.Dense(3), layers.Conv2D(2, 3), layers.Flatten(), layers.ReLU()])
    )
    return layers.TimeDistributed(inner.from_config(inner.get_config())), (4, 6, 5, 2)


def same_shape(layer: Callable[[], Any]) -> Make:
    def make(data: st.DataObject) -> tuple[Any, tuple[int | None, ...]]:
        return layer(), (*data.draw(spatial(2)), data.draw(SMALL))

    return make


def reshape(data: st.DataObject) -> tuple[Any, tuple[int | None, ...]]:
    a, b, c = (data.draw(SMALL) for _ in range(3))
    target = data.draw(st.sampled_from([(-1,), (a * b, c), (-1, c), (c, b, a), (a, -1)]))
    return layers.Reshape(target), (a, b, c)


CASES: dict[str, Make] = {
    **{
        name: convolution(name, int(name.split("D")[0][-1]))
        for name in [
            "Conv1D",
            "Conv2D",
            "Conv3D",
            "Conv1DTranspose",
            "Conv2DTranspose",
            "Conv3DTranspose",
            "SeparableConv1D",
            "SeparableConv2D",
        ]
    },
    "DepthwiseConv1D": convolution("DepthwiseConv1D", 1),
    "DepthwiseConv2D": convolution("DepthwiseConv2D", 2),
    **{
        f"{kind}Pooling{rank}D": pooling(f"{kind}Pooling{rank}D", rank)
        for kind in ("Max", "Average")
        for rank in (1, 2, 3)
    },
    **{
        f"Global{kind}Pooling{rank}D": global_pooling(f"Global{kind}Pooling{rank}D", rank)
        for kind in ("Max", "Average")
        for rank in (1, 2, 3)
    },
    **{f"ZeroPadding{rank}D": around(f"ZeroPadding{rank}D", rank, "padding") for rank in (1, 2, 3)},
    **{f"Cropping{rank}D": around(f"Cropping{rank}D", rank, "cropping") for rank in (1, 2, 3)},
    **{f"UpSampling{rank}D": up_sampling(f"UpSampling{rank}D", rank) for rank in (1, 2, 3)},
    **{name: recurrent(name) for name in ("SimpleRNN", "LSTM", "GRU")},
    "Bidirectional": bidirectional,
    "TimeDistributed": time_distributed,
    "Dense": lambda data: (layers.Dense(data.draw(SMALL)), (data.draw(SMALL), data.draw(SMALL))),
    "Embedding": lambda data: (layers.Embedding(9, data.draw(SMALL)), (data.draw(SMALL),)),
    "Flatten": lambda data: (layers.Flatten(), data.draw(spatial(3))),
    "Reshape": reshape,
    "Permute": lambda data: (
        layers.Permute(tuple(data.draw(st.permutations([1, 2, 3])))),
        data.draw(spatial(3)),
    ),
    "RepeatVector": lambda data: (layers.RepeatVector(data.draw(SMALL)), (data.draw(SMALL),)),
    "BatchNormalization": same_shape(layers.BatchNormalization),
    "LayerNormalization": same_shape(layers.LayerNormalization),
    "Dropout": same_shape(lambda: layers.Dropout(0.5)),
    "SpatialDropout2D": same_shape(lambda: layers.SpatialDropout2D(0.5)),
    "GaussianNoise": same_shape(lambda: layers.GaussianNoise(0.1)),
    "Activation": same_shape(lambda: layers.Activation("relu")),
    "ReLU": same_shape(layers.ReLU),
    "LeakyReLU": same_shape(layers.LeakyReLU),
    "PReLU": same_shape(layers.PReLU),
    "ELU": same_shape(layers.ELU),
    "Softmax": same_shape(layers.Softmax),
    "Rescaling": same_shape(lambda: layers.Rescaling(1 / 255)),
}


@pytest.mark.parametrize("name", CASES)
@settings(max_examples=20, deadline=None)
@given(data=st.data())
def test_rule_gives_what_keras_gives(name: str, data: st.DataObject) -> None:
    try:
        layer, shape = CASES[name](data)
    except ValueError:  # arguments that Keras itself does not take together
        assume(False)
        raise
    trace = sk.trace([keras.Input(shape), layer])
    assume(trace.ok)
    row = trace.rows[0]
    assert rule_for(row.node.layer) is not None
    assert "own code" not in row.why, f"the rule was not true of {row.output_shapes}: {row.why}"
    assert row.arithmetic.output_shape(row.input_shapes[0]) == row.output_shapes[0]
    assert all(equation.holds for equation in row.arithmetic.shape)
    if row.params:
        assert row.arithmetic.params is not None
        assert (
            row.arithmetic.params.value == row.params == evaluate(row.arithmetic.params.expression)
        )


MERGES = ["Add", "Average", "Maximum", "Minimum", "Multiply", "Subtract", "Concatenate", "Dot"]


@pytest.mark.parametrize("name", MERGES)
def test_merges(name: str) -> None:
    first, second = keras.Input((5, 4)), keras.Input((5, 4))
    layer = layers.Dot(axes=1) if name == "Dot" else getattr(layers, name)()
    row = sk.trace(keras.Model([first, second], layer([first, second]))).rows[-1]
    assert "own code" not in row.why
    assert row.arithmetic.output_shape(row.input_shapes[0]) == row.output_shapes[0]


@pytest.mark.parametrize("shape", [None, 7])
def test_attention(shape: int | None) -> None:
    query, value = keras.Input((10, 8)), keras.Input((6, 8))
    attention = layers.MultiHeadAttention(2, 4, output_shape=shape)
    for output in (attention(query, value), layers.Attention()([query, value])):
        row = sk.trace(keras.Model([query, value], output)).rows[-1]
        assert "own code" not in row.why
        assert row.arithmetic.output_shape(row.input_shapes[0]) == row.output_shapes[0]


def test_merges_of_different_shapes() -> None:
    """The last axes meet; a tensor with fewer axes counts as size 1 on the others."""
    for one, other in [((5, 4), (1, 4)), ((5, 4), (4,)), ((6, 5, 4), (5, 1)), ((None, 4), (1, 4))]:
        first, second = keras.Input(one), keras.Input(other)
        output = layers.Add()([first, second])
        row = sk.trace(keras.Model([first, second], output)).rows[-1]
        assert "own code" not in row.why
        assert "stretched" in row.why
        assert row.arithmetic.output_shape(row.input_shapes[0]) == row.output_shapes[0]


PREPARING: list[tuple[Callable[[], Any], tuple[int, ...], str, str]] = [
    (lambda: layers.RandomFlip(), (8, 8, 3), "float32", "shape unchanged: same size of picture"),
    (lambda: layers.RandomRotation(0.1), (8, 8, 3), "float32", "shape unchanged"),
    (lambda: layers.RandomCrop(4, 4), (8, 8, 3), "float32", "side 4 · channels 3"),
    (lambda: layers.Resizing(4, 6), (8, 8, 3), "float32", "height 4 · width 6 · channels 3"),
    (lambda: layers.Discretization([0.0, 1.0]), (4,), "float32", "one index for each value"),
    (
        lambda: layers.CategoryEncoding(9, output_mode="one_hot"),
        (4,),
        "int32",
        "kept 4 · categories 9",
    ),
    (lambda: layers.Hashing(7), (4,), "int32", "one index for each value"),
    (lambda: layers.CategoryEncoding(9), (4,), "int32", "multi_hot: one vector"),
    (lambda: layers.IntegerLookup(vocabulary=[1, 5]), (4,), "int64", "one index for each value"),
    (
        lambda: layers.EinsumDense("abc,cd->abd", (5, 7)),
        (5, 3),
        "float32",
        "b kept 5 · d asked for 7",
    ),
    (lambda: layers.EinsumDense("abc,cd->abd", (None, 7)), (5, 3), "float32", "b kept not fixed"),
    (lambda: layers.SpectralNormalization(layers.Dense(7)), (5,), "float32", "units 7"),
    (
        lambda: layers.TimeDistributed(keras.Sequential([layers.Dense(7), layers.ReLU()])),
        (5, 3),
        "float32",
        "the same model at each step · steps 5 · axis 2: 7",
    ),
    (
        lambda: layers.Bidirectional(layers.LSTM(3), merge_mode=None),
        (5, 3),
        "float32",
        "two directions, two outputs · units 3",
    ),
]


@pytest.mark.parametrize(("make", "shape", "dtype", "words"), PREPARING)
def test_layers_that_had_no_arithmetic(
    make: Callable[[], Any], shape: tuple[int, ...], dtype: str, words: str
) -> None:
    try:
        layer = make()
    except ImportError as error:  # some of these layers are made of TensorFlow
        pytest.skip(str(error))
    row = sk.trace([keras.Input(shape, dtype=dtype), layer]).rows[0]
    assert words in row.why
    assert "own code" not in row.why
    assert row.arithmetic.output_shape(row.input_shapes[0]) == row.output_shapes[0]


def test_example_of_the_readme() -> None:
    row = sk.trace([keras.Input((28, 28, 1)), layers.Conv2D(32, 3)]).rows[0]
    assert row.why == ("side floor((28 - 3)/1) + 1 = 26 · filters 32 · params 3·3·1·32 + 32 = 320")


def test_a_wrong_rule_is_never_shown(monkeypatch: pytest.MonkeyPatch) -> None:
    """If Keras computed another shape than our rule, the row says what was seen."""
    from seqkit.arithmetic import rules
    from seqkit.arithmetic.equations import Arithmetic, Equation

    def wrong(layer: Any, shapes: Any) -> Arithmetic:
        return Arithmetic((Equation("units", "", 99, (1,)),))

    monkeypatch.setitem(rules._RULES, layers.Dense, wrong)
    why = sk.trace([keras.Input((4,)), layers.Dense(3)]).rows[0].why
    assert "99" not in why
    assert why.startswith("computed by its own code · axis 1: 3")


@pytest.mark.parametrize("text", ["__import__('os')", "a + 1", "2 ** 9", "'x'", "floor"])
def test_only_arithmetic_is_evaluated(text: str) -> None:
    with pytest.raises((ValueError, KeyError, SyntaxError)):
        evaluate(text)
