"""The limit of encoder and decoder: true today, found false when Keras or our code changes."""

from __future__ import annotations

from typing import Any

import keras
import pytest

from seqkit import limits
from seqkit.limits import seq2seq

FUTURE = "a sign that was written changes what is written after it, and nothing before it"
STATE = "without the attention the state alone still carries the source to the answer"
SAME = "the layer of the way round computes the same as the fix"


def held() -> dict[str, bool]:
    return {check.statement: check.holds for check in seq2seq.evidence()}


def broken(state: bool = True, backwards: bool = False) -> keras.Model:
    """The fix without the state, or with a decoder that reads its answer from the end."""
    layers = keras.layers
    source, shifted = keras.Input((seq2seq.SOURCE,)), keras.Input((seq2seq.ANSWER,))
    x = layers.Embedding(30, 16)(source)
    heard, last = layers.GRU(32, return_sequences=True, return_state=True)(x)
    decoder = layers.GRU(32, return_sequences=True, go_backwards=backwards)
    written = decoder(layers.Embedding(12, 16)(shifted), initial_state=last if state else None)
    looked_up = layers.Attention()([written, heard])
    x = layers.Concatenate()([written, looked_up])
    return keras.Model([source, shifted], layers.Dense(12, activation="softmax")(x))


def test_the_loud_attempts_raise_in_keras_itself() -> None:
    attempts = limits.get("seq2seq").attempts
    assert [one.loud for one in attempts] == [True, True, False]
    with pytest.raises(ValueError, match="expects 1 input"):
        attempts[0].function()
    with pytest.raises(ValueError, match="must be called on a list"):
        attempts[1].function()


def test_a_decoder_without_the_state_is_noticed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(seq2seq, "fix", lambda: broken(state=False))
    assert not held()[STATE]


def test_a_decoder_that_sees_its_future_is_noticed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(seq2seq, "fix", lambda: broken(backwards=True))
    assert not held()[FUTURE]


def test_a_wrong_custom_layer_is_noticed(monkeypatch: pytest.MonkeyPatch) -> None:
    def without_state(self: seq2seq.Translator, inputs: Any) -> Any:
        split = self.sizes["split"]
        heard, _ = self.encoder(self.source(inputs[:, :split]))
        written = self.decoder(self.shifted(inputs[:, split:]))
        looked_up = self.attention([written, heard])
        return self.head(keras.ops.concatenate([written, looked_up], axis=-1))

    monkeypatch.setattr(seq2seq.Translator, "call", without_state)
    assert not held()[SAME]


def test_the_shown_code_runs() -> None:
    limit = limits.get("seq2seq")
    names: dict[str, Any] = {
        "keras": keras, "layers": keras.layers, "Translator": seq2seq.Translator
    }  # fmt: skip
    for source in (limit.fix_source, limit.workaround_source, limit.attempts[2].source):
        exec(source, names)
        assert names["model"].built
