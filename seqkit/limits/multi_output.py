"""Two outputs, such as a class and a box: a Sequential ends in one layer with one tensor."""

from __future__ import annotations

from typing import Any

import keras
import numpy as np
from keras import layers

from seqkit.graph import read
from seqkit.limits.limit import Check, Limit, LimitAttempt
from seqkit.limits.measure import with_known_weights

# 12 numbers come in; the kind (3 classes) and the box (4 numbers) depend on different ones.
COLUMNS, KINDS, SIDES = 12, 3, 4
ROWS, TRAIN = 1280, 1024


def two_heads_as_one_item() -> keras.Model:
    """Both heads stand where the last layer stands."""
    return keras.Sequential(
        [
            keras.Input((12,)),
            layers.Dense(32, activation="relu"),
            [layers.Dense(3, activation="softmax"), layers.Dense(4)],
        ]
    )


def two_arrays_of_labels() -> keras.Model:
    """The heads stand in a row, and `fit` gets one array of labels for each."""
    x, kind, box = np.zeros((64, 12)), np.zeros(64), np.zeros((64, 4))
    model = keras.Sequential(
        [keras.Input((12,)), layers.Dense(3, activation="softmax"), layers.Dense(4)]
    )
    model.compile(optimizer="adam", loss=["sparse_categorical_crossentropy", "mse"])
    model.fit(x, [kind, box], verbose=0)
    return model


def a_dict_of_labels() -> keras.Model:
    """The heads stand in a row, and have names; labels and losses are given by name."""
    x, kind, box = np.zeros((64, 12)), np.zeros(64), np.zeros((64, 4))
    model = keras.Sequential(
        [
            keras.Input((12,)),
            layers.Dense(3, activation="softmax", name="kind"),
            layers.Dense(4, name="box"),
        ]
    )
    model.compile(optimizer="adam", loss={"kind": "sparse_categorical_crossentropy", "box": "mse"})
    model.fit(x, {"kind": kind, "box": box}, verbose=0)
    return model


def one_head_after_the_other() -> keras.Model:
    """Two heads in a row: it builds, and the second head reads the first."""
    return keras.Sequential(
        [
            keras.Input((12,)),
            layers.Dense(32, activation="relu"),
            layers.Dense(3, activation="softmax"),
            layers.Dense(4),
        ]
    )


def two_losses_on_one_output() -> keras.Model:
    """Two losses for one output: it trains, and the second loss counts for nothing."""
    x, box = np.zeros((64, 12)), np.ones((64, 4))
    model = keras.Sequential([keras.Input((12,)), layers.Dense(4)])
    model.compile(optimizer="adam", loss=["mse", "mae"])
    model.fit(x, box, verbose=0)
    return model


def fix() -> keras.Model:
    """One body and two heads, each with its name, in the Functional API."""
    inputs = keras.Input((12,))
    body = layers.Dense(32, activation="relu")(inputs)
    kind = layers.Dense(3, activation="softmax", name="kind")(body)
    box = layers.Dense(4, name="box")(body)
    return keras.Model(inputs, {"kind": kind, "box": box})


@keras.saving.register_keras_serializable("seqkit")
class TwoHeads(layers.Layer):
    """A softmax head and a linear head on the same tensor, as one last layer.

    Args:
        classes: units of the head for the kind.
        numbers: units of the head for the box.
    """

    def __init__(self, classes: int, numbers: int, **kwargs: object) -> None:
        super().__init__(**kwargs)
        self.classes = classes
        self.numbers = numbers
        self.kind = layers.Dense(classes, activation="softmax")
        self.box = layers.Dense(numbers)

    def build(self, input_shape: tuple[int | None, ...]) -> None:
        """Make the weights of both heads."""
        self.kind.build(input_shape)
        self.box.build(input_shape)

    def call(self, inputs: keras.KerasTensor) -> dict[str, keras.KerasTensor]:
        """Call both heads on the same input, and return both results by name."""
        return {"kind": self.kind(inputs), "box": self.box(inputs)}

    def get_config(self) -> dict[str, object]:
        """Return the arguments, so that the layer can be saved and loaded."""
        return {**super().get_config(), "classes": self.classes, "numbers": self.numbers}


def workaround() -> keras.Model:
    """A last layer of one's own that returns a dict: the Sequential has two outputs."""
    return keras.Sequential(
        [
            keras.Input((12,)),
            layers.Dense(32, activation="relu"),
            TwoHeads(classes=3, numbers=4),
        ]
    )


def evidence() -> tuple[Check, ...]:
    """What must be true of the chain, of the fix and of the way round."""
    chain, fixed, hidden = one_head_after_the_other(), fix(), workaround()
    x = np.random.default_rng(0).normal(size=(64, COLUMNS)).astype("float32")
    return (
        Check(
            "the fix gives (None, 3) and (None, 4), by name; the row of two heads gives (None, 4)",
            {name: tuple(one.shape) for name, one in fixed.output.items()}
            == {"kind": (None, KINDS), "box": (None, SIDES)}
            and chain.output_shape == (None, SIDES),
            "Check `fix`.",
        ),
        Check(
            "416 + 99 + 132 = 647 parameters; in the row the second head has 16 in place of 132",
            (fixed.count_params(), chain.count_params()) == (647, 531),
            "Count again in lesson 14.",
        ),
        Check(
            "in the row the box is a function of 3 numbers; in the fix it reads all 32 of the body",
            (_head(chain, SIDES).kernel.shape[0], _head(fixed, SIDES).kernel.shape[0]) == (3, 32),
            "Check who reads the body.",
        ),
        Check(
            "in the fix, other weights in one head leave the answers of the other as they are",
            _heads_are_apart(fixed, x),
            "The heads are not side by side.",
        ),
        Check(
            "of two losses on one output the first alone counts",
            _first_loss_alone(),
            "Keras uses the second loss now. Change the text of lesson 14.",
        ),
        Check(
            "a last layer that returns a dict gives a Sequential with two outputs",
            isinstance(hidden, keras.Sequential)
            and sorted(tuple(one.shape)[1:] for one in hidden.outputs) == [(KINDS,), (SIDES,)],
            "Change the way round in lesson 14.",
        ),
        Check(
            "the custom layer computes the same as the fix",
            _same_with_equal_weights(fixed, hidden, x),
            "Check `TwoHeads`.",
        ),
        Check(
            "losses by name work for the fix and for the way round, and not for the row",
            _takes_names(fixed) and _takes_names(hidden) and not _takes_names(_named_row()),
            "Change the price in lesson 14.",
        ),
        Check(
            "behind the way round neither Dense nor Concatenate can stand",
            not _may_follow(layers.Dense(2)) and not _may_follow(layers.Concatenate()),
            "Change the price in lesson 14.",
        ),
        Check(
            "the way round shows 2 rows where the fix shows its 3 layers with weights",
            _rows_with_weights(hidden) == 2 and _rows_with_weights(fixed) == 3,
            "Change the price in lesson 14.",
        ),
    )


def trained() -> tuple[Check, ...]:
    """Whether both heads learn: the fix and the way round against the row."""
    x, kind, box = _two_tasks()
    by_name = {"kind": kind, "box": box}
    right, fixed_gap = _scores(_fitted(fix(), x, by_name), x, kind, box)
    also_right, hidden_gap = _scores(_fitted(workaround(), x, by_name), x, kind, box)
    _, chain_gap = _scores(_fitted(one_head_after_the_other(), x, box), x, kind, box)
    return (
        Check(
            "the fix learns both: over 85 % of the kinds, and a box with an error under 0.2",
            right > 0.85 and fixed_gap < 0.2,
            f"It was {right:.0%} and {fixed_gap:.2f}. The mean box has an error of 1.",
        ),
        Check(
            "the way round learns both as well, with the losses by name",
            also_right > 0.85 and hidden_gap < 0.2,
            f"It was {also_right:.0%} and {hidden_gap:.2f}.",
        ),
        Check(
            "the row, trained on the box, keeps an error over 0.35: 4 numbers do not fit in 3",
            chain_gap > 0.35,
            f"The error was {chain_gap:.2f}.",
        ),
    )


def _head(model: keras.Model, units: int) -> Any:
    """The last Dense layer of that many units."""
    return [layer for layer in model.layers if getattr(layer, "units", 0) == units][-1]


def _heads_are_apart(model: keras.Model, x: np.ndarray) -> bool:
    """Whether changing one head changes its own output and no other."""
    apart = []
    for name, units in (("kind", KINDS), ("box", SIDES)):
        before, layer = _answers(model, x), _head(model, units)
        kept = layer.get_weights()
        layer.set_weights([weight + np.arange(units) for weight in kept])
        after = _answers(model, x)
        layer.set_weights(kept)
        moved = [not np.allclose(one, other) for one, other in zip(before, after, strict=True)]
        apart.append(moved == [name == "kind", name == "box"])
    return all(apart)


def _first_loss_alone() -> bool:
    """Whether the loss of ["mse", "mae"] is the mse: the answers are 0, the labels 3."""
    model = keras.Sequential([keras.Input((2,)), layers.Dense(1)])
    model.compile(optimizer="adam", loss=["mse", "mae"])
    said = model.evaluate(np.zeros((4, 2)), np.full((4, 1), 3.0), verbose=0)
    total = said[0] if isinstance(said, list) else said
    return bool(np.isclose(total, 9.0))  # mse 9, mae 3, both 12


def _takes_names(model: keras.Model) -> bool:
    """Whether losses and labels can be given by the names of the heads."""
    losses = {"kind": "sparse_categorical_crossentropy", "box": "mse"}
    labels = {"kind": np.zeros(4), "box": np.zeros((4, SIDES))}
    model.compile(optimizer="adam", loss=losses)
    try:
        model.evaluate(np.zeros((4, COLUMNS)), labels, verbose=0)
    except Exception:  # what Keras raises here changes from version to version
        return False
    return True


def _named_row() -> keras.Model:
    """The heads in a row, with the names that the losses use."""
    return keras.Sequential(
        [
            keras.Input((COLUMNS,)),
            layers.Dense(KINDS, activation="softmax", name="kind"),
            layers.Dense(SIDES, name="box"),
        ]
    )


def _may_follow(last: layers.Layer) -> bool:
    """Whether a layer can stand behind the way round."""
    try:
        keras.Sequential([keras.Input((COLUMNS,)), *workaround().layers, last])
    except Exception:  # what Keras raises here depends on the layer: ValueError, KeyError
        return False
    return True


def _same_with_equal_weights(fixed: keras.Model, hidden: keras.Model, x: np.ndarray) -> bool:
    heads = [_head(fixed, KINDS), _head(fixed, SIDES)]
    weights = [*fixed.layers[1].get_weights(), *(w for head in heads for w in head.get_weights())]
    if [weight.shape for weight in hidden.get_weights()] != [weight.shape for weight in weights]:
        return False
    hidden.set_weights(weights)
    pairs = zip(_answers(fixed, x), _answers(hidden, x), strict=True)
    return all(np.allclose(one, other, atol=1e-5) for one, other in pairs)


def _rows_with_weights(model: keras.Model) -> int:
    return sum((node.params or 0) > 0 for node in read(model).nodes)


def _answers(model: keras.Model, x: np.ndarray) -> list[np.ndarray]:
    """The answers as a list, the kind first; a chain has one only."""
    said = model(x)
    if isinstance(said, dict):
        said = [said["kind"], said["box"]]
    return [keras.ops.convert_to_numpy(one) for one in (said if isinstance(said, list) else [said])]


def _two_tasks() -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Columns 0 to 2 decide the kind, columns 3 to 6 are the box; each side varies by 1."""
    x = np.random.default_rng(0).normal(size=(ROWS, COLUMNS)).astype("float32")
    return x, x[:, :KINDS].argmax(axis=1), x[:, KINDS : KINDS + SIDES]


def _fitted(model: keras.Model, x: np.ndarray, labels: Any) -> keras.Model:
    """The model after training on the first rows, from weights that are the same in every run."""
    with_known_weights(model)
    losses = {"kind": "sparse_categorical_crossentropy", "box": "mse"}
    model.compile(keras.optimizers.Adam(0.02), loss=losses if isinstance(labels, dict) else "mse")
    train = keras.tree.map_structure(lambda array: array[:TRAIN], labels)
    model.fit(x[:TRAIN], train, epochs=10, batch_size=64, shuffle=False, verbose=0)
    return model


def _scores(
    model: keras.Model, x: np.ndarray, kind: np.ndarray, box: np.ndarray
) -> tuple[float, float]:
    """On the other rows: the share of right kinds (0 without that head), and the mse of the box."""
    answers = _answers(model, x[TRAIN:])
    right = float((answers[0].argmax(axis=1) == kind[TRAIN:]).mean()) if len(answers) > 1 else 0.0
    return right, float(((answers[-1] - box[TRAIN:]) ** 2).mean())


LIMIT = Limit(
    name="multi_output",
    title="A second output cannot be written in a list",
    lesson=14,
    claims=("A2.3",),
    attempts=(
        LimitAttempt("two heads as one item", two_heads_as_one_item, pattern="multi_output"),
        LimitAttempt("fit with two arrays of labels", two_arrays_of_labels, pattern="multi_output"),
        LimitAttempt("fit with a dict of labels", a_dict_of_labels, pattern="multi_output"),
        LimitAttempt("one head after the other", one_head_after_the_other, loud=False),
        LimitAttempt("two losses on one output", two_losses_on_one_output, loud=False),
    ),
    why=(
        "Two heads read the same tensor, and both results leave the model. A Sequential hands "
        "each tensor to the next layer only, and what leaves it is what the last layer gives."
    ),
    fix_function=fix,
    evidence=evidence,
    trained=trained,
    workaround_function=workaround,
    price=(
        "a last layer of one's own that returns a dict, to be written, saved and tested; both "
        "heads are hidden in one row, and only a merge layer may follow a list (then the two "
        "answers are one again)"
    ),
)
