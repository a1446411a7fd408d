"""The capsules: routing that does not follow the agreement is noticed."""

from __future__ import annotations

from typing import Any

import keras
import pytest

from seqkit.limits import capsule


def failed() -> list[str]:
    return [check.statement for check in capsule.evidence() if not check.holds]


def test_one_round_only_is_noticed(monkeypatch: pytest.MonkeyPatch) -> None:
    right = capsule.Capsules.call

    def once(self: capsule.Capsules, parts: Any) -> Any:
        self.rounds = 1
        return right(self, parts)

    monkeypatch.setattr(capsule.Capsules, "call", once)
    found = failed()
    assert any("depend on the input" in statement for statement in found)
    assert any("outvote" in statement for statement in found)


def test_a_squash_that_keeps_the_length_is_noticed(monkeypatch: pytest.MonkeyPatch) -> None:
    def keep(self: capsule.Capsules, vectors: keras.KerasTensor) -> keras.KerasTensor:
        return vectors

    monkeypatch.setattr(capsule.Capsules, "squash", keep)
    assert "no whole is longer than 1" in failed()
