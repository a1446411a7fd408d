"""Multiply-adds and receptive fields against published numbers, and against counting by hand."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import keras
import numpy as np
import pytest
from keras import layers

import seqkit as sk
from seqkit.arithmetic import evaluate
from seqkit.graph.copies import weights_without_memory
from seqkit.tracing import Row, ShapeTrace

# Millions of multiply-adds for one picture, at the model's own input size.
PUBLISHED = {
    "VGG16": (15_470, 0.005),  # torchvision's table of models
    "ResNet50": (3_800, 0.02),  # He et al. 2015, table 1, for the same placing of strides
    "MobileNet": (569, 0.005),  # Howard et al. 2017, table 8
    "MobileNetV2": (300, 0.01),  # Sandler et al. 2018, table 4
    "InceptionV3": (5_710, 0.005),  # torchvision's table of models
    "DenseNet121": (2_830, 0.005),  # torchvision's table of models
    "EfficientNetB0": (390, 0.02),  # Tan and Le 2019, table 2
    "NASNetMobile": (564, 0.005),  # Zoph et al. 2018, table 2
    "ConvNeXtTiny": (4_456, 0.005),  # torchvision's table of models
}
# Positions of the input that the last feature map sees: Araujo, Norris and Sim 2019.
FIELDS = {
    "VGG16": ("block5_pool", 212),
    "ResNet50": ("conv5_block3_out", 483),
    "ResNet101": ("conv5_block3_out", 1027),
    "ResNet152": ("conv5_block3_out", 1507),
    "MobileNet": ("conv_pw_13_relu", 315),
    "InceptionV3": ("mixed10", 1311),
}


def application(name: str) -> keras.Model:
    with weights_without_memory():
        return getattr(keras.applications, name)(weights=None)


@pytest.mark.parametrize("name", PUBLISHED)
def test_published_multiply_adds(name: str) -> None:
    millions, tolerance = PUBLISHED[name]
    trace = sk.trace(application(name))
    assert not trace.not_counted
    assert trace.total_multiply_adds == pytest.approx(millions * 1e6, rel=tolerance)


def test_resnet50_as_torchvision_places_its_strides() -> None:
    """4.09 thousand million in torchvision's table: the 3x3 windows have the strides."""
    with weights_without_memory():
        model = resnet50()
    assert sk.trace(model).total_multiply_adds == pytest.approx(4.09e9, rel=0.002)


@pytest.mark.parametrize("name", FIELDS)
def test_published_receptive_fields(name: str) -> None:
    layer, field = FIELDS[name]
    rows = {row.name: row for row in sk.trace(application(name)).rows}
    assert rows[layer].receptive_field == field
    assert rows[layer].step == 32


def test_fields_inside_vgg16() -> None:
    rows = {row.name: row for row in sk.trace(application("VGG16")).rows}
    assert [rows[f"block{block}_pool"].receptive_field for block in range(1, 6)] == [
        *(6, 16, 44, 100, 212)
    ]
    assert rows["block5_conv3"].receptive_field == 196
    assert rows["fc1"].receptive_field is None


def resnet50() -> keras.Model:
    inputs = keras.Input((224, 224, 3))
    x = layers.Conv2D(64, 7, strides=2, padding="same")(inputs)
    x = layers.MaxPooling2D(3, strides=2, padding="same")(x)
    for stage, (filters, blocks) in enumerate([(64, 3), (128, 4), (256, 6), (512, 3)]):
        for block in range(blocks):
            strides = 2 if stage and not block else 1
            y = layers.Conv2D(filters, 1)(x)
            y = layers.Conv2D(filters, 3, strides=strides, padding="same")(y)
            y = layers.Conv2D(4 * filters, 1)(y)
            skip = x if block else layers.Conv2D(4 * filters, 1, strides=strides)(x)
            x = layers.Add()([skip, y])
    outputs = layers.Dense(1000)(layers.GlobalAveragePooling2D()(x))
    return keras.Model(inputs, outputs)


# --- by hand: what a plain loop would multiply ----------------------------------------------------

ONE_LAYER: list[tuple[Callable[[], Any], tuple[int, ...], int]] = [
    (lambda: layers.Dense(10), (784,), 784 * 10),
    (lambda: layers.Dense(10), (5, 8), 5 * 8 * 10),
    (lambda: layers.Conv1D(4, 3), (10, 2), 8 * 4 * 3 * 2),
    (lambda: layers.Conv2D(32, 3), (28, 28, 1), 26 * 26 * 32 * 9),
    (lambda: layers.Conv2D(8, 3, strides=2, padding="same"), (9, 9, 2), 5 * 5 * 8 * 9 * 2),
    (lambda: layers.Conv2D(8, 3, groups=2), (9, 9, 4), 7 * 7 * 8 * 9 * 2),
    (lambda: layers.Conv2D(8, 3, dilation_rate=2), (9, 9, 4), 5 * 5 * 8 * 9 * 4),
    (lambda: layers.Conv3D(2, 3), (5, 5, 5, 3), 3**3 * 2 * 27 * 3),
    (lambda: layers.Conv2DTranspose(8, 3, strides=2), (5, 5, 4), 5 * 5 * 4 * 9 * 8),
    (lambda: layers.DepthwiseConv2D(3), (9, 9, 4), 7 * 7 * 4 * 9),
    (lambda: layers.DepthwiseConv2D(3, depth_multiplier=2), (9, 9, 4), 7 * 7 * 8 * 9),
    (lambda: layers.SeparableConv2D(6, 3), (9, 9, 4), 7 * 7 * (9 * 4 + 4 * 6)),
    (lambda: layers.SimpleRNN(8), (5, 3), 5 * 8 * (3 + 8)),
    (lambda: layers.GRU(8), (5, 3), 5 * 3 * 8 * (3 + 8)),
    (lambda: layers.LSTM(8, return_sequences=True), (5, 3), 5 * 4 * 8 * (3 + 8)),
    (lambda: layers.Bidirectional(layers.LSTM(8)), (5, 3), 2 * 5 * 4 * 8 * (3 + 8)),
    (lambda: layers.ConvLSTM2D(6, 3), (5, 9, 9, 2), 5 * 4 * 7 * 7 * 6 * 9 * (2 + 6)),
    (lambda: layers.TimeDistributed(layers.Dense(4)), (5, 3), 5 * 3 * 4),
    (lambda: layers.TimeDistributed(layers.Conv2D(4, 3)), (5, 9, 9, 2), 5 * 7 * 7 * 4 * 9 * 2),
    (lambda: layers.EinsumDense("abc,cd->abd", (None, 7)), (5, 3), 5 * 3 * 7),
    (lambda: keras.Sequential([layers.Dense(4), layers.Dense(2)]), (3,), 3 * 4 + 4 * 2),
    (lambda: layers.Embedding(50, 8), (5,), 0),
    (lambda: layers.BatchNormalization(), (5, 5, 3), 0),
    (lambda: layers.MaxPooling2D(), (8, 8, 3), 0),
    (lambda: layers.Flatten(), (8, 8, 3), 0),
]


@pytest.mark.parametrize(("make", "shape", "count"), ONE_LAYER)
def test_one_layer(make: Callable[[], Any], shape: tuple[int, ...], count: int) -> None:
    row = sk.trace([keras.Input(shape), make()]).rows[0]
    assert row.multiply_adds == count
    assert row.cost is not None and evaluate(row.cost.expression) == count


def test_attention() -> None:
    query, value = keras.Input((10, 8)), keras.Input((6, 12))
    output = layers.MultiHeadAttention(2, 4, value_dim=5)(query, value)
    row = sk.trace(keras.Model([query, value], output)).rows[-1]
    projections = 10 * 8 * 2 * 4 + 6 * 12 * 2 * 4 + 6 * 12 * 2 * 5 + 10 * 2 * 5 * 8
    assert row.multiply_adds == projections + 10 * 6 * 2 * (4 + 5)


def test_what_cannot_be_counted_is_said() -> None:
    class Own(layers.Dense):
        def call(self, x: Any) -> Any:
            return super().call(super().call(x))

    trace = sk.trace([keras.Input((4,)), Own(4), layers.Dense(2)], cost=True)
    assert [row.multiply_adds for row in trace.rows] == [None, 8]
    assert "multiply-adds 8 for each example, without 1 layer that cannot be counted" in str(trace)
    open_length = sk.trace([keras.Input((None, 3)), layers.LSTM(4)])
    assert open_length.rows[0].multiply_adds is None


# --- receptive fields: by the gradient ------------------------------------------------------------

STACKS: list[list[Callable[[], Any]]] = [
    [lambda: layers.Conv2D(2, 3), lambda: layers.Conv2D(2, 3)],
    [lambda: layers.Conv2D(2, 3, strides=2), lambda: layers.MaxPooling2D(2)],
    [lambda: layers.Conv2D(2, (5, 3)), lambda: layers.ReLU(), lambda: layers.AveragePooling2D(3)],
    [lambda: layers.Conv2D(2, 3, dilation_rate=3), lambda: layers.BatchNormalization()],
    [lambda: layers.SeparableConv2D(2, 3, strides=3), lambda: layers.DepthwiseConv2D(3)],
    [lambda: layers.ZeroPadding2D(2), lambda: layers.Conv2D(1, 3), lambda: layers.Dropout(0.5)],
]


@pytest.mark.parametrize("stack", STACKS)
def test_field_is_what_one_number_depends_on(stack: list[Callable[[], Any]]) -> None:
    """Change the input at one place after another, and see which change reaches the middle."""
    model = keras.Sequential([keras.Input((25, 25, 1)), *(make() for make in stack)])
    for weight in model.trainable_weights:
        weight.assign(np.ones(weight.shape))  # no product may vanish by chance
    row = sk.trace(model).rows[-1]
    field = row.receptive_field
    sides = (field, field) if isinstance(field, int) else field
    assert sides == (reach(model, axis=0), reach(model, axis=1))


def reach(model: keras.Model, axis: int) -> int:
    """From the first to the last place along an axis that changes the middle of the output."""
    flat = np.ones((1, 25, 25, 1), "float32")
    changed = np.repeat(flat, 25, axis=0)
    for place in range(25):
        changed[place][(place, slice(None)) if axis == 0 else (slice(None), place)] = 2.0
    before = model.predict(flat, verbose=0)
    after = model.predict(changed, verbose=0)
    row, column = (size // 2 for size in before.shape[1:3])
    differs = np.abs(after - before)[:, row, column].max(axis=-1) > 1e-6
    (places,) = np.nonzero(differs)
    return int(places[-1] - places[0] + 1)


def test_branches_take_the_largest_field() -> None:
    inputs = keras.Input((32, 32, 3))
    narrow, wide = layers.Conv2D(4, 1)(inputs), layers.Conv2D(4, 7, padding="same")(inputs)
    rows = sk.trace(keras.Model(inputs, layers.Add()([narrow, wide]))).rows
    assert (rows[-1].receptive_field, rows[-1].step) == (7, 1)


def test_a_nested_model_continues_the_field() -> None:
    block = keras.Sequential([layers.Conv2D(4, 3), layers.MaxPooling2D()])
    model = keras.Sequential([keras.Input((32, 32, 1)), layers.Conv2D(4, 3), block])
    trace = sk.trace(model, expand_nested=True)
    assert [row.receptive_field for row in rows_of(trace)] == [3, 6, 5, 6]
    assert trace.rows[1].step == 2


def rows_of(trace: ShapeTrace) -> list[Row]:
    return [row for row, _ in trace.all_rows()]


def test_table_with_costs() -> None:
    trace = sk.trace([keras.Input((28, 28, 1)), layers.Conv2D(8, 3), layers.Flatten()], cost=True)
    assert str(trace).split("\n") == [
        " #  layer    out                params  multiply-adds  field  step  why",
        " 0  Conv2D   (None, 26, 26, 8)      80         48,672      3     1  26·26·8·(3·3·1)",
        " 1  Flatten  (None, 5408)            0              0      -     -",
        "total 80 parameters · output (None, 5408)",
        "multiply-adds 48,672 for each example",
    ]
    assert "48,672" in trace._repr_mimebundle_()["text/html"]
