"""Adaptive computation: a network that stops early where its first answer is sure."""

from __future__ import annotations

from collections.abc import Callable

import keras
import numpy as np
from keras import layers

from seqkit.limits.limit import Check, Limit, LimitAttempt
from seqkit.limits.measure import alike, with_known_weights, with_random_weights
from seqkit.tracing import trace

SHAPE = (16, 16, 1)
CLASSES = 4
TRAIN, VALIDATION, TEST = 512, 1024, 2048
# TensorFlow and JAX call a layer on a tensor without numbers first; torch does not.
TRACES = keras.config.backend() != "torch"
PATTERN = "python_on_tensor" if TRACES else ""


def a_function_that_stops() -> keras.Model:
    """A function that shall stop the list stands in the list."""

    def stop(shares: keras.KerasTensor) -> keras.KerasTensor | None:
        return shares if keras.ops.max(shares) > 0.9 else None

    return keras.Sequential(
        [
            keras.Input((16, 16, 1)),
            layers.Flatten(),
            layers.Dense(4, activation="softmax"),
            stop,
            layers.Dense(64, activation="relu"),
            layers.Dense(4, activation="softmax"),
        ]
    )


def an_if_in_a_layer() -> keras.Model:
    """A layer looks at the first answer, and computes more if it is not sure."""

    class MoreIfUnsure(layers.Layer):
        def __init__(self) -> None:
            super().__init__()
            self.more = layers.Dense(4, activation="softmax")

        def call(self, shares: keras.KerasTensor) -> keras.KerasTensor:
            if keras.ops.max(shares) > 0.9:
                return shares
            return self.more(shares)

    return keras.Sequential(
        [
            keras.Input((16, 16, 1)),
            layers.Flatten(),
            layers.Dense(4, activation="softmax"),
            MoreIfUnsure(),
        ]
    )


def both_heads_in_a_row() -> keras.Model:
    """The early head stands in the middle: it builds, and never stops anywhere."""
    return keras.Sequential(
        [
            keras.Input((16, 16, 1)),
            layers.Conv2D(8, 5, strides=4, activation="relu"),
            layers.Flatten(),
            layers.Dense(4, activation="softmax"),  # the early answer
            layers.Dense(64, activation="relu"),
            layers.Dense(4, activation="softmax"),  # the late answer sees 4 shares, no picture
        ]
    )


class EarlyExit(keras.Model):
    """A short way to a first answer, and a long way for those pictures that need it."""

    def __init__(self, **kwargs: object) -> None:
        super().__init__(**kwargs)
        self.stem = layers.Conv2D(16, 5, strides=4, activation="relu")
        self.early = keras.Sequential(
            [
                layers.Flatten(),
                layers.Dense(16, activation="relu"),
                layers.Dense(4, activation="softmax"),
            ]
        )
        self.rest = keras.Sequential(
            [
                layers.Conv2D(32, 3, padding="same", activation="relu"),
                layers.Conv2D(32, 3, padding="same", activation="relu"),
                layers.Flatten(),
                layers.Dense(4, activation="softmax"),
            ]
        )

    def call(self, pictures: keras.KerasTensor) -> list[keras.KerasTensor]:
        """Give both answers, which training needs."""
        features = self.stem(pictures)
        return [self.early(features), self.rest(features)]

    def answer(
        self, pictures: keras.KerasTensor, threshold: float
    ) -> tuple[keras.KerasTensor, keras.KerasTensor]:
        """Give one answer for each picture, and the places of those that went the long way."""
        features = self.stem(pictures)
        shares = self.early(features)
        (unsure,) = keras.ops.nonzero(keras.ops.max(shares, axis=-1) < threshold)
        if unsure.shape[0] > 0:
            late = self.rest(keras.ops.take(features, unsure, axis=0))
            shares = keras.ops.scatter_update(shares, unsure[:, None], late)
        return shares, unsure


def fix() -> keras.Model:
    """Both ways in one subclass, with the decision in a method of its own."""
    net = EarlyExit()
    net(keras.Input((16, 16, 1)))  # a first call makes the weights
    return net


@keras.saving.register_keras_serializable("seqkit")
class StopWhenSure(layers.Layer):
    """The same two ways as one layer; the least sure picture decides for its whole batch.

    Args:
        threshold: the share from which on an early answer counts as sure.
    """

    def __init__(self, threshold: float, **kwargs: object) -> None:
        super().__init__(**kwargs)
        self.threshold = threshold
        self.net = EarlyExit()

    def build(self, input_shape: tuple[int | None, ...]) -> None:
        """Make the weights of both ways: inside a branch of `ops.cond` none can be made."""
        self.net(keras.KerasTensor(input_shape))

    def call(self, pictures: keras.KerasTensor) -> keras.KerasTensor:
        """Stop after the early head if the whole batch is sure."""
        features = self.net.stem(pictures)
        shares = self.net.early(features)
        sure = keras.ops.min(keras.ops.max(shares, axis=-1)) >= self.threshold
        return keras.ops.cond(sure, lambda: shares, lambda: self.net.rest(features))

    def get_config(self) -> dict[str, object]:
        """Return the arguments, so that the layer can be saved and loaded."""
        return {**super().get_config(), "threshold": self.threshold}


def workaround() -> keras.Model:
    """One decision for a whole batch, in a layer of one's own."""
    return keras.Sequential([keras.Input((16, 16, 1)), StopWhenSure(0.9)])


def evidence() -> tuple[Check, ...]:
    """What must be true of the fix and the way round, with weights that are chosen."""
    net, hidden, x = with_random_weights(fix(), 0.3), workaround(), _pictures(64, seed=3)[0]
    hidden.set_weights(net.get_weights())
    early, late = (keras.ops.convert_to_numpy(one) for one in net(x))
    threshold = float(np.median(early.max(axis=-1)))
    shares, unsure = _answer(net, x, threshold)
    first, second = costs(net)
    return (
        Check(
            "half of the pictures are sure: they get the early answer, the others the late one",
            len(unsure) == 32 and _composed(shares, early, late, unsure),
            "Check `EarlyExit.answer`.",
        ),
        Check(
            "only the unsure half is handed to the long way",
            _rows_on_the_long_way(net, x, threshold) == 32,
            "The saving is not real: the long way gets more pictures.",
        ),
        Check(
            "threshold 0 stops every picture early, threshold 2 stops none",
            len(_answer(net, x, 0.0)[1]) == 0 and len(_answer(net, x, 2.0)[1]) == 64,
            "Check `EarlyExit.answer`.",
        ),
        Check(
            "the long way is 21 times as dear as the short one (multiply-adds)",
            round(second / first) == 21,
            f"It is {second:,} against {first:,}. Count again.",
        ),
        Check(
            "one picture at a time, ops.cond in a custom layer gives the answers of the fix",
            _same_one_by_one(net, hidden, x[:6]),
            "Check `StopWhenSure`.",
        ),
        Check(
            "in a batch it stops early only where every picture is sure",
            _whole_batch_waits(early, late, hidden, x),
            "ops.cond decides for each row now. Change the price in lesson 19.",
        ),
    )


def trained() -> tuple[Check, ...]:
    """What stopping early saves at equal accuracy; the threshold comes from validation data."""
    full, accuracy, spent = _measured(seed=0)
    return (
        Check(
            "the full way names over 90 % of new pictures (chance is 25 %)",
            full > 0.9,
            f"It was {full:.0%}.",
        ),
        Check(
            "with early exit the accuracy is at most half a point lower",
            accuracy > full - 0.005,
            f"It was {accuracy:.1%} against {full:.1%}.",
        ),
        Check(
            "and at least half of the multiply-adds are saved",
            spent < 0.5,
            f"It spent {spent:.0%}.",
        ),
    )


def _measured(seed: int) -> tuple[float, float, float]:
    """Accuracy of the full way and with early exit on new pictures, and the cost's share."""
    net = with_known_weights(fix(), first=seed)
    x, y = _pictures(TRAIN, seed=100 + seed)
    loss = "sparse_categorical_crossentropy"
    net.compile(optimizer=keras.optimizers.Adam(0.01), loss=[loss, loss])
    net.fit(x, [y, y], epochs=6, batch_size=64, shuffle=False, verbose=0)
    threshold = _threshold(net, *_pictures(VALIDATION, seed=200 + seed))
    x, y = _pictures(TEST, seed=300 + seed)
    full = (keras.ops.convert_to_numpy(net(x)[1]).argmax(axis=-1) == y).mean()
    shares, unsure = _answer(net, x, threshold)
    first, second = costs(net)
    spent = (first + second * len(unsure) / len(x)) / (first + second)
    return float(full), float((shares.argmax(axis=-1) == y).mean()), spent


def costs(net: keras.Model) -> tuple[int, int]:
    """Multiply-adds of the short way and of what the long way adds, for one picture."""
    picture = keras.Input(SHAPE)
    features = net.stem(picture)
    entrance = keras.Input(tuple(features.shape[1:]))
    short = keras.Model(picture, net.early(features))
    more = keras.Model(entrance, net.rest(entrance))
    first, second = (_multiply_adds(model) for model in (short, more))
    return first, second


def _multiply_adds(model: keras.Model) -> int:
    return trace(model, expand_nested=True, cost=True).total_multiply_adds


def _pictures(count: int, seed: int) -> tuple[np.ndarray, np.ndarray]:
    """Noisy bars of four directions; the half of them are hard to see."""
    generator = np.random.default_rng(seed)
    labels = generator.integers(CLASSES, size=count)
    rows, columns = np.mgrid[:16, :16]
    waves = np.stack([rows, columns, rows + columns, rows - columns])[labels]
    phase = generator.uniform(0, 2 * np.pi, size=(count, 1, 1))
    level = generator.choice([0.2, 1.2], size=(count, 1, 1))  # easy pictures and hard ones
    noise = level * generator.normal(size=waves.shape)
    return (np.sin(waves + phase) + noise)[..., None].astype("float32"), labels


def _threshold(net: keras.Model, x: np.ndarray, y: np.ndarray) -> float:
    """The lowest threshold at which 99.5 % of the pictures that stop are right.

    So at most half a point can be lost on these pictures, however good the long way is.
    Where no threshold does it, the answer is 2: nobody stops.
    """
    early = keras.ops.convert_to_numpy(net(x)[0])
    sure, right = early.max(axis=-1), early.argmax(axis=-1) == y
    for threshold in np.linspace(0.5, 0.99, 50):
        stop = sure >= threshold
        if stop.any() and right[stop].mean() >= 0.995:
            return float(threshold)
    return 2.0


def _answer(net: keras.Model, x: np.ndarray, threshold: float) -> tuple[np.ndarray, np.ndarray]:
    shares, unsure = (keras.ops.convert_to_numpy(part) for part in net.answer(x, threshold))
    return shares, unsure


def _composed(shares: np.ndarray, early: np.ndarray, late: np.ndarray, unsure: np.ndarray) -> bool:
    expected = early.copy()
    expected[unsure] = late[unsure]
    return alike(expected, shares) and not alike(early, late)


def _rows_on_the_long_way(net: keras.Model, x: np.ndarray, threshold: float) -> int:
    """How many pictures reach the first layer of the long way."""
    seen: list[int] = []
    layer = net.rest.layers[0]
    call: Callable[..., keras.KerasTensor] = layer.call

    def counting(inputs: keras.KerasTensor, *args: object, **kwargs: object) -> keras.KerasTensor:
        seen.append(int(inputs.shape[0]))
        return call(inputs, *args, **kwargs)

    layer.call = counting
    try:
        net.answer(x, threshold)
    finally:
        layer.call = call
    return sum(seen)


def _same_one_by_one(net: keras.Model, hidden: keras.Model, x: np.ndarray) -> bool:
    expected, _ = _answer(net, x, 0.9)
    came = [keras.ops.convert_to_numpy(hidden(picture[None])) for picture in x]
    return alike(expected, np.concatenate(came))


def _whole_batch_waits(
    early: np.ndarray, late: np.ndarray, hidden: keras.Model, x: np.ndarray
) -> bool:
    sure = np.flatnonzero(early.max(axis=-1) >= 0.9)
    unsure = np.flatnonzero(early.max(axis=-1) < 0.9)
    together = [sure[0], unsure[0]]
    alone = keras.ops.convert_to_numpy(hidden(x[sure[:2]]))
    mixed = keras.ops.convert_to_numpy(hidden(x[together]))
    return alike(early[sure[:2]], alone) and alike(late[together], mixed)


LIMIT = Limit(
    name="early_exit",
    title="A list cannot stop early for an easy example",
    lesson=19,
    claims=("A2.9", "A5.2"),
    attempts=(
        LimitAttempt("a function that stops", a_function_that_stops, pattern="not_a_layer"),
        LimitAttempt("an if on the first answer", an_if_in_a_layer, loud=TRACES, pattern=PATTERN),
        LimitAttempt("both heads in a row", both_heads_in_a_row, loud=False),
    ),
    why=(
        "A Sequential runs every layer for every example. To stop early, a part of the batch must "
        "leave it, and the other part must go on with features, not with the early answer."
    ),
    fix_function=fix,
    definitions=(EarlyExit,),
    evidence=evidence,
    trained=trained,
    workaround_function=workaround,
    price=(
        "a layer of one's own with ops.cond decides for a whole batch, so it saves only where "
        "pictures come one by one; it gives one answer, so its two heads must be trained elsewhere"
    ),
)
