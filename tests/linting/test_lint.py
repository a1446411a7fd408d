"""What `sk.lint` takes and gives, and the silent mistakes that it is for."""

from __future__ import annotations

import dataclasses
import time
import warnings
from typing import Any

import keras
import numpy as np
import pytest
from keras import layers

from seqkit.errors import InputShapeError, NotAModelError, SeqkitError
from seqkit.linting import all_rules, lint
from seqkit.linting.lint import chosen_rules, lint_subject
from seqkit.linting.subject import read_subject

RNG = np.random.default_rng(0)
X = RNG.normal(size=(40, 4))
ONE_SOFTMAX = [keras.Input((4,)), layers.Dense(1, activation="softmax")]


def head(units: int, activation: str | None = None, *before: Any) -> list[Any]:
    return [keras.Input((4,)), *before, layers.Dense(units, activation=activation)]


def test_a_report() -> None:
    report = lint(ONE_SOFTMAX)
    assert len(report) == 1 and report and not report.ok
    (finding,) = report
    assert (finding.code, finding.severity, finding.layer) == ("SEQ201", "error", 0)
    assert finding.layer_name == ONE_SOFTMAX[1].name
    assert finding.fault == "label_output" and finding.lesson == "09"
    assert report.findings == (finding,) and report.count("error") == 1


def test_nothing_found() -> None:
    report = lint(head(1), X, X[:, 0] + X[:, 1], {"loss": "mse"})
    assert report.ok and not report and str(report) == "no findings"


def test_the_text() -> None:
    text = str(lint(ONE_SOFTMAX))
    assert text.splitlines()[0] == "error    SEQ201 softmax-on-one-unit · label_output · lesson 09"
    assert "Layer 0, Dense, applies softmax to one unit" in text
    assert text.endswith("1 finding: 1 error")
    assert max(map(len, text.splitlines())) <= 96


def test_the_html() -> None:
    model = [keras.Input((4,)), layers.Dense(1, activation="softmax", name="<b>")]
    page = lint(model).as_html()
    assert "&lt;b&gt;" in page and "<b>fix</b>" in page and "error" in page
    assert lint(model)._repr_mimebundle_()["text/plain"] == str(lint(model))


def test_the_gravest_come_first() -> None:
    stack = [layers.Dense(8), layers.Dense(1, activation="softmax")]
    report = lint(stack, input_shape=(4,))
    assert [finding.severity for finding in report] == ["error", "warning"]


def test_a_compiled_model_needs_no_compile_argument() -> None:
    model = keras.Sequential(head(3))
    model.compile(loss="sparse_categorical_crossentropy")
    assert lint(model).codes == ("SEQ203",)
    assert lint(model, compile={"loss": "mse"}).codes == ()


def test_select_and_ignore() -> None:
    stack = [keras.Input((4,)), layers.Flatten(), layers.Dense(8), layers.Dense(1, "softmax")]
    assert lint(stack).codes == ("SEQ201", "SEQ106")
    assert lint(stack, select="SEQ5").codes == ("SEQ503",)
    assert lint(stack, select=["SEQ1", "softmax-on-one-unit"]).codes == ("SEQ201", "SEQ106")
    assert set(lint(stack, select="ALL").codes) == {"SEQ201", "SEQ106", "SEQ503"}
    assert lint(stack, ignore="SEQ201,SEQ106").codes == ()
    with pytest.raises(SeqkitError, match="There is no rule 'SEQ999'"):
        lint(stack, select="SEQ999")


def test_style_is_off_by_default() -> None:
    assert all(rule.severity != "style" for rule in chosen_rules())


@pytest.mark.parametrize(
    ("given", "words"),
    [("mse", "must be a dict"), ({"losses": "mse"}, "no argument 'losses'")],
)
def test_wrong_compile_arguments(given: Any, words: str) -> None:
    with pytest.raises(SeqkitError, match=words):
        lint(head(1), compile=given)


def test_what_is_no_model() -> None:
    with pytest.raises(NotAModelError):
        lint("model")
    with pytest.raises(InputShapeError):
        lint([layers.Dense(1)], input_shape=4)


def test_a_rule_that_fails_is_not_the_models_fault() -> None:
    def broken(subject: Any) -> Any:
        raise KeyError("oops")

    rule = dataclasses.replace(all_rules()[0], check=broken)
    report = lint_subject(read_subject(ONE_SOFTMAX), [rule, *chosen_rules("SEQ201")])
    assert report.codes == ("SEQ201",)
    assert "mistake in seqkit, not in your model" in report.not_checked[0]
    assert "KeyError" in str(report)


def test_the_model_does_not_change() -> None:
    stack = [layers.Dense(8, activation="relu"), layers.BatchNormalization(), layers.Dense(1)]
    model = keras.Sequential(stack)
    lint(model, X, compile={"loss": "mse"})
    assert not model.built and not any(layer.built for layer in stack)
    model.build((None, 4))
    before = [np.array(weight) for weight in model.get_weights()]
    lint(model, X, X[:, 0], {"loss": "mse"})
    assert all(np.array_equal(a, b) for a, b in zip(before, model.get_weights(), strict=True))


def test_the_shape_may_come_from_the_data() -> None:
    stack = [layers.Conv2D(4, 3), layers.Dense(1)]
    assert lint(stack, X).codes == ("SEQ101",)


def test_a_list_without_a_shape() -> None:
    codes = lint([layers.Dense(8), layers.Dense(1, "softmax")]).codes
    assert codes == ("SEQ201", "SEQ106", "SEQ103")


def test_the_indices_are_those_of_the_trace() -> None:
    from seqkit.tracing import trace

    inputs = keras.Input((4,))
    x = layers.Dense(8, activation="relu")(inputs)
    model = keras.Model(inputs, layers.Dense(1, activation="softmax", name="last")(x))
    (finding,) = lint(model)
    assert finding.layer is not None and trace(model).rows[finding.layer].name == "last"


class Own(keras.Model):
    def __init__(self) -> None:
        super().__init__()
        self.hidden = layers.Dense(8, activation="relu")
        self.last = layers.Dense(1, activation="softmax")

    def call(self, inputs: Any) -> Any:
        return self.last(self.hidden(inputs))


def test_a_subclassed_model() -> None:
    assert lint(Own(), input_shape=(4,)).codes == ("SEQ201",)
    assert lint(Own(), X).codes == ("SEQ201",)
    with pytest.raises(InputShapeError):
        lint(Own())


# The silent list: what fit does not say.
SILENT: list[tuple[str, str, list[Any], Any, Any, Any]] = [
    ("two arrays", "SEQ304", head(1), [X, X], X[:, 0] * 2, "mse"),
    (
        "Conv2D to Dense, mse",
        "SEQ212",
        [keras.Input((6, 6, 1)), layers.Conv2D(2, 3, activation="relu"), layers.Dense(1)],
        RNG.normal(size=(40, 6, 6, 1)),
        RNG.normal(size=40),
        "mse",
    ),
    (
        "a whole sequence",
        "SEQ212",
        [keras.Input((6, 2)), layers.LSTM(4, return_sequences=True), layers.Dense(1)],
        RNG.normal(size=(40, 6, 2)),
        RNG.normal(size=(40, 1)),
        "mse",
    ),
    ("labels repeated", "SEQ212", head(3), X, RNG.normal(size=(40, 1)), "mse"),
    ("softmax on one unit", "SEQ201", ONE_SOFTMAX, X, None, "binary_crossentropy"),
    ("one unit, categorical", "SEQ202", head(1, "sigmoid"), X, None, "categorical_crossentropy"),
    (
        "one unit, sparse",
        "SEQ202",
        head(1, "sigmoid"),
        X,
        None,
        "sparse_categorical_crossentropy",
    ),
    ("linear, sparse", "SEQ203", head(3), X, None, "sparse_categorical_crossentropy"),
    (
        "softmax and logits",
        "SEQ204",
        head(3, "softmax"),
        X,
        None,
        keras.losses.SparseCategoricalCrossentropy(from_logits=True),
    ),
    ("relu, binary", "SEQ205", head(1, "relu"), X, None, "binary_crossentropy"),
    ("linear, binary", "SEQ205", head(1), X, None, "binary_crossentropy"),
    ("sigmoid, targets above 1", "SEQ216", head(1, "sigmoid"), X, X[:, 0] * 9, "mse"),
    ("no channel axis", "SEQ303", [keras.Input((4, 1)), layers.LSTM(2)], X, None, None),
    ("pixels", "SEQ308", head(1), np.arange(160.0).reshape(40, 4), None, "mse"),
    ("NaN in x", "SEQ307", head(1), np.where(X > 1, np.nan, X), None, "mse"),
    ("NaN in y", "SEQ307", head(1), X, np.where(X[:, 0] > 1, np.nan, X[:, 1]), "mse"),
    (
        "one class",
        "SEQ310",
        head(2, "softmax"),
        X,
        np.ones(40, int),
        "sparse_categorical_crossentropy",
    ),
    (
        "never shuffled",
        "SEQ312",
        head(2, "softmax"),
        X,
        np.repeat([0, 1], 20),
        "sparse_categorical_crossentropy",
    ),
]


@pytest.mark.parametrize(
    ("code", "stack", "x", "y", "loss"),
    [case[1:] for case in SILENT],
    ids=[case[0] for case in SILENT],
)
def test_silent_mistakes(code: str, stack: list[Any], x: Any, y: Any, loss: Any) -> None:
    assert code in lint(stack, x, y, None if loss is None else {"loss": loss}).codes


def test_the_same_layer_twice_without_weights_is_fine() -> None:
    relu = layers.ReLU()
    assert lint(head(1, None, layers.Dense(4), relu, layers.Dense(4), relu)).codes == ()


def test_sharing_in_a_functional_model_is_meant() -> None:
    first, second, tower = keras.Input((4,)), keras.Input((4,)), layers.Dense(3)
    joined = layers.concatenate([tower(first), tower(second)])
    assert "SEQ105" not in lint(keras.Model([first, second], joined)).codes


def test_scaled_data_pass() -> None:
    big = np.arange(160.0).reshape(40, 4)
    assert lint(head(1, None, layers.Rescaling(0.01)), big).codes == ()
    assert lint(head(1, None, layers.BatchNormalization()), big).codes == ()


def test_data_that_keras_takes_as_they_are() -> None:
    """What Keras was seen to accept must not be an error."""
    lstm = [keras.Input((5, 2)), layers.LSTM(2), layers.Dense(1)]
    assert lint(lstm, RNG.normal(size=(40, 7, 2))).ok
    assert lint(head(1), X[:, :, None]).ok
    assert lint([keras.Input((1,)), layers.Dense(1)], X[:, 0]).ok
    assert lint(head(1), X, X[:, 0] + 1, {"loss": "mse"}).ok
    assert lint(head(1, "sigmoid"), X, X[:, 0] > 0, {"loss": "bce"}).ok
    assert lint(head(2, "softmax"), X, {"a": 1}, {"loss": "crossentropy"}).ok
    assert lint(head(1), [X]).ok


def test_data_that_keras_refuses() -> None:
    flat = [keras.Input((4, 4)), layers.Flatten(), layers.Dense(1)]
    assert lint(flat, RNG.normal(size=(40, 5, 4))).codes == ("SEQ301",)
    assert lint(head(1), RNG.normal(size=(40, 1, 4))).codes == ("SEQ301",)
    assert lint(head(1), {"a": X, "b": X}).codes == ("SEQ304",)
    assert lint(head(1), X, list(X[:, 0])).codes == ("SEQ305",)
    assert lint(head(1), X.astype(object)).codes == ("SEQ305",)
    assert lint(head(1), X, X[:, 0].astype(str), {"loss": "mse"}).codes == ("SEQ306",)


def test_the_class_to_ignore_may_be_out_of_range() -> None:
    loss = keras.losses.SparseCategoricalCrossentropy(ignore_class=255)
    y = np.where(np.arange(40) % 2, 255, 1)
    assert lint(head(2, "softmax"), X, y, {"loss": loss}).ok


def test_low_rank_on_purpose_is_quiet() -> None:
    assert lint([keras.Input((64,)), layers.Dense(4), layers.Dense(64)]).codes == ()


def test_loss_names_that_keras_picks_by_shape() -> None:
    assert lint(head(1, "sigmoid"), compile={"loss": "crossentropy"}).codes == ()


def test_a_schedule_that_warms_up() -> None:
    schedule = keras.optimizers.schedules.CosineDecay(0.0, 100, warmup_target=1e-3)
    given = {"loss": "mse", "optimizer": keras.optimizers.Adam(schedule)}
    assert lint(head(1), compile=given).codes == ()


def test_the_fault_of_a_failed_build() -> None:
    faults = {
        "topology": [keras.Input((4,)), layers.Add()],
        "feature_input": [keras.Input((4,)), layers.LSTM(2)],
        "adjacent_layer": [keras.Input((4, 2)), layers.LSTM(2), layers.LSTM(2)],
        "parameter": [keras.Input((4, 4, 1)), layers.Conv2D(2, 5)],
    }
    for fault, stack in faults.items():
        (finding,) = lint(stack)
        assert (finding.code, finding.fault) == ("SEQ101", fault)


def test_speed() -> None:
    """The rules cost little beside Keras' own build of the same layers."""

    def stack() -> list[Any]:
        return [keras.Input((8,)), *(layers.Dense(8, "relu") for _ in range(100))]

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        start = time.perf_counter()
        model = keras.Sequential(stack())
        build = time.perf_counter() - start
    model.compile(loss="mse", optimizer="adam")
    lint(model, RNG.normal(size=(40, 8)), RNG.normal(size=(40, 8)))
    times = []
    for _ in range(3):
        start = time.perf_counter()
        lint(model, RNG.normal(size=(40, 8)), RNG.normal(size=(40, 8)))
        times.append(time.perf_counter() - start)
    assert min(times) < 0.2 or min(times) < build / 3, (
        f"lint {min(times):.2f} s, build {build:.2f} s"
    )


def test_a_run_of_linear_layers_is_one_finding() -> None:
    stack = head(3, "softmax", layers.Dense(9), layers.Dropout(0.1), layers.Dense(9))
    (finding,) = lint(stack)
    assert finding.code == "SEQ106" and "the layers 0, 2 and 3" in finding.message


def test_accuracy_of_several_yes_or_no_units() -> None:
    loss = "binary_crossentropy"
    report = lint(head(3, "sigmoid"), compile={"loss": loss, "metrics": ["accuracy"]})
    assert report.codes == ("SEQ224",)
    for units, metric in ((1, "accuracy"), (3, "binary_accuracy")):
        assert lint(head(units, "sigmoid"), compile={"loss": loss, "metrics": [metric]}).ok
    logits = keras.losses.BinaryCrossentropy(from_logits=True)
    report = lint(head(3), compile={"loss": logits, "metrics": ["accuracy"]})
    assert report.codes == ("SEQ221",)


def test_the_accuracy_that_is_recommended_fits_the_head() -> None:
    loss = "binary_crossentropy"
    for units, wanted in ((1, '["accuracy"]'), (3, '["binary_accuracy"]')):
        (found,) = lint(head(units, "sigmoid"), compile={"loss": loss, "metrics": ["Accuracy"]})
        assert found.code == "SEQ219" and wanted in found.fix
