"""Calls of compile and fit that lack something, on the installed Keras."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import keras
import numpy as np
import pytest
from keras import layers

import seqkit as sk
from seqkit.explaining import Explanation

X = np.random.default_rng(0).random((40, 5), dtype="float32")
Y = np.arange(40) % 3


def model(loss: Any = None, **arguments: Any) -> keras.Model:
    made = keras.Sequential([keras.Input((5,)), layers.Dense(3, activation="softmax")])
    if loss is not None:
        made.compile(arguments.pop("optimizer", "adam"), loss, **arguments)
    return made


def two_heads() -> keras.Model:
    made = keras.Sequential(
        [
            keras.Input((5,)),
            layers.Dense(8, activation="relu"),
            layers.Dense(3, activation="softmax", name="early"),
            layers.Dense(8, activation="relu"),
            layers.Dense(3, activation="softmax", name="late"),
        ]
    )
    made.compile("adam", {"early": SPARSE, "late": SPARSE})
    return made


LABELS = {"kind": np.eye(3)[Y], "box": np.eye(4)[Y]}


def branched(loss: Any) -> keras.Model:
    inputs = keras.Input((5,))
    outputs = [layers.Dense(3, name="first")(inputs), layers.Dense(4, name="box")(inputs)]
    made = keras.Model(inputs, outputs)
    made.compile("adam", loss)
    return made


def ends_in_argmax() -> keras.Model:
    choice = layers.Lambda(lambda x: keras.ops.cast(keras.ops.argmax(x, axis=-1), x.dtype))
    made = keras.Sequential([keras.Input((5,)), layers.Dense(3), choice])
    made.compile("adam", "mse")
    return made


def explained(function: Callable[[], Any]) -> Explanation:
    try:
        function()
    except Exception as error:
        return sk.explain(error)
    raise AssertionError("Keras accepts it")


SPARSE = "sparse_categorical_crossentropy"
CASES: dict[str, tuple[Callable[[], Any], str, str, bool, str]] = {
    "fit before compile": (
        lambda: model().fit(X, Y, verbose=0), "not_compiled", "training", True, SPARSE),
    "lists": (
        lambda: model(SPARSE).fit(X.tolist(), Y.tolist(), verbose=0),
        "data_kind", "feature_input", True, "np.array(x)"),
    "labels as a list": (
        lambda: model(SPARSE).fit(X, Y.tolist(), verbose=0),
        "data_kind", "feature_input", True, "np.array(y)"),
    "no labels": (
        lambda: model(SPARSE).fit(X, verbose=0), "labels", "label_output", False, "fit(x, y)"),
    "a tuple of both": (
        lambda: model(SPARSE).fit((X, Y), verbose=0), "labels", "label_output", False, "tuple"),
    "two losses": (
        lambda: model({"kind": SPARSE, "size": "mae"}).fit(X, Y, verbose=0),
        "several_losses", "label_output", True, "one output"),
    "two sets of labels": (
        lambda: model(SPARSE).fit(X, [Y, np.eye(3)[Y]], verbose=0),
        "multi_output", "topology", True, "keras.Model(inputs, [output, output_2])"),
    "labels named after a layer in the middle": (
        lambda: two_heads().fit(X, {"early": Y, "late": Y}, verbose=0),
        "multi_output", "topology", True, 'name="early")(trunk)'),
    "loss weights": (
        lambda: model(SPARSE, loss_weights=[1.0, 0.5]).fit(X, Y, verbose=0),
        "multi_output", "topology", False, "2 loss weights"),
    "names for the losses of a list of outputs": (
        lambda: branched({"kind": "mse", "box": "mse"}).fit(X, LABELS, verbose=0),
        "output_names", "label_output", False, 'the outputs are'),
    "names for the labels only": (
        lambda: branched(["mse", "mse"]).fit(X, LABELS, verbose=0),
        "output_names", "label_output", False, '{"kind": ..., "box": ...}'),
    "validation data of another width": (
        lambda: model(SPARSE).fit(X, Y, validation_data=(X[:, :3], Y), verbose=0),
        "validation_data", "feature_input", False, "(40, 3)"),
    "validation labels of another form": (
        lambda: model(SPARSE).fit(X, Y, validation_data=(X, np.eye(3)[Y]), verbose=0),
        "validation_data", "label_output", False, "one-hot"),
    "a misspelled loss": (
        lambda: model("categorical_crosentropy").fit(X, Y, verbose=0),
        "unknown_name", "parameter", False, '"categorical_crossentropy"'),
    "a misspelled optimizer": (
        lambda: model("mse", optimizer="adams"), "unknown_name", "parameter", False, '"adam'),
    "a class for an optimizer": (
        lambda: model("mse", optimizer=keras.optimizers.Adam),
        "unknown_name", "parameter", False, "Adam()"),
    "an argument of an older Keras": (
        lambda: model(SPARSE).fit(X, Y, nb_epoch=3), "renamed", "environment", False, "epochs"),
    "another": (
        lambda: keras.optimizers.Adam(lr=0.1), "renamed", "environment", False, "learning_rate"),
    "a method of an older Keras": (
        lambda: model(SPARSE).predict_classes(X), "renamed", "environment", False, "argmax"),
    "a metric for other labels": (
        lambda: model("categorical_crossentropy", metrics=["sparse_categorical_accuracy"]).fit(
            X, np.eye(3)[Y], verbose=0),
        "metric", "training", True, "sparse_categorical_accuracy"),
}  # fmt: skip


@pytest.mark.skipif(keras.backend.backend() != "tensorflow", reason="the others train in silence")
def test_a_loss_without_a_slope() -> None:
    found = explained(lambda: ends_in_argmax().fit(X, np.float32(Y), verbose=0))
    assert found.pattern == "no_gradient"


@pytest.mark.parametrize("name", CASES)
def test_the_call_is_explained(name: str) -> None:
    function, pattern, fault, verified, says = CASES[name]
    explanation = explained(function)
    assert (explanation.pattern, explanation.fault) == (pattern, fault), explanation
    assert explanation.verified is verified, explanation
    assert says in str(explanation), explanation


def test_an_unknown_argument_of_ones_own_function_is_not_explained() -> None:
    class Mine:
        def run(self) -> None: ...

    found = explained(lambda: Mine().run(lr=3))  # type: ignore[call-arg]
    assert found.pattern == "not_recognised"


def test_explaining_changes_no_name_and_no_random_number() -> None:
    def after(explains: bool) -> tuple[str, float, float]:
        keras.utils.clear_session()
        keras.utils.set_random_seed(7)
        try:
            model("categorical_crossentropy").fit(X, Y, verbose=0)
        except Exception as error:
            if explains:
                assert sk.explain(error).verified
        layer = layers.Dense(2)
        layer.build((None, 2))
        weight = float(np.ravel(keras.ops.convert_to_numpy(layer.kernel))[0])
        return layer.name, weight, float(np.random.random())

    assert after(explains=True) == after(explains=False)
