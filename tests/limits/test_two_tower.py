"""The two_tower limit: true today, and found false when the fix is broken."""

from __future__ import annotations

from typing import Any

import keras
import pytest

from seqkit import limits
from seqkit.limits import two_tower

CODES = "the codes of all users times the codes of all items are the answers of the model"


def failed() -> list[str]:
    verification = limits.get("two_tower").verify(train=False)
    return [check.statement for check in verification.checks if not check.holds]


def test_everything_holds_on_the_installed_keras() -> None:
    verification = limits.get("two_tower").verify()
    assert verification.ok, str(verification)


def test_a_sum_in_place_of_the_product_is_noticed(monkeypatch: pytest.MonkeyPatch) -> None:
    def added() -> keras.Model:
        layers = keras.layers
        user, item = (keras.Input((1,), dtype="int32") for _ in range(2))
        codes = [
            layers.Flatten()(layers.Embedding(size, 4)(x)) for size, x in ((40, user), (30, item))
        ]
        both = layers.Add()(codes)
        return keras.Model([user, item], layers.Dot(axes=1)([both, both]))

    monkeypatch.setattr(two_tower, "fix", added)
    assert CODES in failed()


def test_towers_that_cannot_learn_are_noticed(monkeypatch: pytest.MonkeyPatch) -> None:
    def frozen() -> keras.Model:
        model = original()
        model.trainable = False
        return model

    original = two_tower.fix
    monkeypatch.setattr(two_tower, "fix", frozen)
    held = {check.statement[:8]: check.holds for check in two_tower.trained()}
    assert held == {"on held-": False, "the flat": True}


def test_a_wrong_way_round_is_noticed(monkeypatch: pytest.MonkeyPatch) -> None:
    def longer(self: Any, inputs: Any) -> Any:
        return 2 * keras.ops.sum(inputs[:, 0] * inputs[:, 1], axis=-1, keepdims=True)

    monkeypatch.setattr(two_tower.DotOfRows, "call", longer)
    assert failed() == ["the custom layer on one table computes the same as the fix"]
