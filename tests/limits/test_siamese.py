"""The siamese limit: true today, and found false when the fix is broken."""

from __future__ import annotations

from typing import Any

import keras
import pytest

from seqkit import limits
from seqkit.limits import siamese

EXCHANGED = "in the fix, left and right can be exchanged"
CODES = "codes that are kept and compared by hand give the answers of the fix"


def failed() -> list[str]:
    verification = limits.get("siamese").verify(train=False)
    return [check.statement for check in verification.checks if not check.holds]


def test_everything_holds_on_the_installed_keras() -> None:
    verification = limits.get("siamese").verify()
    assert verification.ok, str(verification)


def test_two_encoders_in_place_of_one_are_noticed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(siamese, "fix", siamese.unshared)
    broken = failed()
    assert EXCHANGED in broken
    assert CODES in broken
    assert "in the fix, a picture beside itself always gives the same answer" in broken


def test_a_comparison_that_has_an_order_is_noticed(monkeypatch: pytest.MonkeyPatch) -> None:
    def without_square() -> keras.Model:
        left, right = keras.Input((8, 8, 1)), keras.Input((8, 8, 1))
        encoder = keras.Sequential([keras.layers.Flatten(), keras.layers.Dense(16)])
        gap = keras.layers.Subtract()([encoder(left), encoder(right)])
        return keras.Model([left, right], keras.layers.Dense(1, activation="sigmoid")(gap))

    monkeypatch.setattr(siamese, "fix", without_square)
    assert EXCHANGED in failed()


def test_a_wrong_way_round_is_noticed(monkeypatch: pytest.MonkeyPatch) -> None:
    def plain(self: Any, inputs: Any) -> Any:
        return inputs[:, 0] - inputs[:, 1]

    monkeypatch.setattr(siamese.SquaredDifference, "call", plain)
    assert failed() == ["the way round computes the same as the fix"]
