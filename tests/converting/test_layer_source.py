"""The written expression makes a layer with the same config."""

from __future__ import annotations

from typing import Any

import keras
import pytest
from keras import layers

from seqkit.converting import layer_source

CASES: list[tuple[Any, str]] = [
    (layers.Dense(3), "layers.Dense(3)"),
    (layers.Dense(3, activation="relu"), 'layers.Dense(3, activation="relu")'),
    (layers.Dense(3, name="head"), 'layers.Dense(3, name="head")'),
    (layers.Conv2D(8, (3, 3), padding="same"), 'layers.Conv2D(8, 3, padding="same")'),
    (layers.Conv2D(8, (3, 5), strides=2), "layers.Conv2D(8, (3, 5), strides=2)"),
    (layers.MaxPooling2D(), "layers.MaxPooling2D()"),
    (layers.MaxPooling2D(3), "layers.MaxPooling2D(3)"),
    (layers.LSTM(4, return_sequences=True), "layers.LSTM(4, return_sequences=True)"),
    (layers.Bidirectional(layers.LSTM(4)), "layers.Bidirectional(layers.LSTM(4))"),
    (layers.TimeDistributed(layers.Dense(2)), "layers.TimeDistributed(layers.Dense(2))"),
    (layers.Embedding(10, 4, mask_zero=True), "layers.Embedding(10, 4, mask_zero=True)"),
    (layers.Reshape((4, 4)), "layers.Reshape((4, 4))"),
    (layers.Dropout(0.5), "layers.Dropout(0.5)"),
    (layers.Activation("relu"), 'layers.Activation("relu")'),
    (layers.MultiHeadAttention(2, 4), "layers.MultiHeadAttention(2, 4)"),
    (layers.ZeroPadding2D(((1, 2), (3, 4))), "layers.ZeroPadding2D(((1, 2), (3, 4)))"),
    (layers.BatchNormalization(), "layers.BatchNormalization()"),
    (layers.Concatenate(axis=1), "layers.Concatenate(axis=1)"),
    (layers.Dense(3, trainable=False), "layers.Dense(3, trainable=False)"),
    (layers.Dense(3, dtype="float64"), 'layers.Dense(3, dtype="float64")'),
    (
        layers.Dense(3, kernel_initializer="he_normal"),
        'layers.Dense(3, kernel_initializer="he_normal")',
    ),
    (layers.InputLayer((3,), batch_size=2), "keras.Input((3,), batch_size=2)"),
    (
        layers.Bidirectional(layers.GRU(2, return_sequences=True), merge_mode="sum"),
        'layers.Bidirectional(layers.GRU(2, return_sequences=True), merge_mode="sum")',
    ),
    (
        layers.Bidirectional(layers.LSTM(2), backward_layer=layers.GRU(2, go_backwards=True)),
        "layers.Bidirectional(layers.LSTM(2), backward_layer=layers.GRU(2, go_backwards=True))",
    ),
    (
        layers.RNN([layers.LSTMCell(2), layers.GRUCell(3)]),
        "layers.RNN([layers.LSTMCell(2), layers.GRUCell(3)])",
    ),
    (
        layers.EinsumDense("abc,cd->abd", output_shape=(None, 5)),
        'layers.EinsumDense("abc,cd->abd", (None, 5))',
    ),
    (layers.LayerNormalization(), "layers.LayerNormalization()"),
    (
        layers.TimeDistributed(keras.Sequential([layers.Dense(2)])),
        "layers.TimeDistributed(keras.Sequential([layers.Dense(2)]))",
    ),
    (layers.RandomBrightness(0.1), "layers.RandomBrightness(0.1)"),
    (layers.Rescaling(1 / 255), "layers.Rescaling(1 / 255)"),
    (layers.Normalization(mean=0.5, variance=2.0), "layers.Normalization(mean=0.5, variance=2.0)"),
    (layers.Add(name="add0"), 'layers.Add(name="add0")'),
    (
        layers.Dense(3, kernel_regularizer=keras.regularizers.L2(0.01)),
        "layers.Dense(3, kernel_regularizer=keras.regularizers.L2(l2=0.01))",
    ),
]


@pytest.mark.parametrize(("layer", "source"), CASES, ids=lambda value: str(value)[:40])
def test_source(layer: Any, source: str) -> None:
    assert layer_source(layer) == source
    made = eval(source, {"layers": layers, "keras": keras})
    made = getattr(made, "_keras_history", (made,))[0]  # keras.Input gives a tensor
    assert bare(made.get_config()) == bare(layer.get_config())


def bare(config: Any) -> Any:
    """A config without automatic names and seeds."""
    if isinstance(config, dict):
        return {
            key: bare(value)
            for key, value in config.items()
            if key not in ("name", "seed", "shared_object_id")
        }
    if isinstance(config, list):
        return [bare(value) for value in config]
    return config
