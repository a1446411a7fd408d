"""Claims of the beginner's guide (B)."""

from __future__ import annotations

from typing import Any

import keras
import numpy as np
from keras import layers

from seqkit.claims import stacks
from seqkit.claims.claim import Evidence, Verdict
from seqkit.claims.craft import batch_norm, dropout
from seqkit.claims.from_limits import refusals, refused, way_round
from seqkit.claims.limits_of_sequential import calls_of, keras_names
from seqkit.claims.measuring import fails, is_true, says, seeded, train
from seqkit.claims.runs import (
    anomalies,
    callbacks,
    clothes,
    image_net,
    loans,
    photographs,
    sentences,
    series_net,
    unscaled,
    vector_net,
)
from seqkit.claims.writing import claim
from seqkit.converting import to_source
from seqkit.graph import read
from seqkit.limits.limit import Check
from seqkit.limits.measure import answer

_JUDGEMENT = "A judgement. What was counted: "


@claim(
    "B1",
    "A Sequential is a linear stack, made from a list or with add(); both give the same model.",
    lessons=(1,),
    recorded=Verdict.HOLDS,
)
def b1() -> Evidence:
    """The two styles compared."""
    listed, added = stacks.first_model(), stacks.first_model_added()
    added.set_weights(listed.get_weights())
    x = np.random.default_rng(0).normal(size=(3, 784)).astype("float32")
    return Evidence(
        says=(
            is_true(
                "every layer reads the one before it: a stack",
                [edge.source for node in read(listed).nodes for edge in node.inputs] == [-1, 0],
            ),
            is_true(
                "list and add() give the same layers with the same arguments",
                [_arguments(one) for one in listed.layers]
                == [_arguments(one) for one in added.layers],
            ),
            is_true(
                "with the same weights they give the same outputs",
                np.array_equal(answer(listed, x), answer(added, x)),
            ),
        )
    )


def _arguments(layer: keras.Layer) -> dict[str, Any]:
    return {key: value for key, value in layer.get_config().items() if key != "name"}


@claim(
    "B3",
    "The first layer must be told its input shape; the other shapes are inferred.",
    lessons=(2,),
    recorded=Verdict.OUTDATED,
    note="Without a shape the weights come at the first call. keras.Input is the way to give one.",
)
def b3() -> Evidence:
    """A stack without an input shape, and the argument that warns."""
    free = keras.Sequential([layers.Dense(4), layers.Dense(2)])
    return Evidence(
        says=(
            is_true(
                "a stack that was told no input shape cannot be used",
                fails(free, np.ones((3, 8), "float32")),
            ),
        ),
        once=(
            is_true(
                "input_shape= on a layer, the old way to tell it, gives a warning",
                says(layers.Dense, 4, input_shape=(8,), words="input_shape"),
            ),
        ),
        instead=(
            is_true(
                "the weights come at the first call: (8, 4) and (4, 2) for eight columns",
                [one.shape for one in free.get_weights()] == [(8, 4), (4,), (4, 2), (2,)],
            ),
        ),
    )


@claim(
    "B4",
    "Four traits: layers in order, one input and one output, automatic shapes, readable code.",
    lessons=(1, 2),
    recorded=Verdict.HOLDS,
    note="'Readable' is a judgement. What was counted: lines in the order of the layers.",
)
def b4() -> Evidence:
    """Each trait, looked at."""
    model = stacks.small_stack()
    lines = str(to_source(model, style="sequential"))
    places = [lines.index(f"Dense({units}") for units in (6, 4, 2)]
    return Evidence(
        says=(
            is_true(
                "the layers are kept in the order in which they were written",
                [layer.units for layer in model.layers] == [6, 4, 2],
            ),
            is_true("one input and one output", len(model.inputs) == len(model.outputs) == 1),
            is_true(
                "only the input's shape was written; (None, 6), (None, 4), (None, 2) were inferred",
                [tuple(one.output.shape) for one in model.layers]
                == [(None, 6), (None, 4), (None, 2)],
            ),
            is_true(
                "the code names each layer once, in the order of the data",
                places == sorted(places) and lines.count("Dense(") == 3,
            ),
        )
    )


@claim(
    "B5",
    "It fits classification, regression, two classes or many; Dense, CNN, LSTM, autoencoder.",
    lessons=(3, 4, 5, 8),
    recorded=Verdict.HOLDS,
    shown_in=(8,),
)
def b5() -> Evidence:
    """One trained stack for each word of the claim."""
    return Evidence(
        says=(
            clothes_check(),
            is_true(
                "two classes, spam and ham: over 90 % (the larger is 76 %)", sentences().spam > 0.9
            ),
            textures_check(),
            weather_check(),
            autoencoder_check(),
        )
    )


def clothes_check() -> Check:
    """Many classes."""
    return is_true(
        "many classes, a Dense stack on clothes: over 70 % (guessing 10 %)", vector_net() > 0.7
    )


def spam_check() -> Check:
    """Two classes, and text."""
    return is_true(
        "text in two classes, spam and ham: over 90 % (the larger class: 76 %)",
        sentences().spam > 0.9,
    )


def textures_check() -> Check:
    """Images."""
    return is_true("images, a CNN on textures: over 85 % (guessing 33 %)", image_net() > 0.85)


def weather_check() -> Check:
    """A series."""
    return is_true(
        "regression, an LSTM stack: the temperature in six hours better than 'as now'",
        series_net() < 0.95,
    )


def autoencoder_check() -> Check:
    """Anomalies."""
    return is_true(
        "an autoencoder rebuilds normal sensor rows better than anomalies, in over 95 % of pairs",
        anomalies() > 0.95,
    )


@claim(
    "B6",
    "Avoid it for several inputs or outputs, shared layers, residual networks and attention.",
    lessons=(11, 12, 13, 14, 15, 16, 17),
    recorded=Verdict.HOLDS_BUT,
    shown_in=(17,),
    note="It holds for a flat list. The ways round, and their prices, stand under A.",
)
def b6() -> Evidence:
    """Each kind is refused."""
    return refusals(
        "multi_input", "multi_output", "shared_layer", "residual", "attention", way="residual"
    )


@claim(
    "B7",
    "784 → 32 → 10 can be written in both styles.",
    lessons=(1,),
    recorded=Verdict.HOLDS,
)
def b7() -> Evidence:
    """The parameters, counted by hand."""
    both = (stacks.first_model(), stacks.first_model_added())
    return Evidence(
        says=(
            is_true(
                "from a list and with add(): 784·32 + 32 + 32·10 + 10 = 25,450 parameters",
                [model.count_params() for model in both] == [784 * 32 + 32 + 32 * 10 + 10] * 2,
            ),
        )
    )


@claim(
    "B8",
    "Nearly all Keras layers work in it: Dense, Conv1D/2D/3D, LSTM, GRU, Flatten, Dropout …",
    lessons=(3, 4, 5, 6, 7),
    recorded=Verdict.HOLDS_BUT,
    shown_in=(5, 7),
    note="Layers that need two tensors are the exception: merges and attention.",
)
def b8() -> Evidence:
    """One stack with all of them takes a step."""
    x = np.random.default_rng(0).normal(size=(8, 6, 6, 6, 1)).astype("float32")
    with seeded(0):
        model = stacks.every_kind()
        before = model.get_weights()
        optimizer = keras.optimizers.SGD(0.1)
        model.compile(optimizer=optimizer, loss="binary_crossentropy", run_eagerly=True)
        model.train_on_batch(x, np.array([0.0, 1.0] * 4))
    changed = [
        not np.array_equal(old, new) for old, new in zip(before, model.get_weights(), strict=True)
    ]
    kinds = {type(layer).__name__ for layer in model.layers}
    named = "Dense Conv1D Conv2D Conv3D LSTM GRU SimpleRNN Flatten Dropout BatchNormalization"
    return Evidence(
        says=(
            is_true(
                "one stack holds Dense, Conv1D/2D/3D, LSTM, GRU, SimpleRNN, Flatten, Dropout and "
                "BatchNormalization, and gives one probability",
                set(named.split()) <= kinds and model.output_shape == (None, 1),
            ),
            is_true("one step of training changes the weights of every layer", all(changed)),
        ),
        but=(
            is_true(
                "Add, Concatenate, Dot, Attention and MultiHeadAttention are refused",
                all(fails(_list, layer) for layer in _layers_for_two()),
            ),
        ),
    )


def _layers_for_two() -> list[keras.Layer]:
    return [
        layers.Add(),
        layers.Concatenate(),
        layers.Dot(1),
        layers.Attention(),
        layers.MultiHeadAttention(1, 2),
    ]


def _list(*items: Any) -> keras.Sequential:
    return keras.Sequential([keras.Input((4, 4)), *items])


@claim(
    "B9",
    "Compile with adam, categorical cross-entropy and accuracy; fit 10 epochs in batches of 32.",
    lessons=(1, 3),
    recorded=Verdict.HOLDS_BUT,
    note="The labels must be one-hot. Integer labels need the sparse loss.",
)
def b9() -> Evidence:
    """The recipe of the guide on clothes."""
    part = clothes()
    flat, labels = part.x[:64].reshape(-1, 784), part.y[:64]
    return Evidence(
        says=(
            is_true(
                "with one-hot labels the recipe gives over 70 % on clothes (guessing 10 %)",
                vector_net() > 0.7,
            ),
        ),
        but=(
            is_true(
                "with integer labels the same loss is refused, and the sparse one works",
                fails(_one_batch, "categorical_crossentropy", flat, labels)
                and not fails(_one_batch, "sparse_categorical_crossentropy", flat, labels),
            ),
        ),
    )


def _one_batch(loss: str, x: np.ndarray, y: np.ndarray) -> None:
    model = stacks.first_model()
    model.compile(optimizer="sgd", loss=loss, run_eagerly=True)
    model.train_on_batch(x, y)


@claim(
    "B10",
    "Data cannot be re-routed, combined, skipped or split.",
    lessons=(11,),
    recorded=Verdict.HOLDS_BUT,
    note="It holds for a flat list. The ways round, in layers of one's own, stand under A.",
)
def b10() -> Evidence:
    """The four verbs, tried."""
    dense, other = layers.Dense(4), layers.Dense(4)
    return Evidence(
        says=(
            is_true(
                "re-route: a Dense that is called on another layer's output is refused as an item",
                fails(_list, dense, layers.Dense(4)(keras.Input((4,)))),
            ),
            is_true("combine: Concatenate() is refused", fails(_list, dense, layers.Concatenate())),
            is_true("skip: Add() is refused", fails(_list, dense, layers.Add())),
            is_true("split: a list of two layers is refused", fails(_list, [dense, other])),
            is_true("the same two layers in a row are accepted", not fails(_list, dense, other)),
        ),
        but=(way_round("residual"),),
    )


@claim(
    "B11",
    "It is used for images, spam, reviews, fraud, sensors and weather.",
    lessons=(1, 3, 4, 5, 8),
    recorded=Verdict.HOLDS,
    shown_in=(5,),
    note="One real data set for each use, and a small stack for each. Fraud: loans that went bad.",
)
def b11() -> Evidence:
    """One real data set for each use."""
    text, bad = sentences(), loans()
    return Evidence(
        says=(
            clothes_check(),
            _two_photographs(),
            spam_check(),
            is_true("reviews, good or bad: over 60 % (the larger is 51 %)", text.reviews > 0.6),
            is_true(
                "bad loans, 5 % of all: average precision over 8 % (any order gives 5 %)",
                bad.precision[1] > 0.08,
            ),
            autoencoder_check(),
            weather_check(),
        )
    )


def _two_photographs() -> Check:
    return is_true(
        "the guide's CNN tells patches of two photographs apart: over 70 % (guessing 50 %)",
        photographs() > 0.7,
    )


@claim(
    "B12",
    "It is beginner-friendly, fast to prototype, easy to debug and good to teach.",
    lessons=(1, 8),
    recorded=Verdict.HOLDS,
    note=_JUDGEMENT + "names and statements of a whole program, and how early a mistake shows.",
)
def b12() -> Evidence:
    """Countable things behind the judgements."""
    model = stacks.first_model()
    wired, listed = to_source(model), to_source(model, style="sequential")
    return Evidence(
        says=(
            is_true(
                "a beginner meets three names of Keras: Sequential, Input and Dense",
                keras_names(listed) == {"Sequential", "Input", "Dense"},
            ),
            is_true(
                "the same stack takes fewer calls than as a graph",
                len(calls_of(listed)) < len(calls_of(wired)),
            ),
            is_true(
                "a mistake in the shapes shows when the model is made, before any data",
                fails(_list, layers.Reshape((5,))),
            ),
            clothes_check(),
        )
    )


@claim(
    "B13",
    "Its limits: no complex architecture, no branch, no merge, one input and output, no skip.",
    lessons=(11,),
    recorded=Verdict.HOLDS_BUT,
    note="It holds for a flat list. The ways round, and their prices, stand under A.",
)
def b13() -> Evidence:
    """One refusal for each limit."""
    return refusals(
        "inception", "multi_input", "multi_output", "residual", "shared_layer", way="residual"
    )


@claim(
    "B14",
    "A table of eight rows says when Sequential is enough and when Functional is needed.",
    lessons=(20,),
    recorded=Verdict.HOLDS,
    note='sk.claims.comparison("B14") shows the table, each cell from checks that were run.',
)
def b14() -> Evidence:
    """The table, rebuilt."""
    from seqkit.claims.comparisons import comparison  # it uses the claims of this file

    found = comparison("B14")
    return Evidence(says=found.checks)


@claim(
    "B15.1",
    "Mistake: no input shape for the first layer, so the model cannot be built.",
    lessons=(9,),
    recorded=Verdict.OUTDATED,
    note="summary() shows '?' until data comes. Give a keras.Input to see the shapes.",
)
def b15_1() -> Evidence:
    """No error any more."""
    free = keras.Sequential([layers.Dense(4), layers.Dense(2)])
    lines: list[str] = []
    free.summary(print_fn=lambda text, **_: lines.append(text))
    shown = "\n".join(lines)
    return Evidence(
        says=(is_true("a stack without an input shape raises when it is made", free is None),),
        once=(
            is_true(
                "input_shape= on a layer, which was needed then, gives a warning",
                says(layers.Dense, 4, input_shape=(8,), words="input_shape"),
            ),
        ),
        instead=(
            is_true(
                "summary() shows '?' and '(unbuilt)', and count_params() is refused",
                "?" in shown and "unbuilt" in shown and fails(free.count_params),
            ),
        ),
    )


@claim(
    "B15.2",
    "Mistake: neighbours that do not fit, such as Conv2D before Dense without Flatten, fail.",
    lessons=(9,),
    recorded=Verdict.WRONG,
    note="The example of the articles builds. Worse: with one unit and a squared error it trains.",
)
def b15_2() -> Evidence:
    """Conv2D → Dense without Flatten."""
    x, labels = np.zeros((8, 28, 28, 1), "float32"), np.arange(8)
    return Evidence(
        says=(
            is_true(
                "Conv2D → Dense(10) without Flatten is refused when it is made",
                fails(_without_flatten, 10),
            ),
        ),
        instead=(
            is_true(
                "it builds, to (None, 26, 26, 10)",
                _without_flatten(10).output_shape == (None, 26, 26, 10),
            ),
            is_true(
                "with a class loss it fails in fit, and the message names neither layer",
                _fails_without_a_name(x, labels),
            ),
            conv_then_dense(),
        ),
    )


def conv_then_dense() -> Check:
    """The silent case."""
    x, labels = np.zeros((8, 28, 28, 1), "float32"), np.arange(8)
    return is_true(
        "Conv2D → Dense(1) without Flatten, and a squared error: builds and trains silently",
        not fails(_fit_without_flatten, 1, "mean_squared_error", x, labels),
    )


def _without_flatten(units: int) -> keras.Sequential:
    return keras.Sequential([keras.Input((28, 28, 1)), layers.Conv2D(4, 3), layers.Dense(units)])


def _fit_without_flatten(units: int, loss: str, x: Any, y: Any) -> None:
    model = _without_flatten(units)
    model.compile(optimizer="sgd", loss=loss, run_eagerly=True)
    model.train_on_batch(x, y if units > 1 else y[:, None, None, None] * np.ones((8, 1, 1, 1)))


def _fails_without_a_name(x: Any, y: Any) -> bool:
    loss = "sparse_categorical_crossentropy"
    named = ("flatten", "conv2d", "dense")
    failed = fails(_fit_without_flatten, 10, loss, x, y)
    told = any(says(_fit_without_flatten, 10, loss, x, y, words=name) for name in named)
    return failed and not told


@claim(
    "B15.3",
    "Mistake: branching in a Sequential fails.",
    lessons=(9, 11),
    recorded=Verdict.HOLDS,
)
def b15_3() -> Evidence:
    """A branch in the list."""
    return Evidence(
        says=(
            is_true(
                "a list of two layers as an item is refused",
                fails(_list, [layers.Dense(2), layers.Dense(2)]),
            ),
            refused("inception"),
        )
    )


@claim(
    "B15.4",
    "Mistake: the wrong activation at the end, such as softmax for two classes, is harmful.",
    lessons=(9,),
    recorded=Verdict.HOLDS,
    note="It trains without an exception, and answers 1 for every example: a silent mistake.",
)
def b15_4() -> Evidence:
    """Softmax on one unit."""
    x = np.random.default_rng(0).normal(size=(64, 4)).astype("float32")
    labels = (x.sum(1, keepdims=True) > 0).astype("float32")
    with seeded(0):
        model = keras.Sequential([keras.Input((4,)), layers.Dense(1, activation="softmax")])
        ran = not fails(train, model, x, labels, "binary_crossentropy", epochs=1)
    said = answer(model, x)
    return Evidence(
        says=(
            is_true("softmax on one unit: Keras trains it without an exception", ran),
            is_true("whatever the example, the output is 1", bool(np.allclose(said, 1))),
        )
    )


@claim(
    "B15.5",
    "The end by task: no activation for regression, sigmoid for two classes, softmax for many.",
    lessons=(3, 9),
    recorded=Verdict.HOLDS_BUT,
    note="Logits with from_logits=True are the other right way, and the steadier one.",
)
def B15_5() -> Evidence:
    """What each end can say."""
    x = np.random.default_rng(0).normal(size=(50, 4), scale=20).astype("float32")
    linear, sigmoid, softmax = (_ends(end, x) for end in (None, "sigmoid", "softmax"))
    return Evidence(
        says=(
            is_true(
                "without activation an output can be any number, below 0 and above 1",
                linear.min() < 0 and linear.max() > 1,
            ),
            is_true(
                "sigmoid gives each unit a number from 0 to 1",
                sigmoid.min() >= 0 and sigmoid.max() <= 1 and sigmoid.sum(1).std() > 0.01,
            ),
            is_true(
                "softmax gives numbers from 0 to 1 that sum to 1 over the classes",
                softmax.min() >= 0 and bool(np.allclose(softmax.sum(1), 1, atol=1e-5)),
            ),
        ),
        but=(
            is_true(
                "logits with from_logits=True give the same loss as softmax",
                _same_loss(x),
            ),
        ),
    )


def _ends(activation: str | None, x: np.ndarray) -> np.ndarray:
    with seeded(0):
        model = keras.Sequential([keras.Input((4,)), layers.Dense(3, activation=activation)])
        return answer(model, x)


def _same_loss(x: np.ndarray) -> bool:
    labels = np.arange(len(x)) % 3
    near = x / 20
    from_logits = keras.losses.SparseCategoricalCrossentropy(from_logits=True)
    usual = keras.losses.SparseCategoricalCrossentropy()
    one = from_logits(labels, _ends(None, near))
    other = usual(labels, _ends("softmax", near))
    first, second = (keras.ops.convert_to_numpy(value) for value in (one, other))
    return bool(np.isclose(first, second, rtol=1e-3))


@claim(
    "B16",
    "Start simple; Dropout, BatchNorm; EarlyStopping, ReduceLROnPlateau, checkpoints; normalise.",
    lessons=(6, 7),
    recorded=Verdict.HOLDS,
    note="Measured on pictures of clothes: 192 for the callbacks, 256 to 1,024 for the rest. A "
    "GPU was not needed for any.",
)
def b16() -> Evidence:
    """Each piece of advice, with and without."""
    raw, scaled = unscaled()
    did = callbacks()
    kept, dropped = dropout()[0.0], dropout()[0.3]
    plain, normal = batch_norm().plain, batch_norm().after
    return Evidence(
        says=(
            is_true(
                "pixels from 0 to 255 keep a stack under 40 %; divided by 255 it gets over 50 %",
                raw < 0.4 and scaled > 0.5,
            ),
            is_true(
                "EarlyStopping ends a training before three quarters of its 120 epochs",
                did.epochs < 0.75 * did.asked,
            ),
            is_true(
                "ReduceLROnPlateau has halved the learning rate by then",
                did.rates[1] <= did.rates[0] / 2,
            ),
            is_true("ModelCheckpoint has kept the best model, not the last", did.kept_best),
            is_true(
                "Dropout narrows the gap between the losses of training and test",
                dropped.gap < 0.95 * kept.gap,
            ),
            is_true("BatchNormalization lowers the loss of the second epoch", normal < plain - 0.1),
        )
    )


@claim(
    "B17",
    "A full example: 64×64×3, Conv 32, pool, Conv 64, pool, Flatten, 128, one sigmoid.",
    lessons=(4,),
    recorded=Verdict.HOLDS,
    note="Trained on patches of two photographs, which measure colour and texture, not objects.",
)
def b17() -> Evidence:
    """Built exactly, and trained."""
    model = stacks.photo_classifier()
    return Evidence(
        says=(
            is_true(
                "built exactly: 14·14·64 = 12,544 numbers after Flatten, 1,625,281 parameters",
                model.layers[4].output.shape == (None, 12544) and model.count_params() == 1_625_281,
            ),
            _two_photographs(),
        )
    )
