"""The code of the fix says what was meant, and the facts that are told are true."""

from __future__ import annotations

from typing import Any

import keras
import numpy as np
import pytest
from keras import layers

import seqkit as sk
from seqkit.converting import Program
from seqkit.explaining.plan import planned_fix


def explained(*items: Any) -> Any:
    tried = sk.attempt(keras.Sequential, list(items))
    assert tried.explanation is not None
    return tried.explanation


def fixed(*items: Any) -> keras.Model:
    explanation = explained(*items)
    assert explanation.verified, explanation
    namespace: dict[str, Any] = {}
    exec(explanation.fix_code, namespace)
    return namespace["model"]


def joined(model: keras.Model) -> list[str]:
    """The layers whose outputs enter the last merge layer."""
    merge = [layer for layer in model.layers if isinstance(layer.input, list)][-1]
    return [type(tensor._keras_history[0]).__name__ for tensor in merge.input]


@pytest.mark.parametrize("name", ["x", "outputs", "keras", "layers", "model", "Dense", "skip"])
def test_the_name_of_an_input_never_shadows_a_variable(name: str) -> None:
    model = fixed(keras.Input((8,), name=name), layers.Dense(8), layers.Dense(8), layers.Add())
    assert model.count_params() == 2 * 72


def test_two_inputs_keep_their_own_variables() -> None:
    items = [keras.Input((8,), name="input_2"), layers.Dense(8), keras.Input((4,)), layers.Dense(2)]
    model = fixed(*items)
    assert [tuple(tensor.shape) for tensor in model.inputs] == [(None, 8), (None, 4)]


def test_a_gate_multiplies_the_feature_map() -> None:
    model = fixed(
        keras.Input((28, 28, 16)),
        layers.Conv2D(16, 3, padding="same"),
        layers.GlobalAveragePooling2D(),
        layers.Dense(4, activation="relu"),
        layers.Dense(16, activation="sigmoid"),
        layers.Multiply(),
    )
    assert model.output_shape == (None, 28, 28, 16)
    assert joined(model) == ["Dense", "Conv2D"]


def test_a_u_net_joins_the_map_before_the_pool() -> None:
    model = fixed(
        keras.Input((28, 28, 1)),
        layers.Conv2D(16, 3, padding="same"),
        layers.MaxPooling2D(),
        layers.Conv2D(32, 3, padding="same"),
        layers.UpSampling2D(),
        layers.Concatenate(),
    )
    assert model.output_shape == (None, 28, 28, 48)


def test_a_block_with_a_stride_gets_a_projection_and_says_so() -> None:
    items = [
        keras.Input((28, 28, 16)),
        layers.Conv2D(32, 3, strides=2, padding="same"),
        layers.Conv2D(32, 3, padding="same"),
        layers.Add(),
    ]
    assert "a Conv2D was added" in explained(*items).fix
    assert len(fixed(*items).layers) == 5


def test_a_stem_is_not_part_of_the_block() -> None:
    convolutions = [layers.Conv2D(16, 3, padding="same") for _ in range(3)]
    model = fixed(keras.Input((28, 28, 1)), *convolutions, layers.Add())
    assert joined(model) == ["Conv2D", "Conv2D"]
    assert len(model.layers) == 5


def test_branches_and_then_a_skip() -> None:
    model = fixed(
        keras.Input((8,)),
        [layers.Dense(8), layers.Dense(8)],
        layers.Add(),
        layers.Dense(8),
        layers.Add(),
    )
    assert model.count_params() == 3 * 72


def test_a_transformer_block() -> None:
    block = [layers.MultiHeadAttention(2, 8), layers.Add(), layers.LayerNormalization()]
    assert fixed(keras.Input((10, 16)), *block).output_shape == (None, 10, 16)


def test_a_sequential_may_be_a_branch() -> None:
    branches = [keras.Sequential([layers.Dense(4)]), layers.Dense(4)]
    assert fixed(keras.Input((8,)), branches).output_shape == (None, 8)


@pytest.mark.parametrize("items", [[layers.Add()], [layers.Dense(8), layers.Add(), layers.Add()]])
def test_no_code_where_nothing_can_be_merged(items: list[Any]) -> None:
    explanation = explained(keras.Input((8,)), *items)
    assert not explanation.fix_code
    assert not explanation.verified


@pytest.mark.parametrize(
    ("item", "words"),
    [
        ("relu", 'Activation("relu")'),
        ("softmaxx", "no activation of this name"),
        (lambda x: x, "Lambda(lambda x: ...)"),
        (keras.activations.relu, 'Activation("relu")'),
        ((layers.Dense(4),), "inner brackets"),
        (None, "Take it out"),
        ((28, 28), "keras.Input((28, 28))"),
    ],
)
def test_what_is_not_a_layer(item: Any, words: str) -> None:
    explanation = explained(keras.Input((8,)), layers.Dense(3), item)
    assert explanation.title == "Item 2 of the list is not a layer"
    assert words in explanation.fix


def built(*shape: int) -> keras.Sequential:
    model = keras.Sequential([keras.Input(shape), layers.Flatten(), layers.Dense(1)])
    model.compile("sgd", "mse")
    return model


@pytest.mark.parametrize("how", ["fit", "predict", "evaluate", "call"])
def test_data_of_another_width(how: str) -> None:
    model, x, y = built(4), np.ones((3, 5), "float32"), np.ones((3, 1), "float32")
    calls = {
        "fit": lambda: model.fit(x, y, verbose=0),
        "predict": lambda: model.predict(x, verbose=0),
        "evaluate": lambda: model.evaluate(x, y, verbose=0),
        "call": lambda: model(x),
    }
    explanation = sk.attempt(calls[how]).explanation
    assert explanation is not None
    assert explanation.pattern == "data_shape"
    assert "(None, 4)" in explanation.what_happened
    assert "5)" in explanation.what_happened


def test_one_array_in_a_list_loses_nothing() -> None:
    tried = sk.attempt(built(4), [np.ones((3, 4), "float32")])
    assert not tried.failed
    assert tried.explanation is None


def test_three_arrays_are_three() -> None:
    x = np.ones((3, 4), "float32")
    explanation = sk.attempt(built(4), [x, x, x]).explanation
    assert explanation is not None
    assert explanation.what_happened.startswith("Three arrays")


def test_a_callback_that_raises_is_not_a_second_input() -> None:
    class Raising(keras.callbacks.Callback):
        def on_epoch_end(self, epoch: int, logs: Any = None) -> None:
            raise ValueError("boom")

    x, y = np.ones((3, 4), "float32"), np.ones((3, 1), "float32")
    pictures = np.ones((3, 28, 28), "float32")  # Keras adds the channel axis by itself
    column = x[..., None]  # and takes an axis of 1 away
    for model, data in ((built(4), [x, x]), (built(28, 28, 1), pictures), (built(4), column)):
        tried = sk.attempt(model.fit, data, y, callbacks=[Raising()], verbose=0)
        assert tried.explanation is not None
        assert tried.explanation.pattern == "not_recognised"


def test_code_of_another_model_than_planned_is_not_offered() -> None:
    explanation = explained(keras.Input((8,)), layers.Add())
    lines = ["x = keras.Input((8,))", "model = keras.Model(x, layers.Dense(8)(x))"]
    assert planned_fix(explanation, lambda _: Program(lines, planned=1)).verified
    assert not planned_fix(explanation, lambda _: Program(lines, planned=2)).verified
