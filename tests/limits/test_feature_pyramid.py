"""The feature_pyramid limit: true today, and found false when the fix or the way round is wrong."""

from __future__ import annotations

from typing import Any

import keras
import pytest

from seqkit import limits
from seqkit.limits import feature_pyramid


def found_false() -> list[str]:
    """The statements of the fast checks that do not hold; one line if they cannot run."""
    verification = limits.get("feature_pyramid").verify(train=False)
    return [check.statement for check in verification.checks if not check.holds]


def test_everything_holds_on_the_installed_keras() -> None:
    assert found_false() == []


def test_a_stand_in_for_the_fix_is_noticed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(feature_pyramid, "fix", feature_pyramid.up_again_without_joining)
    assert found_false()


def test_a_wrong_custom_layer_is_noticed(monkeypatch: pytest.MonkeyPatch) -> None:
    def without_the_fine_map(self: feature_pyramid.Pyramid, inputs: Any) -> Any:
        middle = self.down[1](self.down[0](inputs))
        return self.up(self.up(self.down[2](middle)) + self.side[0](middle))

    monkeypatch.setattr(feature_pyramid.Pyramid, "call", without_the_fine_map)
    assert "the custom layer computes the same as the fix" in found_false()


def test_a_training_check_can_fail(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(feature_pyramid, "fix", feature_pyramid.up_again_without_joining)
    assert not all(check.holds for check in feature_pyramid.trained())


def test_the_shown_code_runs() -> None:
    names: dict[str, Any] = {
        "keras": keras,
        "layers": keras.layers,
        "Pyramid": feature_pyramid.Pyramid,
    }
    limit = limits.get("feature_pyramid")
    for source in (limit.fix_source, limit.workaround_source, limit.attempts[-1].source):
        exec(source, names)
        assert names["model"].built
