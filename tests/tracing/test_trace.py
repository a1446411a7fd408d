"""`sk.trace` on everything that a learner may hand it."""

from __future__ import annotations

from typing import Any

import keras
import numpy as np
import pytest
from keras import layers

import seqkit as sk
from seqkit.errors import BuildError, InputShapeError, NotAModelError, SeqkitError


def failing_stack() -> list[Any]:
    return [
        keras.Input((28, 28, 1)),
        layers.Conv2D(32, 3),
        layers.MaxPooling2D(),
        layers.LSTM(3),
        layers.Dense(2),
    ]


def test_rows_up_to_the_failure() -> None:
    trace = sk.trace(failing_stack())
    assert not trace.ok
    assert [row.status for row in trace.rows] == ["ok", "ok", "failed", "not reached"]
    assert trace.failure is not None
    assert trace.failure.index == 2
    assert trace.failure.reason == "needs 3 axes (batch, time, features), got 4"
    assert isinstance(trace.failure.error, ValueError)
    assert trace.rows[3].why == "not reached"
    assert trace.rows[3].params is None
    assert trace.total_params == 320


def test_text_of_a_failure() -> None:
    lines = str(sk.trace(failing_stack())).split("\n")
    assert lines[3].split()[:2] == ["2", "LSTM"]
    assert " x " in lines[3]
    assert lines[4].endswith("-  not reached")
    assert lines[5].startswith("stopped at layer 2, LSTM: needs 3 axes")


def test_html_marks_the_failure_without_colour_alone() -> None:
    html = sk.trace(failing_stack())._repr_mimebundle_()["text/html"]
    assert "✗ failed" in html
    assert "not reached" in html
    assert "<style" not in html


def test_tracing_changes_nothing() -> None:
    dense, again = layers.Dense(3), layers.Dense(3)
    again.build((None, 4))
    before = [weight.numpy().copy() for weight in again.weights]
    sk.trace([keras.Input((4,)), again, dense])
    assert not dense.built
    assert not dense.weights
    assert not again._inbound_nodes
    assert not again._outbound_nodes
    for old, weight in zip(before, again.weights, strict=True):
        np.testing.assert_array_equal(old, weight.numpy())
    model = keras.Sequential([keras.Input((7,)), dense])  # another shape than the traced one
    assert model.count_params() == 24


def test_the_next_model_does_not_pay_for_a_trace() -> None:
    """Weights that a trace imagined are not filled later."""
    from keras.src.backend.common import global_state

    sk.trace([keras.Input((4,)), layers.Dense(3)])
    assert not global_state.get_global_attribute("uninitialized_variables", [])


def test_a_very_large_list_costs_no_memory() -> None:
    trace = sk.trace([keras.Input((224, 224, 3)), layers.Flatten(), layers.Dense(1_000_000)])
    assert trace.total_params == 150_528 * 1_000_000 + 1_000_000


def test_shared_layer_is_counted_once() -> None:
    dense = layers.Dense(4)
    for model in (
        [keras.Input((4,)), dense, layers.ReLU(), dense],
        keras.Sequential([keras.Input((4,)), dense, layers.ReLU(), dense]),
    ):
        trace = sk.trace(model)
        assert trace.total_params == 20
        assert [row.params for row in trace.rows] == [20, 0, 0]
        assert "counted at layer 0" in trace.rows[2].why


def test_unbuilt_sequential_with_a_shape() -> None:
    model = keras.Sequential([layers.Dense(8), layers.Dense(2)])
    assert sk.trace(model, input_shape=(4,)).total_params == 8 * 4 + 8 + 8 * 2 + 2
    assert not model.built


def test_nested_models_are_expanded_on_request() -> None:
    block = keras.Sequential([layers.Dense(4), layers.ReLU()], name="block")
    model = keras.Sequential([keras.Input((4,)), block, layers.Dense(1)])
    assert len(sk.trace(model).rows) == 2
    trace = sk.trace(model, expand_nested=True)
    assert trace.rows[0].nested is not None
    assert [row.kind for row in trace.rows[0].nested.rows] == ["Dense", "ReLU"]
    assert " 0.1" in str(trace)


def test_functional_model_tells_where_tensors_come_from() -> None:
    inputs = keras.Input((4,))
    hidden = layers.Dense(4)(inputs)
    model = keras.Model(inputs, layers.Add()([hidden, inputs]))
    trace = sk.trace(model)
    assert [edge.source for edge in trace.rows[2].node.inputs] == [1, 0]
    assert "from" in str(trace).split("\n")[0]
    assert [row.name for row in trace.rows] == [layer.name for layer in model.layers]


def test_subclassed_model() -> None:
    class Two(keras.Model):
        def __init__(self) -> None:
            super().__init__()
            self.first, self.second = layers.Dense(3), layers.Dense(2)

        def call(self, x: Any) -> Any:
            return self.second(self.first(x))

    trace = sk.trace(Two(), input_shape=(4,))
    assert [row.output_shapes for row in trace.rows] == [((None, 3),), ((None, 2),)]
    assert trace.total_params == 23
    with pytest.raises(InputShapeError, match="input_shape"):
        sk.trace(Two())


def test_subclassed_model_that_fails() -> None:
    class Wrong(keras.Model):
        def __init__(self) -> None:
            super().__init__()
            self.first, self.second = layers.Dense(3), layers.LSTM(2)

        def call(self, x: Any) -> Any:
            return self.second(keras.ops.relu(self.first(x)))

    trace = sk.trace(Wrong(), input_shape=(4,))
    assert [row.status for row in trace.rows] == ["ok", "failed"]
    assert trace.failure is not None
    assert trace.failure.reason == "needs 3 axes (batch, time, features), got 2"

    class Broken(keras.Model):
        def call(self, x: Any) -> Any:
            return x.no_such_thing

    with pytest.raises(BuildError, match="outside any layer"):
        sk.trace(Broken(), input_shape=(4,))


def test_masked_text_stack_and_free_length() -> None:
    trace = sk.trace(
        [
            keras.Input((None,), dtype="int32"),
            layers.Embedding(50, 8, mask_zero=True),
            layers.Bidirectional(layers.LSTM(4)),
            layers.Dense(1),
        ]
    )
    assert trace.ok
    assert trace.rows[0].output_shapes == ((None, None, 8),)


def test_layer_that_cannot_be_copied_is_called_itself() -> None:
    class Scale(layers.Layer):
        def __init__(self, function: Any) -> None:
            super().__init__()
            self.function = function

        def call(self, x: Any) -> Any:
            return self.function(x)

        def get_config(self) -> dict[str, Any]:
            raise NotImplementedError

    trace = sk.trace([keras.Input((4,)), Scale(keras.ops.relu), layers.Dense(2)])
    assert trace.ok
    assert "computed by its own code" in trace.rows[0].why


class FakeTorch:
    __module__ = "torch.nn.modules.container"


BAD_INPUT: list[tuple[Any, str]] = [
    (None, "None"),
    ([], "empty"),
    (7, "an int, not a model"),
    ("Dense", "a str, not a model"),
    ({"a": 1}, "a dict, not a model"),
    (layers.Dense, r"Write Dense\(...\), with brackets"),
    (keras.Sequential, r"Write Sequential\(...\)"),
    (keras.Sequential(), "has no layers"),
    (keras.Input((3,)), r"keras.Model\(inputs, outputs\)"),
    (range(3), "a list of layers is needed"),
    (FakeTorch(), "from PyTorch"),
]


@pytest.mark.parametrize(("model", "words"), BAD_INPUT, ids=lambda value: str(value)[:20])
def test_bad_model_gets_one_sentence(model: Any, words: str) -> None:
    with pytest.raises(NotAModelError, match=words) as caught:
        sk.trace(model)
    check_voice(caught.value)


BAD_SHAPES: list[tuple[Any, str]] = [
    (784, r"input_shape=\(784,\), with the comma"),
    ((0,), "1 or more"),
    ((-1, 3), "1 or more"),
    ("28", "a tuple of sizes"),
    ((2.5,), "not a size"),
    ((True,), "not a size"),
]


@pytest.mark.parametrize(("shape", "words"), BAD_SHAPES, ids=str)
def test_bad_shape_gets_one_sentence(shape: Any, words: str) -> None:
    with pytest.raises(InputShapeError, match=words) as caught:
        sk.trace([layers.Dense(3)], input_shape=shape)
    check_voice(caught.value)


def test_unbuilt_without_shape() -> None:
    for model in ([layers.Dense(3)], keras.Sequential([layers.Dense(3)]), layers.Dense(3)):
        with pytest.raises(InputShapeError, match=r"keras\.Input") as caught:
            sk.trace(model)
        check_voice(caught.value)


def test_shape_of_the_wrong_rank_is_a_failed_row() -> None:
    for shape in [(28, 28), (5, 28, 28, 1)]:  # too few axes, and too many
        trace = sk.trace([layers.Conv2D(3, 3)], input_shape=shape)
        assert trace.failure is not None
        needs = "needs 4 axes (batch, height, width, channels)"
        assert trace.failure.reason == f"{needs}, got {len(shape) + 1}"


def test_model_with_its_own_input_refuses_another() -> None:
    inputs = keras.Input((4,))
    model = keras.Model(inputs, layers.Dense(2)(inputs))
    with pytest.raises(InputShapeError, match="Leave input_shape out"):
        sk.trace(model, input_shape=(5,))


def check_voice(error: SeqkitError) -> None:
    """One short text that ends with what to do, shown without our own frames."""
    text = str(error)
    assert 20 < len(text) < 320
    assert text.endswith(".")
    assert error._render_traceback_() == [f"{type(error).__name__}: {text}"]


def test_ordinary_items_that_fail_are_rows_not_exceptions() -> None:
    for item, reason in [
        ([layers.Dense(3)], "a list is not a layer"),
        ("relu", "a str is not a layer"),
        (layers.Dense, "Dense is a class"),
        (keras.ops.relu, "a function is not a layer"),
        (None, "None is not a layer"),
    ]:
        trace = sk.trace([keras.Input((4,)), item])
        assert trace.failure is not None
        assert reason in trace.failure.reason


def test_a_shared_nested_model_is_counted_once_inside_too() -> None:
    block = keras.Sequential([layers.Dense(4), layers.ReLU()])
    items = [keras.Input((4,)), block, layers.Dense(4), block]
    trace = sk.trace(items, expand_nested=True)
    nested = [row.nested for row in (trace.rows[0], trace.rows[2])]
    assert [one.rows[0].params for one in nested if one is not None] == [20, 0]
    assert "params counted at layer 0.0: 0" in str(trace)
    assert trace.total_params == 40


def test_the_inside_of_a_list_s_nested_model_is_read_before_it_is_put_back() -> None:
    block = keras.Sequential([layers.ReLU(), layers.Lambda(lambda x: 2 * x), layers.Dense(3)])
    trace = sk.trace([keras.Input((4,)), block], expand_nested=True)
    assert [row.kind for row, _ in trace.all_rows()] == ["Sequential", "ReLU", "Lambda", "Dense"]
    assert not any(layer._inbound_nodes for layer in block.layers)
    relu = keras.Sequential([layers.ReLU(), layers.Dense(3)])
    assert sk.trace([keras.Input((4,)), relu]).total_multiply_adds == 12


def test_weights_of_the_model_itself_are_counted() -> None:
    class Shifted(keras.Model):
        def __init__(self) -> None:
            super().__init__()
            self.dense = layers.Dense(3)
            self.shift = self.add_weight((3,), name="shift")

        def call(self, x: Any) -> Any:
            return self.dense(x) + self.shift

    model = Shifted()
    trace = sk.trace(model, (4,))
    assert trace.total_params == 4 * 3 + 3 + 3
    assert "total 18 parameters (3 of them in the model itself)" in str(trace)


def test_from_tells_a_doubled_input() -> None:
    x = keras.Input((4,))
    y = layers.Dense(4)(x)
    text = str(sk.trace(keras.Model(x, layers.Add()([y, y]))))
    assert "from" in text.splitlines()[0]
    assert " 1, 1 " in text


def test_from_inside_a_nested_model_counts_with_its_number() -> None:
    x = keras.Input((4,))
    block = keras.Model(x, layers.Add()([layers.Dense(4)(x), x]))
    text = str(sk.trace([keras.Input((4,)), layers.Dense(4), block], expand_nested=True))
    assert "1.1, 1.0" in text


def test_a_mask_is_no_layer_of_its_own() -> None:
    """Keras puts an operation NotEqual beside an Embedding with a mask; nobody wrote it."""
    items = [
        keras.Input((4,)),
        layers.Embedding(9, 3, mask_zero=True),
        layers.LSTM(2),
        layers.Dense(1),
    ]
    kinds = ["Embedding", "LSTM", "Dense"]
    assert [row.kind for row in sk.trace(keras.Sequential(items)).rows] == kinds


def test_a_mask_that_was_passed_is_an_input() -> None:
    x, mask = keras.Input((4, 2)), keras.Input((4,), dtype="bool")
    trace = sk.trace(keras.Model([x, mask], layers.GRU(2)(x, mask=mask)))
    assert len(trace.rows[-1].input_shapes) == 2


def test_a_dict_of_data_needs_the_names_of_the_inputs() -> None:
    a, b = keras.Input((2,), name="a"), keras.Input((2,), name="b")
    model = keras.Model([a, b], layers.Add()([a, b]))
    data = np.ones((3, 2))
    with pytest.raises(InputShapeError, match="keys of x are b, c"):
        sk.trace(model, {"b": data, "c": data})
