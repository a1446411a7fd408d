"""`sk.trace` gives Keras' own shapes and counts for every layer of every published model."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterator
from typing import Any

import keras
import pytest
from keras import layers

import seqkit as sk
from seqkit.graph.copies import weights_without_memory
from seqkit.tracing import Row, ShapeTrace

APPLICATIONS = [f for f in vars(keras.applications).values() if inspect.isfunction(f)]


def test_there_are_applications_to_check() -> None:
    assert len(APPLICATIONS) >= 35


@pytest.mark.parametrize("application", APPLICATIONS, ids=lambda f: f.__name__)
def test_every_layer_of_every_application(application: Callable[..., keras.Model]) -> None:
    with weights_without_memory():  # built for real, but without filling gigabytes
        model = application(weights=None)
    check_against_keras(model)
    keras.utils.clear_session()


def test_vgg16_as_a_sequential() -> None:
    with weights_without_memory():
        model = keras.Sequential(list(vgg16_layers()))
    assert check_against_keras(model).total_params == 138_357_544


def test_mobilenet_v1_as_a_sequential() -> None:
    with weights_without_memory():
        model = keras.Sequential(list(mobilenet_layers()))
    assert check_against_keras(model).total_params == 4_253_864


def test_a_list_and_its_sequential_give_the_same_rows() -> None:
    from_list = sk.trace(list(vgg16_layers()))
    with weights_without_memory():
        from_model = sk.trace(keras.Sequential(list(vgg16_layers())))
    assert [facts(row) for row in from_list.rows] == [facts(row) for row in from_model.rows]


def facts(row: Row) -> tuple[Any, ...]:
    return row.kind, row.input_shapes, row.output_shapes, row.params, row.why


def check_against_keras(model: keras.Model) -> ShapeTrace:
    trace = sk.trace(model)
    assert trace.ok
    assert trace.total_params == model.count_params()
    rows = {row.name: row for row in trace.rows}
    for layer in model.layers:
        row = rows[layer.name]
        outputs = layer.output if isinstance(layer.output, list | tuple) else [layer.output]
        assert row.output_shapes == tuple(tuple(output.shape) for output in outputs)
        assert row.params == layer.count_params()
        check_why(row)
    return trace


def check_why(row: Row) -> None:
    """The arithmetic is there, is true, and gives the shape and the count."""
    arithmetic = row.arithmetic
    assert row.why
    assert all(equation.holds for equation in arithmetic.shape)
    before = row.input_shapes[0] if row.input_shapes else (None,)
    assert arithmetic.output_shape(before) == row.output_shapes[0]
    if row.params:
        assert arithmetic.params is not None
        assert arithmetic.params.value == row.params
        assert arithmetic.params.holds


def vgg16_layers() -> Iterator[Any]:
    yield keras.Input((224, 224, 3))
    for convolutions, filters in [(2, 64), (2, 128), (3, 256), (3, 512), (3, 512)]:
        for _ in range(convolutions):
            yield layers.Conv2D(filters, 3, padding="same", activation="relu")
        yield layers.MaxPooling2D(2)
    yield layers.Flatten()
    yield layers.Dense(4096, activation="relu")
    yield layers.Dense(4096, activation="relu")
    yield layers.Dense(1000, activation="softmax")


def mobilenet_layers() -> Iterator[Any]:
    """Howard et al. 2017, table 1."""
    yield keras.Input((224, 224, 3))
    yield layers.Conv2D(32, 3, strides=2, padding="same", use_bias=False)
    yield from normalized()
    blocks = [(64, 1), (128, 2), (128, 1), (256, 2), (256, 1), (512, 2)]
    blocks += [(512, 1)] * 5 + [(1024, 2), (1024, 1)]
    for filters, strides in blocks:
        yield layers.DepthwiseConv2D(3, strides=strides, padding="same", use_bias=False)
        yield from normalized()
        yield layers.Conv2D(filters, 1, use_bias=False)
        yield from normalized()
    yield layers.GlobalAveragePooling2D(keepdims=True)
    yield layers.Dropout(0.001)
    yield layers.Conv2D(1000, 1)
    yield layers.Reshape((1000,))
    yield layers.Activation("softmax")


def normalized() -> Iterator[Any]:
    yield layers.BatchNormalization()
    yield layers.ReLU(6.0)
