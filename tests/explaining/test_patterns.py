"""Each pattern on the installed Keras: recognised, explained in the user's numbers, repaired."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import keras
import numpy as np
import pytest
from keras import layers

import seqkit as sk
from seqkit.errors import NotAModelError
from seqkit.explaining import Explanation


def explain_build(*items: Any) -> Explanation:
    tried = sk.attempt(lambda: keras.Sequential(list(items)))
    assert tried.failed
    assert tried.explanation is not None
    return tried.explanation


def run_code(explanation: Explanation) -> keras.Model:
    """Run the fix as a user would: alone, in an empty namespace."""
    namespace: dict[str, Any] = {}
    exec(explanation.fix_code, namespace)
    return namespace["model"]


def conv(filters: int = 16, **arguments: Any) -> layers.Layer:
    return layers.Conv2D(filters, 3, padding="same", **arguments)


RESIDUAL: dict[str, tuple[list[Any], int, tuple[int | None, ...]]] = {
    "same shape from the input": (
        [keras.Input((28, 28, 16)), conv(), conv(), layers.Add()],
        2,
        (None, 28, 28, 16),
    ),
    "skip starts after the stem": (
        [keras.Input((28, 28, 1)), conv(), conv(), conv(), layers.Add(), layers.Flatten()],
        3,
        (None, 12544),
    ),
    "nothing fits: projected": (
        [keras.Input((28, 28, 1)), conv(8, strides=2), layers.Add()],
        1,
        (None, 14, 14, 8),
    ),
    "dense layers": (
        [keras.Input((10,)), layers.Dense(8), layers.Dense(8), layers.Add(), layers.Dense(1)],
        2,
        (None, 1),
    ),
    "two blocks": (
        [keras.Input((8, 8, 4)), conv(4), layers.Add(), conv(4), layers.Add()],
        1,
        (None, 8, 8, 4),
    ),
}


@pytest.mark.parametrize("case", RESIDUAL)
def test_add_in_the_list(case: str) -> None:
    items, index, shape = RESIDUAL[case]
    explanation = explain_build(*items)
    assert (explanation.pattern, explanation.fault) == ("residual", "topology")
    assert explanation.layer is not None
    assert (explanation.layer.index, explanation.layer.kind) == (index, "Add")
    assert str(explanation.layer.input_shape) in explanation.what_happened
    assert explanation.verified
    model = run_code(explanation)
    assert model.output_shape == shape
    adds = [node for node in sk.trace(model).graph.nodes if node.kind == "Add"]
    assert len(adds) == sum(isinstance(item, layers.Add) for item in items)
    assert all(len(set(add.inputs)) == 2 for add in adds)


@pytest.mark.parametrize(
    ("merge", "pattern"),
    [
        (layers.Add, "residual"),
        (layers.Average, "residual"),
        (layers.Concatenate, "dense_skip"),
        (layers.Multiply, "gate"),
        (lambda: layers.Dot(axes=1), "dot"),
    ],
)
def test_merge_layers(merge: Callable[[], layers.Layer], pattern: str) -> None:
    explanation = explain_build(keras.Input((6,)), layers.Dense(6), merge())
    assert explanation.pattern == pattern
    assert explanation.verified
    run_code(explanation)


def test_inception_block() -> None:
    explanation = explain_build(
        keras.Input((14, 14, 8)),
        [layers.Conv2D(4, 1), conv(6), [layers.Conv2D(2, 1), layers.Conv2D(3, 5, padding="same")]],
        layers.GlobalAveragePooling2D(),
    )
    assert explanation.pattern == "inception"
    assert run_code(explanation).output_shape == (None, 13)


def test_branches_of_different_size_are_padded() -> None:
    explanation = explain_build(
        keras.Input((14, 14, 8)), [layers.Conv2D(4, 1), layers.Conv2D(4, 3), layers.MaxPooling2D(3)]
    )
    assert explanation.verified
    assert run_code(explanation).output_shape == (None, 14, 14, 16)


def test_branches_with_their_own_merge() -> None:
    explanation = explain_build(
        keras.Input((4,)), [layers.Dense(3), layers.Dense(3)], layers.Add(), layers.Dense(1)
    )
    assert explanation.pattern == "branch"
    kinds = [row.kind for row in sk.trace(run_code(explanation)).rows]
    assert kinds.count("Add") == 1
    assert "Concatenate" not in kinds


def test_attention_in_the_list() -> None:
    explanation = explain_build(
        keras.Input((10, 8)), layers.MultiHeadAttention(2, 4), layers.GlobalAveragePooling1D()
    )
    assert explanation.pattern == "attention"
    assert run_code(explanation).output_shape == (None, 8)


def test_second_input() -> None:
    explanation = explain_build(
        keras.Input((30,), name="title"),
        layers.Embedding(100, 8),
        layers.GlobalAveragePooling1D(),
        keras.Input((5,), name="metadata"),
        layers.Dense(8),
        layers.Concatenate(),
        layers.Dense(6),
    )
    assert explanation.pattern == "multi_input"
    assert 'title = keras.Input((30,), name="title")' in explanation.fix_code
    model = run_code(explanation)
    assert len(model.inputs) == 2
    assert model.output_shape == (None, 6)


def small_model() -> keras.Model:
    model = keras.Sequential([keras.Input((4,)), layers.Dense(1)])
    model.compile("sgd", "mse")
    return model


def test_silent_loss_of_the_second_array() -> None:
    x, y = np.zeros((8, 4)), np.zeros((8, 1))
    tried = sk.attempt(lambda: small_model().fit([x, x], y, verbose=0))
    assert not tried.failed
    assert tried.explanation is not None
    assert tried.explanation.pattern == "multi_input"
    assert "dropped the rest" in tried.explanation.what_happened


def test_dict_of_two_arrays() -> None:
    x, y = np.zeros((8, 4)), np.zeros((8, 1))
    tried = sk.attempt(lambda: small_model().fit({"a": x, "b": x}, y, verbose=0))
    assert tried.explanation is not None
    assert tried.explanation.pattern == "multi_input"


def test_items_that_are_no_layers() -> None:
    for item in (layers.Dense, "relu", 3, keras.ops.relu):
        explanation = explain_build(keras.Input((4,)), item)
        assert explanation.pattern == "not_a_layer"
        assert explanation.fix


def test_neighbours_name_the_layer_and_a_repair() -> None:
    explanation = explain_build(keras.Input((5, 2)), layers.LSTM(3), layers.LSTM(3))
    assert (explanation.pattern, explanation.fault) == ("shape_mismatch", "parameter")
    assert "return_sequences=True" in explanation.fix


def test_duplicate_names() -> None:
    explanation = explain_build(
        keras.Input((4,)), layers.Dense(2, name="a"), layers.Dense(2, name="a")
    )
    assert explanation.pattern == "duplicate_name"
    assert "'a'" in explanation.title


def test_layer_called_on_a_layer() -> None:
    tried = sk.attempt(lambda: layers.Add()([layers.Dense(1), layers.Dense(1)]))
    assert tried.explanation is not None
    assert tried.explanation.pattern == "layer_as_tensor"


@pytest.mark.parametrize("error", [ZeroDivisionError("division by zero"), OSError("disk full")])
def test_unknown_errors_are_passed_on(error: Exception) -> None:
    explanation = sk.explain(error)
    assert (explanation.pattern, explanation.fault) == ("not_recognised", "unknown")
    assert not explanation.verified
    assert explanation.original is error
    assert str(error) in str(explanation)


def test_error_met_layer_by_layer_with_add() -> None:
    def build() -> None:
        model = keras.Sequential([keras.Input((4,)), layers.Dense(3)])
        model.add(layers.Add())

    explanation = sk.attempt(build).explanation
    assert explanation is not None
    assert explanation.pattern == "residual"
    assert explanation.layer is not None
    assert explanation.layer.index == 1


def test_error_met_at_the_first_call() -> None:
    model = keras.Sequential([layers.Dense(3), layers.Add()])
    explanation = sk.attempt(model, np.zeros((2, 4))).explanation
    assert explanation is not None
    assert explanation.pattern == "residual"


def test_explain_takes_a_plain_exception_and_a_trace() -> None:
    items = [keras.Input((28, 28, 16)), conv(), layers.Add()]
    try:
        keras.Sequential(items)
    except ValueError as error:
        assert sk.explain(error).pattern == "residual"
    assert sk.explain(sk.trace(items)).pattern == "residual"
    with pytest.raises(NotAModelError, match="no failure"):
        sk.explain(sk.trace(items[:2]))
    with pytest.raises(NotAModelError, match="exception or a failed trace"):
        sk.explain(3)


def test_attempt_as_a_block(capsys: pytest.CaptureFixture[str]) -> None:
    with sk.attempt() as tried:
        keras.Sequential([keras.Input((4,)), layers.Add()])
    assert tried.failed
    assert "Add cannot stand in a Sequential list" in capsys.readouterr().out
    with sk.attempt() as fine:
        keras.Sequential([keras.Input((4,)), layers.Dense(2)])
    assert not fine.failed
    assert fine.explanation is None
    assert capsys.readouterr().out.strip() == "nothing failed"
    with pytest.raises(ValueError, match="merge layer"), sk.attempt(show=False, reraise=True):
        keras.Sequential([keras.Input((4,)), layers.Add()])


def test_attempt_does_not_swallow_an_interrupt() -> None:
    with pytest.raises(KeyboardInterrupt), sk.attempt(show=False):
        raise KeyboardInterrupt


def test_attempt_leaves_keras_as_it_was() -> None:
    before = keras.config.is_traceback_filtering_enabled()
    sk.attempt(lambda: 1 / 0)
    assert keras.config.is_traceback_filtering_enabled() is before


def test_the_original_is_never_lost() -> None:
    explanation = explain_build(keras.Input((4,)), layers.Dense(4), layers.Add())
    assert isinstance(explanation.original, ValueError)
    assert "A merge layer should be called on a list of inputs" in str(explanation)
    html = explanation._repr_mimebundle_()["text/html"]
    assert "A merge layer should be called" in html
    assert '<img alt="what was written: input, then Dense 4, then x Add.' in html


def test_same_text_in_every_run() -> None:
    def text() -> str:
        keras.utils.clear_session()
        return str(explain_build(keras.Input((8, 8, 4)), [conv(2), [object()]], layers.Add()))

    first = text()
    assert first == text()
    assert " at 0x" not in first


def test_own_layer_class_in_the_list() -> None:
    class Twice(layers.Layer):
        def call(self, x: Any) -> Any:
            return x * 2

    explanation = explain_build(keras.Input((4,)), Twice(), layers.Add())
    assert explanation.verified
    assert "Twice()(inputs)" in explanation.fix_code


def test_a_skip_past_convolutions_without_padding_keeps_the_size() -> None:
    explanation = explain_build(keras.Input((8, 8, 3)), layers.Conv2D(4, 3), layers.Add())
    assert "here they are (None, 8, 8, 3) and (None, 6, 6, 4)" in explanation.fix
    assert explanation.verified
    assert run_code(explanation).output_shape == (None, 8, 8, 4)


@pytest.mark.parametrize(
    ("written", "meant"), [("Relu", "relu"), ("LeakyReLU", "leaky_relu"), ("sigmoyd", "sigmoid")]
)
def test_a_misspelled_activation(written: str, meant: str) -> None:
    tried = sk.attempt(lambda: layers.Dense(4, activation=written))
    assert tried.explanation is not None
    assert f'activation="{meant}"' in tried.explanation.fix
