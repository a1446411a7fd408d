"""The models that the claims are about, as small as they can be."""

from __future__ import annotations

from typing import Any

import keras
from keras import layers


def small_stack() -> keras.Sequential:
    """Three layers: 8 numbers in, 2 out."""
    return keras.Sequential(
        [
            layers.Input((8,)),
            layers.Dense(6, activation="relu"),
            layers.Dense(4, activation="relu"),
            layers.Dense(2),
        ]
    )


def longer_stack() -> keras.Sequential:
    """The small stack and one layer more, added later."""
    model = small_stack()
    model.add(layers.Dense(3))
    return model


def first_model() -> keras.Sequential:
    """The model of the first lesson, from a list: 784 → 32 → 10."""
    return keras.Sequential(
        [
            keras.Input((784,)),
            layers.Dense(32, activation="relu"),
            layers.Dense(10, activation="softmax"),
        ]
    )


def first_model_added() -> keras.Sequential:
    """The same with add()."""
    model = keras.Sequential()
    model.add(keras.Input((784,)))
    model.add(layers.Dense(32, activation="relu"))
    model.add(layers.Dense(10, activation="softmax"))
    return model


def autoencoder(width: int, middle: int) -> keras.Sequential:
    """A plain autoencoder: through a narrow middle and back."""
    return keras.Sequential(
        [
            keras.Input((width,)),
            layers.Dense(middle, activation="relu"),
            layers.Dense(width),
        ]
    )


def repeat_vector_seq2seq() -> keras.Sequential:
    """From 7 steps of 5 numbers to 9 steps of 3, through one vector."""
    return keras.Sequential(
        [
            keras.Input((7, 5)),
            layers.LSTM(4),
            layers.RepeatVector(9),
            layers.LSTM(4, return_sequences=True),
            layers.TimeDistributed(layers.Dense(3)),
        ]
    )


def photo_classifier() -> keras.Sequential:
    """The guide's full example: two classes of colour photographs of 64 × 64."""
    return keras.Sequential(
        [
            keras.Input((64, 64, 3)),
            layers.Conv2D(32, 3, activation="relu"),
            layers.MaxPooling2D(),
            layers.Conv2D(64, 3, activation="relu"),
            layers.MaxPooling2D(),
            layers.Flatten(),
            layers.Dense(128, activation="relu"),
            layers.Dense(1, activation="sigmoid"),
        ]
    )


def forecaster() -> keras.Sequential:
    """A stack of LSTMs for a series of any length."""
    return keras.Sequential(
        [
            keras.Input((None, 1)),
            layers.LSTM(16, return_sequences=True),
            layers.LSTM(8),
            layers.Dense(1),
        ]
    )


def sentence_classifier(words: int, length: int, **embedding: Any) -> keras.Sequential:
    """Embedding, average, Dense, sigmoid."""
    return keras.Sequential(
        [
            keras.Input((length,)),
            layers.Embedding(words, 16, **embedding),
            layers.GlobalAveragePooling1D(),
            layers.Dense(8, activation="relu"),
            layers.Dense(1, activation="sigmoid"),
        ]
    )


def every_kind() -> keras.Sequential:
    """One stack with every kind of layer that the guide names."""
    return keras.Sequential(
        [
            keras.Input((6, 6, 6, 1)),
            layers.Conv3D(2, 3, activation="relu"),
            layers.Reshape((4, 4, 8)),
            layers.Conv2D(4, 3, activation="relu", padding="same"),
            layers.BatchNormalization(),
            layers.Reshape((16, 4)),
            layers.Conv1D(4, 3, activation="relu"),
            layers.MaxPooling1D(2),
            layers.LSTM(4, return_sequences=True),
            layers.GRU(4, return_sequences=True),
            layers.SimpleRNN(4, return_sequences=True),
            layers.Flatten(),
            layers.Dropout(0.2),
            layers.Dense(1, activation="sigmoid"),
        ]
    )


def vgg16_layers() -> list[Any]:
    """VGG16 as one list (Simonyan and Zisserman 2015)."""
    stack: list[Any] = [keras.Input((224, 224, 3))]
    for convolutions, filters in [(2, 64), (2, 128), (3, 256), (3, 512), (3, 512)]:
        for _ in range(convolutions):
            stack.append(layers.Conv2D(filters, 3, padding="same", activation="relu"))
        stack.append(layers.MaxPooling2D(2))
    stack.append(layers.Flatten())
    stack += [layers.Dense(4096, activation="relu") for _ in range(2)]
    return [*stack, layers.Dense(1000, activation="softmax")]


def mobilenet_layers() -> list[Any]:
    """MobileNet V1 as one list (Howard et al. 2017, table 1)."""
    blocks = [(64, 1), (128, 2), (128, 1), (256, 2), (256, 1), (512, 2)]
    blocks += [(512, 1)] * 5 + [(1024, 2), (1024, 1)]
    stack: list[Any] = [
        keras.Input((224, 224, 3)),
        layers.Conv2D(32, 3, strides=2, padding="same", use_bias=False),
        *_normalized(),
    ]
    for filters, strides in blocks:
        stack += [
            layers.DepthwiseConv2D(3, strides=strides, padding="same", use_bias=False),
            *_normalized(),
            layers.Conv2D(filters, 1, use_bias=False),
            *_normalized(),
        ]
    return [
        *stack,
        layers.GlobalAveragePooling2D(keepdims=True),
        layers.Dropout(0.001),
        layers.Conv2D(1000, 1),
        layers.Reshape((1000,)),
        layers.Activation("softmax"),
    ]


def _normalized() -> list[Any]:
    return [layers.BatchNormalization(), layers.ReLU(6.0)]


def shared_twice() -> keras.Sequential:
    """The same Dense twice, with a ReLU between."""
    shared = layers.Dense(4)
    return keras.Sequential([keras.Input((4,)), shared, layers.ReLU(), shared])


def wrong_stack() -> keras.Sequential:
    """Three numbers cannot be reshaped to four."""
    return keras.Sequential([keras.Input((4,)), layers.Dense(3), layers.Reshape((4,))])


def wrong_graph() -> keras.Model:
    """The same mistake in the Functional API."""
    inputs = keras.Input((4,))
    return keras.Model(inputs, layers.Reshape((4,))(layers.Dense(3)(inputs)))
