"""The transformer limit: true today, and found false when Keras or our code changes."""

from __future__ import annotations

from typing import Any

import keras
import pytest

from seqkit import limits
from seqkit.limits import transformer

SAME = "the row of custom layers computes the same as the fix"
ORDER = "without positions the order of the words changes no answer; with positions it does"


def held() -> dict[str, bool]:
    return {check.statement: check.holds for check in transformer.evidence()}


def test_the_loud_attempts_raise_in_keras_itself() -> None:
    loud = [one for one in limits.get("transformer").attempts if one.loud]
    words = ["single required positional", "called on a list of inputs", "Only instances of"]
    for one, message in zip(loud, words, strict=True):
        with pytest.raises(ValueError, match=message):
            one.function()


def test_a_fix_without_positions_is_noticed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(transformer.Positions, "call", lambda self, inputs: inputs)
    assert not held()[ORDER]


def test_a_skip_that_is_none_is_noticed(monkeypatch: pytest.MonkeyPatch) -> None:
    def fix() -> keras.Model:
        layers = keras.layers
        tokens = keras.Input((6,))
        x = transformer.Positions(6)(layers.Embedding(20, 8)(tokens))
        x = layers.MultiHeadAttention(num_heads=2, key_dim=4)(x, x)
        x = layers.LayerNormalization()(layers.Add()([x, x]))
        inner = layers.Dense(8)(layers.Dense(16, activation="relu")(x))
        x = layers.LayerNormalization()(layers.Add()([x, inner]))
        x = layers.Dense(1, activation="sigmoid")(layers.GlobalAveragePooling1D()(x))
        return keras.Model(tokens, x)

    monkeypatch.setattr(transformer, "fix", fix)
    found = held()
    assert not found["the fix has two skips: each Add reads two tensors"]
    assert not found[SAME]


def test_a_wrong_custom_block_is_noticed(monkeypatch: pytest.MonkeyPatch) -> None:
    def without_skips(self: transformer.TransformerBlock, inputs: Any) -> Any:
        x = self.first_norm(self.attention(inputs, inputs))
        return self.second_norm(self.outer(self.inner(x)))

    monkeypatch.setattr(transformer.TransformerBlock, "call", without_skips)
    assert not held()[SAME]


def test_each_row_holds_both_words_once() -> None:
    tokens, first = transformer.which_first(50, seed=2)
    for row, earlier in zip(tokens.tolist(), first[:, 0], strict=True):
        assert row.count(0) == row.count(1) == 1
        assert (row.index(0) < row.index(1)) == bool(earlier)


def test_the_shown_code_runs() -> None:
    limit = limits.get("transformer")
    names: dict[str, Any] = {
        "keras": keras, "layers": keras.layers, "TransformerBlock": transformer.TransformerBlock
    }  # fmt: skip
    for source in (
        limit.fix_source,
        limit.workaround_source,
        *(a.source for a in limit.attempts[3:]),
    ):
        exec(source, names)
        assert names["model"].built
