"""The inception limit: true today, and found false when Keras or our code changes."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import keras
import pytest

from seqkit import limits
from seqkit.limits import inception

ONE_LAYER_ERROR = "Only instances of `keras.Layer` can be added"


def failed(limit: Any) -> list[str]:
    return [check.statement for check in limit.verify().checks if not check.holds]


def test_everything_holds_on_the_installed_keras() -> None:
    assert failed(limits.get("inception")) == []


def test_the_loud_attempts_raise_in_keras_itself() -> None:
    attempts = limits.get("inception").attempts
    assert [one.loud for one in attempts] == [True, True, False]
    with pytest.raises(ValueError, match=ONE_LAYER_ERROR):
        attempts[0].function()
    with pytest.raises(ValueError, match="should be called on a list"):
        attempts[1].function()


def test_the_list_is_explained_with_code_that_was_run() -> None:
    tried = limits.get("inception").attempts[0].run()
    assert tried.explanation is not None
    assert tried.explanation.pattern == "inception"
    assert tried.explanation.verified


def test_a_keras_that_accepts_branches_is_noticed(monkeypatch: pytest.MonkeyPatch) -> None:
    add = keras.Sequential.add

    def tolerant(self: Any, layer: Any, rebuild: bool = True) -> None:
        if not isinstance(layer, list | keras.layers.Concatenate):
            add(self, layer, rebuild)

    monkeypatch.setattr(keras.Sequential, "add", tolerant)
    verification = limits.get("inception").verify()
    statements = [check.statement for check in verification.checks if not check.holds]
    assert not verification.ok
    assert "Change the text of lesson 15" in str(verification)
    assert any("a list of layers as one item" in text for text in statements)
    assert any("Concatenate() after the branches" in text for text in statements)


def branches_in_a_row(attribute: str) -> Callable[[], keras.Model]:
    """A fix with one branch behind another: same shape of output, another network."""

    def build() -> keras.Model:
        layers = keras.layers
        inputs = keras.Input(inception.SHAPE)
        one = layers.Conv2D(8, 1, activation="relu")(inputs)
        start = one if attribute == "behind" else inputs
        three = layers.Conv2D(12, 1, activation="relu")(start)
        three = layers.Conv2D(16, 3, padding="same", activation="relu")(three)
        five = layers.Conv2D(2, 1, activation="relu")(inputs)
        five = layers.Conv2D(4, 5, padding="same", activation="relu")(five)
        pool = layers.MaxPooling2D(3, strides=1, padding="same")(inputs)
        pool = layers.Conv2D(4, 1, activation="relu")(pool)
        ends = [one, three, five, pool] if attribute == "behind" else [three, one, five, pool]
        return keras.Model(inputs, layers.Concatenate()(ends))

    return build


@pytest.mark.parametrize("fault", ["behind", "other order"])
def test_a_wrong_fix_is_noticed(monkeypatch: pytest.MonkeyPatch, fault: str) -> None:
    monkeypatch.setattr(inception, "fix", branches_in_a_row(fault))
    held = {check.statement: check.holds for check in inception.evidence()}
    assert not held[
        "each branch owns its channels: the weights of one do not move those of another"
    ]


def test_a_wrong_custom_layer_is_noticed(monkeypatch: pytest.MonkeyPatch) -> None:
    def reversed_call(self: inception.Inception, inputs: Any) -> Any:
        ends = [branch(inputs) for branch in reversed(self.branches)]
        return keras.ops.concatenate(ends, axis=-1)

    monkeypatch.setattr(inception.Inception, "call", reversed_call)
    held = {check.statement: check.holds for check in inception.evidence()}
    assert not held["the custom layer computes the same as the fix"]


def test_the_shown_code_runs() -> None:
    limit = limits.get("inception")
    names: dict[str, Any] = {
        "keras": keras, "layers": keras.layers, "Inception": inception.Inception
    }  # fmt: skip
    for source in (limit.fix_source, limit.workaround_source, limit.attempts[2].source):
        exec(source, names)
        assert names["model"].built
