"""A head in the middle of a deep net, with a loss of its own (Szegedy et al. 2015)."""

from __future__ import annotations

from collections.abc import Sequence

import keras
import numpy as np
from keras import layers

from seqkit.limits.limit import Check, Limit, LimitAttempt
from seqkit.limits.measure import with_random_weights

# 12 sigmoid layers, a head behind the 4th, the 8th and the last: 3 classes from 8 numbers.
COLUMNS, CLASSES, DEPTH, EARLY = 8, 3, 12, (4, 8)
ROWS = 512
CHANCE = float(np.log(CLASSES))  # the loss of a net that gives each class one third


def losses_by_name() -> keras.Model:
    """The early head stands in the middle of the list, and gets a loss by its name."""
    x, y = np.zeros((64, 8)), np.zeros(64)
    model = keras.Sequential(
        [
            keras.Input((8,)),
            layers.Dense(16, activation="relu"),
            layers.Dense(3, activation="softmax", name="early"),
            layers.Dense(16, activation="relu"),
            layers.Dense(3, activation="softmax", name="main"),
        ]
    )
    loss = "sparse_categorical_crossentropy"
    model.compile(optimizer="adam", loss={"early": loss, "main": loss})
    model.fit(x, {"early": y, "main": y}, verbose=0)
    return model


def head_in_the_middle() -> keras.Model:
    """The early head in the middle of the list: all that follows reads its 3 numbers."""
    return keras.Sequential(
        [
            keras.Input((8,)),
            layers.Dense(16, activation="relu"),
            layers.Dense(3, activation="softmax"),
            layers.Dense(16, activation="relu"),
            layers.Dense(3, activation="softmax"),
        ]
    )


def fix() -> keras.Model:
    """A deep net with two early heads and a main head, in the Functional API."""
    inputs = keras.Input((8,))
    x, heads = inputs, {}
    for number in range(1, 13):
        x = layers.Dense(16, activation="sigmoid", name=f"layer_{number}")(x)
        if number in (4, 8):
            heads[f"early_{number}"] = layers.Dense(
                3, activation="softmax", name=f"early_{number}"
            )(x)
    heads["main"] = layers.Dense(3, activation="softmax", name="main")(x)
    return keras.Model(inputs, heads)


def workaround() -> keras.Model:
    """The list stays as it is; a Functional model around it has the early heads, and trains it."""
    model = keras.Sequential([keras.Input((8,))])
    for _ in range(12):
        model.add(layers.Dense(16, activation="sigmoid"))
    model.add(layers.Dense(3, activation="softmax"))
    early = [layers.Dense(3, activation="softmax")(model.layers[n].output) for n in (3, 7)]
    keras.Model(model.inputs[0], [*early, *model.outputs])  # compile and fit this one
    return model


def around(plain: keras.Model) -> keras.Model:
    """The Functional model of the way round: it shares the layers of the list."""
    heads = {
        f"early_{n}": layers.Dense(CLASSES, activation="softmax", name=f"early_{n}")(
            plain.layers[n - 1].output
        )
        for n in EARLY
    }
    return keras.Model(plain.inputs[0], {**heads, "main": plain.outputs[0]})


def evidence() -> tuple[Check, ...]:
    """What must be true of the chain, of the fix and of the way round."""
    fixed, chain, plain = fix(), head_in_the_middle(), workaround()
    trainer = around(plain)
    x = np.random.default_rng(0).normal(size=(32, COLUMNS)).astype("float32")
    in_use = keras.Model(fixed.inputs[0], fixed.output["main"])
    for model in (fixed, trainer):
        with_random_weights(model, scale=2.0)
    return (
        Check(
            "the fix gives three answers of 3 shares each",
            {name: tuple(one.shape) for name, one in fixed.output.items()}
            == dict.fromkeys(("early_4", "early_8", "main"), (None, CLASSES)),
            "Check `fix`.",
        ),
        Check(
            "in the list, all layers behind the early head read its 3 numbers, and no more",
            chain.layers[2].kernel.shape[0] == CLASSES,
            "Change the text of lesson 14.",
        ),
        Check(
            "each early head reads the layers below it, and none above it",
            _moved(fixed, x, "layer_2") == {"early_4", "early_8", "main"}
            and _moved(fixed, x, "layer_6") == {"early_8", "main"}
            and _moved(fixed, x, "layer_10") == {"main"},
            "The heads hang on other layers.",
        ),
        Check(
            "without its early heads the net has 3,187 of 3,289 parameters, as the plain list",
            (fixed.count_params(), in_use.count_params(), plain.count_params())
            == (3289, 3187, 3187),
            "Count again in lesson 14.",
        ),
        Check(
            "without its early heads the net gives the same main answer",
            bool(np.allclose(_numbers(in_use(x)), _numbers(fixed(x)["main"]), atol=1e-6)),
            "The early heads are not beside the road, but in it.",
        ),
        Check(
            "a Functional model around a Sequential shares its layers: both give the same answer",
            bool(np.allclose(_numbers(plain(x)), _numbers(trainer(x)["main"]), atol=1e-6)),
            "Change the way round in lesson 14.",
        ),
    )


def trained() -> tuple[Check, ...]:
    """What the early heads do: the gradient at the first layer, and the loss of the main head."""
    plain, helped = _gradient_at_first(_plain()), _gradient_at_first(fix())
    alone, together = _main_loss(_plain()), _main_loss(fix())
    return (
        Check(
            "the early heads make the gradient at the first of 12 layers over 1,000 times larger",
            helped > 1000 * plain > 0,
            f"It was {helped:.1e} against {plain:.1e}.",
        ),
        Check(
            "after 12 epochs the net without early heads still guesses: its loss is about ln 3",
            abs(alone - CHANCE) < 0.03,
            f"It was {alone:.2f}; ln 3 is {CHANCE:.2f}.",
        ),
        Check(
            "after 12 epochs the net with early heads has learned: its main loss is under 0.9",
            together < 0.9,
            f"It was {together:.2f}.",
        ),
    )


def _plain() -> keras.Model:
    """The fix without its early heads."""
    whole = fix()
    return keras.Model(whole.inputs[0], {"main": whole.output["main"]})


def _names(model: keras.Model) -> Sequence[str]:
    return list(model.output)


def _data() -> tuple[np.ndarray, np.ndarray]:
    """The class is the largest of the first three numbers."""
    x = np.random.default_rng(0).normal(size=(ROWS, COLUMNS)).astype("float32")
    return x, x[:, :CLASSES].argmax(axis=1)


def _compiled(
    model: keras.Model, optimizer: keras.optimizers.Optimizer, eagerly: bool = False
) -> keras.Model:
    """The model with one loss for each head, and weights that are the same in every run."""
    for place, layer in enumerate(one for one in model.layers if one.weights):
        rows, columns = layer.kernel.shape
        scale = (2 / (rows + columns)) ** 0.5
        generator = np.random.default_rng(place)
        layer.set_weights([generator.normal(size=(rows, columns), scale=scale), np.zeros(columns)])
    losses = dict.fromkeys(_names(model), "sparse_categorical_crossentropy")
    model.compile(optimizer, losses, run_eagerly=eagerly)
    return model


def _gradient_at_first(model: keras.Model) -> float:
    """The length of the gradient: one step of plain SGD moves a weight by rate times gradient."""
    x, y = _data()
    rate = 1e6  # large, so that a tiny gradient is not lost beside the weight
    _compiled(model, keras.optimizers.SGD(rate), eagerly=True)  # one step only
    first = model.get_layer("layer_1")
    before = first.get_weights()[0]
    model.train_on_batch(x, dict.fromkeys(_names(model), y))
    return float(np.linalg.norm(first.get_weights()[0] - before)) / rate


def _main_loss(model: keras.Model) -> float:
    """The loss of the main head on the training data after twelve epochs."""
    x, y = _data()
    _compiled(model, keras.optimizers.Adam(0.02))
    labels = dict.fromkeys(_names(model), y)
    model.fit(x, labels, epochs=12, batch_size=64, shuffle=False, verbose=0)
    shares = _numbers(model(x)["main"])
    return float(-np.log(shares[np.arange(ROWS), y] + 1e-9).mean())


def _moved(model: keras.Model, x: np.ndarray, name: str) -> set[str]:
    """The names of the answers that change with the weights of one layer."""
    before = {head: _numbers(answer) for head, answer in model(x).items()}
    layer = model.get_layer(name)
    kept = layer.get_weights()
    layer.set_weights([-weight for weight in kept])
    after = {head: _numbers(answer) for head, answer in model(x).items()}
    layer.set_weights(kept)
    return {head for head in before if not np.allclose(before[head], after[head], atol=1e-7)}


def _numbers(tensor: keras.KerasTensor) -> np.ndarray:
    return keras.ops.convert_to_numpy(tensor)


LIMIT = Limit(
    name="auxiliary_loss",
    title="A loss in the middle of the network cannot be written in a list",
    lesson=14,
    claims=("A2.3",),
    attempts=(
        LimitAttempt(
            "losses by name, one for a layer in the middle", losses_by_name, pattern="multi_output"
        ),
        LimitAttempt("a head in the middle of the list", head_in_the_middle, loud=False),
    ),
    why=(
        "An early head reads a tensor that the next layer reads as well, and its answer leaves "
        "the model. In a Sequential the head would be the next layer, and only the last layer's "
        "answer leaves, so only that one can have a loss."
    ),
    fix_function=fix,
    evidence=evidence,
    trained=trained,
    workaround_function=workaround,
    price=(
        "the list is trained by a Functional model around it, so both APIs are needed; the early "
        "heads belong to that model, and a file of the Sequential does not hold them"
    ),
)
