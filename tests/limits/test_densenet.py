"""The densenet limit: true today, and found false when the fix or the way round is wrong."""

from __future__ import annotations

from typing import Any

import keras
import pytest

from seqkit import limits
from seqkit.limits import densenet


def found_false() -> list[str]:
    """The statements of the fast checks that do not hold; one line if they cannot run."""
    verification = limits.get("densenet").verify(train=False)
    return [check.statement for check in verification.checks if not check.holds]


def test_everything_holds_on_the_installed_keras() -> None:
    assert found_false() == []


def test_a_stand_in_for_the_fix_is_noticed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(densenet, "fix", densenet.leave_it_out)
    assert found_false()


def test_a_wrong_custom_layer_is_noticed(monkeypatch: pytest.MonkeyPatch) -> None:
    def forgetful(self: densenet.DenseStep, inputs: Any) -> Any:
        return keras.ops.concatenate([inputs * 0.5, self.conv(inputs)], axis=-1)

    monkeypatch.setattr(densenet.DenseStep, "call", forgetful)
    assert "the custom layer computes the same as the fix" in found_false()


def test_a_training_check_can_fail(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(densenet, "fix", densenet.leave_it_out)
    assert not all(check.holds for check in densenet.trained())


def test_the_shown_code_runs() -> None:
    names: dict[str, Any] = {
        "keras": keras,
        "layers": keras.layers,
        "DenseStep": densenet.DenseStep,
    }
    limit = limits.get("densenet")
    for source in (limit.fix_source, limit.workaround_source, limit.attempts[-1].source):
        exec(source, names)
        assert names["model"].built
