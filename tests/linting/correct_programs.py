"""Correct programs in the style of Keras' own examples: `lint` must have nothing against them.

Each function builds a model, compiles it and gives data that fit. They are written for these
tests; sizes are small.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import keras
import numpy as np
from keras import layers

Program = Callable[[], tuple[keras.Model, Any, Any]]


def rng() -> np.random.Generator:
    return np.random.default_rng(0)


def pixels(*shape: int) -> np.ndarray:
    return rng().random(shape).astype("float32")


def normal(*shape: int) -> np.ndarray:
    return rng().normal(size=shape).astype("float32")


def classes(count: int, examples: int = 48) -> np.ndarray:
    return rng().permutation(np.arange(examples) % count)


def one_hot(count: int, examples: int = 48) -> np.ndarray:
    return np.eye(count, dtype="float32")[classes(count, examples)]


def tokens(examples: int, steps: int, words: int) -> np.ndarray:
    return rng().integers(0, words, size=(examples, steps))


def linear_regression() -> Any:
    model = keras.Sequential([keras.Input((3,)), layers.Dense(1)])
    model.compile(optimizer=keras.optimizers.Adam(learning_rate=0.1), loss="mean_absolute_error")
    return model, normal(48, 3), normal(48)


def logistic_regression() -> Any:
    model = keras.Sequential([keras.Input((3,)), layers.Dense(1, activation="sigmoid")])
    model.compile(optimizer="sgd", loss="binary_crossentropy", metrics=["accuracy"])
    return model, normal(48, 3), classes(2)


def digits_mlp() -> Any:
    model = keras.Sequential()
    model.add(keras.Input(shape=(64,)))
    model.add(layers.Dense(32, activation="relu"))
    model.add(layers.Dropout(0.2))
    model.add(layers.Dense(32, activation="relu"))
    model.add(layers.Dense(10, activation="softmax"))
    model.compile(loss="categorical_crossentropy", optimizer="rmsprop", metrics=["accuracy"])
    return model, pixels(48, 64), one_hot(10)


def digits_convnet() -> Any:
    model = keras.Sequential(
        [
            keras.Input(shape=(28, 28, 1)),
            layers.Conv2D(8, kernel_size=(3, 3), activation="relu"),
            layers.MaxPooling2D(pool_size=(2, 2)),
            layers.Conv2D(16, kernel_size=(3, 3), activation="relu"),
            layers.MaxPooling2D(pool_size=(2, 2)),
            layers.Flatten(),
            layers.Dropout(0.5),
            layers.Dense(10, activation="softmax"),
        ]
    )
    model.compile(loss="categorical_crossentropy", optimizer="adam", metrics=["accuracy"])
    return model, pixels(48, 28, 28, 1), one_hot(10)


def digits_with_logits() -> Any:
    model = keras.Sequential(
        [
            keras.Input((28, 28)),
            layers.Rescaling(1 / 255),
            layers.Flatten(),
            layers.Dense(32, activation="relu"),
            layers.Dense(10),
        ]
    )
    model.compile(
        optimizer="adam",
        loss=keras.losses.SparseCategoricalCrossentropy(from_logits=True),
        metrics=["accuracy"],
    )
    return model, rng().integers(0, 256, (48, 28, 28)).astype("uint8"), classes(10)


def separate_activation_layers() -> Any:
    model = keras.Sequential(
        [
            keras.Input((16,)),
            layers.Dense(32),
            layers.BatchNormalization(),
            layers.Activation("relu"),
            layers.Dense(32),
            layers.LeakyReLU(),
            layers.Dense(5),
            layers.Softmax(),
        ]
    )
    model.compile(loss="sparse_categorical_crossentropy", optimizer="adam")
    return model, normal(48, 16), classes(5)


def batch_norm_convnet() -> Any:
    model = keras.Sequential(
        [
            keras.Input((16, 16, 3)),
            layers.Conv2D(8, 3, padding="same", use_bias=False),
            layers.BatchNormalization(),
            layers.ReLU(),
            layers.MaxPooling2D(),
            layers.Conv2D(16, 3, padding="same", use_bias=False),
            layers.BatchNormalization(),
            layers.ReLU(),
            layers.GlobalAveragePooling2D(),
            layers.Dense(10, activation="softmax"),
        ]
    )
    model.compile(loss="sparse_categorical_crossentropy", optimizer="adam", metrics=["acc"])
    return model, pixels(48, 16, 16, 3), classes(10)


def cats_and_dogs() -> Any:
    model = keras.Sequential(
        [
            keras.Input((32, 32, 3)),
            layers.RandomFlip("horizontal"),
            layers.Rescaling(1 / 255),
            layers.Conv2D(8, 3, activation="relu"),
            layers.MaxPooling2D(),
            layers.Conv2D(16, 3, activation="relu"),
            layers.MaxPooling2D(),
            layers.Flatten(),
            layers.Dense(32, activation="relu"),
            layers.Dense(1, activation="sigmoid"),
        ]
    )
    model.compile(loss="binary_crossentropy", optimizer="rmsprop", metrics=["accuracy"])
    return model, rng().integers(0, 256, (48, 32, 32, 3)).astype("float32"), classes(2)


def augmentation_model_inside() -> Any:
    augment = keras.Sequential([layers.RandomFlip("horizontal"), layers.RandomRotation(0.1)])
    model = keras.Sequential(
        [
            keras.Input((16, 16, 3)),
            augment,
            layers.Rescaling(1 / 127.5, offset=-1),
            layers.Conv2D(8, 3, activation="relu"),
            layers.Flatten(),
            layers.Dense(4),
        ]
    )
    model.compile(
        loss=keras.losses.SparseCategoricalCrossentropy(from_logits=True), optimizer="adam"
    )
    return model, rng().integers(0, 256, (48, 16, 16, 3)).astype("uint8"), classes(4)


def fine_tuning() -> Any:
    base = keras.Sequential(
        [
            keras.Input((16, 16, 3)),
            layers.Conv2D(8, 3, activation="relu"),
            layers.Conv2D(8, 3, activation="relu"),
        ]
    )
    base.trainable = False
    model = keras.Sequential(
        [
            keras.Input((16, 16, 3)),
            base,
            layers.GlobalAveragePooling2D(),
            layers.Dropout(0.2),
            layers.Dense(1),
        ]
    )
    model.compile(
        optimizer=keras.optimizers.Adam(1e-5),
        loss=keras.losses.BinaryCrossentropy(from_logits=True),
        metrics=[keras.metrics.BinaryAccuracy(threshold=0.0)],
    )
    return model, pixels(48, 16, 16, 3), classes(2)


def frozen_base_from_applications() -> Any:
    base = keras.applications.MobileNet(weights=None, include_top=False, input_shape=(32, 32, 3))
    base.trainable = False
    model = keras.Sequential(
        [base, layers.GlobalAveragePooling2D(), layers.Dense(5, activation="softmax")]
    )
    model.compile(optimizer="adam", loss="categorical_crossentropy", metrics=["accuracy"])
    return model, pixels(48, 32, 32, 3), one_hot(5)


def separable_convnet() -> Any:
    model = keras.Sequential(
        [
            keras.Input((16, 16, 3)),
            layers.SeparableConv2D(8, 3, activation="relu"),
            layers.DepthwiseConv2D(3, padding="same"),
            layers.BatchNormalization(),
            layers.ReLU(),
            layers.Conv2D(16, 1),
            layers.BatchNormalization(),
            layers.ReLU(),
            layers.GlobalMaxPooling2D(),
            layers.Dense(3, activation="softmax"),
        ]
    )
    model.compile(loss="categorical_crossentropy", optimizer="nadam")
    return model, pixels(48, 16, 16, 3), one_hot(3)


def strided_patches() -> Any:
    model = keras.Sequential(
        [
            keras.Input((16, 16, 3)),
            layers.Conv2D(8, 4, strides=4, activation="gelu"),
            layers.Conv2D(8, 1, strides=2, activation="gelu"),
            layers.Flatten(),
            layers.Dense(3, activation="softmax"),
        ]
    )
    model.compile(loss="sparse_categorical_crossentropy", optimizer="adamw")
    return model, pixels(48, 16, 16, 3), classes(3)


def house_prices() -> Any:
    scale = layers.Normalization()
    x = rng().normal(300, 100, (48, 8)).astype("float32")
    scale.adapt(x)
    model = keras.Sequential(
        [
            keras.Input((8,)),
            scale,
            layers.Dense(64, activation="relu"),
            layers.Dense(64, activation="relu"),
            layers.Dense(1),
        ]
    )
    model.compile(optimizer="rmsprop", loss="mse", metrics=["mae"])
    return model, x, rng().normal(20, 5, 48)


def fraud() -> Any:
    model = keras.Sequential(
        [
            keras.Input((30,)),
            layers.Dense(64, activation="relu"),
            layers.Dropout(0.3),
            layers.Dense(64, activation="relu"),
            layers.Dropout(0.3),
            layers.Dense(1, activation="sigmoid"),
        ]
    )
    model.compile(
        optimizer=keras.optimizers.Adam(1e-2),
        loss="binary_crossentropy",
        metrics=[keras.metrics.Precision(name="precision"), keras.metrics.Recall(name="recall")],
    )
    return model, normal(48, 30), classes(2)[:, None]


def several_labels() -> Any:
    model = keras.Sequential(
        [keras.Input((20,)), layers.Dense(32, activation="relu"), layers.Dense(6, "sigmoid")]
    )
    model.compile("adam", "binary_crossentropy", metrics=["binary_accuracy"])
    return model, normal(48, 20), rng().integers(0, 2, (48, 6))


def two_units_for_two_classes() -> Any:
    model = keras.Sequential([keras.Input((8,)), layers.Dense(2, activation="softmax")])
    model.compile(loss="sparse_categorical_crossentropy", metrics=["accuracy"])
    return model, normal(48, 8), classes(2)


def self_normalising() -> Any:
    model = keras.Sequential(
        [
            keras.Input((16,)),
            layers.Dense(32, activation="selu", kernel_initializer="lecun_normal"),
            layers.AlphaDropout(0.1),
            layers.Dense(32, activation="selu", kernel_initializer="lecun_normal"),
            layers.Dense(4, activation="softmax"),
        ]
    )
    model.compile(loss="sparse_categorical_crossentropy", optimizer="adam")
    return model, normal(48, 16), classes(4)


def regularised() -> Any:
    model = keras.Sequential(
        [
            keras.Input((16,)),
            layers.Dense(32, activation="relu", kernel_regularizer=keras.regularizers.L2(1e-4)),
            layers.Dense(3, activation="softmax", kernel_regularizer="l1"),
        ]
    )
    model.compile(loss=keras.losses.CategoricalCrossentropy(label_smoothing=0.1), optimizer="adam")
    return model, normal(48, 16), one_hot(3)


def counts_by_poisson() -> Any:
    model = keras.Sequential(
        [keras.Input((4,)), layers.Dense(16, activation="relu"), layers.Dense(1, "exponential")]
    )
    model.compile(loss="poisson", optimizer="adam")
    return model, normal(48, 4), rng().poisson(3.0, 48)


def support_vectors() -> Any:
    model = keras.Sequential([keras.Input((4,)), layers.Dense(1, kernel_regularizer="l2")])
    model.compile(loss="hinge", optimizer="sgd")
    return model, normal(48, 4), classes(2) * 2 - 1


def several_numbers() -> Any:
    model = keras.Sequential(
        [keras.Input((6,)), layers.Dense(16, activation="relu"), layers.Dense(4)]
    )
    model.compile(loss="huber", optimizer="adam", metrics=["mae", "mse"])
    return model, normal(48, 6), normal(48, 4)


def q_network() -> Any:
    model = keras.Sequential(
        [
            keras.Input((4,)),
            layers.Dense(24, activation="relu"),
            layers.Dense(24, activation="relu"),
            layers.Dense(2, activation="linear"),
        ]
    )
    model.compile(loss="mse", optimizer=keras.optimizers.Adam(learning_rate=0.001))
    return model, normal(48, 4), normal(48, 2)


def reviews_lstm() -> Any:
    model = keras.Sequential(
        [
            keras.Input((None,), dtype="int32"),
            layers.Embedding(1000, 16),
            layers.Bidirectional(layers.LSTM(8, return_sequences=True)),
            layers.Bidirectional(layers.LSTM(8)),
            layers.Dense(1, activation="sigmoid"),
        ]
    )
    model.compile("adam", "binary_crossentropy", metrics=["accuracy"])
    return model, tokens(48, 20, 1000), classes(2)


def reviews_average() -> Any:
    model = keras.Sequential(
        [
            keras.Input((20,)),
            layers.Embedding(500, 8, mask_zero=True),
            layers.GlobalAveragePooling1D(),
            layers.Dropout(0.2),
            layers.Dense(1, activation="sigmoid"),
        ]
    )
    model.compile("adam", "binary_crossentropy", metrics=["accuracy"])
    return model, tokens(48, 20, 500), classes(2)


def reviews_convolution() -> Any:
    model = keras.Sequential(
        [
            keras.Input((None,), dtype="int64"),
            layers.Embedding(500, 16),
            layers.Dropout(0.5),
            layers.Conv1D(16, 7, strides=3, padding="valid", activation="relu"),
            layers.Conv1D(16, 3, padding="valid", activation="relu"),
            layers.GlobalMaxPooling1D(),
            layers.Dense(16, activation="relu"),
            layers.Dense(1, activation="sigmoid"),
        ]
    )
    model.compile("adam", "binary_crossentropy", metrics=["accuracy"])
    return model, tokens(48, 40, 500), classes(2)


def news_topics() -> Any:
    model = keras.Sequential(
        [
            keras.Input((30,)),
            layers.Embedding(200, 8),
            layers.Flatten(),
            layers.Dense(16, activation="relu"),
            layers.Dense(46, activation="softmax"),
        ]
    )
    model.compile("rmsprop", "sparse_categorical_crossentropy", metrics=["accuracy"])
    return model, tokens(92, 30, 200), classes(46, 92)


def word_tagging() -> Any:
    model = keras.Sequential(
        [
            keras.Input((12,)),
            layers.Embedding(100, 8),
            layers.LSTM(16, return_sequences=True),
            layers.TimeDistributed(layers.Dense(5, activation="softmax")),
        ]
    )
    model.compile("adam", "sparse_categorical_crossentropy", metrics=["accuracy"])
    return model, tokens(48, 12, 100), rng().integers(0, 5, (48, 12))


def next_character() -> Any:
    model = keras.Sequential(
        [
            keras.Input((40, 30)),
            layers.LSTM(32),
            layers.Dense(30, activation="softmax"),
        ]
    )
    model.compile(
        loss="categorical_crossentropy", optimizer=keras.optimizers.RMSprop(learning_rate=0.01)
    )
    return model, np.eye(30)[tokens(48, 40, 30)], one_hot(30)


def weather_forecast() -> Any:
    model = keras.Sequential(
        [
            keras.Input((24, 7)),
            layers.GRU(16, return_sequences=True),
            layers.GRU(16),
            layers.Dense(24),
        ]
    )
    model.compile(loss="mse", optimizer=keras.optimizers.Adam(1e-3), metrics=["mae"])
    return model, normal(48, 24, 7), normal(48, 24)


def every_step_forecast() -> Any:
    model = keras.Sequential(
        [keras.Input((24, 3)), layers.LSTM(16, return_sequences=True), layers.Dense(1)]
    )
    model.compile(loss="mse", optimizer="adam")
    return model, normal(48, 24, 3), normal(48, 24, 1)


def series_classification() -> Any:
    model = keras.Sequential(
        [
            keras.Input((50, 1)),
            *[
                layer
                for _ in range(3)
                for layer in (
                    layers.Conv1D(16, 3, padding="same"),
                    layers.BatchNormalization(),
                    layers.ReLU(),
                )
            ],
            layers.GlobalAveragePooling1D(),
            layers.Dense(2, activation="softmax"),
        ]
    )
    model.compile(
        "adam", "sparse_categorical_crossentropy", metrics=["sparse_categorical_accuracy"]
    )
    return model, normal(48, 50, 1), classes(2)


def series_autoencoder() -> Any:
    model = keras.Sequential(
        [
            keras.Input((32, 1)),
            layers.Conv1D(8, 7, padding="same", strides=2, activation="relu"),
            layers.Dropout(0.2),
            layers.Conv1D(4, 7, padding="same", strides=2, activation="relu"),
            layers.Conv1DTranspose(4, 7, padding="same", strides=2, activation="relu"),
            layers.Dropout(0.2),
            layers.Conv1DTranspose(8, 7, padding="same", strides=2, activation="relu"),
            layers.Conv1DTranspose(1, 7, padding="same"),
        ]
    )
    model.compile(optimizer="adam", loss="mse")
    x = normal(48, 32, 1)
    return model, x, x


def sequence_autoencoder() -> Any:
    model = keras.Sequential(
        [
            keras.Input((10, 2)),
            layers.LSTM(16),
            layers.RepeatVector(10),
            layers.LSTM(16, return_sequences=True),
            layers.TimeDistributed(layers.Dense(2)),
        ]
    )
    model.compile("adam", "mse")
    x = normal(48, 10, 2)
    return model, x, x


def dense_autoencoder() -> Any:
    model = keras.Sequential(
        [
            keras.Input((64,)),
            layers.Dense(32, activation="relu"),
            layers.Dense(2),
            layers.Dense(32, activation="relu"),
            layers.Dense(64, activation="sigmoid"),
        ]
    )
    model.compile("adam", "binary_crossentropy")
    x = pixels(48, 64)
    return model, x, x


def principal_components() -> Any:
    model = keras.Sequential([keras.Input((16,)), layers.Dense(2), layers.Dense(16)])
    model.compile("adam", "mse")
    x = normal(48, 16)
    return model, x, x


def denoising_convolutions() -> Any:
    model = keras.Sequential(
        [
            keras.Input((16, 16, 1)),
            layers.Conv2D(8, 3, activation="relu", padding="same"),
            layers.MaxPooling2D(2, padding="same"),
            layers.Conv2D(8, 3, activation="relu", padding="same"),
            layers.UpSampling2D(2),
            layers.Conv2D(1, 3, activation="sigmoid", padding="same"),
        ]
    )
    model.compile("adam", "binary_crossentropy")
    x = pixels(48, 16, 16, 1)
    return model, x, x


def segmentation() -> Any:
    model = keras.Sequential(
        [
            keras.Input((16, 16, 3)),
            layers.Conv2D(8, 3, strides=2, activation="relu", padding="same"),
            layers.Conv2DTranspose(8, 3, strides=2, activation="relu", padding="same"),
            layers.Conv2D(3, 3, padding="same", activation="softmax"),
        ]
    )
    model.compile("adam", "sparse_categorical_crossentropy")
    return model, pixels(24, 16, 16, 3), rng().integers(0, 3, (24, 16, 16, 1))


def gan_discriminator() -> Any:
    model = keras.Sequential(
        [
            keras.Input((28, 28, 1)),
            layers.Conv2D(8, 3, strides=2, padding="same"),
            layers.LeakyReLU(negative_slope=0.2),
            layers.Conv2D(16, 3, strides=2, padding="same"),
            layers.LeakyReLU(negative_slope=0.2),
            layers.GlobalMaxPooling2D(),
            layers.Dense(1),
        ],
        name="discriminator",
    )
    model.compile("adam", keras.losses.BinaryCrossentropy(from_logits=True))
    return model, pixels(48, 28, 28, 1), classes(2)[:, None]


def gan_generator() -> Any:
    model = keras.Sequential(
        [
            keras.Input((32,)),
            layers.Dense(7 * 7 * 32),
            layers.LeakyReLU(negative_slope=0.2),
            layers.Reshape((7, 7, 32)),
            layers.Conv2DTranspose(32, 4, strides=2, padding="same"),
            layers.LeakyReLU(negative_slope=0.2),
            layers.Conv2DTranspose(32, 4, strides=2, padding="same"),
            layers.LeakyReLU(negative_slope=0.2),
            layers.Conv2D(1, 7, padding="same", activation="sigmoid"),
        ]
    )
    return model, normal(4, 32), None


def video_classification() -> Any:
    frames = keras.Sequential(
        [layers.Conv2D(4, 3, activation="relu"), layers.GlobalAveragePooling2D()]
    )
    model = keras.Sequential(
        [
            keras.Input((5, 16, 16, 3)),
            layers.TimeDistributed(frames),
            layers.LSTM(8),
            layers.Dense(3, activation="softmax"),
        ]
    )
    model.compile("adam", "sparse_categorical_crossentropy")
    return model, pixels(24, 5, 16, 16, 3), classes(3, 24)


def next_frame() -> Any:
    model = keras.Sequential(
        [
            keras.Input((None, 12, 12, 1)),
            layers.ConvLSTM2D(4, 3, padding="same", return_sequences=True, activation="relu"),
            layers.BatchNormalization(),
            layers.Conv3D(1, 3, padding="same", activation="sigmoid"),
        ]
    )
    model.compile("adam", "binary_crossentropy")
    x = pixels(4, 5, 12, 12, 1)
    return model, x, x


def scans_in_three_dimensions() -> Any:
    model = keras.Sequential(
        [
            keras.Input((16, 16, 8, 1)),
            layers.Conv3D(8, 3, activation="relu"),
            layers.MaxPooling3D(2),
            layers.BatchNormalization(),
            layers.GlobalAveragePooling3D(),
            layers.Dense(16, activation="relu"),
            layers.Dropout(0.3),
            layers.Dense(1, activation="sigmoid"),
        ]
    )
    schedule = keras.optimizers.schedules.ExponentialDecay(1e-4, 1000, 0.96)
    model.compile(
        loss="binary_crossentropy", optimizer=keras.optimizers.Adam(schedule), metrics=["acc"]
    )
    return model, pixels(24, 16, 16, 8, 1), classes(2, 24)


def residual_network() -> Any:
    inputs = keras.Input((16, 16, 3))
    x = layers.Conv2D(8, 3, padding="same", activation="relu")(inputs)
    shortcut = x
    x = layers.Conv2D(8, 3, padding="same", activation="relu")(x)
    x = layers.Conv2D(8, 3, padding="same")(x)
    x = layers.add([x, shortcut])
    x = layers.ReLU()(x)
    x = layers.GlobalAveragePooling2D()(x)
    model = keras.Model(inputs, layers.Dense(10, activation="softmax")(x))
    model.compile("adam", "categorical_crossentropy", metrics=["accuracy"])
    return model, pixels(48, 16, 16, 3), one_hot(10)


def transformer_classifier() -> Any:
    inputs = keras.Input((20,))
    x = layers.Embedding(100, 16)(inputs)
    attended = layers.MultiHeadAttention(2, 8)(x, x)
    x = layers.LayerNormalization()(x + attended)
    forward = layers.Dense(16)(layers.Dense(32, activation="relu")(x))
    x = layers.LayerNormalization()(x + forward)
    x = layers.GlobalAveragePooling1D()(x)
    model = keras.Model(inputs, layers.Dense(2, activation="softmax")(layers.Dropout(0.1)(x)))
    model.compile("adam", "sparse_categorical_crossentropy", metrics=["accuracy"])
    return model, tokens(48, 20, 100), classes(2)


def attention_pooling() -> Any:
    inputs = keras.Input((20, 8))
    states = layers.LSTM(16, return_sequences=True)(inputs)
    weights = layers.Softmax(axis=1)(layers.Dense(1)(states))
    pooled = layers.Dot(axes=1)([weights, states])
    model = keras.Model(inputs, layers.Dense(1, activation="sigmoid")(layers.Flatten()(pooled)))
    model.compile("adam", "binary_crossentropy")
    return model, normal(48, 20, 8), classes(2)


def squeeze_and_excite() -> Any:
    inputs = keras.Input((8, 8, 16))
    squeezed = layers.GlobalAveragePooling2D()(inputs)
    gate = layers.Dense(16, activation="sigmoid")(layers.Dense(4, activation="relu")(squeezed))
    x = layers.Multiply()([inputs, layers.Reshape((1, 1, 16))(gate)])
    x = layers.GlobalAveragePooling2D()(x)
    model = keras.Model(inputs, layers.Dense(3, activation="softmax")(x))
    model.compile("adam", "sparse_categorical_crossentropy")
    return model, normal(48, 8, 8, 16), classes(3)


def two_inputs() -> Any:
    title, extra = keras.Input((10,), name="title"), keras.Input((3,), name="extra")
    words = layers.GlobalAveragePooling1D()(layers.Embedding(50, 8)(title))
    x = layers.concatenate([words, extra])
    model = keras.Model([title, extra], layers.Dense(1)(layers.Dense(8, activation="relu")(x)))
    model.compile("adam", "mse")
    return model, [tokens(48, 10, 50), normal(48, 3)], normal(48)


def two_outputs() -> Any:
    inputs = keras.Input((8,))
    x = layers.Dense(16, activation="relu")(inputs)
    label = layers.Dense(3, activation="softmax", name="label")(x)
    value = layers.Dense(1, name="value")(x)
    model = keras.Model(inputs, [label, value])
    model.compile(
        "adam",
        loss={"label": "sparse_categorical_crossentropy", "value": "mse"},
        metrics={"label": ["accuracy"], "value": ["mae"]},
    )
    return model, normal(48, 8), {"label": classes(3), "value": normal(48)}


def siamese() -> Any:
    left, right = keras.Input((8,)), keras.Input((8,))
    tower = keras.Sequential([keras.Input((8,)), layers.Dense(16, activation="relu")])
    distance = layers.subtract([tower(left), tower(right)])
    model = keras.Model([left, right], layers.Dense(1, activation="sigmoid")(distance))
    model.compile("adam", "binary_crossentropy", metrics=["accuracy"])
    return model, [normal(48, 8), normal(48, 8)], classes(2)


def ready_for_later() -> Any:
    """Without an Input: weights come with the first batch."""
    model = keras.Sequential([layers.Dense(16, activation="relu"), layers.Dense(1)])
    model.compile("adam", "mse")
    return model, normal(48, 4), normal(48)


def stateful_forecast() -> Any:
    model = keras.Sequential(
        [keras.Input(batch_shape=(8, 1, 3)), layers.LSTM(8, stateful=True), layers.Dense(1)]
    )
    model.compile("adam", "mse")
    return model, normal(48, 1, 3), normal(48, 1)


PROGRAMS: list[Program] = [
    value
    for name, value in list(globals().items())
    if callable(value)
    and getattr(value, "__module__", "") == __name__
    and name not in ("rng", "pixels", "normal", "classes", "one_hot", "tokens")
    and not isinstance(value, type)
]
