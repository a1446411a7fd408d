"""The shared_layer limit: true today, and found false when the fix is broken."""

from __future__ import annotations

from typing import Any

import keras
import pytest

from seqkit import limits
from seqkit.limits import shared_layer

NO_DIFFERENCE = "in the fix, two equal inputs have no difference"
SUM_OF_SLOPES = "the slope of a shared weight is the sum of the slopes at its two uses"
SAME = "the way round computes the same as the fix"


def failed(**settings: bool) -> list[str]:
    verification = limits.get("shared_layer").verify(**settings)
    return [check.statement for check in verification.checks if not check.holds]


def test_everything_holds_on_the_installed_keras() -> None:
    assert failed() == []


def test_a_fix_that_does_not_share_is_noticed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(shared_layer, "fix", shared_layer.a_copy_for_the_second_input)
    broken = failed(train=False)
    assert NO_DIFFERENCE in broken
    assert SUM_OF_SLOPES in broken


def test_a_copy_that_shares_is_noticed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(shared_layer, "a_copy_for_the_second_input", shared_layer.fix)
    assert failed(train=False) != []


def test_a_wrong_way_round_is_noticed(monkeypatch: pytest.MonkeyPatch) -> None:
    def turned(self: Any, inputs: Any) -> Any:
        return inputs[:, 1] - inputs[:, 0]

    monkeypatch.setattr(shared_layer.FirstMinusSecond, "call", turned)
    assert failed(train=False) == [SAME]


def test_a_step_that_does_not_train_is_noticed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(keras.Model, "train_on_batch", lambda self, x, y: 0.0)
    assert any("one step moves" in check.statement and not check.holds
               for check in shared_layer.trained())  # fmt: skip


def test_the_layer_of_the_way_round_survives_saving() -> None:
    model = shared_layer.workaround()
    again = keras.Sequential.from_config(model.get_config())
    assert again.count_params() == model.count_params() == 41
