"""The attention limit: true today, and found false when Keras or our code changes."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import keras
import numpy as np
import pytest

from seqkit import limits
from seqkit.limits import attention
from seqkit.limits.measure import answer

BY_HAND = "the fix computes what query, key and value by hand give in NumPy"


def held() -> dict[str, bool]:
    return {check.statement: check.holds for check in attention.evidence()}


def test_the_loud_attempts_raise_in_keras_itself() -> None:
    attempts = limits.get("attention").attempts
    assert [one.loud for one in attempts] == [True, True, False, False]
    with pytest.raises(ValueError, match="single required positional argument"):
        attempts[0].function()
    with pytest.raises(ValueError, match="must be called on a list of inputs"):
        attempts[1].function()


@pytest.mark.parametrize("number", [0, 1])
def test_the_explanation_holds_code_that_was_run(number: int) -> None:
    tried = limits.get("attention").attempts[number].run()
    assert tried.explanation is not None
    assert tried.explanation.verified


def test_a_keras_that_takes_one_tensor_is_noticed(monkeypatch: pytest.MonkeyPatch) -> None:
    add = keras.Sequential.add

    def tolerant(self: Any, layer: Any, rebuild: bool = True) -> None:
        if not isinstance(layer, keras.layers.MultiHeadAttention | keras.layers.Attention):
            add(self, layer, rebuild)

    monkeypatch.setattr(keras.Sequential, "add", tolerant)
    verification = limits.get("attention").verify(train=False)
    failed = [check.statement for check in verification.checks if not check.holds]
    assert "Change the text of lesson 16" in str(verification)
    assert sum("in the list" in text for text in failed) == 2


def test_scores_without_the_root_are_noticed(monkeypatch: pytest.MonkeyPatch) -> None:
    def unscaled(model: keras.Model, x: np.ndarray) -> np.ndarray:
        weights = model.get_weights()
        weights[0] = weights[0] * 2  # the square root of key_dim, 4
        return right(_with(model, weights), x)

    right = attention.by_hand
    monkeypatch.setattr(attention, "by_hand", unscaled)
    assert not held()[BY_HAND]


def _with(model: keras.Model, weights: list[np.ndarray]) -> keras.Model:
    copy = attention.fix()
    copy.set_weights(weights)
    return copy


def test_a_fix_that_does_not_attend_is_noticed(monkeypatch: pytest.MonkeyPatch) -> None:
    def causal() -> keras.Model:
        words = keras.Input((6, 8))
        layer = keras.layers.MultiHeadAttention(num_heads=2, key_dim=4)
        return keras.Model(words, layer(words, words, use_causal_mask=True))

    monkeypatch.setattr(attention, "fix", causal)
    found = held()
    assert not found["in the fix every word has an influence on every word"]
    assert not found["the custom layer computes the same as the fix"]


def test_a_wrong_custom_layer_is_noticed(monkeypatch: pytest.MonkeyPatch) -> None:
    def averages(self: attention.SelfAttention, inputs: Any) -> Any:
        mean = keras.ops.mean(inputs, axis=1, keepdims=True)
        return self.attention(inputs, mean)

    monkeypatch.setattr(attention.SelfAttention, "call", averages)
    assert not held()["the custom layer computes the same as the fix"]


def test_the_lookup_asks_for_a_thing_that_is_there() -> None:
    x, y = attention.lookup(50, seed=3)
    for things, shape in zip(x, y, strict=True):
        colour = things[-1, : attention.COLOURS].argmax()
        rows = np.flatnonzero(things[:-1, colour])
        assert len(rows) == 1
        assert things[rows[0], attention.COLOURS + shape] == 1


def test_the_custom_layer_survives_saving(tmp_path: Path) -> None:
    model = keras.Sequential(
        [keras.Input((6, 8)), attention.SelfAttention(heads=2, key_dim=4, causal=True)]
    )
    x = np.random.default_rng(0).normal(size=(1, 6, 8)).astype("float32")
    model.save(tmp_path / "net.keras")
    again = keras.saving.load_model(tmp_path / "net.keras")
    assert np.allclose(answer(model, x), answer(again, x), atol=1e-6)


def test_the_shown_code_runs() -> None:
    limit = limits.get("attention")
    names: dict[str, Any] = {
        "keras": keras, "layers": keras.layers, "SelfAttention": attention.SelfAttention
    }  # fmt: skip
    for source in (
        limit.fix_source,
        limit.workaround_source,
        *(a.source for a in limit.attempts[2:]),
    ):
        exec(source, names)
        assert names["model"].built
