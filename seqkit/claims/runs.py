"""Small trainings that several claims share, each run once in a process.

Every number is a measurement on a few hundred to two thousand examples of a shipped set. `seed`
draws the first weights; the claims use seed 0, and hold for the seeds 0 to 4.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable
from tempfile import TemporaryDirectory
from typing import Any, NamedTuple

import keras
import numpy as np
from keras import layers

from seqkit import data
from seqkit.claims import stacks
from seqkit.claims.measuring import accuracy, once, seeded, steps, train
from seqkit.limits.measure import answer


class Clothes(NamedTuple):
    """Pictures of clothes, from 0 to 1, and their classes."""

    x: np.ndarray
    y: np.ndarray
    x_test: np.ndarray
    y_test: np.ndarray


@once
def clothes(examples: int = 1024) -> Clothes:
    """A part of Fashion-MNIST in a fixed random order."""
    fashion = data.load("fashion")
    order = np.random.default_rng(0).permutation(len(fashion.x_train))[:examples]
    x, x_test = (part.astype("float32") / 255 for part in (fashion.x_train[order], fashion.x_test))
    return Clothes(x, fashion.y_train[order], x_test[:1000], fashion.y_test[:1000])


@once
def vector_net(seed: int = 0) -> float:
    """Test accuracy of 784 → 32 → 10, compiled and fitted as the guide says."""
    part = clothes()
    with seeded(seed):
        model = stacks.first_model()
        model.compile(optimizer="adam", loss="categorical_crossentropy", metrics=["accuracy"])
        one_hot = keras.utils.to_categorical(part.y, 10)
        flat = part.x.reshape(-1, 784)
        model.fit(flat, one_hot, epochs=10, batch_size=32, shuffle=False, verbose=0)
        return accuracy(model, part.x_test.reshape(-1, 784), part.y_test)


class Textures(NamedTuple):
    """Test accuracies on patches of three textures."""

    linear: float
    dense: float
    convolutional: float


@once
def textures(seed: int = 0) -> Textures:
    """The same patches for a linear, a dense and a convolutional stack."""
    linear, dense = (_on_textures(stack, seed) for stack in (linear_stack, dense_stack))
    return Textures(linear, dense, image_net(seed))


@once
def image_net(seed: int = 0) -> float:
    """Test accuracy of the convolutional stack on textures."""
    return _on_textures(convolutional_stack, seed)


@once
def _patches() -> tuple[np.ndarray, ...]:
    parts = data.load("textures").patches(size=32, step=32)
    mean, spread = parts.x_train.mean(), parts.x_train.std()
    x, x_test = ((part[..., None] - mean) / spread for part in (parts.x_train, parts.x_test))
    return x.astype("float32"), parts.y_train, x_test.astype("float32"), parts.y_test


def linear_stack() -> keras.Sequential:
    """Pixels to classes."""
    return keras.Sequential(
        [keras.Input((32, 32, 1)), layers.Flatten(), layers.Dense(3, activation="softmax")]
    )


def dense_stack() -> keras.Sequential:
    """Pixels, 64 units, classes."""
    return keras.Sequential(
        [
            keras.Input((32, 32, 1)),
            layers.Flatten(),
            layers.Dense(64, activation="relu"),
            layers.Dense(3, activation="softmax"),
        ]
    )


def convolutional_stack() -> keras.Sequential:
    """Two convolutions, the mean over all places, classes."""
    return keras.Sequential(
        [
            keras.Input((32, 32, 1)),
            layers.Conv2D(8, 5, strides=2, activation="relu"),
            layers.Conv2D(16, 3, activation="relu"),
            layers.GlobalAveragePooling2D(),
            layers.Dense(3, activation="softmax"),
        ]
    )


def _on_textures(stack: Callable[[], keras.Sequential], seed: int) -> float:
    x, y, x_test, y_test = _patches()
    with seeded(seed):
        model = stack()
        batch_size, rate = (32, 0.05) if stack is convolutional_stack else (64, 0.004)
        settings: dict[str, Any] = {"batch_size": batch_size, "rate": rate, "momentum": 0.9}
        train(model, x, y, "sparse_categorical_crossentropy", epochs=10, **settings)
        return accuracy(model, x_test, y_test)


class Forecast(NamedTuple):
    """How a recurrent stack forecasts a temperature."""

    error: float  # mean absolute error divided by that of 'as now'
    lengths: tuple[tuple[int, ...], ...]  # output shapes for 24 and for 48 steps


@once
def forecast(seed: int = 0) -> Forecast:
    """The temperature six hours ahead, from the last day."""
    hourly = data.load("weather_hourly")
    parts = hourly.windows(length=24, horizon=6, features=[hourly.target], step=6)
    order = np.random.default_rng(0).permutation(len(parts.x_train))[:768]
    x, y = _from_now(parts.x_train[order], parts.y_train[order])
    x_test, y_test = _from_now(parts.x_test, parts.y_test)
    as_now = np.abs(y_test).mean()
    with seeded(seed):
        model = stacks.forecaster()
        settings: dict[str, Any] = {"batch_size": 64, "rate": 0.1, "momentum": 0.9, "clip": 1.0}
        train(model, x, y, "mean_absolute_error", epochs=4, **settings)
        said = answer(model, x_test)
        longer = answer(model, np.zeros((2, 48, 1), "float32"))
    of_net = np.abs(said[:, 0] - y_test).mean()
    return Forecast(float(of_net / as_now), (said[:2].shape, longer.shape))


def _from_now(x: np.ndarray, y: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Temperatures as tens of degrees above the last one that is known, so 'as now' is 0."""
    now = x[:, -1, 0]
    return ((x - now[:, None, None]) / 10).astype("float32"), (np.ravel(y) - now) / 10


def series_net() -> float:
    """The error of the recurrent stack, where 'as now' has the error 1."""
    return forecast().error


class Depth(NamedTuple):
    """What happens in a deep stack."""

    gradient: float  # length of the gradient of the first hidden layer
    loss: float  # after training


DEPTH = 14


@once
def depth_with_and_without_skips(seed: int = 0) -> tuple[Depth, Depth]:
    """Fourteen Dense layers of 32 units in a row, and the same with a skip round each."""
    return _deep(False, seed), _deep(True, seed)


def _deep(skips: bool, seed: int) -> Depth:
    part = clothes()
    flat, labels = part.x[:512].reshape(-1, 784), part.y[:512]
    with seeded(seed):
        inputs = keras.Input((784,))
        x = layers.Dense(32, activation="relu")(inputs)
        for _ in range(DEPTH):
            step = layers.Dense(32, activation="relu")(x)
            x = layers.Add()([x, step]) if skips else step
        model = keras.Model(inputs, layers.Dense(10, activation="softmax")(x))
        loss = "sparse_categorical_crossentropy"
        gradient = gradient_lengths(model, flat, labels, loss)[1]
        train(model, flat, labels, loss, 10, batch_size=64, clip=1.0)
        return Depth(gradient, cross_entropy(model, flat, labels))


def cross_entropy(model: keras.Model, x: np.ndarray, y: np.ndarray) -> float:
    """The mean loss of a classifier whose end is a softmax."""
    chances = answer(model, x)[np.arange(len(y)), y]
    return float(-np.log(np.clip(chances, 1e-7, 1)).mean())


def gradient_lengths(model: keras.Model, x: Any, y: Any, loss: str) -> list[float]:
    """Give the length of the gradient of every kernel, from the entrance on.

    One step of plain gradient descent moves a weight by its gradient, so the move tells the
    gradient on every backend. The weights are put back.
    """
    kept = model.get_weights()
    model.compile(optimizer=keras.optimizers.SGD(1.0), loss=loss, run_eagerly=True)
    model.train_on_batch(x, y)
    moved = zip(model.get_weights(), kept, strict=True)
    lengths = [float(np.linalg.norm(after - before)) for after, before in moved if before.ndim > 1]
    model.set_weights(kept)
    return lengths


class Sentences(NamedTuple):
    """Test accuracies of Embedding, average, Dense, and the share of the larger class."""

    reviews: float
    spam: float
    larger: tuple[float, float]


WORDS, LENGTH = 2000, 40


@once
def sentences(seed: int = 0) -> Sentences:
    """Sentiment of review sentences, and spam, with the same stack and fresh weights."""
    with seeded(seed):
        model = stacks.sentence_classifier(WORDS, LENGTH)
        model.compile(optimizer=keras.optimizers.Adam(0.01), loss="binary_crossentropy")
        model.optimizer.build(model.trainable_variables)
        fresh = state(model)
        found = []
        for name, examples in (("reviews", 3840), ("spam", 1920)):
            x, y, x_test, y_test = _words(name, examples)
            put_back(model, fresh)
            steps(model, x, y, epochs=3, batch_size=64)
            larger = max(y_test.mean(), 1 - y_test.mean())
            found.append((accuracy(model, x_test, y_test), float(larger)))
    return Sentences(found[0][0], found[1][0], (found[0][1], found[1][1]))


def state(model: keras.Model) -> list[np.ndarray]:
    """The numbers of a model and of its optimizer."""
    variables = [*model.variables, *model.optimizer.variables]
    return [np.array(keras.ops.convert_to_numpy(one.value)) for one in variables]


def put_back(model: keras.Model, numbers: list[np.ndarray]) -> None:
    """Start a compiled model anew: a second training needs no second compilation."""
    for one, number in zip([*model.variables, *model.optimizer.variables], numbers, strict=True):
        one.assign(number)


@once
def _words(name: str, examples: int) -> tuple[np.ndarray, ...]:
    """Texts for training and 1,000 for the test, as ids of the most common words."""
    texts = data.load(name)
    order = np.random.default_rng(0).permutation(len(texts.x_train))[:examples]
    train_words = [_split(text) for text in texts.x_train[order]]
    counts = Counter(word for words in train_words for word in words)
    ids = {word: place for place, (word, _) in enumerate(counts.most_common(WORDS - 2), start=2)}
    test_words = [_split(text) for text in texts.x_test[:1000]]
    x, x_test = (
        np.array([[ids.get(word, 1) for word in words] + [0] * (LENGTH - len(words))
                  for words in part])
        for part in (train_words, test_words)
    )  # fmt: skip
    return x, np.asarray(texts.y_train[order]), x_test, np.asarray(texts.y_test[:1000])


def _split(text: str) -> list[str]:
    return re.findall(r"[a-z']+|!", text.lower())[:LENGTH]


class Loans(NamedTuple):
    """Loans that were not paid back, found without and with class weights."""

    recall: tuple[float, float]
    precision: tuple[float, float]  # average precision
    share: float  # of bad loans in the test


@once
def loans(seed: int = 0) -> Loans:
    """The same stack on the same loans, with every loan worth the same or with class weights."""
    table = data.load("lending_club")
    x, y = table.x_train[:3968], table.y_train[:3968].astype("float32")
    mean, spread = x.mean(0), x.std(0) + 1e-6
    x, x_test = ((part - mean) / spread for part in (x, table.x_test))
    weights = np.where(y == 1, 0.5 / y.mean(), 0.5 / (1 - y.mean()))
    recall, precision = [], []
    with seeded(seed):
        model = keras.Sequential(
            [
                keras.Input((x.shape[1],)),
                layers.Dense(16, activation="relu"),
                layers.Dense(1, activation="sigmoid"),
            ]
        )
        model.compile(optimizer=keras.optimizers.SGD(0.1), loss="binary_crossentropy")
        model.optimizer.build(model.trainable_variables)
        fresh = state(model)
        for worth in (np.ones_like(weights), weights):
            put_back(model, fresh)
            steps(model, x, y, epochs=5, batch_size=128, worth=worth)
            said = answer(model, x_test)[:, 0]
            recall.append(float((said[table.y_test == 1] > 0.5).mean()))
            precision.append(average_precision(said, table.y_test))
    share = float(np.mean(table.y_test))
    return Loans((recall[0], recall[1]), (precision[0], precision[1]), share)


def average_precision(said: np.ndarray, truth: np.ndarray) -> float:
    """The mean precision at every example that should be found, the best first.

    Example:
        >>> average_precision(np.array([0.9, 0.8, 0.7]), np.array([1, 0, 1]))
        0.8333333333333333
    """
    ordered = np.asarray(truth)[np.argsort(-said, kind="stable")]
    precision = np.cumsum(ordered) / np.arange(1, len(ordered) + 1)
    return float(precision[ordered == 1].mean())


@once
def anomalies(seed: int = 0) -> float:
    """How often an autoencoder's error is larger for an anomaly than for a normal row."""
    shuttle = data.load("shuttle")
    normal = shuttle.x_train[shuttle.y_train == 0]
    order = np.random.default_rng(0).permutation(len(normal))[:1920]
    mean, spread = normal[order].mean(0), normal[order].std(0) + 1e-6
    x, x_test = ((part - mean) / spread for part in (normal[order], shuttle.x_test[:3000]))
    x, x_test = (np.clip(part, -10, 10).astype("float32") for part in (x, x_test))
    with seeded(seed):
        model = stacks.autoencoder(x.shape[1], 4)
        train(model, x, x, "mean_squared_error", epochs=8, batch_size=64, rate=0.2)
        error = ((answer(model, x_test) - x_test) ** 2).mean(1)
    truth = np.asarray(shuttle.y_test[:3000]) == 1
    return float((error[truth][:, None] > error[~truth][None, :]).mean())


@once
def photographs(seed: int = 0) -> float:
    """Test accuracy of the guide's full example on patches of two photographs."""
    parts = data.load("china_flower").patches(size=64, step=48)
    mean, spread = parts.x_train.mean((0, 1, 2)), parts.x_train.std((0, 1, 2))
    x, x_test = (
        ((part - mean) / spread).astype("float32") for part in (parts.x_train, parts.x_test)
    )
    with seeded(seed):
        model = stacks.photo_classifier()
        labels = parts.y_train[:128].astype("float32")
        settings: dict[str, Any] = {"batch_size": 16, "rate": 0.01, "momentum": 0.9, "clip": 1.0}
        train(model, x[:128], labels, "binary_crossentropy", epochs=4, **settings)
        return accuracy(model, x_test, parts.y_test)


@once
def unscaled(seed: int = 0) -> tuple[float, float]:
    """Test accuracies of one stack on pixels from 0 to 255, and on the same pixels over 255."""
    part = clothes()
    flat, flat_test = part.x.reshape(-1, 784), part.x_test.reshape(-1, 784)
    found = []
    with seeded(seed):
        model = stacks.first_model()
        model.compile(optimizer=keras.optimizers.SGD(0.1), loss="sparse_categorical_crossentropy")
        model.optimizer.build(model.trainable_variables)
        fresh = state(model)
        for scale in (255, 1):
            put_back(model, fresh)
            steps(model, flat * scale, part.y, epochs=5, batch_size=64)
            found.append(accuracy(model, flat_test * scale, part.y_test))
    return found[0], found[1]


class Callbacks(NamedTuple):
    """What the three callbacks of the guide did in one training."""

    epochs: int
    asked: int
    rates: tuple[float, float]
    kept_best: bool


@once
def callbacks(seed: int = 0) -> Callbacks:
    """A stack that memorises 192 pictures, with the three callbacks of the guide."""
    part = clothes()
    flat, held_out = part.x[:192].reshape(-1, 784), part.x_test[:300].reshape(-1, 784)
    labels = part.y_test[:300]
    with seeded(seed), TemporaryDirectory() as folder:
        best = f"{folder}/best.keras"
        model = stacks.first_model()
        watching: list[Any] = [
            keras.callbacks.EarlyStopping(patience=4),
            keras.callbacks.ReduceLROnPlateau(patience=1, factor=0.5),
            keras.callbacks.ModelCheckpoint(best, save_best_only=True),
        ]
        loss = "sparse_categorical_crossentropy"
        model.compile(optimizer=keras.optimizers.SGD(0.5), loss=loss)
        history = model.fit(
            flat,
            part.y[:192],
            epochs=120,
            shuffle=False,
            verbose=0,
            callbacks=watching,
            validation_data=(held_out, labels),
            validation_batch_size=300,
        ).history
        saved = keras.saving.load_model(best)
        said = answer(saved, held_out)[np.arange(300), labels]
    lowest = min(history["val_loss"])
    rates = history["learning_rate"]
    same = abs(float(-np.log(said).mean()) - lowest) < 1e-3
    return Callbacks(len(rates), 120, (float(rates[0]), float(rates[-1])), same)
