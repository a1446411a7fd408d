"""The branch limit: true today, and found false when the fix or the way round is wrong."""

from __future__ import annotations

from typing import Any

import keras
import pytest

from seqkit import limits
from seqkit.limits import branch
from seqkit.limits.inception import Branches


def found_false() -> list[str]:
    """The statements of the fast checks that do not hold; one line if they cannot run."""
    verification = limits.get("branch").verify(train=False)
    return [check.statement for check in verification.checks if not check.holds]


def test_everything_holds_on_the_installed_keras() -> None:
    assert found_false() == []


def test_a_stand_in_for_the_fix_is_noticed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(branch, "fix", branch.only_the_level)
    assert found_false()


def test_a_wrong_custom_layer_is_noticed(monkeypatch: pytest.MonkeyPatch) -> None:
    def one_member_twice(self: Branches, inputs: Any) -> Any:
        return [self.members[0](inputs), self.members[0](inputs)]

    monkeypatch.setattr(Branches, "call", one_member_twice)
    assert "the layer that returns a list computes the same as the fix" in found_false()


def test_a_training_check_can_fail(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(branch, "fix", branch.only_the_level)
    assert not all(check.holds for check in branch.trained())


def test_the_shown_code_runs() -> None:
    names: dict[str, Any] = {
        "keras": keras,
        "layers": keras.layers,
        "Branches": Branches,
    }
    limit = limits.get("branch")
    for source in (limit.fix_source, limit.workaround_source, limit.attempts[-1].source):
        exec(source, names)
        assert names["model"].built
