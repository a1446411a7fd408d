"""Why a layer fails is said by rules of ours: the same words on every backend and every Keras."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import keras
import pytest
from keras import layers

import seqkit as sk

Case = tuple[Callable[[], Any], tuple[int | None, ...], str]

CASES: list[Case] = [
    # axes
    (lambda: layers.Conv1D(3, 3), (8,), "needs 3 axes (batch, time, features), got 2"),
    (lambda: layers.Conv1D(3, 3), (5, 8, 1), "needs 3 axes (batch, time, features), got 4"),
    (
        lambda: layers.Conv2DTranspose(3, 3),
        (5, 8, 8, 1),
        "needs 4 axes (batch, height, width, channels), got 5",
    ),
    (
        lambda: layers.ConvLSTM2D(3, 3),
        (8, 8, 1),
        "needs 5 axes (batch, depth, height, width, channels), got 4",
    ),
    (lambda: layers.SimpleRNN(3), (8,), "needs 3 axes (batch, time, features), got 2"),
    (lambda: layers.RNN(layers.GRUCell(3)), (8,), "needs 3 axes (batch, time, features), got 2"),
    (
        lambda: layers.Bidirectional(layers.LSTM(3)),
        (8, 8, 1),
        "needs 3 axes (batch, time, features), got 4",
    ),
    (lambda: layers.RepeatVector(3), (8, 1), "needs 2 axes (batch, features), got 3"),
    (lambda: layers.UpSampling1D(3), (8,), "needs 3 axes (batch, time, features), got 2"),
    (
        lambda: layers.Permute((2, 1, 3)),
        (4, 5),
        "dims (2, 1, 3) name 3 axes, the input has 2",
    ),
    (
        lambda: layers.EinsumDense("abc,cd->abd", (None, 5)),
        (4,),
        "its equation names 3 axes (a, b, c), the input has 2",
    ),
    (
        lambda: layers.BatchNormalization(axis=3),
        (4,),
        "normalizes axis 3, and the input has the axes 0 to 1",
    ),
    (
        lambda: layers.LayerNormalization(axis=3),
        (4,),
        "normalizes axis 3, and the input has the axes 0 to 1",
    ),
    # sizes
    (lambda: layers.Conv2D(3, 9), (8, 8, 1), "its window of 9 is larger than the input's 8"),
    (
        lambda: layers.ConvLSTM2D(3, 9),
        (20, 8, 8, 1),
        "its window of 9 is larger than the input's 8",
    ),
    (
        lambda: layers.MaxPooling1D(9),
        (8, 20),
        "its window of 9 is larger than the input's 8",
    ),
    (
        lambda: layers.Cropping2D(((2, 3), (0, 0))),
        (5, 9, 1),
        "cuts 2 and 3 off a side of 5, so nothing is left",
    ),
    (lambda: layers.Reshape((3, 5)), (4, 4), "cannot make (3, 5) of (4, 4): 15 values are not 16"),
    (
        lambda: layers.Reshape((3, -1)),
        (4, 4),
        "cannot make (3, -1) of (4, 4): 16 values are no multiple of 3",
    ),
    (lambda: layers.Conv2D(4, 3, groups=2), (8, 8, 3), "cannot share 3 channels among 2 groups"),
    (
        lambda: layers.GroupNormalization(3),
        (8, 4),
        "cannot share 4 channels among 3 groups; 1, 2 and 4 would do",
    ),
    (
        lambda: layers.Dense(3),
        (None, None),
        "needs known sizes to make its weights, got (None, None, None)",
    ),
    # layers inside layers
    (
        lambda: layers.TimeDistributed(layers.Conv2D(3, 3)),
        (5, 8, 8),
        "at each step, Conv2D: needs 4 axes (batch, height, width, channels), got 3",
    ),
    (
        lambda: layers.TimeDistributed(layers.Dense(3)),
        (5,),
        "repeats Dense over a time axis, and needs at least 3 axes, got 2",
    ),
    (
        lambda: keras.Sequential([layers.Dense(3), layers.LSTM(2)]),
        (5,),
        "inside it, layer 1, LSTM: needs 3 axes (batch, time, features), got 2",
    ),
    (
        lambda: keras.Sequential([keras.Input((4,)), layers.Dense(3)]),
        (5,),
        "is a model made for (None, 4), got (None, 5)",
    ),
    # several tensors
    (lambda: layers.Add(), (4,), "needs a list of two or more tensors, got one"),
    (lambda: layers.Dot(axes=1), (4,), "needs a list of two tensors, got one"),
    (
        lambda: layers.MultiHeadAttention(2, 2),
        (4, 3),
        "needs two tensors, query and value, got one",
    ),
]


@pytest.mark.parametrize(
    ("make", "shape", "reason"),
    CASES,
    ids=[f"{place} {reason}" for place, (_, _, reason) in enumerate(CASES)],
)
def test_reason(make: Callable[[], Any], shape: tuple[int | None, ...], reason: str) -> None:
    trace = sk.trace([keras.Input(shape), make(), layers.Flatten()])
    try:
        keras.Sequential([keras.Input(shape), make(), layers.Flatten()])
    except Exception:
        assert trace.failure is not None
        assert trace.failure.index == 0
        assert trace.failure.reason == reason
    else:
        check_accepted_by_old_jax(trace, reason)


def check_accepted_by_old_jax(trace: sk.ShapeTrace, reason: str) -> None:
    """With JAX, Keras 3.10 lets a map become empty; then the trace says what Keras gives."""
    assert keras.backend.backend() == "jax"
    assert reason.startswith("its window")
    assert trace.ok
    assert trace.rows[-1].output_shape == (None, 0)


def test_two_layers_of_one_name() -> None:
    items = [keras.Input((4,)), layers.Dense(2, name="a"), layers.ReLU(), layers.Dense(3, name="a")]
    trace = sk.trace(items)
    assert trace.failure is not None and trace.failure.index == 2
    assert trace.failure.reason == "another layer of this list has the name 'a', too"
    with pytest.raises(ValueError, match="unique names"):
        keras.Sequential(items)


def test_a_transposed_convolution_may_have_a_large_window() -> None:
    assert sk.trace([keras.Input((2, 2, 1)), layers.Conv2DTranspose(1, 9)]).ok


class Own(layers.Layer):
    """A layer with attributes as Keras' own have them, and a fault of its own."""

    kernel_size = (9, 9)

    def call(self, x: Any) -> Any:
        raise ValueError("the moon is in the wrong place")


@pytest.mark.parametrize("shape", [(4, 4, 1), (None, 4)])
def test_no_rule_of_keras_layers_is_put_on_another_class(shape: tuple[int | None, ...]) -> None:
    trace = sk.trace([keras.Input(shape), Own()])
    assert trace.failure is not None
    assert "the moon is in the wrong place" in trace.failure.reason


def test_a_lambda_s_own_fault_is_told_in_its_own_words() -> None:
    def wrong(x: Any) -> Any:
        raise ValueError("the moon is in the wrong place")

    trace = sk.trace([keras.Input((None, 4)), layers.Lambda(wrong)])
    assert trace.failure is not None
    assert "known sizes" not in trace.failure.reason
