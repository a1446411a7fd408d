"""The wide_and_deep limit: true today, and found false when the fix is broken."""

from __future__ import annotations

from typing import Any

import keras
import pytest

from seqkit import limits
from seqkit.limits import wide_and_deep

CONSTANT = "in the fix, a crossed column moves the sum by the same amount whatever the facts are"


def failed() -> list[str]:
    verification = limits.get("wide_and_deep").verify(train=False)
    return [check.statement for check in verification.checks if not check.holds]


def test_everything_holds_on_the_installed_keras() -> None:
    verification = limits.get("wide_and_deep").verify()
    assert verification.ok, str(verification)


def deaf(crossed_matters: bool) -> keras.Model:
    """The fix with one of its parts multiplied by 0."""
    layers = keras.layers
    crossed, facts = keras.Input((400,)), keras.Input((4,))
    wide = layers.Dense(1, use_bias=False)(crossed)
    deep = layers.Dense(1)(layers.Dense(16, activation="relu")(facts))
    lost = layers.Rescaling(0.0)
    total = layers.Add()([wide, lost(deep)] if crossed_matters else [lost(wide), deep])
    return keras.Model([crossed, facts], layers.Activation("sigmoid")(total))


@pytest.mark.parametrize("crossed_matters", [True, False])
def test_a_part_that_is_not_heard_is_noticed(
    monkeypatch: pytest.MonkeyPatch, crossed_matters: bool
) -> None:
    monkeypatch.setattr(wide_and_deep, "fix", lambda: deaf(crossed_matters))
    assert "the custom layer on one table computes the same as the fix" in failed()
    (last,) = [check for check in wide_and_deep.trained() if "the fix" in check.statement]
    assert not last.holds


def test_parts_behind_a_common_layer_are_noticed(monkeypatch: pytest.MonkeyPatch) -> None:
    def joined() -> keras.Model:
        layers = keras.layers
        crossed, facts = keras.Input((400,)), keras.Input((4,))
        x = layers.Dense(16, activation="relu")(layers.Concatenate()([crossed, facts]))
        return keras.Model([crossed, facts], layers.Dense(1, activation="sigmoid")(x))

    monkeypatch.setattr(wide_and_deep, "fix", joined)
    assert CONSTANT in failed()


def test_a_wrong_way_round_is_noticed(monkeypatch: pytest.MonkeyPatch) -> None:
    def wide_twice(self: Any, inputs: Any) -> Any:
        return 2 * self.wide(inputs[:, : self.split]) + self.end(self.deep(inputs[:, self.split :]))

    monkeypatch.setattr(wide_and_deep.WideAndDeep, "call", wide_twice)
    assert failed() == ["the custom layer on one table computes the same as the fix"]


def test_the_layer_of_the_way_round_can_be_written_down_and_read_again() -> None:
    layer = wide_and_deep.WideAndDeep(split=3, units=5)
    again = wide_and_deep.WideAndDeep.from_config(layer.get_config())
    assert (again.split, again.units) == (3, 5)
