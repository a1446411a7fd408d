"""The conditional limit: true today, and found false when Keras or our code changes."""

from __future__ import annotations

from typing import Any

import keras
import pytest

from seqkit.limits import conditional


def holds() -> dict[str, bool]:
    return {check.statement: check.holds for check in conditional.evidence()}


def test_a_fix_with_one_road_is_noticed(monkeypatch: pytest.MonkeyPatch) -> None:
    def one_road() -> keras.Model:
        inputs = keras.Input((4,))
        above = keras.layers.Dense(2, name="above")(inputs)
        below = keras.layers.Dense(2, name="below")(inputs)
        return keras.Model(inputs, (above + below) / 2)

    monkeypatch.setattr(conditional, "fix", one_road)
    found = holds()
    assert not found["in the fix each row gets the answer of the road that its own mean chooses"]
    assert not found["training on rows with a mean above zero moves the weights of one road only"]


def test_a_layer_that_decides_the_other_way_is_noticed(monkeypatch: pytest.MonkeyPatch) -> None:
    def turned(self: conditional.Either, inputs: Any) -> Any:
        low = keras.ops.mean(inputs, axis=-1, keepdims=True) <= 0
        return keras.ops.where(low, self.above(inputs), self.below(inputs))

    monkeypatch.setattr(conditional.Either, "call", turned)
    assert not holds()["the custom layer computes the same as the fix, and the same in predict"]


def test_an_ops_cond_that_chooses_for_each_row_is_noticed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(conditional.OneForAll, "call", conditional.Either.call)
    found = holds()
    assert not found[
        "ops.cond decides once for a batch: the answer for a row depends on its company"
    ]
