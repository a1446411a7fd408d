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
    (
        layers.Dense(3, kernel_regularizer=keras.regularizers.L2(0.01)),
        "layers.Dense(3, kernel_regularizer=keras.regularizers.L2(l2=0.01))",
    ),
]


@pytest.mark.parametrize(("layer", "source"), CASES, ids=lambda value: str(value)[:40])
def test_source(layer: Any, source: str) -> None:
    assert layer_source(layer) == source
    made = eval(source, {"layers": layers, "keras": keras})
    assert bare(made.get_config()) == bare(layer.get_config())


def bare(config: Any) -> Any:
    """A config without automatic names and seeds."""
    if isinstance(config, dict):
        return {
            key: bare(value)
            for key, value in config.items()
            if key not in ("name", "seed", "shared_object_id")
        }
    return config
