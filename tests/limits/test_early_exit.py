"""The early exit: the saving is real, and a saving that is not is noticed."""

from __future__ import annotations

from typing import Any

import keras
import pytest

from seqkit.limits import early_exit


def failed() -> list[str]:
    return [check.statement for check in early_exit.evidence() if not check.holds]


def test_computing_both_ways_for_all_pictures_is_noticed(monkeypatch: pytest.MonkeyPatch) -> None:
    def with_where(self: early_exit.EarlyExit, pictures: Any, threshold: float) -> Any:
        early, late = self(pictures)
        sure = keras.ops.max(early, axis=-1, keepdims=True) >= threshold
        (unsure,) = keras.ops.nonzero(keras.ops.logical_not(sure[:, 0]))
        return keras.ops.where(sure, early, late), unsure

    monkeypatch.setattr(early_exit.EarlyExit, "answer", with_where)
    assert failed() == ["only the unsure half is handed to the long way"]


def test_a_decision_that_is_turned_round_is_noticed(monkeypatch: pytest.MonkeyPatch) -> None:
    right = early_exit.EarlyExit.answer

    def turned(self: early_exit.EarlyExit, pictures: Any, threshold: float) -> Any:
        _, unsure = right(self, pictures, threshold)
        return self(pictures)[1], unsure

    monkeypatch.setattr(early_exit.EarlyExit, "answer", turned)
    assert any("half of the pictures are sure" in statement for statement in failed())


def test_a_way_round_that_always_goes_on_is_noticed(monkeypatch: pytest.MonkeyPatch) -> None:
    def goes_on(self: early_exit.StopWhenSure, pictures: Any) -> Any:
        return self.net.rest(self.net.stem(pictures))

    monkeypatch.setattr(early_exit.StopWhenSure, "call", goes_on)
    assert any("one picture at a time" in statement for statement in failed())


def test_where_no_threshold_is_safe_nobody_stops() -> None:
    net, (x, _) = early_exit.fix(), early_exit._pictures(64, seed=3)
    wrong = (keras.ops.convert_to_numpy(net(x)[0]).argmax(axis=-1) + 1) % early_exit.CLASSES
    assert early_exit._threshold(net, x, wrong) == 2.0
